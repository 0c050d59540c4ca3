//! The values of IMAP: commands, responses and all their parts.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod append;
pub mod atom;
pub mod body;
pub mod capability;
pub mod chars;
pub mod code;
pub mod command;
pub mod date;
pub mod envelope;
pub mod error;
pub mod esearch;
pub mod fetch;
pub mod flag;
pub mod list;
pub mod mailbox;
pub mod namespace;
pub mod number;
pub mod octets;
pub mod response;
pub mod search;
pub mod secret;
pub mod section;
pub mod sequence;
pub mod status;
pub mod store;
pub mod string;
pub mod value;
pub mod vec1;
