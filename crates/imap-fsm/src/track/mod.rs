//! What both sides of a connection can know of it: one machine that is told of every message of both sides.
//!
//! A [`Tracker`] keeps the session state, the commands in flight, the capabilities, the selected mailbox and the literal
//! that waits, and judges each message by the [rules](crate::violation::Rule). It does not know who is asking: a client and
//! a server session tell it of what they send and of what they receive, an observer of what it hears of both. So the three
//! agree by construction.
//!
//! What it finds is left in it until its owner takes it: violations, and a change of the stream.

use alloc::{boxed::Box, string::String, vec::Vec};

use imap_codec::{Expecting, Side};
use imap_types::{atom::Tag, capability::Capability, response::GreetingKind};

use crate::{
    capabilities::Capabilities,
    mailbox::View,
    observer::{Note, Options},
    pending::{Kind, Pending},
    state::{Event as Move, State},
    violation::{Place, Rule, Violation},
};

mod client;
mod data;
mod server;

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

/// What is known of one connection. See the [module](self).
#[derive(Clone, Debug)]
pub(crate) struct Tracker {
    options: Options,
    state: State,
    certainty: Certainty,
    greeting: Option<GreetingKind>,
    greeted: bool,
    pending: Pending<Place>,
    capabilities: Capabilities,
    /// The selected mailbox; with a SELECT in flight, the one that is being selected.
    view: View,
    /// The mailbox that a SELECT in flight is to leave: where it is BAD, this one stays.
    left: Option<Box<View>>,
    /// The most UIDs that are kept of it.
    pub(crate) most_uids: u32,
    /// Whether data may belong to the mailbox before or to the next one.
    ambiguous: bool,
    literal: LiteralState,
    /// Literals whose payload came early: a `+` for each may still come.
    late: u32,
    /// Whether payload that came early may have been read as commands.
    astray: bool,
    /// The command that was answered while its end was still to come.
    early: Option<Box<Tag>>,
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
    /// What was broken, until it is taken.
    pub(crate) found: Vec<Violation>,
    /// The change of the stream after the last message.
    pub(crate) note: Option<Note>,
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

impl Tracker {
    /// A connection that is about to begin.
    pub(crate) fn new(options: Options) -> Self {
        Self {
            options,
            state: State::NotAuthenticated,
            certainty: Certainty::Certain,
            greeting: None,
            greeted: false,
            pending: Pending::default(),
            capabilities: Capabilities::default(),
            view: View::default(),
            left: None,
            most_uids: u32::MAX,
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
            found: Vec::new(),
            note: None,
        }
    }

    /// A connection on which all is said and done up to now, in this state.
    pub(crate) fn at_rest(state: State) -> Self {
        Self { state, greeted: true, ..Self::new(Options::default()) }
    }

    /// Whether a mailbox was ever selected since authentication.
    pub(crate) const fn was_selected(&self) -> bool {
        self.selected_once
    }

    /// What is known of the past.
    pub(crate) const fn has_selected(&mut self, selected: bool, notify: bool) {
        self.selected_once = selected;
        self.notify = notify;
    }

    /// The state after the last message.
    pub(crate) const fn state(&self) -> State {
        self.state
    }

    /// What is known of the server's capabilities.
    pub(crate) const fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// What is known of the selected mailbox.
    pub(crate) const fn view(&self) -> &View {
        &self.view
    }

    pub(crate) const fn view_mut(&mut self) -> &mut View {
        &mut self.view
    }

    /// Whether a mailbox was selected since authentication, or was to be.
    pub(crate) const fn selected_once(&self) -> bool {
        self.selected_once
    }

    /// Whether NOTIFY allows to tell of changes at any time.
    pub(crate) const fn notifies(&self) -> bool {
        self.notify
    }

    /// What is advertised, without a message: a server knows it.
    pub(crate) fn advertise(&mut self, list: &[Capability]) {
        self.capabilities.learn(list);
    }

    /// What was enabled, without a message.
    pub(crate) fn enable(&mut self, list: &[Capability]) {
        self.capabilities.enable(list);
    }

    /// Releases memory that holds nothing.
    pub(crate) fn shrink(&mut self) {
        self.found.shrink_to_fit();
        self.pending.shrink();
    }

    /// What the next line of the client is, if it is no command. `line` is that line: `DONE` alone is never a command.
    pub(crate) fn expecting(&self, line: &[u8]) -> Expecting {
        let running = self.pending.iter().find_map(|command| match command.kind {
            Kind::Idle { done, .. } => (!done).then_some(Expecting::IdleDone),
            Kind::Authenticate { .. } => Some(Expecting::AuthenticateData),
            Kind::Select | Kind::Search { .. } | Kind::Notify { .. } | Kind::Plain | Kind::Malformed => None,
        });
        match running {
            Some(expecting) => expecting,
            None if line.trim_ascii().eq_ignore_ascii_case(b"DONE") => Expecting::IdleDone,
            None => Expecting::Command,
        }
    }

    /// What became of the literal that the client announced last.
    pub(crate) const fn literal(&self) -> LiteralState {
        self.literal
    }

    /// Part of what `side` sent is missing here: nothing that rests on it is judged any more.
    pub(crate) fn gap(&mut self, side: Side) {
        match side {
            Side::Client => self.options.client = false,
            Side::Server => self.options.server = false,
        }
        self.doubt();
    }

    /// A side closed its direction: the session is over.
    pub(crate) fn eof(&mut self) {
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
        self.left = None;
    }

    fn violation(&mut self, rule: Rule, place: Place, message: String) {
        self.found.extend(self.violates(rule, place, message));
    }

    /// A rule that was broken, unless that rests on an order which is not known.
    fn violates(&self, rule: Rule, place: Place, message: String) -> Option<Violation> {
        (!rule.needs_order() || self.options.ordered).then_some(Violation { rule, place, message })
    }
}
