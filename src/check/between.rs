//! Inputs of which not the output is known, but that it lies between two. What is certain is said: such an input passes if all of
//! these outputs would, and fails if none would. Everything else is undecided.
//!
//! What a check lets pass lies together, and the float nearest to the real value is part of it ([`Tally::CONVEX`]). So all outputs
//! pass if both ends do; and none passes if the real value lies beyond one end, and this end fails, unless a zero between is excused.

use super::{Context, Found, Point, Reason, Tally, Witness};
use crate::number::{Enclosure, Limit};
use crate::subject::incident::SEVERAL;

/// Why a check leaves an input out that it can only judge by a single output.
const BETWEEN: Reason = Reason::checker(SEVERAL);

/// Judges an input by both ends of what its output may be.
pub(super) fn judge<T: Tally>(tally: &mut T, ends: &[Point; 2], cx: &Context<'_>) {
    if ends[0].output == ends[1].output {
        return tally.point(&ends[0], cx);
    }
    if !T::CONVEX {
        return tally.found().exclude(BETWEEN, 1);
    }
    let found = |point: Point| {
        let mut alone = T::new(cx);
        alone.point(&point, cx);
        std::mem::take(alone.found())
    };
    // a zero may be excused, far from the real value
    let zero = ends[0].y <= 0.0 && ends[1].y >= 0.0;
    let excused = zero && found(Point { output: 0, y: 0.0, ..ends[0] }).compared == 0;
    let nearest = beyond(ends, cx).filter(|_| !excused);
    tally.found().between(ends, ends.map(found), nearest);
}

/// The end beyond which the right output certainly lies: the nearest to it, if it is none of those between.
fn beyond([lo, hi]: &[Point; 2], cx: &Context<'_>) -> Option<usize> {
    let x = lo.x;
    let [below, above] = match () {
        // only NaN is right
        () if x.is_nan() => [true, true],
        () if x.is_infinite() => match &cx.limits[usize::from(x > 0.0)] {
            None => [false, false],
            Some(Limit::MinusInfinity) => [lo.y > f64::NEG_INFINITY, false],
            Some(Limit::PlusInfinity) => [false, hi.y < f64::INFINITY],
            Some(Limit::Finite(limit)) => [limit.hi() < lo.y, limit.lo() > hi.y],
        },
        () => [lo.real.hi() < lo.y, lo.real.lo() > hi.y],
    };
    if below { Some(0) } else { above.then_some(1) }
}

impl Found {
    /// Adds an input, given what was found at either end of what its output may be, and the end that is nearest to what is right.
    fn between(&mut self, ends: &[Point; 2], alone: [Self; 2], nearest: Option<usize>) {
        let looked = alone.each_ref().map(|end| end.compared > 0);
        if looked == [false; 2] {
            // for a reason that has to do with the input, or both are zeros that are excused
            let [end, _] = alone;
            return end.excluded.into_iter().for_each(|(reason, n)| self.exclude(reason, n));
        }
        self.compared += 1;
        let least = nearest.map_or(0.0, |k| alone[k].measured[0]);
        // of outputs between one that is excused and one that is not, nothing is known
        let most = if looked == [true; 2] { alone[0].measured[1].max(alone[1].measured[1]) } else { f64::INFINITY };
        self.measured = [self.measured[0].max(least), self.measured[1].max(most)];
        let passes = |end: &Self| end.compared > 0 && end.failing == 0 && end.undecided == 0;
        if let Some(end) = nearest.map(|k| &alone[k]).filter(|end| end.failing > 0) {
            self.failing += 1;
            let [a, b] = ends.map(|end| end.y);
            let how =
                format!("by intervals: the output is one from {a:e} to {b:e}, and this is nearest to the real value");
            end.worst.iter().for_each(|w| self.note(Witness { how: Some(how.clone()), ..w.clone() }));
        } else if alone.iter().all(passes) {
            self.subgradients += alone[0].subgradients.min(alone[1].subgradients);
        } else {
            self.doubt(&ends[0], super::SOME_PASS);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::audit::{Audit, Effort, Options, Record, verify};
    use crate::check::{Budget, Context, Point, Policy, Tallies, stretches};
    use crate::expr::FloatFormat;
    use crate::kernels::{ACCURATE, Call, Pass};
    use crate::number::{Enclosure, Format};
    use crate::reference::Reference;
    use crate::subject::incident::{Answered, SEVERAL};
    use crate::subject::{Native, Subject, SubjectError};
    use crate::testing;
    use crate::verdict::{Evidence, Verdict};
    use half::f16;
    use std::collections::BTreeMap;

    const F16: FloatFormat = FloatFormat::F16;

    /// Bits of the ends of what the output may be, given those of what the catalogue's kernel gives.
    type Ends = fn(u64) -> [u64; 2];

    /// Code on hardware of which not all is known.
    struct Uncertain(Native, Ends);

    impl Subject for Uncertain {
        fn name(&self) -> String {
            "uncertain".into()
        }
        fn supports(&self, format: FloatFormat, pass: Pass) -> bool {
            format == F16 && self.0.supports(format, pass)
        }
        fn run(&self, _: Pass, _: Call<'_>) -> Result<(), SubjectError> {
            Err(SubjectError::Failed { subject: self.name(), message: SEVERAL.into() })
        }
        fn answer(&self, pass: Pass, call: Call<'_>, _: u32) -> Result<Answered, SubjectError> {
            let Call::F16(x, y) = call else { return self.run(pass, call).map(|()| Answered::default()) };
            self.0.run(pass, Call::F16(x, y))?;
            let mut answered = Answered::default();
            for (place, y) in y.iter_mut().enumerate().filter(|(_, y)| y.is_finite()) {
                let [lo, hi] = (self.1)(y.bits64());
                *y = f16::from_bits64(lo);
                if lo != hi {
                    answered.up_to.insert(place, hi);
                }
            }
            Ok(answered)
        }
    }

    /// sigmoid in f16 on all inputs.
    fn audit(ends: Ends, declare: &str, max_ulp: f64) -> Audit {
        let activation = testing::activation("sigmoid");
        let policy = Policy::default();
        let options = Options {
            dtypes: vec![F16],
            passes: vec![Pass::Forward],
            effort: Effort::Exhaustive,
            max_ulp: Some(max_ulp),
            policy: policy.declare(declare).unwrap_or(policy),
            ..Options::default()
        };
        let uncertain = Uncertain(Native::new(&activation, ACCURATE).expect("there is one"), ends);
        let native = Native::new(&activation, ACCURATE).expect("there is one");
        verify(&activation, &[&uncertain, &native], &[], &options, &|_| true).expect("runs")
    }

    fn row<'a>(audit: &'a Audit, check: &str) -> &'a Record {
        audit.results.iter().find(|r| r.subject == "uncertain" && r.check == check).expect("a row")
    }

    fn verdicts<const N: usize>(audit: &Audit, checks: [&str; N]) -> [Verdict; N] {
        checks.map(|check| row(audit, check).verdict)
    }

    /// One float to either side, within [0, 1]; a zero is one.
    fn near(y: u64) -> [u64; 2] {
        if y == 0 {
            return [0; 2];
        }
        let ordinal = F16.ordinal(y);
        [ordinal - 1, ordinal + 1].map(|n| F16.at_ordinal(n.clamp(0, F16.ordinal(F16.encode(1.0)))))
    }

    fn flushed_or_not(y: u64) -> [u64; 2] {
        let subnormal = F16.decode(y) < crate::number::format::power_of_two(F16.min_exponent());
        if subnormal { [0, y] } else { [y; 2] }
    }

    #[test]
    fn intervals_within_the_budget_pass_and_are_proved() {
        // a float above a power of two is two units of those below it
        let found = audit(near, "", 2.501);
        assert_eq!(verdicts(&found, ["ulp", "finite", "sign", "range", "special"]), [Verdict::Proved; 5]);
        let ulp = row(&found, "ulp");
        assert_eq!((ulp.compared, ulp.evidence), ((1 << 16) - 2 * 1024, Evidence::Exhaustive));
        // an error is no less than that of the best of the outputs, and no more than that of the worst
        assert!(ulp.measured[0] < 0.501 && ulp.measured[1] > 1.49, "{:?}", ulp.measured);
        // how outputs lie to each other is not known
        for check in ["monotone", "seam", "lipschitz"] {
            let row = row(&found, check);
            let left_out = row.excluded.iter().find(|e| e.reason == SEVERAL).expect("is counted");
            assert!(
                left_out.count > 40_000 && row.unlooked >= left_out.count && row.verdict != Verdict::Proved,
                "{row:?}"
            );
        }
        // and such inputs are not held against other code
        let [difference] = &found.differences[..] else { panic!("two subjects") };
        assert_eq!(difference.evidence, Evidence::Sampled);
        assert!((1..30_000).contains(&difference.total().inputs), "{}", difference.total().inputs);
        let [undecided] = verdicts(&audit(near, "", 1.0), ["ulp"]);
        assert_eq!(undecided, Verdict::Undecided, "the ends of some are beyond the budget");
    }

    #[test]
    fn hardware_that_flushes_or_not_is_neither_passed_nor_refuted() {
        let checks = ["ulp", "flush", "sign", "range", "finite"];
        let [ulp, flush, rest @ ..] = verdicts(&audit(flushed_or_not, "", 0.501), checks);
        assert_eq!(([ulp, flush], rest), ([Verdict::Undecided; 2], [Verdict::Proved; 3]));
        // an interval has more in it than its ends: that a zero is excused is not enough
        let declared = audit(flushed_or_not, "flush", 0.501);
        assert_eq!(verdicts(&declared, ["ulp", "flush"]), [Verdict::Undecided, Verdict::Vacuous]);
    }

    #[test]
    fn intervals_without_a_right_output_are_refuted() {
        let wrong: Ends = |y| if y % 1000 == 7 { [y + 3, y + 9] } else { [y; 2] };
        let found = audit(wrong, "", 2.0);
        let ulp = row(&found, "ulp");
        assert_eq!(ulp.verdict, Verdict::Refuted);
        let worst = &ulp.worst[0];
        assert!(worst.output % 1000 == 10 && worst.how.is_some() && worst.measure < 7.1, "{worst:?}");
        // one that reaches from a right output to wrong ones is not
        let wide: Ends = |y| if y % 1000 == 7 { [y, y + 9] } else { [y; 2] };
        assert_eq!(verdicts(&audit(wide, "", 2.0), ["ulp"]), [Verdict::Undecided]);
    }

    #[test]
    fn nan_is_no_end() {
        let found = audit(|y| if y % 1000 == 7 { [y, 0x7e00] } else { [y; 2] }, "", 2.0);
        let ulp = row(&found, "ulp");
        assert!(ulp.verdict == Verdict::Within && ulp.excluded.iter().any(|e| e.reason.contains("no end")), "{ulp:?}");
    }

    /// What is said of an interval against what is said of each output in it, for every check that says something.
    fn check_members(id: &str, pass: Pass, words: &[&str], budget: Budget) -> [u64; 3] {
        let activation = testing::activation(id);
        let [f, slope] = [0, 1].map(|order| Reference::new(&activation, order + pass.order()).expect("compiles"));
        let bounded = id == "sigmoid" || pass == Pass::Backward;
        let (reference, slope) = (f.evaluator(), slope.evaluator());
        let stretches = if pass == Pass::Forward { stretches(&slope) } else { vec![] };
        let cx = Context {
            format: F16,
            pass,
            reference: &reference,
            limits: [f.limit(false), f.limit(true)],
            range: Some(if bounded { [0.0, 1.0] } else { [-0.17, f64::INFINITY] }),
            lipschitz: None,
            stretches: &stretches,
            sample: &[],
            budget,
            policy: words.iter().try_fold(Policy::default(), |policy, word| policy.declare(word)).expect("words"),
        };
        let mut seen = [0; 3];
        let inputs = (0..1 << 16).step_by(1571).chain([0, 0x8000, 0x7c00, 0xfc00, 1, 0x8001, 0xc200]);
        for bits in inputs {
            let point = Point::at(&reference, f16::from_bits64(bits));
            let right = if point.x.is_finite() { F16.encode(point.real.lo()) } else { F16.encode(1.0) };
            // in total order: a place for either zero
            let place = |bits: u64| if bits & F16.sign() == 0 { bits as i64 } else { -1 - (bits & !F16.sign()) as i64 };
            let output =
                |place: i64| f16::from_bits64(if place < 0 { F16.sign() | (-1 - place) as u64 } else { place as u64 });
            let infinity = F16.infinity() as i64;
            let spans = [(0, 3), (-1, 1), (-2, 0), (1, 2), (2, 5), (-6, -3), (-3, 3), (0, 1)];
            let around = |center: i64| spans.map(|(a, b)| [center + a, center + b]);
            let spans = around(place(right)).into_iter().chain(around(0)).chain(around(infinity - 1));
            for [lo, hi] in spans.filter(|[lo, hi]| *lo >= -1 - infinity && *hi <= infinity) {
                let [a, b] = [lo, hi].map(|end| point.answered(output(end), &cx));
                let mut interval = Tallies::new(&cx);
                interval.between(&[a, b], &cx);
                let mut all = BTreeMap::<&str, Vec<bool>>::new();
                for member in lo..=hi {
                    let mut one = Tallies::new(&cx);
                    one.point(&point.answered(output(member), &cx), &cx);
                    // what is excused passes
                    let fails = |f: &super::Found| f.failing + f.undecided > 0;
                    one.finish().iter().for_each(|(id, found)| all.entry(id).or_default().push(fails(found)));
                }
                for (check, found) in interval.finish() {
                    let said = format!("{id} {} {check}: {bits:x} {:e} {:e}: {found:?}", pass.name(), a.y, b.y);
                    if found.failing > 0 {
                        assert!(all[check].iter().all(|fails| *fails), "{said}");
                        seen[0] += 1;
                    } else if found.undecided > 0 {
                        seen[1] += 1;
                    } else if found.compared > 0 {
                        assert!(all[check].iter().all(|fails| !*fails), "{said}");
                        seen[2] += 1;
                    }
                }
            }
        }
        seen
    }

    #[test]
    fn what_is_said_of_an_interval_is_true_of_every_output_in_it() {
        let budget = Budget::of(F16, Pass::Forward);
        let wide = Budget { ulp: 2.5, ..budget };
        let tolerance =
            Budget { tolerance: Some(crate::check::Tolerance { absolute: 1e-4, relative: 1e-3 }), ..budget };
        let mut seen = [0; 3];
        for (id, pass) in
            [("gelu", Pass::Forward), ("sigmoid", Pass::Forward), ("relu", Pass::Backward), ("relu", Pass::Forward)]
        {
            for words in [&[][..], &["flush"], &["zero=signed", "subgradient=left"]] {
                for budget in [budget, wide, tolerance] {
                    let found = check_members(id, pass, words, budget);
                    seen.iter_mut().zip(found).for_each(|(all, n)| *all += n);
                }
            }
        }
        assert!(seen.iter().all(|n| *n > 1000), "refuted, undecided, passed: {seen:?}");
    }
}
