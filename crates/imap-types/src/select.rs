//! SELECT and EXAMINE: what to do while a mailbox is opened (RFC 9051 sections 6.3.2 and 6.3.3).

use crate::{
    error::ValidationError,
    number::{ModSeq, UidValidity},
    octets::detach,
    sequence::{SequenceSet, UidSet},
    value::Parameter,
};

/// `select-param`: a parameter of SELECT and EXAMINE (RFC 4466 section 2.1).
///
/// ```
/// use imap_types::{command::CommandBody, select::SelectParameter};
///
/// // What the client knows of the mailbox, so that the server tells only what changed.
/// let known = SelectParameter::qresync(67_890_007, 20_050_715_194_045_000)?;
/// let select = CommandBody::select_with("INBOX", [known])?;
/// assert_eq!(select.name(), "SELECT");
/// assert!(SelectParameter::qresync(67_890_007, 0).is_err());
/// # Ok::<(), imap_types::error::ValidationError>(())
/// ```
///
/// `C: A1 SELECT INBOX (CONDSTORE)`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[non_exhaustive]
#[doc(alias = "select-param")]
pub enum SelectParameter {
    /// `CONDSTORE`: tell modification sequences from here on (RFC 7162 section 3.1.8).
    CondStore,
    /// `QRESYNC (..)`: tell what changed and what is gone since then (RFC 7162 section 3.2.5).
    ///
    /// `C: A2 SELECT INBOX (QRESYNC (67890007 20050715194045000 41,43:211,214:541))`
    QResync {
        /// The validity value of the UIDs that the client knows.
        uid_validity: UidValidity,
        /// The highest modification sequence that the client knows.
        mod_seq: ModSeq,
        /// `known-uids`: the messages that the client knows; all where there is no set.
        known_uids: Option<UidSet>,
        /// `seq-match-data`: a sample of them with their numbers.
        seq_match: Option<SeqMatch>,
    },
    /// Any other. A known name stands here only where its value could not be read.
    Other(
        #[cfg_attr(feature = "arbitrary", arbitrary(with = crate::arbitrary::unknown_parameter))] Parameter,
    ),
}

impl SelectParameter {
    /// QRESYNC without a set of known UIDs and without match data.
    ///
    /// # Errors
    /// Where one of the numbers is 0, or the modification sequence has more than 63 bits.
    pub fn qresync<V, M>(uid_validity: V, mod_seq: M) -> Result<Self, ValidationError>
    where
        V: TryInto<UidValidity>,
        M: TryInto<ModSeq>,
        ValidationError: From<V::Error> + From<M::Error>,
    {
        let (uid_validity, mod_seq) = (uid_validity.try_into()?, mod_seq.try_into()?);
        Ok(Self::QResync { uid_validity, mod_seq, known_uids: None, seq_match: None })
    }
}

/// `seq-match-data`: message numbers and their UIDs, a sample of what the client knows, both ascending and in
/// pairs (RFC 7162 section 3.2.5.2).
///
/// A server that does not remember what was expunged compares them with the mailbox, and tells less. That the
/// sets are ascending and of the same length is for the session to check.
///
/// `C: A3 SELECT INBOX (QRESYNC (67890007 90060115194045000 41:211,214:541 (5000,7500 15000,22500)))`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[doc(alias = "seq-match-data")]
pub struct SeqMatch {
    /// `known-sequence-set`: message numbers. Neither `*` nor `$`: an encoder refuses them.
    #[cfg_attr(feature = "arbitrary", arbitrary(with = crate::arbitrary::plain_set))]
    pub numbers: SequenceSet,
    /// `known-uid-set`: the UIDs of these messages.
    pub uids: UidSet,
}

detach!(
    enum SelectParameter {
        Other(parameter),
    }
);
detach!(none SeqMatch);
