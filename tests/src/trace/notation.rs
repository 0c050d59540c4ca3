//! The text of a trace.

use std::{collections::BTreeMap, time::Duration};

use imap_fsm::timer::TimerKind;

use crate::wire;

/// A trace, read.
#[derive(Debug, Default)]
pub struct Trace {
    /// How the session is made.
    pub header: Header,
    /// What happens.
    pub turns: Vec<Turn>,
    /// What no event begins with, and the lines that say so.
    pub never: Vec<(usize, Vec<u8>)>,
}

/// How a session is made.
#[derive(Clone, Debug, Default)]
pub struct Header {
    /// `client` or `server`.
    pub role: String,
    /// Where it starts.
    pub state: String,
    /// Whether TLS is there from the start.
    pub protected: bool,
    /// Whether the peer's bytes are cut anywhere.
    pub cuts: bool,
    /// What the server can do.
    pub capabilities: String,
    /// What is enabled.
    pub enable: String,
    /// All others.
    pub switches: BTreeMap<String, String>,
}

/// What somebody does, and what comes of it.
#[derive(Debug)]
pub struct Turn {
    /// Where it begins.
    pub line: usize,
    /// What is done.
    pub action: Action,
    /// The events.
    pub events: Vec<Vec<u8>>,
    /// The bytes, in pieces; one that is open goes on to the end of its line.
    pub out: Vec<(Vec<u8>, bool)>,
    /// Whether further lines of the peer belong to it.
    open: bool,
}

/// What is done.
#[derive(Debug)]
pub enum Action {
    /// The peer sends these lines.
    In(Vec<Vec<u8>>),
    /// The owner calls.
    Do(Vec<u8>),
    /// The owner calls what is refused with this text.
    Misuse(Vec<u8>, String),
    /// Time goes on.
    Time(Duration),
    /// The next timer.
    Timer(Option<(Duration, TimerKind)>),
    /// The peer closes its side.
    Eof,
    /// The state is this.
    State(String),
    /// The mailbox has so many messages.
    Exists(String),
    /// Whether more bytes are wanted.
    Wants(bool),
    /// It is advertised, or not.
    Capability(String, String),
}

impl Turn {
    /// Whether these bytes are those that are expected.
    pub(super) fn sends(&self, mut sent: &[u8]) -> bool {
        for (piece, open) in &self.out {
            let Some(rest) = sent.strip_prefix(&piece[..]) else { return false };
            let end = rest.windows(2).position(|pair| pair == b"\r\n");
            sent = match (open, end) {
                (false, _) => rest,
                (true, Some(end)) => &rest[end + 2..],
                (true, None) => return false,
            };
        }
        sent.is_empty()
    }

    /// What is expected, for people.
    pub(super) fn shown(&self) -> String {
        let piece = |(piece, open): &(Vec<u8>, bool)| {
            format!("{}{}", wire::show(piece), if *open { "..\\r\\n" } else { "" })
        };
        self.out.iter().map(piece).collect()
    }
}

impl Header {
    /// A switch of the configuration.
    #[must_use]
    pub fn switch(&self, name: &str) -> Option<&str> {
        self.switches.get(name).map(String::as_str)
    }

    /// A switch that is a number.
    ///
    /// # Errors
    /// Where it is none.
    pub fn number<N: std::str::FromStr>(&self, name: &str) -> Result<Option<N>, String> {
        let Some(text) = self.switch(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| format!("{name}: {text:?} is no number"))
    }

    /// A switch in seconds; `off` for none.
    ///
    /// # Errors
    /// Where it is neither.
    pub fn seconds(&self, name: &str) -> Result<Option<Option<Duration>>, String> {
        if self.switch(name) == Some("off") {
            return Ok(Some(None));
        }
        Ok(self.number(name)?.map(|seconds| Some(Duration::from_secs(seconds))))
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let yes = |value: &str| match value {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err(format!("{value:?} is neither yes nor no")),
        };
        match key {
            "role" => value.clone_into(&mut self.role),
            "state" => value.clone_into(&mut self.state),
            "protected" => self.protected = yes(value)?,
            "cuts" => self.cuts = yes(value)?,
            "capabilities" => value.clone_into(&mut self.capabilities),
            "enable" => value.clone_into(&mut self.enable),
            _ => {
                if !SWITCHES.contains(&key) {
                    return Err(format!("no switch: {key:?}"));
                }
                self.switches.insert(key.to_owned(), value.to_owned());
            }
        }
        Ok(())
    }
}

/// The switches of both roles; those of the other role have no effect.
const SWITCHES: &[&str] = &[
    "tls",
    "blocked",
    "literals",
    "stream-above",
    "ask-capabilities",
    "stray-reply",
    "commands",
    "greeting-timeout",
    "idle-renew",
    "reply-timeout",
    "literal-timeout",
    "profile",
    "limits",
    "limits-before",
    "authorize",
    "upload-above",
    "parallel",
    "backlog",
    "hand-over-unknown",
    "bad-commands-before",
    "bad-commands",
    "autologout",
    "authentication-timeout",
];

impl Trace {
    /// Reads a trace.
    ///
    /// # Errors
    /// Where it is none: line and reason.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut trace = Self {
            header: Header {
                state: "not-authenticated".to_owned(),
                protected: true,
                cuts: true,
                capabilities: "IMAP4rev1".to_owned(),
                ..Header::default()
            },
            ..Self::default()
        };
        let mut in_header = true;
        for (index, line) in text.lines().enumerate() {
            let at = index + 1;
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            let key = line.split_once(": ").filter(|(key, _)| !key.contains(' '));
            in_header &= key.is_some();
            match key.filter(|_| in_header) {
                Some((key, value)) => trace.header.set(key, value.trim()),
                None => trace.step(at, line),
            }
            .map_err(|what| format!("line {at}: {what}"))?;
        }
        Ok(trace)
    }

    /// How many bytes the peer sends.
    #[must_use]
    pub fn input(&self) -> usize {
        let bytes = |turn: &Turn| match &turn.action {
            Action::In(lines) => lines.iter().map(Vec::len).sum(),
            _ => 0,
        };
        self.turns.iter().map(bytes).sum()
    }

    fn step(&mut self, line: usize, text: &str) -> Result<(), String> {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        match word {
            "in" => self.hear(line, ended(rest)?),
            "in~" => self.hear(line, unescape(rest)?),
            "out" => self.expect(word)?.out.push((ended(rest)?, false)),
            "out~" => self.expect(word)?.out.push((unescape(rest)?, false)),
            "out*" => self.expect(word)?.out.push((unescape(rest)?, true)),
            "event" => {
                let event = unescape(rest)?;
                self.expect(word)?.events.push(event);
            }
            "pause" => {
                if let Some(turn) = self.turns.last_mut() {
                    turn.open = false;
                }
            }
            "do" => self.begin(line, Action::Do(unescape(rest)?)),
            "send" => {
                self.begin(line, Action::Do(unescape(rest)?));
                self.expect(word)?.out.push((ended(rest)?, false));
            }
            "pass" => {
                let bytes = rest.rsplit_once(" -> ").map_or(rest, |(message, _)| message);
                self.hear(line, ended(bytes)?);
                let event = unescape(rest)?;
                self.expect(word)?.events.push(event);
            }
            "misuse" => {
                let (call, error) = rest.rsplit_once(" => ").ok_or("a misuse without ` => `")?;
                self.begin(line, Action::Misuse(unescape(call)?, error.to_owned()));
            }
            "time" => self.begin(line, Action::Time(duration(rest)?)),
            "timer" if rest == "none" => self.begin(line, Action::Timer(None)),
            "timer" => {
                let (kind, after) = rest.split_once(' ').ok_or("a timer has a kind and a time")?;
                self.begin(line, Action::Timer(Some((duration(after)?, timer(kind)?))));
            }
            "eof" => self.begin(line, Action::Eof),
            "state" => self.begin(line, Action::State(rest.to_owned())),
            "exists" => self.begin(line, Action::Exists(rest.to_owned())),
            "wants" => self.begin(line, Action::Wants(rest == "yes")),
            "capability" => {
                let (name, known) = rest.split_once(' ').ok_or("a capability is yes, no or unknown")?;
                self.begin(line, Action::Capability(name.to_owned(), known.to_owned()));
            }
            "never" => self.never.push((line, unescape(rest)?)),
            _ => return Err(format!("no step: {word:?}")),
        }
        Ok(())
    }

    fn begin(&mut self, line: usize, action: Action) {
        self.turns.push(Turn { line, action, events: Vec::new(), out: Vec::new(), open: false });
    }

    fn hear(&mut self, line: usize, bytes: Vec<u8>) {
        let open = self.turns.last_mut().filter(|turn| turn.open && turn.out.is_empty());
        if let Some(Turn { action: Action::In(lines), .. }) = open {
            lines.push(bytes);
        } else {
            self.begin(line, Action::In(vec![bytes]));
            if let Some(turn) = self.turns.last_mut() {
                turn.open = true;
            }
        }
    }

    fn expect(&mut self, word: &str) -> Result<&mut Turn, String> {
        self.turns.last_mut().ok_or_else(|| format!("{word} before anything happened"))
    }
}

fn ended(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = unescape(text)?;
    bytes.extend_from_slice(b"\r\n");
    Ok(bytes)
}

/// The bytes of a text: see the [module](super).
pub(super) fn unescape(text: &str) -> Result<Vec<u8>, String> {
    let mut escaped = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        escaped.push(letter);
        if letter == '\\' {
            match letters.peek() {
                Some('A'..='Z' | '*' | '"') => escaped.push('\\'),
                Some(next) => {
                    escaped.push(*next);
                    letters.next();
                }
                None => {}
            }
        }
    }
    wire::bytes(&escaped)
}

fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is no time like +5s or +29m");
    let text = text.strip_prefix('+').ok_or_else(wrong)?;
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let number: u64 = number.parse().map_err(|_| wrong())?;
    match unit {
        "s" => Ok(Duration::from_secs(number)),
        "m" => Ok(Duration::from_secs(number * 60)),
        _ => Err(wrong()),
    }
}

/// The names of timers in traces.
const TIMERS: [(&str, TimerKind); 6] = [
    ("greeting", TimerKind::Greeting),
    ("idle-renew", TimerKind::IdleRenew),
    ("reply", TimerKind::Reply),
    ("literal", TimerKind::Literal),
    ("autologout", TimerKind::Autologout),
    ("authentication", TimerKind::Authentication),
];

fn timer(name: &str) -> Result<TimerKind, String> {
    let known = TIMERS.iter().find(|(known, _)| *known == name);
    known.map(|(_, kind)| *kind).ok_or_else(|| format!("no timer: {name:?}"))
}

/// The name of a timer in a trace.
pub(super) fn timer_name(kind: TimerKind) -> &'static str {
    TIMERS.iter().find(|(_, known)| *known == kind).map_or("unknown", |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_written_as_on_the_wire() {
        assert_eq!(unescape(r"(\Seen \*) \\ \r\n\x00 \{2:ab}").unwrap(), b"(\\Seen \\*) \\ \r\n\0 abab");
    }

    #[test]
    fn a_run_of_lines_is_one_turn_until_the_session_answers() {
        let trace = Trace::parse("role: server\nin a\nevent x\nin b\nout c\npass d\nevent e\n").unwrap();
        let lines: Vec<usize> = trace.turns.iter().map(|turn| turn.line).collect();
        assert_eq!((lines, trace.turns[0].events.len(), trace.turns[1].events.len()), (vec![2, 6], 1, 2));
    }
}
