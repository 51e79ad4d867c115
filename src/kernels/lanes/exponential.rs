//! One exponential: the ELU family, sigmoid, tanh, softplus and their relatives.

use super::Lanes;
use super::math::{Exp, Log1p, horner, polynomial};
use std::sync::LazyLock;

/// e^x
pub struct Exponential(Exp);

impl Exponential {
    pub fn new() -> Self {
        Self(Exp::new())
    }
}

impl Lanes for Exponential {
    #[inline(always)]
    fn forward(&self, x: f64) -> f64 {
        self.0.any(x)
    }
    #[inline(always)]
    fn backward(&self, x: f64) -> f64 {
        self.0.any(x)
    }
}

/// right x if x > 0, else left (e^(rate x) - 1)
pub struct Elu {
    exp: Exp,
    right: f64,
    left: f64,
    rate: f64,
    /// left rate
    slope: f64,
}

impl Elu {
    pub fn new(right: f64, left: f64, rate: f64, slope: f64) -> Self {
        Self { exp: Exp::new(), right, left, rate, slope }
    }

    #[inline(always)]
    fn exponent(&self, x: f64) -> f64 {
        (if x < 0.0 { x } else { 0.0 }) * self.rate
    }
}

impl Lanes for Elu {
    #[inline(always)]
    fn forward(&self, x: f64) -> f64 {
        let left = self.exp.decay_m1(self.exponent(x)) * self.left;
        if x >= 0.0 { x * self.right } else { left }
    }
    #[inline(always)]
    fn backward(&self, x: f64) -> f64 {
        let left = self.exp.decay::<false>(self.exponent(x)) * self.slope;
        if x > 0.0 { self.right } else { left }
    }
}

/// sigmoid(u), given e^-|u|
#[inline(always)]
fn sigmoid(u: f64, e: f64) -> f64 {
    (if u < 0.0 { e } else { 1.0 }) / (1.0 + e)
}

/// 1/(1 + e^-x)
pub struct Sigmoid(Exp);

impl Sigmoid {
    pub fn new() -> Self {
        Self(Exp::new())
    }
}

impl Lanes for Sigmoid {
    #[inline(always)]
    fn forward(&self, x: f64) -> f64 {
        sigmoid(x, self.0.decay::<false>(-x.abs()))
    }
    #[inline(always)]
    fn backward(&self, x: f64) -> f64 {
        let e = self.0.decay::<false>(-x.abs());
        e / ((1.0 + e) * (1.0 + e))
    }
}

/// tanh(x)
pub struct Tanh(Exp);

impl Tanh {
    pub fn new() -> Self {
        Self(Exp::new())
    }
}

/// tanh(|x|) without cancellation at 0
#[inline(always)]
fn tanh(exp: &Exp, x: f64) -> f64 {
    let m = exp.decay_m1(-2.0 * x.abs());
    -m / (m + 2.0)
}

impl Lanes for Tanh {
    #[inline(always)]
    fn forward(&self, x: f64) -> f64 {
        tanh(&self.0, x).copysign(x)
    }
    #[inline(always)]
    fn backward(&self, x: f64) -> f64 {
        let e = self.0.decay::<false>(-2.0 * x.abs());
        4.0 * e / ((1.0 + e) * (1.0 + e))
    }
}

/// x - tanh(x)
pub struct TanhShrink {
    exp: Exp,
    /// (x - tanh x)/x^3 in x^2, for |x| < 1/2
    series: [f64; 9],
}

static SERIES: LazyLock<[f64; 9]> = LazyLock::new(|| {
    polynomial(0.0, 0.25, |square| {
        let x = square.clone().sqrt();
        (x.clone() - x.clone().tanh()) / (x * square)
    })
});

impl TanhShrink {
    pub fn new() -> Self {
        Self { exp: Exp::new(), series: *SERIES }
    }
}

impl Lanes for TanhShrink {
    #[inline(always)]
    fn forward(&self, x: f64) -> f64 {
        let (square, far) = (x * x, x - tanh(&self.exp, x).copysign(x));
        let near = horner(&self.series, square) * square * x;
        if square < 0.25 { near } else { far }
    }
    #[inline(always)]
    fn backward(&self, x: f64) -> f64 {
        let t = tanh(&self.exp, x);
        t * t
    }
}

/// s log(1 + e^(b s x))/b, where s is 1 (softplus) or -1 (the logarithm of the sigmoid)
pub struct Softplus {
    exp: Exp,
    log1p: Log1p,
    sign: f64,
    b: f64,
    inverse: f64,
}

impl Softplus {
    /// `inverse` is 1/b
    pub fn new(sign: f64, b: f64, inverse: f64) -> Self {
        Self { exp: Exp::new(), log1p: Log1p::new(), sign, b, inverse }
    }
}

impl Lanes for Softplus {
    #[inline(always)]
    fn forward(&self, x: f64) -> f64 {
        let v = x * self.sign;
        let rest = self.log1p.of(self.exp.decay::<false>(-(v * self.b).abs()));
        rest.mul_add(self.inverse, if v > 0.0 { v } else { 0.0 }) * self.sign
    }
    #[inline(always)]
    fn backward(&self, x: f64) -> f64 {
        let u = x * self.sign * self.b;
        sigmoid(u, self.exp.decay::<false>(-u.abs()))
    }
}
