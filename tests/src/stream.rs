//! Streams of messages: what one side sends, in any chunks.

use bytes::Bytes;
use imap_codec::{
    DecodeOptions, Decoded, Expecting, Mode, Side, decode_client_message, decode_greeting, decode_response,
    error::DecodeError,
    frame::{Event, Frame, FrameError, Framer, FramerOptions, Tail},
    limits::Limits,
    tolerance::Tolerance,
};
use imap_types::command::{ClientMessage, Command, CommandBody};

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

/// What the next message of a server may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Greeting {
    Required,
    Possible,
    Passed,
}

/// Reads what one side sends.
#[derive(Debug)]
pub struct Reader {
    framer: Framer,
    options: DecodeOptions,
    expecting: Expecting,
    greeting: Greeting,
    fault: Option<FrameError>,
    items: Vec<Item>,
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
        Self {
            framer: Framer::new(from, FramerOptions::offline(&options)),
            options,
            expecting: Expecting::Command,
            greeting: Greeting::Possible,
            fault: None,
            items: Vec::new(),
        }
    }

    /// The same behind the greeting.
    #[must_use]
    pub fn greeted(mut self) -> Self {
        self.greeting = Greeting::Passed;
        self
    }

    /// The same, with a server that expects something.
    #[must_use]
    pub fn expecting(mut self, expecting: Expecting) -> Self {
        self.expecting = expecting;
        self
    }

    /// Takes a chunk.
    pub fn push(&mut self, bytes: &[u8]) {
        self.framer.push(bytes);
        self.drain();
    }

    /// Takes a chunk over.
    pub fn push_bytes(&mut self, bytes: Bytes) {
        self.framer.push_bytes(bytes);
        self.drain();
    }

    /// Ends the input, and gives all that was in it.
    #[must_use]
    pub fn finish(mut self) -> Vec<Item> {
        let (span, outcome) = match self.framer.finish() {
            Some(Tail::Blank(span, _)) => (span, Outcome::Blank),
            Some(Tail::Incomplete(span)) => (span, Outcome::Incomplete),
            Some(Tail::Skipped(span)) => {
                let fault = self.fault.take().map_or(Outcome::Incomplete, |error| frame_fault(&error));
                (span, fault)
            }
            _ => return self.items,
        };
        self.items.push(Item { offset: span.offset, length: span.length, outcome });
        self.items
    }

    fn drain(&mut self) {
        loop {
            self.framer.keep_blank_lines(self.expecting == Expecting::AuthenticateData);
            let Some(event) = self.framer.next_event() else { break };
            match event {
                Event::Message(frame) => {
                    let outcome = match self.decode(&frame) {
                        Ok(decoded) => Outcome::Message(
                            Box::new(decoded.value),
                            crate::codec::show_deviations(&decoded.deviations),
                        ),
                        Err(error) => Outcome::Malformed(decode_fault(&error, frame.stream_offset(error.at))),
                    };
                    let span = frame.span();
                    self.items.push(Item { offset: span.offset, length: span.length, outcome });
                }
                Event::Malformed(error) => self.fault = Some(error),
                Event::Skipped(span) => {
                    let outcome = self.fault.take().map_or(Outcome::Incomplete, |error| frame_fault(&error));
                    self.items.push(Item { offset: span.offset, length: span.length, outcome });
                }
                _ => self.framer.accept(),
            }
        }
    }

    fn decode(&mut self, frame: &Frame) -> Result<Decoded<Message>, DecodeError> {
        let map = |value, deviations| Decoded { value, deviations };
        match self.framer.side() {
            Side::Server => {
                let greeting = std::mem::replace(&mut self.greeting, Greeting::Passed);
                if greeting != Greeting::Passed {
                    match decode_greeting(frame, &self.options) {
                        Ok(it) => return Ok(map(Message::Greeting(it.value), it.deviations)),
                        Err(error) if greeting == Greeting::Required => return Err(error),
                        Err(_) => {}
                    }
                }
                let it = decode_response(frame, &self.options)?;
                Ok(map(Message::Response(it.value), it.deviations))
            }
            Side::Client => {
                // A line with a space is no base64: the exchange was given up, and this is a command.
                if self.expecting == Expecting::AuthenticateData && frame.as_bytes().contains(&b' ') {
                    self.expecting = Expecting::Command;
                }
                let it = decode_client_message(frame, self.expecting, &self.options)?;
                self.expecting = match &it.value {
                    ClientMessage::Command(Command { body: CommandBody::Authenticate { .. }, .. })
                    | ClientMessage::AuthenticateData(_) => Expecting::AuthenticateData,
                    ClientMessage::Command(Command { body: CommandBody::Idle, .. }) => Expecting::IdleDone,
                    _ => Expecting::Command,
                };
                Ok(map(Message::Client(it.value), it.deviations))
            }
        }
    }
}

/// A reader that stands where the message of `input` begins.
#[must_use]
pub fn reader_of(input: &Input, reading: Reading) -> Reader {
    let mut reader = Reader::new(side(input.from), reading, input.mode).expecting(input.expecting);
    reader.greeting = match input.from {
        From::Greeting => Greeting::Required,
        From::Server | From::Client => Greeting::Passed,
    };
    reader
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
