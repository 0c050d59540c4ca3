//! What the recogniser decides where ABNF alone would decide otherwise.

use imap_tests::abnf::{Edition, Grammar, recognise::recognise};

/// Checks messages of which `allowed` are in the grammar, and `not` are not.
fn check(edition: Edition, rule: &str, client: bool, allowed: &[&[u8]], not: &[&[u8]]) {
    let grammar = Grammar::of(edition);
    for (messages, expected) in [(allowed, true), (not, false)] {
        for message in messages {
            let is = recognise(grammar, grammar.rule(rule), message, client);
            assert_eq!(is, expected, "{edition:?} {rule}: `{}`", message.escape_ascii());
        }
    }
}

#[test]
fn literals_have_the_length_that_they_say() {
    check(
        Edition::All,
        "astring",
        true,
        &[b"{0}\r\n", b"{3}\r\nabc", b"{3+}\r\n\r\n\"", b"{003}\r\nabc", b"{1}\r\n\xff"],
        &[b"{2}\r\nabc", b"{4}\r\nabc", b"{3}\nabc", b"{1}\r\n\0", b"~{1}\r\na", b"{}\r\n", b"{-1}\r\n"],
    );
    check(Edition::All, "literal8", true, &[b"~{1}\r\n\0", b"~{0+}\r\n"], &[b"{1}\r\na", b"~{2}\r\na"]);
    // Only a client sends without waiting.
    check(Edition::All, "nstring", false, &[b"{1}\r\na", b"NIL", b"nil"], &[b"{1+}\r\na", b"NULL"]);
}

#[test]
fn numbers_have_a_range() {
    check(Edition::All, "number", true, &[b"0", b"007", b"4294967295"], &[b"4294967296", b"-1", b"", b"1a"]);
    check(Edition::All, "nz-number", true, &[b"1", b"4294967295"], &[b"0", b"01", b"4294967296"]);
    check(Edition::All, "number64", true, &[b"9223372036854775807"], &[b"9223372036854775808"]);
    check(Edition::All, "mod-sequence-value", true, &[b"01", b"9223372036854775807"], &[b"0", b"00"]);
    check(Edition::All, "score", true, &[b"1", b"007", b"100"], &[b"0", b"101", b"0001"]);
}

#[test]
fn dates_are_of_the_calendar() {
    check(
        Edition::Rev2,
        "date",
        true,
        &[b"1-Jan-2020", b"\"31-Dec-0000\"", b"29-Feb-2024", b"29-feb-2000", b"30-Jun-1999"],
        &[
            b"0-Jan-2020",
            b"31-Jun-1999",
            b"29-Feb-2023",
            b"29-Feb-1900",
            b"30-Feb-2024",
            b"32-Jan-2020",
            b"1-Jan-20",
        ],
    );
    check(
        Edition::Rev2,
        "date-time",
        true,
        &[b"\" 1-Jan-2020 23:59:60 +2359\"", b"\"29-Feb-2024 00:00:00 -0000\""],
        &[
            b"\"1-Jan-2020 00:00:00 +0000\"",
            b"\" 1-Jan-2020 24:00:00 +0000\"",
            b"\" 1-Jan-2020 00:00:00 +2400\"",
        ],
    );
}

#[test]
fn the_editions_differ_where_the_rfcs_do() {
    let utf8: &[&[u8]] = &[b"\"\xc3\xa9\""];
    check(Edition::Rev1, "quoted", true, &[b"\"e\""], utf8);
    check(Edition::Rev2, "quoted", true, utf8, &[b"\"\xc3\"", b"\"\xff\"", b"\"\r\""]);
    check(
        Edition::Rev1,
        "command",
        true,
        &[b"a LSUB \"\" *\r\n", b"a CHECK\r\n"],
        &[b"a IDLE\r\n", b"a ENABLE X\r\n"],
    );
    check(
        Edition::Rev2,
        "command",
        true,
        &[b"a IDLE\r\n", b"a MOVE 1 b\r\n"],
        &[b"a CHECK\r\n", b"a LSUB \"\" *\r\n"],
    );
    check(Edition::Rev2, "command", true, &[], &[b"a GETQUOTA x\r\n", b"a SORT (DATE) UTF-8 ALL\r\n"]);
}

#[test]
fn a_known_name_is_what_it_is_known_for() {
    let select = |message: &'static [u8], allowed: bool| {
        let (yes, no): (&[&[u8]], &[&[u8]]) = if allowed { (&[message], &[]) } else { (&[], &[message]) };
        check(Edition::All, "command", true, yes, no);
    };
    select(b"a SELECT b (CONDSTORE)\r\n", true);
    select(b"a SELECT b (CONDSTORE 1)\r\n", false);
    select(b"a SELECT b (other (1 2))\r\n", true);
    select(b"a SELECT b (QRESYNC (1 2 3:*))\r\n", false);
    select(b"a LIST (RECURSIVEMATCH) \"\" %\r\n", false);
    select(b"a LIST (RECURSIVEMATCH SUBSCRIBED) \"\" %\r\n", true);
    select(b"a STORE 1 FLAGS \\Recent\r\n", false);
    select(b"a FETCH 1,$ FLAGS\r\n", true);
    select(b"a FETCH $,1 FLAGS\r\n", false);
    select(b"a UID EXPUNGE 1\r\n", true);
    select(b"a UID UID EXPUNGE 1\r\n", false);
    select(b"a EXPUNGE 1\r\n", false);
    select(b"a ESEARCH IN (selected subtree-one b) RETURN (MIN) ALL\r\n", true);
    select(b"a ESEARCH IN (selected-delayed) ALL\r\n", false);
    select(b"a NOTIFY SET (selected-delayed (MessageNew))\r\n", true);
}

#[test]
fn responses_of_rfcs_that_contradict_each_other_are_all_allowed() {
    check(
        Edition::All,
        "response-data",
        false,
        &[
            b"* SORT 1 2\r\n",
            b"* SORT 1 2 (MODSEQ 3)\r\n",
            b"* QUOTA \"\" ()\r\n",
            b"* ID NIL\r\n",
            b"* NAMESPACE NIL NIL NIL\r\n",
            b"* URLFETCH u NIL v (BODY \"x\") (BINARY ~{1}\r\n\0)\r\n",
            b"* OK [REFERRAL imap://h/] x\r\n",
            b"* NO [BADCHARSET (UTF-8)] \r\n",
            b"* VANISHED (EARLIER) 1:3\r\n",
        ],
        &[
            b"* * NAMESPACE NIL NIL NIL\r\n",
            b"* URLFETCH  u NIL\r\n",
            b"* VANISHED *\r\n",
            b"* STATUS b (UIDNEXT 0)\r\n",
            b"* ESEARCH ALL $\r\n",
            b"* CAPABILITY IDLE\r\n",
            b"* ID NIL",
        ],
    );
}
