//! What came of a run.

use super::event::{Evaluated, Event, Finished, Look, Started, Step, Stopped};

/// The metric that is no metric of held-out data: the mean of the global gradient norm over all steps, before clipping.
pub const GRAD_NORM: &str = "grad_norm";
/// The fraction of units whose slope is 0 at all examples of the last batch, the mean over all places of the activation.
pub const DEAD: &str = "dead";
/// E f'^2 over the last batch, the mean over all places of the activation.
pub const SLOPE_SQUARE: &str = "slope_square";
/// Seconds of a step, the median.
pub const SECONDS: &str = "seconds_a_step";

/// All that a run told, in order.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// its number in the plan
    pub run: usize,
    /// what was built, unless it stopped before
    pub started: Option<Started>,
    /// all steps
    pub steps: Vec<Step>,
    /// looks at the layers
    pub looks: Vec<Look>,
    /// evaluations; the last is the result
    pub evaluated: Vec<Evaluated>,
    /// how it ended, or why it stopped
    pub end: Result<Finished, Stopped>,
}

impl Outcome {
    /// Sorts events.
    pub(crate) fn new(run: usize, events: &[Event]) -> Self {
        let nothing = Stopped { step: 0, kind: "crashed".into(), message: "it told nothing".into(), layer: None };
        let mut outcome =
            Self { run, started: None, steps: vec![], looks: vec![], evaluated: vec![], end: Err(nothing) };
        for event in events.iter().cloned() {
            match event {
                Event::Started(started) => outcome.started = Some(started),
                Event::Step(step) => outcome.steps.push(step),
                Event::Look(look) => outcome.looks.push(look),
                Event::Evaluated(evaluated) => outcome.evaluated.push(evaluated),
                Event::Finished(finished) => outcome.end = Ok(finished),
                Event::Stopped(stopped) => outcome.end = Err(stopped),
            }
        }
        outcome
    }

    /// A metric of the whole run, if it came to its end and has it. Never NaN or infinite.
    pub fn metric(&self, name: &str) -> Option<f64> {
        let finished = self.end.as_ref().ok()?;
        let mean = |values: &mut dyn Iterator<Item = f64>| {
            let (sum, count) = values.fold((0.0, 0usize), |(sum, count), value| (sum + value, count + 1));
            (count > 0).then(|| sum / count as f64)
        };
        let sites = || self.looks.last().into_iter().flat_map(|look| &look.sites);
        let value = match name {
            GRAD_NORM => mean(&mut self.steps.iter().map(|step| step.grad_norm)),
            DEAD => mean(&mut sites().map(|site| site.dead)),
            SLOPE_SQUARE => mean(&mut sites().map(|site| site.slope_square)),
            SECONDS => Some(finished.seconds_a_step),
            name => self.evaluated.last().and_then(|evaluated| evaluated.metrics.get(name)).copied(),
        };
        value.filter(|value| value.is_finite())
    }
}
