use super::*;
use crate::catalog;
use crate::defects;
use crate::kernels::{Call, Slices};
use crate::prove::Domain;
use crate::subject::incident::{Answered, NO_ANSWER};
use crate::subject::{self, Native};
use half::bf16;
use rug::Rational;
use std::collections::BTreeMap;
use std::sync::Arc;

fn activation(id: &str, params: &[(&str, &str)]) -> Activation {
    let value = |(k, v): &(&str, &str)| ((*k).to_owned(), crate::expr::parse_rational(v).expect("a rational"));
    let values: BTreeMap<String, Rational> = params.iter().map(value).collect();
    Activation::new(Arc::clone(&catalog::find(id).expect("in the catalogue")), &values).expect("made")
}

fn native(id: &str, params: &[(&str, &str)], variant: &str) -> Native {
    Native::new(&activation(id, params), variant).expect("a kernel")
}

fn name(subject: &dyn Subject, format: FloatFormat, pass: Pass) -> String {
    let found = identify(subject, format, pass, &[], &Domain::default()).expect("runs");
    match found.answer {
        Identification::Identified => found.candidates[0].function.clone(),
        Identification::None => format!("none: {}", found.text()),
    }
}

type Real = fn(f64) -> f64;

/// A function that is none of the catalogue.
#[expect(non_snake_case, reason = "it stands for one")]
fn Other(f: Real) -> Closure<Real> {
    Closure(f)
}

/// A function of one number as code.
struct Closure<F>(F);

impl<F: Fn(f64) -> f64 + Sync> Subject for Closure<F> {
    fn name(&self) -> String {
        "other".into()
    }
    fn supports(&self, _: FloatFormat, pass: Pass) -> bool {
        pass == Pass::Forward
    }
    fn run(&self, _: Pass, call: Call<'_>) -> Result<(), SubjectError> {
        fn fill<T: Slices>(f: &impl Fn(f64) -> f64, x: &[T], y: &mut [T]) {
            x.iter().zip(y).for_each(|(x, y)| *y = T::from_f64(f(x.to_f64())));
        }
        match call {
            Call::F64(x, y) => fill(&self.0, x, y),
            Call::F32(x, y) => fill(&self.0, x, y),
            Call::F16(x, y) => fill(&self.0, x, y),
            Call::Bf16(x, y) => fill(&self.0, x, y),
        }
        Ok(())
    }
}

/// The same function at the value of another's parameter is another name, and no runner-up at its default.
#[test]
fn the_same_function_with_a_parameter_is_no_runner_up() {
    let found =
        identify(&native("leaky_relu", &[], "accurate"), FloatFormat::F32, Pass::Forward, &[], &Domain::default())
            .expect("runs");
    let best = &found.candidates[0];
    let all: Vec<&str> = best.also.iter().chain([&best.function]).map(String::as_str).collect();
    assert!(["leaky_relu(a=1/100)", "prelu(a=1/100)"].iter().all(|name| all.contains(name)), "{}", found.text());
    assert!(found.candidates[1..].iter().all(|c| !c.function.starts_with("prelu")), "{}", found.text());
    assert!(found.text().lines().all(|line| line.chars().count() <= 80), "{}", found.text());
}

#[test]
fn every_accurate_kernel_is_what_it_says() {
    let (f32, bf16) = (FloatFormat::F32, FloatFormat::Bf16);
    let all = [(f32, Pass::Forward), (f32, Pass::Backward), (bf16, Pass::Forward)];
    for (k, definition) in catalog::all().iter().enumerate() {
        let id = definition.id.as_str();
        // all of them takes a minute: the rest of the formats and passes is spread over the functions
        for (format, pass) in [all[0], all[1 + k % 2]] {
            let found = identify(&native(id, &[], "accurate"), format, pass, &[], &Domain::default()).expect("runs");
            let label = activation(id, &[]).label();
            let best = &found.candidates[0];
            let named = best.function == label || best.also.contains(&label);
            assert!(named && found.answer == Identification::Identified, "{id} {format:?} {pass:?}\n{}", found.text());
        }
    }
}

#[test]
fn formulas_are_told_although_they_cancel() {
    for id in ["gelu", "gelu_tanh", "silu", "mish", "elu"] {
        let found = identify(&native(id, &[], "naive"), FloatFormat::F32, Pass::Forward, &[], &Domain::default())
            .expect("runs");
        let (best, label) = (&found.candidates[0], activation(id, &[]).label());
        let named = best.function == label || best.also.contains(&label);
        assert!(named && found.answer == Identification::Identified, "{}", found.text());
    }
    let found = identify(&native("silu", &[], "naive"), FloatFormat::F16, Pass::Forward, &[], &Domain::default())
        .expect("runs");
    assert!(found.rounding.as_deref().is_some_and(|r| r.starts_with("rounds along the way")), "{}", found.text());
    let found = identify(&native("silu", &[], "accurate"), FloatFormat::F16, Pass::Forward, &[], &Domain::default())
        .expect("runs");
    assert!(found.rounding.as_deref().is_some_and(|r| r.starts_with("computed in f32 or better")), "{}", found.text());
}

#[test]
fn parameters_come_out_as_simple_numbers() {
    for (id, params, label) in [
        ("leaky_relu", [("a", "3/10")].as_slice(), "leaky_relu(a=3/10)"),
        ("leaky_relu", &[("a", "17/1000")], "leaky_relu(a=17/1000)"),
        ("elu", &[("a", "7/5")], "elu(a=7/5)"),
        ("celu", &[("a", "2")], "celu(a=2)"),
        ("swish", &[("b", "137/100")], "swish(b=137/100)"),
        ("softplus", &[("b", "5")], "softplus(b=5)"),
        ("srelu", &[("alpha", "1/10")], "srelu(alpha=1/10)"),
        ("gem", &[("N", "3")], "gem(N=3)"),
        ("threshold", &[("t", "1/10"), ("v", "20")], "threshold(t=1/10, v=20)"),
        ("squareplus", &[("b", "2")], "squareplus(b=2)"),
    ] {
        let found = identify(&native(id, params, "accurate"), FloatFormat::F32, Pass::Forward, &[], &Domain::default())
            .expect("runs");
        let best = &found.candidates[0];
        let named = best.function == label || best.also.iter().any(|a| a == label);
        assert!(named && found.answer == Identification::Identified, "{label}\n{}", found.text());
    }
    // the sigmoid form of gelu, whose constant is 1.702, has a name of its own
    assert_eq!(name(&native("swish", &[("b", "851/500")], "accurate"), FloatFormat::F32, Pass::Forward), "gelu_quick");
}

#[test]
fn swapped_variants_are_told_and_their_distance_is_found() {
    for (id, real) in [("35-gelu", "gelu_tanh"), ("35-gelu_tanh", "gelu")] {
        for format in [FloatFormat::F32, FloatFormat::F16, FloatFormat::Bf16] {
            let subject = defects::find(id).expect("in the table").subject();
            let found = identify(subject.as_ref(), format, Pass::Forward, &[], &Domain::default()).expect("runs");
            assert_eq!(found.candidates[0].function, real, "{}", found.text());
            assert_eq!(found.answer, Identification::Identified, "{}", found.text());
            let s = found.separation.expect("there is a runner-up");
            assert!((s.distance - 4.73e-4).abs() < 1e-6 && (s.at.abs() - 2.699).abs() < 2e-3, "{s:?}");
        }
    }
    let [erf, quick] = ["gelu", "gelu_quick"].map(|id| native(id, &[], "accurate"));
    let sample = Sample::take(&erf, FloatFormat::F32, Pass::Forward, Within::default()).expect("runs");
    let make = |id| Function::new(activation(id, &[]), &sample, false).expect("made");
    let s = make("gelu").separation(&make("gelu_quick"), &sample);
    assert!((s.distance - 2.03e-2).abs() < 1e-4 && (s.at.abs() - 2.270).abs() < 2e-3, "{s:?}");
    assert_eq!(name(&quick, FloatFormat::Bf16, Pass::Forward), "gelu_quick");
}

/// Computed in f32 and handed out as f64: off by 2^29 ulp everywhere, and yet by far the nearest.
#[test]
fn what_was_computed_in_a_narrower_format_is_told() {
    let sigmoid = |x: f64| f64::from(1.0 / (1.0 + (-(x as f32)).exp()));
    let gelu_tanh = |x: f64| {
        let x = x as f32;
        f64::from(0.5 * x * (1.0 + (0.797_884_6 * x * (1.0 + 0.044_715 * x * x)).tanh()))
    };
    let silu = |x: f64| f64::from(x as f32 / (1.0 + (-(x as f32)).exp()));
    for (f, id) in [(Other(gelu_tanh), "gelu_tanh"), (Other(silu), "silu"), (Other(sigmoid), "sigmoid")] {
        assert_eq!(name(&f, FloatFormat::F64, Pass::Forward), id);
    }
}

#[test]
fn what_is_none_of_them_is_not_given_a_name() {
    let others: [fn(f64) -> f64; 4] =
        [|x| x * x.exp().tanh(), f64::sin, |x| x.max(0.0).sqrt(), |x| if x.abs() < 1.0 { x * x * x } else { x }];
    for (k, f) in others.into_iter().enumerate() {
        for format in two_formats(k) {
            let found = identify(&Other(f), format, Pass::Forward, &[], &Domain::default()).expect("runs");
            assert_eq!(found.answer, Identification::None, "{}", found.text());
        }
    }
}

#[test]
fn what_is_not_there_is_said() {
    let error = identify(&Other(f64::sin), FloatFormat::F32, Pass::Backward, &[], &Domain::default())
        .expect_err("no backward pass");
    assert_eq!(error.to_string(), "other has no backward pass for f32: the code does not have this format and pass");
    assert!(subject::needs_activation("native:naive") && subject::needs_activation("torch@cpu"));
    assert!(!subject::needs_activation("torch:gelu") && !subject::needs_activation("lib:a.so:f"));
}

#[test]
fn constants_and_nan_are_none_of_them() {
    for f in [|_| 0.0, |_| 1.0, |_| f64::NAN] as [fn(f64) -> f64; 3] {
        let found = identify(&Other(f), FloatFormat::F32, Pass::Forward, &[], &Domain::default()).expect("runs");
        assert_eq!(found.answer, Identification::None, "{}", found.text());
    }
}

/// Answers only where nothing is to be fitted to, or everywhere but there.
struct Partial(fn(f64) -> bool);

impl Subject for Partial {
    fn name(&self) -> String {
        "partial".into()
    }
    fn supports(&self, format: FloatFormat, pass: Pass) -> bool {
        format == FloatFormat::F32 && pass == Pass::Forward
    }
    fn run(&self, _: Pass, call: Call<'_>) -> Result<(), SubjectError> {
        let Call::F32(x, y) = call else { return Ok(()) };
        x.iter().zip(y).for_each(|(x, y)| *y = if *x > 0.0 { *x } else { 0.1 * x });
        Ok(())
    }
    fn answer(&self, pass: Pass, call: Call<'_>, _: u32) -> Result<Answered, SubjectError> {
        let mut answered = Answered::default();
        if let Call::F32(x, _) = &call {
            let silent = x.iter().enumerate().filter(|(_, x)| !(self.0)(f64::from(**x)));
            answered.missing = silent.map(|(k, _)| (k, NO_ANSWER)).collect();
        }
        self.run(pass, call)?;
        Ok(answered)
    }
}

#[test]
fn inputs_without_an_answer_are_counted_and_may_be_all_the_usual_ones() {
    let found =
        identify(&Partial(|x| x < 10.0), FloatFormat::F32, Pass::Forward, &[], &Domain::default()).expect("runs");
    assert!(found.unanswered > 100, "{}", found.text());
    assert!(found.text().contains(&format!("({} more have no answer", found.unanswered)), "{}", found.text());
    assert_eq!(found.candidates[0].function, "leaky_relu(a=1/10)");
    // nothing to fit to
    let far = identify(
        &Partial(|x| !(1e-6..=20.0).contains(&x.abs())),
        FloatFormat::F32,
        Pass::Forward,
        &[],
        &Domain::default(),
    );
    assert!(far.expect("runs").unanswered > 3000);
}

/// Where several functions are one wherever there are answers, no name is given to the code.
#[test]
fn functions_that_differ_where_nothing_is_answered_are_not_told_apart() {
    let found =
        identify(&Partial(|x| x >= 0.0), FloatFormat::F32, Pass::Forward, &[], &Domain::default()).expect("runs");
    let why = found.why.as_deref().unwrap_or_default();
    let said = why.contains("are the same where the code answers, and differ at -");
    assert!(found.answer == Identification::None && said, "{}", found.text());
}

fn silu(x: f64) -> f64 {
    x / (1.0 + (-x).exp())
}

fn quick(x: f64) -> f64 {
    x / (1.0 + (-1.702 * x).exp())
}

/// f32, and another one by turns: what has no name takes seconds in each.
fn two_formats(k: usize) -> [FloatFormat; 2] {
    [FloatFormat::F32, [FloatFormat::Bf16, FloatFormat::F16, FloatFormat::F64][k % 3]]
}

fn erf(x: f64) -> f64 {
    rug::Float::with_val(60, x).erf().to_f64()
}

/// Code that is a function of the catalogue on most inputs is not that function.
#[test]
fn a_name_holds_wherever_the_code_answers() {
    let others: [(Real, &str); 6] = [
        (|x| if x > 50.0 { x / 2.0 } else { silu(x) }, "silu"),
        (|x| if x > 1000.0 { f64::NAN } else { silu(x) }, "silu"),
        (|x| if x < -30.0 { x } else { silu(x) }, "silu"),
        (|x| if x == 0.0 || x.abs() > 1e5 { f64::INFINITY } else { x.max(0.0) }, "relu"),
        (|x| if x > 88.0 { f64::INFINITY } else { x.exp().ln_1p() }, "softplus"),
        (|x| if (3.0..3.3).contains(&x) { 0.0 } else { x.tanh() }, "tanh"),
    ];
    for (k, (f, near)) in others.into_iter().enumerate() {
        for format in [FloatFormat::F32, [FloatFormat::F64, FloatFormat::Bf16][k % 2]] {
            let found = identify(&Other(f), format, Pass::Forward, &[], &Domain::default()).expect("runs");
            let why = found.why.clone().unwrap_or_default();
            assert_eq!(found.answer, Identification::None, "{}", found.text());
            assert!(why.starts_with(near) && why.contains("explains all answers but"), "{}", found.text());
            assert!(found.text().lines().all(|line| line.chars().count() <= 80), "{}", found.text());
        }
    }
}

#[test]
fn what_stands_around_a_function_is_part_of_its_name() {
    let others: [(Real, &str); 9] = [
        (|x| x.clamp(0.0, 20.0), "clip(x, 0, 20)"),
        (|x| silu(x).min(10.0), "min(silu, 10)"),
        (|x| silu(x).min(100.0), "min(silu, 100)"),
        (|x| quick(x.min(7.0)), "min(gelu_quick, 6.99995"),
        (|x| -silu(x), "-silu"),
        (|x| 30.0 * (x / 30.0).tanh(), "30*tanh(1/30*x)"),
        (|x| 1.7159 * (2.0 * x / 3.0).tanh(), "1.7159*tanh(2/3*x)"),
        (|x| (0.3 * x + 0.5).clamp(0.0, 1.0), "clip(0.3*x + 1/2, 0, 1)"),
        (|x| if x > 0.0 { 2.0 * x } else { 3.0 * x.exp_m1() }, "2*elu(a=3/2)"),
    ];
    for (k, (f, label)) in others.into_iter().enumerate() {
        let format = [FloatFormat::F64, FloatFormat::F32][k % 2];
        let found = identify(&Other(f), format, Pass::Forward, &[], &Domain::default()).expect("runs");
        let best = &found.candidates[0];
        let named = best.function.starts_with(label) || best.also.iter().any(|a| a.starts_with(label));
        assert!(named && found.answer == Identification::Identified, "{label} {format:?}\n{}", found.text());
    }
    // and nothing stands around what has a name by itself
    for format in FloatFormat::ALL {
        assert_eq!(name(&Other(silu), format, Pass::Forward), "silu");
        assert_eq!(name(&Other(|x| x.max(0.0)), format, Pass::Forward), "relu");
    }
}

#[test]
fn scaled_and_bounded_functions_are_none_of_the_catalogue_in_any_format() {
    let others: [Real; 4] = [|x| x.clamp(0.0, 20.0), |x| silu(x).min(10.0), |x| -silu(x), |x| 0.97 * silu(x)];
    for (k, f) in others.into_iter().chain([erf as Real]).map(Other).enumerate() {
        for format in two_formats(k) {
            let found = identify(&f, format, Pass::Forward, &[], &Domain::default()).expect("runs");
            let bare = catalog::all().iter().any(|d| found.candidates[0].function.starts_with(d.id.as_str()));
            assert!(found.answer == Identification::None || !bare, "{format:?} {}", found.text());
        }
    }
}

#[test]
fn candidates_of_ones_own_are_named() {
    let telu = Definition::from_expr("x*tanh(exp(x))").expect("parsed");
    let own = [Activation::with_defaults(Arc::new(telu)).expect("made")];
    let found = identify(&Other(|x| x * x.exp().tanh()), FloatFormat::F32, Pass::Forward, &own, &Domain::default())
        .expect("runs");
    assert!(found.answer == Identification::Identified && found.candidates[0].function == own[0].label());
}

/// One rounding of a tanh next to 1 is all that makes results of 1e-30 wrong by millions of ulp.
#[test]
fn cancellation_is_told_from_code_that_is_wrong() {
    let found = identify(&native("gelu_tanh", &[], "naive"), FloatFormat::F32, Pass::Forward, &[], &Domain::default())
        .expect("runs");
    let said = found.rounding.expect("named");
    assert!(said.starts_with("rounds along the way, as a formula that cancels"), "{said}");
    let off = |x: f64| silu(x) * (1.0 + 1.0 / 16_384.0);
    let found = identify(&Other(off), FloatFormat::F32, Pass::Forward, &[], &Domain::default()).expect("runs");
    assert!(found.rounding.as_deref().is_none_or(|r| r.contains("no rounding explains")), "{}", found.text());
}

/// How far into [0, 1].
fn part(x: f64) -> f64 {
    x.clamp(0.0, 1.0)
}

/// A ramp of any form between two bounds is no scaled part of something else.
#[test]
fn ramps_and_steps_are_given_no_name() {
    let others: [Real; 4] = [
        |x| part(x) * part(x) * (3.0 - 2.0 * part(x)),
        |x| (part(x) * 8.0).floor() / 8.0,
        |x| 0.5 - 0.5 * (std::f64::consts::PI * part(x)).cos(),
        |x| if x.abs() >= 2.0 { x.signum() } else { (std::f64::consts::FRAC_PI_4 * x).sin() },
    ];
    for (k, f) in others.into_iter().enumerate() {
        for format in [FloatFormat::F32, [FloatFormat::F16, FloatFormat::Bf16][k % 2]] {
            let found = identify(&Other(f), format, Pass::Forward, &[], &Domain::default()).expect("runs");
            assert_eq!(found.answer, Identification::None, "{format:?} {}", found.text());
        }
    }
}

#[test]
fn narrow_formats_tell_parameters_and_admit_what_rounding_hides() {
    let swish = |b: f64, x: f64| x / (1.0 + (-b * x).exp());
    let others: [(&(dyn Fn(f64) -> f64 + Sync), &str); 2] =
        [(&|x| swish(0.97, x), "swish(b=97/100)"), (&|x| swish(1.02, x), "swish(b=51/50)")];
    for (f, label) in others {
        let found = identify(&Closure(f), FloatFormat::Bf16, Pass::Forward, &[], &Domain::default()).expect("runs");
        assert_eq!(found.candidates[0].function, label, "{}", found.text());
        assert!(found.rounding.is_some_and(|r| r.starts_with("computed in f32 or better")));
    }
    // the formula of gelu, each operation rounded: nearer to the tanh form than to its own
    let round = |v: f64| bf16::from_f64(v).to_f64();
    let gelu = move |x: f64| {
        let inner = round(1.0 + round(erf(round(x * std::f64::consts::FRAC_1_SQRT_2))));
        round(round(0.5 * x) * inner)
    };
    let found = identify(&Closure(&gelu), FloatFormat::Bf16, Pass::Forward, &[], &Domain::default()).expect("runs");
    let named = found.answer == Identification::Identified;
    assert!(!named || found.candidates[0].function == "gelu", "{}", found.text());
    // one factor, not four parameters of something else
    let found = identify(&Other(|x| 1.001 * x.max(0.0)), FloatFormat::F32, Pass::Forward, &[], &Domain::default())
        .expect("runs");
    assert!(found.candidates[0].function == "1.001*relu", "{}", found.text());
}

/// Code that is right on a part of the line only is named where that part is asked about, and no other input is given to it.
#[test]
fn a_part_of_the_line_has_a_name_of_its_own() {
    let domain = |text| Domain::parse(text).expect("a domain");
    let half = Other(|x| if (0.0..=4.0).contains(&x) { x / (1.0 + (-x).exp()) } else { f64::NAN });
    let on = |domain: &Domain| identify(&half, FloatFormat::F32, Pass::Forward, &[], domain).expect("runs");
    let found = on(&domain("0..4"));
    assert_eq!(
        (found.answer, &*found.candidates[0].function),
        (Identification::Identified, "silu"),
        "{}",
        found.text()
    );
    assert!(found.text().starts_with("other (f32, forward, in [0, 4]): silu"), "{}", found.text());
    assert_eq!(on(&Domain::default()).answer, Identification::None);
}

/// A name is about numbers: what the code does with the rest is told beside it.
#[test]
fn answers_to_infinities_and_nan_are_told() {
    let odd = Other(|x| if x.is_nan() { 0.0 } else { x / (1.0 + (-x).exp()) });
    let found = identify(&odd, FloatFormat::F64, Pass::Forward, &[], &Domain::default()).expect("runs");
    assert_eq!(found.answer, Identification::Identified, "{}", found.text());
    let told: Vec<_> = found.special.iter().map(|s| [&*s.input, &*s.answer, &*s.real]).collect();
    // -inf/inf
    assert_eq!(told, [["-inf", "NaN", "0"], ["NaN", "0", "NaN"]]);
    assert!(found.text().contains("at NaN the code answers 0, and silu is NaN there"), "{}", found.text());
    let right = native("silu", &[], "accurate");
    let found = identify(&right, FloatFormat::F64, Pass::Forward, &[], &Domain::default()).expect("runs");
    assert!(found.special.is_empty(), "{:?}", found.special);
}
