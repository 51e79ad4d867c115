//! PyTorch's kernels against real values: the subject calls what it says it calls.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use actaudit::catalog;
use actaudit::expr::{Activation, Definition, Expr, FloatFormat, Func};
use actaudit::internal::{Enclosure, Format, MpI, Reference, Tape};
use actaudit::kernels::Pass;
use actaudit_torch::{Device, Element, Layout, OPS, Op, TorchError, TorchKernel, runtime};
use half::{bf16, f16};
use rug::{Float, Rational};
use std::collections::BTreeMap;
use std::sync::Arc;

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

/// What libtorch does not implement, for any format.
const LACKING: [(&str, Pass); 1] = [("hardsigmoid", Pass::Double)];

fn is_lacking(op: &Op, pass: Pass) -> bool {
    LACKING.contains(&(op.name, pass))
}

#[test]
fn what_libtorch_lacks_is_known() {
    for op in OPS {
        let kernel = kernel(op.name).probed().unwrap();
        for pass in Pass::KNOWN {
            for format in FloatFormat::ALL {
                let supported = kernel.has(format, pass);
                assert_eq!(supported, !is_lacking(op, pass), "{op:?} {} {}", format.name(), pass.name());
            }
        }
    }
}

/// 1/6 was rounded to f32 on the way.
#[test]
fn the_slope_of_hardsigmoid_in_f64_is_a_float() {
    assert_eq!(kernel("hardsigmoid").backward(&[0.0f64]).unwrap(), [f64::from(1.0f32 / 6.0)]);
}

fn runs<T: Element>(one: T, zero: T) {
    for op in OPS {
        let kernel = kernel(op.name);
        for len in [0, 1, 7, 1000] {
            let x: Vec<T> = (0..len).map(|i| if i % 2 == 0 { one } else { zero }).collect();
            assert_eq!(kernel.forward(&x).unwrap_or_else(|e| panic!("{e}")).len(), len, "{op:?}");
            assert_eq!(kernel.backward(&x).unwrap_or_else(|e| panic!("{e}")).len(), len, "{op:?}");
            if !is_lacking(op, Pass::Double) {
                assert_eq!(kernel.double_backward(&x).unwrap_or_else(|e| panic!("{e}")).len(), len, "{op:?}");
            }
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

fn activation(id: &str, values: &[(&str, Rational)]) -> Activation {
    let values: BTreeMap<String, Rational> = values.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
    Activation::new(catalog::find(id).unwrap(), &values).unwrap()
}

/// An activation for which the operation is, with parameter values other than its defaults if it takes any.
fn other_values(op: &Op) -> Activation {
    let defaults = activation(op.activation, &[]);
    let value = |name: &str| defaults.values[name].clone() * Rational::from((3, 2)) + Rational::from((1, 64));
    let values = op.params.iter().map(|(name, text)| match op.takes {
        true => (*name, value(name)),
        false => (*name, actaudit::expr::parse_rational(text).unwrap()),
    });
    activation(op.activation, &values.collect::<Vec<_>>())
}

/// Next to no kink of any of them.
const PLACES: [f64; 11] = [-7.25, -3.75, -1.3125, -0.6875, -0.1875, 0.15625, 0.625, 1.3125, 2.1875, 3.875, 6.5];

/// Whether a kernel computes what the definition says, up to a tolerance that tells functions and parameters apart.
fn check_values<T: Element + Format>(kernel: &TorchKernel, activation: &Activation, pass: Pass, tolerance: f64) {
    let x = PLACES.map(T::from_f64);
    let y = match pass {
        Pass::Forward => kernel.forward(&x),
        Pass::Backward => kernel.backward(&x),
        _ => kernel.double_backward(&x),
    };
    let reference = Reference::new(activation, pass.order()).unwrap();
    for (x, y) in x.iter().zip(y.unwrap_or_else(|e| panic!("{}: {e}", kernel.code()))) {
        let (x, y, real) = (x.to_f64(), y.to_f64(), reference.evaluator().enclose(x.to_f64()).lo());
        let (name, pass, format) = (kernel.code(), pass.name(), T::FORMAT.name());
        assert!(
            (y - real).abs() <= tolerance * (1.0 + x.abs() + real.abs()),
            "{name} {pass} {format}: {x} -> {y}, real {real}"
        );
    }
}

fn check_everywhere(kernel: &TorchKernel, activation: &Activation) {
    for pass in Pass::KNOWN.into_iter().filter(|pass| kernel.op().is_none_or(|op| !is_lacking(op, *pass))) {
        check_values::<f64>(kernel, activation, pass, 1e-8);
        check_values::<f32>(kernel, activation, pass, 2e-6);
        check_values::<f16>(kernel, activation, pass, 1e-2);
        check_values::<bf16>(kernel, activation, pass, 6e-2);
    }
}

/// Table driven: an operation that is added to the table is looked at here.
#[test]
fn every_operation_computes_its_activation_with_the_values_that_it_is_given() {
    for op in OPS {
        let activation = other_values(op);
        for layout in Layout::ALL.into_iter().filter(|l| *l != Layout::InPlace || op.has_in_place()) {
            let kernel = kernel(op.name).with_values_of(&activation).with_layout(layout).unwrap();
            check_everywhere(&kernel, &activation);
        }
    }
}

#[test]
fn every_definition_of_the_catalogue_is_what_torch_computes_of_it() {
    for definition in catalog::all() {
        let activation = Activation::with_defaults(Arc::clone(definition)).unwrap();
        let kernel = TorchKernel::definition(&activation, Device::Cpu).unwrap().probed().unwrap();
        for pass in Pass::KNOWN {
            check_values::<f64>(&kernel, &activation, pass, 1e-10);
        }
    }
}

#[test]
fn what_torch_cannot_do_in_place_is_refused() {
    for op in OPS {
        let error = kernel(op.name).with_layout(Layout::InPlace).map(|k| k.layout());
        let expected =
            if op.has_in_place() { Ok(Layout::InPlace) } else { Err(TorchError::NotInPlace(op.name.to_owned())) };
        assert_eq!(error, expected);
    }
}

/// Every input of a 16-bit format, where the layouts must agree bit by bit because there is nothing to round.
#[test]
fn layouts_do_not_change_relu() {
    let x: Vec<f16> = (0..=u16::MAX).map(f16::from_bits).filter(|x| !x.is_nan()).collect();
    let plain = kernel("relu").forward(&x).unwrap();
    for layout in Layout::ALL {
        let other = kernel("relu").with_layout(layout).unwrap().forward(&x).unwrap();
        assert!(plain.iter().zip(&other).all(|(a, b)| a == b), "{}", layout.name());
    }
}

/// The slope of a piece that is not chosen: 0 times infinity.
#[test]
fn the_gradient_through_where_is_nan() {
    let text = "id = \"bent\"\ntitle = \"b\"\nsource = \"s\"\nprovenance = \"published\"\n\
                [[piece]]\non = \"(-inf, 0]\"\nvalue = \"0\"\n[[piece]]\non = \"(0, inf)\"\nvalue = \"x*sqrt(x)\"\n";
    let definition = Definition::from_toml(text, "bent.toml").unwrap();
    let bent = Activation::with_defaults(Arc::new(definition)).unwrap();
    let kernel = TorchKernel::definition(&bent, Device::Cpu).unwrap();
    assert_eq!(kernel.forward(&[-4.0f32, 4.0]).unwrap(), [0.0, 8.0]);
    let slopes = kernel.backward(&[-4.0f32, 4.0]).unwrap();
    assert!(slopes[0].is_nan() && slopes[1] == 3.0, "{slopes:?}");
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
