//! `actaudit.toml`: what a repository promises about its kernels.

use crate::audit::process;
use crate::audit::{Effort, Options};
use crate::catalog;
use crate::check::{self, Policy, Tolerance};
use crate::expr::{Activation, Definition, FloatFormat, parse_rational};
use crate::kernels::Pass;
use crate::prove::Domain;
use chrono::NaiveDate;
use rug::Rational;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use toml::Spanned;
use toml::value::Datetime;

/// Why a file is no configuration of a gate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Not TOML, or not of this form.
    #[error("{file}: {message}")]
    Syntax {
        /// the file
        file: String,
        /// what the parser says, with the place
        message: String,
    },
    /// An entry that cannot be.
    #[error("{file}:{line}: {message}\n{0:1$} |\n{line} | {text}\n{0:1$} | {2}", "", line.to_string().len(), "^".repeat(text.chars().count()))]
    Entry {
        /// the file
        file: String,
        /// where the entry begins, from 1
        line: usize,
        /// what is wrong with it
        message: String,
        /// the line
        text: String,
    },
}

/// What a repository promises about its kernels; paths start from the folder of this file.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "actaudit.toml")]
struct File {
    /// where the schema of this file is
    #[serde(rename = "$schema")]
    _schema: Option<String>,
    /// where accepted figures are [default: golden/actaudit.json]
    baseline: Option<PathBuf>,
    /// code, and what it is held against
    #[serde(default)]
    #[schemars(with = "Vec<AuditEntry>")]
    audit: Vec<Spanned<AuditEntry>>,
    /// failures that are known
    #[serde(default)]
    #[schemars(with = "Vec<ExpectedEntry>")]
    expected: Vec<Spanned<ExpectedEntry>>,
    /// statements about activations
    #[serde(default)]
    #[schemars(with = "Vec<ClaimsEntry>")]
    claims: Vec<Spanned<ClaimsEntry>>,
}

/// One text or several.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum Texts {
    One(String),
    Many(Vec<String>),
}

impl Texts {
    fn list(&self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text.clone()],
            Self::Many(texts) => texts.clone(),
        }
    }
}

/// A number as text ("1/5", "0.2"), or a whole one.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum Number {
    Text(String),
    Whole(i64),
    /// refused, with a reason: it is not the number that was written
    #[schemars(skip)]
    Float(f64),
}

/// Code, and what it is held against: one of activation, definition and expr.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AuditEntry {
    /// an activation of the catalogue, several, or all
    activation: Option<Texts>,
    /// a file that defines one
    definition: Option<PathBuf>,
    /// an expression in x
    expr: Option<String>,
    /// values of parameters
    #[serde(default)]
    params: BTreeMap<String, Number>,
    /// the code, or several, as for verify --impl; {} stands for the activation
    subject: Texts,
    /// formats that the code must have; all that it has, if left out
    #[serde(default, deserialize_with = "some")]
    #[schemars(schema_with = "formats")]
    dtype: Vec<String>,
    /// directions that the code must have
    #[serde(default, deserialize_with = "some")]
    #[schemars(schema_with = "passes")]
    pass: Vec<String>,
    /// only inputs in this part of the line: LO..HI
    domain: Option<String>,
    /// how many inputs are looked at [default: standard]
    #[schemars(extend("enum" = EFFORTS.map(Effort::name)))]
    effort: Option<String>,
    /// checks; all, if left out
    #[serde(default, deserialize_with = "some")]
    #[schemars(schema_with = "checks")]
    check: Vec<String>,
    /// the largest error that is allowed
    #[schemars(range(min = 0))]
    max_ulp: Option<f64>,
    /// instead of max_ulp: |output - f| <= absolute + relative |f|
    #[schemars(range(min = 0))]
    absolute: Option<f64>,
    /// with absolute
    #[schemars(range(min = 0))]
    relative: Option<f64>,
    /// whether nothing may be worse than the accepted figures, instead of a budget
    #[serde(default)]
    baseline: bool,
    /// what is not held against the code
    #[serde(default)]
    #[schemars(schema_with = "words")]
    declare: Vec<String>,
}

/// A failure that is known.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ExpectedEntry {
    /// which results: activation/subject/dtype/pass/check, with * for any text
    #[schemars(length(min = 1))]
    id: String,
    /// why it is borne
    #[schemars(length(min = 1))]
    reason: String,
    /// the last day on which it is
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    expires: Option<Datetime>,
    /// what it is if it gets worse than its accepted figure [default: warning; failure in an audit with baseline = true]
    #[schemars(extend("enum" = WORSE.map(|(name, _)| name)))]
    worse: Option<String>,
}

/// A list that names something: one that names nothing could be meant as none or as all.
fn some<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let list = Vec::deserialize(from)?;
    match list.is_empty() {
        true => Err(serde::de::Error::custom("an empty list: leave the key out to mean all")),
        false => Ok(list),
    }
}

/// Statements about activations.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ClaimsEntry {
    /// the file, as for actaudit claims
    file: PathBuf,
}

/// What a known failure that gets worse can be.
const WORSE: [(&str, WhenWorse); 2] = [("warning", WhenWorse::Warning), ("failure", WhenWorse::Failure)];

/// Every effort.
const EFFORTS: [Effort; 3] = [Effort::Quick, Effort::Standard, Effort::Exhaustive];

/// A list of some of these names, of so many at least.
fn some_of<'a>(least: usize, names: impl IntoIterator<Item = &'a str>) -> Schema {
    let names: Vec<&str> = names.into_iter().collect();
    json_schema!({"type": "array", "minItems": least, "items": {"type": "string", "enum": names}})
}

fn formats(_: &mut SchemaGenerator) -> Schema {
    some_of(1, FloatFormat::ALL.map(FloatFormat::name))
}

fn passes(_: &mut SchemaGenerator) -> Schema {
    some_of(1, Pass::KNOWN.map(Pass::name))
}

fn checks(_: &mut SchemaGenerator) -> Schema {
    some_of(1, check::all().chain([&process::INFO]).map(|info| info.id))
}

fn words(_: &mut SchemaGenerator) -> Schema {
    let one_kink = "^subgradient=(left|right)@.+$";
    let word = json_schema!({"anyOf": [{"enum": Policy::WORDS}, {"pattern": one_kink}]});
    json_schema!({"type": "array", "items": {"type": "string", "anyOf": word.get("anyOf")}})
}

/// The JSON Schema of the file, for editors.
pub fn schema() -> String {
    serde_json::to_string_pretty(&schemars::schema_for!(File)).unwrap_or_default() + "\n"
}

/// One subject that is audited against one activation.
#[derive(Clone, Debug)]
pub struct Asked {
    /// where the entry begins, from 1
    pub line: usize,
    /// what it is held against
    pub activation: Activation,
    /// as for `--impl`
    pub subject: String,
    /// formats and passes that were named: those the code must have
    pub named: (Vec<FloatFormat>, Vec<Pass>),
    /// what is looked at, and what is allowed
    pub options: Options,
    /// whether the accepted figures are the budget
    pub baseline: bool,
}

impl Asked {
    /// What its results are known by: the activation with its parameters, or the file or expression that defines it.
    pub fn label(&self) -> String {
        match &self.activation.spelled {
            Some([_, text]) if self.activation.values.is_empty() => text.clone(),
            Some([_, text]) => {
                let values = self.activation.values.iter().map(|(name, value)| format!("{name}={value}"));
                format!("{text}({})", values.collect::<Vec<_>>().join(","))
            }
            None => self.activation.label(),
        }
    }

    /// Whether both would give a result of the same id.
    fn overlaps(&self, other: &Self) -> bool {
        fn meet<T: PartialEq>(a: &[T], b: &[T]) -> bool {
            a.iter().any(|one| b.contains(one))
        }
        // whatever the checks: each has its row on what the code does to its process
        let (a, b) = (&self.options, &other.options);
        let same = (self.label(), &self.subject) == (other.label(), &other.subject);
        same && meet(&a.dtypes, &b.dtypes) && meet(&a.passes, &b.passes)
    }
}

/// A failure that is known.
#[derive(Clone, Debug)]
pub struct Expected {
    /// where the entry begins, from 1
    pub line: usize,
    /// which results: `activation/subject/dtype/pass/check`, with `*` for any text
    pub id: String,
    /// why it is borne
    pub reason: String,
    /// the last day on which it is
    pub expires: Option<NaiveDate>,
    /// what it is if it gets worse than its accepted figure, if the entry says so
    pub worse: Option<WhenWorse>,
}

/// What a known failure is that got worse than its accepted figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenWorse {
    /// borne, with a warning
    Warning,
    /// a failure like any other
    Failure,
}

/// All that the file asks for.
#[derive(Clone, Debug)]
pub struct Config {
    /// the file, for messages
    pub file: String,
    /// where accepted figures are
    pub baseline: PathBuf,
    /// what is audited, in the order of the file
    pub audits: Vec<Asked>,
    /// failures that are known
    pub expected: Vec<Expected>,
    /// files of claims, each with its line
    pub claims: Vec<(usize, PathBuf)>,
}

/// Where accepted figures are unless the file says otherwise.
const BASELINE: &str = "golden/actaudit.json";

impl Config {
    /// Reads a file. `name` is for messages; what definition files hold comes from `read`.
    ///
    /// # Errors
    /// If it is not TOML, has unknown keys, or an entry that cannot be: with its line.
    pub fn read(text: &str, name: &str, read: &dyn Fn(&Path) -> Result<String, String>) -> Result<Self, ConfigError> {
        let file: File = toml::from_str(text)
            .map_err(|e| ConfigError::Syntax { file: name.into(), message: e.to_string().trim_end().to_owned() })?;
        let line = |at: usize| text[..at.min(text.len())].matches('\n').count() + 1;
        let wrong = |at: usize, message: String| {
            let line = line(at);
            let text = text.lines().nth(line - 1).unwrap_or_default().to_owned();
            ConfigError::Entry { file: name.into(), line, message, text }
        };
        let mut config = Self {
            file: name.into(),
            baseline: file.baseline.unwrap_or_else(|| BASELINE.into()),
            audits: vec![],
            expected: vec![],
            claims: vec![],
        };
        for entry in file.audit {
            let at = entry.span().start;
            for asked in entry.into_inner().asked(line(at), read).map_err(|message| wrong(at, message))? {
                if let Some(other) = config.audits.iter().find(|other| other.overlaps(&asked)) {
                    let message = format!(
                        "{} is audited against {} by the entry in line {} already: let them differ in dtype or pass",
                        asked.subject,
                        asked.label(),
                        other.line
                    );
                    return Err(wrong(at, message));
                }
                config.audits.push(asked);
            }
        }
        for entry in file.expected {
            let at = entry.span().start;
            config.expected.push(entry.into_inner().expected(line(at)).map_err(|message| wrong(at, message))?);
        }
        config.claims.extend(file.claims.into_iter().map(|c| (line(c.span().start), c.into_inner().file)));
        if config.audits.is_empty() && config.claims.is_empty() {
            return Err(wrong(0, "there is nothing to do: write an [[audit]] or [[claims]]".into()));
        }
        Ok(config)
    }
}

/// The members of a list by their names.
fn named<T: Copy>(key: &str, texts: &[String], all: &[(&str, T)]) -> Result<Vec<T>, String> {
    let one = |text: &String| {
        let found = all.iter().find(|(name, _)| name == text).map(|(_, value)| *value);
        let known = || all.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        found.ok_or_else(|| format!("{key} `{text}`: expected some of {}", known()))
    };
    texts.iter().map(one).collect()
}

impl AuditEntry {
    fn asked(self, line: usize, read: &dyn Fn(&Path) -> Result<String, String>) -> Result<Vec<Asked>, String> {
        let activations = self.activations(read)?;
        let dtypes = named("dtype", &self.dtype, &FloatFormat::ALL.map(|f| (f.name(), f)))?;
        let passes = named("pass", &self.pass, &Pass::KNOWN.map(|p| (p.name(), p)))?;
        let efforts = EFFORTS.map(|e| (e.name(), e));
        let effort = named("effort", self.effort.as_slice(), &efforts)?.pop().unwrap_or_default();
        let mut options = Options { effort, checks: self.check, max_ulp: self.max_ulp, ..Options::default() };
        if self.absolute.is_some() || self.relative.is_some() {
            let (absolute, relative) = (self.absolute.unwrap_or(0.0), self.relative.unwrap_or(0.0));
            options.tolerance = Some(Tolerance { absolute, relative });
        }
        if let Some(text) = &self.domain {
            options.domain = Domain::parse(text).map_err(|e| format!("domain {e}"))?;
        }
        options.sound()?;
        if [self.max_ulp.is_some(), options.tolerance.is_some(), self.baseline].iter().filter(|b| **b).count() > 1 {
            return Err("budgets contradict: give max_ulp, or absolute and relative, or baseline = true".into());
        }
        for word in &self.declare {
            options.policy = options.policy.declare(word).ok_or_else(|| Policy::misspelt(word))?;
        }
        if !dtypes.is_empty() {
            options.dtypes.clone_from(&dtypes);
        }
        if !passes.is_empty() {
            options.passes.clone_from(&passes);
        }
        let subjects = self.subject.list();
        if subjects.is_empty() {
            return Err("no subject is named".into());
        }
        let asked = |activation: &Activation, subject: &String| Asked {
            line,
            activation: activation.clone(),
            subject: subject.replace("{}", &activation.definition.id),
            named: (dtypes.clone(), passes.clone()),
            options: options.clone(),
            baseline: self.baseline,
        };
        let of = |activation| subjects.iter().map(move |subject| asked(activation, subject));
        Ok(activations.iter().flat_map(of).collect())
    }

    /// What the code is held against: one activation, several of the catalogue, or all of it.
    fn activations(&self, read: &dyn Fn(&Path) -> Result<String, String>) -> Result<Vec<Activation>, String> {
        let number = |(name, value): (&String, &Number)| {
            let value = match value {
                Number::Text(text) => parse_rational(text).map_err(|e| format!("params.{name}: {e}"))?,
                Number::Whole(value) => Rational::from(*value),
                Number::Float(value) => return Err(format!("params.{name}: write {value} as text: \"{value}\"")),
            };
            Ok((name.clone(), value))
        };
        let values: BTreeMap<String, Rational> = self.params.iter().map(number).collect::<Result<_, String>>()?;
        let make = |definition: Arc<Definition>| Activation::new(definition, &values).map_err(|e| e.to_string());
        let spelled = |option: &str, text: String| Some([option.to_owned(), text]);
        match (&self.activation, &self.definition, &self.expr) {
            (Some(ids), None, None) => {
                let ids = ids.list();
                if ids == ["all"] {
                    return catalog::all().iter().map(|definition| make(Arc::clone(definition))).collect();
                }
                if ids.is_empty() {
                    return Err("no activation is named".into());
                }
                ids.iter().map(|id| make(catalog::find(id).map_err(|e| e.to_string())?)).collect()
            }
            (None, Some(path), None) => {
                let name = path.display().to_string();
                let definition = Definition::from_toml(&read(path)?, &name).map_err(|e| e.to_string())?;
                Ok(vec![Activation { spelled: spelled("definition", name), ..make(Arc::new(definition))? }])
            }
            (None, None, Some(text)) => {
                let definition = Definition::from_expr_with(text, &values).map_err(|e| e.to_string())?;
                Ok(vec![Activation { spelled: spelled("expr", text.clone()), ..make(Arc::new(definition))? }])
            }
            _ => Err("say what the code should compute: one of activation, definition and expr".into()),
        }
    }
}

impl ExpectedEntry {
    fn expected(self, line: usize) -> Result<Expected, String> {
        if self.reason.trim().is_empty() {
            return Err("say in `reason` why this failure is borne".into());
        }
        if self.id.is_empty() {
            return Err("say in `id` which results are meant: activation/subject/dtype/pass/check".into());
        }
        let date = |d: Datetime| {
            let date = d.date.filter(|_| d.time.is_none());
            let date = date.and_then(|d| NaiveDate::from_ymd_opt(d.year.into(), d.month.into(), d.day.into()));
            date.ok_or("expires: expected a day, such as 2027-01-31")
        };
        let worse = named("worse", self.worse.as_slice(), &WORSE)?.pop();
        let expires = self.expires.map(date).transpose()?;
        Ok(Expected { line, id: self.id, reason: self.reason, expires, worse })
    }
}

impl Expected {
    /// Whether its day is over.
    pub fn is_over(&self, today: NaiveDate) -> bool {
        self.expires.is_some_and(|day| day < today)
    }

    /// Whether it is about whatever fits, and not about one result by its name.
    pub fn is_pattern(&self) -> bool {
        self.id.contains('*')
    }

    /// Whether it is about the result of this id.
    pub fn matches(&self, id: &str) -> bool {
        fits(&self.id, id)
    }
}

/// Whether a text fits a pattern in which `*` stands for any text.
pub fn fits(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        // the first place leaves most to what comes
        let Some(at) = text.find(part) else { return false };
        text = &text[at + part.len()..];
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, String> {
        Config::read(text, "actaudit.toml", &|_| Err("no file".into())).map_err(|e| e.to_string())
    }

    #[test]
    fn a_file_is_read() {
        let text = r#"
baseline = "golden/own.json"

[[audit]]
activation = "leaky_relu"
params = { a = "1/5" }
subject = ["native", "native:naive"]
dtype = ["f16", "f32"]
effort = "quick"
max_ulp = 2

[[audit]]
expr = "x*sigmoid(b*x)"
params = { b = 2 }
subject = "lib:./a.so:f"
baseline = true

[[expected]]
id = "leaky_relu/native*/f16/*"
reason = "see 12"
expires = 2027-01-31

[[claims]]
file = "claims.toml"
"#;
        let config = read(text).expect("a configuration");
        let subjects: Vec<(usize, &str)> = config.audits.iter().map(|a| (a.line, a.subject.as_str())).collect();
        assert_eq!(subjects, [(4, "native"), (4, "native:naive"), (12, "lib:./a.so:f")]);
        assert_eq!(config.audits[0].options.max_ulp, Some(2.0));
        assert_eq!(config.audits[0].activation.label(), "leaky_relu(a=1/5)");
        let all = read("[[audit]]\nactivation = \"all\"\nsubject = \"torch:{}\"\n").expect("a configuration");
        assert_eq!(all.audits.len(), catalog::all().len());
        assert!(all.audits.iter().any(|a| a.subject == "torch:gelu"));
        assert!(config.audits[2].baseline && config.audits[2].named.0.is_empty());
        assert!(config.expected[0].matches("leaky_relu/native:naive/f16/forward/ulp"));
        assert_eq!(config.claims, [(23, PathBuf::from("claims.toml"))]);
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_line() {
        let audit = |rest: &str| format!("# first\n[[audit]]\nactivation = \"relu\"\nsubject = \"native\"\n{rest}\n");
        for (text, part) in [
            (String::new(), "there is nothing to do"),
            (audit("colour = 1"), "unknown field `colour`"),
            (audit("dtype = [\"f8\"]"), "actaudit.toml:2: dtype `f8`: expected some of f64, f32, f16, bf16"),
            (audit("check = []"), "an empty list: leave the key out to mean all"),
            (audit("dtype = []"), "an empty list"),
            (audit("check = [\"ulps\"]"), ":2: check `ulps`: expected some of ulp, "),
            (audit("max_ulp = -1"), ":2: a budget is a number that is not negative"),
            (audit("max_ulp = 1\nbaseline = true"), ":2: budgets contradict"),
            (audit("") + &audit(""), ":7: native is audited against relu by the entry in line 2 already"),
            (audit("params = { a = 0.2 }"), ":2: params.a: write 0.2 as text"),
            (audit("expr = \"x\""), ":2: say what the code should compute"),
            (audit("params = { a = \"x\" }"), ":2: params.a: "),
            (audit("params = { a = \"1\" }"), ":2: "),
            (audit("declare = [\"nothing\"]"), ":2: declare `nothing`: expected some of"),
            (audit("[[expected]]\nid = \"*\"\nreason = \" \""), ":5: say in `reason`"),
            (audit("[[expected]]\nid = \"*\"\nreason = \"x\"\nexpires = 07:32:00"), ":5: expires: expected a day"),
            (
                audit("[[expected]]\nid = \"*\"\nreason = \"x\"\nworse = \"no\""),
                ":5: worse `no`: expected some of warning, failure",
            ),
            ("[[audit]]\nactivation = \"rleu\"\nsubject = \"native\"".into(), ":1: "),
            ("[[audit]]\ndefinition = \"a.toml\"\nsubject = \"native\"".into(), ":1: no file"),
        ] {
            let error = read(&text).expect_err(&text);
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn stars_stand_for_any_text() {
        for (pattern, text, expected) in [
            ("a/b", "a/b", true),
            ("a/b", "a/bc", false),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*c", "abd", false),
            ("*b*", "abc", true),
            ("a*b*c", "a/b/b/c", true),
            ("a*a", "a", false),
            ("*", "", true),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }
}
