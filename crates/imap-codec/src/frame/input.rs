//! The bytes that were handed in and not taken out again.
//!
//! They lie in up to three places, in this order: `partial`, what is held of the current message; `pushed`, what
//! was copied or lent; `handed`, the buffers that were handed over. Scanning is counted in `pos` and moves
//! nothing; [`Framer::gather`] brings together what spans two places. All that depends on where bytes lie is
//! here.

use alloc::vec::Vec;
use core::mem;

use bytes::{Buf as _, Bytes, BytesMut};

use super::Framer;

impl Framer {
    /// Takes bytes by copying them, once.
    pub fn push(&mut self, bytes: &[u8]) {
        self.merge_handed();
        let spare = self.pushed.get_mut(self.filled..).unwrap_or_default();
        let (now, later) = bytes.split_at_checked(spare.len()).unwrap_or((bytes, &[]));
        spare.iter_mut().zip(now).for_each(|(slot, byte)| *slot = *byte);
        self.pushed.extend_from_slice(later);
        self.filled = self.filled.saturating_add(bytes.len());
        self.room = self.room.max(self.pushed.capacity());
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
            self.room = self.room.max(self.pushed.capacity());
        }
        self.pushed.get_mut(self.filled..end).unwrap_or_default()
    }

    /// Takes the first `len` bytes of what [`Framer::reserve`] lent; never more than were lent.
    pub fn commit(&mut self, len: usize) {
        self.filled = self.filled.saturating_add(len).min(self.pushed.len());
    }

    /// Brings all unread bytes into `pushed`, so that more can be appended.
    pub(super) fn merge_handed(&mut self) {
        if self.handed.is_empty() {
            return;
        }
        self.pushed.truncate(self.filled);
        for chunk in self.handed.drain(..) {
            self.pushed.extend_from_slice(&chunk);
        }
        self.filled = self.pushed.len();
        self.room = self.room.max(self.pushed.capacity());
    }

    /// Takes out all bytes that no event has covered yet, those of an unfinished message included: after
    /// STARTTLS or COMPRESS they are not for this framer. The framer then stands at the beginning of a message;
    /// its place in the stream stays.
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

    /// Releases the memory of buffers that hold nothing: an idle connection then has none.
    pub fn shrink(&mut self) {
        if self.filled == 0 {
            self.release();
        }
        if self.partial.is_empty() {
            self.partial = BytesMut::new();
        }
        self.handed.shrink_to_fit();
        self.lead_deviations.shrink_to_fit();
    }

    /// Gives the buffer of what is pushed back, once nothing is in it.
    pub(super) fn release(&mut self) {
        self.pushed = BytesMut::new();
        self.room = 0;
    }

    /// The first of the unread bytes that lie together.
    pub(super) fn source(&self) -> &[u8] {
        if self.filled > 0 {
            self.pushed.get(..self.filled).unwrap_or_default()
        } else {
            self.handed.front().map_or(&[], |chunk| chunk)
        }
    }

    pub(super) fn peek(&self, at: usize) -> Option<u8> {
        let pushed = self.pushed.get(..self.filled).unwrap_or_default().iter();
        pushed.chain(self.handed.iter().flatten()).nth(at).copied()
    }

    pub(super) fn unscanned(&self) -> &[u8] {
        self.source().get(self.pos..).unwrap_or_default()
    }

    /// How many bytes of the message are held and scanned.
    pub(super) fn scanned(&self) -> usize {
        self.partial.len().saturating_add(self.pos)
    }

    /// The scanned byte that is `back` bytes before the first that was not; 1 is the last scanned.
    pub(super) fn scanned_byte(&self, back: usize) -> Option<u8> {
        match self.pos.checked_sub(back) {
            Some(at) => self.source().get(at).copied(),
            None => {
                let back = back.saturating_sub(self.pos);
                self.partial.len().checked_sub(back).and_then(|at| self.partial.get(at)).copied()
            }
        }
    }

    /// Whether there are bytes to scan. Where the message goes on in a further source, brings it together.
    pub(super) fn has_unscanned(&mut self) -> bool {
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
    pub(super) fn gather(&mut self, len: usize) {
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
    pub(super) fn take(&mut self, len: usize) -> Bytes {
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
    pub(super) fn consume(&mut self, len: usize) {
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
}
