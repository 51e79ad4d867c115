//! SARIF 2.1.0. Each result points at the line of the configuration, because platforms refuse files with results that have no
//! physical place; what it is about is the logical one.

use super::GateReport;
use super::finding::{Level, findings};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Platforms keep so many results of a run; the worst come first.
const KEPT: usize = 5000;

/// Writes it.
pub fn write(report: &GateReport) -> String {
    let found = findings(report);
    let rules: BTreeSet<&str> = found.iter().map(|f| f.rule.as_str()).collect();
    let title = |rule: &str| match rule {
        "claim" => "does a claim come out as declared?",
        "absent" => "is the code there?",
        "vacuous" => "does an audit compare anything?",
        "stopped" => "was an audit done to its end?",
        "expectation" => "does a result have the id of each expectation?",
        check => crate::audit::process::rows().find(|c| c.id == check).map_or("", |c| c.title),
    };
    let rules: Vec<Value> = rules.iter().map(|r| json!({"id": r, "shortDescription": {"text": title(r)}})).collect();
    let results: Vec<Value> = found
        .iter()
        .take(KEPT)
        .map(|f| {
            let level = match f.level {
                Level::Error => "error",
                Level::Warning => "warning",
                Level::Note => "note",
            };
            let text = match &f.again {
                Some(again) => format!("{}: {}. Again: {again}", f.id, f.message),
                None => format!("{}: {}", f.id, f.message),
            };
            let mut result = json!({
                "ruleId": f.rule,
                "level": level,
                "message": {"text": text},
                "baselineState": f.state,
                "partialFingerprints": {"id/v1": f.id},
                "locations": [{
                    "physicalLocation": {
                        "artifactLocation": {"uri": uri(&report.config)},
                        "region": {"startLine": f.line},
                    },
                    "logicalLocations": [{"fullyQualifiedName": f.id}],
                }],
            });
            if let Some(reason) = &f.justification {
                result["suppressions"] = json!([{"kind": "external", "status": "accepted", "justification": reason}]);
            }
            result
        })
        .collect();
    let tool = json!({"driver": {
        "name": "actaudit",
        "version": env!("CARGO_PKG_VERSION"),
        "rules": rules,
    }});
    let sarif = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": tool,
            "invocations": [{"executionSuccessful": !report.summary.partial}],
            "results": results,
        }],
    });
    serde_json::to_string_pretty(&sarif).unwrap_or_default() + "\n"
}

/// A path as a reference of RFC 3986.
fn uri(path: &str) -> String {
    let kept = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    let byte = |b: u8| if kept(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
    path.bytes().map(byte).collect()
}
