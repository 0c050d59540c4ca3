//! What a client sends: commands when their turn comes, piece by piece.

use alloc::boxed::Box;

use bytes::Bytes;
use imap_codec::{
    encode_client_message, encode_command,
    profile::{EncodeProfile, Literals},
    writer::Encoded,
};
use imap_types::{
    append::{AppendData, AppendMessage, CatPart},
    command::{ClientMessage, Command, CommandBody},
    fetch::Payload,
    octets::Octets,
    secret::Secret,
};

use super::{Abort, Client, Event, Handle, LiteralForm, Open, Phase, Stage};
use crate::{
    error::Misuse,
    flow::{
        authenticate::Authenticate,
        idle,
        writing::{Progress, Writing},
    },
    permit,
    time::Time,
    timer::TimerKind,
    track::Literal,
    violation::Place,
};

impl Client {
    /// Writes all that may be written now.
    pub(super) fn write(&mut self) {
        while self.phase == Phase::Running && self.write_more() {}
    }

    /// One step; false where there is nothing to do.
    fn write_more(&mut self) -> bool {
        if self.writing.is_some() {
            return self.go_on();
        }
        if self.end_idle() {
            return true;
        }
        match self.commands.iter().position(|open| matches!(open.stage, Stage::Queued(_))) {
            Some(at) => self.begin(at),
            None => self.begin_idle(),
        }
    }

    /// Goes on with the command that is being written.
    fn go_on(&mut self) -> bool {
        let Some(writing) = &mut self.writing else { return false };
        let handle = writing.0;
        match writing.1.advance(&mut self.outbox) {
            Progress::Blocked => false,
            Progress::Waits(size) => {
                self.tell_of_literal(handle, size);
                self.timers.start(TimerKind::Literal, self.now, self.config.literal_timeout);
                false
            }
            Progress::Streams(size) => {
                if size > 0 {
                    if let Some(open) = self.commands.iter().find(|open| open.handle == handle) {
                        let place = Place::new(self.outbox.end(), 0);
                        self.tracker.client_partial(place, &open.tag, Some(&open.traits.name));
                    }
                    self.events.push_back(Event::Upload { handle: Handle(handle), size });
                }
                size == 0
            }
            Progress::Done => {
                self.writing = None;
                self.finish(handle);
                true
            }
        }
    }

    /// The command at `at` is next: begins it, if it may go.
    fn begin(&mut self, at: usize) -> bool {
        if self.interrupts_idle() {
            return true;
        }
        if self.idle_is_sent() {
            return false;
        }
        let before = self.commands.iter().take(at).map(|open| &open.traits);
        let free = self.commands.get(at).is_some_and(|open| {
            permit::may_follow(&open.traits, self.state(), before).is_ok()
                && !self.awaits_capabilities(open, at)
        });
        free && self.start(at)
    }

    /// Whether the answer to a CAPABILITY before it decides if the command at `at` may be sent at all.
    fn awaits_capabilities(&self, open: &Open, at: usize) -> bool {
        let Stage::Queued(command) = &open.stage else { return false };
        self.capabilities().advertises("").is_none()
            && self.commands.iter().take(at).any(|open| &*open.traits.name == "CAPABILITY")
            && (permit::needs(&command.body).next().is_some()
                || matches!(command.body, CommandBody::Login { .. } | CommandBody::Authenticate { .. }))
    }

    /// Begins the command at `at`, or gives it up where it cannot be sent any more.
    fn start(&mut self, at: usize) -> bool {
        let Some(open) = self.commands.get(at) else { return false };
        let Stage::Queued(command) = &open.stage else { return false };
        let checked = self.check_now(&command.body, &open.traits);
        let (encoded, held) = match checked.and_then(|()| self.encode(command)) {
            Ok(encoded) => encoded,
            Err(misuse) => {
                let handle = Handle(open.handle);
                let idle = self.idle.take_if(|idle| idle.handle == handle.0).is_some();
                if idle || !open.silent {
                    let why = Abort::Refused(misuse);
                    self.events.push_back(Event::Aborted { handle, written: false, why });
                }
                self.commands.remove(at);
                return true;
            }
        };
        let handle = open.handle;
        let holds = held.is_some();
        if matches!(command.body, CommandBody::Authenticate { .. }) {
            //= rfc9051#section-6.2.2
            //# client and server implementations MUST implement the AUTHENTICATE command itself
            self.authenticate = Some(Box::new(Authenticate::new(handle, held)));
        }
        if let Some(open) = self.commands.get_mut(at)
            && let Stage::Queued(mut command) = core::mem::replace(&mut open.stage, Stage::Written)
        {
            if let CommandBody::Authenticate { initial_response, .. } = &mut command.body
                && holds
            {
                *initial_response = None;
            }
            open.stage = Stage::Writing(command);
        }
        self.writing = Some(Box::new((handle, Writing::new(encoded))));
        true
    }

    /// The bytes of a command for this server, and the initial response that could not be put into it.
    pub(super) fn encode(&self, command: &Command) -> Result<(Encoded, Option<Secret<Octets>>), Misuse> {
        let mut profile = self.encode_profile();
        if is_streamed(&command.body) && profile.literals == Literals::NonSynchronizing {
            profile.literals = Literals::NonSynchronizingUpTo(4096);
        }
        // RFC 4959 section 3: "clients that implement this extension MUST NOT send an initial client response to servers
        // that do not advertise the SASL-IR capability."
        if let CommandBody::Authenticate { mechanism, initial_response: Some(response) } = &command.body
            && self.capabilities().may_use("SASL-IR") != Some(true)
        {
            let body = CommandBody::Authenticate { mechanism: mechanism.clone(), initial_response: None };
            let bare = Command { tag: command.tag.clone(), body };
            return Ok((encode_command(&bare, &profile)?, Some(response.clone())));
        }
        Ok((encode_command(command, &profile)?, None))
    }

    /// What the server takes, as far as it said so.
    pub(super) fn encode_profile(&self) -> EncodeProfile {
        let mut profile = EncodeProfile::client();
        profile.relay_invalid = self.config.relay_invalid;
        let capabilities = self.capabilities();
        let may_use = |name| capabilities.may_use(name) == Some(true);
        profile.literals = match self.config.literals {
            LiteralForm::Synchronizing => Literals::Synchronizing,
            LiteralForm::Fastest if may_use("LITERAL+") => Literals::NonSynchronizing,
            LiteralForm::Fastest if may_use("LITERAL-") => Literals::NonSynchronizingUpTo(4096),
            LiteralForm::Fastest => Literals::Synchronizing,
        };
        profile.literal8 = capabilities.advertises("BINARY") == Some(true);
        profile.utf8 = capabilities.is_utf8();
        profile
    }

    /// A line of its own: `DONE`, or the answer to a challenge.
    pub(super) fn write_line(&mut self, message: &ClientMessage) -> Result<(), Misuse> {
        let encoded = encode_client_message(message, &EncodeProfile::client())?.to_bytes();
        let place = self.put(&encoded);
        self.tracker.client_message(place, message);
        Ok(())
    }

    fn put(&mut self, bytes: &Bytes) -> Place {
        let offset = self.outbox.end();
        self.outbox.push(bytes);
        Place::new(offset, u64::try_from(bytes.len()).unwrap_or(u64::MAX))
    }

    /// The command waits for `+`: until then it is not in progress.
    fn tell_of_literal(&mut self, handle: u64, size: u64) {
        let Some(open) = self.commands.iter().find(|open| open.handle == handle) else { return };
        let literal = Literal { size, synchronizing: true };
        let place = Place::new(self.outbox.end(), 0);
        self.tracker.client_literal(place, Some(&open.tag), Some(&open.traits.name), literal);
    }

    /// All of the command was written.
    fn finish(&mut self, handle: u64) {
        self.timers.stop(TimerKind::Literal);
        let now = self.now;
        let place = Place::new(self.outbox.end(), 0);
        let Some(open) = self.commands.iter_mut().find(|open| open.handle == handle) else { return };
        open.sent_at = now;
        open.heard_before = self.received;
        if let Stage::Writing(command) = core::mem::replace(&mut open.stage, Stage::Written) {
            self.tracker.client_message(place, &ClientMessage::Command(*command));
        }
        self.restart_reply_timer();
    }

    /// The reply that has been awaited for longest decides.
    pub(super) fn restart_reply_timer(&mut self) {
        let Some(timeout) = self.config.reply_timeout else { return };
        // An IDLE that runs is awaited by nobody; one that begins or ends is.
        let idles = self.idle.is_some_and(|idle| idle.phase == idle::Phase::Running);
        let awaited = |open: &&Open| !(idles && &*open.traits.name == "IDLE");
        let oldest = self.sent().filter(awaited).map(|open| open.sent_at).min();
        match oldest {
            Some(sent) => self.timers.start(TimerKind::Reply, sent, Some(timeout)),
            None => self.timers.stop(TimerKind::Reply),
        }
    }

    /// Each command is reported once.
    pub(super) fn forget_late(&mut self) {
        let (now, timeout) = (self.now, self.config.reply_timeout.unwrap_or_default());
        for open in self.commands.iter_mut().filter(|open| open.sent_at.after(timeout) <= now) {
            open.sent_at = Time::NEVER;
        }
        self.restart_reply_timer();
    }

    // ---- IDLE ----

    fn idle_is_sent(&self) -> bool {
        self.idle.is_some_and(|idle| idle.phase != idle::Phase::Wanted)
    }

    /// A command wants to be sent: IDLE makes room. Whether anything was done.
    fn interrupts_idle(&mut self) -> bool {
        match &mut self.idle {
            Some(idle) => {
                let first = idle.phase == idle::Phase::Running && !idle.interrupted;
                idle.interrupted |= idle.phase != idle::Phase::Wanted;
                first
            }
            None => false,
        }
    }

    fn end_idle(&mut self) -> bool {
        let done = self.idle.as_mut().is_some_and(idle::Idle::take_done);
        if done {
            self.timers.stop(TimerKind::IdleRenew);
            // OK because DONE can always be encoded.
            let _ = self.write_line(&ClientMessage::IdleDone);
            let now = self.now;
            if let Some(open) = self.commands.iter_mut().find(|open| &*open.traits.name == "IDLE") {
                open.sent_at = now;
            }
            self.restart_reply_timer();
        }
        done
    }

    /// Begins IDLE where it is wanted and nothing else is in flight.
    fn begin_idle(&mut self) -> bool {
        let Some(idle) = &mut self.idle else { return false };
        if idle.phase != idle::Phase::Wanted || !self.commands.is_empty() {
            return false;
        }
        idle.on_sent();
        let handle = idle.handle;
        // OK because the tag is always one.
        self.submit(CommandBody::Idle, handle, true).is_ok()
            && self.start(self.commands.len().saturating_sub(1))
    }
}

/// Whether a payload of the command is streamed.
fn is_streamed(body: &CommandBody) -> bool {
    let message = |message: &AppendMessage| {
        if let AppendData::Catenate(parts) = &message.data {
            let streamed = |part: &CatPart| {
                matches!(
                    part,
                    CatPart::Text(Payload::Streamed { .. }) | CatPart::Utf8(Payload::Streamed { .. })
                )
            };
            return parts.iter().any(streamed);
        }
        matches!(
            message.data,
            AppendData::Message(Payload::Streamed { .. }) | AppendData::Utf8(Payload::Streamed { .. })
        )
    };
    if let CommandBody::Append(append) = body {
        append.messages.iter().any(message)
    } else if let CommandBody::Replace(replace) = body {
        message(&replace.message)
    } else {
        false
    }
}
