//! Loaders and drivers that the suites share.
//!
//! | module     | what it is                                                                    |
//! |------------|-------------------------------------------------------------------------------|
//! | [`wire`]   | the notations in which tables write bytes, and their printed form              |
//! | [`table`]  | known-answer tables and tables of malformed messages                          |
//! | [`golden`] | frozen answers beside the tables; `UPDATE_GOLDEN=1` rewrites them             |
//! | [`report`] | failures, collected and shown together                                        |
//! | [`rng`]    | seeded numbers                                                                |

pub mod golden;
pub mod report;
pub mod rng;
pub mod table;
pub mod wire;

use std::path::PathBuf;

/// The folder `tests/data`, or one of its folders.
#[must_use]
pub fn data(folder: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data").join(folder)
}
