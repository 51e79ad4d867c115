//! Half-lines: the value of an expression for all t >= L > 0, as a sum of powers of t plus a remainder that decays.
//!
//! A `Form` `P + r` stands for every function that is `P(t) + r(t)` with `|r(t)| <= c t^p e^(-rate t)` for all t >= L.
//! The variable `x` is t on the right half-line and -t on the left one. Where no rule applies the answer is an error;
//! that an expression has a form proves that it is defined on the whole half-line.
//!
//! What grows or falls like an exponential is `e^G (P + r)` with a sum of powers `G` that tends to an infinity (`grown`). Logarithms of x are
//! powers where `x` is `e^t` or `-e^t`: the half-line is looked at once more in that variable where powers of x do not tell.

mod grown;

use super::powers::{Decay, Number, ONE, Powers, Start};
use actaudit_expr::plain::Interval;
use actaudit_expr::plain::{eval, shortened};
use actaudit_expr::{Expr, Func, Named, Node};
use rug::{Float, Rational};

/// Higher powers are given up.
const MAX_EXPONENT: i32 = 400 * ONE;
/// Exponents of t in remainders beyond this are given up.
const MAX_POWER: i32 = 100_000 * ONE;
/// Whole powers beyond this are given up.
const MAX_DEGREE: i32 = 64;
/// More powers than this are given up.
const MAX_TERMS: usize = 100;
/// So many negative powers are kept, and orders of Taylor series followed.
const DEPTH: usize = 5;

/// Whether a form has few terms, and exponents and coefficients that can be worked with.
fn is_bounded(f: &Form) -> bool {
    let mut all = f.powers.terms().iter().chain(f.scale.terms());
    all.all(|(e, a)| e.abs() <= MAX_EXPONENT && a.value.is_bounded())
        && f.powers.terms().len() <= MAX_TERMS
        && f.rest.p.abs() <= MAX_POWER
}

/// Powers plus remainder, times an exponential.
#[derive(Clone)]
pub(super) struct Form {
    powers: Powers,
    rest: Decay,
    /// what stands above the exponential; empty, or it tends to plus or minus infinity
    scale: Powers,
}

impl Form {
    fn plain(powers: Powers, rest: Decay) -> Self {
        Self { powers, rest, scale: Powers::new(vec![]) }
    }

    /// Whether there is no exponential.
    fn is_plain(&self) -> bool {
        self.scale.lead().is_none()
    }

    /// Without the exponential.
    fn mantissa(&self) -> Self {
        Self::plain(self.powers.clone(), self.rest.clone())
    }

    /// The highest exponent; 0 where there is none.
    fn order(&self) -> i32 {
        self.powers.lead().map_or(0, |(e, _)| *e)
    }

    fn grows(&self) -> bool {
        self.order() > 0
    }
}

/// The half-line t >= L.
pub(super) struct Tail {
    start: Start,
    left: bool,
    /// whether x is e^t or -e^t
    exponential: bool,
}

impl Tail {
    /// x >= `from`, or x <= -`from` for `left`; `None` unless `from` is positive and finite.
    pub fn new(from: &Float, left: bool) -> Option<Self> {
        (from.is_finite() && *from > 0).then(|| Self { start: Start::new(from), left, exponential: false })
    }

    /// Whether it goes to minus infinity.
    pub const fn left(&self) -> bool {
        self.left
    }

    /// The same half-line, with x = e^t or -e^t; `None` unless it begins beyond 1.
    fn in_logarithms(&self) -> Option<Self> {
        let start = self.start.at().call(Func::Log).filter(|log| log.lo > 0)?;
        Some(Self { start: Start::new(&start.lo), left: self.left, exponential: true })
    }

    /// What is shown in powers of x, or else in powers of log x.
    fn either<T>(&self, show: impl Fn(&Self) -> Result<T, String>) -> Result<T, String> {
        show(self)
            .or_else(|reason| self.in_logarithms().map_or(Err(reason.clone()), |view| show(&view).map_err(|_| reason)))
    }

    /// Whether the expression is shown to have values on the whole half-line.
    pub fn defined(&self, e: &Expr) -> Result<(), String> {
        self.either(|view| view.form(e).map(|_| ()))
    }

    /// An upper bound of an expression on the half-line; plus infinity if it grows.
    pub fn upper(&self, e: &Expr) -> Result<Float, String> {
        self.either(|view| match view.upper_of(&view.form(e)?) {
            upper if upper.is_finite() => Ok(upper),
            _ => Err("no bound was found".into()),
        })
        .or_else(|_| self.either(|view| view.form(e).map(|form| view.upper_of(&form))))
    }

    /// The same of the last expression of a chain, each the derivative of the one before.
    pub fn upper_along(&self, chain: &[Expr]) -> Result<Float, String> {
        let mut forms = chain.iter().map(|e| self.form(e));
        let first = forms.next().ok_or("no expression")??;
        let last = forms.try_fold(first, |primitive, form| Ok::<_, String>(self.derived(form?, &primitive)))?;
        Ok(self.upper_of(&last))
    }

    fn upper_of(&self, form: &Form) -> Float {
        let line = || Interval::line(self.prec());
        if !form.is_plain() {
            let mantissa = form.mantissa();
            let negative =
                self.floor(&mantissa).is_some() && mantissa.powers.lead().is_some_and(|(_, a)| a.value.hi < 0);
            let measured = || self.plainly(form).map_or_else(|| line().hi, |plain| self.upper_of(&plain));
            return if negative { Float::new(self.prec()) } else { measured() };
        }
        let rest = self.start.bound(&form.rest).map_or_else(line, |b| Start::both_signs(&b));
        let upper = self.start.over(&form.powers, 0).unwrap_or_else(line).add(&rest).hi;
        // u <= -k t^e < 0, where the leading term is negative and outweighs the rest
        let negative = form.powers.lead().is_some_and(|(_, a)| a.value.hi < 0) && self.floor(form).is_some();
        if negative && upper > 0 { Float::new(self.prec()) } else { upper }
    }

    /// Where u = sum a t^e + O(t^p) and u' = sum b t^e + O(t^q), b_(e-1) = e a_e for all e - 1 > max(p - 1, q): the first
    /// other b, integrated, would not be O(t^p). So a b that is nothing is known to be, not only to be small. The derivative is by x,
    /// which is -t on the left.
    fn derived(&self, slope: Form, u: &Form) -> Form {
        if !slope.is_plain() || !u.is_plain() {
            return slope;
        }
        let order = |r: &Decay| if r.c.is_zero() || r.rate.lo > 0 { i32::MIN } else { r.p };
        let floor = order(&u.rest).saturating_sub(ONE).max(order(&slope.rest));
        let side = if self.left { -1 } else { 1 };
        let above = u.powers.terms().iter().filter(|(e, _)| e - ONE > floor);
        let above =
            above.map(|(e, a)| (e - ONE, a.mul(&Number::rational(self.prec(), &Rational::from((side * e, ONE))))));
        let below = slope.powers.terms().iter().filter(|(e, _)| *e <= floor).cloned();
        Form::plain(Powers::new(above.chain(below).collect()), slope.rest)
    }

    /// The limit at the infinite end.
    pub fn limit(&self, e: &Expr) -> Result<Number, String> {
        self.either(|view| {
            let none = || format!("`{}` has no finite limit that could be proved", shortened(e));
            let form = view.plainly(&view.form(e)?).ok_or_else(none)?;
            if form.grows() || !form.rest.vanishes() {
                return Err(none());
            }
            Ok(view.constant_part(&form))
        })
    }

    /// Whether the expression tends to plus infinity: the leading power grows faster than the remainder, or is positive times an
    /// exponential that grows.
    pub fn rises(&self, e: &Expr) -> bool {
        // what rises without bound does so below an increasing function without one, and beside what has a bound
        let above = |e: &Expr| self.upper(&-e.clone()).is_ok_and(|u| u.is_finite());
        let by_form = || match e.node() {
            Node::Call(
                Func::Log | Func::Log1p | Func::Sqrt | Func::Exp | Func::Expm1 | Func::Softplus | Func::Sinh,
                u,
            ) => self.rises(u),
            Node::Add(a, b) => self.rises(a) && above(b) || self.rises(b) && above(a),
            Node::Sub(a, b) => self.rises(a) && above(&-b.clone()),
            Node::Neg(a) => matches!(a.node(), Node::Neg(b) if self.rises(b)),
            // of products the sum of the logarithms, where that is another expression
            Node::Mul(..) | Node::Div(..) => {
                let log = Expr::call(Func::Log, e.simplified());
                let apart = log.with_logarithms_apart();
                apart != log && self.rises(&apart)
            }
            _ => false,
        };
        let shown = |view: &Self| {
            let form = view.form(e)?;
            let grows = (form.is_plain() && form.grows() || view.is_grown(&form))
                && form.powers.lead().is_some_and(|(_, a)| a.value.lo > 0);
            let least = form.rest.c.is_zero() || form.rest.rate.lo > 0 || form.rest.p < form.order();
            if grows && least { Ok(()) } else { Err(String::new()) }
        };
        self.either(shown).is_ok() || by_form()
    }

    /// The form of an expression.
    pub fn form(&self, e: &Expr) -> Result<Form, String> {
        let fail = || format!("the tail cannot be bounded: no rule for `{}`", shortened(e));
        if !e.depends_on_x() {
            let value = eval(e, self.start.at())?;
            return Ok(self.constant(Number::new(self.prec(), e.exact_rational(), || value)));
        }
        let result = match e.node() {
            Node::Var => {
                let one = self.number(if self.left { -1 } else { 1 });
                Some(match self.exponential {
                    false => Form::plain(Powers::new(vec![(ONE, one)]), self.nothing()),
                    true => Form { scale: Powers::new(vec![(ONE, self.number(1))]), ..self.constant(one) },
                })
            }
            Node::Neg(a) => Some(self.neg(&self.form(a)?)),
            Node::Add(a, b) => self.add(&self.form(a)?, &self.form(b)?),
            Node::Sub(a, b) => self.add(&self.form(a)?, &self.neg(&self.form(b)?)),
            Node::Mul(a, b) => self.mul(&self.form(a)?, &self.form(b)?),
            Node::Div(a, b) => self.div(&self.form(a)?, &self.form(b)?),
            Node::Pow(a, q) => match q.exact_rational() {
                Some(q) => self.pow(&self.form(a)?, &q),
                None => None,
            },
            Node::Call(f, a) => self.call(*f, &self.form(a)?),
            Node::Min(a, b) => {
                let (a, b) = (self.form(a)?, self.form(b)?);
                self.max(&self.neg(&a), &self.neg(&b)).map(|m| self.neg(&m))
            }
            Node::Max(a, b) => self.max(&self.form(a)?, &self.form(b)?),
            Node::Const(_) | Node::Named(_) | Node::Param(_) => None,
        };
        result.filter(is_bounded).ok_or_else(fail)
    }

    fn prec(&self) -> u32 {
        self.start.prec()
    }

    fn number(&self, value: i32) -> Number {
        Number::rational(self.prec(), &Rational::from(value))
    }

    fn int(&self, value: i32) -> Form {
        self.constant(self.number(value))
    }

    fn nothing(&self) -> Decay {
        Decay::algebraic(&self.start.int(0), 0)
    }

    fn constant(&self, value: Number) -> Form {
        Form::plain(Powers::new(vec![(0, value)]), self.nothing())
    }

    fn constant_part(&self, u: &Form) -> Number {
        let found = u.powers.terms().iter().find(|(e, _)| *e == 0);
        found.map_or_else(|| self.number(0), |(_, a)| a.clone())
    }

    /// u - c for the constant term c, one real number, of which only an enclosure may be known: nothing of it is left.
    fn without_constant(&self, u: &Form) -> Form {
        let others = u.powers.terms().iter().filter(|(e, _)| *e != 0).cloned();
        Form { powers: Powers::new(others.collect()), ..u.clone() }
    }

    /// Powers that fall faster than the first few negative ones go into the remainder: |a t^e| = |a| t^e.
    fn make(&self, mut powers: Powers, mut rest: Decay) -> Option<Form> {
        let mut negative = powers.terms().iter().filter(|(e, _)| *e < 0).count();
        while negative > DEPTH {
            let (e, a) = powers.pop_last()?;
            rest = self.start.sum(&rest, &Decay::algebraic(&a.value.abs(), e))?;
            negative -= 1;
        }
        Some(Form::plain(powers, rest))
    }

    /// |u| <= |P| + |r|
    fn magnitude(&self, u: &Form) -> Option<Decay> {
        self.start.sum(&self.start.magnitude(&u.powers)?, &u.rest)
    }

    /// k > 0 with |u(t)| >= k t^e on the half-line, e the leading exponent: |u| >= |a0| t^e - |the other terms| - |r|.
    fn floor(&self, u: &Form) -> Option<Interval> {
        let (order, lead) = u.powers.lead()?;
        let others = self.start.sum(&self.start.magnitude(&u.powers.lower())?, &u.rest)?;
        let others = Decay { p: others.p.checked_sub(*order)?, ..others };
        let k = Interval::point(&lead.value.abs().sub(&self.start.bound(&others)?).lo);
        (k.lo > 0).then_some(k)
    }

    fn neg(&self, a: &Form) -> Form {
        Form { powers: a.powers.shifted(&self.number(-1), 0), ..a.clone() }
    }

    fn add(&self, a: &Form, b: &Form) -> Option<Form> {
        if !a.is_plain() || !b.is_plain() {
            return self.add_grown(a, b);
        }
        self.make(a.powers.add(&b.powers), self.start.sum(&a.rest, &b.rest)?)
    }

    /// (P + r)(Q + s) = P Q + (P s + Q r + r s)
    fn mul(&self, a: &Form, b: &Form) -> Option<Form> {
        if !a.is_plain() || !b.is_plain() {
            return self.mul_grown(a, b);
        }
        let s = &self.start;
        let cross = s.sum(&s.magnitude(&a.powers)?.times(&b.rest), &s.magnitude(&b.powers)?.times(&a.rest))?;
        self.make(a.powers.mul(&b.powers), s.sum(&cross, &a.rest.times(&b.rest))?)
    }

    /// Long division P = D Q + R; then (P + r)/(Q + s) - D = (R + r - D s)/(Q + s), and |Q + s| >= k t^e.
    fn div(&self, a: &Form, b: &Form) -> Option<Form> {
        if !a.is_plain() || !b.is_plain() {
            return self.div_grown(a, b);
        }
        let floor = self.floor(b)?;
        let (order, top) = b.powers.lead()?;
        let lower = b.powers.lower();
        let (mut rest, mut quotient, mut negative) = (a.powers.clone(), Powers::new(vec![]), 0);
        while let Some((e, lead)) = rest.lead() {
            let (e, d) = (e - order, lead.div(top)?);
            negative += usize::from(e < 0);
            if negative > DEPTH || quotient.terms().len() > MAX_TERMS {
                break;
            }
            // the leading terms cancel by the choice of d
            rest = rest.lower().add(&lower.shifted(&d.mul(&self.number(-1)), e));
            quotient = quotient.add(&Powers::new(vec![(e, d)]));
        }
        let numerator = self.start.sum(&self.start.magnitude(&rest)?, &a.rest)?;
        let numerator = self.start.sum(&numerator, &self.start.magnitude(&quotient)?.times(&b.rest))?;
        self.make(quotient, numerator.shifted(&self.start.int(1).div(&floor)?, -order))
    }

    fn pow(&self, base: &Form, q: &Rational) -> Option<Form> {
        if !base.is_plain() {
            return self.pow_grown(base, q);
        }
        // (a t^e)^q = a^q t^(e q)
        if let [(order, a)] = base.powers.terms()
            && base.rest.c.is_zero()
            && a.value.lo > 0
        {
            let exponent = Rational::from(q * *order);
            let exponent = exponent.numer().to_i32().filter(|_| exponent.is_integer())?;
            return Some(Form::plain(Powers::new(vec![(exponent, a.pow(q)?)]), self.nothing()));
        }
        if *q.denom() == 1 {
            let n = q.numer().to_i32().filter(|n| n.abs() <= MAX_DEGREE)?;
            let factor = if n < 0 { self.div(&self.int(1), base)? } else { base.clone() };
            return (0..n.abs()).try_fold(self.int(1), |power, _| self.mul(&power, &factor).filter(is_bounded));
        }
        if base.order() == 0 {
            return self.near_constant(&Expr::var().pow(Expr::rational(q.clone())), base);
        }
        // u = a t^e (1 + v) with a > 0 and |v| <= 1/2
        let (order, lead) = base.powers.lead().filter(|(_, a)| a.value.lo > 0)?;
        let exponent = Rational::from(q * *order);
        let exponent = exponent.numer().to_i32().filter(|_| exponent.is_integer())?;
        let over = self.number(1).div(lead)?;
        let v = self.make(base.powers.lower().shifted(&over, -order), base.rest.shifted(&over.value, -order))?;
        let size = self.magnitude(&v)?;
        let reach = self.start.bound(&size)?;
        let half = Interval::rational(self.prec(), &Rational::from((1, 2)));
        if reach.hi > half.lo {
            return None;
        }
        // (1 + v)^q = sum C(q, j) v^j + C(q, n) (1 + w)^(q - n) v^n with some w between 0 and v
        let mut binomials = vec![Rational::from(1)];
        for j in 0..=DEPTH as u32 {
            let next = Rational::from(q - j) / (j + 1);
            binomials.push(binomials.last()?.clone() * next);
        }
        let last = binomials.pop()?;
        let near_one = self.start.int(1).add(&Start::both_signs(&reach));
        let factor = near_one.pow(&(q - Rational::from(binomials.len() as u32)))?;
        let factor = factor.mul(&Interval::rational(self.prec(), &last)).abs();
        let coefs = binomials.iter().map(|c| Number::rational(self.prec(), c)).collect::<Vec<_>>();
        let sum = self.taylor(&coefs, &v, &factor)?;
        let lead = lead.pow(q)?;
        self.make(sum.powers.shifted(&lead, exponent), sum.rest.shifted(&lead.value, exponent))
    }

    /// sum c_j v^j, and |R| <= factor |v|^n for the n coefficients.
    fn taylor(&self, coefs: &[Number], v: &Form, factor: &Interval) -> Option<Form> {
        let (last, lower) = coefs.split_last()?;
        let mut sum = self.constant(last.clone());
        for c in lower.iter().rev() {
            sum = self.add(&self.mul(&sum, v)?, &self.constant(c.clone()))?;
        }
        let size = self.magnitude(v)?;
        let power = (0..coefs.len()).fold(Decay::algebraic(&factor.abs(), 0), |all, _| all.times(&size));
        self.make(sum.powers, self.start.sum(&sum.rest, &power)?)
    }

    /// g(c + v) = sum g^(j)(c)/j! v^j + g^(n)(somewhere between)/n! v^n.
    fn near_constant(&self, g: &Expr, u: &Form) -> Option<Form> {
        let center = self.constant_part(u);
        let v = self.without_constant(u);
        let radius = self.start.bound(&self.magnitude(&v)?)?;
        let range = center.value.add(&Start::both_signs(&radius));
        eval(g, &range).ok()?;
        let orders = if v.powers.terms().is_empty() { 0 } else { DEPTH };
        let at = |d: &Expr| {
            let value = eval(d, &center.value).ok()?;
            let here = center.exact.as_ref().map(|q| d.substitute_x(&Expr::rational(q.clone())).simplified());
            Some(Number::new(self.prec(), here.and_then(|e| e.exact_rational()), || value))
        };
        let (mut d, mut factorial, mut coefs) = (g.clone(), Rational::from(1), vec![at(g)?]);
        for j in 1..=orders as u32 {
            d = d.derivative();
            factorial *= j;
            coefs.push(at(&d)?.div(&Number::rational(self.prec(), &factorial))?);
        }
        if v.powers.terms().is_empty() && v.rest.c.is_zero() {
            return Some(self.constant(coefs.swap_remove(0)));
        }
        let next = eval(&d.derivative(), &range).ok()?;
        let factor = next.div(&Interval::rational(self.prec(), &(factorial * (orders as u32 + 1))))?;
        self.taylor(&coefs, &v, &factor)
    }

    /// A bound of e^-u for a u > 0 that grows. Where u = t S(t) + w it is e^-w e^(-rate t) with rate <= S; a slower u is
    /// at least k t^e, and e^-y <= (n/(e y))^n.
    fn falling(&self, u: &Form) -> Option<Decay> {
        let s = &self.start;
        if u.order() < ONE {
            const N: i32 = 8;
            let y = self.floor(u)?.mul(&Interval::named(self.prec(), Named::E));
            return Some(Decay::algebraic(&s.int(N).div(&y)?.powi(N)?, -N * u.order()));
        }
        let part = |positive: bool| {
            Powers::new(u.powers.terms().iter().filter(|(e, _)| (*e > 0) == positive).cloned().collect())
        };
        let rate = s.over(&part(true), ONE)?;
        let rest = s.bound(&u.rest)?;
        let factor = s.over(&part(false), 0)?.neg().add(&rest).call(Func::Exp)?;
        (rate.lo > 0).then(|| Decay::new(&factor, 0, &rate))
    }

    fn call(&self, f: Func, u: &Form) -> Option<Form> {
        if !u.is_plain() && !self.is_grown(u) {
            return self.call_fallen(f, u);
        }
        if u.is_plain() && !u.grows() {
            return match f {
                Func::Abs => self.abs_near_constant(u),
                Func::Sqrt => self.pow(u, &Rational::from((1, 2))),
                _ => self.near_constant(&Expr::call(f, Expr::var()), u),
            };
        }
        self.floor(&u.mantissa())?;
        let up = u.powers.lead()?.1.value.lo > 0;
        let size = if up { u.clone() } else { self.neg(u) };
        // what is not above |u|, but grows as well
        let least = || if u.is_plain() { Some(size.clone()) } else { self.line_below(&size) };
        // e^(-size k), and e^(-size^2 / k)
        let falling = |k: i32| self.falling(&self.mul(&least()?, &self.int(k))?);
        let bell = |k: i32| {
            let factor = Number::rational(self.prec(), &Rational::from((1, k)));
            self.falling(&self.mul(&self.mul(&least()?, &least()?)?, &self.constant(factor))?)
        };
        let int = |n| self.int(n);
        let falls = match f {
            Func::Exp | Func::Expm1 | Func::Sigmoid | Func::Softplus => !up,
            _ => f == Func::NormPdf,
        };
        if u.is_plain()
            && falls
            && let Some(form) = self.falling_call(f, u, &falling(1)?)
        {
            return Some(form);
        }
        if u.is_plain()
            && (f == Func::Erfc && up || f == Func::NormCdf && !up)
            && let Some(form) = self.below_bell(f, &size)
        {
            return Some(form);
        }
        // the limits for u -> -inf and u -> inf, and the distance from them
        let (low, high, distance) = match f {
            Func::Exp if !up => (int(0), int(0), falling(1)?),
            Func::Expm1 if !up => (int(-1), int(0), falling(1)?),
            Func::Exp | Func::Expm1 | Func::Sinh | Func::Cosh if !u.is_plain() => return None,
            Func::Exp => return self.exponential(u),
            Func::Expm1 => return self.add(&self.exponential(u)?, &int(-1)),
            Func::Sigmoid => (int(0), int(1), falling(1)?),
            Func::Softplus => (int(0), u.clone(), falling(1)?),
            Func::Tanh => (int(-1), int(1), falling(2)?.shifted(&self.start.int(2), 0)),
            Func::Erf => (int(-1), int(1), bell(1)?),
            Func::Erfc => (int(2), int(0), bell(1)?),
            Func::NormCdf => (int(0), int(1), bell(2)?),
            Func::NormPdf => (int(0), int(0), bell(2)?),
            Func::Atan => return self.atan(u, up),
            Func::Sin | Func::Cos => (int(0), int(0), Decay::algebraic(&self.start.int(1), 0)),
            Func::Abs => (size.clone(), size.clone(), self.nothing()),
            Func::Sqrt if up => return self.pow(u, &Rational::from((1, 2))),
            Func::Log if up && u.is_plain() => return self.log(u),
            Func::Log if up => return self.log_grown(u),
            Func::Log1p if up => return self.call(Func::Log, &self.add(u, &int(1))?),
            // (e^size +- e^-size)/2
            Func::Sinh | Func::Cosh => {
                let (sign, half) = (int(if f == Func::Sinh { -1 } else { 1 }), Rational::from((1, 2)));
                let other = self.mul(&self.call(Func::Exp, &self.neg(&size))?, &sign)?;
                let half = self.constant(Number::rational(self.prec(), &half));
                let value = self.mul(&self.add(&self.exponential(&size)?, &other)?, &half)?;
                return Some(if up || f == Func::Cosh { value } else { self.neg(&value) });
            }
            Func::Log | Func::Log1p | Func::Sqrt => return None,
        };
        let limit = if up { high } else { low };
        self.add(&limit, &Form::plain(Powers::new(vec![]), distance))
    }

    /// |u| = u or -u where the leading term outweighs the rest; else it differs from |c| by at most |u - c|.
    fn abs_near_constant(&self, u: &Form) -> Option<Form> {
        if self.floor(u).is_some() {
            let up = u.powers.lead()?.1.value.lo > 0;
            return Some(if up { u.clone() } else { self.neg(u) });
        }
        let center = self.constant_part(u);
        let distance = self.magnitude(&self.without_constant(u))?;
        let size = Number::new(self.prec(), center.exact.map(Rational::abs), || center.value.abs());
        Some(Form { rest: distance, ..self.constant(size) })
    }

    /// atan(u) = pi/2 - atan(1/u) for u > 0, and -pi/2 - atan(1/u) for u < 0.
    fn atan(&self, u: &Form, up: bool) -> Option<Form> {
        let quarter = Interval::named(self.prec(), Named::Pi).div(&self.start.int(if up { 2 } else { -2 }))?;
        let inverse = self.plainly(&self.div(&self.int(1), u)?)?;
        let near = self.near_constant(&Expr::call(Func::Atan, Expr::var()), &inverse)?;
        self.add(&self.constant(Number { exact: None, value: quarter }), &self.neg(&near))
    }

    /// 0 <= log u <= log c + p log t <= (log c + 4p/e) t^(1/4) for 1 <= u <= c t^p, as log t <= 4/e t^(1/4); t >= 1.
    fn log(&self, u: &Form) -> Option<Form> {
        let one = self.start.int(1);
        let size = self.magnitude(u).filter(|m| m.rate.is_zero() && m.p >= 0)?;
        let least = self.floor(u)?.mul(&self.start.power(u.order())?);
        if least.lo < 1 || self.start.at().lo < 1 {
            return None;
        }
        let p = Interval::rational(self.prec(), &Rational::from((4 * size.p, ONE)));
        let c = size.c.max(&one).call(Func::Log)?.add(&p.div(&Interval::named(self.prec(), Named::E))?);
        Some(Form::plain(Powers::new(vec![]), Decay::algebraic(&c, ONE / 4)))
    }

    fn max(&self, a: &Form, b: &Form) -> Option<Form> {
        let difference = self.add(a, &self.neg(b))?;
        if difference.is_plain() && difference.powers.terms().is_empty() {
            // the maximum is a plus something between 0 and |b - a|
            return self.add(a, &difference);
        }
        self.floor(&difference.mantissa())?;
        Some(if difference.powers.lead()?.1.value.lo > 0 { a.clone() } else { b.clone() })
    }
}

#[cfg(test)]
mod tests;
