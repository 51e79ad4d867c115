//! The two calls into libtorch that tch does not have: an operator by name with numbers as further arguments (tch leaves
//! out those that have a default: a slope, a threshold), and the vector instructions that libtorch chose.
#![expect(unsafe_code, reason = "C++ is called")]

use std::ffi::{CStr, CString, c_char};
use tch::{TchError, Tensor};
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
    fn actaudit_torch_capability(text: *mut c_char, room: usize);
}

/// `torch.ops.aten.NAME(x, *numbers)`: numbers are Python's, f64, and arguments that are left out have their defaults.
pub(super) fn aten(name: &str, x: &Tensor, numbers: &[f64]) -> Result<Tensor, TchError> {
    let name = CString::new(format!("aten::{name}"))?;
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
    if result.is_null() {
        return Err(TchError::Torch(text(&message)));
    }
    // SAFETY: a tensor of our own on C++'s heap, which is how tch holds its own
    Ok(unsafe { Tensor::from_ptr(result) })
}

/// `default`, `avx2`, `avx512`: what libtorch's own kernels use on this processor.
pub(super) fn capability() -> String {
    let mut name = [0; ROOM];
    // SAFETY: the length is that of the array
    unsafe { actaudit_torch_capability(name.as_mut_ptr(), name.len()) };
    text(&name).to_lowercase()
}

/// What was written into an array, up to the zero.
fn text(bytes: &[c_char; ROOM]) -> String {
    // SAFETY: the array was zeroed and its last byte is never written other than with zero
    unsafe { CStr::from_ptr(bytes.as_ptr()) }.to_string_lossy().into_owned()
}
