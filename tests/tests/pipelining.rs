//! A server does with commands that were sent ahead what it does with the same commands one by one: however many it hands
//! over at a time, and however the bytes come.

use std::{collections::VecDeque, sync::Arc};

use imap_fsm::{
    mailbox::View,
    server::{Config, Event, Id, Reply, Selected, Server},
    time::Time,
};
use imap_tests::{
    rng::Rng,
    stream::{Cuts, cut},
    wire::show,
};
use imap_types::{
    command::{Command, CommandBody},
    number::{Uid, UidValidity},
    response::{Data, Greeting},
    search::SearchResponse,
};

const NOW: Time = Time::ZERO;

const CAPABILITIES: [&str; 8] =
    ["IMAP4rev1", "ENABLE", "QRESYNC", "CONDSTORE", "UNSELECT", "MOVE", "LITERAL+", "UNAUTHENTICATE"];

/// Commands in the order in which a hasty client sends them, without a care for the state.
const LINES: [&str; 29] = [
    "NOOP",
    "LOGIN joe sesame",
    "LOGIN {3+}\r\njoe {6+}\r\nsesame",
    "LOGIN {3}\r\njoe {6}\r\nsesame",
    "LOGIN joe wrong",
    "SELECT INBOX",
    "SELECT gone",
    "EXAMINE INBOX",
    "FETCH 1 FLAGS",
    "FETCH 9 FLAGS",
    "UID FETCH 1:* FLAGS",
    "STORE 1 +FLAGS (\\Deleted)",
    "UID STORE 1:2 +FLAGS (\\Seen)",
    "UID STORE 3 +FLAGS (\\Seen)",
    "SEARCH SUBJECT {2+}\r\nhi",
    "SEARCH SUBJECT {2}\r\nhi",
    "UID SEARCH ALL",
    "CLOSE",
    "UNSELECT",
    "EXPUNGE",
    "LIST \"\" *",
    "STATUS INBOX (MESSAGES)",
    "CAPABILITY",
    "ENABLE CONDSTORE",
    "APPEND INBOX {4+}\r\nmail",
    "APPEND INBOX {4}\r\nmail",
    "UNAUTHENTICATE",
    "BOGUS",
    "FETCH 1",
];

fn commands(rng: &mut Rng) -> Vec<u8> {
    let mut bytes = Vec::new();
    for number in 1..=3 + rng.below(12) {
        let line = match number {
            1 if rng.below(4) > 0 => "LOGIN joe sesame",
            2 if rng.below(4) > 0 => "SELECT INBOX",
            _ => LINES[rng.below(LINES.len())],
        };
        bytes.extend_from_slice(format!("a{number} {line}\r\n").as_bytes());
    }
    bytes
}

/// The lines that a server says, in order of the alphabet, since replies to commands that run side by side may come in any
/// order. Its owner answers the oldest command first, as soon as `patience` allows.
fn transcript(bytes: &[u8], cuts: Cuts, parallel: usize, patience: usize) -> Vec<String> {
    let mut config = Config::new(CAPABILITIES).expect("names");
    config.require_tls = false;
    config.parallel = parallel;
    config.bad_commands = u32::MAX;
    config.bad_commands_before = u32::MAX;
    let mut server = Server::new(Arc::new(config), NOW);
    server.greet(Greeting::ok("hello").expect("text"), NOW).expect("the first");
    let (mut waiting, mut sent) = (VecDeque::new(), Vec::new());
    for (turn, piece) in cut(bytes, cuts).into_iter().enumerate() {
        server.handle_bytes(piece, NOW);
        drain(&mut server, &mut waiting, &mut sent);
        if patience > 0 && turn % patience == 0 {
            answer(&mut server, &mut waiting);
            drain(&mut server, &mut waiting, &mut sent);
        }
    }
    while !waiting.is_empty() {
        answer(&mut server, &mut waiting);
        drain(&mut server, &mut waiting, &mut sent);
    }
    server.handle_eof(NOW);
    drain(&mut server, &mut waiting, &mut sent);
    assert!(waiting.is_empty() && server.poll_event().is_none());
    let mut lines: Vec<String> = String::from_utf8_lossy(&sent).lines().map(String::from).collect();
    lines.sort();
    lines
}

fn drain(server: &mut Server, waiting: &mut VecDeque<(Id, Command)>, sent: &mut Vec<u8>) {
    while let Some(event) = server.poll_event() {
        if let Event::Command { id, command } = event {
            waiting.push_back((id, command));
        }
    }
    while let Some(bytes) = server.poll_transmit() {
        sent.extend_from_slice(&bytes);
    }
}

fn answer(server: &mut Server, waiting: &mut VecDeque<(Id, Command)>) {
    let Some((id, command)) = waiting.pop_front() else { return };
    let no = match &command.body {
        CommandBody::Login { password, .. } => password.expose().as_bytes() != b"sesame",
        CommandBody::Select { mailbox, .. } | CommandBody::Examine { mailbox, .. } if mailbox.is_inbox() => {
            let uids = [1, 2, 3].map(|uid| Uid::try_from(uid).expect("not 0"));
            let view = View::from_uids(uids).expect("they ascend");
            let validity = UidValidity::try_from(1).expect("not 0");
            let selected = Selected::new(view, validity, Uid::try_from(4).expect("not 0"));
            return server.select(id, selected, NOW).expect("it waits");
        }
        CommandBody::Select { .. } => true,
        CommandBody::Search(_) => {
            server.data(Data::Search(SearchResponse::default()), NOW).expect("a mailbox is selected");
            false
        }
        _ => false,
    };
    let reply = if no { Reply::no("no") } else { Reply::ok("yes") };
    server.complete(id, reply.expect("text"), NOW).expect("it waits");
}

#[test]
fn what_is_sent_ahead_is_answered_as_one_by_one() {
    for seed in 0..600 {
        let bytes = commands(&mut Rng::new(seed));
        let expected = transcript(&bytes, Cuts::Bytes, 1, 1);
        for (cuts, parallel, patience) in [
            (Cuts::Whole, 1, 0),
            (Cuts::Whole, 16, 0),
            (Cuts::Bytes, 16, 1),
            (Cuts::Bytes, 2, 7),
            (Cuts::Seeded(seed), 16, 3),
            (Cuts::Seeded(seed), 3, 0),
        ] {
            let found = transcript(&bytes, cuts, parallel, patience);
            assert_eq!(found, expected, "{cuts:?}, {parallel} at a time, seed {seed}:\n{}", show(&bytes));
        }
    }
}
