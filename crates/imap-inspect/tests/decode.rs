//! `decode`: each sentence of what it promises.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "a test may fail"
)]

mod common;

use std::fs;

use common::{canonical, data, decode, golden, run, tiles};
use serde_json::{Value, json};

const STRICT: &[&str] = &["--profile", "strict"];

/// Kind, name, tag and whether it decoded, of each object.
fn heads(objects: &[Value]) -> Vec<(String, String, String, bool)> {
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let head = |o: &Value| (word(&o["kind"]), word(&o["name"]), word(&o["tag"]), o["ok"] == true);
    objects.iter().map(head).collect()
}

fn head(kind: &str, name: &str, tag: &str, ok: bool) -> (String, String, String, bool) {
    (kind.into(), name.into(), tag.into(), ok)
}

#[test]
fn an_object_has_the_keys_of_the_contract_in_their_order() {
    let run =
        run(&["decode", "--from", "client", "--json"], b"a1 SELECT INBOX\r\na2 FETCH 0 FLAGS\r\na3 NOO");
    let keys = |line: &str| {
        let object: serde_json::Map<String, Value> = serde_json::from_str(line).unwrap();
        object.keys().cloned().collect::<Vec<_>>().join(" ")
    };
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(keys(lines[0]), "offset length ok kind name tag canonical_b64 tolerated deviations value");
    assert_eq!(keys(lines[1]), "offset length ok kind name tag error");
    assert_eq!(keys(lines[2]), "offset length ok kind name tag");
    let objects = run.objects();
    let keys = objects[1]["error"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys, ["at", "rule", "expected", "found", "message"]);
    assert_eq!(objects[1]["error"]["rule"], "nz-number");
    assert_eq!(objects[1]["error"]["at"], 26);
    assert_eq!(objects[2]["kind"], "incomplete");
}

#[test]
fn a_status_has_the_same_value_first_and_later() {
    for line in ["* OK [UIDNEXT 5] hi", "* BYE bye", "* PREAUTH hi"] {
        let objects = decode("server", &[], format!("{line}\r\n{line}\r\n").as_bytes());
        assert_eq!((&objects[0]["kind"], &objects[1]["kind"]), (&json!("greeting"), &json!("status")));
        assert_eq!(objects[0]["value"], objects[1]["value"], "{line}");
        // So what one message is sent as reads as the same when it is read alone.
        let alone = decode("server", &[], &canonical(&objects[1]).unwrap());
        assert_eq!(alone[0]["value"], objects[1]["value"], "{line}");
    }
}

#[test]
fn no_input_is_no_object() {
    for from in ["client", "server"] {
        assert_eq!(decode(from, &[], b""), Vec::<Value>::new());
        assert_eq!(run(&["decode", "--from", from], b"").out, "");
    }
}

#[test]
fn kinds_and_names_of_a_server() {
    let input = b"* OK hello\r\n* OK later\r\n* bye now\r\nA1 NO x\r\n* 3 exists\r\n* LIST () NIL x\r\n\
        + go\r\n* XYZZY 1\r\n* QUOTA \"\" ()\r\n";
    assert_eq!(
        heads(&decode("server", &[], input)),
        [
            head("greeting", "OK", "-", true),
            head("status", "OK", "-", true),
            head("status", "BYE", "-", true),
            head("status", "NO", "A1", true),
            head("data", "EXISTS", "-", true),
            head("data", "LIST", "-", true),
            head("continuation", "+", "-", true),
            head("unknown", "XYZZY", "-", true),
            head("data", "QUOTA", "-", true),
        ]
    );
    for (first, kind) in
        [("* PREAUTH x", "greeting"), ("* BYE x", "greeting"), ("* NO x", "status"), ("* 1 EXISTS", "data")]
    {
        let objects = decode("server", &[], format!("{first}\r\n").as_bytes());
        assert_eq!((objects[0]["kind"].as_str(), &objects[0]["ok"]), (Some(kind), &json!(true)), "{first}");
    }
}

#[test]
fn kinds_and_names_of_a_client() {
    let input =
        b"a1 uid fetch 1 FLAGS\r\na2 XYZZY 1\r\na3 SELECT\r\na4\r\na5 idle\r\ndone\r\na6 GETQUOTA x\r\n";
    assert_eq!(
        heads(&decode("client", &[], input)),
        [
            head("command", "UID FETCH", "a1", true),
            head("unknown", "XYZZY", "a2", true),
            head("command", "SELECT", "a3", false),
            head("command", "-", "a4", false),
            head("command", "IDLE", "a5", true),
            head("idle-done", "DONE", "-", true),
            head("command", "GETQUOTA", "a6", true),
        ]
    );
}

#[test]
fn lines_without_space_answer_authenticate() {
    let input =
        b"a1 AUTHENTICATE PLAIN\r\nAGFsaWNlAHdvbmRlcmxhbmQ=\r\n\r\n*\r\n!!\r\na2 NOOP\r\nAGFsaWNl\r\n";
    for profile in ["strict", "tolerant"] {
        let objects = decode("client", &["--profile", profile], input);
        tiles(&objects, input);
        assert_eq!(
            heads(&objects),
            [
                head("command", "AUTHENTICATE", "a1", true),
                head("auth-data", "-", "-", true),
                head("auth-data", "-", "-", true),
                head("auth-data", "-", "-", true),
                head("auth-data", "-", "-", false),
                head("command", "NOOP", "a2", true),
                head("command", "-", "AGFsaWNl", false),
            ],
            "{profile}"
        );
    }
    // A malformed AUTHENTICATE begins no exchange.
    let objects = decode("client", &[], b"a1 AUTHENTICATE\r\nAGFs\r\n");
    assert_eq!(objects[1]["kind"], "command");
}

#[test]
fn idle_ends_with_done_or_by_a_quirk() {
    let input = b"a1 IDLE\r\na2 NOOP\r\nDONE\r\n";
    let strict = decode("client", STRICT, input);
    assert_eq!(strict[1]["error"]["rule"], "idle");
    assert_eq!((&strict[2]["kind"], &strict[2]["ok"]), (&json!("idle-done"), &json!(true)));
    let tolerant = decode("client", &[], b"a1 IDLE\r\na2 NOOP\r\na3 NOOP\r\n");
    assert_eq!(tolerant[1]["tolerated"], json!(["Q152"]));
    assert_eq!((&tolerant[1]["kind"], &tolerant[1]["name"]), (&json!("command"), &json!("NOOP")));
    assert_eq!(tolerant[2]["tolerated"], json!([]));
}

#[test]
fn starttls_and_compress_change_nothing() {
    let input = b"a1 STARTTLS\r\na2 COMPRESS DEFLATE\r\na3 NOOP\r\n";
    assert!(decode("client", &[], input).iter().all(|object| object["ok"] == true));
}

#[test]
fn blank_lines_and_nuls_belong_to_their_neighbours() {
    let input = b"\r\n* OK a\r\n\r\n\0\0* OK b\r\n\r\n\r\n";
    let objects = decode("server", &[], input);
    tiles(&objects, input);
    assert_eq!(objects.len(), 2);
    assert_eq!((&objects[0]["offset"], &objects[0]["length"]), (&json!(0), &json!(10)));
    assert_eq!(objects[0]["kind"], "greeting");
    assert_eq!(objects[1]["deviations"].as_array().unwrap().len(), 4);
    assert_eq!(objects[1]["tolerated"], json!(["Q17", "Q18"]));
    let only = decode("server", &[], b"\r\n\r\n");
    tiles(&only, b"\r\n\r\n");
    let strict = decode("server", STRICT, b"\r\n* OK a\r\n");
    assert_eq!((&strict[0]["ok"], &strict[0]["length"]), (&json!(false), &json!(2)));
}

#[test]
fn a_malformed_message_ends_with_its_frame() {
    let input = b"a1 SELECT {3}\r\nfoo bar {4+}\r\na b\n)\r\na2 NOOP\r\n";
    for profile in ["strict", "tolerant"] {
        let objects = decode("client", &["--profile", profile], input);
        tiles(&objects, input);
        assert_eq!(
            heads(&objects),
            [head("command", "SELECT", "a1", false), head("command", "NOOP", "a2", true)]
        );
    }
    let lf = b"* OK a\n* OK b\r\n";
    let tolerant = decode("server", &[], lf);
    assert_eq!((tolerant.len(), &tolerant[0]["tolerated"]), (2, &json!(["Q20"])));
    let strict = decode("server", STRICT, lf);
    assert_eq!((strict.len(), &strict[0]["ok"]), (1, &json!(false)));
    let bare_cr = decode("server", STRICT, b"* OK a\rb\r\n* OK c\r\n");
    assert_eq!((bare_cr.len(), &bare_cr[0]["ok"], &bare_cr[0]["error"]["at"]), (2, &json!(false), &json!(6)));
}

#[test]
fn the_end_of_the_input_cuts_a_message() {
    for input in [&b"a1 NOO"[..], b"a1 NOOP\r", b"a1 APPEND x {10}\r\nabc", b"a1 APPEND x {3}\r\nabc"] {
        let objects = decode("client", &[], input);
        tiles(&objects, input);
        assert_eq!((objects.len(), objects[0]["kind"].as_str()), (1, Some("incomplete")));
    }
}

#[test]
fn a_limit_is_an_error_with_its_name() {
    let line = format!("a1 SEARCH SUBJECT {}\r\na2 NOOP\r\n", "x".repeat(70_000));
    let objects = decode("client", &[], line.as_bytes());
    tiles(&objects, line.as_bytes());
    assert_eq!((&objects[0]["error"]["rule"], &objects[1]["ok"]), (&json!("line"), &json!(true)));
    assert_eq!((&objects[0]["tag"], &objects[0]["name"]), (&json!("a1"), &json!("SEARCH")));
    // The limits of a client are wider.
    let line = format!("* SEARCH{}\r\n", " 4294967295".repeat(10_000));
    assert_eq!(decode("server", &[], line.as_bytes())[0]["ok"], true);
}

#[test]
fn deviations_are_named_once_and_placed_each() {
    let input = b"* OK x\r\n* STATUS x (MESSAGES 1) \n";
    let object = decode("server", &[], input).remove(1);
    assert_eq!(object["tolerated"], json!(["Q4", "Q20"]));
    assert_eq!(object["deviations"][0], json!({"id": "Q4", "at": 31}));
    assert_eq!(canonical(&object).unwrap(), b"* STATUS x (MESSAGES 1)\r\n");
    let code = decode("server", STRICT, b"* OK [UIDNEXT 5]\r\n").remove(0);
    assert_eq!((&code["ok"], &code["tolerated"]), (&json!(true), &json!(["Q2"])));
}

#[test]
fn values_are_meaning_only() {
    let value = |wire: &[u8]| decode("client", &[], wire).remove(0)["value"].clone();
    let atom = value(b"a1 SELECT INBOX\r\n");
    assert_eq!(atom, value(b"a1 select \"INBOX\"\r\n"));
    assert_eq!(atom, value(b"a1 SELECT {5}\r\nINBOX\r\n"));
    assert_ne!(atom, value(b"a1 SELECT other\r\n"));
    let bytes =
        decode("server", &[], b"* 1 FETCH (BODY[] {2}\r\n\xff\xfe)\r\n").remove(0)["value"].to_string();
    assert!(bytes.contains("{\"b64\":\"//4=\"}"), "{bytes}");
    let large = decode("server", &[], b"* 1 FETCH (RFC822.SIZE 9007199254740993)\r\n").remove(0);
    assert!(large["value"].to_string().contains("\"9007199254740993\""), "{large}");
    let exact = decode("server", &[], b"* 1 FETCH (RFC822.SIZE 9007199254740992)\r\n").remove(0);
    assert!(exact["value"].to_string().contains("9007199254740992}"), "{exact}");
}

#[test]
fn long_literals_are_shown_on_demand() {
    let mut input = format!("* 1 FETCH (BODY[] {{{}}}\r\n", (1 << 20) + 1).into_bytes();
    input.extend(vec![b'x'; (1 << 20) + 1]);
    input.extend(b")\r\n* 1 FETCH (UID 1)\r\n");
    let objects = decode("server", &[], &input);
    assert!(objects[0]["value"].to_string().contains("{\"bytes\":1048577}"));
    assert_eq!((&objects[0]["canonical_b64"], &objects[0]["ok"]), (&Value::Null, &json!(true)));
    assert!(objects[1]["canonical_b64"].is_string());
    let full = decode("server", &["--full"], &input);
    assert_eq!(canonical(&full[0]).unwrap().len(), full[0]["length"].as_u64().unwrap() as usize);
    assert!(full[0]["value"].to_string().len() > 1 << 20);
}

#[test]
fn secrets_are_left_out() {
    let client = b"a1 LOGIN alice sesame\r\na2 LOGIN {5}\r\nalice {6}\r\nsesame\r\na3 LOGIN sesame\r\n\
        a4 AUTHENTICATE PLAIN c2VzYW1l\r\nc2VzYW1l\r\na5 AUTHENTICATE PLAIN c2VzYW1l x\r\na6 login sesame sesame sesame\r\n";
    let server = b"* OK hello\r\n+ c2VzYW1l\r\n";
    for (from, input) in [("client", &client[..]), ("server", server)] {
        for json in [&["--json"][..], &[]] {
            for profile in ["strict", "tolerant"] {
                let args = [&["decode", "--from", from, "--profile", profile], json].concat();
                let hidden = run(&args, input);
                let all = format!("{}{}", hidden.out, hidden.err);
                for secret in ["sesame", "c2VzYW1l", "wonderland"] {
                    assert!(!all.contains(secret), "{from} {profile} {json:?}: {all}");
                }
                let shown = run(&[&args[..], &["--show-secrets"]].concat(), input);
                assert!(shown.out.contains("sesame"), "{from} {profile} {json:?}");
            }
        }
    }
    for line in [
        "a1  LOGIN alice sesame",
        " a1 LOGIN alice sesame",
        "a+ LOGIN alice sesame",
        "a1\tlogin alice sesame",
    ] {
        let out = run(&["decode", "--from", "client"], format!("{line}\r\n").as_bytes()).out;
        assert!(!out.contains("sesame"), "{line}: {out}");
    }
    let objects = decode("client", &[], client);
    assert_eq!(
        objects[0]["value"],
        json!({"LOGIN": {"user": {"text": "alice"}, "password": {"redacted": true}}})
    );
    assert_eq!(objects[0]["canonical_b64"], Value::Null);
    assert_eq!(objects[2]["error"]["found"], "");
    let shown = decode("client", &["--show-secrets"], client);
    assert_eq!(shown[0]["value"]["LOGIN"]["password"], json!({"text": "sesame"}));
    assert_eq!(canonical(&shown[0]).unwrap(), b"a1 LOGIN alice sesame\r\n");
    // Nothing is hidden where there is nothing.
    let plain = decode("server", &[], b"+ \r\n+ ready for literal data\r\n");
    assert!(plain.iter().all(|object| object["canonical_b64"].is_string()));
}

#[test]
fn unknown_things_are_values_and_unreadable_parts_depend_on_the_profile() {
    for profile in ["strict", "tolerant"] {
        let options = &["--profile", profile];
        assert_eq!(decode("client", options, b"a1 XYZZY (1 \"2\") {1}\r\nx\r\n")[0]["kind"], "unknown");
        assert_eq!(decode("server", options, b"* XYZZY (1 \"2\")\r\n")[0]["kind"], "unknown");
        assert_eq!(decode("server", options, b"* OK [XYZZY 1 2] x\r\n")[0]["ok"], true);
        assert_eq!(decode("server", options, b"* OK [UIDNEXT x] x\r\n")[0]["ok"], true);
    }
    let bad = b"* 1 FETCH (UID 0 FLAGS (\\Seen))\r\n";
    assert_eq!(decode("server", STRICT, bad)[0]["error"]["rule"], "nz-number");
    let tolerant = decode("server", &[], bad).remove(0);
    assert_eq!(tolerant["ok"], true);
    assert!(tolerant["value"].to_string().contains("\"invalid\""));
    assert_eq!(canonical(&tolerant).unwrap(), bad);
}

#[test]
fn the_mode_decides_between_the_revisions() {
    for mode in ["any", "rev1", "rev2"] {
        assert_eq!(decode("client", &["--mode", mode], b"a1 NOOP\r\n")[0]["ok"], true);
    }
}

#[test]
fn output_is_as_committed() {
    for (name, from) in [("responses", "server"), ("commands", "client")] {
        let input = fs::read(data().join(format!("{name}.imap"))).unwrap();
        for profile in ["strict", "tolerant"] {
            let args = ["decode", "--from", from, "--profile", profile];
            let human = run(&args, &input);
            golden(&format!("{name}.{profile}.txt"), &human.out);
            let json = run(&[&args[..], &["--json"]].concat(), &input);
            golden(&format!("{name}.{profile}.json"), &json.out);
            assert_eq!((human.status, json.status), (1, 1));
        }
    }
}

#[test]
fn tokens_of_urlauth_are_hidden_wherever_they_stand() {
    let token = ";urlauth=submit+fred:internal:91354a473744909de610943775f92038";
    let lines = [
        format!("a1 URLFETCH \"imap://example.com/INBOX/;uid=20{token}\"\r\n"),
        format!("a1 APPEND x CATENATE (URL \"/INBOX/;uid=20{token}\")\r\n"),
        format!("a1 URLFETCH \"imap://example.com/{}{token}\"\r\n", "x".repeat(10_000)),
        format!("a1 URLFETCH imap://example.com/;uid=20{token} (\r\n"),
        format!("a1 URLFETCH \"imap://example.com/;uid=20{token}\"x\r\n"),
        format!("a1;{token} x\r\n"),
    ];
    for line in lines {
        let objects = decode("client", &[], line.as_bytes());
        assert!(!objects[0].to_string().contains("91354a47"), "{objects:?}");
        assert!(objects[0]["canonical_b64"].is_null(), "{objects:?}");
    }
}

#[test]
fn what_a_client_does_has_the_ids_of_clients() {
    let objects = decode("client", &[], b"\r\na1 IDLE\r\n\r\nDONE \r\na2 SELECT \"a\\b\"\r\n");
    let ids: Vec<_> = objects.iter().map(|object| object["tolerated"].clone()).collect();
    assert_eq!(ids, [json!(["Q154"]), json!(["Q154", "Q161"]), json!(["Q162"])]);
    assert_eq!((&objects[1]["kind"], &objects[1]["name"]), (&json!("idle-done"), &json!("DONE")));
}

#[test]
fn an_answer_with_a_stray_space_is_not_shown() {
    let objects = decode("client", &[], b"a1 AUTHENTICATE PLAIN\r\n AGFsaWNlAHNlY3JldA==\r\n");
    assert_eq!((&objects[1]["kind"], &objects[1]["ok"]), (&json!("command"), &json!(false)));
    assert_eq!(objects[1]["error"]["found"], "");
}
