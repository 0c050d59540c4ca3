//! Whole sessions: both directions through framers, decoders and the observer.

use imap_codec::{
    DecodeOptions, Expecting, Mode, Side, decode_client_message, decode_greeting, decode_response,
    frame::{Event as FrameEvent, Frame, FrameError, Framer, FramerOptions, Tail},
};
use imap_fsm::observer::{Event, Literal, LiteralState, Observer, Options, Place, Violation};
use imap_types::atom::Tag;

use crate::{codec::Reading, stream};

/// A session as it is being read.
#[derive(Debug)]
pub struct Session {
    observer: Observer,
    client: Lane,
    server: Lane,
    greeted: bool,
    violations: Vec<Violation>,
    /// Messages that did not decode: who sent them, where they begin, and the rule.
    malformed: Vec<(Side, u64, String)>,
}

#[derive(Debug)]
struct Lane {
    framer: Framer,
    options: DecodeOptions,
    pushed: u64,
    /// Whether the observer was told of the literal at which the framer stands.
    announced: bool,
    fault: Option<FrameError>,
}

impl Lane {
    fn new(from: Side, reading: Reading) -> Self {
        let options = stream::options(from, reading, Mode::Any);
        let framer = Framer::new(from, FramerOptions::new(&options));
        Self { framer, options, pushed: 0, announced: false, fault: None }
    }
}

/// What a session has come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// What was against the protocol, in the order found.
    pub violations: Vec<Violation>,
    /// Messages that did not decode: who sent them, where they begin, and the rule.
    pub malformed: Vec<(Side, u64, String)>,
}

impl Default for Session {
    fn default() -> Self {
        Self::new(Reading::Tolerant)
    }
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
            violations: Vec::new(),
            malformed: Vec::new(),
        }
    }

    /// Takes what one side sends next.
    pub fn push(&mut self, from: Side, bytes: &[u8]) {
        let lane = match from {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        };
        lane.framer.push(bytes);
        lane.pushed += bytes.len() as u64;
        match from {
            Side::Client => self.drain_client(),
            Side::Server => {
                self.drain_server();
                // A refused literal: what the client sent already is its next command.
                self.drain_client();
            }
        }
    }

    /// Ends the session.
    #[must_use]
    pub fn finish(mut self) -> Judgement {
        for from in [Side::Client, Side::Server] {
            let lane = match from {
                Side::Client => &mut self.client,
                Side::Server => &mut self.server,
            };
            if let (Some(Tail::Skipped(span)), Some(error)) = (lane.framer.finish(), lane.fault.take()) {
                self.malformed.push((from, span.offset, error.kind.rule().into()));
            }
        }
        Judgement { violations: self.violations, malformed: self.malformed }
    }

    fn collect(&mut self) {
        while let Some(event) = self.observer.poll_event() {
            if let Event::Violation(violation) = event {
                self.violations.push(violation);
            }
        }
    }

    fn drain_client(&mut self) {
        loop {
            let keep = self.observer.expecting(b"") == Expecting::AuthenticateData;
            self.client.framer.keep_blank_lines(keep);
            match self.client.framer.next_event() {
                None => break,
                Some(FrameEvent::Message(frame)) => self.client_message(&frame),
                Some(FrameEvent::Literal(stop)) => {
                    let head = self.client.framer.partial().to_vec();
                    let tag = self.client.framer.tag();
                    let place = Place::new(stop.offset - head.len() as u64, head.len() as u64);
                    if !self.client.announced {
                        self.client.announced = true;
                        let literal = Literal { size: stop.size, synchronizing: stop.synchronizing };
                        self.observer.client_literal(place, tag.as_ref(), name(&head).as_deref(), literal);
                    }
                    if self.client.pushed <= stop.offset {
                        break;
                    }
                    self.client.announced = false;
                    if self.observer.literal() == LiteralState::Refused {
                        self.client.framer.refuse();
                    } else {
                        self.observer.client_literal_data(place);
                        self.client.framer.accept();
                    }
                }
                Some(FrameEvent::Malformed(error)) => self.client.fault = Some(error),
                Some(FrameEvent::Skipped(span)) => {
                    if let Some(error) = self.client.fault.take() {
                        self.malformed.push((Side::Client, span.offset, error.kind.rule().into()));
                        let place = Place::new(span.offset, span.length);
                        self.observer.client_malformed(place, error.tag.as_ref(), error.name.as_deref());
                    }
                }
                Some(_) => self.client.framer.accept(),
            }
            self.collect();
        }
        self.collect();
    }

    fn client_message(&mut self, frame: &Frame) {
        let expecting = self.observer.expecting(frame.as_bytes());
        let span = frame.span();
        let place = Place::new(span.offset, span.length);
        match decode_client_message(frame, expecting, &self.client.options) {
            Ok(decoded) => self.observer.client_message(place, &decoded.value),
            Err(error) => {
                self.malformed.push((Side::Client, span.offset, error.rule.into()));
                let name = name(frame.as_bytes());
                self.observer.client_malformed(place, error.tag.as_ref(), name.as_deref());
            }
        }
    }

    fn drain_server(&mut self) {
        loop {
            match self.server.framer.next_event() {
                None => break,
                Some(FrameEvent::Message(frame)) => self.server_message(&frame),
                Some(FrameEvent::Malformed(error)) => self.server.fault = Some(error),
                Some(FrameEvent::Skipped(span)) => {
                    if let Some(error) = self.server.fault.take() {
                        self.malformed.push((Side::Server, span.offset, error.kind.rule().into()));
                        let place = Place::new(span.offset, span.length);
                        self.observer.server_malformed(place, error.tag.as_ref(), error.name.as_deref());
                    }
                }
                Some(_) => self.server.framer.accept(),
            }
            self.collect();
        }
    }

    fn server_message(&mut self, frame: &Frame) {
        let span = frame.span();
        let place = Place::new(span.offset, span.length);
        if !std::mem::replace(&mut self.greeted, true)
            && let Ok(greeting) = decode_greeting(frame, &self.server.options)
        {
            self.observer.server_greeting(place, &greeting.value);
            return;
        }
        match decode_response(frame, &self.server.options) {
            Ok(decoded) => self.observer.server_message(place, &decoded.value),
            Err(error) => {
                self.malformed.push((Side::Server, span.offset, error.rule.into()));
                let name = name(frame.as_bytes());
                let tag: Option<&Tag> = error.tag.as_ref();
                self.observer.server_malformed(place, tag, name.as_deref());
            }
        }
    }
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
