//! How far a long command is, and how to stop it.

use super::args::Output;
use crate::audit::Progress;
use crate::report::brief;
use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use miette::{Result, miette};
use std::fmt::Write;
use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A bar on a terminal that counts what is named so, nothing elsewhere.
pub fn bar(out: &Output, of: &'static str) -> ProgressBar {
    let bar = ProgressBar::no_length();
    if out.quiet || !std::io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    // what matters least is cut off where the line is too long
    let form = "{bar:12} {percent:>3} % of {human_len} {of}, {eta} left{msg}, {rate} a second";
    if let Ok(style) = ProgressStyle::with_template(form) {
        // the crate's own has decimals
        let rate = |state: &ProgressState, out: &mut dyn Write| {
            let _ = write!(out, "{}", HumanCount(state.per_sec() as u64));
        };
        let of = move |_: &ProgressState, out: &mut dyn Write| {
            let _ = out.write_str(of);
        };
        bar.set_style(style.with_key("rate", rate).with_key("of", of));
    }
    bar
}

/// A flag that an interrupt raises: the audit then ends with what it has. A second interrupt ends the program.
pub fn interrupted() -> Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    let raise = Arc::clone(&flag);
    let handler = move || {
        if raise.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    };
    ctrlc::set_handler(handler).map_err(|e| miette!("interrupts cannot be handled: {e}"))?;
    Ok(flag)
}

/// What an audit tells: it moves the bar, and stops when the flag is up.
pub fn watch<'a>(bar: &'a ProgressBar, stop: &'a AtomicBool) -> impl Fn(Progress) -> bool + Sync + 'a {
    |progress| {
        bar.set_length(progress.total);
        bar.set_position(progress.done);
        if progress.worst > 0.0 {
            bar.set_message(format!(", worst {} ulp", brief(&progress.worst.to_string(), 3)));
        }
        !stop.load(Ordering::Relaxed)
    }
}
