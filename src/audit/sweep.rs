//! One pass over consecutive inputs: runs with a certified polynomial as blocks, the rest one by one.

use super::parts::{Part, parts};
use crate::check::{Block, Context, KEPT, NanPolicy, Point, Tallies};
use crate::expr::FloatFormat;
use crate::number::{Enclosure, F64I};
use crate::reference::{Kind, Smooth, Table};

/// Hands all f32 inputs from a place on, and the outputs for them, to the checks.
pub fn sweep(table: &Table, first: u64, input: &[f32], output: &[f32], tallies: &mut Tallies, cx: &Context<'_>) {
    let single = |k: usize| Point::at(cx.reference, input[k]).answered(output[k], cx);
    for part in parts(table, first, input.len()) {
        match part {
            Part::Singles(span) => span.for_each(|k| tallies.point(&single(k), cx)),
            Part::Nans(span) => {
                // NaN in, NaN out: all of them are alike, unless it matters which NaN
                let any = cx.policy.nan == NanPolicy::Any;
                let mut k = span.start;
                for alike in output[span].chunk_by(|a, b| any && a.is_nan() && b.is_nan()) {
                    tallies.point(&Point { weight: alike.len() as u64, ..single(k) }, cx);
                    k += alike.len();
                }
            }
            Part::Overflow(span, infinity) => {
                // the right infinity is right wherever it is
                let right = |y: f32| f64::from(y) == infinity;
                let mut k = span.start;
                for alike in output[span].chunk_by(|a, b| right(*a) && right(*b)) {
                    let point = overflowing(input[k], infinity).answered(output[k], cx);
                    tallies.point(&Point { weight: alike.len() as u64, ..point }, cx);
                    k += alike.len();
                }
            }
            Part::Smooth(span, _, real) if output[span.clone()].iter().all(|y| y.is_nan()) && none_subnormal(&real) => {
                // NaN where there is a value: the first ones are witnesses, and the rest are like them
                let rest = (span.start + KEPT).min(span.end - 1);
                (span.start..rest).for_each(|k| tallies.point(&single(k), cx));
                tallies.point(&Point { weight: (span.end - rest) as u64, ..single(rest) }, cx);
            }
            Part::Smooth(span, run, real) => {
                let before = span.start.checked_sub(1).map(|k| output[k]).filter(|y| !y.is_nan());
                let block = Block::new(run, real, before, &output[span]);
                tallies.block(&block, cx);
            }
        }
    }
}

/// Whether no value of a run is a subnormal number: those are counted by a check of their own.
fn none_subnormal(real: &Smooth<'_>) -> bool {
    let [lo, hi] = real.values;
    let format = FloatFormat::F32;
    let (least, normal) = (format.min_subnormal(), crate::number::format::power_of_two(format.min_exponent()));
    lo >= normal || hi <= -normal || lo > -least && hi < least
}

/// An input whose real value is known to round to an infinity: it need not be known better.
fn overflowing(x: f32, infinity: f64) -> Point {
    let format = FloatFormat::F32;
    let least = format.max() + format.ulp(format.max()) / 2.0;
    let ends = if infinity > 0.0 { [least, infinity] } else { [infinity, -least] };
    let real = F64I::new(&(), &ends[0], &ends[1]);
    let input = x.to_bits().into();
    Point { input, x: x.into(), output: 0, y: 0.0, real, kind: Kind::Smooth, ball: None, weight: 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Budget, Found, Policy, stretches};
    use crate::kernels::{Call, Pass};
    use crate::number::Format;
    use crate::reference::Reference;
    use crate::subject::{Native, Subject};
    use crate::testing;
    use crate::verdict::Verdict;

    /// What the checks find in inputs of an activation: as runs, and one by one.
    fn both_ways(
        id: &str,
        first: u64,
        count: u64,
        policy: Policy,
        fault: impl Fn(f32, f32) -> f32,
    ) -> [Vec<(&'static str, Found)>; 2] {
        let format = FloatFormat::F32;
        let activation = testing::activation(id);
        let [f, slope] = [0, 1].map(|order| Reference::new(&activation, order).expect("compiles"));
        let (table, reference, slope) = (Table::new(&f, format), f.evaluator(), slope.evaluator());
        let stretches = stretches(&slope);
        let cx = Context {
            format,
            pass: Pass::Forward,
            reference: &reference,
            limits: [f.limit(false), f.limit(true)],
            range: (id == "gelu").then_some([-0.17, f64::INFINITY]),
            lipschitz: (id == "gelu").then_some(1.1290),
            stretches: &stretches,
            sample: &[],
            budget: Budget::of(format, Pass::Forward),
            policy,
        };
        let input: Vec<f32> = (first..first + count).map(|p| f32::from_bits64(format.at_place(p))).collect();
        let mut output = vec![0.0; input.len()];
        let native = Native::new(&activation, "accurate").expect("there is one");
        native.run(Pass::Forward, Call::F32(&input, &mut output)).expect("runs");
        output.iter_mut().zip(&input).for_each(|(y, x)| *y = fault(*x, *y));
        let (mut runs, mut singles) = (Tallies::new(&cx), Tallies::new(&cx));
        sweep(&table, first, &input, &output, &mut runs, &cx);
        for (x, y) in input.iter().zip(&output) {
            singles.point(&Point::at(&reference, *x).answered(*y, &cx), &cx);
        }
        [runs.finish(), singles.finish()]
    }

    fn place(x: f32) -> u64 {
        let infinity = FloatFormat::F32.infinity() as i64;
        let ordinal = FloatFormat::F32.ordinal(x.to_bits().into());
        (infinity + ordinal + i64::from(x > 0.0)) as u64
    }

    #[test]
    fn runs_say_what_single_inputs_say() {
        type Fault = fn(f32, f32) -> f32;
        let right: Fault = |_, y| y;
        let faults: [Fault; 6] = [
            right,
            |_, y| y * 1.000_001,
            |x, y| if x.to_bits() % 911 == 0 { -y } else { y },
            |x, y| if x.to_bits() % 1500 == 7 { f32::NAN } else { y },
            |x, y| if x < -13.5 || x.abs() < 2e-38 { 0.0 } else { y },
            |x, y| if x < -13.5 || x.abs() < 2e-38 || x > 8.0 { f32::NAN } else { y },
        ];
        // binades, the minimum and the end of a stretch there, zero and its subnormals, tails, both infinities and NaNs
        let starts = [-0.7518f32, -0.5, 1.0, 3.0, -5.5, -13.3, -14.2, -1e-45, 1e-42, 1.17e-38, 8.0, 1e30];
        let mut places: Vec<(&str, u64)> = starts.iter().map(|x| ("gelu", place(*x) - 2000)).collect();
        let infinity = FloatFormat::F32.infinity();
        places.extend([("gelu", 0), ("gelu", 2 * infinity - 2000)]);
        // where the square overflows, and where it underflows
        places.extend([1.8446742e19, 1e20, 3.7e-23].map(|x| ("relu2", place(x) - 2000)));
        for fault in faults {
            for (id, first) in &places {
                let [runs, singles] = both_ways(id, *first, 5000, Policy::default(), fault);
                for ((check, a), (_, b)) in runs.iter().zip(&singles) {
                    let told = |f: &Found| (f.failing, f.undecided, f.compared, f.excluded.clone());
                    assert_eq!(told(a), told(b), "{id}: {check} from place {first}");
                    // what side of one half an error is on is decided; for the other bins an estimate is enough
                    let half = |f: &Found| {
                        let s = f.statistics.as_ref()?;
                        Some((s.inputs, s.not_correctly_rounded, s.nearly_half))
                    };
                    assert_eq!(half(a), half(b), "{id}: {check} from place {first}");
                    // slopes that are explained are not worked out on runs
                    let encloses = a.measured[1] >= b.measured[0];
                    assert!(*check == "lipschitz" || encloses, "{id}: {check} from place {first}");
                }
            }
        }
    }

    fn found<'a>(all: &'a [(&'static str, Found)], check: &str) -> &'a Found {
        &all.iter().find(|(id, _)| *id == check).expect("a check").1
    }

    /// 1 - exp(-1e8): no precision tells that it is not 1, and so in which unit errors are. Asked one by one, such inputs
    /// take milliseconds each, and there are a thousand million of them.
    #[test]
    fn values_next_to_a_power_of_two_are_judged_as_runs() {
        for fault in [(|_, y| 2.0 * y) as fn(f32, f32) -> f32, |_, y| y, |_, y| y - 3e-7] {
            let both = both_ways("sigmoid", place(1e8), 100, Policy::default(), fault);
            let [runs, singles] = both.each_ref().map(|all| found(all, "ulp"));
            let told = |f: &Found| (f.compared, f.failing, f.undecided);
            assert_eq!(told(runs), told(singles));
            let [a, b] = [runs, singles].map(|f| f.measured);
            assert!(a[0] <= b[1] && b[0] <= a[1], "{a:?} {b:?}");
            assert!(runs.failing == 0 || !runs.worst.is_empty());
        }
    }

    /// x Phi(x) is below 0 also where it rounds to zero, and where e^(-x^2/2) is no f64, and no number of MPFR either.
    #[test]
    fn signs_of_what_rounds_to_zero_are_looked_at() {
        let signed = Policy::default().declare("zero=signed").expect("a word");
        for x in [-20.0, -50.0, -1e12] {
            let both =
                both_ways(
                    "gelu",
                    place(x),
                    3000,
                    Policy::default(),
                    |x, _| if x.to_bits() % 7 == 0 { 1e-45 } else { 0.0 },
                );
            for all in &both {
                let sign = found(all, "sign");
                assert!(sign.failing > 420 && sign.compared == 3000 && sign.undecided == 0, "{sign:?}");
            }
            assert_eq!(found(&both[0], "sign").failing, found(&both[1], "sign").failing);
            let both = both_ways("gelu", place(x), 3000, signed, |x, _| if x.to_bits() % 7 == 0 { 0.0 } else { -0.0 });
            // beyond the numbers of MPFR it is not known that it is not 0
            for all in &both {
                let sign = found(all, "sign");
                assert!(sign.failing + sign.undecided > 420 && (sign.undecided == 0 || x < -1e9), "{sign:?}");
            }
            let told = |f: &Found| (f.failing, f.undecided, f.compared);
            let [runs, singles] = both.each_ref().map(|all| told(found(all, "sign")));
            assert_eq!(runs, singles);
        }
    }

    /// Between neighbours, rounding explains any slope: two units of either output, where the inputs are a unit apart.
    #[test]
    fn a_slope_that_rounding_hides_between_neighbours_shows_on_runs() {
        let both = both_ways("gelu", place(9.0), 8192, Policy::default(), |x, y| y + 0.3 * (x - 8.5));
        let [runs, singles] = both.each_ref().map(|all| found(all, "lipschitz"));
        assert!(runs.failing > 0 && runs.measured[0] > 1.29, "{runs:?}");
        assert_eq!(singles.failing, 0, "{singles:?}");
        assert_eq!(runs.verdict(true), Verdict::Refuted);
        // one by one there is no run to see it on, and it is not called proved
        assert_eq!((singles.unlooked(), singles.verdict(true)), (8192, Verdict::Within));
    }

    #[test]
    fn every_nan_is_looked_at_where_it_matters_which() {
        let policy = Policy::default().declare("nan=payload").expect("a word");
        let nans = 2 * FloatFormat::F32.infinity() + 2;
        let [runs, singles] = both_ways("gelu", nans, 300, policy, |_, _| f32::NAN);
        let failing = |all: &[(&str, Found)]| all.iter().find(|(c, _)| *c == "special").map(|(_, f)| f.failing);
        assert_eq!(failing(&runs), failing(&singles));
        assert!(failing(&runs) > Some(290));
    }
}
