//! The recorded client, and a server session whose owner says what the recorded server said.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use imap_codec::Side;
use imap_fsm::{
    error::Misuse,
    server::{Config, Event, Id, Reply, Request, Server},
    time::Time,
};
use imap_types::{
    capability::Capability,
    code::Code,
    response::{Data, Greeting, GreetingKind, Response, Status, StatusResponse},
};

use super::{Departure, Known, Outcomes, first_word};
use crate::{
    codec::Message,
    corpus::Capture,
    session::Judgement,
    stream::{Item, Outcome},
};

const NOW: Time = Time::ZERO;

/// The extensions without which a command is refused.
const EXTENSIONS: &str = "STARTTLS SASL-IR ENABLE IDLE NAMESPACE UNSELECT UIDPLUS MOVE ESEARCH SEARCHRES LIST-EXTENDED \
    LITERAL+ COMPRESS=DEFLATE UNAUTHENTICATE REPLACE NOTIFY ID QUOTA QUOTASET ACL METADATA LANGUAGE \
    I18NLEVEL=2 CONVERT MAILBOX-REFERRALS JMAPACCESS URLAUTH MULTISEARCH SORT THREAD=REFERENCES CONTEXT=SEARCH UIDBATCHES \
    MULTIAPPEND CATENATE BINARY";

struct Replay {
    server: Server,
    /// The commands in flight by their tags.
    ids: BTreeMap<Vec<u8>, Id>,
    /// The AUTHENTICATE in flight.
    authenticate: Option<Id>,
    /// How the session answered by itself.
    answered: BTreeMap<Vec<u8>, (Status, String)>,
    /// What was recorded and could not be said yet, because its command was not handed over.
    waiting: Vec<(u64, Response)>,
    /// The tags of commands that cannot be read, or whose literals were refused.
    unread: BTreeSet<Vec<u8>>,
    /// How many bytes were sent in the place of payloads that were not recorded.
    filled: u64,
    over: bool,
    logout: bool,
    departures: Vec<Departure>,
    /// What is sent.
    sent: Vec<u8>,
}

/// The bytes of the client through a server session, chunk by chunk or byte by byte.
#[must_use]
pub fn replay_to_server(capture: &Capture, judgement: &Judgement, bytewise: bool) -> Outcomes {
    let refuses: Arc<Mutex<Option<Reply>>> = Arc::default();
    let asked = Arc::clone(&refuses);
    let mut config = Config::new(capabilities(judgement)).expect("names");
    config.require_tls = false;
    config.hand_over_unknown = true;
    config.bad_commands = u32::MAX;
    config.bad_commands_before = u32::MAX;
    config.limits_before = config.decode.limits;
    config.parallel = 16;
    config.relay_invalid = true;
    config.authorize = Some(Arc::new(move |request: &Request<'_>| {
        match request.payload.and_then(|_| asked.lock().ok()?.take()) {
            Some(reply) => Err(reply),
            None => Ok(()),
        }
    }));
    let mut replay = Replay {
        server: Server::new(Arc::new(config), NOW),
        ids: BTreeMap::new(),
        authenticate: None,
        answered: BTreeMap::new(),
        waiting: Vec::new(),
        unread: unread(capture, judgement),
        filled: 0,
        over: false,
        logout: false,
        departures: Vec::new(),
        sent: Vec::new(),
    };
    let (mut heard, mut said) = (0, 0);
    let mut items = judgement.server.iter().peekable();
    let stream = capture.stream(Side::Server);
    let stream_of_client = capture.stream(Side::Client);
    for chunk in &capture.chunks {
        if replay.over {
            break;
        }
        match chunk.from {
            Side::Client => {
                let start = heard;
                heard += chunk.bytes.len() as u64;
                let refused = judgement.client.iter().find(|item| {
                    item.outcome == Outcome::Refused && item.end() > start && item.end() <= heard
                });
                if let Some(item) = refused {
                    let header = &stream_of_client[item.offset as usize..item.end() as usize];
                    let tag = first_word(header);
                    *refuses.lock().expect("nobody panics") = reply_to(judgement, tag);
                }
                if bytewise {
                    for byte in chunk.bytes.chunks(1) {
                        replay.server.handle_bytes(byte, NOW);
                        replay.drain();
                    }
                } else {
                    replay.server.handle_bytes(&chunk.bytes, NOW);
                    replay.drain();
                }
                let untaken = refuses.lock().expect("nobody panics").take().is_some();
                if let Some(item) = refused.filter(|_| untaken) {
                    replay.fill(&stream_of_client[item.offset as usize..item.end() as usize]);
                }
            }
            Side::Server => {
                said += chunk.bytes.len() as u64;
                while let Some(item) = items.next_if(|item| item.end() <= said) {
                    replay.server_says(item, &stream[item.offset as usize..item.end() as usize]);
                }
            }
        }
    }
    let server = &replay.server;
    let enabled = server.capabilities().enabled().map(String::from);
    let end = Known::of(server.state(), server.mailbox(), enabled);
    for (offset, response) in &replay.waiting {
        replay
            .departures
            .push(Departure { offset: *offset, what: format!("never said: {}", response.name()) });
    }
    Outcomes { departures: replay.departures, end: Some(end) }
}

/// All that the recorded server can do, and what clients tried besides.
fn capabilities(judgement: &Judgement) -> Vec<Capability> {
    let mut all: Vec<Capability> = Vec::new();
    let mut add = |list: &[Capability]| {
        for capability in list {
            if !capability.is("LOGINDISABLED") && !all.iter().any(|known| known.is(capability.as_str())) {
                all.push(capability.clone());
            }
        }
    };
    for item in &judgement.server {
        match item.message() {
            Some(Message::Greeting(Greeting { code: Some(Code::Capability(list)), .. })) => add(list),
            Some(Message::Response(Response::Status(StatusResponse {
                code: Some(Code::Capability(list)),
                ..
            }))) => add(list),
            Some(Message::Response(Response::Data(Data::Capability(list)))) => add(list),
            _ => {}
        }
    }
    if all.is_empty() {
        all.extend(Capability::try_from("IMAP4rev1"));
    }
    for name in EXTENSIONS.split_whitespace() {
        if !all.iter().any(|known| known.is(name)) {
            all.extend(Capability::try_from(name));
        }
    }
    for item in &judgement.client {
        if let Some(Message::Client(imap_types::command::ClientMessage::Command(command))) = item.message()
            && let imap_types::command::CommandBody::Authenticate { mechanism, .. } = &command.body
        {
            let auth = Capability::auth(mechanism);
            if !all.iter().any(|known| known.is(auth.as_str())) {
                all.push(auth);
            }
        }
    }
    all
}

/// The tags of commands that cannot be read, or whose literals were refused.
fn unread(capture: &Capture, judgement: &Judgement) -> BTreeSet<Vec<u8>> {
    let stream = capture.stream(Side::Client);
    let tag = |item: &Item| first_word(&stream[item.offset as usize..]).to_vec();
    judgement.client.iter().filter(|item| item.message().is_none()).map(tag).collect()
}

/// What a reply of the session says, without the names in it.
fn reason(text: &str) -> &str {
    let known = [
        "there is no such message",
        "the mailbox is read-only",
        "is not valid in the state",
        "message numbers may have changed",
        "is not supported here",
        "IDLE terminated",
        "ENABLE completed",
    ];
    known.into_iter().find(|known| text.contains(known)).unwrap_or(text.trim_end())
}

/// What the recorded server said at the end of the command of that tag.
fn reply_to(judgement: &Judgement, tag: &[u8]) -> Option<Reply> {
    judgement.server.iter().find_map(|item| match item.message() {
        Some(Message::Response(Response::Status(status)))
            if status.tag.as_ref().is_some_and(|its| its.as_bytes() == tag) =>
        {
            Some(Reply { status: status.status, code: status.code.clone(), text: status.text.clone() })
        }
        _ => None,
    })
}

impl Replay {
    /// The recorded server refused a literal that the session takes, because it cannot read the command so far.
    fn fill(&mut self, header: &[u8]) {
        let text = String::from_utf8_lossy(header);
        let size = text.rsplit('{').next().and_then(|rest| rest.split('}').next()?.parse::<usize>().ok());
        let mut payload = vec![b' '; size.unwrap_or_default()];
        payload.extend_from_slice(b"\r\n");
        self.filled += payload.len() as u64;
        self.server.handle_bytes(&payload, NOW);
        self.drain();
    }

    fn departs(&mut self, offset: u64, what: String) {
        self.departures.push(Departure { offset, what });
    }

    fn server_says(&mut self, item: &Item, bytes: &[u8]) {
        let Outcome::Message(message, _) = &item.outcome else {
            // It is listed as malformed; its command ends all the same.
            if let Some(id) = self.ids.remove(first_word(bytes)) {
                let reply = Reply::no("unread").expect("the text is fine");
                self.server.complete(id, reply, NOW).expect("a refusal is always possible");
                self.drain();
            }
            return;
        };
        match &**message {
            Message::Greeting(greeting) => {
                let kind = greeting.kind;
                let mut greeting = Greeting { code: None, ..greeting.clone() };
                if kind == GreetingKind::Bye {
                    greeting.code = None;
                }
                self.server.greet(greeting, NOW).expect("the greeting is the first");
            }
            Message::Response(response) => self.say(item.offset, response.clone()),
            Message::Client(_) => {}
        }
        self.drain();
        let mut waiting = std::mem::take(&mut self.waiting).into_iter();
        for (offset, response) in waiting.by_ref() {
            let before = self.waiting.len();
            self.say(offset, response);
            self.drain();
            if self.waiting.len() > before {
                break;
            }
        }
        self.waiting.extend(waiting);
    }

    fn say(&mut self, offset: u64, response: Response) {
        let result = match response {
            Response::Continuation(continuation) => match self.authenticate {
                Some(id) => {
                    let challenge =
                        continuation.challenge.map(|data| data.expose().clone()).unwrap_or_default();
                    self.server.challenge(id, challenge, NOW)
                }
                // The session asks for literals by itself, and lets IDLE begin.
                None => Ok(()),
            },
            // The session tells these by itself.
            Response::Data(Data::Capability(_) | Data::Enabled(_)) => Ok(()),
            Response::Data(data) => self.server.data(data, NOW),
            Response::Status(status) => match &status.tag {
                None if status.status == Status::Bye => {
                    if self.logout {
                        Ok(())
                    } else {
                        self.server.bye(status.code, &status.text.to_string(), NOW)
                    }
                }
                None => self.server.status(status, NOW),
                Some(tag) => {
                    let tag = tag.as_bytes().to_vec();
                    if let Some((ours, text)) = self.answered.remove(&tag) {
                        if ours != status.status && !self.unread.contains(&tag) {
                            let theirs = status.status;
                            self.departs(offset, format!("answers {ours} for {theirs}: {}", reason(&text)));
                        }
                        return;
                    }
                    let Some(id) = self.ids.get(&tag).copied() else {
                        self.waiting.push((offset, Response::Status(status)));
                        return;
                    };
                    // The capabilities are those of the session.
                    let code = status.code.filter(|code| !matches!(code, Code::Capability(_)));
                    let reply = Reply { status: status.status, code, text: status.text };
                    let result = self.server.complete(id, reply.clone(), NOW);
                    if let Err(Misuse::Forbidden(_)) = result {
                        // The client waits for an end all the same.
                        let no = Reply { status: Status::No, ..reply };
                        self.server.complete(id, no, NOW).expect("a refusal is always possible");
                    }
                    self.ids.remove(&tag);
                    if self.authenticate == Some(id) {
                        self.authenticate = None;
                    }
                    result
                }
            },
            _ => Ok(()),
        };
        match result {
            Ok(()) => {}
            Err(Misuse::Forbidden(violation)) => {
                self.departs(offset, format!("forbidden: {}", violation.rule.id()));
            }
            Err(misuse) => self.departs(offset, format!("refused: {misuse}")),
        }
    }

    fn drain(&mut self) {
        loop {
            let mut silent = true;
            while let Some(event) = self.server.poll_event() {
                silent = false;
                self.take(event);
            }
            while let Some(bytes) = self.server.poll_transmit() {
                silent = false;
                self.sent.extend_from_slice(&bytes);
            }
            if silent {
                break;
            }
        }
        // What the session answered by itself: tagged lines of commands that were not handed over.
        let sent = std::mem::take(&mut self.sent);
        for line in sent.split_inclusive(|byte| *byte == b'\n') {
            let tag = first_word(line);
            let rest = line.get(tag.len() + 1..).unwrap_or_default();
            let status = [(&b"OK "[..], Status::Ok), (b"NO ", Status::No), (b"BAD ", Status::Bad)]
                .into_iter()
                .find_map(|(word, status)| rest.starts_with(word).then_some(status));
            if let Some(status) = status
                && !matches!(tag, b"*" | b"+")
            {
                self.answered.insert(tag.to_vec(), (status, String::from_utf8_lossy(rest).into_owned()));
            }
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Command { id, command } => {
                if matches!(command.body, imap_types::command::CommandBody::Authenticate { .. }) {
                    self.authenticate = Some(id);
                }
                self.ids.insert(command.tag.as_bytes().to_vec(), id);
            }
            Event::Violation(violation) => self.departs(
                violation.place.offset.saturating_sub(self.filled),
                format!("violation: {}", violation.rule.id()),
            ),
            Event::StartTls(_) => self.over = true,
            Event::Compress(token) => {
                let unread = token.unread().clone();
                self.server.compression_up(token, NOW);
                self.server.handle_owned(unread, NOW);
            }
            Event::Ended(end) => self.logout |= end == imap_fsm::server::End::LoggedOut,
            _ => {}
        }
    }
}
