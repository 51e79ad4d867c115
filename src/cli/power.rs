//! `power`: what does a tolerance see?

use super::args::{Output, PowerArgs};
use super::emit;
use crate::expr::FloatFormat;
use crate::kernels::Pass;
use crate::power::{Against, Gate, InputSet, PRESETS, Rule, Tolerances, power as run, preset};
use crate::report::power::GatesReport;
use crate::verdict::Ended;
use miette::{Result, miette};

pub fn power(args: &PowerArgs, out: &Output) -> Result<Ended> {
    let fail = |e| miette!("{e}");
    match gate(args)? {
        Some(gate) => {
            let report = run(&gate).map_err(fail)?;
            emit(out, |page| report.show(page), &report)?;
        }
        None => {
            let gates = PRESETS.iter().map(run).collect::<std::result::Result<Vec<_>, _>>().map_err(fail)?;
            let report = GatesReport::new(gates);
            emit(out, |_| report.text(), &report)?;
        }
    }
    Ok(Ended::Done)
}

/// The gate that was asked for; none if nothing was.
fn gate(args: &PowerArgs) -> Result<Option<Gate>> {
    let numbers = [args.rtol, args.atol, args.max_ulp, args.nmse, args.cosine];
    if numbers.iter().flatten().any(|v| !v.is_finite() || *v < 0.0) {
        let all = "--rtol, --atol, --max-ulp, --nmse and --cosine";
        return Err(miette!("{all}: expected finite numbers that are not negative"));
    }
    if args.cosine.is_some_and(|c| c > 1.0) {
        return Err(miette!("--cosine: expected at most 1, which is that of equal directions"));
    }
    let named = match &args.preset {
        Some(name) => {
            let known = || PRESETS.iter().map(|g| g.name).collect::<Vec<_>>().join(", ");
            Some(preset(name).ok_or_else(|| miette!("--preset {name}: expected one of {}", known()))?.clone())
        }
        None => None,
    };
    let typed = numbers.iter().any(Option::is_some);
    if named.is_none() && !typed {
        return match args.inputs {
            Some(_) => Err(miette!("--inputs alone is no gate: add --rtol and --atol, or --preset")),
            None => Ok(None),
        };
    }
    let mut gate = named.unwrap_or(Gate {
        name: "yours",
        source: "as typed",
        dtypes: &FloatFormat::ALL,
        passes: &Pass::ALL,
        rule: Rule::NONE,
        inputs: InputSet::Uniform { lo: -10.0, hi: 10.0, count: 4096 },
        against: Against::Real,
    });
    if typed {
        // what is typed takes the place of the preset's rule, and leaves its inputs
        let given = (args.rtol.is_some() || args.atol.is_some())
            .then(|| Tolerances { relative: args.rtol.unwrap_or(0.0), absolute: args.atol.unwrap_or(0.0) });
        gate.rule = Rule { given, max_ulp: args.max_ulp, nmse: args.nmse, cosine: args.cosine, ..Rule::NONE };
    }
    if let Some(text) = &args.inputs {
        gate.inputs = InputSet::parse(text).map_err(|e| miette!("--inputs {e}"))?;
    }
    Ok(Some(gate))
}
