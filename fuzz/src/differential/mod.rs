//! The codec beside two published ones: what several read, they read as the same.
//!
//! Of what each makes of a message a few facts are taken, by name; those that two have are equal, or stand in
//! [`known`]. Only messages that strict reads with all their parts typed are shown to the peers, none that nest deep.
//! Whether a peer reads a message says nothing: each knows other extensions.

mod codec;
mod facts;
mod known;
mod ours;
mod proto;

use std::{
    cell::Cell,
    panic::{self, AssertUnwindSafe},
    sync::Once,
};

use imap_codec::{
    DecodeOptions, Side,
    frame::{Event, Framer, FramerOptions},
    token::{TokenKind, Tokens},
};
use imap_tests::{
    oracle::{self, Verdict},
    wire::show,
};

use self::facts::Facts;

/// The most parentheses that are open at a time.
const DEEPEST: usize = 8;

/// The longest message.
const LONGEST: usize = 8192;

/// A byte that chooses the sender, then what is sent.
pub fn differential(bytes: &[u8]) {
    let [side, stream @ ..] = bytes else { return };
    let (side, options) = match side & 1 {
        0 => (Side::Client, DecodeOptions::tolerant_of_clients()),
        _ => (Side::Server, DecodeOptions::tolerant_of_servers()),
    };
    let mut framer = Framer::new(side, FramerOptions::offline(&options));
    framer.push(stream);
    while let Some(event) = framer.next_event() {
        if let Event::Message(frame) = event {
            one_message(side, frame.as_bytes());
        }
    }
}

fn one_message(side: Side, message: &[u8]) {
    if message.len() > LONGEST || depth(side, message) > DEEPEST {
        return;
    }
    let rule = match side {
        Side::Client => "command",
        Side::Server => "response-data",
    };
    if !matches!(oracle::read(rule, message), Verdict::Typed) {
        return;
    }
    let (ours, peers) = match side {
        Side::Client => (ours::command(message), vec![peer(|| codec::command(message))]),
        Side::Server => (
            ours::response(message),
            vec![peer(|| codec::response(message)), peer(|| proto::response(message))],
        ),
    };
    for peer in peers.into_iter().flatten() {
        for (name, ours, peers) in ours.differences(&peer) {
            assert!(
                known::explains(message, name),
                "{name} is `{ours}`, and `{peers}` to a peer: {}",
                show(message)
            );
        }
    }
}

/// The most parentheses that are open at a time in a message.
fn depth(side: Side, message: &[u8]) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for token in Tokens::new(side, message).map_while(Result::ok) {
        match token.kind {
            TokenKind::OpenParen => open += 1,
            TokenKind::CloseParen => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

thread_local! {
    static IN_PEER: Cell<bool> = const { Cell::new(false) };
}

/// What a peer says. Its panics are none of ours: they end the case.
fn peer(read: impl FnOnce() -> Option<Facts>) -> Option<Facts> {
    static HOOK: Once = Once::new();
    // The fuzzer's hook ends the process before anything can be caught.
    HOOK.call_once(|| {
        let fuzzers = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !IN_PEER.get() {
                fuzzers(info);
            }
        }));
    });
    IN_PEER.set(true);
    let facts = panic::catch_unwind(AssertUnwindSafe(read));
    IN_PEER.set(false);
    facts.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use imap_tests::abnf::{Edition, Grammar, MESSAGES, generate::Generator, recognise::with_deep_stack};

    use super::*;

    #[test]
    fn facts_are_taken_of_all_three() {
        let fetch = b"* 12 FETCH (FLAGS (\\Seen $x) UID 7 RFC822.SIZE 44 BODY[TEXT] {3}\r\nabc)\r\n";
        let ours = ours::response(fetch);
        for peer in [codec::response(fetch), proto::response(fetch)] {
            let peer = peer.expect("peers read FETCH");
            assert_eq!(ours.differences(&peer), []);
            for name in ["kind", "number", "flags", "uid", "size", "payloads"] {
                assert!(ours.has(name) && peer.has(name), "{name}: {ours:?}, {peer:?}");
            }
        }
        let store = b"A1 UID STORE 1:4,9 +FLAGS (\\Deleted)\r\n";
        let (ours, peer) = (ours::command(store), codec::command(store).expect("peers read STORE"));
        assert_eq!(ours.differences(&peer), []);
        for name in ["kind", "tag", "uid", "set", "flags"] {
            assert!(ours.has(name) && peer.has(name), "{name}: {ours:?}, {peer:?}");
        }
    }

    #[test]
    fn the_corpus_holds_no_difference() {
        let mut count = 0_usize;
        for kind in ["corpus", "regressions"] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(kind).join("differential");
            let Ok(files) = fs::read_dir(folder) else { continue };
            for file in files {
                let path = file.expect("a folder that can be read").path();
                println!("{}", path.display());
                differential(&fs::read(&path).expect("a file that can be read"));
                count += 1;
            }
        }
        assert!(count > 0, "there is no corpus");
    }

    #[test]
    fn generated_messages_hold_no_difference() {
        with_deep_stack(|| {
            for edition in [Edition::Rev1, Edition::Rev2, Edition::All] {
                let grammar = Grammar::of(edition);
                for (name, client) in MESSAGES {
                    // The readers here know no other kinds of lines.
                    if ["authenticate-data", "idle-done", "greeting"].contains(&name) {
                        continue;
                    }
                    let side = if client { Side::Client } else { Side::Server };
                    let mut generator = Generator::new(grammar, 7, client);
                    for _ in 0..300 {
                        one_message(side, &generator.message(grammar.rule(name), 60).message());
                    }
                }
            }
        });
    }

    #[test]
    fn the_panic_of_a_peer_ends_the_case() {
        assert!(peer(|| panic!("a peer")).is_none());
    }
}
