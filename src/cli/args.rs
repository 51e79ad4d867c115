//! Arguments as typed.

mod emit;
mod gate;
mod mollify;
mod train;

pub use emit::{CodeArgs, Emit, EmitArgs};
pub use gate::{AcceptArgs, GateArgs, MergeArgs};
pub use mollify::{MollifyArgs, PropagateArgs};
pub use train::TrainArgs;

use super::help;
use crate::audit::Effort as Work;
use crate::check::Policy;
use crate::expr::FloatFormat;
use crate::kernels::Pass;
use crate::prove::Quantity;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Is what is said about an activation function true, and does this code compute it?
#[derive(Parser, Debug)]
#[command(name = "actaudit", version, max_term_width = 110, arg_required_else_help = true, after_help = help::PROGRAM)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How the result is written.
    #[command(flatten)]
    pub output: Output,
}

/// Options of every command.
#[derive(Args, Debug, Clone)]
pub struct Output {
    /// Form of the result
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Write the result to a file instead of standard output
    #[arg(long, short, global = true, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Threads [default: one for each core]
    #[arg(long, short, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// No progress, no remarks
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

impl Output {
    /// With a path that means the same from another folder.
    ///
    /// # Errors
    /// If there is a path, and no current folder.
    pub fn absolute(&self) -> std::io::Result<Self> {
        let output = self.output.as_deref().map(std::path::absolute).transpose()?;
        Ok(Self { output, ..self.clone() })
    }
}

/// Forms of a result.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// for people
    Text,
    /// one object, for scripts
    Json,
    /// gate: for systems that read test results
    Junit,
    /// gate: static analysis results, SARIF 2.1.0
    Sarif,
    /// gate: annotations of GitHub's workflows
    Github,
    /// gate: GitLab's code quality
    Gitlab,
    /// gate, survey, claims, train: a summary, tables
    Markdown,
    /// claims: a table
    Latex,
    /// verify, gate, survey, claims, train: one file for a browser
    Html,
}

impl Format {
    /// As typed.
    pub fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// An activation: by name, from a file, or as an expression.
#[derive(Args, Debug, Clone)]
pub struct ActivationArgs {
    /// Catalogue id or alias; see `actaudit list`
    #[arg(value_name = "ACT", required_unless_present_any = ["definition", "expr"])]
    pub activation: Option<String>,
    /// A definition of your own (TOML)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["activation", "expr"])]
    pub definition: Option<PathBuf>,
    /// An expression in x, e.g. "x*sigmoid(x)"
    #[arg(long, value_name = "TEXT", conflicts_with = "activation", allow_hyphen_values = true)]
    pub expr: Option<String>,
    /// The value of a parameter, exact: alpha=1/1000
    #[arg(long = "param", short = 'p', value_name = "NAME=VALUE", allow_hyphen_values = true)]
    pub params: Vec<String>,
}

/// One or more activations: by name, or one from a file or as an expression.
#[derive(Args, Debug, Clone)]
pub struct ActivationsArgs {
    /// Catalogue ids or aliases; `all` for every one whose code is there; see `actaudit list`
    #[arg(value_name = "ACT", required_unless_present_any = ["definition", "expr"])]
    pub activations: Vec<String>,
    /// A definition of your own (TOML)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["activations", "expr"])]
    pub definition: Option<PathBuf>,
    /// An expression in x, e.g. "x*sigmoid(x)"
    #[arg(long, value_name = "TEXT", conflicts_with = "activations", allow_hyphen_values = true)]
    pub expr: Option<String>,
    /// The value of a parameter, exact: alpha=1/1000
    #[arg(long = "param", short = 'p', value_name = "NAME=VALUE", allow_hyphen_values = true)]
    pub params: Vec<String>,
}

impl ActivationsArgs {
    /// Each by itself.
    pub fn each(&self) -> Vec<ActivationArgs> {
        let Self { activations, definition, expr, params } = self;
        let one = |activation: Option<String>| ActivationArgs {
            activation,
            definition: definition.clone(),
            expr: expr.clone(),
            params: params.clone(),
        };
        if activations.is_empty() { vec![one(None)] } else { activations.iter().cloned().map(Some).map(one).collect() }
    }
}

/// How far a proof may go.
#[derive(Args, Debug, Clone)]
pub struct Effort {
    /// Significant digits to which lower and upper bound shall agree
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=2000))]
    pub digits: u32,
    /// Boxes that the search may examine
    #[arg(long, value_name = "N", default_value_t = 400_000)]
    pub max_boxes: usize,
    /// Seconds that the search may take
    #[arg(long, value_name = "S", default_value_t = 20)]
    pub max_seconds: u64,
}

/// The commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// The activations of the catalogue
    #[command(after_help = help::LIST)]
    List,
    /// Formula, derivatives, source and a plot of an activation
    #[command(after_help = help::SHOW)]
    Show {
        /// Which activation
        #[command(flatten)]
        activation: ActivationArgs,
        /// Write the plot as SVG
        #[arg(long, value_name = "FILE")]
        svg: Option<PathBuf>,
    },
    /// What a check does and how it decides; verdicts, exit codes, the language of expressions
    #[command(after_help = help::EXPLAIN)]
    Explain {
        /// Id of a check, a verdict, or one of the topics verdicts, exit-codes, budgets, expressions; without it, the list of all
        #[arg(value_name = "WHAT")]
        check: Option<String>,
    },
    /// A certified quantity, over all of R unless a domain is given
    #[command(after_help = help::BOUND)]
    Bound {
        /// Which activation
        #[command(flatten)]
        activation: ActivationArgs,
        /// What to bound [default: all of them, the distance with --to]
        #[arg(long, value_name = "QUANTITY", value_parser = quantity())]
        quantity: Option<Quantity>,
        /// The other activation of a distance: catalogue name, name(param=value), FILE.toml, or an expression after `expr:`
        #[arg(long, value_name = "ACT")]
        to: Option<String>,
        /// The part of the line, e.g. --domain=-20..20 or --domain=0..inf
        #[arg(long, value_name = "LO..HI", allow_hyphen_values = true)]
        domain: Option<String>,
        /// How far to go
        #[command(flatten)]
        effort: Effort,
        /// Write a certificate that `actaudit recheck` verifies
        #[arg(long, value_name = "FILE")]
        certificate: Option<PathBuf>,
        /// Leave the independent checker out: what is found is searched, not proved
        #[arg(long, conflicts_with = "certificate")]
        unchecked: bool,
    },
    /// The continuity class, proved at every junction
    #[command(after_help = help::CONTINUITY)]
    Continuity {
        /// Which activation
        #[command(flatten)]
        activation: ActivationArgs,
        /// Write a certificate that `actaudit recheck` verifies
        #[arg(long, value_name = "FILE")]
        certificate: Option<PathBuf>,
    },
    /// Prove or refute the claims of papers
    #[command(after_help = help::CLAIMS)]
    Claims {
        /// Claim files [default: those of this project]
        files: Vec<PathBuf>,
        /// Only claims whose id contains this text
        #[arg(long, value_name = "TEXT")]
        only: Option<String>,
        /// Write certificates that `actaudit recheck` verifies
        #[arg(long, value_name = "FILE")]
        certificate: Option<PathBuf>,
    },
    /// Smooth an activation: its convolution with a kernel, exactly, and what is proved of it
    #[command(after_help = help::MOLLIFY)]
    Mollify(MollifyArgs),
    /// Write a definition as code: its value and its gradient, in C, Rust, CUDA, Triton, PyTorch, JAX or numpy
    #[command(after_help = help::EMIT)]
    Emit(EmitArgs),
    /// Gaussian moments, the edge of chaos, and how fast the correlation of two inputs tends to 1
    #[command(after_help = help::PROPAGATE)]
    Propagate(PropagateArgs),
    /// Train small networks that differ in their activation alone, in pairs, and say what that shows
    #[command(after_help = help::TRAIN)]
    Train(TrainArgs),
    /// How exhaustive f32 audits know the real values: polynomials on runs of floats, verified by the checker
    #[command(after_help = help::REFERENCE)]
    Reference {
        /// Which activation
        #[command(flatten)]
        activation: ActivationArgs,
        /// Write a certificate that `actaudit recheck` verifies
        #[arg(long, value_name = "FILE")]
        certificate: Option<PathBuf>,
    },
    /// Verify certificates with an independent checker
    #[command(after_help = help::RECHECK)]
    Recheck {
        /// Certificate files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Audit a definition, and code that is said to compute it
    #[command(after_help = help::VERIFY)]
    Verify(Box<VerifyArgs>),
    /// What a command would look at, without running it
    #[command(after_help = help::PLAN)]
    Plan {
        /// The command
        #[command(subcommand)]
        command: Planned,
    },
    /// Which activation of the catalogue does this code compute?
    #[command(after_help = help::IDENTIFY)]
    Identify(IdentifyArgs),
    /// Which known defects does a tolerance let pass? Without arguments: those of other projects, one line each
    #[command(after_help = help::POWER)]
    Power(PowerArgs),
    /// Audit many implementations of many activations, and put their errors side by side
    #[command(after_help = help::SURVEY)]
    Survey(SurveyArgs),
    /// Write a first actaudit.toml out of what is here: shared libraries, Python modules, ONNX files
    #[command(after_help = help::INIT)]
    Init {
        /// The file to write; it must not be there
        #[arg(value_name = "FILE", default_value = "actaudit.toml")]
        config: PathBuf,
    },
    /// Hold what a repository promises about its kernels, in actaudit.toml, against what they do
    #[command(after_help = help::GATE)]
    Gate(GateArgs),
    /// Put together what parts of a gate found: the report is that of one run
    #[command(after_help = help::MERGE)]
    Merge(MergeArgs),
    /// Figures that `gate --bless` found: show those that wait, or accept some
    #[command(after_help = help::ACCEPT)]
    Accept(AcceptArgs),
    /// What differs between two results, as verify, gate, survey or claims write them with --format json
    #[command(after_help = help::DIFF)]
    Diff {
        /// The first
        #[arg(value_name = "A")]
        before: PathBuf,
        /// The second
        #[arg(value_name = "B")]
        after: PathBuf,
    },
    /// The JSON Schema of actaudit.toml, for editors, or of what a command prints with --format json
    #[command(after_help = help::SCHEMA)]
    Schema {
        /// The command (verify, bound, gate ...), events or error
        #[arg(value_name = "OUTPUT")]
        of: Option<String>,
    },
    /// Data sheets of the catalogue: what is proved of each activation, plots, and the errors of this project's kernels
    #[command(after_help = help::REPORT)]
    Report(ReportArgs),
    /// The inputs of an audit as a file of bits, little endian, to compute a table of outputs elsewhere
    #[command(after_help = help::INPUTS)]
    Inputs(InputsArgs),
    /// What of the things that this program can use is there: PyTorch, CUDA, ONNX Runtime, Python; and how to get the rest
    #[command(after_help = help::DOCTOR)]
    Doctor,
    /// A script that completes commands and options in a shell
    #[command(after_help = help::COMPLETIONS)]
    Completions {
        /// Which shell
        #[arg(value_name = "SHELL")]
        shell: clap_complete::Shell,
    },
    /// Manual pages, one a command
    #[command(after_help = help::MAN)]
    Man {
        /// The folder that they go to
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
    },
}

impl Command {
    /// The forms in which a command writes its result: what is asked for is known to be had before anything is run.
    pub const fn forms(&self) -> &'static [Format] {
        use Format::{Github, Gitlab, Html, Json, Junit, Latex, Markdown, Sarif, Text};
        match self {
            Self::Emit(_) => &[Text],
            Self::Verify(_) => &[Text, Json, Html],
            Self::Claims { .. } => &[Text, Json, Markdown, Latex, Html],
            Self::Survey(_) | Self::Train(_) => &[Text, Json, Markdown, Html],
            Self::Gate(_) | Self::Merge(_) => &[Text, Json, Junit, Sarif, Github, Gitlab, Markdown, Html],
            _ => &[Text, Json],
        }
    }
}

/// Commands that have a plan.
#[derive(Subcommand, Debug)]
pub enum Planned {
    /// The units of an audit: subject, format, direction and inputs
    #[command(after_help = help::PLAN)]
    Verify(Box<VerifyArgs>),
}

/// What to identify.
#[derive(Args, Debug)]
pub struct IdentifyArgs {
    /// The code, as for verify --impl; of a model file, onnx:FILE, all activations are listed
    #[arg(value_name = "SUBJECT")]
    pub subject: String,
    /// Whose code is meant, for native and plugin subjects: gelu, leaky_relu(a=1/5)
    #[arg(long, value_name = "ACT")]
    pub of: Option<String>,
    /// Format in which it is asked [default: f32, or the first that the code has]
    #[arg(long, value_name = "FORMAT", value_parser = format())]
    pub dtype: Option<FloatFormat>,
    /// Direction
    #[arg(long, default_value = "forward", value_name = "PASS", value_parser = pass())]
    pub pass: Pass,
    /// Only inputs in this closed part of the line, e.g. --domain=0..inf
    #[arg(long, value_name = "LO..HI", allow_hyphen_values = true)]
    pub domain: Option<String>,
    /// A function of your own that it may be, too: FILE.toml, an expression after `expr:`, or a name with parameters
    #[arg(long = "candidate", value_name = "ACT")]
    pub candidates: Vec<String>,
    /// The interpreter for python: subjects [default: $ACTAUDIT_PYTHON, or python3]
    #[arg(long, value_name = "PATH")]
    pub python: Option<PathBuf>,
}

/// Which tolerance, over which inputs.
#[derive(Args, Debug)]
pub struct PowerArgs {
    /// A gate of another project: torch, onednn, llama.cpp, liger, jax, candle or burn
    #[arg(long, value_name = "NAME")]
    pub preset: Option<String>,
    /// Relative tolerance: |output - f| <= atol + rtol |f|
    #[arg(long, value_name = "R")]
    pub rtol: Option<f64>,
    /// Absolute tolerance
    #[arg(long, value_name = "A")]
    pub atol: Option<f64>,
    /// Largest error in ulp
    #[arg(long, value_name = "U")]
    pub max_ulp: Option<f64>,
    /// Largest sum of squared errors over the sum of squares
    #[arg(long, value_name = "N")]
    pub nmse: Option<f64>,
    /// Least cosine of the angle between outputs and expected values
    #[arg(long, value_name = "C")]
    pub cosine: Option<f64>,
    /// uniform:LO..HI:COUNT, normal:DEVIATION:COUNT, grid:LO..HI:COUNT, points:X,X,.. or all
    #[arg(long, value_name = "SPEC", allow_hyphen_values = true)]
    pub inputs: Option<String>,
}

/// What to survey.
#[derive(Args, Debug)]
pub struct SurveyArgs {
    /// Implementations and the subjects by which each computes its activations, as audits/third-party.toml has them
    #[arg(value_name = "FILE")]
    pub plan: PathBuf,
    /// Of the plan's activations these alone
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    pub activation: Vec<String>,
    /// Formats
    #[arg(long, value_delimiter = ',', value_name = "LIST", value_parser = format())]
    pub dtype: Vec<FloatFormat>,
    /// Directions
    #[arg(long, value_delimiter = ',', value_name = "LIST", value_parser = pass())]
    pub pass: Vec<Pass>,
    /// As for verify
    #[arg(long, default_value = "standard", value_name = "LEVEL", value_parser = work())]
    pub effort: Work,
    /// Keep each unit (subject, format, direction) that is done in this file, and do not repeat those of the same build that it
    /// has: goes on with a survey that was broken off
    #[arg(long, value_name = "FILE")]
    pub keep: Option<PathBuf>,
    /// The interpreter for python: subjects [default: $ACTAUDIT_PYTHON, or python3]
    #[arg(long, value_name = "PATH")]
    pub python: Option<PathBuf>,
}

/// Which data sheets, and where.
#[derive(Args, Debug)]
pub struct ReportArgs {
    /// The folder, which is made if it is not there: an index, a sheet and a picture of each activation, the claims of papers, and
    /// all of it in catalog.html
    #[arg(long, value_name = "FOLDER", default_value = "reports/catalog")]
    pub out: PathBuf,
    /// Sheets of these activations alone, and nothing else
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    pub activation: Vec<String>,
}

/// Which inputs.
#[derive(Args, Debug)]
pub struct InputsArgs {
    /// Which activation: its junctions matter
    #[command(flatten)]
    pub activation: ActivationArgs,
    /// Format of the inputs
    #[arg(long, value_name = "FORMAT", default_value = "f32", value_parser = format())]
    pub dtype: FloatFormat,
    /// As for verify
    #[arg(long, default_value = "standard", value_name = "LEVEL", value_parser = work())]
    pub effort: Work,
    /// As for verify
    #[arg(long, default_value = "forward", value_name = "PASS", value_parser = pass())]
    pub pass: Pass,
}

/// What to audit.
#[derive(Args, Debug)]
pub struct VerifyArgs {
    /// Which activations
    #[command(flatten)]
    pub activations: ActivationsArgs,
    /// The code under test: native, native:VARIANT, torch, torch:OP, torch:definition, lib:PATH:SYMBOL (a C function over arrays,
    /// void f(const float *x, float *y, size_t n)), plugin:PATH, python:MODULE:FUNCTION, onnx:FILE#NUMBER, onnx:op:NAME or
    /// table:FILE,dtype=f16, see docs/subjects.md [default: every accurate native kernel]
    #[arg(long = "impl", value_name = "SUBJECT")]
    pub subjects: Vec<String>,
    /// The interpreter for python: subjects [default: $ACTAUDIT_PYTHON, or python3]
    #[arg(long, value_name = "PATH")]
    pub python: Option<PathBuf>,
    /// Formats to audit
    #[arg(long, value_delimiter = ',', value_name = "LIST", value_parser = format())]
    pub dtype: Vec<FloatFormat>,
    /// How much of f32 to look at: a sample, all where the code is cheap to ask, or all. f16 and bf16 are always exhaustive, f64 is
    /// sampled; `actaudit plan verify` shows it
    #[arg(long, default_value = "standard", value_name = "LEVEL", value_parser = work())]
    pub effort: Work,
    /// Only this direction; double is the gradient of the gradient [default: forward and backward]
    #[arg(long, value_name = "PASS", value_parser = pass())]
    pub pass: Option<Pass>,
    /// Exactly this input: a value such as 0.5, -7.25 or inf, taken to the nearest float of each format, or bits of one format
    /// such as 0x7bff with one --dtype; shows what came out and what should have (several times for several inputs)
    #[arg(long = "input", value_name = "VALUE", allow_hyphen_values = true)]
    pub inputs: Vec<String>,
    /// Only inputs in this closed part of the line, e.g. --domain=0..inf or --domain=1/3..sqrt(2): no others are given to the code,
    /// NaN among them
    #[arg(long, value_name = "LO..HI", allow_hyphen_values = true, conflicts_with = "inputs")]
    pub domain: Option<String>,
    /// Have the independent checker verify the tables of real values that exhaustive f32 audits use (some seconds)
    #[arg(long)]
    pub check_reference: bool,
    /// Show every row, not only those that fail
    #[arg(long)]
    pub all: bool,
    /// Show the largest errors by region of the input for everything, not only for what is refuted
    #[arg(long)]
    pub regions: bool,
    /// The largest error in ulp that is within budget [default: by format and direction]
    #[arg(long, value_name = "ULP")]
    pub max_ulp: Option<f64>,
    /// An absolute and relative tolerance in place of the budget in ulp: |output - f| <= atol + rtol |f|
    #[arg(long, value_name = "A", conflicts_with = "max_ulp")]
    pub atol: Option<f64>,
    /// See --atol
    #[arg(long, value_name = "R", conflicts_with = "max_ulp")]
    pub rtol: Option<f64>,
    /// Budgets by activation, subject, format and pass (audits/kernels/ has some); later files win
    #[arg(long, value_name = "FILE")]
    pub budgets: Vec<PathBuf>,
    /// Refute code whose outputs are not, bit for bit, those of the first --impl
    #[arg(long)]
    pub identical: bool,
    /// What is declared about the code
    #[arg(long, value_delimiter = ',', value_name = "WORDS", value_parser = declaration)]
    pub declare: Vec<String>,
    /// Write a plot of the error against the input (SVG): every subject, in the first format and pass that is asked for
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
    /// Write what happens while it runs, a JSON object a line (docs/reports.md): progress, and the results of each format and pass
    /// as it is done
    #[arg(long, value_name = "FILE")]
    pub events: Option<PathBuf>,
    /// Only these checks (see `actaudit explain`)
    #[arg(long = "check", value_delimiter = ',', value_name = "IDS")]
    pub checks: Vec<String>,
    /// Write certificates of the definition's class and bounds, which `actaudit recheck` verifies
    #[arg(long, value_name = "FILE")]
    pub certificate: Option<PathBuf>,
}

/// One of a few values, each by its name or another one that people use. Help and errors list the names.
fn one_of<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    name: fn(T) -> &'static str,
    aliases: &'static [(&'static str, &'static str)],
) -> impl TypedValueParser<Value = T> {
    let possible = |value: &T| {
        let own = aliases.iter().filter(|(_, of)| *of == name(*value)).map(|(alias, _)| *alias);
        PossibleValue::new(name(*value)).aliases(own)
    };
    PossibleValuesParser::new(all.iter().map(possible)).try_map(move |text| {
        let text = aliases.iter().find(|(alias, _)| *alias == text).map_or(text.as_str(), |(_, of)| of);
        all.iter().find(|value| name(**value) == text).copied().ok_or("not one of these")
    })
}

/// What formats are called elsewhere.
const FORMATS: &[(&str, &str)] = &[
    ("fp64", "f64"),
    ("float64", "f64"),
    ("double", "f64"),
    ("fp32", "f32"),
    ("float32", "f32"),
    ("float", "f32"),
    ("single", "f32"),
    ("fp16", "f16"),
    ("float16", "f16"),
    ("half", "f16"),
    ("bfloat16", "bf16"),
];

fn quantity() -> impl TypedValueParser<Value = Quantity> {
    one_of(&Quantity::ALL, Quantity::name, &[])
}

fn format() -> impl TypedValueParser<Value = FloatFormat> {
    one_of(&FloatFormat::ALL, FloatFormat::name, FORMATS)
}

fn pass() -> impl TypedValueParser<Value = Pass> {
    one_of(&Pass::KNOWN, Pass::name, &[])
}

/// A word that declares something about code.
fn declaration(word: &str) -> Result<String, String> {
    Policy::default().declare(word).map(|_| word.to_owned()).ok_or_else(|| {
        format!("expected some of {}; subgradient=left@0 is for the kink at 0 alone", Policy::WORDS.join(", "))
    })
}

fn work() -> impl TypedValueParser<Value = Work> {
    one_of(&Work::ALL, Work::name, &[])
}
