//! What a server lets a client do: by state, capabilities, the selected mailbox and its owner's word.

use imap_types::{
    capability::Capability, code::Code, command::CommandBody, response::Status, sequence::SequenceSet,
    string::Text,
};

use super::{Reply, Request, Server, named};
use crate::{
    flow::authenticate::is_plaintext,
    pending::{has_numbers, name_of},
    permit,
    state::{Access, State, table},
    violation::Place,
};

impl Server {
    /// The reply with which a command is refused; `None` where it may go on. `row` is that of its name, `payload` the size
    /// of the literal that it ends with, where it is not complete.
    pub(super) fn refusal(
        &self,
        row: &table::Command,
        body: &CommandBody,
        place: Place,
        payload: Option<u64>,
    ) -> Option<Reply> {
        if !self.allows(row)
            && let Some(reply) = self.refusal_by_name(&name_of(body))
        {
            return Some(reply);
        }
        if let Some(reply) = self.refusal_of_login(body) {
            return Some(reply);
        }
        if self.compressed && row.name == "COMPRESS" {
            // OK because the name is an atom.
            let code = Code::other("COMPRESSIONACTIVE", None).ok();
            return Some(Reply::fixed(Status::No, code, "compression is on already"));
        }
        //= rfc9051#section-6.2.1
        //# The server MUST always respond with a tagged BAD response when the STARTTLS command is received on
        //# an Implicit TLS port.
        if let Some(need) = permit::not_offered(row, body, self.capabilities()) {
            return Some(bad(named(need.name(), " is not supported here")));
        }
        if self.capabilities().modes().uid_only && has_numbers(body) {
            return Some(Reply::fixed(
                Status::Bad,
                Some(Code::UidRequired),
                "message numbers are not used any more",
            ));
        }
        if place.offset < self.renumbered && has_numbers(body) {
            return Some(Reply::fixed(
                Status::Bad,
                Some(Code::ClientBug),
                "message numbers may have changed before this was sent",
            ));
        }
        if self.state() == State::Selected(Access::ReadOnly) && row.writes {
            return Some(Reply::fixed(Status::No, None, "the mailbox is read-only"));
        }
        let above = numbers(body).is_some_and(|set| self.tracker.view().names_above_exists(set));
        if above {
            return Some(Reply::fixed(Status::Bad, None, "there is no such message"));
        }
        let authorize = self.config.authorize.as_ref()?;
        let request = Request {
            command: body,
            payload,
            state: self.state(),
            protected: self.protected,
            user: self.user.as_deref(),
        };
        let mut reply = authorize.authorize(&request).err()?;
        if !matches!(reply.status, Status::No | Status::Bad) {
            // It refuses, whatever it calls that.
            reply.status = Status::No;
        }
        Some(reply)
    }

    /// Whether the row of a command alone allows it: what decides otherwise is in [`Server::refusal_by_name`].
    fn allows(&self, row: &table::Command) -> bool {
        row.plain && row.valid_in.contains(self.state()) && !is_other(row)
    }

    /// What the name alone decides.
    #[cold]
    pub(super) fn refusal_by_name(&self, name: &str) -> Option<Reply> {
        let row = table::command(name);
        if is_other(row) && !self.config.hand_over_unknown {
            // Before authentication it may be a credential that came to the wrong place.
            let text = match self.state() {
                State::NotAuthenticated => Text::try_from("there is no such command").unwrap_or_default(),
                State::Authenticated | State::Selected(_) | State::Logout => {
                    named(name, " is no command here")
                }
            };
            return Some(bad(text));
        }
        if row.valid_in.contains(self.state()) {
            // What is advertised may be more, but not less, than what is required.
            let needs_tls = self.config.require_tls && !self.protected;
            let disabled = name == "LOGIN"
                && (needs_tls || self.capabilities().advertises("LOGINDISABLED") == Some(true));
            return disabled.then(privacy);
        }
        let mut text = alloc::string::String::from(" is not valid in the state ");
        text.push_str(self.state().name());
        Some(bad(named(name, &text)))
    }

    #[inline(never)]
    fn refusal_of_login(&self, body: &CommandBody) -> Option<Reply> {
        let CommandBody::Authenticate { mechanism, .. } = body else { return None };
        //= rfc9051#section-6.2.2
        //# Note: a server implementation MUST implement a configuration in which it does NOT permit any
        //# plaintext password mechanisms, unless the STARTTLS command has been negotiated, TLS has been
        //# negotiated on an Implicit TLS port, or some other mechanism that protects the session from
        //# password snooping has been provided.
        if self.config.require_tls && !self.protected && is_plaintext(mechanism.as_str()) {
            return Some(privacy());
        }
        let known = self.capabilities().advertises(Capability::auth(mechanism).as_str()) != Some(false);
        //= rfc9051#section-6.2.2
        //# If the requested authentication mechanism is not supported, the server SHOULD reject the
        //# AUTHENTICATE command by sending a tagged NO response.
        (!known).then(|| Reply::fixed(Status::No, None, "this mechanism is not supported"))
    }
}

fn privacy() -> Reply {
    Reply::fixed(Status::No, Some(Code::PrivacyRequired), "begin TLS first")
}

fn bad(text: Text) -> Reply {
    Reply { status: Status::Bad, code: None, text }
}

/// The message numbers of a command that are an error where there is no such message.
fn numbers(body: &CommandBody) -> Option<&SequenceSet> {
    if let CommandBody::Fetch(fetch) = body {
        (!fetch.uid).then_some(&fetch.set)
    } else if let CommandBody::Store(store) = body {
        (!store.uid).then_some(&store.set)
    } else if let CommandBody::Copy(copy) | CommandBody::Move(copy) = body {
        (!copy.uid).then_some(&copy.set)
    } else {
        None
    }
}

/// Whether this library knows a command of that name.
pub(super) fn is_known(name: &str) -> bool {
    !is_other(table::command(name))
}

/// Whether this is the row of all that have none.
fn is_other(row: &table::Command) -> bool {
    row.name == table::OTHER.name
}

/// What ENABLE knows by that name, as it is written, and which capabilities offer it.
pub(super) fn enabled_by(name: &str) -> Option<(&'static str, &'static [&'static str])> {
    ENABLED_BY.iter().find(|(enabled, _)| enabled.eq_ignore_ascii_case(name)).copied()
}

/// What ENABLE knows, and which capabilities offer it.
const ENABLED_BY: &[(&str, &[&str])] = &[
    ("CONDSTORE", &["CONDSTORE", "QRESYNC"]),
    ("QRESYNC", &["QRESYNC"]),
    ("UTF8=ACCEPT", &["UTF8=ACCEPT", "UTF8=ONLY"]),
    ("IMAP4rev2", &["IMAP4rev2"]),
    ("UIDONLY", &["UIDONLY"]),
    ("METADATA", &["METADATA"]),
    ("METADATA-SERVER", &["METADATA-SERVER"]),
    ("OBJECTID", &["OBJECTID"]),
    ("JMAPACCESS", &["JMAPACCESS"]),
];
