//! Loaders and drivers that the suites share.
//!
//! | module     | what it is                                                                    |
//! |------------|-------------------------------------------------------------------------------|
//! | [`abnf`]   | the RFCs' grammar as data: generator and recogniser                              |
//! | [`oracle`] | the grammar against the codec: what is read as what, and where they differ     |
//! | [`wire`]   | the notations in which tables write bytes, and their printed form              |
//! | [`table`]  | known-answer tables and tables of malformed messages                          |
//! | [`fuzz`]   | what the fuzz targets check                                                   |
//! | [`golden`] | frozen answers beside the tables; `UPDATE_GOLDEN=1` rewrites them             |
//! | [`codec`]  | decode and encode behind one face for all kinds of messages                   |
//! | [`compliance`] | what the RFCs demand, and where it is cited                                |
//! | [`corpus`] | captures of real sessions, and what is known to be wrong in them                      |
//! | [`dialogue`] | example dialogues of the RFCs                                               |
//! | [`pair`]   | a client and a server session joined in memory                                 |
//! | [`session`] | whole sessions, judged by the observer                                       |
//! | [`stream`] | what one side sends, read in any chunks                                       |
//! | [`props`]  | the properties that every message has to have                                 |
//! | [`replay`] | captures through the sessions                                                |
//! | [`report`] | failures, collected and shown together                                        |
//! | [`rng`]    | seeded numbers                                                                |
//! | [`alloc`]  | an allocator that counts                                                      |
//! | [`reference`](mod@reference) | a second framer, which shares nothing with the first                       |

pub mod abnf;
pub mod alloc;
pub mod cases;
pub mod codec;
pub mod compliance;
pub mod corpus;
pub mod dialogue;
pub mod fuzz;
pub mod golden;
pub mod oracle;
pub mod pair;
pub mod props;
pub mod reference;
pub mod replay;
pub mod report;
pub mod rng;
pub mod session;
pub mod stream;
pub mod table;
pub mod trace;
pub mod wire;

/// The examples of the README, which have to work.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

use std::path::PathBuf;

/// The folder `tests/data`, or one of its folders.
#[must_use]
pub fn data(folder: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data").join(folder)
}
