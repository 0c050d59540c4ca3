//! Response codes: what a status response says to programs (RFC 9051 section 7.1).

use alloc::vec::Vec;

use crate::{
    atom::Atom,
    capability::Capability,
    flag::FlagPerm,
    number::{SeqNum, Uid, UidValidity},
    octets::{Octets, detach},
    sequence::UidSet,
    string::Charset,
};

/// `resp-text-code` (RFC 9051 section 9).
///
/// `S: * OK [UIDNEXT 4392] Predicted next UID`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
#[non_exhaustive]
#[doc(alias = "resp-text-code")]
pub enum Code {
    /// `ALERT`
    Alert,
    /// `ALREADYEXISTS`
    AlreadyExists,
    /// `APPENDUID`
    AppendUid {
        /// The validity value of the mailbox.
        uid_validity: UidValidity,
        /// The UID given, or several with MULTIAPPEND.
        uids: UidSet,
    },
    /// `AUTHENTICATIONFAILED`
    AuthenticationFailed,
    /// `AUTHORIZATIONFAILED`
    AuthorizationFailed,
    /// `BADCHARSET`: the charsets that are known; empty where none are told.
    BadCharset(Vec<Charset>),
    /// `CANNOT`
    Cannot,
    /// `CAPABILITY`
    Capability(Vec<Capability>),
    /// `CLIENTBUG`
    ClientBug,
    /// `CLOSED`
    Closed,
    /// `CONTACTADMIN`
    ContactAdmin,
    /// `COPYUID`
    CopyUid {
        /// The validity value of the target mailbox.
        uid_validity: UidValidity,
        /// The UIDs of the originals.
        source: UidSet,
        /// The UIDs of the copies, in the same order.
        target: UidSet,
    },
    /// `CORRUPTION`
    Corruption,
    /// `EXPIRED`
    Expired,
    /// `EXPUNGEISSUED`
    ExpungeIssued,
    /// `HASCHILDREN`
    HasChildren,
    /// `INUSE`
    InUse,
    /// `LIMIT`
    Limit,
    /// `NONEXISTENT`
    NonExistent,
    /// `NOPERM`
    NoPerm,
    /// `NOTSAVED`
    NotSaved,
    /// `OVERQUOTA`
    OverQuota,
    /// `PARSE`
    Parse,
    /// `PERMANENTFLAGS`
    PermanentFlags(Vec<FlagPerm>),
    /// `PRIVACYREQUIRED`
    PrivacyRequired,
    /// `READ-ONLY`
    ReadOnly,
    /// `READ-WRITE`
    ReadWrite,
    /// `SERVERBUG`
    ServerBug,
    /// `TRYCREATE`
    TryCreate,
    /// `UIDNEXT`
    UidNext(Uid),
    /// `UIDNOTSTICKY`
    UidNotSticky,
    /// `UIDVALIDITY`
    UidValidity(UidValidity),
    /// `UNAVAILABLE`
    Unavailable,
    /// `UNKNOWN-CTE`
    UnknownCte,
    /// `UNSEEN`: the first message without `\Seen` (IMAP4rev1)
    Unseen(SeqNum),
    /// Any other code, and a known one whose arguments do not fit: `atom [SP 1*<any TEXT-CHAR except "]">]`.
    Other {
        /// The name.
        name: Atom,
        /// What follows the name and its space, up to the bracket.
        arguments: Option<Octets>,
        /// Whether the name is one of those above, and its arguments do not fit.
        misfit: bool,
    },
}

detach!(enum Code {
    BadCharset(charsets), Capability(capabilities), PermanentFlags(flags), Other { name, arguments },
});
