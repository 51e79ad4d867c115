//! What an audit tells while it runs, one JSON object a line: for programs that show progress, or want results before the end.

use super::contract::{AnswerReport, DifferenceReport, TableReport, VerifyResult};
use crate::audit::{Event, Plan, Sink, Unit};
use schemars::JsonSchema;
use serde::Serialize;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// A unit: what is asked of one subject in one format and pass.
#[derive(Serialize, JsonSchema, Debug)]
pub(super) struct Of<'a> {
    subject: &'a str,
    dtype: &'static str,
    pass: &'static str,
}

impl<'a> Of<'a> {
    fn new(plan: &'a Plan, unit: &Unit) -> Self {
        Self { subject: &plan.subject(unit).name, dtype: unit.dtype.name(), pass: unit.pass.name() }
    }
}

/// A line.
#[derive(Serialize, JsonSchema, Debug)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Line<'a> {
    /// the first line of an activation
    RunStarted {
        schema: &'static str,
        activation: String,
        units: usize,
        inputs: u64,
    },
    UnitStarted(Of<'a>),
    /// inputs done, over all units
    Progress {
        done: u64,
        total: u64,
        /// the largest error so far, in ulp, rounded; `null` if it is infinite
        worst: f64,
    },
    UnitFinished {
        #[serde(flatten)]
        of: Of<'a>,
        complete: bool,
        results: Vec<VerifyResult>,
        answers: Vec<AnswerReport>,
    },
    /// two subjects were held against each other
    Compared {
        difference: Box<DifferenceReport>,
    },
    /// the checker was asked about a table of real values
    TableChecked {
        table: TableReport,
    },
    /// the last line of an activation
    RunFinished {
        inputs: u64,
        escalations: u64,
        partial: bool,
    },
}

/// Writes each event as a line, at once. After the first that cannot be written there are no more; the run goes on.
pub struct Events<W> {
    out: W,
    plan: Option<Plan>,
    /// what was told of progress last, and when
    told: Option<(u64, Instant)>,
    failed: Option<io::Error>,
}

/// Progress is told so often at most.
const EVERY: Duration = Duration::from_millis(100);

impl<W: Write> Events<W> {
    /// Into a file or a pipe.
    pub const fn new(out: W) -> Self {
        Self { out, plan: None, told: None, failed: None }
    }

    /// What went wrong, if something did. A reader that has seen enough is not an error.
    pub fn failed(self) -> Option<io::Error> {
        self.failed.filter(|error| error.kind() != io::ErrorKind::BrokenPipe)
    }

    /// Whether progress is news: further than before, and not at once.
    fn is_news(&mut self, done: u64) -> bool {
        let news = self.told.is_none_or(|(before, at)| done > before && at.elapsed() >= EVERY);
        if news {
            self.told = Some((done, Instant::now()));
        }
        news
    }

    fn line(&mut self, line: &Line<'_>) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, line)?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }

    fn write(&mut self, event: &Event<'_>) -> io::Result<()> {
        if let Event::RunStarted { plan } = event {
            self.plan = Some((*plan).clone());
            self.told = None;
        }
        if matches!(event, Event::Progress(progress) if !self.is_news(progress.done)) {
            return Ok(());
        }
        let Some(plan) = self.plan.take() else { return Ok(()) };
        let line = line(&plan, event);
        let written = line.map_or(Ok(()), |line| self.line(&line));
        self.plan = Some(plan);
        written
    }
}

/// Units of which something is asked.
fn asked(plan: &Plan) -> impl Iterator<Item = &Unit> {
    plan.units.iter().filter(|unit| unit.lacks.is_none())
}

fn line<'a>(plan: &'a Plan, event: &'a Event<'_>) -> Option<Line<'a>> {
    Some(match event {
        Event::RunStarted { .. } => Line::RunStarted {
            schema: "actaudit.events.v1",
            activation: plan.activation.label(),
            units: asked(plan).count(),
            inputs: asked(plan).map(|unit| unit.count).sum(),
        },
        // there is nothing to ask of code that lacks a format or direction
        Event::UnitStarted { unit } | Event::UnitFinished { unit, .. } if unit.lacks.is_some() => return None,
        Event::UnitStarted { unit } => Line::UnitStarted(Of::new(plan, unit)),
        Event::Progress(progress) => {
            Line::Progress { done: progress.done, total: progress.total, worst: progress.worst }
        }
        Event::UnitFinished { unit, records, answers, complete, .. } => Line::UnitFinished {
            of: Of::new(plan, unit),
            complete: *complete,
            results: records.iter().map(|r| VerifyResult::new(&plan.activation, &plan.options, r)).collect(),
            answers: answers.iter().map(AnswerReport::new).collect(),
        },
        // it has no results yet
        Event::UnitPartFinished { .. } => return None,
        Event::Compared { difference } => {
            Line::Compared { difference: Box::new(DifferenceReport::new(&plan.activation, difference)) }
        }
        Event::TableChecked { table } => Line::TableChecked { table: TableReport::new(table) },
        Event::RunFinished { totals } => {
            Line::RunFinished { inputs: totals.inputs, escalations: totals.escalations, partial: totals.partial }
        }
    })
}

impl<W: Write + Send> Sink for Events<W> {
    fn hear(&mut self, event: &Event<'_>) -> ControlFlow<()> {
        if self.failed.is_none() {
            self.failed = self.write(event).err();
        }
        ControlFlow::Continue(())
    }
}
