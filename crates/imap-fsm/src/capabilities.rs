//! What the server can do, as far as it said so, and what of it was enabled.
//!
//! Capabilities are learned from CAPABILITY data and from the code CAPABILITY, and are void after what may change them:
//! STARTTLS, a successful LOGIN or AUTHENTICATE, UNAUTHENTICATE. What ENABLE switched on lasts until the end of the
//! connection or UNAUTHENTICATE.

use alloc::{boxed::Box, collections::BTreeSet};

use imap_types::capability::Capability;

/// The capabilities of a server: known, or not known at the moment.
///
/// ```
/// use imap_fsm::capabilities::Capabilities;
/// use imap_types::capability::Capability;
///
/// let mut known = Capabilities::default();
/// assert_eq!(known.advertises("IDLE"), None);
/// known.learn(&[Capability::try_from("IMAP4rev1").unwrap(), Capability::try_from("idle").unwrap()]);
/// assert_eq!(known.advertises("IDLE"), Some(true));
/// assert_eq!(known.advertises("MOVE"), Some(false));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// In upper case; `None` while not known.
    advertised: Option<BTreeSet<Box<str>>>,
    /// In upper case.
    enabled: BTreeSet<Box<str>>,
    /// The revisions that were ever advertised on this connection.
    revisions: (bool, bool),
}

/// The most names kept of one list; a server that sends more has the rest taken as not advertised.
const MOST: usize = 1024;

impl Capabilities {
    /// Takes a list that the server sent; it replaces the one before.
    pub fn learn(&mut self, list: &[Capability]) {
        let names: BTreeSet<Box<str>> =
            list.iter().take(MOST).map(|name| name.as_str().to_ascii_uppercase().into()).collect();
        self.revisions.0 |= names.contains("IMAP4REV1");
        self.revisions.1 |= names.contains("IMAP4REV2");
        self.advertised = Some(names);
    }

    /// Takes an ENABLED response.
    pub fn enable(&mut self, list: &[Capability]) {
        let room = MOST.saturating_sub(self.enabled.len());
        self.enabled.extend(list.iter().take(room).map(|name| name.as_str().to_ascii_uppercase().into()));
    }

    /// Forgets what was advertised: something may have changed it.
    pub fn forget(&mut self) {
        self.advertised = None;
    }

    /// Forgets all, as for a new connection: after STARTTLS and UNAUTHENTICATE.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Whether `name` (upper case) is advertised; `None` while that is not known.
    #[must_use]
    pub fn advertises(&self, name: &str) -> Option<bool> {
        self.advertised.as_ref().map(|names| names.contains(name))
    }

    /// Whether any of `names` (upper case) is advertised; `None` while that is not known.
    #[must_use]
    pub fn advertises_any(&self, names: &[&str]) -> Option<bool> {
        self.advertised.as_ref().map(|known| names.iter().any(|name| known.contains(*name)))
    }

    /// Whether `name` (upper case) was enabled.
    #[must_use]
    pub fn is_enabled(&self, name: &str) -> bool {
        self.enabled.contains(name)
    }

    /// Whether the server is known to speak IMAP4rev1 now: it said so once, and IMAP4rev2 was not enabled.
    #[must_use]
    pub fn is_rev1(&self) -> bool {
        self.revisions.0 && !self.is_enabled("IMAP4REV2")
    }

    /// Whether the server is known to speak IMAP4rev2 now: it was enabled, or nothing else was ever advertised.
    #[must_use]
    pub fn is_rev2(&self) -> bool {
        self.is_enabled("IMAP4REV2") || (self.revisions.1 && !self.revisions.0)
    }

    /// Whether strings may hold UTF-8: IMAP4rev2 or UTF8=ACCEPT is on.
    #[must_use]
    pub fn is_utf8(&self) -> bool {
        self.is_rev2() || self.is_enabled("UTF8=ACCEPT")
    }
}
