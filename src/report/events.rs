//! What an audit tells while it runs, one JSON object a line: for programs that show progress, or want results before the end.

use super::contract::{AnswerReport, DifferenceReport, TableReport, VerifyResult};
use crate::audit::{Event, Plan, Sink, Unit};
use serde::Serialize;
use std::io::{self, Write};
use std::ops::ControlFlow;

/// A unit: what is asked of one subject in one format and pass.
#[derive(Serialize, Debug)]
struct Of<'a> {
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
#[derive(Serialize, Debug)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line<'a> {
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

/// Writes each event as a line, at once. What cannot be written stops the run.
pub struct Events<W> {
    out: W,
    plan: Option<Plan>,
    failed: Option<io::Error>,
}

impl<W: Write> Events<W> {
    /// Into a file or a pipe.
    pub const fn new(out: W) -> Self {
        Self { out, plan: None, failed: None }
    }

    /// What went wrong, if something did.
    pub const fn failed(&mut self) -> Option<io::Error> {
        self.failed.take()
    }

    fn line(&mut self, line: &Line<'_>) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, line)?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }

    fn write(&mut self, event: &Event<'_>) -> io::Result<()> {
        if let Event::RunStarted { plan } = event {
            self.plan = Some((*plan).clone());
        }
        let Some(plan) = self.plan.take() else { return Ok(()) };
        let line = line(&plan, event);
        let written = line.map_or(Ok(()), |line| self.line(&line));
        self.plan = Some(plan);
        written
    }
}

fn line<'a>(plan: &'a Plan, event: &'a Event<'_>) -> Option<Line<'a>> {
    Some(match event {
        Event::RunStarted { .. } => Line::RunStarted {
            schema: "actaudit.events.v1",
            activation: plan.activation.label(),
            units: plan.units.len(),
            inputs: plan.units.iter().map(|unit| unit.count).sum(),
        },
        Event::UnitStarted { unit } => Line::UnitStarted(Of::new(plan, unit)),
        Event::Progress(progress) => Line::Progress { done: progress.done, total: progress.total },
        Event::UnitFinished { unit, records, answers, complete, .. } => Line::UnitFinished {
            of: Of::new(plan, unit),
            complete: *complete,
            results: records.iter().map(|r| VerifyResult::new(&plan.activation, &plan.options, r)).collect(),
            answers: answers.iter().map(AnswerReport::new).collect(),
        },
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
        match self.write(event) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.failed = Some(error);
                ControlFlow::Break(())
            }
        }
    }
}
