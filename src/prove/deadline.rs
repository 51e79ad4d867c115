//! When work has to stop.

use std::time::{Duration, Instant};

/// A point in time after which nothing new is begun. Every loop whose length is not known beforehand looks at it.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    begun: Instant,
    /// `None` where the time is longer than a clock can say
    until: Option<Instant>,
}

impl Deadline {
    /// From now on for so long.
    pub fn after(time: Duration) -> Self {
        let begun = Instant::now();
        Self { begun, until: begun.checked_add(time) }
    }

    /// Whether it is over.
    pub fn passed(&self) -> bool {
        self.until.is_some_and(|t| Instant::now() >= t)
    }

    /// The point in time, if it can be said.
    pub const fn instant(&self) -> Option<Instant> {
        self.until
    }

    /// What is left.
    pub fn left(&self) -> Duration {
        self.until.map_or(Duration::MAX, |t| t.saturating_duration_since(Instant::now()))
    }

    /// The same beginning, and an end that leaves one part in so many for what comes afterwards.
    #[must_use]
    pub fn but(&self, part: u32) -> Self {
        let kept = |until: Instant| until - until.saturating_duration_since(self.begun) / part;
        Self { until: self.until.map(kept), ..*self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_passes_once_and_for_all_times() {
        assert!(Deadline::after(Duration::ZERO).passed());
        let long = Deadline::after(Duration::from_secs(1000));
        assert!(!long.passed() && long.left() > Duration::from_secs(999));
        assert!(long.but(10).left() < Duration::from_secs(901) && long.but(10).left() > Duration::from_secs(899));
        assert!(!Deadline::after(Duration::MAX).passed() && !Deadline::after(Duration::MAX).but(3).passed());
    }
}
