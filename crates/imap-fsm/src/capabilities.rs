//! What the server can do, as far as it said so, and what of it was enabled.
//!
//! Capabilities are learned from CAPABILITY data and from the code CAPABILITY, and are void after what may change them:
//! STARTTLS, a successful LOGIN or AUTHENTICATE, UNAUTHENTICATE. What ENABLE switched on lasts until the end of the
//! connection or UNAUTHENTICATE.

use alloc::{boxed::Box, vec::Vec};

use imap_types::capability::{Capability, names};

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
    /// `None` while not known.
    advertised: Option<Names>,
    enabled: Names,
    modes: Modes,
    /// The revisions that were ever advertised on this connection.
    revisions: (bool, bool),
    /// Whether BINARY is offered: asked for each message that a server sends.
    binary: bool,
}

/// What of that which was enabled changes how messages are read and written. `C: a1 ENABLE QRESYNC IMAP4rev2`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Modes {
    /// IMAP4rev2 (RFC 9051).
    pub rev2: bool,
    /// UTF8=ACCEPT (RFC 9755), or IMAP4rev2: quoted strings hold UTF-8.
    pub utf8: bool,
    /// CONDSTORE, or QRESYNC (RFC 7162).
    pub cond_store: bool,
    /// QRESYNC (RFC 7162): VANISHED instead of EXPUNGE.
    pub qresync: bool,
    /// UIDONLY (RFC 9586): no message numbers.
    pub uid_only: bool,
}

/// The most names kept of one list that have no bit; a server that sends more has the rest taken as not advertised.
const MOST: usize = 256;

/// The longest name that is kept, in bytes.
const LONGEST: usize = 128;

/// A set of names, without case. Those in [`KNOWN`] cost a bit each: a session that waits has no room for more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Names {
    /// The bits, as bytes: the word would be aligned to 16, and all that holds it be rounded up.
    known: [u8; 16],
    /// All others, in upper case and in order.
    others: Option<Box<[Box<str>]>>,
}

/// The names with a bit, each at its place. A name more goes to the end.
const KNOWN: [&str; 96] = [
    names::IMAP4REV1,
    names::IMAP4REV2,
    names::IMAP4,
    names::ACL,
    names::ANNOTATE_EXPERIMENT_1,
    names::APPENDLIMIT,
    names::BINARY,
    names::CATENATE,
    names::CHILDREN,
    names::COMPRESS_DEFLATE,
    names::CONDSTORE,
    names::CONTEXT_SEARCH,
    names::CONTEXT_SORT,
    names::CONVERT,
    names::CREATE_SPECIAL_USE,
    names::ENABLE,
    names::ESEARCH,
    names::ESORT,
    names::FILTERS,
    names::I18NLEVEL_1,
    names::I18NLEVEL_2,
    names::ID,
    names::IDLE,
    names::INPROGRESS,
    names::JMAPACCESS,
    names::LANGUAGE,
    names::LIST_EXTENDED,
    names::LIST_METADATA,
    names::LIST_MYRIGHTS,
    names::LIST_STATUS,
    names::LITERAL_PLUS,
    names::LITERAL_MINUS,
    names::LOGIN_REFERRALS,
    names::LOGINDISABLED,
    names::MAILBOX_REFERRALS,
    names::METADATA,
    names::METADATA_SERVER,
    names::MOVE,
    names::MULTIAPPEND,
    names::MULTISEARCH,
    names::NAMESPACE,
    names::NOTIFY,
    names::OBJECTID,
    names::PARTIAL,
    names::PREVIEW,
    names::QRESYNC,
    names::QUOTA,
    names::QUOTASET,
    names::REPLACE,
    names::SASL_IR,
    names::SAVEDATE,
    names::SEARCH_FUZZY,
    names::SEARCHRES,
    names::SORT,
    names::SORT_DISPLAY,
    names::SPECIAL_USE,
    names::STARTTLS,
    names::STATUS_SIZE,
    names::THREAD_ORDEREDSUBJECT,
    names::THREAD_REFERENCES,
    "THREAD=REFS",
    names::UIDBATCHES,
    names::UIDONLY,
    names::UIDPLUS,
    names::UNAUTHENTICATE,
    names::UNSELECT,
    names::URL_PARTIAL,
    names::URLAUTH,
    names::URLAUTH_BINARY,
    names::UTF8_ACCEPT,
    names::UTF8_ONLY,
    names::WITHIN,
    names::X_GM_EXT_1,
    names::XLIST,
    names::XAPPLEPUSHSERVICE,
    names::X_UIDONLY,
    names::ANNOTATEMORE,
    "IDLE-IN-PROGRESS",
    "SNIPPET=FUZZY",
    "PREVIEW=FUZZY",
    "RIGHTS=KXTE",
    "RIGHTS=TEKX",
    "STATUS=SIZE+",
    "QUOTA=RES-STORAGE",
    "QUOTA=RES-MESSAGE",
    "AUTH=PLAIN",
    "AUTH=LOGIN",
    "AUTH=CRAM-MD5",
    "AUTH=DIGEST-MD5",
    "AUTH=EXTERNAL",
    "AUTH=ANONYMOUS",
    "AUTH=OAUTHBEARER",
    "AUTH=XOAUTH2",
    "AUTH=SCRAM-SHA-1",
    "AUTH=SCRAM-SHA-256",
    "AUTH=SCRAM-SHA-256-PLUS",
];

fn bit(name: &str) -> Option<u128> {
    let place = KNOWN.iter().position(|known| known.eq_ignore_ascii_case(name))?;
    1_u128.checked_shl(u32::try_from(place).ok()?)
}

impl Names {
    const fn bits(&self) -> u128 {
        u128::from_ne_bytes(self.known)
    }

    fn contains(&self, name: &str) -> bool {
        match bit(name) {
            Some(bit) => self.bits() & bit != 0,
            None => self.others.iter().flatten().any(|other| other.eq_ignore_ascii_case(name)),
        }
    }

    fn extend<'n>(&mut self, list: impl IntoIterator<Item = &'n str>) {
        let mut others: Vec<Box<str>> = self.others.take().map_or_else(Vec::new, Vec::from);
        for name in list {
            match bit(name) {
                Some(bit) => self.known = (self.bits() | bit).to_ne_bytes(),
                None if others.len() < MOST && name.len() <= LONGEST => {
                    others.push(name.to_ascii_uppercase().into());
                }
                None => {}
            }
        }
        others.sort_unstable();
        others.dedup();
        self.others = (!others.is_empty()).then(|| others.into());
    }

    fn iter(&self) -> impl Iterator<Item = &str> {
        let known = KNOWN.iter().copied().filter(|name| bit(name).is_some_and(|bit| self.bits() & bit != 0));
        known.chain(self.others.iter().flatten().map(|name| &**name))
    }
}

impl Capabilities {
    /// Takes a list that the server sent; it replaces the one before.
    pub fn learn(&mut self, list: &[Capability]) {
        let mut names = Names::default();
        names.extend(list.iter().map(Capability::as_str));
        self.revisions.0 |= names.contains("IMAP4REV1");
        self.revisions.1 |= names.contains("IMAP4REV2");
        self.advertised = Some(names);
        self.binary = self.offers(names::BINARY) == Some(true);
    }

    /// Takes an ENABLED response.
    pub fn enable(&mut self, list: &[Capability]) {
        //= rfc9051#section-6.3.1
        //# If the argument is an extension that is supported by the server and that needs to be enabled, the
        //# server MUST enable the extension for the duration of the connection.
        self.enabled.extend(list.iter().map(Capability::as_str));
        let (rev2, qresync) = (self.is_enabled("IMAP4rev2"), self.is_enabled("QRESYNC"));
        self.modes = Modes {
            rev2,
            utf8: rev2 || self.is_enabled("UTF8=ACCEPT"),
            cond_store: qresync || self.is_enabled("CONDSTORE"),
            qresync,
            uid_only: self.is_enabled("UIDONLY"),
        };
    }

    /// Forgets what was advertised: something may have changed it.
    pub fn forget(&mut self) {
        self.advertised = None;
        self.binary = false;
    }

    /// Forgets all, as for a new connection: after STARTTLS and UNAUTHENTICATE.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Whether `name` (in any case) is advertised; `None` while that is not known.
    #[must_use]
    pub fn advertises(&self, name: &str) -> Option<bool> {
        self.advertised.as_ref().map(|names| names.contains(name))
    }

    /// Whether any of `names` (in any case) is advertised; `None` while that is not known.
    #[must_use]
    pub fn advertises_any(&self, names: &[&str]) -> Option<bool> {
        self.advertised.as_ref().map(|known| names.iter().any(|name| known.contains(name)))
    }

    /// Whether `name` (in any case) was enabled.
    #[must_use]
    pub fn is_enabled(&self, name: &str) -> bool {
        self.enabled.contains(name)
    }

    /// Whether the server has an extension: advertised by its name, or part of IMAP4rev2 (RFC 9051 appendix E) where
    /// that is advertised; `None` while that is not known.
    #[must_use]
    pub fn offers(&self, name: &str) -> Option<bool> {
        let part = IN_REV2.iter().any(|part| part.eq_ignore_ascii_case(name));
        self.advertised.as_ref().map(|known| known.contains(name) || (part && known.contains("IMAP4REV2")))
    }

    /// Whether BINARY is [offered](Self::offers).
    pub(crate) const fn offers_binary(&self) -> bool {
        self.binary
    }

    /// Whether a client may use an extension: as [`Capabilities::offers`], but a part of IMAP4rev2 that is not
    /// advertised by its name only where that revision is spoken. ENABLE, which makes it so, may be used before.
    #[must_use]
    pub fn may_use(&self, name: &str) -> Option<bool> {
        //= rfc9051#section-A
        //# If both IMAP4rev1 and IMAP4rev2 are advertised, an IMAP client that wants to use IMAP4rev2 MUST issue an
        //# "ENABLE IMAP4rev2" command.
        let spoken = self.is_rev2() || name.eq_ignore_ascii_case("ENABLE");
        if spoken { self.offers(name) } else { self.advertises(name) }
    }

    /// The advertised names; none while they are not known. In capital letters but for the revisions; the order is
    /// not that of the server.
    pub fn advertised(&self) -> impl Iterator<Item = &str> {
        self.advertised.iter().flat_map(Names::iter)
    }

    /// The names that were enabled.
    pub fn enabled(&self) -> impl Iterator<Item = &str> {
        self.enabled.iter()
    }

    /// What of that which was enabled changes how messages are read and written.
    #[must_use]
    pub const fn modes(&self) -> Modes {
        self.modes
    }

    /// Whether the server is known to speak IMAP4rev1 now: it said so once, and IMAP4rev2 was not enabled.
    #[must_use]
    pub const fn is_rev1(&self) -> bool {
        self.revisions.0 && !self.modes.rev2
    }

    /// Whether the server is known to speak IMAP4rev2 now: it was enabled, or nothing else was ever advertised.
    #[must_use]
    pub const fn is_rev2(&self) -> bool {
        //= rfc9051#section-7.2.2
        //# If IMAP4rev1 capability is not advertised, server responses MUST conform to this document until
        //# the client issues a command that uses an additional capability.
        //= rfc9051#section-7.2.2
        //# If both IMAP4rev1 and IMAP4rev2 capabilities are advertised, server responses MUST conform to
        //# [RFC3501] until the client issues a command that uses an additional capability.
        self.modes.rev2 || (self.revisions.1 && !self.revisions.0)
    }

    /// Whether strings may hold UTF-8: IMAP4rev2 or UTF8=ACCEPT is on.
    #[must_use]
    pub const fn is_utf8(&self) -> bool {
        self.is_rev2() || self.modes.utf8
    }
}

/// What IMAP4rev2 took in (RFC 9051 appendix E), of what has a name as a
/// capability; of BINARY it is the FETCH side.
const IN_REV2: &[&str] = &[
    "NAMESPACE",
    "UNSELECT",
    "UIDPLUS",
    "ESEARCH",
    "SEARCHRES",
    "ENABLE",
    "IDLE",
    "SASL-IR",
    "LIST-EXTENDED",
    "LIST-STATUS",
    "MOVE",
    "LITERAL-",
    "BINARY",
    "STATUS=SIZE",
];

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn list(names: &[&str]) -> Vec<Capability> {
        names.iter().map(|name| Capability::try_from(*name).unwrap()).collect()
    }

    #[test]
    fn names_with_and_without_a_bit_are_known() {
        let mut known = Capabilities::default();
        known.learn(&list(&["imap4REV2", "appendlimit=99", "X-Mine", "Auth=Plain"]));
        for name in ["IMAP4rev2", "APPENDLIMIT=99", "x-mine", "AUTH=PLAIN"] {
            assert_eq!(known.advertises(name), Some(true), "{name}");
        }
        assert_eq!(known.advertises("X-Yours"), Some(false));
        assert_eq!((known.advertises("IDLE"), known.offers("IDLE")), (Some(false), Some(true)));
        assert_eq!(known.may_use("IDLE"), Some(true));
        assert_eq!(
            known.advertised().collect::<Vec<_>>(),
            ["IMAP4rev2", "AUTH=PLAIN", "APPENDLIMIT=99", "X-MINE"]
        );
    }

    //= rfc9051#section-A
    //= type=test
    //# If both IMAP4rev1 and IMAP4rev2 are advertised, an IMAP client that wants to use IMAP4rev2 MUST issue an
    //# "ENABLE IMAP4rev2" command.
    #[test]
    fn parts_of_a_revision_are_used_where_it_is_spoken() {
        let mut known = Capabilities::default();
        assert_eq!((known.offers("IDLE"), known.may_use("IDLE")), (None, None));
        known.learn(&list(&["IMAP4rev1", "IMAP4rev2", "MOVE"]));
        for (name, before) in [("IDLE", false), ("MOVE", true), ("ENABLE", true)] {
            assert_eq!((known.offers(name), known.may_use(name)), (Some(true), Some(before)), "{name}");
        }
        known.enable(&list(&["IMAP4rev2"]));
        assert_eq!(known.may_use("IDLE"), Some(true));
    }

    #[test]
    fn no_name_has_two_bits() {
        for (place, name) in KNOWN.iter().enumerate() {
            assert_eq!(
                KNOWN.iter().position(|known| known.eq_ignore_ascii_case(name)),
                Some(place),
                "{name}"
            );
        }
    }

    #[test]
    fn what_a_hostile_server_lists_is_bounded() {
        let mut known = Capabilities::default();
        let many: Vec<_> =
            (0..10_000).map(|n| Capability::try_from(alloc::format!("X{n}").as_str()).unwrap()).collect();
        known.learn(&many);
        assert_eq!(known.advertised().count(), MOST);
    }
}
