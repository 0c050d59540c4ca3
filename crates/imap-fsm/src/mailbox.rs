//! What is known of the selected mailbox: its size, its UIDVALIDITY, and some UIDs.
//!
//! A light view: it keeps the number of messages and up to [`View::UIDS`] pairs of message number and UID, enough to
//! notice contradictions. It never holds more, whatever the size of the mailbox.

use alloc::vec::Vec;

use imap_types::number::UidValidity;

/// The view of a selected mailbox (RFC 9051 section 2.3.1): one for each selection.
///
/// Where a response contradicts those before it, the call that takes it says how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// No message number is above this.
    most: Option<u32>,
    /// Whether `most` is the number of messages, and not only a bound.
    exact: bool,
    uid_validity: Option<UidValidity>,
    /// Message numbers and their UIDs, ascending by number.
    uids: Vec<(u32, u32)>,
}

/// What does not fit what was known before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Contradiction {
    /// A smaller number of messages, without EXPUNGE: the number before.
    Shrunk(u32),
    /// A message number above the number of messages, which is this.
    Above(u32),
    /// Another UIDVALIDITY: the one before.
    UidValidity(UidValidity),
    /// Another UID for the message: the one before.
    Uid(u32),
    /// A UID that is not between those of its neighbours: number and UID of the neighbour.
    Order(u32, u32),
}

impl View {
    /// The most UIDs that are kept.
    pub const UIDS: usize = 1024;

    /// The number of messages, where it is known.
    #[must_use]
    pub fn exists(&self) -> Option<u32> {
        self.most.filter(|_| self.exact)
    }

    /// Takes EXISTS.
    pub fn on_exists(&mut self, exists: u32) -> Option<Contradiction> {
        let before = self.exists();
        self.most = Some(exists);
        self.exact = true;
        let shrunk = before.filter(|before| exists < *before).map(Contradiction::Shrunk);
        if shrunk.is_some() {
            // One cannot tell which messages are gone.
            self.uids.clear();
        }
        shrunk
    }

    /// Takes EXPUNGE: the numbers above move down.
    pub fn on_expunge(&mut self, number: u32) -> Option<Contradiction> {
        if let Some(most) = self.most.filter(|most| number > *most) {
            return Some(Contradiction::Above(most));
        }
        self.most = self.most.map(|most| most.saturating_sub(1));
        self.uids.retain_mut(|(other, _)| {
            let keep = *other != number;
            if *other > number {
                *other = other.saturating_sub(1);
            }
            keep
        });
        None
    }

    /// Takes VANISHED without EARLIER: fewer messages than before, one cannot tell how many. UIDs below `lowest`, the
    /// lowest that vanished, keep their number; of the others the number is not known any more.
    pub fn on_vanished(&mut self, lowest: Option<u32>) {
        self.exact = false;
        match lowest {
            Some(lowest) => self.uids.retain(|(_, uid)| *uid < lowest),
            None => self.uids.clear(),
        }
    }

    /// Takes the number and the UID, where there is one, of a FETCH response.
    pub fn on_fetch(&mut self, number: u32, uid: Option<u32>) -> Option<Contradiction> {
        if let Some(most) = self.most.filter(|most| number > *most) {
            self.most = Some(number);
            return Some(Contradiction::Above(most));
        }
        let uid = uid?;
        match self.uids.binary_search_by_key(&number, |(number, _)| *number) {
            Ok(at) => {
                let (_, known) = self.uids.get_mut(at)?;
                let before = core::mem::replace(known, uid);
                (before != uid).then_some(Contradiction::Uid(before))
            }
            Err(at) => {
                let below = at.checked_sub(1).and_then(|at| self.uids.get(at)).copied();
                let above = self.uids.get(at).copied();
                //= rfc9051#section-2.3.1.1
                //# Unique identifiers MUST be strictly ascending in the mailbox at all times.
                let wrong = below
                    .filter(|(_, other)| *other >= uid)
                    .or(above.filter(|(_, other)| *other <= uid))
                    .map(|(number, uid)| Contradiction::Order(number, uid));
                if wrong.is_none() && self.uids.len() < Self::UIDS {
                    self.uids.insert(at, (number, uid));
                }
                wrong
            }
        }
    }

    /// Takes the code UIDVALIDITY.
    pub fn on_uid_validity(&mut self, validity: UidValidity) -> Option<Contradiction> {
        let before = self.uid_validity.replace(validity)?;
        (before != validity).then_some(Contradiction::UidValidity(before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expunge_moves_numbers_down() {
        let mut view = View::default();
        assert_eq!(view.on_exists(3), None);
        assert_eq!(view.on_fetch(1, Some(10)), None);
        assert_eq!(view.on_fetch(3, Some(30)), None);
        assert_eq!(view.on_expunge(1), None);
        assert_eq!(view.exists(), Some(2));
        assert_eq!(view.on_fetch(2, Some(30)), None);
        assert_eq!(view.on_fetch(2, Some(31)), Some(Contradiction::Uid(30)));
        assert_eq!(view.on_expunge(3), Some(Contradiction::Above(2)));
        assert_eq!(view.on_exists(1), Some(Contradiction::Shrunk(2)));
    }

    #[test]
    fn vanished_leaves_only_a_bound() {
        let mut view = View::default();
        view.on_exists(5);
        view.on_fetch(1, Some(10));
        view.on_fetch(5, Some(50));
        view.on_vanished(Some(20));
        assert_eq!(view.exists(), None);
        assert_eq!(view.on_exists(3), None);
        assert_eq!(view.on_fetch(2, Some(9)), Some(Contradiction::Order(1, 10)));
        assert_eq!(view.on_fetch(3, Some(50)), None);
    }
}
