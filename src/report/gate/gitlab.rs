//! GitLab's code quality. A finding is the same finding if only its figures change.

use super::GateReport;
use super::finding::{Level, findings};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Writes it.
pub fn write(report: &GateReport) -> String {
    let found = findings(report);
    let issues: Vec<Value> = found
        .iter()
        .filter(|f| f.justification.is_none())
        .map(|f| {
            let severity = match f.level {
                Level::Error => "major",
                Level::Warning => "minor",
                Level::Note => "info",
            };
            let digest = Sha256::digest(format!("{}\n{}", f.rule, f.id));
            let fingerprint: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            json!({
                "description": format!("{}: {}", f.id, f.message),
                "check_name": f.rule,
                "fingerprint": fingerprint,
                "severity": severity,
                "location": {"path": report.config, "lines": {"begin": f.line}},
            })
        })
        .collect();
    serde_json::to_string_pretty(&issues).unwrap_or_default() + "\n"
}
