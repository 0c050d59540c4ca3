//! Captures through the sessions: what was recorded of one side goes through the session of the other.
//!
//! A client session is made to submit the recorded commands and is given the recorded answers; its tags are its own, so
//! those of the answers are exchanged. A server session is given the recorded bytes of the client, and its owner gives the
//! recorded answers.

mod client;
mod server;

use imap_codec::Side;
use imap_fsm::{
    mailbox::View,
    observer::{Dialogue, Event, Note, Options},
    state::State,
};

pub use client::replay_to_client;
pub use server::replay_to_server;

use crate::{
    corpus::Capture,
    session::Judgement,
    stream::{Item, Outcome},
};

/// Something in which a session departs from what was recorded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Departure {
    /// Where the recorded message begins, in its direction.
    pub offset: u64,
    /// What the session did instead: `refused: not-advertised`, `violation: search-missing`.
    pub what: String,
}

/// What a session came to.
#[derive(Debug, Default)]
pub struct Outcomes {
    /// In what it departs from the recording.
    pub departures: Vec<Departure>,
    /// What it knows at the end.
    pub end: Option<Known>,
}

/// What is known at the end of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The state.
    pub state: State,
    /// The selected mailbox.
    pub mailbox: Option<Messages>,
    /// What is enabled.
    pub enabled: Vec<String>,
}

/// What is known of a mailbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Messages {
    /// EXISTS.
    pub exists: Option<u32>,
    /// The messages whose UIDs are known: number and UID.
    pub uids: Vec<(u32, u32)>,
}

impl Known {
    fn of(state: State, view: Option<&View>, enabled: impl Iterator<Item = String>) -> Self {
        let mailbox = view.map(|view| {
            let uids =
                view.messages(&imap_types::sequence::SequenceSet::all(), imap_fsm::mailbox::By::Number);
            let uids = uids.filter_map(|message| Some((message.number.get(), message.uid?.get())));
            Messages { exists: view.exists(), uids: uids.collect() }
        });
        Self { state, mailbox, enabled: enabled.collect() }
    }
}

/// What the observer knows at the end of a capture.
#[must_use]
pub fn observed(capture: &Capture) -> Known {
    let mut dialogue = Dialogue::new(Options::default());
    for chunk in &capture.chunks {
        match chunk.from {
            Side::Client => dialogue.client_bytes(&chunk.bytes),
            Side::Server => dialogue.server_bytes(&chunk.bytes),
        }
        while let Some(event) = dialogue.poll_event() {
            if event == Event::Note(Note::Compress) {
                dialogue.inflated();
            }
        }
    }
    let observer = dialogue.observer();
    Known::of(observer.state(), observer.mailbox(), observer.capabilities().enabled().map(String::from))
}

/// A recorded message, and when.
#[derive(Clone, Copy, Debug)]
struct Moment<'j> {
    from: Side,
    item: &'j Item,
}

/// The messages of both sides in their order: those of the client where they begin, those of the server where they are
/// complete.
fn timeline<'j>(capture: &Capture, judgement: &'j Judgement) -> Vec<Moment<'j>> {
    let mut moments: Vec<(usize, Moment<'j>)> = Vec::new();
    for from in [Side::Client, Side::Server] {
        let mut ends = Vec::new();
        let mut total = 0;
        for (number, chunk) in capture.chunks.iter().enumerate().filter(|(_, chunk)| chunk.from == from) {
            total += chunk.bytes.len() as u64;
            ends.push((total, number));
        }
        let chunk_of = |byte: u64| ends[ends.partition_point(|(end, _)| *end <= byte)].1;
        for item in judgement.items(from) {
            if matches!(item.outcome, Outcome::Blank) || item.length == 0 {
                continue;
            }
            let byte = match from {
                Side::Client => item.offset,
                Side::Server => item.end() - 1,
            };
            moments.push((chunk_of(byte), Moment { from, item }));
        }
    }
    moments.sort_by_key(|(chunk, moment)| (*chunk, moment.item.offset));
    moments.into_iter().map(|(_, moment)| moment).collect()
}

/// The first word of a message.
fn first_word(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| matches!(byte, b' ' | b'\r' | b'\n')).next().unwrap_or_default()
}
