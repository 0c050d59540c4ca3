//! What our codec says of a message that it reads.

use bytes::Bytes;
use imap_codec::{DecodeOptions, decode_command, decode_response, frame::Frame};
use imap_types::{
    append::{Append, AppendData},
    command::{CommandBody, Copy},
    fetch::MsgAtt,
    response::{Data, Response, Status},
    store::StoreItem,
};

use super::facts::{Facts, Payloads};

pub(super) fn command(message: &[u8]) -> Facts {
    let frame = Frame::new(Bytes::copy_from_slice(message));
    let command = decode_command(&frame, &DecodeOptions::strict()).expect("it was read before").value;
    let mut facts = body(&command.body);
    facts.add("tag", command.tag.as_str());
    facts
}

fn body(body: &CommandBody) -> Facts {
    let name = body.name();
    let facts = Facts::of(name.trim_start_matches("UID "));
    match body {
        CommandBody::Login { user, password } => {
            facts.with_bytes("user", user.as_bytes()).with_bytes("password", password.expose().as_bytes())
        }
        CommandBody::Select { mailbox, .. }
        | CommandBody::Examine { mailbox, .. }
        | CommandBody::Create { mailbox, .. }
        | CommandBody::Delete(mailbox)
        | CommandBody::Subscribe(mailbox)
        | CommandBody::Unsubscribe(mailbox) => facts.with_mailbox("mailbox", mailbox.as_bytes()),
        CommandBody::Status { mailbox, items } => {
            facts.with_mailbox("mailbox", mailbox.as_bytes()).with("items", items.len())
        }
        CommandBody::Rename { from, to, .. } => {
            facts.with_mailbox("mailbox", from.as_bytes()).with_mailbox("to", to.as_bytes())
        }
        CommandBody::Lsub { reference, .. } => facts.with_mailbox("mailbox", reference.as_bytes()),
        CommandBody::List(list) => facts.with_mailbox("mailbox", list.reference.as_bytes()),
        CommandBody::Append(append) => of_append(facts, append),
        CommandBody::Search(search) => facts.with("uid", search.uid),
        CommandBody::Fetch(fetch) => facts.with("uid", fetch.uid).with("set", &fetch.set),
        CommandBody::Store(store) => {
            let mut facts = facts.with("uid", store.uid).with("set", &store.set);
            if let StoreItem::Flags { mode, silent, flags } = &store.item {
                facts.add_flags(flags);
                facts.add("mode", format!("{mode:?} {silent}"));
            }
            facts
        }
        CommandBody::Copy(Copy { uid, set, mailbox }) | CommandBody::Move(Copy { uid, set, mailbox }) => {
            facts.with("uid", uid).with("set", set).with_mailbox("mailbox", mailbox.as_bytes())
        }
        CommandBody::UidExpunge(set) => facts.with("set", set),
        _ => facts,
    }
}

fn of_append(facts: Facts, append: &Append) -> Facts {
    let mut facts = facts.with_mailbox("mailbox", append.mailbox.as_bytes());
    if let [message] = &*append.messages
        && let AppendData::Message(payload) = &message.data
    {
        facts.add_flags(message.flags.iter().flatten());
        let mut payloads = Payloads::default();
        payloads.push(payload.as_bytes());
        payloads.add_to(&mut facts);
    }
    facts
}

pub(super) fn response(message: &[u8]) -> Facts {
    let frame = Frame::new(Bytes::copy_from_slice(message));
    match decode_response(&frame, &DecodeOptions::strict()).expect("it was read before").value {
        Response::Status(status) => {
            let mut facts = Facts::of(status.status.as_str());
            facts.add("tag", status.tag.as_ref().map_or("*", |tag| tag.as_str()));
            if status.status != Status::PreAuth {
                facts.add_text(status.code.is_some(), status.text.as_bytes());
            }
            facts
        }
        Response::Continuation(_) => Facts::of("+"),
        Response::Data(read) => data(&read),
        _ => Facts::default(),
    }
}

fn data(data: &Data) -> Facts {
    let mut facts = Facts::of(data.name());
    match data {
        Data::Exists(number) | Data::Recent(number) => facts.with("number", number),
        Data::Expunge(number) => facts.with("number", number),
        Data::Flags(flags) => {
            facts.add_flags(flags);
            facts
        }
        Data::List(list) | Data::Lsub(list) => facts
            .with_mailbox("mailbox", list.mailbox.as_bytes())
            .with("delimiter", list.delimiter.map_or("NIL".to_owned(), String::from))
            .with("items", list.attributes.len()),
        Data::Status(status) => {
            facts.with_mailbox("mailbox", status.mailbox.as_bytes()).with("items", status.items.len())
        }
        Data::Search(search) => facts.with_list("numbers", search.numbers.iter()),
        Data::Vanished { earlier, uids } => facts.with("earlier", earlier).with("set", uids),
        Data::Fetch(fetch) => {
            let mut facts = facts.with("number", fetch.seq).with("items", fetch.items.len());
            let (mut payloads, mut sizes) = (Payloads::default(), Vec::new());
            for item in &fetch.items {
                match item {
                    MsgAtt::Uid(uid) => facts.add("uid", uid),
                    MsgAtt::ModSeq(number) => facts.add("modseq", number),
                    MsgAtt::Rfc822Size(size) => sizes.push(size.get()),
                    MsgAtt::Flags(flags) => facts.add_flags(flags),
                    MsgAtt::BodySection { data, .. }
                    | MsgAtt::Rfc822(data)
                    | MsgAtt::Rfc822Header(data)
                    | MsgAtt::Rfc822Text(data) => payloads.push(data.as_bytes()),
                    MsgAtt::Envelope(envelope) => {
                        let text = |text: Option<&[u8]>| {
                            text.map_or("NIL".into(), |text| text.escape_ascii().to_string())
                        };
                        facts.add("subject", text(envelope.subject().as_bytes()));
                        facts.add("date", text(envelope.date().as_bytes()));
                        facts.add("message-id", text(envelope.message_id().as_bytes()));
                        facts.add(
                            "addresses",
                            format!("{} {} {}", envelope.from.len(), envelope.to.len(), envelope.bcc.len()),
                        );
                    }
                    _ => {}
                }
            }
            // Larger ones are no numbers in RFC 3501, whose readers skip them.
            if sizes.iter().all(|size| *size <= u64::from(u32::MAX))
                && let Some(last) = sizes.last()
            {
                facts.add("size", last);
            }
            payloads.add_to(&mut facts);
            facts
        }
        _ => facts,
    }
}
