//! Sets of message numbers and UIDs, kept as ranges and never expanded.
//!
//! `1:4294967295` is eight bytes here and stays so: lengths are computed (as `u64`), numbers are visited
//! lazily, and the algebra works on ranges. [`SequenceSet`] is what clients send: it may hold `*`, the
//! largest number in use, and `$`, the saved result of a search. [`UidSet`] is what servers report: UIDs
//! and nothing else.

mod uid;

pub use uid::{Pairs, UidRange, UidSet};

use alloc::vec::Vec;
use core::{
    fmt,
    num::NonZeroU32,
    ops::{RangeFrom, RangeInclusive},
};

use crate::{
    error::{ValidationError, ValidationErrorKind},
    few::Few,
    number::{SeqNum, Uid},
    octets::detach,
};

/// `seq-number = nz-number / "*"`: a message number, a UID, or `*`, the largest in use (RFC 9051 section 9).
///
/// Four bytes. `*` orders above every number.
///
/// `C: A1 FETCH * FLAGS`
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[doc(alias = "seq-number")]
pub enum SeqNumber {
    /// A number.
    Number(NonZeroU32),
    /// `*`
    Largest,
}

impl SeqNumber {
    /// The number that this stands for where `largest` is the largest in use.
    #[must_use]
    pub const fn resolve(self, largest: NonZeroU32) -> NonZeroU32 {
        match self {
            Self::Number(number) => number,
            Self::Largest => largest,
        }
    }
}

impl From<NonZeroU32> for SeqNumber {
    fn from(number: NonZeroU32) -> Self {
        Self::Number(number)
    }
}

impl From<Uid> for SeqNumber {
    fn from(uid: Uid) -> Self {
        Self::Number(uid.0)
    }
}

impl From<SeqNum> for SeqNumber {
    fn from(number: SeqNum) -> Self {
        Self::Number(number.0)
    }
}

impl TryFrom<u32> for SeqNumber {
    type Error = ValidationError;

    fn try_from(number: u32) -> Result<Self, ValidationError> {
        NonZeroU32::new(number).map(Self::Number).ok_or(OUT_OF_RANGE)
    }
}

impl fmt::Display for SeqNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Largest => f.write_str("*"),
        }
    }
}

const OUT_OF_RANGE: ValidationError =
    ValidationError::new("a message number or UID", ValidationErrorKind::Range, 0);

/// `seq-number / seq-range`: one number, or all between two, both included, in either order.
///
/// ```
/// use imap_types::sequence::{SeqNumber, SeqRange};
///
/// let range = SeqRange::new(SeqNumber::Largest, SeqNumber::try_from(4)?);
/// assert_eq!(range.to_string(), "*:4");
/// let ten = 10.try_into()?;
/// assert!(range.contains(7.try_into()?, ten));
/// assert_eq!(range.len(ten), 7);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[doc(alias = "seq-range")]
pub struct SeqRange {
    /// The first bound, as given.
    pub start: SeqNumber,
    /// The second bound; the same as the first for a single number.
    pub end: SeqNumber,
    /// Whether it is written with a colon: `5:5` means `5`, and is sent on as it came.
    colon: bool,
}

impl PartialEq for SeqRange {
    fn eq(&self, other: &Self) -> bool {
        (self.start, self.end) == (other.start, other.end)
    }
}

impl Eq for SeqRange {}

impl core::hash::Hash for SeqRange {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        (self.start, self.end).hash(state);
    }
}

impl SeqRange {
    /// `1:*`: every number.
    pub const ALL: Self = Self::new(SeqNumber::Number(NonZeroU32::MIN), SeqNumber::Largest);

    /// All between two numbers, both included, in either order; written with a colon.
    #[must_use]
    pub const fn new(start: SeqNumber, end: SeqNumber) -> Self {
        Self { start, end, colon: true }
    }

    /// A single number, or `*`.
    #[must_use]
    pub const fn single(number: SeqNumber) -> Self {
        Self { start: number, end: number, colon: false }
    }

    /// Whether it is written as a range, with a colon, and not as a single number.
    #[must_use]
    pub const fn is_range(self) -> bool {
        self.colon
    }

    /// The lowest and the highest number, where `largest` is the largest in use.
    #[must_use]
    pub fn resolve(self, largest: NonZeroU32) -> (NonZeroU32, NonZeroU32) {
        let (start, end) = (self.start.resolve(largest), self.end.resolve(largest));
        (start.min(end), start.max(end))
    }

    /// Whether `number` is in the range, where `largest` is the largest in use.
    #[must_use]
    pub fn contains(self, number: NonZeroU32, largest: NonZeroU32) -> bool {
        let (low, high) = self.resolve(largest);
        (low..=high).contains(&number)
    }

    /// How many numbers the range has, where `largest` is the largest in use. At least one.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "a range is never empty")]
    pub fn len(self, largest: NonZeroU32) -> u64 {
        let (low, high) = self.resolve(largest);
        span(low, high)
    }

    /// The bounds in order; `*` is above every number.
    fn sorted(self) -> Self {
        Self { start: self.start.min(self.end), end: self.start.max(self.end), ..self }
    }
}

/// How many numbers there are from `low` to `high`.
fn span(low: NonZeroU32, high: NonZeroU32) -> u64 {
    u64::from(high.get()).saturating_sub(u64::from(low.get())).saturating_add(1)
}

impl<T: Into<SeqNumber>> From<T> for SeqRange {
    fn from(number: T) -> Self {
        Self::single(number.into())
    }
}

impl TryFrom<RangeInclusive<u32>> for SeqRange {
    type Error = ValidationError;

    /// `a..=b`, in either order.
    fn try_from(range: RangeInclusive<u32>) -> Result<Self, ValidationError> {
        Ok(Self::new((*range.start()).try_into()?, (*range.end()).try_into()?))
    }
}

impl TryFrom<RangeFrom<u32>> for SeqRange {
    type Error = ValidationError;

    /// `n..` is `n:*`.
    fn try_from(range: RangeFrom<u32>) -> Result<Self, ValidationError> {
        Ok(Self::new(range.start.try_into()?, SeqNumber::Largest))
    }
}

impl fmt::Display for SeqRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.colon { write!(f, "{}:{}", self.start, self.end) } else { self.start.fmt(f) }
    }
}

/// `sequence-set`: a set of message numbers or UIDs, as a list of ranges in the order given (RFC 9051 section 9).
///
/// Equality is that of the ranges as given; two sets that name the same numbers differently are equal once
/// [normalised](Self::normalized). A set that was collected from nothing is empty: no grammar has it, and an
/// encoder refuses it.
///
/// ```
/// use imap_types::sequence::SequenceSet;
///
/// let set = SequenceSet::try_from("2,4:7,9,12:*")?;
/// let fifteen = 15.try_into()?;
/// assert_eq!(set.len(fifteen), 10);
/// assert!(set.contains(14.try_into()?, fifteen));
/// assert_eq!(set.iter(fifteen).map(u32::from).collect::<Vec<_>>(), [2, 4, 5, 6, 7, 9, 12, 13, 14, 15]);
///
/// assert_eq!(SequenceSet::try_from(3..)?.to_string(), "3:*");
/// assert_eq!(SequenceSet::try_from([7, 8, 9, 4].as_slice())?.to_string(), "7:9,4");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
///
/// `C: A1 FETCH 2,4:7,9,12:* FLAGS`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[doc(alias = "sequence-set")]
pub struct SequenceSet {
    ranges: Few<SeqRange>,
    /// Whether `$`, the saved result of a search (RFC 5182), belongs to the set.
    saved: bool,
}

impl SequenceSet {
    /// `1:*`: all messages.
    #[must_use]
    pub fn all() -> Self {
        Self { ranges: Few::from(SeqRange::ALL), saved: false }
    }

    /// `*`: the last message.
    #[must_use]
    pub fn largest() -> Self {
        Self::from(SeqNumber::Largest)
    }

    /// `$`: the saved result of the last search with RETURN (SAVE) (RFC 5182 section 2).
    #[must_use]
    #[doc(alias = "seq-last-command")]
    pub const fn saved() -> Self {
        Self { ranges: Few::EMPTY, saved: true }
    }

    /// The ranges, in the order given, without `$`.
    #[must_use]
    pub fn ranges(&self) -> &[SeqRange] {
        &self.ranges
    }

    /// Whether `$` belongs to the set. Then it has members that only the session knows.
    #[must_use]
    pub const fn has_saved(&self) -> bool {
        self.saved
    }

    /// The same set with `$` in it.
    #[must_use]
    pub const fn with_saved(mut self) -> Self {
        self.saved = true;
        self
    }

    /// Whether nothing is in the set, not even `$`. An encoder refuses such a set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty() && !self.saved
    }

    /// Whether `*` is somewhere in the set, so that what it means depends on the mailbox.
    #[must_use]
    pub fn has_largest(&self) -> bool {
        self.ranges.iter().any(|range| matches!(range.start.max(range.end), SeqNumber::Largest))
    }

    /// Whether `number` is in the set, where `largest` is the largest in use. `$` is not looked into.
    #[must_use]
    pub fn contains(&self, number: NonZeroU32, largest: NonZeroU32) -> bool {
        self.ranges.iter().any(|range| range.contains(number, largest))
    }

    /// How many numbers the set names, where `largest` is the largest in use. A number that is named twice
    /// counts twice, and `$` counts nothing.
    #[must_use]
    pub fn len(&self, largest: NonZeroU32) -> u64 {
        self.ranges.iter().fold(0, |sum, range| range.len(largest).saturating_add(sum))
    }

    /// The numbers, where `largest` is the largest in use: range by range in the order given, ascending in
    /// each. Nothing is expanded: the iterator holds one range.
    #[must_use]
    pub fn iter(&self, largest: NonZeroU32) -> Numbers<'_> {
        Numbers { ranges: self.ranges.iter(), largest, current: None }
    }

    /// The same numbers in ascending order, each named once, in as few ranges as possible.
    ///
    /// `*` is above every number: `7,3:*,*` becomes `3:*`, which names the same messages of any mailbox.
    ///
    /// ```
    /// use imap_types::sequence::SequenceSet;
    ///
    /// let set = SequenceSet::try_from("9:7,*,1,2,8:12")?;
    /// assert_eq!(set.normalized().to_string(), "1:2,7:12,*");
    /// # Ok::<(), imap_types::error::ValidationError>(())
    /// ```
    #[must_use]
    pub fn normalized(&self) -> Self {
        let mut sorted: Vec<SeqRange> = self.ranges.iter().map(|range| range.sorted()).collect();
        sorted.sort_unstable_by_key(|range| (range.start, range.end));
        let mut ranges: Vec<SeqRange> = Vec::with_capacity(sorted.len());
        for range in sorted {
            match ranges.last_mut() {
                Some(last) if touches(last.end, range.start) => last.end = last.end.max(range.end),
                _ => ranges.push(range),
            }
        }
        ranges.iter_mut().for_each(|range| range.colon = range.start != range.end);
        ranges.shrink_to_fit();
        Self { ranges: ranges.into(), saved: self.saved }
    }

    /// What the set names where `largest` is the largest in use, as UIDs, sorted and coalesced.
    #[must_use]
    pub fn resolve(&self, largest: Uid) -> UidSet {
        self.ranges
            .iter()
            .map(|range| {
                let (start, end) = range.resolve(largest.0);
                UidRange::brief(Uid(start), Uid(end))
            })
            .collect::<UidSet>()
            .normalized()
    }

    /// Adds a range at the end, or to the last range where it goes on from there.
    fn append(&mut self, range: SeqRange) {
        append(&mut self.ranges, range, |last, next| match (last.start, last.end, next.start, next.end) {
            (
                SeqNumber::Number(start),
                SeqNumber::Number(end),
                SeqNumber::Number(from),
                SeqNumber::Number(to),
            ) if start <= end && from <= to && end.checked_add(1) == Some(from) => {
                *last = SeqRange::new(last.start, next.end);
                true
            }
            _ => false,
        });
    }
}

/// Whether a range that ends with `end` and one that starts with `start`, not below, can be one.
fn touches(end: SeqNumber, start: SeqNumber) -> bool {
    match (end, start) {
        (SeqNumber::Largest, _) => true,
        (SeqNumber::Number(_), SeqNumber::Largest) => false,
        (SeqNumber::Number(end), SeqNumber::Number(start)) => start <= end.saturating_add(1),
    }
}

/// Adds `next` to `ranges`, unless `joined` could add it to the last.
fn append<R>(ranges: &mut Few<R>, next: R, joined: impl FnOnce(&mut R, &R) -> bool) {
    if !ranges.last_mut().is_some_and(|last| joined(last, &next)) {
        ranges.push(next);
    }
}

impl<T: Into<SeqRange>> From<T> for SequenceSet {
    fn from(range: T) -> Self {
        Self { ranges: Few::from(range.into()), saved: false }
    }
}

impl From<&UidSet> for SequenceSet {
    fn from(set: &UidSet) -> Self {
        let range = |range: &UidRange| SeqRange {
            start: range.start.into(),
            end: range.end.into(),
            colon: range.is_range(),
        };
        Self { ranges: set.ranges().iter().map(range).collect(), saved: false }
    }
}

impl From<UidSet> for SequenceSet {
    fn from(set: UidSet) -> Self {
        Self::from(&set)
    }
}

impl<T: Into<SeqRange>> FromIterator<T> for SequenceSet {
    /// In the order given; a number that follows the one before it makes a range with it.
    fn from_iter<I: IntoIterator<Item = T>>(ranges: I) -> Self {
        let mut set = Self::default();
        set.extend(ranges);
        set
    }
}

impl<T: Into<SeqRange>> Extend<T> for SequenceSet {
    fn extend<I: IntoIterator<Item = T>>(&mut self, ranges: I) {
        ranges.into_iter().for_each(|range| self.append(range.into()));
    }
}

impl TryFrom<u32> for SequenceSet {
    type Error = ValidationError;

    fn try_from(number: u32) -> Result<Self, ValidationError> {
        SeqNumber::try_from(number).map(Self::from)
    }
}

impl TryFrom<RangeInclusive<u32>> for SequenceSet {
    type Error = ValidationError;

    fn try_from(range: RangeInclusive<u32>) -> Result<Self, ValidationError> {
        SeqRange::try_from(range).map(Self::from)
    }
}

impl TryFrom<RangeFrom<u32>> for SequenceSet {
    type Error = ValidationError;

    fn try_from(range: RangeFrom<u32>) -> Result<Self, ValidationError> {
        SeqRange::try_from(range).map(Self::from)
    }
}

impl TryFrom<&[u32]> for SequenceSet {
    type Error = ValidationError;

    /// At least one number, none of them 0. `at` of an error is the place in the list.
    fn try_from(numbers: &[u32]) -> Result<Self, ValidationError> {
        if numbers.is_empty() {
            return Err(ValidationError::new("a sequence set", ValidationErrorKind::Empty, 0));
        }
        let mut set = Self::default();
        for (at, number) in numbers.iter().enumerate() {
            let number = SeqNumber::try_from(*number).map_err(|error| ValidationError { at, ..error })?;
            set.append(number.into());
        }
        Ok(set)
    }
}

impl<const N: usize> TryFrom<[u32; N]> for SequenceSet {
    type Error = ValidationError;

    fn try_from(numbers: [u32; N]) -> Result<Self, ValidationError> {
        Self::try_from(numbers.as_slice())
    }
}

impl TryFrom<&str> for SequenceSet {
    type Error = ValidationError;

    /// Reads the wire form: `2,4:7,12:*`, `$`.
    fn try_from(text: &str) -> Result<Self, ValidationError> {
        let what = "a sequence set";
        let mut set = Self::default();
        read_set(text, what, |part, at| {
            // By the recursion of the rule, nothing follows `$`.
            if part == "$" && at.saturating_add(1) == text.len() {
                set.saved = true;
                return Ok(());
            }
            let (start, end) = part.split_once(':').unwrap_or((part, part));
            let colon = start.len() < part.len();
            let read = |text: &str, at| match text {
                "*" => Ok(SeqNumber::Largest),
                number => read_number(number, what, at).map(SeqNumber::Number),
            };
            let end_at = at.saturating_add(part.len()).saturating_sub(end.len());
            set.ranges.push(SeqRange { start: read(start, at)?, end: read(end, end_at)?, colon });
            Ok(())
        })?;
        Ok(set)
    }
}

impl core::str::FromStr for SequenceSet {
    type Err = ValidationError;

    fn from_str(text: &str) -> Result<Self, ValidationError> {
        Self::try_from(text)
    }
}

/// Shows `part` each part of `text` between commas, and its place.
fn read_set<'t>(
    text: &'t str,
    what: &'static str,
    mut part: impl FnMut(&'t str, usize) -> Result<(), ValidationError>,
) -> Result<(), ValidationError> {
    if text.is_empty() {
        return Err(ValidationError::new(what, ValidationErrorKind::Empty, 0));
    }
    let mut at = 0_usize;
    for each in text.split(',') {
        part(each, at)?;
        at = at.saturating_add(each.len()).saturating_add(1);
    }
    Ok(())
}

/// `nz-number` at `at` of a text.
fn read_number(text: &str, what: &'static str, at: usize) -> Result<NonZeroU32, ValidationError> {
    match text.bytes().position(|byte| !byte.is_ascii_digit()) {
        Some(wrong) => {
            Err(ValidationError::new(what, ValidationErrorKind::Character, at.saturating_add(wrong)))
        }
        None if text.is_empty() => Err(ValidationError::new(what, ValidationErrorKind::Shape, at)),
        None if text.starts_with('0') => Err(ValidationError::new(what, ValidationErrorKind::Range, at)),
        None => text.parse().map_err(|_| ValidationError::new(what, ValidationErrorKind::Range, at)),
    }
}

impl fmt::Display for SequenceSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display(&self.ranges, f)?;
        match (self.saved, self.ranges.is_empty()) {
            (true, true) => f.write_str("$"),
            (true, false) => f.write_str(",$"),
            (false, _) => Ok(()),
        }
    }
}

fn display<T: fmt::Display>(ranges: &[T], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, range) in ranges.iter().enumerate() {
        if index > 0 {
            f.write_str(",")?;
        }
        range.fmt(f)?;
    }
    Ok(())
}

/// The numbers of a [`SequenceSet`], one at a time.
#[derive(Clone, Debug)]
pub struct Numbers<'s> {
    ranges: core::slice::Iter<'s, SeqRange>,
    largest: NonZeroU32,
    /// What is left of the range in hand.
    current: Option<(NonZeroU32, NonZeroU32)>,
}

impl Iterator for Numbers<'_> {
    type Item = NonZeroU32;

    fn next(&mut self) -> Option<NonZeroU32> {
        let (low, high) = match self.current.take() {
            Some(current) => current,
            None => self.ranges.next()?.resolve(self.largest),
        };
        self.current = rest(low, high);
        Some(low)
    }
}

/// The range from `low` to `high` without `low`.
fn rest(low: NonZeroU32, high: NonZeroU32) -> Option<(NonZeroU32, NonZeroU32)> {
    low.checked_add(1).filter(|next| *next <= high).map(|next| (next, high))
}

impl SequenceSet {
    /// The set of `ranges` as a decoder read them, not joined, with `$` where `saved`.
    #[must_use]
    pub const fn received(ranges: Few<SeqRange>, saved: bool) -> Self {
        Self { ranges, saved }
    }
}
/// Serialises as the wire form, which is short and says the order: `"2,4:7,12:*"`. `5:5` is `5`, which it means.
macro_rules! serialize_as_text {
    ($($name:ident: $meaning:expr),* $(,)?) => {
        $(#[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let meaning: fn(&Self) -> Self = $meaning;
                serializer.collect_str(&meaning(self))
            }
        })*
    };
}

serialize_as_text!(
    SeqNumber: |number| *number,
    SeqRange: |range| SeqRange { colon: range.start != range.end, ..*range },
    SequenceSet: |set| {
        let brief = |range: &SeqRange| SeqRange { colon: range.start != range.end, ..*range };
        Self { ranges: set.ranges.iter().map(brief).collect(), saved: set.saved }
    },
    UidRange: |range| UidRange::brief(range.start, range.end),
    UidSet: |set| Self::received(set.ranges().iter().map(|r| UidRange::brief(r.start, r.end)).collect()),
);

detach!(none SeqNumber, SeqRange, SequenceSet, UidRange, UidSet);

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, string::ToString as _, vec, vec::Vec};

    use super::*;

    const fn number(number: u32) -> NonZeroU32 {
        match NonZeroU32::new(number) {
            Some(number) => number,
            None => NonZeroU32::MIN,
        }
    }

    #[test]
    fn normalising_changes_no_meaning() -> Result<(), ValidationError> {
        let sets = [
            "1",
            "*",
            "1:*",
            "*:1",
            "5,4,3",
            "3:5,4:6,8",
            "*,9:7,*:3",
            "4294967295,1:4294967294",
            "2,4:7,9,12:*",
            "*:4,5:7",
            "7,3:*,*",
            "1,$",
        ];
        for text in sets {
            let set = SequenceSet::try_from(text)?;
            let normal = set.normalized();
            assert_eq!(normal.normalized(), normal, "{text}");
            assert_eq!(normal.has_saved(), set.has_saved(), "{text}");
            for largest in 1..=13 {
                // What the mailbox has, and no more.
                let present = |set: &SequenceSet| {
                    let all: BTreeSet<_> =
                        (1..=largest).filter(|n| set.contains(number(*n), number(largest))).collect();
                    all
                };
                assert_eq!(present(&normal), present(&set), "{text} -> {normal} of {largest}");
            }
        }
        Ok(())
    }

    #[test]
    fn numbers_come_range_by_range() -> Result<(), ValidationError> {
        let set = SequenceSet::try_from("*:4,5:7")?;
        let numbers: Vec<_> = set.iter(number(6)).map(NonZeroU32::get).collect();
        assert_eq!(numbers, [4, 5, 6, 5, 6, 7]);
        assert_eq!(set.len(number(6)), 6);
        let all = SequenceSet::all();
        assert_eq!(all.len(NonZeroU32::MAX), 4_294_967_295);
        assert_eq!(all.iter(NonZeroU32::MAX).nth(4).map(NonZeroU32::get), Some(5));
        Ok(())
    }

    #[test]
    fn the_wire_form_is_read_and_shown() -> Result<(), ValidationError> {
        for text in ["1", "*", "$", "1,$", "4:2,*:4", "5:5", "4294967295"] {
            assert_eq!(SequenceSet::try_from(text)?.to_string(), text);
        }
        for (text, at) in [
            ("", 0),
            ("0", 0),
            ("01", 0),
            ("1,", 2),
            ("1:", 2),
            (",1", 0),
            ("1:2:3", 3),
            ("1,4294967296", 2),
            ("1 ", 1),
            ("$,1", 0),
            ("1,$,1", 2),
            ("**", 0),
            ("1:$", 2),
        ] {
            assert_eq!(SequenceSet::try_from(text).map_err(|error| error.at), Err(at), "{text:?}");
        }
        Ok(())
    }

    #[test]
    fn sets_are_made_from_plain_numbers() -> Result<(), ValidationError> {
        assert_eq!(SequenceSet::try_from([1, 2, 3, 7])?.to_string(), "1:3,7");
        assert_eq!(SequenceSet::try_from([1, 0]).map_err(|error| error.at), Err(1));
        assert!(SequenceSet::try_from(vec![].as_slice()).is_err());
        assert_eq!(SequenceSet::from(Uid(number(7))).to_string(), "7");
        let ranges = [SeqRange::try_from(1..=3)?, SeqRange::try_from(4..=5)?, SeqRange::try_from(7..)?];
        assert_eq!(ranges.into_iter().collect::<SequenceSet>().to_string(), "1:5,7:*");
        assert!(core::iter::empty::<Uid>().collect::<SequenceSet>().is_empty());
        Ok(())
    }

    #[test]
    fn star_resolves_to_the_largest() -> Result<(), ValidationError> {
        let ten = Uid(number(10));
        assert_eq!(SequenceSet::try_from("12:*,3,*")?.resolve(ten).to_string(), "3,10:12");
        assert!(SequenceSet::try_from("*:3")?.has_largest());
        assert!(!SequenceSet::try_from("9:3")?.has_largest());
        Ok(())
    }
}
