//! The one table behind [`State`]: which command is valid where, and what moves a session.
//!
//! [`COMMANDS`] has a row for each command, [`TRANSITIONS`] one for each move; every row quotes the sentence it comes
//! from. What has no row moves nothing. [`text`], [`mermaid`], [`dot`] and [`matrix`] print from these two and nothing
//! else.
//!
//! ```
//! use imap_fsm::state::{State, States, table};
//!
//! let enable = table::command("ENABLE");
//! assert_eq!(enable.valid_in, States::UNSELECTED);
//! assert_eq!((enable.source.rfc, enable.source.section), (9051, "6.3.1"));
//!
//! let mut text = String::new();
//! table::text(&mut text).unwrap();
//! assert!(text.contains("UNAUTHENTICATE"));
//! ```

use core::fmt;

use imap_types::response::GreetingKind;

pub use super::print::{dot, matrix, mermaid, text};
use super::{Access, Event, Outcome, State, States};
use crate::permit::{Need, needed_by};

/// Where a rule comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    /// The number of the RFC.
    pub rfc: u16,
    /// The section: `6.3.1`.
    pub section: &'static str,
    /// The sentence, or the line of the grammar, as the RFC prints it.
    pub sentence: &'static str,
}

impl Source {
    pub(crate) const fn new(rfc: u16, section: &'static str, sentence: &'static str) -> Self {
        Self { rfc, section, sentence }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RFC {} section {}", self.rfc, self.section)
    }
}

/// A row of the table: a command, and where it may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Command {
    /// The name in upper case, with `UID` where it belongs to it: `UID FETCH`.
    pub name: &'static str,
    /// The states in which it may be sent.
    pub valid_in: States,
    /// What says so.
    pub source: Source,
    /// Whether any reply to it moves a session.
    pub(crate) moves: bool,
    /// Whether it is no more than a request and its reply: it moves nothing and switches nothing, no data has to come
    /// before its OK, and no lines of another kind follow it. A rule about single commands is no rule about these.
    pub(crate) plain: bool,
    /// Whether EXPUNGE may be sent while it is in progress (RFC 9051 section 7.5.1).
    pub(crate) renumbers: bool,
    /// Whether it changes the selected mailbox, so that it cannot be carried out read-only.
    pub(crate) writes: bool,
    /// What its name alone needs of the server.
    pub(crate) needs: Option<Need>,
}

/// A row of the table: an event that moves a session from some states to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Transition {
    /// What happens.
    pub event: Event<'static>,
    /// The states that it moves from. For a greeting: whatever was assumed before it.
    pub from: States,
    /// The state that it moves to; possibly one that it moves from.
    pub to: State,
    /// What says so.
    pub source: Source,
}

const NOT_AUTHENTICATED: States = States::NOT_AUTHENTICATED;
const AUTHENTICATED: States = States::AUTHENTICATED;
const SELECTED: States = States::SELECTED;
const ANY: States = States::ANY;

/// Sentences that are behind several rows.
pub(super) mod says {
    use super::Source;

    pub(super) const ANY: Source = Source::new(
        9051,
        "6.1",
        "The following commands are valid in any state: CAPABILITY, NOOP, and LOGOUT.",
    );
    pub(super) const NOT_AUTHENTICATED: Source = Source::new(
        9051,
        "6.2",
        "In addition to the universal commands (CAPABILITY, NOOP, and LOGOUT), the following commands are valid in the \
         not authenticated state: STARTTLS, AUTHENTICATE, and LOGIN.",
    );
    pub(super) const AUTHENTICATED: Source = Source::new(
        9051,
        "6.3",
        "In addition to the universal commands (CAPABILITY, NOOP, and LOGOUT), the following commands are valid in the \
         authenticated state: ENABLE, SELECT, EXAMINE, NAMESPACE, CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE, LIST, \
         STATUS, APPEND, and IDLE.",
    );
    pub(super) const AUTHENTICATED_REV1: Source = Source::new(
        3501,
        "6.3",
        "In addition to the universal commands (CAPABILITY, NOOP, and LOGOUT), the following commands are valid in the \
         authenticated state: SELECT, EXAMINE, CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE, LIST, LSUB, STATUS, and \
         APPEND.",
    );
    pub(super) const SELECTED: Source = Source::new(
        9051,
        "6.4",
        "In addition to the universal commands (CAPABILITY, NOOP, and LOGOUT), and the authenticated state commands \
         (SELECT, EXAMINE, NAMESPACE, CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE, LIST, STATUS, and APPEND), the \
         following commands are valid in the selected state: CLOSE, UNSELECT, EXPUNGE, SEARCH, FETCH, STORE, COPY, MOVE, \
         and UID.",
    );
    pub(super) const SELECTED_REV1: Source = Source::new(
        3501,
        "6.4",
        "In addition to the universal commands (CAPABILITY, NOOP, and LOGOUT), and the authenticated state commands \
         (SELECT, EXAMINE, CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE, LIST, LSUB, STATUS, and APPEND), the following \
         commands are valid in the selected state: CHECK, CLOSE, EXPUNGE, SEARCH, FETCH, STORE, COPY, and UID.",
    );
    pub(super) const IDLE: Source = Source::new(2177, "4", "Valid only in Authenticated or Selected state");
    pub(super) const ENABLE: Source = Source::new(
        9051,
        "6.3.1",
        "The ENABLE command is only valid in the authenticated state, before any mailbox is selected.",
    );
    pub(super) const ID: Source = Source::new(2971, "3.1", "This command is valid in any state.");
    pub(super) const LANGUAGE: Source =
        Source::new(5255, "3.1", "The LANGUAGE command is valid in all states.");
    pub(super) const COMPARATOR: Source =
        Source::new(5255, "4.7", "The COMPARATOR command is valid in authenticated and selected states.");
    pub(super) const COMPRESS: Source = Source::new(4978, "5", "command-auth =/ compress");
    pub(super) const CONVERSIONS: Source = Source::new(
        5259,
        "5.1",
        "The CONVERSIONS command is allowed in Authenticated and Selected IMAP states.",
    );
    pub(super) const CONVERT: Source = Source::new(5259, "10", "command-select =/ convert");
    pub(super) const METADATA: Source = Source::new(5464, "5", "command-auth =/ setmetadata / getmetadata");
    pub(super) const NOTIFY: Source = Source::new(5465, "8", "command-auth =/ notify");
    pub(super) const RLIST: Source =
        Source::new(2193, "5.1", "The RLIST command behaves identically to its LIST counterpart, except");
    pub(super) const RLSUB: Source =
        Source::new(2193, "5.2", "The RLSUB command behaves identically to its LSUB counterpart, except");
    pub(super) const UNAUTHENTICATE: Source = Source::new(
        8437,
        "1",
        "The IMAP state machine described in Section 3 of RFC 3501 does not have a transition from authenticated or \
         selected state to not authenticated state.",
    );
    pub(super) const JMAPACCESS: Source = Source::new(9698, "4", "command-auth =/ \"GETJMAPACCESS\"");
    pub(super) const ACL: Source =
        Source::new(4314, "7", "command-auth =/ setacl / deleteacl / getacl / listrights / myrights");
    pub(super) const GETQUOTA: Source = Source::new(
        9208,
        "4.1.1",
        "The GETQUOTA command takes the name of a quota root and returns the quota root's resource usage and limits in \
         an untagged QUOTA response.",
    );
    pub(super) const GETQUOTAROOT: Source = Source::new(
        9208,
        "4.1.2",
        "The GETQUOTAROOT command takes a mailbox name and returns the list of quota roots for the mailbox in an \
         untagged QUOTAROOT response.",
    );
    pub(super) const SETQUOTA: Source = Source::new(
        9208,
        "4.1.3",
        "The SETQUOTA command takes the name of a mailbox quota root and a list of resource limits.",
    );
    pub(super) const URLAUTH: Source =
        Source::new(4467, "9", "command-auth =/ resetkey / genurlauth / urlfetch");
    pub(super) const ESEARCH: Source = Source::new(7377, "4", "command-auth =/ esearch");
    pub(super) const UIDPLUS: Source = Source::new(4315, "4", "command-select =/ uid-expunge");
    pub(super) const UNSELECT: Source = Source::new(
        9051,
        "6.4.2",
        "The UNSELECT command frees a session's resources associated with the selected mailbox and returns the server \
         to the authenticated state.",
    );
    pub(super) const REPLACE: Source = Source::new(
        8508,
        "3.5",
        "Unlike the APPEND command, which is valid in the authenticated state, the REPLACE and UID REPLACE commands MUST \
         only be valid in the selected state.",
    );
    pub(super) const SORT: Source = Source::new(
        5256,
        "3",
        "The SORT command is a variant of SEARCH with sorting semantics for the results.",
    );
    pub(super) const UID_SORT: Source = Source::new(
        5256,
        "3",
        "There is also a UID SORT command that returns unique identifiers instead of message sequence numbers.",
    );
    pub(super) const THREAD: Source = Source::new(
        5256,
        "3",
        "The THREAD command is a variant of SEARCH with threading semantics for the results.",
    );
    pub(super) const UID_THREAD: Source = Source::new(
        5256,
        "3",
        "There is also a UID THREAD command that returns unique identifiers instead of message sequence numbers.",
    );
    pub(super) const CANCELUPDATE: Source =
        Source::new(5267, "5", "command-select =/ \"CANCELUPDATE\" 1*(SP quoted)");
    pub(super) const UIDBATCHES: Source = Source::new(10022, "4", "command-select =/ message-batches");
    pub(super) const EXPERIMENTAL: Source =
        Source::new(3501, "6.5.1", "Any command prefixed with an X is an experimental command.");

    pub(super) const SELECT_OK: Source =
        Source::new(9051, "6.3.2", "OK - select completed, now in selected state");
    pub(super) const SELECT_READ_ONLY: Source = Source::new(
        9051,
        "6.3.2",
        "If the client is not permitted to modify the mailbox but is permitted read access, the mailbox is selected as \
         read-only, and the server MUST prefix the text of the tagged OK response to SELECT with the \"[READ-ONLY]\" \
         response code.",
    );
    pub(super) const SELECT_NO: Source = Source::new(
        9051,
        "6.3.2",
        "Consequently, if a mailbox is selected and a SELECT command that fails is attempted, no mailbox is selected.",
    );
    pub(super) const SELECT_BAD: Source = Source::new(
        9051,
        "7.1.3",
        "When tagged, it reports a protocol-level error in the client's command; the tag indicates the command that \
         caused the error.",
    );
    pub(super) const EXAMINE_OK: Source = Source::new(
        9051,
        "6.3.3",
        "The EXAMINE command is identical to SELECT and returns the same output; however, the selected mailbox is \
         identified as read-only.",
    );
    pub(super) const AUTHENTICATED_BY: Source = Source::new(
        9051,
        "6.2",
        "In the not authenticated state, the AUTHENTICATE or LOGIN command establishes authentication and enters the \
         authenticated state.",
    );
    pub(super) const STARTTLS_OK: Source = Source::new(
        9051,
        "6.2.1",
        "After successful TLS negotiation, the server remains in the non-authenticated state, even if client \
         credentials are supplied during the TLS negotiation.",
    );
    pub(super) const UNAUTHENTICATE_OK: Source = Source::new(
        8437,
        "3",
        "Upon completion, the server connection is placed in not authenticated state.",
    );
    pub(super) const CLOSE_OK: Source = Source::new(
        9051,
        "6.4.1",
        "The CLOSE command permanently removes all messages that have the \\Deleted flag set from the currently selected \
         mailbox, and it returns to the authenticated state from the selected state.",
    );
    pub(super) const LOGOUT: Source = Source::new(
        9051,
        "3.4",
        "This state can be entered as a result of a client request (via the LOGOUT command) or by unilateral action on \
         the part of either the client or the server.",
    );
    pub(super) const BYE: Source = Source::new(
        9051,
        "7.1.5",
        "The BYE response is always untagged and indicates that the server is about to close the connection.",
    );
    pub(super) const CLOSED: Source = Source::new(
        9051,
        "7.1",
        "A server returns the CLOSED response code when the currently selected mailbox is closed implicitly using the \
         SELECT or EXAMINE command on another mailbox.",
    );
    pub(super) const READ_ONLY: Source = Source::new(
        9051,
        "7.1",
        "The mailbox is selected as read-only, or its access while selected has changed from read-write to read-only.",
    );
    pub(super) const READ_WRITE: Source = Source::new(
        9051,
        "7.1",
        "The mailbox is selected as read-write, or its access while selected has changed from read-only to read-write.",
    );
    pub(super) const GREETING_OK: Source =
        Source::new(9051, "3.4", "connection without pre-authentication (OK greeting)");
    pub(super) const GREETING_PREAUTH: Source =
        Source::new(9051, "3.4", "pre-authenticated connection (PREAUTH greeting)");
    pub(super) const GREETING_BYE: Source = Source::new(9051, "3.4", "rejected connection (BYE greeting)");
    pub(super) const DISCONNECTED: Source =
        Source::new(9051, "3.4", "LOGOUT command, server shutdown, or connection closed");

    pub(in crate::state) const OK_STAYS: Source = Source::new(
        9051,
        "7.1.1",
        "When tagged, it indicates successful completion of the associated command.",
    );
    pub(in crate::state) const NO_STAYS: Source = Source::new(
        9051,
        "7.1.2",
        "When tagged, it indicates unsuccessful completion of the associated command.",
    );
    pub(in crate::state) const BAD_STAYS: Source = SELECT_BAD;
}

const fn row(name: &'static str, valid_in: States, source: Source) -> Command {
    let moves = is_moved_by(name);
    Command {
        name,
        valid_in,
        source,
        moves,
        plain: !moves && !is_among(name, NOT_PLAIN),
        renumbers: !is_among(name, KEEPS_NUMBERS),
        writes: is_among(name, WRITES),
        needs: needed_by(name),
    }
}

/// The commands during which no message may go: those whose answers tell of messages by number.
const KEEPS_NUMBERS: &[&str] = &["FETCH", "STORE", "SEARCH", "SORT", "THREAD"];

/// The commands that change the selected mailbox.
const WRITES: &[&str] =
    &["STORE", "UID STORE", "EXPUNGE", "UID EXPUNGE", "MOVE", "UID MOVE", "REPLACE", "UID REPLACE"];

/// The commands that move nothing and yet are more than a request and its reply.
const NOT_PLAIN: &[&str] = &[
    // The session answers by itself.
    "CAPABILITY",
    "ENABLE",
    // They change the stream.
    "STARTTLS",
    "COMPRESS",
    // An exchange of lines.
    "IDLE",
    // It decides when EXPUNGE may come.
    "NOTIFY",
    // Data has to come before their OK.
    "STATUS",
    "NAMESPACE",
    "SEARCH",
    "UID SEARCH",
];

/// Every command of RFC 3501, RFC 9051 and the extensions, in the order of the formal syntax: those valid in any state
/// first, those of the selected state last.
pub const COMMANDS: &[Command] = &[
    row("CAPABILITY", ANY, says::ANY),
    row("NOOP", ANY, says::ANY),
    row("LOGOUT", ANY, says::ANY),
    row("ID", ANY, says::ID),
    row("LANGUAGE", ANY, says::LANGUAGE),
    row("STARTTLS", NOT_AUTHENTICATED, says::NOT_AUTHENTICATED),
    row("AUTHENTICATE", NOT_AUTHENTICATED, says::NOT_AUTHENTICATED),
    row("LOGIN", NOT_AUTHENTICATED, says::NOT_AUTHENTICATED),
    row("ENABLE", States::UNSELECTED, says::ENABLE),
    //= rfc9051#section-3.1
    //# In the not authenticated state, the client MUST supply authentication credentials before most
    //# commands will be permitted.
    row("SELECT", AUTHENTICATED, says::AUTHENTICATED),
    row("EXAMINE", AUTHENTICATED, says::AUTHENTICATED),
    row("CREATE", AUTHENTICATED, says::AUTHENTICATED),
    row("DELETE", AUTHENTICATED, says::AUTHENTICATED),
    row("RENAME", AUTHENTICATED, says::AUTHENTICATED),
    row("SUBSCRIBE", AUTHENTICATED, says::AUTHENTICATED),
    row("UNSUBSCRIBE", AUTHENTICATED, says::AUTHENTICATED),
    row("LIST", AUTHENTICATED, says::AUTHENTICATED),
    row("LSUB", AUTHENTICATED, says::AUTHENTICATED_REV1),
    row("NAMESPACE", AUTHENTICATED, says::AUTHENTICATED),
    row("STATUS", AUTHENTICATED, says::AUTHENTICATED),
    row("APPEND", AUTHENTICATED, says::AUTHENTICATED),
    row("IDLE", AUTHENTICATED, says::IDLE),
    row("COMPRESS", AUTHENTICATED, says::COMPRESS),
    row("COMPARATOR", AUTHENTICATED, says::COMPARATOR),
    row("CONVERSIONS", AUTHENTICATED, says::CONVERSIONS),
    row("GETMETADATA", AUTHENTICATED, says::METADATA),
    row("SETMETADATA", AUTHENTICATED, says::METADATA),
    row("NOTIFY", AUTHENTICATED, says::NOTIFY),
    row("RLIST", AUTHENTICATED, says::RLIST),
    row("RLSUB", AUTHENTICATED, says::RLSUB),
    row("UNAUTHENTICATE", AUTHENTICATED, says::UNAUTHENTICATE),
    row("GETJMAPACCESS", AUTHENTICATED, says::JMAPACCESS),
    row("SETACL", AUTHENTICATED, says::ACL),
    row("DELETEACL", AUTHENTICATED, says::ACL),
    row("GETACL", AUTHENTICATED, says::ACL),
    row("LISTRIGHTS", AUTHENTICATED, says::ACL),
    row("MYRIGHTS", AUTHENTICATED, says::ACL),
    row("GETQUOTA", AUTHENTICATED, says::GETQUOTA),
    row("GETQUOTAROOT", AUTHENTICATED, says::GETQUOTAROOT),
    row("SETQUOTA", AUTHENTICATED, says::SETQUOTA),
    row("RESETKEY", AUTHENTICATED, says::URLAUTH),
    row("GENURLAUTH", AUTHENTICATED, says::URLAUTH),
    row("URLFETCH", AUTHENTICATED, says::URLAUTH),
    row("ESEARCH", AUTHENTICATED, says::ESEARCH),
    //= rfc9051#section-3.2
    //# In the authenticated state, the client is authenticated and MUST select a mailbox to access before
    //# commands that affect messages will be permitted.
    row("CHECK", SELECTED, says::SELECTED_REV1),
    row("CLOSE", SELECTED, says::SELECTED),
    row("UNSELECT", SELECTED, says::UNSELECT),
    row("EXPUNGE", SELECTED, says::SELECTED),
    row("UID EXPUNGE", SELECTED, says::UIDPLUS),
    row("SEARCH", SELECTED, says::SELECTED),
    row("UID SEARCH", SELECTED, says::SELECTED),
    row("FETCH", SELECTED, says::SELECTED),
    row("UID FETCH", SELECTED, says::SELECTED),
    row("STORE", SELECTED, says::SELECTED),
    row("UID STORE", SELECTED, says::SELECTED),
    row("COPY", SELECTED, says::SELECTED),
    row("UID COPY", SELECTED, says::SELECTED),
    row("MOVE", SELECTED, says::SELECTED),
    row("UID MOVE", SELECTED, says::SELECTED),
    row("REPLACE", SELECTED, says::REPLACE),
    row("UID REPLACE", SELECTED, says::REPLACE),
    row("SORT", SELECTED, says::SORT),
    row("UID SORT", SELECTED, says::UID_SORT),
    row("THREAD", SELECTED, says::THREAD),
    row("UID THREAD", SELECTED, says::UID_THREAD),
    row("CANCELUPDATE", SELECTED, says::CANCELUPDATE),
    row("CONVERT", SELECTED, says::CONVERT),
    row("UID CONVERT", SELECTED, says::CONVERT),
    row("UIDBATCHES", SELECTED, says::UIDBATCHES),
];

/// Every command that has no row: experimental ones (`XLIST`) and unknown ones.
pub const OTHER: Command = row("X<atom>", ANY, says::EXPERIMENTAL);

const READ_WRITE: State = State::Selected(Access::ReadWrite);
const READ_ONLY: State = State::Selected(Access::ReadOnly);

const fn reply(
    command: &'static str,
    outcome: Outcome,
    from: States,
    to: State,
    source: Source,
) -> Transition {
    Transition { event: Event::Reply { command, outcome }, from, to, source }
}

const fn on(event: Event<'static>, from: States, to: State, source: Source) -> Transition {
    Transition { event, from, to, source }
}

/// All that moves a session, in the order of its life.
pub const TRANSITIONS: &[Transition] = &[
    on(Event::Greeting(GreetingKind::Ok), States::ALL, State::NotAuthenticated, says::GREETING_OK),
    on(Event::Greeting(GreetingKind::PreAuth), States::ALL, State::Authenticated, says::GREETING_PREAUTH),
    on(Event::Greeting(GreetingKind::Bye), States::ALL, State::Logout, says::GREETING_BYE),
    reply("STARTTLS", Outcome::Ok, NOT_AUTHENTICATED, State::NotAuthenticated, says::STARTTLS_OK),
    reply("LOGIN", Outcome::Ok, NOT_AUTHENTICATED, State::Authenticated, says::AUTHENTICATED_BY),
    reply("AUTHENTICATE", Outcome::Ok, NOT_AUTHENTICATED, State::Authenticated, says::AUTHENTICATED_BY),
    reply("SELECT", Outcome::Ok, AUTHENTICATED, READ_WRITE, says::SELECT_OK),
    reply("SELECT", Outcome::OkReadOnly, AUTHENTICATED, READ_ONLY, says::SELECT_READ_ONLY),
    reply("EXAMINE", Outcome::Ok, AUTHENTICATED, READ_ONLY, says::EXAMINE_OK),
    reply("SELECT", Outcome::No, SELECTED, State::Authenticated, says::SELECT_NO),
    reply("EXAMINE", Outcome::No, SELECTED, State::Authenticated, says::SELECT_NO),
    reply("SELECT", Outcome::Bad, States::NONE.with(READ_WRITE), READ_WRITE, says::SELECT_BAD),
    reply("SELECT", Outcome::Bad, States::NONE.with(READ_ONLY), READ_ONLY, says::SELECT_BAD),
    reply("EXAMINE", Outcome::Bad, States::NONE.with(READ_WRITE), READ_WRITE, says::SELECT_BAD),
    reply("EXAMINE", Outcome::Bad, States::NONE.with(READ_ONLY), READ_ONLY, says::SELECT_BAD),
    on(Event::Closed, SELECTED, State::Authenticated, says::CLOSED),
    on(Event::ReadOnly, SELECTED, READ_ONLY, says::READ_ONLY),
    on(Event::ReadWrite, SELECTED, READ_WRITE, says::READ_WRITE),
    reply("CLOSE", Outcome::Ok, SELECTED, State::Authenticated, says::CLOSE_OK),
    reply("UNSELECT", Outcome::Ok, SELECTED, State::Authenticated, says::UNSELECT),
    reply("UNAUTHENTICATE", Outcome::Ok, AUTHENTICATED, State::NotAuthenticated, says::UNAUTHENTICATE_OK),
    reply("LOGOUT", Outcome::Ok, ANY, State::Logout, says::LOGOUT),
    on(Event::Bye, ANY, State::Logout, says::BYE),
    on(Event::Disconnected, ANY, State::Logout, says::DISCONNECTED),
];

/// The row of the command of that name, in any case; [`OTHER`] where there is none.
#[must_use]
pub fn command(name: &str) -> &'static Command {
    find_row(name).unwrap_or(&OTHER)
}

/// The row of a command that has one, for the compiler: it stops where there is none.
#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "evaluated by the compiler, which stops where it is wrong"
)]
pub(crate) const fn row_of(name: &str) -> &'static Command {
    let mut row = 0;
    while !equal(COMMANDS[row].name.as_bytes(), name.as_bytes()) {
        row += 1;
    }
    &COMMANDS[row]
}

/// Whether any reply to the command of that name, in any case, moves a session.
#[must_use]
pub fn moves(name: &str) -> bool {
    find_row(name).is_some_and(|row| row.moves)
}

/// The rows by the length of their names: every command is looked up by its name, and few names are of one length.
static BY_LENGTH: ByLength = ByLength::new();

struct ByLength {
    /// The places of the rows, shorter names first.
    places: [usize; COMMANDS.len()],
    /// Where the names of each length begin in `places`; the last is the end of all.
    begin: [usize; LONGEST + 2],
}

/// The longest name, in bytes.
const LONGEST: usize = 14;

impl ByLength {
    #[allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "evaluated by the compiler, which stops where it is wrong"
    )]
    const fn new() -> Self {
        let mut places = [0; COMMANDS.len()];
        let mut begin = [0; LONGEST + 2];
        let (mut length, mut filled) = (0, 0);
        while length <= LONGEST {
            begin[length] = filled;
            let mut row = 0;
            while row < COMMANDS.len() {
                if COMMANDS[row].name.len() == length {
                    places[filled] = row;
                    filled += 1;
                }
                row += 1;
            }
            length += 1;
        }
        assert!(filled == COMMANDS.len(), "a name is longer than LONGEST");
        begin[length] = filled;
        Self { places, begin }
    }

    fn of(&self, length: usize) -> &[usize] {
        let begin = self.begin.get(length).copied().unwrap_or_default();
        let end = self.begin.get(length.saturating_add(1)).copied().unwrap_or_default();
        self.places.get(begin..end).unwrap_or_default()
    }
}

#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "evaluated by the compiler, which stops where it is wrong"
)]
const fn is_moved_by(name: &str) -> bool {
    let mut row = 0;
    while row < TRANSITIONS.len() {
        if let Event::Reply { command, .. } = TRANSITIONS[row].event
            && equal(command.as_bytes(), name.as_bytes())
        {
            return true;
        }
        row += 1;
    }
    false
}

#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "evaluated by the compiler, which stops where it is wrong"
)]
const fn is_among(name: &str, names: &[&str]) -> bool {
    let mut at = 0;
    while at < names.len() {
        if equal(names[at].as_bytes(), name.as_bytes()) {
            return true;
        }
        at += 1;
    }
    false
}

/// `==` for the compiler.
pub(crate) const fn equal(left: &[u8], right: &[u8]) -> bool {
    match (left, right) {
        ([], []) => true,
        ([one, left @ ..], [other, right @ ..]) => *one == *other && equal(left, right),
        ([], _) | (_, []) => false,
    }
}

fn find_row(name: &str) -> Option<&'static Command> {
    let rows = || {
        let places = BY_LENGTH.of(name.len()).iter();
        places.filter_map(|place| COMMANDS.get(*place))
    };
    // Nearly all names are in upper case.
    let exact = rows().find(|row| row.name == name);
    exact.or_else(|| rows().find(|row| row.name.eq_ignore_ascii_case(name)))
}

/// The row that moves a session in `from` on `event`, if there is one.
///
/// `OK [READ-ONLY]` is an OK to every command that has no row of its own for it.
#[must_use]
pub fn find(from: State, event: &Event<'_>) -> Option<&'static Transition> {
    if let Event::Reply { command, .. } = event
        && !moves(command)
    {
        return None;
    }
    let exact =
        |event: &Event<'_>| TRANSITIONS.iter().find(|row| row.from.contains(from) && same(&row.event, event));
    exact(event).or_else(|| {
        let Event::Reply { command, outcome: Outcome::OkReadOnly } = *event else { return None };
        exact(&Event::Reply { command, outcome: Outcome::Ok })
    })
}

/// What says what `event` does in `from`: the sentence of its row, or for a reply that moves nothing the sentence that
/// says what such a reply is.
#[must_use]
pub fn source(from: State, event: &Event<'_>) -> Option<Source> {
    find(from, event).map(|row| row.source).or(match event {
        Event::Reply { outcome, .. } => Some(match outcome {
            Outcome::Ok | Outcome::OkReadOnly => says::OK_STAYS,
            Outcome::No => says::NO_STAYS,
            Outcome::Bad => says::BAD_STAYS,
        }),
        Event::Greeting(_)
        | Event::Bye
        | Event::Closed
        | Event::ReadOnly
        | Event::ReadWrite
        | Event::Disconnected => None,
    })
}

fn same(row: &Event<'_>, event: &Event<'_>) -> bool {
    match (row, event) {
        (Event::Reply { command: left, outcome: one }, Event::Reply { command: right, outcome: other }) => {
            one == other && left.eq_ignore_ascii_case(right)
        }
        (row, event) => row == event,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        for (n, row) in COMMANDS.iter().enumerate() {
            assert!(COMMANDS.iter().skip(n + 1).all(|other| other.name != row.name), "{}", row.name);
        }
    }

    #[test]
    fn what_is_more_than_its_reply_is_not_plain() {
        for name in
            NOT_PLAIN.iter().chain(&["LOGIN", "AUTHENTICATE", "SELECT", "CLOSE", "LOGOUT", "UNAUTHENTICATE"])
        {
            let row = command(name);
            assert!(row.name == *name && !row.plain, "{name}");
        }
        for name in ["NOOP", "FETCH", "UID FETCH", "STORE", "APPEND"] {
            assert!(command(name).plain && !command(name).moves, "{name}");
        }
    }

    #[test]
    fn no_two_rows_contradict() {
        for (n, row) in TRANSITIONS.iter().enumerate() {
            for other in TRANSITIONS.iter().skip(n + 1) {
                let clash = row.event == other.event && row.from.intersects(other.from);
                assert!(!clash, "{} from {}", row.event, row.from);
            }
        }
    }

    #[test]
    fn replies_move_only_from_where_their_command_is_valid() {
        for row in TRANSITIONS {
            if let Event::Reply { command: name, .. } = row.event {
                let valid = command(name).valid_in;
                assert!(row.from.iter().all(|state| valid.contains(state)), "{name}");
            }
        }
    }
}
