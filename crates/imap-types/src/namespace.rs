//! NAMESPACE: where a user's mailboxes are (RFC 9051 section 7.3.2).

use alloc::vec::Vec;

use crate::{error::ValidationError, octets::detach, string::IString, vec1::Vec1};

/// `namespace-response` (RFC 9051 section 9): a list of each kind, empty for NIL.
///
/// `S: * NAMESPACE (("" "/")) (("~" "/")) NIL`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[doc(alias = "namespace-response")]
pub struct NamespaceResponse {
    /// The user's own.
    pub personal: Vec<Namespace>,
    /// Those of other users.
    pub other_users: Vec<Namespace>,
    /// Those shared by several.
    pub shared: Vec<Namespace>,
}

/// `namespace-descr` (RFC 9051 section 9).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[doc(alias = "namespace-descr")]
pub struct Namespace {
    /// What the names begin with.
    pub prefix: IString,
    /// The hierarchy delimiter; `None` for NIL.
    pub delimiter: Option<char>,
    /// `namespace-response-extensions`: names and values.
    pub extensions: Vec<(IString, Vec1<IString>)>,
}

detach!(struct NamespaceResponse { personal, other_users, shared });
detach!(struct Namespace { prefix, extensions });

impl Namespace {
    /// A namespace without extensions.
    ///
    /// ```
    /// use imap_types::namespace::{Namespace, NamespaceResponse};
    ///
    /// let data = NamespaceResponse { personal: vec![Namespace::new("", Some('/'))?], ..Default::default() };
    /// assert_eq!(data.personal[0].prefix, "");
    /// # Ok::<(), imap_types::error::ValidationError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where `prefix` holds NUL.
    pub fn new(prefix: &str, delimiter: Option<char>) -> Result<Self, ValidationError> {
        Ok(Self { prefix: IString::try_from(prefix)?, delimiter, extensions: Vec::new() })
    }

    /// Whether `name` lies in this namespace.
    #[must_use]
    pub fn holds(&self, name: &[u8]) -> bool {
        name.starts_with(self.prefix.as_bytes())
    }
}
