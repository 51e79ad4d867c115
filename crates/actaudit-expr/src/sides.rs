//! Where an expression is positive, negative or zero, where its form says so: closed forms for the places at which it changes sign.

use super::ast::{Expr, Node};
use super::facts::{always_defined, signs};
use super::func::Func;
use super::kinks::affine;
use super::order::compare_points;
use rug::{Integer, Rational};
use std::cmp::Ordering;

/// Polynomials of a higher degree are not looked at.
const MAX_DEGREE: usize = 8;
/// Rational roots are sought among quotients of divisors up to this.
const MAX_DIVISOR: u32 = 1_000;

/// The real line cut at zeros, from left to right, and the sign on each part. It holds wherever the expression is defined; at a cut
/// it is zero, or undefined.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sides {
    pub cuts: Vec<Expr>,
    /// one more than there are cuts
    pub signs: Vec<Ordering>,
}

impl Sides {
    fn everywhere(sign: Ordering) -> Self {
        Self { cuts: vec![], signs: vec![sign] }
    }

    fn rising(cut: Expr) -> Self {
        Self { cuts: vec![cut], signs: vec![Ordering::Less, Ordering::Greater] }
    }

    fn reversed(mut self) -> Self {
        self.signs.iter_mut().for_each(|s| *s = s.reverse());
        self
    }

    /// What has, on each part, the sign that `f` makes of both; it must be zero, or undefined, where one of them is zero.
    fn combined(self, rhs: Self, f: impl Fn(Ordering, Ordering) -> Ordering) -> Option<Self> {
        let (mut i, mut j) = (0, 0);
        let (mut cuts, mut all) = (vec![], vec![f(self.signs[0], rhs.signs[0])]);
        while i < self.cuts.len() || j < rhs.cuts.len() {
            let order = match (self.cuts.get(i), rhs.cuts.get(j)) {
                (Some(a), Some(b)) => compare_points(a, b)?,
                (Some(_), None) => Ordering::Less,
                _ => Ordering::Greater,
            };
            cuts.push(if order.is_le() { self.cuts[i].clone() } else { rhs.cuts[j].clone() });
            i += usize::from(order.is_le());
            j += usize::from(order.is_ge());
            all.push(f(self.signs[i], rhs.signs[j]));
        }
        Some(Self { cuts, signs: all })
    }

    fn times(self, rhs: Self) -> Option<Self> {
        self.combined(rhs, |a, b| match (a, b) {
            (Ordering::Equal, _) | (_, Ordering::Equal) => Ordering::Equal,
            _ if a == b => Ordering::Greater,
            _ => Ordering::Less,
        })
    }
}

/// The sides of an expression without parameters, if its form shows them.
pub(super) fn sides(u: &Expr) -> Option<Sides> {
    if u.has_params() {
        return None;
    }
    let by_form = || {
        let signs = signs(u);
        (signs.positive())
            .then(|| Sides::everywhere(Ordering::Greater))
            .or_else(|| (signs.not_positive() && signs.not_zero()).then(|| Sides::everywhere(Ordering::Less)))
    };
    let zero = || Expr::int(0);
    by_form()
        .or_else(|| compared(u, &zero()))
        .or_else(|| polynomial_sides(u))
        .or_else(|| factor_sides(u))
        .or_else(|| rising_sides(u))
}

/// What rises, or falls, everywhere by more than some positive slope changes its sign once: here at 0.
fn rising_sides(u: &Expr) -> Option<Sides> {
    let at_zero = u.substitute_x(&Expr::int(0)).simplified().exact_rational()?;
    if at_zero != 0 || !always_defined(u) {
        return None;
    }
    let [least, most] = slopes(u)?;
    // what is analytic, has no negative slope and is not constant rises strictly: x - tanh(x)
    let elsewhere = u.substitute_x(&Expr::int(1));
    let order = |least: Rational| match least.cmp0() {
        Ordering::Equal => compare_points(&elsewhere, &Expr::int(0)),
        strict => Some(strict),
    };
    match () {
        () if least.and_then(order) == Some(Ordering::Greater) => Some(Sides::rising(Expr::int(0))),
        () if most.and_then(order) == Some(Ordering::Less) => Some(Sides::rising(Expr::int(0)).reversed()),
        () => None,
    }
}

/// The least and the greatest slope, as bounds; `None` where there is none. Only of what has a derivative everywhere.
type Slopes = [Option<Rational>; 2];

fn slopes(u: &Expr) -> Option<Slopes> {
    if let Some((slope, _)) = affine(u) {
        return Some([Some(slope.clone()), Some(slope)]);
    }
    let scaled = |[least, most]: Slopes, k: &Rational| {
        let times = |q: Option<Rational>| q.map(|q| q * k);
        if *k < 0 { [times(most), times(least)] } else { [times(least), times(most)] }
    };
    let sum = |a: Slopes, b: Slopes| {
        let [least, most] = a.into_iter().zip(b).map(|(p, q)| Some(p? + q?)).collect::<Vec<_>>().try_into().ok()?;
        Some([least, most])
    };
    match u.node() {
        Node::Neg(a) => Some(scaled(slopes(a)?, &Rational::from(-1))),
        Node::Add(a, b) => sum(slopes(a)?, slopes(b)?),
        Node::Sub(a, b) => sum(slopes(a)?, scaled(slopes(b)?, &Rational::from(-1))),
        Node::Mul(a, k) | Node::Mul(k, a) if !k.depends_on_x() => Some(scaled(slopes(a)?, &k.exact_rational()?)),
        Node::Div(a, k) if !k.depends_on_x() => {
            Some(scaled(slopes(a)?, &k.exact_rational().filter(|k| *k != 0)?.recip()))
        }
        Node::Call(f, a) => {
            let (inner, _) = affine(a)?;
            let between = |low: i32, high: (i32, u32)| [Some(Rational::from(low)), Some(Rational::from(high))];
            let outer = match f {
                Func::Tanh | Func::Atan | Func::Softplus => between(0, (1, 1)),
                Func::Sin | Func::Cos => between(-1, (1, 1)),
                Func::Sigmoid => between(0, (1, 4)),
                // 2/sqrt(pi), and 1/sqrt(2 pi)
                Func::Erf => between(0, (113, 100)),
                Func::NormCdf => between(0, (2, 5)),
                Func::Exp | Func::Expm1 => [Some(Rational::new()), None],
                Func::Sinh => [Some(Rational::from(1)), None],
                _ => return None,
            };
            Some(scaled(outer, &inner))
        }
        _ => None,
    }
}

/// The sides of `e - c`, for an `e` in which `x` occurs below functions that can be inverted.
fn compared(e: &Expr, c: &Expr) -> Option<Sides> {
    if !e.depends_on_x() {
        return Some(Sides::everywhere(compare_points(e, c)?));
    }
    let zero = || c.exact_rational().is_some_and(|q| q == 0);
    if let (Some((slope, offset)), Some(c)) = (affine(e), c.exact_rational()) {
        let cut = Expr::rational((c - offset) / &slope);
        return Some(if slope > 0 { Sides::rising(cut) } else { Sides::rising(cut).reversed() });
    }
    match e.node() {
        Node::Var => Some(Sides::rising(c.clone())),
        Node::Neg(a) => compared(a, &(-c.clone()).simplified()).map(Sides::reversed),
        Node::Add(a, b) if !b.depends_on_x() => compared(a, &(c.clone() - b.clone()).simplified()),
        Node::Add(b, a) if !b.depends_on_x() => compared(a, &(c.clone() - b.clone()).simplified()),
        Node::Sub(a, b) if !b.depends_on_x() => compared(a, &(c.clone() + b.clone()).simplified()),
        Node::Sub(b, a) if !b.depends_on_x() => compared(a, &(b.clone() - c.clone()).simplified()).map(Sides::reversed),
        Node::Mul(a, k) | Node::Mul(k, a) if !k.depends_on_x() => scaled(a, c.clone() / k.clone(), k),
        Node::Div(a, k) if !k.depends_on_x() => scaled(a, c.clone() * k.clone(), k),
        Node::Mul(a, b) if zero() => sides(a)?.times(sides(b)?),
        // a divisor that may be zero would change the sign without a zero
        Node::Div(a, b) if zero() && signs(b).not_zero() => sides(a)?.times(sides(b)?),
        Node::Pow(a, q) => power(a, &q.exact_rational()?, c),
        Node::Call(f, a) => call(*f, a, c),
        _ => None,
    }
}

/// `k a` is compared with `k c`.
fn scaled(a: &Expr, c: Expr, k: &Expr) -> Option<Sides> {
    match compare_points(k, &Expr::int(0))? {
        Ordering::Greater => compared(a, &c.simplified()),
        Ordering::Less => compared(a, &c.simplified()).map(Sides::reversed),
        Ordering::Equal => None,
    }
}

/// |a| is compared with a constant: above it outside of [-c, c].
fn magnitude(a: &Expr, c: &Expr) -> Option<Sides> {
    if compare_points(c, &Expr::int(0))? == Ordering::Less {
        return Some(Sides::everywhere(Ordering::Greater));
    }
    let (upper, lower) = (compared(a, c)?, compared(a, &(-c.clone()).simplified())?);
    upper.combined(lower, |above, below| match (above, below) {
        (Ordering::Greater, _) | (_, Ordering::Less) => Ordering::Greater,
        (Ordering::Equal, _) | (_, Ordering::Equal) => Ordering::Equal,
        _ => Ordering::Less,
    })
}

fn power(a: &Expr, q: &Rational, c: &Expr) -> Option<Sides> {
    let n = q.numer().to_u32().filter(|n| *q.denom() == 1 && (1..=64).contains(n))?;
    let root = |c: Expr| match n {
        2 => Expr::call(Func::Sqrt, c).simplified(),
        _ => c.pow(Expr::rational((1, n))).simplified(),
    };
    match (compare_points(c, &Expr::int(0))?, n % 2 == 0) {
        (Ordering::Equal, false) => compared(a, c),
        (Ordering::Greater, false) => compared(a, &root(c.clone())),
        (Ordering::Less, false) => compared(a, &(-root((-c.clone()).simplified())).simplified()),
        (Ordering::Less, true) => Some(Sides::everywhere(Ordering::Greater)),
        (Ordering::Equal, true) => magnitude(a, c),
        (Ordering::Greater, true) => magnitude(a, &root(c.clone())),
    }
}

/// `f(a)` is compared with `c`, as `a` with the inverse.
fn call(f: Func, a: &Expr, c: &Expr) -> Option<Sides> {
    let (int, of) = (Expr::int, |f: Func, e: Expr| Expr::call(f, e));
    let order = |n: Expr| compare_points(c, &n);
    let above = Some(Sides::everywhere(Ordering::Greater));
    let below = Some(Sides::everywhere(Ordering::Less));
    let half = || Expr::rational((1, 2));
    let inverse = match f {
        Func::Abs => return magnitude(a, c),
        Func::Exp if order(int(0))?.is_le() => return above,
        Func::Exp => of(Func::Log, c.clone()),
        Func::Expm1 if order(int(-1))?.is_le() => return above,
        Func::Expm1 => of(Func::Log1p, c.clone()),
        Func::Log => of(Func::Exp, c.clone()),
        Func::Log1p => of(Func::Expm1, c.clone()),
        Func::Sqrt if order(int(0))?.is_lt() => return above,
        Func::Sqrt => c.clone().pow(int(2)),
        Func::Softplus if order(int(0))?.is_le() => return above,
        Func::Softplus => of(Func::Log, of(Func::Expm1, c.clone())),
        Func::Sigmoid | Func::NormCdf if order(int(0))?.is_le() => return above,
        Func::Sigmoid | Func::NormCdf if order(int(1))?.is_ge() => return below,
        Func::Sigmoid => of(Func::Log, c.clone() / (int(1) - c.clone())),
        Func::NormCdf if order(half())?.is_eq() => int(0),
        Func::Tanh | Func::Erf if order(int(-1))?.is_le() => return above,
        Func::Tanh | Func::Erf if order(int(1))?.is_ge() => return below,
        Func::Tanh | Func::Erf | Func::Sinh | Func::Atan if order(int(0))?.is_eq() => int(0),
        Func::Tanh => half() * of(Func::Log, (int(1) + c.clone()) / (int(1) - c.clone())),
        Func::Sinh => of(Func::Log, c.clone() + of(Func::Sqrt, c.clone().pow(int(2)) + int(1))),
        Func::Erfc if order(int(1))?.is_eq() => return compared(a, &int(0)).map(Sides::reversed),
        _ => return None,
    };
    compared(a, &inverse.simplified())
}

/// The coefficients of a polynomial with rational ones, the constant one first.
fn polynomial(e: &Expr) -> Option<Vec<Rational>> {
    if !e.depends_on_x() {
        return Some(vec![e.exact_rational()?]);
    }
    let sum = |a: Vec<Rational>, b: Vec<Rational>, sign: i32| {
        let at = |p: &[Rational], k: usize| p.get(k).cloned().unwrap_or_default();
        (0..a.len().max(b.len())).map(|k| at(&a, k) + at(&b, k) * sign).collect::<Vec<_>>()
    };
    let product = |a: &[Rational], b: &[Rational]| {
        let mut all = vec![Rational::new(); a.len() + b.len() - 1];
        for (i, p) in a.iter().enumerate() {
            for (j, q) in b.iter().enumerate() {
                all[i + j] += Rational::from(p * q);
            }
        }
        (all.len() <= MAX_DEGREE + 1).then_some(all)
    };
    match e.node() {
        Node::Var => Some(vec![Rational::new(), Rational::from(1)]),
        Node::Neg(a) => Some(polynomial(a)?.into_iter().map(|q| -q).collect()),
        Node::Add(a, b) => Some(sum(polynomial(a)?, polynomial(b)?, 1)),
        Node::Sub(a, b) => Some(sum(polynomial(a)?, polynomial(b)?, -1)),
        Node::Mul(a, b) => product(&polynomial(a)?, &polynomial(b)?),
        Node::Div(a, b) => {
            let k = b.exact_rational().filter(|k| *k != 0)?;
            Some(polynomial(a)?.into_iter().map(|q| q / &k).collect())
        }
        Node::Pow(a, q) => {
            let n = q.exact_rational().filter(|q| *q.denom() == 1)?.numer().to_usize().filter(|n| *n <= MAX_DEGREE)?;
            let base = polynomial(a)?;
            (0..n).try_fold(vec![Rational::from(1)], |all, _| product(&all, &base))
        }
        _ => None,
    }
}

fn value(p: &[Rational], x: &Rational) -> Rational {
    p.iter().rev().fold(Rational::new(), |all, c| all * x + c)
}

/// Divided by `x - root`, which divides it.
fn divided(p: &[Rational], root: &Rational) -> Vec<Rational> {
    let mut carried = Rational::new();
    let mut quotient: Vec<Rational> = p
        .iter()
        .skip(1)
        .rev()
        .map(|c| {
            carried = Rational::from(&carried * root) + c;
            carried.clone()
        })
        .collect();
    quotient.reverse();
    quotient
}

fn divisors(n: &Integer) -> Vec<u32> {
    let n = n.clone().abs();
    (1..=MAX_DIVISOR).filter(|d| n.is_divisible_u(*d)).collect()
}

/// A rational root, if there is one with small numerator and denominator.
fn rational_root(p: &[Rational]) -> Option<Rational> {
    if *p.first()? == 0 {
        return Some(Rational::new());
    }
    let common = p.iter().fold(Integer::from(1), |all, q| all.lcm(q.denom()));
    let whole = |q: &Rational| Rational::from(q * &common).into_numer_denom().0;
    let (numerators, denominators) = (divisors(&whole(p.first()?)), divisors(&whole(p.last()?)));
    // there may be a million candidates, and long coefficients: what is a root is one for residues
    let residues: Vec<u64> = p.iter().map(|q| whole(q).mod_u(PRIME).into()).collect();
    let all = denominators.iter().flat_map(|d| numerators.iter().map(move |n| (*n, *d)));
    let signed = all.flat_map(|(n, d)| [(n, d, false), (n, d, true)]);
    let may_be = signed.filter(|(n, d, negative)| {
        let n = if *negative { PRIME - n } else { *n };
        vanishes(&residues, n.into(), (*d).into())
    });
    let root = |(n, d, negative)| Rational::from((Integer::from(n) * if negative { -1 } else { 1 }, d));
    may_be.map(root).find(|q| value(p, q) == 0)
}

/// A prime of which all candidates for numerators and denominators are smaller.
const PRIME: u32 = 2_147_483_647;

/// Whether `sum p_k n^k d^(degree - k)` is zero modulo the prime: so it is if `n/d` is a root.
fn vanishes(p: &[u64], n: u64, d: u64) -> bool {
    let prime = u64::from(PRIME);
    let mut power = 1;
    let sum = p.iter().rev().fold(0, |sum, c| {
        let next = (sum * n + c * power % prime) % prime;
        power = power * d % prime;
        next
    });
    sum == 0
}

/// Rational roots are split off; what is left has two more at most.
fn polynomial_sides(u: &Expr) -> Option<Sides> {
    let mut p = polynomial(u)?;
    let mut all = Sides::everywhere(Ordering::Greater);
    loop {
        while p.last().is_some_and(|q| *q == 0) {
            p.pop();
        }
        if p.len() <= 3 {
            break;
        }
        let root = rational_root(&p)?;
        p = divided(&p, &root);
        all = all.times(Sides::rising(Expr::rational(root)))?;
    }
    let lead = p.last()?.clone();
    let rest = match &p[..] {
        [_] => Sides::everywhere(Ordering::Greater),
        [c, b] => Sides::rising(Expr::rational(-Rational::from(c / b))),
        [c, b, a] => {
            // (x + b/2a)^2 is compared with the discriminant over 4 a^2
            let middle = Rational::from(b / a) / Rational::from(-2);
            let square = Rational::from(&middle * &middle) - Rational::from(c / a);
            let radius = Expr::call(Func::Sqrt, Expr::rational(square.clone())).simplified();
            match square.cmp0() {
                Ordering::Less => Sides::everywhere(Ordering::Greater),
                Ordering::Equal => {
                    Sides::rising(Expr::rational(middle.clone())).times(Sides::rising(Expr::rational(middle)))?
                }
                Ordering::Greater => {
                    let end = |e: Expr| (Expr::rational(middle.clone()) + e).simplified();
                    Sides::rising(end(-radius.clone())).times(Sides::rising(end(radius)))?
                }
            }
        }
        _ => return None,
    };
    let all = all.times(rest)?;
    Some(if lead < 0 { all.reversed() } else { all })
}

/// `u/x`, where `x` is a factor of every term.
fn without_x(u: &Expr) -> Option<Expr> {
    match u.node() {
        Node::Var => Some(Expr::int(1)),
        Node::Neg(a) => Some(-without_x(a)?),
        Node::Add(a, b) => Some(without_x(a)? + without_x(b)?),
        Node::Sub(a, b) => Some(without_x(a)? - without_x(b)?),
        Node::Mul(a, b) => without_x(a).map(|a| a * b.clone()).or_else(|| without_x(b).map(|b| a.clone() * b)),
        Node::Div(a, b) => Some(without_x(a)? / b.clone()),
        Node::Pow(a, q) => {
            let q = q.exact_rational().filter(|q| *q.denom() == 1 && *q >= 2 && *a.node() == Node::Var)?;
            Some(Expr::var().pow(Expr::rational(q - 1)))
        }
        _ => None,
    }
}

/// x v changes its sign with v, and at 0.
fn factor_sides(u: &Expr) -> Option<Sides> {
    let rest = without_x(u)?.simplified();
    sides(&rest)?.times(Sides::rising(Expr::int(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_expr;

    fn check(u: &str, expected: &str) {
        let found = sides(&parse_expr(u).expect("parses").simplified());
        let sign = |s: &Ordering| match s {
            Ordering::Less => "-",
            Ordering::Equal => "0",
            Ordering::Greater => "+",
        };
        let text = found.map_or_else(
            || "?".to_owned(),
            |s| {
                let cuts = s.cuts.iter().map(|c| format!(" {c} ")).chain([String::new()]);
                s.signs.iter().map(sign).zip(cuts).map(|(s, c)| format!("{s}{c}")).collect()
            },
        );
        assert_eq!(text, expected, "{u}");
    }

    /// What residues say of candidates for roots: they leave out none, and nearly all that are none.
    #[test]
    fn residues_leave_out_no_root() {
        let prime = |n: i64| n.rem_euclid(PRIME.into()).unsigned_abs();
        for (n, d) in [(3_i64, 7_u64), (-3, 7), (999, 1000), (-1, 1), (1000, 1)] {
            // (d x - n)(x^2 + 5)
            let d_whole = d.cast_signed();
            let p = [-5 * n, 5 * d_whole, -n, d_whole].map(prime);
            assert!(vanishes(&p, prime(n), d), "{n}/{d}");
            assert!(!vanishes(&p, prime(n + 1), d) && !vanishes(&p, prime(-n), d), "{n}/{d}");
        }
        // numbers that every candidate divides, a million pairs: no root, and an answer at once
        let all = (1..=1000_u32).fold(Integer::from(1), |all, k| all.lcm_u(k));
        let p: Vec<Rational> = [1, 0, 0, 1, 0, 1, 0, 1, 1].iter().map(|k| Rational::from(&all * k)).collect();
        assert_eq!(rational_root(&p), None);
        check("6*x^3 - 11*x^2 + 6*x - 1", "- 1/3 + 1/2 - 1 +");
    }

    #[test]
    fn places_in_closed_form() {
        check("x - sin(x)", "- 0 +");
        check("tanh(2*x) - 2*x", "+ 0 -");
        check("x^2 - x - 2", "+ -1 - 2 +");
        check("2 - x^2", "- -sqrt(2) + sqrt(2) -");
        check("x^2 + 1", "+");
        check("x^2 - 2*x + 1", "+ 1 +");
        check("x^3 - x", "- -1 + 0 - 1 +");
        check("x^2 - x - 1", "+ 1/2 - sqrt(5/4) - sqrt(5/4) + 1/2 +");
        check("exp(x) - 2", "- log(2) +");
        check("exp(x) + 2", "+");
        check("3 - 2*exp(-x)", "- -log(3/2) +");
        check("tanh(x)", "- 0 +");
        check("tanh(x) - 2", "-");
        check("2*sigmoid(x) - 1/2", "- log(1/3) +");
        check("exp(-x^2) - 1/2", "- -sqrt(-log(1/2)) + sqrt(-log(1/2)) -");
        check("x*sigmoid(x) - x", "+ 0 -");
        check("x*exp(x) - x", "+ 0 +");
        check("x^3*tanh(x - 1)", "+ 0 - 1 +");
        check("x - tanh(x)/2", "- 0 +");
        check("sin(x)/3 - x", "+ 0 -");
        check("2*x + sinh(x) + expm1(3*x)", "- 0 +");
        check("x - sigmoid(4*x)/2 + 1/4", "- 0 +");
    }

    #[test]
    fn what_has_no_closed_form_is_left() {
        for u in [
            "x - 2*tanh(x)",
            "x - sin(2*x)",
            "x - sin(x) + 1",
            "x - erf(x)",
            "x + cos(x)/2",
            "x^3 - x - 1",
            "sin(x)",
            "exp(x) - x - 2",
            "x - 11/10*tanh(x)",
            "1/x",
            "1/x - 1",
            "alpha*x - 1",
            "erf(x) - 1/3",
        ] {
            check(u, "?");
        }
    }
}
