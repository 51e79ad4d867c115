//! Annotations of GitHub's workflows: the worst first, because only ten errors and ten warnings of a step are shown.

use super::GateReport;
use super::finding::{Level, findings};
use std::fmt::Write as _;

/// So many of each kind are shown.
const SHOWN: usize = 10;

/// Writes it.
pub fn write(report: &GateReport) -> String {
    let mut out = String::new();
    let found = findings(report);
    for (level, command) in [(Level::Error, "error"), (Level::Warning, "warning"), (Level::Note, "notice")] {
        let of_level: Vec<_> = found.iter().filter(|f| f.level == level).collect();
        // the last place is for the count of the others
        let shown = if of_level.len() > SHOWN { SHOWN - 1 } else { of_level.len() };
        for finding in &of_level[..shown] {
            let (file, title) = (property(&report.config), property(&finding.id));
            let again = finding.again.as_ref().map_or_else(String::new, |again| format!("\nagain: {again}"));
            let text = data(&format!("{}{again}", finding.message));
            let _ = writeln!(out, "::{command} file={file},line={},title={title}::{text}", finding.line);
        }
        if shown < of_level.len() {
            let _ = writeln!(out, "::{command} file={}::and {} more", property(&report.config), of_level.len() - shown);
        }
    }
    out
}

/// Text of an annotation.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
