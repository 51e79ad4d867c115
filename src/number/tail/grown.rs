//! What grows or falls like an exponential: e^G (P + r) with a sum of powers G that tends to plus or minus infinity.

use super::coef::{COARSE, Coef};
use super::decay::Decay;
use super::functions::Op;
use super::series::Series;
use super::{Divergence, Growth, Tail, UNIT, power_at};
use crate::expr::{Func, Named};
use crate::number::{Enclosure, ExactQ, MpI, Real};
use rug::Rational;
use std::cmp::Ordering;

/// Whether a sum of powers tends to infinity, to minus infinity, or is nothing.
fn direction(d: &Series) -> Option<Ordering> {
    let Some((e, c)) = d.lead() else { return Some(Ordering::Equal) };
    match c.sign() {
        1 if *e > 0 => Some(Ordering::Greater),
        -1 if *e > 0 => Some(Ordering::Less),
        _ => None,
    }
}

impl Tail {
    /// Whether it is a sum of powers and a remainder alone.
    pub(super) fn is_plain(&self) -> bool {
        self.scale.is_empty()
    }

    /// Without the exponential.
    pub(super) fn mantissa(&self) -> Self {
        Self { scale: Series::default(), diverges: Divergence::UNKNOWN, ..self.clone() }
    }

    /// Whether it tends to infinity in size, for its exponential does.
    pub(super) fn is_grown(&self) -> bool {
        direction(&self.scale) == Some(Ordering::Greater)
    }

    /// With the infinity to which it tends alone, where its leading term was lost.
    pub(super) fn or_divergent(self, to: impl FnOnce() -> Divergence) -> Self {
        let lost = self.series.is_none() || self.is_grown() && self.lead_exponent().is_none();
        if lost { Self::divergent(&self.cx, to()) } else { self }
    }

    /// Without the exponential, if that falls: what it multiplies is measured. Unknown if it grows.
    pub(super) fn plainly(&self) -> Self {
        match direction(&self.scale) {
            Some(Ordering::Equal) => self.clone(),
            Some(Ordering::Less) => self.mantissa().fallen(&self.scale.neg()),
            _ => Self::unknown(&self.cx),
        }
    }

    /// `e^scale self`. What is only a remainder may fall in spite of a scale that grows.
    fn grown(self, scale: Series) -> Self {
        let (Some(series), rem) = (&self.series, &self.rem) else { return self };
        if !series.is_empty() {
            return Self { scale, ..self };
        }
        if direction(&scale) == Some(Ordering::Less) {
            return self.fallen(&scale.neg());
        }
        let Some(rem) = rem else { return self };
        let rate = rem.k.sub(&scale.over(UNIT, self.from(), COARSE));
        if rate.total() && rate.lo() > 0 {
            let decay = Decay::new(rem.c.clone(), rem.p, MpI::from_float(COARSE, &rate.lo()));
            return Self::remainder(&self.cx, decay);
        }
        Self { scale, ..self }
    }

    /// `e^-d self`, for a d that grows.
    fn fallen(&self, d: &Series) -> Self {
        let slopes = d.over(UNIT, self.from(), COARSE);
        let steep = d.lead().is_some_and(|(e, _)| *e >= UNIT) && slopes.lo() > 0;
        let decay = match d.lead() {
            Some(_) if steep => self.falling(1, &MpI::from_float(COARSE, &slopes.lo()), UNIT),
            Some((e, _)) => {
                let m = d.over(*e, self.from(), COARSE);
                if !m.total() || m.lo() <= 0 {
                    return Self::unknown(&self.cx);
                }
                self.falling(1, &MpI::from_float(COARSE, &m.lo()), (*e).min(UNIT))
            }
            None => return self.clone(),
        };
        match (&self.series, self.bound()) {
            (None, _) => Self::unknown(&self.cx),
            (_, None) => self.clone(),
            (_, Some(size)) => Self::remainder(&self.cx, decay.times(&size)),
        }
    }

    /// `e^d self`, whatever d tends to.
    fn scaled(self, d: Series) -> Self {
        match direction(&d) {
            Some(Ordering::Equal) => self,
            Some(_) => self.grown(d),
            None => Self::unknown(&self.cx),
        }
    }

    fn excess(&self, rhs: &Self) -> Series {
        self.scale.add(&rhs.scale.neg(), self.cx.prec)
    }

    /// e^G U + e^H V = e^G (U + e^(H - G) V)
    pub(super) fn add_grown(&self, rhs: &Self) -> Self {
        let d = self.excess(rhs);
        let sum = match direction(&d) {
            Some(Ordering::Less) => return rhs.add_grown(self),
            Some(Ordering::Equal) => self.mantissa().add(&rhs.mantissa()),
            Some(Ordering::Greater) => self.mantissa().add(&rhs.mantissa().fallen(&d)),
            None => return Self::unknown(&self.cx),
        };
        sum.scaled(self.scale.clone())
    }

    pub(super) fn mul_grown(&self, rhs: &Self) -> Self {
        self.mantissa().mul(&rhs.mantissa()).scaled(self.scale.add(&rhs.scale, self.cx.prec))
    }

    pub(super) fn div_grown(&self, rhs: &Self) -> Self {
        self.mantissa().over_tail(&rhs.mantissa()).scaled(self.excess(rhs))
    }

    pub(super) fn pow_grown(&self, q: &Rational) -> Self {
        let scale = self.scale.times_term(0, &Coef::exact(self.cx.prec, q.clone()), self.cx.prec);
        self.mantissa().to_power(q).scaled(scale)
    }

    /// e^(G + w) = e^G e^w, where w is what does not grow.
    pub(super) fn exponential(&self) -> Self {
        let Some(series) = &self.series else { return Self::unknown(&self.cx) };
        let part =
            |grows: bool| Series::of(series.terms().iter().filter(|(e, _)| (*e > 0) == grows).cloned().collect());
        let rest = Self::with(&self.cx, part(false), self.rem.clone());
        rest.near_constant(&Op::Call(Func::Exp)).scaled(part(true))
    }

    /// f(u) for what falls like an exponential: where its leading term would be lost, it is measured.
    pub(super) fn call_fallen(&self, f: Func) -> Self {
        match (f, self.sign()) {
            (Func::Sqrt, _) => self.to_power(&Rational::from((1, 2))),
            (Func::Log, Some(1)) => self.log_grown(),
            (Func::Abs, Some(-1)) => self.neg(),
            (Func::Abs, Some(_)) => self.clone(),
            (Func::Sin | Func::Sinh | Func::Tanh | Func::Atan | Func::Erf | Func::Expm1 | Func::Log1p, _) => {
                self.through_zero(f).unwrap_or_else(|| self.plainly().apply(f))
            }
            _ => self.plainly().apply(f),
        }
    }

    /// f(u) = u (f'(0) + r) with |r| <= |f''(somewhere between)| |u|/2, for a function with f(0) = 0.
    fn through_zero(&self, f: Func) -> Option<Self> {
        let (cx, prec, plain) = (&self.cx, self.cx.prec, self.plainly());
        let (size, range) = (plain.bound()?, plain.range()?);
        let op = Op::Call(f);
        let slope = match op.jet(ExactQ::new(Rational::new()), 1).c[1].value() {
            Some(q) => Coef::exact(prec, q.clone()),
            None => Coef::near(op.jet(MpI::int(&prec, 0), 1).c[1].clone()),
        };
        // half of the second derivative
        let bend = op.jet(range.hull(&MpI::int(&prec, 0)), 2).c.pop()?;
        if !bend.total() || !bend.mag().is_finite() {
            return None;
        }
        let rest = size.scaled(&MpI::from_float(COARSE, &bend.mag()));
        Some(self.mul(&Self::with(cx, Series::constant(slope), Some(rest))))
    }

    /// The functions that fall like an exponential of u, for u -> -inf (for the density also u -> inf), which is no more than
    /// `distance`.
    pub(super) fn falling_call(&self, f: Func, distance: Decay) -> Self {
        let (cx, prec) = (&self.cx, self.cx.prec);
        let near_one = |r: Decay| Self::with(cx, Series::constant(Coef::int(1)), Some(r));
        match f {
            // e^u/(1 + e^u), and e^u (1 - y/2) <= log(1 + e^u) <= e^u for y = e^u
            Func::Sigmoid | Func::Softplus => self.exponential().mul(&near_one(distance)),
            Func::Expm1 => self.exponential().sub(&Self::constant(cx, Coef::int(1))),
            Func::NormPdf => {
                let half = Self::constant(cx, Coef::exact(prec, Rational::from((-1, 2))));
                let factor = Self::constant(cx, Coef::near(MpI::int(&prec, 0).call(Func::NormPdf)));
                self.mul(self).mul(&half).exponential().mul(&factor)
            }
            Func::Erfc | Func::NormCdf => self.below_bell(f),
            _ => self.exponential(),
        }
    }

    /// erfc(u) for u -> inf, and Phi(u) = erfc(-u/sqrt(2))/2 for u -> -inf: with k = 1 and k = 1/2,
    /// e^(-k u^2)/(u sqrt(pi/k)) times the sum of (-1)^j (2j - 1)!!/(2k u^2)^j, k in front of erfc alone, and the sum is off by less than
    /// the first term that is left out.
    fn below_bell(&self, f: Func) -> Self {
        let (cx, prec) = (&self.cx, self.cx.prec);
        let erfc = f == Func::Erfc;
        let constant = |q: Rational| Self::constant(cx, Coef::exact(prec, q));
        let size = if erfc { self.clone() } else { self.neg() };
        let inverse = constant(Rational::from(1)).over_tail(&size);
        let k = Rational::from((1, if erfc { 1 } else { 2 }));
        let v = inverse.mul(&inverse).mul(&constant(k.clone().recip()));
        let c = |j: usize| (1..=j as u32).fold(Rational::from(1), |c, j| c * Rational::from((1 - 2 * i64::from(j), 2)));
        let coefs: Vec<Rational> = (0..=v.orders()).map(c).collect();
        let sum = v.taylor(&coefs, |next| MpI::rational(&COARSE, &c(next)));
        let pi = MpI::named(&prec, Named::Pi).mul(&MpI::int(&prec, if erfc { 1 } else { 2 }));
        let factor = Self::constant(cx, Coef::near(MpI::int(&prec, 1).div(&pi.call(Func::Sqrt))));
        size.mul(&size).mul(&constant(-k)).exponential().mul(&inverse).mul(&sum).mul(&factor)
    }

    /// log(e^G U) = G + log U
    pub(super) fn log_grown(&self) -> Self {
        let mantissa = self.mantissa();
        let one = || Self::constant(&self.cx, Coef::int(1));
        let rest = match mantissa.lead_exponent() {
            Some(0) => mantissa.near_constant(&Op::Call(Func::Log)),
            Some(e) if e > 0 => mantissa.log_growing(),
            Some(_) => one().over_tail(&mantissa).log_growing().neg(),
            None => return Self::unknown(&self.cx),
        };
        Self::with(&self.cx, self.scale.clone(), None).add(&Self { diverges: Divergence::UNKNOWN, ..rest })
    }

    /// (e^u - e^-u)/2 or with the other sign
    pub(super) fn hyperbolic(&self, f: Func, up: bool) -> Self {
        let size = if up { self.clone() } else { self.neg() };
        let (rise, fall) = (size.exponential(), size.neg().apply(Func::Exp));
        let sum = if f == Func::Sinh { rise.sub(&fall) } else { rise.add(&fall) };
        let half = Self::constant(&self.cx, Coef::exact(self.cx.prec, Rational::from((1, 2))));
        let value = sum.mul(&half);
        if up || f == Func::Cosh { value } else { value.neg() }
    }

    /// c x <= |e^G U|, for |U| >= k x^e and G >= g x: e^(g x) x^(e - 1) rises from x = (1 - e)/g on.
    pub(super) fn line_below(&self) -> Option<Growth> {
        let mantissa = self.mantissa();
        let e = mantissa.lead_exponent()?;
        let size = mantissa.over(e)?;
        let sign = if size.lo() > 0 { 1 } else { -1 };
        let k = if sign > 0 { size } else { size.neg() };
        let slope = self.scale.over(UNIT, self.from(), COARSE);
        let growth = MpI::from_float(COARSE, &slope.lo()).mul(&MpI::from_float(COARSE, self.from()));
        let turned = growth.add(&MpI::rational(&COARSE, &Rational::from((e - UNIT, UNIT))));
        if k.lo() <= 0 || slope.lo() <= 0 || turned.lo() < 0 {
            return None;
        }
        let k = MpI::from_float(COARSE, &k.lo());
        let m = k.mul(&growth.call(Func::Exp)).mul(&power_at(self.from(), e - UNIT, COARSE));
        let m = MpI::from_float(COARSE, &m.lo());
        m.lo().is_finite().then_some(Growth { sign, m, e: UNIT })
    }
}
