//! Which inputs a gate looks at: always the same ones.

use crate::audit::Effort;
use crate::audit::inputs::{Inputs, Random};
use crate::audit::places::Places;
use crate::expr::FloatFormat;

/// A set of inputs.
#[derive(Clone, Debug, PartialEq)]
pub enum InputSet {
    /// uniform in [lo, hi)
    Uniform {
        /// lower end
        lo: f64,
        /// upper end
        hi: f64,
        /// how many
        count: usize,
    },
    /// a normal distribution around 0
    Normal {
        /// standard deviation
        deviation: f64,
        /// how many
        count: usize,
    },
    /// evenly spaced, both ends included
    Grid {
        /// first
        lo: f64,
        /// last
        hi: f64,
        /// how many
        count: usize,
    },
    /// these
    Points(&'static [f64]),
    /// these, as typed
    Typed(Vec<f64>),
    /// integers, tens and small numbers of both signs, and where an exponential overflows, as benchdnn fills its tensors
    Benchdnn {
        /// how many
        count: usize,
    },
    /// 1/2, 1/4 ... down to the smallest numbers, of both signs
    Tiny,
    /// zeros, infinities and NaN
    Special,
    /// what an audit looks at: every number of 16 bits, a stratified set of the others
    Audit,
}

/// What is wrong with a set of inputs as typed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}`: expected uniform:LO..HI:COUNT, normal:DEVIATION:COUNT, grid:LO..HI:COUNT, points:X,X,.. or all")]
pub struct InputError(String);

/// So that every run sees the same inputs.
const SEED: u64 = 0x0acc_e55e_d15c_0de5;

impl InputSet {
    /// As typed.
    ///
    /// # Errors
    /// If the text is none of these forms, or a number in it is out of range.
    pub fn parse(text: &str) -> Result<Self, InputError> {
        let parts: Vec<&str> = text.split(':').collect();
        let number = |t: &str| t.trim().parse::<f64>().ok().filter(|v| !v.is_nan());
        let count = |t: &str| t.parse::<usize>().ok().filter(|n| (1..=1 << 24).contains(n));
        let range = |t: &str| {
            let (lo, hi) = t.split_once("..")?;
            Some((number(lo)?, number(hi)?)).filter(|(lo, hi)| lo < hi && lo.is_finite() && hi.is_finite())
        };
        let set = match parts.as_slice() {
            ["all"] => Some(Self::Audit),
            ["points", list] => list.split(',').map(number).collect::<Option<Vec<f64>>>().map(Self::Typed),
            ["normal", deviation, n] => (|| {
                let deviation = number(deviation).filter(|d| d.is_finite() && *d > 0.0)?;
                Some(Self::Normal { deviation, count: count(n)? })
            })(),
            [kind @ ("uniform" | "grid"), ends, n] => (|| {
                let ((lo, hi), count) = (range(ends)?, count(n)?);
                Some(if *kind == "grid" { Self::Grid { lo, hi, count } } else { Self::Uniform { lo, hi, count } })
            })(),
            _ => None,
        };
        set.ok_or_else(|| InputError(text.to_owned()))
    }

    /// As typed, as far as it can be.
    pub fn describe(&self) -> String {
        match self {
            Self::Uniform { lo, hi, count } => format!("uniform:{lo}..{hi}:{count}"),
            Self::Normal { deviation, count } => format!("normal:{deviation}:{count}"),
            Self::Grid { lo, hi, count } => format!("grid:{lo}..{hi}:{count}"),
            Self::Points(list) => format!("points:{}", list.iter().map(f64::to_string).collect::<Vec<_>>().join(",")),
            Self::Typed(list) => format!("points:{}", list.iter().map(f64::to_string).collect::<Vec<_>>().join(",")),
            Self::Benchdnn { count } => format!("{count} numbers as benchdnn fills a tensor"),
            Self::Tiny => "numbers next to 0".into(),
            Self::Special => "zeros, infinities, NaN".into(),
            Self::Audit => "all".into(),
        }
    }

    /// As bits of a format, in the order in which a gate hands them over.
    pub fn bits(&self, format: FloatFormat) -> Vec<u64> {
        let mut random = Random(SEED);
        let values: Vec<f64> = match self {
            Self::Uniform { lo, hi, count } => (0..*count).map(|_| lo + (hi - lo) * random.unit()).collect(),
            Self::Normal { deviation, count } => (0..*count).map(|_| deviation * normal(&mut random)).collect(),
            Self::Grid { lo, hi, count } => {
                let step = (hi - lo) / (count.saturating_sub(1).max(1)) as f64;
                (0..*count).map(|k| lo + step * k as f64).collect()
            }
            Self::Points(list) => list.to_vec(),
            Self::Typed(list) => list.clone(),
            Self::Benchdnn { count } => (0..*count).map(|k| benchdnn(k, &mut random)).collect(),
            Self::Tiny => (1..1075).flat_map(|k| [-1.0, 1.0].map(|s| s * 1.3 * f64::from(-k).exp2())).collect(),
            Self::Special => vec![0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN],
            Self::Audit => {
                let all = Inputs::new(format, Effort::Quick, &Places::default());
                return (0..all.len()).map(|k| all.get(k)).collect();
            }
        };
        values.into_iter().map(|v| format.encode(v)).collect()
    }
}

/// Box and Muller.
fn normal(random: &mut Random) -> f64 {
    let (radius, angle) = ((-2.0 * (1.0 - random.unit()).ln()).sqrt(), std::f64::consts::TAU * random.unit());
    radius * angle.cos()
}

fn benchdnn(place: usize, random: &mut Random) -> f64 {
    let (whole, small) = ((random.unit() * 11.0).floor(), random.unit() * 0.09);
    // the last two are the parameters alpha and beta, which are 0 for most
    let value = match place % 13 {
        k @ 0..8 => {
            let size = [whole, small, 10.0 * whole, 10.0 * small][k / 2];
            if k.is_multiple_of(2) { size } else { 0.0 - size }
        }
        8 => 88.0 + 10.0 * small,
        9 => 22.0 + 10.0 * small,
        10 => 44.0 + 10.0 * small,
        _ => 0.0,
    };
    // there is no negative zero among them
    value + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_read_and_described() {
        for text in ["uniform:-9..9:4096", "grid:-12..5:10000", "normal:1.5:64", "points:-3,1,0.5", "all"] {
            let set = InputSet::parse(text).expect(text);
            assert_eq!(set.describe(), text);
            assert_eq!(set.bits(FloatFormat::F16), set.bits(FloatFormat::F16), "always the same");
        }
        for text in
            ["", "uniform", "uniform:9..-9:3", "grid:0..1:0", "normal:-1:5", "points:a", "points:", "grid:0..inf:3"]
        {
            assert!(InputSet::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn ranges_are_kept() {
        let of = |set: InputSet| -> Vec<f64> {
            set.bits(FloatFormat::F64).into_iter().map(|b| FloatFormat::F64.decode(b)).collect()
        };
        let uniform = of(InputSet::Uniform { lo: -2.0, hi: 3.0, count: 1000 });
        assert!(uniform.iter().all(|x| (-2.0..3.0).contains(x)) && uniform.iter().any(|x| *x > 2.9));
        let grid = of(InputSet::Grid { lo: -12.0, hi: 5.0, count: 18 });
        assert_eq!((grid[0], grid[1], grid[17]), (-12.0, -11.0, 5.0));
        let filled = of(InputSet::Benchdnn { count: 4096 });
        assert!(filled.contains(&100.0) && filled.contains(&-100.0) && filled.iter().all(|x| x.abs() <= 100.0));
        assert!(
            filled.iter().any(|x| (88.0..89.0).contains(x))
                && !filled.iter().any(|x| *x == 0.0 && x.is_sign_negative())
        );
    }
}
