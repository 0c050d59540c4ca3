//! Parts of a message: sections and partials (RFC 9051 section 6.4.5).

use alloc::vec::Vec;
use core::num::{NonZeroU32, NonZeroU64};

use crate::{number::Number64, octets::detach, string::AString, vec1::Vec1};

/// `section = "[" [section-spec] "]"`: what of a message is meant (RFC 9051 section 9).
///
/// `BODY[1.2.HEADER.FIELDS (DATE)]` has the part `[1, 2]` and the text `HeaderFields`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Section {
    /// The dotted path to a MIME part; empty for the message itself.
    pub part: Vec<NonZeroU32>,
    /// What of the part; `None` for all of it.
    pub text: Option<SectionText>,
}

/// `section-text = section-msgtext / "MIME"` (RFC 9051 section 9).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
#[doc(alias = "section-msgtext")]
pub enum SectionText {
    /// `HEADER`
    Header,
    /// `HEADER.FIELDS (..)`
    HeaderFields(Vec1<AString>),
    /// `HEADER.FIELDS.NOT (..)`
    HeaderFieldsNot(Vec1<AString>),
    /// `TEXT`
    Text,
    /// `MIME`: only after a part.
    Mime,
}

/// `partial = "<" number64 "." nz-number64 ">"`: so many bytes from an offset (RFC 9051 section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Partial {
    /// The first byte, counted from 0.
    pub offset: Number64,
    /// How many bytes at most.
    pub length: NonZeroU64,
}

detach!(struct Section { text });
detach!(
    enum SectionText {
        HeaderFields(names),
        HeaderFieldsNot(names),
    }
);
detach!(none Partial);
