//! Signs and enclosures of exact values, for all values of their symbols.

use crate::field::{Atom, Field, Product, Sum, Value, primitive};
use actaudit_expr::plain::Interval;
use actaudit_expr::{Func, Named, ParamDomain};
use rug::{Float, Rational};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The signs that a value may have: bits for less than, equal to and greater than zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Sign(u8);

impl Sign {
    pub const NEGATIVE: Self = Self(1);
    pub const ZERO: Self = Self(2);
    pub const POSITIVE: Self = Self(4);
    pub const ANY: Self = Self(7);

    pub fn is_positive(self) -> bool {
        self == Self::POSITIVE
    }

    pub fn is_nonzero(self) -> bool {
        self == Self::POSITIVE || self == Self::NEGATIVE
    }

    pub fn not_negative(self) -> bool {
        self.0 & 1 == 0
    }

    pub fn not_positive(self) -> bool {
        self.0 & 4 == 0
    }

    /// What both statements leave.
    pub fn and(self, rhs: Self) -> Self {
        Self(self.0 & rhs.0)
    }

    /// What a sum or a product of one number of each kind may be.
    fn combined(self, rhs: Self, op: impl Fn(i8, i8) -> Self) -> Self {
        let members = |s: Self| [-1i8, 0, 1].into_iter().filter(move |i| s.0 >> (i + 1) & 1 == 1);
        Self(members(self).flat_map(|a| members(rhs).map(move |b| (a, b))).fold(0, |all, (a, b)| all | op(a, b).0))
    }

    fn of(i: i8) -> Self {
        Self(1 << (i + 1))
    }

    fn plus(self, rhs: Self) -> Self {
        self.combined(rhs, |a, b| if a * b < 0 { Self::ANY } else { Self::of((a + b).signum()) })
    }

    fn times(self, rhs: Self) -> Self {
        self.combined(rhs, |a, b| Self::of(a * b))
    }

    /// Of a power; where it has no value for zero, that is no member. A root is positive like its base.
    fn power(self, e: &Rational) -> Self {
        let zero = if *e < 0 { 0 } else { self.0 & 2 };
        let nonzero = self.0 & 5;
        let even = *e.denom() == 1 && e.numer().is_even();
        let nonzero = if even && nonzero != 0 { 4 } else { nonzero };
        if zero | nonzero == 0 { Self::ANY } else { Self(zero | nonzero) }
    }

    pub fn of_interval(i: &Interval) -> Self {
        Self(u8::from(i.lo < 0) | u8::from(i.lo <= 0 && i.hi >= 0) << 1 | u8::from(i.hi > 0) << 2)
    }
}

/// Precisions in bits at which a number without symbols is enclosed.
const PRECISIONS: [u32; 4] = [64, 192, 640, 2048];
/// Boxes of the symbols' domains that are looked at, and their precision.
const BOXES: usize = 64;
const BOX_BITS: u32 = 96;

/// A point at which an interval is cut in two; `None` if there is none inside.
pub(super) fn middle(i: &Interval) -> Option<Float> {
    let prec = i.prec();
    let m = match (i.lo.is_finite(), i.hi.is_finite()) {
        (true, true) => Float::with_val(prec, &i.lo + &i.hi) / 2u32,
        (true, false) if i.lo < 0 => Float::new(prec),
        (true, false) => Float::with_val(prec, &i.lo * 2u32) + 1u32,
        (false, true) if i.hi > 0 => Float::new(prec),
        (false, true) => Float::with_val(prec, &i.hi * 2u32) - 1u32,
        (false, false) => Float::new(prec),
    };
    (m > i.lo && m < i.hi).then_some(m)
}

impl Field {
    /// The sign for all values of the symbols: by the signs of terms and factors; by those after a change of variables
    /// that turns half-lines and intervals into `t > 0`; by enclosures.
    pub fn sign(&self, v: &Value) -> Sign {
        let direct = self.by_form(v);
        if direct.is_nonzero() || direct == Sign::ZERO {
            return direct;
        }
        let shifted = self.shifted(v).map_or(Sign::ANY, |(field, v)| field.by_form(&v));
        if shifted.is_nonzero() {
            return shifted;
        }
        direct.and(shifted).and(self.by_enclosure(v))
    }

    pub fn of_atom(&self, atom: &Atom) -> Sign {
        match atom {
            Atom::Pi | Atom::Root(_) | Atom::Call(Func::Exp, _) => Sign::POSITIVE,
            Atom::Symbol(name) => self.domains.get(name).map_or(Sign::ANY, of_domain),
            // log u has the sign of u - 1
            Atom::Call(Func::Log, u) => {
                self.minus(u, &Value::rational(1)).map_or(Sign::ANY, |difference| self.by_form(&difference))
            }
            Atom::Call(Func::Erf | Func::Atan, u) => self.by_form(u),
            Atom::Call(..) => Sign::ANY,
        }
    }

    fn by_form(&self, v: &Value) -> Sign {
        v.den
            .iter()
            .fold(self.of_sum(&v.num), |s, (f, k)| s.times(self.of_sum(f).power(&Rational::from(-i64::from(*k)))))
    }

    fn of_sum(&self, sum: &Sum) -> Sign {
        // a common factor may hide that the rest is of one sign: x^3 + x = x (x^2 + 1)
        if sum.is_empty() {
            return Sign::ZERO;
        }
        let Some((c, common, rest)) = primitive(sum, |a| a.period() != Some(2)) else { return Sign::ANY };
        let of_term = |c: &Rational, m: &Product| {
            let sign = Sign::of(c.cmp0() as i8);
            m.iter().fold(sign, |s, (atom, e)| s.times(self.of_atom(atom).power(e)))
        };
        let rest = rest.iter().fold(Sign::ZERO, |s, (m, c)| s.plus(of_term(c, m)));
        of_term(&c, &common).times(rest)
    }

    /// With each symbol between finite ends written as `lo + t`, `hi - t` or `(lo + hi t)/(1 + t)`, `t > 0` (`t >= 0`
    /// if that end belongs to the domain). `None` if no symbol can be rewritten.
    fn shifted(&self, v: &Value) -> Option<(Self, Value)> {
        let mut symbols = Vec::new();
        v.symbols(&mut symbols);
        let (mut field, mut by) = (self.clone(), BTreeMap::new());
        for name in symbols {
            let Some(d) = self.domains.get(&name) else { continue };
            let t_name = format!("{name}'");
            let t = Value::symbol(&t_name);
            let between = |from: &Rational, to: &Rational| {
                let top = self.plus(&Value::rational(from.clone()), &t.scaled(to))?;
                self.times(&top, &self.inverse(&self.plus(&Value::rational(1), &t)?)?)
            };
            let (x, closed) = match (&d.lo, &d.hi) {
                (Some(lo), Some(hi)) if !d.hi_closed => (between(lo, hi)?, d.lo_closed),
                (Some(lo), Some(hi)) if !d.lo_closed => (between(hi, lo)?, d.hi_closed),
                (Some(lo), None) if *lo != 0 => (self.plus(&Value::rational(lo.clone()), &t)?, d.lo_closed),
                (None, Some(hi)) => (self.minus(&Value::rational(hi.clone()), &t)?, d.hi_closed),
                _ => continue,
            };
            field = field.with(&t_name, positive(closed));
            by.insert(name, x);
        }
        if by.is_empty() {
            return None;
        }
        let v = field.substituted(v, &by)?;
        Some((field, v))
    }

    /// Puts values in for symbols; all conditions under which `v` was formed hold for them.
    fn substituted(&self, v: &Value, by: &BTreeMap<Arc<str>, Value>) -> Option<Value> {
        let of_atom = |atom: &Atom, e: &Rational| match atom {
            Atom::Symbol(name) => self.power(by.get(name).unwrap_or(&Value::atom(atom.clone())), e),
            Atom::Pi => self.power(&Value::atom(Atom::Pi), e),
            Atom::Root(u) => self.power(&self.substituted(u, by)?, e),
            Atom::Call(f, u) => {
                let u = self.substituted(u, by)?;
                let value = match f {
                    Func::Exp => self.exp(&u),
                    Func::Log => self.log(&u),
                    _ => self.wave(*f, &u),
                };
                self.power(&value?, e)
            }
        };
        let of_sum = |sum: &Sum| {
            let mut out = Value::default();
            for (m, c) in sum {
                let mut term = Value::rational(c.clone());
                for (atom, e) in m {
                    term = self.times(&term, &of_atom(atom, e)?)?;
                }
                out = self.plus(&out, &term)?;
            }
            Some(out)
        };
        let mut out = of_sum(&v.num)?;
        for (f, k) in &v.den {
            out = self.times(&out, &self.powi(&of_sum(f)?, -i32::try_from(*k).ok()?)?)?;
        }
        Some(out)
    }

    /// Encloses the value where each symbol lies in an interval; `None` where it may have no value.
    pub fn enclose(&self, v: &Value, prec: u32, symbol: &impl Fn(&str) -> Option<Interval>) -> Option<Interval> {
        let of_atom = |atom: &Atom| match atom {
            Atom::Symbol(name) => symbol(name),
            Atom::Pi => Some(Interval::named(prec, Named::Pi)),
            Atom::Root(u) => self.enclose(u, prec, symbol),
            Atom::Call(f, u) => self.enclose(u, prec, symbol)?.call(*f),
        };
        let of_sum = |sum: &Sum| {
            let mut out = Interval::int(prec, 0);
            for (m, c) in sum {
                let mut term = Interval::rational(prec, c);
                for (atom, e) in m {
                    term = term.mul(&of_atom(atom)?.pow(e)?);
                }
                out = out.add(&term);
            }
            Some(out)
        };
        let mut out = of_sum(&v.num)?;
        for (f, k) in &v.den {
            out = out.div(&of_sum(f)?.powi(i32::try_from(*k).ok()?)?)?;
        }
        out.is_valid().then_some(out)
    }

    fn by_enclosure(&self, v: &Value) -> Sign {
        let mut symbols = Vec::new();
        v.symbols(&mut symbols);
        if symbols.is_empty() {
            let at = |p: &u32| self.enclose(v, *p, &|_| None).map(|i| Sign::of_interval(&i));
            return PRECISIONS.iter().filter_map(at).find(|s| s.is_nonzero()).unwrap_or(Sign::ANY);
        }
        let mut open: Vec<Vec<Interval>> = vec![symbols.iter().map(|s| self.domain(s)).collect()];
        let (mut seen, mut looked) = (Sign(0), 0);
        while let Some(ranges) = open.pop() {
            let range = |name: &str| symbols.iter().position(|s| s.as_ref() == name).map(|i| ranges[i].clone());
            let sign = self.enclose(v, BOX_BITS, &range).map_or(Sign::ANY, |i| Sign::of_interval(&i));
            if sign.is_nonzero() {
                seen = Sign(seen.0 | sign.0);
                continue;
            }
            let width = |i: &Interval| Float::with_val(BOX_BITS, &i.hi - &i.lo);
            let widest = (0..ranges.len()).max_by(|i, j| width(&ranges[*i]).total_cmp(&width(&ranges[*j])));
            let cut = widest.and_then(|i| Some((i, middle(&ranges[i])?)));
            let Some((i, m)) = cut.filter(|_| looked < BOXES) else { return Sign::ANY };
            looked += 1;
            let mut halves = [ranges.clone(), ranges];
            halves[0][i].hi.clone_from(&m);
            halves[1][i].lo = m;
            open.extend(halves);
        }
        seen
    }

    pub fn domain(&self, name: &str) -> Interval {
        let mut all = Interval::line(BOX_BITS);
        if let Some(lo) = self.domains.get(name).and_then(|d| d.lo.as_ref()) {
            all.lo = Interval::rational(BOX_BITS, lo).lo;
        }
        if let Some(hi) = self.domains.get(name).and_then(|d| d.hi.as_ref()) {
            all.hi = Interval::rational(BOX_BITS, hi).hi;
        }
        all
    }
}

/// The positive numbers, and zero if `closed`.
pub(super) fn positive(closed: bool) -> ParamDomain {
    ParamDomain { lo: Some(Rational::new()), lo_closed: closed, ..ParamDomain::REALS }
}

fn of_domain(d: &ParamDomain) -> Sign {
    let mut sign = Sign::ANY;
    if let Some(lo) = d.lo.as_ref().filter(|lo| **lo >= 0) {
        sign = if *lo > 0 || !d.lo_closed { Sign::POSITIVE } else { Sign(6) };
    }
    if let Some(hi) = d.hi.as_ref().filter(|hi| **hi <= 0) {
        let below = if *hi < 0 || !d.hi_closed { Sign::NEGATIVE } else { Sign(3) };
        sign = Sign(sign.0 & below.0);
    }
    sign
}
