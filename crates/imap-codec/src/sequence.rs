//! Sets of message numbers and of UIDs.
//!
//! A set is read range by range and never expanded: what it holds is proportional to its bytes.

use alloc::vec::Vec;
use core::num::NonZeroU32;

use imap_types::{
    number::Uid,
    sequence::{SeqNumber, SeqRange, SequenceSet, UidRange, UidSet},
};

use crate::{
    cursor::{Input, Parsed, within_list_limit},
    error::{EncodeError, EncodeErrorKind, expected},
    number::{nz_number, short_nz_number, uniqueid},
    writer::Writer,
};

/// `*(nz-number [":" nz-number] ",")`: the ranges of plain numbers at the start of a set, as long as another one
/// follows. Large sets are read here; where this stops, the rule of the set goes on.
#[inline]
fn short_ranges<'a, R>(
    i: Input<'a>,
    ranges: &mut Vec<R>,
    range: impl Fn(NonZeroU32, Option<NonZeroU32>) -> R,
) -> Input<'a> {
    let all = i.rest();
    let mut bytes = all;
    while ranges.len() < i.limits().list {
        let Some((len, start)) = short_nz_number(bytes) else { break };
        let rest = bytes.get(len..).unwrap_or_default();
        let (end, rest) = match rest {
            [b':', rest @ ..] => match short_nz_number(rest) {
                Some((len, end)) => (Some(end), rest.get(len..).unwrap_or_default()),
                None => break,
            },
            rest => (None, rest),
        };
        // What else may follow the comma, as `$` may, is for the rule.
        let Some(rest) = rest.strip_prefix(b",").filter(|rest| matches!(rest, [b'0'..=b'9', ..])) else {
            break;
        };
        ranges.push(range(start, end));
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
pub(crate) fn sequence_set(mut i: Input<'_>) -> Parsed<'_, SequenceSet> {
    match i.peek() {
        Some(b'$') => return Ok((i.skip(1), SequenceSet::saved())),
        Some(b'0'..=b'9' | b'*') => {}
        _ => return i.fail(expected!("sequence-set", "a message set")),
    }
    let mut ranges = Vec::new();
    i = short_ranges(i, &mut ranges, |start, end| match (SeqNumber::Number(start), end) {
        (start, Some(end)) => SeqRange::new(start, SeqNumber::Number(end)),
        (start, None) => SeqRange::single(start),
    });
    loop {
        let (rest, start) = seq_number(i)?;
        let (rest, range) = if rest.next_is(b':') {
            let (rest, end) = seq_number(rest.skip(1))?;
            (rest, SeqRange::new(start, end))
        } else {
            (rest, SeqRange::single(start))
        };
        i = within_list_limit(rest, ranges.len())?.0;
        ranges.push(range);
        match i.rest() {
            [b',', b'$', ..] => return Ok((i.skip(2), SequenceSet::received(ranges, true))),
            [b',', ..] => i = i.skip(1),
            _ => return Ok((i, SequenceSet::received(ranges, false))),
        }
    }
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
pub(crate) fn uid_set(mut i: Input<'_>) -> Parsed<'_, UidSet> {
    let mut ranges = Vec::new();
    i = short_ranges(i, &mut ranges, |start, end| match (Uid(start), end) {
        (start, Some(end)) => UidRange::new(start, Uid(end)),
        (start, None) => UidRange::single(start),
    });
    loop {
        let (rest, start) = uniqueid(i)?;
        let (rest, range) = if rest.next_is(b':') {
            let (rest, end) = uniqueid(rest.skip(1))?;
            (rest, UidRange::new(start, end))
        } else {
            (rest, UidRange::single(start))
        };
        i = within_list_limit(rest, ranges.len())?.0;
        ranges.push(range);
        if !i.next_is(b',') {
            return Ok((i, UidSet::received(ranges)));
        }
        i = i.skip(1);
    }
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
