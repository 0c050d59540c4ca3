//! LIST and LSUB: which mailboxes there are.

use alloc::vec::Vec;

use crate::{
    atom::Atom,
    mailbox::{ListPattern, Mailbox},
    octets::detach,
    status::StatusAtt,
    string::AString,
    value::{Invalid, Parameter, Value},
    vec1::Vec1,
};

/// The arguments of LIST (RFC 9051 section 6.3.9).
///
/// `C: A1 LIST (SUBSCRIBED) "" "*" RETURN (CHILDREN)`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct List {
    /// `list-select-opts`; `None` where there is no list, which `()` is not.
    pub selection: Option<Vec<ListSelection>>,
    /// The reference name.
    pub reference: Mailbox,
    /// The pattern, or several.
    pub patterns: ListPatterns,
    /// `list-return-opts`; `None` without RETURN.
    pub returns: Option<Vec<ListReturn>>,
}

/// `mbox-or-pat = list-mailbox / patterns` (RFC 5258 section 6).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[doc(alias = "mbox-or-pat")]
pub enum ListPatterns {
    /// One pattern.
    One(ListPattern),
    /// A list of patterns in parentheses.
    Many(Vec1<ListPattern>),
}

/// `list-select-opt` (RFC 9051 section 6.3.9.1).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
#[non_exhaustive]
#[doc(alias = "list-select-opt")]
pub enum ListSelection {
    /// `SUBSCRIBED`
    Subscribed,
    /// `REMOTE`
    Remote,
    /// `RECURSIVEMATCH`: only beside an option that can stand alone.
    RecursiveMatch,
    /// Any other.
    Other(Parameter),
}

impl ListSelection {
    /// Whether this is, or may be, a `list-select-base-opt`: an option beside which RECURSIVEMATCH may
    /// stand. SUBSCRIBED is one, an unknown option may be; REMOTE and SPECIAL-USE (RFC 6154 section 6)
    /// are none.
    #[must_use]
    pub fn is_base(&self) -> bool {
        match self {
            Self::Subscribed => true,
            Self::Remote | Self::RecursiveMatch => false,
            Self::Other(option) => option.name != "SPECIAL-USE",
        }
    }
}

/// `return-option` (RFC 9051 section 6.3.9.2).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
#[non_exhaustive]
#[doc(alias = "return-option")]
pub enum ListReturn {
    /// `SUBSCRIBED`
    Subscribed,
    /// `CHILDREN`
    Children,
    /// `STATUS (..)`
    Status(Vec1<StatusAtt>),
    /// Any other.
    Other(Parameter),
}

/// `mailbox-list`: the data of LIST and LSUB responses (RFC 9051 section 7.3.1).
///
/// `S: * LIST (\HasNoChildren) "/" "Sent Items"`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[doc(alias = "mailbox-list")]
pub struct ListResponse {
    /// The attributes, in the order sent.
    pub attributes: Vec<MailboxAttribute>,
    /// The hierarchy delimiter, a 7-bit character or (RFC 9051) any; `None` for NIL: a flat name.
    pub delimiter: Option<char>,
    /// The name.
    pub mailbox: Mailbox,
    /// `mbox-list-extended`; `None` where there is no list.
    pub extended: Option<Vec<ListItem>>,
}

/// `mbx-list-flags`: a name attribute (RFC 9051 section 7.3.1). Compares without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[non_exhaustive]
#[doc(alias = "mbx-list-flags")]
pub enum MailboxAttribute {
    /// `\Noinferiors`
    NoInferiors,
    /// `\Noselect`
    NoSelect,
    /// `\Marked`
    Marked,
    /// `\Unmarked`
    Unmarked,
    /// `\NonExistent`
    NonExistent,
    /// `\HasChildren`
    HasChildren,
    /// `\HasNoChildren`
    HasNoChildren,
    /// `\Subscribed`
    Subscribed,
    /// `\Remote`
    Remote,
    /// `\All`
    All,
    /// `\Archive`
    Archive,
    /// `\Drafts`
    Drafts,
    /// `\Flagged`
    Flagged,
    /// `\Junk`
    Junk,
    /// `\Sent`
    Sent,
    /// `\Trash`
    Trash,
    /// Any other, held without its backslash.
    Other(Atom),
    /// What is no attribute.
    Invalid(Invalid),
}

/// `mbox-list-extended-item` (RFC 9051 section 9).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
#[non_exhaustive]
#[doc(alias = "mbox-list-extended-item")]
pub enum ListItem {
    /// `CHILDINFO ("SUBSCRIBED")`
    ChildInfo(Vec1<AString>),
    /// `OLDNAME (..)`
    OldName(Mailbox),
    /// Any other.
    Other {
        /// The tag.
        tag: AString,
        /// The value.
        value: Value,
    },
}

detach!(struct List { selection, reference, patterns, returns });
detach!(
    enum ListPatterns {
        One(pattern),
        Many(patterns),
    }
);
detach!(
    enum ListSelection {
        Other(parameter),
    }
);
detach!(
    enum ListReturn {
        Status(items),
        Other(parameter),
    }
);
detach!(struct ListResponse { attributes, mailbox, extended });
detach!(
    enum MailboxAttribute {
        Other(name),
        Invalid(raw),
    }
);
detach!(enum ListItem { ChildInfo(options), OldName(mailbox), Other { tag, value } });
