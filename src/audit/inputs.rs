//! The inputs of an audit: all of a format where that is finite enough, else a stratified set, always the same.

use super::places::{Places, THRESHOLDS};
use crate::check::Within;
use crate::expr::format::fill_run;
use crate::expr::{Activation, FloatFormat};
use crate::kernels::Pass;
use crate::number::Format;
use crate::number::TapeError;
use crate::number::format::power_of_two;
use crate::reference::Reference;
use std::ops::Range;

/// How much work an audit may do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Effort {
    /// f16 and bf16 exhaustively, a few ten thousand inputs of f32 and f64
    Quick,
    /// f16 and bf16 exhaustively, f32 too where the code is cheap to ask, more than a million inputs of f64, and of f32
    /// where the code is Python, a model or a table
    #[default]
    Standard,
    /// f32 exhaustively as well
    Exhaustive,
}

impl Effort {
    /// Every level.
    pub const ALL: [Self; 3] = [Self::Quick, Self::Standard, Self::Exhaustive];

    /// As on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Standard => "standard",
            Self::Exhaustive => "exhaustive",
        }
    }

    /// The level of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|e| e.name() == name)
    }
}

/// Inputs in ascending order, infinities at the ends, NaNs last.
pub enum Inputs {
    /// every bit pattern, or those between two places in the order
    Run(FloatFormat, Range<u64>),
    /// these, as bits
    These(Vec<u64>),
}

impl Inputs {
    /// What an audit of this effort looks at, densely around these places.
    pub fn new(format: FloatFormat, effort: Effort, places: &Places) -> Self {
        match Self::exhausts(format, effort) {
            true => Self::every(format),
            false => Self::These(stratified(format, effort, places)),
        }
    }

    /// Every bit pattern.
    pub const fn every(format: FloatFormat) -> Self {
        Self::Run(format, 0..1 << format.width())
    }

    /// Every float of a part of the line; if that is all of it, every bit pattern.
    pub fn between(format: FloatFormat, within: Within) -> Self {
        if within.is_everything() {
            return Self::every(format);
        }
        let [first, last] = within.ordinals(format);
        // zeros have one ordinal and two places
        let place = |ordinal: i64, after: bool| (format.infinity() as i64 + ordinal + i64::from(after)) as u64;
        let (first, last) = (place(first, first > 0), place(last, last >= 0));
        Self::Run(format, first..(last + 1).max(first))
    }

    /// The same on a part of the line, where samples are filled up with floats that lie evenly in the order.
    pub fn of_part(format: FloatFormat, effort: Effort, places: &Places, within: Within) -> Self {
        if within.is_everything() {
            return Self::new(format, effort, places);
        } else if Self::exhausts(format, effort) {
            return Self::between(format, within);
        }
        let (total, _) = extent(effort);
        let mut places = places.clone();
        places.junctions.extend([within.lo, within.hi].into_iter().filter(|end| end.is_finite()));
        let mut bits = stratified(format, effort, &places);
        bits.retain(|b| within.holds(format.decode(*b)));
        bits.extend(within.evenly(format, total.saturating_sub(bits.len())));
        Self::These(ordered(format, bits))
    }

    /// The place of the first input among all inputs of the format, where these follow each other.
    pub const fn first(&self) -> u64 {
        match self {
            Self::Run(_, run) => run.start,
            Self::These(_) => 0,
        }
    }

    /// How many inputs [`Inputs::new`] has.
    pub(super) fn count(format: FloatFormat, effort: Effort, places: &Places) -> u64 {
        match Self::exhausts(format, effort) {
            true => Self::every(format).len(),
            false => stratified_len(format, effort, places),
        }
    }

    /// Whether an audit of this effort looks at all inputs of a format.
    fn exhausts(format: FloatFormat, effort: Effort) -> bool {
        match format {
            FloatFormat::F16 | FloatFormat::Bf16 => true,
            FloatFormat::F32 => effort == Effort::Exhaustive,
            FloatFormat::F64 => false,
        }
    }

    /// What an audit of this activation looks at, for those who compute the outputs elsewhere.
    ///
    /// # Errors
    /// If the definition cannot be evaluated.
    pub fn of(activation: &Activation, format: FloatFormat, pass: Pass, effort: Effort) -> Result<Self, TapeError> {
        let reference = Reference::new(activation, pass.order())?;
        Ok(Self::new(format, effort, &Places::of(&reference, format)))
    }

    /// Exactly these, in order.
    pub fn given(format: FloatFormat, bits: &[u64]) -> Self {
        Self::These(ordered(format, bits.to_vec()))
    }

    /// Whether these are all inputs of the format, or of a part of the line.
    pub const fn exhaustive(&self) -> bool {
        matches!(self, Self::Run(..))
    }

    /// How many.
    pub fn len(&self) -> u64 {
        match self {
            Self::Run(_, run) => run.end - run.start,
            Self::These(list) => list.len() as u64,
        }
    }

    /// Their values, infinities and NaNs left out.
    pub fn finite(&self, format: FloatFormat) -> Vec<f64> {
        let values = (0..self.len()).map(|k| format.decode(self.get(k)));
        values.filter(|x| x.is_finite()).collect()
    }

    /// The inputs at these places in the order.
    pub fn slice<T: Format>(&self, places: Range<u64>) -> Vec<T> {
        let mut out = vec![];
        self.slice_into(places, &mut out);
        out
    }

    /// The same, in place of what was there: memory that is used again need not be zeroed.
    pub fn slice_into<T: Format>(&self, places: Range<u64>, out: &mut Vec<T>) {
        out.resize((places.end - places.start) as usize, T::default());
        match self {
            Self::Run(_, run) => fill_run(run.start + places.start, out),
            Self::These(list) => {
                let bits = &list[places.start as usize..places.end as usize];
                out.iter_mut().zip(bits).for_each(|(x, bits)| *x = T::from_bits64(*bits));
            }
        }
    }

    /// The input at a place in the order.
    pub fn get(&self, place: u64) -> u64 {
        match self {
            Self::These(list) => list[place as usize],
            Self::Run(format, run) => format.at_place(run.start + place),
        }
    }
}

/// Sorted as [`Inputs`] says, without repetitions.
fn ordered(format: FloatFormat, mut bits: Vec<u64>) -> Vec<u64> {
    let key = |b: &u64| match b & !format.sign() > format.infinity() {
        true => (true, 0, *b),
        // zeros have one ordinal: the negative one goes first
        false => (false, format.ordinal(*b), b ^ format.sign()),
    };
    bits.sort_by_key(key);
    bits.dedup();
    bits
}

/// SplitMix64: a counter and a bijective mixer, so that the set depends on nothing but this file.
pub(crate) struct Random(pub u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in [0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 * power_of_two(-53)
    }
}

/// How far from each junction and from zero every single float is taken.
const NEIGHBOURHOOD: i64 = 2000;
/// Beyond this nothing much happens in any activation; half of the fill lies within.
const BUSY: f64 = 20.0;

/// Around an edge every single float is taken for a tenth of that, and beyond, around thresholds as well, one at each
/// distance 2^k.
const EDGE: i64 = 10;

/// How many inputs a stratified set is filled up to, and how far from each junction it takes all.
const fn extent(effort: Effort) -> (usize, i64) {
    match effort {
        Effort::Quick => (1 << 15, NEIGHBOURHOOD / 10),
        Effort::Standard | Effort::Exhaustive => ((1 << 20) + (1 << 16), NEIGHBOURHOOD),
    }
}

/// How many inputs a stratified set has, without making it where it is sure to be filled up.
fn stratified_len(format: FloatFormat, effort: Effort, places: &Places) -> u64 {
    let (total, reach) = extent(effort);
    let binades = (format.infinity() >> (format.precision() - 1)) as usize;
    let ladder = 2 * format.precision() as usize;
    let around = (places.junctions.len() + 1) * (2 * reach as usize + 2)
        + places.edges.len() * (2 * (reach / EDGE) as usize + 2 + ladder)
        + 2 * THRESHOLDS.len() * (ladder + 2);
    // three quarters, evenly over the binades: two of each at least, with their ends; and less than 500 others
    let even = (total * 3 / 4).max(4 * binades) + 4 * binades;
    match around + even + 500 <= total {
        true => total as u64,
        false => stratified(format, effort, places).len() as u64,
    }
}

fn stratified(format: FloatFormat, effort: Effort, places: &Places) -> Vec<u64> {
    let (total, reach) = extent(effort);
    let mantissa_bits = format.precision() as u32 - 1;
    let binades = format.infinity() >> mantissa_bits;
    let mut random = Random(0x0005_eed0_fac7_0a0d);
    let mut bits = specials(format);
    let infinity = format.infinity() as i64;
    let mut around = |centre: i64, reach: i64| {
        let window = (centre - reach).max(-infinity)..=(centre + reach + 1).min(infinity);
        bits.extend(window.map(|k| format.at_ordinal(k)));
    };
    around(0, reach);
    let ordinal = |place: &f64| format.ordinal(format.floor(*place));
    for junction in &places.junctions {
        around(ordinal(junction), reach);
    }
    for edge in &places.edges {
        around(ordinal(edge), reach / EDGE);
    }
    for place in places.edges.iter().copied().chain(THRESHOLDS.into_iter().flat_map(|t| [t, -t])) {
        let distances = (0..mantissa_bits).map(|k| 1i64 << k);
        let beside = [0].into_iter().chain(distances.flat_map(|d| [d, -d])).map(|d| ordinal(&place) + d);
        bits.extend(beside.map(|k| format.at_ordinal(k.clamp(-infinity, infinity))));
    }
    // every binade (the subnormals count as the first), both signs, evenly over the mantissas with a random offset
    let share = (total as u64 * 3 / 4 / (2 * binades)).max(2);
    let step = (1u64 << mantissa_bits) / share.min(1 << mantissa_bits);
    for binade in 0..binades {
        bits.extend([binade << mantissa_bits, format.sign() | binade << mantissa_bits]);
        for k in 0..share.min(1 << mantissa_bits) {
            let mantissa = k * step + random.next() % step;
            for sign in [0, format.sign()] {
                bits.push(sign | binade << mantissa_bits | mantissa);
            }
        }
    }
    // subnormals of every size
    bits.extend((0..mantissa_bits).flat_map(|e| {
        let low = random.next() & ((1 << e) - 1);
        [1 << e | low, format.sign() | 1 << e | low]
    }));
    let mut bits = ordered(format, bits);
    // collisions are few in f32 and none in f64, so this ends after two rounds
    while bits.len() < total {
        for _ in bits.len()..total {
            let v = (2.0 * random.unit() - 1.0) * BUSY;
            bits.push(format.encode(v));
        }
        bits = ordered(format, bits);
    }
    bits
}

/// Zeros, infinities, the ends of the ranges, and NaNs: quiet, signalling, with payloads, of both signs.
fn specials(format: FloatFormat) -> Vec<u64> {
    let inf = format.infinity();
    let quiet = 1u64 << (format.precision() - 2);
    let normal = 1u64 << (format.precision() - 1);
    let some = [
        0,
        1,
        2,
        normal - 1,
        normal,
        inf - 1,
        inf,
        inf | quiet,
        inf | quiet | 1,
        inf | 1,
        inf | (quiet - 1),
        inf | quiet | (quiet - 1),
    ];
    some.into_iter().flat_map(|b| [b, b | format.sign()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_means_every_bit_pattern_once_and_in_order() {
        for format in [FloatFormat::F16, FloatFormat::Bf16] {
            let inputs = Inputs::new(format, Effort::Quick, &Places::default());
            assert!(inputs.exhaustive());
            let all: Vec<u64> = (0..inputs.len()).map(|k| inputs.get(k)).collect();
            assert_eq!(all, ordered(format, (0..1 << 16).collect()));
            for (a, b) in [(0, 1 << 16), (5, 5), (0x7bff, 0x7c03), (0xf7fe, 0xf803), (0x7f80, 0x7f83), (0xff7f, 0xff83)]
            {
                let bits = |t: Vec<u64>| -> Vec<u64> { t };
                let slice = match format {
                    FloatFormat::F16 => bits(inputs.slice::<half::f16>(a..b).iter().map(|v| v.bits64()).collect()),
                    _ => bits(inputs.slice::<half::bf16>(a..b).iter().map(|v| v.bits64()).collect()),
                };
                assert_eq!(slice, all[a as usize..b as usize]);
            }
        }
    }

    #[test]
    fn parts_of_the_line_have_every_float_there_or_a_sample_of_it() {
        let part = |format, effort, lo: f64, hi: f64| {
            let inputs = Inputs::of_part(format, effort, &Places::default(), Within { lo, hi });
            let values: Vec<f64> = (0..inputs.len()).map(|k| format.decode(inputs.get(k))).collect();
            assert!(values.iter().all(|x| lo <= *x && *x <= hi) && values.is_sorted());
            (inputs.exhaustive(), values)
        };
        let (all, values) = part(FloatFormat::F16, Effort::Quick, 0.0, 1.0);
        // both zeros, and one for each step to 1
        assert!(all && values.len() == 0x3c00 + 2);
        let (all, values) = part(FloatFormat::Bf16, Effort::Quick, -2.0, -1.0);
        assert!(all && values.len() == 129);
        let (all, values) = part(FloatFormat::Bf16, Effort::Quick, -1.0, f64::INFINITY);
        assert!(all && values[values.len() - 1] == f64::INFINITY && values[0] == -1.0);
        assert!(part(FloatFormat::F16, Effort::Quick, 1.0001, 1.0002).1.is_empty());
        let (all, values) = part(FloatFormat::F32, Effort::Quick, 1.0, 1.5);
        assert!(!all && values.len() > 30_000 && values[0] == 1.0 && values[values.len() - 1] == 1.5);
        // fewer than a sample has
        let (_, values) = part(FloatFormat::F64, Effort::Quick, 1.0, 1.0 + 100.0 * f64::EPSILON);
        assert_eq!(values.len(), 101);
    }

    #[test]
    fn sets_are_counted_without_being_made() {
        for format in FloatFormat::ALL {
            for junctions in [&[][..], &[0.0, 0.3, 1e9], &[1.0; 400]] {
                for (effort, edges) in [(Effort::Quick, 0), (Effort::Quick, 90), (Effort::Standard, 14)] {
                    let edges = (0..edges).map(|k| 0.7 * f64::from(k)).collect();
                    let places = Places { junctions: junctions.to_vec(), edges };
                    let made = Inputs::new(format, effort, &places).len();
                    assert_eq!(Inputs::count(format, effort, &places), made, "{format:?} {effort:?} {places:?}");
                }
            }
        }
    }

    #[test]
    fn stratified_sets_hold_every_stratum() {
        let junction = 0.3f64;
        for format in [FloatFormat::F32, FloatFormat::F64] {
            let inputs = Inputs::new(format, Effort::Standard, &Places { junctions: vec![junction], edges: vec![] });
            assert!(inputs.len() > 1_000_000 && !inputs.exhaustive());
            let list: Vec<u64> = (0..inputs.len()).map(|k| inputs.get(k)).collect();
            assert_eq!(list, ordered(format, list.clone()), "ascending, no repetition");
            let has = |bits: u64| list.contains(&bits);
            let at = format.ordinal(format.floor(junction));
            for k in [0, 1, -1, 2000, -2000, at, at + 1, at - 2000, at + 2001] {
                assert!(has(format.at_ordinal(k)), "{format:?} ordinal {k}");
            }
            assert!(has(format.sign()) && has(format.infinity()) && has(format.infinity() | format.sign()));
            let mantissa_bits = format.precision() - 1;
            for binade in 0..format.infinity() >> mantissa_bits {
                for sign in [0, format.sign()] {
                    let n = list
                        .iter()
                        .filter(|b| *b & !((1 << mantissa_bits) - 1) == binade << mantissa_bits | sign)
                        .take(100)
                        .count();
                    assert!(n == 100, "binade {binade} has {n}");
                    if binade > 3 {
                        break;
                    }
                }
                if binade > 6 {
                    break;
                }
            }
        }
    }
}
