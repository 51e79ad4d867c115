//! IDX files, as MNIST and Fashion-MNIST come: a header with the sizes, then bytes.

use super::error::{At, DataError, Wrong};
use super::images::{ImageSet, Images};
use super::read;
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};

/// Files of each half: pictures and labels, under the names that are in use.
const NAMES: [[[&str; 2]; 2]; 2] = [
    [["train-images-idx3-ubyte", "train-labels-idx1-ubyte"], ["train-images.idx3-ubyte", "train-labels.idx1-ubyte"]],
    [["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"], ["t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"]],
];

pub(super) const EXPECTED: &str = "IDX (MNIST, Fashion-MNIST): train-images-idx3-ubyte, train-labels-idx1-ubyte, \
                                   t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, each also as .gz";

/// SHA-256 of Fashion-MNIST's 60,000 training labels.
const FASHION: &str = "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7";
const FASHION_CLASSES: [&str; 10] =
    ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

/// A file's content as it stands in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Idx<'a> {
    pub sizes: Vec<usize>,
    pub values: &'a [u8],
}

/// Unsigned bytes in so many dimensions. Nothing is allocated: the sizes must be those of what is there.
pub(super) fn parse(data: &[u8], dimensions: u8) -> Result<Idx<'_>, Wrong> {
    let ends = |what| Wrong::byte(data.len(), format!("the file ends within {what}"));
    match *data.first_chunk().ok_or_else(|| ends("the first four bytes"))? {
        [0, 0, 8, found] if found == dimensions => {}
        [0, 0, 8, found] => {
            return Err(Wrong::byte(3, format!("{found} dimensions, expected {dimensions}")));
        }
        [0, 0, kind, _] => return Err(Wrong::byte(2, format!("values of type {kind:#04x}, expected 0x08, bytes"))),
        other => return Err(Wrong::byte(0, format!("begins with {other:02x?}: not an IDX file"))),
    }
    let header = 4 + 4 * usize::from(dimensions);
    let sizes = data.get(4..header).ok_or_else(|| ends("the sizes"))?.as_chunks::<4>().0;
    let sizes: Vec<u64> = sizes.iter().map(|size| u64::from(u32::from_be_bytes(*size))).collect();
    let (values, there) = (&data[header..], (data.len() - header) as u64);
    let said = sizes.iter().try_fold(1u64, |product, size| product.checked_mul(*size));
    match said {
        Some(said) if said == there => Ok(Idx { sizes: sizes.into_iter().map(|size| size as usize).collect(), values }),
        Some(said) if said < there => {
            let why = format!("{} bytes more than the header's {sizes:?} say", there - said);
            Err(Wrong { at: At::Byte(header as u64 + said), why })
        }
        _ => Err(Wrong::byte(data.len(), format!("the file ends, the header's {sizes:?} ask for more"))),
    }
}

/// Pictures and labels of one half, with as many classes as labels are used.
pub(super) fn pair(images: &[u8], labels: &[u8]) -> Result<Images, (bool, Wrong)> {
    let pictures = parse(images, 3).map_err(|wrong| (true, wrong))?;
    let Idx { sizes, values } = parse(labels, 1).map_err(|wrong| (false, wrong))?;
    let (n, height, width) = (pictures.sizes[0], pictures.sizes[1], pictures.sizes[2]);
    if sizes[0] != n {
        return Err((false, Wrong::byte(4, format!("{} labels for {n} pictures", sizes[0]))));
    }
    if pictures.values.is_empty() {
        return Err((true, Wrong::byte(4, format!("no pictures: {n} of {height} x {width}"))));
    }
    let classes = usize::from(values.iter().copied().max().unwrap_or(0)) + 1;
    Ok(Images {
        channels: 1,
        height,
        width,
        classes: (0..classes).map(|class| class.to_string()).collect(),
        pixels: pictures.values.to_vec(),
        labels: values.iter().map(|label| u16::from(*label)).collect(),
    })
}

fn half(folder: &Path, names: &[[&str; 2]; 2]) -> Option<[PathBuf; 2]> {
    names.iter().find_map(|[images, labels]| Some([read::either(folder, images)?, read::either(folder, labels)?]))
}

fn load_half([images, labels]: &[PathBuf; 2]) -> Result<Images, DataError> {
    pair(&read::bytes(images)?, &read::bytes(labels)?)
        .map_err(|(of_images, wrong)| wrong.of(if of_images { images } else { labels }))
}

/// The data set in a folder; `None` where its files are not there.
pub(super) fn load(folder: &Path, name: &str) -> Option<Result<ImageSet, DataError>> {
    let paths = NAMES.each_ref().map(|names| half(folder, names));
    let [Some(train), Some(test)] = paths else { return None };
    Some(load_halves(&train, &test, name))
}

fn load_halves(train: &[PathBuf; 2], test: &[PathBuf; 2], name: &str) -> Result<ImageSet, DataError> {
    let (mut set, mut held) = (load_half(train)?, load_half(test)?);
    if [set.height, set.width] != [held.height, held.width] {
        let sizes = [held.height, held.width, set.height, set.width];
        let why =
            format!("pictures of {} x {}, those to train on are of {} x {}", sizes[0], sizes[1], sizes[2], sizes[3]);
        return Err(Wrong::byte(8, why).of(&test[0]));
    }
    if held.classes.len() > set.classes.len() {
        let at = held.labels.iter().position(|label| usize::from(*label) >= set.classes.len()).unwrap_or(0);
        let why = format!("label {}, of which there is nothing to train on", held.labels[at]);
        return Err(Wrong::byte(8 + at, why).of(&test[1]));
    }
    let bytes: Vec<u8> = set.labels.iter().map(|label| *label as u8).collect();
    let fashion = format!("{:x}", Sha256::digest(bytes)) == FASHION;
    if fashion {
        set.classes = FASHION_CLASSES.map(str::to_owned).into();
    }
    held.classes = set.classes.clone();
    let name = if fashion { "Fashion-MNIST" } else { name };
    Ok(ImageSet { name: name.into(), format: "IDX".into(), train: set, test: held })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An IDX file with these sizes and values.
    fn file(sizes: &[u32], values: &[u8]) -> Vec<u8> {
        let mut data = vec![0, 0, 8, sizes.len() as u8];
        sizes.iter().for_each(|size| data.extend(size.to_be_bytes()));
        data.extend(values);
        data
    }

    fn check(data: &[u8], dimensions: u8, offset: usize, part: &str) {
        let wrong = parse(data, dimensions).expect_err("must be refused");
        assert!(wrong.at == At::Byte(offset as u64) && wrong.why.contains(part), "{wrong:?}");
    }

    #[test]
    fn broken_files_are_refused_where_they_are_broken() {
        let good = file(&[2, 1, 3], &[1, 2, 3, 4, 5, 6]);
        assert_eq!(parse(&good, 3).map(|idx| idx.sizes), Ok(vec![2, 1, 3]));
        for end in 0..good.len() {
            assert!(parse(&good[..end], 3).is_err(), "{end}");
        }
        check(&good[..3], 3, 3, "within the first four bytes");
        check(&good[..9], 3, 9, "within the sizes");
        check(&good[..20], 3, 20, "the file ends, the header's [2, 1, 3] ask for more");
        check(&[&good[..], &[0, 0]].concat(), 3, 22, "2 bytes more than");
        check(&good, 1, 3, "3 dimensions, expected 1");
        check(&[0, 0, 13, 1, 0, 0, 0, 0], 1, 2, "type 0x0d");
        check(b"\x89PNG....", 1, 0, "not an IDX file");
        // products that overflow 32 and 64 bits: (2^32 - 1)^3, and 2^16 * 2^16 * 2^32 = 2^64, which would wrap to 0
        check(&file(&[u32::MAX; 3], &[]), 3, 16, "ask for more");
        check(&file(&[1 << 16, 1 << 16, 1 << 31], &[]), 3, 16, "ask for more");
        check(&file(&[1 << 31, 1 << 31, 4], &[]), 3, 16, "ask for more");
    }

    #[test]
    fn labels_belong_to_pictures() {
        let images = file(&[2, 1, 3], &[1, 2, 3, 4, 5, 6]);
        let set = pair(&images, &file(&[2], &[4, 0])).expect("is read");
        assert_eq!((set.len(), set.size(), set.classes.len(), set.picture(1)), (2, 3, 5, &[4, 5, 6][..]));
        assert_eq!((set.counts(), set.picture(2)), (vec![1, 0, 0, 0, 1], &[][..]));
        let refused = |images: &[u8], labels: &[u8]| pair(images, labels).expect_err("must be refused");
        assert!(refused(&images, &file(&[3], &[4, 0, 0])).1.why.contains("3 labels for 2 pictures"));
        assert!(!refused(&images, b"").0);
        assert!(refused(&file(&[0, 28, 28], &[]), &file(&[0], &[])).1.why.contains("no pictures"));
        assert!(refused(&file(&[2, 0, 28], &[]), &file(&[2], &[0, 0])).1.why.contains("no pictures"));
    }
}
