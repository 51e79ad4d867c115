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

/// A base with every kernel that has a name, each at the same radius.
pub fn compare(base: &Activation, radius: Option<&Rational>) -> Vec<Row> {
    let row = |kernel: &Kernel| Row {
        kernel: kernel.label(),
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
    let [roughness, variance] =
        [kernel.roughness()?, kernel.moment(2, &cx).ok()?].map(|value| value.enclosure(BITS));
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
    let outcome = |kernel: &Kernel| Designed { kernel: kernel.label(), outcome: judge(base, kernel, wanted, &one) };
    Ok(library::kernels().par_iter().map(outcome).collect())
}

/// The two bounds that the checker accepted of a supremum.
fn accepted(bound: &Bound) -> Option<[Rational; 2]> {
    let of = |side: &Side| side.bounds.clone().filter(|_| side.proved.value);
    of(&bound.top)
}

fn judge(base: &Activation, kernel: &Kernel, wanted: &Requirements, one: &Rational) -> Outcome {
    let at_one = match compared(base, kernel, Some(one)) {
        Ok(found) => found,
        Err(e) => return Outcome::Open(e.to_string()),
    };
    if let Some(least) = wanted.class {
        match at_one.class.order {
            Order::Analytic | Order::Infinite => {}
            Order::Class(n) if i64::from(n) >= i64::from(least) => {}
            Order::Class(n) if n < 0 => return Outcome::Never("it is not continuous".into()),
            Order::Class(n) => return Outcome::Never(format!("it is C{n}, not C{}", n + 1)),
            Order::Undecided { .. } => return Outcome::Open("its class was not decided".into()),
        }
    }
    if let Some(most) = &wanted.lipschitz {
        match accepted(&at_one.lipschitz) {
            Some([_, upper]) if upper <= *most => {}
            Some([lower, _]) if lower > *most => {
                return Outcome::Never("its Lipschitz constant, the same at every radius, is larger".into());
            }
            _ if at_one.lipschitz.top.proved_infinite() => return Outcome::Never("it is not Lipschitz".into()),
            _ => return Outcome::Open("its Lipschitz constant was not decided".into()),
        }
    }
    let scaled = |found: &Bound, power: i32| found.scaling.as_ref().is_some_and(|s| s.power == power);
    let (mut from, mut to) = (None, None);
    // a range of radii between bounds: what certainly meets, and what certainly does not
    let (mut surely_from, mut surely_to): (Option<Rational>, Option<Rational>) = (None, None);
    if let Some(most) = &wanted.error {
        match accepted(&at_one.error).filter(|_| scaled(&at_one.error, 1)) {
            Some([lower, upper]) if lower > 0 => {
                to = Some(Rational::from(most / &upper));
                surely_to = Some(Rational::from(most / &lower));
            }
            _ if at_one.error.top.proved_infinite() => return Outcome::Never("its error is infinite at every radius".into()),
            _ => return Outcome::Open("how its error scales was not proved".into()),
        }
    }
    if let Some(most) = &wanted.curvature {
        match accepted(&at_one.curvature).filter(|_| scaled(&at_one.curvature, -1)) {
            Some([lower, upper]) => {
                from = Some(Rational::from(&upper / most));
                surely_from = Some(Rational::from(&lower / most));
            }
            _ if at_one.curvature.top.proved_infinite() => {
                return Outcome::Never("its curvature is infinite at every radius".into());
            }
            _ => return Outcome::Open("how its curvature scales was not proved".into()),
        }
    }
    if let (Some(low), Some(high)) = (&surely_from, &surely_to)
        && low > high
    {
        let product = [accepted(&at_one.error), accepted(&at_one.curvature)].map(|b| b.map(|[lower, _]| lower));
        let [Some(error), Some(curvature)] = product else { return Outcome::Open("no bounds".into()) };
        let product = Float::with_val_round(64, Rational::from(error * curvature), rug::float::Round::Down).0;
        let shown = crate::number::decimal::directed(&product, 6, false);
        return Outcome::Never(format!("error times curvature is at least {shown} at every radius"));
    }
    if let (Some(low), Some(high)) = (&from, &to)
        && low > high
    {
        return Outcome::Open("too close to call".into());
    }
    let chosen = simple(from.as_ref(), to.as_ref());
    match compared(base, kernel, Some(&chosen)) {
        Ok(found) if meets(&found, wanted) => Outcome::Meets { from, to, chosen: Box::new(found) },
        Ok(_) => Outcome::Open(format!("at the radius {chosen} it was not proved")),
        Err(e) => Outcome::Open(e.to_string()),
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
        && below(&found.lipschitz, &wanted.lipschitz)
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
        for (low, high, found) in
            [("1/3", "1/2", "1/2"), ("0.3", "0.33", "3/10"), ("2.2", "7.9", "3"), ("1/7", "1/7", "1/7"), ("3.14", "3.15", "22/7")]
        {
            assert_eq!(simplest(&q(low), &q(high)), q(found), "{low} {high}");
        }
    }
}
