//! The same from bytes: framing and decoding in front of an [`Observer`].

use alloc::string::String;

use bytes::Bytes;
use imap_codec::{
    DecodeOptions, Expecting, Side, decode_client_message, decode_greeting, decode_response,
    frame::{Event as FrameEvent, Frame, FrameError, Framer, FramerOptions, LiteralStop, Span},
};
use imap_types::atom::Tag;

use super::{Event, Literal, LiteralState, Note, Observer, Options, Place};

/// An [`Observer`] that is given bytes, as they were read from the two directions.
///
/// ```
/// use imap_fsm::observer::{Dialogue, Event, Options};
///
/// let mut dialogue = Dialogue::new(Options::default());
/// dialogue.server_bytes(b"* PREAUTH hello\r\n");
/// dialogue.client_bytes(b"A1 SELECT INBOX\r\nA2 FE");
/// dialogue.server_bytes(b"* 1 EXISTS\r\n* FLAGS ()\r\nA1 OK done\r\n");
/// dialogue.client_bytes(b"TCH 1 FLAGS\r\n");
/// dialogue.server_bytes(b"* 1 EXPUNGE\r\nA2 OK done\r\n");
///
/// let mut broken = Vec::new();
/// while let Some(event) = dialogue.poll_event() {
///     if let Event::Violation(violation) = event {
///         broken.push((violation.rule.id(), violation.message));
///     }
/// }
/// assert_eq!(broken, [("expunge-in-fetch", "EXPUNGE came while A2 FETCH was running".to_string())]);
/// ```
///
/// After [`Note::Tls`] it reads no further: TLS follows. After [`Note::Compress`] it waits for [`Dialogue::inflated`],
/// from where on it is to be given what the bytes inflate to. In both cases [`Dialogue::take_unread`] gives what it was
/// handed beyond that byte.
#[derive(Debug)]
pub struct Dialogue {
    observer: Observer,
    client: Framer,
    server: Framer,
    of_client: DecodeOptions,
    of_server: DecodeOptions,
    /// Whether the server has sent nothing yet.
    first: bool,
    /// Where the payload of the literal begins that the observer was told of.
    announced: Option<u64>,
    /// How many bytes the client has sent.
    sent: u64,
    /// How many bytes of the server were read.
    heard: u64,
    /// What the client's framer gave up, until it says where that ends.
    malformed: (Option<Tag>, Option<String>),
    /// Whether that was a literal which the server refused.
    refused: bool,
    /// Whether what follows is no plain IMAP.
    over: bool,
    /// Whether TLS is to follow, and the server has sent nothing of it yet.
    tls: bool,
}

impl Dialogue {
    /// Listens to a connection that is about to begin, and reads what real clients and servers send.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self::reading(options, DecodeOptions::tolerant_of_clients(), DecodeOptions::tolerant_of_servers())
    }

    /// The same, with the decoding of both sides chosen.
    #[must_use]
    pub fn reading(options: Options, of_client: DecodeOptions, of_server: DecodeOptions) -> Self {
        Self {
            observer: Observer::new(options),
            client: Framer::new(Side::Client, FramerOptions::new(&of_client)),
            server: Framer::new(Side::Server, FramerOptions::new(&of_server)),
            of_client,
            of_server,
            first: true,
            announced: None,
            sent: 0,
            heard: 0,
            malformed: (None, None),
            refused: false,
            over: false,
            tls: false,
        }
    }

    /// The observer behind.
    #[must_use]
    pub const fn observer(&self) -> &Observer {
        &self.observer
    }

    /// The next event; `None` once all were taken.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.observer.poll_event()
    }

    /// Bytes from the client. Work and events are those of the messages that they complete.
    pub fn client_bytes(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() && self.observer.literal() == LiteralState::Awaiting {
            let offset = self.announced.unwrap_or_default();
            self.observer.client_literal_data(Place::new(offset, 0));
            self.accept();
        }
        self.sent = self.sent.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.client.push(bytes);
        self.run();
    }

    /// Bytes from the server.
    pub fn server_bytes(&mut self, bytes: &[u8]) {
        self.judge_tls(bytes);
        self.server.push(bytes);
        self.run();
    }

    /// `side` closed its direction.
    pub fn eof(&mut self, side: Side) {
        self.observer.eof(side);
    }

    /// What was handed over of `side` and not read: after a [`Note`], the bytes of the new stream.
    pub fn take_unread(&mut self, side: Side) -> Bytes {
        match side {
            Side::Client => self.client.take_unread(),
            Side::Server => self.server.take_unread(),
        }
    }

    /// What follows on both sides is plain IMAP again, as it was before: it was inflated, or decrypted.
    pub fn inflated(&mut self) {
        self.over = false;
        self.tls = false;
        self.run();
    }

    fn run(&mut self) {
        // What the server says can set the client's side going again.
        while !self.over && (self.next_of_client() || self.next_of_server()) {}
    }

    fn next_of_client(&mut self) -> bool {
        self.client.keep_blank_lines(self.observer.expecting(b"") == Expecting::AuthenticateData);
        let Some(event) = self.client.next_event() else { return false };
        match event {
            FrameEvent::Message(frame) => self.client_message(&frame),
            FrameEvent::Literal(stop) => return self.literal(stop),
            FrameEvent::Malformed(error) => self.give_up(&error),
            FrameEvent::Skipped(span) => {
                let (tag, name) = core::mem::take(&mut self.malformed);
                if core::mem::take(&mut self.refused) {
                    self.observer.client_refused(place(span));
                } else {
                    self.observer.client_malformed(place(span), tag.as_ref(), name.as_deref());
                }
                self.announced = None;
            }
            FrameEvent::Chunk(_) | FrameEvent::StreamEnd | _ => {}
        }
        true
    }

    fn next_of_server(&mut self) -> bool {
        let Some(event) = self.server.next_event() else { return false };
        match event {
            FrameEvent::Message(frame) => self.server_message(&frame),
            FrameEvent::Literal(stop) if stop.fits => self.server.accept(),
            FrameEvent::Literal(_) => self.server.discard(),
            FrameEvent::Skipped(span) => {
                self.first = false;
                self.observer.server_malformed(place(span), None, None);
            }
            FrameEvent::Malformed(_) | FrameEvent::Chunk(_) | FrameEvent::StreamEnd | _ => {}
        }
        true
    }

    fn client_message(&mut self, frame: &Frame) {
        let bytes = frame.as_bytes();
        let place = place(frame.span());
        self.announced = None;
        for literal in frame.literals().filter(|literal| literal.non_sync) {
            let literal = Literal { size: literal.size, synchronizing: false };
            self.observer.client_literal(place, None, None, literal);
        }
        match decode_client_message(frame, self.observer.expecting(bytes), &self.of_client) {
            Ok(message) => self.observer.client_message(place, &message.value),
            Err(error) => {
                let (tag, name) = head(bytes, false);
                self.observer.client_malformed(place, error.tag.as_ref().or(tag.as_ref()), name.as_deref());
            }
        }
    }

    fn server_message(&mut self, frame: &Frame) {
        let bytes = frame.as_bytes();
        let place = place(frame.span());
        self.heard = place.end();
        if core::mem::take(&mut self.first)
            && let Ok(greeting) = decode_greeting(frame, &self.of_server)
        {
            return self.observer.server_greeting(place, &greeting.value);
        }
        self.tell_partial();
        match decode_response(frame, &self.of_server) {
            Ok(message) => self.observer.server_message(place, &message.value),
            Err(_) => {
                let (tag, name) = head(bytes, true);
                self.observer.server_malformed(place, tag.as_ref(), name.as_deref());
            }
        }
        let ends = |event: &Event| matches!(event, Event::Note(Note::Tls | Note::Compress));
        self.over |= self.observer.last_event().is_some_and(ends);
        if self.observer.last_event() == Some(&Event::Note(Note::Tls)) {
            self.tls = true;
            let unread = self.server.take_unread();
            self.judge_tls(&unread);
            self.server.push_bytes(unread);
        }
    }

    /// What follows the OK to STARTTLS is TLS records, or was put there by somebody else.
    fn judge_tls(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first()
            && core::mem::take(&mut self.tls)
            && !TLS_RECORDS.contains(first)
        {
            self.observer.data_after_starttls(Place::new(self.heard, 0));
        }
    }

    /// Tells the observer of a command of the client that has no end yet.
    fn tell_partial(&mut self) {
        let start = self.client.partial();
        // A tag is whole once something follows it.
        if !start.contains(&b' ') {
            return;
        }
        if let (Some(tag), name) = head(start, false) {
            let length = u64::try_from(start.len()).unwrap_or(u64::MAX);
            let place = Place::new(self.sent.saturating_sub(length), length);
            self.observer.client_partial(place, &tag, name.as_deref());
        }
    }

    /// The client waits at a literal: the server decides.
    fn literal(&mut self, stop: LiteralStop) -> bool {
        if self.announced != Some(stop.offset) {
            self.announced = Some(stop.offset);
            let start = self.client.partial();
            let length = u64::try_from(start.len()).unwrap_or(u64::MAX);
            let (tag, name) = head(start, false);
            let place = Place::new(stop.offset.saturating_sub(length), length);
            let literal = Literal { size: stop.size, synchronizing: stop.synchronizing };
            self.observer.client_literal(place, tag.as_ref(), name.as_deref(), literal);
            // What is at hand already came before the server could have answered.
            if stop.synchronizing && self.sent > stop.offset {
                self.observer.client_literal_data(Place::new(stop.offset, 0));
                self.accept();
                return true;
            }
        }
        match self.observer.literal() {
            LiteralState::Accepted => self.accept(),
            LiteralState::Refused => {
                self.refused = true;
                self.client.refuse();
            }
            LiteralState::None | LiteralState::Awaiting => return false,
        }
        true
    }

    fn accept(&mut self) {
        match self.client.next_event() {
            Some(FrameEvent::Literal(stop)) if stop.fits => self.client.accept(),
            Some(FrameEvent::Literal(_)) => self.client.discard(),
            _ => {}
        }
    }

    fn give_up(&mut self, error: &FrameError) {
        self.malformed = (error.tag.clone(), error.name.as_deref().map(String::from));
        if let Some(tag) = &error.tag {
            // The server can answer it before the payload that follows was counted.
            self.observer.client_partial(Place::new(error.offset, 0), tag, error.name.as_deref());
        }
    }
}

fn place(span: Span) -> Place {
    Place::from(span)
}

/// The types of TLS records, their first byte (RFC 8446 section 5.1).
const TLS_RECORDS: core::ops::RangeInclusive<u8> = 20..=23;

/// The tag and the name of a message that cannot be read, as far as they can.
fn head(bytes: &[u8], server: bool) -> (Option<Tag>, Option<String>) {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let mut words = line.trim_ascii_end().split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let tag = words.next().and_then(|word| Tag::try_from(word).ok());
    let mut word = words.next();
    if server && word.is_some_and(|word| word.iter().all(u8::is_ascii_digit)) {
        word = words.next();
    }
    let name = |word: &[u8]| core::str::from_utf8(word).ok().map(str::to_ascii_uppercase);
    let mut name = word.and_then(name);
    if !server && name.as_deref() == Some("UID") {
        name = words.next().and_then(|word| core::str::from_utf8(word).ok()).map(|word| {
            let mut name = String::from("UID ");
            name.push_str(&word.to_ascii_uppercase());
            name
        });
    }
    (tag, name)
}
