//! Quotients and square roots: GEM and its relatives, softsign, squareplus.

use super::Lanes;

/// left x^m/(eps + x^m) x for x < 0, x^m/(eps + x^m) x for x >= 0; m is even.
pub struct PowerGate {
    /// the binary digits of m/2, first the highest: all ones for a 1
    digits: [u64; 5],
    m_plus_1: f64,
    eps: f64,
    left: f64,
    /// here x^m is so large that the gate is open
    bound: f64,
}

impl PowerGate {
    /// The largest m/2 for which there are enough digits.
    pub const HIGHEST: u32 = 31;

    /// For the power 2 `half`.
    pub fn new(half: u32, eps: f64, left: f64) -> Self {
        let digits = std::array::from_fn(|k| if half >> (4 - k) & 1 == 1 { u64::MAX } else { 0 });
        let m = 2.0 * f64::from(half);
        Self { digits, m_plus_1: m + 1.0, eps, left, bound: (450.0 / m).exp2() }
    }

    /// |x|^m
    #[inline(always)]
    fn power(&self, x: f64) -> f64 {
        let z = if x.abs() < self.bound { x } else { self.bound };
        let square = z * z;
        let mut power = 1.0;
        for digit in self.digits {
            // the square or 1 by mask: the code does not depend on m
            let factor = f64::from_bits(square.to_bits() & digit | 1f64.to_bits() & !digit);
            power = power * power * factor;
        }
        power
    }

    #[inline(always)]
    fn side(&self, x: f64) -> f64 {
        if x > 0.0 { 1.0 } else { self.left }
    }
}

impl Lanes for PowerGate {
    #[inline(always)]
    fn forward(&self, x: f64) -> f64 {
        let q = self.power(x);
        // a sum with 0, so that no -0 comes out where left is 0
        (x * self.side(x)).mul_add(q / (self.eps + q), 0.0)
    }
    #[inline(always)]
    fn backward(&self, x: f64) -> f64 {
        let q = self.power(x);
        let inverse = 1.0 / (self.eps + q);
        q * inverse * (self.m_plus_1.mul_add(self.eps, q) * inverse) * self.side(x)
    }
}

/// x/(1 + |x|)
pub struct Softsign;

impl Lanes for Softsign {
    #[inline(always)]
    fn forward(&self, x: f64) -> f64 {
        x / (1.0 + x.abs())
    }
    #[inline(always)]
    fn backward(&self, x: f64) -> f64 {
        let s = 1.0 + x.abs();
        1.0 / (s * s)
    }
}

/// (x + sqrt(x^2 + b))/2; left of zero as (b/2)/(sqrt(x^2 + b) - x), which does not cancel
pub struct Squareplus {
    b: f64,
}

impl Squareplus {
    pub fn new(b: f64) -> Self {
        Self { b }
    }
}

impl Lanes for Squareplus {
    #[inline(always)]
    fn forward(&self, x: f64) -> f64 {
        let sum = x.abs() + x.mul_add(x, self.b).sqrt();
        if x < 0.0 { 0.5 * self.b / sum } else { 0.5 * sum }
    }
    #[inline(always)]
    fn backward(&self, x: f64) -> f64 {
        let s = x.mul_add(x, self.b).sqrt();
        let left = 0.5 * self.b / (s * (s + x.abs()));
        if x < 0.0 { left } else { 1.0 - left }
    }
}
