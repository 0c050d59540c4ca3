//! A client and a server, joined in memory: whatever their owners and the wire do, they agree.

use imap_tests::{
    cases,
    pair::{Op, Pair, Setup, Tally},
};
use proptest::{
    collection::vec,
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{RngSeed, TestRunner},
};

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        10 => any::<u32>().prop_map(Op::Send),
        8 => (1_u16..400).prop_map(Op::ToServer),
        8 => (1_u16..400).prop_map(Op::ToClient),
        10 => any::<u32>().prop_map(Op::Answer),
        5 => any::<u32>().prop_map(Op::Change),
        2 => Just(Op::Done),
        1 => any::<u16>().prop_map(Op::Cancel),
        3 => any::<u32>().prop_map(Op::Respond),
        6 => (1_u16..6000).prop_map(Op::Upload),
        1 => (0_u16..1000).prop_map(Op::Wait),
        1 => Just(Op::Note),
        1 => Just(Op::Release),
        2 => any::<u32>().prop_map(Op::Misuse),
        6 => Just(Op::Settle),
    ]
}

/// How many cases usually run.
const CASES: u32 = 300;

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: cases::times_32(CASES),
        rng_seed: RngSeed::Fixed(cases::seed(2177)),
        failure_persistence: None,
        max_shrink_iters: 4000,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn client_server_and_observer_agree(seed in any::<u64>(), ops in vec(op(), 0..200)) {
        Pair::play(&Setup::of(seed), &ops);
    }

    #[test]
    fn whatever_is_open_ends_once_when_the_connection_does(
        seed in any::<u64>(),
        ops in vec(op(), 0..40),
        end in prop_oneof![Just(Op::EndOfClient), Just(Op::EndOfServer), Just(Op::Bye)],
        more in vec(op(), 0..10),
    ) {
        let ops: Vec<Op> = ops.into_iter().chain([end]).chain(more).collect();
        Pair::play(&Setup::of(seed), &ops);
    }
}

/// What has to happen in some case: replies, data, events, refusals, ends.
const HAPPENS: &str = "
    APPEND_OK APPEND_NO APPEND_BAD AUTHENTICATE_OK AUTHENTICATE_NO AUTHENTICATE_BAD CAPABILITY_OK CLOSE_OK COMPRESS_OK
    COPY_OK CREATE_OK DELETE_OK ENABLE_OK EXAMINE_OK EXAMINE_NO EXAMINE_BAD EXPUNGE_OK FETCH_OK FETCH_BAD ID_OK IDLE_OK
    IDLE_NO LIST_OK LOGIN_OK LOGIN_NO LOGOUT_OK LSUB_OK MOVE_OK NAMESPACE_OK NOOP_OK NOTIFY_OK REPLACE_OK SEARCH_OK
    SELECT_OK SELECT_NO SELECT_BAD STARTTLS_OK STATUS_OK STORE_OK UID_EXPUNGE_OK UID_FETCH_OK UID_MOVE_OK UID_REPLACE_OK
    UID_SEARCH_OK UID_STORE_OK UNAUTHENTICATE_OK UNSELECT_OK
    *_CAPABILITY *_ENABLED *_ESEARCH *_EXISTS *_EXPUNGE *_FETCH *_FLAGS *_LIST *_LSUB *_NAMESPACE *_RECENT *_SEARCH
    *_STATUS *_UIDFETCH *_VANISHED
    client_Capabilities client_Challenge client_Chunk client_Compress client_Due client_Idling client_StartTls
    client_StreamBegin client_StreamEnd client_Upload server_Aborted server_AuthenticateData server_Chunk server_Enabled
    server_Idle server_IdleDone server_Malformed server_Upload server_UploadEnd cancelled
    misuse_Conflict misuse_LoginDisabled misuse_NotAdvertised misuse_NotEnabled misuse_Over misuse_ReadOnly misuse_State
    misuse_UidOnly misuse_Unprotected
    client_ends:_Bye client_ends:_Closed client_ends:_LoggedOut client_ends:_Violation
    server_ends:_Closed server_ends:_LoggedOut server_ends:_TimedOut
";

/// The cases would prove little if everything were refused.
#[test]
fn everything_happens() {
    let mut runner = TestRunner::new(config());
    let mut tally = Tally::new();
    for _ in 0..CASES {
        let ops = vec(op(), 100..200).new_tree(&mut runner).expect("a list").current();
        let seed = any::<u64>().new_tree(&mut runner).expect("a number").current();
        for (what, times) in Pair::play(&Setup::of(seed), &ops) {
            *tally.entry(what).or_default() += times;
        }
    }
    let missing: Vec<&str> =
        HAPPENS.split_whitespace().filter(|what| !tally.contains_key(&what.replace('_', " "))).collect();
    assert!(missing.is_empty(), "never happened: {missing:?}\n{tally:#?}");
}
