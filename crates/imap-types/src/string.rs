//! Strings: quoted, literal, and words that may be either or an atom; NIL; human text.
//!
//! A string keeps the form it arrived in, and compares by its bytes alone: `INBOX`, `"INBOX"` and
//! `{5}` + `INBOX` are equal. An encoder uses the form again where the value and the peer allow it.

use core::fmt;

use crate::{
    chars::{self, Class},
    error::{ValidationError, ValidationErrorKind},
    octets::{Detach, Octets, Source, detach},
};

/// The form of a string on the wire (RFC 9051 section 4.3). It is no part of the value: strings in different forms
/// are equal where their bytes are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Form {
    /// Whatever suits the bytes and the peer; what a value made in Rust has.
    #[default]
    Auto,
    /// `atom`
    Atom,
    /// `"quoted"`
    Quoted,
    /// `{7}` CRLF `literal`
    Literal,
    /// `{7+}` CRLF `literal`: sent without waiting (RFC 7888).
    LiteralPlus,
    /// `~{7}` CRLF and any octets, NUL included (RFC 3516, RFC 9051).
    Literal8,
    /// `~{7+}` CRLF and any octets (RFC 4466).
    Literal8Plus,
}

impl Form {
    /// Mark 7 is NIL and belongs to [`NString`].
    pub(crate) const NIL: u8 = 7;

    pub(crate) const fn mark(self) -> u8 {
        match self {
            Self::Auto => 0,
            Self::Atom => 1,
            Self::Quoted => 2,
            Self::Literal => 3,
            Self::LiteralPlus => 4,
            Self::Literal8 => 5,
            Self::Literal8Plus => 6,
        }
    }

    pub(crate) const fn of(mark: u8) -> Self {
        match mark {
            1 => Self::Atom,
            2 => Self::Quoted,
            3 => Self::Literal,
            4 => Self::LiteralPlus,
            5 => Self::Literal8,
            6 => Self::Literal8Plus,
            _ => Self::Auto,
        }
    }

    /// Whether this is one of the four literal forms.
    #[must_use]
    pub const fn is_literal(self) -> bool {
        matches!(self, Self::Literal | Self::LiteralPlus | Self::Literal8 | Self::Literal8Plus)
    }
}

/// Defines a string type over [`Octets`] with a form and no rule for its bytes but "no NUL when made
/// from Rust": what a peer sent is kept, and an encoder refuses what it may not send.
macro_rules! string {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
        pub struct $name(Octets);

        impl $name {
            /// A string as a decoder found it, in the form it had.
            #[must_use]
            #[inline]
            pub fn received(octets: Octets, form: Form) -> Self {
                Self(octets.with_mark(form.mark()))
            }

            /// The form it arrived in, [`Form::Auto`] for a string made in Rust.
            #[must_use]
            #[inline]
            pub const fn form(&self) -> Form {
                Form::of(self.0.mark())
            }

            /// The bytes, without quotes, escapes or literal header.
            #[must_use]
            #[inline]
            pub fn as_bytes(&self) -> &[u8] {
                self.0.as_bytes()
            }

            /// The text, where the bytes are valid UTF-8.
            #[must_use]
            pub fn as_str(&self) -> Option<&str> {
                self.0.as_str()
            }

            /// The text, with U+FFFD for what is not UTF-8.
            #[must_use]
            pub fn to_string_lossy(&self) -> alloc::borrow::Cow<'_, str> {
                self.0.to_string_lossy()
            }

            /// The bytes as a shared string without a form.
            #[must_use]
            pub fn to_octets(&self) -> Octets {
                self.0.clone().with_mark(0)
            }

            /// The same, giving up this string.
            #[must_use]
            #[inline]
            pub fn into_octets(self) -> Octets {
                self.0.with_mark(0)
            }

            /// The bytes, shared or copied as by [`Octets::to_bytes`].
            #[must_use]
            pub fn to_bytes(&self) -> bytes::Bytes {
                self.0.to_bytes()
            }

            fn validate(bytes: &[u8]) -> Result<(), $crate::error::ValidationError> {
                if bytes.len() > Octets::MAX_LEN {
                    return Err($crate::error::ValidationError::new($what, $crate::error::ValidationErrorKind::TooLong, Octets::MAX_LEN));
                }
                match bytes.iter().position(|&byte| byte == 0) {
                    Some(at) => Err($crate::error::ValidationError::new($what, $crate::error::ValidationErrorKind::Character, at)),
                    None => Ok(()),
                }
            }
        }

        impl TryFrom<Octets> for $name {
            type Error = $crate::error::ValidationError;

            fn try_from(octets: Octets) -> Result<Self, $crate::error::ValidationError> {
                Self::validate(octets.as_bytes())?;
                Ok(Self(octets.with_mark(0)))
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = $crate::error::ValidationError;

            fn try_from(bytes: &[u8]) -> Result<Self, $crate::error::ValidationError> {
                Self::validate(bytes)?;
                Ok(Self(Octets::from(bytes)))
            }
        }

        impl TryFrom<&str> for $name {
            type Error = $crate::error::ValidationError;

            fn try_from(text: &str) -> Result<Self, $crate::error::ValidationError> {
                Self::try_from(text.as_bytes())
            }
        }

        impl TryFrom<alloc::string::String> for $name {
            type Error = $crate::error::ValidationError;

            fn try_from(text: alloc::string::String) -> Result<Self, $crate::error::ValidationError> {
                Self::try_from(Octets::from(text))
            }
        }

        impl TryFrom<bytes::Bytes> for $name {
            type Error = $crate::error::ValidationError;

            fn try_from(bytes: bytes::Bytes) -> Result<Self, $crate::error::ValidationError> {
                Self::try_from(Octets::from(bytes))
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                self.as_bytes()
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl core::fmt::Display for $name {
            /// The bytes in quotes, with `\` before what a quoted string escapes.
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, "\"{}\"", self.as_bytes().escape_ascii())
            }
        }

        detach!(struct $name { 0 });
    };
}

pub(crate) use string;

string! {
    /// `string = quoted / literal` (RFC 9051 section 9).
    ///
    /// ```
    /// use imap_types::string::IString;
    ///
    /// let name = IString::try_from("Terry Gray")?;
    /// assert_eq!(name.as_bytes(), b"Terry Gray");
    /// assert!(IString::try_from("a\0b").is_err());
    /// # Ok::<(), imap_types::error::ValidationError>(())
    /// ```
    #[doc(alias = "string")]
    #[doc(alias = "quoted")]
    #[doc(alias = "literal")]
    IString, "a string"
}

string! {
    /// `astring = 1*ASTRING-CHAR / string` (RFC 9051 section 9): a string that may be sent bare.
    ///
    /// `C: A1 LOGIN alice "hunter 2"`
    #[doc(alias = "astring")]
    AString, "an astring"
}

string! {
    /// `charset = atom / quoted` (RFC 9051 section 9); RFC 3501 has an astring here.
    ///
    /// `C: A1 SEARCH CHARSET UTF-8 TEXT "x"`
    Charset, "a charset name"
}

impl From<IString> for AString {
    fn from(string: IString) -> Self {
        Self(string.0)
    }
}

/// `nstring = string / nil` (RFC 9051 section 9): a string or NIL. Sixteen bytes.
///
/// ```
/// use imap_types::string::NString;
///
/// assert_eq!(NString::NIL.as_bytes(), None);
/// assert_eq!(NString::try_from("x")?.as_bytes(), Some(b"x".as_slice()));
/// assert_ne!(NString::NIL, NString::try_from("")?);
/// # Ok::<(), imap_types::error::ValidationError>(())
/// ```
#[derive(Clone)]
#[doc(alias = "nstring")]
pub struct NString(Octets);

impl NString {
    /// `NIL`
    #[doc(alias = "nil")]
    pub const NIL: Self = Self(Octets::empty_with_mark(Form::NIL));

    /// With the mark that it has.
    #[inline]
    pub(crate) const fn of(octets: Octets) -> Self {
        Self(octets)
    }

    #[inline]
    pub(crate) const fn octets(&self) -> &Octets {
        &self.0
    }

    /// With the mark.
    #[inline]
    pub(crate) fn into_octets(self) -> Octets {
        self.0
    }

    /// Whether this is NIL.
    #[must_use]
    #[inline]
    pub const fn is_nil(&self) -> bool {
        self.0.mark() == Form::NIL
    }

    /// The bytes, or `None` for NIL.
    #[must_use]
    #[inline]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        if self.is_nil() { None } else { Some(self.0.as_bytes()) }
    }

    /// The text, where there is a string and its bytes are valid UTF-8.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if self.is_nil() { None } else { self.0.as_str() }
    }

    /// The string, or `None` for NIL.
    #[must_use]
    pub fn to_string(&self) -> Option<IString> {
        if self.is_nil() { None } else { Some(IString(self.0.clone())) }
    }

    /// The bytes, shared; none for NIL.
    #[must_use]
    pub fn to_bytes(&self) -> bytes::Bytes {
        self.0.to_bytes()
    }

    /// The form it arrived in, `None` for NIL.
    #[must_use]
    pub const fn form(&self) -> Option<Form> {
        if self.is_nil() { None } else { Some(Form::of(self.0.mark())) }
    }
}

impl Default for NString {
    fn default() -> Self {
        Self::NIL
    }
}

impl From<IString> for NString {
    #[inline]
    fn from(string: IString) -> Self {
        Self(string.0)
    }
}

impl From<Option<IString>> for NString {
    fn from(string: Option<IString>) -> Self {
        string.map_or(Self::NIL, Self::from)
    }
}

impl TryFrom<&str> for NString {
    type Error = ValidationError;

    fn try_from(text: &str) -> Result<Self, ValidationError> {
        IString::try_from(text).map(Self::from)
    }
}

impl TryFrom<&[u8]> for NString {
    type Error = ValidationError;

    fn try_from(bytes: &[u8]) -> Result<Self, ValidationError> {
        IString::try_from(bytes).map(Self::from)
    }
}

impl PartialEq for NString {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for NString {}

impl PartialOrd for NString {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for NString {
    /// By bytes; NIL is below every string, the empty one included.
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.as_bytes().cmp(&other.as_bytes())
    }
}

impl core::hash::Hash for NString {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Debug for NString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_nil() { f.write_str("NIL") } else { self.0.fmt(f) }
    }
}

impl fmt::Display for NString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl Detach for NString {
    fn each_octets(&mut self, visit: &mut dyn FnMut(&mut Octets)) {
        if !self.is_nil() {
            visit(&mut self.0);
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for NString {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_nil() { serializer.serialize_none() } else { self.0.serialize(serializer) }
    }
}

/// `text = 1*TEXT-CHAR` (RFC 3501 section 9), empty text included (RFC 9051): what a server says to
/// people, to the end of the line.
///
/// RFC 9051 allows UTF-8 after `ENABLE IMAP4rev2`; this type takes any byte but NUL, CR and LF, and
/// [`Text::is_ascii`] tells. Text made in Rust neither begins with `[`, where no code stands before it,
/// nor ends like the header of a literal: the encoder sees to that.
///
/// ```
/// use imap_types::string::Text;
///
/// assert_eq!(Text::try_from("done")?.as_bytes(), b"done");
/// assert_eq!(Text::try_from("a\r\nb").unwrap_err().at, 1);
/// # Ok::<(), imap_types::error::ValidationError>(())
/// ```
///
/// `S: A1 OK LOGIN completed`
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
#[doc(alias = "text")]
pub struct Text(Octets);

impl Text {
    /// The longest text at `start` in `source`, up to the next NUL, CR or LF or the end, and its length.
    #[must_use]
    pub fn scan<S: Source + ?Sized>(source: &S, start: usize) -> Option<(Self, usize)> {
        let rest = source.bytes().get(start..)?;
        let len = rest.iter().position(|&byte| !Self::allows(byte)).unwrap_or(rest.len());
        Octets::cut(source, start..start.checked_add(len)?).map(|octets| (Self(octets), len))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The text, with U+FFFD for what is not UTF-8.
    #[must_use]
    pub fn to_string_lossy(&self) -> alloc::borrow::Cow<'_, str> {
        self.0.to_string_lossy()
    }

    /// Whether all bytes are ASCII, as IMAP4rev1 wants it.
    #[must_use]
    pub fn is_ascii(&self) -> bool {
        chars::run(Class::TEXT_CHAR, self.as_bytes()) == self.0.len()
    }

    /// Whether there is no text.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    const fn allows(byte: u8) -> bool {
        !matches!(byte, 0 | b'\r' | b'\n')
    }
}

impl TryFrom<&[u8]> for Text {
    type Error = ValidationError;

    fn try_from(bytes: &[u8]) -> Result<Self, ValidationError> {
        match bytes.iter().position(|&byte| !Self::allows(byte)) {
            Some(at) => Err(ValidationError::new("text", ValidationErrorKind::Character, at)),
            None => Ok(Self(Octets::from(bytes))),
        }
    }
}

impl TryFrom<&str> for Text {
    type Error = ValidationError;

    fn try_from(text: &str) -> Result<Self, ValidationError> {
        Self::try_from(text.as_bytes())
    }
}

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_string_lossy())
    }
}

detach!(struct Text { 0 });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_compare_by_bytes_and_keep_their_form() {
        let quoted = AString::received(Octets::from("INBOX"), Form::Quoted);
        let atom = AString::received(Octets::from("INBOX"), Form::Atom);
        assert_eq!(quoted, atom);
        assert_eq!((quoted.form(), atom.form()), (Form::Quoted, Form::Atom));
        assert_eq!(quoted.detach().form(), Form::Quoted);
    }

    #[test]
    fn nil_is_not_the_empty_string() {
        assert!(NString::NIL.is_nil());
        assert_ne!(NString::NIL, NString::from(IString::default()));
        assert!(NString::NIL.detach().is_nil());
        assert_eq!(core::mem::size_of::<NString>(), 16);
    }
}
