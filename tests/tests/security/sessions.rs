//! S6 to S8 by state, S16, S17, S20 and S21 on whole sessions; and what the tests of sessions share.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use imap_codec::limits::Limits;
use imap_fsm::{
    client::{self, Client},
    server::{self, Reply, Request, Server},
    state::State,
    time::Time,
};
use imap_tests::alloc;
use imap_types::{
    command::CommandBody,
    fetch::{FetchResponse, MsgAtt, Payload},
    response::{Data, Greeting, Status},
};

const NOW: Time = Time::ZERO;

// ---- what the tests share ----

pub(crate) fn client_in(protected: bool, set: impl FnOnce(&mut client::Config)) -> Client {
    let mut config = client::Config::default();
    set(&mut config);
    let config = Arc::new(config);
    if protected { Client::protected(config, NOW) } else { Client::new(config, NOW) }
}

/// A server that has sent its greeting.
pub(crate) fn server_in(
    protected: bool,
    capabilities: &str,
    set: impl FnOnce(&mut server::Config),
) -> Server {
    let mut config = server::Config::new(capabilities.split(' ')).unwrap();
    set(&mut config);
    let config = Arc::new(config);
    let mut server = if protected { Server::protected(config, NOW) } else { Server::new(config, NOW) };
    server.greet(Greeting::ok("ready").unwrap(), NOW).unwrap();
    server_sent(&mut server);
    server
}

pub(crate) fn log_in(server: &mut Server) {
    server.handle_bytes(b"p1 LOGIN joe sesame\r\n", NOW);
    let Some(server::Event::Command { id, .. }) = server.poll_event() else { panic!("LOGIN") };
    server.complete(id, Reply::ok("welcome").unwrap(), NOW).unwrap();
    server_sent(server);
}

fn select(server: &mut Server, messages: u32) {
    server.handle_bytes(b"p2 SELECT INBOX\r\n", NOW);
    let Some(server::Event::Command { id, .. }) = server.poll_event() else { panic!("SELECT") };
    let uids = (1..=messages).map(|uid| uid.try_into().unwrap());
    let view = imap_fsm::mailbox::View::from_uids(uids).unwrap();
    let selected = server::Selected::new(view, 1.try_into().unwrap(), (messages + 1).try_into().unwrap());
    server.select(id, selected, NOW).unwrap();
    server_sent(server);
}

/// A client in the authenticated state, or with a mailbox of three messages.
fn client_at(selected: bool, set: impl FnOnce(&mut client::Config)) -> Client {
    let mut client = client_in(true, set);
    client.handle_bytes(b"* PREAUTH [CAPABILITY IMAP4rev1 LITERAL+ IDLE] ready\r\n", NOW);
    events(&mut client);
    if selected {
        client.send(CommandBody::select("INBOX").unwrap(), NOW).unwrap();
        sent(&mut client);
        client.handle_bytes(b"* FLAGS ()\r\n* 3 EXISTS\r\n* 0 RECENT\r\na1 OK [READ-WRITE] done\r\n", NOW);
        events(&mut client);
    }
    client
}

/// All events that are due, as Debug shows them.
pub(crate) fn events(client: &mut Client) -> Vec<String> {
    std::iter::from_fn(|| client.poll_event()).map(|event| format!("{event:?}")).collect()
}

pub(crate) fn sent(client: &mut Client) -> Vec<u8> {
    std::iter::from_fn(|| client.poll_transmit()).flatten().collect()
}

/// All events that are due, as Debug shows them.
pub(crate) fn server_events(server: &mut Server) -> Vec<String> {
    std::iter::from_fn(|| server.poll_event()).map(|event| format!("{event:?}")).collect()
}

pub(crate) fn server_sent(server: &mut Server) -> Vec<u8> {
    std::iter::from_fn(|| server.poll_transmit()).flatten().collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

// ---- S6: literals ----

#[test]
fn s06_before_authentication_literals_are_small() {
    for (line, reply) in [
        ("a1 LOGIN {4097}", "a1 NO [TOOBIG] the literal is too large\r\n"),
        ("a1 LOGIN {4294967296}", "a1 NO [TOOBIG] the literal is too large\r\n"),
        ("a1 LOGIN {4096}", "+ go ahead\r\n"),
        ("a1 APPEND x {1}", "a1 BAD APPEND is not valid in the state not-authenticated\r\n"),
        ("a1 X {1}", "a1 BAD there is no such command\r\n"),
    ] {
        let mut server = server_in(true, "IMAP4rev1", |_| {});
        server.handle_bytes(format!("{line}\r\n").as_bytes(), NOW);
        server_events(&mut server);
        assert_eq!(text(&server_sent(&mut server)), reply);
    }
    // 8 KiB in total, however they are cut.
    let mut server = server_in(true, "IMAP4rev1 LITERAL+", |_| {});
    let argument = [&b" {3000+}\r\n"[..], &[b'x'; 3000]].concat();
    server.handle_bytes(&[b"a1 X", &argument[..], &argument, &argument, b"\r\na2 NOOP\r\n"].concat(), NOW);
    let told = server_events(&mut server);
    assert!(told.iter().any(|event| event.contains("Malformed")), "{told:?}");
    assert!(told.last().is_some_and(|event| event.starts_with("Command")), "{told:?}");
}

#[test]
fn s06_payload_of_a_refused_literal_is_no_command() {
    let payload = b"a2 DELETE INBOX\r\na3 LOGOUT\r\n".repeat(40);
    for size in [payload.len(), 4096, 9000] {
        let payload: Vec<u8> = payload.iter().copied().cycle().take(size).collect();
        for (capabilities, state) in [("IMAP4rev1", 0), ("IMAP4rev1 LITERAL+", 0), ("IMAP4rev1 LITERAL+", 1)]
        {
            let mut server = server_in(true, capabilities, |config| {
                config.decode.limits.literal = 100;
                config.limits_before.argument_literal = 100;
                config.limits_before.literal = 100;
            });
            if state == 1 {
                log_in(&mut server);
            }
            server.handle_bytes(format!("a1 APPEND x {{{size}+}}\r\n").as_bytes(), NOW);
            for piece in payload.chunks(77) {
                server.handle_bytes(piece, NOW);
                server_events(&mut server);
            }
            server.handle_bytes(b"\r\na9 NOOP\r\n", NOW);
            let told = server_events(&mut server);
            assert!(
                told.last().is_some_and(|event| event.starts_with("Command")),
                "{size} {state}: {told:?}"
            );
            let said = text(&server_sent(&mut server));
            assert_eq!(said.matches("\r\n").count(), 1, "{said}");
            assert!(said.starts_with("a1 NO") || said.starts_with("a1 BAD"), "{said}");
        }
    }
}

/// Input of which a session is to hold little. The first piece is sent once, the second until the session ends.
fn hostile_clients() -> Vec<(&'static str, Vec<u8>, Vec<u8>)> {
    vec![
        ("a line without an end", b"a1 ".to_vec(), vec![b'x'; 1000]),
        ("a literal", b"a1 LOGIN {4294967295+}\r\n".to_vec(), vec![b'x'; 1000]),
        ("an APPEND", b"a1 APPEND x {4294967295+}\r\n".to_vec(), vec![b'x'; 1000]),
        ("literals", b"a1 LOGIN".to_vec(), [&b" {900+}\r\n"[..], &[b'x'; 900]].concat()),
        ("blank lines", Vec::new(), b"\r\n".repeat(500)),
        ("parentheses", b"a1 SEARCH ".to_vec(), vec![b'('; 1000]),
        ("questions", Vec::new(), b"a1 CAPABILITY\r\n".repeat(60)),
        ("commands", Vec::new(), b"a1 NOOP\r\n".repeat(60)),
        ("bad commands", Vec::new(), b"a1 X\r\n".repeat(60)),
        ("answers that nobody reads", Vec::new(), b"a1 NAMESPACE\r\na2 CAPABILITY\r\n".repeat(60)),
        ("IDLE", Vec::new(), b"a1 IDLE\r\nDONE\r\n".repeat(60)),
    ]
}

#[test]
fn s06_a_server_holds_little_whatever_comes() {
    for authenticated in [false, true] {
        for (what, first, again) in hostile_clients() {
            let limits =
                Limits { line: 8192, literal: 4096, argument_literal: 4096, message: 8192, ..Limits::SERVER };
            let mut server = server_in(true, "IMAP4rev1 IDLE LITERAL+ NAMESPACE", |config| {
                config.decode.limits = limits;
                config.backlog = 8192;
            });
            if authenticated {
                log_in(&mut server);
            }
            let ((), peak) = alloc::peak(|| {
                server.handle_bytes(&first, NOW);
                for _ in 0..2000 {
                    while server.poll_event().is_some() {}
                    // An owner that reads only what is wanted, answers nothing, and whose peer reads nothing.
                    if !server.wants_bytes() {
                        break;
                    }
                    server.handle_bytes(&again, NOW);
                }
            });
            assert!(peak < 8 * 8192, "{what}, authenticated: {authenticated}: {peak} bytes");
        }
    }
}

#[test]
fn s06_a_client_holds_little_whatever_comes() {
    let hostile: [(&str, &[u8], &[u8]); 8] = [
        ("a line without an end", b"* OK ", &[b'x'; 1000]),
        ("a literal", b"* 1 FETCH (BODY[] {4294967295}\r\n", &[b'x'; 1000]),
        ("a literal of another response", b"* LIST () \"/\" {4294967295}\r\n", &[b'x'; 1000]),
        ("a nest", b"* 1 FETCH (BODYSTRUCTURE ", &[b'('; 1000]),
        ("continuations", b"", b"+ x\r\n"),
        ("replies", b"", b"a9 OK what\r\n"),
        ("data", b"", b"* 3 EXISTS\r\n* 1 FETCH (UID 5 FLAGS (a b c))\r\n"),
        ("capabilities", b"", b"* CAPABILITY IMAP4rev1 XA XB XC XD\r\n"),
    ];
    for (what, first, again) in hostile {
        for streams in [false, true] {
            let mut client = client_at(true, |config| {
                config.decode.limits = Limits {
                    line: 8192,
                    literal: 8192,
                    argument_literal: 8192,
                    message: 16384,
                    ..Limits::CLIENT
                };
                config.stream_above = streams.then_some(1000);
            });
            client.send(CommandBody::Noop, NOW).unwrap();
            sent(&mut client);
            let ((), peak) = alloc::peak(|| {
                client.handle_bytes(first, NOW);
                for _ in 0..2000 {
                    while client.poll_event().is_some() {}
                    client.handle_bytes(again, NOW);
                }
                while client.poll_event().is_some() {}
            });
            assert!(peak < 4 * 16384, "{what}, {streams}: {peak} bytes");
        }
    }
}

#[test]
fn s06_what_is_not_polled_costs_its_bytes() {
    let mut client = client_at(true, |_| {});
    let piece = b"* 3 EXISTS\r\n".repeat(100);
    let ((), peak) = alloc::peak(|| {
        for _ in 0..1000 {
            client.handle_bytes(&piece, NOW);
            // One event is polled, and the rest is not.
            client.poll_event();
        }
    });
    let handed = piece.len() * 1000;
    assert!(peak < 4 * handed, "{peak} bytes for {handed}");
}

#[test]
fn s06_a_gibibyte_passes_through_little_memory() {
    const SIZE: u64 = 1 << 30;
    let chunk = Bytes::from(vec![b'x'; 1 << 16]);
    let chunks = SIZE / chunk.len() as u64;

    let mut server = server_in(true, "IMAP4rev1 LITERAL+", |config| config.upload_above = Some(4096));
    log_in(&mut server);
    let (received, peak) = alloc::peak(|| {
        server.handle_bytes(format!("a1 APPEND x {{{SIZE}+}}\r\n").as_bytes(), NOW);
        let mut received = 0;
        let mut take = |server: &mut Server| {
            while let Some(event) = server.poll_event() {
                match event {
                    server::Event::Upload { id, .. } => server.accept(id, NOW).unwrap(),
                    server::Event::Chunk { bytes, .. } => received += bytes.len() as u64,
                    _ => {}
                }
            }
        };
        take(&mut server);
        for _ in 0..chunks {
            server.handle_owned(chunk.clone(), NOW);
            take(&mut server);
        }
        received
    });
    assert_eq!(received, SIZE);
    assert!(peak < 1 << 16, "{peak} bytes");

    let mut client = client_at(true, |config| config.stream_above = Some(4096));
    client.send(CommandBody::Noop, NOW).unwrap();
    sent(&mut client);
    let (received, peak) = alloc::peak(|| {
        client.handle_bytes(format!("* 1 FETCH (BODY[] {{{SIZE}}}\r\n").as_bytes(), NOW);
        let mut received = 0;
        for _ in 0..chunks {
            client.handle_owned(chunk.clone(), NOW);
            while let Some(event) = client.poll_event() {
                if let client::Event::Chunk(bytes) = event {
                    received += bytes.len() as u64;
                }
            }
        }
        received
    });
    assert_eq!(received, SIZE);
    assert!(peak < 1 << 16, "{peak} bytes");
}

// ---- S7, S8: endless and deep ----

#[test]
fn s07_limits_by_state_say_whether_the_next_line_can_be_read() {
    for authenticated in [false, true] {
        let lengths: [(&str, String); 3] = [
            ("line", format!("a1 CREATE {}", "x".repeat(70_000))),
            ("tag", format!("{} NOOP", "a".repeat(300))),
            ("list", format!("a1 SEARCH {}", "1,".repeat(70_000))),
        ];
        for (what, line) in lengths {
            let mut server = server_in(true, "IMAP4rev1", |_| {});
            if authenticated {
                log_in(&mut server);
            }
            server.handle_bytes(format!("{line}\r\na2 NOOP\r\n").as_bytes(), NOW);
            let told = server_events(&mut server);
            assert!(told[0].starts_with("Malformed"), "{what}: {told:?}");
            assert!(told.last().is_some_and(|event| event.starts_with("Command")), "{what}: {told:?}");
        }
    }
}

#[test]
fn s07_a_client_keeps_little_of_endless_data() {
    let mut client = client_at(true, |_| {});
    client.send(CommandBody::Noop, NOW).unwrap();
    sent(&mut client);
    let ((), peak) = alloc::peak(|| {
        for uid in 1..=20_000_u32 {
            client.handle_bytes(
                format!("* LIST (\\HasNoChildren) \"/\" box{uid}\r\n* ESEARCH COUNT {uid}\r\n").as_bytes(),
                NOW,
            );
            while client.poll_event().is_some() {}
        }
    });
    assert!(peak < 1 << 14, "{peak} bytes");
}

#[test]
fn s08_nesting_costs_no_stack_in_any_state() {
    for authenticated in [false, true] {
        for depth in [9, 65, 60_000, 1_000_000] {
            let mut server = server_in(true, "IMAP4rev1", |config| {
                config.decode.limits.line = 4 << 20;
                config.limits_before.line = 4 << 20;
                config.limits_before.message = 4 << 20;
            });
            if authenticated {
                log_in(&mut server);
                select(&mut server, 3);
            }
            let line = format!("a1 SEARCH {}ALL{}\r\na2 NOOP\r\n", "(".repeat(depth), ")".repeat(depth));
            server.handle_bytes(line.as_bytes(), NOW);
            let told = server_events(&mut server);
            assert!(told.last().is_some_and(|event| event.starts_with("Command")), "{depth}: {told:?}");
            if depth > 64 {
                assert!(text(&server_sent(&mut server)).starts_with("a1 BAD"), "{depth}");
            }
        }
    }
}

#[test]
fn s08_a_client_reads_on_behind_a_nest() {
    let mut client = client_at(true, |_| {});
    let deep = 100_000;
    let line = format!("* 1 FETCH (BODYSTRUCTURE {}{} UID 7)\r\n", "(".repeat(deep), ")".repeat(deep));
    client.handle_bytes(line.as_bytes(), NOW);
    client.handle_bytes(b"* OK still here\r\n", NOW);
    let told = events(&mut client);
    assert!(told.last().is_some_and(|event| event.starts_with("Status")), "{}", told.len());
}

// ---- S16: SASL and secrets ----

const SECRET: &str = "sesame";
/// `sesame` in base64.
const IN_BASE64: &str = "c2VzYW1l";

fn hides(what: &str, shown: &str) {
    for secret in [SECRET, IN_BASE64, "115, 101, 115, 97, 109, 101"] {
        assert!(!shown.contains(secret), "{what} shows the secret: {shown}");
    }
}

#[test]
fn s16_secrets_are_in_no_debug_form_of_a_client() {
    let mut client = client_in(true, |_| {});
    client.send(CommandBody::login("joe", SECRET).unwrap(), NOW).unwrap();
    hides("a queued LOGIN", &format!("{client:?}"));
    client.handle_bytes(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n", NOW);
    events(&mut client);
    hides("a written LOGIN", &format!("{client:?}"));
    sent(&mut client);
    client.handle_bytes(b"a1 NO no\r\n", NOW);
    hides("its events", &events(&mut client).concat());

    let response = CommandBody::authenticate_with("PLAIN", &b"\0joe\0sesame"[..]).unwrap();
    client.send(response, NOW).unwrap();
    hides("a held response", &format!("{client:?}"));
    assert_eq!(sent(&mut client), b"a2 AUTHENTICATE PLAIN\r\n");
    hides("a held response", &format!("{client:?}"));
    client.handle_bytes(b"+ \r\n", NOW);
    hides("a response", &format!("{client:?}{:?}", events(&mut client)));
    sent(&mut client);
    client.handle_bytes(format!("+ {IN_BASE64}\r\n").as_bytes(), NOW);
    let event = client.poll_event().expect("a challenge");
    hides("a challenge", &format!("{event:?}"));
    let client::Event::Challenge { handle, .. } = event else { panic!("a challenge") };
    client.authenticate(handle, SECRET.as_bytes(), NOW).unwrap();
    hides("an answer", &format!("{client:?}"));

    // A literal that waits.
    let mut client = client_in(true, |_| {});
    client.handle_bytes(b"* OK [CAPABILITY IMAP4rev1] ready\r\n", NOW);
    events(&mut client);
    client.send(CommandBody::login("joe", "sesame\u{e9}").unwrap(), NOW).unwrap();
    sent(&mut client);
    hides("a literal that waits", &format!("{client:?}"));
    client.handle_bytes(b"a1 OK what\r\n", NOW);
    hides("a violation", &events(&mut client).concat());
}

#[test]
fn s16_secrets_are_in_no_debug_form_of_a_server() {
    let lines = [
        format!("a1 LOGIN joe {SECRET}"),
        format!("a1 LOGIN joe \"{SECRET}"),
        format!("a1 LOGIN joe {SECRET} {SECRET}"),
        format!("a1 LOGIN  joe {SECRET}"),
        format!("a1 LOGIN {SECRET} {{9999}}"),
        format!("a1 LOGIN joe {{6+}}\r\n{SECRET} x"),
        format!("a1 AUTHENTICATE PLAIN {IN_BASE64}="),
        format!("a1 AUTHENTICATE PLAIN {IN_BASE64}"),
        format!("a1 AUTHENTICATE NOSUCH {IN_BASE64}"),
    ];
    for line in lines {
        for protected in [true, false] {
            let mut server = server_in(protected, "IMAP4rev1 SASL-IR LITERAL+ AUTH=PLAIN", |_| {});
            server.handle_bytes(format!("{line}\r\n").as_bytes(), NOW);
            hides(&line, &format!("{server:?}"));
            hides(&line, &server_events(&mut server).concat());
            hides(&line, &format!("{server:?}"));
            hides(&line, &text(&server_sent(&mut server)));
        }
    }
    for answer in
        [format!("{IN_BASE64}="), IN_BASE64.to_owned(), IN_BASE64.repeat(2000), format!("{SECRET}!")]
    {
        let mut server = server_in(true, "IMAP4rev1 AUTH=LOGIN", |_| {});
        server.handle_bytes(b"a1 AUTHENTICATE LOGIN\r\n", NOW);
        let Some(server::Event::Command { id, .. }) = server.poll_event() else { panic!("AUTHENTICATE") };
        server.challenge(id, &b"Password:"[..], NOW).unwrap();
        server_sent(&mut server);
        server.handle_bytes(format!("{answer}\r\n").as_bytes(), NOW);
        hides("an answer", &server_events(&mut server).concat());
        hides("an answer", &format!("{server:?}"));
        hides("an answer", &text(&server_sent(&mut server)));
    }
}

#[test]
fn s16_base64_is_strict_and_capped() {
    for answer in
        ["c2VzYW1", "c2VzYW1l=", "c2Vz YW1l", "c2VzYW1l!", "=", "====", "c2VzYW1lCg", "YR==", "**", " "]
    {
        let mut server = server_in(true, "IMAP4rev1 AUTH=LOGIN", |config| {
            config.decode =
                imap_codec::DecodeOptions { limits: Limits::SERVER, ..imap_codec::DecodeOptions::strict() };
        });
        server.handle_bytes(b"a1 AUTHENTICATE LOGIN\r\n", NOW);
        let Some(server::Event::Command { id, .. }) = server.poll_event() else { panic!("AUTHENTICATE") };
        server.challenge(id, &b""[..], NOW).unwrap();
        server_sent(&mut server);
        server.handle_bytes(format!("{answer}\r\n").as_bytes(), NOW);
        let told = server_events(&mut server);
        assert!(!told.iter().any(|event| event.starts_with("AuthenticateData")), "{answer}: {told:?}");
        assert!(told.iter().any(|event| event.starts_with("Aborted")), "{answer}: {told:?}");
        assert!(text(&server_sent(&mut server)).starts_with("a1 BAD"), "{answer}");
        assert!(server.complete(id, Reply::ok("welcome").unwrap(), NOW).is_err());
        assert_eq!(server.state(), State::NotAuthenticated);
    }
}

// ---- S17: continuations ----

#[test]
fn s17_an_unasked_continuation_releases_nothing() {
    // What is in flight, and whether it waits for `+`.
    let states: [(&str, bool, &[CommandBody]); 5] = [
        ("nothing", true, &[]),
        ("NOOP", true, &[CommandBody::Noop]),
        (
            "NOOP and a number that waits",
            true,
            &[CommandBody::Noop, CommandBody::store("1", imap_types::store::StoreMode::Add, []).unwrap()],
        ),
        ("LOGOUT", true, &[CommandBody::Logout]),
        ("SELECT", true, &[CommandBody::select("x").unwrap()]),
    ];
    for (what, selected, commands) in states {
        let mut client = client_at(selected, |_| {});
        for command in commands {
            client.send(command.clone(), NOW).unwrap();
        }
        events(&mut client);
        sent(&mut client);
        for line in ["+ go\r\n", "+ \r\n", "+ c2VzYW1l\r\n", "+\r\n"] {
            client.handle_bytes(line.as_bytes(), NOW);
            let told = events(&mut client);
            assert!(told.iter().any(|event| event.contains("ContinuationNotAwaited")), "{what}: {told:?}");
            assert!(sent(&mut client).is_empty(), "{what}: {line}");
        }
    }
}

#[test]
fn s17_a_refusal_cancels_the_literal_for_good() {
    for status in ["NO", "BAD"] {
        let mut client = client_in(true, |_| {});
        client.handle_bytes(b"* PREAUTH [CAPABILITY IMAP4rev1] ready\r\n", NOW);
        events(&mut client);
        let append = imap_types::append::AppendMessage::new(&b"a9 DELETE INBOX\r\n"[..]);
        client.send(CommandBody::append("x", append).unwrap(), NOW).unwrap();
        assert_eq!(sent(&mut client), b"a1 APPEND x {17}\r\n");
        client.handle_bytes(format!("a1 {status} no\r\n+ go\r\n+ go\r\n").as_bytes(), NOW);
        events(&mut client);
        client.send(CommandBody::Noop, NOW).unwrap();
        client.handle_bytes(b"+ go\r\n", NOW);
        events(&mut client);
        assert_eq!(sent(&mut client), b"a2 NOOP\r\n");
    }
}

// ---- S20: authorisation ----

#[test]
fn s20_each_command_is_authorised_once_before_anything_happens() {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = Arc::clone(&seen);
    let mut server = server_in(true, "IMAP4rev1 ENABLE UTF8=ACCEPT IDLE LITERAL+ NAMESPACE", |config| {
        config.authorize = Some(Arc::new(move |request: &Request<'_>| {
            log.lock().unwrap().push(format!("{} {:?}", request.command.name(), request.payload));
            if request.state == State::NotAuthenticated { Ok(()) } else { Err(Reply::no("not you").unwrap()) }
        }));
    });
    log_in(&mut server);
    seen.lock().unwrap().clear();
    let lines = [
        ("CAPABILITY", "CAPABILITY None"),
        ("NOOP", "NOOP None"),
        ("ENABLE UTF8=ACCEPT", "ENABLE None"),
        ("IDLE", "IDLE None"),
        ("SELECT INBOX", "SELECT None"),
        ("DELETE INBOX", "DELETE None"),
        ("NAMESPACE", "NAMESPACE None"),
        ("APPEND x {5}", "APPEND Some(5)"),
        ("LOGOUT", "LOGOUT None"),
    ];
    for (line, asked) in lines {
        server.handle_bytes(format!("a1 {line}\r\n").as_bytes(), NOW);
        let told = server_events(&mut server);
        assert!(told.is_empty(), "{line}: {told:?}");
        assert_eq!(text(&server_sent(&mut server)), "a1 NO not you\r\n", "{line}");
        assert_eq!(std::mem::take(&mut *seen.lock().unwrap()), [asked], "{line}");
    }
    assert!(!server.capabilities().is_enabled("UTF8=ACCEPT"));
    // What is malformed, or not valid in the state, is not asked about.
    server.handle_bytes(b"a1 FETCH 1 FLAGS\r\na2 NOOP x\r\na3 X\r\n", NOW);
    server_events(&mut server);
    assert!(seen.lock().unwrap().is_empty());
}

#[test]
fn s20_whatever_it_is_refused_with_is_no_success() {
    for (status, sent) in [(Status::Ok, "NO"), (Status::Bye, "NO"), (Status::No, "NO"), (Status::Bad, "BAD")]
    {
        let mut server = server_in(true, "IMAP4rev1", |config| {
            config.authorize =
                Some(Arc::new(move |_: &Request<'_>| Err(Reply { status, ..Reply::no("not you").unwrap() })));
        });
        server.handle_bytes(b"a1 LOGIN joe sesame\r\n", NOW);
        assert!(server_events(&mut server).is_empty());
        assert_eq!(text(&server_sent(&mut server)), format!("a1 {sent} not you\r\n"));
    }
}

#[test]
fn s20_each_message_that_a_client_waits_to_send_is_authorised() {
    let mut server = server_in(true, "IMAP4rev1 MULTIAPPEND", |config| {
        config.authorize = Some(Arc::new(|request: &Request<'_>| {
            let small = request.payload.is_none_or(|size| size < 10);
            if small { Ok(()) } else { Err(Reply::no("too much").unwrap()) }
        }));
    });
    log_in(&mut server);
    server.handle_bytes(b"a1 APPEND x {5}\r\nhello {5}\r\nhello {20}\r\n", NOW);
    assert!(server_events(&mut server).is_empty());
    assert_eq!(text(&server_sent(&mut server)), "+ go ahead\r\n+ go ahead\r\na1 NO too much\r\n");
}

/// A payload is announced by its size: whatever comes into it is part of it.
#[test]
fn s02_no_reply_comes_into_a_payload_that_is_being_sent() {
    let mut server = server_in(true, "IMAP4rev1", |config| config.parallel = 2);
    log_in(&mut server);
    select(&mut server, 3);
    server.handle_bytes(b"a1 FETCH 1 FLAGS\r\na2 LOGIN joe sesame\r\n", NOW);
    let Some(server::Event::Command { id, .. }) = server.poll_event() else { panic!("FETCH") };
    assert_eq!(server_events(&mut server).len(), 0);
    server.complete(id, Reply::ok("done").unwrap(), NOW).unwrap();
    let payload = Payload::streamed(5.into());
    let items = vec![MsgAtt::Rfc822(payload)];
    server.data(Data::Fetch(FetchResponse { seq: 1.try_into().unwrap(), items }), NOW).unwrap();
    assert!(server_events(&mut server).is_empty());
    server.payload(&Bytes::from_static(b"hello"), NOW).unwrap();
    server_events(&mut server);
    let sent = text(&server_sent(&mut server));
    assert!(sent.contains("RFC822 {5}\r\nhello)\r\na2 BAD"), "{sent}");
}

#[test]
fn s20_names_are_bytes() {
    let mut server = server_in(true, "IMAP4rev1 LITERAL+", |_| {});
    log_in(&mut server);
    for name in [&b"\xff\xfe"[..], b"../../etc/passwd", b"a&b", b"&&", b"&Jjo!", b"~root", b"\x01", b"a/../b"]
    {
        let line = [format!("a1 CREATE {{{}+}}\r\n", name.len()).as_bytes(), name, b"\r\n"].concat();
        server.handle_bytes(&line, NOW);
        let Some(server::Event::Command { id, command }) = server.poll_event() else { panic!("{name:?}") };
        let CommandBody::Create { mailbox, .. } = &command.body else { panic!("{command:?}") };
        assert_eq!(mailbox.as_bytes(), name);
        server.complete(id, Reply::no("no").unwrap(), NOW).unwrap();
        server_sent(&mut server);
    }
}

// ---- S21: views ----

#[test]
fn s21_a_server_sends_no_expunge_where_none_may_be() {
    let expunge = || Data::Expunge(1.try_into().unwrap());
    let vanished = || Data::Vanished { earlier: false, uids: "1".try_into().unwrap() };
    // RFC 9051 section 7.5.1, RFC 5256 section 3, RFC 7162 section 3.2.10.2.
    for (line, may) in [
        ("FETCH 1 FLAGS", false),
        ("STORE 1 FLAGS ()", false),
        ("SEARCH ALL", false),
        ("SORT (DATE) UTF-8 ALL", false),
        ("THREAD REFERENCES UTF-8 ALL", false),
        ("UID FETCH 1 FLAGS", true),
        ("UID STORE 1 FLAGS ()", true),
        ("UID SEARCH ALL", true),
        ("UID SORT (DATE) UTF-8 ALL", true),
        ("NOOP", true),
        ("EXPUNGE", true),
        ("CHECK", true),
        ("COPY 1 x", true),
    ] {
        for data in [expunge(), vanished()] {
            let shown = format!("{data:?}");
            let mut server = server_in(true, "IMAP4rev1 SORT THREAD=REFERENCES ENABLE QRESYNC", |_| {});
            log_in(&mut server);
            if matches!(data, Data::Vanished { .. }) {
                server.handle_bytes(b"e ENABLE QRESYNC\r\n", NOW);
                server_events(&mut server);
                server_sent(&mut server);
            }
            select(&mut server, 3);
            // Not while there is no command.
            assert!(server.data(data.clone(), NOW).is_err(), "{shown}");
            server.handle_bytes(format!("a1 {line}\r\n").as_bytes(), NOW);
            let told = server_events(&mut server);
            assert!(told.last().is_some_and(|event| event.starts_with("Command")), "{line}: {told:?}");
            assert_eq!(server.data(data, NOW).is_ok(), may, "{line}: {shown}");
            assert_eq!(server_sent(&mut server).is_empty(), !may, "{line}");
            let left = server.mailbox().and_then(imap_fsm::mailbox::View::exists);
            assert_eq!(left, Some(if may { 2 } else { 3 }), "{line}: {shown}");
        }
    }
}

#[test]
fn s21_numbers_outside_the_view_are_reported() {
    for selected in [true, false] {
        let mut client = client_at(selected, |_| {});
        for line in [
            "* 4 EXPUNGE",
            "* 4294967295 EXPUNGE",
            "* 1 EXISTS",
            "* 0 EXISTS",
            "* 1 EXPUNGE",
            "* 4 FETCH (FLAGS ())",
            "* 4294967295 FETCH (UID 1)",
            "* VANISHED 1:4294967295",
            "* 9 UIDFETCH (FLAGS ())",
            "* 1 FETCH (UID 5)",
            "* 1 FETCH (UID 6)",
            "* OK [UIDVALIDITY 1] x",
            "* OK [UIDVALIDITY 2] x",
            "* OK [UIDNEXT 1] x",
            "* OK [UNSEEN 99] x",
        ] {
            client.handle_bytes(format!("{line}\r\n").as_bytes(), NOW);
            let told = events(&mut client);
            let quiet = ["UIDVALIDITY 1]", "UIDNEXT", "UNSEEN"].iter().any(|code| line.contains(code));
            let first = line == "* 9 UIDFETCH (FLAGS ())"
                || line == "* 1 FETCH (UID 5)"
                || line == "* OK [UIDVALIDITY 2] x";
            if selected && !quiet && !first {
                assert!(told.iter().any(|event| event.starts_with("Violation")), "{line}: {told:?}");
            }
            assert!(!told.iter().any(|event| event.starts_with("Ended")), "{line}");
        }
        let noop = client.send(CommandBody::Noop, NOW).unwrap();
        sent(&mut client);
        let tag = if selected { "a2" } else { "a1" };
        client.handle_bytes(format!("{tag} OK done\r\n").as_bytes(), NOW);
        let done = std::iter::from_fn(|| client.poll_event())
            .any(|event| matches!(event, client::Event::Completed { handle, .. } if handle == noop));
        assert!(done);
    }
}

#[test]
fn s21_nothing_that_a_client_sends_before_allows_an_expunge() {
    for before in [
        "(",
        "x",
        "x X",
        "x NOOP x",
        "x FETCH",
        "x FETCH 9 FLAGS",
        "x SELECT",
        "x LOGIN a b",
        "x STARTTLS",
        "x NOTIFY NONE",
        "x AUTHENTICATE PLAIN",
        "x APPEND x {99999999}",
        "(x) {5}",
        "x IDLE\r\nDONE",
        "x IDLE\r\n(",
        "x IDLE\r\ny NOOP",
        "DONE",
        "*",
        "x EXPUNGE",
        "x UID FETCH 1 FLAGS",
        "x APPEND y {3+}\r\nabc",
    ] {
        for strict in [false, true] {
            let mut server = server_in(true, "IMAP4rev1 IDLE LITERAL+ AUTH=PLAIN", |config| {
                if strict {
                    config.decode = imap_codec::DecodeOptions {
                        limits: Limits::SERVER,
                        ..imap_codec::DecodeOptions::strict()
                    };
                }
            });
            log_in(&mut server);
            select(&mut server, 3);
            server.handle_bytes(format!("{before}\r\n").as_bytes(), NOW);
            while let Some(event) = server.poll_event() {
                if let server::Event::Command { id, .. } = event {
                    server.complete(id, Reply::no("no").unwrap(), NOW).unwrap();
                }
            }
            server.handle_bytes(b"a1 FETCH 1 FLAGS\r\n", NOW);
            let told = server_events(&mut server);
            assert!(told.last().is_some_and(|event| event.starts_with("Command")), "{before}: {told:?}");
            server_sent(&mut server);
            assert!(server.data(Data::Expunge(1.try_into().unwrap()), NOW).is_err(), "{before}");
            assert!(server_sent(&mut server).is_empty(), "{before}");
        }
    }
}
