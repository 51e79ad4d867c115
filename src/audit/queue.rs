//! Audits side by side.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Threads of a machine, or those that were asked for.
pub fn threads(jobs: Option<usize>) -> usize {
    jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// Does `count` pieces of work, so many at a time, in their order as far as they begin; gives their results in order. What had
/// not begun when `stopped` was raised has none.
pub fn side_by_side<T: Send + Sync>(
    jobs: usize,
    count: usize,
    stopped: &AtomicBool,
    work: impl Fn(usize) -> T + Sync,
) -> Vec<Option<T>> {
    let next = AtomicUsize::new(0);
    let slots: Vec<OnceLock<T>> = (0..count).map(|_| OnceLock::new()).collect();
    let one = || {
        while let Some(k) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|k| *k < count) {
            if stopped.load(Ordering::Relaxed) {
                break;
            }
            let _ = slots[k].set(work(k));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, count.max(1)) {
            scope.spawn(one);
        }
    });
    slots.into_iter().map(OnceLock::into_inner).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_order_and_what_was_stopped_has_none() {
        let stopped = AtomicBool::new(false);
        let all = side_by_side(3, 20, &stopped, |k| k * k);
        assert_eq!(all, (0..20).map(|k| Some(k * k)).collect::<Vec<_>>());
        let some = side_by_side(1, 5, &stopped, |k| {
            stopped.store(k == 2, Ordering::Relaxed);
            k
        });
        assert_eq!(some, [Some(0), Some(1), Some(2), None, None]);
        assert_eq!(side_by_side(4, 0, &stopped, |k| k), []);
    }
}
