//! LIST and LSUB: which mailboxes there are.

use alloc::vec::Vec;
use core::fmt;

use crate::{
    atom::Atom,
    error::{ValidationError, ValidationErrorKind},
    mailbox::{ListPattern, Mailbox},
    names::{Name, Names},
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
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
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
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
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
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
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
    Other(
        #[cfg_attr(feature = "arbitrary", arbitrary(with = crate::arbitrary::unknown_parameter))] Parameter,
    ),
}

impl List {
    /// `LIST reference pattern`, without options.
    ///
    /// ```
    /// use imap_types::{list::{List, ListReturn, ListSelection}, status::StatusAtt, vec1::Vec1};
    ///
    /// let mut list = List::new("", "*")?;
    /// list.selection = Some(vec![ListSelection::Subscribed]);
    /// list.returns = Some(vec![ListReturn::Status(Vec1::new(StatusAtt::Messages))]);
    /// # Ok::<(), imap_types::error::ValidationError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where one of the names holds NUL.
    pub fn new(reference: &str, pattern: &str) -> Result<Self, ValidationError> {
        Ok(Self {
            selection: None,
            reference: Mailbox::try_from(reference)?,
            patterns: ListPatterns::One(ListPattern::try_from(pattern)?),
            returns: None,
        })
    }
}

impl ListPatterns {
    /// The patterns, however they are written.
    #[must_use]
    pub fn as_slice(&self) -> &[ListPattern] {
        match self {
            Self::One(pattern) => core::slice::from_ref(pattern),
            Self::Many(patterns) => patterns,
        }
    }

    /// Whether one of the patterns matches; see [`ListPattern::matches`].
    #[must_use]
    pub fn matches(&self, name: &[u8], delimiter: Option<char>) -> bool {
        self.as_slice().iter().any(|pattern| pattern.matches(name, delimiter))
    }
}

impl ListResponse {
    /// A mailbox without attributes.
    ///
    /// ```
    /// use imap_types::{list::{ListResponse, MailboxAttribute}, mailbox::Mailbox};
    ///
    /// let mut entry = ListResponse::new(Mailbox::try_from("Drafts")?, Some('/'));
    /// entry.attributes.push(MailboxAttribute::Drafts);
    /// assert!(entry.has(&MailboxAttribute::Drafts));
    /// # Ok::<(), imap_types::error::ValidationError>(())
    /// ```
    #[must_use]
    pub const fn new(mailbox: Mailbox, delimiter: Option<char>) -> Self {
        Self { attributes: Names::EMPTY, delimiter, mailbox, extended: None }
    }

    /// Whether the mailbox has `attribute`.
    #[must_use]
    pub fn has(&self, attribute: &MailboxAttribute) -> bool {
        self.attributes.contains(attribute)
    }
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
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
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
    Other(
        #[cfg_attr(feature = "arbitrary", arbitrary(with = crate::arbitrary::unknown_parameter))] Parameter,
    ),
}

/// `mailbox-list`: the data of LIST and LSUB responses (RFC 9051 section 7.3.1).
///
/// `S: * LIST (\HasNoChildren) "/" "Sent Items"`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[doc(alias = "mailbox-list")]
pub struct ListResponse {
    /// The attributes, in the order sent.
    pub attributes: Names<MailboxAttribute>,
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
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
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
    /// `\NoAccess`: NOTIFY names the mailbox, and a right for what it asks is missing (RFC 5465 section 3.1).
    NoAccess,
    /// Any other, held without its backslash.
    Other(#[cfg_attr(feature = "arbitrary", arbitrary(with = crate::arbitrary::unknown_name))] Atom),
    /// What is no attribute.
    #[cfg_attr(feature = "arbitrary", arbitrary(skip))]
    Invalid(Invalid),
}

impl Name for MailboxAttribute {
    const KNOWN: &'static [Self] = &[
        Self::NoInferiors,
        Self::NoSelect,
        Self::Marked,
        Self::Unmarked,
        Self::NonExistent,
        Self::HasChildren,
        Self::HasNoChildren,
        Self::Subscribed,
        Self::Remote,
        Self::All,
        Self::Archive,
        Self::Drafts,
        Self::Flagged,
        Self::Junk,
        Self::Sent,
        Self::Trash,
        Self::NoAccess,
    ];

    #[inline]
    fn place(&self) -> Option<u8> {
        Some(match self {
            Self::NoInferiors => 0,
            Self::NoSelect => 1,
            Self::Marked => 2,
            Self::Unmarked => 3,
            Self::NonExistent => 4,
            Self::HasChildren => 5,
            Self::HasNoChildren => 6,
            Self::Subscribed => 7,
            Self::Remote => 8,
            Self::All => 9,
            Self::Archive => 10,
            Self::Drafts => 11,
            Self::Flagged => 12,
            Self::Junk => 13,
            Self::Sent => 14,
            Self::Trash => 15,
            Self::NoAccess => 16,
            Self::Other(_) | Self::Invalid(_) => return None,
        })
    }
}

impl MailboxAttribute {
    /// The attribute of that name (without backslash, in any case), where it is one that has a variant.
    #[must_use]
    pub fn known(name: &[u8]) -> Option<Self> {
        Some(match (name.len(), name.first()?.to_ascii_lowercase()) {
            (3, _) if name.eq_ignore_ascii_case(b"All") => Self::All,
            (4, _) if name.eq_ignore_ascii_case(b"Junk") => Self::Junk,
            (4, _) if name.eq_ignore_ascii_case(b"Sent") => Self::Sent,
            (5, _) if name.eq_ignore_ascii_case(b"Trash") => Self::Trash,
            (6, b'm') if name.eq_ignore_ascii_case(b"Marked") => Self::Marked,
            (6, b'r') if name.eq_ignore_ascii_case(b"Remote") => Self::Remote,
            (6, b'd') if name.eq_ignore_ascii_case(b"Drafts") => Self::Drafts,
            (7, b'a') if name.eq_ignore_ascii_case(b"Archive") => Self::Archive,
            (7, b'f') if name.eq_ignore_ascii_case(b"Flagged") => Self::Flagged,
            (8, b'n') if name.eq_ignore_ascii_case(b"Noselect") => Self::NoSelect,
            (8, b'n') if name.eq_ignore_ascii_case(b"NoAccess") => Self::NoAccess,
            (8, b'u') if name.eq_ignore_ascii_case(b"Unmarked") => Self::Unmarked,
            (10, _) if name.eq_ignore_ascii_case(b"Subscribed") => Self::Subscribed,
            (11, b'h') if name.eq_ignore_ascii_case(b"HasChildren") => Self::HasChildren,
            (11, b'n') if name.eq_ignore_ascii_case(b"Noinferiors") => Self::NoInferiors,
            (11, b'n') if name.eq_ignore_ascii_case(b"NonExistent") => Self::NonExistent,
            (13, _) if name.eq_ignore_ascii_case(b"HasNoChildren") => Self::HasNoChildren,
            _ => return None,
        })
    }

    /// The attribute of that name, given without its backslash.
    #[must_use]
    pub fn from_backslashed(name: Atom) -> Self {
        Self::known(name.as_bytes()).unwrap_or(Self::Other(name))
    }

    /// The name without its backslash, spelled as in RFC 9051; `None` for what is no attribute.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        Some(match self {
            Self::NoInferiors => "Noinferiors",
            Self::NoSelect => "Noselect",
            Self::Marked => "Marked",
            Self::Unmarked => "Unmarked",
            Self::NonExistent => "NonExistent",
            Self::HasChildren => "HasChildren",
            Self::HasNoChildren => "HasNoChildren",
            Self::Subscribed => "Subscribed",
            Self::Remote => "Remote",
            Self::All => "All",
            Self::Archive => "Archive",
            Self::Drafts => "Drafts",
            Self::Flagged => "Flagged",
            Self::Junk => "Junk",
            Self::Sent => "Sent",
            Self::Trash => "Trash",
            Self::NoAccess => "NoAccess",
            Self::Other(name) => name.as_str(),
            Self::Invalid(_) => return None,
        })
    }
}

impl TryFrom<&str> for MailboxAttribute {
    type Error = ValidationError;

    /// Reads `\\Name`.
    fn try_from(text: &str) -> Result<Self, ValidationError> {
        match text.strip_prefix('\\') {
            Some(name) => Ok(Self::from_backslashed(Atom::try_from(name)?)),
            None => Err(ValidationError::new("a mailbox attribute", ValidationErrorKind::Shape, 0)),
        }
    }
}

impl fmt::Display for MailboxAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Invalid(invalid) = self {
            return invalid.raw.as_bytes().escape_ascii().fmt(f);
        }
        write!(f, "\\{}", self.name().unwrap_or_default())
    }
}

/// `mbox-list-extended-item` (RFC 9051 section 9).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
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
        #[cfg_attr(feature = "arbitrary", arbitrary(with = crate::arbitrary::unknown_word))]
        tag: AString,
        /// The value.
        #[cfg_attr(feature = "arbitrary", arbitrary(with = crate::arbitrary::extension_value))]
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
