//! What the observer calls a violation, and what it does not.
//!
//! A row for every rule: the smallest dialogues that break it, and the nearest legal ones. Each line is one message
//! of one side (`C:`, `S:`), CRLF is added; `@auth` and `@selected` stand for the way into that state.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use imap_codec::{DecodeOptions, Side};
use imap_fsm::observer::{Dialogue, Event, Note, Options, Rule};
use imap_tests::rng::Rng;

const AUTH: &str = "S: * PREAUTH [CAPABILITY IMAP4rev1 IDLE LITERAL+ ENABLE NAMESPACE ESEARCH UIDPLUS] hello";
const SELECT: &str = "C: s0 SELECT INBOX\n\
    S: * FLAGS (\\Seen)\n\
    S: * 3 EXISTS\n\
    S: * 0 RECENT\n\
    S: * OK [UIDVALIDITY 7] valid\n\
    S: s0 OK [READ-WRITE] done";

struct Row {
    rule: Rule,
    broken: &'static [&'static str],
    legal: &'static [&'static str],
}

const ROWS: &[Row] = &[
    //= rfc9051#section-3.1
    //= type=test
    //# In the not authenticated state, the client MUST supply authentication credentials before most
    //# commands will be permitted.
    //= rfc9051#section-3.2
    //= type=test
    //# In the authenticated state, the client is authenticated and MUST select a mailbox to access before
    //# commands that affect messages will be permitted.
    Row {
        rule: Rule::CommandInWrongState,
        broken: &[
            "S: * OK hello\nC: a FETCH 1 FLAGS",
            "S: * OK hello\nC: a SELECT INBOX\nS: a BAD no",
            "@auth\nC: a LOGIN joe secret",
            "@auth\nC: a CLOSE",
            "@selected\nC: a SELECT Other\nS: a NO refused\nC: b UID FETCH 1 FLAGS",
            "@selected\nC: a CLOSE\nS: a OK done\nC: b SEARCH ALL",
            // Whatever the reply to NOOP will be, no mailbox is selected after it.
            "@auth\nC: a NOOP\nC: b UID FETCH 1 FLAGS",
            "@auth\nC: a LOGOUT\nS: * BYE\nS: a OK done\nC: b NOOP",
            "@auth\nC: a UNAUTHENTICATE\nS: a OK done\nC: b LIST \"\" *",
            "@auth\nC: a SORT (DATE) UTF-8 ALL",
        ],
        legal: &[
            "S: * OK hello\nC: a CAPABILITY\nS: * CAPABILITY IMAP4rev1\nS: a OK done",
            "S: * OK hello\nC: a LOGIN joe secret\nC: b SELECT INBOX\nC: c UID FETCH 1 FLAGS",
            "@selected\nC: a SELECT Other\nS: a BAD what\nC: b UID FETCH 1 FLAGS",
            "@selected\nC: a CLOSE\nC: b UID FETCH 1 FLAGS",
            "@auth\nC: a XYZZY foo\nS: a BAD what",
            "S: * OK hello\nC: a XYZZY foo\nS: a BAD what",
            // The client had not seen the BYE.
            "@auth\nS: * BYE shutting down\nC: b NOOP",
            // The server takes it: then it is not ours to call it wrong.
            "@selected\nC: a UNSELECT\nS: a OK done\nC: b LIST \"\" *\nS: b OK done",
        ],
    },
    Row {
        rule: Rule::TagReused,
        broken: &["@auth\nC: a NOOP\nC: a NOOP\nS: a OK done\nS: a OK done"],
        legal: &["@auth\nC: a NOOP\nS: a OK done\nC: a NOOP\nS: a OK done"],
    },
    Row {
        rule: Rule::DoneWithoutIdle,
        broken: &["@auth\nC: DONE", "@auth\nC: a IDLE\nS: + go\nC: DONE\nS: a OK done\nC: DONE"],
        legal: &[
            "@auth\nC: a IDLE\nS: + go\nC: DONE\nS: a OK done",
            // It crosses the reply with which the server ends IDLE.
            "@auth\nC: a IDLE\nS: + go\nS: a NO not any more\nC: DONE",
        ],
    },
    Row {
        rule: Rule::CommandDuringIdle,
        broken: &["@auth\nC: a IDLE\nS: + go\nC: b NOOP"],
        legal: &["@auth\nC: a IDLE\nS: + go\nC: DONE\nC: b NOOP\nS: a OK done\nS: b OK done"],
    },
    //= rfc9051#section-2.2.1
    //= type=test
    //# In all cases, the client MUST send a complete command (including receiving all command continuation
    //# request responses and sending command continuations for the command) before initiating a new
    //# command.
    Row {
        rule: Rule::CommandDuringAuthenticate,
        broken: &["S: * OK hello\nC: a AUTHENTICATE PLAIN\nS: + \nC: b LOGIN joe secret"],
        legal: &[
            "S: * OK hello\nC: a AUTHENTICATE PLAIN\nS: + \nC: AGEAYg==\nC: b NOOP\nS: a OK done\nS: b OK done",
            "S: * OK hello\nC: a AUTHENTICATE PLAIN\nS: + \nC: *\nS: a BAD cancelled",
            "S: * OK hello\nC: a AUTHENTICATE LOGIN\nS: + VXNlcjo=\nC: YQ==\nS: + UGFzczo=\nC: Yg==\nS: a OK done",
        ],
    },
    Row {
        rule: Rule::LiteralBeforeContinuation,
        broken: &["@auth\nC: a SELECT {5}\nC: INBOX\nS: + go\nS: a NO done"],
        legal: &[
            "@auth\nC: a SELECT {5}\nS: + go\nC: INBOX\nS: a NO done",
            "@auth\nC: a SELECT {5+}\nC: INBOX",
        ],
    },
    Row {
        rule: Rule::LiteralPlusNotAdvertised,
        broken: &["S: * PREAUTH [CAPABILITY IMAP4rev1] hello\nC: a SELECT {5+}\nC: INBOX"],
        legal: &[
            "S: * PREAUTH hello\nC: a SELECT {5+}\nC: INBOX",
            "S: * PREAUTH [CAPABILITY IMAP4rev2] hello\nC: a SELECT {5+}\nC: INBOX",
            "S: * PREAUTH [CAPABILITY IMAP4rev1 LITERAL-] hello\nC: a SELECT {5+}\nC: INBOX",
            // What is advertised after LOGIN is not known.
            "S: * OK [CAPABILITY IMAP4rev1] hello\nC: a LOGIN joe secret\nS: a OK done\nC: b SELECT {5+}\nC: INBOX",
        ],
    },
    Row {
        rule: Rule::LiteralMinusTooLong,
        broken: &["S: * PREAUTH [CAPABILITY IMAP4rev1 LITERAL-] hello\nC: a APPEND INBOX {4097+}\nC: #4097#"],
        legal: &[
            "S: * PREAUTH [CAPABILITY IMAP4rev1 LITERAL-] hello\nC: a APPEND INBOX {4096+}\nC: #4096#",
            "S: * PREAUTH [CAPABILITY IMAP4rev1 LITERAL+] hello\nC: a APPEND INBOX {4097+}\nC: #4097#",
        ],
    },
    Row {
        rule: Rule::CommandAfterStartTls,
        broken: &["S: * OK hello\nC: a STARTTLS\nC: b LOGIN joe secret"],
        legal: &["S: * OK hello\nC: a STARTTLS\nS: a NO not now\nC: b LOGIN joe secret"],
    },
    Row {
        rule: Rule::CommandAfterCompress,
        broken: &["@auth\nC: a COMPRESS DEFLATE\nC: b NOOP"],
        legal: &["@auth\nC: a COMPRESS DEFLATE\nS: a NO [COMPRESSIONACTIVE] no\nC: b NOOP"],
    },
    //= rfc9051#section-7.2.2
    //= type=test
    //# An IMAP client MUST NOT issue the LOGIN command if the server advertises the LOGINDISABLED
    //# capability.
    Row {
        rule: Rule::LoginDisabled,
        broken: &["S: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hello\nC: a LOGIN joe secret"],
        legal: &[
            "S: * OK [CAPABILITY IMAP4rev1] hello\nC: a LOGIN joe secret",
            "S: * OK hello\nC: a CAPABILITY\nS: * CAPABILITY IMAP4rev1 LOGINDISABLED\nS: a OK done\nC: b AUTHENTICATE PLAIN",
        ],
    },
    Row {
        rule: Rule::IdleNotAdvertised,
        broken: &["S: * PREAUTH [CAPABILITY IMAP4rev1] hello\nC: a IDLE"],
        legal: &["S: * PREAUTH hello\nC: a IDLE", "S: * PREAUTH [CAPABILITY IMAP4rev2] hello\nC: a IDLE"],
    },
    Row {
        rule: Rule::InitialResponseNotAdvertised,
        broken: &["S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\nC: a AUTHENTICATE PLAIN AGEAYg=="],
        legal: &[
            "S: * OK [CAPABILITY IMAP4rev1 SASL-IR] hello\nC: a AUTHENTICATE PLAIN AGEAYg==",
            "S: * OK [CAPABILITY IMAP4rev2] hello\nC: a AUTHENTICATE PLAIN AGEAYg==",
        ],
    },
    Row {
        rule: Rule::EnableAfterSelect,
        broken: &[
            "@selected\nC: a ENABLE CONDSTORE",
            "@selected\nC: a CLOSE\nS: a OK done\nC: b ENABLE CONDSTORE",
        ],
        legal: &["@auth\nC: a ENABLE CONDSTORE\nS: * ENABLED\nS: a OK done"],
    },
    //= rfc9051#section-5.5
    //= type=test
    //# If the client sends a UID command, it MUST wait for a completion result response before sending a
    //# command that uses message sequence numbers (this may include UID SEARCH).
    //= rfc3501#section-5.5
    //= type=test
    //# Clients MUST NOT send multiple commands without waiting if an ambiguity would result.
    Row {
        rule: Rule::AmbiguousPipelining,
        broken: &[
            "@selected\nC: a COPY 1 Other\nC: b COPY 2 Other",
            "@selected\nC: a UID FETCH 1 FLAGS\nC: b UID SEARCH 1:3",
            "@selected\nC: a STORE 1 +FLAGS (\\Seen)\nC: b NOOP\nC: c FETCH 1 FLAGS",
        ],
        legal: &[
            "@selected\nC: a FETCH 1 FLAGS\nC: b STORE 1 +FLAGS (\\Seen)\nC: c SEARCH 1\nC: d NOOP",
            "@selected\nC: a UID SEARCH ALL\nC: b UID SEARCH ALL",
            "@selected\nC: a COPY 1 Other\nS: a OK done\nC: b COPY 2 Other",
        ],
    },
    Row {
        rule: Rule::GreetingMissing,
        broken: &["S: * 1 EXISTS", "S: * CAPABILITY IMAP4rev1\nC: a NOOP"],
        legal: &["S: * OK hello", "S: * BYE go away"],
    },
    Row {
        rule: Rule::PreAuthAfterGreeting,
        broken: &["S: * OK hello\nS: * PREAUTH hello"],
        legal: &["S: * PREAUTH hello\nS: * OK still here"],
    },
    Row {
        rule: Rule::UnknownTag,
        broken: &["@auth\nC: a NOOP\nS: b OK done"],
        legal: &[
            "@auth\nC: a NOOP\nS: a OK done",
            // What could not be read may have had that tag.
            "@auth\nC: (\nS: ( BAD what",
        ],
    },
    Row {
        rule: Rule::ReplyRepeated,
        broken: &["@auth\nC: a NOOP\nS: a OK done\nS: a OK done"],
        legal: &["@auth\nC: a NOOP\nC: b NOOP\nS: b OK done\nS: a OK done"],
    },
    Row {
        rule: Rule::ReplyBeforeCommand,
        broken: &["@auth\nC: a SELECT {5}\nS: a OK [READ-WRITE] done", "@auth\nC~ a NOOP\nS: a OK done\nC: "],
        legal: &[
            "@auth\nC: a SELECT {5}\nS: a NO too long\nC: b NOOP\nS: b OK done",
            "@auth\nC~ a NOOP\nS: a BAD what\nC: ",
        ],
    },
    Row {
        rule: Rule::ContinuationNotAwaited,
        broken: &[
            "@auth\nS: + go",
            "@auth\nC: a NOOP\nS: + go",
            "@auth\nC: a SELECT {5}\nS: + go\nS: + go",
            "@auth\nC: a SELECT {5+}\nC: INBOX\nS: + go",
            "@auth\nC: a IDLE\nS: + go\nS: + go",
        ],
        legal: &[
            "@auth\nC: a IDLE\nS: + go",
            "@auth\nC: a SELECT {5}\nS: + go",
            "@auth\nC: a APPEND x {1}\nS: + go\nC: y {2}\nS: + go\nC: zz",
        ],
    },
    //= rfc9051#section-6.1.1
    //= type=test
    //# REQUIRED untagged response: CAPABILITY
    //= rfc9051#section-6.1.1
    //= type=test
    //# The server MUST send a single untagged CAPABILITY response
    Row {
        rule: Rule::DataAfterStartTls,
        broken: &["S: * OK hi\nC: a STARTTLS\nS: a OK go\nS: * CAPABILITY IMAP4rev1"],
        legal: &["S: * OK hi\nC: a STARTTLS\nS: a NO not now\nS: * CAPABILITY IMAP4rev1"],
    },
    Row {
        rule: Rule::CapabilityMissing,
        broken: &["@auth\nC: a CAPABILITY\nS: a OK done"],
        legal: &[
            "@auth\nC: a CAPABILITY\nS: * CAPABILITY IMAP4rev1\nS: a OK done",
            "@auth\nC: a CAPABILITY\nS: a BAD no",
        ],
    },
    //= rfc9051#section-6.1.3
    //= type=test
    //# REQUIRED untagged response: BYE
    Row {
        rule: Rule::ByeMissing,
        broken: &["@auth\nC: a LOGOUT\nS: a OK done"],
        legal: &["@auth\nC: a LOGOUT\nS: * BYE\nS: a OK done"],
    },
    Row {
        rule: Rule::EnabledMissing,
        broken: &["@auth\nC: a ENABLE CONDSTORE\nS: a OK done"],
        legal: &[
            "@auth\nC: a ENABLE X-FOO\nS: * ENABLED\nS: a OK done",
            "@auth\nC: a ENABLE X-FOO\nS: a NO no",
        ],
    },
    Row {
        rule: Rule::FlagsMissing,
        broken: &["@auth\nC: a SELECT x\nS: * 0 EXISTS\nS: * 0 RECENT\nS: a OK [READ-WRITE] done"],
        legal: &[
            "@auth\nC: a SELECT x\nS: * 0 EXISTS\nS: * 0 RECENT\nS: * FLAGS ()\nS: a OK [READ-WRITE] done",
        ],
    },
    Row {
        rule: Rule::ExistsMissing,
        broken: &["@auth\nC: a SELECT x\nS: * FLAGS ()\nS: * 0 RECENT\nS: a OK [READ-WRITE] done"],
        legal: &["@auth\nC: a SELECT x\nS: a NO refused"],
    },
    //= rfc3501#section-6.3.1
    //= type=test
    //# REQUIRED untagged responses: FLAGS, EXISTS, RECENT
    Row {
        rule: Rule::RecentMissing,
        broken: &["@auth\nC: a SELECT x\nS: * FLAGS ()\nS: * 0 EXISTS\nS: a OK [READ-WRITE] done"],
        legal: &[
            "S: * PREAUTH [CAPABILITY IMAP4rev2] hello\n\
             C: a SELECT x\nS: * FLAGS ()\nS: * 0 EXISTS\nS: * LIST () \"/\" x\nS: a OK [READ-WRITE] done",
            "@auth\nC: e ENABLE IMAP4rev2\nS: * ENABLED IMAP4rev2\nS: e OK done\n\
             C: a SELECT x\nS: * FLAGS ()\nS: * 0 EXISTS\nS: * LIST () \"/\" x\nS: a OK [READ-WRITE] done",
        ],
    },
    Row {
        rule: Rule::ExamineNotReadOnly,
        broken: &["@auth\nC: a EXAMINE x\nS: * FLAGS ()\nS: * 0 EXISTS\nS: * 0 RECENT\nS: a OK done"],
        legal: &[
            "@auth\nC: a EXAMINE x\nS: * FLAGS ()\nS: * 0 EXISTS\nS: * 0 RECENT\nS: a OK [READ-ONLY] done",
            // The code is only recommended to SELECT.
            "@auth\nC: a SELECT x\nS: * FLAGS ()\nS: * 0 EXISTS\nS: * 0 RECENT\nS: a OK done",
        ],
    },
    Row {
        rule: Rule::StatusMissing,
        broken: &["S: * PREAUTH [CAPABILITY IMAP4rev2] hello\nC: a STATUS x (MESSAGES)\nS: a OK done"],
        legal: &[
            "S: * PREAUTH [CAPABILITY IMAP4rev2] hello\nC: a STATUS x (MESSAGES)\nS: * STATUS x (MESSAGES 1)\nS: a OK done",
            // IMAP4rev1 does not require it.
            "@auth\nC: a STATUS x (MESSAGES)\nS: a OK done",
        ],
    },
    Row {
        rule: Rule::NamespaceMissing,
        broken: &["@auth\nC: a NAMESPACE\nS: a OK done"],
        legal: &["@auth\nC: a NAMESPACE\nS: * NAMESPACE ((\"\" \"/\")) NIL NIL\nS: a OK done"],
    },
    Row {
        rule: Rule::SearchMissing,
        broken: &["@selected\nC: a SEARCH ALL\nS: a OK done", "@selected\nC: a UID SEARCH ALL\nS: a OK done"],
        legal: &[
            "@selected\nC: a SEARCH UNSEEN\nS: * SEARCH\nS: a OK done",
            "@selected\nC: a SEARCH RETURN (SAVE) ALL\nS: a OK done",
            "@auth\nC: e ENABLE IMAP4rev2\nS: * ENABLED IMAP4rev2\nS: e OK done\n\
             C: s SELECT x\nS: * FLAGS ()\nS: * 0 EXISTS\nS: s OK done\nC: a SEARCH ALL\nS: * ESEARCH (TAG \"a\")\nS: a OK done",
        ],
    },
    Row {
        rule: Rule::EsearchMissing,
        broken: &["@selected\nC: a SEARCH RETURN () ALL\nS: * SEARCH 1\nS: a OK done"],
        legal: &["@selected\nC: a SEARCH RETURN () ALL\nS: * ESEARCH (TAG \"a\")\nS: a OK done"],
    },
    Row {
        rule: Rule::ExpungeWithoutCommand,
        broken: &[
            "@selected\nS: * 1 EXPUNGE",
            "@selected\nC: a NOOP\nS: a OK done\nS: * 1 EXPUNGE",
            "@selected\nC: a NOTIFY NONE\nS: a OK done\nS: * 1 EXPUNGE",
            "@selected\nC: a NOTIFY SET (SELECTED-DELAYED (MessageNew MessageExpunge))\nS: a OK done\nS: * 1 EXPUNGE",
        ],
        legal: &[
            "@selected\nC: a NOOP\nS: * 1 EXPUNGE\nS: a OK done",
            "@selected\nC: a IDLE\nS: + go\nS: * 1 EXPUNGE",
            "@selected\nC: a NOTIFY SET (SELECTED (MessageNew MessageExpunge))\nS: a OK done\nS: * 1 EXPUNGE",
        ],
    },
    Row {
        rule: Rule::ExpungeInFetch,
        broken: &["@selected\nC: a FETCH 1 FLAGS\nS: * 1 EXPUNGE\nS: a OK done"],
        legal: &[
            "@selected\nC: a UID FETCH 1 FLAGS\nS: * 1 EXPUNGE\nS: a OK done",
            // It may belong to NOOP.
            "@selected\nC: a FETCH 1 FLAGS\nC: b NOOP\nS: * 1 EXPUNGE",
        ],
    },
    Row {
        rule: Rule::ExpungeInStore,
        broken: &["@selected\nC: a STORE 1 FLAGS ()\nS: * 1 EXPUNGE\nS: a OK done"],
        legal: &["@selected\nC: a UID STORE 1 FLAGS ()\nS: * 1 EXPUNGE\nS: a OK done"],
    },
    Row {
        rule: Rule::ExpungeInSearch,
        broken: &["@selected\nC: a SEARCH ALL\nS: * 1 EXPUNGE\nS: * SEARCH\nS: a OK done"],
        legal: &["@selected\nC: a UID SEARCH ALL\nS: * 1 EXPUNGE\nS: * SEARCH\nS: a OK done"],
    },
    Row {
        rule: Rule::ExpungeInSort,
        broken: &["@selected\nC: a SORT (DATE) UTF-8 ALL\nS: * 1 EXPUNGE\nS: a OK done"],
        legal: &["@selected\nC: a UID SORT (DATE) UTF-8 ALL\nS: * 1 EXPUNGE\nS: a OK done"],
    },
    Row {
        rule: Rule::ExpungeInThread,
        broken: &["@selected\nC: a THREAD REFERENCES UTF-8 ALL\nS: * 1 EXPUNGE\nS: a OK done"],
        legal: &["@selected\nC: a UID THREAD REFERENCES UTF-8 ALL\nS: * 1 EXPUNGE\nS: a OK done"],
    },
    Row {
        rule: Rule::VanishedOutOfPlace,
        broken: &[
            "@selected\nS: * VANISHED 1",
            "@selected\nC: a FETCH 1 FLAGS\nS: * VANISHED 1\nS: a OK done",
        ],
        legal: &[
            "@selected\nC: a NOOP\nS: * VANISHED 1\nS: a OK done",
            "@selected\nC: a UID FETCH 1:* FLAGS (CHANGEDSINCE 1 VANISHED)\nS: * VANISHED (EARLIER) 1\nS: a OK done",
        ],
    },
    Row {
        rule: Rule::DataOutsideSelected,
        broken: &[
            "@auth\nS: * 1 EXISTS",
            "@auth\nC: a NOOP\nS: * 1 FETCH (FLAGS ())\nS: a OK done",
            "@auth\nC: a NOOP\nS: * 7 UIDFETCH (FLAGS ())\nS: a OK done",
            "@auth\nC: a NOOP\nS: * VANISHED (EARLIER) 7\nS: a OK done",
            "@selected\nC: a CLOSE\nS: a OK done\nS: * 0 RECENT",
        ],
        legal: &[
            "@auth\nC: a SELECT x\nS: * 1 EXISTS\nS: * 1 FETCH (FLAGS ())",
            "@auth\nC: a SELECT x (QRESYNC (1 1))\nS: * VANISHED (EARLIER) 7\nS: * 7 UIDFETCH (FLAGS ())",
            "@selected\nC: a CLOSE\nS: * 4 EXISTS\nS: a OK done",
        ],
    },
    Row {
        rule: Rule::ExistsDecreased,
        broken: &["@selected\nC: a NOOP\nS: * 2 EXISTS\nS: a OK done"],
        legal: &[
            "@selected\nC: a NOOP\nS: * 1 EXPUNGE\nS: * 2 EXISTS\nS: a OK done",
            "@selected\nC: a NOOP\nS: * 3 EXISTS\nS: * 4 EXISTS\nS: a OK done",
            "@selected\nC: a NOOP\nS: * VANISHED 1:9\nS: * 1 EXISTS\nS: a OK done",
            // Another mailbox.
            "@selected\nC: a SELECT x\nS: * FLAGS ()\nS: * 1 EXISTS\nS: * 0 RECENT\nS: a OK done",
        ],
    },
    Row {
        rule: Rule::NumberAboveExists,
        broken: &["@selected\nC: a NOOP\nS: * 4 FETCH (FLAGS ())\nS: a OK done"],
        legal: &["@selected\nC: a NOOP\nS: * 4 EXISTS\nS: * 4 FETCH (FLAGS ())\nS: a OK done"],
    },
    Row {
        rule: Rule::ExpungeAboveExists,
        broken: &["@selected\nC: a NOOP\nS: * 4 EXPUNGE\nS: a OK done"],
        legal: &["@selected\nC: a EXPUNGE\nS: * 3 EXPUNGE\nS: * 2 EXPUNGE\nS: * 1 EXPUNGE\nS: a OK done"],
    },
    Row {
        rule: Rule::UidValidityChanged,
        broken: &["@selected\nC: a NOOP\nS: * OK [UIDVALIDITY 8] new\nS: a OK done"],
        legal: &[
            "@selected\nC: a NOOP\nS: * OK [UIDVALIDITY 7] same\nS: a OK done",
            "@selected\nC: a SELECT x\nS: * OK [CLOSED]\nS: * FLAGS ()\nS: * 0 EXISTS\nS: * 0 RECENT\n\
             S: * OK [UIDVALIDITY 8] other\nS: a OK done",
        ],
    },
    Row {
        rule: Rule::UidChanged,
        broken: &[
            "@selected\nC: a UID FETCH 1:* UID\nS: * 1 FETCH (UID 5)\nS: * 1 FETCH (UID 6)\nS: a OK done",
            // What vanished has a higher UID.
            "@selected\nC: a UID FETCH 1:* UID\nS: * 1 FETCH (UID 5)\nS: * VANISHED 9,7\nS: * 1 FETCH (UID 6)\nS: a OK done",
        ],
        legal: &[
            "@selected\nC: a UID FETCH 1:* UID\nS: * 1 FETCH (UID 5)\nS: * 1 EXPUNGE\nS: * 1 FETCH (UID 6)\nS: a OK done",
            "@selected\nC: a UID FETCH 1:* UID\nS: * 1 FETCH (UID 5)\nS: * 1 FETCH (UID 5)\nS: a OK done",
            "@selected\nC: a UID FETCH 1:* UID\nS: * 1 FETCH (UID 5)\nS: * VANISHED 9,5\nS: * 1 FETCH (UID 6)\nS: a OK done",
        ],
    },
    //= rfc9051#section-2.3.1.1
    //= type=test
    //# Unique identifiers MUST be strictly ascending in the mailbox at all times.
    Row {
        rule: Rule::UidsNotAscending,
        broken: &[
            "@selected\nC: a UID FETCH 1:* UID\nS: * 1 FETCH (UID 5)\nS: * 2 FETCH (UID 4)\nS: a OK done",
        ],
        legal: &[
            "@selected\nC: a UID FETCH 1:* UID\nS: * 2 FETCH (UID 5)\nS: * 1 FETCH (UID 4)\nS: a OK done",
        ],
    },
    Row {
        rule: Rule::UidMissing,
        broken: &["@selected\nC: a UID FETCH 5 RFC822.SIZE\nS: * 1 FETCH (RFC822.SIZE 9)\nS: a OK done"],
        legal: &[
            "@selected\nC: a UID FETCH 5 RFC822.SIZE\nS: * 1 FETCH (RFC822.SIZE 9 UID 5)\nS: a OK done",
            "@selected\nC: a FETCH 1 RFC822.SIZE\nS: * 1 FETCH (RFC822.SIZE 9)\nS: a OK done",
            // Flags change by themselves.
            "@selected\nC: a UID FETCH 5 RFC822.SIZE\nS: * 1 FETCH (FLAGS ())\nS: a OK done",
        ],
    },
    Row {
        rule: Rule::DataAfterBye,
        broken: &[
            "S: * BYE go away\nS: * OK really",
            "@auth\nC: a LOGOUT\nS: * BYE\nS: a OK done\nS: * OK still here",
            "@auth\nS: * BYE shutting down\nS: * OK still here",
        ],
        legal: &[
            "@auth\nC: a LOGOUT\nS: * BYE\nS: * OK almost\nS: a OK done",
            "@auth\nC: a NOOP\nS: * BYE shutting down\nS: a NO sorry",
        ],
    },
];

/// Feeds a dialogue and gives its events.
fn observe(dialogue: &str, options: Options) -> Vec<Event> {
    let text = dialogue
        .replace("@selected", &format!("{AUTH}\n{SELECT}"))
        .replace("@auth", AUTH)
        .replace("#4096#", &"x".repeat(4096))
        .replace("#4097#", &"x".repeat(4097));
    let mut observed = Dialogue::reading(
        options,
        DecodeOptions::tolerant_of_clients(),
        DecodeOptions::tolerant_of_servers(),
    );
    let mut events = Vec::new();
    for line in text.lines() {
        // `C~` is a piece of a line.
        let (side, bytes) = line.split_at_checked(3).unwrap_or((line, ""));
        match side.trim_end() {
            "C:" => observed.client_bytes(format!("{bytes}\r\n").as_bytes()),
            "C~" => observed.client_bytes(bytes.as_bytes()),
            "S:" => observed.server_bytes(format!("{bytes}\r\n").as_bytes()),
            _ => panic!("not a line of a dialogue: {line}"),
        }
        events.extend(std::iter::from_fn(|| observed.poll_event()));
    }
    events
}

fn violations(events: &[Event]) -> Vec<Rule> {
    let rule = |event: &Event| match event {
        Event::Violation(violation) => Some(violation.rule),
        _ => None,
    };
    events.iter().filter_map(rule).collect()
}

#[test]
fn every_rule_is_broken_and_kept() {
    let mut wrong = Vec::new();
    for Row { rule, broken, legal } in ROWS {
        for dialogue in *broken {
            let found = violations(&observe(dialogue, Options::default()));
            if found != [*rule] {
                wrong.push(format!("{rule} should be broken, not {found:?}:\n{dialogue}\n"));
            }
        }
        for dialogue in *legal {
            let found = violations(&observe(dialogue, Options::default()));
            if !found.is_empty() {
                wrong.push(format!("legal (near {rule}), but {found:?}:\n{dialogue}\n"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_a_row() {
    for rule in Rule::ALL {
        assert!(ROWS.iter().any(|row| row.rule == *rule && !row.legal.is_empty()), "{rule}");
        let named = |other: &&Rule| other.id() == rule.id();
        assert_eq!(Rule::ALL.iter().filter(named).count(), 1, "{rule}");
        assert!(rule.id().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{rule}");
    }
}

/// With one direction missing, nothing is judged that rests on it.
#[test]
fn one_direction_alone_breaks_nothing_that_needs_both() {
    for row in ROWS {
        for dialogue in row.broken.iter().chain(row.legal) {
            for side in [Side::Client, Side::Server] {
                let options = Options {
                    client: side == Side::Client,
                    server: side == Side::Server,
                    ..Options::default()
                };
                let letter = if side == Side::Client { 'C' } else { 'S' };
                let whole =
                    dialogue.replace("@selected", &format!("{AUTH}\n{SELECT}")).replace("@auth", AUTH);
                let half: Vec<_> = whole.lines().filter(|line| line.starts_with(letter)).collect();
                for rule in violations(&observe(&half.join("\n"), options)) {
                    let certain = !rule.needs_order() && rule.by() == side;
                    assert!(certain && rule == row.rule, "{rule} from {side:?} alone:\n{dialogue}");
                }
            }
        }
    }
}

/// Where the order between the directions is a guess, no rule is judged that rests on it.
#[test]
fn guessed_order_breaks_nothing_that_needs_order() {
    for row in ROWS {
        for dialogue in row.broken {
            let options = Options { ordered: false, ..Options::default() };
            let found = violations(&observe(dialogue, options));
            assert!(found.iter().all(|rule| !rule.needs_order()), "{found:?}:\n{dialogue}");
        }
    }
}

/// Byte by byte the same is found. Only whether a message was complete when the other side spoke may depend on the cut,
/// so the lines stay whole in their order.
#[test]
fn one_byte_at_a_time_finds_the_same() {
    for row in ROWS {
        for dialogue in row.broken.iter().chain(row.legal) {
            let whole = dialogue
                .replace("@selected", &format!("{AUTH}\n{SELECT}"))
                .replace("@auth", AUTH)
                .replace("#4096#", &"x".repeat(4096))
                .replace("#4097#", &"x".repeat(4097));
            let mut observed = Dialogue::new(Options::default());
            let mut events = Vec::new();
            for line in whole.lines() {
                let (side, bytes) = line.split_at_checked(3).unwrap_or((line, ""));
                let end = if side.starts_with("C~") { "" } else { "\r\n" };
                for byte in bytes.bytes().chain(end.bytes()) {
                    if side.starts_with('C') {
                        observed.client_bytes(&[byte]);
                    } else {
                        observed.server_bytes(&[byte]);
                    }
                }
                events.extend(std::iter::from_fn(|| observed.poll_event()));
            }
            assert_eq!(events, observe(dialogue, Options::default()), "{dialogue}");
        }
    }
}

/// The events of one message come in their order, with the state after it.
#[test]
fn events_come_in_order() {
    //= rfc3501#section-6.3.2
    //= type=test
    //# REQUIRED untagged responses: FLAGS, EXISTS, RECENT
    let events = observe("@auth\nC: a EXAMINE x\nS: * 0 EXISTS\nS: a OK done", Options::default());
    let names: Vec<String> = events
        .iter()
        .map(|event| match event {
            Event::Message { from, state, .. } => format!("{from:?} {state}"),
            Event::Violation(violation) => violation.rule.to_string(),
            Event::Completed(completed) => format!("{} {}", completed.tag, completed.name),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(
        names,
        [
            "Server authenticated",
            "Client authenticated",
            "Server authenticated",
            "Server selected",
            "flags-missing",
            "recent-missing",
            "examine-not-read-only",
            "a EXAMINE",
        ]
    );
}

#[test]
fn a_switch_of_the_stream_is_the_last_thing_read() {
    let mut observed = Dialogue::new(Options::default());
    observed.server_bytes(b"* OK hello\r\n");
    observed.client_bytes(b"a STARTTLS\r\n");
    observed.server_bytes(b"a OK go\r\n\x16\x03\x01");
    let last = std::iter::from_fn(|| observed.poll_event()).last();
    assert_eq!(last, Some(Event::Note(Note::Tls)));
    assert_eq!(&observed.take_unread(Side::Server)[..], b"\x16\x03\x01");
    observed.client_bytes(b"\x16\x03\x01 b NOOP\r\n");
    assert_eq!(observed.poll_event(), None);

    let mut observed = Dialogue::new(Options::default());
    observed.server_bytes(b"* PREAUTH hello\r\n");
    observed.client_bytes(b"a COMPRESS DEFLATE\r\n");
    observed.server_bytes(b"a OK go\r\n");
    assert_eq!(std::iter::from_fn(|| observed.poll_event()).last(), Some(Event::Note(Note::Compress)));
    observed.inflated();
    observed.client_bytes(b"b NOOP\r\n");
    observed.server_bytes(b"b OK done\r\n");
    assert!(matches!(std::iter::from_fn(|| observed.poll_event()).last(), Some(Event::Completed(_))));
}

/// A client that never gets an answer, and a server that never stops, cost no more than the limits say.
#[test]
fn memory_is_bounded() {
    let mut observed = Dialogue::new(Options { server: false, ..Options::default() });
    for number in 0..5000 {
        observed.client_bytes(format!("a{number} NOOP\r\n").as_bytes());
        while observed.poll_event().is_some() {}
    }
    let mut observed = Dialogue::new(Options::default());
    observed.server_bytes(b"* PREAUTH hello\r\n");
    observed.client_bytes(b"a SELECT x\r\n");
    observed.server_bytes(b"* FLAGS ()\r\n* 100000 EXISTS\r\n* 0 RECENT\r\na OK done\r\n");
    observed.client_bytes(b"b FETCH 1:* UID\r\n");
    for number in 1..5000 {
        observed.server_bytes(format!("* {number} FETCH (UID {number})\r\n").as_bytes());
        while let Some(event) = observed.poll_event() {
            assert!(!matches!(event, Event::Violation(_)), "{event:?}");
        }
    }
}

/// Nothing that a peer sends makes it panic, and no secret is in what it reports.
#[test]
fn secrets_stay_out_of_events() {
    let dialogue =
        "@auth\nC: a LOGIN joe sesame-open\nS: a NO no\nC: b AUTHENTICATE PLAIN c2VzYW1lLW9wZW4=\nS: b NO no";
    let shown = format!("{:?}", observe(dialogue, Options::default()));
    assert!(!shown.contains("sesame") && !shown.contains("c2Vz"), "{shown}");
}

/// Dialogues with lines swapped, repeated and damaged: no panic, and each violation stands in what its side has sent.
#[test]
fn damaged_dialogues_are_judged_calmly() {
    let lines: Vec<String> = ROWS
        .iter()
        .flat_map(|row| row.broken.iter().chain(row.legal))
        .flat_map(|dialogue| {
            dialogue
                .replace("@selected", &format!("{AUTH}\n{SELECT}"))
                .replace("@auth", AUTH)
                .lines()
                .map(String::from)
                .collect::<Vec<_>>()
        })
        .collect();
    let mut rng = Rng::of("damaged dialogues");
    for _ in 0..400 {
        let mut observed = Dialogue::new(Options::default());
        let (mut client, mut server) = (0, 0);
        for _ in 0..40 {
            let mut line = lines[rng.below(lines.len())].clone().into_bytes();
            let from = if line[0] == b'C' { Side::Client } else { Side::Server };
            if rng.below(4) == 0 {
                let at = 3 + rng.below(line.len().saturating_sub(3).max(1));
                if let Some(byte) = line.get_mut(at) {
                    *byte = rng.below(256) as u8;
                }
            }
            line.extend(b"\r\n");
            let bytes = line.get(3..).unwrap_or_default();
            match from {
                Side::Client => {
                    client += bytes.len() as u64;
                    observed.client_bytes(bytes);
                }
                Side::Server => {
                    server += bytes.len() as u64;
                    observed.server_bytes(bytes);
                }
            }
            while let Some(event) = observed.poll_event() {
                match event {
                    Event::Violation(violation) => {
                        let sent = if violation.by() == Side::Client { client } else { server };
                        let end = violation.place.offset + violation.place.length;
                        assert!(
                            end <= sent && !violation.message.is_empty(),
                            "{violation:?} in {sent} bytes"
                        );
                    }
                    Event::Note(_) => observed.inflated(),
                    _ => {}
                }
            }
        }
    }
}
