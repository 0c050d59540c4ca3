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
//!   has more lines after a streamed literal, those of its bytes are copied to bring them together. A message of
//!   up to [`Buffer::SHORT`] bytes is copied too, which is cheaper than sharing, and lets go of the buffer.)
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
mod input;
mod literal;
mod scan;
mod skip;

use alloc::{collections::VecDeque, vec::Vec};
use core::{fmt, mem};

use bytes::{Bytes, BytesMut};
use imap_types::octets::{Buffer, Octets};

pub(crate) use self::event::{AsParts, Parts};
pub use self::event::{
    Event, Frame, FrameError, FrameErrorKind, FrameLiteral, LeadDeviation, LiteralStop, Message, Span,
    StreamedLiteral, Tail,
};
pub use self::head::Head;
pub(crate) use self::scan::string_may_follow;
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
    /// What is read beyond the grammar: [`Quirk::BareLf`], [`Quirk::BlankLine`] (from a client
    /// [`Quirk::BlankLineBetweenCommands`]) and [`Quirk::LeadingNul`]
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

    // See `input`. The unread bytes are `pushed[..filled]` and then `handed`. Of the current message, `partial` and the
    // first `pos` unread bytes were scanned; those lie in the first of the sources.
    partial: BytesMut,
    pushed: BytesMut,
    /// The bytes of `pushed` past this are lent to the owner, or will be.
    filled: usize,
    /// The most that `pushed` had room for. What it has room for now says nothing: its beginning was taken.
    room: usize,
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
            room: 0,
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

    /// The same, for a stream of which so many bytes were read already: places are counted from its start.
    #[must_use]
    pub fn starting_at(mut self, offset: u64) -> Self {
        self.offset = offset;
        self
    }

    /// Where the message that is being read begins, or will, in bytes from the start of the stream.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
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

    /// Whether all input was taken and no message is begun: nothing is held but memory, which
    /// [`Framer::shrink`] releases.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        matches!(self.state, State::Start)
            && self.partial.is_empty()
            && self.filled == 0
            && self.handed.is_empty()
    }

    /// How many bytes the scans have looked at, for tests that the work is linear.
    #[doc(hidden)]
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.steps
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
        if self.filled == 0 && self.room > RETAINED {
            self.release();
        }
    }

    // ----- lines -----

    /// Skips blank lines and NULs before a message. False where it is not known yet whether one begins.
    fn skip_lead(&mut self) -> bool {
        let tolerance = self.options.tolerance;
        let blank = match self.side {
            Side::Client => Quirk::BlankLineBetweenCommands,
            Side::Server => Quirk::BlankLine,
        };
        let blanks = tolerance.reads(blank) && !self.keep_blank_lines;
        let nuls = tolerance.reads(Quirk::LeadingNul);
        loop {
            let (quirk, len) = match (self.peek(0), self.peek(1)) {
                (None, _) | (Some(b'\r'), None) if blanks || self.peek(0).is_none() => return false,
                (Some(b'\r'), Some(b'\n')) if blanks => (blank, 2),
                (Some(b'\n'), _) if blanks && tolerance.reads(Quirk::BareLf) => (blank, 1),
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
        let buffer = if self.partial.is_empty() {
            let len = mem::take(&mut self.pos);
            if len <= Buffer::SHORT {
                // It is copied anyway: nothing has to be split off.
                let buffer = Buffer::copy_from_slice(self.source().get(..len).unwrap_or_default());
                self.consume(len);
                buffer
            } else {
                Buffer::new(self.take(len))
            }
        } else {
            self.gather(self.pos);
            Buffer::new(mem::take(&mut self.partial).freeze())
        };
        let frame = Frame {
            buffer,
            streamed: mem::take(&mut self.streamed),
            span,
            lead: self.lead,
            lead_deviations: mem::take(&mut self.lead_deviations),
            one_line: self.literals == 0,
        };
        self.end_message(span.length);
        Event::Message(frame)
    }

    const fn reads_bare_lf(&self) -> bool {
        self.options.tolerance.reads(Quirk::BareLf)
    }

    fn message_limit(&self) -> usize {
        self.options.limits.message.min(Octets::MAX_LEN)
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
