//! Piecewise linear and quadratic: a comparison, and at most one rounding.

use super::{Careful, above, below};
use crate::kernels::dd::Dd;
use crate::kernels::lanes::{self, Line, Lines};
use rug::Rational;

/// Writes the boilerplate of an activation of which both passes are short expressions in `x` and the parameters.
macro_rules! activation {
    ($(#[$doc:meta])* $name:ident, |$x:ident, $p:ident| $forward:expr, $backward:expr, $lanes:ty: $new:expr) => {
        $(#[$doc])*
        pub struct $name;

        impl Careful for $name {
            type Lanes = $lanes;

            fn forward($x: f64, $p: &[Dd]) -> f64 {
                let _ = $p;
                $forward
            }
            fn backward($x: f64, $p: &[Dd]) -> f64 {
                let _ = ($x, $p);
                $backward
            }
            fn lanes($p: &[Rational]) -> $lanes {
                let _ = $p;
                $new
            }
        }
    };
}

/// A small rational number.
fn q(numerator: i32, denominator: u32) -> Rational {
    Rational::from((numerator, denominator))
}

/// The constant 0, 1, ...
fn level(value: i32) -> Line {
    Line::level(&q(value, 1))
}

/// 0 up to -half, 1 from half on, a straight line between.
fn ramp(half: &Rational) -> Lines {
    let slope = Rational::from(half * 2u32).recip();
    let first = Rational::from(-half);
    Lines::new(level(0), &first, Line::rising(&slope, &first), half, level(1))
}

/// 1 or 0.
fn indicator(condition: bool) -> f64 {
    f64::from(u8::from(condition))
}

activation!(/** max(0, x) */ Relu, |x, p| if x > 0.0 { x } else { 0.0 }, indicator(x > 0.0), Lines: Lines::two(level(0), &q(0, 1), Line::identity()));
activation!(
    /** x if x >= 0, else slope x */ Leaky,
    |x, p| if x >= 0.0 { x } else if x.is_infinite() { x * p[0].hi } else { p[0].product(Dd::from(x)) },
    if x >= 0.0 { 1.0 } else { p[0].hi },
    Lines: Lines::two(Line::rising(&p[0], &q(0, 1)), &q(0, 1), Line::identity())
);
activation!(/** max(0, x)^2 */ Relu2, |x, p| if x > 0.0 { x * x } else { 0.0 }, if x > 0.0 { 2.0 * x } else { 0.0 }, lanes::Relu2: lanes::Relu2);
activation!(/** min(max(0, x), 6) */ Relu6, |x, p| x.clamp(0.0, 6.0), indicator(x > 0.0 && x < 6.0), Lines: Lines::new(level(0), &q(0, 1), Line::identity(), &q(6, 1), level(6)));
activation!(/** x clamped to [-1, 1] */ HardTanh, |x, p| x.clamp(-1.0, 1.0), indicator(x.abs() < 1.0), Lines: Lines::new(level(-1), &q(-1, 1), Line::identity(), &q(1, 1), level(1)));
activation!(
    /** min(max(0, x + 3), 6)/6 */ HardSigmoid,
    |x, p| match x {
        3.0.. => 1.0,
        ..=-3.0 => 0.0,
        _ => ((Dd::from(x) + Dd::from(3.0)) / Dd::from(6.0)).value(),
    },
    if x.abs() < 3.0 { 1.0 / 6.0 } else { 0.0 },
    Lines: ramp(&q(3, 1))
);
activation!(
    /** x min(max(0, x + 3), 6)/6 */ HardSwish,
    |x, p| match x {
        3.0.. => x,
        ..=-3.0 => 0.0,
        _ => ((Dd::from(x) + Dd::from(3.0)) / Dd::from(6.0)).product(Dd::from(x)),
    },
    match x {
        3.0.. => 1.0,
        ..=-3.0 => 0.0,
        _ => ((Dd::from(2.0) * Dd::from(x) + Dd::from(3.0)) / Dd::from(6.0)).value(),
    },
    lanes::HardSwish: lanes::HardSwish
);
activation!(
    /** x moved towards 0 by lambda, 0 within lambda of it */ SoftShrink,
    |x, p| if x.is_infinite() {
        x
    } else if above(x, p[0]) {
        (Dd::from(x) - p[0]).value()
    } else if below(x, -p[0]) {
        (Dd::from(x) + p[0]).value()
    } else {
        0.0
    },
    indicator(above(x, p[0]) || below(x, -p[0])),
    Lines: {
        let left = Rational::from(-&p[0]);
        Lines::new(Line::rising(&q(1, 1), &left), &left, level(0), &p[0], Line::rising(&q(1, 1), &p[0]))
    }
);
activation!(
    /** x, but 0 within lambda of it */ HardShrink,
    |x, p| if above(x, p[0]) || below(x, -p[0]) { x } else { 0.0 },
    indicator(above(x, p[0]) || below(x, -p[0])),
    Lines: Lines::new(Line::identity(), &Rational::from(-&p[0]), level(0), &p[0], Line::identity())
);
activation!(
    /** x above the threshold, else a constant */ Threshold,
    |x, p| if above(x, p[0]) { x } else { p[1].hi },
    indicator(above(x, p[0])),
    Lines: Lines::two(Line::level(&p[1]), &p[0], Line::identity())
);
activation!(/** x */ Identity, |x, p| x, 1.0, Lines: Lines::two(Line::identity(), &q(0, 1), Line::identity()));
activation!(
    /** min(max(0, x/5 + 1/2), 1) */ HardSigmoidKeras,
    |x, p| match x {
        2.5.. => 1.0,
        ..=-2.5 => 0.0,
        _ => ((Dd::from(x) + Dd::from(2.5)) / Dd::from(5.0)).value(),
    },
    if x.abs() < 2.5 { 0.2 } else { 0.0 },
    Lines: ramp(&q(5, 2))
);
activation!(
    /** min(max(0, (x + 1)/2), 1) */ SparseSigmoid,
    |x, p| match x {
        1.0.. => 1.0,
        ..=-1.0 => 0.0,
        _ => ((Dd::from(x) + Dd::from(1.0)) * Dd::from(0.5)).value(),
    },
    if x.abs() < 1.0 { 0.5 } else { 0.0 },
    Lines: ramp(&q(1, 1))
);

/// x between two thresholds, t + a (x - t) beyond each
pub struct SShapedRelu;

impl SShapedRelu {
    /// The line a (x - zero), or the constant t where a is 0.
    fn line(x: f64, [t, a, zero]: [Dd; 3]) -> f64 {
        if a.hi == 0.0 {
            t.hi
        } else if x.is_infinite() {
            x * a.hi
        } else {
            (Dd::from(x) - zero).product(a)
        }
    }
}

impl Careful for SShapedRelu {
    type Lanes = Lines;

    /// Threshold, slope, and where the line crosses 0 (worked out exactly, so that the line is 0 there), first for the
    /// right line, then for the left one.
    fn parameters(p: &[Rational]) -> Vec<Dd> {
        let line = |p: &[Rational]| {
            let run = if p[1] == 0 { Rational::new() } else { Rational::from(&p[0] / &p[1]) };
            let zero = &p[0] - run;
            [&p[0], &p[1], &zero].map(Dd::from)
        };
        [line(&p[..2]), line(&p[2..])].concat()
    }
    fn forward(x: f64, p: &[Dd]) -> f64 {
        if above(x, p[0]) {
            Self::line(x, [p[0], p[1], p[2]])
        } else if below(x, p[3]) {
            Self::line(x, [p[3], p[4], p[5]])
        } else {
            x
        }
    }
    fn backward(x: f64, p: &[Dd]) -> f64 {
        if above(x, p[0]) {
            p[1].hi
        } else if below(x, p[3]) {
            p[4].hi
        } else {
            1.0
        }
    }
    fn lanes(p: &[Rational]) -> Lines {
        Lines::new(Line::through(&p[2], &p[3]), &p[2], Line::identity(), &p[0], Line::through(&p[0], &p[1]))
    }
}
