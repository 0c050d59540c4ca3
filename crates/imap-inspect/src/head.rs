//! The head of a message: what kind it is, its name and its tag, read from its first bytes alone.
//!
//! Both a message that decodes and one that does not get their head here, so that the two agree. Nothing
//! past the name is looked at.

use imap_codec::{Expecting, Side};
use imap_types::chars::{Class, run};
use serde::Serialize;

/// What a message is (the `kind` of its object).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// The first message of a server: OK, PREAUTH or BYE.
    Greeting,
    /// OK, NO, BAD, BYE, PREAUTH, tagged or not.
    Status,
    /// Other untagged data.
    Data,
    /// `+`
    Continuation,
    /// A command with a known name, or a malformed line of a client.
    Command,
    /// `DONE`
    IdleDone,
    /// A line of AUTHENTICATE.
    AuthData,
    /// A command or data with a name that no RFC here has.
    Unknown,
    /// The input ends inside it.
    Incomplete,
}

impl Kind {
    /// The word for people and programs.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Greeting => "greeting",
            Self::Status => "status",
            Self::Data => "data",
            Self::Continuation => "continuation",
            Self::Command => "command",
            Self::IdleDone => "idle-done",
            Self::AuthData => "auth-data",
            Self::Unknown => "unknown",
            Self::Incomplete => "incomplete",
        }
    }
}

/// The head of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// What it is.
    pub(crate) kind: Kind,
    /// Its name in upper case, `UID FETCH` and the like included.
    pub(crate) name: Option<String>,
    /// Its tag.
    pub(crate) tag: Option<String>,
}

impl Head {
    const fn bare(kind: Kind) -> Self {
        Self { kind, name: None, tag: None }
    }

    /// The head of a message that `from` sent. `first` says that it is the first of its stream.
    pub(crate) fn read(from: Side, bytes: &[u8], expecting: Expecting, first: bool) -> Self {
        let start = bytes.iter().position(|byte| !matches!(byte, 0 | b'\r' | b'\n')).unwrap_or(0);
        let bytes = bytes.get(start..).unwrap_or_default();
        match from {
            Side::Client => Self::of_client(bytes, expecting),
            Side::Server => Self::of_server(bytes, first),
        }
    }

    fn of_client(bytes: &[u8], expecting: Expecting) -> Self {
        let line = bytes.split(|&byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
        match expecting {
            Expecting::AuthenticateData if !line.contains(&b' ') => return Self::bare(Kind::AuthData),
            Expecting::IdleDone if line.trim_ascii_end().eq_ignore_ascii_case(b"DONE") => {
                return Self { kind: Kind::IdleDone, name: Some("DONE".into()), tag: None };
            }
            _ => {}
        }
        let Some((tag, rest)) = word(bytes, Class::TAG_CHAR) else { return Self::bare(Kind::Command) };
        let name = match command_name(rest) {
            Some((uid, rest)) if uid.eq_ignore_ascii_case("UID") => match command_name(rest) {
                Some((name, _)) => Some(format!("UID {name}")),
                None => Some(uid),
            },
            other => other.map(|(name, _)| name),
        };
        let known = name.as_deref().is_none_or(is_known_command);
        let kind = if known { Kind::Command } else { Kind::Unknown };
        let name = name.map(|name| name.to_ascii_uppercase());
        Self { kind, name, tag: Some(tag) }
    }

    fn of_server(bytes: &[u8], first: bool) -> Self {
        match bytes {
            [b'+', ..] => return Self { kind: Kind::Continuation, name: Some("+".into()), tag: None },
            [b'*', rest @ ..] => {
                let spaces = run_of(b' ', rest);
                let rest = rest.get(spaces.saturating_sub(1)..).unwrap_or_default();
                let digits = run(Class::DIGIT, rest.get(1..).unwrap_or_default());
                let after = rest.get(digits.saturating_add(1)..).unwrap_or_default();
                let rest = if digits > 0 && after.starts_with(b" ") { after } else { rest };
                let Some((name, _)) = name(rest) else { return Self::bare(Kind::Data) };
                let name = name.to_ascii_uppercase();
                let kind = match name.as_str() {
                    "OK" | "PREAUTH" | "BYE" if first && digits == 0 => Kind::Greeting,
                    "OK" | "NO" | "BAD" | "PREAUTH" | "BYE" => Kind::Status,
                    other if is_known_data(other) => Kind::Data,
                    _ => Kind::Unknown,
                };
                return Self { kind, name: Some(name), tag: None };
            }
            _ => {}
        }
        let Some((tag, rest)) = word(bytes, Class::TAG_CHAR) else { return Self::bare(Kind::Unknown) };
        match name(rest) {
            Some((name, _)) => {
                let name = name.to_ascii_uppercase();
                let known = matches!(name.as_str(), "OK" | "NO" | "BAD" | "BYE" | "PREAUTH");
                Self {
                    kind: if known { Kind::Status } else { Kind::Unknown },
                    name: Some(name),
                    tag: Some(tag),
                }
            }
            None => Self { kind: Kind::Unknown, name: None, tag: Some(tag) },
        }
    }

    /// The head of a message of which only name and tag are at hand.
    pub(crate) fn named(from: Side, name: Option<String>, tag: Option<String>, first: bool) -> Self {
        let kind = match (from, name.as_deref().unwrap_or_default()) {
            (Side::Client, _) => Kind::Command,
            (Side::Server, "+") => Kind::Continuation,
            (Side::Server, "OK" | "PREAUTH" | "BYE") if first && tag.is_none() => Kind::Greeting,
            (Side::Server, "OK" | "NO" | "BAD" | "PREAUTH" | "BYE") => Kind::Status,
            (Side::Server, _) => Kind::Data,
        };
        Self { kind, name, tag }
    }

    /// Whether the message may hold a credential where it is malformed: a line that starts `tag LOGIN` or
    /// `tag AUTHENTICATE` is taken to hold one.
    pub(crate) fn may_hold_a_secret(&self) -> bool {
        self.kind == Kind::AuthData || matches!(self.name.as_deref(), Some("LOGIN" | "AUTHENTICATE"))
    }
}

/// How many of `byte` there are at the start.
fn run_of(byte: u8, bytes: &[u8]) -> usize {
    bytes.iter().position(|&other| other != byte).unwrap_or(bytes.len())
}

/// The run of `class` after a space, where something ends it, and what follows.
fn name(bytes: &[u8]) -> Option<(String, &[u8])> {
    word(bytes.strip_prefix(b" ")?, Class::ATOM_CHAR)
}

/// The same for a command, whatever byte ends it: a decoder that stands behind the name has read it.
fn command_name(bytes: &[u8]) -> Option<(String, &[u8])> {
    let bytes = bytes.strip_prefix(b" ")?;
    let (name, rest) = bytes.split_at_checked(run(Class::ATOM_CHAR, bytes))?;
    (!name.is_empty() && !rest.is_empty()).then(|| (String::from_utf8_lossy(name).into_owned(), rest))
}

/// The run of `class`, where something ends it, and what follows.
fn word(bytes: &[u8], class: Class) -> Option<(String, &[u8])> {
    let len = run(class, bytes);
    let (word, rest) = bytes.split_at_checked(len)?;
    match rest.first() {
        Some(b' ' | b'\r' | b'\n' | b'(' | b'{' | b'"') if !word.is_empty() => {
            Some((String::from_utf8_lossy(word).into_owned(), rest))
        }
        _ => None,
    }
}

/// The commands of all the RFCs, and the unregistered ones that are in wide use.
fn is_known_command(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let (uid, plain) = match name.strip_prefix("UID ") {
        Some(plain) => (true, plain),
        None => (false, name.as_str()),
    };
    match plain {
        "SEARCH" | "FETCH" | "STORE" | "COPY" | "MOVE" | "EXPUNGE" | "REPLACE" | "SORT" | "THREAD"
        | "CONVERT" => true,
        _ if uid => false,
        "CAPABILITY" | "NOOP" | "LOGOUT" | "ID" | "LANGUAGE" | "STARTTLS" | "AUTHENTICATE" | "LOGIN"
        | "ENABLE" | "SELECT" | "EXAMINE" | "CREATE" | "DELETE" | "RENAME" | "SUBSCRIBE" | "UNSUBSCRIBE"
        | "LIST" | "LSUB" | "NAMESPACE" | "STATUS" | "APPEND" | "IDLE" | "COMPRESS" | "COMPARATOR"
        | "CONVERSIONS" | "GETMETADATA" | "SETMETADATA" | "NOTIFY" | "RLIST" | "RLSUB" | "UNAUTHENTICATE"
        | "GETJMAPACCESS" | "SETACL" | "DELETEACL" | "GETACL" | "LISTRIGHTS" | "MYRIGHTS" | "GETQUOTA"
        | "GETQUOTAROOT" | "SETQUOTA" | "RESETKEY" | "GENURLAUTH" | "URLFETCH" | "ESEARCH" | "CHECK"
        | "CLOSE" | "UNSELECT" | "CANCELUPDATE" | "UIDBATCHES" | "XLIST" | "XAPPLEPUSHSERVICE" | "UID" => {
            true
        }
        _ => false,
    }
}

/// The same for untagged data.
fn is_known_data(name: &str) -> bool {
    matches!(
        name,
        "CAPABILITY"
            | "ENABLED"
            | "LIST"
            | "LSUB"
            | "NAMESPACE"
            | "STATUS"
            | "SEARCH"
            | "ESEARCH"
            | "FLAGS"
            | "EXISTS"
            | "RECENT"
            | "EXPUNGE"
            | "FETCH"
            | "VANISHED"
            | "UIDFETCH"
            | "SORT"
            | "THREAD"
            | "ACL"
            | "LISTRIGHTS"
            | "MYRIGHTS"
            | "QUOTA"
            | "QUOTAROOT"
            | "METADATA"
            | "ID"
            | "LANGUAGE"
            | "COMPARATOR"
            | "CONVERTED"
            | "CONVERSION"
            | "GENURLAUTH"
            | "URLFETCH"
            | "UIDBATCHES"
            | "JMAPACCESS"
            | "XLIST"
            | "XAPPLEPUSHSERVICE"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(bytes: &[u8]) -> (Kind, Option<String>, Option<String>) {
        let head = Head::read(Side::Client, bytes, Expecting::Command, false);
        (head.kind, head.name, head.tag)
    }

    fn server(bytes: &[u8], first: bool) -> (Kind, Option<String>, Option<String>) {
        let head = Head::read(Side::Server, bytes, Expecting::Command, first);
        (head.kind, head.name, head.tag)
    }

    fn some(text: &str) -> Option<String> {
        Some(text.into())
    }

    #[test]
    fn commands_have_tag_and_name() {
        assert_eq!(client(b"a1 select INBOX\r\n"), (Kind::Command, some("SELECT"), some("a1")));
        assert_eq!(client(b"a1 uid fetch 1 FLAGS\r\n"), (Kind::Command, some("UID FETCH"), some("a1")));
        assert_eq!(client(b"a1 XYZZY\r\n"), (Kind::Unknown, some("XYZZY"), some("a1")));
        assert_eq!(client(b"a1 noop\t\r\n"), (Kind::Command, some("NOOP"), some("a1")));
        assert_eq!(client(b"a1\r\n"), (Kind::Command, None, some("a1")));
        assert_eq!(client(b"a+1 NOOP\r\n"), (Kind::Command, None, None));
        assert_eq!(client(b"a1  NOOP\r\n"), (Kind::Command, None, some("a1")));
        assert_eq!(client(b" a1 NOOP\r\n"), (Kind::Command, None, None));
        assert_eq!(client(b"\r\na1 NOOP\r\n"), (Kind::Command, some("NOOP"), some("a1")));
    }

    #[test]
    fn only_the_first_status_is_a_greeting() {
        assert_eq!(server(b"* OK hi\r\n", true), (Kind::Greeting, some("OK"), None));
        assert_eq!(server(b"* OK hi\r\n", false), (Kind::Status, some("OK"), None));
        assert_eq!(server(b"* NO hi\r\n", true), (Kind::Status, some("NO"), None));
        assert_eq!(server(b"* 3 EXISTS\r\n", true), (Kind::Data, some("EXISTS"), None));
    }

    #[test]
    fn responses_have_names() {
        assert_eq!(server(b"* 23 fetch (UID 4)\r\n", false), (Kind::Data, some("FETCH"), None));
        assert_eq!(server(b"a1 ok done\r\n", false), (Kind::Status, some("OK"), some("a1")));
        assert_eq!(server(b"+ idling\r\n", false), (Kind::Continuation, some("+"), None));
        assert_eq!(server(b"*  7 EXISTS\r\n", false), (Kind::Data, some("EXISTS"), None));
        assert_eq!(server(b" x y\r\n", false), (Kind::Unknown, None, None));
        assert_eq!(server(b"* WHAT 1\r\n", false), (Kind::Unknown, some("WHAT"), None));
        assert_eq!(server(b"* OK\r\n", false), (Kind::Status, some("OK"), None));
    }

    #[test]
    fn what_is_expected_of_a_client_decides() {
        let read = |bytes: &[u8], expecting| Head::read(Side::Client, bytes, expecting, false).kind;
        assert_eq!(read(b"AGE=\r\n", Expecting::AuthenticateData), Kind::AuthData);
        assert_eq!(read(b"\r\n", Expecting::AuthenticateData), Kind::AuthData);
        assert_eq!(read(b"a1 NOOP\r\n", Expecting::AuthenticateData), Kind::Command);
        assert_eq!(read(b"done\r\n", Expecting::IdleDone), Kind::IdleDone);
        assert_eq!(read(b"DONE \r\n", Expecting::IdleDone), Kind::IdleDone);
        assert_eq!(read(b"a1 NOOP\r\n", Expecting::IdleDone), Kind::Command);
        assert_eq!(read(b"DONE\r\n", Expecting::Command), Kind::Command);
    }
}
