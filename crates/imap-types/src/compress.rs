//! COMPRESS: what goes over the connection is compressed (RFC 4978).

use crate::{atom::Atom, error::ValidationError, octets::detach};

/// `algorithm`: how it is compressed (RFC 4978 section 5).
///
/// ```
/// use imap_types::compress::CompressionAlgorithm;
///
/// assert_eq!(CompressionAlgorithm::try_from("deflate")?, CompressionAlgorithm::Deflate);
/// # Ok::<(), imap_types::error::ValidationError>(())
/// ```
///
/// `C: A1 COMPRESS DEFLATE`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[non_exhaustive]
#[doc(alias = "algorithm")]
pub enum CompressionAlgorithm {
    /// `DEFLATE`: RFC 1951, without a header. The only one that is defined.
    Deflate,
    /// Any other. Section 5 says that later names fit capability names.
    Other(#[cfg_attr(feature = "arbitrary", arbitrary(with = crate::arbitrary::unknown_name))] Atom),
}

impl CompressionAlgorithm {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Deflate => "DEFLATE",
            Self::Other(name) => name.as_str(),
        }
    }
}

impl From<Atom> for CompressionAlgorithm {
    fn from(name: Atom) -> Self {
        if name == "DEFLATE" { Self::Deflate } else { Self::Other(name) }
    }
}

impl TryFrom<&str> for CompressionAlgorithm {
    type Error = ValidationError;

    fn try_from(name: &str) -> Result<Self, ValidationError> {
        Atom::try_from(name).map(Self::from)
    }
}

detach!(
    enum CompressionAlgorithm {
        Other(name),
    }
);
