//! `explain`: the page of one deviation that is read and reported; and the sentence of each, for reports.

use std::io::Write;

use crate::{
    failure::Failure,
    render::paint::{BENT, FAINT, paint},
};

/// What is known of a deviation.
struct Page {
    /// Its stable id.
    id: &'static str,
    /// What it is, in a sentence without a full stop.
    summary: &'static str,
    /// What arrives, with the side that sends it.
    example: &'static str,
    /// Who is known to send it.
    peers: &'static str,
    /// What becomes of it.
    reading: &'static str,
}

/// The sentence for the deviation with that id.
pub(crate) fn summary(id: &str) -> &'static str {
    page(id).map_or("a deviation from the grammar", |page| page.summary)
}

fn page(id: &str) -> Option<&'static Page> {
    PAGES.iter().find(|page| page.id.eq_ignore_ascii_case(id))
}

/// Prints the page of a deviation.
///
/// # Errors
///
/// [`Failure::Input`] where there is none of that id, [`Failure`] where the output cannot be written.
pub(crate) fn run(id: &str, out: &mut dyn Write) -> Result<(), Failure> {
    let Some(Page { id, summary, example, peers, reading }) = page(id) else {
        let known: Vec<&str> = PAGES.iter().map(|page| page.id).collect();
        return Err(Failure::Input(format!("there is no deviation {id:?}; known are {}", known.join(" "))));
    };
    writeln!(out, "{}: {summary}\n\n  {example}\n", paint(BENT, id))?;
    writeln!(out, "{}   {peers}", paint(FAINT, "sent by"))?;
    writeln!(out, "{}  {reading}", paint(FAINT, "tolerant"))?;
    let strict = if *id == "Q2" { "the same (erratum 7343 of RFC 9051 asks for it)" } else { "an error" };
    writeln!(out, "{}    {strict}", paint(FAINT, "strict"))?;
    Ok(())
}

macro_rules! pages {
    ($($id:literal $summary:literal $example:literal $peers:literal $reading:literal)*) => {
        /// Every deviation that the decoders report, and those that are often met, in the order of their ids.
        const PAGES: &[Page] =
            &[$(Page { id: $id, summary: $summary, example: $example, peers: $peers, reading: $reading },)*];
    };
}

pages! {
    "Q1" "the space and the text after the status are missing"
        r"S: A1 OK\r\n" "iCloud, Oracle, Exchange" "a status with an empty text"
    "Q2" "the space and the text after the response code are missing"
        r"S: * OK [HIGHESTMODSEQ 42]\r\n" "Gmail, Yandex" "the code, and an empty text"
    "Q3" "a continuation request without the space after `+`"
        r"S: +\r\n" "Exchange, public-inbox" "a continuation request with an empty text"
    "Q4" "a space before the line end"
        r"S: * STATUS Inbox (MESSAGES 1) \r\n" "Exchange, Microsoft 365" "the response without it"
    "Q5" "a space after the last capability"
        r"S: * CAPABILITY IMAP4rev1 UIDPLUS \r\n" "QQ" "the capabilities"
    "Q6" "a space after the last number of SEARCH"
        r"S: * SEARCH 7456 \r\n" "Yahoo" "the numbers"
    "Q7" "more than one space after `*`"
        r"S: *  1843 EXISTS\r\n" "DavMail" "the response as with one space"
    "Q17" "a blank line before the message"
        r"S: \r\n* OK ..\r\n" "Exchange" "the message that follows, to which the blank line belongs"
    "Q18" "NUL bytes before the message"
        r"S: \0\0* OK ..\r\n" "servers that were not named" "the message that follows"
    "Q19" "NUL in a line or in a plain literal"
        r"S: * 1 FETCH (BODY[] {3}\r\na\0b)\r\n" "servers with broken messages" "the bytes, NUL included"
    "Q20" "a line that ends in LF without CR"
        r"S: * OK ready\n" "lenient servers and clients" "the line"
    "Q42" "octets or lines of a part that are below zero"
        r#"S: ("text" "plain" NIL NIL NIL "7bit" -1 -1)"# "Exchange, Dovecot proxies" "0"
    "Q51" "a section without its value"
        r#"S: * 1 FETCH (BODY[2] )"# "Yandex" "NIL"
    "Q54" "a quoted string with an unescaped double quote in it"
        r#"S: ("=?UTF-8?Q?"Dummy"?=" NIL ..)"# "Gmail, Exchange" "not read yet: an error at the end of the string"
    "Q58" "8-bit bytes in a quoted string where they are not enabled"
        r#"S: ("name" "caf\xe9.pdf")"# "Proton Bridge; many, in BODYSTRUCTURE" "the bytes as they are"
    "Q59" "a backslash before a character that needs none"
        r#"S: "a\b""# "servers that were not named" "a string that keeps the backslash"
    "Q60" "an atom in place of a string, in ENVELOPE or BODYSTRUCTURE"
        r#"S: ((ProtonMail NIL support protonmail.ch))"# "Proton Bridge, Exchange 2010" "the atom as a string"
    "Q63" "an unquoted mailbox name with spaces in STATUS"
        r#"S: * STATUS Sent Items (UIDNEXT 1)"# "GNU Mailutils, Strato" "the name up to the last ` (`"
    "Q64" "an unquoted mailbox name with bytes that need quotes in LIST or LSUB"
        r#"S: * LIST () "/" Sent Items"# "Exchange, Microsoft 365" "the rest of the line as the name"
    "Q65" "an unquoted `]` where only an atom is allowed"
        r#"S: * LIST () "/" [Gmail]/x\r\n"# "Dovecot, Gmail" "the name with its brackets"
    "Q71" "a hierarchy delimiter that is a backslash without its escape"
        r#"S: * NAMESPACE (("INBOX." "\")) NIL NIL"# "Courier" "the backslash"
    "Q72" "spaces inside the parentheses of NAMESPACE"
        r#"S: * NAMESPACE ( ( "~" "/" ) ) NIL NIL"# "servers that were not named" "the namespaces"
    "Q74" "a keyword with brackets"
        r"S: * FLAGS (\Seen OIB-Seen-[Google Mail])\r\n" "Gmail" "a flag that is kept as it came"
    "Q75" "an asterisk after a backslash among the flags of FLAGS"
        r#"S: * FLAGS (\Seen \*)"# "GreenMail, Binc" "a flag that is kept as it came"
    "Q79" "a space between addresses"
        r#"S: ((NIL NIL "a" "b") (NIL NIL "c" "d"))"# "Outlook.com" "the addresses"
    "Q80" "an empty list of addresses"
        r#"S: ENVELOPE ("date" "subject" () ..)"# "Yahoo, Proton Bridge" "no addresses, as NIL"
    "Q81" "a space before the parenthesis that closes an address or an envelope"
        r#"S: ("undisclosed-recipients" NIL "undisclosed-recipients" NIL )"# "Yahoo" "the address without it"
    "Q82" "NIL among addresses"
        r#"S: (NIL ("x" NIL "a" "b"))"# "SmarterMail" "the other addresses"
    "Q83" "an envelope without its message-id"
        r#"S: ENVELOPE (.. NIL NIL NIL "<irt@x>")"# "servers that were not named" "an envelope without a message-id"
    "Q84" "an envelope without in-reply-to and message-id"
        r#"S: ENVELOPE (.. NIL NIL NIL)"# "servers that were not named" "an envelope without them"
    "Q91" "a day of one digit without the space before it"
        r#"S: INTERNALDATE "5-Jul-2013 10:00:00 +0000""# "QQ" "the date"
    "Q92" "dots in place of the colons of a time"
        r#"S: INTERNALDATE " 5-Jul-2013 10.00.00 +0000""# "servers that were not named" "the time"
    "Q93" "a space between the parts of a multipart"
        r#"S: ((..) (..) "mixed")"# "Exchange, maddy" "the parts"
    "Q94" "NIL as the encoding of a part"
        r#"S: ("text" "plain" NIL NIL NIL NIL 12 1)"# "several" "an empty encoding"
    "Q96" "a TEXT part without its number of lines"
        r#"S: ("text" "plain" NIL NIL NIL "7bit" 12)"# "servers that were not named" "a part whose lines are unknown"
    "Q98" "envelope, body and lines after a part that is no message"
        r#"S: ("message" "delivery-status" NIL NIL NIL "7bit" 641 (..) (..) 5)"# "Bigfoot" "the part without them"
    "Q99" "a number of lines after a part that is no text"
        r#"S: ("image" "gif" NIL NIL NIL "base64" 4096 12)"# "Lavabit, Gmail" "the part without it"
    "Q100" "NIL as the value of a parameter"
        r#"S: ("name" NIL)"# "mail.ru, Exchange" "a parameter whose value is empty"
    "Q101" "parameters that are empty, or end with a name"
        r#"S: ("name" "x" "charset")"# "servers for the format of old mailboxes" "the pairs"
    "Q102" "a disposition without parentheses"
        r#"S: .. NIL "inline" NIL"# "Exchange" "the disposition"
    "Q103" "a disposition without its parameters"
        r#"S: .. NIL ("inline") NIL"# "Citadel" "the disposition"
    "Q104" "a disposition whose name is NIL"
        r#"S: .. NIL (NIL NIL) NIL"# "Exchange" "no disposition"
    "Q105" "a disposition and its parameters without parentheses"
        r#"S: .. NIL "attachment" ("filename" "x") NIL"# "Exchange" "the disposition and its parameters"
    "Q108" "NIL in parentheses as the languages, or an empty list as the location"
        r#"S: .. NIL (NIL) ()"# "servers that were not named" "no language, no location"
    "Q113" "NIL as the media type and subtype of a part"
        r#"S: (NIL NIL NIL NIL NIL "7BIT" 563)"# "Microsoft 365, SIMS" "APPLICATION/OCTET-STREAM"
    "Q116" "no space between a literal and the item after it"
        r#"S: * 1 FETCH (BODY[] {3}\r\nabcUID 12)"# "Exchange 2010, Microsoft 365" "both items"
    "Q117" "no space between a number and the item after it"
        r#"S: * 1 FETCH (UID 123MODSEQ (456))"# "Zimbra" "both items"
    "Q118" "no space before an opening parenthesis"
        r#"S: * 1 FETCH (FLAGS(\Seen))"# "several" "the list"
    "Q119" "a FETCH response without items"
        r"S: * 6 FETCH ()\r\n" "QIP.ru" "a FETCH response that says nothing"
    "Q124" "brackets after RFC822, RFC822.HEADER or RFC822.TEXT"
        r#"S: * 1 FETCH (RFC822[] "..")"# "servers of the time of Exchange 5" "the item without them"
    "Q125" "the length beside the origin of a partial section"
        r#"S: * 1 FETCH (BODY[]<0.1024> "..")"# "servers that were not named" "the origin"
    "Q129" "MODSEQ in parentheses in ESEARCH"
        r#"S: * ESEARCH (TAG "A") UID ALL 3 (MODSEQ 9)"# "servers that were not named" "MODSEQ as without them"
    "Q132" "0 among the numbers of SEARCH"
        r#"S: * SEARCH 0 5"# "several" "the other numbers"
    "Q150" "CHANGEDSINCE with 0, which no modification sequence is"
        r"C: A1 FETCH 1:* (FLAGS) (CHANGEDSINCE 0)\r\n" "iPhone Mail" "every message has changed since"
    "Q152" "a command in place of DONE"
        r"C: A1 IDLE\r\n .. C: A2 NOOP\r\n" "iOS Mail" "the command; IDLE has ended"
    "Q154" "a blank line between commands"
        r"C: A1 IDLE\r\n\r\n" "emailjs" "the message that follows, to which the blank line belongs"
    "Q161" "a space before the end of the command"
        r"C: A1 SELECT INBOX \r\n" "several" "the command without it"
    "Q162" "a backslash before a character that needs none, from a client"
        r#"C: A1 SELECT "a\b"\r\n"# "old clients" "a string that keeps the backslash"
    "X1" "neither IMAP4rev1 nor IMAP4rev2 among the capabilities"
        r"S: * CAPABILITY IMAP4 IDLE\r\n" "servers that name neither revision" "the capabilities"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_deviation_has_a_page() {
        let source = include_str!("../../imap-codec/src/tolerance.rs");
        let numbers: Vec<u16> = source
            .lines()
            .filter_map(|line| line.trim().strip_suffix(',')?.split_once(" = ")?.1.parse().ok())
            .collect();
        assert!(numbers.len() > 20, "the list is found");
        for number in numbers {
            let id = if number > 200 { format!("X{}", number - 200) } else { format!("Q{number}") };
            assert!(page(&id).is_some(), "{id} has no page");
        }
    }

    #[test]
    fn a_page_says_what_is_read() {
        let mut out = Vec::new();
        assert!(run("q4", &mut out).is_ok());
        let text = String::from_utf8_lossy(&out);
        assert!(text.contains("a space before the line end") && text.contains("Microsoft 365"), "{text}");
        let unknown = run("Q9999", &mut out).map_err(|failure| failure.to_string());
        assert!(unknown.is_err_and(|message| message.starts_with("there is no deviation \"Q9999\"; known are Q1 Q2")));
    }
}
