//! Sets of message numbers and of UIDs.
//!
//! A set is read range by range and never expanded: what it holds is proportional to its bytes.

use alloc::vec::Vec;
use core::num::NonZeroU32;

use imap_types::{
    few::Few,
    number::Uid,
    sequence::{SeqNumber, SeqRange, SequenceSet, UidRange, UidSet},
};

use crate::{
    cursor::{Input, Parsed, within_list_limit},
    error::{EncodeError, EncodeErrorKind, expected},
    number::{first_digits, non_digits, nz_number, short_nz_number, uniqueid},
    writer::Writer,
};

/// A range of plain numbers and its length: nearly all ranges. `None` where the rule of the set has to look.
#[inline]
fn short_range(bytes: &[u8]) -> Option<(usize, NonZeroU32, Option<NonZeroU32>)> {
    let (len, start) = short_nz_number(bytes)?;
    let Some([b':', rest @ ..]) = bytes.get(len..) else { return Some((len, start, None)) };
    let (more, end) = short_nz_number(rest)?;
    Some((len.wrapping_add(more).wrapping_add(1), start, Some(end)))
}

/// The same within sixteen bytes, whose separators are found together: what comes next waits for one search, not for two.
#[inline]
fn usual_range(bytes: &[u8; 16]) -> Option<(usize, NonZeroU32, Option<NonZeroU32>)> {
    let (low, high) = (*bytes.first_chunk::<8>()?, *bytes.last_chunk::<8>()?);
    let stops = non_digits(low);
    let len = stops.trailing_zeros() / 8;
    let start = NonZeroU32::new(u32::try_from(first_digits(low, len)).ok()?)?;
    let colon = len as usize;
    if bytes.first() == Some(&b'0') || bytes.get(colon) != Some(&b':') {
        return (matches!(len, 1..8) && bytes.first() != Some(&b'0')).then_some((colon, start, None));
    }
    let others = stops & stops.wrapping_sub(1);
    let end = match others {
        0 => non_digits(high).trailing_zeros().wrapping_add(64) / 8,
        others => others.trailing_zeros() / 8,
    };
    let digits = bytes.get(colon.wrapping_add(1)..)?;
    let len = end.wrapping_sub(len).wrapping_sub(1);
    if !matches!(len, 1..8) || digits.first() == Some(&b'0') {
        return None;
    }
    let last = NonZeroU32::new(u32::try_from(first_digits(*digits.first_chunk()?, len)).ok()?)?;
    Some((end as usize, start, Some(last)))
}

/// `range *("," range)`, up to a comma that `$` follows: plain ranges at once, others as `range` reads them.
#[inline]
fn ranges<'a, R>(
    i: Input<'a>,
    range: impl Fn(Input<'a>) -> Parsed<'a, R>,
    plain: impl Fn(NonZeroU32, Option<NonZeroU32>) -> R,
) -> Parsed<'a, Few<R>> {
    let (mut i, first) = match short_range(i.rest()) {
        Some((len, start, end)) => (i.skip(len), plain(start, end)),
        None => range(i)?,
    };
    if !i.next_is(b',') {
        return Ok((i, Few::from(first)));
    }
    // Room for what is likely to come, and no more than a few times what is there.
    let mut ranges = Vec::with_capacity((i.rest().len() / 5).clamp(4, 64));
    ranges.push(first);
    while i.next_is(b',') && !i.skip(1).next_is(b'$') {
        i = plain_ranges(i.skip(1), &mut ranges, &plain);
        let (rest, next) = range(i)?;
        i = within_list_limit(rest, ranges.len())?.0;
        ranges.push(next);
    }
    Ok((i, Few::from(ranges)))
}

/// `*(nz-number [":" nz-number] ",")`: the plain ranges, as long as another one follows. Large sets are read here.
#[inline]
fn plain_ranges<'a, R>(
    i: Input<'a>,
    ranges: &mut Vec<R>,
    plain: impl Fn(NonZeroU32, Option<NonZeroU32>) -> R,
) -> Input<'a> {
    let all = i.rest();
    let mut bytes = all;
    while ranges.len() < i.limits().list {
        let usual = bytes.first_chunk().and_then(usual_range);
        let Some((len, start, end)) = usual.or_else(|| short_range(bytes)) else { break };
        // What else may follow the comma, as `$` may, is for the rule.
        let Some([b',', rest @ ..]) = bytes.get(len..) else { break };
        if !matches!(rest, [b'0'..=b'9', ..]) {
            break;
        }
        ranges.push(plain(start, end));
        bytes = rest;
    }
    i.skip(all.len().saturating_sub(bytes.len()))
}

/// ```abnf
/// sequence-set     = (seq-number / seq-range) ["," sequence-set]     ; RFC 9051 section 9
/// sequence-set     =/ seq-last-command
/// seq-last-command = "$"
/// ```
///
/// By the recursion `$` may stand alone or after the last comma; nothing may follow it.
pub(crate) fn sequence_set(i: Input<'_>) -> Parsed<'_, SequenceSet> {
    match i.peek() {
        Some(b'$') => return Ok((i.skip(1), SequenceSet::saved())),
        Some(b'0'..=b'9' | b'*') => {}
        _ => return i.fail(expected!("sequence-set", "a message set")),
    }
    let (i, ranges) = ranges(i, seq_range, |start, end| match (SeqNumber::Number(start), end) {
        (start, Some(end)) => SeqRange::new(start, SeqNumber::Number(end)),
        (start, None) => SeqRange::single(start),
    })?;
    match i.rest() {
        [b',', b'$', ..] => Ok((i.skip(2), SequenceSet::received(ranges, true))),
        _ => Ok((i, SequenceSet::received(ranges, false))),
    }
}

/// ```abnf
/// seq-range = seq-number ":" seq-number     ; RFC 9051 section 9
/// ```
///
/// Or one number.
#[inline]
fn seq_range(i: Input<'_>) -> Parsed<'_, SeqRange> {
    let (i, start) = seq_number(i)?;
    if !i.next_is(b':') {
        return Ok((i, SeqRange::single(start)));
    }
    let (i, end) = seq_number(i.skip(1))?;
    Ok((i, SeqRange::new(start, end)))
}

/// ```abnf
/// seq-number = nz-number / "*"     ; RFC 9051 section 9
/// ```
#[inline]
pub(crate) fn seq_number(i: Input<'_>) -> Parsed<'_, SeqNumber> {
    match i.peek() {
        Some(b'*') => Ok((i.skip(1), SeqNumber::Largest)),
        Some(b'0'..=b'9') => nz_number(i).map(|(i, number)| (i, SeqNumber::Number(number))),
        _ => i.fail(expected!("seq-number", "a number or `*`")),
    }
}

/// ```abnf
/// uid-set   = (uniqueid / uid-range) *("," uid-set)     ; RFC 9051 section 9
/// uid-range = (uniqueid ":" uniqueid)
/// ```
pub(crate) fn uid_set(i: Input<'_>) -> Parsed<'_, UidSet> {
    let (i, ranges) = ranges(i, uid_range, |start, end| match (Uid(start), end) {
        (start, Some(end)) => UidRange::new(start, Uid(end)),
        (start, None) => UidRange::single(start),
    })?;
    if i.next_is(b',') {
        // Followed by `$`, or it would have been read.
        uniqueid(i.skip(1))?;
    }
    Ok((i, UidSet::received(ranges)))
}

/// `uniqueid / uid-range`
#[inline]
fn uid_range(i: Input<'_>) -> Parsed<'_, UidRange> {
    let (i, start) = uniqueid(i)?;
    if !i.next_is(b':') {
        return Ok((i, UidRange::single(start)));
    }
    let (i, end) = uniqueid(i.skip(1))?;
    Ok((i, UidRange::new(start, end)))
}

/// ```abnf
/// known-uids = sequence-set     ; Sequence of UIDs; "*" is not allowed, RFC 7162 section 7
/// ```
///
/// And `known-uid-set`, the same. `$` stands for what only the server knows, so it is not allowed either.
pub(crate) fn known_uids(i: Input<'_>) -> Parsed<'_, UidSet> {
    uid_set(i).or_else(|_| {
        let _ = sequence_set(i)?;
        i.fail(expected!("known-uids", "a set of UIDs, without `*` and `$`"))
    })
}

/// ```abnf
/// known-sequence-set = sequence-set     ; "*" is not allowed, RFC 7162 section 7
/// ```
pub(crate) fn known_sequence_set(i: Input<'_>) -> Parsed<'_, SequenceSet> {
    let (rest, set) = sequence_set(i)?;
    if set.has_largest() || set.has_saved() {
        return i.fail(expected!("known-sequence-set", "a set of numbers, without `*` and `$`"));
    }
    Ok((rest, set))
}

impl Writer<'_> {
    /// `sequence-set`
    pub(crate) fn sequence_set(&mut self, set: &SequenceSet) -> Result<(), EncodeError> {
        for (index, range) in set.ranges().iter().enumerate() {
            if index > 0 {
                self.bytes(b",");
            }
            self.seq_number(range.start);
            if range.is_range() {
                self.bytes(b":");
                self.seq_number(range.end);
            }
        }
        match (set.has_saved(), set.ranges().is_empty()) {
            (true, true) => self.bytes(b"$"),
            (true, false) => self.bytes(b",$"),
            (false, true) => return Err(EncodeError::new(EncodeErrorKind::Empty, "a message set")),
            (false, false) => {}
        }
        Ok(())
    }

    /// `known-sequence-set`
    pub(crate) fn known_sequence_set(&mut self, set: &SequenceSet) -> Result<(), EncodeError> {
        if set.has_saved() || set.has_largest() {
            return Err(EncodeError::new(
                EncodeErrorKind::Combination,
                "known message numbers with `*` or `$`",
            ));
        }
        self.sequence_set(set)
    }

    /// `seq-number`
    pub(crate) fn seq_number(&mut self, number: SeqNumber) {
        match number {
            SeqNumber::Number(number) => self.number(number.get()),
            SeqNumber::Largest => self.bytes(b"*"),
        }
    }

    /// `uid-set`
    pub(crate) fn uid_set(&mut self, set: &UidSet) -> Result<(), EncodeError> {
        if set.is_empty() {
            return Err(EncodeError::new(EncodeErrorKind::Empty, "a set of UIDs"));
        }
        for (index, range) in set.ranges().iter().enumerate() {
            if index > 0 {
                self.bytes(b",");
            }
            self.number(range.start.get());
            if range.is_range() {
                self.bytes(b":");
                self.number(range.end.get());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::String};

    use super::*;

    #[test]
    fn usual_ranges_are_read_at_once_as_one_by_one() {
        let numbers =
            ["", "0", "7", "10", "042", "999", "4096", "65536", "100000", "7654321", "12345678", "*"];
        let nonzero = |text: &str| match text.len() {
            1..=7 if !text.starts_with('0') => text.parse::<NonZeroU32>().ok(),
            _ => None,
        };
        for (first, last) in numbers.iter().flat_map(|first| numbers.map(|last| (*first, last))) {
            for (sign, after) in [(":", ","), (":", ")"), (",", ":"), ("*", ","), (":", ":"), (" ", "9")] {
                let text: String = format!("{first}{sign}{last}{after}9,99,999,99999");
                let Some(bytes) = text.as_bytes().first_chunk::<16>() else { continue };
                let end = (sign == ":").then(|| nonzero(last).filter(|_| after != "9"));
                let expected = nonzero(first).and_then(|start| match end {
                    None => Some((first.len(), start, None)),
                    Some(end) => {
                        Some((first.len().saturating_add(last.len()).saturating_add(1), start, Some(end?)))
                    }
                });
                assert_eq!(usual_range(bytes), expected, "{text}");
                assert_eq!(short_range(text.as_bytes()), expected, "{text}");
            }
        }
    }
}
