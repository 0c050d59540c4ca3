//! What has to hold between what was done and what the sessions said.

use imap_fsm::{
    client::Handle,
    mailbox::{By, View},
    server::Id,
};
use imap_types::{
    append::{AppendData, AppendMessage, CatPart},
    command::{AuthenticateData, CommandBody},
    fetch::{MsgAtt, Payload},
    number::SeqNum,
    octets::Octets,
    response::{Data, Status, StatusResponse},
    sequence::SequenceSet,
    string::{Form, IString, NString},
    vec1::Vec1,
};

use super::{Fate, Got, Pair, Sent};
use crate::rng::Rng;

/// The replies that a session gives by itself to what the client was free to try.
const REFUSALS: [&str; 9] = [
    "there is no such message",
    "the mailbox is read-only",
    " is no command here",
    "there is no such command",
    "this mechanism is not supported",
    "begin TLS first",
    "the literal is too large",
    "message numbers are not used any more",
    "AUTHENTICATE cancelled",
];

impl Pair {
    /// A command of the user came to its end: once, and as the owner of the server said.
    pub(super) fn end_of(&mut self, handle: Handle, end: Result<StatusResponse, bool>) {
        let Some(sent) = self.sent.get_mut(&handle) else {
            self.fail(&format!("nobody submitted {handle}"));
        };
        if sent.end.is_some() {
            self.fail(&format!("{handle} ends twice"));
        }
        sent.end = Some(end.clone());
        if self.challenged == Some(handle) {
            self.challenged = None;
        }
        let name = sent.body.name().into_owned();
        let Ok(reply) = end else {
            return self.count(format!("aborted, written: {}", end == Err(true)));
        };
        if matches!(&*name, "SELECT" | "EXAMINE") {
            self.doubt = reply.status == Status::Bad;
        }
        self.count(format!("{name} {}", reply.status));
        let tag = reply.tag.as_ref().expect("a reply has a tag").as_str();
        let sent = &self.sent[&handle];
        match self.owner.by_tag().get(tag) {
            Some(got) => {
                if let Err(what) = agrees(sent, got, &reply, self.asks) {
                    self.fail(&format!(
                        "{handle}: {what}\n  sent {sent:?}\n  got {got:?}\n  reply {reply:?}"
                    ));
                }
            }
            None => {
                if let Err(what) = is_answered_by_session(sent, &reply, self.asks) {
                    self.fail(&format!("{handle}: {what}\n  sent {sent:?}\n  reply {reply:?}"));
                }
            }
        }
    }

    /// Data came: what the owner of the server sent comes in order, and all of it.
    pub(super) fn received(&mut self, data: &Data) {
        let Some(told) = self.owner.told.front() else { return };
        if !same_data(told, data) {
            return;
        }
        self.owner.told.pop_front();
        // What was streamed was taken piece by piece.
        if let Some(bytes) = payload_of(data) {
            assert_eq!(Some(bytes), self.owner.payloads.pop_front());
        }
    }

    /// A line of AUTHENTICATE came: what the user answered, or the initial response that had to wait.
    pub(super) fn check_answer(&mut self, id: Id, data: &AuthenticateData) {
        if let Some(answer) = self.answers.front()
            && answer == data
        {
            self.answers.pop_front();
            return;
        }
        let held = self.sent.values().filter(|sent| sent.end.is_none()).find_map(|sent| {
            if let CommandBody::Authenticate { initial_response: Some(response), .. } = &sent.body {
                Some(AuthenticateData::Response(response.clone()))
            } else {
                None
            }
        });
        if held.as_ref() != Some(data) {
            self.fail(&format!("nobody answered {id:?} with {data:?}"));
        }
        // The challenge was not shown to the user.
        self.owner.challenges.pop_front();
    }

    /// Nothing moves any more: everybody agrees.
    pub(super) fn check_quiet(&mut self) {
        if self.client_over.is_some() || self.server_over.is_some() {
            return;
        }
        if !self.owner.told.is_empty() {
            self.fail(&format!("never received: {:?}", self.owner.told));
        }
        assert!(self.owner.payloads.is_empty() && self.owner.challenges.is_empty(), "something was lost");
        assert!(self.answers.is_empty(), "an answer was lost");
        let waiting = self.sent.iter().find(|(_, sent)| sent.end.is_none() && sent.body != CommandBody::Idle);
        if let Some((handle, sent)) = waiting {
            self.fail(&format!("{handle} never ends: {sent:?}\n{:?}\n{:?}", self.client, self.server));
        }
        let states = [self.client.state(), self.server.state(), self.observer.observer().state()];
        if states[0] != states[1] || states[0] != states[2] {
            self.fail(&format!("client, server and observer are in {states:?}"));
        }
        match (self.client.mailbox(), self.server.mailbox()) {
            (Some(client), Some(server)) => {
                if let Err(what) = same_view(client, server, self.doubt) {
                    self.fail(&format!("the views differ: {what}"));
                }
            }
            (None, None) => {}
            views => self.fail(&format!("one view is missing: {views:?}")),
        }
        if let (Some(observer), Some(server)) = (self.observer.observer().mailbox(), self.server.mailbox())
            && let Err(what) = same_view(observer, server, self.doubt)
        {
            self.fail(&format!("the observer has another view: {what}"));
        }
        for name in ["CONDSTORE", "QRESYNC", "UTF8=ACCEPT", "IMAP4rev2", "UIDONLY"] {
            let enabled = [
                self.client.capabilities().is_enabled(name),
                self.server.capabilities().is_enabled(name),
                self.observer.observer().capabilities().is_enabled(name),
            ];
            if enabled != [enabled[0]; 3] {
                self.fail(&format!("{name} is enabled for client, server, observer: {enabled:?}"));
            }
        }
        assert_eq!(self.client.is_protected(), self.server.is_protected());
    }

    /// All changes of the mailbox were told.
    pub(super) fn check_store(&mut self) {
        let (Some(view), None) = (self.server.mailbox(), self.client_over) else { return };
        let told: Vec<u32> = view
            .messages(&SequenceSet::all(), By::Number)
            .filter_map(|message| message.uid.map(|uid| uid.get()))
            .collect();
        let there = self.owner.messages();
        if told != there {
            self.fail(&format!("the client was told of {told:?}, but these are there: {there:?}"));
        }
    }

    /// Both sessions are over: each command ended once, and nothing more comes.
    pub(super) fn check_over(&mut self) {
        if self.client_over.is_none() || self.server_over.is_none() {
            self.fail("a session does not end");
        }
        if let Some((handle, sent)) = self.sent.iter().find(|(_, sent)| sent.end.is_none()) {
            self.fail(&format!("{handle} never ends: {sent:?}"));
        }
        if let Err(what) = self.owner.check_over() {
            self.fail(&what);
        }
        assert!(self.payload.is_none(), "a stream never ends");
        for (tag, status) in self.sent.values().filter_map(|sent| {
            let reply = sent.end.as_ref()?.as_ref().ok()?;
            Some((reply.tag.as_ref()?.as_str(), reply.status))
        }) {
            let line = format!("{tag} {:?}", Some(status));
            let times = self.seen.iter().filter(|seen| **seen == line).count();
            if times != 1 {
                self.fail(&format!("the observer saw {line} {times} times"));
            }
        }
        assert_eq!(self.client.poll_timeout(), None);
        assert_eq!(self.server.poll_timeout(), None);
        let refused = self.client.send(CommandBody::Noop, self.now);
        assert_eq!(refused, Err(imap_fsm::error::Misuse::Over));
    }

    /// Does what is refused, and changes nothing.
    pub(super) fn misuse(&mut self, rng: &mut Rng) {
        let now = self.now;
        let before = (format!("{:?}", self.client), format!("{:?}", self.server));
        // NOTIFY can be cancelled when it is over: it goes on.
        let ended = |sent: &Sent| sent.end.is_some() && !matches!(sent.body, CommandBody::Notify(_));
        let over = self.sent.iter().find(|(_, sent)| ended(sent)).map(|(handle, _)| *handle);
        let replied = self.owner.got.iter().find(|got| matches!(got.fate, Fate::Replied(..) | Fate::Aborted));
        let ok = || imap_fsm::server::Reply::ok("again").expect("the text is fine");
        let refused = match rng.below(9) {
            0 => over.map(|handle| self.client.cancel(handle, now)),
            1 => over.map(|handle| self.client.authenticate(handle, "x", now)),
            2 => over.map(|handle| self.client.done(handle, now)),
            3 => self.client.wants_upload().map(|(handle, left)| {
                let more = bytes::Bytes::from(vec![b'x'; left as usize + 1]);
                self.client.upload(handle, &more, now).map(|_| ())
            }),
            4 => replied.map(|got| self.server.complete(got.id, ok(), now)),
            5 => replied.map(|got| self.server.accept(got.id, now)),
            6 => replied.map(|got| self.server.challenge(got.id, "x", now)),
            7 if !self.server.state().is_selected() && !self.owner.is_busy() => {
                Some(self.server.data(Data::Expunge(SeqNum::try_from(1).expect("not 0")), now))
            }
            _ => {
                let greeting = imap_types::response::Greeting::ok("again").expect("the text is fine");
                Some(self.server.greet(greeting, now))
            }
        };
        match refused {
            Some(Ok(())) => self.fail("something wrong was not refused"),
            Some(Err(misuse)) => {
                let after = (format!("{:?}", self.client), format!("{:?}", self.server));
                assert_eq!(before, after, "{misuse} changed something");
            }
            None => {}
        }
    }
}

/// What was sent was received, and the reply is the one that was given.
fn agrees(sent: &Sent, got: &Got, reply: &StatusResponse, asks: bool) -> Result<(), String> {
    match &got.fate {
        Fate::Replied(status, text) if *status == reply.status && *text == reply.text.to_string() => {}
        Fate::Aborted if reply.status != Status::Ok => return is_answered_by_session(sent, reply, asks),
        fate => return Err(format!("the owner of the server knows of {fate:?}")),
    }
    // What was refused in the middle was not received.
    let refused = reply.status != Status::Ok && got.chunks.len() < streamed(&got.command.body);
    if sent.cancelled || refused || sent.uploaded.len() < streamed(&sent.body) {
        return Ok(());
    }
    let (ours, theirs) = (filled(&sent.body, &sent.uploaded), filled(&got.command.body, &got.chunks));
    if let (
        CommandBody::Authenticate { mechanism: one, initial_response: Some(_) },
        CommandBody::Authenticate { mechanism: other, initial_response: None },
    ) = (&ours, &theirs)
        && one == other
    {
        return Ok(());
    }
    if ours == theirs { Ok(()) } else { Err(format!("received as {theirs:?}")) }
}

/// The session answers some commands by itself. A client that does not ask for the capabilities tries what is not there.
fn is_answered_by_session(sent: &Sent, reply: &StatusResponse, asks: bool) -> Result<(), String> {
    let text = reply.text.to_string();
    let fine = match &sent.body {
        CommandBody::Capability | CommandBody::Logout | CommandBody::Enable(_) => reply.status == Status::Ok,
        CommandBody::Idle => reply.status == Status::Ok || text == "enough",
        _ => false,
    };
    let refused = reply.status != Status::Ok && REFUSALS.iter().any(|refusal| text.ends_with(refusal));
    let refused = refused || (!asks && text.ends_with(" is not supported here"));
    let unread = sent.cancelled && reply.status == Status::Bad;
    if fine || refused || unread { Ok(()) } else { Err("the owner of the server never saw it".into()) }
}

/// How many payloads of a command are streamed.
fn streamed(body: &CommandBody) -> usize {
    let mut count = 0;
    each_payload(&mut body.clone(), &mut |payload| {
        count += usize::from(matches!(payload, Payload::Streamed { .. }));
    });
    count
}

/// The command with its streamed payloads in place.
fn filled(body: &CommandBody, chunks: &[Vec<u8>]) -> CommandBody {
    let mut body = body.clone();
    let mut chunks = chunks.iter();
    each_payload(&mut body, &mut |payload| {
        let form = match payload {
            Payload::Streamed { form, .. } => *form,
            Payload::Data(_) => return,
        };
        if let Some(bytes) = chunks.next() {
            let form = if form == Form::Literal8 { form } else { Form::Literal };
            let bytes = Octets::from(bytes.clone());
            *payload = Payload::Data(NString::from(IString::received(bytes, form)));
        }
    });
    body
}

fn each_payload(body: &mut CommandBody, what: &mut impl FnMut(&mut Payload)) {
    let mut message = |message: &mut AppendMessage| match &mut message.data {
        AppendData::Message(payload) | AppendData::Utf8(payload) => what(payload),
        AppendData::Catenate(parts) => {
            let mut changed = parts.to_vec();
            for part in &mut changed {
                if let CatPart::Text(payload) | CatPart::Utf8(payload) = part {
                    what(payload);
                }
            }
            *parts = Vec1::try_from(changed).expect("there were parts");
        }
        _ => {}
    };
    match body {
        CommandBody::Append(append) => {
            let mut changed = append.messages.to_vec();
            changed.iter_mut().for_each(message);
            append.messages = Vec1::try_from(changed).expect("there were messages");
        }
        CommandBody::Replace(replace) => message(&mut replace.message),
        _ => {}
    }
}

/// Whether data is what was sent: with the payload in place, or streamed past it.
fn same_data(told: &Data, data: &Data) -> bool {
    let without = |data: &Data| {
        let mut data = data.clone();
        let items = match &mut data {
            Data::Fetch(fetch) => &mut fetch.items,
            Data::UidFetch(fetch) => &mut fetch.items,
            _ => return data,
        };
        for item in items {
            if let MsgAtt::BodySection { data, .. } = item {
                *data = Payload::Data(NString::NIL);
            }
        }
        data
    };
    without(told) == without(data)
}

/// The payload of data, where it is at hand.
fn payload_of(data: &Data) -> Option<Vec<u8>> {
    let items = match data {
        Data::Fetch(fetch) => &fetch.items,
        Data::UidFetch(fetch) => &fetch.items,
        _ => return None,
    };
    items.iter().find_map(|item| {
        if let MsgAtt::BodySection { data, .. } = item { data.as_bytes().map(<[u8]>::to_vec) } else { None }
    })
}

/// Whether the client knows the mailbox as the server told it: how many messages, and the UIDs that it knows. What came
/// while a SELECT was in flight, which was then BAD, may have been about either mailbox: then it does not know how many.
fn same_view(client: &View, server: &View, doubt: bool) -> Result<(), String> {
    if client.exists() != server.exists() && !(doubt && client.exists().is_none()) {
        return Err(format!("EXISTS is {:?} and {:?}", client.exists(), server.exists()));
    }
    for number in (1..=client.at_least()).filter_map(|number| SeqNum::try_from(number).ok()) {
        let (ours, theirs) = (client.uid(number), server.uid(number));
        if ours.is_some() && ours != theirs {
            return Err(format!("message {number} has the UIDs {ours:?} and {theirs:?}"));
        }
    }
    Ok(())
}
