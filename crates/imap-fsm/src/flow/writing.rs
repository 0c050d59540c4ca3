//! A message on its way out: its pieces, the literals that wait for `+`, and the payloads that its owner streams.

use alloc::{collections::VecDeque, vec::Vec};

use bytes::Bytes;
use imap_codec::writer::{Encoded, Segment};

use crate::outbox::Outbox;

/// A message that is being written.
pub(crate) struct Writing {
    segments: VecDeque<Segment>,
    stop: Stop,
    /// Whether it was given up: what is still due is filled, and the rest is made wrong.
    given_up: bool,
}

/// What a message waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Nothing.
    None,
    /// The peer's `+`, before a literal of this size.
    Continuation(u64),
    /// So many bytes of its owner.
    Stream(u64),
}

/// What came of going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// All was written.
    Done,
    /// It waits for `+` from here on, before a literal of this size.
    Waits(u64),
    /// It wants so many bytes of its owner from here on.
    Streams(u64),
    /// Nothing changed: it waits.
    Blocked,
}

/// What a message ends with that was given up. The receiver has to refuse it: no command but SEARCH has so many lists in
/// each other, and one alone could end a list of CATENATE or SETMETADATA as it should be.
const WRONG_END: &[u8] = b" ))))))))\r\n";

impl Writing {
    pub(crate) fn new(encoded: Encoded) -> Self {
        Self { segments: VecDeque::from(encoded.into_segments()), stop: Stop::None, given_up: false }
    }

    pub(crate) const fn stop(&self) -> Stop {
        self.stop
    }

    /// Writes as far as it goes.
    pub(crate) fn advance(&mut self, out: &mut Outbox) -> Progress {
        loop {
            match self.stop {
                Stop::None => {}
                Stop::Continuation(_) => return Progress::Blocked,
                Stop::Stream(0) => self.stop = Stop::None,
                Stop::Stream(_) => return Progress::Blocked,
            }
            if self.given_up {
                out.extend(WRONG_END);
                self.segments.clear();
                return Progress::Done;
            }
            match self.segments.pop_front() {
                None => return Progress::Done,
                Some(segment) if segment.waits() => {
                    let size = segment.size();
                    self.stop = Stop::Continuation(size);
                    self.segments.push_front(segment);
                    return Progress::Waits(size);
                }
                Some(Segment::Streamed { size, .. }) => {
                    self.stop = Stop::Stream(size);
                    return Progress::Streams(size);
                }
                Some(segment) => out.push(segment.data()),
            }
        }
    }

    /// The peer sent `+`. Without effect where that is not awaited.
    pub(crate) fn proceed(&mut self, out: &mut Outbox) {
        if let Stop::Continuation(size) = self.stop {
            self.stop = Stop::None;
            match self.segments.pop_front() {
                _ if self.given_up => out.fill(size),
                Some(Segment::Literal { data, .. }) => {
                    self.segments.push_front(Segment::Literal { data, wait: false });
                }
                Some(Segment::Streamed { size, .. }) => {
                    self.segments.push_front(Segment::Streamed { size, wait: false });
                }
                Some(line @ Segment::Line(_)) => self.segments.push_front(line),
                None => {}
            }
        }
    }

    /// Bytes of the payload that is streamed: how many more are wanted than that.
    ///
    /// # Errors
    /// How many may come, where these are more, or nothing is streamed.
    pub(crate) fn stream(&mut self, bytes: &Bytes, out: &mut Outbox) -> Result<u64, u64> {
        let Stop::Stream(left) = self.stop else { return Err(0) };
        let left = u64::try_from(bytes.len()).ok().and_then(|len| left.checked_sub(len)).ok_or(left)?;
        out.push(bytes);
        self.stop = Stop::Stream(left);
        Ok(left)
    }

    /// Gives the message up. What was announced still has to be sent, and what follows makes it wrong.
    pub(crate) fn give_up(&mut self, out: &mut Outbox) {
        self.given_up = true;
        if let Stop::Stream(left) = self.stop {
            out.fill(left);
            self.stop = Stop::None;
        }
    }
}

impl core::fmt::Debug for Writing {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let sizes: Vec<u64> = self.segments.iter().map(Segment::size).collect();
        f.debug_struct("Writing").field("segments", &sizes).field("stop", &self.stop).finish()
    }
}
