//! The claim file (TOML): what a statement is, how it is to be read, and where it stands.

use super::missing;
use crate::catalog;
use crate::expr::Definition;
use crate::prove::Quantity;
use crate::verdict::Verdict;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A parameter's value that stands for every one of its domain.
pub(super) const ALL: &str = "all";

/// Constants with more decimals are refused.
const MAX_DECIMALS: u32 = 10_000;

/// A paper with its claims.
#[derive(Deserialize, Debug, Clone)]
#[serde(deny_unknown_fields)]
pub struct ClaimFile {
    /// citation
    pub paper: String,
    /// activations of the file's own, written as a definition file is
    #[serde(default, rename = "definition")]
    definitions: Vec<toml::Table>,
    /// the statements
    #[serde(rename = "claim")]
    pub claims: Vec<Claim>,
}

/// A claim's activation and the other one of a distance, where the catalogue does not have them.
#[derive(Debug, Clone, Default)]
pub struct Given {
    pub(super) activation: Option<Arc<Definition>>,
    pub(super) to: Option<Arc<Definition>>,
}

/// How a number is claimed.
#[derive(Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// the true value is at most `value`
    UpperBound,
    /// the true value, rounded to `decimals`, is `value`
    Smallest,
    /// the true value is exactly `value`
    Equals,
    /// the function is at least C^value (with `exactly`, and no smoother)
    Class,
    /// the true range lies inside `value`, an interval
    Within,
    /// the integral is exactly `value` (with `decimals`, to that many decimals)
    Integral,
    /// the true value is strictly below `value`
    Contraction,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::UpperBound, Self::Contraction, Self::Smallest, Self::Equals, Self::Within, Self::Class, Self::Integral];

    /// As in a file, and in reports.
    pub const fn names(self) -> [&'static str; 2] {
        match self {
            Self::UpperBound => ["upper_bound", "at most"],
            Self::Contraction => ["contraction", "less than"],
            Self::Smallest => ["smallest", "rounded to N decimals"],
            Self::Equals => ["equals", "exactly"],
            Self::Within => ["within", "within"],
            Self::Class => ["class", "at least of class"],
            Self::Integral => ["integral", "exactly"],
        }
    }
}

/// Which way a constant was rounded.
#[derive(Deserialize, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// to nearest
    #[default]
    Nearest,
    /// towards plus infinity
    Up,
}

/// A verdict as it may be declared.
#[derive(Deserialize, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "snake_case")]
pub enum Expect {
    /// the claim is true
    #[default]
    Proved,
    /// the claim is known to be false
    Refuted,
    /// it is known that this program cannot decide
    Undecided,
}

impl From<Expect> for Verdict {
    fn from(expected: Expect) -> Self {
        match expected {
            Expect::Proved => Self::Proved,
            Expect::Refuted => Self::Refuted,
            Expect::Undecided => Self::Undecided,
        }
    }
}

/// What a claim is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// a certified quantity
    Bound(Quantity),
    /// the continuity class
    Continuity,
    /// an integral
    Integral,
}

/// One statement.
#[derive(Deserialize, Debug, Clone)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// unique in its file
    pub id: String,
    /// the words of the source
    pub quote: String,
    /// where in the source
    pub source: String,
    /// the activation: a name of the catalogue, the id of a `[[definition]]` of this file, a definition file beside it
    /// (`mine.toml`), or an expression after `expr:`; not for integrals
    #[serde(default)]
    pub activation: Option<String>,
    /// parameter values; "all" means for every value of the domain
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    /// lipschitz, range, slope, curvature, distance, continuity or integral
    pub quantity: String,
    /// the other activation of a distance
    #[serde(default)]
    pub to: Option<String>,
    /// how the value is meant
    pub kind: Kind,
    /// the claimed value: an expression without x, or an interval for `within`
    pub value: String,
    /// decimals of a rounded constant
    #[serde(default)]
    pub decimals: Option<u32>,
    /// which way it was rounded [default: to nearest]
    #[serde(default)]
    pub rounding: Option<Rounding>,
    /// the point at which the supremum is said to lie
    #[serde(default)]
    pub at: Option<String>,
    /// class only: not smoother either
    #[serde(default)]
    pub exactly: bool,
    /// integral only
    #[serde(default)]
    pub integrand: Option<String>,
    /// integral only: lower limit
    #[serde(default)]
    pub from: Option<String>,
    /// integral only: upper limit
    #[serde(default)]
    pub to_point: Option<String>,
    /// the verdict that is known
    #[serde(default)]
    pub expect: Expect,
    /// why a claim with another verdict than `proved` is kept
    #[serde(default)]
    pub why: Option<String>,
    /// what `activation` and `to` stand for
    #[serde(skip)]
    pub(super) given: Given,
}

/// Why a claim file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// Not the form of a claim file.
    #[error("{file}: {message}")]
    Syntax {
        /// the file
        file: String,
        /// what the reader said, with line and column
        message: String,
    },
    /// A claim does not make sense.
    #[error("{file}, claim `{id}`: {message}")]
    Claim {
        /// the file
        file: String,
        /// the claim
        id: String,
        /// what is wrong and what to do
        message: String,
    },
}

impl ClaimFile {
    /// Reads a claim file; `name` is for messages, `read` gives the text of a definition file that the claims name.
    ///
    /// # Errors
    /// With the file, the claim and what to do. Definitions are read here, so that a wrong one is found before the work.
    pub fn parse(text: &str, name: &str, read: &dyn Fn(&str) -> Result<String, String>) -> Result<Self, ClaimError> {
        let mut file: Self = toml::from_str(text)
            .map_err(|e| ClaimError::Syntax { file: name.into(), message: hinted(e.to_string().trim_end(), text) })?;
        let mut own: Vec<Arc<Definition>> = vec![];
        for table in &file.definitions {
            let syntax = |message: String| ClaimError::Syntax { file: name.into(), message };
            let definition = Definition::from_toml(&table.to_string(), name)
                .map_err(|e| syntax(format!("a [[definition]]: {e}")))?;
            if catalog::find(&definition.id).is_ok() || own.iter().any(|d| d.id == definition.id) {
                return Err(syntax(format!("the name `{}` of a [[definition]] is taken already", definition.id)));
            }
            own.push(Arc::new(definition));
        }
        let mut seen = BTreeSet::new();
        for claim in &mut file.claims {
            let twice = !seen.insert(claim.id.clone());
            let problem = claim.problem().or_else(|| twice.then(|| "the id is used twice in this file".to_string()));
            let problem = problem.map_or_else(|| claim.resolve(&own, read), Err);
            problem.map_err(|message| ClaimError::Claim { file: name.into(), id: claim.id.clone(), message })?;
        }
        Ok(file)
    }
}

/// What is meant where the parser of TOML says something else: what is in its message, and the hint.
const SLIPS: [([&str; 2], &str); 3] = [
    (["params = \"all\"", "expected a map"], "\"all\" stands by a parameter: params = { alpha = \"all\" }"),
    (["definition", "expected a sequence"], DEFINITION),
    (["unknown field `definition`", ""], DEFINITION),
];

/// How a definition of one's own is named.
const DEFINITION: &str = "a definition file is named by the claim, activation = \"mine.toml\"; a [[definition]] of this file has the keys of such a file";

/// What the parser of TOML says, with all that is missing, what is meant where it is a usual slip, and where the form is explained.
fn hinted(message: &str, text: &str) -> String {
    let slip = SLIPS.iter().find(|(parts, _)| parts.iter().all(|part| message.contains(part)));
    let missing = missing::all(text).filter(|_| message.contains("missing field"));
    let hints = [missing, slip.map(|(_, hint)| (*hint).to_owned())].into_iter().flatten();
    hints
        .chain(["`actaudit explain claims` shows the form".to_owned()])
        .fold(message.to_owned(), |all, hint| format!("{all}\n{hint}"))
}

/// An activation with the values of its parameters, those that are not given among them: what is proved holds at these only.
fn at_values(name: &str, given: Option<&Arc<Definition>>, params: &BTreeMap<String, String>) -> String {
    let definition = given.cloned().or_else(|| catalog::find(name).ok());
    let known = definition.iter().flat_map(|d| &d.params).map(|p| (p.name.clone(), p.default.to_string()));
    let mut values: Vec<(String, String)> =
        known.map(|(name, default)| (name.clone(), params.get(&name).cloned().unwrap_or(default))).collect();
    // what it does not have is an error of the claim, which is told elsewhere
    let unknown = |name: &str| values.iter().all(|(known, _)| known != name);
    let rest: Vec<_> = params.iter().filter(|(name, _)| unknown(name)).map(|(n, v)| (n.clone(), v.clone())).collect();
    values.extend(rest);
    let fixed: Vec<String> =
        values.iter().filter(|(_, v)| v != ALL).map(|(name, value)| format!("{name}={value}")).collect();
    if fixed.is_empty() { name.to_owned() } else { format!("{name}({})", fixed.join(", ")) }
}

/// The definition that a name stands for, if it is not one of the catalogue.
fn definition(
    name: &str,
    own: &[Arc<Definition>],
    read: &dyn Fn(&str) -> Result<String, String>,
) -> Result<Option<Arc<Definition>>, String> {
    if let Some(found) = own.iter().find(|d| d.id == name) {
        return Ok(Some(Arc::clone(found)));
    }
    let parsed = match name.strip_prefix("expr:") {
        Some(text) => Definition::from_expr(text),
        None if name.ends_with(".toml") => Definition::from_toml(&read(name)?, name),
        None => return catalog::find(name).map(|_| None).map_err(|e| e.to_string()),
    };
    parsed.map(|d| Some(Arc::new(d))).map_err(|e| format!("`{name}`: {e}"))
}

/// For a fuzzer: any bytes are read or refused without a panic.
pub fn fuzz_claims(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = ClaimFile::parse(text, "claims.toml", &|_| Err("no file".into())).map_err(|e| e.to_string());
    }
}

/// What can stand in a report and in a file's name.
fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

impl Claim {
    /// What is claimed, but for the value: of which function with which parameters, and how the value is meant.
    pub fn words(&self) -> String {
        let of = match &self.activation {
            Some(name) => at_values(name, self.given.activation.as_ref(), &self.params),
            None => String::new(),
        };
        let of = match [&self.integrand, &self.from, &self.to_point].map(|part| part.as_deref().unwrap_or_default()) {
            _ if self.subject() != Some(Subject::Integral) => of,
            [integrand, from, to] if of.is_empty() => format!("{integrand} from {from} to {to}"),
            [integrand, from, to] => format!("{integrand} from {from} to {to} with the parameters of {of}"),
        };
        let free: String =
            self.params.iter().filter(|(_, v)| *v == ALL).map(|(name, _)| format!(" for every {name}")).collect();
        let none = BTreeMap::new();
        let to = self.to.as_ref().map(|to| format!(" to {}", at_values(to, self.given.to.as_ref(), &none)));
        let to = to.unwrap_or_default();
        let at = self.at.as_ref().map_or(String::new(), |at| format!(" at x = {at}"));
        let kind = match (self.kind, self.decimals, self.rounding) {
            (Kind::Class, ..) if self.exactly => "of no other class than".to_owned(),
            (Kind::Smallest | Kind::Integral, Some(n), Some(Rounding::Up)) => format!("rounded up to {n} decimals"),
            (Kind::Smallest | Kind::Integral, Some(n), _) => format!("rounded to {n} decimals"),
            (kind, ..) => kind.names()[1].to_owned(),
        };
        format!("{}{to} of {of}{free}{at}, {kind}", self.quantity)
    }

    /// What the claim is about; `None` if the quantity has no such name.
    pub fn subject(&self) -> Option<Subject> {
        match self.quantity.as_str() {
            "continuity" => Some(Subject::Continuity),
            "integral" => Some(Subject::Integral),
            name => Quantity::from_name(name).map(Subject::Bound),
        }
    }

    fn resolve(
        &mut self,
        own: &[Arc<Definition>],
        read: &dyn Fn(&str) -> Result<String, String>,
    ) -> Result<(), String> {
        let found = |name: &Option<String>| name.as_ref().map_or(Ok(None), |name| definition(name, own, read));
        self.given = Given { activation: found(&self.activation)?, to: found(&self.to)? };
        Ok(())
    }

    fn problem(&self) -> Option<String> {
        let Some(subject) = self.subject() else {
            return Some(format!("there is no quantity `{}`", self.quantity));
        };
        let fits = match (subject, self.kind) {
            (Subject::Continuity, kind) => kind == Kind::Class,
            (Subject::Integral, kind) => kind == Kind::Integral,
            (Subject::Bound(q), Kind::Within) => q.traits().2,
            (Subject::Bound(q), Kind::UpperBound | Kind::Smallest | Kind::Equals | Kind::Contraction) => !q.traits().2,
            _ => false,
        };
        if !fits {
            return Some(format!("the kind does not fit the quantity `{}`", self.quantity));
        }
        let means_nothing = |there: bool, key: &str| there.then(|| format!("the key `{key}` means nothing here"));
        let (bound, integral) = (matches!(subject, Subject::Bound(_)), subject == Subject::Integral);
        let rounded = matches!(self.kind, Kind::Smallest | Kind::Integral);
        let unread = [
            (self.at.is_some() && (!bound || self.kind == Kind::Within), "at"),
            (self.to.is_some() && self.quantity != "distance", "to"),
            (self.decimals.is_some() && !rounded, "decimals"),
            (self.rounding.is_some() && (!rounded || self.decimals.is_none()), "rounding"),
            (self.exactly && self.kind != Kind::Class, "exactly"),
            (self.integrand.is_some() && !integral, "integrand"),
            (self.from.is_some() && !integral, "from"),
            (self.to_point.is_some() && !integral, "to_point"),
            (!self.params.is_empty() && self.activation.is_none(), "params"),
            (self.why.is_some() && self.expect == Expect::Proved, "why"),
        ];
        if let Some(problem) = unread.into_iter().find_map(|(there, key)| means_nothing(there, key)) {
            return Some(problem);
        }
        if self.decimals.is_some_and(|d| d > MAX_DECIMALS) {
            return Some(format!("more than {MAX_DECIMALS} decimals"));
        }
        if self.kind == Kind::Class && self.value.trim().starts_with('-') {
            return Some("a class is 0 or more".into());
        }
        if !is_id(&self.id) {
            return Some("an id has letters, digits, `-`, `_` and `.` only".into());
        }
        let (distance, is_integral) = (self.quantity == "distance", self.quantity == "integral");
        let needed = [
            (self.kind == Kind::Smallest && self.decimals.is_none(), "decimals"),
            (distance && self.to.is_none(), "to"),
            (!is_integral && self.activation.is_none(), "activation"),
            (is_integral && self.integrand.is_none(), "integrand"),
            (is_integral && self.from.is_none(), "from"),
            (is_integral && self.to_point.is_none(), "to_point"),
        ];
        let lacks: Vec<&str> = needed.into_iter().filter(|(lacks, _)| *lacks).map(|(_, key)| key).collect();
        missing::said(&lacks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(extra: &str, message: &str) {
        let text = format!("paper = \"p\"\n[[claim]]\nid = \"a\"\nquote = \"q\"\nsource = \"s\"\n{extra}");
        let error = ClaimFile::parse(&text, "claims.toml", &|_| Err("no file".into()))
            .expect_err("must be refused")
            .to_string();
        assert!(error.contains(message), "{error}");
    }

    #[test]
    fn the_corpus_is_read() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/claims");
        for entry in std::fs::read_dir(folder).expect("a folder") {
            fuzz_claims(&std::fs::read(entry.expect("a file").path()).expect("is read"));
        }
        let text = include_str!("../../audits/claims/srelu.toml");
        for end in (0..text.len()).step_by(97).filter(|end| text.is_char_boundary(*end)) {
            fuzz_claims(&text.as_bytes()[..end]);
        }
    }

    #[test]
    fn a_file_may_hold_its_own_definitions() {
        let claim = |activation: &str| {
            format!(
                "paper = \"p\"\n[[definition]]\nid = \"mine\"\nexpr = \"a*x\"\n[[definition.param]]\nname = \"a\"\n\
                 domain = \"(0, inf)\"\ndefault = 2\n[[claim]]\nid = \"a\"\nquote = \"q\"\nsource = \"s\"\n\
                 quantity = \"lipschitz\"\nkind = \"equals\"\nvalue = \"2\"\nactivation = \"{activation}\"\n"
            )
        };
        let read = |name: &str| match name {
            "beside.toml" => Ok("id = \"other\"\nexpr = \"2*x\"".to_owned()),
            _ => Err(format!("cannot read {name}")),
        };
        for activation in ["mine", "expr:2*x", "beside.toml"] {
            let file = ClaimFile::parse(&claim(activation), "claims.toml", &read).expect("is read");
            let judged = super::super::judge(&file.claims[0]).expect("is judged");
            assert_eq!(judged.verdict, Verdict::Proved, "{activation}: {}", judged.reason);
        }
        for (activation, message) in
            [("nowhere.toml", "cannot read nowhere.toml"), ("expr:2*", "expected"), ("gleu", "did you mean gelu")]
        {
            let error = ClaimFile::parse(&claim(activation), "claims.toml", &read).expect_err("wrong").to_string();
            assert!(error.contains(message) && error.contains("claim `a`"), "{error}");
        }
        let error =
            ClaimFile::parse(&claim("mine").replace("\"mine\"", "\"gelu\""), "claims.toml", &read).expect_err("taken");
        assert!(error.to_string().contains("taken already"), "{error}");
    }

    /// Kinds are called in files as the parser has it.
    #[test]
    fn kinds_have_their_names() {
        for kind in Kind::ALL {
            let [name, _] = kind.names();
            assert_eq!(toml::Value::String(name.to_owned()).try_into(), Ok(kind));
        }
    }

    /// What is proved at default values is not said of the function for every value.
    #[test]
    fn statements_name_the_values_they_hold_at() {
        let claim = |rest: &str| {
            let text = format!(
                "paper = \"p\"\n[[claim]]\nid = \"a\"\nquote = \"q\"\nsource = \"s\"\nkind = \"upper_bound\"\nvalue = \"9\"\n{rest}"
            );
            ClaimFile::parse(&text, "claims.toml", &|_| Err("no file".into())).expect("is read").claims.remove(0)
        };
        let distance = "quantity = \"distance\"\nactivation = \"srelu\"\n";
        for (rest, words) in [
            ("to = \"relu\"", "distance to relu of srelu(alpha=1/1000), at most"),
            ("to = \"leaky_relu\"", "distance to leaky_relu(a=1/100) of srelu(alpha=1/1000), at most"),
            ("to = \"relu\"\nparams = { alpha = \"1/10\" }", "distance to relu of srelu(alpha=1/10), at most"),
            ("to = \"relu\"\nparams = { alpha = \"all\" }", "distance to relu of srelu for every alpha, at most"),
        ] {
            assert_eq!(claim(&format!("{distance}{rest}")).words(), words);
        }
        for every in ["*", "every", "ALL"] {
            let claim = claim(&format!("{distance}to = \"relu\"\nparams = {{ alpha = \"{every}\" }}"));
            let error = super::super::judge(&claim).expect_err(every);
            assert!(error.contains("params = { alpha = \"all\" }"), "{error}");
        }
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        check(
            "quantity = \"lipschitz\"\nkind = \"smallest\"\nvalue = \"1\"\nactivation = \"relu\"",
            "`decimals` is missing",
        );
        check("quantity = \"distance\"\nkind = \"equals\"\nvalue = \"1\"\nactivation = \"relu\"", "`to` is missing");
        check(
            "quantity = \"distance\"\nkind = \"smallest\"\nvalue = \"1\"",
            "the keys `decimals`, `to`, `activation` are missing",
        );
        check("quantity = \"lipschitz\"", "claim `a`: the keys `kind`, `value`, `activation` are missing");
        check("definition = \"sm.toml\"", "activation = \"mine.toml\"");
        check("quantity = \"range\"\nkind = \"equals\"\nvalue = \"1\"\nactivation = \"relu\"", "does not fit");
        check("quantity = \"lipschitz\"\nkind = \"biggest\"\nvalue = \"1\"", "unknown variant");
        check("quantity = \"lipschitz\"\nkind = \"equals\"\nvalu = \"1\"", "unknown field");
        let range = "quantity = \"range\"\nkind = \"within\"\nvalue = \"[0, 1]\"\nactivation = \"relu\"\n";
        for key in
            ["at = \"17\"", "to = \"relu\"", "decimals = 3", "exactly = true", "from = \"0\"", "rounding = \"up\""]
        {
            check(&format!("{range}{key}"), "means nothing here");
        }
        let class = "quantity = \"continuity\"\nkind = \"class\"\nactivation = \"relu\"\n";
        check(&format!("{class}value = \"0\"\nat = \"17\""), "`at` means nothing here");
        check(&format!("{class}value = \"-7\""), "a class is 0 or more");
        let digits =
            "quantity = \"lipschitz\"\nkind = \"smallest\"\nvalue = \"1\"\nactivation = \"relu\"\ndecimals = 400000000";
        check(digits, "decimals");
    }
}
