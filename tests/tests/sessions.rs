//! Stories of sessions: what went wrong once, each the smallest exchange that shows it.

use std::sync::Arc;

use bytes::Bytes;
use imap_fsm::{
    client::{self, Client},
    error::Misuse,
    mailbox::View,
    server::{self, Id, Reply, Selected, Server, Update},
    time::Time,
};
use imap_types::{
    append::{AppendMessage, CatPart},
    command::CommandBody,
    fetch::{FetchResponse, MsgAtt, Payload},
    list::ListResponse,
    mailbox::Mailbox,
    number::{Number64, Uid, UidValidity},
    octets::Octets,
    response::{Data, Greeting, GreetingKind},
    select::SelectParameter,
    sequence::UidSet,
    string::{Form, IString, NString},
};

const NOW: Time = Time::ZERO;

// ---- both sides in a few words ----

fn client(change: impl FnOnce(&mut client::Config)) -> Client {
    let mut config = client::Config::default();
    config.tls = client::Tls::Optional;
    config.ask_capabilities = false;
    change(&mut config);
    Client::new(Arc::new(config), NOW)
}

/// What comes of the last call: events and bytes.
fn run(client: &mut Client) -> (Vec<client::Event>, String) {
    let events = std::iter::from_fn(|| client.poll_event()).collect();
    let sent: Vec<Bytes> = std::iter::from_fn(|| client.poll_transmit()).collect();
    (events, String::from_utf8(sent.concat()).expect("text"))
}

fn hear(client: &mut Client, bytes: &str) -> (Vec<client::Event>, String) {
    client.handle_bytes(bytes.as_bytes(), NOW);
    run(client)
}

fn server(capabilities: &str, change: impl FnOnce(&mut server::Config)) -> Server {
    let mut config = server::Config::new(capabilities.split(' ')).expect("names");
    config.require_tls = false;
    change(&mut config);
    let mut server = Server::new(Arc::new(config), NOW);
    server.greet(Greeting::new(GreetingKind::PreAuth, "hello").expect("text"), NOW).expect("the first");
    told(&mut server);
    server
}

fn told(server: &mut Server) -> (Vec<server::Event>, String) {
    let (mut events, mut sent) = (Vec::new(), Vec::new());
    loop {
        let before = (events.len(), sent.len());
        events.extend(std::iter::from_fn(|| server.poll_event()));
        sent.extend(std::iter::from_fn(|| server.poll_transmit()));
        if before == (events.len(), sent.len()) {
            return (events, String::from_utf8_lossy(&sent.concat()).into_owned());
        }
    }
}

fn say(server: &mut Server, bytes: &str) -> (Vec<server::Event>, String) {
    server.handle_bytes(bytes.as_bytes(), NOW);
    told(server)
}

fn ids(events: &[server::Event]) -> Vec<Id> {
    let id = |event: &server::Event| match event {
        server::Event::Command { id, .. } | server::Event::Upload { id, .. } | server::Event::Idle(id) => {
            Some(*id)
        }
        _ => None,
    };
    events.iter().filter_map(id).collect()
}

fn ok() -> Reply {
    Reply::ok("done").expect("text")
}

fn set(text: &str) -> UidSet {
    UidSet::try_from(text).expect("a set")
}

/// A mailbox of five messages is selected.
fn select(server: &mut Server) {
    let (events, _) = say(server, "s1 SELECT INBOX\r\n");
    let view = View::from_uids((1..=5).map(|uid| Uid::try_from(uid).expect("not 0"))).expect("they ascend");
    let validity = UidValidity::try_from(7).expect("not 0");
    let mut selected = Selected::new(view, validity, Uid::try_from(6).expect("not 0"));
    selected.list = Some(ListResponse::new(Mailbox::inbox(), Some('/')));
    server.select(ids(&events)[0], selected, NOW).expect("it waits");
    told(server);
}

// ---- the client ----

#[test]
fn enable_is_refused_once_a_mailbox_was_selected() {
    let mut client = client(|_| {});
    hear(&mut client, "* PREAUTH [CAPABILITY IMAP4rev1 ENABLE UNSELECT] hello\r\n");
    client.send(CommandBody::select("INBOX").expect("a name"), NOW).expect("valid");
    run(&mut client);
    hear(&mut client, "* FLAGS ()\r\n* 0 EXISTS\r\n* 0 RECENT\r\na1 OK done\r\n");
    client.send(CommandBody::Unselect, NOW).expect("valid");
    run(&mut client);
    hear(&mut client, "a2 OK done\r\n");
    let enable = CommandBody::enable(["CONDSTORE"]).expect("a name");
    assert!(matches!(client.send(enable, NOW), Err(Misuse::State { .. })));
}

//= rfc9051#section-7.3.5
//= type=test
//# The update from the FLAGS response MUST be remembered by the client.
//= rfc3501#section-7.3.2
//= type=test
//# The update from the RECENT response MUST be recorded by the client.
#[test]
fn what_is_told_of_the_selected_mailbox_is_remembered() {
    let mut client = client(|_| {});
    hear(&mut client, "* PREAUTH [CAPABILITY IMAP4rev1] hello\r\n");
    client.send(CommandBody::select("INBOX").expect("a name"), NOW).expect("valid");
    run(&mut client);
    hear(&mut client, "* FLAGS (\\Seen)\r\n* 3 EXISTS\r\n* 1 RECENT\r\na1 OK done\r\n");
    let known = |client: &Client| {
        let view = client.mailbox().expect("one is selected");
        let flags = view.flags().map(|flags| flags.iter().map(ToString::to_string).collect::<Vec<_>>());
        (view.exists(), view.recent(), flags.unwrap_or_default().join(" "))
    };
    assert_eq!(known(&client), (Some(3), Some(1), "\\Seen".to_owned()));
    // At any time, and without a command.
    hear(&mut client, "* FLAGS (\\Seen \\Draft new)\r\n* 5 EXISTS\r\n* 2 RECENT\r\n");
    assert_eq!(known(&client), (Some(5), Some(2), "\\Seen \\Draft new".to_owned()));
}

#[test]
fn login_waits_for_the_capabilities_that_may_forbid_it() {
    let mut client = client(|config| config.ask_capabilities = true);
    client.send(CommandBody::login("joe", "sesame").expect("text"), NOW).expect("it may become valid");
    let (_, sent) = hear(&mut client, "* OK hello\r\n");
    assert_eq!(sent, "a2 CAPABILITY\r\n");
    let (events, sent) = hear(&mut client, "* CAPABILITY IMAP4rev1 LOGINDISABLED\r\na2 OK done\r\n");
    assert_eq!(sent, "");
    let refused = client::Abort::Refused(Misuse::LoginDisabled);
    let aborted =
        |event: &client::Event| matches!(event, client::Event::Aborted { why, .. } if *why == refused);
    assert!(events.iter().any(aborted), "{events:?}");
}

#[test]
fn an_initial_response_that_waits_is_no_violation() {
    let mut client = client(|_| {});
    hear(&mut client, "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n");
    client.send(CommandBody::authenticate_with("PLAIN", "x").expect("a name"), NOW).expect("valid");
    assert_eq!(run(&mut client).1, "a1 AUTHENTICATE PLAIN\r\n");
    let (events, sent) = hear(&mut client, "+ \r\n");
    assert_eq!((events, sent.as_str()), (Vec::new(), "eA==\r\n"));
}

#[test]
fn the_wish_for_a_payload_comes_before_the_bytes_are_sent() {
    let mut client = client(|_| {});
    hear(&mut client, "* PREAUTH [CAPABILITY IMAP4rev1 LITERAL+] hello\r\n");
    let message = AppendMessage::streamed(Number64::from(5));
    let append = client.send(CommandBody::append("INBOX", message).expect("a name"), NOW).expect("valid");
    let (events, sent) = run(&mut client);
    assert_eq!(events, [client::Event::Upload { handle: append, size: 5 }]);
    assert_eq!(sent, "a1 APPEND INBOX {5+}\r\n");
    assert_eq!(client.poll_event(), None);
}

#[test]
fn no_payload_is_wanted_by_a_server_that_has_said_bye() {
    let mut client = client(|_| {});
    hear(&mut client, "* PREAUTH [CAPABILITY IMAP4rev1 LITERAL+] hello\r\n");
    let message = AppendMessage::streamed(Number64::from(5));
    let append = client.send(CommandBody::append("INBOX", message).expect("a name"), NOW).expect("valid");
    run(&mut client);
    assert_eq!(client.wants_upload(), Some((append, 5)));
    hear(&mut client, "* BYE not now\r\n");
    assert_eq!(client.wants_upload(), None);
    assert_eq!(client.upload(append, &Bytes::from_static(b"hello"), NOW), Err(Misuse::Over));
}

#[test]
fn a_payload_that_is_given_up_is_never_taken_for_the_message() {
    let mut client = client(|_| {});
    hear(&mut client, "* PREAUTH [CAPABILITY IMAP4rev1 CATENATE] hello\r\n");
    let message = AppendMessage::catenate([CatPart::streamed(Number64::from(3))]).expect("a part");
    let append = client.send(CommandBody::append("INBOX", message).expect("a name"), NOW).expect("valid");
    client.send(CommandBody::Noop, NOW).expect("valid");
    run(&mut client);
    hear(&mut client, "+ go ahead\r\n");
    client.cancel(append, NOW).expect("it can be cancelled");
    assert_eq!(run(&mut client).1, "    ))))))))\r\na2 NOOP\r\n");
}

#[test]
fn the_mailbox_stays_where_select_is_bad() {
    let mut client = client(|_| {});
    hear(&mut client, "* PREAUTH hello\r\n");
    for (reply, exists) in
        [("* FLAGS ()\r\n* 5 EXISTS\r\n* 0 RECENT\r\na1 OK done\r\n", 5), ("a2 BAD what?\r\n", 5)]
    {
        client.send(CommandBody::select("INBOX").expect("a name"), NOW).expect("valid");
        run(&mut client);
        hear(&mut client, reply);
        assert_eq!(client.mailbox().and_then(View::exists), Some(exists), "{reply}");
    }
}

#[test]
fn idle_makes_room_also_where_the_blocked_is_refused() {
    let mut client = client(|config| config.blocked = client::Blocked::Refuse);
    hear(&mut client, "* PREAUTH [CAPABILITY IMAP4rev1 IDLE] hello\r\n");
    client.idle(NOW).expect("valid");
    run(&mut client);
    hear(&mut client, "+ idling\r\n");
    client.send(CommandBody::Logout, NOW).expect("IDLE is interrupted");
    assert_eq!(run(&mut client).1, "DONE\r\n");
}

#[test]
fn neither_side_takes_qresync_before_it_is_enabled() {
    let known = SelectParameter::qresync(7, 5).expect("not 0");
    let mut client = client(|_| {});
    hear(&mut client, "* PREAUTH [CAPABILITY IMAP4rev1 ENABLE QRESYNC] hello\r\n");
    let select = CommandBody::select_with("INBOX", [known]).expect("a name");
    assert_eq!(client.send(select, NOW), Err(Misuse::NotEnabled("QRESYNC")));
    let mut server = server("IMAP4rev1 ENABLE QRESYNC", |_| {});
    let (_, sent) = say(&mut server, "a1 SELECT INBOX (QRESYNC (7 5))\r\n");
    assert!(sent.starts_with("a1 BAD "), "{sent}");
}

// ---- the server ----

#[test]
fn accepting_what_was_not_offered_loses_no_command() {
    let mut server = server("IMAP4rev1", |_| {});
    let (events, _) = say(&mut server, "a1 NOOP\r\na2 NOOP\r\n");
    let first = ids(&events)[0];
    assert_eq!(server.accept(first, NOW), Err(Misuse::Handle));
    server.complete(first, ok(), NOW).expect("it waits");
    let (events, _) = told(&mut server);
    assert_eq!(ids(&events).len(), 1, "{events:?}");
}

#[test]
fn an_upload_ends_with_its_unreadable_command() {
    let mut server = server("IMAP4rev1", |config| config.upload_above = Some(0));
    let (events, _) = say(&mut server, "a1 APPEND INBOX {3}\r\n");
    let id = ids(&events)[0];
    server.accept(id, NOW).expect("it was offered");
    told(&mut server);
    let (events, sent) = say(&mut server, "abc ))\r\n");
    assert!(events.contains(&server::Event::Aborted(id)), "{events:?}");
    assert!(sent.starts_with("a1 BAD "), "{sent}");
    // A literal that nobody was asked about is nobody's.
    let (events, _) = say(&mut server, "a2 LIST {0+}\r\n {1+}\r\n");
    assert!(events.is_empty(), "{events:?}");
    server.handle_eof(NOW);
    assert_eq!(told(&mut server).0, [server::Event::Ended(server::End::Closed)]);
}

#[test]
fn updates_outlive_a_select_that_is_bad() {
    let mut server = server("IMAP4rev1", |_| {});
    select(&mut server);
    server.update(Update::Arrived(set("6:7")), NOW).expect("a mailbox is selected");
    let (events, _) = say(&mut server, "a1 SELECT other\r\n");
    server.complete(ids(&events)[0], Reply::bad("what?").expect("text"), NOW).expect("it waits");
    told(&mut server);
    // Nor does one that cannot be read change anything.
    assert!(say(&mut server, "a1 SELECT (\r\n").1.starts_with("a1 BAD "));
    let (events, _) = say(&mut server, "a2 NOOP\r\n");
    server.complete(ids(&events)[0], ok(), NOW).expect("it waits");
    assert_eq!(told(&mut server).1, "* 7 EXISTS\r\na2 OK done\r\n");
}

#[test]
fn numbers_of_a_command_that_is_held_are_refused_after_expunge() {
    let mut server = server("IMAP4rev1", |config| config.parallel = 2);
    select(&mut server);
    let (events, _) = say(&mut server, "a1 EXPUNGE\r\na2 FETCH 3 FLAGS\r\n");
    server.update(Update::Expunged(set("2")), NOW).expect("a mailbox is selected");
    server.complete(ids(&events)[0], ok(), NOW).expect("it waits");
    let (_, sent) = told(&mut server);
    assert!(sent.starts_with("* 2 EXPUNGE\r\na1 OK done\r\na2 BAD [CLIENTBUG] "), "{sent}");
}

#[test]
fn bytes_that_come_again_after_compress_make_no_command_old() {
    let mut server = server("IMAP4rev1 COMPRESS=DEFLATE", |_| {});
    select(&mut server);
    // What follows the command is deflated already; here it inflates to itself.
    let (events, _) = say(&mut server, "a1 COMPRESS DEFLATE\r\na2 NOOP\r\na3 EXPUNGE\r\na4 LIST \"\" %\r\n");
    server.complete(ids(&events)[0], ok(), NOW).expect("it waits");
    let (events, _) = told(&mut server);
    let Some(server::Event::Compress(token)) = events.into_iter().next() else { panic!("no compression") };
    let unread = token.unread().clone();
    server.compression_up(token, NOW);
    server.handle_owned(unread, NOW);
    let (events, _) = told(&mut server);
    server.complete(ids(&events)[0], ok(), NOW).expect("NOOP waits");
    let (events, _) = told(&mut server);
    server.update(Update::Expunged(set("2")), NOW).expect("a mailbox is selected");
    server.complete(ids(&events)[0], ok(), NOW).expect("EXPUNGE waits");
    let (events, sent) = told(&mut server);
    assert!(sent.starts_with("* 2 EXPUNGE\r\n"), "{sent}");
    server.complete(ids(&events)[0], ok(), NOW).expect("LIST waits");
    told(&mut server);
    let (events, sent) = say(&mut server, "a5 FETCH 3 FLAGS\r\n");
    assert_eq!((ids(&events).len(), sent.as_str()), (1, ""));
}

#[test]
fn a_done_that_crosses_the_end_of_idle_is_no_mistake() {
    let mut server = server("IMAP4rev1 IDLE", |_| {});
    let (events, _) = say(&mut server, "a1 IDLE\r\n");
    server.complete(ids(&events)[0], ok(), NOW).expect("IDLE is running");
    told(&mut server);
    let (events, sent) = say(&mut server, "DONE\r\n");
    assert_eq!((events, sent.as_str()), (Vec::new(), ""));
    // One that crosses nothing is.
    assert!(say(&mut server, "DONE\r\n").1.starts_with("* BAD "));
}

#[test]
fn commands_behind_select_wait_for_it_however_many_are_taken() {
    let mut server = server("IMAP4rev1", |config| config.parallel = 8);
    let (events, sent) = say(&mut server, "s0 NOOP\r\na1 SELECT INBOX\r\na2 UID SEARCH SUBJECT {2}\r\n");
    assert_eq!((ids(&events).len(), sent.as_str()), (1, ""));
    server.complete(ids(&events)[0], ok(), NOW).expect("NOOP waits");
    let (events, _) = told(&mut server);
    let selected = Selected::new(
        View::from_uids([]).expect("none"),
        UidValidity::try_from(7).expect("not 0"),
        Uid::try_from(1).expect("not 0"),
    );
    server.select(ids(&events)[0], selected, NOW).expect("SELECT waits");
    assert!(told(&mut server).1.ends_with("a1 OK [READ-WRITE] SELECT completed\r\n+ go ahead\r\n"));
}

#[test]
fn a_part_with_nul_is_sent_as_literal8() {
    let mut server = server("IMAP4rev1 BINARY", |_| {});
    select(&mut server);
    say(&mut server, "a1 FETCH 1 BINARY[1]\r\n");
    let bytes = IString::received(Octets::from(&b"a\0b"[..]), Form::Literal8);
    let part = MsgAtt::Binary { part: Vec::new(), data: Payload::Data(NString::from(bytes)) };
    let fetch = FetchResponse { seq: 1.try_into().expect("not 0"), items: vec![part] };
    server.data(Data::Fetch(fetch), NOW).expect("literal8 is allowed");
    assert_eq!(told(&mut server).1, "* 1 FETCH (BINARY[] ~{3}\r\na\0b)\r\n");
}

#[test]
fn nothing_is_said_in_clear_behind_starttls() {
    let mut config = server::Config::new(["IMAP4rev1", "STARTTLS"]).expect("names");
    config.require_tls = false;
    let mut server = Server::new(Arc::new(config), NOW);
    server.greet(Greeting::ok("hello").expect("text"), NOW).expect("the first");
    let (events, _) = say(&mut server, "a1 STARTTLS\r\n");
    server.complete(ids(&events)[0], ok(), NOW).expect("it waits");
    server.bye(None, "enough", NOW).expect("the session is not over");
    let (events, sent) = told(&mut server);
    assert_eq!((events, sent.as_str()), (vec![server::Event::Ended(server::End::Bye)], "a1 OK done\r\n"));
}

#[test]
fn the_saved_result_is_known_on_both_sides() {
    let mut server = server("IMAP4rev2", |_| {});
    assert!(server.save(&set("7")).is_err(), "no mailbox is selected");
    select(&mut server);
    server.save(&set("7,9,11")).expect("selected");
    let saved = |view: Option<&View>| -> Vec<String> {
        view.into_iter().flat_map(View::saved).map(|range| format!("{range:?}")).collect()
    };
    assert_eq!(saved(server.mailbox()).len(), 3);

    let mut client = client(|_| {});
    assert!(client.save(&set("7")).is_err(), "no mailbox is selected");
    hear(&mut client, "* PREAUTH [CAPABILITY IMAP4rev2] hello\r\n");
    client.send(CommandBody::select("INBOX").expect("a name"), NOW).expect("allowed");
    run(&mut client);
    let selected = "* FLAGS ()\r\n* 3 EXISTS\r\na1 OK [READ-WRITE] done\r\n";
    hear(&mut client, selected);
    client.save(&set("7,9,11")).expect("selected");
    assert_eq!(saved(client.mailbox()), saved(server.mailbox()));
}

#[test]
fn an_update_of_messages_that_are_not_known_is_refused() {
    let mut server = server("IMAP4rev2", |_| {});
    let (events, _) = say(&mut server, "a1 SELECT INBOX\r\n");
    let id = ids(&events)[0];
    server.data(Data::Flags(imap_types::names::Names::EMPTY), NOW).expect("legal");
    server.data(Data::Exists(3), NOW).expect("legal");
    server.complete(id, ok(), NOW).expect("legal");
    let refused = server.update(Update::Expunged(set("7")), NOW);
    assert_eq!(refused, Err(Misuse::NoUids));
}
