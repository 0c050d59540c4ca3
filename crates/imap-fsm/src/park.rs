//! Sessions at rest: an idle session as a value, to be kept, moved to another process or machine, and woken up there.
//!
//! [`Client::park`](crate::client::Client::park) and [`Server::park`](crate::server::Server::park) give a [`Parked`], which with
//! the feature `serde` can be written down in any format; [`Client::wake`](crate::client::Client::wake) and
//! [`Server::wake`](crate::server::Server::wake) make a session of it again that goes on where the other one stopped. The
//! connection itself, its TLS and compression state are the owner's to move.
//!
//! Only a session at rest can be parked: no bytes half read, half written or undrained, no command in flight but IDLE.
//!
//! A `Parked` is not trusted, wherever it was kept: waking checks the version and every part of it against the others, and
//! refuses what no session can have come to.
//!
//! ```
//! use std::sync::Arc;
//! use imap_fsm::{client::{Client, Config, Event, Tls}, time::Time};
//!
//! let mut config = Config::default();
//! config.tls = Tls::Optional;
//! let config = Arc::new(config);
//! let mut client = Client::new(Arc::clone(&config), Time::ZERO);
//! client.handle_bytes(b"* PREAUTH [CAPABILITY IMAP4rev1 IDLE] hi\r\n", Time::ZERO);
//! while client.poll_event().is_some() {}
//! let idle = client.idle(Time::ZERO)?;
//! assert_eq!(client.poll_transmit().unwrap(), "a1 IDLE\r\n");
//! client.handle_bytes(b"+ idling\r\n", Time::ZERO);
//! while client.poll_event().is_some() {}
//!
//! let parked = client.park()?;
//! drop(client);
//!
//! let mut client = Client::wake(config, &parked, Time::ZERO)?;
//! client.done(idle, Time::ZERO)?;
//! assert_eq!(client.poll_transmit().unwrap(), "DONE\r\n");
//! client.handle_bytes(b"a1 OK done\r\n", Time::ZERO);
//! assert!(matches!(client.poll_event(), Some(Event::Completed { handle, .. }) if handle == idle));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use alloc::{
    borrow::ToOwned as _,
    string::{String, ToString as _},
    vec::Vec,
};

use imap_types::{
    atom::Tag,
    capability::Capability,
    flag::{Flag, FlagPerm},
    number::{ModSeq, SeqNum, Uid, UidValidity},
    sequence::{SequenceSet, UidSet},
};

use crate::{
    mailbox::{By, View},
    state::State,
    track::Tracker,
};

/// The version that this library writes, and the only one that it reads.
const VERSION: u16 = 1;

/// The most messages whose UIDs a session is woken with: 16 Mi. A few bytes may name billions.
const MOST_UIDS: u32 = 1 << 24;

/// A session at rest. See the [module](self).
///
/// With the feature `serde` it is read and written; its form is that of its version and is not changed under it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct Parked {
    version: u16,
    pub(crate) role: Role,
    state: String,
    pub(crate) protected: bool,
    pub(crate) compressed: bool,
    /// `None` where they are not known.
    advertised: Option<Vec<String>>,
    pub(crate) enabled: Vec<String>,
    /// Whether a mailbox was ever selected.
    selected_once: bool,
    /// Whether NOTIFY allows EXPUNGE at any time.
    notify: bool,
    mailbox: Option<Mailbox>,
    pub(crate) idle: Option<Idle>,
    /// How many tags were made (client).
    pub(crate) tags: u64,
    /// How many handles or ids were given out.
    pub(crate) handles: u64,
    /// Who logged in (server).
    pub(crate) user: Option<String>,
}

/// Whose session it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
pub(crate) enum Role {
    Client,
    Server,
}

/// An IDLE that is running.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub(crate) struct Idle {
    pub(crate) tag: String,
    pub(crate) handle: u64,
}

/// The selected mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
struct Mailbox {
    /// `None` where it is not known.
    exists: Option<u32>,
    /// Runs of messages whose numbers and UIDs are known: the first number, its UID, and how many follow one by one.
    uids: Vec<(u32, u32, u32)>,
    uid_validity: Option<u32>,
    uid_next: Option<u32>,
    highest_mod_seq: Option<u64>,
    recent: Option<u32>,
    uid_not_sticky: bool,
    flags: Option<Vec<String>>,
    permanent_flags: Option<Vec<String>>,
    /// `$`, as a set of UIDs; empty for none.
    saved: String,
}

/// Why a parked session cannot be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WakeError {
    /// It is of a version that this library does not read.
    #[error("version {0} of a parked session cannot be read")]
    Version(u16),
    /// It is a session of the other side.
    #[error("the session is one of the other side")]
    Role,
    /// A part of it is not what any session can have come to: which, and what is wrong.
    #[error("{what} in a parked session: {why}")]
    Part {
        /// The name of the part.
        what: &'static str,
        /// What is wrong.
        why: &'static str,
    },
}

pub(crate) const fn wrong(what: &'static str, why: &'static str) -> WakeError {
    WakeError::Part { what, why }
}

impl Parked {
    /// What a tracker knows; the rest is the session's to add.
    pub(crate) fn of(tracker: &Tracker, role: Role) -> Self {
        let capabilities = tracker.capabilities();
        let known = capabilities.advertises("IMAP4rev1").is_some();
        Self {
            version: VERSION,
            role,
            state: tracker.state().full_name().to_owned(),
            protected: false,
            compressed: false,
            advertised: known.then(|| capabilities.advertised().map(str::to_owned).collect()),
            enabled: capabilities.enabled().map(str::to_owned).collect(),
            selected_once: tracker.was_selected(),
            notify: tracker.notifies(),
            mailbox: tracker.state().is_selected().then(|| Mailbox::of(tracker.view())),
            idle: None,
            tags: 0,
            handles: 0,
            user: None,
        }
    }

    /// Checks all of it, and makes a tracker that knows it.
    pub(crate) fn tracker(&self, role: Role) -> Result<Tracker, WakeError> {
        if self.version != VERSION {
            return Err(WakeError::Version(self.version));
        }
        if self.role != role {
            return Err(WakeError::Role);
        }
        let state = State::ALL.into_iter().find(|state| state.full_name() == self.state);
        let state = state.ok_or(wrong("state", "there is no such state"))?;
        let authenticated = match state {
            State::Logout => return Err(wrong("state", "the session is over")),
            State::NotAuthenticated => false,
            State::Authenticated | State::Selected(_) => true,
        };
        if !authenticated && !self.enabled.is_empty() {
            return Err(wrong("enabled", "nothing can be enabled before authentication"));
        }
        if !authenticated && (self.idle.is_some() || self.notify || self.selected_once || self.user.is_some())
        {
            return Err(wrong("state", "IDLE, NOTIFY, a mailbox and a user come after authentication"));
        }
        let mut tracker = Tracker::at_rest(state);
        if let Some(advertised) = &self.advertised {
            tracker.advertise(&capabilities(advertised)?);
        }
        tracker.enable(&capabilities(&self.enabled)?);
        tracker.has_selected(self.selected_once || state.is_selected(), self.notify);
        match (&self.mailbox, state.is_selected()) {
            (Some(mailbox), true) => *tracker.view_mut() = mailbox.view()?,
            (None, false) => {}
            (None, true) => return Err(wrong("mailbox", "it is missing in the selected state")),
            (Some(_), false) => return Err(wrong("mailbox", "none is selected in this state")),
        }
        Ok(tracker)
    }

    /// The tag of the IDLE that is running.
    pub(crate) fn idle_tag(&self) -> Result<Option<(Tag, u64)>, WakeError> {
        let Some(idle) = &self.idle else { return Ok(None) };
        if idle.handle == 0 || idle.handle > self.handles {
            return Err(wrong("idle", "its handle was never given out"));
        }
        let tag = Tag::try_from(idle.tag.as_str()).map_err(|_| wrong("idle", "its tag is no tag"))?;
        Ok(Some((tag, idle.handle)))
    }
}

fn capabilities(list: &[String]) -> Result<Vec<Capability>, WakeError> {
    let read = |name: &String| Capability::try_from(name.as_str());
    list.iter().map(read).collect::<Result<_, _>>().map_err(|_| wrong("capabilities", "a name is no atom"))
}

impl Mailbox {
    fn of(view: &View) -> Self {
        let mut uids: Vec<(u32, u32, u32)> = Vec::new();
        for message in view.messages(&SequenceSet::all(), By::Number) {
            let Some(uid) = message.uid else { continue };
            let (number, uid) = (message.number.get(), uid.get());
            match uids.last_mut() {
                Some((first, low, count))
                    if first.saturating_add(*count) == number && low.saturating_add(*count) == uid =>
                {
                    *count = count.saturating_add(1);
                }
                _ => uids.push((number, uid, 1)),
            }
        }
        let saved: UidSet = view.saved().collect();
        let texts = |flag: &FlagPerm| flag.to_string();
        Self {
            exists: view.exists(),
            uids,
            uid_validity: view.uid_validity().map(UidValidity::get),
            uid_next: view.uid_next().map(Uid::get),
            highest_mod_seq: view.highest_mod_seq().map(ModSeq::get),
            recent: view.recent(),
            uid_not_sticky: view.uid_not_sticky(),
            flags: view.flags().map(|flags| flags.iter().map(Flag::to_string).collect()),
            permanent_flags: view.permanent_flags().map(|flags| flags.iter().map(texts).collect()),
            saved: if saved.is_empty() { String::new() } else { saved.to_string() },
        }
    }

    fn view(&self) -> Result<View, WakeError> {
        let mut view = View::default();
        let bad = |what, why| move |_| wrong(what, why);
        if let Some(exists) = self.exists {
            view.on_exists(exists).map_err(bad("exists", "it contradicts itself"))?;
        }
        let (mut most, mut told) = (0_u32, 0_u32);
        for &(number, uid, count) in &self.uids {
            // Nothing is done for messages that cannot be there.
            let last = number.checked_add(count.wrapping_sub(1)).filter(|_| count > 0);
            let last = last.ok_or(wrong("uids", "a run is empty or too long"))?;
            told = told.saturating_add(count);
            if told > MOST_UIDS {
                return Err(wrong("uids", "these are more messages than a session is woken with"));
            }
            if number <= most || self.exists.is_some_and(|exists| last > exists) {
                return Err(wrong("uids", "the numbers do not ascend within the mailbox"));
            }
            most = last;
            for step in 0..count {
                let number = SeqNum::try_from(number.saturating_add(step));
                let uid = uid.checked_add(step).and_then(|uid| Uid::try_from(uid).ok());
                let (Ok(number), Some(uid)) = (number, uid) else {
                    return Err(wrong("uids", "a number is out of range"));
                };
                view.on_fetch(number, Some(uid)).map_err(bad("uids", "they do not ascend"))?;
            }
        }
        self.facts(&mut view)?;
        Ok(view)
    }

    fn facts(&self, view: &mut View) -> Result<(), WakeError> {
        let range = |_| wrong("mailbox", "a number is out of range");
        if let Some(validity) = self.uid_validity {
            let told = view.on_uid_validity(UidValidity::try_from(validity).map_err(range)?);
            told.map_err(|_| wrong("uid_validity", "it contradicts itself"))?;
        }
        if let Some(next) = self.uid_next {
            // A client was perhaps told of it before the last messages arrived.
            let _ = view.on_uid_next(Uid::try_from(next).map_err(range)?);
        }
        if let Some(highest) = self.highest_mod_seq {
            view.on_highest_mod_seq(ModSeq::try_from(highest).map_err(range)?);
        }
        if let Some(recent) = self.recent {
            view.on_recent(recent);
        }
        if self.uid_not_sticky {
            view.on_uid_not_sticky();
        }
        let flag = |text: &str| Flag::try_from(text).map_err(|_| wrong("flags", "one is no flag"));
        if let Some(flags) = &self.flags {
            view.on_flags(flags.iter().map(|text| flag(text)).collect::<Result<_, _>>()?);
        }
        if let Some(flags) = &self.permanent_flags {
            let read = |text: &String| {
                if text == "\\*" { Ok(FlagPerm::Any) } else { flag(text).map(FlagPerm::Flag) }
            };
            view.on_permanent_flags(flags.iter().map(read).collect::<Result<_, _>>()?);
        }
        if !self.saved.is_empty() {
            let saved =
                UidSet::try_from(self.saved.as_str()).map_err(|_| wrong("saved", "it is no set of UIDs"))?;
            view.save(&saved);
        }
        Ok(())
    }
}
