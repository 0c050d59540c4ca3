//! States, sets of states and points in time, as a caller asks for them.
#![allow(missing_docs, clippy::panic, clippy::arithmetic_side_effects, reason = "a test may fail")]

use core::time::Duration;

use imap_fsm::{
    state::{Access, Event, Outcome, State, States, table},
    tag::TagPrefix,
    time::Time,
};
use imap_types::{
    code::Code,
    response::{GreetingKind, Status},
};

const READ_WRITE: State = State::Selected(Access::ReadWrite);
const READ_ONLY: State = State::Selected(Access::ReadOnly);

fn reply(command: &str, outcome: Outcome) -> Event<'_> {
    Event::Reply { command, outcome }
}

#[test]
fn a_tagged_reply_has_an_outcome() {
    assert_eq!(Outcome::of(Status::Ok, None), Some(Outcome::Ok));
    assert_eq!(Outcome::of(Status::Ok, Some(&Code::Alert)), Some(Outcome::Ok));
    assert_eq!(Outcome::of(Status::Ok, Some(&Code::ReadOnly)), Some(Outcome::OkReadOnly));
    assert_eq!(Outcome::of(Status::No, Some(&Code::ReadOnly)), Some(Outcome::No));
    assert_eq!(Outcome::of(Status::Bad, None), Some(Outcome::Bad));
    // RFC 9051 sections 7.1.4 and 7.1.5: these are always untagged.
    assert_eq!((Outcome::of(Status::PreAuth, None), Outcome::of(Status::Bye, None)), (None, None));
    assert_eq!(Outcome::ALL.map(Outcome::is_ok), [true, true, false, false]);
    assert_eq!(Outcome::ALL.map(|it| it.to_string()), ["OK", "OK [READ-ONLY]", "NO", "BAD"]);
}

#[test]
fn states_and_events_have_their_names() {
    let names = ["not-authenticated", "authenticated", "selected", "selected", "logout"];
    assert_eq!(State::ALL.map(State::name), names);
    assert_eq!(State::ALL.map(|state| state.to_string()), names);
    let full = ["not-authenticated", "authenticated", "selected-read-write", "selected-read-only", "logout"];
    assert_eq!(State::ALL.map(State::full_name), full);
    assert_eq!(State::ALL.map(State::is_selected), [false, false, true, true, false]);
    let events = [
        Event::Greeting(GreetingKind::Ok),
        Event::Greeting(GreetingKind::PreAuth),
        Event::Greeting(GreetingKind::Bye),
        reply("SELECT", Outcome::OkReadOnly),
        Event::Bye,
        Event::Closed,
        Event::ReadOnly,
        Event::ReadWrite,
        Event::Disconnected,
    ];
    assert_eq!(
        events.map(|event| event.to_string()),
        [
            "greeting OK",
            "greeting PREAUTH",
            "greeting BYE",
            "SELECT OK [READ-ONLY]",
            "untagged BYE",
            "untagged OK [CLOSED]",
            "untagged [READ-ONLY]",
            "untagged [READ-WRITE]",
            "connection closed",
        ]
    );
}

#[test]
fn sets_of_states_are_sets() {
    let sets = [
        (States::NONE, "none", [false; 5]),
        (States::ALL, "all", [true; 5]),
        (States::ANY, "any", [true, true, true, true, false]),
        (States::NOT_AUTHENTICATED, "not-authenticated", [true, false, false, false, false]),
        (States::AUTHENTICATED, "authenticated, selected", [false, true, true, true, false]),
        (States::UNSELECTED, "authenticated", [false, true, false, false, false]),
        (States::SELECTED, "selected", [false, false, true, true, false]),
        (States::from(READ_ONLY), "selected-read-only", [false, false, false, true, false]),
        (States::from(READ_WRITE).with(State::Logout), "selected-read-write, logout", {
            [false, false, true, false, true]
        }),
    ];
    for (set, name, members) in sets {
        assert_eq!(set.to_string(), name);
        assert_eq!(State::ALL.map(|state| set.contains(state)), members, "{name}");
        let listed: Vec<_> = State::ALL.into_iter().filter(|state| set.contains(*state)).collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), listed, "{name}");
        for (other, _, others) in sets {
            let both = members.iter().zip(others).any(|(a, b)| *a && b);
            assert_eq!(set.intersects(other), both, "{set} and {other}");
            let either = State::ALL.map(|state| set.contains(state) || other.contains(state));
            assert_eq!(State::ALL.map(|state| set.union(other).contains(state)), either, "{set} or {other}");
        }
    }
}

#[test]
fn a_reply_that_is_outstanding_leaves_its_outcomes_open() {
    let after = |state, command| States::from(state).after(command);
    // Not carried out where it is not valid.
    assert_eq!(after(State::NotAuthenticated, "SELECT"), States::NOT_AUTHENTICATED);
    assert_eq!(after(State::Authenticated, "LOGIN"), States::UNSELECTED);
    assert_eq!(after(State::NotAuthenticated, "LOGIN").to_string(), "not-authenticated, authenticated");
    assert_eq!(after(State::Authenticated, "SELECT"), States::AUTHENTICATED);
    assert_eq!(after(State::Authenticated, "EXAMINE"), States::UNSELECTED.with(READ_ONLY));
    assert_eq!(after(READ_WRITE, "CLOSE"), States::UNSELECTED.with(READ_WRITE));
    assert_eq!(after(READ_WRITE, "logout"), States::from(READ_WRITE).with(State::Logout));
    assert_eq!(after(READ_WRITE, "XLIST"), States::from(READ_WRITE));
    assert_eq!(States::NONE.after("SELECT"), States::NONE);
}

#[test]
fn commands_are_found_in_any_case_and_unknown_ones_go_anywhere_but_after_logout() {
    assert_eq!(table::command("uid fetch").name, "UID FETCH");
    assert_eq!((table::command("XLIST").name, table::command("").name), ("X<atom>", "X<atom>"));
    assert_eq!(table::command("SEL").name, "X<atom>");
    for row in table::COMMANDS {
        assert_eq!(table::command(&row.name.to_lowercase()), row);
        let moved = Outcome::ALL.iter().any(|outcome| {
            State::ALL.iter().any(|state| table::find(*state, &reply(row.name, *outcome)).is_some())
        });
        assert_eq!(table::moves(row.name), moved, "{}", row.name);
        for state in State::ALL {
            assert_eq!(state.is_valid(row.name), row.valid_in.contains(state), "{}", row.name);
        }
    }
    assert!(State::NotAuthenticated.is_valid("XLIST") && !State::Logout.is_valid("XLIST"));
    assert!(!table::moves("XLIST"));
}

#[test]
fn read_only_is_an_ok_where_it_says_nothing_else() {
    assert_eq!(READ_WRITE.on(&reply("CLOSE", Outcome::OkReadOnly)), State::Authenticated);
    assert_eq!(State::NotAuthenticated.on(&reply("LOGIN", Outcome::OkReadOnly)), State::Authenticated);
    assert_eq!(State::Authenticated.on(&reply("SELECT", Outcome::OkReadOnly)), READ_ONLY);
    assert_eq!(State::Authenticated.on(&reply("EXAMINE", Outcome::OkReadOnly)), READ_ONLY);
    assert_eq!(State::Authenticated.on(&reply("NOOP", Outcome::OkReadOnly)), State::Authenticated);
}

#[test]
fn every_reply_has_a_sentence_and_other_events_where_they_move() {
    for row in table::TRANSITIONS {
        for state in row.from.iter() {
            let found = table::source(state, &row.event);
            let named = found.map(|source| source.sentence.is_empty());
            assert_eq!(named, Some(false), "{} from {}", row.event, state);
        }
    }
    let sentence =
        |outcome| table::source(State::Authenticated, &reply("NOOP", outcome)).map(|it| it.sentence);
    let ok = Some("When tagged, it indicates successful completion of the associated command.");
    assert_eq!((sentence(Outcome::Ok), sentence(Outcome::OkReadOnly)), (ok, ok));
    let no = "When tagged, it indicates unsuccessful completion of the associated command.";
    assert_eq!(sentence(Outcome::No), Some(no));
    assert_eq!(table::command("UNSELECT").source.to_string(), "RFC 9051 section 6.4.2");
    assert!(sentence(Outcome::Bad).is_some_and(|bad| bad != no));
    for event in [Event::Bye, Event::Disconnected] {
        assert!(table::source(State::Logout, &event).is_none());
        assert!(table::source(READ_ONLY, &event).is_some());
    }
    for event in [Event::Closed, Event::ReadOnly, Event::ReadWrite] {
        assert!(table::source(State::Authenticated, &event).is_none());
        assert!(table::source(READ_ONLY, &event).is_some());
    }
}

#[test]
fn time_is_shown_as_minutes_and_seconds() {
    for (millis, shown) in [
        (0, "0s"),
        (999, "0.999s"),
        (1000, "1s"),
        (59_001, "59.001s"),
        (60_000, "1m0s"),
        (61_050, "1m1.050s"),
        (3_600_000, "60m0s"),
    ] {
        assert_eq!(Time::from_millis(millis).to_string(), shown);
        assert_eq!(Time::from_millis(millis).as_millis(), millis);
    }
    assert_eq!(Time::from_secs(2), Time::from_millis(2000));
    assert_eq!(Time::NEVER + Duration::from_secs(1), Time::NEVER);
    assert_eq!(Time::ZERO.since(Time::from_secs(1)), Duration::ZERO);
}

#[test]
fn a_prefix_of_tags_has_letters_and_a_bound() {
    let at = |prefix: &str| TagPrefix::new(prefix).map(|it| it.as_str().to_owned()).map_err(|error| error.at);
    assert_eq!(at("abc"), Ok("abc".into()));
    assert_eq!((at(""), at("1"), at("ab c"), at("\u{e9}")), (Err(0), Err(0), Err(2), Err(0)));
    assert_eq!((at(&"a".repeat(16)).is_ok(), at(&"a".repeat(17))), (true, Err(16)));
}
