//! Streams: the messages that a framer finds in them.

use imap_codec::{
    DecodeOptions, Side,
    frame::{Event, Framer, FramerOptions, Tail},
    limits::Limits,
    writer::Segment,
};

use crate::{alloc, rng::Rng, wire::show};

use super::{messages::tolerant, values};

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

    whatever_the_cuts(side, &options, decision, *seed, stream);
}

/// What a framer says of a stream that comes whole, byte by byte and cut at random: the same.
fn whatever_the_cuts(
    side: Side,
    options: &FramerOptions,
    decision: u8,
    seed: u8,
    stream: &[u8],
) -> Vec<Entry> {
    let whole = log(side, options, decision, &mut std::iter::once(stream));
    let bytewise = log(side, options, decision, &mut stream.chunks(1));
    assert_eq!(whole, bytewise, "whole and byte by byte differ");
    let mut rng = Rng::new(u64::from(seed));
    let mut rest = stream;
    let mut pieces = std::iter::from_fn(|| {
        let len = rng.below(9).saturating_add(1).min(rest.len());
        let (piece, after) = rest.split_at(len);
        rest = after;
        (!piece.is_empty()).then_some(piece)
    });
    let cut = log(side, options, decision, &mut pieces);
    assert_eq!(whole, cut, "whole and cut differ");
    whole
}

/// Two bytes that choose the side and the cuts, and where the stream comes from: what values are made from, or limits and
/// a stream that may be anything.
pub fn framer(bytes: &[u8]) {
    let [how, seed, rest @ ..] = bytes else { return };
    let side = if how & 1 == 0 { Side::Client } else { Side::Server };
    if how & 2 == 0 {
        written(side, *seed, rest);
    } else {
        within_limits(side, how >> 2, *seed, rest);
    }
}

/// Messages that an encoder wrote, one after the other: a framer finds them, and stops where their sender waits.
fn written(side: Side, seed: u8, values: &[u8]) {
    let messages = values::encoded(side, values);
    let stream: Vec<u8> = messages.iter().flat_map(|message| message.to_bytes()).collect();
    let mut options = FramerOptions::new(&tolerant(side));
    // A value knows no limits.
    (options.limits.tag, options.limits.literals) = (usize::MAX, usize::MAX);
    let mut expected = Vec::new();
    let mut offset = 0_u64;
    for message in &messages {
        let mut place = offset;
        for segment in message.segments() {
            if let Segment::Literal { data, wait: true } = segment {
                expected.push(Entry::Literal { offset: place, size: data.len() as u64 });
            }
            place += segment.size();
        }
        let bytes = message.to_bytes().to_vec();
        expected.push(Entry::Message { span: (offset, bytes.len() as u64), bytes, streamed: Vec::new() });
        offset = place;
    }
    let found = whatever_the_cuts(side, &options, ACCEPT, seed, &stream);
    assert_eq!(found, expected, "other messages than were written: {}", show(&stream));
}

/// A stream that may be anything, at limits that it chooses: they hold, and so does the budget of memory and steps.
fn within_limits(side: Side, decision: u8, seed: u8, input: &[u8]) {
    let [line, literal, argument, message, literals, tag, above, stream @ ..] = input else { return };
    let size = |byte: &u8| usize::from(*byte);
    let limits = Limits {
        line: size(line),
        literal: 4 * size(literal),
        argument_literal: size(argument),
        message: 4 * size(message),
        literals: size(literals) / 16,
        tag: size(tag) / 4,
        ..tolerant(side).limits
    };
    let mut options = FramerOptions { limits, ..FramerOptions::new(&tolerant(side)) };
    options.stream_above = (above & 1 != 0).then_some(u64::from(above / 2));
    for entry in whatever_the_cuts(side, &options, decision & 3, seed, stream) {
        if let Entry::Message { bytes, .. } = entry {
            assert!(bytes.len() <= limits.message, "a message beyond its limit: {}", show(&bytes));
            let lines = bytes.split(|byte| *byte == b'\n').next().map_or(0, <[u8]>::len);
            assert!(lines <= limits.line.saturating_add(1), "a line beyond its limit: {}", show(&bytes));
        }
    }

    // In small pieces, nothing but the message at hand is held.
    let mut framer = Framer::new(side, options.clone());
    let (_, peak) = alloc::peak(|| {
        for piece in stream.chunks(16) {
            framer.push(piece);
            while let Some(event) = framer.next_event() {
                if matches!(event, Event::Literal(_)) {
                    decide(&mut framer, decision & 3);
                }
            }
        }
    });
    let most = 8 * limits.message.min(stream.len()) + 4096;
    assert!(peak <= most, "{peak} bytes held for messages of up to {}", limits.message);
    let steps = framer.steps();
    assert!(steps <= 8 * stream.len() as u64 + 64, "{steps} steps for {} bytes", stream.len());
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

/// The literal is to be collected, see [`decide`].
const ACCEPT: u8 = 0;

/// What becomes of a literal at which a framer stops.
fn decide(framer: &mut Framer, decision: u8) {
    match decision {
        ACCEPT => framer.accept(),
        1 => framer.stream(),
        2 => framer.discard(),
        _ => framer.refuse(),
    }
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
                    decide(&mut framer, decision);
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
