//! Two subjects against each other, for people.

use super::Page;
use super::columns::Columns;
use super::contract::DifferenceReport;
use super::number::{figure, grouped, of_unit};
use std::fmt::Write as _;

impl DifferenceReport {
    /// How often they differ, who is nearer to the real value and where, and the outputs that are farthest apart.
    pub(super) fn text(&self, page: &Page) -> String {
        let mut out = String::new();
        let [a, b] = &self.subjects;
        let (inputs, evidence) = (grouped(self.inputs), self.evidence.name());
        let _ = writeln!(out, "{a} and {b}, {} {}, {inputs} inputs ({evidence})", self.dtype, self.pass);
        let Some([first, last]) = &self.between else {
            let _ = writeln!(out, "  every output is the same");
            return out;
        };
        let share = 100.0 * self.differ as f64 / self.inputs as f64;
        let nan = if self.one_nan > 0 { format!("; at {} just one is NaN", self.one_nan) } else { String::new() };
        let [first, last] = [first, last].map(|x| figure(x));
        let text = format!("  {} differ ({share:.3} %), all from {first} to {last}{nan}", grouped(self.differ));
        out += &page.wrapped(&text, 4);
        let mut sides =
            vec![format!("{a} {} times", grouped(self.nearer[0])), format!("{b} {} times", grouped(self.nearer[1]))];
        sides.extend((self.even > 0).then(|| format!("both are as near {} times", grouped(self.even))));
        sides.extend((self.unknown > 0).then(|| format!("not known {} times", grouped(self.unknown))));
        out += &page.wrapped(&format!("  nearer to the real value: {}", sides.join(", ")), 4);
        let [one, other] = self.worst_ulp.each_ref().map(range);
        let ratio = self.ratio.as_ref().map_or_else(String::new, |ratio| format!(", ratio {}", range(ratio)));
        let [m, n] = self.mean_ulp;
        let text = format!(
            "  largest error: {a} {one} ulp, {b} {other} ulp{ratio}; mean, where finite: {m:.4} and {n:.4} ulp"
        );
        out += &page.wrapped(&text, 4);
        let heads = ["region", "inputs", "differ", &format!("{a} nearer"), &format!("{b} nearer")];
        let mut rows = vec![heads.map(str::to_owned).to_vec()];
        rows.extend(self.regions.iter().filter(|r| r.differ > 0).map(|r| {
            let numbers = [r.inputs, r.differ, r.nearer[0], r.nearer[1]];
            [r.region.clone()].into_iter().chain(numbers.map(grouped)).collect()
        }));
        for line in (Columns { right: &[1, 2, 3, 4], rows }).lines() {
            let _ = writeln!(out, "    {line}");
        }
        if let Some(w) = self.worst.first() {
            let apart = w.steps.map_or_else(|| "one is NaN".to_owned(), |steps| of_unit(&grouped(steps), "floats"));
            let _ = writeln!(out, "  farthest apart: {apart}");
            let mut rows = vec![vec!["input".to_owned(), w.input.clone(), figure(&w.input_value)]];
            for k in 0..2 {
                rows.push(vec![self.subjects[k].clone(), w.outputs[k].clone(), figure(&w.output_values[k])]);
            }
            rows.push(vec!["real".to_owned(), String::new(), figure(&w.real)]);
            for line in (Columns { right: &[], rows }).lines() {
                let _ = writeln!(out, "    {line}");
            }
        }
        if let Some(repro) = &self.repro {
            let _ = writeln!(out, "    again   {repro}");
        }
        out
    }
}

/// An enclosure, as short as it can be said.
fn range([lo, hi]: &[String; 2]) -> String {
    let [lo, hi] = [lo, hi].map(|end| figure(end));
    if lo == hi { lo } else { format!("{lo}..{hi}") }
}
