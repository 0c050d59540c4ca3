//! What an observer judges by its view: all that is certain, and nothing else.

use imap_fsm::observer::{Dialogue, Event, Observer, Options};

/// What the server breaks in a dialogue, by id.
fn broken(options: Options, lines: &[&str]) -> Vec<&'static str> {
    let mut observed = Dialogue::new(options);
    let mut found = Vec::new();
    for line in lines {
        let bytes = [&line.as_bytes()[3..], b"\r\n"].concat();
        match line.as_bytes()[0] {
            b'C' if options.client => observed.client_bytes(&bytes),
            b'S' if options.server => observed.server_bytes(&bytes),
            _ => {}
        }
        while let Some(event) = observed.poll_event() {
            if let Event::Violation(violation) = event {
                found.push(violation.rule.id());
            }
        }
    }
    found
}

const SELECTED: [&str; 8] = [
    "S: * PREAUTH [CAPABILITY IMAP4rev1 QRESYNC] hello",
    "C: s SELECT INBOX",
    "S: * FLAGS ()",
    "S: * 9 EXISTS",
    "S: * 0 RECENT",
    "S: * OK [UIDVALIDITY 7] valid",
    "S: s OK [READ-WRITE] done",
    "C: a UID FETCH 1:* UID",
];

#[test]
fn an_observer_counts_what_vanished() {
    let rows: &[(&[&str], &[&str])] = &[
        (&["S: * VANISHED 5,7:8", "S: * 7 FETCH (FLAGS ())"], &["number-above-exists"]),
        (&["S: * VANISHED 5,7:8", "S: * 6 FETCH (FLAGS ())"], &[]),
        (&["S: * VANISHED (EARLIER) 5,7:8", "S: * 9 FETCH (FLAGS ())"], &[]),
        (&["S: * VANISHED 5", "S: * 7 EXISTS"], &["exists-decreased"]),
        // The UIDs that stay have the numbers that are left to them.
        (
            &[
                "S: * 2 FETCH (UID 20)",
                "S: * 5 FETCH (UID 50)",
                "S: * VANISHED 21,60",
                "S: * 4 FETCH (UID 51)",
            ],
            &["uid-changed"],
        ),
        (&["S: * 2 FETCH (UID 20)", "S: * VANISHED 20", "S: * 2 FETCH (UID 21)"], &[]),
        (&["S: * 2 FETCH (UID 20)", "S: * 6 FETCH (UID 23)"], &["uids-not-ascending"]),
        // More than there were: what is left is anybody's guess.
        (&["S: * VANISHED 1:10", "S: * 9 FETCH (UID 90)", "S: * 3 EXISTS", "S: * 3 FETCH (UID 30)"], &[]),
        (&["S: * VANISHED 1:*", "S: * 9 FETCH (UID 90)"], &[]),
        // What could not be read may be a SELECT.
        (&["C: b SELECT", "S: * 1 EXISTS", "S: b OK done", "S: * 1 FETCH (UID 9)"], &[]),
        (&["C: b SELECT", "S: * 1 FETCH (UID 8)", "S: b OK done", "S: * 1 FETCH (UID 9)"], &[]),
        (&["C: {", "S: * 1 EXISTS", "S: * 2 FETCH (UID 9)"], &[]),
        (&["C: {", "S: * 1 FETCH (UID 8)", "C: c NOOP", "S: c OK done", "S: * 1 FETCH (UID 9)"], &[]),
        (&["C: {", "S: * 1 FETCH (UID 8)", "S: b OK done", "S: * 1 FETCH (UID 9)"], &[]),
    ];
    for (lines, wanted) in rows {
        let dialogue = [&SELECTED, *lines].concat();
        assert_eq!(broken(Options::default(), &dialogue), *wanted, "{lines:#?}");
    }
}

/// Where the client is not seen, any reply may be that to a SELECT.
#[test]
fn an_observer_of_the_server_alone_takes_no_mailbox_for_another() {
    let alone = Options { client: false, ..Options::default() };
    for (exists, validity) in [
        ("S: * 2 EXISTS", "S: * OK [UIDVALIDITY 8] valid"),
        ("S: * 12 EXISTS", "S: * OK [UIDVALIDITY 7] valid"),
    ] {
        let other = [
            "S: * 2 FETCH (UID 90)",
            "S: a OK done",
            "C: b SELECT Other",
            "S: * FLAGS ()",
            exists,
            validity,
            "S: b OK done",
            "C: c UID FETCH 1:* UID",
            "S: * 1 FETCH (UID 91)",
        ];
        assert_eq!(broken(alone, &[&SELECTED[..], &other].concat()), [""; 0], "{exists}");
        let wrong = ["S: * 13 FETCH (FLAGS ())", "S: * 1 FETCH (UID 92)", "S: * 2 FETCH (UID 92)"];
        assert_eq!(
            broken(alone, &[&SELECTED[..], &other, &wrong].concat()),
            ["number-above-exists", "uid-changed", "uids-not-ascending"]
        );
    }
}

/// Beyond the UIDs that an observer keeps, the others are judged by those.
#[test]
fn an_observer_judges_by_all_uids_that_it_keeps() {
    let mut lines: Vec<String> = SELECTED.iter().map(|line| (*line).to_owned()).collect();
    let kept = Observer::UIDS;
    lines.push(format!("S: * {} EXISTS", kept + 10));
    lines.extend((1..=kept + 5).map(|at| format!("S: * {at} FETCH (UID {})", at * 2)));
    lines.push(format!("S: * {kept} FETCH (UID {})", kept * 2 + 1));
    lines.push(format!("S: * {} FETCH (UID 7)", kept + 6));
    // One that is not kept may be told as anything.
    lines.push(format!("S: * {} FETCH (UID {})", kept + 5, kept * 3));
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    assert_eq!(broken(Options::default(), &lines), ["uid-changed", "uids-not-ascending"]);
}
