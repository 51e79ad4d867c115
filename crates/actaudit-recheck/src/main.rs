//! `actaudit-recheck FILE...`: what each certificate proves, or why it is rejected. Links no engine.
//!
//! A file holds one certificate or a list of them. Exit code 0: all are accepted; 1: one is rejected; 2: a file cannot be read.

use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let files: Vec<_> = std::env::args_os().skip(1).collect();
    if files.is_empty() {
        eprintln!("usage: actaudit-recheck CERTIFICATE...");
        return ExitCode::from(2);
    }
    let (mut out, mut rejected) = (std::io::stdout().lock(), false);
    for file in files {
        let name = file.to_string_lossy().into_owned();
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(e) => {
                eprintln!("cannot read {name}: {e}");
                return ExitCode::from(2);
            }
        };
        let verdicts: Vec<Result<String, String>> = match actaudit_recheck::certificates(&text) {
            Ok(list) => list
                .iter()
                .map(|c| actaudit_recheck::recheck(c).map(|a| a.to_string()).map_err(|e| e.to_string()))
                .collect(),
            Err(e) => vec![Err(e.to_string())],
        };
        for verdict in verdicts {
            let (word, text) = match &verdict {
                Ok(statement) => ("accepted", statement),
                Err(reason) => ("rejected", reason),
            };
            rejected |= verdict.is_err();
            // a reader that has seen enough is no error
            let _ = writeln!(out, "{word}  {name}\n  {}", text.replace('\n', "\n  "));
        }
    }
    ExitCode::from(u8::from(rejected))
}
