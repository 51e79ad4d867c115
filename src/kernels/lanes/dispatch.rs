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
    }
}

// A function of its own: that `x` and `y` do not overlap is known of a function's arguments only.
#[inline(never)]
fn plain<K: Lanes, const BACKWARD: bool>(kernel: &K, x: &[f32], y: &mut [f32]) {
    each::<K, BACKWARD>(kernel, x, y);
}

#[inline(always)]
fn each<K: Lanes, const BACKWARD: bool>(kernel: &K, x: &[f32], y: &mut [f32]) {
    let at = |v: f64| if BACKWARD { kernel.backward(v) } else { kernel.forward(v) };
    let mut largest = 0;
    for (x, y) in x.iter().zip(&mut *y) {
        *y = at(f64::from(*x)) as f32;
        largest = largest.max(x.abs().to_bits());
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
