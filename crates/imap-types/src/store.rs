//! STORE: changing flags (RFC 9051 section 6.4.6).

use alloc::vec::Vec;

use crate::{flag::Flag, octets::detach, sequence::SequenceSet, value::Parameter};

/// The arguments of STORE and UID STORE.
///
/// `C: A1 STORE 2:4 +FLAGS.SILENT (\Deleted)`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Store {
    /// Whether it is UID STORE: the set holds UIDs.
    pub uid: bool,
    /// The messages.
    pub set: SequenceSet,
    /// `store-modifiers` (RFC 4466 section 2.5); empty where there are none.
    pub modifiers: Vec<Parameter>,
    /// Add, remove or replace.
    pub mode: StoreMode,
    /// `.SILENT`: the new flags need not be told.
    pub silent: bool,
    /// The flags, in parentheses or not.
    pub flags: Vec<Flag>,
}

/// What STORE does with the flags it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
pub enum StoreMode {
    /// `FLAGS`
    Replace,
    /// `+FLAGS`
    Add,
    /// `-FLAGS`
    Remove,
}

detach!(struct Store { modifiers, flags });
detach!(none StoreMode);
