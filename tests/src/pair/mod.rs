//! A client session and a server session joined in memory, with an observer that listens to both directions.
//!
//! A case is a [`Setup`] and a list of [`Op`]s: what the user of the client, the owner of the server, other sessions and
//! the wire do, in any order. After each step what the sessions say is checked against what was done (`check.rs`). At the end
//! all that waits is let through, and nothing may be left over.

mod check;
mod commands;
mod owner;
mod plan;
mod store;

use std::{collections::BTreeMap, collections::VecDeque, sync::Arc, time::Duration};

use bytes::Bytes;
use imap_codec::Side;
use imap_fsm::{
    client::{self, Client, Handle},
    error::Misuse,
    observer::{self, Dialogue, Options},
    server::{self, Server},
    time::Time,
    violation::Rule,
};
use imap_types::{
    command::{AuthenticateData, CommandBody},
    response::StatusResponse,
};

pub use owner::{Fate, Got, Owner};
pub use plan::{Op, Setup};
pub use store::Store;

use crate::rng::Rng;

/// So many events, pieces and rounds are never needed in one go: there is a loop.
const MANY: usize = 20_000;

/// How often things happened: `SELECT OK`, `client Upload`.
pub type Tally = BTreeMap<String, usize>;

/// A command that the user submitted, and what became of it.
#[derive(Debug)]
pub struct Sent {
    /// The command.
    pub body: CommandBody,
    /// The payloads that the session asked for.
    pub uploaded: Vec<Vec<u8>>,
    /// The reply, or that there was none.
    pub end: Option<Result<StatusResponse, bool>>,
    /// Whether it was cancelled.
    pub cancelled: bool,
}

impl Sent {
    const fn new(body: CommandBody) -> Self {
        Self { body, uploaded: Vec::new(), end: None, cancelled: false }
    }
}

/// The two sessions, what is between them, and what is known of both.
#[derive(Debug)]
pub struct Pair {
    rng: Rng,
    now: Time,
    client: Client,
    server: Server,
    observer: Dialogue,
    /// Whether the observer stands beside the client; else beside the server.
    near_client: bool,
    lazy: bool,
    /// Whether the client asks for the capabilities where it does not know them.
    asks: bool,
    to_server: VecDeque<u8>,
    to_client: VecDeque<u8>,
    /// So much of it comes before the TLS that the client has not begun yet.
    clear: Option<usize>,
    sent: BTreeMap<Handle, Sent>,
    /// The challenges that wait for an answer.
    challenged: Option<Handle>,
    /// The answers that the user gave and the server has not received.
    answers: VecDeque<AuthenticateData>,
    /// The payload of the server that is being received.
    payload: Option<Vec<u8>>,
    /// Whether the last SELECT was BAD.
    doubt: bool,
    owner: Owner,
    /// The completions that the observer saw: tag and status.
    seen: Vec<String>,
    client_over: Option<client::End>,
    server_over: Option<server::End>,
    /// What went on, for failures.
    log: Vec<String>,
    /// How often what happened.
    tally: Tally,
}

impl Pair {
    /// Two sessions that are about to begin.
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        let now = Time::from_secs(1);
        let (client, server) = (Arc::new(setup.client.clone()), Arc::new(setup.server.clone()));
        let (client, server) = if setup.protected {
            (Client::protected(client, now), Server::protected(server, now))
        } else {
            (Client::new(client, now), Server::new(server, now))
        };
        Self {
            rng: Rng::new(setup.seed),
            now,
            client,
            server,
            observer: Dialogue::new(Options::default()),
            near_client: setup.near_client,
            lazy: setup.lazy,
            asks: setup.client.ask_capabilities,
            to_server: VecDeque::new(),
            to_client: VecDeque::new(),
            clear: None,
            sent: BTreeMap::new(),
            challenged: None,
            answers: VecDeque::new(),
            payload: None,
            doubt: false,
            owner: Owner::default(),
            seen: Vec::new(),
            client_over: None,
            server_over: None,
            log: Vec::new(),
            tally: Tally::new(),
        }
    }

    /// Plays a case to its end, and says what happened in it.
    ///
    /// # Panics
    /// Where something does not hold.
    pub fn play(setup: &Setup, ops: &[Op]) -> Tally {
        let mut pair = Self::new(setup);
        pair.server.greet(setup.greeting.clone(), pair.now).expect("nothing was sent before");
        pair.drain();
        for op in ops {
            pair.step(op);
        }
        pair.settle();
        pair.finish(setup);
        pair.tally
    }

    fn count(&mut self, what: String) {
        *self.tally.entry(what).or_default() += 1;
    }

    /// Does one thing and drains what comes of it.
    fn step(&mut self, op: &Op) {
        self.log.push(format!("{op:?}"));
        let now = self.now;
        // Whoever reacts has seen what there is to react to.
        if !matches!(
            op,
            Op::Send(_) | Op::ToServer(_) | Op::ToClient(_) | Op::Wait(_) | Op::Release | Op::Bye
        ) {
            self.drain();
        }
        match *op {
            Op::Send(seed) => self.send(&mut Rng::new(seed.into())),
            Op::ToServer(most) => self.deliver(Side::Client, most.into()),
            Op::ToClient(most) => self.deliver(Side::Server, most.into()),
            Op::Answer(seed) => self.owner.act(&mut self.server, &mut Rng::new(seed.into()), now),
            Op::Change(seed) => self.owner.change(&mut self.server, &mut Rng::new(seed.into()), now),
            Op::Done => self.done(),
            Op::Cancel(which) => self.cancel(which.into()),
            Op::Respond(seed) => self.respond(&mut Rng::new(seed.into())),
            Op::Upload(most) => self.upload(most.into()),
            Op::Wait(seconds) => self.wait(seconds.into()),
            Op::Note => {
                let note = StatusResponse::untagged(imap_types::response::Status::Ok, "still here");
                // Refused where nothing can be sent, which is said by an error and by nothing else.
                let _ = self.server.status(note.expect("the text is fine"), now);
            }
            Op::Release => {
                self.client.release_buffers();
                self.server.release_buffers();
            }
            // Refused where the session is over.
            Op::Bye => drop(self.server.bye(None, "enough", now)),
            Op::Misuse(seed) => self.misuse(&mut Rng::new(seed.into())),
            Op::Settle => self.settle(),
            Op::EndOfClient => {
                self.deliver(Side::Client, usize::MAX);
                self.server.handle_eof(now);
            }
            Op::EndOfServer => {
                self.deliver(Side::Server, usize::MAX);
                self.client.handle_eof(now);
                self.drain();
                self.server.handle_eof(now);
            }
        }
        self.drain_in_time();
    }

    /// Takes what there is, or leaves it for the next time.
    fn drain_in_time(&mut self) {
        if !self.lazy || self.rng.below(2) == 0 {
            self.drain();
        }
    }

    // ---- the user of the client ----

    fn send(&mut self, rng: &mut Rng) {
        let body = commands::choose(rng, &self.client);
        let before = format!("{:?}", self.client);
        match self.client.send(body.clone(), self.now) {
            Ok(handle) => {
                self.log.push(format!("  {handle}: {body:?}"));
                let twice = self.sent.insert(handle, Sent::new(body)).is_some();
                assert!(!twice, "{handle} was given out twice");
            }
            Err(misuse) => {
                self.log.push(format!("  {misuse}"));
                self.count(format!("misuse {}", first_word(&misuse)));
                assert_eq!(before, format!("{:?}", self.client), "{misuse} changed something");
            }
        }
    }

    /// A handle of a command that has no end yet.
    fn open(&self, which: usize) -> Option<Handle> {
        let open: Vec<Handle> =
            self.sent.iter().filter(|(_, sent)| sent.end.is_none()).map(|(handle, _)| *handle).collect();
        (!open.is_empty()).then(|| open[which % open.len()])
    }

    fn done(&mut self) {
        let idles = self.sent.iter().filter(|(_, sent)| sent.end.is_none() && sent.body == CommandBody::Idle);
        if let Some(handle) = idles.map(|(handle, _)| *handle).next() {
            // The server may have said BYE since: then nothing is sent any more.
            let done = self.client.done(handle, self.now);
            assert!(matches!(done, Ok(()) | Err(Misuse::Over)), "the IDLE is wanted: {done:?}");
        }
    }

    fn cancel(&mut self, which: usize) {
        let Some(handle) = self.open(which) else { return };
        let before = format!("{:?}", self.client);
        match self.client.cancel(handle, self.now) {
            Ok(()) => {
                self.count("cancelled".into());
                if self.challenged == Some(handle) {
                    self.challenged = None;
                    self.answers.push_back(AuthenticateData::Cancel);
                }
                if let Some(sent) = self.sent.get_mut(&handle) {
                    sent.cancelled = true;
                }
            }
            Err(_) => assert_eq!(before, format!("{:?}", self.client)),
        }
    }

    fn respond(&mut self, rng: &mut Rng) {
        let Some(handle) = self.challenged.take() else { return };
        let answer = if !self.owner.kind && rng.below(5) == 0 {
            AuthenticateData::Cancel
        } else {
            AuthenticateData::from(commands::bytes(rng, 20))
        };
        match self.client.authenticate(handle, answer.clone(), self.now) {
            Ok(()) => self.answers.push_back(answer),
            // The server may have said BYE since.
            Err(misuse) => assert_eq!(misuse, Misuse::Over, "a challenge waits"),
        }
    }

    fn upload(&mut self, most: usize) {
        let Some((handle, left)) = self.client.wants_upload() else { return };
        let sent = self.sent.get_mut(&handle).expect("the command is known");
        let payload = sent.uploaded.last_mut().expect("the session asked for it");
        let many = usize::try_from(left).expect("it is small").min(most);
        let piece: Vec<u8> = (0..many).map(|at| b'A' + ((payload.len() + at) % 26) as u8).collect();
        let rest = self.client.upload(handle, &Bytes::from(piece.clone()), self.now);
        if rest == Err(Misuse::Over) {
            return;
        }
        assert_eq!(rest, Ok(left - many as u64));
        payload.extend(piece);
    }

    fn wait(&mut self, seconds: u64) {
        self.now = self.now.after(Duration::from_secs(seconds));
        self.client.handle_timeout(self.now);
        self.server.handle_timeout(self.now);
        let due = |at: Option<(Time, _)>| at.is_some_and(|(at, _)| at <= self.now);
        assert!(!due(self.client.poll_timeout()), "a timer of the client does not stop");
        assert!(!due(self.server.poll_timeout()), "a timer of the server does not stop");
    }

    // ---- the wire ----

    /// Hands over up to `most` bytes that `from` sent.
    fn deliver(&mut self, from: Side, most: usize) {
        let (wire, most) = match from {
            Side::Client => (&mut self.to_server, most),
            Side::Server => (&mut self.to_client, most.min(self.clear.unwrap_or(most))),
        };
        let bytes: Vec<u8> = wire.drain(..most.min(wire.len())).collect();
        if bytes.is_empty() {
            return;
        }
        if from == Side::Server {
            self.clear = self.clear.map(|clear| clear - bytes.len());
        }
        let owned = self.rng.below(2) == 0;
        // Beside the receiver.
        if self.near_client == (from == Side::Server) {
            self.hear(from, &bytes);
        }
        match (from, owned) {
            (Side::Client, true) => self.server.handle_owned(Bytes::from(bytes), self.now),
            (Side::Client, false) => self.server.handle_bytes(&bytes, self.now),
            (Side::Server, true) => self.client.handle_owned(Bytes::from(bytes), self.now),
            (Side::Server, false) => self.client.handle_bytes(&bytes, self.now),
        }
        self.drain_in_time();
    }

    fn hear(&mut self, from: Side, bytes: &[u8]) {
        match from {
            Side::Client => self.observer.client_bytes(bytes),
            Side::Server => self.observer.server_bytes(bytes),
        }
        while let Some(event) = self.observer.poll_event() {
            match event {
                observer::Event::Violation(violation) => {
                    self.fail(&format!("the observer found: {violation:?}"));
                }
                observer::Event::Completed(completed) => {
                    self.seen.push(format!("{} {:?}", completed.tag.as_str(), completed.status));
                }
                observer::Event::Note(_) => self.observer.inflated(),
                _ => {}
            }
        }
    }

    /// Takes all that the sessions have to say and to send, until they are silent.
    fn drain(&mut self) {
        for _ in 0..MANY {
            let mut silent = true;
            while let Some(event) = self.client.poll_event() {
                silent = false;
                self.of_client(event);
            }
            while let Some(bytes) = self.client.poll_transmit() {
                silent = false;
                self.log.push(format!("  C: {}", crate::wire::show(&bytes)));
                if self.near_client {
                    self.hear(Side::Client, &bytes);
                }
                self.to_server.extend(bytes);
            }
            // What is to be done is known before the bytes are sent: then the owner waits for the peer.
            if let Some(event) = self.client.poll_event() {
                self.fail(&format!("{event:?} came of sending"));
            }
            while let Some(event) = self.server.poll_event() {
                silent = false;
                self.of_server(event);
            }
            while let Some(bytes) = self.server.poll_transmit() {
                silent = false;
                self.log.push(format!("  S: {}", crate::wire::show(&bytes)));
                if !self.near_client {
                    self.hear(Side::Server, &bytes);
                }
                self.to_client.extend(bytes);
            }
            if silent {
                return;
            }
        }
        self.fail("the sessions never fall silent");
    }

    fn of_client(&mut self, event: client::Event) {
        self.log.push(format!("  client: {event:?}"));
        self.count(format!("client {}", first_word(&event)));
        match event {
            client::Event::Completed { handle, reply } => self.end_of(handle, Ok(reply)),
            client::Event::Aborted { handle, written, .. } => self.end_of(handle, Err(written)),
            client::Event::Challenge { handle, challenge } => {
                let told = self.owner.challenges.pop_front();
                let data = challenge.challenge.as_ref().map(|data| data.expose().as_bytes().to_vec());
                assert_eq!(data.unwrap_or_default(), told.expect("the owner sent one"));
                self.challenged = Some(handle);
            }
            client::Event::Upload { handle, size } => {
                assert_eq!(self.client.wants_upload(), Some((handle, size)));
                self.sent.get_mut(&handle).expect("the command is known").uploaded.push(Vec::new());
            }
            client::Event::Data { data, .. } => {
                self.count(format!("* {}", data.name()));
                self.received(&data);
            }
            client::Event::StreamBegin { .. } => self.payload = Some(Vec::new()),
            client::Event::Chunk(bytes) => self.payload.as_mut().expect("a stream began").extend(bytes),
            client::Event::StreamEnd => {
                let payload = self.payload.take().expect("a stream began");
                assert_eq!(Some(payload), self.owner.payloads.pop_front());
            }
            client::Event::StreamAborted => assert!(self.payload.take().is_some()),
            client::Event::StartTls(token) => {
                self.client.tls_up(token, self.now);
                self.clear = None;
            }
            client::Event::Compress(token) => {
                let unread = token.unread().clone();
                self.client.compression_up(token, self.now);
                self.client.handle_owned(unread, self.now);
            }
            client::Event::Ended(end) => {
                self.count(format!("client ends: {end:?}"));
                assert!(self.client_over.replace(end).is_none(), "the client ends twice");
            }
            client::Event::Violation(violation) => self.fail(&format!("the client found: {violation:?}")),
            client::Event::Malformed { error, .. } => self.fail(&format!("the client cannot read: {error}")),
            client::Event::Tolerated { deviations, .. } => {
                self.fail(&format!("the client tolerated: {deviations:?}"));
            }
            _ => {}
        }
    }

    fn of_server(&mut self, event: server::Event) {
        self.log.push(format!("  server: {event:?}"));
        self.count(format!("server {}", first_word(&event)));
        match event {
            server::Event::StartTls(token) => {
                self.clear = Some(self.to_client.len());
                self.server.tls_up(token, self.now);
            }
            server::Event::Compress(token) => {
                let unread = token.unread().clone();
                self.server.compression_up(token, self.now);
                self.server.handle_owned(unread, self.now);
            }
            server::Event::Ended(end) => {
                self.count(format!("server ends: {end:?}"));
                assert!(self.server_over.replace(end).is_none(), "the server ends twice");
            }
            server::Event::Violation(violation) if !self.asks && is_unasked(violation.rule) => {}
            server::Event::Violation(violation) => self.fail(&format!("the server found: {violation:?}")),
            server::Event::Malformed { ref error, .. } if !self.sent.values().any(|sent| sent.cancelled) => {
                self.fail(&format!("the server cannot read: {error:?}"));
            }
            server::Event::Tolerated { deviations, .. } => {
                self.fail(&format!("the server tolerated: {deviations:?}"));
            }
            server::Event::AuthenticateData { id, ref data } => {
                self.check_answer(id, data);
                self.owner.take(event);
            }
            event => self.owner.take(event),
        }
    }

    // ---- the end ----

    /// Lets everything through until nothing moves, and checks that both sides agree.
    fn settle(&mut self) {
        self.owner.kind = true;
        let lazy = std::mem::take(&mut self.lazy);
        for _ in 0..MANY {
            self.drain();
            if self.server_over.is_some() {
                self.deliver(Side::Server, usize::MAX);
                self.client.handle_eof(self.now);
                self.drain();
            }
            if self.client_over.is_some() {
                self.deliver(Side::Client, usize::MAX);
                self.server.handle_eof(self.now);
                self.drain();
            }
            let mut rng = self.rng.clone();
            self.rng.number();
            if !self.to_server.is_empty() {
                self.deliver(Side::Client, 1 + rng.below(200));
            } else if !self.to_client.is_empty() {
                self.deliver(Side::Server, 1 + rng.below(200));
            } else if self.challenged.is_some() {
                self.respond(&mut rng);
            } else if self.client.wants_upload().is_some() {
                self.upload(5000);
            } else if self.owner.is_busy() {
                self.owner.act(&mut self.server, &mut rng, self.now);
            } else {
                self.owner.kind = false;
                self.lazy = lazy;
                return self.check_quiet();
            }
        }
        self.fail("the pair never settles");
    }

    /// After a NOOP the client knows the mailbox as it is.
    fn catch_up(&mut self) {
        if !self.client.state().is_selected() || self.client_over.is_some() {
            return;
        }
        let noop =
            self.client.send(CommandBody::Noop, self.now).expect("NOOP is valid, and nothing is in flight");
        self.sent.insert(noop, Sent::new(CommandBody::Noop));
        self.settle();
        self.check_store();
    }

    /// Ends the session in one of its ways, and checks that nothing is left.
    fn finish(&mut self, setup: &Setup) {
        self.catch_up();
        if self.client_over.is_none() && self.server_over.is_none() {
            match setup.seed % 3 {
                0 => {
                    let logout = self.client.send(CommandBody::Logout, self.now);
                    self.sent.insert(logout.expect("LOGOUT is always valid"), Sent::new(CommandBody::Logout));
                }
                1 => {
                    self.server.handle_eof(self.now);
                    self.drain();
                    self.client.handle_eof(self.now);
                }
                _ => {
                    self.client.handle_eof(self.now);
                    self.drain();
                    self.server.handle_eof(self.now);
                }
            }
        }
        self.settle();
        self.check_over();
    }

    fn fail(&self, what: &str) -> ! {
        panic!("{what}\n{}", self.log.join("\n"))
    }
}

/// The name of a variant.
fn first_word(value: &impl std::fmt::Debug) -> String {
    let shown = format!("{value:?}");
    shown.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default().into()
}

/// Whether a client that does not ask for the capabilities may break the rule.
const fn is_unasked(rule: Rule) -> bool {
    matches!(rule, Rule::IdleNotAdvertised | Rule::LoginDisabled)
}
