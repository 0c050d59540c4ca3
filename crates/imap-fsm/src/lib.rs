//! IMAP sessions: what is legal when.
//!
//! This crate knows behaviour and no bytes: messages come and go as values of [`imap_types`], and
//! [`imap_codec`] makes them from bytes. It opens no socket, reads no clock, draws no random number and starts no
//! thread; the same inputs give the same outputs, every run.
//!
//! # Asking the table
//!
//! ```
//! use imap_fsm::state::{Access, Event, Outcome, State};
//!
//! assert!(State::Authenticated.is_valid("SELECT"));
//! assert!(!State::NotAuthenticated.is_valid("SELECT"));
//!
//! let examined = Event::Reply { command: "EXAMINE", outcome: Outcome::Ok };
//! assert_eq!(State::Authenticated.on(&examined), State::Selected(Access::ReadOnly));
//! ```
//!
//! # Watching a dialogue
//!
//! ```
//! use imap_fsm::observer::{Dialogue, Event, Options};
//!
//! let mut dialogue = Dialogue::new(Options::default());
//! dialogue.server_bytes(b"* OK IMAP4rev1 server ready\r\n");
//! dialogue.client_bytes(b"A1 SELECT INBOX\r\n");
//! dialogue.server_bytes(b"A1 BAD log in first\r\n");
//!
//! let violations: Vec<_> = core::iter::from_fn(|| dialogue.poll_event())
//!     .filter_map(|event| if let Event::Violation(violation) = event { Some(violation) } else { None })
//!     .collect();
//! assert_eq!(violations.len(), 1);
//! assert_eq!(violations[0].rule.id(), "command-in-wrong-state");
//! assert_eq!(violations[0].rule.source().to_string(), "RFC 9051 section 3");
//! ```
//!
//! # The states
//!
//! Printed from the table by [`state::table::mermaid`]; a test compares.
//!
//! ```text
//! stateDiagram-v2
//!     NotAuthenticated: not authenticated
//!     Authenticated: authenticated
//!     SelectedReadWrite: selected, read-write
//!     SelectedReadOnly: selected, read-only
//!     Logout: logout
//!     [*] --> NotAuthenticated: greeting OK
//!     [*] --> Authenticated: greeting PREAUTH
//!     [*] --> Logout: greeting BYE
//!     NotAuthenticated --> NotAuthenticated: STARTTLS OK
//!     NotAuthenticated --> Authenticated: LOGIN OK, AUTHENTICATE OK
//!     NotAuthenticated --> Logout: LOGOUT OK, untagged BYE, connection closed
//!     Authenticated --> NotAuthenticated: UNAUTHENTICATE OK
//!     Authenticated --> SelectedReadWrite: SELECT OK
//!     Authenticated --> SelectedReadOnly: SELECT OK [READ-ONLY], EXAMINE OK
//!     Authenticated --> Logout: LOGOUT OK, untagged BYE, connection closed
//!     SelectedReadWrite --> NotAuthenticated: UNAUTHENTICATE OK
//!     SelectedReadWrite --> Authenticated: SELECT NO, EXAMINE NO, untagged OK [CLOSED], CLOSE OK, UNSELECT OK
//!     SelectedReadWrite --> SelectedReadWrite: SELECT OK, SELECT BAD, EXAMINE BAD, untagged [READ-WRITE]
//!     SelectedReadWrite --> SelectedReadOnly: SELECT OK [READ-ONLY], EXAMINE OK, untagged [READ-ONLY]
//!     SelectedReadWrite --> Logout: LOGOUT OK, untagged BYE, connection closed
//!     SelectedReadOnly --> NotAuthenticated: UNAUTHENTICATE OK
//!     SelectedReadOnly --> Authenticated: SELECT NO, EXAMINE NO, untagged OK [CLOSED], CLOSE OK, UNSELECT OK
//!     SelectedReadOnly --> SelectedReadWrite: SELECT OK, untagged [READ-WRITE]
//!     SelectedReadOnly --> SelectedReadOnly: SELECT OK [READ-ONLY], EXAMINE OK, SELECT BAD, EXAMINE BAD, untagged [READ-ONLY]
//!     SelectedReadOnly --> Logout: LOGOUT OK, untagged BYE, connection closed
//!     Logout --> [*]
//! ```
//!
//! # What is where
//!
//! | Module | What |
//! |---|---|
//! | [`state`] | the session states, and all that moves a session, in one table |
//! | [`pending`] | commands in flight, by tag |
//! | [`capabilities`] | what the server advertised, and what was enabled |
//! | [`mailbox`] | what is known of the selected mailbox |
//! | [`observer`] | listens to both directions and judges them |
//!
//! Still to come, on the same shared modules: `client` and `server`, which speak; `permit` (which command may run beside
//! which), `flow` (one machine for each exchange of several steps: literal, APPEND, AUTHENTICATE, IDLE, STARTTLS,
//! COMPRESS), `time`, `timer` and `tag`.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod capabilities;
pub mod client;
pub mod error;
mod flow;
pub mod mailbox;
pub mod observer;
mod outbox;
pub mod park;
pub mod pending;
pub mod permit;
mod reader;
mod route;
pub mod server;
pub mod state;
pub mod tag;
pub mod time;
pub mod timer;
mod track;
pub mod violation;
