//! How many inputs have which error.

use super::chart::{BOTTOM, Frame, LEFT, RIGHT, TOP, Tick, between, decades, power, short};
use crate::report::contract::VerifyResult;
use crate::report::number::grouped;
use maud::{Markup, html};

/// Bins with a label of their own.
const LABELS: usize = 9;

/// The largest error of a bin, as its name has it.
fn upper(name: &str) -> f64 {
    match name.strip_prefix("<= ") {
        Some("1/2") => 0.5,
        Some(number) => number.parse().unwrap_or(f64::INFINITY),
        None => f64::INFINITY,
    }
}

/// Where a bin's errors are against a limit: within, over, or some of them on each side.
fn class(to: f64, limit: f64) -> &'static str {
    let from = if to <= 0.5 {
        0.0
    } else if to.is_infinite() {
        (1u64 << 62) as f64
    } else {
        to / 2.0
    };
    match () {
        () if to <= limit => "within",
        () if from >= limit => "over",
        () => "across",
    }
}

/// A short name for a bin.
fn short_name(name: &str) -> String {
    match upper(name) {
        0.5 => "½".to_owned(),
        to if to.is_finite() && to >= 1024.0 => power(2, to.log2() as i32),
        to if to.is_finite() => to.to_string(),
        _ if name == "infinite" => "∞".to_owned(),
        _ => "more".to_owned(),
    }
}

/// The bins from the first to the last finite one, empty ones as well, so that their order is a scale; the rest stands behind it.
fn filled(found: &[(String, u64)]) -> Vec<(String, u64)> {
    let finite: Vec<&(String, u64)> = found.iter().filter(|(name, _)| upper(name).is_finite()).collect();
    let (Some(first), Some(last)) = (finite.first(), finite.last()) else { return found.to_vec() };
    let names = std::iter::once("<= 1/2".to_owned()).chain((0..63).map(|k| format!("<= {}", 1u64 << k)));
    let inside = names.filter(|name| (upper(&first.0)..=upper(&last.0)).contains(&upper(name)));
    let count = |name: &String| found.iter().find(|(other, _)| other == name).map_or(0, |(_, n)| *n);
    let beyond = found.iter().filter(|(name, _)| upper(name).is_infinite()).cloned();
    inside.map(|name| (name.clone(), count(&name))).chain(beyond).collect()
}

/// The histogram of one result.
pub fn plot(r: &VerifyResult) -> Option<Markup> {
    let found = &r.ulp.as_ref()?.histogram;
    let histogram = &filled(found);
    let most = histogram.iter().map(|(_, n)| *n).max()?;
    let top = (most as f64 * 1.5).log10().ceil().max(1.0) as i32;
    let height = |n: f64| between(n.max(0.5).log10(), [0.5f64.log10(), f64::from(top)], [BOTTOM, TOP]);
    let bar = (RIGHT - LEFT) / histogram.len() as f64;
    let place = |k: usize| LEFT + bar * k as f64;
    let step = histogram.len().div_ceil(LABELS);
    let label = |(k, (name, _)): (usize, &(String, u64))| (place(k) + bar / 2.0, short_name(name));
    let named: Vec<Tick> = histogram.iter().enumerate().filter(|(k, _)| k % step == 0).map(label).collect();
    let counts = |(name, n): &(String, u64)| format!("{name} ulp: {}", grouped(*n));
    let description = found.iter().map(counts).collect::<Vec<_>>().join("; ");
    let frame = Frame {
        title: &format!("errors of {} {} {} by size", r.subject, r.dtype, r.pass),
        description: &description,
        axes: ["error in ulp, up to", "inputs"],
        ticks: [named, decades([0, top]).into_iter().map(|e| (height(10f64.powi(e)), power(10, e))).collect()],
    };
    // narrow bars stay bars
    let width = short((bar * 0.86).clamp(1.0, 60.0));
    Some(frame.draw(&html! {
        @for (k, (name, n)) in histogram.iter().enumerate().filter(|(_, (_, n))| *n > 0) {
            @let y = short(height(*n as f64));
            rect .(class(upper(name), r.limit)) x=(short(place(k) + (bar - width) / 2.0)) y=(y) width=(width) height=(short(BOTTOM - y)) {
                title { (name) " ulp: " (grouped(*n)) " inputs" }
            }
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_within_over_or_across_the_budget() {
        for (name, limit, expected) in [
            ("<= 1/2", 0.501, "within"),
            ("<= 1", 0.501, "across"),
            ("<= 2", 2.0, "within"),
            ("<= 4", 2.0, "over"),
            ("<= 4", 3.0, "across"),
            ("infinite", 1e9, "over"),
            ("> 2^62", f64::INFINITY, "within"),
        ] {
            assert_eq!(class(upper(name), limit), expected, "{name} against {limit}");
        }
        let found = [("<= 1", 3), ("<= 8", 1), ("infinite", 2)].map(|(name, n)| (name.to_owned(), n));
        let names: Vec<(String, u64)> = filled(&found);
        assert_eq!(names.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [3, 0, 0, 1, 2]);
        assert_eq!(["<= 1/2", "<= 2", "<= 2048", "infinite"].map(short_name), ["½", "2", "2¹¹", "∞"]);
    }
}
