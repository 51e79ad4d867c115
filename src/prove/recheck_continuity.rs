//! Checks a certificate of a continuity class, by another way than it was found: the derivatives are taken symbolically,
//! the point is put in, and the results are compared in the exact field. (The search expands both sides in series.)

use crate::expr::{Expr, ParamDomain, parse_expr};
use crate::number::Real;
use crate::number::exact::{Assumptions, Exact};
use crate::prove::continuity::{
    CertifiedDomain, CertifiedJunction, CertifiedPiece, ContinuityCertificate, SCHEMA, is_analytic,
};
use rug::Rational;
use std::sync::Arc;

/// Why a certificate is rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// not a certificate of this kind
    #[error("schema `{schema}` and kind `{kind}` are not those of a continuity certificate")]
    Schema {
        /// as found
        schema: String,
        /// as found
        kind: String,
    },
    /// something in it is not an expression, or not a number
    #[error("`{text}` in the certificate cannot be read: {reason}")]
    Text {
        /// as found
        text: String,
        /// what is wrong
        reason: String,
    },
    /// the value of a parameter is missing, or outside of the domain for which the claim is made
    #[error("the parameter `{0}` has no value in the domain for which the class is claimed")]
    Domain(String),
    /// the pieces do not cover the line
    #[error("pieces {0} and {1} do not meet: one must begin where the other ends, and one of them must hold the point")]
    Cover(usize, usize),
    /// an outer end is not infinite
    #[error("the pieces do not cover the whole line")]
    Ends,
    /// a piece is not shown to be analytic
    #[error("piece {0} is not shown to be analytic inside")]
    Piece(usize),
    /// a junction's claim is wrong
    #[error("at junction {index}: {reason}")]
    Junction {
        /// which one, from the left
        index: usize,
        /// what is wrong
        reason: String,
    },
    /// the class does not follow
    #[error("the class claimed is not the smallest of the junctions' classes")]
    Order,
}

/// Verifies everything that the certificate claims, for all parameter values in its domains.
pub fn recheck(certificate: &ContinuityCertificate) -> Result<(), Rejection> {
    if certificate.schema != SCHEMA || certificate.kind != "continuity" {
        let (schema, kind) = (certificate.schema.clone(), certificate.kind.clone());
        return Err(Rejection::Schema { schema, kind });
    }
    let mut assumptions = Assumptions::strict();
    for (name, d) in &certificate.activation.domains {
        // a claim about the values of an empty domain, or not about the value that is given, would be worth nothing
        let domain = domain(d)?;
        let value = certificate.activation.params.get(name).map(|v| rational(v)).transpose()?;
        if !value.is_some_and(|v| holds(&domain, &v)) {
            return Err(Rejection::Domain(name.clone()));
        }
        assumptions = assumptions.with(name, domain);
    }
    let checker = Checker { cx: Arc::new(assumptions) };
    let pieces = &certificate.activation.pieces;
    let values = pieces.iter().map(|p| parse(&p.value)).collect::<Result<Vec<_>, _>>()?;
    checker.cover(pieces)?;
    for (i, (p, value)) in pieces.iter().zip(&values).enumerate() {
        let end = |text: &str| if is_infinite(text) { Ok(None) } else { checker.point(text).map(Some) };
        if !is_analytic(value, end(&p.lo)?.as_ref(), end(&p.hi)?.as_ref(), &checker.cx) {
            return Err(Rejection::Piece(i));
        }
    }
    if certificate.junctions.len() + 1 != pieces.len() {
        return Err(Rejection::Order);
    }
    for (i, j) in certificate.junctions.iter().enumerate() {
        let reject = |reason: String| Rejection::Junction { index: i, reason };
        if j.at != pieces[i].hi {
            return Err(reject(format!("it stands at `{}`, the pieces meet at `{}`", j.at, pieces[i].hi)));
        }
        checker.junction(j, &values[i], &values[i + 1])?.map_err(reject)?;
    }
    match certificate.junctions.iter().filter_map(|j| j.order).min() == certificate.order {
        true => Ok(()),
        false => Err(Rejection::Order),
    }
}

struct Checker {
    cx: Arc<Assumptions>,
}

impl Checker {
    fn cover(&self, pieces: &[CertifiedPiece]) -> Result<(), Rejection> {
        let outer =
            |p: Option<&CertifiedPiece>, end: fn(&CertifiedPiece) -> &str, value: &str| p.map(end) == Some(value);
        if !outer(pieces.first(), |p| &p.lo, "-inf") || !outer(pieces.last(), |p| &p.hi, "inf") {
            return Err(Rejection::Ends);
        }
        for (i, pair) in pieces.windows(2).enumerate() {
            if pair[0].hi != pair[1].lo || is_infinite(&pair[0].hi) || pair[0].hi_closed == pair[1].lo_closed {
                return Err(Rejection::Cover(i, i + 1));
            }
        }
        // in order: each piece with two ends has a positive length
        for (i, p) in pieces.iter().enumerate().filter(|(_, p)| !is_infinite(&p.lo) && !is_infinite(&p.hi)) {
            if self.point(&p.hi)?.sub(&self.point(&p.lo)?).sign() != crate::number::exact::Sign::Positive {
                return Err(Rejection::Cover(i, i + 1));
            }
        }
        Ok(())
    }

    fn point(&self, text: &str) -> Result<Exact, Rejection> {
        Ok(Exact::eval(&self.cx, &parse(text)?, &Exact::int(&self.cx, 0)))
    }

    /// The outer error is an unreadable text, the inner one a wrong claim.
    fn junction(&self, j: &CertifiedJunction, left: &Expr, right: &Expr) -> Result<Result<(), String>, Rejection> {
        let at = self.point(&j.at)?;
        let Some(order) = j.order else {
            let smooth = is_analytic(left, Some(&at), Some(&at), &self.cx)
                && is_analytic(right, Some(&at), Some(&at), &self.cx)
                && self.same_function(left, right);
            return Ok(if smooth { Ok(()) } else { Err("the two sides are not shown to be the same function".into()) });
        };
        let count = usize::try_from(order + 2).unwrap_or(0);
        if count == 0 || j.left.len() != count || j.right.len() != count {
            return Ok(Err(format!("class {order} takes the derivatives up to order {}", order + 1)));
        }
        let (mut f, mut g) = (left.clone(), right.clone());
        for k in 0..count {
            let (l, r) = (Exact::eval(&self.cx, &f, &at), Exact::eval(&self.cx, &g, &at));
            for (value, claimed) in [(&l, &j.left[k]), (&r, &j.right[k])] {
                if !value.sub(&self.point(claimed)?).is_zero() {
                    return Ok(Err(format!("the derivative of order {k} is not shown to be `{claimed}`")));
                }
            }
            let jump = r.sub(&l);
            if k + 1 < count {
                if !jump.is_zero() {
                    return Ok(Err(format!("the derivatives of order {k} are not shown to be equal")));
                }
            } else if !jump.sign().is_nonzero() {
                return Ok(Err(format!("the derivatives of order {k} are not shown to differ")));
            } else if j.jump.as_deref().map(|t| self.point(t)).transpose()?.is_none_or(|t| !jump.sub(&t).is_zero()) {
                return Ok(Err("the jump is not what is claimed".into()));
            }
            (f, g) = (f.derivative(), g.derivative());
        }
        Ok(Ok(()))
    }

    fn same_function(&self, left: &Expr, right: &Expr) -> bool {
        let cx = Arc::new(self.cx.as_ref().clone().into_generic());
        let x = Exact::symbol(&cx, "x");
        Exact::eval(&cx, left, &x).sub(&Exact::eval(&cx, right, &x)).is_zero()
    }
}

fn is_infinite(text: &str) -> bool {
    matches!(text, "inf" | "-inf")
}

fn parse(text: &str) -> Result<Expr, Rejection> {
    parse_expr(text).map_err(|e| Rejection::Text { text: text.into(), reason: e.to_string() })
}

fn rational(text: &str) -> Result<Rational, Rejection> {
    text.parse()
        .map_err(|e: rug::rational::ParseRationalError| Rejection::Text { text: text.into(), reason: e.to_string() })
}

fn holds(d: &ParamDomain, value: &Rational) -> bool {
    let above = d.lo.as_ref().is_none_or(|lo| value > lo || d.lo_closed && value == lo);
    let below = d.hi.as_ref().is_none_or(|hi| value < hi || d.hi_closed && value == hi);
    above && below
}

fn domain(d: &CertifiedDomain) -> Result<ParamDomain, Rejection> {
    let end = |text: &str, infinite: &str| {
        if text == infinite {
            return Ok(None);
        }
        rational(text).map(Some)
    };
    Ok(ParamDomain {
        lo: end(&d.lo, "-inf")?,
        lo_closed: d.lo_closed,
        hi: end(&d.hi, "inf")?,
        hi_closed: d.hi_closed,
        integer: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prove::continuity::certificate;
    use crate::prove::continuity::tests::{activation, definition, srelu};

    fn gem(n: i64) -> ContinuityCertificate {
        let d = definition(
            "gem",
            &[("N", "[1, inf)", "1")],
            &[("(-inf, 0]", "0"), ("(0, inf)", "x^(2*N+1)/(1 + x^(2*N))")],
        );
        certificate(&activation(&d, &[("N", (n, 1))])).expect("decided")
    }

    #[test]
    fn what_is_found_is_confirmed() {
        let srelu = certificate(&activation(&srelu(), &[])).expect("decided");
        assert_eq!(recheck(&srelu), Ok(()));
        insta::assert_json_snapshot!(srelu, @r#"
{
  "schema": "actaudit.certificate.v1",
  "kind": "continuity",
  "activation": {
    "id": "srelu",
    "params": {
      "alpha": "1/1000"
    },
    "domains": {
      "alpha": {
        "lo": "0",
        "lo_closed": false,
        "hi": "inf",
        "hi_closed": false
      }
    },
    "pieces": [
      {
        "lo": "-inf",
        "lo_closed": false,
        "hi": "-alpha",
        "hi_closed": true,
        "value": "0"
      },
      {
        "lo": "-alpha",
        "lo_closed": false,
        "hi": "alpha",
        "hi_closed": false,
        "value": "(x + alpha)^3*(3*alpha - x)/(16*alpha^3)"
      },
      {
        "lo": "alpha",
        "lo_closed": true,
        "hi": "inf",
        "hi_closed": false,
        "value": "x"
      }
    ]
  },
  "order": 2,
  "junctions": [
    {
      "at": "-alpha",
      "order": 2,
      "left": [
        "0",
        "0",
        "0",
        "0"
      ],
      "right": [
        "0",
        "0",
        "0",
        "3/(2*alpha^2)"
      ],
      "jump": "3/(2*alpha^2)"
    },
    {
      "at": "alpha",
      "order": 2,
      "left": [
        "alpha",
        "1",
        "0",
        "-3/(2*alpha^2)"
      ],
      "right": [
        "alpha",
        "1",
        "0",
        "0"
      ],
      "jump": "3/(2*alpha^2)"
    }
  ]
}
"#);
        for n in 1..=4 {
            let c = gem(n);
            assert_eq!(recheck(&c), Ok(()), "{}", serde_json::to_string(&c).unwrap());
        }
        let text = serde_json::to_string(&gem(2)).unwrap();
        assert_eq!(recheck(&serde_json::from_str(&text).unwrap()), Ok(()));
    }

    #[test]
    fn tampering_is_rejected() {
        let good = || certificate(&activation(&srelu(), &[])).expect("decided");
        let check = |change: &dyn Fn(&mut ContinuityCertificate)| {
            let mut c = good();
            change(&mut c);
            assert_ne!(c, good());
            recheck(&c).expect_err("tampered")
        };
        assert_eq!(check(&|c| c.order = Some(3)), Rejection::Order);
        assert!(matches!(check(&|c| c.kind = "supremum".into()), Rejection::Schema { .. }));
        assert_eq!(check(&|c| drop(c.activation.pieces.remove(1))), Rejection::Cover(0, 1));
        assert_eq!(check(&|c| drop(c.activation.pieces.pop())), Rejection::Ends);
        assert_eq!(check(&|c| drop(c.junctions.pop())), Rejection::Order);
        for change in [
            |c: &mut ContinuityCertificate| c.activation.pieces[1].value += " + 1e-18",
            |c: &mut ContinuityCertificate| c.activation.pieces[1].value += " + 1e-18*(x + alpha)^2*(x - alpha)^2",
            |c: &mut ContinuityCertificate| c.activation.pieces[2].value = "x + 1e-30".into(),
            |c: &mut ContinuityCertificate| c.junctions[0].left[1] = "1e-40".into(),
            |c: &mut ContinuityCertificate| c.junctions[1].jump = Some("3/alpha^2".into()),
            |c: &mut ContinuityCertificate| c.junctions[1].order = None,
            |c: &mut ContinuityCertificate| c.junctions[1].at = "-alpha".into(),
        ] {
            assert!(matches!(check(&change), Rejection::Junction { .. }));
        }
        let empty = |c: &mut ContinuityCertificate| {
            c.activation.domains.get_mut("alpha").expect("a parameter").hi = "-1".into();
        };
        assert_eq!(check(&empty), Rejection::Domain("alpha".into()));
        // for parameters of both signs neither the order of the pieces nor the sign of the jump is known
        let any = |c: &mut ContinuityCertificate| {
            c.activation.domains.get_mut("alpha").expect("a parameter").lo = "-1".into();
        };
        check(&any);
        check(&|c| c.activation.pieces[1].value = "abs(x)".into());
    }
}
