//! Implementations under test.

pub(crate) mod dead;
mod fence;
pub mod incident;
pub(crate) mod isolate;
pub(crate) mod library;
mod near;
pub(crate) mod onnx;
mod options;
pub(crate) mod python;
pub(crate) mod table;
pub(crate) mod torch;
pub(crate) mod worker;

use crate::defects;
use crate::expr::{Activation, FloatFormat};
use crate::kernels::{self, ACCURATE, Call, Kernel, Pass};
pub use fence::{Array, Edge, Fence};
use incident::Answered;
pub use isolate::use_worker;
pub(crate) use near::spelled;
use rug::Rational;

/// Why a subject gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubjectError {
    /// There is no such code.
    #[error("there is no native kernel `{variant}` of {activation}: there are {known}")]
    NoKernel {
        /// catalogue id
        activation: String,
        /// as asked for
        variant: String,
        /// what there is
        known: String,
    },
    /// The text names no kind of subject.
    #[error("there is no subject `{0}`: expected one of {usage}", usage = usage())]
    Unknown(String),
    /// The text names no kind of subject, and what is meant can be told.
    #[error("there is no subject `{subject}`: {hint}")]
    Near {
        /// as asked for
        subject: String,
        /// what to write instead
        hint: String,
    },
    /// The kind of subject is known, what stands behind it is not understood.
    #[error("`{subject}`: {message}")]
    Malformed {
        /// as asked for
        subject: String,
        /// what was expected
        message: String,
    },
    /// What was asked for exists, but not here: a library, a device, an operation.
    #[error("{0}")]
    NotThere(String),
    /// It does not have the format or direction that was asked for.
    #[error("{subject} has no {asked}: it has {has}")]
    Lacks {
        /// the subject's name
        subject: String,
        /// format and direction
        asked: String,
        /// what there is
        has: String,
    },
    /// It ended its process, or hung, while it was loaded.
    #[error("{subject} failed: while loading: {message}")]
    Died {
        /// the subject's name
        subject: String,
        /// how
        kind: incident::Kind,
        /// in words
        message: String,
    },
    /// It failed while it ran.
    #[error("{subject} failed: {message}")]
    Failed {
        /// the subject's name
        subject: String,
        /// what it said
        message: String,
    },
}

impl SubjectError {
    /// Whether the text that names the subject is wrong, rather than what it names missing.
    #[must_use]
    pub const fn is_misunderstood(&self) -> bool {
        matches!(self, Self::Unknown(_) | Self::Near { .. } | Self::Malformed { .. })
    }
}

/// Code under test: maps slices, one output for each input, in f64, f32, f16 or bf16.
///
/// An answer is a value, an interval, or the reason why there is none. The usual one is a slice of values, as [`Subject::run`] writes
/// it: NaN, infinities and the sign of 0 are values like others. Code of which more or less is known implements [`Subject::answer`].
pub trait Subject: Sync {
    /// As on the command line.
    fn name(&self) -> String;

    /// Whether it has this pass in this format.
    fn supports(&self, format: FloatFormat, pass: Pass) -> bool;

    /// Why it does not support a format.
    fn lacks(&self, _: FloatFormat) -> &'static str {
        incident::NOT_THERE
    }

    /// What the code declares about itself in this format, in the words of [`crate::check::Policy`].
    fn declares(&self, _: FloatFormat) -> &[String] {
        &[]
    }

    /// Writes an output for every input. Both slices have the same length.
    ///
    /// # Errors
    /// If an input has no answer, or none that is a single value. What was written until then means nothing.
    fn run(&self, pass: Pass, call: Call<'_>) -> Result<(), SubjectError>;

    /// Writes an output for every input that has one, and says which have none, and at which what was written is but the lower
    /// end of what the output may be. Once so many batches failed, the rest is not asked: whoever asks keeps the count, so that
    /// it does not depend on which thread asks first.
    ///
    /// # Errors
    /// If there is no answer at all: no such kernel, or a process that cannot be started again.
    fn answer(&self, pass: Pass, call: Call<'_>, _allowed: u32) -> Result<Answered, SubjectError> {
        self.run(pass, call).map(|()| Answered::default())
    }

    /// The same, asked with slices that start this many elements off a boundary of 64 bytes. Code in this process sees that
    /// for itself; what is copied to a process of its own is put down there in the same way.
    ///
    /// # Errors
    /// As [`Subject::answer`].
    fn answer_shifted(
        &self,
        pass: Pass,
        call: Call<'_>,
        allowed: u32,
        _shift: usize,
    ) -> Result<Answered, SubjectError> {
        self.answer(pass, call, allowed)
    }

    /// One call with memory beside one of its arrays that cannot be touched; the outputs are not wanted, only what went wrong. Nothing
    /// where code cannot be asked so.
    ///
    /// # Errors
    /// As [`Subject::answer`].
    fn answer_fenced(&self, _: Pass, _: Call<'_>, _allowed: u32, _: Fence) -> Result<Option<Answered>, SubjectError> {
        Ok(None)
    }

    /// Whether the backward pass is given an incoming gradient, so that [`Subject::pull_back`] can be asked.
    fn takes_gradients(&self) -> bool {
        false
    }

    /// The backward pass with an incoming gradient for each input, in the same format as the inputs; every other way to ask it
    /// has 1 come in.
    ///
    /// # Errors
    /// As [`Subject::answer`]; and of code that is given no gradient.
    fn pull_back(&self, call: Call<'_>, gradients: &[f64], allowed: u32) -> Result<Answered, SubjectError> {
        let (_, _, _) = (call, gradients, allowed);
        Err(SubjectError::Failed { subject: self.name(), message: "it is given no incoming gradient".into() })
    }

    /// Batches that may fail, in one format and pass, before nothing more is asked.
    fn failures(&self) -> u32 {
        u32::MAX
    }

    /// Why a check that asks by itself has nothing to ask here, if so.
    fn unfit(&self, _check: &str) -> Option<&'static str> {
        None
    }

    /// The same code called in other ways, with a name for each: tensors that lie otherwise in memory, say. The check
    /// `layout` holds their answers against each other, bit by bit.
    fn manners(&self) -> Vec<(&'static str, Box<dyn Subject + '_>)> {
        vec![]
    }

    /// What its results depend on besides the inputs: versions, instructions, threads. Part of the report.
    fn environment(&self) -> Option<String> {
        None
    }

    /// Whether the code runs in a process of its own, so that what it does to that process is seen.
    fn isolated(&self) -> bool {
        false
    }

    /// Whether an audit of standard effort asks it for every f32: not where that takes minutes.
    fn every_f32(&self) -> bool {
        true
    }

    /// Whether it has answers for a sample of f32 and f64 only, whatever the effort.
    fn has_a_sample(&self) -> bool {
        false
    }

    /// Inputs for which it is best asked at once where there are many: the more a call costs, the more they are.
    fn at_once(&self) -> u64 {
        if self.isolated() { 1 << 16 } else { 1 << 13 }
    }
}

/// A subject of any kind, or why there is none.
type Made = Result<Box<dyn Subject>, SubjectError>;

/// A kind of subject: how it is written, and how it is made from that.
struct Route {
    name: &'static str,
    usage: &'static str,
    make: fn(&str, &Activation) -> Made,
}

/// Every kind of subject: the one table.
static ROUTES: &[Route] = &[
    Route { name: "native", usage: "native[:VARIANT]", make: native },
    Route {
        name: "torch",
        usage: "torch[:OP|:definition][@cpu|@cuda:N][,layout=contiguous|strided|offset|inplace][,library=PATH]",
        make: |text, activation| Ok(Box::new(torch::kernel(text, activation)?)),
    },
    Route {
        name: "lib",
        usage: "lib:PATH:SYMBOL[,dtype=f32|f64|f16|bf16][,backward=SYMBOL][,double=SYMBOL]",
        make: |text, _| Ok(Box::new(library::plain(text)?)),
    },
    Route {
        name: "plugin",
        usage: "plugin:PATH[:NAME]",
        make: |text, activation| Ok(Box::new(library::plugin(text, activation)?)),
    },
    Route {
        name: "table",
        usage: "table:FILE,dtype=f16|bf16|f32|f64[,pass=backward][,backward=FILE]",
        make: |text, _| Ok(Box::new(table::Table::open(text)?)),
    },
    Route {
        name: "python",
        usage: "python:MODULE:FUNCTION[,lib=numpy|torch|jax][,backward=FUNCTION][,python=PATH][,path=FOLDER]",
        make: |text, _| Ok(Box::new(python::function(text)?)),
    },
    Route {
        name: "onnx",
        usage: "onnx:FILE[#NUMBER|#NAME][,opt=disable|basic|extended|all], onnx:op:NAME[,opset=N]",
        make: |text, _| Ok(Box::new(onnx::model(text)?)),
    },
    Route { name: "defect", usage: "defect:ID", make: |text, _| defect(text) },
];

fn usage() -> String {
    ROUTES.iter().map(|route| route.usage).collect::<Vec<_>>().join("  ")
}

/// The subject of this name for an activation: one of the kinds that the error about an unknown one lists.
///
/// # Errors
/// If the text names no subject, or one that is not here.
pub fn named(text: &str, activation: &Activation) -> Result<Box<dyn Subject>, SubjectError> {
    let text = spelled(text);
    let route = ROUTES.iter().find(|route| route.name == near::kind(&text));
    let unknown = || match near::hint(&text) {
        Some(hint) => SubjectError::Near { subject: text.to_string(), hint },
        None => SubjectError::Unknown(text.to_string()),
    };
    (route.ok_or_else(unknown)?.make)(&text, activation)
}

/// Refuses code that lacks what was asked for by name: a format, or a direction. Nothing named is nothing to refuse, unless the
/// code has nothing at all of what an audit looks at.
///
/// # Errors
/// [`SubjectError::Lacks`], with what the code has.
pub(crate) fn require(
    subjects: &[&dyn Subject],
    formats: &[FloatFormat],
    pass: Option<Pass>,
) -> Result<(), SubjectError> {
    let some = |wanted: &[FloatFormat], subject: &dyn Subject| {
        let formats = if wanted.is_empty() { &FloatFormat::ALL } else { wanted };
        let passes = pass.map_or_else(|| Pass::ALL.to_vec(), |pass| vec![pass]);
        formats.iter().any(|format| passes.iter().any(|pass| subject.supports(*format, *pass)))
    };
    let asked = |formats: &[FloatFormat]| {
        let formats: Vec<&str> = formats.iter().map(|format| format.name()).collect();
        match (formats.is_empty(), pass) {
            (true, None) => "format that is known".to_owned(),
            (true, Some(pass)) => format!("{} pass", pass.name()),
            (false, None) => formats.join(" or "),
            (false, Some(pass)) => format!("{} {}", formats.join(" or "), pass.name()),
        }
    };
    let lacks = |subject: &dyn Subject, formats: &[FloatFormat]| SubjectError::Lacks {
        subject: subject.name(),
        asked: asked(formats),
        has: has(subject),
    };
    // each has something to show, and each format somebody who has it
    if let Some(subject) = subjects.iter().find(|subject| !some(formats, **subject)) {
        return Err(lacks(*subject, formats));
    }
    let missing = |format: &&FloatFormat| !subjects.iter().any(|subject| some(&[**format], *subject));
    match (subjects.first(), formats.iter().find(missing)) {
        (Some(subject), Some(format)) => Err(lacks(*subject, &[*format])),
        _ => Ok(()),
    }
}

/// What code has, in words.
fn has(subject: &dyn Subject) -> String {
    let of = |format: FloatFormat| {
        let passes: Vec<&str> =
            Pass::KNOWN.into_iter().filter(|p| subject.supports(format, *p)).map(Pass::name).collect();
        (!passes.is_empty()).then(|| format!("{} {}", format.name(), passes.join(" and ")))
    };
    let all: Vec<String> = FloatFormat::ALL.into_iter().filter_map(of).collect();
    if all.is_empty() { "nothing".to_owned() } else { all.join(", ") }
}

/// Whether the text alone does not say which code is meant, because it names the code of any activation.
pub(crate) fn needs_activation(text: &str) -> bool {
    let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
    match kind.split(['@', ',']).next().unwrap_or_default() {
        "native" | "plugin" => true,
        "torch" => {
            !text.starts_with("torch:")
                || ["", "definition"].contains(&rest.split(['@', ',']).next().unwrap_or_default())
        }
        _ => false,
    }
}

fn native(text: &str, activation: &Activation) -> Made {
    let variant = match text.split_once(':') {
        Some((_, variant)) => variant,
        None if text == "native" => ACCURATE,
        None => return Err(SubjectError::Unknown(text.to_owned())),
    };
    Ok(Box::new(Native::new(activation, variant)?))
}

fn defect(text: &str) -> Made {
    let id = text.split_once(':').map(|(_, id)| id);
    id.and_then(defects::subject).ok_or_else(|| {
        let known: Vec<&str> = defects::DEFECTS.iter().map(|d| d.id).collect();
        let message = format!("expected defect:ID, one of {}", known.join(", "));
        SubjectError::Malformed { subject: text.to_owned(), message }
    })
}

/// A kernel of this crate with an activation's parameter values.
pub struct Native {
    kernel: &'static Kernel,
    params: Vec<Rational>,
}

impl Native {
    /// The kernel of this variant for an activation.
    ///
    /// # Errors
    /// If there is no such kernel; the message lists those that there are.
    pub fn new(activation: &Activation, variant: &str) -> Result<Self, SubjectError> {
        let id = activation.definition.id.as_str();
        let kernel = kernels::find(id, variant).ok_or_else(|| {
            let known: Vec<&str> = kernels::of(id).map(|k| k.variant).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            SubjectError::NoKernel { activation: id.to_owned(), variant: variant.to_owned(), known }
        })?;
        Ok(Self::of(kernel, activation))
    }

    /// Every native kernel of an activation, the accurate one first.
    #[must_use]
    pub fn all(activation: &Activation) -> Vec<Self> {
        kernels::of(&activation.definition.id).map(|k| Self::of(k, activation)).collect()
    }

    fn of(kernel: &'static Kernel, activation: &Activation) -> Self {
        let params = activation.definition.params.iter();
        let params = params.map(|p| activation.values.get(&p.name).unwrap_or(&p.default).clone()).collect();
        Self { kernel, params }
    }

    /// The variant's name.
    #[must_use]
    pub const fn variant(&self) -> &'static str {
        self.kernel.variant
    }

    /// The formula, for people.
    #[must_use]
    pub const fn note(&self) -> &'static str {
        self.kernel.note
    }
}

impl Subject for Native {
    fn name(&self) -> String {
        match self.kernel.variant {
            ACCURATE => "native".to_owned(),
            variant => format!("native:{variant}"),
        }
    }

    fn supports(&self, _: FloatFormat, pass: Pass) -> bool {
        pass != Pass::Double
    }

    fn run(&self, pass: Pass, call: Call<'_>) -> Result<(), SubjectError> {
        self.kernel.run(pass, &self.params, call);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::activation_with;

    fn check(text: &str, expected: Result<&str, &str>) {
        let found = named(text, &activation_with("srelu", &[]));
        match (found, expected) {
            (Ok(subject), Ok(name)) => assert_eq!(subject.name(), name),
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{text}: {error}"),
            (found, _) => panic!("{text}: {:?}", found.map(|s| s.name())),
        }
    }

    #[test]
    fn subjects_are_found_by_name() {
        check("native", Ok("native"));
        check("native:paper", Ok("native:paper"));
        check("native:papier", Err("no native kernel `papier` of srelu: there are accurate, paper"));
        check("nativ", Err("did you mean native?"));
        for text in ["", "native@cpu", "native,a=b", "@cpu"] {
            check(text, Err("expected one of native[:VARIANT]  torch"));
        }
    }

    #[test]
    fn the_error_about_an_unknown_subject_lists_every_kind() {
        let error = named("lisp:f", &activation_with("relu", &[])).err().map(|e| e.to_string()).unwrap_or_default();
        for kind in ["native", "torch", "lib:", "plugin:", "table:", "python:", "onnx:", "defect:"] {
            assert!(error.contains(&format!(" {kind}")), "{kind}: {error}");
        }
    }

    #[test]
    fn what_is_not_understood_is_not_taken_for_missing() {
        for text in [
            "lib",
            "lib:",
            "lib:x",
            "plugin:",
            "table:",
            "table:x",
            "python:",
            "python:m",
            "python:m:f,lib=x",
            "onnx",
            "onnx:",
            "onnx:op:",
        ] {
            let error = named(text, &activation_with("relu", &[])).err();
            assert!(matches!(error, Some(SubjectError::Malformed { .. })), "{text}: {error:?}");
        }
    }

    #[test]
    fn torch_is_refused_for_a_reason() {
        check("torch:gelu,layout=round", Err("expected one of contiguous, strided, offset, inplace"));
        check("torch:gelu,seconds=0", Err("seconds: expected a number above 0"));
        // with the program: that torch has none; without it: that there is no program
        check("torch", Err("torch"));
    }
}
