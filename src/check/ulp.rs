//! The error in ulp, against the real value.

use super::block::SLACK;
use super::cells::Cell;
use super::flush::is_flushed;
use super::nearest::another_is_nearer;
use super::reason::FLUSHED;
use super::regions::{Region, Regions, or_infinite};
use super::written;
use super::{Block, Context, Found, Info, Point, Tally, Witness, incomparable};
use crate::expr::FloatFormat;
use crate::kernels::Pass;
use crate::number::{DdI, Enclosure, F64I, MpI};
use crate::reference::Kind;
use rug::Float;
use rug::float::Round;
use schemars::JsonSchema;

/// An error enclosure of this relative width is tight: more digits would tell nobody more.
const TIGHT: f64 = 1.0 / 256.0;

/// An error that is too small for its unit to matter.
const NOTHING: f64 = 1.0 / 1024.0;

/// Where a polynomial tells well on which side of one half errors are, fewer errors of a run are left open.
const MANY: usize = 64;

/// How the errors are distributed.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, JsonSchema, serde::Deserialize)]
#[non_exhaustive]
pub struct UlpStatistics {
    /// inputs over which the rest of this was taken: those whose error is known to 1/256
    pub inputs: u64,
    /// the mean error, where finite
    #[serde(deserialize_with = "or_infinite")]
    pub mean: f64,
    /// inputs by error: up to 1/2, 1, 2, 4, ... 2^62 ulp, more, infinite
    pub histogram: Vec<(String, u64)>,
    /// not the nearest float, nor one of two that are as near: decided exactly
    pub not_correctly_rounded: u64,
    /// half an ulp off as far as could be decided, so that it is not known which
    pub nearly_half: u64,
    /// those of them that were not looked at one by one, since the first and the last of their run could not be decided
    pub not_asked: u64,
    /// one ulp off or more: not even a neighbour
    pub not_faithful: u64,
    /// errors by region of the input
    pub regions: Vec<Region>,
    /// errors over the whole format, for a plot
    #[serde(default)]
    pub cells: Vec<Cell>,
}

const BINS: usize = 66;
/// The bins up to one half, and up to one.
const NEAREST: usize = 0;
const LARGER: usize = 1;

/// Upper ends of the histogram's bins: 1/2, 1, 2, ...
fn bin(error: f64) -> usize {
    match error {
        e if e.is_infinite() => BINS - 1,
        e if e <= 0.5 => NEAREST,
        // the exponent of the number below, so that a power of two counts to the bin that it ends
        e => (e.next_down().to_bits() >> 52).saturating_sub(1021).clamp(1, BINS as u64 - 2) as usize,
    }
}

fn bin_name(k: usize) -> String {
    match k {
        NEAREST => "<= 1/2".into(),
        _ if k == BINS - 1 => "infinite".into(),
        _ if k == BINS - 2 => "> 2^62".into(),
        _ => format!("<= {}", 1u64 << (k - 1)),
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Ulp {
    found: Found,
    #[serde(with = "written::array")]
    bins: [u64; BINS],
    sum: f64,
    half: u64,
    nearly_half: u64,
    not_asked: u64,
    unfaithful: u64,
    regions: Regions,
}

impl Tally for Ulp {
    const INFO: Info = Info {
        id: "ulp",
        title: "how far is each output from the real value, in units of the last place?",
        explain: "The error is |output - f(input)| / ulp, where f(input) is the real number, enclosed, and ulp is the spacing of the \
format in the binade of that real number (below the smallest normal number: the spacing of the subnormals; beyond the largest finite number: \
the spacing of the last binade). A NaN, or an infinity where rounding to nearest would not overflow, is an infinite error; an infinity where \
it would is none. Flushing a subnormal to zero counts as the error that it is. At a kink every value between the one-sided derivatives is \
accepted and counted as a subgradient; where the function jumps there is no derivative to compare with. Refuted if some error certainly \
exceeds the budget.",
        measures: "ulp",
        passes: &Pass::KNOWN,
    };

    const CONVEX: bool = true;

    fn new(cx: &Context<'_>) -> Self {
        let found = Found { budget: limit(cx), unit: "ulp", ..Found::default() };
        Self {
            found,
            bins: [0; BINS],
            sum: 0.0,
            half: 0,
            nearly_half: 0,
            not_asked: 0,
            unfaithful: 0,
            regions: Regions::default(),
        }
    }

    fn following(&self, cx: &Context<'_>) -> Self {
        let mut next = Self::new(cx);
        next.found.least = self.found.threshold();
        next
    }

    fn point(&mut self, point: &Point, cx: &Context<'_>) {
        if let Some(reason) = incomparable(point) {
            return self.found.exclude(reason, point.weight);
        }
        if cx.policy.flush && is_flushed(point, cx) {
            return self.found.exclude(FLUSHED, point.weight);
        }
        let [lo, hi] = error(point, cx);
        self.regions.point(point, hi);
        self.found.compared += point.weight;
        if point.kind == Kind::Kink && lo == 0.0 {
            self.found.subgradients += 1;
        }
        let witness = Witness { input: point.input, output: point.output, after: None, measure: lo, how: None };
        match exceeds(point, [lo, hi], cx) {
            Some(true) => self.found.fail(point, lo),
            Some(false) => self.found.note(witness),
            None => {
                self.found.doubt(point, super::NEAR_BUDGET);
                self.found.note(witness);
            }
        }
        self.found.measured = [self.found.measured[0].max(lo), self.found.measured[1].max(hi)];
        if is_tight(lo, hi) {
            self.count(point, [lo, hi], cx);
        }
    }

    fn found(&mut self) -> &mut Found {
        &mut self.found
    }

    fn block(&mut self, block: &Block<'_>, cx: &Context<'_>) -> bool {
        let (stats, worst) = (&block.stats, block.worst());
        if !block.one_unit() && worst > NOTHING && block.finite() && block.next_to_a_power_of_two() {
            self.two_units(block, cx);
            return true;
        }
        // a value of another binade only matters if there is an error to speak of
        if !block.one_unit() && worst > NOTHING {
            return false;
        }
        if cx.policy.flush && worst > 1.0 {
            return false;
        }
        if worst > limit(cx) || worst > 1.0 {
            return self.bad_block(block, cx);
        }
        self.regions.block(block, worst);
        let n = block.inputs();
        self.found.compared += n;
        self.sum += stats.sum;
        let beyond = if block.one_unit() { self.beyond_half(block, cx) } else { 0 };
        self.half += beyond;
        self.bins[LARGER] += beyond;
        self.bins[NEAREST] += n - beyond;
        self.measure(block.lower(if block.one_unit() { stats.max } else { 0.0 }), worst);
        if self.found.would_note(stats.max) {
            self.note_worst(block, block.lower(stats.max));
        }
        true
    }

    fn join(&mut self, next: Self, _: &Context<'_>) {
        self.found.absorb(next.found);
        self.bins.iter_mut().zip(next.bins).for_each(|(a, b)| *a += b);
        self.sum += next.sum;
        self.half += next.half;
        self.nearly_half += next.nearly_half;
        self.not_asked += next.not_asked;
        self.unfaithful += next.unfaithful;
        self.regions.join(&next.regions);
    }

    fn finish(mut self) -> Found {
        let inputs: u64 = self.bins.iter().sum();
        let finite = inputs - self.bins[BINS - 1];
        let histogram = self.bins.iter().enumerate().filter(|(_, n)| **n > 0).map(|(k, n)| (bin_name(k), *n)).collect();
        let (regions, cells) = self.regions.finish();
        self.found.statistics = Some(UlpStatistics {
            inputs,
            mean: if finite == 0 { 0.0 } else { self.sum / finite as f64 },
            histogram,
            not_correctly_rounded: self.half,
            nearly_half: self.nearly_half,
            not_asked: self.not_asked,
            not_faithful: self.unfaithful,
            regions,
            cells,
        });
        self.found
    }
}

impl Ulp {
    fn measure(&mut self, lo: f64, hi: f64) {
        self.found.measured = [self.found.measured[0].max(lo), self.found.measured[1].max(hi)];
    }

    fn note_worst(&mut self, block: &Block<'_>, measure: f64) {
        if let Some(k) = block.errors().position(|e| e == block.stats.max) {
            let point = block.point(k);
            self.found.note(Witness { input: point.input, output: point.output, after: None, measure, how: None });
        }
    }

    /// How many outputs of a run are more than half an ulp off; those for which the polynomial does not tell are decided
    /// one by one.
    fn beyond_half(&mut self, block: &Block<'_>, cx: &Context<'_>) -> u64 {
        if block.stats.near == 0 {
            return 0;
        }
        let [low, high] = block.half();
        let mut beyond = block.errors().filter(|e| *e > high).count() as u64;
        if block.stats.near > beyond {
            let near = block.errors().enumerate().filter(|(_, e)| (low..=high).contains(e));
            let near: Vec<usize> = near.map(|(k, _)| k).collect();
            let is_beyond = |k: &usize| another_is_nearer(&block.point(*k), cx);
            // where the first and the last are too near to one half for the highest precision, those between are not asked: there
            // may be millions of them, as of x - tanh(x) next to x + 1, beyond 2^24
            let hopeless =
                near.len() > MANY && [near.first(), near.last()].into_iter().flatten().all(|k| is_beyond(k).is_none());
            if hopeless {
                self.nearly_half += near.len() as u64;
                self.not_asked += near.len() as u64 - 2;
                return beyond;
            }
            for k in &near {
                match is_beyond(k) {
                    Some(is) => beyond += u64::from(is),
                    None => self.nearly_half += 1,
                }
            }
        }
        beyond
    }

    /// A run on which errors are large. Its errors are still known well enough for the statistics, unless one of them is too
    /// near to the budget or an output is not finite.
    fn bad_block(&mut self, block: &Block<'_>, cx: &Context<'_>) -> bool {
        let near = |e: f64| block.upper(e) > limit(cx) && block.lower(e) <= limit(cx);
        if !block.one_unit() || !block.stats.sum.is_finite() || block.errors().any(near) {
            return false;
        }
        self.regions.block(block, block.worst());
        self.found.compared += block.inputs();
        for e in block.errors() {
            self.bins[bin(e)] += 1;
            self.found.failing += u64::from(e > limit(cx));
            self.unfaithful += u64::from(e >= 1.0);
        }
        self.sum += block.stats.sum;
        self.half += self.beyond_half(block, cx);
        self.measure(block.lower(block.stats.max), block.worst());
        if self.found.would_note(block.stats.max) {
            self.note_worst(block, block.lower(block.stats.max));
        }
        true
    }

    /// A run of values so near to a power of two that nobody can tell on which side of it they are, and so in which of two
    /// units to count. Errors are known to a factor of two, which is too little for the statistics.
    fn two_units(&mut self, block: &Block<'_>, cx: &Context<'_>) {
        let [small, large] = block.real.ulps;
        let enclosed = |e: f64| [block.lower(e) * (small / large), block.upper(e)];
        self.regions.block(block, block.worst());
        self.found.compared += block.inputs();
        for (k, [lo, hi]) in block.errors().map(enclosed).enumerate() {
            self.found.failing += u64::from(lo > limit(cx));
            if lo <= limit(cx) && hi > limit(cx) {
                self.found.doubt(&block.point(k), super::NEAR_BUDGET);
            }
        }
        let [lo, hi] = enclosed(block.stats.max);
        self.measure(lo, hi);
        if self.found.would_note(lo) {
            self.note_worst(block, lo);
        }
    }

    fn count(&mut self, point: &Point, [lo, hi]: [f64; 2], cx: &Context<'_>) {
        let error = 0.5 * lo + 0.5 * hi;
        if error.is_finite() {
            self.sum += error;
        }
        // exactly one half is the error of a tie, and of the float below a power of two, which is not the nearest
        if lo > 0.5 || hi < 0.5 {
            self.half += if lo > 0.5 { point.weight } else { 0 };
            self.bins[bin(error)] += point.weight;
        } else {
            match another_is_nearer(point, cx) {
                Some(beyond) => {
                    self.half += u64::from(beyond);
                    self.bins[if beyond { LARGER } else { NEAREST }] += 1;
                }
                None => {
                    self.nearly_half += 1;
                    self.bins[bin(error)] += 1;
                }
            }
        }
        if error >= 1.0 {
            self.unfaithful += point.weight;
        }
    }
}

/// What an error may be: anything, where a tolerance takes the budget's place.
fn limit(cx: &Context<'_>) -> f64 {
    if cx.budget.tolerance.is_some() { f64::INFINITY } else { cx.budget.ulp }
}

/// The error of one output in ulp, enclosed, where there is something to compare it with that the policy does not excuse.
pub fn judged(point: &Point, cx: &Context<'_>) -> Option<[f64; 2]> {
    let excused = incomparable(point).is_some() || cx.policy.flush && is_flushed(point, cx);
    (!excused).then(|| error(point, cx))
}

fn is_tight(lo: f64, hi: f64) -> bool {
    lo == hi || hi - lo <= TIGHT * lo.max(1.0)
}

/// The error of one output, enclosed: in f64 or double-double if that is tight enough, else in MPFR.
pub(super) fn error(point: &Point, cx: &Context<'_>) -> [f64; 2] {
    if point.y.is_nan() {
        // right, if there is no real value
        let exists = point.real.total() || cx.reference.refine(point.x, MpI::total).total();
        return [if exists { f64::INFINITY } else { 0.0 }, f64::INFINITY];
    }
    if point.kind == Kind::Kink {
        return distance_from_set(point, cx);
    }
    let mut best = quick_error(point, cx);
    let decided = best[1] <= limit(cx) || best[0] > limit(cx);
    if decided && is_tight(best[0], best[1]) {
        return best;
    }
    cx.reference.refine(point.x, |real| {
        best = error_from_mpfr(cx.format, point.y, real);
        is_tight(best[0], best[1])
    });
    best
}

/// Whether an error that is enclosed so is more than what is allowed: next to that, no f64 tells, and MPFR compares. `None`
/// if the highest precision leaves it open.
pub(super) fn exceeds(point: &Point, [lo, hi]: [f64; 2], cx: &Context<'_>) -> Option<bool> {
    let limit = limit(cx);
    match () {
        () if lo > limit => return Some(true),
        () if hi <= limit => return Some(false),
        () if !point.y.is_finite() || point.kind == Kind::Kink => return None,
        () => {}
    }
    let decide = |real: &MpI| {
        let Distance { nearest, farthest, units: [small, large] } = Distance::new(cx.format, point.y, real);
        // a product of two f64s
        let allowed = |unit: f64| Float::with_val(106, limit) * unit;
        let (over, within) = (nearest > allowed(large), farthest <= allowed(small));
        (over || within).then_some(over)
    };
    decide(&cx.reference.refine(point.x, |real| decide(real).is_some()))
}

/// The same where f64 or double-double is enough, or wider.
pub(super) fn quick_error(point: &Point, cx: &Context<'_>) -> [f64; 2] {
    match &point.ball {
        Some(ball) if point.y.is_finite() && ball.radius().is_finite() => error_from_ball(cx.format, point.y, ball),
        _ => error_from_f64(cx.format, point.y, point.real.lo(), point.real.hi()),
    }
}

/// How far outside of the subgradients, all of which are right. Their ends are enclosed.
fn distance_from_set(point: &Point, cx: &Context<'_>) -> [f64; 2] {
    let (y, lo, hi) = (point.y, point.real.lo(), point.real.hi());
    let nearest = y.clamp(lo, hi);
    let unit = cx.format.ulp(nearest);
    let least = (y - nearest).abs() / unit * (1.0 - SLACK);
    let Some(junction) = cx.reference.junction(point.x) else { return [least, f64::INFINITY] };
    let sides = cx.policy.side_at(point.x).map_or(junction.sides, |side| [junction.sides[side]; 2]);
    // surely between both ends, or no farther than from the far end of the nearer one
    let [a, b] = sides;
    let between = a.hi() <= y && y <= b.lo() || b.hi() <= y && y <= a.lo();
    let far = |side: F64I| (y - side.lo()).abs().max((y - side.hi()).abs());
    let most = if between { 0.0 } else { sides.map(far).into_iter().fold(f64::INFINITY, f64::min) };
    [least, most / unit * (1.0 + SLACK)]
}

fn error_from_f64(format: FloatFormat, y: f64, lo: f64, hi: f64) -> [f64; 2] {
    if y.is_infinite() {
        if format == FloatFormat::F64 {
            // the threshold is no f64: MPFR decides
            return [0.0, f64::INFINITY];
        }
        return overflow(y, lo, hi, format.max() + format.ulp(format.max()) / 2.0);
    }
    if lo.is_infinite() || hi.is_infinite() {
        return [0.0, f64::INFINITY];
    }
    let (a, b) = ((y - lo).abs(), (y - hi).abs());
    let inside = lo <= y && y <= hi;
    let nearest = if inside { 0.0 } else { a.min(b) };
    let (small, large) =
        if lo <= 0.0 && hi >= 0.0 { (0.0, lo.abs().max(hi)) } else { (lo.abs().min(hi.abs()), lo.abs().max(hi.abs())) };
    [nearest / format.ulp(large) * (1.0 - SLACK), a.max(b) / format.ulp(small) * (1.0 + SLACK)]
}

fn error_from_ball(format: FloatFormat, y: f64, ball: &DdI) -> [f64; 2] {
    // exact where y is near the midpoint, and off by a few roundings of itself where it is not
    let off = ((y - ball.hi()) - ball.lo()).abs();
    let slack = off * SLACK + ball.radius() * (1.0 + SLACK);
    let [lo, hi] = ball.ends();
    let (small, large) =
        if lo <= 0.0 && hi >= 0.0 { (0.0, hi.max(-lo)) } else { (lo.abs().min(hi.abs()), lo.abs().max(hi.abs())) };
    let least = ((off - slack) * (1.0 - SLACK)).max(0.0);
    let most = if off == 0.0 && ball.radius() == 0.0 { 0.0 } else { (off + slack) * (1.0 + SLACK) };
    [least / format.ulp(large), most / format.ulp(small)]
}

/// An infinite output is right where rounding to nearest overflows.
fn overflow<T: PartialOrd + std::ops::Neg<Output = T>>(y: f64, lo: T, hi: T, threshold: T) -> [f64; 2] {
    let (near, far) = if y > 0.0 { (lo, hi) } else { (-hi, -lo) };
    if near >= threshold {
        [0.0; 2]
    } else if far < threshold {
        [f64::INFINITY; 2]
    } else {
        [0.0, f64::INFINITY]
    }
}

fn error_from_mpfr(format: FloatFormat, y: f64, real: &MpI) -> [f64; 2] {
    if y.is_infinite() {
        let half = Float::with_val(64, format.ulp(format.max())) / 2u32;
        return overflow(y, real.lo(), real.hi(), Float::with_val(64, format.max()) + half);
    }
    let Distance { nearest, farthest, units: [small, large] } = Distance::new(format, y, real);
    // scaled as an exponent, so that the smallest spacings do not underflow
    let ratio = |v: Float, ulp: f64, round: Round| Float::with_val(v.prec(), v / ulp).to_f64_round(round);
    [ratio(nearest, large, Round::Down), ratio(farthest, small, Round::Up)]
}

/// How far a finite output is from the real value: at least and at most, and the least and the largest unit of the latter.
struct Distance {
    nearest: Float,
    farthest: Float,
    units: [f64; 2],
}

impl Distance {
    fn new(format: FloatFormat, y: f64, real: &MpI) -> Self {
        let (lo, hi) = (real.lo(), real.hi());
        let off = |end: &Float, round: Round| Float::with_val_round(lo.prec(), y - end, round).0;
        // y - real lies between these
        let (below, above) = (off(&hi, Round::Down), off(&lo, Round::Up));
        let inside = below <= 0 && above >= 0;
        let (below, above) = (below.abs(), above.abs());
        let farthest = below.clone().max(&above);
        let nearest = if inside { Float::new(lo.prec()) } else { below.min(&above) };
        // the spacing depends on the binade alone, for which rounding towards zero is exact
        let magnitude = |v: &Float| v.to_f64_round(Round::Zero).abs();
        let (a, b) = (magnitude(&lo), magnitude(&hi));
        let small = if real.has_zero() { 0.0 } else { a.min(b) };
        Self { nearest, farthest, units: [format.ulp(small), format.ulp(a.max(b))] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_is_measured_against_the_real_value() {
        let check = |format, y: f64, lo: f64, hi: f64, expected: f64| {
            let prec = |v: f64| Float::with_val(200, v);
            for [low, high] in [
                error_from_f64(format, y, lo, hi),
                error_from_mpfr(format, y, &MpI::from_floats(200, &prec(lo), &prec(hi))),
            ] {
                assert!(
                    low <= expected && high >= expected && high - low <= 1e-9 * expected.max(1.0),
                    "{low} {high} {expected}"
                );
            }
        };
        check(FloatFormat::F16, 1.0, 1.0, 1.0, 0.0);
        check(FloatFormat::F16, 1.0, 1.0 + 2f64.powi(-11), 1.0 + 2f64.powi(-11), 0.5);
        // just below a power of two the spacing is that of the binade below
        check(FloatFormat::F16, 1.0, 1.0 - 2f64.powi(-12), 1.0 - 2f64.powi(-12), 0.5);
        check(FloatFormat::F16, 0.0, 2f64.powi(-25), 2f64.powi(-25), 0.5);
        check(FloatFormat::F32, 3.0, 2.0, 2.0, 4_194_304.0);
        check(FloatFormat::F32, -2f64.powi(-149), 0.0, 0.0, 1.0);
        for inf in [f64::INFINITY, f64::NEG_INFINITY] {
            let huge = 65520f64.copysign(inf);
            assert_eq!(error_from_f64(FloatFormat::F16, inf, huge, huge), [0.0; 2]);
            let below = 65519f64.copysign(inf);
            assert_eq!(error_from_f64(FloatFormat::F16, inf, below, below), [f64::INFINITY; 2]);
            assert_eq!(error_from_f64(FloatFormat::F16, -inf, huge, huge), [f64::INFINITY; 2]);
        }
    }

    #[test]
    fn statistics_survive_a_file() {
        for mean in [0.25, f64::INFINITY] {
            let statistics = UlpStatistics { mean, ..UlpStatistics::default() };
            let text = serde_json::to_string(&statistics).expect("is written");
            assert_eq!(serde_json::from_str::<UlpStatistics>(&text).expect("is read"), statistics);
        }
    }

    #[test]
    fn bins_are_named_by_their_upper_end() {
        for (error, name) in [
            (0.0, "<= 1/2"),
            (0.3, "<= 1/2"),
            (0.5, "<= 1/2"),
            (0.6, "<= 1"),
            (1.0, "<= 1"),
            (1.1, "<= 2"),
            (1e300, "> 2^62"),
        ] {
            assert_eq!(bin_name(bin(error)), name, "{error}");
        }
        assert_eq!(bin_name(bin(f64::INFINITY)), "infinite");
    }
}
