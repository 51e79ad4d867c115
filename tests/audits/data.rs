//! Real data sets out of packages, which scripts/fetch-data.sh puts into `.deps/data`.

use super::there::there;
use actaudit::internal::data::{Data, ImageSet, Normalisation, Origin, Overlap, constructed, content, find, overlap};
use std::path::{Path, PathBuf};

fn folder(name: &str) -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".deps/data").join(name);
    if folder.is_dir() { Ok(folder) } else { Err(format!("{name} is not there: run scripts/fetch-data.sh {name}")) }
}

fn images(name: &str) -> Option<ImageSet> {
    let folder = folder(name);
    if !there(folder.as_ref()) {
        return None;
    }
    match find(&folder.ok()?) {
        Ok(Data::Images(set)) => Some(set),
        other => panic!("{other:?}"),
    }
}

#[test]
fn fashion_mnist_is_known_by_its_content() {
    let Some(set) = images("fashion-mnist") else { return };
    assert_eq!(
        (set.name.as_str(), set.train.len(), set.test.len(), set.train.size()),
        ("Fashion-MNIST", 60_000, 10_000, 784)
    );
    assert_eq!((set.train.counts(), set.test.counts()), (vec![6000; 10], vec![1000; 10]));
    assert_eq!((set.train.labels[0], set.train.classes[9].as_str()), (9, "Ankle boot"));
    assert_eq!(content(&set.test), "a760838bc7e7fb0de50a4776cffbaa208578298b4a42097d368974d395c8c2dd");
    // figures that others publish: .2860 and .3530
    let norm = Normalisation::of(&set.train).expect("has a spread");
    assert!((norm.mean[0] - 0.2860).abs() < 5e-5 && (norm.sd[0] - 0.3530).abs() < 5e-5, "{norm:?}");
    // no picture is there twice
    let own = overlap(&set);
    assert_eq!(own, Overlap::default());
    // a loader that leaks one picture of the test set into training is told from what the set has by itself
    let mut leaky = set;
    let (size, leaked) = (leaky.train.size(), leaky.test.picture(123).to_vec());
    leaky.train.pixels[..size].copy_from_slice(&leaked);
    assert_eq!(overlap(&leaky).shared.len(), own.shared.len() + 1);
}

#[test]
fn digits_are_read_and_split() {
    let Some(set) = images("mnist-5k") else { return };
    assert_eq!((set.train.counts(), set.test.counts()), (vec![400; 10], vec![100; 10]));
    assert_eq!(overlap(&set).shared.len(), 0);
}

#[test]
fn a_text_becomes_pairs() {
    // npm is not everywhere: without the addresses any text does
    let own = tempfile::tempdir().expect("a folder");
    std::fs::write(own.path().join("text.txt"), include_str!("../../ARCHITECTURE.md")).expect("is written");
    for path in [Some(own.path().to_owned()), folder("addresses").ok()].into_iter().flatten() {
        let Ok(Data::Text(text)) = find(&path) else { panic!("no text") };
        println!("{}: {} files, {} + {} bytes", text.name, text.files, text.train.len(), text.held_out.len());
        assert!(text.train.len() > 8 * text.held_out.len());
        let pairs = constructed(&text.train, 100, [64, 32], 1, "pairs").expect("are made");
        assert!(
            pairs.iter().all(|pair| pair.prompt.len() == 64 && pair.chosen.len() == 32 && pair.rejected.len() == 32)
        );
    }
    assert_eq!(Origin::Constructed.name(), "constructed");
}
