//! x times a gate: GELU and its approximations, SiLU, Swish, Mish. Left of zero the exponential is taken out of the
//! whole expression and multiplied last, so that tails keep their digits down to the subnormals, and what is left
//! (where the derivative has its zero) is computed without it.

use super::{Careful, INV_ROOT_TWO_PI, TWO_ROOT_TWO_OVER_PI, constant, nearest};
use crate::kernels::dd::Dd;
use crate::kernels::lanes;
use crate::kernels::normal::mills;
use crate::kernels::promise::Promise;
use rug::Rational;

/// Where e^-u is below the last bit of a double-double.
const SATURATED: f64 = 80.0;
/// Where x e^u is below half of the smallest f64 for every x.
const VANISHED: f64 = -1500.0;

/// x sigmoid(u).
fn gate(x: f64, u: Dd) -> f64 {
    let one = Dd::from(1.0);
    if u.value() >= 0.0 {
        return (one / (one + (-u).exp())).product(Dd::from(x));
    }
    let e = if u.value() > -SATURATED { u.exp() } else { Dd::from(0.0) };
    (one / (one + e)).times_exp(u, x)
}

/// The derivative of x sigmoid(u), where `xdu` is x u'(x): sigmoid(u) (1 + x u' (1 - sigmoid(u))).
fn gate_slope(u: Dd, xdu: Dd) -> f64 {
    let one = Dd::from(1.0);
    if u.value() >= 0.0 {
        let e = (-u).exp();
        let s = one + e;
        return ((s + xdu * e) / (s * s)).value();
    }
    let e = if u.value() > -SATURATED { u.exp() } else { Dd::from(0.0) };
    let s = one + e;
    ((s + xdu) / (s * s)).times_exp(u, 1.0)
}

/// x sigmoid(b x) and its derivative, for any way to write b.
fn swish(x: f64, b: Dd) -> f64 {
    match b.value() * x {
        u if u > SATURATED => x,
        u if u < VANISHED => 0.0f64.copysign(x),
        u if u.is_nan() => 0.5 * x,
        _ => gate(x, b * Dd::from(x)),
    }
}

fn swish_slope(x: f64, b: Dd) -> f64 {
    match b.value() * x {
        u if u > SATURATED => 1.0,
        u if u < VANISHED => -0.0,
        u if u.is_nan() => 0.5,
        _ => gate_slope(b * Dd::from(x), b * Dd::from(x)),
    }
}

/// x sigmoid(x)
pub struct Silu;

impl Careful for Silu {
    type Lanes = lanes::Swish;

    fn forward(x: f64, _: &[Dd]) -> f64 {
        swish(x, Dd::from(1.0))
    }
    fn backward(x: f64, _: &[Dd]) -> f64 {
        swish_slope(x, Dd::from(1.0))
    }
    fn lanes(_: &[Rational]) -> Self::Lanes {
        lanes::Swish::new(1.0)
    }
}

/// x sigmoid(beta x)
pub struct Swish;

impl Careful for Swish {
    type Lanes = lanes::Swish;

    fn forward(x: f64, p: &[Dd]) -> f64 {
        swish(x, p[0])
    }
    fn backward(x: f64, p: &[Dd]) -> f64 {
        swish_slope(x, p[0])
    }
    fn lanes(p: &[Rational]) -> Self::Lanes {
        lanes::Swish::new(nearest(&p[0]))
    }
}

/// x sigmoid(1.702 x)
pub struct GeluQuick;

impl Careful for GeluQuick {
    type Lanes = lanes::Swish;

    const PROMISE: Promise = Promise::backward(1.0, 0.51);

    fn forward(x: f64, _: &[Dd]) -> f64 {
        swish(x, constant(1702, 1000))
    }
    fn backward(x: f64, _: &[Dd]) -> f64 {
        swish_slope(x, constant(1702, 1000))
    }
    fn lanes(_: &[Rational]) -> Self::Lanes {
        lanes::Swish::new(constant(1702, 1000).hi)
    }
}

/// x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) = x sigmoid(u) with u = 2 sqrt(2/pi) (x + 0.044715 x^3)
pub struct GeluTanh;

impl Careful for GeluTanh {
    type Lanes = lanes::GeluTanh;

    const PROMISE: Promise = Promise::backward(2.0, 0.501);

    fn forward(x: f64, _: &[Dd]) -> f64 {
        match x {
            40.0.. => x,
            ..-40.0 => -0.0,
            _ => {
                let (k, c, y) = (*TWO_ROOT_TWO_OVER_PI, constant(44715, 1_000_000), Dd::from(x));
                gate(x, k * y * (Dd::from(1.0) + c * y * y))
            }
        }
    }
    fn backward(x: f64, _: &[Dd]) -> f64 {
        match x {
            40.0.. => 1.0,
            ..-40.0 => -0.0,
            _ => {
                let (k, c, y) = (*TWO_ROOT_TWO_OVER_PI, constant(44715, 1_000_000), Dd::from(x));
                let (ky, cyy) = (k * y, c * y * y);
                let one = Dd::from(1.0);
                gate_slope(ky * (one + cyy), ky * (one + Dd::from(3.0) * cyy))
            }
        }
    }
    fn lanes(_: &[Rational]) -> Self::Lanes {
        lanes::GeluTanh::new(TWO_ROOT_TWO_OVER_PI.hi, constant(44715, 1_000_000).hi)
    }
}

/// x Phi(x), through the Mills ratio R = Phi/phi
pub struct Gelu;

impl Careful for Gelu {
    type Lanes = lanes::Gelu;

    const PROMISE: Promise = Promise::backward(2.5, 0.501);

    fn forward(x: f64, _: &[Dd]) -> f64 {
        match x {
            15.0.. => x,
            ..-40.0 => -0.0,
            0.0.. => (Dd::from(1.0) - tail(Dd::from(-x))).product(Dd::from(x)),
            _ => {
                let y = Dd::from(x);
                (mills(y) * *INV_ROOT_TWO_PI).times_exp(half_square(y), x)
            }
        }
    }
    /// Phi + x phi = phi (R + x)
    fn backward(x: f64, _: &[Dd]) -> f64 {
        let root = *INV_ROOT_TWO_PI;
        match x {
            15.0.. => 1.0,
            ..-40.0 => -0.0,
            0.0.. => {
                let y = Dd::from(x);
                let density = half_square(y).exp() * root;
                (Dd::from(1.0) + density * (y - mills(-y))).value()
            }
            _ => {
                let y = Dd::from(x);
                ((mills(y) + y) * root).times_exp(half_square(y), 1.0)
            }
        }
    }
    fn lanes(_: &[Rational]) -> Self::Lanes {
        lanes::Gelu::new()
    }
}

/// -x^2/2
fn half_square(y: Dd) -> Dd {
    Dd::from(-0.5) * y * y
}

/// Phi(y) for y <= 0, not too far out.
fn tail(y: Dd) -> Dd {
    half_square(y).exp() * mills(y) * *INV_ROOT_TWO_PI
}

/// x tanh(softplus(x)) = x n/(n+2) with n = e^x (e^x + 2)
pub struct Mish;

impl Careful for Mish {
    type Lanes = lanes::Mish;

    const PROMISE: Promise = Promise::backward(1.0, 1.0);

    fn forward(x: f64, _: &[Dd]) -> f64 {
        let (y, two) = (Dd::from(x), Dd::from(2.0));
        match x {
            SATURATED.. => x,
            ..VANISHED => -0.0,
            0.0.. => {
                let v = (-y).exp();
                let top = Dd::from(1.0) + two * v;
                (top / (top + two * v * v)).product(y)
            }
            _ => {
                let w = if x > -SATURATED { y.exp() } else { Dd::from(0.0) };
                ((w + two) / (w * (w + two) + two)).times_exp(y, x)
            }
        }
    }
    fn backward(x: f64, _: &[Dd]) -> f64 {
        let (y, one, two, four) = (Dd::from(x), Dd::from(1.0), Dd::from(2.0), Dd::from(4.0));
        match x {
            SATURATED.. => 1.0,
            ..VANISHED => -0.0,
            0.0.. => {
                let v = (-y).exp();
                let top = one + two * v;
                let d = top + two * v * v;
                ((top * d + four * y * v * v * (one + v)) / (d * d)).value()
            }
            _ => {
                let w = if x > -SATURATED { y.exp() } else { Dd::from(0.0) };
                let d = w * (w + two) + two;
                (((w + two) * d + four * y * (w + one)) / (d * d)).times_exp(y, 1.0)
            }
        }
    }
    fn lanes(_: &[Rational]) -> Self::Lanes {
        lanes::Mish::new()
    }
}
