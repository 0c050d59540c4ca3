//! Bytes of one direction to messages: the framer, then the decoder.

use bytes::Bytes;
use imap_codec::{
    DecodeOptions, Expecting, Mode, Side, decode_client_message, decode_greeting, decode_response,
    frame::{Event, Frame, FrameError, Framer, FramerOptions, LiteralStop, Span, Tail},
    limits::Limits,
};

use crate::{
    cli::{Profile, Reading, Revision},
    head::{Head, Kind},
    message::{Bent, Message, Outcome, Problem},
    value::Meaning,
};

/// Reads what one side sends. Holds one message at a time, and what was pushed.
pub(crate) struct Reader {
    from: Side,
    options: DecodeOptions,
    pub(crate) framer: Framer,
    /// Whether nothing was read yet.
    first: bool,
    /// The limit that the current message has passed.
    broken: Option<FrameError>,
}

/// What comes next in the input.
pub(crate) enum Found {
    /// A complete message.
    Message(Box<Message>),
    /// A literal of a client that waits for the server, with what was read of its command.
    Literal(LiteralStop),
}

/// What the end of the input leaves.
pub(crate) enum End {
    /// Blank lines and NULs behind the last message.
    Blank(Span, Vec<Bent>),
    /// A message that was cut, or was malformed.
    Message(Box<Message>),
}

/// How one side is decoded.
pub(crate) fn options(from: Side, reading: &Reading) -> DecodeOptions {
    let mut options = match (reading.profile, from) {
        (Profile::Strict, _) => DecodeOptions::strict(),
        (Profile::Tolerant, Side::Server) => DecodeOptions::tolerant_of_servers(),
        (Profile::Tolerant, Side::Client) => DecodeOptions::tolerant_of_clients(),
    };
    options.limits = match from {
        Side::Client => Limits::SERVER,
        Side::Server => Limits::CLIENT,
    };
    options.mode = match reading.mode {
        Revision::Any => Mode::Any,
        Revision::Rev1 => Mode::Rev1,
        Revision::Rev2 => Mode::Rev2,
    };
    options
}

impl Reader {
    /// A reader at the start of a direction. `offline` takes every literal as sent; otherwise those that wait
    /// for the server stop it.
    pub(crate) fn new(from: Side, options: DecodeOptions, offline: bool) -> Self {
        let framing = if offline { FramerOptions::offline(&options) } else { FramerOptions::new(&options) };
        Self { from, options, framer: Framer::new(from, framing), first: true, broken: None }
    }

    /// What comes next; `None` where more input is needed. `expecting` says what a line of a client is to be.
    pub(crate) fn next(&mut self, expecting: impl Fn(&[u8]) -> Expecting) -> Option<Found> {
        self.framer.keep_blank_lines(expecting(b"") == Expecting::AuthenticateData);
        loop {
            match self.framer.next_event()? {
                Event::Message(frame) => {
                    let expecting = expecting(frame.as_bytes());
                    return Some(Found::Message(Box::new(self.decode(&frame, expecting))));
                }
                // The first limit that was passed is the cause of a second.
                Event::Malformed(error) => self.broken = Some(self.broken.take().unwrap_or(error)),
                Event::Skipped(span) => return Some(Found::Message(Box::new(self.skipped(span)))),
                Event::Literal(stop) => return Some(Found::Literal(stop)),
                _ => {}
            }
        }
    }

    /// The limit that the message which is being skipped has passed.
    pub(crate) const fn broken(&self) -> Option<&FrameError> {
        self.broken.as_ref()
    }

    /// What is left when the input has ended and there is no next message.
    pub(crate) fn finish(&mut self, expecting: Expecting) -> Option<End> {
        let start = Bytes::copy_from_slice(self.framer.partial());
        Some(match self.framer.finish()? {
            Tail::Blank(span, lead) => End::Blank(span, lead.iter().map(Bent::before).collect()),
            Tail::Skipped(span) => End::Message(Box::new(self.skipped(span))),
            Tail::Incomplete(span) => {
                End::Message(Box::new(self.cut(span, start, expecting, Outcome::Incomplete)))
            }
            // A tail of a kind that this program does not know is no message.
            _ => return None,
        })
    }

    fn decode(&mut self, frame: &Frame, expecting: Expecting) -> Message {
        let bytes = frame.as_bytes();
        let challenged = expecting == Expecting::AuthenticateData;
        let expecting = match expecting {
            // An answer to a challenge has no space.
            Expecting::AuthenticateData if bytes.contains(&b' ') => Expecting::Command,
            other => other,
        };
        let mut head = Head::read(self.from, bytes, expecting, self.first);
        let options = &self.options;
        let (mut outcome, tag) = match (self.from, head.kind) {
            (Side::Client, _) => {
                let result = decode_client_message(frame, expecting, options);
                Outcome::of(frame, result, |message| Meaning::Client(Box::new(message)))
            }
            (Side::Server, Kind::Greeting) => {
                let result = decode_greeting(frame, options);
                Outcome::of(frame, result, |greeting| Meaning::Greeting(Box::new(greeting)))
            }
            (Side::Server, _) => {
                let result = decode_response(frame, options);
                Outcome::of(frame, result, |response| Meaning::Response(Box::new(response)))
            }
        };
        if let (true, Outcome::Malformed(problem)) = (challenged, &mut outcome) {
            // It may be an answer with a stray space.
            problem.found.clear();
        }
        if !outcome.is_ok() {
            // What the decoder could read of it counts.
            head.tag = tag;
        }
        self.message(frame.span(), head, frame.clone(), outcome)
    }

    /// A message that never became complete.
    pub(crate) fn cut(&mut self, span: Span, start: Bytes, expecting: Expecting, why: Outcome) -> Message {
        let head = Head::read(self.from, &start, expecting, self.first);
        self.message(span, head, Frame::new(start), why)
    }

    /// A message that passed a limit: it was not kept.
    fn skipped(&mut self, span: Span) -> Message {
        let error = self.broken.take();
        let tag = error.as_ref().and_then(|error| error.tag.as_ref()).map(ToString::to_string);
        let name = error.as_ref().and_then(|error| error.name.as_deref()).map(Into::into);
        let head = Head::named(self.from, name, tag, self.first);
        let problem = Problem {
            at: error.as_ref().map_or(span.offset, |error| error.at),
            in_bytes: None,
            rule: error.as_ref().map_or("literal", |error| error.kind.rule()),
            expected: "a message within the limits".into(),
            found: error.map(|error| error.kind.to_string()).unwrap_or_default(),
        };
        self.message(span, head, Frame::default(), Outcome::Malformed(problem))
    }

    fn message(&mut self, span: Span, head: Head, frame: Frame, outcome: Outcome) -> Message {
        self.first = false;
        Message { from: self.from, offset: span.offset, length: span.length, head, frame, outcome }
    }
}
