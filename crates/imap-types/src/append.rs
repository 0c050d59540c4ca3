//! APPEND: putting a message into a mailbox (RFC 9051 section 6.3.12).

use alloc::vec::Vec;

use crate::{
    date::DateTime, fetch::Payload, flag::Flag, mailbox::Mailbox, octets::detach, value::Parameter,
    vec1::Vec1,
};

/// The arguments of APPEND (RFC 4466 section 2.7).
///
/// `C: A1 APPEND Sent (\Seen) {310}`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Append {
    /// Where to.
    pub mailbox: Mailbox,
    /// The message; several with MULTIAPPEND.
    pub messages: Vec1<AppendMessage>,
}

/// `append-message` (RFC 4466 section 3).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[doc(alias = "append-message")]
pub struct AppendMessage {
    /// The flags; `None` where there is no list.
    pub flags: Option<Vec<Flag>>,
    /// The internal date.
    pub date: Option<DateTime>,
    /// `append-ext`: further data of the message.
    pub extensions: Vec<Parameter>,
    /// The message itself.
    pub data: AppendData,
}

/// `append-data` (RFC 4466 section 3).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[non_exhaustive]
#[doc(alias = "append-data")]
pub enum AppendData {
    /// A literal or literal8, at hand or streamed.
    Message(Payload),
    /// `append-data-ext`: such as CATENATE.
    Other(Parameter),
}

detach!(struct Append { mailbox, messages });
detach!(struct AppendMessage { flags, extensions, data });
detach!(
    enum AppendData {
        Message(data),
        Other(parameter),
    }
);
