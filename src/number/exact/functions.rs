//! Functions in the exact field: special values, and everything written with few atoms.

use super::monomial::{Atom, Head, Monomial};
use super::poly::Poly;
use super::ratio::{Ratio, rational_power};
use super::{Exact, Sign, sign};
use crate::expr::{Func, Named};
use crate::number::Real;
use rug::Rational;
use std::sync::Arc;

/// A function of an exact value.
pub(super) fn call(u: &Exact, f: Func) -> Exact {
    let int = |n: i64| Exact::int(&u.cx, n);
    let half = || Exact::rational(&u.cx, &Rational::from((1, 2)));
    let exp = |v: &Exact| v.call(Func::Exp);
    match f {
        Func::Exp => u.wrap(u.value.as_ref().and_then(|v| exponential(u, v))),
        Func::Log => logarithm(u),
        Func::Abs => absolute(u),
        Func::Sqrt => root(u, &Rational::from((1, 2))),
        Func::Erf | Func::Atan | Func::Sin => odd(u, f),
        Func::Cos => cosine(u),
        Func::Expm1 => exp(u).sub(&int(1)),
        Func::Log1p => u.add(&int(1)).call(Func::Log),
        Func::Erfc => int(1).sub(&u.call(Func::Erf)),
        Func::Sinh => exp(u).sub(&exp(&u.neg())).mul(&half()),
        Func::Cosh => exp(u).add(&exp(&u.neg())).mul(&half()),
        Func::Tanh => {
            let e = exp(&u.mul(&int(2)));
            e.sub(&int(1)).div(&e.add(&int(1)))
        }
        Func::Sigmoid => {
            let e = exp(u);
            e.div(&e.add(&int(1)))
        }
        Func::Softplus => exp(u).add(&int(1)).call(Func::Log),
        Func::NormCdf => u.div(&int(2).call(Func::Sqrt)).call(Func::Erf).add(&int(1)).mul(&half()),
        Func::NormPdf => {
            let two_pi = Exact::named(&u.cx, Named::Pi).mul(&int(2));
            exp(&u.sqr().mul(&half()).neg()).div(&two_pi.call(Func::Sqrt))
        }
    }
}

/// Term by term: `exp(q t) = exp(t)^q`, and `exp(q log v) = v^q`.
fn exponential(cx: &Exact, u: &Ratio) -> Option<Ratio> {
    let mut out = Exact::int(&cx.cx, 1);
    for (m, q) in &u.num.0 {
        let mut atoms = m.0.iter();
        let factor = match (atoms.next(), atoms.next()) {
            (Some((Atom::Call(Head::Log, v), one)), None) if *one == 1 && u.den.is_empty() => {
                cx.wrap(Some(v.as_ref().clone())).pow(q)
            }
            _ => {
                let unit = Ratio { num: Poly::term(Rational::from(1), m.clone()), den: u.den.clone() };
                cx.wrap(Some(Ratio::term(
                    Rational::from(1),
                    Monomial::power(Atom::Call(Head::Exp, Arc::new(unit)), q).1,
                )))
            }
        };
        out = out.mul(&factor);
    }
    out.value
}

/// A value as `c * m * rest`: `c > 0` rational, `m` a monomial of atoms known to be positive, `rest` what is left.
struct Split {
    c: Rational,
    m: Monomial,
    rest: Ratio,
}

fn split(u: &Exact, value: &Ratio) -> Split {
    let single = value.num.as_term().is_some();
    let positive = |a: &Atom| (single || a.is_free()) && sign::of_atom(a, &u.cx) == Sign::Positive;
    let m = value.num.content(positive);
    let rest = Ratio { num: value.num.over(&m), den: value.den.clone() };
    let c = rest.num.lead().map_or_else(|| Rational::from(1), |(c, _)| c.clone().abs());
    // a monomial of primes may have left a rational factor: it is part of `c` now
    Split { rest: rest.scaled(&c.clone().recip()), c, m }
}

/// `u ^ r` for a fraction `r`: rationals split into primes, positive atoms one by one, the rest as one atom.
pub(super) fn root(u: &Exact, r: &Rational) -> Exact {
    let Some(value) = &u.value else { return u.wrap(None) };
    if value.is_zero() {
        return u.wrap((*r > 0).then(Ratio::default));
    }
    let Split { c, m, rest } = split(u, value);
    let sign = if rest.is_one() { Sign::Positive } else { sign::of_ratio(&rest, &u.cx) };
    let defined = match sign {
        Sign::Positive => true,
        Sign::NonNegative => u.cx.generic || *r > 0,
        Sign::Unknown => u.cx.generic,
        _ => false,
    };
    if !defined {
        return u.wrap(None);
    }
    let (k, monomial) = m.raised(r);
    let mut out = rational_power(&c, r).times(&Ratio::term(k, monomial));
    if !rest.is_one() {
        out = out.times(&Ratio::term(Rational::from(1), Monomial::power(Atom::Root(Arc::new(rest)), r).1));
    }
    u.wrap(Some(out))
}

/// `log u`; the logarithm of a product of positive parts is the sum of logarithms.
fn logarithm(u: &Exact) -> Exact {
    let Some(value) = &u.value else { return u.wrap(None) };
    if value.is_zero() || !u.cx.generic && u.sign() != Sign::Positive {
        return u.wrap(None);
    }
    let Split { c, m, rest } = split(u, value);
    if rest.as_rational().is_some_and(|q| q < 0) {
        return u.wrap(None);
    }
    let log = |v: Ratio| Ratio::atom(Atom::Call(Head::Log, Arc::new(v)));
    let mut out = Ratio::default();
    for (part, sign) in [(c.numer(), 1), (c.denom(), -1)] {
        for (p, k) in super::monomial::factors(part) {
            out = out.plus(&log(Ratio::rational(p)).scaled(&(Rational::from(k) * sign)));
        }
    }
    for (atom, e) in &m.0 {
        let of_atom = match atom {
            Atom::Call(Head::Exp, v) => v.as_ref().clone(),
            Atom::Prime(p) => log(Ratio::rational(p.clone())),
            _ => log(Ratio::atom(atom.clone())),
        };
        out = out.plus(&of_atom.scaled(e));
    }
    if !rest.is_one() {
        // log(v / f^k) = log v - k log f where f > 0
        let mut num = rest;
        for (f, k) in std::mem::take(&mut num.den) {
            let factor = Ratio { num: f.clone(), ..Ratio::default() };
            if sign::of_ratio(&factor, &u.cx) == Sign::Positive {
                out = out.plus(&log(factor).scaled(&Rational::from(-i64::from(k))));
            } else {
                num.den.insert(f, k);
            }
        }
        if !num.is_one() {
            out = out.plus(&log(num));
        }
    }
    u.wrap(Some(out))
}

fn absolute(u: &Exact) -> Exact {
    match u.sign() {
        Sign::Zero | Sign::Positive | Sign::NonNegative => return u.clone(),
        Sign::Negative | Sign::NonPositive => return u.neg(),
        Sign::Unknown => {}
    }
    let Some(value) = &u.value else { return u.wrap(None) };
    let Split { c, m, mut rest } = split(u, value);
    if rest.num.lead().is_some_and(|(k, _)| *k < 0) {
        rest = rest.neg();
    }
    u.wrap(Some(Ratio::term(c, m).times(&Ratio::atom(Atom::Call(Head::Abs, Arc::new(rest))))))
}

/// `q` if the value is `q * pi`.
fn times_pi(value: &Ratio) -> Option<Rational> {
    let (c, m) = value.as_term()?;
    (m.0.len() == 1 && m.exponent(&Atom::Pi) == 1).then(|| c.clone())
}

/// erf, atan and sin: odd functions with the value 0 at 0.
fn odd(u: &Exact, f: Func) -> Exact {
    let Some(value) = &u.value else { return u.wrap(None) };
    let Some((lead, _)) = value.num.lead() else { return u.clone() };
    if *lead < 0 {
        return odd(&u.neg(), f).neg();
    }
    let (head, special) = match f {
        Func::Erf => (Head::Erf, None),
        Func::Atan => (Head::Atan, value.is_one().then(quarter_pi)),
        _ => (Head::Sin, times_pi(value).and_then(|q| quarter_turns(&(q * 2u32 - 1u32)))),
    };
    u.wrap(Some(special.unwrap_or_else(|| Ratio::atom(Atom::Call(head, Arc::new(value.clone()))))))
}

fn quarter_pi() -> Ratio {
    Ratio::atom(Atom::Pi).scaled(&Rational::from((1, 4)))
}

/// `cos(n pi/2)` for an integer `n`.
fn quarter_turns(n: &Rational) -> Option<Ratio> {
    if *n.denom() != 1 {
        return None;
    }
    Some(Ratio::rational([1, 0, -1, 0][n.numer().mod_u(4) as usize]))
}

fn cosine(u: &Exact) -> Exact {
    let Some(value) = &u.value else { return u.wrap(None) };
    match value.num.lead() {
        None => return Exact::int(&u.cx, 1),
        Some((lead, _)) if *lead < 0 => return cosine(&u.neg()),
        Some(_) => {}
    }
    let special = times_pi(value).and_then(|q| quarter_turns(&(q * 2u32)));
    u.wrap(Some(special.unwrap_or_else(|| Ratio::atom(Atom::Call(Head::Cos, Arc::new(value.clone()))))))
}
