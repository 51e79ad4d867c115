//! Kernels out of a shared library. Whatever can go wrong in here goes wrong in the worker's process.
#![expect(unsafe_code, reason = "foreign code is loaded and called")]

use super::fence::Fenced;
use super::manner::{self, KERNELS};
use super::{Batch, Code, Refusal, Trouble};
use crate::kernels::Pass;
use crate::subject::isolate::{GRADIENT, INPUT, OUTPUT};
use crate::subject::{Array, Fence};
use libloading::Library;
use serde_json::{Value, json};
use std::ffi::{CStr, c_char, c_void};
use std::slice;

/// The version of `include/actaudit_plugin.h`.
const ABI: u32 = 1;
/// The function that a plugin exports.
const ENTRY: &str = "actaudit_plugin";
/// Element types by their number in the header.
const DTYPES: [&str; 4] = ["f64", "f32", "f16", "bf16"];

type Forward = unsafe extern "C" fn(*const c_void, *mut c_void, usize);
type Backward = unsafe extern "C" fn(*const c_void, *const c_void, *mut c_void, usize);
type PluginForward = unsafe extern "C" fn(*const c_void, *mut c_void, usize) -> i64;
type PluginBackward = unsafe extern "C" fn(*const c_void, *const c_void, *mut c_void, usize) -> i64;

/// `struct actaudit_kernel`
#[repr(C)]
struct RawKernel {
    name: *const c_char,
    activation: *const c_char,
    dtype: u32,
    compute_dtype: u32,
    flags: u32,
    reserved: u32,
    forward: Option<PluginForward>,
    backward: Option<PluginBackward>,
}

/// `struct actaudit_table`
#[repr(C)]
struct RawPlugin {
    abi: u32,
    count: u32,
    kernels: *const RawKernel,
}

enum Function {
    /// forward, and the gradient and its gradient, which are called alike
    Plain(Option<Forward>, [Option<Backward>; 2]),
    Plugin(PluginForward, Option<PluginBackward>),
}

/// One kernel of a library.
pub struct Kernel {
    function: Function,
    about: Value,
}

impl Kernel {
    /// Calls it, on memory for at least `n` elements; `None` if it does not have this pass.
    pub fn call(&self, pass: Pass, x: *const c_void, dy: *const c_void, y: *mut c_void, n: usize) -> Option<i64> {
        // SAFETY: none is to be had: the code is foreign and may do anything. That is why it runs in this process, which
        // does nothing else. The pointers are those of arrays between guards in shared memory.
        unsafe {
            match (&self.function, pass) {
                (Function::Plain(Some(f), _), Pass::Forward) => f(x, y, n),
                (Function::Plain(_, [Some(f), _]), Pass::Backward) => f(x, dy, y, n),
                (Function::Plain(_, [_, Some(f)]), Pass::Double) => f(x, dy, y, n),
                (Function::Plugin(f, _), Pass::Forward) => return Some(f(x, y, n)),
                (Function::Plugin(_, Some(f)), Pass::Backward) => return Some(f(x, dy, y, n)),
                _ => return None,
            }
        }
        i64::try_from(n).ok()
    }
}

/// A library with its kernels.
pub struct Loaded {
    /// in the order of the library's table
    kernels: Vec<Kernel>,
    _library: Library,
}

impl Code for Loaded {
    fn describe(&self) -> Value {
        json!({"kernels": self.kernels.iter().map(|kernel| &kernel.about).collect::<Vec<_>>()})
    }

    fn answer(&mut self, batch: &Batch, memory: &mut [u8]) -> Result<i64, Trouble> {
        let base = memory.as_mut_ptr();
        let places = [INPUT, GRADIENT, OUTPUT].map(|at| at + batch.shift);
        let mut pointers: [*mut c_void; 3] = places.map(|at| base.wrapping_add(at).cast());
        let (manner, kernel) = (batch.kernel / KERNELS, self.kernels.get(batch.kernel % KERNELS));
        if manner > 0 {
            let answer = kernel.and_then(|k| manner::call(k, manner, batch, pointers));
            return answer.ok_or_else(|| Trouble::no_kernel(batch));
        }
        let mut fenced = None;
        if let Some((Fence { array, edge }, gap)) = batch.fence {
            let k = match array {
                Array::Input => 0,
                Array::Gradient => 1,
                Array::Output => 2,
            };
            let bytes = batch.n * (batch.format.width() / 8) as usize;
            let made = Fenced::new(memory, places[k]..places[k] + bytes, edge, gap);
            let mut made = made.map_err(|e| Trouble::new("exception", format!("no memory for a fence: {e}")))?;
            pointers[k] = made.pointer();
            fenced = Some(made);
        }
        let [x, gradient, y] = pointers;
        let answer = kernel.and_then(|k| k.call(batch.pass, x, gradient, y, batch.n));
        if let Some(fenced) = fenced {
            fenced.restore(memory);
        }
        answer.ok_or_else(|| Trouble::no_kernel(batch))
    }
}

/// Loads `{"library": PATH, "forward": SYMBOL, "backward": SYMBOL, "double": SYMBOL}` or, without a symbol, a plugin.
pub fn load(what: &Value) -> Result<Loaded, Refusal> {
    let path = what["library"].as_str().unwrap_or_default();
    // SAFETY: loading runs the library's own code, see `Kernel::call`
    let library = unsafe { Library::new(path) }.map_err(|e| Refusal::new("library", chain(&e)))?;
    let kernels = match ["forward", "backward", "double"].map(|pass| what[pass].as_str()) {
        [None, None, None] => plugin(&library)?,
        [forward, backward, double] => {
            // SAFETY: the user says that the symbols are functions of these types
            let function = unsafe {
                let slope = |name: Option<&str>| name.map(|name| symbol(&library, name)).transpose();
                Function::Plain(
                    forward.map(|name| symbol(&library, name)).transpose()?,
                    [slope(backward)?, slope(double)?],
                )
            };
            vec![Kernel { function, about: json!({}) }]
        }
    };
    Ok(Loaded { kernels, _library: library })
}

/// The start of ONNX Runtime's `struct OrtApiBase`.
#[repr(C)]
struct OnnxBase {
    api: *const c_void,
    version: unsafe extern "C" fn() -> *const c_char,
}

/// The version of an ONNX Runtime, by its own account. A library that cannot be loaded is told apart from one that is
/// something else.
pub fn onnx_version(path: &str) -> Result<String, Refusal> {
    // SAFETY: loading runs the library's own code, see `Kernel::call`
    let library = unsafe { Library::new(path) }.map_err(|e| Refusal::new("library", chain(&e)))?;
    // SAFETY: the type is that of the runtime's header, which it never changes
    let base: unsafe extern "C" fn() -> *const OnnxBase = unsafe { symbol(&library, "OrtGetApiBase") }
        .map_err(|_| Refusal::new("runtime", format!("{path} is no ONNX Runtime: it has no OrtGetApiBase")))?;
    // SAFETY: as above; the version is a text that ends with a zero
    let text = unsafe { base().as_ref().map(|base| CStr::from_ptr((base.version)())) };
    let text = text.ok_or_else(|| Refusal::new("runtime", format!("{path} has no version")))?;
    Ok(text.to_string_lossy().into_owned())
}

/// An error and what caused it: the loader's own words come second.
fn chain(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}

/// SAFETY: the symbol must be of type `T`.
unsafe fn symbol<T: Copy>(library: &Library, name: &str) -> Result<T, Refusal> {
    // SAFETY: as the caller says
    let found = unsafe { library.get::<T>(name) };
    found.map(|symbol| *symbol).map_err(|_| Refusal::new("symbol", name))
}

fn plugin(library: &Library) -> Result<Vec<Kernel>, Refusal> {
    // SAFETY: the type is the header's
    let entry: unsafe extern "C" fn() -> *const RawPlugin = unsafe { symbol(library, ENTRY)? };
    // SAFETY: see `Kernel::call`
    let table = unsafe { entry() };
    if table.is_null() {
        return Err(Refusal::new("abi", format!("{ENTRY}() returned null")));
    }
    // SAFETY: a pointer to a table whose first member is its version, whatever the version
    let abi = unsafe { (*table).abi };
    if abi != ABI {
        let text = format!("the plugin has version {abi} of the interface (include/actaudit_plugin.h), expected {ABI}");
        return Err(Refusal::new("abi", text));
    }
    // SAFETY: the version says that the table is of this type
    let (count, kernels) = unsafe { ((*table).count as usize, (*table).kernels) };
    if count > 0 && kernels.is_null() {
        return Err(Refusal::new("abi", format!("the plugin's table says {count} kernels and is null")));
    }
    // SAFETY: as the table says
    let kernels = if count == 0 { &[] } else { unsafe { slice::from_raw_parts(kernels, count) } };
    kernels.iter().enumerate().map(|(k, raw)| kernel(k, raw)).collect()
}

fn kernel(k: usize, raw: &RawKernel) -> Result<Kernel, Refusal> {
    let wrong = |what: &str| Refusal::new("abi", format!("kernel {k} of the plugin's table {what}"));
    let text = |pointer: *const c_char| {
        if pointer.is_null() {
            return Err(wrong("lacks a name or an activation"));
        }
        // SAFETY: the header asks for a text that ends with a zero
        let text = unsafe { CStr::from_ptr(pointer) };
        text.to_str().map_err(|_| wrong("has a name that is not UTF-8"))
    };
    let dtype = |number: u32| DTYPES.get((number as usize).wrapping_sub(1)).copied();
    if raw.flags & !3 != 0 || raw.reserved != 0 {
        return Err(wrong("has flags that are not known, or `reserved` is not 0"));
    }
    let forward = raw.forward.ok_or_else(|| wrong("has no forward function"))?;
    let about = json!({
        "name": text(raw.name)?,
        "activation": text(raw.activation)?,
        "dtype": dtype(raw.dtype).ok_or_else(|| wrong(&format!("has the unknown dtype {}", raw.dtype)))?,
        "compute_dtype": dtype(raw.compute_dtype),
        "flushes_inputs": raw.flags & 1 != 0,
        "flushes_outputs": raw.flags & 2 != 0,
        "backward": raw.backward.is_some(),
    });
    Ok(Kernel { function: Function::Plugin(forward, raw.backward), about })
}
