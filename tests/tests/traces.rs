//! Sessions against traces: every `data/trace/<flow>/<case>.trace`, in every cut.
//!
//! `CASE=idle cargo test -p imap-tests --test traces` runs some of them only.

use std::{fs, path::PathBuf};

use imap_tests::{
    data,
    report::{Report, selected},
    rng::Rng,
    trace::{self, Trace},
};

/// All trace files, in order.
fn files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![data("trace")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|ext| ext == "trace") {
                files.push(entry);
            }
        }
    }
    files.sort();
    files
}

/// Does something with each trace that is selected, by its name, and reports those that it fails for.
fn each(title: &str, run: impl Fn(&str, &Trace) -> Result<(), String>) {
    let root = data("trace");
    let mut report = Report::default();
    for file in files() {
        let name = file.strip_prefix(&root).expect("below").display().to_string();
        if selected(&name) {
            report.run(&name, |fail| {
                if let Err(what) = trace::load(&file).and_then(|trace| run(&name, &trace)) {
                    fail(what);
                }
            });
        }
    }
    report.finish(title);
}

#[test]
fn every_trace_runs_in_every_cut() {
    each("traces", |name, trace| trace::run(trace, name));
}

/// The bytes after which a trace is cut: all, or enough of them where there are many.
fn cuts(bytes: usize) -> impl Iterator<Item = usize> {
    (0..=bytes).step_by((bytes / 300).max(1))
}

#[test]
fn all_that_is_open_ends_once_wherever_the_input_ends() {
    each("traces cut short", |_, trace| {
        cuts(trace.input()).try_for_each(|bytes| trace::run_short(trace, bytes))
    });
}

/// What a server may say at the wrong time.
const SERVER_NOISE: &[&str] = &[
    r"+ go ahead\r\n",
    r"+ \r\n",
    r"+ VXNlcm5hbWU6\r\n",
    r"a1 OK done\r\n",
    r"a2 OK [CAPABILITY IMAP4rev1] done\r\n",
    r"a1 NO no\r\n",
    r"a2 NO no\r\n",
    r"a3 BAD what\r\n",
    r"a3 OK [READ-ONLY] done\r\n",
    r"a9 OK done\r\n",
    r"* BYE going\r\n",
    r"* PREAUTH what\r\n",
    r"* OK [CLOSED] x\r\n",
    r"* OK [UIDVALIDITY 9] x\r\n",
    r"* CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ IDLE\r\n",
    r"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n",
    r"* ENABLED UIDONLY QRESYNC IMAP4rev2\r\n",
    r"* 9 EXISTS\r\n",
    r"* 0 EXISTS\r\n",
    r"* 1 EXPUNGE\r\n",
    r"* 99 EXPUNGE\r\n",
    r"* VANISHED 1:4294967295\r\n",
    r"* 1 FETCH (UID 5 FLAGS (\Seen))\r\n",
    r"* 1 FETCH (BODY[] {20}\r\n01234567890123456789)\r\n",
    r"* 1 FETCH (BODY[] {20}\r\n0123",
    r"* LIST (\HasNoChildren\r\n",
    r"\r\n",
    r"\x00\xff\r\n",
    r"nonsense\r\n",
];

/// What a client may say at the wrong time.
const CLIENT_NOISE: &[&str] = &[
    r"DONE\r\n",
    r"*\r\n",
    r"\r\n",
    r"am9l\r\n",
    r"x1 NOOP\r\nx2 NOOP\r\n",
    r"x1 IDLE\r\n",
    r"x1 IDLE\r\nDONE\r\nx2 NOOP\r\n",
    r"x1 LOGIN joe sesame\r\n",
    r"x1 LOGIN {3}\r\n",
    r"x1 LOGIN joe {6+}\r\nsesame\r\n",
    r"x1 AUTHENTICATE PLAIN\r\n",
    r"x1 AUTHENTICATE LOGIN am9l\r\n",
    r"x1 STARTTLS\r\n",
    r"x1 COMPRESS DEFLATE\r\n",
    r"x1 UNAUTHENTICATE\r\n",
    r"x1 ENABLE UIDONLY QRESYNC IMAP4rev2\r\n",
    r"x1 SELECT INBOX\r\n",
    r"x1 CLOSE\r\n",
    r"x1 FETCH 1:* FLAGS\r\n",
    r"x1 UID STORE 11 FLAGS ()\r\n",
    r"x1 APPEND Sent {20}\r\n",
    r"x1 APPEND Sent {20+}\r\n01234567890123456789\r\n",
    r"x1 APPEND Sent {20+}\r\n0123",
    r"x1 APPEND Sent {99999999999+}\r\n",
    r"x1 CAPABILITY\r\n",
    r"x1 LOGOUT\r\n",
    r"(\r\n",
    r"\x00\xff\r\n",
];

//= rfc9051#section-2.2.2
//= type=test
//# A client MUST be prepared to accept any server response at all times.
//= rfc9051#section-7
//= type=test
//# The client MUST be prepared to accept any response at all times.
#[test]
fn all_that_is_open_ends_once_whatever_the_peer_says() {
    each("traces with noise", |name, trace| {
        let noise = if trace.header.role == "client" { SERVER_NOISE } else { CLIENT_NOISE };
        let mut rng = Rng::of(name);
        (0..25).try_for_each(|_| trace::run_noisy(trace, noise, rng.number()))
    });
}
