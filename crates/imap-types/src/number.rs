//! Numbers: each kind is a type of its own, so that one cannot be given for another.

use core::{
    fmt,
    num::{NonZeroU32, NonZeroU64},
};

use crate::{
    error::{ValidationError, ValidationErrorKind},
    octets::detach,
};

macro_rules! nz_number {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
        #[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
        pub struct $name(pub NonZeroU32);

        impl $name {
            /// The plain number.
            #[must_use]
            pub const fn get(self) -> u32 {
                self.0.get()
            }
        }

        impl From<NonZeroU32> for $name {
            fn from(number: NonZeroU32) -> Self {
                Self(number)
            }
        }

        impl TryFrom<u32> for $name {
            type Error = ValidationError;

            fn try_from(number: u32) -> Result<Self, ValidationError> {
                NonZeroU32::new(number)
                    .map(Self)
                    .ok_or(ValidationError::new($what, ValidationErrorKind::Range, 0))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        detach!(none $name);
    };
}

nz_number! {
    /// A message's unique identifier: 1 to 4,294,967,295 (`uniqueid`, RFC 9051 sections 2.3.1.1 and 9).
    ///
    /// `S: * 1 FETCH (UID 4827313)`
    #[doc(alias = "uniqueid")]
    Uid, "a UID"
}

nz_number! {
    /// A message's number in the mailbox: 1 to 4,294,967,295 (RFC 9051 section 2.3.1.2).
    ///
    /// `S: * 23 EXPUNGE`
    SeqNum, "a message number"
}

nz_number! {
    /// The validity value of a mailbox's UIDs: 1 to 4,294,967,295 (RFC 9051 section 2.3.1.1).
    ///
    /// `S: * OK [UIDVALIDITY 3857529045] UIDs valid`
    UidValidity, "a UIDVALIDITY value"
}

/// A modification sequence: 1 to 2^63 - 1 (`mod-sequence-value`, RFC 7162 section 7).
///
/// `S: * OK [HIGHESTMODSEQ 715194045007] ok`
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct ModSeq(NonZeroU64);

impl ModSeq {
    /// The plain number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0.get()
    }
}

impl TryFrom<u64> for ModSeq {
    type Error = ValidationError;

    fn try_from(number: u64) -> Result<Self, ValidationError> {
        match NonZeroU64::new(number) {
            Some(value) if number <= Number64::MAX.get() => Ok(Self(value)),
            _ => Err(ValidationError::new("a modification sequence", ValidationErrorKind::Range, 0)),
        }
    }
}

impl fmt::Display for ModSeq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A modification sequence, or 0: 0 to 2^63 - 1 (`mod-sequence-valzer`, RFC 7162 section 7).
///
/// No message has 0. What it means is said by what holds it: in UNCHANGEDSINCE that nothing passes, in
/// HIGHESTMODSEQ of STATUS that the mailbox keeps no modification sequences.
///
/// ```
/// use imap_types::number::{ModSeq, ModSeqOrZero};
///
/// let highest = ModSeqOrZero::try_from(7_011_231_777)?;
/// assert_eq!(highest.mod_seq(), Some(ModSeq::try_from(7_011_231_777)?));
/// assert_eq!(ModSeqOrZero::ZERO.mod_seq(), None);
/// # Ok::<(), imap_types::error::ValidationError>(())
/// ```
///
/// `S: * STATUS blurdybloop (HIGHESTMODSEQ 0)`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[doc(alias = "mod-sequence-valzer")]
pub struct ModSeqOrZero(Number64);

impl ModSeqOrZero {
    /// 0
    pub const ZERO: Self = Self(Number64(0));

    /// The plain number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0.get()
    }

    /// The modification sequence; `None` for 0.
    #[must_use]
    pub fn mod_seq(self) -> Option<ModSeq> {
        NonZeroU64::new(self.get()).map(ModSeq)
    }
}

impl From<ModSeq> for ModSeqOrZero {
    fn from(number: ModSeq) -> Self {
        // OK because both have 63 bits.
        Self(Number64(number.get()))
    }
}

impl TryFrom<u64> for ModSeqOrZero {
    type Error = ValidationError;

    fn try_from(number: u64) -> Result<Self, ValidationError> {
        match Number64::try_from(number) {
            Ok(number) => Ok(Self(number)),
            Err(_) => Err(ValidationError::new("a modification sequence", ValidationErrorKind::Range, 0)),
        }
    }
}

impl fmt::Display for ModSeqOrZero {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// `number64`: an unsigned 63-bit number, for sizes and offsets (RFC 9051 section 9).
///
/// `S: * 1 FETCH (RFC822.SIZE 44827)`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
#[doc(alias = "number64")]
pub struct Number64(u64);

impl Number64 {
    /// 2^63 - 1
    pub const MAX: Self = Self(i64::MAX.unsigned_abs());

    /// The plain number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl From<u32> for Number64 {
    fn from(number: u32) -> Self {
        Self(u64::from(number))
    }
}

impl TryFrom<u64> for Number64 {
    type Error = ValidationError;

    fn try_from(number: u64) -> Result<Self, ValidationError> {
        if number > Self::MAX.0 {
            return Err(ValidationError::new("a 63-bit number", ValidationErrorKind::Range, 0));
        }
        Ok(Self(number))
    }
}

impl fmt::Display for Number64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

detach!(none ModSeq, ModSeqOrZero, Number64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_kept() {
        assert!(Uid::try_from(0).is_err());
        assert!(ModSeq::try_from(0).is_err());
        assert!(ModSeq::try_from(1 << 63).is_err());
        assert!(ModSeqOrZero::try_from(1 << 63).is_err());
        assert_eq!(ModSeqOrZero::try_from(0), Ok(ModSeqOrZero::ZERO));
        assert!(Number64::try_from(1_u64 << 63).is_err());
        assert_eq!(Number64::try_from((1_u64 << 63).wrapping_sub(1)).ok(), Some(Number64::MAX));
    }
}
