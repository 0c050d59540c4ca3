//! The workloads, a file for each kind. A further one is a file with a function like `decode::workloads`, and a line
//! in [`all`].

mod decode;
mod encode;
mod session;
mod stream;
mod token;
pub mod view;

use crate::{
    dialogue::{Pipeline, Sync},
    workload::{Input, Workload},
};

/// What is read or made once and shared by the workloads.
pub struct Inputs {
    pub fetch_full: Input,
    pub fetch_flags: Input,
    pub list: Input,
    pub search: Input,
    pub search_4mb: Input,
    pub esearch: Input,
    pub body_64k: Input,
    pub body_4m: Input,
    pub body_20m: Input,
    pub commands: Input,
    /// What servers said in the captures.
    pub captured: Input,
    /// What clients said in them.
    pub captured_commands: Input,
    pub sync: Sync,
    pub pipeline: Pipeline,
}

impl Inputs {
    pub fn read() -> Self {
        let search = Input::read("search");
        let body = Input::read("body");
        Self {
            fetch_full: Input::read("fetch_full"),
            fetch_flags: Input::read("fetch_flags"),
            list: Input::read("list"),
            search_4mb: Input::search_4mb(&search),
            esearch: Input::read("esearch"),
            body_4m: Input::literal(&body, 4 << 20),
            body_20m: Input::literal(&body, 20 << 20),
            body_64k: body,
            commands: Input::read("commands"),
            captured: Input::read("captured"),
            captured_commands: Input::read("captured_commands"),
            sync: Sync::new(50_000),
            pipeline: Pipeline::new(100_000),
            search,
        }
    }
}

/// All workloads, in the order of the table.
pub fn all(inputs: &Inputs) -> Vec<Workload<'_>> {
    [
        decode::workloads(inputs),
        encode::workloads(inputs),
        stream::workloads(inputs),
        token::workloads(inputs),
        session::workloads(inputs),
        view::workloads(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
