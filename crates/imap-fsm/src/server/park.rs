//! A server's session at rest.

use alloc::{boxed::Box, string::ToString as _, sync::Arc};

use imap_types::command::{Command, CommandBody};

use super::{Active, Config, Id, Kind, Late, Phase, Server, check::enabled_by};
use crate::{
    client::resume_idle,
    error::Misuse,
    park::{self, Parked, Role, WakeError},
    pending::row_of,
    permit::Effect,
    time::Time,
    timer::TimerKind,
};

impl Server {
    /// The session as a value; the session itself stays as it is. See [`park`].
    ///
    /// # Errors
    /// [`Misuse::Busy`] where anything but IDLE is in flight, half read or written, or was not drained; and while an
    /// update was not told.
    pub fn park(&self) -> Result<Parked, Misuse> {
        let idle = match self.commands.front() {
            None => None,
            Some(active) if active.kind == Kind::Idle => {
                Some(park::Idle { tag: active.tag.to_string(), handle: active.id.0 })
            }
            Some(_) => return Err(Misuse::Busy),
        };
        let quiet = self.phase == Phase::Running
            && !self.eof
            && self.commands.len() <= 1
            && self.held.is_none()
            && self.receiving.is_none()
            && self.writing.is_none()
            && self.late == Late::Nothing
            && self.broken.is_none()
            && self.updates.as_ref().is_none_or(|updates| updates.is_empty())
            && self.events.is_empty()
            && self.outbox.is_empty()
            && self.framer.is_idle();
        if !quiet {
            return Err(Misuse::Busy);
        }
        let mut parked = Parked::of(&self.tracker, Role::Server);
        parked.protected = self.protected;
        parked.compressed = self.compressed;
        parked.idle = idle;
        parked.handles = self.ids;
        parked.user = self.user.as_deref().map(Into::into);
        Ok(parked)
    }

    /// The session that was parked, on the same connection. Its timers begin now. Places of messages are counted anew.
    /// What is advertised is what `config` says; what was enabled stays so.
    ///
    /// # Errors
    /// Where `parked` is no session that a server with this configuration can have come to.
    pub fn wake(config: Arc<Config>, parked: &Parked, now: Time) -> Result<Self, WakeError> {
        let tracker = parked.tracker(Role::Server)?;
        let mut server = if parked.protected { Self::protected(config, now) } else { Self::new(config, now) };
        for name in &parked.enabled {
            let offers = enabled_by(name).map_or(&[][..], |(_, offers)| offers);
            if !offers.iter().any(|offer| server.config.capabilities.iter().any(|told| told.is(offer))) {
                return Err(park::wrong("enabled", "the configuration does not offer it"));
            }
        }
        server.phase = Phase::Running;
        server.started = true;
        server.compressed = parked.compressed;
        server.tracker = tracker;
        server.ids = parked.handles;
        server.user = parked.user.as_deref().map(Box::from);
        if server.state() == crate::state::State::NotAuthenticated {
            server.refresh();
        } else {
            server.authenticated();
        }
        if let Some((tag, id)) = parked.idle_tag()? {
            let row = row_of(&CommandBody::Idle);
            resume_idle(&mut server.tracker, Command { tag: tag.clone(), body: CommandBody::Idle });
            server.commands.push_back(Active {
                id: Id(id),
                tag,
                row,
                effect: Effect::Everything,
                kind: Kind::Idle,
            });
        }
        server.timers.start(TimerKind::Autologout, now, server.config.autologout);
        Ok(server)
    }
}
