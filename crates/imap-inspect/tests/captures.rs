//! The recorded sessions, whole.
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

use common::{canonical, captures, decode, events, run, tiles};
use serde_json::{Value, json};

/// Both directions of a recorded session.
fn directions(path: &std::path::Path) -> [Vec<u8>; 2] {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let mut sides = [Vec::new(), Vec::new()];
    for line in fs::read_to_string(path).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        if line.get("note").is_some() {
            break;
        }
        let Some(text) = line.get("plain").or(line.get("b64")).and_then(Value::as_str) else { continue };
        sides[usize::from(line["dir"] == "S")].extend(STANDARD.decode(text).unwrap());
    }
    sides
}

#[test]
fn canonical_forms_of_all_captures_decode_to_equal_values() {
    // Every eighth session: the tests of the workspace read them all, without starting a program for each.
    for path in captures().iter().step_by(8) {
        for (from, input) in ["client", "server"].into_iter().zip(directions(path)) {
            for profile in ["strict", "tolerant"] {
                let options = &["--profile", profile, "--show-secrets"];
                let objects = decode(from, options, &input);
                tiles(&objects, &input);
                let good: Vec<&Value> = objects.iter().filter(|object| object["ok"] == true).collect();
                let forms: Vec<u8> = good.iter().flat_map(|object| canonical(object).unwrap()).collect();
                let again = decode(from, options, &forms);
                assert_eq!(again.len(), good.len(), "{} {from} {profile}", path.display());
                for (one, other) in good.iter().zip(&again) {
                    assert_eq!(one["value"], other["value"], "{}", path.display());
                    assert_eq!(one["canonical_b64"], other["canonical_b64"], "{}", path.display());
                }
            }
        }
    }
}

#[test]
fn several_sessions_have_one_summary() {
    let files: Vec<String> = captures().iter().take(3).map(|path| path.display().to_string()).collect();
    let args: Vec<&str> = ["session", "--json"].into_iter().chain(files.iter().map(String::as_str)).collect();
    let run = run(&args, b"");
    let objects = run.objects();
    let summary = &objects.last().unwrap()["summary"];
    assert_eq!((&summary["sessions"], &summary["final_state"]), (&json!(3), &Value::Null));
    let sessions: Vec<u64> =
        events(&objects, "message").iter().map(|m| m["session"].as_u64().unwrap()).collect();
    assert!(sessions.is_sorted() && sessions.contains(&2) && !sessions.contains(&3));
    assert_eq!(events(&objects, "message").len() as u64, summary["messages"].as_u64().unwrap());
}

#[test]
fn every_capture_is_read_to_its_end() {
    let files: Vec<String> = captures().iter().map(|path| path.display().to_string()).collect();
    for options in [&["--json"][..], &[], &["--json", "--profile", "strict"]] {
        let args = [&["session"], options].concat();
        let args: Vec<&str> = args.into_iter().chain(files.iter().map(String::as_str)).collect();
        let run = run(&args, b"");
        assert_eq!((run.status, run.err.as_str()), (1, ""), "{options:?}");
        assert!(!run.out.contains("wonderland"), "no password");
        if options.is_empty() {
            continue;
        }
        let objects = run.objects();
        let summary = &objects.last().unwrap()["summary"];
        assert_eq!(summary["sessions"], files.len());
        let messages = events(&objects, "message");
        let count = |test: &dyn Fn(&&&Value) -> bool| messages.iter().filter(|m| test(m)).count();
        assert_eq!(summary["messages"], messages.len());
        assert_eq!(summary["malformed"], count(&|m| m["ok"] == false && m["kind"] != "incomplete"));
        assert_eq!(summary["incomplete"], count(&|m| m["kind"] == "incomplete"));
        assert_eq!(summary["violations"], events(&objects, "violation").len());
        assert!(count(&|m| m["ok"] == true) * 20 > messages.len() * 19, "most messages decode");
        assert!(
            events(&objects, "completed")
                .iter()
                .all(|c| c["latency_ms"].as_f64().is_some_and(|ms| ms >= 0.0))
        );
    }
}

/// What the list beside the captures says is what the program says, no more and no less.
#[test]
fn every_capture_is_judged_as_listed() {
    #[derive(serde::Deserialize)]
    struct Listed {
        malformed: Vec<Malformed>,
        violation: Vec<Violation>,
    }
    #[derive(serde::Deserialize)]
    struct Malformed {
        file: String,
        direction: String,
        offset: u64,
        rule: String,
    }
    #[derive(serde::Deserialize)]
    struct Violation {
        file: String,
        by: String,
        offset: u64,
        id: String,
    }
    let paths = captures();
    let root = paths[0].parent().and_then(std::path::Path::parent).unwrap();
    let listed: Listed = toml::from_str(&fs::read_to_string(root.join("expected.toml")).unwrap()).unwrap();
    let mut expected: Vec<String> = Vec::new();
    for Malformed { file, direction, offset, rule } in &listed.malformed {
        expected.push(format!("{file} {direction} {offset}: malformed, {rule}"));
    }
    for Violation { file, by, offset, id } in &listed.violation {
        expected.push(format!("{file} {by} {offset}: {id}"));
    }
    let files: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let args: Vec<&str> = ["session", "--json"].into_iter().chain(files.iter().map(String::as_str)).collect();
    let mut found: Vec<String> = Vec::new();
    for object in run(&args, b"").objects() {
        let word = |key: &str| object[key].as_str().unwrap_or_default().to_owned();
        let side = |key: &str| if object[key] == "client" { "C" } else { "S" };
        let Some(path) = object["session"].as_u64().and_then(|session| paths.get(session as usize)) else {
            continue;
        };
        let file = path.strip_prefix(root).unwrap().display();
        match object["event"].as_str() {
            Some("message") if object.get("error").is_some() => {
                let rule = object["error"]["rule"].as_str().unwrap();
                found.push(format!("{file} {} {}: malformed, {rule}", side("from"), object["offset"]));
            }
            Some("violation") => {
                found.push(format!("{file} {} {}: {}", side("by"), object["offset"], word("id")));
            }
            _ => {}
        }
    }
    expected.sort();
    found.sort();
    let missing: Vec<&String> = expected.iter().filter(|line| !found.contains(line)).collect();
    let unlisted: Vec<&String> = found.iter().filter(|line| !expected.contains(line)).collect();
    assert!(
        missing.is_empty() && unlisted.is_empty(),
        "listed, not found: {missing:#?}\nfound, not listed: {unlisted:#?}"
    );
    assert_eq!(found, expected);
}
