//! The line that a writer is at: bytes that grow, in place while they are few.

use alloc::vec::Vec;
use core::mem;

use bytes::Bytes;

/// How many bytes need no buffer: most lines.
pub(crate) const SHORT: usize = 128;

/// The bytes of a line. The last ones lie here, where adding some is a store; what came before them is in a buffer. A
/// line that never needed the buffer becomes [`Bytes`] of just its length, which is one allocation; a buffer that grew
/// would need another one for the count of its owners.
pub(crate) struct Line {
    short: [u8; SHORT],
    /// How many of `short` are in use.
    len: usize,
    long: Vec<u8>,
}

impl Line {
    /// No bytes.
    pub(crate) const EMPTY: Self = Self { short: [0; SHORT], len: 0, long: Vec::new() };

    /// Makes room for so many bytes.
    #[inline]
    pub(crate) fn reserve(&mut self, bytes: usize) {
        if bytes > SHORT {
            self.long.reserve(bytes);
        }
    }

    /// How many bytes there are.
    #[inline]
    pub(crate) const fn len(&self) -> usize {
        self.long.len().wrapping_add(self.len)
    }

    /// Adds bytes at the end.
    #[inline]
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        let end = self.len.wrapping_add(bytes.len());
        match self.short.get_mut(self.len..end) {
            Some(place) => {
                place.copy_from_slice(bytes);
                self.len = end;
            }
            None => self.extend_long(bytes),
        }
    }

    #[cold]
    #[inline(never)]
    fn extend_long(&mut self, bytes: &[u8]) {
        self.flush();
        match self.short.get_mut(..bytes.len()) {
            Some(place) => {
                place.copy_from_slice(bytes);
                self.len = bytes.len();
            }
            None => self.long.extend_from_slice(bytes),
        }
    }

    /// Adds bytes between double quotes.
    #[inline]
    pub(crate) fn extend_quoted(&mut self, bytes: &[u8]) {
        let end = self.len.wrapping_add(bytes.len()).wrapping_add(2);
        match self.short.get_mut(self.len..end) {
            Some([open, content @ .., close]) if content.len() == bytes.len() => {
                (*open, *close) = (b'"', b'"');
                content.copy_from_slice(bytes);
                self.len = end;
            }
            _ => {
                self.push(b'"');
                self.extend(bytes);
                self.push(b'"');
            }
        }
    }

    /// Adds a byte at the end.
    #[inline]
    pub(crate) fn push(&mut self, byte: u8) {
        self.extend(&[byte]);
    }

    /// Adds the first `len` of eight bytes, at most all: a length that is known is a single store.
    #[inline]
    pub(crate) fn extend_from_eight(&mut self, bytes: [u8; 8], len: usize) {
        if self.len > SHORT.wrapping_sub(8) {
            self.flush();
        }
        // OK: there is room now.
        if let Some(place) = self.short.get_mut(self.len..).and_then(|rest| rest.first_chunk_mut()) {
            *place = bytes;
            self.len = self.len.wrapping_add(len.min(8));
        }
    }

    /// Adds what `write` puts at the start of so many bytes, whose number it returns.
    #[inline]
    pub(crate) fn extend_with(&mut self, write: impl FnOnce(&mut [u8; SHORT]) -> usize) {
        if self.len > 0 {
            self.flush();
        }
        let start = self.long.len();
        self.long.resize(start.saturating_add(SHORT), 0);
        let written = self.long.last_chunk_mut().map_or(0, write);
        self.long.truncate(start.saturating_add(written));
    }

    /// Moves what is here to the buffer.
    #[cold]
    #[inline(never)]
    fn flush(&mut self) {
        if self.long.capacity() == 0 {
            self.long.reserve(SHORT.saturating_mul(2));
        }
        self.long.extend_from_slice(self.short.get(..self.len).unwrap_or_default());
        self.len = 0;
    }

    /// The bytes, where they are few enough to lie here.
    pub(crate) fn as_short(&self) -> Option<&[u8]> {
        self.long.is_empty().then(|| self.short.get(..self.len).unwrap_or_default())
    }

    /// The bytes, given away; the line is empty then.
    pub(crate) fn take(&mut self) -> Bytes {
        if !self.long.is_empty() {
            self.flush();
            return Bytes::from(mem::take(&mut self.long));
        }
        Bytes::copy_from_slice(self.short.get(..mem::take(&mut self.len)).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_holds_what_was_added_however_long_it_gets() {
        for room in [0, SHORT, SHORT + 1, 1000] {
            for piece in 1..40 {
                let (mut line, mut all) = (Line::EMPTY, Vec::new());
                line.reserve(room);
                let mut next = 0_u8;
                while all.len() < 600 {
                    next = next.wrapping_add(1);
                    let bytes = [next; 40];
                    let bytes = bytes.get(..piece).unwrap_or_default();
                    line.extend(bytes);
                    all.extend_from_slice(bytes);
                    line.extend_from_eight([1, 2, 3, 4, 5, 6, 7, 8], piece % 9);
                    all.extend([1, 2, 3, 4, 5, 6, 7, 8].iter().take(piece % 9));
                    line.push(b'!');
                    all.push(b'!');
                    line.extend_quoted(bytes);
                    all.extend([b"\"", bytes, b"\""].concat());
                    assert_eq!(line.len(), all.len());
                    if piece % 5 == 0 && all.len() > 100 {
                        assert_eq!(line.take(), all);
                        assert_eq!(line.len(), 0);
                        all.clear();
                        break;
                    }
                }
                assert_eq!(line.take(), all);
            }
        }
    }
}
