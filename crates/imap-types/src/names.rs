//! A list of names, most of which are known.

use alloc::{boxed::Box, vec::Vec};
use core::{fmt, hash};

use crate::{
    few::Few,
    octets::{Detach, Octets},
};

/// A name of a kind of which some are known, as flags and mailbox attributes are.
pub trait Name: Clone + PartialEq + Sized + 'static {
    /// The known ones without any content, at most 254.
    const KNOWN: &'static [Self];

    /// The place of this name in [`Name::KNOWN`]; `None` for any other.
    fn place(&self) -> Option<u8>;
}

/// A list of names in the order given: of flags, of mailbox attributes.
///
/// A known name takes a byte, so that a list of up to eight of them is sixteen bytes that need no allocation, and a
/// listing of a mailbox has thousands of such lists. Others stand aside.
///
/// ```
/// use imap_types::{flag::Flag, names::Names};
///
/// let mut flags = Names::from([Flag::Seen, Flag::try_from("$Forwarded")?]);
/// flags.push(Flag::Flagged);
/// assert!(flags.contains(&Flag::Flagged));
/// assert_eq!(flags.iter().map(ToString::to_string).collect::<Vec<_>>(), ["\\Seen", "$Forwarded", "\\Flagged"]);
/// # Ok::<(), imap_types::error::ValidationError>(())
/// ```
#[derive(Clone)]
pub struct Names<T> {
    /// The first names, a byte each, the first in the lowest: [`OTHER`], or one more than the place of a known name; 0
    /// where there are no more.
    first: u64,
    /// The names that are not known, and whatever comes after the eighth.
    others: Option<Box<Few<T>>>,
}

/// The byte for the next one of the others.
const OTHER: u8 = u8::MAX;

impl<T> Names<T> {
    /// No names.
    pub const EMPTY: Self = Self { first: 0, others: None };

    /// Whether there are none.
    #[must_use]
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.first == 0
    }

    fn others(&self) -> &[T] {
        self.others.as_deref().map_or(&[], |others| others)
    }

    /// Adds a byte, where there is room for it.
    #[inline]
    const fn push_byte(&mut self, byte: u8) -> bool {
        // OK because there are 64 bits at most, and none of the bytes before the highest is 0.
        let held = 64_u32.wrapping_sub(self.first.leading_zeros()).div_ceil(8);
        if held == 8 {
            return false;
        }
        self.first |= (byte as u64).wrapping_shl(held.wrapping_mul(8));
        true
    }

    #[cold]
    fn push_other(&mut self, name: T) {
        match &mut self.others {
            Some(others) => others.push(name),
            None => self.others = Some(Box::new(Few::from(name))),
        }
    }
}

impl<T: Name> Names<T> {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// The names in their order.
    #[must_use]
    #[inline]
    pub fn iter(&self) -> Iter<'_, T> {
        Iter { first: self.first, others: self.others().iter() }
    }

    /// Whether `name` is among them.
    #[must_use]
    pub fn contains(&self, name: &T) -> bool {
        self.iter().any(|held| held == name)
    }

    /// Adds a name at the end.
    #[inline]
    pub fn push(&mut self, name: T) {
        match name.place() {
            Some(place) => self.push_known(place),
            None => {
                self.push_byte(OTHER);
                self.push_other(name);
            }
        }
    }

    /// Adds the name at `place` in [`Name::KNOWN`]; none where there is no such place.
    #[inline]
    pub fn push_known(&mut self, place: u8) {
        if let Some(name) = T::KNOWN.get(usize::from(place))
            && !self.push_byte(place.saturating_add(1))
        {
            self.push_other(name.clone());
        }
    }
}

/// The names in a [`Names`].
#[derive(Debug)]
pub struct Iter<'a, T> {
    first: u64,
    others: core::slice::Iter<'a, T>,
}

impl<T> Clone for Iter<'_, T> {
    fn clone(&self) -> Self {
        Self { first: self.first, others: self.others.clone() }
    }
}

impl<'a, T: Name> Iterator for Iter<'a, T> {
    type Item = &'a T;

    #[inline]
    fn next(&mut self) -> Option<&'a T> {
        let [byte, ..] = self.first.to_le_bytes();
        self.first >>= 8;
        match byte {
            0 | OTHER => self.others.next(),
            place => T::KNOWN.get(usize::from(place.saturating_sub(1))),
        }
    }
}

impl<'a, T: Name> IntoIterator for &'a Names<T> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<T: Name> From<T> for Names<T> {
    fn from(name: T) -> Self {
        let mut names = Self::EMPTY;
        names.push(name);
        names
    }
}

impl<T: Name> From<Vec<T>> for Names<T> {
    fn from(names: Vec<T>) -> Self {
        names.into_iter().collect()
    }
}

impl<T: Name, const N: usize> From<[T; N]> for Names<T> {
    fn from(names: [T; N]) -> Self {
        names.into_iter().collect()
    }
}

impl<T: Name> FromIterator<T> for Names<T> {
    fn from_iter<I: IntoIterator<Item = T>>(names: I) -> Self {
        let mut all = Self::EMPTY;
        all.extend(names);
        all
    }
}

impl<T: Name> Extend<T> for Names<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, names: I) {
        names.into_iter().for_each(|name| self.push(name));
    }
}

impl<T: Name> PartialEq for Names<T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other)
    }
}

impl<T: Name + Eq> Eq for Names<T> {}

impl<T: Name, const N: usize> PartialEq<[T; N]> for Names<T> {
    fn eq(&self, other: &[T; N]) -> bool {
        self.iter().eq(other)
    }
}

impl<T: Name + hash::Hash> hash::Hash for Names<T> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.iter().for_each(|name| name.hash(state));
    }
}

impl<T: Name + fmt::Debug> fmt::Debug for Names<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

#[cfg(feature = "serde")]
impl<T: Name + serde::Serialize> serde::Serialize for Names<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}

impl<T: Detach> Detach for Names<T> {
    fn each_octets(&mut self, visit: &mut dyn FnMut(&mut Octets)) {
        if let Some(others) = &mut self.others {
            others.each_octets(visit);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::{
        atom::Atom,
        flag::{Flag, FlagFetch},
        list::MailboxAttribute,
    };

    fn keyword(number: usize) -> Flag {
        Flag::Keyword(Atom::try_from(alloc::format!("k{number}")).unwrap())
    }

    #[test]
    fn known_names_stand_where_they_say() {
        fn check<T: Name + fmt::Debug>() {
            assert!(T::KNOWN.len() < usize::from(OTHER));
            for (place, name) in T::KNOWN.iter().enumerate() {
                assert_eq!(name.place().map(usize::from), Some(place), "{name:?}");
            }
        }
        check::<Flag>();
        check::<FlagFetch>();
        check::<MailboxAttribute>();
    }

    #[test]
    fn names_keep_their_order_whatever_they_are_and_however_many() {
        for len in 0..24 {
            for mix in 1..5 {
                let names: Vec<Flag> = (0..len)
                    .map(|at| match at % mix {
                        0 => Flag::KNOWN[at % Flag::KNOWN.len()].clone(),
                        _ => keyword(at),
                    })
                    .collect();
                let listed = Names::from(names.clone());
                assert_eq!(listed.iter().cloned().collect::<Vec<_>>(), names);
                assert_eq!((listed.len(), listed.is_empty()), (len, len == 0));
                assert_eq!(listed.contains(&keyword(3)), names.contains(&keyword(3)));
            }
        }
    }

    #[test]
    fn a_list_of_names_is_sixteen_bytes() {
        assert_eq!(size_of::<Names<FlagFetch>>(), 16);
    }
}
