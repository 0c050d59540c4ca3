//! Listens to both directions of a dialogue and judges them.
//!
//! For proxies, intrusion detection and tools: an [`Observer`] sends nothing. Its owner gives it each message of both
//! sides, in the order in which they passed, and drains the events after each:
//!
//! 1. [`Observer::client_literal`] as soon as the header of a literal was read,
//!    [`Observer::client_literal_data`] when its payload begins, [`Observer::client_partial`] if the server is heard while
//!    only a part of a command was;
//! 2. [`Observer::client_message`] and [`Observer::server_message`] (first [`Observer::server_greeting`]) for what was
//!    decoded, [`Observer::client_malformed`] and [`Observer::server_malformed`] for what was not;
//! 3. [`Observer::eof`] when a side closes;
//! 4. [`Observer::poll_event`] until there is none.
//!
//! [`Dialogue`] does all that from bytes. How the next line of the client is to be read is told by [`Observer::expecting`].
//!
//! **What is judged.** Only what the RFCs forbid (MUST, MUST NOT, REQUIRED, or a plain statement of fact), and only what
//! is certain from what was seen: see [`Rule`] for all of it. With pipelining, a command is judged by every state in
//! which the session may be when the server takes it. Where one direction is missing, or the order between the two is
//! a guess ([`Options`]), what rests on it is not judged. A message that could not be decoded makes no violation by
//! itself; what it may have changed is not judged.
//!
//! **What is not judged.** Recommendations (SHOULD); mechanisms and commands of extensions that are not advertised, but
//! for those whose RFC forbids it; what the decoder refuses or reports by itself (a server's `{5+}`, `\Recent` in STORE).
//!
//! Memory: bounded. At most [`Pending::MOST`](crate::pending::Pending::MOST) commands, [`View::UIDS`] UIDs, one list of
//! capabilities, and the events that were not drained yet.
//!
//! ```
//! use imap_codec::{DecodeOptions, decode_command, decode_greeting, decode_response, frame::Frame};
//! use imap_fsm::observer::{Event, Observer, Options, Place};
//! use imap_types::command::ClientMessage;
//!
//! let of_servers = DecodeOptions::tolerant_of_servers();
//! let of_clients = DecodeOptions::tolerant_of_clients();
//! let mut observer = Observer::new(Options::default());
//!
//! let greeting = Frame::from_static(b"* OK hello\r\n");
//! observer.server_greeting(Place::new(0, 12), &decode_greeting(&greeting, &of_servers).unwrap().value);
//! let command = decode_command(&Frame::from_static(b"A1 FETCH 1 FLAGS\r\n"), &of_clients).unwrap().value;
//! observer.client_message(Place::new(0, 18), &ClientMessage::Command(command));
//! let reply = decode_response(&Frame::from_static(b"A1 BAD no mailbox\r\n"), &of_servers).unwrap().value;
//! observer.server_message(Place::new(12, 19), &reply);
//!
//! let broken: Vec<_> = core::iter::from_fn(|| observer.poll_event())
//!     .filter_map(|event| match event {
//!         Event::Violation(violation) => Some(violation.rule.id()),
//!         _ => None,
//!     })
//!     .collect();
//! assert_eq!(broken, ["command-in-wrong-state"]);
//! ```

use alloc::{collections::VecDeque, string::String};

use imap_codec::{Expecting, Side};
use imap_types::{atom::Tag, response::GreetingKind};

use crate::{
    capabilities::Capabilities,
    mailbox::View,
    pending::{Kind, Pending},
    state::{Event as Move, State},
};

mod client;
mod dialogue;
mod event;
mod server;
pub mod violation;

pub use dialogue::Dialogue;
pub use event::{Completed, Event, Note, Place, Violation};
pub use violation::Rule;

/// What an observer sees.
///
/// The default is everything: both directions, in their true order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether it is given what the client sends.
    pub client: bool,
    /// Whether it is given what the server sends.
    pub server: bool,
    /// Whether the order between the two directions is known; `false` where it is a guess, as for two logs without
    /// time stamps. Rules that rest on the order ([`Rule::needs_order`]) are then not judged.
    pub ordered: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { client: true, server: true, ordered: true }
    }
}

/// A literal that the client announced (RFC 9051 section 4.3). `C: A1 APPEND Sent {310}`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Literal {
    /// Its size in bytes.
    pub size: u64,
    /// `{n}`: the client waits for `+`. `{n+}` does not.
    pub synchronizing: bool,
}

/// What became of the last literal of the client for which it waits (RFC 9051 sections 4.3 and 7.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LiteralState {
    /// There is none, or its payload has begun.
    #[default]
    None,
    /// The server has not answered yet.
    Awaiting,
    /// The server sent `+`: payload follows.
    Accepted,
    /// The server refused the command: what follows is the next command.
    Refused,
}

/// How an observer came to believe the state it reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Certainty {
    Certain,
    /// Something that could not be read may have changed it, or the RFCs leave it open.
    Doubtful,
}

/// An observer of one connection. See the [module](self).
#[derive(Clone, Debug)]
pub struct Observer {
    options: Options,
    state: State,
    certainty: Certainty,
    greeting: Option<GreetingKind>,
    greeted: bool,
    pending: Pending<Place>,
    capabilities: Capabilities,
    /// The selected mailbox; with a SELECT in flight, the one that is being selected.
    view: View,
    /// Whether data may belong to the mailbox before or to the next one.
    ambiguous: bool,
    literal: LiteralState,
    /// Literals whose payload came early: a `+` for each may still come.
    late: u32,
    /// Whether payload that came early may have been read as commands.
    astray: bool,
    /// The command that was answered while its end was still to come.
    early: Option<Tag>,
    /// Messages of the client that could not be read and have no tag: each may have a reply.
    unread: u32,
    /// Where the last of them stands.
    unread_at: u64,
    /// Whether IDLE ended before its `DONE` was seen: one may still be on its way.
    stray_done: bool,
    /// Whether a mailbox was ever selected since authentication.
    selected_once: bool,
    /// Whether NOTIFY may have allowed EXPUNGE at any time.
    notify: bool,
    /// Whether the connection is to end: why.
    ended: Option<Ended>,
    events: VecDeque<Event>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// A greeting of BYE.
    Refused,
    /// A BYE that no LOGOUT asked for.
    Bye,
    /// A BYE that something unread may have asked for.
    Perhaps,
    /// LOGOUT and its OK.
    LoggedOut,
}

impl Observer {
    /// An observer of a connection that is about to begin.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self {
            options,
            state: State::NotAuthenticated,
            certainty: Certainty::Certain,
            greeting: None,
            greeted: false,
            pending: Pending::default(),
            capabilities: Capabilities::default(),
            view: View::default(),
            ambiguous: false,
            literal: LiteralState::None,
            late: 0,
            astray: false,
            early: None,
            unread: 0,
            unread_at: 0,
            stray_done: false,
            selected_once: false,
            notify: false,
            ended: None,
            events: VecDeque::new(),
        }
    }

    /// The next event; `None` once all were taken.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The event that was reported last, if it was not taken yet.
    fn last_event(&self) -> Option<&Event> {
        self.events.back()
    }

    /// The state after the last message.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// What is known of the server's capabilities.
    #[must_use]
    pub const fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// What the next line of the client is, if it is no command. `line` is that line: `DONE` alone is never a command.
    #[must_use]
    pub fn expecting(&self, line: &[u8]) -> Expecting {
        let is_done = line.trim_ascii().eq_ignore_ascii_case(b"DONE");
        let running = self.pending.iter().find_map(|command| match command.kind {
            Kind::Idle { done, .. } => (!done).then_some(Expecting::IdleDone),
            Kind::Authenticate { .. } => Some(Expecting::AuthenticateData),
            Kind::Select | Kind::Search { .. } | Kind::Plain | Kind::Malformed => None,
        });
        match running {
            Some(expecting) => expecting,
            None if is_done => Expecting::IdleDone,
            None => Expecting::Command,
        }
    }

    /// What became of the literal that the client announced last.
    #[must_use]
    pub const fn literal(&self) -> LiteralState {
        self.literal
    }

    /// Part of what `side` sent is missing here: nothing that rests on it is judged any more.
    pub fn gap(&mut self, side: Side) {
        match side {
            Side::Client => self.options.client = false,
            Side::Server => self.options.server = false,
        }
        self.doubt();
    }

    /// `side` closed its direction. The session is over; commands in flight stay without a [`Completed`] event.
    pub fn eof(&mut self, side: Side) {
        let _ = side;
        self.state = self.state.on(&Move::Disconnected);
        self.pending.clear();
    }

    // ---- what both halves use ----

    /// How many commands in flight select a mailbox.
    fn selects(&self) -> usize {
        self.pending.iter().filter(|command| command.selects()).count()
    }

    /// Whether both directions are seen without gaps.
    const fn both(&self) -> bool {
        self.options.client && self.options.server
    }

    fn doubt(&mut self) {
        self.certainty = Certainty::Doubtful;
        self.view = View::default();
    }

    fn message(&mut self, from: Side, place: Place) {
        self.events.push_back(Event::Message { from, place, state: self.state });
    }

    fn violation(&mut self, rule: Rule, place: Place, message: String) {
        if !rule.needs_order() || self.options.ordered {
            self.events.push_back(Event::Violation(Violation { rule, place, message }));
        }
    }
}
