//! What a view should be: a plain list of messages, slow and simple.

use std::collections::BTreeSet;

use imap_fsm::mailbox::{By, Contradiction};
use imap_types::{
    number::UidValidity,
    sequence::{SeqNumber, SequenceSet, UidSet},
};

use crate::uid;

/// What a view should be: each message, and its UID where it is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plain {
    pub(crate) messages: Vec<Option<u32>>,
    pub(crate) exact: bool,
    pub(crate) uid_validity: Option<u32>,
    pub(crate) unseen: Option<usize>,
    pub(crate) saved: BTreeSet<u32>,
}

/// UIDs above this are named in sets only, and are the UIDs of no message.
pub(crate) const HIGHEST: u32 = 9000;

impl Plain {
    pub(crate) fn len(&self) -> u32 {
        self.messages.len() as u32
    }

    pub(crate) fn exists(&self) -> Option<u32> {
        self.exact.then(|| self.len())
    }

    /// Number and UID of the first known message at or behind the place, counted from 0.
    fn above(&self, at: usize) -> Option<(u32, u32)> {
        let mut behind = self.messages.iter().enumerate().skip(at);
        behind.find_map(|(at, uid)| uid.map(|uid| (at as u32 + 1, uid)))
    }

    pub(crate) fn below(&self, at: usize) -> (u32, u32) {
        let before = self.messages.iter().enumerate().take(at).rev();
        before.filter_map(|(at, uid)| uid.map(|uid| (at as u32 + 1, uid))).next().unwrap_or((0, 0))
    }

    /// The UIDs that the message can have.
    fn possible(&self, at: usize) -> (u32, u32) {
        match self.messages[at] {
            Some(uid) => (uid, uid),
            None => (self.below(at).1 + 1, self.above(at).map_or(u32::MAX, |(_, uid)| uid - 1)),
        }
    }

    pub(crate) fn exists_is(&mut self, exists: u32) -> Result<(), Contradiction> {
        let before = self.len();
        self.exact = true;
        if exists < before {
            self.messages = vec![None; exists as usize];
            self.unseen = None;
            return Err(Contradiction::Shrunk(before));
        }
        self.messages.resize(exists as usize, None);
        self.unseen = self.unseen.filter(|unseen| *unseen <= exists as usize);
        Ok(())
    }

    pub(crate) fn expunge(&mut self, number: u32) -> Result<Option<u32>, Contradiction> {
        if number > self.len() {
            return if self.exact { Err(Contradiction::Above(self.len())) } else { Ok(None) };
        }
        let uid = self.messages.remove(number as usize - 1);
        uid.map(|uid| self.saved.remove(&uid));
        self.unseen_expunged(number as usize, 1, 1);
        Ok(uid)
    }

    fn unseen_expunged(&mut self, first: usize, among: usize, count: usize) {
        self.unseen = match self.unseen {
            Some(unseen) if unseen >= first + among => Some(unseen - count),
            Some(unseen) if unseen >= first => None,
            other => other,
        };
    }

    /// Gives the numbers of those that go, from the highest to the lowest, and how many UIDs name nothing.
    pub(crate) fn vanished(&mut self, set: &UidSet) -> (Vec<u32>, u64) {
        let (set, mut gone, mut excess) = (set.normalized(), Vec::new(), 0);
        let before = self.clone();
        // From the end, gap by gap: `end` is the place of the known message behind it, or the end.
        let mut end = self.messages.len();
        loop {
            let (start, low) = before.below(end);
            let high = before.messages.get(end).map_or(u32::MAX, |known| known.unwrap() - 1);
            let size = end - start as usize;
            let named: u64 = set
                .ranges()
                .iter()
                .map(|range| {
                    let (low, high) = (range.low().get().max(low + 1), range.high().get().min(high));
                    (u64::from(high) + 1).saturating_sub(u64::from(low))
                })
                .sum();
            let count = (size as u64).min(named) as usize;
            if before.exact || end < before.messages.len() {
                excess += named - count as u64;
            }
            if count > 0 {
                gone.extend((end - count..end).rev().map(|at| at as u32 + 1));
                self.messages.drain(end - count..end);
                self.unseen_expunged(start as usize + 1, size, count);
            }
            if start == 0 {
                break;
            }
            end = start as usize - 1;
            if set.contains(uid(low)) {
                gone.push(start);
                self.messages.remove(end);
                self.unseen_expunged(start as usize, 1, 1);
            }
        }
        self.saved.retain(|saved| !set.contains(uid(*saved)));
        (gone, excess)
    }

    pub(crate) fn fetch(&mut self, number: u32, uid: Option<u32>) -> Result<(), Contradiction> {
        if number > self.len() {
            let above = self.exists().map_or(Ok(()), |exists| Err(Contradiction::Above(exists)));
            self.messages.resize(number as usize, None);
            self.exact = false;
            let told = self.fetch(number, uid);
            return above.and(told);
        }
        let Some(uid) = uid else { return Ok(()) };
        let at = number as usize - 1;
        let fits = self.fits(at, uid);
        match self.messages[at] {
            Some(known) if known == uid => Ok(()),
            Some(known) => {
                if fits.is_ok() {
                    self.messages[at] = Some(uid);
                }
                Err(Contradiction::Uid(known))
            }
            None => fits.map(|()| self.messages[at] = Some(uid)),
        }
    }

    fn fits(&self, at: usize, uid: u32) -> Result<(), Contradiction> {
        let number = at as u32 + 1;
        let (below, low) = self.below(at);
        match (below, self.above(at + 1)) {
            (0, _) if uid < number => Err(Contradiction::Low(number)),
            (1.., _) if uid <= low => Err(Contradiction::Order(below, low)),
            (1.., _) if uid - low < number - below => Err(Contradiction::Room(below, low)),
            (_, Some((above, high))) if uid >= high => Err(Contradiction::Order(above, high)),
            (_, Some((above, high))) if high - uid < above - number => Err(Contradiction::Room(above, high)),
            _ => Ok(()),
        }
    }

    pub(crate) fn uid_fetch(&mut self, told: u32) -> Result<Option<u32>, Contradiction> {
        if let Some(at) = self.messages.iter().position(|known| *known == Some(told)) {
            return Ok(Some(at as u32 + 1));
        }
        let fits: Vec<usize> = (0..self.messages.len())
            .filter(|at| {
                let (low, high) = self.possible(*at);
                self.messages[*at].is_none() && (low..=high).contains(&told)
            })
            .collect();
        let open = !self.exact && self.messages.iter().flatten().all(|known| *known < told);
        match fits.as_slice() {
            _ if open => Ok(None),
            [] => Err(Contradiction::NoSuchUid(uid(told))),
            [at] => {
                self.messages[*at] = Some(told);
                Ok(Some(*at as u32 + 1))
            }
            _ => Ok(None),
        }
    }

    pub(crate) fn uid_validity(&mut self, validity: u32) -> Result<(), Contradiction> {
        match self.uid_validity.replace(validity) {
            Some(before) if before != validity => {
                self.messages.fill(None);
                self.saved.clear();
                Err(Contradiction::UidValidity(UidValidity::try_from(before).unwrap()))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn push(&mut self, uid: u32) -> Option<u32> {
        let (last, known) = self.below(self.messages.len());
        let fits = uid > known + (self.len() - last);
        fits.then(|| {
            self.exact = true;
            self.messages.push(Some(uid));
            self.len()
        })
    }

    /// Whether the set names the message for certain.
    pub(crate) fn names(&self, set: &SequenceSet, by: By, at: usize) -> bool {
        let (number, (low, high)) = (at as u32 + 1, self.possible(at));
        let last = number == self.len();
        let within = |start: SeqNumber, end: SeqNumber, low: u32, high: u32| {
            let plain = |bound| if let SeqNumber::Number(bound) = bound { bound.get() } else { u32::MAX };
            let (start, end) = (plain(start), plain(end));
            start.min(end) <= low && high <= start.max(end)
        };
        set.normalized().ranges().iter().any(|range| {
            (last && (range.start == SeqNumber::Largest || range.end == SeqNumber::Largest))
                || match by {
                    By::Number => within(range.start, range.end, number, number),
                    By::Uid => within(range.start, range.end, low, high),
                }
        })
    }
}
