//! The published peers. Each runs as its documentation shows, on borrowed bytes, the fastest that it offers.

use std::hint::black_box;

use peer_imap_codec::{
    CommandCodec, ResponseCodec,
    decode::Decoder,
    encode::Encoder,
    fragmentizer::Fragmentizer,
    imap_types::{command::Command, response::Response},
};

use crate::{
    PIECE,
    workload::{Contender, Input},
};

const CODEC: &str = "imap-codec 2.0.0-alpha.10";
const PROTO: &str = "imap-proto 0.17.0";

pub fn imap_codec_responses(input: &Input) -> Contender<'_> {
    let codec = ResponseCodec::new();
    Contender::new(CODEC, move || {
        for message in input.messages() {
            let (rest, value) = codec.decode(black_box(message)).expect("the peer reads it");
            assert!(rest.is_empty());
            black_box(&value);
        }
    })
}

pub fn imap_codec_commands(input: &Input) -> Contender<'_> {
    let codec = CommandCodec::new();
    Contender::new(CODEC, move || {
        for message in input.messages() {
            let (rest, value) = codec.decode(black_box(message)).expect("the peer reads it");
            assert!(rest.is_empty());
            black_box(&value);
        }
    })
}

pub fn imap_codec_in_pieces(input: &Input) -> Contender<'_> {
    let codec = ResponseCodec::new();
    Contender::new(CODEC, move || {
        let mut fragmentizer = Fragmentizer::new(u32::MAX);
        let mut messages = 0;
        for piece in input.bytes.chunks(PIECE) {
            fragmentizer.enqueue_bytes(black_box(piece));
            while fragmentizer.progress().is_some() {
                if fragmentizer.is_message_complete() {
                    black_box(&fragmentizer.decode_message(&codec).expect("the peer reads it"));
                    messages += 1;
                }
            }
        }
        assert_eq!(messages, input.count());
    })
}

pub fn imap_codec_encode_responses(input: &Input) -> Contender<'_> {
    let codec = ResponseCodec::new();
    let values: Vec<Response<'_>> =
        input.messages().map(|message| codec.decode(message).expect("the peer reads it").1).collect();
    Contender::new(CODEC, move || {
        for value in &values {
            black_box(&codec.encode(black_box(value)));
        }
    })
}

pub fn imap_codec_encode_commands(input: &Input) -> Contender<'_> {
    let codec = CommandCodec::new();
    let values: Vec<Command<'_>> =
        input.messages().map(|message| codec.decode(message).expect("the peer reads it").1).collect();
    Contender::new(CODEC, move || {
        for value in &values {
            black_box(&codec.encode(black_box(value)));
        }
    })
}

pub fn imap_proto_responses(input: &Input) -> Contender<'_> {
    Contender::new(PROTO, move || {
        for message in input.messages() {
            let (rest, value) =
                peer_imap_proto::Response::parse(black_box(message)).expect("the peer reads it");
            assert!(rest.is_empty());
            black_box(&value);
        }
    })
}
