//! IMAP sessions without I/O: a client that speaks, a server that answers, an observer that judges both.
//!
//! This crate knows behaviour and no bytes: messages come and go as values of [`imap_types`], and
//! [`imap_codec`] makes them from bytes. It opens no socket, reads no clock, draws no random number and starts no
//! thread; the same inputs give the same outputs, every run.
//!
//! # The contract
//!
//! [`Client`](client::Client) and [`Server`](server::Server) are mirrors: what one sends the other receives. A session has
//! four kinds of calls:
//!
//! 1. **What happened**: `handle_bytes`, `handle_owned`, `handle_eof`, `handle_timeout`.
//! 2. **What the owner wants**: a client's `send`, `idle`, `done`, `cancel`, `authenticate`, `upload`; a server's `greet`, `data`,
//!    `status`, `challenge`, `payload`, `select`, `complete`, `accept`, `refuse`, `update`, `bye`; `tls_up` and `compression_up`
//!    of both.
//! 3. **What comes of it**: `poll_event`, `poll_transmit`, `poll_timeout`.
//! 4. **What is known**: `state`, `capabilities`, `mailbox`, and other questions.
//!
//! **After each call of the first two kinds, drain the third until nothing is left**, in this order:
//!
//! ```text
//!       ┌─────────────────────────────────────────────────────────────┐
//!       ▼                                                             │
//!   poll_event ──► an event: look at it, make calls ──────────────────┤
//!       │ None                                                        │
//!       ▼                                                             │
//!   poll_transmit ──► bytes: write them all ──────────────────────────┤
//!       │ None                                                        │
//!       ▼                                                             │
//!   poll_timeout ──► wait for bytes, the end of input, or that time ──┘
//! ```
//!
//! Both modules begin with that loop as a program: [`client`], [`server`]. Here they meet, with nothing in between:
//!
//! ```
//! use std::sync::Arc;
//! use imap_fsm::{client::{self, Client}, server::{self, Reply, Server}, time::Time};
//! use imap_types::{command::CommandBody, response::Greeting};
//!
//! let now = Time::ZERO; // of a clock that you have
//! let mut client = Client::protected(Arc::new(client::Config::default()), now);
//! let mut server = Server::protected(Arc::new(server::Config::new(["IMAP4rev2", "IMAP4rev1"])?), now);
//! server.greet(Greeting::ok("hello")?, now)?;
//! let login = client.send(CommandBody::login("joe", "sesame")?, now)?;
//! let list = client.send(CommandBody::list("", "*")?, now)?; // waits until LOGIN has its reply
//! let mut completed = Vec::new();
//! while completed.len() < 2 {
//!     while let Some(bytes) = server.poll_transmit() {
//!         client.handle_bytes(&bytes, now);
//!     }
//!     while let Some(event) = client.poll_event() {
//!         if let client::Event::Completed { handle, reply } = event {
//!             completed.push((handle, reply.text.to_string()));
//!         }
//!     }
//!     while let Some(bytes) = client.poll_transmit() {
//!         server.handle_bytes(&bytes, now);
//!     }
//!     while let Some(event) = server.poll_event() {
//!         if let server::Event::Command { id, command } = event {
//!             server.complete(id, Reply::ok(&format!("{} is done", command.body.name()))?, now)?;
//!         }
//!     }
//! }
//! assert_eq!(completed, [(login, "LOGIN is done".to_string()), (list, "LIST is done".to_string())]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What holds for both:
//!
//! - **Work is done in `poll_event`**, up to the next event and no further. What is not polled stays bytes, so that an owner
//!   who is slow, or stops reading, holds no more than it was given.
//! - **An event that does not come did not happen.** The documentation of each says when it is not sent. Everything that is
//!   begun ends exactly once: every command is completed or aborted, every stream ends or is aborted, and the last event
//!   of all is `Ended`.
//! - **Errors name the guilty side.** [`Misuse`](error::Misuse) is the caller's: nothing was sent, and the session is as it
//!   was. A [`Violation`](violation::Violation) is the peer's, comes as an event, and names the sentence of the RFC that was
//!   broken; the session goes on unless it ends next. Nothing panics, whatever the peer sends and whatever is called.
//! - **A change of the stream is a token.** TLS and compression begin at an exact byte: the event hands it out, and only
//!   the token that came with it tells the session that the new stream is up.
//! - **Time comes in.** [`Time`](time::Time) is a number; `poll_timeout` says when to call back, and what for.
//! - **Nothing is kept that the owner has**: no message, list or flag; of the selected mailbox the
//!   [numbers and UIDs](mailbox::View). An idle session is less than a KiB, can be [parked](park), and woken elsewhere.
//!
//! Judging is one thing for all three roles: a client and a server tell the same machine of what they send and receive that
//! the [observer] tells of what it hears. So they agree, and a server cannot send what an observer would call a violation.
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
//! | [`client`], [`server`] | the sessions that speak, each with its loop, configuration and events |
//! | [`observer`] | listens to both directions and judges them |
//! | [`state`] | the session states, and all that moves a session, in one table |
//! | [`permit`] | which command may be sent beside which, and what it needs |
//! | [`violation`] | what is called a violation, each with its sentence |
//! | [`mailbox`] | what is known of the selected mailbox: numbers, UIDs, `$` |
//! | [`capabilities`] | what the server advertised, and what was enabled |
//! | [`pending`] | commands in flight, by tag |
//! | [`park`] | sessions at rest, as values |
//! | [`error`], [`time`], [`timer`], [`tag`] | misuse; time as a number, timers; the tags of a client |
//!
//! Not public, on which these stand: the tracker that all three roles share, one machine for each exchange of several
//! steps (literals, AUTHENTICATE, IDLE, NOTIFY, STARTTLS, COMPRESS), and the queue of bytes to send.
//!
//! # Features
//!
//! `serde`: sessions at rest can be written down and read. It changes no type.
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
