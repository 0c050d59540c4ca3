//! Captures of real sessions: `data/captures/<server>/*.jsonl`.

use std::{collections::BTreeMap, fs, path::Path};

use imap_codec::Side;
use serde::Deserialize;

/// A captured session.
#[derive(Clone, Debug)]
pub struct Capture {
    /// The path below `data/captures`, such as `dovecot/curl__cmd-00.jsonl`.
    pub file: String,
    /// The server, with its version.
    pub server: String,
    /// The client, with its version.
    pub client: String,
    /// The chunks in the order in which they were seen.
    pub chunks: Vec<Chunk>,
}

/// One read of the proxy.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// Seconds from the start.
    pub seconds: f64,
    /// Who sent it.
    pub from: Side,
    /// The bytes, inflated where COMPRESS is on.
    pub bytes: Vec<u8>,
    /// Whether the sender closed its direction instead.
    pub end: bool,
}

impl Capture {
    /// All that one side sent.
    #[must_use]
    pub fn stream(&self, from: Side) -> Vec<u8> {
        self.chunks.iter().filter(|chunk| chunk.from == from).flat_map(|chunk| chunk.bytes.clone()).collect()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    server: Option<String>,
    client: Option<String>,
    #[serde(rename = "what")]
    _what: Option<String>,
    t: Option<f64>,
    dir: Option<Direction>,
    b64: Option<String>,
    plain: Option<String>,
    eof: Option<bool>,
    note: Option<String>,
}

/// A direction, as captures and `expected.toml` write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Direction {
    /// Client to server.
    C,
    /// Server to client.
    S,
}

impl std::convert::From<Direction> for Side {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::C => Self::Client,
            Direction::S => Self::Server,
        }
    }
}

/// The bytes of base64, as it stands in captures.
///
/// # Errors
/// Where a character is not of the alphabet.
pub fn base64(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for c in text.bytes().filter(|c| *c != b'=') {
        let six = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return Err(format!("{:?} in base64", char::from(c))),
        };
        bits = bits << 6 | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Ok(bytes)
}

fn read(path: &Path, file: &str) -> Result<Capture, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let mut capture =
        Capture { file: file.into(), server: String::new(), client: String::new(), chunks: Vec::new() };
    for (number, line) in text.lines().enumerate() {
        let line: Line =
            serde_json::from_str(line).map_err(|error| format!("line {}: {error}", number + 1))?;
        if let (Some(server), Some(client)) = (line.server, line.client) {
            (capture.server, capture.client) = (server, client);
            continue;
        }
        if line.note.is_some() {
            continue;
        }
        let from = line.dir.ok_or_else(|| format!("line {}: no `dir`", number + 1))?.into();
        let bytes = match (&line.plain, &line.b64) {
            (Some(text), _) | (None, Some(text)) => base64(text)?,
            (None, None) => Vec::new(),
        };
        capture.chunks.push(Chunk {
            seconds: line.t.unwrap_or_default(),
            from,
            bytes,
            end: line.eof.unwrap_or_default(),
        });
    }
    Ok(capture)
}

/// All captures, in order of their names.
///
/// # Panics
/// Where one cannot be read.
#[must_use]
pub fn captures() -> Vec<Capture> {
    let folder = crate::data("captures");
    let mut servers: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    servers.sort();
    servers
        .iter()
        .flat_map(|server| crate::table::files(server, "jsonl"))
        .map(|path| {
            let name = path.strip_prefix(&folder).unwrap_or(&path);
            let file = name.to_string_lossy().replace('\\', "/");
            read(&path, &file).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        })
        .collect()
}

/// A message that is wrong, and known to be.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedMalformed {
    /// The capture.
    pub file: String,
    /// Who sends it.
    pub direction: Direction,
    /// Where the message begins in that direction.
    pub offset: u64,
    /// The rule that it breaks.
    pub rule: String,
    /// What is wrong with it.
    pub reason: String,
}

/// A breach of the protocol that is known.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedViolation {
    /// The capture.
    pub file: String,
    /// Who is guilty.
    pub by: Direction,
    /// Where the message begins in that direction.
    pub offset: u64,
    /// The id of the violation.
    pub id: String,
    /// What happened.
    pub reason: String,
}

/// What is known to be wrong in the captures: `data/captures/expected.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Messages that do not decode.
    #[serde(default)]
    pub malformed: Vec<ExpectedMalformed>,
    /// Breaches of the protocol.
    #[serde(default)]
    pub violation: Vec<ExpectedViolation>,
}

impl Expected {
    /// Reads the list.
    ///
    /// # Panics
    /// Where it cannot be read, or lists one thing twice, or gives no reason.
    #[must_use]
    pub fn load() -> Self {
        let path = crate::data("captures/expected.toml");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let expected: Self =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut seen = BTreeMap::new();
        for entry in &expected.malformed {
            assert!(!entry.reason.is_empty(), "{entry:?}: no reason");
            let again = seen.insert((entry.file.clone(), entry.direction, entry.offset, ""), ());
            assert!(again.is_none(), "listed twice: {entry:?}");
        }
        for entry in &expected.violation {
            assert!(!entry.reason.is_empty(), "{entry:?}: no reason");
            let again = seen.insert((entry.file.clone(), entry.by, entry.offset, &entry.id), ());
            assert!(again.is_none(), "listed twice: {entry:?}");
        }
        expected
    }
}
