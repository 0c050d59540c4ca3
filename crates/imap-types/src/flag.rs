//! Flags and keywords (RFC 3501 section 2.3.2, RFC 9051 section 2.3.2).

use core::fmt;

use crate::{atom::Atom, names::Name, octets::detach, value::Invalid};

/// `flag`: a flag that a client may set (RFC 9051 section 9). Compares without regard to case.
///
/// ```
/// use imap_types::flag::Flag;
///
/// assert_eq!(Flag::try_from("\\seen")?, Flag::Seen);
/// assert_eq!(Flag::try_from("$Forwarded")?.to_string(), "$Forwarded");
/// # Ok::<(), imap_types::error::ValidationError>(())
/// ```
///
/// `C: A1 STORE 1 +FLAGS (\Seen $Forwarded)`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[non_exhaustive]
pub enum Flag {
    /// `\Answered`
    Answered,
    /// `\Flagged`
    Flagged,
    /// `\Deleted`
    Deleted,
    /// `\Seen`
    Seen,
    /// `\Draft`
    Draft,
    /// A keyword: an atom, such as `$Junk`.
    #[doc(alias = "flag-keyword")]
    Keyword(Atom),
    /// `"\" atom`: a flag of a later revision; held without its backslash.
    #[doc(alias = "flag-extension")]
    Extension(Atom),
    /// What a server sent in a list of flags and is none.
    #[cfg_attr(feature = "arbitrary", arbitrary(skip))]
    Invalid(Invalid),
}

detach!(
    enum Flag {
        Keyword(atom),
        Extension(atom),
        Invalid(raw),
    }
);

impl Flag {
    /// The flag whose name after the backslash is `name`.
    #[must_use]
    pub fn from_backslashed(name: Atom) -> Self {
        Self::system(name.as_bytes()).unwrap_or(Self::Extension(name))
    }

    /// The system flag of that name (without backslash), in any case.
    #[must_use]
    pub fn system(name: &[u8]) -> Option<Self> {
        Some(match name.len() {
            4 if name.eq_ignore_ascii_case(b"Seen") => Self::Seen,
            5 if name.eq_ignore_ascii_case(b"Draft") => Self::Draft,
            7 if name.eq_ignore_ascii_case(b"Deleted") => Self::Deleted,
            7 if name.eq_ignore_ascii_case(b"Flagged") => Self::Flagged,
            8 if name.eq_ignore_ascii_case(b"Answered") => Self::Answered,
            _ => return None,
        })
    }
}

impl Name for Flag {
    const KNOWN: &'static [Self] = &[Self::Answered, Self::Flagged, Self::Deleted, Self::Seen, Self::Draft];

    #[inline]
    fn place(&self) -> Option<u8> {
        Some(match self {
            Self::Answered => 0,
            Self::Flagged => 1,
            Self::Deleted => 2,
            Self::Seen => 3,
            Self::Draft => 4,
            Self::Keyword(_) | Self::Extension(_) | Self::Invalid(_) => return None,
        })
    }
}

impl TryFrom<&str> for Flag {
    type Error = crate::error::ValidationError;

    /// Reads `\Seen`, `\Extension` or `keyword`; `\Recent` and `\*` are no flags that can be set.
    fn try_from(text: &str) -> Result<Self, Self::Error> {
        match text.strip_prefix('\\') {
            Some(name) if name.eq_ignore_ascii_case("Recent") => {
                Err(crate::error::ValidationError::new("a flag", crate::error::ValidationErrorKind::Range, 0))
            }
            Some(name) => Ok(Self::from_backslashed(Atom::try_from(name)?)),
            None => Ok(Self::Keyword(Atom::try_from(text)?)),
        }
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered => f.write_str("\\Answered"),
            Self::Flagged => f.write_str("\\Flagged"),
            Self::Deleted => f.write_str("\\Deleted"),
            Self::Seen => f.write_str("\\Seen"),
            Self::Draft => f.write_str("\\Draft"),
            Self::Keyword(atom) => atom.fmt(f),
            Self::Extension(atom) => write!(f, "\\{atom}"),
            Self::Invalid(invalid) => invalid.raw.as_bytes().escape_ascii().fmt(f),
        }
    }
}

/// `flag-fetch = flag / obsolete-flag-recent`: a flag in a FETCH response (RFC 9051 section 9).
///
/// `S: * 1 FETCH (FLAGS (\Seen \Recent))`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[doc(alias = "flag-fetch")]
pub enum FlagFetch {
    /// A flag.
    Flag(Flag),
    /// `\Recent`, which IMAP4rev2 has dropped.
    Recent,
}

detach!(
    enum FlagFetch {
        Flag(flag),
    }
);

impl Name for FlagFetch {
    const KNOWN: &'static [Self] = &[
        Self::Flag(Flag::Answered),
        Self::Flag(Flag::Flagged),
        Self::Flag(Flag::Deleted),
        Self::Flag(Flag::Seen),
        Self::Flag(Flag::Draft),
        Self::Recent,
    ];

    #[inline]
    fn place(&self) -> Option<u8> {
        match self {
            Self::Flag(flag) => flag.place(),
            Self::Recent => Some(5),
        }
    }
}

impl From<Flag> for FlagFetch {
    fn from(flag: Flag) -> Self {
        Self::Flag(flag)
    }
}

impl fmt::Display for FlagFetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => flag.fmt(f),
            Self::Recent => f.write_str("\\Recent"),
        }
    }
}

/// `flag-perm = flag / "\*"`: a flag in PERMANENTFLAGS (RFC 9051 section 9).
///
/// `S: * OK [PERMANENTFLAGS (\Deleted \Seen \*)] Limited`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[doc(alias = "flag-perm")]
pub enum FlagPerm {
    /// A flag.
    Flag(Flag),
    /// `\*`: clients may make new keywords.
    Any,
}

detach!(
    enum FlagPerm {
        Flag(flag),
    }
);

impl From<Flag> for FlagPerm {
    fn from(flag: Flag) -> Self {
        Self::Flag(flag)
    }
}

impl fmt::Display for FlagPerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => flag.fmt(f),
            Self::Any => f.write_str("\\*"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recent_cannot_be_set() {
        assert!(Flag::try_from("\\recent").is_err());
        assert!(Flag::try_from("\\*").is_err());
    }
}
