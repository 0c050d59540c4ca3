//! Removing messages by their UIDs, from the tree and from the run of unknown UIDs behind it.
//!
//! One walk over the parts of the tree that the ranges reach, in ascending order. Of the messages of unknown UID in a
//! gap as many go as the ranges name UIDs in that gap, and never more than there are. What is left of the gap before a
//! known UID that goes is carried to the next one that stays.

use alloc::vec::Vec;

use imap_types::sequence::UidRange;

use super::{
    leaf::Leaf,
    tree::{Child, Known, Node, Tree, mend},
    vanished::Run,
};

/// A walk that removes.
pub(super) struct Removal<'r, F> {
    /// The ranges that reach above `below`: ascending, without overlap.
    ranges: &'r [UidRange],
    /// The last known UID passed, with its number before the removal.
    below: Known,
    /// Messages of unknown UID to be put before the next UID that stays.
    carry: u32,
    /// How many known UIDs went.
    known: u32,
    /// How many UIDs were named that no message can have.
    excess: u64,
    /// Is told what went, with the numbers before the removal.
    gone: F,
    pub(super) steps: u64,
}

/// What a [`Removal`] says in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Removed {
    /// How many UIDs were named that no message can have.
    pub(super) excess: u64,
    pub(super) steps: u64,
}

impl<'r, F: FnMut(Run)> Removal<'r, F> {
    /// Removes what `ranges` names, which are ascending and do not overlap; `tail` messages of unknown UID stand behind the
    /// tree. `open`: there may be more of them.
    pub(super) fn run(
        tree: &mut Tree,
        tail: &mut u32,
        open: bool,
        ranges: &'r [UidRange],
        gone: F,
    ) -> Removed {
        let mut removal =
            Self { ranges, below: Known::default(), carry: 0, known: 0, excess: 0, gone, steps: 0 };
        let weight = removal.node(tree.weight(), tree.root());
        tree.removed(removal.known, weight);
        let excess = removal.excess;
        let left = removal.gap(*tail, None);
        *tail = left.saturating_add(removal.carry);
        Removed { excess: if open { excess } else { removal.excess }, steps: removal.steps }
    }

    /// Drops the ranges that are done.
    fn trim(&mut self) {
        while let Some((first, rest)) = self.ranges.split_first() {
            if first.high().get() > self.below.uid {
                return;
            }
            self.ranges = rest;
        }
    }

    /// The lowest UID that is still named.
    fn low(&mut self) -> Option<u32> {
        self.trim();
        self.ranges.first().map(|range| range.low().get())
    }

    /// Walks a node of that weight; gives the weight that is left.
    fn node(&mut self, weight: u32, node: &mut Node) -> u32 {
        let children = match node {
            Node::Leaf(leaf) => return self.leaf(weight, leaf),
            Node::Inner(children) => children,
        };
        let mut left = weight;
        let mut touched: Option<(usize, usize)> = None;
        let mut low = self.low();
        for (at, child) in children.iter_mut().enumerate() {
            self.steps = self.steps.saturating_add(1);
            if self.carry == 0 {
                match low {
                    None => break,
                    Some(low) if low > child.last => {
                        let number = self.below.number.saturating_add(child.weight);
                        self.below = Known { number, uid: child.last };
                        continue;
                    }
                    Some(_) => {}
                }
            }
            left = left.saturating_sub(child.weight);
            let rest = self.child(child);
            left = left.saturating_add(rest);
            low = self.low();
            touched = Some((touched.map_or(at, |(first, _)| first), at));
        }
        if let Some((first, last)) = touched {
            (first..=last).rev().for_each(|at| mend(children, at, &mut self.steps));
        }
        give_back(children);
        left
    }

    fn child(&mut self, child: &mut Child) -> u32 {
        let weight = self.node(child.weight, &mut child.node);
        child.update(weight);
        weight
    }

    fn leaf(&mut self, weight: u32, leaf: &mut Leaf) -> u32 {
        // Numbers of before the removal come from the gaps, so what is carried is put in at the end of each stretch.
        let mut left = weight;
        // The UIDs from `start` to before `at` go.
        let (mut start, mut at) = (0, 0);
        while let Some((uid, gap)) = leaf.get(at) {
            let stays_until = match self.low() {
                // Nothing more is named in this leaf: all that is left stays.
                None => leaf.len(),
                Some(low) => leaf.place(low),
            };
            if stays_until > at {
                let number = self.below.number.saturating_add(leaf.weight(at, stays_until, &mut self.steps));
                let last = leaf.get(stays_until.saturating_sub(1)).map_or(uid, |(uid, _)| uid);
                left = left.saturating_add(self.put(leaf, at, gap));
                leaf.remove(start, at, &mut self.steps);
                start = start.saturating_add(stays_until).saturating_sub(at);
                at = start;
                self.below = Known { number, uid: last };
                if self.ranges.is_empty() {
                    break;
                }
                continue;
            }
            self.steps = self.steps.saturating_add(1);
            let rest = self.gap(gap, Some(uid));
            let number = self.below.number.saturating_add(gap).saturating_add(1);
            self.below = Known { number, uid };
            let goes = self.ranges.first().is_some_and(|range| range.low().get() <= uid);
            left = left.saturating_sub(gap).saturating_add(rest);
            if goes {
                (self.gone)(Run::known(number));
                self.known = self.known.saturating_add(1);
                self.carry = self.carry.saturating_add(rest);
                left = left.saturating_sub(rest).saturating_sub(1);
                at = at.saturating_add(1);
            } else {
                leaf.set_gap(at, rest);
                left = left.saturating_add(self.put(leaf, at, rest));
                leaf.remove(start, at, &mut self.steps);
                start = start.saturating_add(1);
                at = start;
            }
        }
        leaf.remove(start, at, &mut self.steps);
        left
    }

    /// Puts what is carried before the UID at `at`, whose gap is `gap`; says how much.
    fn put(&mut self, leaf: &mut Leaf, at: usize, gap: u32) -> u32 {
        let carry = core::mem::take(&mut self.carry);
        if carry > 0 {
            leaf.set_gap(at, gap.saturating_add(carry));
        }
        carry
    }

    /// Removes from the gap of `size` messages between the last UID passed and `end`, or behind all; gives what is left.
    fn gap(&mut self, size: u32, end: Option<u32>) -> u32 {
        let mut named = 0_u64;
        while let Some((first, rest)) = self.ranges.split_first() {
            let (low, high) = (first.low().get(), first.high().get());
            if end.is_some_and(|end| low >= end) {
                break;
            }
            let from = u64::from(low).max(u64::from(self.below.uid).saturating_add(1));
            let to = u64::from(end.map_or(high, |end| high.min(end.saturating_sub(1))));
            named = named.saturating_add(to.saturating_add(1).saturating_sub(from));
            if end.is_some_and(|end| high >= end) {
                break;
            }
            self.ranges = rest;
        }
        let count = u32::try_from(named).unwrap_or(u32::MAX).min(size);
        self.excess = self.excess.saturating_add(named).saturating_sub(u64::from(count));
        if count > 0 {
            (self.gone)(Run { first: self.below.number.saturating_add(1), among: size, count });
        }
        size.saturating_sub(count)
    }
}

/// Memory follows what is left.
fn give_back(children: &mut Vec<Child>) {
    if children.len() <= children.capacity() / 4 {
        children.shrink_to(children.len().saturating_mul(2));
    }
}
