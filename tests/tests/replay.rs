//! Captures through the sessions.
use imap_tests::{
    codec::Reading,
    corpus::captures,
    replay::{observed, replay_to_client, replay_to_server},
    session,
    stream::Cuts,
};
use std::collections::BTreeMap;

#[test]
fn try_it() {
    let mut kinds: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for capture in captures() {
        if !imap_tests::report::selected(&capture.file) {
            continue;
        }
        let chunks = capture.chunks.iter().map(|chunk| (chunk.from, chunk.bytes.as_slice()));
        let judgement = session::read(chunks, Reading::Tolerant, Cuts::Whole).unwrap();
        let observed = observed(&capture);
        for (who, outcomes) in [
            ("client", replay_to_client(&capture, &judgement, false)),
            ("server", replay_to_server(&capture, &judgement, false)),
        ] {
            for departure in &outcomes.departures {
                let entry = kinds
                    .entry(format!("{who} {}", departure.what))
                    .or_insert((0, format!("{} {}", capture.file, departure.offset)));
                entry.0 += 1;
            }
            if outcomes.end.as_ref() != Some(&observed) {
                let end = outcomes.end.unwrap();
                let what = if end.state != observed.state {
                    "state"
                } else if end.mailbox != observed.mailbox {
                    "mailbox"
                } else {
                    "enabled"
                };
                let entry = kinds
                    .entry(format!("{who} END {what}"))
                    .or_insert((0, format!("{} {end:?} {observed:?}", capture.file)));
                entry.0 += 1;
            }
        }
    }
    for (kind, (count, first)) in kinds {
        println!("{count:5} {kind}   {first}");
    }
}
