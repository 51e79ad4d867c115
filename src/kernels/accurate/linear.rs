//! Piecewise linear and quadratic: a comparison, and at most one rounding.

use super::{Careful, above, below};
use crate::kernels::arith::Arith;
use crate::kernels::dd::Dd;

/// Writes the boilerplate of an activation of which both passes are short expressions in `x` and the parameters.
macro_rules! activation {
    ($(#[$doc:meta])* $name:ident, |$x:ident, $p:ident, $arith:ident| $forward:expr, $backward:expr) => {
        $(#[$doc])*
        pub struct $name;

        impl Careful for $name {
            fn forward<$arith: Arith>($x: f64, $p: &[Dd]) -> f64 {
                let _ = $p;
                $forward
            }
            fn backward<$arith: Arith>($x: f64, $p: &[Dd]) -> f64 {
                let _ = $p;
                $backward
            }
        }
    };
}

/// 1 or 0.
fn indicator(condition: bool) -> f64 {
    f64::from(u8::from(condition))
}

activation!(/** max(0, x) */ Relu, |x, p, A| if x > 0.0 { x } else { 0.0 }, indicator(x > 0.0));
activation!(
    /** x if x >= 0, else slope x */ Leaky,
    |x, p, A| if x >= 0.0 { x } else if x.is_infinite() { x * p[0].hi } else { A::of(p[0]).product(A::from(x)) },
    if x >= 0.0 { 1.0 } else { p[0].hi }
);
activation!(/** max(0, x)^2 */ Relu2, |x, p, A| if x > 0.0 { x * x } else { 0.0 }, if x > 0.0 { 2.0 * x } else { 0.0 });
activation!(/** min(max(0, x), 6) */ Relu6, |x, p, A| x.clamp(0.0, 6.0), indicator(x > 0.0 && x < 6.0));
activation!(/** x clamped to [-1, 1] */ HardTanh, |x, p, A| x.clamp(-1.0, 1.0), indicator(x.abs() < 1.0));
activation!(
    /** min(max(0, x + 3), 6)/6 */ HardSigmoid,
    |x, p, A| match x {
        3.0.. => 1.0,
        ..=-3.0 => 0.0,
        _ => ((A::from(x) + A::from(3.0)) / A::from(6.0)).value(),
    },
    if x.abs() < 3.0 { 1.0 / 6.0 } else { 0.0 }
);
activation!(
    /** x min(max(0, x + 3), 6)/6 */ HardSwish,
    |x, p, A| match x {
        3.0.. => x,
        ..=-3.0 => 0.0,
        _ => ((A::from(x) + A::from(3.0)) / A::from(6.0)).product(A::from(x)),
    },
    match x {
        3.0.. => 1.0,
        ..=-3.0 => 0.0,
        _ => ((A::from(2.0) * A::from(x) + A::from(3.0)) / A::from(6.0)).value(),
    }
);
activation!(
    /** x moved towards 0 by lambda, 0 within lambda of it */ SoftShrink,
    |x, p, A| if x.is_infinite() {
        x
    } else if above(x, p[0]) {
        A::from(x).shifted(-p[0]).value()
    } else if below(x, -p[0]) {
        A::from(x).shifted(p[0]).value()
    } else {
        0.0
    },
    indicator(above(x, p[0]) || below(x, -p[0]))
);
activation!(
    /** x, but 0 within lambda of it */ HardShrink,
    |x, p, A| if above(x, p[0]) || below(x, -p[0]) { x } else { 0.0 },
    indicator(above(x, p[0]) || below(x, -p[0]))
);
activation!(
    /** x above the threshold, else a constant */ Threshold,
    |x, p, A| if above(x, p[0]) { x } else { p[1].hi },
    indicator(above(x, p[0]))
);
