//! The rules of the repository, each with an example that breaks it.
#![expect(clippy::panic, reason = "a panic is how a test fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Paths of the repository's files: what git would add, or, in an unpacked archive, everything that is not built or fetched.
fn files() -> Vec<String> {
    let git = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output();
    let mut files: Vec<String> = match git {
        Ok(out) if out.status.success() && root().join(".git").exists() => {
            String::from_utf8_lossy(&out.stdout).split_terminator('\0').map(str::to_owned).collect()
        }
        _ => walk(root()).iter().map(|p| relative(p)).collect(),
    };
    files.retain(|file| root().join(file).is_file());
    assert!(files.iter().any(|file| file == "Cargo.toml"), "the list of files is wrong: {files:?}");
    files
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).expect("walked from the root").to_string_lossy().into_owned()
}

fn walk(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let skipped = ["target", ".deps", ".git"].iter().any(|name| path.ends_with(name));
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && !skipped => found.extend(walk(&path)),
            Ok(kind) if kind.is_file() => found.push(path),
            _ => {}
        }
    }
    found
}

/// The text of a file; `None` if it is not text.
fn read(file: &str) -> Option<String> {
    fs::read_to_string(root().join(file)).ok()
}

fn is_rust(file: &str) -> bool {
    file.ends_with(".rs")
}

/// A rule about single lines. `example` breaks it. Forbidden words are written in two halves, or this file would.
struct LineRule {
    name: &'static str,
    applies: fn(&str) -> bool,
    broken: fn(&str) -> bool,
    example: &'static str,
}

const LINE_RULES: &[LineRule] = &[
    LineRule {
        name: "no absolute path of the machine it was written on",
        applies: |_| true,
        broken: |line| {
            let starts = [
                concat!("/ro", "ot/"),
                concat!("/ho", "me/"),
                concat!("/Us", "ers/"),
                concat!("/wo", "rk/"),
                concat!("/tmp/", "bash"),
            ];
            starts.iter().any(|start| line.match_indices(start).any(|(at, _)| starts_a_path(line, at)))
        },
        example: concat!("see /ho", "me/someone/notes"),
    },
    LineRule {
        name: "no host name of a package registry",
        applies: |_| true,
        broken: |line| {
            let line = line.to_lowercase();
            let hosts = [
                concat!("index.", "crates.io"),
                concat!("static.", "crates.io"),
                concat!("crates-io-", "proxy"),
                concat!("files.", "pythonhosted"),
                concat!("pypi.", "org"),
                concat!("deb.", "debian.org"),
                concat!("registry.", "npmjs"),
                concat!("download.", "pytorch.org"),
            ];
            hosts.iter().any(|host| line.contains(host))
        },
        example: concat!("pip install --index-url https://pypi.", "org/simple torch"),
    },
    LineRule {
        name: "no lint is allowed in place, no test ignored, nothing left to do",
        applies: is_rust,
        broken: |line| {
            let marks = [
                concat!("#[", "allow("),
                concat!("#![", "allow("),
                concat!("#[", "ignore"),
                concat!("to", "do!("),
                concat!("unimpl", "emented!("),
            ];
            marks.iter().any(|mark| line.contains(mark))
        },
        example: concat!("    #[", "ignore = \"slow\"]"),
    },
    LineRule {
        name: "unsafe code only where foreign code is called, src/subject/, actaudit-torch, plugins/ and tests/foreign/, or vector code is chosen",
        applies: |file| {
            let excused = [
                "src/subject/",
                "crates/actaudit-torch/",
                "plugins/",
                "tests/foreign/",
                "src/kernels/lanes/dispatch.rs",
                "src/reference/lanes.rs",
            ];
            is_rust(file) && !excused.iter().any(|start| file.starts_with(start))
        },
        broken: |line| {
            let code = line.split("//").next().unwrap_or_default();
            ["{", "fn", "impl", "extern", "trait"]
                .iter()
                .any(|next| code.contains(&format!("{} {next}", concat!("uns", "afe"))))
                || code.contains(concat!("uns", "afe_code"))
        },
        example: concat!("let y = uns", "afe { *x };"),
    },
    LineRule {
        name: "the library speaks of no option of the command line; src/cli/ and src/report/ do",
        applies: |file| {
            let speaks = ["src/cli/", "src/report/"].iter().any(|room| file.starts_with(room));
            is_rust(file) && file.contains("src/") && !file.ends_with("/tests.rs") && !speaks
        },
        broken: |line| {
            let code = line.split("//").next().unwrap_or_default();
            // XLA's options are those of a library
            let option = |rest: &str| rest.starts_with(|c: char| c.is_ascii_lowercase()) && !rest.starts_with("xla");
            code.split("--").skip(1).any(option)
        },
        example: "no such activation: give --expr TEXT",
    },
];

/// Whether an absolute path starts at this place, rather than going on from a relative one or an address.
fn starts_a_path(line: &str, at: usize) -> bool {
    let before = line[..at].chars().next_back();
    !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '}' | '*' | '~'))
}

#[test]
fn line_rules_hold() {
    let mut problems = Vec::new();
    for file in files() {
        let Some(text) = read(&file) else { continue };
        for rule in LINE_RULES.iter().filter(|rule| (rule.applies)(&file)) {
            let lines = text.lines().enumerate().filter(|(_, line)| (rule.broken)(line));
            problems.extend(lines.map(|(i, line)| format!("{file}:{}: {}: {}", i + 1, rule.name, line.trim())));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn each_line_rule_catches_its_example() {
    for rule in LINE_RULES {
        assert!((rule.broken)(rule.example), "{} does not catch {}", rule.name, rule.example);
        assert!(!(rule.broken)("let x = 1; // nothing wrong, see docs/work/notes"), "{} is too eager", rule.name);
    }
}

#[test]
fn files_are_small() {
    const LINES: usize = 600;
    const BYTES: u64 = 2_000_000;
    let mut problems = Vec::new();
    for file in files() {
        let lines = if is_rust(&file) { read(&file).map_or(0, |text| text.lines().count()) } else { 0 };
        if lines > LINES {
            problems.push(format!("{file}: {lines} lines, more than {LINES}: is it one thing?"));
        }
        let bytes = fs::metadata(root().join(&file)).map_or(0, |m| m.len());
        if bytes > BYTES {
            problems.push(format!("{file}: {bytes} bytes, more than {BYTES}"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Each program of tests links all of the library: files of tests are modules of a few programs, not programs of their own.
#[test]
fn programs_of_tests_are_few() {
    const PROGRAMS: [&str; 5] = ["audits", "numbers", "program", "proofs", "repository"];
    let program = |file: &str| {
        let rest = file.strip_prefix("tests/")?;
        let (name, rest) = rest.split_once('/').unwrap_or((rest, "main.rs"));
        (rest == "main.rs" && is_rust(file)).then(|| name.to_owned())
    };
    let there: BTreeSet<String> = files().iter().filter_map(|file| program(file)).collect();
    assert_eq!(there, PROGRAMS.map(str::to_owned).into());
    let examples = ["tests/agree.rs", "tests/numbers/agree.rs", "tests/foreign/relu.c"].map(program);
    assert_eq!(examples, [Some("agree.rs".to_owned()), None, None]);
}

/// The documents at the top, where people begin.
const DOCUMENTS: [&str; 4] = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];

/// What stands between an `open` and the next `close`.
fn between<'a>(text: &'a str, open: &'a str, close: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(open).skip(1).filter_map(move |rest| rest.split(close).next())
}

fn document(name: &str) -> String {
    read(name).unwrap_or_else(|| panic!("{name} is missing"))
}

#[test]
fn links_lead_to_files() {
    for name in DOCUMENTS {
        for link in between(&document(name), "](", ")") {
            let path = link.split('#').next().unwrap_or_default();
            let outside = link.starts_with("https://") || path.is_empty();
            assert!(outside || root().join(path).exists(), "{name} links to {link}, which is not there");
        }
    }
}

#[test]
fn documented_make_targets_exist() {
    let makefile = document("Makefile");
    let targets: BTreeSet<&str> = makefile
        .lines()
        .filter(|line| !line.starts_with(['\t', '.', '#']))
        .filter_map(|line| line.split_once(':').filter(|(_, rest)| !rest.starts_with('=')))
        .flat_map(|(names, _)| names.split_whitespace())
        .collect();
    for name in DOCUMENTS {
        let text = document(name);
        for command in between(&text, "`make ", "`").chain(text.lines().filter_map(|line| line.strip_prefix("make "))) {
            let target = command.split_whitespace().next().unwrap_or_default();
            assert!(targets.contains(target), "{name} speaks of `make {target}`, which the Makefile lacks");
        }
    }
}

#[test]
fn every_file_of_data_is_explained() {
    for folder in ["audits/claims", "golden"] {
        let readme = document(&format!("{folder}/README.md"));
        for file in files().iter().filter_map(|file| file.strip_prefix(folder)?.strip_prefix('/')) {
            let name = file.split_inclusive('/').next().unwrap_or(file);
            let known = ["README.md", "requirements.txt"].contains(&name) || readme.contains(&format!("`{name}`"));
            assert!(known, "{folder}/README.md does not say what `{name}` is");
        }
    }
}

/// The code map is a list of `- `path`` lines in ARCHITECTURE.md.
#[test]
fn the_code_map_is_complete() {
    let text = document("ARCHITECTURE.md");
    let listed: BTreeSet<&str> = between(&text, "\n- `src/", "`").map(|path| path.trim_end_matches('/')).collect();
    let files = files();
    let there: BTreeSet<&str> = files
        .iter()
        .filter_map(|file| file.strip_prefix("src/"))
        .map(|file| file.split('/').next().unwrap_or(file))
        .filter(|name| !["lib.rs", "main.rs"].contains(name))
        .collect();
    assert_eq!(listed, there, "ARCHITECTURE.md's code map against src/");
}

/// Names of the dependencies in a manifest, those of tests left out.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let section = between(manifest, "[dependencies]\n", "\n[").next().unwrap_or_default();
    let names = section.lines().filter(|l| !l.starts_with('#')).filter_map(|l| l.split_once(" = "));
    names.map(|(name, _)| name.to_owned()).collect()
}

/// What a proof rests on besides the checker's own rules: ARCHITECTURE.md names it.
#[test]
fn the_checker_links_no_engine() {
    let named = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let of = |name: &str| dependencies(&document(&format!("crates/{name}/Cargo.toml")));
    let checker = named(&["actaudit-expr", "rug", "serde", "serde_json", "thiserror"]);
    assert_eq!(of("actaudit-recheck"), checker, "the trust base of a proof");
    let language = named(&["gmp-mpfr-sys", "half", "miette", "proptest", "rug", "strsim", "thiserror", "toml"]);
    assert_eq!(of("actaudit-expr"), language);
    // and a manifest that links more is noticed
    let more = "[dependencies]\nactaudit = { path = \"..\" }\nrug = \"1\"\n\n[lints]\n";
    assert_eq!(dependencies(more), named(&["actaudit", "rug"]));
}

/// The checker is meant to be read: its rules without their tests.
#[test]
fn the_checker_stays_small() {
    const LINES: usize = 7500;
    let own =
        |file: &&String| file.starts_with("crates/actaudit-recheck/src/") && is_rust(file) && !file.contains("tests");
    let mut lines = 0;
    for file in files().iter().filter(own) {
        let text = read(file).unwrap_or_default();
        lines += text.lines().take_while(|line| !line.starts_with("mod tests")).count();
    }
    println!("the checker has {lines} lines");
    assert!((1000..=LINES).contains(&lines), "the checker has {lines} lines, more than {LINES}; the goal is 4500");
}

/// The rooms of `src/`, from the ground floor up: each may use those before it. (The language of definitions and the checker lie
/// below all of them.)
const ROOMS: [&str; 24] = [
    "verdict",
    "data",
    "stats",
    "number",
    "prove",
    "mollify",
    "propagate",
    "reference",
    "emit",
    "kernels",
    "onnx",
    "subject",
    "defects",
    "check",
    "audit",
    "identify",
    "power",
    "survey",
    "train",
    "claim",
    "gate",
    "report",
    "closure",
    "cli",
];

/// Uses of a room further up that there still are: `subject` makes every kind of subject, planted kernels among them.
const UPWARD: &[(&str, &str)] = &[("subject", "defects")];

/// Uses that no order forbids.
const FORBIDDEN: &[(&str, &str)] = &[
    ("crates/actaudit-expr/src/", "actaudit::"),
    ("crates/actaudit-recheck/src/", "actaudit::"),
    ("src/prove/", "crate::kernels"),
    ("src/reference/", "crate::kernels"),
    ("src/", "use tch"),
];

/// The rooms that a line of code uses by their full names.
fn rooms(code: &str) -> impl Iterator<Item = &str> {
    code.split("crate::").skip(1).filter_map(|rest| rest.split(|c: char| !c.is_ascii_lowercase()).next())
}

fn crosses(file: &str, line: &str) -> Option<String> {
    let code = line.split("//").next().unwrap_or_default();
    if let Some((room, other)) = FORBIDDEN.iter().find(|(room, other)| file.starts_with(room) && code.contains(other)) {
        return Some(format!("{file}: {room} must not use {other}: {}", line.trim()));
    }
    let place = |room: &str| ROOMS.iter().position(|r| *r == room);
    let own = file.strip_prefix("src/")?.split(['/', '.']).next()?;
    let above = |other: &&str| place(own).zip(place(other)).is_some_and(|(own, other)| other > own);
    let other = rooms(code).filter(above).find(|other| !UPWARD.contains(&(own, *other)))?;
    Some(format!("{file}: {own} lies below {other}: {}", line.trim()))
}

/// The code of a file without its tests, which may use what they like.
fn without_tests<'a>(file: &str, text: &'a str) -> &'a str {
    let all = file.split('/').any(|part| ["tests", "tests.rs", "planted.rs", "testing.rs"].contains(&part));
    if all { "" } else { text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text) }
}

#[test]
fn rooms_use_only_what_lies_below_them() {
    let mut problems = Vec::new();
    for file in files().iter().filter(|file| is_rust(file)) {
        let text = read(file).unwrap_or_default();
        problems.extend(without_tests(file, &text).lines().filter_map(|line| crosses(file, line)));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    for (file, line) in [
        ("src/prove/bound.rs", "use crate::subject::Subject;"),
        ("src/audit/run.rs", "let text = crate::report::contract::VerifyReport::new();"),
        ("src/verdict.rs", "use crate::check::Found;"),
        ("src/check/ulp.rs", "use crate::audit::Record;"),
        ("src/report/plan.rs", "use crate::cli::args::Cli;"),
        ("src/reference/local.rs", "use crate::kernels::Pass;"),
        ("crates/actaudit-expr/src/ast.rs", "use actaudit::number::MpI;"),
    ] {
        assert!(crosses(file, line).is_some(), "{file}: {line}");
    }
    for (file, line) in [("src/audit/run.rs", "use crate::subject::Subject;"), ("src/verdict.rs", "// crate::check")] {
        assert!(crosses(file, line).is_none(), "{file}: {line}");
    }
}

/// What an exception allows is there; one that is no longer needed goes.
#[test]
fn exceptions_from_the_order_of_rooms_are_needed() {
    for (room, other) in UPWARD {
        let uses = |file: &String| {
            let text = read(file).unwrap_or_default();
            without_tests(file, &text).lines().any(|line| rooms(line).any(|r| r == *other))
        };
        assert!(files().iter().filter(|f| f.starts_with(&format!("src/{room}"))).any(uses), "{room} and {other}");
    }
}

/// Every room has its place in the order.
#[test]
fn every_room_has_a_place() {
    let files = files();
    let there = files.iter().filter_map(|file| file.strip_prefix("src/")?.split(['/', '.']).next());
    let there: BTreeSet<&str> = there.filter(|name| !["lib", "main", "testing"].contains(name)).collect();
    assert_eq!(BTreeSet::from(ROOMS), there);
}
