//! Arguments of `mollify` and `propagate`.

use super::{ActivationArgs, CodeArgs, Emit};
use clap::Args;

/// What to smooth, and how.
#[derive(Args, Debug)]
pub struct MollifyArgs {
    /// What is smoothed: a piecewise polynomial; beside the catalogue, abs, sign and step have names
    #[command(flatten)]
    pub activation: ActivationArgs,
    /// The density: uniform, triangular, epanechnikov, biweight, triweight, quadweight, tricube, cosine, raised_cosine,
    /// bspline(n=4), gaussian, logistic, sech2, laplace, algebraic, softsign_slope, cauchy, FILE.toml, or a density after `expr:`
    #[arg(long, short, value_name = "KERNEL")]
    pub kernel: Option<String>,
    /// Radius of the kernel, or its scale where its support is the whole line [default: 1, or what keeps the pieces apart]
    #[arg(long, short, value_name = "R", allow_hyphen_values = true)]
    pub radius: Option<String>,
    /// Write the definition, or code for it, and nothing else
    #[arg(long, value_enum, value_name = "TARGET", conflicts_with_all = ["compare", "max_error", "max_curvature", "class", "lipschitz"])]
    pub emit: Option<Emit>,
    /// How code is written
    #[command(flatten)]
    pub code: CodeArgs,
    /// All kernels side by side
    #[arg(long, conflicts_with_all = ["kernel", "max_error", "max_curvature", "class", "lipschitz"])]
    pub compare: bool,
    /// Find kernels and radii with sup |f - base| at most this
    #[arg(long, value_name = "E", allow_hyphen_values = true, conflicts_with_all = ["kernel", "radius"])]
    pub max_error: Option<String>,
    /// ... with sup |f''| at most this
    #[arg(long, value_name = "C", allow_hyphen_values = true, conflicts_with_all = ["kernel", "radius"])]
    pub max_curvature: Option<String>,
    /// ... with this many continuous derivatives
    #[arg(long, value_name = "N", conflicts_with_all = ["kernel", "radius"], value_parser = clap::value_parser!(u32).range(0..=24))]
    pub class: Option<u32>,
    /// ... with sup |f'| at most this
    #[arg(long, value_name = "L", allow_hyphen_values = true, conflicts_with_all = ["kernel", "radius"])]
    pub lipschitz: Option<String>,
}

/// What to propagate.
#[derive(Args, Debug)]
pub struct PropagateArgs {
    /// Which activation; it must be Lipschitz
    #[command(flatten)]
    pub activation: ActivationArgs,
    /// More activations, side by side with the first: a name, with parameters as in "srelu(alpha=1/10)", own.toml or expr:TEXT
    #[arg(value_name = "ACT")]
    pub beside: Vec<String>,
    /// Variance of the inputs of a layer [default: 1]
    #[arg(long, value_name = "Q", allow_hyphen_values = true, conflicts_with = "sigma_b2")]
    pub q: Option<String>,
    /// Look for the point of the edge with this variance of the biases
    #[arg(long, value_name = "B", allow_hyphen_values = true)]
    pub sigma_b2: Option<String>,
    /// Layers at which the correlation is shown [default: 1,10,100]
    #[arg(long, value_delimiter = ',', value_name = "LIST", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub layers: Vec<u32>,
}
