//! Commands: what a client sends (RFC 3501 section 6, RFC 9051 section 6).

use alloc::{borrow::Cow, boxed::Box, vec::Vec};

use crate::{
    append::{Append, AppendMessage},
    atom::{Atom, Tag},
    capability::{AuthMechanism, Capability},
    compress::CompressionAlgorithm,
    error::ValidationError,
    fetch::{Fetch, FetchItems},
    flag::Flag,
    id::Id,
    list::{List, ListPatterns},
    mailbox::{ListPattern, Mailbox},
    notify::Notify,
    octets::{Octets, detach},
    replace::Replace,
    search::Search,
    secret::Secret,
    select::SelectParameter,
    sequence::{SeqNumber, SequenceSet},
    status::StatusAtt,
    store::{Store, StoreMode},
    string::{AString, IString},
    value::{Parameter, Value},
    vec1::Vec1,
};

/// `command = tag SP (command-any / command-auth / command-nonauth / command-select) CRLF` (RFC 9051 section 9).
///
/// ```
/// use imap_types::command::{Command, CommandBody};
///
/// let command = Command::new("A142", CommandBody::select("INBOX")?)?;
/// assert_eq!(command.body.name(), "SELECT");
/// assert!(Command::new("+", CommandBody::Noop).is_err());
/// # Ok::<(), imap_types::error::ValidationError>(())
/// ```
///
/// `C: A142 SELECT INBOX`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Command {
    /// The tag, chosen by the client.
    pub tag: Tag,
    /// The command and its arguments.
    pub body: CommandBody,
}

impl Command {
    /// The command `body` under `tag`.
    ///
    /// # Errors
    /// Where `tag` is no tag: empty, or with a byte that is not of `ASTRING-CHAR`, or `+`.
    pub fn new<T>(tag: T, body: CommandBody) -> Result<Self, ValidationError>
    where
        T: TryInto<Tag>,
        ValidationError: From<T::Error>,
    {
        Ok(Self { tag: tag.try_into()?, body })
    }

    /// LOGIN under `tag`: see [`CommandBody::login`].
    ///
    /// # Errors
    /// Where `tag` is no tag, or one of the strings holds NUL.
    pub fn login<T, U, P>(tag: T, user: U, password: P) -> Result<Self, ValidationError>
    where
        T: TryInto<Tag>,
        U: TryInto<AString>,
        P: TryInto<AString>,
        ValidationError: From<T::Error> + From<U::Error> + From<P::Error>,
    {
        Self::new(tag, CommandBody::login(user, password)?)
    }
}

/// A command without its tag.
///
/// Each variant has a constructor that takes plain Rust values, where it has arguments at all:
/// `CommandBody::rename("old", "new")?`.
///
/// `C: A1 RENAME old new`, without the `A1`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[non_exhaustive]
pub enum CommandBody {
    // Any state (RFC 9051 section 6.1).
    /// `CAPABILITY`
    Capability,
    /// `NOOP`
    Noop,
    /// `LOGOUT`
    Logout,
    /// `ID` (RFC 2971)
    Id(Id),
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
        parameters: Vec<SelectParameter>,
    },
    /// `EXAMINE`
    Examine {
        /// The mailbox.
        mailbox: Mailbox,
        /// `select-params`; empty where there are none.
        parameters: Vec<SelectParameter>,
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
    /// `NOTIFY` (RFC 5465)
    Notify(Notify),
    /// `COMPRESS` (RFC 4978)
    Compress(CompressionAlgorithm),
    /// `UNAUTHENTICATE`: back to before the login (RFC 8437)
    Unauthenticate,
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
    #[cfg_attr(feature = "serde", serde(rename = "UID EXPUNGE"))]
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
    /// `REPLACE` and `UID REPLACE` (RFC 8508)
    Replace(Box<Replace>),
    /// `CANCELUPDATE`: the tags of the searches whose results are no longer to be kept up to date (RFC 5267 section
    /// 4.3.5)
    CancelUpdate(Vec1<IString>),
    /// A command of an extension that has no type here yet, or an unknown one.
    Other {
        /// Whether `UID` stood before the name.
        uid: bool,
        /// The name.
        #[cfg_attr(feature = "arbitrary", arbitrary(with = crate::arbitrary::unknown_name))]
        name: Atom,
        /// The arguments.
        arguments: Vec<Value>,
    },
}

/// Constructors of the commands that take a mailbox and parameters.
macro_rules! mailbox_commands {
    ($($(#[$doc:meta])* $name:ident($mailbox:ident) => $command:expr),* $(,)?) => {
        $($(#[$doc])*
        ///
        /// # Errors
        /// Where `mailbox` is no mailbox name: it holds NUL.
        pub fn $name<M>($mailbox: M) -> Result<Self, ValidationError>
        where
            M: TryInto<Mailbox>,
            ValidationError: From<M::Error>,
        {
            let $mailbox = $mailbox.try_into()?;
            Ok($command)
        })*
    };
}

/// Constructors of COPY, MOVE and their UID forms.
macro_rules! copy_commands {
    ($($(#[$doc:meta])* $name:ident => $variant:ident, $uid:literal),* $(,)?) => {
        $($(#[$doc])*
        ///
        /// # Errors
        /// Where `set` is no set, or `mailbox` no mailbox name.
        pub fn $name<S, M>(set: S, mailbox: M) -> Result<Self, ValidationError>
        where
            S: TryInto<SequenceSet>,
            M: TryInto<Mailbox>,
            ValidationError: From<S::Error> + From<M::Error>,
        {
            Ok(Self::$variant(Copy { uid: $uid, set: set.try_into()?, mailbox: mailbox.try_into()? }))
        })*
    };
}

/// Constructors from plain Rust values: `&str`, `String`, `&[u8]` and finished values alike.
impl CommandBody {
    /// AUTHENTICATE without an initial response; the exchange follows.
    ///
    /// # Errors
    /// Where `mechanism` is no atom.
    pub fn authenticate<A>(mechanism: A) -> Result<Self, ValidationError>
    where
        A: TryInto<AuthMechanism>,
        ValidationError: From<A::Error>,
    {
        Ok(Self::Authenticate { mechanism: mechanism.try_into()?, initial_response: None })
    }

    /// AUTHENTICATE with an initial response, not encoded, possibly empty (RFC 4959): for servers with SASL-IR
    /// or IMAP4rev2.
    ///
    /// # Errors
    /// Where `mechanism` is no atom.
    pub fn authenticate_with<A>(mechanism: A, response: impl Into<Octets>) -> Result<Self, ValidationError>
    where
        A: TryInto<AuthMechanism>,
        ValidationError: From<A::Error>,
    {
        let initial_response = Some(Secret::new(response.into()));
        Ok(Self::Authenticate { mechanism: mechanism.try_into()?, initial_response })
    }

    /// LOGIN. The password is a [`Secret`] from here on.
    ///
    /// # Errors
    /// Where one of the strings holds NUL.
    pub fn login<U, P>(user: U, password: P) -> Result<Self, ValidationError>
    where
        U: TryInto<AString>,
        P: TryInto<AString>,
        ValidationError: From<U::Error> + From<P::Error>,
    {
        Ok(Self::Login { user: user.try_into()?, password: Secret::new(password.try_into()?) })
    }

    /// ENABLE of at least one capability.
    ///
    /// # Errors
    /// Where there is none, or one is no atom.
    pub fn enable<C>(capabilities: impl IntoIterator<Item = C>) -> Result<Self, ValidationError>
    where
        C: TryInto<Capability>,
        ValidationError: From<C::Error>,
    {
        let mut names = Vec::new();
        for capability in capabilities {
            names.push(capability.try_into()?);
        }
        Vec1::try_from(names).map(Self::Enable)
    }

    mailbox_commands! {
        /// SELECT without parameters.
        select(mailbox) => Self::Select { mailbox, parameters: Vec::new() },
        /// EXAMINE without parameters.
        examine(mailbox) => Self::Examine { mailbox, parameters: Vec::new() },
        /// CREATE without parameters.
        create(mailbox) => Self::Create { mailbox, parameters: Vec::new() },
        /// DELETE.
        delete(mailbox) => Self::Delete(mailbox),
        /// SUBSCRIBE.
        subscribe(mailbox) => Self::Subscribe(mailbox),
        /// UNSUBSCRIBE.
        unsubscribe(mailbox) => Self::Unsubscribe(mailbox),
    }

    /// SELECT with parameters.
    ///
    /// # Errors
    /// Where `mailbox` is no mailbox name: it holds NUL.
    pub fn select_with<M>(
        mailbox: M,
        parameters: impl IntoIterator<Item = SelectParameter>,
    ) -> Result<Self, ValidationError>
    where
        M: TryInto<Mailbox>,
        ValidationError: From<M::Error>,
    {
        let parameters = parameters.into_iter().collect();
        Ok(Self::Select { mailbox: mailbox.try_into()?, parameters })
    }

    /// EXAMINE with parameters.
    ///
    /// # Errors
    /// Where `mailbox` is no mailbox name: it holds NUL.
    pub fn examine_with<M>(
        mailbox: M,
        parameters: impl IntoIterator<Item = SelectParameter>,
    ) -> Result<Self, ValidationError>
    where
        M: TryInto<Mailbox>,
        ValidationError: From<M::Error>,
    {
        let parameters = parameters.into_iter().collect();
        Ok(Self::Examine { mailbox: mailbox.try_into()?, parameters })
    }

    /// RENAME without parameters.
    ///
    /// # Errors
    /// Where one of the names is no mailbox name: it holds NUL.
    pub fn rename<F, T>(from: F, to: T) -> Result<Self, ValidationError>
    where
        F: TryInto<Mailbox>,
        T: TryInto<Mailbox>,
        ValidationError: From<F::Error> + From<T::Error>,
    {
        Ok(Self::Rename { from: from.try_into()?, to: to.try_into()?, parameters: Vec::new() })
    }

    /// LIST of the names that `pattern` matches, without options.
    ///
    /// # Errors
    /// Where `reference` is no mailbox name or `pattern` no pattern: it holds NUL.
    pub fn list<R, P>(reference: R, pattern: P) -> Result<Self, ValidationError>
    where
        R: TryInto<Mailbox>,
        P: TryInto<ListPattern>,
        ValidationError: From<R::Error> + From<P::Error>,
    {
        Ok(Self::List(List {
            selection: None,
            reference: reference.try_into()?,
            patterns: ListPatterns::One(pattern.try_into()?),
            returns: None,
        }))
    }

    /// LSUB of the subscribed names that `pattern` matches (IMAP4rev1).
    ///
    /// # Errors
    /// Where `reference` is no mailbox name or `pattern` no pattern: it holds NUL.
    pub fn lsub<R, P>(reference: R, pattern: P) -> Result<Self, ValidationError>
    where
        R: TryInto<Mailbox>,
        P: TryInto<ListPattern>,
        ValidationError: From<R::Error> + From<P::Error>,
    {
        Ok(Self::Lsub { reference: reference.try_into()?, pattern: pattern.try_into()? })
    }

    /// STATUS with at least one item.
    ///
    /// # Errors
    /// Where `mailbox` is no mailbox name, or there is no item.
    pub fn status<M>(mailbox: M, items: impl IntoIterator<Item = StatusAtt>) -> Result<Self, ValidationError>
    where
        M: TryInto<Mailbox>,
        ValidationError: From<M::Error>,
    {
        let mailbox = mailbox.try_into()?;
        Vec1::try_from(items.into_iter().collect::<Vec<_>>()).map(|items| Self::Status { mailbox, items })
    }

    /// UID EXPUNGE.
    ///
    /// # Errors
    /// Where `set` is no set.
    pub fn uid_expunge<S>(set: S) -> Result<Self, ValidationError>
    where
        S: TryInto<SequenceSet>,
        ValidationError: From<S::Error>,
    {
        Ok(Self::UidExpunge(set.try_into()?))
    }

    /// FETCH of `items` of the messages in `set`, by number, without modifiers; [`Fetch::new`] has more.
    ///
    /// # Errors
    /// Where `set` is no set.
    pub fn fetch<S>(set: S, items: impl Into<FetchItems>) -> Result<Self, ValidationError>
    where
        S: TryInto<SequenceSet>,
        ValidationError: From<S::Error>,
    {
        Ok(Self::Fetch(Fetch::new(set.try_into()?, items)))
    }

    /// UID FETCH of `items` of the messages in `set`, without modifiers.
    ///
    /// # Errors
    /// Where `set` is no set.
    pub fn uid_fetch<S>(set: S, items: impl Into<FetchItems>) -> Result<Self, ValidationError>
    where
        S: TryInto<SequenceSet>,
        ValidationError: From<S::Error>,
    {
        Ok(Self::Fetch(Fetch::new(set.try_into()?, items).by_uid()))
    }

    /// APPEND of one message.
    ///
    /// # Errors
    /// Where `mailbox` is no mailbox name: it holds NUL.
    pub fn append<M>(mailbox: M, message: AppendMessage) -> Result<Self, ValidationError>
    where
        M: TryInto<Mailbox>,
        ValidationError: From<M::Error>,
    {
        Append::new(mailbox, message).map(Self::Append)
    }

    /// REPLACE of the message of that number.
    ///
    /// # Errors
    /// Where `mailbox` is no mailbox name: it holds NUL.
    pub fn replace<M>(
        number: impl Into<SeqNumber>,
        mailbox: M,
        message: AppendMessage,
    ) -> Result<Self, ValidationError>
    where
        M: TryInto<Mailbox>,
        ValidationError: From<M::Error>,
    {
        Replace::new(number, mailbox, message).map(Self::from)
    }

    /// UID REPLACE of the message of that UID.
    ///
    /// # Errors
    /// Where `mailbox` is no mailbox name: it holds NUL.
    pub fn uid_replace<M>(
        uid: impl Into<SeqNumber>,
        mailbox: M,
        message: AppendMessage,
    ) -> Result<Self, ValidationError>
    where
        M: TryInto<Mailbox>,
        ValidationError: From<M::Error>,
    {
        Replace::new(uid, mailbox, message).map(|replace| Self::from(replace.by_uid()))
    }

    /// CANCELUPDATE of the searches with these tags.
    ///
    /// # Errors
    /// Where there is none, or one is no tag.
    pub fn cancel_update<T>(tags: impl IntoIterator<Item = T>) -> Result<Self, ValidationError>
    where
        T: TryInto<Tag>,
        ValidationError: From<T::Error>,
    {
        let mut quoted = Vec::new();
        for tag in tags {
            quoted.push(IString::try_from(tag.try_into()?.as_str())?);
        }
        Vec1::try_from(quoted).map(Self::CancelUpdate)
    }

    /// STORE of `flags` in the messages in `set`, by number; the new flags are told.
    ///
    /// ```
    /// use imap_types::{command::CommandBody, flag::Flag, store::StoreMode};
    ///
    /// let store = CommandBody::store(2..=4, StoreMode::Add, [Flag::Deleted])?;
    /// assert_eq!(store.name(), "STORE");
    /// # Ok::<(), imap_types::error::ValidationError>(())
    /// ```
    ///
    /// # Errors
    /// Where `set` is no set.
    pub fn store<S>(
        set: S,
        mode: StoreMode,
        flags: impl IntoIterator<Item = Flag>,
    ) -> Result<Self, ValidationError>
    where
        S: TryInto<SequenceSet>,
        ValidationError: From<S::Error>,
    {
        Ok(Self::Store(Store::new(set.try_into()?, mode, flags)))
    }

    /// UID STORE of `flags` in the messages in `set`; the new flags are told.
    ///
    /// # Errors
    /// Where `set` is no set.
    pub fn uid_store<S>(
        set: S,
        mode: StoreMode,
        flags: impl IntoIterator<Item = Flag>,
    ) -> Result<Self, ValidationError>
    where
        S: TryInto<SequenceSet>,
        ValidationError: From<S::Error>,
    {
        Ok(Self::Store(Store::new(set.try_into()?, mode, flags).by_uid()))
    }

    /// A command of an extension that has no type here, with its arguments as values.
    ///
    /// ```
    /// use imap_types::{command::CommandBody, value::{Bare, Value}};
    ///
    /// let root = Value::Bare(Bare::try_from("INBOX")?);
    /// assert_eq!(CommandBody::other("GETQUOTAROOT", [root])?.name(), "GETQUOTAROOT");
    /// # Ok::<(), imap_types::error::ValidationError>(())
    /// ```
    ///
    /// # Errors
    /// Where `name` is no atom.
    pub fn other<A>(name: A, arguments: impl IntoIterator<Item = Value>) -> Result<Self, ValidationError>
    where
        A: TryInto<Atom>,
        ValidationError: From<A::Error>,
    {
        Ok(Self::Other { uid: false, name: name.try_into()?, arguments: arguments.into_iter().collect() })
    }

    /// SEARCH or UID SEARCH: of one key, or of what [`Search::new`] begins.
    pub fn search(search: impl Into<Search>) -> Self {
        Self::Search(search.into())
    }

    copy_commands! {
        /// COPY of the messages in `set`, by number.
        copy => Copy, false,
        /// UID COPY of the messages in `set`.
        uid_copy => Copy, true,
        /// MOVE of the messages in `set`, by number.
        r#move => Move, false,
        /// UID MOVE of the messages in `set`.
        uid_move => Move, true,
    }

    /// The name, in upper case: `SELECT`, `UID FETCH`.
    #[must_use]
    pub fn name(&self) -> Cow<'_, str> {
        Cow::Borrowed(match self {
            Self::Capability => "CAPABILITY",
            Self::Noop => "NOOP",
            Self::Logout => "LOGOUT",
            Self::StartTls => "STARTTLS",
            Self::Authenticate { .. } => "AUTHENTICATE",
            Self::Login { .. } => "LOGIN",
            Self::Enable(_) => "ENABLE",
            Self::Select { .. } => "SELECT",
            Self::Examine { .. } => "EXAMINE",
            Self::Create { .. } => "CREATE",
            Self::Delete(_) => "DELETE",
            Self::Rename { .. } => "RENAME",
            Self::Subscribe(_) => "SUBSCRIBE",
            Self::Unsubscribe(_) => "UNSUBSCRIBE",
            Self::List(_) => "LIST",
            Self::Lsub { .. } => "LSUB",
            Self::Namespace => "NAMESPACE",
            Self::Status { .. } => "STATUS",
            Self::Append(_) => "APPEND",
            Self::Idle => "IDLE",
            Self::Notify(_) => "NOTIFY",
            Self::Compress(_) => "COMPRESS",
            Self::Unauthenticate => "UNAUTHENTICATE",
            Self::Id(_) => "ID",
            Self::CancelUpdate(_) => "CANCELUPDATE",
            Self::Check => "CHECK",
            Self::Close => "CLOSE",
            Self::Unselect => "UNSELECT",
            Self::Expunge => "EXPUNGE",
            Self::UidExpunge(_) => "UID EXPUNGE",
            Self::Search(search) => uid_or(search.uid, "UID SEARCH", "SEARCH"),
            Self::Fetch(fetch) => uid_or(fetch.uid, "UID FETCH", "FETCH"),
            Self::Store(store) => uid_or(store.uid, "UID STORE", "STORE"),
            Self::Copy(copy) => uid_or(copy.uid, "UID COPY", "COPY"),
            Self::Move(copy) => uid_or(copy.uid, "UID MOVE", "MOVE"),
            Self::Replace(replace) => uid_or(replace.uid, "UID REPLACE", "REPLACE"),
            Self::Other { uid, name, .. } => {
                let name = name.as_str().to_ascii_uppercase();
                return Cow::Owned(if *uid { alloc::format!("UID {name}") } else { name });
            }
        })
    }
}

const fn uid_or(uid: bool, with: &'static str, without: &'static str) -> &'static str {
    if uid { with } else { without }
}

macro_rules! from_arguments {
    ($($arguments:ident),*) => {
        $(impl From<$arguments> for CommandBody {
            fn from(arguments: $arguments) -> Self {
                Self::$arguments(arguments)
            }
        })*
    };
}

from_arguments!(Search, Fetch, Store, Append, List, Id, Notify);

impl From<Replace> for CommandBody {
    fn from(arguments: Replace) -> Self {
        Self::Replace(Box::new(arguments))
    }
}

/// The arguments of COPY, MOVE and their UID forms (RFC 9051 sections 6.4.7 and 6.4.8).
///
/// `C: A1 COPY 2:4 MEETING`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Copy {
    /// Whether it is the UID form: the set holds UIDs.
    pub uid: bool,
    /// The messages.
    pub set: SequenceSet,
    /// Where to.
    pub mailbox: Mailbox,
}

/// A line from the client that is no command: the answer to a challenge of AUTHENTICATE.
///
/// `C: AGFsaWNlAHNlY3JldA==`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub enum AuthenticateData {
    /// The decoded bytes of `base64`; possibly none.
    Response(Secret<Octets>),
    /// `*`: the exchange is given up.
    Cancel,
}

impl<T: Into<Octets>> From<T> for AuthenticateData {
    /// A response of these bytes, not encoded.
    fn from(response: T) -> Self {
        Self::Response(Secret::new(response.into()))
    }
}

/// A message from a client: a command, or what it sends in the middle of one.
///
/// `C: DONE`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
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
    Store(store), Copy(copy), Move(copy), Replace(replace),
    CancelUpdate(tags), Notify(notify), Compress(algorithm), Id(id), Other { name, arguments },
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
