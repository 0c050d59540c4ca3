//! What the fuzz targets check, as functions of bytes: they panic where something does not hold.
//!
//! `fuzz/` runs them on what libFuzzer finds, the suite `fuzz_corpus` on what is committed there.

mod messages;
mod sequence_set;
mod sessions;
mod stream;
mod token;
mod utf7;
mod values;

pub use self::{
    messages::{command, greeting, response, value},
    sequence_set::sequence_set,
    sessions::{client_ops, observer, pair, server_ops},
    stream::{frame_split, framer},
    token::token,
    utf7::utf7,
};
