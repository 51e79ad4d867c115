use super::*;

fn options(dtypes: &[FloatFormat], jobs: usize) -> Options {
    Options { dtypes: dtypes.to_vec(), effort: Effort::Quick, jobs: Some(jobs), ..Options::default() }
}

/// Three libraries of two activations: what is proved of an activation is proved once, whoever asks first.
#[test]
fn each_fact_is_proved_once_in_a_survey() {
    let column = |name: &str| {
        format!("[[implementation]]\nname = '{name}'\nsubject = '{name}'\nactivations = ['gelu', 'silu']\n")
    };
    let text = ["native", "native:naive", "native:accurate"].map(column).concat();
    let plan = Plan::read(&format!("title = ''\n{text}"), "plan").expect("a plan");
    let (facts, options) = (Facts::new(), options(&[FloatFormat::F16, FloatFormat::F32], 3));
    let survey = Survey::run(&plan, &options, &facts, None, &|_| true, &|_| {}).expect("a survey");
    assert_eq!(survey.audits.iter().filter(|a| !a.results.is_empty()).count(), 6);
    let quantities = ["curvature", "lipschitz", "range", "slope"];
    let expected = ["gelu", "silu"].into_iter().flat_map(|id| quantities.map(|fact| (id.to_owned(), fact, 1)));
    assert_eq!(facts.proofs(), expected.collect::<Vec<_>>());
}

const PLAN: &str = "title = 'two'\n[[implementation]]\nname = 'ours'\nsubject = 'native'\n\
                    activations = ['gelu', 'relu', 'tanh']\n";

/// The survey, and how many audits were begun: broken off in the first after `most`.
fn survey(journal: &Journal, dtype: FloatFormat, most: usize) -> (String, bool) {
    let plan = Plan::read(PLAN, "plan").expect("a plan");
    let begun = std::sync::atomic::AtomicUsize::new(0);
    let started = |_: &str| {
        begun.fetch_add(1, Ordering::Relaxed);
    };
    // asked within audits only
    let ran = AtomicBool::new(false);
    let watch = |_: Progress| {
        ran.store(true, Ordering::Relaxed);
        begun.load(Ordering::Relaxed) <= most
    };
    let options = options(&[dtype], 1);
    let survey = Survey::run(&plan, &options, &Facts::new(), Some(journal), &watch, &started).expect("a survey");
    (serde_json::to_string(&survey.report()).expect("JSON"), ran.into_inner())
}

#[test]
fn a_survey_goes_on_where_it_broke_off() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("kept.jsonl");
    let open = || Journal::open(&path).expect("opens");
    let done = || std::fs::read_to_string(&path).expect("a file").matches("\"records\":").count();
    // broken off in the second audit
    let (text, _) = survey(&open(), FloatFormat::F16, 1);
    assert!(text.contains("\"partial\":true"));
    assert_eq!(done(), 2);
    // of what was not looked at to its end there is no figure
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let audits = report["audits"].as_array().expect("audits").iter();
    let told = audits.filter(|a| a["results"].as_array().is_some_and(|r| !r.is_empty()));
    assert_eq!(told.map(|a| &a["activation"]).collect::<Vec<_>>(), ["gelu"]);
    // cut off in the middle of a line
    let half = std::fs::read_to_string(&path).expect("a file").repeat(2);
    std::fs::write(&path, &half[..half.len() - 9]).expect("is written");
    let (whole, ran) = survey(&open(), FloatFormat::F16, 9);
    assert!(ran && !whole.contains("\"partial\":true"));
    // nothing is left to do, and the report is the same; as is that of a survey that keeps nothing
    let before = done();
    assert_eq!(survey(&open(), FloatFormat::F16, 9), (whole.clone(), false));
    assert_eq!(done(), before);
    let afresh = Journal::open(&folder.path().join("other")).expect("is made");
    assert_eq!(survey(&afresh, FloatFormat::F16, 9), (whole, true));
    // another question
    assert!(survey(&open(), FloatFormat::Bf16, 9).1);
    assert_eq!(done(), before + 6);
}
