//! Any value that can be sent is one message, and reads as itself again.

use std::{collections::BTreeMap, fmt::Debug};

use arbitrary::{Arbitrary, Unstructured};
use bytes::Bytes;
use imap_codec::{
    DecodeOptions, Decoded, decode_command, decode_greeting, decode_response, encode_command,
    encode_greeting, encode_response,
    error::{DecodeError, EncodeError},
    frame::Frame,
    profile::{EncodeProfile, Literals},
    writer::Encoded,
};
use imap_tests::{cases, rng::Rng};
use imap_types::{
    command::Command,
    response::{Greeting, Response},
};

/// How many values of each kind.
fn share() -> usize {
    cases::times(3000)
}

fn round_trips<T>(
    name: &str,
    encode: impl Fn(&T, &EncodeProfile) -> Result<Encoded, EncodeError>,
    decode: impl Fn(&Frame, &DecodeOptions) -> Result<Decoded<T>, DecodeError>,
    profile: &EncodeProfile,
) where
    T: for<'a> Arbitrary<'a> + PartialEq + Debug,
{
    let mut random = Rng::of(name);
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    let mut sent = 0;
    let share = share();
    for _ in 0..share {
        let len = 8 + random.below(600);
        let bytes: Vec<u8> = (0..len).map(|_| random.below(256) as u8).collect();
        let Ok(value) = T::arbitrary(&mut Unstructured::new(&bytes)) else { continue };
        let encoded = match encode(&value, profile) {
            Ok(encoded) => encoded.to_bytes(),
            Err(error) => {
                *refused.entry(error.to_string()).or_default() += 1;
                continue;
            }
        };
        sent += 1;
        let shown = encoded.escape_ascii().to_string();
        let decoded = decode(&Frame::new(Bytes::clone(&encoded)), &DecodeOptions::strict());
        match decoded {
            Ok(decoded) => assert_eq!(decoded.value, value, "{name}: `{shown}` reads as something else"),
            Err(error) => panic!("{name}: `{shown}` does not read: {error}\n{value:?}"),
        }
    }
    println!("{name}: {sent} of {share} sent; refused: {refused:?}");
    assert!(sent > share / 3, "{name}: too few values can be sent");
}

/// A peer that takes every form.
fn sending(mut profile: EncodeProfile) -> EncodeProfile {
    profile.literals = Literals::AsReceived;
    profile.literal8 = true;
    profile.utf8 = true;
    profile
}

#[test]
fn commands_read_as_themselves() {
    let profile = sending(EncodeProfile::client());
    round_trips::<Command>("commands", encode_command, decode_command, &profile);
}

#[test]
fn responses_read_as_themselves() {
    let profile = sending(EncodeProfile::server());
    round_trips::<Response>("responses", encode_response, decode_response, &profile);
}

#[test]
fn greetings_read_as_themselves() {
    round_trips::<Greeting>("greetings", encode_greeting, decode_greeting, &EncodeProfile::server());
}
