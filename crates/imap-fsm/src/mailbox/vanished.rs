//! VANISHED (RFC 7162 section 3.2.10): which messages went.

use alloc::vec::Vec;

use imap_types::{number::SeqNum, sequence::UidSet};

use super::{Contradiction, View, removal::Removal};

/// Messages of adjacent numbers of which some went, all or a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Run {
    /// The number of the first of them, before any of the response went. At least 1.
    pub first: u32,
    /// How many they are.
    pub among: u32,
    /// How many of them went. Where that is less than all, the UIDs of none of them are known, and nobody can tell which of
    /// them went.
    pub count: u32,
}

impl Run {
    pub(super) const fn known(number: u32) -> Self {
        Self { first: number, among: 1, count: 1 }
    }

    const fn is_whole(self) -> bool {
        self.count == self.among
    }

    /// The highest number.
    const fn last(self) -> u32 {
        self.first.saturating_add(self.among.saturating_sub(1))
    }
}

/// What a VANISHED response removed from a [`View`]. Given by [`View::on_vanished`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "it says whether the server contradicted itself"]
pub struct Vanished {
    runs: Vec<Run>,
    excess: u64,
}

impl Vanished {
    /// How many messages went.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.runs.iter().fold(0, |sum, run| sum.saturating_add(run.count))
    }

    /// The messages that went, in ascending order, by their numbers before.
    #[must_use]
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The numbers to take out of a list of messages one after the other, as so many EXPUNGE responses would have
    /// said: the highest first, so that none moves before its turn. Of messages that nobody can tell apart, the highest.
    pub fn numbers(&self) -> impl Iterator<Item = SeqNum> + '_ {
        self.runs.iter().rev().flat_map(|run| {
            let end = run.last();
            (0..run.count).filter_map(move |back| SeqNum::try_from(end.saturating_sub(back)).ok())
        })
    }

    /// What is wrong with the response: it named more UIDs than there were messages that can have them.
    #[must_use]
    pub const fn contradiction(&self) -> Option<Contradiction> {
        if self.excess > 0 { Some(Contradiction::Vanished(self.excess)) } else { None }
    }

    fn push(&mut self, run: Run) {
        match self.runs.last_mut() {
            Some(last)
                if last.is_whole() && run.is_whole() && last.last().checked_add(1) == Some(run.first) =>
            {
                last.among = last.among.saturating_add(run.among);
                last.count = last.among;
            }
            _ => self.runs.push(run),
        }
    }
}

impl View {
    /// Takes VANISHED, `earlier` where it bears the tag EARLIER.
    ///
    /// With EARLIER nothing changes and nothing can be wrong: the client "MUST NOT decrement message sequence numbers"
    /// (RFC 7162 section 3.2.10.1), and such a response may name UIDs of which the client never knew.
    ///
    /// Without it each UID is one message less (section 3.2.10.2). One whose UID is not known is taken from the run of
    /// unknown UIDs that its UID falls into; its message is one of them. Ranges are never expanded: `1:4294967295` takes
    /// as many steps as the view holds UIDs.
    ///
    /// A response that names UIDs that no message can have breaks "servers MUST NOT send UIDs for previously expunged
    /// messages or messages that were not announced to the client via EXISTS". Then as many went as can be, which may be
    /// more than the server meant: see [`Vanished::contradiction`].
    ///
    /// `S: * VANISHED 405,407,410:425`
    pub fn on_vanished(&mut self, earlier: bool, uids: &UidSet) -> Vanished {
        let mut vanished = Vanished::default();
        if earlier {
            return vanished;
        }
        let normalized;
        let ranges = match uids.ranges() {
            one @ [_] => one,
            _ => {
                normalized = uids.normalized();
                normalized.ranges()
            }
        };
        let removed =
            Removal::run(&mut self.tree, &mut self.tail, !self.exact, ranges, |run| vanished.push(run));
        vanished.excess = removed.excess;
        self.count_steps(removed.steps);
        if let Some(facts) = self.facts.as_deref_mut() {
            ranges.iter().for_each(|range| facts.saved.remove(range.low().get(), range.high().get()));
            // From the last to the first: no number moves before its turn.
            vanished.runs.iter().rev().for_each(|run| facts.unseen_expunged(*run));
        }
        vanished
    }
}
