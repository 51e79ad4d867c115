//! What the process has used: processor time and memory, as Linux tells it; 0 elsewhere.

/// Ticks of the processor clock in a second, as /proc has it on every Linux.
const TICKS: f64 = 100.0;

/// Seconds of processor time of all threads.
pub(super) fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // the name of the program, in parentheses, may have blanks; user and system time are the 12th and 13th field after it
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |k: usize| fields.get(k).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
    (ticks(11) + ticks(12)) / TICKS
}

/// The largest resident set so far, in bytes.
pub(super) fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    kib.unwrap_or_default() * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_was_used() {
        let sum: f64 = (0..20_000_000).map(f64::from).sum();
        assert!(sum > 0.0 && peak_memory() > 1 << 20 && cpu_seconds() >= 0.0);
    }
}
