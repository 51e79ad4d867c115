//! The state of a run in a file (safetensors), replaced as a whole: a run that was killed goes on from there, bit for bit.

use super::optim::AdamW;
use super::params::Params;
use actaudit::internal::train::RunSpec;
use std::path::Path;
use tch::{TchError, Tensor, no_grad};

/// What belongs to which run.
const OF: &str = "run";
const STEP: &str = "step";
/// The digest of the reference model when it was made.
const THEN: &str = "reference.then";

/// A digest of all that a run's curve depends on, as bytes.
fn identity(spec: &RunSpec) -> Vec<u8> {
    spec.identity().into_bytes()
}

/// Everything that changes from step to step, by name.
fn state(params: &Params, adam: &AdamW, reference: Option<&Params>) -> Result<Vec<(String, Tensor)>, TchError> {
    let mut all = vec![("parameters".to_owned(), params.flat()?)];
    all.push(("adam.first".to_owned(), adam.first.shallow_clone()));
    all.push(("adam.second".to_owned(), adam.second.shallow_clone()));
    all.extend(params.buffers.iter().map(|(name, tensor)| (format!("buffer.{name}"), tensor.shallow_clone())));
    if let Some(reference) = reference {
        all.push(("reference".to_owned(), reference.flat()?));
    }
    Ok(all)
}

/// Writes the state after so many steps.
pub(super) fn write(
    file: &Path,
    spec: &RunSpec,
    steps: usize,
    params: &Params,
    reference: Option<&(Params, String)>,
    adam: &AdamW,
) -> Result<(), String> {
    let write = || -> Result<(), TchError> {
        let mut all = state(params, adam, reference.map(|(params, _)| params))?;
        for (_, tensor) in &mut all {
            *tensor = tensor.f_to_device(tch::Device::Cpu)?.f_contiguous()?;
        }
        all.push((STEP.to_owned(), Tensor::f_from_slice(&[steps as i64])?));
        all.push((OF.to_owned(), Tensor::f_from_slice(&identity(spec))?));
        if let Some((_, digest)) = reference {
            all.push((THEN.to_owned(), Tensor::f_from_slice(digest.as_bytes())?));
        }
        let new = file.with_extension("safetensors.new");
        Tensor::write_safetensors(&all, &new)?;
        std::fs::rename(&new, file).map_err(|e| TchError::FileFormat(e.to_string()))
    };
    write().map_err(|e| format!("cannot keep the state of the run in {}: {}", file.display(), first_line(&e)))
}

/// Reads the state of this run, if the file is there; the steps that were made, and the digest of the reference model when it was
/// made. The file of another run is left alone.
pub(super) fn read(
    file: &Path,
    spec: &RunSpec,
    params: &Params,
    reference: Option<&Params>,
    adam: &AdamW,
) -> Result<Option<(usize, Option<String>)>, String> {
    if !file.is_file() {
        return Ok(None);
    }
    let wrong = |why: &str| format!("{}: {why}; remove it to start the run anew", file.display());
    let kept = Tensor::read_safetensors(file).map_err(|e| wrong(&first_line(&e)))?;
    let find = |name: &str| kept.iter().find(|(n, _)| n == name).map(|(_, tensor)| tensor);
    let bytes = |name: &str| find(name).and_then(|t| Vec::<u8>::try_from(t).ok());
    if bytes(OF) != Some(identity(spec)) {
        return Err(wrong("is the state of another run"));
    }
    let step = find(STEP).and_then(|t| t.f_int64_value(&[0]).ok()).and_then(|step| usize::try_from(step).ok());
    let Some(step) = step else { return Err(wrong("has no number of steps")) };
    for (name, mut tensor) in state(params, adam, reference).map_err(|e| first_line(&e))? {
        // before the reference model is made there is none in the file
        let Some(from) = find(&name) else {
            if name == "reference" {
                continue;
            }
            return Err(wrong(&format!("has no {name}")));
        };
        no_grad(|| tensor.f_copy_(from)).map_err(|e| wrong(&first_line(&e)))?;
    }
    Ok(Some((step, bytes(THEN).and_then(|then| String::from_utf8(then).ok()))))
}

/// What libtorch says, without its backtrace.
pub(super) fn first_line(error: &TchError) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}
