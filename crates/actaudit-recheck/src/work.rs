//! How much work a certificate may ask for. Each bound on a size leaves products of them open: so what is done is counted as well,
//! in nodes that are evaluated times bits of their values.

use std::cell::Cell;

/// Nodes times bits. A sum of a thousand sines at 799 bits is given up after 15 s (unoptimised), where it took over four minutes.
const MAX: u64 = 1 << 32;

/// Of a node that is a function, not an operation.
pub(super) const CALL: usize = 8;

thread_local! {
    static LEFT: Cell<u64> = const { Cell::new(MAX) };
}

/// Before a certificate.
pub(super) fn begin() {
    LEFT.set(MAX);
}

/// Counts nodes of so many bits each.
///
/// # Errors
/// If that is more than a certificate may ask for: from then on for whatever else it asks.
pub(super) fn spend(nodes: usize, bits: u32) -> Result<(), String> {
    let work = (nodes as u64).saturating_mul(u64::from(bits.max(64)));
    let left = LEFT.get().checked_sub(work);
    LEFT.set(left.unwrap_or_default());
    match left {
        Some(1..) => Ok(()),
        _ => Err("it takes too much work to check".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is spent is gone, until the next certificate.
    #[test]
    fn work_ends() {
        begin();
        assert!(spend(1000, 128).is_ok());
        assert!(spend(usize::MAX, 128).is_err());
        assert!(spend(0, 0).is_err() && spend(1, 64).is_err());
        begin();
        assert!(spend(1, 64).is_ok());
    }
}
