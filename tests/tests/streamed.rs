//! Payloads that no value holds: what is streamed in is streamed out at the same place.

use bytes::Bytes;
use imap_codec::{
    DecodeOptions, Side, decode_command, decode_response, encode_command, encode_response,
    error::EncodeError,
    frame::{Event, Framer, FramerOptions},
    profile::EncodeProfile,
    writer::{Encoded, Segment},
};

/// Decodes one message of which all long literals are streamed, encodes it, and puts the payloads back.
fn through(side: Side, wire: &str) -> Vec<Segment> {
    let wire = wire.replace('\n', "\r\n");
    let mut options = FramerOptions::new(&match side {
        Side::Client => DecodeOptions::tolerant_of_clients(),
        Side::Server => DecodeOptions::tolerant_of_servers(),
    });
    options.stream_above = Some(4);
    let mut framer = Framer::new(side, options);
    framer.push(wire.as_bytes());
    let mut payloads: Vec<Vec<u8>> = Vec::new();
    let frame = loop {
        match framer.next_event().expect("the message is whole") {
            Event::Literal(literal) if literal.size <= 4 => framer.accept(),
            Event::Literal(_) => {
                framer.stream();
                payloads.push(Vec::new());
            }
            Event::Chunk(chunk) => payloads.last_mut().expect("a stream is open").extend_from_slice(&chunk),
            Event::StreamEnd => {}
            Event::Message(frame) => break frame,
            other => panic!("{other:?}"),
        }
    };
    assert!(!payloads.is_empty(), "nothing is streamed: {wire}");
    let profile = EncodeProfile::as_received(side);
    let strict = DecodeOptions::strict();
    let encoded: Result<Encoded, EncodeError> = match side {
        Side::Client => encode_command(&decode_command(&frame, &strict).unwrap().value, &profile),
        Side::Server => encode_response(&decode_response(&frame, &strict).unwrap().value, &profile),
    };
    let encoded = encoded.unwrap();
    assert!(encoded.is_streamed());
    assert_eq!(encoded.len(), wire.len());
    let mut sent = Vec::new();
    let mut payloads = payloads.into_iter();
    for segment in encoded.segments() {
        match segment {
            Segment::Streamed { size, .. } => {
                let payload = payloads.next().expect("as many places as payloads");
                assert_eq!(payload.len() as u64, *size);
                sent.extend(payload);
            }
            here => sent.extend_from_slice(here.data()),
        }
    }
    assert_eq!(payloads.next(), None);
    assert_eq!(Bytes::from(sent), wire);
    encoded.into_segments()
}

fn waits(segments: &[Segment]) -> Vec<bool> {
    segments.iter().filter(|segment| !matches!(segment, Segment::Line(_))).map(Segment::waits).collect()
}

#[test]
fn messages_of_append_and_replace_pass_through() {
    let one = through(Side::Client, "A APPEND x (\\Seen) {5}\nhello\n");
    assert_eq!(waits(&one), [true]);
    let several = through(Side::Client, "A APPEND x {5+}\nhello () {6}\nagain! ~{5+}\nx\0y\0z\n");
    assert_eq!(waits(&several), [false, true, false]);
    through(Side::Client, "A UID REPLACE 7 {1}\nx {5}\nhello\n");
}

#[test]
fn parts_of_catenate_pass_through() {
    let parts = "A APPEND x CATENATE (TEXT {5+}\nhello URL /y TEXT {2}\nhi TEXT {6}\nagain!)\n";
    assert_eq!(waits(&through(Side::Client, parts)), [false, true, true]);
    through(Side::Client, "A REPLACE 7 x CATENATE (UTF8 (~{5}\nhello) URL /y)\n");
    through(Side::Client, "A APPEND x UTF8 (~{5+}\nhello)\n");
}

#[test]
fn sections_of_fetch_pass_through() {
    let sections = "* 1 FETCH (BODY[] {5}\nhello UID 7 BINARY[1] ~{6}\n\0\0\0\0\0\0 RFC822 {1}\nx)\n";
    assert_eq!(waits(&through(Side::Server, sections)), [false; 3]);
}
