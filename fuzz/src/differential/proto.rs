//! What a published parser of responses says of a message.

use peer_imap_proto::{AttributeValue, MailboxDatum, Response, Status};

use super::facts::{Facts, Payloads};

pub(super) fn response(message: &[u8]) -> Option<Facts> {
    let Ok(([], response)) = Response::parse(message) else { return None };
    let word = |status: &Status| match status {
        Status::Ok => "OK",
        Status::No => "NO",
        Status::Bad => "BAD",
        Status::PreAuth => "PREAUTH",
        Status::Bye => "BYE",
    };
    Some(match response {
        Response::Continue(_) => Facts::of("+"),
        Response::Done { tag, status, .. } => Facts::of(word(&status)).with("tag", tag.0),
        Response::Data { status, .. } => Facts::of(word(&status)).with("tag", "*"),
        Response::Expunge(number) => Facts::of("EXPUNGE").with("number", number),
        Response::Fetch(number, items) => of_items(Facts::of("FETCH").with("number", number), &items),
        Response::MailboxData(data) => of_data(&data),
        Response::Vanished { earlier, .. } => Facts::of("VANISHED").with("earlier", earlier),
        // Those of CAPABILITY and of ENABLED, and what has no type with us.
        _ => Facts::default(),
    })
}

fn of_data(data: &MailboxDatum<'_>) -> Facts {
    match data {
        MailboxDatum::Exists(number) => Facts::of("EXISTS").with("number", number),
        MailboxDatum::Recent(number) => Facts::of("RECENT").with("number", number),
        MailboxDatum::Flags(flags) => {
            let mut facts = Facts::of("FLAGS");
            facts.add_flags(flags);
            facts
        }
        // LIST or LSUB.
        MailboxDatum::List(list) => of_mailbox(Facts::default(), &list.name)
            .with("delimiter", list.delimiter.as_deref().unwrap_or("NIL"))
            .with("items", list.name_attributes.len()),
        MailboxDatum::Search(numbers) => Facts::of("SEARCH").with_list("numbers", numbers),
        MailboxDatum::Status { mailbox, status } => {
            of_mailbox(Facts::of("STATUS"), mailbox).with("items", status.len())
        }
        _ => Facts::default(),
    }
}

/// Names are text here, and bytes in the protocol: what is no UTF-8 cannot be compared.
fn of_mailbox(facts: Facts, name: &str) -> Facts {
    if name.contains('\u{fffd}') { facts } else { facts.with_mailbox("mailbox", name.as_bytes()) }
}

fn of_items(facts: Facts, items: &[AttributeValue<'_>]) -> Facts {
    let mut facts = facts.with("items", items.len());
    let mut payloads = Payloads::default();
    let text = |text: &Option<std::borrow::Cow<'_, [u8]>>| {
        text.as_ref().map_or("NIL".to_owned(), |text| text.escape_ascii().to_string())
    };
    for item in items {
        match item {
            AttributeValue::Uid(uid) => facts.add("uid", uid),
            AttributeValue::ModSeq(number) => facts.add("modseq", number),
            AttributeValue::Rfc822Size(size) => facts.add("size", size),
            AttributeValue::Flags(flags) => facts.add_flags(flags),
            AttributeValue::BodySection { data, .. }
            | AttributeValue::Rfc822(data)
            | AttributeValue::Rfc822Header(data)
            | AttributeValue::Rfc822Text(data) => payloads.push(data.as_deref()),
            AttributeValue::Envelope(envelope) => {
                let count = |list: &Option<Vec<_>>| list.as_ref().map_or(0, Vec::len);
                facts.add("subject", text(&envelope.subject));
                facts.add("date", text(&envelope.date));
                facts.add("message-id", text(&envelope.message_id));
                facts.add(
                    "addresses",
                    format!("{} {} {}", count(&envelope.from), count(&envelope.to), count(&envelope.bcc)),
                );
            }
            _ => {}
        }
    }
    payloads.add_to(&mut facts);
    facts
}
