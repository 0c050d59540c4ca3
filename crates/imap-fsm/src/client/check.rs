//! What a client may send: by state, policy, capabilities and the selected mailbox.

use imap_types::command::CommandBody;

use super::{Blocked, Client, Open, Phase, Stage, Tls};
use crate::{
    error::Misuse,
    flow::authenticate::is_plaintext,
    pending::Pending,
    permit::{self, Need, Traits},
    state::{Access, State},
};

impl Client {
    /// What can be said of a command when it is submitted.
    pub(super) fn check(&self, body: &CommandBody) -> Result<(), Misuse> {
        match self.phase {
            Phase::Over | Phase::Bye => return Err(Misuse::Over),
            Phase::Switching(_) => return Err(Misuse::Switching),
            Phase::Greeting | Phase::Running => {}
        }
        // More than are judged cannot be in flight.
        let most = self.config.commands.min(Pending::<()>::MOST);
        if self.commands.len() >= most {
            return Err(Misuse::TooMany(self.commands.len()));
        }
        let traits = Traits::of(body);
        // IDLE makes room.
        let others =
            || self.commands.iter().map(|open| &open.traits).filter(|traits| &*traits.name != "IDLE");
        let settled = self.phase == Phase::Running && others().next().is_none();
        if settled {
            self.check_now(body, &traits)?;
        } else {
            let open = others();
            // Before the greeting nothing is known: it may be PREAUTH.
            let valid =
                self.phase == Phase::Greeting || permit::may_become_valid(&traits, self.state(), open);
            if !valid {
                return Err(Misuse::State { name: traits.name, state: self.state() });
            }
        }
        match permit::may_follow(&traits, self.state(), others()) {
            Err(conflict) if self.config.blocked == Blocked::Refuse => Err(conflict.into()),
            Err(_) | Ok(()) => Ok(()),
        }
    }

    /// What can be said of it when its turn comes: all.
    pub(super) fn check_now(&self, body: &CommandBody, traits: &Traits) -> Result<(), Misuse> {
        let state = self.state();
        //= rfc9051#section-6.3.1
        //# Clients MUST NOT issue ENABLE once they SELECT/EXAMINE a mailbox; however, server implementations
        //# don't have to check that no mailbox is selected or was previously selected during the duration of a
        //# connection.
        let too_late = matches!(body, CommandBody::Enable(_)) && self.tracker.selected_once();
        if !traits.valid_in.contains(state) || too_late {
            return Err(Misuse::State { name: traits.name.clone(), state });
        }
        match &*traits.name {
            "STARTTLS" if self.protected => return Err(Misuse::Active("TLS")),
            "COMPRESS" if self.compressed => return Err(Misuse::Active("compression")),
            _ => {}
        }
        self.check_protection(body, traits)?;
        let capabilities = self.capabilities();
        //= rfc9051#section-7.2.2
        //# Client implementations SHOULD NOT require any capability name other than "IMAP4rev2", and possibly
        //# "STARTTLS" and "LOGINDISABLED" (on a cleartext port).
        //= rfc3501#section-7.2.1
        //# Client implementations SHOULD NOT require any capability name other than "IMAP4rev1"
        for need in permit::needs(body) {
            if need.is_met(capabilities) == Some(false) {
                return Err(match need {
                    Need::Advertised(_) => Misuse::NotAdvertised(need.name()),
                    Need::Enabled(name) => Misuse::NotEnabled(name),
                });
            }
        }
        if traits.writes && state == State::Selected(Access::ReadOnly) {
            return Err(Misuse::ReadOnly);
        }
        if traits.numbers && capabilities.modes().uid_only {
            return Err(Misuse::UidOnly);
        }
        Ok(())
    }

    /// RFC 9051 section 6.2.3, and what the owner wants.
    fn check_protection(&self, body: &CommandBody, traits: &Traits) -> Result<(), Misuse> {
        let login = matches!(body, CommandBody::Login { .. });
        if login && self.capabilities().advertises("LOGINDISABLED") == Some(true) {
            return Err(Misuse::LoginDisabled);
        }
        let credentials = if let CommandBody::Authenticate { mechanism, .. } = body {
            is_plaintext(mechanism.as_str())
        } else {
            login
        };
        if self.protected {
            return Ok(());
        }
        let allowed = match self.config.tls {
            Tls::Optional => true,
            Tls::ForCredentials => !credentials,
            Tls::Required => {
                matches!(&*traits.name, "CAPABILITY" | "NOOP" | "ID" | "STARTTLS" | "LOGOUT")
            }
        };
        if allowed { Ok(()) } else { Err(Misuse::Unprotected) }
    }

    /// The commands that were sent, and have no reply.
    pub(super) fn sent(&self) -> impl Iterator<Item = &Open> {
        self.commands.iter().map(|open| &**open).filter(|open| !matches!(open.stage, Stage::Queued(_)))
    }
}
