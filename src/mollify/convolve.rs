//! The convolution of a piecewise polynomial with a kernel, exactly.
//!
//! Left of its first knot f is a polynomial, and at each knot t the polynomial changes by `sum_k d_k (x - t)^k`. So f is the
//! leftmost polynomial plus a sum of `d_k (x - t)_+^k`, and f * K is the leftmost polynomial, smoothed through the moments of K,
//! plus the sum of `d_k k! a^k G_k((x - t)/a)`, where G_0 is the distribution function of K and G_(k+1) the antiderivative of G_k.

use super::branches::{Branches, Form};
use super::error::MollifyError;
use super::kernel::Kernel;
use super::poly::Poly;
use super::write;
use crate::catalog;
use crate::expr::{Activation, Definition, End, Expr, Node, ParamDomain, Parameter, Piece, Provenance};
use crate::number::decimal;
use crate::number::exact::{Assumptions, Exact, Sign};
use crate::number::{Enclosure as _, Real as _};
use rug::{Float, Rational};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Radii have no more bits than this, in numerator and denominator.
const MAX_BITS: u32 = 1 << 7;
/// Names of the radius; the first that is no parameter of the base is taken.
const NAMES: [&str; 3] = ["alpha", "radius", "kernel_radius"];

/// A mollified activation.
#[derive(Clone, Debug)]
pub struct Mollified {
    /// what was smoothed, at the values of its parameters
    pub base: Activation,
    /// with what
    pub kernel: Kernel,
    /// the radius (or scale) of the kernel
    pub radius: Rational,
    /// the name under which it is a parameter of the result; `None`: the result holds for this radius only
    pub parameter: Option<String>,
    /// radii from here on merge pieces, so that the result of a smaller one does not hold
    pub limit: Option<Rational>,
    /// parameters of the base whose values were put in, because the order of the pieces depends on them
    pub fixed: Vec<String>,
    /// the result, at the radius and the values of the other parameters
    pub activation: Activation,
}

impl Mollified {
    /// The result as a definition.
    pub fn definition(&self) -> &Arc<Definition> {
        &self.activation.definition
    }
}

/// The base as a piecewise polynomial, with those of its parameters as symbols that leave the order of the knots alone.
struct Base {
    cx: Arc<Assumptions>,
    branches: Branches,
    symbols: BTreeMap<String, ParamDomain>,
    fixed: Vec<String>,
}

/// Convolves a base with a kernel of this radius; 1, or what keeps the pieces apart, if none is given.
///
/// # Errors
/// If the integral does not exist, or there is no closed form for it.
pub fn mollify(base: &Activation, kernel: &Kernel, radius: Option<&Rational>) -> Result<Mollified, MollifyError> {
    if let Some(r) = radius
        && (*r <= 0 || r.numer().significant_bits().max(r.denom().significant_bits()) > MAX_BITS)
    {
        return Err(MollifyError::Radius(decimal::directed(&Float::with_val(64, r), 6, false)));
    }
    let name = NAMES.into_iter().find(|n| base.definition.params.iter().all(|p| p.name != *n)).unwrap_or(NAMES[2]);
    let spread = spread(kernel);
    let found = prepare(base, &spread)?;
    let limit = limit(&found, &spread)?;
    let usual = || match &limit {
        Some(limit) if *limit <= 1 => Rational::from(limit / 2u32),
        _ => Rational::from(1),
    };
    let radius = radius.cloned().unwrap_or_else(usual);
    let symbolic = limit.as_ref().is_none_or(|limit| radius < *limit);
    let domain = ParamDomain {
        lo: Some(Rational::new()),
        lo_closed: false,
        hi: limit.clone(),
        hi_closed: false,
        integer: false,
    };
    let mut cx = Assumptions::strict();
    for (symbol, domain) in &found.symbols {
        cx = cx.with(symbol, domain.clone());
    }
    if symbolic {
        cx = cx.with(name, domain.clone());
    }
    let cx = Arc::new(cx);
    let a = if symbolic { Exact::symbol(&cx, name) } else { Exact::rational(&cx, &radius) };
    let convolution = Convolution { base, kernel, cx, a, ordered: symbolic };
    let branches = convolution.of(&found)?;
    let pieces = convolution.pieces(&branches)?;
    let parameter = symbolic.then(|| name.to_owned());
    let definition = Arc::new(definition(base, kernel, pieces, &found, parameter.as_deref(), &radius, &domain));
    let mut values: BTreeMap<String, Rational> = base.values.clone();
    values.retain(|name, _| found.symbols.contains_key(name));
    values.extend(parameter.clone().map(|name| (name, radius.clone())));
    let activation = Activation::new(definition, &values)?;
    Ok(Mollified {
        base: base.clone(),
        kernel: kernel.clone(),
        radius,
        parameter,
        limit,
        fixed: found.fixed,
        activation,
    })
}

/// From the first to the last knot of the kernel; nothing if it has at most one.
fn spread(kernel: &Kernel) -> Option<Exact> {
    let knots = kernel.branches(&super::kernel::constants()).knots;
    let [first, .., last] = knots.as_slice() else { return None };
    Some(last.sub(first))
}

/// Pieces with expressions in place of parameters.
pub fn put(pieces: &[Piece], values: &BTreeMap<String, Expr>) -> Vec<Piece> {
    let put = |e: &Expr| e.substitute_params(&|name| values.get(name).cloned()).simplified();
    let end = |e: &End| match e {
        End::Infinite => End::Infinite,
        End::At { at, closed } => End::At { at: put(at), closed: *closed },
    };
    pieces.iter().map(|p| Piece { lo: end(&p.lo), hi: end(&p.hi), expr: put(&p.expr) }).collect()
}

/// Parameters in the ends of pieces.
fn in_knots(definition: &Definition) -> BTreeSet<String> {
    let ends = definition.pieces.iter().flat_map(|p| [&p.lo, &p.hi]);
    let exprs = ends.filter_map(|e| if let End::At { at, .. } = e { Some(at) } else { None });
    let occurs = |name: &str, e: &Expr| e.any(&mut |n| matches!(n, Node::Param(p) if p.as_ref() == name));
    let exprs: Vec<&Expr> = exprs.collect();
    let names = definition.params.iter().map(|p| p.name.clone());
    names.filter(|name| exprs.iter().any(|e| occurs(name, e))).collect()
}

/// The base with as many parameters as symbols as possible: all, those that are in no knot, none.
fn prepare(base: &Activation, spread: &Option<Exact>) -> Result<Base, MollifyError> {
    let definition = &base.definition;
    let split = definition.with_kinks_split();
    let all: BTreeSet<String> = definition.params.iter().map(|p| p.name.clone()).collect();
    let used = |pieces: &[Piece], name: &str| {
        pieces.iter().any(|p| p.expr.any(&mut |n| matches!(n, Node::Param(q) if q.as_ref() == name)))
    };
    let mut problem = None;
    for fixed in [BTreeSet::new(), in_knots(&split), all.clone()] {
        let given = base.values.iter().filter(|(name, _)| fixed.contains(*name));
        let values = given.map(|(name, value)| (name.clone(), Expr::rational(value.clone()))).collect();
        let pieces = if fixed == all { base.pieces.clone() } else { put(&split.pieces, &values) };
        let free = definition.params.iter().filter(|p| !fixed.contains(&p.name));
        let symbols: BTreeMap<String, ParamDomain> = free.map(|p| (p.name.clone(), p.domain.clone())).collect();
        let cx = Arc::new(symbols.iter().fold(Assumptions::strict(), |cx, (n, d)| cx.with(n, d.clone())));
        let branches = Branches::of(&pieces, &cx);
        match branches.polys() {
            Ok(_) if branches.in_order() && apart(&branches, spread) => {
                let fixed =
                    fixed.into_iter().filter(|name| used(&split.pieces, name) || in_knots(&split).contains(name));
                return Ok(Base { cx, branches, symbols, fixed: fixed.collect() });
            }
            Ok(_) if fixed == all => {
                let texts: Vec<String> = branches
                    .knots
                    .iter()
                    .map(|k| write::constant(k).map_or_else(String::new, |e| e.to_string()))
                    .collect();
                problem = Some(MollifyError::Order(texts.join(", "), "its neighbours".into()));
            }
            Err(i) if fixed == all => {
                let kinds = pieces.iter().filter(|p| Poly::of(&p.expr, &cx).is_none());
                let piece = kinds.into_iter().next().or(pieces.get(i));
                problem = piece.map(|p| MollifyError::NotPolynomial {
                    base: base.label(),
                    piece: p.expr.to_string(),
                    on: p.on(),
                });
            }
            _ => {}
        }
    }
    Err(problem.unwrap_or_else(|| MollifyError::Order("the ends of its pieces".into(), "each other".into())))
}

/// Whether a radius can be said below which no pieces merge: the distances between knots are numbers, or the kernel has no knots
/// that could meet.
fn apart(branches: &Branches, spread: &Option<Exact>) -> bool {
    spread.is_none() || branches.gaps().iter().all(|gap| gap.enclosure(64).is_some() && without_symbols(gap))
}

fn without_symbols(value: &Exact) -> bool {
    value.to_expr().is_some_and(|e| !e.has_params() && !e.depends_on_x())
}

/// The radius from which on pieces merge: the smallest gap between knots over the kernel's width, rounded down if irrational.
fn limit(base: &Base, spread: &Option<Exact>) -> Result<Option<Rational>, MollifyError> {
    let Some(spread) = spread else { return Ok(None) };
    let mut least: Option<Rational> = None;
    for gap in base.branches.gaps() {
        let at = gap.div(&spread.under(&base.cx));
        let rounded = || {
            at.enclosure(64)?
                .lo()
                .to_rational()
                .map(|q| Rational::from((Rational::from(&q * 1_000_000u32).floor().into_numer_denom().0, 1_000_000)))
        };
        let value = at.as_rational().or_else(rounded).filter(|q| *q > 0);
        let value = value.ok_or_else(|| MollifyError::Order("two knots".into(), "each other".into()))?;
        least = Some(least.map_or_else(|| value.clone(), |l| l.min(value.clone())));
    }
    Ok(least)
}

struct Convolution<'a> {
    base: &'a Activation,
    kernel: &'a Kernel,
    cx: Arc<Assumptions>,
    a: Exact,
    /// whether the knots of the kernel around one knot of the base all lie left of those around the next
    ordered: bool,
}

/// What is left of a point: how many of the kernel's knots around each of the base's.
type Passed = Vec<usize>;

/// A sum of a polynomial and of other terms, each a polynomial times an expression.
struct Value {
    poly: Poly,
    terms: Vec<(Poly, Expr)>,
}

impl Value {
    fn add(&mut self, factor: Poly, of: Option<Expr>) {
        let Some(of) = of else {
            self.poly = self.poly.plus(&factor);
            return;
        };
        match self.terms.iter().position(|(_, other)| *other == of) {
            Some(i) => self.terms[i].0 = self.terms[i].0.plus(&factor),
            None => self.terms.push((factor, of)),
        }
        self.terms.retain(|(factor, _)| !factor.is_zero());
    }

    fn polys(&self) -> impl Iterator<Item = &Poly> {
        std::iter::once(&self.poly).chain(self.terms.iter().map(|(factor, _)| factor))
    }
}

/// An expression as a sum of polynomials times other expressions.
fn summands(e: &Expr, cx: &Arc<Assumptions>, sign: &Exact, out: &mut Vec<(Poly, Option<Expr>)>) {
    match e.node() {
        Node::Add(a, b) => {
            summands(a, cx, sign, out);
            summands(b, cx, sign, out);
        }
        Node::Sub(a, b) => {
            summands(a, cx, sign, out);
            summands(b, cx, &sign.neg(), out);
        }
        Node::Neg(a) => summands(a, cx, &sign.neg(), out),
        _ => {
            let (mut factor, mut rest) = (Poly::constant(sign.clone(), cx), None);
            factors(e, cx, &mut factor, &mut rest);
            out.push((factor, rest));
        }
    }
}

/// Splits a product into the polynomial among its factors and the rest.
fn factors(e: &Expr, cx: &Arc<Assumptions>, poly: &mut Poly, rest: &mut Option<Expr>) {
    if let Some(product) = Poly::of(e, cx).and_then(|own| poly.times(&own)) {
        *poly = product;
        return;
    }
    match e.node() {
        Node::Mul(a, b) => {
            factors(a, cx, poly, rest);
            factors(b, cx, poly, rest);
        }
        Node::Div(a, b) if !b.depends_on_x() => {
            factors(a, cx, poly, rest);
            let inverse = Exact::int(cx, 1).div(&Exact::eval(cx, b, &Exact::int(cx, 0)));
            *poly = poly.scaled(&inverse);
        }
        _ => {
            *rest = Some(match rest.take() {
                Some(before) => before * e.clone(),
                None => e.clone(),
            });
        }
    }
}

impl Convolution<'_> {
    fn too_large(&self) -> MollifyError {
        MollifyError::TooLarge { base: self.base.label(), kernel: self.kernel.name.clone() }
    }

    fn of(&self, base: &Base) -> Result<Vec<(Option<Exact>, Value)>, MollifyError> {
        // the base's knots and polynomials with the radius among the symbols
        let knots: Vec<Exact> = base.branches.knots.iter().map(|k| k.under(&self.cx)).collect();
        let polys = base.branches.polys().map_err(|_| self.too_large())?;
        let polys: Vec<Poly> = polys.into_iter().map(|p| p.under(&self.cx)).collect();
        let growth = [&polys[0], &polys[polys.len() - 1]].into_iter().map(Poly::degree).max().unwrap_or(0);
        let changes: Vec<Poly> =
            polys.windows(2).zip(&knots).map(|(pair, knot)| pair[1].minus(&pair[0]).shifted(knot)).collect();
        let order = changes.iter().map(Poly::degree).max().unwrap_or(0);
        if let Some(finite) = self.kernel.finite_moments() {
            let (base, kernel) = (self.base.label(), self.kernel.name.clone());
            let known = self.kernel.antiderivatives.len();
            let stated = self.kernel.finite.is_some_and(|stated| growth > stated);
            if growth > finite && !self.kernel.known && !stated {
                return Err(MollifyError::MomentUnknown { base, kernel, growth, known });
            }
            if growth > finite {
                return Err(MollifyError::NoMoment { base, kernel, growth });
            }
            if order > finite {
                return Err(MollifyError::TermsDiverge { base, kernel, order });
            }
        }
        let needed = changes.iter().flat_map(|c| c.coefficients().iter().enumerate());
        let needed: BTreeSet<usize> = needed.filter(|(_, c)| !c.is_zero()).map(|(k, _)| k).collect();
        let mut primitives = BTreeMap::new();
        for k in needed {
            primitives.insert(k, self.kernel.antiderivative(k, &self.cx)?);
        }
        let smoothed = self.smoothed(&polys[0])?;
        let around = self.kernel.branches(&self.cx).knots;
        if primitives.values().any(|p| p.forms.len() != around.len() + 1) {
            return Err(MollifyError::NoAntiderivative {
                kernel: self.kernel.name.clone(),
                number: 1,
                reason: "its pieces are not those of the density".into(),
            });
        }
        // without knots of its own the kernel changes nothing at a knot of the base, and the terms stand everywhere
        let events = self.events(&knots, &around)?;
        let mut passed: Passed = vec![0; knots.len()];
        let value = |passed: &Passed| self.value(&smoothed, &knots, &changes, &primitives, passed);
        let mut out = vec![(None, value(&passed)?)];
        for (at, which) in events {
            which.into_iter().for_each(|j| passed[j] += 1);
            out.push((Some(at), value(&passed)?));
        }
        Ok(out)
    }

    /// The junctions from left to right, each with the knots of the base one of whose kernel's knots is passed.
    fn events(&self, knots: &[Exact], around: &[Exact]) -> Result<Vec<(Exact, Vec<usize>)>, MollifyError> {
        let mut events: Vec<(Exact, Vec<usize>)> = vec![];
        for (j, knot) in knots.iter().enumerate() {
            for offset in around {
                let at = knot.add(&self.a.mul(offset));
                if self.ordered {
                    events.push((at, vec![j]));
                    continue;
                }
                let mut place = events.len();
                let mut same = false;
                while place > 0 && !same {
                    match at.sub(&events[place - 1].0).sign() {
                        Sign::Positive => break,
                        Sign::Zero => same = true,
                        Sign::Negative => {}
                        _ => {
                            let text = |e: &Exact| write::constant(e).map_or_else(String::new, |e| e.to_string());
                            return Err(MollifyError::Order(text(&at), text(&events[place - 1].0)));
                        }
                    }
                    place -= 1;
                }
                match same {
                    true => events[place].1.push(j),
                    false => events.insert(place, (at, vec![j])),
                }
            }
        }
        Ok(events)
    }

    /// The leftmost polynomial by the moments of the kernel: `sum_m mu_2m a^2m p^(2m)(x)/(2m)!`.
    fn smoothed(&self, p: &Poly) -> Result<Poly, MollifyError> {
        let (mut sum, mut derivative) = (p.clone(), p.clone());
        let mut factor = Exact::int(&self.cx, 1);
        for m in (2..=p.degree()).step_by(2) {
            derivative = derivative.derivative().derivative();
            let step = Exact::rational(&self.cx, &Rational::from((1, (m * (m - 1)) as u64)));
            factor = factor.mul(&self.a).mul(&self.a).mul(&step);
            sum = sum.plus(&derivative.scaled(&factor.mul(&self.kernel.moment(m, &self.cx)?)));
        }
        Ok(sum)
    }

    fn value(
        &self,
        smoothed: &Poly,
        knots: &[Exact],
        changes: &[Poly],
        primitives: &BTreeMap<usize, Branches>,
        passed: &Passed,
    ) -> Result<Value, MollifyError> {
        let mut out = Value { poly: smoothed.clone(), terms: vec![] };
        let inverse = Exact::int(&self.cx, 1).div(&self.a);
        for ((knot, change), place) in knots.iter().zip(changes).zip(passed) {
            let mut factor = Exact::int(&self.cx, 1);
            for (k, d) in change.coefficients().iter().enumerate() {
                if k > 0 {
                    factor = factor.mul(&self.a).mul(&Exact::int(&self.cx, k as i64));
                }
                if d.is_zero() {
                    continue;
                }
                let coefficient = d.mul(&factor);
                let placed = |g: &Poly| g.stretched(&inverse).shifted(&knot.neg()).scaled(&coefficient);
                let g = match &primitives[&k].forms[*place] {
                    Form::Poly(g) => {
                        out.add(placed(g), None);
                        continue;
                    }
                    Form::Closed(g) => g,
                };
                let mut terms = vec![];
                summands(g, &self.cx, &Exact::int(&self.cx, 1), &mut terms);
                for (factor, of) in terms {
                    let of = match of {
                        None => None,
                        Some(of) => Some(
                            of.substitute_x(&argument(knot, &self.a).ok_or_else(|| self.too_large())?).simplified(),
                        ),
                    };
                    out.add(placed(&factor), of);
                }
            }
        }
        if out.polys().flat_map(Poly::coefficients).any(Exact::is_unknown) {
            return Err(self.too_large());
        }
        Ok(out)
    }

    /// Expressions between ends, neighbours that are the same joined. A junction belongs to the outer piece.
    fn pieces(&self, found: &[(Option<Exact>, Value)]) -> Result<Vec<Piece>, MollifyError> {
        let mut parts: Vec<(Option<&Exact>, &Value)> = vec![];
        for (at, value) in found {
            let same = parts.last().is_some_and(|(_, last)| {
                last.poly.minus(&value.poly).is_zero() && same_terms(&last.terms, &value.terms)
            });
            if !same {
                parts.push((at.as_ref(), value));
            }
        }
        let count = parts.len();
        let mut pieces = Vec::with_capacity(count);
        for (i, (at, value)) in parts.iter().enumerate() {
            let next = parts.get(i + 1).and_then(|(at, _)| *at);
            let plain = |i: Option<usize>| {
                let value = parts.get(i?)?.1;
                value.terms.is_empty().then_some(&value.poly)
            };
            let expr = match value.terms.is_empty() {
                true => {
                    let neighbours = [plain(i.checked_sub(1)), plain(Some(i + 1))];
                    write::on_piece(&value.poly, [*at, next], neighbours).ok_or_else(|| self.too_large())?
                }
                false => self.sum(value)?,
            };
            let end = |at: Option<&Exact>, closed: bool| match at {
                None => Ok(End::Infinite),
                Some(at) => {
                    let at = write::constant(at).ok_or_else(|| self.too_large())?;
                    Ok::<End, MollifyError>(End::At { at, closed })
                }
            };
            // of the junctions 0 .. count - 2 the left half closes the piece on its left
            let left_has = |junction: usize| 2 * junction < count.saturating_sub(1);
            let lo = end(*at, i > 0 && !left_has(i - 1))?;
            let hi = end(next, left_has(i))?;
            pieces.push(Piece { lo, hi, expr });
        }
        Ok(pieces)
    }

    fn sum(&self, value: &Value) -> Result<Expr, MollifyError> {
        let written = |p: &Poly| write::expanded(p).ok_or_else(|| self.too_large());
        let mut sum = if value.poly.is_zero() { None } else { Some(written(&value.poly)?) };
        for (factor, of) in &value.terms {
            let term = match written(factor)? {
                one if one.as_rational().is_some_and(|q| *q == 1) => of.clone(),
                factor => match factor.node() {
                    Node::Neg(factor) => -(factor.clone() * of.clone()),
                    Node::Div(a, b) if a.as_rational().is_some_and(|q| *q == 1) => of.clone() / b.clone(),
                    _ => factor * of.clone(),
                },
            };
            sum = Some(match sum {
                None => term,
                Some(sum) => write::signed_sum(sum, term),
            });
        }
        Ok(sum.unwrap_or_else(|| Expr::int(0)))
    }
}

/// `(x - knot)/a`
fn argument(knot: &Exact, a: &Exact) -> Option<Expr> {
    let x = Exact::symbol(&knot.context(), "x");
    Some((write::constant(&x.sub(knot))? / write::constant(a)?).simplified())
}

fn same_terms(a: &[(Poly, Expr)], b: &[(Poly, Expr)]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|((c, t), (d, u))| t == u && c.minus(d).is_zero())
}

fn definition(
    base: &Activation,
    kernel: &Kernel,
    pieces: Vec<Piece>,
    found: &Base,
    radius_name: Option<&str>,
    radius: &Rational,
    domain: &ParamDomain,
) -> Definition {
    let kept = base.definition.params.iter().filter(|p| found.symbols.contains_key(&p.name));
    let with_value =
        |p: &Parameter| Parameter { default: base.values.get(&p.name).unwrap_or(&p.default).clone(), ..p.clone() };
    let mut params: Vec<Parameter> = kept.map(with_value).collect();
    params.extend(radius_name.map(|name| Parameter {
        name: name.to_owned(),
        domain: domain.clone(),
        default: radius.clone(),
        meaning: if kernel.reach().is_some() { "radius of the kernel" } else { "scale of the kernel" }.to_owned(),
    }));
    let fixed: Vec<String> =
        found.fixed.iter().filter_map(|n| Some(format!("{n} = {}", base.values.get(n)?))).collect();
    let at = if fixed.is_empty() { String::new() } else { format!(" at {}", fixed.join(", ")) };
    let (what, with) = (&base.definition.id, &kernel.name);
    // names of the catalogue stand for its functions
    let id = format!("{what}_{with}");
    let id = if catalog::find(&id).is_ok() { format!("{id}_mollified") } else { id };
    // an expression of one's own has no source
    let of_kernel = Some(&kernel.density.definition.source).filter(|source| !source.is_empty());
    let own = Some(base.definition.source.clone()).filter(|source| !source.is_empty());
    let sources: Vec<String> = own.into_iter().chain(of_kernel.map(|source| format!("kernel: {source}"))).collect();
    let only = if radius_name.is_some() { String::new() } else { format!(", radius {radius}") };
    Definition {
        id,
        aliases: vec![],
        title: format!("{what}{at}, mollified: its convolution with the {with} kernel{only}"),
        params,
        pieces,
        source: sources.join("; "),
        provenance: Provenance::User,
        note: String::new(),
    }
}
