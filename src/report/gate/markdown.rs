//! Markdown, for the summary of a job or a comment.

use super::GateReport;
use super::finding::{Level, findings};
use crate::report::Page;
use crate::report::claims_table::plain;
use std::fmt::Write as _;

/// Writes it.
pub fn write(report: &GateReport) -> String {
    // a line of a job's summary is as long as it is
    let text = report.text(&Page { width: usize::MAX / 2, ..Page::PLAIN });
    let answer = text.lines().next().unwrap_or_default();
    let mut out = format!("## actaudit gate\n\n**{}**\n", plain(answer));
    let found = findings(report);
    if !found.is_empty() {
        out += "\n| | result | finding | line |\n|---|---|---|---|\n";
        for f in &found {
            let why = f.justification.as_ref().map_or_else(String::new, |why| format!(" ({why})"));
            let (id, message) = (plain(&f.id), plain(&format!("{}{why}", f.message)));
            let _ = writeln!(out, "| {} | {id} | {message} | {} |", f.word, f.line);
        }
    }
    let again: Vec<&str> =
        found.iter().filter(|f| f.level == Level::Error).filter_map(|f| f.again.as_deref()).collect();
    if !again.is_empty() {
        // an indented block takes any text as it stands
        out += "\nAgain:\n\n";
        for command in again {
            let _ = writeln!(out, "    {}", command.replace(['\n', '\r'], " "));
        }
    }
    out
}
