//! What the encoder writes is in the language of the RFCs.

use std::{collections::BTreeMap, fmt::Debug};

use arbitrary::{Arbitrary, Unstructured};
use imap_codec::{
    encode_client_message, encode_command, encode_greeting, encode_response,
    error::EncodeError,
    profile::{EncodeProfile, Literals},
    writer::Encoded,
};
use imap_tests::{
    abnf::recognise::with_deep_stack,
    cases::{seed, times},
    oracle::{Verdict, allows, differences::explanation, read},
    rng::Rng,
};
use imap_types::{
    command::{ClientMessage, Command},
    response::{Greeting, Response},
};

use crate::Failures;

/// Any values of one kind, written for peers of two kinds.
fn is_in_the_grammar<T>(
    kind: &'static str,
    rule: impl Fn(&T) -> &'static str,
    encode: impl Fn(&T, &EncodeProfile) -> Result<Encoded, EncodeError>,
    plain: EncodeProfile,
    failures: &mut Failures,
) where
    T: for<'a> Arbitrary<'a> + Debug,
{
    let mut random = Rng::of(&format!("{kind}{}", seed(0)));
    // A peer that takes every form, and one that has no extension.
    let mut every_form = plain;
    every_form.literals = Literals::AsReceived;
    every_form.literal8 = true;
    every_form.utf8 = true;
    let (mut sent, mut explained) = (0, BTreeMap::<&str, usize>::new());
    for _ in 0..times(1500) {
        let len = 8 + random.below(600);
        let bytes: Vec<u8> = (0..len).map(|_| u8::try_from(random.below(256)).expect("below 256")).collect();
        let Ok(value) = T::arbitrary(&mut Unstructured::new(&bytes)) else { continue };
        for profile in [&plain, &every_form] {
            let Ok(encoded) = encode(&value, profile) else { continue };
            let (message, rule) = (encoded.to_bytes(), rule(&value));
            sent += 1;
            if allows(rule, &message) {
                continue;
            }
            let verdict = read(rule, &message);
            match explanation(rule, &message, &verdict) {
                Some(difference) => *explained.entry(difference.why).or_default() += 1,
                None => {
                    let kind = format!(
                        "{rule}: written, not allowed, and {}",
                        match verdict {
                            Verdict::Typed => "read",
                            Verdict::Kept(_) => "kept",
                            Verdict::Refused(_) => "refused",
                        }
                    );
                    failures.add(kind, message.escape_ascii().to_string());
                }
            }
        }
    }
    println!("{kind}: {sent} written; {explained:?}");
    assert!(sent > times(1500) / 2, "{kind}: too few values can be sent");
}

#[test]
fn what_is_written_is_in_the_grammar() {
    with_deep_stack(|| {
        let mut failures = Failures::default();
        let line = |message: &ClientMessage| match message {
            ClientMessage::AuthenticateData(_) => "authenticate-data",
            ClientMessage::IdleDone => "idle-done",
            _ => "command",
        };
        let (to_server, to_client) = (EncodeProfile::client(), EncodeProfile::server());
        let found = &mut failures;
        is_in_the_grammar("commands", |_: &Command| "command", encode_command, to_server, found);
        is_in_the_grammar("lines", line, encode_client_message, to_server, found);
        is_in_the_grammar("responses", |_: &Response| "response-data", encode_response, to_client, found);
        is_in_the_grammar("greetings", |_: &Greeting| "greeting", encode_greeting, to_client, found);
        failures.end("the encoder writes what the RFCs do not allow");
    });
}
