//! Broken kernels, on purpose. Each reproduces the symptom of a defect that was reported in public, in code of our own:
//! the accurate kernel, spoiled where the report says, or the formula that is known to have gone wrong. They show that
//! every check can fail, and how many of them other people's tolerances let pass. [`SOUND`] are the opposite: right, and
//! often rejected. [`MISSED`] are broken in ways that audits of this program once did not see.
//!
//! ```
//! use actaudit::expr::FloatFormat;
//! use actaudit::internal::DEFECTS;
//! use actaudit::kernels::{Call, Pass};
//!
//! let defect = DEFECTS.iter().find(|defect| defect.id == "1-gelu").expect("it is in the table");
//! let (x, mut y) = ([-5.6f32, 1.0], [1.0f32; 2]);
//! defect.subject().run(Pass::Forward, Call::F32(&x, &mut y)).expect("it runs");
//! // 1 + erf has cancelled: the real value is -6e-8
//! assert_eq!(y[0], 0.0);
//! assert_eq!(defect.dtypes, [FloatFormat::F32]);
//! ```

mod corpus;
mod formulas;
mod missed;
mod sound;

pub use corpus::DEFECTS;
pub use missed::MISSED;
pub use sound::SOUND;

use crate::catalog;
use crate::expr::{Activation, Definition, FloatFormat, parse_rational};
use crate::kernels::{self, ACCURATE, Call, Kernel, Pass, Slices};
use crate::subject::{Subject, SubjectError};
use rug::Rational;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A defect that was seen in the wild, as a kernel of ours.
#[derive(Debug)]
pub struct Defect {
    /// row of the corpus of defects; several kernels may belong to one
    pub number: u8,
    /// number and function: `9-mish`
    pub id: &'static str,
    /// repository and issue, or pull request
    pub source: &'static str,
    /// what the kernel is said to compute: a catalogue id, or an expression after `expr:`
    pub activation: &'static str,
    /// parameter values that are not the default ones
    pub params: &'static [(&'static str, &'static str)],
    /// formats in which it is broken
    pub dtypes: &'static [FloatFormat],
    /// passes in which it is broken
    pub passes: &'static [Pass],
    /// what is seen
    pub symptom: &'static str,
    /// id of the check of `actaudit verify` that has to catch it, in each of the formats and passes, where every input is
    /// looked at; others may, too
    pub check: &'static str,
    /// words of a policy without which nothing would be wrong
    pub declare: &'static [&'static str],
    spoil: Spoil,
}

/// A kernel that is right, for all that some gates say.
pub struct Sound {
    /// short name
    pub id: &'static str,
    /// where a right kernel was rejected
    pub source: &'static str,
    /// as for a [`Defect`]
    pub activation: &'static str,
    /// formats in which it is right
    pub dtypes: &'static [FloatFormat],
    /// passes in which it is right
    pub passes: &'static [Pass],
    /// why it looks wrong, and is not
    pub why: &'static str,
    /// words of the policy under which it is right
    pub declare: &'static [&'static str],
    spoil: Spoil,
}

/// A kernel that is broken to show what an audit once called proved, or did not see.
pub struct Missed {
    /// short name
    pub id: &'static str,
    /// as for a [`Defect`]
    pub activation: &'static str,
    /// formats in which it is broken
    pub dtypes: &'static [FloatFormat],
    /// passes in which it is broken
    pub passes: &'static [Pass],
    /// what is wrong
    pub symptom: &'static str,
    /// why it passed
    pub passed: &'static str,
    /// id of the check that has to catch it
    pub check: &'static str,
    /// words of a policy without which nothing would be wrong
    pub declare: &'static [&'static str],
    /// a budget in ulp in place of the default one
    pub max_ulp: Option<f64>,
    spoil: Spoil,
}

/// What a planted kernel knows of one input.
struct At {
    pass: Pass,
    x: f64,
    /// what the accurate kernel answers; NaN where there is none
    right: f64,
    format: FloatFormat,
    /// where it stands, in a slice of what length
    place: usize,
    len: usize,
}

/// The wrong output, rounded to the format afterwards; `None` keeps the right one.
type Spoil = fn(&At) -> Option<f64>;

impl Defect {
    /// The activation that it is said to compute.
    pub fn activation(&self) -> Activation {
        activation(self.activation, self.params)
    }

    /// A form of the function that is free of it, where there is a short one.
    pub fn cure(&self) -> Option<&'static str> {
        Some(match self.number {
            1 => "use x/2 erfc(-x/sqrt 2)",
            4 => "use x sigmoid(2u) for x/2 (1 + tanh u)",
            9 => "use e^x/(1 + e^x) for negative x",
            19 => "use max(x, 0) + log1p(e^-|x|)",
            23 => "use log1p(e^x)",
            24 => "use expm1(x)",
            25 => "use min(x, 0) in the branch that may not be taken",
            _ => return None,
        })
    }

    /// The code.
    pub fn subject(&self) -> Box<dyn Subject> {
        Box::new(self.planted())
    }

    fn planted(&self) -> Planted {
        Planted::new(format!("defect:{}", self.id), self.activation, self.activation(), self.spoil)
    }
}

impl Sound {
    /// The activation that it computes.
    pub fn activation(&self) -> Activation {
        activation(self.activation, &[])
    }

    /// The code.
    pub fn subject(&self) -> Box<dyn Subject> {
        let name = format!("defect:{}", self.id);
        Box::new(Planted::new(name, self.activation, self.activation(), self.spoil))
    }
}

impl Missed {
    /// The activation that it is said to compute.
    pub fn activation(&self) -> Activation {
        activation(self.activation, &[])
    }

    /// The code.
    pub fn subject(&self) -> Box<dyn Subject> {
        let name = format!("defect:{}", self.id);
        Box::new(Planted::new(name, self.activation, self.activation(), self.spoil))
    }
}

/// The defect of this id.
pub fn find(id: &str) -> Option<&'static Defect> {
    DEFECTS.iter().find(|d| d.id == id)
}

/// The subject of this id: a defect, one that was missed, or one of the sound kernels.
pub(crate) fn subject(id: &str) -> Option<Box<dyn Subject>> {
    let sound = || SOUND.iter().find(|s| s.id == id).map(Sound::subject);
    let missed = || MISSED.iter().find(|m| m.id == id).map(Missed::subject);
    find(id).map(Defect::subject).or_else(missed).or_else(sound)
}

fn activation(name: &str, params: &[(&str, &str)]) -> Activation {
    let definition = match name.strip_prefix("expr:") {
        Some(text) => Arc::new(Definition::from_expr(text).expect("a test reads every entry of the tables")),
        None => catalog::find(name).expect("a test looks up every entry of the tables"),
    };
    let value = |(name, text): &(&str, &str)| {
        ((*name).to_owned(), parse_rational(text).expect("a test reads every entry of the tables"))
    };
    let values: BTreeMap<String, Rational> = params.iter().map(value).collect();
    Activation::new(definition, &values).expect("a test makes every entry of the tables")
}

/// The accurate kernel, spoiled.
struct Planted {
    name: String,
    kernel: Option<&'static Kernel>,
    params: Vec<Rational>,
    spoil: Spoil,
}

impl Planted {
    fn new(name: String, id: &str, activation: Activation, spoil: Spoil) -> Self {
        let params = activation.definition.params.iter().filter_map(|p| activation.values.get(&p.name).cloned());
        Self { name, kernel: kernels::find(id, ACCURATE), params: params.collect(), spoil }
    }

    fn fill<T: Slices>(&self, pass: Pass, x: &[T], y: &mut [T]) {
        match self.kernel {
            Some(kernel) => kernel.run(pass, &self.params, T::call(x, y)),
            None => y.fill(T::from_f64(f64::NAN)),
        }
        let len = x.len();
        for (place, (x, y)) in x.iter().zip(y.iter_mut()).enumerate() {
            let at = At { pass, x: x.to_f64(), right: y.to_f64(), format: T::FORMAT, place, len };
            if let Some(wrong) = (self.spoil)(&at) {
                *y = T::from_f64(wrong);
            }
        }
    }
}

impl Subject for Planted {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn supports(&self, _: FloatFormat, pass: Pass) -> bool {
        // without an accurate kernel there is a formula for the function itself only
        pass == Pass::Forward || pass == Pass::Backward && self.kernel.is_some()
    }

    fn run(&self, pass: Pass, call: Call<'_>) -> Result<(), SubjectError> {
        match call {
            Call::F64(x, y) => self.fill(pass, x, y),
            Call::F32(x, y) => self.fill(pass, x, y),
            Call::F16(x, y) => self.fill(pass, x, y),
            Call::Bf16(x, y) => self.fill(pass, x, y),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
