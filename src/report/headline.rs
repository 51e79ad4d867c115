//! The answer first: one headline for each subject and format.

use super::contract::{VerifyReport, VerifyResult};
use super::findings::at_most;
use super::number::{brief, figure, grouped, told_apart, up};
use super::{Page, painted};
use crate::check::By;
use crate::verdict::{Evidence, Verdict};
use rug::Float;

/// What is said of one subject in one format.
struct Headline<'a> {
    report: &'a VerifyReport,
    rows: Vec<&'a VerifyResult>,
}

/// A verdict as a headline has it.
pub(super) const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Proved | Verdict::Within => "PASSED",
        Verdict::Refuted => "FAILED",
        Verdict::Searched | Verdict::Undecided | Verdict::Undefined => "UNDECIDED",
        Verdict::Vacuous => "NOTHING COMPARED",
    }
}

/// A measure as a number, to find the largest.
fn size(text: &str) -> f64 {
    text.parse().unwrap_or(f64::INFINITY)
}

/// A headline in words.
pub(super) struct Said {
    /// of all rows together
    pub verdict: Verdict,
    /// subject and format, and the direction if there is one
    pub of: String,
    /// the worst finding, or how far the code is off at most
    pub what: String,
    /// what is known about it
    pub known: Vec<String>,
}

/// One headline for each subject and format of those that the code has.
pub(super) fn said(report: &VerifyReport) -> Vec<Said> {
    let had: Vec<&VerifyResult> = report.results.iter().filter(|r| !report.lacks(r)).collect();
    let groups = had.chunk_by(|a, b| (&a.subject, a.dtype) == (&b.subject, b.dtype));
    groups.map(|rows| Headline { report, rows: rows.to_vec() }.said()).collect()
}

/// The same as lines of text.
pub(super) fn headlines(report: &VerifyReport, page: &Page) -> String {
    said(report).iter().map(|headline| headline.text(page)).collect()
}

impl Said {
    fn text(&self, page: &Page) -> String {
        let word = word(self.verdict);
        let text = page.wrapped(&format!("{word}  {}: {}", self.of, self.what), 8);
        let known = self.known.iter().map(|known| page.wrapped(&format!("        {known}"), 8));
        text.replacen(word, &painted(word, self.verdict, page.colour), 1) + &known.collect::<String>()
    }
}

impl Headline<'_> {
    fn said(&self) -> Said {
        let first = self.rows[0];
        let verdict = self.verdict();
        let pass =
            if self.rows.iter().all(|r| r.pass == first.pass) { format!(" {}", first.pass) } else { String::new() };
        let what = match verdict {
            Verdict::Proved | Verdict::Within => self.passed(),
            Verdict::Refuted => self.failed(),
            Verdict::Vacuous => self.silent(),
            Verdict::Searched | Verdict::Undecided | Verdict::Undefined => self.undecided(),
        };
        let on = self.report.on().map_or_else(String::new, |on| format!(" {on}"));
        Said { verdict, of: format!("{} {}{pass}{on}", first.subject, first.dtype), what, known: self.known() }
    }

    /// What is said of all rows together, and of what they rest on.
    fn verdict(&self) -> Verdict {
        let worst = Verdict::worst(self.rows.iter().map(|r| r.verdict).filter(|v| *v != Verdict::Vacuous));
        let doubted = self.report.summary.partial || self.doubted().is_some();
        if doubted && worst.is_good() { Verdict::Undecided } else { worst }
    }

    /// A pass whose table of real values the checker does not accept.
    fn doubted(&self) -> Option<&'static str> {
        let used = |pass: &str| self.rows.iter().any(|r| r.dtype == "f32" && r.pass == pass);
        self.report.tables.iter().filter(|t| t.verdict == Verdict::Undecided).map(|t| t.pass).find(|pass| used(pass))
    }

    fn of(&self, check: &'static str) -> impl Iterator<Item = &VerifyResult> {
        self.rows.iter().copied().filter(move |r| r.check == check && r.compared > 0)
    }

    fn passed(&self) -> String {
        let measure = if self.of("tolerance").next().is_some() { "tolerance" } else { "ulp" };
        let Some(worst) = self.of(measure).max_by(|a, b| size(&a.measured).total_cmp(&size(&b.measured))) else {
            let checks: Vec<&str> = self.rows.iter().filter(|r| r.compared > 0).map(|r| r.check).collect();
            return checks.join(", ");
        };
        // passes of which not every input was looked at
        let proved = |r: &&VerifyResult| r.evidence == Evidence::Exhaustive && r.verdict == Verdict::Proved;
        let parts: Vec<&VerifyResult> = self.of(measure).filter(|r| !proved(r)).collect();
        let inputs = parts.iter().map(|r| r.compared).min().unwrap_or_default();
        let declared = self.of(measure).flat_map(|r| &r.excluded).filter(|e| e.by == By::Policy).map(|e| e.count).max();
        let over = match (parts.is_empty(), parts.iter().any(|r| r.evidence == Evidence::Sampled)) {
            (true, _) => match declared {
                Some(count) => format!("every input but {} left out as declared", grouped(count)),
                None => "every input".to_owned(),
            },
            (false, true) => format!("{} inputs sampled", grouped(inputs)),
            (false, false) => format!("{} inputs, and some not looked at", grouped(inputs)),
        };
        let measured = at_most(worst);
        let same = self.same();
        match measure {
            "ulp" => format!("{same}at most {measured} ulp off, {over}"),
            _ => format!("{same}error at most {measured} of the tolerance, {over}"),
        }
    }

    /// That all outputs are another subject's, where that was asked for.
    fn same(&self) -> String {
        let rows: Vec<&VerifyResult> = self.of("identical").collect();
        let Some(first) = rows.first() else { return String::new() };
        let other = first.unit.strip_prefix("floats from ").unwrap_or(&first.unit);
        match rows.iter().all(|r| r.verdict == Verdict::Proved) {
            true => format!("identical to {other}; "),
            false => format!("identical to {other} where both were sampled; "),
        }
    }

    /// The worst finding: what code did to its process, then the largest error, then what else there is.
    fn failed(&self) -> String {
        let refuted = || self.rows.iter().copied().filter(|r| r.verdict == Verdict::Refuted);
        let rank = |r: &&VerifyResult| match r.check {
            "process" => (0, 0.0),
            "ulp" | "tolerance" => (1, -r.witness.as_ref().map_or(0.0, |w| size(&w.measure))),
            _ => (2, 0.0),
        };
        let order =
            |a: &&VerifyResult, b: &&VerifyResult| rank(a).0.cmp(&rank(b).0).then(rank(a).1.total_cmp(&rank(b).1));
        let Some(worst) = refuted().min_by(order) else { return String::new() };
        let mixed = self.rows.iter().any(|r| r.pass != worst.pass);
        let pass = if mixed { format!("{} ", worst.pass) } else { String::new() };
        let mut also = String::new();
        let special = refuted().find(|r| r.check == "special" && r.pass == worst.pass && worst.check != "special");
        if let Some(w) = special.and_then(|r| r.witness.as_ref()) {
            let [y, real] = told_apart([&w.output_value, &w.real]);
            also = format!("; and {y} at x = {}, not {real}", brief(&w.input_value, 5));
        }
        if refuted().any(|r| r.pass != worst.pass) {
            also += if worst.pass == "forward" { "; backward fails as well" } else { "; forward fails as well" };
        }
        format!("{pass}{}{also}", finding(worst))
    }

    /// What is known about what fails.
    fn known(&self) -> Vec<String> {
        let here = self
            .report
            .causes
            .iter()
            .filter(|c| self.rows.iter().any(|r| (&c.subject, c.dtype, c.pass) == (&r.subject, r.dtype, r.pass)));
        here.map(|c| {
            let cure = c.cure.map_or_else(String::new, |cure| format!("; {cure}"));
            format!(
                "known, {}: {}{cure} (outputs are those of defect:{} at {} of {} inputs; {}; docs/defects.md, {})",
                c.pass, c.symptom, c.defect, c.inputs, c.asked, c.source, c.number
            )
        })
        .collect()
    }

    fn undecided(&self) -> String {
        let row = self.rows.iter().find(|r| r.verdict == Verdict::Undecided);
        match (row, self.doubted()) {
            (Some(r), _) => {
                let (undecided, compared) = (grouped(r.undecided), grouped(r.compared));
                let first = r.witness.as_ref().zip(r.reason.as_ref());
                let why = first.map_or_else(String::new, |(w, why)| {
                    format!(", the first at x = {}: {why}", brief(&w.input_value, 5))
                });
                format!("{} {}: {undecided} of {compared} inputs are not decided{why}", r.pass, r.check)
            }
            (None, Some(pass)) => format!("the checker does not accept the table of real values, {pass}"),
            (None, None) => "interrupted; what was looked at passed".to_owned(),
        }
    }

    fn silent(&self) -> String {
        let reasons = self.rows.iter().flat_map(|r| &r.excluded).map(|e| e.reason.as_str());
        reasons.take(1).next().unwrap_or("no input was one to compare").to_owned()
    }
}

/// Checks that hold outputs against each other: the one that is shown may be right by itself.
pub(super) const STEPS: [&str; 9] =
    ["monotone", "seam", "lipschitz", "position", "layout", "gradient", "incoming", "smooth", "bisect"];

/// Two digits of a large number, four of a small one.
fn few(text: &str) -> String {
    brief(text, if size(text) >= 1e4 { 2 } else { 4 })
}

/// The largest absolute error, where that of the input with most ulp hides it; of regions bounds are known, which may be a
/// little more than the error of that very input.
fn elsewhere(r: &VerifyResult, off: &str) -> String {
    // of what is within the budget the absolute error is that of rounding
    let regions = r.ulp.iter().flat_map(|s| &s.regions).filter(|region| region.ulp > r.limit);
    let largest = regions.map(|region| region.absolute).filter(|a| a.is_finite()).fold(0.0, f64::max);
    let text = figure(&up(&Float::with_val(53, largest), 2));
    if largest > size(off) * 1.01 { format!("; elsewhere up to {text} absolute") } else { String::new() }
}

/// A failure in words: how far off, where, and what came out instead of what.
fn finding(r: &VerifyResult) -> String {
    if let Some(incident) = r.incidents.first() {
        let x = brief(&incident.input_value, 5);
        // what follows explains it
        let (what, rest) = incident.text.split_once("; ").unwrap_or((&incident.text, ""));
        let rest = if rest.is_empty() { String::new() } else { format!("; {rest}") };
        return match incident.batch {
            0 => incident.text.clone(),
            1 => format!("{what} at x = {x}{rest}"),
            n => format!("{what} in a batch of {n} inputs from x = {x}{rest}"),
        };
    }
    let failing = || format!("{} of {} inputs fail {}", grouped(r.failing), grouped(r.compared), r.check);
    let Some(w) = &r.witness else { return failing() };
    let x = brief(&w.input_value, 5);
    if STEPS.contains(&r.check) {
        let how = w.how.as_ref().map_or_else(String::new, |how| format!(", {how}"));
        return format!("{}, the worst at x = {x}{how}", failing());
    }
    let [y, real] = told_apart([&w.output_value, &w.real]);
    let place = format!("at x = {x}: {y}, not {real}");
    let off = w.absolute.as_ref().filter(|off| size(off).is_finite()).map(|off| brief(off, 2));
    match (r.check, off) {
        ("ulp", Some(off)) if size(&w.measure).is_finite() => {
            format!(
                "{} ulp off ({off} absolute) {place}{}",
                few(&w.measure),
                elsewhere(r, w.absolute.as_deref().unwrap_or(&off))
            )
        }
        ("ulp" | "tolerance", None) => format!("{y} {}", place.replacen(&format!(": {y}"), "", 1)),
        ("tolerance", Some(off)) => format!("{} times the tolerance off ({off} absolute) {place}", few(&w.measure)),
        _ => format!("{}, {place}", failing()),
    }
}
