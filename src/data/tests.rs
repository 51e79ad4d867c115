//! Folders of every kind, found and refused.

use super::*;
use crate::data::read::gzipped;
use std::fs;
use std::path::Path;

/// An IDX file with these sizes and values.
fn idx(sizes: &[u32], values: &[u8]) -> Vec<u8> {
    let mut data = vec![0, 0, 8, sizes.len() as u8];
    sizes.iter().for_each(|size| data.extend(size.to_be_bytes()));
    data.extend(values);
    data
}

/// Files that are put into a folder, and what is found there.
fn found(files: &[(&str, Vec<u8>)]) -> Result<Data, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let inside = folder.path().join("mine");
    for (name, data) in files {
        let path = inside.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("is made");
        fs::write(path, data).expect("is written");
    }
    fs::create_dir_all(&inside).expect("is made");
    find(&inside).map_err(|error| error.to_string())
}

fn images(files: &[(&str, Vec<u8>)]) -> ImageSet {
    match found(files) {
        Ok(Data::Images(set)) => set,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn refused(files: &[(&str, Vec<u8>)], part: &str) {
    let error = found(files).expect_err("must be refused");
    assert!(error.contains(part), "{error}");
}

fn mnist() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("train-images-idx3-ubyte.gz", gzipped(&idx(&[3, 2, 2], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]))),
        ("train-labels-idx1-ubyte", idx(&[3], &[0, 2, 1])),
        ("t10k-images.idx3-ubyte", idx(&[1, 2, 2], &[5, 6, 7, 8])),
        ("t10k-labels.idx1-ubyte.gz", gzipped(&idx(&[1], &[2]))),
    ]
}

#[test]
fn idx_folders() {
    let set = images(&mnist());
    assert_eq!((set.name.as_str(), set.train.len(), set.test.len(), set.test.classes.len()), ("mine", 3, 1, 3));
    // the picture to test on was among those to train on
    assert_eq!(overlap(&set).shared, [[0, 1]]);
    let with = |k: usize, data: Vec<u8>| {
        let mut files = mnist();
        files[k].1 = data;
        files
    };
    refused(
        &with(3, idx(&[1], &[3])),
        "t10k-labels.idx1-ubyte.gz: byte 8: label 3, of which there is nothing to train on",
    );
    refused(&with(3, idx(&[2], &[1, 1])), "2 labels for 1 pictures");
    refused(&with(2, idx(&[1, 1, 4], &[5, 6, 7, 8])), "t10k-images.idx3-ubyte: byte 8: pictures of 1 x 4");
    refused(&with(0, gzipped(&idx(&[3, 2, 2], &[1]))), "train-images-idx3-ubyte.gz: byte 17: the file ends");
    refused(&with(0, mnist()[0].1[..30].to_vec()), "the gzip stream is broken here");
    refused(&with(1, idx(&[3], &[0, 2, 1, 0])), "train-labels-idx1-ubyte: byte 11: 1 bytes more");
    // without labels it is no data set
    refused(&mnist()[..3], "no complete data set; there is t10k-images.idx3-ubyte, train-images-idx3-ubyte.gz");
}

#[test]
fn cifar_folders() {
    let record = |labels: &[u8]| [labels, &[7; 3072]].concat();
    let batch = |k: u8| record(&[k]);
    let mut files: Vec<(&str, Vec<u8>)> = vec![
        ("data_batch_1.bin", batch(1)),
        ("data_batch_2.bin", batch(2)),
        ("data_batch_3.bin", batch(3)),
        ("data_batch_4.bin", batch(4)),
        ("data_batch_5.bin", batch(5)),
        ("test_batch.bin", batch(6)),
    ];
    let set = images(&files);
    assert_eq!((&set.train.labels[..], &set.test.labels[..], set.train.size()), (&[1, 2, 3, 4, 5][..], &[6][..], 3072));
    // five pictures are not CIFAR-10
    assert_eq!((set.name.as_str(), set.format.as_str()), ("mine", "CIFAR-10 binary"));
    files.push((
        "batches.meta.txt",
        b"airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n".to_vec(),
    ));
    assert_eq!(images(&files).train.classes[9], "truck");
    files[6].1 = b"airplane\n".to_vec();
    refused(&files, "batches.meta.txt: line 1: 1 names, but there are 10 classes");
    files[6].1 = vec![b'a', 0xff];
    refused(&files, "batches.meta.txt: byte 1: not UTF-8");
    files.remove(3);
    refused(&files, "no complete data set");
    let set = images(&[("train.bin", record(&[3, 70])), ("test.bin", record(&[3, 71]))]);
    assert_eq!((&set.train.labels[..], set.train.classes.len()), (&[70][..], 100));
    refused(&[("train.bin", record(&[3])), ("test.bin", record(&[3, 71]))], "train.bin: byte 0: 3073 bytes are left");
}

#[test]
fn digits_pairs_and_texts() {
    let line = |label: usize| format!("{}{label}\n", "0,".repeat(784));
    let digits: String = (0..50).map(|k| line(k % 10)).collect();
    let set = images(&[("mnist_5k.csv.gz", gzipped(digits.as_bytes()))]);
    assert_eq!((set.train.len(), set.test.counts()), (40, vec![1; 10]));
    refused(&[("mnist_5k.csv", line(1).into_bytes())], "1 pictures leave none to hold out");

    let pair = b"{\"chosen\":\"\\n\\nHuman: a\\n\\nAssistant: b\",\"rejected\":\"\\n\\nHuman: a\\n\\nAssistant: c\"}\n";
    let shp = br#"{"history":"a","human_ref_A":"b","human_ref_B":"c","labels":1,"score_A":9,"score_B":2}"#;
    let files = [("train.jsonl.gz", gzipped(&pair.repeat(3))), ("test.jsonl", pair.to_vec())];
    let Ok(Data::Pairs(pairs)) = found(&files) else { panic!("no pairs") };
    assert_eq!((pairs.origin, pairs.train.len(), pairs.test.len(), pairs.left_out), (Origin::Hh, 3, 1, 0));
    let Ok(Data::Pairs(pairs)) = found(&[("train.json", shp.to_vec()), ("test.json", shp.to_vec())]) else {
        panic!("none")
    };
    assert_eq!((pairs.origin.name(), Origin::Constructed.name()), ("SHP", "constructed"));
    refused(&[("train.json", shp.to_vec()), ("test.json", pair.to_vec())], "test.json: line 1: in the layout of HH");
    refused(&[("train.jsonl", [&pair[..], b"{"].concat()), ("test.json", pair.to_vec())], "train.jsonl: line 2: EOF");

    let Ok(Data::Text(text)) = found(&[("a.txt", b"0123456789".to_vec())]) else { panic!("no text") };
    assert_eq!((text.name.as_str(), text.train.len(), &text.held_out[..]), ("mine", 9, &b"9"[..]));
    refused(&[("a.txt", vec![])], "leave an empty half");
}

#[test]
fn what_is_expected_is_said() {
    refused(&[], "the folder is empty");
    for part in [
        "train-images-idx3-ubyte",
        "data_batch_1.bin",
        "train.bin",
        "mnist_5k.csv",
        "train/CLASS",
        "human_ref_A",
        ".txt",
        "dataset-fashion-mnist",
    ] {
        refused(&[("a", vec![]), ("b", vec![])], part);
    }
    let error = find(Path::new("no/such/folder")).expect_err("must be refused").to_string();
    assert!(error.starts_with("cannot read no/such/folder"), "{error}");
}
