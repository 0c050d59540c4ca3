//! The bytes that wait to be sent.

use alloc::{boxed::Box, collections::VecDeque};

use bytes::{Bytes, BytesMut};
use imap_codec::writer::Encoded;

/// Bytes in the order in which they are sent. Small pieces are joined, so that a hundred replies are one write; large
/// ones are passed on as they are.
#[derive(Default)]
pub(crate) struct Outbox {
    /// What waits; made when it is needed, since idle sessions have nothing to send.
    waiting: Option<Box<Waiting>>,
    /// How many bytes were ever put in.
    end: u64,
}

#[derive(Default)]
struct Waiting {
    pieces: VecDeque<Piece>,
    /// What is joined, behind all pieces.
    joined: BytesMut,
    /// How many bytes are in `pieces` and `joined`.
    held: usize,
}

#[derive(Clone, Debug)]
enum Piece {
    Bytes(Bytes),
    /// So many bytes of no meaning.
    Fill(u64),
}

/// What is sent in the place of a payload that is not there any more.
static FILL: [u8; 4096] = [b' '; 4096];

/// A piece from this size on is not copied, in bytes.
const LARGE: usize = 2048;

/// So much is joined at most, in bytes.
const JOINED: usize = 16 * 1024;

impl core::fmt::Debug for Outbox {
    /// Lengths instead of bytes: a command may hold a password.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Outbox").field("held", &self.held()).field("end", &self.end).finish()
    }
}

impl Outbox {
    /// A box that goes on after so many bytes.
    pub(crate) fn after(end: u64) -> Self {
        Self { end, ..Self::default() }
    }

    pub(crate) fn push(&mut self, bytes: &Bytes) {
        if bytes.len() < LARGE {
            return self.extend(bytes);
        }
        let waiting = self.count(bytes.len());
        waiting.close();
        waiting.pieces.push_back(Piece::Bytes(bytes.clone()));
    }

    /// So many spaces, which take no memory.
    pub(crate) fn fill(&mut self, len: u64) {
        if len == 0 {
            return;
        }
        let waiting = self.count(usize::try_from(len).unwrap_or(usize::MAX));
        waiting.close();
        waiting.pieces.push_back(Piece::Fill(len));
    }

    /// As [`Outbox::push`], by copying.
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        let waiting = self.count(bytes.len());
        if waiting.joined.len().saturating_add(bytes.len()) > JOINED {
            waiting.close();
        }
        waiting.joined.extend_from_slice(bytes);
    }

    /// What `append` adds to the joined bytes, or gives back because it is more.
    #[inline]
    pub(crate) fn append<E>(
        &mut self,
        append: impl FnOnce(&mut BytesMut) -> Result<Option<Encoded>, E>,
    ) -> Result<Option<Encoded>, E> {
        let waiting = self.waiting.get_or_insert_default();
        if waiting.joined.len() >= JOINED {
            waiting.close();
        }
        let before = waiting.joined.len();
        let more = append(&mut waiting.joined);
        let added = waiting.joined.len().saturating_sub(before);
        self.count(added);
        more
    }

    /// So many bytes are put in.
    fn count(&mut self, len: usize) -> &mut Waiting {
        self.end = self.end.saturating_add(u64::try_from(len).unwrap_or(u64::MAX));
        let waiting = self.waiting.get_or_insert_default();
        waiting.held = waiting.held.saturating_add(len);
        waiting
    }

    /// What is to be sent next.
    pub(crate) fn poll(&mut self) -> Option<Bytes> {
        let waiting = self.waiting.as_mut()?;
        if waiting.pieces.is_empty() {
            waiting.close();
        }
        let piece = match waiting.pieces.pop_front()? {
            Piece::Bytes(bytes) => bytes,
            Piece::Fill(left) => {
                let len = usize::try_from(left).unwrap_or(usize::MAX).min(FILL.len());
                let left = left.saturating_sub(u64::try_from(len).unwrap_or(u64::MAX));
                if left > 0 {
                    waiting.pieces.push_front(Piece::Fill(left));
                }
                Bytes::from_static(FILL.get(..len).unwrap_or_default())
            }
        };
        waiting.held = waiting.held.saturating_sub(piece.len());
        Some(piece)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.held() == 0
    }

    /// How many bytes wait.
    pub(crate) fn held(&self) -> usize {
        self.waiting.as_ref().map_or(0, |waiting| waiting.held)
    }

    /// The place in the stream of the next byte that is put in.
    pub(crate) const fn end(&self) -> u64 {
        self.end
    }

    /// Throws away what waits: the connection is over.
    pub(crate) fn clear(&mut self) {
        *self = Self::after(self.end);
    }

    /// Releases memory that holds nothing.
    pub(crate) fn shrink(&mut self) {
        if self.is_empty() {
            self.clear();
        }
    }
}

impl Waiting {
    /// What was joined is a piece: nothing is added to it any more.
    fn close(&mut self) {
        if !self.joined.is_empty() {
            self.pieces.push_back(Piece::Bytes(self.joined.split().freeze()));
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn small_pieces_are_joined_and_large_ones_passed_on() {
        let mut out = Outbox::default();
        let large = Bytes::from(vec![b'x'; LARGE]);
        for piece in [&Bytes::from_static(b"a"), &Bytes::from_static(b"b"), &large, &Bytes::from_static(b"c")]
        {
            out.push(piece);
        }
        assert_eq!((out.held(), out.end()), (LARGE + 3, 2051));
        assert_eq!(out.poll().unwrap(), "ab");
        assert_eq!(out.poll().unwrap().as_ptr(), large.as_ptr());
        assert_eq!(out.poll().unwrap(), "c");
        assert!(out.poll().is_none() && out.is_empty());
    }

    #[test]
    fn what_is_filled_comes_in_its_place() {
        let mut out = Outbox::default();
        out.extend(b"a");
        out.fill(5000);
        out.fill(0);
        out.extend(b"b");
        assert_eq!((out.held(), out.end()), (5002, 5002));
        let pieces: alloc::vec::Vec<_> = core::iter::from_fn(|| out.poll()).collect();
        assert!(pieces.iter().all(|piece| !piece.is_empty()));
        assert_eq!(pieces.concat(), [&b"a"[..], &[b' '; 5000], b"b"].concat());
        assert!(out.is_empty());
    }
}
