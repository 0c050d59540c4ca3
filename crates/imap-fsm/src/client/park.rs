//! A client's session at rest.

use alloc::{boxed::Box, string::ToString as _, sync::Arc};

use imap_types::{
    command::{ClientMessage, Command, CommandBody},
    response::{Continuation, Response},
    string::Text,
};

use super::{Client, Config, Open, Phase, Stage, Tls};
use crate::{
    error::Misuse,
    flow::idle::{self, Idle},
    outbox::Outbox,
    park::{self, Parked, Role, WakeError},
    permit::Traits,
    state::State,
    tag::Tags,
    time::Time,
    timer::{TimerKind, Timers},
    track::Tracker,
    violation::Place,
};

impl Client {
    /// The session as a value; the session itself stays as it is. See [`park`].
    ///
    /// # Errors
    /// [`Misuse::Busy`] where anything but IDLE is in flight, half read or written, or was not drained.
    pub fn park(&self) -> Result<Parked, Misuse> {
        let idle = match (&self.idle, self.commands.front()) {
            (None, None) => None,
            (Some(idle), Some(open))
                if idle.phase == idle::Phase::Running && !idle.stopped && !idle.interrupted =>
            {
                Some(park::Idle { tag: open.tag.to_string(), handle: idle.handle })
            }
            (Some(_), _) | (None, Some(_)) => return Err(Misuse::Busy),
        };
        let quiet = self.phase == Phase::Running
            && !self.eof
            && self.commands.len() <= 1
            && self.writing.is_none()
            && !self.streaming
            && self.standing.is_empty()
            && self.events.is_empty()
            && self.outbox.is_empty()
            && self.framer.is_idle();
        if !quiet {
            return Err(Misuse::Busy);
        }
        let mut parked = Parked::of(&self.tracker, Role::Client);
        parked.protected = self.protected;
        parked.compressed = self.compressed;
        parked.idle = idle;
        parked.tags = self.tags.count();
        parked.handles = self.handles;
        Ok(parked)
    }

    /// The session that was parked, on the same connection. IDLE is renewed as if it had begun now. Places of messages
    /// are counted anew.
    ///
    /// # Errors
    /// Where `parked` is no session that a client with this configuration can have come to.
    pub fn wake(config: Arc<Config>, parked: &Parked, now: Time) -> Result<Self, WakeError> {
        let mut tracker = parked.tracker(Role::Client)?;
        if config.tls == Tls::Required && !parked.protected && tracker.state() != State::NotAuthenticated {
            return Err(park::wrong("protected", "the configuration requires TLS"));
        }
        let mut client = Self::new(config, now);
        let mut timers = Timers::default();
        if let Some((tag, handle)) = parked.idle_tag()? {
            let mut idle = Idle::new(handle);
            idle.on_sent();
            idle.on_continuation();
            idle.told = true;
            client.idle = Some(idle);
            resume_idle(&mut tracker, Command { tag: tag.clone(), body: CommandBody::Idle });
            client.commands.push_back(Box::new(Open {
                handle,
                tag,
                traits: Traits::of(&CommandBody::Idle),
                stage: Stage::Written,
                wanted: None,
                standing: None,
                sent_at: now,
                heard_before: 0,
                silent: true,
            }));
            timers.start(TimerKind::IdleRenew, now, client.config.idle_renew);
        }
        client.phase = Phase::Running;
        client.protected = parked.protected;
        client.compressed = parked.compressed;
        client.tracker = tracker;
        client.tags = Tags::after(parked.tags);
        client.handles = parked.handles;
        client.outbox = Outbox::default();
        client.timers = timers;
        Ok(client)
    }
}

/// Lets the tracker know of an IDLE that runs.
pub(crate) fn resume_idle(tracker: &mut Tracker, idle: Command) {
    let place = Place::default();
    tracker.client_message(place, &ClientMessage::Command(idle));
    let go_on = Continuation { code: None, text: Text::default(), challenge: None };
    tracker.server_message(place, &Response::Continuation(go_on));
    // What it thinks of it was said when it happened.
    tracker.found.clear();
}
