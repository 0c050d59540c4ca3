//! The only writer of output bytes.
//!
//! A `Writer` makes a message of lines and literals. The payload of a literal is passed through, never
//! copied; a client that sends a synchronizing literal has to stop before it and wait for `+`. A payload that
//! nobody holds is a place in the message, where its owner sends it.

use alloc::vec::Vec;
use core::{fmt, mem, num::NonZeroU32};

use bytes::{Bytes, BytesMut};
use imap_types::{chars, few::Few, string::Form};

use crate::{
    Side,
    error::{EncodeError, EncodeErrorKind},
    line::{Line, SHORT},
    profile::{EncodeProfile, Literals},
    string::{after_literals, header_at_end},
};

/// A piece of an encoded message. The pieces in their order are the message.
///
/// Of `C: A1 LOGIN {3}` CRLF `joe sesame` CRLF the first line is one piece, up to its CRLF; `joe` is a literal that
/// waits; the rest is a line again (RFC 9051 section 4.3).
///
/// A message of any size goes out in pieces of any size: its value says how long it is, and the encoder says where
/// it stands.
///
/// ```
/// use imap_codec::{encode_command, profile::EncodeProfile, writer::Segment};
/// use imap_types::{append::AppendMessage, command::{Command, CommandBody}};
///
/// let message = AppendMessage::streamed((1_u64 << 30).try_into()?);
/// let append = Command::new("A1", CommandBody::append("Sent", message)?)?;
/// let encoded = encode_command(&append, &EncodeProfile::client())?;
///
/// let mut out = Vec::new();
/// for segment in encoded.segments() {
///     if segment.waits() {
///         // Send what is in `out`, and wait for the server's `+`.
///     }
///     match segment {
///         Segment::Streamed { size, .. } => {
///             // Send exactly `size` bytes: read a piece, write a piece.
///             assert_eq!(*size, 1 << 30);
///         }
///         here => out.extend_from_slice(here.data()),
///     }
/// }
/// assert_eq!(out, b"A1 APPEND Sent {1073741824}\r\n\r\n");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub enum Segment {
    /// Bytes of the message's lines, literal headers included.
    Line(Bytes),
    /// The payload of a literal.
    Literal {
        /// The payload.
        data: Bytes,
        /// Whether the sender must have received a continuation request before it sends `data`.
        wait: bool,
    },
    /// The place of a payload that is not in the value ([`Payload::Streamed`]): whoever has it sends it here.
    ///
    /// [`Payload::Streamed`]: imap_types::fetch::Payload::Streamed
    Streamed {
        /// How many bytes, no more and no fewer: the header of the literal has told the peer.
        size: u64,
        /// Whether the sender must have received a continuation request before it sends them.
        wait: bool,
    },
}

static NOTHING: Bytes = Bytes::new();

impl Segment {
    /// The bytes of the piece; none for one that is streamed.
    #[must_use]
    pub const fn data(&self) -> &Bytes {
        match self {
            Self::Line(data) | Self::Literal { data, .. } => data,
            Self::Streamed { .. } => &NOTHING,
        }
    }

    /// How many bytes the piece is on the wire.
    #[must_use]
    pub const fn size(&self) -> u64 {
        match self {
            Self::Line(data) | Self::Literal { data, .. } => data.len() as u64,
            Self::Streamed { size, .. } => *size,
        }
    }

    /// Whether the sender must have received a continuation request before it sends the piece.
    #[must_use]
    pub const fn waits(&self) -> bool {
        match self {
            Self::Line(_) => false,
            Self::Literal { wait, .. } | Self::Streamed { wait, .. } => *wait,
        }
    }
}

impl fmt::Debug for Segment {
    /// Lengths only: a command may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(data) => write!(f, "Line({} bytes)", data.len()),
            Self::Literal { data, wait } => write!(f, "Literal({} bytes, wait: {wait})", data.len()),
            Self::Streamed { size, wait } => write!(f, "Streamed({size} bytes, wait: {wait})"),
        }
    }
}

/// An encoded message: its pieces in order.
///
/// ```
/// use imap_codec::{encode_command, profile::EncodeProfile, writer::Segment};
/// use imap_types::command::Command;
///
/// let login = Command::login("A1", "alice", "a \"b\"\r\nc")?;
/// let encoded = encode_command(&login, &EncodeProfile::client())?;
/// // The password cannot be quoted, so it goes as a literal, after the server's `+`.
/// let [Segment::Line(line), Segment::Literal { data, wait: true }, Segment::Line(end)] =
///     encoded.segments() else { panic!() };
/// assert_eq!(line, "A1 LOGIN alice {8}\r\n");
/// assert_eq!((&data[..], &end[..]), (&b"a \"b\"\r\nc"[..], &b"\r\n"[..]));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encoded {
    segments: Few<Segment>,
}

impl Encoded {
    /// The pieces, in the order in which they are sent.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The pieces by value.
    #[must_use]
    pub fn into_segments(self) -> Vec<Segment> {
        self.segments.into_vec()
    }

    /// The length of the whole message in bytes, what is streamed included; `usize::MAX` where it is longer.
    #[must_use]
    pub fn len(&self) -> usize {
        let len = self.segments.iter().fold(0, |sum: u64, segment| sum.saturating_add(segment.size()));
        usize::try_from(len).unwrap_or(usize::MAX)
    }

    /// Whether a payload of the message is streamed: not all of its bytes are here.
    #[must_use]
    pub fn is_streamed(&self) -> bool {
        self.segments.iter().any(|segment| matches!(segment, Segment::Streamed { .. }))
    }

    /// Whether there are no bytes at all, which no message is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The whole message in one buffer; shares it where there is only one piece.
    ///
    /// Empty where a payload [is streamed](Self::is_streamed): the peer would take what follows for the payload,
    /// so what is here of such a message is only given piece by piece.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        match &*self.segments {
            [only] => only.data().clone(),
            _ if self.is_streamed() => Bytes::new(),
            segments => {
                let mut all = BytesMut::with_capacity(self.len());
                segments.iter().for_each(|segment| all.extend_from_slice(segment.data()));
                all.freeze()
            }
        }
    }
}

/// Collects a message. Encoding functions are methods on it, in the file of their topic.
pub(crate) struct Writer<'p> {
    pub(crate) profile: &'p EncodeProfile,
    line: Line,
    segments: Few<Segment>,
    /// Whether what is secret is left out.
    redacting: bool,
    /// Whether a literal8 stays one: the peer takes them, or the grammar has nothing else there.
    literal8: bool,
    /// Where in the line a raw part stopped that ends like the header of a literal.
    open_header: Option<usize>,
}

impl<'p> Writer<'p> {
    /// A writer for logs: what is secret becomes `[redacted]`.
    pub(crate) fn redacting(profile: &'p EncodeProfile) -> Self {
        Self { redacting: true, ..Self::new(profile) }
    }

    /// Writes a credential, or `[redacted]` in its place.
    pub(crate) fn secret(
        &mut self,
        write: impl FnOnce(&mut Self) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        if self.redacting {
            self.bytes(b"[redacted]");
            return Ok(());
        }
        write(self)
    }

    #[inline]
    pub(crate) fn new(profile: &'p EncodeProfile) -> Self {
        Self {
            profile,
            line: Line::EMPTY,
            segments: Few::EMPTY,
            redacting: false,
            literal8: profile.literal8,
            open_header: None,
        }
    }

    /// Makes room for so many bytes in the line.
    #[inline]
    pub(crate) fn reserve(&mut self, bytes: usize) {
        self.line.reserve(bytes);
    }

    /// Protocol bytes: keywords, punctuation, words that were validated.
    #[inline]
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.line.extend(bytes);
    }

    /// Writes a part in which the grammar has literal8 and nothing else, whatever the peer takes elsewhere.
    pub(crate) fn with_literal8(
        &mut self,
        write: impl FnOnce(&mut Self) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.literal8 = true;
        let written = write(self);
        self.literal8 = self.profile.literal8;
        written
    }

    /// One space.
    #[inline]
    pub(crate) fn sp(&mut self) {
        self.line.push(b' ');
    }

    /// A decimal number.
    #[inline]
    pub(crate) fn number(&mut self, number: impl Into<u64>) {
        let number: u64 = number.into();
        match u32::try_from(number) {
            Ok(number @ 0..=99_999_999) => {
                let (text, len) = short_text(number);
                self.line.extend_from_eight(text.to_le_bytes(), len);
            }
            _ => self.long_number(number),
        }
    }

    /// A space and a decimal number: one store where both fit eight bytes.
    #[inline]
    pub(crate) fn sp_number(&mut self, number: impl Into<u64>) {
        let number: u64 = number.into();
        match u32::try_from(number) {
            Ok(number @ 0..=SHORT_NUMBER) => {
                let (bytes, len) = sp_short_text(number);
                self.line.extend_from_eight(bytes, len);
            }
            _ => {
                self.sp();
                self.number(number);
            }
        }
    }

    /// A space before each number. Many are written to the buffer at once.
    pub(crate) fn sp_numbers(&mut self, mut numbers: &[NonZeroU32]) {
        /// So many with their spaces are no short line, however small they are.
        const MANY: usize = SHORT / 2;
        while let Some((first, after)) = numbers.split_first() {
            if first.get() > SHORT_NUMBER || after.len() < MANY {
                self.sp_number(first.get());
                numbers = after;
                continue;
            }
            self.line.extend_with(|text| {
                let mut len = 0_usize;
                while let Some((number, after)) = numbers.split_first()
                    && number.get() <= SHORT_NUMBER
                    && let Some(place) = text.get_mut(len..).and_then(|rest| rest.first_chunk_mut())
                {
                    let (bytes, more) = sp_short_text(number.get());
                    *place = bytes;
                    len = len.wrapping_add(more);
                    numbers = after;
                }
                len
            });
        }
    }

    fn long_number(&mut self, mut number: u64) {
        let mut digits = [0_u8; 20];
        let mut start = digits.len();
        for slot in digits.rchunks_exact_mut(2) {
            // OK because a remainder by a hundred fits a byte.
            let pair = (number % 100) as u8;
            slot.copy_from_slice(&[b'0'.wrapping_add(pair / 10), b'0'.wrapping_add(pair % 10)]);
            number /= 100;
            start = start.wrapping_sub(if number == 0 && pair < 10 { 1 } else { 2 });
            if number == 0 {
                break;
            }
        }
        self.line.extend(digits.get(start..).unwrap_or_default());
    }

    /// `"(" [item *(SP item)] ")"`
    pub(crate) fn list<'a, T: 'a>(
        &mut self,
        items: impl IntoIterator<Item = &'a T>,
        item: impl FnMut(&mut Self, &T) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.bytes(b"(");
        self.separated(items, item)?;
        self.bytes(b")");
        Ok(())
    }

    /// `item *(SP item)`
    pub(crate) fn separated<'a, T: 'a>(
        &mut self,
        items: impl IntoIterator<Item = &'a T>,
        mut item: impl FnMut(&mut Self, &T) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        for (index, each) in items.into_iter().enumerate() {
            if index > 0 {
                self.sp();
            }
            item(self, each)?;
        }
        Ok(())
    }

    /// Whether `bytes` can go between quotes to this peer.
    pub(crate) fn may_quote(&self, bytes: &[u8]) -> bool {
        if !bytes.iter().all(|&byte| !matches!(byte, 0 | b'\r' | b'\n')) {
            return false;
        }
        bytes.is_ascii() || (self.profile.utf8 && core::str::from_utf8(bytes).is_ok())
    }

    /// `bytes` between quotes; [`Writer::may_quote`] said that they can be.
    pub(crate) fn quoted(&mut self, bytes: &[u8]) {
        if self.plain_string(bytes) {
            return;
        }
        self.line.push(b'"');
        for &byte in bytes {
            if matches!(byte, b'"' | b'\\') {
                self.line.push(b'\\');
            }
            self.line.push(byte);
        }
        self.line.push(b'"');
    }

    /// `bytes` between quotes, where none of them needs an escape; else nothing is written.
    #[inline]
    pub(crate) fn plain_string(&mut self, bytes: &[u8]) -> bool {
        let plain = chars::quoted_plain_run(bytes) == bytes.len();
        if plain {
            self.line.extend_quoted(bytes);
        }
        plain
    }

    /// `string`: `bytes` between quotes where `form` and the peer allow that, else what `payload` gives, as a literal.
    pub(crate) fn string_of(
        &mut self,
        bytes: &[u8],
        form: Form,
        payload: impl FnOnce() -> Bytes,
    ) -> Result<(), EncodeError> {
        match form {
            Form::Auto | Form::Atom | Form::Quoted if self.plain_string(bytes) => Ok(()),
            Form::Auto | Form::Atom | Form::Quoted if self.may_quote(bytes) => {
                self.quoted(bytes);
                Ok(())
            }
            Form::Auto | Form::Atom | Form::Quoted => self.literal(payload(), Form::Literal),
            form @ (Form::Literal | Form::LiteralPlus | Form::Literal8 | Form::Literal8Plus) => {
                self.literal(payload(), form)
            }
        }
    }

    /// A literal of `data`. `form` is the wish; the profile decides what the peer takes.
    pub(crate) fn literal(&mut self, data: Bytes, form: Form) -> Result<(), EncodeError> {
        let mut eight = matches!(form, Form::Literal8 | Form::Literal8Plus);
        // A payload is looked into only where what is found matters.
        if !eight && !self.profile.relay_invalid && memchr::memchr(0, &data).is_some() {
            return Err(EncodeError::new(EncodeErrorKind::Nul, "a string"));
        }
        if eight && !self.literal8 {
            if memchr::memchr(0, &data).is_some() {
                return Err(EncodeError::new(EncodeErrorKind::Nul, "a literal8"));
            }
            eight = false;
        }
        let wait = self.literal_header(data.len() as u64, form, eight);
        self.segments.push(Segment::Literal { data, wait });
        Ok(())
    }

    /// The place of a literal of `size` bytes that its owner sends. `form` is the wish, as for [`Writer::literal`].
    pub(crate) fn streamed_literal(&mut self, size: u64, form: Form) -> Result<(), EncodeError> {
        let eight = matches!(form, Form::Literal8 | Form::Literal8Plus);
        if eight && !self.literal8 {
            // Nobody has looked whether it holds NUL.
            return Err(EncodeError::new(EncodeErrorKind::Streamed, "a literal8"));
        }
        let wait = self.literal_header(size, form, eight);
        self.segments.push(Segment::Streamed { size, wait });
        Ok(())
    }

    /// `"{" number64 ["+"] "}" CRLF`; whether the sender then waits.
    fn literal_header(&mut self, size: u64, form: Form, eight: bool) -> bool {
        let asked = matches!(form, Form::LiteralPlus | Form::Literal8Plus);
        //= rfc9051#section-4.3
        //# The non-synchronizing literal form MUST NOT be sent from server to client.
        let plus = self.profile.side == Side::Client
            && match self.profile.literals {
                Literals::Synchronizing => false,
                Literals::AsReceived => asked,
                Literals::NonSynchronizing => true,
                //= rfc9051#section-4.3
                //# Any literal larger than 4096 bytes MUST be sent as a synchronizing literal.
                Literals::NonSynchronizingUpTo(most) => size <= u64::from(most),
            };
        self.bytes(if eight { b"~{" } else { b"{" });
        self.number(size);
        self.bytes(if plus { b"+}\r\n" } else { b"}\r\n" });
        self.end_line();
        //= rfc9051#section-4.3
        //# In the case of synchronizing literals transmitted from client to server, the client MUST wait to
        //# receive a command continuation request (described later in this document) before sending the
        //# octet data (and the remainder of the command).
        //= rfc9051#section-4.3
        //# Even if the octet count is 0, a client transmitting a synchronizing literal MUST wait
        self.profile.side == Side::Client && !plus
    }

    fn end_line(&mut self) {
        self.open_header = None;
        if self.line.len() > 0 {
            self.segments.push(Segment::Line(self.line.take()));
        }
    }

    /// A part as it came, which cannot be read.
    pub(crate) fn raw(&mut self, raw: &[u8]) {
        self.bytes(raw);
        let last_line = after_literals(raw, self.profile.side).unwrap_or(raw);
        self.open_header = header_at_end(last_line)
            .is_some_and(|header| header.announces_a_literal(self.profile.side))
            .then_some(self.line.len());
    }

    /// Ends the message with CRLF.
    ///
    /// A raw part just before it must not announce a literal: the next message would be its payload.
    pub(crate) fn finish(&mut self) -> Result<Encoded, EncodeError> {
        self.end()?;
        Ok(self.take())
    }

    /// The same right behind what `out` holds, where the whole message is a short line; else the message.
    pub(crate) fn finish_behind(&mut self, out: &mut BytesMut) -> Result<Option<Encoded>, EncodeError> {
        self.end()?;
        match self.line.as_short() {
            Some(line) if self.segments.is_empty() => {
                out.extend_from_slice(line);
                Ok(None)
            }
            _ => Ok(Some(self.take())),
        }
    }

    /// `CRLF`
    fn end(&mut self) -> Result<(), EncodeError> {
        if self.open_header.is_some_and(|end| end == self.line.len()) {
            return Err(EncodeError::new(EncodeErrorKind::Combination, "a part"));
        }
        self.bytes(b"\r\n");
        Ok(())
    }

    /// The message, given away.
    fn take(&mut self) -> Encoded {
        let last = Segment::Line(self.line.take());
        if self.segments.is_empty() {
            return Encoded { segments: Few::from(last) };
        }
        self.segments.push(last);
        Encoded { segments: mem::replace(&mut self.segments, Few::EMPTY) }
    }
}

/// The largest number that fits eight bytes together with a space.
const SHORT_NUMBER: u32 = 9_999_999;

/// A space and the text of a number up to [`SHORT_NUMBER`], and how many bytes they are.
#[inline]
const fn sp_short_text(number: u32) -> ([u8; 8], usize) {
    let (text, len) = short_text(number);
    ((text << 8 | b' ' as u64).to_le_bytes(), len.wrapping_add(1))
}

/// The text of a number below 100,000,000, the first digit in the lowest byte, and how many digits it has.
#[inline]
const fn short_text(number: u32) -> (u64, usize) {
    let digits = eight_digits(number);
    // The last digit stays, though it be zero: a bit above it stops the count there.
    let zeros = (digits | 1 << 56).trailing_zeros() / 8;
    let text = (digits | u64::from_le_bytes([b'0'; 8])) >> zeros.wrapping_mul(8);
    (text, 8_u32.wrapping_sub(zeros) as usize)
}

/// The digits of a number below 100,000,000, the first in the lowest byte: all at once, by halves.
#[inline]
const fn eight_digits(number: u32) -> u64 {
    let number = number as u64;
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    // Dividing by a hundred and by ten is multiplying and shifting, for numbers this small.
    let hundreds = (fours.wrapping_mul(10_486) >> 20) & 0x0000_007f_0000_007f;
    let twos = hundreds | (fours.wrapping_sub(hundreds.wrapping_mul(100)) << 16);
    let tens = (twos.wrapping_mul(103) >> 10) & 0x000f_000f_000f_000f;
    tens | (twos.wrapping_sub(tens.wrapping_mul(10)) << 8)
}

/// `{5}` or `{5+}` at the end: a framer that does not know where text begins would wait for a literal.
pub(crate) fn ends_like_a_literal(text: &[u8]) -> bool {
    header_at_end(text).is_some()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use alloc::string::String;

    use super::*;

    #[test]
    fn numbers_are_written_as_rust_writes_them() {
        let mut numbers: Vec<u64> = (0..=99_999_999).step_by(9_973).collect();
        for power in 0..20 {
            let power = 10_u64.pow(power);
            numbers.extend([power - 1, power, power + 1]);
        }
        numbers.push(u64::MAX);
        let profile = EncodeProfile::as_received(Side::Server);
        for number in numbers {
            let mut writer = Writer::new(&profile);
            writer.number(number);
            writer.sp_number(number);
            assert_eq!(writer.line.take(), alloc::format!("{number} {number}").as_bytes());
        }
    }

    #[test]
    fn many_numbers_are_written_as_each_is() {
        let profile = EncodeProfile::as_received(Side::Server);
        for len in (0..10).chain(60..150) {
            for long in [usize::MAX, 0, 1, 17, 33, 80, len] {
                let number = |at| if at == long { u32::MAX } else { u32::try_from(at * 7919 + 1).unwrap() };
                let numbers: Vec<u32> = (0..len).map(number).collect();
                let checked: Vec<_> = numbers.iter().filter_map(|number| NonZeroU32::new(*number)).collect();
                let mut writer = Writer::new(&profile);
                writer.bytes(b"SEARCH");
                writer.sp_numbers(&checked);
                let each: String = numbers.iter().map(|number| alloc::format!(" {number}")).collect();
                assert_eq!(writer.line.take(), alloc::format!("SEARCH{each}").as_bytes());
            }
        }
    }

    #[test]
    fn s10_a_raw_part_at_the_end_of_a_message_announces_no_literal() {
        let profile = EncodeProfile::as_received(Side::Server);
        let sent = |raw: &[u8], after: &[u8]| {
            let mut writer = Writer::new(&profile);
            writer.raw(raw);
            writer.bytes(after);
            writer.finish().map(|encoded| encoded.to_bytes())
        };
        for raw in [&b"X {5}"[..], b"{5+}", b"~{0}"] {
            assert_eq!(sent(raw, b"").unwrap_err().kind, EncodeErrorKind::Combination);
            assert_eq!(sent(raw, b")").unwrap(), [raw, b")\r\n"].concat());
        }
        // The last one ends in a payload and `3}`.
        for raw in [&b"{}"[..], b"x {{5}", b"x{5}", b"x {3}\r\na {3}"] {
            assert_eq!(sent(raw, b"").unwrap(), [raw, b"\r\n"].concat());
        }
    }
}
