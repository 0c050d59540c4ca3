//! The leaves of the tree: known UIDs, and how many messages of unknown UID stand before each.

use alloc::vec::Vec;

use super::tree::{Key, Known, Spot, count};

/// Up to [`Leaf::MOST`] known UIDs.
#[derive(Clone, Debug, Default)]
pub(super) struct Leaf {
    /// Ascending.
    uids: Vec<u32>,
    /// How many messages of unknown UID stand before each of `uids`; empty where there are none in the leaf.
    gaps: Vec<u32>,
}

impl Leaf {
    /// Large leaves cost less memory, small ones less time: a removal moves half of a leaf.
    pub(super) const MOST: usize = 512;
    /// Below this a leaf joins a neighbour if it can.
    pub(super) const LEAST: usize = 128;

    pub(super) fn len(&self) -> usize {
        self.uids.len()
    }

    pub(super) fn last(&self) -> Option<u32> {
        self.uids.last().copied()
    }

    /// The UID at `at`, and how many messages of unknown UID stand before it.
    pub(super) fn get(&self, at: usize) -> Option<(u32, u32)> {
        Some((*self.uids.get(at)?, self.gap(at)))
    }

    fn gap(&self, at: usize) -> u32 {
        self.gaps.get(at).copied().unwrap_or(0)
    }

    /// The place of the first UID that is not below `uid`.
    pub(super) fn place(&self, uid: u32) -> usize {
        self.uids.partition_point(|known| *known < uid)
    }

    /// How many messages the UIDs from `from` to before `to` stand for, with the unknown ones before each.
    pub(super) fn weight(&self, from: usize, to: usize, steps: &mut u64) -> u32 {
        let known = count(to.saturating_sub(from));
        match self.gaps.get(from..to) {
            Some(gaps) => {
                *steps = steps.saturating_add(u64::from(known));
                // No view stands for more messages than fit.
                gaps.iter().fold(known, |sum, gap| sum.wrapping_add(*gap))
            }
            None => known,
        }
    }

    /// The first UID at or behind `key`, and the one before it. `below` is the last one before the leaf.
    pub(super) fn seek(&self, key: Key, below: Known, steps: &mut u64) -> Spot {
        let at = match key {
            Key::Uid(uid) => self.place(uid),
            Key::Number(number) => self.place_of_number(number.saturating_sub(below.number), steps),
        };
        let known = |at: usize, steps: &mut u64| {
            let number = below.number.saturating_add(self.weight(0, at.saturating_add(1), steps));
            self.uids.get(at).map(|uid| Known { number, uid: *uid })
        };
        let before = at.checked_sub(1).and_then(|at| known(at, steps)).unwrap_or(below);
        let above = self.get(at).map(|(uid, gap)| {
            let number = before.number.saturating_add(gap).saturating_add(1);
            Known { number, uid }
        });
        Spot { below: before, above }
    }

    /// The place of the first UID whose message is at or behind `number`, counted from 1 in this leaf.
    pub(super) fn place_of_number(&self, number: u32, steps: &mut u64) -> usize {
        if self.gaps.is_empty() {
            return usize::try_from(number.saturating_sub(1)).map_or(self.len(), |at| at.min(self.len()));
        }
        let mut weight = 0_u32;
        let at = self.gaps.iter().position(|gap| {
            *steps = steps.saturating_add(1);
            weight = weight.saturating_add(*gap).saturating_add(1);
            weight >= number
        });
        at.unwrap_or(self.len())
    }

    pub(super) fn insert(&mut self, at: usize, uid: u32, gap: u32, steps: &mut u64) {
        if at > self.len() {
            return;
        }
        *steps = steps.saturating_add(u64::from(count(self.len().saturating_sub(at))));
        if gap > 0 || !self.gaps.is_empty() {
            self.spell_gaps();
            make_room(&mut self.gaps);
            self.gaps.insert(at, gap);
        }
        make_room(&mut self.uids);
        self.uids.insert(at, uid);
    }

    /// Writes out the gaps, of which there may be none so far.
    fn spell_gaps(&mut self) {
        if self.gaps.is_empty() {
            self.gaps.reserve_exact(self.len().saturating_add(1));
            self.gaps.resize(self.len(), 0);
        }
    }

    /// Changes the number of messages of unknown UID before the UID at `at`.
    pub(super) fn set_gap(&mut self, at: usize, gap: u32) {
        if self.gap(at) == gap {
            return;
        }
        self.spell_gaps();
        if let Some(slot) = self.gaps.get_mut(at) {
            *slot = gap;
        }
        if gap == 0 && self.gaps.iter().all(|gap| *gap == 0) {
            self.gaps = Vec::new();
        }
    }

    /// Takes the UIDs from `from` to before `to` out, with their gaps.
    pub(super) fn remove(&mut self, from: usize, to: usize, steps: &mut u64) {
        let to = to.min(self.len());
        if from >= to {
            return;
        }
        *steps = steps.saturating_add(u64::from(count(self.len().saturating_sub(from))));
        self.uids.drain(from..to);
        if !self.gaps.is_empty() {
            self.gaps.drain(from..to);
        }
        give_back(&mut self.uids);
        give_back(&mut self.gaps);
    }

    /// Cuts the leaf at `at`; what is behind becomes the leaf that is given.
    pub(super) fn split_off(&mut self, at: usize, steps: &mut u64) -> Self {
        *steps = steps.saturating_add(u64::from(count(self.len().saturating_sub(at))));
        let at = at.min(self.len());
        let uids = self.uids.split_off(at);
        let gaps = if self.gaps.is_empty() { Vec::new() } else { self.gaps.split_off(at) };
        Self { uids, gaps }
    }

    /// Adds all of `right`, which follows.
    pub(super) fn append(&mut self, mut right: Self, steps: &mut u64) {
        *steps = steps.saturating_add(u64::from(count(right.len())));
        if !(self.gaps.is_empty() && right.gaps.is_empty()) {
            self.spell_gaps();
            right.spell_gaps();
            self.gaps.reserve_exact(right.len());
            self.gaps.append(&mut right.gaps);
        }
        self.uids.reserve_exact(right.len());
        self.uids.append(&mut right.uids);
    }
}

/// Grows by an eighth at a time, up to what a leaf can hold: most leaves are never full.
fn make_room(numbers: &mut Vec<u32>) {
    if numbers.len() == numbers.capacity() {
        let room = Leaf::MOST.saturating_sub(numbers.len());
        numbers.reserve_exact((numbers.len() / 8).max(4).min(room));
    }
}

/// Memory follows what is left: at most half of it is unused, now and then.
fn give_back(numbers: &mut Vec<u32>) {
    if numbers.len() <= numbers.capacity() / 2 {
        numbers.shrink_to(numbers.len().saturating_add(numbers.len() / 4));
    }
}
