//! What the fuzz targets check, as functions of bytes: they panic where something does not hold.
//!
//! `fuzz/` runs them on what libFuzzer finds, the suite `fuzz_corpus` on what is committed there.

mod sessions;

pub use self::sessions::{client_ops, observer, pair, server_ops};

use std::fmt::Debug;

use arbitrary::{Arbitrary, Unstructured};
use bytes::Bytes;
use imap_codec::{
    DecodeOptions, Decoded, Expecting, Side, decode_client_message, decode_command, decode_greeting,
    decode_response, encode_client_message, encode_command, encode_greeting, encode_response,
    error::{DecodeError, EncodeError},
    frame::{Event, Frame, Framer, FramerOptions, Tail},
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
    rng::Rng,
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

/// Bytes from a server: greetings and responses.
pub fn response(bytes: &[u8]) {
    for frame in frames(Side::Server, bytes) {
        both_ways(Side::Server, &frame, decode_greeting, encode_greeting);
        both_ways(Side::Server, &frame, decode_response, encode_response);
    }
}

/// Two bytes that choose how the stream is read and where it is cut, then the stream.
pub fn frame_split(bytes: &[u8]) {
    let [how, seed, stream @ ..] = bytes else { return };
    let side = if how & 1 == 0 { Side::Client } else { Side::Server };
    let mut options = match (how & 2 == 0, side) {
        (true, Side::Client) => FramerOptions::new(&DecodeOptions::tolerant_of_clients()),
        (true, Side::Server) => FramerOptions::new(&DecodeOptions::tolerant_of_servers()),
        (false, _) => FramerOptions::new(&DecodeOptions::strict()),
    };
    if how & 4 != 0 {
        // Small limits, so that short inputs reach them.
        (options.limits.line, options.limits.literal, options.limits.argument_literal) = (48, 24, 12);
        (options.limits.message, options.limits.literals, options.limits.tag) = (64, 2, 6);
    }
    options.stream_above = (how & 8 != 0).then_some(4);
    let decision = how >> 6;

    let whole = log(side, &options, decision, &mut std::iter::once(stream));
    let bytewise = log(side, &options, decision, &mut stream.chunks(1));
    assert_eq!(whole, bytewise, "whole and byte by byte differ");
    let mut rng = Rng::new(u64::from(*seed));
    let mut rest = stream;
    let mut pieces = std::iter::from_fn(|| {
        let len = rng.below(9).saturating_add(1).min(rest.len());
        let (piece, after) = rest.split_at(len);
        rest = after;
        (!piece.is_empty()).then_some(piece)
    });
    let cut = log(side, &options, decision, &mut pieces);
    assert_eq!(whole, cut, "whole and cut differ");
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
        let again = decode(&Frame::new(wire.clone()), &options)
            .unwrap_or_else(|error| panic!("{error}\n  wire {}\n  from {value:?}", show(&wire)))
            .value;
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
fn frames(side: Side, bytes: &[u8]) -> Vec<Frame> {
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

const fn tolerant(side: Side) -> DecodeOptions {
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

/// What a framer says of a stream, with the chunks of a literal joined.
#[derive(Debug, PartialEq)]
enum Entry {
    Message { bytes: Vec<u8>, span: (u64, u64), streamed: Vec<(usize, u64)> },
    Literal { offset: u64, size: u64 },
    Chunks(Vec<u8>),
    StreamEnd,
    Malformed(String, u64),
    Skipped(u64, u64),
    End(&'static str, u64, u64),
}

fn log(
    side: Side,
    options: &FramerOptions,
    decision: u8,
    pieces: &mut dyn Iterator<Item = &[u8]>,
) -> Vec<Entry> {
    let mut framer = Framer::new(side, options.clone());
    let mut log = Vec::new();
    let (mut length, mut covered) = (0_u64, 0_u64);
    for piece in pieces {
        length += piece.len() as u64;
        framer.push(piece);
        while let Some(event) = framer.next_event() {
            match event {
                Event::Message(frame) => {
                    let span = frame.span();
                    assert_eq!(span.offset, covered, "messages leave a gap");
                    covered = span.end();
                    log.push(Entry::Message {
                        bytes: frame.as_bytes().to_vec(),
                        span: (span.offset, span.length),
                        streamed: frame.streamed().iter().map(|literal| (literal.at, literal.size)).collect(),
                    });
                }
                Event::Literal(stop) => {
                    log.push(Entry::Literal { offset: stop.offset, size: stop.size });
                    match decision {
                        0 => framer.accept(),
                        1 => framer.stream(),
                        2 => framer.discard(),
                        _ => framer.refuse(),
                    }
                }
                Event::Chunk(chunk) => match log.last_mut() {
                    Some(Entry::Chunks(bytes)) => bytes.extend_from_slice(&chunk),
                    _ => log.push(Entry::Chunks(chunk.to_vec())),
                },
                Event::StreamEnd => log.push(Entry::StreamEnd),
                Event::Malformed(error) => {
                    log.push(Entry::Malformed(format!("{:?} {}", error.kind, error.recoverable), error.at));
                }
                Event::Skipped(span) => {
                    assert_eq!(span.offset, covered, "messages leave a gap");
                    covered = span.end();
                    log.push(Entry::Skipped(span.offset, span.length));
                }
                _ => panic!("an event that this function does not know"),
            }
        }
    }
    if let Some(tail) = framer.finish() {
        let (name, span) = match tail {
            Tail::Blank(span, _) => ("blank", span),
            Tail::Incomplete(span) => ("incomplete", span),
            Tail::Skipped(span) => ("skipped", span),
            _ => panic!("a tail that this function does not know"),
        };
        assert_eq!(span.offset, covered, "the end leaves a gap");
        covered = span.end();
        log.push(Entry::End(name, span.offset, span.length));
    }
    assert_eq!(covered, length, "not all of the stream is accounted for");
    log
}
