//! The view of a mailbox: beside a plain list of UIDs, its memory and its steps, and what an observer makes of it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod cost;
mod observer;
mod plain;
mod properties;

use imap_tests::alloc;
use imap_types::number::{SeqNum, Uid};

#[global_allocator]
static ALLOCATOR: alloc::Counting = alloc::Counting;

fn number(number: u32) -> SeqNum {
    SeqNum::try_from(number).unwrap()
}

fn uid(uid: u32) -> Uid {
    Uid::try_from(uid).unwrap()
}
