//! The half of the tracker that hears the client.

use alloc::{boxed::Box, format, string::String};

use imap_types::{
    atom::Tag,
    command::{ClientMessage, Command, CommandBody},
};

use super::{Certainty, Ended, Literal, LiteralState, Tracker};
use crate::{
    observer::Pipelined,
    pending::{InFlight, Kind, row_of},
    permit::{self, Traits},
    state::{State, States, table},
    violation::{Place, Rule},
};

impl Tracker {
    /// The client announced a literal: its header and all before it were read. `tag` and `name` are those of the
    /// command that it belongs to, where they could be read; `place` is that of what was read of the command so far.
    pub(crate) fn client_literal(
        &mut self,
        place: Place,
        tag: Option<&Tag>,
        name: Option<&str>,
        literal: Literal,
    ) {
        if !literal.synchronizing {
            self.check_literal_plus(place, literal);
            self.literal = LiteralState::None;
            return;
        }
        self.literal = LiteralState::Awaiting;
        if let Some(tag) = tag {
            self.client_partial(place, tag, name);
        }
    }

    /// The client has sent only a part of a command up to now. To be told before the server is heard; telling it again
    /// changes nothing.
    pub(crate) fn client_partial(&mut self, place: Place, tag: &Tag, name: Option<&str>) {
        let known =
            self.pending.iter().any(|command| !command.complete) || self.early.as_deref() == Some(tag);
        if !known {
            self.pending.push(InFlight::unread(tag.clone(), name, false, place));
        }
    }

    /// The client sent a command in the middle of an exchange, which is ended for it: to be told before that.
    pub(crate) fn client_interrupts(&mut self, place: Place, command: &Command) {
        if !self.pending.is_empty() {
            self.check_exchange(&InFlight::new(command, place));
        }
    }

    /// A command ends here without its rest, because the server refused its literal.
    pub(crate) fn client_refused(&mut self) {
        self.literal = LiteralState::None;
        self.pending.take_partial();
    }

    /// The payload of the announced literal begins.
    pub(crate) fn client_literal_data(&mut self, place: Place) {
        let waited = self.literal != LiteralState::Awaiting;
        self.literal = LiteralState::None;
        if !waited {
            self.late = self.late.saturating_add(1);
        }
        if !waited && self.both() {
            self.violation(
                Rule::LiteralBeforeContinuation,
                place,
                String::from("the payload of a synchronising literal came before the server asked for it"),
            );
        }
    }

    /// What is to be said of a command that the client sends while others have no reply.
    pub(crate) fn pipelined(&self, message: &ClientMessage) -> Option<Pipelined> {
        let ClientMessage::Command(command) = message else { return None };
        let before = || self.pending.in_progress().filter(|before| before.kind != Kind::Malformed);
        before().next()?;
        let traits = Traits::of(&command.body);
        let in_flight =
            before().take(Pipelined::MOST).map(|before| Traits::named(before.name.clone(), before.numbers));
        let conflict = permit::may_follow(&traits, self.state, in_flight).err();
        Some(Pipelined {
            tag: command.tag.clone(),
            behind: before().take(Pipelined::MOST).map(|before| before.tag.clone()).collect(),
            conflict,
            name: traits.name,
        })
    }

    /// The client sent a message.
    pub(crate) fn client_message(&mut self, place: Place, message: &ClientMessage) {
        match message {
            ClientMessage::Command(command) => self.client_command(place, command),
            ClientMessage::AuthenticateData(_) => {
                self.answer_challenge();
            }
            ClientMessage::IdleDone => self.idle_done(place),
            _ => {}
        }
    }

    /// The client sent something that could not be read; `tag` and `name` as far as they were.
    pub(crate) fn client_malformed(&mut self, place: Place, tag: Option<&Tag>, name: Option<&str>) {
        self.literal = LiteralState::None;
        self.pending.take_partial();
        if tag.is_some() && self.early.take().as_deref() == tag {
            return;
        }
        if name.is_none() && self.answer_challenge() {
            return;
        }
        match tag {
            Some(tag) => self.pending.push(InFlight::unread(tag.clone(), name, true, place)),
            None => {
                self.unread = self.unread.saturating_add(1);
                self.unread_at = place.offset;
            }
        }
    }

    /// All that was read up to now and has no tag is answered: a server knows that of itself.
    pub(crate) fn unread_answered(&mut self) {
        self.unread = 0;
    }

    /// The client sent a command.
    pub(crate) fn client_command(&mut self, place: Place, command: &Command) {
        self.client_command_in_row(row_of(&command.body), place, command);
    }

    /// The same where its row is known.
    pub(crate) fn client_command_in_row(
        &mut self,
        row: &'static table::Command,
        place: Place,
        command: &Command,
    ) {
        self.literal = LiteralState::None;
        self.pending.take_partial();
        let answered = self.early.take().is_some_and(|tag| *tag == command.tag);
        let sent = InFlight::in_row(row, command, place);
        if self.both() {
            let alone = self.pending.is_empty();
            if !alone {
                self.check_exchange(&sent);
                self.check_tag(&sent);
            }
            self.check_state(&sent);
            self.check_capabilities(&sent, &command.body);
            if !alone {
                self.check_pipelining(&sent);
            }
        }
        self.stray_done = false;
        if answered {
            return;
        }
        if sent.selects() {
            self.begin_select();
        }
        self.pending.push(sent);
    }

    /// A line of AUTHENTICATE was sent: false where none is running.
    fn answer_challenge(&mut self) -> bool {
        let mut running = false;
        for command in self.pending.iter_mut() {
            if let Kind::Authenticate { challenged } = &mut command.kind {
                *challenged = false;
                running = true;
            }
        }
        running
    }

    fn idle_done(&mut self, place: Place) {
        let mut waiting = false;
        for command in self.pending.iter_mut() {
            if let Kind::Idle { done, .. } = &mut command.kind {
                waiting |= !*done;
                *done = true;
            } else if command.kind == Kind::Malformed && matches!(&*command.name, "" | "IDLE") {
                waiting = true;
            }
        }
        let stray = core::mem::take(&mut self.stray_done);
        if !waiting && !stray && self.unread == 0 && self.both() {
            self.violation(
                Rule::DoneWithoutIdle,
                place,
                String::from("DONE was sent while no IDLE was running"),
            );
        }
    }

    /// What must be over before the next command.
    fn check_exchange(&mut self, sent: &InFlight<Place>) {
        //= rfc9051#section-2.2.1
        //# In all cases, the client MUST send a complete command (including receiving all command
        //# continuation request responses and sending command continuations for the command) before
        //# initiating a new command.
        let found = self.pending.iter().find_map(|command| {
            let (rule, why) = match command.kind {
                Kind::Idle { continued: true, done: false } => {
                    (Rule::CommandDuringIdle, "while the server waited for DONE of IDLE")
                }
                Kind::Authenticate { challenged: true } => (
                    Rule::CommandDuringAuthenticate,
                    "while the server waited for the answer to a challenge of",
                ),
                Kind::Plain if &*command.name == "STARTTLS" => {
                    (Rule::CommandAfterStartTls, "before the answer to STARTTLS")
                }
                Kind::Plain if &*command.name == "COMPRESS" => {
                    (Rule::CommandAfterCompress, "before the answer to COMPRESS")
                }
                Kind::Idle { .. }
                | Kind::Authenticate { .. }
                | Kind::Search { .. }
                | Kind::Notify { .. }
                | Kind::Select
                | Kind::Plain
                | Kind::Malformed => return None,
            };
            Some((rule, format!("{} {} was sent {why} {}", sent.tag, sent.name, command.tag)))
        });
        if let Some((rule, message)) = found {
            self.violation(rule, sent.place, message);
        }
    }

    fn check_tag(&mut self, sent: &InFlight<Place>) {
        let used = self.pending.iter().find(|command| command.tag == sent.tag);
        if let Some(used) = used {
            let message =
                format!("{} is the tag of {} which is not complete yet", sent.tag, named(&used.name));
            self.violation(Rule::TagReused, sent.place, message);
        }
    }

    fn check_state(&mut self, sent: &InFlight<Place>) {
        if self.certainty != Certainty::Certain || !self.greeted || self.unread > 0 {
            return;
        }
        // After an unasked BYE the client may not have seen it yet.
        if matches!(self.ended, Some(Ended::Bye | Ended::Perhaps | Ended::Refused)) {
            return;
        }
        let mut possible = States::from(self.state);
        for command in self.pending.iter() {
            if command.kind == Kind::Malformed {
                return;
            }
            possible = possible.union(possible.after(&command.name));
        }
        let row = sent.row;
        if &*sent.name == "ENABLE" && self.selected_once && !possible.intersects(States::NOT_AUTHENTICATED) {
            let message = format!("{} ENABLE was sent after a mailbox was selected", sent.tag);
            self.violation(Rule::EnableAfterSelect, sent.place, message);
        } else if !possible.intersects(row.valid_in) {
            let message = if self.state == State::Logout {
                format!("{} {} was sent after the session was over", sent.tag, sent.name)
            } else {
                format!(
                    "{} {} was sent in state {possible}, but is valid in: {}",
                    sent.tag, sent.name, row.valid_in
                )
            };
            self.violation(Rule::CommandInWrongState, sent.place, message);
        }
    }

    /// Whether the capabilities that were learned are those that the server has when it takes the next command.
    fn capabilities_hold(&self) -> bool {
        self.pending.iter().all(|command| {
            command.kind != Kind::Malformed
                && !matches!(&*command.name, "LOGIN" | "AUTHENTICATE" | "STARTTLS" | "UNAUTHENTICATE")
        })
    }

    fn check_capabilities(&mut self, sent: &InFlight<Place>, body: &CommandBody) {
        if !self.capabilities_hold() {
            return;
        }
        let lacks = |names: &[&str]| self.capabilities.advertises_any(names) == Some(false);
        let disabled = || self.capabilities.advertises("LOGINDISABLED") == Some(true);
        let (rule, message) = if matches!(body, CommandBody::Login { .. }) && disabled() {
            //= rfc9051#section-7.2.2
            //# An IMAP client MUST NOT issue the LOGIN command if the server advertises the LOGINDISABLED
            //# capability.
            (Rule::LoginDisabled, "LOGIN was sent although LOGINDISABLED is advertised")
        } else if matches!(body, CommandBody::Idle) && lacks(&["IDLE", "IMAP4REV2"]) {
            (Rule::IdleNotAdvertised, "IDLE was sent although neither IDLE nor IMAP4rev2 is advertised")
        } else if matches!(body, CommandBody::Authenticate { initial_response: Some(_), .. })
            && lacks(&["SASL-IR", "IMAP4REV2"])
        {
            (
                Rule::InitialResponseNotAdvertised,
                "AUTHENTICATE was sent with an initial response although neither SASL-IR nor IMAP4rev2 is advertised",
            )
        } else {
            return;
        };
        self.violation(rule, sent.place, format!("{} {message}", sent.tag));
    }

    fn check_literal_plus(&mut self, place: Place, literal: Literal) {
        if !self.both() || !self.capabilities_hold() {
            return;
        }
        let size = literal.size;
        match self.capabilities.advertises_any(&["LITERAL+"]) {
            None | Some(true) => {}
            Some(false) => match self.capabilities.advertises_any(&["LITERAL-", "IMAP4REV2"]) {
                Some(true) if size > 4096 => self.violation(
                    Rule::LiteralMinusTooLong,
                    place,
                    format!("a non-synchronising literal of {size} bytes was sent, but 4096 are the most"),
                ),
                Some(false) => self.violation(
                    Rule::LiteralPlusNotAdvertised,
                    place,
                    format!(
                        "{{{size}+}} was sent although none of LITERAL+, LITERAL- and IMAP4rev2 is advertised"
                    ),
                ),
                Some(true) | None => {}
            },
        }
    }

    fn check_pipelining(&mut self, sent: &InFlight<Place>) {
        if !sent.numbers {
            return;
        }
        //= rfc9051#section-5.5
        //# If the client sends a UID command, it MUST wait for a completion result response before sending
        //# a command that uses message sequence numbers (this may include UID SEARCH).
        //= rfc3501#section-5.5
        //# Clients MUST NOT send multiple commands without waiting if an ambiguity would result.
        let ambiguous = self.pending.iter().find(|command| {
            command.kind != Kind::Malformed && !matches!(&*command.name, "FETCH" | "STORE" | "SEARCH" | "")
        });
        if let Some(before) = ambiguous {
            let message = format!(
                "{} {} has message numbers, and {} {} before it was not complete yet",
                sent.tag, sent.name, before.tag, before.name
            );
            self.violation(Rule::AmbiguousPipelining, sent.place, message);
        }
    }

    /// A SELECT was sent: what comes may be about the mailbox before it or about the next one.
    fn begin_select(&mut self) {
        self.ambiguous |=
            self.state.is_selected() || self.selects() > 0 || self.certainty == Certainty::Doubtful;
        //= rfc9051#section-11.3
        //# Unless explicitly allowed by an IMAP extension, when not in selected state, clients MUST ignore
        //# responses / response codes related to message and mailbox status such as FLAGS, EXIST, EXPUNGE,
        //# and FETCH.
        let left = core::mem::take(&mut self.view);
        if self.selects() == 0 {
            self.left = self.state.is_selected().then(|| Box::new(left));
        }
        self.selected_once = true;
    }
}

fn named(name: &str) -> &str {
    if name.is_empty() { "a command" } else { name }
}
