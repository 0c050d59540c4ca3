//! ENVELOPE: the parsed header of a message (RFC 9051 section 7.5.2).

use core::fmt;

use crate::{
    few::Few,
    nstrings::{NStr, NStrings},
    octets::detach,
    string::NString,
};

/// `envelope`: ten fields of a message's header, as bytes, undecoded (RFC 9051 section 9).
///
/// A missing address list (NIL) is an empty one.
///
/// ```
/// use imap_types::{envelope::{Address, Envelope}, few::Few, string::NString};
///
/// let mut envelope = Envelope::new(NString::NIL, NString::try_from("re: lunch")?, NString::NIL, NString::NIL);
/// envelope.from = Few::from(Address::new(NString::NIL, NString::try_from("alice")?, NString::try_from("example.org")?));
/// assert_eq!(envelope.subject(), "re: lunch");
/// assert_eq!(envelope.from[0].mailbox(), "alice");
/// assert!(envelope.date().is_nil() && envelope.to.is_empty());
/// # Ok::<(), imap_types::error::ValidationError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Envelope {
    strings: NStrings<4>,
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
}

/// `address`: a mailbox of a header, or the start or end of a group (RFC 9051 sections 7.5.2 and 9).
///
/// The end of a group is the default: all four are NIL.
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Address {
    strings: NStrings<4>,
}

/// Names the strings of a value: how each is lent and set.
macro_rules! strings {
    ($($index:literal: $(#[$doc:meta])* $get:ident, $set:ident;)*) => {
        $(
            $(#[$doc])*
            #[must_use]
            #[inline]
            pub fn $get(&self) -> NStr<'_> {
                self.strings.get($index)
            }

            #[doc = concat!("Sets [`", stringify!($get), "`](Self::", stringify!($get), ").")]
            pub fn $set(&mut self, string: NString) {
                self.strings.set($index, string);
            }
        )*

        // For the decoder to fill, in the order in which they are sent.
        #[doc(hidden)]
        #[inline]
        pub const fn strings_mut(&mut self) -> &mut NStrings<4> {
            &mut self.strings
        }
    };
}

impl Envelope {
    /// The envelope of a message without any addresses.
    #[must_use]
    pub fn new(date: NString, subject: NString, in_reply_to: NString, message_id: NString) -> Self {
        Self { strings: NStrings::from([date, subject, in_reply_to, message_id]), ..Self::default() }
    }

    strings! {
        0: /// `Date:`
        date, set_date;
        1: /// `Subject:`
        subject, set_subject;
        2: /// `In-Reply-To:`
        in_reply_to, set_in_reply_to;
        3: /// `Message-ID:`
        message_id, set_message_id;
    }
}

impl Address {
    /// The address of `mailbox` at `host`, without a source route.
    #[must_use]
    pub fn new(name: NString, mailbox: NString, host: NString) -> Self {
        Self { strings: NStrings::from([name, NString::NIL, mailbox, host]) }
    }

    strings! {
        0: /// The display name.
        name, set_name;
        1: /// The source route of RFC 822, obsolete.
        adl, set_adl;
        2: /// The local part; with a NIL host, the name of a group that begins; NIL for the end of a group.
        mailbox, set_mailbox;
        3: /// The domain; NIL for a group's start and end.
        host, set_host;
    }
}

/// Shows a value as the fields that it is seen to have.
macro_rules! fields {
    ($name:ident, $count:literal, |$this:ident| { $($field:ident: $value:expr),* $(,)? }) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let $this = self;
                f.debug_struct(stringify!($name))$(.field(stringify!($field), &$value))*.finish()
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeStruct as _;
                let $this = self;
                let mut fields = serializer.serialize_struct(stringify!($name), $count)?;
                $(fields.serialize_field(stringify!($field), &$value)?;)*
                fields.end()
            }
        }
    };
}

fields!(Envelope, 10, |this| {
    date: this.date(),
    subject: this.subject(),
    from: this.from,
    sender: this.sender,
    reply_to: this.reply_to,
    to: this.to,
    cc: this.cc,
    bcc: this.bcc,
    in_reply_to: this.in_reply_to(),
    message_id: this.message_id(),
});

fields!(Address, 4, |this| {
    name: this.name(),
    adl: this.adl(),
    mailbox: this.mailbox(),
    host: this.host(),
});

detach!(struct Envelope { strings, from, sender, reply_to, to, cc, bcc });
detach!(struct Address { strings });
