//! Whole sessions: both directions through framers, decoders and the observer.
//!
//! A literal for which the client waits is decided by what the server answers: after a refusal, what follows is
//! the next command. That is why both directions have to be read together.

use imap_codec::{
    DecodeOptions, Decoded, Expecting, Mode, Side, decode_client_message, decode_greeting, decode_response,
    error::DecodeError,
    frame::{Event as FrameEvent, Frame, FrameError, Framer, FramerOptions, LiteralStop, Span, Tail},
};
use imap_fsm::observer::{Dialogue, Event, Literal, LiteralState, Note, Observer, Options, Place, Violation};
use imap_types::{atom::Tag, response::Response};

use crate::{
    codec::{Message, Reading, show_deviations},
    stream::{Cuts, Item, Outcome, cut, decode_fault, frame_fault, options},
};

/// A session as it is being read.
#[derive(Debug)]
pub struct Session {
    observer: Observer,
    client: Lane,
    server: Lane,
    greeted: bool,
    /// Whether TLS began.
    over: bool,
    /// Whether what follows STARTTLS is known in the clear.
    decrypted: bool,
    judgement: Judgement,
}

#[derive(Debug)]
struct Lane {
    framer: Framer,
    options: DecodeOptions,
    pushed: u64,
    /// The literal of which the observer was told.
    announced: Option<u64>,
    fault: Option<FrameError>,
}

impl Lane {
    fn new(from: Side, reading: Reading) -> Self {
        let options = options(from, reading, Mode::Any);
        let framer = Framer::new(from, FramerOptions::new(&options));
        Self { framer, options, pushed: 0, announced: None, fault: None }
    }
}

/// What a session came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// What the client sent.
    pub client: Vec<Item>,
    /// What the server sent.
    pub server: Vec<Item>,
    /// What was against the protocol, in the order found.
    pub violations: Vec<Violation>,
}

impl Judgement {
    /// What one side sent.
    #[must_use]
    pub fn items(&self, from: Side) -> &[Item] {
        match from {
            Side::Client => &self.client,
            Side::Server => &self.server,
        }
    }
}

/// Reads a session from its chunks, each of which is cut further, up to where TLS begins.
///
/// # Errors
/// Where the items of a direction do not tile it.
pub fn read<'a>(
    chunks: impl IntoIterator<Item = (Side, &'a [u8])>,
    reading: Reading,
    cuts: Cuts,
) -> Result<Judgement, String> {
    read_in(Session::new(reading), chunks, cuts)
}

/// The same of a session that is known in the clear to its end, as the dialogues of the RFCs are.
///
/// # Errors
/// Where the items of a direction do not tile it.
pub fn read_decrypted<'a>(
    chunks: impl IntoIterator<Item = (Side, &'a [u8])>,
    reading: Reading,
    cuts: Cuts,
) -> Result<Judgement, String> {
    read_in(Session { decrypted: true, ..Session::new(reading) }, chunks, cuts)
}

fn read_in<'a>(
    mut session: Session,
    chunks: impl IntoIterator<Item = (Side, &'a [u8])>,
    cuts: Cuts,
) -> Result<Judgement, String> {
    let (mut client, mut server) = (0, 0);
    for (number, (from, bytes)) in chunks.into_iter().enumerate() {
        match from {
            Side::Client => client += bytes.len() as u64,
            Side::Server => server += bytes.len() as u64,
        }
        let cuts = match cuts {
            Cuts::Seeded(seed) => Cuts::Seeded(seed ^ number as u64),
            other => other,
        };
        for piece in cut(bytes, cuts) {
            session.push(from, piece);
        }
    }
    let judgement = session.finish();
    for (items, length) in [(&judgement.client, client), (&judgement.server, server)] {
        let mut at = 0;
        for item in items {
            if item.offset != at {
                return Err(format!("a gap: {at} to {}", item.offset));
            }
            at = item.end();
        }
        if at != length {
            return Err(format!("the items end at {at}, the direction at {length}"));
        }
    }
    Ok(judgement)
}

impl Session {
    /// A session that is about to begin.
    #[must_use]
    pub fn new(reading: Reading) -> Self {
        Self {
            observer: Observer::new(Options::default()),
            client: Lane::new(Side::Client, reading),
            server: Lane::new(Side::Server, reading),
            greeted: false,
            over: false,
            decrypted: false,
            judgement: Judgement::default(),
        }
    }

    /// Takes what one side sends next.
    pub fn push(&mut self, from: Side, bytes: &[u8]) {
        if from == Side::Client && !bytes.is_empty() && self.observer.literal() == LiteralState::Awaiting {
            self.payload_before_its_time();
        }
        self.lane(from).pushed += bytes.len() as u64;
        self.lane(from).framer.push(bytes);
        // What the server says can set the client going again.
        while !self.over && (self.next_of_client() || self.next_of_server()) {}
    }

    /// Ends the session.
    #[must_use]
    pub fn finish(mut self) -> Judgement {
        for from in [Side::Client, Side::Server] {
            let end = self.judgement.items(from).last().map_or(0, Item::end);
            let over = self.over;
            let lane = self.lane(from);
            if over {
                // What was sent as TLS, or in its place.
                let span = Span { offset: end, length: lane.pushed.saturating_sub(end) };
                if span.length > 0 {
                    self.note(from, span, Outcome::Incomplete);
                }
                continue;
            }
            let (span, outcome) = match lane.framer.finish() {
                Some(Tail::Blank(span, _)) => (span, Outcome::Blank),
                Some(Tail::Incomplete(span)) => (span, Outcome::Incomplete),
                Some(Tail::Skipped(span)) => {
                    (span, lane.fault.take().map_or(Outcome::Incomplete, |error| frame_fault(&error)))
                }
                _ => continue,
            };
            self.note(from, span, outcome);
        }
        self.judgement
    }

    fn lane(&mut self, from: Side) -> &mut Lane {
        match from {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    fn note(&mut self, from: Side, span: Span, outcome: Outcome) {
        let item = Item { offset: span.offset, length: span.length, outcome };
        match from {
            Side::Client => self.judgement.client.push(item),
            Side::Server => self.judgement.server.push(item),
        }
        while let Some(event) = self.observer.poll_event() {
            match event {
                Event::Violation(violation) => self.judgement.violations.push(violation),
                Event::Note(Note::Tls) => self.over = !self.decrypted,
                _ => {}
            }
        }
    }

    fn note_decoded(&mut self, from: Side, frame: &Frame, result: Result<Decoded<Message>, DecodeError>) {
        let span = frame.span();
        let place = Place::new(span.offset, span.length);
        let outcome = match result {
            Ok(decoded) => {
                match &decoded.value {
                    Message::Greeting(greeting) => self.observer.server_greeting(place, greeting),
                    Message::Response(response) => self.observer.server_message(place, response),
                    Message::Client(message) => self.observer.client_message(place, message),
                }
                Outcome::Message(Box::new(decoded.value), show_deviations(&decoded.deviations))
            }
            Err(error) => {
                let name = name(frame.as_bytes());
                let tag = error.tag.clone().or_else(|| first_word(frame.as_bytes()));
                self.malformed(from, place, tag.as_ref(), name.as_deref());
                Outcome::Malformed(decode_fault(&error, frame.stream_offset(error.at)))
            }
        };
        self.note(from, span, outcome);
    }

    fn malformed(&mut self, from: Side, place: Place, tag: Option<&Tag>, name: Option<&str>) {
        match from {
            Side::Client => self.observer.client_malformed(place, tag, name),
            Side::Server => self.observer.server_malformed(place, tag, name),
        }
    }

    /// A message that passed a limit, or whose literal was refused.
    fn note_skipped(&mut self, from: Side, span: Span) {
        let outcome = match self.lane(from).fault.take() {
            Some(error) => {
                let place = Place::new(span.offset, span.length);
                self.malformed(from, place, error.tag.as_ref(), error.name.as_deref());
                frame_fault(&error)
            }
            None => {
                self.observer.client_refused(Place::new(span.offset, span.length));
                Outcome::Refused
            }
        };
        self.lane(from).announced = None;
        self.note(from, span, outcome);
    }

    fn next_of_client(&mut self) -> bool {
        let keep = self.observer.expecting(b"") == Expecting::AuthenticateData;
        self.client.framer.keep_blank_lines(keep);
        match self.client.framer.next_event() {
            None => return false,
            Some(FrameEvent::Message(frame)) => self.client_message(&frame),
            Some(FrameEvent::Literal(stop)) => return self.literal(stop),
            Some(FrameEvent::Malformed(error)) => {
                if let Some(tag) = &error.tag {
                    // The server can answer before the payload that follows is over.
                    self.observer.client_partial(Place::new(error.offset, 0), tag, error.name.as_deref());
                }
                self.client.fault = Some(error);
            }
            Some(FrameEvent::Skipped(span)) => self.note_skipped(Side::Client, span),
            Some(_) => {}
        }
        true
    }

    /// The client waits at a literal.
    fn literal(&mut self, stop: LiteralStop) -> bool {
        if self.client.announced != Some(stop.offset) {
            self.client.announced = Some(stop.offset);
            let head = self.client.framer.partial();
            let place = Place::new(stop.offset.saturating_sub(head.len() as u64), head.len() as u64);
            let literal = Literal { size: stop.size, synchronizing: stop.synchronizing };
            let (tag, name) = (first_word(head), name(head));
            self.observer.client_literal(place, tag.as_ref(), name.as_deref(), literal);
            if stop.synchronizing && self.client.pushed > stop.offset {
                self.payload_before_its_time();
                return true;
            }
        }
        match self.observer.literal() {
            LiteralState::Accepted => self.take_payload(stop),
            LiteralState::Refused => self.client.framer.refuse(),
            LiteralState::Awaiting | LiteralState::None => return false,
        }
        true
    }

    /// The client did not wait for the server.
    fn payload_before_its_time(&mut self) {
        let offset = self.client.announced.unwrap_or_default();
        self.observer.client_literal_data(Place::new(offset, 0));
        if let Some(FrameEvent::Literal(stop)) = self.client.framer.next_event() {
            self.take_payload(stop);
        }
    }

    fn take_payload(&mut self, stop: LiteralStop) {
        if stop.fits { self.client.framer.accept() } else { self.client.framer.discard() }
    }

    fn client_message(&mut self, frame: &Frame) {
        self.client.announced = None;
        let bytes = frame.as_bytes();
        for literal in frame.literals().filter(|literal| literal.non_sync) {
            let span = frame.span();
            let literal = Literal { size: literal.size, synchronizing: false };
            self.observer.client_literal(Place::new(span.offset, span.length), None, None, literal);
        }
        let expecting = match self.observer.expecting(bytes) {
            // A line with a space is no base64: the exchange was given up, and this is a command.
            Expecting::AuthenticateData if bytes.contains(&b' ') => Expecting::Command,
            expecting => expecting,
        };
        let result = decode_client_message(frame, expecting, &self.client.options);
        let map = |it: Decoded<_>| Decoded { value: Message::Client(it.value), deviations: it.deviations };
        self.note_decoded(Side::Client, frame, result.map(map));
    }

    fn next_of_server(&mut self) -> bool {
        match self.server.framer.next_event() {
            None => return false,
            Some(FrameEvent::Message(frame)) => self.server_message(&frame),
            Some(FrameEvent::Literal(_)) => self.server.framer.accept(),
            Some(FrameEvent::Malformed(error)) => self.server.fault = Some(error),
            Some(FrameEvent::Skipped(span)) => self.note_skipped(Side::Server, span),
            Some(_) => {}
        }
        true
    }

    fn tell_of_half_a_command(&mut self) {
        let start = self.client.framer.partial();
        if let Some(tag) = first_word(start).filter(|_| start.contains(&b' ')) {
            let length = start.len() as u64;
            let place = Place::new(self.client.pushed.saturating_sub(length), length);
            let name = name(start);
            self.observer.client_partial(place, &tag, name.as_deref());
        }
    }

    fn server_message(&mut self, frame: &Frame) {
        if !std::mem::replace(&mut self.greeted, true)
            && let Ok(it) = decode_greeting(frame, &self.server.options)
        {
            let greeting = Decoded { value: Message::Greeting(it.value), deviations: it.deviations };
            return self.note_decoded(Side::Server, frame, Ok(greeting));
        }
        self.tell_of_half_a_command();
        let result = decode_response(frame, &self.server.options);
        let map =
            |it: Decoded<Response>| Decoded { value: Message::Response(it.value), deviations: it.deviations };
        self.note_decoded(Side::Server, frame, result.map(map));
    }
}

/// The violations that the library's own reader of bytes finds: the same, it is to be hoped.
#[must_use]
pub fn violations_from_bytes<'a>(
    chunks: impl IntoIterator<Item = (Side, &'a [u8])>,
    reading: Reading,
) -> Vec<Violation> {
    let [client, server] = [Side::Client, Side::Server].map(|from| options(from, reading, Mode::Any));
    let mut dialogue = Dialogue::reading(Options::default(), client, server);
    let mut violations = Vec::new();
    for (from, bytes) in chunks {
        match from {
            Side::Client => dialogue.client_bytes(bytes),
            Side::Server => dialogue.server_bytes(bytes),
        }
        while let Some(event) = dialogue.poll_event() {
            match event {
                Event::Violation(violation) => violations.push(violation),
                // Captures hold what COMPRESS inflates to. What follows STARTTLS is no IMAP in the clear.
                Event::Note(Note::Compress) => dialogue.inflated(),
                _ => {}
            }
        }
    }
    violations
}

/// The tag of a message that cannot be read.
fn first_word(bytes: &[u8]) -> Option<Tag> {
    let end = bytes.iter().position(|byte| matches!(byte, b' ' | b'\r' | b'\n'))?;
    Tag::try_from(&bytes[..end]).ok()
}

/// The name in a message that could not be read: the word after the tag, or after the number.
fn name(bytes: &[u8]) -> Option<String> {
    let line = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    let mut words = line.split(|byte| *byte == b' ').skip(1).map(|word| {
        let letters = word.iter().take_while(|byte| byte.is_ascii_graphic() && !b"({\"".contains(byte));
        String::from_utf8_lossy(&letters.copied().collect::<Vec<_>>()).to_ascii_uppercase()
    });
    let first = words.next().filter(|word| !word.is_empty())?;
    if first == "UID" {
        return words.next().map(|second| format!("UID {second}"));
    }
    if first.bytes().all(|byte| byte.is_ascii_digit()) { words.next() } else { Some(first) }
}
