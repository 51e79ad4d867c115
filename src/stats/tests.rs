//! Against SciPy and statsmodels (golden/paired.json), against figures that are known, and the laws that hold of any data. Each law is
//! shown to catch an implementation that breaks it.

use super::*;
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    comparisons: Vec<Row>,
    powers: Vec<Power>,
    ranks: Vec<Ranked>,
    holm: Vec<Adjusted>,
}

#[derive(Deserialize)]
struct Row {
    a: Vec<f64>,
    b: Vec<f64>,
    level: f64,
    mean: f64,
    sd: f64,
    correlation: Option<f64>,
    t_p: f64,
    interval: [f64; 2],
    sign_flip_p: f64,
    means: Vec<f64>,
    bootstrap: Option<[f64; 2]>,
    chance: [f64; 2],
    region: f64,
    equivalence_p: f64,
}

#[derive(Deserialize)]
struct Power {
    n: usize,
    level: f64,
    effect: f64,
    power: f64,
}

#[derive(Deserialize)]
struct Ranked {
    series: Vec<f64>,
    spearman: f64,
    kendall: f64,
}

#[derive(Deserialize)]
struct Adjusted {
    p: Vec<f64>,
    adjusted: Vec<f64>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../../golden/paired.json")).expect("is JSON")
}

#[track_caller]
fn near(value: f64, truth: f64, scale: f64) {
    assert!((value - truth).abs() <= 1e-9 * scale.abs().max(1e-300), "{value} is not {truth}");
}

fn quick(level: f64) -> Terms {
    Terms { level, resamples: 200, ..Terms::default() }
}

#[test]
fn comparisons_agree_with_scipy() {
    for row in golden().comparisons {
        let found =
            compare(&row.a, &row.b, &Terms { region: Some(row.region), ..quick(row.level) }).expect("is compared");
        near(found.difference.mean, row.mean, row.sd);
        near(found.difference.sd, row.sd, row.sd);
        assert_eq!(found.correlation.known().is_some(), row.correlation.is_some());
        near(found.correlation.known().unwrap_or(0.0), row.correlation.unwrap_or(0.0), 1.0);
        near(found.t_p.known().expect("a spread"), row.t_p, row.t_p);
        near(found.interval.low, row.interval[0], row.sd);
        near(found.interval.high, row.interval[1], row.sd);
        near(found.sign_flip_p.known().expect("few pairs"), row.sign_flip_p, row.sign_flip_p);
        near(found.chance.interval.low, row.chance[0], 1.0);
        near(found.chance.interval.high, row.chance[1], 1.0);
        let equivalence = equivalence(&found.difference, row.region, 1.0 - row.level).expect("a region");
        near(equivalence.p, row.equivalence_p, 1.0);
        let differences: Vec<f64> = row.a.iter().zip(&row.b).map(|(a, b)| a - b).collect();
        let bootstrap = bca_of(&differences, &row.means, row.level).expect("is computed").known();
        assert_eq!(bootstrap.is_some(), row.bootstrap.is_some());
        if let Some((found, theirs)) = bootstrap.zip(row.bootstrap) {
            near(found.low, theirs[0], row.sd);
            near(found.high, theirs[1], row.sd);
        }
    }
}

#[test]
fn power_ranks_and_adjustments_agree_with_others() {
    let golden = golden();
    assert!(golden.powers.len() > 100 && golden.ranks.len() > 10 && golden.holm.len() > 4);
    for row in golden.powers {
        near(power(row.n, row.effect, row.level).expect("is computed"), row.power, 1.0);
    }
    for row in golden.ranks {
        let settings: Vec<f64> = (0..row.series.len()).map(|k| k as f64).collect();
        let each = |rank| trend(&settings, std::slice::from_ref(&row.series), rank).expect("is computed").each[0];
        near(each(Rank::Spearman), row.spearman, 1.0);
        near(each(Rank::Kendall), row.kendall, 1.0);
    }
    for row in golden.holm {
        holm(&row.p).expect("are p").iter().zip(row.adjusted).for_each(|(found, theirs)| near(*found, theirs, 1.0));
    }
}

/// Figures that the plan of an experiment rests on.
#[test]
fn small_experiments_see_large_differences_only() {
    let one = [(3, 3.26), (5, 1.68), (6, 1.43), (8, 1.16), (10, 1.00), (12, 0.89), (16, 0.75), (20, 0.66), (29, 0.54)];
    let six = [(3, 8.02), (5, 2.76), (8, 1.65), (10, 1.37), (16, 0.99)];
    for (comparisons, figures) in [(1, &one[..]), (6, &six)] {
        for (n, figure) in figures {
            let found = detectable(*n, 0.05, comparisons, 0.8).expect("is computed");
            assert!((found - figure).abs() <= 0.005 + 1e-9, "{n} pairs, {comparisons}: {found}, expected {figure}");
            near(power(*n, found, 0.05 / comparisons as f64).expect("is computed"), 0.8, 1.0);
            let needed = pairs_needed(found + 1e-9, 0.05, comparisons, 0.8).expect("is computed");
            assert_eq!(needed, Some(*n));
        }
    }
    assert_eq!(pairs_needed(0.001, 0.05, 1, 0.8), Ok(None));
    assert_eq!([3, 5, 8].map(smallest_p), [0.25, 0.0625, 0.0078125]);
    assert_eq!([0, 1, 3, 5, 6, 8, 9, 10].map(|n| largest_family(n, 0.05)), [0, 0, 0, 0, 1, 6, 12, 25].map(Ok));
    assert_eq!(largest_family(5, 0.0625), Ok(1));
    // Holm's procedure indeed rejects one of six at the smallest p, and not of seven
    let adjusted = |m: usize| holm(&[&[smallest_p(8)][..], &vec![1.0; m - 1]].concat()).expect("are p")[0];
    assert!(adjusted(6) <= 0.05 && adjusted(7) > 0.05);
}

#[test]
fn what_has_no_value_says_why() {
    let a = [1.1, 2.1, 3.1, 4.1];
    let b = a.map(|v| v - 0.1);
    let found = compare(&a, &b, &quick(0.95)).expect("is compared");
    assert_eq!((found.t_p, found.difference.sd), (Outcome::Absent(Why::NoSpread), 0.0));
    let degenerate = |i: Interval| i.degenerate && i.low == i.high && (i.low - 0.1).abs() < 1e-15;
    assert!(degenerate(found.interval) && degenerate(found.bootstrap.known().expect("is there")));
    assert_eq!((found.sign_flip_p, found.chance.chance), (Outcome::Known(0.125), 1.0));
    // the same twice: nothing is said to differ
    let found = compare(&a, &a, &Terms { region: Some(0.1), ..quick(0.95) }).expect("is compared");
    assert_eq!((found.sign_flip_p, found.chance.ties, found.chance.chance), (Outcome::Known(1.0), 4, 0.5));
    assert_eq!((found.chance.interval.low, found.chance.interval.high), (0.0, 1.0));
    assert_eq!(found.equivalence.map(|e| e.verdict), Some(Within::Inside));
    assert!(found.interval.degenerate && found.correlation == Outcome::Known(1.0));
    // twice the same but for rounding
    let rounded = [0.1 + 0.2, 0.5 + 0.1 + 0.1, 1.0];
    let found = compare(&rounded, &[0.3, 0.7, 1.0], &quick(0.95)).expect("is compared");
    assert_eq!((found.sign_flip_p, found.chance.ties), (Outcome::Known(1.0), 3));
    let found = compare(&[2.0, 2.0], &[1.0, 3.0], &quick(0.95)).expect("is compared");
    assert_eq!(found.correlation, Outcome::Absent(Why::Constant));
    assert!(found.interval.contains(0.0));
    let long: Vec<f64> = (0..30).map(f64::from).collect();
    assert_eq!(sign_flip_p(&long), Ok(Outcome::Absent(Why::TooManyPairs)));
    let means = [2.0; 100];
    assert_eq!(bca_of(&[0.0, 1.0], &means, 0.95), Ok(Outcome::Absent(Why::OneSided)));
}

#[test]
fn wrong_input_is_refused() {
    let check = |found: Result<Comparison, StatsError>, part: &str| {
        let error = found.expect_err("must be refused").to_string();
        assert!(error.contains(part), "{error}");
    };
    let two = [1.0, 2.0];
    let plain = Terms::default();
    check(compare(&two, &[1.0], &plain), "2 values against 1");
    check(compare(&[1.0], &[1.0], &plain), "1 values, at least 2");
    check(compare(&[], &[], &plain), "0 values, at least 2");
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e200] {
        check(compare(&[1.0, bad], &two, &plain), "value 1 is");
        check(compare(&two, &[bad, 1.0], &plain), "value 0 is");
        assert!(holm(&[0.5, bad]).is_err() && sign_flip_p(&[bad]).is_err() && chance(&[bad], 0.9).is_err());
        assert!(trend(&[1.0, 2.0], &[vec![1.0, bad]], Rank::Kendall).is_err());
        assert!(trend(&[1.0, bad], &[vec![1.0, 2.0]], Rank::Kendall).is_err());
        let unusual = |terms| compare(&two, &[3.0, 5.0], &terms);
        check(unusual(Terms { level: bad, ..plain }), "the level is");
        check(unusual(Terms { power: bad, ..plain }), "the power is");
    }
    check(compare(&two, &[3.0, 5.0], &Terms { comparisons: 0, ..plain }), "0 comparisons");
    check(compare(&two, &[3.0, 5.0], &Terms { resamples: 10, ..plain }), "10 resamples");
    for region in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        check(compare(&two, &[3.0, 5.0], &Terms { region: Some(region), ..plain }), "the region is");
    }
    check(compare(&two, &[3.0, 5.0], &Terms { power: 0.01, ..plain }), "more than the level");
    assert!(trend(&[2.0, 1.0], &[vec![1.0, 2.0]], Rank::Kendall).is_err());
    assert!(trend(&[1.0, 2.0], &[], Rank::Kendall).is_err());
    assert!(trend(&[1.0, 2.0], &[vec![1.0]], Rank::Kendall).is_err());
    assert!(holm(&[-0.1]).is_err() && holm(&[1.1]).is_err() && holm(&[]).is_ok_and(|none| none.is_empty()));
}

#[test]
fn equivalence_has_three_answers() {
    let verdict = |values: &[f64], region| {
        let summary = Summary::of(values).expect("a summary");
        equivalence(&summary, region, 0.05).expect("a region").verdict
    };
    let some = [0.9, 1.0, 1.1, 1.0, 0.95, 1.05];
    assert_eq!(verdict(&some, 2.0), Within::Inside);
    assert_eq!(verdict(&some, 0.5), Within::Outside);
    assert_eq!(verdict(&some, 1.02), Within::Undecided);
    // few runs that differ much are no equivalence: "no significant difference" would call them one
    let wide = [3.0, -2.0, 1.0];
    let t = t_p(&Summary::of(&wide).expect("a summary")).expect("is computed").known().expect("a spread");
    assert!(t > 0.05 && verdict(&wide, 0.5) == Within::Undecided);
    assert_eq!(verdict(&[1.0, 1.0], 1.0), Within::Undecided);
    assert_eq!(verdict(&[1.0, 1.0], 0.5), Within::Outside);
}

#[test]
fn a_trend_is_one_test() {
    let settings = [0.001, 0.01, 0.1, 1.0];
    let falls = |seed: f64| vec![3.0 + seed, 2.9 + seed, 2.5 + seed, 2.0 + seed];
    let seeds: Vec<Vec<f64>> = (0..8).map(|k| falls(f64::from(k) * 0.3)).collect();
    for rank in [Rank::Spearman, Rank::Kendall] {
        let found = trend(&settings, &seeds, rank).expect("is computed");
        near(found.mean, -1.0, 1.0);
        assert_eq!((found.p, found.falling, found.rising, found.against), (Outcome::Known(2.0 / 256.0), 8, 0, 0));
        // a trend that is not monotone says so
        let bent: Vec<Vec<f64>> = seeds.iter().map(|s| vec![s[0], s[2], s[1], s[3]]).collect();
        let found = trend(&settings, &bent, rank).expect("is computed");
        assert_eq!((found.p, found.falling, found.against), (Outcome::Known(2.0 / 256.0), 0, 1));
        // no trend: as many seeds rise as fall; and one that stays the same
        let mixed: Vec<Vec<f64>> = seeds
            .iter()
            .enumerate()
            .map(|(k, s)| s.iter().map(|v| if k % 2 == 0 { -v } else { *v }).collect())
            .collect();
        assert_eq!(trend(&settings, &mixed, rank).expect("is computed").p, Outcome::Known(1.0));
        let flat = trend(&settings, &[vec![1.0; 4]], rank).expect("is computed");
        assert_eq!((flat.each, flat.p), (vec![0.0], Outcome::Known(1.0)));
    }
}

/// Intervals hold the truth as often as they say, the bootstrap less often with eight pairs: the reason why it is never shown alone.
#[test]
fn intervals_hold_the_truth_as_often_as_they_say() {
    let (runs, n) = (2000u64, 8);
    let mut held = [0u32; 2];
    for run in 0..runs {
        let mut draw = crate::data::Draw::new(run, "coverage", 0);
        let values: Vec<f64> = (0..n).map(|_| draw.normal()).collect();
        let t = t_interval(&Summary::of(&values).expect("values"), 0.95).expect("is computed");
        let b = bca(&values, 0.95, 200, run).expect("is computed").known();
        held[0] += u32::from(t.contains(0.0));
        held[1] += u32::from(b.is_some_and(|b| b.contains(0.0)));
    }
    let [t, b] = held.map(|h| f64::from(h) / runs as f64);
    // five standard errors
    assert!((t - 0.95).abs() < 0.025, "{t}");
    assert!(b > 0.80 && b < 0.94, "{b}");
}

/// Tests reject what is true as often as their level says, at most.
#[test]
fn exact_tests_keep_their_level() {
    let runs = 4000;
    let rejected = (0..runs).filter(|run| {
        let mut draw = crate::data::Draw::new(*run, "level", 0);
        // neither normal nor of one spread
        let values: Vec<f64> = (1..=8).map(|k| draw.normal().powi(3) * f64::from(k)).collect();
        sign_flip_p(&values).expect("values").known().is_some_and(|p| p <= 0.05)
    });
    let share = rejected.count() as f64 / runs as f64;
    // 12 of 256 at most; five standard errors
    assert!((share - 12.0 / 256.0).abs() < 0.017, "{share}");
}

type Pairs = Vec<(f64, f64)>;
type Figure = fn(&[f64], &[f64]) -> f64;

fn pairs() -> impl Strategy<Value = Pairs> {
    // of few digits, so that ties occur
    let value = (-40i32..40).prop_map(|k| f64::from(k) / 8.0);
    prop::collection::vec((value.clone(), value), 2..12)
}

fn split(pairs: &Pairs) -> (Vec<f64>, Vec<f64>) {
    pairs.iter().copied().unzip()
}

/// All figures that do not depend on a scale but for being multiplied by it, `[shifted with a, multiplied; multiplied only; neither]`.
fn figures(a: &[f64], b: &[f64]) -> ([f64; 3], [f64; 2], [f64; 4]) {
    let c = compare(a, b, &quick(0.95)).expect("is compared");
    let bootstrap = c.bootstrap.known().map_or(c.difference.mean, |i| i.low);
    let one = |o: Outcome<f64>| o.known().unwrap_or(-2.0);
    (
        [c.difference.mean, c.interval.low, bootstrap],
        [c.difference.sd, c.detectable.unwrap_or(0.0)],
        [one(c.t_p), one(c.sign_flip_p), one(c.correlation), c.detectable_effect.unwrap_or(-2.0)],
    )
}

fn all_near(found: &[f64], expected: &[f64]) -> bool {
    found.iter().zip(expected).all(|(f, e)| (f - e).abs() <= 1e-7 * e.abs().max(1.0))
}

fn rotated(values: &[f64]) -> Vec<f64> {
    let mut values = values.to_vec();
    values.rotate_left(1);
    values
}

/// Whether a figure is the same when pairs come in another order.
fn obeys_order(figure: Figure, a: &[f64], b: &[f64]) -> bool {
    figure(a, b) == figure(&rotated(a), &rotated(b))
}

/// Whether a p is the same with both series exchanged.
fn obeys_exchange(figure: Figure, a: &[f64], b: &[f64]) -> bool {
    (figure(a, b) - figure(b, a)).abs() < 1e-12
}

/// Whether a p is the same in another unit.
fn obeys_scale(figure: Figure, a: &[f64], b: &[f64]) -> bool {
    let scaled = |values: &[f64]| values.iter().map(|v| v * 1024.0).collect::<Vec<_>>();
    (figure(a, b) - figure(&scaled(a), &scaled(b))).abs() < 1e-12
}

fn differences(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

fn exact(a: &[f64], b: &[f64]) -> f64 {
    sign_flip_p(&differences(a, b)).expect("values").known().expect("few pairs")
}

/// A p that flips signs in one direction only: one-sided where two-sided is said.
fn one_sided(a: &[f64], b: &[f64]) -> f64 {
    let d = differences(a, b);
    let sum: f64 = d.iter().sum();
    let all = 1u32 << d.len();
    let signed = |mask: u32| d.iter().enumerate().map(|(k, v)| if mask >> k & 1 == 1 { -v } else { *v }).sum::<f64>();
    f64::from((0..all).filter(|mask| signed(*mask) >= sum - 1e-9).count() as u32) / f64::from(all)
}

/// One that takes differences of less than 1 for none.
fn coarse(a: &[f64], b: &[f64]) -> f64 {
    let d: Vec<f64> = differences(a, b).into_iter().map(|d| if d.abs() < 1.0 { 0.0 } else { d }).collect();
    sign_flip_p(&d).expect("values").known().expect("few pairs")
}

#[test]
fn the_laws_catch_what_breaks_them() {
    let (a, b) = ([1.0, 2.0, 4.0, 8.5], [0.5, 0.25, 4.5, 3.0]);
    assert!(obeys_order(exact, &a, &b) && obeys_exchange(exact, &a, &b) && obeys_scale(exact, &a, &b));
    assert!(!obeys_exchange(one_sided, &a, &b));
    assert!(!obeys_scale(coarse, &a, &b));
    // a bootstrap that takes values as they come depends on their order
    let unsorted: Figure = |a, b| {
        let (d, mut draw) = (differences(a, b), crate::data::Draw::new(1, "unsorted", 0));
        d[draw.index(d.len())] + d[draw.index(d.len())]
    };
    assert!(!obeys_order(unsorted, &a, &b));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_order_of_pairs_does_not_matter(pairs in pairs()) {
        let (a, b) = split(&pairs);
        prop_assert!(obeys_order(exact, &a, &b));
        let (one, other) = (figures(&a, &b), figures(&rotated(&a), &rotated(&b)));
        // to the last bit, but for the correlation
        prop_assert_eq!(one.0, other.0);
        prop_assert_eq!(one.1, other.1);
        prop_assert!(all_near(&one.2, &other.2));
    }

    #[test]
    fn exchanged_series_have_the_opposite_difference(pairs in pairs()) {
        let (a, b) = split(&pairs);
        let terms = Terms { region: Some(0.5), ..quick(0.9) };
        let one = compare(&a, &b, &terms).expect("is compared");
        let other = compare(&b, &a, &terms).expect("is compared");
        let opposite = |i: Interval, j: Interval| all_near(&[i.low, i.high], &[-j.high, -j.low]);
        prop_assert!(all_near(&[one.difference.mean, one.difference.sd], &[-other.difference.mean, other.difference.sd]));
        prop_assert!(opposite(one.interval, other.interval));
        prop_assert_eq!(one.bootstrap.known().is_some(), other.bootstrap.known().is_some());
        if let Some((i, j)) = one.bootstrap.known().zip(other.bootstrap.known()) {
            // where the mean is 0 there is no sign to go by
            prop_assert!(one.difference.mean == 0.0 || opposite(i, j), "{:?} {:?}", i, j);
        }
        prop_assert!(obeys_exchange(exact, &a, &b));
        prop_assert!(all_near(&[one.chance.chance, one.chance.interval.low], &[1.0 - other.chance.chance, 1.0 - other.chance.interval.high]));
        prop_assert_eq!(one.equivalence.map(|e| e.verdict), other.equivalence.map(|e| e.verdict));
    }

    #[test]
    fn other_units_change_nothing(pairs in pairs(), shift in -16i32..16, exponent in -30i32..30) {
        let (a, b) = split(&pairs);
        let (shift, scale) = (f64::from(shift), f64::from(exponent).exp2());
        let moved = |values: &[f64]| values.iter().map(|v| (v + shift) * scale).collect::<Vec<_>>();
        let (one, other) = (figures(&a, &b), figures(&moved(&a), &moved(&b)));
        // both series are moved alike: differences are only scaled
        let scaled = |values: &[f64]| values.iter().map(|v| v * scale).collect::<Vec<_>>();
        let units = |values: &[f64]| values.iter().map(|v| v / scale).collect::<Vec<_>>();
        prop_assert!(all_near(&units(&other.0), &one.0), "{:?} {:?}", other.0, scaled(&one.0));
        prop_assert!(all_near(&units(&other.1), &one.1));
        prop_assert!(all_near(&other.2, &one.2));
        prop_assert!(obeys_scale(exact, &a, &b));
    }

    #[test]
    fn holm_keeps_order_and_never_lowers(p in prop::collection::vec(0.0f64..=1.0, 0..20)) {
        let adjusted = holm(&p).expect("are p");
        for (i, q) in adjusted.iter().enumerate() {
            prop_assert!((p[i]..=1.0).contains(q));
            prop_assert!(p.iter().zip(&adjusted).all(|(other, r)| other > &p[i] || r <= q));
        }
        // the least is Bonferroni's
        let least = p.iter().copied().fold(1.0, f64::min);
        prop_assert!(p.is_empty() || adjusted.iter().copied().fold(1.0, f64::min) == (least * p.len() as f64).min(1.0));
    }

    #[test]
    fn power_rises(n in 2usize..40, effect in 0.0f64..3.0, level in 0.001f64..0.3) {
        let p = |n, effect, level| power(n, effect, level).expect("is computed");
        prop_assert!((p(n, 0.0, level) - level).abs() < 1e-9);
        prop_assert!(p(n, effect + 0.1, level) >= p(n, effect, level) - 1e-9);
        prop_assert!(p(n + 1, effect, level) >= p(n, effect, level) - 1e-9);
        prop_assert!(p(n, effect, level) >= level - 1e-9);
    }
}

/// Where the exact test can only reject if all differences have one sign, its power is that of n equal signs: a formula.
#[test]
fn the_exact_test_sees_less_than_the_t_test_of_few_pairs() {
    let normal = |x: f64| 0.5 * statrs::function::erf::erfc(-x / std::f64::consts::SQRT_2);
    // 2/256 is below .05/6, and the next smallest p is not
    let effect = detectable_by_signs(8, 0.05, 6, 0.8).expect("terms").expect("can reject");
    let power = normal(effect).powi(8) + normal(-effect).powi(8);
    assert!((power - 0.8).abs() < 0.02, "{effect} {power}");
    let by_t = detectable(8, 0.05, 6, 0.8).expect("terms");
    assert!(effect > by_t + 0.2, "{effect} {by_t}");
    // one comparison of ten pairs: close to the t test's, and above it
    let (exact, by_t) =
        (detectable_by_signs(10, 0.05, 1, 0.8).expect("terms"), detectable(10, 0.05, 1, 0.8).expect("terms"));
    assert!(exact.is_some_and(|exact| (exact - by_t).abs() < 0.06), "{exact:?} {by_t}");
    // five pairs have no p below 1/16
    assert_eq!(detectable_by_signs(5, 0.05, 1, 0.8), Ok(None));
    assert_eq!(detectable_by_signs(8, 0.05, 7, 0.8), Ok(None));
}

#[test]
fn signs_are_tested_by_a_coin() {
    let p = |above: usize, below: usize, ties: usize| {
        let all: Vec<f64> = [(above, 2.0), (below, -1.0), (ties, 0.0)].iter().flat_map(|(n, v)| vec![*v; *n]).collect();
        sign_p(&all).expect("a p")
    };
    assert!((p(8, 0, 0) - 2.0 / 256.0).abs() < 1e-12);
    assert!((p(7, 1, 3) - 18.0 / 256.0).abs() < 1e-12);
    assert!(p(3, 3, 0) == 1.0 && p(0, 0, 4) == 1.0);
    assert!(p(40, 10, 0) < 1e-4 && p(10, 40, 0) == p(40, 10, 0));
}
