//! Response codes: what a status response says to programs (RFC 9051 section 7.1).

use alloc::vec::Vec;

use crate::{
    atom::Atom,
    capability::Capability,
    chars::Class,
    error::{ValidationError, ValidationErrorKind},
    flag::FlagPerm,
    notify::EventName,
    number::{ModSeq, SeqNum, Uid, UidValidity},
    octets::{Octets, detach},
    sequence::{SequenceSet, UidSet},
    string::{Charset, IString},
    vec1::Vec1,
};

/// `resp-text-code` (RFC 9051 section 9).
///
/// `S: * OK [UIDNEXT 4392] Predicted next UID`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
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
    /// `BADEVENT`: the events that the server has, where NOTIFY asked for another (RFC 5465 section 3.1).
    BadEvent(Vec1<EventName>),
    /// `BADURL`: the URL of CATENATE that is of no use, as it came (RFC 4469 section 4.1).
    BadUrl(#[cfg_attr(feature = "arbitrary", arbitrary(with = crate::arbitrary::url))] Octets),
    /// `CANNOT`
    Cannot,
    /// `CAPABILITY`
    Capability(Vec<Capability>),
    /// `CLIENTBUG`
    ClientBug,
    /// `CLOSED`
    Closed,
    /// `COMPRESSIONACTIVE`: the connection is compressed already (RFC 4978 section 3).
    CompressionActive,
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
    /// `HIGHESTMODSEQ`: of the messages of the mailbox (RFC 7162 section 3.1.2.1)
    HighestModSeq(ModSeq),
    /// `INUSE`
    InUse,
    /// `LIMIT`
    Limit,
    /// `MODIFIED`: the messages that a conditional STORE left alone, since they have changed: numbers after
    /// STORE, UIDs after UID STORE (RFC 7162 section 3.1.3)
    Modified(SequenceSet),
    /// `NOMODSEQ`: the mailbox keeps no modification sequences (RFC 7162 section 3.1.2.2)
    NoModSeq,
    /// `NONEXISTENT`
    NonExistent,
    /// `NOPERM`
    NoPerm,
    /// `NOTIFICATIONOVERFLOW`: there is more to tell than the server can; from now on NOTIFY NONE holds (RFC 5465 section
    /// 5.8).
    NotificationOverflow,
    /// `NOTSAVED`
    NotSaved,
    /// `NOUPDATE`: the tag of the search whose result is not kept up to date (RFC 5267 section 4.3.1).
    NoUpdate(IString),
    /// `OVERQUOTA`
    OverQuota,
    /// `PARSE`
    Parse,
    /// `PERMANENTFLAGS`
    PermanentFlags(Vec<FlagPerm>),
    /// `PRIVACYREQUIRED`
    PrivacyRequired,
    /// `READ-ONLY`
    #[cfg_attr(feature = "serde", serde(rename = "READ-ONLY"))]
    ReadOnly,
    /// `READ-WRITE`
    #[cfg_attr(feature = "serde", serde(rename = "READ-WRITE"))]
    ReadWrite,
    /// `SERVERBUG`
    ServerBug,
    /// `TOOBIG`: the message is larger than the server takes (RFC 4469 section 4.2).
    TooBig,
    /// `TRYCREATE`
    TryCreate,
    /// `UIDNEXT`
    UidNext(Uid),
    /// `UIDNOTSTICKY`
    UidNotSticky,
    /// `UIDREQUIRED`: after ENABLE UIDONLY message numbers are refused (RFC 9586 section 3)
    UidRequired,
    /// `UIDVALIDITY`
    UidValidity(UidValidity),
    /// `UNAVAILABLE`
    Unavailable,
    /// `UNKNOWN-CTE`
    #[cfg_attr(feature = "serde", serde(rename = "UNKNOWN-CTE"))]
    UnknownCte,
    /// `UNSEEN`: the first message without `\Seen` (IMAP4rev1)
    Unseen(SeqNum),
    /// Any other code, and a known one whose arguments do not fit: `atom [SP 1*<any TEXT-CHAR except "]">]`.
    #[cfg_attr(feature = "arbitrary", arbitrary(skip))]
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
    BadCharset(charsets), BadEvent(events), BadUrl(url), Capability(capabilities), NoUpdate(tag), PermanentFlags(flags), Other { name, arguments },
});

impl Code {
    /// A code that has no type here, or one of an extension.
    ///
    /// ```
    /// use imap_types::code::Code;
    ///
    /// let code = Code::other("METADATA", Some("LONGENTRIES 2199"))?;
    /// assert_eq!(code.name(), "METADATA");
    /// assert!(Code::other("X", Some("a]b")).is_err());
    /// # Ok::<(), imap_types::error::ValidationError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where `name` is no atom, or `arguments` is empty or holds `]`, CR, LF, NUL or a byte above 0x7f.
    pub fn other(name: &str, arguments: Option<&str>) -> Result<Self, ValidationError> {
        const WHAT: &str = "the argument of a response code";
        let name = Atom::try_from(name)?;
        if let Some(text) = arguments {
            let wrong = text.bytes().position(|byte| byte == b']' || !Class::TEXT_CHAR.contains(byte));
            if let Some(at) = wrong {
                return Err(ValidationError::new(WHAT, ValidationErrorKind::Character, at));
            }
            if text.is_empty() {
                return Err(ValidationError::new(WHAT, ValidationErrorKind::Empty, 0));
            }
        }
        let misfit = Self::is_known(name.as_bytes());
        Ok(Self::Other { name, arguments: arguments.map(Octets::from), misfit })
    }

    /// The name, in upper case where the code has a type.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Alert => "ALERT",
            Self::AlreadyExists => "ALREADYEXISTS",
            Self::AuthenticationFailed => "AUTHENTICATIONFAILED",
            Self::AuthorizationFailed => "AUTHORIZATIONFAILED",
            Self::Cannot => "CANNOT",
            Self::ClientBug => "CLIENTBUG",
            Self::Closed => "CLOSED",
            Self::CompressionActive => "COMPRESSIONACTIVE",
            Self::ContactAdmin => "CONTACTADMIN",
            Self::Corruption => "CORRUPTION",
            Self::Expired => "EXPIRED",
            Self::ExpungeIssued => "EXPUNGEISSUED",
            Self::HasChildren => "HASCHILDREN",
            Self::InUse => "INUSE",
            Self::HighestModSeq(_) => "HIGHESTMODSEQ",
            Self::Limit => "LIMIT",
            Self::Modified(_) => "MODIFIED",
            Self::NoModSeq => "NOMODSEQ",
            Self::NonExistent => "NONEXISTENT",
            Self::NoPerm => "NOPERM",
            Self::NotificationOverflow => "NOTIFICATIONOVERFLOW",
            Self::NotSaved => "NOTSAVED",
            Self::OverQuota => "OVERQUOTA",
            Self::Parse => "PARSE",
            Self::PrivacyRequired => "PRIVACYREQUIRED",
            Self::ReadOnly => "READ-ONLY",
            Self::ReadWrite => "READ-WRITE",
            Self::ServerBug => "SERVERBUG",
            Self::TooBig => "TOOBIG",
            Self::TryCreate => "TRYCREATE",
            Self::UidNotSticky => "UIDNOTSTICKY",
            Self::UidRequired => "UIDREQUIRED",
            Self::Unavailable => "UNAVAILABLE",
            Self::UnknownCte => "UNKNOWN-CTE",
            Self::AppendUid { .. } => "APPENDUID",
            Self::BadCharset(_) => "BADCHARSET",
            Self::BadEvent(_) => "BADEVENT",
            Self::BadUrl(_) => "BADURL",
            Self::Capability(_) => "CAPABILITY",
            Self::CopyUid { .. } => "COPYUID",
            Self::NoUpdate(_) => "NOUPDATE",
            Self::PermanentFlags(_) => "PERMANENTFLAGS",
            Self::UidNext(_) => "UIDNEXT",
            Self::UidValidity(_) => "UIDVALIDITY",
            Self::Unseen(_) => "UNSEEN",
            Self::Other { name, .. } => name.as_str(),
        }
    }

    /// The code of that name, in upper case, where it has a type and no arguments.
    #[must_use]
    pub fn without_arguments(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"ALERT" => Self::Alert,
            b"ALREADYEXISTS" => Self::AlreadyExists,
            b"AUTHENTICATIONFAILED" => Self::AuthenticationFailed,
            b"AUTHORIZATIONFAILED" => Self::AuthorizationFailed,
            b"CANNOT" => Self::Cannot,
            b"CLIENTBUG" => Self::ClientBug,
            b"CLOSED" => Self::Closed,
            b"COMPRESSIONACTIVE" => Self::CompressionActive,
            b"CONTACTADMIN" => Self::ContactAdmin,
            b"CORRUPTION" => Self::Corruption,
            b"EXPIRED" => Self::Expired,
            b"EXPUNGEISSUED" => Self::ExpungeIssued,
            b"HASCHILDREN" => Self::HasChildren,
            b"INUSE" => Self::InUse,
            b"LIMIT" => Self::Limit,
            b"NOMODSEQ" => Self::NoModSeq,
            b"NONEXISTENT" => Self::NonExistent,
            b"NOPERM" => Self::NoPerm,
            b"NOTIFICATIONOVERFLOW" => Self::NotificationOverflow,
            b"NOTSAVED" => Self::NotSaved,
            b"OVERQUOTA" => Self::OverQuota,
            b"PARSE" => Self::Parse,
            b"PRIVACYREQUIRED" => Self::PrivacyRequired,
            b"READ-ONLY" => Self::ReadOnly,
            b"READ-WRITE" => Self::ReadWrite,
            b"SERVERBUG" => Self::ServerBug,
            b"TOOBIG" => Self::TooBig,
            b"TRYCREATE" => Self::TryCreate,
            b"UIDNOTSTICKY" => Self::UidNotSticky,
            b"UIDREQUIRED" => Self::UidRequired,
            b"UNAVAILABLE" => Self::Unavailable,
            b"UNKNOWN-CTE" => Self::UnknownCte,
            _ => return None,
        })
    }

    /// Whether the code is its name alone.
    #[must_use]
    pub const fn has_no_arguments(&self) -> bool {
        match self {
            Self::AppendUid { .. }
            | Self::BadCharset(_)
            | Self::BadEvent(_)
            | Self::BadUrl(_)
            | Self::Capability(_)
            | Self::CopyUid { .. }
            | Self::HighestModSeq(_)
            | Self::Modified(_)
            | Self::NoUpdate(_)
            | Self::PermanentFlags(_)
            | Self::UidNext(_)
            | Self::UidValidity(_)
            | Self::Unseen(_) => false,
            Self::Other { arguments, .. } => arguments.is_none(),
            Self::Alert
            | Self::AlreadyExists
            | Self::AuthenticationFailed
            | Self::AuthorizationFailed
            | Self::Cannot
            | Self::ClientBug
            | Self::Closed
            | Self::CompressionActive
            | Self::ContactAdmin
            | Self::Corruption
            | Self::Expired
            | Self::ExpungeIssued
            | Self::HasChildren
            | Self::InUse
            | Self::Limit
            | Self::NoModSeq
            | Self::NonExistent
            | Self::NoPerm
            | Self::NotificationOverflow
            | Self::NotSaved
            | Self::OverQuota
            | Self::Parse
            | Self::PrivacyRequired
            | Self::ReadOnly
            | Self::ReadWrite
            | Self::ServerBug
            | Self::TooBig
            | Self::TryCreate
            | Self::UidNotSticky
            | Self::UidRequired
            | Self::Unavailable
            | Self::UnknownCte => true,
        }
    }

    fn is_known(name: &[u8]) -> bool {
        let name = name.to_ascii_uppercase();
        Self::without_arguments(&name).is_some()
            || matches!(
                name.as_slice(),
                b"APPENDUID"
                    | b"BADCHARSET"
                    | b"BADEVENT"
                    | b"BADURL"
                    | b"CAPABILITY"
                    | b"COPYUID"
                    | b"HIGHESTMODSEQ"
                    | b"MODIFIED"
                    | b"NOUPDATE"
                    | b"PERMANENTFLAGS"
                    | b"UIDNEXT"
                    | b"UIDVALIDITY"
                    | b"UNSEEN"
            )
    }
}
