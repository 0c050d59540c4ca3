//! The messages whose UIDs are known, by number and by UID.
//!
//! A B+ tree. Each message whose UID is known also stands for those of unknown UID directly before it, its gap, so that
//! a run of any length is one number. A part of the tree hence ends with a known UID always, and the first known UID
//! at or behind a place is in the first part that reaches to that place, whether one looks by number or by UID.

use alloc::{vec, vec::Vec};

use super::leaf::Leaf;

/// All known UIDs.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    root: Node,
    weight: u32,
    known: u32,
}

#[derive(Clone, Debug)]
pub(super) enum Node {
    Leaf(Leaf),
    Inner(Vec<Child>),
}

/// A part of the tree.
#[derive(Clone, Debug)]
pub(super) struct Child {
    /// How many messages it stands for: known UIDs and their gaps.
    pub(super) weight: u32,
    /// Its last UID.
    pub(super) last: u32,
    pub(super) node: Node,
}

/// What to look for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Key {
    Number(u32),
    Uid(u32),
}

/// A message whose UID is known. Number and UID 0: the place before the first message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) number: u32,
    pub(super) uid: u32,
}

/// A place: the first known UID at or behind it, and the known UID before that.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spot {
    pub(super) below: Known,
    /// `None` behind the last known UID.
    pub(super) above: Option<Known>,
}

impl Default for Node {
    fn default() -> Self {
        Self::Leaf(Leaf::default())
    }
}

impl Node {
    /// The most parts of an inner node. They are looked at one after the other, so few are better than many.
    const MOST: usize = 16;
    /// Below this an inner node joins a neighbour if it can.
    const LEAST: usize = 5;

    fn len(&self) -> usize {
        match self {
            Self::Leaf(leaf) => leaf.len(),
            Self::Inner(children) => children.len(),
        }
    }

    fn last(&self) -> Option<u32> {
        match self {
            Self::Leaf(leaf) => leaf.last(),
            Self::Inner(children) => children.last().map(|child| child.last),
        }
    }

    fn weight(&self, steps: &mut u64) -> u32 {
        match self {
            Self::Leaf(leaf) => leaf.weight(0, leaf.len(), steps),
            Self::Inner(children) => {
                *steps = steps.saturating_add(u64::from(count(children.len())));
                children.iter().fold(0, |sum, child| sum.saturating_add(child.weight))
            }
        }
    }

    /// Cuts a full node in two so that `uid` can be added. Where it comes last, the left one stays full: mailboxes grow at
    /// the end.
    fn split(&mut self, uid: u32, steps: &mut u64) -> Option<Self> {
        let at_end = self.last().is_none_or(|last| last < uid);
        match self {
            Self::Leaf(leaf) if leaf.len() >= Leaf::MOST => {
                let at = if at_end { leaf.len() } else { leaf.len() / 2 };
                Some(Self::Leaf(leaf.split_off(at, steps)))
            }
            Self::Inner(children) if children.len() >= Self::MOST => {
                // One part at least goes to the right, for the new one to be put in.
                let at = if at_end { children.len().saturating_sub(1) } else { children.len() / 2 };
                *steps = steps.saturating_add(u64::from(count(children.len())));
                Some(Self::Inner(children.split_off(at)))
            }
            Self::Leaf(_) | Self::Inner(_) => None,
        }
    }

    /// Adds `uid`, which is not there, with `gap` messages before it. The node is not full.
    fn insert(&mut self, uid: u32, gap: u32, steps: &mut u64) {
        *steps = steps.saturating_add(1);
        match self {
            Self::Leaf(leaf) => leaf.insert(leaf.place(uid), uid, gap, steps),
            Self::Inner(children) => {
                let at = place(children, uid).min(children.len().saturating_sub(1));
                let Some(child) = children.get_mut(at) else { return };
                let right = child.node.split(uid, steps).map(|node| {
                    let weight = node.weight(steps);
                    child.weight = child.weight.saturating_sub(weight);
                    child.last = child.node.last().unwrap_or(child.last);
                    // An empty leaf is the place for the UID behind the last.
                    Child { weight, last: node.last().unwrap_or(uid), node }
                });
                match right {
                    Some(mut right) if uid > child.last => {
                        right.insert(uid, gap, steps);
                        children.insert(at.saturating_add(1), right);
                    }
                    Some(right) => {
                        child.insert(uid, gap, steps);
                        children.insert(at.saturating_add(1), right);
                    }
                    None => child.insert(uid, gap, steps),
                }
            }
        }
    }

    /// Adds `uid`, which comes last, where its leaf has room: false where not.
    fn push(&mut self, uid: u32, gap: u32, steps: &mut u64) -> bool {
        *steps = steps.saturating_add(1);
        match self {
            Self::Leaf(leaf) => {
                let room = leaf.len() < Leaf::MOST;
                if room {
                    leaf.insert(leaf.len(), uid, gap, steps);
                }
                room
            }
            Self::Inner(children) => {
                let Some(child) = children.last_mut() else { return false };
                let room = child.node.push(uid, gap, steps);
                if room {
                    child.weight = child.weight.saturating_add(gap).saturating_add(1);
                    child.last = uid;
                }
                room
            }
        }
    }

    /// Changes the gap before `uid`. Gives whether `uid` is there.
    fn change_gap(&mut self, uid: u32, change: &impl Fn(u32) -> u32) -> bool {
        match self {
            Self::Leaf(leaf) => {
                let at = leaf.place(uid);
                let gap = leaf.get(at).filter(|(known, _)| *known == uid).map(|(_, gap)| gap);
                if let Some(gap) = gap {
                    leaf.set_gap(at, change(gap));
                }
                gap.is_some()
            }
            Self::Inner(children) => {
                let at = place(children, uid);
                let Some(child) = children.get_mut(at) else { return false };
                let changed = child.node.change_gap(uid, change);
                if changed {
                    child.weight = change(child.weight);
                }
                changed
            }
        }
    }
}

impl Child {
    fn insert(&mut self, uid: u32, gap: u32, steps: &mut u64) {
        self.node.insert(uid, gap, steps);
        self.weight = self.weight.saturating_add(gap).saturating_add(1);
        self.last = self.last.max(uid);
    }

    /// Takes over the weight and the last UID of its node after a change.
    pub(super) fn update(&mut self, weight: u32) {
        self.weight = weight;
        self.last = self.node.last().unwrap_or(0);
    }
}

/// The first part that reaches to `uid`.
fn place(children: &[Child], uid: u32) -> usize {
    children.partition_point(|child| child.last < uid)
}

/// Drops the part at `at` if nothing is left in it, and joins it with a neighbour if little is.
pub(super) fn mend(children: &mut Vec<Child>, at: usize, steps: &mut u64) {
    let Some(child) = children.get(at) else { return };
    let least = match child.node {
        Node::Leaf(_) => Leaf::LEAST,
        Node::Inner(_) => Node::LEAST,
    };
    if child.node.len() == 0 {
        children.remove(at);
    } else if child.node.len() < least
        && !join(children, at, steps)
        && let Some(before) = at.checked_sub(1)
    {
        join(children, before, steps);
    }
}

/// Makes one of the parts at `at` and behind it, if they fit.
fn join(children: &mut Vec<Child>, at: usize, steps: &mut u64) -> bool {
    let next = at.saturating_add(1);
    let fits = match (children.get(at).map(|child| &child.node), children.get(next).map(|child| &child.node))
    {
        (Some(Node::Leaf(left)), Some(Node::Leaf(right))) => {
            left.len().saturating_add(right.len()) <= Leaf::MOST
        }
        (Some(Node::Inner(left)), Some(Node::Inner(right))) => {
            left.len().saturating_add(right.len()) <= Node::MOST
        }
        _ => false,
    };
    if !fits {
        return false;
    }
    let right = children.remove(next);
    *steps = steps.saturating_add(u64::from(count(children.len())));
    if let Some(left) = children.get_mut(at) {
        left.weight = left.weight.saturating_add(right.weight);
        left.last = right.last;
        match (&mut left.node, right.node) {
            (Node::Leaf(left), Node::Leaf(right)) => left.append(right, steps),
            (Node::Inner(left), Node::Inner(mut right)) => {
                left.reserve_exact(right.len());
                left.append(&mut right);
            }
            _ => {}
        }
    }
    true
}

impl Tree {
    /// How many messages the known UIDs stand for, with those of unknown UID before each.
    pub(super) const fn weight(&self) -> u32 {
        self.weight
    }

    /// How many UIDs are known.
    pub(super) const fn known(&self) -> u32 {
        self.known
    }

    /// The last known UID and its number.
    pub(super) fn last(&self) -> Known {
        Known { number: self.weight, uid: self.root.last().unwrap_or(0) }
    }

    /// The first known UID at or behind `key`, and the one before it.
    pub(super) fn seek(&self, key: Key, steps: &mut u64) -> Spot {
        let last = self.last();
        let behind = match key {
            Key::Number(number) => number > last.number,
            Key::Uid(uid) => uid > last.uid,
        };
        if behind {
            *steps = steps.saturating_add(1);
            return Spot { below: last, above: None };
        }
        let mut below = Known::default();
        let mut node = &self.root;
        loop {
            let children = match node {
                Node::Leaf(leaf) => return leaf.seek(key, below, steps),
                Node::Inner(children) => children,
            };
            let mut found = None;
            for child in children {
                *steps = steps.saturating_add(1);
                let end = below.number.saturating_add(child.weight);
                let reaches = match key {
                    Key::Number(number) => end >= number,
                    Key::Uid(uid) => child.last >= uid,
                };
                if reaches {
                    found = Some(&child.node);
                    break;
                }
                below = Known { number: end, uid: child.last };
            }
            match found {
                Some(next) => node = next,
                None => return Spot { below, above: None },
            }
        }
    }

    /// The leaf of the message `number`, with the number of the message before the leaf.
    pub(super) fn leaf(&self, number: u32) -> Option<(u32, &Leaf)> {
        let mut below = 0_u32;
        let mut node = &self.root;
        loop {
            let children = match node {
                Node::Leaf(leaf) => return Some((below, leaf)),
                Node::Inner(children) => children,
            };
            let mut found = None;
            for child in children {
                let end = below.saturating_add(child.weight);
                if end >= number {
                    found = Some(&child.node);
                    break;
                }
                below = end;
            }
            node = found?;
        }
    }

    /// Adds `uid`, which is not there, with `gap` messages of unknown UID before it. What is behind moves up.
    pub(super) fn insert(&mut self, uid: u32, gap: u32, steps: &mut u64) {
        // Mailboxes grow at the end, and are told from the first message to the last.
        let pushed = uid > self.last().uid && self.root.push(uid, gap, steps);
        if !pushed {
            self.insert_anywhere(uid, gap, steps);
        }
        self.weight = self.weight.saturating_add(gap).saturating_add(1);
        self.known = self.known.saturating_add(1);
    }

    fn insert_anywhere(&mut self, uid: u32, gap: u32, steps: &mut u64) {
        if let Some(right) = self.root.split(uid, steps) {
            let weight = right.weight(steps);
            let left = core::mem::take(&mut self.root);
            let left = Child {
                weight: self.weight.saturating_sub(weight),
                last: left.last().unwrap_or(0),
                node: left,
            };
            let right = Child { weight, last: right.last().unwrap_or(uid), node: right };
            self.root = Node::Inner(vec![left, right]);
        }
        self.root.insert(uid, gap, steps);
    }

    /// Changes the number of messages of unknown UID directly before `uid`, and with it each sum that counts them.
    pub(super) fn change_gap(&mut self, uid: u32, change: impl Fn(u32) -> u32) {
        if self.root.change_gap(uid, &change) {
            self.weight = change(self.weight);
        }
    }

    /// The root, for a removal.
    pub(super) const fn root(&mut self) -> &mut Node {
        &mut self.root
    }

    /// Ends a removal of `known` known UIDs, after which the tree stands for `weight` messages.
    pub(super) fn removed(&mut self, known: u32, weight: u32) {
        self.known = self.known.saturating_sub(known);
        self.weight = weight;
        loop {
            match &mut self.root {
                Node::Inner(children) if children.len() <= 1 => {
                    self.root = children.pop().map(|child| child.node).unwrap_or_default();
                }
                Node::Leaf(_) | Node::Inner(_) => return,
            }
        }
    }

    /// What must always hold, for tests.
    #[cfg(test)]
    pub(super) fn check(&self) {
        fn look(node: &Node, low: &mut u32, depth: usize) -> (u32, u32, usize) {
            match node {
                Node::Leaf(leaf) => {
                    assert!(leaf.len() <= Leaf::MOST);
                    for at in 0..leaf.len() {
                        let (uid, _) = leaf.get(at).unwrap_or_default();
                        assert!(uid > *low, "{uid} after {low}");
                        *low = uid;
                    }
                    (leaf.weight(0, leaf.len(), &mut 0), count(leaf.len()), depth)
                }
                Node::Inner(children) => {
                    assert!((1..=Node::MOST).contains(&children.len()));
                    let mut sum = (0_u32, 0_u32, 0);
                    for child in children {
                        assert!(child.node.len() > 0);
                        let (weight, known, leaves) = look(&child.node, low, depth.saturating_add(1));
                        assert_eq!((child.weight, child.last), (weight, *low));
                        assert!(sum.2 == 0 || sum.2 == leaves, "leaves at {leaves} and {}", sum.2);
                        sum = (sum.0.saturating_add(weight), sum.1.saturating_add(known), leaves);
                    }
                    sum
                }
            }
        }
        let (weight, known, _) = look(&self.root, &mut 0, 0);
        assert_eq!((weight, known), (self.weight, self.known));
    }
}

/// A length as a number of messages. No node has more than fit.
pub(super) fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
