//! A shared library in Rust: `rustc --crate-type cdylib softsign.rs`.

/// # Safety
///
/// `x` and `y` are arrays of `n` elements.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn softsign(x: *const f32, y: *mut f32, n: usize) {
    for i in 0..n {
        // SAFETY: i < n, as the caller says
        unsafe {
            let v = f64::from(*x.add(i));
            let value = if v.is_infinite() { v.signum() } else { v / (1.0 + v.abs()) };
            *y.add(i) = value as f32;
        }
    }
}

/// Panics at 2: what a panic looks like from outside.
///
/// # Safety
///
/// `x` and `y` are arrays of `n` elements.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn panics(x: *const f32, y: *mut f32, n: usize) {
    for i in 0..n {
        // SAFETY: i < n, as the caller says
        assert!(unsafe { *x.add(i) } != 2.0, "two is not welcome");
    }
    // SAFETY: as the caller says
    unsafe { softsign(x, y, n) }
}
