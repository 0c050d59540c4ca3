//! Captures through the sessions: what was recorded of one side goes through the session of the other, as a whole and byte by
//! byte. Wherever the session does not do what was recorded, `data/captures/expected.toml` says that it was a breach of the
//! protocol, or `data/captures/replay.toml` says why.
//!
//! `CASE=dovecot/curl cargo test -p imap-tests --test replay` looks at some of them only.

use std::{collections::BTreeMap, fs};

use imap_codec::Side;
use imap_tests::{
    codec::Reading,
    corpus::{Capture, captures},
    data,
    replay::{Departure, Outcomes, observed, replay_to_client, replay_to_server},
    report::{Report, filter, selected},
    session::{self, Judgement},
    stream::Cuts,
    wire::show,
};
use serde::Deserialize;

/// A way in which a session departs from what was recorded, and how often.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    /// `client` or `server`.
    session: String,
    /// The folder of the captures.
    server: String,
    /// What the session does.
    what: String,
    /// How often.
    times: usize,
    /// Why that is right.
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    departure: Vec<Known>,
}

#[test]
fn sessions_do_what_was_recorded() {
    let path = data("captures").join("replay.toml");
    let text = fs::read_to_string(&path).unwrap_or_default();
    let known: File = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut met: BTreeMap<(String, String, String), Vec<String>> = BTreeMap::new();
    let mut report = Report::default();
    for capture in &captures() {
        if !selected(&capture.file) {
            continue;
        }
        report.run(&capture.file, |fail| {
            let chunks = capture.chunks.iter().map(|chunk| (chunk.from, chunk.bytes.as_slice()));
            let judgement = session::read(chunks, Reading::Tolerant, Cuts::Whole).unwrap_or_default();
            let observed = observed(capture);
            for who in ["client", "server"] {
                let replay = |bytewise| match who {
                    "client" => replay_to_client(capture, &judgement, bytewise),
                    _ => replay_to_server(capture, &judgement, bytewise),
                };
                let outcomes = replay(false);
                let again = replay(true);
                if (&outcomes.departures, &outcomes.end) != (&again.departures, &again.end) {
                    fail(format!("{who}: byte by byte it is another session\n  {outcomes:?}\n  {again:?}"));
                }
                for (what, shown) in departures(who, capture, &judgement, &outcomes) {
                    let server = capture.file.split('/').next().unwrap_or_default();
                    met.entry((who.into(), server.into(), what)).or_default().push(shown);
                }
                if outcomes.end.as_ref() != Some(&observed) {
                    let server = capture.file.split('/').next().unwrap_or_default();
                    let shown = format!("{}: {:?} in the place of {observed:?}", capture.file, outcomes.end);
                    met.entry((who.into(), server.into(), "another end".into())).or_default().push(shown);
                }
            }
        });
    }
    for entry in &known.departure {
        assert!(!entry.reason.is_empty(), "{entry:?}: no reason");
        let key = (entry.session.clone(), entry.server.clone(), entry.what.clone());
        let times = met.remove(&key).map_or(0, |shown| shown.len());
        if times != entry.times && filter().is_none() {
            report.fail(
                format!("{key:?}"),
                format!("listed {} times, but happened {times} times", entry.times),
            );
        }
    }
    for (key, shown) in met {
        report.fail(format!("{key:?}, {} times", shown.len()), shown.join("\n"));
    }
    report.finish("captures");
}

/// What a session did that was not recorded, and is no breach that is listed.
fn departures(
    who: &str,
    capture: &Capture,
    judgement: &Judgement,
    outcomes: &Outcomes,
) -> Vec<(String, String)> {
    let mut left: Vec<_> =
        judgement.violations.iter().map(|it| (it.by(), it.place.offset, it.rule.id())).collect();
    let mut found = Vec::new();
    for Departure { offset, what } in &outcomes.departures {
        let item = judgement.client.iter().find(|item| (item.offset..item.end()).contains(offset));
        let (kind, detail) = what.split_once(": ").unwrap_or((what, ""));
        let (by, rule) = match (who, kind) {
            ("client", "violation") | ("server", "forbidden") => (Side::Server, detail),
            ("server", "violation") => (Side::Client, detail),
            ("client", "refused") if detail == "not valid in the state" => {
                (Side::Client, "command-in-wrong-state")
            }
            ("client", _) => (Side::Client, ""),
            _ => (Side::Server, ""),
        };
        // The blank lines before a message belong to it there.
        let start = item.filter(|_| by == Side::Client).map_or(*offset, |item| item.offset);
        let listed = left.iter().position(|it| *it == (by, start, rule));
        if let Some(at) = listed {
            left.remove(at);
            continue;
        }
        let stream = capture.stream(by);
        let message = stream.get(*offset as usize..).unwrap_or_default();
        let message = &message[..message.len().min(120)];
        found.push((what.clone(), format!("{} at {offset}: {}", capture.file, show(message))));
    }
    found
}
