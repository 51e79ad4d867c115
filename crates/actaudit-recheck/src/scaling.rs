//! Laws that carry one value of a parameter to all: `f_{s^k p}(s x) = s f_p(x)` for all s > 0, all x and all p.
//!
//! Then sup f and |f - g| scale like s, slopes not at all, curvature like 1/s, and places like s, if g(s x) = s g(x).

use super::field::{Field, Value};
use super::system::eval;
use super::{Accepted, Conclusion, RecheckError};
use crate::certificate::Scaling;
use actaudit_expr::plain::clipped;
use actaudit_expr::{Definition, End, Expr, ParamDomain, Piece, catalog, parse_expr, parse_rational};
use rug::Rational;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The scale factor. No parameter has this name.
const SCALE: &str = "+s";

pub(super) fn check(s: &Scaling) -> Result<Accepted, RecheckError> {
    let fail = RecheckError::Statement;
    let f = definition(&s.definition).map_err(fail)?;
    let g = s.to.as_deref().map(definition).transpose().map_err(fail)?;
    let param = f.params.iter().find(|p| p.name == s.param);
    let param = param.ok_or_else(|| fail(format!("`{}` has no parameter `{}`", f.id, clipped(&s.param))))?;
    // between two values of different sign, or zero, there is no scale
    let one_sign = |d: &ParamDomain| {
        d.lo.as_ref().is_some_and(|lo| *lo > 0 || *lo == 0 && !d.lo_closed)
            || d.hi.as_ref().is_some_and(|hi| *hi < 0 || *hi == 0 && !d.hi_closed)
    };
    if !one_sign(&param.domain) || param.domain.integer || s.k == 0 {
        return Err(fail(format!("`{}` is not a change of scale", s.param)));
    }
    let fixed = s.fixed.iter().map(|(name, text)| match parse_rational(text) {
        Ok(q) => Ok((name.clone(), q)),
        Err(e) => Err(fail(format!("the value of `{}`: {e}", clipped(name)))),
    });
    let fixed: BTreeMap<String, Rational> = fixed.collect::<Result<_, _>>()?;
    for (name, value) in &fixed {
        let known = f.params.iter().find(|p| p.name == *name && *name != s.param);
        if !known.is_some_and(|p| p.domain.contains(value)) {
            return Err(fail(format!("`{}` is not a parameter with a value", clipped(name))));
        }
    }
    Law { definition: &f, fixed: &fixed, scaled: Some((&s.param, s.k)) }.holds().map_err(fail)?;
    let defaults: BTreeMap<String, Rational> =
        g.iter().flat_map(|g| &g.params).map(|p| (p.name.clone(), p.default.clone())).collect();
    if let Some(g) = &g {
        Law { definition: g, fixed: &defaults, scaled: None }.holds().map_err(fail)?;
    }
    let mut statement = format!(
        "`{}`: f(s x) with {p} s^({}) in place of {p} is s f(x), for every s > 0 and every {p} in {}",
        named(&f, &fixed),
        s.k,
        param.domain.interval(),
        p = s.param
    );
    for value in &s.values {
        let e = parse_expr(&value.value).map_err(|e| fail(format!("`{}`: {e}", clipped(&value.value))))?;
        if e.depends_on_x() {
            return Err(fail(format!("`{e}` depends on x")));
        }
        let law = Law { definition: &f, fixed: &fixed, scaled: Some((&s.param, s.k)) };
        law.scales(&e, value.power).map_err(fail)?;
        statement += &format!("; {e} scales like s^({})", value.power);
    }
    if let Some(g) = &g {
        statement += &format!("; `{}`: g(s x) = s g(x)", named(g, &defaults));
    }
    for d in [Some(&f), g.as_ref()].into_iter().flatten().filter(|d| catalog::find(&d.id).is_err()) {
        let pieces: Vec<String> = d.pieces.iter().map(|p| format!("{} on {}", p.expr, p.on())).collect();
        statement += &format!("\nwith `{}` as this certificate defines it: {}", d.id, pieces.join("; "));
    }
    Ok(Accepted { statement, conclusion: Conclusion::Scaling, leaves: 0, bisections: 0 })
}

/// The id with the values of parameters for which alone the law holds.
fn named(f: &Definition, fixed: &BTreeMap<String, Rational>) -> String {
    let listed: Vec<String> = fixed.iter().map(|(name, value)| format!("{name}={value}")).collect();
    if listed.is_empty() { f.id.clone() } else { format!("{}({})", f.id, listed.join(", ")) }
}

/// A definition file; under an id of the catalogue only the catalogue's own is read.
fn definition(text: &str) -> Result<Definition, String> {
    let given = Definition::from_toml(text, "the definition").map_err(|e| format!("the definition: {e}"))?;
    match catalog::find(&given.id) {
        Ok(own) if own.pieces != given.pieces || own.params != given.params => {
            Err(format!("the definition of `{}` differs from the catalogue's", given.id))
        }
        _ => Ok(given),
    }
}

/// `f_{s^k p}(s x) = s f_p(x)` for the scaled parameter, or `f(s x) = s f(x)` without one.
struct Law<'a> {
    definition: &'a Definition,
    fixed: &'a BTreeMap<String, Rational>,
    scaled: Option<(&'a str, i32)>,
}

impl Law<'_> {
    fn holds(&self) -> Result<(), String> {
        self.definition.pieces.iter().try_for_each(|p| self.piece(p))
    }

    /// An expression with the values put in, and the same with the parameter scaled.
    fn both(&self, e: &Expr) -> [Expr; 2] {
        let fixed = e.substitute_params(&|name| self.fixed.get(name).cloned().map(Expr::rational));
        let scaled = fixed.substitute_params(&|name| {
            let (_, k) = self.scaled.filter(|(p, _)| *p == name)?;
            Some(Expr::param(name) * Expr::param(SCALE).pow(Expr::int(k.into())))
        });
        [fixed, scaled]
    }

    fn field(&self, x: ParamDomain) -> Field {
        let positive = ParamDomain { lo: Some(Rational::new()), ..ParamDomain::REALS };
        let free = self.definition.params.iter().filter(|p| !self.fixed.contains_key(&p.name));
        let mut domains: BTreeMap<Arc<str>, ParamDomain> =
            free.map(|p| (p.name.as_str().into(), p.domain.clone())).collect();
        domains.insert(SCALE.into(), positive);
        domains.insert("x".into(), x);
        Field::new(domains)
    }

    /// Whether an expression without x is multiplied by `s^power`.
    fn scales(&self, e: &Expr, power: i32) -> Result<(), String> {
        let field = self.field(ParamDomain::REALS);
        let [plain, scaled] = self.both(e);
        let zero = Value::default();
        let (a, b) = (eval(&field, &scaled, &zero)?, eval(&field, &plain, &zero)?);
        let s = field.powi(&Value::symbol(SCALE), power).ok_or("it is too large")?;
        equal(&field, &a, &field.times(&b, &s).ok_or("it is too large")?, e)
    }

    fn piece(&self, piece: &Piece) -> Result<(), String> {
        let end = |e: &End| match e {
            End::Infinite => Ok(None),
            End::At { at, closed } => self.scales(at, 1).map(|()| Some((at.exact_rational(), *closed))),
        };
        // where x has one sign, so have its powers
        let (lo, hi) = (end(&piece.lo)?, end(&piece.hi)?);
        let (lo, lo_closed) = lo.map_or((None, false), |(q, closed)| (q, closed));
        let (hi, hi_closed) = hi.map_or((None, false), |(q, closed)| (q, closed));
        let field = self.field(ParamDomain { lo, lo_closed, hi, hi_closed, integer: false });
        let [plain, scaled] = self.both(&piece.expr);
        let (x, s) = (Value::symbol("x"), Value::symbol(SCALE));
        let sx = field.times(&x, &s).ok_or("it is too large")?;
        let (a, b) = (eval(&field, &scaled, &sx)?, eval(&field, &plain, &x)?);
        equal(&field, &a, &field.times(&b, &s).ok_or("it is too large")?, &piece.expr)
    }
}

fn equal(field: &Field, a: &Value, b: &Value, e: &Expr) -> Result<(), String> {
    let same = field.minus(a, b).is_some_and(|d| d.is_zero());
    if same { Ok(()) } else { Err(format!("`{e}` is not shown to scale")) }
}
