//! The error by region of the input: what a largest error over all floats hides.

use super::cells::{Cell, Cells};
use super::{Block, Point};
use crate::number::Enclosure;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// Lower ends of the regions by magnitude. Powers of two, so that no run crosses one; below the last one, inputs are
/// subnormal in f32.
const ENDS: [(f64, &str); 5] = [
    (16.0, "[16, inf)"),
    (1.0, "[1, 16)"),
    (1.0 / 1024.0, "[2^-10, 1)"),
    (crate::number::format::power_of_two(-126), "[2^-126, 2^-10)"),
    (0.0, "[0, 2^-126)"),
];

/// Errors in one region, each rounded up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema, Deserialize)]
#[non_exhaustive]
pub struct Region {
    /// inputs: a sign, and a range of magnitudes
    pub region: String,
    /// how many inputs
    pub inputs: u64,
    /// largest error in ulp
    #[serde(deserialize_with = "or_infinite")]
    pub ulp: f64,
    /// largest |output - f|
    #[serde(deserialize_with = "or_infinite")]
    pub absolute: f64,
    /// largest |output - f| / |f|; where f may be 0, infinite
    #[serde(deserialize_with = "or_infinite")]
    pub relative: f64,
}

/// JSON has no infinity: it is written as null.
pub(super) fn or_infinite<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(f64::INFINITY))
}

/// How many regions there are.
pub const REGIONS: usize = 2 * ENDS.len();

/// The number of the region that an input is in, from the most negative to the most positive.
pub fn region_of(x: f64) -> usize {
    let k = ENDS.iter().position(|(end, _)| x.abs() >= *end).unwrap_or(ENDS.len() - 1);
    if x.is_sign_negative() { k } else { REGIONS - 1 - k }
}

/// A region, for people.
#[must_use]
pub fn region_name(k: usize) -> String {
    let right = k >= ENDS.len();
    let (_, name) = ENDS[if right { REGIONS - 1 - k } else { k }];
    format!("{} {name}", if right { '+' } else { '-' })
}

/// All regions, from the most negative to the most positive, and the cells of a plot.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Regions([Region; REGIONS], Cells);

impl Regions {
    fn of(&mut self, x: f64) -> &mut Region {
        &mut self.0[region_of(x)]
    }

    pub fn point(&mut self, point: &Point, ulp: f64) {
        let (lo, hi) = (point.real.lo(), point.real.hi());
        let absolute = (point.y - lo).abs().max((point.y - hi).abs()).next_up();
        let least = if lo <= 0.0 && hi >= 0.0 { 0.0 } else { lo.abs().min(hi.abs()) };
        let relative = if ulp == 0.0 { 0.0 } else { (absolute / least).next_up() };
        self.1.point(point, ulp);
        self.of(point.x).add(point.weight, ulp, if ulp == 0.0 { 0.0 } else { absolute }, relative);
    }

    /// `ulp` is a bound of the errors on the run, in the smaller of its units.
    pub fn block(&mut self, block: &Block<'_>, ulp: f64) {
        let [lo, hi] = block.real.values;
        let least = if lo <= 0.0 && hi >= 0.0 { 0.0 } else { lo.abs().min(hi.abs()) };
        let absolute = (ulp * block.real.ulps[0]).next_up();
        // a value that is not known to differ from 0 has an error that is not known to be relative to anything
        let relative = if ulp == 0.0 { 0.0 } else { (absolute / least).next_up() };
        self.1.block(block, ulp);
        self.of(block.x(0)).add(block.inputs(), ulp, absolute, relative);
    }

    pub fn join(&mut self, next: &Self) {
        for (a, b) in self.0.iter_mut().zip(&next.0) {
            a.add(b.inputs, b.ulp, b.absolute, b.relative);
        }
        self.1.join(&next.1);
    }

    /// The regions and the cells that were visited.
    pub fn finish(self) -> (Vec<Region>, Vec<Cell>) {
        let named = self.0.into_iter().enumerate().map(|(k, region)| Region { region: region_name(k), ..region });
        (named.filter(|r| r.inputs > 0).collect(), self.1.finish())
    }
}

impl Region {
    fn add(&mut self, inputs: u64, ulp: f64, absolute: f64, relative: f64) {
        self.inputs += inputs;
        // NaN outputs have infinite errors of every kind
        let grow = |a: &mut f64, b: f64| *a = a.max(if b.is_nan() { f64::INFINITY } else { b });
        grow(&mut self.ulp, ulp);
        grow(&mut self.absolute, absolute);
        grow(&mut self.relative, relative);
    }
}
