//! Results are not only right but narrow, and more precision never makes them worse.

use super::cases::{Case, case_of, float, stream};
use super::law::{System, direct, ends, interval};
use super::truth::truth;
use actaudit::expr::{Func, Named};
use actaudit::internal::operations::{Op, Operation, TABLE};
use actaudit::internal::{Enclosure, F64I, MpI, Real};
use proptest::prelude::*;
use rug::float::Constant;
use rug::{Float, Rational};

/// Points of the domain for each operand.
fn points(row: &'static Operation) -> impl Iterator<Item = Vec<f64>> {
    stream(prop::collection::vec(float().prop_map(|x| row.domain.bring(x)), row.op.arity()))
}

/// The widest result at points; an error if one is wider than stated.
fn widest<T: System>(cx: &T::Context, row: &'static Operation, samples: usize) -> Result<u32, String> {
    let limit = T::stated_steps(row);
    let mut most = 0;
    for at in points(row).take(samples) {
        let operands: Vec<T> = at.iter().map(|&x| interval(cx, (x, x))).collect();
        let y = row.op.apply(&operands);
        let too_wide = || format!("{} at {at:?} gives {:?}, wider than {limit} steps", row.name, ends(&y));
        most = most.max(y.steps(limit).ok_or_else(too_wide)?);
    }
    Ok(most)
}

/// Sampled in all binades. The snapshot shows how near the stated widths are to the widest results seen.
#[test]
fn results_at_points_are_as_narrow_as_stated() -> Result<(), String> {
    let mut seen = String::from("operation: f64 steps, MPFR steps\n");
    for row in TABLE {
        let in_f64 = widest::<F64I>(&(), row, 4000)?;
        let in_mpfr = widest::<MpI>(&100, row, 300)?;
        seen += &format!("{}: {in_f64}, {in_mpfr}\n", row.name);
    }
    insta::assert_snapshot!(seen);
    Ok(())
}

/// The nearest floats outside of the true image: a thin interval is no wider than that and the steps of its ends.
#[test]
fn images_of_thin_intervals_are_narrow() {
    for row in
        TABLE.iter().filter(|row| matches!(row.op, Op::Call(_)) && !matches!(row.op, Op::Call(Func::Sin | Func::Cos)))
    {
        for x in points(row).take(1000) {
            let (a, b) = (x[0], x[0].next_up().next_up().min(f64::MAX));
            let y = row.op.apply(&[F64I::new(&(), &a, &b)]);
            let (Some(p), Some(q)) = (truth(row, &[a]), truth(row, &[b])) else { continue };
            let least = if p.lo < q.lo { p.lo } else { q.lo };
            let most = if p.hi > q.hi { p.hi } else { q.hi };
            let (mut lo, mut hi) = (y.lo(), y.hi());
            for _ in 0..row.f64_steps {
                (lo, hi) = (lo.next_up(), hi.next_down());
            }
            let narrow = |inner: f64, outer: &Float, up: bool| if up { *outer >= inner } else { *outer <= inner };
            // an extremum between the ends (of cosh, abs, normpdf at 0) would be missed by the ends alone
            let turns = a <= 0.0 && b >= 0.0;
            assert!(
                turns || (narrow(lo, &least, false) && narrow(hi, &most, true)),
                "{} of [{a:e}, {b:e}]: {y:?}",
                row.name
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    /// More bits: inside of the result with fewer, or for composites at least not wider and not elsewhere.
    #[test]
    fn more_precision_is_never_worse(case in (0..TABLE.len()).prop_flat_map(|i| case_of(&TABLE[i]))) {
        let at = |bits: u32| -> MpI {
            let operands: Vec<MpI> = case.operands.iter().map(|&o| interval(&bits, o)).collect();
            direct(case.row, &operands)
        };
        for pair in [53u32, 80, 160, 400].windows(2) {
            let (coarse, fine) = (at(pair[0]), at(pair[1]));
            let Case { row, operands, .. } = &case;
            let message = || format!("{} of {operands:?}: {coarse:?} and then {fine:?}", row.name);
            if row.op.is_composite() {
                prop_assert!(fine.intersect(&coarse).is_some() && fine.width() <= coarse.width(), "{}", message());
            } else {
                prop_assert!(fine.lo() >= coarse.lo() && fine.hi() <= coarse.hi(), "{}", message());
            }
        }
    }
}

#[test]
fn constants_are_one_step_wide() {
    for name in Named::ALL {
        let real = match name {
            Named::Pi => Float::with_val(300, Constant::Pi),
            Named::E => Float::with_val(300, 1).exp(),
        };
        let check = |(lo, hi): (Float, Float), steps: Option<u32>| {
            assert!(lo < real && real < hi && steps == Some(1), "{name:?} in [{lo}, {hi}]");
        };
        let x = F64I::named(&(), name);
        check(ends(&x), x.steps(1));
        for bits in [24, 53, 200] {
            let x = MpI::named(&bits, name);
            check(ends(&x), x.steps(1));
        }
    }
    let third = Rational::from((1, 3));
    assert_eq!(F64I::rational(&(), &third).steps(1), Some(1));
    assert_eq!(MpI::rational(&90, &third).steps(1), Some(1));
    let half = Rational::from((-1, 2));
    assert_eq!(F64I::rational(&(), &half).steps(1), Some(0));
    for n in [0, 1, -7, i64::MAX, i64::MIN, (1 << 53) + 1] {
        assert_eq!(F64I::int(&(), n), F64I::rational(&(), &Rational::from(n)), "{n}");
        assert_eq!(MpI::int(&24, n), MpI::rational(&24, &Rational::from(n)), "{n}");
    }
}
