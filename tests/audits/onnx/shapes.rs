//! How exporters write activations: where constants stand, in which order, in which type.

use super::build::{Dtype, F16, F32, model};
use super::{Made, identified, inventory, names, runtime, summary, there};
use actaudit::expr::FloatFormat;
use actaudit::internal::Likeness;

/// A formula between two operations that are none of its business, found and run.
fn check(nodes: &[&str], constants: &[(&str, f64)], expected: &str, likeness: Likeness) {
    typed(nodes, constants, expected, likeness, F32, FloatFormat::F32);
}

fn typed(
    nodes: &[&str],
    constants: &[(&str, f64)],
    expected: &str,
    likeness: Likeness,
    dtype: Dtype,
    format: FloatFormat,
) {
    let around = [&["a = Transpose(x)"], nodes, &["y = Transpose(z)"]].concat();
    let made = Made::new(&model(&around, constants, dtype));
    let found = inventory(&made.path());
    assert_eq!(summary(&found.activations), [format!("{expected} x1")], "{nodes:?}");
    assert_eq!(found.activations[0].likeness, likeness, "{nodes:?}");
    if !there(runtime()) {
        return;
    }
    let run = identified(&made.text(""), format);
    let same = |name: &String| name == expected || name.split_once('(').is_some_and(|(id, _)| id == expected);
    assert!(names(&run).iter().any(same), "{nodes:?}: {}", run.text());
}

const ROOT: f64 = std::f64::consts::SQRT_2;
const TANH: f64 = 0.797_884_560_802_865_4;

#[test]
fn the_erf_form_of_gelu() {
    let constants = [("c", ROOT), ("r", 1.0 / ROOT), ("one", 1.0), ("h", 0.5)];
    for nodes in [
        &["d = Div(a, c)", "e = Erf(d)", "f = Add(e, one)", "g = Mul(a, f)", "z = Mul(g, h)"][..],
        &["d = Mul(r, a)", "e = Erf(d)", "f = Add(one, e)", "g = Mul(h, f)", "z = Mul(g, a)"],
        &["b = Mul(a, h)", "d = Div(a, c)", "e = Erf(d)", "f = Add(e, one)", "z = Mul(b, f)"],
        &["d = Mul(a, r)", "e = Erf(d)", "s = Mul(e, h)", "f = Add(s, h)", "z = Mul(f, a)"],
        // the root of two is computed, from a constant
        &[
            "two = Add(one, one)",
            "q = Sqrt(two)",
            "d = Div(a, q)",
            "e = Erf(d)",
            "f = Add(e, one)",
            "g = Mul(a, f)",
            "z = Div(g, two)",
        ],
    ] {
        let exact = nodes.iter().any(|n| n.contains("Sqrt"));
        check(nodes, &constants, "gelu", if exact { Likeness::Exact } else { Likeness::Rounded });
    }
    check(&["z = Gelu(a)"], &[], "gelu", Likeness::Exact);
}

#[test]
fn the_tanh_form_of_gelu() {
    let constants = [("k", TANH), ("c", 0.044_715), ("one", 1.0), ("h", 0.5), ("three", 3.0), ("ck", 0.044_715 * TANH)];
    for nodes in [
        &[
            "p = Pow(a, three)",
            "q = Mul(p, c)",
            "r = Add(a, q)",
            "s = Mul(r, k)",
            "t = Tanh(s)",
            "u = Add(t, one)",
            "v = Mul(a, u)",
            "z = Mul(v, h)",
        ][..],
        &[
            "b = Mul(a, a)",
            "p = Mul(b, a)",
            "q = Mul(c, p)",
            "r = Add(q, a)",
            "s = Mul(k, r)",
            "t = Tanh(s)",
            "u = Add(one, t)",
            "v = Mul(h, a)",
            "z = Mul(v, u)",
        ],
        // x(k + ck x^2)
        &[
            "b = Mul(a, a)",
            "p = Mul(b, ck)",
            "q = Add(p, k)",
            "s = Mul(a, q)",
            "t = Tanh(s)",
            "u = Add(one, t)",
            "v = Mul(h, a)",
            "z = Mul(v, u)",
        ],
    ] {
        check(nodes, &constants, "gelu_tanh", Likeness::Rounded);
    }
    check(&["z = Gelu(a, approximate=tanh)"], &[], "gelu_tanh", Likeness::Exact);
}

#[test]
fn sigmoids_and_what_is_made_of_them() {
    check(&["s = Sigmoid(a)", "z = Mul(a, s)"], &[], "silu", Likeness::Exact);
    check(&["b = Mul(a, c)", "s = Sigmoid(b)", "z = Mul(s, a)"], &[("c", 1.702)], "gelu_quick", Likeness::Rounded);
    check(&["n = Neg(a)", "e = Exp(n)", "f = Add(e, one)", "z = Div(a, f)"], &[("one", 1.0)], "silu", Likeness::Exact);
    check(&["p = Softplus(a)", "t = Tanh(p)", "z = Mul(a, t)"], &[], "mish", Likeness::Exact);
    let one = [("one", 1.0)];
    check(
        &["e = Exp(a)", "f = Add(one, e)", "l = Log(f)", "t = Tanh(l)", "z = Mul(t, a)"],
        &one,
        "mish",
        Likeness::Exact,
    );
}

#[test]
fn hard_forms() {
    let constants = [("three", 3.0), ("six", 6.0), ("zero", 0.0), ("sixth", 1.0 / 6.0)];
    check(
        &["b = Add(a, three)", "c = Clip(b, zero, six)", "d = Mul(a, c)", "z = Div(d, six)"],
        &constants,
        "hardswish",
        Likeness::Exact,
    );
    check(&["s = HardSigmoid(a, alpha=0.16666667)", "z = Mul(a, s)"], &[], "hardswish", Likeness::Rounded);
    check(
        &["b = Add(a, three)", "c = Clip(b, zero, six)", "d = Mul(c, sixth)", "z = Mul(a, d)"],
        &constants,
        "hardswish",
        Likeness::Rounded,
    );
    check(&["z = Clip(a, zero, six)"], &constants, "relu6", Likeness::Exact);
    check(&["z = ThresholdedRelu(a, alpha=1.0)"], &[], "threshold", Likeness::Exact);
    check(&["z = ThresholdedRelu(a, alpha=2.0)"], &[], "threshold(t=2, v=0)", Likeness::Exact);
    check(&["z = Shrink(a)"], &[], "hardshrink", Likeness::Exact);
    check(&["z = Shrink(a, lambd=0.25, bias=0.25)"], &[], "softshrink(l=1/4)", Likeness::Exact);
}

/// `torch.where` and masks, as people write pieces.
#[test]
fn pieces() {
    let constants = [("zero", 0.0), ("one", 1.0), ("h", 0.5), ("n", -0.5), ("tenth", 0.1)];
    check(&["m = Greater(a, zero)", "z = Where(m, a, zero)"], &constants, "relu", Likeness::Exact);
    check(&["m = Less(zero, a)", "f = Cast(m, to=1)", "z = Mul(a, f)"], &constants, "relu", Likeness::Exact);
    check(
        &["m = Less(a, zero)", "p = Not(m)", "b = Mul(a, tenth)", "z = Where(p, a, b)"],
        &constants,
        "leaky_relu(a=1/10)",
        Likeness::Rounded,
    );
    check(
        &["m = Greater(a, zero)", "e = Exp(a)", "f = Sub(e, one)", "z = Where(m, a, f)"],
        &constants,
        "elu",
        Likeness::Exact,
    );
    check(
        &["b = Less(a, n)", "c = Greater(a, h)", "o = Or(b, c)", "z = Where(o, a, zero)"],
        &constants,
        "hardshrink",
        Likeness::Exact,
    );
    check(&["b = Abs(a)", "m = LessOrEqual(b, h)", "z = Where(m, zero, a)"], &constants, "hardshrink", Likeness::Exact);
}

/// S-ReLU as its formula has it: below -alpha, above alpha, and between.
#[test]
fn a_smoothed_relu() {
    let nodes = [
        "low = LessOrEqual(a, n)",
        "high = GreaterOrEqual(a, p)",
        "s = Add(a, p)",
        "c = Pow(s, three)",
        "d = Sub(p3, a)",
        "e = Mul(c, d)",
        "q = Div(e, k)",
        "up = Where(high, a, q)",
        "z = Where(low, zero, up)",
    ];
    let constants = |alpha: f64| {
        let k = 16.0 * alpha.powi(3);
        [("zero", 0.0), ("three", 3.0), ("n", -alpha), ("p", alpha), ("p3", 3.0 * alpha), ("k", k)]
    };
    check(&nodes, &constants(0.5), "srelu(alpha=1/2)", Likeness::Exact);
    // its default is so small that only points next to zero tell it from relu
    check(&nodes, &constants(0.001), "srelu", Likeness::Rounded);
    let around = [&["a = Transpose(x)"], &nodes[..], &["y = Transpose(z)"]].concat();
    let found = inventory(&Made::new(&model(&around, &constants(0.001), F32)).path());
    assert_eq!(
        found.activations[0].formula,
        "0 on (-inf, -0.001], (x + 0.001)^3*(0.003 - x)/16e-9 on (-0.001, 0.001), x on [0.001, inf)"
    );
    // constants are rounded, so that the pieces meet with a step
    let off = found.activations[0].distance.as_ref().expect("a bound");
    assert!(off.upper > 0.0 && off.upper < 1e-9, "{off:?}");
}

#[test]
fn pieces_that_are_none() {
    let found = |nodes: &[&str], constants: &[(&str, f64)]| {
        let around = [&["a = Transpose(x)"], nodes, &["y = Transpose(z)"]].concat();
        summary(&inventory(&Made::new(&model(&around, constants, F32)).path()).activations)
    };
    // where a sigmoid is 1/2 is not worked out; a relu that jumps is none
    let choice = ["s = Sigmoid(a)", "m = Greater(s, h)", "z = Where(m, a, zero)"];
    assert_eq!(found(&choice, &[("h", 0.5), ("zero", 0.0)]), ["sigmoid x1"]);
    let jump = ["m = Greater(a, h)", "z = Where(m, a, zero)"];
    assert_eq!(found(&jump, &[("h", 1e-9), ("zero", 0.0)]), ["threshold(t=1/1000000000, v=0) x1"]);
    assert!(found(&["m = Greater(a, h)", "z = Where(m, a, one)"], &[("h", 0.5), ("one", 2.0)]).is_empty());
    // rounding to integers is no part of a formula: what follows it is found alone
    let nodes = ["a = Transpose(x)", "i = Cast(a, to=7)", "f = Cast(i, to=1)", "z = Relu(f)", "y = Transpose(z)"];
    let rounded = inventory(&Made::new(&model(&nodes, &[], F32)).path());
    assert_eq!(summary(&rounded.activations), ["relu x1"]);
    let place = &rounded.activations[0].places[0];
    assert_eq!((place.nodes.as_slice(), place.input.as_str()), (["Relu_z".to_owned()].as_slice(), "f"));
}

#[test]
fn parameters_are_read_off_constants() {
    check(&["b = Mul(a, c)", "z = Max(a, b)"], &[("c", 0.1)], "leaky_relu(a=1/10)", Likeness::Rounded);
    check(&["z = LeakyRelu(a, alpha=0.2)"], &[], "leaky_relu(a=1/5)", Likeness::Rounded);
    check(&["b = Mul(a, c)", "s = Sigmoid(b)", "z = Mul(s, a)"], &[("c", 2.5)], "swish(b=5/2)", Likeness::Exact);
}

/// Scales before and after belong to the layers around.
#[test]
fn what_is_left_over_is_named() {
    let nodes =
        ["a = Transpose(x)", "b = Mul(a, c)", "s = Sigmoid(b)", "t = Mul(b, s)", "z = Mul(t, c)", "y = Transpose(z)"];
    let found = inventory(&Made::new(&model(&nodes, &[("c", 0.125)], F32)).path());
    assert_eq!(summary(&found.activations), ["silu x1"]);
    assert_eq!(found.activations[0].places[0].around, ["Mul_b", "Mul_z"]);
    // an array is no constant number
    let nodes = ["a = Mul(x, array)", "s = Sigmoid(a)", "z = Mul(a, s)", "y = Mul(z, array)"];
    let found = inventory(&Made::new(&model(&nodes, &[("array", 0.125)], F32)).path());
    assert_eq!(summary(&found.activations), ["silu x1"]);
    assert!(found.activations[0].places[0].around.is_empty());
}

#[test]
fn a_model_that_is_one_function_is_taken_whole() {
    if !there(runtime()) {
        return;
    }
    let nodes = ["b = Mul(x, c)", "s = Sigmoid(b)", "y = Mul(x, s)"];
    let made = Made::new(&model(&nodes, &[("c", 1.702)], F32));
    let found = inventory(&made.path());
    assert!(found.whole && found.activations.len() == 1, "{}", found.text());
    assert_eq!(names(&identified(&made.text(",opt=disable"), FloatFormat::F32))[0], "gelu_quick");
    // what the catalogue does not know can be audited all the same, against an expression
    let made = Made::new(&model(&["e = Erf(x)", "y = Mul(e, e)"], &[], F32));
    assert_eq!(summary(&inventory(&made.path()).activations), ["unknown erf(x)*erf(x) x1"]);
    assert!(!identified(&made.text(""), FloatFormat::F32).candidates.is_empty());
}

#[test]
fn half_precision_and_conversions() {
    let constants = [("c", ROOT), ("one", 1.0), ("h", 0.5)];
    let nodes = ["d = Div(a, c)", "e = Erf(d)", "f = Add(e, one)", "g = Mul(a, f)", "z = Mul(g, h)"];
    typed(&nodes, &constants, "gelu", Likeness::Rounded, F16, FloatFormat::F16);
    // computed in f32 between two conversions
    let nodes = ["b = Cast(a, to=1)", "s = Sigmoid(b)", "t = Mul(b, s)", "z = Cast(t, to=10)"];
    typed(&nodes, &[], "silu", Likeness::Exact, F16, FloatFormat::F16);
}
