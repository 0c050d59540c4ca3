//! One message: what decodes encodes, and what is a value is a message.

use std::fmt::Debug;

use arbitrary::{Arbitrary, Unstructured};
use bytes::Bytes;
use imap_codec::{
    DecodeOptions, Decoded, Expecting, Side, decode_client_message, decode_command, decode_greeting,
    decode_response, encode_client_message, encode_command, encode_greeting, encode_response,
    error::{DecodeError, EncodeError, ErrorKind},
    frame::{Event, Frame, Framer, FramerOptions},
    profile::{EncodeProfile, Literals},
    writer::Encoded,
};
use imap_types::{
    command::Command,
    octets::Detach,
    response::{Greeting, Response},
};

use crate::{
    alloc,
    reference::{self, Sender},
    wire::show,
};

/// Bytes from a client: commands, and the lines of AUTHENTICATE and IDLE.
pub fn command(bytes: &[u8]) {
    for frame in frames(Side::Client, bytes) {
        for expecting in [Expecting::Command, Expecting::AuthenticateData, Expecting::IdleDone] {
            both_ways(
                Side::Client,
                &frame,
                |frame, options| decode_client_message(frame, expecting, options),
                encode_client_message,
            );
        }
    }
}

/// Bytes from a server: responses.
pub fn response(bytes: &[u8]) {
    for frame in frames(Side::Server, bytes) {
        both_ways(Side::Server, &frame, decode_response, encode_response);
    }
}

/// Bytes from a server whose first line is awaited: greetings.
pub fn greeting(bytes: &[u8]) {
    for frame in frames(Side::Server, bytes) {
        both_ways(Side::Server, &frame, decode_greeting, encode_greeting);
    }
}

/// One byte that chooses a kind of message, then what a value of it is made from.
pub fn value(bytes: &[u8]) {
    let [kind, seed @ ..] = bytes else { return };
    match kind % 4 {
        0 | 1 => sends::<Command>(Side::Client, seed, encode_command, decode_command),
        2 => sends::<Response>(Side::Server, seed, encode_response, decode_response),
        _ => sends::<Greeting>(Side::Server, seed, encode_greeting, decode_greeting),
    }
}

/// A value that can be sent is one message, which strict reads as that value, and which encodes to itself.
fn sends<T: for<'a> Arbitrary<'a> + PartialEq + Debug>(
    side: Side,
    seed: &[u8],
    encode: impl Fn(&T, &EncodeProfile) -> Result<Encoded, EncodeError>,
    decode: impl Fn(&Frame, &DecodeOptions) -> Result<Decoded<T>, DecodeError>,
) {
    let Ok(value) = T::arbitrary(&mut Unstructured::new(seed)) else { return };
    let plain = match side {
        Side::Client => EncodeProfile::client(),
        Side::Server => EncodeProfile::server(),
    };
    let mut every_form = plain;
    (every_form.literals, every_form.literal8, every_form.utf8) = (Literals::AsReceived, true, true);
    let mut options = DecodeOptions { limits: tolerant(side).limits, ..DecodeOptions::strict() };
    // A value knows no limits.
    (options.limits.section, options.limits.list, options.limits.tag) = (usize::MAX, usize::MAX, usize::MAX);
    for profile in [plain, every_form] {
        let Ok(encoded) = encode(&value, &profile) else { continue };
        let wire = encoded.to_bytes();
        one_for_the_reference(side, &wire);
        let again = match decode(&Frame::new(wire.clone()), &options) {
            Ok(decoded) => decoded.value,
            // The stack has a limit, which nobody lifts.
            Err(error) if error.kind == ErrorKind::TooDeep => continue,
            Err(error) => panic!("{error}\n  wire {}\n  from {value:?}", show(&wire)),
        };
        assert_eq!(again, value, "another value after encoding: {}", show(&wire));
        let twice = encode(&again, &profile).expect("it was encoded before").to_bytes();
        assert!(wire == twice, "encodes differently: {}, then {}", show(&wire), show(&twice));
    }
}

/// A framer that shares nothing with ours finds one message, too.
fn one_for_the_reference(side: Side, wire: &[u8]) {
    let sender = match side {
        Side::Client => Sender::Client,
        Side::Server => Sender::Server,
    };
    let messages = reference::split(sender, wire).map(|messages| messages.len());
    assert_eq!(messages, Ok(1), "not one message to the reference: {}", show(wire));
}

/// The messages that a framer finds in `bytes`, and all of `bytes` as if they were one: decoders have to bear that,
/// but what they keep raw of it may span lines, and then it cannot be sent.
pub(super) fn frames(side: Side, bytes: &[u8]) -> Vec<Frame> {
    let bytes = Bytes::copy_from_slice(bytes);
    let mut framer = Framer::new(side, FramerOptions::offline(&tolerant(side)));
    framer.push_bytes(bytes.clone());
    let mut frames = vec![Frame::new(bytes)];
    while let Some(event) = framer.next_event() {
        if let Event::Message(frame) = event {
            frames.push(frame);
        }
    }
    frames
}

pub(super) const fn tolerant(side: Side) -> DecodeOptions {
    match side {
        Side::Client => DecodeOptions::tolerant_of_clients(),
        Side::Server => DecodeOptions::tolerant_of_servers(),
    }
}

/// The most memory that decoding may hold beside the message: so many times its length, and so much whatever
/// its length.
const MOST_HELD: (usize, usize) = (64, 4096);

/// What must hold for one message that may be anything.
fn both_ways<T: Clone + Debug + PartialEq + Detach>(
    side: Side,
    frame: &Frame,
    decode: impl Fn(&Frame, &DecodeOptions) -> Result<Decoded<T>, DecodeError>,
    encode: impl Fn(&T, &EncodeProfile) -> Result<Encoded, EncodeError>,
) {
    let strict = DecodeOptions { limits: tolerant(side).limits, ..DecodeOptions::strict() };
    let read = [strict, tolerant(side)].map(|options| {
        let len = frame.as_bytes().len();
        let ((decoded, peak), calls) = alloc::calls(|| alloc::peak(|| decode(frame, &options)));
        // Nothing is counted where the counting allocator is not installed.
        assert!(peak <= MOST_HELD.0 * len + MOST_HELD.1, "{peak} bytes held for {len}");
        assert!(calls <= (len + 64) as u64, "{calls} blocks asked for by {len} bytes");
        match &decoded {
            Ok(decoded) => survives(side, frame, &decoded.value, &options, &decode, &encode),
            Err(error) => {
                assert!(error.at <= frame.as_bytes().len(), "the error is outside of the message: {error:?}");
                assert!(!error.to_string().is_empty());
            }
        }
        decoded
    });
    if let [Ok(strict), tolerant] = &read {
        let tolerant = tolerant.as_ref().expect("what strict reads, tolerant reads");
        assert_eq!(strict.value, tolerant.value, "strict and tolerant differ");
    }
}

fn survives<T: Clone + Debug + PartialEq + Detach>(
    side: Side,
    frame: &Frame,
    value: &T,
    options: &DecodeOptions,
    decode: impl Fn(&Frame, &DecodeOptions) -> Result<Decoded<T>, DecodeError>,
    encode: impl Fn(&T, &EncodeProfile) -> Result<Encoded, EncodeError>,
) {
    assert_eq!(value.clone().detach(), *value, "another value when detached");
    let profile = EncodeProfile::as_received(side);
    let wire = match encode(value, &profile) {
        Ok(encoded) => encoded.to_bytes(),
        Err(_) if !is_one_message(side, frame, options) => return,
        // A text that a reader less careful than ours would take for a code with a literal is refused.
        Err(error) if error.what == "a text" => return,
        // What follows an open string might close it, and then the part would end elsewhere.
        Err(error) if error.what == "a part with an open string" => return,
        Err(error) => panic!("{error}: {value:?}"),
    };
    let again = decode(&Frame::new(wire.clone()), options)
        .unwrap_or_else(|error| panic!("{error}\n  wire {}\n  from {value:?}", show(&wire)))
        .value;
    assert_eq!(again, *value, "another value after encoding: {}", show(&wire));
    let twice = encode(&again, &profile).expect("it was encoded before").to_bytes();
    assert!(wire == twice, "encodes differently: {}, then {}", show(&wire), show(&twice));

    let mut framer = Framer::new(side, FramerOptions::offline(options));
    framer.keep_blank_lines(true);
    framer.push_bytes(wire.clone());
    match framer.next_event() {
        Some(Event::Message(frame)) if *frame.as_bytes() == wire => {}
        other => panic!("not one message: the framer says {other:?} of {}", show(&wire)),
    }
    // What is written for a peer is one message too, where it can be written at all, and says the same.
    let plain = match side {
        Side::Client => EncodeProfile::client(),
        Side::Server => EncodeProfile::server(),
    };
    let mut valid = profile;
    valid.relay_invalid = false;
    for profile in [plain, valid] {
        let Ok(encoded) = encode(value, &profile) else { continue };
        let wire = encoded.to_bytes();
        framer.push_bytes(wire.clone());
        match framer.next_event() {
            Some(Event::Message(frame)) if *frame.as_bytes() == wire => {}
            other => panic!("not one message: the framer says {other:?} of {}", show(&wire)),
        }
        one_for_the_reference(side, &wire);
        let again = decode(&Frame::new(wire.clone()), options)
            .unwrap_or_else(|error| panic!("{error}\n  wire {}\n  from {value:?}", show(&wire)))
            .value;
        assert_eq!(again, *value, "another value for a peer: {}", show(&wire));
    }
}

fn is_one_message(side: Side, frame: &Frame, options: &DecodeOptions) -> bool {
    let mut framer = Framer::new(side, FramerOptions::offline(options));
    framer.keep_blank_lines(true);
    framer.push(frame.as_bytes());
    matches!(framer.next_event(), Some(Event::Message(found)) if found.as_bytes() == frame.as_bytes())
}
