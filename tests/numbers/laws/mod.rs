//! Laws of the number systems: every operation of `number::operations` in every interval system.

mod broken;
mod cases;
mod exact;
mod jets;
mod law;
mod tight;
mod truth;

use actaudit::internal::operations::{Operation, TABLE};
use actaudit::internal::{F64I, Jet, MpI};
use broken::{Broken, Fault};
use cases::{Case, case, case_of, stream};
use law::{Apply, System, check, direct, ends, interval};
use proptest::prelude::*;
use quickcheck::{QuickCheck, TestResult};

/// The value part of a jet of some order, each operand as a variable of its own.
fn jet_value<T: System>(row: &Operation, operands: &[T]) -> T {
    let jets: Vec<Jet<T>> = operands.iter().map(|x| Jet::variable(x.clone(), 2)).collect();
    row.op.apply(&jets).c.swap_remove(0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn f64_intervals_obey_the_laws(case in case()) {
        check::<F64I>(&(), &case, &direct).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn mpfr_intervals_obey_the_laws(case in case(), bits in prop::sample::select(&[24u32, 53, 113, 200][..])) {
        check::<MpI>(&bits, &case, &direct).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn values_of_jets_obey_the_laws(case in case()) {
        check::<F64I>(&(), &case, &jet_value).map_err(TestCaseError::fail)?;
    }
}

/// Ends of two operands, and two picks.
type Bits = (u64, u64, u64, u64, u64, u64);

/// Any bits are operands: NaN and reversed ends make no interval, everything else obeys the laws.
fn raw_bits<T: System>(cx: &T::Context, row: usize, bits: Bits) -> Result<(), String> {
    let row = &TABLE[row % TABLE.len()];
    let x = <[u64; 6]>::from(bits).map(f64::from_bits);
    let real = |(lo, hi): (f64, f64)| lo <= hi && !(lo.is_infinite() && lo == hi);
    let operands: Vec<(f64, f64)> = [(x[0], x[1]), (x[2], x[3])].into_iter().take(row.op.arity()).collect();
    for &o in &operands {
        let made: T = interval(cx, o);
        if !real(o) && (made.total() || ends(&made).0.is_finite()) {
            return Err(format!("[{:e}, {:e}] became {:?}", o.0, o.1, ends(&made)));
        }
    }
    let in_order = |(lo, hi): (f64, f64)| if lo > hi { (hi, lo) } else { (lo, hi) };
    let operands: Vec<_> = operands.into_iter().map(in_order).collect();
    if !operands.iter().all(|&o| real(o)) {
        return Ok(());
    }
    let picks = [x[4], x[5], x[4]].map(|p| if p.is_nan() { 0.0 } else { p }).to_vec();
    check::<T>(cx, &Case { row, operands, picks }, &direct)
}

#[test]
fn any_bits_obey_the_laws() {
    fn f64_intervals(row: usize, bits: Bits) -> TestResult {
        raw_bits::<F64I>(&(), row, bits).map_or_else(TestResult::error, |()| TestResult::passed())
    }
    fn mpfr_intervals(row: usize, bits: Bits) -> TestResult {
        raw_bits::<MpI>(&53, row, bits).map_or_else(TestResult::error, |()| TestResult::passed())
    }
    QuickCheck::new().tests(20_000).quickcheck(f64_intervals as fn(usize, Bits) -> TestResult);
    QuickCheck::new().tests(5_000).quickcheck(mpfr_intervals as fn(usize, Bits) -> TestResult);
}

/// How many cases until a law fails.
fn caught<T: System>(cx: &T::Context, row: &'static Operation, cases: usize, apply: Apply<T>) -> Option<usize> {
    stream(case_of(row)).take(cases).position(|case| check(cx, &case, apply).is_err())
}

#[test]
fn an_inward_rounding_of_any_operation_is_caught() {
    const CASES: usize = 300;
    for row in TABLE {
        assert_eq!(caught::<F64I>(&(), row, CASES, &direct), None, "{}: sound, yet caught", row.name);
        for upper in [false, true] {
            let fault = Fault { op: row.op, upper };
            assert!(caught::<Broken>(&fault, row, CASES, &direct).is_some(), "{fault:?} is not caught");
        }
    }
}

/// Being undefined somewhere is never forgotten, in whichever operand it comes.
#[test]
fn undefined_is_sticky() {
    fn sticky<T: System>(cx: &T::Context) {
        let sound: T = interval(cx, (0.25, 0.5));
        let partly = interval::<T>(cx, (-1.0, 1.0)).call(actaudit::expr::Func::Sqrt).add(&sound);
        assert!(!partly.total() && ends(&partly).0 > 0);
        for row in TABLE {
            for at in 0..row.op.arity() {
                let mut operands = vec![sound.clone(); row.op.arity()];
                operands[at] = partly.clone();
                assert!(!row.op.apply(&operands).total(), "{} of operand {at}", row.name);
            }
        }
        assert!(!sound.hull(&partly).total());
        assert!(sound.intersect(&partly).is_some_and(|x| x.total()));
    }
    sticky::<F64I>(&());
    sticky::<MpI>(&53);
}
