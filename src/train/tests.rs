use super::testing::{FILE, data, events, file, noise, outcomes, plan_of};
use super::*;
use crate::train::fault::checks;
use std::path::Path;

#[test]
fn a_plan_has_whole_pairs() {
    let plan = plan_of(&file(""), None).expect("a plan");
    assert_eq!(plan.runs.len(), 24);
    assert_eq!(
        plan.runs.iter().take(3).map(|run| (run.arm, run.spec.seed)).collect::<Vec<_>>(),
        [(0, 1), (1, 1), (2, 1)]
    );
    let keys: std::collections::BTreeSet<String> = plan.runs.iter().map(Run::key).collect();
    assert_eq!(keys.len(), 24, "runs are known by what they depend on");
}

#[test]
fn comparisons_that_cannot_reject_are_refused_before_the_first_step() {
    let error = plan_of(&file(""), Some(5)).expect_err("too few seeds").to_string();
    assert!(error.contains("2 comparisons at 5 seeds cannot reject") && error.contains("at least 7 seeds"), "{error}");
    assert!(plan_of(&file(""), Some(7)).is_ok());
    // seven comparisons need nine
    let arms = (2..9).map(|k| format!("{{ activation = \"elu\", params = {{ a = \"{k}\" }} }}")).collect::<Vec<_>>();
    let text = FILE.replace("{ activation = \"relu\" }, { activation = \"silu\" }", &arms.join(", "));
    let seven: AuditFile = toml::from_str(&text).expect("an audit");
    assert!(matches!(
        plan_of(&seven, None),
        Err(TrainError::CannotReject { comparisons: 7, largest: 6, needed: 9, .. })
    ));
}

#[test]
fn what_is_not_understood_is_named() {
    for (from, to, words) in [
        ("baseline = \"gelu\"", "baseline = \"tanh\"", "the audit names the arm `tanh`; there are: gelu, relu, silu"),
        ("baseline = \"gelu\"", "", "with a `baseline` or as a `trend`"),
        ("{ activation = \"silu\" }", "{ activation = \"relu\" }", "two arms are called `relu`"),
        ("{ activation = \"silu\" }", "{ activation = \"sulu\" }", "arm `sulu`"),
        ("{ activation = \"silu\" }", "{ activation = \"elu\", params = { b = \"1\" } }", "arm `elu`"),
        ("{ activation = \"silu\" }", "{ activation = \"elu\", change = { b = \"learn\" } }", "no parameter b"),
        (
            "kind = \"mlp\", width = 8, depth = 2",
            "kind = \"gpt\", dim = 8, depth = 2, heads = 2, context = 8",
            "does not fit",
        ),
        ("width = 8", "width = 0", "width = 0: expected 1 to"),
        ("seeds = 8", "seeds = 4000000000", "seeds: at most"),
        ("depth = 2", "depth = 1000000000", "depth = 1000000000: expected 1 to"),
        ("metric = \"loss\"", "metric = \"lossy\"", "no metric `lossy`; there are: loss, accuracy"),
        ("{ activation = \"silu\" }", "{ activation = \"gem\", change = { N = \"learn\" } }", "whole numbers only"),
        (
            "{ activation = \"silu\" }",
            "{ activation = \"srelu\", change = { alpha = { anneal = -1.0 } } }",
            "annealed to a value that is not in",
        ),
        ("batch = 2", "batch = 0", "at least 1"),
        ("batch = 2", "batch = 2, clip = 0.0", "clip"),
        ("data = \".\"", "data = \"nowhere\"", "no data `nowhere`"),
    ] {
        let text = FILE.replace(from, to);
        let error = plan_of(&toml::from_str(&text).expect(to), None).expect_err(to).to_string();
        assert!(error.contains(words), "{to}: {error}");
    }
    for (claim, words) in [
        ("says='lower'\narm='gelu'", "needs `arm` and `than`"),
        ("says='lower'\narm='gelu'\nthan=['gelu']", "compares an arm with itself"),
        ("says='falls'", "is about a trend"),
        ("says='lower'\narm='gelu'\nthan=['relu']\nmetric='acuracy'", "no metric `acuracy`"),
    ] {
        let text = format!("{FILE}[[claim]]\nid='c'\nquote='q'\nsource='s'\n{claim}\n");
        let error = plan_of(&toml::from_str(&text).expect(claim), None).expect_err(claim).to_string();
        assert!(error.contains(words), "{claim}: {error}");
    }
    let malformed = toml::from_str::<AuditFile>(&FILE.replace("metric =", "metrik ="));
    assert!(malformed.is_err_and(|e| e.to_string().contains("metrik")));
}

#[test]
fn a_real_difference_is_shown_and_none_is_not() {
    let claims = r#"
[[claim]]
id = "true"
quote = "relu is better"
source = "here"
says = "lower"
arm = "relu"
than = ["gelu"]
[[claim]]
id = "false"
quote = "gelu is better"
source = "here"
says = "lower"
arm = "gelu"
than = ["relu"]
[[claim]]
id = "nothing"
quote = "silu is better"
source = "here"
says = "lower"
arm = "silu"
than = ["gelu"]
[[claim]]
id = "tie"
quote = "silu ties with gelu"
source = "here"
says = "same"
arm = "silu"
than = ["gelu"]
region = 0.01
[[claim]]
id = "no tie"
quote = "relu ties with gelu"
source = "here"
says = "same"
arm = "relu"
than = ["gelu"]
region = 0.01
[[claim]]
id = "tiny"
quote = "silu is better by a hair"
source = "here"
says = "lower"
arm = "silu"
than = ["gelu"]
published = { arm = 0.5, than = 0.50001, unit = "loss", examples = 0, setting = "here" }
[[claim]]
id = "imagenet"
quote = "on ImageNet as well"
source = "here"
says = "lower"
arm = "silu"
than = ["gelu"]
out_of_reach = "not in minutes"
"#;
    let plan = plan_of(&file(claims), None).expect("a plan");
    let loss = |arm: usize, seed: u64| noise(arm, seed) + if arm == 1 { 0.4 } else { 0.5 };
    let results = judge(&plan, outcomes(&plan, loss)).expect("judged");
    assert!(results.findings.is_empty(), "{:?}", results.findings);
    assert_eq!(results.compared.iter().map(|c| c.shown).collect::<Vec<_>>(), [Shown::Lower, Shown::Nothing]);
    let verdicts: Vec<Judgement> = results.claims.iter().map(|c| c.judgement).collect();
    use Judgement::{Contradicted, NotSupported, NotTestable, Supported};
    assert_eq!(verdicts, [Supported, Contradicted, NotSupported, Supported, Contradicted, NotTestable, NotTestable]);
}

#[test]
fn a_trend_is_one_test() {
    let text = FILE.replace("baseline = \"gelu\"", "trend = true")
        + "[[claim]]\nid='up'\nquote='it rises'\nsource='here'\nsays='rises'\n[[claim]]\nid='down'\nquote='it falls'\nsource='here'\nsays='falls'\n[[claim]]\nid='always'\nquote='it always rises'\nsource='here'\nsays='rises_throughout'\n";
    let plan = plan_of(&toml::from_str(&text).expect("an audit"), None).expect("a plan");
    assert_eq!(plan.comparisons(), 1);
    let rising = judge(&plan, outcomes(&plan, |arm, seed| noise(arm, seed) + arm as f64)).expect("judged");
    let verdicts: Vec<Judgement> = rising.claims.iter().map(|c| c.judgement).collect();
    assert_eq!(verdicts, [Judgement::Supported, Judgement::Contradicted, Judgement::Supported]);
    // each step has to be shown: here the second is noise, and the means rise all the same
    let faint = |arm: usize, seed: u64| noise(arm, seed) + [0.0, 2.0, 2.0003][arm];
    let faint = judge(&plan, outcomes(&plan, faint)).expect("judged");
    assert_eq!(faint.trend.as_ref().map(|trend| trend.against), Some(0));
    assert_eq!(faint.claims[2].judgement, Judgement::NotSupported, "{}", faint.claims[2].because);
    // a trend that is none at one step
    let bent = |arm: usize, seed: u64| noise(arm, seed) + [0.0, 2.0, 1.5][arm];
    let verdict = judge(&plan, outcomes(&plan, bent)).expect("judged");
    let verdicts: Vec<Judgement> = verdict.claims.iter().map(|c| c.judgement).collect();
    assert_eq!(verdicts, [Judgement::Supported, Judgement::Contradicted, Judgement::NotSupported]);
    let flat = judge(&plan, outcomes(&plan, |arm, seed| noise(arm * 7, seed * 3))).expect("judged");
    assert!(flat.claims.iter().all(|c| c.judgement == Judgement::NotSupported));
}

/// What must be caught in events, one by one; the other runs stay as they are.
#[test]
fn every_fault_is_found_and_its_runs_left_out() {
    type Break = fn(&mut Vec<Event>);
    fn started(events: &mut [Event]) -> &mut Started {
        match &mut events[0] {
            Event::Started(started) => started,
            _ => unreachable!("the first event"),
        }
    }
    let faults: [(&str, Break); 8] = [
        ("gradient", |events| started(events).slope = Some(SlopeCheck { at: 1.0, got: 0.52, real: 0.5, inputs: 24 })),
        ("schedule", |events| {
            for event in events {
                if let Event::Step(step) = event {
                    step.rate *= 1.0 + f64::EPSILON;
                }
            }
        }),
        ("leak", |events| started(events).leaked = 1),
        ("pairing", |events| started(events).pairing = "another".into()),
        ("reference", |events| {
            for event in events {
                if let Event::Finished(finished) = event {
                    finished.reference = Some(["then".into(), "now".into()]);
                }
            }
        }),
        ("dead", |events| {
            for event in events {
                if let Event::Look(look) = event {
                    look.sites[0].dead = 1.0;
                }
            }
        }),
        ("exploding", |events| {
            for event in events {
                if let Event::Step(step) = event {
                    step.grad_norm = 1e9;
                }
            }
        }),
        ("stopped", |events| {
            events.pop();
        }),
    ];
    assert_eq!(
        faults.iter().map(|(name, _)| *name).collect::<std::collections::BTreeSet<_>>(),
        checks().collect(),
        "every check has a fault that it catches"
    );
    let plan = plan_of(&file(""), None).expect("a plan");
    for (name, fault) in faults {
        let mut outcomes = outcomes(&plan, noise);
        let mut broken = events(&plan, 4, 0.5);
        fault(&mut broken);
        outcomes[4] = Outcome::new(4, &broken);
        let results = judge(&plan, outcomes).expect("judged");
        let [finding] = &results.findings[..] else { panic!("{name}: {:?}", results.findings) };
        assert_eq!((finding.check, finding.arm.as_str(), &finding.seeds[..]), (name, "relu", &[2][..]));
        assert_eq!(results.compared[0].pairs, if finding.invalid { 7 } else { 8 }, "{name}");
        assert_eq!(results.compared[1].pairs, 8, "{name}");
    }
}

#[test]
fn an_activation_is_spelled_with_its_values() {
    let text = FILE
        .replace("{ activation = \"silu\" }", "{ activation = \"elu(a=1/3)\" }, { activation = \"expr:max(0, x)\" }");
    let plan = plan_of(&toml::from_str(&text).expect("an audit"), None).expect("a plan");
    assert_eq!(
        plan.arms.iter().map(|arm| arm.name.as_str()).collect::<Vec<_>>(),
        ["gelu", "relu", "elu(a = 1/3)", "expr:max(0, x)"]
    );
    assert_eq!(plan.arms[2].function.values["a"], "1/3");
    for (spelled, words) in [("elu(a)", "a = "), ("elu(b=1)", "b"), ("elu(a=1", "elu(a=1")] {
        let text = FILE.replace("{ activation = \"silu\" }", &format!("{{ activation = \"{spelled}\" }}"));
        let error = plan_of(&toml::from_str(&text).expect(spelled), None).expect_err(spelled).to_string();
        assert!(error.contains(words), "{spelled}: {error}");
    }
}

/// Above 20 seeds not all signs are gone through: a test of the signs stands in, and what is certain stays so.
#[test]
fn many_seeds_show_what_few_show() {
    let claim = "[[claim]]\nid='c'\nquote='relu is better'\nsource='s'\nsays='lower'\narm='relu'\nthan=['gelu']\n";
    let plan = plan_of(&file(claim), Some(24)).expect("a plan");
    let results = judge(&plan, outcomes(&plan, |arm, seed| noise(arm, seed) - arm as f64)).expect("judged");
    assert_eq!(results.claims[0].judgement, Judgement::Supported);
    // a difference that is the same in all pairs has no spread, and is shown all the same
    let constant = judge(&plan, outcomes(&plan, |arm, _| 1.0 - arm as f64 / 2.0)).expect("judged");
    assert_eq!(constant.claims[0].judgement, Judgement::Supported);
    let text = FILE.replace("baseline = \"gelu\"", "trend = true")
        + "[[claim]]\nid='up'\nquote='it rises'\nsource='here'\nsays='rises'\n";
    let plan = plan_of(&toml::from_str(&text).expect("an audit"), Some(24)).expect("a plan");
    let rising = judge(&plan, outcomes(&plan, |arm, seed| noise(arm, seed) + arm as f64)).expect("judged");
    assert_eq!(rising.claims[0].judgement, Judgement::Supported);
    assert!(trend_p(rising.trend.as_ref().expect("a trend")) < 1e-6);
}

/// Functions that are one are said to be, and not to differ by less than nothing.
#[test]
fn equal_runs_are_called_equal() {
    let claim = "[[claim]]\nid='c'\nquote='relu is better'\nsource='s'\nsays='lower'\narm='relu'\nthan=['gelu']\n";
    let plan = plan_of(&file(claim), None).expect("a plan");
    let results = judge(&plan, outcomes(&plan, |_, seed| noise(0, seed))).expect("judged");
    assert!(results.compared.iter().all(Compared::is_equal) && results.compared[0].figures.detectable.is_none());
    assert!(results.claims[0].because.contains("all 8 pairs are equal"), "{}", results.claims[0].because);
}

#[test]
fn a_published_perplexity_is_held_against_a_loss() {
    let claim = |than: f64| {
        format!(
            "[[claim]]\nid='c'\nquote='q'\nsource='s'\nsays='lower'\narm='silu'\nthan=['gelu']\n\
                 published = {{ arm = 72.57, than = {than}, unit = 'perplexity', examples = 0, setting = 's' }}\n"
        )
    };
    let verdict = |than: f64| {
        let plan = plan_of(&file(&claim(than)), None).expect("a plan");
        // pairs that differ by some hundredths at random
        let loss = |arm: usize, seed: u64| (seed as f64 * 3.1 + arm as f64 * 1.3).sin() * 0.03;
        judge(&plan, outcomes(&plan, loss)).expect("judged").claims[0].judgement
    };
    // 0.016 nats are too little for these runs, 1.1 are not
    assert_eq!([verdict(73.76), verdict(220.0)], [Judgement::NotTestable, Judgement::NotSupported]);
}

#[test]
fn a_trend_has_one_place_for_each_arm() {
    let three = "{ activation = \"gelu\" }, { activation = \"relu\" }, { activation = \"silu\" }";
    for places in ["at = 1.0, 1.0, 2.0", "at = 1.0, nan, 2.0"] {
        let at: Vec<&str> = places.trim_start_matches("at = ").split(", ").collect();
        let arms =
            ["gelu", "relu", "silu"].iter().zip(at).map(|(id, at)| format!("{{ activation = \"{id}\", at = {at} }}"));
        let arms = arms.collect::<Vec<_>>().join(", ");
        let text = FILE.replace("baseline = \"gelu\"", "trend = true").replace(three, &arms);
        let error = plan_of(&toml::from_str(&text).expect("an audit"), None).expect_err(places).to_string();
        assert!(error.contains("a place of its own"), "{places}: {error}");
    }
}

/// An arm that lost runs is not better for it.
#[test]
fn what_is_left_of_an_arm_that_diverged_supports_nothing() {
    let claim = "[[claim]]\nid='c'\nquote='relu is better'\nsource='s'\nsays='lower'\narm='relu'\nthan=['gelu']\n";
    let plan = plan_of(&file(claim), None).expect("a plan");
    let loss = |arm: usize, seed: u64| noise(arm, seed) + if arm == 1 { 0.4 } else { 0.5 };
    let mut all = outcomes(&plan, loss);
    assert_eq!(judge(&plan, all.clone()).expect("judged").claims[0].judgement, Judgement::Supported);
    let mut broken = events(&plan, 4, 0.4);
    broken.pop();
    let stop = Stopped { step: 3, kind: "diverged".into(), message: "no number".into(), layer: None };
    broken.push(Event::Stopped(stop));
    all[4] = Outcome::new(4, &broken);
    let judged = judge(&plan, all).expect("judged");
    assert_eq!(judged.claims[0].judgement, Judgement::NotTestable);
    assert!(
        judged.claims[0].because.contains("fault stopped in 1 of the runs of relu"),
        "{}",
        judged.claims[0].because
    );
}

#[test]
fn arms_of_a_trend_stand_in_the_order_of_their_parameter() {
    let arms = "{ activation = \"elu\", params = { a = \"3\" } }, { activation = \"elu\", params = { a = \"1/2\" } }, { activation = \"elu\" }";
    let three = "{ activation = \"gelu\" }, { activation = \"relu\" }, { activation = \"silu\" }";
    let text = FILE.replace("baseline = \"gelu\"", "trend = true").replace(three, arms);
    let plan = plan_of(&toml::from_str(&text).expect("an audit"), None).expect("a plan");
    assert_eq!(plan.order(), [1, 2, 0], "1/2, 1, 3");
}

#[test]
fn what_a_folder_has_of_a_run_is_whole_or_not_used() {
    let plan = plan_of(&file(""), None).expect("a plan");
    let (folder, program) = (tempfile::tempdir().expect("a folder"), std::env::current_exe().expect("a program"));
    let keep = Keep::new(folder.path(), &program).expect("a folder for runs");
    assert!(Keep::new(folder.path(), &program).is_err_and(|e| e.to_string().contains("another call uses it")));
    let run = &plan.runs[0];
    let all = events(&plan, 0, 0.5);
    let found = |events: &[Event]| {
        keep.start(run, events).expect("written");
        let kept = keep.find(run);
        (kept.done, kept.events.len())
    };
    assert_eq!(found(&all), (true, all.len()));
    // broken off: goes on
    assert_eq!(found(&all[..3]), (false, 3));
    // a step is missing, or told twice, or the end is there and the result is not
    let without =
        |k: usize| all.iter().enumerate().filter(|(j, _)| *j != k).map(|(_, e)| e.clone()).collect::<Vec<_>>();
    assert_eq!(found(&without(1)), (false, 0));
    assert_eq!(found(&[&all[..3], &all[2..]].concat()), (false, 0));
    let result = all.iter().position(|e| matches!(e, Event::Evaluated(_))).expect("a result");
    assert!(!found(&without(result)).0);
}

#[test]
fn runs_that_are_missing_leave_an_answer_of_the_others() {
    let plan = plan_of(&file(""), None).expect("a plan");
    let mut some = outcomes(&plan, noise);
    some.truncate(4);
    let results = judge(&plan, some).expect("judged");
    assert!(results.compared.is_empty(), "one pair compares nothing");
    assert!(judge(&plan, vec![]).expect("judged").compared.is_empty());
}

#[test]
fn published_audits_are_understood() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("audits/training");
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).expect("the folder") {
        let path = entry.expect("a file").path();
        let audit = AuditFile::read(&path).expect("an audit");
        for size in [Size::Smoke, Size::Short, Size::Paper] {
            assert!(audit.preset(size).is_ok(), "{}: {}", path.display(), size.name());
            let asked = Asked { size, data: Some(data().to_owned()), ..Asked::default() };
            match Plan::new(&audit, &folder, &asked) {
                Ok(plan) => assert_eq!(plan.runs.len(), plan.arms.len() * plan.seeds.len()),
                Err(error) => panic!("{}: {error}", path.display()),
            }
            let step = Plan::new(&audit, &folder, &Asked { one_step: true, ..asked });
            assert_eq!(step.expect("one step").runs.iter().map(|run| run.spec.recipe.steps).max(), Some(1));
        }
        let sources = audit.claims.iter().all(|claim| !claim.quote.is_empty() && !claim.source.is_empty());
        assert!(sources && !audit.source.is_empty(), "{}", path.display());
        count += 1;
    }
    assert!(count >= 6, "{count}");
}
