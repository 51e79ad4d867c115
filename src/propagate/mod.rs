//! Information propagation through wide random layers: Gaussian moments of an activation as enclosures, the edge of chaos, and how
//! fast the correlation of two inputs tends to 1 along it.
//!
//! Notation of Hayou et al. 2019: a layer maps the variance q to `sb2 + sw2 E f(sqrt(q) Z)^2`, and the edge of chaos is where q is a
//! fixed point and `sw2 E f'(sqrt(q) Z)^2 = 1`. Whether that fixed point attracts the variances beside it is a question of its own, which
//! the slope of the map of the variance answers. Everything is verified quadrature: an enclosure, and no certificate, so that
//! nothing here is called proved.

mod gauss;
mod layers;

pub use gauss::{Gauss, Moments, Second};
pub use layers::{Layer, layers};

use crate::expr::{Activation, Func};
use crate::number::{Enclosure as _, MpI, Real as _};
use rug::Rational;

/// Bits with which moments are enclosed.
pub const BITS: u32 = 160;

/// Why there are no moments.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PropagateError {
    /// Nothing bounds the function at infinity, or it jumps.
    #[error(
        "{id} is not known to be Lipschitz on the real line, and the tails of its moments are bounded by that: {reason}"
    )]
    NotLipschitz {
        /// the activation
        id: String,
        /// why
        reason: String,
    },
    /// An end of a piece, or a piece, that cannot be evaluated.
    #[error("the pieces of {0} cannot be evaluated")]
    Pieces(String),
    /// A variance that is none.
    #[error("a variance must be a number above 0 and at most 1000000, found {0}")]
    Variance(String),
    /// Nothing goes through.
    #[error("{0} is constant: what comes out of a layer does not depend on what goes in")]
    Constant(String),
    /// A quantity that could not be bounded.
    #[error(transparent)]
    Bound(#[from] crate::prove::BoundError),
    /// Something that cannot be evaluated.
    #[error(transparent)]
    Tape(#[from] crate::number::TapeError),
}

/// A point of the edge of chaos.
#[derive(Clone, Debug)]
pub struct Edge {
    /// the variance that stays
    pub q: MpI,
    /// variance of the biases
    pub sigma_b2: MpI,
    /// variance of the weights, times the width
    pub sigma_w2: MpI,
    /// how the correlation of two inputs tends to 1
    pub fall: Fall,
    /// how steep the map of the variance is at q, `sw2 (d/dq) E f(sqrt(q) Z)^2`
    pub variance_slope: MpI,
}

/// What happens to a variance beside one that stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stability {
    /// it comes nearer layer by layer: the slope of the map is less than 1 in size
    Attracts,
    /// it goes away: the slope is greater than 1 in size
    Repels,
    /// it stays, too: the map is q itself
    Neutral,
    /// the enclosure of the slope does not tell
    Open,
}

/// How `1 - c_l` falls with the layer l.
#[derive(Clone, Debug)]
pub enum Fall {
    /// like beta/l
    Inverse(MpI),
    /// like 1/l^2, since the slope jumps
    InverseSquare,
    /// not known: the slope is not shown to jump, and f'' has no proved bound
    Open,
    /// not at all: the function is a line through 0
    Never,
}

/// What was found of the edge of chaos.
#[derive(Clone, Debug)]
pub enum Found {
    /// a point of it
    Edge(Box<Edge>),
    /// there is none, because the variance of the biases would have to be this
    Never(MpI),
    /// it is not decided whether this is negative
    Open(MpI),
}

impl Edge {
    /// What happens to a variance beside q.
    pub fn stability(&self) -> Stability {
        let (size, one) = (self.variance_slope.call(Func::Abs), 1);
        match () {
            () if size.hi() < one => Stability::Attracts,
            () if size.lo() > one => Stability::Repels,
            () if self.variance_slope.lo() == one && self.variance_slope.hi() == one => Stability::Neutral,
            () => Stability::Open,
        }
    }

    /// The point at which the variance q stays, whatever the sign of `sigma_b2`; `growth` is the derivative of E f^2 in q.
    fn at(q: &MpI, m: &Moments, growth: &MpI) -> Self {
        let sigma_w2 = MpI::int(&BITS, 1).div(&m.slope);
        let sigma_b2 = q.sub(&m.value.div(&m.slope));
        let two = MpI::int(&BITS, 2);
        let fall = match &m.curvature {
            Second::Known(c) => Fall::Inverse(two.mul(&m.slope).div(&q.mul(c))),
            Second::Jumps => Fall::InverseSquare,
            Second::Open => Fall::Open,
        };
        let variance_slope = sigma_w2.mul(growth);
        Self { q: q.clone(), sigma_b2, sigma_w2, fall, variance_slope }
    }
}

fn variance(q: &Rational) -> Result<(), PropagateError> {
    if *q <= 0 || *q > 1_000_000 || q.denom().significant_bits() > 128 {
        return Err(PropagateError::Variance(crate::number::decimal::directed(&rug::Float::with_val(64, q), 6, false)));
    }
    Ok(())
}

/// The moments at a variance, and the edge of chaos there.
///
/// # Errors
/// If the variance is none, or the moments cannot be bounded.
pub fn at_variance(f: &Activation, q: &Rational) -> Result<(Moments, Found), PropagateError> {
    variance(q)?;
    let q = MpI::rational(&BITS, q);
    if let Some([left, right]) = homogeneous(f)? {
        // f(s x) = s f(x): E f^2 = q E f'^2, and every variance stays
        let slope = MpI::rational(&BITS, &((Rational::from(&left * &left) + Rational::from(&right * &right)) / 2u32));
        let straight = left == right;
        let curvature = if straight { Second::Known(MpI::int(&BITS, 0)) } else { Second::Jumps };
        let moments = Moments { value: q.mul(&slope), slope, curvature };
        let fall = if straight { Fall::Never } else { Fall::InverseSquare };
        let (sigma_b2, variance_slope) = (MpI::int(&BITS, 0), MpI::int(&BITS, 1));
        let edge = Edge { sigma_b2, fall, variance_slope, ..Edge::at(&q, &moments, &moments.slope) };
        return Ok((moments, Found::Edge(Box::new(edge))));
    }
    let gauss = Gauss::new(f)?;
    let moments = gauss.moments(&q);
    let edge = Edge::at(&q, &moments, &gauss.growth(&q));
    let b = edge.sigma_b2.clone();
    Ok(match () {
        () if b.lo() >= 0 => (moments, Found::Edge(Box::new(edge))),
        () if b.hi() < 0 => (moments, Found::Never(b)),
        () => (moments, Found::Open(b)),
    })
}

/// Slopes left and right of a function that is straight beside 0 and 0 there.
fn homogeneous(f: &Activation) -> Result<Option<[Rational; 2]>, PropagateError> {
    let lines: Option<Vec<(Rational, Rational)>> = f.pieces.iter().map(|p| crate::expr::affine(&p.expr)).collect();
    match lines.as_deref() {
        Some([first, rest @ ..]) if rest.iter().all(|line| line == first) => match (first.0 == 0, first.1 == 0) {
            (true, _) => Err(PropagateError::Constant(f.label())),
            (false, through_zero) => Ok(through_zero.then(|| [first.0.clone(), first.0.clone()])),
        },
        _ => Ok(layers::kink(f)),
    }
}

/// Variances between which the edge is looked for.
const RANGE: (f64, f64) = (1e-3, 300.0);
/// How many, a power apart.
const STEPS: i32 = 24;
/// Steps of the secant rule at most, each between two variances with different signs.
const SECANTS: usize = 40;

/// How far the variance of the biases that the edge has at a variance is above another one.
struct Excess<'a> {
    gauss: &'a Gauss,
    target: MpI,
}

impl Excess<'_> {
    fn at(&self, q: &Rational) -> MpI {
        let q = MpI::rational(&BITS, q);
        let [value, slope] = self.gauss.squares(&q);
        q.sub(&value.div(&slope)).sub(&self.target)
    }

    /// 1, -1, or 0 where the enclosure holds both signs.
    fn sign(value: &MpI) -> i32 {
        i32::from(value.lo() > 0) - i32::from(value.hi() < 0)
    }

    /// Variances with different signs, close together, between two that have them.
    fn refined(&self, low: Rational, high: Rational) -> [Rational; 2] {
        let middle = |v: &MpI| v.lo().to_f64().midpoint(v.hi().to_f64());
        let (mut ends, mut values) = ([low.clone(), high.clone()], [self.at(&low), self.at(&high)]);
        let own = Self::sign(&values[0]);
        for k in 0..SECANTS {
            let [a, b] = [middle(&values[0]), middle(&values[1])];
            let width = Rational::from(&ends[1] - &ends[0]);
            // close to the secant's point, on both sides of it in turn; the middle now and then, so that both ends move
            let share = Rational::from_f64((a / (a - b)).clamp(0.0, 1.0)).unwrap_or_else(|| Rational::from((1, 2)));
            let nudge = Rational::from((if k % 2 == 0 { 1 } else { -1 }, 1u32 << 16));
            let share = if k % 4 == 3 { Rational::from((1, 2)) } else { share + nudge };
            let share = share.max(Rational::from((1, 1 << 10))).min(Rational::from((1023, 1 << 10)));
            let at = &ends[0] + share * &width;
            // no more digits than enclosures have
            let at = rug::Float::with_val(100, &at).to_rational().unwrap_or(at);
            let value = self.at(&at);
            let place = match Self::sign(&value) {
                0 => break,
                sign if sign == own => 0,
                _ => 1,
            };
            (ends[place], values[place]) = (at, value);
            if Rational::from(&ends[1] - &ends[0]) < Rational::from(&ends[1] / 10_000_000_000_000_000u64) {
                break;
            }
        }
        ends
    }
}

/// The point of the edge with this variance of the biases: a change of sign on a grid of variances from 0.001 to 300, refined;
/// `None` if there is no change of sign on the grid, which excludes nothing.
///
/// # Errors
/// As [`at_variance`].
pub fn edge_of(f: &Activation, sigma_b2: &Rational) -> Result<Option<(Moments, Edge)>, PropagateError> {
    if homogeneous(f)?.is_some() {
        // every variance is on the edge, without biases, and none with them
        return match at_variance(f, &Rational::from(1))? {
            (moments, Found::Edge(edge)) if *sigma_b2 == 0 => Ok(Some((moments, *edge))),
            _ => Ok(None),
        };
    }
    let gauss = Gauss::new(f)?;
    let excess = Excess { gauss: &gauss, target: MpI::rational(&BITS, sigma_b2) };
    let grid = |k: i32| Rational::from_f64(RANGE.0 * (RANGE.1 / RANGE.0).powf(f64::from(k) / f64::from(STEPS)));
    let mut before: Option<(Rational, i32)> = None;
    for q in (0..=STEPS).filter_map(grid) {
        let own = Excess::sign(&excess.at(&q));
        if let Some((low, _)) = before.filter(|(_, sign)| sign * own < 0) {
            let [low, high] = excess.refined(low, q).map(|q| MpI::rational(&BITS, &q));
            let q = low.hull(&high);
            let moments = gauss.moments(&q);
            let edge = Edge { sigma_b2: excess.target, ..Edge::at(&q, &moments, &gauss.growth(&q)) };
            return Ok(Some((moments, edge)));
        }
        before = Some((q, own));
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
