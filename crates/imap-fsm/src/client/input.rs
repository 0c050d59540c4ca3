//! What a client receives: messages, and what follows from each.

use alloc::{format, string::String, vec::Vec};

use imap_codec::{
    Side, decode_greeting, decode_response,
    frame::{Event as FrameEvent, Frame, FrameError, LiteralStop},
    tolerance::Deviation,
};
use imap_types::{
    code::Code,
    command::{AuthenticateData, ClientMessage},
    response::{Continuation, Data, GreetingKind, Response, Status, StatusResponse},
    string::Text,
};

use super::{
    Abort, Client, Compress, End, Event, Handle, Malformed, Open, Phase, Stage, StartTls, StrayReply, Tls,
};
use crate::{
    flow::{authenticate::Challenged, idle::Replied, switch::Switch, writing::Stop},
    observer::{Completed, Note},
    route,
    timer::TimerKind,
    track::LiteralState,
    violation::{Place, Rule, Violation},
};

impl Client {
    /// Whether bytes of the server may be taken. Between STARTTLS and TLS there must be none.
    pub(super) fn takes_bytes(&mut self, any: bool) -> bool {
        match self.phase {
            Phase::Over => false,
            Phase::Switching(Switch::Tls) if any => {
                self.inject();
                false
            }
            Phase::Greeting | Phase::Running | Phase::Bye | Phase::Switching(_) => true,
        }
    }

    /// Reads up to the next event, at least one message; false where more input is needed.
    pub(super) fn read(&mut self) -> bool {
        match self.phase {
            Phase::Over => return false,
            Phase::Switching(_) if !self.eof => return false,
            Phase::Greeting | Phase::Running | Phase::Bye | Phase::Switching(_) => {}
        }
        match self.framer.next_event() {
            Some(FrameEvent::Message(frame)) => self.message(&frame),
            Some(FrameEvent::Literal(stop)) => self.literal(stop),
            Some(FrameEvent::Chunk(piece)) => {
                if self.streaming {
                    self.events.push_back(Event::Chunk(piece));
                }
            }
            Some(FrameEvent::StreamEnd) => {
                self.timers.stop(TimerKind::Literal);
                if core::mem::take(&mut self.streaming) {
                    self.events.push_back(Event::StreamEnd);
                }
            }
            Some(FrameEvent::Malformed(error)) => self.malformed_frame(error),
            Some(_) => {}
            None if self.eof => self.finish_input(),
            None => return false,
        }
        true
    }

    /// A large literal: it is streamed, or collected where the limits allow that.
    fn literal(&mut self, stop: LiteralStop) {
        if self.config.stream_above.is_none_or(|above| stop.size <= above) {
            return if stop.fits { self.framer.accept() } else { self.framer.refuse() };
        }
        let fetch = self.framer.partial_frame(b")").and_then(|frame| {
            let read = decode_response(&frame, &self.decode_options()).ok()?;
            if let Response::Data(Data::Fetch(fetch)) = read.value { Some(fetch) } else { None }
        });
        self.streaming = true;
        self.framer.stream();
        self.timers.start(TimerKind::Literal, self.now, self.config.literal_timeout);
        self.events.push_back(Event::StreamBegin { fetch, size: stop.size });
    }

    fn message(&mut self, frame: &Frame) {
        let place = Place::from(frame.span());
        self.heard = place.end();
        if self.phase == Phase::Greeting {
            return self.greeting(frame, place);
        }
        // Only where the mode changes is there anything to clone.
        let decoded = if self.tracker.capabilities().modes().rev2 {
            decode_response(frame, &self.decode_options())
        } else {
            decode_response(frame, &self.config.decode)
        };
        match decoded {
            Ok(decoded) => {
                self.tolerated(place, decoded.deviations);
                self.response(place, decoded.value);
            }
            Err(error) => {
                let head = frame.head(Side::Server);
                let completed =
                    self.tracker.server_malformed(place, error.tag.as_ref(), head.name.as_deref());
                self.events.push_back(Event::Malformed { place, error: Malformed::Decode(error) });
                self.unread_reply(completed, place);
            }
        }
    }

    /// A reply that cannot be read ends its command all the same.
    fn unread_reply(&mut self, completed: Option<Completed>, place: Place) {
        if let Some(completed) = completed {
            let refused = matches!(completed.status, Some(Status::No | Status::Bad));
            if matches!(&*completed.name, "STARTTLS" | "COMPRESS") && !refused {
                // Nobody knows what the next byte is.
                return self.end(End::Unreadable);
            }
            let written = |open: &Open| open.tag != completed.tag || matches!(open.stage, Stage::Written);
            if completed.status.is_none() && !self.commands.iter().all(|open| written(open)) {
                // Nor whether the server still waits for the literal.
                return self.end(End::Unreadable);
            }
            let reply = StatusResponse {
                tag: Some(completed.tag),
                status: completed.status.unwrap_or(Status::Bad),
                code: None,
                text: Text::default(),
            };
            self.reply(reply, place);
        }
    }

    fn tolerated(&mut self, place: Place, deviations: Vec<Deviation>) {
        if !deviations.is_empty() {
            self.events.push_back(Event::Tolerated { place, deviations });
        }
    }

    fn malformed_frame(&mut self, error: FrameError) {
        // As far as it was read.
        let place = Place::new(error.offset, error.at.saturating_sub(error.offset));
        let fatal = !error.recoverable;
        let completed = self.tracker.server_malformed(place, error.tag.as_ref(), error.name.as_deref());
        self.events.push_back(Event::Malformed { place, error: Malformed::Frame(error) });
        if fatal {
            self.end(End::Unreadable);
        } else {
            self.unread_reply(completed, place);
        }
    }

    fn greeting(&mut self, frame: &Frame, place: Place) {
        self.timers.stop(TimerKind::Greeting);
        let greeting = match decode_greeting(frame, &self.config.decode) {
            Ok(decoded) => {
                self.tolerated(place, decoded.deviations);
                decoded.value
            }
            Err(_) => {
                let message = String::from("the first message of the server is no greeting");
                self.events.push_back(Event::Violation(Violation {
                    rule: Rule::GreetingMissing,
                    place,
                    message,
                }));
                return self.end(End::Violation);
            }
        };
        let kind = greeting.kind;
        self.tracker.server_greeting(&greeting);
        self.events.push_back(Event::Greeting(greeting));
        match kind {
            GreetingKind::Bye => return self.end(End::Bye),
            //= rfc9051#section-7.1.4
            //# Clients that require mandatory TLS MUST close the connection after receiving the PREAUTH
            //# response on a non-protected port.
            // STARTTLS is not possible any more (RFC 9051 section 7.1.4).
            GreetingKind::PreAuth if !self.protected && self.config.tls == Tls::Required => {
                return self.end(End::Violation);
            }
            GreetingKind::PreAuth | GreetingKind::Ok => {}
        }
        self.phase = Phase::Running;
        self.tell_capabilities();
        self.ask_capabilities();
    }

    /// Tells that the capabilities are known, where they are.
    fn tell_capabilities(&mut self) {
        if self.tracker.capabilities().advertises("").is_some() {
            self.events.push_back(Event::Capabilities);
        }
    }

    fn response(&mut self, place: Place, response: Response) {
        let awaiting = self.tracker.literal() == LiteralState::Awaiting;
        self.tracker.server_message(place, &response);
        if !self.tracker.found.is_empty() {
            self.violations();
            if self.phase == Phase::Over {
                return;
            }
        }
        //= rfc9051#section-2.2.2
        //# A client MUST be prepared to accept any server response at all times.
        //= rfc9051#section-7
        //# The client MUST be prepared to accept any response at all times.
        match response {
            Response::Status(status) if status.tag.is_some() => self.reply(status, place),
            Response::Status(status) => self.untagged(status),
            Response::Data(data) => self.data(data),
            Response::Continuation(continuation) => self.continuation(continuation, awaiting),
            _ => {}
        }
    }

    /// Tells what the last message violated. What nothing can be built on any more ends the session.
    fn violations(&mut self) {
        let mut fatal = false;
        // What the client itself did was judged before it was done, by what was known then.
        let found = core::mem::take(&mut self.tracker.found);
        for violation in found.into_iter().filter(|violation| violation.by() == Side::Server) {
            let stray = matches!(violation.rule, Rule::UnknownTag | Rule::ReplyRepeated);
            fatal |= violation.rule == Rule::ReplyBeforeCommand
                || (stray && self.config.stray_reply == StrayReply::End);
            self.events.push_back(Event::Violation(violation));
        }
        if fatal {
            self.end(End::Violation);
        }
    }

    fn untagged(&mut self, status: StatusResponse) {
        let bye = status.status == Status::Bye;
        let told = matches!(status.code, Some(Code::Capability(_)));
        self.events.push_back(Event::Status(status));
        if told {
            self.events.push_back(Event::Capabilities);
        }
        if bye {
            //= rfc9051#section-7.1.5
            //# In all cases, the client SHOULD continue to read response data from the server until the
            //# connection is closed; this will ensure that any pending untagged or completion responses are
            //# read and processed.
            self.phase = Phase::Bye;
        }
    }

    fn data(&mut self, data: Data) {
        let told = matches!(data, Data::Capability(_));
        let of = self.asks_for(&data);
        let silent = of.is_some_and(|handle| self.sent().any(|open| open.handle == handle.0 && open.silent));
        self.events.push_back(Event::Data { data, of: of.filter(|_| !silent) });
        if told {
            self.events.push_back(Event::Capabilities);
        }
    }

    /// The command that the data seems to answer.
    fn asks_for(&self, data: &Data) -> Option<Handle> {
        if let Data::Fetch(fetch) = data {
            let takes = |open: &&Open| open.wanted.as_ref().is_some_and(|wanted| wanted.takes(fetch));
            return self.sent().find(takes).map(|open| Handle(open.handle));
        }
        if let Data::UidFetch(fetch) = data {
            let takes = |open: &&Open| open.wanted.as_ref().is_some_and(|wanted| wanted.takes_uid(fetch));
            return self.sent().find(takes).map(|open| Handle(open.handle));
        }
        if let Some(tag) = route::esearch_tag(data) {
            let sent = self.sent().find(|open| open.tag.as_bytes() == tag).map(|open| open.handle);
            return sent.or_else(|| self.standing.search_of(tag)).map(Handle);
        }
        if matches!(data, Data::Status(_)) {
            // LIST may ask for it too (RFC 5819), but STATUS does.
            let asks = self.sent().find(|open| &*open.traits.name == "STATUS");
            if let Some(open) = asks {
                return Some(Handle(open.handle));
            }
        }
        let earlier = matches!(data, Data::Vanished { earlier: true, .. });
        let name = if earlier { "VANISHED (EARLIER)" } else { data.name() };
        self.sent().find(|open| route::answers(name, &open.traits.name)).map(|open| Handle(open.handle))
    }

    /// `+`: for whoever waits for it.
    fn continuation(&mut self, continuation: Continuation, awaiting: bool) {
        if awaiting {
            if let Some(writing) = &mut self.writing {
                writing.1.proceed(&mut self.outbox);
            }
            let place = Place::new(self.outbox.end(), 0);
            self.tracker.client_literal_data(place);
            self.timers.stop(TimerKind::Literal);
            return;
        }
        if let Some(idle) = &mut self.idle
            && idle.on_continuation()
        {
            let handle = Handle(idle.handle);
            if !core::mem::replace(&mut idle.told, true) {
                self.events.push_back(Event::Idling(handle));
            }
            self.timers.start(TimerKind::IdleRenew, self.now, self.config.idle_renew);
            self.restart_reply_timer();
            return;
        }
        let Some(flow) = &mut self.authenticate else { return };
        let handle = Handle(flow.handle);
        // What is no base64 is not the empty challenge: what is held is not given away for it.
        let empty = continuation.challenge.as_ref().is_some_and(|data| data.expose().is_empty());
        match flow.on_challenge(empty) {
            Challenged::Answer(answer) => {
                let answer = ClientMessage::AuthenticateData(AuthenticateData::Response(answer));
                // OK because base64 can always be encoded.
                let _ = self.write_line(&answer);
            }
            Challenged::Ask => self.events.push_back(Event::Challenge { handle, challenge: continuation }),
            Challenged::Nothing => {}
        }
    }

    /// A tagged reply: the end of a command.
    fn reply(&mut self, reply: StatusResponse, place: Place) {
        let note = self.tracker.note.take();
        let Some(tag) = &reply.tag else { return };
        let Some(at) = self.commands.iter().position(|open| open.tag == *tag) else {
            self.events.push_back(Event::Status(reply));
            return;
        };
        let early = self
            .commands
            .get(at)
            .filter(|open| !matches!(open.stage, Stage::Written) || place.end() <= open.heard_before);
        let early = early.map(|open| open.handle);
        if let Some(handle) = early
            && !self.refuses_literal(handle, reply.status)
        {
            let message = format!("{tag} was answered before all of the command was sent");
            let rule = Rule::ReplyBeforeCommand;
            self.events.push_back(Event::Violation(Violation { rule, place, message }));
            return self.end(End::Violation);
        }
        if early.is_some() {
            self.writing = None;
            self.timers.stop(TimerKind::Literal);
        }
        let Some(open) = self.commands.remove(at) else { return };
        if self.authenticate.as_ref().is_some_and(|flow| flow.handle == open.handle) {
            self.authenticate = None;
        }
        let ok = reply.status == Status::Ok;
        let told = matches!(reply.code, Some(Code::Capability(_)));
        self.restart_reply_timer();
        self.complete(&open, reply);
        // What comes with the OK to STARTTLS is not believed.
        if told && self.capabilities().advertises("").is_some() {
            self.events.push_back(Event::Capabilities);
        }
        if ok {
            self.standing.on_completed(&open.traits.name);
            if let Some(standing) = open.standing {
                self.standing.push(open.handle, standing, &open.tag);
            }
        }
        match (&*open.traits.name, ok) {
            ("STARTTLS", true) if note == Some(Note::Tls) && self.phase == Phase::Running => self.start_tls(),
            ("COMPRESS", true) if note == Some(Note::Compress) && self.phase == Phase::Running => {
                self.phase = Phase::Switching(Switch::Compress);
                let unread = self.framer.take_unread();
                let len = u64::try_from(unread.len()).unwrap_or(u64::MAX);
                self.received = self.received.saturating_sub(len);
                self.events.push_back(Event::Compress(Compress { sealed: (), unread }));
            }
            ("LOGIN" | "AUTHENTICATE" | "UNAUTHENTICATE", true) => self.ask_capabilities(),
            //= rfc9051#section-3.4
            //# the client MUST read the tagged OK response to the LOGOUT command before the client closes the
            //# connection.
            ("LOGOUT", true) => self.end(End::LoggedOut),
            _ => {}
        }
    }

    /// Whether a reply that comes early is the refusal of the literal of that command, which waits for `+`.
    fn refuses_literal(&self, handle: u64, status: Status) -> bool {
        let waits = self
            .writing
            .as_ref()
            .is_some_and(|writing| writing.0 == handle && matches!(writing.1.stop(), Stop::Continuation(_)));
        waits && matches!(status, Status::No | Status::Bad)
    }

    /// Tells the owner of the command that it is over.
    fn complete(&mut self, open: &Open, reply: StatusResponse) {
        if let Some(idle) = &mut self.idle
            && idle.handle == open.handle
        {
            self.timers.stop(TimerKind::IdleRenew);
            if idle.on_reply(reply.status == Status::Ok) == Replied::Again {
                return;
            }
            self.idle = None;
        } else if open.silent {
            return;
        }
        self.events.push_back(Event::Completed { handle: Handle(open.handle), reply });
    }

    /// The server took STARTTLS. What it sent behind that was sent in the clear, by whomever.
    fn start_tls(&mut self) {
        //= rfc9051#section-6.1.1
        //# Client and server implementations MUST implement the STARTTLS (Section 6.2.1) and LOGINDISABLED
        //# capabilities on cleartext ports.
        if !self.framer.is_idle() {
            return self.inject();
        }
        self.phase = Phase::Switching(Switch::Tls);
        self.events.push_back(Event::StartTls(StartTls { sealed: () }));
    }

    fn inject(&mut self) {
        self.tracker.data_after_starttls(Place::new(self.heard, 0));
        self.violations();
        self.end(End::Violation);
    }

    /// The input is over, and all of it was read.
    fn finish_input(&mut self) {
        let logout = self.sent().any(|open| &*open.traits.name == "LOGOUT");
        let why = match self.phase {
            Phase::Bye if logout => End::LoggedOut,
            Phase::Bye => End::Bye,
            Phase::Greeting | Phase::Running | Phase::Switching(_) | Phase::Over => End::Closed,
        };
        self.end(why);
    }

    /// Ends the session: every open command and stream ends, once.
    pub(super) fn end(&mut self, why: End) {
        if self.phase == Phase::Over {
            return;
        }
        self.phase = Phase::Over;
        self.tracker.eof();
        if core::mem::take(&mut self.streaming) {
            self.events.push_back(Event::StreamAborted);
        }
        if let Some(idle) = self.idle.take() {
            let written = self.commands.iter().any(|open| open.handle == idle.handle);
            let handle = Handle(idle.handle);
            self.events.push_back(Event::Aborted { handle, written, why: Abort::Ended });
        }
        self.writing = None;
        self.authenticate = None;
        for open in core::mem::take(&mut self.commands) {
            if !open.silent {
                let written = matches!(open.stage, Stage::Written);
                let handle = Handle(open.handle);
                self.events.push_back(Event::Aborted { handle, written, why: Abort::Ended });
            }
        }
        self.outbox.clear();
        self.events.push_back(Event::Ended(why));
    }
}
