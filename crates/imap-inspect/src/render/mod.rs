//! What is written: text for people ([`human`]) or JSON for programs ([`json`]).

mod body;
pub(crate) mod human;
pub(crate) mod json;
mod leaf;
pub(crate) mod paint;
pub(crate) mod timeline;
mod tree;
pub(crate) mod wire;
