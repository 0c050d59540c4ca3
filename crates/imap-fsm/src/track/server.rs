//! The half of the tracker that hears the server.

use alloc::{
    boxed::Box,
    format,
    string::{String, ToString as _},
    vec::Vec,
};

use imap_types::{
    atom::Tag,
    code::Code,
    fetch::{FetchResponse, MsgAtt},
    number::Uid,
    octets::Detach,
    response::{Continuation, Data, Greeting, GreetingKind, Response, Status, StatusResponse},
    sequence::UidSet,
};

use super::{Certainty, Ended, LiteralState, Tracker};
use crate::{
    mailbox::{Contradiction, View},
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
        self.message(place, response, true)
    }

    /// The server itself sent a message: it asked [`Tracker::would_violate`] before, or knows the answer.
    pub(crate) fn server_said(&mut self, place: Place, response: &Response) {
        self.message(place, response, false);
    }

    fn message(&mut self, place: Place, response: &Response, judge: bool) -> Option<Completed> {
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

    fn reply(&mut self, place: Place, tag: &Tag, status: &StatusResponse, judge: bool) -> Option<Completed> {
        self.found.extend(self.after_bye(place, true));
        let Some(command) = self.pending.complete(tag) else {
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
        Some(Completed {
            tag: command.tag,
            name: command.name,
            status: Some(status.status),
            command: command.place,
            reply: place,
        })
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
    fn after_bye(&self, place: Place, tagged: bool) -> Option<Violation> {
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

    fn data(&mut self, place: Place, data: &Data) {
        let mut found = core::mem::take(&mut self.found);
        found.extend(self.after_bye(place, false));
        if let Data::Fetch(fetch) = data {
            // What it contradicts is found where it is taken.
            let taken = self.take_fetch(fetch);
            self.judge_fetch(place, fetch, taken, &mut found);
        } else {
            self.judge_data(place, data, &mut found);
            self.take_data(data);
        }
        self.found = found;
    }

    /// The UID of a message, unless too many are known.
    fn take_fetch(&mut self, fetch: &FetchResponse) -> Result<(), Contradiction> {
        if self.view.known() < self.most_uids {
            self.view.on_fetch(fetch.seq, uid_of(fetch))
        } else {
            self.view.check_fetch(fetch.seq, uid_of(fetch))
        }
    }

    /// What untagged data tells.
    fn take_data(&mut self, data: &Data) {
        //= rfc9051#section-2.2.2
        //# In the case of certain server data, the data MUST be remembered, as specified elsewhere in this
        //# document.
        //= rfc9051#section-7
        //# Certain server data MUST be remembered by the client when it is received
        if matches!(data, Data::Exists(_) | Data::Expunge(_) | Data::Vanished { earlier: false, .. }) {
            // Of which mailbox is not known yet.
            self.left = None;
        }
        match data {
            Data::Capability(list) => {
                self.capabilities.learn(list);
                self.pending.saw(Seen::CAPABILITY);
            }
            //= rfc9051#section-11.3
            //# Before authentication, clients SHOULD ignore any responses other than CAPABILITY and server status
            //# responses (Section 7.1), as well as any response codes other than CAPABILITY.
            // Nothing is enabled that nobody asked for.
            Data::Enabled(list) => {
                if !self.both() || self.pending.iter().any(|command| matches!(&*command.name, "ENABLE" | ""))
                {
                    self.capabilities.enable(list);
                }
                self.pending.saw(Seen::ENABLED);
            }
            Data::Flags(flags) => {
                self.pending.saw(Seen::FLAGS);
                //= rfc9051#section-7.3.5
                //# The update from the FLAGS response MUST be remembered by the client.
                self.view.on_flags(flags.clone().detach());
            }
            Data::Namespace(_) => self.pending.saw(Seen::NAMESPACE),
            Data::Status(_) => self.pending.saw(Seen::STATUS),
            Data::Search(_) => self.pending.saw(Seen::SEARCH),
            Data::Esearch(_) => self.pending.saw(Seen::ESEARCH),
            Data::List(_) | Data::Lsub(_) => {}
            Data::Exists(number) => {
                self.pending.saw(Seen::EXISTS);
                if self.ambiguous && self.selects() > 0 {
                    // From here on it is the mailbox that is being selected; what was counted before may not be.
                    self.view.forget_messages();
                }
                //= rfc9051#section-5.2
                //# Regardless of what implementation decisions a client makes on remembering data from the
                //# server, a client implementation MUST remember mailbox size updates.
                //= rfc9051#section-7.4.1
                //# The update from the EXISTS response MUST be remembered by the client.
                // What it contradicts was judged.
                let _ = self.view.on_exists(*number);
            }
            Data::Recent(number) => {
                self.pending.saw(Seen::RECENT);
                //= rfc3501#section-7.3.2
                //# The update from the RECENT response MUST be recorded by the client.
                self.view.on_recent(*number);
            }
            Data::Expunge(number) => {
                //= rfc9051#section-5.2
                //# It MUST NOT assume that any command after the initial mailbox selection will return the
                //# size of the mailbox.
                //= rfc9051#section-7.5.1
                //# The update from the EXPUNGE response MUST be remembered by the client.
                let _ = self.view.on_expunge(*number);
            }
            Data::Fetch(fetch) => {
                let _ = self.take_fetch(fetch);
            }
            Data::UidFetch(fetch) => {
                if self.view.known() < self.most_uids {
                    let _ = self.view.on_uid_fetch(fetch.uid);
                }
            }
            // What was gone before changes no number.
            Data::Vanished { earlier: true, .. } => {}
            Data::Vanished { earlier: false, uids } => self.vanished(uids),
            Data::Other { .. } | _ => {}
        }
    }

    /// What is wrong with untagged data, before it is taken.
    fn judge_data(&self, place: Place, data: &Data, found: &mut Vec<Violation>) {
        match data {
            Data::Exists(number) => {
                found.extend(self.check_selected(place, "EXISTS"));
                if let Some(before) = self.view.exists().filter(|before| before > number) {
                    let contradiction = Contradiction::Shrunk(before);
                    found.extend(self.contradiction(place, contradiction, Rule::ExistsDecreased));
                }
            }
            Data::Recent(_) => found.extend(self.check_selected(place, "RECENT")),
            Data::Expunge(number) => {
                found.extend(self.check_selected(place, "EXPUNGE"));
                found.extend(self.check_expunge(place, false));
                if let Some(exists) = self.view.exists().filter(|exists| number.get() > *exists) {
                    let contradiction = Contradiction::Above(exists);
                    found.extend(self.contradiction(place, contradiction, Rule::ExpungeAboveExists));
                }
            }
            Data::Fetch(fetch) => {
                let fits = self.view.check_fetch(fetch.seq, uid_of(fetch));
                self.judge_fetch(place, fetch, fits, found);
            }
            Data::UidFetch(_) => found.extend(self.check_selected(place, "UIDFETCH")),
            Data::Vanished { earlier, .. } => {
                let what = if *earlier { "VANISHED (EARLIER)" } else { "VANISHED" };
                found.extend(self.check_selected(place, what));
                if !earlier {
                    found.extend(self.check_expunge(place, true));
                }
            }
            Data::Capability(_)
            | Data::Enabled(_)
            | Data::Flags(_)
            | Data::List(_)
            | Data::Lsub(_)
            | Data::Namespace(_)
            | Data::Status(_)
            | Data::Search(_)
            | Data::Esearch(_)
            | Data::Other { .. }
            | _ => {}
        }
    }

    /// `fits` is what the view says to it.
    fn judge_fetch(
        &self,
        place: Place,
        fetch: &FetchResponse,
        fits: Result<(), Contradiction>,
        found: &mut Vec<Violation>,
    ) {
        found.extend(self.check_selected(place, "FETCH"));
        if let Err(contradiction) = fits {
            let rule = match contradiction {
                Contradiction::Order(..) | Contradiction::Room(..) | Contradiction::Low(_) => {
                    Rule::UidsNotAscending
                }
                Contradiction::Uid(_) => Rule::UidChanged,
                Contradiction::Above(_)
                | Contradiction::Shrunk(_)
                | Contradiction::UidValidity(_)
                | Contradiction::UidNext(_)
                | Contradiction::NoSuchUid(_)
                | Contradiction::Vanished(_) => Rule::NumberAboveExists,
            };
            found.extend(self.contradiction(place, contradiction, rule));
        }
        if !self.both() || uid_of(fetch).is_some() {
            return;
        }
        // Flags may change by themselves; what never changes was asked for, here by UID FETCH.
        let asked = fetch.items.iter().any(|item| {
            !matches!(
                item,
                MsgAtt::Flags(_)
                    | MsgAtt::Uid(_)
                    | MsgAtt::ModSeq(_)
                    | MsgAtt::Other { .. }
                    | MsgAtt::Invalid(_)
            )
        });
        let invalid = fetch.items.iter().any(|item| matches!(item, MsgAtt::Invalid(_)));
        let by_uid = self.pending.in_progress().next().is_some()
            && self.pending.in_progress().all(|command| &*command.name == "UID FETCH");
        if asked && !invalid && by_uid {
            let message = format!("a FETCH response to UID FETCH has no UID (message {})", fetch.seq);
            found.extend(self.violates(Rule::UidMissing, place, message));
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
            found.extend(self.after_bye(place, false));
            self.judge_data(place, data, &mut found);
            if let Data::Expunge(_) | Data::Vanished { earlier: false, .. } = data {
                found.extend(self.expunge_now(place, !matches!(data, Data::Expunge(_))));
            }
        }
        found.into_iter().next()
    }

    /// Whether the server itself may send EXPUNGE now: it knows which commands are in progress, and one FETCH among
    /// others is one too many.
    fn expunge_now(&self, place: Place, vanished: bool) -> Option<Violation> {
        if self.notify {
            return None;
        }
        let rule = match self.pending.in_progress().find_map(|command| forbids_expunge(&command.name)) {
            Some(rule) => rule,
            None if self.pending.in_progress().next().is_none() => Rule::ExpungeWithoutCommand,
            None => return None,
        };
        let rule = if vanished { Rule::VanishedOutOfPlace } else { rule };
        let message = String::from("what is in progress does not allow to renumber messages");
        self.violates(rule, place, message)
    }

    /// VANISHED without EARLIER. Where it names UIDs that no message can have, what is left is not certain any more.
    fn vanished(&mut self, uids: &UidSet) {
        if self.view.on_vanished(false, uids).contradiction().is_some() {
            self.view.forget_messages();
        }
    }

    fn check_selected(&self, place: Place, what: &str) -> Option<Violation> {
        if !self.both()
            || self.certainty != Certainty::Certain
            || self.state.is_selected()
            || self.state == State::Logout
            || self.pending.iter().any(InFlight::selects)
            || self.unread > 0
        {
            return None;
        }
        let message = format!("{what} came in state {}", self.state);
        self.violates(Rule::DataOutsideSelected, place, message)
    }

    fn check_expunge(&self, place: Place, vanished: bool) -> Option<Violation> {
        if !self.both() || self.notify || self.unread > 0 || !self.state.is_selected() {
            return None;
        }
        let mut rule = Rule::ExpungeWithoutCommand;
        let mut during = None;
        for command in self.pending.in_progress() {
            rule = match &*command.name {
                _ if matches!(command.kind, Kind::Malformed | Kind::Notify { at_any_time: true }) => {
                    return None;
                }
                name => forbids_expunge(name)?,
            };
            during = Some(command);
        }
        let what = if vanished { "VANISHED" } else { "EXPUNGE" };
        let message = match during {
            Some(command) => format!("{what} came while {} {} was running", command.tag, command.name),
            None => format!("{what} came while no command was in progress"),
        };
        let rule = if vanished { Rule::VanishedOutOfPlace } else { rule };
        self.violates(rule, place, message)
    }

    fn contradiction(&self, place: Place, contradiction: Contradiction, rule: Rule) -> Option<Violation> {
        // With a SELECT in flight, or what may be one, it may be another mailbox; after a gap anything may have come
        // between.
        let unread = self.unread > 0
            || self.pending.iter().any(|command| command.kind == Kind::Malformed && command.selects());
        if self.ambiguous || unread || !self.options.server {
            return None;
        }
        // A SELECT that is not seen begins with another EXISTS and another UIDVALIDITY.
        if !self.options.client
            && matches!(contradiction, Contradiction::Shrunk(_) | Contradiction::UidValidity(_))
        {
            return None;
        }
        self.violates(rule, place, contradiction.to_string())
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

fn uid_of(fetch: &FetchResponse) -> Option<Uid> {
    fetch.items.iter().find_map(|item| if let MsgAtt::Uid(uid) = item { Some(*uid) } else { None })
}

fn status_named(name: &str) -> Option<Status> {
    [("OK", Status::Ok), ("NO", Status::No), ("BAD", Status::Bad)]
        .into_iter()
        .find_map(|(word, status)| name.eq_ignore_ascii_case(word).then_some(status))
}

/// The rule by which EXPUNGE is not to be sent while a command of that name is in progress.
fn forbids_expunge(name: &str) -> Option<Rule> {
    Some(match name {
        "FETCH" => Rule::ExpungeInFetch,
        "STORE" => Rule::ExpungeInStore,
        "SEARCH" => Rule::ExpungeInSearch,
        "SORT" => Rule::ExpungeInSort,
        "THREAD" => Rule::ExpungeInThread,
        _ => return None,
    })
}
