//! Exact values: rational functions over Q of *atoms* (parameters, pi, roots, values of functions), in a normal form.
//!
//! The answers are one-sided. A value without terms is zero, because every rewriting is a theorem; a value with terms
//! may be zero all the same (`sign` asks for that). What is not supported or too large is `None`, never a guess.
//! Where a rewriting has a condition, the function says so and the caller has shown it, for all values of the symbols.

use actaudit_expr::{Func, ParamDomain};
use rug::{Integer, Rational};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// What generates the values; all other functions are written with these.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Atom {
    /// a parameter or the variable
    Symbol(Arc<str>),
    Pi,
    /// `exp` (of one term with coefficient 1), `log`, `erf`, `atan`, `sin` or `cos` of a value
    Call(Func, Arc<Value>),
    /// the base of a root, positive, whose exponent lies in (0, 1)
    Root(Arc<Value>),
}

impl Atom {
    /// The power from which on something else takes its place: `root^1` is its base, `sin^2 = 1 - cos^2`.
    pub fn period(&self) -> Option<u32> {
        match self {
            Self::Root(_) => Some(1),
            Self::Call(Func::Sin, _) => Some(2),
            _ => None,
        }
    }
}

/// A product of powers of atoms; no exponent is zero.
pub(super) type Product = BTreeMap<Atom, Rational>;
/// A sum of products with coefficients, none of them zero.
pub(super) type Sum = BTreeMap<Product, Rational>;

/// `num / product of f^k`; each factor `f` has several terms, the last with coefficient 1, and no common product.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Value {
    pub num: Sum,
    pub den: BTreeMap<Sum, u32>,
}

/// A sum has no more terms than this.
const MAX_TERMS: usize = 1000;
/// Coefficients have no more bits than this.
const MAX_BITS: u32 = 1 << 15;
/// Exponents have no more bits than this.
const MAX_EXPONENT: u32 = 24;
/// Products of terms that one certificate may cost.
const WORK: usize = 4_000_000;
/// Of a product, in bits of a node: one field of many may cost all of what a certificate may.
const PRICE: u32 = 1 << 10;
/// Primes up to here are found; what is left of a number stays whole, which loses identities, not soundness.
const MAX_PRIME: u32 = 1 << 12;

impl Value {
    pub fn rational(q: impl Into<Rational>) -> Self {
        Self::term(q.into(), Product::new())
    }

    pub fn atom(atom: Atom) -> Self {
        Self::term(Rational::from(1), Product::from([(atom, Rational::from(1))]))
    }

    pub fn symbol(name: &str) -> Self {
        Self::atom(Atom::Symbol(name.into()))
    }

    fn term(coefficient: Rational, product: Product) -> Self {
        let mut num = Sum::new();
        put(&mut num, product, coefficient);
        Self { num, den: BTreeMap::new() }
    }

    /// Whether it is zero whatever the symbols are. `false` does not mean that it is not zero.
    pub fn is_zero(&self) -> bool {
        self.num.is_empty()
    }

    /// Coefficient and product, if it is a single term.
    fn as_term(&self) -> Option<(&Rational, &Product)> {
        if self.den.is_empty() && self.num.len() == 1 { self.num.iter().next().map(|(m, c)| (c, m)) } else { None }
    }

    pub fn as_rational(&self) -> Option<Rational> {
        if self.is_zero() {
            return Some(Rational::new());
        }
        self.as_term().filter(|(_, m)| m.is_empty()).map(|(c, _)| c.clone())
    }

    pub fn scaled(&self, by: &Rational) -> Self {
        if *by == 0 {
            return Self::default();
        }
        Self { num: self.num.iter().map(|(m, c)| (m.clone(), Rational::from(c * by))).collect(), den: self.den.clone() }
    }

    pub fn neg(&self) -> Self {
        self.scaled(&Rational::from(-1))
    }

    /// The symbols in it, inside of functions too.
    pub fn symbols(&self, found: &mut Vec<Arc<str>>) {
        for atom in self.num.keys().chain(self.den.keys().flat_map(Sum::keys)).flat_map(Product::keys) {
            match atom {
                Atom::Symbol(name) if !found.contains(name) => found.push(Arc::clone(name)),
                Atom::Call(_, u) | Atom::Root(u) => u.symbols(found),
                _ => {}
            }
        }
    }
}

fn put(sum: &mut Sum, product: Product, coefficient: Rational) {
    if coefficient == 0 {
        return;
    }
    let slot = sum.entry(product.clone()).or_default();
    *slot += coefficient;
    if *slot == 0 {
        sum.remove(&product);
    }
}

/// `a * b^k`; `None` if an exponent becomes too large.
fn joined(a: &Product, b: &Product, k: &Rational) -> Option<Product> {
    let mut out = a.clone();
    for (atom, e) in b {
        let slot = out.entry(atom.clone()).or_default();
        *slot += Rational::from(e * k);
        if slot.numer().significant_bits().max(slot.denom().significant_bits()) > MAX_EXPONENT {
            return None;
        }
        if *slot == 0 {
            out.remove(atom);
        }
    }
    Some(out)
}

/// `atom^e`, before periods are put in; `None` if the exponent is too large.
fn raised(atom: Atom, e: &Rational) -> Option<Value> {
    let base = Product::from([(atom, Rational::from(1))]);
    Some(Value::term(Rational::from(1), joined(&Product::new(), &base, e)?))
}

/// A positive factor: an atom, or the base of a root to be.
enum Part {
    Atom(Atom),
    Base(Value),
}

/// A sum (not empty) as coefficient, common product of the chosen atoms, and the rest, whose last coefficient is 1.
pub(super) fn primitive(sum: &Sum, choose: impl Fn(&Atom) -> bool) -> Option<(Rational, Product, Sum)> {
    let mut common = Product::new();
    for atom in sum.keys().flat_map(Product::keys).filter(|a| choose(a)) {
        let least = sum.keys().map(|m| m.get(atom).cloned().unwrap_or_default()).min()?;
        if least != 0 {
            common.insert(atom.clone(), least);
        }
    }
    let rest: Vec<_> =
        sum.iter().map(|(m, c)| Some((joined(m, &common, &Rational::from(-1))?, c))).collect::<Option<_>>()?;
    let lead = rest.iter().max_by_key(|(m, _)| m)?.1.clone();
    let rest = rest.into_iter().map(|(m, c)| (m, Rational::from(c / &lead))).collect();
    Some((lead, common, rest))
}

/// `n > 0` as a product of powers of integers, primes as far as they are small.
fn factors(n: &Integer) -> Vec<(Integer, u32)> {
    let (mut rest, mut out) = (n.clone(), Vec::new());
    for p in (2..MAX_PRIME).filter(|p| *p == 2 || p % 2 == 1) {
        if rest == 1 {
            break;
        }
        let k = rest.remove_factor_mut(&Integer::from(p));
        if k > 0 {
            out.push((Integer::from(p), k));
        }
    }
    match rest.is_perfect_square() {
        _ if rest == 1 => {}
        true => out.push((rest.sqrt(), 2)),
        false => out.push((rest, 1)),
    }
    out
}

/// What is known of the symbols, and how much work is left.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub domains: BTreeMap<Arc<str>, ParamDomain>,
    work: Rc<Cell<usize>>,
}

/// The longer of numerator and denominator.
fn bits(c: &Rational) -> u32 {
    c.numer().significant_bits().max(c.denom().significant_bits())
}

/// Terms, and more for long ones.
fn weight(sum: &Sum) -> usize {
    sum.values().map(|c| 1 + (bits(c) / 256) as usize).sum()
}

/// Whether a sum has few terms of few digits.
fn is_small(sum: &Sum) -> bool {
    sum.len() <= MAX_TERMS && sum.values().all(|c| bits(c) <= MAX_BITS)
}

impl Field {
    pub fn new(domains: BTreeMap<Arc<str>, ParamDomain>) -> Self {
        Self { domains, work: Rc::new(Cell::new(WORK)) }
    }

    /// The same knowledge and purse, and one more symbol.
    pub fn with(&self, symbol: &str, domain: ParamDomain) -> Self {
        let mut out = self.clone();
        out.domains.insert(symbol.into(), domain);
        out
    }

    fn spend(&self, work: usize) -> Option<()> {
        // from here on there is nothing left for what takes less
        let left = self.work.get().checked_sub(work + 1);
        self.work.set(left.unwrap_or_default());
        // a certificate may have many fields made, each with a purse of its own
        super::work::spend(work + 1, PRICE).ok().and(left).map(|_| ())
    }

    pub fn plus(&self, a: &Value, b: &Value) -> Option<Value> {
        if a.is_zero() || b.is_zero() {
            return Some(if a.is_zero() { b } else { a }.clone());
        }
        let mut den = a.den.clone();
        for (f, k) in &b.den {
            let slot = den.entry(f.clone()).or_default();
            *slot = (*slot).max(*k);
        }
        let over = |v: &Value| {
            let mut num = v.num.clone();
            for (f, k) in &den {
                for _ in v.den.get(f).copied().unwrap_or(0)..*k {
                    num = self.product(&num, f)?;
                }
            }
            Some(num)
        };
        let (mut num, rhs) = (over(a)?, over(b)?);
        self.spend(weight(&rhs))?;
        for (m, c) in rhs {
            put(&mut num, m, c);
        }
        self.normal(Value { num, den })
    }

    pub fn minus(&self, a: &Value, b: &Value) -> Option<Value> {
        self.plus(a, &b.neg())
    }

    fn product(&self, a: &Sum, b: &Sum) -> Option<Sum> {
        self.spend(weight(a).saturating_mul(weight(b)))?;
        let mut out = Sum::new();
        for (m, c) in a {
            for (n, d) in b {
                put(&mut out, joined(m, n, &Rational::from(1))?, Rational::from(c * d));
            }
        }
        // before it is multiplied again
        is_small(&out).then_some(out)
    }

    pub fn times(&self, a: &Value, b: &Value) -> Option<Value> {
        let mut den = a.den.clone();
        for (f, k) in &b.den {
            *den.entry(f.clone()).or_default() += k;
        }
        self.normal(Value { num: self.product(&a.num, &b.num)?, den })
    }

    /// Puts the periods of roots and sines in, and cancels a numerator that is one of the factors below.
    fn normal(&self, mut v: Value) -> Option<Value> {
        if !is_small(&v.num) {
            return None;
        }
        if v.is_zero() {
            return Some(Value::default());
        }
        let periods = |atom: &Atom, e: &Rational| {
            let n = atom.period().map(|p| Rational::from(e / p).floor()).filter(|n| *n != 0)?;
            n.numer().to_i32()
        };
        if v.num.keys().flatten().any(|(atom, e)| periods(atom, e).is_some()) {
            let mut sum = Value::default();
            for (m, c) in &v.num {
                let (mut term, mut rest) = (Value::rational(c.clone()), m.clone());
                for (atom, e) in m {
                    let Some(n) = periods(atom, e) else { continue };
                    let whole = match atom {
                        Atom::Root(base) => base.as_ref().clone(),
                        Atom::Call(_, u) => {
                            let cos = Value::atom(Atom::Call(Func::Cos, Arc::clone(u)));
                            self.minus(&Value::rational(1), &self.times(&cos, &cos)?)?
                        }
                        _ => return None,
                    };
                    term = self.times(&term, &self.powi(&whole, n)?)?;
                    let period = Rational::from(atom.period()? as i32 * n);
                    rest = joined(&rest, &Product::from([(atom.clone(), period)]), &Rational::from(-1))?;
                }
                sum = self.plus(&sum, &self.times(&term, &Value::term(Rational::from(1), rest))?)?;
            }
            return self.times(&sum, &Value { num: Value::rational(1).num, den: v.den });
        }
        let same_size = |f: &Sum| f.len() == v.num.len();
        if v.den.keys().any(same_size) {
            let (c, m, rest) = primitive(&v.num, |a| a.period().is_none())?;
            if let Some(k) = v.den.remove(&rest) {
                if k > 1 {
                    v.den.insert(rest, k - 1);
                }
                return self.normal(Value { num: Value::term(c, m).num, den: v.den });
            }
        }
        Some(v)
    }

    /// `1/v`, where `v` is not zero.
    pub fn inverse(&self, v: &Value) -> Option<Value> {
        let single = v.num.len() == 1;
        let (c, m, rest) = primitive(&v.num, |a| single || a.period().is_none())?;
        let mut num = Value::term(c.recip(), joined(&Product::new(), &m, &Rational::from(-1))?).num;
        for (f, k) in &v.den {
            for _ in 0..*k {
                num = self.product(&num, f)?;
            }
        }
        self.normal(Value { num, den: if single { BTreeMap::new() } else { BTreeMap::from([(rest, 1)]) } })
    }

    /// `v^n`; `v` is not zero if `n < 0`.
    pub fn powi(&self, v: &Value, n: i32) -> Option<Value> {
        if n < 0 {
            return self.powi(&self.inverse(v)?, n.checked_neg()?);
        }
        let mut out = Value::rational(1);
        for bit in (0..32 - n.leading_zeros()).rev() {
            out = self.times(&out, &out)?;
            if n >> bit & 1 == 1 {
                out = self.times(&out, v)?;
            }
        }
        Some(out)
    }

    /// `v > 0` as a product of powers of positive parts: atoms, the primes of its coefficient, and what is left.
    fn parts(&self, v: &Value) -> Option<Vec<(Part, Rational)>> {
        let single = v.num.len() == 1;
        let positive = |a: &Atom| (single || a.period().is_none()) && self.of_atom(a).is_positive();
        let (c, m, rest) = primitive(&v.num, positive)?;
        let mut out: Vec<(Part, Rational)> = m.into_iter().map(|(atom, e)| (Part::Atom(atom), e)).collect();
        self.spend(MAX_PRIME as usize)?;
        for (n, sign) in [(c.numer().clone().abs(), 1), (c.denom().clone(), -1)] {
            let primes = factors(&n).into_iter();
            out.extend(primes.map(|(p, k)| (Part::Base(Value::rational(p)), Rational::from(k) * sign)));
        }
        let mut rest = Value { num: rest, den: v.den.clone() };
        for (f, k) in &v.den {
            let factor = Value { num: f.clone(), den: BTreeMap::new() };
            if self.sign(&factor).is_positive() {
                rest.den.remove(f);
                out.push((Part::Base(factor), Rational::from(-i64::from(*k))));
            }
        }
        let rest = if c < 0 { rest.neg() } else { rest };
        if rest.as_rational().is_none_or(|q| q != 1) {
            out.push((Part::Base(rest), Rational::from(1)));
        }
        Some(out)
    }

    /// `v^r`, where `v > 0`, or `v` is not zero and `r` an integer: `(u w)^r = u^r w^r` by positive parts.
    pub fn power(&self, v: &Value, r: &Rational) -> Option<Value> {
        if *r.denom() == 1 {
            return self.powi(v, r.numer().to_i32().filter(|n| n.unsigned_abs() < 1 << 13)?);
        }
        let mut out = Value::rational(1);
        for (part, e) in self.parts(v)? {
            let atom = match part {
                Part::Atom(atom) => atom,
                Part::Base(base) => Atom::Root(Arc::new(base)),
            };
            out = self.times(&out, &self.normal(raised(atom, &Rational::from(&e * r))?)?)?;
        }
        Some(out)
    }

    /// `log v`, where `v > 0`: the sum over the positive parts; `log exp u = u`.
    pub fn log(&self, v: &Value) -> Option<Value> {
        let mut out = Value::default();
        for (part, e) in self.parts(v)? {
            let log = |u: Arc<Value>| Value::atom(Atom::Call(Func::Log, u));
            let one = match part {
                Part::Atom(Atom::Call(Func::Exp, u)) => u.as_ref().clone(),
                Part::Atom(Atom::Root(base)) => log(base),
                Part::Atom(atom) => log(Arc::new(Value::atom(atom))),
                Part::Base(base) => log(Arc::new(base)),
            };
            out = self.plus(&out, &one.scaled(&e))?;
        }
        Some(out)
    }

    /// Term by term: `exp(q t + ..) = exp(t)^q ..`, and `exp(q log u) = u^q`.
    pub fn exp(&self, v: &Value) -> Option<Value> {
        let mut out = Value::rational(1);
        for (m, q) in &v.num {
            let log = Some(m).filter(|m| m.len() == 1 && v.den.is_empty()).and_then(Product::first_key_value);
            let factor = match log {
                Some((Atom::Call(Func::Log, u), one)) if *one == 1 => self.power(u, q)?,
                _ => {
                    let unit = Value { num: Sum::from([(m.clone(), Rational::from(1))]), den: v.den.clone() };
                    raised(Atom::Call(Func::Exp, Arc::new(unit)), q)?
                }
            };
            out = self.times(&out, &factor)?;
        }
        Some(out)
    }

    /// `erf`, `atan` and `sin` are odd, `cos` is even; `sin` and `cos` at quarter turns, `atan(1) = pi/4`.
    pub fn wave(&self, f: Func, v: &Value) -> Option<Value> {
        let Some((_, lead)) = v.num.last_key_value() else {
            return Some(Value::rational(i32::from(f == Func::Cos)));
        };
        if *lead < 0 {
            let opposite = self.wave(f, &v.neg())?;
            return Some(if f == Func::Cos { opposite } else { opposite.neg() });
        }
        let pi = Product::from([(Atom::Pi, Rational::from(1))]);
        let quarters = v.as_term().filter(|(_, m)| **m == pi).map(|(q, _)| Rational::from(q * 2u32));
        let quarters = quarters.filter(|q| *q.denom() == 1).map(|q| q.numer().mod_u(4) as usize);
        match (f, quarters) {
            (Func::Sin, Some(n)) => return Some(Value::rational([0, 1, 0, -1][n])),
            (Func::Cos, Some(n)) => return Some(Value::rational([1, 0, -1, 0][n])),
            (Func::Atan, _) if v.as_rational().is_some_and(|q| q == 1) => {
                return Some(Value::term(Rational::from((1, 4)), pi));
            }
            _ => {}
        }
        Some(Value::atom(Atom::Call(f, Arc::new(v.clone()))))
    }
}
