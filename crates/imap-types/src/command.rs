//! Commands: what a client sends (RFC 3501 section 6, RFC 9051 section 6).

use alloc::vec::Vec;

use crate::{
    append::Append,
    atom::{Atom, Tag},
    capability::{AuthMechanism, Capability},
    fetch::Fetch,
    list::List,
    mailbox::{ListPattern, Mailbox},
    octets::{Octets, detach},
    search::Search,
    secret::Secret,
    sequence::SequenceSet,
    status::StatusAtt,
    store::Store,
    string::AString,
    value::{Parameter, Value},
    vec1::Vec1,
};

/// `command = tag SP (command-any / command-auth / command-nonauth / command-select) CRLF` (RFC 9051 section 9).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Command {
    /// The tag, chosen by the client.
    pub tag: Tag,
    /// The command and its arguments.
    pub body: CommandBody,
}

/// A command without its tag.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
#[non_exhaustive]
pub enum CommandBody {
    // Any state (RFC 9051 section 6.1).
    /// `CAPABILITY`
    Capability,
    /// `NOOP`
    Noop,
    /// `LOGOUT`
    Logout,
    // Not authenticated (section 6.2).
    /// `STARTTLS`
    StartTls,
    /// `AUTHENTICATE`
    Authenticate {
        /// The SASL mechanism.
        mechanism: AuthMechanism,
        /// The initial response, decoded; empty for `=`. `None` where there is none.
        initial_response: Option<Secret<Octets>>,
    },
    /// `LOGIN`
    Login {
        /// The user name.
        user: AString,
        /// The password.
        password: Secret<AString>,
    },
    // Authenticated (section 6.3).
    /// `ENABLE`
    Enable(Vec1<Capability>),
    /// `SELECT`
    Select {
        /// The mailbox.
        mailbox: Mailbox,
        /// `select-params` (RFC 4466 section 2.1); empty where there are none.
        parameters: Vec<Parameter>,
    },
    /// `EXAMINE`
    Examine {
        /// The mailbox.
        mailbox: Mailbox,
        /// `select-params`; empty where there are none.
        parameters: Vec<Parameter>,
    },
    /// `CREATE`
    Create {
        /// The mailbox.
        mailbox: Mailbox,
        /// `create-params` (RFC 4466 section 2.2); empty where there are none.
        parameters: Vec<Parameter>,
    },
    /// `DELETE`
    Delete(Mailbox),
    /// `RENAME`
    Rename {
        /// The old name.
        from: Mailbox,
        /// The new name.
        to: Mailbox,
        /// `rename-params` (RFC 4466 section 2.3); empty where there are none.
        parameters: Vec<Parameter>,
    },
    /// `SUBSCRIBE`
    Subscribe(Mailbox),
    /// `UNSUBSCRIBE`
    Unsubscribe(Mailbox),
    /// `LIST`
    List(List),
    /// `LSUB` (IMAP4rev1)
    Lsub {
        /// The reference name.
        reference: Mailbox,
        /// The pattern.
        pattern: ListPattern,
    },
    /// `NAMESPACE`
    Namespace,
    /// `STATUS`
    Status {
        /// The mailbox.
        mailbox: Mailbox,
        /// What to tell of it.
        items: Vec1<StatusAtt>,
    },
    /// `APPEND`
    Append(Append),
    /// `IDLE`
    Idle,
    // Selected (section 6.4).
    /// `CHECK` (IMAP4rev1)
    Check,
    /// `CLOSE`
    Close,
    /// `UNSELECT`
    Unselect,
    /// `EXPUNGE`
    Expunge,
    /// `UID EXPUNGE`
    UidExpunge(SequenceSet),
    /// `SEARCH` and `UID SEARCH`
    Search(Search),
    /// `FETCH` and `UID FETCH`
    Fetch(Fetch),
    /// `STORE` and `UID STORE`
    Store(Store),
    /// `COPY` and `UID COPY`
    Copy(Copy),
    /// `MOVE` and `UID MOVE`
    Move(Copy),
    /// A command of an extension that has no type here yet, or an unknown one.
    Other {
        /// Whether `UID` stood before the name.
        uid: bool,
        /// The name.
        name: Atom,
        /// The arguments.
        arguments: Vec<Value>,
    },
}

/// The arguments of COPY, MOVE and their UID forms (RFC 9051 sections 6.4.7 and 6.4.8).
///
/// `C: A1 COPY 2:4 MEETING`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Copy {
    /// Whether it is the UID form: the set holds UIDs.
    pub uid: bool,
    /// The messages.
    pub set: SequenceSet,
    /// Where to.
    pub mailbox: Mailbox,
}

/// A line from the client that is no command: the answer to a challenge of AUTHENTICATE.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
pub enum AuthenticateData {
    /// The decoded bytes of `base64`; possibly none.
    Response(Secret<Octets>),
    /// `*`: the exchange is given up.
    Cancel,
}

/// A message from a client: a command, or what it sends in the middle of one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum ClientMessage {
    /// A command.
    Command(Command),
    /// A line of AUTHENTICATE.
    AuthenticateData(AuthenticateData),
    /// `DONE`: the end of IDLE.
    IdleDone,
}

detach!(struct Command { tag, body });
detach!(enum CommandBody {
    Authenticate { mechanism, initial_response }, Login { user, password }, Enable(capabilities),
    Select { mailbox, parameters }, Examine { mailbox, parameters }, Create { mailbox, parameters },
    Delete(mailbox), Rename { from, to, parameters }, Subscribe(mailbox), Unsubscribe(mailbox), List(list),
    Lsub { reference, pattern }, Status { mailbox, items }, Append(append), Search(search), Fetch(fetch),
    Store(store), Copy(copy), Move(copy), Other { name, arguments },
});
detach!(struct Copy { mailbox });
detach!(
    enum AuthenticateData {
        Response(data),
    }
);
detach!(
    enum ClientMessage {
        Command(command),
        AuthenticateData(data),
    }
);
