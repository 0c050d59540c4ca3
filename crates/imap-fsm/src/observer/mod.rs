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
//! Memory: bounded. At most [`Pending::MOST`](crate::pending::Pending::MOST) commands, [`Observer::UIDS`] UIDs, one list of
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

use alloc::collections::VecDeque;

use imap_codec::{Expecting, Side};
use imap_types::{
    atom::Tag,
    command::ClientMessage,
    response::{Greeting, Response},
};

use crate::{capabilities::Capabilities, mailbox::View, state::State, track::Tracker};

mod dialogue;
mod event;

pub use dialogue::Dialogue;
pub use event::{Completed, Event, Note, Pipelined};

pub use crate::{
    track::{Literal, LiteralState},
    violation::{Place, Rule, Violation},
};

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

/// An observer of one connection. See the [module](self).
#[derive(Clone, Debug)]
pub struct Observer {
    tracker: Tracker,
    events: VecDeque<Event>,
}

impl Observer {
    /// The most UIDs that are kept of the selected mailbox. Those beyond are judged by the ones that are kept.
    pub const UIDS: u32 = 65_536;

    /// An observer of a connection that is about to begin.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let mut tracker = Tracker::new(options);
        tracker.most_uids = Self::UIDS;
        Self { tracker, events: VecDeque::new() }
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
        self.tracker.state()
    }

    /// What is known of the selected mailbox; `None` where there is none.
    #[must_use]
    pub fn mailbox(&self) -> Option<&View> {
        self.tracker.state().is_selected().then_some(self.tracker.view())
    }

    /// What is known of the server's capabilities.
    #[must_use]
    pub const fn capabilities(&self) -> &Capabilities {
        self.tracker.capabilities()
    }

    /// What the next line of the client is, if it is no command. `line` is that line: `DONE` alone is never a command.
    #[must_use]
    pub fn expecting(&self, line: &[u8]) -> Expecting {
        self.tracker.expecting(line)
    }

    /// What became of the literal that the client announced last.
    #[must_use]
    pub const fn literal(&self) -> LiteralState {
        self.tracker.literal()
    }

    /// Part of what `side` sent is missing here: nothing that rests on it is judged any more.
    pub fn gap(&mut self, side: Side) {
        self.tracker.gap(side);
    }

    /// `side` closed its direction. The session is over; commands in flight stay without a [`Completed`] event.
    pub fn eof(&mut self, side: Side) {
        let _ = side;
        self.tracker.eof();
    }

    /// The client announced a literal: its header and all before it were read. `tag` and `name` are those of the
    /// command that it belongs to, where they could be read; `place` is that of what was read of the command so far.
    pub fn client_literal(&mut self, place: Place, tag: Option<&Tag>, name: Option<&str>, literal: Literal) {
        self.tracker.client_literal(place, tag, name, literal);
        self.report();
    }

    /// The client has sent only a part of a command up to now. To be told before the server is heard; telling it again
    /// changes nothing.
    pub fn client_partial(&mut self, place: Place, tag: &Tag, name: Option<&str>) {
        self.tracker.client_partial(place, tag, name);
    }

    /// A command ends here without its rest, because the server refused its literal.
    pub fn client_refused(&mut self, place: Place) {
        self.tracker.client_refused();
        self.message(Side::Client, place);
    }

    /// The payload of the announced literal begins.
    pub fn client_literal_data(&mut self, place: Place) {
        self.tracker.client_literal_data(place);
        self.report();
    }

    /// The client sent a message.
    pub fn client_message(&mut self, place: Place, message: &ClientMessage) {
        let pipelined = self.tracker.pipelined(message);
        self.tracker.client_message(place, message);
        self.events.push_back(Event::Message { from: Side::Client, place, state: self.tracker.state() });
        self.events.extend(pipelined.map(Event::Pipelined));
        self.report();
    }

    /// The client sent something that could not be read; `tag` and `name` as far as they were.
    pub fn client_malformed(&mut self, place: Place, tag: Option<&Tag>, name: Option<&str>) {
        self.tracker.client_malformed(place, tag, name);
        self.message(Side::Client, place);
    }

    /// The server sent its greeting.
    pub fn server_greeting(&mut self, place: Place, greeting: &Greeting) {
        self.tracker.server_greeting(greeting);
        self.message(Side::Server, place);
    }

    /// The server sent a message.
    pub fn server_message(&mut self, place: Place, response: &Response) {
        let completed = self.tracker.server_message(place, response);
        self.message_completing(place, completed);
    }

    /// The server sent something that could not be read; `tag` and `name` (`OK`, `FETCH`) as far as they were.
    pub fn server_malformed(&mut self, place: Place, tag: Option<&Tag>, name: Option<&str>) {
        let completed = self.tracker.server_malformed(place, tag, name);
        self.message_completing(place, completed);
    }

    /// Bytes in the clear came where TLS was to begin.
    fn data_after_starttls(&mut self, place: Place) {
        self.tracker.data_after_starttls(place);
        self.report();
    }

    /// The message comes first, with the state after it; then what is to be said of it.
    fn message(&mut self, from: Side, place: Place) {
        self.events.push_back(Event::Message { from, place, state: self.tracker.state() });
        self.report();
    }

    fn message_completing(&mut self, place: Place, completed: Option<Completed>) {
        self.message(Side::Server, place);
        self.events.extend(completed.map(Event::Completed));
        self.events.extend(self.tracker.note.take().map(Event::Note));
    }

    fn report(&mut self) {
        self.events.extend(self.tracker.found.drain(..).map(Event::Violation));
    }
}
