//! Commands to try: of every kind that the types have, with and without a chance to succeed.

use arbitrary::{Arbitrary as _, Unstructured};
use imap_fsm::client::Client;
use imap_types::{
    append::{Append, AppendData, AppendMessage, CatPart},
    command::CommandBody,
    compress::CompressionAlgorithm,
    fetch::{Fetch, FetchAtt, FetchItems, FetchMacro, Payload},
    flag::Flag,
    id::Id,
    mailbox::Mailbox,
    notify::{Event, EventGroup, EventName, MailboxFilter, Notify},
    number::{ModSeq, Number64},
    octets::Octets,
    replace::Replace,
    search::{Search, SearchKey, SearchReturn},
    section::Section,
    select::SelectParameter,
    sequence::{SeqRange, SequenceSet},
    status::StatusAtt,
    store::{Store, StoreMode},
    string::{Form, IString, NString},
    vec1::Vec1,
};

use crate::rng::Rng;

/// The names of mailboxes that commands use; the first few are there.
const NAMES: [&str; 7] = ["INBOX", "inbox", "Work", "Empty", "with space", "Entw&APw-rfe", "Gone"];

/// What ENABLE is tried with.
const ENABLES: [&str; 6] = ["CONDSTORE", "QRESYNC", "UTF8=ACCEPT", "IMAP4rev2", "UIDONLY", "X-NEVER"];

/// A command, chosen by `rng` with an eye on what the client knows.
///
/// # Panics
/// Where a constructor refuses what it must take.
#[must_use]
pub(super) fn choose(rng: &mut Rng, client: &Client) -> CommandBody {
    let selected = client.state().is_selected();
    let authenticated = client.state() != imap_fsm::state::State::NotAuthenticated;
    // Mostly what is valid, and of that mostly what moves the session on.
    let kind = match (rng.below(16), authenticated, selected) {
        (0, ..) => rng.below(40),
        (1..=12, false, _) => 2 + rng.below(5),
        (1..=4, true, false) => 7,
        (5..=10, true, false) => 8 + rng.below(4),
        (1..=11, true, true) => 24 + rng.below(14),
        (_, true, _) => 7 + rng.below(18),
        _ => rng.below(7),
    };
    body(kind, rng, client).expect("the values are fine")
}

fn body(
    kind: usize,
    rng: &mut Rng,
    client: &Client,
) -> Result<CommandBody, imap_types::error::ValidationError> {
    let exists = client.mailbox().and_then(|view| view.exists()).unwrap_or(3);
    Ok(match kind {
        0 => CommandBody::Noop,
        1 => CommandBody::Capability,
        2 | 3 => CommandBody::login("joe", password(rng))?,
        4 => CommandBody::authenticate(if rng.below(3) == 0 { "X-NO" } else { "PLAIN" })?,
        5 => CommandBody::authenticate_with("PLAIN", bytes(rng, 30))?,
        6 => CommandBody::StartTls,
        7 => {
            let many = 1 + rng.below(3);
            CommandBody::enable((0..many).map(|_| ENABLES[rng.below(ENABLES.len())]).collect::<Vec<_>>())?
        }
        8..=10 => CommandBody::Select { mailbox: mailbox(rng), parameters: select_parameters(rng) },
        11 => CommandBody::Examine { mailbox: mailbox(rng), parameters: select_parameters(rng) },
        12 => CommandBody::create(mailbox(rng))?,
        13 => CommandBody::delete(mailbox(rng))?,
        14 => CommandBody::rename(mailbox(rng), mailbox(rng))?,
        15 => match rng.below(2) {
            0 => CommandBody::subscribe(mailbox(rng))?,
            _ => CommandBody::unsubscribe(mailbox(rng))?,
        },
        16 => CommandBody::list("", "*")?,
        17 => CommandBody::lsub("", "%")?,
        18 => CommandBody::Namespace,
        19 => {
            let items = [StatusAtt::Messages, StatusAtt::UidNext, StatusAtt::UidValidity];
            CommandBody::status(mailbox(rng), items.into_iter().take(1 + rng.below(3)))?
        }
        20 | 21 => CommandBody::Append(append(rng)?),
        22 => CommandBody::Idle,
        23 => match rng.below(4) {
            0 => CommandBody::Id(Id::default()),
            1 => CommandBody::Compress(CompressionAlgorithm::Deflate),
            2 => CommandBody::Unauthenticate,
            _ => notify(rng),
        },
        24 => CommandBody::Noop,
        25 => match rng.below(3) {
            0 => CommandBody::Check,
            1 => CommandBody::Close,
            _ => CommandBody::Unselect,
        },
        26 => CommandBody::Expunge,
        27 => CommandBody::uid_expunge(set(rng, 40))?,
        28 | 29 => CommandBody::Search(search(rng, exists)?),
        30 | 31 => {
            let fetch = Fetch::new(set(rng, exists), items(rng)?);
            CommandBody::Fetch(if rng.below(2) == 0 { fetch.by_uid() } else { fetch })
        }
        32 | 33 => {
            let mode = [StoreMode::Add, StoreMode::Remove, StoreMode::Replace][rng.below(3)];
            let flag = [Flag::Deleted, Flag::Seen, Flag::Flagged][rng.below(3)].clone();
            let mut store = Store::new(set(rng, exists), mode, [flag]);
            if rng.below(2) == 0 {
                store = store.by_uid();
            }
            CommandBody::Store(if rng.below(3) == 0 { store.silent() } else { store })
        }
        34 => match rng.below(2) {
            0 => CommandBody::copy(set(rng, exists), mailbox(rng))?,
            _ => CommandBody::uid_copy(set(rng, 40), mailbox(rng))?,
        },
        35 => match rng.below(2) {
            0 => CommandBody::r#move(set(rng, exists), mailbox(rng))?,
            _ => CommandBody::uid_move(set(rng, 40), mailbox(rng))?,
        },
        36 => CommandBody::Idle,
        37 => {
            let number = 1 + rng.below(exists.max(1) as usize) as u32;
            let replace = Replace::new(
                imap_types::sequence::SeqNumber::try_from(number)?,
                mailbox(rng),
                message(rng)?,
            )?;
            CommandBody::from(if rng.below(2) == 0 { replace.by_uid() } else { replace })
        }
        38 if rng.below(3) == 0 => CommandBody::Logout,
        _ => anything(rng),
    })
}

/// A command of any kind with arguments of any kind.
fn anything(rng: &mut Rng) -> CommandBody {
    let noise: Vec<u8> = (0..400).map(|_| rng.below(256) as u8).collect();
    CommandBody::arbitrary(&mut Unstructured::new(&noise)).unwrap_or(CommandBody::Noop)
}

fn mailbox(rng: &mut Rng) -> Mailbox {
    let most = if rng.below(3) == 0 { NAMES.len() } else { 3 };
    Mailbox::try_from(NAMES[rng.below(most)]).expect("the name is fine")
}

/// Bytes that are no NUL, and often no text.
pub(super) fn bytes(rng: &mut Rng, most: usize) -> Vec<u8> {
    (0..rng.below(most + 1)).map(|_| 1 + rng.below(255) as u8).collect()
}

/// A password that is an atom, a quoted string or a literal.
fn password(rng: &mut Rng) -> Octets {
    Octets::from(match rng.below(3) {
        0 => b"sesame".to_vec(),
        1 => b"open \"sesame\"".to_vec(),
        _ => bytes(rng, 40),
    })
}

fn set(rng: &mut Rng, most: u32) -> SequenceSet {
    let mut number = || 1 + rng.below(most.max(1) as usize + usize::from(most < 3)) as u32;
    let (one, two) = (number(), number());
    match rng.below(4) {
        0 => SequenceSet::try_from(one).expect("not 0"),
        1 => SequenceSet::try_from(one.min(two)..=one.max(two)).expect("not 0"),
        2 => SequenceSet::all(),
        _ => {
            [one, two].into_iter().map(|number| SeqRange::single(number.try_into().expect("not 0"))).collect()
        }
    }
}

fn select_parameters(rng: &mut Rng) -> Vec<SelectParameter> {
    match rng.below(6) {
        0 => vec![SelectParameter::CondStore],
        1 => SelectParameter::qresync(1, 5).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn items(rng: &mut Rng) -> Result<FetchItems, imap_types::error::ValidationError> {
    Ok(match rng.below(4) {
        0 => FetchItems::Macro(FetchMacro::Fast),
        1 => FetchItems::One(FetchAtt::Flags),
        2 => FetchItems::One(FetchAtt::BodySection { peek: true, section: Section::ALL, partial: None }),
        _ => FetchItems::List(Vec1::try_from(vec![FetchAtt::Uid, FetchAtt::Flags, FetchAtt::ModSeq])?),
    })
}

fn search(rng: &mut Rng, exists: u32) -> Result<Search, imap_types::error::ValidationError> {
    let key = match rng.below(5) {
        0 => SearchKey::All,
        1 => SearchKey::subject(Octets::from(bytes(rng, 60)))?,
        2 => SearchKey::Set(set(rng, exists)),
        3 => SearchKey::Unseen.and(SearchKey::from("joe")?).or(SearchKey::Deleted),
        _ => !SearchKey::body("a \"quoted\" word")?,
    };
    let mut search = Search::from(key);
    if rng.below(2) == 0 {
        search = search.by_uid();
    }
    if rng.below(3) == 0 {
        search =
            search.returning([SearchReturn::All, SearchReturn::Count].into_iter().take(1 + rng.below(2)));
    }
    Ok(search)
}

fn notify(rng: &mut Rng) -> CommandBody {
    if rng.below(2) == 0 {
        return CommandBody::Notify(Notify::None);
    }
    let names = [EventName::MessageNew, EventName::MessageExpunge].map(Event::Name);
    let group = EventGroup { mailboxes: MailboxFilter::Selected, events: names.to_vec() };
    CommandBody::Notify(Notify::Set { status: false, groups: Vec1::new(group) })
}

/// Bytes of a message: few, some, or more than LITERAL- allows.
fn payload(rng: &mut Rng) -> Vec<u8> {
    let most = [20, 200, 6000][rng.below(3)];
    bytes(rng, most)
}

fn message(rng: &mut Rng) -> Result<AppendMessage, imap_types::error::ValidationError> {
    Ok(match rng.below(6) {
        0 => AppendMessage::streamed(Number64::from([0, 1, 300, 9000][rng.below(4)])),
        1 => {
            let text = CatPart::text(payload(rng));
            AppendMessage::catenate([
                CatPart::url("/Work;UID=1")?,
                text,
                CatPart::streamed(Number64::from(70)),
            ])?
        }
        2 => {
            let mut binary = payload(rng);
            binary.push(0);
            let data = IString::received(Octets::from(binary), Form::Literal8);
            AppendMessage {
                data: AppendData::Message(Payload::Data(NString::from(data))),
                ..AppendMessage::new("")
            }
        }
        _ => AppendMessage::new(payload(rng)).with_flags([Flag::Seen]),
    })
}

fn append(rng: &mut Rng) -> Result<Append, imap_types::error::ValidationError> {
    let mut append = Append::new(mailbox(rng), message(rng)?)?;
    if rng.below(4) == 0 {
        append.messages.push(message(rng)?);
    }
    Ok(append)
}

/// A modification sequence.
pub(super) fn mod_seq(rng: &mut Rng) -> ModSeq {
    ModSeq::try_from(1 + rng.below(1000) as u64).expect("not 0")
}
