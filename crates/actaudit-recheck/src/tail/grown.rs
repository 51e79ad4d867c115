//! Half-lines: what grows or falls like an exponential, e^G (P + r) with a sum G of powers that tends to plus or minus infinity.

use super::{Form, Tail};
use crate::powers::{Decay, Number, ONE, Powers, Start};
use actaudit_expr::plain::{Interval, eval};
use actaudit_expr::{Expr, Func, Named};
use rug::Rational;
use std::cmp::Ordering;

/// Whether a sum of powers of t tends to infinity, to minus infinity, or is nothing.
fn direction(d: &Powers) -> Option<Ordering> {
    let Some((e, a)) = d.lead() else { return Some(Ordering::Equal) };
    match (a.value.lo > 0, a.value.hi < 0) {
        (true, _) if *e > 0 => Some(Ordering::Greater),
        (_, true) if *e > 0 => Some(Ordering::Less),
        _ => None,
    }
}

impl Tail {
    fn difference(&self, a: &Powers, b: &Powers) -> Powers {
        a.add(&b.shifted(&self.number(-1), 0))
    }

    /// e^-D (Q + s) = O(e^-D |Q + s|), for a D that grows.
    fn fallen(&self, u: &Form, d: &Powers) -> Option<Form> {
        let decay = self.falling(&Form::plain(d.clone(), self.nothing()))?;
        Some(Form::plain(Powers::new(vec![]), decay.times(&self.magnitude(u)?)))
    }

    /// Without the exponential, if that falls: what it multiplies is measured.
    pub(super) fn plainly(&self, u: &Form) -> Option<Form> {
        match direction(&u.scale)? {
            Ordering::Equal => Some(u.clone()),
            Ordering::Less => self.fallen(&u.mantissa(), &u.scale.shifted(&self.number(-1), 0)),
            Ordering::Greater => None,
        }
    }

    /// Whether it tends to infinity in size, for its exponential does.
    pub(super) fn is_grown(&self, u: &Form) -> bool {
        direction(&u.scale) == Some(Ordering::Greater)
    }

    /// e^G r with |r| <= c t^p e^(-k t) and G <= g t has |e^G r| <= c t^p e^(-(k - g) t).
    fn settled(&self, u: Form) -> Form {
        let plain = |rest| Form::plain(Powers::new(vec![]), rest);
        if u.is_plain() || u.powers.lead().is_some() {
            return u;
        }
        if u.rest.c.is_zero() {
            return plain(u.rest);
        }
        if let Some(fallen) = self.plainly(&u) {
            return fallen;
        }
        let rate = self.start.over(&u.scale, ONE).map(|g| u.rest.rate.sub(&Interval::point(&g.hi)));
        match rate {
            Some(rate) if rate.lo > 0 => plain(Decay::new(&u.rest.c, u.rest.p, &rate)),
            _ => u,
        }
    }

    /// e^G U + e^H V = e^G (U + e^(H - G) V), where G - H grows.
    pub(super) fn add_grown(&self, a: &Form, b: &Form) -> Option<Form> {
        let d = self.difference(&a.scale, &b.scale);
        let sum = match direction(&d)? {
            Ordering::Less => return self.add_grown(b, a),
            Ordering::Equal => self.add(&a.mantissa(), &b.mantissa())?,
            Ordering::Greater => self.add(&a.mantissa(), &self.fallen(&b.mantissa(), &d)?)?,
        };
        Some(self.settled(Form { scale: a.scale.clone(), ..sum }))
    }

    /// e^G U e^H V = e^(G + H) U V
    pub(super) fn mul_grown(&self, a: &Form, b: &Form) -> Option<Form> {
        self.scaled(self.mul(&a.mantissa(), &b.mantissa())?, &a.scale.add(&b.scale))
    }

    /// e^G U / (e^H V) = e^(G - H) U/V
    pub(super) fn div_grown(&self, a: &Form, b: &Form) -> Option<Form> {
        let quotient = self.div(&a.mantissa(), &b.mantissa())?;
        self.scaled(quotient, &self.difference(&a.scale, &b.scale))
    }

    /// (e^G U)^q = e^(q G) U^q
    pub(super) fn pow_grown(&self, base: &Form, q: &Rational) -> Option<Form> {
        let power = self.pow(&base.mantissa(), q)?;
        self.scaled(power, &base.scale.shifted(&Number::rational(self.prec(), q), 0))
    }

    /// e^D U, whatever D tends to.
    fn scaled(&self, u: Form, d: &Powers) -> Option<Form> {
        direction(d)?;
        Some(self.settled(Form { scale: d.clone(), ..u }))
    }

    /// f(u) for what falls like an exponential: where its leading term would be lost, it is measured.
    pub(super) fn call_fallen(&self, f: Func, u: &Form) -> Option<Form> {
        match f {
            Func::Sqrt => self.pow(u, &Rational::from((1, 2))),
            Func::Log | Func::Abs => {
                self.floor(&u.mantissa())?;
                let up = u.powers.lead()?.1.value.lo > 0;
                match f {
                    Func::Log => {
                        if up {
                            self.log_grown(u)
                        } else {
                            None
                        }
                    }
                    _ => Some(if up { u.clone() } else { self.neg(u) }),
                }
            }
            Func::Sin | Func::Sinh | Func::Tanh | Func::Atan | Func::Erf | Func::Expm1 | Func::Log1p => {
                self.through_zero(f, u).or_else(|| self.call(f, &self.plainly(u)?))
            }
            _ => self.call(f, &self.plainly(u)?),
        }
    }

    /// f(u) = u (f'(0) + r) with |r| <= |f''(somewhere between)| |u|/2, for a function with f(0) = 0.
    fn through_zero(&self, f: Func, u: &Form) -> Option<Form> {
        let size = self.magnitude(&self.plainly(u)?)?;
        let range = Start::both_signs(&self.start.bound(&size)?);
        let value = Expr::call(f, Expr::var());
        eval(&value, &range).ok()?;
        let slope = value.derivative();
        let here = slope.substitute_x(&Expr::int(0)).simplified();
        let half = Interval::rational(self.prec(), &Rational::from((1, 2)));
        let bend = eval(&slope.derivative(), &range).ok()?.mul(&half).abs();
        let here = Number::new(self.prec(), here.exact_rational(), || {
            eval(&here, self.start.at()).unwrap_or_else(|_| Interval::line(self.prec()))
        });
        let rest = size.times(&Decay::algebraic(&bend, 0));
        self.mul(u, &Form { rest, ..self.constant(here) })
    }

    /// The functions that fall like an exponential of u, for u -> -inf (for the density also u -> inf).
    pub(super) fn falling_call(&self, f: Func, u: &Form, distance: &Decay) -> Option<Form> {
        let near_one = |r: &Decay| Form { rest: r.clone(), ..self.int(1) };
        match f {
            Func::Exp => self.exponential(u),
            Func::Expm1 => self.add(&self.exponential(u)?, &self.int(-1)),
            // e^u/(1 + e^u), and 1 - e^u <= 1/(1 + e^u) <= 1
            Func::Sigmoid => self.mul(&self.exponential(u)?, &near_one(distance)),
            // y - y^2/2 <= log(1 + y) <= y
            Func::Softplus => self.mul(&self.exponential(u)?, &near_one(distance)),
            // e^(-u^2/2)/sqrt(2 pi)
            Func::NormPdf => {
                let half = self.constant(Number::rational(self.prec(), &Rational::from((-1, 2))));
                let factor = eval(&Expr::call(Func::NormPdf, Expr::int(0)), self.start.at()).ok()?;
                let bell = self.exponential(&self.mul(&self.mul(u, u)?, &half)?)?;
                self.mul(&bell, &self.constant(Number { exact: None, value: factor }))
            }
            _ => None,
        }
    }

    /// erfc(u), and Phi(-u) = erfc(u/sqrt(2))/2, for u -> inf. For y > 0
    /// erfc(y) = e^(-y^2)/(y sqrt(pi)) (1 - 1/(2 y^2) + 3/(2 y^2)^2 - 15/(2 y^2)^3 + ...), off by less than the first term that is left
    /// out. With y^2 = k u^2 that is e^(-k u^2)/(u sqrt(k pi)) times a sum of powers of v = 1/(k u^2).
    pub(super) fn below_bell(&self, f: Func, u: &Form) -> Option<Form> {
        let (k, sum) = (Rational::from((1, if f == Func::Erfc { 1 } else { 2 })), super::DEPTH as u32);
        let constant = |q: Rational| self.constant(Number::rational(self.prec(), &q));
        let inverse = self.div(&self.int(1), u)?;
        let v = self.mul(&self.mul(&inverse, &inverse)?, &constant(k.clone().recip()))?;
        // (-1)^j (2j - 1)!!/2^j
        let c = |j: u32| (1..=j).fold(Rational::from(1), |c, j| c * Rational::from((1 - 2 * i64::from(j), 2)));
        let coefs: Vec<Number> = (0..sum).map(|j| Number::rational(self.prec(), &c(j))).collect();
        let sum = self.taylor(&coefs, &v, &Interval::rational(self.prec(), &c(sum)))?;
        let bell = self.exponential(&self.mul(&self.mul(u, u)?, &constant(-k))?)?;
        // 1/sqrt(pi) for erfc, 1/(2 sqrt(pi/2)) = 1/sqrt(2 pi) for Phi
        let root = Interval::named(self.prec(), Named::Pi).mul(&self.start.int(if f == Func::Erfc { 1 } else { 2 }));
        let factor = Number { exact: None, value: self.start.int(1).div(&root.call(Func::Sqrt)?)? };
        self.mul(&self.mul(&self.mul(&bell, &inverse)?, &sum)?, &self.constant(factor))
    }

    /// e^(G + w) = e^G e^w, where w is what does not grow.
    pub(super) fn exponential(&self, u: &Form) -> Option<Form> {
        let part = |grows: bool| u.powers.terms().iter().filter(|(e, _)| (*e > 0) == grows).cloned().collect();
        let rest = Form::plain(Powers::new(part(false)), u.rest.clone());
        let factor = self.near_constant(&Expr::call(Func::Exp, Expr::var()), &rest)?;
        self.scaled(factor, &Powers::new(part(true)))
    }

    /// log(e^G U) = G + log U
    pub(super) fn log_grown(&self, u: &Form) -> Option<Form> {
        let mantissa = u.mantissa();
        let near = Expr::call(Func::Log, Expr::var());
        let rest = match mantissa.order().cmp(&0) {
            Ordering::Equal => self.near_constant(&near, &mantissa)?,
            Ordering::Greater => self.log(&mantissa)?,
            Ordering::Less => self.neg(&self.log(&self.div(&self.int(1), &mantissa)?)?),
        };
        self.add(&Form::plain(u.scale.clone(), self.nothing()), &rest)
    }

    /// c t <= |e^G U|, for |U| >= k t^e and G >= g t: e^(g t) t^(e - 1) rises from t = (1 - e)/g on.
    pub(super) fn line_below(&self, u: &Form) -> Option<Form> {
        let mantissa = u.mantissa();
        let exponent = mantissa.order() - ONE;
        let slope = self.start.over(&u.scale, ONE)?;
        let growth = Interval::point(&slope.lo).mul(self.start.at());
        let turned = growth.add(&Interval::rational(self.prec(), &Rational::from((exponent, ONE))));
        if slope.lo <= 0 || turned.lo < 0 {
            return None;
        }
        let c = self.floor(&mantissa)?.mul(&growth.call(Func::Exp)?).mul(&self.start.power(exponent)?);
        let c = Number { exact: None, value: Interval::point(&c.lo) };
        c.value.is_bounded().then(|| Form::plain(Powers::new(vec![(ONE, c)]), self.nothing()))
    }
}
