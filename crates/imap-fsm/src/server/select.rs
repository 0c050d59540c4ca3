//! The answer to SELECT and EXAMINE.

use alloc::vec::Vec;

use imap_codec::encode_response;
use imap_types::{
    code::Code,
    flag::{Flag, FlagPerm},
    list::ListResponse,
    names::Names,
    number::{ModSeq, SeqNum, Uid, UidValidity},
    response::{Data, Response, Status, StatusResponse},
    string::Text,
};

use super::{Id, Reply, Server};
use crate::{error::Misuse, mailbox::View, state::Access, time::Time};

/// A mailbox as it is when it is selected (RFC 9051 section 6.3.2).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Selected {
    /// Its messages: [`View::from_uids`], or [`View::on_exists`] alone for an owner that counts for itself.
    pub messages: View,
    /// What may be changed. EXAMINE makes it [`Access::ReadOnly`] in any case.
    pub access: Access,
    /// UIDVALIDITY.
    pub uid_validity: UidValidity,
    /// UIDNEXT.
    pub uid_next: Uid,
    /// The flags that are in use.
    pub flags: Names<Flag>,
    /// Those that can be changed for good. Default: the same, and new ones.
    pub permanent_flags: Vec<FlagPerm>,
    /// How many are recent: told to IMAP4rev1 clients. Default: none.
    pub recent: u32,
    /// The first without `\Seen`: told to IMAP4rev1 clients, where it is known.
    pub unseen: Option<SeqNum>,
    /// HIGHESTMODSEQ; `None` for a mailbox without, NOMODSEQ.
    pub highest_mod_seq: Option<ModSeq>,
    /// Its name and attributes, as in LIST: a client that speaks IMAP4rev2 has to be told them.
    pub list: Option<ListResponse>,
    /// Further codes to tell: `S: * OK [MAILBOXID (F2212ea87)] Ok`
    pub codes: Vec<Code>,
    /// What has changed since, for QRESYNC: VANISHED (EARLIER) and FETCH, sent last.
    pub changes: Vec<Data>,
}

impl Selected {
    /// A mailbox with these messages.
    #[must_use]
    pub fn new(messages: View, uid_validity: UidValidity, uid_next: Uid) -> Self {
        let flags = Names::from([Flag::Answered, Flag::Flagged, Flag::Deleted, Flag::Seen, Flag::Draft]);
        let mut permanent_flags: Vec<FlagPerm> = flags.iter().cloned().map(FlagPerm::Flag).collect();
        permanent_flags.push(FlagPerm::Any);
        Self {
            messages,
            access: Access::ReadWrite,
            uid_validity,
            uid_next,
            flags,
            permanent_flags,
            recent: 0,
            unseen: None,
            highest_mod_seq: None,
            list: None,
            codes: Vec::new(),
            changes: Vec::new(),
        }
    }
}

impl Server {
    /// Tells that the selected mailbox is closed, because another is or was to be selected.
    pub(super) fn close_for_another(&mut self) {
        let knows = self.capabilities().is_rev2() || self.capabilities().modes().qresync;
        //= rfc9051#section-6.3.2
        //# When deselecting a selected mailbox, the server MUST return an untagged OK response with the
        //# "[CLOSED]" response code when the currently selected mailbox is closed (see Section 7.1).
        if self.state().is_selected() && knows {
            self.note(Code::Closed, "the mailbox before is closed");
        }
    }

    /// Answers SELECT or EXAMINE with all that has to be told, and completes it: CLOSED where another mailbox was selected
    /// and the client knows the code, FLAGS, EXISTS, RECENT, the codes, and OK with READ-WRITE or READ-ONLY.
    ///
    /// # Errors
    /// Where `id` is no SELECT or EXAMINE in flight, something cannot be encoded, or LIST is missing for IMAP4rev2.
    pub fn select(&mut self, id: Id, selected: Selected, now: Time) -> Result<(), Misuse> {
        self.may_send(now)?;
        let active = self.commands.iter().find(|active| active.id == id).ok_or(Misuse::Handle)?;
        let examine = active.row.name == "EXAMINE";
        if !examine && active.row.name != "SELECT" {
            return Err(Misuse::Handle);
        }
        let modes = self.capabilities().modes();
        let rev2 = self.capabilities().is_rev2();
        //= rfc9051#section-6.3.2
        //# The server MUST return a LIST response with the mailbox name.
        //= rfc9051#section-6.3.2
        //# REQUIRED untagged responses: FLAGS, EXISTS, LIST
        //= rfc9051#section-6.3.3
        //# REQUIRED untagged responses: FLAGS, EXISTS, LIST
        if rev2 && selected.list.is_none() {
            return Err(Misuse::NoList);
        }
        let mod_seqs = modes.cond_store || self.capabilities().offers("CONDSTORE") == Some(true);
        // What its owner made is tried before anything is sent, so that an error changes nothing.
        let profile = self.encode_profile();
        for data in selected.list.iter().cloned().map(Data::List).chain(selected.changes.iter().cloned()) {
            encode_response(&Response::Data(data), &profile)?;
        }
        for code in selected.codes.iter().cloned() {
            encode_response(&told(code, "told"), &profile)?;
        }
        self.close_for_another();
        let exists = selected.messages.exists().unwrap_or_default();
        self.tell(Data::Flags(selected.flags));
        self.tell(Data::Exists(exists));
        if !rev2 {
            self.tell(Data::Recent(selected.recent));
        }
        //= rfc3501#section-6.3.1
        //# REQUIRED OK untagged responses: UNSEEN, PERMANENTFLAGS, UIDNEXT, UIDVALIDITY
        //= rfc3501#section-6.3.2
        //# REQUIRED OK untagged responses: UNSEEN, PERMANENTFLAGS, UIDNEXT, UIDVALIDITY
        if let Some(unseen) = selected.unseen.filter(|_| !rev2) {
            self.note(Code::Unseen(unseen), "the first unseen message");
        }
        //= rfc9051#section-6.3.2
        //# REQUIRED OK untagged responses: PERMANENTFLAGS, UIDNEXT, UIDVALIDITY
        //= rfc9051#section-6.3.3
        //# REQUIRED OK untagged responses: PERMANENTFLAGS, UIDNEXT, UIDVALIDITY
        self.note(Code::UidValidity(selected.uid_validity), "UIDs are valid");
        self.note(Code::UidNext(selected.uid_next), "predicted next UID");
        self.note(Code::PermanentFlags(selected.permanent_flags), "flags that stay");
        match selected.highest_mod_seq {
            Some(highest) => self.note(Code::HighestModSeq(highest), "highest"),
            None if mod_seqs => self.note(Code::NoModSeq, "no modification sequences"),
            None => {}
        }
        for code in selected.codes {
            self.note(code, "told");
        }
        if let Some(list) = selected.list.filter(|_| rev2) {
            self.tell(Data::List(list));
        }
        self.tracker.view_mut().take_messages(selected.messages);
        for change in selected.changes {
            self.tell(change);
        }
        let read_only = examine || selected.access == Access::ReadOnly;
        //= rfc9051#section-6.3.2
        //# If the client is permitted to modify the mailbox, the server SHOULD prefix the text of the tagged
        //# OK response with the "[READ-WRITE]" response code.
        //= rfc9051#section-6.3.2
        //# If the client is not permitted to modify the mailbox but is permitted read access, the mailbox is
        //# selected as read-only, and the server MUST prefix the text of the tagged OK response to SELECT
        //# with the "[READ-ONLY]" response code.
        let code = if read_only { Code::ReadOnly } else { Code::ReadWrite };
        let text = if examine { "EXAMINE completed" } else { "SELECT completed" };
        self.finish(id, Reply::fixed(Status::Ok, Some(code), text))
    }

    fn note(&mut self, code: Code, text: &'static str) {
        let _ = self.put(&told(code, text));
    }
}

/// An untagged OK with a code.
fn told(code: Code, text: &'static str) -> Response {
    let text = Text::try_from(text).unwrap_or_default();
    Response::Status(StatusResponse { tag: None, status: Status::Ok, code: Some(code), text })
}
