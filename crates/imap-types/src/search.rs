//! SEARCH: what to look for, and the plain result.

use alloc::{boxed::Box, vec::Vec};
use core::num::NonZeroU32;

use crate::{
    atom::Atom,
    date::Date,
    number::{ModSeq, Number64},
    octets::detach,
    sequence::SequenceSet,
    string::{AString, Charset},
    value::Parameter,
    vec1::Vec1,
};

/// The arguments of SEARCH and UID SEARCH (RFC 9051 section 6.4.4).
///
/// `C: A1 SEARCH RETURN (MIN COUNT) CHARSET UTF-8 FLAGGED SINCE 1-Feb-1994`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Search {
    /// Whether it is UID SEARCH: the result holds UIDs.
    pub uid: bool,
    /// `search-return-opts`; `None` without RETURN, an empty list for `RETURN ()`.
    pub returns: Option<Vec<SearchReturn>>,
    /// The charset of the strings.
    pub charset: Option<Charset>,
    /// The keys, all of which must match.
    pub keys: Vec1<SearchKey>,
}

/// `search-return-opt`: what the result is to tell (RFC 9051 section 6.4.4).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
#[non_exhaustive]
#[doc(alias = "search-return-opt")]
pub enum SearchReturn {
    /// `MIN`
    Min,
    /// `MAX`
    Max,
    /// `ALL`
    All,
    /// `COUNT`
    Count,
    /// `SAVE`
    Save,
    /// Any other.
    Other(Parameter),
}

/// `search-key`: a test of a message (RFC 9051 section 6.4.4).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
#[doc(alias = "search-key")]
pub enum SearchKey {
    /// `ALL`
    All,
    /// `ANSWERED`
    Answered,
    /// `BCC`
    Bcc(AString),
    /// `BEFORE`
    Before(Date),
    /// `BODY`
    Body(AString),
    /// `CC`
    Cc(AString),
    /// `DELETED`
    Deleted,
    /// `DRAFT`
    Draft,
    /// `FLAGGED`
    Flagged,
    /// `FROM`
    From(AString),
    /// `HEADER`: field name and string
    Header(AString, AString),
    /// `KEYWORD`
    Keyword(Atom),
    /// `LARGER`: bytes
    Larger(Number64),
    /// `NEW` (IMAP4rev1)
    New,
    /// `NOT`
    Not(Box<SearchKey>),
    /// `OLD` (IMAP4rev1)
    Old,
    /// `ON`
    On(Date),
    /// `OR`
    Or(Box<SearchKey>, Box<SearchKey>),
    /// `RECENT` (IMAP4rev1)
    Recent,
    /// `SEEN`
    Seen,
    /// `SENTBEFORE`
    SentBefore(Date),
    /// `SENTON`
    SentOn(Date),
    /// `SENTSINCE`
    SentSince(Date),
    /// `SINCE`
    Since(Date),
    /// `SMALLER`: bytes
    Smaller(Number64),
    /// `SUBJECT`
    Subject(AString),
    /// `TEXT`
    Text(AString),
    /// `TO`
    To(AString),
    /// `UID`
    Uid(SequenceSet),
    /// `UNANSWERED`
    Unanswered,
    /// `UNDELETED`
    Undeleted,
    /// `UNDRAFT`
    Undraft,
    /// `UNFLAGGED`
    Unflagged,
    /// `UNKEYWORD`
    Unkeyword(Atom),
    /// `UNSEEN`
    Unseen,
    /// A set of message numbers.
    Set(SequenceSet),
    /// `"(" search-key *(SP search-key) ")"`: all of them.
    And(Vec1<SearchKey>),
}

/// A SEARCH response (RFC 3501 section 7.2.5); IMAP4rev2 has ESEARCH instead.
///
/// `S: * SEARCH 2 84 882`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SearchResponse {
    /// Message numbers or UIDs, in the order sent.
    pub numbers: Vec<NonZeroU32>,
    /// The highest modification sequence of them (RFC 7162 section 3.1.6).
    pub mod_seq: Option<ModSeq>,
}

detach!(struct Search { returns, charset, keys });
detach!(
    enum SearchReturn {
        Other(parameter),
    }
);
detach!(
    enum SearchKey {
        Bcc(s),
        Body(s),
        Cc(s),
        From(s),
        Header(n, s),
        Keyword(k),
        Not(key),
        Or(a, b),
        Subject(s),
        Text(s),
        To(s),
        Unkeyword(k),
        And(keys),
    }
);
detach!(none SearchResponse);
