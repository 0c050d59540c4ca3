//! The states of a session and all that moves it from one to another.
//!
//! Three rules keep this module what it is:
//!
//! 1. All that moves the state of a session is declared in [`table`], once. [`State::on`], the printed tables, the diagrams
//!    and the matrix of every state and every event come from that declaration.
//! 2. It does not know our role: a client, a server and an observer ask the same table.
//! 3. It counts one machine only, the session. Exchanges in progress (a literal, AUTHENTICATE, IDLE), commands in
//!    flight and the selected mailbox are other machines, in other modules.
//!
//! The states are those of RFC 3501 and RFC 9051 section 3; the selected state says what access it gives.
//!
//! ```
//! use imap_fsm::state::{Access, Event, Outcome, State};
//!
//! let selected = State::Authenticated.on(&Event::Reply { command: "SELECT", outcome: Outcome::Ok });
//! assert_eq!(selected, State::Selected(Access::ReadWrite));
//!
//! // A refused SELECT leaves the selected state, a misunderstood one does not.
//! let refused = selected.on(&Event::Reply { command: "SELECT", outcome: Outcome::No });
//! assert_eq!(refused, State::Authenticated);
//! let misunderstood = selected.on(&Event::Reply { command: "SELECT", outcome: Outcome::Bad });
//! assert_eq!(misunderstood, selected);
//! ```

use core::fmt;

use imap_types::{
    code::Code,
    response::{GreetingKind, Status},
};

mod print;
pub mod table;

/// The state of a session (RFC 3501 and RFC 9051 section 3).
///
/// `Display` gives the name that tools print: `not-authenticated`, `authenticated`, `selected`, `logout`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum State {
    /// Before credentials were accepted.
    #[default]
    NotAuthenticated,
    /// Logged in; no mailbox is selected.
    Authenticated,
    /// A mailbox is selected.
    Selected(Access),
    /// The connection is being closed.
    Logout,
}

/// What may be changed in the selected mailbox (RFC 9051 sections 6.3.2 and 6.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Selected by SELECT, and not said to be read-only.
    ReadWrite,
    /// Selected by EXAMINE, or said to be `[READ-ONLY]`.
    ReadOnly,
}

/// How a command ended: what its tagged reply says, as far as it moves a session.
///
/// `S: A142 OK [READ-ONLY] SELECT completed`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// `OK`, without the code READ-ONLY.
    Ok,
    /// `OK [READ-ONLY]`
    OkReadOnly,
    /// `NO`
    No,
    /// `BAD`
    Bad,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Ok, Self::OkReadOnly, Self::No, Self::Bad];

    /// What a tagged reply says. `None` for PREAUTH and BYE, which are never tagged.
    #[must_use]
    pub fn of(status: Status, code: Option<&Code>) -> Option<Self> {
        match (status, code) {
            (Status::Ok, Some(Code::ReadOnly)) => Some(Self::OkReadOnly),
            (Status::Ok, _) => Some(Self::Ok),
            (Status::No, _) => Some(Self::No),
            (Status::Bad, _) => Some(Self::Bad),
            (Status::PreAuth | Status::Bye, _) => None,
        }
    }

    /// Whether the command was carried out.
    #[must_use]
    pub const fn is_ok(self) -> bool {
        matches!(self, Self::Ok | Self::OkReadOnly)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ok => "OK",
            Self::OkReadOnly => "OK [READ-ONLY]",
            Self::No => "NO",
            Self::Bad => "BAD",
        })
    }
}

/// What can move a session (RFC 9051 section 3). Commands alone do not: their replies do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event<'a> {
    /// The first message of the server. It moves from whatever was assumed before it.
    Greeting(GreetingKind),
    /// The tagged reply to a command.
    Reply {
        /// The name of the command without its tag, in any case: `SELECT`, `uid fetch`.
        command: &'a str,
        /// What the reply says.
        outcome: Outcome,
    },
    /// An untagged BYE, at any time.
    Bye,
    /// An untagged `OK [CLOSED]`: what follows is not about the mailbox that was selected.
    Closed,
    /// An untagged status with the code READ-ONLY, outside a reply.
    ReadOnly,
    /// An untagged status with the code READ-WRITE, outside a reply.
    ReadWrite,
    /// Either side closed the connection.
    Disconnected,
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Greeting(GreetingKind::Ok) => f.write_str("greeting OK"),
            Self::Greeting(GreetingKind::PreAuth) => f.write_str("greeting PREAUTH"),
            Self::Greeting(GreetingKind::Bye) => f.write_str("greeting BYE"),
            Self::Reply { command, outcome } => write!(f, "{command} {outcome}"),
            Self::Bye => f.write_str("untagged BYE"),
            Self::Closed => f.write_str("untagged OK [CLOSED]"),
            Self::ReadOnly => f.write_str("untagged [READ-ONLY]"),
            Self::ReadWrite => f.write_str("untagged [READ-WRITE]"),
            Self::Disconnected => f.write_str("connection closed"),
        }
    }
}

impl State {
    /// All of them, in the order of a session's life.
    pub const ALL: [Self; 5] = [
        Self::NotAuthenticated,
        Self::Authenticated,
        Self::Selected(Access::ReadWrite),
        Self::Selected(Access::ReadOnly),
        Self::Logout,
    ];

    /// The state after `event`, by the table.
    ///
    /// A reply to a command that the table does not name moves nothing: unknown and experimental commands have no
    /// transition of their own.
    #[must_use]
    pub fn on(self, event: &Event<'_>) -> Self {
        table::find(self, event).map_or(self, |transition| transition.to)
    }

    /// Whether the command named `command` may be sent in this state: [`table::Command::valid_in`] by name.
    ///
    /// A command that the table does not name may be sent anywhere but in the logout state: RFC 3501 section 6.5.1
    /// ties experimental commands to no state.
    ///
    /// ```
    /// use imap_fsm::state::State;
    ///
    /// assert!(State::NotAuthenticated.is_valid("capability"));
    /// assert!(!State::Authenticated.is_valid("UID FETCH"));
    /// ```
    #[must_use]
    pub fn is_valid(self, command: &str) -> bool {
        table::command(command).valid_in.contains(self)
    }

    /// Whether a mailbox is selected.
    #[must_use]
    pub const fn is_selected(self) -> bool {
        matches!(self, Self::Selected(_))
    }

    /// The name of the state, without the access: `selected`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotAuthenticated => "not-authenticated",
            Self::Authenticated => "authenticated",
            Self::Selected(_) => "selected",
            Self::Logout => "logout",
        }
    }

    /// The name of the state with the access: `selected-read-only`.
    #[must_use]
    pub const fn full_name(self) -> &'static str {
        match self {
            Self::NotAuthenticated => "not-authenticated",
            Self::Authenticated => "authenticated",
            Self::Selected(Access::ReadWrite) => "selected-read-write",
            Self::Selected(Access::ReadOnly) => "selected-read-only",
            Self::Logout => "logout",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of states: where a command is valid, or where a session may be while replies are outstanding.
///
/// ```
/// use imap_fsm::state::{State, States};
///
/// let either = States::from(State::NotAuthenticated).with(State::Authenticated);
/// assert!(either.contains(State::Authenticated) && !either.contains(State::Logout));
/// assert!(either.intersects(States::AUTHENTICATED));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct States(u8);

impl States {
    /// None.
    pub const NONE: Self = Self(0b00000);
    /// The not authenticated state.
    pub const NOT_AUTHENTICATED: Self = Self(0b00001);
    /// The authenticated state and the selected state: where commands of the authenticated state are valid.
    pub const AUTHENTICATED: Self = Self(0b01110);
    /// The authenticated state, no mailbox being selected.
    pub const UNSELECTED: Self = Self(0b00010);
    /// The selected state, read-write and read-only.
    pub const SELECTED: Self = Self(0b01100);
    /// Every state in which commands are taken: all but the logout state.
    pub const ANY: Self = Self(0b01111);
    /// All states.
    pub const ALL: Self = Self(0b11111);

    const fn bit(state: State) -> u8 {
        match state {
            State::NotAuthenticated => 0b00001,
            State::Authenticated => 0b00010,
            State::Selected(Access::ReadWrite) => 0b00100,
            State::Selected(Access::ReadOnly) => 0b01000,
            State::Logout => 0b10000,
        }
    }

    /// Whether `state` is in the set.
    #[must_use]
    pub const fn contains(self, state: State) -> bool {
        self.0 & Self::bit(state) != 0
    }

    /// The set and `state`.
    #[must_use]
    pub const fn with(self, state: State) -> Self {
        Self(self.0 | Self::bit(state))
    }

    /// What is in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether some state is in both sets.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The states of the set, in the order of [`State::ALL`].
    pub fn iter(self) -> impl Iterator<Item = State> {
        State::ALL.into_iter().filter(move |state| self.contains(*state))
    }

    /// Where a session may be after a command whose reply is outstanding, from any state of this set.
    ///
    /// A command that is not valid in a state moves nothing there, whatever the reply: the table has no such row.
    #[must_use]
    pub fn after(self, command: &str) -> Self {
        if !table::moves(command) {
            return self;
        }
        let mut after = Self::NONE;
        for state in self.iter() {
            for outcome in Outcome::ALL {
                after = after.with(state.on(&Event::Reply { command, outcome }));
            }
        }
        after
    }
}

impl From<State> for States {
    fn from(state: State) -> Self {
        Self::NONE.with(state)
    }
}

impl fmt::Display for States {
    /// `any`, `none`, or the names: `authenticated, selected`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NONE => return f.write_str("none"),
            Self::ANY => return f.write_str("any"),
            Self::ALL => return f.write_str("all"),
            _ => {}
        }
        let whole = self.0 & Self::SELECTED.0 == Self::SELECTED.0;
        let mut first = true;
        for state in self.iter() {
            if whole && state == State::Selected(Access::ReadOnly) {
                continue;
            }
            if !first {
                f.write_str(", ")?;
            }
            first = false;
            f.write_str(if whole { state.name() } else { state.full_name() })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn select_moves_by_its_reply() {
        let select = |outcome| Event::Reply { command: "SELECT", outcome };
        assert_eq!(State::Authenticated.on(&select(Outcome::Ok)), State::Selected(Access::ReadWrite));
        assert_eq!(State::Authenticated.on(&select(Outcome::OkReadOnly)), State::Selected(Access::ReadOnly));
        let examine = Event::Reply { command: "examine", outcome: Outcome::Ok };
        assert_eq!(State::Authenticated.on(&examine), State::Selected(Access::ReadOnly));
        let selected = State::Selected(Access::ReadOnly);
        assert_eq!(selected.on(&select(Outcome::No)), State::Authenticated);
        assert_eq!(selected.on(&select(Outcome::Bad)), selected);
    }

    #[test]
    fn outstanding_replies_leave_several_states() {
        let after = States::from(State::NotAuthenticated).after("LOGIN");
        assert!(after.contains(State::Authenticated) && after.contains(State::NotAuthenticated));
        let after = after.after("SELECT");
        assert!(after.intersects(States::SELECTED) && after.contains(State::NotAuthenticated));
        assert_eq!(States::from(State::Authenticated).after("NOOP"), States::from(State::Authenticated));
    }

    #[test]
    fn sets_are_named_shortly() {
        use alloc::string::ToString;
        assert_eq!(States::ANY.to_string(), "any");
        assert_eq!(States::AUTHENTICATED.to_string(), "authenticated, selected");
        assert_eq!(States::from(State::Selected(Access::ReadOnly)).to_string(), "selected-read-only");
    }
}
