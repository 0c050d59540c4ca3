//! Traces: what a session does, written like the protocol.
//!
//! A trace is one session of a client or a server, with everything that its owner and its peer do, and everything that
//! comes of it. What is not listed must not come: after each turn all events and all bytes are drained and compared.
//! Each trace runs with each turn of the peer in one read, line by line, byte by byte and at seeded cuts, and the events
//! and bytes are the same every time.
//!
//! ```text
//! # A command is sent, and its data is told to belong to it.
//! role: client
//! state: selected
//!
//! send a2 FETCH 1 FLAGS
//! pass * 1 FETCH (FLAGS (\Seen)) -> a2
//! pass a2 OK done
//! ```
//!
//! # Header
//!
//! Lines `key: value` up to the first that is none. `#` begins a comment line.
//!
//! | key | meaning |
//! |---|---|
//! | `role` | `client` or `server`: the session under test; the peer is the trace |
//! | `state` | where it starts, after a [`prelude`]: `new` (no greeting yet), `not-authenticated` (the default), `authenticated`, `selected`, `read-only` |
//! | `protected` | whether TLS is there from the start: `yes` (the default) or `no` |
//! | `tls` | the policy: `required` (the default), `credentials`, `optional` |
//! | `capabilities` | what the server can do; default `IMAP4rev1`; `unknown` for a client that is not told |
//! | `enable` | what the prelude enables |
//! | `cuts` | `no` where the peer's reads are part of the case: each `in` is one read |
//! | others | switches of the configuration, by their name with hyphens: `stream-above`, `reply-timeout` (seconds)... |
//!
//! # Lines
//!
//! | line | meaning |
//! |---|---|
//! | `in TEXT` | the peer sends this line; CRLF is added |
//! | `in~ TEXT` | the same without CRLF: a piece of a line |
//! | `out TEXT`, `out~ TEXT` | the session sends this |
//! | `out* TEXT` | the session sends a line that begins so |
//! | `event TEXT` | the session tells its owner this: see [`client`] and [`server`] for the texts |
//! | `pause` | what the peer sends next is another read than what it sent before |
//! | `do CALL` | the owner calls: see [`client`] and [`server`] |
//! | `misuse CALL => TEXT` | the same, refused with this [`Misuse`], and nothing comes of it |
//! | `pass TEXT` | `in` and `event` of one text: a message passes through. ` -> tag` at the end belongs to the event |
//! | `send TEXT` | `do` and `out` of one text |
//! | `time +29m` | the clock goes on (`s` or `m`); timers that are due on the way fire in order |
//! | `timer KIND +29m`, `timer none` | the session wants to be woken then, for that |
//! | `eof` | the peer closes its side |
//! | `state NAME` | the state is this now |
//! | `exists N`, `exists unknown`, `exists none` | how many messages the selected mailbox has; `none` where none is selected |
//! | `wants yes`, `wants no` | whether more bytes of the peer are wanted |
//! | `capability NAME yes`, `no`, `unknown` | whether it is advertised, to the session's knowledge |
//! | `never TEXT` | no event of the whole trace begins so |
//!
//! TEXT has the escapes of [`wire::bytes`](crate::wire), but a backslash before a capital letter, `*` or `"` is
//! a backslash, so that `\Seen` is written as on the wire.
//!
//! A turn is a call of the owner, a step of time, or a run of lines of the peer (`in`, `pass`); `out` after `in` ends it, as
//! a peer waits for what it asked for. Within a turn events are compared in order, and bytes in order; how the two are
//! mixed is for the reader.

use std::{fs, path::Path, time::Duration};

use imap_codec::Side;
use imap_fsm::{
    error::Misuse,
    observer::{Dialogue, Event, Options},
    state::State,
    time::Time,
    timer::TimerKind,
    violation::Rule,
};

use crate::{rng::Rng, wire::show};

pub mod client;
mod message;
mod notation;
pub mod prelude;
pub mod server;

use notation::{Action, Turn};
pub use notation::{Header, Trace};

/// A session under test.
pub trait Session {
    /// The peer sends bytes; `owned` where they are handed over and not copied.
    fn bytes(&mut self, bytes: &[u8], owned: bool, now: Time);
    /// The peer closes its side.
    fn eof(&mut self, now: Time);
    /// Time has come.
    fn timeout(&mut self, now: Time);
    /// When it wants to be woken.
    fn timer(&self) -> Option<(Time, TimerKind)>;
    /// A call of the owner.
    ///
    /// # Errors
    /// Where the notation is wrong, outside; the refusal of the call, inside.
    fn call(&mut self, call: &[u8], now: Time) -> Result<Result<(), Misuse>, String>;
    /// The next event, as a trace writes it.
    fn event(&mut self) -> Option<Vec<u8>>;
    /// The next bytes to send.
    fn transmit(&mut self) -> Option<Vec<u8>>;
    /// The state.
    fn state(&self) -> State;
    /// The messages of the selected mailbox, outside where one is selected, inside where that is known.
    fn exists(&self) -> Option<Option<u32>>;
    /// Whether a capability is advertised.
    fn advertises(&self, name: &str) -> Option<bool>;
    /// Whether it wants more bytes of the peer; a client always does.
    fn wants_bytes(&self) -> bool {
        true
    }
    /// The owner answers what is open, because the peer is gone.
    fn settle(&mut self, now: Time);
    /// Whether every command and stream that the owner heard of has ended, once.
    ///
    /// # Errors
    /// Which has not.
    fn accounts(&self) -> Result<(), String>;
}

/// How the bytes of the peer are cut into reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cuts {
    /// Each turn is one read.
    Turns,
    /// Each line is one read.
    Lines,
    /// Each byte is one read.
    Bytes,
    /// By this seed.
    Seed(u64),
}

/// A trace file.
///
/// # Errors
/// Where it cannot be read, with the line.
pub fn load(path: &Path) -> Result<Trace, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    Trace::parse(&text)
}

/// Runs a trace in all cuts.
///
/// # Errors
/// The first that differs: the line of its turn, what was expected and what came.
pub fn run(trace: &Trace, name: &str) -> Result<(), String> {
    let mut rng = Rng::of(name);
    let mut cuts = vec![Cuts::Lines];
    if trace.header.cuts {
        cuts.extend([Cuts::Turns, Cuts::Bytes]);
        cuts.extend((0..4).map(|_| Cuts::Seed(rng.number())));
    }
    for cuts in cuts {
        run_cut(trace, cuts).map_err(|what| format!("{cuts:?}: {what}"))?;
    }
    Ok(())
}

/// Runs a trace once.
///
/// # Errors
/// As [`run`].
pub fn run_cut(trace: &Trace, cuts: Cuts) -> Result<(), String> {
    let mut runner = Runner::new(&trace.header, cuts)?;
    let prelude = prelude::of(&trace.header)?;
    runner.all(&prelude).map_err(|what| format!("prelude: {what}"))?;
    runner.all(&trace.turns)?;
    if let Some(broken) = runner.broken.first() {
        return Err(format!("the session broke a rule: {broken}"));
    }
    for (line, never) in &trace.never {
        if let Some(event) = runner.events.iter().find(|event| event.starts_with(never)) {
            return Err(format!("line {line}: this came: {}", show(event)));
        }
    }
    Ok(())
}

/// Runs a trace up to so many bytes of the peer; then the peer is gone. Every command and stream has to end once, and the
/// session after them.
///
/// # Errors
/// What did not end, or ended twice.
pub fn run_short(trace: &Trace, bytes: usize) -> Result<(), String> {
    let mut runner = Runner::new(&trace.header, Cuts::Bytes)?;
    runner.all(&prelude::of(&trace.header)?)?;
    runner.left = Some(bytes);
    for turn in &trace.turns {
        if runner.left == Some(0) && matches!(turn.action, Action::In(_)) {
            break;
        }
        // Calls that rest on what does not come any more are none.
        let _ = runner.turn(turn);
    }
    runner.end().map_err(|what| format!("after {bytes} bytes: {what}"))
}

/// Runs a trace with lines of `noise` between those of the peer, and within them, as `seed` says. Whatever comes of it, every
/// command and stream has to end once, and the session after them.
///
/// # Errors
/// What did not end, or ended twice.
pub fn run_noisy(trace: &Trace, noise: &[&str], seed: u64) -> Result<(), String> {
    let mut rng = Rng::new(seed);
    let mut tags = 0;
    let mut runner = Runner::new(&trace.header, Cuts::Lines)?;
    runner.all(&prelude::of(&trace.header)?)?;
    for turn in &trace.turns {
        if rng.below(3) == 0 {
            let line = noise.get(rng.below(noise.len())).copied().unwrap_or_default();
            // No tag is used twice: replies could not be told apart.
            tags += 2;
            let line = line.replace("x1 ", &format!("x{tags} ")).replace("x2 ", &format!("x{} ", tags + 1));
            let bytes = notation::unescape(&line)?;
            // Some are cut, and end in what the trace sends next.
            let len = if rng.below(4) == 0 { rng.below(bytes.len()) } else { bytes.len() };
            runner.read(&bytes[..len]);
        }
        let _ = runner.turn(turn);
    }
    runner.end().map_err(|what| format!("noise of seed {seed}: {what}"))
}

impl Runner {
    /// The peer is gone, and the owner answers what is open: everything ends, once.
    fn end(mut self) -> Result<(), String> {
        self.session.eof(self.now);
        self.drain();
        for _ in 0..64 {
            self.session.settle(self.now);
            self.drain();
        }
        let fail = |what: String| {
            let events: String = self.events.iter().map(|event| format!("\n    {}", show(event))).collect();
            Err(format!("{what}; the events{events}\nthe wire\n    {}", self.wire.join("\n    ")))
        };
        // Who listens to a client that keeps no order cannot always tell its payload from its commands.
        // That LOGIN is disabled may be told when LOGIN is on its way.
        let guessed = ["unknown-tag", "reply-repeated", "continuation-not-awaited", "login-disabled"];
        let is_sure = |rule: &&String| !guessed.iter().any(|guess| rule.contains(&format!("({guess},")));
        if let Some(broken) = self.broken.iter().find(is_sure) {
            return fail(format!("the session broke a rule: {broken}"));
        }
        if let Err(what) = self.session.accounts() {
            return fail(what);
        }
        let ends = self.events.iter().filter(|event| event.starts_with(b"ended ")).count();
        if ends != 1 || !self.events.last().is_some_and(|event| event.starts_with(b"ended ")) {
            return fail(format!("it ended {ends} times, or went on after that"));
        }
        Ok(())
    }
}

/// A session in the middle of a trace.
pub struct Runner {
    /// The session.
    pub session: Box<dyn Session>,
    /// What the clock says.
    pub now: Time,
    cuts: Cuts,
    rng: Rng,
    reads: usize,
    /// How many bytes the peer still sends; `None` for all.
    left: Option<usize>,
    /// Who is under test.
    side: Side,
    /// Hears both sides, up to where the stream changes.
    observer: Option<Dialogue>,
    /// What went over the wire.
    wire: Vec<String>,
    /// What the session did that the observer takes for a violation of the protocol.
    broken: Vec<String>,
    /// All events so far.
    pub events: Vec<Vec<u8>>,
    /// All bytes so far.
    pub sent: Vec<u8>,
}

impl Runner {
    /// A session that has just begun.
    ///
    /// # Errors
    /// Where the header is wrong.
    pub fn new(header: &Header, cuts: Cuts) -> Result<Self, String> {
        let session: Box<dyn Session> = match &*header.role {
            "client" => Box::new(client::Driver::new(header)?),
            "server" => Box::new(server::Driver::new(header)?),
            other => return Err(format!("no role: {other:?}")),
        };
        let seed = if let Cuts::Seed(seed) = cuts { seed } else { 0 };
        Ok(Self {
            session,
            now: Time::ZERO,
            cuts,
            rng: Rng::new(seed),
            reads: 0,
            left: None,
            side: if header.role == "client" { Side::Client } else { Side::Server },
            observer: Some(Dialogue::new(Options::default())),
            wire: Vec::new(),
            broken: Vec::new(),
            events: Vec::new(),
            sent: Vec::new(),
        })
    }

    /// Does what the turns say, and compares.
    ///
    /// # Errors
    /// The first difference.
    pub fn all(&mut self, turns: &[Turn]) -> Result<(), String> {
        for turn in turns {
            let (events, sent) = (self.events.len(), self.sent.len());
            let done = self.turn(turn);
            let at = format!("line {}", turn.line);
            done.map_err(|what| format!("{at}: {what}"))?;
            compare("events", &merged(&turn.events), &merged(&self.events[events..]))
                .map_err(|what| format!("{at}: {what}"))?;
            let sent = &self.sent[sent..];
            if !turn.sends(sent) {
                return Err(format!("{at}: bytes\n  expected {}\n  came     {}", turn.shown(), show(sent)));
            }
        }
        Ok(())
    }

    fn turn(&mut self, turn: &Turn) -> Result<(), String> {
        match &turn.action {
            Action::In(lines) => match self.cuts {
                Cuts::Turns => self.read(&lines.concat()),
                Cuts::Lines => lines.iter().for_each(|line| self.read(line)),
                Cuts::Bytes => lines.concat().chunks(1).for_each(|byte| self.read(byte)),
                Cuts::Seed(_) => {
                    let bytes = lines.concat();
                    let mut rest = &bytes[..];
                    while !rest.is_empty() {
                        let most = if self.rng.below(4) == 0 { rest.len() } else { rest.len().min(12) };
                        let (piece, after) = rest.split_at(1 + self.rng.below(most));
                        self.read(piece);
                        rest = after;
                    }
                }
            },
            Action::Do(call) => {
                let now = self.now;
                self.session.call(call, now)?.map_err(|misuse| format!("misuse: {misuse}"))?;
            }
            Action::Misuse(call, expected) => match self.session.call(call, self.now)? {
                Ok(()) => return Err(format!("is no misuse ({expected})")),
                Err(misuse) if misuse.to_string() != *expected => {
                    return Err(format!("misuse\n  expected {expected}\n  came     {misuse}"));
                }
                Err(_) => {}
            },
            Action::Time(after) => self.advance(*after),
            Action::Timer(expected) => {
                let timer = self.session.timer().map(|(at, kind)| (at.since(self.now), kind));
                if timer != *expected {
                    return Err(format!("timer\n  expected {expected:?}\n  is       {timer:?}"));
                }
            }
            Action::Eof => self.session.eof(self.now),
            Action::State(name) => {
                let state = self.session.state().full_name();
                if state != name {
                    return Err(format!("the state is {state}, and not {name}"));
                }
            }
            Action::Exists(expected) => {
                let exists = match self.session.exists() {
                    None => "none".to_owned(),
                    Some(None) => "unknown".to_owned(),
                    Some(Some(number)) => number.to_string(),
                };
                if exists != *expected {
                    return Err(format!("exists {exists}, and not {expected}"));
                }
            }
            Action::Wants(expected) => {
                let wants = self.session.wants_bytes();
                if wants != *expected {
                    return Err(format!("it wants bytes: {wants}"));
                }
            }
            Action::Capability(name, expected) => {
                let known = match self.session.advertises(name) {
                    None => "unknown",
                    Some(true) => "yes",
                    Some(false) => "no",
                };
                if known != expected {
                    return Err(format!("{name} is advertised: {known}, and not {expected}"));
                }
            }
        }
        self.drain();
        Ok(())
    }

    /// The peer's bytes, in one read.
    pub fn read(&mut self, bytes: &[u8]) {
        if let Some(left) = &mut self.left {
            if *left == 0 {
                return;
            }
            *left = left.saturating_sub(bytes.len());
        }
        self.reads += 1;
        let owned = matches!(self.cuts, Cuts::Seed(_)) && self.reads.is_multiple_of(2);
        self.observe(bytes, false);
        self.session.bytes(bytes, owned, self.now);
        self.drain();
    }

    /// The clock goes on, with a stop at each timer.
    pub fn advance(&mut self, after: Duration) {
        let end = self.now + after;
        while let Some((at, _)) = self.session.timer().filter(|(at, _)| *at <= end) {
            self.now = self.now.max(at);
            self.session.timeout(self.now);
            self.drain();
        }
        self.now = end;
        self.session.timeout(end);
        self.drain();
    }

    /// Shows the observer what went over the wire, and notes what it has against the session.
    fn observe(&mut self, bytes: &[u8], ours: bool) {
        let from_client = ours == (self.side == Side::Client);
        self.wire.push(format!("{}: {}", if from_client { 'C' } else { 'S' }, show(bytes)));
        let Some(observer) = &mut self.observer else { return };
        if from_client {
            observer.client_bytes(bytes);
        } else {
            observer.server_bytes(bytes);
        }
        let mut changes = false;
        while let Some(event) = observer.poll_event() {
            match event {
                Event::Violation(violation) if violation.by() == self.side => {
                    self.broken.push(violation.to_string())
                }
                Event::Note(_) => changes = true,
                // Whether that is payload or the next command is up to the server.
                Event::Violation(violation) if violation.rule == Rule::LiteralBeforeContinuation => {
                    changes = true
                }
                _ => {}
            }
        }
        if changes && self.broken.is_empty() {
            self.observer = None;
        }
    }

    /// Takes all that came of it, as the loop in the documentation of the sessions does.
    pub fn drain(&mut self) {
        loop {
            while let Some(event) = self.session.event() {
                if event.starts_with(b"malformed") && self.side == Side::Client {
                    // What cannot be read may count for one as a reply, and not for the other.
                    self.observer = None;
                }
                self.events.push(event);
            }
            let before = self.sent.len();
            while let Some(bytes) = self.session.transmit() {
                self.observe(&bytes, true);
                self.sent.extend_from_slice(&bytes);
            }
            if before == self.sent.len() {
                return;
            }
        }
    }
}

/// Chunks of one payload are one, however they were cut.
fn merged(events: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut merged: Vec<Vec<u8>> = Vec::with_capacity(events.len());
    for event in events {
        let piece = event.strip_prefix(b"chunk ");
        match (piece, merged.last_mut().filter(|last| last.starts_with(b"chunk "))) {
            (Some(piece), Some(last)) => last.extend_from_slice(piece),
            _ => merged.push(event.clone()),
        }
    }
    merged
}

fn compare(what: &str, expected: &[Vec<u8>], came: &[Vec<u8>]) -> Result<(), String> {
    if expected == came {
        return Ok(());
    }
    let list =
        |items: &[Vec<u8>]| -> String { items.iter().map(|item| format!("\n    {}", show(item))).collect() };
    Err(format!("{what}\n  expected{}\n  came{}", list(expected), list(came)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a trace of an authenticated client comes to.
    fn outcome(lines: &str) -> Result<(), String> {
        let trace = Trace::parse(&format!("role: client\nstate: authenticated\n\n{lines}"))?;
        run(&trace, lines)
    }

    #[test]
    fn what_is_not_listed_fails() {
        assert_eq!(
            outcome("send a1 NOOP\npass * OK [ALERT] x\npass a1 OK done\nstate authenticated\ntimer none"),
            Ok(())
        );
        for wrong in [
            // Bytes, events, their order, and what is listed and does not come.
            "do a1 NOOP",
            "send a1 NOOP\nin a1 OK done",
            "send a1 NOOP\nin * OK x\nin a1 OK done\nevent a1 OK done\nevent * OK x",
            "send a1 NOOP\npass a1 OK done\nevent capabilities",
            "send a1 NOOP\nout a2 NOOP",
            "send a1 NOOP\nout* a2",
            // Other texts, owners and names.
            "send a1 NOOP\nin a1 OK done\nevent a1 OK gone",
            "send a1 NOOP\npass * 1 EXISTS -> a1",
            "do a2 NOOP\nout a1 NOOP\npass a1 OK done",
            // Misuses that are none, or others.
            "misuse a1 NOOP => the session is over",
            "misuse a1 FETCH 1 FLAGS => the session is over",
            "do a1 FETCH 1 FLAGS",
            // What is, and what must not be.
            "state selected",
            "timer reply +10s",
            "exists 3",
            "wants no",
            "capability IDLE yes",
            "pass * OK x\nnever * OK",
            // No notation.
            "event x",
            "say a1 NOOP",
            "time 5",
            "do a1 NOOP NOOP",
            "do upload a9 x",
        ] {
            assert!(outcome(wrong).is_err(), "{wrong}");
        }
    }
}
