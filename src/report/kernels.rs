//! `actaudit mollify`: kernels side by side, and kernels and radii that meet requirements.

use super::bound::BoundReport;
use super::columns::Columns;
use super::mollify::{DIGITS, verdict};
use super::number::brief;
use super::{Page, up};
use crate::mollify::{Compared, Designed, MollifyError, Outcome, Requirements, Row};
use crate::number::decimal;
use crate::prove::Bound;
use crate::prove::continuity::Order;
use crate::verdict::Verdict;
use rug::{Float, Rational};
use schemars::JsonSchema;
use serde::Serialize;

/// A figure in a table: a bound rounded up, or exact where it is short.
fn figure(bound: &Bound) -> String {
    let top = &bound.top;
    match &top.answer.exact {
        _ if !top.proved.value => "?".into(),
        _ if top.proved_infinite() => "inf".into(),
        Some(q) if top.proved.exact && decimal::rational(q).len() <= 8 => decimal::rational(q),
        _ => {
            let ends = [&top.answer.lower, &top.answer.upper].map(|end| brief(&up(end, 17), 6));
            // what is known to six digits is rounded to them
            if ends[0] == ends[1] { ends[1].clone() } else { super::number::figure(&up(&top.answer.upper, 6)) }
        }
    }
}

/// A class in a word.
fn short_class(order: Order) -> String {
    match order {
        Order::Analytic => "analytic".into(),
        Order::Infinite => "C^inf".into(),
        Order::Class(-1) => "jump".into(),
        Order::Class(n) => format!("C{n}"),
        Order::Undecided { at_least } => format!(">= C{at_least}"),
    }
}

/// A base with one kernel, for scripts.
#[derive(Serialize, JsonSchema, Debug)]
struct ComparedReport {
    radius: String,
    definition: String,
    order: Order,
    error: BoundReport,
    lipschitz: BoundReport,
    curvature: BoundReport,
    /// of the longest piece, forward and backward
    operations: [usize; 2],
}

impl ComparedReport {
    fn new(found: &Compared) -> Self {
        let m = &found.mollified;
        let bound = |b: &Bound| BoundReport::new(&m.activation, None, b, DIGITS);
        Self {
            radius: m.radius.to_string(),
            definition: m.definition().to_toml(),
            order: found.class.order,
            error: BoundReport::new(&m.activation, Some(&m.base), &found.error, DIGITS),
            lipschitz: bound(&found.lipschitz),
            curvature: bound(&found.curvature),
            operations: found.operations,
        }
    }

    fn verdict(&self) -> Verdict {
        let class = verdict(!matches!(self.order, Order::Undecided { .. }));
        Verdict::worst([self.error.verdict, self.lipschitz.verdict, self.curvature.verdict, class])
    }
}

/// One kernel of a table.
#[derive(Serialize, JsonSchema, Debug)]
struct RowReport {
    kernel: String,
    /// rounded outward; null where the kernel has no variance
    efficiency: Option<[String; 2]>,
    #[serde(flatten)]
    found: Option<ComparedReport>,
    /// why there is nothing
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip)]
    cells: Vec<String>,
}

/// The JSON object of `actaudit mollify --compare`.
#[derive(Serialize, JsonSchema, Debug)]
pub struct CompareReport {
    schema: &'static str,
    base: String,
    kernels: Vec<RowReport>,
    verdict: Verdict,
}

/// The heads of the table.
const HEADS: [&str; 7] = ["kernel", "class", "error", "slope", "curvature", "efficiency", "operations"];

impl CompareReport {
    /// Of a base with these kernels.
    pub fn new(base: &str, rows: &[Row]) -> Self {
        let row = |row: &Row| {
            let efficiency = row.efficiency.map(|[lo, hi]| {
                let digits = |value: f64, up| decimal::directed(&Float::with_val(53, value), 9, up);
                [digits(lo, false), digits(hi, true)]
            });
            let shown = efficiency.as_ref().map_or_else(|| "none".into(), |e| brief(&e[1], 5));
            let cells = row.found.as_ref().map(|found| {
                let [forward, backward] = found.operations;
                vec![
                    row.kernel.clone(),
                    short_class(found.class.order),
                    figure(&found.error),
                    figure(&found.lipschitz),
                    match found.class.order {
                        Order::Class(..1) => "kink".into(),
                        _ => figure(&found.curvature),
                    },
                    shown,
                    format!("{forward} + {backward}"),
                ]
            });
            RowReport {
                kernel: row.kernel.clone(),
                efficiency,
                reason: row.found.as_ref().err().map(MollifyError::to_string),
                cells: cells.unwrap_or_default(),
                found: row.found.as_ref().ok().map(ComparedReport::new),
            }
        };
        let kernels: Vec<RowReport> = rows.iter().map(row).collect();
        let verdict = Verdict::worst(kernels.iter().filter_map(|r| r.found.as_ref()).map(ComparedReport::verdict));
        Self { schema: "actaudit.mollify-compare.v1", base: base.to_owned(), kernels, verdict }
    }

    /// What is said of all of it.
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// A table.
    pub fn text(&self, page: &Page) -> String {
        let radius = self.kernels.iter().find_map(|r| r.found.as_ref()).map(|found| found.radius.clone());
        let at = radius.map_or_else(String::new, |r| format!(" of radius or scale {r}"));
        let mut out = page.wrapped(&format!("{} with each kernel{at}: {}", self.base, self.verdict.name()), 2);
        out.push('\n');
        let mut rows = vec![HEADS.map(str::to_owned).to_vec()];
        rows.extend(self.kernels.iter().filter(|r| !r.cells.is_empty()).map(|r| r.cells.clone()));
        for line in (Columns { right: &[2, 3, 4, 5, 6], rows }).lines() {
            out += &format!("{line}\n");
        }
        out.push('\n');
        out += &page.wrapped(
            "Suprema over all of R to six digits: error sup |f - base|, slope sup |f'|, curvature sup |f''|. Efficiency: \
             statistical, beside epanechnikov's. Operations: of the longest piece as written, f + f'.",
            0,
        );
        for row in &self.kernels {
            if let Some(reason) = &row.reason {
                out += &page.wrapped(&format!("{}: {reason}", row.kernel), 2);
            }
        }
        out
    }
}

/// One kernel against requirements.
#[derive(Serialize, JsonSchema, Debug)]
struct DesignedReport {
    kernel: String,
    /// meets, never or open
    outcome: &'static str,
    /// the smallest and the largest radius that meet the requirements; null: no limit
    #[serde(skip_serializing_if = "Option::is_none")]
    radii: Option<[Option<String>; 2]>,
    /// a radius for which all was proved
    #[serde(flatten)]
    chosen: Option<ComparedReport>,
    /// why not
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip)]
    cells: Vec<String>,
}

/// The JSON object of `actaudit mollify` with requirements.
#[derive(Serialize, JsonSchema, Debug)]
pub struct DesignReport {
    schema: &'static str,
    base: String,
    /// what was asked for, in words
    requirements: Vec<String>,
    /// proved if a kernel meets them, refuted if none of those with names does at any radius
    verdict: Verdict,
    kernels: Vec<DesignedReport>,
    /// the least product of error and curvature that any even density has, if it is known and excludes the requirements
    #[serde(skip_serializing_if = "Option::is_none")]
    least_product: Option<String>,
}

fn words(wanted: &Requirements) -> Vec<String> {
    let number = |q: &Rational| decimal::rational(q);
    let mut out = vec![];
    out.extend(wanted.error.as_ref().map(|q| format!("error <= {}", number(q))));
    out.extend(wanted.curvature.as_ref().map(|q| format!("curvature <= {}", number(q))));
    out.extend(wanted.class.map(|n| format!("class C{n}")));
    out.extend(wanted.lipschitz.as_ref().map(|q| format!("Lipschitz constant <= {}", number(q))));
    out
}

impl DesignReport {
    /// Of these outcomes; `least` is the least product of error and curvature for any even density.
    pub fn new(base: &str, wanted: &Requirements, found: &[Designed], least: Option<Rational>) -> Self {
        let row = |d: &Designed| {
            let none = DesignedReport {
                kernel: d.kernel.clone(),
                outcome: "open",
                radii: None,
                chosen: None,
                reason: None,
                cells: vec![],
            };
            match &d.outcome {
                Outcome::Meets { from, to, chosen } => {
                    let end = |q: &Option<Rational>, up: bool| {
                        // what is short is not rounded
                        let short = |q: &Rational| *q.denom() < 1_000_000;
                        let rounded = |q| decimal::directed(&Float::with_val(64, q), 6, up);
                        q.as_ref().map(|q| if short(q) { q.to_string() } else { rounded(q) })
                    };
                    // rounded inward: every radius between meets them
                    let radii = [end(from, true), end(to, false)];
                    let shown = |end: &Option<String>, none: &str| end.clone().unwrap_or_else(|| none.into());
                    DesignedReport {
                        outcome: "meets",
                        cells: vec![
                            d.kernel.clone(),
                            chosen.mollified.radius.to_string(),
                            short_class(chosen.class.order),
                            figure(&chosen.error),
                            figure(&chosen.curvature),
                            format!("{} to {}", shown(&radii[0], "0"), shown(&radii[1], "inf")),
                        ],
                        radii: Some(radii),
                        chosen: Some(ComparedReport::new(chosen)),
                        ..none
                    }
                }
                Outcome::Never(reason) => DesignedReport { outcome: "never", reason: Some(reason.clone()), ..none },
                Outcome::Open(reason) => DesignedReport { reason: Some(reason.clone()), ..none },
            }
        };
        let kernels: Vec<DesignedReport> = found.iter().map(row).collect();
        let any = |outcome: &str| kernels.iter().any(|k| k.outcome == outcome);
        let verdict = match () {
            () if any("meets") => Verdict::Proved,
            () if any("open") => Verdict::Undecided,
            () => Verdict::Refuted,
        };
        let asked = wanted.error.as_ref().zip(wanted.curvature.as_ref()).map(|(e, c)| Rational::from(e * c));
        let excluded = least.filter(|least| asked.is_some_and(|asked| asked < *least));
        Self {
            schema: "actaudit.mollify-design.v1",
            base: base.to_owned(),
            requirements: words(wanted),
            verdict,
            kernels,
            least_product: excluded.map(|q| decimal::rational(&q)),
        }
    }

    /// What is said of the requirements.
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// For people.
    pub fn text(&self, page: &Page) -> String {
        let wanted = self.requirements.join(", ");
        let of = |outcome: &'static str| self.kernels.iter().filter(move |k| k.outcome == outcome);
        let (good, count) = (of("meets").count(), self.kernels.len());
        let head = match self.verdict {
            Verdict::Proved => format!("{} with {wanted}: {good} of {count} kernels can, proved", self.base),
            Verdict::Refuted => {
                format!("{} with {wanted}: none of the {count} kernels that have names can, at any radius", self.base)
            }
            _ => format!("{} with {wanted}: no kernel was found, and for some none was excluded", self.base),
        };
        let mut out = page.wrapped(&head, 2);
        if let Some(least) = &self.least_product {
            let lemma = format!(
                "No even density can: error times curvature is at least {least} for each, by the lemma \
                 E|U| sup K >= 1/4, which is stated and not checked."
            );
            out += &page.wrapped(&lemma, 0);
        }
        out.push('\n');
        if good > 0 {
            let heads = ["kernel", "radius", "class", "error", "curvature", "radii that do"];
            let mut rows = vec![heads.map(str::to_owned).to_vec()];
            rows.extend(of("meets").map(|k| k.cells.clone()));
            for line in (Columns { right: &[3, 4], rows }).lines() {
                out += &format!("{line}\n");
            }
            out.push('\n');
        }
        for (outcome, word) in [("never", "cannot"), ("open", "not decided")] {
            let mut reasons: Vec<(&str, Vec<&str>)> = vec![];
            for k in of(outcome) {
                let reason = k.reason.as_deref().unwrap_or_default();
                match reasons.iter_mut().find(|(other, _)| *other == reason) {
                    Some((_, names)) => names.push(&k.kernel),
                    None => reasons.push((reason, vec![&k.kernel])),
                }
            }
            for (reason, names) in reasons {
                out += &page.wrapped(&format!("{word}: {}: {reason}", names.join(", ")), 2);
            }
        }
        out
    }
}
