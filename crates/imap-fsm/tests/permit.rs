//! What commands need, change, and may stand beside: facts of the RFCs, by the command's own bytes.
#![allow(missing_docs, clippy::panic, clippy::arithmetic_side_effects, reason = "a test may fail")]

use imap_codec::{DecodeOptions, decode_command};
use imap_fsm::{
    capabilities::Capabilities,
    permit::{self, Beside, Conflict, Effect, Need, Traits},
    state::{Access, State},
};
use imap_types::{capability::Capability, command::CommandBody, sequence::SequenceSet};

const SELECTED: State = State::Selected(Access::ReadWrite);

fn body(line: &str) -> CommandBody {
    match decode_command(format!("a1 {line}\r\n").as_bytes(), &DecodeOptions::strict()) {
        Ok(decoded) => decoded.value.body,
        Err(error) => panic!("{line}: {error}"),
    }
}

fn traits(line: &str) -> Traits {
    Traits::of(&body(line))
}

#[test]
fn what_a_command_needs_is_by_its_name_and_by_its_arguments() {
    for (line, needs) in [
        ("NOOP", ""),
        ("CHECK", ""),
        ("STARTTLS", "STARTTLS"),
        ("LOGIN a b", ""),
        ("ENABLE CONDSTORE", "ENABLE"),
        ("IDLE", "IDLE"),
        ("NAMESPACE", "NAMESPACE"),
        ("UNSELECT", "UNSELECT"),
        ("EXPUNGE", ""),
        ("UID EXPUNGE 1", "UIDPLUS"),
        ("MOVE 1 x", "MOVE"),
        ("UID MOVE 1 x", "MOVE"),
        ("UID MOVE $ x", "MOVE SEARCHRES"),
        ("COPY 1 x", ""),
        ("COPY $ x", "SEARCHRES"),
        ("ID NIL", "ID"),
        ("COMPRESS DEFLATE", "COMPRESS=DEFLATE"),
        ("NOTIFY NONE", "NOTIFY"),
        ("UNAUTHENTICATE", "UNAUTHENTICATE"),
        ("REPLACE 1 x {1+}\r\nm", "REPLACE"),
        ("UID REPLACE 1 x {1+}\r\nm", "REPLACE"),
        ("CANCELUPDATE \"a\"", "CONTEXT=SEARCH"),
        ("LANGUAGE DE", "LANGUAGE"),
        ("COMPARATOR", "I18NLEVEL=2"),
        ("CONVERSIONS \"a/b\" \"c/d\"", "CONVERT"),
        ("GETMETADATA \"\" /shared/comment", "METADATA"),
        ("SETMETADATA \"\" (/shared/comment NIL)", "METADATA"),
        ("RLIST \"\" *", "MAILBOX-REFERRALS"),
        ("RLSUB \"\" *", "MAILBOX-REFERRALS"),
        ("GETJMAPACCESS", "JMAPACCESS"),
        ("SETACL a joe lr", "ACL"),
        ("DELETEACL a joe", "ACL"),
        ("GETACL a", "ACL"),
        ("LISTRIGHTS a joe", "ACL"),
        ("MYRIGHTS a", "ACL"),
        ("GETQUOTA \"\"", "QUOTA"),
        ("GETQUOTAROOT a", "QUOTA"),
        ("SETQUOTA \"\" (STORAGE 5)", "QUOTASET"),
        ("RESETKEY", "URLAUTH"),
        ("GENURLAUTH \"imap://h/a;UID=1;URLAUTH=anonymous\" INTERNAL", "URLAUTH"),
        ("URLFETCH \"imap://h/a;UID=1\"", "URLAUTH"),
        ("ESEARCH IN (mailboxes a) ALL", "MULTISEARCH"),
        ("SORT (DATE) UTF-8 ALL", "SORT"),
        ("UID SORT (DATE) UTF-8 ALL", "SORT"),
        ("THREAD REFERENCES UTF-8 ALL", "THREAD=REFERENCES"),
        ("UID THREAD REFERENCES UTF-8 ALL", "THREAD=REFERENCES"),
        ("UIDBATCHES 2000", "UIDBATCHES"),
        ("XLIST \"\" *", ""),
        // RFC 4731, RFC 5182, RFC 5267
        ("SEARCH ALL", ""),
        ("SEARCH RETURN () ALL", "ESEARCH"),
        ("UID SEARCH RETURN (MIN MAX) ALL", "ESEARCH"),
        ("SEARCH RETURN (SAVE) ALL", "ESEARCH SEARCHRES"),
        ("SEARCH RETURN (UPDATE) ALL", "ESEARCH CONTEXT=SEARCH"),
        ("SEARCH RETURN (CONTEXT COUNT) ALL", "ESEARCH CONTEXT=SEARCH"),
        // RFC 7162
        ("FETCH 1 FLAGS", ""),
        ("FETCH $ FLAGS", "SEARCHRES"),
        ("FETCH 1:* FLAGS (CHANGEDSINCE 5)", "CONDSTORE"),
        ("UID FETCH 1:* FLAGS (CHANGEDSINCE 5 VANISHED)", "CONDSTORE +QRESYNC"),
        ("STORE 1 +FLAGS (x)", ""),
        ("STORE $ +FLAGS (x)", "SEARCHRES"),
        ("STORE 1 (UNCHANGEDSINCE 5) +FLAGS (x)", "CONDSTORE"),
        ("SELECT a", ""),
        ("SELECT a (CONDSTORE)", "CONDSTORE"),
        ("EXAMINE a (CONDSTORE)", "CONDSTORE"),
        ("SELECT a (QRESYNC (1 2))", "+QRESYNC"),
        ("EXAMINE a (QRESYNC (1 2))", "+QRESYNC"),
        // RFC 3502, RFC 4469, RFC 6855
        ("APPEND a {1+}\r\nm", ""),
        ("APPEND a {1+}\r\nm {1+}\r\nm", "MULTIAPPEND"),
        ("APPEND a CATENATE (URL \"/x\")", "CATENATE"),
        ("APPEND a UTF8 (~{1+}\r\nm)", "+UTF8=ACCEPT"),
        // RFC 5258, RFC 5819
        ("LIST \"\" *", ""),
        ("LIST () \"\" *", "LIST-EXTENDED"),
        ("LIST \"\" (a b)", "LIST-EXTENDED"),
        ("LIST \"\" * RETURN ()", "LIST-EXTENDED"),
        //= rfc9051#section-6.3.9
        //= type=test
        //# Each non-initial option will be enabled by a capability string (one capability may enable multiple options),
        //# and a client MUST NOT send an option for which the server has not advertised support.
        ("LIST (SUBSCRIBED) \"\" *", "LIST-EXTENDED"),
        ("LIST \"\" * RETURN (SUBSCRIBED)", "LIST-EXTENDED"),
        ("LIST \"\" * RETURN (CHILDREN)", "LIST-EXTENDED"),
        ("LIST \"\" * RETURN (STATUS (MESSAGES))", "LIST-STATUS"),
        ("LIST (SPECIAL-USE) \"\" *", "SPECIAL-USE"),
        ("LIST \"\" * RETURN (special-use)", "SPECIAL-USE"),
        ("LIST \"\" * RETURN (MYRIGHTS)", "LIST-MYRIGHTS"),
        ("LIST \"\" * RETURN (METADATA (/shared/a))", "LIST-METADATA"),
        (
            "LIST (SPECIAL-USE) \"\" (a b) RETURN (STATUS (UIDNEXT) MYRIGHTS METADATA (/shared/a))",
            "LIST-EXTENDED LIST-STATUS SPECIAL-USE LIST-MYRIGHTS LIST-METADATA",
        ),
    ] {
        let shown = |need: Need| match need {
            Need::Advertised(_) => need.name().to_owned(),
            Need::Enabled(name) => format!("+{name}"),
        };
        let found: Vec<_> = permit::needs(&body(line)).map(shown).collect();
        assert_eq!(found.join(" "), needs, "{line}");
    }
}

#[test]
fn a_need_is_met_by_any_of_its_names() -> Result<(), imap_types::error::ValidationError> {
    let mut capabilities = Capabilities::default();
    let Some(since) = permit::needs(&body("FETCH 1 FLAGS (CHANGEDSINCE 5)")).next() else { panic!() };
    let Some(qresync) = permit::needs(&body("SELECT a (QRESYNC (1 2))")).next() else { panic!() };
    assert_eq!((since.is_met(&capabilities), qresync.is_met(&capabilities)), (None, Some(false)));
    capabilities.learn(&[Capability::try_from("IMAP4rev1")?]);
    assert_eq!(since.is_met(&capabilities), Some(false));
    // RFC 7162 section 3.2.3: QRESYNC implies CONDSTORE.
    for name in ["CONDSTORE", "QRESYNC"] {
        capabilities.learn(
            &["IMAP4rev1", name].map(Capability::try_from).into_iter().collect::<Result<Vec<_>, _>>()?,
        );
        assert_eq!((since.is_met(&capabilities), qresync.is_met(&capabilities)), (Some(true), Some(false)));
    }
    capabilities.enable(&[Capability::try_from("QRESYNC")?]);
    assert_eq!(qresync.is_met(&capabilities), Some(true));
    assert_eq!(Need::Advertised(&[]).name(), "");
    assert_eq!(Need::Advertised(&[]).is_met(&capabilities), None);
    Ok(())
}

#[test]
fn a_server_offers_what_a_revision_has_before_it_is_spoken() -> Result<(), imap_types::error::ValidationError>
{
    let mut capabilities = Capabilities::default();
    let Some(esearch) = permit::needs(&body("SEARCH RETURN (MIN) ALL")).next() else { panic!() };
    assert_eq!(esearch.is_offered(&capabilities), None);
    let (rev1, rev2) = (Capability::try_from("IMAP4rev1")?, Capability::try_from("IMAP4rev2")?);
    capabilities.learn(core::slice::from_ref(&rev1));
    assert_eq!(esearch.is_offered(&capabilities), Some(false));
    capabilities.learn(&[rev1, rev2]);
    assert_eq!((esearch.is_offered(&capabilities), esearch.is_met(&capabilities)), (Some(true), Some(false)));
    Ok(())
}

#[test]
fn what_a_command_does_to_what_others_see() {
    let uids = |ranges: &[(u32, u32)]| Some(ranges.to_vec());
    for (line, effect) in [
        ("NOOP", Effect::Reads),
        ("CAPABILITY", Effect::Reads),
        ("CHECK", Effect::Reads),
        ("LIST \"\" *", Effect::Reads),
        ("LSUB \"\" *", Effect::Reads),
        ("NAMESPACE", Effect::Reads),
        ("STATUS a (MESSAGES)", Effect::Reads),
        ("SEARCH ALL", Effect::Reads),
        ("SEARCH RETURN (MIN) ALL", Effect::Reads),
        ("SEARCH RETURN (SAVE) ALL", Effect::Everything),
        ("SELECT a", Effect::Everything),
        ("CREATE a", Effect::Everything),
        ("EXPUNGE", Effect::Everything),
        ("COPY 1 a", Effect::Everything),
        ("FETCH 1:3 FLAGS", Effect::Reads),
        ("FETCH 1:3 FAST", Effect::Reads),
        ("UID FETCH 5:3,9 FLAGS", Effect::ReadsUids(vec![(3, 5), (9, 9)])),
        ("UID FETCH 1:* FLAGS", Effect::Reads),
        ("UID FETCH $ FLAGS", Effect::Reads),
        // RFC 9051 section 6.4.5: these set \Seen, as RFC822 and RFC822.TEXT of RFC 3501 do.
        ("UID FETCH 3 BODY[]", Effect::Changes(uids(&[(3, 3)]))),
        ("UID FETCH 3 (UID BINARY[1])", Effect::Changes(uids(&[(3, 3)]))),
        ("UID FETCH 3 RFC822", Effect::Changes(uids(&[(3, 3)]))),
        ("UID FETCH 3 RFC822.TEXT", Effect::Changes(uids(&[(3, 3)]))),
        ("FETCH 3 BODY[]", Effect::Changes(None)),
        ("UID FETCH 3 BODY.PEEK[]", Effect::ReadsUids(vec![(3, 3)])),
        ("UID FETCH 3 BINARY.PEEK[1]", Effect::ReadsUids(vec![(3, 3)])),
        ("UID FETCH 3 RFC822.HEADER", Effect::ReadsUids(vec![(3, 3)])),
        ("UID FETCH 3 BODY", Effect::ReadsUids(vec![(3, 3)])),
        ("UID STORE 2,1 FLAGS (x)", Effect::Changes(uids(&[(1, 2)]))),
        ("UID STORE 1:* FLAGS (x)", Effect::Changes(None)),
        ("STORE 1 FLAGS (x)", Effect::Changes(None)),
    ] {
        assert_eq!(permit::effect(&body(line)), effect, "{line}");
    }
}

#[test]
fn sets_become_ranges_that_do_not_touch() -> Result<(), imap_types::error::ValidationError> {
    for (set, ranges) in [
        ("1", Some(vec![(1, 1)])),
        ("9,1:3", Some(vec![(1, 3), (9, 9)])),
        ("4:6,3:1", Some(vec![(1, 6)])),
        ("1:9,3:4,9:12", Some(vec![(1, 12)])),
        ("1:3,5", Some(vec![(1, 3), (5, 5)])),
        ("4294967295,1:4294967294", Some(vec![(1, u32::MAX)])),
        // Where the mailbox decides, nobody knows.
        ("*", None),
        ("1,4:*", None),
        ("*:4", None),
        ("$", None),
        ("1,$", None),
    ] {
        assert_eq!(permit::intervals(&SequenceSet::try_from(set)?), ranges, "{set}");
    }
    Ok(())
}

#[test]
fn commands_are_independent_where_none_changes_what_the_other_sees() {
    // RFC 9051 section 5.5: a server may begin the next command where no ambiguity results.
    for (one, other, independent) in [
        ("NOOP", "STATUS a (MESSAGES)", true),
        ("FETCH 1 FLAGS", "UID FETCH 1 FLAGS", true),
        ("UID FETCH 1 FLAGS", "UID FETCH 1 FLAGS", true),
        ("NOOP", "UID STORE 1 FLAGS (x)", false),
        ("FETCH 1 FLAGS", "UID STORE 1 FLAGS (x)", false),
        ("UID FETCH 1:4 FLAGS", "UID STORE 5:9 FLAGS (x)", true),
        ("UID FETCH 1:5 FLAGS", "UID STORE 5:9 FLAGS (x)", false),
        ("UID STORE 1,5,9 FLAGS (x)", "UID STORE 2:4,6:8,10 FLAGS (y)", true),
        ("UID STORE 1,5,9 FLAGS (x)", "UID STORE 2:4,6:8,9 FLAGS (y)", false),
        ("UID STORE 5 FLAGS (x)", "UID STORE 1:9 FLAGS (y)", false),
        ("UID STORE 1 FLAGS (x)", "STORE 1 FLAGS (x)", false),
        ("STORE 1 FLAGS (x)", "STORE 2 FLAGS (x)", false),
        ("UID FETCH 1 BODY[]", "UID FETCH 2 BODY[]", true),
        ("UID FETCH 1 BODY[]", "UID FETCH 1 FLAGS", false),
        ("CREATE a", "NOOP", false),
        ("CREATE a", "CREATE b", false),
        ("EXPUNGE", "UID FETCH 1 FLAGS", false),
    ] {
        let (a, b) = (permit::effect(&body(one)), permit::effect(&body(other)));
        assert_eq!(permit::independent(&a, &b), independent, "{one} beside {other}");
        assert_eq!(permit::independent(&b, &a), independent, "{other} beside {one}");
    }
}

#[test]
fn each_command_says_what_may_stand_around_it() {
    for (line, beside, numbers, renumbers, writes) in [
        ("NOOP", Beside::Any, false, true, false),
        ("STARTTLS", Beside::Alone, false, true, false),
        ("COMPRESS DEFLATE", Beside::Alone, false, true, false),
        ("AUTHENTICATE PLAIN", Beside::Alone, false, true, false),
        ("IDLE", Beside::Alone, false, true, false),
        ("UNAUTHENTICATE", Beside::Alone, false, true, false),
        ("LOGIN a b", Beside::Last, false, true, false),
        ("ENABLE CONDSTORE", Beside::Last, false, true, false),
        ("LOGOUT", Beside::Last, false, true, false),
        // RFC 9051 section 7.5.1: no EXPUNGE while FETCH, STORE and SEARCH are in progress; with UID it may come.
        ("FETCH 1 FLAGS", Beside::Any, true, false, false),
        ("STORE 1 FLAGS (x)", Beside::Any, true, false, true),
        ("SEARCH ALL", Beside::Any, false, false, false),
        ("SEARCH 1:3", Beside::Any, true, false, false),
        ("SORT (DATE) UTF-8 ALL", Beside::Any, false, false, false),
        ("THREAD REFERENCES UTF-8 ALL", Beside::Any, false, false, false),
        ("UID FETCH 1 FLAGS", Beside::Any, false, true, false),
        ("UID STORE 1 FLAGS (x)", Beside::Any, false, true, true),
        ("UID SEARCH ALL", Beside::Any, false, true, false),
        ("COPY 1 a", Beside::Any, true, true, false),
        ("MOVE 1 a", Beside::Any, true, true, true),
        ("UID MOVE 1 a", Beside::Any, false, true, true),
        ("EXPUNGE", Beside::Any, false, true, true),
        ("UID EXPUNGE 1", Beside::Any, false, true, true),
        ("REPLACE 1 x {1+}\r\nm", Beside::Any, true, true, true),
        ("UID REPLACE 1 x {1+}\r\nm", Beside::Any, false, true, true),
    ] {
        let traits = traits(line);
        assert_eq!((traits.beside, traits.numbers), (beside, numbers), "{line}");
        assert_eq!((traits.renumbers, traits.writes), (renumbers, writes), "{line}");
        assert_eq!(traits, Traits::named(traits.name.clone(), numbers), "{line}");
    }
}

#[test]
fn a_command_waits_for_what_may_change_its_meaning() {
    let follow = |state, before: &[&str], new| {
        let before: Vec<_> = before.iter().map(|line| traits(line)).collect();
        permit::may_follow(&traits(new), state, &before).map_err(|conflict| {
            let of = match &conflict {
                Conflict::Last(name)
                | Conflict::Alone(name)
                | Conflict::State(name)
                | Conflict::Numbers(name) => name,
            };
            assert!(conflict.to_string().contains(&**of));
            format!("{} {of}", conflict.kind())
        })
    };
    let (not_yet, logged_in) = (State::NotAuthenticated, State::Authenticated);
    for (state, before, new, expected) in [
        (SELECTED, &[][..], "FETCH 1 FLAGS", Ok(())),
        (SELECTED, &["FETCH 1 FLAGS", "STORE 1 FLAGS (x)", "SEARCH ALL"], "FETCH 1 FLAGS", Ok(())),
        (SELECTED, &["NOOP"], "FETCH 1 FLAGS", Err("numbers NOOP")),
        (SELECTED, &["UID FETCH 1 FLAGS"], "FETCH 1 FLAGS", Err("numbers UID FETCH")),
        (SELECTED, &["FETCH 1 FLAGS", "EXPUNGE"], "COPY 1 a", Err("numbers EXPUNGE")),
        (SELECTED, &["NOOP"], "UID FETCH 1 FLAGS", Ok(())),
        (SELECTED, &["NOOP"], "SEARCH ALL", Ok(())),
        (SELECTED, &["NOOP"], "SEARCH 1", Err("numbers NOOP")),
        (SELECTED, &["IDLE"], "NOOP", Err("last IDLE")),
        (SELECTED, &["NOOP"], "IDLE", Err("alone NOOP")),
        (SELECTED, &["LOGOUT"], "NOOP", Err("last LOGOUT")),
        (SELECTED, &["NOOP"], "LOGOUT", Ok(())),
        (not_yet, &["LOGIN a b"], "CAPABILITY", Err("last LOGIN")),
        (not_yet, &["CAPABILITY"], "LOGIN a b", Ok(())),
        (not_yet, &["CAPABILITY"], "STARTTLS", Err("alone CAPABILITY")),
        (logged_in, &["SELECT a"], "UID FETCH 1 FLAGS", Err("state SELECT")),
        (logged_in, &["SELECT a"], "STATUS b (MESSAGES)", Ok(())),
        (logged_in, &["SELECT a"], "ENABLE CONDSTORE", Err("state SELECT")),
        (SELECTED, &["CLOSE"], "UID FETCH 1 FLAGS", Err("state CLOSE")),
        (SELECTED, &["CLOSE"], "SELECT a", Ok(())),
        // What is never valid waits for nothing: it is refused as it is.
        (logged_in, &["NOOP"], "UID FETCH 1 FLAGS", Ok(())),
    ] {
        assert_eq!(follow(state, before, new), expected.map_err(str::to_owned), "{new} after {before:?}");
    }
}

#[test]
fn a_command_that_can_never_be_valid_is_known() {
    let becomes = |state, before: &[&str], new| {
        let before: Vec<_> = before.iter().map(|line| traits(line)).collect();
        permit::may_become_valid(&traits(new), state, &before)
    };
    assert!(!becomes(State::NotAuthenticated, &[], "SELECT a"));
    assert!(becomes(State::NotAuthenticated, &["LOGIN a b"], "SELECT a"));
    assert!(!becomes(State::NotAuthenticated, &["LOGIN a b"], "UID FETCH 1 FLAGS"));
    assert!(becomes(State::NotAuthenticated, &["LOGIN a b", "SELECT a"], "UID FETCH 1 FLAGS"));
    assert!(becomes(SELECTED, &["CLOSE"], "UID FETCH 1 FLAGS"));
    assert!(!becomes(State::Logout, &["NOOP"], "NOOP"));
}
