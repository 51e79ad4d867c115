//! A torch kernel as code under test.

use super::element::Element;
use super::{Device, Layout, TorchError, TorchKernel, runtime};
use crate::expr::{Activation, FloatFormat};
use crate::kernels::{Call, Pass};
use crate::subject::options::Options;
use crate::subject::{Subject, SubjectError};

/// Reads `torch[:OP|:definition][@DEVICE][,layout=LAYOUT]`.
pub(in crate::subject) fn parse(text: &str, activation: &Activation) -> Result<TorchKernel, SubjectError> {
    let rest = text.strip_prefix("torch").unwrap_or(text);
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    let options = Options::of(text, rest, &["layout"])?;
    let (code, device) = options.head.split_once('@').unwrap_or((options.head, "cpu"));
    let device: Device = device.parse().map_err(|e: TorchError| options.malformed(&e.to_string()))?;
    let layout = options.choice("layout", &Layout::ALL.map(|layout| (layout.name(), layout)))?.unwrap_or_default();
    let kernel = match code {
        "" => TorchKernel::of(activation, device),
        "definition" => TorchKernel::definition(activation, device),
        op => TorchKernel::new(op, device).map(|kernel| kernel.with_values_of(activation)),
    };
    Ok(kernel?.with_layout(layout)?.probed()?)
}

/// As a subject, a kernel always gets whole vectors (64 elements, more than any of torch's): some operations take another
/// route for a short tensor or for the rest of a long one, and then an input would not replay alone what it did among
/// others. [`TorchKernel::forward`] and the other passes compute at exactly the length of the slice.
const LANES: usize = 64;

impl Subject for TorchKernel {
    fn name(&self) -> String {
        let device = match self.device() {
            Device::Cpu => String::new(),
            device => format!("@{device}"),
        };
        let layout = match self.layout() {
            Layout::Contiguous => String::new(),
            layout => format!(",layout={}", layout.name()),
        };
        format!("torch:{}{device}{layout}", self.code())
    }

    fn costly_call(&self) -> bool {
        true
    }

    fn supports(&self, format: FloatFormat, pass: Pass) -> bool {
        self.has(format, pass)
    }

    fn lacks(&self, _: FloatFormat) -> &'static str {
        "libtorch has no such code for this format and pass"
    }

    fn environment(&self) -> Option<String> {
        let note = self.op().map_or("", |op| op.note);
        let mut text = format!("{}, device {}, {}", runtime(), self.device(), self.layout().name());
        if !note.is_empty() {
            text.push_str("; ");
            text.push_str(note);
        }
        Some(text)
    }

    fn manners(&self) -> Vec<(&'static str, Box<dyn Subject + '_>)> {
        if self.layout() != Layout::Contiguous {
            return vec![];
        }
        let mut manners: Vec<(&'static str, Box<dyn Subject + '_>)> = vec![("short", Box::new(Bare(self)))];
        for layout in Layout::ALL.into_iter().filter(|layout| *layout != Layout::Contiguous) {
            if let Ok(kernel) = self.clone().with_layout(layout) {
                manners.push((layout.name(), Box::new(kernel)));
            }
        }
        manners
    }

    fn run(&self, pass: Pass, call: Call<'_>) -> Result<(), SubjectError> {
        fn fill<T: Element>(kernel: &TorchKernel, pass: Pass, x: &[T], y: &mut [T]) -> Result<(), SubjectError> {
            let whole = x.len().next_multiple_of(LANES);
            if whole == x.len() {
                return Ok(kernel.fill(pass, x, y)?);
            }
            let mut padded = x.to_vec();
            padded.resize(whole, x.last().copied().unwrap_or_default());
            let mut values = vec![T::new_zeroed(); whole];
            kernel.fill(pass, &padded, &mut values)?;
            y.copy_from_slice(&values[..x.len()]);
            Ok(())
        }
        match call {
            Call::F64(x, y) => fill(self, pass, x, y),
            Call::F32(x, y) => fill(self, pass, x, y),
            Call::F16(x, y) => fill(self, pass, x, y),
            Call::Bf16(x, y) => fill(self, pass, x, y),
        }
    }
}

/// The same kernel, asked at exactly the length of the slice.
struct Bare<'a>(&'a TorchKernel);

impl Subject for Bare<'_> {
    fn name(&self) -> String {
        self.0.name()
    }

    fn supports(&self, format: FloatFormat, pass: Pass) -> bool {
        self.0.has(format, pass)
    }

    fn run(&self, pass: Pass, call: Call<'_>) -> Result<(), SubjectError> {
        Ok(match call {
            Call::F64(x, y) => self.0.fill(pass, x, y),
            Call::F32(x, y) => self.0.fill(pass, x, y),
            Call::F16(x, y) => self.0.fill(pass, x, y),
            Call::Bf16(x, y) => self.0.fill(pass, x, y),
        }?)
    }
}
