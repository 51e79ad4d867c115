//! One exponential: the ELU family, sigmoid, tanh, softplus and their relatives.

use super::Careful;
use crate::kernels::arith::Arith;
use crate::kernels::dd::Dd;
use rug::Rational;
use std::sync::LazyLock;

const SATURATED: f64 = 80.0;

/// scale * a * (e^(x/a) - 1) left of zero; the exponent's divisor is 1 for ELU.
fn left<A: Arith>(u: A, factor: A) -> f64 {
    if u.value() < -SATURATED { (-factor).value() } else { u.expm1().product(factor) }
}

/// x if x > 0, else alpha (e^x - 1)
pub struct Elu;

impl Careful for Elu {
    fn forward<A: Arith>(x: f64, p: &[Dd]) -> f64 {
        if x > 0.0 { x } else { left(A::from(x), A::of(p[0])) }
    }
    fn backward<A: Arith>(x: f64, p: &[Dd]) -> f64 {
        if x > 0.0 { 1.0 } else { A::of(p[0]).times_exp(A::from(x), 1.0) }
    }
}

/// x if x > 0, else alpha (e^(x/alpha) - 1)
pub struct Celu;

impl Celu {
    fn quotient<A: Arith>(x: f64, alpha: Dd) -> A {
        // outside of the range where the exponential matters, the sign is all that is needed
        let rough = x / alpha.hi;
        if rough.abs() > 2000.0 { A::from(rough.clamp(-2000.0, 2000.0)) } else { A::from(x) / A::of(alpha) }
    }
}

impl Careful for Celu {
    fn forward<A: Arith>(x: f64, p: &[Dd]) -> f64 {
        if x > 0.0 { x } else { left(Self::quotient(x, p[0]), A::of(p[0])) }
    }
    fn backward<A: Arith>(x: f64, p: &[Dd]) -> f64 {
        if x > 0.0 { 1.0 } else { A::from(1.0).times_exp(Self::quotient(x, p[0]), 1.0) }
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
    fn forward<A: Arith>(x: f64, _: &[Dd]) -> f64 {
        if x > 0.0 { A::of(*SCALE).product(A::from(x)) } else { left(A::from(x), A::of(*SCALE_ALPHA)) }
    }
    fn backward<A: Arith>(x: f64, _: &[Dd]) -> f64 {
        if x > 0.0 { SCALE.hi } else { A::of(*SCALE_ALPHA).times_exp(A::from(x), 1.0) }
    }
}

/// sigmoid(u)
fn logistic<A: Arith>(u: A) -> f64 {
    let one = A::from(1.0);
    match u.value() {
        SATURATED.. => 1.0,
        0.0.. => (one / (one + (-u).exp())).value(),
        v => {
            let e = if v > -SATURATED { u.exp() } else { A::from(0.0) };
            (one / (one + e)).times_exp(u, 1.0)
        }
    }
}

/// u times the scale of an argument, where an overflow only has to keep its sign.
fn scaled_argument<A: Arith>(x: f64, beta: Dd) -> A {
    let rough = x * beta.hi;
    if rough.abs() > 2000.0 { A::from(rough.clamp(-2000.0, 2000.0)) } else { A::from(x) * A::of(beta) }
}

/// 1/(1 + e^-x)
pub struct Sigmoid;

impl Careful for Sigmoid {
    fn forward<A: Arith>(x: f64, _: &[Dd]) -> f64 {
        logistic(scaled_argument::<A>(x, Dd::from(1.0)))
    }
    fn backward<A: Arith>(x: f64, _: &[Dd]) -> f64 {
        bell(scaled_argument::<A>(-x.abs(), Dd::from(1.0)), 1.0)
    }
}

/// factor e^u / (1 + e^u)^2 for u <= 0
fn bell<A: Arith>(u: A, factor: f64) -> f64 {
    let one = A::from(1.0);
    let s = if u.value() > -SATURATED { one + u.exp() } else { one };
    (one / (s * s)).times_exp(u, factor)
}

/// tanh(x)
pub struct Tanh;

fn tanh<A: Arith>(x: f64) -> A {
    let m = A::from(2.0 * x).expm1();
    m / (m + A::from(2.0))
}

impl Careful for Tanh {
    fn forward<A: Arith>(x: f64, _: &[Dd]) -> f64 {
        match x.abs() {
            SATURATED.. => 1f64.copysign(x),
            // x - x^3/3 rounds to x
            a if a < 1e-30 => x,
            _ => tanh::<A>(x).value(),
        }
    }
    fn backward<A: Arith>(x: f64, _: &[Dd]) -> f64 {
        bell(scaled_argument::<A>(-x.abs(), Dd::from(2.0)), 4.0)
    }
}

/// log(1 + e^(beta x)) / beta
pub struct Softplus;

fn softplus<A: Arith>(x: f64, beta: Dd) -> f64 {
    let (u, one) = (scaled_argument::<A>(x, beta), A::from(1.0));
    let b = A::of(beta);
    match u.value() {
        SATURATED.. => x,
        0.0.. => (A::from(x) + (-u).exp().ln_1p() / b).value(),
        v if v > -SATURATED => (u.exp().ln_1p() / b).value(),
        _ => (one / b).times_exp(u, 1.0),
    }
}

impl Careful for Softplus {
    fn forward<A: Arith>(x: f64, p: &[Dd]) -> f64 {
        softplus::<A>(x, p[0])
    }
    fn backward<A: Arith>(x: f64, p: &[Dd]) -> f64 {
        logistic(scaled_argument::<A>(x, p[0]))
    }
}

/// log(sigmoid(x)) = -softplus(-x)
pub struct LogSigmoid;

impl Careful for LogSigmoid {
    fn forward<A: Arith>(x: f64, _: &[Dd]) -> f64 {
        -softplus::<A>(-x, Dd::from(1.0))
    }
    fn backward<A: Arith>(x: f64, _: &[Dd]) -> f64 {
        logistic(scaled_argument::<A>(-x, Dd::from(1.0)))
    }
}

/// x - tanh(x)
pub struct TanhShrink;

impl Careful for TanhShrink {
    fn forward<A: Arith>(x: f64, _: &[Dd]) -> f64 {
        let y = A::from(x);
        match x.abs() {
            SATURATED.. => x - 1f64.copysign(x),
            1.0.. => (y - tanh::<A>(x)).value(),
            // (x cosh x - sinh x)/cosh x: two series of positive terms, sum 2k x^(2k+1)/(2k+1)! and sum x^(2k)/(2k)!
            _ => {
                let square = y * y;
                let (mut top, mut bottom) = (A::from(0.0), A::from(1.0));
                for k in (1..=15u32).rev() {
                    let k = f64::from(k);
                    // quotient of neighbouring coefficients 2k/(2k+1)!
                    let ratio = A::from(k + 1.0) / A::from(k * (2.0 * k + 2.0) * (2.0 * k + 3.0));
                    top = A::from(1.0) + top * ratio * square;
                    bottom = A::from(1.0) + bottom * square / A::from((2.0 * k) * (2.0 * k - 1.0));
                }
                let third = top / A::from(3.0) / bottom * square;
                third.product(y)
            }
        }
    }
    fn backward<A: Arith>(x: f64, _: &[Dd]) -> f64 {
        match x.abs() {
            SATURATED.. => 1.0,
            a if a < 1e-30 => x * x,
            _ => {
                let t = tanh::<A>(x);
                t.product(t)
            }
        }
    }
}
