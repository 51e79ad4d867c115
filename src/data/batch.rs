//! Which pictures a step sees.

use super::draw::Draw;
use super::images::Images;

/// The indices of a step's batch: in each pass over n items all are seen once, in an order drawn for the purpose `"order"` and the number
/// of the pass; what does not fill a batch at its end is left out. Where a batch is larger than n, it is n items.
pub fn batch(seed: u64, n: usize, size: usize, step: u64) -> Vec<usize> {
    let size = size.min(n);
    if size == 0 {
        return Vec::new();
    }
    let batches = (n / size) as u64;
    let order = Draw::new(seed, "order", step / batches).permutation(n);
    let start = (step % batches) as usize * size;
    order[start..start + size].to_vec()
}

/// Values and labels of these pictures, one behind the other.
pub fn gather(images: &Images, indices: &[usize]) -> (Vec<u8>, Vec<u16>) {
    let mut pixels = Vec::with_capacity(indices.len() * images.size());
    indices.iter().for_each(|i| pixels.extend(images.picture(*i)));
    (pixels, indices.iter().filter_map(|i| images.labels.get(*i)).copied().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_pass_sees_everything_once() {
        let pass = |first: u64| (first..first + 4).flat_map(|step| batch(1, 11, 2, step)).collect::<Vec<_>>();
        // five batches of two
        let all: Vec<usize> = (0..5).flat_map(|step| batch(1, 11, 2, step)).collect();
        assert_eq!((all.len(), all.iter().collect::<BTreeSet<_>>().len()), (10, 10));
        assert_ne!(pass(0), pass(5));
        assert_eq!(batch(1, 11, 2, 7), batch(1, 11, 2, 7));
        assert_ne!(all[..2], batch(2, 11, 2, 0));
        assert_eq!((batch(1, 3, 9, 0).len(), batch(1, 0, 9, 0), batch(1, 9, 0, 0)), (3, vec![], vec![]));
    }

    #[test]
    fn pictures_keep_their_labels() {
        let images = Images {
            channels: 1,
            height: 1,
            width: 2,
            pixels: vec![1, 2, 3, 4, 5, 6],
            labels: vec![7, 8, 9],
            ..Images::default()
        };
        assert_eq!(gather(&images, &[2, 0]), (vec![5, 6, 1, 2], vec![9, 7]));
    }
}
