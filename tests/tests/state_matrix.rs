//! The state table: what it prints is what is committed, and what the RFCs draw is what it says.
//!
//! `UPDATE_GOLDEN=1` rewrites the committed files; the difference is then reviewed like code.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{fmt, fs, path::Path};

use imap_fsm::{
    state::{
        Access, Event, Outcome, State, States,
        table::{self, COMMANDS, TRANSITIONS},
    },
    violation,
};
use imap_types::response::GreetingKind;

fn printed(print: impl Fn(&mut String) -> fmt::Result) -> String {
    let mut out = String::new();
    print(&mut out).unwrap();
    out
}

/// Compares `text` with the committed file, or writes it.
fn compare(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    if committed != text {
        let line = committed.lines().zip(text.lines()).position(|(old, new)| old != new);
        panic!(
            "{file} is not what the table prints (first difference in line {:?}); UPDATE_GOLDEN=1 rewrites it",
            line.map(|line| line + 1)
        );
    }
}

#[test]
fn committed_diagrams_are_those_of_the_table() {
    let text = printed(table::text);
    let mermaid = printed(table::mermaid);
    let page = format!(
        "# The states of a session\n\n\
         Printed from the table in `crates/imap-fsm/src/state/table.rs`, as `imap-inspect states` prints it. Do not edit: \
         `UPDATE_GOLDEN=1 cargo test -p imap-tests --test state_matrix` rewrites this page and `states.dot`.\n\n\
         ```mermaid\n{mermaid}```\n\n\
         ## Table\n\n```text\n{text}```\n"
    );
    compare("docs/states.md", &page);
    compare("docs/states.dot", &printed(table::dot));
}

#[test]
fn committed_list_of_violations_is_that_of_the_rules() {
    let page = format!(
        "# What the observer calls a violation\n\n\
         Printed from `crates/imap-fsm/src/observer/violation.rs`; the ids are what `imap-inspect session` prints. Do not \
         edit: `UPDATE_GOLDEN=1 cargo test -p imap-tests --test state_matrix` rewrites this page. The smallest dialogue \
         that breaks each rule, and the nearest legal one, are in `tests/tests/observer.rs`.\n\n{}",
        printed(violation::markdown)
    );
    compare("docs/violations.md", &page);
}

#[test]
fn the_crate_page_shows_the_diagram_of_the_table() {
    let page = include_str!("../../crates/imap-fsm/src/lib.rs");
    for line in printed(table::mermaid).lines() {
        assert!(page.contains(&format!("//! {line}")), "the front page of imap-fsm lacks: {line}");
    }
}

#[test]
fn every_state_and_every_event_is_frozen() {
    compare("tests/data/snapshots/state_matrix.txt", &printed(table::matrix));
}

/// The arrows of the diagram in RFC 9051 section 3.4, by its own numbers, and the one that RFC 8437 adds.
#[test]
fn every_arrow_of_the_rfc_is_there() {
    let selected = State::Selected(Access::ReadWrite);
    let reply = |command, outcome| Event::Reply { command, outcome };
    let arrows = [
        (State::default(), Event::Greeting(GreetingKind::Ok), State::NotAuthenticated),
        (State::default(), Event::Greeting(GreetingKind::PreAuth), State::Authenticated),
        (State::default(), Event::Greeting(GreetingKind::Bye), State::Logout),
        (State::NotAuthenticated, reply("LOGIN", Outcome::Ok), State::Authenticated),
        (State::NotAuthenticated, reply("AUTHENTICATE", Outcome::Ok), State::Authenticated),
        (State::Authenticated, reply("SELECT", Outcome::Ok), selected),
        (State::Authenticated, reply("EXAMINE", Outcome::Ok), State::Selected(Access::ReadOnly)),
        (selected, reply("CLOSE", Outcome::Ok), State::Authenticated),
        (selected, reply("UNSELECT", Outcome::Ok), State::Authenticated),
        (selected, Event::Closed, State::Authenticated),
        (selected, reply("SELECT", Outcome::No), State::Authenticated),
        (selected, reply("EXAMINE", Outcome::No), State::Authenticated),
        (State::NotAuthenticated, reply("LOGOUT", Outcome::Ok), State::Logout),
        (State::Authenticated, Event::Bye, State::Logout),
        (selected, Event::Disconnected, State::Logout),
        (selected, reply("UNAUTHENTICATE", Outcome::Ok), State::NotAuthenticated),
    ];
    for (from, event, to) in arrows {
        assert_eq!(from.on(&event), to, "{event} from {}", from.full_name());
    }
}

/// Every state x every event: only the moves of the table, and nothing leads out of the logout state.
#[test]
fn nothing_moves_but_by_the_table() {
    let replies = COMMANDS
        .iter()
        .chain([&table::OTHER])
        .flat_map(|row| Outcome::ALL.map(|outcome| Event::Reply { command: row.name, outcome }));
    let others = [Event::Bye, Event::Closed, Event::ReadOnly, Event::ReadWrite, Event::Disconnected];
    for event in replies.chain(others) {
        for from in State::ALL {
            let to = from.on(&event);
            let listed = TRANSITIONS.iter().any(|row| row.from.contains(from) && row.to == to);
            assert!(to == from || listed, "{event} from {}", from.full_name());
            assert!(from != State::Logout || to == State::Logout, "{event} leaves the logout state");
        }
    }
}

/// Each row says which RFC, which section, and quotes one sentence.
#[test]
fn every_row_has_its_sentence() {
    let sources = COMMANDS.iter().map(|row| row.source).chain(TRANSITIONS.iter().map(|row| row.source));
    for source in sources {
        assert!(source.rfc >= 2177 && !source.section.is_empty(), "{source}");
        assert!(
            source.sentence.len() > 10 && !source.sentence.contains("  "),
            "{source}: {}",
            source.sentence
        );
    }
}

#[test]
fn base_commands_are_valid_where_the_rfcs_list_them() {
    let lists = [
        (States::ANY, "CAPABILITY NOOP LOGOUT"),
        (States::NOT_AUTHENTICATED, "STARTTLS AUTHENTICATE LOGIN"),
        (States::UNSELECTED, "ENABLE"),
        (
            States::AUTHENTICATED,
            "SELECT EXAMINE CREATE DELETE RENAME SUBSCRIBE UNSUBSCRIBE LIST LSUB NAMESPACE STATUS APPEND IDLE",
        ),
        (States::SELECTED, "CHECK CLOSE UNSELECT EXPUNGE SEARCH FETCH STORE COPY MOVE"),
    ];
    for (states, names) in lists {
        for name in names.split(' ') {
            assert_eq!(table::command(name).valid_in, states, "{name}");
        }
    }
    for name in ["UID EXPUNGE", "UID SEARCH", "UID FETCH", "UID STORE", "UID COPY", "UID MOVE"] {
        assert_eq!(table::command(name).valid_in, States::SELECTED, "{name}");
    }
    assert_eq!(table::command("xlist"), &table::OTHER);
}
