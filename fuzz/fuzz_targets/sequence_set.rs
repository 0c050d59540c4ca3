#![no_main]

#[global_allocator]
static ALLOCATOR: imap_tests::alloc::Counting = imap_tests::alloc::Counting;

libfuzzer_sys::fuzz_target!(|data: &[u8]| imap_tests::fuzz::sequence_set(data));
