//! `$`, the saved result of a search (RFC 5182, RFC 9051 section 6.4.4.1), as ranges of UIDs.

use alloc::collections::{BTreeMap, btree_map};

use imap_types::{
    number::Uid,
    sequence::{UidRange, UidSet},
};

/// UIDs as ranges that neither overlap nor touch: from the first of each to the last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Saved {
    ranges: BTreeMap<u32, u32>,
}

impl Saved {
    pub(super) fn new(uids: &UidSet) -> Self {
        let ranges = uids.normalized();
        Self { ranges: ranges.ranges().iter().map(|range| (range.low().get(), range.high().get())).collect() }
    }

    pub(super) fn contains(&self, uid: u32) -> bool {
        self.ranges.range(..=uid).next_back().is_some_and(|(_, end)| *end >= uid)
    }

    /// First and last of each range, ascending.
    pub(super) fn ranges(&self) -> btree_map::Iter<'_, u32, u32> {
        self.ranges.iter()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = UidRange> + '_ {
        self.ranges.iter().filter_map(|(start, end)| {
            let (start, end) = (Uid::try_from(*start).ok()?, Uid::try_from(*end).ok()?);
            Some(if start == end { UidRange::single(start) } else { UidRange::new(start, end) })
        })
    }

    /// Takes the UIDs from `low` to `high` out. Looks at the ranges that hold one of them.
    pub(super) fn remove(&mut self, low: u32, high: u32) {
        while let Some((start, end)) =
            self.ranges.range(..=high).next_back().map(|(start, end)| (*start, *end))
        {
            if end < low {
                return;
            }
            self.ranges.remove(&start);
            if let Some(after) = high.checked_add(1).filter(|after| *after <= end) {
                self.ranges.insert(after, end);
            }
            if let Some(before) = low.checked_sub(1).filter(|before| *before >= start) {
                self.ranges.insert(start, before);
                return;
            }
        }
    }
}
