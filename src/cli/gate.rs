//! `gate` and `accept`.

use super::args::{AcceptArgs, Format, GateArgs, MergeArgs, Output};
use super::progress::{bar, interrupted, watch};
use super::{Absent, emit_as, select, writable, write};
use crate::audit::Facts;
use crate::audit::journal::Journal;
use crate::claim::{ClaimFile, judge};
use crate::gate::baseline::{Waiting, accept as take, accept_seen, waiting};
use crate::gate::init::propose;
use crate::gate::{Baseline, Claimed, Config, Gate, GateError, Host, Shard, is_part, merge as merged, part};
use crate::report::accept::AcceptReport;
use crate::report::gate::FORMS;
use crate::verdict::Ended;
use chrono::{DateTime, NaiveDate, Utc};
use miette::{IntoDiagnostic as _, Result, WrapErr as _, miette};
use rayon::prelude::*;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Reads the configuration; from here on its folder is the current one, so that paths in it mean the same from everywhere.
fn open(path: &Path) -> Result<Config> {
    let text = select::read(path).wrap_err(
        "a gate is described in a file: actaudit.toml here, or `actaudit gate FILE`; docs/gate.md says what is in it",
    )?;
    let name = path.display().to_string();
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let cannot = || format!("cannot work in {}", folder.display());
        std::env::set_current_dir(folder).into_diagnostic().wrap_err_with(cannot)?;
    }
    let beside = |file: &Path| select::read(file).map_err(|e| format!("{e:#}"));
    Config::read(&text, &name, &beside).map_err(|e| miette!("{e}"))
}

/// Today in UTC; the day of `SOURCE_DATE_EPOCH` where it is set, as for reproducible builds.
fn today() -> Result<NaiveDate> {
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs().cast_signed());
    let set = std::env::var("SOURCE_DATE_EPOCH").ok();
    let seconds = set
        .map_or(Ok(now), |text| text.parse().map_err(|_| miette!("SOURCE_DATE_EPOCH: expected seconds since 1970")))?;
    let time: Option<DateTime<Utc>> = DateTime::from_timestamp(seconds, 0);
    time.map(|time| time.date_naive()).ok_or_else(|| miette!("SOURCE_DATE_EPOCH: not a time"))
}

/// The part that `--shard` names: `2/7`, or what the engine of this job says.
pub fn shard(text: &str) -> Result<Shard> {
    let shard = match text {
        "auto" => Shard::of_engine(&|name| std::env::var(name).ok()),
        text => text.parse(),
    };
    shard.map_err(|e| miette!("--shard: {e}"))
}

/// Whether the results of a part can go there, asked before there is anything to lose: another part may be replaced, nothing else.
fn room(path: &Path, out: &Output) -> Result<()> {
    if out.output.as_deref() == Some(path) {
        return Err(miette!("--results and --output name the same file"));
    }
    let there = if path.is_file() { select::read(path)? } else { String::new() };
    if !there.is_empty() && !is_part(&there) {
        return Err(miette!("--results: {} is there already, and is no file of a part", path.display()));
    }
    writable(path)
}

pub fn gate(args: &GateArgs, out: &Output) -> Result<Ended> {
    let out = &out.absolute().into_diagnostic()?;
    let keep = args.keep.as_deref().map(std::path::absolute).transpose().into_diagnostic()?;
    let results = args.results.as_deref().map(std::path::absolute).transpose().into_diagnostic()?;
    results.as_deref().map_or(Ok(()), |path| room(path, out))?;
    let config = open(&args.config)?;
    let today = today()?;
    let accepted = Baseline::read(&config.baseline).map_err(|e| miette!("{e}"))?;
    let shard = args.shard.as_deref().map(shard).transpose()?;
    // the run that puts parts together judges the claims
    let claims = if shard.is_some() { vec![] } else { claims(&config.claims)? };
    let journal = keep.as_deref().map(Journal::open).transpose().map_err(|e| miette!("{e}"))?;
    let bar = bar(out, "audits");
    let stop = interrupted()?;
    let step = watch(&bar, &stop);
    let facts = Facts::new();
    let host = Host { facts: &facts, journal: journal.as_ref(), watch: &step, jobs: out.jobs.map(usize::from) };
    let found = Gate::find(&config, shard, &host).map_err(|error| match error {
        GateError::Audit { .. } => Absent(error.to_string()).into(),
        error => miette!("{error}"),
    })?;
    bar.finish_and_clear();
    if let (Some(shard), Some(path)) = (shard, &results) {
        let text = part(&config, shard, found.clone()).map_err(|e| miette!("{e}"))?;
        write(path, &text)?;
    }
    let gate = Gate::judge(config, found, claims, &accepted, today);
    tell(&gate, shard, &accepted, args.bless, out)
}

/// Writes a first configuration.
pub fn init(path: &Path, out: &Output) -> Result<Ended> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let proposal = propose(folder);
    let cannot = || format!("cannot write {}", path.display());
    // never over another one
    let file = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = file.into_diagnostic().wrap_err_with(cannot)?;
    file.write_all(proposal.text().as_bytes()).into_diagnostic().wrap_err_with(cannot)?;
    if !out.quiet {
        let name = path.display();
        match proposal.count() {
            0 => {
                eprintln!("{name}: no function here has the name of an activation; the file says how to write an entry")
            }
            1 => eprintln!("{name}: 1 entry; look at it, then run `actaudit gate`"),
            n => eprintln!("{name}: {n} entries; look at them, then run `actaudit gate`"),
        }
    }
    Ok(Ended::Done)
}

/// Puts together what parts of a gate found.
pub fn merge(args: &MergeArgs, out: &Output) -> Result<Ended> {
    let out = &out.absolute().into_diagnostic()?;
    let read = |path: &PathBuf| Ok((path.display().to_string(), select::read(path)?));
    for path in &args.results {
        if out.output.is_some() && std::path::absolute(path).ok() == out.output {
            return Err(miette!("--output: {} is one of the parts", path.display()));
        }
    }
    let parts: Vec<(String, String)> = args.results.iter().map(read).collect::<Result<_>>()?;
    let config = open(&args.config)?;
    let today = today()?;
    let accepted = Baseline::read(&config.baseline).map_err(|e| miette!("{e}"))?;
    let found = merged(&config, &parts, &Facts::new()).map_err(|e| miette!("{e}"))?;
    let claims = claims(&config.claims)?;
    tell(&Gate::judge(config, found, claims, &accepted, today), None, &accepted, args.bless, out)
}

/// The report, and figures that wait.
fn tell(gate: &Gate, shard: Option<Shard>, accepted: &Baseline, bless: bool, out: &Output) -> Result<Ended> {
    let path = &gate.config.baseline;
    let mut report = gate.report();
    report.shard = shard.map(|shard| shard.to_string());
    let form = |form: Format| FORMS.iter().find(|f| f.name == form.name()).map(|f| (f.write)(&report));
    emit_as(out, |page| report.text(page), &report, form)?;
    if bless {
        let waits = accepted.bless(path, &gate.figures(), gate.is_whole()).map_err(|e| miette!("{e}"))?;
        if !out.quiet {
            let [_, accept] = report.commands();
            match waits {
                0 => eprintln!("nothing is new or changed"),
                1 => eprintln!("1 figure waits to be accepted; `{accept}` shows it"),
                _ => eprintln!("{waits} figures wait to be accepted; `{accept}` shows them"),
            }
        }
    }
    Ok(report.ended())
}

fn claims(files: &[(usize, PathBuf)]) -> Result<Vec<Claimed>> {
    let mut todo = vec![];
    for (line, path) in files {
        let (name, text) = (path.display().to_string(), select::read(path)?);
        let folder = path.parent().unwrap_or(Path::new(""));
        let beside = |file: &str| select::read(&folder.join(file)).map_err(|e| format!("{e:#}"));
        let file = ClaimFile::parse(&text, &name, &beside).map_err(|e| miette!("{e}"))?;
        todo.extend(file.claims.into_iter().map(|claim| (*line, name.clone(), claim)));
    }
    let judged: Vec<_> = todo
        .into_par_iter()
        .map(|(line, file, claim)| match judge(&claim) {
            Ok(judgement) => Ok(Claimed { line, file, claim, judgement }),
            Err(e) => Err(miette!("{file}, claim `{}`: {e}", claim.id)),
        })
        .collect();
    judged.into_iter().collect()
}

pub fn accept(args: &AcceptArgs, out: &Output) -> Result<Ended> {
    let out = &out.absolute().into_diagnostic()?;
    let config = open(&args.config)?;
    let path = &config.baseline;
    let found = match (args.keys.as_slice(), args.all) {
        _ if args.review => accept_seen(path, &review(waiting(path).map_err(|e| miette!("{e}"))?)?),
        (_, true) => take(path, &["*".to_owned()]),
        ([], false) => waiting(path),
        (keys, false) => take(path, keys),
    };
    let found = found.map_err(|e| miette!("{e}"))?;
    if args.review && found.is_empty() {
        if !out.quiet {
            eprintln!("nothing was accepted");
        }
        return Ok(Ended::Done);
    }
    if found.is_empty() && !args.keys.is_empty() {
        return Err(miette!("no figure that waits has this key: `actaudit accept` lists them"));
    }
    let report = AcceptReport::new(found, !args.keys.is_empty() || args.all || args.review);
    let named = args.config.display().to_string();
    let named = (named != "actaudit.toml").then_some(named);
    super::emit(out, |_| report.text(named.as_deref()), &report)?;
    Ok(Ended::Done)
}

/// Asks of each figure that waits whether it is accepted; those that are. What is not answered goes on waiting.
fn review(waiting: Vec<Waiting>) -> Result<Vec<Waiting>> {
    let rows = AcceptReport::new(waiting.clone(), false).figures;
    let (count, mut accepted) = (rows.len(), vec![]);
    let mut lines = std::io::stdin().lines();
    let mut all = false;
    for (k, (row, figure)) in rows.iter().zip(waiting).enumerate() {
        let yes = loop {
            if all {
                break true;
            }
            eprint!("\n{} of {count}: {}\naccept? yes, no, all (the rest), quit: ", k + 1, row.text());
            let Some(line) = lines.next().transpose().into_diagnostic()? else { return Ok(accepted) };
            match line.trim().to_lowercase().as_str() {
                "y" | "yes" => break true,
                "n" | "no" => break false,
                "a" | "all" => all = true,
                "q" | "quit" => return Ok(accepted),
                other => eprintln!("`{other}` is none of yes, no, all, quit"),
            }
        };
        accepted.extend(yes.then_some(figure));
    }
    Ok(accepted)
}
