//! BODY and BODYSTRUCTURE: the MIME tree of a message (RFC 9051 section 7.5.2).

use alloc::{boxed::Box, vec::Vec};

use crate::{
    envelope::Envelope,
    few::Few,
    number::Number64,
    octets::detach,
    string::{IString, NString},
    value::{Invalid, Value},
    vec1::Vec1,
};

/// `body = "(" (body-type-1part / body-type-mpart) ")"` (RFC 9051 section 9).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[doc(alias = "body")]
pub enum BodyStructure {
    /// `body-type-1part`
    Single(Box<SinglePart>),
    /// `body-type-mpart`
    Multi(Box<MultiPart>),
    /// A part that cannot be read, or is nested too deep; kept raw.
    #[cfg_attr(feature = "arbitrary", arbitrary(skip))]
    Invalid(Box<Invalid>),
}

impl BodyStructure {
    /// The media type and subtype as sent, `MULTIPART` for several parts; `None` for a part that cannot be
    /// read. Compare without regard to case.
    #[must_use]
    pub fn media_type(&self) -> Option<(&[u8], &[u8])> {
        match self {
            Self::Single(part) => Some((part.media_type.as_bytes(), part.media_subtype.as_bytes())),
            Self::Multi(part) => Some((b"MULTIPART", part.media_subtype.as_bytes())),
            Self::Invalid(_) => None,
        }
    }

    /// The parts of a multipart; none for other kinds.
    #[must_use]
    pub fn parts(&self) -> &[Self] {
        match self {
            Self::Multi(part) => &part.parts,
            Self::Single(_) | Self::Invalid(_) => &[],
        }
    }

    /// Whether there is extension data, here or in a part: BODYSTRUCTURE has it, BODY must not (RFC 9051 section 7.5.2).
    #[must_use]
    pub fn is_extended(&self) -> bool {
        match self {
            Self::Single(part) => {
                let inner = matches!(&part.kind, PartKind::Message { body, .. } if body.is_extended());
                part.extension.is_some() || inner
            }
            Self::Multi(part) => part.extension.is_some() || part.parts.iter().any(Self::is_extended),
            Self::Invalid(_) => false,
        }
    }
}

/// `body-type-1part = (body-type-basic / body-type-msg / body-type-text) [SP body-ext-1part]` (RFC 9051 section 9).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[doc(alias = "body-type-1part")]
pub struct SinglePart {
    /// The media type, such as `TEXT`. Compare without regard to case.
    pub media_type: IString,
    /// The media subtype, such as `PLAIN`.
    pub media_subtype: IString,
    /// `body-fields`
    pub fields: BodyFields,
    /// What TEXT and MESSAGE parts have besides.
    pub kind: PartKind,
    /// The extension data, as far as the server gave it. Never in BODY, only in BODYSTRUCTURE.
    pub extension: Option<SingleExtension>,
}

/// `body-fields` (RFC 9051 section 9).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct BodyFields {
    /// `body-fld-param`: names and values; NIL is an empty list.
    pub parameters: Few<(IString, IString)>,
    /// `body-fld-id`: Content-ID
    pub id: NString,
    /// `body-fld-desc`: Content-Description
    pub description: NString,
    /// `body-fld-enc`: Content-Transfer-Encoding
    pub encoding: IString,
    /// `body-fld-octets`: the size in its encoding, in bytes.
    pub octets: Number64,
}

/// What of a single part depends on its media type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub enum PartKind {
    /// `body-type-basic`
    #[default]
    Basic,
    /// `body-type-text`
    Text {
        /// The size in lines.
        lines: Number64,
    },
    /// `body-type-msg`: a MESSAGE/RFC822 or MESSAGE/GLOBAL part.
    Message {
        /// The envelope of the enclosed message.
        envelope: Box<Envelope>,
        /// Its body structure.
        body: BodyStructure,
        /// Its size in lines.
        lines: Number64,
    },
}

/// `body-ext-1part`: each field is there only if the one before is (RFC 9051 section 9).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[doc(alias = "body-ext-1part")]
pub struct SingleExtension {
    /// `body-fld-md5`
    pub md5: NString,
    /// What follows.
    pub tail: Option<ExtensionTail>,
}

/// `body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart]` (RFC 9051 section 9).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[doc(alias = "body-type-mpart")]
pub struct MultiPart {
    /// The parts.
    pub parts: Vec1<BodyStructure>,
    /// The media subtype, such as `MIXED`.
    pub media_subtype: IString,
    /// The extension data, as far as the server gave it.
    pub extension: Option<MultiExtension>,
}

/// `body-ext-mpart` (RFC 9051 section 9).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[doc(alias = "body-ext-mpart")]
pub struct MultiExtension {
    /// `body-fld-param`: names and values; NIL is an empty list.
    pub parameters: Few<(IString, IString)>,
    /// What follows.
    pub tail: Option<ExtensionTail>,
}

/// `body-fld-dsp [SP body-fld-lang [SP body-fld-loc *(SP body-extension)]]`, the end of both extensions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct ExtensionTail {
    /// `body-fld-dsp`: Content-Disposition and its parameters; `None` for NIL.
    pub disposition: Option<(IString, Few<(IString, IString)>)>,
    /// `body-fld-lang`, where given.
    pub language: Option<Language>,
    /// `body-fld-loc`, where given.
    pub location: Option<NString>,
    /// `body-extension` fields: for future expansion.
    pub further: Vec<Value>,
}

/// `body-fld-lang = nstring / "(" string *(SP string) ")"` (RFC 9051 section 9).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[doc(alias = "body-fld-lang")]
pub enum Language {
    /// NIL or one language.
    One(NString),
    /// A list of languages.
    List(Vec1<IString>),
}

detach!(
    enum BodyStructure {
        Single(part),
        Multi(part),
        Invalid(raw),
    }
);
detach!(struct SinglePart { media_type, media_subtype, fields, kind, extension });
detach!(struct BodyFields { parameters, id, description, encoding });
detach!(enum PartKind { Message { envelope, body } });
detach!(struct SingleExtension { md5, tail });
detach!(struct MultiPart { parts, media_subtype, extension });
detach!(struct MultiExtension { parameters, tail });
detach!(struct ExtensionTail { disposition, language, location, further });
detach!(
    enum Language {
        One(language),
        List(languages),
    }
);
