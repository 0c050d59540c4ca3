//! S1 to S5, S18 and S19: changes of the stream, and who speaks there at all.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use imap_codec::{DecodeOptions, decode_command, frame::Frame};
use imap_fsm::{
    client::{self, Client},
    server::{self, Server},
    state::State,
    time::Time,
};
use imap_tests::{rng::Rng, trace};
use imap_types::{command::CommandBody, response::Greeting};

use crate::sessions::{client_in, events, sent, server_events, server_in, server_sent};

const NOW: Time = Time::ZERO;

/// What an attacker may put behind STARTTLS: anything.
const INJECTED: [&[u8]; 9] = [
    b"\n",
    b"\r\n",
    b"\0",
    b"a",
    b"a2 NOOP\r\n",
    b"a2 LOGIN joe {6+}\r\nsesame\r\n",
    b"a2 STARTTLS\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"* OK x\r\n",
];

fn starttls_server() -> Server {
    server_in(false, "IMAP4rev1 STARTTLS AUTH=PLAIN", |_| {})
}

// ---- S1: STARTTLS, the server ----

#[test]
fn s01_any_byte_behind_starttls_ends_the_session() {
    for injected in INJECTED {
        // In the same read; while the owner thinks; after the OK was queued; after it was sent.
        for moment in 0..4 {
            let mut server = starttls_server();
            let mut input = b"a1 STARTTLS\r\n".to_vec();
            if moment == 0 {
                input.extend_from_slice(injected);
            }
            server.handle_bytes(&input, NOW);
            let mut id = None;
            while let Some(event) = server.poll_event() {
                match event {
                    server::Event::Command { id: command, .. } => id = Some(command),
                    server::Event::Violation(violation) => {
                        assert_eq!(violation.rule.id(), "command-after-starttls")
                    }
                    server::Event::Aborted(_) | server::Event::Ended(server::End::Violation) => {}
                    other => panic!("{injected:?}: {other:?}"),
                }
            }
            if moment == 1 {
                server.handle_bytes(injected, NOW);
            }
            if moment > 1 {
                let id = id.expect("STARTTLS is handed over");
                server.complete(id, server::Reply::ok("begin TLS").unwrap(), NOW).unwrap();
            }
            let mut token = None;
            if moment == 3 {
                assert_eq!(server_sent(&mut server), b"a1 OK begin TLS\r\n");
                while let Some(event) = server.poll_event() {
                    if let server::Event::StartTls(start) = event {
                        token = Some(start);
                    }
                }
                assert!(token.is_some());
            }
            if moment > 1 {
                server.handle_bytes(injected, NOW);
            }
            let told = server_events(&mut server);
            assert!(moment == 0 || told.last().is_some_and(|event| event == "Ended(Violation)"), "{told:?}");
            assert_eq!(server_sent(&mut server), b"", "{injected:?} at {moment}");
            if let Some(token) = token {
                server.tls_up(token, NOW);
            }
            assert!(!server.is_protected() && server.state() == State::Logout);
            server.handle_bytes(b"a3 NOOP\r\n", NOW);
            assert!(server_events(&mut server).is_empty() && server_sent(&mut server).is_empty());
        }
    }
}

#[test]
fn s01_after_tls_all_is_as_new() {
    let users: Arc<Mutex<Vec<Option<String>>>> = Arc::default();
    let log = Arc::clone(&users);
    let mut server = server_in(false, "IMAP4rev1 STARTTLS AUTH=PLAIN", |config| {
        config.authorize = Some(Arc::new(move |request: &server::Request<'_>| {
            log.lock().unwrap().push(request.user.map(str::to_owned));
            Ok(())
        }));
    });
    server.handle_bytes(b"a1 X\r\na2 X\r\n", NOW);
    server_events(&mut server);
    server.set_user(Some("mallory"));
    server.handle_bytes(b"a3 STARTTLS\r\n", NOW);
    let Some(server::Event::Command { id, .. }) = server.poll_event() else { panic!("STARTTLS") };
    server.complete(id, server::Reply::ok("begin").unwrap(), NOW).unwrap();
    server_sent(&mut server);
    let Some(server::Event::StartTls(token)) = server.poll_event() else { panic!("TLS") };
    server.tls_up(token, NOW);
    assert!(server.is_protected());
    // Two bad commands were before; two more do not end it.
    server.handle_bytes(b"a4 X\r\na5 X\r\na6 CAPABILITY\r\n", NOW);
    assert!(server_events(&mut server).is_empty());
    let sent = String::from_utf8(server_sent(&mut server)).unwrap();
    assert!(sent.ends_with("* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\na6 OK CAPABILITY completed\r\n"), "{sent}");
    assert_eq!(*users.lock().unwrap(), [Some("mallory".to_owned()), None]);
}

// ---- S2: STARTTLS, the client ----

fn starttls_client() -> (Client, client::Handle) {
    let mut client = client_in(false, |_| {});
    client.handle_bytes(b"* OK [CAPABILITY IMAP4rev1 STARTTLS X-PLAIN] ready\r\n", NOW);
    events(&mut client);
    let handle = client.send(CommandBody::StartTls, NOW).unwrap();
    assert_eq!(sent(&mut client), b"a1 STARTTLS\r\n");
    (client, handle)
}

#[test]
fn s02_any_byte_behind_the_ok_ends_the_session() {
    for injected in INJECTED {
        // In the same read, or in the next one.
        for same in [true, false] {
            let (mut client, _) = starttls_client();
            let mut input = b"a1 OK begin TLS\r\n".to_vec();
            if same {
                input.extend_from_slice(injected);
            }
            client.handle_bytes(&input, NOW);
            let mut tokens = 0;
            let mut told = Vec::new();
            while let Some(event) = client.poll_event() {
                tokens += usize::from(matches!(event, client::Event::StartTls(_)));
                told.push(format!("{event:?}"));
            }
            assert_eq!(tokens, usize::from(!same), "{injected:?}: {told:?}");
            if !same {
                client.handle_bytes(injected, NOW);
                told = events(&mut client);
            }
            assert_eq!(told.last().map(String::as_str), Some("Ended(Violation)"), "{injected:?}");
            assert!(told.iter().any(|event| event.contains("DataAfterStartTls")));
            assert!(client.send(CommandBody::Noop, NOW).is_err() && sent(&mut client).is_empty());
        }
    }
}

#[test]
fn s02_what_was_learned_in_the_clear_is_forgotten() {
    let (mut client, _) = starttls_client();
    client.handle_bytes(b"* CAPABILITY IMAP4rev1 X-MORE\r\na1 OK [CAPABILITY IMAP4rev1 X-CODE] go\r\n", NOW);
    let mut token = None;
    while let Some(event) = client.poll_event() {
        if let client::Event::StartTls(start) = event {
            token = Some(start);
        }
    }
    assert_eq!(client.capabilities().advertised().count(), 0);
    client.tls_up(token.expect("the OK came"), NOW);
    assert_eq!(sent(&mut client), b"a2 CAPABILITY\r\n");
    assert_eq!(client.capabilities().advertises("X-CODE"), None);
}

#[test]
fn s02_only_ok_leads_to_tls() {
    for reply in [
        "a1 NO not today",
        "a1 BAD what",
        "a1 PREAUTH x",
        "a1 BYE x",
        "a1",
        "A1 OK x",
        "* OK begin TLS",
        "+ OK",
    ] {
        let (mut client, _) = starttls_client();
        client.handle_bytes(format!("{reply}\r\n").as_bytes(), NOW);
        let told = events(&mut client);
        assert!(!told.iter().any(|event| event.starts_with("StartTls")), "{reply}: {told:?}");
        client.handle_eof(NOW);
        assert!(!events(&mut client).iter().any(|event| event.starts_with("StartTls")), "{reply}");
    }
}

// ---- S3: replies that come too early ----

#[test]
fn s03_a_reply_to_a_part_of_a_command_ends_the_session() {
    // (what was done, what came of it, whether a literal waits)
    let dialogues = [
        ("do a1 APPEND x {5}\\r\\nhello\nout a1 APPEND x {5}", true),
        ("do a1 APPEND x {1}\\r\\na {1}\\r\\nb\nout a1 APPEND x {1}\nin + go\nout a {1}", true),
        ("do streamed a1 APPEND x {5}\\r\\n\nout a1 APPEND x {5}\nin + go\nevent upload a1 5\npause", false),
        (
            "do streamed a1 APPEND x {5}\\r\\n\nout a1 APPEND x {5}\nin + go\nevent upload a1 5\ndo upload a1 hel\nout~ hel",
            false,
        ),
    ];
    for (dialogue, waits) in dialogues {
        for status in ["OK", "NO", "BAD"] {
            let header = "role: client\nstate: authenticated\ncapabilities: IMAP4rev1 MULTIAPPEND\n";
            let refused = waits && status != "OK";
            let end = if refused {
                format!(
                    "pass a1 {status} x\nin + go\nevent violation continuation-not-awaited\nsend a2 NOOP\n"
                )
            } else {
                format!(
                    "in a1 {status} x\nevent violation reply-before-command\nevent aborted a1 unwritten ended\nevent ended violation\n"
                )
            };
            let text = format!("{header}{dialogue}\n{end}");
            let trace = trace::Trace::parse(&text).unwrap();
            trace::run(&trace, status).unwrap_or_else(|what| panic!("{text}\n{what}"));
        }
    }
}

#[test]
fn s03_a_reply_that_was_there_before_its_command_is_none() {
    // Tags can be foreseen: the server, or whoever speaks for it, answers before the client has spoken.
    for early in ["a1 OK begin TLS\r\n", "a1 NO no\r\n"] {
        let mut client = client_in(false, |_| {});
        client.handle_bytes(format!("* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n{early}").as_bytes(), NOW);
        assert!(matches!(client.poll_event(), Some(client::Event::Greeting(_))));
        client.send(CommandBody::StartTls, NOW).unwrap();
        sent(&mut client);
        let told = events(&mut client);
        assert_eq!(told.last().map(String::as_str), Some("Ended(Violation)"), "{told:?}");
        assert!(!told.iter().any(|event| event.starts_with("StartTls")));
    }
}

#[test]
fn s03_a_reply_to_a_command_that_waits_ends_the_session() {
    let mut client = client_in(false, |_| {});
    client.handle_bytes(b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n", NOW);
    events(&mut client);
    client.send(CommandBody::Noop, NOW).unwrap();
    client.send(CommandBody::StartTls, NOW).unwrap();
    assert_eq!(sent(&mut client), b"a1 NOOP\r\n");
    client.handle_bytes(b"a2 OK begin TLS\r\n", NOW);
    let told = events(&mut client);
    assert!(told.iter().any(|event| event.contains("ReplyBeforeCommand")), "{told:?}");
    assert_eq!(told.last().map(String::as_str), Some("Ended(Violation)"));
    assert!(!told.iter().any(|event| event.starts_with("StartTls")));
}

// ---- S4: greetings, and credentials in the clear ----

#[test]
fn s04_a_greeting_cannot_talk_a_client_out_of_tls() {
    for greeting in [
        "* PREAUTH welcome",
        "* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] welcome",
        "* BYE go away",
        "* NO no",
        "* BAD bad",
        "a1 OK welcome",
        "+ go",
        "220 mail.example.org ESMTP",
        "\u{16}\u{3}\u{1}",
        "* 1 EXISTS",
        "* CAPABILITY IMAP4rev1",
    ] {
        let mut client = client_in(false, |_| {});
        let login = client.send(CommandBody::login("joe", "sesame").unwrap(), NOW);
        client.handle_bytes(format!("{greeting}\r\n").as_bytes(), NOW);
        let told = events(&mut client);
        assert!(told.last().is_some_and(|event| event.starts_with("Ended")), "{greeting}: {told:?}");
        assert!(sent(&mut client).is_empty(), "{greeting}");
        assert!(
            login.is_err() || told.iter().any(|event| event.starts_with("Aborted")),
            "{greeting}: {told:?}"
        );
    }
}

#[test]
fn s04_no_call_gives_credentials_away() {
    use client::Tls;
    let plain = |mechanism: &str| CommandBody::authenticate(mechanism).unwrap();
    let with = |mechanism: &str| CommandBody::authenticate_with(mechanism, &b"\0joe\0sesame"[..]).unwrap();
    let commands = || {
        let mut commands = vec![CommandBody::login("joe", "sesame").unwrap()];
        for mechanism in ["PLAIN", "plain", "LOGIN", "XOAUTH2", "OAUTHBEARER", "X-UNKNOWN"] {
            commands.extend([plain(mechanism), with(mechanism)]);
        }
        commands
    };
    for tls in [Tls::Required, Tls::ForCredentials] {
        for early in [true, false] {
            for command in commands() {
                let shown = format!("{command:?}");
                let mut client = client_in(false, |config| config.tls = tls);
                let greeting = b"* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n";
                if !early {
                    client.handle_bytes(greeting, NOW);
                    events(&mut client);
                }
                let submitted = client.send(command, NOW);
                if early {
                    client.handle_bytes(greeting, NOW);
                }
                let told = events(&mut client);
                assert!(sent(&mut client).is_empty(), "{tls:?} {early} {shown}");
                assert!(
                    submitted.is_err() || told.iter().any(|event| event.contains("Unprotected")),
                    "{shown}: {told:?}"
                );
            }
        }
    }
    // Where the policy allows it, or TLS is there, they go.
    for (protected, tls) in [(true, Tls::Required), (false, Tls::Optional)] {
        let mut client = client_in(protected, |config| config.tls = tls);
        client.handle_bytes(b"* OK [CAPABILITY IMAP4rev1] ready\r\n", NOW);
        events(&mut client);
        client.send(CommandBody::login("joe", "sesame").unwrap(), NOW).unwrap();
        assert_eq!(sent(&mut client), b"a1 LOGIN joe sesame\r\n");
    }
}

#[test]
fn s04_logindisabled_is_obeyed_whenever_it_is_learned() {
    for greeting in ["* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] ready\r\n", "* OK ready\r\n"] {
        for early in [true, false] {
            let mut client = client_in(true, |_| {});
            if !early {
                client.handle_bytes(greeting.as_bytes(), NOW);
                events(&mut client);
            }
            let submitted = client.send(CommandBody::login("joe", "sesame").unwrap(), NOW);
            if early {
                client.handle_bytes(greeting.as_bytes(), NOW);
                events(&mut client);
            }
            let mut bytes = sent(&mut client);
            client.handle_bytes(b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n", NOW);
            let told = events(&mut client);
            bytes.extend(sent(&mut client));
            assert!(!bytes.windows(5).any(|window| window == b"LOGIN"), "{greeting} {early}");
            assert!(submitted.is_err() || !told.is_empty(), "{greeting} {early}");
        }
    }
}

#[test]
fn s04_a_server_takes_no_credentials_in_the_clear() {
    for line in [
        "a1 LOGIN joe sesame",
        "a1 LOGIN joe {6}",
        "a1 LOGIN {3}",
        "a1 AUTHENTICATE PLAIN AGpvZQBzZXNhbWU=",
        "a1 AUTHENTICATE PLAIN",
        "a1 authenticate login",
        "a1 AUTHENTICATE X-UNKNOWN",
    ] {
        let mut server =
            server_in(false, "IMAP4rev1 STARTTLS SASL-IR AUTH=PLAIN AUTH=LOGIN AUTH=X-UNKNOWN", |_| {});
        server.handle_bytes(format!("{line}\r\n").as_bytes(), NOW);
        let told = server_events(&mut server);
        assert!(!told.iter().any(|event| event.starts_with("Command")), "{line}: {told:?}");
        let sent = server_sent(&mut server);
        assert_eq!(String::from_utf8_lossy(&sent), "a1 NO [PRIVACYREQUIRED] begin TLS first\r\n", "{line}");
    }
}

// ---- S5: referrals ----

#[test]
fn s05_referrals_are_told_and_not_followed() {
    let url = "imap://MIKE@SERVER2/";
    for protected in [true, false] {
        let mut client = client_in(protected, |config| config.tls = client::Tls::Optional);
        client.handle_bytes(format!("* OK [REFERRAL {url}] elsewhere\r\n").as_bytes(), NOW);
        assert!(
            events(&mut client).iter().any(|event| event.contains("REFERRAL") || event.contains("Referral"))
        );
        sent(&mut client);
        let login = client.send(CommandBody::login("joe", "sesame").unwrap(), NOW).unwrap();
        client.handle_bytes(b"* CAPABILITY IMAP4rev1\r\na1 OK done\r\n", NOW);
        events(&mut client);
        sent(&mut client);
        client.handle_bytes(format!("a2 NO [REFERRAL {url}] try there\r\n").as_bytes(), NOW);
        let mut found = false;
        while let Some(event) = client.poll_event() {
            if let client::Event::Completed { handle, reply } = event {
                found = handle == login && reply.code.is_some();
            }
        }
        assert!(found && sent(&mut client).is_empty());
        assert_eq!((client.state(), client.is_protected()), (State::NotAuthenticated, protected));
    }
}

// ---- S18: the exact byte ----

#[test]
fn s18_compression_begins_at_the_exact_byte() {
    let deflated: Vec<u8> = (0..=255).chain(*b"\r\na2 NOOP\r\n* OK x\r\n{5}\r\n").collect();
    let mut rng = Rng::new(18);
    for _ in 0..200 {
        let in_read = rng.below(deflated.len() + 1);
        let (now, _) = deflated.split_at(in_read);

        let mut client = client_in(true, |_| {});
        client.handle_bytes(b"* PREAUTH [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE] ready\r\n", NOW);
        events(&mut client);
        let compress = Frame::from_static(b"a COMPRESS DEFLATE\r\n");
        let compress = decode_command(&compress, &DecodeOptions::strict()).unwrap().value.body;
        client.send(compress, NOW).unwrap();
        sent(&mut client);
        client.handle_owned(Bytes::from([b"a1 OK [X {5}] go\r\n", now].concat()), NOW);
        let mut unread = None;
        while let Some(event) = client.poll_event() {
            if let client::Event::Compress(token) = event {
                unread = Some(token.unread().clone());
                client.compression_up(token, NOW);
            }
        }
        assert_eq!(unread.as_deref(), Some(now));

        let mut server = server_in(true, "IMAP4rev1 COMPRESS=DEFLATE", |_| {});
        crate::sessions::log_in(&mut server);
        server.handle_bytes(&[b"a1 COMPRESS DEFLATE\r\n", now].concat(), NOW);
        let Some(server::Event::Command { id, .. }) = server.poll_event() else { panic!("COMPRESS") };
        server.complete(id, server::Reply::ok("go").unwrap(), NOW).unwrap();
        assert_eq!(server_sent(&mut server), b"a1 OK go\r\n");
        let Some(server::Event::Compress(token)) = server.poll_event() else { panic!("compression") };
        assert_eq!(token.unread(), now);
    }
}

#[test]
fn s18_a_stray_reply_follows_the_policy() {
    use client::StrayReply;
    for policy in [StrayReply::Report, StrayReply::End] {
        let mut client = client_in(true, |config| config.stray_reply = policy);
        client.handle_bytes(b"* PREAUTH [CAPABILITY IMAP4rev1] ready\r\n", NOW);
        events(&mut client);
        let noop = client.send(CommandBody::Noop, NOW).unwrap();
        sent(&mut client);
        client.handle_bytes(b"a9 OK what\r\na1 OK done\r\n", NOW);
        let (mut violated, mut completed, mut ended) = (0, false, false);
        while let Some(event) = client.poll_event() {
            match event {
                client::Event::Violation(violation) => {
                    assert_eq!(violation.rule.id(), "unknown-tag");
                    violated += 1;
                }
                client::Event::Completed { handle, .. } => completed = handle == noop,
                client::Event::Ended(end) => ended = end == client::End::Violation,
                _ => {}
            }
        }
        let ends = policy == StrayReply::End;
        assert_eq!((violated, completed, ended), (1, !ends, ends));
    }
}

// ---- S19: other protocols ----

#[test]
fn s19_other_protocols_are_closed_at_once() {
    let mut config = server::Config::new(["IMAP4rev1", "STARTTLS"]).unwrap();
    config.require_tls = false;
    let config = Arc::new(config);
    for first in [
        "GET / HTTP/1.1",
        "GET /a1/b?c=d HTTP/1.0",
        "POST /cgi HTTP/1.1",
        "HEAD / HTTP/1.1",
        "OPTIONS * HTTP/1.1",
        "CONNECT a:143 HTTP/1.1",
        "PUT / HTTP/1.1",
        "DELETE / HTTP/1.1",
        "\u{16}\u{3}\u{1}\u{2}",
    ] {
        for greeted in [true, false] {
            let mut server = Server::new(Arc::clone(&config), NOW);
            if greeted {
                server.greet(Greeting::ok("ready").unwrap(), NOW).unwrap();
                server_sent(&mut server);
            }
            server.handle_bytes(format!("{first}\r\nHost: a\r\n\r\na1 LOGIN joe sesame\r\n").as_bytes(), NOW);
            if !greeted {
                let _ = server.greet(Greeting::ok("ready").unwrap(), NOW);
            }
            let told = server_events(&mut server);
            assert_eq!(told, ["Ended(Violation)"], "{first}");
            let said = server_sent(&mut server);
            assert!(said.is_empty() || (!greeted && said.starts_with(b"* OK")), "{first}: {said:?}");
        }
    }
}

#[test]
fn s19_the_third_bad_command_is_the_last() {
    for bad in ["a1 X", "a1 NOOP NOOP", "(", "a1 SELECT INBOX", "\u{7f}", "a1 LOGIN", "DONE", "a1 FETCH {5}"]
    {
        let mut server = server_in(true, "IMAP4rev1", |_| {});
        for round in 1..=3 {
            server.handle_bytes(format!("{bad}\r\n").as_bytes(), NOW);
            let told = server_events(&mut server);
            let ended = told.last().is_some_and(|event| event == "Ended(BadCommands)");
            assert_eq!(ended, round == 3, "{bad}, {round}: {told:?}");
            let sent = server_sent(&mut server);
            assert_eq!(sent.ends_with(b"* BYE too many bad commands\r\n"), round == 3, "{bad}");
        }
        server.handle_bytes(b"a9 LOGIN joe sesame\r\n", NOW);
        assert!(server_events(&mut server).is_empty() && server_sent(&mut server).is_empty());
    }
}
