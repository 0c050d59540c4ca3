//! What the sets of commands name: numbers or UIDs, `*` and `$`, as messages of the view.

use alloc::{collections::btree_map, vec, vec::Vec};
use core::iter::Peekable;

use imap_types::{
    number::{SeqNum, Uid},
    sequence::{SeqNumber, SequenceSet},
};

use super::{
    View,
    leaf::Leaf,
    tree::{Key, Known},
};

/// What the numbers in a set are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// Message numbers, as in FETCH.
    Number,
    /// UIDs, as in UID FETCH.
    Uid,
}

/// A message of a [`View`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Message {
    /// Its number.
    pub number: SeqNum,
    /// Its UID, where it is known.
    pub uid: Option<Uid>,
}

impl View {
    /// The messages that `set` names, as ranges of message numbers (first and last): ascending, without overlap, as few as
    /// possible, and made one at a time.
    ///
    /// `*` is the last message. A range of UIDs to `*` hence always has the last message, even if the other end is above
    /// its UID (RFC 9051 section 9, `seq-range`). `$` is the saved result, whichever kind the others are. UIDs of no
    /// message and numbers above [`exists`](Self::exists) name nothing; that the latter are an error in a command is told
    /// by [`names_above_exists`](Self::names_above_exists).
    ///
    /// Where UIDs are not known, a set of UIDs names those messages that are in it for certain: the unknown ones between
    /// two known UIDs that are both in a range are.
    ///
    /// `C: A1 UID STORE 443:* +FLAGS (\Seen)`
    #[must_use]
    pub fn ranges(&self, set: &SequenceSet, by: By) -> Ranges<'_> {
        let len = self.at_least();
        let set = set.normalized();
        let mut listed = Vec::with_capacity(set.ranges().len());
        for range in set.ranges() {
            let numbers = match (range.start, range.end, by) {
                _ if len == 0 => None,
                (SeqNumber::Largest, _, _) => Some((len, len)),
                (SeqNumber::Number(low), SeqNumber::Largest, By::Number) => Some((low.get().min(len), len)),
                (SeqNumber::Number(low), SeqNumber::Number(high), By::Number) => {
                    Some((low.get(), high.get().min(len)))
                }
                (SeqNumber::Number(low), SeqNumber::Largest, By::Uid) => {
                    Some((self.numbers_of(low.get(), u32::MAX).map_or(len, |(first, _)| first), len))
                }
                (SeqNumber::Number(low), SeqNumber::Number(high), By::Uid) => {
                    self.numbers_of(low.get(), high.get())
                }
            };
            listed.extend(numbers.filter(|(first, last)| first <= last));
        }
        listed.sort_unstable();
        let saved =
            if set.has_saved() { self.facts.as_ref().map(|facts| facts.saved.ranges()) } else { None };
        let mut ranges =
            Ranges { view: self, listed: listed.into_iter().peekable(), saved, next_saved: None };
        ranges.take_saved();
        ranges
    }

    /// The messages that `set` names, with their UIDs where those are known: [`ranges`](Self::ranges) one message at a
    /// time. What is collected of the UIDs is a [`UidSet`](imap_types::sequence::UidSet).
    ///
    /// `C: A1 FETCH 2,4:* FLAGS`
    #[must_use]
    pub fn messages(&self, set: &SequenceSet, by: By) -> Messages<'_> {
        Messages { ranges: self.ranges(set, by), current: None, place: None }
    }

    /// Whether `set`, a set of message numbers, names one above EXISTS, or `*` where there is no message: "The server
    /// should respond with a tagged BAD response" (RFC 9051 section 9, `seq-number`). `false` while EXISTS is not known.
    ///
    /// `C: A1 FETCH 1000000 FLAGS`
    #[must_use]
    pub fn names_above_exists(&self, set: &SequenceSet) -> bool {
        let Some(exists) = self.exists() else { return false };
        let above = |number| match number {
            SeqNumber::Number(number) => number.get() > exists,
            SeqNumber::Largest => exists == 0,
        };
        set.ranges().iter().any(|range| above(range.start) || above(range.end))
    }

    /// The numbers of the messages whose UIDs are from `low` to `high` for certain.
    fn numbers_of(&self, low: u32, high: u32) -> Option<(u32, u32)> {
        let (steps, len) = (&mut 0, self.at_least());
        let spot = self.tree.seek(Key::Uid(low), steps);
        let end = match high.checked_add(1) {
            Some(above) => self.tree.seek(Key::Uid(above), steps),
            None => super::tree::Spot { below: self.tree.last(), above: None },
        };
        // The unknown ones at an end are in it where all UIDs that they can have are.
        let first = if spot.below.uid.checked_add(1) == Some(low) {
            spot.below.number.checked_add(1)?
        } else {
            spot.above?.number
        };
        let last = match end.above {
            Some(Known { number, uid }) if uid.checked_sub(1) == Some(high) => number.checked_sub(1)?,
            None if high == u32::MAX => len,
            _ => end.below.number,
        };
        (first <= last).then_some((first, last))
    }
}

/// Ranges of message numbers, ascending. Made by [`View::ranges`].
#[derive(Clone, Debug)]
pub struct Ranges<'v> {
    view: &'v View,
    /// What the set lists, ascending by the first number.
    listed: Peekable<vec::IntoIter<(u32, u32)>>,
    /// The rest of `$`, as UIDs.
    saved: Option<btree_map::Iter<'v, u32, u32>>,
    /// The next numbers of `$`.
    next_saved: Option<(u32, u32)>,
}

impl Ranges<'_> {
    /// Takes the next numbers of `$`; gives those before.
    fn take_saved(&mut self) -> Option<(u32, u32)> {
        let view = self.view;
        let next =
            self.saved.as_mut().and_then(|saved| saved.find_map(|(low, high)| view.numbers_of(*low, *high)));
        core::mem::replace(&mut self.next_saved, next)
    }

    /// The next numbers of both, if they begin with `most` at the latest.
    fn take(&mut self, most: u32) -> Option<(u32, u32)> {
        let from_saved = match (self.listed.peek(), self.next_saved) {
            (Some(listed), Some(saved)) => saved < *listed,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        if from_saved {
            self.next_saved.filter(|(first, _)| *first <= most)?;
            self.take_saved()
        } else {
            self.listed.next_if(|(first, _)| *first <= most)
        }
    }

    fn next_numbers(&mut self) -> Option<(u32, u32)> {
        let (first, mut last) = self.take(u32::MAX)?;
        while let Some((_, end)) = self.take(last.saturating_add(1)) {
            last = last.max(end);
        }
        Some((first, last))
    }
}

impl Iterator for Ranges<'_> {
    type Item = (SeqNum, SeqNum);

    fn next(&mut self) -> Option<Self::Item> {
        let (first, last) = self.next_numbers()?;
        Some((SeqNum::try_from(first).ok()?, SeqNum::try_from(last).ok()?))
    }
}

/// Messages, ascending. Made by [`View::messages`].
#[derive(Clone, Debug)]
pub struct Messages<'v> {
    ranges: Ranges<'v>,
    /// What is left of the range in hand.
    current: Option<(u32, u32)>,
    place: Option<Place<'v>>,
}

/// Where the next message of a range stands.
#[derive(Clone, Debug)]
struct Place<'v> {
    leaf: &'v Leaf,
    /// The place of the known UID at or behind it.
    at: usize,
    /// How many messages there are up to that.
    gap: u32,
}

impl Messages<'_> {
    fn uid(&mut self, number: u32) -> Option<Uid> {
        let place = match &mut self.place {
            Some(place) => place,
            None => {
                let (below, leaf) = self.ranges.view.tree.leaf(number)?;
                let within = number.saturating_sub(below);
                let at = leaf.place_of_number(within, &mut 0);
                leaf.get(at)?;
                let gap = leaf.weight(0, at.saturating_add(1), &mut 0).saturating_sub(within);
                self.place.insert(Place { leaf, at, gap })
            }
        };
        if let Some(gap) = place.gap.checked_sub(1) {
            place.gap = gap;
            return None;
        }
        let uid = place.leaf.get(place.at).and_then(|(uid, _)| Uid::try_from(uid).ok());
        place.at = place.at.saturating_add(1);
        match place.leaf.get(place.at) {
            Some((_, gap)) => place.gap = gap,
            None => self.place = None,
        }
        uid
    }
}

impl Iterator for Messages<'_> {
    type Item = Message;

    fn next(&mut self) -> Option<Message> {
        let (number, last) = match self.current {
            Some(current) => current,
            None => {
                self.place = None;
                self.ranges.next_numbers()?
            }
        };
        self.current = number.checked_add(1).filter(|next| *next <= last).map(|next| (next, last));
        let uid = self.uid(number);
        Some(Message { number: SeqNum::try_from(number).ok()?, uid })
    }
}
