//! The capture format: a recorded dialogue as a text file, one JSON object a line.
//!
//! The first line describes the session (`server`, `client`, `what`). Each other line is a chunk as it was
//! read from a socket (`t`, `dir`, `b64`, and `plain` after COMPRESS), the end of a direction (`t`, `dir`,
//! `eof`) or a `note` that the rest was left out. The file is read a line at a time.

use std::{
    io::BufRead,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use imap_codec::Side;
use serde::Deserialize;

use crate::failure::Failure;

/// What the first line says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Header {
    /// The server program.
    pub(crate) server: String,
    /// The client program.
    pub(crate) client: String,
    /// What the session does.
    #[serde(default)]
    pub(crate) what: String,
}

/// A line after the first.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Record {
    /// Bytes of one direction, inflated where the connection is compressed.
    Chunk {
        /// Seconds since the start.
        t: Option<f64>,
        /// Who sent them.
        from: Side,
        /// The bytes.
        data: Vec<u8>,
        /// Whether the chunk was compressed on the wire.
        compressed: bool,
    },
    /// A side has closed its direction.
    Eof {
        /// Seconds since the start.
        t: Option<f64>,
        /// Which side.
        from: Side,
    },
    /// The rest was left out.
    Note(String),
}

#[derive(Deserialize)]
struct Line {
    t: Option<f64>,
    dir: Option<String>,
    b64: Option<String>,
    plain: Option<String>,
    eof: Option<bool>,
    note: Option<String>,
}

/// Reads a capture, record by record.
pub(crate) struct Capture {
    path: PathBuf,
    input: Box<dyn BufRead>,
    line: u64,
    text: Vec<u8>,
    /// What the first line says.
    pub(crate) header: Header,
}

impl Capture {
    /// Opens a capture and reads its first line.
    ///
    /// # Errors
    ///
    /// [`Failure::Input`] where the file cannot be read, is of another kind, or has no such line.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        Self::new(path, super::open(path)?)
    }

    fn new(path: &Path, input: Box<dyn BufRead>) -> Result<Self, Failure> {
        let mut capture =
            Self { path: path.into(), input, line: 0, text: Vec::new(), header: Header::default() };
        if let Some(other) = capture.other_format()? {
            let name = path.display();
            return Err(Failure::Input(format!("{name} is {other}, not a capture (.jsonl)")));
        }
        if !capture.next_line()? {
            return Err(Failure::Input(format!("{} is empty, not a capture (.jsonl)", path.display())));
        }
        capture.header = serde_json::from_slice(&capture.text).map_err(|error| {
            capture.broken(&format!("the first line is no description of a session: {}", reason(&error)))
        })?;
        Ok(capture)
    }

    /// What other kind of file it is, going by its first bytes.
    fn other_format(&mut self) -> Result<Option<&'static str>, Failure> {
        let start = self.input.fill_buf().map_err(|error| Failure::reading(&self.path, &error))?;
        Ok(match start {
            [0xd4, 0xc3, 0xb2, 0xa1, ..]
            | [0xa1, 0xb2, 0xc3, 0xd4, ..]
            | [0x4d, 0x3c, 0xb2, 0xa1, ..]
            | [0xa1, 0xb2, 0x3c, 0x4d, ..] => Some("a packet capture (pcap), which cannot be read yet"),
            [0x0a, 0x0d, 0x0d, 0x0a, ..] => Some("a packet capture (pcapng), which cannot be read yet"),
            [0x1f, 0x8b, ..] => Some("compressed with gzip"),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("compressed with zstd"),
            [b'{', ..] | [] => None,
            other if other.iter().take(256).any(|byte| matches!(byte, 0..=8 | 14..=31)) => {
                Some("a binary file")
            }
            _ => Some("a text of another kind"),
        })
    }

    /// The next record; `None` at the end of the file.
    ///
    /// # Errors
    ///
    /// [`Failure::Input`] for a line that is no record, with its number.
    pub(crate) fn next(&mut self) -> Result<Option<Record>, Failure> {
        loop {
            if !self.next_line()? {
                return Ok(None);
            }
            if !self.text.trim_ascii().is_empty() {
                return self.record().map(Some);
            }
        }
    }

    fn next_line(&mut self) -> Result<bool, Failure> {
        self.text.clear();
        let read = self.input.read_until(b'\n', &mut self.text);
        let read = read.map_err(|error| Failure::reading(&self.path, &error))?;
        self.line = self.line.saturating_add(1);
        Ok(read > 0)
    }

    fn record(&self) -> Result<Record, Failure> {
        let line: Line = serde_json::from_slice(&self.text).map_err(|error| {
            let cut = if error.is_eof() {
                "the line is cut off"
            } else {
                "the line is no JSON object of a capture"
            };
            self.broken(&format!("{cut}: {}", reason(&error)))
        })?;
        if let Some(note) = line.note {
            return Ok(Record::Note(note));
        }
        let from = match line.dir.as_deref() {
            Some("C") => Side::Client,
            Some("S") => Side::Server,
            Some(other) => return Err(self.broken(&format!("dir is neither C nor S but {other:?}"))),
            None => return Err(self.broken("there is neither dir nor note")),
        };
        if line.t.is_some_and(|t| !t.is_finite() || t < 0.0) {
            return Err(self.broken("t is no time"));
        }
        if line.eof == Some(true) {
            return Ok(Record::Eof { t: line.t, from });
        }
        let compressed = line.plain.is_some();
        let (key, text) = match (&line.plain, &line.b64) {
            (Some(plain), _) => ("plain", plain),
            (None, Some(b64)) => ("b64", b64),
            (None, None) => return Err(self.broken("there is none of b64, plain, eof and note")),
        };
        let data =
            STANDARD.decode(text).map_err(|error| self.broken(&format!("{key} is no base64: {error}")))?;
        Ok(Record::Chunk { t: line.t, from, data, compressed })
    }

    fn broken(&self, why: &str) -> Failure {
        Failure::Input(format!("{}, line {}: {why}", self.path.display(), self.line))
    }
}

/// What the JSON reader says, without its own line number, which is always 1.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.split_once(" at line ") {
        Some((what, _)) => format!("{what} (column {})", error.column()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    const HEADER: &str = "{\"server\": \"s\", \"client\": \"c\", \"what\": \"w\"}\n";

    fn read(text: impl Into<Vec<u8>>) -> Result<Vec<Record>, String> {
        let input = Box::new(Cursor::new(text.into()));
        let collect = || {
            let mut capture = Capture::new(Path::new("x.jsonl"), input)?;
            let mut records = Vec::new();
            while let Some(record) = capture.next()? {
                records.push(record);
            }
            Ok(records)
        };
        collect().map_err(|failure: Failure| failure.to_string())
    }

    fn error(line: &str) -> String {
        read(format!("{HEADER}{line}")).expect_err("the line is broken")
    }

    #[test]
    fn records_are_read_in_order() {
        let text = format!(
            "{HEADER}{}\n\n{}\n{}\n{}",
            r#"{"t": 0.5, "dir": "S", "b64": "KiBPSw0K"}"#,
            r#"{"t": 1, "dir": "C", "b64": "AAAA", "plain": "YTENCg=="}"#,
            r#"{"t": 2, "dir": "C", "eof": true}"#,
            r#"{"note": "TLS starts here; the rest is left out"}"#,
        );
        let expected = vec![
            Record::Chunk { t: Some(0.5), from: Side::Server, data: b"* OK\r\n".into(), compressed: false },
            Record::Chunk { t: Some(1.0), from: Side::Client, data: b"a1\r\n".into(), compressed: true },
            Record::Eof { t: Some(2.0), from: Side::Client },
            Record::Note("TLS starts here; the rest is left out".into()),
        ];
        assert_eq!(read(text), Ok(expected));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        assert_eq!(
            error("{\"t\": 0.5, \"dir\": \"S\", \"b6"),
            "x.jsonl, line 2: the line is cut off: EOF while parsing a string (column 26)"
        );
        assert_eq!(
            error("nonsense"),
            "x.jsonl, line 2: the line is no JSON object of a capture: expected ident (column 2)"
        );
        assert_eq!(error(r#"{"dir": "X", "b64": ""}"#), "x.jsonl, line 2: dir is neither C nor S but \"X\"");
        assert_eq!(error(r#"{"b64": ""}"#), "x.jsonl, line 2: there is neither dir nor note");
        assert_eq!(error(r#"{"dir": "C"}"#), "x.jsonl, line 2: there is none of b64, plain, eof and note");
        assert_eq!(error(r#"{"t": -1, "dir": "C", "b64": ""}"#), "x.jsonl, line 2: t is no time");
        assert!(error(r#"{"dir": "C", "b64": "a"}"#).starts_with("x.jsonl, line 2: b64 is no base64: "));
    }

    #[test]
    fn files_of_another_kind_are_told() {
        assert_eq!(read(""), Err("x.jsonl is empty, not a capture (.jsonl)".into()));
        assert_eq!(
            read("* OK hello\r\n"),
            Err("x.jsonl is a text of another kind, not a capture (.jsonl)".into())
        );
        assert_eq!(
            read(b"\x7fELF\x02\x01\x01\x00".as_slice()),
            Err("x.jsonl is a binary file, not a capture (.jsonl)".into())
        );
        let pcap = read(b"\xd4\xc3\xb2\xa1\x02\x00".as_slice());
        assert!(pcap.is_err_and(|message| message.contains("packet capture (pcap)")));
        let missing = read("{\"t\": 0.5, \"dir\": \"S\", \"b64\": \"\"}\n");
        assert!(missing.is_err_and(|message| {
            message.starts_with(
                "x.jsonl, line 1: the first line is no description of a session: missing field `server`",
            )
        }));
    }
}
