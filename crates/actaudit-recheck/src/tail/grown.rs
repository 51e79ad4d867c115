//! Half-lines: what grows like an exponential, e^G (P + r) with a sum G of powers that tends to infinity.

use super::{Form, Tail};
use crate::powers::{Decay, Number, ONE, Powers};
use actaudit_expr::plain::Interval;
use actaudit_expr::{Expr, Func};
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

    /// e^G r with |r| <= c t^p e^(-k t) and G <= g t has |e^G r| <= c t^p e^(-(k - g) t).
    fn settled(&self, u: Form) -> Form {
        let plain = |rest| Form::plain(Powers::new(vec![]), rest);
        if u.is_plain() || u.powers.lead().is_some() {
            return u;
        }
        if u.rest.c.is_zero() {
            return plain(u.rest);
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
        let product = self.mul(&a.mantissa(), &b.mantissa())?;
        Some(self.settled(Form { scale: a.scale.add(&b.scale), ..product }))
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
        match direction(d)? {
            Ordering::Equal => Some(u),
            Ordering::Greater => Some(self.settled(Form { scale: d.clone(), ..u })),
            Ordering::Less => self.fallen(&u, &d.shifted(&self.number(-1), 0)),
        }
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
