//! Our side. A decoded value owns its share of the frame, so making the frame is part of what is measured.

use std::hint::black_box;

use bytes::Bytes;
use imap_codec::{
    DecodeOptions, Side, decode_command, decode_response, encode_command, encode_response,
    frame::{Event, Frame, Framer, FramerOptions},
    profile::EncodeProfile,
};

use crate::{
    PIECE,
    workload::{Contender, Input},
};

/// From borrowed bytes: they are copied, once, where the value has strings to share the copy.
const COPIED: &str = "ours, bytes copied";
/// From bytes that are shared already, as a lent or handed-over read buffer is: nothing is copied.
const SHARED: &str = "ours, bytes shared";

pub fn responses_copied(input: &Input) -> Contender<'_> {
    let options = DecodeOptions::tolerant_of_servers();
    Contender::new(COPIED, move || {
        for message in input.messages() {
            black_box(&decode_response(black_box(message), &options).expect("we read it"));
        }
    })
}

pub fn responses_shared(input: &Input) -> Contender<'_> {
    let options = DecodeOptions::tolerant_of_servers();
    let messages: Vec<Bytes> = shared(input);
    Contender::new(SHARED, move || {
        for message in &messages {
            let frame = Frame::new(black_box(message).clone());
            black_box(&decode_response(&frame, &options).expect("we read it"));
        }
    })
}

pub fn commands_copied(input: &Input) -> Contender<'_> {
    let options = DecodeOptions::tolerant_of_clients();
    Contender::new(COPIED, move || {
        for message in input.messages() {
            black_box(&decode_command(black_box(message), &options).expect("we read it"));
        }
    })
}

pub fn commands_shared(input: &Input) -> Contender<'_> {
    let options = DecodeOptions::tolerant_of_clients();
    let messages: Vec<Bytes> = shared(input);
    Contender::new(SHARED, move || {
        for message in &messages {
            let frame = Frame::new(black_box(message).clone());
            black_box(&decode_command(&frame, &options).expect("we read it"));
        }
    })
}

pub fn encode_responses(input: &Input) -> Contender<'_> {
    let (options, profile) = (DecodeOptions::tolerant_of_servers(), EncodeProfile::as_received(Side::Server));
    let values: Vec<_> = shared(input)
        .into_iter()
        .map(|message| decode_response(&Frame::new(message), &options).expect("we read it").value)
        .collect();
    Contender::new("ours", move || {
        for value in &values {
            black_box(&encode_response(black_box(value), &profile).expect("we write it"));
        }
    })
}

pub fn encode_commands(input: &Input) -> Contender<'_> {
    let (options, profile) = (DecodeOptions::tolerant_of_clients(), EncodeProfile::as_received(Side::Client));
    let values: Vec<_> = shared(input)
        .into_iter()
        .map(|message| decode_command(&Frame::new(message), &options).expect("we read it").value)
        .collect();
    Contender::new("ours", move || {
        for value in &values {
            black_box(&encode_command(black_box(value), &profile).expect("we write it"));
        }
    })
}

/// The bytes arrive in pieces, and go through the framer.
pub fn in_pieces(input: &Input) -> Contender<'_> {
    let options = DecodeOptions::tolerant_of_servers();
    Contender::new("ours, through the framer", move || {
        let mut framer = Framer::new(Side::Server, FramerOptions::new(&options));
        let mut messages = 0;
        for piece in input.bytes.chunks(PIECE) {
            framer.push(black_box(piece));
            while let Some(event) = framer.next_event() {
                let Event::Message(frame) = event else { panic!("{event:?}") };
                black_box(&decode_response(&frame, &options).expect("we read it"));
                messages += 1;
            }
        }
        assert_eq!(messages, input.count());
    })
}

fn shared(input: &Input) -> Vec<Bytes> {
    input.messages().map(Bytes::copy_from_slice).collect()
}
