//! Piecewise linear, and the parabolas next to it.

use super::{Lanes, ceiling, floor};
use crate::kernels::dd::Dd;
use rug::Rational;

/// A straight line as slope (x - zero) + rest. Where it crosses zero, `zero` is the f64 next to that place and the rest
/// what it is off by, so that nothing cancels: `x - zero` is exact there.
#[derive(Clone, Copy)]
pub struct Line {
    slope: f64,
    zero: f64,
    rest: f64,
}

impl Line {
    /// A constant.
    pub fn level(value: &Rational) -> Self {
        Self { slope: 0.0, zero: 0.0, rest: Dd::from(value).hi }
    }

    /// slope (x - zero)
    pub fn rising(slope: &Rational, zero: &Rational) -> Self {
        let (slope, zero) = (Dd::from(slope).hi, Dd::from(zero));
        // -0 leaves a sum as it is, a -0 included
        let rest = if zero.lo == 0.0 { -0.0 } else { -slope * zero.lo };
        Self { slope, zero: zero.hi, rest }
    }

    /// The line of this slope through (at, at).
    pub fn through(at: &Rational, slope: &Rational) -> Self {
        if *slope == 0 {
            return Self::level(at);
        }
        let run = Rational::from(at / slope);
        Self::rising(slope, &(Rational::from(at) - run))
    }

    /// x
    pub fn identity() -> Self {
        Self::rising(&Rational::from(1), &Rational::new())
    }
}

/// Three lines: left of the first cut, right of the second, and between them, cuts included.
pub struct Lines {
    left: Line,
    middle: Line,
    right: Line,
    first: f64,
    last: f64,
}

impl Lines {
    pub fn new(left: Line, first: &Rational, middle: Line, last: &Rational, right: Line) -> Self {
        Self { left, middle, right, first: ceiling(Dd::from(first)), last: floor(Dd::from(last)) }
    }

    /// Two lines that meet at `cut`, which belongs to the left one.
    pub fn two(left: Line, cut: &Rational, right: Line) -> Self {
        Self { left, middle: left, right, first: f64::NEG_INFINITY, last: floor(Dd::from(cut)) }
    }

    #[inline(always)]
    fn pick(&self, x: f64, of: impl Fn(&Line) -> f64) -> f64 {
        // all three first: to choose between lines, not values, would be to choose between addresses, line by line
        let (left, middle, right) = (of(&self.left), of(&self.middle), of(&self.right));
        let inner = if x < self.first { left } else { middle };
        if x > self.last { right } else { inner }
    }
}

impl Lanes for Lines {
    #[inline(always)]
    fn forward(&self, x: f64) -> f64 {
        self.pick(x, |l| l.slope.mul_add(x - l.zero, l.rest))
    }
    #[inline(always)]
    fn backward(&self, x: f64) -> f64 {
        self.pick(x, |l| l.slope)
    }
}

/// max(0, x)^2
pub struct Relu2;

impl Lanes for Relu2 {
    #[inline(always)]
    fn forward(&self, x: f64) -> f64 {
        let v = if x > 0.0 { x } else { 0.0 };
        v * v
    }
    #[inline(always)]
    fn backward(&self, x: f64) -> f64 {
        if x > 0.0 { x + x } else { 0.0 }
    }
}

/// x min(max(0, x + 3), 6)/6
pub struct HardSwish;

const SIXTH: f64 = 1.0 / 6.0;

impl Lanes for HardSwish {
    #[inline(always)]
    fn forward(&self, x: f64) -> f64 {
        let inner = if x > -3.0 { (x + 3.0) * SIXTH * x } else { 0.0 };
        if x < 3.0 { inner } else { x }
    }
    #[inline(always)]
    fn backward(&self, x: f64) -> f64 {
        let inner = if x > -3.0 { (x + 1.5) * (1.0 / 3.0) } else { 0.0 };
        if x < 3.0 { inner } else { 1.0 }
    }
}

/// The part of the line on which a smoothed ReLU is neither 0 nor x: t = (x + radius)/radius runs from 0 to 2.
struct Window {
    radius: Dd,
    inverse: f64,
    edge: f64,
}

impl Window {
    fn new(radius: &Rational) -> Self {
        let inverse = Dd::from(&Rational::from(radius.recip_ref())).hi;
        Self { radius: Dd::from(radius), inverse, edge: ceiling(Dd::from(radius)) }
    }

    /// x + radius, relatively accurate
    #[inline(always)]
    fn offset(&self, x: f64) -> f64 {
        (x + self.radius.hi) + self.radius.lo
    }

    #[inline(always)]
    fn pick(&self, x: f64, inside: f64, right: f64) -> f64 {
        let inner = if x > -self.edge { inside } else { 0.0 };
        if x < self.edge { inner } else { right }
    }
}

/// ReLU smoothed by the Epanechnikov kernel: alpha t^3 (4 - t)/16
pub struct Srelu(Window);

impl Srelu {
    pub fn new(alpha: &Rational) -> Self {
        Self(Window::new(alpha))
    }
}

impl Lanes for Srelu {
    #[inline(always)]
    fn forward(&self, x: f64) -> f64 {
        let offset = self.0.offset(x);
        let t = offset * self.0.inverse;
        self.0.pick(x, t * t * t.mul_add(-1.0 / 16.0, 0.25) * offset, x)
    }
    #[inline(always)]
    fn backward(&self, x: f64) -> f64 {
        let t = self.0.offset(x) * self.0.inverse;
        self.0.pick(x, t * t * t.mul_add(-0.25, 0.75), 1.0)
    }
}

/// ReLU smoothed by a box: beta t^2/4
pub struct Smelu(Window);

impl Smelu {
    pub fn new(beta: &Rational) -> Self {
        Self(Window::new(beta))
    }
}

impl Lanes for Smelu {
    #[inline(always)]
    fn forward(&self, x: f64) -> f64 {
        let offset = self.0.offset(x);
        self.0.pick(x, offset * (0.25 * self.0.inverse) * offset, x)
    }
    #[inline(always)]
    fn backward(&self, x: f64) -> f64 {
        self.0.pick(x, self.0.offset(x) * (0.5 * self.0.inverse), 1.0)
    }
}
