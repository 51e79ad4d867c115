//! One exponential: the ELU family, sigmoid, tanh, softplus and their relatives.

use super::{Careful, nearest, reciprocal};
use crate::kernels::dd::Dd;
use crate::kernels::lanes;
use rug::Rational;
use std::sync::LazyLock;

const SATURATED: f64 = 80.0;

/// scale * a * (e^(x/a) - 1) left of zero; the exponent's divisor is 1 for ELU.
fn left(u: Dd, factor: Dd) -> f64 {
    if u.value() < -SATURATED { (-factor).value() } else { u.expm1().product(factor) }
}

/// x if x > 0, else alpha (e^x - 1)
pub struct Elu;

impl Careful for Elu {
    type Lanes = lanes::Elu;

    fn forward(x: f64, p: &[Dd]) -> f64 {
        if x > 0.0 { x } else { left(Dd::from(x), p[0]) }
    }
    fn backward(x: f64, p: &[Dd]) -> f64 {
        if x > 0.0 { 1.0 } else { p[0].times_exp(Dd::from(x), 1.0) }
    }
    fn lanes(p: &[Rational]) -> Self::Lanes {
        let a = nearest(&p[0]);
        lanes::Elu::new(1.0, a, 1.0, a)
    }
}

/// x if x > 0, else alpha (e^(x/alpha) - 1)
pub struct Celu;

impl Celu {
    fn quotient(x: f64, alpha: Dd) -> Dd {
        // outside of the range where the exponential matters, the sign is all that is needed
        let rough = x / alpha.hi;
        if rough.abs() > 2000.0 { Dd::from(rough.clamp(-2000.0, 2000.0)) } else { Dd::from(x) / alpha }
    }
}

impl Careful for Celu {
    type Lanes = lanes::Elu;

    fn forward(x: f64, p: &[Dd]) -> f64 {
        if x > 0.0 { x } else { left(Self::quotient(x, p[0]), p[0]) }
    }
    fn backward(x: f64, p: &[Dd]) -> f64 {
        if x > 0.0 { 1.0 } else { Dd::from(1.0).times_exp(Self::quotient(x, p[0]), 1.0) }
    }
    fn lanes(p: &[Rational]) -> Self::Lanes {
        lanes::Elu::new(1.0, nearest(&p[0]), reciprocal(&p[0]), 1.0)
    }
}

/// scale x if x > 0, else scale alpha (e^x - 1), with the constants of the self-normalising networks paper
pub struct Selu;

static SCALE: LazyLock<Dd> = LazyLock::new(|| decimal("1.0507009873554804934193349852946"));
static SCALE_ALPHA: LazyLock<Dd> = LazyLock::new(|| {
    let alpha = rational("1.6732632423543772848170429916717");
    Dd::from(&(rational("1.0507009873554804934193349852946") * alpha))
});

fn rational(text: &str) -> Rational {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let after_point = text.len() - 1 - text.find('.').unwrap_or(text.len() - 1);
    let power = rug::Integer::from(rug::Integer::u_pow_u(10, after_point as u32));
    Rational::from((digits.parse::<rug::Integer>().unwrap_or_default(), power))
}

fn decimal(text: &str) -> Dd {
    Dd::from(&rational(text))
}

impl Careful for Selu {
    type Lanes = lanes::Elu;

    fn forward(x: f64, _: &[Dd]) -> f64 {
        if x > 0.0 { SCALE.product(Dd::from(x)) } else { left(Dd::from(x), *SCALE_ALPHA) }
    }
    fn backward(x: f64, _: &[Dd]) -> f64 {
        if x > 0.0 { SCALE.hi } else { SCALE_ALPHA.times_exp(Dd::from(x), 1.0) }
    }
    fn lanes(_: &[Rational]) -> Self::Lanes {
        lanes::Elu::new(SCALE.hi, SCALE_ALPHA.hi, 1.0, SCALE_ALPHA.hi)
    }
}

/// e^x
pub struct Exp;

impl Careful for Exp {
    type Lanes = lanes::Exponential;

    fn forward(x: f64, _: &[Dd]) -> f64 {
        Dd::from(1.0).times_exp(scaled_argument(x, Dd::from(1.0)), 1.0)
    }
    fn backward(x: f64, p: &[Dd]) -> f64 {
        Self::forward(x, p)
    }
    fn lanes(_: &[Rational]) -> Self::Lanes {
        lanes::Exponential::new()
    }
}

/// sigmoid(u)
fn logistic(u: Dd) -> f64 {
    let one = Dd::from(1.0);
    match u.value() {
        SATURATED.. => 1.0,
        0.0.. => (one / (one + (-u).exp())).value(),
        v => {
            let e = if v > -SATURATED { u.exp() } else { Dd::from(0.0) };
            (one / (one + e)).times_exp(u, 1.0)
        }
    }
}

/// u times the scale of an argument, where an overflow only has to keep its sign.
fn scaled_argument(x: f64, beta: Dd) -> Dd {
    let rough = x * beta.hi;
    if rough.abs() > 2000.0 { Dd::from(rough.clamp(-2000.0, 2000.0)) } else { Dd::from(x) * beta }
}

/// 1/(1 + e^-x)
pub struct Sigmoid;

impl Careful for Sigmoid {
    type Lanes = lanes::Sigmoid;

    fn forward(x: f64, _: &[Dd]) -> f64 {
        logistic(scaled_argument(x, Dd::from(1.0)))
    }
    fn backward(x: f64, _: &[Dd]) -> f64 {
        bell(scaled_argument(-x.abs(), Dd::from(1.0)), 1.0)
    }
    fn lanes(_: &[Rational]) -> Self::Lanes {
        lanes::Sigmoid::new()
    }
}

/// factor e^u / (1 + e^u)^2 for u <= 0
fn bell(u: Dd, factor: f64) -> f64 {
    let one = Dd::from(1.0);
    let s = if u.value() > -SATURATED { one + u.exp() } else { one };
    (one / (s * s)).times_exp(u, factor)
}

/// tanh(x)
pub struct Tanh;

fn tanh(x: f64) -> Dd {
    let m = Dd::from(2.0 * x).expm1();
    m / (m + Dd::from(2.0))
}

impl Careful for Tanh {
    type Lanes = lanes::Tanh;

    fn forward(x: f64, _: &[Dd]) -> f64 {
        match x.abs() {
            SATURATED.. => 1f64.copysign(x),
            // x - x^3/3 rounds to x
            a if a < 1e-30 => x,
            _ => tanh(x).value(),
        }
    }
    fn backward(x: f64, _: &[Dd]) -> f64 {
        bell(scaled_argument(-x.abs(), Dd::from(2.0)), 4.0)
    }
    fn lanes(_: &[Rational]) -> Self::Lanes {
        lanes::Tanh::new()
    }
}

/// log(1 + e^(beta x)) / beta
pub struct Softplus;

fn softplus(x: f64, beta: Dd) -> f64 {
    let (u, one, b) = (scaled_argument(x, beta), Dd::from(1.0), beta);
    match u.value() {
        SATURATED.. => x,
        0.0.. => (Dd::from(x) + (-u).exp().ln_1p() / b).value(),
        v if v > -SATURATED => (u.exp().ln_1p() / b).value(),
        _ => (one / b).times_exp(u, 1.0),
    }
}

impl Careful for Softplus {
    type Lanes = lanes::Softplus;

    fn forward(x: f64, p: &[Dd]) -> f64 {
        softplus(x, p[0])
    }
    fn backward(x: f64, p: &[Dd]) -> f64 {
        logistic(scaled_argument(x, p[0]))
    }
    fn lanes(p: &[Rational]) -> Self::Lanes {
        lanes::Softplus::new(1.0, nearest(&p[0]), reciprocal(&p[0]))
    }
}

/// log(sigmoid(x)) = -softplus(-x)
pub struct LogSigmoid;

impl Careful for LogSigmoid {
    type Lanes = lanes::Softplus;

    fn forward(x: f64, _: &[Dd]) -> f64 {
        -softplus(-x, Dd::from(1.0))
    }
    fn backward(x: f64, _: &[Dd]) -> f64 {
        logistic(scaled_argument(-x, Dd::from(1.0)))
    }
    fn lanes(_: &[Rational]) -> Self::Lanes {
        lanes::Softplus::new(-1.0, 1.0, 1.0)
    }
}

/// x - tanh(x)
pub struct TanhShrink;

impl Careful for TanhShrink {
    type Lanes = lanes::TanhShrink;

    fn forward(x: f64, _: &[Dd]) -> f64 {
        let y = Dd::from(x);
        match x.abs() {
            SATURATED.. => x - 1f64.copysign(x),
            1.0.. => (y - tanh(x)).value(),
            // (x cosh x - sinh x)/cosh x: two series of positive terms, sum 2k x^(2k+1)/(2k+1)! and sum x^(2k)/(2k)!
            _ => {
                let square = y * y;
                let (mut top, mut bottom) = (Dd::from(0.0), Dd::from(1.0));
                for k in (1..=15u32).rev() {
                    let k = f64::from(k);
                    // quotient of neighbouring coefficients 2k/(2k+1)!
                    let ratio = Dd::from(k + 1.0) / Dd::from(k * (2.0 * k + 2.0) * (2.0 * k + 3.0));
                    top = Dd::from(1.0) + top * ratio * square;
                    bottom = Dd::from(1.0) + bottom * square / Dd::from((2.0 * k) * (2.0 * k - 1.0));
                }
                let third = top / Dd::from(3.0) / bottom * square;
                third.product(y)
            }
        }
    }
    fn backward(x: f64, _: &[Dd]) -> f64 {
        match x.abs() {
            SATURATED.. => 1.0,
            a if a < 1e-30 => x * x,
            _ => {
                let t = tanh(x);
                t.product(t)
            }
        }
    }
    fn lanes(_: &[Rational]) -> Self::Lanes {
        lanes::TanhShrink::new()
    }
}
