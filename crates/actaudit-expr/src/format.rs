//! The four floating-point formats under audit. Every value of each of them is exactly an f64, so the checks compute
//! with f64 and a description of the format; only kernels see the types themselves.

use crate::FloatFormat;
use half::{bf16, f16};

impl FloatFormat {
    /// The format of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.name() == name)
    }

    /// Width in bits.
    #[must_use]
    pub const fn width(self) -> u32 {
        match self {
            Self::F64 => 64,
            Self::F32 => 32,
            Self::F16 | Self::Bf16 => 16,
        }
    }

    /// Significant bits, the hidden one included.
    #[must_use]
    pub const fn precision(self) -> i32 {
        match self {
            Self::F64 => 53,
            Self::F32 => 24,
            Self::F16 => 11,
            Self::Bf16 => 8,
        }
    }

    /// Exponent of the smallest normal number.
    #[must_use]
    pub const fn min_exponent(self) -> i32 {
        match self {
            Self::F64 => -1022,
            Self::F32 | Self::Bf16 => -126,
            Self::F16 => -14,
        }
    }

    /// The largest finite number.
    #[must_use]
    pub fn max(self) -> f64 {
        match self {
            Self::F64 => f64::MAX,
            Self::F32 => f64::from(f32::MAX),
            Self::F16 => f16::MAX.to_f64(),
            Self::Bf16 => bf16::MAX.to_f64(),
        }
    }

    /// The smallest positive number: the spacing of the subnormals.
    #[must_use]
    pub fn min_subnormal(self) -> f64 {
        power_of_two(self.min_exponent() - self.precision() + 1)
    }

    /// The spacing of the format in the binade of `value`: 2^(e-p+1) where 2^e <= |value| < 2^(e+1), so a power of two
    /// counts to the binade above it. Below the smallest normal number (and at 0): the spacing of the subnormals.
    /// Beyond the largest finite number: the spacing of the last binade.
    #[must_use]
    #[inline]
    pub fn ulp(self, value: f64) -> f64 {
        let last = self.max().to_bits() >> 52 & 0x7ff;
        let field = (value.abs().to_bits() >> 52).min(last) as i32 - 1023;
        power_of_two(field.max(self.min_exponent()) - self.precision() + 1)
    }

    /// The bits as they are written: `0x` and as many digits as the format has.
    #[must_use]
    pub fn hex(self, bits: u64) -> String {
        format!("0x{bits:0width$x}", width = self.width() as usize / 4)
    }

    /// The value of a bit pattern, exactly. NaN payloads do not survive.
    #[must_use]
    #[inline]
    pub fn decode(self, bits: u64) -> f64 {
        match self {
            Self::F64 => f64::from_bits(bits),
            Self::F32 => f32::from_bits(bits as u32).into(),
            Self::F16 => f16::from_bits(bits as u16).to_f64(),
            Self::Bf16 => bf16::from_bits(bits as u16).to_f64(),
        }
    }

    /// The bits of the number nearest to `value`, ties to even.
    #[must_use]
    pub fn encode(self, value: f64) -> u64 {
        match self {
            Self::F64 => f64::from_f64(value).bits64(),
            Self::F32 => f32::from_f64(value).bits64(),
            Self::F16 => <f16 as Format>::from_f64(value).bits64(),
            Self::Bf16 => <bf16 as Format>::from_f64(value).bits64(),
        }
    }

    /// The bit pattern of the infinity.
    #[must_use]
    pub const fn infinity(self) -> u64 {
        match self {
            Self::F64 => 0x7ff0_0000_0000_0000,
            Self::F32 => 0x7f80_0000,
            Self::F16 => 0x7c00,
            Self::Bf16 => 0x7f80,
        }
    }

    /// The sign bit.
    #[must_use]
    pub const fn sign(self) -> u64 {
        1 << (self.width() - 1)
    }

    /// The place of a number in the order of its format: 0 for both zeros, +-1 for the smallest subnormals, and so on.
    #[must_use]
    #[inline]
    pub const fn ordinal(self, bits: u64) -> i64 {
        let magnitude = (bits & !self.sign()) as i64;
        if bits & self.sign() == 0 { magnitude } else { -magnitude }
    }

    /// From one number to another, in floats: how much higher the second one is in the order. As f64, rounded; the places of
    /// two f64s can be further apart than an i64 reaches.
    #[must_use]
    #[inline]
    pub fn climb(self, from: u64, to: u64) -> f64 {
        let (from, to) = (self.ordinal(from), self.ordinal(to));
        // nearly always it fits, and conversions of i128 are slow
        to.checked_sub(from).map_or_else(|| (i128::from(to) - i128::from(from)) as f64, |apart| apart as f64)
    }

    /// The bits of the number at this place (+0 at 0). Beyond [`FloatFormat::infinity`] there are only NaNs.
    #[must_use]
    #[inline]
    pub const fn at_ordinal(self, ordinal: i64) -> u64 {
        if ordinal < 0 { self.sign() | ordinal.unsigned_abs() } else { ordinal as u64 }
    }

    /// The bits of the input at a place in ascending order: -inf .. -0, +0 .. +inf, then the NaNs of both signs.
    #[must_use]
    #[inline]
    pub const fn at_place(self, place: u64) -> u64 {
        let (inf, sign) = (self.infinity(), self.sign());
        match place {
            p if p <= inf => sign | (inf - p),
            p if p <= sign + inf => p - inf - 1,
            p => p,
        }
    }

    /// The largest number of the format that is at most `value` (which is not NaN), as bits.
    #[must_use]
    pub fn floor(self, value: f64) -> u64 {
        // the order of bit patterns is the order of values, so bisection needs no rounding rule
        let (mut lo, mut hi) = (-(self.infinity() as i64), self.infinity() as i64);
        while lo < hi {
            let mid = lo.midpoint(hi) + i64::from(lo.midpoint(hi) <= lo);
            if self.decode(self.at_ordinal(mid)) <= value { lo = mid } else { hi = mid - 1 }
        }
        self.at_ordinal(lo)
    }
}

/// 2^e as f64; 0 below 2^-1074, infinite above 2^1023.
#[must_use]
pub const fn power_of_two(e: i32) -> f64 {
    match e {
        ..=-1075 => 0.0,
        -1074..=-1023 => f64::from_bits(1 << (e + 1074)),
        -1022..=1023 => f64::from_bits(((e + 1023) as u64) << 52),
        _ => f64::INFINITY,
    }
}

/// A float on the same side of every number of at most 22 bits as `value`, and equal to it only if `value` is: rounding that
/// to a narrow format rounds `value` itself, which rounding to the nearest f32 first would not (it goes to odd instead).
#[inline]
fn odd(value: f64) -> f32 {
    let nearest = value as f32;
    if f64::from(nearest) == value || value.is_nan() {
        return nearest;
    }
    let inward = nearest.to_bits() - u32::from(f64::from(nearest).abs() > value.abs());
    f32::from_bits(inward | 1)
}

/// A floating-point type that kernels are written for.
pub trait Format: Copy + Send + Sync + Default + std::fmt::Debug + 'static {
    /// Which format this is.
    const FORMAT: FloatFormat;
    /// The number with these bits.
    fn from_bits64(bits: u64) -> Self;
    /// The bits of this number.
    fn bits64(self) -> u64;
    /// The value, exactly.
    fn to_f64(self) -> f64;
    /// The nearest number, ties to even.
    fn from_f64(value: f64) -> Self;
}

macro_rules! format {
    ($type:ty, $format:ident, $bits:ty, $to:expr, $from:expr) => {
        impl Format for $type {
            const FORMAT: FloatFormat = FloatFormat::$format;
            #[inline]
            fn from_bits64(bits: u64) -> Self {
                Self::from_bits(bits as $bits)
            }
            #[inline]
            fn bits64(self) -> u64 {
                self.to_bits().into()
            }
            #[inline]
            fn to_f64(self) -> f64 {
                $to(self)
            }
            #[inline]
            fn from_f64(value: f64) -> Self {
                $from(value)
            }
        }
    };
}
format!(f64, F64, u64, |v| v, |v| v);
format!(f32, F32, u32, f64::from, |v| v as Self);
format!(f16, F16, u16, Self::to_f64, |v| Self::from_f32(odd(v)));
format!(bf16, Bf16, u16, Self::to_f64, |v| Self::from_f32(odd(v)));

/// Fills a slice with the inputs from a place on, in the order of [`FloatFormat::at_place`].
pub fn fill_run<T: Format>(first: u64, out: &mut [T]) {
    let (inf, sign) = (T::FORMAT.infinity(), T::FORMAT.sign());
    // stretches on which the bits go up or down by one
    let mut first = first;
    let mut rest = out;
    for (end, below) in [(inf + 1, true), (sign + inf + 1, false), (u64::MAX, false)] {
        let (stretch, others) =
            rest.split_at_mut(usize::try_from(end.saturating_sub(first)).map_or(rest.len(), |n| n.min(rest.len())));
        count(stretch, T::FORMAT.at_place(first), below);
        first += stretch.len() as u64;
        rest = others;
    }
}

/// Bits from these on, up or down: loops that compile to vectors.
fn count<T: Format>(out: &mut [T], from: u64, down: bool) {
    if T::FORMAT.width() <= 32 {
        let from = from as u32;
        for (k, x) in out.iter_mut().enumerate() {
            let bits = if down { from.wrapping_sub(k as u32) } else { from.wrapping_add(k as u32) };
            *x = T::from_bits64(bits.into());
        }
    } else {
        for (k, x) in out.iter_mut().enumerate() {
            *x = T::from_bits64(if down { from.wrapping_sub(k as u64) } else { from.wrapping_add(k as u64) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_the_inputs_in_their_order() {
        fn check<T: Format>() {
            let format = T::FORMAT;
            let (inf, sign) = (format.infinity(), format.sign());
            for middle in [20, inf, inf + sign / 2, sign + inf, sign + inf + 30] {
                let mut run = vec![T::default(); 40];
                fill_run(middle - 20, &mut run);
                let places = middle - 20..middle + 20;
                let expected: Vec<u64> = places.map(|place| T::from_bits64(format.at_place(place)).bits64()).collect();
                assert_eq!(run.iter().map(|x| x.bits64()).collect::<Vec<_>>(), expected, "{format:?} {middle}");
            }
        }
        check::<f64>();
        check::<f32>();
        check::<f16>();
        check::<bf16>();
    }

    #[test]
    fn a_climb_from_end_to_end_does_not_wrap() {
        for format in FloatFormat::ALL {
            let [top, bottom] = [format.infinity(), format.sign() | format.infinity()];
            assert_eq!(format.climb(bottom, top), 2.0 * format.infinity() as f64);
            assert_eq!(format.climb(top, bottom), -2.0 * format.infinity() as f64);
            assert_eq!(format.climb(format.sign(), 1), 1.0);
        }
    }

    /// Everywhere: at each number, in the middle between two, and as near to it as an f64 can be.
    #[test]
    fn encoding_is_to_nearest_even() {
        for format in [FloatFormat::F16, FloatFormat::Bf16] {
            for k in 0..format.infinity() as i64 {
                let even = k + k % 2;
                let a = format.decode(format.at_ordinal(k));
                let middle = a + format.ulp(a) / 2.0;
                for (value, at) in [(a, k), (middle.next_down(), k), (middle, even), (middle.next_up(), k + 1)] {
                    assert_eq!(format.encode(value), format.at_ordinal(at), "{format:?} {value:e}");
                    assert_eq!(format.encode(-value), format.sign() | format.at_ordinal(at), "{format:?} -{value:e}");
                }
            }
            assert_eq!([f64::INFINITY, 1e300].map(|v| format.encode(v)), [format.infinity(); 2]);
            assert_eq!(format.encode(1e-300), 0);
            assert!(format.decode(format.encode(f64::NAN)).is_nan());
        }
    }

    #[test]
    fn spacing_is_the_distance_to_the_next_number() {
        for format in FloatFormat::ALL {
            let top = format.infinity() as i64;
            for k in [0, 1, 2, 5, 100, top / 3, top / 2, top - 2] {
                let (a, b) = (format.decode(format.at_ordinal(k)), format.decode(format.at_ordinal(k + 1)));
                assert_eq!(format.ulp(a), b - a, "{format:?} {a:e}");
                assert_eq!(format.ulp(-a), b - a, "{format:?} {a:e}");
                assert_eq!(format.floor(a), format.at_ordinal(k));
                if format != FloatFormat::F64 {
                    assert_eq!(format.floor(a + (b - a) / 2.0), format.at_ordinal(k), "{format:?} {a:e}");
                }
            }
            assert_eq!(format.ulp(f64::INFINITY), format.ulp(format.max()));
            assert_eq!(format.decode(format.at_ordinal(top - 1)), format.max());
        }
    }
}
