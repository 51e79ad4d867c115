//! Elementary functions without branches. Coefficients are not tabulated: each polynomial interpolates its function,
//! computed with rug, in the Chebyshev points.

use crate::kernels::dd::{Dd, split};
use rug::Float;
use rug::float::Constant;
use std::f64::consts::PI;
use std::sync::LazyLock;

/// Bits in which coefficients are worked out.
const PREC: u32 = 320;

/// The polynomial of degree N - 1 that is close to `f` on [lo, hi]: coefficients from the constant one up.
pub(super) fn polynomial<const N: usize>(lo: f64, hi: f64, f: impl Fn(&Float) -> Float) -> [f64; N] {
    let node = |k: usize| {
        let angle = PI * (2 * k + 1) as f64 / (2 * N) as f64;
        Float::with_val(PREC, 0.5 * (lo + hi) + 0.5 * (hi - lo) * angle.cos())
    };
    let nodes: [Float; N] = std::array::from_fn(node);
    // Newton's divided differences, in place
    let mut c: [Float; N] = std::array::from_fn(|k| f(&nodes[k]));
    for order in 1..N {
        for k in (order..N).rev() {
            c[k] = Float::with_val(PREC, &c[k] - &c[k - 1]) / Float::with_val(PREC, &nodes[k] - &nodes[k - order]);
        }
    }
    // from Newton's basis to powers
    for first in (0..N - 1).rev() {
        for k in first..N - 1 {
            let term = Float::with_val(PREC, &c[k + 1] * &nodes[first]);
            c[k] -= term;
        }
    }
    c.map(|c| c.to_f64())
}

/// Horner's rule in x^2 for the even and the odd part: a chain of dependent operations half as long. Not in
/// higher powers: where `x` is as small as a square of a subnormal f32 they would be subnormal f64s, which are slow.
#[inline(always)]
pub(super) fn horner<const N: usize>(c: &[f64; N], x: f64) -> f64 {
    let square = x * x;
    let mut sums = [0.0f64; 2];
    let mut k = N;
    while k > 0 {
        k -= 1;
        let sum = sums[k % 2];
        sums[k % 2] = if k + 2 < N { sum.mul_add(square, c[k]) } else { c[k] };
    }
    sums[1].mul_add(x, sums[0])
}

/// Exponents are cut off here: e^-350 is far below f32, its square is still a normal f64.
const CUT: f64 = 350.0;

/// Adding it rounds to an integer, which then stands in the low bits.
const TO_INTEGER: f64 = 1.5 * (1u64 << 52) as f64;

/// The exponential function, twice: `FINE` has a relative error below 2^-51, otherwise it is below 2^-39.
#[derive(Clone, Copy)]
pub struct Exp {
    log2_e: f64,
    log2: Dd,
    /// (e^r - 1 - r)/r^2
    coarse: [f64; 7],
    fine: [f64; 10],
}

static EXP: LazyLock<Exp> = LazyLock::new(|| {
    let log2 = split(&Float::with_val(PREC, Constant::Log2));
    let reach = 0.5 * log2.hi + f64::EPSILON;
    // (e^r - 1 - r)/r^2, which is 1/2 at 0
    let rest = |r: &Float| match r.is_zero() {
        true => Float::with_val(PREC, 0.5),
        false => (r.clone().exp_m1() - r) / r.clone().square(),
    };
    Exp { log2_e: 1.0 / log2.hi, log2, coarse: polynomial(-reach, reach, rest), fine: polynomial(-reach, reach, rest) }
});

impl Exp {
    pub(super) fn new() -> Self {
        *EXP
    }

    /// e^u = s (1 + m), s a power of two, as (s, m); |u| <= CUT
    #[inline(always)]
    fn parts<const FINE: bool>(&self, u: f64) -> (f64, f64) {
        let shifted = u.mul_add(self.log2_e, TO_INTEGER);
        let n = shifted - TO_INTEGER;
        let r = n.mul_add(-self.log2.hi, u);
        let m = if FINE {
            let r = n.mul_add(-self.log2.lo, r);
            (r * r).mul_add(horner(&self.fine, r), r)
        } else {
            (r * r).mul_add(horner(&self.coarse, r), r)
        };
        (f64::from_bits((shifted.to_bits() << 52).wrapping_add(1f64.to_bits())), m)
    }

    /// e^u for u <= 0
    #[inline(always)]
    pub(super) fn decay<const FINE: bool>(&self, u: f64) -> f64 {
        let (s, m) = self.parts::<FINE>(if u > -CUT { u } else { -CUT });
        s.mul_add(m, s)
    }

    /// e^u, at most e^350
    #[inline(always)]
    pub(super) fn any(&self, u: f64) -> f64 {
        self.decay::<false>(if u < CUT { u } else { CUT })
    }

    /// e^u - 1 for u <= 0, relatively accurate at 0
    #[inline(always)]
    pub(super) fn decay_m1(&self, u: f64) -> f64 {
        let (s, m) = self.parts::<false>(if u > -CUT { u } else { -CUT });
        s.mul_add(m, s - 1.0)
    }
}

/// log(1 + v) for 0 <= v <= 1, relative error below 2^-38.
#[derive(Clone, Copy)]
pub struct Log1p {
    /// log(1 + v)/v in 2v - 1
    quotient: [f64; 15],
}

static LOG1P: LazyLock<Log1p> = LazyLock::new(|| Log1p {
    quotient: polynomial(-1.0, 1.0, |z| {
        let v = (z.clone() + 1u32) / 2u32;
        v.clone().ln_1p() / v
    }),
});

impl Log1p {
    pub(super) fn new() -> Self {
        *LOG1P
    }

    #[inline(always)]
    pub(super) fn of(&self, v: f64) -> f64 {
        v * horner(&self.quotient, v.mul_add(2.0, -1.0))
    }
}

/// The upper tail of the normal law through its Mills ratio R(t) = (1 - Phi(t))/phi(t), in s = (t - 5)/(t + 5), where
/// polynomials converge fast. Good for t up to 15, beyond which the density is nothing in f32.
#[derive(Clone, Copy)]
pub struct Normal {
    exp: Exp,
    /// 1/sqrt(2 pi)
    density_at_0: f64,
    /// (t + 5) R(t)
    ratio: [f64; 14],
    /// where R(t) = t
    fixed: Dd,
    /// (R(t) - t)/(fixed - t): with the zero taken out, the difference does not cancel next to it
    slope: [f64; 14],
}

static NORMAL: LazyLock<Normal> = LazyLock::new(|| {
    let wide = |v: f64| Float::with_val(PREC, v);
    let root_two_pi = (wide(2.0) * Float::with_val(PREC, Constant::Pi)).sqrt();
    let ratio = |t: &Float| {
        let half = (t.clone() / wide(2.0).sqrt()).erfc() / 2u32;
        half * (t.clone().square() / 2u32).exp() * &root_two_pi
    };
    // Newton's method for R(t) = t, where R' = t R - 1
    let fixed = (0..10).fold(wide(0.75), |t, _| {
        let r = ratio(&t);
        let descent = 2u32 - Float::with_val(PREC, &t * &r);
        (r - &t) / descent + t
    });
    let t = |s: &Float| (wide(1.0) + s) / (wide(1.0) - s) * 5u32;
    let reach = (15.0 - 5.0) / (15.0 + 5.0);
    Normal {
        exp: Exp::new(),
        density_at_0: root_two_pi.clone().recip().to_f64(),
        ratio: polynomial(-1.0, reach, |s| (t(s) + 5u32) * ratio(&t(s))),
        slope: polynomial(-1.0, reach, |s| (ratio(&t(s)) - t(s)) / (fixed.clone() - t(s))),
        fixed: split(&fixed),
    }
});

impl Normal {
    pub(super) fn new() -> Self {
        *NORMAL
    }

    /// phi(t) for the f64 value of an f32
    #[inline(always)]
    fn density(&self, t: f64) -> f64 {
        self.exp.decay::<false>(-0.5 * (t * t)) * self.density_at_0
    }

    /// 1 - Phi(t) for t >= 0
    #[inline(always)]
    pub(super) fn tail(&self, t: f64) -> f64 {
        let inverse = 1.0 / (t + 5.0);
        self.density(t) * (horner(&self.ratio, inverse.mul_add(-10.0, 1.0)) * inverse)
    }

    /// 1 - Phi(t) - t phi(t) for t >= 0
    #[inline(always)]
    pub(super) fn tail_slope(&self, t: f64) -> f64 {
        let s = (t - 5.0) / (t + 5.0);
        self.density(t) * (horner(&self.slope, s) * ((self.fixed.hi - t) + self.fixed.lo))
    }
}
