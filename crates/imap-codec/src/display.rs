//! Messages for logs: their wire form with what is secret left out.

use core::fmt;

use imap_types::{
    command::{ClientMessage, Command},
    response::{Greeting, Response},
};

use crate::{
    Side,
    error::EncodeError,
    profile::EncodeProfile,
    writer::{Segment, Writer},
};

/// The longest literal that is shown whole, in bytes.
const SHOWN: usize = 64;

/// A message that can be shown as it goes over the wire, its credentials as `[redacted]`.
///
/// One line, without the line end; other control bytes and what is not ASCII are escaped, and a literal of
/// more than 64 bytes, or one that is streamed, is shown by its size alone. What cannot be encoded is shown as the reason.
///
/// ```
/// use imap_codec::display::Display;
/// use imap_types::command::Command;
///
/// let login = Command::login("A1", "alice", "wonderland")?;
/// assert_eq!(login.display().to_string(), "A1 LOGIN alice [redacted]");
/// # Ok::<(), imap_types::error::ValidationError>(())
/// ```
pub trait Display: sealed::Message {
    /// The message, ready to be formatted.
    fn display(&self) -> Shown<'_, Self> {
        Shown(self)
    }
}

impl<T: sealed::Message> Display for T {}

/// A message as [`Display`] shows it.
#[derive(Debug)]
pub struct Shown<'m, T: ?Sized>(&'m T);

impl<T: sealed::Message + ?Sized> fmt::Display for Shown<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let profile = EncodeProfile::as_received(T::SENDER);
        let mut writer = Writer::redacting(&profile);
        let encoded = match self.0.write(&mut writer).and_then(|()| writer.finish()) {
            Ok(encoded) => encoded,
            Err(error) => return write!(f, "[{error}]"),
        };
        for (index, segment) in encoded.segments().iter().enumerate() {
            let data = segment.data();
            let long = match segment {
                Segment::Line(_) => false,
                Segment::Literal { data, .. } => data.len() > SHOWN,
                Segment::Streamed { .. } => true,
            };
            if long {
                f.write_str("..")?;
            } else {
                let last = encoded.segments().len().saturating_sub(1) == index;
                escape(if last { data.strip_suffix(b"\r\n").unwrap_or(data) } else { data }, f)?;
            }
        }
        Ok(())
    }
}

/// Bytes as text; quotes and backslashes stay as they are on the wire.
fn escape(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for &byte in bytes {
        if matches!(byte, b'"' | b'\\' | b'\'') {
            fmt::Write::write_char(f, byte.into())?;
        } else {
            write!(f, "{}", byte.escape_ascii())?;
        }
    }
    Ok(())
}

mod sealed {
    use super::{EncodeError, Side, Writer};

    /// What showing a message needs to know of it.
    #[allow(unnameable_types, reason = "sealed: the list of messages is closed")]
    pub trait Message {
        /// Who sends it.
        const SENDER: Side;

        /// Writes it, without the line end.
        #[allow(private_interfaces, reason = "sealed: no one outside calls it")]
        fn write(&self, writer: &mut Writer<'_>) -> Result<(), EncodeError>;
    }
}

macro_rules! message {
    ($($name:ident, $sender:ident, $write:ident;)*) => {
        $(impl sealed::Message for $name {
            const SENDER: Side = Side::$sender;

            #[allow(private_interfaces, reason = "sealed: no one outside calls it")]
            fn write(&self, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
                writer.$write(self)
            }
        })*
    };
}

message! {
    Command, Client, command;
    ClientMessage, Client, client_message;
    Response, Server, response;
    Greeting, Server, greeting;
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use imap_types::{append::AppendMessage, command::CommandBody, number::Number64};

    use super::*;
    use crate::{
        DecodeOptions, Expecting, decode_client_message, decode_command, decode_response, frame::Frame,
    };

    #[test]
    fn no_credential_is_shown() {
        let options = DecodeOptions::tolerant_of_clients();
        let shown = |bytes: &'static [u8]| {
            let decoded = decode_command(&Frame::from_static(bytes), &options);
            decoded.map(|decoded| decoded.value.display().to_string()).ok()
        };
        assert_eq!(
            shown(b"a LOGIN {5}\r\nalice \"b\\\"c\"\r\n").as_deref(),
            Some("a LOGIN {5}\\r\\nalice [redacted]")
        );
        assert_eq!(
            shown(b"a AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==\r\n").as_deref(),
            Some("a AUTHENTICATE PLAIN [redacted]")
        );
        let line = Frame::from_static(b"AGFsaWNlAHNlY3JldA==\r\n");
        let data = decode_client_message(&line, Expecting::AuthenticateData, &options);
        assert_eq!(data.map(|data| data.value.display().to_string()).ok().as_deref(), Some("[redacted]"));
        let challenge = decode_response(&Frame::from_static(b"+ PDE4OTY+\r\n"), &options);
        assert_eq!(
            challenge.map(|challenge| challenge.value.display().to_string()).ok().as_deref(),
            Some("+ [redacted]")
        );
    }

    #[test]
    fn a_long_literal_is_shown_by_its_size() {
        let options = DecodeOptions::tolerant_of_clients();
        let frame = Frame::from_static(
            b"a APPEND x {70}\r\n0123456789012345678901234567890123456789012345678901234567890123456789\r\n",
        );
        let shown = decode_command(&frame, &options).map(|decoded| decoded.value.display().to_string());
        assert_eq!(shown.ok().as_deref(), Some("a APPEND x {70}\\r\\n.."));
        let streamed = AppendMessage::streamed(Number64::from(5_u32));
        let shown = CommandBody::append("x", streamed).and_then(|body| Command::new("a", body));
        assert_eq!(
            shown.map(|command| command.display().to_string()).ok().as_deref(),
            Some("a APPEND x {5}\\r\\n..")
        );
    }
}
