//! `session`: dialogues, their judgement, and what is said of them.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "a test may fail"
)]

mod common;

use std::fs;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use common::{Run, events, golden, run};
use serde_json::{Value, json};

/// A capture of lines `C: ..` and `S: ..`, one chunk each, a tenth of a second apart.
///
/// `C+ ` and `S+ ` are chunks after COMPRESS; other lines are taken as they are. `\n` in a chunk is CRLF.
fn capture(lines: &[&str]) -> String {
    let mut text = json!({"server": "a server", "client": "a client", "what": "a test"}).to_string() + "\n";
    for (index, line) in lines.iter().enumerate() {
        let t = index as f64 / 10.0;
        let bytes = |chunk: &str| STANDARD.encode(chunk.replace('\n', "\r\n"));
        let object = match line.split_at_checked(3) {
            Some(("C: ", chunk)) => json!({"t": t, "dir": "C", "b64": bytes(chunk)}),
            Some(("S: ", chunk)) => json!({"t": t, "dir": "S", "b64": bytes(chunk)}),
            Some(("C+ ", chunk)) => json!({"t": t, "dir": "C", "b64": "AAAA", "plain": bytes(chunk)}),
            Some(("S+ ", chunk)) => json!({"t": t, "dir": "S", "b64": "AAAA", "plain": bytes(chunk)}),
            _ => serde_json::from_str(line).unwrap(),
        };
        text += &(object.to_string() + "\n");
    }
    text
}

fn judge(lines: &[&str]) -> (Run, Vec<Value>) {
    let run = run(&["session", "--json", "-"], capture(lines).as_bytes());
    assert_eq!(run.err, "");
    let objects = run.objects();
    let summary = &objects.last().unwrap()["summary"];
    let bad = summary["malformed"] != 0 || summary["violations"] != 0;
    assert_eq!(run.status, i32::from(bad), "the status agrees with the summary");
    (run, objects)
}

const LOGIN: [&str; 3] = ["S: * OK hello\n", "C: a1 LOGIN alice wonderland\n", "S: a1 OK done\n"];

#[test]
fn a_session_is_told_message_by_message() {
    let select = ["C: a2 SELECT INBOX\n", "S: * 1 EXISTS\n* FLAGS ()\n", "S: a2 OK [READ-WRITE] done\n"];
    let (_, objects) = judge(&[&LOGIN[..], &select].concat());
    assert_eq!(
        objects[1],
        json!({"event": "message", "session": 0, "t": 0.1, "from": "client", "offset": 0, "length": 27, "ok": true,
            "kind": "command", "name": "LOGIN", "tag": "a1", "tolerated": [], "state": "not-authenticated"})
    );
    assert_eq!(
        objects[3],
        json!({"event": "completed", "session": 0, "tag": "a1", "name": "LOGIN", "status": "OK", "latency_ms": 100.0})
    );
    let states: Vec<&str> =
        events(&objects, "message").iter().map(|message| message["state"].as_str().unwrap()).collect();
    let expected = ["not-authenticated", "not-authenticated", "authenticated", "authenticated"];
    assert_eq!(states, [&expected[..], &["authenticated", "authenticated", "selected"]].concat());
    assert_eq!(
        objects.last().unwrap(),
        &json!({"summary": {"sessions": 1, "messages": 7, "malformed": 0, "incomplete": 0, "violations": 0,
            "tolerated": {}, "final_state": "selected"}})
    );
}

#[test]
fn keys_stand_in_their_order() {
    let (run, _) = judge(&[&LOGIN[..], &["C: a2 FETCH 1 FLAGS\n", "S: a2 BAD no\n"]].concat());
    let first = run.out.lines().next().unwrap();
    assert!(first.starts_with(
        r#"{"event":"message","session":0,"t":0.0,"from":"server","offset":0,"length":12,"ok":true,"#
    ));
    let violation = run.out.lines().find(|line| line.contains("violation")).unwrap();
    assert!(
        violation.starts_with(
            r#"{"event":"violation","session":0,"by":"client","offset":27,"id":"command-in-wrong-state","rfc":"9051","section":"3","message":"#
        ),
        "{violation}"
    );
    let last = run.out.lines().last().unwrap();
    assert!(last.starts_with(
        r#"{"summary":{"sessions":1,"messages":5,"malformed":0,"incomplete":0,"violations":1,"tolerated":{},"#
    ));
}

#[test]
fn what_is_wrong_is_counted_and_goes_on() {
    let (_, objects) =
        judge(&[&LOGIN[..], &["C: a2 FETCH 0 FLAGS\na3 NOOP\n", "S: a2 BAD no\na3 OK\n"]].concat());
    let messages = events(&objects, "message");
    assert_eq!(messages[3]["error"]["rule"], "nz-number");
    assert_eq!((&messages[3]["ok"], &messages[4]["ok"]), (&json!(false), &json!(true)));
    assert_eq!(messages[6]["tolerated"], json!(["Q1"]));
    let summary = &objects.last().unwrap()["summary"];
    assert_eq!((&summary["malformed"], &summary["tolerated"]), (&json!(1), &json!({"Q1": 1})));
    assert_eq!(events(&objects, "completed").len(), 3);
}

#[test]
fn the_profile_decides_what_is_malformed() {
    let text = capture(&[&LOGIN[..], &["C: a2 NOOP\n", "S: a2 OK\n"]].concat());
    let strict = run(&["session", "--json", "--profile", "strict", "-"], text.as_bytes());
    assert_eq!((strict.status, &strict.objects().last().unwrap()["summary"]["malformed"]), (1, &json!(1)));
    assert_eq!(run(&["session", "--mode", "rev1", "-"], text.as_bytes()).status, 0);
}

#[test]
fn literals_wait_for_the_server() {
    let lines = [
        "S: * OK x\n",
        "C: a1 LOGIN {5}\n",
        "S: + go\n",
        "C: alice {10}\n",
        "S: + go\n",
        "C: wonderland\n",
        "S: a1 OK x\n",
    ];
    let (_, objects) = judge(&lines);
    let messages = events(&objects, "message");
    assert_eq!(messages.len(), 5);
    assert_eq!((&messages[3]["name"], &messages[3]["length"]), (&json!("LOGIN"), &json!(14 + 12 + 12)));
    assert_eq!(events(&objects, "violation").len(), 0);
}

#[test]
fn a_refused_literal_ends_its_command() {
    let refused = ["C: a2 APPEND x {100}\n", "S: a2 NO [TRYCREATE] no\n", "C: a3 NOOP\n", "S: a3 OK x\n"];
    let (_, objects) = judge(&[&LOGIN[..], &refused].concat());
    let messages = events(&objects, "message");
    // It is told where it was sent, before what the server said to it.
    assert_eq!((&messages[3]["kind"], &messages[3]["name"]), (&json!("incomplete"), &json!("APPEND")));
    assert_eq!((&messages[4]["tag"], &messages[5]["name"]), (&json!("a2"), &json!("NOOP")));
    assert_eq!(events(&objects, "completed")[1]["status"], "NO");
    assert_eq!(objects.last().unwrap()["summary"]["incomplete"], 1);
    assert_eq!(objects.last().unwrap()["summary"]["malformed"], 0);
}

#[test]
fn payload_that_comes_unasked_is_a_violation() {
    let early = ["C: a2 SELECT {3}\nfoo\n", "S: + go\n", "S: a2 NO no such\n"];
    let (_, objects) = judge(&[&LOGIN[..], &early].concat());
    let violations = events(&objects, "violation");
    assert_eq!((violations.len(), violations[0]["id"].as_str()), (1, Some("literal-before-continuation")));
    assert_eq!(violations[0]["by"], "client");
}

#[test]
fn idle_and_authenticate_read_lines_of_their_own() {
    let lines = [
        "S: * OK [CAPABILITY IMAP4rev1 IDLE] x\n",
        "C: a1 AUTHENTICATE PLAIN\n",
        "S: + \n",
        "C: AGFsaWNlAHdvbmRlcmxhbmQ=\n",
        "S: a1 OK x\n",
        "C: a2 IDLE\n",
        "S: + idling\n",
        "C: DONE\na3 NOOP\n",
        "S: a2 OK x\na3 OK x\n",
    ];
    let (run, objects) = judge(&lines);
    let kinds: Vec<&str> = events(&objects, "message").iter().map(|m| m["kind"].as_str().unwrap()).collect();
    let expected = ["greeting", "command", "continuation", "auth-data", "status", "command", "continuation"];
    assert_eq!(kinds, [&expected[..], &["idle-done", "command", "status", "status"]].concat());
    assert_eq!(run.status, 0);
}

#[test]
fn compressed_chunks_are_read_inflated() {
    let lines = [
        &LOGIN[..],
        &[
            "C: a2 COMPRESS DEFLATE\n",
            "S: a2 OK now\n",
            "C+ a3 NOOP\n",
            "S+ a3 OK x\n",
            "S: not inflated\n",
            "S+ * 1\n",
        ],
    ];
    let (_, objects) = judge(&lines.concat());
    let notes: Vec<&str> =
        events(&objects, "note").iter().map(|note| note["what"].as_str().unwrap()).collect();
    assert_eq!(notes, ["compress", "skipped"]);
    assert_eq!(events(&objects, "message").len(), 7);
    assert_eq!(events(&objects, "message")[5]["offset"], 27 + 21);
}

#[test]
fn nothing_is_read_after_tls_begins() {
    let lines = ["S: * OK x\n", "C: a1 STARTTLS\n", "S: a1 OK go\n\u{16}\u{3}\u{3}", "C: \u{16}\u{3}\u{1}\n"];
    let (_, objects) = judge(&lines);
    let notes: Vec<&str> =
        events(&objects, "note").iter().map(|note| note["what"].as_str().unwrap()).collect();
    assert_eq!(notes, ["tls", "skipped"]);
    let note = r#"{"note": "TLS starts here; the rest is left out"}"#;
    let (_, objects) = judge(&["S: * OK x\n", "C: a1 STARTTLS\n", "S: a1 OK go\n", note]);
    assert_eq!(events(&objects, "note").len(), 1);
    let (_, objects) = judge(&["S: * OK x\n", r#"{"note": "the rest of this session is left out"}"#]);
    assert_eq!(events(&objects, "note")[0]["what"], "truncated");
}

#[test]
fn the_end_of_a_capture_cuts_messages() {
    let (run, objects) = judge(&[&LOGIN[..], &["C: a2 NOO", "S: * 1 FETCH (BODY[] {10}\nabc"]].concat());
    assert_eq!((run.status, &objects.last().unwrap()["summary"]["incomplete"]), (0, &json!(2)));
    let eof = r#"{"t": 1.0, "dir": "S", "eof": true}"#;
    let (_, objects) = judge(&[&LOGIN[..], &[eof]].concat());
    assert_eq!(objects.last().unwrap()["summary"]["final_state"], "logout");
}

#[test]
fn secrets_are_left_out() {
    let lines = [
        "S: * OK x\n",
        "C: a1 LOGIN alice sesame\n",
        "S: a1 NO x\n",
        "C: a2 AUTHENTICATE PLAIN c2VzYW1l\n",
        "S: + c2VzYW1l\n",
        "C: c2VzYW1l\n",
        "S: a2 NO x\n",
        "C: a3 LOGIN sesame\n",
        "S: a3 BAD x\n",
        "C: a4 LOGIN {6}\n",
        "S: + x\n",
        "C: sesame {6}\n",
        "S: a4 NO x\n",
        "C: a5 LOGIN ses",
    ];
    let text = capture(&lines);
    for options in [&[][..], &["--json"]] {
        let hidden = run(&[&["session"], options, &["-"]].concat(), text.as_bytes());
        assert!(!hidden.out.contains("sesame") && !hidden.out.contains("c2VzYW1l"), "{}", hidden.out);
    }
    let shown = run(&["session", "--show-secrets", "-"], text.as_bytes());
    assert!(shown.out.contains("a1 LOGIN alice sesame") && shown.out.contains("c2VzYW1l"), "{}", shown.out);
}

#[test]
fn output_is_as_committed() {
    let lines = [
        "S: * OK [CAPABILITY IMAP4rev1 IDLE] hello\n",
        "C: a1 LOGIN alice wonderland\n",
        "S: a1 OK [CAPABILITY IMAP4rev1 IDLE MOVE] logged in\n",
        "C: a2 SELECT INBOX\n",
        "S: * 172 EXISTS\n* 1 RECENT\n* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\n* OK [UIDVALIDITY 3857529045]\n",
        "S: a2 OK [READ-WRITE] SELECT completed\n",
        "C: a3 FETCH 12 (FLAGS BODY[HEADER])\n",
        "S: * 12 FETCH (FLAGS (\\Seen) BODY[HEADER] {30}\nFrom: a@example.org\nTo: b\n\n)\n* 44 EXPUNGE\n",
        "S: a3 OK done\n",
        "C: a4 APPEND Drafts {310}\n",
        "S: a4 NO [TRYCREATE] no such mailbox\n",
        "C: a5 FETCH 1:x FLAGS\n",
        "S: a5 BAD what?\n",
        "C: a6 LOGOUT\n",
        "S: * BYE see you\na6 OK bye\n",
        r#"{"t": 2.0, "dir": "S", "eof": true}"#,
    ];
    let text = capture(&lines);
    let human = run(&["session", "-"], text.as_bytes());
    golden("session.txt", &human.out);
    let json = run(&["session", "--json", "-"], text.as_bytes());
    golden("session.json", &json.out);
    assert_eq!((human.status, json.status), (1, 1));
    let path = common::data().join("session.jsonl");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(path).unwrap(), text, "the capture beside the outputs is this one");
}

#[test]
fn what_was_pipelined_is_shown_with_what_speaks_against_it() {
    let lines = [
        &LOGIN[..],
        &["C: a2 SELECT INBOX\n", "S: * 9 EXISTS\n* FLAGS ()\na2 OK [READ-WRITE] done\n"],
        &["C: a3 FETCH 1 FLAGS\na4 UID FETCH 2 FLAGS\n", "S: a3 OK done\na4 OK done\n"],
        &["C: a5 NOOP\na6 FETCH 1 FLAGS\n", "S: a5 OK done\na6 OK done\n"],
    ]
    .concat();
    let (_, objects) = judge(&lines);
    assert_eq!(
        events(&objects, "pipelined"),
        [
            &json!({"event": "pipelined", "session": 0, "tag": "a4", "name": "UID FETCH", "behind": ["a3"], "conflict": null}),
            &json!({"event": "pipelined", "session": 0, "tag": "a6", "name": "FETCH", "behind": ["a5"], "conflict": "numbers"}),
        ]
    );
    let human = run(&["session", "-"], capture(&lines).as_bytes()).out;
    assert!(human.contains("pipelined behind a3\n"), "{human}");
    assert!(
        human.contains(
            "pipelined behind a5; NOOP has no reply yet, and may change the message numbers of the command\n"
        ),
        "{human}"
    );
}
