//! REPLACE: a message for another one (RFC 8508).

use crate::{
    append::AppendMessage, error::ValidationError, mailbox::Mailbox, octets::detach, sequence::SeqNumber,
};

/// The arguments of REPLACE and UID REPLACE (RFC 8508 sections 3.2 and 3.3): `message` is put into `mailbox`, and the
/// old one is expunged.
///
/// ```
/// use imap_types::{append::AppendMessage, number::Uid, replace::Replace};
///
/// let draft = AppendMessage::new("Subject: draft\r\n\r\nsecond try");
/// let replace = Replace::new(Uid::try_from(2000)?, "Drafts", draft)?.by_uid();
/// assert!(replace.uid);
/// # Ok::<(), imap_types::error::ValidationError>(())
/// ```
///
/// `C: A1 UID REPLACE 2000 Drafts (\Seen \Draft) {350}`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Replace {
    /// Whether it is UID REPLACE: the number is a UID.
    pub uid: bool,
    /// The message that goes: its number or UID, or `*`.
    pub number: SeqNumber,
    /// Where the new one is put.
    pub mailbox: Mailbox,
    /// The new one. Like that of APPEND, but always one.
    pub message: AppendMessage,
}

impl Replace {
    /// REPLACE of the message of that number.
    ///
    /// # Errors
    /// Where `mailbox` is no mailbox name: it holds NUL.
    pub fn new<M>(
        number: impl Into<SeqNumber>,
        mailbox: M,
        message: AppendMessage,
    ) -> Result<Self, ValidationError>
    where
        M: TryInto<Mailbox>,
        ValidationError: From<M::Error>,
    {
        Ok(Self { uid: false, number: number.into(), mailbox: mailbox.try_into()?, message })
    }

    /// The same by UID: UID REPLACE.
    #[must_use]
    pub fn by_uid(mut self) -> Self {
        self.uid = true;
        self
    }
}

detach!(struct Replace { mailbox, message });
