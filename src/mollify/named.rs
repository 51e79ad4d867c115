//! What the catalogue calls a mollified activation, and which of the two ways of smoothing a formula of the catalogue is.
//!
//! Two functions are the same here if their junctions and pieces are equal in the exact field, for all values of the symbols.

use super::branches::{Branches, Form};
use super::convolve::{Mollified, put};
use super::kernel::Kernel;
use super::library;
use crate::catalog;
use crate::expr::{Definition, Expr, ParamDomain, Piece};
use crate::number::Real as _;
use crate::number::exact::{Assumptions, Exact, Sign};
use crate::prove::uniform::equal_under;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A name of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// `smelu(beta = alpha)`
    pub text: String,
    /// whether it holds for all values of the parameters, or at the given radius only
    pub always: bool,
}

/// Whether two functions by pieces are the same, with these symbols.
pub fn same(a: &[Piece], b: &[Piece], symbols: &BTreeMap<String, ParamDomain>) -> bool {
    let assumptions = symbols.iter().fold(Assumptions::strict(), |cx, (n, d)| cx.with(n, d.clone()));
    let cx = Arc::new(assumptions.clone());
    let [a, b] = [a, b].map(|pieces| Branches::of(pieces, &cx));
    let knots = || a.knots.iter().zip(&b.knots).all(|(p, q)| p.sub(q).is_zero());
    let forms = || {
        a.forms.iter().zip(&b.forms).all(|pair| match pair {
            (Form::Poly(p), Form::Poly(q)) => p.minus(q).is_zero(),
            (Form::Closed(p), Form::Closed(q)) => equal_under(p, q, assumptions.clone()) == Some(true),
            _ => false,
        })
    };
    a.forms.len() == b.forms.len() && knots() && forms()
}

fn domains(definition: &Definition) -> BTreeMap<String, ParamDomain> {
    definition.params.iter().map(|p| (p.name.clone(), p.domain.clone())).collect()
}

/// What a parameter of the catalogue's function may be in terms of the radius.
fn candidates(radius: &Expr) -> Vec<Expr> {
    let r = || radius.clone();
    let inverse = Expr::int(1) / r();
    let two = || Expr::int(2);
    let all = [
        r(),
        two() * r(),
        r() / two(),
        inverse.clone(),
        two() / r(),
        inverse / two(),
        r().pow(two()),
        Expr::int(4) * r().pow(two()),
    ];
    all.into_iter().map(|e| e.simplified()).collect()
}

/// Every choice of one of these for each.
fn choices(of: &[(String, Vec<Expr>)]) -> Vec<BTreeMap<String, Expr>> {
    of.iter().fold(vec![BTreeMap::new()], |before, (name, values)| {
        let extend = |chosen: &BTreeMap<String, Expr>| {
            let longer = |value: &Expr| chosen.clone().into_iter().chain([(name.clone(), value.clone())]).collect();
            values.iter().map(longer).collect::<Vec<_>>()
        };
        before.iter().flat_map(extend).collect()
    })
}

/// The name of a mollified activation, if the catalogue has one: for all values of its parameters, or at the given ones.
pub fn name(m: &Mollified) -> Option<Name> {
    let own = m.definition();
    let general = m.parameter.as_ref().and_then(|radius| {
        let found = among(&own.pieces, &domains(own), &Expr::param(radius), own)?;
        Some(Name { text: found, always: true })
    });
    general.or_else(|| {
        let radius = Expr::rational(m.radius.clone());
        let text = among(&m.activation.pieces, &BTreeMap::new(), &radius, own)?;
        Some(Name { text, always: false })
    })
}

fn among(pieces: &[Piece], symbols: &BTreeMap<String, ParamDomain>, radius: &Expr, own: &Definition) -> Option<String> {
    catalog::all().iter().find_map(|other| {
        // more pieces than there are cannot be the same
        if other.pieces.len() != pieces.len() || other.params.len() > 2 {
            return None;
        }
        let of = other.params.iter().map(|p| {
            // what holds for all radii must be allowed for all of them
            let positive = p.domain.hi.is_none() && p.domain.lo.as_ref().is_none_or(|lo| *lo <= 0) && !p.domain.integer;
            let mut values = if positive || radius.as_rational().is_some() { candidates(radius) } else { vec![] };
            values.push(Expr::rational(p.default.clone()));
            // a slope of the base is the slope of its mollified form
            if symbols.get(&p.name) == Some(&p.domain) {
                values.push(Expr::param(&p.name));
            }
            values.extend(own.params.iter().filter(|q| q.name == p.name).map(|q| Expr::rational(q.default.clone())));
            let allowed = |e: &Expr| e.exact_rational().is_none_or(|q| p.domain.contains(&q));
            values.retain(allowed);
            (p.name.clone(), values)
        });
        let of: Vec<(String, Vec<Expr>)> = of.collect();
        let found = choices(&of).into_iter().find(|values| same(pieces, &put(&other.pieces, values), symbols))?;
        let given = |name: &str| match found.get(name)?.to_string() {
            same if same == name => Some(same),
            value => Some(format!("{name} = {value}")),
        };
        let values: Vec<String> = other.params.iter().filter_map(|p| given(&p.name)).collect();
        Some(if values.is_empty() { other.id.clone() } else { format!("{}({})", other.id, values.join(", ")) })
    })
}

/// What the program calls a kernel of one's own, if it has the same one.
pub fn kernel(own: &Kernel) -> Option<&'static str> {
    let alike = |known: &&Kernel| same(&own.density.pieces, &known.density.pieces, &BTreeMap::new());
    library::kernels().iter().filter(|_| !own.known).find(alike).map(|known| known.name.as_str())
}

/// The two ways of smoothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// f * K
    Mollified {
        /// f
        base: &'static str,
    },
    /// x (step * K)
    Gated,
}

/// A formula of the catalogue that smooths another one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Smoothing {
    /// its id
    pub id: &'static str,
    /// how
    pub way: Way,
    /// with which kernel
    pub kernel: &'static str,
    /// the kernel's radius or scale, in the parameters of the formula
    pub radius: &'static str,
}

const fn mollified(id: &'static str, base: &'static str, kernel: &'static str, radius: &'static str) -> Smoothing {
    Smoothing { id, way: Way::Mollified { base }, kernel, radius }
}

const fn gated(id: &'static str, kernel: &'static str, radius: &'static str) -> Smoothing {
    Smoothing { id, way: Way::Gated, kernel, radius }
}

/// What is known of the catalogue; a test computes each.
const SMOOTHINGS: [Smoothing; 17] = [
    mollified("srelu", "relu", "epanechnikov", "alpha"),
    mollified("smelu", "relu", "uniform", "beta"),
    mollified("softplus", "relu", "logistic", "1/b"),
    mollified("squareplus", "relu", "algebraic", "sqrt(b)"),
    mollified("logsigmoid", "expr:min(x, 0)", "logistic", "1"),
    mollified("sigmoid", "step", "logistic", "1"),
    mollified("tanh", "sign", "sech2", "1"),
    mollified("softsign", "sign", "softsign_slope", "1"),
    mollified("hardtanh", "sign", "uniform", "1"),
    mollified("hardsigmoid", "step", "uniform", "3"),
    mollified("hardsigmoid_keras", "step", "uniform", "5/2"),
    mollified("sparse_sigmoid", "step", "uniform", "1"),
    gated("gelu", "gaussian", "1"),
    gated("silu", "logistic", "1"),
    gated("swish", "logistic", "1/b"),
    gated("gelu_quick", "logistic", "1/1.702"),
    gated("hardswish", "uniform", "3"),
];

/// How a formula of the catalogue smooths another one, if that is known. Another formula by the same name is none.
pub fn smoothing(of: &Definition) -> Option<&'static Smoothing> {
    let known = SMOOTHINGS.iter().find(|s| s.id == of.id)?;
    catalog::find(known.id).is_ok_and(|own| *own == *of).then_some(known)
}

impl Smoothing {
    /// In words.
    pub fn words(&self) -> String {
        let (kernel, radius) = (self.kernel, self.radius);
        let measure = if library::kernel(kernel).is_ok_and(|k| k.reach().is_some()) { "radius" } else { "scale" };
        match self.way {
            Way::Mollified { base } => {
                let base = base.strip_prefix("expr:").unwrap_or(base);
                format!("mollified, f * K: {base} convolved with the {kernel} kernel of {measure} {radius}")
            }
            Way::Gated => format!("gated, x (step * K), not mollified: the {kernel} kernel of {measure} {radius}"),
        }
    }

    /// Computes the formula and holds it against the catalogue: whether they are the same for all values of the parameters.
    #[cfg(test)]
    pub fn holds(&self) -> bool {
        let (Some(kernel), Ok(own)) = (library::kernel(self.kernel).ok(), catalog::find(self.id)) else { return false };
        let base = match self.way {
            Way::Mollified { base } => base,
            Way::Gated => "step",
        };
        let base = match base.strip_prefix("expr:") {
            Some(text) => Definition::from_expr(text).ok().map(Arc::new),
            None => library::base(base).or_else(|| catalog::find(base).ok()),
        };
        let base = base.and_then(|d| crate::expr::Activation::with_defaults(d).ok());
        let found = base.and_then(|base| super::mollify(&base, &kernel, None).ok());
        let (Some(found), Ok(radius)) = (found, crate::expr::parse_expr(self.radius)) else { return false };
        let Some(parameter) = found.parameter.clone() else { return false };
        let mut pieces = put(&found.definition().pieces, &BTreeMap::from([(parameter, radius)]));
        if self.way == Way::Gated {
            pieces.iter_mut().for_each(|p| p.expr = Expr::var() * p.expr.clone());
        }
        same(&pieces, &own.pieces, &domains(&own))
    }
}

/// The value at 0, exactly: in the parameters of the definition, and at the given values.
pub fn at_zero(m: &Mollified) -> Option<[Expr; 2]> {
    let value = |pieces: &[Piece], symbols: BTreeMap<String, ParamDomain>| {
        let cx = Arc::new(symbols.iter().fold(Assumptions::strict(), |cx, (n, d)| cx.with(n, d.clone())));
        let branches = Branches::of(pieces, &cx);
        let right =
            branches.knots.iter().position(|k| matches!(k.sign(), Sign::Positive | Sign::Zero | Sign::NonNegative));
        let known = branches.knots.iter().all(|k| !matches!(k.sign(), Sign::Unknown | Sign::NonPositive));
        let form = &branches.forms[right.unwrap_or(branches.knots.len())];
        let zero = Exact::int(&cx, 0);
        let value = match form {
            Form::Poly(p) => p.at(&zero),
            Form::Closed(e) => Exact::eval(&cx, e, &zero),
        };
        if known { super::write::constant(&value) } else { None }
    };
    let own = m.definition();
    let concrete = value(&m.activation.pieces, BTreeMap::new())?;
    Some([value(&own.pieces, domains(own)).unwrap_or_else(|| concrete.clone()), concrete])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_of_ones_own_is_known_again() {
        let own = |value: &str| {
            let text = format!(
                "id = \"mine\"\ntitle = \"t\"\n[[piece]]\non = \"(-inf, -1)\"\nvalue = \"0\"\n\
                 [[piece]]\non = \"[-1, 1]\"\nvalue = \"{value}\"\n[[piece]]\non = \"(1, inf)\"\nvalue = \"0\"\n"
            );
            Kernel::from_toml(&text, "mine.toml").expect("a kernel")
        };
        assert_eq!(kernel(&own("(3 - 3*x^2)/4")), Some("epanechnikov"));
        assert_eq!(kernel(&own("(3 - 3*x^2)/4 + 1/10^18")), None);
        assert_eq!(kernel(&library::kernel("epanechnikov").expect("known")), None, "it is its own name");
    }
}
