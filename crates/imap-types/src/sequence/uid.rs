//! Sets of UIDs, as servers report them: without `*` and `$`.

use alloc::vec::Vec;
use core::{fmt, num::NonZeroU32, ops::RangeInclusive};

use super::{append, display, read_number, read_set, rest, span};
use crate::{
    error::ValidationError,
    few::{self, Few},
    number::Uid,
};

/// `uid-range / uniqueid`: one UID, or all between two, both included, in either order.
#[derive(Clone, Copy, Debug)]
#[doc(alias = "uid-range")]
pub struct UidRange {
    /// The first bound, as given.
    pub start: Uid,
    /// The second bound; the same as the first for a single UID.
    pub end: Uid,
    /// Whether it is written with a colon: `5:5` means `5`, and is sent on as it came.
    colon: bool,
}

impl PartialEq for UidRange {
    fn eq(&self, other: &Self) -> bool {
        (self.start, self.end) == (other.start, other.end)
    }
}

impl Eq for UidRange {}

impl core::hash::Hash for UidRange {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        (self.start, self.end).hash(state);
    }
}

impl UidRange {
    /// All between two UIDs, both included, in either order; written with a colon.
    #[must_use]
    pub const fn new(start: Uid, end: Uid) -> Self {
        Self { start, end, colon: true }
    }

    /// A single UID.
    #[must_use]
    pub const fn single(uid: Uid) -> Self {
        Self { start: uid, end: uid, colon: false }
    }

    /// Whether it is written as a range, with a colon, and not as a single UID.
    #[must_use]
    pub const fn is_range(self) -> bool {
        self.colon
    }

    /// From `start` to `end`, written as briefly as possible.
    pub(super) fn brief(start: Uid, end: Uid) -> Self {
        Self { start, end, colon: start != end }
    }

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
        let rest = rest(last, high.0).map(|(start, end)| Self::brief(Uid(start), Uid(end)));
        Some((Self::brief(low, Uid(last)), rest))
    }
}

impl From<Uid> for UidRange {
    fn from(uid: Uid) -> Self {
        Self::single(uid)
    }
}

impl TryFrom<RangeInclusive<u32>> for UidRange {
    type Error = ValidationError;

    fn try_from(range: RangeInclusive<u32>) -> Result<Self, ValidationError> {
        Ok(Self::new((*range.start()).try_into()?, (*range.end()).try_into()?))
    }
}

impl fmt::Display for UidRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.colon { write!(f, "{}:{}", self.start, self.end) } else { self.start.fmt(f) }
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
    ranges: Few<UidRange>,
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
            self.ranges.iter().map(|range| UidRange::brief(range.low(), range.high())).collect();
        sorted.sort_unstable_by_key(|range| (range.start, range.end));
        let mut ranges: Vec<UidRange> = Vec::with_capacity(sorted.len());
        for range in sorted {
            match ranges.last_mut() {
                Some(last) if range.start.0 <= last.end.0.saturating_add(1) => {
                    *last = UidRange::brief(last.start, last.end.max(range.end));
                }
                _ => ranges.push(range),
            }
        }
        ranges.shrink_to_fit();
        Self { ranges: ranges.into() }
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
                common.push(UidRange::brief(start, end));
            }
            if a.end <= b.end {
                ours.next()
            } else {
                theirs.next()
            };
        }
        Self { ranges: common.into() }
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
                        left.push(UidRange::brief(from, Uid(end)));
                    }
                    start = hole.end.0.checked_add(1).map(Uid);
                }
                if hole.end >= range.end {
                    break;
                }
                theirs.next();
            }
            if let Some(from) = start.filter(|from| *from <= range.end) {
                left.push(UidRange::brief(from, range.end));
            }
        }
        Self { ranges: left.into() }
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
        Self { ranges: Few::from(UidRange::from(uid)) }
    }
}

impl From<UidRange> for UidSet {
    fn from(range: UidRange) -> Self {
        Self { ranges: Few::from(range) }
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
                    *last = UidRange::new(last.start, next.end);
                }
                goes_on
            });
        }
    }
}

impl IntoIterator for UidSet {
    type Item = UidRange;
    type IntoIter = few::IntoIter<UidRange>;

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
            let colon = end_at > at;
            set.ranges.push(UidRange { start, end: Uid(read_number(end, what, end_at)?), colon });
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

impl UidSet {
    /// The set of `ranges` as a decoder read them, not joined.
    #[must_use]
    pub const fn received(ranges: Few<UidRange>) -> Self {
        Self { ranges }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, string::ToString as _, vec, vec::Vec};

    use super::*;

    /// Sets of small numbers, many and odd, the same in each run.
    fn sets() -> Vec<UidSet> {
        let mut seed = 1_u32;
        let mut number = move || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) % 30
        };
        let mut sets = vec![UidSet::default()];
        for ranges in 1..60 {
            let range = |_| {
                let (start, end) = (number().saturating_add(1), number().saturating_add(1));
                UidRange::try_from(start..=end).ok()
            };
            sets.push(UidSet::received((0..ranges % 7).filter_map(range).collect()));
        }
        sets
    }

    fn plain(set: &UidSet) -> BTreeSet<u32> {
        set.iter().map(Uid::get).collect()
    }

    #[test]
    fn the_algebra_is_that_of_plain_sets() {
        for a in &sets() {
            assert_eq!(plain(&a.normalized()), plain(a), "{a}");
            assert_eq!(a.normalized().len(), plain(a).len() as u64, "{a}");
            for b in &sets() {
                let (x, y) = (plain(a), plain(b));
                assert_eq!(plain(&a.union(b)), &x | &y, "{a} | {b}");
                assert_eq!(plain(&a.intersection(b)), &x & &y, "{a} & {b}");
                assert_eq!(plain(&a.difference(b)), &x - &y, "{a} - {b}");
                for set in [a.union(b), a.intersection(b), a.difference(b)] {
                    assert_eq!(set, set.normalized(), "{a} and {b}");
                }
            }
        }
    }

    #[test]
    fn the_ends_of_the_numbers_are_no_trouble() -> Result<(), ValidationError> {
        let all = UidSet::try_from("1:4294967295")?;
        let ends = UidSet::try_from("4294967295,1")?;
        assert_eq!(all.len(), 4_294_967_295);
        assert_eq!(all.difference(&ends).to_string(), "2:4294967294");
        assert_eq!(all.intersection(&ends).to_string(), "1,4294967295");
        assert_eq!(ends.union(&all).to_string(), "1:4294967295");
        assert!(ends.difference(&all).is_empty());
        assert!(all.difference(&all).is_empty());
        assert_eq!(all.iter().nth(2).map(Uid::get), Some(3));
        assert_eq!(UidSet::try_from(u32::MAX)?.iter().count(), 1);
        Ok(())
    }

    #[test]
    fn pairs_go_by_range_and_stop_together() -> Result<(), ValidationError> {
        let (from, to) = (UidSet::try_from("10:1,20,30:40")?, UidSet::try_from("101:111,300,400:409")?);
        let pairs: Vec<_> = from.pairs(&to).into_iter().flatten().collect();
        let one_by_one: Vec<_> = pairs.iter().map(|(a, b)| (a.len(), b.len())).collect();
        assert!(one_by_one.iter().all(|(a, b)| a == b), "{one_by_one:?}");
        assert_eq!(one_by_one.iter().map(|(a, _)| a).sum::<u64>(), from.len());
        assert_eq!(pairs.iter().map(|(a, _)| *a).collect::<UidSet>().to_string(), "1:10,20,30:40");

        let all = UidSet::try_from("1:4294967295")?;
        let halves = UidSet::try_from("2147483648:4294967295,1:2147483647")?;
        assert_eq!(all.pairs(&halves).map(Iterator::count), Some(2));
        assert!(all.pairs(&from).is_none());
        Ok(())
    }

    #[test]
    fn what_is_collected_is_joined() -> Result<(), ValidationError> {
        let uids: Vec<Uid> =
            [3, 4, 5, 9, 8, 7, 10].map(Uid::try_from).into_iter().collect::<Result<_, _>>()?;
        assert_eq!(uids.into_iter().collect::<UidSet>().to_string(), "3:5,9,8,7,10");
        Ok(())
    }

    #[test]
    fn what_is_no_set_is_refused_at_the_byte() {
        for (text, at) in
            [("", 0), ("0", 0), ("1,", 2), ("1:", 2), ("1,02", 2), ("1:*", 2), ("1:2:3", 3), ("$", 0)]
        {
            assert_eq!(UidSet::try_from(text).map_err(|error| error.at), Err(at), "{text:?}");
        }
    }
}
