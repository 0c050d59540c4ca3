//! Listens to both directions of a dialogue and judges them.
//!
//! For proxies, intrusion detection and tools: an [`Observer`] sends nothing. Its owner gives it each message of both
//! sides, in the order in which they passed, and drains the events after each:
//!
//! 1. [`Observer::client_literal`] as soon as the header of a literal was read,
//!    [`Observer::client_literal_data`] when its payload begins;
//! 2. [`Observer::client_message`] and [`Observer::server_message`] (first [`Observer::server_greeting`]) for what was
//!    decoded, [`Observer::client_malformed`] and [`Observer::server_malformed`] for what was not;
//! 3. [`Observer::eof`] when a side closes;
//! 4. [`Observer::poll_event`] until there is none.
//!
//! How the next line of the client is to be read is told by [`Observer::expecting`].
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
//! ```ignore
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

use alloc::{collections::VecDeque, format, string::String};

use imap_codec::{Expecting, Side};
use imap_types::{
    atom::Tag,
    code::Code,
    command::{AuthenticateData, ClientMessage, Command, CommandBody},
    fetch::{FetchResponse, MsgAtt},
    response::{Continuation, Data, Greeting, GreetingKind, Response, Status, StatusResponse},
};

use crate::{
    capabilities::Capabilities,
    mailbox::{Contradiction, View},
    pending::{InFlight, Kind, Pending, Seen},
    state::{Event as Move, Outcome, State, States, table},
};

mod event;
mod violation;

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

/// A literal that the client announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Literal {
    /// Its size in bytes.
    pub size: u64,
    /// `{n}`: the client waits for `+`. `{n+}` does not.
    pub synchronizing: bool,
}

/// What became of the last literal of the client.
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
    /// Messages of the client that could not be read and have no tag: each may have a reply.
    unread: u32,
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
            unread: 0,
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

    // ---- the client ----

    /// The client announced a literal: its header and all before it were read. `tag` and `name` are those of the
    /// command that it belongs to, where they could be read; `place` is that of what was read of the command so far.
    pub fn client_literal(&mut self, place: Place, tag: Option<&Tag>, name: Option<&str>, literal: Literal) {
        if !literal.synchronizing {
            self.check_literal_plus(place, literal);
            self.literal = LiteralState::None;
            return;
        }
        self.literal = LiteralState::Awaiting;
        // Only the first literal of a command begins it.
        if let Some(tag) = tag
            && !self.pending.iter().any(|command| !command.complete && command.tag == *tag)
        {
            self.pending.push(InFlight::unread(tag.clone(), name, false, place));
        }
    }

    /// The payload of the announced literal begins.
    pub fn client_literal_data(&mut self, place: Place) {
        let waited = self.literal != LiteralState::Awaiting;
        self.literal = LiteralState::None;
        if !waited && self.both() {
            self.violation(
                Rule::LiteralBeforeContinuation,
                place,
                String::from("the payload of a synchronising literal came before the server asked for it"),
            );
        }
    }

    /// The client sent a message.
    pub fn client_message(&mut self, place: Place, message: &ClientMessage) {
        match message {
            ClientMessage::Command(command) => self.command(place, command),
            ClientMessage::AuthenticateData(data) => self.authenticate_data(place, data),
            ClientMessage::IdleDone => self.idle_done(place),
            _ => self.message(Side::Client, place),
        }
    }

    /// The client sent something that could not be read; `tag` and `name` as far as they were.
    pub fn client_malformed(&mut self, place: Place, tag: Option<&Tag>, name: Option<&str>) {
        self.message(Side::Client, place);
        self.literal = LiteralState::None;
        self.pending.take_partial();
        match tag {
            Some(tag) => self.pending.push(InFlight::unread(tag.clone(), name, true, place)),
            None => self.unread = self.unread.saturating_add(1),
        }
    }

    fn command(&mut self, place: Place, command: &Command) {
        self.message(Side::Client, place);
        self.literal = LiteralState::None;
        self.pending.take_partial();
        let sent = InFlight::new(command, place);
        if self.options.client && self.options.server {
            self.check_exchange(&sent);
            self.check_tag(&sent);
            self.check_state(&sent);
            self.check_capabilities(&sent, &command.body);
            self.check_pipelining(&sent);
        }
        if let CommandBody::Other { name, .. } = &command.body
            && name.as_str().eq_ignore_ascii_case("NOTIFY")
        {
            self.notify = true;
        }
        if sent.selects() {
            self.begin_select();
        }
        self.stray_done = false;
        self.pending.push(sent);
    }

    fn authenticate_data(&mut self, place: Place, _: &AuthenticateData) {
        self.message(Side::Client, place);
        for command in self.pending.iter_mut() {
            if let Kind::Authenticate { challenged } = &mut command.kind {
                *challenged = false;
            }
        }
    }

    fn idle_done(&mut self, place: Place) {
        self.message(Side::Client, place);
        let mut waiting = false;
        for command in self.pending.iter_mut() {
            if let Kind::Idle { done, .. } = &mut command.kind {
                waiting |= !*done;
                *done = true;
            } else if command.kind == Kind::Malformed && matches!(&*command.name, "" | "IDLE") {
                waiting = true;
            }
        }
        let stray = core::mem::take(&mut self.stray_done);
        if !waiting && !stray && self.unread == 0 && self.both() {
            self.violation(
                Rule::DoneWithoutIdle,
                place,
                String::from("DONE was sent while no IDLE was running"),
            );
        }
    }

    /// What must be over before the next command.
    fn check_exchange(&mut self, sent: &InFlight<Place>) {
        let found = self.pending.iter().find_map(|command| {
            let (rule, why) = match command.kind {
                Kind::Idle { continued: true, done: false } => {
                    (Rule::CommandDuringIdle, "while the server waited for DONE of IDLE")
                }
                Kind::Authenticate { challenged: true } => (
                    Rule::CommandDuringAuthenticate,
                    "while the server waited for the answer to a challenge of",
                ),
                Kind::Plain if &*command.name == "STARTTLS" => {
                    (Rule::CommandAfterStartTls, "before the answer to STARTTLS")
                }
                Kind::Plain if &*command.name == "COMPRESS" => {
                    (Rule::CommandAfterCompress, "before the answer to COMPRESS")
                }
                Kind::Idle { .. }
                | Kind::Authenticate { .. }
                | Kind::Search { .. }
                | Kind::Select
                | Kind::Plain
                | Kind::Malformed => return None,
            };
            Some((rule, format!("{} {} was sent {why} {}", sent.tag, sent.name, command.tag)))
        });
        if let Some((rule, message)) = found {
            self.violation(rule, sent.place, message);
        }
    }

    fn check_tag(&mut self, sent: &InFlight<Place>) {
        let used = self.pending.iter().find(|command| command.tag == sent.tag);
        if let Some(used) = used {
            let message =
                format!("{} is the tag of {} which is not complete yet", sent.tag, named(&used.name));
            self.violation(Rule::TagReused, sent.place, message);
        }
    }

    fn check_state(&mut self, sent: &InFlight<Place>) {
        if self.certainty != Certainty::Certain || !self.greeted || self.unread > 0 {
            return;
        }
        // After an unasked BYE the client may not have seen it yet.
        if matches!(self.ended, Some(Ended::Bye | Ended::Refused)) {
            return;
        }
        let mut possible = States::from(self.state);
        for command in self.pending.iter() {
            if command.kind == Kind::Malformed {
                return;
            }
            possible = possible.union(possible.after(&command.name));
        }
        let row = table::command(&sent.name);
        if &*sent.name == "ENABLE" && self.selected_once && !possible.intersects(States::NOT_AUTHENTICATED) {
            let message = format!("{} ENABLE was sent after a mailbox was selected", sent.tag);
            self.violation(Rule::EnableAfterSelect, sent.place, message);
        } else if !possible.intersects(row.valid_in) {
            let message = format!(
                "{} {} was sent in state {possible}, but is valid in: {}",
                sent.tag, sent.name, row.valid_in
            );
            self.violation(Rule::CommandInWrongState, sent.place, message);
        }
    }

    /// Whether the capabilities that were learned are those that the server has when it takes the next command.
    fn capabilities_hold(&self) -> bool {
        self.pending.iter().all(|command| {
            command.kind != Kind::Malformed
                && !matches!(&*command.name, "LOGIN" | "AUTHENTICATE" | "STARTTLS" | "UNAUTHENTICATE")
        })
    }

    fn check_capabilities(&mut self, sent: &InFlight<Place>, body: &CommandBody) {
        if !self.capabilities_hold() {
            return;
        }
        let lacks = |names: &[&str]| self.capabilities.advertises_any(names) == Some(false);
        let disabled = self.capabilities.advertises("LOGINDISABLED") == Some(true);
        let (rule, message) = if matches!(body, CommandBody::Login { .. }) && disabled {
            (Rule::LoginDisabled, "LOGIN was sent although LOGINDISABLED is advertised")
        } else if matches!(body, CommandBody::Idle) && lacks(&["IDLE", "IMAP4REV2"]) {
            (Rule::IdleNotAdvertised, "IDLE was sent although neither IDLE nor IMAP4rev2 is advertised")
        } else if matches!(body, CommandBody::Authenticate { initial_response: Some(_), .. })
            && lacks(&["SASL-IR", "IMAP4REV2"])
        {
            (
                Rule::InitialResponseNotAdvertised,
                "AUTHENTICATE was sent with an initial response although neither SASL-IR nor IMAP4rev2 is advertised",
            )
        } else {
            return;
        };
        self.violation(rule, sent.place, format!("{} {message}", sent.tag));
    }

    fn check_literal_plus(&mut self, place: Place, literal: Literal) {
        if !self.both() || !self.capabilities_hold() {
            return;
        }
        let size = literal.size;
        match self.capabilities.advertises_any(&["LITERAL+"]) {
            None | Some(true) => {}
            Some(false) => match self.capabilities.advertises_any(&["LITERAL-", "IMAP4REV2"]) {
                Some(true) if size > 4096 => self.violation(
                    Rule::LiteralMinusTooLong,
                    place,
                    format!("a non-synchronising literal of {size} bytes was sent, but 4096 are the most"),
                ),
                Some(false) => self.violation(
                    Rule::LiteralPlusNotAdvertised,
                    place,
                    format!(
                        "{{{size}+}} was sent although none of LITERAL+, LITERAL- and IMAP4rev2 is advertised"
                    ),
                ),
                Some(true) | None => {}
            },
        }
    }

    fn check_pipelining(&mut self, sent: &InFlight<Place>) {
        if !sent.numbers {
            return;
        }
        let ambiguous = self.pending.iter().find(|command| {
            command.kind != Kind::Malformed && !matches!(&*command.name, "FETCH" | "STORE" | "SEARCH" | "")
        });
        if let Some(before) = ambiguous {
            let message = format!(
                "{} {} has message numbers, and {} {} before it was not complete yet",
                sent.tag, sent.name, before.tag, before.name
            );
            self.violation(Rule::AmbiguousPipelining, sent.place, message);
        }
    }

    // ---- the server ----

    /// The server sent its greeting.
    pub fn server_greeting(&mut self, place: Place, greeting: &Greeting) {
        self.greeted = true;
        self.greeting = Some(greeting.kind);
        self.state = self.state.on(&Move::Greeting(greeting.kind));
        if greeting.kind == GreetingKind::Bye {
            self.ended = Some(Ended::Refused);
        }
        if let Some(Code::Capability(list)) = &greeting.code {
            self.capabilities.learn(list);
        }
        self.message(Side::Server, place);
    }

    /// The server sent a message.
    pub fn server_message(&mut self, place: Place, response: &Response) {
        let mut found = core::mem::take(&mut self.events);
        if !self.greeted {
            self.greeted = true;
            if self.options.server {
                let message = String::from("the first message of the server is no greeting");
                self.violation(Rule::GreetingMissing, place, message);
            }
        }
        match response {
            Response::Status(status) => match &status.tag {
                Some(tag) => self.reply(place, tag, status),
                None => self.untagged_status(place, status),
            },
            Response::Data(data) => self.data(place, data),
            Response::Continuation(continuation) => self.continuation(place, continuation),
            _ => {}
        }
        // The message comes first, with the state after it; then what is to be said of it.
        core::mem::swap(&mut found, &mut self.events);
        self.message(Side::Server, place);
        self.events.append(&mut found);
    }

    /// The server sent something that could not be read; `tag` and `name` (`OK`, `FETCH`) as far as they were.
    pub fn server_malformed(&mut self, place: Place, tag: Option<&Tag>, name: Option<&str>) {
        self.greeted = true;
        let seen = name.map_or(Seen::ANYTHING, Seen::of);
        match tag {
            Some(tag) => {
                if let Some(command) = self.pending.complete(tag) {
                    self.unread_reply(&command, name);
                    self.message(Side::Server, place);
                    self.events.push_back(Event::Completed(Completed {
                        tag: command.tag,
                        name: command.name,
                        status: name.and_then(status_named),
                        command: command.place,
                        reply: place,
                    }));
                    return;
                }
            }
            None => {
                self.pending.saw(seen);
                match name.map(str::to_ascii_uppercase).as_deref() {
                    Some("BYE") => self.bye(),
                    Some("EXISTS" | "EXPUNGE" | "VANISHED" | "FETCH") | None => self.view = View::default(),
                    Some("CAPABILITY") => self.capabilities.forget(),
                    Some(_) => {}
                }
            }
        }
        self.message(Side::Server, place);
    }

    /// A reply that could not be read: its effect is that of its status where that could be.
    fn unread_reply(&mut self, command: &InFlight<Place>, name: Option<&str>) {
        let outcome = match name.and_then(status_named) {
            Some(status) => Outcome::of(status, None),
            None => None,
        };
        if !command.complete {
            self.literal = LiteralState::Refused;
        }
        match outcome {
            Some(outcome) => self.complete(command, outcome, None),
            None => self.doubt(),
        }
    }

    fn reply(&mut self, place: Place, tag: &Tag, status: &StatusResponse) {
        self.after_bye(place, true);
        let Some(command) = self.pending.complete(tag) else {
            self.learn(status.code.as_ref());
            return self.stray_reply(place, tag);
        };
        let outcome = Outcome::of(status.status, status.code.as_ref());
        if !command.complete {
            if outcome.is_some_and(Outcome::is_ok) {
                let message = format!("{tag} was answered OK before all of the command was sent");
                self.violation(Rule::ReplyBeforeCommand, place, message);
            }
            self.literal = LiteralState::Refused;
        }
        if let Some(outcome) = outcome {
            if outcome.is_ok() {
                self.check_data(place, &command, status.code.as_ref());
            }
            self.complete(&command, outcome, status.code.as_ref());
        }
        self.events.push_back(Event::Completed(Completed {
            tag: command.tag.clone(),
            name: command.name.clone(),
            status: Some(status.status),
            command: command.place,
            reply: place,
        }));
        if outcome.is_some_and(Outcome::is_ok) {
            match &*command.name {
                "STARTTLS" => self.events.push_back(Event::Note(Note::Tls)),
                "COMPRESS" => self.events.push_back(Event::Note(Note::Compress)),
                _ => {}
            }
        }
    }

    fn stray_reply(&mut self, place: Place, tag: &Tag) {
        if self.unread > 0 {
            self.unread = self.unread.saturating_sub(1);
            return;
        }
        if !self.both() || !self.pending.is_exact() {
            return;
        }
        if self.pending.was_completed(tag) {
            self.violation(Rule::ReplyRepeated, place, format!("{tag} was answered before"));
        } else {
            self.violation(Rule::UnknownTag, place, format!("no command has the tag {tag}"));
        }
    }

    /// The effect of a reply on the session.
    fn complete(&mut self, command: &InFlight<Place>, outcome: Outcome, code: Option<&Code>) {
        let before = self.state;
        let name = &*command.name;
        let event = Move::Reply { command: name, outcome };
        let row = table::command(name);
        // A command that was carried out was valid for the server, whatever we hold of it.
        let from = if outcome.is_ok() && !row.valid_in.contains(before) && before != State::Logout {
            row.valid_in.iter().next().unwrap_or(before)
        } else {
            before
        };
        let row = table::find(from, &event);
        if row.is_some() || from == before {
            self.state = from.on(&event);
        }
        match (name, outcome.is_ok()) {
            ("", true) => self.doubt(),
            ("SELECT" | "EXAMINE", ok) => self.end_select(outcome, ok, before),
            ("CLOSE" | "UNSELECT", true) => {
                self.view = View::default();
                self.certainty = Certainty::Certain;
            }
            ("LOGIN" | "AUTHENTICATE", true) => {
                self.capabilities.forget();
                self.certainty = Certainty::Certain;
            }
            ("STARTTLS", true) => self.capabilities.reset(),
            ("UNAUTHENTICATE", true) => {
                self.capabilities.reset();
                self.view = View::default();
                self.selected_once = false;
                self.notify = false;
                self.certainty = Certainty::Certain;
            }
            ("LOGOUT", true) => self.ended = Some(Ended::LoggedOut),
            ("IDLE", _) => {
                self.stray_done = matches!(command.kind, Kind::Idle { done: false, .. } | Kind::Malformed);
            }
            _ => {}
        }
        self.learn(code);
    }

    fn learn(&mut self, code: Option<&Code>) {
        if let Some(Code::Capability(list)) = code {
            self.capabilities.learn(list);
        }
    }

    /// What must have come before the OK.
    fn check_data(&mut self, place: Place, command: &InFlight<Place>, code: Option<&Code>) {
        if !self.both() || command.kind == Kind::Malformed || !command.complete {
            return;
        }
        let rev1 = self.capabilities.is_rev1();
        let rev2 = self.capabilities.is_rev2() || self.capabilities.advertises("IMAP4REV2") == Some(true);
        let seen = command.seen;
        let mut missing = |rule: Rule, what: &str| {
            let message = format!("{} {} is OK, but {what}", command.tag, command.name);
            self.violation(rule, place, message);
        };
        match &*command.name {
            "CAPABILITY" if !seen.has(Seen::CAPABILITY) => {
                missing(Rule::CapabilityMissing, "no untagged CAPABILITY came before");
            }
            "LOGOUT" if !seen.has(Seen::BYE) => missing(Rule::ByeMissing, "no untagged BYE came before"),
            "ENABLE" if !seen.has(Seen::ENABLED) => {
                missing(Rule::EnabledMissing, "no untagged ENABLED came before");
            }
            "SELECT" | "EXAMINE" => {
                if !seen.has(Seen::FLAGS) {
                    missing(Rule::FlagsMissing, "no untagged FLAGS came before");
                }
                if !seen.has(Seen::EXISTS) {
                    missing(Rule::ExistsMissing, "no untagged EXISTS came before");
                }
                if rev1 && !seen.has(Seen::RECENT) {
                    missing(Rule::RecentMissing, "no untagged RECENT came before");
                }
                if &*command.name == "EXAMINE" && code != Some(&Code::ReadOnly) {
                    missing(Rule::ExamineNotReadOnly, "without the code READ-ONLY");
                }
            }
            "STATUS" if rev2 && !seen.has(Seen::STATUS) => {
                missing(Rule::StatusMissing, "no untagged STATUS came before");
            }
            "NAMESPACE" if !seen.has(Seen::NAMESPACE) => {
                missing(Rule::NamespaceMissing, "no untagged NAMESPACE came before");
            }
            "SEARCH" | "UID SEARCH" => {
                let Kind::Search { returns, silent } = command.kind else { return };
                if returns && !seen.has(Seen::ESEARCH) {
                    missing(Rule::EsearchMissing, "no untagged ESEARCH came before");
                }
                if !returns && !silent && rev1 && !seen.has(Seen::SEARCH) && !seen.has(Seen::ESEARCH) {
                    missing(Rule::SearchMissing, "no untagged SEARCH came before");
                }
            }
            _ => {}
        }
    }

    fn untagged_status(&mut self, place: Place, status: &StatusResponse) {
        self.after_bye(place, false);
        match status.status {
            Status::Bye => self.bye(),
            Status::PreAuth => {
                self.violation(
                    Rule::PreAuthAfterGreeting,
                    place,
                    String::from("PREAUTH came after the greeting"),
                );
            }
            Status::Ok | Status::No | Status::Bad => {}
        }
        match &status.code {
            Some(Code::Capability(list)) => self.capabilities.learn(list),
            Some(Code::Closed) => {
                self.state = self.state.on(&Move::Closed);
                self.view = View::default();
                self.ambiguous = self.selects() > 1;
                if self.selects() == 0 {
                    // The client may not have seen it yet.
                    self.certainty = Certainty::Doubtful;
                }
            }
            Some(Code::ReadOnly) if self.selects() == 0 => self.state = self.state.on(&Move::ReadOnly),
            Some(Code::ReadWrite) if self.selects() == 0 => self.state = self.state.on(&Move::ReadWrite),
            Some(Code::UidValidity(validity)) => {
                if let Some(contradiction) = self.view.on_uid_validity(*validity) {
                    self.contradiction(place, contradiction, Rule::UidValidityChanged);
                }
            }
            _ => {}
        }
    }

    fn bye(&mut self) {
        self.pending.saw(Seen::BYE);
        self.state = self.state.on(&Move::Bye);
        let asked = self.pending.iter().any(|command| matches!(&*command.name, "LOGOUT" | ""));
        if !asked && self.ended.is_none() && self.unread == 0 && self.options.client {
            self.ended = Some(Ended::Bye);
        }
    }

    /// What must not come any more.
    fn after_bye(&mut self, place: Place, tagged: bool) {
        let what = match self.ended {
            Some(Ended::Refused) => "a greeting of BYE",
            Some(Ended::Bye) if !tagged => "a BYE that no LOGOUT asked for",
            Some(Ended::LoggedOut) => "the OK to LOGOUT",
            Some(Ended::Bye) | None => return,
        };
        self.violation(Rule::DataAfterBye, place, format!("the server went on after {what}"));
    }

    fn continuation(&mut self, place: Place, _: &Continuation) {
        self.after_bye(place, false);
        if self.literal == LiteralState::Awaiting {
            self.literal = LiteralState::Accepted;
            return;
        }
        let mut unread = self.unread > 0;
        for command in self.pending.iter_mut() {
            match &mut command.kind {
                Kind::Idle { continued, .. } if !*continued => {
                    *continued = true;
                    return;
                }
                Kind::Authenticate { challenged } if !*challenged => {
                    *challenged = true;
                    return;
                }
                Kind::Malformed => unread = true,
                Kind::Idle { .. }
                | Kind::Authenticate { .. }
                | Kind::Search { .. }
                | Kind::Select
                | Kind::Plain => {}
            }
        }
        if !unread && self.both() {
            self.violation(
                Rule::ContinuationNotAwaited,
                place,
                String::from("no literal, AUTHENTICATE or IDLE waits for a continuation request"),
            );
        }
    }

    fn data(&mut self, place: Place, data: &Data) {
        self.after_bye(place, false);
        match data {
            Data::Capability(list) => {
                self.capabilities.learn(list);
                self.pending.saw(Seen::CAPABILITY);
            }
            Data::Enabled(list) => {
                self.capabilities.enable(list);
                self.pending.saw(Seen::ENABLED);
            }
            Data::Flags(_) => self.pending.saw(Seen::FLAGS),
            Data::Namespace(_) => self.pending.saw(Seen::NAMESPACE),
            Data::Status(_) => self.pending.saw(Seen::STATUS),
            Data::Search(_) => self.pending.saw(Seen::SEARCH),
            Data::Esearch(_) => self.pending.saw(Seen::ESEARCH),
            Data::List(_) | Data::Lsub(_) => {}
            Data::Exists(number) => {
                self.pending.saw(Seen::EXISTS);
                self.check_selected(place, "EXISTS");
                if let Some(contradiction) = self.view.on_exists(*number) {
                    self.contradiction(place, contradiction, Rule::ExistsDecreased);
                }
            }
            Data::Recent(_) => {
                self.pending.saw(Seen::RECENT);
                self.check_selected(place, "RECENT");
            }
            Data::Expunge(number) => {
                self.check_selected(place, "EXPUNGE");
                self.check_expunge(place, false);
                if let Some(contradiction) = self.view.on_expunge(number.get()) {
                    self.contradiction(place, contradiction, Rule::ExpungeAboveExists);
                }
            }
            Data::Fetch(fetch) => self.fetch(place, fetch),
            // `(EARLIER)` tells of what was gone before; it changes no number.
            Data::Other { name, values, .. }
                if name.as_str().eq_ignore_ascii_case("VANISHED")
                    && values.first().is_none_or(|value| value.as_list().is_none()) =>
            {
                self.check_selected(place, "VANISHED");
                self.check_expunge(place, true);
                self.view.on_vanished(None);
            }
            Data::Other { .. } | _ => {}
        }
    }

    fn fetch(&mut self, place: Place, fetch: &FetchResponse) {
        self.check_selected(place, "FETCH");
        let uid = fetch
            .items
            .iter()
            .find_map(|item| if let MsgAtt::Uid(uid) = item { Some(uid.get()) } else { None });
        if let Some(contradiction) = self.view.on_fetch(fetch.seq.get(), uid) {
            let rule = match contradiction {
                Contradiction::Order(..) => Rule::UidsNotAscending,
                Contradiction::Uid(_) => Rule::UidChanged,
                Contradiction::Above(_) | Contradiction::Shrunk(_) | Contradiction::UidValidity(_) => {
                    Rule::NumberAboveExists
                }
            };
            self.contradiction(place, contradiction, rule);
        }
        // Flags may change by themselves; what never changes was asked for, here by UID FETCH.
        let asked = fetch.items.iter().any(|item| {
            !matches!(item, MsgAtt::Flags(_) | MsgAtt::Uid(_) | MsgAtt::Other { .. } | MsgAtt::Invalid(_))
        });
        let invalid = fetch.items.iter().any(|item| matches!(item, MsgAtt::Invalid(_)));
        let by_uid = self.pending.in_progress().next().is_some()
            && self.pending.in_progress().all(|command| &*command.name == "UID FETCH");
        if uid.is_none() && asked && !invalid && by_uid && self.both() {
            let message = format!("a FETCH response to UID FETCH has no UID (message {})", fetch.seq);
            self.violation(Rule::UidMissing, place, message);
        }
    }

    fn check_selected(&mut self, place: Place, what: &str) {
        if !self.both()
            || self.certainty != Certainty::Certain
            || self.state.is_selected()
            || self.state == State::Logout
            || self.pending.iter().any(InFlight::selects)
            || self.unread > 0
        {
            return;
        }
        let message = format!("{what} came in state {}", self.state);
        self.violation(Rule::DataOutsideSelected, place, message);
    }

    fn check_expunge(&mut self, place: Place, vanished: bool) {
        if !self.both() || self.notify || self.unread > 0 || !self.state.is_selected() {
            return;
        }
        let mut rule = Rule::ExpungeWithoutCommand;
        let mut during = None;
        for command in self.pending.in_progress() {
            rule = match &*command.name {
                _ if command.kind == Kind::Malformed => return,
                "FETCH" => Rule::ExpungeInFetch,
                "STORE" => Rule::ExpungeInStore,
                "SEARCH" => Rule::ExpungeInSearch,
                "SORT" => Rule::ExpungeInSort,
                "THREAD" => Rule::ExpungeInThread,
                _ => return,
            };
            during = Some(command);
        }
        let what = if vanished { "VANISHED" } else { "EXPUNGE" };
        let message = match during {
            Some(command) => format!("{what} came while {} {} was running", command.tag, command.name),
            None => format!("{what} came while no command was in progress"),
        };
        let rule = if vanished { Rule::VanishedOutOfPlace } else { rule };
        self.violation(rule, place, message);
    }

    fn contradiction(&mut self, place: Place, contradiction: Contradiction, rule: Rule) {
        // With a SELECT in flight it may be another mailbox; after a gap anything may have come between.
        if self.ambiguous || !self.options.server {
            return;
        }
        let message = match contradiction {
            Contradiction::Shrunk(before) => format!("EXISTS went down from {before} without EXPUNGE"),
            Contradiction::Above(most) => {
                format!("the message number is above the number of messages, {most}")
            }
            Contradiction::UidValidity(before) => {
                format!("UIDVALIDITY was {before} before, in the same mailbox")
            }
            Contradiction::Uid(before) => format!("the UID of this message was {before} before"),
            Contradiction::Order(number, uid) => {
                format!("the UID is out of order: message {number} has UID {uid}")
            }
        };
        self.violation(rule, place, message);
    }

    // ---- selection ----

    /// How many commands in flight select a mailbox.
    fn selects(&self) -> usize {
        self.pending.iter().filter(|command| command.selects()).count()
    }

    /// A SELECT was sent: what comes may be about the mailbox before it or about the next one.
    fn begin_select(&mut self) {
        self.ambiguous |=
            self.state.is_selected() || self.selects() > 0 || self.certainty == Certainty::Doubtful;
        self.view = View::default();
        self.selected_once = true;
    }

    fn end_select(&mut self, outcome: Outcome, ok: bool, before: State) {
        let more = self.selects() > 0;
        self.certainty = match outcome {
            // Whether a misunderstood SELECT leaves the mailbox is said nowhere.
            Outcome::Bad if before.is_selected() => Certainty::Doubtful,
            Outcome::Bad => self.certainty,
            Outcome::Ok | Outcome::OkReadOnly | Outcome::No => Certainty::Certain,
        };
        // What was said of the mailbox before may have been taken for this one: begin anew.
        if !ok || self.ambiguous {
            self.view = View::default();
        }
        self.ambiguous = more;
    }

    // ---- helpers ----

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

fn status_named(name: &str) -> Option<Status> {
    [("OK", Status::Ok), ("NO", Status::No), ("BAD", Status::Bad)]
        .into_iter()
        .find_map(|(word, status)| name.eq_ignore_ascii_case(word).then_some(status))
}

fn named(name: &str) -> &str {
    if name.is_empty() { "a command" } else { name }
}
