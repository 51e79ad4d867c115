//! Polynomials, quotients and square roots: S-ReLU, GEM, E-GEM, softsign, squareplus.

use super::{Careful, above, below};
use crate::kernels::arith::Arith;
use crate::kernels::dd::Dd;

/// ReLU smoothed by the Epanechnikov kernel of radius alpha: alpha t^3 (4 - t)/16 with t = (x + alpha)/alpha. The
/// factored form loses nothing next to -alpha, where the expanded quartic cancels.
pub struct Srelu;

impl Careful for Srelu {
    fn forward<A: Arith>(x: f64, p: &[Dd]) -> f64 {
        let alpha = p[0];
        if !above(x, -alpha) {
            return 0.0;
        } else if !below(x, alpha) {
            return x;
        }
        let offset = A::from(x).shifted(alpha);
        let t = offset / A::of(alpha);
        (t * t * (A::from(4.0) - t) * A::from(1.0 / 16.0)).product(offset)
    }
    fn backward<A: Arith>(x: f64, p: &[Dd]) -> f64 {
        let alpha = p[0];
        if !above(x, -alpha) {
            return 0.0;
        } else if !below(x, alpha) {
            return 1.0;
        }
        let t = A::from(x).shifted(alpha) / A::of(alpha);
        (t * t * (A::from(3.0) - t) * A::from(0.25)).value()
    }
}

/// x^(m+1)/(eps + x^m) for x > 0, else 0; m is even.
fn power_gate<A: Arith>(x: f64, m: u32, eps: A) -> f64 {
    let (y, one) = (A::from(x), A::from(1.0));
    match x {
        f64::INFINITY => x,
        1.0.. => (y / (one + eps * (one / y).powi(m))).value(),
        _ if x > 0.0 => {
            let q = y.powi(m);
            (q / (eps + q)).product(y)
        }
        _ => 0.0,
    }
}

/// Its derivative, x^m ((m+1) eps + x^m)/(eps + x^m)^2.
fn power_gate_slope<A: Arith>(x: f64, m: u32, eps: A) -> f64 {
    let (y, one, n) = (A::from(x), A::from(1.0), A::from(f64::from(m) + 1.0));
    match x {
        f64::INFINITY => 1.0,
        1.0.. => {
            let r = eps * (one / y).powi(m);
            ((one + n * r) / ((one + r) * (one + r))).value()
        }
        _ if x > 0.0 => {
            // one factor x last, rounded once
            let q = y.powi(m);
            ((n * eps + q) / ((eps + q) * (eps + q)) * y.powi(m - 1)).product(y)
        }
        _ => 0.0,
    }
}

/// The even exponent 2N.
fn twice(n: Dd) -> u32 {
    2 * (n.hi as u32).max(1)
}

/// x^(2N+1)/(1 + x^(2N)) for x > 0, else 0
pub struct Gem;

impl Careful for Gem {
    fn forward<A: Arith>(x: f64, p: &[Dd]) -> f64 {
        power_gate(x, twice(p[0]), A::from(1.0))
    }
    fn backward<A: Arith>(x: f64, p: &[Dd]) -> f64 {
        power_gate_slope(x, twice(p[0]), A::from(1.0))
    }
}

/// x^(2N+1)/(eps + x^(2N)) for x > 0, else 0
pub struct Egem;

impl Careful for Egem {
    fn forward<A: Arith>(x: f64, p: &[Dd]) -> f64 {
        power_gate(x, twice(p[0]), A::of(p[1]))
    }
    fn backward<A: Arith>(x: f64, p: &[Dd]) -> f64 {
        power_gate_slope(x, twice(p[0]), A::of(p[1]))
    }
}

/// x/(1 + |x|)
pub struct Softsign;

impl Careful for Softsign {
    fn forward<A: Arith>(x: f64, _: &[Dd]) -> f64 {
        if x.abs() > 1e40 {
            1f64.copysign(x)
        } else {
            (A::from(1.0) / (A::from(1.0) + A::from(x.abs()))).product(A::from(x))
        }
    }
    fn backward<A: Arith>(x: f64, _: &[Dd]) -> f64 {
        if x.is_infinite() {
            return 0.0;
        }
        let r = A::from(1.0) / (A::from(1.0) + A::from(x.abs()));
        r.product(r)
    }
}

/// (x + sqrt(x^2 + b))/2; left of zero as (b/2)/(sqrt(x^2 + b) - x), which does not cancel
pub struct Squareplus;

impl Careful for Squareplus {
    fn forward<A: Arith>(x: f64, p: &[Dd]) -> f64 {
        let (y, b) = (A::from(x), A::of(p[0]));
        let half = A::from(0.5);
        if x.abs() > 1e100 {
            return if x > 0.0 { x } else { b.value() / 4.0 / -x };
        }
        let s = (y * y + b).sqrt();
        if x >= 0.0 { ((y + s) * half).value() } else { (b * half / (s - y)).value() }
    }
    fn backward<A: Arith>(x: f64, p: &[Dd]) -> f64 {
        let (y, b) = (A::from(x), A::of(p[0]));
        let half = A::from(0.5);
        if x.abs() > 1e100 {
            return if x > 0.0 { 1.0 } else { b.value() / 4.0 / x / x };
        }
        let s = (y * y + b).sqrt();
        if x >= 0.0 { (half + half * y / s).value() } else { (b * half / (s * (s - y))).value() }
    }
}
