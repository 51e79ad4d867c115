//! What was run, what was wider than it could be, and what was not run and why.

use super::itl::Case;
use super::judge::{Verdict, judge};
use super::operations::{Reason, label};
use super::system::System;
use std::collections::BTreeMap;
use std::fmt;

/// The cases of one operation in one system.
#[derive(Clone, Copy, Default, Debug, PartialEq)]
pub struct Count {
    pub tight: usize,
    pub wide: usize,
    pub no_value: usize,
    pub wrong: usize,
}

impl Count {
    pub fn ran(self) -> usize {
        self.tight + self.wide + self.no_value + self.wrong
    }

    fn and(self, other: Self) -> Self {
        Self {
            tight: self.tight + other.tight,
            wide: self.wide + other.wide,
            no_value: self.no_value + other.no_value,
            wrong: self.wrong + other.wrong,
        }
    }
}

/// All cases in all systems, by the order in which the systems were run.
#[derive(Default)]
pub struct Tally {
    systems: Vec<String>,
    pub counts: Vec<BTreeMap<String, Count>>,
    skipped: BTreeMap<Reason, Vec<BTreeMap<String, usize>>>,
    /// every case that is wrong, in words
    pub wrong: Vec<String>,
}

impl Tally {
    pub fn run<S: System>(&mut self, system: &S, cases: &[Case]) {
        let at = self.systems.len();
        self.systems.push(system.name());
        self.counts.push(BTreeMap::new());
        for case in cases {
            let op = || label(case);
            let count = &mut self.counts[at];
            match judge(system, case) {
                Verdict::Tight => count.entry(op()).or_default().tight += 1,
                Verdict::Wide => count.entry(op()).or_default().wide += 1,
                Verdict::NoValue => count.entry(op()).or_default().no_value += 1,
                Verdict::Wrong(what) => {
                    count.entry(op()).or_default().wrong += 1;
                    self.wrong.push(what);
                }
                Verdict::Skipped(reason) => {
                    let systems = self.skipped.entry(reason).or_default();
                    systems.resize_with(at + 1, BTreeMap::new);
                    *systems[at].entry(op()).or_default() += 1;
                }
            }
        }
    }

    /// How many cases ran, system by system.
    pub fn ran(&self) -> String {
        list(&self.systems, self.counts.iter().map(|ops| ops.values().map(|c| c.ran()).sum()))
    }
}

/// Cases by operation and system, in brackets how many of them gave a result wider than f64 ends can be.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", row("cases (wider)", self.systems.iter().map(|name| format!("{name:>6}"))))?;
        let mut operations: Vec<&String> = self.counts.iter().flat_map(BTreeMap::keys).collect();
        operations.sort();
        operations.dedup();
        for op in operations {
            writeln!(f, "{}", row(op, self.counts.iter().map(|count| cell(count.get(op)))))?;
        }
        let sum = |count: &BTreeMap<String, Count>| count.values().fold(Count::default(), |sum, c| sum.and(*c));
        let sums: Vec<Count> = self.counts.iter().map(sum).collect();
        writeln!(f, "{}", row("all", sums.iter().map(|c| cell(Some(c)))))?;
        writeln!(f, "\n* several operations: the results need not be tight")?;
        writeln!(f, "without a value: {}", list(&self.systems, sums.iter().map(|c| c.no_value)))?;
        for (reason, systems) in &self.skipped {
            let per_system = systems.iter().map(|ops| ops.values().sum());
            writeln!(f, "\nnot run, {reason}: {}", list(&self.systems, per_system))?;
            let mut ops: BTreeMap<&String, usize> = BTreeMap::new();
            for (op, n) in systems.iter().flatten() {
                let most = ops.entry(op).or_default();
                *most = (*most).max(*n);
            }
            let ops: Vec<String> = ops.iter().map(|(op, n)| format!("{op} {n}")).collect();
            writeln!(f, "    {}", ops.join(", "))?;
        }
        Ok(())
    }
}

fn cell(count: Option<&Count>) -> String {
    match count {
        None => format!("{:>6}", "-"),
        Some(c) if c.wide == 0 => format!("{:>6}", c.ran()),
        Some(c) => format!("{:>6} ({})", c.ran(), c.wide),
    }
}

fn row(name: &str, cells: impl Iterator<Item = String>) -> String {
    let cells: String = cells.map(|cell| format!(" {cell:<14}")).collect();
    format!("{name:<13}{cells}").trim_end().to_owned()
}

/// `f64 3, dd 2`, without those that have none.
fn list(systems: &[String], counts: impl Iterator<Item = usize>) -> String {
    let some: Vec<String> =
        systems.iter().zip(counts).filter(|(_, n)| *n > 0).map(|(name, n)| format!("{name} {n}")).collect();
    some.join(", ")
}
