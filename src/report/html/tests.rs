//! Texts of other people's making are harmless, and every page has its parts.

use super::*;
use crate::audit::{Facts, Options, verify_with};
use crate::catalog;
use crate::claim::{ClaimFile, judge};
use crate::expr::{Activation, FloatFormat};
use crate::kernels::Pass;
use crate::report::claims::{ClaimRow, ClaimsReport};
use crate::report::definition::{DefinitionReport, WholeReport};
use crate::report::verify::Detail;
use crate::subject::Native;

const HOSTILE: &str = "<script>alert(1)</script> \"><img src=x onerror=alert(1)> ]]> --> | ::error:: %0A &lt; {x} \
                       '\u{1b}[31m\r\n\0\u{202e}</style></svg>";

/// The tags of a page in their order, with the names of their attributes: what no text may change.
fn skeleton(page: &str) -> Vec<String> {
    let tag = |rest: &str| {
        // attributes end where a bracket does that is not between quotes
        let mut quoted = false;
        let end = rest.find(|c| {
            quoted ^= c == '"';
            c == '>' && !quoted
        });
        let inside = &rest[..end.unwrap()];
        inside.split('"').step_by(2).collect::<Vec<_>>().join("\"\"")
    };
    page.split('<').skip(1).map(tag).collect()
}

fn naive() -> WholeReport {
    let activation = Activation::with_defaults(catalog::find("gelu").unwrap()).unwrap();
    let kernel = Native::new(&activation, "naive").unwrap();
    let options = Options { dtypes: vec![FloatFormat::F16], passes: vec![Pass::Forward], ..Options::default() };
    let facts = Facts::new();
    let audit = verify_with(&facts, &activation, &[&kernel], &[], &options, &|_| true).unwrap();
    WholeReport::new(&audit, DefinitionReport::new(&facts.of(&activation)).unwrap())
}

/// The report with another text wherever a text is not this program's own.
fn renamed(mut report: WholeReport, name: &str) -> WholeReport {
    let code = &mut report.code;
    name.clone_into(&mut code.activation);
    code.params.insert(name.to_owned(), name.to_owned());
    code.environment.insert(name.to_owned(), name.to_owned());
    for r in &mut code.results {
        name.clone_into(&mut r.subject);
        r.id = format!("gelu/{name}/f16");
        for w in r.witness.iter_mut().chain(&mut r.worst) {
            w.how = Some(name.to_owned());
            w.again = Some(name.to_owned());
            name.clone_into(&mut w.real);
        }
    }
    for cause in &mut code.causes {
        name.clone_into(&mut cause.subject);
    }
    let proved = &mut report.definition;
    name.clone_into(&mut proved.continuity.activation);
    proved.formula = vec![[name.to_owned(), name.to_owned()]];
    proved.curves.junctions = vec![(name.to_owned(), 0.0)];
    report
}

#[test]
fn hostile_names_are_text() {
    let plain = renamed(naive(), "plain").html(Detail::default());
    let hostile = renamed(naive(), HOSTILE).html(Detail::default());
    let control = |c: char| c != '\n' && c.is_control() || c == '\u{202e}';
    assert!(!hostile.contains(control));
    assert!(hostile.contains("&lt;script&gt;") && hostile.contains("\\u{1b}"));
    assert_eq!(skeleton(&plain), skeleton(&hostile));
    // and a page that does not escape would be noticed
    assert_ne!(skeleton(&plain), skeleton(&plain.replace("plain", "<b>")));
}

#[test]
fn hostile_claims_are_text() {
    let text = "paper = \"p\"\n[[claim]]\nid = \"c\"\nquote = \"q\"\nsource = \"s\"\nactivation = \"relu\"\nquantity = \"lipschitz\"\n\
                kind = \"upper_bound\"\nvalue = \"1/2\"\n";
    let report = |word: &str| {
        let mut claim = ClaimFile::parse(text, "claims.toml", &|_| Err(String::new())).unwrap().claims.remove(0);
        let judgement = judge(&claim).unwrap();
        (claim.id, claim.quote, claim.source) = (word.to_owned(), word.to_owned(), word.to_owned());
        ClaimsReport::new(vec![ClaimRow::new(word, &claim, &judgement)])
    };
    let (plain, hostile) = (report("plain"), report(HOSTILE));
    assert_eq!(skeleton(&plain.html()), skeleton(&hostile.html()));
    let table = hostile.markdown();
    assert_eq!(table.lines().count(), plain.markdown().lines().count());
    assert!(!table.contains('<') && !table.contains('\u{1b}'), "{table}");
    let table = hostile.latex();
    assert_eq!(table.lines().count(), plain.latex().lines().count());
    assert!(!table.contains('\u{1b}') && table.contains("\\{x\\}"), "{table}");
}

#[test]
fn a_page_has_every_part_and_fetches_nothing() {
    let page = naive().html(Detail::default());
    for part in ["summary", "findings", "errors", "definition", "environment", "glossary"] {
        assert_eq!(page.matches(&format!("<section id=\"{part}\">")).count(), 1, "{part}");
    }
    // NaN at -inf is no cell of the plot, infinite errors are; every verdict is explained
    for verdict in Verdict::ALL {
        assert!(page.contains(&format!("<dt>{}</dt>", verdict.name())), "{}", verdict.name());
    }
    assert!(page.contains("FAILED") && page.contains("--input 0x"), "no answer, or nothing that shows it again");
    let known = ["-equiv=", "://www.w3.org/2000/svg\""];
    let outside = page.split("http").skip(1).find(|rest| !known.iter().any(|start| rest.starts_with(start)));
    assert_eq!(outside, None);
    for word in ["<script", "url(", "@import", "src=", "javascript:"] {
        assert!(!page.contains(word), "{word}");
    }
}
