//! The kernels and the bases that have names.

use super::error::MollifyError;
use super::kernel::Kernel;
use super::poly::Poly;
use super::write;
use crate::expr::{Definition, End};
use crate::number::Real as _;
use crate::number::exact::Exact;
use rug::Rational;
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

macro_rules! files {
    ($folder:literal: $($id:literal)*) => {
        &[$(($id, include_str!(concat!($folder, "/", $id, ".toml")))),*]
    };
}

/// In the order of tables: bounded support by class, then the whole line by the weight of the tails.
const KERNELS: &[(&str, &str)] = files!("kernels":
    "uniform" "triangular" "epanechnikov" "biweight" "triweight" "quadweight" "tricube" "cosine" "raised_cosine"
    "gaussian" "logistic" "sech2" "laplace" "algebraic" "softsign_slope" "cauchy"
);

/// Functions that are smoothed and are no activations of the catalogue.
const BASES: &[(&str, &str)] = files!("bases": "abs" "sign" "step");

/// The name of the B-splines, of order 1 to [`MOST_SPLINES`].
pub const SPLINE: &str = "bspline";
/// The largest order of a B-spline: of those beyond 10 the checker does not accept in time that they are nowhere negative.
pub const MOST_SPLINES: u32 = 8;
/// The paper's kernel: without closed form.
pub const BUMP: &str = "bump";

/// The kernels that have a file.
pub fn kernels() -> &'static [Kernel] {
    static READ: OnceLock<Vec<Kernel>> = OnceLock::new();
    READ.get_or_init(|| {
        let read = |(id, text): &(&str, &str)| {
            let kernel = Kernel::from_toml(text, &format!("{id}.toml"))
                .unwrap_or_else(|e| unreachable!("{id}.toml is part of the program, and a test reads it: {e}"));
            Kernel { known: true, ..kernel }
        };
        KERNELS.iter().map(read).collect()
    })
}

/// The bases that have a file.
pub fn bases() -> &'static [Arc<Definition>] {
    static READ: OnceLock<Vec<Arc<Definition>>> = OnceLock::new();
    READ.get_or_init(|| {
        let read = |(id, text): &(&str, &str)| {
            let definition = Definition::from_toml(text, &format!("{id}.toml"));
            Arc::new(
                definition
                    .unwrap_or_else(|e| unreachable!("{id}.toml is part of the program, and a test reads it: {e}")),
            )
        };
        BASES.iter().map(read).collect()
    })
}

fn is_called(id: &str, definition: &Definition, name: &str) -> bool {
    let plain = |text: &str| text.to_lowercase().replace(['-', ' '], "_");
    let aliases = definition.aliases.iter().map(String::as_str);
    std::iter::once(id).chain(aliases).any(|own| plain(own) == plain(name))
}

/// The base of this name, which is no activation of the catalogue.
pub fn base(name: &str) -> Option<Arc<Definition>> {
    bases().iter().find(|d| is_called(&d.id, d, name)).cloned()
}

/// The kernel of this name: `epanechnikov`, or `bspline(n=4)`.
///
/// # Errors
/// If there is none, or the bump is asked for, which has no closed form.
pub fn kernel(name: &str) -> Result<Kernel, MollifyError> {
    if let Some(found) = kernels().iter().find(|k| is_called(&k.name, &k.density.definition, name)) {
        return Ok(found.clone());
    }
    if name == BUMP {
        let reason = "the antiderivative of exp(-1/(1 - x^2)) is no elementary function".into();
        return Err(MollifyError::NoClosedForm { kernel: BUMP.into(), reason });
    }
    if let Some(order) = name.strip_prefix(SPLINE) {
        let order = order.trim().trim_start_matches('(').trim_end_matches(')');
        let order = order.strip_prefix("n=").unwrap_or(order).trim();
        let number = order.parse::<u32>().ok().filter(|n| (1..=MOST_SPLINES).contains(n));
        let found = if order.is_empty() { "none: say for example bspline(n=4)".to_owned() } else { order.to_owned() };
        return number.ok_or(MollifyError::SplineOrder { most: MOST_SPLINES, found }).and_then(spline);
    }
    let ids = || KERNELS.iter().map(|(id, _)| *id).chain([SPLINE, BUMP]);
    let likeness = |id: &str| strsim::jaro_winkler(&name.to_lowercase(), id);
    let near = ids().filter(|id| likeness(id) > 0.8).max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let near = near.map_or_else(String::new, |id| format!("; did you mean `{id}`?"));
    let known = ids().collect::<Vec<_>>().join(", ");
    Err(MollifyError::UnknownKernel { name: name.to_owned(), known, near })
}

/// The density of the mean of n independent numbers that are uniform on [-1, 1]: uniform for n = 1, triangular for n = 2.
fn spline(n: u32) -> Result<Kernel, MollifyError> {
    let mut file = format!(
        "id = \"{SPLINE}{n}\"\ntitle = \"B-spline of order {n} on [-1, 1]: the density of a mean of {n} uniform ones\"\n\
         source = \"I. J. Schoenberg, Contributions to the problem of approximation of equidistant data by analytic functions, 1946\"\n"
    );
    let knot = |i: u32| Rational::from((2 * i64::from(i) - i64::from(n), n));
    // n^n/(2^n (n-1)!) * sum over i of (-1)^i C(n, i) (x - t_i)_+^(n-1)
    let scale = (1..n).fold(Rational::from(n) / 2u32, |scale, i| scale * n / 2u32 / i);
    let mut value = String::from("0");
    for i in 0..=n {
        let (on, next) = match i {
            0 => ("(-inf".to_owned(), knot(0)),
            // a knot left of the middle belongs to the piece on its right, and the other way round, so that values are even
            _ => (format!("{}{}", if 2 * (i - 1) <= n { '[' } else { '(' }, knot(i - 1)), knot(i)),
        };
        let close = if 2 * i > n { ']' } else { ')' };
        let _ = write!(file, "\n[[piece]]\non = \"{on}, {next}{close}\"\nvalue = \"{value}\"\n");
        let binomial = rug::Integer::from(n).binomial(i) * if i % 2 == 0 { 1 } else { -1 };
        let factor = Rational::from(&scale * &binomial);
        let sign = if factor < 0 { "-" } else { "+" };
        let _ = write!(value, " {sign} {}*(x - ({}))^{}", factor.abs(), next, n - 1);
    }
    let _ = write!(file, "\n[[piece]]\non = \"({}, inf)\"\nvalue = \"0\"\n", knot(n));
    let mut definition = Definition::from_toml(&file, SPLINE)?;
    // truncated powers cancel; what is left is short, and at the ends of the support factored, so that its sign shows
    let cx = super::kernel::constants();
    let end = |end: &End| match end {
        End::Infinite => None,
        End::At { at, .. } => Some(Exact::eval(&cx, at, &Exact::int(&cx, 0))),
    };
    for piece in &mut definition.pieces {
        let ends = [end(&piece.lo), end(&piece.hi)];
        let factored = |p| write::on_piece(&p, ends.each_ref().map(Option::as_ref), [None, None]);
        let short = Poly::of(&piece.expr, &cx).and_then(factored);
        piece.expr = short.unwrap_or_else(|| piece.expr.clone());
    }
    Kernel::of(definition)
}
