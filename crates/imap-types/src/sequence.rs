//! Sets of message numbers and UIDs, kept as ranges and never expanded.

use alloc::vec::Vec;
use core::num::NonZeroU32;

use crate::{number::Uid, octets::detach};

/// `seq-number = nz-number / "*"`: a message number, a UID, or `*`, the largest in use (RFC 9051 section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[doc(alias = "seq-number")]
pub enum SeqNumber {
    /// A number.
    Number(NonZeroU32),
    /// `*`
    Largest,
}

/// `seq-number / seq-range`: one number, or all between two, both included, in either order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[doc(alias = "seq-range")]
pub struct SeqRange {
    /// The first bound, as given.
    pub start: SeqNumber,
    /// The second bound; the same as the first for a single number.
    pub end: SeqNumber,
}

/// `sequence-set`: a set of message numbers or UIDs, as a list of ranges in the order given (RFC 9051 section 9).
///
/// `C: A1 FETCH 2,4:7,9,12:* FLAGS`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[doc(alias = "sequence-set")]
pub struct SequenceSet {
    ranges: Vec<SeqRange>,
    /// Whether `$`, the saved result of a search (RFC 5182), belongs to the set.
    saved: bool,
}

/// `uid-range / uniqueid`: one UID, or all between two, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[doc(alias = "uid-range")]
pub struct UidRange {
    /// The first bound, as given.
    pub start: Uid,
    /// The second bound; the same as the first for a single UID.
    pub end: Uid,
}

/// `uid-set`: a set of UIDs without `*`, as ranges in the order given (RFC 4315 section 4).
///
/// `S: A1 OK [COPYUID 38505 304,319:320 3956:3958] Done`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
#[doc(alias = "uid-set")]
pub struct UidSet {
    ranges: Vec<UidRange>,
}

detach!(none SeqNumber, SeqRange, SequenceSet, UidRange, UidSet);
