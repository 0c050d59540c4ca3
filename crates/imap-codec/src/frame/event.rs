//! What a framer says.

use alloc::{boxed::Box, vec::Vec};
use core::fmt;

use bytes::Bytes;
use imap_types::{atom::Tag, octets::Buffer};

use super::head::Head;
use crate::{Side, string::header_at_end, tolerance::Quirk};

/// What a [`Framer`](super::Framer) found in its input.
#[derive(Clone)]
#[non_exhaustive]
pub enum Event {
    /// A complete message.
    Message(Frame),
    /// The framer stands behind the header of a literal, and goes on when the owner has decided:
    /// [`accept`](super::Framer::accept), [`stream`](super::Framer::stream),
    /// [`discard`](super::Framer::discard) or [`refuse`](super::Framer::refuse). Until then the same event
    /// comes again.
    Literal(LiteralStop),
    /// A piece of the payload that the owner streams.
    Chunk(Bytes),
    /// The streamed payload is complete; the message goes on.
    StreamEnd,
    /// The message breaks a limit. No part of it will be a [`Event::Message`]; where it ends,
    /// [`Event::Skipped`] follows, unless the error is fatal: then nothing follows any more. A second, fatal
    /// error can follow the first where the rest of the message turns out not to be skippable.
    Malformed(FrameError),
    /// The end of a message that was malformed or whose literal was refused.
    Skipped(Span),
}

impl fmt::Debug for Event {
    /// Lengths instead of bytes: a message may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(frame) => f.debug_tuple("Message").field(frame).finish(),
            Self::Literal(stop) => f.debug_tuple("Literal").field(stop).finish(),
            Self::Chunk(piece) => write!(f, "Chunk({} bytes)", piece.len()),
            Self::StreamEnd => f.write_str("StreamEnd"),
            Self::Malformed(error) => f.debug_tuple("Malformed").field(error).finish(),
            Self::Skipped(span) => f.debug_tuple("Skipped").field(span).finish(),
        }
    }
}

/// A part of the stream: all bytes from `offset` on that are before [`Span::end`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// Bytes from the start of the stream.
    pub offset: u64,
    /// Length in bytes.
    pub length: u64,
}

impl Span {
    /// The offset of the first byte after it.
    #[must_use]
    pub const fn end(self) -> u64 {
        self.offset.saturating_add(self.length)
    }
}

/// A deviation that was found while framing, before the first byte of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeadDeviation {
    /// Which: [`Quirk::BlankLine`], [`Quirk::BlankLineBetweenCommands`] or [`Quirk::LeadingNul`].
    pub quirk: Quirk,
    /// Where, in bytes from the start of the stream.
    pub offset: u64,
}

/// A literal about which the owner decides (RFC 9051 section 4.3).
///
/// `C: A1 LOGIN {3}` stops with a size of 3, and is synchronizing; `C: A1 APPEND Sent {90000+}` stops where that
/// is above [`FramerOptions::stream_above`](super::FramerOptions::stream_above), and is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LiteralStop {
    /// Where its payload begins, in bytes from the start of the stream.
    pub offset: u64,
    /// Its size in bytes, as declared. Nothing was allocated for it.
    pub size: u64,
    /// Whether the sender waits for `+` before it sends the payload: `{n}` of a client.
    pub synchronizing: bool,
    /// Whether it is a literal8, `~{n}`.
    pub literal8: bool,
    /// Whether the limits allow to collect it into the message. Otherwise it can be streamed, discarded or
    /// refused; accepting it is the same as refusing it, with [`Event::Malformed`].
    pub fits: bool,
}

/// A message that breaks a limit.
///
/// ```
/// use imap_codec::{DecodeOptions, Side, frame::{Event, Framer, FramerOptions}};
///
/// let mut options = FramerOptions::new(&DecodeOptions::tolerant_of_clients());
/// options.limits.line = 16;
/// let mut framer = Framer::new(Side::Client, options);
/// framer.push(b"A1 SEARCH SUBJECT abcdef\r\nA2 NOOP\r\n");
/// let Some(Event::Malformed(error)) = framer.next_event() else { panic!() };
/// assert_eq!(error.to_string(), "a line longer than its limit, in SEARCH with the tag A1, at byte 16");
/// assert!(error.recoverable);
/// assert!(matches!(framer.next_event(), Some(Event::Skipped(_))));
/// assert!(matches!(framer.next_event(), Some(Event::Message(_))));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FrameError {
    /// Which limit.
    pub kind: FrameErrorKind,
    /// Where the message begins, in bytes from the start of the stream.
    pub offset: u64,
    /// Where the limit was passed, in bytes from the start of the stream; for literals, their header.
    pub at: u64,
    /// Whether the next message can still be read. If not, the connection has to be closed.
    pub recoverable: bool,
    /// Whether the sender waits for an answer in place of the `+`: the literal was synchronizing.
    pub awaits_answer: bool,
    /// The tag, where it can be read.
    pub tag: Option<Tag>,
    /// The command or response, in upper case (`UID FETCH`, `FETCH`, `OK`), where it can be read.
    pub name: Option<Box<str>>,
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        if let Some(name) = &self.name {
            write!(f, ", in {name}")?;
        }
        if let Some(tag) = &self.tag {
            write!(f, " with the tag {}", tag.as_str())?;
        }
        write!(f, ", at byte {}", self.at)?;
        if !self.recoverable {
            f.write_str("; what follows cannot be read")?;
        }
        Ok(())
    }
}

impl core::error::Error for FrameError {}

/// The limits of a framer, by what passed them. The values are those of
/// [`FramerOptions::limits`](super::FramerOptions::limits); the texts do not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum FrameErrorKind {
    /// [`Limits::line`](crate::limits::Limits::line).
    #[error("a line longer than its limit")]
    Line,
    /// [`Limits::literal`](crate::limits::Limits::literal) or
    /// [`Limits::argument_literal`](crate::limits::Limits::argument_literal).
    #[error("a literal larger than its limit")]
    Literal,
    /// A literal whose size 63 bits cannot count.
    #[error("a literal whose size cannot be counted")]
    LiteralSize,
    /// [`Limits::literals`](crate::limits::Limits::literals).
    #[error("more literals than the limit allows")]
    Literals,
    /// [`Limits::message`](crate::limits::Limits::message).
    #[error("a message larger than its limit")]
    Message,
    /// [`Limits::tag`](crate::limits::Limits::tag).
    #[error("a tag longer than its limit")]
    Tag,
}

impl FrameErrorKind {
    /// The name of the limit, or of the grammar rule `number64` for a size that cannot be counted.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Literal => "literal",
            Self::LiteralSize => "number64",
            Self::Literals => "literals",
            Self::Message => "message",
            Self::Tag => "tag",
        }
    }
}

/// What is left at the end of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tail {
    /// Blank lines or NULs that no message follows: they belong to the message before.
    Blank(Span, Vec<LeadDeviation>),
    /// A message that the end of the input cuts.
    Incomplete(Span),
    /// The rest of a message that was [`Event::Malformed`] or refused, with no [`Event::Skipped`] yet: the
    /// span is that of the whole message.
    Skipped(Span),
}

/// A complete message: its lines and its collected literals, in one buffer.
///
/// Cloning shares. A frame keeps the whole buffer alive that its bytes arrived in; so do the values that are
/// decoded from it, until they are [detached](imap_types::octets::Detach).
#[derive(Clone, Default)]
pub struct Frame {
    pub(crate) buffer: Buffer,
    pub(crate) streamed: Vec<StreamedLiteral>,
    /// The place in the stream, bytes before the first of the buffer included.
    pub(super) span: Span,
    pub(super) lead: u64,
    pub(super) lead_deviations: Vec<LeadDeviation>,
    /// Whether a framer saw that there are no literals: nearly all messages are one line.
    pub(super) one_line: bool,
}

impl fmt::Debug for Frame {
    /// Lengths instead of bytes: a message may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("len", &self.as_bytes().len())
            .field("streamed", &self.streamed)
            .field("span", &self.span)
            .field("lead", &self.lead)
            .finish()
    }
}

/// What a decoder reads: one complete message, as a [`Frame`] or as its bytes.
///
/// Values own what they refer to: those of a frame share it, and those of borrowed bytes share one copy, made
/// if there is any string in the message that is longer than a few bytes.
///
/// ```
/// use imap_codec::{DecodeOptions, decode_response};
/// use imap_types::response::{Data, Response};
///
/// let decoded = decode_response(b"* 23 EXISTS\r\n", &DecodeOptions::strict())?;
/// assert_eq!(decoded.value, Response::Data(Data::Exists(23)));
/// # Ok::<(), imap_codec::error::DecodeError>(())
/// ```
pub trait Message: sealed::Message {}

impl<M: sealed::Message + ?Sized> Message for M {}

/// What is to be read of a message: its bytes, the buffer that holds them if there is one, and what was streamed.
#[derive(Clone, Copy)]
pub(crate) struct Parts<'m> {
    pub(crate) bytes: &'m [u8],
    pub(crate) buffer: Option<&'m Buffer>,
    pub(crate) streamed: &'m [StreamedLiteral],
}

mod sealed {
    use super::{Frame, Parts};

    /// What may stand for a message.
    #[allow(unnameable_types, reason = "nobody else implements it")]
    pub trait Message {
        #[doc(hidden)]
        #[allow(private_interfaces, reason = "nobody else calls it")]
        fn parts(&self) -> Parts<'_>;
    }

    impl Message for Frame {
        #[inline]
        #[allow(private_interfaces, reason = "as above")]
        fn parts(&self) -> Parts<'_> {
            Parts { bytes: self.as_bytes(), buffer: Some(&self.buffer), streamed: &self.streamed }
        }
    }

    impl Message for [u8] {
        #[inline]
        #[allow(private_interfaces, reason = "as above")]
        fn parts(&self) -> Parts<'_> {
            Parts { bytes: self, buffer: None, streamed: &[] }
        }
    }

    impl<const N: usize> Message for [u8; N] {
        #[inline]
        #[allow(private_interfaces, reason = "as above")]
        fn parts(&self) -> Parts<'_> {
            self.as_slice().parts()
        }
    }
}
pub(crate) use sealed::Message as AsParts;

/// A literal of a frame whose payload went to the owner instead of the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamedLiteral {
    /// Where in the frame the payload would stand: just after its header.
    pub at: usize,
    /// The size of the payload in bytes.
    pub size: u64,
}

/// A literal of a frame, as its header announces it (RFC 9051 section 4.3).
///
/// `C: A1 LOGIN {3+}`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FrameLiteral {
    /// Where in the frame the payload stands, or would stand if it had not been streamed: just after the header.
    pub at: usize,
    /// The size of the payload in bytes.
    pub size: u64,
    /// `{n+}`: sent without waiting for `+` (RFC 7888).
    pub non_sync: bool,
}

impl Frame {
    /// A frame of bytes that are known to be one message.
    #[must_use]
    pub fn new(bytes: Bytes) -> Self {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        // Each field by name: the default of a buffer is an allocation of its own.
        Self {
            buffer: Buffer::new(bytes),
            streamed: Vec::new(),
            span: Span { offset: 0, length },
            lead: 0,
            lead_deviations: Vec::new(),
            one_line: false,
        }
    }

    /// The same of static bytes, for tests and examples.
    #[must_use]
    pub fn from_static(bytes: &'static [u8]) -> Self {
        Self::new(Bytes::from_static(bytes))
    }

    /// The bytes of the message, without the payloads of streamed literals.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.buffer.as_bytes()
    }

    /// What the first words say of the message, which `side` sent, whether it can be decoded or not.
    ///
    /// ```
    /// use imap_codec::{Side, frame::Frame};
    ///
    /// let head = Frame::from_static(b"A1 uid fetch ((((\r\n").head(Side::Client);
    /// assert_eq!((head.tag.unwrap().as_str(), head.name.as_deref()), ("A1", Some("UID FETCH")));
    /// ```
    #[must_use]
    pub fn head(&self, side: Side) -> Head {
        Head::of(self.as_bytes(), side)
    }

    /// The literals that were streamed, in order.
    #[must_use]
    pub fn streamed(&self) -> &[StreamedLiteral] {
        &self.streamed
    }

    /// All literals of the message, in order, those that were streamed included.
    ///
    /// ```
    /// use imap_codec::frame::Frame;
    ///
    /// let frame = Frame::from_static(b"A1 LOGIN {5}\r\n{1}\r\n {0+}\r\n\r\n");
    /// let literals: Vec<_> = frame.literals().map(|literal| (literal.size, literal.non_sync)).collect();
    /// // What looks like a header inside of a payload is none.
    /// assert_eq!(literals, [(5, false), (0, true)]);
    /// ```
    pub fn literals(&self) -> impl Iterator<Item = FrameLiteral> + '_ {
        let bytes = if self.one_line { &[] } else { self.as_bytes() };
        let mut at = 0_usize;
        core::iter::from_fn(move || {
            loop {
                let rest = bytes.get(at..)?;
                let (line, after) = rest.split_at_checked(memchr::memchr(b'\n', rest)?.saturating_add(1))?;
                at = at.saturating_add(line.len());
                // The last line announces nothing that is in the message.
                let Some((size, non_sync)) = announced(line).filter(|_| !after.is_empty()) else { continue };
                let literal = FrameLiteral { at, size, non_sync };
                if self.streamed.binary_search_by_key(&at, |streamed| streamed.at).is_err() {
                    at = at.saturating_add(usize::try_from(size).unwrap_or(usize::MAX));
                }
                return Some(literal);
            }
        })
    }

    /// The place of the message in the stream: all its lines, its literals (streamed ones too), and the
    /// blank lines and NULs that were skipped before it. Spans of subsequent events leave no gap.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.span
    }

    /// How many bytes were skipped before the first byte of the frame.
    #[must_use]
    pub const fn lead(&self) -> u64 {
        self.lead
    }

    /// What was skipped before the message. Decoders report what is in the frame, and not this.
    #[must_use]
    pub fn lead_deviations(&self) -> &[LeadDeviation] {
        &self.lead_deviations
    }

    /// The place in the stream of byte `at` of the frame, as errors and deviations name it.
    #[must_use]
    pub fn stream_offset(&self, at: usize) -> u64 {
        let before = self.streamed.iter().filter(|literal| literal.at <= at).map(|literal| literal.size);
        let at = u64::try_from(at).unwrap_or(u64::MAX);
        before.fold(self.span.offset.saturating_add(self.lead).saturating_add(at), u64::saturating_add)
    }
}

/// The size that the header at the end of a line announces, and whether it has a `+`.
fn announced(line: &[u8]) -> Option<(u64, bool)> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let header = header_at_end(line.strip_suffix(b"\r").unwrap_or(line))?;
    Some((header.size?, header.non_sync))
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn literals(frame: &Frame) -> Vec<(usize, u64, bool)> {
        frame.literals().map(|literal| (literal.at, literal.size, literal.non_sync)).collect()
    }

    #[test]
    fn literals_are_found_and_payload_is_none() {
        // What the framer takes for no header is none here either.
        assert_eq!(literals(&Frame::from_static(b"a {+5} {5} \r\n{1}\r\nx\r\n")), [(18, 1, false)]);
        let frame = Frame::from_static(b"a {5}\r\n{1}\r\n ~{0+}\r\n {3}\r\n");
        assert_eq!(literals(&frame), [(7, 5, false), (20, 0, true)]);
        assert_eq!(literals(&Frame::from_static(b"* OK see {5}\r\n")), []);
    }

    #[test]
    fn the_payload_of_a_streamed_literal_is_not_there() {
        let mut frame = Frame::from_static(b"a b {90}\r\n (c) {2+}\r\nde\r\n");
        frame.streamed = vec![StreamedLiteral { at: 10, size: 90 }];
        assert_eq!(literals(&frame), [(10, 90, false), (21, 2, true)]);
    }
}
