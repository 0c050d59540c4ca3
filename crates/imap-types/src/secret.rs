//! Values that must not appear in logs.

use core::fmt;

use crate::octets::{Detach, Octets};

/// A password or other credential: shown as `[redacted]` in every build.
///
/// There is no `Display`, and the `Debug` form never holds the value. What is shared with a read
/// buffer cannot be wiped here; an owner who must leave no copy wipes the buffer itself.
///
/// ```
/// use imap_types::secret::Secret;
///
/// let password = Secret::new("wonderland");
/// assert_eq!(format!("{password:?}"), "[redacted]");
/// assert_eq!(*password.expose(), "wonderland");
/// ```
#[derive(Clone)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Wraps `value`.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Call it where the value leaves for the wire or a password check.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value itself, by value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T: AsRef<[u8]>> PartialEq for Secret<T> {
    /// Compares in a time that depends on the lengths only.
    fn eq(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.0.as_ref(), other.0.as_ref());
        let mut difference = u8::from(ours.len() != theirs.len());
        for (a, b) in ours.iter().zip(theirs) {
            difference |= a ^ b;
        }
        difference == 0
    }
}

impl<T: AsRef<[u8]>> Eq for Secret<T> {}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<T> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Detach> Detach for Secret<T> {
    fn each_octets(&mut self, visit: &mut dyn FnMut(&mut Octets)) {
        self.0.each_octets(visit);
    }
}

#[cfg(feature = "serde")]
impl<T> serde::Serialize for Secret<T> {
    /// `{"redacted": true}`, always.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("redacted", &true)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equality_is_that_of_the_value() {
        assert_eq!(Secret::new("a"), Secret::new("a"));
        assert_ne!(Secret::new("a"), Secret::new("b"));
        assert_ne!(Secret::new("a"), Secret::new("ab"));
    }
}
