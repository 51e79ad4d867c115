//! From a batch that failed to the smallest part of it that fails, answering all that can be answered on the way.

use crate::subject::incident::{Kind, NO_ANSWER, NOT_ASKED};
use std::collections::BTreeMap;
use std::ops::Range;

/// A batch that failed as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub kind: Kind,
    pub text: String,
}

/// A batch that was answered, and something that was wrong all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blemish {
    pub kind: Kind,
    pub text: String,
    /// places that have no answer because of it
    pub places: Vec<usize>,
}

/// How long code may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// the time limit
    Full,
    /// a part of it, while looking for the input at which code hangs
    Brief,
}

/// Code that answers parts of a batch.
pub trait Code {
    /// Answers a part, writing its outputs.
    fn ask(&mut self, part: Range<usize>, patience: Patience) -> Result<Vec<Blemish>, Failure>;

    /// Whether more may be asked, after so many failures.
    fn may_go_on(&self) -> bool;
}

/// What became of a batch.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Settled {
    pub missing: BTreeMap<usize, &'static str>,
    /// the smallest batches that fail, with how
    pub failures: Vec<(Range<usize>, Failure)>,
    /// the first blemish of each kind, with the smallest batch that has it
    pub blemishes: Vec<(Range<usize>, Blemish)>,
    /// nothing more was asked
    pub gave_up: bool,
}

/// Answers a batch as far as it goes.
///
/// The first input that fails is found from the left, the last one from the right, and so on inwards: of code that fails
/// on one stretch of inputs, everything outside that stretch is answered at the price of two searches.
pub fn settle(code: &mut impl Code, all: Range<usize>) -> Settled {
    let mut settled = Settled::default();
    let mut rest = all;
    let mut from_left = true;
    while !rest.is_empty() {
        if !code.may_go_on() {
            settled.gave_up = true;
            break;
        }
        let Err(failure) = settled.ask(code, rest.clone(), Patience::Full) else { break };
        match (settled.narrow(code, rest.clone(), failure, from_left), from_left) {
            (Ok(place), true) => rest.start = place + 1,
            (Ok(place), false) => rest.end = place,
            (Err(open), true) => rest.start = open.start,
            (Err(open), false) => rest.end = open.end,
        }
        from_left = !from_left;
    }
    if settled.gave_up {
        settled.missing.extend(rest.map(|place| (place, NOT_ASKED)));
    }
    for k in 0..settled.blemishes.len() {
        settled.blemishes[k] = reduce(code, settled.blemishes[k].clone());
    }
    settled
}

impl Settled {
    fn ask(&mut self, code: &mut impl Code, part: Range<usize>, patience: Patience) -> Result<(), Failure> {
        for blemish in code.ask(part.clone(), patience)? {
            self.missing.extend(blemish.places.iter().map(|place| (*place, NO_ANSWER)));
            if self.blemishes.iter().all(|(_, b)| b.kind != blemish.kind) {
                self.blemishes.push((part.clone(), blemish));
            }
        }
        Ok(())
    }

    /// The outermost place of a part that does not pass alone, or did not pass together with its neighbours; if there
    /// were too many failures before it was found, where it lies. The part is known to fail as a whole.
    fn narrow(
        &mut self,
        code: &mut impl Code,
        mut part: Range<usize>,
        failure: Failure,
        from_left: bool,
    ) -> Result<usize, Range<usize>> {
        let mut smallest = (part.clone(), failure);
        let mut certain = true;
        while part.len() > 1 && code.may_go_on() {
            let middle = part.start + part.len() / 2;
            let (left, right) = (part.start..middle, middle..part.end);
            let (near, far) = if from_left { (left, right) } else { (right, left) };
            (part, certain) = match self.ask(code, near.clone(), Patience::Brief) {
                Ok(()) => (far, false),
                // it may only be slow: what counts is what happens within the whole time limit
                Err(failure) if failure.kind == Kind::Hang => (near, false),
                Err(failure) => {
                    smallest = (near.clone(), failure);
                    (near, true)
                }
            };
        }
        let place = part.start;
        let found = part.len() == 1 && (certain || code.may_go_on());
        if found && !certain {
            match self.ask(code, part.clone(), Patience::Full) {
                Ok(()) => {}
                Err(failure) => (smallest, certain) = ((part.clone(), failure), true),
            }
        }
        if found && certain {
            self.missing.insert(place, NO_ANSWER);
        } else if smallest.0.len() > 1 {
            smallest.1.text += match found {
                true => "; its parts were answered when asked one by one",
                false => "; not narrowed down: too many batches failed",
            };
        }
        self.failures.push(smallest);
        if found { Ok(place) } else { Err(part) }
    }
}

/// The smallest part with this blemish that halving finds.
fn reduce(code: &mut impl Code, found: (Range<usize>, Blemish)) -> (Range<usize>, Blemish) {
    let (mut part, mut blemish) = found;
    while part.len() > 1 {
        let middle = part.start + part.len() / 2;
        let halves = [part.start..middle, middle..part.end];
        let mut smaller = halves.into_iter().filter_map(|half| {
            let all = if code.may_go_on() { code.ask(half.clone(), Patience::Full).ok() } else { None };
            all?.into_iter().find(|b| b.kind == blemish.kind).map(|b| (half, b))
        });
        let Some(next) = smaller.next() else { break };
        (part, blemish) = next;
    }
    (part, blemish)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails on batches for which `fails` gives a reason.
    struct Fake<F> {
        fails: F,
        failed: usize,
        budget: usize,
        asked: Vec<bool>,
        full_hangs: usize,
    }

    impl<F: Fn(Range<usize>) -> Option<Kind>> Code for Fake<F> {
        fn ask(&mut self, part: Range<usize>, patience: Patience) -> Result<Vec<Blemish>, Failure> {
            match (self.fails)(part.clone()) {
                Some(kind @ (Kind::Outside | Kind::Environment)) => {
                    part.for_each(|k| self.asked[k] = true);
                    Ok(vec![Blemish { kind, text: String::new(), places: vec![] }])
                }
                Some(kind) => {
                    self.failed += 1;
                    self.full_hangs += usize::from(kind == Kind::Hang && patience == Patience::Full);
                    Err(Failure { kind, text: String::new() })
                }
                None => {
                    part.for_each(|k| self.asked[k] = true);
                    Ok(vec![])
                }
            }
        }

        fn may_go_on(&self) -> bool {
            self.failed < self.budget
        }
    }

    fn run(fails: impl Fn(Range<usize>) -> Option<Kind>, budget: usize) -> (Settled, usize, usize) {
        let mut code = Fake { fails, failed: 0, budget, asked: vec![false; 4096], full_hangs: 0 };
        let settled = settle(&mut code, 0..4096);
        for (place, asked) in code.asked.iter().enumerate() {
            assert_ne!(*asked, settled.missing.contains_key(&place), "place {place} is answered or missing");
        }
        (settled, code.failed, code.full_hangs)
    }

    #[test]
    fn one_bad_input_costs_a_dozen_failures_and_no_other_answer() {
        for bad in [0, 1, 77, 2048, 4095] {
            let (settled, failed, _) = run(|part| part.contains(&bad).then_some(Kind::Signal), 64);
            assert_eq!(Vec::from_iter(settled.missing.keys()), [&bad]);
            assert_eq!(settled.failures.len(), 1);
            assert_eq!(settled.failures[0].0, bad..bad + 1);
            assert!(failed <= 14, "{bad}: {failed} failures");
        }
    }

    #[test]
    fn around_a_bad_stretch_everything_is_answered() {
        let (settled, ..) = run(|part| (part.start < 3000 && part.end > 1000).then_some(Kind::Exit), 64);
        assert_eq!(settled.missing.len(), 2000);
        assert!(settled.missing.keys().all(|k| (1000..3000).contains(k)) && settled.gave_up);
        assert_eq!(settled.failures[0].0, 1000..1001);
        assert_eq!(settled.failures[1].0, 2999..3000);
    }

    #[test]
    fn code_that_always_fails_is_given_up() {
        let (settled, failed, _) = run(|_| Some(Kind::Signal), 64);
        assert_eq!((settled.missing.len(), failed), (4096, 64));
        assert!(settled.gave_up);
    }

    #[test]
    fn a_hang_is_confirmed_once_with_all_patience() {
        let (settled, _, full) = run(|part| part.contains(&1234).then_some(Kind::Hang), 64);
        assert_eq!((settled.failures[0].0.clone(), full), (1234..1235, 2));
    }

    #[test]
    fn what_fails_only_in_a_long_batch_is_answered_in_parts() {
        let (settled, ..) = run(|part| (part.len() > 1000).then_some(Kind::Signal), 64);
        assert!(settled.missing.is_empty());
        let (part, failure) = &settled.failures[0];
        assert!(part.len() > 1000 && part.len() < 2100, "{part:?}");
        assert!(failure.text.contains("its parts were answered"));
    }

    #[test]
    fn a_blemish_is_reduced_to_the_smallest_batch() {
        let (settled, failed, _) = run(|part| part.contains(&99).then_some(Kind::Outside), 64);
        assert_eq!((settled.blemishes[0].0.clone(), failed), (99..100, 0));
        let (settled, ..) = run(|part| (part.len() > 16).then_some(Kind::Environment), 64);
        assert_eq!(settled.blemishes[0].0, 0..32);
    }
}
