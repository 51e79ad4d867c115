//! Runs of a plan, several at a time, each in a process of its own on one thread.

use super::COMMAND;
use super::TrainError;
use super::event::{Event, Stopped};
use super::keep::{Keep, Writer};
use super::outcome::Outcome;
use super::plan::{Plan, Run};
use super::spec::RunSpec;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Where and how a plan is run.
#[derive(Debug, Clone)]
pub struct Host {
    /// the program that trains
    pub program: PathBuf,
    /// runs at a time
    pub jobs: usize,
    /// where runs are kept
    pub keep: Option<Keep>,
    /// only the runs of one of so many parts, counted from 1
    pub part: Option<[usize; 2]>,
    /// raised to stop: runs that are not done by then are left out
    pub stop: Arc<AtomicBool>,
}

/// Told while runs are trained, from several threads.
pub type Watch<'a> = &'a (dyn Fn(usize, &Event) + Sync);

/// Trains all runs of a plan, or those of a part, and gives what came of each that was asked for, in the order of the plan.
///
/// # Errors
/// If the program cannot be started, or runs cannot be kept.
pub fn run(plan: &Plan, host: &Host, watch: Watch<'_>) -> Result<Vec<Outcome>, TrainError> {
    let mine: Vec<usize> =
        (0..plan.runs.len()).filter(|k| host.part.is_none_or(|part| belongs(plan, *k, part))).collect();
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, Result<Outcome, TrainError>)>> = Mutex::new(vec![]);
    std::thread::scope(|scope| {
        for _ in 0..host.jobs.clamp(1, mine.len().max(1)) {
            scope.spawn(|| {
                while let Some(k) = mine.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if host.stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let told = one(&plan.runs[*k], host, &|event| watch(*k, event));
                    let result = told.and_then(|events| refused(plan, *k, &events).map_or(Ok(events), Err));
                    let result = result.map(|events| Outcome::new(*k, &events));
                    let broken = result.is_err();
                    // the interrupt ended the program that trains, too
                    if host.stop.load(Ordering::Relaxed) && result.as_ref().is_ok_and(|outcome| outcome.end.is_err()) {
                        break;
                    }
                    if let Ok(mut results) = results.lock() {
                        results.push((*k, result));
                    }
                    if broken {
                        // what stops one run stops all: nothing is started any more
                        next.fetch_max(mine.len(), Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_default();
    results.sort_by_key(|(k, _)| *k);
    results.into_iter().map(|(_, result)| result).collect()
}

/// What is wrong with what was asked for, or not there, is an error before the first step, and not what a run says.
fn refused(plan: &Plan, run: usize, events: &[Event]) -> Option<TrainError> {
    let Some(Event::Stopped(stopped)) = events.last() else { return None };
    let arm = plan.arms[plan.runs[run].arm].name.clone();
    let message = stopped.message.clone();
    match stopped.kind.as_str() {
        "request" => Some(TrainError::Activation { arm, error: message }),
        "data" | "device" => Some(TrainError::NotThere(message)),
        _ => None,
    }
}

/// Whether a run belongs to a part: pairs stay together, so that a part by itself can be looked at.
fn belongs(plan: &Plan, run: usize, [part, parts]: [usize; 2]) -> bool {
    (run / plan.arms.len()) % parts == part - 1
}

/// The outcomes of runs that a folder has of this build, without training any.
pub fn kept(plan: &Plan, keep: &Keep) -> Vec<Outcome> {
    let find =
        |k: usize| Some(keep.find(&plan.runs[k])).filter(|kept| kept.done).map(|kept| Outcome::new(k, &kept.events));
    (0..plan.runs.len()).filter_map(find).collect()
}

/// Trains one run, or goes on with it, and gives all that it told.
fn one(run: &Run, host: &Host, watch: &dyn Fn(&Event)) -> Result<Vec<Event>, TrainError> {
    let Some(keep) = &host.keep else {
        return train(&host.program, &run.spec, &mut |event| {
            watch(event);
            Ok(())
        });
    };
    let kept = keep.find(run);
    if kept.done {
        kept.events.iter().for_each(watch);
        return Ok(kept.events);
    }
    let spec = RunSpec { checkpoint: Some(keep.checkpoint(run)), ..run.spec.clone() };
    let (mut before, mut writer): (Vec<Event>, Option<Writer>) = (kept.events, None);
    let mut gap = false;
    let told = train(&host.program, &spec, &mut |event| {
        if let Event::Started(started) = event {
            // what was told of later steps is told again
            before.retain(|event| step_of(event).is_some_and(|step| step < started.from));
            gap = before.iter().filter(|event| matches!(event, Event::Step(_))).count() < started.from;
            if gap {
                return Err(TrainError::Number("the state of a run is ahead of what was written of it".into()));
            }
            writer = Some(keep.start(run, &[std::slice::from_ref(event), before.as_slice()].concat())?);
        } else if let Some(writer) = &mut writer {
            writer.write(event)?;
        }
        watch(event);
        Ok(())
    });
    if gap {
        // both were killed before the last steps were written: it starts anew
        keep.forget(run);
        return one(run, host, watch);
    }
    let mut told = told?;
    if matches!(told.last(), Some(Event::Finished(_))) {
        keep.finished(run);
    }
    let start = usize::from(matches!(told.first(), Some(Event::Started(_))));
    told.splice(start..start, before);
    Ok(told)
}

/// The step that an event tells of, counted from 0.
fn step_of(event: &Event) -> Option<usize> {
    match event {
        Event::Step(step) => Some(step.step),
        Event::Look(look) => Some(look.step),
        Event::Evaluated(evaluated) => Some(evaluated.steps.saturating_sub(1)),
        Event::Started(_) | Event::Finished(_) | Event::Stopped(_) => None,
    }
}

/// Runs the program on one line and reads what it tells.
fn train(
    program: &Path,
    spec: &RunSpec,
    tell: &mut dyn FnMut(&Event) -> Result<(), TrainError>,
) -> Result<Vec<Event>, TrainError> {
    let failed = |error| TrainError::Start { path: program.to_owned(), error };
    let mut command = Command::new(program);
    // threads that wait for work must not take processor time from other runs
    command.arg(COMMAND).env("OMP_NUM_THREADS", "1").env("OMP_WAIT_POLICY", "passive");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(failed)?;
    let line = serde_json::to_string(spec).map_err(|e| failed(e.into()))?;
    if let Some(mut stdin) = child.stdin.take() {
        // a program that is gone already is seen below
        let _ = writeln!(stdin, "{line}");
    }
    let errors = child.stderr.take().map(|mut stderr| {
        std::thread::spawn(move || {
            let mut bytes = vec![];
            let _ = stderr.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        })
    });
    let mut events = vec![];
    let mut trouble = None;
    for line in child.stdout.take().into_iter().flat_map(|stdout| BufReader::new(stdout).lines()).map_while(Result::ok)
    {
        // libraries may print what is no event
        let Ok(event) = serde_json::from_str::<Event>(&line) else { continue };
        if let Err(error) = tell(&event) {
            trouble = Some(error);
            let _ = child.kill();
            break;
        }
        events.push(event);
    }
    let status = child.wait().map_err(failed)?;
    let said = errors.and_then(|thread| thread.join().ok()).unwrap_or_default();
    if let Some(error) = trouble {
        return Err(error);
    }
    if !matches!(events.last(), Some(Event::Finished(_) | Event::Stopped(_))) {
        let step = events.iter().rev().find_map(step_of).unwrap_or_default();
        let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
        let message = format!("the program that trains ended with {status}: {last}");
        let event = Event::Stopped(Stopped { step, kind: "crashed".into(), message, layer: None });
        tell(&event)?;
        events.push(event);
    }
    Ok(events)
}
