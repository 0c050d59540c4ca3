//! What can be wrong: with what a peer says, and with what the owner of a view adds.

use imap_types::number::{Uid, UidValidity};

/// What does not fit what the same peer said before. Each is certain: no reading of what came makes it fit.
///
/// Its text is for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Contradiction {
    /// A smaller number of messages, without EXPUNGE: the number before.
    #[error("EXISTS went down from {0} without EXPUNGE")]
    Shrunk(u32),
    /// A message number above the number of messages, which is this.
    #[error("the message number is above the number of messages, {0}")]
    Above(u32),
    /// Another UIDVALIDITY: the one before.
    #[error("UIDVALIDITY was {0} before, in the same mailbox")]
    UidValidity(UidValidity),
    /// A UIDNEXT that is not above this UID, which a message has, or lower than this one before.
    #[error("UIDNEXT is not above {0}, a UID in use or the UIDNEXT before")]
    UidNext(u32),
    /// Another UID for the message: the one before.
    #[error("the UID of this message was {0} before")]
    Uid(u32),
    /// A UID that is not between those of its neighbours: number and UID of the neighbour.
    #[error("the UID is out of order: message {0} has UID {1}")]
    Order(u32, u32),
    /// A UID that leaves too few UIDs for the messages up to a neighbour: number and UID of the neighbour.
    #[error("the UID leaves none for the messages up to message {0}, which has UID {1}")]
    Room(u32, u32),
    /// A UID lower than the number of its message, which is this: UIDs begin with 1 and ascend.
    #[error("the UID is lower than the number of the message, {0}")]
    Low(u32),
    /// A message (UIDFETCH) whose UID none of the messages can have.
    #[error("no message can have the UID {0}")]
    NoSuchUid(Uid),
    /// VANISHED named so many UIDs that no message can have.
    #[error("VANISHED names {0} UIDs that no message can have")]
    Vanished(u64),
}

/// A UID that cannot follow the last message: UIDs ascend (RFC 9051 section 2.3.1.1). A mistake of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("the UID {uid} cannot follow {last}, the highest so far")]
pub struct NotAscending {
    /// The UID that was to be added.
    pub uid: Uid,
    /// The highest UID before, or the lowest that it can be; 0 where there is no message.
    pub last: u32,
}
