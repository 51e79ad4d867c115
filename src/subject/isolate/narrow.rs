//! From a batch that failed to the smallest part of it that fails, answering all that can be answered on the way.

use crate::subject::incident::{Kind, NO_ANSWER, NOT_ASKED, NOT_NARROWED};
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

    /// The same, but outputs stay as they are.
    fn look(&mut self, part: Range<usize>) -> Result<Vec<Blemish>, Failure>;

    /// Whether more may be asked, after so many failures.
    fn may_go_on(&self) -> bool;

    /// Whether what is asked next is asked in a new process.
    fn fresh(&self) -> bool;
}

/// A batch that fails, and none of its parts that were asked does.
#[derive(Debug, PartialEq, Eq)]
pub struct Smallest {
    pub part: Range<usize>,
    pub failure: Failure,
    /// it fails whatever was asked before, as far as is known
    pub repeats: bool,
}

/// What became of a batch.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Narrowed {
    pub missing: BTreeMap<usize, &'static str>,
    /// the smallest batches that fail
    pub failures: Vec<Smallest>,
    /// the first blemish of each kind, with the smallest batch that has it
    pub blemishes: Vec<(Range<usize>, Blemish)>,
    /// nothing more was asked
    pub gave_up: bool,
}

/// Answers a batch as far as it goes.
///
/// The first input that fails is found from the left, the last one from the right, and so on inwards: of code that fails
/// on one stretch of inputs, everything outside that stretch is answered at the price of two searches.
pub fn narrow_down(code: &mut impl Code, all: Range<usize>) -> Narrowed {
    let mut narrowed = Narrowed::default();
    let mut rest = all;
    let mut from_left = true;
    while !rest.is_empty() {
        if !code.may_go_on() {
            narrowed.gave_up = true;
            break;
        }
        let Err(failure) = narrowed.ask(code, rest.clone(), Patience::Full) else { break };
        match (narrowed.narrow(code, rest.clone(), failure, from_left), from_left) {
            (Ok(place), true) => rest.start = place + 1,
            (Ok(place), false) => rest.end = place,
            (Err(open), true) => rest.start = open.start,
            (Err(open), false) => rest.end = open.end,
        }
        from_left = !from_left;
    }
    if narrowed.gave_up {
        narrowed.missing.extend(rest.map(|place| (place, NOT_ASKED)));
    }
    for k in 0..narrowed.blemishes.len() {
        narrowed.blemishes[k] = reduce(code, narrowed.blemishes[k].clone());
    }
    narrowed
}

impl Narrowed {
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
    ///
    /// What a process went through before may be why it fails: one input alone is blamed if it fails in a new process.
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
            let fresh = code.fresh();
            (part, certain) = match self.ask(code, near.clone(), Patience::Brief) {
                Ok(()) => (far, false),
                // it may only be slow: what counts is what happens within the whole time limit
                Err(failure) if failure.kind == Kind::Hang => (near, false),
                Err(failure) => {
                    let certain = fresh || !failure.kind.ends_process();
                    smallest = (near.clone(), failure);
                    (near, certain)
                }
            };
        }
        let place = part.start;
        let found = part.len() == 1 && (certain || code.may_go_on());
        while found && !certain && code.may_go_on() {
            let fresh = code.fresh();
            let Err(failure) = self.ask(code, part.clone(), Patience::Full) else { break };
            certain = fresh || !failure.kind.ends_process();
            smallest = (part.clone(), failure);
        }
        let (mut whole, mut failure) = smallest;
        let alone = whole.len() == 1;
        let kind = failure.kind;
        // once is enough, and each attempt at a hang takes as long as may be
        let first = self.failures.iter().all(|s| s.failure.kind != kind);
        if found && !alone && first && kind != Kind::Hang {
            let shorter = shorten(code, &whole, |code, part| code.look(part).err().filter(|f| f.kind == kind));
            (whole, failure) = shorter.unwrap_or((whole, failure));
        }
        if found && certain {
            self.missing.insert(place, NO_ANSWER);
        } else {
            failure.text += match (found, alone) {
                (true, true) => "; in a new process it was answered: what was asked before matters",
                (true, false) => "; its parts were answered when asked one by one",
                (false, _) => NOT_NARROWED,
            };
        }
        self.failures.push(Smallest { part: whole, failure, repeats: certain || !alone });
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
            let all = if code.may_go_on() { code.look(half.clone()).ok() } else { None };
            all?.into_iter().find(|b| b.kind == blemish.kind).map(|b| (half, b))
        });
        let Some(next) = smaller.next() else { break };
        (part, blemish) = next;
    }
    shorten(code, &part, |code, part| code.look(part).ok()?.into_iter().find(|b| b.kind == blemish.kind))
        .unwrap_or((part, blemish))
}

/// The shortest part that is found by leaving out inputs at the end, and then at the start, if what `shows` the fault in a
/// part shows it in longer ones: by bisection. Nothing if no shorter one does.
fn shorten<C: Code, T>(
    code: &mut C,
    part: &Range<usize>,
    mut shows: impl FnMut(&mut C, Range<usize>) -> Option<T>,
) -> Option<(Range<usize>, T)> {
    let mut shortest = None;
    let mut part = part.clone();
    for at_end in [true, false] {
        // what is left out, at least and less than
        let (mut least, mut most) = (0, part.len());
        while most - least > 1 && code.may_go_on() {
            let out = least.midpoint(most);
            let shorter = if at_end { part.start..part.end - out } else { part.start + out..part.end };
            match shows(code, shorter) {
                Some(fault) => (least, shortest) = (out, Some(fault)),
                None => most = out,
            }
        }
        part = if at_end { part.start..part.end - least } else { part.start + least..part.end };
    }
    shortest.map(|fault| (part, fault))
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

        fn look(&mut self, part: Range<usize>) -> Result<Vec<Blemish>, Failure> {
            let asked = self.asked.clone();
            let result = self.ask(part, Patience::Full);
            self.asked = asked;
            result
        }

        fn may_go_on(&self) -> bool {
            self.failed < self.budget
        }

        fn fresh(&self) -> bool {
            true
        }
    }

    fn run(fails: impl Fn(Range<usize>) -> Option<Kind>, budget: usize) -> (Narrowed, usize, usize) {
        let mut code = Fake { fails, failed: 0, budget, asked: vec![false; 4096], full_hangs: 0 };
        let narrowed = narrow_down(&mut code, 0..4096);
        for (place, asked) in code.asked.iter().enumerate() {
            assert_ne!(*asked, narrowed.missing.contains_key(&place), "place {place} is answered or missing");
        }
        (narrowed, code.failed, code.full_hangs)
    }

    #[test]
    fn one_bad_input_costs_a_dozen_failures_and_no_other_answer() {
        for bad in [0, 1, 77, 2048, 4095] {
            let (narrowed, failed, _) = run(|part| part.contains(&bad).then_some(Kind::Signal), 64);
            assert_eq!(Vec::from_iter(narrowed.missing.keys()), [&bad]);
            assert_eq!(narrowed.failures.len(), 1);
            assert_eq!(narrowed.failures[0].part, bad..bad + 1);
            assert!(failed <= 14, "{bad}: {failed} failures");
        }
    }

    #[test]
    fn around_a_bad_stretch_everything_is_answered() {
        let (narrowed, ..) = run(|part| (part.start < 3000 && part.end > 1000).then_some(Kind::Exit), 64);
        assert_eq!(narrowed.missing.len(), 2000);
        assert!(narrowed.missing.keys().all(|k| (1000..3000).contains(k)) && narrowed.gave_up);
        assert_eq!(narrowed.failures[0].part, 1000..1001);
        assert_eq!(narrowed.failures[1].part, 2999..3000);
    }

    #[test]
    fn code_that_always_fails_is_given_up() {
        let (narrowed, failed, _) = run(|_| Some(Kind::Signal), 64);
        assert_eq!((narrowed.missing.len(), failed), (4096, 64));
        assert!(narrowed.gave_up);
    }

    #[test]
    fn a_hang_is_confirmed_once_with_all_patience() {
        let (narrowed, _, full) = run(|part| part.contains(&1234).then_some(Kind::Hang), 64);
        assert_eq!((narrowed.failures[0].part.clone(), full), (1234..1235, 2));
    }

    #[test]
    fn what_fails_only_in_a_long_batch_is_answered_in_parts() {
        let (narrowed, ..) = run(|part| (part.len() > 1000).then_some(Kind::Signal), 64);
        assert!(narrowed.missing.is_empty());
        let Smallest { part, failure, .. } = &narrowed.failures[0];
        assert_eq!(part.len(), 1001);
        assert!(failure.text.contains("its parts were answered"));
    }

    /// Fails on every so many-th batch that one process is asked for, whatever is in it.
    struct Leaky {
        bears: usize,
        asked: usize,
        failed: usize,
    }

    impl Code for Leaky {
        fn ask(&mut self, _: Range<usize>, _: Patience) -> Result<Vec<Blemish>, Failure> {
            self.asked += 1;
            if self.asked <= self.bears {
                return Ok(vec![]);
            }
            (self.asked, self.failed) = (0, self.failed + 1);
            Err(Failure { kind: Kind::Signal, text: String::new() })
        }

        fn look(&mut self, part: Range<usize>) -> Result<Vec<Blemish>, Failure> {
            self.ask(part, Patience::Full)
        }

        fn may_go_on(&self) -> bool {
            self.failed < 64
        }

        fn fresh(&self) -> bool {
            self.asked == 0
        }
    }

    #[test]
    fn no_input_is_blamed_for_what_a_process_went_through() {
        for bears in 1..20 {
            for asked in 0..=bears {
                let mut code = Leaky { bears, asked, failed: 0 };
                let narrowed = narrow_down(&mut code, 0..4096);
                assert!(narrowed.missing.values().all(|why| *why == NOT_ASKED), "{bears} {asked}: {narrowed:?}");
                assert_eq!(narrowed.failures.is_empty(), asked < bears, "{bears} {asked}: {narrowed:?}");
                assert!(narrowed.failures.iter().all(|f| !f.repeats || f.part.len() > 1), "{narrowed:?}");
            }
        }
    }

    #[test]
    fn looking_for_the_smallest_batch_does_not_touch_answers() {
        struct Once(Vec<u32>);
        impl Code for Once {
            fn ask(&mut self, part: Range<usize>, _: Patience) -> Result<Vec<Blemish>, Failure> {
                part.clone().for_each(|k| self.0[k] += 1);
                self.look(part)
            }

            fn look(&mut self, part: Range<usize>) -> Result<Vec<Blemish>, Failure> {
                let places = part.filter(|k| k % 3 == 0).collect();
                Ok(vec![Blemish { kind: Kind::Unwritten, text: String::new(), places }])
            }

            fn may_go_on(&self) -> bool {
                true
            }

            fn fresh(&self) -> bool {
                true
            }
        }
        let mut code = Once(vec![0; 100]);
        let narrowed = narrow_down(&mut code, 0..100);
        assert_eq!((narrowed.missing.len(), narrowed.blemishes[0].0.clone()), (34, 0..1));
        assert_eq!(code.0, [1; 100]);
    }

    #[test]
    fn a_blemish_is_reduced_to_the_smallest_batch() {
        let (narrowed, failed, _) = run(|part| part.contains(&99).then_some(Kind::Outside), 64);
        assert_eq!((narrowed.blemishes[0].0.clone(), failed), (99..100, 0));
        let (narrowed, ..) = run(|part| (part.len() > 16).then_some(Kind::Environment), 64);
        assert_eq!(narrowed.blemishes[0].0, 0..17);
        // one input, and two more
        let (narrowed, ..) = run(|part| (part.len() > 2 && part.contains(&99)).then_some(Kind::Outside), 64);
        assert_eq!(narrowed.blemishes[0].0.len(), 3);
        let (narrowed, ..) = run(|part| (part.len() > 2 && part.contains(&99)).then_some(Kind::Signal), 64);
        assert_eq!(narrowed.failures[0].part.len(), 3);
    }
}
