//! Images and their classes.

use super::{Facts, Learned, Metrics};
use crate::train::models::{Network, Shape};
use actaudit::internal::data::{Augment, Data, Draw, Images, Normalisation, Sizes, batch, gather, overlap};
use actaudit::internal::train::{Fault, RunSpec, Task};
use tch::{Device, Kind, Reduction, TchError, Tensor, no_grad};

/// Examples of held-out data that are evaluated at once.
const AT_ONCE: usize = 500;

/// The order in which examples are taken where not all are: the same for every seed, so that runs differ by their seed alone.
const CHOICE: u64 = 0;

pub(super) struct Pictures {
    train: Images,
    test: Images,
    sizes: Sizes,
    facts: Facts,
    normalisation: Normalisation,
    augment: Augment,
    seed: u64,
    batch: usize,
    device: Device,
}

impl Pictures {
    pub(super) fn load(spec: &RunSpec, found: Data, device: Device) -> Result<Self, String> {
        let Task::Images { data, side, augment, train, test } = &spec.task else {
            return Err("no task on images".into());
        };
        let Data::Images(mut set) = found else {
            return Err(format!("{}: there are no images", data.display()));
        };
        let duplicates = overlap(&set).shared.len();
        if spec.fault == Some(Fault::LeakedImage) {
            let leaked = set.test.range(0..1);
            set.train.pixels.extend(leaked.pixels);
            set.train.labels.extend(leaked.labels);
        }
        let there = set.train.height;
        if set.train.width != there {
            return Err(format!(
                "{}: images of {there} x {}: networks here take square ones",
                data.display(),
                set.train.width
            ));
        }
        // what the data set has by itself is counted, and not blamed on the loader
        let leaked = overlap(&set).shared.len().saturating_sub(duplicates);
        let side = side.unwrap_or(there);
        let part = |images: &Images, most: Option<usize>| reduced(&chosen(images, most), side);
        let (train, test) = (part(&set.train, *train)?, part(&set.test, *test)?);
        if train.is_empty() || test.is_empty() {
            return Err(format!("{}: there is nothing to train on or nothing held out", data.display()));
        }
        let of = |used: usize, all: usize| if used < all { format!("{used} of {all}") } else { format!("{all}") };
        let size = if side < there { format!(", reduced to {side} x {side}") } else { String::new() };
        let (trained, held) = (of(train.len(), set.train.len()), of(test.len(), set.test.len()));
        let twice = if duplicates > 0 {
            format!("; {duplicates} of those held out are among the others")
        } else {
            String::new()
        };
        let described =
            format!("{} ({}): {trained} images to train on, {held} held out{size}{twice}", set.name, set.format);
        Ok(Self {
            facts: Facts { data: described, constructed: false, leaked, duplicates },
            sizes: [train.channels, side, side],
            normalisation: Normalisation::of(&train).map_err(|e| e.to_string())?,
            augment: if *augment { Augment { padding: side / 8, flip: true } } else { Augment::default() },
            train,
            test,
            seed: if spec.fault == Some(Fault::UnpairedSeed) { spec.seed + 1 } else { spec.seed },
            batch: spec.recipe.batch,
            device,
        })
    }

    /// The pictures of a step and their classes.
    fn batch(&self, step: usize) -> Result<[Tensor; 2], TchError> {
        let chosen = batch(self.seed, self.train.len(), self.batch, step as u64);
        let (mut pixels, labels) = gather(&self.train, &chosen);
        self.augment.apply(&mut pixels, self.sizes, self.seed, step as u64);
        self.tensors(&pixels, &labels)
    }

    /// Pictures as the network gets them, and their classes.
    fn tensors(&self, pixels: &[u8], labels: &[u16]) -> Result<[Tensor; 2], TchError> {
        let [channels, high, wide] = self.sizes.map(|n| n as i64);
        let x = Tensor::f_from_slice(&self.normalisation.apply(pixels, self.sizes))?;
        let x = x.f_view([labels.len() as i64, channels, high, wide])?.f_to_device(self.device)?;
        let labels: Vec<i64> = labels.iter().copied().map(i64::from).collect();
        Ok([x, Tensor::f_from_slice(&labels)?.f_to_device(self.device)?])
    }
}

/// The pictures that are used: the first of a fixed random order.
fn chosen(images: &Images, most: Option<usize>) -> Images {
    let Some(most) = most.filter(|most| *most < images.len()) else { return images.clone() };
    let mut order = Draw::new(CHOICE, "choice", 0).permutation(images.len());
    order.truncate(most);
    let (pixels, labels) = gather(images, &order);
    Images { pixels, labels, classes: images.classes.clone(), ..*images }
}

/// Pictures reduced by the mean of squares of pixels, rounded to the nearest byte.
fn reduced(images: &Images, side: usize) -> Result<Images, String> {
    let there = images.height;
    if side == there {
        return Ok(images.clone());
    }
    if side == 0 || !there.is_multiple_of(side) {
        return Err(format!("side = {side} does not divide the side of the images, {there}"));
    }
    let step = there / side;
    let mut pixels = Vec::with_capacity(images.pixels.len() / (step * step));
    for plane in images.pixels.chunks_exact(there * there) {
        for (row, column) in (0..side).flat_map(|row| (0..side).map(move |column| (row * step, column * step))) {
            let square = (0..step).flat_map(|r| (0..step).map(move |c| (row + r) * there + column + c));
            let sum: usize = square.map(|at| usize::from(plane[at])).sum();
            pixels.push(((2 * sum + step * step) / (2 * step * step)) as u8);
        }
    }
    Ok(Images {
        pixels,
        height: side,
        width: side,
        labels: images.labels.clone(),
        classes: images.classes.clone(),
        ..*images
    })
}

impl Learned for Pictures {
    fn shape(&self) -> Shape {
        let [channels, side, _] = self.sizes.map(|n| n as i64);
        Shape { channels, side, classes: self.train.classes.len() as i64 }
    }

    fn facts(&self) -> Facts {
        self.facts.clone()
    }

    fn loss(&self, network: &dyn Network, step: usize) -> Result<Tensor, TchError> {
        let [x, labels] = self.batch(step)?;
        cross_entropy(&network.run(&x, true)?, &labels, Reduction::Mean)
    }

    fn evaluate(&self, network: &dyn Network) -> Result<Metrics, TchError> {
        let (mut loss, mut right) = (0.0, 0.0);
        let count = self.test.len();
        for start in (0..count).step_by(AT_ONCE) {
            let part = self.test.range(start..start + AT_ONCE);
            let [x, labels] = self.tensors(&part.pixels, &part.labels)?;
            let scores = no_grad(|| network.run(&x, false))?.f_to_kind(Kind::Float)?;
            loss += cross_entropy(&scores, &labels, Reduction::Sum)?.f_double_value(&[])?;
            right += scores.f_argmax(1, false)?.f_eq_tensor(&labels)?.f_sum(Kind::Int64)?.f_double_value(&[])?;
        }
        let mean = |sum: f64| sum / count as f64;
        Ok((count, [("loss".to_owned(), mean(loss)), ("accuracy".to_owned(), mean(right))].into()))
    }

    fn shown(&self, step: usize) -> Result<Vec<Tensor>, TchError> {
        self.batch(step).map(Vec::from)
    }
}

/// The cross entropy of scores, rows by classes.
pub(super) fn cross_entropy(scores: &Tensor, labels: &Tensor, reduction: Reduction) -> Result<Tensor, TchError> {
    scores.f_cross_entropy_loss(labels, None::<&Tensor>, reduction, -100, 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_reduced_by_means() {
        let classes = vec!["a".to_owned()];
        let pixels = vec![0, 10, 1, 1, 20, 31, 1, 2, 5, 5, 255, 255, 5, 5, 255, 255];
        let images = Images { channels: 1, height: 4, width: 4, classes, pixels, labels: vec![0] };
        assert_eq!(reduced(&images, 2).expect("half").pixels, [15, 1, 5, 255]);
        assert!(reduced(&images, 3).is_err());
        assert!(reduced(&images, 0).is_err());
    }
}
