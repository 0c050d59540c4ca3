//! Atoms, tags and other words made of one class of characters.

use core::fmt;

use crate::{
    chars::{self, Class},
    error::{ValidationError, ValidationErrorKind},
    octets::{Octets, Source, detach},
};

/// Defines a word: at least one byte, all of one [`Class`].
macro_rules! word {
    ($(#[$doc:meta])* $name:ident, $what:literal, $class:expr, $eq:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
        pub struct $name(Octets);

        impl $name {
            /// The longest such word at `start` in `source` and its length, or `None` where there is none.
            ///
            /// This is how a decoder makes the word: what it returns has been read, byte by byte.
            #[must_use]
            #[inline]
            pub fn scan<S: Source + ?Sized>(source: &S, start: usize) -> Option<(Self, usize)> {
                let len = chars::run($class, source.bytes().get(start..)?);
                if len == 0 {
                    return None;
                }
                Octets::cut(source, start..start.checked_add(len)?).map(|octets| (Self(octets), len))
            }

            /// The bytes, all of them ASCII.
            #[must_use]
            #[inline]
            pub fn as_bytes(&self) -> &[u8] {
                self.0.as_bytes()
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                // OK because the class holds ASCII only.
                self.0.as_str().unwrap_or_default()
            }

            /// The word as a plain string of octets; shares, never copies.
            #[must_use]
            pub fn to_octets(&self) -> Octets {
                self.0.clone()
            }

            fn validate(bytes: &[u8]) -> Result<(), ValidationError> {
                let len = chars::run($class, bytes);
                if bytes.is_empty() {
                    Err(ValidationError::new($what, ValidationErrorKind::Empty, 0))
                } else if len < bytes.len() {
                    Err(ValidationError::new($what, ValidationErrorKind::Character, len))
                } else if len > Octets::MAX_LEN {
                    Err(ValidationError::new($what, ValidationErrorKind::TooLong, Octets::MAX_LEN))
                } else {
                    Ok(())
                }
            }
        }

        impl TryFrom<Octets> for $name {
            type Error = ValidationError;

            fn try_from(octets: Octets) -> Result<Self, ValidationError> {
                Self::validate(octets.as_bytes())?;
                Ok(Self(octets))
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = ValidationError;

            fn try_from(bytes: &[u8]) -> Result<Self, ValidationError> {
                Self::validate(bytes)?;
                Ok(Self(Octets::from(bytes)))
            }
        }

        impl TryFrom<&str> for $name {
            type Error = ValidationError;

            fn try_from(text: &str) -> Result<Self, ValidationError> {
                Self::try_from(text.as_bytes())
            }
        }

        impl TryFrom<alloc::string::String> for $name {
            type Error = ValidationError;

            fn try_from(text: alloc::string::String) -> Result<Self, ValidationError> {
                Self::try_from(Octets::from(text))
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                self.as_bytes()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.as_str())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        detach!(struct $name { 0 });
        word!(@$eq $name);
    };
    // Words compared as they are.
    (@exact $name:ident) => {
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        }
        impl Eq for $name {}
        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }
        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }
        impl Ord for $name {
            fn cmp(&self, other: &Self) -> core::cmp::Ordering {
                self.0.cmp(&other.0)
            }
        }
        impl core::hash::Hash for $name {
            fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
                self.0.hash(state);
            }
        }
    };
    // Words compared without regard to the case of ASCII letters.
    (@caseless $name:ident) => {
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.as_bytes().eq_ignore_ascii_case(other.as_bytes())
            }
        }
        impl Eq for $name {}
        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_bytes().eq_ignore_ascii_case(other.as_bytes())
            }
        }
        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }
        impl Ord for $name {
            fn cmp(&self, other: &Self) -> core::cmp::Ordering {
                let ours = self.as_bytes().iter().map(u8::to_ascii_lowercase);
                ours.cmp(other.as_bytes().iter().map(u8::to_ascii_lowercase))
            }
        }
        impl core::hash::Hash for $name {
            fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
                self.as_bytes().iter().for_each(|byte| state.write_u8(byte.to_ascii_lowercase()));
                state.write_u8(0xff);
            }
        }
    };
}

word! {
    /// `atom = 1*ATOM-CHAR` (RFC 9051 section 9): a name of the protocol.
    ///
    /// Compares without regard to case, as the protocol's names do.
    ///
    /// ```
    /// use imap_types::atom::Atom;
    ///
    /// assert_eq!(Atom::try_from("IMAP4rev1")?, Atom::try_from("imap4REV1")?);
    /// # Ok::<(), imap_types::error::ValidationError>(())
    /// ```
    ///
    /// `S: * CAPABILITY IMAP4rev1`
    Atom, "an atom", Class::ATOM_CHAR, caseless
}

word! {
    /// `tag = 1*<any ASTRING-CHAR except "+">` (RFC 9051 section 9): names a command, so that its
    /// completion can be told apart. Compares byte by byte.
    ///
    /// `C: A142 SELECT INBOX`
    #[doc(alias = "tag")]
    Tag, "a tag", Class::TAG_CHAR, exact
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;

    #[test]
    fn an_atom_compares_without_case_and_a_tag_with() {
        assert_eq!(Atom::try_from("inbox").ok(), Atom::try_from("INBOX").ok());
        assert_ne!(Tag::try_from("a1").ok(), Tag::try_from("A1").ok());
    }

    #[test]
    fn what_is_not_an_atom_is_refused_at_the_byte() {
        for (text, at) in [("", 0), ("a b", 1), ("abc]", 3), ("{", 0), ("é", 0), ("a\r", 1)] {
            let error = Atom::try_from(text).map_err(|error| error.at);
            assert_eq!(error, Err(at), "{text:?}");
        }
        assert!(Tag::try_from("a+").is_err());
        assert!(Tag::try_from("a]").is_ok());
    }

    #[test]
    fn scan_takes_the_longest_run() {
        let buffer = crate::octets::Buffer::new(bytes::Bytes::from_static(b"A1 NOOP"));
        let tag = Tag::scan(&buffer, 0).map(|(tag, _)| tag.to_string());
        assert_eq!(tag.as_deref(), Some("A1"));
        assert_eq!(Tag::scan(&buffer, 2), None);
        assert_eq!(Tag::scan(&buffer, 99), None);
    }
}
