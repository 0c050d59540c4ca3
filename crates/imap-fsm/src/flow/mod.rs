//! One small machine for each exchange of several steps. They know no connection, and of the roles only what the exchange
//! itself tells apart: their owners say what happened and do what they answer.
//!
//! | Module | Exchange |
//! |---|---|
//! | [`writing`] | a message that is sent piece by piece: literals that wait for `+`, payloads that are streamed |
//! | [`idle`] | IDLE from the client's side: begun, renewed, interrupted, ended |
//! | [`authenticate`] | AUTHENTICATE: the initial response, challenges, cancelling |
//! | [`standing`] | NOTIFY and searches that are updated: what goes on after the reply |
//! | [`switch`] | STARTTLS and COMPRESS: the exact byte at which the stream changes |

pub(crate) mod authenticate;
pub(crate) mod idle;
pub(crate) mod standing;
pub(crate) mod switch;
pub(crate) mod writing;
