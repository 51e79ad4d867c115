//! Arguments of `gate`, `merge` and `accept`.

use clap::Args;
use std::path::PathBuf;

/// What parts of a gate found.
#[derive(Args, Debug)]
pub struct MergeArgs {
    /// The files that `actaudit gate --shard I/N --results FILE` wrote: those of all parts
    #[arg(value_name = "RESULT", required = true)]
    pub results: Vec<PathBuf>,
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = "actaudit.toml")]
    pub config: PathBuf,
    /// As for gate
    #[arg(long)]
    pub bless: bool,
}

/// What to hold against its promises.
#[derive(Args, Debug)]
pub struct GateArgs {
    /// The configuration; paths in it start from its folder
    #[arg(value_name = "FILE", default_value = "actaudit.toml")]
    pub config: PathBuf,
    /// Write figures that are new or changed beside the accepted ones, where they wait for `actaudit accept`
    #[arg(long)]
    pub bless: bool,
    /// Keep each unit (subject, format, direction) that is done in this file, and do not repeat those of the same build and the
    /// same code that it has: goes on with a run that was broken off
    #[arg(long, value_name = "FILE")]
    pub keep: Option<PathBuf>,
    /// Only one of several parts, 2/7 say, or auto: what the engine of this CI job says; claims are left to `actaudit merge`
    #[arg(long, value_name = "I/N", requires = "results")]
    pub shard: Option<String>,
    /// Where a part's results go, for `actaudit merge`
    #[arg(long, value_name = "FILE", requires = "shard")]
    pub results: Option<PathBuf>,
}

/// What to accept.
#[derive(Args, Debug)]
pub struct AcceptArgs {
    /// Keys of figures, or ids of results, with `*` for any text; without any, those that wait are shown
    #[arg(value_name = "KEY", conflicts_with = "all")]
    pub keys: Vec<String>,
    /// All that wait
    #[arg(long)]
    pub all: bool,
    /// Show one after the other and ask; reads answers from standard input, a line for each
    #[arg(long, conflicts_with_all = ["all", "keys"])]
    pub review: bool,
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = "actaudit.toml")]
    pub config: PathBuf,
}
