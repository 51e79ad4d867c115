//! What values of a graph are in terms of another one: an expression, or several of them on parts of the line where the
//! graph compares and chooses. Whether something is true is a number, too: 1 or 0.

use crate::expr::{Constant, End, Expr, Node, Piece, affine, split_kinks};
use rug::Rational;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;

/// Parts of the line beyond which it is no activation.
const PARTS: usize = 32;

/// A place between a point and the points to one side of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct Cut {
    at: Rational,
    /// whether the point itself lies before the cut
    after: bool,
}

/// A function of `x`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Formula {
    /// in order
    cuts: Vec<Cut>,
    /// before the first cut, between the first two, ..., after the last
    exprs: Vec<Expr>,
    /// constants of comparisons; the cuts do not tell in which format they are stored
    compared: BTreeSet<Constant>,
}

impl From<Expr> for Formula {
    fn from(expr: Expr) -> Self {
        Self { cuts: vec![], exprs: vec![expr], compared: BTreeSet::new() }
    }
}

impl Formula {
    /// The expression, if it is one on all of the line.
    pub fn single(&self) -> Option<&Expr> {
        match self.exprs.as_slice() {
            [expr] => Some(expr),
            _ => None,
        }
    }

    /// Nodes of all expressions, shared ones counted each time they occur.
    pub fn size(&self) -> usize {
        self.exprs.iter().map(Expr::size).sum()
    }

    /// Whether it takes more than sums, products and powers.
    pub fn bends(&self) -> bool {
        !self.cuts.is_empty() || self.any(&mut |n| matches!(n, Node::Call(..) | Node::Min(..) | Node::Max(..)))
    }

    /// Whether a predicate holds for a node of an expression or for a constant of a comparison.
    pub fn any(&self, predicate: &mut impl FnMut(&Node) -> bool) -> bool {
        self.exprs.iter().any(|e| e.any(predicate)) || self.compared.iter().any(|c| predicate(&Node::Const(c.clone())))
    }

    /// As a definition has it.
    pub fn pieces(&self) -> Vec<Piece> {
        let at = |k: usize| self.cuts.get(k);
        let end = |cut: Option<&Cut>, closed: fn(&Cut) -> bool| match cut {
            None => End::Infinite,
            Some(cut) => End::At { at: Expr::rational(cut.at.clone()), closed: closed(cut) },
        };
        let piece = |(k, expr): (usize, &Expr)| Piece {
            lo: end(k.checked_sub(1).and_then(at), |cut| !cut.after),
            hi: end(at(k), |cut| cut.after),
            expr: expr.clone(),
        };
        self.exprs.iter().enumerate().map(piece).collect()
    }

    /// With other expressions, and with the parts ending where `f` puts the constants that decide it.
    pub fn with(&self, f: impl Fn(&Expr) -> Expr) -> Self {
        let moved = |at: &Rational| {
            let same = |c: &&Constant| c.value.cmp_abs(at).is_eq();
            let constant = self.compared.iter().find(same)?;
            let value = f(&Expr::new(Node::Const(constant.clone()))).exact_rational()?;
            Some(if constant.value == *at { value } else { -value })
        };
        let cut = |cut: &Cut| Cut { at: moved(&cut.at).unwrap_or_else(|| cut.at.clone()), after: cut.after };
        Self { cuts: self.cuts.iter().map(cut).collect(), exprs: self.exprs.iter().map(&f).collect(), ..self.clone() }
    }

    /// What `f` makes of expressions, wherever they are these.
    pub fn map(of: &[Option<Self>], f: impl Fn(&[Option<Expr>]) -> Option<Expr>) -> Option<Self> {
        Self::bind(of, |exprs| Some(f(exprs)?.into()))
    }

    /// What `f` makes of expressions, on that part of the line on which they are these.
    fn bind(of: &[Option<Self>], f: impl Fn(&[Option<Expr>]) -> Option<Self>) -> Option<Self> {
        let given = || of.iter().flatten();
        let cuts: BTreeSet<&Cut> = given().flat_map(|formula| &formula.cuts).collect();
        if cuts.len() >= PARTS {
            return None;
        }
        let mut all = Self::nothing();
        all.compared.extend(given().flat_map(|formula| formula.compared.iter().cloned()));
        let ends: Vec<Option<&Cut>> = [None].into_iter().chain(cuts.into_iter().map(Some)).chain([None]).collect();
        for part in ends.windows(2) {
            let expr = |formula: &Self| formula.exprs[formula.place(part[0])].clone();
            let exprs: Vec<Option<Expr>> = of.iter().map(|formula| formula.as_ref().map(expr)).collect();
            all.append(&f(&exprs)?, part[0], part[1]);
        }
        (all.exprs.len() <= PARTS).then_some(all)
    }

    /// On no part of the line.
    const fn nothing() -> Self {
        Self { cuts: vec![], exprs: vec![], compared: BTreeSet::new() }
    }

    /// The number of the first expression to the right of a cut.
    fn place(&self, cut: Option<&Cut>) -> usize {
        self.cuts.iter().filter(|own| Some(*own) <= cut).count()
    }

    /// Goes on with what another one is between two cuts, of which the first is where this one ends. Where nothing changes,
    /// there is no cut.
    fn append(&mut self, other: &Self, lo: Option<&Cut>, hi: Option<&Cut>) {
        let first = other.place(lo);
        let cuts = other.cuts[first..].iter().filter(|cut| hi.is_none_or(|hi| *cut < hi));
        for (cut, expr) in [lo].into_iter().chain(cuts.map(Some)).zip(&other.exprs[first..]) {
            if self.exprs.last() != Some(expr) {
                self.cuts.extend(cut.cloned());
                self.exprs.push(expr.clone());
            }
        }
        self.compared.extend(other.compared.iter().cloned());
    }

    /// The sign of an expression, -1, 0 or 1, if it is affine with rational coefficients between its kinks.
    fn sign(of: &Expr) -> Option<Self> {
        let whole = Piece { lo: End::Infinite, hi: End::Infinite, expr: of.clone() };
        let number = |sign: Ordering| Expr::int(sign as i64);
        let mut all = Self::nothing();
        for piece in split_kinks(vec![whole]) {
            let (slope, offset) = affine(&piece.expr)?;
            let sign: Self = match slope.cmp0() {
                Ordering::Equal => number(offset.cmp0()).into(),
                sign => {
                    let root = -offset / slope;
                    let cuts = [false, true].map(|after| Cut { at: root.clone(), after }).to_vec();
                    Self {
                        cuts,
                        exprs: [sign.reverse(), Ordering::Equal, sign].map(number).to_vec(),
                        ..Self::nothing()
                    }
                }
            };
            let cut = |end: &End, after: fn(bool) -> bool| match end {
                End::Infinite => Some(None),
                End::At { at, closed } => Some(Some(Cut { at: at.as_rational()?.clone(), after: after(*closed) })),
            };
            all.append(&sign, cut(&piece.lo, |closed| !closed)?.as_ref(), cut(&piece.hi, |closed| closed)?.as_ref());
        }
        Some(all)
    }

    /// 1 where the order of two is one that `holds`, and 0 elsewhere.
    pub fn compare(a: &Self, b: &Self, holds: fn(Ordering) -> bool) -> Option<Self> {
        let difference = Self::map(&[Some(a.clone()), Some(b.clone())], |both| match both {
            [Some(a), Some(b)] => Some(a.clone() - b.clone()),
            _ => None,
        })?;
        let sign = Self::bind(&[Some(difference.clone())], |d| Self::sign(d.first()?.as_ref()?))?;
        let mut found = Self::map(&[Some(sign)], |sign| {
            let sign = sign.first()?.as_ref()?.as_rational()?;
            Some(Expr::int(holds(sign.cmp0()).into()))
        })?;
        difference.any(&mut |node| {
            found.compared.extend(if let Node::Const(c) = node { Some(c.clone()) } else { None });
            false
        });
        Some(found)
    }

    /// The second where the first is not 0, and the third elsewhere.
    pub fn choose(which: &Self, a: &Self, b: &Self) -> Option<Self> {
        Self::map(&[which, a, b].map(|formula| Some(formula.clone())), |all| match all {
            [Some(which), a, b] => {
                if truth(which)? {
                    a.clone()
                } else {
                    b.clone()
                }
            }
            _ => None,
        })
    }
}

/// Whether a constant is not 0.
pub fn truth(expr: &Expr) -> Option<bool> {
    Some(expr.exact_rational()? != 0)
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.single() {
            Some(expr) => expr.fmt(f),
            None => {
                let parts: Vec<String> = self.pieces().iter().map(|p| format!("{} on {}", p.expr, p.on())).collect();
                f.write_str(&parts.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse_expr;
    use proptest::prelude::*;

    fn formula(text: &str) -> Formula {
        parse_expr(text).expect("an expression").into()
    }

    /// `yes` where `a > b`, or `no`.
    fn where_greater(a: &str, b: &str, yes: &str, no: &str) -> Option<String> {
        let which = Formula::compare(&formula(a), &formula(b), Ordering::is_gt)?;
        Some(Formula::choose(&which, &formula(yes), &formula(no))?.to_string())
    }

    #[test]
    fn comparisons_cut_the_line() {
        let check =
            |a, b, expected: &str| assert_eq!(where_greater(a, b, "x", "0").as_deref(), Some(expected), "{a} > {b}");
        check("x", "0", "0 on (-inf, 0], x on (0, inf)");
        check("3 - 2*x", "x", "x on (-inf, 1), 0 on [1, inf)");
        check("abs(x)", "1/2", "x on (-inf, -1/2), 0 on [-1/2, 1/2], x on (1/2, inf)");
        check("1", "max(x, -x)", "0 on (-inf, -1], x on (-1, 1), 0 on [1, inf)");
        // true everywhere, nowhere, everywhere but at a point
        check("1", "0", "x");
        check("x", "x", "0");
        check("abs(x - 1)", "0", "x on (-inf, 1), 0 on [1, 1], x on (1, inf)");
        assert_eq!(where_greater("tanh(x)", "1/2", "x", "0"), None, "not affine");
        let equal = Formula::compare(&formula("x"), &formula("2"), Ordering::is_eq).expect("affine");
        assert_eq!(equal.to_string(), "0 on (-inf, 2), 1 on [2, 2], 0 on (2, inf)");
    }

    #[test]
    fn choices_nest() {
        let above = |at: &str| Formula::compare(&formula("x"), &formula(at), Ordering::is_ge).expect("affine");
        let inner = Formula::choose(&above("-1"), &formula("x^2"), &formula("0")).expect("decided");
        let outer = Formula::choose(&above("1"), &formula("x"), &inner).expect("decided");
        assert_eq!(outer.to_string(), "0 on (-inf, -1), x^2 on [-1, 1), x on [1, inf)");
        let twice = Formula::map(&[Some(outer.clone()), Some(above("0"))], |both| match both {
            [Some(a), Some(b)] => Some((a.clone() * b.clone()).simplified()),
            _ => None,
        });
        assert_eq!(twice.expect("a product").to_string(), "0 on (-inf, 0), x^2 on [0, 1), x on [1, inf)");
        assert_eq!(outer.compared.len(), 2);
        assert_eq!(Formula::choose(&outer, &inner, &inner), None, "decided by no comparison");
    }

    #[test]
    fn there_is_an_end_to_cuts() {
        let mut stairs = formula("0");
        for k in 0..2 * PARTS {
            let above = Formula::compare(&formula("x"), &formula(&k.to_string()), Ordering::is_gt).expect("affine");
            match Formula::choose(&above, &formula(&format!("x + {k}")), &stairs) {
                Some(next) => stairs = next,
                None => return assert_eq!(stairs.exprs.len(), PARTS),
            }
        }
        unreachable!("more than {PARTS} parts");
    }

    proptest! {
        /// What is chosen at a point is what comparing there chooses.
        #[test]
        fn choices_hold_at_points(
            m in -3i64..4, c in -3i64..4, n in -3i64..4, d in -3i64..4, kink in any::<bool>(), at in -12i64..13, which in 0usize..5,
        ) {
            let holds: [fn(Ordering) -> bool; 5] =
                [Ordering::is_gt, Ordering::is_ge, Ordering::is_lt, Ordering::is_le, Ordering::is_eq];
            let left = if kink { format!("{m}*abs(x) + {c}") } else { format!("{m}*x + {c}") };
            let (a, b) = (formula(&left), formula(&format!("{n}*x + {d}")));
            let found = Formula::compare(&a, &b, holds[which]).expect("affine");
            // quarters hit roots and lie between them
            let point = Rational::from((at, 4));
            let value = |f: &Formula| {
                let place = f.cuts.iter().filter(|cut| cut.at < point || cut.at == point && !cut.after).count();
                f.exprs[place].substitute_x(&Expr::rational(point.clone())).exact_rational().expect("a number")
            };
            prop_assert_eq!(value(&found) == 1, holds[which](value(&a).cmp(&value(&b))), "{} at {}", found, point);
        }
    }
}
