//! STORE: changing flags (RFC 9051 section 6.4.6).

use alloc::vec::Vec;

use crate::{
    atom::Atom,
    flag::Flag,
    names::Names,
    number::ModSeqOrZero,
    octets::detach,
    sequence::SequenceSet,
    value::{Parameter, Value},
};

/// The arguments of STORE and UID STORE.
///
/// ```
/// use imap_types::{
///     flag::Flag,
///     sequence::SequenceSet,
///     store::{Store, StoreMode},
/// };
///
/// let store = Store::new(SequenceSet::try_from(2..=4)?, StoreMode::Add, [Flag::Deleted]).silent();
/// assert!(store.flags().is_some_and(|flags| *flags == [Flag::Deleted]));
/// # Ok::<(), imap_types::error::ValidationError>(())
/// ```
///
/// `C: A1 STORE 2:4 +FLAGS.SILENT (\Deleted)`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Store {
    /// Whether it is UID STORE: the set holds UIDs.
    pub uid: bool,
    /// The messages.
    pub set: SequenceSet,
    /// `store-modifiers` (RFC 4466 section 2.5); empty where there are none.
    pub modifiers: Vec<StoreModifier>,
    /// What to change.
    pub item: StoreItem,
}

impl Store {
    /// STORE of `flags`, by message number and told back.
    pub fn new(set: impl Into<SequenceSet>, mode: StoreMode, flags: impl IntoIterator<Item = Flag>) -> Self {
        Self {
            uid: false,
            set: set.into(),
            modifiers: Vec::new(),
            item: StoreItem::Flags { mode, silent: false, flags: flags.into_iter().collect() },
        }
    }

    /// The same with UIDs in its set: UID STORE.
    #[must_use]
    pub const fn by_uid(mut self) -> Self {
        self.uid = true;
        self
    }

    /// The same with `.SILENT`: the server need not tell the new flags.
    #[must_use]
    pub fn silent(mut self) -> Self {
        if let StoreItem::Flags { silent, .. } = &mut self.item {
            *silent = true;
        }
        self
    }

    /// The same for messages that have not changed since `mod_seq` only: UNCHANGEDSINCE (RFC 7162 section 3.1.3).
    #[must_use]
    pub fn unchanged_since(mut self, mod_seq: impl Into<ModSeqOrZero>) -> Self {
        self.modifiers.push(StoreModifier::UnchangedSince(mod_seq.into()));
        self
    }

    /// The flags; `None` where something else is changed.
    #[must_use]
    pub fn flags(&self) -> Option<&Names<Flag>> {
        match &self.item {
            StoreItem::Flags { flags, .. } => Some(flags),
            StoreItem::Other { .. } => None,
        }
    }
}

/// `store-modifier`: a condition of STORE (RFC 4466 section 2.5).
///
/// `C: A1 UID STORE 6,4,8 (UNCHANGEDSINCE 12121230045) +FLAGS.SILENT (\Deleted)`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[non_exhaustive]
#[doc(alias = "store-modifier")]
pub enum StoreModifier {
    /// `UNCHANGEDSINCE`: only messages whose modification sequence is not above this; 0 is below any that
    /// exists (RFC 7162 section 3.1.3). A STORE has it at most once.
    UnchangedSince(ModSeqOrZero),
    /// Any other. A known name stands here only where its value could not be read.
    Other(
        #[cfg_attr(feature = "arbitrary", arbitrary(with = crate::arbitrary::unknown_parameter))] Parameter,
    ),
}

/// What STORE changes: `store-att-flags`, or an item of an extension (RFC 9051 section 9).
///
/// `C: A1 STORE 1 +FLAGS.SILENT (\Deleted)`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[non_exhaustive]
#[doc(alias = "store-att-flags")]
pub enum StoreItem {
    /// `FLAGS`
    Flags {
        /// Add, remove or replace.
        mode: StoreMode,
        /// `.SILENT`: the new flags need not be told.
        silent: bool,
        /// The flags, in parentheses or not; possibly none.
        flags: Names<Flag>,
    },
    /// A known item of an extension without a type here yet: `ANNOTATION (..)` (RFC 5257 section 4.5),
    /// `+X-GM-LABELS (..)`.
    #[cfg_attr(feature = "arbitrary", arbitrary(skip))]
    Other {
        /// The name, with its sign and `.SILENT`.
        name: Atom,
        /// The value.
        value: Value,
    },
}

/// What STORE does with the flags it names.
///
/// `C: A1 STORE 1 -FLAGS (\Seen)`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub enum StoreMode {
    /// `FLAGS`: the messages have these flags and no others (but `\Recent`) afterwards.
    Replace,
    /// `+FLAGS`: the messages have these flags as well.
    Add,
    /// `-FLAGS`: the messages no longer have these flags.
    Remove,
}

detach!(struct Store { modifiers, item });
detach!(
    enum StoreModifier {
        Other(parameter),
    }
);
detach!(enum StoreItem { Flags { flags }, Other { name, value } });
detach!(none StoreMode);
