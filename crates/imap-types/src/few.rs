//! A list that rarely holds more than one item.

use alloc::{vec, vec::Vec};
use core::{
    fmt, hash,
    ops::{Deref, DerefMut},
};

use crate::octets::{Detach, Octets};

/// A list, possibly empty, that holds one item without allocating: for the lists of addresses, parameters
/// and flags of which a listing of a mailbox has thousands, most of them with one item.
///
/// It is used as the slice that it derefs to.
///
/// ```
/// use imap_types::few::Few;
///
/// let mut list = Few::from(1);
/// assert_eq!(*list, [1]);
/// list.push(2);
/// assert_eq!(list, Few::from(vec![1, 2]));
/// assert_eq!(list.iter().sum::<i32>(), 3);
/// ```
#[derive(Clone)]
pub struct Few<T>(Inner<T>);

#[derive(Clone)]
enum Inner<T> {
    None,
    One(T),
    Many(Vec<T>),
}

impl<T> Few<T> {
    /// No items.
    pub const EMPTY: Self = Self(Inner::None);

    /// Adds an item at the end.
    #[inline]
    pub fn push(&mut self, item: T) {
        match &mut self.0 {
            Inner::None => self.0 = Inner::One(item),
            Inner::One(_) => self.push_second(item),
            Inner::Many(items) => items.push(item),
        }
    }

    /// Adds an item at the end that `fill` makes of a default one; a first item lies in its place already. Returns what
    /// `fill` returns; whatever that is, the item stays.
    ///
    /// ```
    /// use imap_types::few::Few;
    ///
    /// let mut list = Few::EMPTY;
    /// for word in ["one", "two"] {
    ///     let len = list.push_with(|item: &mut String| {
    ///         item.push_str(word);
    ///         item.len()
    ///     });
    ///     assert_eq!(len, 3);
    /// }
    /// assert_eq!(*list, ["one", "two"]);
    /// ```
    #[inline]
    pub fn push_with<R>(&mut self, fill: impl FnOnce(&mut T) -> R) -> R
    where
        T: Default,
    {
        if self.is_empty() {
            self.0 = Inner::One(T::default());
            if let Inner::One(item) = &mut self.0 {
                return fill(item);
            }
        }
        let mut item = T::default();
        let result = fill(&mut item);
        self.push(item);
        result
    }

    fn push_second(&mut self, item: T) {
        let mut items = Vec::with_capacity(4);
        items.extend(core::mem::take(self));
        items.push(item);
        self.0 = Inner::Many(items);
    }

    /// The items as a vector.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        match self.0 {
            Inner::None => Vec::new(),
            Inner::One(item) => vec![item],
            Inner::Many(items) => items,
        }
    }
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match &self.0 {
            Inner::None => &[],
            Inner::One(item) => core::slice::from_ref(item),
            Inner::Many(items) => items,
        }
    }
}

impl<T> DerefMut for Few<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        match &mut self.0 {
            Inner::None => &mut [],
            Inner::One(item) => core::slice::from_mut(item),
            Inner::Many(items) => items,
        }
    }
}

impl<T> From<T> for Few<T> {
    #[inline]
    fn from(item: T) -> Self {
        Self(Inner::One(item))
    }
}

impl<T> From<Vec<T>> for Few<T> {
    /// The list keeps the vector, but for an empty one.
    fn from(items: Vec<T>) -> Self {
        if items.is_empty() { Self::EMPTY } else { Self(Inner::Many(items)) }
    }
}

impl<T> FromIterator<T> for Few<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut few = Self::EMPTY;
        few.extend(items);
        few
    }
}

impl<T> Extend<T> for Few<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        items.into_iter().for_each(|item| self.push(item));
    }
}

impl<T> IntoIterator for Few<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        let (one, many) = match self.0 {
            Inner::None => (None, Vec::new()),
            Inner::One(item) => (Some(item), Vec::new()),
            Inner::Many(items) => (None, items),
        };
        IntoIter(one.into_iter().chain(many))
    }
}

impl<'a, T> IntoIterator for &'a Few<T> {
    type Item = &'a T;
    type IntoIter = core::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The items of a [`Few`], by value.
#[derive(Debug)]
pub struct IntoIter<T>(core::iter::Chain<core::option::IntoIter<T>, vec::IntoIter<T>>);

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<T: PartialEq> PartialEq for Few<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for Few<T> {}

impl<T: hash::Hash> hash::Hash for Few<T> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl<T: fmt::Debug> fmt::Debug for Few<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(feature = "serde")]
impl<T: serde::Serialize> serde::Serialize for Few<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<T: Detach> Detach for Few<T> {
    fn each_octets(&mut self, visit: &mut dyn FnMut(&mut Octets)) {
        self.iter_mut().for_each(|item| item.each_octets(visit));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_same_list_however_it_was_made() {
        for items in [vec![], vec![1], vec![1, 2], vec![1, 2, 3]] {
            let pushed: Few<i32> = items.iter().copied().collect();
            assert_eq!(*pushed, *items);
            assert_eq!(pushed, Few::from(items.clone()));
            assert_eq!(pushed.clone().into_iter().collect::<Vec<_>>(), items);
            assert_eq!(pushed.into_vec(), items);
        }
    }
}
