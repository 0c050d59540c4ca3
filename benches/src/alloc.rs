//! Counts allocations while asked to, so that it costs the measurements of time next to nothing.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed},
};

/// The system's allocator, counted.
pub struct Counting;

static ON: AtomicBool = AtomicBool::new(false);
static CALLS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);
/// What is held beyond what was held when counting began.
static LIVE: AtomicI64 = AtomicI64::new(0);
static PEAK: AtomicI64 = AtomicI64::new(0);

/// One call asks for `bytes`, of which there are `grown` more now.
fn count(bytes: usize, grown: i64) {
    if ON.load(Relaxed) {
        CALLS.fetch_add(1, Relaxed);
        BYTES.fetch_add(bytes as u64, Relaxed);
        let live = LIVE.fetch_add(grown, Relaxed) + grown;
        PEAK.fetch_max(live, Relaxed);
    }
}

// SAFETY: every call goes to the system's allocator with the arguments as they came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), layout.size() as i64);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), layout.size() as i64);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // A growing buffer is counted by what it grows.
        count(size.saturating_sub(layout.size()), size as i64 - layout.size() as i64);
        unsafe { System.realloc(old, layout, size) }
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        if ON.load(Relaxed) {
            LIVE.fetch_sub(layout.size() as i64, Relaxed);
        }
        unsafe { System.dealloc(old, layout) }
    }
}

/// What was counted.
pub struct Counted {
    /// How many allocations were made; growing counts as one.
    pub calls: u64,
    /// How many bytes they asked for.
    pub bytes: u64,
    /// The most bytes that were held at a time, beyond those held before.
    pub peak: u64,
    /// How many bytes more are held after than before; below 0 where more was freed.
    pub held: i64,
}

/// Runs `run`, and counts.
pub fn counted<T>(run: impl FnOnce() -> T) -> (T, Counted) {
    for counter in [&CALLS, &BYTES] {
        counter.store(0, Relaxed);
    }
    for counter in [&LIVE, &PEAK] {
        counter.store(0, Relaxed);
    }
    ON.store(true, Relaxed);
    let result = run();
    ON.store(false, Relaxed);
    let counted = Counted {
        calls: CALLS.load(Relaxed),
        bytes: BYTES.load(Relaxed),
        peak: PEAK.load(Relaxed).unsigned_abs(),
        held: LIVE.load(Relaxed),
    };
    (result, counted)
}
