//! Claims about integrals: the checker takes the antiderivative of polynomials, and encloses other integrands.

use super::file::Claim;
use super::judge::{Judgement, Problem, expression, names, subject};
use super::quantity::rounded_from;
use crate::expr::{End, Expr, Piece, compare_points, split_kinks};
use crate::verdict::Verdict;
use actaudit_recheck::certificate::{Certificate, Integral, IntegralMethod, Schema};
use actaudit_recheck::check;
use rug::{Float, Rational};
use std::collections::BTreeMap;

/// How finely an interval is divided, one after the other.
const PARTS: [u32; 3] = [64, 512, 4096];
/// Bits with which the checker encloses.
const BITS: u32 = 128;

/// Proves or refutes a claim about an integral.
pub(super) fn judge(claim: &Claim) -> Result<Judgement, Problem> {
    let part = |text: &Option<String>| expression(text.as_deref().unwrap_or_default());
    let (mut integrand, mut from, mut to) = (part(&claim.integrand)?, part(&claim.from)?, part(&claim.to_point)?);
    let mut value = expression(&claim.value)?;
    let mut domains = BTreeMap::new();
    let of = claim.activation.is_some().then(|| subject(claim)).transpose()?;
    let activation = of.as_ref().map(|(activation, _)| activation);
    let texts = [&claim.integrand, &claim.from, &claim.to_point];
    let all = texts.map(|text| text.as_deref().unwrap_or_default()).into_iter().zip([&integrand, &from, &to]);
    for (text, e) in all.chain([(claim.value.as_str(), &value)]) {
        names(text, e, activation)?;
    }
    if value.depends_on_x() {
        return Err(format!("`{}` depends on x: a value is a constant", claim.value));
    }
    if let Some((activation, free)) = of {
        for p in &activation.definition.params {
            if free.as_ref() == Some(&p.name) {
                domains.insert(p.name.clone(), p.domain.interval());
            }
        }
        let put = |e: &Expr| {
            e.substitute_params(&|name| match domains.contains_key(name) {
                true => None,
                false => activation.values.get(name).cloned().map(Expr::rational),
            })
        };
        (integrand, from, to, value) = (put(&integrand), put(&from), put(&to), put(&value));
    }
    let case = Case { integrand, from, to, domains };
    match claim.decimals {
        None => case.exactly(&value),
        Some(_) => case.rounded(claim, &value),
    }
}

struct Case {
    integrand: Expr,
    from: Expr,
    to: Expr,
    domains: BTreeMap<String, String>,
}

impl Case {
    fn certificate(&self, method: IntegralMethod) -> Certificate {
        Certificate::Integral(Integral {
            schema: Schema::V1,
            integrand: self.integrand.to_string(),
            from: self.from.to_string(),
            to: self.to.to_string(),
            cuts: self.cuts(),
            domains: self.domains.clone(),
            method,
        })
    }

    /// Rational points between the ends at which branches change.
    fn cuts(&self) -> Vec<String> {
        let (Some(a), Some(b)) = (self.from.exact_rational(), self.to.exact_rational()) else { return vec![] };
        let whole = Piece { lo: End::Infinite, hi: End::Infinite, expr: self.integrand.clone() };
        let ends = split_kinks(vec![whole]).into_iter().filter_map(|p| match p.hi {
            End::At { at, .. } => at.exact_rational(),
            End::Infinite => None,
        });
        let mut inside: Vec<Rational> =
            ends.filter(|q| *q > a.clone().min(b.clone()) && *q < a.clone().max(b.clone())).collect();
        if a > b {
            inside.reverse();
        }
        inside.iter().map(Rational::to_string).collect()
    }

    fn exactly(&self, value: &Expr) -> Result<Judgement, Problem> {
        let certificate = self.certificate(IntegralMethod::Exactly { value: value.to_string() });
        let reason = match check(&certificate) {
            Ok(_) => {
                let mut out = Judgement::new(Verdict::Proved, "by the antiderivative, identically in the parameters");
                out.integral = Some(certificate);
                if value.exact_rational().is_some() {
                    Truth { lower: value.clone(), upper: value.clone() }.show(&mut out);
                }
                return Ok(out);
            }
            Err(e) => e.to_string(),
        };
        // another value is refuted by bounds
        let Some((truth, certificate)) = self.enclosed(|_| true) else {
            return Ok(Judgement::new(Verdict::Undecided, reason));
        };
        let excluded = truth.excludes(value, value);
        let mut out = Judgement::new(if excluded { Verdict::Refuted } else { Verdict::Undecided }, reason);
        if excluded {
            out.reason = "proved enclosure of the integral".into();
        }
        out.integral = Some(certificate);
        truth.show(&mut out);
        Ok(out)
    }

    fn rounded(&self, claim: &Claim, value: &Expr) -> Result<Judgement, Problem> {
        let [low, high] = rounded_from(claim, value)?;
        let decided = |t: &Truth| t.inside(&low, &high) || t.excludes(&low, &high);
        let Some((truth, certificate)) = self.enclosed(decided) else {
            return Ok(Judgement::new(Verdict::Undecided, "the integral could not be enclosed"));
        };
        let verdict = match (truth.inside(&low, &high), truth.excludes(&low, &high)) {
            (true, _) => Verdict::Proved,
            (_, true) => Verdict::Refuted,
            _ => Verdict::Undecided,
        };
        let mut out = Judgement::new(verdict, "proved enclosure of the integral");
        out.integral = Some(certificate);
        truth.show(&mut out);
        Ok(out)
    }

    /// The narrowest bounds that the checker accepts, or the first that are enough.
    fn enclosed(&self, enough: impl Fn(&Truth) -> bool) -> Option<(Truth, Certificate)> {
        if !self.domains.is_empty() {
            return None;
        }
        let mut best = None;
        for parts in PARTS {
            let Some(found) = actaudit_recheck::integral_enclosure(
                &self.integrand.to_string(),
                &self.from.to_string(),
                &self.to.to_string(),
                &self.cuts(),
                parts,
                BITS,
            ) else {
                continue;
            };
            let [lower, upper] = found;
            let method =
                IntegralMethod::Between { lower: lower.to_string(), upper: upper.to_string(), parts, precision: BITS };
            let certificate = self.certificate(method);
            if check(&certificate).is_ok() {
                let truth = Truth { lower: Expr::rational(lower), upper: Expr::rational(upper) };
                let done = enough(&truth);
                best = Some((truth, certificate));
                if done {
                    break;
                }
            }
        }
        best
    }
}

/// Proved bounds of an integral.
struct Truth {
    lower: Expr,
    upper: Expr,
}

impl Truth {
    fn inside(&self, low: &Expr, high: &Expr) -> bool {
        compare_points(&self.lower, low).is_some_and(|o| o.is_ge())
            && compare_points(&self.upper, high).is_some_and(|o| o.is_le())
    }

    fn excludes(&self, low: &Expr, high: &Expr) -> bool {
        compare_points(&self.upper, low).is_some_and(|o| o.is_lt())
            || compare_points(&self.lower, high).is_some_and(|o| o.is_gt())
    }

    fn show(&self, out: &mut Judgement) {
        let text = |e: &Expr, up: bool| {
            let round = if up { rug::float::Round::Up } else { rug::float::Round::Down };
            let q = e.exact_rational()?;
            Some(crate::number::decimal::directed(&Float::with_val_round(BITS, &q, round).0, 22, up))
        };
        (out.lower, out.upper) = (text(&self.lower, false), text(&self.upper, true));
    }
}
