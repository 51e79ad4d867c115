//! Code that is meant for a part of the line is asked about that part only.

use crate::foreign::{audit, options, text};
use actaudit::audit::Options;
use actaudit::expr::FloatFormat;
use actaudit::internal::contract::VerifyReport;
use actaudit::prove::Domain;
use actaudit::verdict::Verdict;

fn on(domain: &str, code: &str, format: FloatFormat) -> VerifyReport {
    let domain = Domain::parse(domain).expect("a domain");
    let rest = format!(":{code},dtype={}", format.name());
    audit("silu", &text("lib", "libpart.so", &rest), &Options { domain, ..options(&[format]) })
}

fn refuted(report: &VerifyReport) -> Vec<&'static str> {
    report.results.iter().filter(|r| r.verdict == Verdict::Refuted).map(|r| r.check).collect()
}

/// The kernels end the process at any other input, NaN and infinities among them.
#[test]
fn no_other_input_is_given_to_the_code() {
    for (format, code) in [
        (FloatFormat::F32, "part32,backward=part32_slope"),
        (FloatFormat::F64, "part64,backward=part64_slope"),
        (FloatFormat::F16, "part16,backward=part16_slope"),
    ] {
        let report = on("0..4", code, format);
        assert_eq!(refuted(&report), [""; 0], "{}", report.text(false));
        assert!(report.results.iter().all(|r| r.incidents.is_empty()));
        let all = 2 + (FloatFormat::F16.encode(4.0));
        let ulp = report.results.iter().find(|r| r.check == "ulp").expect("a row");
        assert!(
            if format == FloatFormat::F16 { ulp.compared == all } else { ulp.compared > 30_000 },
            "{}",
            ulp.compared
        );
        let shown = report.text(false);
        assert!(shown.contains("in [0, 4]"), "{shown}");
        for probe in ["position", "gradient", "incoming"] {
            assert!(report.results.iter().any(|r| r.check == probe && r.compared > 0), "{probe} {shown}");
        }
    }
    assert!(refuted(&on("0..5", "part32", FloatFormat::F32)).contains(&"process"));
}

#[test]
fn what_is_wrong_there_is_found() {
    for (format, code) in [
        (FloatFormat::F32, "part32_off"),
        (FloatFormat::F64, "part64_off"),
        (FloatFormat::F16, "part16_off"),
        (FloatFormat::F32, "part32,backward=part32_slope_off"),
    ] {
        let report = on("0..4", code, format);
        assert!(refuted(&report).contains(&"ulp"), "{code} {}", report.text(false));
        // the command that shows it again
        let shown = report.results.iter().find(|r| r.verdict == Verdict::Refuted && r.check == "ulp");
        assert!(shown.and_then(|r| r.repro.as_ref()).is_some_and(|c| c.contains("--input")));
    }
    // 1/4 is not in it
    assert_eq!(refuted(&on("1/3..4", "part16_off", FloatFormat::F16)), [""; 0]);
}
