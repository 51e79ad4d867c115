//! The text rendering.

use super::{Continuity, Junction, Order};
use std::fmt::Write;

/// A short aligned text for people: the class, then one line a junction, then what is not shown.
pub fn render(c: &Continuity) -> String {
    let mut out = String::new();
    let params: Vec<String> = c.params.iter().map(|(n, v)| format!("{n} = {v}")).collect();
    let params = if params.is_empty() { String::new() } else { format!(" ({})", params.join(", ")) };
    let _ = writeln!(out, "{}{params}: {}", c.activation, class_in_words(c));
    let rows: Vec<[String; 4]> =
        c.junctions.iter().map(|j| [format!("at x = {}", j.at), class(j.order), jump(j), j.method.clone()]).collect();
    let width = |i: usize| rows.iter().map(|r| r[i].chars().count()).max().unwrap_or(0);
    let (w0, w1, w2) = (width(0), width(1), width(2));
    for [at, order, jump, method] in &rows {
        let line = format!("  {at:w0$}  {order:w1$}  {jump:w2$}  {method}");
        let _ = writeln!(out, "{}", line.trim_end());
    }
    if c.verdict == "undefined" {
        let _ = writeln!(out, "  {}", c.statement);
    }
    if c.junctions.is_empty() {
        let _ = writeln!(out, "  no junctions");
    }
    for p in c.pieces.iter().filter(|p| !p.analytic) {
        let _ = writeln!(out, "  on {}: {}", p.on, p.reason.as_deref().unwrap_or("not shown to be analytic"));
    }
    if let Some(e) = &c.exception {
        let _ = writeln!(out, "  with free parameters: {e}");
    }
    out
}

/// The class in words.
pub fn class_in_words(c: &Continuity) -> String {
    let class = match c.order {
        Order::Analytic => "analytic on all of R".to_string(),
        Order::Infinite => "infinitely often differentiable".to_string(),
        Order::Class(-1) => "not continuous".to_string(),
        Order::Class(n) => format!("C{n}, not C{}", n + 1),
        Order::Undecided { at_least: -1 } => c.verdict.to_string(),
        Order::Undecided { at_least } => format!("at least C{at_least}, undecided beyond"),
    };
    if c.for_all.is_empty() { class } else { format!("{class}, for all {}", c.for_all.join(", ")) }
}

fn class(order: Order) -> String {
    match order {
        Order::Analytic => "analytic".into(),
        Order::Infinite => "C^inf".into(),
        Order::Class(-1) => "jump".into(),
        Order::Class(n) => format!("C{n}"),
        Order::Undecided { at_least: -1 } => "?".into(),
        Order::Undecided { at_least } => format!(">= C{at_least}"),
    }
}

fn jump(j: &Junction) -> String {
    let Some(jump) = &j.jump else { return String::new() };
    let name = match jump.derivative {
        0 => "f".to_string(),
        n @ 1..=3 => format!("f{}", "'".repeat(n as usize)),
        n => format!("f^({n})"),
    };
    if jump.exact.as_deref() == Some("infinite") {
        return format!("{name} is infinite");
    }
    let mut values = Vec::new();
    if let Some(exact) = &jump.exact {
        values.push(exact.clone());
    }
    if let (Some(lo), Some(hi)) = (&jump.lower, &jump.upper) {
        let value = if lo == hi { lo.clone() } else { format!("[{lo}, {hi}]") };
        if Some(&value) != jump.exact.as_ref() {
            values.push(value);
        }
    }
    format!("{name} jumps by {}", values.join(" = "))
}
