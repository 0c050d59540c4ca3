//! The recorded server, and a client session.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use imap_codec::{
    DecodeOptions, Side,
    frame::{Event as FrameEvent, Framer, FramerOptions},
};
use imap_fsm::{
    client::{Abort, Client, Config, Event, Handle, LiteralForm, Tls},
    error::Misuse,
    time::Time,
};
use imap_types::command::{ClientMessage, CommandBody};

use super::{Departure, Known, Outcomes, first_word, timeline};
use crate::{
    codec::Message,
    corpus::Capture,
    session::Judgement,
    stream::{Item, Outcome},
};

const NOW: Time = Time::ZERO;

struct Replay {
    client: Client,
    /// How many tags the session has given out.
    tags: usize,
    /// The session's tag of a recorded one; `None` where the command was not submitted.
    by_recorded: BTreeMap<Vec<u8>, Option<String>>,
    /// Where each command was recorded, and its tag.
    submitted: BTreeMap<Handle, (u64, Vec<u8>)>,
    /// The IDLE that was asked for, and its recorded tag.
    idle: Option<(Handle, Vec<u8>)>,
    authenticate: Option<Handle>,
    challenged: bool,
    /// Of each literal of the command that was recorded, whether its client waited.
    literals: VecDeque<bool>,
    /// What was sent, to see where it waits.
    sent: Framer,
    idles: bool,
    over: bool,
    departures: Vec<Departure>,
}

/// The bytes of the server through a client session, message by message or byte by byte.
#[must_use]
pub fn replay_to_client(capture: &Capture, judgement: &Judgement, bytewise: bool) -> Outcomes {
    let mut config = Config::default();
    config.tls = Tls::Optional;
    config.literals = LiteralForm::Synchronizing;
    config.ask_capabilities = false;
    config.relay_invalid = true;
    let mut replay = Replay {
        client: Client::new(Arc::new(config), NOW),
        tags: 0,
        by_recorded: BTreeMap::new(),
        submitted: BTreeMap::new(),
        idle: None,
        authenticate: None,
        challenged: false,
        literals: VecDeque::new(),
        sent: Framer::new(Side::Client, FramerOptions::new(&DecodeOptions::tolerant_of_clients())),
        idles: false,
        over: false,
        departures: Vec::new(),
    };
    let streams = [capture.stream(Side::Client), capture.stream(Side::Server)];
    for moment in timeline(capture, judgement) {
        if replay.over {
            break;
        }
        let stream = &streams[usize::from(moment.from == Side::Server)];
        let bytes = &stream[moment.item.offset as usize..moment.item.end() as usize];
        match moment.from {
            Side::Client => replay.client_says(moment.item, bytes),
            Side::Server => replay.server_says(moment.item, bytes, bytewise),
        }
    }
    let client = &replay.client;
    let enabled = client.capabilities().enabled().map(String::from);
    let end = Known::of(client.state(), client.mailbox(), enabled);
    Outcomes { departures: replay.departures, end: Some(end) }
}

impl Replay {
    fn client_says(&mut self, item: &Item, bytes: &[u8]) {
        let Outcome::Message(message, _) = &item.outcome else {
            // It cannot be read, so it cannot be submitted; its answer is nobody's.
            self.by_recorded.insert(first_word(bytes).to_vec(), None);
            return;
        };
        let Message::Client(message) = &**message else { return };
        match message {
            ClientMessage::Command(command) => {
                self.literals = literals(bytes);
                let tag = command.tag.as_bytes().to_vec();
                self.submit(item, tag, command.body.clone());
            }
            ClientMessage::AuthenticateData(data) => {
                if let Some(handle) = self.authenticate
                    && core::mem::take(&mut self.challenged)
                {
                    self.client.authenticate(handle, data.clone(), NOW).expect("a challenge waits");
                }
            }
            ClientMessage::IdleDone => {
                if let Some((handle, _)) = &self.idle {
                    // It may have ended by itself.
                    let _ = self.client.done(*handle, NOW);
                }
            }
            _ => {}
        }
        self.drain(item.offset);
        self.go_on(item.offset);
    }

    /// Asks for the literals for which the recorded client did not wait, or which it sent in another form.
    fn go_on(&mut self, offset: u64) {
        while self.waits_for_literal() && self.literals.front() != Some(&true) {
            self.literals.pop_front();
            self.sent.accept();
            self.client.handle_bytes(b"+ \r\n", NOW);
            self.drain(offset);
        }
    }

    fn submit(&mut self, item: &Item, tag: Vec<u8>, body: CommandBody) {
        let idle = body == CommandBody::Idle;
        let authenticate = matches!(body, CommandBody::Authenticate { .. });
        match self.client.send(body, NOW) {
            Ok(handle) => {
                self.submitted.insert(handle, (item.offset, tag.clone()));
                if authenticate {
                    self.authenticate = Some(handle);
                }
                if idle {
                    self.idle = Some((handle, tag));
                } else {
                    self.tags += 1;
                    self.by_recorded.insert(tag, Some(format!("a{}", self.tags)));
                }
            }
            Err(misuse) => {
                self.departs(item.offset, format!("refused: {}", kind(&misuse)));
                self.by_recorded.insert(tag, None);
            }
        }
    }

    fn server_says(&mut self, item: &Item, bytes: &[u8], bytewise: bool) {
        let word = first_word(bytes);
        let mut said = bytes.to_vec();
        match word {
            b"*" => {}
            b"+" if !self.waits_for_literal() && self.authenticate.is_none() && !self.idles => return,
            b"+" => {
                if self.waits_for_literal() {
                    self.sent.accept();
                    self.literals.pop_front();
                }
                self.idles = false;
            }
            tag => match self.by_recorded.get(tag) {
                Some(Some(ours)) => said = [ours.as_bytes(), &bytes[tag.len()..]].concat(),
                Some(None) => return,
                None => {}
            },
        }
        if bytewise {
            for byte in said.chunks(1) {
                self.client.handle_bytes(byte, NOW);
                self.drain(item.offset);
            }
        } else {
            self.client.handle_bytes(&said, NOW);
            self.drain(item.offset);
        }
        self.go_on(item.offset);
    }

    fn aborted(&mut self, offset: u64, handle: Handle, written: bool, why: &Abort) {
        let what = match why {
            Abort::Refused(misuse) => format!("refused: {}", kind(misuse)),
            Abort::Cancelled => "cancelled".into(),
            _ if written => "ends without a reply".into(),
            _ => "ends unsent".into(),
        };
        let (at, tag) = self.submitted.get(&handle).cloned().unwrap_or((offset, Vec::new()));
        self.by_recorded.insert(tag, None);
        self.departs(at, what);
    }

    fn waits_for_literal(&mut self) -> bool {
        loop {
            match self.sent.next_event() {
                Some(FrameEvent::Literal(stop)) if stop.synchronizing => return true,
                Some(FrameEvent::Literal(_)) => self.sent.accept(),
                Some(_) => {}
                None => return false,
            }
        }
    }

    fn departs(&mut self, offset: u64, what: String) {
        self.departures.push(Departure { offset, what });
    }

    fn drain(&mut self, offset: u64) {
        while let Some(event) = self.client.poll_event() {
            match event {
                Event::Violation(violation) => {
                    self.departs(offset, format!("violation: {}", violation.rule.id()))
                }
                Event::Aborted { handle, written, why } => self.aborted(offset, handle, written, &why),
                Event::Challenge { .. } => self.challenged = true,
                Event::Completed { handle, .. } if self.authenticate == Some(handle) => {
                    self.authenticate = None
                }
                Event::StartTls(_) => self.over = true,
                Event::Compress(token) => {
                    let unread = token.unread().clone();
                    self.client.compression_up(token, NOW);
                    self.client.handle_owned(unread, NOW);
                }
                _ => {}
            }
        }
        while let Some(bytes) = self.client.poll_transmit() {
            let next = format!("a{} IDLE\r\n", self.tags + 1);
            if bytes.ends_with(next.as_bytes())
                && let Some((_, tag)) = &self.idle
            {
                self.tags += 1;
                self.by_recorded.insert(tag.clone(), Some(format!("a{}", self.tags)));
            }
            self.idles |= bytes.ends_with(b" IDLE\r\n");
            self.sent.push(&bytes);
        }
    }
}

/// The name of a misuse.
fn kind(misuse: &Misuse) -> String {
    match misuse {
        Misuse::State { .. } => "not valid in the state".into(),
        Misuse::Encode(error) => format!("cannot be encoded: {error}"),
        misuse => misuse.to_string(),
    }
}

/// Of each literal in a message, whether its sender has to wait.
fn literals(bytes: &[u8]) -> VecDeque<bool> {
    let mut framer = Framer::new(Side::Client, FramerOptions::new(&DecodeOptions::tolerant_of_clients()));
    framer.push(bytes);
    loop {
        match framer.next_event() {
            Some(FrameEvent::Literal(_)) => framer.accept(),
            Some(FrameEvent::Message(frame)) => {
                return frame.literals().map(|literal| !literal.non_sync).collect();
            }
            Some(_) => {}
            None => return VecDeque::new(),
        }
    }
}
