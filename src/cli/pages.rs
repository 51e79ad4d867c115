//! What shells and `man` read, made from the arguments themselves.

use super::args::{Cli, Output};
use super::deliver;
use crate::verdict::Ended;
use clap::CommandFactory as _;
use clap_complete::{Shell, generate};
use miette::{IntoDiagnostic as _, Result, WrapErr as _};
use std::path::Path;

/// A script that completes commands and options.
pub fn completions(shell: Shell, out: &Output) -> Result<Ended> {
    let mut script = vec![];
    generate(shell, &mut Cli::command(), "actaudit", &mut script);
    deliver(out, &String::from_utf8_lossy(&script))?;
    Ok(Ended::Done)
}

/// A page for the program and one for each command.
pub fn manual(folder: &Path, out: &Output) -> Result<Ended> {
    let cannot = || format!("cannot write {}", folder.display());
    std::fs::create_dir_all(folder).into_diagnostic().wrap_err_with(cannot)?;
    clap_mangen::generate_to(Cli::command(), folder).into_diagnostic().wrap_err_with(cannot)?;
    let pages = std::fs::read_dir(folder).into_diagnostic().wrap_err_with(cannot)?.count();
    if !out.quiet {
        eprintln!("{pages} pages in {}", folder.display());
    }
    Ok(Ended::Done)
}
