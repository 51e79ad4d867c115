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
