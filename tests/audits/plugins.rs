//! Frameworks behind the plugin interface, each a crate of its own under `plugins/`. `make plugins` builds them and runs
//! this with the feature `plugins`; nothing here is part of `make test`, since they compile for minutes.
#![expect(clippy::panic, reason = "a panic is how a test fails")]

use actaudit::audit::{Effort, Options, verify};
use actaudit::catalog;
use actaudit::expr::{Activation, FloatFormat};
use actaudit::internal::Plan;
use actaudit::internal::contract::{VerifyReport, VerifyResult};
use actaudit::kernels::Pass;
use actaudit::subject;
use actaudit::verdict::Verdict;

fn audit(framework: &str, id: &str, dtypes: &[FloatFormat]) -> VerifyReport {
    subject::use_worker(env!("CARGO_BIN_EXE_actaudit"));
    let activation = Activation::with_defaults(catalog::find(id).expect("in the catalogue")).expect("defaults");
    let path = format!("{}/plugins/target/release/libactaudit_{framework}.so", env!("CARGO_MANIFEST_DIR"));
    let subject = subject::named(&format!("plugin:{path}"), &activation).unwrap_or_else(|e| panic!("{e}"));
    let options = Options { dtypes: dtypes.to_vec(), effort: Effort::Quick, ..Options::default() };
    verify(&activation, &[subject.as_ref()], &[], &options, &|_| true).unwrap_or_else(|e| panic!("{e}")).report()
}

fn row<'a>(report: &'a VerifyReport, dtype: FloatFormat, pass: Pass, check: &str) -> &'a VerifyResult {
    let is_it = |r: &&VerifyResult| r.dtype == dtype.name() && r.pass == pass.name() && r.check == check;
    report.results.iter().find(is_it).unwrap_or_else(|| panic!("no row: {}", report.text(false)))
}

fn upper(r: &VerifyResult) -> f64 {
    r.measured.parse().unwrap_or(f64::INFINITY)
}

#[test]
fn every_activation_of_the_plan_answers_in_every_format_and_both_passes() {
    let text = include_str!("../../audits/third-party.toml");
    let plan = Plan::read(text, "audits/third-party.toml").expect("a plan");
    let frameworks = plan.columns().iter().filter(|c| ["candle", "burn"].contains(&c.name.as_str()));
    for column in frameworks {
        for id in plan.activations().filter(|id| column.subject(id).is_some()) {
            let report = audit(&column.name, id, &FloatFormat::ALL);
            for format in FloatFormat::ALL {
                // candle's selu multiplies by tensors of f32, whatever it is given
                let refused = (column.name.as_str(), id) == ("candle", "selu") && format != FloatFormat::F32;
                for pass in Pass::ALL {
                    if refused {
                        assert_eq!(row(&report, format, pass, "ulp").compared, 0);
                        continue;
                    }
                    assert!(row(&report, format, pass, "ulp").compared > 20_000, "{} {id}", column.name);
                    assert_eq!(row(&report, format, pass, "process").failing, 0, "{} {id}", column.name);
                }
            }
        }
    }
}

/// burn's gradient of GELU was said to be that of the tanh form, up to 8.7e-4 off near 2.02, and NaN in f16 beyond 40.3. In
/// 0.22.1 on the backend `flex` it is neither: the first would be hundreds of ulp in f16.
#[test]
fn burns_gradient_of_gelu_is_that_of_the_erf_form() {
    let report = audit("burn", "gelu", &[FloatFormat::F16]);
    assert!(upper(row(&report, FloatFormat::F16, Pass::Backward, "ulp")) < 2.0, "{}", report.text(false));
    assert_eq!(row(&report, FloatFormat::F16, Pass::Backward, "finite").failing, 0);
}

/// burn's softplus overflowed for x > 88 (issue 5373): not in 0.22.1.
#[test]
fn burns_softplus_does_not_overflow() {
    let report = audit("burn", "softplus", &[FloatFormat::F32]);
    for pass in Pass::ALL {
        assert_eq!(row(&report, FloatFormat::F32, pass, "finite").failing, 0);
        assert_ne!(row(&report, FloatFormat::F32, pass, "ulp").verdict, Verdict::Refuted, "{}", report.text(false));
    }
}

/// candle computes the gradient of SiLU as s (1 - y) + y, which cancels where y is large: 0 or 2 instead of 1, from 258 on in
/// bf16 and from 2050 on in f16.
#[test]
fn candles_gradient_of_silu_is_lost_where_it_should_be_one() {
    let report = audit("candle", "silu", &[FloatFormat::F16, FloatFormat::Bf16]);
    for (format, ulp) in [(FloatFormat::F16, 1023.0), (FloatFormat::Bf16, 127.0)] {
        let row = row(&report, format, Pass::Backward, "ulp");
        assert!(row.verdict == Verdict::Refuted && upper(row) >= ulp, "{}", report.text(false));
    }
}

/// candle's relu takes NaN for 0, and its slope at 0 is 1 (a subgradient, but not the one of other frameworks).
#[test]
fn candles_relu_swallows_nan() {
    let report = audit("candle", "relu", &[FloatFormat::F16]);
    for pass in Pass::ALL {
        assert_eq!(row(&report, FloatFormat::F16, pass, "special").failing, 2046);
        assert_eq!(row(&report, FloatFormat::F16, pass, "ulp").failing, 0);
    }
}
