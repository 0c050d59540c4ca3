//! STATUS: counts of a mailbox that is not selected (RFC 9051 sections 6.3.11 and 7.3.3).

use alloc::vec::Vec;
use core::fmt;

use crate::{
    atom::Atom,
    error::ValidationError,
    mailbox::Mailbox,
    number::{ModSeqOrZero, Number64, Uid, UidValidity},
    octets::detach,
    value::{Invalid, Value},
};

/// `status-att`: what to ask for (RFC 9051 section 9).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[non_exhaustive]
#[doc(alias = "status-att")]
pub enum StatusAtt {
    /// `MESSAGES`
    Messages,
    /// `RECENT` (IMAP4rev1)
    Recent,
    /// `UIDNEXT`
    UidNext,
    /// `UIDVALIDITY`
    UidValidity,
    /// `UNSEEN`
    Unseen,
    /// `DELETED` (IMAP4rev2)
    Deleted,
    /// `SIZE` (IMAP4rev2)
    Size,
    /// `HIGHESTMODSEQ` (RFC 7162 section 3.1.7)
    HighestModSeq,
    /// Any other.
    Other(#[cfg_attr(feature = "arbitrary", arbitrary(with = crate::arbitrary::unknown_name))] Atom),
}

/// A STATUS response (RFC 9051 section 7.3.3).
///
/// `S: * STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292)`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct StatusData {
    /// The mailbox.
    pub mailbox: Mailbox,
    /// Its items, in the order sent.
    pub items: Vec<StatusAttVal>,
}

/// `status-att-val`: an item of a STATUS response (RFC 9051 section 9).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[non_exhaustive]
#[doc(alias = "status-att-val")]
pub enum StatusAttVal {
    /// `MESSAGES`
    Messages(u32),
    /// `RECENT` (IMAP4rev1)
    Recent(u32),
    /// `UIDNEXT`
    UidNext(Uid),
    /// `UIDVALIDITY`
    UidValidity(UidValidity),
    /// `UNSEEN`
    Unseen(u32),
    /// `DELETED` (IMAP4rev2)
    Deleted(u32),
    /// `SIZE`, in bytes (IMAP4rev2)
    Size(Number64),
    /// `HIGHESTMODSEQ`: 0 where the mailbox keeps no modification sequences (RFC 7162 section 3.1.7)
    HighestModSeq(ModSeqOrZero),
    /// Any other item.
    Other {
        /// Its name.
        #[cfg_attr(feature = "arbitrary", arbitrary(with = crate::arbitrary::unknown_name))]
        name: Atom,
        /// Its value.
        #[cfg_attr(feature = "arbitrary", arbitrary(with = crate::arbitrary::extension_value))]
        value: Value,
    },
    /// An item that cannot be read.
    #[cfg_attr(feature = "arbitrary", arbitrary(skip))]
    Invalid(Invalid),
}

detach!(
    enum StatusAtt {
        Other(name),
    }
);
detach!(struct StatusData { mailbox, items });
detach!(enum StatusAttVal { Other { name, value }, Invalid(raw) });

impl StatusAtt {
    /// The name on the wire, in upper case where the item has a variant.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Messages => "MESSAGES",
            Self::Recent => "RECENT",
            Self::UidNext => "UIDNEXT",
            Self::UidValidity => "UIDVALIDITY",
            Self::Unseen => "UNSEEN",
            Self::Deleted => "DELETED",
            Self::Size => "SIZE",
            Self::HighestModSeq => "HIGHESTMODSEQ",
            Self::Other(name) => name.as_str(),
        }
    }

    /// The item of that name, in upper case, where it has a variant.
    #[must_use]
    #[inline]
    pub fn known(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"MESSAGES" => Self::Messages,
            b"RECENT" => Self::Recent,
            b"UIDNEXT" => Self::UidNext,
            b"UIDVALIDITY" => Self::UidValidity,
            b"UNSEEN" => Self::Unseen,
            b"DELETED" => Self::Deleted,
            b"SIZE" => Self::Size,
            b"HIGHESTMODSEQ" => Self::HighestModSeq,
            _ => return None,
        })
    }
}

impl TryFrom<&str> for StatusAtt {
    type Error = ValidationError;

    fn try_from(name: &str) -> Result<Self, ValidationError> {
        match Self::known(name.to_ascii_uppercase().as_bytes()) {
            Some(known) => Ok(known),
            None => Atom::try_from(name).map(Self::Other),
        }
    }
}

impl fmt::Display for StatusAtt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl StatusData {
    /// What is told of `mailbox`.
    ///
    /// ```
    /// use imap_types::{mailbox::Mailbox, status::{StatusAttVal, StatusData}};
    ///
    /// let status = StatusData::new(Mailbox::inbox(), [StatusAttVal::Messages(231)]);
    /// assert_eq!(status.messages(), Some(231));
    /// assert_eq!(status.unseen(), None);
    /// ```
    pub fn new(mailbox: Mailbox, items: impl IntoIterator<Item = StatusAttVal>) -> Self {
        Self { mailbox, items: items.into_iter().collect() }
    }

    /// The number of messages, where it is told.
    #[must_use]
    pub fn messages(&self) -> Option<u32> {
        self.find(|item| if let StatusAttVal::Messages(number) = item { Some(*number) } else { None })
    }

    /// The number of messages without `\Seen`, where it is told.
    #[must_use]
    pub fn unseen(&self) -> Option<u32> {
        self.find(|item| if let StatusAttVal::Unseen(number) = item { Some(*number) } else { None })
    }

    /// The next UID, where it is told.
    #[must_use]
    pub fn uid_next(&self) -> Option<Uid> {
        self.find(|item| if let StatusAttVal::UidNext(uid) = item { Some(*uid) } else { None })
    }

    /// The validity value of the UIDs, where it is told.
    #[must_use]
    pub fn uid_validity(&self) -> Option<UidValidity> {
        self.find(|item| if let StatusAttVal::UidValidity(value) = item { Some(*value) } else { None })
    }

    /// The size of all messages in bytes, where it is told.
    #[must_use]
    pub fn size(&self) -> Option<Number64> {
        self.find(|item| if let StatusAttVal::Size(size) = item { Some(*size) } else { None })
    }

    /// The highest modification sequence of its messages, where it is told; 0 where the mailbox keeps none.
    #[must_use]
    pub fn highest_mod_seq(&self) -> Option<ModSeqOrZero> {
        self.find(|item| if let StatusAttVal::HighestModSeq(value) = item { Some(*value) } else { None })
    }

    fn find<T>(&self, test: impl Fn(&StatusAttVal) -> Option<T>) -> Option<T> {
        self.items.iter().find_map(test)
    }
}
