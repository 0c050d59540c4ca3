//! What a published codec says of a message.

use peer_imap_codec::{
    CommandCodec, ResponseCodec,
    decode::Decoder,
    imap_types::{
        command::{Command, CommandBody},
        core::{NString, Vec1},
        extensions::binary::LiteralOrLiteral8,
        fetch::MessageDataItem,
        flag::{Flag, FlagFetch},
        mailbox::Mailbox,
        response::{Bye, CommandContinuationRequest, Data, Response, Status, StatusBody, StatusKind, Tagged},
        sequence::{SeqOrUid, Sequence, SequenceSet},
    },
};

use super::facts::{Facts, Payloads};

pub(super) fn command(message: &[u8]) -> Option<Facts> {
    let Ok(([], Command { tag, body })) = CommandCodec::new().decode(message) else { return None };
    Some(of_body(&body).with("tag", tag.as_ref()))
}

fn of_body(body: &CommandBody<'_>) -> Facts {
    let facts = Facts::of(body.name());
    match body {
        CommandBody::Login { username, password } => {
            facts.with_bytes("user", username.as_ref()).with_bytes("password", password.declassify().as_ref())
        }
        CommandBody::Select { mailbox, .. }
        | CommandBody::Examine { mailbox, .. }
        | CommandBody::Create { mailbox }
        | CommandBody::Delete { mailbox }
        | CommandBody::Subscribe { mailbox }
        | CommandBody::Unsubscribe { mailbox } => facts.with_mailbox("mailbox", name(mailbox)),
        CommandBody::Status { mailbox, item_names } => {
            facts.with_mailbox("mailbox", name(mailbox)).with("items", item_names.len())
        }
        CommandBody::Rename { from, to } => {
            facts.with_mailbox("mailbox", name(from)).with_mailbox("to", name(to))
        }
        CommandBody::Lsub { reference, .. } | CommandBody::List { reference, .. } => {
            facts.with_mailbox("mailbox", name(reference))
        }
        CommandBody::Append { mailbox, flags, message, .. } => {
            let mut facts = facts.with_mailbox("mailbox", name(mailbox));
            facts.add_flags(flags);
            let mut payloads = Payloads::default();
            payloads.push(Some(match message {
                LiteralOrLiteral8::Literal(literal) => literal.as_ref(),
                LiteralOrLiteral8::Literal8(literal) => literal.data.as_ref(),
            }));
            payloads.add_to(&mut facts);
            facts
        }
        CommandBody::Search { uid, .. } => facts.with("uid", uid),
        CommandBody::Fetch { sequence_set, uid, .. } => facts.with("uid", uid).with("set", set(sequence_set)),
        CommandBody::Store { sequence_set, kind, response, flags, uid, .. } => {
            let mut facts = facts.with("uid", uid).with("set", set(sequence_set));
            facts.add_flags(flags);
            facts.add("mode", format!("{kind:?} {}", format!("{response:?}") == "Silent"));
            facts
        }
        CommandBody::Copy { sequence_set, mailbox, uid }
        | CommandBody::Move { sequence_set, mailbox, uid } => {
            facts.with("uid", uid).with("set", set(sequence_set)).with_mailbox("mailbox", name(mailbox))
        }
        CommandBody::ExpungeUid { sequence_set } => Facts::of("EXPUNGE").with("set", set(sequence_set)),
        _ => facts,
    }
}

fn name<'a>(mailbox: &'a Mailbox<'_>) -> &'a [u8] {
    match mailbox {
        Mailbox::Inbox => b"INBOX",
        Mailbox::Other(name) => name.as_ref(),
    }
}

fn set(set: &SequenceSet) -> String {
    let number = |number: &SeqOrUid| match number {
        SeqOrUid::Value(number) => number.to_string(),
        SeqOrUid::Asterisk => "*".to_owned(),
    };
    let ranges: Vec<_> = (set.0.as_ref().iter())
        .map(|range| match range {
            Sequence::Single(one) => number(one),
            Sequence::Range(start, end) => format!("{}:{}", number(start), number(end)),
        })
        .collect();
    ranges.join(",")
}

pub(super) fn response(message: &[u8]) -> Option<Facts> {
    let Ok(([], response)) = ResponseCodec::new().decode(message) else { return None };
    Some(match &response {
        Response::CommandContinuationRequest(
            CommandContinuationRequest::Basic(_) | CommandContinuationRequest::Base64(_),
        ) => Facts::of("+"),
        Response::Status(status) => of_status(status),
        Response::Data(data) => of_data(data),
    })
}

fn of_status(status: &Status<'_>) -> Facts {
    let word = |kind: StatusKind| match kind {
        StatusKind::Ok => "OK",
        StatusKind::No => "NO",
        StatusKind::Bad => "BAD",
    };
    let (mut facts, code, text) = match status {
        Status::Untagged(StatusBody { kind, code, text }) => {
            (Facts::of(word(*kind)).with("tag", "*"), code, text)
        }
        Status::Tagged(Tagged { tag, body: StatusBody { kind, code, text } }) => {
            (Facts::of(word(*kind)).with("tag", tag.as_ref()), code, text)
        }
        Status::Bye(Bye { code, text }) => (Facts::of("BYE").with("tag", "*"), code, text),
    };
    facts.add_text(code.is_some(), text.as_ref().as_bytes());
    facts
}

fn of_data(data: &Data<'_>) -> Facts {
    match data {
        Data::Capability(_) => Facts::of("CAPABILITY"),
        Data::List { items, delimiter, mailbox } => list("LIST", items.len(), *delimiter, mailbox),
        Data::Lsub { items, delimiter, mailbox } => list("LSUB", items.len(), *delimiter, mailbox),
        Data::Status { mailbox, items } => {
            Facts::of("STATUS").with_mailbox("mailbox", name(mailbox)).with("items", items.len())
        }
        Data::Search(numbers, _) => Facts::of("SEARCH").with_list("numbers", numbers),
        Data::Flags(flags) => {
            let mut facts = Facts::of("FLAGS");
            facts.add_flags(flags);
            facts
        }
        Data::Exists(number) => Facts::of("EXISTS").with("number", number),
        Data::Recent(number) => Facts::of("RECENT").with("number", number),
        Data::Expunge(number) => Facts::of("EXPUNGE").with("number", number),
        Data::Enabled { .. } => Facts::of("ENABLED"),
        Data::Fetch { seq, items } => of_items(Facts::of("FETCH").with("number", seq), items),
        _ => Facts::default(),
    }
}

fn list(
    kind: &str,
    items: usize,
    delimiter: Option<peer_imap_codec::imap_types::core::QuotedChar>,
    mailbox: &Mailbox<'_>,
) -> Facts {
    Facts::of(kind)
        .with_mailbox("mailbox", name(mailbox))
        .with("delimiter", delimiter.map_or("NIL".to_owned(), |delimiter| delimiter.inner().to_string()))
        .with("items", items)
}

fn of_items(facts: Facts, items: &Vec1<MessageDataItem<'_>>) -> Facts {
    let mut facts = facts.with("items", items.as_ref().len());
    let mut payloads = Payloads::default();
    let bytes = |string: &NString<'_>| string.0.as_ref().map(|string| string.as_ref().to_vec());
    let text =
        |string: &NString<'_>| bytes(string).map_or("NIL".to_owned(), |text| text.escape_ascii().to_string());
    for item in items.as_ref() {
        match item {
            MessageDataItem::Uid(uid) => facts.add("uid", uid),
            MessageDataItem::Rfc822Size(size) => facts.add("size", size),
            MessageDataItem::Flags(flags) => facts.add_flags(flags.iter().map(|flag| match flag {
                FlagFetch::Flag(flag) => Flag::to_string(flag),
                FlagFetch::Recent => "\\Recent".to_owned(),
            })),
            MessageDataItem::BodyExt { data, .. }
            | MessageDataItem::Rfc822(data)
            | MessageDataItem::Rfc822Header(data)
            | MessageDataItem::Rfc822Text(data) => payloads.push(bytes(data).as_deref()),
            MessageDataItem::Envelope(envelope) => {
                facts.add("subject", text(&envelope.subject));
                facts.add("date", text(&envelope.date));
                facts.add("message-id", text(&envelope.message_id));
                facts.add(
                    "addresses",
                    format!("{} {} {}", envelope.from.len(), envelope.to.len(), envelope.bcc.len()),
                );
            }
            _ => {}
        }
    }
    payloads.add_to(&mut facts);
    facts
}
