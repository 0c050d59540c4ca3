//! What is not known, and what cannot be read: kept, beside what is.

use alloc::{boxed::Box, vec::Vec};

use crate::{
    atom::Atom,
    octets::{Octets, Source, detach},
    string::IString,
};

/// A value of a shape that the grammar leaves open: an argument of an unknown command, the data of an
/// unknown item, an extension's parameter.
///
/// `tagged-ext-val`, `option-value` and `body-extension` (RFC 9051 section 9) all fit this tree.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub enum Value {
    /// A run of bytes without space, parenthesis or quote: an atom, a number, a sequence set, NIL.
    Bare(Bare),
    /// A quoted string or a literal.
    String(IString),
    /// A list in parentheses, possibly empty.
    List(Vec<Self>),
    /// What is none of these, kept as it came: the rest of unknown data that fits no tree.
    #[cfg_attr(feature = "arbitrary", arbitrary(skip))]
    Invalid(Invalid),
}

detach!(
    enum Value {
        Bare(bare),
        String(string),
        List(items),
        Invalid(raw),
    }
);

impl Value {
    /// The bare word, where this is one.
    #[must_use]
    pub const fn as_bare(&self) -> Option<&Bare> {
        match self {
            Self::Bare(bare) => Some(bare),
            Self::String(_) | Self::List(_) | Self::Invalid(_) => None,
        }
    }

    /// The bytes of a bare word or a string.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bare(bare) => Some(bare.as_bytes()),
            Self::String(string) => Some(string.as_bytes()),
            Self::List(_) | Self::Invalid(_) => None,
        }
    }

    /// The items, where this is a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            Self::Bare(_) | Self::String(_) | Self::Invalid(_) => None,
        }
    }
}

/// A bare word of a [`Value`]: at least one byte, none of them a control, a space, `(`, `)`, `"`, `{`
/// or above 0x7e.
///
/// Wider than an atom: `1:*`, `\Seen`, `%`, `[x]` and `BODY[TEXT]` are bare words too, and so is a section with
/// its list of fields, `BODY[HEADER.FIELDS (DATE FROM)]`.
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct Bare(Octets);

impl Bare {
    /// Whether a bare word may hold `byte`.
    #[must_use]
    #[inline]
    pub const fn allows(byte: u8) -> bool {
        matches!(byte, 0x21..=0x7e) && !matches!(byte, b'(' | b')' | b'"' | b'{')
    }

    /// The longest bare word at `start` in `source`, and its length.
    #[must_use]
    pub fn scan<S: Source + ?Sized>(source: &S, start: usize) -> Option<(Self, usize)> {
        let len = Self::run(source.bytes().get(start..)?);
        if len == 0 {
            return None;
        }
        Octets::cut(source, start..start.checked_add(len)?).map(|octets| (Self(octets), len))
    }

    /// The length of the longest bare word at the start of `bytes`; 0 where there is none.
    fn run(bytes: &[u8]) -> usize {
        let plain = |from: usize| {
            let rest = bytes.get(from..).unwrap_or_default();
            from.saturating_add(rest.iter().position(|&byte| !Self::allows(byte)).unwrap_or(rest.len()))
        };
        let end = plain(0);
        match Self::fields(bytes, end) {
            Some(after) => plain(after),
            None => end,
        }
    }

    /// Where ` (DATE FROM)]` at `at` ends, if that is what is there, and a bracket is open before it.
    fn fields(bytes: &[u8], at: usize) -> Option<usize> {
        let (before, after) = bytes.split_at_checked(at)?;
        let open = before.iter().rposition(|&byte| matches!(byte, b'[' | b']'))?;
        let list = after.strip_prefix(b" (")?;
        let len = list.iter().position(|&byte| byte != b' ' && !Self::allows(byte))?;
        let closed = list.get(len..)?.starts_with(b")]");
        (closed && len > 0 && before.get(open) == Some(&b'['))
            .then(|| at.saturating_add(len).saturating_add(4))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // OK because all its bytes are ASCII.
        self.0.as_str().unwrap_or_default()
    }
}

impl core::fmt::Debug for Bare {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Bare({})", self.as_str())
    }
}

impl TryFrom<Octets> for Bare {
    type Error = crate::error::ValidationError;

    fn try_from(octets: Octets) -> Result<Self, Self::Error> {
        use crate::error::{ValidationError, ValidationErrorKind};
        if octets.is_empty() {
            return Err(ValidationError::new("a bare word", ValidationErrorKind::Empty, 0));
        }
        match Self::run(octets.as_bytes()) {
            len if len == octets.len() => Ok(Self(octets)),
            at => Err(ValidationError::new("a bare word", ValidationErrorKind::Character, at)),
        }
    }
}

impl TryFrom<&str> for Bare {
    type Error = crate::error::ValidationError;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        Self::try_from(Octets::from(text))
    }
}

impl From<Atom> for Bare {
    fn from(atom: Atom) -> Self {
        Self(atom.to_octets())
    }
}

detach!(struct Bare { 0 });

/// A part that could not be read, kept as it came so that its good neighbours are not lost.
///
/// It encodes to the same bytes where the encoder is told to relay invalid parts, and is refused
/// elsewhere. Equality is that of the bytes. It is used as the [`InvalidPart`] that it derefs to, and
/// is a pointer in size: it is rare, and what may hold it in its place is not.
///
/// ```
/// use imap_types::value::Invalid;
///
/// let invalid = Invalid::new("BODYSTRUCTURE NIL", "body", 14);
/// assert_eq!((invalid.raw.as_bytes(), invalid.rule, invalid.at), (&b"BODYSTRUCTURE NIL"[..], "body", 14));
/// ```
///
/// `S: * 1 FETCH (UID 7 BODYSTRUCTURE NIL)`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct Invalid(Box<InvalidPart>);

/// What an [`Invalid`] holds.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct InvalidPart {
    /// The bytes of the part, its literals included.
    pub raw: Octets,
    /// The grammar rule that did not fit.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub rule: &'static str,
    /// Where it did not fit, in bytes from the start of `raw`.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub at: u32,
}

impl Invalid {
    /// The part `raw`, which `rule` of the grammar did not fit at its byte `at`.
    #[must_use]
    #[cold]
    pub fn new(raw: impl Into<Octets>, rule: &'static str, at: u32) -> Self {
        Self(Box::new(InvalidPart { raw: raw.into(), rule, at }))
    }
}

impl core::ops::Deref for Invalid {
    type Target = InvalidPart;

    fn deref(&self) -> &InvalidPart {
        &self.0
    }
}

impl PartialEq for InvalidPart {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl Eq for InvalidPart {}

impl core::hash::Hash for InvalidPart {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.raw.hash(state);
    }
}

detach!(struct InvalidPart { raw });
detach!(struct Invalid { 0 });

/// A named parameter of a form that extensions share: `SELECT x (CONDSTORE)`, `FETCH .. (CHANGEDSINCE 5)`.
///
/// `select-param`, `create-param`, `fetch-modifier`, `store-modifier`, ... (RFC 4466 section 3).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Parameter {
    /// Its name.
    pub name: Atom,
    /// Its value, where it has one.
    pub value: Option<Value>,
}

detach!(struct Parameter { name, value });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_with_its_fields_is_one_word() {
        for word in
            ["BODY[HEADER.FIELDS (DATE FROM)]", "BODY.PEEK[1.HEADER.FIELDS.NOT (X)]<0.5>", "a[b", "[]"]
        {
            assert!(Bare::try_from(word).is_ok(), "{word}");
        }
        for word in ["BODY[HEADER.FIELDS ()]", "a (b)]", "a[b c]", "a[] (b)]", "a[b (c]", "a[b (c) ]"] {
            assert!(Bare::try_from(word).is_err(), "{word}");
        }
    }
}
