//! Known answers: every case of `data/grammar/*.toml`, in every way.
//!
//! `CASE=fetch/envelope cargo test -p imap-tests --test grammar` looks at some of them only;
//! `UPDATE_GOLDEN=1` freezes new answers.

use imap_codec::Expecting;
use imap_tests::{
    codec::{Message, Reading, decode, show_deviations},
    golden::{Golden, every_case},
    props,
    rng::Rng,
    stream::{self, Item, Outcome},
    table::{Input, Known, grammar},
    wire::show,
};
use imap_types::command::ClientMessage;

#[test]
fn every_case_has_its_known_answer() {
    every_case("grammar", grammar(), |case, golden, fail| {
        check(case, golden, &mut |what| fail(format!("{}\n{what}", show(&case.input.bytes))));
    });
}

/// Deviations that a value keeps, so that they are written again: bytes in a text that are not UTF-8, and
/// capability data without a revision, and a modification sequence of 0.
const KEPT: [&str; 3] = ["Q58@", "Q150@", "X1@"];

fn check(case: &Known, golden: &mut Golden, fail: &mut impl FnMut(String)) {
    let tolerant = match decode(&case.input, Reading::Tolerant) {
        Ok(tolerant) => tolerant,
        Err(error) => return fail(format!("does not decode: {error}\n  near {}", error.excerpt)),
    };
    let message = &tolerant.value;
    if let Err(what) = golden.compare(&case.name, message) {
        fail(what);
    }
    let reported = show_deviations(&tolerant.deviations);
    if reported != case.deviations {
        fail(format!("deviations: expected {:?}, reported {reported:?}", case.deviations));
    }

    match (decode(&case.input, Reading::Strict), &case.strict) {
        (Ok(strict), None) => {
            if strict.value != *message {
                fail(format!("strict gives another value\n  {:?}\n  {message:?}", strict.value));
            }
            let tolerated = show_deviations(&strict.deviations);
            let expected: Vec<_> =
                case.deviations.iter().filter(|it| it.starts_with("Q2@")).cloned().collect();
            if tolerated != expected {
                fail(format!("deviations in strict: expected {expected:?}, reported {tolerated:?}"));
            }
        }
        (Ok(_), Some(refusal)) => fail(format!("strict reads it, but was to refuse it: {refusal:?}")),
        (Err(error), None) => fail(format!("strict refuses it: {error}")),
        (Err(error), Some(refusal)) => {
            if (error.rule, error.at) != (refusal.rule.as_str(), refusal.at) {
                fail(format!(
                    "strict: expected {} at {}, refused with {} at {} ({error})",
                    refusal.rule, refusal.at, error.rule, error.at
                ));
            }
        }
    }

    if let Err(what) = framed(case, &tolerant.value, &reported) {
        fail(what);
    }

    match props::survives(&case.input, Reading::Tolerant, message) {
        Ok(canonical) => {
            if canonical != case.canonical {
                fail(format!(
                    "encodes differently\n  expected {}\n  encoded  {}",
                    show(&case.canonical),
                    show(&canonical)
                ));
            }
            //= rfc9051#section-2.2.1
            //= type=test
            //# Clients MUST follow the syntax outlined in this specification strictly.
            // A command in the place of DONE is well-formed where a command is expected.
            let expecting = match message {
                Message::Client(ClientMessage::Command(_)) => Expecting::Command,
                _ => case.input.expecting,
            };
            let again = Input { bytes: canonical, expecting, ..case.input.clone() };
            if !props::has_invalid_part(message)
                && !case.deviations.iter().any(|it| KEPT.iter().any(|kept| it.starts_with(kept)))
                && let Err(error) = decode(&again, Reading::Strict)
            {
                fail(format!("strict refuses what it encodes to: {error}"));
            }
        }
        Err(what) => fail(what),
    }
}

/// The same message out of a stream, in any chunks.
fn framed(case: &Known, message: &Message, deviations: &[String]) -> Result<(), String> {
    let reader = || stream::reader_of(&case.input, Reading::Tolerant);
    let seed = Rng::of(&case.name).number();
    let items = stream::any_cut_gives_the_same(reader, &case.input.bytes, [seed, seed ^ 1])?;
    match items.as_slice() {
        [Item { outcome: Outcome::Message(framed, reported), .. }]
            if **framed == *message && reported == deviations =>
        {
            Ok(())
        }
        other => Err(format!("framed, it is something else: {other:?}")),
    }
}
