//! Where a message ends: bytes to complete messages.
//!
//! A [`Framer`] takes the bytes that one side sends, in pieces of any size, and yields complete messages
//! ([`Frame`]) for the decoder: lines and literals together. It needs to know where each literal begins and
//! how long it is, so it reads the ends of lines (and no more) by the grammar: the text of `* OK see {5}`
//! announces nothing, the mailbox of `* LIST () "/" {5}` does.
//!
//! # The loop
//!
//! Feed, then take events until there is none. On the side of the client, which reads what a server sends:
//!
//! ```
//! use imap_codec::{DecodeOptions, Side, frame::{Event, Framer, FramerOptions}};
//!
//! let mut framer = Framer::new(Side::Server, FramerOptions::new(&DecodeOptions::tolerant_of_servers()));
//! let mut messages = Vec::new();
//! // Each item stands for one read of the socket.
//! for read in [&b"* 1 FETCH (BODY[] {5}\r\nhel"[..], b"lo)\r\nA1 OK see {5}", b"\r\n"] {
//!     framer.push(read);
//!     while let Some(event) = framer.next_event() {
//!         match event {
//!             Event::Message(frame) => messages.push(frame),
//!             // The limits of a client are wide: this server is broken or hostile.
//!             Event::Malformed(error) => panic!("{error}"),
//!             _ => {}
//!         }
//!     }
//! }
//! assert_eq!(messages[0].as_bytes(), b"* 1 FETCH (BODY[] {5}\r\nhello)\r\n");
//! assert_eq!(messages[1].as_bytes(), b"A1 OK see {5}\r\n");
//! ```
//!
//! On the side of a server, a synchronizing literal stops the framer until the server has decided:
//!
//! ```
//! use imap_codec::{DecodeOptions, Side, frame::{Event, Framer, FramerOptions}};
//!
//! let mut options = FramerOptions::new(&DecodeOptions::tolerant_of_clients());
//! options.stream_above = Some(16);
//! let mut framer = Framer::new(Side::Client, options);
//! let (mut stored, mut commands, mut answers) = (Vec::new(), Vec::new(), Vec::new());
//! for read in [
//!     &b"A1 LOGIN {3}\r\n"[..],
//!     b"joe {6+}\r\nsesame\r\n",
//!     b"A2 APPEND Sent {30}\r\n",
//!     b"Subject: hi\r\n\r\nA9 DELETE INBOX\r\n",
//! ] {
//!     framer.push(read);
//!     while let Some(event) = framer.next_event() {
//!         match event {
//!             Event::Message(frame) => commands.push(frame),
//!             Event::Literal(literal) => {
//!                 if literal.size > 16 {
//!                     framer.stream();
//!                 } else {
//!                     framer.accept();
//!                 }
//!                 if literal.synchronizing {
//!                     answers.push("+ go\r\n");
//!                 }
//!             }
//!             Event::Chunk(piece) => stored.extend_from_slice(&piece),
//!             Event::StreamEnd => {}
//!             Event::Malformed(error) => answers.push(if error.recoverable { "BAD" } else { "BYE" }),
//!             _ => {}
//!         }
//!     }
//! }
//! assert_eq!(answers.len(), 2);
//! assert_eq!(stored, b"Subject: hi\r\n\r\nA9 DELETE INBOX");
//! assert_eq!(commands[0].as_bytes(), b"A1 LOGIN {3}\r\njoe {6+}\r\nsesame\r\n");
//! assert_eq!(commands[1].as_bytes(), b"A2 APPEND Sent {30}\r\n\r\n");
//! ```
//!
//! # What holds
//!
//! - **Any cut.** The same bytes give the same messages however they are cut. Each byte is looked at a
//!   bounded number of times, so the work is linear even for single bytes.
//! - **Copies.** [`Framer::push`] copies each byte once. [`Framer::push_bytes`] copies nothing where a message
//!   lies within one hand-over, and [`Framer::reserve`] with [`Framer::commit`] copies nothing at all;
//!   frames are slices of the buffer that was handed over or lent. (Where a message spans hand-overs, or
//!   has more lines after a streamed literal, those of its bytes are copied to bring them together.)
//! - **Memory.** A declared size allocates nothing. The framer holds the bytes of one message up to its
//!   [`Limits`], and what was pushed beyond it. A buffer that grew large is released with its messages.
//! - **Payload is never a line.** Neither that of an accepted literal nor that of a malformed or refused
//!   one: it is counted, not read.
//! - **Places.** The spans of messages and skipped messages, and that of the [`Tail`], tile the input.
//! - **No byte too many.** After an event the framer has consumed nothing past the end of it, so that
//!   [`Framer::take_unread`] gives the exact byte at which TLS or compression begins.
//!
//! # What is not here
//!
//! Whether a line is a command, the data of an authentication or `DONE`: such lines have no literals, so the
//! framer needs not know. A session that awaits authentication data, where a blank line is an answer, says so
//! with [`Framer::keep_blank_lines`]. A quoted string that spans lines is an error in its first line.

mod event;
mod head;
mod scan;

use alloc::{collections::VecDeque, vec::Vec};
use core::{fmt, mem};

use bytes::{Buf as _, Bytes, BytesMut};
use imap_types::{
    atom::Tag,
    octets::{Buffer, Octets},
};

pub use self::event::{
    Event, Frame, FrameError, FrameErrorKind, LeadDeviation, LiteralStop, Span, StreamedLiteral, Tail,
};
use self::scan::{Announced, LineScan};
use crate::{
    DecodeOptions, Side,
    limits::Limits,
    tolerance::{Quirk, Tolerance},
};

/// A buffer larger than this is not kept for the next message, in bytes.
const RETAINED: usize = 64 * 1024;

/// Deviations before one message that are reported; further ones are skipped in silence.
const LEAD_DEVIATIONS: usize = 1024;

/// How a framer reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FramerOptions {
    /// What is read beyond the grammar: [`Quirk::BareLf`], [`Quirk::BlankLine`] and [`Quirk::LeadingNul`]
    /// matter here.
    pub tolerance: Tolerance,
    /// The limits on lines, literals, messages and tags.
    pub limits: Limits,
    /// Whether literals stop the framer.
    pub literals: LiteralPolicy,
    /// With [`LiteralPolicy::Ask`], a literal larger than this many bytes stops the framer, whoever sends it, so
    /// that it can be streamed. Of a client, only the literals of APPEND, REPLACE and the like count, not
    /// names and other arguments. `None`, the default: such literals are collected, or refused by the limits.
    pub stream_above: Option<u64>,
}

/// Which literals stop a framer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LiteralPolicy {
    /// The synchronizing literals of a client, and those above [`FramerOptions::stream_above`].
    #[default]
    Ask,
    /// None: all are collected, as far as the limits allow, and the payload of larger ones is skipped. For
    /// readers of logs.
    Accept,
}

impl FramerOptions {
    /// A framer that goes with a decoder.
    #[must_use]
    pub const fn new(options: &DecodeOptions) -> Self {
        Self {
            tolerance: options.tolerance,
            limits: options.limits,
            literals: LiteralPolicy::Ask,
            stream_above: None,
        }
    }

    /// The same, with no stop at any literal: for readers of logs.
    #[must_use]
    pub const fn offline(options: &DecodeOptions) -> Self {
        Self { literals: LiteralPolicy::Accept, ..Self::new(options) }
    }
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// Before the first byte of a message.
    Start,
    /// In a line.
    Line,
    /// The owner is asked.
    Stop(LiteralStop, Announced),
    /// The owner accepted what does not fit.
    Unfit(Announced),
    /// So many bytes of payload are to be collected.
    Collect(u64),
    /// So many bytes of payload go to the owner.
    Stream(u64),
    /// So many bytes of payload go nowhere, but the message is good.
    Discard(u64),
    /// In a line of a bad message.
    SkipLine,
    /// In a payload of a bad message.
    SkipPayload(u64),
    /// At the end of a line of a bad message.
    SkipLineEnd,
    /// A bad message goes on with a payload that cannot be skipped.
    Unskippable(Announced),
    /// A bad message is over.
    Skipped,
    /// What follows cannot be read.
    Fatal,
}

/// Finds the messages in the bytes that one side sends. See the [module](self).
pub struct Framer {
    side: Side,
    options: FramerOptions,
    keep_blank_lines: bool,
    state: State,

    // The unread bytes are `pushed[..filled]` and then `handed`. Of the current message, `partial` and the
    // first `pos` unread bytes were scanned; those lie in the first of the sources.
    partial: BytesMut,
    pushed: BytesMut,
    /// The bytes of `pushed` past this are lent to the owner, or will be.
    filled: usize,
    handed: VecDeque<Bytes>,
    pos: usize,

    // The current message.
    /// Where it begins.
    offset: u64,
    /// Bytes skipped before it.
    lead: u64,
    lead_deviations: Vec<LeadDeviation>,
    /// Bytes of it that are no longer held.
    dropped: u64,
    /// Where its current line begins, in bytes from the start of the message.
    line_start: usize,
    /// The length of its lines before the current one.
    lines: usize,
    literals: usize,
    streamed: Vec<StreamedLiteral>,
    /// The error of a bad message.
    blamed: Option<FrameError>,
    /// The scan, before the current line; in a bad message, up to the first unread byte.
    scan: LineScan,

    steps: u64,
}

impl fmt::Debug for Framer {
    /// Lengths instead of bytes: a message may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Framer")
            .field("side", &self.side)
            .field("state", &self.state)
            .field("offset", &self.offset)
            .field("scanned", &self.scanned())
            .field("pushed", &self.filled)
            .field("handed", &self.handed.len())
            .finish_non_exhaustive()
    }
}

impl Framer {
    /// A framer of what `side` sends.
    #[must_use]
    pub fn new(side: Side, options: FramerOptions) -> Self {
        let scan = LineScan::new(side);
        Self {
            side,
            options,
            keep_blank_lines: false,
            state: State::Start,
            partial: BytesMut::new(),
            pushed: BytesMut::new(),
            filled: 0,
            handed: VecDeque::new(),
            pos: 0,
            offset: 0,
            lead: 0,
            lead_deviations: Vec::new(),
            dropped: 0,
            line_start: 0,
            lines: 0,
            literals: 0,
            streamed: Vec::new(),
            blamed: None,
            scan,
            steps: 0,
        }
    }

    /// Who sends what is read here.
    #[must_use]
    pub const fn side(&self) -> Side {
        self.side
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &FramerOptions {
        &self.options
    }

    /// The options, to change them: after authentication a server widens its limits. Change them between
    /// messages.
    pub const fn options_mut(&mut self) -> &mut FramerOptions {
        &mut self.options
    }

    /// Whether a blank line is a message, in tolerant reading too. It is one while authentication data is
    /// awaited: there it is the empty answer. Off at first; it counts from the next call of
    /// [`Framer::next_event`] on.
    pub const fn keep_blank_lines(&mut self, keep: bool) {
        self.keep_blank_lines = keep;
    }

    // ----- input -----

    /// Takes bytes by copying them, once.
    pub fn push(&mut self, bytes: &[u8]) {
        self.merge_handed();
        let spare = self.pushed.get_mut(self.filled..).unwrap_or_default();
        let (now, later) = bytes.split_at_checked(spare.len()).unwrap_or((bytes, &[]));
        spare.iter_mut().zip(now).for_each(|(slot, byte)| *slot = *byte);
        self.pushed.extend_from_slice(later);
        self.filled = self.filled.saturating_add(bytes.len());
    }

    /// Takes bytes over. Messages that lie within them are slices of them.
    pub fn push_bytes(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.handed.push_back(bytes);
        }
    }

    /// Lends `len` bytes to read into, all of which hold some value; [`Framer::commit`] then says how many
    /// were filled. Until then nothing is taken from them.
    ///
    /// ```
    /// use std::io::Read as _;
    /// use imap_codec::{DecodeOptions, Side, frame::{Event, Framer, FramerOptions}};
    ///
    /// let mut socket = &b"* OK ready\r\n"[..];
    /// let mut framer = Framer::new(Side::Server, FramerOptions::new(&DecodeOptions::strict()));
    /// let len = socket.read(framer.reserve(4096))?;
    /// framer.commit(len);
    /// assert!(matches!(framer.next_event(), Some(Event::Message(_))));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn reserve(&mut self, len: usize) -> &mut [u8] {
        self.merge_handed();
        let end = self.filled.saturating_add(len);
        if self.pushed.len() < end {
            if self.pushed.capacity() < end {
                // What was lent before is not worth being moved.
                self.pushed.truncate(self.filled);
            }
            self.pushed.resize(end, 0);
        }
        self.pushed.get_mut(self.filled..end).unwrap_or_default()
    }

    /// Takes the first `len` bytes of what [`Framer::reserve`] lent; never more than were lent.
    pub fn commit(&mut self, len: usize) {
        self.filled = self.filled.saturating_add(len).min(self.pushed.len());
    }

    /// Brings all unread bytes into `pushed`, so that more can be appended.
    fn merge_handed(&mut self) {
        if self.handed.is_empty() {
            return;
        }
        self.pushed.truncate(self.filled);
        for chunk in self.handed.drain(..) {
            self.pushed.extend_from_slice(&chunk);
        }
        self.filled = self.pushed.len();
    }

    /// Takes out all bytes that no event has covered yet, those of an unfinished message included: after
    /// STARTTLS or COMPRESS they are not for this framer. The framer then stands at the beginning of a message; its place in the stream stays.
    #[must_use = "these bytes are read by nobody else"]
    pub fn take_unread(&mut self) -> Bytes {
        self.pushed.truncate(self.filled);
        let mut parts = Vec::new();
        parts.push(mem::take(&mut self.partial).freeze());
        parts.push(mem::take(&mut self.pushed).freeze());
        parts.extend(self.handed.drain(..));
        parts.retain(|part| !part.is_empty());
        self.filled = 0;
        self.pos = 0;
        self.end_message(self.lead.saturating_add(self.dropped));
        match parts.pop() {
            Some(only) if parts.is_empty() => only,
            Some(last) => {
                parts.push(last);
                Bytes::from(parts.concat())
            }
            None => Bytes::new(),
        }
    }

    /// Whether all input was taken and no message is begun: nothing is held but memory, which
    /// [`Framer::shrink`] releases.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        matches!(self.state, State::Start)
            && self.partial.is_empty()
            && self.filled == 0
            && self.handed.is_empty()
    }

    /// Releases the memory of buffers that hold nothing: an idle connection then has none.
    pub fn shrink(&mut self) {
        if self.filled == 0 {
            self.pushed = BytesMut::new();
        }
        if self.partial.is_empty() {
            self.partial = BytesMut::new();
        }
        self.handed.shrink_to_fit();
        self.lead_deviations.shrink_to_fit();
    }

    /// How many bytes the scans have looked at, for tests that the work is linear.
    #[doc(hidden)]
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    // ----- what the owner asks and decides -----

    /// The message so far, up to the header of the literal at which the framer stopped.
    #[must_use]
    pub fn partial(&self) -> &[u8] {
        if self.partial.is_empty() {
            self.source().get(..self.pos).unwrap_or_default()
        } else {
            &self.partial
        }
    }

    /// The tag of the message that is being read, where its first line is there.
    #[must_use]
    pub fn tag(&self) -> Option<Tag> {
        head::tag(self.partial(), self.side)
    }

    /// Collects the payload of the literal at which the framer stopped into the message. The owner sends
    /// `+` where the literal is synchronizing. Without effect where the framer has not stopped.
    pub fn accept(&mut self) {
        if let State::Stop(stop, announced) = self.state {
            self.state = if stop.fits { State::Collect(stop.size) } else { State::Unfit(announced) };
        }
    }

    /// Hands the payload to the owner: [`Event::Chunk`]s as they arrive, and [`Event::StreamEnd`]. The framer
    /// holds no more of it than was pushed. Then the message goes on; its frame holds the header, and
    /// [`Frame::streamed`] says where the payload was. The owner sends `+` where the literal is synchronizing.
    /// Without effect where the framer has not stopped.
    pub fn stream(&mut self) {
        if let State::Stop(stop, _) = self.state {
            self.leave_out(stop.size);
            self.state = State::Stream(stop.size);
        }
    }

    /// As [`Framer::stream`], with the payload going nowhere.
    pub fn discard(&mut self) {
        if let State::Stop(stop, _) = self.state {
            self.leave_out(stop.size);
            self.state = State::Discard(stop.size);
        }
    }

    /// Gives the message up, and [`Event::Skipped`] says where it ended. After a synchronizing literal that is
    /// here: the owner answers with a tagged NO or BAD ([`Framer::tag`], before this call), and the client
    /// goes on with its next command. Otherwise the payload and the rest of the message are skipped.
    /// Without effect where the framer has not stopped.
    pub fn refuse(&mut self) {
        if let State::Stop(stop, _) = self.state {
            self.drop_scanned();
            self.state = if stop.synchronizing { State::Skipped } else { State::SkipPayload(stop.size) };
        }
    }

    /// The payload that follows stays out of the frame.
    fn leave_out(&mut self, size: u64) {
        self.gather(self.pos);
        let at = self.partial.len();
        self.streamed.push(StreamedLiteral { at, size });
        self.line_start = at;
    }

    // ----- output -----

    /// The next event, or `None` where more input is needed.
    pub fn next_event(&mut self) -> Option<Event> {
        loop {
            match self.state {
                State::Start => {
                    if !self.skip_lead() {
                        return None;
                    }
                    self.state = State::Line;
                }
                State::Line => {
                    let found = self.read_line();
                    if found.is_some() || matches!(self.state, State::Line) {
                        return found;
                    }
                }
                State::Stop(stop, _) => return Some(Event::Literal(stop)),
                State::Unfit(announced) => {
                    return Some(self.literal_error(FrameErrorKind::Literal, announced));
                }
                State::Collect(left) => {
                    if left == 0 {
                        self.line_start = self.scanned();
                        self.state = State::Line;
                    } else if self.has_unscanned() {
                        let len = self.unscanned().len().min(usize_of(left));
                        self.pos = self.pos.saturating_add(len);
                        self.state = State::Collect(left.saturating_sub(u64_of(len)));
                    } else {
                        return None;
                    }
                }
                State::Stream(0) => {
                    self.state = State::Line;
                    return Some(Event::StreamEnd);
                }
                State::Stream(left) => {
                    let len = self.source().len().min(usize_of(left));
                    if len == 0 {
                        return None;
                    }
                    self.state = State::Stream(left.saturating_sub(u64_of(len)));
                    self.dropped = self.dropped.saturating_add(u64_of(len));
                    return Some(Event::Chunk(self.take(len)));
                }
                State::Discard(left) => {
                    let left = self.skip_payload(left);
                    self.state = if left == 0 { State::Line } else { State::Discard(left) };
                    if left > 0 {
                        return None;
                    }
                }
                State::SkipPayload(left) => {
                    let left = self.skip_payload(left);
                    self.state = if left == 0 { State::SkipLine } else { State::SkipPayload(left) };
                    if left > 0 {
                        return None;
                    }
                }
                State::SkipLine => {
                    if !self.skip_line() {
                        return None;
                    }
                }
                State::SkipLineEnd => self.skip_line_end(),
                State::Unskippable(announced) => return Some(self.unskippable(announced)),
                State::Skipped => {
                    let span = self.span();
                    self.end_message(span.length);
                    return Some(Event::Skipped(span));
                }
                State::Fatal => {
                    self.skip_payload(u64::MAX);
                    return None;
                }
            }
        }
    }

    /// Ends the input: what is left in it belongs to no event so far. Call it when [`Framer::next_event`]
    /// has nothing more. Afterwards the framer is at the beginning of a message again.
    pub fn finish(&mut self) -> Option<Tail> {
        let state = self.state;
        self.drop_scanned();
        self.skip_payload(u64::MAX);
        let span = self.span();
        let deviations = mem::take(&mut self.lead_deviations);
        let only_lead = self.dropped == 0;
        self.end_message(span.length);
        match state {
            _ if span.length == 0 => None,
            State::Start if only_lead => Some(Tail::Blank(span, deviations)),
            State::SkipLine
            | State::SkipLineEnd
            | State::SkipPayload(_)
            | State::Unskippable(_)
            | State::Skipped
            | State::Fatal => Some(Tail::Skipped(span)),
            State::Start
            | State::Line
            | State::Stop(..)
            | State::Unfit(_)
            | State::Collect(_)
            | State::Stream(_)
            | State::Discard(_) => Some(Tail::Incomplete(span)),
        }
    }

    /// The message up to what was scanned and dropped of it.
    fn span(&self) -> Span {
        let length = self.lead.saturating_add(self.dropped).saturating_add(u64_of(self.scanned()));
        Span { offset: self.offset, length }
    }

    /// Goes to the beginning of the next message, `length` bytes on.
    fn end_message(&mut self, length: u64) {
        self.offset = self.offset.saturating_add(length);
        self.lead = 0;
        self.lead_deviations.clear();
        self.dropped = 0;
        self.line_start = 0;
        self.lines = 0;
        self.literals = 0;
        self.streamed.clear();
        self.blamed = None;
        self.scan = LineScan::new(self.side);
        self.state = State::Start;
        if self.filled == 0 && self.pushed.capacity() > RETAINED {
            self.pushed = BytesMut::new();
        }
    }

    /// Skips blank lines and NULs before a message. False where it is not known yet whether one begins.
    fn skip_lead(&mut self) -> bool {
        let tolerance = self.options.tolerance;
        let blanks = tolerance.reads(Quirk::BlankLine) && !self.keep_blank_lines;
        let nuls = tolerance.reads(Quirk::LeadingNul);
        loop {
            let (quirk, len) = match (self.peek(0), self.peek(1)) {
                (None, _) | (Some(b'\r'), None) if blanks || self.peek(0).is_none() => return false,
                (Some(b'\r'), Some(b'\n')) if blanks => (Quirk::BlankLine, 2),
                (Some(b'\n'), _) if blanks && tolerance.reads(Quirk::BareLf) => (Quirk::BlankLine, 1),
                (Some(0), _) if nuls => (Quirk::LeadingNul, 1),
                _ => return true,
            };
            let last = self.lead_deviations.last().map(|last| last.quirk);
            // A run of NULs is one deviation.
            let again = quirk == Quirk::LeadingNul && last == Some(quirk);
            if !again && self.lead_deviations.len() < LEAD_DEVIATIONS {
                let offset = self.offset.saturating_add(self.lead);
                self.lead_deviations.push(LeadDeviation { quirk, offset });
            }
            for _ in 0..len {
                self.consume(1);
            }
            self.lead = self.lead.saturating_add(len);
        }
    }

    /// Reads on in a line. With `None` and still in the line, more input is needed.
    fn read_line(&mut self) -> Option<Event> {
        while self.has_unscanned() {
            let rest = self.unscanned();
            let found = memchr::memchr(b'\n', rest);
            let len = found.map_or(rest.len(), |at| at.saturating_add(1));
            self.steps = self.steps.saturating_add(u64_of(len));
            self.pos = self.pos.saturating_add(len);
            // The last byte of a payload is no part of the line after it.
            let line = self.scanned().saturating_sub(self.line_start);
            let has_cr = line > 1 && self.scanned_byte(2) == Some(b'\r');
            let ended = found.is_some() && (self.reads_bare_lf() || has_cr);

            let line = self.lines.saturating_add(line);
            let past_line = line.saturating_sub(self.options.limits.line);
            let past_message = self.scanned().saturating_sub(self.message_limit());
            match (past_line, past_message) {
                (0, 0) => {}
                // The limit that was passed first.
                (line, message) if line >= message => {
                    return Some(self.line_error(FrameErrorKind::Line, line, ended));
                }
                (_, message) => return Some(self.line_error(FrameErrorKind::Message, message, ended)),
            }
            if ended {
                return self.end_line();
            }
        }
        None
    }

    /// At the end of a line within the limits: the message ends, or a literal follows.
    fn end_line(&mut self) -> Option<Event> {
        if self.line_start == 0 && self.tag_is_too_long() {
            let past = self.scanned().saturating_sub(self.options.limits.tag);
            return Some(self.line_error(FrameErrorKind::Tag, past, true));
        }
        let last =
            if self.scanned_byte(2) == Some(b'\r') { self.scanned_byte(3) } else { self.scanned_byte(2) };
        if last != Some(b'}') {
            return Some(self.end_frame());
        }
        self.scan_line();
        let Some(announced) = self.scan.announced() else {
            return Some(self.end_frame());
        };
        let at = self.scanned();
        self.lines = self.lines.saturating_add(at.saturating_sub(self.line_start));
        self.line_start = at;
        self.begin_literal(announced)
    }

    fn end_frame(&mut self) -> Event {
        let span = self.span();
        let bytes = if self.partial.is_empty() {
            let len = mem::take(&mut self.pos);
            self.take(len)
        } else {
            self.gather(self.pos);
            mem::take(&mut self.partial).freeze()
        };
        let frame = Frame {
            buffer: Buffer::new(bytes),
            streamed: mem::take(&mut self.streamed),
            span,
            lead: self.lead,
            lead_deviations: mem::take(&mut self.lead_deviations),
        };
        self.end_message(span.length);
        Event::Message(frame)
    }

    /// A literal was announced: collect it, ask, or refuse it.
    fn begin_literal(&mut self, announced: Announced) -> Option<Event> {
        self.literals = self.literals.saturating_add(1);
        let limits = self.options.limits;
        if self.literals > limits.literals {
            return Some(self.literal_error(FrameErrorKind::Literals, announced));
        }
        let Some(size) = announced.size else {
            return Some(self.literal_error(FrameErrorKind::LiteralSize, announced));
        };
        // The first line says which command it is.
        if !self.partial.is_empty() {
            self.gather(self.pos);
        }
        let is_message = self.side == Side::Server || head::is_message_literal(self.partial(), self.literals);
        let limit = if is_message { limits.literal } else { limits.argument_literal };
        let total = u64_of(self.scanned()).saturating_add(size);
        let too_large = size > u64_of(limit);
        let fits = !too_large && total <= u64_of(self.message_limit());
        let synchronizing = self.side == Side::Client && !announced.non_sync;
        let streamable = is_message && self.options.stream_above.is_some_and(|above| size > above);
        match self.options.literals {
            LiteralPolicy::Ask if streamable || (synchronizing && fits) => {
                let stop = LiteralStop {
                    offset: self.offset.saturating_add(self.span().length),
                    size,
                    synchronizing,
                    literal8: announced.eight,
                    fits,
                };
                self.state = State::Stop(stop, announced);
                None
            }
            LiteralPolicy::Ask | LiteralPolicy::Accept if fits => {
                self.state = State::Collect(size);
                None
            }
            LiteralPolicy::Ask | LiteralPolicy::Accept => {
                let kind = if too_large { FrameErrorKind::Literal } else { FrameErrorKind::Message };
                Some(self.literal_error(kind, announced))
            }
        }
    }

    // ----- bad messages -----

    /// The current line breaks a limit, `past` bytes ago; `ended` says whether all of it was read.
    fn line_error(&mut self, kind: FrameErrorKind, past: usize, ended: bool) -> Event {
        let end = self.offset.saturating_add(self.span().length);
        // However much was read, the error is that of the first byte past the limit.
        let head = self.scanned().saturating_sub(past).saturating_add(1);
        let head = if kind == FrameErrorKind::Tag { usize::MAX } else { head };
        let error = self.error(kind, end.saturating_sub(u64_of(past)), head);
        self.scan_line();
        self.drop_scanned();
        self.state = if ended { State::SkipLineEnd } else { State::SkipLine };
        self.blame(error)
    }

    /// A literal cannot be taken.
    fn literal_error(&mut self, kind: FrameErrorKind, announced: Announced) -> Event {
        let end = self.offset.saturating_add(self.span().length);
        let mut error = self.error(kind, end.saturating_sub(announced.header_len), usize::MAX);
        self.drop_scanned();
        self.skip_announced(announced);
        if matches!(self.state, State::Unskippable(_)) {
            self.state = State::Fatal;
            error.recoverable = false;
        }
        error.awaits_answer = self.awaits_answer(announced);
        self.blame(error)
    }

    /// The rest of a bad message cannot be skipped after all.
    fn unskippable(&mut self, announced: Announced) -> Event {
        let at = self.offset.saturating_add(self.span().length).saturating_sub(announced.header_len);
        let kind =
            if announced.size.is_none() { FrameErrorKind::LiteralSize } else { FrameErrorKind::Literal };
        let (tag, name) = self.blamed.take().map_or((None, None), |first| (first.tag, first.name));
        self.state = State::Fatal;
        let offset = self.offset;
        Event::Malformed(FrameError { kind, offset, at, recoverable: false, awaits_answer: false, tag, name })
    }

    /// Reports an error, and keeps it for a second one in the same message.
    fn blame(&mut self, error: FrameError) -> Event {
        self.blamed = Some(error.clone());
        Event::Malformed(error)
    }

    /// An error; the first `head` bytes of the message say which message it is.
    fn error(&mut self, kind: FrameErrorKind, at: u64, head: usize) -> FrameError {
        if !self.partial.is_empty() {
            self.gather(self.pos);
        }
        let held = self.partial();
        let head = held.get(..head).unwrap_or(held);
        FrameError {
            kind,
            offset: self.offset,
            at,
            recoverable: true,
            awaits_answer: false,
            tag: head::tag(head, self.side),
            name: head::name(head, self.side),
        }
    }

    /// In a bad message: goes on to the end of the line. False where more input is needed.
    fn skip_line(&mut self) -> bool {
        loop {
            let source = self.source();
            if source.is_empty() {
                return false;
            }
            let found = memchr::memchr(b'\n', source);
            let len = found.map_or(source.len(), |at| at.saturating_add(1));
            let piece = source.get(..len).unwrap_or_default();
            let before = match piece {
                [.., before, _] => *before,
                _ => self.scan.last_byte(),
            };
            let ended = found.is_some() && (self.reads_bare_lf() || before == b'\r');
            let mut scan = self.scan;
            scan.feed(piece);
            self.scan = scan;
            self.steps = self.steps.saturating_add(u64_of(len).saturating_mul(2));
            self.consume(len);
            self.dropped = self.dropped.saturating_add(u64_of(len));
            if ended {
                self.skip_line_end();
                return true;
            }
        }
    }

    /// At the end of a line of a bad message: is there more of the message?
    fn skip_line_end(&mut self) {
        match self.scan.announced() {
            None => self.state = State::Skipped,
            Some(announced) => self.skip_announced(announced),
        }
    }

    /// A literal in a bad message: its payload is counted, so that none of it is read as a command.
    fn skip_announced(&mut self, announced: Announced) {
        let drained = |size: &u64| self.side == Side::Server || u32::try_from(*size).is_ok();
        self.state = match announced.size.filter(drained) {
            // The client waits, and reads the answer in place of the `+`.
            _ if self.awaits_answer(announced) => State::Skipped,
            Some(size) => State::SkipPayload(size),
            None => State::Unskippable(announced),
        };
    }

    /// Whether the sender of a bad message sends no payload without a `+`.
    fn awaits_answer(&self, announced: Announced) -> bool {
        // A reader of logs is not the one who answers: someone else did, and most likely with `+`.
        let answers = self.options.literals == LiteralPolicy::Ask;
        answers && self.side == Side::Client && !announced.non_sync
    }

    /// Drops up to `left` unread bytes, and returns how many are still to come.
    fn skip_payload(&mut self, mut left: u64) -> u64 {
        while left > 0 {
            let len = self.source().len().min(usize_of(left));
            if len == 0 {
                break;
            }
            self.consume(len);
            self.dropped = self.dropped.saturating_add(u64_of(len));
            left = left.saturating_sub(u64_of(len));
        }
        left
    }

    /// Forgets the bytes of the message so far.
    fn drop_scanned(&mut self) {
        self.dropped = self.dropped.saturating_add(u64_of(self.scanned()));
        self.partial = BytesMut::new();
        let len = mem::take(&mut self.pos);
        self.consume(len);
    }

    // ----- bytes -----

    const fn reads_bare_lf(&self) -> bool {
        self.options.tolerance.reads(Quirk::BareLf)
    }

    fn message_limit(&self) -> usize {
        self.options.limits.message.min(Octets::MAX_LEN)
    }

    /// The first of the unread bytes that lie together.
    fn source(&self) -> &[u8] {
        if self.filled > 0 {
            self.pushed.get(..self.filled).unwrap_or_default()
        } else {
            self.handed.front().map_or(&[], |chunk| chunk)
        }
    }

    fn peek(&self, at: usize) -> Option<u8> {
        let pushed = self.pushed.get(..self.filled).unwrap_or_default().iter();
        pushed.chain(self.handed.iter().flatten()).nth(at).copied()
    }

    fn unscanned(&self) -> &[u8] {
        self.source().get(self.pos..).unwrap_or_default()
    }

    /// How many bytes of the message are held and scanned.
    fn scanned(&self) -> usize {
        self.partial.len().saturating_add(self.pos)
    }

    /// The scanned byte that is `back` bytes before the first that was not; 1 is the last scanned.
    fn scanned_byte(&self, back: usize) -> Option<u8> {
        match self.pos.checked_sub(back) {
            Some(at) => self.source().get(at).copied(),
            None => {
                let back = back.saturating_sub(self.pos);
                self.partial.len().checked_sub(back).and_then(|at| self.partial.get(at)).copied()
            }
        }
    }

    /// Whether there are bytes to scan. Where the message goes on in a further source, brings it together.
    fn has_unscanned(&mut self) -> bool {
        loop {
            if self.pos < self.source().len() {
                return true;
            }
            let sources = self.handed.len().saturating_add(usize::from(self.filled > 0));
            if sources < 2 {
                return false;
            }
            self.gather(self.pos);
        }
    }

    /// Moves the first `len` unread bytes behind `partial`.
    fn gather(&mut self, len: usize) {
        if self.filled == 0 {
            if let Some(chunk) = self.handed.front() {
                self.partial.extend_from_slice(chunk.get(..len).unwrap_or(chunk));
            }
            self.consume(len);
        } else {
            let part = self.pushed.split_to(len.min(self.filled));
            self.filled = self.filled.saturating_sub(len);
            if self.partial.is_empty() {
                self.partial = part;
            } else {
                self.partial.extend_from_slice(&part);
            }
        }
        self.pos = self.pos.saturating_sub(len);
    }

    /// Takes the first `len` bytes of the source.
    fn take(&mut self, len: usize) -> Bytes {
        if self.filled > 0 {
            let len = len.min(self.filled);
            self.filled = self.filled.saturating_sub(len);
            return self.pushed.split_to(len).freeze();
        }
        let Some(chunk) = self.handed.front_mut() else {
            return Bytes::new();
        };
        let bytes = chunk.split_to(len.min(chunk.len()));
        if chunk.is_empty() {
            self.handed.pop_front();
        }
        bytes
    }

    /// Drops the first `len` bytes of the source.
    fn consume(&mut self, len: usize) {
        if self.filled > 0 {
            let len = len.min(self.filled);
            self.filled = self.filled.saturating_sub(len);
            self.pushed.advance(len);
        } else if let Some(chunk) = self.handed.front_mut() {
            chunk.advance(len.min(chunk.len()));
            if chunk.is_empty() {
                self.handed.pop_front();
            }
        }
    }

    /// Shows the current line, as far as it was read, to the scan.
    fn scan_line(&mut self) {
        let held = self.partial.get(self.line_start..).unwrap_or_default();
        let from = self.line_start.saturating_sub(self.partial.len());
        let read = self.source().get(from..self.pos).unwrap_or_default();
        let mut scan = self.scan;
        scan.feed(held);
        scan.feed(read);
        self.steps = self.steps.saturating_add(u64_of(held.len())).saturating_add(u64_of(read.len()));
        self.scan = scan;
    }

    /// Whether the first word of the line is longer than a tag may be. A line of one word has no tag.
    fn tag_is_too_long(&self) -> bool {
        let limit = self.options.limits.tag;
        let read = self.source().get(..self.pos).unwrap_or_default();
        let words = self.partial.iter().chain(read);
        let mut past = words.skip(limit);
        if self.scanned() <= limit || self.starts_with_space_within(limit) {
            return false;
        }
        past.any(|byte| *byte == b' ')
    }

    /// Whether a space stands within the first `limit + 1` bytes of the message.
    fn starts_with_space_within(&self, limit: usize) -> bool {
        let read = self.source().get(..self.pos).unwrap_or_default();
        self.partial.iter().chain(read).take(limit.saturating_add(1)).any(|byte| *byte == b' ')
    }
}

fn u64_of(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

fn usize_of(len: u64) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}
