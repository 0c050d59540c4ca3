//! How a session comes to the state where a trace starts: a trace itself.
//!
//! A client is authenticated by PREAUTH, which takes no tag; ENABLE and SELECT take one each, `a1` first. The commands of
//! a server's client have the tags `p1` and `p2`. The mailbox INBOX has three messages, of the UIDs 11, 12 and 13.

use super::{Header, Trace, notation::Turn};

/// The turns before those of the trace.
///
/// # Errors
/// Where the state of the header is none.
pub fn of(header: &Header) -> Result<Vec<Turn>, String> {
    let state = &*header.state;
    if state == "new" {
        return Ok(Vec::new());
    }
    let text = match &*header.role {
        "client" => client(header, state)?,
        _ => server(header, state)?,
    };
    Ok(Trace::parse(&text)?.turns)
}

fn client(header: &Header, state: &str) -> Result<String, String> {
    let kind = if state == "not-authenticated" { "OK" } else { "PREAUTH" };
    let greeting = match &*header.capabilities {
        "unknown" => format!("* {kind} ready"),
        list => format!("* {kind} [CAPABILITY {list}] ready"),
    };
    let mut text = format!("in {greeting}\nevent greeting {greeting}\n");
    if header.capabilities != "unknown" {
        text.push_str("event capabilities\n");
    }
    let mut tag = 1;
    if !header.enable.is_empty() {
        let list = &header.enable;
        text.push_str(&format!("send a1 ENABLE {list}\npass * ENABLED {list} -> a1\npass a1 OK enabled\n"));
        tag = 2;
    }
    let (command, code) = match state {
        "not-authenticated" | "authenticated" => return Ok(text),
        "selected" => ("SELECT", "READ-WRITE"),
        "read-only" => ("EXAMINE", "READ-ONLY"),
        _ => return Err(format!("no state: {state:?}")),
    };
    let rev1 =
        header.capabilities == "unknown" || header.capabilities.split(' ').any(|told| told == "IMAP4rev1");
    let recent = if header.enable.contains("IMAP4rev2") || !rev1 {
        String::new()
    } else {
        format!("pass * 0 RECENT -> a{tag}\n")
    };
    text.push_str(&format!(
        "send a{tag} {command} INBOX
pass * FLAGS (\\Seen \\Deleted) -> a{tag}
pass * 3 EXISTS -> a{tag}
{recent}pass * OK [UIDVALIDITY 1] UIDs are valid
pass * OK [UIDNEXT 14] predicted
pass a{tag} OK [{code}] done
"
    ));
    Ok(text)
}

fn server(header: &Header, state: &str) -> Result<String, String> {
    // What is advertised at that moment is told by the session: the greeting is not compared.
    let kind = if state == "not-authenticated" { "OK" } else { "PREAUTH" };
    let mut text = format!("do * {kind} [ALERT] ready\nout * {kind} [ALERT] ready\n");
    if !header.enable.is_empty() {
        let list = &header.enable;
        text.push_str(&format!(
            "in p1 ENABLE {list}\nevent enabled {list}\nout * ENABLED {list}\nout p1 OK ENABLE completed\n"
        ));
    }
    let (command, code, text_of_reply) = match state {
        "not-authenticated" | "authenticated" => return Ok(text),
        "selected" => ("SELECT", "READ-WRITE", "SELECT completed"),
        "read-only" => ("EXAMINE", "READ-ONLY", "EXAMINE completed"),
        _ => return Err(format!("no state: {state:?}")),
    };
    let rev1 = header.capabilities.split(' ').any(|told| told == "IMAP4rev1");
    let rev2 = header.enable.contains("IMAP4rev2") || !rev1;
    let recent = if rev2 { "" } else { "out * 0 RECENT\n" };
    let (list, listed) = if rev2 { (" list=INBOX", "out * LIST () \"/\" INBOX\n") } else { ("", "") };
    let mod_seqs = ["CONDSTORE", "QRESYNC"]
        .iter()
        .any(|name| header.enable.contains(name) || header.capabilities.split(' ').any(|told| told == *name));
    let mod_seq = if mod_seqs { "out * OK [NOMODSEQ] no modification sequences\n" } else { "" };
    text.push_str(&format!(
        "pass p2 {command} INBOX
do select p2 uids=11:13{list}
out * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
out * 3 EXISTS
{recent}out * OK [UIDVALIDITY 1] UIDs are valid
out * OK [UIDNEXT 14] predicted next UID
out * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] flags that stay
{mod_seq}{listed}out p2 OK [{code}] {text_of_reply}
"
    ));
    Ok(text)
}
