//! One loop, compiled for the baseline of the build and for AVX-512; the processor chooses. Both give the same bits.
#![cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "code for instructions beyond the baseline may be called only where they exist")
)]

use super::{FAR, Lanes};
use crate::kernels::Pass;

/// Maps a slice. NaN gives NaN.
pub(in crate::kernels) fn run(kernel: &impl Lanes, pass: Pass, x: &[f32], y: &mut [f32]) {
    #[cfg(target_arch = "x86_64")]
    if has_avx512() {
        // SAFETY: the processor has just said that it has every feature which `avx512` is compiled for.
        return unsafe {
            match pass {
                Pass::Forward => avx512::<_, false>(kernel, x, y),
                Pass::Backward => avx512::<_, true>(kernel, x, y),
                Pass::Double => unreachable!("no kernel computes a second derivative"),
            }
        };
    }
    baseline(kernel, pass, x, y);
}

#[cfg(target_arch = "x86_64")]
fn has_avx512() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512bw")
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
fn avx512<K: Lanes, const BACKWARD: bool>(kernel: &K, x: &[f32], y: &mut [f32]) {
    each::<K, BACKWARD>(kernel, x, y);
}

/// The same without a look at the processor.
pub(super) fn baseline<K: Lanes>(kernel: &K, pass: Pass, x: &[f32], y: &mut [f32]) {
    match pass {
        Pass::Forward => plain::<K, false>(kernel, x, y),
        Pass::Backward => plain::<K, true>(kernel, x, y),
        Pass::Double => unreachable!("no kernel computes a second derivative"),
    }
}

// A function of its own: that `x` and `y` do not overlap is known of a function's arguments only.
#[inline(never)]
fn plain<K: Lanes, const BACKWARD: bool>(kernel: &K, x: &[f32], y: &mut [f32]) {
    each::<K, BACKWARD>(kernel, x, y);
}

/// Inputs that are looked at together.
const BLOCK: usize = 1024;

#[inline(always)]
fn each<K: Lanes, const BACKWARD: bool>(kernel: &K, x: &[f32], y: &mut [f32]) {
    let saturated = kernel.saturates_from().to_bits();
    for (x, y) in x.chunks(BLOCK).zip(y.chunks_mut(BLOCK)) {
        let magnitudes = || x.iter().map(|x| x.abs().to_bits());
        let (smallest, largest) = magnitudes().fold((u32::MAX, 0), |(a, b), m| (a.min(m), b.max(m)));
        if smallest >= saturated && largest < f32::INFINITY.to_bits() {
            for (x, y) in x.iter().zip(y) {
                let right = if BACKWARD { 1.0 } else { *x };
                *y = if *x < 0.0 { -0.0 } else { right };
            }
        } else {
            computed::<K, BACKWARD>(kernel, x, y, largest);
        }
    }
}

#[inline(always)]
fn computed<K: Lanes, const BACKWARD: bool>(kernel: &K, x: &[f32], y: &mut [f32], largest: u32) {
    let at = |v: f64| if BACKWARD { kernel.backward(v) } else { kernel.forward(v) };
    for (x, y) in x.iter().zip(&mut *y) {
        *y = at(f64::from(*x)) as f32;
    }
    // infinities and NaN are rare: what the formulas made of them is thrown away
    if largest >= f32::INFINITY.to_bits() {
        let [left, right] = [-FAR, FAR].map(|v| at(v) as f32);
        for (x, y) in x.iter().zip(y) {
            if x.is_nan() {
                *y = *x + *x;
            } else if x.is_infinite() {
                *y = if *x < 0.0 { left } else { right };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::lanes::{Elu, Exponential, Gelu, GeluTanh, HardSwish, Line, Lines, Mish, PowerGate, Relu2};
    use crate::kernels::lanes::{Sigmoid, Smelu, Softplus, Softsign, Squareplus, Srelu, Swish, Tanh, TanhShrink};
    use rug::Rational;

    /// Both instruction sets on floats of every size, in lengths that leave a rest.
    fn compare(kernel: &impl Lanes, name: &str) {
        let x: Vec<f32> = (0..=u32::MAX).step_by(65_537).map(f32::from_bits).collect();
        for (pass, x) in Pass::ALL.iter().flat_map(|pass| x.chunks(997).map(move |x| (*pass, x))) {
            let (mut fast, mut plain) = (vec![0.0; x.len()], vec![0.0; x.len()]);
            run(kernel, pass, x, &mut fast);
            baseline(kernel, pass, x, &mut plain);
            for ((x, a), b) in x.iter().zip(fast).zip(plain) {
                assert!(
                    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(),
                    "{name} {}: {x:e}: {a:e} {b:e}",
                    pass.name()
                );
                assert_eq!(x.is_nan(), a.is_nan(), "{name} {}: {x:e}", pass.name());
            }
        }
    }

    /// Inputs for which a kernel gives other bits than its formulas, where it says that it need not compute them.
    fn unsettled(kernel: &impl Lanes) -> usize {
        fn differ<K: Lanes, const BACKWARD: bool>(kernel: &K, x: f32) -> bool {
            let (mut short, mut long) = ([0.0], [0.0]);
            each::<K, BACKWARD>(kernel, &[x], &mut short);
            computed::<K, BACKWARD>(kernel, &[x], &mut long, x.abs().to_bits());
            short[0].to_bits() != long[0].to_bits()
        }
        let inputs = (kernel.saturates_from().to_bits()..f32::INFINITY.to_bits()).step_by(4_999).map(f32::from_bits);
        inputs.flat_map(|x| [x, -x]).filter(|x| differ::<_, false>(kernel, *x) || differ::<_, true>(kernel, *x)).count()
    }

    #[test]
    fn what_is_settled_is_what_would_be_computed() {
        for b in [1e-9, 1.0, 1.702, 1e9] {
            assert_eq!(unsettled(&Swish::new(b)), 0, "swish, {b}");
        }
        assert_eq!(unsettled(&Gelu::new()), 0, "gelu");
        assert_eq!(unsettled(&GeluTanh::new(1.6, 0.044_715)), 0, "gelu_tanh");
        assert_eq!(unsettled(&Mish::new()), 0, "mish");
        for k in [
            Swish::new(-1.0).saturates_from(),
            GeluTanh::new(1.6, -0.1).saturates_from(),
            GeluTanh::new(1e-9, 0.1).saturates_from(),
        ] {
            assert_eq!(k, f32::INFINITY);
        }

        struct TooEarly(Gelu);
        impl Lanes for TooEarly {
            fn forward(&self, x: f64) -> f64 {
                self.0.forward(x)
            }
            fn backward(&self, x: f64) -> f64 {
                self.0.backward(x)
            }
            fn saturates_from(&self) -> f32 {
                12.0
            }
        }
        assert!(unsettled(&TooEarly(Gelu::new())) > 0);
    }

    #[test]
    fn the_bits_do_not_depend_on_the_processor_and_only_nan_gives_nan() {
        let q = |n: i32, d: u32| Rational::from((n, d));
        let lines = Lines::new(
            Line::through(&q(-1, 3), &q(1, 7)),
            &q(-1, 3),
            Line::identity(),
            &q(2, 1),
            Line::level(&q(2, 1)),
        );
        compare(&lines, "lines");
        compare(&Relu2, "relu2");
        compare(&HardSwish, "hardswish");
        compare(&Srelu::new(&q(1, 3)), "srelu");
        compare(&Smelu::new(&q(1, 1000)), "smelu");
        compare(&PowerGate::new(3, 0.25, 0.2), "segem");
        compare(&Softsign, "softsign");
        compare(&Squareplus::new(4.0), "squareplus");
        compare(&Gelu::new(), "gelu");
        compare(&GeluTanh::new(1.6, 0.044_715), "gelu_tanh");
        compare(&Swish::new(1.0), "swish");
        compare(&Mish::new(), "mish");
        compare(&Elu::new(1.05, 1.7, 1.0, 1.7), "selu");
        compare(&Exponential::new(), "exp");
        compare(&Sigmoid::new(), "sigmoid");
        compare(&Tanh::new(), "tanh");
        compare(&TanhShrink::new(), "tanhshrink");
        compare(&Softplus::new(-1.0, 2.5, 0.4), "softplus");
    }
}
