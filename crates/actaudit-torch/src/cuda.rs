//! Which card a CUDA device is: libtorch does not say, so the driver is asked. Nothing of CUDA is needed to build or to link.
#![expect(unsafe_code, reason = "the driver's functions are called")]

use libloading::{Library, Symbol};
use std::ffi::{CStr, c_char, c_int, c_uint};

/// The driver, as every program finds it.
const DRIVER: &str = "libcuda.so.1";

/// Room for a card's name.
const ROOM: usize = 256;

/// What CUDA's functions give when all is well.
const SUCCESS: c_int = 0;

/// The card's name and the CUDA version of the driver: `NVIDIA H100, driver for CUDA 13.0`; `unknown card` where the driver says
/// nothing.
pub(crate) fn card(number: usize) -> String {
    told(number).unwrap_or_else(|| "unknown card".to_owned())
}

fn told(number: usize) -> Option<String> {
    let number = c_int::try_from(number).ok()?;
    let (mut device, mut version) = (0, 0);
    let mut name = [0; ROOM];
    // SAFETY: libtorch has loaded the driver already if it is there; the signatures are those of cuda.h, and pointers are to
    // variables that live, with their length
    unsafe {
        let driver = Library::new(DRIVER).ok()?;
        let init: Symbol<'_, extern "C" fn(c_uint) -> c_int> = driver.get(b"cuInit\0").ok()?;
        let get: Symbol<'_, extern "C" fn(*mut c_int, c_int) -> c_int> = driver.get(b"cuDeviceGet\0").ok()?;
        let named: Symbol<'_, extern "C" fn(*mut c_char, c_int, c_int) -> c_int> =
            driver.get(b"cuDeviceGetName\0").ok()?;
        let versioned: Symbol<'_, extern "C" fn(*mut c_int) -> c_int> = driver.get(b"cuDriverGetVersion\0").ok()?;
        let calls = [
            init(0),
            get(&raw mut device, number),
            // one byte is left for the zero
            named(name.as_mut_ptr(), ROOM as c_int - 1, device),
            versioned(&raw mut version),
        ];
        // the driver stays as long as the process
        std::mem::forget(driver);
        if calls.iter().any(|code| *code != SUCCESS) {
            return None;
        }
    }
    // SAFETY: the array was zeroed, and its last byte was not written
    let name = unsafe { CStr::from_ptr(name.as_ptr()) }.to_string_lossy();
    Some(format!("{name}, driver for CUDA {}.{}", version / 1000, version % 1000 / 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_that_is_not_there_is_no_error() {
        assert_eq!(card(usize::MAX), "unknown card");
        assert!(!card(0).is_empty());
    }
}
