//! Models run by ONNX Runtime, each in a session of its own, on one thread.

use super::{Batch, Code, Refusal, Trouble};
use crate::expr::FloatFormat;
use crate::kernels::Pass;
use half::{bf16, f16};
use ort::ErrorCode;
use ort::logging::LogLevel;
use ort::session::Session;
use ort::session::builder::GraphOptimizationLevel;
use ort::value::{PrimitiveTensorElementType, TensorRef};
use serde_json::{Value, json};
use std::path::Path;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// How far the runtime may rewrite a model before it runs it, by the names that it has for that.
const LEVELS: [(&str, GraphOptimizationLevel); 4] = [
    ("disable", GraphOptimizationLevel::Disable),
    ("basic", GraphOptimizationLevel::Level1),
    ("extended", GraphOptimizationLevel::Level2),
    ("all", GraphOptimizationLevel::All),
];

/// A model that is ready to run.
struct Ready {
    session: Session,
    /// dimensions of the input; only the last one is free
    rank: usize,
}

/// Models of one operation or activation, for several formats.
pub struct Loaded {
    models: Vec<Option<Ready>>,
    about: Value,
}

impl Code for Loaded {
    fn describe(&self) -> Value {
        self.about.clone()
    }

    fn answer(&mut self, batch: &Batch, memory: &mut [u8]) -> Result<i64, Trouble> {
        let ready = self.models.get_mut(batch.kernel).and_then(Option::as_mut);
        let ready = ready.filter(|_| batch.pass == Pass::Forward).ok_or_else(|| Trouble::no_kernel(batch))?;
        let n = match batch.format {
            FloatFormat::F64 => ready.run::<f64>(batch, memory),
            FloatFormat::F32 => ready.run::<f32>(batch, memory),
            FloatFormat::F16 => ready.run::<f16>(batch, memory),
            FloatFormat::Bf16 => ready.run::<bf16>(batch, memory),
        }?;
        i64::try_from(n).map_err(|_| Trouble::no_kernel(batch))
    }
}

/// An element type of the runtime and of the shared memory.
trait Element:
    PrimitiveTensorElementType + Copy + std::fmt::Debug + FromBytes + IntoBytes + Immutable + KnownLayout + 'static
{
}

impl Element for f64 {}
impl Element for f32 {}
impl Element for f16 {}
impl Element for bf16 {}

impl Ready {
    fn run<T: Element>(&mut self, batch: &Batch, memory: &mut [u8]) -> Result<usize, Trouble> {
        let arrays = batch.arrays::<T>(memory);
        let (x, out) = arrays.ok_or_else(|| Trouble::new("exception", "the shared memory is not aligned"))?;
        let mut shape = vec![1; self.rank - 1];
        shape.push(batch.n);
        let failed = |error: ort::Error| Trouble::new("exception", line(&error));
        let input = TensorRef::from_array_view((shape.clone(), x)).map_err(failed)?;
        let outputs = self.session.run(ort::inputs![input]).map_err(failed)?;
        let (found, y) = outputs[0].try_extract_tensor::<T>().map_err(|error| Trouble::new("type", line(&error)))?;
        if !found.iter().zip(&shape).all(|(a, b)| usize::try_from(*a) == Ok(*b)) || found.len() != shape.len() {
            return Err(Trouble::new("length", format!("it returned the shape {:?} for {shape:?}", &**found)));
        }
        // the runtime has memory of its own for outputs
        out.copy_from_slice(y);
        Ok(y.len())
    }
}

/// Loads `{"runtime": PATH, "opt": LEVEL, "models": [{"dtype": .., "model": hex digits, "rank": 1}]}`. A model that the
/// runtime refuses is no error as long as there is another one: it may have no kernel for a type.
pub fn load(what: &Value) -> Result<Loaded, Refusal> {
    let path = what["runtime"].as_str().unwrap_or_default();
    let version = super::library::onnx_version(path)?;
    let refused = |error: String| Refusal { kind: "runtime", text: error };
    let environment = ort::init_from(Path::new(path)).map_err(|e| refused(e.to_string()))?;
    let environment = environment.with_name("actaudit").with_telemetry(false).build();
    let environment = environment.map_err(|e| refused(line(&e)))?;
    let level = LEVELS.iter().find(|(name, _)| what["opt"] == *name);
    let (name, level) = level.ok_or_else(|| refused("there is no such level of optimisation".into()))?;
    let (mut models, mut about) = (vec![], vec![]);
    for model in what["models"].as_array().into_iter().flatten() {
        let bytes = unhex(model["model"].as_str().unwrap_or_default());
        let made = Session::builder(&environment).and_then(|builder| {
            let builder = builder.with_optimization_level(*level)?.with_intra_threads(1)?.with_inter_threads(1)?;
            builder.with_log_level(LogLevel::Fatal)?.commit_from_memory(&bytes)
        });
        about.push(match &made {
            Ok(_) => json!({"dtype": model["dtype"]}),
            Err(error) => json!({"dtype": model["dtype"], "error": line(error), "why": why(error.code())}),
        });
        let rank = model["rank"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(1).max(1);
        models.push(made.ok().map(|session| Ready { session, rank }));
    }
    Ok(Loaded { models, about: json!({"kernels": about, "version": version, "opt": name}) })
}

/// Why the runtime has no session for a model, as far as its code says it.
const fn why(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::NotImplemented => "kernel",
        ErrorCode::InvalidGraph => "graph",
        _ => "other",
    }
}

/// What the runtime says, in one line.
fn line(error: &ort::Error) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok()).unwrap_or(0);
    text.as_bytes().chunks(2).map(|pair| pair.iter().fold(0, |all, b| all << 4 | digit(*b))).collect()
}
