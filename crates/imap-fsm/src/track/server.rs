//! The half of the tracker that hears the server.

use alloc::{boxed::Box, format, string::String, vec::Vec};

use imap_types::{
    atom::Tag,
    code::Code,
    octets::Detach,
    response::{Continuation, Data, Greeting, GreetingKind, Response, Status, StatusResponse},
};

use super::{Certainty, Ended, LiteralState, Tracker};
use crate::{
    mailbox::View,
    observer::{Completed, Note},
    pending::{InFlight, Kind, Seen},
    state::{Event as Move, Outcome, State, table},
    violation::{Place, Rule, Violation},
};

impl Tracker {
    /// The server sent its greeting.
    pub(crate) fn server_greeting(&mut self, greeting: &Greeting) {
        self.greeted = true;
        self.greeting = Some(greeting.kind);
        self.state = self.state.on(&Move::Greeting(greeting.kind));
        if greeting.kind == GreetingKind::Bye {
            self.ended = Some(Ended::Refused);
        }
        if let Some(Code::Capability(list)) = &greeting.code {
            self.capabilities.learn(list);
        }
    }

    /// The server sent a message. Gives the command that it completes.
    pub(crate) fn server_message(&mut self, place: Place, response: &Response) -> Option<Completed> {
        let command = self.message(place, response, true)?;
        let Response::Status(StatusResponse { status, .. }) = response else { return None };
        Some(Completed {
            tag: command.tag,
            name: command.name,
            status: Some(*status),
            command: command.place,
            reply: place,
        })
    }

    /// The server itself sent a message: it asked [`Tracker::would_violate`] before, or knows the answer.
    pub(crate) fn server_said(&mut self, place: Place, response: &Response) {
        self.message(place, response, false);
    }

    fn message(&mut self, place: Place, response: &Response, judge: bool) -> Option<InFlight<Place>> {
        if !self.greeted {
            self.greeted = true;
            self.doubt();
            if self.options.server {
                let message = String::from("the first message of the server is no greeting");
                self.violation(Rule::GreetingMissing, place, message);
            }
        }
        match response {
            Response::Status(status) => match &status.tag {
                Some(tag) => return self.reply(place, tag, status, judge),
                None => self.untagged_status(place, status),
            },
            Response::Data(data) if judge => self.data(place, data),
            // What was judged tells nothing new of a mailbox in which all messages are known.
            Response::Data(Data::Fetch(_)) if self.view.exists() == Some(self.view.known()) => {}
            Response::Data(data) => self.take_data(data),
            Response::Continuation(continuation) => self.continuation(place, continuation),
            _ => {}
        }
        None
    }

    /// Bytes in the clear came from the server where TLS was to begin: by whomever they were sent.
    pub(crate) fn data_after_starttls(&mut self, place: Place) {
        let message = String::from("bytes came in the clear between the OK to STARTTLS and TLS");
        self.violation(Rule::DataAfterStartTls, place, message);
    }

    /// The server sent something that could not be read; `tag` and `name` (`OK`, `FETCH`) as far as they were.
    /// Gives the command that it completes all the same.
    pub(crate) fn server_malformed(
        &mut self,
        place: Place,
        tag: Option<&Tag>,
        name: Option<&str>,
    ) -> Option<Completed> {
        if !self.greeted {
            // It may have been PREAUTH.
            self.greeted = true;
            self.doubt();
        }
        let seen = name.map_or(Seen::ANYTHING, Seen::of);
        match tag {
            Some(tag) => {
                if let Some(command) = self.pending.complete(tag) {
                    self.unread_reply(&command, name);
                    return Some(Completed {
                        tag: command.tag,
                        name: command.name,
                        status: name.and_then(status_named),
                        command: command.place,
                        reply: place,
                    });
                }
            }
            None => {
                self.pending.saw(seen);
                match name.map(str::to_ascii_uppercase).as_deref() {
                    Some("BYE") => self.bye(),
                    Some("EXISTS" | "EXPUNGE" | "VANISHED" | "FETCH") | None => self.view = View::default(),
                    Some("CAPABILITY") => self.capabilities.forget(),
                    Some(_) => {}
                }
            }
        }
        None
    }

    /// A reply that could not be read: its effect is that of its status where that could be.
    fn unread_reply(&mut self, command: &InFlight<Place>, name: Option<&str>) {
        let outcome = match name.and_then(status_named) {
            Some(status) => Outcome::of(status, None),
            None => None,
        };
        if !command.complete {
            self.refuse(&command.tag);
        }
        match outcome {
            Some(outcome) => self.complete(command, outcome, None),
            None => self.doubt(),
        }
    }

    /// The command that the reply ends is given back.
    fn reply(
        &mut self,
        place: Place,
        tag: &Tag,
        status: &StatusResponse,
        judge: bool,
    ) -> Option<InFlight<Place>> {
        if self.ended.is_some() {
            self.found.extend(self.after_bye(place, true));
        }
        let command = if judge { self.pending.complete(tag) } else { self.pending.take(tag) };
        let Some(command) = command else {
            self.learn(status.code.as_ref());
            self.stray_reply(place, tag);
            return None;
        };
        let outcome = Outcome::of(status.status, status.code.as_ref());
        self.expire(&command);
        // Payload that was not asked for is read as commands by a server that refused the literal.
        self.astray = core::mem::take(&mut self.late) > 0 && !outcome.is_some_and(Outcome::is_ok);
        if !command.complete {
            if outcome.is_some_and(Outcome::is_ok) {
                let message = format!("{tag} was answered OK before all of the command was sent");
                self.violation(Rule::ReplyBeforeCommand, place, message);
            }
            self.refuse(tag);
        }
        if let Some(outcome) = outcome {
            if judge && outcome.is_ok() {
                let mut found = core::mem::take(&mut self.found);
                self.check_data(place, &command, status.code.as_ref(), &mut found);
                self.found = found;
            }
            self.complete(&command, outcome, status.code.as_ref());
        }
        if outcome.is_some_and(Outcome::is_ok) {
            match &*command.name {
                "STARTTLS" => self.note = Some(Note::Tls),
                "COMPRESS" => self.note = Some(Note::Compress),
                _ => {}
            }
        }
        Some(command)
    }

    /// What the client sent before this command and could not be read will not be answered any more.
    fn expire(&mut self, answered: &InFlight<Place>) {
        let at = answered.place.offset;
        self.pending.expire(|place| place.offset < at);
        if self.unread > 0 && self.unread_at < at {
            self.unread = 0;
            // It may have been a SELECT.
            self.view = View::default();
        }
    }

    /// A command was answered before its end: its literal is refused, or its rest is still to come.
    fn refuse(&mut self, tag: &Tag) {
        if self.literal == LiteralState::Awaiting {
            self.literal = LiteralState::Refused;
        } else {
            self.early = Some(Box::new(tag.clone()));
        }
    }

    fn stray_reply(&mut self, place: Place, tag: &Tag) {
        if self.unread > 0 {
            self.unread = self.unread.saturating_sub(1);
            self.view = View::default();
            return;
        }
        if !self.options.client {
            // It may be the end of a SELECT.
            self.view.forget();
        }
        if !self.both() || !self.pending.is_exact() || self.astray || self.pending.was_expired(tag) {
            return;
        }
        if self.pending.was_completed(tag) {
            self.violation(Rule::ReplyRepeated, place, format!("{tag} was answered before"));
        } else {
            self.violation(Rule::UnknownTag, place, format!("no command has the tag {tag}"));
        }
    }

    /// The effect of a reply on the session.
    fn complete(&mut self, command: &InFlight<Place>, outcome: Outcome, code: Option<&Code>) {
        if command.is_plain() {
            return self.learn(code);
        }
        let before = self.state;
        let name = &*command.name;
        let row = command.row;
        if row.moves {
            // A command that was carried out was valid for the server, whatever we hold of it.
            let from = if outcome.is_ok() && !row.valid_in.contains(before) && before != State::Logout {
                row.valid_in.iter().next().unwrap_or(before)
            } else {
                before
            };
            if let Some(row) = table::find(from, &Move::Reply { command: name, outcome }) {
                self.state = row.to;
            }
        }
        match (name, outcome.is_ok()) {
            ("", true) => self.doubt(),
            // One that could not be read has not begun to leave the mailbox.
            ("SELECT" | "EXAMINE", false) if outcome == Outcome::Bad && command.kind == Kind::Malformed => {}
            ("SELECT" | "EXAMINE", ok) => {
                self.end_select(outcome, before);
                if ok && command.kind == Kind::Malformed {
                    // It was not known that another mailbox is being selected.
                    self.view = View::default();
                }
            }
            ("CLOSE" | "UNSELECT", true) => {
                self.view = View::default();
                self.certainty = Certainty::Certain;
            }
            ("LOGIN" | "AUTHENTICATE", true) => {
                self.capabilities.forget();
                self.certainty = Certainty::Certain;
            }
            //= rfc9051#section-6.2.1
            //# Once TLS has been started, the client MUST discard cached information about server
            //# capabilities
            // A code in the reply was sent in the clear like all before it.
            ("STARTTLS", true) => return self.capabilities.reset(),
            ("UNAUTHENTICATE", true) => {
                self.capabilities.reset();
                self.view = View::default();
                self.selected_once = false;
                self.notify = false;
                self.certainty = Certainty::Certain;
            }
            ("LOGOUT", true) => self.ended = Some(Ended::LoggedOut),
            // The new wishes are in the place of the old ones.
            ("NOTIFY", true) => {
                self.notify = matches!(command.kind, Kind::Notify { at_any_time: true } | Kind::Malformed);
            }
            ("IDLE", _) => {
                self.stray_done = matches!(command.kind, Kind::Idle { done: false, .. } | Kind::Malformed);
            }
            _ => {}
        }
        self.learn(code);
    }

    fn learn(&mut self, code: Option<&Code>) {
        if let Some(Code::Capability(list)) = code {
            self.capabilities.learn(list);
        }
    }

    /// What must have come before the OK.
    fn check_data(
        &self,
        place: Place,
        command: &InFlight<Place>,
        code: Option<&Code>,
        found: &mut Vec<Violation>,
    ) {
        if command.is_plain() || !self.both() || command.kind == Kind::Malformed || !command.complete {
            return;
        }
        let rev1 = self.capabilities.is_rev1();
        let rev2 = || self.capabilities.is_rev2() || self.capabilities.advertises("IMAP4REV2") == Some(true);
        let seen = command.seen;
        let mut missing = |rule: Rule, what: &str| {
            let message = format!("{} {} is OK, but {what}", command.tag, command.name);
            found.extend(self.violates(rule, place, message));
        };
        match &*command.name {
            //= rfc9051#section-6.1.1
            //# REQUIRED untagged response: CAPABILITY
            //= rfc9051#section-6.1.1
            //# The server MUST send a single untagged CAPABILITY response
            "CAPABILITY" if !seen.has(Seen::CAPABILITY) => {
                missing(Rule::CapabilityMissing, "no untagged CAPABILITY came before");
            }
            //= rfc9051#section-6.1.3
            //# REQUIRED untagged response: BYE
            "LOGOUT" if !seen.has(Seen::BYE) => missing(Rule::ByeMissing, "no untagged BYE came before"),
            "ENABLE" if !seen.has(Seen::ENABLED) => {
                missing(Rule::EnabledMissing, "no untagged ENABLED came before");
            }
            "SELECT" | "EXAMINE" => {
                //= rfc3501#section-6.3.1
                //# REQUIRED untagged responses: FLAGS, EXISTS, RECENT
                //= rfc3501#section-6.3.2
                //# REQUIRED untagged responses: FLAGS, EXISTS, RECENT
                if !seen.has(Seen::FLAGS) {
                    missing(Rule::FlagsMissing, "no untagged FLAGS came before");
                }
                if !seen.has(Seen::EXISTS) {
                    missing(Rule::ExistsMissing, "no untagged EXISTS came before");
                }
                if rev1 && !seen.has(Seen::RECENT) {
                    missing(Rule::RecentMissing, "no untagged RECENT came before");
                }
                if &*command.name == "EXAMINE" && code != Some(&Code::ReadOnly) {
                    missing(Rule::ExamineNotReadOnly, "without the code READ-ONLY");
                }
            }
            "STATUS" if !seen.has(Seen::STATUS) && rev2() => {
                missing(Rule::StatusMissing, "no untagged STATUS came before");
            }
            "NAMESPACE" if !seen.has(Seen::NAMESPACE) => {
                missing(Rule::NamespaceMissing, "no untagged NAMESPACE came before");
            }
            "SEARCH" | "UID SEARCH" => {
                let Kind::Search { returns, silent } = command.kind else { return };
                if returns && !seen.has(Seen::ESEARCH) {
                    missing(Rule::EsearchMissing, "no untagged ESEARCH came before");
                }
                if !returns && !silent && rev1 && !seen.has(Seen::SEARCH) && !seen.has(Seen::ESEARCH) {
                    missing(Rule::SearchMissing, "no untagged SEARCH came before");
                }
            }
            _ => {}
        }
    }

    fn untagged_status(&mut self, place: Place, status: &StatusResponse) {
        self.found.extend(self.after_bye(place, false));
        match status.status {
            Status::Bye => self.bye(),
            Status::PreAuth => {
                self.violation(
                    Rule::PreAuthAfterGreeting,
                    place,
                    String::from("PREAUTH came after the greeting"),
                );
            }
            Status::Ok | Status::No | Status::Bad => {}
        }
        match &status.code {
            Some(Code::Capability(list)) => self.capabilities.learn(list),
            Some(Code::Closed) => {
                self.state = self.state.on(&Move::Closed);
                self.view = View::default();
                self.left = None;
                self.ambiguous = self.selects() > 1;
                if self.selects() == 0 {
                    // The client may not have seen it yet.
                    self.certainty = Certainty::Doubtful;
                }
            }
            Some(Code::ReadOnly) if self.selects() == 0 => self.state = self.state.on(&Move::ReadOnly),
            Some(Code::ReadWrite) if self.selects() == 0 => self.state = self.state.on(&Move::ReadWrite),
            Some(Code::UidValidity(validity)) => {
                if let Err(contradiction) = self.view.on_uid_validity(*validity) {
                    self.found.extend(self.contradiction(place, contradiction, Rule::UidValidityChanged));
                }
            }
            Some(Code::UidNext(next)) => {
                let _ = self.view.on_uid_next(*next);
            }
            Some(Code::Unseen(first)) => {
                let _ = self.view.on_unseen(*first);
            }
            Some(Code::HighestModSeq(highest)) => self.view.on_highest_mod_seq(*highest),
            Some(Code::NoModSeq) => self.view.on_no_mod_seq(),
            Some(Code::UidNotSticky) => self.view.on_uid_not_sticky(),
            Some(Code::PermanentFlags(flags)) => {
                self.view.on_permanent_flags(flags.clone().detach());
            }
            _ => {}
        }
    }

    fn bye(&mut self) {
        self.pending.saw(Seen::BYE);
        self.state = self.state.on(&Move::Bye);
        if self.ended.is_some() || self.pending.iter().any(|command| &*command.name == "LOGOUT") {
            return;
        }
        let unread = self.unread > 0 || self.pending.iter().any(|command| command.name.is_empty());
        self.ended = Some(if unread || !self.options.client { Ended::Perhaps } else { Ended::Bye });
    }

    /// What must not come any more.
    pub(super) fn after_bye(&self, place: Place, tagged: bool) -> Option<Violation> {
        let what = match self.ended {
            Some(Ended::Refused) => "a greeting of BYE",
            Some(Ended::Bye) if !tagged => "a BYE that no LOGOUT asked for",
            Some(Ended::LoggedOut) => "the OK to LOGOUT",
            Some(Ended::Bye | Ended::Perhaps) | None => return None,
        };
        self.violates(Rule::DataAfterBye, place, format!("the server went on after {what}"))
    }

    fn continuation(&mut self, place: Place, _: &Continuation) {
        self.found.extend(self.after_bye(place, false));
        if self.literal == LiteralState::Awaiting {
            self.literal = LiteralState::Accepted;
            return;
        }
        if self.late > 0 {
            self.late = self.late.saturating_sub(1);
            return;
        }
        let mut unread = self.unread > 0;
        for command in self.pending.iter_mut() {
            match &mut command.kind {
                Kind::Idle { continued, .. } if !*continued => {
                    *continued = true;
                    return;
                }
                Kind::Authenticate { challenged } if !*challenged => {
                    *challenged = true;
                    return;
                }
                Kind::Malformed => unread |= command.complete,
                Kind::Idle { .. }
                | Kind::Authenticate { .. }
                | Kind::Search { .. }
                | Kind::Notify { .. }
                | Kind::Select
                | Kind::Plain => {}
            }
        }
        if !unread && !self.astray && self.both() {
            self.violation(
                Rule::ContinuationNotAwaited,
                place,
                String::from("no literal, AUTHENTICATE or IDLE waits for a continuation request"),
            );
        }
    }

    /// What would be wrong with a message of the server, if it were sent now: for the server itself. Where several rules
    /// would be broken, the first.
    pub(crate) fn would_violate(&self, place: Place, response: &Response) -> Option<Violation> {
        let mut found = Vec::new();
        if let Response::Status(status) = response {
            found.extend(self.after_bye(place, status.tag.is_some()));
            match (&status.tag, self.pending.find(status.tag.as_ref()?)) {
                (Some(_), Some(command)) if status.status == Status::Ok => {
                    self.check_data(place, command, status.code.as_ref(), &mut found);
                }
                _ => {}
            }
        } else if let Response::Data(data) = response {
            if self.ended.is_some() {
                found.extend(self.after_bye(place, false));
            }
            self.judge_data(place, data, &mut found);
            if let Data::Expunge(_) | Data::Vanished { earlier: false, .. } = data {
                found.extend(self.expunge_now(place, !matches!(data, Data::Expunge(_))));
            }
        }
        found.into_iter().next()
    }

    fn end_select(&mut self, outcome: Outcome, before: State) {
        let more = self.selects() > 0;
        self.certainty = match outcome {
            // Whether a misunderstood SELECT leaves the mailbox is said nowhere.
            Outcome::Bad if before.is_selected() => Certainty::Doubtful,
            Outcome::Bad => self.certainty,
            Outcome::Ok | Outcome::OkReadOnly | Outcome::No => Certainty::Certain,
        };
        // What cannot be read may be one too, but no mailbox is given up for that.
        let next = self.pending.iter().any(|command| command.kind == Kind::Select);
        let view = core::mem::take(&mut self.view);
        match outcome {
            // The next SELECT is to leave this one.
            Outcome::Ok | Outcome::OkReadOnly if next => self.left = Some(Box::new(view)),
            Outcome::Ok | Outcome::OkReadOnly => (self.view, self.left) = (view, None),
            Outcome::No => self.left = None,
            Outcome::Bad if next => {}
            Outcome::Bad => self.view = self.left.take().map(|left| *left).unwrap_or_default(),
        }
        self.ambiguous = more;
    }
}

fn status_named(name: &str) -> Option<Status> {
    [("OK", Status::Ok), ("NO", Status::No), ("BAD", Status::Bad)]
        .into_iter()
        .find_map(|(word, status)| name.eq_ignore_ascii_case(word).then_some(status))
}
