//! Both directions of one connection: bytes in, what is to be reported out.
//!
//! Each direction has its [`Reader`]; the observer is told what they find, in the order in which it passed,
//! and says how the next line of the client is to be read and what became of its literals.

use std::collections::HashMap;

use bytes::Bytes;
use imap_codec::{
    Expecting, Side,
    frame::{LiteralStop, Span},
};
use imap_fsm::{
    observer::{Event, Literal, LiteralState, Observer, Options, Place},
    state::State,
};
use imap_types::atom::Tag;

use crate::{
    cli::Reading,
    failure::Failure,
    head::Head,
    message::{Message, Outcome},
    reader::{self, End, Found, Reader},
    render::wire,
    session::Step,
    value::Meaning,
};

/// Takes what is to be reported.
type Write<'w> = &'w mut dyn FnMut(&Step<'_>) -> Result<(), Failure>;

/// One connection.
pub(crate) struct Dialogue {
    observer: Observer,
    client: Reader,
    server: Reader,
    /// The time of the chunk that is being read.
    t: Option<f64>,
    /// When each command was complete, by its place.
    sent: HashMap<u64, f64>,
    /// The literal of the client that the observer knows of, by the place of its payload.
    announced: Option<u64>,
    /// Whether the payload of that literal is to begin with the next bytes of the client.
    payload_due: bool,
    /// Whether that payload came before the server had answered.
    early: bool,
    /// How many bytes the client has sent.
    received: u64,
    /// Which sides have closed their direction.
    closed: Vec<Side>,
    /// Whether the bytes are compressed by now.
    compressed: bool,
    /// Whether what follows is not IMAP in the clear: why.
    over: Option<&'static str>,
    /// Whether something came after that.
    skipped: bool,
}

impl Dialogue {
    /// A connection that is about to begin.
    pub(crate) fn new(reading: &Reading) -> Self {
        let reader = |side| Reader::new(side, reader::options(side, reading), false);
        Self {
            observer: Observer::new(Options::default()),
            client: reader(Side::Client),
            server: reader(Side::Server),
            t: None,
            sent: HashMap::new(),
            announced: None,
            payload_due: false,
            early: false,
            received: 0,
            closed: Vec::new(),
            compressed: false,
            over: None,
            skipped: false,
        }
    }

    /// Takes bytes of one side.
    pub(crate) fn bytes(
        &mut self,
        t: Option<f64>,
        from: Side,
        data: &[u8],
        inflated: bool,
        write: Write<'_>,
    ) -> Result<(), Failure> {
        self.t = t;
        if self.compressed && !inflated && self.over.is_none() {
            self.over = Some("compress");
        }
        if self.over.is_some() {
            if !self.skipped && !data.is_empty() {
                self.skipped = true;
                write(&Step::Note("skipped"))?;
            }
            return Ok(());
        }
        match from {
            Side::Client => {
                self.received = self.received.saturating_add(data.len() as u64);
                if !data.is_empty() && self.observer.literal() == LiteralState::Awaiting {
                    self.payload_early();
                }
                self.payload_begins(data);
                self.client.framer.push(data);
            }
            Side::Server => self.server.framer.push(data),
        }
        // What the server says can set the client's reader going again.
        while self.over.is_none() && (self.next_of_client(write)? || self.next_of_server(write)?) {}
        Ok(())
    }

    /// One side sends no more.
    pub(crate) fn closed(&mut self, from: Side) {
        self.closed.push(from);
    }

    /// The capture says that what follows was left out.
    pub(crate) fn left_out(&mut self, write: Write<'_>) -> Result<(), Failure> {
        if self.over.is_none() {
            self.over = Some("truncated");
            write(&Step::Note("truncated"))?;
        }
        Ok(())
    }

    /// The end of what was seen; gives the state.
    pub(crate) fn end(&mut self, write: Write<'_>) -> Result<State, Failure> {
        let expecting = self.observer.expecting(b"");
        let ends = [self.client.finish(expecting), self.server.finish(Expecting::Command)];
        for end in ends.into_iter().flatten() {
            if let End::Message(message) = end {
                match message.outcome {
                    Outcome::Incomplete => self.unobserved(&message, write)?,
                    _ => self.observe(&message, write)?,
                }
            }
        }
        for side in std::mem::take(&mut self.closed) {
            self.observer.eof(side);
        }
        Ok(self.observer.state())
    }

    /// Reads one message of the client, or decides about a literal of it; false where neither can be done.
    fn next_of_client(&mut self, write: Write<'_>) -> Result<bool, Failure> {
        match self.client.next(|line| self.observer.expecting(line)) {
            Some(Found::Message(message)) => {
                self.announced = None;
                self.payload_due = false;
                self.literals_without_waiting(&message);
                self.observe(&message, write)?;
                if let Some(t) = self.t {
                    self.sent.insert(message.offset, t);
                }
                Ok(true)
            }
            Some(Found::Literal(stop)) => self.literal(stop, write),
            None => Ok(false),
        }
    }

    fn next_of_server(&mut self, write: Write<'_>) -> Result<bool, Failure> {
        match self.server.next(|_| Expecting::Command) {
            Some(Found::Message(message)) => {
                if message.head.tag.is_some() {
                    self.tell_partial();
                }
                self.observe(&message, write)?;
                Ok(true)
            }
            Some(Found::Literal(_)) => {
                self.server.framer.accept();
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// The client waits at a literal: the server decides.
    fn literal(&mut self, stop: LiteralStop, write: Write<'_>) -> Result<bool, Failure> {
        let start = Bytes::copy_from_slice(self.client.framer.partial());
        let length = start.len() as u64;
        let place = Place::new(stop.offset.saturating_sub(length), length);
        if self.announced != Some(stop.offset) {
            self.announced = Some(stop.offset);
            let head = Head::read(Side::Client, &start, Expecting::Command, false);
            let literal = Literal { size: stop.size, synchronizing: true };
            self.observer.client_literal(place, tag(&head).as_ref(), head.name.as_deref(), literal);
            if self.received > stop.offset {
                self.payload_early();
            }
        }
        if std::mem::take(&mut self.early) {
            if stop.fits {
                self.client.framer.accept()
            } else {
                self.client.framer.discard()
            }
            return Ok(true);
        }
        match self.observer.literal() {
            LiteralState::Accepted => {
                // What does not fit is as legal as what does; only its bytes are not kept.
                if stop.fits {
                    self.client.framer.accept()
                } else {
                    self.client.framer.discard()
                }
                self.payload_due = true;
                if !self.client.framer.is_idle() {
                    self.payload_begins(b"");
                }
                Ok(true)
            }
            LiteralState::Refused => {
                self.client.framer.refuse();
                self.announced = None;
                let cut = self.client.next(|line| self.observer.expecting(line));
                let span = match cut {
                    Some(Found::Message(message)) => Span { offset: message.offset, length: message.length },
                    _ => return Ok(false),
                };
                let message = self.client.cut(span, start, Expecting::Command);
                self.unobserved(&message, write)?;
                Ok(true)
            }
            LiteralState::None | LiteralState::Awaiting => Ok(false),
        }
    }

    /// Tells the observer that payload came which the server had not asked for. It is read as payload all the same.
    fn payload_early(&mut self) {
        self.early = true;
        self.observer.client_literal_data(Place::new(self.announced.unwrap_or_default(), 0));
    }

    /// Tells the observer of a command that has no end yet: the server answers before it.
    fn tell_partial(&mut self) {
        let start = self.client.framer.partial();
        if start.contains(&b' ') {
            let head = Head::read(Side::Client, start, Expecting::Command, false);
            let length = start.len() as u64;
            let place = Place::new(self.received.saturating_sub(length), length);
            if let Some(tag) = tag(&head) {
                self.observer.client_partial(place, &tag, head.name.as_deref());
            }
        } else if let Some(error) = &self.client.broken
            && let Some(tag) = &error.tag
        {
            self.observer.client_partial(Place::new(error.offset, 0), tag, error.name.as_deref());
        }
    }

    /// Tells the observer that payload comes.
    fn payload_begins(&mut self, data: &[u8]) {
        if self.payload_due && !data.is_empty() {
            self.payload_due = false;
            self.observer.client_literal_data(Place::new(self.announced.unwrap_or_default(), 0));
        }
    }

    /// Tells the observer of the literals of a message that did not wait for the server.
    fn literals_without_waiting(&mut self, message: &Message) {
        let tag = tag(&message.head);
        let mut rest = message.frame.as_bytes();
        while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
            let (line, after) = rest.split_at(end.saturating_add(1));
            rest = after;
            let Some((_, length)) = wire::literal_length(line).filter(|_| !after.is_empty()) else {
                continue;
            };
            if line.trim_ascii_end().ends_with(b"+}") {
                let place = Place::new(message.offset, message.length);
                let literal = Literal { size: length as u64, synchronizing: false };
                self.observer.client_literal(place, tag.as_ref(), message.head.name.as_deref(), literal);
            }
            rest = after.get(length.min(after.len())..).unwrap_or_default();
        }
    }

    /// Tells the observer of a message, and reports both.
    fn observe(&mut self, message: &Message, write: Write<'_>) -> Result<(), Failure> {
        let place = Place::new(message.offset, message.length);
        let observer = &mut self.observer;
        match (&message.outcome, message.from) {
            (Outcome::Read { meaning, .. }, _) => match meaning {
                Meaning::Greeting(greeting) => observer.server_greeting(place, greeting),
                Meaning::Response(response) => observer.server_message(place, response),
                Meaning::Client(client) => observer.client_message(place, client),
            },
            (_, Side::Client) => {
                observer.client_malformed(place, tag(&message.head).as_ref(), message.head.name.as_deref());
            }
            (_, Side::Server) => {
                observer.server_malformed(place, tag(&message.head).as_ref(), message.head.name.as_deref());
            }
        }
        let mut events = Vec::new();
        while let Some(event) = self.observer.poll_event() {
            events.push(event);
        }
        // What was found at a literal stands before the message that the literal is part of.
        events.sort_by_key(|event| !matches!(event, Event::Message { .. }));
        for event in &events {
            self.report(event, message, write)?;
        }
        Ok(())
    }

    fn report(&mut self, event: &Event, message: &Message, write: Write<'_>) -> Result<(), Failure> {
        match event {
            Event::Message { state, .. } => write(&Step::Message { t: self.t, message, state: *state }),
            Event::Violation(violation) => write(&Step::Violation(violation)),
            Event::Completed(completed) => {
                let sent = self.sent.remove(&completed.command.offset);
                let latency = self.t.zip(sent).map(|(now, then)| milliseconds(now, then));
                write(&Step::Completed { completed, latency })
            }
            Event::Note(note) => {
                match note.name() {
                    "compress" => self.compressed = true,
                    other => self.over = Some(other),
                }
                write(&Step::Note(note.name()))
            }
            _ => Ok(()),
        }
    }

    /// Reports a message that means nothing to the session.
    fn unobserved(&mut self, message: &Message, write: Write<'_>) -> Result<(), Failure> {
        write(&Step::Message { t: self.t, message, state: self.observer.state() })
    }
}

fn tag(head: &Head) -> Option<Tag> {
    head.tag.as_deref().and_then(|tag| Tag::try_from(tag).ok())
}

/// The time between, to a microsecond.
fn milliseconds(now: f64, then: f64) -> f64 {
    ((now - then) * 1e6).round() / 1e3
}
