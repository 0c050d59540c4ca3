//! What holds for every message, whatever it says.

use imap_codec::{Decoded, Expecting, error::DecodeError};

use crate::{
    codec::{Message, Reading, decode},
    table::{From, Input},
    wire::show,
};

/// Whether a message holds a part that could not be read.
#[must_use]
pub fn has_invalid_part(message: &Message) -> bool {
    fn look(value: &serde_json::Value) -> bool {
        match value {
            serde_json::Value::Object(map) => {
                map.iter().any(|(key, value)| key.eq_ignore_ascii_case("invalid") || look(value))
            }
            serde_json::Value::Array(items) => items.iter().any(look),
            _ => false,
        }
    }
    serde_json::to_value(message).is_ok_and(|value| look(&value))
}

/// A message that decoded encodes to something that decodes to an equal message, and encodes to itself.
/// Gives what it encodes to; as it came where it holds a raw part with an open string: what follows might close that, and
/// the part would end elsewhere, so that only all the bytes can be sent on.
///
/// # Errors
/// What does not hold.
pub fn survives(input: &Input, reading: Reading, message: &Message) -> Result<Vec<u8>, String> {
    let canonical = match message.encode() {
        Ok(canonical) => canonical,
        Err(error) if error.what == "a part with an open string" => return Ok(input.bytes.clone()),
        Err(error) => return Err(format!("does not encode: {error}\n{message:?}")),
    };
    let again = Input { bytes: canonical.to_vec(), ..input.clone() };
    let second = decode(&again, reading)
        .map_err(|error| format!("encodes to what does not decode: {error}\n  {}", show(&canonical)))?;
    if second.value != *message {
        return Err(format!(
            "encodes to what decodes to another value\n  wire      {}\n  canonical {}\n  value  {message:?}\n  second {:?}",
            show(&input.bytes),
            show(&canonical),
            second.value
        ));
    }
    let twice = second.value.encode().map_err(|error| format!("does not encode a second time: {error}"))?;
    if twice != canonical {
        return Err(format!(
            "encodes differently a second time\n  first  {}\n  second {}",
            show(&canonical),
            show(&twice)
        ));
    }
    if message.clone().detach() != *message {
        return Err("another value when detached".into());
    }
    Ok(canonical.to_vec())
}

/// What the strict decoder accepts, the tolerant one accepts with the same value. (Where the tolerant one reports
/// a deviation, the values may differ: a known code whose arguments break the grammar is a code of open shape in
/// strict.)
///
/// # Errors
/// Where they differ.
pub fn strict_is_within_tolerant(
    strict: &Result<Decoded<Message>, DecodeError>,
    tolerant: &Result<Decoded<Message>, DecodeError>,
) -> Result<(), String> {
    match (strict, tolerant) {
        (Ok(strict), Ok(tolerant))
            if strict.value != tolerant.value && strict.deviations == tolerant.deviations =>
        {
            Err(format!(
                "strict and tolerant give different values\n  strict   {:?}\n  tolerant {:?}",
                strict.value, tolerant.value
            ))
        }
        (Ok(_), Err(error)) => Err(format!("strict reads it and tolerant does not: {error}")),
        _ => Ok(()),
    }
}

/// An error in a message that may hold a password or other credentials shows none of its bytes.
///
/// # Errors
/// Where it shows some.
pub fn secrets_stay_hidden(input: &Input, error: &DecodeError) -> Result<(), String> {
    let line = input.bytes.split(|byte| *byte == b'\r').next().unwrap_or_default().to_ascii_uppercase();
    let mut words = line.split(|byte| *byte == b' ');
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let secret = match input.from {
        From::Client => {
            matches!(second, b"LOGIN" | b"AUTHENTICATE")
                || (input.expecting == Expecting::AuthenticateData && !input.bytes.contains(&b' '))
        }
        From::Server | From::Greeting => first == b"+",
    };
    if secret && !(error.found.is_empty() && error.excerpt.is_empty()) {
        return Err(format!("an error shows bytes of what may be a secret: {error} .. {}", error.excerpt));
    }
    Ok(())
}
