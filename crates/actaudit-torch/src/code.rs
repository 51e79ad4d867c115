//! A torch kernel as the code that a worker serves.

use crate::call::register;
use crate::cuda::card;
use crate::{Device, Element, Layout, TorchError, TorchKernel, runtime};
use actaudit::expr::{Activation, Definition, FloatFormat, parse_rational};
use actaudit::internal::{Batch, Code, Refusal, Trouble};
use actaudit::kernels::Pass;
use half::{bf16, f16};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// A kernel always gets whole vectors (64 elements, more than any of torch's): some operations take another route for a
/// short tensor or for the rest of a long one, and then an input would not replay alone what it did among others.
/// [`TorchKernel::forward`] and the other passes compute at exactly the length of the slice.
const LANES: usize = 64;

/// The kernel that is meant, and the ways in which it can be called besides: a number for each.
struct Served {
    usual: TorchKernel,
    /// with their names; the first is `short`, the kernel at exactly the length of the slice
    manners: Vec<(&'static str, TorchKernel)>,
}

/// Loads `{"code": OP, "device": .., "layout": .., "library": PATH, "definition": TOML, "values": {..}}`. No name of an operation stands for the
/// one that computes the activation.
///
/// # Errors
/// If the text is not understood, or torch has no such thing.
pub fn load(what: &Value) -> Result<Box<dyn Code>, Refusal> {
    let text = |key: &str| what[key].as_str().unwrap_or_default();
    let malformed = |e: &dyn std::fmt::Display| Refusal::new("malformed", e.to_string());
    let device: Device = text("device").parse().map_err(|e: TorchError| malformed(&e))?;
    let layout = Layout::ALL.into_iter().find(|layout| layout.name() == text("layout")).unwrap_or_default();
    let activation = activation(what).map_err(|e| malformed(&e))?;
    let library = what["library"].as_str();
    if let Some(path) = library {
        register(Path::new(path)).map_err(|e| Refusal::new("library", e))?;
    }
    let kernel = match text("code") {
        name if library.is_some() => TorchKernel::operator(name, device),
        "" => TorchKernel::of(&activation, device),
        "definition" => TorchKernel::definition(&activation, device),
        op => TorchKernel::new(op, device).map(|kernel| kernel.with_values_of(&activation)),
    };
    let usual = kernel.and_then(|kernel| kernel.with_layout(layout)?.probed());
    let usual = usual.map_err(|e| Refusal::new("torch", e.to_string()))?;
    let manners = if layout == Layout::Contiguous { manners(&usual) } else { vec![] };
    Ok(Box::new(Served { usual, manners }))
}

/// The activation that was sent.
fn activation(what: &Value) -> Result<Activation, String> {
    let toml = what["definition"].as_str().unwrap_or_default();
    let definition = Definition::from_toml(toml, "the definition that was sent").map_err(|e| e.to_string())?;
    let values = what["values"].as_object().into_iter().flatten().map(|(name, value)| {
        let value = parse_rational(value.as_str().unwrap_or_default()).map_err(|e| e.to_string())?;
        Ok((name.clone(), value))
    });
    let values: BTreeMap<_, _> = values.collect::<Result<_, String>>()?;
    Activation::new(Arc::new(definition), &values).map_err(|e| e.to_string())
}

fn manners(kernel: &TorchKernel) -> Vec<(&'static str, TorchKernel)> {
    let others = Layout::ALL.into_iter().filter(|layout| *layout != Layout::Contiguous);
    let laid = others.filter_map(|layout| Some((layout.name(), kernel.clone().with_layout(layout).ok()?)));
    std::iter::once(("short", kernel.clone())).chain(laid).collect()
}

impl Code for Served {
    fn describe(&self) -> Value {
        let known = || Pass::KNOWN.into_iter().flat_map(|pass| FloatFormat::ALL.map(|format| (format, pass)));
        let has = known().filter(|(format, pass)| self.usual.has(*format, *pass));
        json!({
            "name": name(&self.usual),
            "environment": environment(&self.usual),
            "has": has.map(|(format, pass)| [format.name(), pass.name()]).collect::<Vec<_>>(),
            "manners": self.manners.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        })
    }

    fn answer(&mut self, batch: &Batch, memory: &mut [u8]) -> Result<i64, Trouble> {
        let (kernel, whole) = match batch.kernel {
            0 => (&self.usual, true),
            k => {
                let (name, kernel) = self.manners.get(k - 1).ok_or_else(|| Trouble::no_kernel(batch))?;
                (kernel, *name != "short")
            }
        };
        match batch.format {
            FloatFormat::F64 => answer::<f64>(kernel, whole, batch, memory),
            FloatFormat::F32 => answer::<f32>(kernel, whole, batch, memory),
            FloatFormat::F16 => answer::<f16>(kernel, whole, batch, memory),
            FloatFormat::Bf16 => answer::<bf16>(kernel, whole, batch, memory),
        }
    }
}

fn answer<T: Element>(kernel: &TorchKernel, whole: bool, batch: &Batch, memory: &mut [u8]) -> Result<i64, Trouble> {
    let arrays = batch.arrays::<T>(memory);
    let (x, y) = arrays.ok_or_else(|| Trouble::new("exception", "the shared memory is not aligned"))?;
    let filled = if whole { fill_whole(kernel, batch.pass, x, y) } else { kernel.fill(batch.pass, x, y) };
    filled.map_err(|e| Trouble::new("exception", e.to_string()))?;
    i64::try_from(y.len()).map_err(|_| Trouble::no_kernel(batch))
}

/// Fills `y` from a tensor of whole vectors.
fn fill_whole<T: Element>(kernel: &TorchKernel, pass: Pass, x: &[T], y: &mut [T]) -> Result<(), TorchError> {
    let whole = x.len().next_multiple_of(LANES);
    if whole == x.len() {
        return kernel.fill(pass, x, y);
    }
    let mut padded = x.to_vec();
    padded.resize(whole, x.last().copied().unwrap_or_default());
    let mut values = vec![T::new_zeroed(); whole];
    kernel.fill(pass, &padded, &mut values)?;
    y.copy_from_slice(&values[..x.len()]);
    Ok(())
}

/// As on the command line.
fn name(kernel: &TorchKernel) -> String {
    let device = match kernel.device() {
        Device::Cpu => String::new(),
        device => format!("@{device}"),
    };
    let layout = match kernel.layout() {
        Layout::Contiguous => String::new(),
        layout => format!(",layout={}", layout.name()),
    };
    format!("torch:{}{device}{layout}", kernel.code())
}

/// What its results depend on besides the inputs.
fn environment(kernel: &TorchKernel) -> String {
    let note = kernel.op().map(|op| op.note).filter(|note| !note.is_empty());
    let note = note.map_or_else(String::new, |note| format!("; {note}"));
    let layout = kernel.layout().name();
    match kernel.device() {
        Device::Cpu => format!("{}, device cpu, {layout}{note}", runtime()),
        // what the processor has does not matter there
        device @ Device::Cuda(n) => {
            format!("libtorch {}, device {device}: {}, {layout}{note}", runtime().version, card(n))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actaudit::catalog;
    use actaudit::internal::{LAYOUTS, MANNERS};

    fn asked(code: &str, id: &str) -> Value {
        let definition = catalog::find(id).expect("in the catalogue");
        json!({"code": code, "device": "cpu", "layout": "contiguous", "definition": definition.to_toml(), "values": {}})
    }

    #[test]
    fn the_names_are_those_that_the_audit_knows() {
        assert_eq!(Layout::ALL.map(Layout::name), LAYOUTS);
        let served = load(&asked("relu", "relu")).map_err(|e| e.text).expect("there");
        assert_eq!(served.describe()["manners"], json!(MANNERS));
    }

    #[test]
    fn what_is_not_understood_is_told_apart_from_what_is_not_there() {
        for (code, device, kind) in [("gelu", "gpu", "malformed"), ("swoosh", "cpu", "torch"), ("", "cuda:77", "torch")]
        {
            let mut what = asked(code, "gelu");
            what["device"] = device.into();
            assert_eq!(load(&what).err().map(|e| e.kind), Some(kind), "{code}@{device}");
        }
        assert_eq!(load(&json!({"device": "cpu"})).err().map(|e| e.kind), Some("malformed"));
    }
}
