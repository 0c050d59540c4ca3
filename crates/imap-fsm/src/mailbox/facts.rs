//! What a server says of a mailbox besides its messages, and `$`.

use alloc::{boxed::Box, vec::Vec};

use imap_types::{
    flag::{Flag, FlagPerm},
    names::Names,
    number::{ModSeq, SeqNum, Uid, UidValidity},
    sequence::{UidRange, UidSet},
};

use super::{Contradiction, View, saved::Saved, vanished::Run};

/// The facts, apart from the view proper: most views are idle most of the time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    uid_validity: Option<UidValidity>,
    uid_next: Option<Uid>,
    highest_mod_seq: Option<ModSeq>,
    recent: Option<u32>,
    unseen: Option<SeqNum>,
    flags: Option<Names<Flag>>,
    permanent_flags: Option<Vec<FlagPerm>>,
    uid_not_sticky: bool,
    pub(super) saved: Saved,
}

impl Facts {
    /// Messages went: the first unseen one has another number, or is not known any more.
    pub(super) fn unseen_expunged(&mut self, run: Run) {
        let Some(unseen) = self.unseen.map(SeqNum::get) else { return };
        let end = run.first.saturating_add(run.among);
        if unseen >= end {
            self.unseen = SeqNum::try_from(unseen.saturating_sub(run.count)).ok();
        } else if unseen >= run.first {
            self.unseen = None;
        }
    }

    /// No message from before is above `number` any more.
    pub(super) fn unseen_within(&mut self, number: u32) {
        self.unseen = self.unseen.filter(|unseen| unseen.get() <= number);
    }

    /// The UIDs mean nothing any more.
    fn forget_uids(&mut self) {
        self.uid_next = None;
        self.highest_mod_seq = None;
        self.saved = Saved::default();
    }
}

impl View {
    /// UIDVALIDITY, where it was told (RFC 9051 section 2.3.1.1).
    #[must_use]
    pub fn uid_validity(&self) -> Option<UidValidity> {
        self.facts.as_ref()?.uid_validity
    }

    /// UIDNEXT as it was told last: "messages arriving after that time will have a UID greater than or equal to that value"
    /// (RFC 9051 section 2.3.1.1).
    #[must_use]
    pub fn uid_next(&self) -> Option<Uid> {
        self.facts.as_ref()?.uid_next
    }

    /// HIGHESTMODSEQ as it was told last (RFC 7162 section 3.1.2.1). `None` with NOMODSEQ, too.
    #[must_use]
    pub fn highest_mod_seq(&self) -> Option<ModSeq> {
        self.facts.as_ref()?.highest_mod_seq
    }

    /// RECENT as it was told last (RFC 3501 section 7.3.2).
    #[must_use]
    pub fn recent(&self) -> Option<u32> {
        self.facts.as_ref()?.recent
    }

    /// The first message without `\Seen` when the mailbox was selected (RFC 3501 section 7.1), under its present
    /// number; `None` once it went, or may have gone.
    #[must_use]
    pub fn unseen(&self) -> Option<SeqNum> {
        self.facts.as_ref()?.unseen
    }

    /// FLAGS: the flags of the mailbox, where they were told (RFC 9051 section 7.3.5).
    #[must_use]
    pub fn flags(&self) -> Option<&Names<Flag>> {
        self.facts.as_ref()?.flags.as_ref()
    }

    /// PERMANENTFLAGS (RFC 9051 section 7.1). Where they were not told, "the client should assume that all flags can be
    /// changed permanently" (section 6.3.2).
    #[must_use]
    pub fn permanent_flags(&self) -> Option<&[FlagPerm]> {
        self.facts.as_ref()?.permanent_flags.as_deref()
    }

    /// Whether the server told UIDNOTSTICKY: the UIDs do not outlive the session (RFC 9051 section 7.1).
    #[must_use]
    pub fn uid_not_sticky(&self) -> bool {
        self.facts.as_ref().is_some_and(|facts| facts.uid_not_sticky)
    }

    /// `$` as ranges of UIDs, ascending. Empty at first, and after what resets it.
    pub fn saved(&self) -> impl Iterator<Item = UidRange> + '_ {
        self.facts.iter().flat_map(|facts| facts.saved.iter())
    }

    /// Whether `uid` belongs to `$`.
    #[must_use]
    pub fn is_saved(&self, uid: Uid) -> bool {
        self.facts.as_ref().is_some_and(|facts| facts.saved.contains(uid.get()))
    }

    pub(super) fn facts_mut(&mut self) -> &mut Facts {
        self.facts.get_or_insert_with(Box::default)
    }

    /// Takes UIDVALIDITY. Another one than before means that each UID is void: the view forgets them, UIDNEXT and
    /// HIGHESTMODSEQ, and `$` is empty again (RFC 5182 section 2.1).
    ///
    /// `S: * OK [UIDVALIDITY 3857529045] UIDs valid`
    ///
    /// # Errors
    ///
    /// [`Contradiction::UidValidity`]: it was another one before.
    pub fn on_uid_validity(&mut self, validity: UidValidity) -> Result<(), Contradiction> {
        let facts = self.facts_mut();
        match facts.uid_validity.replace(validity) {
            Some(before) if before != validity => {
                facts.forget_uids();
                self.forget();
                Err(Contradiction::UidValidity(before))
            }
            _ => Ok(()),
        }
    }

    /// Takes UIDNEXT.
    ///
    /// `S: * OK [UIDNEXT 4392] Predicted next UID`
    ///
    /// # Errors
    ///
    /// [`Contradiction::UidNext`]: it was higher before, or a message has that UID or a higher one. It is taken all the
    /// same.
    pub fn on_uid_next(&mut self, next: Uid) -> Result<(), Contradiction> {
        let last = self.tree.last().uid;
        let before = self.facts_mut().uid_next.replace(next).map_or(0, Uid::get);
        if before > next.get() {
            Err(Contradiction::UidNext(before))
        } else if last >= next.get() {
            Err(Contradiction::UidNext(last))
        } else {
            Ok(())
        }
    }

    /// Takes HIGHESTMODSEQ. `S: * OK [HIGHESTMODSEQ 715194045007] Highest`
    pub fn on_highest_mod_seq(&mut self, highest: ModSeq) {
        self.facts_mut().highest_mod_seq = Some(highest);
    }

    /// Takes NOMODSEQ: the mailbox keeps no modification sequences (RFC 7162 section 3.1.2.2).
    /// `S: * OK [NOMODSEQ] Sorry`
    pub fn on_no_mod_seq(&mut self) {
        self.facts_mut().highest_mod_seq = None;
    }

    /// Takes RECENT. It may come before the EXISTS it belongs to, so it is not compared with that. `S: * 5 RECENT`
    pub fn on_recent(&mut self, recent: u32) {
        self.facts_mut().recent = Some(recent);
    }

    /// Takes UNSEEN. `S: * OK [UNSEEN 12] Message 12 is first unseen`
    ///
    /// # Errors
    ///
    /// [`Contradiction::Above`]: there is no such message. It is not taken.
    pub fn on_unseen(&mut self, unseen: SeqNum) -> Result<(), Contradiction> {
        if let Some(exists) = self.exists().filter(|exists| unseen.get() > *exists) {
            return Err(Contradiction::Above(exists));
        }
        self.facts_mut().unseen = Some(unseen);
        Ok(())
    }

    /// Takes FLAGS. `S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)`
    pub fn on_flags(&mut self, flags: Names<Flag>) {
        self.facts_mut().flags = Some(flags);
    }

    /// Takes PERMANENTFLAGS. `S: * OK [PERMANENTFLAGS (\Deleted \Seen \*)] Limited`
    pub fn on_permanent_flags(&mut self, flags: Vec<FlagPerm>) {
        self.facts_mut().permanent_flags = Some(flags);
    }

    /// Takes UIDNOTSTICKY. `S: * NO [UIDNOTSTICKY] Non-persistent UIDs`
    pub fn on_uid_not_sticky(&mut self) {
        self.facts_mut().uid_not_sticky = true;
    }

    /// Sets `$` to the messages that a SEARCH RETURN (SAVE) found, or to none where it was answered NO (RFC 5182
    /// section 2.1). Messages that are expunged leave it; messages that arrive do not enter it.
    ///
    /// `C: A1 UID SEARCH RETURN (SAVE) FLAGGED`
    pub fn save(&mut self, found: &UidSet) {
        if !found.is_empty() || self.facts.is_some() {
            self.facts_mut().saved = Saved::new(found);
        }
    }
}
