//! A message's meaning as JSON: the serde form of the value, with what `render/json.rs` promises on top.
//!
//! Byte strings come as `{"text": ..}` or `{"b64": ..}`, secrets as `{"redacted": true}`. Here long strings
//! are replaced by their length, numbers that not every JSON reader holds exactly become strings, and
//! secrets are filled in where the user asked to see them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use imap_codec::{Side, encode_client_message, encode_greeting, encode_response, profile::EncodeProfile};
use imap_types::{
    command::{AuthenticateData, ClientMessage, Command, CommandBody},
    response::{Greeting, Response, StatusResponse},
};
use serde_json::{Map, Value};

/// What the user wants to see of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Show {
    /// Secrets.
    pub(crate) secrets: bool,
    /// Strings of more than [`LONG`] bytes.
    pub(crate) full: bool,
}

/// The longest string that is shown without `--full`, in bytes: 1 MiB.
pub(crate) const LONG: usize = 1 << 20;

/// The largest integer below which all are exact in a double: 2^53.
const EXACT: u64 = 1 << 53;

/// A decoded message of either side.
#[derive(Clone, Debug)]
pub(crate) enum Meaning {
    /// The first message of a server.
    Greeting(Box<Greeting>),
    /// Any other of a server.
    Response(Box<Response>),
    /// A message of a client.
    Client(Box<ClientMessage>),
}

/// A value for show.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    /// The value.
    pub(crate) value: Value,
    /// Whether the message holds a secret, shown or not.
    pub(crate) secret: bool,
    /// Whether a long string was replaced by its length.
    pub(crate) cut: bool,
}

impl Meaning {
    /// The value as the user wants to see it.
    pub(crate) fn shown(&self, show: Show) -> Shown {
        let tree = match self {
            // As a status, which it is where it is read again after another message.
            Self::Greeting(greeting) => serde_json::to_value(StatusResponse::from((**greeting).clone())),
            Self::Response(response) => match response.as_ref() {
                Response::Status(status) => serde_json::to_value(status),
                Response::Data(data) => serde_json::to_value(data),
                Response::Continuation(continuation) => serde_json::to_value(continuation),
                other => serde_json::to_value(other),
            },
            Self::Client(message) => match message.as_ref() {
                ClientMessage::Command(command) => serde_json::to_value(&command.body),
                ClientMessage::AuthenticateData(data) => serde_json::to_value(data),
                other => serde_json::to_value(other),
            },
        };
        let mut walk = Walk { show, secret: self.secret(), found: false, cut: false };
        let mut value = tree.unwrap_or(Value::Null);
        if walk.secret.is_some_and(<[u8]>::is_empty) && matches!(self, Self::Response(_)) {
            // An empty challenge is what every `+ ` has, whatever it answers: nothing to hide.
            walk.show.secrets = true;
        } else if let (Self::Response(_), Some(_), false) = (self, walk.secret, show.secrets) {
            // The text of a challenge is its base64.
            if let Some(text) = value.get_mut("text") {
                *text = redacted();
            }
        }
        walk.value(&mut value);
        let empty_challenge = walk.show.secrets && !show.secrets;
        Shown { value, secret: walk.found && !empty_challenge, cut: walk.cut }
    }

    /// The bytes of the one secret that the message holds.
    fn secret(&self) -> Option<&[u8]> {
        match self {
            Self::Client(message) => match message.as_ref() {
                ClientMessage::Command(Command { body, .. }) => match body {
                    CommandBody::Login { password, .. } => Some(password.expose().as_bytes()),
                    CommandBody::Authenticate { initial_response: Some(response), .. } => {
                        Some(response.expose().as_bytes())
                    }
                    _ => None,
                },
                ClientMessage::AuthenticateData(AuthenticateData::Response(data)) => {
                    Some(data.expose().as_bytes())
                }
                _ => None,
            },
            Self::Response(response) => match response.as_ref() {
                Response::Continuation(continuation) => {
                    continuation.challenge.as_ref().map(|challenge| challenge.expose().as_bytes())
                }
                _ => None,
            },
            Self::Greeting(_) => None,
        }
    }

    /// The message in its canonical form; `None` where it cannot be written.
    pub(crate) fn canonical(&self, from: Side) -> Option<Bytes> {
        let profile = EncodeProfile::as_received(from);
        let encoded = match self {
            Self::Greeting(greeting) => encode_greeting(greeting, &profile),
            Self::Response(response) => encode_response(response, &profile),
            Self::Client(message) => encode_client_message(message, &profile),
        };
        encoded.ok().filter(|encoded| !encoded.is_streamed()).map(|encoded| encoded.to_bytes())
    }

    /// Whether the message holds a secret.
    pub(crate) fn holds_a_secret(&self) -> bool {
        match self {
            Self::Response(_) => self.secret().is_some_and(|challenge| !challenge.is_empty()),
            Self::Greeting(_) | Self::Client(_) => self.secret().is_some(),
        }
    }
}

/// The state of a walk over a value.
struct Walk<'a> {
    show: Show,
    secret: Option<&'a [u8]>,
    found: bool,
    cut: bool,
}

impl Walk<'_> {
    fn value(&mut self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(map) => {
                if let Some(other) = self.leaf(map) {
                    *value = other;
                } else {
                    map.values_mut().for_each(|item| self.value(item));
                }
            }
            Value::Number(number) => {
                if number.as_u64().is_some_and(|number| number > EXACT) {
                    *value = Value::String(number.to_string());
                }
            }
            Value::Null | Value::Bool(_) | Value::String(_) => {}
        }
    }

    /// What is shown in place of a string or a secret.
    fn leaf(&mut self, map: &Map<String, Value>) -> Option<Value> {
        let (key, only) = map.iter().next().filter(|_| map.len() == 1)?;
        match (key.as_str(), only) {
            ("redacted", Value::Bool(true)) => {
                self.found = true;
                self.secret.filter(|_| self.show.secrets).map(octets)
            }
            ("text", Value::String(text)) if holds_urlauth_token(text.as_bytes()) => self.token(),
            ("text", Value::String(text)) => self.long(text.len()),
            ("b64", Value::String(text))
                if STANDARD.decode(text).is_ok_and(|bytes| holds_urlauth_token(&bytes)) =>
            {
                self.token()
            }
            ("b64", Value::String(text)) => {
                let padding = text.bytes().rev().take_while(|&byte| byte == b'=').count();
                self.long((text.len().saturating_mul(3) / 4).saturating_sub(padding))
            }
            _ => None,
        }
    }

    /// What is shown in place of a string with a token of URLAUTH.
    fn token(&mut self) -> Option<Value> {
        self.found = true;
        (!self.show.secrets).then(redacted)
    }

    fn long(&mut self, len: usize) -> Option<Value> {
        if len <= LONG || self.show.full {
            return None;
        }
        self.cut = true;
        Some(serde_json::json!({ "bytes": len }))
    }
}

fn redacted() -> Value {
    serde_json::json!({ "redacted": true })
}

/// A byte string in the form that is promised there.
fn octets(bytes: &[u8]) -> Value {
    match core::str::from_utf8(bytes) {
        Ok(text) => serde_json::json!({ "text": text }),
        Err(_) => serde_json::json!({ "b64": STANDARD.encode(bytes) }),
    }
}

/// Whether there is `;URLAUTH=access:mechanism:token` in `bytes` (RFC 4467 section 3): in a URL, a relative one
/// as well, or anywhere in a line.
pub(crate) fn holds_urlauth_token(bytes: &[u8]) -> bool {
    const NAME: &[u8] = b";URLAUTH=";
    bytes.windows(NAME.len()).zip(NAME.len()..).any(|(name, end)| {
        let rest = bytes.get(end..).unwrap_or_default();
        let in_url = |byte: &&u8| byte.is_ascii_graphic() && **byte != b'"';
        let colons = || rest.iter().take_while(in_url).filter(|byte| **byte == b':').take(2).count();
        name.eq_ignore_ascii_case(NAME) && colons() == 2
    })
}

#[cfg(test)]
mod tests {
    use imap_types::{octets::Octets, secret::Secret};

    use super::*;

    const SHOW: Show = Show { secrets: false, full: false };

    fn walk(mut value: Value, show: Show, secret: Option<&[u8]>) -> (Value, bool, bool) {
        let mut walk = Walk { show, secret, found: false, cut: false };
        walk.value(&mut value);
        (value, walk.found, walk.cut)
    }

    #[test]
    fn numbers_that_a_double_cannot_hold_are_strings() {
        let (value, ..) = walk(serde_json::json!([EXACT, EXACT + 1, i64::MAX]), SHOW, None);
        assert_eq!(value, serde_json::json!([EXACT, "9007199254740993", "9223372036854775807"]));
    }

    #[test]
    fn long_strings_are_lengths_unless_asked_for() {
        let long = serde_json::json!({ "data": { "text": "x".repeat(LONG + 1) }, "ok": { "text": "x".repeat(LONG) } });
        let (value, _, cut) = walk(long.clone(), SHOW, None);
        assert_eq!((&value["data"], cut), (&serde_json::json!({ "bytes": LONG + 1 }), true));
        assert!(value["ok"]["text"].is_string());
        let (value, _, cut) = walk(long.clone(), Show { full: true, ..SHOW }, None);
        assert_eq!((value, cut), (long, false));
        let bytes = serde_json::to_value(Octets::from(vec![0xff; LONG + 2])).expect("a tree");
        assert_eq!(walk(bytes, SHOW, None).0, serde_json::json!({ "bytes": LONG + 2 }));
    }

    #[test]
    fn secrets_are_shown_only_on_demand() {
        let tree = serde_json::to_value(Secret::new(Octets::from("wonderland"))).expect("a tree");
        let (value, found, _) = walk(tree.clone(), SHOW, Some(b"wonderland"));
        assert_eq!((value, found), (redacted(), true));
        let (value, found, _) = walk(tree, Show { secrets: true, ..SHOW }, Some(b"\xff"));
        assert_eq!((value, found), (serde_json::json!({ "b64": "/w==" }), true));
    }

    #[test]
    fn urlauth_tokens_are_secrets() {
        let token = "imap://joe@example.com/INBOX/;uid=20/;section=1.2;urlauth=submit+fred:internal:91354a473744909de610943775f92038";
        let rump = "imap://joe@example.com/INBOX/;uid=20;urlauth=submit+fred";
        let relative = "/INBOX/;uid=20;URLAUTH=anonymous:INTERNAL:91354a473744909de610943775f92038";
        let long = format!("imap://example.com/{}{relative}", "x".repeat(1 << 14));
        for url in [token, relative, &long, &format!("A1 URLFETCH {token} (")] {
            assert!(holds_urlauth_token(url.as_bytes()), "{url}");
        }
        for text in [rump, "see urlauth", "a;URLAUTH=b:c d:e", ";urlauth=", ";URLAUT"] {
            assert!(!holds_urlauth_token(text.as_bytes()), "{text}");
        }
    }
}
