//! Both directions of one connection: bytes in, what is to be reported out.
//!
//! Each direction has its [`Reader`]; the observer is told what they find, in the order in which it passed,
//! and says how the next line of the client is to be read and what became of its literals.

use std::collections::BTreeMap;

use bytes::Bytes;
use imap_codec::{
    Expecting, Side,
    frame::{LiteralStop, Span},
};
use imap_fsm::{
    observer::{Event, Literal, LiteralState, Observer, Options, Place, Violation},
    state::State,
};
use imap_types::atom::Tag;

use crate::{
    cli::Reading,
    failure::Failure,
    head::Head,
    message::{Message, Outcome},
    reader::{self, End, Found, Reader},
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
    /// The time of the last chunk of the client.
    client_t: Option<f64>,
    /// When each command was complete, or as much of it as the server has answered; by its place.
    sent: BTreeMap<u64, f64>,
    /// The literal at which the client's reader stands, once the observer knows of it.
    announced: Option<Announced>,
    /// What was found before the message that is to blame was complete.
    owed: Vec<Violation>,
    /// How many bytes the client has sent.
    taken: u64,
    /// Which sides have closed their direction.
    closed: Vec<Side>,
    /// Whether the bytes are compressed by now.
    compressed: bool,
    /// Whether what follows is not IMAP in the clear: why.
    over: Option<&'static str>,
    /// Whether something came after that.
    skipped: bool,
}

/// A literal that waits for the server.
struct Announced {
    /// Where its payload is to begin.
    payload: u64,
    /// What was read of its command.
    start: Bytes,
    /// When that was.
    t: Option<f64>,
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
            client_t: None,
            sent: BTreeMap::new(),
            announced: None,
            owed: Vec::new(),
            taken: 0,
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
                self.client_t = t;
                self.client.framer.push(data);
                self.taken = self.taken.saturating_add(data.len() as u64);
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
                    Outcome::Incomplete => {
                        write(&Step::Message { t: self.t, message: &message, state: self.observer.state() })?
                    }
                    _ => self.observe(&message, write)?,
                }
            }
        }
        self.report_owed(Side::Client, write)?;
        self.report_owed(Side::Server, write)?;
        for side in core::mem::take(&mut self.closed) {
            self.observer.eof(side);
        }
        Ok(self.observer.state())
    }

    /// Reads one message of the client, or goes on behind a literal of it; false where neither can be done.
    fn next_of_client(&mut self, write: Write<'_>) -> Result<bool, Failure> {
        match self.client.next(|line| self.observer.expecting(line)) {
            Some(Found::Message(message)) => {
                self.announced = None;
                self.literals_without_waiting(&message);
                self.observe(&message, write)?;
                if let Some(t) = self.t {
                    self.sent.insert(message.offset, t);
                }
                Ok(true)
            }
            Some(Found::Literal(stop)) => Ok(self.literal(stop)),
            None => Ok(false),
        }
    }

    fn next_of_server(&mut self, write: Write<'_>) -> Result<bool, Failure> {
        match self.server.next(|_| Expecting::Command) {
            Some(Found::Message(message)) => {
                self.tell_partial();
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

    /// Tells the observer of a command that has no end yet: the server may answer it already.
    fn tell_partial(&mut self) {
        let start = self.client.framer.partial();
        // A tag is whole once something follows it.
        let head = Head::read(Side::Client, start, Expecting::Command, false);
        let offset = if let Some(tag) = tag(&head).filter(|_| start.contains(&b' ')) {
            let length = start.len() as u64;
            let place = Place::new(self.taken.saturating_sub(length), length);
            self.observer.client_partial(place, &tag, head.name.as_deref());
            place.offset
        } else if let Some(error) = self.client.broken()
            && let Some(tag) = &error.tag
        {
            self.observer.client_partial(Place::new(error.offset, 0), tag, error.name.as_deref());
            error.offset
        } else {
            return;
        };
        if let Some(t) = self.client_t {
            self.sent.entry(offset).or_insert(t);
        }
    }

    /// The client stands at a literal: tells the observer, and goes on if the server has asked for it.
    fn literal(&mut self, stop: LiteralStop) -> bool {
        if !matches!(&self.announced, Some(known) if known.payload == stop.offset) {
            let start = Bytes::copy_from_slice(self.client.framer.partial());
            let length = start.len() as u64;
            let place = Place::new(stop.offset.saturating_sub(length), length);
            let head = Head::read(Side::Client, &start, Expecting::Command, false);
            let literal = Literal { size: stop.size, synchronizing: true };
            self.observer.client_literal(place, tag(&head).as_ref(), head.name.as_deref(), literal);
            if let Some(t) = self.t {
                self.sent.insert(place.offset, t);
            }
            self.announced = Some(Announced { payload: stop.offset, start, t: self.t });
        }
        // Bytes that came before the server could have answered are payload: whoever waits sends nothing.
        let early = self.observer.literal() == LiteralState::Awaiting && self.taken > stop.offset;
        if early {
            self.observer.client_literal_data(Place::new(stop.offset, 0));
        } else if self.observer.literal() != LiteralState::Accepted {
            return false;
        }
        // What does not fit is as legal as what does; only its bytes are not kept.
        if stop.fits {
            self.client.framer.accept()
        } else {
            self.client.framer.discard()
        }
        true
    }

    /// The server has refused the literal at which the client waits: its command is over.
    fn refused(&mut self, state: State, write: Write<'_>) -> Result<(), Failure> {
        let Some(Announced { start, t, .. }) = self.announced.take() else { return Ok(()) };
        self.client.framer.refuse();
        let Some(Found::Message(message)) = self.client.next(|line| self.observer.expecting(line)) else {
            return Ok(());
        };
        let Message { offset, length, .. } = *message;
        let message = self.client.cut(Span { offset, length }, start, Expecting::Command, Outcome::Refused);
        self.observer.client_refused(Place::new(offset, length));
        // The observer reports it in the state after the refusal; it was sent in the one before.
        while self.observer.poll_event().is_some() {}
        write(&Step::Message { t, message: &message, state })?;
        self.report_owed(Side::Client, write)
    }

    /// Tells the observer of the literals of a message that did not wait for the server.
    fn literals_without_waiting(&mut self, message: &Message) {
        let tag = tag(&message.head);
        let place = Place::new(message.offset, message.length);
        for literal in message.frame.literals().filter(|literal| literal.non_sync) {
            let literal = Literal { size: literal.size, synchronizing: false };
            self.observer.client_literal(place, tag.as_ref(), message.head.name.as_deref(), literal);
        }
    }

    /// Tells the observer of a message, and reports both.
    fn observe(&mut self, message: &Message, write: Write<'_>) -> Result<(), Failure> {
        let place = Place::new(message.offset, message.length);
        let before = self.observer.state();
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
        if self.announced.is_some() && self.observer.literal() == LiteralState::Refused {
            self.refused(before, write)?;
        }
        // What was found at a literal stands before the message that the literal is part of.
        events.sort_by_key(|event| !matches!(event, Event::Message { .. }));
        for event in events {
            match event {
                Event::Violation(violation) if violation.by() != message.from => self.owed.push(violation),
                event => self.report(&event, message, write)?,
            }
        }
        self.report_owed(message.from, write)
    }

    /// Reports what waited for a message of that side.
    fn report_owed(&mut self, from: Side, write: Write<'_>) -> Result<(), Failure> {
        let (now, later): (Vec<_>, Vec<_>) =
            core::mem::take(&mut self.owed).into_iter().partition(|violation| violation.by() == from);
        self.owed = later;
        now.iter().try_for_each(|violation| write(&Step::Violation(violation)))
    }

    fn report(&mut self, event: &Event, message: &Message, write: Write<'_>) -> Result<(), Failure> {
        match event {
            Event::Message { state, .. } => write(&Step::Message { t: self.t, message, state: *state }),
            Event::Pipelined(pipelined) => write(&Step::Pipelined(pipelined)),
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
}

fn tag(head: &Head) -> Option<Tag> {
    head.tag.as_deref().and_then(|tag| Tag::try_from(tag).ok())
}

/// The time between, to a microsecond.
fn milliseconds(now: f64, then: f64) -> f64 {
    ((now - then) * 1e6).round() / 1e3
}
