//! A session as text for people: a line a message, in time, with what it did to the state; below it what
//! was wrong or bent; a summary at the end.

use std::{
    collections::BTreeMap,
    fmt,
    io::{self, Write},
};

use imap_fsm::{observer::Pipelined, state::State};
use imap_types::{
    atom::Tag,
    command::{AuthenticateData, ClientMessage, CommandBody},
};

use super::{
    human::{arrow, bent, plural, wrong},
    paint::{BENT, FAINT, NAME, WRONG, paint},
    wire,
};
use crate::{
    head::Kind,
    message::{Message, Outcome},
    session::{Step, Summary},
    value::{Meaning, Show},
};

/// What stands before the text of a message: time, state, arrow.
const INDENT: &str = "                           ";

/// So many of the commands that have no reply yet are named.
const BEHIND: usize = 4;

/// The longest line, in characters, where `COLUMNS` does not say otherwise.
const WIDTH: usize = 140;

/// Writes a timeline.
pub(crate) struct Timeline {
    show: Show,
    width: usize,
    state: Option<State>,
    /// A message whose line waits for its latency.
    line: Option<(String, Vec<u8>)>,
    /// Latencies in milliseconds by command.
    latencies: BTreeMap<String, Vec<f64>>,
}

impl Timeline {
    pub(crate) fn new(show: Show) -> Self {
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let width = columns.unwrap_or(WIDTH).max(60);
        Self { show, width, state: None, line: None, latencies: BTreeMap::new() }
    }

    /// Writes one event of a session.
    pub(crate) fn event(&mut self, out: &mut dyn Write, step: &Step<'_>) -> io::Result<()> {
        match step {
            Step::Begin { name, header } => {
                self.state = None;
                writeln!(out, "{}", paint(NAME, name))?;
                writeln!(out, "{}", paint(FAINT, format_args!("{} <- {}", header.server, header.client)))?;
                if !header.what.is_empty() {
                    writeln!(out, "{}", paint(FAINT, &header.what))?;
                }
                writeln!(out)
            }
            Step::Message { t, message, state } => {
                self.flush(out)?;
                self.message(*t, message, *state)
            }
            Step::Completed { completed, latency } => {
                if let (Some((line, _)), Some(latency)) = (&mut self.line, latency) {
                    line.push_str(&format!("  {}", paint(FAINT, Latency(*latency))));
                    let name = if completed.name.is_empty() { "?" } else { &completed.name };
                    self.latencies.entry(name.into()).or_default().push(*latency);
                }
                Ok(())
            }
            Step::Pipelined(pipelined) => {
                let Some((_, below)) = &mut self.line else { return Ok(()) };
                let Pipelined { behind, conflict, .. } = pipelined;
                let (shown, more) = behind.split_at(behind.len().min(BEHIND));
                let tags: Vec<&str> = shown.iter().map(Tag::as_str).collect();
                let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
                let why = conflict.as_ref().map_or_else(String::new, |conflict| format!("; {conflict}"));
                let said = format!("pipelined behind {}{more}{why}", tags.join(", "));
                writeln!(below, "{INDENT}{}", paint(FAINT, said))
            }
            Step::Violation(violation) => {
                let Some((_, below)) = &mut self.line else { return Ok(()) };
                let by = if violation.by() == imap_codec::Side::Client { "client" } else { "server" };
                writeln!(
                    below,
                    "{INDENT}{} by the {by}, {}: {}",
                    paint(WRONG, violation.rule.id()),
                    violation.rule.source(),
                    violation.message
                )
            }
            Step::Note(what) => {
                self.flush(out)?;
                writeln!(out, "{INDENT}{}", paint(FAINT, format_args!("-- {} --", sentence(what))))
            }
            Step::End => {
                self.flush(out)?;
                writeln!(out)
            }
        }
    }

    /// Makes the line of a message, and what stands below it.
    fn message(&mut self, t: Option<f64>, message: &Message, state: State) -> io::Result<()> {
        let time = t.map_or_else(String::new, |t| format!("{t:.4}"));
        let style = if self.state == Some(state) { FAINT } else { NAME };
        self.state = Some(state);
        let (arrow, colour) = arrow(message.from);
        let room = self.width.saturating_sub(INDENT.len());
        let mut line = format!(
            "{} {} {} {}",
            paint(FAINT, format_args!("{time:>10}")),
            paint(style, format_args!("{:<12}", short(state))),
            paint(colour, arrow),
            said(message, self.show, room)
        );
        let mut below = Vec::new();
        match &message.outcome {
            Outcome::Read { deviations, .. } => {
                for deviation in deviations {
                    bent(&mut below, deviation, INDENT)?;
                }
            }
            Outcome::Malformed(problem) => wrong(&mut below, message, problem, self.show, INDENT)?,
            Outcome::Incomplete => {
                line.push_str(&format!("  {}", paint(BENT, "[the capture ends inside this message]")));
            }
            Outcome::Refused => line.push_str(&format!("  {}", paint(BENT, "[literal refused]"))),
        }
        self.line = Some((line, below));
        Ok(())
    }

    fn flush(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if let Some((line, below)) = self.line.take() {
            writeln!(out, "{line}")?;
            out.write_all(&below)?;
        }
        Ok(())
    }

    /// Writes the end of everything.
    pub(crate) fn summary(&mut self, out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
        if !self.latencies.is_empty() {
            let heads = ("command", "count", "median", "longest");
            let line = format!("{:<16} {:>6} {:>12} {:>12}", heads.0, heads.1, heads.2, heads.3);
            writeln!(out, "{}", paint(FAINT, line))?;
        }
        for (name, latencies) in &mut self.latencies {
            latencies.sort_by(f64::total_cmp);
            let median = latencies.get(latencies.len() / 2).copied().unwrap_or_default();
            let longest = latencies.last().copied().unwrap_or_default();
            let (median, longest) = (Latency(median).to_string(), Latency(longest).to_string());
            writeln!(out, "{name:<16} {:>6} {median:>12} {longest:>12}", latencies.len())?;
        }
        if !self.latencies.is_empty() {
            writeln!(out)?;
        }
        let Summary { sessions, messages, malformed, incomplete, violations, tolerated, final_state } =
            summary;
        write!(out, "{}, {}", plural(*sessions, "session"), plural(*messages, "message"))?;
        let count = |count: u64, what: &str| match count {
            0 => format!(", none {what}"),
            _ => format!(", {}", paint(WRONG, format_args!("{count} {what}"))),
        };
        write!(out, "{}", count(*malformed, "malformed"))?;
        if *incomplete > 0 {
            write!(out, ", {incomplete} incomplete")?;
        }
        match violations {
            0 => write!(out, ", no violation")?,
            _ => write!(out, ", {}", paint(WRONG, plural(*violations, "violation")))?,
        }
        if !tolerated.is_empty() {
            let ids = tolerated.iter().map(|(id, times)| format!("{id} x{times}"));
            write!(
                out,
                ", {}",
                paint(BENT, format_args!("tolerated {}", ids.collect::<Vec<_>>().join(" ")))
            )?;
        }
        match final_state {
            Some(state) => writeln!(out, "; final state {state}"),
            None => writeln!(out),
        }
    }
}

/// The name of a state, short enough for a column.
const fn short(state: State) -> &'static str {
    match state {
        State::NotAuthenticated => "not-auth",
        State::Authenticated => "auth",
        State::Selected(_) => "selected",
        State::Logout => "logout",
    }
}

/// What a note means.
fn sentence(what: &str) -> &str {
    match what {
        "tls" => "TLS begins here",
        "compress" => "compression begins here",
        "truncated" => "the rest was left out",
        "skipped" => "what follows could not be read and was skipped",
        "gap" => "bytes are missing here",
        other => other,
    }
}

/// Milliseconds, or seconds where there are many.
struct Latency(f64);

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 1000.0 {
            f.pad(&format!("{:.1} ms", self.0))
        } else {
            f.pad(&format!("{:.2} s", self.0 / 1000.0))
        }
    }
}

/// The text of a message on one line, without its secrets.
fn said(message: &Message, show: Show, width: usize) -> String {
    let bytes = message.frame.as_bytes();
    if show.secrets || !message.is_secret() {
        if bytes.is_empty() && message.length > 0 {
            let words = [&message.head.tag, &message.head.name].into_iter().flatten();
            let head: String = words.map(|word| format!("{word} ")).collect();
            return wire::shorten(&format!("{head}[{} bytes]", message.length), width);
        }
        return wire::line(bytes, width);
    }
    let mut text = String::new();
    for word in [&message.head.tag, &message.head.name].into_iter().flatten() {
        text.push_str(&wire::escape(word.as_bytes()));
        text.push(' ');
    }
    if let Outcome::Read { meaning: Meaning::Client(client), .. } = &message.outcome {
        match client.as_ref() {
            ClientMessage::Command(command) => match &command.body {
                CommandBody::Login { user, .. } => {
                    text.push_str(&wire::shorten(&wire::escape(user.as_bytes()), 64));
                    text.push(' ');
                }
                CommandBody::Authenticate { mechanism, .. } => text.push_str(&format!("{mechanism} ")),
                _ => {}
            },
            ClientMessage::AuthenticateData(AuthenticateData::Cancel) => return "*".into(),
            _ => {}
        }
    }
    if message.kind() == Kind::Continuation {
        text = "+ ".into();
    }
    text.push_str("[redacted]");
    wire::shorten(&text, width)
}
