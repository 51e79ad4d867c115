//! Code for a definition, in other languages: its value, and its slope times the incoming gradient.
//!
//! A definition becomes straight-line code once (`pieces.rs`, `lower.rs`), in forms chosen not to cancel or overflow: polynomials
//! factored and scaled (`poly.rs`), quotients of them over one denominator (`ratio.rs`), polynomials where values cancel to nothing
//! (`series.rs`), powers of x far out (`far.rs`). What differs between targets is a table (`target.rs`) and a text (`templates/`).
//! Nothing here says how far off the code is: an audit does.

mod code;
mod constant;
mod error;
mod far;
mod lower;
mod normal;
mod pieces;
mod poly;
mod ratio;
mod series;
mod target;
mod write;

pub use error::EmitError;

use crate::expr::{Activation, FloatFormat, Func};
use code::Op;
use constant::hex;
use lower::Notes;
use pieces::{Task, Which};
use target::TARGETS;

/// What is to be written.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// the format of inputs and outputs
    pub dtype: FloatFormat,
    /// the format in which is computed; what is usual for the target, if not given
    pub compute: Option<FloatFormat>,
    /// the name of the functions; the definition's, if not given
    pub name: Option<&'a str>,
    /// the command that wrote it, and the one that audits it, up to the code's name
    pub commands: [&'a str; 2],
}

/// The names of the targets.
pub fn targets() -> impl Iterator<Item = &'static str> {
    TARGETS.iter().map(|target| target.name)
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `soft_plus` as `SoftPlus`.
fn camel(name: &str) -> String {
    let part = |part: &str| part[..1].to_uppercase() + &part[1..];
    name.split('_').filter(|p| !p.is_empty()).map(part).collect()
}

/// The code of an activation for the target of this name.
///
/// # Errors
/// If there is no such target, or it lacks a function or a format, or a constant is no number of it.
pub fn emit(activation: &Activation, target: &str, request: &Request<'_>) -> Result<String, EmitError> {
    let unknown = || EmitError::Target { name: target.to_owned(), known: targets().collect::<Vec<_>>().join(", ") };
    let target = *TARGETS.iter().find(|t| t.name == target).ok_or_else(unknown)?;
    let Request { dtype, compute, .. } = *request;
    let fits = |io: &&target::Io| io.dtype == dtype && compute.is_none_or(|c| c == io.compute);
    let io = target.io.iter().find(fits).ok_or_else(|| EmitError::Format {
        target: target.name,
        dtype: dtype.name(),
        compute: compute.unwrap_or(dtype).name(),
        known: {
            let pairs = target.io.iter().map(|io| format!("{} in {}", io.dtype.name(), io.compute.name()));
            pairs.collect::<Vec<_>>().join(", ")
        },
    })?;
    let name = request.name.unwrap_or(&activation.definition.id);
    if !is_name(name) {
        return Err(EmitError::Name(name.to_owned()));
    }
    let mut notes = Notes::default();
    let task = Task { activation, target, compute: io.compute, dtype };
    let value = task.make(Which::Value, &mut notes)?;
    let slope = task.make(Which::Slope, &mut notes)?;
    let error_functions = [&value, &slope]
        .iter()
        .any(|made| made.code.ops().iter().any(|op| matches!(op, Op::Call(Func::Erf | Func::Erfc, _))));
    let libm = if error_functions && target.name == "rust" { include_str!("templates/libm.rs.txt") } else { "" };
    let about = about(activation, request, io, &notes);
    let about: Vec<String> =
        about.iter().map(|line| format!("{} {line}", target.remark).trim_end().to_owned()).collect();
    let kind = target.types[usize::from(io.compute == FloatFormat::F32)];
    let [value, slope] = [value, slope].map(|made| write::body(&made, target, io.compute));
    let values = [
        ("about", about.join("\n")),
        ("name", name.to_owned()),
        ("Name", camel(name)),
        ("dtype", dtype.name().to_owned()),
        ("type", kind.to_owned()),
        ("element", io.element.to_owned()),
        ("prelude", io.prelude.to_owned()),
        ("libm", libm.to_owned()),
        ("verify", request.commands[1].to_owned()),
        ("value", value),
        ("slope", slope),
    ];
    let values = values.each_ref().map(|(key, value)| (*key, value.as_str()));
    Ok(write::filled(target.text, io, &values))
}

/// What the header says before how to audit the code.
fn about(activation: &Activation, request: &Request<'_>, io: &target::Io, notes: &Notes) -> Vec<String> {
    let mut lines = vec![format!("{}: {}", activation.label(), activation.definition.title), String::new()];
    lines.extend(activation.definition.pieces.iter().map(|p| format!("  f(x) = {} on {}", p.expr, p.on())));
    lines.push(String::new());
    let [dtype, compute] = [io.dtype, io.compute].map(FloatFormat::name);
    lines.push(format!("Written by actaudit {}: {}", env!("CARGO_PKG_VERSION"), request.commands[0]));
    lines.push(if io.dtype == io.compute {
        format!("{dtype}, computed in {compute}: every operation rounds to it, the gradient grad_y f'(x) as well.")
    } else {
        format!(
            "{dtype}, computed in {compute}: inputs are taken over exactly, every operation rounds to {compute}, and the result, \
or the gradient grad_y f'(x), rounds to {dtype} once, at the end."
        )
    });
    for (text, (float, rest)) in &notes.inexact {
        let rest = rest.map_or_else(String::new, |rest| format!(", and {} besides where it is added to x", hex(rest)));
        lines.push(format!("{text} is no {compute}: the nearest one stands for it, {}{rest}.", hex(*float)));
    }
    if notes.series {
        lines.push(
            "Near points where it would cancel, it is a Taylor polynomial, with the nearest floats as coefficients."
                .into(),
        );
    }
    lines.push("How far off it is, an audit says; none was made when this was written.".into());
    lines
}
