//! FETCH: what to fetch, and what was fetched.

use alloc::{boxed::Box, vec::Vec};
use core::num::NonZeroU32;

use crate::{
    atom::Atom,
    body::BodyStructure,
    date::InternalDate,
    envelope::Envelope,
    flag::FlagFetch,
    names::Names,
    number::{ModSeq, ModSeqOrZero, Number64, SeqNum, Uid},
    octets::detach,
    section::{Partial, RawSection, Section},
    sequence::SequenceSet,
    string::{Form, NString},
    value::{Invalid, Parameter, Value},
    vec1::Vec1,
};

/// The arguments of FETCH and UID FETCH (RFC 9051 section 6.4.5).
///
/// `C: A1 UID FETCH 4:7 (FLAGS BODY.PEEK[HEADER]) (CHANGEDSINCE 12)`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Fetch {
    /// Whether it is UID FETCH: the set holds UIDs.
    pub uid: bool,
    /// The messages.
    pub set: SequenceSet,
    /// What to fetch of each.
    pub items: FetchItems,
    /// `fetch-modifiers` (RFC 4466 section 2.4); empty where there are none.
    pub modifiers: Vec<FetchModifier>,
}

impl Fetch {
    /// FETCH of `items` of the messages in `set`, by number, without modifiers.
    ///
    /// ```
    /// use imap_types::{fetch::{Fetch, FetchAtt}, number::ModSeq, sequence::SequenceSet};
    ///
    /// let since = ModSeq::try_from(12345)?;
    /// let fetch = Fetch::new(SequenceSet::all(), FetchAtt::Flags).by_uid().changed_since(since).vanished();
    /// assert_eq!(fetch.modifiers.len(), 2);
    /// # Ok::<(), imap_types::error::ValidationError>(())
    /// ```
    pub fn new(set: impl Into<SequenceSet>, items: impl Into<FetchItems>) -> Self {
        Self { uid: false, set: set.into(), items: items.into(), modifiers: Vec::new() }
    }

    /// The same with UIDs in its set: UID FETCH.
    #[must_use]
    pub const fn by_uid(mut self) -> Self {
        self.uid = true;
        self
    }

    /// The same for messages that changed since `mod_seq` only: CHANGEDSINCE (RFC 7162 section 3.1.4.1).
    #[must_use]
    pub fn changed_since(mut self, mod_seq: ModSeq) -> Self {
        self.modifiers.push(FetchModifier::ChangedSince(mod_seq.into()));
        self
    }

    /// The same, and tell which of the messages are gone: VANISHED (RFC 7162 section 3.2.6). For UID FETCH with
    /// CHANGEDSINCE only.
    #[must_use]
    pub fn vanished(mut self) -> Self {
        self.modifiers.push(FetchModifier::Vanished);
        self
    }
}

/// `fetch-modifier`: a restriction of FETCH (RFC 4466 section 2.4).
///
/// `C: A1 UID FETCH 300:500 (FLAGS) (CHANGEDSINCE 12345 VANISHED)`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[non_exhaustive]
#[doc(alias = "fetch-modifier")]
pub enum FetchModifier {
    /// `CHANGEDSINCE`: only messages whose modification sequence is above this (RFC 7162 section 3.1.4.1).
    ///
    /// The grammar has no 0 here, but iPhone Mail sends it and means all messages. An encoder refuses it, unless
    /// it relays what was received.
    ChangedSince(
        #[cfg_attr(feature = "arbitrary", arbitrary(with = crate::arbitrary::above_zero))] ModSeqOrZero,
    ),
    /// `VANISHED`: tell also which messages are gone; in UID FETCH with CHANGEDSINCE (RFC 7162 section 3.2.6).
    Vanished,
    /// Any other. A known name stands here only where its value could not be read.
    Other(
        #[cfg_attr(feature = "arbitrary", arbitrary(with = crate::arbitrary::unknown_parameter))] Parameter,
    ),
}

/// What a FETCH asks for: a macro, one item, or a list of items (RFC 9051 section 6.4.5).
///
/// `C: A1 FETCH 1:* (UID FLAGS)`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub enum FetchItems {
    /// A macro: alone, never in a list.
    Macro(FetchMacro),
    /// One item without parentheses.
    One(FetchAtt),
    /// `"(" fetch-att *(SP fetch-att) ")"`
    List(Vec1<FetchAtt>),
}

impl From<FetchMacro> for FetchItems {
    fn from(name: FetchMacro) -> Self {
        Self::Macro(name)
    }
}

impl From<FetchAtt> for FetchItems {
    fn from(item: FetchAtt) -> Self {
        Self::One(item)
    }
}

impl From<Vec1<FetchAtt>> for FetchItems {
    fn from(items: Vec1<FetchAtt>) -> Self {
        Self::List(items)
    }
}

/// A name for several items (RFC 9051 section 6.4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub enum FetchMacro {
    /// `(FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)`
    All,
    /// `(FLAGS INTERNALDATE RFC822.SIZE)`
    Fast,
    /// `(FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY)`
    Full,
}

/// `fetch-att`: an item to fetch (RFC 9051 section 9).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[non_exhaustive]
#[doc(alias = "fetch-att")]
pub enum FetchAtt {
    /// `ENVELOPE`
    Envelope,
    /// `FLAGS`
    Flags,
    /// `INTERNALDATE`
    InternalDate,
    /// `RFC822` (IMAP4rev1)
    Rfc822,
    /// `RFC822.HEADER` (IMAP4rev1)
    Rfc822Header,
    /// `RFC822.SIZE`
    Rfc822Size,
    /// `RFC822.TEXT` (IMAP4rev1)
    Rfc822Text,
    /// `BODY`
    Body,
    /// `BODYSTRUCTURE`
    BodyStructure,
    /// `UID`
    Uid,
    /// `MODSEQ`: the modification sequence (RFC 7162 section 3.1.4.2)
    ModSeq,
    /// `BODY[..]` and `BODY.PEEK[..]`
    BodySection {
        /// Whether `\Seen` is left alone.
        peek: bool,
        /// What of the message.
        section: Section,
        /// Which bytes of it.
        partial: Option<Partial>,
    },
    /// `BINARY[..]` and `BINARY.PEEK[..]`
    Binary {
        /// Whether `\Seen` is left alone.
        peek: bool,
        /// The part; empty for the whole message.
        part: Vec<NonZeroU32>,
        /// Which bytes of it.
        partial: Option<Partial>,
    },
    /// `BINARY.SIZE[..]`
    BinarySize {
        /// The part; empty for the whole message.
        part: Vec<NonZeroU32>,
    },
    /// Any other item: of an extension that has no type here yet, or unknown.
    #[cfg_attr(feature = "arbitrary", arbitrary(skip))]
    Other {
        /// The name, such as `PREVIEW`.
        name: Atom,
        /// What stands in brackets after the name.
        section: Option<RawSection>,
        /// A list in parentheses after that, such as `(LAZY)` after `PREVIEW`.
        arguments: Option<Vec<Value>>,
    },
}

/// A FETCH response: items of one message (RFC 9051 section 7.5.2).
///
/// `S: * 23 FETCH (FLAGS (\Seen) RFC822.SIZE 44827)`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct FetchResponse {
    /// The message.
    pub seq: SeqNum,
    /// `msg-att`: its items, in the order sent.
    pub items: Vec<MsgAtt>,
}

/// A UIDFETCH response: items of one message, by its UID (RFC 9586 section 3.3). After ENABLE UIDONLY it stands
/// in the place of FETCH.
///
/// `S: * 25996 UIDFETCH (FLAGS (\Seen))`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[doc(alias = "uidfetch-resp")]
pub struct UidFetchResponse {
    /// The message.
    pub uid: Uid,
    /// `msg-att`: its items, in the order sent. UID is among them only where it was asked for.
    pub items: Vec<MsgAtt>,
}

/// `msg-att-dynamic / msg-att-static`: an item of a FETCH response (RFC 9051 section 9).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[non_exhaustive]
#[doc(alias = "msg-att")]
pub enum MsgAtt {
    /// `FLAGS (..)`
    Flags(Names<FlagFetch>),
    /// `ENVELOPE (..)`
    Envelope(Box<Envelope>),
    /// `INTERNALDATE ".."`
    InternalDate(InternalDate),
    /// `RFC822 ..` (IMAP4rev1)
    Rfc822(Payload),
    /// `RFC822.HEADER ..` (IMAP4rev1)
    Rfc822Header(Payload),
    /// `RFC822.TEXT ..` (IMAP4rev1)
    Rfc822Text(Payload),
    /// `RFC822.SIZE ..`
    Rfc822Size(Number64),
    /// `BODY (..)`: without extension data.
    Body(BodyStructure),
    /// `BODYSTRUCTURE (..)`
    BodyStructure(BodyStructure),
    /// `BODY[..]<..> ..`
    BodySection {
        /// What of the message.
        section: Box<Section>,
        /// Where the bytes begin, for a partial fetch.
        origin: Option<Number64>,
        /// The bytes.
        data: Payload,
    },
    /// `UID ..`
    Uid(Uid),
    /// `MODSEQ (..)`: the modification sequence (RFC 7162 section 3.1.4.2)
    ModSeq(ModSeq),
    /// `BINARY[..] ..`
    Binary {
        /// The part.
        part: Vec<NonZeroU32>,
        /// The decoded bytes.
        data: Payload,
    },
    /// `BINARY.SIZE[..] ..`
    BinarySize {
        /// The part.
        part: Vec<NonZeroU32>,
        /// Its size decoded, in bytes.
        size: Number64,
    },
    /// Any other item: of an extension that has no type here yet, or unknown.
    #[cfg_attr(feature = "arbitrary", arbitrary(skip))]
    Other {
        /// The name, such as `EMAILID` or `X-GM-LABELS`.
        name: Atom,
        /// What stands in brackets after the name.
        section: Option<RawSection>,
        /// The value.
        value: Value,
    },
    /// An item that cannot be read, kept raw.
    #[cfg_attr(feature = "arbitrary", arbitrary(skip))]
    Invalid(Invalid),
}

/// The bytes of a section or of a message: at hand, NIL, or streamed past this value.
///
/// `S: * 1 FETCH (BODY[] {1073741824}`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub enum Payload {
    /// NIL or a string that is at hand.
    Data(NString),
    /// A literal whose payload is not here: it goes to its owner as it arrives, and an encoder leaves a place where
    /// its owner sends it.
    #[cfg_attr(feature = "arbitrary", arbitrary(skip))]
    Streamed {
        /// Its size in bytes.
        size: Number64,
        /// Its form.
        #[cfg_attr(feature = "serde", serde(skip))]
        form: Form,
    },
}

impl Payload {
    /// A literal of `size` bytes that are sent piece by piece, without NUL. [`Form::Literal8`] in its place allows NUL.
    #[must_use]
    pub const fn streamed(size: Number64) -> Self {
        Self::Streamed { size, form: Form::Literal }
    }

    /// The bytes, where they are at hand.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Data(data) => data.as_bytes(),
            Self::Streamed { .. } => None,
        }
    }
}

detach!(struct Fetch { items, modifiers });
detach!(
    enum FetchItems {
        One(item),
        List(items),
    }
);
detach!(
    enum FetchModifier {
        Other(parameter),
    }
);
detach!(none FetchMacro);
detach!(enum FetchAtt { BodySection { section }, Other { name, section, arguments } });
detach!(struct FetchResponse { items });
detach!(struct UidFetchResponse { items });
detach!(enum MsgAtt {
    Flags(flags), Envelope(envelope), InternalDate(date), Rfc822(data), Rfc822Header(data), Rfc822Text(data),
    Body(body), BodyStructure(body), BodySection { section, data }, Binary { data }, Other { name, section, value },
    Invalid(raw),
});
detach!(
    enum Payload {
        Data(data),
    }
);
