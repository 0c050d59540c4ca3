//! APPEND: putting a message into a mailbox (RFC 9051 section 6.3.12), and CATENATE: putting it together there
//! (RFC 4469).

use alloc::vec::Vec;

use bytes::Bytes;

use crate::{
    date::{DateTime, InternalDate},
    error::ValidationError,
    fetch::Payload,
    flag::Flag,
    mailbox::Mailbox,
    names::Names,
    number::Number64,
    octets::{Octets, detach},
    string::{AString, Form, IString, NString},
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
    pub flags: Option<Names<Flag>>,
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

    /// A message that the server puts together of `parts`: for servers with CATENATE.
    ///
    /// ```
    /// use imap_types::append::{AppendMessage, CatPart};
    ///
    /// let forwarded = AppendMessage::catenate([
    ///     CatPart::text("Subject: fwd\r\n\r\n"),
    ///     CatPart::url("/INBOX/;uid=20/;section=1")?,
    /// ])?;
    /// assert!(AppendMessage::catenate([]).is_err());
    /// # Ok::<(), imap_types::error::ValidationError>(())
    /// ```
    ///
    /// # Errors
    /// Where there are no parts.
    pub fn catenate(parts: impl IntoIterator<Item = CatPart>) -> Result<Self, ValidationError> {
        let parts = parts.into_iter().collect::<Vec<_>>();
        Vec1::try_from(parts).map(|parts| Self::of(AppendData::Catenate(parts)))
    }

    /// A message of `size` bytes whose bytes are sent after the command, piece by piece.
    #[must_use]
    pub fn streamed(size: Number64) -> Self {
        Self::of(AppendData::Message(Payload::streamed(size)))
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
    Message(#[cfg_attr(feature = "arbitrary", arbitrary(with = crate::arbitrary::payload_at_hand))] Payload),
    /// `CATENATE (..)`: parts that the server puts together (RFC 4469 section 3).
    Catenate(Vec1<CatPart>),
    /// `UTF8 (~{..}`: a message with UTF-8 in its header (RFC 6855 section 4; dropped by RFC 9755).
    #[doc(alias = "utf8-literal")]
    Utf8(#[cfg_attr(feature = "arbitrary", arbitrary(with = crate::arbitrary::payload_at_hand))] Payload),
    /// Any other `append-data-ext`.
    #[cfg_attr(feature = "arbitrary", arbitrary(skip))]
    Other(Parameter),
}

/// `cat-part`: a part of a message that the server puts together (RFC 4469 section 5).
///
/// `C: A1 APPEND Drafts CATENATE (URL "/Drafts/;UID=20/;section=HEADER" TEXT {42}`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[non_exhaustive]
#[doc(alias = "cat-part")]
pub enum CatPart {
    /// `URL`: what the server finds there; not looked into.
    Url(AString),
    /// `TEXT`: bytes that the client sends, at hand or streamed. A literal; literal8 is no part of the grammar.
    #[doc(alias = "text-literal")]
    Text(#[cfg_attr(feature = "arbitrary", arbitrary(with = crate::arbitrary::payload_at_hand))] Payload),
    /// `UTF8`: the same with UTF-8 in a header, as literal8 (RFC 6855 section 4).
    Utf8(#[cfg_attr(feature = "arbitrary", arbitrary(with = crate::arbitrary::payload_at_hand))] Payload),
}

impl CatPart {
    /// What `url` names.
    ///
    /// # Errors
    /// Where `url` holds NUL.
    pub fn url<U>(url: U) -> Result<Self, ValidationError>
    where
        U: TryInto<AString>,
        ValidationError: From<U::Error>,
    {
        Ok(Self::Url(url.try_into()?))
    }

    /// These bytes. They cannot be sent where one of them is NUL.
    pub fn text(text: impl Into<Bytes>) -> Self {
        let text = IString::received(Octets::from(text.into()), Form::Literal);
        Self::Text(Payload::Data(NString::from(text)))
    }

    /// `size` bytes that are sent in the middle of the command, piece by piece; without NUL.
    #[must_use]
    pub const fn streamed(size: Number64) -> Self {
        Self::Text(Payload::streamed(size))
    }
}

detach!(struct Append { mailbox, messages });
detach!(struct AppendMessage { flags, date, extensions, data });
detach!(
    enum AppendData {
        Message(data),
        Catenate(parts),
        Utf8(data),
        Other(parameter),
    }
);
detach!(
    enum CatPart {
        Url(url),
        Text(data),
        Utf8(data),
    }
);
