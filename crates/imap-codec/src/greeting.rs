//! The greeting: the first line of a server.

use imap_types::response::{Greeting, GreetingKind};

use crate::{
    DecodeOptions, Decoded,
    cursor::{Input, Parsed, keyword},
    error::{DecodeError, EncodeError, expected},
    frame::Message,
    profile::EncodeProfile,
    response::{after_star, leading, read, spaced_resp_text},
    writer::{Encoded, Writer},
};

/// Reads a greeting: an untagged OK, PREAUTH or BYE (RFC 9051 section 7.1).
///
/// ```
/// use imap_codec::{DecodeOptions, decode_greeting, frame::Frame};
/// use imap_types::response::GreetingKind;
///
/// let frame = Frame::from_static(b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n");
/// let greeting = decode_greeting(&frame, &DecodeOptions::strict())?.value;
/// assert_eq!(greeting.kind, GreetingKind::Ok);
/// assert_eq!(greeting.text, "ready");
/// # Ok::<(), imap_codec::error::DecodeError>(())
/// ```
///
/// # Errors
///
/// What is wrong, and at which byte; see [`DecodeError`].
pub fn decode_greeting<M: Message + ?Sized>(
    message: &M,
    options: &DecodeOptions,
) -> Result<Decoded<Greeting>, DecodeError> {
    read(message.parts(), options, greeting)
}

/// ```abnf
/// greeting = "*" SP (resp-cond-auth / resp-cond-bye) CRLF     ; RFC 9051 section 9
/// ```
fn greeting(i: Input<'_>) -> Parsed<'_, Greeting> {
    let i = leading(i);
    if !i.next_is(b'*') {
        return i.fail(expected!("greeting", "a greeting, which begins with `*`"));
    }
    let (i, ()) = after_star(i.skip(1))?;
    let (rest, word) = keyword(i);
    let kind = match word.as_bytes() {
        b"OK" => GreetingKind::Ok,
        b"PREAUTH" => GreetingKind::PreAuth,
        b"BYE" => GreetingKind::Bye,
        _ => return i.fail(expected!("greeting", "OK, PREAUTH or BYE")),
    };
    let (i, (code, text)) = spaced_resp_text(rest)?;
    Ok((i, Greeting { kind, code, text }))
}

/// Writes a greeting.
///
/// ```
/// use imap_codec::{encode_greeting, profile::EncodeProfile};
/// use imap_types::response::Greeting;
///
/// let encoded = encode_greeting(&Greeting::ok("ready")?, &EncodeProfile::server())?;
/// assert_eq!(encoded.to_bytes(), "* OK ready\r\n");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
///
/// # Errors
///
/// Where a code or the text has no form on the wire; see
/// [`encode_response`](crate::encode_response).
pub fn encode_greeting(greeting: &Greeting, profile: &EncodeProfile) -> Result<Encoded, EncodeError> {
    let mut writer = Writer::new(profile);
    writer.greeting(greeting)?;
    writer.finish()
}

impl Writer<'_> {
    /// `greeting`, without the line end.
    pub(crate) fn greeting(&mut self, greeting: &Greeting) -> Result<(), EncodeError> {
        self.bytes(b"* ");
        self.bytes(greeting.kind.as_str().as_bytes());
        self.sp();
        self.resp_text(greeting.code.as_ref(), &greeting.text)
    }
}
