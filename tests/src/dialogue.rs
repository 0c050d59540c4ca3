//! Example dialogues: `data/examples/*.toml`.

use std::fs;

use imap_codec::Side;
use serde::Deserialize;

/// A dialogue of both sides.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dialogue {
    /// Where it stands in its document.
    pub section: String,
    /// Its lines, each with `C: ` or `S: ` in front; each ends in CRLF on the wire.
    lines: String,
    /// Why each side is read by itself: the example leaves out what the other one says to a literal.
    pub alone: Option<String>,
    /// Lines that break the grammar, and why.
    #[serde(default)]
    pub malformed: Vec<MalformedLine>,
    /// What else is wrong with it.
    #[serde(default)]
    pub violation: Vec<ViolatingLine>,
}

/// A line that breaks the grammar.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MalformedLine {
    /// The line as it stands in the dialogue.
    pub line: String,
    /// The rule that it breaks.
    pub rule: String,
    /// Where, in bytes from the start of the message.
    pub at: u64,
    /// Why it is there all the same.
    pub reason: String,
}

/// A line that the session does not allow.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViolatingLine {
    /// The line as it stands in the dialogue.
    pub line: String,
    /// The id of the violation.
    pub id: String,
    /// Why it is there all the same.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    dialogue: Vec<Dialogue>,
}

impl Dialogue {
    /// The lines with their senders, each ending in CRLF.
    ///
    /// # Panics
    /// Where a line has no sender.
    #[must_use]
    pub fn lines(&self) -> Vec<(Side, String)> {
        self.lines
            .lines()
            .map(|line| {
                let (from, text) = line.split_at_checked(2).unwrap_or((line, ""));
                let from = match from {
                    "C:" => Side::Client,
                    "S:" => Side::Server,
                    _ => panic!("section {}: {line:?} has no sender", self.section),
                };
                (from, format!("{}\r\n", text.strip_prefix(' ').unwrap_or(text)))
            })
            .collect()
    }

    /// All that one side sends.
    #[must_use]
    pub fn stream(&self, from: Side) -> Vec<u8> {
        let lines = self.lines();
        lines.into_iter().filter(|(side, _)| *side == from).flat_map(|(_, line)| line.into_bytes()).collect()
    }
}

/// The dialogues of one document.
///
/// # Panics
/// Where the file cannot be read.
#[must_use]
pub fn dialogues(document: &str) -> Vec<Dialogue> {
    let path = crate::data("examples").join(format!("{document}.toml"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let file: File = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    file.dialogue
}
