//! x times a gate: GELU and its approximations, SiLU, Swish, Mish. With e = e^-|u| both halves are quotients of
//! polynomials in e; the exponential is a factor left of zero, so that tails keep their digits.

use super::Lanes;
use super::math::{Exp, Normal};

/// e^-SHUT times SHUT is nothing in f32, and 1 + e^-SHUT times SHUT is 1. So they stay for more, and for parameters
/// that are at most 2^40 apart from 1: e^-u falls faster than any of these grows.
const SHUT: f64 = 256.0;

/// x sigmoid(u)
#[inline(always)]
fn gate(exp: &Exp, x: f64, u: f64) -> f64 {
    let e = exp.decay::<false>(-u.abs());
    x * (if u < 0.0 { e } else { 1.0 }) / (1.0 + e)
}

/// sigmoid(u) (1 + xdu (1 - sigmoid(u))), where xdu is x u'(x)
#[inline(always)]
fn gate_slope(exp: &Exp, u: f64, xdu: f64) -> f64 {
    let e = exp.decay::<true>(-u.abs());
    let s = 1.0 + e;
    (if u < 0.0 { (s + xdu) * e } else { xdu.mul_add(e, s) }) / (s * s)
}

/// x sigmoid(b x)
pub struct Swish {
    exp: Exp,
    b: f64,
}

impl Swish {
    pub fn new(b: f64) -> Self {
        Self { exp: Exp::new(), b }
    }
}

impl Lanes for Swish {
    #[inline(always)]
    fn forward(&self, x: f64) -> f64 {
        gate(&self.exp, x, x * self.b)
    }
    #[inline(always)]
    fn backward(&self, x: f64) -> f64 {
        gate_slope(&self.exp, x * self.b, x * self.b)
    }
    fn saturates_from(&self) -> f32 {
        if self.b > 0.0 { (SHUT / self.b) as f32 } else { f32::INFINITY }
    }
}

/// x sigmoid(k (x + c x^3))
pub struct GeluTanh {
    exp: Exp,
    k: f64,
    c: f64,
}

impl GeluTanh {
    pub fn new(k: f64, c: f64) -> Self {
        Self { exp: Exp::new(), k, c }
    }

    /// Here and beyond all gates are as good as open or shut, and the cube is harmless.
    #[inline(always)]
    fn near(x: f64) -> f64 {
        let x = if x < 64.0 { x } else { 64.0 };
        if x > -64.0 { x } else { -64.0 }
    }
}

impl Lanes for GeluTanh {
    #[inline(always)]
    fn forward(&self, x: f64) -> f64 {
        let z = Self::near(x);
        gate(&self.exp, x, self.k * z * (z * z).mul_add(self.c, 1.0))
    }
    #[inline(always)]
    fn backward(&self, x: f64) -> f64 {
        let z = Self::near(x);
        let (kz, square) = (self.k * z, z * z);
        gate_slope(&self.exp, kz * square.mul_add(self.c, 1.0), kz * square.mul_add(3.0 * self.c, 1.0))
    }
    fn saturates_from(&self) -> f32 {
        let at_16 = self.k * 16.0 * (256.0 * self.c + 1.0);
        if self.c >= 0.0 && at_16 > SHUT { 16.0 } else { f32::INFINITY }
    }
}

/// x Phi(x)
pub struct Gelu(Normal);

impl Gelu {
    pub fn new() -> Self {
        Self(Normal::new())
    }
}

impl Lanes for Gelu {
    #[inline(always)]
    fn forward(&self, x: f64) -> f64 {
        let tail = self.0.tail(x.abs());
        x * (if x < 0.0 { tail } else { 1.0 - tail })
    }
    /// f'(x) + f'(-x) = 1
    #[inline(always)]
    fn backward(&self, x: f64) -> f64 {
        let left = self.0.tail_slope(x.abs());
        if x < 0.0 { left } else { 1.0 - left }
    }
    fn saturates_from(&self) -> f32 {
        16.0
    }
}

/// x tanh(softplus(x)) = x n/(n + 2) with n = e^x (e^x + 2)
pub struct Mish(Exp);

impl Mish {
    pub fn new() -> Self {
        Self(Exp::new())
    }
}

impl Mish {
    /// a and b with e^x = a/b, one of them 1, and d = a^2 + 2ab + 2b^2
    #[inline(always)]
    fn parts<const FINE: bool>(&self, x: f64) -> [f64; 5] {
        let e = self.0.decay::<FINE>(-x.abs());
        let (a, b) = if x < 0.0 { (e, 1.0) } else { (1.0, e) };
        let (square, c) = (b * b, b.mul_add(2.0, a));
        [a, b, square, c, a.mul_add(c, square + square)]
    }
}

impl Lanes for Mish {
    #[inline(always)]
    fn forward(&self, x: f64) -> f64 {
        let [a, _, _, c, d] = self.parts::<false>(x);
        x * (a * c) / d
    }
    /// a ((a + 2b) d + 4x (a + b) b^2)/d^2
    #[inline(always)]
    fn backward(&self, x: f64) -> f64 {
        let [a, b, square, c, d] = self.parts::<true>(x);
        let turn = 4.0 * x * ((a + b) * square);
        a * c.mul_add(d, turn) / (d * d)
    }
    fn saturates_from(&self) -> f32 {
        SHUT as f32
    }
}
