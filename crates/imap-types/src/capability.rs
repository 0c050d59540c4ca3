//! Capabilities and SASL mechanisms.

use core::fmt;

use crate::{atom::Atom, error::ValidationError, octets::detach};

/// `auth-type = atom`: the name of a SASL mechanism, such as `PLAIN` (RFC 9051 section 9).
pub type AuthMechanism = Atom;

/// `capability = ("AUTH=" auth-type) / atom` (RFC 9051 section 9). Compares without regard to case.
///
/// ```
/// use imap_types::capability::{Capability, has, names};
///
/// let list = [Capability::try_from("imap4rev1")?, Capability::try_from("AUTH=PLAIN")?];
/// assert!(has(&list, names::IMAP4REV1) && !has(&list, names::IDLE));
/// assert!(list[1].is_auth());
/// assert_eq!(list[1].auth_mechanism(), Some("PLAIN"));
/// # Ok::<(), imap_types::error::ValidationError>(())
/// ```
///
/// `S: * CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN`
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Capability(Atom);

detach!(struct Capability { 0 });

impl Capability {
    /// The name as it was sent, value included: `AUTH=PLAIN`.
    #[must_use]
    pub const fn as_atom(&self) -> &Atom {
        &self.0
    }

    /// The text, as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether this is `name`, in whatever case, or, where `name` has no `=`, `name` with a value:
    /// `APPENDLIMIT=35651584` is an `APPENDLIMIT`.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        let ours = self.as_str();
        ours.eq_ignore_ascii_case(name)
            || ours.split_once('=').is_some_and(|(ours, _)| ours.eq_ignore_ascii_case(name))
    }

    /// What follows the first `=`: the mechanism of AUTH, the number of APPENDLIMIT.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        self.as_str().split_once('=').map(|(_, value)| value)
    }

    /// Whether it names a SASL mechanism: `AUTH=..`.
    #[must_use]
    pub fn is_auth(&self) -> bool {
        self.auth_mechanism().is_some()
    }

    /// The name of the SASL mechanism, as it was sent.
    #[must_use]
    pub fn auth_mechanism(&self) -> Option<&str> {
        let (name, mechanism) = self.as_str().split_once('=')?;
        (name.eq_ignore_ascii_case("AUTH") && !mechanism.is_empty()).then_some(mechanism)
    }

    /// `AUTH=mechanism`
    #[must_use]
    pub fn auth(mechanism: &AuthMechanism) -> Self {
        let name = alloc::format!("AUTH={mechanism}");
        // OK because an atom behind `AUTH=` is an atom; the mechanism alone is never needed.
        Atom::try_from(name).map_or_else(|_| Self(mechanism.clone()), Self)
    }
}

/// Whether `name` is among `capabilities`; see [`Capability::is`].
#[must_use]
pub fn has(capabilities: &[Capability], name: &str) -> bool {
    capabilities.iter().any(|capability| capability.is(name))
}

/// The names of the capabilities that are known, for [`has`] and [`Capability::is`].
///
/// `AUTH=` has [`Capability::auth_mechanism`].
pub mod names {
    /// `IMAP4rev1`: IMAP4rev1 (RFC 3501).
    pub const IMAP4REV1: &str = "IMAP4rev1";
    /// `IMAP4rev2`: IMAP4rev2 (RFC 9051).
    pub const IMAP4REV2: &str = "IMAP4rev2";
    /// `IMAP4`: RFC 1730.
    pub const IMAP4: &str = "IMAP4";
    /// `ACL`: RFC 4314.
    pub const ACL: &str = "ACL";
    /// `ANNOTATE-EXPERIMENT-1`: RFC 5257.
    pub const ANNOTATE_EXPERIMENT_1: &str = "ANNOTATE-EXPERIMENT-1";
    /// `APPENDLIMIT`: RFC 7889; also with a value.
    pub const APPENDLIMIT: &str = "APPENDLIMIT";
    /// `BINARY`: RFC 3516.
    pub const BINARY: &str = "BINARY";
    /// `CATENATE`: RFC 4469.
    pub const CATENATE: &str = "CATENATE";
    /// `CHILDREN`: RFC 3348.
    pub const CHILDREN: &str = "CHILDREN";
    /// `COMPRESS=DEFLATE`: RFC 4978.
    pub const COMPRESS_DEFLATE: &str = "COMPRESS=DEFLATE";
    /// `CONDSTORE`: RFC 7162.
    pub const CONDSTORE: &str = "CONDSTORE";
    /// `CONTEXT=SEARCH`: RFC 5267.
    pub const CONTEXT_SEARCH: &str = "CONTEXT=SEARCH";
    /// `CONTEXT=SORT`: RFC 5267.
    pub const CONTEXT_SORT: &str = "CONTEXT=SORT";
    /// `CONVERT`: RFC 5259.
    pub const CONVERT: &str = "CONVERT";
    /// `CREATE-SPECIAL-USE`: RFC 6154.
    pub const CREATE_SPECIAL_USE: &str = "CREATE-SPECIAL-USE";
    /// `ENABLE`: RFC 5161.
    pub const ENABLE: &str = "ENABLE";
    /// `ESEARCH`: RFC 4731.
    pub const ESEARCH: &str = "ESEARCH";
    /// `ESORT`: RFC 5267.
    pub const ESORT: &str = "ESORT";
    /// `FILTERS`: RFC 5466.
    pub const FILTERS: &str = "FILTERS";
    /// `I18NLEVEL=1`: RFC 5255.
    pub const I18NLEVEL_1: &str = "I18NLEVEL=1";
    /// `I18NLEVEL=2`: RFC 5255.
    pub const I18NLEVEL_2: &str = "I18NLEVEL=2";
    /// `ID`: RFC 2971.
    pub const ID: &str = "ID";
    /// `IDLE`: RFC 2177.
    pub const IDLE: &str = "IDLE";
    /// `IMAPSIEVE`: RFC 6785; always with a value.
    pub const IMAPSIEVE: &str = "IMAPSIEVE";
    /// `INPROGRESS`: RFC 9585.
    pub const INPROGRESS: &str = "INPROGRESS";
    /// `JMAPACCESS`: RFC 9698.
    pub const JMAPACCESS: &str = "JMAPACCESS";
    /// `LANGUAGE`: RFC 5255.
    pub const LANGUAGE: &str = "LANGUAGE";
    /// `LIST-EXTENDED`: RFC 5258.
    pub const LIST_EXTENDED: &str = "LIST-EXTENDED";
    /// `LIST-METADATA`: RFC 9590.
    pub const LIST_METADATA: &str = "LIST-METADATA";
    /// `LIST-MYRIGHTS`: RFC 8440.
    pub const LIST_MYRIGHTS: &str = "LIST-MYRIGHTS";
    /// `LIST-STATUS`: RFC 5819.
    pub const LIST_STATUS: &str = "LIST-STATUS";
    /// `LITERAL+`: RFC 7888.
    pub const LITERAL_PLUS: &str = "LITERAL+";
    /// `LITERAL-`: RFC 7888.
    pub const LITERAL_MINUS: &str = "LITERAL-";
    /// `LOGIN-REFERRALS`: RFC 2221.
    pub const LOGIN_REFERRALS: &str = "LOGIN-REFERRALS";
    /// `LOGINDISABLED`: RFC 3501 section 6.2.3.
    pub const LOGINDISABLED: &str = "LOGINDISABLED";
    /// `MAILBOX-REFERRALS`: RFC 2193.
    pub const MAILBOX_REFERRALS: &str = "MAILBOX-REFERRALS";
    /// `MESSAGELIMIT`: RFC 9738; always with a value.
    pub const MESSAGELIMIT: &str = "MESSAGELIMIT";
    /// `METADATA`: RFC 5464.
    pub const METADATA: &str = "METADATA";
    /// `METADATA-SERVER`: RFC 5464.
    pub const METADATA_SERVER: &str = "METADATA-SERVER";
    /// `MOVE`: RFC 6851.
    pub const MOVE: &str = "MOVE";
    /// `MULTIAPPEND`: RFC 3502.
    pub const MULTIAPPEND: &str = "MULTIAPPEND";
    /// `MULTISEARCH`: RFC 7377.
    pub const MULTISEARCH: &str = "MULTISEARCH";
    /// `NAMESPACE`: RFC 2342.
    pub const NAMESPACE: &str = "NAMESPACE";
    /// `NOTIFY`: RFC 5465.
    pub const NOTIFY: &str = "NOTIFY";
    /// `OBJECTID`: RFC 8474.
    pub const OBJECTID: &str = "OBJECTID";
    /// `PARTIAL`: RFC 9394.
    pub const PARTIAL: &str = "PARTIAL";
    /// `PREVIEW`: RFC 8970.
    pub const PREVIEW: &str = "PREVIEW";
    /// `QRESYNC`: RFC 7162.
    pub const QRESYNC: &str = "QRESYNC";
    /// `QUOTA`: RFC 9208; also `QUOTA=RES-..`.
    pub const QUOTA: &str = "QUOTA";
    /// `QUOTASET`: RFC 9208.
    pub const QUOTASET: &str = "QUOTASET";
    /// `REPLACE`: RFC 8508.
    pub const REPLACE: &str = "REPLACE";
    /// `RIGHTS`: RFC 4314; always with a value.
    pub const RIGHTS: &str = "RIGHTS";
    /// `SASL-IR`: RFC 4959.
    pub const SASL_IR: &str = "SASL-IR";
    /// `SAVEDATE`: RFC 8514.
    pub const SAVEDATE: &str = "SAVEDATE";
    /// `SAVELIMIT`: RFC 9738; always with a value.
    pub const SAVELIMIT: &str = "SAVELIMIT";
    /// `SEARCH=FUZZY`: RFC 6203.
    pub const SEARCH_FUZZY: &str = "SEARCH=FUZZY";
    /// `SEARCHRES`: RFC 5182.
    pub const SEARCHRES: &str = "SEARCHRES";
    /// `SORT`: RFC 5256.
    pub const SORT: &str = "SORT";
    /// `SORT=DISPLAY`: RFC 5957.
    pub const SORT_DISPLAY: &str = "SORT=DISPLAY";
    /// `SPECIAL-USE`: RFC 6154.
    pub const SPECIAL_USE: &str = "SPECIAL-USE";
    /// `STARTTLS`: RFC 3501 section 6.2.1.
    pub const STARTTLS: &str = "STARTTLS";
    /// `STATUS=SIZE`: RFC 8438.
    pub const STATUS_SIZE: &str = "STATUS=SIZE";
    /// `THREAD=ORDEREDSUBJECT`: RFC 5256.
    pub const THREAD_ORDEREDSUBJECT: &str = "THREAD=ORDEREDSUBJECT";
    /// `THREAD=REFERENCES`: RFC 5256.
    pub const THREAD_REFERENCES: &str = "THREAD=REFERENCES";
    /// `UIDBATCHES`: RFC 10022.
    pub const UIDBATCHES: &str = "UIDBATCHES";
    /// `UIDONLY`: RFC 9586.
    pub const UIDONLY: &str = "UIDONLY";
    /// `UIDPLUS`: RFC 4315.
    pub const UIDPLUS: &str = "UIDPLUS";
    /// `UNAUTHENTICATE`: RFC 8437.
    pub const UNAUTHENTICATE: &str = "UNAUTHENTICATE";
    /// `UNSELECT`: RFC 3691.
    pub const UNSELECT: &str = "UNSELECT";
    /// `URL-PARTIAL`: RFC 5550.
    pub const URL_PARTIAL: &str = "URL-PARTIAL";
    /// `URLAUTH`: RFC 4467.
    pub const URLAUTH: &str = "URLAUTH";
    /// `URLAUTH=BINARY`: RFC 5524.
    pub const URLAUTH_BINARY: &str = "URLAUTH=BINARY";
    /// `UTF8=ACCEPT`: RFC 9755.
    pub const UTF8_ACCEPT: &str = "UTF8=ACCEPT";
    /// `UTF8=ONLY`: RFC 9755.
    pub const UTF8_ONLY: &str = "UTF8=ONLY";
    /// `WITHIN`: RFC 5032.
    pub const WITHIN: &str = "WITHIN";
    /// `X-GM-EXT-1`: not registered.
    pub const X_GM_EXT_1: &str = "X-GM-EXT-1";
    /// `XLIST`: not registered.
    pub const XLIST: &str = "XLIST";
    /// `XAPPLEPUSHSERVICE`: not registered.
    pub const XAPPLEPUSHSERVICE: &str = "XAPPLEPUSHSERVICE";
    /// `X-UIDONLY`: not registered; forerunner of UIDONLY.
    pub const X_UIDONLY: &str = "X-UIDONLY";
    /// `ANNOTATEMORE`: not registered.
    pub const ANNOTATEMORE: &str = "ANNOTATEMORE";
}

impl From<Atom> for Capability {
    #[inline]
    fn from(name: Atom) -> Self {
        Self(name)
    }
}

impl TryFrom<&str> for Capability {
    type Error = ValidationError;

    fn try_from(text: &str) -> Result<Self, ValidationError> {
        Atom::try_from(text).map(Self)
    }
}

impl PartialEq<&str> for Capability {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl fmt::Debug for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Capability({})", self.0)
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_case_and_may_have_a_value() {
        let limit = Capability::try_from("appendlimit=10");
        assert!(limit.as_ref().is_ok_and(|it| it.is(names::APPENDLIMIT) && it.value() == Some("10")));
        assert!(Capability::try_from("QUOTASET").is_ok_and(|it| !it.is(names::QUOTA)));
        assert!(Capability::try_from("Auth=plain").is_ok_and(|it| it.auth_mechanism() == Some("plain")));
        assert!(Capability::try_from("AUTH=").is_ok_and(|it| !it.is_auth()));
        assert!(Capability::try_from("a]").is_err());
    }
}
