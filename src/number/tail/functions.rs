//! Functions of tails: those that grow, and those that have a limit.

use super::coef::{COARSE, Coef};
use super::decay::{Decay, small};
use super::series::Series;
use super::{Divergence, Growth, Tail, UNIT, power_at};
use crate::expr::{Func, Named};
use crate::number::{Enclosure, ExactQ, Jet, MpI, Real};
use rug::Rational;

/// What can be applied to a value near a constant.
pub(super) enum Op<'a> {
    Call(Func),
    Pow(&'a Rational),
}

impl Op<'_> {
    pub(super) fn jet<T: Real>(&self, at: T, order: usize) -> Jet<T> {
        let x = Jet::variable(at, order);
        match self {
            Self::Call(f) => x.call(*f),
            Self::Pow(q) => x.pow(q),
        }
    }
}

fn usable(v: &MpI) -> bool {
    v.total() && v.lo().is_finite() && v.hi().is_finite()
}

impl Tail {
    pub(super) fn apply(&self, f: Func) -> Self {
        if f == Func::Sqrt {
            return self.to_power(&Rational::from((1, 2)));
        }
        if !self.is_plain() && !self.is_grown() {
            return self.call_fallen(f);
        }
        let growth = if self.is_plain() { self.growth() } else { self.line_below() };
        if let Some(growth) = growth {
            return self.call_growing(f, &growth);
        }
        if !self.is_plain() {
            return Self::unknown(&self.cx);
        }
        match (&self.series, f, self.sign()) {
            (None, ..) => Self::unknown(&self.cx),
            (_, Func::Abs, Some(sign)) => {
                if sign < 0 {
                    self.neg()
                } else {
                    self.clone()
                }
            }
            (Some(s), Func::Abs, None) if s.is_empty() => self.clone(),
            (Some(_), ..) if self.grows() => Self::unknown(&self.cx),
            (_, Func::Abs, None) => self.bounded_by(&self.constant_part().add(&self.deviation())),
            _ => self.near_constant(&Op::Call(f)),
        }
    }

    fn constant_part(&self) -> MpI {
        let value = self.series.as_ref().map_or_else(|| Coef::int(0), Series::constant_part);
        value.value(self.cx.prec)
    }

    /// What is left without the constant.
    fn variable_part(&self) -> Self {
        let series = self.series.as_ref().map(Series::variable_part).unwrap_or_default();
        Self::with(&self.cx, series, self.rem.clone())
    }

    /// All values without the constant.
    fn deviation(&self) -> MpI {
        self.variable_part().range().unwrap_or_else(|| self.spread(0))
    }

    /// f(a + v) by Taylor's formula around the constant a; v tends to nothing, or is bounded.
    pub(super) fn near_constant(&self, op: &Op<'_>) -> Self {
        let cx = &self.cx;
        let Some(series) = self.series.as_ref().filter(|_| !self.grows()) else { return Self::unknown(cx) };
        let (constant, v) = (series.constant_part(), self.variable_part());
        let a = constant.value(cx.prec);
        let hull = a.hull(&a.add(&self.deviation()));
        for order in [v.orders(), 0].into_iter().take(1 + v.orders()) {
            let here = op.jet(a.clone(), order);
            if !here.c.iter().all(usable) {
                continue;
            }
            let exact = match &constant {
                Coef::Exact(q) => Some(op.jet(ExactQ::new(q.clone()), order)),
                Coef::Near(_) => None,
            };
            let coef = |(k, near): (usize, MpI)| {
                let known = exact.as_ref().and_then(|jet| jet.c[k].value());
                known.map_or_else(|| Coef::near(near), |q| Coef::exact(cx.prec, q.clone()))
            };
            let coefs: Vec<Coef> = here.c.into_iter().enumerate().map(coef).collect();
            if v.is_zero() {
                return Self::constant(cx, coefs[0].clone());
            }
            let around = op.jet(hull.clone(), order + 1);
            if around.c.iter().all(usable) {
                return v.taylor(&coefs, |next| around.c[next].clone());
            }
        }
        self.bounded_by(&op.jet(hull, 0).c[0])
    }

    /// Nothing but a bound.
    fn bounded_by(&self, range: &MpI) -> Self {
        let mag = range.mag();
        if !range.total() || !mag.is_finite() {
            return Self::unknown(&self.cx);
        }
        Self::remainder(&self.cx, Decay::algebraic(MpI::from_float(COARSE, &mag), 0))
    }

    /// atan(u) = +-pi/2 - atan(1/u)
    fn atan_growing(&self, sign: i64) -> Self {
        let half_pi =
            MpI::named(&self.cx.prec, Named::Pi).mul(&MpI::rational(&self.cx.prec, &Rational::from((sign, 2))));
        let inverse = Self::constant(&self.cx, Coef::int(1)).over_tail(self).plainly();
        Self::constant(&self.cx, Coef::near(half_pi)).sub(&inverse.near_constant(&Op::Call(Func::Atan)))
    }

    /// log u for 1 <= u <= c x^p: it grows, but at most like log c + p log x <= (log c + 4p/e) x^(1/4).
    pub(super) fn log_growing(&self) -> Self {
        let (Some(bound), Some(range)) = (self.bound(), self.range()) else { return Self::unknown(&self.cx) };
        if range.lo() < 1 || !bound.is_algebraic() {
            return Self::unknown(&self.cx);
        }
        let log = bound.c.max(&small(1)).call(Func::Log);
        let rate = MpI::rational(&COARSE, &Rational::from((4 * bound.p.max(0), UNIT)));
        let c = log.add(&rate.div(&MpI::named(&COARSE, Named::E)));
        let rem = Decay::algebraic(MpI::from_float(COARSE, &c.hi()), UNIT / 4);
        Self { diverges: Divergence { sign: 1, fast: false }, ..Self::remainder(&self.cx, rem) }
    }

    /// c e^(-m x^e), e in units: as an exponential where the power is at least 1, else as a power, by
    /// e^-y <= (n/(e y))^n.
    pub(super) fn falling(&self, c: i64, m: &MpI, e: i32) -> Decay {
        const N: i32 = 8;
        if e >= UNIT {
            let k = m.mul(&power_at(self.from(), e - UNIT, COARSE));
            return Decay::new(small(c), 0, MpI::from_float(COARSE, &k.lo()));
        }
        let base = small(N.into()).div(&MpI::named(&COARSE, Named::E).mul(m));
        let c = small(c).mul(&base.pow(&Rational::from(N)));
        Decay::algebraic(MpI::from_float(COARSE, &c.hi()), -N * e)
    }

    /// An exponential of what grows; one of an exponential, or of what is not known closely, only tends to an infinity.
    fn rising(&self, f: Func, up: bool) -> Self {
        let followed = match f {
            _ if !self.is_plain() => Self::unknown(&self.cx),
            Func::Exp => self.exponential(),
            Func::Expm1 => self.exponential().sub(&Self::constant(&self.cx, Coef::int(1))),
            _ => self.hyperbolic(f, up),
        };
        let to = if up || f == Func::Cosh { 1 } else { -1 };
        if followed.series.is_some() { followed } else { Self::divergent(&self.cx, Divergence::fast(to)) }
    }

    /// f(u) for a growing |u|: the limit, and how fast it is approached.
    fn call_growing(&self, f: Func, growth: &Growth) -> Self {
        let (cx, Growth { sign, m, e }) = (&self.cx, growth);
        let (up, sign) = (*sign > 0, i64::from(*sign));
        let int = |v: i64| Series::constant(Coef::int(v));
        let nothing = Series::default;
        let exponential = |c: i64, rate: i64| self.falling(c, &m.mul(&small(rate)), *e);
        let gauss = |d: i64| self.falling(1, &m.sqr().div(&small(d)), 2 * e);
        let falls = match f {
            Func::Exp | Func::Expm1 | Func::Sigmoid | Func::Softplus => !up,
            // what is only measured otherwise
            Func::NormCdf => !up && cx.terms > 0,
            Func::Erfc => up && cx.terms > 0,
            _ => f == Func::NormPdf,
        };
        if falls && self.is_plain() {
            let followed = self.falling_call(f, exponential(1, 1));
            if followed.series.is_some() {
                return followed;
            }
        }
        let (series, rem) = match f {
            Func::Exp | Func::Expm1 if up => return self.rising(f, up),
            Func::Sinh | Func::Cosh => return self.rising(f, up),
            Func::Exp => (nothing(), exponential(1, 1)),
            Func::Expm1 => (int(-1), exponential(1, 1)),
            Func::Log if up && self.is_plain() => return self.log_growing(),
            Func::Log if up => return self.log_grown(),
            Func::Log1p if up => return self.add(&Self::constant(cx, Coef::int(1))).apply(Func::Log),
            Func::Log | Func::Log1p => return Self::unknown(cx),
            Func::Sqrt => return self.to_power(&Rational::from((1, 2))),
            Func::Atan => return self.atan_growing(sign),
            // erfc(y) <= e^(-y^2) for y >= 0
            Func::Erf => (int(sign), gauss(1)),
            Func::Erfc => (int(if up { 0 } else { 2 }), gauss(1)),
            Func::Tanh => (int(sign), exponential(2, 2)),
            Func::Sin | Func::Cos => (nothing(), Decay::algebraic(small(1), 0)),
            Func::Sigmoid => (int(i64::from(up)), exponential(1, 1)),
            Func::Softplus if up => return self.add(&Self::remainder(cx, exponential(1, 1))),
            Func::Softplus => (nothing(), exponential(1, 1)),
            // 1 - Phi(y) <= e^(-y^2/2)/2 for y >= 0, and phi(y) <= e^(-y^2/2)
            Func::NormCdf => (int(i64::from(up)), gauss(2)),
            Func::NormPdf => (nothing(), gauss(2)),
            Func::Abs => return if up { self.clone() } else { self.neg() },
        };
        Self::with(cx, series, Some(rem))
    }
}
