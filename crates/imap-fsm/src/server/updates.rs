//! What changed in the selected mailbox and was not told yet.
//!
//! A server may tell of a change only where the protocol allows it, and the message numbers that it uses are those that the
//! client knows. So its owner says what changed, by UID, whenever it likes; what is due is told before the next reply that
//! allows it, at once in IDLE.

use alloc::{collections::VecDeque, vec::Vec};

use imap_types::{fetch::MsgAtt, number::Uid, sequence::UidSet};

/// A change of the selected mailbox, by whomever.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Update {
    /// Messages arrived: their UIDs, ascending and above all others. `S: * 23 EXISTS`
    Arrived(UidSet),
    /// Messages are gone. `S: * 44 EXPUNGE`, or VANISHED where QRESYNC or UIDONLY is enabled.
    Expunged(UidSet),
    /// Flags, or other data, of a message changed. The UID is added where the client needs it.
    /// `S: * 14 FETCH (FLAGS (\Seen))`
    Changed {
        /// The message.
        uid: Uid,
        /// What to tell of it.
        items: Vec<MsgAtt>,
    },
    /// The number of recent messages, in IMAP4rev1. `S: * 5 RECENT`
    Recent(u32),
}

/// What is due, in the order in which it is told: what is gone, what arrived, what changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Updates {
    pub(crate) expunged: UidSet,
    pub(crate) arrived: UidSet,
    pub(crate) recent: Option<u32>,
    pub(crate) changed: VecDeque<(Uid, Vec<MsgAtt>)>,
}

impl Updates {
    /// The most changes that are kept; beyond them the oldest are dropped: the client learns of them when it asks.
    const MOST: usize = 4096;

    pub(crate) fn push(&mut self, update: Update) {
        match update {
            // What arrived and went without being told never was.
            Update::Expunged(uids) => {
                let untold = uids.intersection(&self.arrived);
                self.arrived = self.arrived.difference(&untold);
                self.expunged = self.expunged.union(&uids.difference(&untold));
            }
            Update::Arrived(uids) => self.arrived = self.arrived.union(&uids),
            Update::Recent(recent) => self.recent = Some(recent),
            Update::Changed { uid, items } => {
                if self.changed.len() >= Self::MOST {
                    self.changed.pop_front();
                }
                self.changed.push_back((uid, items));
            }
        }
    }

    /// Whether nothing is due.
    pub(crate) fn is_empty(&self) -> bool {
        self.expunged.is_empty()
            && self.arrived.is_empty()
            && self.recent.is_none()
            && self.changed.is_empty()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn set(text: &str) -> UidSet {
        UidSet::try_from(text).unwrap()
    }

    #[test]
    fn what_arrived_and_went_in_between_is_not_told() {
        let mut due = Updates::default();
        due.push(Update::Arrived(set("7:9")));
        due.push(Update::Expunged(set("3,8")));
        assert_eq!((due.arrived, due.expunged), (set("7,9"), set("3")));
    }
}
