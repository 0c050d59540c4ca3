//! Bad messages: their errors, and the way over the rest of them.
//!
//! One that breaks a limit is reported at once and then skipped to its end, payloads included, so that none of
//! it is read as the next message.

use core::mem;

use bytes::BytesMut;

use super::{
    Framer, LiteralPolicy, State,
    event::{Event, FrameError, FrameErrorKind},
    head,
    scan::Announced,
    u64_of, usize_of,
};
use crate::Side;

impl Framer {
    /// The current line breaks a limit, `past` bytes ago; `ended` says whether all of it was read.
    pub(super) fn line_error(&mut self, kind: FrameErrorKind, past: usize, ended: bool) -> Event {
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
    pub(super) fn literal_error(&mut self, kind: FrameErrorKind, announced: Announced) -> Event {
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
    pub(super) fn unskippable(&mut self, announced: Announced) -> Event {
        let at = self.offset.saturating_add(self.span().length).saturating_sub(announced.header_len);
        let kind =
            if announced.size.is_none() { FrameErrorKind::LiteralSize } else { FrameErrorKind::Literal };
        let (tag, name) = self.blamed.take().map_or((None, None), |first| (first.tag, first.name));
        self.state = State::Fatal;
        let offset = self.offset;
        Event::Malformed(FrameError { kind, offset, at, recoverable: false, awaits_answer: false, tag, name })
    }

    /// Reports an error, and keeps it for a second one in the same message.
    pub(super) fn blame(&mut self, error: FrameError) -> Event {
        self.blamed = Some(error.clone());
        Event::Malformed(error)
    }

    /// An error; the first `head` bytes of the message say which message it is.
    pub(super) fn error(&mut self, kind: FrameErrorKind, at: u64, head: usize) -> FrameError {
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
    pub(super) fn skip_line(&mut self) -> bool {
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
    pub(super) fn skip_line_end(&mut self) {
        match self.scan.announced() {
            None => self.state = State::Skipped,
            Some(announced) => self.skip_announced(announced),
        }
    }

    /// A literal in a bad message: its payload is counted, so that none of it is read as a command.
    pub(super) fn skip_announced(&mut self, announced: Announced) {
        let drained = |size: &u64| self.side == Side::Server || u32::try_from(*size).is_ok();
        self.state = match announced.size.filter(drained) {
            // The client waits, and reads the answer in place of the `+`.
            _ if self.awaits_answer(announced) => State::Skipped,
            Some(size) => State::SkipPayload(size),
            None => State::Unskippable(announced),
        };
    }

    /// Whether the sender of a bad message sends no payload without a `+`.
    pub(super) fn awaits_answer(&self, announced: Announced) -> bool {
        // A reader of logs is not the one who answers: someone else did, and most likely with `+`.
        let answers = self.options.literals == LiteralPolicy::Ask;
        answers && self.side == Side::Client && !announced.non_sync
    }

    /// Drops up to `left` unread bytes, and returns how many are still to come.
    pub(super) fn skip_payload(&mut self, mut left: u64) -> u64 {
        loop {
            let len = self.source().len().min(usize_of(left));
            if len == 0 {
                return left;
            }
            self.consume(len);
            self.dropped = self.dropped.saturating_add(u64_of(len));
            left = left.saturating_sub(u64_of(len));
        }
    }

    /// Forgets the bytes of the message so far.
    pub(super) fn drop_scanned(&mut self) {
        self.dropped = self.dropped.saturating_add(u64_of(self.scanned()));
        self.partial = BytesMut::new();
        let len = mem::take(&mut self.pos);
        self.consume(len);
    }
}
