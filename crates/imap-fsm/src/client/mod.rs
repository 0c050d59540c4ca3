//! A client's session: commands in, bytes out; bytes in, events out.
//!
//! # The loop
//!
//! A [`Client`] does no I/O. Its owner gives it what happens, and after each such call drains what comes of it: first
//! [events](Client::poll_event) until there is none, then [bytes to send](Client::poll_transmit) until there are none. If
//! there were any, it begins again with the events. Only then it waits itself, no longer than until
//! [`poll_timeout`](Client::poll_timeout).
//!
//! ```
//! use std::{collections::VecDeque, sync::Arc};
//! use imap_fsm::{client::{Client, Config, Event, Tls}, time::Time};
//! use imap_types::{command::CommandBody, response::Data};
//!
//! // Stands for the server behind a socket: what it sends next, once it has read a line.
//! let mut socket = VecDeque::from([
//!     &b"* PREAUTH [CAPABILITY IMAP4rev2] ready\r\n"[..],
//!     b"* FLAGS (\\Seen)\r\n* 3 EXISTS\r\na1 OK [READ-WRITE] done\r\n",
//!     b"* BYE see you\r\na2 OK bye\r\n",
//! ]);
//! let (mut sent, mut sizes) = (Vec::new(), Vec::new());
//!
//! let mut config = Config::default();
//! config.tls = Tls::Optional;
//! let mut client = Client::new(Arc::new(config), Time::ZERO);
//! let select = client.send(CommandBody::select("INBOX")?, Time::ZERO)?;
//! 'session: loop {
//!     while let Some(event) = client.poll_event() {
//!         match event {
//!             Event::Data { data: Data::Exists(size), of } if of == Some(select) => sizes.push(size),
//!             Event::Completed { handle, .. } if handle == select => {
//!                 client.send(CommandBody::Logout, Time::ZERO)?;
//!             }
//!             Event::Ended(_) => break 'session,
//!             _ => {}
//!         }
//!     }
//!     let before = sent.len();
//!     while let Some(bytes) = client.poll_transmit() {
//!         sent.extend_from_slice(&bytes); // write to the socket
//!     }
//!     if sent.len() > before {
//!         continue; // what waited for that may go on
//!     }
//!     // Wait for the socket, or until `client.poll_timeout()`, and then say so.
//!     match socket.pop_front() {
//!         Some(bytes) => client.handle_bytes(bytes, Time::ZERO),
//!         None => client.handle_eof(Time::ZERO),
//!     }
//! }
//! assert_eq!(sent, b"a1 SELECT INBOX\r\na2 LOGOUT\r\n");
//! assert_eq!(sizes, [3]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What each call may do
//!
//! | Call | May lead to |
//! |---|---|
//! | [`handle_bytes`](Client::handle_bytes), [`handle_owned`](Client::handle_owned) | events, bytes to send, timers |
//! | [`handle_eof`](Client::handle_eof) | the end: [`Event::Aborted`] for each open command, then [`Event::Ended`] |
//! | [`handle_timeout`](Client::handle_timeout) | [`Event::Due`], or bytes to send (IDLE is renewed) |
//! | [`send`](Client::send), [`idle`](Client::idle), [`done`](Client::done), [`cancel`](Client::cancel), [`authenticate`](Client::authenticate), [`upload`](Client::upload) | bytes to send, or [`Misuse`], which changes nothing |
//! | [`tls_up`](Client::tls_up), [`compression_up`](Client::compression_up) | bytes to send that waited |
//!
//! [`Client::poll_event`] does the work: it reads no further than to the next event, so what is not polled costs no memory
//! but the bytes that were handed in. A command that is submitted waits until it may be sent; what [`Client::send`] checks is
//! checked again then. An event that does not come means that the thing did not happen: each event says when it is not sent.
//!
//! # What is kept
//!
//! The session state, capabilities, the commands in flight, the view of the selected mailbox. No message, flag or list: data
//! is handed over as it comes and not collected. [`Client::release_buffers`] makes an idle session small.

use alloc::{boxed::Box, collections::VecDeque, sync::Arc};

use bytes::Bytes;
use imap_codec::{
    DecodeOptions, Mode, Side,
    frame::{Framer, FramerOptions},
};
use imap_types::{
    atom::Tag,
    command::{AuthenticateData, ClientMessage, Command, CommandBody},
    sequence::UidSet,
};

use crate::{
    capabilities::Capabilities,
    error::Misuse,
    flow::{
        authenticate::Authenticate,
        idle::{self, Idle},
        standing::{Standing, Standings},
        switch::Switch,
        writing::{Stop, Writing},
    },
    mailbox::View,
    observer::Options,
    outbox::Outbox,
    permit::Traits,
    reader::Reader,
    route::Wanted,
    state::State,
    tag::Tags,
    time::Time,
    timer::{TimerKind, Timers},
    track::Tracker,
};

mod check;
mod config;
mod event;
mod input;
mod output;
mod park;

pub use config::{Blocked, Config, LiteralForm, StrayReply, Tls};
pub use event::{Abort, Compress, End, Event, Handle, Malformed, StartTls};
pub(crate) use park::resume_idle;

/// A client's side of a connection. See the [module](self).
#[derive(Debug)]
pub struct Client {
    config: Arc<Config>,
    phase: Phase,
    /// Whether the bytes are protected by TLS.
    protected: bool,
    /// Whether the server will send no more.
    eof: bool,
    /// Whether compression is on: it can be begun once.
    compressed: bool,
    now: Time,
    /// How many bytes of the server were read.
    heard: u64,
    /// How many were handed in.
    received: u64,
    tracker: Tracker,
    framer: Reader,
    tags: Tags,
    /// How many handles were given out.
    handles: u64,
    /// In the order in which they were submitted.
    commands: VecDeque<Box<Open>>,
    /// The command that is being written: its handle, and what is left of it.
    writing: Option<Box<(u64, Writing)>>,
    idle: Option<Idle>,
    authenticate: Option<Box<Authenticate>>,
    standing: Standings,
    /// Whether a payload of the server is being streamed.
    streaming: bool,
    events: VecDeque<Event>,
    outbox: Outbox,
    timers: Timers,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The greeting has not come.
    Greeting,
    Running,
    /// The stream changes, as soon as its owner says so.
    Switching(Switch),
    /// The server said BYE: nothing is sent any more.
    Bye,
    Over,
}

/// A command between its submission and its reply.
#[derive(Debug)]
struct Open {
    handle: u64,
    tag: Tag,
    traits: Traits,
    stage: Stage,
    /// Which messages it is about.
    wanted: Option<Wanted>,
    /// What it leaves behind once it was carried out.
    standing: Option<Standing>,
    /// When it was written.
    sent_at: Time,
    /// How many bytes of the server had been handed in then: its reply is none of these.
    heard_before: u64,
    /// Whether its owner hears of it.
    silent: bool,
}

#[derive(Debug)]
enum Stage {
    /// It waits for its turn.
    Queued(Box<Command>),
    /// It is being written.
    Writing(Box<Command>),
    /// It was written to its end.
    Written,
}

impl Client {
    /// A session on a connection that is about to begin, and is not protected by TLS: STARTTLS may follow.
    #[must_use]
    pub fn new(config: Arc<Config>, now: Time) -> Self {
        let mut timers = Timers::default();
        timers.start(TimerKind::Greeting, now, config.greeting_timeout);
        Self {
            config,
            phase: Phase::Greeting,
            protected: false,
            eof: false,
            compressed: false,
            now,
            heard: 0,
            received: 0,
            tracker: Tracker::new(Options::default()),
            framer: Reader::default(),
            tags: Tags::after(0),
            handles: 0,
            commands: VecDeque::new(),
            writing: None,
            idle: None,
            authenticate: None,
            standing: Standings::default(),
            streaming: false,
            events: VecDeque::new(),
            outbox: Outbox::default(),
            timers,
        }
    }

    /// A session on a connection that TLS protects from its first byte (RFC 8314), or that needs no protection: a pipe.
    #[must_use]
    pub fn protected(config: Arc<Config>, now: Time) -> Self {
        Self { protected: true, ..Self::new(config, now) }
    }

    // ---- what happens ----

    /// The server sent these bytes, which are copied once.
    pub fn handle_bytes(&mut self, bytes: &[u8], now: Time) {
        self.hear(bytes.len(), now);
        if self.takes_bytes(!bytes.is_empty()) {
            self.reader().push(bytes);
        }
    }

    /// The server sent these bytes, which are not copied: what is decoded shares them.
    pub fn handle_owned(&mut self, bytes: Bytes, now: Time) {
        self.hear(bytes.len(), now);
        if self.takes_bytes(!bytes.is_empty()) {
            self.reader().push_bytes(bytes);
        }
    }

    /// The server closed its side, or the connection is lost. What was received is still read; then every open command and
    /// stream ends.
    pub fn handle_eof(&mut self, now: Time) {
        self.advance_clock(now);
        self.eof = true;
    }

    /// It is `now`: as late as [`Client::poll_timeout`] asked for, or earlier, which does nothing.
    pub fn handle_timeout(&mut self, now: Time) {
        self.advance_clock(now);
        if self.phase == Phase::Over {
            return;
        }
        if self.timers.take_due(TimerKind::IdleRenew, now)
            && let Some(idle) = &mut self.idle
        {
            idle.interrupted = true;
        }
        for kind in [TimerKind::Greeting, TimerKind::Reply, TimerKind::Literal] {
            if self.timers.take_due(kind, now) {
                self.events.push_back(Event::Due(kind));
                if kind == TimerKind::Reply {
                    self.forget_late();
                }
            }
        }
    }

    // ---- what the owner wants ----

    /// Submits a command. It is sent as soon as it may be: with others in flight where that is allowed, after them where
    /// not ([`Config::blocked`]).
    ///
    /// AUTHENTICATE may have its initial response whatever the server advertises: without SASL-IR it is sent as the answer
    /// to the first challenge.
    ///
    /// # Errors
    /// Where it can't be sent, now or later; what only the capabilities to come decide is found out when its turn comes.
    pub fn send(&mut self, body: CommandBody, now: Time) -> Result<Handle, Misuse> {
        self.advance_clock(now);
        if matches!(body, CommandBody::Idle) {
            return self.idle(now);
        }
        self.check(&body)?;
        let handle = self.next_handle();
        self.submit(body, handle, false)?;
        Ok(Handle(handle))
    }

    /// Begins IDLE as soon as nothing is in flight (RFC 9051 section 6.3.13), and keeps it up until [`Client::done`]: it is
    /// renewed every [`Config::idle_renew`], and interrupted for any command that is sent meanwhile. Whatever the server
    /// tells comes as [`Event::Data`].
    ///
    /// # Errors
    /// As [`Client::send`]; and where IDLE is wanted already.
    pub fn idle(&mut self, now: Time) -> Result<Handle, Misuse> {
        self.advance_clock(now);
        self.check(&CommandBody::Idle)?;
        if self.idle.is_some() {
            return Err(Misuse::Conflict(crate::permit::Conflict::Last("IDLE".into())));
        }
        let handle = self.next_handle();
        self.idle = Some(Idle::new(handle));
        Ok(Handle(handle))
    }

    /// Ends IDLE. It is [completed](Event::Completed) with the server's reply, or [aborted](Event::Aborted) where it was not
    /// begun yet.
    ///
    /// # Errors
    /// Where `handle` is no IDLE that is wanted.
    pub fn done(&mut self, handle: Handle, now: Time) -> Result<(), Misuse> {
        self.advance_clock(now);
        self.may_go_on()?;
        let idle = self.idle.as_mut().filter(|idle| idle.handle == handle.0).ok_or(Misuse::Handle)?;
        idle.stopped = true;
        if idle.phase == idle::Phase::Wanted {
            self.idle = None;
            self.events.push_back(Event::Aborted { handle, written: false, why: Abort::Cancelled });
        }
        Ok(())
    }

    /// Answers the challenge of AUTHENTICATE: with bytes (which may be none), or by giving up.
    ///
    /// # Errors
    /// Where no challenge of `handle` waits.
    pub fn authenticate(
        &mut self,
        handle: Handle,
        answer: impl Into<AuthenticateData>,
        now: Time,
    ) -> Result<(), Misuse> {
        self.advance_clock(now);
        self.may_go_on()?;
        let flow = self.authenticate.as_mut().filter(|flow| flow.handle == handle.0).ok_or(Misuse::Handle)?;
        if !flow.take_turn() {
            return Err(Misuse::NotChallenged);
        }
        self.write_line(&ClientMessage::AuthenticateData(answer.into()))
    }

    /// Hands over a piece of the payload that an [`Event::Upload`] asked for; so many more bytes are wanted after it. It is
    /// passed on by [`Client::poll_transmit`] without a copy where it is large.
    ///
    /// # Errors
    /// Where no payload of `handle` is wanted now, or not so much.
    pub fn upload(&mut self, handle: Handle, piece: &Bytes, now: Time) -> Result<u64, Misuse> {
        self.advance_clock(now);
        self.may_go_on()?;
        let writing = self.writing.as_mut().filter(|writing| writing.0 == handle.0).ok_or(Misuse::Handle)?;
        writing.1.stream(piece, &mut self.outbox).map_err(|left| Misuse::Payload { left })
    }

    /// Cancels a command, where the protocol can.
    ///
    /// - One that waits is not sent, and is [aborted](Event::Aborted).
    /// - One that waits for the `+` of a literal, or whose payload is being uploaded, is made unreadable: what was announced
    ///   is filled with spaces and followed by what no command has, so that the server refuses it.
    /// - AUTHENTICATE is given up with `*`, IDLE ends as with [`Client::done`].
    /// - NOTIFY that was carried out is followed by `NOTIFY NONE`, a SEARCH that was to be updated by CANCELUPDATE.
    ///
    /// Those that were sent are completed with the server's reply.
    ///
    /// # Errors
    /// Where `handle` is no command that is open, or the protocol has no way.
    pub fn cancel(&mut self, handle: Handle, now: Time) -> Result<(), Misuse> {
        self.advance_clock(now);
        self.may_go_on()?;
        if self.idle.is_some_and(|idle| idle.handle == handle.0) {
            return self.done(handle, now);
        }
        if let Some(end) = self.standing.end_of(handle.0) {
            self.check(&end)?;
            self.standing.remove(handle.0);
            let silent = self.next_handle();
            return self.submit(end, silent, true);
        }
        let at = self.commands.iter().position(|open| open.handle == handle.0).ok_or(Misuse::Handle)?;
        let Some(open) = self.commands.get(at) else { return Err(Misuse::Handle) };
        match open.stage {
            Stage::Queued(_) => {
                self.commands.remove(at);
                self.events.push_back(Event::Aborted { handle, written: false, why: Abort::Cancelled });
                Ok(())
            }
            Stage::Writing(_) => {
                if let Some(writing) = &mut self.writing {
                    writing.1.give_up(&mut self.outbox);
                }
                Ok(())
            }
            Stage::Written if self.authenticate.as_ref().is_some_and(|flow| flow.is_challenged()) => {
                self.authenticate(handle, AuthenticateData::Cancel, now)
            }
            Stage::Written => Err(Misuse::NotCancellable(open.traits.name.clone())),
        }
    }

    /// TLS is up, after [`Event::StartTls`]. What was learned without its protection is forgotten.
    pub fn tls_up(&mut self, token: StartTls, now: Time) {
        let StartTls { sealed: () } = token;
        self.advance_clock(now);
        if self.phase == Phase::Switching(Switch::Tls) {
            self.phase = Phase::Running;
            self.protected = true;
            //= rfc9051#section-6.2.1
            //# SHOULD reissue the CAPABILITY command.
            self.ask_capabilities();
        }
    }

    /// Compression is up, after [`Event::Compress`]: from now on the session is given what the bytes inflate to.
    pub fn compression_up(&mut self, token: Compress, now: Time) {
        let Compress { sealed: (), unread: _ } = token;
        self.advance_clock(now);
        if self.phase == Phase::Switching(Switch::Compress) {
            self.phase = Phase::Running;
            self.compressed = true;
        }
    }

    /// Releases the memory of buffers that hold nothing; worth it before a long IDLE.
    pub fn release_buffers(&mut self) {
        self.framer.shrink();
        self.outbox.shrink();
        self.events.shrink_to_fit();
        self.commands.shrink_to_fit();
        self.tracker.shrink();
    }

    // ---- what comes of it ----

    /// The next event; `None` where there is none before something else happens.
    pub fn poll_event(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            if !self.read() {
                // A command that cannot be sent, or whose payload is to be uploaded, is an event.
                self.write();
                if self.events.is_empty() {
                    return None;
                }
            }
        }
    }

    /// The next bytes to send; `None` where there are none before something else happens. They count as sent.
    pub fn poll_transmit(&mut self) -> Option<Bytes> {
        self.write();
        self.outbox.poll()
    }

    /// When to call [`Client::handle_timeout`], and what for.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<(Time, TimerKind)> {
        if self.phase == Phase::Over {
            return None;
        }
        self.timers.next(&[TimerKind::Greeting, TimerKind::IdleRenew, TimerKind::Reply, TimerKind::Literal])
    }

    // ---- what is known ----

    /// The state of the session, after the last event.
    #[must_use]
    pub const fn state(&self) -> State {
        self.tracker.state()
    }

    /// What the server advertises, and what was enabled.
    #[must_use]
    pub const fn capabilities(&self) -> &Capabilities {
        self.tracker.capabilities()
    }

    /// Keeps the result of a SEARCH RETURN (SAVE) as `$` (RFC 9051 section 6.4.4.1), where the owner knows it, from
    /// `S: * ESEARCH (TAG "a1") UID ALL 7,9`: [`View::messages`] of a set with `$` names these from then on. Messages that
    /// are expunged leave it by themselves.
    ///
    /// # Errors
    /// Where no mailbox is selected.
    pub fn save(&mut self, found: &UidSet) -> Result<(), Misuse> {
        if !self.state().is_selected() {
            return Err(Misuse::State { name: "a saved result".into(), state: self.state() });
        }
        self.tracker.view_mut().save(found);
        Ok(())
    }

    /// The selected mailbox; `None` where there is none.
    #[must_use]
    pub fn mailbox(&self) -> Option<&View> {
        //= rfc9051#section-11.3
        //# Unless explicitly allowed by an IMAP extension, when not in selected state, clients MUST ignore
        //# responses / response codes related to message and mailbox status such as FLAGS, EXIST, EXPUNGE,
        //# and FETCH.
        self.tracker.state().is_selected().then_some(self.tracker.view())
    }

    /// The tag of a command that is open, for logs. That of IDLE changes when it is renewed, and it has none before it is
    /// sent.
    #[must_use]
    pub fn tag(&self, handle: Handle) -> Option<&Tag> {
        self.commands.iter().find(|open| open.handle == handle.0).map(|open| &open.tag)
    }

    /// Whether TLS protects the connection.
    #[must_use]
    pub const fn is_protected(&self) -> bool {
        self.protected
    }

    /// The payload that is to be uploaded now: of which command, and how many bytes are still wanted. None once the server
    /// has said BYE.
    #[must_use]
    pub fn wants_upload(&self) -> Option<(Handle, u64)> {
        self.may_go_on().ok()?;
        let (handle, writing) = &**self.writing.as_ref()?;
        match writing.stop() {
            Stop::Stream(left) if left > 0 => Some((Handle(*handle), left)),
            Stop::None | Stop::Continuation(_) | Stop::Stream(_) => None,
        }
    }

    // ---- inside ----

    fn advance_clock(&mut self, now: Time) {
        self.now = self.now.max(now);
    }

    fn reader(&mut self) -> &mut Framer {
        let config = &self.config;
        self.framer.ready(|| {
            let options = FramerOptions::new(&config.decode);
            Framer::new(Side::Server, FramerOptions { stream_above: config.stream_above, ..options })
        })
    }

    /// Whether anything may still be sent.
    const fn may_go_on(&self) -> Result<(), Misuse> {
        match self.phase {
            Phase::Bye | Phase::Over => Err(Misuse::Over),
            Phase::Greeting | Phase::Running | Phase::Switching(_) => Ok(()),
        }
    }

    /// The server is not silent.
    fn hear(&mut self, len: usize, now: Time) {
        self.advance_clock(now);
        self.received = self.received.saturating_add(u64::try_from(len).unwrap_or(u64::MAX));
        if len > 0 && self.timers.is_running(TimerKind::Literal) {
            self.timers.start(TimerKind::Literal, self.now, self.config.literal_timeout);
        }
    }

    fn next_handle(&mut self) -> u64 {
        self.handles = self.handles.saturating_add(1);
        self.handles
    }

    /// Queues a command that may be sent some time.
    fn submit(&mut self, body: CommandBody, handle: u64, silent: bool) -> Result<(), Misuse> {
        let tag = self.tags.next(&self.config.tag_prefix)?;
        self.commands.push_back(Box::new(Open {
            handle,
            tag: tag.clone(),
            traits: Traits::of(&body),
            wanted: Wanted::of(&body),
            standing: Standing::of(&body),
            stage: Stage::Queued(Box::new(Command { tag, body })),
            sent_at: Time::NEVER,
            heard_before: 0,
            silent,
        }));
        Ok(())
    }

    fn ask_capabilities(&mut self) {
        // One that waits behind others comes too late for them.
        let mut soon = self
            .commands
            .iter()
            .filter(|open| matches!(open.stage, Stage::Queued(_)) || &*open.traits.name == "CAPABILITY");
        let asked = soon.next().is_some_and(|open| &*open.traits.name == "CAPABILITY");
        let known = self.tracker.capabilities().advertises("IMAP4rev1").is_some();
        let handle = self.next_handle();
        if self.config.ask_capabilities
            && !asked
            && !known
            && self.submit(CommandBody::Capability, handle, true).is_ok()
        {
            // It goes before what waits: that may rest on the answer.
            if let Some(ask) = self.commands.pop_back() {
                let at = self.commands.iter().position(|open| matches!(open.stage, Stage::Queued(_)));
                self.commands.insert(at.unwrap_or(self.commands.len()), ask);
            }
        }
    }

    /// How the server is read now.
    fn decode_options(&self) -> DecodeOptions {
        let mut options = self.config.decode.clone();
        if options.mode == Mode::Any && self.tracker.capabilities().modes().rev2 {
            options.mode = Mode::Rev2;
        }
        options
    }
}
