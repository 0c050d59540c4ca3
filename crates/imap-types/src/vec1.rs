//! A list of at least one item.

use alloc::{vec, vec::Vec};
use core::ops::Deref;

use crate::{
    error::{ValidationError, ValidationErrorKind},
    octets::{Detach, Octets},
};

/// A list that holds at least one item, for the many rules of the form `x *(SP x)`.
///
/// ```
/// use imap_types::vec1::Vec1;
///
/// let list: Vec1<u8> = Vec1::try_from(vec![1, 2])?;
/// assert_eq!(list.first(), &1);
/// assert_eq!(list.len(), 2);
/// assert!(Vec1::<u8>::try_from(vec![]).is_err());
/// # Ok::<(), imap_types::error::ValidationError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct Vec1<T>(Vec<T>);

impl<T> Vec1<T> {
    /// A list of one item.
    #[must_use]
    pub fn new(first: T) -> Self {
        Self(vec![first])
    }

    /// A list of `first` and `rest`.
    #[must_use]
    pub fn of(first: T, rest: impl IntoIterator<Item = T>) -> Self {
        let mut items = vec![first];
        items.extend(rest);
        Self(items)
    }

    /// Adds an item at the end.
    pub fn push(&mut self, item: T) {
        self.0.push(item);
    }

    /// The first item.
    #[must_use]
    #[allow(clippy::indexing_slicing, clippy::missing_panics_doc, reason = "the list is never empty")]
    pub fn first(&self) -> &T {
        &self.0[0]
    }

    /// The items as a vector.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T> Deref for Vec1<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> TryFrom<Vec<T>> for Vec1<T> {
    type Error = ValidationError;

    fn try_from(items: Vec<T>) -> Result<Self, ValidationError> {
        if items.is_empty() {
            return Err(ValidationError::new("a list of at least one item", ValidationErrorKind::Empty, 0));
        }
        Ok(Self(items))
    }
}

impl<T> IntoIterator for Vec1<T> {
    type Item = T;
    type IntoIter = vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Vec1<T> {
    type Item = &'a T;
    type IntoIter = core::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<T> From<T> for Vec1<T> {
    fn from(first: T) -> Self {
        Self::new(first)
    }
}

impl<T: Detach> Detach for Vec1<T> {
    fn each_octets(&mut self, visit: &mut dyn FnMut(&mut Octets)) {
        self.0.each_octets(visit);
    }
}
