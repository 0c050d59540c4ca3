//! STATUS: counts of a mailbox that is not selected (RFC 9051 sections 6.3.11 and 7.3.3).

use alloc::vec::Vec;

use crate::{
    atom::Atom,
    mailbox::Mailbox,
    number::{Number64, Uid, UidValidity},
    octets::detach,
    value::{Invalid, Value},
};

/// `status-att`: what to ask for (RFC 9051 section 9).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
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
    /// Any other.
    Other(Atom),
}

/// A STATUS response (RFC 9051 section 7.3.3).
///
/// `S: * STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292)`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct StatusData {
    /// The mailbox.
    pub mailbox: Mailbox,
    /// Its items, in the order sent.
    pub items: Vec<StatusAttVal>,
}

/// `status-att-val`: an item of a STATUS response (RFC 9051 section 9).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
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
    /// Any other item.
    Other {
        /// Its name.
        name: Atom,
        /// Its value.
        value: Value,
    },
    /// An item that cannot be read.
    Invalid(Invalid),
}

detach!(
    enum StatusAtt {
        Other(name),
    }
);
detach!(struct StatusData { mailbox, items });
detach!(enum StatusAttVal { Other { name, value }, Invalid(raw) });
