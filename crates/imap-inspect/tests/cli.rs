//! The command line: options, help, and every way to get it wrong.
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

use std::{
    fs,
    process::{Command, Stdio},
};

use common::{data, run};

/// A mistake is one line on standard error, and status 2.
fn refused(args: &[&str], input: &[u8], says: &str) {
    let run = run(args, input);
    assert_eq!(run.status, 2, "{args:?}: {}", run.err);
    assert_eq!(run.err.lines().count(), 1, "{args:?}: one line, not {:?}", run.err);
    assert!(run.err.starts_with("imap-inspect: "), "{}", run.err);
    assert!(run.err.contains(says), "{args:?}: {:?} does not say {says:?}", run.err);
    assert!(!run.err.contains("panicked") && !run.err.contains("backtrace"));
}

#[test]
fn mistakes_on_the_command_line_are_told_in_one_line() {
    refused(&[], b"", "a subcommand is missing");
    refused(&["frobnicate"], b"", "unrecognized subcommand 'frobnicate'");
    refused(&["decode"], b"", "--from <FROM>");
    refused(&["decode", "--from"], b"", "a value is required");
    refused(&["decode", "--from", "proxy"], b"", "[possible values: client, server]");
    refused(&["decode", "--from", "client", "--profile", "lax"], b"", "[possible values: strict, tolerant]");
    refused(&["decode", "--from", "client", "--mode", "rev3"], b"", "[possible values: any, rev1, rev2]");
    refused(&["decode", "--from", "client", "--jsonl"], b"", "unexpected argument '--jsonl'");
    refused(&["decode", "--from", "client", "a", "b"], b"", "unexpected argument 'b'");
    refused(&["session"], b"", "<FILE>...");
    refused(&["session", "--full", "x"], b"", "unexpected argument '--full'");
    refused(&["session", "--client", "x"], b"", "unexpected argument '--client'");
    refused(&["states", "--format", "svg"], b"", "[possible values: text, mermaid, dot]");
    refused(&["states", "x"], b"", "unexpected argument 'x'");
}

#[test]
fn files_that_cannot_be_read_are_told() {
    let folder = data();
    let folder = folder.to_str().expect("UTF-8");
    refused(
        &["decode", "--from", "client", "/no/such/file"],
        b"",
        "cannot read /no/such/file: there is no such file",
    );
    refused(&["decode", "--from", "client", folder], b"", "it is a directory");
    refused(&["session", "/no/such/file.jsonl"], b"", "there is no such file");
    refused(&["session", folder], b"", "it is a directory");
}

#[test]
fn files_of_another_kind_are_told() {
    refused(&["session", "-"], b"", "- is empty");
    refused(&["session", "-"], b"* OK hello\r\na1 NOOP\r\n", "a text of another kind");
    refused(&["session", "-"], b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00", "a packet capture (pcap)");
    refused(&["session", "-"], b"\x0a\x0d\x0d\x0a\x1c\x00\x00\x00", "a packet capture (pcapng)");
    refused(&["session", "-"], b"\x1f\x8b\x08\x00", "compressed with gzip");
    refused(&["session", "-"], b"\x7fELF\x02\x01\x01\x00", "a binary file");
    refused(
        &["session", "-"],
        b"{\"json\": \"but no capture\"}\n",
        "-, line 1: the first line is no description of a session",
    );
}

#[test]
fn a_capture_that_is_cut_or_broken_is_told_with_its_line() {
    let header = "{\"server\": \"s\", \"client\": \"c\", \"what\": \"w\"}\n";
    let chunk = "{\"t\": 0.1, \"dir\": \"S\", \"b64\": \"KiBPSyBoaQ0K\"}\n";
    for (line, says) in [
        ("{\"t\": 0.2, \"dir\": \"S\", \"b64\": \"KiBPS", "-, line 3: the line is cut off"),
        ("{\"t\": 0.2, \"dir\": \"S\", \"b64\": \"KiBPS\"}\n", "-, line 3: b64 is no base64"),
        ("{\"t\": 0.2, \"dir\": \"S\", \"b64\": 7}\n", "-, line 3: the line is no JSON object of a capture"),
        ("{\"t\": 0.2, \"dir\": \"X\", \"b64\": \"\"}\n", "-, line 3: dir is neither C nor S"),
        ("{\"t\": 0.2, \"dir\": \"S\"}\n", "-, line 3: there is none of b64, plain, eof and note"),
        ("{\"t\": 0.2}\n", "-, line 3: there is neither dir nor note"),
        ("\u{0}\u{1}\n", "-, line 3: the line is no JSON object of a capture"),
    ] {
        let text = format!("{header}{chunk}{line}");
        refused(&["session", "-"], text.as_bytes(), says);
        // What came before it is reported all the same.
        let run = run(&["session", "--json", "-"], text.as_bytes());
        assert!(run.out.contains("\"kind\":\"greeting\"") && !run.out.contains("summary"));
    }
}

#[test]
fn help_goes_to_standard_output_and_has_examples() {
    for args in [
        &["--help"][..],
        &["decode", "--help"],
        &["session", "--help"],
        &["states", "--help"],
        &["explain", "--help"],
        &["decode", "-h"],
    ] {
        let run = run(args, b"");
        assert_eq!((run.status, run.err.as_str()), (0, ""), "{args:?}");
        assert!(run.out.contains("Usage: imap-inspect"), "{args:?}");
        assert!(run.out.contains("Examples:") || args == ["--help"], "{args:?}");
        assert!(run.out.lines().all(|line| line.chars().count() <= 125), "{args:?}: no line is too long");
    }
    let version = run(&["--version"], b"");
    assert_eq!(version.out, format!("imap-inspect {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn states_prints_the_committed_diagrams() {
    let text = run(&["states"], b"");
    assert_eq!((text.status, text.err.as_str()), (0, ""));
    assert!(text.out.contains("SELECT") && text.out.contains("not-authenticated"));
    assert_eq!(run(&["states", "--format", "text"], b"").out, text.out);
    assert!(run(&["states", "--format", "mermaid"], b"").out.contains("stateDiagram-v2"));
    assert!(run(&["states", "--format", "dot"], b"").out.starts_with("digraph"));
}

#[test]
fn a_deviation_has_a_page() {
    let page = run(&["explain", "Q4"], b"");
    assert_eq!((page.status, page.err.as_str()), (0, ""));
    assert!(
        page.out.starts_with("Q4: a space before the line end") && page.out.contains("Exchange"),
        "{}",
        page.out
    );
    refused(&["explain"], b"", "<ID>");
    refused(&["explain", "Q134"], b"", "there is no deviation \"Q134\"; known are Q1 Q2");
}

#[test]
fn a_reader_that_leaves_is_no_mistake() {
    let line = "* LIST () \"/\" x\r\n".repeat(20_000);
    let file = std::env::temp_dir().join(format!("imap-inspect-{}.log", std::process::id()));
    fs::write(&file, line).expect("the file is written");
    let mut child = Command::new(env!("CARGO_BIN_EXE_imap-inspect"))
        .args(["decode", "--from", "server"])
        .arg(&file)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the program ends");
    fs::remove_file(&file).expect("the file was there");
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
}

#[test]
fn colours_are_for_terminals() {
    let run = run(&["decode", "--from", "client"], b"a1 NOOP\r\na2 FETCH 0 FLAGS\r\n");
    assert!(!run.out.contains('\u{1b}'), "a pipe gets none");
    let coloured = |no_color: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_imap-inspect"));
        command.args(["decode", "--from", "client", "-"]).env("CLICOLOR_FORCE", "1").stdin(Stdio::null());
        if !no_color.is_empty() {
            command.env_remove("CLICOLOR_FORCE").env("NO_COLOR", no_color);
        }
        command.output().expect("the program runs").status.code()
    };
    assert_eq!((coloured(""), coloured("1")), (Some(0), Some(0)));
}
