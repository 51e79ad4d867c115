//! The Mills ratio of the normal law, R(x) = Phi(x)/phi(x) for x <= 0: what is left of a GELU's tail once e^(-x^2/2)
//! is taken out. R' = 1 + x R, so Taylor coefficients follow from R(x0) alone by a recurrence; and marching from the
//! far left, where an asymptotic series gives R, damps errors by e^(-x^2/2). Nothing is tabulated.

use super::dd::{Dd, reciprocal};
use std::sync::LazyLock;

/// Left of this the asymptotic series has more than 104 bits.
const FAR: i32 = -40;
/// Grid points per unit; a power of two.
const PER_UNIT: i32 = 16;
/// Taylor terms: |h| <= 1/32, and the terms fall like (|x0| h)^k / k! |h|...
const TERMS: usize = 26;

/// R at FAR, FAR + 1/16, ..., 0.
static GRID: LazyLock<Vec<Dd>> = LazyLock::new(|| {
    let mut grid = vec![asymptotic(Dd::from(f64::from(FAR)))];
    let step = 1.0 / f64::from(PER_UNIT);
    for j in 1..=-FAR * PER_UNIT {
        let x0 = f64::from(FAR) + f64::from(j - 1) * step;
        let last = grid[grid.len() - 1];
        grid.push(taylor(x0, last, Dd::from(step)));
    }
    grid
});

/// R(x) = -1/x (1 - 1/x^2 + 3/x^4 - 15/x^6 + ...) for x <= FAR.
fn asymptotic(x: Dd) -> Dd {
    // beyond this even 1/x^2 is below the last bit; squaring could overflow
    if x.hi < -1e100 {
        return Dd::from(-1.0) / x;
    }
    let inverse_square = Dd::from(1.0) / (x * x);
    let mut sum = Dd::from(1.0);
    for k in (1..=16).rev() {
        sum = Dd::from(1.0) - sum * inverse_square * Dd::from(f64::from(2 * k - 1));
    }
    -(sum / x)
}

/// R(x0 + h) from R(x0): coefficients (k+1) r_(k+1) = x0 r_k + r_(k-1), and one more 1 for k = 0.
fn taylor(x0: f64, r0: Dd, h: Dd) -> Dd {
    let x0 = Dd::from(x0);
    let (mut before, mut term) = (r0, Dd::from(1.0) + x0 * r0);
    let mut power = h;
    let mut sum = r0 + term * power;
    for k in 2..TERMS {
        (before, term) = (term, (x0 * term + before) * reciprocal(k));
        power = power * h;
        let next = sum + term * power;
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// R(x) in double-double, x <= 0 and finite.
pub(super) fn mills(x: Dd) -> Dd {
    if x.hi <= f64::from(FAR) {
        return asymptotic(x);
    }
    let j = ((x.hi - f64::from(FAR)) * f64::from(PER_UNIT)).round().min(f64::from(-FAR * PER_UNIT));
    let x0 = f64::from(FAR) + j / f64::from(PER_UNIT);
    taylor(x0, GRID[j as usize], x - Dd::from(x0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rug::Float;

    #[test]
    fn mills_ratio_is_the_quotient_of_distribution_and_density() {
        let mut x = -60.0;
        while x <= 0.0 {
            let wide = Float::with_val(400, x);
            let density =
                (-wide.clone().square() / 2u32).exp() / (Float::with_val(400, rug::float::Constant::Pi) * 2u32).sqrt();
            let cdf = (-wide / Float::with_val(400, 2).sqrt()).erfc() / 2u32;
            let exact = cdf / density;
            let got = mills(Dd::from(x));
            let off = ((Float::with_val(400, got.hi) + got.lo - &exact) / &exact).to_f64().abs();
            assert!(off < 2f64.powi(-92), "R({x}) is off by 2^{}", off.log2());
            x += 0.0371;
        }
    }
}
