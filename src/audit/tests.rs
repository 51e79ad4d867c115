use super::*;
use crate::check::{By, Policy, Tolerance};
use crate::expr::{Activation, Definition, FloatFormat};
use crate::kernels::{ACCURATE, Call, KERNELS, Pass};
use crate::number::Format;
use crate::subject::incident::{Answered, NOT_IN_TABLE};
use crate::subject::{Native, Subject, SubjectError};
use crate::testing;
use crate::verdict::{Evidence, Verdict};
use rug::Rational;
use std::collections::BTreeSet;
use std::sync::Arc;

fn quick(dtypes: &[FloatFormat]) -> Options {
    Options { dtypes: dtypes.to_vec(), effort: Effort::Quick, ..Options::default() }
}

fn audit(activation: &Activation, subject: &dyn Subject, options: &Options) -> Audit {
    verify(activation, &[subject], &[], options, &|_| true).expect("runs")
}

/// The checks that fail, as `dtype/pass/check`.
fn failures(report: &Audit) -> Vec<String> {
    let failing = report.results.iter().filter(|r| !matches!(r.verdict, Verdict::Proved | Verdict::Within));
    failing.map(|r| format!("{}/{}/{} {}", r.dtype.name(), r.pass.name(), r.check, r.verdict.name())).collect()
}

/// Every kernel that is not accurate, with the checks that it fails in some format or pass.
const NAIVE: &[(&str, &str, &str)] = &[
    ("srelu", "paper", "bisect finite gradient hunt lipschitz monotone range seam sign smooth special ulp"),
    ("hardsigmoid_keras", "naive", "bisect hunt lipschitz seam smooth ulp"),
    ("gem", "naive", "finite flush gradient hunt lipschitz monotone range seam smooth special ulp"),
    ("segem", "naive", "finite flush gradient hunt lipschitz monotone range seam smooth special ulp"),
    ("gelu", "naive", "bisect flush hunt lipschitz monotone range seam smooth special ulp"),
    ("gelu_tanh", "naive", "bisect finite flush hunt lipschitz monotone range seam smooth special ulp"),
    ("silu", "naive", "bisect flush hunt lipschitz monotone range seam smooth special ulp"),
    ("mish", "naive", "bisect flush hunt lipschitz monotone range seam sign smooth special ulp"),
    ("elu", "naive", "bisect flush hunt lipschitz seam smooth ulp"),
    ("sigmoid", "naive", "bisect flush hunt lipschitz seam ulp"),
    ("softplus", "naive", "bisect finite flush hunt lipschitz seam ulp"),
];

#[test]
fn every_kernel_in_the_table_is_audited() {
    let mut surprises = vec![];
    let ids: BTreeSet<&str> = KERNELS.iter().map(|k| k.activation).collect();
    for id in ids {
        let activation = testing::activation(id);
        let kernels = Native::all(&activation);
        let subjects: Vec<&dyn Subject> = kernels.iter().map(|k| k as &dyn Subject).collect();
        let options = quick(&[FloatFormat::F64, FloatFormat::F32, FloatFormat::F16]);
        let report = verify(&activation, &subjects, &[], &options, &|_| true).expect("runs");
        for kernel in &kernels {
            let own: Vec<&Record> = report.results.iter().filter(|r| r.subject == kernel.name()).collect();
            if kernel.variant() == ACCURATE {
                let bad = own.iter().filter(|r| !good(r));
                surprises.extend(bad.map(|r| format!("{id} {r:?}")));
                continue;
            }
            let refuted: BTreeSet<&str> =
                own.iter().filter(|r| r.verdict == Verdict::Refuted).map(|r| r.check).collect();
            let refuted = Vec::from_iter(refuted).join(" ");
            let expected = NAIVE.iter().find(|(a, v, _)| *a == id && *v == kernel.variant());
            let expected = expected.map_or("no entry in this test", |(_, _, checks)| checks);
            if refuted != expected {
                surprises.push(format!("{id}:{} fails `{refuted}`, expected `{expected}`", kernel.variant()));
            }
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

/// Passed, or there was nothing to pass: an unbounded range or slope, no subnormal values.
fn good(r: &Record) -> bool {
    matches!(r.verdict, Verdict::Proved | Verdict::Within)
        || r.verdict == Verdict::Vacuous && ["range", "flush", "lipschitz"].contains(&r.check)
}

/// A correct kernel with a fault put in: `fault` gets the pass, the input and the right output.
struct Planted {
    base: Native,
    fault: fn(Pass, f64, f64) -> f64,
}

impl Subject for Planted {
    fn name(&self) -> String {
        "planted".into()
    }

    fn supports(&self, format: FloatFormat, pass: Pass) -> bool {
        self.base.supports(format, pass)
    }

    fn run(&self, pass: Pass, call: Call<'_>) -> Result<(), SubjectError> {
        fn spoil<T: Format>(x: &[T], y: &mut [T], f: impl Fn(f64, f64) -> f64) {
            x.iter().zip(y).for_each(|(x, y)| *y = T::from_f64(f(x.to_f64(), y.to_f64())));
        }
        let f = |x, y| (self.fault)(pass, x, y);
        match call {
            Call::F64(x, y) => self.base.run(pass, Call::F64(x, y)).map(|()| spoil(x, y, f)),
            Call::F32(x, y) => self.base.run(pass, Call::F32(x, y)).map(|()| spoil(x, y, f)),
            Call::F16(x, y) => self.base.run(pass, Call::F16(x, y)).map(|()| spoil(x, y, f)),
            Call::Bf16(x, y) => self.base.run(pass, Call::Bf16(x, y)).map(|()| spoil(x, y, f)),
        }
    }
}

/// A fault in a kernel of this activation must fail exactly these checks.
fn check(id: &str, dtype: FloatFormat, fault: fn(Pass, f64, f64) -> f64, expected: &[&str]) {
    let activation = testing::activation(id);
    let base = Native::new(&activation, ACCURATE).expect("there is one");
    let report = audit(&activation, &Planted { base, fault }, &quick(&[dtype]));
    assert_eq!(failures(&report), expected, "{}", report.text(false));
    assert_eq!(report.verdict(), Verdict::Refuted);
}

#[test]
fn three_ulp_at_one_input_are_found() {
    // 1.5 is where it is; three floats of f16 above the right output
    let fault = |pass, x: f64, y: f64| if pass == Pass::Forward && x == 1.5 { y + 3.0 / 1024.0 } else { y };
    check(
        "gelu",
        FloatFormat::F16,
        fault,
        &[
            "f16/forward/ulp refuted",
            "f16/forward/monotone refuted",
            "f16/forward/seam refuted",
            "f16/forward/lipschitz refuted",
        ],
    );
}

#[test]
fn a_tail_cut_off_to_zero_is_found() {
    let fault = |pass, x: f64, y: f64| if pass == Pass::Forward && x < -5.54 { 0.0 } else { y };
    check(
        "gelu",
        FloatFormat::F32,
        fault,
        &[
            "f32/forward/ulp refuted",
            "f32/forward/flush refuted",
            "f32/forward/seam refuted",
            "f32/forward/bisect refuted",
        ],
    );
}

/// Right in one manner, and in another a formula that rounds more often.
struct TwoWays(Native, Native);

impl Subject for TwoWays {
    fn name(&self) -> String {
        "two ways".into()
    }
    fn supports(&self, format: FloatFormat, pass: Pass) -> bool {
        self.0.supports(format, pass)
    }
    fn run(&self, pass: Pass, call: Call<'_>) -> Result<(), SubjectError> {
        self.0.run(pass, call)
    }
    fn manners(&self) -> Vec<(&'static str, Box<dyn Subject + '_>)> {
        let other = Native::new(&testing::activation("silu"), self.1.variant()).expect("there is one");
        vec![("other", Box::new(other))]
    }
}

#[test]
fn other_code_for_another_layout_is_found() {
    let silu = testing::activation("silu");
    let of = |variant| Native::new(&silu, variant).expect("there is one");
    let options = Options { checks: vec!["layout".into()], ..quick(&[FloatFormat::F16]) };
    let verdict = |other| audit(&silu, &TwoWays(of("accurate"), of(other)), &options).verdict();
    assert_eq!((verdict("accurate"), verdict("naive")), (Verdict::Within, Verdict::Refuted));
    let report = audit(&silu, &TwoWays(of("accurate"), of("naive")), &options);
    let how = report.results[0].worst.first().and_then(|w| w.how.clone()).expect("it says how");
    assert_eq!(how, "other, in an array of 1031");
    assert!(report.text(false).contains("    asked   other, in an array of 1031\n"), "{}", report.text(false));
}

#[test]
fn a_refuted_error_is_shown_by_region() {
    let fault = |pass, x: f64, y: f64| if pass == Pass::Forward && x < -5.54 { 0.0 } else { y };
    let activation = testing::activation("gelu");
    let base = Native::new(&activation, ACCURATE).expect("there is one");
    let options = Options { checks: vec!["ulp".into()], passes: vec![Pass::Forward], ..quick(&[FloatFormat::F32]) };
    let report = audit(&activation, &Planted { base, fault }, &options);
    let text = report.text(false);
    let shown: Vec<&str> = text.lines().skip_while(|l| !l.contains("by region")).collect();
    assert!(shown[0].ends_with("where over the budget; 9 others are within it"), "{text}");
    assert!(shown[1].split_whitespace().eq(["region", "inputs", "ulp", "absolute", "relative"]), "{text}");
    // all of the value is lost: a relative error of 1, rounded up. Below -16 the real value is next to nothing
    assert!(shown[2].starts_with("    - [1, 16)  ") && shown[2].ends_with("  1.001"), "{text}");
    assert!(shown[3].is_empty(), "{text}");
    assert_eq!(report.regions().lines().filter(|l| l.starts_with("    + ") || l.starts_with("    - ")).count(), 10);
}

#[test]
fn nan_at_infinity_is_found() {
    let fault = |pass, x: f64, y: f64| if pass == Pass::Forward && x == f64::INFINITY { f64::NAN } else { y };
    check("silu", FloatFormat::Bf16, fault, &["bf16/forward/special refuted"]);
}

#[test]
fn nan_at_a_finite_input_is_found() {
    let fault = |pass, x: f64, y: f64| if pass == Pass::Forward && x > 1e4 && x.is_finite() { f64::NAN } else { y };
    check("gelu_tanh", FloatFormat::F16, fault, &["f16/forward/ulp refuted", "f16/forward/finite refuted"]);
}

#[test]
fn a_gradient_of_the_wrong_sign_is_found() {
    let fault = |pass, x: f64, y: f64| if pass == Pass::Backward && x == -3.703125 { -y } else { y };
    check(
        "gelu",
        FloatFormat::Bf16,
        fault,
        &["bf16/backward/ulp refuted", "bf16/backward/sign refuted", "bf16/backward/seam refuted"],
    );
}

#[test]
fn a_step_back_is_found() {
    // one output falls by four floats: too little for the budget in ulp, too much for an order
    let fault =
        |pass, x: f64, y: f64| if pass == Pass::Forward && x == 0.25 { y - 4.0 * f64::EPSILON / 4.0 } else { y };
    let activation = testing::activation("silu");
    let base = Native::new(&activation, ACCURATE).expect("there is one");
    let near: Vec<u64> = (-3i64..4).map(|k| 0.25f64.to_bits().wrapping_add_signed(k)).collect();
    let options = Options {
        inputs: Some(near.into_iter().map(Input::Bits).collect()),
        max_ulp: Some(10.0),
        ..quick(&[FloatFormat::F64])
    };
    let report = audit(&activation, &Planted { base, fault }, &options);
    let refuted: Vec<&str> = report.results.iter().filter(|r| r.verdict == Verdict::Refuted).map(|r| r.check).collect();
    assert_eq!(refuted, ["monotone"], "{}", report.text(false));
}

#[test]
fn an_output_below_the_minimum_is_found() {
    // the minimum of gelu is about -0.16997; every format's nearest floats below it are out of range
    let fault = |pass, x: f64, y: f64| if pass == Pass::Forward && x == -0.75 { -0.1708984375 } else { y };
    check(
        "gelu",
        FloatFormat::F16,
        fault,
        &[
            "f16/forward/ulp refuted",
            "f16/forward/range refuted",
            "f16/forward/monotone refuted",
            "f16/forward/seam refuted",
            "f16/forward/lipschitz refuted",
        ],
    );
}

#[test]
fn what_is_right_is_not_flagged() {
    // any subgradient at the kink of relu, either zero, any NaN, a saturated sigmoid
    let kink = |pass, x: f64, y: f64| {
        if pass == Pass::Backward && x == 0.0 {
            0.5
        } else if y == 0.0 {
            -0.0
        } else {
            y
        }
    };
    let activation = testing::activation("relu");
    let base = Native::new(&activation, ACCURATE).expect("there is one");
    let report = audit(&activation, &Planted { base, fault: kink }, &quick(&[FloatFormat::F16, FloatFormat::F64]));
    assert!(report.results.iter().all(good), "{}", report.text(false));
    let ulp = report.results.iter().find(|r| r.check == "ulp" && r.pass == Pass::Backward).expect("is there");
    assert_eq!(ulp.subgradients, 2, "both zeros");
}

#[test]
fn nothing_compared_is_vacuous() {
    let activation = testing::activation("gelu");
    let base = Native::new(&activation, ACCURATE).expect("there is one");
    let options = Options { inputs: Some(vec![Input::Bits(0x7e00)]), ..quick(&[FloatFormat::F16]) };
    let report = audit(&activation, &base, &options);
    let ulp = &report.results[0];
    assert_eq!((ulp.check, ulp.verdict, ulp.compared), ("ulp", Verdict::Vacuous, 0));
    assert_eq!(ulp.excluded[0].reason, "input is NaN");
}

#[test]
fn the_same_whatever_the_number_of_threads() {
    let activation = testing::activation("srelu");
    let kernels = Native::all(&activation);
    let text = |jobs| {
        let options = Options { jobs: Some(jobs), ..quick(&[FloatFormat::F16]) };
        let report = verify(&activation, &[&kernels[0]], &[&kernels[1]], &options, &|_| true).expect("runs");
        serde_json::to_string(&report.report()).expect("is JSON")
    };
    assert_eq!(text(1), text(3));
}

#[test]
fn an_interrupted_audit_shows_what_it_has_and_calls_nothing_proved() {
    let activation = testing::activation("gelu");
    let base = Native::new(&activation, ACCURATE).expect("there is one");
    let options = Options { passes: vec![Pass::Forward], jobs: Some(1), ..quick(&[FloatFormat::F16]) };
    let report = verify(&activation, &[&base], &[], &options, &|p| p.done < 20_000).expect("runs");
    let text = report.text(false);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.ends_with("; interrupted: the rest was not looked at"), "{text}");
    assert!(!text.contains("proved") && !text.contains("exhaustive"), "{text}");
    // what was looked at is shown, and nothing was asked after the interruption
    let ulp = report.results.iter().find(|r| r.check == "ulp").expect("a row");
    assert!(
        ulp.compared > 0
            && ulp.compared < 65_280
            && text.starts_with(
                "gelu, effort quick\n\nUNDECIDED  native f16 forward: interrupted; what was looked at passed\n"
            ),
        "{text}"
    );
    assert!(report.results.iter().all(|r| r.check != "position"), "{text}");
    assert_eq!((report.verdict(), report.summary.partial), (Verdict::Undecided, true));
    // an interruption before the first input leaves nothing to show
    let report = verify(&activation, &[&base], &[], &options, &|_| false).expect("runs");
    let text = report.text(false);
    assert!(text.contains("\nNOTHING COMPARED  native f16 forward: ") && text.contains(" 0 inputs, "), "{text}");
}

#[test]
fn report_snapshots() {
    let activation = testing::activation("srelu");
    let kernels = Native::all(&activation);
    let options = quick(&[FloatFormat::F32, FloatFormat::F16]);
    let report = verify(&activation, &[&kernels[0]], &[&kernels[1]], &options, &|_| true).expect("runs");
    insta::assert_snapshot!("srelu_text", report.text(false));
    let asked = verify(&activation, &[&kernels[1]], &[], &quick(&[FloatFormat::Bf16]), &|_| true).expect("runs");
    insta::assert_snapshot!("paper_text", asked.text(false));
    insta::assert_json_snapshot!("paper_json", asked.report());
}

/// The catalogue's kernel, but for most inputs without an answer.
struct Partial(Native);

impl Subject for Partial {
    fn name(&self) -> String {
        "partial".into()
    }
    fn supports(&self, format: FloatFormat, pass: Pass) -> bool {
        self.0.supports(format, pass)
    }
    fn run(&self, pass: Pass, call: Call<'_>) -> Result<(), SubjectError> {
        self.0.run(pass, call)
    }
    fn answer(&self, pass: Pass, call: Call<'_>, _: u32) -> Result<Answered, SubjectError> {
        let Call::F16(x, _) = &call else { return Ok(Answered::default()) };
        let n = x.len();
        self.0.run(pass, call)?;
        Ok(Answered { missing: (3..n).map(|place| (place, NOT_IN_TABLE)).collect(), ..Answered::default() })
    }
}

#[test]
fn what_was_not_answered_is_not_proved() {
    let activation = testing::activation("relu");
    let options = Options { effort: Effort::Exhaustive, passes: vec![Pass::Forward], ..quick(&[FloatFormat::F16]) };
    let verdict = |subject: &dyn Subject| {
        let report = audit(&activation, subject, &options);
        let ulp = report.results.iter().find(|r| r.check == "ulp").expect("a row");
        (ulp.verdict, ulp.evidence)
    };
    let native = || Native::new(&activation, ACCURATE).expect("there is one");
    assert_eq!(verdict(&native()), (Verdict::Proved, Evidence::Exhaustive));
    assert_eq!(verdict(&Partial(native())), (Verdict::Within, Evidence::Sampled));
}

#[test]
fn a_step_from_end_to_end_of_f64_is_a_step() {
    let step: fn(Pass, f64, f64) -> f64 = |pass, x: f64, y| match pass {
        Pass::Forward => {
            if x < 0.0 {
                8.0
            } else {
                -8.0
            }
        }
        _ => y,
    };
    let rise: fn(Pass, f64, f64) -> f64 = |pass, x: f64, y| match pass {
        Pass::Forward => {
            if x < 0.0 {
                -8.0
            } else {
                8.0
            }
        }
        _ => y,
    };
    let activation = testing::activation("tanh");
    let options = Options { checks: vec!["monotone".into()], ..quick(&[FloatFormat::F64]) };
    for (fault, verdict) in [(step, Verdict::Refuted), (rise, Verdict::Within)] {
        let base = Native::new(&activation, ACCURATE).expect("there is one");
        let report = audit(&activation, &Planted { base, fault }, &options);
        assert_eq!(report.verdict(), verdict, "{}", report.text(false));
    }
}

#[test]
fn a_tolerance_is_decided_where_doubles_do_not_reach() {
    // where values overflow, and where they are next to the bound: all of it is decided, and the kernel is right if the
    // bound leaves room for rounding. (A relative bound alone is hopeless where values are below what MPFR holds.)
    let activation = testing::activation("exp");
    let native = Native::new(&activation, ACCURATE).expect("there is one");
    for (absolute, relative, right) in [(1.0, 0.0, false), (1e-300, 1e-12, true)] {
        let tolerance = Some(Tolerance { absolute, relative });
        let options = Options { tolerance, checks: vec!["tolerance".into()], ..quick(&[FloatFormat::F64]) };
        let report = audit(&activation, &native, &options);
        let forward = report.results.iter().find(|r| r.pass == Pass::Forward).expect("a row");
        assert_eq!((forward.undecided, forward.failing == 0), (0, right), "{}", report.text(false));
    }
}

#[test]
fn commands_name_what_is_not_in_the_catalogue() {
    let spelled = Some(["expr".to_owned(), "x*sigmoid(x)".to_owned()]);
    let activation = Activation { spelled, ..testing::activation("silu") };
    let base = Native::new(&activation, ACCURATE).expect("there is one");
    let report = audit(&activation, &Planted { base, fault: |_, _, y| 1.5 * y }, &quick(&[FloatFormat::F16]));
    let row = report.results.iter().find(|r| r.check == "ulp").expect("a row");
    let rows = report.report().results;
    let again = rows.iter().find_map(|r| r.repro.as_deref().filter(|_| r.check == row.check)).expect("refuted");
    assert!(again.starts_with("actaudit verify --expr='x*sigmoid(x)' --impl planted --dtype f16 "), "{again}");
}

/// Inputs next to which srelu's derivative, 1/2 + 750 x - 250,000,000 x^3, is all but half-way between two f64s.
fn next_to_ties() -> Vec<u64> {
    let near = |k: i64| (k as f64 * crate::number::format::power_of_two(-55)).to_bits();
    (1..400).step_by(2).flat_map(|k| [near(k), near(-k)]).collect()
}

/// Whether another f64 is nearer to srelu's derivative than this one, in exact arithmetic.
fn another_is_nearer(x: f64, y: f64) -> bool {
    let q = |v: f64| Rational::from_f64(v).expect("finite");
    let x = q(x);
    let cube = Rational::from(&x * &x) * &x * 250_000_000;
    let real = Rational::from((1, 2)) + x * 750 - cube;
    let off = |y: f64| {
        let distance: Rational = q(y) - &real;
        distance.abs()
    };
    off(y.next_up()) < off(y) || off(y.next_down()) < off(y)
}

#[test]
fn what_is_not_correctly_rounded_is_counted_exactly_next_to_ties() {
    let activation = testing::activation("srelu");
    let linear: fn(Pass, f64, f64) -> f64 = |_, x, _| x.mul_add(750.0, 0.5);
    let right: fn(Pass, f64, f64) -> f64 = |_, _, y| y;
    let passes = vec![Pass::Backward];
    let options = Options {
        inputs: Some(next_to_ties().into_iter().map(Input::Bits).collect()),
        passes,
        max_ulp: Some(0.5),
        ..quick(&[FloatFormat::F64])
    };
    for (fault, least) in [(linear, 50), (right, 0)] {
        let base = Native::new(&activation, ACCURATE).expect("there is one");
        let planted = Planted { base, fault };
        let x: Vec<f64> = next_to_ties().iter().map(|bits| f64::from_bits(*bits)).collect();
        let mut y = vec![0.0; x.len()];
        planted.run(Pass::Backward, Call::F64(&x, &mut y)).expect("runs");
        let wrong = x.iter().zip(&y).filter(|(x, y)| another_is_nearer(**x, **y)).count() as u64;
        let report = audit(&activation, &planted, &options);
        let ulp = report.results.iter().find(|r| r.check == "ulp").expect("a row");
        let statistics = ulp.statistics.as_ref().expect("statistics");
        assert_eq!((statistics.not_correctly_rounded, statistics.nearly_half), (wrong, 0));
        assert_eq!((ulp.failing, ulp.undecided), (wrong, 0), "half an ulp is allowed, and not more");
        assert!(wrong >= least, "{wrong}");
    }
}

/// An output that does not depend on the input.
struct Constant(f64);

impl Subject for Constant {
    fn name(&self) -> String {
        "constant".into()
    }
    fn supports(&self, _: FloatFormat, _: Pass) -> bool {
        true
    }
    fn run(&self, _: Pass, call: Call<'_>) -> Result<(), SubjectError> {
        match call {
            Call::F64(_, y) => y.fill(self.0),
            Call::F32(_, y) => y.fill(f32::from_f64(self.0)),
            Call::F16(_, y) => y.fill(Format::from_f64(self.0)),
            Call::Bf16(_, y) => y.fill(Format::from_f64(self.0)),
        }
        Ok(())
    }
}

/// The ulp row for one output at one input of an f64.
fn at_one_input(expr: &str, x: f64, y: f64) -> Record {
    let definition = Definition::from_expr(expr).expect("an expression");
    let activation = Activation::with_defaults(Arc::new(definition)).expect("no parameters");
    let (inputs, passes, checks) = (Some(vec![x.to_bits()]), vec![Pass::Forward], vec!["ulp".into()]);
    let inputs = inputs.map(|bits| bits.into_iter().map(Input::Bits).collect());
    let options = Options { inputs, passes, checks, max_ulp: Some(0.5), ..quick(&[FloatFormat::F64]) };
    audit(&activation, &Constant(y), &options).results.remove(0)
}

#[test]
fn ties_are_decided_where_the_value_is_rational() {
    // one third is no binary number, and yet three times that and a half are half-way between two f64s
    let tie = "(x + 1/3) * 3 + 9007199254740975/2";
    for (y, wrong) in [(4503599627370497.0, 0), (4503599627370498.0, 0), (4503599627370496.0, 1)] {
        let row = at_one_input(tie, 3.0, y);
        let statistics = row.statistics.expect("statistics");
        assert_eq!((statistics.not_correctly_rounded, statistics.nearly_half), (wrong, 0), "{y}");
        assert_eq!((row.failing, row.undecided), (wrong, 0), "{y}");
    }
    // half an ulp off, and not the nearest: the value is the power of two above
    let below = at_one_input("(x + 1/3) * 3 - 8", 3.0, 2f64.next_down()).statistics.expect("statistics");
    assert_eq!(below.not_correctly_rounded, 1);
}

#[test]
fn a_tolerance_holds_at_kinks_too() {
    let activation = testing::activation("relu");
    let tolerance = Some(Tolerance { absolute: 1e-3, relative: 0.0 });
    let (passes, checks) = (vec![Pass::Backward], vec!["tolerance".into()]);
    let options = Options { tolerance, passes, checks, ..quick(&[FloatFormat::F16]) };
    let at_zero: [fn(Pass, f64, f64) -> f64; 2] =
        [|_, x, y| if x == 0.0 { 7.0 } else { y }, |_, x, y| if x == 0.0 { 0.25 } else { y }];
    for (fault, verdict) in at_zero.into_iter().zip([Verdict::Refuted, Verdict::Proved]) {
        let base = Native::new(&activation, ACCURATE).expect("there is one");
        let report = audit(&activation, &Planted { base, fault }, &options);
        assert_eq!(report.verdict(), verdict, "{}", report.text(false));
    }
}

#[test]
fn a_zero_has_the_sign_of_what_rounds_to_it_where_that_is_declared() {
    let activation = testing::activation("silu");
    let policy = Policy::default().declare("zero=signed").expect("a word");
    let (passes, checks) = (vec![Pass::Forward], vec!["sign".into()]);
    let options = Options { policy, passes, checks, ..quick(&[FloatFormat::F16, FloatFormat::F32]) };
    let negative: fn(Pass, f64, f64) -> f64 = |_, x, y| if y == 0.0 { 0.0f64.copysign(x) } else { y };
    let positive: fn(Pass, f64, f64) -> f64 = |_, _, y| if y == 0.0 { 0.0 } else { y };
    for (fault, verdict) in [(negative, Verdict::Within), (positive, Verdict::Refuted)] {
        let base = Native::new(&activation, ACCURATE).expect("there is one");
        let report = audit(&activation, &Planted { base, fault }, &options);
        assert_eq!(report.verdict(), verdict, "{}", report.text(false));
        // silu(0) is 0: mathematics has no sign for either output there
        let zeros = report.results[0].excluded.iter().find(|e| e.reason.contains("has no sign")).expect("counted");
        assert_eq!((zeros.count, zeros.by, report.results[0].unlooked), (2, By::Mathematics, 0));
    }
}

#[test]
fn what_was_not_looked_at_is_within_and_named() {
    // one output beyond the budget in ulp: it is not held against all others
    let fault = |pass, x: f64, y: f64| if pass == Pass::Forward && x == 1.5 { y + 4.0 / 1024.0 } else { y };
    let activation = testing::activation("gelu");
    let base = Native::new(&activation, ACCURATE).expect("there is one");
    let options = Options {
        checks: vec!["lipschitz".into()],
        passes: vec![Pass::Forward],
        max_ulp: Some(3.0),
        ..quick(&[FloatFormat::F16])
    };
    let report = audit(&activation, &Planted { base, fault }, &options);
    let row = &report.results[0];
    assert_eq!((row.verdict, row.evidence, row.unlooked), (Verdict::Within, Evidence::Exhaustive, 1));
    let text = report.text(false);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("not looked at, and so not proved: 1 inputs of gelu/planted/f16/forward/lipschitz: "),
        "{text}"
    );
    let json = serde_json::to_value(report.report()).expect("is JSON");
    assert_eq!(json["results"][0]["unlooked"], 1);
    let by: Vec<&str> =
        json["results"][0]["excluded"].as_array().expect("a list").iter().filter_map(|e| e["by"].as_str()).collect();
    assert_eq!(by, ["mathematics", "mathematics", "checker"]);
}
