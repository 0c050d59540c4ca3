//! Streams of messages: what one side sends, in any chunks.

use bytes::Bytes;
use imap_codec::{
    DecodeOptions, Expecting, Mode, Side,
    error::DecodeError,
    frame::FrameError,
    limits::Limits,
    stream::{ClientStream, End, Read, ReadError, ServerMessage, ServerStream},
    tolerance::Tolerance,
};

use crate::{
    codec::{Message, Reading, side},
    rng::Rng,
    table::{From, Input},
};

/// What is wrong with a message, with offsets in the stream.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// The grammar rule or limit.
    pub rule: String,
    /// Where, in bytes from the start of the stream.
    pub at: u64,
    /// The tag, where it was read.
    pub tag: Option<String>,
    /// The kind of the error.
    pub kind: String,
    /// The error as a sentence.
    pub message: String,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It decoded; with the deviations, as `Q1@5` with offsets in the message.
    Message(Box<Message>, Vec<String>),
    /// It did not.
    Malformed(Fault),
    /// The input ends inside it.
    Incomplete,
    /// The server refused a literal of it, and the client gave it up.
    Refused,
    /// Blank lines at the end of the input.
    Blank,
}

/// A part of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Where it begins, in bytes from the start of the stream.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u64,
    /// What it is.
    pub outcome: Outcome,
}

impl Item {
    /// The offset after it.
    #[must_use]
    pub const fn end(&self) -> u64 {
        self.offset + self.length
    }

    /// The message, where it is one.
    #[must_use]
    pub fn message(&self) -> Option<&Message> {
        match &self.outcome {
            Outcome::Message(message, _) => Some(message),
            _ => None,
        }
    }

    /// The fault, where it has one.
    #[must_use]
    pub const fn fault(&self) -> Option<&Fault> {
        match &self.outcome {
            Outcome::Malformed(fault) => Some(fault),
            _ => None,
        }
    }
}

/// Reads what one side sends.
#[derive(Debug)]
pub struct Reader {
    stream: Stream,
    options: DecodeOptions,
    items: Vec<Item>,
}

#[derive(Debug)]
enum Stream {
    Client(ClientStream),
    Server(ServerStream),
}

impl Stream {
    fn new(from: Side, options: DecodeOptions) -> Self {
        match from {
            Side::Client => Self::Client(ClientStream::new(options)),
            Side::Server => Self::Server(ServerStream::new(options)),
        }
    }

    fn next(&mut self) -> Option<Item> {
        match self {
            Self::Client(stream) => Some(item(stream.next_message()?, Message::Client)),
            Self::Server(stream) => Some(item(stream.next_message()?, of_server)),
        }
    }

    fn finish(&mut self) -> Option<Item> {
        match self {
            Self::Client(stream) => Some(last_item(stream.finish()?, Message::Client)),
            Self::Server(stream) => Some(last_item(stream.finish()?, of_server)),
        }
    }
}

fn of_server(message: ServerMessage) -> Message {
    match message {
        ServerMessage::Greeting(greeting) => Message::Greeting(greeting),
        ServerMessage::Response(response) => Message::Response(response),
        other => panic!("a kind of message that is not known here: {other:?}"),
    }
}

fn item<T>(read: Read<T>, message: impl FnOnce(T) -> Message) -> Item {
    let outcome = match read.message {
        Ok(value) => {
            // What stands before the message is the framer's, not the decoder's.
            let start = read.frame.map_or(read.span.offset, |frame| frame.stream_offset(0));
            let own = read
                .deviations
                .iter()
                .filter_map(|found| Some((found.quirk, found.offset.checked_sub(start)?)));
            let own = own.map(|(quirk, at)| format!("{}@{at}", quirk.id())).collect();
            Outcome::Message(Box::new(message(value)), own)
        }
        Err(ReadError::Decode(error)) => {
            Outcome::Malformed(decode_fault(&error, read.at.expect("the place of the error")))
        }
        Err(ReadError::Frame(error)) => frame_fault(&error),
        Err(_) => Outcome::Incomplete,
    };
    Item { offset: read.span.offset, length: read.span.length, outcome }
}

fn last_item<T>(end: End<T>, message: impl FnOnce(T) -> Message) -> Item {
    match end {
        End::Message(read) => item(read, message),
        End::Blank(span, _) => Item { offset: span.offset, length: span.length, outcome: Outcome::Blank },
        _ => panic!("an end of a kind that is not known here"),
    }
}

/// The options of a reader: the client's limits for what a server sends, those of a server after
/// authentication for what a client sends.
#[must_use]
pub fn options(from: Side, reading: Reading, mode: Mode) -> DecodeOptions {
    let tolerance = match (reading, from) {
        (Reading::Strict, _) => Tolerance::STRICT,
        (Reading::Tolerant, Side::Server) => Tolerance::OF_SERVERS,
        (Reading::Tolerant, Side::Client) => Tolerance::OF_CLIENTS,
    };
    let limits = match from {
        Side::Server => Limits::CLIENT,
        Side::Client => Limits::SERVER,
    };
    DecodeOptions { tolerance, mode, limits }
}

impl Reader {
    /// A reader at the start of a connection.
    #[must_use]
    pub fn new(from: Side, reading: Reading, mode: Mode) -> Self {
        let options = options(from, reading, mode);
        Self { stream: Stream::new(from, options.clone()), options, items: Vec::new() }
    }

    /// The same behind the greeting.
    #[must_use]
    pub fn greeted(mut self) -> Self {
        if let Stream::Server(stream) = &mut self.stream {
            *stream = ServerStream::greeted(self.options.clone());
        }
        self
    }

    /// The same before a greeting, and nothing else.
    #[must_use]
    pub fn to_be_greeted(mut self) -> Self {
        if let Stream::Server(stream) = &mut self.stream {
            *stream = ServerStream::to_be_greeted(self.options.clone());
        }
        self
    }

    /// The same, with a server that expects something.
    #[must_use]
    pub fn expecting(mut self, expecting: Expecting) -> Self {
        if let Stream::Client(stream) = &mut self.stream {
            stream.expect(expecting);
        }
        self
    }

    /// Takes a chunk.
    pub fn push(&mut self, bytes: &[u8]) {
        match &mut self.stream {
            Stream::Client(stream) => stream.push(bytes),
            Stream::Server(stream) => stream.push(bytes),
        }
        self.drain();
    }

    /// Takes a chunk over.
    pub fn push_bytes(&mut self, bytes: Bytes) {
        match &mut self.stream {
            Stream::Client(stream) => stream.push_bytes(bytes),
            Stream::Server(stream) => stream.push_bytes(bytes),
        }
        self.drain();
    }

    /// Ends the input, and gives all that was in it.
    #[must_use]
    pub fn finish(mut self) -> Vec<Item> {
        self.items.extend(self.stream.finish());
        self.items
    }

    fn drain(&mut self) {
        self.items.extend(std::iter::from_fn(|| self.stream.next()));
    }
}

/// A reader that stands where the message of `input` begins.
#[must_use]
pub fn reader_of(input: &Input, reading: Reading) -> Reader {
    let reader = Reader::new(side(input.from), reading, input.mode).expecting(input.expecting);
    match input.from {
        From::Greeting => reader.to_be_greeted(),
        From::Server | From::Client => reader.greeted(),
    }
}

/// The error of a decoder, which met it at `at` in the stream.
#[must_use]
pub fn decode_fault(error: &DecodeError, at: u64) -> Fault {
    Fault {
        rule: error.rule.into(),
        at,
        tag: error.tag.as_ref().map(|tag| tag.as_str().to_owned()),
        kind: format!("{:?}", error.kind),
        message: error.to_string(),
    }
}

/// The error of a framer.
#[must_use]
pub fn frame_fault(error: &FrameError) -> Outcome {
    Outcome::Malformed(Fault {
        rule: error.kind.rule().into(),
        at: error.at,
        tag: error.tag.as_ref().map(|tag| tag.as_str().to_owned()),
        kind: format!("{:?}", error.kind),
        message: error.to_string(),
    })
}

/// How a stream is cut into chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cuts {
    /// Not at all, handed over.
    Whole,
    /// After each byte.
    Bytes,
    /// At places that follow from a seed.
    Seeded(u64),
}

/// The chunks of a stream.
#[must_use]
pub fn cut(bytes: &[u8], cuts: Cuts) -> Vec<&[u8]> {
    match cuts {
        Cuts::Whole => vec![bytes],
        Cuts::Bytes => bytes.chunks(1).collect(),
        Cuts::Seeded(seed) => {
            let mut rng = Rng::new(seed);
            let (mut chunks, mut rest) = (Vec::new(), bytes);
            while !rest.is_empty() {
                let longest = [1, 3, 17, 80, 1000][rng.below(5)];
                let (chunk, more) = rest.split_at((1 + rng.below(longest)).min(rest.len()));
                chunks.push(chunk);
                rest = more;
            }
            chunks
        }
    }
}

/// Reads a whole stream in chunks.
#[must_use]
pub fn read(mut reader: Reader, bytes: &[u8], cuts: Cuts) -> Vec<Item> {
    if cuts == Cuts::Whole {
        reader.push_bytes(Bytes::copy_from_slice(bytes));
    } else {
        for chunk in cut(bytes, cuts) {
            reader.push(chunk);
        }
    }
    reader.finish()
}

/// The same stream in other chunks gives the same items.
///
/// # Errors
/// The first item that differs.
pub fn any_cut_gives_the_same(
    reader: impl Fn() -> Reader,
    bytes: &[u8],
    seeds: impl IntoIterator<Item = u64>,
) -> Result<Vec<Item>, String> {
    let whole = read(reader(), bytes, Cuts::Whole);
    let mut at = 0;
    for item in &whole {
        if item.offset != at {
            return Err(format!("a gap in the stream: {at} to {}", item.offset));
        }
        at = item.end();
    }
    if at != bytes.len() as u64 {
        return Err(format!("the items end at {at}, the stream at {}", bytes.len()));
    }
    for cuts in std::iter::once(Cuts::Bytes).chain(seeds.into_iter().map(Cuts::Seeded)) {
        let other = read(reader(), bytes, cuts);
        if other == whole {
            continue;
        }
        let first =
            whole.iter().zip(&other).position(|(a, b)| a != b).unwrap_or(whole.len().min(other.len()));
        return Err(format!(
            "{cuts:?} gives another item {first}\n  whole {:?}\n  cut   {:?}",
            whole.get(first),
            other.get(first)
        ));
    }
    Ok(whole)
}
