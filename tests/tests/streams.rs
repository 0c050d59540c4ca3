//! Good and bad messages in one stream: every good one is still delivered, with its value; every bad one
//! is one error, at its place.

use imap_codec::{Expecting, Mode, Side};
use imap_tests::{
    codec::{Reading, side},
    rng::Rng,
    stream::{Cuts, Item, Outcome, Reader, any_cut_gives_the_same, read},
    table::{From, Input, grammar, malformed},
    wire::show,
};
use imap_types::command::{ClientMessage, CommandBody};

/// A message of the tables, and what it is alone.
struct Piece {
    bytes: Vec<u8>,
    alone: Item,
    good: bool,
}

fn reader(from: Side, reading: Reading) -> Reader {
    Reader::new(from, reading, Mode::Any).greeted()
}

/// The messages that are one frame when they are alone, and change nothing for the next.
fn pieces(from: Side, reading: Reading) -> Vec<Piece> {
    let known = grammar().into_iter().flat_map(|table| table.cases).map(|case| case.input);
    let bad = malformed().into_iter().flat_map(|table| table.cases).map(|case| case.input);
    let fits = |input: &Input| {
        side(input.from) == from
            && input.from != From::Greeting
            && input.expecting == Expecting::Command
            && input.mode == Mode::Any
            && input.bytes.ends_with(b"\r\n")
    };
    let mut pieces = Vec::new();
    for input in known.chain(bad).filter(fits) {
        let items = read(reader(from, reading), &input.bytes, Cuts::Whole);
        let [alone] = items.as_slice() else { continue };
        let good = match &alone.outcome {
            Outcome::Message(message, _) => match &**message {
                imap_tests::codec::Message::Client(ClientMessage::Command(command)) => {
                    if matches!(command.body, CommandBody::Authenticate { .. } | CommandBody::Idle) {
                        continue;
                    }
                    true
                }
                _ => true,
            },
            // What a limit makes fatal ends a stream.
            Outcome::Malformed(fault) if fault.message.ends_with("cannot be read") => continue,
            Outcome::Malformed(_) => false,
            Outcome::Incomplete | Outcome::Refused | Outcome::Blank => continue,
        };
        pieces.push(Piece { bytes: input.bytes.clone(), alone: alone.clone(), good });
    }
    pieces
}

fn mixed(from: Side, reading: Reading) {
    let pieces = pieces(from, reading);
    let (good, bad): (Vec<_>, Vec<_>) = pieces.iter().partition(|piece| piece.good);
    assert!(good.len() >= 20 && bad.len() >= 20, "{} good and {} bad messages", good.len(), bad.len());
    for seed in 0..4 {
        let mut rng = Rng::new(seed);
        // Every bad message once, each between good ones.
        let mut order: Vec<&Piece> = Vec::new();
        for piece in &bad {
            order.push(good[rng.below(good.len())]);
            order.push(piece);
            if rng.below(3) == 0 {
                order.push(bad[rng.below(bad.len())]);
            }
        }
        order.push(good[rng.below(good.len())]);
        let stream: Vec<u8> = order.iter().flat_map(|piece| piece.bytes.clone()).collect();
        let items = any_cut_gives_the_same(|| reader(from, reading), &stream, [seed])
            .unwrap_or_else(|what| panic!("{from:?} {reading:?} seed {seed}: {what}"));
        let mut offset = 0;
        for (number, (piece, item)) in order.iter().zip(&items).enumerate() {
            let mut expected = piece.alone.clone();
            expected.offset += offset;
            if let Outcome::Malformed(fault) = &mut expected.outcome {
                fault.at += offset;
            }
            let mut found = item.clone();
            // The sentence of a framer's error names the place in the stream.
            if let (Outcome::Malformed(expected), Outcome::Malformed(found)) =
                (&expected.outcome, &mut found.outcome)
            {
                found.message.clone_from(&expected.message);
            }
            assert_eq!(
                found,
                expected,
                "{from:?} {reading:?} seed {seed}: message {number} of the stream: {}",
                show(&piece.bytes)
            );
            offset += piece.bytes.len() as u64;
        }
        assert_eq!(items.len(), order.len(), "{from:?} {reading:?} seed {seed}");
    }
}

#[test]
fn good_commands_survive_among_bad_ones() {
    mixed(Side::Client, Reading::Strict);
    mixed(Side::Client, Reading::Tolerant);
}

#[test]
fn good_responses_survive_among_bad_ones() {
    mixed(Side::Server, Reading::Strict);
    mixed(Side::Server, Reading::Tolerant);
}
