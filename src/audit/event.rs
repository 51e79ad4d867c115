//! What an audit tells while it runs, and who listens.

use super::cause::cause;
use super::options::Progress;
use super::plan::{Plan, Unit};
use super::record::{Answer, Audit, Difference, Lacking, Record, Summary, TableUse};
use super::segment::SweepPart;
use crate::subject::incident::Incident;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// Something happened.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// nothing is asked yet
    RunStarted {
        /// what will be done
        plan: &'a Plan,
    },
    /// a unit is about to be asked; units over the same inputs begin and end together
    UnitStarted {
        /// which
        unit: &'a Unit,
    },
    /// some inputs are done
    Progress(Progress),
    /// a unit is at its end
    UnitFinished {
        /// which
        unit: &'a Unit,
        /// one for each check
        records: &'a [Record],
        /// what the code did to its process, a few of each kind
        incidents: &'a [Incident],
        /// what came out for inputs that were asked for by themselves
        answers: &'a [Answer],
        /// whether all of it was looked at: `false` if the run was stopped on the way
        complete: bool,
    },
    /// the same of a sweep of which others look at the rest: what was seen stands for records
    UnitPartFinished {
        /// which
        unit: &'a Unit,
        /// what was seen
        part: &'a SweepPart,
        /// whether all of the part was looked at
        complete: bool,
    },
    /// two subjects were held against each other
    Compared {
        /// what came of it
        difference: &'a Difference,
    },
    /// the checker was asked about a table of real values
    TableChecked {
        /// which, and what it says
        table: &'a TableUse,
    },
    /// all units are done, or the run was stopped
    RunFinished {
        /// over all units
        totals: Totals,
    },
}

/// What is known in the end besides what the units say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Totals {
    /// inputs that the reference looked at
    pub inputs: u64,
    /// inputs for which it needed MPFR
    pub escalations: u64,
    /// whether the run was stopped
    pub partial: bool,
}

/// Who listens to a run. It is called from one thread at a time, in no order but that a unit begins before it ends.
pub trait Sink: Send {
    /// Hears of an event. `Break` stops the run: what is done so far is the result, and is marked as partial.
    fn hear(&mut self, event: &Event<'_>) -> ControlFlow<()>;
}

/// Collects a run into an [`Audit`].
pub struct Aggregate {
    plan: Plan,
    units: Vec<(Unit, Vec<Record>)>,
    answers: Vec<(Unit, Vec<Answer>)>,
    differences: Vec<Difference>,
    parts: Vec<SweepPart>,
    tables: Vec<TableUse>,
    unfinished: Vec<Unit>,
    totals: Totals,
}

impl Aggregate {
    /// Of a run of this plan, or of a part of it.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let tables = plan.tables().map(|pass| TableUse { pass, checked: None }).collect();
        Self {
            plan: plan.clone(),
            units: vec![],
            answers: vec![],
            differences: vec![],
            parts: vec![],
            tables,
            unfinished: vec![],
            totals: Totals::default(),
        }
    }

    /// Units that were done before.
    pub fn known(&mut self, unit: Unit, records: Vec<Record>) {
        self.units.push((unit, records));
    }

    /// The audit, in the order of reports.
    pub fn finish(self) -> Audit {
        let Self { plan, mut units, mut answers, mut differences, parts, tables, unfinished, totals } = self;
        units.sort_by(|(a, _), (b, _)| plan.rank(a).cmp(&plan.rank(b)));
        answers.sort_by(|(a, _), (b, _)| plan.rank(a).cmp(&plan.rank(b)));
        let answers =
            answers.into_iter().filter(|(unit, _)| !plan.subject(unit).beside).flat_map(|(_, all)| all).collect();
        let place = |d: &Difference| {
            let dtype = plan.options.dtypes.iter().position(|f| *f == d.dtype);
            (d.pass, dtype, d.places)
        };
        differences.sort_by_key(place);
        let (mut results, mut beside, mut lacking, mut causes) = (vec![], vec![], vec![], vec![]);
        for (unit, records) in units {
            if let (Some(why), false) = (unit.lacks, plan.subject(&unit).beside) {
                let subject = plan.subject(&unit).name.clone();
                lacking.push(Lacking { subject, dtype: unit.dtype, pass: unit.pass, why });
            }
            if plan.subject(&unit).beside {
                beside.extend(records);
            } else {
                causes.extend(cause(&records));
                results.extend(records);
            }
        }
        let mut summary = Summary {
            results: results.len(),
            verdicts: BTreeMap::new(),
            inputs: totals.inputs,
            escalations: totals.escalations,
            partial: totals.partial,
        };
        for record in &results {
            *summary.verdicts.entry(record.verdict.name()).or_default() += 1;
        }
        let environment = plan.subjects.iter().filter_map(|s| Some((s.name.clone(), s.environment.clone()?))).collect();
        let unfinished = unfinished.iter().map(|u| (plan.subject(u).name.clone(), u.dtype, u.pass)).collect();
        let options = plan.options;
        let activation = plan.activation;
        Audit {
            activation,
            options,
            environment,
            results,
            beside,
            answers,
            lacking,
            causes,
            differences,
            parts,
            tables,
            unfinished,
            summary,
        }
    }
}

impl Sink for Aggregate {
    fn hear(&mut self, event: &Event<'_>) -> ControlFlow<()> {
        match event {
            Event::UnitFinished { unit, records, answers, complete, .. } => {
                self.unfinished.extend((!complete).then(|| (*unit).clone()));
                self.units.push(((*unit).clone(), records.to_vec()));
                self.answers.push(((*unit).clone(), answers.to_vec()));
            }
            Event::UnitPartFinished { unit, part, complete } => {
                self.unfinished.extend((!complete).then(|| (*unit).clone()));
                self.parts.push((*part).clone());
            }
            Event::Compared { difference } => self.differences.push((*difference).clone()),
            Event::TableChecked { table } => {
                self.tables.iter_mut().filter(|t| t.pass == table.pass).for_each(|t| t.clone_from(table));
            }
            Event::RunFinished { totals } => self.totals = *totals,
            Event::RunStarted { .. } | Event::UnitStarted { .. } | Event::Progress(_) => {}
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Effort, Facts, Options};
    use crate::expr::FloatFormat;
    use crate::kernels::{ACCURATE, Pass};
    use crate::subject::Native;
    use crate::testing;
    use crate::verdict::Verdict;

    /// What the checker says of the tables of real values is part of the report, and of the verdict.
    #[test]
    fn a_table_that_is_not_accepted_proves_nothing() {
        let activation = testing::activation("srelu");
        let native = Native::new(&activation, ACCURATE).expect("there is one");
        let options = Options { dtypes: vec![FloatFormat::F32], effort: Effort::Exhaustive, ..Options::default() };
        let facts = Facts::new();
        let plan = Plan::new(&facts, &activation, &[&native], &[], &options).expect("a plan");
        let heard = |checked: Option<Result<(), String>>| {
            let mut sink = Aggregate::new(&plan);
            if checked.is_some() {
                let _ = sink.hear(&Event::TableChecked { table: &TableUse { pass: Pass::Forward, checked } });
            }
            let audit = sink.finish();
            assert_eq!(audit.tables.iter().map(|t| t.pass).collect::<Vec<_>>(), [Pass::Forward, Pass::Backward]);
            (audit.verdict(), audit.report().tables[0].verdict)
        };
        assert_eq!(heard(None), (Verdict::Vacuous, Verdict::Searched));
        let accepted = facts.of(&activation).check_table(0).expect("compiles").clone();
        assert_eq!(heard(Some(accepted)), (Verdict::Vacuous, Verdict::Proved));
        assert_eq!(heard(Some(Err("no".into()))), (Verdict::Undecided, Verdict::Undecided));
    }
}
