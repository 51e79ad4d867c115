//! Signs and enclosures of exact values, for all values of the symbols in their domains.

use super::Assumptions;
use super::monomial::{Atom, Head, Monomial};
use super::poly::Poly;
use super::ratio::Ratio;
use crate::expr::{Func, Named};
use crate::number::{Enclosure, MpI, Real};
use rug::float::Special;
use rug::{Float, Rational};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is proved of the sign of a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sign {
    /// identically zero
    Zero,
    /// greater than zero for all values of the symbols
    Positive,
    /// less than zero for all values of the symbols
    Negative,
    /// nowhere less than zero
    NonNegative,
    /// nowhere greater than zero
    NonPositive,
    /// nothing is proved
    Unknown,
}

impl Sign {
    /// Whether the value is proved to have no zero.
    pub const fn is_nonzero(self) -> bool {
        matches!(self, Self::Positive | Self::Negative)
    }

    /// The sign of the opposite value.
    #[must_use]
    pub const fn neg(self) -> Self {
        match self {
            Self::Positive => Self::Negative,
            Self::Negative => Self::Positive,
            Self::NonNegative => Self::NonPositive,
            Self::NonPositive => Self::NonNegative,
            other => other,
        }
    }

    fn times(self, rhs: Self) -> Self {
        use Sign::{Negative, NonNegative, NonPositive, Positive, Unknown, Zero};
        match (self, rhs) {
            (Zero, _) | (_, Zero) => Zero,
            (Unknown, _) | (_, Unknown) => Unknown,
            (Positive, other) | (other, Positive) => other,
            (Negative, other) | (other, Negative) => other.neg(),
            (NonNegative, NonNegative) | (NonPositive, NonPositive) => NonNegative,
            (NonNegative, NonPositive) | (NonPositive, NonNegative) => NonPositive,
        }
    }

    fn plus(self, rhs: Self) -> Self {
        use Sign::{Negative, NonNegative, NonPositive, Positive, Unknown, Zero};
        match (self, rhs) {
            (Zero, other) | (other, Zero) => other,
            (Positive, Positive | NonNegative) | (NonNegative, Positive) => Positive,
            (Negative, Negative | NonPositive) | (NonPositive, Negative) => Negative,
            (NonNegative, NonNegative) => NonNegative,
            (NonPositive, NonPositive) => NonPositive,
            _ => Unknown,
        }
    }

    fn power(self, exponent: &Rational) -> Self {
        if *exponent.denom() != 1 {
            // a root is only formed of a base that is not negative
            return if self == Self::Positive { Self::Positive } else { Self::NonNegative };
        }
        match (self, exponent.numer().is_even()) {
            (Self::Positive | Self::Negative, true) => Self::Positive,
            (_, true) => Self::NonNegative,
            (s, false) => s,
        }
    }

    fn of_interval(i: &MpI) -> Self {
        if !i.total() {
            Self::Unknown
        } else if i.lo() > 0 {
            Self::Positive
        } else if i.hi() < 0 {
            Self::Negative
        } else if i.lo() == 0 {
            Self::NonNegative
        } else if i.hi() == 0 {
            Self::NonPositive
        } else {
            Self::Unknown
        }
    }
}

/// The sign of an atom.
pub(super) fn of_atom(atom: &Atom, cx: &Assumptions) -> Sign {
    match atom {
        Atom::Prime(_) | Atom::Pi | Atom::Call(Head::Exp, _) => Sign::Positive,
        Atom::Symbol(name) => of_symbol(cx, name),
        Atom::Call(Head::Log, u) => by_form(&u.minus(&Ratio::rational(1)), cx),
        Atom::Call(Head::Erf | Head::Atan, u) => by_form(u, cx),
        Atom::Call(Head::Abs, u) => by_form(u, cx).power(&Rational::from(2)),
        Atom::Root(u) => match by_form(u, cx) {
            Sign::Positive => Sign::Positive,
            _ => Sign::NonNegative,
        },
        Atom::Call(Head::Sin | Head::Cos, _) => Sign::Unknown,
    }
}

fn of_symbol(cx: &Assumptions, name: &str) -> Sign {
    let Some(d) = cx.domain(name) else { return Sign::Unknown };
    if let Some(lo) = d.lo.as_ref().filter(|lo| **lo >= 0) {
        return if *lo > 0 || !d.lo_closed { Sign::Positive } else { Sign::NonNegative };
    }
    if let Some(hi) = d.hi.as_ref().filter(|hi| **hi <= 0) {
        return if *hi < 0 || !d.hi_closed { Sign::Negative } else { Sign::NonPositive };
    }
    Sign::Unknown
}

fn of_term(coefficient: &Rational, monomial: &Monomial, cx: &Assumptions) -> Sign {
    let sign = if *coefficient > 0 { Sign::Positive } else { Sign::Negative };
    monomial.0.iter().fold(sign, |s, (atom, e)| s.times(of_atom(atom, cx).power(e)))
}

fn of_poly(p: &Poly, cx: &Assumptions) -> Sign {
    // a common factor may hide that the rest is of one sign: x^3 + x = x (x^2 + 1)
    let content = p.content(Atom::is_free);
    let outer = of_term(&Rational::from(1), &content, cx);
    let inner = p.over(&content).0.iter().fold(Sign::Zero, |s, (m, c)| s.plus(of_term(c, m, cx)));
    outer.times(inner)
}

/// The sign by the signs of terms and factors alone.
fn by_form(value: &Ratio, cx: &Assumptions) -> Sign {
    value.den.iter().fold(of_poly(&value.num, cx), |s, (f, k)| s.times(of_poly(f, cx).power(&Rational::from(*k))))
}

/// The sign: by form, by form after a change of variables that turns bounded domains into `t > 0`, by enclosures.
pub(super) fn of_ratio(value: &Ratio, cx: &Assumptions) -> Sign {
    let direct = by_form(value, cx);
    if direct.is_nonzero() || direct == Sign::Zero {
        return direct;
    }
    let shifted = after_shift(value, cx).map_or(Sign::Unknown, |(v, cx)| by_form(&v, &cx));
    if shifted.is_nonzero() {
        return shifted;
    }
    match by_enclosure(value, cx) {
        Sign::Unknown if direct != Sign::Unknown => direct,
        Sign::Unknown => shifted,
        s => s,
    }
}

/// Rewrites each symbol that has a finite end other than zero as `lo + t`, `hi - t` or `(lo + hi t)/(1 + t)` with
/// `t > 0` (`t >= 0` if the end is closed). `None` if there is no such symbol, or an end is closed that `t` cannot reach.
fn after_shift(value: &Ratio, cx: &Assumptions) -> Option<(Ratio, Assumptions)> {
    let mut shifted = cx.clone();
    let mut by: BTreeMap<Arc<str>, Ratio> = BTreeMap::new();
    for name in symbols(value) {
        let Some(d) = cx.domain(&name) else { continue };
        let t_name: Arc<str> = format!("{name}'").into();
        let t = Ratio::atom(Atom::Symbol(Arc::clone(&t_name)));
        let (replaced, closed) = match (&d.lo, &d.hi) {
            (Some(lo), Some(hi)) if !d.hi_closed => {
                let top = Ratio::rational(lo.clone()).plus(&t.scaled(hi));
                (top.times(&Ratio::rational(1).plus(&t).recip()?), d.lo_closed)
            }
            // t = 0 is the upper end
            (Some(lo), Some(hi)) if !d.lo_closed => {
                let top = Ratio::rational(hi.clone()).plus(&t.scaled(lo));
                (top.times(&Ratio::rational(1).plus(&t).recip()?), d.hi_closed)
            }
            (Some(lo), None) if *lo != 0 => (Ratio::rational(lo.clone()).plus(&t), d.lo_closed),
            (None, Some(hi)) if *hi != 0 => (Ratio::rational(hi.clone()).minus(&t), d.hi_closed),
            _ => continue,
        };
        shifted = shifted.with_positive(&t_name);
        if let Some(d) = shifted.symbols.get_mut(&t_name) {
            d.lo_closed = closed;
        }
        by.insert(name, replaced);
    }
    if by.is_empty() {
        return None;
    }
    Some((substituted(value, &by)?, shifted))
}

/// The symbols of a value, those inside of functions too.
pub(super) fn symbols(value: &Ratio) -> Vec<Arc<str>> {
    let mut out = Vec::new();
    collect_symbols(value, &mut out);
    out
}

fn collect_symbols(value: &Ratio, out: &mut Vec<Arc<str>>) {
    for monomial in value.num.0.keys().chain(value.den.keys().flat_map(|f| f.0.keys())) {
        for atom in monomial.0.keys() {
            match atom {
                Atom::Symbol(name) if !out.contains(name) => out.push(Arc::clone(name)),
                Atom::Call(_, u) | Atom::Root(u) => collect_symbols(u, out),
                _ => {}
            }
        }
    }
}

/// Puts values in for symbols that occur outside of functions, with whole exponents; `None` elsewhere.
fn substituted(value: &Ratio, by: &BTreeMap<Arc<str>, Ratio>) -> Option<Ratio> {
    let of_poly = |p: &Poly| -> Option<Ratio> {
        let mut sum = Ratio::default();
        for (m, c) in &p.0 {
            let mut term = Ratio::rational(c.clone());
            for (atom, e) in &m.0 {
                let factor = match atom {
                    Atom::Symbol(name) if by.contains_key(name) => {
                        let n = if *e.denom() == 1 { e.numer().to_i32()? } else { return None };
                        by[name].power(n)?
                    }
                    Atom::Call(_, u) | Atom::Root(u) => {
                        if symbols(u).iter().any(|s| by.contains_key(s)) {
                            return None;
                        }
                        Ratio::term(Rational::from(1), Monomial::power(atom.clone(), e).1)
                    }
                    _ => Ratio::term(Rational::from(1), Monomial::power(atom.clone(), e).1),
                };
                term = term.times(&factor);
            }
            sum = sum.plus(&term);
        }
        Some(sum)
    };
    let mut out = of_poly(&value.num)?;
    for (f, k) in &value.den {
        out = out.times(&of_poly(f)?.power(-i32::try_from(*k).ok()?)?);
    }
    Some(out)
}

/// The interval of a symbol.
pub(super) fn domain_enclosure(cx: &Assumptions, name: &str, precision: u32) -> MpI {
    let end = |q: Option<&Rational>, infinite: Special, upper: bool| match q {
        None => Float::with_val(precision, infinite),
        Some(q) => {
            let i = MpI::rational(&precision, q);
            if upper { i.hi() } else { i.lo() }
        }
    };
    let d = cx.domain(name);
    let lo = end(d.and_then(|d| d.lo.as_ref()), Special::NegInfinity, false);
    let hi = end(d.and_then(|d| d.hi.as_ref()), Special::Infinity, true);
    MpI::from_floats(precision, &lo, &hi)
}

/// An enclosure of a value where symbols lie in the given intervals.
pub(super) fn enclose(value: &Ratio, precision: u32, symbol: &impl Fn(&str) -> MpI) -> MpI {
    let of_atom = |atom: &Atom| match atom {
        Atom::Symbol(name) => symbol(name),
        Atom::Pi => MpI::named(&precision, Named::Pi),
        Atom::Prime(p) => MpI::rational(&precision, &Rational::from(p)),
        Atom::Root(u) => enclose(u, precision, symbol),
        Atom::Call(head, u) => enclose(u, precision, symbol).call(match head {
            Head::Exp => Func::Exp,
            Head::Log => Func::Log,
            Head::Erf => Func::Erf,
            Head::Atan => Func::Atan,
            Head::Sin => Func::Sin,
            Head::Cos => Func::Cos,
            Head::Abs => Func::Abs,
        }),
    };
    let raised = |base: MpI, e: &Rational| if *e == 1 { base } else { base.pow(e) };
    let of_poly = |p: &Poly| {
        p.0.iter().fold(MpI::int(&precision, 0), |sum, (m, c)| {
            let term = MpI::rational(&precision, c);
            sum.add(&m.0.iter().fold(term, |t, (atom, e)| t.mul(&raised(of_atom(atom), e))))
        })
    };
    value.den.iter().fold(of_poly(&value.num), |v, (f, k)| v.div(&raised(of_poly(f), &Rational::from(*k))))
}

/// Precisions at which a number without symbols is looked at.
const PRECISIONS: [u32; 4] = [64, 192, 640, 2048];
/// Boxes that may be looked at for a value with symbols.
const BOXES: usize = 64;

fn by_enclosure(value: &Ratio, cx: &Assumptions) -> Sign {
    let symbols = symbols(value);
    if symbols.is_empty() {
        let at = |p: &u32| Sign::of_interval(&enclose(value, *p, &|_| unreachable!("there is no symbol")));
        return PRECISIONS.iter().map(at).find(|s| s.is_nonzero()).unwrap_or(Sign::Unknown);
    }
    over_boxes(value, cx, &symbols)
}

/// Bisects the domains until every box has the same strict sign.
fn over_boxes(value: &Ratio, cx: &Assumptions, symbols: &[Arc<str>]) -> Sign {
    const PRECISION: u32 = 96;
    let mut open: Vec<Vec<MpI>> = vec![symbols.iter().map(|s| domain_enclosure(cx, s, PRECISION)).collect()];
    let mut seen = Sign::Unknown;
    let mut budget = BOXES;
    while let Some(ranges) = open.pop() {
        let index = |name: &str| symbols.iter().position(|s| s.as_ref() == name).expect("every symbol was collected");
        let sign = Sign::of_interval(&enclose(value, PRECISION, &|name| ranges[index(name)].clone()));
        if sign.is_nonzero() && (seen == Sign::Unknown || seen == sign) {
            seen = sign;
            continue;
        }
        if budget == 0 || sign.is_nonzero() {
            return Sign::Unknown;
        }
        budget -= 1;
        let (widest, _) = ranges.iter().enumerate().fold((0, Float::with_val(PRECISION, -1)), |(i, w), (j, r)| {
            if r.width() > w { (j, r.width()) } else { (i, w) }
        });
        let Some(middle) = ranges[widest].split_point() else { return Sign::Unknown };
        for (lo, hi) in [(ranges[widest].lo(), middle.clone()), (middle.clone(), ranges[widest].hi())] {
            let mut part = ranges.clone();
            part[widest] = MpI::from_floats(PRECISION, &lo, &hi);
            open.push(part);
        }
    }
    seen
}
