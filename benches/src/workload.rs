//! The inputs: committed files, cut into messages.

use std::{fs, path::Path};

/// A file of messages of one kind.
pub struct Input {
    /// The messages, in order, each in its own place of one buffer.
    pub bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Input {
    /// Reads `benches/data/<name>.imap`.
    pub fn read(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(format!("{name}.imap"));
        let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self::new(bytes)
    }

    /// Cuts at line ends; a line that announces a literal goes on after it. Enough for our own inputs, whose texts
    /// never look like that.
    pub fn new(bytes: Vec<u8>) -> Self {
        let (mut ends, mut at) = (Vec::new(), 0);
        while at < bytes.len() {
            let line = bytes[at..].windows(2).position(|pair| pair == b"\r\n").expect("a line end") + at;
            at = line + 2;
            match literal(&bytes[..line]) {
                Some(size) => at += size,
                None => ends.push(at),
            }
        }
        Self { bytes, ends }
    }

    /// One line of SEARCH of about four megabytes: the numbers of `search` over and over.
    pub fn search_4mb(search: &Self) -> Self {
        let numbers = search.bytes.strip_prefix(b"* SEARCH").and_then(|rest| rest.strip_suffix(b"\r\n"));
        let numbers = numbers.expect("one SEARCH response");
        let mut bytes = b"* SEARCH".to_vec();
        while bytes.len() < 4_000_000 {
            bytes.extend_from_slice(numbers);
        }
        bytes.extend_from_slice(b"\r\n");
        Self::new(bytes)
    }

    pub fn messages(&self) -> impl Iterator<Item = &[u8]> {
        self.ends.iter().scan(0, |start, &end| {
            let message = &self.bytes[*start..end];
            *start = end;
            Some(message)
        })
    }

    pub fn count(&self) -> usize {
        self.ends.len()
    }
}

fn literal(line: &[u8]) -> Option<usize> {
    let digits = line.strip_suffix(b"}")?;
    let digits = digits.strip_suffix(b"+").unwrap_or(digits);
    let open = digits.iter().rposition(|byte| *byte == b'{')?;
    std::str::from_utf8(&digits[open + 1..]).ok()?.parse().ok()
}
