//! What a case is made of.

use std::time::Duration;

use imap_fsm::{client, server};
use imap_types::response::{Greeting, GreetingKind};

use crate::rng::Rng;

/// One thing that happens. The numbers choose what exactly.
#[derive(Clone, Copy, Debug)]
pub enum Op {
    /// The user submits a command.
    Send(u32),
    /// Up to so many bytes reach the server.
    ToServer(u16),
    /// Up to so many bytes reach the client.
    ToClient(u16),
    /// The owner of the server does something about a command: answers it, challenges, accepts or refuses a payload.
    Answer(u32),
    /// Another session changes the mailbox.
    Change(u32),
    /// The user ends IDLE.
    Done,
    /// The user cancels a command.
    Cancel(u16),
    /// The user answers a challenge.
    Respond(u32),
    /// The user uploads up to so many bytes.
    Upload(u16),
    /// So many seconds pass.
    Wait(u16),
    /// The owner of the server sends a note.
    Note,
    /// Both sessions release the memory that they do not need.
    Release,
    /// The owner of the server ends the session.
    Bye,
    /// The user, or the owner, does what it must not.
    Misuse(u32),
    /// All that is under way comes to its end.
    Settle,
    /// The client closes the connection.
    EndOfClient,
    /// The connection breaks.
    EndOfServer,
}

/// How the sessions are configured.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Where all choices come from that are not in the list.
    pub seed: u64,
    /// The client's configuration.
    pub client: client::Config,
    /// The server's.
    pub server: server::Config,
    /// The server's greeting.
    pub greeting: Greeting,
    /// Whether TLS protects the connection from its start.
    pub protected: bool,
    /// Whether the observer stands beside the client.
    pub near_client: bool,
    /// Whether what comes of a step is often taken only after the next ones.
    pub lazy: bool,
}

/// What a server may or may not have beside its revision.
const EXTENSIONS: [&str; 29] = [
    "STARTTLS",
    "AUTH=PLAIN",
    "SASL-IR",
    "ENABLE",
    "IDLE",
    "NAMESPACE",
    "UNSELECT",
    "UIDPLUS",
    "MOVE",
    "ESEARCH",
    "SEARCHRES",
    "LIST-EXTENDED",
    "MULTIAPPEND",
    "CATENATE",
    "BINARY",
    "LITERAL+",
    "LITERAL-",
    "CONDSTORE",
    "QRESYNC",
    "UTF8=ACCEPT",
    "UIDONLY",
    "COMPRESS=DEFLATE",
    "UNAUTHENTICATE",
    "REPLACE",
    "NOTIFY",
    "ID",
    "QUOTA",
    "ACL",
    "METADATA",
];

impl Setup {
    /// The configuration that a number stands for.
    ///
    /// # Panics
    /// Never: the values are fine.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let mut capabilities = match rng.below(4) {
            0 => vec!["IMAP4rev1"],
            1 => vec!["IMAP4rev2"],
            _ => vec!["IMAP4rev1", "IMAP4rev2"],
        };
        let odds = 1 + rng.below(8);
        capabilities.extend(EXTENSIONS.iter().filter(|_| rng.below(odds + 1) < odds));
        let mut server = server::Config::new(capabilities).expect("the names are atoms");
        server.require_tls = rng.below(4) == 0;
        server.upload_above = [None, Some(0), Some(100), Some(5000)][rng.below(4)];
        server.parallel = [1, 1, 2, 5][rng.below(4)];
        server.backlog = if rng.below(4) == 0 { 10 } else { server.backlog };
        server.hand_over_unknown = rng.below(2) == 0;
        server.bad_commands_before = u32::MAX;
        server.bad_commands = u32::MAX;
        server.limits_before = server.decode.limits;
        if rng.below(3) > 0 {
            server.autologout = None;
            server.authentication_timeout = None;
        }
        let mut client = client::Config::default();
        client.tls = match rng.below(8) {
            0 => client::Tls::Required,
            1 => client::Tls::ForCredentials,
            _ => client::Tls::Optional,
        };
        if rng.below(6) == 0 {
            client.blocked = client::Blocked::Refuse;
        }
        if rng.below(4) == 0 {
            client.literals = client::LiteralForm::Synchronizing;
        }
        client.stream_above = [None, Some(0), Some(100)][rng.below(3)];
        client.ask_capabilities = rng.below(4) > 0;
        client.idle_renew = [None, Some(Duration::from_secs(60))][rng.below(2)];
        client.reply_timeout = [None, Some(Duration::from_secs(30))][rng.below(2)];
        client.literal_timeout = [None, Some(Duration::from_secs(10))][rng.below(2)];
        let kind = if rng.below(2) == 0 { GreetingKind::PreAuth } else { GreetingKind::Ok };
        Self {
            seed,
            client,
            server,
            greeting: Greeting::new(kind, "hello").expect("the text is fine"),
            protected: rng.below(2) == 0,
            near_client: rng.below(2) == 0,
            lazy: rng.below(3) == 0,
        }
    }
}
