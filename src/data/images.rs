//! Labelled pictures, whatever file they came from.

use std::ops::Range;

/// Labelled pictures of one size, 8 bits a value.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Images {
    /// 1 (grey) or 3 (red, green, blue)
    pub channels: usize,
    /// rows
    pub height: usize,
    /// columns
    pub width: usize,
    /// names of the classes; a label is an index into them
    pub classes: Vec<String>,
    /// picture by picture, channel by channel, row by row: n * channels * height * width values
    pub pixels: Vec<u8>,
    /// the class of each picture
    pub labels: Vec<u16>,
}

impl Images {
    /// How many pictures.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Values a picture has. Loaders hold only what fits into memory, so this does not overflow.
    pub fn size(&self) -> usize {
        self.channels * self.height * self.width
    }

    /// The values of one picture, channel by channel; of none, where there are not as many.
    pub fn picture(&self, i: usize) -> &[u8] {
        let size = self.size();
        self.pixels.get(i * size..(i + 1) * size).unwrap_or_default()
    }

    /// The pictures of a range, where they lie one behind the other; the range is cut to those that there are.
    #[must_use]
    pub fn range(&self, range: Range<usize>) -> Self {
        let (end, size) = (range.end.min(self.len()), self.size());
        let start = range.start.min(end);
        let (pixels, labels) = (self.pixels[start * size..end * size].to_vec(), self.labels[start..end].to_vec());
        Self { pixels, labels, classes: self.classes.clone(), ..*self }
    }

    /// How many pictures each class has.
    pub fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.classes.len()];
        for label in &self.labels {
            if let Some(count) = counts.get_mut(usize::from(*label)) {
                *count += 1;
            }
        }
        counts
    }
}

/// A data set of pictures: what is trained on, and what is held out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImageSet {
    /// what it is, as far as its content says so: `Fashion-MNIST` is known by its labels, others are called after their folder
    pub name: String,
    /// the layout of the files, and how they were split where the files do not say that
    pub format: String,
    /// to train on
    pub train: Images,
    /// held out
    pub test: Images,
}
