//! Folders of pictures, one for each class: `train/CLASS/*.png` and `test/CLASS/*.png` (or `val`), PNG or JPEG.

use super::error::{DataError, Wrong};
use super::images::{ImageSet, Images};
use super::read;
use image::imageops::FilterType;
use image::{ImageReader, RgbImage};
use std::io::Cursor;
use std::path::{Path, PathBuf};

const ENDINGS: [&str; 3] = ["png", "jpg", "jpeg"];
/// Pictures beyond this many pixels a side are not decoded.
const LONGEST_SIDE: u32 = 1 << 14;
const LARGEST_DECODED: u64 = 1 << 30;

pub(super) const EXPECTED: &str =
    "folders of PNG or JPEG pictures, one for each class: train/CLASS/*.png and test/CLASS/*.png (or val/CLASS/)";

/// One picture as red, green and blue; grey ones have the same value thrice, transparency is ignored.
pub(super) fn decode(data: &[u8]) -> Result<RgbImage, Wrong> {
    let reader = ImageReader::new(Cursor::new(data)).with_guessed_format();
    let mut reader = reader.map_err(|error| Wrong::byte(0, error.to_string()))?;
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(LARGEST_DECODED);
    reader.limits(limits);
    // decoders do not tell the place
    reader.decode().map(|picture| picture.to_rgb8()).map_err(|error| Wrong::file(format!("no picture: {error}")))
}

/// Scaled so that the shorter side is as long as asked for, then cut to the square in the middle.
fn fitted(picture: &RgbImage, side: u32) -> RgbImage {
    let (width, height) = picture.dimensions();
    let scaled = |long: u32, short: u32| {
        let exact = u64::from(long) * u64::from(side) / u64::from(short.max(1));
        (exact as u32).max(side)
    };
    let (w, h) = if width < height { (side, scaled(height, width)) } else { (scaled(width, height), side) };
    let resized = image::imageops::resize(picture, w, h, FilterType::Triangle);
    image::imageops::crop_imm(&resized, (w - side) / 2, (h - side) / 2, side, side).to_image()
}

/// The files of a half with their classes; both sorted by name.
fn listed(folder: &Path, classes: &[String]) -> Result<Vec<(PathBuf, u16)>, DataError> {
    let mut all = Vec::new();
    for (class, name) in classes.iter().enumerate() {
        let folder = folder.join(name);
        if !folder.is_dir() {
            continue;
        }
        for file in read::names(&folder)? {
            let path = folder.join(file);
            let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
            if ENDINGS.contains(&ending.as_str()) {
                all.push((path, class as u16));
            }
        }
    }
    if all.is_empty() {
        Err(Wrong::file("holds no PNG or JPEG files in folders of classes").of(folder))
    } else {
        Ok(all)
    }
}

fn load_half(folder: &Path, classes: &[String], side: Option<u32>) -> Result<Images, DataError> {
    let mut images = Images { channels: 3, classes: classes.to_vec(), ..Images::default() };
    let all = listed(folder, classes)?;
    let count = all.len() as u64;
    for (path, label) in all {
        let picture = decode(&read::bytes(&path)?).map_err(|wrong| wrong.of(&path))?;
        let picture = side.map(|side| fitted(&picture, side)).unwrap_or(picture);
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        if images.is_empty() {
            (images.width, images.height) = (width, height);
            // the sides are at most 2^14 here
            let needed = (width as u64 * height as u64 * 3).checked_mul(count).filter(|n| *n <= read::LARGEST);
            let why = || format!("{count} pictures of {height} x {width} are more than {} bytes", read::LARGEST);
            needed.ok_or_else(|| Wrong::file(why()).of(folder))?;
        } else if (width, height) != (images.width, images.height) {
            let others = format!("{} x {}", images.height, images.width);
            let why =
                format!("{height} x {width}, those before are {others}: pictures that differ need a size to scale to");
            return Err(Wrong::file(why).of(&path));
        }
        images.labels.push(label);
        (0..3).for_each(|channel| images.pixels.extend(picture.pixels().map(|pixel| pixel.0[channel])));
    }
    Ok(images)
}

/// The data set in a folder; `None` where its folders are not there.
pub(super) fn load(folder: &Path, name: &str, side: Option<u32>) -> Option<Result<ImageSet, DataError>> {
    let train = folder.join("train");
    let test = ["test", "val"].map(|half| folder.join(half)).into_iter().find(|path| path.is_dir())?;
    train.is_dir().then(|| {
        if side.is_some_and(|side| side == 0 || side > LONGEST_SIDE) {
            return Err(DataError::Asked(format!("pictures have sides from 1 to {LONGEST_SIDE}")));
        }
        let folders = |half: &Path| {
            read::names(half).map(|names| names.into_iter().filter(|name| half.join(name).is_dir()).collect::<Vec<_>>())
        };
        let classes = folders(&train)?;
        if classes.len() > usize::from(u16::MAX) {
            return Err(Wrong::file(format!("{} classes, the most are {}", classes.len(), u16::MAX)).of(&train));
        }
        if let Some(class) = folders(&test)?.iter().find(|class| !classes.contains(class)) {
            return Err(Wrong::file(format!("class {class}, of which there is nothing to train on")).of(&test));
        }
        let [train, held] = [&train, &test].map(|half| load_half(half, &classes, side));
        let (train, held) = (train?, held?);
        if (held.height, held.width) != (train.height, train.width) {
            let (h, w) = (held.height, held.width);
            let why = format!("pictures of {h} x {w}, those to train on are {} x {}", train.height, train.width);
            return Err(Wrong::file(why).of(&test));
        }
        let scaled = side.map(|s| format!(", scaled and cut to {s} x {s}")).unwrap_or_default();
        Ok(ImageSet { name: name.into(), format: format!("folders of pictures{scaled}"), train, test: held })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, GrayImage, ImageFormat};

    fn encoded(picture: DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut data = Cursor::new(Vec::new());
        picture.write_to(&mut data, format).expect("is written");
        data.into_inner()
    }

    fn colours(width: u32, height: u32) -> DynamicImage {
        RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 200])).into()
    }

    fn put(folder: &Path, name: &str, data: &[u8]) {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("is made");
        std::fs::write(path, data).expect("is written");
    }

    fn check(folder: &Path, side: Option<u32>, part: &str) {
        let error = load(folder, "mine", side).expect("is recognised").expect_err("must be refused").to_string();
        assert!(error.contains(part), "{error}");
    }

    #[test]
    fn folders_are_classes() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path();
        assert!(load(at, "mine", None).is_none());
        put(at, "train/b/1.png", &encoded(colours(4, 3), ImageFormat::Png));
        put(at, "train/a/2.PNG", &encoded(GrayImage::from_pixel(4, 3, image::Luma([9])).into(), ImageFormat::Png));
        put(at, "train/a/notes.md", b"not a picture");
        assert!(load(at, "mine", None).is_none());
        put(at, "val/b/1.jpeg", &encoded(colours(4, 3), ImageFormat::Jpeg));
        let set = load(at, "mine", None).expect("is recognised").expect("is read");
        assert_eq!(
            (set.train.classes.join(" "), &set.train.labels[..], &set.test.labels[..]),
            ("a b".into(), &[0, 1][..], &[1][..])
        );
        assert_eq!(set.train.picture(0), [9; 36]);
        let red: Vec<u8> = (0..12).map(|i| i % 4).collect();
        assert_eq!((&set.train.picture(1)[..12], &set.train.picture(1)[24..]), (&red[..], &[200; 12][..]));
        put(at, "train/b/2.png", &encoded(colours(8, 4), ImageFormat::Png));
        check(at, None, "2.png: the file: 4 x 8, those before are 3 x 4");
        let set = load(at, "mine", Some(2)).expect("is recognised").expect("is read");
        assert_eq!((set.train.height, set.train.width, set.train.pixels.len()), (2, 2, 36));
        check(at, Some(0), "sides from 1");
        put(at, "val/c/1.png", &encoded(colours(4, 3), ImageFormat::Png));
        check(at, Some(2), "class c, of which there is nothing to train on");
    }

    #[test]
    fn damaged_pictures_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path();
        let png = encoded(colours(40, 30), ImageFormat::Png);
        put(at, "train/a/1.png", &png[..png.len() / 2]);
        std::fs::create_dir_all(at.join("test/a")).expect("is made");
        check(at, None, "1.png: the file: no picture");
        put(at, "train/a/1.png", b"");
        check(at, None, "1.png: the file: no picture");
        // a header that claims a side of 2^31 - 1
        let mut huge = png.clone();
        huge[16..20].copy_from_slice(&0x7fff_ffffu32.to_be_bytes());
        put(at, "train/a/1.png", &huge);
        check(at, None, "1.png: the file: no picture");
        put(at, "train/a/1.png", &png);
        check(at, None, "holds no PNG or JPEG");
    }
}
