//! SEARCH: what to look for, and the plain result.

use alloc::{boxed::Box, vec::Vec};
use core::num::NonZeroU32;

use crate::{
    atom::Atom,
    context::PartialRange,
    date::Date,
    error::ValidationError,
    fetch::FetchAtt,
    flag::Flag,
    number::{ModSeq, ModSeqOrZero, Number64},
    octets::detach,
    sequence::SequenceSet,
    string::{AString, Charset},
    value::{Invalid, Parameter, Value},
    vec1::Vec1,
};

/// The arguments of SEARCH and UID SEARCH (RFC 9051 section 6.4.4).
///
/// `C: A1 SEARCH RETURN (MIN COUNT) CHARSET UTF-8 FLAGGED SINCE 1-Feb-1994`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
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
///
/// `C: A1 SEARCH RETURN (MIN MAX) UNSEEN`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
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
    /// `CONTEXT`: more searches like this one will follow (RFC 5267 section 4.2).
    Context,
    /// `PARTIAL`: only these of the results (RFC 9394 section 3.1, RFC 5267 section 4.4).
    Partial(PartialRange),
    /// `UPDATE`: changes of the result are told until CANCELUPDATE (RFC 5267 section 4.3); with NOTIFY also these items
    /// of new messages in it (RFC 5465 section 7).
    Update(Option<Vec1<FetchAtt>>),
    /// Any other.
    Other(
        #[cfg_attr(feature = "arbitrary", arbitrary(with = crate::arbitrary::unknown_parameter))] Parameter,
    ),
}

/// `search-key`: a test of a message (RFC 9051 section 6.4.4).
///
/// `C: A1 SEARCH FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
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
    Not(Box<Self>),
    /// `OLD` (IMAP4rev1)
    Old,
    /// `ON`
    On(Date),
    /// `OR`
    Or(Box<Self>, Box<Self>),
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
    And(Vec1<Self>),
    /// `FUZZY`: a key that may match inexactly (RFC 6203 section 3).
    Fuzzy(Box<Self>),
    /// `MODSEQ`: messages whose modification sequence is this or above (RFC 7162 section 3.1.5)
    ModSeq {
        /// The metadata item that the number is of; `None` for the message's own.
        entry: Option<Box<ModSeqEntry>>,
        /// The lowest number that matches.
        mod_seq: ModSeqOrZero,
    },
    /// A known key of an extension that has no type here yet, such as `OLDER` (RFC 5032). A key of an unknown
    /// name is an error: a server must refuse what it cannot evaluate.
    #[cfg_attr(feature = "arbitrary", arbitrary(skip))]
    Other {
        /// The name.
        name: Atom,
        /// Its arguments, as many as the extension says.
        arguments: Vec<Value>,
    },
    /// A key with a date that no calendar has, kept raw with its name.
    #[cfg_attr(feature = "arbitrary", arbitrary(skip))]
    Invalid(Invalid),
}

/// `search-modseq-ext`: which metadata item's modification sequence a key MODSEQ asks for (RFC 7162 section 3.1.5).
///
/// `C: A1 SEARCH MODSEQ "/flags/\\draft" all 620162338`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[doc(alias = "search-modseq-ext")]
pub struct ModSeqEntry {
    /// `entry-name`: the flag of which it is, `"/flags/\\draft"` for `\Draft`.
    #[doc(alias = "entry-flag-name")]
    pub flag: Flag,
    /// `entry-type-req`: whose value of it.
    pub kind: EntryType,
}

/// `entry-type-req`: whose metadata item is meant (RFC 7162 section 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[doc(alias = "entry-type-req")]
pub enum EntryType {
    /// `priv`: the user's own.
    #[cfg_attr(feature = "serde", serde(rename = "priv"))]
    Private,
    /// `shared`: that of all users.
    Shared,
    /// `all`: the higher of the two.
    All,
}

impl EntryType {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Private => "PRIV",
            Self::Shared => "SHARED",
            Self::All => "ALL",
        }
    }
}

impl Search {
    /// SEARCH for what matches all of `keys`, by message number, with the plain result.
    ///
    /// ```
    /// use imap_types::search::{Search, SearchKey, SearchReturn};
    ///
    /// let search = Search::new(SearchKey::subject("lunch")?.and(!SearchKey::Seen))
    ///     .returning([SearchReturn::Count])
    ///     .by_uid();
    /// assert_eq!(search.keys.len(), 1);
    /// # Ok::<(), imap_types::error::ValidationError>(())
    /// ```
    pub fn new(keys: impl Into<Vec1<SearchKey>>) -> Self {
        Self { uid: false, returns: None, charset: None, keys: keys.into() }
    }

    /// The same with UIDs in the result: UID SEARCH.
    #[must_use]
    pub const fn by_uid(mut self) -> Self {
        self.uid = true;
        self
    }

    /// The same with `RETURN (..)`: the result is an ESEARCH response.
    #[must_use]
    pub fn returning(mut self, options: impl IntoIterator<Item = SearchReturn>) -> Self {
        self.returns = Some(options.into_iter().collect());
        self
    }

    /// The same with `CHARSET ..`: what the bytes of the strings mean. Without it they are US-ASCII.
    #[must_use]
    pub fn in_charset(mut self, charset: Charset) -> Self {
        self.charset = Some(charset);
        self
    }
}

impl From<SearchKey> for Search {
    fn from(key: SearchKey) -> Self {
        Self::new(key)
    }
}

/// Constructors of the keys that look for a text.
macro_rules! string_keys {
    ($($(#[$doc:meta])* $name:ident $variant:ident),* $(,)?) => {
        $($(#[$doc])*
        ///
        /// # Errors
        /// Where the text is no string: it holds NUL.
        pub fn $name<S>(text: S) -> Result<Self, ValidationError>
        where
            S: TryInto<AString>,
            ValidationError: From<S::Error>,
        {
            Ok(Self::$variant(text.try_into()?))
        })*
    };
}

impl SearchKey {
    string_keys! {
        /// `BCC`: the text is in the Bcc field.
        bcc Bcc,
        /// `BODY`: the text is in the body.
        body Body,
        /// `CC`: the text is in the Cc field.
        cc Cc,
        /// `FROM`: the text is in the From field.
        from From,
        /// `SUBJECT`: the text is in the Subject field.
        subject Subject,
        /// `TEXT`: the text is in the header or the body.
        text Text,
        /// `TO`: the text is in the To field.
        to To,
    }

    /// `HEADER`: the text is in the header field `name`; the empty text is in every such field.
    ///
    /// # Errors
    /// Where one of them is no string: it holds NUL.
    pub fn header<N, S>(name: N, text: S) -> Result<Self, ValidationError>
    where
        N: TryInto<AString>,
        S: TryInto<AString>,
        ValidationError: From<N::Error> + From<S::Error>,
    {
        Ok(Self::Header(name.try_into()?, text.try_into()?))
    }

    /// `KEYWORD`: the message has the keyword.
    ///
    /// # Errors
    /// Where `name` is no atom.
    pub fn keyword<A>(name: A) -> Result<Self, ValidationError>
    where
        A: TryInto<Atom>,
        ValidationError: From<A::Error>,
    {
        Ok(Self::Keyword(name.try_into()?))
    }

    /// `UID`: the message's UID is in the set.
    ///
    /// # Errors
    /// Where `set` is no set.
    pub fn uid<S>(set: S) -> Result<Self, ValidationError>
    where
        S: TryInto<SequenceSet>,
        ValidationError: From<S::Error>,
    {
        Ok(Self::Uid(set.try_into()?))
    }

    /// `MODSEQ`: the message's modification sequence is `mod_seq` or above (RFC 7162 section 3.1.5).
    ///
    /// ```
    /// use imap_types::{number::ModSeq, search::SearchKey};
    ///
    /// let key = SearchKey::mod_seq(ModSeq::try_from(620_162_338)?);
    /// assert!(matches!(key, SearchKey::ModSeq { entry: None, .. }));
    /// # Ok::<(), imap_types::error::ValidationError>(())
    /// ```
    pub fn mod_seq(mod_seq: impl Into<ModSeqOrZero>) -> Self {
        Self::ModSeq { entry: None, mod_seq: mod_seq.into() }
    }

    /// Both keys: `(this other)`.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        if let Self::And(mut keys) = self {
            keys.push(other);
            return Self::And(keys);
        }
        Self::And(Vec1::of(self, [other]))
    }

    /// One of the keys: `OR this other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self::Or(Box::new(self), Box::new(other))
    }
}

impl core::ops::Not for SearchKey {
    type Output = Self;

    /// `NOT this`
    fn not(self) -> Self {
        Self::Not(Box::new(self))
    }
}

/// A SEARCH response (RFC 3501 section 7.2.5); IMAP4rev2 has ESEARCH instead.
///
/// `S: * SEARCH 2 84 882`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct SearchResponse {
    /// Message numbers or UIDs, in the order sent.
    pub numbers: Vec<NonZeroU32>,
    /// The highest modification sequence of them (RFC 7162 section 3.1.6).
    pub mod_seq: Option<ModSeq>,
}

detach!(struct Search { returns, charset, keys });
detach!(
    enum SearchReturn {
        Update(items),
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
        Fuzzy(key),
        ModSeq { entry },
        Other { name, arguments },
        Invalid(raw),
    }
);
detach!(struct ModSeqEntry { flag });
detach!(none EntryType, SearchResponse);
