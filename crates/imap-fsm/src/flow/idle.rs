//! IDLE from the client's side (RFC 9051 section 6.3.13): the owner wants to idle until it says otherwise, and the machine
//! begins, interrupts and renews the command as needed.

/// Where an IDLE stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It is to be sent as soon as nothing else is in flight.
    Wanted,
    /// `IDLE` was sent, and `+` has not come.
    Requested,
    /// The server has sent `+`.
    Running,
    /// `DONE` was sent, and the reply has not come.
    Ending,
}

/// An IDLE that the owner asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Idle {
    /// The handle that the owner has.
    pub(crate) handle: u64,
    pub(crate) phase: Phase,
    /// Whether it is over for the owner.
    pub(crate) stopped: bool,
    /// Whether it is to end and to begin again.
    pub(crate) interrupted: bool,
    /// Whether the owner knows that it runs.
    pub(crate) told: bool,
}

/// What follows from the reply to IDLE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Replied {
    /// It is over, and the owner is told.
    Over,
    /// It goes on, under another tag.
    Again,
}

impl Idle {
    pub(crate) const fn new(handle: u64) -> Self {
        Self { handle, phase: Phase::Wanted, stopped: false, interrupted: false, told: false }
    }

    /// The command was sent.
    pub(crate) const fn on_sent(&mut self) {
        self.phase = Phase::Requested;
    }

    /// `+` came: whether it was for this.
    pub(crate) fn on_continuation(&mut self) -> bool {
        let awaited = self.phase == Phase::Requested;
        if awaited {
            self.phase = Phase::Running;
        }
        awaited
    }

    /// Whether `DONE` is to be sent now; it then counts as sent. Before `+` it would come too early.
    pub(crate) fn take_done(&mut self) -> bool {
        let done = self.phase == Phase::Running && (self.stopped || self.interrupted);
        if done {
            self.phase = Phase::Ending;
        }
        done
    }

    /// The tagged reply came.
    pub(crate) fn on_reply(&mut self, ok: bool) -> Replied {
        self.phase = Phase::Wanted;
        let asked = core::mem::take(&mut self.interrupted);
        // A server that ends IDLE by itself, with OK, is not asked again and again.
        if ok && asked && !self.stopped { Replied::Again } else { Replied::Over }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn done_waits_for_the_continuation() {
        let mut idle = Idle::new(1);
        idle.on_sent();
        idle.stopped = true;
        assert!(!idle.take_done());
        assert!(idle.on_continuation() && !idle.on_continuation());
        assert!(idle.take_done() && !idle.take_done());
        assert_eq!(idle.on_reply(true), Replied::Over);
    }

    #[test]
    fn what_was_interrupted_goes_on() {
        let mut idle = Idle::new(1);
        idle.on_sent();
        idle.on_continuation();
        idle.interrupted = true;
        assert!(idle.take_done());
        assert_eq!((idle.on_reply(true), idle.phase), (Replied::Again, Phase::Wanted));
        idle.interrupted = true;
        assert_eq!(idle.on_reply(false), Replied::Over);
    }
}
