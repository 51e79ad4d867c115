use super::*;

fn at(lo: f64, hi: f64) -> MpI {
    MpI::from_floats(60, &Float::with_val(53, lo), &Float::with_val(53, hi))
}

fn check(y: &MpI, lo: f64, hi: f64, total: bool) {
    assert!(y.lo == lo && y.hi == hi && y.total == total, "{y:?} is not [{lo}, {hi}]");
}

const INF: f64 = f64::INFINITY;

#[test]
fn what_holds_no_number_is_the_whole_line_and_not_total() {
    for (lo, hi) in [(f64::NAN, 1.0), (1.0, f64::NAN), (2.0, 1.0), (INF, INF), (-INF, -INF)] {
        check(&at(lo, hi), -INF, INF, false);
    }
}

#[test]
fn zero_times_unbounded_is_zero() {
    check(&at(0.0, 0.0).mul(&at(-INF, INF)), 0.0, 0.0, true);
    check(&at(0.0, 1.0).mul(&at(1.0, INF)), 0.0, INF, true);
    check(&at(-1.0, 0.0).mul(&at(-INF, -1.0)), 0.0, INF, true);
    check(&at(-1.0, 2.0).mul(&at(-3.0, 5.0)), -6.0, 10.0, true);
}

#[test]
fn a_wave_is_monotone_up_to_a_width_of_pi() {
    let short = at(0.0, 3.140625).call(Func::Cos);
    assert!(short.lo > -1.0 && short.hi == 1.0, "{short:?}");
    check(&at(-0.0078125, 3.1484375).call(Func::Cos), -1.0, 1.0, true);
}

#[test]
fn quotients_are_one_sided_where_the_divisor_is() {
    check(&at(1.0, 2.0).div(&at(0.0, 4.0)), 0.25, INF, false);
    check(&at(1.0, 2.0).div(&at(-4.0, 0.0)), -INF, -0.25, false);
    check(&at(-2.0, -1.0).div(&at(0.0, 4.0)), -INF, -0.25, false);
    check(&at(1.0, 2.0).div(&at(-1.0, 1.0)), -INF, INF, false);
    check(&at(1.0, 2.0).div(&at(0.0, 0.0)), -INF, INF, false);
    check(&at(1.0, INF).div(&at(2.0, INF)), 0.0, INF, true);
}

/// Exponents at the limits of MPFR: bounds stay bounds, and nothing computes millions of digits.
#[test]
fn huge_and_tiny_exponents() {
    for exponent in [-1_000_000_000, -20_000, 20_000, 1_000_000_000] {
        let x = Float::with_val(60, Float::i_exp(3, exponent));
        for x in [x.clone(), -x] {
            let x = MpI::from_float(60, &x);
            for f in Func::ALL {
                let y = x.call(f);
                assert!(y.lo <= y.hi, "{f:?} of 3*2^{exponent}");
            }
        }
    }
    let y = at(-1e9, -1e9).call(Func::NormCdf);
    assert!(y.lo.is_zero() && y.hi > 0, "a positive value that underflows: {y:?}");
    let y = at(1e9, 1e9).call(Func::NormPdf);
    assert!(y.lo.is_zero() && y.hi > 0, "a positive value that underflows: {y:?}");
}

#[test]
fn split_points_lie_strictly_inside() {
    for (lo, hi) in [(-INF, INF), (0.0, INF), (-INF, 0.0), (1e-300, 1e300), (-4.0, -1e-300), (1.0, 2.0)] {
        let m = at(lo, hi).split_point().expect("there are floats between");
        assert!(m > lo && m < hi, "{m} in ({lo}, {hi})");
    }
    let thin = MpI::from_floats(53, &Float::with_val(53, 1), &Float::with_val(53, 1.0 + f64::EPSILON));
    assert_eq!(thin.split_point(), None);
}
