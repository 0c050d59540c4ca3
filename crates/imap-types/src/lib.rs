//! The values of IMAP: commands, responses and all their parts.
//!
//! These are the words and messages of IMAP4rev1 (RFC 3501) and IMAP4rev2 (RFC 9051) as Rust values. A value that
//! exists can be sent: constructors check what the grammar asks for, and say which byte is wrong and why. How values
//! are written is not known here; that is the `imap-codec` crate.
//!
//! # From plain values
//!
//! ```
//! use imap_types::{
//!     atom::Tag,
//!     command::{Command, CommandBody},
//!     sequence::SequenceSet,
//! };
//!
//! let expunge = Command {
//!     tag: Tag::try_from("A1")?,
//!     body: CommandBody::UidExpunge(SequenceSet::try_from("3,5:9")?),
//! };
//! assert_eq!(expunge.tag, "A1");
//!
//! // What cannot be sent cannot be made.
//! let error = Tag::try_from("A 1").unwrap_err();
//! assert_eq!(error.at, 1);
//! # Ok::<(), imap_types::error::ValidationError>(())
//! ```
//!
//! # To plain values
//!
//! ```
//! use core::num::NonZeroU32;
//! use imap_types::{flag::Flag, sequence::SequenceSet, string::AString};
//!
//! // Words give their bytes, and their text where they have one.
//! let user = AString::try_from("alice")?;
//! assert_eq!(user.as_str(), Some("alice"));
//!
//! // Sets are ranges: `*` means nothing without the mailbox, and nothing is expanded to count it.
//! let set: SequenceSet = "2,4:7,12:*".parse()?;
//! let largest = NonZeroU32::MAX;
//! assert_eq!(set.len(largest), 1 + 4 + (4_294_967_295 - 12 + 1));
//!
//! // What means the same is equal, however it was written.
//! assert_eq!(Flag::try_from("\\seen")?, Flag::Seen);
//! # Ok::<(), imap_types::error::ValidationError>(())
//! ```
//!
//! # How values are held
//!
//! The string of this library is [`octets::Octets`]: sixteen bytes, a slice of the buffer of the message in which it
//! arrived; the strings of an address or an envelope share it together ([`nstrings`]). So a decoded message owns what it refers to, without a copy and without a lifetime, clones cheaply and is
//! `Send + 'static`. What is to be kept for long is copied out of its buffer with
//! [`Detach::detach`](octets::Detach::detach). IMAP's strings are octets, not text: `as_bytes` always works, `as_str`
//! where they are UTF-8.
//!
//! What an extension may add is an enum that is `#[non_exhaustive]`; what is not known is kept by its name with its
//! [value tree](value::Value), and what could not be read beside good neighbours is an [`Invalid`](value::Invalid).
//! Passwords and SASL data are [`Secret`](secret::Secret): never in `Debug`, in any build.
//!
//! # Topics
//!
//! | topic | what | RFC 9051 |
//! | --- | --- | --- |
//! | [`command`] | commands | §6 |
//! | [`response`], [`code`] | responses and their codes | §7, §7.1 |
//! | [`fetch`], [`section`], [`envelope`], [`body`] | FETCH both ways, and what it fetches | §6.4.5, §7.5.2 |
//! | [`search`], [`esearch`] | SEARCH and its two answers | §6.4.4, §7.3.4; RFC 3501 §7.2.5 |
//! | [`context`] | results that are kept up to date, parts of results | RFC 5267; RFC 9394 |
//! | [`store`], [`flag`] | STORE and flags | §6.4.6, §2.3.2 |
//! | [`append`], [`replace`] | APPEND, CATENATE, REPLACE | §6.3.12; RFC 4469; RFC 8508 |
//! | [`select`] | SELECT and EXAMINE: their parameters | §6.3.2, §6.3.3; RFC 7162 |
//! | [`list`], [`mailbox`], [`namespace`], [`status`] | mailboxes: names, lists, counts | §6.3, §7.3 |
//! | [`capability`] | capabilities, authentication mechanisms | §6.1.1, §7.2.2 |
//! | [`notify`] | NOTIFY | RFC 5465 |
//! | [`id`], [`compress`] | ID; COMPRESS | RFC 2971; RFC 4978 |
//! | [`atom`], [`string`](mod@string), [`number`], [`date`], [`sequence`] | the words all is made of | §4, §9 |
//! | [`value`] | what has no type: value trees, parameters, invalid parts | §9; RFC 4466 §3 |
//! | [`octets`], [`secret`], [`vec1`], [`chars`], [`error`] | how it is held and checked | |
//!
//! # Features
//!
//! `serde`: `Serialize` for all values, for tests and logs; its form may change and is not for storage. `arbitrary`:
//! generators of values; it needs `std`. Neither changes what a type is.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
// The derive of `arbitrary` names `::std`.
#[cfg(any(test, feature = "arbitrary"))]
extern crate std;

pub mod append;
#[cfg(feature = "arbitrary")]
mod arbitrary;
pub mod atom;
pub mod body;
pub mod capability;
pub mod chars;
pub mod code;
pub mod command;
pub mod compress;
pub mod context;
pub mod date;
pub mod envelope;
pub mod error;
pub mod esearch;
pub mod fetch;
pub mod few;
pub mod flag;
pub mod id;
pub mod list;
pub mod mailbox;
pub mod names;
pub mod namespace;
pub mod notify;
pub mod nstrings;
pub mod number;
pub mod octets;
pub mod replace;
pub mod response;
pub mod search;
pub mod secret;
pub mod section;
pub mod select;
pub mod sequence;
pub mod status;
pub mod store;
pub mod string;
pub mod utf7;
pub mod value;
pub mod vec1;
