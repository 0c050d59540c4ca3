//! Strings of MIME that stand in nearly every body structure, and are held without a buffer.

/// The strings, of 8 to 16 bytes: shorter ones are held anyway.
const STRINGS: [&str; COUNT] = [
    // Character sets.
    "us-ascii",
    "US-ASCII",
    "iso-8859-1",
    "ISO-8859-1",
    "iso-8859-15",
    "ISO-8859-15",
    "windows-1252",
    "iso-2022-jp",
    "ISO-2022-JP",
    // Encodings.
    "quoted-printable",
    "QUOTED-PRINTABLE",
    // Types.
    "application",
    "APPLICATION",
    "octet-stream",
    "OCTET-STREAM",
    "alternative",
    "ALTERNATIVE",
    "delivery-status",
    "DELIVERY-STATUS",
    "pgp-signature",
    "PGP-SIGNATURE",
    "pgp-encrypted",
    "calendar",
    "CALENDAR",
    // Parameters.
    "boundary",
    "BOUNDARY",
    "filename",
    "FILENAME",
    "protocol",
    "report-type",
    // Dispositions.
    "attachment",
    "ATTACHMENT",
];

const COUNT: usize = 32;

/// A string as its first and its last eight bytes, which overlap.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    first: u64,
    last: u64,
    len: usize,
}

impl Key {
    #[inline]
    const fn of(bytes: &[u8]) -> Option<Self> {
        let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) else { return None };
        if bytes.len() > 16 {
            return None;
        }
        Some(Self { first: u64::from_le_bytes(*first), last: u64::from_le_bytes(*last), len: bytes.len() })
    }

    /// Where the string is looked for.
    #[inline]
    const fn slot(self) -> usize {
        ((self.first ^ self.last.rotate_left(TURN)).wrapping_mul(FACTOR) >> (u64::BITS - SLOT_BITS)) as usize
    }
}

/// There are so many places to look at that no two strings share one.
const SLOT_BITS: u32 = 7;
const TURN: u32 = 9;
/// 2^64 over the golden ratio spreads what differs in few bits.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// The number of the string to compare with, in each slot. Where there is none, the first string is compared in vain.
static SLOTS: [u8; 1 << SLOT_BITS] = slots();

static KEYS: [Key; COUNT] = keys();

#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "the compiler does it")]
const fn keys() -> [Key; COUNT] {
    let mut keys = [Key { first: 0, last: 0, len: 0 }; COUNT];
    let mut index = 0;
    while index < COUNT {
        let Some(key) = Key::of(STRINGS[index].as_bytes()) else { panic!("8 to 16 bytes") };
        keys[index] = key;
        index += 1;
    }
    keys
}

#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "as above"
)]
const fn slots() -> [u8; 1 << SLOT_BITS] {
    let keys = keys();
    let mut slots = [0; 1 << SLOT_BITS];
    let mut index = COUNT;
    while index > 0 {
        index -= 1;
        assert!(slots[keys[index].slot()] == 0, "two strings share a slot");
        slots[keys[index].slot()] = index as u8;
    }
    slots
}

/// The number of a string that is known.
#[inline]
pub(super) fn index(bytes: &[u8]) -> Option<u8> {
    let key = Key::of(bytes)?;
    let index = *SLOTS.get(key.slot())?;
    (*KEYS.get(usize::from(index))? == key).then_some(index)
}

/// The string with this number; the empty one where there is none.
#[inline]
#[allow(clippy::indexing_slicing, reason = "looked at before; `get` is not for constants")]
pub(super) const fn string(index: u8) -> &'static str {
    let index = index as usize;
    if index < COUNT { STRINGS[index] } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_string_is_found_and_none_like_it() {
        for (place, known) in STRINGS.iter().enumerate() {
            assert_eq!(index(known.as_bytes()).map(usize::from), Some(place), "{known}");
            for at in 0..known.len() {
                let mut other = known.as_bytes().to_vec();
                other[at] ^= 1;
                assert_eq!(index(&other), None, "{known}");
            }
            assert_eq!(index(&known.as_bytes()[1..]), None);
            assert_eq!(index([known.as_bytes(), b"x"].concat().as_slice()), None);
        }
    }
}
