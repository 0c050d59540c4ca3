//! Decode and encode behind one face for all kinds of messages.

use bytes::Bytes;
use imap_codec::{
    DecodeOptions, Decoded, Side, decode_client_message, decode_greeting, decode_response,
    encode_client_message, encode_greeting, encode_response,
    error::{DecodeError, EncodeError},
    frame::Frame,
    limits::Limits,
    profile::EncodeProfile,
    tolerance::Deviation,
};
use imap_types::{
    command::ClientMessage,
    octets::Detach as _,
    response::{Greeting, Response},
};

use crate::table::{From, Input};

/// A message of any kind.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum Message {
    /// The first of a server.
    Greeting(Greeting),
    /// Any other of a server.
    Response(Response),
    /// One of a client.
    Client(ClientMessage),
}

impl Message {
    /// The same with buffers of its own.
    #[must_use]
    pub fn detach(self) -> Self {
        match self {
            Self::Greeting(message) => Self::Greeting(message.detach()),
            Self::Response(message) => Self::Response(message.detach()),
            Self::Client(message) => Self::Client(message.detach()),
        }
    }

    /// Writes it down as it was received.
    ///
    /// # Errors
    /// Those of the encoder.
    pub fn encode(&self) -> Result<Bytes, EncodeError> {
        let side = match self {
            Self::Client(_) => Side::Client,
            Self::Greeting(_) | Self::Response(_) => Side::Server,
        };
        self.encode_for(&EncodeProfile::as_received(side))
    }

    /// Writes it down for a peer.
    ///
    /// # Errors
    /// Those of the encoder.
    pub fn encode_for(&self, profile: &EncodeProfile) -> Result<Bytes, EncodeError> {
        match self {
            Self::Greeting(message) => encode_greeting(message, profile),
            Self::Response(message) => encode_response(message, profile),
            Self::Client(message) => encode_client_message(message, profile),
        }
        .map(|encoded| encoded.to_bytes())
    }
}

/// How a message is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// What real peers send.
    Tolerant,
    /// The RFCs and nothing else.
    Strict,
}

/// The side that sends.
#[must_use]
pub const fn side(from: From) -> Side {
    match from {
        From::Client => Side::Client,
        From::Server | From::Greeting => Side::Server,
    }
}

/// The options for messages like `input`.
#[must_use]
pub fn options(input: &Input, reading: Reading) -> DecodeOptions {
    let mut options = match (reading, side(input.from)) {
        (Reading::Strict, _) => DecodeOptions::strict(),
        (Reading::Tolerant, Side::Client) => DecodeOptions::tolerant_of_clients(),
        (Reading::Tolerant, Side::Server) => DecodeOptions::tolerant_of_servers(),
    };
    options.limits = match side(input.from) {
        Side::Client => Limits::SERVER,
        Side::Server => Limits::CLIENT,
    };
    options.mode = input.mode;
    options
}

/// Decodes the one message of `input`.
///
/// # Errors
/// Those of the decoder.
pub fn decode(input: &Input, reading: Reading) -> Result<Decoded<Message>, DecodeError> {
    decode_frame(input, &Frame::new(Bytes::copy_from_slice(&input.bytes)), reading)
}

/// Decodes a frame with the options of `input`.
///
/// # Errors
/// Those of the decoder.
pub fn decode_frame(input: &Input, frame: &Frame, reading: Reading) -> Result<Decoded<Message>, DecodeError> {
    fn map<T>(decoded: Decoded<T>, message: impl FnOnce(T) -> Message) -> Decoded<Message> {
        Decoded { value: message(decoded.value), deviations: decoded.deviations }
    }
    let options = options(input, reading);
    match input.from {
        From::Greeting => decode_greeting(frame, &options).map(|it| map(it, Message::Greeting)),
        From::Server => decode_response(frame, &options).map(|it| map(it, Message::Response)),
        From::Client => {
            decode_client_message(frame, input.expecting, &options).map(|it| map(it, Message::Client))
        }
    }
}

/// Deviations as tables write them: `Q1@5`.
#[must_use]
pub fn show_deviations(deviations: &[Deviation]) -> Vec<String> {
    deviations.iter().map(|deviation| format!("{}@{}", deviation.quirk.id(), deviation.at)).collect()
}
