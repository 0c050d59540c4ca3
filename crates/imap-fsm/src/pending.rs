//! Commands in flight, by tag.
//!
//! A command is in flight from its first byte to its tagged reply. While a part of it is still to come (a literal that
//! waits for `+`) it is not *in progress*: RFC 9051 section 7.5.1 makes that difference.

use alloc::{borrow::Cow, boxed::Box, collections::VecDeque, string::String, vec::Vec};

use imap_types::{
    atom::{Atom, Tag},
    command::{Command, CommandBody},
    notify::{MailboxFilter, Notify},
    search::{SearchKey, SearchReturn},
};

use crate::state::table;

/// What untagged data came while a command was in flight: a set of kinds of data. A tagged OK to NAMESPACE wants
/// `S: * NAMESPACE (("" "/")) NIL NIL` before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen(u16);

impl Seen {
    /// CAPABILITY
    pub const CAPABILITY: Self = Self(1);
    /// BYE
    pub const BYE: Self = Self(1 << 1);
    /// ENABLED
    pub const ENABLED: Self = Self(1 << 2);
    /// FLAGS
    pub const FLAGS: Self = Self(1 << 3);
    /// EXISTS
    pub const EXISTS: Self = Self(1 << 4);
    /// RECENT
    pub const RECENT: Self = Self(1 << 5);
    /// STATUS
    pub const STATUS: Self = Self(1 << 6);
    /// NAMESPACE
    pub const NAMESPACE: Self = Self(1 << 7);
    /// SEARCH
    pub const SEARCH: Self = Self(1 << 8);
    /// ESEARCH
    pub const ESEARCH: Self = Self(1 << 9);
    /// Anything, for data that could not be read.
    pub const ANYTHING: Self = Self(u16::MAX);

    /// The data of that name; [`Seen::ANYTHING`] for a name that is not listed here.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let name = name.to_ascii_uppercase();
        match name.as_str() {
            "CAPABILITY" => Self::CAPABILITY,
            "BYE" => Self::BYE,
            "ENABLED" => Self::ENABLED,
            "FLAGS" => Self::FLAGS,
            "EXISTS" => Self::EXISTS,
            "RECENT" => Self::RECENT,
            "STATUS" => Self::STATUS,
            "NAMESPACE" => Self::NAMESPACE,
            "SEARCH" => Self::SEARCH,
            "ESEARCH" => Self::ESEARCH,
            _ => Self::ANYTHING,
        }
    }

    /// Whether all of `other` came.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// What a command holds that decides what is legal around it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// SELECT or EXAMINE.
    Select,
    /// IDLE: whether the server asked for `DONE`, and whether it came.
    Idle {
        /// `+` came.
        continued: bool,
        /// `DONE` came.
        done: bool,
    },
    /// AUTHENTICATE: whether a challenge waits for its answer.
    Authenticate {
        /// `+` came and was not answered yet.
        challenged: bool,
    },
    /// SEARCH or UID SEARCH.
    Search {
        /// Whether the result must come as ESEARCH: RETURN is there, and asks for more than SAVE.
        returns: bool,
        /// Whether the result may come as nothing at all: RETURN (SAVE).
        silent: bool,
    },
    /// NOTIFY: whether it asks for what is expunged in the selected mailbox as it happens (RFC 5465 section 5.2).
    Notify {
        /// The server may tell of it at any time.
        at_any_time: bool,
    },
    /// Any other that could be read.
    #[default]
    Plain,
    /// One that could not be read.
    Malformed,
}

/// A command in flight: begun, and without its tagged reply (RFC 9051 section 5.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InFlight<P> {
    /// Its tag.
    pub tag: Tag,
    /// Its name in upper case; empty where it could not be read.
    pub name: Cow<'static, str>,
    /// The row of that name.
    pub(crate) row: &'static table::Command,
    /// What it holds.
    pub kind: Kind,
    /// Whether all of it was sent.
    pub complete: bool,
    /// Whether its arguments hold message numbers.
    pub numbers: bool,
    /// What untagged data came since it was complete.
    pub seen: Seen,
    /// Where it stands.
    pub place: P,
}

impl<P> InFlight<P> {
    /// A command that was read, and is complete.
    #[must_use]
    pub fn new(command: &Command, place: P) -> Self {
        Self::in_row(row_of(&command.body), command, place)
    }

    /// The same where its row is known.
    pub(crate) fn in_row(row: &'static table::Command, command: &Command, place: P) -> Self {
        Self {
            tag: command.tag.clone(),
            name: name_in(row, &command.body),
            row,
            kind: if row.plain { Kind::Plain } else { kind_of(&command.body) },
            complete: true,
            numbers: has_numbers(&command.body),
            seen: Seen::default(),
            place,
        }
    }

    /// A command that could not be read, or not yet.
    #[must_use]
    pub fn unread(tag: Tag, name: Option<&str>, complete: bool, place: P) -> Self {
        Self {
            tag,
            name: name.map_or(Cow::Borrowed(""), known_or_owned),
            row: name.map_or(&table::OTHER, table::command),
            kind: Kind::Malformed,
            complete,
            numbers: false,
            seen: Seen::default(),
            place,
        }
    }

    /// Whether it was read, and is no more than a request and its reply.
    pub(crate) fn is_plain(&self) -> bool {
        self.kind == Kind::Plain && self.row.plain
    }

    /// Whether it is SELECT or EXAMINE, as far as one can tell.
    #[must_use]
    pub fn selects(&self) -> bool {
        match self.kind {
            Kind::Select => true,
            Kind::Malformed => matches!(&*self.name, "" | "SELECT" | "EXAMINE"),
            Kind::Idle { .. }
            | Kind::Authenticate { .. }
            | Kind::Search { .. }
            | Kind::Notify { .. }
            | Kind::Plain => false,
        }
    }
}

/// The commands in flight, oldest first, and the tags of the last ones that were completed.
///
/// At most [`Pending::MOST`] commands are kept: past that the oldest are forgotten, and [`Pending::is_exact`] is false
/// from then on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending<P> {
    commands: VecDeque<InFlight<P>>,
    completed: Past,
    /// Commands that could not be read and were given up: few sessions have any.
    expired: Option<Box<Past>>,
    forgotten: bool,
}

impl<P> Default for Pending<P> {
    fn default() -> Self {
        Self { commands: VecDeque::new(), completed: Past::default(), expired: None, forgotten: false }
    }
}

impl<P> Pending<P> {
    /// The most commands in flight that are kept: 1,024, far above what clients pipeline.
    pub const MOST: usize = 1024;
    /// Adds a command.
    pub fn push(&mut self, command: InFlight<P>) {
        if self.commands.len() >= Self::MOST {
            self.commands.pop_front();
            self.forgotten = true;
        }
        self.commands.push_back(command);
    }

    /// Takes the command of that tag out: the oldest where the tag was used twice.
    pub fn complete(&mut self, tag: &Tag) -> Option<InFlight<P>> {
        let command = self.take(tag)?;
        self.completed.keep(tag);
        Some(command)
    }

    /// The same, for a server that answers no command twice: its tag is not kept.
    #[inline]
    pub(crate) fn take(&mut self, tag: &Tag) -> Option<InFlight<P>> {
        // Nearly always it is the oldest.
        if self.commands.front()?.tag == *tag {
            return self.commands.pop_front();
        }
        let at = self.commands.iter().position(|command| command.tag == *tag)?;
        self.commands.remove(at)
    }

    /// Gives up the commands that could not be read and are older than one that was answered: their answer had another
    /// tag, or none.
    pub fn expire(&mut self, is_older: impl Fn(&P) -> bool) {
        if self.commands.is_empty() {
            return;
        }
        let expired = &mut self.expired;
        self.commands.retain(|command| {
            let gone = command.kind == Kind::Malformed && command.complete && is_older(&command.place);
            if gone {
                expired.get_or_insert_default().keep(&command.tag);
            }
            !gone
        });
    }

    /// Takes out the command whose rest is still to come, where there is one.
    pub fn take_partial(&mut self) -> Option<InFlight<P>> {
        if self.commands.is_empty() {
            return None;
        }
        let at = self.commands.iter().position(|command| !command.complete)?;
        self.commands.remove(at)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// The commands, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &InFlight<P>> {
        self.commands.iter()
    }

    /// The same, to change.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut InFlight<P>> {
        self.commands.iter_mut()
    }

    /// The commands that are in progress: complete, and not answered yet.
    pub fn in_progress(&self) -> impl DoubleEndedIterator<Item = &InFlight<P>> {
        self.commands.iter().filter(|command| command.complete)
    }

    /// The command of that tag, the oldest where the tag was used twice.
    #[must_use]
    pub fn find(&self, tag: &Tag) -> Option<&InFlight<P>> {
        self.commands.iter().find(|command| command.tag == *tag)
    }

    /// Whether a command of that tag is in flight.
    #[must_use]
    pub fn contains(&self, tag: &Tag) -> bool {
        self.commands.iter().any(|command| command.tag == *tag)
    }

    /// Whether a command of that tag was among the last ones that were completed.
    #[must_use]
    pub fn was_completed(&self, tag: &Tag) -> bool {
        self.completed.contains(tag)
    }

    /// Whether a command of that tag was given up: [`Pending::expire`].
    #[must_use]
    pub fn was_expired(&self, tag: &Tag) -> bool {
        self.expired.as_ref().is_some_and(|expired| expired.contains(tag))
    }

    /// Whether no command was forgotten.
    #[must_use]
    pub const fn is_exact(&self) -> bool {
        !self.forgotten
    }

    /// Notes that untagged data came: for all commands in progress, since it may belong to any of them.
    pub fn saw(&mut self, seen: Seen) {
        for command in self.commands.iter_mut().filter(|command| command.complete) {
            command.seen.add(seen);
        }
    }

    /// Releases memory that holds nothing.
    pub fn shrink(&mut self) {
        self.commands.shrink_to_fit();
        self.completed.tags.shrink_to_fit();
    }

    /// Forgets all commands, as at the end of a connection.
    pub fn clear(&mut self) {
        self.commands.clear();
        self.completed.clear();
        self.expired = None;
    }
}

/// The last tags of commands of the past. Kept as hashes: a tag shares the buffer of its message, which is not to live
/// on for it, and a mistaken one only changes how a wrong reply is named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Past {
    tags: Vec<u32>,
    /// Which of them is the oldest, once there are as many as are kept.
    oldest: u8,
}

impl Past {
    /// The most tags that are kept.
    const MOST: u8 = 16;

    fn keep(&mut self, tag: &Tag) {
        let hash = Self::hash(tag);
        if self.tags.len() < usize::from(Self::MOST) {
            self.tags.push(hash);
        } else if let Some(oldest) = self.tags.get_mut(usize::from(self.oldest)) {
            *oldest = hash;
            self.oldest = self.oldest.saturating_add(1) % Self::MOST;
        }
    }

    fn contains(&self, tag: &Tag) -> bool {
        self.tags.contains(&Self::hash(tag))
    }

    /// Eight bytes at a time, each time multiplied by 2^64 over the golden ratio, which spreads it over all bits.
    #[allow(clippy::cast_possible_truncation, reason = "the upper half of the bits")]
    fn hash(tag: &Tag) -> u32 {
        let spread = |hash: u64, word: u64| {
            let mixed = (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            mixed ^ mixed >> 32
        };
        let (words, rest) = tag.as_bytes().as_chunks::<8>();
        let hash = words.iter().fold(0, |hash, word| spread(hash, u64::from_le_bytes(*word)));
        let last = rest.iter().fold(1, |word: u64, byte| word << 8 | u64::from(*byte));
        (spread(hash, last) >> 32) as u32
    }

    fn clear(&mut self) {
        self.tags.clear();
        self.oldest = 0;
    }
}

/// The name of a command in upper case, with `UID` where it belongs to it: the name of its row in
/// [`COMMANDS`](crate::state::table::COMMANDS).
#[must_use]
pub fn name_of(body: &CommandBody) -> Cow<'static, str> {
    name_in(row_of(body), body)
}

/// The same of a command whose row is known.
fn name_in(row: &'static table::Command, body: &CommandBody) -> Cow<'static, str> {
    if let CommandBody::Other { uid, name, .. } = body {
        return known_or_owned(&other_name(*uid, name));
    }
    Cow::Borrowed(row.name)
}

fn other_name(uid: bool, name: &Atom) -> String {
    let name = name.as_str().to_ascii_uppercase();
    if uid { alloc::format!("UID {name}") } else { name }
}

/// The row of a command in [`COMMANDS`](table::COMMANDS); [`OTHER`](table::OTHER) where there is none.
pub(crate) fn row_of(body: &CommandBody) -> &'static table::Command {
    macro_rules! row {
        ($name:literal) => {
            const { table::row_of($name) }
        };
        ($name:literal, by uid: $uid:expr) => {
            if $uid { const { table::row_of(concat!("UID ", $name)) } } else { row!($name) }
        };
    }
    match body {
        CommandBody::Capability => row!("CAPABILITY"),
        CommandBody::Noop => row!("NOOP"),
        CommandBody::Logout => row!("LOGOUT"),
        CommandBody::StartTls => row!("STARTTLS"),
        CommandBody::Authenticate { .. } => row!("AUTHENTICATE"),
        CommandBody::Login { .. } => row!("LOGIN"),
        CommandBody::Enable(_) => row!("ENABLE"),
        CommandBody::Select { .. } => row!("SELECT"),
        CommandBody::Examine { .. } => row!("EXAMINE"),
        CommandBody::Create { .. } => row!("CREATE"),
        CommandBody::Delete(_) => row!("DELETE"),
        CommandBody::Rename { .. } => row!("RENAME"),
        CommandBody::Subscribe(_) => row!("SUBSCRIBE"),
        CommandBody::Unsubscribe(_) => row!("UNSUBSCRIBE"),
        CommandBody::List(_) => row!("LIST"),
        CommandBody::Lsub { .. } => row!("LSUB"),
        CommandBody::Namespace => row!("NAMESPACE"),
        CommandBody::Status { .. } => row!("STATUS"),
        CommandBody::Append(_) => row!("APPEND"),
        CommandBody::Idle => row!("IDLE"),
        CommandBody::Notify(_) => row!("NOTIFY"),
        CommandBody::Compress(_) => row!("COMPRESS"),
        CommandBody::Unauthenticate => row!("UNAUTHENTICATE"),
        CommandBody::Id(_) => row!("ID"),
        CommandBody::CancelUpdate(_) => row!("CANCELUPDATE"),
        CommandBody::Check => row!("CHECK"),
        CommandBody::Close => row!("CLOSE"),
        CommandBody::Unselect => row!("UNSELECT"),
        CommandBody::Expunge => row!("EXPUNGE"),
        CommandBody::UidExpunge(_) => row!("UID EXPUNGE"),
        CommandBody::Search(search) => row!("SEARCH", by uid: search.uid),
        CommandBody::Fetch(fetch) => row!("FETCH", by uid: fetch.uid),
        CommandBody::Store(store) => row!("STORE", by uid: store.uid),
        CommandBody::Copy(copy) => row!("COPY", by uid: copy.uid),
        CommandBody::Move(copy) => row!("MOVE", by uid: copy.uid),
        CommandBody::Replace(replace) => row!("REPLACE", by uid: replace.uid),
        CommandBody::Other { uid, name, .. } => table::command(&other_name(*uid, name)),
        _ => &table::OTHER,
    }
}

/// The most that is kept of the name of an unknown command, in characters.
const LONGEST_NAME: usize = 64;

/// The name in upper case, without an allocation where the table has it.
fn known_or_owned(name: &str) -> Cow<'static, str> {
    let row = table::command(name);
    if row.name.eq_ignore_ascii_case(name) {
        Cow::Borrowed(row.name)
    } else {
        Cow::Owned(name.chars().take(LONGEST_NAME).map(|letter| letter.to_ascii_uppercase()).collect())
    }
}

fn kind_of(body: &CommandBody) -> Kind {
    if matches!(body, CommandBody::Select { .. } | CommandBody::Examine { .. }) {
        Kind::Select
    } else if matches!(body, CommandBody::Idle) {
        Kind::Idle { continued: false, done: false }
    } else if matches!(body, CommandBody::Authenticate { .. }) {
        Kind::Authenticate { challenged: false }
    } else if let CommandBody::Notify(notify) = body {
        Kind::Notify { at_any_time: asks_for_the_selected(notify) }
    } else if let CommandBody::Search(search) = body {
        let options = search.returns.as_deref();
        let only_save = options.is_some_and(|options| {
            !options.is_empty() && options.iter().all(|option| matches!(option, SearchReturn::Save))
        });
        Kind::Search { returns: options.is_some() && !only_save, silent: only_save }
    } else {
        Kind::Plain
    }
}

fn asks_for_the_selected(notify: &Notify) -> bool {
    let Notify::Set { groups, .. } = notify else { return false };
    groups.iter().any(|group| group.mailboxes == MailboxFilter::Selected && !group.events.is_empty())
}

/// Whether the arguments hold message numbers, as opposed to UIDs and to `$`, the saved result, which is not
/// ambiguous after EXPUNGE: the server takes care of it (RFC 9051 section 6.4.4.4 sends STORE after COPY so).
pub(crate) fn has_numbers(body: &CommandBody) -> bool {
    if let CommandBody::Fetch(fetch) = body {
        !fetch.uid && !fetch.set.ranges().is_empty()
    } else if let CommandBody::Store(store) = body {
        !store.uid && !store.set.ranges().is_empty()
    } else if let CommandBody::Copy(copy) | CommandBody::Move(copy) = body {
        !copy.uid && !copy.set.ranges().is_empty()
    } else if let CommandBody::Search(search) = body {
        search.keys.iter().any(|key| key_has_numbers(key, 0))
    } else if let CommandBody::Replace(replace) = body {
        !replace.uid
    } else {
        false
    }
}

/// Decoded keys are no deeper than the decoder's limit; keys made by hand may be.
const DEEPEST: usize = 256;

fn key_has_numbers(key: &SearchKey, depth: usize) -> bool {
    if depth > DEEPEST {
        return false;
    }
    let deeper = depth.saturating_add(1);
    if let SearchKey::Set(set) = key {
        !set.ranges().is_empty()
    } else if let SearchKey::Not(key) = key {
        key_has_numbers(key, deeper)
    } else if let SearchKey::Or(one, other) = key {
        key_has_numbers(one, deeper) || key_has_numbers(other, deeper)
    } else if let SearchKey::And(keys) = key {
        keys.iter().any(|key| key_has_numbers(key, deeper))
    } else {
        false
    }
}
