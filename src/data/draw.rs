//! The one source of randomness of training: streams of numbers that are the same for ever, on every machine.

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use sha2::{Digest as _, Sha256};

/// A stream of random numbers, known by a seed, what it is for, and a step.
///
/// Nothing is carried from one step to the next, so a run that goes on from step 1000 draws what one draws that never stopped, and
/// two activations with one seed see the same initialisation, order and augmentation, whatever each of them draws besides.
///
/// The generator is ChaCha with 12 rounds. Its key is the SHA-256 of `"actaudit.draw.v1"`, the seed (8 bytes, little-endian) and the purpose
/// (UTF-8); its stream number is the step. Numbers are computed from it by operations that IEEE 754 defines and by a correctly
/// rounded logarithm, so that no library of a platform has a say. First values of each kind are fixed by tests.
///
/// Purposes are texts such as `"init/blocks.0.mlp"` or `"order"`: two uses must not share one, or they draw the same numbers.
#[derive(Clone, Debug)]
pub struct Draw(ChaCha12Rng);

impl Draw {
    /// The stream of a seed, a purpose and a step, from its beginning.
    pub fn new(seed: u64, purpose: &str, step: u64) -> Self {
        let key = Sha256::new().chain_update("actaudit.draw.v1").chain_update(seed.to_le_bytes()).chain_update(purpose);
        let mut generator = ChaCha12Rng::from_seed(key.finalize().into());
        generator.set_stream(step);
        Self(generator)
    }

    /// Uniform over all integers of 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform over the multiples of 2^-53 in [0, 1): the upper 53 of 64 bits.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform over the multiples of 2^-24 in [0, 1): the upper 24 of 64 bits.
    pub fn unit_f32(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1u32 << 24) as f32
    }

    /// Uniform over 0, 1, ..., n - 1, without bias (Lemire's multiplication with rejection); 0 where n is 0, and nothing is drawn.
    pub fn below(&mut self, n: u64) -> u64 {
        if n == 0 {
            return 0;
        }
        // of the 2^64 values, those that would give the first results once more often are drawn again
        let excess = n.wrapping_neg() % n;
        loop {
            let product = u128::from(self.bits()) * u128::from(n);
            if product as u64 >= excess {
                return (product >> 64) as u64;
            }
        }
    }

    /// Uniform over the indices of something of this length; 0 where there are none.
    pub fn index(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    /// True in half of all cases: the uppermost bit.
    pub fn coin(&mut self) -> bool {
        self.bits() >> 63 == 1
    }

    /// Normal with mean 0 and standard deviation 1, by Marsaglia's polar method; the second of each pair is dropped, so that what one call
    /// draws does not depend on those before it. Values reach about 8.6 in size, never an infinity.
    pub fn normal(&mut self) -> f64 {
        loop {
            let (u, v) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let s = u * u + v * v;
            if s > 0.0 && s < 1.0 {
                return u * (-2.0 * core_math::log(s) / s).sqrt();
            }
        }
    }

    /// Normal with mean 0 and standard deviation 1, given that it lies in [-2, 2]: others are drawn again, 4.6 % of all. The
    /// result has a standard deviation of 0.8796.
    pub fn truncated_normal(&mut self) -> f64 {
        loop {
            let z = self.normal();
            if z.abs() <= 2.0 {
                return z;
            }
        }
    }

    /// Brings items into an order of which each is as likely (Fisher and Yates, from the end).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.index(last + 1));
        }
    }

    /// The numbers 0, 1, ..., n - 1 in an order of which each is as likely.
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        self.shuffle(&mut order);
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Golden {
        draws: Vec<Row>,
    }

    #[derive(serde::Deserialize)]
    struct Row {
        seed: u64,
        purpose: String,
        step: u64,
        bits: Vec<String>,
        unit: Vec<f64>,
        unit_f32: Vec<f32>,
        below_1000: Vec<u64>,
        below_3_62: Vec<String>,
        normal: Vec<f64>,
        truncated: Vec<f64>,
        permutation: Vec<usize>,
    }

    /// These must never change: results that were written down depend on them. The file was made by other code (golden/draws.py).
    #[test]
    fn first_values_are_fixed() {
        let golden: Golden = serde_json::from_str(include_str!("../../golden/draws.json")).expect("is JSON");
        assert!(golden.draws.len() > 3);
        for row in golden.draws {
            let stream = || Draw::new(row.seed, &row.purpose, row.step);
            fn first<T>(mut draw: Draw, n: usize, one: impl Fn(&mut Draw) -> T) -> Vec<T> {
                (0..n).map(|_| one(&mut draw)).collect()
            }
            let bits: Vec<String> = first(stream(), 100, |d| format!("{:016x}", d.bits()));
            assert_eq!([&bits[..3], &bits[99..]].concat(), row.bits);
            assert_eq!(first(stream(), 3, Draw::unit), row.unit);
            assert_eq!(first(stream(), 3, Draw::unit_f32), row.unit_f32);
            assert_eq!(first(stream(), 3, |d| d.below(1000)), row.below_1000);
            assert_eq!(first(stream(), 5, |d| d.below(3 << 62).to_string()), row.below_3_62);
            assert_eq!(first(stream(), 20, Draw::normal), row.normal);
            assert_eq!(first(stream(), 60, Draw::truncated_normal), row.truncated);
            assert_eq!(stream().permutation(10), row.permutation);
        }
        assert_eq!(Draw::new(1, "test", 0).bits(), 0x2262_80c9_f4c3_76f6);
    }

    #[test]
    fn seed_purpose_and_step_tell_streams_apart() {
        let streams = [(1, "a", 0), (2, "a", 0), (1, "b", 0), (1, "a", 1), (1, "a", u64::MAX), (97 << 56 | 1, "", 0)];
        let firsts: std::collections::BTreeSet<u64> =
            streams.iter().map(|(seed, purpose, step)| Draw::new(*seed, purpose, *step).bits()).collect();
        assert_eq!(firsts.len(), streams.len());
        assert_eq!(Draw::new(1, "a", 5).bits(), Draw::new(1, "a", 5).bits());
    }

    /// The statistic of Pearson's test, each result expected as often.
    fn chi_squared(counts: &[u32]) -> f64 {
        let expected = f64::from(counts.iter().sum::<u32>()) / counts.len() as f64;
        counts.iter().map(|c| (f64::from(*c) - expected).powi(2) / expected).sum()
    }

    /// What bounds chi squared with k - 1 degrees of freedom but in one case of a million, by the approximation of Wilson and Hilferty.
    fn limit(k: usize) -> f64 {
        let v = (k - 1) as f64;
        v * (1.0 - 2.0 / (9.0 * v) + 4.8 * (2.0 / (9.0 * v)).sqrt()).powi(3)
    }

    #[test]
    fn integers_and_permutations_are_even() {
        let mut draw = Draw::new(7, "even", 0);
        for n in [1usize, 2, 3, 7, 10] {
            let mut counts = vec![0; n];
            (0..20_000).for_each(|_| counts[draw.index(n)] += 1);
            assert!(n == 1 || chi_squared(&counts) < limit(n), "{n}: {counts:?}");
        }
        let mut orders = std::collections::BTreeMap::<Vec<usize>, u32>::new();
        (0..24_000).for_each(|_| *orders.entry(draw.permutation(4)).or_default() += 1);
        let counts: Vec<u32> = orders.into_values().collect();
        assert_eq!(counts.len(), 24);
        assert!(chi_squared(&counts) < limit(24), "{counts:?}");
        // the mistake that people make, to swap with any place, is seen
        let mut orders = std::collections::BTreeMap::<Vec<usize>, u32>::new();
        for _ in 0..24_000 {
            let mut order = vec![0, 1, 2, 3];
            (0..4).for_each(|i| order.swap(i, draw.index(4)));
            *orders.entry(order).or_default() += 1;
        }
        assert!(chi_squared(&orders.into_values().collect::<Vec<_>>()) > limit(24));
    }

    /// 3 * 2^62 of 2^64: without rejection two thirds of the results would be twice as likely as the rest.
    #[test]
    fn large_ranges_have_no_bias() {
        let (n, mut draw) = (3u64 << 62, Draw::new(1, "large", 0));
        let mut biased = Draw::new(1, "large", 0);
        let thirds = |mut one: Box<dyn FnMut() -> u64 + '_>| {
            let mut counts = [0; 2];
            (0..10_000).for_each(|_| counts[usize::from(one().is_multiple_of(3))] += 1);
            // a third is divisible by 3
            (f64::from(counts[1]) / 10_000.0 - 1.0 / 3.0).abs() < 0.03
        };
        assert!(thirds(Box::new(|| draw.below(n))));
        assert!(!thirds(Box::new(|| ((u128::from(biased.bits()) * u128::from(n)) >> 64) as u64)));
        assert_eq!([draw.below(0), draw.below(1)], [0, 0]);
    }

    /// Moments of 100,000 values, each within five standard errors.
    #[test]
    fn normals_have_the_moments_of_normals() {
        let mut draw = Draw::new(3, "normal", 0);
        let n = 100_000;
        let all: Vec<f64> = (0..n).map(|_| draw.normal()).collect();
        let moment = |values: &[f64], k: i32| values.iter().map(|z| z.powi(k)).sum::<f64>() / values.len() as f64;
        let near =
            |value: f64, truth: f64, variance: f64| (value - truth).abs() < 5.0 * (variance / f64::from(n)).sqrt();
        assert!(near(moment(&all, 1), 0.0, 1.0) && near(moment(&all, 2), 1.0, 2.0));
        assert!(near(moment(&all, 3), 0.0, 15.0) && near(moment(&all, 4), 3.0, 96.0));
        let all: Vec<f64> = (0..n).map(|_| draw.truncated_normal()).collect();
        assert!(all.iter().all(|z| z.abs() <= 2.0));
        // 1 - 4 phi(2)/(2 Phi(2) - 1)
        assert!(near(moment(&all, 1), 0.0, 0.7737) && near(moment(&all, 2), 0.773_741, 0.9));
        let units: Vec<f64> = (0..n).map(|_| draw.unit()).collect();
        assert!(units.iter().all(|u| (0.0..1.0).contains(u)));
        assert!(near(moment(&units, 1), 0.5, 1.0 / 12.0) && near(moment(&units, 2), 1.0 / 3.0, 4.0 / 45.0));
    }
}
