//! Functions by pieces between exact knots: polynomials where they are, other expressions where they are not.

use super::poly::Poly;
use crate::expr::{End, Expr, Piece};
use crate::number::Real as _;
use crate::number::exact::{Assumptions, Exact, Sign};
use std::sync::Arc;

/// What a function is between two knots.
#[derive(Clone, Debug)]
pub enum Form {
    /// a polynomial
    Poly(Poly),
    /// another expression in x
    Closed(Expr),
}

impl Form {
    fn of(e: &Expr, cx: &Arc<Assumptions>) -> Self {
        Poly::of(e, cx).map_or_else(|| Self::Closed(e.clone()), Self::Poly)
    }

    /// The polynomial, if it is one.
    pub const fn poly(&self) -> Option<&Poly> {
        match self {
            Self::Poly(p) => Some(p),
            Self::Closed(_) => None,
        }
    }
}

/// A function on the real line but for its knots: values at single points do not matter to an integral.
#[derive(Clone, Debug)]
pub struct Branches {
    /// where the pieces meet, from left to right
    pub knots: Vec<Exact>,
    /// one more than there are knots
    pub forms: Vec<Form>,
}

impl Branches {
    /// Of pieces in order that cover the line. Neighbours that are the same polynomial are one.
    pub fn of(pieces: &[Piece], cx: &Arc<Assumptions>) -> Self {
        let end = |e: &End| match e {
            End::Infinite => None,
            End::At { at, .. } => Some(Exact::eval(cx, at, &Exact::int(cx, 0))),
        };
        let mut out = Self { knots: vec![], forms: vec![] };
        for piece in pieces {
            let (lo, hi) = (end(&piece.lo), end(&piece.hi));
            if lo.as_ref().zip(hi.as_ref()).is_some_and(|(a, b)| a.sub(b).is_zero()) {
                continue;
            }
            out.push(lo, Form::of(&piece.expr, cx));
        }
        out
    }

    /// Goes on to the right of a knot.
    pub fn push(&mut self, knot: Option<Exact>, form: Form) {
        let same = match (self.forms.last(), &form) {
            (Some(Form::Poly(p)), Form::Poly(q)) => p.minus(q).is_zero(),
            (Some(Form::Closed(p)), Form::Closed(q)) => p == q,
            _ => false,
        };
        if same {
            return;
        }
        if !self.forms.is_empty() {
            self.knots.extend(knot);
        }
        self.forms.push(form);
    }

    /// The polynomials, if all pieces are; else the place of the first that is none.
    pub fn polys(&self) -> Result<Vec<&Poly>, usize> {
        self.forms.iter().enumerate().map(|(i, form)| form.poly().ok_or(i)).collect()
    }

    /// Distances between neighbouring knots.
    pub fn gaps(&self) -> Vec<Exact> {
        self.knots.windows(2).map(|pair| pair[1].sub(&pair[0])).collect()
    }

    /// Whether the knots are known to be in order, for all values of the parameters.
    pub fn in_order(&self) -> bool {
        self.gaps().iter().all(|gap| gap.sign() == Sign::Positive)
    }
}
