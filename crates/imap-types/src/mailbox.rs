//! Mailbox names and patterns (RFC 3501 section 5.1, RFC 9051 section 5.1).

use crate::{
    octets::{Octets, detach},
    string::{Form, string},
};

string! {
    /// A pattern of LIST and LSUB: `list-mailbox = 1*list-char / string` (RFC 9051 section 9).
    ///
    /// `C: A1 LIST "" INBOX.%`
    #[doc(alias = "list-mailbox")]
    ListPattern, "a pattern of mailbox names"
}

string! {
    /// `mailbox = "INBOX" / astring`: the name of a mailbox, as the bytes on the wire (RFC 9051 section 9).
    Mailbox, "a mailbox name"
}
