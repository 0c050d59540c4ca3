//! What a server sends: replies, data, updates, all judged before they go.

use alloc::boxed::Box;

use bytes::Bytes;
use imap_codec::{append_response, encode_response, profile::EncodeProfile, writer::Encoded};
use imap_types::{
    atom::Tag,
    code::Code,
    fetch::{FetchResponse, MsgAtt, UidFetchResponse},
    octets::Octets,
    response::{Continuation, Data, Response, Status, StatusResponse},
    sequence::{SequenceSet, UidSet},
    string::Text,
};

use super::{Active, End, Event, Id, Kind, Late, Phase, Reply, Server, Update};
use crate::{
    error::Misuse,
    flow::{
        switch::Switch,
        writing::{Progress, Stop, Writing},
    },
    mailbox::By,
    state::table,
    time::Time,
    timer::TimerKind,
    violation::Place,
};

impl Server {
    // ---- what the owner says ----

    /// Ends a command with its reply. What is due of [updates](Server::update) goes before it, where the protocol allows. An
    /// OK to LOGIN or AUTHENTICATE gets the capabilities where it has no code.
    ///
    /// # Errors
    /// Where `id` is no command in flight; the reply is none of OK, NO and BAD; a payload is still being sent; or the
    /// protocol forbids the reply: an OK without the data that has to come before it.
    pub fn complete(&mut self, id: Id, reply: Reply, now: Time) -> Result<(), Misuse> {
        self.may_send(now)?;
        if !matches!(reply.status, Status::Ok | Status::No | Status::Bad) {
            return Err(Misuse::NoReply(reply.status));
        }
        let at = self.place_of(id)?;
        let asks = self.commands.get(at).is_some_and(|active| active.kind == Kind::Authenticate(true));
        if asks && reply.status == Status::Ok {
            return Err(Misuse::NotAnswered);
        }
        self.finish_at(at, reply)
    }

    /// Sends untagged data. `S: * 12 FETCH (FLAGS (\Seen))`
    ///
    /// A FETCH whose payload is [streamed](imap_types::fetch::Payload::Streamed) wants its bytes next: [`Server::payload`].
    ///
    /// # Errors
    /// Where the protocol forbids it at this moment, or it cannot be encoded.
    pub fn data(&mut self, data: Data, now: Time) -> Result<(), Misuse> {
        self.may_send(now)?;
        let response = Response::Data(data);
        self.judge(&response)?;
        self.put(&response)
    }

    /// Sends an untagged OK, NO or BAD. `S: * OK [ALERT] maintenance at noon`
    ///
    /// # Errors
    /// Where it has a tag, or is a BYE ([`Server::bye`]) or PREAUTH; or it cannot be encoded.
    pub fn status(&mut self, status: StatusResponse, now: Time) -> Result<(), Misuse> {
        self.may_send(now)?;
        if status.tag.is_some() || matches!(status.status, Status::Bye | Status::PreAuth) {
            return Err(Misuse::NoReply(status.status));
        }
        let response = Response::Status(status);
        self.judge(&response)?;
        self.put(&response)
    }

    /// Sends a piece of the payload that the last [`Server::data`] announced; so many more bytes are wanted after it.
    /// Nothing else can be sent before all of it was.
    ///
    /// # Errors
    /// Where no payload is wanted, or not so much.
    pub fn payload(&mut self, piece: &Bytes, now: Time) -> Result<u64, Misuse> {
        self.advance_clock(now);
        let writing = self.writing.as_mut().ok_or(Misuse::Payload { left: 0 })?;
        let left = writing.stream(piece, &mut self.outbox).map_err(|left| Misuse::Payload { left })?;
        self.go_on();
        Ok(left)
    }

    /// Asks the client for the next line of AUTHENTICATE: a challenge, which may be empty. `S: + dGVzdA==`
    ///
    /// # Errors
    /// Where `id` is no AUTHENTICATE in flight, or a challenge waits already.
    pub fn challenge(&mut self, id: Id, challenge: impl Into<Octets>, now: Time) -> Result<(), Misuse> {
        self.may_send(now)?;
        let active = self.commands.iter_mut().find(|active| active.id == id).ok_or(Misuse::Handle)?;
        if active.kind != Kind::Authenticate(false) {
            return Err(Misuse::NotChallenged);
        }
        active.kind = Kind::Authenticate(true);
        self.put(&Response::Continuation(Continuation::challenge(challenge)))
    }

    /// Takes the payload that [`Event::Upload`] announced: it comes in [`Event::Chunk`]s.
    ///
    /// # Errors
    /// Where `id` waits for no such decision.
    pub fn accept(&mut self, id: Id, now: Time) -> Result<(), Misuse> {
        self.may_send(now)?;
        let stop = self.asked(id)?;
        if let Some(receiving) = &mut self.receiving {
            receiving.asked = None;
            receiving.streaming = true;
        }
        self.take_literal(stop);
        self.framer.stream();
        Ok(())
    }

    /// Refuses the payload that [`Event::Upload`] announced, and with it the command. `S: a1 NO [TOOBIG] too large`
    ///
    /// # Errors
    /// Where `id` waits for no such decision, or the reply is none of NO and BAD.
    pub fn refuse(&mut self, id: Id, reply: Reply, now: Time) -> Result<(), Misuse> {
        self.may_send(now)?;
        if !matches!(reply.status, Status::No | Status::Bad) {
            return Err(Misuse::NoReply(reply.status));
        }
        let stop = self.asked(id)?;
        let tag = self.receiving.take().map(|receiving| receiving.tag);
        self.refuse_literal(stop, tag, reply);
        Ok(())
    }

    /// Something changed in the selected mailbox. The client is told when the protocol allows it: at once while it idles
    /// or after NOTIFY, otherwise before the next reply that may bring it.
    ///
    /// # Errors
    /// Where no mailbox is selected, or its messages are not known by UID because [`Server::select`] did not tell them.
    pub fn update(&mut self, update: Update, now: Time) -> Result<(), Misuse> {
        self.advance_clock(now);
        if !self.state().is_selected() {
            return Err(Misuse::State { name: "an update".into(), state: self.state() });
        }
        let view = self.tracker.view();
        let unknown = view.exists().is_some_and(|exists| exists > view.known());
        if unknown && !matches!(update, Update::Recent(_)) {
            return Err(Misuse::NoUids);
        }
        //= rfc9051#section-7
        //# Server implementations that offer multiple simultaneous access to the same mailbox SHOULD also
        //# send appropriate unilateral untagged FETCH and EXPUNGE responses if another agent changes the
        //# state of any message flags or expunges any messages.
        self.updates.get_or_insert_default().push(update);
        let idles = self.commands.iter().any(|active| active.kind == Kind::Idle);
        let free = self.phase == Phase::Running && self.writing.is_none();
        if free && (idles || (self.tracker.notifies() && self.commands.is_empty() && self.framer.is_idle())) {
            self.release(true);
        }
        Ok(())
    }

    /// Keeps the result of a SEARCH RETURN (SAVE) as `$` (RFC 9051 section 6.4.4.1): [`View::messages`] of a set with `$`
    /// names these from then on. Messages that are expunged leave it by themselves.
    ///
    /// [`View::messages`]: crate::mailbox::View::messages
    ///
    /// # Errors
    /// Where no mailbox is selected.
    pub fn save(&mut self, found: &UidSet) -> Result<(), Misuse> {
        if !self.state().is_selected() {
            return Err(Misuse::State { name: "a saved result".into(), state: self.state() });
        }
        self.tracker.view_mut().save(found);
        Ok(())
    }

    // ---- inside ----

    pub(super) fn encode_profile(&self) -> EncodeProfile {
        let mut profile = EncodeProfile::server();
        profile.relay_invalid = self.config.relay_invalid;
        profile.literal8 = self.capabilities().offers_binary();
        //= rfc9051#appendix-A
        //# Servers advertising both IMAP4rev1 and IMAP4rev2 MUST NOT generate UTF-8-quoted strings unless the
        //# client has issued "ENABLE IMAP4rev2".
        // What the client enabled counts, and not what is offered; unless there is nothing but IMAP4rev2.
        profile.utf8 = self.capabilities().is_utf8();
        profile
    }

    pub(super) fn may_send(&mut self, now: Time) -> Result<(), Misuse> {
        self.advance_clock(now);
        match self.phase {
            Phase::Over => return Err(Misuse::Over),
            Phase::Draining(_) | Phase::Switching(_) => return Err(Misuse::Switching),
            Phase::Greeting => return Err(Misuse::Greeting),
            Phase::Running => {}
        }
        match &self.writing {
            Some(writing) => {
                let left = if let Stop::Stream(left) = writing.stop() { left } else { 0 };
                Err(Misuse::Payload { left })
            }
            None => Ok(()),
        }
    }

    fn judge(&self, response: &Response) -> Result<(), Misuse> {
        let modes = self.capabilities().modes();
        if let Response::Data(data) = response {
            // RFC 7162 section 3.2.10.2: "the server MUST use the VANISHED response without the EARLIER tag instead of the
            // EXPUNGE response for all mailboxes that don't return NOMODSEQ when selected." RFC 9586 section 3 likewise.
            let by_uid = modes.uid_only || modes.qresync;
            let by_number = !modes.uid_only && self.tracker.view().highest_mod_seq().is_none();
            let gone = matches!(data, Data::Vanished { .. });
            if modes.uid_only && matches!(data, Data::Fetch(_)) {
                return Err(Misuse::UidOnly);
            }
            if by_uid && !by_number && matches!(data, Data::Expunge(_)) {
                return Err(Misuse::Vanished);
            }
            if gone && !by_uid {
                return Err(Misuse::NotEnabled("QRESYNC"));
            }
            if !modes.uid_only && matches!(data, Data::UidFetch(_)) {
                return Err(Misuse::NotEnabled("UIDONLY"));
            }
        }
        let place = Place::new(self.outbox.end(), 0);
        match self.tracker.would_violate(place, response) {
            Some(violation) => Err(Misuse::Forbidden(Box::new(violation))),
            None => Ok(()),
        }
    }

    /// Encodes, sends, and takes note.
    pub(super) fn put(&mut self, response: &Response) -> Result<(), Misuse> {
        let (profile, start) = (self.encode_profile(), self.outbox.end());
        match self.outbox.append(|out| append_response(response, &profile, out))? {
            Some(encoded) => self.put_encoded(response, encoded),
            None => {
                let len = self.outbox.end().saturating_sub(start);
                self.note_sent(response, Place::new(start, len));
            }
        }
        Ok(())
    }

    fn put_encoded(&mut self, response: &Response, encoded: Encoded) {
        let place = Place::new(self.outbox.end(), encoded.len() as u64);
        if encoded.is_streamed() {
            self.writing = Some(Box::new(Writing::new(encoded)));
            self.go_on();
        } else {
            for segment in encoded.segments() {
                self.outbox.push(segment.data());
            }
        }
        self.note_sent(response, place);
    }

    /// What follows from what was sent.
    fn note_sent(&mut self, response: &Response, place: Place) {
        let renumbers =
            matches!(response, Response::Data(Data::Expunge(_) | Data::Vanished { earlier: false, .. }));
        if renumbers && self.is_behind() {
            self.renumbered = self.received;
        }
        self.tracker.server_said(place, response);
    }

    fn go_on(&mut self) {
        let Some(writing) = &mut self.writing else { return };
        loop {
            match writing.advance(&mut self.outbox) {
                Progress::Streams(0) => {}
                Progress::Streams(_) | Progress::Blocked | Progress::Waits(_) => return,
                Progress::Done => break,
            }
        }
        self.writing = None;
    }

    /// Data of the session itself, which is known to be legal and can be encoded.
    pub(super) fn tell(&mut self, data: Data) {
        let _ = self.put(&Response::Data(data));
    }

    /// A reply of the session itself; untagged where there was no tag to read.
    pub(super) fn answer(&mut self, tag: Option<Tag>, reply: Reply) {
        let status = StatusResponse { tag, status: reply.status, code: reply.code, text: reply.text };
        if self.put(&Response::Status(status.clone())).is_err() {
            // A text that cannot be sent, whatever it was: the reply can.
            let _ =
                self.put(&Response::Status(StatusResponse { code: None, text: Text::default(), ..status }));
        }
        self.tracker.note = None;
        self.forget_updates();
    }

    /// What was to be told of a mailbox that is not selected any more is not told.
    fn forget_updates(&mut self) {
        if !self.state().is_selected() {
            self.updates = None;
        }
    }

    /// Where a command in flight is among them.
    fn place_of(&self, id: Id) -> Result<usize, Misuse> {
        // Nearly always it is the oldest.
        if self.commands.front().is_some_and(|active| active.id == id) {
            return Ok(0);
        }
        self.commands.iter().position(|active| active.id == id).ok_or(Misuse::Handle)
    }

    /// Ends a command: updates, reply, and what follows from it.
    pub(super) fn finish(&mut self, id: Id, reply: Reply) -> Result<(), Misuse> {
        self.finish_at(self.place_of(id)?, reply)
    }

    #[inline]
    fn finish_at(&mut self, at: usize, mut reply: Reply) -> Result<(), Misuse> {
        let Some(active) = self.commands.get(at) else { return Err(Misuse::Handle) };
        let (row, tag) = (active.row, active.tag.clone());
        let (ok, no) = (reply.status == Status::Ok, reply.status == Status::No);
        if ok && reply.code.is_none() && is_login(row) {
            reply.code = Some(Code::Capability(self.capability_list(true)));
        }
        let response = Response::Status(reply.tagged(tag));
        // Nothing has to come before the reply to a plain command.
        if !row.plain {
            self.judge(&response)?;
        }
        if self.updates.is_some() || no {
            // Before anything else is sent, so that an error changes nothing.
            let encoded = encode_response(&response, &self.encode_profile())?;
            self.before_reply(at, row, no);
            self.put_encoded(&response, encoded);
        } else {
            self.put(&response)?;
        }
        self.tracker.note = None;
        let ended = if at == 0 { self.commands.pop_front() } else { self.commands.remove(at) };
        self.timers.start(TimerKind::Autologout, self.now, self.config.autologout);
        if ok || no {
            self.bad = 0;
        }
        if !row.plain
            && let Some(ended) = ended
        {
            self.follow(&ended, ok);
        }
        self.forget_updates();
        Ok(())
    }

    /// What goes before a reply.
    fn before_reply(&mut self, at: usize, row: &table::Command, no: bool) {
        //= rfc9051#section-5.2
        //# A server MUST send mailbox size updates automatically if a mailbox size change is observed during
        //# the processing of a command.
        //= rfc9051#section-6.3.12
        //# If the mailbox is currently selected, normal new message actions SHOULD occur.
        //= rfc9051#section-6.3.12
        //# Specifically, the server SHOULD notify the client immediately via an untagged EXISTS response.
        if self.updates.is_some()
            && let Some((true, expunge)) = self.commands.get(at).map(|active| self.may_bring(active))
        {
            self.release(expunge);
        }
        if no && matches!(row.name, "SELECT" | "EXAMINE") {
            self.close_for_another();
        }
    }

    /// What follows from the end of a command that is more than a request and its reply.
    fn follow(&mut self, ended: &Active, ok: bool) {
        // Of LOGIN nothing more can come.
        if ended.kind == Kind::Authenticate(true) {
            self.late = Late::Answer;
        } else if !ok && ended.row.name == "AUTHENTICATE" {
            self.late = self.late.max(Late::Secret);
        }
        match (ended.row.name, ok) {
            ("LOGIN" | "AUTHENTICATE", true) => self.authenticated(),
            ("UNAUTHENTICATE", true) => self.unauthenticated(),
            ("STARTTLS", true) => {
                self.phase = Phase::Draining(Switch::Tls);
                if !self.framer.is_idle() {
                    self.inject();
                }
            }
            ("COMPRESS", true) => self.phase = Phase::Draining(Switch::Compress),
            ("SELECT" | "EXAMINE", true) => self.updates = None,
            _ => {}
        }
    }

    /// Whether updates may go before the reply to this command, and whether messages may go with them.
    fn may_bring(&self, active: &Active) -> (bool, bool) {
        let selects =
            matches!(active.row.name, "SELECT" | "EXAMINE" | "CLOSE" | "UNSELECT" | "UNAUTHENTICATE");
        // What it was for.
        let expunges = matches!(
            active.row.name,
            "EXPUNGE" | "UID EXPUNGE" | "MOVE" | "UID MOVE" | "REPLACE" | "UID REPLACE"
        );
        let others = self.commands.iter().all(|other| other.id == active.id || other.row.renumbers);
        // Commands that are on their way already may have message numbers.
        let expunge = active.row.renumbers && others && (expunges || !self.is_behind());
        (!selects && self.state().is_selected(), expunge)
    }

    /// Tells what is due, by what the client knows.
    pub(super) fn release(&mut self, expunge: bool) {
        let Some(mut due) = self.updates.take() else { return };
        let capabilities = self.capabilities();
        let modes = capabilities.modes();
        let uid_only = modes.uid_only;
        let vanished = uid_only || modes.qresync;
        let rev2 = capabilities.is_rev2();
        if expunge && !due.expunged.is_empty() {
            let gone = SequenceSet::from(core::mem::take(&mut due.expunged));
            if vanished {
                let known: UidSet =
                    self.tracker.view().messages(&gone, By::Uid).filter_map(|message| message.uid).collect();
                if !known.is_empty() {
                    self.tell(Data::Vanished { earlier: false, uids: known });
                }
            } else {
                let ranges: alloc::vec::Vec<_> = self.tracker.view().ranges(&gone, By::Uid).collect();
                // From the highest number down, so that none moves before its turn.
                for (first, last) in ranges.into_iter().rev() {
                    for number in (first.get()..=last.get()).rev() {
                        if let Ok(number) = number.try_into() {
                            self.tell(Data::Expunge(number));
                        }
                    }
                }
            }
        }
        if !due.arrived.is_empty() {
            // UIDs that cannot have arrived are not told.
            let view = self.tracker.view();
            let last =
                view.exists().and_then(|number| number.try_into().ok()).and_then(|number| view.uid(number));
            let arrived = core::mem::take(&mut due.arrived);
            let news = arrived.iter().filter(|uid| last.is_none_or(|last| *uid > last));
            let _ = self.tracker.view_mut().extend(news);
            if let Some(exists) = self.tracker.view().exists() {
                self.tell(Data::Exists(exists));
            }
        }
        if let Some(recent) = due.recent.take().filter(|_| !rev2) {
            self.tell(Data::Recent(recent));
        }
        //= rfc9051#section-5.2
        //# A server SHOULD send message flag updates automatically, without requiring the client to request
        //# such updates explicitly.
        for (uid, mut items) in core::mem::take(&mut due.changed) {
            let Some(number) = self.tracker.view().seq(uid) else { continue };
            items.retain(|item| !matches!(item, MsgAtt::Uid(_)));
            if uid_only {
                self.tell(Data::UidFetch(UidFetchResponse { uid, items }));
            } else {
                //= rfc9051#section-6.3.13
                //# If the server chooses to send unsolicited FETCH responses, they MUST include a UID FETCH
                //# item.
                //= rfc9051#section-7.5.2
                //# If the server chooses to send unsolicited FETCH responses, they MUST include UID FETCH
                //# item.
                items.insert(0, MsgAtt::Uid(uid));
                self.tell(Data::Fetch(FetchResponse { seq: number, items }));
            }
        }
        if !due.is_empty() {
            self.updates = Some(due);
        }
    }

    pub(super) fn put_bye(&mut self, code: Option<Code>, text: Text) {
        let bye = StatusResponse { tag: None, status: Status::Bye, code, text };
        // A payload that is being sent would swallow it; a stream that changes is no place for it.
        let changes = matches!(self.phase, Phase::Draining(_) | Phase::Switching(_));
        if self.writing.is_none() && !changes {
            let _ = self.put(&Response::Status(bye));
        }
    }

    /// Says BYE by itself.
    pub(super) fn say_bye(&mut self, code: Option<Code>, text: &'static str, why: End) {
        //= rfc9051#section-3.4
        //# A server SHOULD NOT unilaterally close the connection without first sending an untagged BYE
        //# response that contains the reason for doing so.
        if self.phase != Phase::Greeting {
            self.put_bye(code, Text::try_from(text).unwrap_or_default());
        }
        self.end(why);
    }

    /// A command whose literals were taken does not come to its end. Its owner is told where it heard of it.
    pub(super) fn end_receiving(&mut self) {
        if let Some(receiving) = self.receiving.take()
            && receiving.told
        {
            self.events.push_back(Event::Aborted(receiving.id));
        }
    }

    /// Ends the session. What waits to be sent still is.
    pub(super) fn end(&mut self, why: End) {
        if self.phase == Phase::Over {
            return;
        }
        self.phase = Phase::Over;
        self.tracker.eof();
        for active in core::mem::take(&mut self.commands) {
            self.events.push_back(Event::Aborted(active.id));
        }
        self.end_receiving();
        if let Some(held) = self.held.take().filter(|held| held.told) {
            self.events.push_back(Event::Aborted(held.id));
        }
        self.broken = None;
        self.writing = None;
        self.updates = None;
        self.events.push_back(Event::Ended(why));
    }
}

fn is_login(row: &table::Command) -> bool {
    matches!(row.name, "LOGIN" | "AUTHENTICATE")
}
