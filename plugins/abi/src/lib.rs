//! The interface of actaudit's plugins (`include/actaudit_plugin.h`), for Rust: a framework says what it computes as an
//! [`Implementation`], and [`plugin!`] exports a table of all of them.

pub use half::{bf16, f16};
use std::ffi::{CStr, c_char, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Version of the interface.
pub const ABI: u32 = 1;

/// An element type of the interface.
pub trait Element: Copy + 'static {
    /// its number in the interface
    const DTYPE: u32;
}

impl Element for f64 {
    const DTYPE: u32 = 1;
}
impl Element for f32 {
    const DTYPE: u32 = 2;
}
impl Element for f16 {
    const DTYPE: u32 = 3;
}
impl Element for bf16 {
    const DTYPE: u32 = 4;
}

/// One activation of a framework in one element type. An error is shown on standard error.
pub trait Implementation<T: Element> {
    /// name of the implementation
    const NAME: &'static CStr;
    /// what it claims to compute, with default parameters: an id of `actaudit list`
    const ACTIVATION: &'static CStr;
    /// Whether it has a derivative.
    const BACKWARD: bool = true;
    /// f(x) for each element.
    fn forward(x: &[T]) -> Result<Vec<T>, String>;
    /// f'(x) times the incoming gradient for each element.
    fn backward(x: &[T], gradient: &[T]) -> Result<Vec<T>, String>;
}

type Forward = unsafe extern "C" fn(*const c_void, *mut c_void, usize) -> i64;
type Backward = unsafe extern "C" fn(*const c_void, *const c_void, *mut c_void, usize) -> i64;

/// `struct actaudit_kernel`.
#[repr(C)]
pub struct Kernel {
    name: *const c_char,
    activation: *const c_char,
    dtype: u32,
    compute_dtype: u32,
    flags: u32,
    reserved: u32,
    forward: Forward,
    backward: Option<Backward>,
}

// SAFETY: the texts are static, and the functions have no state
unsafe impl Send for Kernel {}
// SAFETY: as above
unsafe impl Sync for Kernel {}

/// `struct actaudit_table`.
#[repr(C)]
pub struct Table {
    abi: u32,
    count: u32,
    kernels: *const Kernel,
}

// SAFETY: it points to kernels that are never freed
unsafe impl Send for Table {}
// SAFETY: as above
unsafe impl Sync for Table {}

impl Table {
    /// A table of these kernels, which stay where they are.
    #[must_use]
    pub fn new(kernels: Vec<Kernel>) -> Self {
        let kernels = kernels.leak();
        Self { abi: ABI, count: u32::try_from(kernels.len()).unwrap_or(u32::MAX), kernels: kernels.as_ptr() }
    }
}

/// The entry of an implementation in the table.
#[must_use]
pub fn kernel<T: Element, I: Implementation<T>>() -> Kernel {
    Kernel {
        name: I::NAME.as_ptr(),
        activation: I::ACTIVATION.as_ptr(),
        dtype: T::DTYPE,
        compute_dtype: 0,
        flags: 0,
        reserved: 0,
        forward: forward::<T, I>,
        backward: if I::BACKWARD { Some(backward::<T, I>) } else { None },
    }
}

/// # Safety
///
/// As `actaudit_forward` says.
unsafe extern "C" fn forward<T: Element, I: Implementation<T>>(x: *const c_void, y: *mut c_void, n: usize) -> i64 {
    // SAFETY: arrays of n elements that do not overlap, as the caller says
    let (x, y) = unsafe { (std::slice::from_raw_parts(x.cast::<T>(), n), std::slice::from_raw_parts_mut(y.cast(), n)) };
    answer(y, || I::forward(x))
}

/// # Safety
///
/// As `actaudit_backward` says.
unsafe extern "C" fn backward<T: Element, I: Implementation<T>>(
    x: *const c_void,
    gradient: *const c_void,
    y: *mut c_void,
    n: usize,
) -> i64 {
    // SAFETY: arrays of n elements, the last of which does not overlap with the others, as the caller says
    let (x, gradient, y) = unsafe {
        let input = |p: *const c_void| std::slice::from_raw_parts(p.cast::<T>(), n);
        (input(x), input(gradient), std::slice::from_raw_parts_mut(y.cast(), n))
    };
    answer(y, || I::backward(x, gradient))
}

/// Copies an answer; a panic must not leave the library.
fn answer<T: Element>(y: &mut [T], call: impl FnOnce() -> Result<Vec<T>, String>) -> i64 {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(values)) => {
            let n = values.len().min(y.len());
            y[..n].copy_from_slice(&values[..n]);
            i64::try_from(values.len()).unwrap_or(i64::MAX)
        }
        Ok(Err(message)) => {
            eprintln!("{message}");
            -1
        }
        Err(_) => -2,
    }
}

/// Exports kernels in all four element types for each implementation.
#[macro_export]
macro_rules! plugin {
    ($($implementation:ty),* $(,)?) => {
        /// The table of kernels, as `include/actaudit_plugin.h` describes it.
        #[unsafe(no_mangle)]
        pub extern "C" fn actaudit_plugin() -> *const $crate::Table {
            static TABLE: ::std::sync::OnceLock<$crate::Table> = ::std::sync::OnceLock::new();
            TABLE.get_or_init(|| {
                let mut kernels = ::std::vec::Vec::new();
                $(
                    kernels.push($crate::kernel::<f64, $implementation>());
                    kernels.push($crate::kernel::<f32, $implementation>());
                    kernels.push($crate::kernel::<$crate::f16, $implementation>());
                    kernels.push($crate::kernel::<$crate::bf16, $implementation>());
                )*
                $crate::Table::new(kernels)
            })
        }
    };
}
