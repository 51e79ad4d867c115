//! What stands below the options of `--help`: examples, exit codes, environment.

/// Of the program.
pub const PROGRAM: &str = "Examples:
  actaudit verify gelu --impl python:./acts.py:gelu   is this code right?
  actaudit bound gelu --quantity lipschitz            how steep is it, proved
  actaudit identify model.onnx                        what does this compute?

Exit codes: 0 all proved or within budget, 1 something refuted or over budget,
2 bad usage or input, 3 undecided or nothing compared, 4 a subject or device
is not there, 70 internal error (actaudit explain exit-codes).

Environment: NO_COLOR (no colours), ACTAUDIT_PYTHON (the interpreter for
python: subjects), ORT_DYLIB_PATH (the library of ONNX Runtime for onnx:
subjects).";

pub const LIST: &str = "Example:
  actaudit list

Exit codes: 0 done, 2 bad usage.

Environment: none.";

pub const SHOW: &str = "Examples:
  actaudit show gelu
  actaudit show srelu -p alpha=1/10 --svg srelu.svg
  actaudit show --expr \"x*sigmoid(b*x)\" -p b=2

Exit codes: 0 done, 2 bad usage or input.

Environment: NO_COLOR (no colours).";

pub const EXPLAIN: &str = "Examples:
  actaudit explain                what there is
  actaudit explain ulp            a check
  actaudit explain refuted        a verdict
  actaudit explain exit-codes
  actaudit explain expressions    the language of --expr and of definition files

Exit codes: 0 done, 2 there is no such thing.

Environment: none.";

pub const BOUND: &str = "Examples:
  actaudit bound gelu --quantity lipschitz --digits 30
  actaudit bound silu --quantity slope --domain=-1..1
  actaudit bound softplus --to relu
  actaudit bound --expr \"x*sigmoid(b*x)\" -p b=2 --quantity lipschitz

Slope, Lipschitz constant and curvature are suprema over the pieces with their
ends: at a kink, where a derivative jumps, \"attained\" means from one side.

Exit codes: 0 proved, 2 bad usage or definition, 3 undecided or undefined.

Environment: none.";

pub const CONTINUITY: &str = "Examples:
  actaudit continuity srelu
  actaudit continuity --definition own.toml --certificate own.json

Exit codes: 0 decided, 2 bad usage or definition, 3 undecided.

Environment: none.";

pub const CLAIMS: &str = concat!(
    "Examples:
  actaudit claims                          those of this project
  actaudit claims mine.toml --only lipschitz
  actaudit claims mine.toml --format latex -o claims.tex

A file of claims (`actaudit explain claims` has every key):
",
    crate::claim::example!(),
    "
Exit codes: 0 every claim comes out as its file expects, 1 one does not, 2 bad
usage or file, 3 undecided.

Environment: NO_COLOR (no colours)."
);

pub const MOLLIFY: &str = "Examples:
  actaudit mollify relu --kernel epanechnikov
  actaudit mollify relu6 --kernel triweight --radius 1/2
  actaudit mollify --expr \"abs(x)\" --kernel laplace --emit latex
  actaudit mollify relu --kernel biweight --emit toml -o mine.toml
  actaudit mollify relu --kernel biweight --radius 1/10 --emit c -o mine.c
  actaudit bound --definition mine.toml --to relu
  actaudit mollify relu --compare
  actaudit mollify relu --max-error 1e-3 --max-curvature 300 --class 4

Exit codes: 0 proved, or some kernel meets what is required, 1 none does, 2 bad
usage or input, 3 undecided.

Environment: NO_COLOR (no colours).";

pub const EMIT: &str = "Examples:
  actaudit emit gelu --target c -o gelu.c
  actaudit emit srelu -p alpha=1/10 --target triton --dtype bf16
  actaudit emit --expr \"x*sigmoid(1.702*x)\" --target torch --name quick
  actaudit emit gelu --target c --dtype f32 --compute f32

The header says in which format is computed, where is rounded, which constants
are no floats, and how to audit what was written (docs/emit.md).

Exit codes: 0 done, 2 bad usage or definition, or the target lacks a function
or a format.

Environment: none.";

pub const PROPAGATE: &str = "Examples:
  actaudit propagate gelu
  actaudit propagate tanh --sigma-b2 0.05
  actaudit propagate relu --layers 1,10,100,1000
  actaudit propagate relu gelu \"srelu(alpha=1)\"   side by side

The edge of chaos is where a layer keeps the variance q and gradients neither
vanish nor explode. Whether q attracts the variances beside it is another
question: where it repels (the slope of the variance's map is more than 1, as
for gelu at q = 1), inputs whose variance is not exactly q leave the edge layer
by layer, and the table of correlations is no promise for them. Where it is
neutral, as for relu, every variance stays.

Exit codes: 0 done, 2 bad usage, or nothing bounds the activation.

Environment: none.";

pub const TRAIN: &str = "Examples:
  actaudit train --activation mine.toml --against gelu
  actaudit train audits/training/gradient-norm.toml
  actaudit train audits/training/activations-vit.toml --size smoke
  actaudit train audit.toml --keep runs --format html -o report.html
  actaudit train audit.toml --keep runs --shard 2/7

The program beside this one that links libtorch trains (`make torch`). Data are
found, never fetched: in the audit's folder, the folder that ACTAUDIT_DATA names,
.deps/data (scripts/fetch-data.sh), or the system's share/datasets. Seconds: smoke;
under 15 minutes on two cores: short; as published: paper.

Exit codes: 0 done (no difference detected is an answer), 1 runs contradict a
claim or have a fault, 2 bad usage or file, 3 runs are missing, 4 no libtorch, no
device or no data.

Environment: ACTAUDIT_DATA, ACTAUDIT_TORCH, NO_COLOR (no colours).";

pub const REPORT: &str = "Examples:
  actaudit report                          reports/catalog/, as this project has it
  actaudit report --out sheets --activation gelu,silu

Exit codes: 0 the pages are written, 2 bad usage or a page cannot be written.

Environment: none.";

pub const REFERENCE: &str = "Example:
  actaudit reference gelu --certificate gelu.json

Exit codes: 0 the checker accepts the tables, 2 bad usage or definition, 3 it
does not.

Environment: none.";

pub const RECHECK: &str = "Example:
  actaudit bound gelu --quantity lipschitz --certificate gelu.json
  actaudit recheck gelu.json

Exit codes: 0 all accepted, 1 one is rejected, 2 bad usage, or a file cannot
be read.

Environment: none.";

pub const VERIFY: &str = "Examples:
  actaudit verify gelu --impl lib:./libmine.so:gelu_f32 --dtype f32
  actaudit verify gelu --impl python:./acts.py:gelu --effort quick
  actaudit verify gelu --impl native:naive --input -7.25    one input
  actaudit verify relu gelu --impl plugin:./libmine.so      several, or all
  actaudit verify --expr \"x*sigmoid(1.702*x)\"               what is proved

Exit codes: 0 all proved or within budget, 1 something refuted or over budget,
2 bad usage or definition, 3 undecided or nothing compared, 4 the code is not
there, or lacks the format or direction that was asked for.

Environment: NO_COLOR (no colours), ACTAUDIT_PYTHON (the interpreter for
python: subjects), ORT_DYLIB_PATH (the library of ONNX Runtime for onnx:
subjects).";

pub const PLAN: &str = "Example:
  actaudit plan verify gelu --impl native --dtype f32

Exit codes: 0 done, 2 bad usage or definition, 4 the code is not there.

Environment: as for verify.";

pub const IDENTIFY: &str = "Examples:
  actaudit identify python:./acts.py:act
  actaudit identify model.onnx               every activation in the model
  actaudit identify native:naive --of gelu
  actaudit identify lib:./k.so:act --candidate \"expr:x*tanh(exp(x))\"

Exit codes: 0 identified, 2 bad usage, 3 none that is known, or too few
answers, 4 the code is not there.

Environment: ACTAUDIT_PYTHON (the interpreter for python: subjects),
ORT_DYLIB_PATH (the library of ONNX Runtime).";

pub const POWER: &str = "Examples:
  actaudit power                         the gates of other projects
  actaudit power --preset torch
  actaudit power --rtol 1e-3 --atol 1e-5 --inputs uniform:-10..10:4096

Exit codes: 0 done, 2 bad usage.

Environment: none.";

pub const SURVEY: &str = "Example:
  actaudit survey audits/third-party.toml --keep survey.journal -o report.md

Exit codes: 0 done, 2 bad usage or plan, 4 some code is not there.

Environment: ACTAUDIT_PYTHON (the interpreter for python: subjects),
ORT_DYLIB_PATH (the library of ONNX Runtime).";

pub const INIT: &str = "Example:
  actaudit init, then actaudit gate

Functions are taken for what their names say (gelu_f16, silu_backward).

Exit codes: 0 done, 2 the file is there already, or cannot be written.

Environment: none.";

pub const GATE: &str = "Examples:
  actaudit gate                        actaudit.toml here
  actaudit gate --format github        annotations; also junit, sarif, gitlab
  actaudit gate --bless                then: actaudit accept
  actaudit gate --shard 2/7 --results part-2.json

Exit codes: 0 all as promised, 1 something is not, 2 bad usage or
configuration, 3 undecided or nothing compared, 4 some code is not there.

Environment: SOURCE_DATE_EPOCH (the day, for expectations that expire),
ACTAUDIT_PYTHON, ORT_DYLIB_PATH, NO_COLOR; with --shard auto what engines say
(docs/gate.md).";

pub const MERGE: &str = "Example:
  actaudit merge part-1.json part-2.json --format junit

Exit codes: as for gate; 2 if parts are missing, or of another configuration.

Environment: SOURCE_DATE_EPOCH (the day, for expectations that expire).";

pub const ACCEPT: &str = "Examples:
  actaudit accept                    what waits, beside what was accepted
  actaudit accept 'gelu/*/ulp'
  actaudit accept --all

Exit codes: 0 done, 2 bad usage, or no figure that waits has this key.

Environment: none.";

pub const DIFF: &str = "Example:
  actaudit diff before.json after.json

Exit codes: 0 no difference, 1 there are some, 2 bad usage or file.

Environment: none.";

pub const SCHEMA: &str = "Examples:
  actaudit schema > .actaudit.schema.json
  actaudit schema verify > verify.schema.json

An editor that reads `#:schema ./.actaudit.schema.json` in the first line of
actaudit.toml completes its keys and marks what cannot be. A schema of an output
lets keys come that it does not know; docs/schemas/ has all of them.

Exit codes: 0 done, 2 no such output.

Environment: none.";

pub const DOCTOR: &str = "Example:
  actaudit doctor

Exit codes: 0 done.

Environment: ACTAUDIT_TORCH, ACTAUDIT_PYTHON, ORT_DYLIB_PATH (what to look at).";

pub const COMPLETIONS: &str = "Example:
  actaudit completions bash > ~/.local/share/bash-completion/completions/actaudit

Exit codes: 0 done, 2 bad usage.

Environment: none.";

pub const MAN: &str = "Example:
  actaudit man ~/.local/share/man/man1

Exit codes: 0 done, 2 the folder cannot be written.

Environment: none.";

pub const INPUTS: &str = "Example:
  actaudit inputs silu --dtype f32 --effort quick -o inputs.f32

Exit codes: 0 done, 2 bad usage or definition.

Environment: none.";
