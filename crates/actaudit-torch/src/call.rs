//! The calls into libtorch that tch does not have: an operator by name with numbers as further arguments (tch leaves
//! out those that have a default: a slope, a threshold), the vector instructions that libtorch chose, a value with a slope of its own, and
//! the memory of a tensor.
#![expect(unsafe_code, reason = "C++ is called")]

use super::element::{Element, kind};
use std::ffi::{CStr, CString, c_char};
use std::path::Path;
use tch::{Device, Kind, TchError, Tensor};
use torch_sys::C_tensor;

/// Room for a message of libtorch; what is longer is cut off.
const ROOM: usize = 1024;

// call.cpp
unsafe extern "C" {
    fn actaudit_torch_call(
        name: *const c_char,
        tensor: *const C_tensor,
        numbers: *const f64,
        count: usize,
        message: *mut c_char,
        room: usize,
    ) -> *mut C_tensor;
    fn actaudit_torch_with_slope(
        x: *const C_tensor,
        value: *const C_tensor,
        slope: *const C_tensor,
        message: *mut c_char,
        room: usize,
    ) -> *mut C_tensor;
    fn actaudit_torch_capability(text: *mut c_char, room: usize);
}

/// `torch.ops.aten.NAME(x, *numbers)`, see [`operator`].
pub(crate) fn aten(name: &str, x: &Tensor, numbers: &[f64]) -> Result<Tensor, TchError> {
    operator(&format!("aten::{name}"), x, numbers)
}

/// An operator by its full name: numbers are Python's, f64, and arguments that are left out have their defaults.
pub(crate) fn operator(name: &str, x: &Tensor, numbers: &[f64]) -> Result<Tensor, TchError> {
    let name = CString::new(name)?;
    let mut message = [0; ROOM];
    // SAFETY: the name ends in a zero, the tensor lives, the lengths are those of the arrays; the callee keeps nothing
    let result = unsafe {
        actaudit_torch_call(
            name.as_ptr(),
            x.as_ptr(),
            numbers.as_ptr(),
            numbers.len(),
            message.as_mut_ptr(),
            message.len(),
        )
    };
    owned(result, &message)
}

/// A tensor that was made, or why not.
fn owned(result: *mut C_tensor, message: &[c_char; ROOM]) -> Result<Tensor, TchError> {
    if result.is_null() {
        return Err(TchError::Torch(text(message)));
    }
    // SAFETY: a tensor of our own on C++'s heap, which is how tch holds its own
    Ok(unsafe { Tensor::from_ptr(result) })
}

/// `value` as a function of `x` whose gradient is `slope` times what comes in. The slope itself is a constant: a second gradient
/// does not see it.
pub(crate) fn with_slope(x: &Tensor, value: &Tensor, slope: &Tensor) -> Result<Tensor, TchError> {
    let mut message = [0; ROOM];
    // SAFETY: the tensors live, the length is that of the array; the callee holds references of its own
    let result = unsafe {
        actaudit_torch_with_slope(x.as_ptr(), value.as_ptr(), slope.as_ptr(), message.as_mut_ptr(), message.len())
    };
    owned(result, &message)
}

/// The elements of two different tensors, to be read and to be written.
///
/// # Errors
/// Unless both are contiguous tensors of f32 on the processor, of as many elements.
pub(crate) fn singles<'a>(from: &'a Tensor, to: &'a mut Tensor) -> Result<(&'a [f32], &'a mut [f32]), TchError> {
    let fit = |t: &Tensor| t.is_contiguous() && t.device() == Device::Cpu && t.f_kind().ok() == Some(Kind::Float);
    let len = from.numel();
    if !fit(from) || !fit(to) || to.numel() != len || from.data_ptr() == to.data_ptr() {
        return Err(TchError::Shape(
            "a kernel of this project needs contiguous tensors of f32 on the processor".into(),
        ));
    }
    if len == 0 {
        return Ok((&[], &mut []));
    }
    // SAFETY: both hold `len` f32 and live as long as the slices, and what is written is not what is read
    unsafe {
        let from = std::slice::from_raw_parts(from.data_ptr().cast(), len);
        Ok((from, std::slice::from_raw_parts_mut(to.data_ptr().cast(), len)))
    }
}

/// What `f` makes of a tensor of these elements that lies where they do, on the processor: nothing is copied. Nothing that shares the
/// tensor's memory may be left when it is done.
pub(crate) fn lent<T: Element, R>(x: &[T], f: impl FnOnce(Tensor) -> Result<R, TchError>) -> Result<R, TchError> {
    // SAFETY: the elements outlive the call of `f`, which keeps no tensor, and operations that write to their input are given
    // another tensor (`Layout::lends`)
    let tensor =
        unsafe { Tensor::f_from_blob(x.as_ptr().cast(), &[x.len() as i64], &[], kind(T::FORMAT), Device::Cpu) };
    f(tensor?)
}

/// `default`, `avx2`, `avx512`: what libtorch's own kernels use on this processor.
pub(crate) fn capability() -> String {
    let mut name = [0; ROOM];
    // SAFETY: the length is that of the array
    unsafe { actaudit_torch_capability(name.as_mut_ptr(), name.len()) };
    text(&name).to_lowercase()
}

/// Loads a library, which registers its operators; it stays for as long as the process lives.
pub(crate) fn register(library: &Path) -> Result<(), String> {
    // SAFETY: loading runs the library's own code, which may do anything: this process is there for that
    let library = unsafe { libloading::Library::new(library) };
    let library =
        library.map_err(|e| std::error::Error::source(&e).map_or_else(|| e.to_string(), ToString::to_string))?;
    std::mem::forget(library);
    Ok(())
}

/// What was written into an array, up to the zero.
fn text(bytes: &[c_char; ROOM]) -> String {
    // SAFETY: the array was zeroed and its last byte is never written other than with zero
    unsafe { CStr::from_ptr(bytes.as_ptr()) }.to_string_lossy().into_owned()
}
