//! ENVELOPE: the parsed header of a message (RFC 9051 section 7.5.2).

use crate::{few::Few, octets::detach, string::NString};

/// `envelope`: ten fields of a message's header, as bytes, undecoded (RFC 9051 section 9).
///
/// A missing address list (NIL) is an empty one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Envelope {
    /// `Date:`
    pub date: NString,
    /// `Subject:`
    pub subject: NString,
    /// `From:`
    pub from: Few<Address>,
    /// `Sender:`, or `from` where there is none.
    pub sender: Few<Address>,
    /// `Reply-To:`, or `from` where there is none.
    pub reply_to: Few<Address>,
    /// `To:`
    pub to: Few<Address>,
    /// `Cc:`
    pub cc: Few<Address>,
    /// `Bcc:`
    pub bcc: Few<Address>,
    /// `In-Reply-To:`
    pub in_reply_to: NString,
    /// `Message-ID:`
    pub message_id: NString,
}

/// `address`: a mailbox of a header, or the start or end of a group (RFC 9051 sections 7.5.2 and 9).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Address {
    /// The display name.
    pub name: NString,
    /// The source route of RFC 822, obsolete.
    pub adl: NString,
    /// The local part; with a NIL host, the name of a group that begins; NIL for the end of a group.
    pub mailbox: NString,
    /// The domain; NIL for a group's start and end.
    pub host: NString,
}

detach!(struct Envelope { date, subject, from, sender, reply_to, to, cc, bcc, in_reply_to, message_id });
detach!(struct Address { name, adl, mailbox, host });
