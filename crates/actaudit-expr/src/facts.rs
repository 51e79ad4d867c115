//! What can be said of an expression without evaluating it: its possible signs, and whether it is defined everywhere.

use super::ast::{Expr, Node};
use super::func::Func;
use super::plain::{Interval, eval};
use rug::Rational;

/// The set of signs that a value may have, as bits. Nothing is said about points where the expression is undefined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Signs(u8);

const MINUS: u8 = 1;
const ZERO: u8 = 2;
const PLUS: u8 = 4;

impl Signs {
    const POSITIVE: Self = Self(PLUS);
    const ANY: Self = Self(MINUS | ZERO | PLUS);

    pub fn positive(self) -> bool {
        self.0 == PLUS
    }
    pub fn not_negative(self) -> bool {
        self.0 & MINUS == 0
    }
    pub fn not_positive(self) -> bool {
        self.0 & PLUS == 0
    }
    pub fn not_zero(self) -> bool {
        self.0 & ZERO == 0
    }

    fn of_rational(q: &Rational) -> Self {
        Self(match q.cmp0() {
            std::cmp::Ordering::Less => MINUS,
            std::cmp::Ordering::Equal => ZERO,
            std::cmp::Ordering::Greater => PLUS,
        })
    }

    /// All signs that `f` gives for a member of each.
    fn image(self, rhs: Self, f: impl Fn(u8, u8) -> u8) -> Self {
        let members = |s: Self| [MINUS, ZERO, PLUS].into_iter().filter(move |m| s.0 & m != 0);
        Self(members(self).flat_map(|a| members(rhs).map(move |b| (a, b))).fold(0, |all, (a, b)| all | f(a, b)))
    }

    fn neg(self) -> Self {
        self.times(Self(MINUS))
    }

    fn plus(self, rhs: Self) -> Self {
        self.image(rhs, |a, b| match (a, b) {
            (ZERO, s) | (s, ZERO) => s,
            (a, b) if a == b => a,
            _ => Self::ANY.0,
        })
    }

    fn times(self, rhs: Self) -> Self {
        self.image(rhs, |a, b| match (a, b) {
            (ZERO, _) | (_, ZERO) => ZERO,
            (a, b) if a == b => PLUS,
            _ => MINUS,
        })
    }

    fn square(self) -> Self {
        self.image(Self::ANY, |s, _| if s == ZERO { ZERO } else { PLUS })
    }

    fn without_zero(self) -> Self {
        Self(self.0 & !ZERO)
    }
}

/// The signs that an expression may have where it is defined; parameters may have any.
pub(super) fn signs(e: &Expr) -> Signs {
    match e.node() {
        Node::Const(c) => Signs::of_rational(&c.value),
        Node::Named(_) => Signs::POSITIVE,
        Node::Var | Node::Param(_) => Signs::ANY,
        Node::Neg(a) => signs(a).neg(),
        Node::Add(a, b) => signs(a).plus(signs(b)),
        Node::Sub(a, b) => signs(a).plus(signs(b).neg()),
        Node::Mul(a, b) if a == b => signs(a).square(),
        Node::Mul(a, b) => signs(a).times(signs(b)),
        Node::Div(a, b) => signs(a).times(signs(b).without_zero()),
        Node::Pow(a, b) => power_signs(signs(a), b.as_rational()),
        Node::Call(f, a) => call_signs(*f, signs(a)),
        Node::Min(a, b) => signs(a).image(signs(b), u8::min),
        Node::Max(a, b) => signs(a).image(signs(b), u8::max),
    }
}

fn power_signs(base: Signs, exponent: Option<&Rational>) -> Signs {
    match exponent {
        _ if base.positive() => base,
        None => Signs::ANY,
        Some(q) if *q == 0 => Signs::POSITIVE,
        Some(q) => {
            let base = if *q < 0 { base.without_zero() } else { base };
            match (*q.denom() == 1, q.numer().is_odd()) {
                (true, true) => base,
                (true, false) => base.square(),
                (false, _) => Signs(base.0 & !MINUS),
            }
        }
    }
}

fn call_signs(f: Func, u: Signs) -> Signs {
    match f {
        Func::Exp | Func::Erfc | Func::Cosh | Func::Sigmoid | Func::Softplus | Func::NormCdf | Func::NormPdf => {
            Signs::POSITIVE
        }
        Func::Expm1 | Func::Log1p | Func::Erf | Func::Tanh | Func::Sinh | Func::Atan => u,
        Func::Sqrt => Signs(u.0 & !MINUS),
        Func::Abs => u.square(),
        Func::Log | Func::Sin | Func::Cos => Signs::ANY,
    }
}

/// Bits with which constant operands are compared with the ends of domains.
const DOMAIN_BITS: u32 = 256;
/// Larger operands are not evaluated.
const MAX_OPERAND: usize = 500;

/// What has no value at the root, if that is certain: a function or power of a constant outside of its domain.
pub(super) fn undefined_root(e: &Expr) -> Option<&'static str> {
    let (u, what): (&Expr, fn(&Interval) -> Option<&'static str>) = match e.node() {
        Node::Call(Func::Log, u) => (u, |u| (u.hi <= 0).then_some("the logarithm of a number that is not positive")),
        Node::Call(Func::Log1p, u) => (u, |u| (u.hi <= -1).then_some("log1p of a number that is not above -1")),
        Node::Call(Func::Sqrt, u) => (u, |u| (u.hi < 0).then_some("the square root of a negative number")),
        Node::Pow(u, q) if q.exact_rational().is_some_and(|q| *q.denom() != 1) => {
            (u, |u| (u.hi < 0).then_some("a root of a negative number"))
        }
        _ => return None,
    };
    if u.depends_on_x() || u.has_params() || !u.size_within(MAX_OPERAND) {
        return None;
    }
    what(&eval(u, &Interval::int(DOMAIN_BITS, 0)).ok()?)
}

/// The first part of an expression that certainly has no value, as [`undefined_root`] says.
pub(super) fn undefined_part(e: &Expr) -> Option<&'static str> {
    undefined_root(e).or_else(|| e.children().into_iter().find_map(undefined_part))
}

/// Whether the value is greater than zero wherever the expression is defined, for every value of the parameters: by the signs
/// of its terms and factors alone.
#[must_use]
pub fn certainly_positive(e: &Expr) -> bool {
    signs(e).positive()
}

/// Whether the expression certainly has a value for every `x` and every value of the parameters.
pub fn always_defined(e: &Expr) -> bool {
    let here = match e.node() {
        Node::Div(_, b) => signs(b).not_zero(),
        Node::Pow(a, b) => match b.as_rational() {
            Some(q) => Domain::of_power(q).holds(signs(a)),
            None => signs(a).positive(),
        },
        Node::Call(Func::Log, a) => signs(a).positive(),
        Node::Call(Func::Log1p | Func::Sqrt, a) => signs(a).not_negative(),
        _ => true,
    };
    here && e.children().into_iter().all(always_defined)
}

/// The bases for which a power is defined: all, minus what is left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Domain {
    pub no_zero: bool,
    pub no_negative: bool,
}

impl Domain {
    /// Of `base ^ exponent`.
    pub fn of_power(exponent: &Rational) -> Self {
        Self { no_zero: *exponent < 0, no_negative: *exponent.denom() != 1 }
    }

    pub fn and(self, other: Self) -> Self {
        Self { no_zero: self.no_zero || other.no_zero, no_negative: self.no_negative || other.no_negative }
    }

    /// Whether values of these signs all belong to it.
    pub fn holds(self, s: Signs) -> bool {
        (!self.no_zero || s.not_zero()) && (!self.no_negative || s.not_negative())
    }
}
