//! Where the bytes of a string are.

use super::{Buffer, Octets};

/// Where the bytes of a string are: the start and length in a buffer, or up to [`Octets::OWN`] bytes themselves.
///
/// The three highest bits are a mark that belongs to the word that wraps the string (the form it arrived in), so that the
/// wrapped word is no larger than the string. The next one says whether there is a buffer. With one, the start is in the
/// lowest 29 bits and the length in the 29 above. Without one, the bytes are in the lowest 56 bits, the first in the lowest,
/// and their number above. In memory it is little-endian on every machine, so that the bytes can be lent from it.
///
/// A number goes from rule to rule in a register; an array in its stead would send each string through memory.
#[derive(Clone, Copy, Default)]
pub(crate) struct Place(u64);

/// The bits of a start, and those of a length.
const BITS: u32 = 29;
const MASK: u64 = (1 << BITS) - 1;
/// The number of bytes that are held in the place begins here.
const OWN_SHIFT: u32 = 56;
/// Set where the bytes are in a buffer.
const SHARED: u64 = 1 << 60;
/// The bits of the mark begin here.
const MARK_SHIFT: u32 = 61;
const UNMARKED: u64 = (1 << MARK_SHIFT) - 1;

impl Place {
    /// No bytes.
    pub(super) const EMPTY: Self = Self(0);

    /// No bytes, with a mark.
    pub(crate) const fn empty_with_mark(mark: u8) -> Self {
        Self::EMPTY.with_mark(mark)
    }

    /// `len` bytes from `start` on; both are at most [`Octets::MAX_LEN`].
    #[inline]
    pub(super) const fn shared(start: usize, len: usize) -> Self {
        // OK because both are below 2^29.
        Self::of(SHARED | (len as u64 & MASK) << BITS | (start as u64 & MASK))
    }

    /// The first `len` of `bytes`, held here; `None` where they are too many, or not there.
    #[inline]
    #[allow(clippy::cast_possible_truncation, reason = "a length of at most 7")]
    pub(super) fn own(bytes: &[u8], len: usize) -> Option<Self> {
        if len > Octets::OWN {
            return None;
        }
        let held = if let Some(chunk) = bytes.first_chunk::<8>() {
            u64::from_le_bytes(*chunk) & 1_u64.wrapping_shl((len as u32).wrapping_mul(8)).wrapping_sub(1)
        } else {
            let mut chunk = [0; 8];
            chunk.get_mut(..len)?.copy_from_slice(bytes.get(..len)?);
            u64::from_le_bytes(chunk)
        };
        Some(Self::of(held | (len as u64) << OWN_SHIFT))
    }

    #[inline]
    const fn of(bits: u64) -> Self {
        Self(bits.to_le())
    }

    #[inline]
    const fn bits(self) -> u64 {
        u64::from_le(self.0)
    }

    /// Whether the bytes are in a buffer.
    #[inline]
    pub(crate) const fn is_shared(self) -> bool {
        self.bits() & SHARED != 0
    }

    /// The number of bytes.
    #[inline]
    pub(crate) const fn len(self) -> usize {
        // OK because 29 bits are left, or 4.
        if self.is_shared() {
            (self.bits() >> BITS & MASK) as usize
        } else {
            ((self.bits() & UNMARKED) >> OWN_SHIFT) as usize
        }
    }

    /// The bytes; `buffer` is the one they were placed in, if any.
    #[inline]
    pub(crate) fn bytes<'a>(&'a self, buffer: Option<&'a Buffer>) -> &'a [u8] {
        match buffer {
            Some(buffer) if self.is_shared() => {
                let start = (self.bits() & MASK) as usize;
                buffer.as_bytes().get(start..start.saturating_add(self.len())).unwrap_or(&[])
            }
            _ => bytemuck::bytes_of(&self.0).get(..self.len()).unwrap_or(&[]),
        }
    }

    /// Whether two places hold the same, neither of them in a buffer.
    #[inline]
    pub(super) const fn holds_the_same(self, other: Self) -> bool {
        // Of what is not used of the place, all bits are zero.
        self.bits() & UNMARKED == other.bits() & UNMARKED
    }

    #[inline]
    pub(crate) const fn mark(self) -> u8 {
        (self.bits() >> MARK_SHIFT) as u8
    }

    #[inline]
    pub(crate) const fn with_mark(self, mark: u8) -> Self {
        debug_assert!(mark < 8, "a mark has three bits");
        Self::of((self.bits() & UNMARKED) | (mark as u64) << MARK_SHIFT)
    }
}
