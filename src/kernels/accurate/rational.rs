//! Polynomials, quotients and square roots: S-ReLU, SmeLU, GEM and its relatives, softsign, squareplus.

use super::{Careful, above, below, nearest};
use crate::kernels::dd::Dd;
use crate::kernels::lanes;
use rug::Rational;

/// ReLU smoothed by the Epanechnikov kernel of radius alpha: alpha t^3 (4 - t)/16 with t = (x + alpha)/alpha. The
/// factored form loses nothing next to -alpha, where the expanded quartic cancels.
pub struct Srelu;

impl Careful for Srelu {
    type Lanes = lanes::Srelu;

    fn forward(x: f64, p: &[Dd]) -> f64 {
        let alpha = p[0];
        if !above(x, -alpha) {
            return 0.0;
        } else if !below(x, alpha) {
            return x;
        }
        let offset = Dd::from(x) + alpha;
        let t = offset / alpha;
        (t * t * (Dd::from(4.0) - t) * Dd::from(1.0 / 16.0)).product(offset)
    }
    fn backward(x: f64, p: &[Dd]) -> f64 {
        let alpha = p[0];
        if !above(x, -alpha) {
            return 0.0;
        } else if !below(x, alpha) {
            return 1.0;
        }
        let t = (Dd::from(x) + alpha) / alpha;
        (t * t * (Dd::from(3.0) - t) * Dd::from(0.25)).value()
    }
    fn lanes(p: &[Rational]) -> Self::Lanes {
        lanes::Srelu::new(&p[0])
    }
}

/// ReLU smoothed by a box of half-width beta: (x + beta)^2/(4 beta)
pub struct Smelu;

impl Careful for Smelu {
    type Lanes = lanes::Smelu;

    fn forward(x: f64, p: &[Dd]) -> f64 {
        let beta = p[0];
        if !above(x, -beta) {
            return 0.0;
        } else if !below(x, beta) {
            return x;
        }
        let offset = Dd::from(x) + beta;
        (offset / beta * Dd::from(0.25)).product(offset)
    }
    fn backward(x: f64, p: &[Dd]) -> f64 {
        let beta = p[0];
        if !above(x, -beta) {
            return 0.0;
        } else if !below(x, beta) {
            return 1.0;
        }
        ((Dd::from(x) + beta) / beta * Dd::from(0.5)).value()
    }
    fn lanes(p: &[Rational]) -> Self::Lanes {
        lanes::Smelu::new(&p[0])
    }
}

/// factor x^(m+1)/(eps + x^m) for x > 0, else 0; m is even.
fn power_gate(x: f64, m: u32, eps: Dd, factor: Dd) -> f64 {
    let (y, one) = (Dd::from(x), Dd::from(1.0));
    match x {
        f64::INFINITY => x,
        1.0.. => (factor / (one + eps * (one / y).powi(m))).product(y),
        _ if x > 0.0 => {
            let q = y.powi(m);
            (factor * q / (eps + q)).product(y)
        }
        _ => 0.0,
    }
}

/// Its derivative, factor x^m ((m+1) eps + x^m)/(eps + x^m)^2.
fn power_gate_slope(x: f64, m: u32, eps: Dd, factor: Dd) -> f64 {
    let (y, one, n) = (Dd::from(x), Dd::from(1.0), Dd::from(f64::from(m) + 1.0));
    match x {
        f64::INFINITY => factor.hi,
        1.0.. => {
            let r = eps * (one / y).powi(m);
            (factor * (one + n * r) / ((one + r) * (one + r))).value()
        }
        _ if x > 0.0 => {
            // one factor x last, rounded once
            let q = y.powi(m);
            (factor * (n * eps + q) / ((eps + q) * (eps + q)) * y.powi(m - 1)).product(y)
        }
        _ => 0.0,
    }
}

/// The even exponent 2N.
fn twice(n: Dd) -> u32 {
    2 * (n.hi as u32).max(1)
}

/// N for the lanes.
fn half(n: &Rational) -> u32 {
    n.to_f64() as u32
}

/// Whether the lanes take this N and these parameters.
fn low_power(p: &[Rational]) -> bool {
    lanes::suits(p) && half(&p[0]) <= lanes::PowerGate::HIGHEST
}

/// x^(2N+1)/(1 + x^(2N)) for x > 0, else 0
pub struct Gem;

impl Careful for Gem {
    type Lanes = lanes::PowerGate;

    fn forward(x: f64, p: &[Dd]) -> f64 {
        power_gate(x, twice(p[0]), Dd::from(1.0), Dd::from(1.0))
    }
    fn backward(x: f64, p: &[Dd]) -> f64 {
        power_gate_slope(x, twice(p[0]), Dd::from(1.0), Dd::from(1.0))
    }
    fn lanes(p: &[Rational]) -> Self::Lanes {
        lanes::PowerGate::new(half(&p[0]), 1.0, 0.0)
    }
    fn suits(p: &[Rational]) -> bool {
        low_power(p)
    }
}

/// x^(2N+1)/(eps + x^(2N)) for x > 0, else 0
pub struct Egem;

impl Careful for Egem {
    type Lanes = lanes::PowerGate;

    fn forward(x: f64, p: &[Dd]) -> f64 {
        power_gate(x, twice(p[0]), p[1], Dd::from(1.0))
    }
    fn backward(x: f64, p: &[Dd]) -> f64 {
        power_gate_slope(x, twice(p[0]), p[1], Dd::from(1.0))
    }
    fn lanes(p: &[Rational]) -> Self::Lanes {
        lanes::PowerGate::new(half(&p[0]), nearest(&p[1]), 0.0)
    }
    fn suits(p: &[Rational]) -> bool {
        low_power(p)
    }
}

/// E-GEM right of zero, eps/(1 + eps) times the same left of it
pub struct Segem;

impl Segem {
    /// Factor of the half on which `x` is.
    fn side(x: f64, eps: Dd) -> Dd {
        if x > 0.0 { Dd::from(1.0) } else { eps / (Dd::from(1.0) + eps) }
    }
}

impl Careful for Segem {
    type Lanes = lanes::PowerGate;

    fn forward(x: f64, p: &[Dd]) -> f64 {
        power_gate(x.abs(), twice(p[0]), p[1], Self::side(x, p[1])).copysign(x)
    }
    fn backward(x: f64, p: &[Dd]) -> f64 {
        power_gate_slope(x.abs(), twice(p[0]), p[1], Self::side(x, p[1]))
    }
    fn lanes(p: &[Rational]) -> Self::Lanes {
        let left = &p[1] / Rational::from(&p[1] + 1u32);
        lanes::PowerGate::new(half(&p[0]), nearest(&p[1]), nearest(&left))
    }
    fn suits(p: &[Rational]) -> bool {
        low_power(p)
    }
}

/// x/(1 + |x|)
pub struct Softsign;

impl Careful for Softsign {
    type Lanes = lanes::Softsign;

    fn forward(x: f64, _: &[Dd]) -> f64 {
        if x.abs() > 1e40 {
            1f64.copysign(x)
        } else {
            (Dd::from(1.0) / (Dd::from(1.0) + Dd::from(x.abs()))).product(Dd::from(x))
        }
    }
    fn backward(x: f64, _: &[Dd]) -> f64 {
        if x.is_infinite() {
            return 0.0;
        }
        let r = Dd::from(1.0) / (Dd::from(1.0) + Dd::from(x.abs()));
        r.product(r)
    }
    fn lanes(_: &[Rational]) -> Self::Lanes {
        lanes::Softsign
    }
}

/// (x + sqrt(x^2 + b))/2; left of zero as (b/2)/(sqrt(x^2 + b) - x), which does not cancel
pub struct Squareplus;

impl Careful for Squareplus {
    type Lanes = lanes::Squareplus;

    fn forward(x: f64, p: &[Dd]) -> f64 {
        let (y, b) = (Dd::from(x), p[0]);
        let half = Dd::from(0.5);
        if x.abs() > 1e100 {
            return if x > 0.0 { x } else { b.value() / 4.0 / -x };
        }
        let s = (y * y + b).sqrt();
        if x >= 0.0 { ((y + s) * half).value() } else { (b * half / (s - y)).value() }
    }
    fn backward(x: f64, p: &[Dd]) -> f64 {
        let (y, b) = (Dd::from(x), p[0]);
        let half = Dd::from(0.5);
        if x.abs() > 1e100 {
            let left = || {
                let inverse = Dd::from(1.0) / y;
                (b * Dd::from(0.25) * inverse).product(inverse)
            };
            return if x > 0.0 {
                1.0
            } else if x.is_infinite() {
                0.0
            } else {
                left()
            };
        }
        let s = (y * y + b).sqrt();
        if x >= 0.0 { (half + half * y / s).value() } else { (b * half / (s * (s - y))).value() }
    }
    fn lanes(p: &[Rational]) -> Self::Lanes {
        lanes::Squareplus::new(nearest(&p[0]))
    }
}
