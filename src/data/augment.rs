//! Changes of pictures while training: random crops and flips, drawn by `(seed, purpose, step)`, and normalisation.

use super::draw::Draw;
use super::error::DataError;
use super::images::Images;

/// Sizes of a picture: channels, rows, columns.
pub type Sizes = [usize; 3];

/// Where to cut n pictures out of pictures that are `padding` longer on every side: rows and columns from 0 to twice the padding, both
/// included, each as likely.
pub fn offsets(draw: &mut Draw, n: usize, padding: usize) -> Vec<[usize; 2]> {
    (0..n).map(|_| [draw.index(2 * padding + 1), draw.index(2 * padding + 1)]).collect()
}

/// Which of n pictures are mirrored: each with probability one half.
pub fn flips(draw: &mut Draw, n: usize) -> Vec<bool> {
    (0..n).map(|_| draw.coin()).collect()
}

/// Cuts each picture of a batch out of itself with a margin of zeros (black, before normalisation): an offset equal to the padding in both
/// directions leaves it as it is. Pictures without an offset are left as they are.
pub fn crop<T: Copy + Default>(
    batch: &mut [T],
    [channels, height, width]: Sizes,
    padding: usize,
    offsets: &[[usize; 2]],
) {
    let plane = height * width;
    let mut old = vec![T::default(); plane];
    for (picture, [down, right]) in batch.chunks_exact_mut((channels * plane).max(1)).zip(offsets) {
        for values in picture.chunks_exact_mut(plane.max(1)) {
            old.copy_from_slice(values);
            let place =
                |k: usize, offset: usize, length: usize| (k + offset).checked_sub(padding).filter(|k| *k < length);
            for (i, value) in values.iter_mut().enumerate() {
                let from = place(i / width, *down, height).zip(place(i % width, *right, width));
                *value = from.map_or(T::default(), |(row, column)| old[row * width + column]);
            }
        }
    }
}

/// Mirrors those pictures of a batch that are told to be, left to right.
pub fn flip<T>(batch: &mut [T], [channels, height, width]: Sizes, flips: &[bool]) {
    let size = (channels * height * width).max(1);
    for (picture, _) in batch.chunks_exact_mut(size).zip(flips).filter(|(_, flip)| **flip) {
        picture.chunks_exact_mut(width.max(1)).for_each(<[T]>::reverse);
    }
}

/// What is done with the pictures of each batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Augment {
    /// the margin of random crops; 0 for none
    pub padding: usize,
    /// whether half of the pictures are mirrored
    pub flip: bool,
}

impl Augment {
    /// Changes the batch of a step. Crops are drawn for the purpose `"augment/crop"`, flips for `"augment/flip"`.
    pub fn apply<T: Copy + Default>(self, batch: &mut [T], sizes: Sizes, seed: u64, step: u64) {
        let n = batch.len() / sizes.iter().product::<usize>().max(1);
        if self.padding > 0 {
            let offsets = offsets(&mut Draw::new(seed, "augment/crop", step), n, self.padding);
            crop(batch, sizes, self.padding, &offsets);
        }
        if self.flip {
            flip(batch, sizes, &flips(&mut Draw::new(seed, "augment/flip", step), n));
        }
    }
}

/// Mean and standard deviation of each channel, with values from 0 to 1.
#[derive(Clone, PartialEq, Debug)]
pub struct Normalisation {
    /// mean of each channel
    pub mean: Vec<f32>,
    /// standard deviation of each channel, over all values (divided by their number)
    pub sd: Vec<f32>,
}

impl Normalisation {
    /// Of these pictures, which ought to be those to train on. Sums are exact; rounded once to f64 and then to f32.
    ///
    /// # Errors
    /// If there are none, or a channel has the same value everywhere.
    pub fn of(images: &Images) -> Result<Self, DataError> {
        let plane = images.height * images.width;
        let mut sums = vec![[0u64; 2]; images.channels];
        for picture in 0..images.len() {
            for (sum, values) in sums.iter_mut().zip(images.picture(picture).chunks_exact(plane.max(1))) {
                sum[0] += values.iter().map(|v| u64::from(*v)).sum::<u64>();
                sum[1] += values.iter().map(|v| u64::from(*v).pow(2)).sum::<u64>();
            }
        }
        let n = (images.len() * plane) as u64;
        let mut normalisation = Self { mean: Vec::new(), sd: Vec::new() };
        for (channel, [sum, squares]) in sums.into_iter().enumerate() {
            // n^2 times the variance, exact: at most 2^32 values of 8 bits
            let spread = u128::from(n) * u128::from(squares) - u128::from(sum).pow(2);
            if spread == 0 {
                return Err(DataError::Asked(format!(
                    "channel {channel} has the same value in all pictures: nothing to learn from"
                )));
            }
            normalisation.mean.push((sum as f64 / n as f64 / 255.0) as f32);
            normalisation.sd.push(((spread as f64).sqrt() / n as f64 / 255.0) as f32);
        }
        Ok(normalisation)
    }

    /// (v/255 - mean)/sd for each value of a batch, channel by channel.
    pub fn apply(&self, batch: &[u8], [_, height, width]: Sizes) -> Vec<f32> {
        let channels = self.mean.iter().zip(&self.sd).cycle();
        let planes = batch.chunks((height * width).max(1)).zip(channels);
        planes.flat_map(|(plane, (mean, sd))| plane.iter().map(move |v| (f32::from(*v) / 255.0 - mean) / sd)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn crops_move_pictures() {
        // two channels of 2 x 3
        let picture: Vec<u8> = (1..=12).collect();
        let cropped = |offset: [usize; 2]| {
            let mut batch = picture.clone();
            crop(&mut batch, [2, 2, 3], 1, &[offset]);
            batch
        };
        assert_eq!(cropped([1, 1]), picture);
        assert_eq!(cropped([0, 1]), [0, 0, 0, 1, 2, 3, 0, 0, 0, 7, 8, 9]);
        assert_eq!(cropped([1, 2]), [2, 3, 0, 5, 6, 0, 8, 9, 0, 11, 12, 0]);
        assert_eq!(cropped([2, 0]), [0, 4, 5, 0, 0, 0, 0, 10, 11, 0, 0, 0]);
        let mut floats = [1.0f32, 2.0, 3.0, 4.0];
        crop(&mut floats, [1, 2, 2], 2, &[[0, 0]]);
        assert_eq!(floats, [0.0; 4]);
    }

    /// The last offset of each side as well, which half-open ranges leave out.
    #[test]
    fn all_offsets_are_reached() {
        let mut draw = Draw::new(1, "offsets", 0);
        let all: BTreeSet<[usize; 2]> = offsets(&mut draw, 2000, 2).into_iter().collect();
        assert_eq!((all.len(), all.first(), all.last()), (25, Some(&[0, 0]), Some(&[4, 4])));
        let coins = flips(&mut draw, 1000).into_iter().filter(|flip| *flip).count();
        assert!((400..600).contains(&coins), "{coins}");
    }

    #[test]
    fn flips_mirror_rows() {
        let mut batch: Vec<u8> = (0..12).collect();
        flip(&mut batch, [1, 2, 3], &[false, true]);
        assert_eq!(batch, [0, 1, 2, 3, 4, 5, 8, 7, 6, 11, 10, 9]);
        flip(&mut batch, [1, 2, 3], &[false, true]);
        assert_eq!(batch, Vec::from_iter(0..12));
    }

    #[test]
    fn a_step_is_always_changed_alike() {
        let one = |seed, step| {
            let mut batch: Vec<u8> = (0..=255).cycle().take(8 * 3 * 36).collect();
            Augment { padding: 2, flip: true }.apply(&mut batch, [3, 6, 6], seed, step);
            batch
        };
        assert_eq!(one(1, 5), one(1, 5));
        assert!(one(1, 5) != one(1, 6) && one(1, 5) != one(2, 5));
        let mut batch = [1u8, 2];
        Augment::default().apply(&mut batch, [1, 1, 2], 1, 1);
        Augment { padding: 1, flip: true }.apply(&mut batch[..0], [0, 0, 0], 1, 1);
        assert_eq!(batch, [1, 2]);
    }

    #[test]
    fn normalised_values_have_mean_0_and_deviation_1() {
        let classes = vec!["a".to_owned()];
        let pixels = vec![0, 255, 10, 20, 255, 0, 30, 40];
        let images = Images { channels: 2, height: 1, width: 2, classes, pixels, labels: vec![0, 0] };
        let norm = Normalisation::of(&images).expect("is there");
        assert_eq!((&norm.mean[..], norm.sd[0]), (&[0.5, 25.0 / 255.0][..], 0.5));
        assert!((f64::from(norm.sd[1]) - 125f64.sqrt() / 255.0).abs() < 1e-8);
        let values = norm.apply(&images.pixels, [2, 1, 2]);
        assert_eq!(values[..2], [-1.0, 1.0]);
        let second = [2, 3, 6, 7].map(|i| values[i]);
        assert!(
            second.iter().sum::<f32>().abs() < 1e-6 && (second.iter().map(|v| v * v).sum::<f32>() - 4.0).abs() < 1e-5
        );
        let flat = Images { pixels: vec![7; 8], ..images };
        assert!(Normalisation::of(&flat).is_err());
        assert!(Normalisation::of(&Images { pixels: vec![], labels: vec![], ..flat }).is_err());
    }
}
