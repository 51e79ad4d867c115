//! `actaudit gate` on a sample repository: a good kernel, one with a planted regression, a false claim, expectations.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// `regressed` is right but for its results next to zero, which it flushes when `-DREGRESSION` is given.
const KERNELS: &str = r"
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
void right(const uint16_t *x, uint16_t *y, size_t n) {
    for (size_t k = 0; k < n; k++) y[k] = (x[k] & 0x7fff) > 0x7c00 || !(x[k] & 0x8000) ? x[k] : 0;
}
void overflows(const uint16_t *x, uint16_t *y, size_t n) {
    for (size_t k = 0; k < n; k++) y[k] = x[k] == 0x7bff ? 0x7c00 : x[k];
}
void regressed(const uint16_t *x, uint16_t *y, size_t n) {
    right(x, y, n);
#ifdef EXITS
    for (size_t k = 0; k < n; k++) if (EXITS) exit(3);
#endif
#ifdef REGRESSION
    for (size_t k = 0; k < n; k++) if (y[k] < 0x0400) y[k] = 0;
#endif
#ifdef WORSE
    for (size_t k = 0; k < n; k++) if (x[k] & 0x8000) y[k] = 0x7c00;
#endif
}
";

const CLAIMS: &str = r#"
paper = "a paper"

[[claim]]
id = "bound"
quote = "its Lipschitz constant is at most CLAIMED"
source = "section 1"
activation = "gelu"
quantity = "lipschitz"
kind = "upper_bound"
value = "CLAIMED"
"#;

pub(super) struct Sample(TempDir);

impl Sample {
    pub(super) fn new(config: &str) -> Self {
        let sample = Self(TempDir::new().expect("a folder"));
        sample.write("actaudit.toml", config);
        sample.write("kernels.c", KERNELS);
        sample.compile(&[]);
        sample
    }

    pub(super) fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("is written");
    }

    pub(super) fn compile(&self, flags: &[&str]) {
        let status = Command::new("cc")
            .args(["-O1", "-shared", "-fPIC", "-o", "libkernels.so", "kernels.c"])
            .args(flags)
            .current_dir(self.0.path())
            .status()
            .expect("cc runs");
        assert!(status.success());
    }

    pub(super) fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_actaudit"))
            .args(args)
            .env("SOURCE_DATE_EPOCH", "1800000000")
            .current_dir(self.0.path())
            .output()
            .expect("it runs")
    }

    /// What it prints, with its exit code.
    fn says(&self, args: &[&str]) -> String {
        let run = self.run(args);
        let (out, err) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
        format!("exit {}\n{out}{err}", run.status.code().unwrap_or(-1))
    }
}

pub(super) fn audit(function: &str, rest: &str) -> String {
    format!(
        "[[audit]]\nactivation = \"relu\"\nsubject = \"lib:./libkernels.so:{function},dtype=f16\"\n\
         check = [\"ulp\", \"special\", \"flush\", \"monotone\"]\n{rest}\n\n"
    )
}

pub(super) fn all() -> String {
    audit("right", "max_ulp = 0") + &audit("regressed", "max_ulp = 0.5") + "[[claims]]\nfile = \"claims.toml\"\n"
}

#[test]
fn a_green_gate_is_quiet() {
    let sample = Sample::new(&all());
    sample.write("claims.toml", &CLAIMS.replace("CLAIMED", "1.13"));
    insta::assert_snapshot!("green", sample.says(&["gate"]));
}

#[test]
fn a_red_gate_says_what_and_where_in_every_form() {
    let sample = Sample::new(&all());
    sample.write("claims.toml", &CLAIMS.replace("CLAIMED", "1.084"));
    sample.compile(&["-DREGRESSION"]);
    insta::assert_snapshot!("red_text", sample.says(&["gate"]));
    for form in ["junit", "sarif", "github", "gitlab", "markdown"] {
        insta::assert_snapshot!(format!("red_{form}"), sample.says(&["gate", "--format", form]));
    }
    let json = sample.run(&["gate", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!((&report["schema"], &report["verdict"]), (&"actaudit.gate.v1".into(), &"refuted".into()));
    let failed = report["results"].as_array().expect("results").iter().filter(|r| r["standing"] == "failed");
    let checks: Vec<&str> = failed.filter_map(|r| r["check"].as_str()).collect();
    assert_eq!(checks, ["ulp", "flush"]);
}

#[test]
fn what_is_expected_to_fail_does_not_close_the_gate() {
    let expected = |rest: &str| {
        format!(
            "{}[[expected]]\nid = \"relu/*regressed*/f16/forward/*\"\nreason = \"issue 7: subnormals\"\n{rest}\n",
            audit("regressed", "max_ulp = 0.5")
        )
    };
    let sample = Sample::new(&expected("expires = 2027-01-31"));
    sample.compile(&["-DREGRESSION"]);
    insta::assert_snapshot!("expected", sample.says(&["gate"]));
    // the day is over
    sample.write("actaudit.toml", &expected("expires = 2026-12-31"));
    insta::assert_snapshot!("expired", sample.says(&["gate"]));
    // it is mended
    sample.write("actaudit.toml", &expected(""));
    sample.compile(&[]);
    insta::assert_snapshot!("mended", sample.says(&["gate"]));
}

/// Entries that expect these checks to fail.
fn known(ids: &[&str], rest: &str) -> String {
    let one = |id: &&str| format!("[[expected]]\nid = \"relu/{id}\"\nreason = \"issue 7: subnormals\"\n{rest}\n\n");
    ids.iter().map(one).collect()
}

/// The ids of the two checks that a regression fails.
const BOTH: [&str; 2] = [
    "lib:./libkernels.so:regressed,dtype=f16/f16/forward/ulp",
    "lib:./libkernels.so:regressed,dtype=f16/f16/forward/flush",
];

/// A known failure that gets worse than its accepted figure is said in every form, with both figures, and closes the gate where
/// the entry says so.
#[test]
fn what_is_expected_to_fail_and_gets_worse_is_said() {
    let budget = audit("regressed", "max_ulp = 0.5").replace("\"special\", ", "").replace(", \"monotone\"", "");
    let sample = Sample::new(&(budget.clone() + &known(&BOTH, "")));
    sample.compile(&["-DREGRESSION"]);
    sample.run(&["gate", "--bless"]);
    sample.run(&["accept", "--all"]);
    insta::assert_snapshot!("known", sample.says(&["gate"]));
    sample.compile(&["-DREGRESSION", "-DWORSE"]);
    insta::assert_snapshot!("known_and_worse", sample.says(&["gate"]));
    for form in ["github", "gitlab", "junit", "markdown", "sarif", "html"] {
        let said = sample.says(&["gate", "--format", form]);
        assert!(said.starts_with("exit 0"), "{form}: {said}");
        let told = "got worse; the measure is larger than what was accepted: 1023 ulp, 1,023 failing; now inf ulp";
        assert!(said.contains(told), "{form}: {said}");
        assert!(said.contains("issue 7: subnormals"), "{form}: {said}");
    }
    // what is known is put aside, what got worse is not
    let sarif = sample.run(&["gate", "--format", "sarif"]).stdout;
    let sarif: serde_json::Value = serde_json::from_slice(&sarif).expect("JSON");
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    let aside: Vec<_> = results.iter().map(|r| (r["ruleId"].as_str(), r["suppressions"].is_array())).collect();
    assert_eq!(aside, [(Some("ulp"), false), (Some("flush"), true)]);
    sample.write("actaudit.toml", &(budget + &known(&BOTH, "worse = \"failure\"")));
    let said = sample.says(&["gate"]);
    assert!(
        said.starts_with("exit 1\nFAILED") && said.contains("a known failure (issue 7: subnormals) that got"),
        "{said}"
    );
    assert!(!said.contains("remove the expectation"), "{said}");
}

/// What is not decided closes the gate, and says why and where: nobody can tell gelu(65504) from 65504.
#[test]
fn what_is_undecided_has_its_reason() {
    let gelu = audit("overflows", "").replace("\"relu\"", "\"gelu\"");
    let sample = Sample::new(&gelu.replace("[\"ulp\", \"special\", \"flush\", \"monotone\"]", "[\"finite\"]"));
    insta::assert_snapshot!("undecided", sample.says(&["gate"]));
    let subject = "lib:./libkernels.so:overflows,dtype=f16";
    let said = sample.says(&["verify", "gelu", "--impl", subject, "--check", "finite", "--pass", "forward"]);
    let one_line = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let why = "the real value cannot be told from the largest finite number of the format";
    assert!(said.starts_with("exit 3") && one_line.contains(&format!("the first at x = 65504: {why}")), "{said}");
    assert!(said.contains("    again   actaudit verify gelu") && said.contains("--input 0x7bff"), "{said}");
    let json = sample.run(&["gate", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
    let row = &report["results"][0];
    assert_eq!((&row["reason"], &row["witness"]["input"]), (&why.into(), &"0x7bff".into()));
}

/// A pattern does not bear what passed when its figure was accepted; an exact id does.
#[test]
fn a_pattern_does_not_swallow_what_used_to_pass() {
    for budget in ["max_ulp = 0.5", "baseline = true"] {
        let sample = Sample::new(&audit("regressed", budget));
        sample.run(&["gate", "--bless"]);
        sample.run(&["accept", "--all"]);
        sample.compile(&["-DREGRESSION"]);
        sample.write("actaudit.toml", &(audit("regressed", budget) + &known(&["*"], "worse = \"warning\"")));
        let said = sample.says(&["gate"]);
        assert!(said.starts_with("exit 1\nFAILED") && said.contains("2 not as promised"), "{budget}: {said}");
        assert!(
            said.contains("it passed when its figure was accepted") && !said.contains("remove"),
            "{budget}: {said}"
        );
        sample.write("actaudit.toml", &(audit("regressed", budget) + &known(&BOTH, "worse = \"warning\"")));
        let said = sample.says(&["gate"]);
        assert!(said.starts_with("exit 0\nPASSED") && said.contains("2 worse than accepted"), "{budget}: {said}");
    }
}

/// What is refuted and passes only because it is no worse than what was accepted fails as expected, before and after that.
#[test]
fn an_expectation_and_accepted_figures_agree() {
    let sample = Sample::new(&(audit("regressed", "baseline = true") + &known(&BOTH, "")));
    sample.compile(&["-DREGRESSION"]);
    sample.run(&["gate", "--bless"]);
    sample.run(&["accept", "--all"]);
    let said = sample.says(&["gate"]);
    assert!(said.starts_with("exit 0\nPASSED") && said.contains("2 expected failures"), "{said}");
    assert!(!said.contains("over the usual budget") && !said.contains("remove"), "{said}");
    // nothing may be worse here, known or not, unless the entry says so
    sample.compile(&["-DREGRESSION", "-DWORSE"]);
    let said = sample.says(&["gate"]);
    assert!(said.starts_with("exit 1\nFAILED") && said.contains("that got worse"), "{said}");
    // mended: the entry goes
    sample.compile(&[]);
    let said = sample.says(&["gate"]);
    assert!(said.starts_with("exit 1\nFAILED") && said.contains("expected to fail, and passes"), "{said}");
}

#[test]
fn figures_are_accepted_by_name_and_then_held() {
    let sample = Sample::new(&audit("regressed", "baseline = true"));
    let first = sample.says(&["gate"]);
    assert!(first.starts_with("exit 1") && first.contains("no figure was accepted for it"), "{first}");
    let blessed = sample.says(&["gate", "--bless"]);
    assert!(blessed.contains("4 figures wait to be accepted"), "{blessed}");
    assert!(!sample.path("golden/actaudit.json").exists(), "nothing is accepted by itself");
    insta::assert_snapshot!("waiting", sample.says(&["accept"]));
    let none = sample.says(&["accept", "relu/other/*"]);
    assert!(none.starts_with("exit 2") && none.contains("no figure that waits has this key"), "{none}");
    assert!(sample.says(&["accept", "relu/*"]).starts_with("exit 0\n4 figures accepted"));
    assert!(sample.says(&["gate"]).starts_with("exit 0\nPASSED"));
    // worse than before: whatever the budget says
    sample.compile(&["-DREGRESSION"]);
    insta::assert_snapshot!("worse", sample.says(&["gate"]));
    // accepted, then mended: better, and locked in
    sample.run(&["gate", "--bless"]);
    sample.run(&["accept", "--all"]);
    let passed = sample.says(&["gate"]);
    assert!(passed.starts_with("exit 0\nPASSED"), "what is refuted but no worse is what was accepted: {passed}");
    sample.compile(&[]);
    insta::assert_snapshot!("better", sample.says(&["gate"]));
}

/// `accept --review` asks of each; what is not answered goes on waiting.
#[test]
fn figures_are_reviewed_one_by_one() {
    let sample = Sample::new(&audit("regressed", "baseline = true"));
    sample.run(&["gate", "--bless"]);
    let review = |answers: &str| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_actaudit"));
        child.args(["accept", "--review"]).current_dir(sample.0.path());
        child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = child.spawn().expect("it runs");
        child.stdin.take().expect("a pipe").write_all(answers.as_bytes()).expect("is read");
        let run = child.wait_with_output().expect("it ends");
        [run.stdout, run.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    };
    let [out, asked] = review("no\nperhaps\ny\n");
    assert!(out.starts_with("1 figure accepted"), "{out}");
    let said = asked.contains("1 of 4: new") && asked.contains("`perhaps` is none of yes, no, all, quit");
    assert!(said && asked.contains("3 of 4"), "{asked}");
    let [out, asked] = review("q\n");
    assert!(out.is_empty() && asked.contains("1 of 3") && asked.ends_with("nothing was accepted\n"), "{out}{asked}");
    let [out, _] = review("n\nall\n");
    assert!(out.starts_with("2 figures accepted"), "{out}");
    assert!(sample.says(&["accept"]).contains("1 figure waits to be accepted"));
}

/// Code that ends its process is never green, whatever is checked and whatever was accepted; nor is a check that compared something
/// before and now compares nothing.
#[test]
fn a_process_that_ends_closes_the_gate() {
    let config =
        |rest: &str| audit("regressed", rest).replace("\"ulp\", \"special\", \"flush\", \"monotone\"", "\"ulp\"");
    let sample = Sample::new(&config("baseline = true"));
    sample.run(&["gate", "--bless"]);
    sample.run(&["accept", "--all"]);
    assert!(sample.says(&["gate"]).starts_with("exit 0\nPASSED"));
    let standings = || {
        let run = sample.run(&["gate", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_slice(&run.stdout).expect("JSON");
        let rows = report["results"].as_array().expect("results").clone();
        let text = |r: &serde_json::Value, key: &str| r[key].as_str().unwrap_or_default().to_owned();
        let all: Vec<String> = rows.iter().map(|r| text(r, "check") + " " + &text(r, "standing")).collect();
        (run.status.code(), all.join(", "))
    };
    // at one input, then at every one
    sample.compile(&["-DEXITS=(x[k]==0x3e00)"]);
    assert_eq!(standings(), (Some(1), "ulp failed, process failed".into()));
    sample.compile(&["-DEXITS=1"]);
    assert_eq!(standings(), (Some(1), "ulp failed, process failed".into()));
    sample.write("actaudit.toml", &config(""));
    assert_eq!(standings(), (Some(1), "ulp vacuous, process failed".into()));
}

/// One audit has one figure, and of several expectations the one that holds today counts.
#[test]
fn entries_are_told_apart() {
    let of = |expr: &str| audit("right", "").replace("activation = \"relu\"", &format!("expr = \"{expr}\""));
    let sample = Sample::new(&(of("max(x,0)") + &of("min(x,0)")));
    let said = sample.says(&["gate"]);
    assert!(said.contains("failed  min(x,0)/lib:") && !said.contains("failed  max(x,0)/lib:"), "{said}");
    sample.write("actaudit.toml", &(audit("right", "max_ulp = 1") + &audit("right", "max_ulp = 2")));
    let said = sample.says(&["gate"]).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.starts_with("exit 2") && said.contains("in line 1 already"), "{said}");
    let expected = |day: &str| format!("[[expected]]\nid = \"relu/*\"\nreason = \"{day}\"\nexpires = {day}\n");
    let both = audit("regressed", "max_ulp = 0.5") + &expected("2026-12-31") + &expected("2027-12-31");
    sample.write("actaudit.toml", &both);
    sample.compile(&["-DREGRESSION"]);
    let said = sample.says(&["gate"]);
    assert!(said.starts_with("exit 1\nFAILED") && said.contains("until 2027-12-31"), "{said}");
    assert!(said.contains("its day is over, and another expectation bears"), "{said}");
    // the same code with two lists of checks is one audit
    let other = |check: &str| audit("right", "").replace("[\"ulp\", \"special\", \"flush\", \"monotone\"]", check);
    sample.write("actaudit.toml", &(other("[\"ulp\"]") + &other("[\"special\"]")));
    let said = sample.says(&["gate"]).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.starts_with("exit 2") && said.contains("let them differ in dtype or pass"), "{said}");
}

/// Code that answers nothing is never green, even where what it does to its process is borne.
#[test]
fn what_answers_nothing_is_never_green() {
    let borne = "[[expected]]\nid = \"*/process\"\nreason = \"it ends its process\"\n";
    let sample = Sample::new(&(audit("regressed", "") + &audit("right", "") + borne));
    sample.compile(&["-DEXITS=1"]);
    let said = sample.says(&["gate"]);
    assert!(said.starts_with("exit 3\nNOTHING COMPARED  2 audits, "), "{said}");
    assert!(said.contains("nothing in 1 audit of them"), "{said}");
    sample.write("actaudit.toml", &audit("regressed", "baseline = true"));
    sample.run(&["gate", "--bless"]);
    sample.run(&["accept", "--all"]);
    let said = sample.says(&["gate"]);
    assert!(said.starts_with("exit 3\nNOTHING COMPARED"), "{said}");
}

#[test]
fn what_is_not_there_is_said_and_the_rest_is_audited() {
    let sample = Sample::new(&(audit("right", "max_ulp = 0") + &audit("left", "")));
    let said = sample.says(&["gate"]);
    assert!(said.starts_with("exit 4\nINCOMPLETE") && said.contains("has no symbol"), "{said}");
    sample.write("actaudit.toml", &audit("right", "dtype = [\"f32\"]"));
    let said = sample.says(&["gate"]);
    let one_line = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.starts_with("exit 4") && one_line.contains("has no f32: it has f16 forward"), "{said}");
    sample.write("actaudit.toml", "[[audit]]\nactivation = \"relu\"\nsubject = \"library\"\n");
    let said = sample.says(&["gate"]);
    assert!(said.starts_with("exit 2") && said.contains("actaudit.toml:1: there is no subject `library`"), "{said}");
    fs::remove_file(sample.path("actaudit.toml")).expect("was there");
    let said = sample.says(&["gate"]);
    assert!(said.starts_with("exit 2") && said.contains("actaudit.toml"), "{said}");
}

/// Names and texts of other people's making do nothing in any form.
#[test]
fn hostile_names_are_harmless() {
    let reason = "<script>alert(1)</script> | `x` %0A ::error:: \\u001b[31m";
    let config = format!(
        "{}[[expected]]\nid = \"a|b<script>,::error file=x::%0A\\n\\u001b[31m\"\nreason = \"{reason}\"\n",
        audit("right", "max_ulp = 0")
    );
    let sample = Sample::new(&config);
    for form in ["text", "json", "junit", "sarif", "github", "gitlab", "markdown", "html"] {
        let said = String::from_utf8(sample.run(&["gate", "--format", form]).stdout).expect("text");
        assert!(!said.contains('\u{1b}'), "{form}: a terminal's escape");
        let begins = |start: &str| said.lines().filter(|line| line.starts_with(start)).count();
        match form {
            "github" => assert_eq!((begins("::error "), said.lines().count()), (1, 1), "{said}"),
            "markdown" | "junit" | "html" => assert!(!said.contains("<script>"), "{form}: {said}"),
            "text" => assert_eq!(begins("::"), 0),
            _ => assert!(serde_json::from_str::<serde_json::Value>(&said).is_ok(), "{form}: {said}"),
        }
    }
}

/// The same answers twice, byte for byte, whatever the number of threads; and from a journal.
#[test]
fn the_same_gate_gives_the_same_bytes() {
    let sample = Sample::new(&(audit("right", "max_ulp = 0") + &audit("regressed", "baseline = true")));
    let first = sample.run(&["gate", "--format", "json"]).stdout;
    for args in [vec!["-j", "1"], vec!["--keep", "done.jsonl"], vec!["--keep", "done.jsonl", "-j", "2"]] {
        let again = sample.run(&[&["gate", "--format", "json"][..], &args].concat()).stdout;
        assert!(first == again, "{args:?}");
    }
    assert!(Path::exists(&sample.path("done.jsonl")));
}

/// What parts find, put together, is what one run finds, byte for byte; what is not the whole of one gate is refused.
#[test]
fn parts_are_put_together() {
    let native = "[[audit]]\nactivation = [\"relu\", \"elu\"]\nsubject = \"native\"\ndtype = [\"f16\", \"bf16\"]\neffort = \"quick\"\nmax_ulp = 1\n\n";
    let config = format!("{}{native}[[expected]]\nid = \"relu/lib:*/flush\"\nreason = \"issue 7\"\n", all());
    let sample = Sample::new(&config);
    sample.write("claims.toml", &CLAIMS.replace("CLAIMED", "1.084"));
    sample.compile(&["-DREGRESSION"]);
    for count in [1, 3] {
        let files: Vec<String> = (1..=count).map(|k| format!("{count}-{k}.json")).collect();
        for (k, file) in (1..).zip(&files) {
            let run = sample.run(&["gate", "--shard", &format!("{k}/{count}"), "--results", file]);
            assert!(matches!(run.status.code(), Some(0 | 1)), "{k}/{count}: {:?}", run.status);
            let text = String::from_utf8_lossy(&run.stdout).into_owned();
            assert!(text.contains(&format!("Part {k}/{count}")) && !text.contains("out of date"), "{text}");
        }
        for form in ["text", "json", "sarif"] {
            let merge: Vec<&str> =
                ["merge", "--format", form].into_iter().chain(files.iter().rev().map(String::as_str)).collect();
            let [merged, whole] = [sample.run(&merge), sample.run(&["gate", "--format", form])];
            assert!(merged.stdout == whole.stdout && merged.status == whole.status, "{count} {form}");
        }
    }
    let refused = |args: &[&str], part: &str| {
        let said = sample.says(&[&["merge"][..], args].concat()).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.starts_with("exit 2") && said.contains(part), "{said}");
    };
    refused(&["3-1.json", "3-3.json"], "of 3 parts these are missing: 2");
    refused(&["3-1.json", "3-1.json"], "part 1 of 3 is in 3-1.json already");
    refused(&["1-1.json", "3-1.json"], "part 1 of 3, and others are of 1");
    refused(&["claims.toml"], "claims.toml: not a file of a part");
    // what was changed
    let text = fs::read_to_string(sample.path("1-1.json")).expect("is there");
    sample.write("edited.json", &text.replacen("\"failing\":1023", "\"failing\":0", 1));
    refused(&["edited.json"], "it was changed after it was written");
    let said = sample.says(&["gate", "--shard", "1/1", "--results", "actaudit.toml"]);
    assert!(said.starts_with("exit 2") && said.contains("is there already"), "{said}");
    refused(&["1-1.json", "--output", "1-1.json"], "1-1.json is one of the parts");
    // paths of the command line start where it was called, not at the configuration
    fs::create_dir(sample.path("below")).expect("a folder");
    fs::rename(sample.path("actaudit.toml"), sample.path("below/actaudit.toml")).expect("is moved");
    sample.run(&["gate", "below/actaudit.toml", "--shard", "1/1", "--results", "here.json"]);
    assert!(sample.path("here.json").is_file() && !sample.path("below/here.json").exists());
    let said = sample.says(&["gate", "below/actaudit.toml", "--shard", "1/1", "--results", "none/here.json"]);
    assert!(said.starts_with("exit 2") && said.contains("cannot write"), "{said}");
    sample.write("actaudit.toml", &config.replace("max_ulp = 1", "max_ulp = 2"));
    refused(&["1-1.json"], "is of another configuration");
    let said = sample.says(&["gate", "--shard", "4/3", "--results", "x"]);
    assert!(said.starts_with("exit 2") && said.contains("expected I/N"), "{said}");
}

/// A part that has audits and compares nothing in them is no empty part.
#[test]
fn a_part_that_compares_nothing_is_not_green() {
    let config = "[[audit]]\nactivation = \"relu\"\nsubject = \"native\"\ndtype = [\"f16\"]\npass = [\"forward\"]\neffort = \"quick\"\ncheck = [\"gradient\"]\n";
    let said = Sample::new(config).says(&["gate", "--shard", "1/1", "--results", "part.json"]);
    assert!(!said.starts_with("exit 0") && said.contains("NOTHING COMPARED"), "{said}");
}

/// The step of action.yml, run as a workflow runs it: annotations, a summary, a page, and the exit code of the gate.
#[test]
fn the_action_runs_the_gate() {
    let action = include_str!("../../action.yml");
    let step = action.split("id: gate").nth(1).and_then(|rest| rest.split("run: |\n").nth(1)).expect("a step");
    let script: String = step.lines().map(|line| line.trim_start().to_owned() + "\n").collect();
    let sample = Sample::new(&audit("regressed", ""));
    sample.compile(&["-DREGRESSION"]);
    let temp = sample.path("temp");
    fs::create_dir_all(temp.join("actaudit/bin")).expect("a folder");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_actaudit"), temp.join("actaudit/bin/actaudit")).expect("a link");
    let run = Command::new("bash")
        .args(["-e", "-c", &script])
        .envs([("CONFIG", "actaudit.toml"), ("KEEP", ""), ("SOURCE_DATE_EPOCH", "1800000000")])
        .env("RUNNER_TEMP", &temp)
        .env("GITHUB_STEP_SUMMARY", sample.path("summary.md"))
        .env("GITHUB_OUTPUT", sample.path("output"))
        .current_dir(sample.0.path())
        .output()
        .expect("bash runs");
    let (out, err) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert_eq!(run.status.code(), Some(1), "{out}{err}");
    assert!(out.contains("::error"), "{out}{err}");
    assert!(fs::read_to_string(sample.path("summary.md")).expect("is there").contains("FAILED"));
    let page = fs::read_to_string(sample.path("output")).expect("is there");
    let page = page.trim().strip_prefix("report=").expect("an output");
    assert!(fs::read_to_string(page).expect("a page").starts_with("<!DOCTYPE html>"));
}

/// The kernels of this repository are no worse than they were, and its claims come out as declared.
#[test]
fn this_repository_passes_its_own_gate() {
    let run = Command::new(env!("CARGO_BIN_EXE_actaudit"))
        .args(["gate", "audits/gate.toml"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.starts_with("PASSED") && !said.contains("better"), "{said}");
}
