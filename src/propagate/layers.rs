//! The correlation of two inputs, layer by layer: an iterated map of enclosures.

use super::gauss::Gauss;
use super::{BITS, Edge, PropagateError, homogeneous};
use crate::expr::{Activation, Func, Named, affine};
use crate::number::{Enclosure as _, MpI, Real as _};
use rug::Rational;

/// Hermite coefficients that are computed; what is left over of E f^2 bounds the rest.
const MOST: usize = 72;

/// `1 - c` of two inputs at a layer.
#[derive(Clone, Debug)]
pub struct Layer {
    /// which
    pub layer: u32,
    /// `1 - c`, enclosed
    pub distance: MpI,
}

/// `E f(U) f(V)` for variance q and correlation c, as a function of c.
enum Kernel {
    /// slopes left and right of a kink at 0, where f is 0: in closed form (Cho and Saul 2009)
    Kink([Rational; 2]),
    /// squares of Hermite coefficients, and what is left over of E f^2
    Series(Vec<MpI>, MpI),
}

impl Kernel {
    fn of(f: &Activation, q: &MpI) -> Result<Self, PropagateError> {
        if let Some(slopes) = homogeneous(f)? {
            return Ok(Self::Kink(slopes));
        }
        let gauss = Gauss::new(f)?;
        let squares: Vec<MpI> = gauss.hermite(q, MOST).iter().map(|a| a.mul(a)).collect();
        let total = gauss.moments(q).value;
        let rest = squares.iter().fold(total, |rest, a| rest.sub(a));
        let zero = MpI::int(&BITS, 0);
        Ok(Self::Series(squares, zero.hull(&MpI::from_float(BITS, &rest.hi())).max(&zero)))
    }

    /// `E f(U)^2 - E f(U) f(V)` where `d = 1 - c`, for d at a point.
    fn loss(&self, d: &MpI, q: &MpI) -> MpI {
        let one = MpI::int(&BITS, 1);
        let c = one.sub(d);
        match self {
            Self::Kink([left, right]) => {
                // f = left x + (right - left) relu(x), and E U relu(V) = q c/2
                let number = |r: Rational| MpI::rational(&BITS, &r);
                let jump = Rational::from(right - left);
                let linear = number(Rational::from(left * left) + Rational::from(left * &jump)).mul(d);
                // E relu(U) relu(V) = q (sin t + (pi - t) cos t)/(2 pi), and 1/2 of q at t = 0
                let two = MpI::int(&BITS, 2);
                let sine = d.mul(&two.sub(d)).pow(&Rational::from((1, 2)));
                let pi = MpI::named(&BITS, Named::Pi);
                let half_pi = pi.div(&two);
                // atan2(sin, cos) = pi/2 - atan(cos/sin)
                let angle = if sine.has_zero() {
                    sine.div(&c).call(Func::Atan)
                } else {
                    half_pi.sub(&c.div(&sine).call(Func::Atan))
                };
                let pair = sine.add(&pi.sub(&angle).mul(&c)).div(&pi.mul(&two));
                let bent = number(Rational::from(&jump * &jump)).mul(&number(Rational::from((1, 2))).sub(&pair));
                q.mul(&linear.add(&bent))
            }
            Self::Series(squares, rest) => {
                let mut sum = MpI::int(&BITS, 0);
                let mut power = one.clone();
                for (k, a) in squares.iter().enumerate() {
                    if k > 0 {
                        power = power.mul(&c);
                    }
                    sum = sum.add(&a.mul(&one.sub(&power)));
                }
                // what is left lies in higher powers: between 1 - c^(K+1) and 1 of each
                let least = one.sub(&power.mul(&c));
                sum.add(&rest.mul(&least.hull(&one)))
            }
        }
    }
}

/// Slopes left and right, if f is straight beside 0 and 0 there.
pub(super) fn kink(f: &Activation) -> Option<[Rational; 2]> {
    let [left, right] = f.pieces.as_slice() else { return None };
    let crate::expr::End::At { at, .. } = &left.hi else { return None };
    let slopes = [affine(&left.expr)?, affine(&right.expr)?];
    let through_zero = slopes.iter().all(|(_, offset)| *offset == 0);
    (at.exact_rational()? == 0 && through_zero).then(|| slopes.map(|(slope, _)| slope))
}

/// `1 - c` at these layers, from inputs without correlation, at a point of the edge of chaos.
///
/// # Errors
/// As for moments.
pub fn layers(f: &Activation, edge: &Edge, which: &[u32]) -> Result<Vec<Layer>, PropagateError> {
    let kernel = Kernel::of(f, &edge.q)?;
    let mut last = which.to_vec();
    last.sort_unstable();
    last.dedup();
    let one = MpI::int(&BITS, 1);
    let (mut lo, mut hi) = (one.clone(), one);
    let mut out = vec![];
    let deepest = last.last().copied().unwrap_or(0);
    for layer in 1..=deepest {
        // 1 - c' = sw2 (E f^2 - E f f)/q rises with 1 - c: both ends are mapped
        let step = |d: &MpI| edge.sigma_w2.mul(&kernel.loss(d, &edge.q)).div(&edge.q);
        let ends = [MpI::from_float(BITS, &step(&lo).lo()), MpI::from_float(BITS, &step(&hi).hi())];
        let zero = MpI::int(&BITS, 0);
        let [low, high] = ends;
        (lo, hi) = (low.max(&zero), high);
        if last.contains(&layer) {
            out.push(Layer { layer, distance: lo.hull(&hi) });
        }
    }
    Ok(out)
}
