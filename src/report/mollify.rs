//! `actaudit mollify`: what came out, and what is proved of it.

use super::bound::BoundReport;
use super::number::brief;
use super::{Page, painted, up};
use crate::expr::plain::{Interval, eval};
use crate::expr::{Expr, Piece, compare_points};
use crate::mollify::{Facts, KernelFacts, Mollified, Name, known_kernel};
use crate::number::decimal;
use crate::prove::Bound;
use crate::prove::continuity::{Continuity, Order, class_in_words};
use crate::verdict::Verdict;
use rug::{Float, Rational};
use schemars::JsonSchema;
use serde::Serialize;
use std::cmp::Ordering;

/// Digits of bounds.
pub(super) const DIGITS: u32 = 15;

/// The JSON object of `actaudit mollify`.
#[derive(Serialize, JsonSchema, Debug)]
pub struct MollifyReport {
    /// actaudit.mollify.v1
    schema: &'static str,
    /// what was smoothed, with the values of its parameters
    base: String,
    /// with which density
    kernel: String,
    /// what the program calls a kernel of one's own, if it has the same one
    #[serde(skip_serializing_if = "Option::is_none")]
    kernel_named: Option<&'static str>,
    /// its radius, or its scale where it has no bounded support; exact
    radius: String,
    /// the name under which the radius is a parameter of the result; null: the result holds for this radius only
    parameter: Option<String>,
    /// radii that are not below this number merge pieces: the definition does not hold for them
    #[serde(skip_serializing_if = "Option::is_none")]
    below: Option<String>,
    /// parameters of the base whose values were put in, because the order of the pieces depends on them
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixed: Vec<String>,
    /// the definition file
    definition: String,
    /// the formula
    latex: String,
    /// what the catalogue calls it, or null
    named: Option<String>,
    /// whether the name holds for all values of the parameters
    named_for_all: bool,
    /// the continuity class
    order: Order,
    /// the same in words
    class: String,
    /// sup |f - base|
    error: BoundReport,
    /// sup |f'|
    lipschitz: BoundReport,
    /// sup |f''|
    curvature: BoundReport,
    /// [inf f, sup f]
    range: BoundReport,
    /// the bound on the slope by the argument of the S-ReLU paper, M C/radius
    paper_bound: PaperReport,
    /// what is proved of the kernel
    kernel_facts: KernelReport,
    /// properties of the base that the result was proved to have
    kept: Vec<String>,
    /// those that it was proved not to have
    not_kept: Vec<String>,
    /// those that a convolution with any density keeps, and of which the checker accepted neither: a lemma, not a proof
    #[serde(skip_serializing_if = "Vec::is_empty")]
    kept_by_lemma: Vec<String>,
    /// the pieces on which the result is the base, identically
    unchanged: Vec<String>,
    /// the value at 0, exactly, in the parameters
    at_zero: Option<String>,
    /// proved if class, error, Lipschitz constant and curvature are
    verdict: Verdict,
    #[serde(skip)]
    lines: Lines,
}

/// What the paper's argument gives.
#[derive(Serialize, JsonSchema, Debug)]
struct PaperReport {
    /// C, the variation of the kernel
    variation: Option<String>,
    /// M = sup |base|, rounded up; null where it is infinite
    largest: Option<String>,
    /// M C/radius, rounded up; null where it is infinite
    bound: Option<String>,
}

/// What is proved of a kernel.
#[derive(Serialize, JsonSchema, Debug)]
struct KernelReport {
    /// that its integral is 1
    normalised: Verdict,
    /// that it is even
    even: Verdict,
    /// that it is nowhere negative
    not_negative: Verdict,
    /// that it falls on both sides of 0; false if that was not proved
    unimodal: bool,
    /// that the antiderivatives of its file vanish at the left end
    vanishing: Verdict,
}

/// What the text shows and the JSON has elsewhere.
#[derive(Debug, Default)]
struct Lines {
    base: String,
    head: String,
    pieces: Vec<String>,
    params: Vec<[String; 2]>,
    at_zero: String,
}

/// The one property that a convolution need not keep.
const AT_ZERO: &str = "f(0) = 0";

/// A value in the parameters if that is short, else the number.
fn shown_at_zero(general: &Expr, value: &Expr) -> String {
    const LONGEST: usize = 30;
    let text = general.to_string();
    if text.chars().count() <= LONGEST {
        return format!("it is {text}");
    }
    let number = eval(value, &Interval::int(128, 0)).ok();
    let number = number.map(|v| brief(&decimal::directed(&v.lo, 20, false), 6));
    number.map_or_else(|| format!("it is {text}"), |n| format!("here it is {n}"))
}

/// Proved or not.
pub(super) fn verdict(proved: bool) -> Verdict {
    if proved { Verdict::Proved } else { Verdict::Undecided }
}

/// Whether a class was decided.
fn decided(class: &Continuity) -> bool {
    !matches!(class.order, Order::Undecided { .. })
}

impl MollifyReport {
    /// The report of a result, its name and what is proved of it.
    pub fn new(m: &Mollified, name: Option<&Name>, facts: &Facts) -> Self {
        let own = m.definition();
        // an expression has no name
        let own_text = m.base.definition.id == "expr";
        let bound = |b: &Bound| BoundReport::new(&m.activation, None, b, DIGITS);
        let error = BoundReport::new(&m.activation, Some(&m.base), &facts.error, DIGITS);
        let (lipschitz, curvature, range) = (bound(&facts.lipschitz), bound(&facts.curvature), bound(&facts.range));
        let kernel_facts = KernelReport::new(&facts.kernel);
        let (mut kept, mut not_kept, mut kept_by_lemma) = (vec![], vec![], vec![]);
        let mut sort = |name: &str, result: Option<bool>| match result {
            Some(true) => kept.push(name.to_owned()),
            Some(false) => not_kept.push(name.to_owned()),
            None => kept_by_lemma.push(name.to_owned()),
        };
        facts.kept.iter().for_each(|k| sort(k.property.name(), k.result));
        sort("range", facts.within_hull());
        let at_zero = facts.at_zero.as_ref().map(|(_, [general, _])| general.to_string());
        let mut value_at_zero = None;
        if let Some((true, [general, value])) = &facts.at_zero {
            let order = compare_points(value, &Expr::int(0));
            match order.map(Ordering::is_eq) {
                Some(true) => kept.push(AT_ZERO.to_owned()),
                Some(false) => not_kept.push(AT_ZERO.to_owned()),
                None => {}
            }
            value_at_zero = Some(shown_at_zero(general, value));
        }
        let parts = [error.verdict, lipschitz.verdict, curvature.verdict, verdict(decided(&facts.class))];
        let params = own.params.iter().map(|p| {
            let meaning = if p.meaning.is_empty() { String::new() } else { format!("{}, ", p.meaning) };
            let value = m.activation.values.get(&p.name).unwrap_or(&p.default);
            [p.name.clone(), format!("{meaning}in {}, here {}", p.domain, value)]
        });
        let piece = |p: &Piece| match own.pieces.len() {
            1 => p.expr.to_string(),
            _ => format!("{}   on {}", p.expr, p.on()),
        };
        Self {
            schema: "actaudit.mollify.v1",
            base: m.base.label(),
            kernel: m.kernel.name.clone(),
            kernel_named: known_kernel(&m.kernel),
            radius: m.radius.to_string(),
            parameter: m.parameter.clone(),
            below: m.limit.as_ref().filter(|_| m.parameter.is_some()).map(Rational::to_string),
            fixed: m.fixed.clone(),
            definition: own.to_toml(),
            latex: super::inspect::latex(own),
            named: name.map(|n| n.text.clone()),
            named_for_all: name.is_some_and(|n| n.always),
            order: facts.class.order,
            class: class_in_words(&facts.class),
            verdict: Verdict::worst(parts),
            error,
            lipschitz,
            curvature,
            range,
            paper_bound: PaperReport::new(facts),
            kernel_facts,
            kept,
            not_kept,
            kept_by_lemma,
            unchanged: facts.unchanged.clone(),
            at_zero,
            lines: Lines {
                base: if own_text { "base".into() } else { m.base.definition.id.clone() },
                head: if own_text { format!("({})", m.base.definition.title) } else { m.base.definition.id.clone() },
                pieces: own.pieces.iter().map(piece).collect(),
                params: params.collect(),
                at_zero: value_at_zero.unwrap_or_default(),
            },
        }
    }

    /// The verdict on all of it.
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// For people: what it is, the formula, what is proved.
    pub fn text(&self, page: &Page) -> String {
        let scope = match &self.parameter {
            Some(name) if self.named_for_all => match &self.below {
                Some(below) => format!(", for all {name} below {below}"),
                None => format!(", for all {name}"),
            },
            Some(name) if self.named.is_some() => format!(", at {name} = {}", self.radius),
            _ => String::new(),
        };
        let head = match &self.named {
            Some(name) => format!("{} * {} is {name}{scope}", self.lines.head, self.kernel),
            None => format!("{} * {}: {}", self.lines.head, self.kernel, self.class),
        };
        let mut out = page.wrapped(&head, 2);
        out.push('\n');
        let mut line = |name: &str, value: &str| {
            // intervals stay in one line
            let glued = value.replace(", inf)", ",\u{a0}inf)").replace("(-inf, ", "(-inf,\u{a0}");
            out += &page.wrapped(&format!("  {name:<10} {glued}"), 13);
        };
        for (i, piece) in self.lines.pieces.iter().enumerate() {
            line(if i == 0 { "f(x)" } else { "" }, piece);
        }
        for [name, meaning] in &self.lines.params {
            line(name, meaning);
        }
        match (&self.parameter, &self.below) {
            (Some(name), Some(below)) => {
                line(
                    "",
                    &format!("from {name} = {below} on pieces may merge: give the radius for a formula of its own"),
                );
            }
            (None, _) => line("radius", &format!("{}, and no other: pieces merge there", self.radius)),
            _ => {}
        }
        line("class", &self.class);
        let base = &self.lines.base;
        line("error", &bounded(&format!("sup |f - {base}|"), &self.error));
        line("slope", &bounded("sup |f'|", &self.lipschitz));
        line("", &self.paper_bound.words(base, self.parameter.as_deref().unwrap_or("radius")));
        let smooth = !matches!(self.order, Order::Class(..1));
        line("curvature", &bounded(if smooth { "sup |f''|" } else { "between kinks sup |f''|" }, &self.curvature));
        if !self.unchanged.is_empty() {
            line("unchanged", &format!("on {}", self.unchanged.join(" and ")));
        }
        if !self.kept.is_empty() {
            line("kept", &self.kept.join(", "));
        }
        let shown = |name: &String| match name.as_str() {
            AT_ZERO => format!("{name}: {}", self.lines.at_zero),
            _ => name.clone(),
        };
        let not_kept: Vec<String> = self.not_kept.iter().map(shown).collect();
        if !not_kept.is_empty() {
            line("not kept", &not_kept.join(", "));
        }
        if !self.kept_by_lemma.is_empty() {
            let names = self.kept_by_lemma.join(", ");
            line("by lemma", &format!("{names}: a convolution with a density keeps it; stated, not checked"));
        }
        let kernel = &self.kernel_facts;
        let word = |verdict: Verdict, good: &str| match verdict {
            Verdict::Proved => good.to_owned(),
            _ => format!("{good} (not proved)"),
        };
        let mut facts = vec![
            word(kernel.normalised, "integral 1"),
            word(kernel.even, "even"),
            word(kernel.not_negative, "nowhere negative"),
        ];
        if kernel.vanishing != Verdict::Proved {
            facts.push(word(kernel.vanishing, "antiderivatives 0 at the left end"));
        }
        facts.extend(self.kernel_named.map(|known| format!("the same as {known}")));
        line("kernel", &format!("{}: {}", self.kernel, facts.join(", ")));
        // what the word is about: no certificate says that an integral is this formula
        let of =
            "class, error, slope and curvature of this formula; that it is the convolution follows by exact algebra";
        let name = self.verdict.name();
        let last = page.wrapped(&format!("  {:<10} {name}: {of}", "verdict"), 13);
        out += &last.replacen(name, &painted(name, self.verdict, page.colour), 1);
        out
    }
}

/// A supremum in words: its value, where it is, for which parameters.
fn bounded(what: &str, b: &BoundReport) -> String {
    let place = b.supremum.places();
    let value = match &b.exact {
        Some(exact) if exact == "inf" => format!("{what} is infinite"),
        Some(exact) if exact.contains(|c: char| c.is_ascii_alphabetic()) => {
            format!("{what} = {exact} = {}, {place}", brief(&b.upper, 10))
        }
        Some(exact) => format!("{what} = {exact}, {place}"),
        None if b.upper == "inf" && b.lower == "inf" => format!("{what} is infinite"),
        None => format!("{what} in [{}, {}], {place}", b.lower, b.upper),
    };
    let uniform = b.uniform.as_ref().map_or_else(String::new, |u| format!("; {u}"));
    let open = match (&b.reason, b.verdict) {
        (_, Verdict::Proved) => String::new(),
        (Some(reason), verdict) => format!(" ({}: {reason})", verdict.name()),
        (None, verdict) => format!(" ({})", verdict.name()),
    };
    format!("{value}{uniform}{open}")
}

impl PaperReport {
    fn new(facts: &Facts) -> Self {
        let rounded = |f: &Float| up(f, 6);
        let variation =
            facts.kernel.variation().map(|(exact, upper)| exact.map_or_else(|| rounded(&upper), |e| e.to_string()));
        Self {
            variation,
            largest: facts.paper.largest.as_ref().map(rounded),
            bound: facts.paper.value.as_ref().map(rounded),
        }
    }

    fn words(&self, base: &str, radius: &str) -> String {
        match (&self.variation, &self.bound, &self.largest) {
            (Some(c), Some(bound), Some(m)) => {
                format!("the S-ReLU paper's bound M C/{radius} is {bound} (M = sup |{base}| = {m}, C = {c})")
            }
            (Some(c), ..) => {
                format!("the S-ReLU paper's bound M C/{radius} (C = {c}) is none: M = sup |{base}| is infinite")
            }
            _ => format!("the S-ReLU paper's bound M C/{radius} was not computed: the kernel was not proved unimodal"),
        }
    }
}

impl KernelReport {
    fn new(facts: &KernelFacts) -> Self {
        Self {
            normalised: verdict(facts.normalised),
            even: verdict(facts.even),
            not_negative: verdict(facts.not_negative),
            unimodal: facts.unimodal,
            vanishing: verdict(facts.vanishing),
        }
    }
}
