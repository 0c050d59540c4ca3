//! Sessions at rest: how little they weigh, and that they can be parked, written down, moved and woken.

use std::sync::Arc;

use imap_fsm::{
    client::{self, Client, Tls},
    error::Misuse,
    mailbox::View,
    park::{Parked, WakeError},
    server::{self, Reply, Selected, Server, Update},
    time::Time,
};
use imap_tests::alloc;
use imap_types::{
    command::CommandBody,
    number::{Uid, UidValidity},
    response::Greeting,
    sequence::UidSet,
};
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: alloc::Counting = alloc::Counting;

const NOW: Time = Time::ZERO;

fn client_config() -> Arc<client::Config> {
    let mut config = client::Config::default();
    config.tls = Tls::Optional;
    Arc::new(config)
}

fn server_config() -> Arc<server::Config> {
    let mut config = server::Config::new(CAPABILITIES.split(' ')).unwrap();
    config.require_tls = false;
    Arc::new(config)
}

const CAPABILITIES: &str = "IMAP4rev1 IMAP4rev2 AUTH=PLAIN SASL-IR ENABLE IDLE LITERAL+ ID NAMESPACE UIDPLUS \
    CONDSTORE QRESYNC ESEARCH SEARCHRES MOVE UNSELECT SORT THREAD=REFERENCES LIST-EXTENDED LIST-STATUS \
    SPECIAL-USE QUOTA ACL METADATA COMPRESS=DEFLATE NOTIFY CATENATE MULTIAPPEND BINARY UTF8=ACCEPT";

/// A session and what it sends to the other one, until nothing moves.
fn settle(client: &mut Client, server: &mut Server) {
    loop {
        let mut moved = false;
        while let Some(event) = client.poll_event() {
            moved = true;
            assert!(!matches!(event, client::Event::Violation(_)), "{event:?}");
        }
        while let Some(bytes) = client.poll_transmit() {
            moved = true;
            server.handle_bytes(&bytes, NOW);
        }
        while let Some(event) = server.poll_event() {
            moved = true;
            answer(server, event);
        }
        while let Some(bytes) = server.poll_transmit() {
            moved = true;
            client.handle_bytes(&bytes, NOW);
        }
        if !moved {
            return;
        }
    }
}

fn answer(server: &mut Server, event: server::Event) {
    let server::Event::Command { id, command } = event else { return };
    match command.body {
        CommandBody::Select { .. } => {
            let uids = (1..=10_u32).map(|n| Uid::try_from(n * 7).unwrap());
            let messages = View::from_uids(uids).unwrap();
            let validity = UidValidity::try_from(3).unwrap();
            server.select(id, Selected::new(messages, validity, Uid::try_from(71).unwrap()), NOW).unwrap();
        }
        _ => server.complete(id, Reply::ok("done").unwrap(), NOW).unwrap(),
    }
}

/// A client and a server: logged in, a mailbox of ten messages selected, IDLE running.
fn idling(client: Arc<client::Config>, server: Arc<server::Config>) -> (Client, client::Handle, Server) {
    let mut client = Client::new(client, NOW);
    let mut server = Server::new(server, NOW);
    server.greet(Greeting::ok("ready").unwrap(), NOW).unwrap();
    client.send(CommandBody::login("joe", "sesame").unwrap(), NOW).unwrap();
    client.send(CommandBody::select("INBOX").unwrap(), NOW).unwrap();
    settle(&mut client, &mut server);
    let idle = client.idle(NOW).unwrap();
    settle(&mut client, &mut server);
    assert!(client.mailbox().is_some() && server.mailbox().is_some());
    client.release_buffers();
    server.release_buffers();
    (client, idle, server)
}

/// What a view weighs beyond itself.
fn view_weight(view: &View) -> usize {
    let (copy, weight) = alloc::held(|| view.clone());
    drop(copy);
    weight
}

/// `benches/` does the same with a hundred thousand of each.
#[test]
fn an_idle_session_weighs_less_than_a_kibibyte() {
    const SESSIONS: usize = 10_000;
    let (of_client, of_server) = (client_config(), server_config());
    let mut clients = Vec::with_capacity(SESSIONS);
    let mut servers = Vec::with_capacity(SESSIONS);
    let (heap_of_both, heap_of_clients) = alloc::held(|| {
        let ((), both) = alloc::held(|| {
            for _ in 0..SESSIONS {
                let (client, _, server) = idling(Arc::clone(&of_client), Arc::clone(&of_server));
                clients.push(client);
                servers.push(server);
            }
        });
        servers.truncate(1);
        both
    });
    // One server is left, for its view.
    let heap_of_servers = (heap_of_both - heap_of_clients) / (SESSIONS - 1);
    let client_view = view_weight(clients[0].mailbox().unwrap());
    let server_view = view_weight(servers[0].mailbox().unwrap());
    let client = size_of::<Client>() + heap_of_clients / SESSIONS - client_view - size_of::<View>();
    let server = size_of::<Server>() + heap_of_servers - server_view - size_of::<View>();
    println!("client: {client} bytes ({} inline), and its view", size_of::<Client>());
    println!("server: {server} bytes ({} inline), and its view", size_of::<Server>());
    assert!(client <= 1024, "a client weighs {client} bytes");
    assert!(server <= 1024, "a server weighs {server} bytes");
}

#[test]
fn a_parked_pair_is_written_down_and_goes_on() {
    let (of_client, of_server) = (client_config(), server_config());
    let (client, idle, server) = idling(Arc::clone(&of_client), Arc::clone(&of_server));
    let written = [client.park().unwrap(), server.park().unwrap()]
        .map(|parked| serde_json::to_string(&parked).unwrap());
    drop((client, server));

    let [of_client_parked, of_server_parked] =
        written.map(|text| serde_json::from_str::<Parked>(&text).unwrap());
    let mut client = Client::wake(of_client, &of_client_parked, NOW).unwrap();
    let mut server = Server::wake(of_server, &of_server_parked, NOW).unwrap();
    // Waking loses nothing that parking keeps.
    assert_eq!(client.park().unwrap(), of_client_parked);
    assert_eq!(server.park().unwrap(), of_server_parked);

    server.update(Update::Expunged(UidSet::try_from("14").unwrap()), NOW).unwrap();
    server.update(Update::Arrived(UidSet::try_from("71:72").unwrap()), NOW).unwrap();
    settle(&mut client, &mut server);
    assert_eq!(client.mailbox().unwrap().exists(), Some(11));
    client.done(idle, NOW).unwrap();
    let noop = client.send(CommandBody::Noop, NOW).unwrap();
    let mut completed = Vec::new();
    for _ in 0..10 {
        while let Some(event) = client.poll_event() {
            if let client::Event::Completed { handle, .. } = event {
                completed.push(handle);
            }
        }
        while let Some(bytes) = client.poll_transmit() {
            server.handle_bytes(&bytes, NOW);
        }
        while let Some(event) = server.poll_event() {
            answer(&mut server, event);
        }
        while let Some(bytes) = server.poll_transmit() {
            client.handle_bytes(&bytes, NOW);
        }
    }
    assert_eq!(completed, [idle, noop]);
}

#[test]
fn only_a_session_at_rest_is_parked() {
    let (of_client, of_server) = (client_config(), server_config());
    let (mut client, _, mut server) = idling(of_client, of_server);
    client.handle_bytes(b"* 11 EXI", NOW);
    assert_eq!(client.park(), Err(Misuse::Busy));
    client.handle_bytes(b"STS\r\n", NOW);
    assert_eq!(client.park(), Err(Misuse::Busy));
    while client.poll_event().is_some() {}
    assert!(client.park().is_ok());
    client.send(CommandBody::Noop, NOW).unwrap();
    assert_eq!(client.park(), Err(Misuse::Busy));

    server.update(Update::Arrived(UidSet::try_from("71").unwrap()), NOW).unwrap();
    assert_eq!(server.park(), Err(Misuse::Busy));
    while server.poll_transmit().is_some() {}
    assert!(server.park().is_ok());
    server.handle_bytes(b"DO", NOW);
    assert_eq!(server.park(), Err(Misuse::Busy));
}

/// Whoever kept the session may have changed it.
#[test]
fn s18_a_session_that_no_session_can_be_is_not_woken() {
    let (of_client, of_server) = (client_config(), server_config());
    let (client, _, server) = idling(Arc::clone(&of_client), Arc::clone(&of_server));
    let [client, server] =
        [client.park().unwrap(), server.park().unwrap()].map(|parked| serde_json::to_value(parked).unwrap());
    let wake = |parked: &Value| -> Result<(), String> {
        let parked: Parked = serde_json::from_value(parked.clone()).map_err(|error| error.to_string())?;
        match Server::wake(Arc::clone(&of_server), &parked, NOW) {
            Ok(_) => Ok(()),
            Err(WakeError::Role) => match Client::wake(Arc::clone(&of_client), &parked, NOW) {
                Ok(_) => Ok(()),
                Err(error) => Err(error.to_string()),
            },
            Err(error) => Err(error.to_string()),
        }
    };
    assert_eq!((wake(&client), wake(&server)), (Ok(()), Ok(())));
    let changes: &[(&str, Value)] = &[
        ("/version", json!(2)),
        ("/state", json!("selected")),
        ("/state", json!("logout")),
        ("/state", json!("not-authenticated")),
        ("/state", json!("authenticated")),
        ("/mailbox", Value::Null),
        ("/mailbox/uids", json!([[1, 7, 4_294_967_295_u32]])),
        ("/mailbox/uids", json!([[1, 7, 0]])),
        ("/mailbox/uids", json!([[1, 7, 2], [2, 9, 1]])),
        ("/mailbox/uids", json!([[1, 7, 2], [4, 5, 1]])),
        ("/mailbox/uids", json!([[0, 7, 1]])),
        ("/mailbox/uids", json!([[1, 0, 1]])),
        ("/mailbox/uids", json!([[1, 4_294_967_295_u32, 2]])),
        ("/mailbox/uid_validity", json!(0)),
        ("/mailbox/uid_next", json!(0)),
        ("/mailbox/highest_mod_seq", json!(0)),
        ("/mailbox/flags", json!(["\\Seen", "a b"])),
        ("/mailbox/permanent_flags", json!(["\\*", "a\r\nb"])),
        ("/mailbox/saved", json!("1:*")),
        ("/advertised", json!(["IMAP4rev1", "X Y"])),
        ("/enabled", json!(["a\r\nb"])),
        ("/idle/tag", json!("a b")),
        ("/idle/handle", json!(0)),
        ("/idle/handle", json!(99)),
        ("/role", json!("observer")),
    ];
    for (path, value) in changes {
        for parked in [&client, &server] {
            let mut changed = parked.clone();
            *changed.pointer_mut(path).unwrap() = value.clone();
            assert!(wake(&changed).is_err(), "{path} = {value}");
        }
    }
    // A client need not know UIDs, so that any number may be right.
    let mut fewer = server.clone();
    *fewer.pointer_mut("/mailbox/exists").unwrap() = json!(3);
    assert!(wake(&fewer).is_err());
    // A few bytes are not to cost billions of messages.
    for parked in [&client, &server] {
        let mut vast = parked.clone();
        *vast.pointer_mut("/mailbox/exists").unwrap() = json!(u32::MAX);
        *vast.pointer_mut("/mailbox/uids").unwrap() = json!([[1, 1, u32::MAX]]);
        assert!(wake(&vast).is_err());
    }
    // What a configuration does not allow was not done with it.
    let mut enabled = server.clone();
    *enabled.pointer_mut("/enabled").unwrap() = json!(["UIDONLY"]);
    assert!(wake(&enabled).is_err());
    let mut bare = client.clone();
    *bare.pointer_mut("/protected").unwrap() = json!(false);
    let bare: Parked = serde_json::from_value(bare).unwrap();
    assert!(Client::wake(Arc::new(client::Config::default()), &bare, NOW).is_err(), "TLS is required");
    assert!(Client::wake(Arc::clone(&of_client), &bare, NOW).is_ok());
    let mut more = client.clone();
    more.as_object_mut().unwrap().insert("password".into(), json!("x"));
    assert!(wake(&more).is_err());
}
