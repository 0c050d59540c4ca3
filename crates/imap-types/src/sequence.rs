//! Sets of message numbers and UIDs, kept as ranges and never expanded.
//!
//! `1:4294967295` is eight bytes here and stays so: lengths are computed (as `u64`), numbers are visited
//! lazily, and the algebra works on ranges. [`SequenceSet`] is what clients send: it may hold `*`, the
//! largest number in use, and `$`, the saved result of a search. [`UidSet`] is what servers report: UIDs
//! and nothing else.

use alloc::{vec, vec::Vec};
use core::{
    fmt,
    num::NonZeroU32,
    ops::{RangeFrom, RangeInclusive},
};

use crate::{
    error::{ValidationError, ValidationErrorKind},
    number::{SeqNum, Uid},
    octets::detach,
};

/// `seq-number = nz-number / "*"`: a message number, a UID, or `*`, the largest in use (RFC 9051 section 9).
///
/// Four bytes. `*` orders above every number.
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
/// let range = SeqRange { start: SeqNumber::Largest, end: SeqNumber::try_from(4)? };
/// assert_eq!(range.to_string(), "*:4");
/// let ten = 10.try_into()?;
/// assert!(range.contains(7.try_into()?, ten));
/// assert_eq!(range.len(ten), 7);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "seq-range")]
pub struct SeqRange {
    /// The first bound, as given.
    pub start: SeqNumber,
    /// The second bound; the same as the first for a single number.
    pub end: SeqNumber,
}

impl SeqRange {
    /// `1:*`: every number.
    pub const ALL: Self = Self { start: SeqNumber::Number(NonZeroU32::MIN), end: SeqNumber::Largest };

    /// A single number, or `*`.
    #[must_use]
    pub const fn single(number: SeqNumber) -> Self {
        Self { start: number, end: number }
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
        Self { start: self.start.min(self.end), end: self.start.max(self.end) }
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
        Ok(Self { start: (*range.start()).try_into()?, end: (*range.end()).try_into()? })
    }
}

impl TryFrom<RangeFrom<u32>> for SeqRange {
    type Error = ValidationError;

    /// `n..` is `n:*`.
    fn try_from(range: RangeFrom<u32>) -> Result<Self, ValidationError> {
        Ok(Self { start: range.start.try_into()?, end: SeqNumber::Largest })
    }
}

impl fmt::Display for SeqRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.start == self.end { self.start.fmt(f) } else { write!(f, "{}:{}", self.start, self.end) }
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
    ranges: Vec<SeqRange>,
    /// Whether `$`, the saved result of a search (RFC 5182), belongs to the set.
    saved: bool,
}

impl SequenceSet {
    /// `1:*`: all messages.
    #[must_use]
    pub fn all() -> Self {
        Self { ranges: vec![SeqRange::ALL], saved: false }
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
        Self { ranges: Vec::new(), saved: true }
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
        ranges.shrink_to_fit();
        Self { ranges, saved: self.saved }
    }

    /// What the set names where `largest` is the largest in use, as UIDs, sorted and coalesced.
    #[must_use]
    pub fn resolve(&self, largest: Uid) -> UidSet {
        self.ranges
            .iter()
            .map(|range| {
                let (start, end) = range.resolve(largest.0);
                UidRange { start: Uid(start), end: Uid(end) }
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
                last.end = next.end;
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
fn append<R>(ranges: &mut Vec<R>, next: R, joined: impl FnOnce(&mut R, &R) -> bool) {
    if !ranges.last_mut().is_some_and(|last| joined(last, &next)) {
        ranges.push(next);
    }
}

impl<T: Into<SeqRange>> From<T> for SequenceSet {
    fn from(range: T) -> Self {
        Self { ranges: vec![range.into()], saved: false }
    }
}

impl From<&UidSet> for SequenceSet {
    fn from(set: &UidSet) -> Self {
        let range = |range: &UidRange| SeqRange { start: range.start.into(), end: range.end.into() };
        Self { ranges: set.ranges.iter().map(range).collect(), saved: false }
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
            if part == "$" && (at == 0) == (text.len() == 1) {
                set.saved = true;
                return Ok(());
            }
            let (start, end) = part.split_once(':').unwrap_or((part, part));
            let read = |text: &str, at| match text {
                "*" => Ok(SeqNumber::Largest),
                number => read_number(number, what, at).map(SeqNumber::Number),
            };
            let end_at = at.saturating_add(part.len()).saturating_sub(end.len());
            set.ranges.push(SeqRange { start: read(start, at)?, end: read(end, end_at)? });
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

/// `uid-range / uniqueid`: one UID, or all between two, both included, in either order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "uid-range")]
pub struct UidRange {
    /// The first bound, as given.
    pub start: Uid,
    /// The second bound; the same as the first for a single UID.
    pub end: Uid,
}

impl UidRange {
    /// The lowest UID.
    #[must_use]
    pub fn low(self) -> Uid {
        self.start.min(self.end)
    }

    /// The highest UID.
    #[must_use]
    pub fn high(self) -> Uid {
        self.start.max(self.end)
    }

    /// How many UIDs the range has. At least one.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "a range is never empty")]
    pub fn len(self) -> u64 {
        span(self.low().0, self.high().0)
    }

    /// Whether `uid` is in the range.
    #[must_use]
    pub fn contains(self, uid: Uid) -> bool {
        (self.low()..=self.high()).contains(&uid)
    }

    /// The first `len` UIDs, in ascending order, and the rest. `None` where `len` is 0 or more than there are.
    fn split(self, len: u64) -> Option<(Self, Option<Self>)> {
        let (low, high) = (self.low(), self.high());
        let offset = u32::try_from(len.checked_sub(1)?).ok()?;
        let last = low.0.checked_add(offset).filter(|last| *last <= high.0)?;
        let rest = rest(last, high.0).map(|(start, end)| Self { start: Uid(start), end: Uid(end) });
        Some((Self { start: low, end: Uid(last) }, rest))
    }
}

impl From<Uid> for UidRange {
    fn from(uid: Uid) -> Self {
        Self { start: uid, end: uid }
    }
}

impl TryFrom<RangeInclusive<u32>> for UidRange {
    type Error = ValidationError;

    fn try_from(range: RangeInclusive<u32>) -> Result<Self, ValidationError> {
        Ok(Self { start: (*range.start()).try_into()?, end: (*range.end()).try_into()? })
    }
}

impl fmt::Display for UidRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.start == self.end { self.start.fmt(f) } else { write!(f, "{}:{}", self.start, self.end) }
    }
}

/// `uid-set`: a set of UIDs without `*`, as ranges in the order given (RFC 4315 section 4).
///
/// The order matters in COPYUID, where two sets pair off (see [`UidSet::pairs`]). The empty set is the result
/// of some intersections and differences; no grammar has it, and an encoder refuses it.
///
/// ```
/// use imap_types::sequence::UidSet;
///
/// let known = UidSet::try_from("1:10,20")?;
/// let gone = UidSet::try_from("4:6,20:30")?;
/// assert_eq!(known.difference(&gone).to_string(), "1:3,7:10");
/// assert_eq!(known.intersection(&gone).to_string(), "4:6,20");
/// assert_eq!(known.union(&gone).len(), 21);
/// # Ok::<(), imap_types::error::ValidationError>(())
/// ```
///
/// `S: A1 OK [COPYUID 38505 304,319:320 3956:3958] Done`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[doc(alias = "uid-set")]
pub struct UidSet {
    ranges: Vec<UidRange>,
}

impl UidSet {
    /// The ranges, in the order given.
    #[must_use]
    pub fn ranges(&self) -> &[UidRange] {
        &self.ranges
    }

    /// Whether there is no UID at all. An encoder refuses such a set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// How many UIDs the set names; one that is named twice counts twice.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.ranges.iter().fold(0, |sum, range| range.len().saturating_add(sum))
    }

    /// Whether `uid` is in the set. Looks at each range.
    #[must_use]
    pub fn contains(&self, uid: Uid) -> bool {
        self.ranges.iter().any(|range| range.contains(uid))
    }

    /// The UIDs: range by range in the order given, ascending in each, one at a time.
    pub fn iter(&self) -> impl Iterator<Item = Uid> + '_ {
        let mut ranges = self.ranges.iter();
        let mut current = None;
        core::iter::from_fn(move || {
            let (low, high) = match current.take() {
                Some(current) => current,
                None => ranges.next().map(|range| (range.low().0, range.high().0))?,
            };
            current = rest(low, high);
            Some(Uid(low))
        })
    }

    /// The same UIDs in ascending order, each named once, in as few ranges as possible.
    #[must_use]
    pub fn normalized(&self) -> Self {
        let mut sorted: Vec<UidRange> =
            self.ranges.iter().map(|range| UidRange { start: range.low(), end: range.high() }).collect();
        sorted.sort_unstable_by_key(|range| (range.start, range.end));
        let mut ranges: Vec<UidRange> = Vec::with_capacity(sorted.len());
        for range in sorted {
            match ranges.last_mut() {
                Some(last) if range.start.0 <= last.end.0.saturating_add(1) => {
                    last.end = last.end.max(range.end);
                }
                _ => ranges.push(range),
            }
        }
        ranges.shrink_to_fit();
        Self { ranges }
    }

    /// The UIDs that are in one of the two sets, normalised.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self { ranges: self.ranges.iter().chain(&other.ranges).copied().collect() }.normalized()
    }

    /// The UIDs that are in both sets, normalised.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (ours, theirs) = (self.normalized(), other.normalized());
        let mut common = Vec::new();
        let (mut ours, mut theirs) = (ours.ranges.iter().peekable(), theirs.ranges.iter().peekable());
        while let (Some(a), Some(b)) = (ours.peek(), theirs.peek()) {
            let (start, end) = (a.start.max(b.start), a.end.min(b.end));
            if start <= end {
                common.push(UidRange { start, end });
            }
            if a.end <= b.end {
                ours.next()
            } else {
                theirs.next()
            };
        }
        Self { ranges: common }
    }

    /// The UIDs of this set that are not in `other`, normalised.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let (ours, theirs) = (self.normalized(), other.normalized());
        let mut left = Vec::new();
        let mut theirs = theirs.ranges.iter().peekable();
        for range in &ours.ranges {
            let mut start = Some(range.start);
            while let Some(hole) = theirs.peek() {
                let Some(from) = start.filter(|from| *from <= range.end && hole.start <= range.end) else {
                    break;
                };
                if hole.end >= from {
                    let before = NonZeroU32::new(hole.start.get().saturating_sub(1));
                    if let Some(end) = before.filter(|end| *end >= from.0) {
                        left.push(UidRange { start: from, end: Uid(end) });
                    }
                    start = hole.end.0.checked_add(1).map(Uid);
                }
                if hole.end >= range.end {
                    break;
                }
                theirs.next();
            }
            if let Some(from) = start.filter(|from| *from <= range.end) {
                left.push(UidRange { start: from, end: range.end });
            }
        }
        Self { ranges: left }
    }

    /// The UIDs of this set beside those of `other`, in the order given: how COPYUID says which message became
    /// which (RFC 4315 section 3). `None` where the sets do not have the same number of UIDs.
    ///
    /// Lazy, and by range: two sets of four thousand million UIDs make as many steps as they have ranges.
    ///
    /// ```
    /// use imap_types::sequence::UidSet;
    ///
    /// let (from, to) = (UidSet::try_from("304,319:320")?, UidSet::try_from("3956:3958")?);
    /// let pairs = from.pairs(&to).expect("as many UIDs on both sides");
    /// let pairs: Vec<_> = pairs.map(|(from, to)| format!("{from}>{to}")).collect();
    /// assert_eq!(pairs, ["304>3956", "319:320>3957:3958"]);
    /// # Ok::<(), imap_types::error::ValidationError>(())
    /// ```
    #[must_use]
    pub fn pairs<'s>(&'s self, other: &'s Self) -> Option<Pairs<'s>> {
        (self.len() == other.len()).then(|| Pairs {
            left: self.ranges.iter(),
            right: other.ranges.iter(),
            left_rest: None,
            right_rest: None,
        })
    }
}

/// Two sets of UIDs side by side: ranges of equal lengths. Made by [`UidSet::pairs`].
#[derive(Clone, Debug)]
pub struct Pairs<'s> {
    left: core::slice::Iter<'s, UidRange>,
    right: core::slice::Iter<'s, UidRange>,
    left_rest: Option<UidRange>,
    right_rest: Option<UidRange>,
}

impl Iterator for Pairs<'_> {
    type Item = (UidRange, UidRange);

    fn next(&mut self) -> Option<Self::Item> {
        let left = self.left_rest.take().or_else(|| self.left.next().copied())?;
        let right = self.right_rest.take().or_else(|| self.right.next().copied())?;
        let len = left.len().min(right.len());
        let ((left, left_rest), (right, right_rest)) = (left.split(len)?, right.split(len)?);
        (self.left_rest, self.right_rest) = (left_rest, right_rest);
        Some((left, right))
    }
}

impl From<Uid> for UidSet {
    fn from(uid: Uid) -> Self {
        Self { ranges: vec![uid.into()] }
    }
}

impl From<UidRange> for UidSet {
    fn from(range: UidRange) -> Self {
        Self { ranges: vec![range] }
    }
}

impl<T: Into<UidRange>> FromIterator<T> for UidSet {
    /// In the order given; a UID that follows the one before it makes a range with it.
    fn from_iter<I: IntoIterator<Item = T>>(ranges: I) -> Self {
        let mut set = Self::default();
        set.extend(ranges);
        set
    }
}

impl<T: Into<UidRange>> Extend<T> for UidSet {
    fn extend<I: IntoIterator<Item = T>>(&mut self, ranges: I) {
        for range in ranges {
            append(&mut self.ranges, range.into(), |last, next| {
                let goes_on = last.start <= last.end
                    && next.start <= next.end
                    && last.end.0.checked_add(1) == Some(next.start.0);
                if goes_on {
                    last.end = next.end;
                }
                goes_on
            });
        }
    }
}

impl IntoIterator for UidSet {
    type Item = UidRange;
    type IntoIter = vec::IntoIter<UidRange>;

    /// The ranges, in the order given.
    fn into_iter(self) -> Self::IntoIter {
        self.ranges.into_iter()
    }
}

impl TryFrom<u32> for UidSet {
    type Error = ValidationError;

    fn try_from(uid: u32) -> Result<Self, ValidationError> {
        Uid::try_from(uid).map(Self::from)
    }
}

impl TryFrom<RangeInclusive<u32>> for UidSet {
    type Error = ValidationError;

    fn try_from(range: RangeInclusive<u32>) -> Result<Self, ValidationError> {
        UidRange::try_from(range).map(Self::from)
    }
}

impl TryFrom<&str> for UidSet {
    type Error = ValidationError;

    /// Reads the wire form: `304,319:320`.
    fn try_from(text: &str) -> Result<Self, ValidationError> {
        let what = "a set of UIDs";
        let mut set = Self::default();
        read_set(text, what, |part, at| {
            let (start, end) = part.split_once(':').unwrap_or((part, part));
            let end_at = at.saturating_add(part.len()).saturating_sub(end.len());
            let start = Uid(read_number(start, what, at)?);
            set.ranges.push(UidRange { start, end: Uid(read_number(end, what, end_at)?) });
            Ok(())
        })?;
        Ok(set)
    }
}

impl core::str::FromStr for UidSet {
    type Err = ValidationError;

    fn from_str(text: &str) -> Result<Self, ValidationError> {
        Self::try_from(text)
    }
}

impl fmt::Display for UidSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display(&self.ranges, f)
    }
}

impl SequenceSet {
    /// The set of `ranges` as a decoder read them, not joined, with `$` where `saved`.
    #[must_use]
    pub const fn received(ranges: Vec<SeqRange>, saved: bool) -> Self {
        Self { ranges, saved }
    }
}

impl UidSet {
    /// The set of `ranges` as a decoder read them, not joined.
    #[must_use]
    pub const fn received(ranges: Vec<UidRange>) -> Self {
        Self { ranges }
    }
}

/// Serialises as the wire form, which is short and says the order: `"2,4:7,12:*"`.
macro_rules! serialize_as_text {
    ($($name:ident),*) => {
        $(#[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        })*
    };
}

serialize_as_text!(SeqNumber, SeqRange, SequenceSet, UidRange, UidSet);

detach!(none SeqNumber, SeqRange, SequenceSet, UidRange, UidSet);
