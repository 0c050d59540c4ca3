//! Bytes in reads, through the framer: long lines, and literals that are collected or streamed.

use std::hint::black_box;

use bytes::BytesMut;
use imap_codec::{
    DecodeOptions, Side, decode_response,
    frame::{Event, Framer, FramerOptions},
};

use crate::{
    ours, peers,
    workload::{Contender, Goal, Input, Workload},
    workloads::Inputs,
};

/// The size of a read of literals.
const READ: usize = 16 * 1024;

pub fn workloads(inputs: &Inputs) -> Vec<Workload<'_>> {
    let (search, body) = (&inputs.search_4mb, &inputs.body_20m);
    vec![
        Workload {
            name: "frame + decode search 4 MB in 4 KiB reads",
            messages: 1,
            bytes: search.bytes.len(),
            contenders: vec![
                ours::in_pieces(search),
                ours::responses_copied(search).named("own one shot"),
                peers::imap_codec_in_pieces(search),
            ],
            goals: vec![Goal::AtMost(1.3, "own one shot")],
            absent: "imap-proto: has no framer",
            allocations: "the line, growing; the numbers; the count of the shared bytes",
        },
        Workload {
            name: "frame + decode 20 MiB literal in 16 KiB reads, collected",
            messages: 1,
            bytes: body.bytes.len(),
            contenders: vec![collected(body), growing(body)],
            goals: vec![Goal::AtMost(1.3, "one BytesMut that grows")],
            absent: "the peers are not measured: they copy such a literal more than once",
            allocations: "the message, growing; its count; the list of items; the section",
        },
        Workload {
            name: "frame + decode 20 MiB literal in 16 KiB reads, streamed",
            messages: 1,
            bytes: body.bytes.len(),
            contenders: vec![streamed(body), copied(body)],
            goals: vec![Goal::AtMost(1.3, "memcpy of the pieces, warm")],
            absent: "imap-codec, imap-proto: stream no literals",
            allocations: "the buffer of the reads, again where the one before was given away; the lines around the payload",
        },
    ]
}

/// All of the message is collected, then decoded.
fn collected(input: &Input) -> Contender<'_> {
    let options = DecodeOptions::tolerant_of_servers();
    Contender::new("ours, collected", move || {
        let mut framer = Framer::new(Side::Server, FramerOptions::new(&options));
        let mut messages = 0;
        for piece in input.bytes.chunks(READ) {
            framer.push(black_box(piece));
            while let Some(event) = framer.next_event() {
                let Event::Message(frame) = event else { panic!("{event:?}") };
                black_box(&decode_response(&frame, &options).expect("we read it"));
                messages += 1;
            }
        }
        assert_eq!(messages, 1);
    })
}

/// What collecting costs at least, without reading anything.
fn growing(input: &Input) -> Contender<'_> {
    Contender::new("one BytesMut that grows", move || {
        let mut all = BytesMut::new();
        for piece in input.bytes.chunks(READ) {
            all.extend_from_slice(black_box(piece));
        }
        black_box(&all.freeze());
    })
}

/// The payload goes to the owner as it arrives.
fn streamed(input: &Input) -> Contender<'_> {
    let options = DecodeOptions::tolerant_of_servers();
    let mut framing = FramerOptions::new(&options);
    framing.stream_above = Some(64 * 1024);
    Contender::new("ours, streamed", move || {
        let mut framer = Framer::new(Side::Server, framing.clone());
        let (mut messages, mut payload) = (0, 0);
        for piece in input.bytes.chunks(READ) {
            framer.push(black_box(piece));
            while let Some(event) = framer.next_event() {
                match event {
                    Event::Literal(_) => framer.stream(),
                    Event::Chunk(piece) => payload += black_box(piece).len(),
                    Event::StreamEnd => {}
                    Event::Message(frame) => {
                        black_box(&decode_response(&frame, &options).expect("we read it"));
                        messages += 1;
                    }
                    event => panic!("{event:?}"),
                }
            }
        }
        assert_eq!((messages, payload), (1, 20 << 20));
    })
}

/// What streaming costs at least: each piece is copied once, to the same place. That is made each time, as the buffer of a
/// framer is: how fast bytes are copied depends on where the allocator puts them.
fn copied(input: &Input) -> Contender<'_> {
    Contender::new("memcpy of the pieces, warm", move || {
        let mut place = vec![0; READ];
        for piece in input.bytes.chunks(READ) {
            place[..piece.len()].copy_from_slice(black_box(piece));
            black_box(&mut place);
        }
    })
}
