//! Kernels side by side, and the other way round: which kernels and radii meet requirements.

use super::convolve::{Mollified, mollify};
use super::error::MollifyError;
use super::facts::error;
use super::kernel::Kernel;
use super::library;
use super::shape::GOAL;
use crate::expr::{Activation, Expr, Node};
use crate::number::{Enclosure as _, MpI, Real as _};
use crate::prove::bound::{Side, bound};
use crate::prove::continuity::{Continuity, Order, continuity};
use crate::prove::{Bound, Domain, Quantity};
use rayon::prelude::*;
use rug::{Float, Rational};
use std::sync::Arc;

/// A kernel in a table of kernels.
#[derive(Debug)]
pub struct Row {
    /// its name
    pub kernel: String,
    /// what is known of it with this base, or why there is nothing
    pub found: Result<Compared, MollifyError>,
    /// its statistical efficiency beside Epanechnikov's, enclosed; `None` if it has no variance
    pub efficiency: Option<[f64; 2]>,
}

/// A base with one kernel.
#[derive(Debug)]
pub struct Compared {
    /// the result at the radius of the table
    pub mollified: Mollified,
    /// its class
    pub class: Continuity,
    /// sup |f_a - f|
    pub error: Bound,
    /// sup |f_a'|
    pub lipschitz: Bound,
    /// sup |f_a''|
    pub curvature: Bound,
    /// operations of the longest piece, forward and backward
    pub operations: [usize; 2],
}

impl Compared {
    /// The bounds of the Lipschitz constant that the checker accepted, of f or of its slope in a form of its own.
    fn lipschitz_bounds(&self) -> Option<[Rational; 2]> {
        let own = accepted(&self.lipschitz)?;
        if own[0] == own[1] || matches!(self.class.order, Order::Class(..1) | Order::Undecided { .. }) {
            return Some(own);
        }
        let slope = super::shape::slope(&self.mollified.activation)?;
        let range = bound(Quantity::Range, &slope, None, &Domain::default(), GOAL).ok()?;
        let upper = [Some(&range.top), range.bottom.as_ref()].map(|side| side?.bounds.clone().map(|[_, upper]| upper));
        let [Some(top), Some(bottom)] = upper else { return Some(own) };
        Some([own[0].clone(), top.max(bottom).min(own[1].clone())])
    }
}

/// A base with every kernel that has a name, each at the same radius: if none is given, the smallest of those that they have by
/// themselves.
pub fn compare(base: &Activation, radius: Option<&Rational>) -> Vec<Row> {
    let own = |kernel: &Kernel| mollify(base, kernel, None).ok().map(|m| m.radius);
    let usual = || library::kernels().iter().filter_map(own).min();
    let radius = radius.cloned().or_else(usual);
    let radius = radius.as_ref();
    let row = |kernel: &Kernel| Row {
        kernel: kernel.name.clone(),
        found: compared(base, kernel, radius),
        efficiency: efficiency(kernel),
    };
    library::kernels().par_iter().map(row).collect()
}

fn compared(base: &Activation, kernel: &Kernel, radius: Option<&Rational>) -> Result<Compared, MollifyError> {
    let mollified = mollify(base, kernel, radius)?;
    let of = |quantity| bound(quantity, &mollified.activation, None, &Domain::default(), GOAL);
    let pieces = &mollified.definition().pieces;
    let most = |order: usize| {
        let derivative = |e: &Expr| if order == 0 { e.clone() } else { e.derivative().simplified() };
        pieces.iter().map(|p| operations(&derivative(&p.expr))).max().unwrap_or(0)
    };
    Ok(Compared {
        class: continuity(&mollified.activation),
        error: error(&mollified)?,
        lipschitz: of(Quantity::Lipschitz)?,
        curvature: of(Quantity::Curvature)?,
        operations: [most(0), most(1)],
        mollified,
    })
}

/// Operations of an expression as it is written; a whole power is as many products as squaring takes.
fn operations(e: &Expr) -> usize {
    let own = match e.node() {
        Node::Const(_) | Node::Named(_) | Node::Var | Node::Param(_) => return 0,
        // what is free of x is computed once
        _ if !e.depends_on_x() => return 0,
        Node::Pow(base, n) => {
            let bits = n.exact_rational().and_then(|n| n.numer().to_u32()).filter(|n| *n > 0);
            return operations(base) + bits.map_or(1, |n| (n.ilog2() + n.count_ones() - 1) as usize);
        }
        _ => 1,
    };
    own + e.children().into_iter().map(operations).sum::<usize>()
}

/// `(3/(5 sqrt 5)) / (R sqrt(mu2))`
fn efficiency(kernel: &Kernel) -> Option<[f64; 2]> {
    const BITS: u32 = 128;
    if kernel.finite.is_some_and(|finite| finite < 2) {
        return None;
    }
    let cx = super::kernel::constants();
    let [roughness, variance] = [kernel.roughness()?, kernel.moment(2, &cx).ok()?].map(|value| value.enclosure(BITS));
    let half = Rational::from((1, 2));
    let five = MpI::int(&BITS, 5);
    let value = MpI::int(&BITS, 3).div(&five.mul(&five.pow(&half)).mul(&roughness?).mul(&variance?.pow(&half)));
    Some([value.lo().to_f64_round(rug::float::Round::Down), value.hi().to_f64_round(rug::float::Round::Up)])
}

/// What a mollified activation must satisfy.
#[derive(Clone, Debug, Default)]
pub struct Requirements {
    /// sup |f_a - f| at most
    pub error: Option<Rational>,
    /// sup |f_a''| at most
    pub curvature: Option<Rational>,
    /// derivatives up to this order are continuous
    pub class: Option<u32>,
    /// sup |f_a'| at most
    pub lipschitz: Option<Rational>,
}

/// What a kernel can do about requirements.
#[derive(Debug)]
pub enum Outcome {
    /// these radii meet them by the scaling that the checker accepted; the one that was chosen, with its proof
    Meets {
        /// the smallest radius, if there is one
        from: Option<Rational>,
        /// the largest radius, if there is one
        to: Option<Rational>,
        /// a simple radius between them, for which all that was required was proved
        chosen: Box<Compared>,
    },
    /// no radius does, as proved
    Never(String),
    /// neither was proved
    Open(String),
}

/// A kernel's outcome.
#[derive(Debug)]
pub struct Designed {
    /// the kernel
    pub kernel: String,
    /// what it can do
    pub outcome: Outcome,
}

/// The kernels with names against requirements, each at any radius.
///
/// # Errors
/// If the base does not keep its form under scaling, so that one radius would not speak for all.
pub fn design(base: &Activation, wanted: &Requirements) -> Result<Vec<Designed>, MollifyError> {
    let homogeneous = crate::prove::uniform::is_homogeneous(&base.definition, &base.values);
    if !homogeneous {
        let reason = "f(s x) = s f(x) does not hold for all s > 0, so that one radius does not speak for all".into();
        return Err(MollifyError::NoDesign { base: base.label(), reason });
    }
    let one = Rational::from(1);
    let outcome =
        |kernel: &Kernel| Designed { kernel: kernel.name.clone(), outcome: judge(base, kernel, wanted, &one) };
    Ok(library::kernels().par_iter().map(outcome).collect())
}

/// The two bounds that the checker accepted of a supremum.
fn accepted(bound: &Bound) -> Option<[Rational; 2]> {
    let of = |side: &Side| side.bounds.clone().filter(|_| side.proved.value);
    of(&bound.top)
}

/// What one requirement excludes or leaves open.
enum Hindrance {
    Never(String),
    Open(String),
}

fn judge(base: &Activation, kernel: &Kernel, wanted: &Requirements, one: &Rational) -> Outcome {
    let at_one = match compared(base, kernel, Some(one)) {
        Ok(found) => found,
        Err(e @ MollifyError::NoMoment { .. }) => return Outcome::Never(e.to_string()),
        Err(e) => return Outcome::Open(e.to_string()),
    };
    let radii = Radii::of(&at_one, wanted);
    let hindrances = [class(&at_one, wanted), lipschitz(&at_one, wanted), radii.as_ref().err().map(Hindrance::of)];
    let hindrances: Vec<Hindrance> = hindrances.into_iter().flatten().collect();
    // what excludes a kernel counts more than what is open
    if let Some(Hindrance::Never(reason)) = hindrances.iter().find(|h| matches!(h, Hindrance::Never(_))) {
        return Outcome::Never(reason.clone());
    }
    if let Some(Hindrance::Open(reason)) = hindrances.into_iter().next() {
        return Outcome::Open(reason);
    }
    let Ok(Radii { from, to }) = radii else { return Outcome::Open("no radii".into()) };
    let chosen = simple(from.as_ref(), to.as_ref());
    match compared(base, kernel, Some(&chosen)) {
        Ok(found) if meets(&found, wanted) => Outcome::Meets { from, to, chosen: Box::new(found) },
        Ok(_) => Outcome::Open(format!("at the radius {chosen} it was not proved")),
        Err(e) => Outcome::Open(e.to_string()),
    }
}

fn class(at_one: &Compared, wanted: &Requirements) -> Option<Hindrance> {
    let order = at_one.class.order;
    if wanted.curvature.is_some() && matches!(order, Order::Class(..1)) {
        return Some(Hindrance::Never("its slope jumps, so that no curvature bounds it".into()));
    }
    let least = i64::from(wanted.class?);
    match order {
        Order::Analytic | Order::Infinite => None,
        Order::Class(n) if i64::from(n) >= least => None,
        Order::Class(n) => Some(Hindrance::Never(format!("it is C{n}, not C{}", n + 1))),
        Order::Undecided { .. } => Some(Hindrance::Open("its class was not decided".into())),
    }
}

fn lipschitz(at_one: &Compared, wanted: &Requirements) -> Option<Hindrance> {
    let most = wanted.lipschitz.as_ref()?;
    let never = |reason: &str| Some(Hindrance::Never(reason.to_owned()));
    match at_one.lipschitz_bounds() {
        Some([_, upper]) if upper <= *most => None,
        Some([lower, _]) if lower > *most => never("its Lipschitz constant, the same at every radius, is larger"),
        _ if at_one.lipschitz.top.proved_infinite() => never("it is not Lipschitz"),
        _ => Some(Hindrance::Open("its Lipschitz constant was not decided".into())),
    }
}

impl Hindrance {
    fn of(other: &Self) -> Self {
        match other {
            Self::Never(reason) => Self::Never(reason.clone()),
            Self::Open(reason) => Self::Open(reason.clone()),
        }
    }
}

/// The radii that meet bounds on error and curvature.
struct Radii {
    from: Option<Rational>,
    to: Option<Rational>,
}

impl Radii {
    /// By the error and the curvature at radius 1 and the scaling of both.
    fn of(at_one: &Compared, wanted: &Requirements) -> Result<Self, Hindrance> {
        let scaled = |found: &Bound, power: i32| found.scaling.as_ref().is_some_and(|s| s.power == power);
        let bounds = |found: &Bound, power: i32, name: &str| {
            if found.top.proved_infinite() {
                return Err(Hindrance::Never(format!("its {name} is infinite at every radius")));
            }
            let known = accepted(found).filter(|[lower, _]| *lower > 0 && scaled(found, power));
            known.ok_or_else(|| Hindrance::Open(format!("how its {name} scales was not proved")))
        };
        let error = wanted.error.as_ref().map(|most| Ok((most, bounds(&at_one.error, 1, "error")?))).transpose()?;
        let curvature = wanted
            .curvature
            .as_ref()
            .map(|most| Ok((most, bounds(&at_one.curvature, -1, "curvature")?)))
            .transpose()?;
        if let (Some((most, [error, upper])), Some((flattest, [curvature, sharpest]))) = (&error, &curvature) {
            let wanted = Rational::from(*most * *flattest);
            let product = Rational::from(error * curvature);
            if product > wanted {
                let shown = Float::with_val_round(64, &product, rug::float::Round::Down).0;
                let shown = crate::number::decimal::directed(&shown, 6, false);
                return Err(Hindrance::Never(format!("error times curvature is at least {shown} at every radius")));
            }
            if Rational::from(upper * sharpest) > wanted {
                return Err(Hindrance::Open("too close to call".into()));
            }
        }
        Ok(Self {
            from: curvature.map(|(most, [_, upper])| upper / most),
            to: error.map(|(most, [_, upper])| Rational::from(most / &upper)),
        })
    }
}

/// Whether all that is wanted was proved of a result.
fn meets(found: &Compared, wanted: &Requirements) -> bool {
    let below = |bound: &Bound, most: &Option<Rational>| {
        most.as_ref().is_none_or(|most| accepted(bound).is_some_and(|[_, upper]| upper <= *most))
    };
    let class = wanted.class.is_none_or(|least| match found.class.order {
        Order::Analytic | Order::Infinite => true,
        Order::Class(n) => i64::from(n) >= i64::from(least),
        Order::Undecided { .. } => false,
    });
    class
        && below(&found.error, &wanted.error)
        && below(&found.curvature, &wanted.curvature)
        && wanted
            .lipschitz
            .as_ref()
            .is_none_or(|most| found.lipschitz_bounds().is_some_and(|[_, upper]| upper <= *most))
}

/// The simplest number between two, both allowed; near the one if only that is there.
fn simple(from: Option<&Rational>, to: Option<&Rational>) -> Rational {
    let near = |q: &Rational, p: u32, r: u32| Rational::from(q * p) / r;
    match (from, to) {
        (Some(low), Some(high)) => simplest(low, high),
        (Some(low), None) => simplest(low, &near(low, 11, 10)),
        (None, Some(high)) => simplest(&near(high, 9, 10), high),
        (None, None) => Rational::from(1),
    }
}

/// The number with the smallest denominator in `[low, high]`, of positive ends.
fn simplest(low: &Rational, high: &Rational) -> Rational {
    let whole = Rational::from(low.ceil_ref());
    if whole <= *high {
        return whole;
    }
    let floor = Rational::from(low.floor_ref());
    let (low, high) = (Rational::from(low - &floor), Rational::from(high - &floor));
    floor + simplest(&high.recip(), &low.recip()).recip()
}

/// The least product of error and curvature that any even density has with a base: `1/8` times the square of the jump in the
/// slope, if the base has one kink and is straight beside it. A lemma, not a certificate: f'' = J K_a, so that the curvature is
/// at least `|J| sup K_a`, the error at the kink is `|J| E|U|/2`, and `E|U| sup K >= 1/4` for every even density.
pub fn least_product(base: &Activation) -> Option<Rational> {
    let cx = Arc::new(crate::number::exact::Assumptions::strict());
    let branches = super::branches::Branches::of(&base.pieces, &cx);
    let polys = branches.polys().ok()?;
    let [left, right] = polys.as_slice() else { return None };
    let change = right.minus(left);
    let at_knot = change.at(&branches.knots[0]);
    if left.degree() > 1 || right.degree() > 1 || !at_knot.is_zero() {
        return None;
    }
    let jump = change.coefficients().get(1)?.as_rational()?;
    Some(Rational::from(&jump * &jump) / 8u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_simplest_number_between_two() {
        let q = |text: &str| crate::expr::parse_rational(text).expect("a number");
        for (low, high, found) in [
            ("1/3", "1/2", "1/2"),
            ("0.3", "0.33", "3/10"),
            ("2.2", "7.9", "3"),
            ("1/7", "1/7", "1/7"),
            ("3.14", "3.15", "22/7"),
        ] {
            assert_eq!(simplest(&q(low), &q(high)), q(found), "{low} {high}");
        }
    }
}
