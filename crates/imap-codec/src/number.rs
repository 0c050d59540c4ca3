//! Numbers: 32-bit, 63-bit, zero and not.

use core::num::NonZeroU32;

use imap_types::number::{ModSeq, ModSeqOrZero, Number64, SeqNum, Uid, UidValidity};

use crate::{
    cursor::{Input, Parsed},
    error::{Expect, expected},
};

/// The digits at the start of the input as a number, and how many there are. `None` past 2^64 - 1.
fn digits(i: Input<'_>) -> (usize, Option<u64>) {
    match i.rest().first_chunk() {
        Some(chunk) => match up_to_eight_digits(*chunk) {
            // There may be more.
            (8, _) => all_digits(i),
            (len, number) => (len, Some(number)),
        },
        None => all_digits(i),
    }
}

/// How many of eight bytes are digits before one that is none, and their number: all at once.
#[inline]
const fn up_to_eight_digits(bytes: [u8; 8]) -> (usize, u64) {
    let len = non_digits(bytes).trailing_zeros() / 8;
    (len as usize, first_digits(bytes, len))
}

/// In the high bit of each byte, whether it is no digit; possibly also of digits after a byte above 0x7f.
#[inline]
pub(crate) const fn non_digits(bytes: [u8; 8]) -> u64 {
    // Digits are 0 to 9 after the first step.
    let word = u64::from_le_bytes(bytes) ^ repeat(b'0');
    (word.wrapping_add(repeat(0x76)) | word) & repeat(0x80)
}

/// The number that the first `len` of eight bytes are, which are digits.
#[inline]
pub(crate) const fn first_digits(bytes: [u8; 8], len: u32) -> u64 {
    let word = u64::from_le_bytes(bytes) ^ repeat(b'0');
    if len == 0 {
        return 0;
    }
    // The last digit goes to the last byte, zeros before the first. Then neighbours become numbers of two digits, and
    // of these the first and third, the second and fourth are added up, side by side.
    let digits = word.wrapping_shl(64_u32.wrapping_sub(len.wrapping_mul(8)));
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let odd = (pairs & 0x0000_00ff_0000_00ff).wrapping_mul(0x000f_4240_0000_0064);
    let even = ((pairs >> 16) & 0x0000_00ff_0000_00ff).wrapping_mul(0x0000_2710_0000_0001);
    odd.wrapping_add(even) >> 32
}

/// A number of one to seven digits, which eight bytes show to be whole, and its length: nearly all numbers.
#[inline]
fn short_number(bytes: &[u8]) -> Option<(usize, u32)> {
    match up_to_eight_digits(*bytes.first_chunk()?) {
        (0 | 8, _) => None,
        (len, number) => Some((len, u32::try_from(number).ok()?)),
    }
}

/// The same for an `nz-number`.
#[inline]
pub(crate) fn short_nz_number(bytes: &[u8]) -> Option<(usize, NonZeroU32)> {
    if let [b'0', ..] = bytes {
        return None;
    }
    let (len, number) = short_number(bytes)?;
    Some((len, NonZeroU32::new(number)?))
}

/// The byte in all eight places.
pub(crate) const fn repeat(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// The same as [`digits`], one by one.
fn all_digits(i: Input<'_>) -> (usize, Option<u64>) {
    let mut number = 0_u64;
    let mut len = 0_usize;
    let mut fits = true;
    for &byte in i.rest() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        len = len.saturating_add(1);
        // Nineteen digits always fit; only then is there anything to check.
        if len < 20 {
            number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
        } else {
            match number.checked_mul(10).and_then(|tens| tens.checked_add(u64::from(digit))) {
                Some(next) => number = next,
                None => fits = false,
            }
        }
    }
    (len, fits.then_some(number))
}

/// `1*DIGIT` up to `max`. The place of an error is the first digit.
#[inline]
fn up_to<'a>(i: Input<'a>, max: u64, missing: &'static Expect, range: &'static Expect) -> Parsed<'a, u64> {
    match digits(i) {
        (0, _) => i.fail(missing),
        (len, Some(number)) if number <= max => Ok((i.skip(len), number)),
        _ => i.fail(range),
    }
}

/// ```abnf
/// number = 1*DIGIT     ; Unsigned 32-bit integer (0 <= n < 4,294,967,296), RFC 9051 section 9
/// ```
#[inline]
pub(crate) fn number(i: Input<'_>) -> Parsed<'_, u32> {
    let (rest, number) = up_to(
        i,
        u64::from(u32::MAX),
        expected!(Number, "number", "a number"),
        expected!(Number, "number", "a number up to 4294967295"),
    )?;
    match u32::try_from(number) {
        Ok(number) => Ok((rest, number)),
        Err(_) => i.fail(expected!(Number, "number", "a number up to 4294967295")),
    }
}

/// ```abnf
/// number64 = 1*DIGIT     ; Unsigned 63-bit integer, RFC 9051 section 9
/// ```
#[inline]
pub(crate) fn number64(i: Input<'_>) -> Parsed<'_, Number64> {
    match short_number(i.rest()) {
        Some((len, number)) => Ok((i.skip(len), Number64::from(number))),
        None => long_number64(i),
    }
}

fn long_number64(i: Input<'_>) -> Parsed<'_, Number64> {
    let (rest, number) = up_to(
        i,
        Number64::MAX.get(),
        expected!(Number, "number64", "a number"),
        expected!(Number, "number64", "a number up to 9223372036854775807"),
    )?;
    match Number64::try_from(number) {
        Ok(number) => Ok((rest, number)),
        Err(_) => i.fail(expected!(Number, "number64", "a number up to 9223372036854775807")),
    }
}

/// ```abnf
/// nz-number = digit-nz *DIGIT     ; Non-zero unsigned 32-bit integer, RFC 9051 section 9
/// ```
///
/// Leading zeros are refused: the rule begins with `digit-nz`.
#[inline]
pub(crate) fn nz_number(i: Input<'_>) -> Parsed<'_, NonZeroU32> {
    match short_nz_number(i.rest()) {
        Some((len, number)) => Ok((i.skip(len), number)),
        None => long_nz_number(i),
    }
}

fn long_nz_number(i: Input<'_>) -> Parsed<'_, NonZeroU32> {
    if i.next_is(b'0') {
        return i.fail(expected!(Number, "nz-number", "a number above 0, without leading zeros"));
    }
    let (rest, number) = up_to(
        i,
        u64::from(u32::MAX),
        expected!(Number, "nz-number", "a number above 0"),
        expected!(Number, "nz-number", "a number from 1 to 4294967295"),
    )?;
    match u32::try_from(number).ok().and_then(NonZeroU32::new) {
        Some(number) => Ok((rest, number)),
        None => i.fail(expected!(Number, "nz-number", "a number from 1 to 4294967295")),
    }
}

/// ```abnf
/// uniqueid = nz-number     ; Strictly ascending, RFC 9051 section 9
/// ```
pub(crate) fn uniqueid(i: Input<'_>) -> Parsed<'_, Uid> {
    let (i, number) = nz_number(i)?;
    Ok((i, Uid(number)))
}

/// A message number: `nz-number` before EXPUNGE and FETCH (RFC 9051 section 9).
pub(crate) fn seq_num(i: Input<'_>) -> Parsed<'_, SeqNum> {
    let (i, number) = nz_number(i)?;
    Ok((i, SeqNum(number)))
}

/// `nz-number` after UIDVALIDITY (RFC 9051 section 9).
pub(crate) fn uid_validity(i: Input<'_>) -> Parsed<'_, UidValidity> {
    let (i, number) = nz_number(i)?;
    Ok((i, UidValidity(number)))
}

/// ```abnf
/// mod-sequence-value = 1*DIGIT     ; Positive unsigned 63-bit integer, RFC 7162 section 7
/// ```
pub(crate) fn mod_sequence_value(i: Input<'_>) -> Parsed<'_, ModSeq> {
    const RANGE: &Expect = expected!(Number, "mod-sequence-value", "a number from 1 to 9223372036854775807");
    let missing = expected!(Number, "mod-sequence-value", "a number above 0");
    let (rest, number) = up_to(i, Number64::MAX.get(), missing, RANGE)?;
    match ModSeq::try_from(number) {
        Ok(number) => Ok((rest, number)),
        Err(_) => i.fail(RANGE),
    }
}

/// ```abnf
/// mod-sequence-valzer = "0" / mod-sequence-value     ; RFC 7162 section 7
/// ```
pub(crate) fn mod_sequence_valzer(i: Input<'_>) -> Parsed<'_, ModSeqOrZero> {
    let zero = |i: Input<'_>| i.next_is(b'0') && !i.skip(1).peek().is_some_and(|byte| byte.is_ascii_digit());
    if zero(i) {
        return Ok((i.skip(1), ModSeqOrZero::ZERO));
    }
    let (i, number) = mod_sequence_value(i)?;
    Ok((i, number.into()))
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn eight_digits_at_once_are_the_same_as_one_by_one() {
        for number in
            [0_u64, 1, 9, 10, 99, 123, 4096, 65_535, 999_999, 1_234_567, 9_999_999, 12_345_678, 99_999_999]
        {
            for after in [" 1234567", ")\r\n     ", "/:;\0\u{7f}9 1", "é1234567"] {
                let text = format!("{number}{after}");
                let len = format!("{number}").len();
                let chunk = text.as_bytes().first_chunk().copied().unwrap_or_default();
                assert_eq!(up_to_eight_digits(chunk), (len, number), "{text}");
            }
        }
        for byte in (0..=u8::MAX).filter(|byte| !byte.is_ascii_digit()) {
            assert_eq!(up_to_eight_digits([byte; 8]), (0, 0));
            assert_eq!(
                up_to_eight_digits([b'4', b'2', byte, b'0', b'0', b'0', b'0', b'0']),
                (2, 42),
                "{byte:#x}"
            );
        }
    }
}
