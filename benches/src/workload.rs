//! What is measured, and the inputs: committed files, cut into messages.

use std::{fs, path::Path};

/// One way to do the work of a workload; a run goes through all its messages once.
pub struct Contender<'a> {
    pub name: &'static str,
    pub run: Box<dyn FnMut() + 'a>,
    /// What its time is multiplied by, where it does more or less than the others.
    pub scale: f64,
}

impl<'a> Contender<'a> {
    pub fn new(name: &'static str, run: impl FnMut() + 'a) -> Self {
        Self { name, run: Box::new(run), scale: 1.0 }
    }

    /// The same under another name.
    pub fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// The same with its time multiplied.
    pub fn scaled(self, scale: f64) -> Self {
        Self { scale, ..self }
    }
}

/// What is wanted of the first contender.
#[derive(Clone, Copy)]
pub enum Goal {
    /// So many times as fast as the fastest of the peers.
    FasterThanPeers(f64),
    /// At most so many times the time of the contender of that name.
    AtMost(f64, &'static str),
    /// Nothing: it is there to be looked at.
    None,
}

/// What is measured side by side. The first contender is what the ratios are against.
pub struct Workload<'a> {
    pub name: &'static str,
    /// Messages in a run.
    pub messages: usize,
    /// Bytes in a run.
    pub bytes: usize,
    pub contenders: Vec<Contender<'a>>,
    pub goals: Vec<Goal>,
    /// The peers that cannot do it, and why.
    pub absent: &'static str,
    /// What the allocations of the first contender are.
    pub allocations: &'static str,
}

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

    /// One FETCH response with a literal of `size` bytes: the lines of `body` over and over.
    pub fn literal(body: &Self, size: usize) -> Self {
        let start = body.bytes.windows(3).position(|three| three == b"}\r\n").expect("a literal") + 3;
        let lines = &body.bytes[start..start + 64 * 1024];
        let mut bytes = format!("* 1 FETCH (UID 70 BODY[] {{{size}}}\r\n").into_bytes();
        let end = bytes.len() + size;
        while bytes.len() < end {
            bytes.extend_from_slice(&lines[..lines.len().min(end - bytes.len())]);
        }
        bytes.extend_from_slice(b")\r\n");
        Self { ends: vec![bytes.len()], bytes }
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
