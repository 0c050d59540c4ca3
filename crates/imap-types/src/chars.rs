//! Character classes of the grammar. They are defined here and nowhere else.
//!
//! Each class is one bit of a table; a run of a class is counted with [`run`]. Sources: RFC 3501
//! section 9 and RFC 9051 section 9.

use wide::{CmpEq as _, CmpLt as _, i8x16};

/// A set of bytes, as the grammar names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Class(u8);

impl Class {
    /// `ATOM-CHAR = <any CHAR except atom-specials>` (RFC 9051 section 9).
    pub const ATOM_CHAR: Self = Self(1);
    /// `ASTRING-CHAR = ATOM-CHAR / resp-specials`: an atom character or `]` (RFC 9051 section 9).
    pub const ASTRING_CHAR: Self = Self(1 << 1);
    /// `tag = 1*<any ASTRING-CHAR except "+">` (RFC 9051 section 9).
    pub const TAG_CHAR: Self = Self(1 << 2);
    /// `list-char = ATOM-CHAR / list-wildcards / resp-specials` (RFC 9051 section 9).
    pub const LIST_CHAR: Self = Self(1 << 3);
    /// `TEXT-CHAR = <any CHAR except CR and LF>` (RFC 9051 section 9).
    pub const TEXT_CHAR: Self = Self(1 << 4);
    /// `QUOTED-CHAR` less its escapes and UTF-8: a `TEXT-CHAR` other than `"` and `\` (RFC 9051 section 9).
    pub const QUOTED_PLAIN: Self = Self(1 << 5);
    /// `DIGIT` (RFC 5234 appendix B.1).
    pub const DIGIT: Self = Self(1 << 6);
    /// `base64-char = ALPHA / DIGIT / "+" / "/"` (RFC 9051 section 9).
    pub const BASE64_CHAR: Self = Self(1 << 7);

    /// Whether `byte` is in this class.
    #[must_use]
    #[inline]
    #[allow(clippy::indexing_slicing, reason = "a table of 256 entries indexed by a byte")]
    pub const fn contains(self, byte: u8) -> bool {
        TABLE[byte as usize] & self.0 != 0
    }
}

static TABLE: [u8; 256] = table();

#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "evaluated at compile time, for bytes from 0 to 255"
)]
const fn table() -> [u8; 256] {
    let mut table = [0_u8; 256];
    let mut i = 0_usize;
    while i < 256 {
        let byte = i as u8;
        let mut bits = 0_u8;
        if is_atom_char(byte) {
            bits |= Class::ATOM_CHAR.0;
        }
        if is_atom_char(byte) || byte == b']' {
            bits |= Class::ASTRING_CHAR.0 | Class::LIST_CHAR.0;
            if byte != b'+' {
                bits |= Class::TAG_CHAR.0;
            }
        }
        if byte == b'%' || byte == b'*' {
            bits |= Class::LIST_CHAR.0;
        }
        if byte >= 1 && byte <= 0x7f && byte != b'\r' && byte != b'\n' {
            bits |= Class::TEXT_CHAR.0;
            if byte != b'"' && byte != b'\\' {
                bits |= Class::QUOTED_PLAIN.0;
            }
        }
        if byte.is_ascii_digit() {
            bits |= Class::DIGIT.0;
        }
        if byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/' {
            bits |= Class::BASE64_CHAR.0;
        }
        table[i] = bits;
        i += 1;
    }
    table
}

/// `ATOM-CHAR`: printable ASCII other than `( ) { SP % * " \ ]` and controls.
const fn is_atom_char(byte: u8) -> bool {
    matches!(byte, 0x21..=0x7e) && !matches!(byte, b'(' | b')' | b'{' | b'%' | b'*' | b'"' | b'\\' | b']')
}

/// How many bytes at the start of `bytes` are in `class`.
#[must_use]
#[inline]
pub fn run(class: Class, bytes: &[u8]) -> usize {
    let mut rest = bytes;
    // Eight to a round, so that the end is looked for only then.
    while let Some((chunk, after)) = rest.split_first_chunk::<8>() {
        for (at, &byte) in chunk.iter().enumerate() {
            if !class.contains(byte) {
                return bytes.len().wrapping_sub(rest.len()).wrapping_add(at);
            }
        }
        rest = after;
    }
    let last = rest.iter().position(|&byte| !class.contains(byte)).unwrap_or(rest.len());
    bytes.len().wrapping_sub(rest.len()).wrapping_add(last)
}

/// How many bytes at the start of `bytes` are [`Class::QUOTED_PLAIN`], sixteen at a time.
///
/// Stops at `"`, `\`, CR, LF, NUL and every byte above 0x7f.
#[must_use]
#[inline]
pub fn quoted_plain_run(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    let plain = loop {
        let Some((chunk, after)) = rest.split_first_chunk::<16>() else {
            return quoted_plain_run_from(bytes, bytes.len().wrapping_sub(rest.len()));
        };
        let stops = quoted_stops(*chunk);
        if stops != 0 {
            break stops.trailing_zeros() as usize;
        }
        rest = after;
    };
    let len = bytes.len().wrapping_sub(rest.len()).wrapping_add(plain);
    // Nearly always the closing quote.
    if bytes.get(len) == Some(&b'"') { len } else { quoted_plain_run_from(bytes, len) }
}

/// The length of what stands between the quotes where `bytes` begin with a quoted string and all of it is
/// [`Class::QUOTED_PLAIN`].
///
/// ```
/// use imap_types::chars::quoted_plain;
///
/// assert_eq!(quoted_plain(b"\"INBOX\" 1"), Some(5));
/// assert_eq!(quoted_plain(br#""a \"b\"""#), None);
/// ```
#[must_use]
#[inline]
pub fn quoted_plain(bytes: &[u8]) -> Option<usize> {
    let (b'"', content) = bytes.split_first()? else { return None };
    let mut rest = content;
    while let Some((chunk, after)) = rest.split_first_chunk::<16>() {
        let stops = quoted_stops(*chunk);
        if stops != 0 {
            let plain = stops.trailing_zeros() as usize;
            let len = content.len().wrapping_sub(rest.len()).wrapping_add(plain);
            return if chunk.get(plain) == Some(&b'"') { Some(len) } else { quoted_plain_from(content, len) };
        }
        rest = after;
    }
    quoted_plain_from(content, content.len().wrapping_sub(rest.len()))
}

/// The same byte by byte, from `start` on: where fewer than sixteen are left, or one of them is a control.
#[inline(never)]
fn quoted_plain_from(content: &[u8], start: usize) -> Option<usize> {
    let len = quoted_plain_run_from(content, start);
    (content.get(len) == Some(&b'"')).then_some(len)
}

/// A bit for each byte that is `"`, `\\`, a control or above 0x7f. Controls are more than stop a quoted string, for TAB and
/// its rare like do not.
#[inline]
fn quoted_stops(chunk: [u8; 16]) -> i32 {
    let bytes = i8x16::from(bytemuck::cast::<[u8; 16], [i8; 16]>(chunk));
    let quote = bytes.cmp_eq(i8x16::splat(b'"' as i8));
    let backslash = bytes.cmp_eq(i8x16::splat(b'\\' as i8));
    // Those above 0x7f are negative.
    let below = bytes.cmp_lt(i8x16::splat(0x20));
    (quote | backslash | below).move_mask()
}

/// The same byte by byte, from `start` on.
#[cold]
#[inline(never)]
fn quoted_plain_run_from(bytes: &[u8], start: usize) -> usize {
    start.saturating_add(run(Class::QUOTED_PLAIN, bytes.get(start..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn atom_specials_are_no_atom_chars() {
        for byte in 0..=255_u8 {
            let special = matches!(byte, b'(' | b')' | b'{' | b' ' | b'%' | b'*' | b'"' | b'\\' | b']')
                || !(0x20..0x7f).contains(&byte);
            assert_eq!(Class::ATOM_CHAR.contains(byte), !special, "{byte:#x}");
        }
    }

    #[test]
    fn plain_quotes_are_found_wherever_they_end() {
        for before in 0..50 {
            for after in 0..40 {
                for (stop, plain) in [(b'"', true), (b'\\', false), (0, false), (b'\n', false), (0x80, false)]
                {
                    let bytes = ["\"".into(), b"x".repeat(before), vec![stop], b"\"".repeat(after)].concat();
                    assert_eq!(quoted_plain(&bytes), plain.then_some(before), "{before} {stop} {after}");
                }
            }
        }
        assert_eq!((quoted_plain(b""), quoted_plain(b"\""), quoted_plain(b"x\"\"")), (None, None, None));
        assert_eq!(quoted_plain(&[b'"'; 2]), Some(0));
        // Any control that may stand there, wherever the string ends.
        for after in [&b""[..], b" and more than sixteen bytes"] {
            assert_eq!(quoted_plain(&[b"\"a\tb\x7f\"", after].concat()), Some(4));
        }
    }

    #[test]
    fn the_fast_run_agrees_with_the_table() {
        for byte in 0..=255_u8 {
            for place in 0..20_usize {
                let mut bytes = [b'a'; 20];
                if let Some(slot) = bytes.get_mut(place) {
                    *slot = byte;
                }
                assert_eq!(
                    quoted_plain_run(&bytes),
                    run(Class::QUOTED_PLAIN, &bytes),
                    "{byte:#x} at {place}"
                );
            }
        }
    }
}
