//! f, f' and f'' with junctions and the constants that are proved of them.

use super::chart::{BOTTOM, Frame, LEFT, RIGHT, TOP, between, label, round_numbers, short};
use crate::audit::curves::{Curves, Stroke};
use crate::report::bound::{At, BoundReport};
use crate::report::number::figure;
use crate::verdict::Verdict;
use maud::{Markup, html};
use rug::Float;
use rug::float::Round;
use std::fmt::Write as _;

/// What the curves are called.
pub const NAMES: [&str; 3] = ["f", "f′", "f″"];
/// The quantities whose constants are levels of each curve.
const QUANTITIES: [&[&str]; 3] = [&["range"], &["slope"], &["curvature"]];

/// The heights that a picture shows: all, unless a few of them are far beyond the rest.
fn heights(strokes: &[Stroke]) -> [f64; 2] {
    let mut all: Vec<f64> = strokes.iter().flatten().map(|point| point[1]).collect();
    all.sort_by(f64::total_cmp);
    let (Some(first), Some(last)) = (all.first(), all.last()) else { return [0.0, 1.0] };
    let few = all.len() / 50;
    let (low, high) = (all[few], all[all.len() - 1 - few]);
    let (whole, most) = (last - first, high - low);
    let [lo, hi] = if whole > 4.0 * most && most > 0.0 { [low - most, high + most] } else { [*first, *last] };
    let (lo, hi) = (lo.min(0.0), hi.max(0.0));
    let room = if hi > lo { 0.08 * (hi - lo) } else { 1.0 };
    [lo - room, hi + room]
}

/// A finite level that is known, with its name and the points where it is attained.
struct Level {
    y: f64,
    text: String,
    at: Vec<f64>,
}

fn levels(order: usize, bounds: &[BoundReport]) -> Vec<Level> {
    let mut all = vec![];
    for bound in bounds.iter().filter(|b| QUANTITIES[order].contains(&b.quantity) && b.verdict != Verdict::Undefined) {
        let name = if bound.quantity == "curvature" { "|f″|" } else { NAMES[order] };
        let infimum = bound.infimum.as_ref().map(|e| ("inf", "≥", e, down(&e.lower)));
        for (word, relation, e, end) in
            [Some(("sup", "≤", &bound.supremum, up(&bound.supremum.upper))), infimum].into_iter().flatten()
        {
            let Some(end) = end else { continue };
            let Ok(y) = end.parse::<f64>() else { continue };
            let known = if e.proved && bound.verdict == Verdict::Proved { "proved" } else { "not proved" };
            let at = e.at.iter().chain(&e.also).filter_map(|at| match at {
                At::Point { lower, .. } => lower.parse().ok(),
                At::Set { .. } | At::Limit { .. } => None,
            });
            let value = match &e.exact {
                Some(exact) if exact.len() <= 8 => format!("= {exact}"),
                _ => format!("{relation} {}", figure(&end)),
            };
            all.push(Level { y, text: format!("{word} {name} {value} ({known})"), at: at.collect() });
        }
    }
    all
}

/// A finite bound to six digits, rounded outward.
fn rounded(text: &str, round: Round, digits: fn(&Float, u32) -> String) -> Option<String> {
    let value = Float::with_val_round(128, Float::parse(text).ok()?, round).0;
    value.is_finite().then(|| digits(&value, 6))
}

/// Rounded up.
pub fn up(text: &str) -> Option<String> {
    rounded(text, Round::Up, crate::report::up)
}

/// Rounded down.
pub fn down(text: &str) -> Option<String> {
    rounded(text, Round::Down, crate::report::down)
}

fn path(stroke: &Stroke, x: impl Fn(f64) -> f64, y: impl Fn(f64) -> f64) -> String {
    let mut out = String::new();
    for (k, [a, b]) in stroke.iter().enumerate() {
        // far outside of the picture any place will do
        let _ = write!(out, "{}{} {}", if k == 0 { "M" } else { "L" }, short(x(*a)), short(y(*b).clamp(-1e4, 1e4)));
    }
    out
}

/// One of the three.
pub fn plot(of: &str, order: usize, curves: &Curves, bounds: &[BoundReport]) -> Markup {
    let strokes = &curves.orders[order];
    let [lo, hi] = heights(strokes);
    let x = |v: f64| between(v, curves.window, [LEFT, RIGHT]);
    let y = |v: f64| between(v, [lo, hi], [BOTTOM, TOP]);
    let seen = |v: f64| lo < v && v < hi;
    let levels: Vec<Level> = levels(order, bounds).into_iter().filter(|level| seen(level.y)).collect();
    let inside = |v: &f64| curves.window[0] < *v && *v < curves.window[1];
    let junctions: Vec<_> = curves.junctions.iter().filter(|(_, at)| inside(at)).collect();
    let mut said: Vec<String> = junctions.iter().map(|(name, _)| format!("a junction at {name}")).collect();
    said.extend(levels.iter().map(|level| level.text.clone()));
    let said = if said.is_empty() { String::new() } else { format!(", with {}", said.join(", ")) };
    let window = curves.window.map(label);
    let description = format!("{} of {of} from {} to {}{said}.", NAMES[order], window[0], window[1]);
    let ticks =
        |range, place: &dyn Fn(f64) -> f64| round_numbers(range).into_iter().map(|v| (place(v), label(v))).collect();
    let frame = Frame {
        title: &format!("{} of {of}", NAMES[order]),
        description: &description,
        axes: ["x", &format!("{}(x)", NAMES[order])],
        ticks: [ticks(curves.window, &x), ticks([lo, hi], &y)],
    };
    frame.draw(&html! {
        @for (name, at) in &junctions {
            line .junction x1=(short(x(*at))) x2=(short(x(*at))) y1=(TOP) y2=(BOTTOM) { title { "junction at " (name) } }
        }
        // an inner picture cuts off what does not fit
        svg x=(LEFT) y=(TOP) width=(RIGHT - LEFT) height=(BOTTOM - TOP) viewBox={(LEFT) " " (TOP) " " (RIGHT - LEFT) " " (BOTTOM - TOP)} {
            @for stroke in strokes {
                path .curve .s0 d=(path(stroke, x, y)) {}
            }
        }
        @for (k, level) in levels.iter().enumerate() {
            @let at = short(y(level.y));
            line .constant x1=(LEFT) x2=(RIGHT) y1=(at) y2=(at) { title { (level.text) } }
            @for place in level.at.iter().filter(|v| inside(v)) {
                circle .mark cx=(short(x(*place))) cy=(at) r="3.5" { title { "attained at x = " (label(*place)) } }
            }
            // above the frame, where no curve is
            text x=(if k == 0 { LEFT } else { RIGHT }) y=(TOP - 8.0) text-anchor=(if k == 0 { "start" } else { "end" }) { (level.text) }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pole_does_not_flatten_the_rest() {
        let curve = |k: i32| [f64::from(k), 1.0 / f64::from(k)];
        let mut stroke: Stroke = (1..1000).map(curve).collect();
        stroke[0][1] = 1e9;
        let [lo, hi] = heights(&[stroke]);
        assert!(lo < 0.0 && hi < 1.0, "{lo} {hi}");
        assert_eq!(heights(&[vec![[0.0, 0.0], [1.0, 0.0]]]), [-1.0, 1.0]);
    }
}
