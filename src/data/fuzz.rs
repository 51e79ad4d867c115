//! The laws of files of data, for any bytes: what the fuzz target and its stand-in among the tests call.

use super::images::Images;
use super::{cifar, digits, folder, idx, pairs, text};

fn is_whole(images: &Images) -> bool {
    let [n, size] = [images.len(), images.size()];
    n > 0 && n * size == images.pixels.len() && images.labels.iter().all(|l| usize::from(*l) < images.classes.len())
}

/// Reads arbitrary bytes as each kind of file. The first byte says where a second file begins, for those that come in pairs.
///
/// # Panics
/// If a law is broken: what is read has as many pictures as labels, labels of classes, and answers that differ.
pub fn fuzz_data(data: &[u8]) {
    let (&at, rest) = data.split_first().unwrap_or((&0, &[]));
    let (first, second) = rest.split_at(usize::from(at).min(rest.len()));
    if let Ok(images) = idx::pair(first, second) {
        assert!(is_whole(&images), "IDX");
    }
    for layout in [&cifar::CIFAR_10, &cifar::CIFAR_100] {
        let classes = vec![String::new(); 100];
        let mut images = Images { channels: 3, height: 32, width: 32, classes, ..Images::default() };
        if cifar::parse(data, layout, &mut images).is_ok() {
            assert!(is_whole(&images), "CIFAR");
        }
    }
    if let Ok(images) = digits::parse(data) {
        assert!(is_whole(&images), "digits");
    }
    if let Ok((_, pairs, _)) = pairs::parse(data) {
        assert!(!pairs.is_empty() && pairs.iter().all(|pair| pair.chosen != pair.rejected), "pairs");
    }
    if let Ok([train, held_out]) = text::split(data.to_vec(), 0.25) {
        assert!(!train.is_empty() && !held_out.is_empty() && [train, held_out].concat() == data, "text");
    }
    // the decoders of others, only that they end
    let _ = folder::decode(data);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::Path;

    fn corpus() -> Vec<Vec<u8>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/data");
        let files = std::fs::read_dir(folder).expect("the corpus is there");
        let mut paths: Vec<_> = files.map(|entry| entry.expect("a file").path()).collect();
        paths.sort();
        paths.iter().map(|path| std::fs::read(path).expect("is read")).collect()
    }

    #[test]
    fn the_corpus_is_read() {
        let corpus = corpus();
        let read = |one: &dyn Fn(&[u8]) -> bool| corpus.iter().filter(|data| one(data)).count();
        let idx = |data: &[u8]| {
            let (pictures, labels) = data[1..].split_at(usize::from(data[0]).min(data.len() - 1));
            idx::pair(pictures, labels).is_ok()
        };
        corpus.iter().for_each(|data| fuzz_data(data));
        assert!(read(&idx) > 0);
        assert!(read(&|data| pairs::parse(data).is_ok()) > 1);
        assert!(read(&|data| digits::parse(data).is_ok()) > 0);
        assert!(read(&|data| cifar::parse(data, &cifar::CIFAR_10, &mut Images::default()).is_ok()) > 0);
        assert!(read(&|data| folder::decode(data).is_ok()) > 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn any_bytes_obey_the_laws(data in prop::collection::vec(any::<u8>(), 0..200)) {
            fuzz_data(&data);
        }

        #[test]
        fn damaged_files_obey_the_laws(
            data in prop::sample::select(corpus()),
            edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
            end in any::<prop::sample::Index>(),
            cuts in any::<bool>(),
        ) {
            let mut data = data;
            for (at, byte) in edits {
                let at = at.index(data.len());
                data[at] = byte;
            }
            if cuts {
                data.truncate(end.index(data.len() + 1));
            }
            fuzz_data(&data);
        }
    }
}
