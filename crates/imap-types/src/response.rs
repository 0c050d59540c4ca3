//! Responses: what a server sends (RFC 3501 section 7, RFC 9051 section 7).

use alloc::vec::Vec;
use core::fmt;

use crate::{
    atom::{Atom, Tag},
    capability::Capability,
    code::Code,
    error::ValidationError,
    esearch::EsearchResponse,
    fetch::{FetchResponse, UidFetchResponse},
    flag::Flag,
    id::Id,
    list::ListResponse,
    names::Names,
    namespace::NamespaceResponse,
    number::SeqNum,
    octets::{Octets, detach},
    search::SearchResponse,
    secret::Secret,
    sequence::UidSet,
    status::StatusData,
    string::Text,
    value::Value,
};

/// A message from a server (RFC 9051 section 7), but for the [`Greeting`].
///
/// `S: A1 OK done`, `S: * 5 EXISTS`, `S: + go ahead`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[non_exhaustive]
pub enum Response {
    /// An untagged or tagged status: OK, NO, BAD, BYE, PREAUTH.
    Status(StatusResponse),
    /// Untagged data.
    Data(Data),
    /// `+`: the client is to go on.
    Continuation(Continuation),
}

/// `response-tagged`, `resp-cond-state`, `resp-cond-bye` and `resp-cond-auth` (RFC 9051 section 9).
///
/// `S: A1 OK [READ-WRITE] SELECT completed`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct StatusResponse {
    /// The tag of the command that is complete; `None` for an untagged one.
    pub tag: Option<Tag>,
    /// What it says of it.
    pub status: Status,
    /// The response code.
    pub code: Option<Code>,
    /// The text for people; possibly empty.
    pub text: Text,
}

/// The word of a status response (RFC 9051 section 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub enum Status {
    /// `OK`
    Ok,
    /// `NO`
    No,
    /// `BAD`
    Bad,
    /// `PREAUTH`: only in a greeting.
    PreAuth,
    /// `BYE`: the connection ends.
    Bye,
}

/// The first message of a server (RFC 9051 section 7.1): an untagged OK, PREAUTH or BYE.
///
/// `greeting = "*" SP (resp-cond-auth / resp-cond-bye) CRLF`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Greeting {
    /// OK, PREAUTH or BYE.
    pub kind: GreetingKind,
    /// The response code.
    pub code: Option<Code>,
    /// The text for people; possibly empty.
    pub text: Text,
}

/// What a greeting says (RFC 9051 sections 7.1.1, 7.1.4 and 7.1.5).
///
/// `S: * PREAUTH IMAP4rev2 server logged in as Smith`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub enum GreetingKind {
    /// `OK`: log in.
    Ok,
    /// `PREAUTH`: you are logged in.
    PreAuth,
    /// `BYE`: go away.
    Bye,
}

/// Untagged data: `mailbox-data / message-data / capability-data / enable-data` (RFC 9051 section 9).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[non_exhaustive]
pub enum Data {
    /// `CAPABILITY`
    Capability(Vec<Capability>),
    /// `ENABLED`
    Enabled(Vec<Capability>),
    /// `FLAGS`
    Flags(Names<Flag>),
    /// `LIST`
    List(ListResponse),
    /// `LSUB` (IMAP4rev1)
    Lsub(ListResponse),
    /// `NAMESPACE`
    Namespace(NamespaceResponse),
    /// `STATUS`
    Status(StatusData),
    /// `SEARCH` (IMAP4rev1)
    Search(SearchResponse),
    /// `ESEARCH`
    Esearch(EsearchResponse),
    /// `ID` (RFC 2971)
    Id(Id),
    /// `n EXISTS`
    Exists(u32),
    /// `n RECENT` (IMAP4rev1)
    Recent(u32),
    /// `n EXPUNGE`
    Expunge(SeqNum),
    /// `n FETCH (..)`
    Fetch(FetchResponse),
    /// `uid UIDFETCH (..)`: in the place of FETCH after ENABLE UIDONLY (RFC 9586 section 3.3)
    UidFetch(UidFetchResponse),
    /// `VANISHED`: messages that are gone, by their UIDs, after ENABLE QRESYNC or UIDONLY (RFC 7162 section 3.2.10)
    ///
    /// `S: * VANISHED (EARLIER) 41,43:116,118`
    #[doc(alias = "expunged-resp")]
    Vanished {
        /// `(EARLIER)`: they were gone before, and no message number changes.
        earlier: bool,
        /// `known-uids`: the messages; UIDs that never were may be among them.
        uids: UidSet,
    },
    /// Data of an extension that has no type here yet, or unknown.
    Other {
        /// The number before the name.
        number: Option<u32>,
        /// The name.
        #[cfg_attr(feature = "arbitrary", arbitrary(with = crate::arbitrary::unknown_name))]
        name: Atom,
        /// What follows.
        values: Vec<Value>,
    },
}

/// `continue-req = "+" SP (resp-text / base64) CRLF` (RFC 9051 section 9).
///
/// The grammar does not tell text from base64; which it is depends on the command. Both readings are given.
///
/// A challenge may hold what is not for logs, so `Debug` and the serde form show `[redacted]` in the place of
/// a text that is base64.
///
/// `S: + idling`
#[derive(Clone)]
#[doc(alias = "continue-req")]
pub struct Continuation {
    /// The response code, where the text begins with one.
    pub code: Option<Code>,
    /// The text, or the base64 as sent.
    pub text: Text,
    /// The decoded base64, where the whole text is canonical base64 (the empty text included).
    pub challenge: Option<Secret<Octets>>,
}

detach!(
    enum Response {
        Status(status),
        Data(data),
        Continuation(continuation),
    }
);
detach!(struct StatusResponse { tag, code, text });
detach!(none Status, GreetingKind);
detach!(struct Greeting { code, text });
detach!(enum Data {
    Capability(capabilities), Enabled(capabilities), Flags(flags), List(list), Lsub(list), Namespace(namespace),
    Status(status), Esearch(esearch), Id(id), Fetch(fetch), UidFetch(fetch), Other { name, values },
});
detach!(struct Continuation { code, text, challenge });

impl StatusResponse {
    /// A status with or without a tag. `text` may be empty.
    ///
    /// ```
    /// use imap_types::{code::Code, response::{Status, StatusResponse}};
    ///
    /// let no = StatusResponse::new(Some("A1"), Status::No, "no such mailbox")?.with_code(Code::TryCreate);
    /// assert_eq!(no.code, Some(Code::TryCreate));
    /// assert!(StatusResponse::ok("A 1", "done").is_err());
    /// # Ok::<(), imap_types::error::ValidationError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where `tag` is no tag, or `text` holds CR, LF or NUL.
    pub fn new(tag: Option<&str>, status: Status, text: &str) -> Result<Self, ValidationError> {
        let tag = tag.map(Tag::try_from).transpose()?;
        Ok(Self { tag, status, code: None, text: Text::try_from(text)? })
    }

    /// `tag OK text`: the command is done.
    ///
    /// # Errors
    ///
    /// As [`StatusResponse::new`].
    pub fn ok(tag: &str, text: &str) -> Result<Self, ValidationError> {
        Self::new(Some(tag), Status::Ok, text)
    }

    /// `tag NO text`: the command failed.
    ///
    /// # Errors
    ///
    /// As [`StatusResponse::new`].
    pub fn no(tag: &str, text: &str) -> Result<Self, ValidationError> {
        Self::new(Some(tag), Status::No, text)
    }

    /// `tag BAD text`: the command was not understood.
    ///
    /// # Errors
    ///
    /// As [`StatusResponse::new`].
    pub fn bad(tag: &str, text: &str) -> Result<Self, ValidationError> {
        Self::new(Some(tag), Status::Bad, text)
    }

    /// `* status text`: about no command in particular.
    ///
    /// # Errors
    ///
    /// Where `text` holds CR, LF or NUL.
    pub fn untagged(status: Status, text: &str) -> Result<Self, ValidationError> {
        Self::new(None, status, text)
    }

    /// `* BYE text`: the connection ends.
    ///
    /// # Errors
    ///
    /// Where `text` holds CR, LF or NUL.
    pub fn bye(text: &str) -> Result<Self, ValidationError> {
        Self::untagged(Status::Bye, text)
    }

    /// The same with a response code.
    #[must_use]
    pub fn with_code(mut self, code: Code) -> Self {
        self.code = Some(code);
        self
    }
}

impl Status {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::No => "NO",
            Self::Bad => "BAD",
            Self::PreAuth => "PREAUTH",
            Self::Bye => "BYE",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Greeting {
    /// A greeting of any kind. `text` may be empty.
    ///
    /// ```
    /// use imap_types::{capability::Capability, code::Code, response::Greeting};
    ///
    /// let code = Code::Capability(vec![Capability::try_from("IMAP4rev2")?]);
    /// let greeting = Greeting::ok("ready")?.with_code(code);
    /// assert_eq!(greeting.text, "ready");
    /// # Ok::<(), imap_types::error::ValidationError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where `text` holds CR, LF or NUL.
    pub fn new(kind: GreetingKind, text: &str) -> Result<Self, ValidationError> {
        Ok(Self { kind, code: None, text: Text::try_from(text)? })
    }

    /// `* OK text`
    ///
    /// # Errors
    ///
    /// Where `text` holds CR, LF or NUL.
    pub fn ok(text: &str) -> Result<Self, ValidationError> {
        Self::new(GreetingKind::Ok, text)
    }

    /// `* PREAUTH text`
    ///
    /// # Errors
    ///
    /// Where `text` holds CR, LF or NUL.
    pub fn pre_auth(text: &str) -> Result<Self, ValidationError> {
        Self::new(GreetingKind::PreAuth, text)
    }

    /// `* BYE text`
    ///
    /// # Errors
    ///
    /// Where `text` holds CR, LF or NUL.
    pub fn bye(text: &str) -> Result<Self, ValidationError> {
        Self::new(GreetingKind::Bye, text)
    }

    /// The same with a response code.
    #[must_use]
    pub fn with_code(mut self, code: Code) -> Self {
        self.code = Some(code);
        self
    }
}

impl GreetingKind {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::PreAuth => "PREAUTH",
            Self::Bye => "BYE",
        }
    }
}

impl fmt::Display for GreetingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Data {
    /// The name on the wire, in upper case where it has a type: `LIST`, `FETCH`, `EXISTS`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Capability(_) => "CAPABILITY",
            Self::Enabled(_) => "ENABLED",
            Self::Flags(_) => "FLAGS",
            Self::List(_) => "LIST",
            Self::Lsub(_) => "LSUB",
            Self::Namespace(_) => "NAMESPACE",
            Self::Status(_) => "STATUS",
            Self::Search(_) => "SEARCH",
            Self::Esearch(_) => "ESEARCH",
            Self::Id(_) => "ID",
            Self::Exists(_) => "EXISTS",
            Self::Recent(_) => "RECENT",
            Self::Expunge(_) => "EXPUNGE",
            Self::Fetch(_) => "FETCH",
            Self::UidFetch(_) => "UIDFETCH",
            Self::Vanished { .. } => "VANISHED",
            Self::Other { name, .. } => name.as_str(),
        }
    }
}

impl Response {
    /// The name on the wire: that of the status or data, `+` for a continuation request.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Status(status) => status.status.as_str(),
            Self::Data(data) => data.name(),
            Self::Continuation(_) => "+",
        }
    }
}

impl From<StatusResponse> for Response {
    fn from(status: StatusResponse) -> Self {
        Self::Status(status)
    }
}

impl From<Data> for Response {
    fn from(data: Data) -> Self {
        Self::Data(data)
    }
}

impl From<Continuation> for Response {
    fn from(request: Continuation) -> Self {
        Self::Continuation(request)
    }
}

impl From<Greeting> for StatusResponse {
    /// The same line, read as an untagged status.
    fn from(greeting: Greeting) -> Self {
        let status = match greeting.kind {
            GreetingKind::Ok => Status::Ok,
            GreetingKind::PreAuth => Status::PreAuth,
            GreetingKind::Bye => Status::Bye,
        };
        Self { tag: None, status, code: greeting.code, text: greeting.text }
    }
}

impl TryFrom<StatusResponse> for Greeting {
    type Error = StatusResponse;

    /// The greeting that this line is, where it is an untagged OK, PREAUTH or BYE; else the line again.
    fn try_from(response: StatusResponse) -> Result<Self, StatusResponse> {
        let kind = match (&response.tag, response.status) {
            (None, Status::Ok) => GreetingKind::Ok,
            (None, Status::PreAuth) => GreetingKind::PreAuth,
            (None, Status::Bye) => GreetingKind::Bye,
            (Some(_), _) | (None, Status::No | Status::Bad) => return Err(response),
        };
        Ok(Self { kind, code: response.code, text: response.text })
    }
}

impl Continuation {
    /// `+ text`: for a literal, or IDLE.
    ///
    /// # Errors
    ///
    /// Where `text` holds CR, LF or NUL.
    pub fn text(text: &str) -> Result<Self, ValidationError> {
        Ok(Self { code: None, text: Text::try_from(text)?, challenge: None })
    }

    /// `+ base64`: a challenge of AUTHENTICATE, as bytes; the encoder writes their base64.
    ///
    /// ```
    /// use imap_types::response::Continuation;
    ///
    /// let challenge = Continuation::challenge("<1896.697170952@example.org>");
    /// assert_eq!(challenge.challenge.unwrap().expose().len(), 28);
    /// ```
    #[must_use]
    pub fn challenge(data: impl Into<Octets>) -> Self {
        Self { code: None, text: Text::default(), challenge: Some(Secret::new(data.into())) }
    }

    /// Whether this is a challenge that is not empty: then `challenge` counts, and `text` is its base64 at most.
    #[must_use]
    pub fn is_challenge(&self) -> bool {
        self.challenge.as_ref().is_some_and(|challenge| !challenge.expose().is_empty())
    }
}

impl PartialEq for Continuation {
    /// Challenges are equal where their bytes are; others where code and text are.
    fn eq(&self, other: &Self) -> bool {
        match (self.is_challenge(), other.is_challenge()) {
            (true, true) => self.challenge == other.challenge,
            (false, false) => (&self.code, &self.text) == (&other.code, &other.text),
            (true, false) | (false, true) => false,
        }
    }
}

impl Eq for Continuation {}

impl fmt::Debug for Continuation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Continuation");
        out.field("code", &self.code);
        if self.is_challenge() {
            out.field("text", &format_args!("[redacted]"));
        } else {
            out.field("text", &self.text);
        }
        out.field("challenge", &self.challenge).finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Continuation {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut out = serializer.serialize_struct("Continuation", 3)?;
        out.serialize_field("code", &self.code)?;
        if self.is_challenge() {
            out.serialize_field("text", &Secret::new(()))?;
        } else {
            out.serialize_field("text", &self.text)?;
        }
        out.serialize_field("challenge", &self.challenge)?;
        out.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s16_a_challenge_is_not_shown() {
        let secret = Continuation {
            code: None,
            text: Text::try_from("c2VjcmV0").unwrap_or_default(),
            challenge: Some(Secret::new(Octets::from("secret"))),
        };
        let shown = alloc::format!("{secret:?}");
        assert!(!shown.contains("c2VjcmV0") && !shown.contains("secret"), "{shown}");
    }
}
