//! The messages of one direction: the framer and the decoder in one loop.
//!
//! For readers that only look: logs, captures, indexers, tests. [`ServerStream`] reads what a server sends,
//! its greeting first; [`ClientStream`] reads what a client sends, the lines of AUTHENTICATE and IDLE
//! included. Each message comes with its place in the stream, a malformed one as well, and the places
//! tile the input. Literals are taken as sent, without asking; whoever answers the peer, or wants
//! payloads streamed, uses the [`Framer`] and the decoders.
//!
//! ```
//! use imap_codec::{DecodeOptions, stream::{ServerMessage, ServerStream}};
//! use imap_types::response::Response;
//!
//! let mut stream = ServerStream::new(DecodeOptions::tolerant_of_servers());
//! stream.push(b"* OK ready\r\n* 5 EXI");
//! stream.push(b"STS\r\n* 0 EXPUNGE\r\nA1 OK done\r\n");
//! let first = stream.next_message().unwrap();
//! assert!(matches!(first.message, Ok(ServerMessage::Greeting(_))));
//! let second = stream.next_message().unwrap();
//! assert!(matches!(second.message, Ok(ServerMessage::Response(Response::Data(_)))));
//! assert_eq!((second.span.offset, second.span.length), (12, 12));
//! // One bad message costs no other.
//! let third = stream.next_message().unwrap();
//! assert_eq!((third.message.unwrap_err().rule(), third.at), ("nz-number", Some(26)));
//! assert!(stream.next_message().unwrap().message.is_ok());
//! assert!(stream.next_message().is_none());
//! ```
//!
//! ```
//! use imap_codec::{DecodeOptions, stream::ClientStream};
//! use imap_types::command::ClientMessage;
//!
//! let mut stream = ClientStream::new(DecodeOptions::tolerant_of_clients());
//! stream.push(b"A1 AUTHENTICATE LOGIN\r\nam9l\r\n\r\nA2 IDLE\r\nDONE\r\n");
//! let messages: Vec<_> = std::iter::from_fn(|| stream.next_message()).map(|read| read.message.unwrap()).collect();
//! assert!(matches!(messages[..], [
//!     ClientMessage::Command(_),
//!     ClientMessage::AuthenticateData(_),
//!     ClientMessage::AuthenticateData(_),
//!     ClientMessage::Command(_),
//!     ClientMessage::IdleDone,
//! ]));
//! ```

use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;
use imap_types::{
    atom::Tag,
    command::{ClientMessage, Command, CommandBody},
    response::{Greeting, Response},
};

use crate::{
    DecodeOptions, Decoded, Expecting, Side, decode_client_message, decode_greeting, decode_response,
    error::DecodeError,
    frame::{Event, Frame, FrameError, Framer, FramerOptions, LeadDeviation, Span, Tail},
};

/// A message, or what is in its place.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Read<T> {
    /// Its place in the stream.
    pub span: Span,
    /// The message, or why there is none.
    pub message: Result<T, ReadError>,
    /// Where the error is, in bytes from the start of the stream.
    pub at: Option<u64>,
    /// What was read beyond the grammar, by place in the stream.
    pub deviations: Vec<LeadDeviation>,
    /// Its bytes, decoded or not. `None` where they were not kept: it broke a limit, or the input ends inside it.
    pub frame: Option<Frame>,
}

/// Why a message could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// It does not fit the grammar.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// It breaks a limit.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The input ends inside it.
    #[error("the input ends inside the message")]
    Incomplete,
}

impl ReadError {
    /// The grammar rule or the limit; empty for a message that is incomplete.
    #[must_use]
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::Decode(error) => error.rule,
            Self::Frame(error) => error.kind.rule(),
            Self::Incomplete => "",
        }
    }

    /// The tag, where it was read.
    #[must_use]
    pub const fn tag(&self) -> Option<&Tag> {
        match self {
            Self::Decode(error) => error.tag.as_ref(),
            Self::Frame(error) => error.tag.as_ref(),
            Self::Incomplete => None,
        }
    }
}

/// The end of a stream.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[allow(clippy::large_enum_variant, reason = "there is one in the life of a stream")]
pub enum End<T> {
    /// A last message, incomplete or over a limit.
    Message(Read<T>),
    /// Blank lines and NULs: they belong to the message before.
    Blank(Span, Vec<LeadDeviation>),
}

/// A message from a server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServerMessage {
    /// The first message, where it is an untagged OK, PREAUTH or BYE.
    Greeting(Greeting),
    /// Any other.
    Response(Response),
}

/// Framer, and the error of the message that is being skipped.
struct Messages {
    framer: Framer,
    options: DecodeOptions,
    broken: Option<FrameError>,
}

impl Messages {
    fn new(side: Side, options: DecodeOptions) -> Self {
        Self { framer: Framer::new(side, FramerOptions::offline(&options)), options, broken: None }
    }

    fn next<T>(
        &mut self,
        decode: impl FnOnce(&Frame, &DecodeOptions) -> Result<Decoded<T>, DecodeError>,
    ) -> Option<Read<T>> {
        loop {
            match self.framer.next_event()? {
                Event::Message(frame) => {
                    let result = decode(&frame, &self.options);
                    return Some(read(frame, result));
                }
                // The first error is the cause of a second.
                Event::Malformed(error) => self.broken = Some(self.broken.take().unwrap_or(error)),
                Event::Skipped(span) => return Some(self.skipped(span)),
                // Nothing stops an offline framer.
                Event::Literal(_) => self.framer.accept(),
                Event::Chunk(_) | Event::StreamEnd => {}
            }
        }
    }

    fn skipped<T>(&mut self, span: Span) -> Read<T> {
        let error = self.broken.take();
        let at = error.as_ref().map(|error| error.at);
        let error = error.map_or(ReadError::Incomplete, ReadError::Frame);
        Read { span, message: Err(error), at, deviations: Vec::new(), frame: None }
    }

    fn finish<T>(&mut self) -> Option<End<T>> {
        Some(match self.framer.finish()? {
            Tail::Blank(span, deviations) => End::Blank(span, deviations),
            Tail::Incomplete(span) => {
                let message = Err(ReadError::Incomplete);
                End::Message(Read { span, message, at: None, deviations: Vec::new(), frame: None })
            }
            Tail::Skipped(span) => End::Message(self.skipped(span)),
        })
    }
}

/// Brings what framer and decoder found together, in places of the stream.
fn read<T>(frame: Frame, result: Result<Decoded<T>, DecodeError>) -> Read<T> {
    let span = frame.span();
    let mut deviations = frame.lead_deviations().to_vec();
    let (message, at) = match result {
        Ok(Decoded { value, deviations: found }) => {
            deviations.extend(
                found
                    .iter()
                    .map(|found| LeadDeviation { quirk: found.quirk, offset: frame.stream_offset(found.at) }),
            );
            (Ok(value), None)
        }
        Err(error) => {
            let at = frame.stream_offset(error.at).min(span.end());
            (Err(error.into()), Some(at))
        }
    };
    Read { span, message, at, deviations, frame: Some(frame) }
}

macro_rules! stream {
    ($name:ident, $message:ty) => {
        impl $name {
            /// Takes bytes by copying them.
            pub fn push(&mut self, bytes: &[u8]) {
                self.messages.framer.push(bytes);
            }

            /// Takes bytes over; messages that lie within them are not copied.
            pub fn push_bytes(&mut self, bytes: Bytes) {
                self.messages.framer.push_bytes(bytes);
            }

            /// The framer, to lend its buffer ([`Framer::reserve`]) or to take out what was not read
            /// ([`Framer::take_unread`]).
            pub const fn framer_mut(&mut self) -> &mut Framer {
                &mut self.messages.framer
            }

            /// Ends the input, once [`Self::next_message`] has nothing more. `None` where nothing is left.
            pub fn finish(&mut self) -> Option<End<$message>> {
                self.messages.finish()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.messages.framer).finish()
            }
        }
    };
}

/// Reads what a server sends. See the [module](self).
pub struct ServerStream {
    messages: Messages,
    greeting: GreetingIs,
}

/// What the next message of a server has to do with a greeting.
#[derive(Clone, Copy, PartialEq, Eq)]
enum GreetingIs {
    /// It has to be one.
    Required,
    /// It may be one.
    Possible,
    /// It is none.
    Past,
}

stream!(ServerStream, ServerMessage);

impl ServerStream {
    /// A stream at the start of a connection: its first message may be a greeting.
    #[must_use]
    pub fn new(options: DecodeOptions) -> Self {
        Self { messages: Messages::new(Side::Server, options), greeting: GreetingIs::Possible }
    }

    /// The same, where nothing else is taken as the first message: `* 1 EXISTS` is an error there.
    #[must_use]
    pub fn to_be_greeted(options: DecodeOptions) -> Self {
        Self { greeting: GreetingIs::Required, ..Self::new(options) }
    }

    /// A stream behind the greeting.
    #[must_use]
    pub fn greeted(options: DecodeOptions) -> Self {
        Self { greeting: GreetingIs::Past, ..Self::new(options) }
    }

    /// The next message; `None` where more input is needed.
    pub fn next_message(&mut self) -> Option<Read<ServerMessage>> {
        let greeting = self.greeting;
        let read = self.messages.next(|frame, options| {
            if greeting != GreetingIs::Past {
                match decode_greeting(frame, options) {
                    Ok(found) => return Ok(map(found, ServerMessage::Greeting)),
                    Err(error) if greeting == GreetingIs::Required => return Err(error),
                    Err(_) => {}
                }
            }
            decode_response(frame, options).map(|response| map(response, ServerMessage::Response))
        })?;
        self.greeting = GreetingIs::Past;
        Some(read)
    }
}

fn map<T, U>(decoded: Decoded<T>, f: impl FnOnce(T) -> U) -> Decoded<U> {
    Decoded { value: f(decoded.value), deviations: decoded.deviations }
}

/// Reads what a client sends. See the [module](self).
///
/// After AUTHENTICATE, lines without a space are its data, until a command follows; after IDLE, the next line is
/// `DONE`, or (where that is tolerated) another command.
pub struct ClientStream {
    messages: Messages,
    expecting: Expecting,
}

stream!(ClientStream, ClientMessage);

impl ClientStream {
    /// A stream at the start of a connection.
    #[must_use]
    pub fn new(options: DecodeOptions) -> Self {
        Self { messages: Messages::new(Side::Client, options), expecting: Expecting::Command }
    }

    /// What the next line is expected to be.
    #[must_use]
    pub const fn expecting(&self) -> Expecting {
        self.expecting
    }

    /// Corrects what is expected, for an owner that sees the server's side too: a tagged reply ends
    /// AUTHENTICATE and IDLE.
    pub const fn expect(&mut self, expecting: Expecting) {
        self.expecting = expecting;
    }

    /// The next message; `None` where more input is needed.
    pub fn next_message(&mut self) -> Option<Read<ClientMessage>> {
        let mut expecting = self.expecting;
        self.messages.framer.keep_blank_lines(expecting == Expecting::AuthenticateData);
        let read = self.messages.next(|frame, options| {
            // No base64 holds a space: the exchange is over, and this is a command.
            if expecting == Expecting::AuthenticateData && memchr::memchr(b' ', frame.as_bytes()).is_some() {
                expecting = Expecting::Command;
            }
            decode_client_message(frame, expecting, options)
        })?;
        self.expecting = match &read.message {
            Ok(ClientMessage::Command(Command { body: CommandBody::Authenticate { .. }, .. })) => {
                Expecting::AuthenticateData
            }
            Ok(ClientMessage::Command(Command { body: CommandBody::Idle, .. })) => Expecting::IdleDone,
            Ok(ClientMessage::Command(_) | ClientMessage::IdleDone) => Expecting::Command,
            // The data of an exchange goes on; what could not be read ends nothing.
            Ok(_) | Err(_) => expecting,
        };
        Some(read)
    }
}

#[cfg(test)]
mod tests {
    use std::{string::String, vec::Vec};

    use super::*;
    use crate::limits::Limits;

    /// Each message as `offset+length`, with the rule of its error and the deviations.
    fn client(options: DecodeOptions, input: &[u8]) -> Vec<String> {
        let mut stream = ClientStream::new(options);
        stream.push(input);
        let mut seen = Vec::new();
        let mut show = |read: Read<ClientMessage>| {
            let mut line = std::format!("{}+{}", read.span.offset, read.span.length);
            if let Err(error) = &read.message {
                line.push_str(&std::format!(" {:?} at {:?}", error.rule(), read.at.unwrap_or_default()));
            }
            for found in &read.deviations {
                line.push_str(&std::format!(" {}@{}", found.quirk.id(), found.offset));
            }
            seen.push(line);
        };
        while let Some(read) = stream.next_message() {
            show(read);
        }
        match stream.finish() {
            Some(End::Message(read)) => show(read),
            Some(End::Blank(span, _)) => seen.push(std::format!("{}+{} blank", span.offset, span.length)),
            None => {}
        }
        seen
    }

    #[test]
    fn places_and_deviations_are_those_of_the_stream() {
        let seen =
            client(DecodeOptions::tolerant_of_clients(), b"\r\nA1 NOOP\nA2 SELECT x \r\nA3 FETCH 0 x\r\n\n");
        assert_eq!(seen, ["0+10 Q154@0 Q20@9", "10+14 Q161@21", "24+14 \"nz-number\" at 33", "38+1 blank"]);
    }

    #[test]
    fn an_error_in_idle_does_not_end_it_in_strict() {
        let seen = client(DecodeOptions::strict(), b"A1 IDLE\r\nA2 NOOP\r\nDONE\r\nA3 NOOP\r\n");
        assert_eq!(seen, ["0+9", "9+9 \"idle\" at 9", "18+6", "24+9"]);
        let seen = client(DecodeOptions::tolerant_of_clients(), b"A1 IDLE\r\nA2 NOOP\r\nA3 NOOP\r\n");
        assert_eq!(seen, ["0+9", "9+9 Q152@9", "18+9"]);
    }

    #[test]
    fn what_breaks_a_limit_or_is_cut_has_its_place() {
        let mut options = DecodeOptions::strict();
        options.limits = Limits { argument_literal: 2, ..Limits::SERVER };
        let seen = client(options.clone(), b"A1 LOGIN {3+}\r\nabc x\r\nA2 NOOP\r\nA3");
        assert_eq!(seen, ["0+22 \"literal\" at 9", "22+9", "31+2 \"\" at 0"]);
        let seen = client(options, b"A1 LOGIN {4294967296+}\r\nA2 NOOP\r\n");
        assert_eq!(seen, ["0+33 \"literal\" at 9"]);
    }
}
