#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| imap_fuzz::differential::differential(data));
