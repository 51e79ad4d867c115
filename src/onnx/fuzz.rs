//! The laws of model files, for any bytes: what the fuzz target and its stand-in among the tests call.

use super::cut::cut;
use super::find::{part, parts};
use super::graph::scopes;
use super::model::Model;

/// Reads arbitrary bytes as a model file, finds the parts of it and cuts them out.
///
/// # Panics
/// If a law is broken: what is written must read as the same, and a part that is cut out must be, as a model of its own,
/// the same expression.
pub fn fuzz_model(data: &[u8]) {
    let Ok(model) = Model::read(data.to_vec()) else { return };
    assert!(Model::read(model.write()).is_ok(), "a model that is written cannot be read");
    for scope in &scopes(&model) {
        for found in parts(scope).into_iter().take(20) {
            let (cut, _) = cut(scope, &found, 1, model.ir_version);
            let again = scopes(&cut);
            let again = &again[0];
            let ends = [found.root, found.sink].map(|id| again.find(scope.values[id].name));
            let [Some(root), Some(sink)] = ends else { panic!("a part has lost its ends") };
            // names that are given twice are for the runtime to refuse
            if let Some(same) = part(again, root, sink, &mut 1000) {
                assert!(same.steps.len() <= found.steps.len(), "a part has grown");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::FloatFormat;
    use crate::onnx::ops::OPERATORS;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::path::Path;

    fn corpus() -> Vec<Vec<u8>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/model");
        let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let own = OPERATORS.iter().map(|o| o.model(&BTreeMap::new(), None, FloatFormat::F32).unwrap());
        files.into_iter().map(|file| std::fs::read(file).unwrap()).chain(own).collect()
    }

    #[test]
    fn the_corpus_obeys_the_laws() {
        let corpus = corpus();
        assert!(corpus.len() > OPERATORS.len(), "the corpus is gone");
        for data in &corpus {
            assert!(Model::read(data.clone()).is_ok());
            fuzz_model(data);
        }
    }

    /// A model with some bytes replaced, and perhaps its end cut off.
    fn damaged() -> impl Strategy<Value = Vec<u8>> {
        let edit = (any::<prop::sample::Index>(), 0usize..3, prop::collection::vec(any::<u8>(), 0..3));
        let edits = prop::collection::vec(edit, 0..5);
        (prop::sample::select(corpus()), edits, any::<prop::sample::Index>(), any::<bool>()).prop_map(
            |(mut data, edits, end, cuts)| {
                for (at, removed, bytes) in edits {
                    let start = at.index(data.len() + 1);
                    let end = (start + removed).min(data.len());
                    data.splice(start..end, bytes);
                }
                if cuts {
                    data.truncate(end.index(data.len() + 1));
                }
                data
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1500))]

        #[test]
        fn any_bytes_obey_the_laws(data in prop::collection::vec(any::<u8>(), 0..200)) {
            fuzz_model(&data);
        }

        #[test]
        fn damaged_models_obey_the_laws(data in damaged()) {
            fuzz_model(&data);
        }
    }
}
