//! APPEND: putting a message into a mailbox (RFC 9051 section 6.3.12).

use alloc::vec::Vec;

use bytes::Bytes;

use crate::{
    date::{DateTime, InternalDate},
    error::ValidationError,
    fetch::Payload,
    flag::Flag,
    mailbox::Mailbox,
    number::Number64,
    octets::{Octets, detach},
    string::{Form, IString, NString},
    value::Parameter,
    vec1::Vec1,
};

/// The arguments of APPEND (RFC 4466 section 2.7).
///
/// ```
/// use imap_types::{append::{Append, AppendMessage}, flag::Flag};
///
/// let message = AppendMessage::new("Subject: hi\r\n\r\nhi").with_flags([Flag::Seen]);
/// let append = Append::new("Sent", message)?;
/// assert_eq!(append.messages.len(), 1);
/// # Ok::<(), imap_types::error::ValidationError>(())
/// ```
///
/// `C: A1 APPEND Sent (\Seen) {310}`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Append {
    /// Where to.
    pub mailbox: Mailbox,
    /// The message; several with MULTIAPPEND.
    pub messages: Vec1<AppendMessage>,
}

impl Append {
    /// APPEND of one message.
    ///
    /// # Errors
    /// Where `mailbox` is no mailbox name.
    pub fn new<M>(mailbox: M, message: AppendMessage) -> Result<Self, ValidationError>
    where
        M: TryInto<Mailbox>,
        ValidationError: From<M::Error>,
    {
        Ok(Self { mailbox: mailbox.try_into()?, messages: Vec1::new(message) })
    }
}

/// `append-message`: a message, and what the server is to keep with it (RFC 4466 section 3).
///
/// `C: A1 APPEND Sent (\Seen) " 7-Feb-1994 21:52:25 -0800" {310}`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[doc(alias = "append-message")]
pub struct AppendMessage {
    /// The flags; `None` where there is no list.
    pub flags: Option<Vec<Flag>>,
    /// The internal date; the server takes the current time where there is none.
    pub date: Option<InternalDate>,
    /// `append-ext`: further data of the message.
    pub extensions: Vec<Parameter>,
    /// The message itself.
    pub data: AppendData,
}

impl AppendMessage {
    /// A message of these bytes, without flags and date. Sent as a literal, as literal8 where it holds NUL.
    pub fn new(message: impl Into<Bytes>) -> Self {
        let message = Octets::from(message.into());
        let form = if message.as_bytes().contains(&0) { Form::Literal8 } else { Form::Literal };
        Self::of(AppendData::Message(Payload::Data(NString::from(IString::received(message, form)))))
    }

    /// A message of `size` bytes whose bytes are sent after the command, piece by piece.
    #[must_use]
    pub fn streamed(size: Number64) -> Self {
        Self::of(AppendData::Message(Payload::Streamed { size, form: Form::Literal }))
    }

    const fn of(data: AppendData) -> Self {
        Self { flags: None, date: None, extensions: Vec::new(), data }
    }

    /// The same with these flags.
    #[must_use]
    pub fn with_flags(mut self, flags: impl IntoIterator<Item = Flag>) -> Self {
        self.flags = Some(flags.into_iter().collect());
        self
    }

    /// The same with this internal date.
    #[must_use]
    pub fn with_date(mut self, date: DateTime) -> Self {
        self.date = Some(InternalDate::DateTime(date));
        self
    }
}

/// `append-data` (RFC 4466 section 3).
///
/// `C: A1 APPEND Sent CATENATE (URL "/Drafts;UID=20")`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[non_exhaustive]
#[doc(alias = "append-data")]
pub enum AppendData {
    /// A literal or literal8, at hand or streamed.
    Message(Payload),
    /// `append-data-ext`: `CATENATE (..)` (RFC 4469), `UTF8 (..)` (RFC 6855 section 4), and others.
    #[cfg_attr(feature = "arbitrary", arbitrary(skip))]
    Other(Parameter),
}

detach!(struct Append { mailbox, messages });
detach!(struct AppendMessage { flags, date, extensions, data });
detach!(
    enum AppendData {
        Message(data),
        Other(parameter),
    }
);
