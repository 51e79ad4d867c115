//! PyTorch's kernels against real values: the subject calls what it says it calls.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use actaudit::expr::{Expr, Func, Tape};
use actaudit::kernels::{Call, Pass};
use actaudit::number::{Enclosure, Format, MpI};
use actaudit::subject::Subject;
use actaudit::subject::torch::{Device, Element, OPS, TorchError, TorchKernel, runtime};
use half::{bf16, f16};
use rug::Float;

fn kernel(name: &str) -> TorchKernel {
    TorchKernel::new(name, Device::Cpu).unwrap()
}

fn call(f: Func, x: Expr) -> Expr {
    Expr::call(f, x)
}

/// The real functions, for the operations whose errors are looked at here.
fn real(op: &str) -> Expr {
    let x = Expr::var();
    match op {
        "gelu" => x.clone() * call(Func::NormCdf, x),
        "silu" => x.clone() * call(Func::Sigmoid, x),
        "mish" => x.clone() * call(Func::Tanh, call(Func::Softplus, x)),
        "tanh" => call(Func::Tanh, x),
        "sigmoid" => call(Func::Sigmoid, x),
        "softplus" => call(Func::Softplus, x),
        _ => panic!("no expression for {op}"),
    }
}

/// Error of the first result of an f32 tensor full of `x`, in units of the last place of the real value's binade.
fn ulp_error_f32(op: &str, x: f32, len: usize) -> f64 {
    let computed = kernel(op).forward(&vec![x; len]).unwrap()[0];
    let point = Float::with_val(200, x);
    let value = Tape::compile(&real(op)).unwrap().eval(&MpI::from_float(200, &point)).lo();
    let ulp = Float::with_val(200, 1) << (value.get_exp().unwrap() - 24);
    Float::with_val(200, (value - computed) / ulp).abs().to_f64()
}

fn check_ulp(op: &str, x: f32, len: usize, range: std::ops::Range<f64>) {
    let error = ulp_error_f32(op, x, len);
    assert!(range.contains(&error), "torch {op}({x:e}) of {len} is {error:.3} ulp off, expected within {range:?}");
}

#[test]
fn accurate_where_torch_is_accurate() {
    for op in ["silu", "mish", "tanh", "sigmoid", "softplus"] {
        for x in [-3.0, -0.7, 0.1, 0.5, 1.0, 7.25] {
            check_ulp(op, x, 100, 0.0..4.0);
        }
    }
    check_ulp("gelu", 1.0, 100, 0.0..4.0);
}

#[test]
fn gelu_cancels_in_the_negative_tail_and_depends_on_the_length() {
    // 1 + erf(x/sqrt 2) loses ten bits; a tensor of one element takes another route than a longer one
    check_ulp("gelu", -3.0, 100, 100.0..10_000.0);
    check_ulp("gelu", -3.0, 1, 4.0..100.0);
}

/// Exact in every bit, at every input of a 16-bit format: a tensor of the wrong type would not get through.
fn check_relu<T: Element + Format>() {
    let x: Vec<T> = (0..=u16::MAX).map(|bits| T::from_bits64(bits.into())).collect();
    let y = kernel("relu").forward(&x).unwrap();
    let dy = kernel("relu").backward(&x).unwrap();
    for ((x, y), dy) in x.into_iter().zip(y).zip(dy) {
        let (input, output, slope) = (x.to_f64(), y.to_f64(), dy.to_f64());
        let right = if input.is_nan() { output.is_nan() } else { output == input.max(0.0) };
        assert!(right, "{:?}: relu({input}) = {output}, bits {:#06x} -> {:#06x}", T::FORMAT, x.bits64(), y.bits64());
        assert!(input.is_nan() || slope == f64::from(input > 0.0), "{:?}: relu'({input}) = {slope}", T::FORMAT);
    }
}

#[test]
fn relu_is_exact_at_every_16_bit_input() {
    check_relu::<f16>();
    check_relu::<bf16>();
}

fn runs<T: Element>(one: T, zero: T) {
    for op in OPS {
        let kernel = kernel(op.name);
        for len in [0, 1, 7, 1000] {
            let x: Vec<T> = (0..len).map(|i| if i % 2 == 0 { one } else { zero }).collect();
            assert_eq!(kernel.forward(&x).unwrap_or_else(|e| panic!("{e}")).len(), len, "{op:?}");
            assert_eq!(kernel.backward(&x).unwrap_or_else(|e| panic!("{e}")).len(), len, "{op:?}");
        }
    }
}

#[test]
fn every_operation_runs_in_every_format() {
    runs(1.0f32, 0.0);
    runs(1.0f64, 0.0);
    runs(f16::ONE, f16::ZERO);
    runs(bf16::ONE, bf16::ZERO);
}

#[test]
fn gradients_are_those_of_the_function() {
    assert_eq!(kernel("silu").backward(&[0.0f32]).unwrap(), [0.5]);
    assert_eq!(kernel("silu").backward(&[f16::ZERO]).unwrap(), [f16::from_f32(0.5)]);
    assert_eq!(kernel("silu").backward(&[bf16::ZERO]).unwrap(), [bf16::from_f32(0.5)]);
    assert_eq!(kernel("gelu").backward(&[0.0f64]).unwrap(), [0.5]);
    assert_eq!(kernel("relu").backward(&[-1.0f32, 0.0, 2.0]).unwrap(), [0.0, 0.0, 1.0]);
    // far from each other's value: every element has its own gradient
    let tanh = kernel("tanh").backward(&[0.0f64, 1.0, 100.0]).unwrap();
    assert_eq!((tanh[0], tanh[2]), (1.0, 0.0));
    assert!((tanh[1] - 0.419_974_341_614_026_1).abs() < 1e-15);
}

#[test]
fn as_a_subject_an_input_replays_alone() {
    let x: Vec<f32> = (0..201).map(|i| (i as f32 - 100.0) / 10.0).collect();
    for op in OPS {
        for pass in Pass::ALL {
            let mut among = vec![0.0; x.len()];
            kernel(op.name).run(pass, Call::F32(&x, &mut among)).unwrap();
            for (x, among) in x.iter().zip(among) {
                let mut alone = [0.0];
                kernel(op.name).run(pass, Call::F32(&[*x], &mut alone)).unwrap();
                assert_eq!(alone[0].to_bits(), among.to_bits(), "{op:?} {} at {x}", pass.name());
            }
        }
    }
}

#[test]
fn variants_are_not_mixed_up() {
    let x = [2.7f64];
    let (erf, tanh) = (kernel("gelu").forward(&x).unwrap()[0], kernel("gelu_tanh").forward(&x).unwrap()[0]);
    assert!((4e-4..5e-4).contains(&(erf - tanh).abs()), "{erf} {tanh}");
}

#[test]
fn a_missing_device_is_an_error_not_a_fallback() {
    let far = Device::Cuda(1_000);
    let error = TorchKernel::new("relu", far).unwrap_err();
    assert!(matches!(error, TorchError::NoDevice { device, .. } if device == far));
    assert!(error.to_string().starts_with("the device cuda:1000 is not there"), "{error}");
}

#[test]
fn an_unknown_operation_lists_the_known_ones() {
    let error = TorchKernel::new("swoosh", Device::Cpu).unwrap_err().to_string();
    assert!(error.contains("`swoosh`") && error.contains("gelu_tanh"), "{error}");
}

#[test]
fn the_runtime_is_pinned_and_recorded() {
    let runtime = runtime();
    assert_eq!(runtime.threads, 1);
    assert_eq!(runtime.version, "2.13.0");
    assert!(["default", "avx2", "avx512"].contains(&runtime.capability.as_str()));
}
