//! Parts of a message: sections and partials (RFC 9051 section 6.4.5).

use alloc::vec::Vec;
use core::num::{NonZeroU32, NonZeroU64};

use crate::{
    error::{ValidationError, ValidationErrorKind},
    number::Number64,
    octets::{Octets, detach},
    string::AString,
    vec1::Vec1,
};

/// `section = "[" [section-spec] "]"`: what of a message is meant (RFC 9051 section 9).
///
/// `BODY[1.2.HEADER.FIELDS (DATE)]` has the part `[1, 2]` and the text `HeaderFields`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Section {
    /// The dotted path to a MIME part; empty for the message itself.
    pub part: Vec<NonZeroU32>,
    /// What of the part; `None` for all of it.
    pub text: Option<SectionText>,
}

impl Section {
    /// `[]`: the whole message.
    pub const ALL: Self = Self { part: Vec::new(), text: None };

    /// `[HEADER]`: the header of the message.
    ///
    /// `C: A1 FETCH 1 BODY.PEEK[HEADER]`
    #[must_use]
    pub const fn header() -> Self {
        Self { part: Vec::new(), text: Some(SectionText::Header) }
    }

    /// `[TEXT]`: the message without its header.
    #[must_use]
    pub const fn text() -> Self {
        Self { part: Vec::new(), text: Some(SectionText::Text) }
    }

    /// `[HEADER.FIELDS (..)]`: the fields of these names.
    #[must_use]
    pub const fn header_fields(names: Vec1<AString>) -> Self {
        Self { part: Vec::new(), text: Some(SectionText::HeaderFields(names)) }
    }

    /// `[1.2]`: the MIME part at that path.
    ///
    /// ```
    /// use imap_types::section::{Section, SectionText};
    ///
    /// let mime = Section { text: Some(SectionText::Mime), ..Section::part(&[1, 2])? };
    /// assert_eq!(mime.part.len(), 2);
    /// assert!(Section::part(&[1, 0]).is_err());
    /// # Ok::<(), imap_types::error::ValidationError>(())
    /// ```
    ///
    /// # Errors
    /// `Range` for a number that is 0, `Empty` for none at all.
    pub fn part(path: &[u32]) -> Result<Self, ValidationError> {
        const WHAT: &str = "the path to a part";
        if path.is_empty() {
            return Err(ValidationError::new(WHAT, ValidationErrorKind::Empty, 0));
        }
        let part: Option<Vec<NonZeroU32>> = path.iter().map(|&number| NonZeroU32::new(number)).collect();
        let part = part.ok_or(ValidationError::new(WHAT, ValidationErrorKind::Range, 0))?;
        Ok(Self { part, text: None })
    }
}

/// `section-text = section-msgtext / "MIME"` (RFC 9051 section 9).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
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
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Partial {
    /// The first byte, counted from 0.
    pub offset: Number64,
    /// How many bytes at most.
    #[cfg_attr(feature = "arbitrary", arbitrary(with = crate::arbitrary::nz_number64))]
    pub length: NonZeroU64,
}

/// What stands in brackets after the name of an item that has no type here, without the brackets.
///
/// Printable ASCII and spaces, but none of `]`, `"`, `\\` and `{`; possibly empty.
///
/// `S: * 1 FETCH (BODYPARTSTRUCTURE[1.2] (..))` has `1.2`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct RawSection(Octets);

impl RawSection {
    /// Whether such a section may hold `byte`.
    #[must_use]
    pub const fn allows(byte: u8) -> bool {
        matches!(byte, 0x20..=0x7e) && !matches!(byte, b']' | b'"' | b'\\' | b'{')
    }

    /// The bytes between the brackets.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The text between the brackets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // OK because all its bytes are ASCII.
        self.0.as_str().unwrap_or_default()
    }
}

impl TryFrom<Octets> for RawSection {
    type Error = ValidationError;

    fn try_from(octets: Octets) -> Result<Self, ValidationError> {
        match octets.as_bytes().iter().position(|&byte| !Self::allows(byte)) {
            Some(at) => Err(ValidationError::new("a section", ValidationErrorKind::Character, at)),
            None => Ok(Self(octets)),
        }
    }
}

impl TryFrom<&str> for RawSection {
    type Error = ValidationError;

    fn try_from(text: &str) -> Result<Self, ValidationError> {
        Self::try_from(Octets::from(text))
    }
}

detach!(struct Section { text });
detach!(struct RawSection { 0 });
detach!(
    enum SectionText {
        HeaderFields(names),
        HeaderFieldsNot(names),
    }
);
detach!(none Partial);
