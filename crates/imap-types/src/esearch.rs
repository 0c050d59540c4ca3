//! ESEARCH: the extended result of a search (RFC 9051 section 7.3.4).

use alloc::vec::Vec;
use core::num::NonZeroU32;

use crate::{
    context::{ContextChange, PartialRange},
    number::ModSeq,
    octets::detach,
    sequence::SequenceSet,
    string::AString,
    value::{Invalid, Parameter},
    vec1::Vec1,
};

/// `esearch-response` (RFC 9051 section 9).
///
/// `S: * ESEARCH (TAG "A282") MIN 2 COUNT 3`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct EsearchResponse {
    /// `search-correlator`: the tag of the command this answers, and other correlators.
    pub correlators: Vec<Correlator>,
    /// Whether the numbers are UIDs.
    pub uid: bool,
    /// `search-return-data`, in the order sent.
    pub data: Vec<SearchReturnData>,
}

/// A part of `search-correlator` (RFC 4466 section 2.6.2).
///
/// `S: * ESEARCH (TAG "A282") COUNT 3`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[non_exhaustive]
#[doc(alias = "search-correlator")]
pub enum Correlator {
    /// `TAG`: the tag of the command.
    Tag(AString),
    /// Any other.
    Other(
        #[cfg_attr(feature = "arbitrary", arbitrary(with = crate::arbitrary::unknown_parameter))] Parameter,
    ),
}

/// `search-return-data` (RFC 9051 section 9).
///
/// `S: * ESEARCH (TAG "A282") UID MIN 2 ALL 2,10:11`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[non_exhaustive]
#[doc(alias = "search-return-data")]
pub enum SearchReturnData {
    /// `MIN`
    Min(NonZeroU32),
    /// `MAX`
    Max(NonZeroU32),
    /// `ALL`: neither `*` nor `$`.
    All(SequenceSet),
    /// `COUNT`
    Count(u32),
    /// `MODSEQ`: the highest modification sequence of the messages in the result (RFC 4731 section 3.2)
    ModSeq(ModSeq),
    /// `PARTIAL`: these of the results (RFC 9394 section 3.1, RFC 5267 section 4.4).
    Partial {
        /// The range that was asked for.
        range: PartialRange,
        /// What is in it; `None` for NIL, where nothing is.
        set: Option<SequenceSet>,
    },
    /// `ADDTO`: what has come into the result, to be done in this order (RFC 5267 section 4.3.3).
    AddTo(Vec1<ContextChange>),
    /// `REMOVEFROM`: what has gone from the result, to be done in this order (RFC 5267 section 4.3.4).
    RemoveFrom(Vec1<ContextChange>),
    /// Any other.
    Other(
        #[cfg_attr(feature = "arbitrary", arbitrary(with = crate::arbitrary::unknown_parameter))] Parameter,
    ),
    /// An item that cannot be read, kept raw with its name.
    #[cfg_attr(feature = "arbitrary", arbitrary(skip))]
    Invalid(Invalid),
}

detach!(struct EsearchResponse { correlators, data });
detach!(
    enum Correlator {
        Tag(tag),
        Other(parameter),
    }
);
detach!(
    enum SearchReturnData {
        Other(parameter),
        Invalid(raw),
    }
);
