//! Responses: what a server sends (RFC 3501 section 7, RFC 9051 section 7).

use alloc::vec::Vec;

use crate::{
    atom::{Atom, Tag},
    capability::Capability,
    code::Code,
    esearch::EsearchResponse,
    fetch::FetchResponse,
    flag::Flag,
    list::ListResponse,
    namespace::NamespaceResponse,
    number::SeqNum,
    octets::{Octets, detach},
    search::SearchResponse,
    secret::Secret,
    status::StatusData,
    string::Text,
    value::Value,
};

/// A message from a server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
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
pub struct Greeting {
    /// OK, PREAUTH or BYE.
    pub kind: GreetingKind,
    /// The response code.
    pub code: Option<Code>,
    /// The text for people; possibly empty.
    pub text: Text,
}

/// What a greeting says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
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
#[non_exhaustive]
pub enum Data {
    /// `CAPABILITY`
    Capability(Vec<Capability>),
    /// `ENABLED`
    Enabled(Vec<Capability>),
    /// `FLAGS`
    Flags(Vec<Flag>),
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
    /// `n EXISTS`
    Exists(u32),
    /// `n RECENT` (IMAP4rev1)
    Recent(u32),
    /// `n EXPUNGE`
    Expunge(SeqNum),
    /// `n FETCH (..)`
    Fetch(FetchResponse),
    /// Data of an extension that has no type here yet, or unknown.
    Other {
        /// The number before the name.
        number: Option<u32>,
        /// The name.
        name: Atom,
        /// What follows.
        values: Vec<Value>,
    },
}

/// `continue-req = "+" SP (resp-text / base64) CRLF` (RFC 9051 section 9).
///
/// The grammar does not tell text from base64; which it is depends on the command. Both readings are given.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
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
    Status(status), Esearch(esearch), Fetch(fetch), Other { name, values },
});
detach!(struct Continuation { code, text, challenge });
