//! Data of the server: what it tells of the mailbox, and whether it may be told now.

use alloc::{
    format,
    string::{String, ToString as _},
    vec::Vec,
};

use imap_types::{
    fetch::{FetchResponse, MsgAtt},
    number::Uid,
    octets::Detach,
    response::Data,
    sequence::UidSet,
};

use super::{Certainty, Tracker};
use crate::{
    mailbox::Contradiction,
    pending::{InFlight, Kind, Seen},
    state::State,
    violation::{Place, Rule, Violation},
};

impl Tracker {
    pub(super) fn data(&mut self, place: Place, data: &Data) {
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
    pub(super) fn take_data(&mut self, data: &Data) {
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
    pub(super) fn judge_data(&self, place: Place, data: &Data, found: &mut Vec<Violation>) {
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

    /// Whether the server itself may send EXPUNGE now: it knows which commands are in progress, and one FETCH among
    /// others is one too many.
    pub(super) fn expunge_now(&self, place: Place, vanished: bool) -> Option<Violation> {
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
        if self.state.is_selected()
            || !self.both()
            || self.certainty != Certainty::Certain
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

    pub(super) fn contradiction(
        &self,
        place: Place,
        contradiction: Contradiction,
        rule: Rule,
    ) -> Option<Violation> {
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
}

fn uid_of(fetch: &FetchResponse) -> Option<Uid> {
    fetch.items.iter().find_map(|item| if let MsgAtt::Uid(uid) = item { Some(*uid) } else { None })
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
