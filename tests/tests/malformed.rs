//! Messages that do not decode: every case of `data/malformed/*.toml`, with its whole error frozen.
//!
//! `CASE=fetch cargo test -p imap-tests --test malformed` looks at some of them only; `UPDATE_GOLDEN=1`
//! freezes new errors.

use imap_tests::{
    codec::{Reading, decode},
    golden::{Golden, every_case},
    rng::Rng,
    stream::{self, Fault, Item},
    table::{Malformed, Profile, malformed},
    wire::show,
};

#[test]
fn every_malformed_message_has_its_error() {
    //= rfc9051#section-2.2.2
    //= type=test
    //# Servers SHOULD strictly enforce the syntax outlined in this specification.
    every_case("malformed", malformed(), |case, golden, fail| {
        check(case, golden, &mut |what| fail(format!("{}\n{what}", show(&case.input.bytes))));
    });
}

/// The error of a message that comes out of a stream, as a server or client meets it.
fn refuse(case: &Malformed, reading: Reading) -> Result<Fault, String> {
    let reader = || stream::reader_of(&case.input, reading);
    let seed = Rng::of(&case.name).number();
    let items = stream::any_cut_gives_the_same(reader, &case.input.bytes, [seed])?;
    if let Some(fault) = items.iter().find_map(Item::fault) {
        return Ok(fault.clone());
    }
    // The message announces more than there is: what a decoder says of it as it stands.
    match decode(&case.input, reading) {
        Err(error) => Ok(stream::decode_fault(&error, error.at as u64)),
        Ok(decoded) => Err(format!("decodes: {:?}", decoded.value)),
    }
}

fn check(case: &Malformed, golden: &mut Golden, fail: &mut impl FnMut(String)) {
    let mut readings: Vec<Fault> = Vec::new();
    for (reading, wanted) in [
        (Reading::Strict, case.profile != Profile::Tolerant),
        (Reading::Tolerant, case.profile != Profile::Strict),
    ] {
        match (refuse(case, reading), wanted) {
            (Ok(fault), true) => {
                let expected = (case.refusal.rule.as_str(), case.refusal.at as u64, &case.tag);
                if (fault.rule.as_str(), fault.at, &fault.tag) != expected {
                    fail(format!(
                        "{reading:?}: expected {} at {} with tag {:?}, refused with {} at {} with tag {:?}\n  {}",
                        case.refusal.rule,
                        case.refusal.at,
                        case.tag,
                        fault.rule,
                        fault.at,
                        fault.tag,
                        fault.message
                    ));
                }
                readings.push(fault);
            }
            (Err(what), true) => fail(format!("{reading:?}: {what}")),
            (Err(_), false) => {}
            (Ok(fault), false)
                if (fault.rule.as_str(), fault.at) == (&*case.refusal.rule, case.refusal.at as u64) =>
            {
                fail(format!("{reading:?}: refuses it in the same way: leave `profile` out"));
            }
            (Ok(_), false) => {}
        }
    }
    if let [one, other] = readings.as_slice()
        && one.message != other.message
    {
        fail(format!("two messages\n  strict   {}\n  tolerant {}", one.message, other.message));
    }
    if let Some(fault) = readings.first()
        && let Err(what) = golden.compare(&case.name, fault)
    {
        fail(what);
    }
}
