//! How errors are distributed, for scripts: decimals stand beside the numbers, which are null where they are infinite.

use super::number::decimal;
use crate::check::{Region, UlpStatistics};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UlpStatistics")]
pub(super) struct Written<'a> {
    inputs: u64,
    mean: f64,
    mean_decimal: String,
    histogram: &'a [(String, u64)],
    not_correctly_rounded: u64,
    nearly_half: u64,
    not_asked: u64,
    not_faithful: u64,
    regions: Vec<WrittenRegion<'a>>,
}

/// Bounds are rounded up.
#[derive(Serialize, JsonSchema)]
struct WrittenRegion<'a> {
    #[serde(flatten)]
    region: &'a Region,
    ulp_decimal: String,
    absolute_decimal: String,
    relative_decimal: String,
}

impl<'a> WrittenRegion<'a> {
    fn new(region: &'a Region) -> Self {
        let [ulp_decimal, absolute_decimal, relative_decimal] =
            [region.ulp, region.absolute, region.relative].map(|bound| decimal(bound, true));
        Self { region, ulp_decimal, absolute_decimal, relative_decimal }
    }
}

pub(super) fn written<S: Serializer>(found: &Option<UlpStatistics>, to: S) -> Result<S::Ok, S::Error> {
    let written = found.as_ref().map(|s| Written {
        inputs: s.inputs,
        mean: s.mean,
        mean_decimal: decimal(s.mean, true),
        histogram: &s.histogram,
        not_correctly_rounded: s.not_correctly_rounded,
        nearly_half: s.nearly_half,
        not_asked: s.not_asked,
        not_faithful: s.not_faithful,
        regions: s.regions.iter().map(WrittenRegion::new).collect(),
    });
    written.serialize(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_decimals_rounded_up() {
        let region = Region { region: "+ [1, 16)".into(), inputs: 3, ulp: 0.1, absolute: 0.0, relative: f64::INFINITY };
        let v = serde_json::to_value(WrittenRegion::new(&region)).expect("JSON");
        let texts = ["ulp", "absolute", "relative"].map(|name| v[format!("{name}_decimal")].clone());
        // 0.1 as a float is above one tenth
        assert_eq!(texts, ["0.1001", "0", "inf"]);
        assert_eq!((&v["inputs"], &v["ulp"], &v["relative"]), (&3.into(), &0.1.into(), &serde_json::Value::Null));
    }
}
