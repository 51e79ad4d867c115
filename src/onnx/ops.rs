//! The activation operators of the standard, each as a model of one node: the one table.

use super::cut::{info, opset, single};
use super::graph::element;
use super::model::{Attribute, Model, Node, Tensor, kind};
use crate::catalog;
use crate::expr::{Activation, Definition, FloatFormat, parse_rational};
use prost::bytes::Bytes;
use rug::Rational;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is said about an operator besides its name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Setting {
    /// a float attribute, with the standard's default
    Number(&'static str),
    /// a second operand that is a constant number, left out unless there is a default
    Operand(Option<&'static str>),
    /// an attribute that is one of these words, the default first
    Word(&'static [&'static str]),
}

/// Settings as given, and defaults for all others.
pub struct Settings<'a> {
    operator: &'static Operator,
    given: &'a BTreeMap<String, String>,
}

/// What an operator computes: an activation of the catalogue with its parameters, or an expression.
type Known = Option<(&'static str, Vec<(&'static str, Rational)>)>;

/// One operator.
pub struct Operator {
    /// as in the standard
    pub name: &'static str,
    /// empty for the standard itself
    pub domain: &'static str,
    /// the version of the standard that has it for all types that it ever had
    pub opset: i64,
    /// attributes and constant operands
    pub settings: &'static [(&'static str, Setting)],
    /// what it computes, if the catalogue knows it with these settings; `expr:` for an expression
    known: fn(&Settings<'_>) -> Known,
}

/// Why there is no such model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OperatorError {
    /// No such operator.
    #[error("there is no activation operator `{name}`; there are {known}", known = names())]
    Unknown {
        /// as asked for
        name: String,
    },
    /// A setting that it does not have.
    #[error("{operator} has no `{name}`; it has {known}")]
    NoSetting {
        /// the operator
        operator: &'static str,
        /// as asked for
        name: String,
        /// what it has
        known: String,
    },
    /// A value that is not understood.
    #[error("{name}={value}: expected {expected}")]
    Value {
        /// the setting
        name: String,
        /// as asked for
        value: String,
        /// what would do
        expected: String,
    },
}

use Setting::{Number, Operand, Word};

/// The version that most operators have all their types in.
const USUAL: i64 = 22;

macro_rules! operator {
    ($name:literal, $domain:literal, $opset:expr, [$($setting:expr),*], $known:expr) => {
        Operator { name: $name, domain: $domain, opset: $opset, settings: &[$($setting),*], known: $known }
    };
}

/// Every operator.
pub static OPERATORS: &[Operator] = &[
    operator!("Celu", "", USUAL, [("alpha", Number("1"))], |s| with("celu", "a", s.number("alpha"))),
    operator!("Clip", "", USUAL, [("min", Operand(None)), ("max", Operand(None))], clip),
    operator!("Elu", "", USUAL, [("alpha", Number("1"))], |s| with("elu", "a", s.number("alpha"))),
    operator!("Erf", "", USUAL, [], |_| plain("expr:erf(x)")),
    operator!("Exp", "", USUAL, [], |_| plain("exp")),
    operator!("Gelu", "", USUAL, [("approximate", Word(&["none", "tanh"]))], |s| match s.word("approximate") {
        "tanh" => plain("gelu_tanh"),
        _ => plain("gelu"),
    }),
    operator!("HardSigmoid", "", USUAL, [("alpha", Number("0.2")), ("beta", Number("0.5"))], hard_sigmoid),
    operator!("HardSwish", "", USUAL, [], |_| plain("hardswish")),
    operator!("LeakyRelu", "", USUAL, [("alpha", Number("0.01"))], |s| with("leaky_relu", "a", s.number("alpha"))),
    operator!("Mish", "", USUAL, [], |_| plain("mish")),
    operator!("PRelu", "", USUAL, [("slope", Operand(Some("0.25")))], |s| with("prelu", "a", s.number("slope"))),
    operator!("Relu", "", USUAL, [], |_| plain("relu")),
    operator!("Selu", "", USUAL, [("alpha", Number("1.6732632")), ("gamma", Number("1.050701"))], |s| {
        let defaults = s.given.is_empty();
        if defaults { plain("selu") } else { None }
    }),
    operator!("Shrink", "", USUAL, [("lambd", Number("0.5")), ("bias", Number("0"))], shrink),
    operator!("Sigmoid", "", USUAL, [], |_| plain("sigmoid")),
    operator!("Softplus", "", USUAL, [], |_| plain("softplus")),
    operator!("Softsign", "", USUAL, [], |_| plain("softsign")),
    operator!("Swish", "", 24, [("alpha", Number("1"))], |s| with("swish", "b", s.number("alpha"))),
    operator!("Tanh", "", USUAL, [], |_| plain("tanh")),
    operator!("ThresholdedRelu", "", USUAL, [("alpha", Number("1"))], |s| with("threshold", "t", s.number("alpha"))),
    operator!("com.microsoft.Gelu", "com.microsoft", USUAL, [], |_| plain("gelu")),
    operator!("com.microsoft.FastGelu", "com.microsoft", USUAL, [], |_| plain("gelu_tanh")),
    operator!("com.microsoft.QuickGelu", "com.microsoft", USUAL, [("alpha", Number("1.702"))], |s| {
        with("swish", "b", s.number("alpha"))
    }),
];

fn plain(id: &'static str) -> Known {
    Some((id, vec![]))
}

fn with(id: &'static str, param: &'static str, value: Option<Rational>) -> Known {
    Some((id, vec![(param, value?)]))
}

fn clip(s: &Settings<'_>) -> Known {
    let bound = |name| s.number(name).map(|q| q.to_string());
    match (bound("min").as_deref(), bound("max").as_deref()) {
        (None, None) => plain("identity"),
        (Some("0"), None) => plain("relu"),
        (Some("0"), Some("6")) => plain("relu6"),
        (Some("-1"), Some("1")) => plain("hardtanh"),
        _ => None,
    }
}

fn hard_sigmoid(s: &Settings<'_>) -> Known {
    let (alpha, beta) = (s.number("alpha")?, s.number("beta")?);
    match (alpha.to_string().as_str(), beta.to_string().as_str()) {
        ("1/5", "1/2") => plain("hardsigmoid_keras"),
        ("1/6", "1/2") => plain("hardsigmoid"),
        ("1/2", "1/2") => plain("sparse_sigmoid"),
        _ => None,
    }
}

fn shrink(s: &Settings<'_>) -> Known {
    let (lambda, bias) = (s.number("lambd")?, s.number("bias")?);
    match () {
        () if bias == 0 => with("hardshrink", "l", Some(lambda)),
        () if bias == lambda => with("softshrink", "l", Some(lambda)),
        () => None,
    }
}

fn names() -> String {
    OPERATORS.iter().map(|o| o.name).collect::<Vec<_>>().join(", ")
}

/// The operator of this name; case matters as little as it does to people.
///
/// # Errors
/// If there is none; the message lists all.
pub fn find(name: &str) -> Result<&'static Operator, OperatorError> {
    let found = OPERATORS.iter().find(|o| o.name.eq_ignore_ascii_case(name));
    found.ok_or_else(|| OperatorError::Unknown { name: name.to_owned() })
}

impl Settings<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        let default = || {
            let setting = self.operator.settings.iter().find(|(known, _)| *known == name);
            setting.and_then(|(_, setting)| match setting {
                Number(default) => Some(*default),
                Operand(default) => *default,
                Word(words) => words.first().copied(),
            })
        };
        self.given.get(name).map(String::as_str).or_else(default)
    }

    fn number(&self, name: &str) -> Option<Rational> {
        parse_rational(self.text(name)?).ok()
    }

    fn word(&self, name: &str) -> &str {
        self.text(name).unwrap_or_default()
    }
}

impl Operator {
    /// The activation that it computes with these settings, if the catalogue or an expression says it.
    pub fn activation(&'static self, given: &BTreeMap<String, String>) -> Option<Activation> {
        let (id, params) = (self.known)(&Settings { operator: self, given })?;
        let definition = match id.strip_prefix("expr:") {
            Some(text) => Arc::new(Definition::from_expr(text).ok()?),
            None => catalog::find(id).ok()?,
        };
        let values = params.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Activation::new(definition, &values).ok()
    }

    /// The file of a model of one node, for elements of this format.
    ///
    /// # Errors
    /// If the operator lacks one of the settings, or a value is no number that the format holds or none of the words.
    pub fn model(
        &'static self,
        given: &BTreeMap<String, String>,
        version: Option<i64>,
        format: FloatFormat,
    ) -> Result<Vec<u8>, OperatorError> {
        if let Some(name) = given.keys().find(|name| !self.settings.iter().any(|(known, _)| known == name)) {
            let known = self.settings.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
            let known = if known.is_empty() { "none".to_owned() } else { known };
            return Err(OperatorError::NoSetting { operator: self.name, name: name.clone(), known });
        }
        let settings = Settings { operator: self, given };
        let (mut attributes, mut inputs, mut initializers) = (vec![], vec!["x".to_owned()], vec![]);
        for (name, setting) in self.settings {
            let wrong = |expected: String| OperatorError::Value {
                name: (*name).to_owned(),
                value: settings.word(name).to_owned(),
                expected,
            };
            let number = |format: FloatFormat| match settings.text(name) {
                None => Ok(None),
                Some(_) => {
                    let value = settings.number(name).ok_or_else(|| wrong("a number".into()))?;
                    let nearest = format.nearest(&value);
                    nearest.map(Some).ok_or_else(|| wrong(format!("a number that {} can hold", format.name())))
                }
            };
            match setting {
                Number(_) => attributes.extend(number(FloatFormat::F32)?.map(|value| Attribute {
                    float: Some(value.to_f32()),
                    kind: Some(kind::FLOAT),
                    ..attribute(name)
                })),
                Word(words) => {
                    let word = settings.word(name);
                    if !words.contains(&word) {
                        return Err(wrong(format!("one of {}", words.join(", "))));
                    }
                    let text = Some(Bytes::copy_from_slice(word.as_bytes()));
                    attributes.push(Attribute { text, kind: Some(kind::TEXT), ..attribute(name) });
                }
                Operand(_) => match number(format)? {
                    Some(value) => {
                        inputs.push((*name).to_owned());
                        initializers.push(scalar(name, &value, format));
                    }
                    None => inputs.push(String::new()),
                },
            }
        }
        while inputs.last().is_some_and(String::is_empty) {
            inputs.pop();
        }
        let name = self.name.rsplit('.').next().unwrap_or(self.name);
        let node = Node {
            inputs,
            outputs: vec!["y".into()],
            name: Some(name.into()),
            op: Some(name.into()),
            attributes,
            domain: (!self.domain.is_empty()).then(|| self.domain.into()),
        };
        let element = element(format);
        let graph = single(info("x", element, 1), info("y", element, 1));
        let mut opsets = vec![opset("", version.unwrap_or(self.opset))];
        if !self.domain.is_empty() {
            opsets.push(opset(self.domain, 1));
        }
        let graph = super::model::Graph { nodes: vec![node], initializers, ..graph };
        Ok(Model { ir_version: Some(IR_VERSION), opsets, graph: Some(graph), ..Model::default() }.write())
    }
}

/// The version of the file format.
const IR_VERSION: i64 = 10;

fn attribute(name: &str) -> Attribute {
    Attribute { name: Some(name.to_owned()), ..Attribute::default() }
}

/// A constant; the value is one of the format.
fn scalar(name: &str, value: &Rational, format: FloatFormat) -> Tensor {
    let bits = format.encode(value.to_f64());
    let bytes = bits.to_le_bytes();
    let raw = Bytes::copy_from_slice(&bytes[..format.width() as usize / 8]);
    Tensor { element: Some(element(format)), name: Some(name.to_owned()), raw: Some(raw), ..Tensor::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::find::whole;
    use crate::onnx::graph::scopes;
    use crate::onnx::naming;

    fn given(text: &str) -> BTreeMap<String, String> {
        let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// The expression of an operator and what the table says of it come from different places: they must be one function.
    #[test]
    fn operators_are_the_activations_of_the_table() {
        let mut seen = 0;
        for operator in OPERATORS {
            for format in FloatFormat::ALL {
                let settings = if operator.name == "Clip" { given("min=0,max=6") } else { BTreeMap::new() };
                let model = operator.model(&settings, None, format).expect("defaults");
                let model = Model::read(model).expect("a model");
                let scope = &scopes(&model)[0];
                let part = whole(scope).expect("one function");
                let known = operator.activation(&settings).expect("known");
                let distance = naming::distance(&part.formula, &known).expect("a bound");
                assert!(distance.upper < 1e-4, "{} {format:?}: {distance:?}", operator.name);
                seen += 1;
            }
        }
        assert!(seen > 70, "{seen}");
    }

    /// What a model says is the float nearest to the standard's decimal: what a compiler makes of it, and `f32::from_str`.
    #[test]
    fn constants_are_rounded_to_nearest() {
        let mut seen = 0;
        for operator in OPERATORS {
            let model = operator.model(&BTreeMap::new(), None, FloatFormat::F32).expect("defaults");
            let graph = Model::read(model).expect("a model").graph.expect("a graph");
            for (name, setting) in operator.settings {
                let found = match setting {
                    Number(_) => {
                        graph.nodes[0].attributes.iter().find(|a| a.name.as_deref() == Some(name)).and_then(|a| a.float)
                    }
                    Operand(Some(_)) => {
                        let tensor = graph.initializers.iter().find(|t| t.name.as_deref() == Some(name));
                        let raw = tensor.and_then(|t| t.raw.as_ref()).and_then(|raw| raw.as_ref().try_into().ok());
                        raw.map(f32::from_le_bytes)
                    }
                    _ => continue,
                };
                let (Number(text) | Operand(Some(text))) = setting else { unreachable!("no other has a number") };
                assert_eq!(found, text.parse().ok(), "{} {name}", operator.name);
                seen += 1;
            }
        }
        assert!(seen > 10, "{seen}");
        let clip =
            find("clip").expect("an operator").model(&given("min=0.1"), None, FloatFormat::F16).expect("a model");
        let graph = Model::read(clip).expect("a model").graph.expect("a graph");
        assert_eq!(graph.initializers[0].raw.as_deref(), Some([0x66, 0x2e].as_slice()), "0.1 lies below the middle");
    }

    #[test]
    fn settings_are_checked() {
        let elu = find("elu").expect("case does not matter");
        let error =
            |text: &str| elu.model(&given(text), None, FloatFormat::F32).map(|_| ()).expect_err(text).to_string();
        assert_eq!(error("beta=1"), "Elu has no `beta`; it has alpha");
        assert_eq!(error("alpha=x"), "alpha=x: expected a number");
        assert_eq!(error("alpha=1e39"), "alpha=1e39: expected a number that f32 can hold");
        let label = |name: &str, text: &str| {
            let known = find(name).expect("an operator").activation(&given(text));
            known.map(|activation| activation.label())
        };
        assert_eq!(label("Shrink", "lambd=1,bias=1").as_deref(), Some("softshrink(l=1)"));
        assert_eq!(label("HardSigmoid", "alpha=1/6").as_deref(), Some("hardsigmoid"));
        assert_eq!(label("HardSigmoid", "alpha=1/7"), None);
        assert_eq!(label("Selu", "alpha=2"), None);
        assert_eq!(label("ThresholdedRelu", "alpha=2").as_deref(), Some("threshold(t=2, v=0)"));
    }
}
