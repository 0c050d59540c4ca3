//! A server's session: bytes in, commands out; replies in, bytes out.
//!
//! # The loop
//!
//! A [`Server`] does no I/O. Its owner gives it what happens, and after each such call drains what comes of it: first
//! [events](Server::poll_event) until there is none, then [bytes to send](Server::poll_transmit) until there are none. If
//! there were any, it begins again with the events: a switch to TLS, or a command behind a full
//! [backlog](Config::backlog), waits for the bytes before it. Only then it waits itself, no longer than until
//! [`poll_timeout`](Server::poll_timeout).
//!
//! ```
//! use std::{collections::VecDeque, sync::Arc};
//! use imap_fsm::{server::{Config, Event, Reply, Server}, time::Time};
//! use imap_types::{command::CommandBody, response::Greeting};
//!
//! // Stands for the client behind a socket.
//! let mut socket = VecDeque::from([&b"a1 LOGIN joe {6}\r\n"[..], b"sesame\r\na2 NO", b"OP\r\na3 FETCH 1 FLAGS\r\na4 LOGOUT\r\n"]);
//! let mut sent = Vec::new();
//!
//! let mut config = Config::new(["IMAP4rev1"])?;
//! config.require_tls = false; // a test on this machine
//! let mut server = Server::new(Arc::new(config), Time::ZERO);
//! server.greet(Greeting::ok("ready")?, Time::ZERO)?;
//! 'session: loop {
//!     while let Some(event) = server.poll_event() {
//!         match event {
//!             Event::Command { id, command } => match command.body {
//!                 CommandBody::Login { user, password } if password.expose().as_bytes() == b"sesame" => {
//!                     server.set_user(user.as_str());
//!                     server.complete(id, Reply::ok("welcome")?, Time::ZERO)?;
//!                 }
//!                 CommandBody::Noop => server.complete(id, Reply::ok("nothing happened")?, Time::ZERO)?,
//!                 _ => server.complete(id, Reply::no("not here")?, Time::ZERO)?,
//!             },
//!             Event::Ended(_) => break 'session,
//!             _ => {}
//!         }
//!     }
//!     let before = sent.len();
//!     while let Some(bytes) = server.poll_transmit() {
//!         sent.extend_from_slice(&bytes); // write to the socket
//!     }
//!     if sent.len() > before {
//!         continue; // what waited for that may go on
//!     }
//!     match socket.pop_front() {
//!         Some(bytes) => server.handle_bytes(bytes, Time::ZERO),
//!         None => server.handle_eof(Time::ZERO),
//!     }
//! }
//! while let Some(bytes) = server.poll_transmit() {
//!     sent.extend_from_slice(&bytes);
//! }
//! let expected = "* OK [CAPABILITY IMAP4rev1] ready\r\n\
//!     + go ahead\r\n\
//!     a1 OK [CAPABILITY IMAP4rev1] welcome\r\n\
//!     a2 OK nothing happened\r\n\
//!     a3 BAD FETCH is not valid in the state authenticated\r\n\
//!     * BYE logging out\r\n\
//!     a4 OK LOGOUT completed\r\n";
//! assert_eq!(String::from_utf8(sent)?, expected);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What each call may do
//!
//! | Call | May lead to |
//! |---|---|
//! | [`handle_bytes`](Server::handle_bytes), [`handle_owned`](Server::handle_owned) | events, bytes to send |
//! | [`handle_eof`](Server::handle_eof) | the end, once what was received is answered |
//! | [`handle_timeout`](Server::handle_timeout) | BYE and the end, or [`Event::Due`] |
//! | [`data`](Server::data), [`status`](Server::status), [`challenge`](Server::challenge), [`payload`](Server::payload), [`select`](Server::select), [`complete`](Server::complete), [`update`](Server::update) | bytes to send, events (the next command), or [`Misuse`], which changes nothing |
//! | [`accept`](Server::accept), [`refuse`](Server::refuse) | bytes to send, events |
//! | [`tls_up`](Server::tls_up), [`compression_up`](Server::compression_up) | events |
//!
//! [`Server::poll_event`] does the work, up to the next event. Commands that were sent ahead stay bytes until their turn, so a
//! slow owner costs no more than what it reads from the socket: it is to read only while [`Server::wants_bytes`].
//!
//! What is sent is [judged](crate::violation::Rule) before it is: the session refuses what the protocol forbids at that
//! moment, such as EXPUNGE during FETCH, data outside of a mailbox, OK to SELECT without EXISTS, a second reply.

use alloc::{boxed::Box, collections::VecDeque, string::String, sync::Arc, vec::Vec};

use bytes::Bytes;
use imap_codec::{
    Side,
    frame::{FrameError, Framer, FramerOptions},
    limits::Limits,
};
use imap_types::{
    atom::Tag,
    capability::{Capability, names},
    code::Code,
    command::Command,
    response::{Greeting, GreetingKind},
    string::Text,
};

use crate::{
    capabilities::Capabilities,
    error::Misuse,
    flow::{authenticate::is_plaintext, switch::Switch, writing::Writing},
    mailbox::View,
    observer::Options,
    outbox::Outbox,
    permit::Effect,
    reader::Reader,
    state::{State, table},
    time::Time,
    timer::{TimerKind, Timers},
    track::Tracker,
    violation::Place,
};

mod check;
mod config;
mod event;
mod input;
mod output;
mod park;
mod select;
mod updates;

pub use config::{Authorize, Config, Request};
pub use event::{Compress, End, Event, Id, Malformed, Reply, StartTls};
pub use select::Selected;
pub use updates::Update;
use updates::Updates;

/// A server's side of a connection. See the [module](self).
pub struct Server {
    config: Arc<Config>,
    phase: Phase,
    protected: bool,
    eof: bool,
    compressed: bool,
    /// Whether the first byte of the client was looked at.
    started: bool,
    /// Whether the client may have been told of numbers that changed, while commands of it were on their way: those begin
    /// before this byte.
    renumbered: u64,
    /// How many bytes of the client were handed in.
    received: u64,
    now: Time,
    user: Option<Box<str>>,
    tracker: Tracker,
    framer: Reader,
    ids: u64,
    /// The commands that were handed over and have no reply.
    commands: VecDeque<Active>,
    /// A command that was read and waits for those in flight.
    held: Option<Box<Held>>,
    /// Whether a literal waits for the commands in flight: they decide what becomes of its command.
    literal_waits: bool,
    /// What may still come of a LOGIN or AUTHENTICATE that is over.
    late: Late,
    /// What is taken of the command that is being received: see [`Receiving`].
    receiving: Option<Box<Receiving>>,
    /// A response whose payload the owner is sending.
    writing: Option<Box<Writing>>,
    /// A message that was given up and is being skipped: how it is to be answered at its end.
    broken: Option<Box<Broken>>,
    updates: Option<Box<Updates>>,
    bad: u32,
    events: VecDeque<Event>,
    outbox: Outbox,
    timers: Timers,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The greeting was not sent.
    Greeting,
    Running,
    /// STARTTLS or COMPRESS is OK, but not sent yet.
    Draining(Switch),
    /// The stream changes, as soon as its owner says so.
    Switching(Switch),
    Over,
}

/// What may still come of a LOGIN or AUTHENTICATE that is over, as the next line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Late {
    #[default]
    Nothing,
    /// The rest of the credentials, from a client that does not wait for what it is told.
    Secret,
    /// The answer to a challenge, which was on its way.
    Answer,
}

/// A command without its reply.
#[derive(Debug)]
struct Active {
    id: Id,
    tag: Tag,
    /// The row of its name.
    row: &'static table::Command,
    effect: Effect,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Its owner replies.
    Plain,
    /// The session replies once `DONE` comes.
    Idle,
    /// Whether a challenge waits for its answer.
    Authenticate(bool),
}

/// A command that waits for those in flight.
#[derive(Debug)]
struct Held {
    id: Id,
    command: Command,
    place: Place,
    /// Whether the owner heard of it.
    told: bool,
}

/// A command of which a literal was seen.
#[derive(Debug)]
struct Receiving {
    id: Id,
    tag: Tag,
    /// Where the literal stands that waits for the owner, if one does.
    asked: Option<u64>,
    /// Whether its payload comes in chunks.
    streaming: bool,
    /// Whether the owner heard of it.
    told: bool,
    /// Whether it was read up to a literal, and allowed so far.
    known: bool,
    /// How often that was tried.
    tried: u8,
}

impl Receiving {
    const fn new(id: Id, tag: Tag) -> Self {
        Self { id, tag, asked: None, streaming: false, told: false, known: false, tried: 0 }
    }

    /// Whether the command is to be read up to the literal at which it stands now: until that was done once, for each
    /// that its owner decides about, and for those at which the client waits. Not for each of a thousand small ones.
    fn looks_again(&mut self, name: Option<&str>, large: bool, waits: bool) -> bool {
        /// The literals before the message that are not one: the name of the mailbox, and parts of an extension.
        const TRIES: u8 = 3;
        /// The messages at which a client waits, of one command.
        const WAITS: u8 = 64;
        let may_hold_message = matches!(name, Some("APPEND" | "REPLACE" | "UID REPLACE"));
        let again = may_hold_message
            && (large || (!self.known && self.tried < TRIES) || (waits && self.tried < WAITS));
        self.tried = self.tried.saturating_add(u8::from(again));
        again
    }
}

/// How a message that is being skipped is to be answered.
#[derive(Debug)]
struct Broken {
    tag: Option<Tag>,
    name: Option<Box<str>>,
    /// `None` where it was answered already.
    reply: Option<Reply>,
    /// Whether it was refused, and not bad.
    refused: bool,
}

impl core::fmt::Debug for Server {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Server")
            .field("phase", &self.phase)
            .field("state", &self.state())
            .field("protected", &self.protected)
            .field("commands", &self.commands)
            .field("outbox", &self.outbox)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// A session on a connection that was accepted, and is not protected by TLS.
    #[must_use]
    pub fn new(config: Arc<Config>, now: Time) -> Self {
        let mut timers = Timers::default();
        timers.start(TimerKind::Authentication, now, config.authentication_timeout);
        timers.start(TimerKind::Autologout, now, config.autologout);
        let mut server = Self {
            config,
            phase: Phase::Greeting,
            protected: false,
            eof: false,
            compressed: false,
            started: false,
            renumbered: 0,
            received: 0,
            now,
            user: None,
            tracker: Tracker::new(Options::default()),
            framer: Reader::default(),
            ids: 0,
            commands: VecDeque::new(),
            held: None,
            literal_waits: false,
            late: Late::Nothing,
            receiving: None,
            writing: None,
            broken: None,
            updates: None,
            bad: 0,
            events: VecDeque::new(),
            outbox: Outbox::default(),
            timers,
        };
        server.refresh();
        server
    }

    /// A session on a connection that TLS protects from its first byte (RFC 8314), or that needs no protection: a pipe.
    #[must_use]
    pub fn protected(config: Arc<Config>, now: Time) -> Self {
        let mut server = Self { protected: true, ..Self::new(config, now) };
        server.refresh();
        server
    }

    // ---- what happens ----

    /// The client sent these bytes, which are copied once.
    pub fn handle_bytes(&mut self, bytes: &[u8], now: Time) {
        self.hear(bytes, now);
        if self.takes_bytes(bytes) {
            self.reader().push(bytes);
        }
    }

    /// The client sent these bytes, which are not copied: what is decoded shares them.
    pub fn handle_owned(&mut self, bytes: Bytes, now: Time) {
        self.hear(&bytes, now);
        if self.takes_bytes(&bytes) {
            self.reader().push_bytes(bytes);
        }
    }

    /// The client closed its side, or the connection is lost. What was received is still handed over; the session ends once
    /// nothing is in flight. An owner that cannot send any more just drops the session.
    pub fn handle_eof(&mut self, now: Time) {
        self.advance_clock(now);
        self.eof = true;
    }

    /// It is `now`: as late as [`Server::poll_timeout`] asked for, or earlier, which does nothing.
    pub fn handle_timeout(&mut self, now: Time) {
        self.advance_clock(now);
        if self.phase == Phase::Over {
            return;
        }
        if self.timers.take_due(TimerKind::Authentication, now) {
            return self.say_bye(None, "authentication took too long", End::TimedOut);
        }
        if self.timers.take_due(TimerKind::Autologout, now) {
            // Who waits for us is not idle.
            if self
                .commands
                .iter()
                .any(|active| matches!(active.kind, Kind::Plain | Kind::Authenticate(false)))
            {
                return self.timers.start(TimerKind::Autologout, now, self.config.autologout);
            }
            return self.say_bye(None, "idle for too long", End::TimedOut);
        }
        if self.timers.take_due(TimerKind::Literal, now) {
            self.events.push_back(Event::Due(TimerKind::Literal));
        }
    }

    // ---- the connection ----

    /// Sends the greeting: OK, PREAUTH for a client that is authenticated otherwise, or BYE. The capabilities are added
    /// where it has no code.
    ///
    /// # Errors
    /// Where it was sent before.
    pub fn greet(&mut self, greeting: Greeting, now: Time) -> Result<(), Misuse> {
        self.advance_clock(now);
        if self.phase != Phase::Greeting {
            return Err(Misuse::Greeting);
        }
        let mut greeting = greeting;
        if greeting.code.is_none() && greeting.kind != GreetingKind::Bye {
            greeting.code =
                Some(Code::Capability(self.capability_list(greeting.kind == GreetingKind::PreAuth)));
        }
        let encoded = imap_codec::encode_greeting(&greeting, &self.encode_profile())?;
        self.outbox.push(&encoded.to_bytes());
        self.tracker.server_greeting(&greeting);
        self.phase = Phase::Running;
        match greeting.kind {
            GreetingKind::Ok => {}
            GreetingKind::PreAuth => self.authenticated(),
            GreetingKind::Bye => self.end(End::Bye),
        }
        Ok(())
    }

    /// Says BYE and ends the session. Where BYE cannot be said, in the middle of a payload or of a change to TLS or
    /// compression, the session just ends.
    ///
    /// # Errors
    /// Where it is over.
    pub fn bye(&mut self, code: Option<Code>, text: &str, now: Time) -> Result<(), Misuse> {
        self.advance_clock(now);
        if self.phase == Phase::Over {
            return Err(Misuse::Over);
        }
        let text = Text::try_from(text)?;
        self.put_bye(code, text);
        self.end(End::Bye);
        Ok(())
    }

    /// Who logged in, for [`Request::user`].
    pub fn set_user(&mut self, user: Option<&str>) {
        self.user = user.map(Box::from);
    }

    /// TLS is up, after [`Event::StartTls`]. Everything that was said without it is forgotten: the session is as new.
    pub fn tls_up(&mut self, token: StartTls, now: Time) {
        let StartTls { sealed: () } = token;
        self.advance_clock(now);
        if self.phase == Phase::Switching(Switch::Tls) {
            self.phase = Phase::Running;
            self.protected = true;
            self.bad = 0;
            self.user = None;
            self.refresh();
        }
    }

    /// Compression is up, after [`Event::Compress`]: from now on the session is given what the bytes inflate to.
    pub fn compression_up(&mut self, token: Compress, now: Time) {
        let Compress { sealed: (), unread: _ } = token;
        self.advance_clock(now);
        if self.phase == Phase::Switching(Switch::Compress) {
            self.phase = Phase::Running;
            self.compressed = true;
            self.refresh();
        }
    }

    /// Releases the memory of buffers that hold nothing; worth it when a client idles.
    pub fn release_buffers(&mut self) {
        self.framer.shrink();
        self.outbox.shrink();
        self.events.shrink_to_fit();
        self.commands.shrink_to_fit();
        self.updates.take_if(|updates| updates.is_empty());
        self.tracker.shrink();
    }

    // ---- what comes of it ----

    /// The next event; `None` where there is none before something else happens.
    pub fn poll_event(&mut self) -> Option<Event> {
        let mut event = None;
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            if !self.read(&mut event) {
                return None;
            }
            if event.is_some() {
                return event;
            }
        }
    }

    /// The next bytes to send; `None` where there are none before something else happens. They count as sent.
    pub fn poll_transmit(&mut self) -> Option<Bytes> {
        self.outbox.poll()
    }

    /// When to call [`Server::handle_timeout`], and what for.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<(Time, TimerKind)> {
        if self.phase == Phase::Over {
            return None;
        }
        self.timers.next(&[TimerKind::Authentication, TimerKind::Autologout, TimerKind::Literal])
    }

    /// Whether more bytes of the client are of use now. While a command has no reply, or much waits to be sent, what comes
    /// is only kept.
    #[must_use]
    pub fn wants_bytes(&self) -> bool {
        self.phase != Phase::Over && (self.may_read() || self.framer.is_idle())
    }

    // ---- what is known ----

    /// The state of the session.
    #[must_use]
    pub const fn state(&self) -> State {
        self.tracker.state()
    }

    /// What is advertised at this moment, and what the client enabled.
    #[must_use]
    pub const fn capabilities(&self) -> &Capabilities {
        self.tracker.capabilities()
    }

    /// The selected mailbox as the client knows it; `None` where there is none.
    #[must_use]
    pub fn mailbox(&self) -> Option<&View> {
        self.tracker.state().is_selected().then_some(self.tracker.view())
    }

    /// The tag of a command in flight, for logs.
    #[must_use]
    pub fn tag(&self, id: Id) -> Option<&Tag> {
        self.commands.iter().find(|active| active.id == id).map(|active| &active.tag)
    }

    /// Whether TLS protects the connection.
    #[must_use]
    pub const fn is_protected(&self) -> bool {
        self.protected
    }

    /// The capabilities to tell now, as in the answer to CAPABILITY.
    #[must_use]
    pub fn advertised(&self) -> Vec<Capability> {
        self.capability_list(self.state() != State::NotAuthenticated)
    }

    // ---- inside ----

    /// Whether commands are at hand that were not handed over yet, or parts of one.
    fn is_behind(&self) -> bool {
        self.held.is_some() || !self.framer.is_idle()
    }

    fn advance_clock(&mut self, now: Time) {
        self.now = self.now.max(now);
    }

    fn hear(&mut self, bytes: &[u8], now: Time) {
        self.advance_clock(now);
        if !bytes.is_empty() {
            self.received = self.received.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            //= rfc3501#section-5.4
            //# The receipt of ANY command from the client during that interval SHOULD suffice to reset the
            //# autologout timer.
            self.timers.start(TimerKind::Autologout, self.now, self.config.autologout);
            if self.timers.is_running(TimerKind::Literal) {
                self.timers.start(TimerKind::Literal, self.now, self.config.literal_timeout);
            }
        }
    }

    /// The limits in this state.
    fn limits(&self) -> Limits {
        match self.state() {
            State::NotAuthenticated => self.config.limits_before,
            State::Authenticated | State::Selected(_) | State::Logout => self.config.decode.limits,
        }
    }

    fn reader(&mut self) -> &mut Framer {
        let limits = self.limits();
        let config = &self.config;
        self.framer.ready(|| {
            let options = FramerOptions::new(&config.decode);
            let stream_above = config.upload_above;
            Framer::new(Side::Client, FramerOptions { limits, stream_above, ..options })
        })
    }

    fn capability_list(&self, authenticated: bool) -> Vec<Capability> {
        let needs_tls = self.config.require_tls && !self.protected;
        let mut list: Vec<Capability> = Vec::with_capacity(self.config.capabilities.len());
        for capability in &self.config.capabilities {
            //= rfc9051#section-6.1.1
            //# Client and server implementations MUST implement the STARTTLS (Section 6.2.1) and
            //# LOGINDISABLED capabilities on cleartext ports.
            //= rfc9051#section-6.2.1
            //# The server MAY advertise different capabilities and, in particular, SHOULD NOT advertise the
            //# STARTTLS capability, after a successful STARTTLS command.
            //= rfc9051#section-7.2.2
            //# Client and server implementations MUST implement the capabilities "AUTH=PLAIN" (described in
            //# [PLAIN]), and MUST implement "STARTTLS" and "LOGINDISABLED" on the cleartext port.
            //= rfc9051#section-11.2
            //# If the server listens on a cleartext port, it MUST allow the STARTTLS command on it.
            let told = if capability.is(names::STARTTLS) {
                !self.protected && !authenticated
            } else if capability.is(names::LOGINDISABLED) {
                !authenticated
            } else if capability.is(names::COMPRESS_DEFLATE) {
                !self.compressed
            } else if let Some(mechanism) = capability.auth_mechanism() {
                //= rfc9051#section-6.2.2
                //# The server SHOULD list its supported authentication mechanisms in the response to the
                //# CAPABILITY command so that the client knows which authentication mechanisms to use.
                !(authenticated || (needs_tls && is_plaintext(mechanism)))
            } else {
                true
            };
            if told {
                list.push(capability.clone());
            }
        }
        let disabled = list.iter().any(|capability| capability.is(names::LOGINDISABLED));
        //= rfc9051#section-6.2.3
        //# Unless the client is accessing IMAP service on an Implicit TLS port [RFC8314], the STARTTLS
        //# command has been negotiated, or some other mechanism that protects the session from password
        //# snooping has been provided, a server implementation MUST implement a configuration in which it
        //# advertises the LOGINDISABLED capability and does NOT permit the LOGIN command.
        if needs_tls && !authenticated && !disabled {
            // OK because the name is an atom.
            list.extend(Capability::try_from(names::LOGINDISABLED));
        }
        list
    }

    /// What is advertised is others now.
    fn refresh(&mut self) {
        let list = self.advertised();
        self.tracker.advertise(&list);
    }

    /// The client is authenticated: its limits widen.
    fn authenticated(&mut self) {
        self.framer.set_limits(self.config.decode.limits);
        self.timers.stop(TimerKind::Authentication);
        self.bad = 0;
        self.refresh();
    }

    /// The client is not authenticated any more.
    fn unauthenticated(&mut self) {
        self.framer.set_limits(self.config.limits_before);
        self.timers.start(TimerKind::Authentication, self.now, self.config.authentication_timeout);
        self.user = None;
        self.updates = None;
        self.refresh();
    }

    /// What was read and answered, for logs: nothing of it reaches the client.
    fn note_malformed(&mut self, error: FrameError) {
        let place = Place::new(error.offset, 0);
        self.events.push_back(Event::Malformed { place, error: Malformed::Frame(error) });
    }
}

/// Texts of replies hold names of commands, which came from the client.
fn named(name: &str, rest: &str) -> Text {
    let mut text = String::from(name);
    text.push_str(rest);
    Text::try_from(text.as_str()).unwrap_or_default()
}
