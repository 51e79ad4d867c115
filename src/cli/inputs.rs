//! `inputs`: what an audit looks at, for kernels that run elsewhere.

use super::args::{InputsArgs, Output};
use super::select;
use crate::audit::inputs::Inputs;
use crate::expr::FloatFormat;
use crate::verdict::Ended;
use miette::{IntoDiagnostic as _, Result, WrapErr as _, miette};
use std::fs::File;
use std::io::{BufWriter, IsTerminal as _, Write};

pub fn inputs(args: &InputsArgs, out: &Output) -> Result<Ended> {
    let activation = select::activation(&args.activation)?;
    let format = args.dtype;
    let inputs = Inputs::of(&activation, format, args.pass, args.effort).into_diagnostic()?;
    match &out.output {
        Some(path) => File::create(path)
            .and_then(|file| write(&inputs, format, file))
            .into_diagnostic()
            .wrap_err_with(|| format!("cannot write {}", path.display()))?,
        None if std::io::stdout().is_terminal() => {
            return Err(miette!("these are bits, not text: name a file with -o"));
        }
        None => match write(&inputs, format, std::io::stdout()) {
            // a reader that has seen enough is not an error
            Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => {}
            other => other.into_diagnostic()?,
        },
    }
    Ok(Ended::Done)
}

fn write(inputs: &Inputs, format: FloatFormat, to: impl Write) -> std::io::Result<()> {
    let mut to = BufWriter::new(to);
    for place in 0..inputs.len() {
        to.write_all(&inputs.get(place).to_le_bytes()[..format.width() as usize / 8])?;
    }
    to.flush()
}
