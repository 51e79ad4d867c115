//! Training: the second thing that this program does besides kernels. One run out of a line of JSON on standard input, told as
//! events on standard output.

mod act;
mod checkpoint;
mod layers;
mod models;
mod optim;
mod params;
mod run;
mod slope;
mod tasks;
mod usage;

use actaudit::internal::train::{Event, RunSpec, Stopped};
use std::io::{BufRead, Write};
use std::process::ExitCode;

/// Reads one run from standard input, trains it and tells what happens. The exit code is 0 if the run came to its end, 1 if it
/// stopped before, 2 if it was not understood.
pub fn serve() -> ExitCode {
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line).map_err(|e| e.to_string());
    let spec = read.and_then(|_| serde_json::from_str::<RunSpec>(&line).map_err(|e| e.to_string()));
    let spec = match spec {
        Ok(spec) => spec,
        Err(why) => {
            tell(&stopped("request", &format!("the run was not understood: {why}")));
            return ExitCode::from(2);
        }
    };
    match run::train(&spec, &mut |event| tell(&event)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => {
            tell(&Event::Stopped(stop));
            ExitCode::FAILURE
        }
    }
}

fn stopped(kind: &str, message: &str) -> Event {
    Event::Stopped(Stopped { step: 0, kind: kind.to_owned(), message: message.to_owned(), layer: None })
}

/// One line. Nobody who listens is a reason to stop.
fn tell(event: &Event) {
    let mut out = std::io::stdout().lock();
    let told = serde_json::to_writer(&mut out, event).map_err(std::io::Error::from);
    if told.and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()).is_err() {
        std::process::exit(1);
    }
}
