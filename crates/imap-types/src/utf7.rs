//! Modified UTF-7: how IMAP4rev1 writes Unicode in mailbox names (RFC 3501 section 5.1.3).
//!
//! Printable ASCII stands for itself, `&` is written `&-`, and everything else is UTF-16 in a modified
//! base64 between `&` and `-`. The encoding of a name is unique: [`decode`] refuses whatever [`encode`]
//! would have written otherwise, so that one mailbox has one name.

use alloc::{string::String, vec::Vec};
use core::fmt;

/// The name in Unicode.
///
/// ```
/// use imap_types::utf7;
///
/// assert_eq!(utf7::decode(b"~peter/mail/&U,BTFw-/&ZeVnLIqe-")?, "~peter/mail/台北/日本語");
/// assert_eq!(utf7::decode(b"Tom &- Jerry")?, "Tom & Jerry");
/// assert_eq!(utf7::decode(b"&AGE-").unwrap_err().at, 1);
/// # Ok::<(), utf7::Utf7Error>(())
/// ```
///
/// # Errors
///
/// The first byte that is wrong, and why; see [`Utf7ErrorKind`]. Linear in the length of `name`.
pub fn decode(name: &[u8]) -> Result<String, Utf7Error> {
    let mut text = String::with_capacity(name.len());
    let mut at = 0_usize;
    // Where the last run of base64 ended, if nothing has followed it yet.
    let mut run_end = usize::MAX;
    while let Some(&byte) = name.get(at) {
        if byte != b'&' {
            if !(0x20..=0x7e).contains(&byte) {
                return Err(Utf7Error { at, kind: Utf7ErrorKind::NotPrintable });
            }
            text.push(char::from(byte));
            at = at.saturating_add(1);
            continue;
        }
        let start = at.saturating_add(1);
        let rest = name.get(start..).unwrap_or_default();
        //= rfc9051#appendix-A.1
        //# a name that ends with a non-ASCII ISO-10646 character MUST end with a "-".
        let Some(len) = rest.iter().position(|&byte| byte == b'-') else {
            let at = rest
                .iter()
                .position(|&byte| sextet(byte).is_none())
                .map_or(name.len(), |wrong| start.saturating_add(wrong));
            return Err(Utf7Error { at, kind: Utf7ErrorKind::Unterminated });
        };
        if len == 0 {
            text.push('&');
        } else {
            if run_end == at {
                return Err(Utf7Error { at, kind: Utf7ErrorKind::NullShift });
            }
            decode_run(rest.get(..len).unwrap_or_default(), start, &mut text)?;
        }
        at = start.saturating_add(len).saturating_add(1);
        if len > 0 {
            run_end = at;
        }
    }
    Ok(text)
}

/// The UTF-16 of one run, without its `&` and `-`; `start` is where it stands in the name.
fn decode_run(run: &[u8], start: usize, text: &mut String) -> Result<(), Utf7Error> {
    let wrong = |place: usize, kind| Utf7Error { at: start.saturating_add(place), kind };
    let mut bits = 0_u32;
    let mut held = 0_u32;
    let mut high: Option<(u16, usize)> = None;
    let mut place = 0_usize;
    for (index, &byte) in run.iter().enumerate() {
        let Some(value) = sextet(byte) else {
            return Err(wrong(index, Utf7ErrorKind::NotBase64));
        };
        bits = ((bits << 6) | u32::from(value)) & 0x003f_ffff;
        held = held.saturating_add(6);
        if held < 16 {
            continue;
        }
        held = held.saturating_sub(16);
        // OK because the mask leaves sixteen bits.
        let unit = ((bits >> held) & 0xffff) as u16;
        let first = core::mem::replace(&mut place, index);
        match (high.take(), unit) {
            (None, 0xd800..=0xdbff) => high = Some((unit, first)),
            //= rfc9051#appendix-A.1
            //# Modified base64 MUST NOT be used to represent any printing of a US-ASCII character that can
            //# represent itself.
            (None, 0x20..=0x7e) => return Err(wrong(first, Utf7ErrorKind::Printable)),
            (high, _) => {
                let units = high.map(|(unit, _)| unit).into_iter().chain([unit]);
                for decoded in char::decode_utf16(units) {
                    match decoded {
                        Ok(character) => text.push(character),
                        Err(_) => {
                            return Err(wrong(high.map_or(first, |(_, at)| at), Utf7ErrorKind::Surrogate));
                        }
                    }
                }
            }
        }
    }
    if let Some((_, at)) = high {
        return Err(wrong(at, Utf7ErrorKind::Surrogate));
    }
    // Fewer than six bits are left over, and they are zero.
    if held >= 6 || bits & !(u32::MAX << held) != 0 {
        return Err(wrong(run.len().saturating_sub(1), Utf7ErrorKind::Padding));
    }
    Ok(())
}

/// The name in modified UTF-7: the one form that [`decode`] takes.
///
/// ```
/// use imap_types::utf7;
///
/// assert_eq!(utf7::encode("Entwürfe & mehr"), "Entw&APw-rfe &- mehr");
/// ```
#[must_use]
pub fn encode(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut run: Vec<u16> = Vec::new();
    for character in name.chars() {
        if matches!(character, ' '..='~') {
            encode_run(&mut run, &mut out);
            out.push(character);
            if character == '&' {
                out.push('-');
            }
        } else {
            run.extend_from_slice(character.encode_utf16(&mut [0; 2]));
        }
    }
    encode_run(&mut run, &mut out);
    out
}

fn encode_run(run: &mut Vec<u16>, out: &mut String) {
    if run.is_empty() {
        return;
    }
    out.push('&');
    let mut bits = 0_u32;
    let mut held = 0_u32;
    for unit in run.drain(..) {
        bits = (bits << 16) | u32::from(unit);
        held = held.saturating_add(16);
        while held >= 6 {
            held = held.saturating_sub(6);
            out.push(letter(bits >> held));
        }
        bits &= 0x3f;
    }
    if held > 0 {
        out.push(letter(bits << 6_u32.saturating_sub(held)));
    }
    out.push('-');
}

/// The character of the low six bits: base64 with `,` for `/`.
fn letter(bits: u32) -> char {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
    LETTERS.get((bits & 0x3f) as usize).map_or('A', |&byte| char::from(byte))
}

const fn sextet(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte.wrapping_sub(b'A'),
        b'a'..=b'z' => byte.wrapping_sub(b'a').wrapping_add(26),
        b'0'..=b'9' => byte.wrapping_sub(b'0').wrapping_add(52),
        b'+' => 62,
        b',' => 63,
        _ => return None,
    })
}

/// Why bytes are no modified UTF-7 (RFC 3501 section 5.1.3), and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Utf7Error {
    /// Where, in bytes from the start of the name.
    pub at: usize,
    /// What is wrong.
    pub kind: Utf7ErrorKind,
}

/// What can be wrong with modified UTF-7 (RFC 3501 section 5.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Utf7ErrorKind {
    /// A byte outside 0x20 to 0x7e.
    NotPrintable,
    /// `&` without its `-`.
    Unterminated,
    /// A byte between `&` and `-` that is not of the modified base64 (erratum 261).
    NotBase64,
    /// Printable ASCII written in base64.
    Printable,
    /// Half of a surrogate pair.
    Surrogate,
    /// Bits left over that are not zero, or a letter too many.
    Padding,
    /// `-&`: base64 ended and begun again for nothing.
    NullShift,
}

impl fmt::Display for Utf7Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            Utf7ErrorKind::NotPrintable => "a byte that is not printable ASCII",
            Utf7ErrorKind::Unterminated => "`&` without its `-`",
            Utf7ErrorKind::NotBase64 => "a byte outside the modified base64 alphabet",
            Utf7ErrorKind::Printable => "printable ASCII written in base64",
            Utf7ErrorKind::Surrogate => "half of a surrogate pair",
            Utf7ErrorKind::Padding => "base64 that ends with stray bits",
            Utf7ErrorKind::NullShift => "base64 that ends and begins again for nothing",
        };
        write!(f, "not modified UTF-7: {what} at byte {}", self.at)
    }
}

impl core::error::Error for Utf7Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_has_one_form() {
        for text in
            ["", "INBOX", "&", "a&b", "台北", "ü", "üx", "x&y-ü", "😀", "a😀b", "\u{0}\u{7f}", "\u{10ffff}é"]
        {
            let wire = encode(text);
            assert_eq!(decode(wire.as_bytes()).as_deref(), Ok(text), "{wire}");
        }
    }

    #[test]
    fn what_is_not_canonical_is_refused_at_the_byte() {
        use Utf7ErrorKind::{
            NotBase64, NotPrintable, NullShift, Padding, Printable, Surrogate, Unterminated,
        };
        for (wire, at, kind) in [
            ("Entw\u{fc}rfe", 4, NotPrintable),
            ("a\tb", 1, NotPrintable),
            ("&", 1, Unterminated),
            //= rfc9051#appendix-A.1
            //= type=test
            //# a name that ends with a non-ASCII ISO-10646 character MUST end with a "-".
            ("a&APw", 5, Unterminated),
            ("&AP w", 3, Unterminated),
            ("&AP/-", 3, NotBase64),
            ("&AP w-", 3, NotBase64),
            //= rfc9051#appendix-A.1
            //= type=test
            //# Modified base64 MUST NOT be used to represent any printing of a US-ASCII character that can
            //# represent itself.
            ("&AGE-", 1, Printable),
            ("&APwAYQ-", 3, Printable),
            ("&2D0-", 1, Surrogate),
            ("&3gA-", 1, Surrogate),
            ("&2D0AYQ-", 1, Surrogate),
            ("&APx-", 3, Padding),
            ("&APwA-", 4, Padding),
            ("&A-", 1, Padding),
            ("&AP-", 2, Padding),
            ("&APw-&APw-", 5, NullShift),
        ] {
            assert_eq!(decode(wire.as_bytes()), Err(Utf7Error { at, kind }), "{wire}");
        }
        assert_eq!(decode(b"&APw-&-").as_deref(), Ok("ü&"));
    }
}
