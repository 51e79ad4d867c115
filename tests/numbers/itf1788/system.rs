//! What the runner needs of a number system. A system that is not here yet is one `impl System`.

use actaudit::expr::Func;
use actaudit::internal::operations::Op;
use actaudit::internal::{DdI, Enclosure, F64I, MpI, Real};
use rug::float::Special;
use rug::{Float, Rational};

/// An operand as the suite has it.
#[derive(Clone, Copy, Debug)]
pub enum Operand {
    Interval {
        lo: f64,
        hi: f64,
        defined: bool,
    },
    /// the empty set, or no interval at all
    Nothing,
}

impl Operand {
    /// Whether something is known to have a value for every member.
    pub fn defined(self) -> bool {
        matches!(self, Self::Interval { defined: true, .. })
    }
}

/// What came out.
#[derive(Clone, Debug)]
pub enum Outcome {
    Interval {
        lo: Float,
        hi: Float,
        total: bool,
    },
    /// the intersection of what does not meet
    Empty,
}

/// A measure of one interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Of {
    Inf,
    Sup,
    Mag,
    Mig,
    Wid,
}

/// A number system under test.
pub trait System {
    type Value: Clone;

    fn name(&self) -> String;
    /// Whether results on all of the domain are always total: where not, they may say "not known to be".
    fn is_exactly_total(&self) -> bool {
        true
    }
    /// `None` if there is no such operand here.
    fn operand(&self, of: Operand) -> Option<Self::Value>;
    fn apply(&self, op: Op, operands: &[Self::Value]) -> Self::Value;
    fn outcome(&self, value: &Self::Value) -> Outcome;

    /// The smallest interval around both; `None` if the system has no such operation.
    fn hull(&self, _: &Self::Value, _: &Self::Value) -> Option<Outcome> {
        None
    }
    fn intersection(&self, _: &Self::Value, _: &Self::Value) -> Option<Outcome> {
        None
    }
    fn measure(&self, _: Of, _: &Self::Value) -> Option<Float> {
        None
    }
}

/// What holds no number is the whole line, not total; so is what is made from it.
fn operand<T: Enclosure>(cx: &T::Context, of: Operand) -> T {
    let make = |lo: f64, hi: f64| {
        let end = |x, up| T::end_from_float(cx, &Float::with_val(53, x), up);
        T::new(cx, &end(lo, false), &end(hi, true))
    };
    match of {
        Operand::Nothing => make(f64::INFINITY, f64::NEG_INFINITY),
        Operand::Interval { lo, hi, defined: true } => make(lo, hi),
        Operand::Interval { lo, hi, defined: false } => make(lo, hi).mul(&undefined_one(cx)),
    }
}

/// The number 1, known to be undefined somewhere: (-1)^(1/2)^0.
fn undefined_one<T: Real>(cx: &T::Context) -> T {
    T::int(cx, -1).call(Func::Sqrt).pow(&Rational::new())
}

/// Intervals with two ends.
pub struct Intervals<T: Enclosure> {
    name: String,
    cx: T::Context,
    measure: fn(Of, &T) -> Option<Float>,
}

pub fn f64_intervals() -> Intervals<F64I> {
    let measure = |of, x: &F64I| match of {
        Of::Inf => Some(Float::with_val(53, x.lo())),
        Of::Sup => Some(Float::with_val(53, x.hi())),
        Of::Mag | Of::Mig | Of::Wid => None,
    };
    Intervals { name: "f64".into(), cx: (), measure }
}

pub fn mpfr_intervals(bits: u32) -> Intervals<MpI> {
    let measure = |of, x: &MpI| {
        Some(match of {
            Of::Inf => x.lo(),
            Of::Sup => x.hi(),
            Of::Mag => x.mag(),
            Of::Mig => x.mig(),
            Of::Wid => x.width(),
        })
    };
    Intervals { name: format!("MPFR {bits}"), cx: bits, measure }
}

impl<T: Enclosure> System for Intervals<T> {
    type Value = T;

    fn name(&self) -> String {
        self.name.clone()
    }
    fn operand(&self, of: Operand) -> Option<T> {
        Some(operand(&self.cx, of))
    }
    fn apply(&self, op: Op, operands: &[T]) -> T {
        op.apply(operands)
    }
    fn outcome(&self, x: &T) -> Outcome {
        Outcome::Interval { lo: T::end_to_float(&x.lo()), hi: T::end_to_float(&x.hi()), total: x.total() }
    }
    fn hull(&self, a: &T, b: &T) -> Option<Outcome> {
        Some(self.outcome(&a.hull(b)))
    }
    fn intersection(&self, a: &T, b: &T) -> Option<Outcome> {
        Some(a.intersect(b).map_or(Outcome::Empty, |x| self.outcome(&x)))
    }
    fn measure(&self, of: Of, x: &T) -> Option<Float> {
        (self.measure)(of, x)
    }
}

/// [`DdI`]: made for points, but every bounded interval is a ball, and an unbounded one is everything.
pub struct Balls;

impl System for Balls {
    type Value = DdI;

    fn name(&self) -> String {
        "dd".into()
    }
    fn is_exactly_total(&self) -> bool {
        false
    }
    fn operand(&self, of: Operand) -> Option<DdI> {
        // enough bits that the ends are themselves
        Some(DdI::enclosing(&operand(&200, of)))
    }
    fn apply(&self, op: Op, operands: &[DdI]) -> DdI {
        op.apply(operands)
    }
    /// The ball itself, or its f64 ends where those are narrower, which they must not be: both have to hold what is real.
    fn outcome(&self, value: &DdI) -> Outcome {
        // from 2^-1074 to 2^1024: the sums are exact
        let end = |radius: f64| match radius.is_infinite() {
            true => Float::with_val(53, radius),
            false => Float::with_val(2200, value.hi()) + value.lo() + radius,
        };
        let ends = value.ends().map(|x| Float::with_val(53, x));
        let (lo, hi) = (end(-value.radius()).max(&ends[0]), end(value.radius()).min(&ends[1]));
        Outcome::Interval { lo, hi, total: value.total() }
    }
}

impl Of {
    /// Whether it bounds from above.
    pub fn is_upper(self) -> bool {
        matches!(self, Self::Sup | Self::Mag | Self::Wid)
    }

    /// The bound as an interval that is unbounded on the other side.
    pub fn interval(self, bound: Float) -> Outcome {
        let prec = bound.prec();
        let (lo, hi) = if self.is_upper() {
            (Float::with_val(prec, Special::NegInfinity), bound)
        } else {
            (bound, Float::with_val(prec, Special::Infinity))
        };
        Outcome::Interval { lo, hi, total: true }
    }
}
