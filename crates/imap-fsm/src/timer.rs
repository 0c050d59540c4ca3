//! The timers of a session: one deadline of each kind.

use core::time::Duration;

use crate::time::Time;

/// Why a session wants to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TimerKind {
    /// A client waits for the greeting. When it is due, the owner is told and decides.
    Greeting,
    /// A client is to end IDLE and to begin it again, so that the server does not log it out: RFC 9051 section 6.3.13
    /// advises "to terminate IDLE and reissue it at least every 29 minutes". The session does so by itself.
    IdleRenew,
    /// A command of a client has had no reply for long. Reported, not acted upon.
    Reply,
    /// The peer is slow: with the payload of a literal, or with the `+` for one. Reported, not acted upon.
    Literal,
    /// A server logs out a client that was silent (RFC 9051 section 5.4). The session says BYE by itself.
    Autologout,
    /// A server closes a connection that did not authenticate in time. The session says BYE by itself.
    Authentication,
}

/// The deadlines of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timers([Time; 4]);

impl Default for Timers {
    fn default() -> Self {
        Self([Time::NEVER; 4])
    }
}

impl Timers {
    /// Each role has its own kinds, and a session has one role: kinds share places.
    const fn place(kind: TimerKind) -> usize {
        match kind {
            TimerKind::Greeting | TimerKind::Authentication => 0,
            TimerKind::IdleRenew | TimerKind::Autologout => 1,
            TimerKind::Reply => 2,
            TimerKind::Literal => 3,
        }
    }

    /// Sets the deadline to `after` from `now`; `None` where this kind is off.
    pub(crate) fn start(&mut self, kind: TimerKind, now: Time, after: Option<Duration>) {
        self.set(kind, after.map_or(Time::NEVER, |after| now.after(after)));
    }

    pub(crate) fn set(&mut self, kind: TimerKind, at: Time) {
        if let Some(slot) = self.0.get_mut(Self::place(kind)) {
            *slot = at;
        }
    }

    pub(crate) fn stop(&mut self, kind: TimerKind) {
        self.set(kind, Time::NEVER);
    }

    pub(crate) fn is_running(&self, kind: TimerKind) -> bool {
        self.0.get(Self::place(kind)).is_some_and(|at| *at != Time::NEVER)
    }

    /// Stops the timer of the kind if it is due, and says whether it was.
    pub(crate) fn take_due(&mut self, kind: TimerKind, now: Time) -> bool {
        let due = self.0.get(Self::place(kind)).is_some_and(|at| *at != Time::NEVER && *at <= now);
        if due {
            self.stop(kind);
        }
        due
    }

    /// The next deadline of these kinds.
    pub(crate) fn next(&self, kinds: &[TimerKind]) -> Option<(Time, TimerKind)> {
        let deadline = |kind: &TimerKind| self.0.get(Self::place(*kind)).map(|at| (*at, *kind));
        kinds.iter().filter_map(deadline).filter(|(at, _)| *at != Time::NEVER).min()
    }
}
