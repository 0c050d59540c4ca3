//! Every state x every command x every outcome: the committed matrix is what a client session, a server session and an
//! observer do.
//!
//! Each cell is driven through all three, from the greeting on. Where the command is not valid, the client does not send it,
//! the server answers BAD, and the observer calls it a violation.

#![allow(clippy::panic, reason = "a test fails by panicking")]

use std::{fmt, fs, sync::Arc};

use imap_codec::{
    DecodeOptions, Side, decode_command, decode_response, encode_command, frame,
    profile::{EncodeProfile, Literals},
};
use imap_fsm::{
    client::{self, Client},
    error::Misuse,
    observer::{self, Dialogue, Options},
    permit::Traits,
    server::{self, Reply, Server},
    state::{Access, Outcome, State, table},
    time::Time,
    violation::Rule,
};
use imap_tests::{data, report::Report};
use imap_types::{
    code::Code,
    command::{Command, CommandBody},
    response::{Greeting, GreetingKind, Response, Status, StatusResponse},
};

const NOW: Time = Time::ZERO;

/// All that a server has to offer for each command to be worth sending.
const CAPABILITIES: &str = "IMAP4rev1 IMAP4rev2 STARTTLS AUTH=PLAIN SASL-IR ENABLE IDLE NAMESPACE UNSELECT UIDPLUS MOVE \
    ESEARCH SEARCHRES LIST-EXTENDED LITERAL+ CONDSTORE COMPRESS=DEFLATE UNAUTHENTICATE REPLACE NOTIFY ID QUOTA QUOTASET ACL \
    METADATA LANGUAGE I18NLEVEL=2 CONVERT MAILBOX-REFERRALS JMAPACCESS URLAUTH MULTISEARCH SORT THREAD=REFERENCES \
    CONTEXT=SEARCH UIDBATCHES";

/// The arguments of each command that needs some.
const ARGUMENTS: &[(&str, &str)] = &[
    ("ID", "NIL"),
    ("LANGUAGE", "DE"),
    ("AUTHENTICATE", "PLAIN"),
    ("LOGIN", "joe sesame"),
    ("ENABLE", "CONDSTORE"),
    ("SELECT", "INBOX"),
    ("EXAMINE", "INBOX"),
    ("CREATE", "a"),
    ("DELETE", "a"),
    ("RENAME", "a b"),
    ("SUBSCRIBE", "a"),
    ("UNSUBSCRIBE", "a"),
    ("LIST", "\"\" *"),
    ("LSUB", "\"\" *"),
    ("STATUS", "a (MESSAGES)"),
    ("APPEND", "a {1+}\r\nx"),
    ("COMPRESS", "DEFLATE"),
    ("GETMETADATA", "\"\" /shared/comment"),
    ("SETMETADATA", "\"\" (/shared/comment NIL)"),
    ("NOTIFY", "NONE"),
    ("RLIST", "\"\" *"),
    ("RLSUB", "\"\" *"),
    ("CONVERSIONS", "\"a/b\" \"c/d\""),
    ("SETACL", "a joe lr"),
    ("DELETEACL", "a joe"),
    ("GETACL", "a"),
    ("LISTRIGHTS", "a joe"),
    ("MYRIGHTS", "a"),
    ("GETQUOTA", "\"\""),
    ("GETQUOTAROOT", "a"),
    ("SETQUOTA", "\"\" (STORAGE 5)"),
    ("GENURLAUTH", "\"imap://h/a;UID=1;URLAUTH=anonymous\" INTERNAL"),
    ("URLFETCH", "\"imap://h/a;UID=1\""),
    ("ESEARCH", "IN (mailboxes a) ALL"),
    ("UID EXPUNGE", "1:3"),
    ("SEARCH", "ALL"),
    ("UID SEARCH", "ALL"),
    ("FETCH", "1 FLAGS"),
    ("UID FETCH", "1 FLAGS"),
    ("STORE", "1 +FLAGS (\\Seen)"),
    ("UID STORE", "1 +FLAGS (\\Seen)"),
    ("COPY", "1 a"),
    ("UID COPY", "1 a"),
    ("MOVE", "1 a"),
    ("UID MOVE", "1 a"),
    ("REPLACE", "1 a {1+}\r\nx"),
    ("UID REPLACE", "1 a {1+}\r\nx"),
    ("SORT", "(DATE) UTF-8 ALL"),
    ("UID SORT", "(DATE) UTF-8 ALL"),
    ("THREAD", "REFERENCES UTF-8 ALL"),
    ("UID THREAD", "REFERENCES UTF-8 ALL"),
    ("CANCELUPDATE", "\"a1\""),
    ("CONVERT", "1 (\"text/plain\") BINARY[1]"),
    ("UID CONVERT", "1 (\"text/plain\") BINARY[1]"),
    ("UIDBATCHES", "2000"),
];

/// What has to come before an OK, or goes with it.
fn data_before(name: &str) -> &'static str {
    match name {
        "CAPABILITY" => "* CAPABILITY IMAP4rev1 IMAP4rev2\r\n",
        "LOGOUT" => "* BYE bye\r\n",
        "ENABLE" => "* ENABLED CONDSTORE\r\n",
        "SELECT" | "EXAMINE" => SELECTED,
        "STATUS" => "* STATUS a (MESSAGES 1)\r\n",
        "NAMESPACE" => "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n",
        "SEARCH" | "UID SEARCH" => "* SEARCH 1\r\n",
        _ => "",
    }
}

const SELECTED: &str = "* FLAGS (\\Seen)\r\n* 3 EXISTS\r\n* 0 RECENT\r\n";

/// The command of that name.
fn example(name: &str) -> CommandBody {
    let name = if name == table::OTHER.name { "XTEST" } else { name };
    let arguments = ARGUMENTS.iter().find(|(of, _)| *of == name).map_or("", |(_, arguments)| arguments);
    let line = format!("t {name} {arguments}");
    let line = format!("{}\r\n", line.trim_end());
    let frame = one_frame(Side::Client, line.as_bytes());
    let decoded = decode_command(&frame, &DecodeOptions::strict());
    decoded.unwrap_or_else(|error| panic!("{line:?}: {error}")).value.body
}

fn one_frame(from: Side, bytes: &[u8]) -> frame::Frame {
    let mut framer = frame::Framer::new(from, frame::FramerOptions::new(&DecodeOptions::strict()));
    framer.push(bytes);
    match framer.next_event() {
        Some(frame::Event::Message(frame)) => frame,
        other => panic!("{other:?}"),
    }
}

/// A cell of the matrix.
#[derive(Clone, Debug)]
struct Cell {
    from: State,
    /// `SELECT`, or `untagged BYE`.
    what: String,
    /// Of a reply.
    outcome: Option<Outcome>,
    /// `None` where it is not valid.
    to: Option<State>,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?} in {}", self.what, self.outcome, self.from.full_name())
    }
}

fn cells() -> Vec<Cell> {
    let text = fs::read_to_string(data("snapshots").join("state_matrix.txt")).expect("the matrix");
    let mut cells = Vec::new();
    for line in text.lines().skip(1) {
        let (label, rest) = line.split_at(30);
        let label = label.trim_end();
        let reply = Outcome::ALL.into_iter().find_map(|outcome| {
            let name = label.strip_suffix(&format!(" {outcome}"))?;
            let known = table::command(name).name == name;
            known.then_some((name, outcome))
        });
        for (from, shown) in State::ALL.into_iter().zip(rest.split_whitespace()) {
            let to = match shown {
                "-" => None,
                "." => Some(from),
                name => State::ALL.into_iter().find(|state| state.full_name() == name),
            };
            assert!(to.is_some() || shown == "-", "{shown} is no state");
            let (what, outcome) = reply.map_or((label, None), |(name, outcome)| (name, Some(outcome)));
            cells.push(Cell { from, what: what.into(), outcome, to });
        }
    }
    cells
}

/// The tagged reply of an outcome, without its tag.
fn reply(outcome: Outcome) -> Reply {
    let reply = match outcome {
        Outcome::Ok | Outcome::OkReadOnly => Reply::ok("done"),
        Outcome::No => Reply::no("done"),
        Outcome::Bad => Reply::bad("done"),
    };
    let reply = reply.expect("the text is fine");
    if outcome == Outcome::OkReadOnly { reply.with_code(Code::ReadOnly) } else { reply }
}

/// All that the server says to a command: data and reply.
fn answer(tag: &str, name: &str, outcome: Outcome) -> String {
    let data = if outcome.is_ok() { data_before(name) } else { "" };
    let reply = match outcome {
        Outcome::Ok => "OK",
        Outcome::OkReadOnly => "OK [READ-ONLY]",
        Outcome::No => "NO",
        Outcome::Bad => "BAD",
    };
    format!("{data}{tag} {reply} done\r\n")
}

/// What the server sends without being asked.
fn untagged(what: &str) -> &'static str {
    match what {
        "untagged BYE" => "* BYE bye\r\n",
        "untagged OK [CLOSED]" => "* OK [CLOSED] closed\r\n",
        "untagged [READ-ONLY]" => "* OK [READ-ONLY] look\r\n",
        "untagged [READ-WRITE]" => "* OK [READ-WRITE] go on\r\n",
        "connection closed" => "",
        other => panic!("no such event: {other}"),
    }
}

/// The greeting and the commands that lead to a state.
fn way_to(state: State) -> (&'static str, Option<&'static str>) {
    match state {
        State::NotAuthenticated => ("OK", None),
        State::Authenticated => ("PREAUTH", None),
        State::Selected(Access::ReadWrite) => ("PREAUTH", Some("SELECT")),
        State::Selected(Access::ReadOnly) => ("PREAUTH", Some("EXAMINE")),
        State::Logout => ("OK", Some("LOGOUT")),
    }
}

fn first_outcome(name: &str) -> Outcome {
    if name == "EXAMINE" { Outcome::OkReadOnly } else { Outcome::Ok }
}

// ---- the client ----

fn drain(client: &mut Client) -> (Vec<client::Event>, String) {
    let (mut events, mut sent) = (Vec::new(), Vec::new());
    while let Some(event) = client.poll_event() {
        events.push(event);
    }
    while let Some(bytes) = client.poll_transmit() {
        sent.extend_from_slice(&bytes);
    }
    (events, String::from_utf8(sent).expect("text"))
}

fn client_in(state: State) -> Client {
    let mut config = client::Config::default();
    config.tls = client::Tls::Optional;
    config.ask_capabilities = false;
    let mut client = Client::new(Arc::new(config), NOW);
    let (greeting, command) = way_to(state);
    client.handle_bytes(format!("* {greeting} [CAPABILITY {CAPABILITIES}] hello\r\n").as_bytes(), NOW);
    drain(&mut client);
    if let Some(name) = command {
        client.send(example(name), NOW).expect("the way is valid");
        let (_, sent) = drain(&mut client);
        let tag = sent.split(' ').next().unwrap_or_default();
        client.handle_bytes(answer(tag, name, first_outcome(name)).as_bytes(), NOW);
        drain(&mut client);
    }
    assert_eq!(client.state(), state);
    client
}

fn client_cell(cell: &Cell) -> Result<(), String> {
    let mut client = client_in(cell.from);
    let Some(outcome) = cell.outcome else {
        client.handle_bytes(untagged(&cell.what).as_bytes(), NOW);
        if cell.what == "connection closed" {
            client.handle_eof(NOW);
        }
        drain(&mut client);
        return same(client.state(), cell);
    };
    let body = example(&cell.what);
    let writes = Traits::of(&body).writes && cell.from == State::Selected(Access::ReadOnly);
    match (client.send(body, NOW), cell.to) {
        (Err(Misuse::State { .. }), None) if cell.from != State::Logout => return Ok(()),
        (Err(Misuse::Over), None) if cell.from == State::Logout => return Ok(()),
        (Err(Misuse::ReadOnly), Some(_)) if writes => return Ok(()),
        (Ok(_), Some(_)) if !writes => {}
        (other, _) => return Err(format!("send gave {other:?}")),
    }
    let (_, sent) = drain(&mut client);
    let tag = sent.split(' ').next().unwrap_or_default();
    client.handle_bytes(answer(tag, &cell.what, outcome).as_bytes(), NOW);
    let (events, _) = drain(&mut client);
    let completed = events.iter().filter(|event| matches!(event, client::Event::Completed { .. })).count();
    if completed != 1 {
        return Err(format!("completed {completed} times: {events:?}"));
    }
    let violations: Vec<Rule> = events
        .iter()
        .filter_map(
            |event| if let client::Event::Violation(violation) = event { Some(violation.rule) } else { None },
        )
        .collect();
    if violations != expected_violations(cell) {
        return Err(format!("violations: {violations:?}"));
    }
    same(client.state(), cell)
}

/// EXAMINE is to be answered with READ-ONLY.
fn expected_violations(cell: &Cell) -> &'static [Rule] {
    if cell.what == "EXAMINE" && cell.outcome == Some(Outcome::Ok) {
        &[Rule::ExamineNotReadOnly]
    } else {
        &[]
    }
}

fn same(state: State, cell: &Cell) -> Result<(), String> {
    if Some(state) == cell.to { Ok(()) } else { Err(format!("in {}", state.full_name())) }
}

// ---- the server ----

fn drain_server(server: &mut Server) -> (Vec<server::Event>, String) {
    let (mut events, mut sent) = (Vec::new(), Vec::new());
    loop {
        let before = (events.len(), sent.len());
        while let Some(event) = server.poll_event() {
            events.push(event);
        }
        while let Some(bytes) = server.poll_transmit() {
            sent.extend_from_slice(&bytes);
        }
        if before == (events.len(), sent.len()) {
            return (events, String::from_utf8(sent).expect("text"));
        }
    }
}

fn line(tag: &str, body: CommandBody) -> Vec<u8> {
    let command = Command::new(tag, body).expect("a tag");
    let mut profile = EncodeProfile::client();
    profile.literals = Literals::NonSynchronizing;
    encode_command(&command, &profile).expect("it can be encoded").to_bytes().to_vec()
}

/// Says what the owner of a server says to a command: data and reply.
fn complete(server: &mut Server, id: server::Id, name: &str, outcome: Outcome) -> Result<(), Misuse> {
    let data = if outcome.is_ok() { data_before(name) } else { "" };
    for line in data.split_inclusive("\r\n") {
        let frame = one_frame(Side::Server, line.as_bytes());
        match decode_response(&frame, &DecodeOptions::strict()).expect("the data is fine").value {
            Response::Data(data) => server.data(data, NOW)?,
            other => panic!("{other:?}"),
        }
    }
    server.complete(id, reply(outcome), NOW)
}

fn id_of(events: &[server::Event]) -> Option<server::Id> {
    events.iter().find_map(|event| match event {
        server::Event::Command { id, .. } | server::Event::Idle(id) => Some(*id),
        _ => None,
    })
}

fn server_in(state: State) -> Server {
    let mut config = server::Config::new(CAPABILITIES.split_whitespace()).expect("names");
    config.require_tls = false;
    config.hand_over_unknown = true;
    let mut server = Server::new(Arc::new(config), NOW);
    let (greeting, command) = way_to(state);
    let kind = if greeting == "OK" { GreetingKind::Ok } else { GreetingKind::PreAuth };
    server.greet(Greeting::new(kind, "hello").expect("text"), NOW).expect("the first");
    drain_server(&mut server);
    if let Some(name) = command {
        server.handle_bytes(&line("w1", example(name)), NOW);
        let (events, _) = drain_server(&mut server);
        if let Some(id) = id_of(&events) {
            complete(&mut server, id, name, first_outcome(name)).expect("the way is valid");
            drain_server(&mut server);
        }
    }
    assert_eq!(server.state(), state);
    server
}

fn server_cell(cell: &Cell) -> Result<(), String> {
    let mut server = server_in(cell.from);
    let Some(outcome) = cell.outcome else {
        let over = cell.from == State::Logout;
        let said = match &*cell.what {
            "connection closed" => {
                server.handle_eof(NOW);
                Ok(())
            }
            "untagged BYE" => server.bye(None, "bye", NOW),
            what => {
                let frame = one_frame(Side::Server, untagged(what).as_bytes());
                let decoded = decode_response(&frame, &DecodeOptions::strict()).expect("a status");
                let Response::Status(status) = decoded.value else { panic!("{what} is no status") };
                server.status(status, NOW)
            }
        };
        match said {
            Ok(()) => {}
            Err(Misuse::Over) if over => {}
            Err(misuse) => return Err(format!("refused: {misuse}")),
        }
        drain_server(&mut server);
        return same(server.state(), cell);
    };
    let body = example(&cell.what);
    let writes = Traits::of(&body).writes && cell.from == State::Selected(Access::ReadOnly);
    server.handle_bytes(&line("t1", body), NOW);
    let (events, mut sent) = drain_server(&mut server);
    let id = id_of(&events);
    if cell.to.is_none() {
        let refused = if cell.from == State::Logout { sent.is_empty() } else { sent.starts_with("t1 BAD ") };
        return if id.is_none() && refused && server.state() == cell.from {
            Ok(())
        } else {
            Err(format!("not refused: {events:?} {sent:?}"))
        };
    }
    if writes {
        return if id.is_none() && sent.starts_with("t1 NO ") {
            same(server.state(), cell)
        } else {
            Err(sent)
        };
    }
    let by_session = matches!(&*cell.what, "CAPABILITY" | "LOGOUT" | "ENABLE");
    match id {
        Some(id) if !by_session => match complete(&mut server, id, &cell.what, outcome) {
            Ok(()) => {}
            // What the session does not let its owner say.
            Err(Misuse::Forbidden(violation)) if expected_violations(cell) == [violation.rule] => {
                return Ok(());
            }
            Err(misuse) => return Err(format!("the reply was refused: {misuse}")),
        },
        // The session answers with OK and with nothing else.
        None if by_session && outcome != Outcome::Ok => return Ok(()),
        None if by_session => {}
        _ => return Err(format!("{events:?}")),
    }
    let (_, more) = drain_server(&mut server);
    sent.push_str(&more);
    let replies = sent.lines().filter(|line| line.starts_with("t1 ")).count();
    if replies != 1 {
        return Err(format!("{replies} replies: {sent:?}"));
    }
    same(server.state(), cell)
}

// ---- the observer ----

fn rules(dialogue: &mut Dialogue) -> Vec<Rule> {
    std::iter::from_fn(|| dialogue.poll_event())
        .filter_map(|event| {
            if let observer::Event::Violation(violation) = event { Some(violation.rule) } else { None }
        })
        .collect()
}

fn observer_cell(cell: &Cell) -> Result<(), String> {
    let mut dialogue = Dialogue::new(Options::default());
    let (greeting, command) = way_to(cell.from);
    dialogue.server_bytes(format!("* {greeting} [CAPABILITY {CAPABILITIES}] hello\r\n").as_bytes());
    if let Some(name) = command {
        dialogue.client_bytes(&line("w1", example(name)));
        dialogue.server_bytes(answer("w1", name, first_outcome(name)).as_bytes());
    }
    assert_eq!(rules(&mut dialogue), []);
    assert_eq!(dialogue.observer().state(), cell.from);
    let Some(outcome) = cell.outcome else {
        // After the end nothing may come: that is another rule.
        if cell.from != State::Logout {
            dialogue.server_bytes(untagged(&cell.what).as_bytes());
        }
        if cell.what == "connection closed" {
            dialogue.eof(Side::Server);
        }
        let found = rules(&mut dialogue);
        return if found.is_empty() {
            same(dialogue.observer().state(), cell)
        } else {
            Err(format!("{found:?}"))
        };
    };
    dialogue.client_bytes(&line("t1", example(&cell.what)));
    let found = rules(&mut dialogue);
    if cell.to.is_none() {
        let selected = cell.what == "ENABLE" && cell.from.is_selected();
        let rule = if selected { Rule::EnableAfterSelect } else { Rule::CommandInWrongState };
        return if found == [rule] { Ok(()) } else { Err(format!("found {found:?}")) };
    }
    dialogue.server_bytes(answer("t1", &cell.what, outcome).as_bytes());
    let after = rules(&mut dialogue);
    if !found.is_empty() || after != expected_violations(cell) {
        return Err(format!("found {found:?}, {after:?}"));
    }
    same(dialogue.observer().state(), cell)
}

#[test]
fn client_server_and_observer_do_what_the_matrix_says() {
    let mut report = Report::default();
    let cells = cells();
    assert!(cells.len() > 1000, "only {} cells", cells.len());
    for cell in &cells {
        for who in ["client", "server", "observer"] {
            let drive = match who {
                "client" => client_cell,
                "server" => server_cell,
                _ => observer_cell,
            };
            report.run(&format!("{who}: {cell}"), |fail| drive(cell).unwrap_or_else(fail));
        }
    }
    report.finish("cells");
}

#[test]
fn every_command_has_its_arguments() {
    for row in table::COMMANDS {
        assert_eq!(Traits::of(&example(row.name)).name, row.name);
    }
    for (name, _) in ARGUMENTS {
        assert_eq!(table::command(name).name, *name, "no such command");
    }
}

/// What only the greeting decides.
#[test]
fn greetings_lead_where_the_table_says() {
    for (kind, to) in [
        (GreetingKind::Ok, State::NotAuthenticated),
        (GreetingKind::PreAuth, State::Authenticated),
        (GreetingKind::Bye, State::Logout),
    ] {
        let config = server::Config::new(["IMAP4rev1"]).expect("a name");
        let mut server = Server::protected(Arc::new(config), NOW);
        server.greet(Greeting::new(kind, "hello").expect("text"), NOW).expect("the first");
        let (_, sent) = drain_server(&mut server);
        let mut client = Client::protected(Arc::default(), NOW);
        client.handle_bytes(sent.as_bytes(), NOW);
        drain(&mut client);
        assert_eq!((client.state(), server.state()), (to, to));
        let again = StatusResponse::untagged(Status::PreAuth, "again").expect("text");
        assert!(server.status(again, NOW).is_err());
    }
}
