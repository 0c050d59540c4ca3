//! ID: what client and server are (RFC 2971).

use alloc::vec::Vec;

use crate::{
    error::{ValidationError, ValidationErrorKind},
    octets::detach,
    string::{IString, NString},
};

/// `id-params-list`: what one side says of itself, in the command and in the response (RFC 2971 section 3).
///
/// `None` is NIL: nothing is said. It is for people to read; nothing else may depend on it (section 3).
///
/// ```
/// use imap_types::id::Id;
///
/// let id = Id::new([("name", Some("Cyrus")), ("os", None)])?;
/// assert_eq!(id.get("NAME"), Some(b"Cyrus".as_slice()));
/// assert!(Id::new([("name", Some("a")), ("Name", Some("b"))]).is_err());
/// # Ok::<(), imap_types::error::ValidationError>(())
/// ```
///
/// `S: * ID ("name" "Cyrus" "version" "1.5" "os" NIL)`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[doc(alias = "id-params-list")]
pub struct Id(pub Option<Vec<IdField>>);

/// A field of [`Id`] and its value.
///
/// `C: A1 ID ("vendor" NIL)`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct IdField {
    /// The name, such as `name`, `version`, `os`, `vendor`, `support-url` (RFC 2971 section 3.3); in any case.
    pub field: IString,
    /// What it is; NIL where that is not told.
    pub value: NString,
}

impl Id {
    /// NIL.
    pub const NIL: Self = Self(None);

    /// The most fields that may be sent (RFC 2971 section 3.3).
    pub const MAX_FIELDS: usize = 30;

    /// The longest name of a field in bytes (RFC 2971 section 3.3).
    pub const MAX_FIELD: usize = 30;

    /// The longest value in bytes (RFC 2971 section 3.3).
    pub const MAX_VALUE: usize = 1024;

    /// What may be sent by RFC 2971 section 3.3. A peer may say more than that; it is read nevertheless.
    ///
    /// # Errors
    /// Where there are more than 30 fields, one is named twice, a name is longer than 30 bytes, a value longer than
    /// 1,024, or a string holds NUL.
    pub fn new<F, V>(fields: impl IntoIterator<Item = (F, Option<V>)>) -> Result<Self, ValidationError>
    where
        F: TryInto<IString>,
        V: TryInto<IString>,
        ValidationError: From<F::Error> + From<V::Error>,
    {
        const FIELD: &str = "a field of ID";
        let too_long = |what, most| ValidationError::new(what, ValidationErrorKind::TooLong, most);
        let mut id = Self(Some(Vec::new()));
        for (field, value) in fields {
            let field: IString = field.try_into()?;
            let value = NString::from(value.map(V::try_into).transpose()?);
            if field.as_bytes().len() > Self::MAX_FIELD {
                return Err(too_long(FIELD, Self::MAX_FIELD));
            }
            if value.as_bytes().is_some_and(|value| value.len() > Self::MAX_VALUE) {
                return Err(too_long("a value of ID", Self::MAX_VALUE));
            }
            if id.find(field.as_bytes()).is_some() {
                return Err(ValidationError::new(FIELD, ValidationErrorKind::Repeated, 0));
            }
            let all = id.0.get_or_insert_default();
            if all.len() >= Self::MAX_FIELDS {
                return Err(too_long("the list of ID", Self::MAX_FIELDS));
            }
            all.push(IdField { field, value });
        }
        Ok(id)
    }

    /// The fields in the order sent; none for NIL.
    #[must_use]
    pub fn fields(&self) -> &[IdField] {
        self.0.as_deref().unwrap_or_default()
    }

    /// The value of the first field of that name, in any case; `None` where it is not there or NIL.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&[u8]> {
        self.find(field.as_bytes())?.value.as_bytes()
    }

    fn find(&self, name: &[u8]) -> Option<&IdField> {
        self.fields().iter().find(|field| field.field.as_bytes().eq_ignore_ascii_case(name))
    }
}

detach!(struct Id { 0 });
detach!(struct IdField { field, value });

#[cfg(test)]
mod tests {
    use std::string::String;

    use super::*;

    #[test]
    fn what_may_not_be_sent_cannot_be_made() {
        let long = "x".repeat(1024);
        assert!(Id::new([("name", Some(long.as_str()))]).is_ok());
        assert!(Id::new([("name", Some("x".repeat(1025)))]).is_err());
        assert!(Id::new([("x".repeat(31), Some("y"))]).is_err());
        let many = |n: u32| Id::new((0..n).map(|i| (std::format!("f{i}"), None::<String>)));
        assert!(many(30).is_ok());
        assert!(many(31).is_err());
        assert!(Id::new([("a", Some("\0"))]).is_err());
    }

    #[test]
    fn a_field_is_found_in_any_case() -> Result<(), ValidationError> {
        let id = Id::new([("os", None), ("Support-URL", Some("x"))])?;
        assert_eq!(id.get("support-url"), Some(b"x".as_slice()));
        assert_eq!(id.get("os"), None);
        assert_eq!(Id::NIL.get("os"), None);
        assert_ne!(Id::NIL, Id(Some(Vec::new())));
        Ok(())
    }
}
