//! `actaudit explain`: what a check asks and how it decides, what verdicts and exit codes mean, how expressions are written.

use super::Page;
use crate::check::Info;
use crate::verdict::Verdict;
use schemars::JsonSchema;
use serde::Serialize;
use std::borrow::Cow;

/// Something that can be explained.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Explained {
    /// short name
    pub id: &'static str,
    /// the question, or what it is about
    pub title: &'static str,
    /// the answer
    pub explain: Cow<'static, str>,
    /// what its measure counts, of a check
    #[serde(skip_serializing_if = "str::is_empty")]
    pub measures: &'static str,
}

/// The JSON object of `actaudit explain`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ExplainReport {
    schema: &'static str,
    checks: Vec<Explained>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    topics: Vec<Explained>,
}

const fn topic(id: &'static str, title: &'static str, explain: &'static str) -> Explained {
    Explained { id, title, explain: Cow::Borrowed(explain), measures: "" }
}

/// What is explained besides checks and verdicts.
static TOPICS: [Explained; 5] = [
    topic(
        "verdicts",
        "what proved, within, refuted and the other verdicts mean",
        "proved     of the mathematics: it holds for all of R (or the domain that is
           named), and the checker accepted it; of code: it holds for every
           input of the format, each of them run and held against the real
           value (a table of real values that the checker was asked about,
           --check-reference, and rejects makes that undecided)
within     it holds for every input that was looked at, and not all were
searched   a search found it, and the checker was not asked: nothing is proved
refuted    it does not hold, and there is an input that shows it
undecided  it could not be decided; the reason is said
undefined  there is nothing to hold: no value at some point
vacuous    nothing was compared

What stands at the top of a report on code: PASSED if all is proved or within,
FAILED if anything is refuted, UNDECIDED, or NOTHING COMPARED.",
    ),
    topic(
        "exit-codes",
        "what a script can rely on",
        "0   every verdict asked for is proved or within budget
1   something is refuted or over budget
2   bad usage, definition or configuration: message on standard error, nothing
    run
3   undecided, undefined, or nothing was compared
4   a subject or device that was asked for is not there, or lacks what was asked
    for
70  internal error

With --format json, standard output holds one object in any case: of an error,
  {\"schema\": \"actaudit.error.v1\", \"error\": MESSAGE, \"exit\": CODE}.",
    ),
    topic(
        "budgets",
        "what is allowed where nothing is said, and what can be declared",
        "Errors that are allowed unless --max-ulp, --atol and --rtol, --budgets FILE or
actaudit.toml say otherwise, in ulp of the format:

            forward  backward  double
  f16       0.501    0.501     0.501
  bf16      0.501    0.501     0.501
  f32       2        4         8
  f64       4        8         16

Between neighbours a result may step back, or to the other side of a junction,
by 1 float in f32, 2 in f64, and none in f16 and bf16.

What is declared about code is not held against it, but counted (--declare):

  flush                results that are subnormal may be flushed to zero
  nan=quiet            a NaN that comes out is quiet
  nan=payload          a NaN that comes out is the one that went in, made quiet
  subgradient=left     at a kink the derivative is that from the left
  subgradient=right    ... from the right
  subgradient=left@-3  ... from the left at the kink at -3 alone
  zero=signed          a zero has the sign of the real value",
    ),
    topic(
        "expressions",
        "the language of --expr and of definition files",
        "The variable is x; every other name is a parameter, which gets its value by
-p NAME=VALUE (or its default, in a file).

  numbers     0.1 is one tenth, exactly; 1/3; 1e-3; f32(\"0.7978846\") is the
              float nearest to it (f64, f32, f16, bf16)
  constants   pi, e
  operators   + - * / ^, brackets; -x^2 is -(x^2); an exponent is a number or a
              parameter, not an expression in x
  functions   exp expm1 log log1p sqrt abs tanh sinh cosh atan sin cos erf erfc
              sigmoid softplus normcdf normpdf, min(a, b), max(a, b),
              clamp(x, lo, hi)

  actaudit show --expr \"x*sigmoid(b*x)\" -p b=1.702
  actaudit bound --expr \"max(0, x) + min(0, expm1(x))\" --quantity lipschitz

A function in pieces is a file of TOML (--definition FILE; CONTRIBUTING.md says
how to write one):

  id = \"mine\"
  title = \"ReLU, smoothed\"
  source = \"where it comes from\"
  provenance = \"published\"
  [[piece]]
  on = \"(-inf, 0]\"
  value = \"0\"
  [[piece]]
  on = \"(0, inf)\"
  value = \"x^2/(1 + x)\"",
    ),
    topic(
        "claims",
        "how statements of papers are written down",
        concat!(
            "A file of claims, complete:

",
            crate::claim::example!(),
            "
What is not said of a parameter holds at its default value only, which reports
name: distance to relu of srelu(alpha=1/1000), at most. For every value write

  params = { alpha = \"all\" }

  activation  a name of the catalogue, a definition file beside this one
              (\"mine.toml\"), \"expr:x*sigmoid(x)\", or the id of a
              [[definition]] of this file, whose keys are those of such a file
  quantity    lipschitz sup |f'|, range f, slope f', curvature sup |f''|,
              distance sup |f - g| (with to = \"relu\"), continuity, integral
  value       text: a number, an expression of the parameters, an interval

kind in a file  in reports             holds when            of
upper_bound     at most                supremum <= value     bounds
contraction     less than              supremum < value      bounds
smallest        rounded to N decimals  it rounds to value    bounds
equals          exactly                supremum = value      bounds
within          within                 all lies in value     range, slope
class           at least of class      f is C^value          continuity
integral        exactly                the integral is it    integral

  decimals, rounding       of smallest and integral: places; \"nearest\" or \"up\"
  at                       of equals: where the supremum is attained
  exactly                  of class: and no smoother
  integrand, from, to_point   of integral
  expect, why              the verdict that is known, if it is not proved: refuted
                           or undecided; and why the claim is kept"
        ),
    ),
];

/// A verdict as a topic of its own.
fn verdict(verdict: Verdict) -> Explained {
    let text = &TOPICS[0].explain;
    let rest = text.find(&format!("{} ", verdict.name())).map_or("", |at| &text[at + verdict.name().len()..]);
    // up to the next line that is not indented
    let end = rest.match_indices('\n').map(|(at, _)| at).find(|at| !rest[at + 1..].starts_with(' '));
    let words: Vec<&str> = rest[..end.unwrap_or(rest.len())].split_whitespace().collect();
    Explained { explain: words.join(" ").into(), ..topic(verdict.name(), "a verdict", "") }
}

/// What every verdict means.
pub(super) fn glossary() -> impl Iterator<Item = Explained> {
    Verdict::ALL.into_iter().map(verdict)
}

/// What the names that can be explained are, checks left out.
pub fn topics() -> impl Iterator<Item = &'static str> {
    TOPICS.iter().map(|topic| topic.id).chain(Verdict::ALL.into_iter().map(Verdict::name))
}

impl ExplainReport {
    /// Of these checks, and of all topics.
    pub fn new<'a>(checks: impl IntoIterator<Item = &'a Info>) -> Self {
        Self { topics: TOPICS.to_vec(), ..Self::checks(checks) }
    }

    /// Of these checks alone.
    pub fn checks<'a>(checks: impl IntoIterator<Item = &'a Info>) -> Self {
        let explained =
            |c: &Info| Explained { id: c.id, title: c.title, explain: c.explain.into(), measures: c.measures };
        Self { schema: "actaudit.explain.v1", checks: checks.into_iter().map(explained).collect(), topics: vec![] }
    }

    /// Of a topic or a verdict.
    pub fn topic(name: &str) -> Option<Self> {
        let of_verdict = || Verdict::ALL.into_iter().find(|v| v.name() == name).map(verdict);
        let found = TOPICS.iter().find(|topic| topic.id == name).cloned().or_else(of_verdict)?;
        Some(Self { topics: vec![found], ..Self::checks([]) })
    }

    /// A line for each; or, in full, all that is to be said.
    pub fn text(&self, page: &Page, full: bool) -> String {
        let line = |c: &Explained| page.wrapped(&format!("{:<11} {}", c.id, c.title), 12);
        if !full {
            let checks: String = self.checks.iter().map(line).collect();
            let topics: String = self.topics.iter().map(line).collect();
            return format!("{checks}\nnot checks:\n{topics}");
        }
        let check = |c: &Explained| {
            let heading = page.wrapped(&format!("{}: {}", c.id, c.title), 2);
            format!("{heading}\n{}\nmeasured in: {}\n", page.wrapped(&c.explain, 0), c.measures)
        };
        // set by hand
        let topic = |c: &Explained| format!("{}: {}\n\n{}\n", c.id, c.title, c.explain);
        self.checks.iter().map(check).chain(self.topics.iter().map(topic)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Budget, Policy};
    use crate::expr::{FloatFormat, Func, Named, parse_expr};
    use crate::kernels::Pass;

    fn topic_of(id: &str) -> &'static str {
        &TOPICS.iter().find(|topic| topic.id == id).expect("a topic").explain
    }

    /// The table is that of the program, and every declaration is told.
    #[test]
    fn budgets_are_told_as_they_are() {
        let text = topic_of("budgets");
        for format in FloatFormat::ALL {
            let row = text.lines().find(|line| line.trim_start().starts_with(&format!("{} ", format.name())));
            let told: Vec<f64> = row
                .expect("a row for each format")
                .split_whitespace()
                .skip(1)
                .map(|v| v.parse().expect("a number"))
                .collect();
            assert_eq!(told, Pass::KNOWN.map(|pass| Budget::of(format, pass).ulp), "{}", format.name());
        }
        for word in Policy::WORDS {
            assert!(text.contains(&format!("  {word} ")), "{word}");
        }
    }

    /// The file that is shown is read and holds, and every kind and quantity is told.
    #[test]
    fn claims_are_told_as_they_are() {
        let text = topic_of("claims");
        let example = crate::claim::example!();
        let none = |_: &str| Err("no file".into());
        let file = crate::claim::ClaimFile::parse(example, "claims.toml", &none).expect("is read");
        let judged = crate::claim::judge(&file.claims[0]).expect("is judged");
        assert_eq!(judged.verdict, Verdict::Proved, "{}", judged.reason);
        for kind in crate::claim::Kind::ALL {
            let [name, words] = kind.names();
            let line = text.lines().find(|line| line.split_whitespace().next() == Some(name)).expect(name);
            assert!(line.contains(words), "{line}");
        }
        for quantity in crate::prove::Quantity::ALL {
            assert!(text.contains(quantity.name()), "{}", quantity.name());
        }
    }

    /// What is said of the language is true, and nothing is left out.
    #[test]
    fn the_language_of_expressions_is_told_in_full() {
        let text = topic_of("expressions");
        let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        let names = Func::ALL.into_iter().map(Func::name).chain(Named::ALL.iter().map(|n| n.name()));
        for name in names.chain(["min", "max", "clamp"]) {
            assert!(words.contains(&name), "{name} is not told");
        }
        let line = text.split("functions ").nth(1).and_then(|rest| rest.split(", min(").next()).expect("a list");
        for name in line.split_whitespace().filter(|word| !word.contains('(')) {
            let name = name.trim_matches(',');
            assert!(parse_expr(&format!("{name}(x)")).is_ok() && Func::from_name(name).is_some(), "{name}");
        }
    }

    #[test]
    fn every_verdict_is_explained() {
        for name in topics() {
            let found = ExplainReport::topic(name).expect("is a topic");
            assert!(found.topics[0].explain.len() > 10, "{name}");
        }
        assert!(ExplainReport::topic("verdikt").is_none());
    }
}
