//! `emit`: a definition as code in another language.

use super::args::{CodeArgs, Emit, EmitArgs, Format, Output};
use super::{deliver, select};
use crate::emit::{self, Request};
use crate::expr::{Activation, FloatFormat};
use crate::report::inspect::latex;
use crate::report::replay;
use crate::verdict::Ended;
use miette::{Result, miette};

/// The text of a target. `written` is the command that wrote it, `verify` the one that audits it, up to the code's name.
pub fn text(
    activation: &Activation,
    target: Emit,
    code: &CodeArgs,
    [written, verify]: [&str; 2],
    out: &Output,
) -> Result<String> {
    let name = target.name();
    if out.format != Format::Text {
        return Err(miette!("what is written is {name} and has no other form: leave --format out"));
    }
    let definition = &activation.definition;
    match target {
        Emit::Toml | Emit::Latex if !code.spelled().is_empty() => {
            Err(miette!("{}: these are options of code, {name} is none", code.spelled().trim_start()))
        }
        Emit::Toml => Ok(definition.to_toml()),
        Emit::Latex => Ok(latex(definition) + "\n"),
        _ => {
            let dtype = code.dtype.unwrap_or(FloatFormat::F32);
            let written = format!("{written}{}", code.spelled());
            let commands = [written.as_str(), verify];
            let request = Request { dtype, compute: code.compute, name: code.name.as_deref(), commands };
            emit::emit(activation, &name, &request).map_err(|error| miette!("{error}"))
        }
    }
}

pub fn emit(args: &EmitArgs, out: &Output) -> Result<Ended> {
    let activation = select::activation(&args.activation)?;
    let named = replay::named(&activation);
    let written = format!("actaudit emit {named} --target {}", args.target.name());
    let verify = format!("actaudit verify {named}");
    deliver(out, &text(&activation, args.target, &args.code, [&written, &verify], out)?)?;
    Ok(Ended::Done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum as _;

    #[test]
    fn every_target_has_a_word() {
        let words: Vec<String> = Emit::value_variants().iter().map(|target| target.name()).collect();
        assert!(emit::targets().all(|target| words.iter().any(|word| word == target)), "{words:?}");
        assert_eq!(words.len(), emit::targets().count() + 2, "{words:?}");
    }
}
