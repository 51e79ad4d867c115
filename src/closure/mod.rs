//! Kernels that are closures of this program, for tests of your own: `actaudit::audit("gelu").f32(..).max_ulp(2.0).assert()`.

mod subject;

use crate::audit::{Again, Audit, Effort, Options, VerifyError, verify};
use crate::catalog;
use crate::check::Tolerance;
use crate::expr::{Activation, FloatFormat, parse_rational};
use crate::kernels::Pass;
use crate::subject::Subject;
use crate::verdict::Verdict;
use half::{bf16, f16};
use rug::Rational;
use std::collections::BTreeMap;
use std::fmt;
use subject::{Closure, Fill};

/// Why closures were not audited, or what the audit says against them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClosureError {
    /// The catalogue has no such activation; it says which are near. One of your own goes to [`Closures::of`].
    #[error("{0}")]
    NoActivation(String),
    /// A parameter's value is not a number, or not in its domain.
    #[error("{0}")]
    Parameter(String),
    /// No closure was given.
    #[error("nothing to audit: give a closure, such as .f32(|x| x)")]
    NoCode,
    /// The audit could not be run to its end: a closure panicked.
    #[error(transparent)]
    Audit(#[from] VerifyError),
    /// The code does not compute the activation within its budget, or that was not decided. The text is the report.
    #[error("{0}")]
    Failed(String),
}

/// Closures that claim to compute an activation, and what is allowed to them. Nothing runs before [`Closures::run`] or
/// [`Closures::assert`].
///
/// f16 and bf16 are asked for every input, f32 and f64 on samples unless the effort is exhaustive. Without a budget or a
/// tolerance, the budgets of the program hold.
#[must_use = "nothing is audited before `run` or `assert`"]
pub struct Closures {
    activation: Result<Activation, ClosureError>,
    values: BTreeMap<String, Rational>,
    code: Closure,
    options: Options,
}

impl fmt::Debug for Closures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closures").field("activation", &self.activation).finish_non_exhaustive()
    }
}

/// An audit of closures against an activation of the catalogue, with its default parameters.
///
/// ```
/// actaudit::audit("tanh").f32(f32::tanh).max_ulp(3.0).assert();
///
/// // exp(-x) overflows where silu still is a normal number
/// let naive = actaudit::audit("silu").f32(|x| x / (1.0 + (-x).exp())).max_ulp(4.0).run();
/// assert!(naive.unwrap_err().to_string().contains("silu/closure/f32/forward"));
/// ```
pub fn audit(id: &str) -> Closures {
    let found = catalog::find(id).map_err(|e| ClosureError::NoActivation(e.to_string()));
    let found = found.and_then(|d| Activation::with_defaults(d).map_err(|e| ClosureError::Parameter(e.to_string())));
    Closures::new(found)
}

macro_rules! closures {
    ($($name:ident, $slices:ident, $backward:ident, $type:ty;)*) => {$(
        #[doc = concat!("One output for one input, in ", stringify!($name), ".")]
        pub fn $name(mut self, f: impl Fn($type) -> $type + Send + Sync + 'static) -> Self {
            self.code.$name.insert(Pass::Forward, each(f));
            self
        }

        #[doc = concat!("Outputs for a slice of inputs of the same length, in ", stringify!($name), ".")]
        pub fn $slices(mut self, f: impl Fn(&[$type], &mut [$type]) + Send + Sync + 'static) -> Self {
            self.code.$name.insert(Pass::Forward, Box::new(f));
            self
        }

        #[doc = concat!("The derivative at one input, for an incoming gradient of 1, in ", stringify!($name), ".")]
        pub fn $backward(mut self, f: impl Fn($type) -> $type + Send + Sync + 'static) -> Self {
            self.code.$name.insert(Pass::Backward, each(f));
            self
        }
    )*};
}

/// A closure of one number, for slices.
fn each<T: Copy>(f: impl Fn(T) -> T + Send + Sync + 'static) -> Box<Fill<T>> {
    Box::new(move |x: &[T], y: &mut [T]| y.iter_mut().zip(x).for_each(|(y, x)| *y = f(*x)))
}

impl Closures {
    /// An audit against an activation of one's own.
    pub fn of(activation: Activation) -> Self {
        Self::new(Ok(activation))
    }

    fn new(activation: Result<Activation, ClosureError>) -> Self {
        Self { activation, values: BTreeMap::new(), code: Closure::default(), options: Options::default() }
    }

    closures! {
        f64, f64_slices, f64_backward, f64;
        f32, f32_slices, f32_backward, f32;
        f16, f16_slices, f16_backward, f16;
        bf16, bf16_slices, bf16_backward, bf16;
    }

    /// A value for a parameter of the activation: a rational number as text, `1/5` or `0.2`.
    pub fn param(mut self, name: &str, value: &str) -> Self {
        match parse_rational(value) {
            Ok(value) => {
                self.values.insert(name.to_owned(), value);
            }
            Err(e) => self.activation = Err(ClosureError::Parameter(format!("{name}: {e}"))),
        }
        self
    }

    /// The largest error that is allowed, in units in the last place of the format at the real value.
    pub fn max_ulp(mut self, ulp: f64) -> Self {
        self.options.max_ulp = Some(ulp);
        self
    }

    /// In place of a budget in ulp: |output - f| <= absolute + relative |f|.
    pub fn tolerance(mut self, absolute: f64, relative: f64) -> Self {
        self.options.tolerance = Some(Tolerance { absolute, relative });
        self
    }

    /// Only these checks, by their names (`actaudit explain` lists them).
    pub fn checks(mut self, checks: &[&str]) -> Self {
        self.options.checks = checks.iter().map(|c| (*c).to_owned()).collect();
        self
    }

    /// How much work: `Effort::Exhaustive` looks at every f32, which takes code without optimisation minutes.
    pub fn effort(mut self, effort: Effort) -> Self {
        self.options.effort = effort;
        self
    }

    /// Runs the audit.
    ///
    /// # Errors
    /// If something is refuted or undecided, or nothing was compared ([`ClosureError::Failed`], whose text is the report);
    /// if a closure panics, with the input at which it did; or if there is nothing to audit.
    pub fn run(mut self) -> Result<Audit, ClosureError> {
        let mut activation = self.activation?;
        if !self.values.is_empty() {
            let values = activation.values.iter().map(|(k, v)| (k.clone(), v.clone())).chain(self.values).collect();
            let made = Activation::new(activation.definition, &values);
            activation = made.map_err(|e| ClosureError::Parameter(e.to_string()))?;
        }
        self.options.dtypes.retain(|format| Pass::ALL.iter().any(|pass| self.code.supports(*format, *pass)));
        self.options.passes.retain(|pass| FloatFormat::ALL.iter().any(|format| self.code.supports(*format, *pass)));
        if self.options.dtypes.is_empty() {
            return Err(ClosureError::NoCode);
        }
        let subjects: [&dyn Subject; 1] = [&self.code];
        let mut audit = verify(&activation, &subjects, &[], &self.options, &|_| true)?;
        // no command line can name a closure
        audit.results.iter_mut().for_each(|record| record.again = Again::Never);
        match audit.verdict() {
            Verdict::Proved | Verdict::Within => Ok(audit),
            _ => Err(ClosureError::Failed(audit.text(false))),
        }
    }

    /// Runs the audit and panics if it is not passed.
    ///
    /// # Panics
    /// With the report, where [`Closures::run`] would return an error.
    #[track_caller]
    pub fn assert(self) {
        if let Err(error) = self.run() {
            panic!("{error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(closures: Closures) -> String {
        closures.run().map_or_else(|e| e.to_string(), |audit| audit.text(false))
    }

    #[test]
    fn right_closures_pass_in_every_format() {
        let wide = |x: f32| x.max(0.0);
        audit("relu")
            .f64(|x| if x > 0.0 || x.is_nan() { x } else { 0.0 })
            .f32_slices(|x, y| {
                y.iter_mut().zip(x).for_each(|(y, x)| *y = if *x > 0.0 || x.is_nan() { *x } else { 0.0 })
            })
            .f16(move |x| if x.is_nan() { x } else { f16::from_f32(wide(x.to_f32())) })
            .bf16(move |x| if x.is_nan() { x } else { bf16::from_f32(wide(x.to_f32())) })
            .max_ulp(0.0)
            .assert();
        audit("relu").f16_backward(|x| if x.is_nan() { x } else { f16::from_f32(f32::from(x > f16::ZERO)) }).assert();
        audit("leaky_relu").param("a", "1/4").f64(|x| if x >= 0.0 || x.is_nan() { x } else { x / 4.0 }).assert();
    }

    #[test]
    fn wrong_closures_fail_with_the_report() {
        let text = message(audit("relu").f16(|x| x).max_ulp(1.0));
        assert!(text.contains("relu/closure/f16/forward/ulp") && !text.contains("actaudit verify"), "{text}");
        let text = message(audit("leaky_relu").param("a", "1/4").f64(|x| if x >= 0.0 { x } else { x / 5.0 }));
        assert!(text.contains("leaky_relu/closure/f64/forward/ulp"), "{text}");
    }

    #[test]
    fn what_cannot_be_audited_is_said() {
        assert!(message(audit("rleu").f32(|x| x)).contains("rleu"));
        assert!(message(audit("relu")).contains("nothing to audit"));
        assert!(message(audit("relu").f32(|x| x).max_ulp(f64::NAN)).contains("a budget is a number"));
        assert!(message(audit("relu").f32(|x| x).tolerance(-1.0, 0.0)).contains("a budget is a number"));
        assert!(message(audit("relu").f32(|x| x).checks(&["upl"])).contains("check `upl`: expected some of ulp"));
        assert!(message(audit("leaky_relu").param("a", "b").f32(|x| x)).starts_with("a: "));
        assert!(message(audit("leaky_relu").param("slope", "1").f32(|x| x)).contains("slope"));
    }

    #[test]
    fn a_panic_names_the_input() {
        let text =
            message(audit("relu").f16(|x| if x == f16::from_f32(1.5) { panic!("lost") } else { x.max(f16::ZERO) }));
        assert!(text.contains("closure failed: it panicked at x = 1.5 (0x3e00): lost"), "{text}");
        let text = message(audit("relu").f32_slices(|x, _| assert!(x.len() < 2, "too long")));
        assert!(text.contains("closure failed: it panicked for a slice of "), "{text}");
    }
}
