use super::*;
use crate::report::Page;
use crate::train::judge;
use crate::train::testing::{FILE, events, file, noise, outcomes, plan_of};

const CLAIMS: &str = r#"
[[claim]]
id = "relu-better"
quote = "relu learns better than gelu"
source = "a paper"
says = "lower"
arm = "relu"
than = ["gelu"]
[claim.reason]
quote = "it is cheaper"
judged = "what is cheaper does not learn better"
holds = false
[[claim]]
id = "silu-higher"
quote = "silu beats gelu by 0.07 points"
source = "a paper"
says = "higher"
arm = "silu"
than = ["gelu"]
metric = "accuracy"
published = { arm = 92.51, than = 92.44, unit = "accuracy", examples = 10000, setting = "CIFAR-10" }
"#;

/// Relu is better by 0.1; one run of silu has a wrong gradient.
fn report() -> TrainReport {
    let plan = plan_of(&file(CLAIMS), None).expect("a plan");
    let loss = |arm: usize, seed: u64| noise(arm, seed) + if arm == 1 { 0.4 } else { 0.5 };
    let mut all = outcomes(&plan, loss);
    let mut broken = events(&plan, 5, 0.5);
    if let crate::train::Event::Started(started) = &mut broken[0] {
        started.slope = Some(crate::train::SlopeCheck { at: 1.0, got: 0.75, real: 0.5, inputs: 24 });
    }
    all[5] = Outcome::new(5, &broken);
    TrainReport::new(&plan, &judge(&plan, all).expect("judged"))
}

#[test]
fn reports_are_what_they_were() {
    let report = report();
    assert_eq!(report.ended(), Ended::Judged(Verdict::Refuted));
    insta::assert_snapshot!("text", report.text(&Page::PLAIN));
    insta::assert_snapshot!("markdown", report.markdown());
    insta::assert_snapshot!("json", serde_json::to_string_pretty(&report).expect("a value"));
    assert!(report.text(&Page::PLAIN).lines().all(|line| line.chars().count() <= 80));
    let html = report.html();
    for words in ["relu learns better than gelu", "cannot be the reason", "Mean differences", "7 of 10000 images"] {
        assert!(html.contains(words), "{words}");
    }
}

#[test]
fn a_trend_is_told_as_one() {
    let text = FILE.replace("baseline = \"gelu\"", "trend = true");
    let plan = plan_of(&toml::from_str(&text).expect("an audit"), None).expect("a plan");
    let results = judge(&plan, outcomes(&plan, |arm, seed| noise(arm, seed) - arm as f64)).expect("judged");
    let report = TrainReport::new(&plan, &results);
    insta::assert_snapshot!("trend", report.text(&Page::PLAIN));
    assert_eq!(report.ended(), Ended::Done);
}

#[test]
fn what_is_missing_is_said_first() {
    let plan = plan_of(&file(""), None).expect("a plan");
    let mut some = outcomes(&plan, noise);
    some.truncate(20);
    let mut report = TrainReport::new(&plan, &judge(&plan, some).expect("judged"));
    assert_eq!(report.ended(), Ended::Judged(Verdict::Undecided));
    let text = report.text(&Page::PLAIN);
    assert!(text.lines().take(4).any(|line| line.contains("4 of 24 runs were not made")), "{text}");
    // a part is as whole as it can be
    report.part = Some("1/2".into());
    assert_eq!(report.ended(), Ended::Done);
    assert!(report.text(&Page::PLAIN).contains("Part 1/2: the same call without"));
}

#[test]
fn hidden_characters_do_not_reach_the_page() {
    let mut report = report();
    report.title = "evil \u{202e}title <script>".into();
    let (html, markdown) = (report.html(), report.markdown());
    assert!(!html.contains('\u{202e}') && !html.contains("<script>") && !markdown.contains('\u{202e}'));
}
