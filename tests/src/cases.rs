//! How many cases the suites try, and which: the same on every run, more and others where the environment says so.
//!
//! `TIMES=20 SEED=3` tries twenty times as many as usual, and others.

fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// So many cases as usual, times `TIMES`.
#[must_use]
pub fn times(usual: u32) -> usize {
    usize::try_from(u64::from(usual).saturating_mul(asked("TIMES").unwrap_or(1))).unwrap_or(usize::MAX)
}

/// The same for what counts in 32 bits.
#[must_use]
pub fn times_32(usual: u32) -> u32 {
    u32::try_from(times(usual)).unwrap_or(u32::MAX)
}

/// The usual seed, and another one for each `SEED`.
#[must_use]
pub fn seed(usual: u64) -> u64 {
    usual.wrapping_add(asked("SEED").unwrap_or(0).wrapping_mul(1000))
}

/// The seed of a generator that takes 32 bytes.
#[must_use]
pub fn seed_bytes(usual: u64) -> [u8; 32] {
    let mut bytes = [0; 32];
    let (first, _) = bytes.split_at_mut(8);
    first.copy_from_slice(&seed(usual).to_le_bytes());
    bytes
}
