//! Textbook formulas, as people write them, operation by operation in the working precision. They are here to be
//! audited: what each gets wrong is the formula's doing.

use super::work::Work;

/// An activation and its derivative as written, in any format.
pub trait Formula {
    /// f(x)
    fn forward<T: Work>(x: T, p: &[T]) -> T;
    /// f'(x)
    fn backward<T: Work>(x: T, p: &[T]) -> T;
}

/// The seed paper's Algorithm A1: the expanded quartic x/2 + 3 x^2/(8a) + 3a/16 - x^4/(16 a^3).
pub struct SreluPaper;

impl Formula for SreluPaper {
    fn forward<T: Work>(x: T, p: &[T]) -> T {
        let (a, n) = (p[0], T::lit);
        if x <= -a {
            n(0.0)
        } else if x >= a || x.to_f64().is_nan() {
            x
        } else {
            let (square, cube) = (x * x, a * a * a);
            x / n(2.0) + n(3.0) * square / (n(8.0) * a) + n(3.0) * a / n(16.0) - square * square / (n(16.0) * cube)
        }
    }
    fn backward<T: Work>(x: T, p: &[T]) -> T {
        let (a, n) = (p[0], T::lit);
        if x <= -a {
            n(0.0)
        } else if x >= a {
            n(1.0)
        } else if x.to_f64().is_nan() {
            x
        } else {
            n(1.0) / n(2.0) + n(6.0) * x / (n(8.0) * a) - n(4.0) * (x * x * x) / (n(16.0) * (a * a * a))
        }
    }
}

/// 0.5 x (1 + erf(x / sqrt 2)): 1 + erf cancels in the left tail.
pub struct GeluNaive;

impl Formula for GeluNaive {
    fn forward<T: Work>(x: T, _: &[T]) -> T {
        let n = T::lit;
        n(0.5) * x * (n(1.0) + (x / n(2.0).sqrt()).erf())
    }
    fn backward<T: Work>(x: T, _: &[T]) -> T {
        let n = T::lit;
        let cdf = n(0.5) * (n(1.0) + (x / n(2.0).sqrt()).erf());
        let pdf = (n(-0.5) * x * x).exp() / n(std::f64::consts::TAU).sqrt();
        cdf + x * pdf
    }
}

/// 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
pub struct GeluTanhNaive;

impl GeluTanhNaive {
    fn inner<T: Work>(x: T) -> T {
        T::lit(std::f64::consts::FRAC_2_PI).sqrt() * (x + T::lit(0.044715) * x * x * x)
    }
}

impl Formula for GeluTanhNaive {
    fn forward<T: Work>(x: T, _: &[T]) -> T {
        T::lit(0.5) * x * (T::lit(1.0) + Self::inner(x).tanh())
    }
    fn backward<T: Work>(x: T, _: &[T]) -> T {
        let n = T::lit;
        let t = Self::inner(x).tanh();
        let slope = n(std::f64::consts::FRAC_2_PI).sqrt() * (n(1.0) + n(3.0 * 0.044715) * x * x);
        n(0.5) * (n(1.0) + t) + n(0.5) * x * (n(1.0) - t * t) * slope
    }
}

/// 1/(1 + e^-x), which overflows to 0 in the left tail.
fn sigmoid<T: Work>(x: T) -> T {
    T::lit(1.0) / (T::lit(1.0) + (-x).exp())
}

/// x/(1 + e^-x)
pub struct SiluNaive;

impl Formula for SiluNaive {
    fn forward<T: Work>(x: T, _: &[T]) -> T {
        x / (T::lit(1.0) + (-x).exp())
    }
    fn backward<T: Work>(x: T, _: &[T]) -> T {
        let (s, one) = (sigmoid(x), T::lit(1.0));
        s * (one + x * (one - s))
    }
}

/// x tanh(log(1 + e^x))
pub struct MishNaive;

impl Formula for MishNaive {
    fn forward<T: Work>(x: T, _: &[T]) -> T {
        x * x.exp().ln_1p().tanh()
    }
    fn backward<T: Work>(x: T, _: &[T]) -> T {
        let t = x.exp().ln_1p().tanh();
        t + x * (T::lit(1.0) - t * t) * sigmoid(x)
    }
}

/// x if x > 0, else alpha (e^x - 1): e^x - 1 cancels at 0.
pub struct EluNaive;

impl Formula for EluNaive {
    fn forward<T: Work>(x: T, p: &[T]) -> T {
        if x > T::lit(0.0) { x } else { p[0] * (x.exp() - T::lit(1.0)) }
    }
    fn backward<T: Work>(x: T, p: &[T]) -> T {
        if x > T::lit(0.0) { T::lit(1.0) } else { p[0] * x.exp() }
    }
}

/// x^(2N+1)/(1 + x^(2N)) for x > 0: the power overflows.
pub struct GemNaive;

fn power<T: Work>(x: T, n: usize) -> T {
    (0..n).fold(T::lit(1.0), |p, _| p * x)
}

impl Formula for GemNaive {
    fn forward<T: Work>(x: T, p: &[T]) -> T {
        let m = 2 * p[0].to_f64() as usize;
        if x <= T::lit(0.0) { T::lit(0.0) } else { power(x, m + 1) / (T::lit(1.0) + power(x, m)) }
    }
    fn backward<T: Work>(x: T, p: &[T]) -> T {
        let m = 2 * p[0].to_f64() as usize;
        let (one, n) = (T::lit(1.0), T::lit(m as f64 + 1.0));
        if x <= T::lit(0.0) {
            return T::lit(0.0);
        }
        let q = power(x, m);
        q * (n + q) / ((one + q) * (one + q))
    }
}

/// E-GEM, left of zero times eps/(1 + eps): the power overflows as in [`GemNaive`].
pub struct SegemNaive;

impl SegemNaive {
    fn factor<T: Work>(x: T, eps: T) -> T {
        if x > T::lit(0.0) { T::lit(1.0) } else { eps / (T::lit(1.0) + eps) }
    }
}

impl Formula for SegemNaive {
    fn forward<T: Work>(x: T, p: &[T]) -> T {
        let m = 2 * p[0].to_f64() as usize;
        Self::factor(x, p[1]) * (power(x, m + 1) / (p[1] + power(x, m)))
    }
    fn backward<T: Work>(x: T, p: &[T]) -> T {
        let m = 2 * p[0].to_f64() as usize;
        let (q, n) = (power(x, m), T::lit(m as f64 + 1.0));
        Self::factor(x, p[1]) * (q * (n * p[1] + q) / ((p[1] + q) * (p[1] + q)))
    }
}

/// min(max(0.2 x + 0.5, 0), 1): the sum cancels next to -2.5, and 0.2 is no float.
pub struct HardSigmoidKerasNaive;

impl Formula for HardSigmoidKerasNaive {
    fn forward<T: Work>(x: T, _: &[T]) -> T {
        let n = T::lit;
        let line = n(0.2) * x + n(0.5);
        if line < n(0.0) {
            n(0.0)
        } else if line > n(1.0) {
            n(1.0)
        } else {
            line
        }
    }
    fn backward<T: Work>(x: T, _: &[T]) -> T {
        let n = T::lit;
        if x > n(-2.5) && x < n(2.5) {
            n(0.2)
        } else if x.to_f64().is_nan() {
            x
        } else {
            n(0.0)
        }
    }
}

/// 1/(1 + e^-x); the derivative s (1 - s) cancels on the right.
pub struct SigmoidNaive;

impl Formula for SigmoidNaive {
    fn forward<T: Work>(x: T, _: &[T]) -> T {
        sigmoid(x)
    }
    fn backward<T: Work>(x: T, _: &[T]) -> T {
        let s = sigmoid(x);
        s * (T::lit(1.0) - s)
    }
}

/// log(1 + e^(beta x))/beta: e^x overflows.
pub struct SoftplusNaive;

impl Formula for SoftplusNaive {
    fn forward<T: Work>(x: T, p: &[T]) -> T {
        (p[0] * x).exp().ln_1p() / p[0]
    }
    fn backward<T: Work>(x: T, p: &[T]) -> T {
        sigmoid(p[0] * x)
    }
}
