//! Whole sessions, made up from a seed: what the peer sends, and what there is to say to it.

use std::fmt::Write as _;

use imap_codec::{DecodeOptions, decode_response};
use imap_fsm::mailbox::View;
use imap_types::{
    command::CommandBody,
    fetch::FetchAtt,
    number::Uid,
    response::{Data, Response},
    sequence::SequenceSet,
    vec1::Vec1,
};

use crate::made::{Rng, envelope, flags, internal_date};

/// The size of a read.
pub const READ: usize = 16 * 1024;

/// Commands of a client, and all that the server sends until the last of them is completed.
pub struct Turn {
    pub commands: Vec<CommandBody>,
    pub answer: Vec<u8>,
}

/// A client wakes up and looks what has become of a mailbox: of all messages the flags, of the new ones the envelopes;
/// then some are expunged and some arrive.
pub struct Sync {
    pub turns: Vec<Turn>,
    /// How many messages the server sends.
    pub count: usize,
    pub bytes: usize,
}

impl Sync {
    /// One of so many messages is new to the client.
    const NEW: usize = 50;
    const EXPUNGED: usize = 200;
    const ARRIVED: usize = 100;

    pub fn new(messages: usize) -> Self {
        let mut rng = Rng(0x5bc);
        let mut uid = 0;
        let uids: Vec<u64> = (0..messages + Self::ARRIVED)
            .map(|_| {
                uid += if rng.chance(80) { 1 } else { rng.within(2, 40) };
                uid
            })
            .collect();
        let known = messages - messages / Self::NEW;

        let select = format!(
            "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded NonJunk)\r\n\
             * {messages} EXISTS\r\n* 0 RECENT\r\n\
             * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] Limited\r\n\
             * OK [UIDVALIDITY 1700000000] UIDs valid\r\n* OK [UIDNEXT {}] Predicted next UID\r\n\
             a1 OK [READ-WRITE] Select completed\r\n",
            uids[messages]
        );
        let mut flagged = String::new();
        for (at, uid) in uids[..messages].iter().enumerate() {
            line(&mut flagged, format_args!("* {} FETCH (UID {uid} FLAGS ({}))", at + 1, flags(&mut rng)));
        }
        flagged.push_str("a2 OK Fetch completed\r\n");
        let mut new = String::new();
        described(&mut new, &mut rng, known, &uids[known..messages]);
        new.push_str("a3 OK Fetch completed\r\n");
        let mut changed = String::new();
        for gone in 0..Self::EXPUNGED {
            line(&mut changed, format_args!("* {} EXPUNGE", rng.within(1, (known - gone) as u64)));
        }
        let left = messages - Self::EXPUNGED;
        line(&mut changed, format_args!("* {} EXISTS", left + Self::ARRIVED));
        changed.push_str("a4 OK Noop completed\r\n");
        let mut arrived = String::new();
        described(&mut arrived, &mut rng, left, &uids[messages..]);
        arrived.push_str("a5 OK Fetch completed\r\n");

        let all = CommandBody::uid_fetch("1:*", FetchAtt::Flags).expect("a set");
        let greeting = "* PREAUTH [CAPABILITY IMAP4rev1 ENABLE IDLE UIDPLUS ESEARCH MOVE] ready\r\n";
        let turns = vec![
            Turn { commands: vec![], answer: greeting.into() },
            Turn { commands: vec![CommandBody::select("INBOX").expect("a name")], answer: select.into() },
            Turn { commands: vec![all], answer: flagged.into() },
            Turn { commands: vec![describe(uids[known])], answer: new.into() },
            Turn { commands: vec![CommandBody::Noop], answer: changed.into() },
            Turn { commands: vec![describe(uids[messages])], answer: arrived.into() },
        ];
        let lines = |turn: &Turn| turn.answer.iter().filter(|byte| **byte == b'\n').count();
        Self {
            count: turns.iter().map(lines).sum(),
            bytes: turns.iter().map(|turn| turn.answer.len()).sum(),
            turns,
        }
    }
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    write!(out, "{text}\r\n").expect("a String takes it");
}

/// UID FETCH of all that a list of messages shows.
fn describe(from: u64) -> CommandBody {
    let items = [FetchAtt::Flags, FetchAtt::InternalDate, FetchAtt::Rfc822Size, FetchAtt::Envelope];
    let items: Vec1<FetchAtt> = items.to_vec().try_into().expect("some items");
    let set: SequenceSet = format!("{from}:*").as_str().try_into().expect("a set");
    CommandBody::uid_fetch(set, items).expect("a set")
}

/// The answer to that, for the messages after the first so many.
fn described(out: &mut String, rng: &mut Rng, after: usize, uids: &[u64]) {
    for (at, uid) in uids.iter().enumerate() {
        line(
            out,
            format_args!(
                "* {} FETCH (UID {uid} FLAGS ({}) INTERNALDATE \"{}\" RFC822.SIZE {} ENVELOPE {})",
                after + at + 1,
                flags(rng),
                internal_date(rng),
                rng.within(700, 6_000_000),
                envelope(rng)
            ),
        );
    }
}

/// Commands that a client sends without waiting, and the answers: NOOP and UID FETCH of the flags of a message, by turns.
pub struct Pipeline {
    /// The messages of the mailbox.
    pub view: View,
    pub commands: Vec<u8>,
    /// The data before each reply.
    pub answers: Vec<Option<Data>>,
}

impl Pipeline {
    const MESSAGES: u64 = 10_000;

    pub fn new(count: usize) -> Self {
        let mut rng = Rng(0x91be);
        let uid_of = |number: u64| number * 3 + 4000;
        let uids = (1..=Self::MESSAGES).map(|number| Uid::try_from(uid_of(number) as u32).expect("a UID"));
        let view = View::from_uids(uids).expect("UIDs ascend");
        let (mut commands, mut answers) = (String::new(), Vec::with_capacity(count));
        let options = DecodeOptions::strict();
        for at in 1..=count {
            if at % 2 == 1 {
                line(&mut commands, format_args!("A{at} NOOP"));
                answers.push(None);
                continue;
            }
            let number = rng.within(1, Self::MESSAGES);
            let uid = uid_of(number);
            line(&mut commands, format_args!("A{at} UID FETCH {uid} (UID FLAGS)"));
            let answer = format!("* {number} FETCH (UID {uid} FLAGS ({}))\r\n", flags(&mut rng));
            let Response::Data(data) =
                decode_response(answer.as_bytes(), &options).expect("we read it").value
            else {
                panic!("{answer}")
            };
            answers.push(Some(data));
        }
        Self { view, commands: commands.into(), answers }
    }
}
