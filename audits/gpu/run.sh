#!/usr/bin/env bash
# Audits on a CUDA device what libraries compute there: PyTorch's kernels, those that torch.compile makes, JAX's, and formulas
# (plan.toml). f16 and bf16 over every input, f32 over every input for the eight main activations, everything else over a sample. It needs
# no Rust and no network, but the two programs beside it or in target/release, and a python3 that has their PyTorch (`make gpu-bundle`
# packs all of that); JAX is left out where it is not there. Units that are done are kept, so that a run that was stopped goes on.
#
# Variables: DEVICE=cuda:0 (cpu tries the script out), OUT=FOLDER, PROGRAMS=FOLDER, PYTHON=python3, LIMIT=420 (seconds, all together),
# DATA=data (folder of the data sets), SIZE=short (of the training audits),
# EIGHT="gelu ..." and EFFORT=exhaustive (what is looked at in f32), JOBS (audits at a time; each waits for the device half of the time).
set -euo pipefail
cd "$(dirname "$0")/../.."

device=${DEVICE:-cuda:0}
out=${OUT:-reports/gpu}
programs=${PROGRAMS:-target/release}
python=${PYTHON:-python3}
eight=${EIGHT:-gelu gelu_tanh silu mish softplus elu tanh srelu}
data=${DATA:-data}
jobs=${JOBS:-$((2 * $(nproc)))}
ends=$((SECONDS + ${LIMIT:-420}))
absent=4

say() { printf '%s\n' "$*" | tee -a "$out/summary.txt" >&2; }

mkdir -p "$out"
: >"$out/summary.txt"
export ACTAUDIT_PYTHON=$python ACTAUDIT_DEVICE=${device%:*} XLA_PYTHON_CLIENT_PREALLOCATE=false
torch=$("$python" -c 'import pathlib, torch; print(pathlib.Path(torch.__file__).parent / "lib")' 2>/dev/null) || torch=
[ -z "$torch" ] || export LD_LIBRARY_PATH=$torch${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

# Is it there, and does it compute? There is no fallback to the processor.
code=0
"$programs/actaudit" --quiet identify "torch:relu@$device" >"$out/device.txt" 2>&1 || code=$?
[ "$code" = 0 ] || { say "error: torch:relu@$device cannot be audited"; cat "$out/device.txt" >&2; exit "$absent"; }
! command -v nvidia-smi >/dev/null || nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader >>"$out/device.txt" || true

plan=$out/plan.toml
sed "s/DEVICE/$device/" audits/gpu/plan.toml >"$plan"

# survey NAME SHARE ARGUMENT...: one report; it may take SHARE hundredths of the time that is left.
survey() {
    local name=$1 share=$2 code=0 began=$SECONDS
    shift 2
    local left=$(((ends - SECONDS) * share / 100))
    [ "$left" -gt 0 ] || { say "$name: no time is left"; return 0; }
    # an interrupt ends it with a report of what is done
    timeout -s INT -k 20 "$left" "$programs/actaudit" --quiet -j "$jobs" survey "$plan" --keep "$out/done.jsonl" \
        "$@" -o "$out/$name.md" 2>"$out/$name.log" || code=$?
    [ -s "$out/$name.log" ] || rm -f "$out/$name.log"
    say "$name: exit code $code after $((SECONDS - began)) s"
}

# training SHARE: the training audits, paired runs of small networks; what is done is kept.
training() {
    local share=$1 code=0 began=$SECONDS audit name
    local stop=$((SECONDS + (ends - SECONDS) * share / 100))
    for audit in audits/training/*.toml; do
        name=training-$(basename "$audit" .toml) code=0
        [ "$((stop - SECONDS))" -gt 0 ] || { say "$name: no time is left"; continue; }
        timeout -k 20 "$((stop - SECONDS))" "$programs/actaudit" --quiet -j "$jobs" train "$audit" --size "${SIZE:-short}" --device "$device" \
            --data "$data" --keep "$out/runs" --format markdown -o "$out/$name.md" 2>"$out/$name.log" || code=$?
        [ -s "$out/$name.log" ] || rm -f "$out/$name.log"
        say "$name: exit code $code, $((SECONDS - began)) s since training began"
    done
}

survey 16-bit 32 --dtype f16,bf16
survey f32 80 --dtype f32 --effort "${EFFORT:-exhaustive}" --activation "${eight// /,}"
[ ! -d "$data" ] || training 60
survey sampled 100 --dtype f64,f32 --effort quick
rm -f "$out/plan.toml"
