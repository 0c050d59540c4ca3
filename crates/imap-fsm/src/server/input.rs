//! What a server receives: commands, their literals, and the lines of AUTHENTICATE and IDLE.

use alloc::{boxed::Box, string::ToString as _, vec::Vec};
use core::mem;

use imap_codec::{
    DecodeOptions, Decoded, Mode, Side, decode_client_message, decode_command,
    error::DecodeError,
    frame::{Event as FrameEvent, Frame, FrameError, FrameErrorKind, Head, LiteralStop, Span},
};
use imap_types::{
    atom::Tag,
    capability::Capability,
    code::Code,
    command::{AuthenticateData, ClientMessage, Command, CommandBody},
    response::{Continuation, Data, Response, Status},
    string::Text,
};

use super::{
    Active, Broken, Compress, End, Event, Held, Id, Kind, Late, Malformed, Phase, Receiving, Reply, Server,
    StartTls,
    check::{enabled_by, is_known},
};
use crate::{
    error::Misuse,
    flow::switch::Switch,
    pending::{name_of, row_of},
    permit::{self, Effect},
    state::{State, table},
    timer::TimerKind,
    track::Literal,
    violation::{Place, Rule, Violation},
};

impl Server {
    /// Whether bytes of the client may be taken.
    pub(super) fn takes_bytes(&mut self, bytes: &[u8]) -> bool {
        let Some(first) = bytes.first() else { return true };
        let starts = !mem::replace(&mut self.started, true);
        match self.phase {
            Phase::Over => false,
            Phase::Switching(Switch::Tls) | Phase::Draining(Switch::Tls) => {
                self.inject();
                false
            }
            // The first byte of a TLS record: whoever sends that will not understand what is said here.
            Phase::Greeting | Phase::Running if starts && *first == TLS_HANDSHAKE && !self.protected => {
                self.end(End::Violation);
                false
            }
            Phase::Running if self.awaits_tls() => {
                self.inject();
                false
            }
            Phase::Greeting | Phase::Running | Phase::Draining(_) | Phase::Switching(_) => true,
        }
    }

    /// Whether STARTTLS is in flight: nothing may come behind it.
    fn awaits_tls(&self) -> bool {
        self.commands.iter().any(|active| active.row.name == "STARTTLS")
    }

    /// Whether a message may be read now.
    pub(super) fn may_read(&self) -> bool {
        self.phase == Phase::Running
            && self.writing.is_none()
            && self.held.is_none()
            && (!self.literal_waits || self.commands.is_empty())
            && self.outbox.held() <= self.config.backlog
            && self.receiving.as_ref().is_none_or(|receiving| receiving.asked.is_none())
            && match self.commands.back() {
                None => true,
                Some(last) => match last.kind {
                    Kind::Idle | Kind::Authenticate(true) => true,
                    Kind::Authenticate(false) => false,
                    Kind::Plain => self.commands.len() < self.config.parallel,
                },
            }
    }

    /// Reads up to the next event; false where nothing can be done. A command is put into `event`, unless others have to be
    /// told before it: it is large, and there it needs no more to be moved.
    pub(super) fn read(&mut self, event: &mut Option<Event>) -> bool {
        if let Phase::Draining(switch) = self.phase {
            return self.outbox.is_empty() && self.switch(switch);
        }
        if self.phase == Phase::Running && self.writing.is_none() && self.hand_over_held(event) {
            return true;
        }
        if self.eof && matches!(self.phase, Phase::Switching(_)) {
            self.end(End::Closed);
            return true;
        }
        if !self.may_read() {
            return false;
        }
        // Nearly always there are none, which is quicker asked than any of them.
        let challenged = !self.commands.is_empty()
            && self.commands.iter().any(|active| matches!(active.kind, Kind::Authenticate(_)));
        self.framer.keep_blank_lines(challenged);
        match self.framer.next_event() {
            Some(FrameEvent::Message(frame)) => self.message(&frame, event),
            Some(FrameEvent::Literal(stop)) => self.literal(stop),
            Some(FrameEvent::Chunk(bytes)) => {
                if let Some(receiving) = self.receiving.as_ref().filter(|receiving| receiving.streaming) {
                    self.events.push_back(Event::Chunk { id: receiving.id, bytes });
                }
            }
            Some(FrameEvent::StreamEnd) => {
                self.timers.stop(TimerKind::Literal);
                if let Some(receiving) = &mut self.receiving
                    && mem::take(&mut receiving.streaming)
                {
                    self.events.push_back(Event::UploadEnd(receiving.id));
                }
            }
            Some(FrameEvent::Malformed(error)) => self.malformed_frame(error),
            Some(FrameEvent::Skipped(span)) => self.skipped(span),
            Some(_) => {}
            None => return self.eof && self.finish_input(),
        }
        true
    }

    /// The input is over: ends the session, once nothing is in flight that its owner still answers.
    fn finish_input(&mut self) -> bool {
        let over = self.commands.iter().all(|active| active.kind != Kind::Plain);
        if over {
            self.end(End::Closed);
        }
        over
    }

    // ---- messages ----

    fn decode_options(&self) -> DecodeOptions {
        let mut options = self.config.decode.clone();
        options.limits = self.limits();
        if options.mode == Mode::Any && self.capabilities().modes().rev2 {
            options.mode = Mode::Rev2;
        }
        options
    }

    fn message(&mut self, frame: &Frame, event: &mut Option<Event>) {
        let place = Place::from(frame.span());
        self.timers.stop(TimerKind::Literal);
        if self.state() == State::NotAuthenticated && is_http(frame.as_bytes()) {
            return self.end(End::Violation);
        }
        let late = mem::take(&mut self.late);
        if late == Late::Answer && !frame.as_bytes().contains(&b' ') {
            // No command, and nothing to be repeated in a reply.
            return;
        }
        self.check_literals(frame, place);
        let expecting = self.tracker.expecting(frame.as_bytes());
        let rev2 = self.config.decode.mode == Mode::Any && self.capabilities().modes().rev2;
        // Only where the limits or the mode change is there anything to clone.
        let mut decoded = if rev2 || self.state() == State::NotAuthenticated {
            decode_client_message(frame, expecting, &self.decode_options())
        } else {
            decode_client_message(frame, expecting, &self.config.decode)
        };
        // Commands are large: they stay where they were read until they are handed over.
        match &mut decoded {
            Ok(Decoded { value, deviations }) => {
                if !deviations.is_empty() {
                    self.events.push_back(Event::Tolerated { place, deviations: mem::take(deviations) });
                }
                match value {
                    ClientMessage::Command(command) if late != Late::Nothing && is_unknown(command) => {
                        self.secret_line(place);
                    }
                    ClientMessage::Command(command) => self.command(command, place, event),
                    ClientMessage::AuthenticateData(data) => {
                        self.authenticate_data(mem::replace(data, AuthenticateData::Cancel), place);
                    }
                    ClientMessage::IdleDone => self.idle_done(place),
                    _ => {}
                }
            }
            Err(error) => self.bad_message(frame, place, late, error.clone()),
        }
    }

    /// A message that cannot be read.
    #[cold]
    fn bad_message(&mut self, frame: &Frame, place: Place, late: Late, error: DecodeError) {
        let head = frame.head(Side::Client);
        let known = head.name.as_deref().is_some_and(is_known);
        if late != Late::Nothing && !known {
            let error = DecodeError { found: Box::default(), excerpt: Box::default(), tag: None, ..error };
            self.events.push_back(Event::Malformed { place, error: Malformed::Decode(error) });
            return self.secret_line(place);
        }
        let tag = error.tag.clone().or(head.tag);
        self.expect_secret(head.name.as_deref());
        let text = Text::try_from(error.to_string().as_str()).unwrap_or_default();
        //= rfc9051#section-2.2.2
        //# Any client command with a protocol syntax error, including (but not limited to) missing or
        //# extraneous spaces or arguments, SHOULD be rejected and the client given a BAD server
        //# completion response.
        //= rfc9051#section-6.2.2
        //# When decoding the base64 data in the initial response, decoding errors MUST be treated as
        //# in any normal SASL client response, i.e., with a tagged BAD response.
        //= rfc9051#section-6.3.9.1
        //# The server MUST return a BAD tagged response in such case.
        let bad = Reply { status: Status::Bad, code: None, text };
        self.events.push_back(Event::Malformed { place, error: Malformed::Decode(error) });
        self.end_receiving();
        self.bad_line(tag, head.name.as_deref(), place, bad);
    }

    /// A line that may hold a credential and is no command that is known: of it nothing is repeated to anyone.
    #[cold]
    fn secret_line(&mut self, place: Place) {
        self.end_receiving();
        self.tracker.client_malformed(place, None, None);
        self.tell_violations();
        self.answer(None, Reply::fixed(Status::Bad, None, "expected a command"));
        self.tracker.unread_answered();
        self.count_bad();
    }

    /// A command that carries credentials was refused: what its client sends next may be the rest of them, as a line.
    pub(super) fn expect_secret(&mut self, name: Option<&str>) {
        if matches!(name, Some("LOGIN" | "AUTHENTICATE")) {
            self.late = self.late.max(Late::Secret);
        }
    }

    /// Those that did not wait and were collected: the framer stopped at no other.
    fn check_literals(&mut self, frame: &Frame, place: Place) {
        for literal in frame.literals().filter(|literal| literal.non_sync) {
            let streamed = frame.streamed().iter().any(|streamed| streamed.at == literal.at);
            if !streamed {
                let literal = Literal { size: literal.size, synchronizing: false };
                self.tracker.client_literal(place, None, None, literal);
            }
        }
        self.tell_violations();
    }

    /// A line that is neither a command nor what was awaited.
    #[cold]
    fn bad_line(&mut self, tag: Option<Tag>, name: Option<&str>, place: Place, reply: Reply) {
        let bad = reply.status == Status::Bad;
        let waits = self.commands.iter().find(|active| active.kind != Kind::Plain).map(|active| active.id);
        if let Some(id) = waits {
            //= rfc9051#section-6.2.2
            //# or if it receives an invalid base64 string (e.g., characters outside the base64 alphabet or
            //# non-terminal "="), it MUST reject the AUTHENTICATE command by sending a tagged BAD response.
            // The line belongs to the exchange, and ends it.
            self.tracker.client_malformed(place, None, None);
            self.tell_violations();
            self.end_exchange(id, reply);
        } else {
            self.tracker.client_malformed(place, tag.as_ref(), name);
            self.tell_violations();
            self.answer(tag, reply);
        }
        self.tracker.unread_answered();
        if bad {
            self.count_bad();
        }
    }

    /// Ends IDLE or AUTHENTICATE by itself.
    #[cold]
    fn end_exchange(&mut self, id: Id, reply: Reply) {
        let idle = self.commands.iter().any(|active| active.id == id && active.kind == Kind::Idle);
        self.events.push_back(if idle { Event::IdleDone(id) } else { Event::Aborted(id) });
        // OK because the command is there, and is no OK that wants data.
        let _ = self.finish(id, reply);
    }

    fn tell_violations(&mut self) {
        if !self.tracker.found.is_empty() {
            self.tell_found();
        }
    }

    #[cold]
    fn tell_found(&mut self) {
        let found = mem::take(&mut self.tracker.found).into_iter();
        self.events.extend(found.filter(|violation| violation.by() == Side::Client).map(Event::Violation));
    }

    /// One more bad command in a row; too many end the session.
    #[cold]
    pub(super) fn count_bad(&mut self) {
        self.bad = self.bad.saturating_add(1);
        let most = if self.state() == State::NotAuthenticated {
            self.config.bad_commands_before
        } else {
            self.config.bad_commands
        };
        if self.bad >= most {
            self.say_bye(None, "too many bad commands", End::BadCommands);
        }
    }

    fn command(&mut self, command: &mut Command, place: Place, event: &mut Option<Event>) {
        if !self.commands.is_empty() {
            self.end_exchanges(command, place);
        }
        // Those in flight decide in which state it is carried out.
        //= rfc9051#section-5.5
        //# If the server detects a possible ambiguity, it MUST execute commands to completion in the order
        //# given by the client.
        //= rfc9051#section-6.4.4.2
        //# As directed by Section 5.5, a server MUST execute the two commands in the order they were
        //# received.
        if !self.is_independent(&command.body) {
            let (id, told) = match self.receiving.take() {
                Some(receiving) => (receiving.id, receiving.told),
                None => (self.next_id(), false),
            };
            self.held = Some(Box::new(Held { id, command: taken(command), place, told }));
            return;
        }
        let row = row_of(&command.body);
        if let Some(reply) = self.refusal(row, &command.body, place, None) {
            self.end_receiving();
            return self.refuse_command(command, place, reply);
        }
        let id = match self.receiving.take() {
            Some(receiving) => receiving.id,
            None => self.next_id(),
        };
        self.hand_over(id, row, command, place, event);
    }

    /// A command ends the exchanges of those before it.
    #[cold]
    fn end_exchanges(&mut self, command: &Command, place: Place) {
        self.tracker.client_interrupts(place, command);
        self.tell_violations();
        // A client that is in IDLE and sends another command has ended it (a deviation, where that is read at all).
        let idle = self.commands.iter().find(|active| active.kind == Kind::Idle).map(|active| active.id);
        if let Some(idle) = idle {
            self.tracker.client_message(place, &ClientMessage::IdleDone);
            self.end_exchange(idle, Reply::fixed(Status::Ok, None, "IDLE terminated"));
        }
        let challenged = self.commands.iter().find(|active| matches!(active.kind, Kind::Authenticate(_)));
        if let Some(id) = challenged.map(|active| active.id) {
            self.end_exchange(id, Reply::fixed(Status::Bad, None, "the exchange was left"));
        }
    }

    /// Answers a command that is not handed over.
    #[cold]
    fn refuse_command(&mut self, command: &Command, place: Place, reply: Reply) {
        let tag = command.tag.clone();
        let bad = reply.status == Status::Bad;
        // Of LOGIN nothing more can come.
        if matches!(command.body, CommandBody::Authenticate { .. }) {
            self.late = self.late.max(Late::Secret);
        }
        self.tracker.client_command(place, command);
        self.tell_violations();
        self.answer(Some(tag), reply);
        if bad {
            self.count_bad();
        }
    }

    pub(super) fn next_id(&mut self) -> Id {
        self.ids = self.ids.saturating_add(1);
        Id(self.ids)
    }

    /// Whether the command may run beside those in flight.
    fn is_independent(&self, body: &CommandBody) -> bool {
        if self.commands.is_empty() {
            return true;
        }
        let effect = permit::effect(body);
        self.commands.iter().all(|active| permit::independent(&active.effect, &effect))
    }

    #[inline(never)]
    fn hand_over_held(&mut self, event: &mut Option<Event>) -> bool {
        let free = self.held.as_ref().is_some_and(|held| self.is_independent(&held.command.body));
        let Some(held) = self.held.take_if(|_| free) else { return false };
        let Held { id, mut command, place, told } = *held;
        let row = row_of(&command.body);
        match self.refusal(row, &command.body, place, None) {
            None => self.hand_over(id, row, &mut command, place, event),
            Some(reply) => {
                self.events.extend(told.then_some(Event::Aborted(id)));
                self.refuse_command(&command, place, reply);
            }
        }
        true
    }

    //= rfc9051#section-2.2.1
    //# a server MUST accept tag reuse.
    fn hand_over(
        &mut self,
        id: Id,
        row: &'static table::Command,
        command: &mut Command,
        place: Place,
        event: &mut Option<Event>,
    ) {
        self.tracker.client_command_in_row(row, place, command);
        self.tell_violations();
        let kind = match row.name {
            _ if row.plain => Kind::Plain,
            "CAPABILITY" => return self.capability(command.tag.clone()),
            "LOGOUT" => return self.logout(command.tag.clone()),
            "IDLE" => Kind::Idle,
            //= rfc9051#section-6.2.2
            //# client and server implementations MUST implement the AUTHENTICATE command itself
            //= rfc9051#section-6.2.2
            //# Note that because the initial response is optional, the following negotiation (which does not
            //# use the initial response) is still valid and MUST be supported by the server:
            "AUTHENTICATE" => Kind::Authenticate(false),
            "STARTTLS" if !self.framer.is_idle() => return self.inject(),
            _ => Kind::Plain,
        };
        if let CommandBody::Enable(wanted) = &command.body {
            return self.enable(command.tag.clone(), wanted);
        }
        self.commands.push_back(Active {
            id,
            tag: command.tag.clone(),
            effect: if self.config.parallel > 1 { permit::effect(&command.body) } else { Effect::Everything },
            kind,
            row,
        });
        if kind == Kind::Idle {
            return self.begin_idle(id);
        }
        let command = Event::Command { id, command: taken(command) };
        if self.events.is_empty() {
            *event = Some(command);
        } else {
            self.events.push_back(command);
        }
    }

    // ---- what the session answers by itself ----

    #[cold]
    fn capability(&mut self, tag: Tag) {
        let list = self.advertised();
        self.tell(Data::Capability(list));
        self.answer(Some(tag), Reply::fixed(Status::Ok, None, "CAPABILITY completed"));
        self.bad = 0;
    }

    #[cold]
    fn logout(&mut self, tag: Tag) {
        //= rfc9051#section-3.4
        //# the server MUST send an untagged BYE response and a tagged OK response to the LOGOUT command
        //# before the server closes the connection
        self.put_bye(None, Text::try_from("logging out").unwrap_or_default());
        self.answer(Some(tag), Reply::fixed(Status::Ok, None, "LOGOUT completed"));
        self.end(End::LoggedOut);
    }

    /// RFC 9051 section 6.3.1: "If any of the arguments is not known to or not supported by the server, it is ignored."
    #[cold]
    fn enable(&mut self, tag: Tag, wanted: &[Capability]) {
        let mut enabled: Vec<Capability> = Vec::new();
        for name in wanted {
            let name = name.as_str();
            let known = enabled_by(name);
            let offered = known.is_some_and(|(_, offers)| {
                offers.iter().any(|offer| self.capabilities().offers(offer) == Some(true))
            });
            //= rfc9051#section-6.3.1
            //# If the argument is not an extension known to the server, the server MUST ignore the argument.
            //= rfc9051#section-6.3.1
            //# If the argument is an extension known to the server, and it is not specifically permitted to
            //# be enabled using ENABLE, the server MUST ignore the argument.
            //= rfc9051#section-6.3.1
            //# each corresponding ENABLED response SHOULD only contain extensions enabled by the
            //# corresponding ENABLE command
            if let Some((name, _)) = known.filter(|_| offered)
                && !self.capabilities().is_enabled(name)
            {
                // OK because the names are atoms.
                enabled.extend(Capability::try_from(name));
            }
        }
        //= rfc9051#section-6.3.1
        //# The server MUST NOT change the CAPABILITY list as a result of executing ENABLE
        self.tell(Data::Enabled(enabled.clone()));
        self.answer(Some(tag), Reply::fixed(Status::Ok, None, "ENABLE completed"));
        self.bad = 0;
        if !enabled.is_empty() {
            self.events.push_back(Event::Enabled(enabled));
        }
    }

    #[cold]
    fn begin_idle(&mut self, id: Id) {
        self.events.push_back(Event::Idle(id));
        self.go_on_with("idling");
        self.release(true);
    }

    #[cold]
    fn idle_done(&mut self, place: Place) {
        self.tracker.client_message(place, &ClientMessage::IdleDone);
        // One that crosses the end of IDLE is no mistake.
        let stray = !self.tracker.found.is_empty();
        self.tell_violations();
        let idle = self.commands.iter().find(|active| active.kind == Kind::Idle).map(|active| active.id);
        match idle {
            //= rfc9051#section-6.3.13
            //# At that point, the server MAY send any remaining queued untagged responses and then MUST
            //# immediately send the tagged response to the IDLE command and prepare to process other
            //# commands.
            Some(id) => self.end_exchange(id, Reply::fixed(Status::Ok, None, "IDLE terminated")),
            None if stray => {
                self.answer(None, Reply::fixed(Status::Bad, None, "DONE without IDLE"));
                self.count_bad();
            }
            None => {}
        }
    }

    #[cold]
    fn authenticate_data(&mut self, data: AuthenticateData, place: Place) {
        let message = ClientMessage::AuthenticateData(data);
        self.tracker.client_message(place, &message);
        let ClientMessage::AuthenticateData(data) = message else { return };
        let Some(active) =
            self.commands.iter_mut().find(|active| matches!(active.kind, Kind::Authenticate(_)))
        else {
            return;
        };
        active.kind = Kind::Authenticate(false);
        let id = active.id;
        let gives_up = data == AuthenticateData::Cancel;
        self.events.push_back(Event::AuthenticateData { id, data });
        if gives_up {
            //= rfc9051#section-6.2.2
            //# If the server receives such a response, or if it receives an invalid base64 string (e.g.,
            //# characters outside the base64 alphabet or non-terminal "="), it MUST reject the AUTHENTICATE
            //# command by sending a tagged BAD response.
            let _ = self.finish(id, Reply::fixed(Status::Bad, None, "AUTHENTICATE cancelled"));
        }
    }

    // ---- literals ----

    /// The client waits at a literal, or sends a large one.
    #[cold]
    fn literal(&mut self, stop: LiteralStop) {
        // What changes more than messages decides what becomes of it, and has to end first; the framer gives it again.
        self.literal_waits = self
            .commands
            .iter()
            .any(|active| active.kind == Kind::Plain && active.effect == Effect::Everything);
        if self.literal_waits {
            return;
        }
        let partial = Head::of(self.framer.partial(), Side::Client);
        let length = u64::try_from(self.framer.partial().len()).unwrap_or(u64::MAX);
        let place = Place::new(stop.offset.saturating_sub(length), length);
        let literal = Literal { size: stop.size, synchronizing: stop.synchronizing };
        self.tracker.client_literal(place, partial.tag.as_ref(), partial.name.as_deref(), literal);
        self.tell_violations();
        let Some(tag) = partial.tag else {
            return self.refuse_literal(
                stop,
                None,
                Reply::fixed(Status::Bad, None, "a command begins with a tag"),
            );
        };
        let large = self.config.upload_above.is_some_and(|above| stop.size > above);
        let mut receiving = match self.receiving.take() {
            Some(receiving) => receiving,
            None => Box::new(Receiving::new(self.next_id(), tag.clone())),
        };
        let known = if receiving.looks_again(partial.name.as_deref(), large, stop.synchronizing) {
            self.known_so_far()
        } else {
            None
        };
        let refusal = match &known {
            Some(command) => self.refusal(row_of(&command.body), &command.body, place, Some(stop.size)),
            None => partial.name.as_deref().and_then(|name| self.refusal_by_name(name)),
        };
        receiving.known |= known.is_some();
        let id = receiving.id;
        self.receiving = Some(receiving);
        if let Some(reply) = refusal {
            return self.refuse_literal(stop, Some(tag), reply);
        }
        match known {
            Some(command) if large => {
                if let Some(receiving) = &mut self.receiving {
                    receiving.asked = Some(stop.offset);
                    receiving.told = true;
                }
                self.events.push_back(Event::Upload { id, command, size: stop.size });
            }
            _ if stop.fits => {
                self.take_literal(stop);
                self.framer.accept();
            }
            _ => self.refuse_literal(stop, Some(tag), too_big()),
        }
    }

    /// The command up to the literal at which it stopped, where that can be read: a message in APPEND and its like, but
    /// not a name.
    fn known_so_far(&mut self) -> Option<Command> {
        [&b""[..], b")"].iter().find_map(|end| {
            let frame = self.framer.partial_frame(end)?;
            decode_command(&frame, &self.decode_options()).ok().map(|command| command.value)
        })
    }

    /// The payload may come.
    pub(super) fn take_literal(&mut self, stop: LiteralStop) {
        if stop.synchronizing {
            self.go_on_with("go ahead");
            self.tracker.client_literal_data(Place::new(stop.offset, 0));
        }
        self.timers.start(TimerKind::Literal, self.now, self.config.literal_timeout);
    }

    /// The literal at which the framer stands, while its owner is asked.
    pub(super) fn asked(&mut self, id: Id) -> Result<LiteralStop, Misuse> {
        let asked =
            self.receiving.as_ref().is_some_and(|receiving| receiving.id == id && receiving.asked.is_some());
        if !asked {
            return Err(Misuse::Handle);
        }
        // The framer gives the stop again; at any other time it would give what comes next, and that would be lost.
        match self.framer.next_event() {
            Some(FrameEvent::Literal(stop)) => Ok(stop),
            _ => Err(Misuse::Handle),
        }
    }

    /// The payload is not taken: a client that waits is told so at once, another one when it has sent all of it.
    pub(super) fn refuse_literal(&mut self, stop: LiteralStop, tag: Option<Tag>, reply: Reply) {
        self.end_receiving();
        let name = Head::of(self.framer.partial(), Side::Client).name;
        self.expect_secret(name.as_deref());
        let bad = reply.status == Status::Bad;
        let later = if stop.synchronizing {
            self.answer(tag.clone(), reply);
            None
        } else {
            Some(reply)
        };
        self.framer.refuse();
        self.broken = Some(Box::new(Broken { tag, name: None, reply: later, refused: true }));
        if bad {
            self.count_bad();
        }
    }

    #[cold]
    fn malformed_frame(&mut self, error: FrameError) {
        let (tag, name) = (error.tag.clone(), error.name.clone());
        let (recoverable, waits) = (error.recoverable, error.awaits_answer);
        self.expect_secret(name.as_deref());
        let reply = if matches!(error.kind, FrameErrorKind::Literal | FrameErrorKind::Message) {
            too_big()
        } else {
            let text = Text::try_from(error.kind.to_string().as_str()).unwrap_or_default();
            Reply { status: Status::Bad, code: None, text }
        };
        let place = Place::new(error.offset, 0);
        self.note_malformed(error);
        self.end_receiving();
        if !recoverable {
            return self.say_bye(None, "what follows cannot be read", End::Violation);
        }
        let reply = if waits {
            if let Some(tag) = &tag {
                self.tracker.client_partial(place, tag, name.as_deref());
            }
            self.answer(tag.clone(), reply);
            None
        } else {
            Some(reply)
        };
        self.broken = Some(Box::new(Broken { tag, name, reply, refused: waits }));
    }

    /// A message that was given up ends here.
    #[cold]
    fn skipped(&mut self, span: Span) {
        let Some(broken) = self.broken.take() else { return };
        let Broken { tag, name, reply, refused } = *broken;
        match reply {
            None => self.tracker.client_refused(),
            Some(reply) if refused => {
                self.tracker.client_malformed(Place::from(span), tag.as_ref(), name.as_deref());
                self.tell_violations();
                self.answer(tag, reply);
                self.tracker.unread_answered();
            }
            Some(reply) => self.bad_line(tag, name.as_deref(), Place::from(span), reply),
        }
    }

    // ---- changes of the stream ----

    /// The reply was sent: the stream changes now.
    #[cold]
    fn switch(&mut self, switch: Switch) -> bool {
        self.phase = Phase::Switching(switch);
        self.events.push_back(match switch {
            Switch::Tls => Event::StartTls(StartTls { sealed: () }),
            Switch::Compress => {
                let unread = self.framer.take_unread();
                // They come again, inflated.
                let len = u64::try_from(unread.len()).unwrap_or(u64::MAX);
                self.received = self.received.saturating_sub(len);
                Event::Compress(Compress { sealed: (), unread })
            }
        });
        true
    }

    /// Bytes behind STARTTLS: sent in the clear, by whomever, to be taken for what comes through TLS.
    #[cold]
    pub(super) fn inject(&mut self) {
        let place = Place::new(self.received, 0);
        let message = alloc::string::String::from("bytes came between STARTTLS and TLS");
        self.events.push_back(Event::Violation(Violation {
            rule: Rule::CommandAfterStartTls,
            place,
            message,
        }));
        //= rfc9051#section-6.2.1
        //# In order to avoid this vulnerability, server implementations MUST do one of the following if any
        //# data is received in the same TCP buffer after the CRLF that starts the STARTTLS command:
        // Replies to commands before it are the client's; that to STARTTLS is not sent.
        if self.phase == Phase::Draining(Switch::Tls) {
            self.outbox.clear();
        }
        self.end(End::Violation);
    }

    fn go_on_with(&mut self, text: &'static str) {
        let text = Text::try_from(text).unwrap_or_default();
        let go_on = Response::Continuation(Continuation { code: None, text, challenge: None });
        // OK because the text is fine.
        let _ = self.put(&go_on);
    }
}

/// The type of a TLS handshake record (RFC 8446 section 5.1).
const TLS_HANDSHAKE: u8 = 0x16;

/// The command, given away.
fn taken(command: &mut Command) -> Command {
    Command { tag: command.tag.clone(), body: mem::replace(&mut command.body, CommandBody::Noop) }
}

/// Whether this is no command that this library knows.
fn is_unknown(command: &Command) -> bool {
    !is_known(&name_of(&command.body))
}

fn too_big() -> Reply {
    Reply::fixed(Status::No, Some(Code::TooBig), "the literal is too large")
}

/// The first line of an HTTP request (RFC 9112 section 3): `GET / HTTP/1.1`.
fn is_http(line: &[u8]) -> bool {
    let mut words = line.split(|byte| *byte == b' ');
    let verb = words.next().unwrap_or_default();
    let target = words.next().unwrap_or_default();
    let verbs =
        [&b"GET"[..], b"HEAD", b"POST", b"PUT", b"DELETE", b"CONNECT", b"OPTIONS", b"TRACE", b"PATCH"];
    verbs.contains(&verb) && words.next().is_some_and(|version| version.starts_with(b"HTTP/"))
        || verbs.contains(&verb) && matches!(target.first(), Some(b'/'))
}
