//! What each target calls things: one table for each, and a text around the operations.

use crate::expr::{FloatFormat, Func};

/// How a format comes in and goes out.
#[derive(Debug)]
pub(super) struct Io {
    /// inputs and outputs
    pub dtype: FloatFormat,
    /// what every operation rounds to
    pub compute: FloatFormat,
    /// the type of an element
    pub element: &'static str,
    /// an element as a number of the type in which is computed; `{}` is the element
    pub load: &'static str,
    /// a number of that type as an element, rounded once
    pub store: &'static str,
    /// what load and store need
    pub prelude: &'static str,
}

/// A language, or a library in one.
#[derive(Debug)]
pub(super) struct Target {
    pub name: &'static str,
    /// what a line of remarks begins with
    pub remark: &'static str,
    /// a name for an intermediate result: `{type}`, `{name}`, `{value}`
    pub declare: &'static str,
    pub give: &'static str,
    /// `{if}`, `{then}`, `{else}`
    pub select: &'static str,
    /// whether it is no number: `{}`
    pub is_nan: &'static str,
    /// `{}` to the power of `{exponent}`
    pub power: Option<&'static str>,
    /// functions of one number; `@` is what follows names for f32
    pub functions: &'static [(Func, &'static str)],
    /// the types in which is computed: f64, f32
    pub types: [&'static str; 2],
    /// what follows names of functions, and literals, in f32
    pub f32_suffixes: [&'static str; 2],
    /// the formats, the usual one in which is computed first
    pub io: &'static [Io],
    /// all of the text: `{{about}}`, `{{value}}`, ...
    pub text: &'static str,
}

impl Target {
    /// How a function is spelled, if it is there.
    pub fn function(&self, f: Func) -> Option<&'static str> {
        self.functions.iter().find(|(g, _)| *g == f).map(|(_, text)| *text)
    }
}

const F64: FloatFormat = FloatFormat::F64;
const F32: FloatFormat = FloatFormat::F32;
const F16: FloatFormat = FloatFormat::F16;
const BF16: FloatFormat = FloatFormat::Bf16;

const fn io(
    dtype: FloatFormat,
    compute: FloatFormat,
    element: &'static str,
    [load, store]: [&'static str; 2],
    prelude: &'static str,
) -> Io {
    Io { dtype, compute, element, load, store, prelude }
}

const SAME: [&str; 2] = ["{}", "{}"];

/// The C library's, with a suffix.
const C_FUNCTIONS: &[(Func, &str)] = &[
    (Func::Exp, "exp@({})"),
    (Func::Expm1, "expm1@({})"),
    (Func::Log, "log@({})"),
    (Func::Log1p, "log1p@({})"),
    (Func::Sqrt, "sqrt@({})"),
    (Func::Erf, "erf@({})"),
    (Func::Erfc, "erfc@({})"),
    (Func::Tanh, "tanh@({})"),
    (Func::Sinh, "sinh@({})"),
    (Func::Cosh, "cosh@({})"),
    (Func::Atan, "atan@({})"),
    (Func::Sin, "sin@({})"),
    (Func::Cos, "cos@({})"),
    (Func::Abs, "fabs@({})"),
];

const C: Target = Target {
    name: "c",
    remark: "//",
    declare: "const {type} {name} = {value};",
    give: "return {value};",
    select: "{if} ? {then} : {else}",
    is_nan: "{} != {}",
    power: Some("pow@({}, {exponent})"),
    functions: C_FUNCTIONS,
    types: ["double", "float"],
    f32_suffixes: ["f", "f"],
    io: &[
        io(F64, F64, "double", SAME, ""),
        io(F32, F64, "float", ["(double){}", "(float)({})"], ""),
        io(F32, F32, "float", SAME, ""),
        io(F16, F32, "_Float16", ["(float){}", "(_Float16)({})"], ""),
        io(BF16, F32, "uint16_t", ["from_bf16({})", "to_bf16({})"], include_str!("templates/bf16.c.txt")),
    ],
    text: include_str!("templates/c.txt"),
};

const RUST: Target = Target {
    name: "rust",
    remark: "//",
    declare: "let {name}: {type} = {value};",
    give: "{value}",
    select: "if {if} { {then} } else { {else} }",
    is_nan: "{}.is_nan()",
    power: Some("{}.powf({exponent})"),
    functions: &[
        (Func::Exp, "{}.exp()"),
        (Func::Expm1, "{}.exp_m1()"),
        (Func::Log, "{}.ln()"),
        (Func::Log1p, "{}.ln_1p()"),
        (Func::Sqrt, "{}.sqrt()"),
        (Func::Erf, "erf@({})"),
        (Func::Erfc, "erfc@({})"),
        (Func::Tanh, "{}.tanh()"),
        (Func::Sinh, "{}.sinh()"),
        (Func::Cosh, "{}.cosh()"),
        (Func::Atan, "{}.atan()"),
        (Func::Sin, "{}.sin()"),
        (Func::Cos, "{}.cos()"),
        (Func::Abs, "{}.abs()"),
    ],
    types: ["f64", "f32"],
    f32_suffixes: ["f", "_f32"],
    io: &[
        io(F64, F64, "f64", SAME, ""),
        io(F32, F64, "f32", ["f64::from({})", "({}) as f32"], ""),
        io(F32, F32, "f32", SAME, ""),
        io(F16, F32, "u16", ["from_f16({})", "to_f16({})"], include_str!("templates/f16.rs.txt")),
        io(BF16, F32, "u16", ["from_bf16({})", "to_bf16({})"], include_str!("templates/bf16.rs.txt")),
    ],
    text: include_str!("templates/rust.txt"),
};

const CUDA: Target = Target {
    name: "cuda",
    io: &[
        io(F64, F64, "double", SAME, ""),
        io(F32, F32, "float", SAME, ""),
        io(F32, F64, "float", ["(double){}", "(float)({})"], ""),
        io(F16, F32, "__half", ["__half2float({})", "__float2half_rn({})"], "#include <cuda_fp16.h>\n"),
        io(BF16, F32, "__nv_bfloat16", ["__bfloat162float({})", "__float2bfloat16_rn({})"], "#include <cuda_bf16.h>\n"),
    ],
    text: include_str!("templates/cuda.txt"),
    ..C
};

/// Libraries of Python convert by the name of a type.
const TORCH_CAST: [&str; 2] = ["{}.to(torch.float32)", "({}).to(x.dtype)"];
const JAX_CAST: [&str; 2] = ["{}.astype(jnp.float32)", "({}).astype(x.dtype)"];
const NUMPY_CAST: [&str; 2] = ["{}.astype(np.float32)", "({}).astype(x.dtype)"];

const TORCH: Target = Target {
    name: "torch",
    remark: "#",
    declare: "{name} = {value}",
    give: "return {value}",
    select: "torch.where({if}, {then}, {else})",
    is_nan: "torch.isnan({})",
    power: Some("torch.pow({}, {exponent})"),
    functions: &[
        (Func::Exp, "torch.exp({})"),
        (Func::Expm1, "torch.expm1({})"),
        (Func::Log, "torch.log({})"),
        (Func::Log1p, "torch.log1p({})"),
        (Func::Sqrt, "torch.sqrt({})"),
        (Func::Erf, "torch.erf({})"),
        (Func::Erfc, "torch.erfc({})"),
        (Func::Tanh, "torch.tanh({})"),
        (Func::Sinh, "torch.sinh({})"),
        (Func::Cosh, "torch.cosh({})"),
        (Func::Atan, "torch.atan({})"),
        (Func::Sin, "torch.sin({})"),
        (Func::Cos, "torch.cos({})"),
        (Func::Abs, "torch.abs({})"),
    ],
    types: ["torch.float64", "torch.float32"],
    f32_suffixes: ["", ""],
    io: &[
        io(F64, F64, "", SAME, ""),
        io(F32, F32, "", SAME, ""),
        io(F32, F64, "", ["{}.to(torch.float64)", "({}).to(x.dtype)"], ""),
        io(F16, F32, "", TORCH_CAST, ""),
        io(BF16, F32, "", TORCH_CAST, ""),
    ],
    text: include_str!("templates/torch.txt"),
};

const JAX: Target = Target {
    name: "jax",
    select: "jnp.where({if}, {then}, {else})",
    is_nan: "jnp.isnan({})",
    power: Some("jnp.power({}, {exponent})"),
    functions: &[
        (Func::Exp, "jnp.exp({})"),
        (Func::Expm1, "jnp.expm1({})"),
        (Func::Log, "jnp.log({})"),
        (Func::Log1p, "jnp.log1p({})"),
        (Func::Sqrt, "jnp.sqrt({})"),
        (Func::Erf, "jax.scipy.special.erf({})"),
        (Func::Erfc, "jax.scipy.special.erfc({})"),
        (Func::Tanh, "jnp.tanh({})"),
        (Func::Sinh, "jnp.sinh({})"),
        (Func::Cosh, "jnp.cosh({})"),
        (Func::Atan, "jnp.arctan({})"),
        (Func::Sin, "jnp.sin({})"),
        (Func::Cos, "jnp.cos({})"),
        (Func::Abs, "jnp.abs({})"),
    ],
    types: ["jnp.float64", "jnp.float32"],
    io: &[
        io(F64, F64, "", SAME, "# f64 in JAX takes jax.config.update(\"jax_enable_x64\", True)\n"),
        io(F32, F32, "", SAME, ""),
        io(F16, F32, "", JAX_CAST, ""),
        io(BF16, F32, "", JAX_CAST, ""),
    ],
    text: include_str!("templates/jax.txt"),
    ..TORCH
};

const NUMPY: Target = Target {
    name: "numpy",
    select: "np.where({if}, {then}, {else})",
    is_nan: "np.isnan({})",
    power: Some("np.power({}, {exponent})"),
    // numpy has no error function
    functions: &[
        (Func::Exp, "np.exp({})"),
        (Func::Expm1, "np.expm1({})"),
        (Func::Log, "np.log({})"),
        (Func::Log1p, "np.log1p({})"),
        (Func::Sqrt, "np.sqrt({})"),
        (Func::Tanh, "np.tanh({})"),
        (Func::Sinh, "np.sinh({})"),
        (Func::Cosh, "np.cosh({})"),
        (Func::Atan, "np.arctan({})"),
        (Func::Sin, "np.sin({})"),
        (Func::Cos, "np.cos({})"),
        (Func::Abs, "np.abs({})"),
    ],
    types: ["np.float64", "np.float32"],
    io: &[
        io(F64, F64, "", SAME, ""),
        io(F32, F64, "", ["{}.astype(np.float64)", "({}).astype(x.dtype)"], ""),
        io(F32, F32, "", SAME, ""),
        io(F16, F32, "", NUMPY_CAST, ""),
        io(BF16, F32, "", NUMPY_CAST, ""),
    ],
    text: include_str!("templates/numpy.txt"),
    ..TORCH
};

const TRITON: Target = Target {
    name: "triton",
    select: "tl.where({if}, {then}, {else})",
    is_nan: "{} != {}",
    power: Some("libdevice.pow({}, {exponent})"),
    functions: &[
        (Func::Exp, "libdevice.exp({})"),
        (Func::Expm1, "libdevice.expm1({})"),
        (Func::Log, "libdevice.log({})"),
        (Func::Log1p, "libdevice.log1p({})"),
        (Func::Sqrt, "libdevice.sqrt({})"),
        (Func::Erf, "libdevice.erf({})"),
        (Func::Erfc, "libdevice.erfc({})"),
        (Func::Tanh, "libdevice.tanh({})"),
        (Func::Sinh, "libdevice.sinh({})"),
        (Func::Cosh, "libdevice.cosh({})"),
        (Func::Atan, "libdevice.atan({})"),
        (Func::Sin, "libdevice.sin({})"),
        (Func::Cos, "libdevice.cos({})"),
        (Func::Abs, "tl.abs({})"),
    ],
    types: ["tl.float64", "tl.float32"],
    // a literal in Triton is an f32: there is no f64 here
    io: &[
        io(F32, F32, "", SAME, ""),
        io(F16, F32, "", ["{}.to(tl.float32)", "{}"], ""),
        io(BF16, F32, "", ["{}.to(tl.float32)", "{}"], ""),
    ],
    text: include_str!("templates/triton.txt"),
    ..TORCH
};

/// The table.
pub(super) const TARGETS: [&Target; 7] = [&C, &RUST, &CUDA, &TRITON, &TORCH, &JAX, &NUMPY];
