//! Bytes of files, compressed or not.

use super::error::{DataError, Wrong};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{Error, Read};
use std::path::{Path, PathBuf};

/// The longest content of a file that is read, after decompression: the pixels of 300,000 colour images of 64 x 64 are less.
pub(super) const LARGEST: u64 = 1 << 32;

/// The content of a file, decompressed where it begins as gzip does, whatever its name is.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, DataError> {
    bounded(path, LARGEST)
}

fn bounded(path: &Path, largest: u64) -> Result<Vec<u8>, DataError> {
    let fail = |error| DataError::Read { path: path.to_owned(), error };
    let too_long =
        |what: &str| Wrong::file(format!("{what} more than {largest} bytes, the most that is read")).of(path);
    let file = File::open(path).map_err(fail)?;
    if file.metadata().map_err(fail)?.len() > largest {
        return Err(too_long("has"));
    }
    let mut raw = Vec::new();
    file.take(largest).read_to_end(&mut raw).map_err(fail)?;
    if !raw.starts_with(&[0x1f, 0x8b]) {
        return Ok(raw);
    }
    // the vector grows with what comes, not with what a header promises
    let mut content = Vec::new();
    match MultiGzDecoder::new(&raw[..]).take(largest + 1).read_to_end(&mut content) {
        Ok(read) if read as u64 > largest => Err(too_long("decompresses to")),
        Ok(_) => Ok(content),
        Err(error) => Err(Wrong::byte(content.len(), format!("the gzip stream is broken here: {error}")).of(path)),
    }
}

/// Names in a folder, sorted by their bytes; hidden ones are left out, and those that are not UTF-8 are an error.
pub(super) fn names(folder: &Path) -> Result<Vec<String>, DataError> {
    let fail = |error| DataError::Read { path: folder.to_owned(), error };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let name = entry.map_err(fail)?.file_name();
        let name = name.into_string().map_err(|n| fail(Error::other(format!("the name {n:?} is not UTF-8"))))?;
        if !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// A file of this name, compressed or not.
pub(super) fn either(folder: &Path, name: &str) -> Option<PathBuf> {
    [name.to_owned(), format!("{name}.gz")].into_iter().map(|name| folder.join(name)).find(|path| path.is_file())
}

#[cfg(test)]
pub(super) fn gzipped(content: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(content).expect("is written");
    writer.finish().expect("is written")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: &[u8], largest: u64, expected: Result<&[u8], &str>) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        std::fs::write(&path, content).expect("is written");
        match (bounded(&path, largest), expected) {
            (Ok(read), Ok(expected)) => assert_eq!(read, expected),
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn compressed_or_not() {
        let long = vec![7; 100_000];
        let packed = gzipped(&long);
        assert!(packed.len() < 300);
        check(b"plain", 10, Ok(b"plain"));
        check(b"", 10, Ok(b""));
        check(&packed, 1 << 20, Ok(&long));
        check(&[&packed[..], &packed[..]].concat(), 1 << 20, Ok(&[&long[..], &long[..]].concat()));
        // a small file that would fill the memory
        check(&packed, 10_000, Err("decompresses to more than 10000 bytes"));
        check(&long, 10_000, Err("has more than 10000 bytes"));
        check(&packed[..packed.len() - 9], 1 << 20, Err("the gzip stream is broken here"));
        let mut damaged = packed.clone();
        let at = damaged.len() - 6;
        damaged[at] ^= 1;
        check(&damaged, 1 << 20, Err("byte 100000: the gzip stream is broken here"));
        check(&[0x1f, 0x8b], 10, Err("byte 0: the gzip stream"));
        assert!(bytes(Path::new("no/such/file")).is_err_and(|e| e.to_string().starts_with("cannot read no/such/file")));
    }
}
