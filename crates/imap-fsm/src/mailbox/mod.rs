//! The view of a selected mailbox: which message has which number, and what else the server said of it.
//!
//! IMAP counts messages from 1 without holes, so each EXPUNGE renumbers all behind it; UIDs stay, but are told one by one
//! (RFC 9051 section 2.3.1). A [`View`] keeps both in step: number to UID, UID to number, on both sides of a connection.
//! It holds no flags or modification sequences of messages: those are its owner's, kept by UID. It lives as long as the
//! mailbox is selected; the next SELECT begins with [`View::default`].
//!
//! # A client
//!
//! learns how many messages there are at once, and UIDs as it asks for them. What it is told goes in by `on_*`.
//!
//! ```
//! use imap_fsm::mailbox::{Contradiction, View};
//! use imap_types::{number::{SeqNum, Uid}, sequence::UidSet};
//!
//! let number = |n: u32| SeqNum::try_from(n).unwrap();
//! let uid = |n: u32| Uid::try_from(n).unwrap();
//!
//! let mut view = View::default();
//! view.on_exists(100_000)?;                                       // * 100000 EXISTS
//! view.on_fetch(number(10), Some(uid(705)))?;                     // * 10 FETCH (UID 705 ..)
//! view.on_fetch(number(12), Some(uid(720)))?;                     // * 12 FETCH (UID 720 ..)
//! assert_eq!(view.on_expunge(number(10))?, Some(uid(705)));       // * 10 EXPUNGE
//! assert_eq!(view.seq(uid(720)), Some(number(11)));
//! assert_eq!(view.uid(number(10)), None);                         // never told
//!
//! let gone = view.on_vanished(false, &UidSet::try_from("3:4,720")?); // * VANISHED 3:4,720
//! assert_eq!((gone.count(), gone.contradiction()), (3, None));
//! assert_eq!(gone.numbers().next(), Some(number(11)));
//! assert_eq!(view.exists(), Some(99_996));
//!
//! assert_eq!(view.on_exists(5), Err(Contradiction::Shrunk(99_996))); // * 5 EXISTS
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! # A server
//!
//! knows all UIDs. Its view is what the client has been told: it adds and removes messages as it sends EXISTS and
//! EXPUNGE, and reads the client's sets by it.
//!
//! ```
//! use imap_fsm::mailbox::{By, View};
//! use imap_types::{number::Uid, sequence::{SequenceSet, UidSet}};
//!
//! let uid = |n: u32| Uid::try_from(n).unwrap();
//!
//! let mut view = View::from_uids([3, 5, 8, 13].map(uid))?;
//! assert_eq!(view.expunge_uid(uid(5)).map(|number| number.get()), Some(2));   // * 2 EXPUNGE
//! assert_eq!(view.push(uid(21))?.get(), 4);                                   // * 4 EXISTS
//!
//! assert!(view.names_above_exists(&SequenceSet::try_from("2:5")?));           // BAD
//! let set = SequenceSet::try_from("2:4")?;                                    // FETCH 2:4
//! let uids: UidSet = view.messages(&set, By::Number).filter_map(|message| message.uid).collect();
//! assert_eq!(uids.to_string(), "8,13,21");
//! let set = SequenceSet::try_from("5:10,90:*")?;                              // UID STORE 5:10,90:*
//! let numbers: Vec<_> = view.ranges(&set, By::Uid).map(|(a, b)| (a.get(), b.get())).collect();
//! assert_eq!(numbers, [(2, 2), (4, 4)]);
//!
//! view.save(&UidSet::try_from("3,8")?);                                       // UID SEARCH RETURN (SAVE) ..
//! view.expunge_uid(uid(3));
//! assert_eq!(view.messages(&SequenceSet::saved(), By::Number).count(), 1);    // FETCH $
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! # Cost
//!
//! Each call takes O(log n) steps in the number of known UIDs, or as many more as it removes or gives. A known UID costs
//! about four bytes, or eight where every second one is not known; a run of unknown ones costs the same however long it
//! is, so no number in a response makes the view allocate. An empty view allocates nothing.
//!
//! # Contradictions
//!
//! What contradicts what was said before is told by a [`Contradiction`], and what the view does then is said at each call.
//! It never guesses silently and stays in order, but its owner does well to ask the server for what it needs anew.

mod contradiction;
mod facts;
mod leaf;
mod removal;
mod resolve;
mod saved;
mod tree;
mod vanished;

use alloc::boxed::Box;
use core::fmt;

use imap_types::{
    number::{SeqNum, Uid},
    sequence::UidRange,
};

pub use contradiction::{Contradiction, NotAscending};
pub use resolve::{By, Message, Messages, Ranges};
pub use vanished::{Run, Vanished};

use facts::Facts;
use removal::Removal;
use tree::{Key, Known, Spot, Tree};

/// The view of a selected mailbox (RFC 9051 section 2.3.1). See the [module](self).
#[derive(Clone, Default)]
pub struct View {
    /// The messages whose UIDs are known, with those of unknown UID before each.
    tree: Tree,
    /// The messages of unknown UID behind the last known one.
    tail: u32,
    /// Whether the number of messages is known; else there may be more at the end.
    exact: bool,
    facts: Option<Box<Facts>>,
    steps: u64,
}

impl View {
    /// The view of a mailbox with these messages.
    ///
    /// # Errors
    ///
    /// Where the UIDs do not ascend.
    pub fn from_uids<I: IntoIterator<Item = Uid>>(uids: I) -> Result<Self, NotAscending> {
        let mut view = Self { exact: true, ..Self::default() };
        view.extend(uids)?;
        Ok(view)
    }

    /// The number of messages, where it is known: from the first EXISTS on, or where the view was made from UIDs. Not
    /// between a FETCH of a message above it and the next EXISTS.
    #[must_use]
    pub fn exists(&self) -> Option<u32> {
        self.exact.then(|| self.at_least())
    }

    /// How many messages there are at least: all, where [`exists`](Self::exists) is known, else up to the highest number
    /// that was heard of.
    #[must_use]
    pub const fn at_least(&self) -> u32 {
        self.tree.weight().saturating_add(self.tail)
    }

    /// Of how many messages the UID is known.
    #[must_use]
    pub const fn known(&self) -> u32 {
        self.tree.known()
    }

    /// Whether the number of messages and the UID of each are known.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.exact && self.known() == self.at_least()
    }

    /// The UID of message `number`. `None` where it is not known, or where there is no such message.
    #[must_use]
    pub fn uid(&self, number: SeqNum) -> Option<Uid> {
        let above = self.tree.seek(Key::Number(number.get()), &mut 0).above?;
        if above.number == number.get() { Uid::try_from(above.uid).ok() } else { None }
    }

    /// The number of the message with this UID. `None` where it is not known which that is, or where there is none:
    /// [`is_complete`](Self::is_complete) tells these apart.
    #[must_use]
    pub fn seq(&self, uid: Uid) -> Option<SeqNum> {
        let above = self.tree.seek(Key::Uid(uid.get()), &mut 0).above?;
        if above.uid == uid.get() { SeqNum::try_from(above.number).ok() } else { None }
    }

    /// Takes EXISTS. New messages come last, and their UIDs are not known; `$` stays as it is.
    ///
    /// `S: * 23 EXISTS`
    ///
    /// # Errors
    ///
    /// [`Contradiction::Shrunk`]: there were more messages before. Nobody can tell which of them are gone, so the view
    /// then knows the number and no UIDs.
    pub fn on_exists(&mut self, exists: u32) -> Result<(), Contradiction> {
        let before = self.at_least();
        self.exact = true;
        if let Some(facts) = self.facts.as_deref_mut() {
            facts.unseen_within(if exists < before { 0 } else { exists });
        }
        match exists.checked_sub(before) {
            Some(new) => {
                self.tail = self.tail.saturating_add(new);
                Ok(())
            }
            None => {
                self.tree = Tree::default();
                self.tail = exists;
                Err(Contradiction::Shrunk(before))
            }
        }
    }

    /// Forgets the messages and how many there were; what else was told of the mailbox stays. What comes next counts
    /// anew: another mailbox was selected, and nothing says where its data begins.
    pub fn forget_messages(&mut self) {
        self.tree = Tree::default();
        self.tail = 0;
        self.exact = false;
    }

    /// Takes the messages of `other`, and keeps what else was told of the mailbox.
    pub(crate) fn take_messages(&mut self, other: Self) {
        self.tree = other.tree;
        self.tail = other.tail;
        self.exact = other.exact;
    }

    /// Takes EXPUNGE: the numbers above go down by one. Gives the UID of the message that went, where it is known.
    ///
    /// `S: * 44 EXPUNGE`
    ///
    /// # Errors
    ///
    /// [`Contradiction::Above`]: there is no such message. Nothing changes.
    pub fn on_expunge(&mut self, number: SeqNum) -> Result<Option<Uid>, Contradiction> {
        let number = number.get();
        if number > self.at_least() {
            return if self.exact { Err(Contradiction::Above(self.at_least())) } else { Ok(None) };
        }
        let above = self.seek(Key::Number(number)).above;
        let known = above.filter(|above| above.number == number);
        match (known, above) {
            (Some(known), _) => self.remove(known),
            (None, Some(above)) => self.tree.change_gap(above.uid, |size| size.saturating_sub(1)),
            (None, None) => self.tail = self.tail.saturating_sub(1),
        }
        //= rfc9051#section-6.4.4.1
        //# Implementors are reminded that if the server stores the list as a list of message numbers, it MUST
        //# automatically adjust them when notifying the client about expunged messages, as described in
        //# Section 7.5.1.
        if let Some(facts) = self.facts.as_deref_mut() {
            if let Some(known) = known {
                facts.saved.remove(known.uid, known.uid);
            }
            facts.unseen_expunged(Run::known(number));
        }
        Ok(known.and_then(|known| Uid::try_from(known.uid).ok()))
    }

    /// Removes the message with this UID, and gives the number that it had, which is the one to send in EXPUNGE. `None`
    /// where it is not known which that is, or where there is none.
    pub fn expunge_uid(&mut self, uid: Uid) -> Option<SeqNum> {
        let above = self.seek(Key::Uid(uid.get())).above.filter(|above| above.uid == uid.get())?;
        let number = SeqNum::try_from(above.number).ok()?;
        self.on_expunge(number).ok().map(|_| number)
    }

    /// Takes the number and the UID, where there is one, of a FETCH response.
    ///
    /// `S: * 12 FETCH (UID 705 FLAGS (\Seen))`
    ///
    /// # Errors
    ///
    /// As of [`check_fetch`](Self::check_fetch). With [`Contradiction::Above`] the message is believed all the same, and
    /// [`exists`](Self::exists) is not known any more until the next EXISTS; with [`Contradiction::Uid`] the new UID is
    /// taken if its neighbours allow; else nothing is.
    pub fn on_fetch(&mut self, number: SeqNum, uid: Option<Uid>) -> Result<(), Contradiction> {
        let mut steps = 0;
        let judged = self.judge_fetch(number, uid, &mut steps);
        self.count_steps(steps);
        let number = number.get();
        if let Some(more @ 1..) = number.checked_sub(self.at_least()) {
            self.tail = self.tail.saturating_add(more);
            self.exact = false;
        }
        if let Some(uid) = uid.map(Uid::get) {
            match judged {
                Ok(Some(spot)) => self.learn_at(spot, number, uid),
                Ok(None) => {}
                Err(Contradiction::Uid(before)) => {
                    self.forget_one(Known { number, uid: before });
                    if !self.learn(number, uid) {
                        self.learn(number, before);
                    }
                }
                Err(_) => {
                    self.learn(number, uid);
                }
            }
        }
        judged.map(|_| ())
    }

    /// Says what [`on_fetch`](Self::on_fetch) would say, and takes nothing.
    ///
    /// # Errors
    ///
    /// [`Contradiction::Above`]: there is no such message. [`Contradiction::Uid`]: it had another UID.
    /// [`Contradiction::Order`], [`Contradiction::Room`] and [`Contradiction::Low`]: UIDs ascend with the numbers, so this one
    /// cannot be.
    pub fn check_fetch(&self, number: SeqNum, uid: Option<Uid>) -> Result<(), Contradiction> {
        self.judge_fetch(number, uid, &mut 0).map(|_| ())
    }

    /// The same, with the place at which the UID is to be learned, if it is.
    fn judge_fetch(
        &self,
        number: SeqNum,
        uid: Option<Uid>,
        steps: &mut u64,
    ) -> Result<Option<Spot>, Contradiction> {
        let number = number.get();
        if let Some(exists) = self.exists().filter(|exists| number > *exists) {
            return Err(Contradiction::Above(exists));
        }
        let Some(uid) = uid.map(Uid::get) else { return Ok(None) };
        //= rfc9051#section-2.3.1.1
        //# Unique identifiers MUST be strictly ascending in the mailbox at all times.
        let spot = self.tree.seek(Key::Number(number), steps);
        match spot.above.filter(|above| above.number == number) {
            Some(known) if known.uid == uid => Ok(None),
            Some(known) => Err(Contradiction::Uid(known.uid)),
            None => fits(number, uid, spot).map(|()| Some(spot)),
        }
    }

    /// Takes the UID of a UIDFETCH response (RFC 9586 section 3.3), which has no number. Gives the number where it is
    /// known, or can be but one.
    ///
    /// `S: * 25996 UIDFETCH (FLAGS (\Seen))`
    ///
    /// # Errors
    ///
    /// [`Contradiction::NoSuchUid`]: the UIDs of the messages around are known, and none is left in between.
    pub fn on_uid_fetch(&mut self, uid: Uid) -> Result<Option<SeqNum>, Contradiction> {
        let spot = self.seek(Key::Uid(uid.get()));
        let number = match spot.above {
            Some(above) if above.uid == uid.get() => above.number,
            above => {
                let next = match above {
                    Some(above) => above.number,
                    None if self.exact => self.at_least().saturating_add(1),
                    None => return Ok(None),
                };
                let number = spot.below.number.saturating_add(1);
                match next.saturating_sub(number) {
                    0 => return Err(Contradiction::NoSuchUid(uid)),
                    1 if self.learn(number, uid.get()) => number,
                    _ => return Ok(None),
                }
            }
        };
        Ok(SeqNum::try_from(number).ok())
    }

    /// Adds a message behind all others, and gives its number. `$` stays as it is.
    ///
    /// # Errors
    ///
    /// Where its UID is not above the others, or leaves none for messages whose UIDs are not known.
    pub fn push(&mut self, uid: Uid) -> Result<SeqNum, NotAscending> {
        let last = self.tree.last().uid.saturating_add(self.tail);
        let number = SeqNum::try_from(self.at_least().saturating_add(1));
        match number {
            Ok(number) if uid.get() > last => {
                let gap = core::mem::take(&mut self.tail);
                self.tree.insert(uid.get(), gap, &mut self.steps);
                self.exact = true;
                Ok(number)
            }
            _ => Err(NotAscending { uid, last }),
        }
    }

    /// Adds messages behind all others: [`push`](Self::push) for each.
    ///
    /// # Errors
    ///
    /// Where the UIDs do not ascend. Those before the wrong one are added.
    pub fn extend<I: IntoIterator<Item = Uid>>(&mut self, uids: I) -> Result<(), NotAscending> {
        uids.into_iter().try_for_each(|uid| self.push(uid).map(|_| ()))
    }

    /// How many parts and UIDs the calls that change the view have looked at or moved, for tests that they are cheap.
    #[doc(hidden)]
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    fn count_steps(&mut self, steps: u64) {
        self.steps = self.steps.saturating_add(steps);
    }

    fn seek(&mut self, key: Key) -> Spot {
        self.tree.seek(key, &mut self.steps)
    }

    /// Takes a message whose UID is known out.
    fn remove(&mut self, known: Known) {
        let Ok(uid) = Uid::try_from(known.uid) else { return };
        let removed = Removal::run(&mut self.tree, &mut self.tail, true, &[UidRange::single(uid)], |_| {});
        self.count_steps(removed.steps);
    }

    /// Learns the UID of message `number`, if it was not known and can be that.
    fn learn(&mut self, number: u32, uid: u32) -> bool {
        let spot = self.seek(Key::Number(number));
        if spot.above.is_some_and(|above| above.number == number) || fits(number, uid, spot).is_err() {
            return false;
        }
        self.learn_at(spot, number, uid);
        true
    }

    /// Learns the UID of message `number`, which can be that, at the place of the message.
    fn learn_at(&mut self, spot: Spot, number: u32, uid: u32) {
        let gap = number.saturating_sub(spot.below.number).saturating_sub(1);
        let taken = gap.saturating_add(1);
        match spot.above {
            Some(above) => self.tree.change_gap(above.uid, |size| size.saturating_sub(taken)),
            None => self.tail = self.tail.saturating_sub(taken),
        }
        self.tree.insert(uid, gap, &mut self.steps);
    }

    /// Forgets the UID of a message, which stays.
    fn forget_one(&mut self, known: Known) {
        self.remove(known);
        match self.seek(Key::Number(known.number)).above {
            Some(above) => self.tree.change_gap(above.uid, |size| size.saturating_add(1)),
            None => self.tail = self.tail.saturating_add(1),
        }
    }

    /// Forgets all UIDs; the messages stay.
    pub(crate) fn forget(&mut self) {
        self.tail = self.at_least();
        self.tree = Tree::default();
    }

    /// The known UIDs with their numbers, for comparing.
    fn known_uids(&self) -> impl Iterator<Item = Known> + '_ {
        let mut number = 1_u32;
        core::iter::from_fn(move || {
            let above = self.tree.seek(Key::Number(number), &mut 0).above?;
            number = above.number.saturating_add(1);
            Some(above)
        })
    }

    /// What must always hold, for tests.
    #[cfg(test)]
    fn check(&self) {
        self.tree.check();
        assert!(self.tree.weight().checked_add(self.tail).is_some());
    }
}

/// Whether message `number` can have this UID where it stands: UIDs ascend, and each message in between needs one.
fn fits(number: u32, uid: u32, spot: Spot) -> Result<(), Contradiction> {
    let judge = |low: Known, high: Known, neighbour: Known| {
        let messages = high.number.saturating_sub(low.number);
        match high.uid.checked_sub(low.uid) {
            None | Some(0) => Err(Contradiction::Order(neighbour.number, neighbour.uid)),
            Some(uids) if uids < messages => Err(Contradiction::Room(neighbour.number, neighbour.uid)),
            Some(_) => Ok(()),
        }
    };
    let this = Known { number, uid };
    if spot.below == Known::default() && uid < number {
        return Err(Contradiction::Low(number));
    }
    judge(spot.below, this, spot.below)?;
    spot.above.map_or(Ok(()), |above| judge(this, above, above))
}

/// Views are equal where they answer alike.
impl PartialEq for View {
    fn eq(&self, other: &Self) -> bool {
        (self.exists(), self.at_least(), self.known()) == (other.exists(), other.at_least(), other.known())
            && self.facts.as_deref().unwrap_or(&Facts::default())
                == other.facts.as_deref().unwrap_or(&Facts::default())
            && self.known_uids().eq(other.known_uids())
    }
}

impl Eq for View {}

/// In brief: without the UIDs.
impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View")
            .field("exists", &self.exists())
            .field("at_least", &self.at_least())
            .field("known", &self.known())
            .field("facts", &self.facts)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
