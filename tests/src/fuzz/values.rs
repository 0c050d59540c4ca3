//! What a side sends, made from values.

use arbitrary::Unstructured;
use imap_codec::{
    Side, encode_command, encode_greeting, encode_response,
    profile::{EncodeProfile, Literals},
    writer::Encoded,
};
use imap_types::{
    command::Command,
    response::{Greeting, Response},
};

/// The most messages of one input.
const MOST: usize = 8;

/// Arbitrary messages, for peers of both kinds: some that know no extension, some that take every form.
pub(super) fn encoded(side: Side, seed: &[u8]) -> Vec<Encoded> {
    let mut numbers = Unstructured::new(seed);
    let mut messages = Vec::new();
    while !numbers.is_empty() && messages.len() < MOST {
        let Ok(choice) = numbers.arbitrary::<u8>() else { break };
        let mut profile = match side {
            Side::Client => EncodeProfile::client(),
            Side::Server => EncodeProfile::server(),
        };
        if choice & 1 != 0 {
            (profile.literals, profile.literal8, profile.utf8) = (Literals::AsReceived, true, true);
        }
        let encoded = match side {
            Side::Client => {
                numbers.arbitrary::<Command>().map(|command| encode_command(&command, &profile).ok())
            }
            Side::Server if choice & 2 != 0 => {
                numbers.arbitrary::<Greeting>().map(|greeting| encode_greeting(&greeting, &profile).ok())
            }
            Side::Server => {
                numbers.arbitrary::<Response>().map(|response| encode_response(&response, &profile).ok())
            }
        };
        match encoded {
            Ok(encoded) => messages.extend(encoded),
            Err(_) => break,
        }
    }
    messages
}
