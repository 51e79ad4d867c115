//! Which pictures are there more than once: does what is held out lie in what is trained on?

use super::images::{ImageSet, Images};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;

/// SHA-256 of a picture's values and sizes.
pub type Hash = [u8; 32];

/// The hash of each picture, without its label.
pub fn hashes(images: &Images) -> Vec<Hash> {
    let sizes = [images.channels, images.height, images.width].map(|size| (size as u64).to_le_bytes());
    let one = |i| Sha256::new().chain_update(sizes.as_flattened()).chain_update(images.picture(i)).finalize().into();
    (0..images.len()).map(one).collect()
}

/// The hash of all pictures with their labels in their order, as text.
pub fn content(images: &Images) -> String {
    let mut hasher = Sha256::new();
    hasher.update(
        [images.channels, images.height, images.width, images.len()].map(|n| (n as u64).to_le_bytes()).as_flattened(),
    );
    hasher.update(&images.pixels);
    images.labels.iter().for_each(|label| hasher.update(label.to_le_bytes()));
    format!("{:x}", hasher.finalize())
}

/// Pictures that are there more than once. Data sets have some by themselves: they are counted, and not blamed on anybody.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Overlap {
    /// pictures of the test set, each with the first of the training set that is the same, in the order of the test set
    pub shared: Vec<[usize; 2]>,
    /// of those, how many have another label there
    pub shared_other_label: usize,
    /// pictures to train on that came before among them
    pub train_again: usize,
    /// pictures to test on that came before among them
    pub test_again: usize,
}

fn firsts(hashes: &[Hash]) -> HashMap<Hash, usize> {
    let mut first = HashMap::with_capacity(hashes.len());
    for (i, hash) in hashes.iter().enumerate() {
        first.entry(*hash).or_insert(i);
    }
    first
}

/// Holds both halves of a data set against each other, value by value (by hashes).
pub fn overlap(set: &ImageSet) -> Overlap {
    let (train, test) = (hashes(&set.train), hashes(&set.test));
    let first = firsts(&train);
    let shared = test.iter().enumerate().filter_map(|(i, hash)| Some([i, *first.get(hash)?]));
    let shared: Vec<[usize; 2]> = shared.collect();
    let other = |pair: &&[usize; 2]| set.test.labels[pair[0]] != set.train.labels[pair[1]];
    Overlap {
        shared_other_label: shared.iter().filter(other).count(),
        shared,
        train_again: train.len() - first.len(),
        test_again: test.len() - firsts(&test).len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn images(pixels: &[u8], labels: &[u16]) -> Images {
        let classes = ["a", "b"].map(str::to_owned).into();
        Images { channels: 1, height: 1, width: 2, classes, pixels: pixels.into(), labels: labels.into() }
    }

    #[test]
    fn a_leak_is_seen_and_duplicates_are_counted() {
        let mut set = ImageSet {
            name: String::new(),
            format: String::new(),
            train: images(&[1, 2, 3, 4, 1, 2, 5, 6], &[0, 1, 0, 1]),
            test: images(&[7, 8, 2, 1, 7, 8], &[0, 1, 0]),
        };
        assert_eq!(overlap(&set), Overlap { train_again: 1, test_again: 1, ..Overlap::default() });
        // a loader that leaks one picture of the test set into training
        set.train = images(&[1, 2, 3, 4, 2, 1, 5, 6], &[0, 1, 0, 1]);
        let leak = overlap(&set);
        assert_eq!((&leak.shared[..], leak.shared_other_label, leak.train_again), (&[[1, 2]][..], 1, 0));
    }

    #[test]
    fn hashes_tell_contents_apart() {
        let one = images(&[1, 2, 3, 4], &[0, 1]);
        let again = [
            images(&[1, 2, 3, 5], &[0, 1]),
            images(&[1, 2, 3, 4], &[1, 1]),
            images(&[3, 4, 1, 2], &[1, 0]),
            Images { height: 2, width: 1, ..one.clone() },
        ];
        assert!(again.iter().all(|other| content(other) != content(&one)));
        assert_ne!(hashes(&one), hashes(&again[3]));
        assert_eq!(hashes(&one), hashes(&again[1]));
    }
}
