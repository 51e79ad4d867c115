//! Models that other people trained and packed.

use super::{
    Made, actaudit, activation, audit, fetched, identified, inventory, models, names, row, subject, summary, there,
};
use actaudit::audit::{Input, Options, verify};
use actaudit::expr::FloatFormat;
use actaudit::internal::Likeness;
use actaudit::kernels::Pass;
use actaudit::verdict::Verdict;

#[test]
fn activations_are_found_in_models_of_four_exporters() {
    if !there(models()) {
        return;
    }
    for (file, form, expected) in [
        ("magika.onnx", "tanh", &["gelu_tanh x2", "relu x2", "exp x1"][..]),
        ("paraphrase-minilm.onnx", "erf", &["gelu x3"]),
        ("minilm-int8.onnx", "erf", &["gelu x6"]),
        ("ddddocr-det.onnx", "sigmoid", &["silu x74", "sigmoid x6"]),
    ] {
        let found = inventory(&fetched(file));
        assert_eq!(summary(&found.activations), expected, "{file}");
        let first = &found.activations[0];
        assert_eq!((first.form.as_str(), first.dtype), (form, Some("f32")), "{file}");
        if let Some(distance) = &first.distance {
            assert!(distance.upper < 1e-5 && distance.domain == ["-inf", "inf"], "{file}: {distance:?}");
        }
        // the formula says one thing, and the runtime's own code must say the same
        let text = format!("onnx:{}#1", fetched(file).display());
        let run = identified(&text, FloatFormat::F32);
        assert_eq!(Some(&names(&run)[0]), first.activation.as_ref(), "{text}: {}", run.text());
    }
}

#[test]
fn a_model_without_gelu_has_none() {
    if !there(models()) {
        return;
    }
    let found = inventory(&fetched("silero-vad.onnx"));
    assert!(found.graphs > 20, "branches are graphs");
    let mut names: Vec<&str> = found.activations.iter().filter_map(|f| f.activation.as_deref()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names, ["relu", "sigmoid"], "{}", found.text());
}

#[test]
fn an_activation_is_cut_out_and_audited() {
    if !there(models()) {
        return;
    }
    let text = format!("onnx:{}#1", fetched("minilm-int8.onnx").display());
    let (gelu, subject) = (activation("gelu"), subject(&text));
    let report = audit(&gelu, subject.as_ref(), &[FloatFormat::F32, FloatFormat::F16]);
    assert!(row(&report, "f32", "ulp").compared > 30_000, "{}", report.text(false));
    assert_eq!(row(&report, "f32", "range").verdict, Verdict::Within, "{}", report.text(false));
    let lacking = &row(&report, "f16", "ulp").excluded;
    assert!(lacking.iter().any(|e| e.reason == "the model's tensors are of another format"), "{lacking:?}");
    // by the name of an operation
    let text = format!("onnx:{}#node_gelu_1", fetched("minilm-int8.onnx").display());
    assert_eq!(names(&identified(&text, FloatFormat::F32)), ["gelu"]);
}

/// sqrt(2) is replaced by 1/0.7, wherever it stands in a real model.
#[test]
fn a_model_with_a_wrong_constant_is_refuted() {
    if !there(models()) {
        return;
    }
    let mut data = std::fs::read(fetched("minilm-int8.onnx")).expect("a model");
    let (right, wrong) = (std::f32::consts::SQRT_2.to_le_bytes(), (1.0f32 / 0.7).to_le_bytes());
    let places: Vec<usize> = data.windows(4).enumerate().filter(|(_, w)| *w == right).map(|(at, _)| at).collect();
    assert!(!places.is_empty());
    places.iter().for_each(|at| data[*at..][..4].copy_from_slice(&wrong));
    let made = Made::new(&data);
    let found = inventory(&made.path());
    assert_eq!(summary(&found.activations), ["gelu x6"]);
    let first = &found.activations[0];
    let distance = first.distance.as_ref().expect("a distance");
    assert!(first.likeness == Likeness::Near && (1e-3..1e-2).contains(&distance.upper), "{first:?}");
    let report = audit(&activation("gelu"), subject(&made.text("#1")).as_ref(), &[FloatFormat::F32]);
    let ulp = row(&report, "f32", "ulp");
    assert_eq!(ulp.verdict, Verdict::Refuted);
    // where the right formula does not cancel, either
    let options = Options {
        dtypes: vec![FloatFormat::F32],
        passes: vec![Pass::Forward],
        inputs: Some(vec![Input::Bits(1.0f32.to_bits().into())]),
        checks: vec!["ulp".into()],
        ..Options::default()
    };
    let gelu = activation("gelu");
    for (text, verdict) in [
        (made.text("#1"), Verdict::Refuted),
        (format!("onnx:{}#1", fetched("minilm-int8.onnx").display()), Verdict::Within),
    ] {
        let report = verify(&gelu, &[subject(&text).as_ref()], &[], &options, &|_| true).expect("an audit").report();
        assert_eq!(row(&report, "f32", "ulp").verdict, verdict, "{}", report.text(false));
    }
}

#[test]
fn the_command_lists_them() {
    if !there(models()) {
        return;
    }
    let text = format!("onnx:{}", fetched("magika.onnx").display());
    let out = actaudit(&["identify", &text], None);
    let shown = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(out.status.code(), Some(0), "{shown}");
    for part in ["written by tf2onnx, opset 15", "#1 gelu_tanh", "by tanh, constants rounded", "for sqrt(2/pi), off by"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let out = actaudit(&["identify", &text, "--format", "json"], None);
    let found: serde_json::Value = serde_json::from_slice(&out.stdout).expect("one JSON object");
    assert_eq!(found["schema"], "actaudit.onnx.v1");
    assert_eq!(found["activations"][0]["places"].as_array().map(Vec::len), Some(2), "{found}");
    let nodes = found["activations"][0]["places"][0]["nodes"].as_array().map(Vec::len);
    assert_eq!(nodes, Some(9), "{found}");
}
