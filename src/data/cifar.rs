//! The binary files of CIFAR-10 and CIFAR-100: records of one or two labels and 32 x 32 colours.

use super::error::{DataError, Wrong};
use super::images::{ImageSet, Images};
use super::read;
use std::path::Path;

const SIDE: usize = 32;
const PIXELS: usize = 3 * SIDE * SIDE;

/// One of the two layouts.
pub(super) struct Layout {
    pub name: &'static str,
    train: &'static [&'static str],
    test: &'static str,
    names: &'static str,
    /// how many classes the labels tell apart, each byte; the last is the one that counts
    labels: &'static [u16],
    /// what the published set has to train on and to test
    published: [usize; 2],
}

pub(super) const CIFAR_10: Layout = Layout {
    name: "CIFAR-10",
    train: &["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"],
    test: "test_batch.bin",
    names: "batches.meta.txt",
    labels: &[10],
    published: [50_000, 10_000],
};

pub(super) const CIFAR_100: Layout = Layout {
    name: "CIFAR-100",
    train: &["train.bin"],
    test: "test.bin",
    names: "fine_label_names.txt",
    labels: &[20, 100],
    published: [50_000, 10_000],
};

pub(super) const EXPECTED: &str = "CIFAR-10, binary version: data_batch_1.bin ... data_batch_5.bin, test_batch.bin (and batches.meta.txt)\n\
     CIFAR-100, binary version: train.bin, test.bin (and fine_label_names.txt)";

/// Appends the pictures of a file.
pub(super) fn parse(data: &[u8], layout: &Layout, images: &mut Images) -> Result<(), Wrong> {
    let record = layout.labels.len() + PIXELS;
    let whole = data.len() / record * record;
    if whole != data.len() {
        return Err(Wrong::byte(whole, format!("{} bytes are left, a record has {record}", data.len() - whole)));
    }
    if data.is_empty() {
        return Err(Wrong::byte(0, "no pictures"));
    }
    for (i, record) in data.chunks_exact(record).enumerate() {
        let (labels, pixels) = record.split_at(layout.labels.len());
        for (k, (label, classes)) in labels.iter().zip(layout.labels).enumerate() {
            if u16::from(*label) >= *classes {
                let at = i * (layout.labels.len() + PIXELS) + k;
                return Err(Wrong::byte(at, format!("label {label}, but there are {classes} classes")));
            }
        }
        images.labels.extend(labels.last().map(|label| u16::from(*label)));
        images.pixels.extend(pixels);
    }
    Ok(())
}

/// Names of the classes, one a line.
fn class_names(folder: &Path, layout: &Layout) -> Result<Vec<String>, DataError> {
    let count = usize::from(layout.labels.last().copied().unwrap_or_default());
    let path = folder.join(layout.names);
    if !path.is_file() {
        return Ok((0..count).map(|class| class.to_string()).collect());
    }
    let text = String::from_utf8(read::bytes(&path)?)
        .map_err(|e| Wrong::byte(e.utf8_error().valid_up_to(), "not UTF-8").of(&path))?;
    let names: Vec<String> = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    match names.len() {
        n if n == count => Ok(names),
        n => Err(Wrong::line(n, format!("{n} names, but there are {count} classes")).of(&path)),
    }
}

/// The data set in a folder; `None` where its files are not there.
pub(super) fn load(folder: &Path, name: &str, layout: &Layout) -> Option<Result<ImageSet, DataError>> {
    let train: Option<Vec<_>> = layout.train.iter().map(|file| read::either(folder, file)).collect();
    let (train, test) = (train?, read::either(folder, layout.test)?);
    let half = |paths: &[std::path::PathBuf]| {
        let classes = class_names(folder, layout)?;
        let mut images = Images { channels: 3, height: SIDE, width: SIDE, classes, ..Images::default() };
        for path in paths {
            parse(&read::bytes(path)?, layout, &mut images).map_err(|wrong| wrong.of(path))?;
        }
        Ok(images)
    };
    let both = || {
        let (train, test) = (half(&train)?, half(&[test])?);
        // what is no more than laid out alike is not called by that name
        let published = [train.len(), test.len()] == layout.published;
        let name = if published { layout.name } else { name }.to_owned();
        Ok(ImageSet { name, format: format!("{} binary", layout.name), train, test })
    };
    Some(both())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::error::At;

    fn check(data: &[u8], layout: &Layout, offset: u64, part: &str) {
        let wrong = parse(data, layout, &mut Images::default()).expect_err("must be refused");
        assert!(wrong.at == At::Byte(offset) && wrong.why.contains(part), "{wrong:?}");
    }

    #[test]
    fn records_are_read_and_broken_ones_refused() {
        let mut data = vec![9; 2 * 3073];
        data[3073] = 3;
        let mut images = Images { channels: 3, height: 32, width: 32, ..Images::default() };
        parse(&data, &CIFAR_10, &mut images).expect("is read");
        assert_eq!((images.labels.as_slice(), images.pixels.len()), (&[9, 3][..], 2 * 3072));
        check(&data[..6000], &CIFAR_10, 3073, "2927 bytes are left");
        check(&[&data[..], &[1]].concat(), &CIFAR_10, 6146, "1 bytes are left");
        check(&[], &CIFAR_10, 0, "no pictures");
        data[3073] = 10;
        check(&data, &CIFAR_10, 3073, "label 10, but there are 10 classes");
        let mut data = vec![0; 2 * 3074];
        data[3075] = 99;
        parse(&data, &CIFAR_100, &mut images).expect("is read");
        assert_eq!(images.labels, [9, 3, 0, 99]);
        data[3075] = 100;
        check(&data, &CIFAR_100, 3075, "label 100");
        data[3074] = 20;
        check(&data, &CIFAR_100, 3074, "label 20, but there are 20");
        // a file of the other layout is not taken for one of this
        check(&vec![0; 3073], &CIFAR_100, 0, "3073 bytes are left, a record has 3074");
    }
}
