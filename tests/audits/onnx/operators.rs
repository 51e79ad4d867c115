//! Every operator of the table, run by ONNX Runtime.

use super::{activation, audit, identified, names, row, runtime, subject, there};
use actaudit::expr::FloatFormat;
use actaudit::internal::OPERATORS;
use actaudit::kernels::Pass;
use actaudit::verdict::Verdict;
use std::collections::BTreeMap;

/// An operator with settings, and without those that mean nothing.
fn asked(name: &str) -> Vec<(String, BTreeMap<String, String>)> {
    let settings: &[&[(&str, &str)]] = match name {
        "Clip" => &[&[("min", "0")], &[("min", "0"), ("max", "6")], &[("min", "-1"), ("max", "1")]],
        "Gelu" => &[&[], &[("approximate", "tanh")]],
        "HardSigmoid" => &[&[], &[("alpha", "1/6")]],
        "LeakyRelu" => &[&[], &[("alpha", "0.2")]],
        "Shrink" => &[&[], &[("bias", "0.5")]],
        _ => &[&[]],
    };
    let one = |pairs: &&[(&str, &str)]| {
        let text: String = pairs.iter().map(|(k, v)| format!(",{k}={v}")).collect();
        let given = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        (format!("onnx:op:{name}{text}"), given)
    };
    settings.iter().map(one).collect()
}

#[test]
fn every_operator_runs_and_computes_what_the_table_says() {
    if !there(runtime()) {
        return;
    }
    for operator in OPERATORS {
        for (text, given) in asked(operator.name) {
            let expected = operator.activation(&given).unwrap_or_else(|| panic!("{text} is nothing"));
            let subject = subject(&text);
            for format in FloatFormat::ALL {
                if !subject.supports(format, Pass::Forward) {
                    assert!(subject.lacks(format).contains("format"), "{text}: {}", subject.lacks(format));
                }
            }
            let formats = [FloatFormat::F32, FloatFormat::F16].into_iter();
            let formats: Vec<FloatFormat> = formats.filter(|f| subject.supports(*f, Pass::Forward)).collect();
            assert!(formats.contains(&FloatFormat::F32), "{text}: every operator has f32");
            let report = audit(&expected, subject.as_ref(), &formats);
            for format in formats {
                let process = row(&report, format.name(), "process");
                assert_eq!((process.failing, process.incidents.len()), (0, 0), "{text}: {}", report.text(false));
                let least = if format == FloatFormat::F16 { 60_000 } else { 20_000 };
                assert!(row(&report, format.name(), "ulp").compared > least, "{text}: {}", report.text(false));
            }
            if expected.definition.id != "expr" {
                let found = names(&identified(&text, FloatFormat::F32));
                // one fits parameters to answers: of x*sigmoid(1.702x), the name without a parameter comes first
                let same = found.iter().any(|name| *name == expected.label() || name.starts_with("gelu_quick"));
                assert!(same, "{text}: {} is {found:?}", expected.label());
            }
        }
    }
}

/// Bits are moved, not computed: that much is exact whatever the processor.
#[test]
fn relu_is_exact_and_says_what_it_depends_on() {
    if !there(runtime()) {
        return;
    }
    let subject = subject("onnx:op:Relu");
    let report = audit(&activation("relu"), subject.as_ref(), &[FloatFormat::F64, FloatFormat::F32, FloatFormat::F16]);
    for dtype in ["f64", "f32", "f16"] {
        assert_eq!(row(&report, dtype, "ulp").failing, 0, "{}", report.text(false));
    }
    let about = &report.environment["onnx:op:Relu"];
    assert!(about.starts_with("ONNX Runtime 1.") && about.contains("optimisation all, 1 thread"), "{about}");
}

/// 1 + erf(x/sqrt 2) cancels where erf is near -1: whatever the processor, half of the tail is lost.
#[test]
fn the_tail_of_gelu_is_found_to_cancel() {
    if !there(runtime()) {
        return;
    }
    let gelu = activation("gelu");
    let report = audit(&gelu, subject("onnx:op:Gelu").as_ref(), &[FloatFormat::F32]);
    let ulp = row(&report, "f32", "ulp");
    assert_eq!(ulp.verdict, Verdict::Refuted);
    let worst = ulp.witness.as_ref().unwrap_or_else(|| panic!("{}", report.text(false)));
    let at: f64 = worst.input_value.parse().expect("a number");
    assert!((-14.0..-4.0).contains(&at), "{at}");
}

#[test]
fn backward_is_lacking_for_a_reason() {
    if !there(runtime()) {
        return;
    }
    let subject = subject("onnx:op:Gelu");
    assert!(!subject.supports(FloatFormat::F32, Pass::Backward));
    assert_eq!(subject.lacks(FloatFormat::F32), "ONNX Runtime computes forward only");
    assert_eq!(subject.lacks(FloatFormat::Bf16), "ONNX Runtime has no kernel for this format");
}
