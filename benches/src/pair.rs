//! A client and a server that talk to each other, with nothing in between.

use std::sync::Arc;

use imap_fsm::{
    client::{self, Client},
    mailbox::View,
    server::{self, Reply, Selected, Server},
    time::Time,
};
use imap_types::{
    command::CommandBody,
    number::{Uid, UidValidity},
    response::Greeting,
};

/// Time stands still: nothing is late.
pub const NOW: Time = Time::ZERO;

/// What servers of this kind advertise.
const CAPABILITIES: &str = "IMAP4rev1 IMAP4rev2 AUTH=PLAIN SASL-IR ENABLE IDLE LITERAL+ ID NAMESPACE UIDPLUS \
    CONDSTORE QRESYNC ESEARCH SEARCHRES MOVE UNSELECT SORT THREAD=REFERENCES LIST-EXTENDED LIST-STATUS \
    SPECIAL-USE QUOTA ACL METADATA COMPRESS=DEFLATE NOTIFY CATENATE MULTIAPPEND BINARY UTF8=ACCEPT";

/// Both configurations, which any number of pairs share. Literals of more than 4 KiB are streamed.
#[derive(Clone)]
pub struct Configs {
    client: Arc<client::Config>,
    server: Arc<server::Config>,
}

impl Configs {
    pub fn new() -> Self {
        let mut client = client::Config::default();
        client.stream_above = Some(4096);
        let mut server = server::Config::new(CAPABILITIES.split(' ')).expect("capabilities");
        server.upload_above = Some(4096);
        Self { client: Arc::new(client), server: Arc::new(server) }
    }
}

pub struct Pair {
    pub client: Client,
    pub server: Server,
}

impl Pair {
    /// The client is logged in, and has selected a mailbox of ten messages.
    pub fn selected(configs: &Configs) -> Self {
        let mut client = Client::protected(Arc::clone(&configs.client), NOW);
        let mut server = Server::protected(Arc::clone(&configs.server), NOW);
        server.greet(Greeting::ok("ready").expect("a text"), NOW).expect("it is the first");
        for command in [CommandBody::login("joe", "sesame"), CommandBody::select("INBOX")] {
            client.send(command.expect("strings"), NOW).expect("it may be sent");
        }
        let mut pair = Self { client, server };
        pair.settle(
            |_, event| assert!(!matches!(event, client::Event::Violation(_)), "{event:?}"),
            |server, event| {
                let server::Event::Command { id, command } = event else { return };
                let done = if matches!(command.body, CommandBody::Select { .. }) {
                    server.select(id, ten_messages(), NOW)
                } else {
                    server.complete(id, Reply::ok("done").expect("a text"), NOW)
                };
                done.expect("it may be sent");
            },
        );
        assert!(pair.client.mailbox().is_some() && pair.server.mailbox().is_some());
        pair
    }

    /// Hands all that the two say to each other, and their events to their owners, until nothing moves.
    pub fn settle(
        &mut self,
        mut of_client: impl FnMut(&mut Client, client::Event),
        mut of_server: impl FnMut(&mut Server, server::Event),
    ) {
        let Self { client, server } = self;
        loop {
            let mut moved = false;
            while let Some(event) = client.poll_event() {
                moved = true;
                of_client(client, event);
            }
            while let Some(bytes) = client.poll_transmit() {
                moved = true;
                server.handle_bytes(&bytes, NOW);
            }
            while let Some(event) = server.poll_event() {
                moved = true;
                of_server(server, event);
            }
            while let Some(bytes) = server.poll_transmit() {
                moved = true;
                client.handle_bytes(&bytes, NOW);
            }
            if !moved {
                return;
            }
        }
    }
}

fn ten_messages() -> Selected {
    let uid = |number: u32| Uid::try_from(number).expect("a UID");
    let view = View::from_uids((1..=10).map(|number| uid(number * 7))).expect("UIDs ascend");
    let validity = UidValidity::try_from(3_u32).expect("a UIDVALIDITY");
    Selected::new(view, validity, uid(71))
}
