#!/usr/bin/env bash
# Audits PyTorch's kernels on a CUDA device: every activation that torch has, and every definition of the catalogue as
# tensor operations. One report for each in reports/cuda/, a summary at the end. Exit code: 4 if the device is not there,
# the program's own if an audit could not be run, 1 if something is refuted, 3 if something is undecided, else 0.
#
# Variables: DEVICE=cuda:0 (cpu runs the same on the processor), EFFORT=standard, DTYPES=f32,f16 (all),
# ACTIVATIONS="silu gelu" (all), PASSES="forward backward double" (forward and backward), BUDGETS=FILE, OUT=FOLDER,
# FORMAT=text or json, ACTAUDIT=PROGRAM (one that is built already: nothing is fetched or built).
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../scripts/common.sh
. "$(dirname "$0")/../scripts/common.sh"

device=${DEVICE:-cuda:0}
out=${OUT:-reports/cuda}
format=${FORMAT:-text}
absent=4

if [ -z "${ACTAUDIT:-}" ]; then
    ACTAUDIT=target/release/actaudit
    case $device in
        cuda*)
            # before gigabytes are fetched for nothing
            if ! have nvidia-smi && [ ! -e /proc/driver/nvidia/version ]; then
                say "error: the device $device is not there: this machine has no NVIDIA driver"
                exit $absent
            fi
            export TORCH_FLAVOUR=cuda
            ;;
    esac
    scripts/setup-build.sh
    scripts/fetch-torch.sh
    cargo build --locked --release -p actaudit -p actaudit-torch
fi

mkdir -p "$out"
# Is it there, and does it compute? There is no fallback to the processor.
code=0
"$ACTAUDIT" --quiet identify "torch:relu@$device" -o "$out/device.txt" || code=$?
[ "$code" = 0 ] || { say "error: torch:relu@$device cannot be audited"; exit "$code"; }
if have nvidia-smi; then nvidia-smi -L >>"$out/device.txt" 2>&1 || true; fi

# audit NAME ACTIVATION SUBJECT [ARGUMENT...]: one report, one line of the summary.
errors=0 refuted=0 undecided=0 good=0 last_error=0
audit() {
    local name=$1 activation=$2 subject=$3 code=0 line
    shift 3
    local report=$out/$name.${format/text/txt}
    "$ACTAUDIT" --quiet verify "$activation" --impl "$subject" --effort "${EFFORT:-standard}" \
        --format "$format" -o "$report" "${given[@]}" "$@" 2>"$out/error" || code=$?
    case $code in
        0) good=$((good + 1)) line=good ;;
        1) refuted=$((refuted + 1)) line=refuted ;;
        3) undecided=$((undecided + 1)) line=undecided ;;
        "$absent") return 0 ;; # the device is there, so torch has no such operation
        *) errors=$((errors + 1)) last_error=$code line="error $code: $(tr -s ' \n' ' ' <"$out/error")" ;;
    esac
    [ "$format" != text ] || [ ! -s "$report" ] || line="$line: $(grep -E -m 1 '^[0-9]+ results?: ' "$report" || true)"
    printf '%-32s %s\n' "$name" "$line" | tee -a "$out/summary.txt"
}

given=()
# a format that is named has to be there
[ -z "${DTYPES:-}" ] || given+=(--dtype "$DTYPES")
[ -z "${BUDGETS:-}" ] || given+=(--budgets "$BUDGETS")
read -ra activations <<<"${ACTIVATIONS:-$("$ACTAUDIT" list | sed 's/[( ].*//' | tr '\n' ' ')}"
[ ${#activations[@]} -gt 0 ] || die "no activations to audit"
read -ra passes <<<"${PASSES:-}"
[ ${#passes[@]} -gt 0 ] || passes=('')
rm -f "$out/summary.txt"
for activation in "${activations[@]}"; do
    for pass in "${passes[@]}"; do
        arguments=()
        [ -z "$pass" ] || arguments=(--pass "$pass")
        suffix=${pass:+.$pass}
        audit "$activation$suffix" "$activation" "torch@$device" "${arguments[@]}"
        [ "$activation" != leaky_relu ] ||
            audit "rrelu$suffix" leaky_relu "torch:rrelu@$device" --param a=11/48 "${arguments[@]}"
        audit "$activation.definition$suffix" "$activation" "torch:definition@$device" "${arguments[@]}"
    done
done
rm -f "$out/error"

line="$device: $good good, $refuted refuted, $undecided undecided, $errors that could not be run; reports in $out"
printf '%s\n' "$line" | tee -a "$out/summary.txt"
[ "$errors" = 0 ] || exit "$last_error"
[ "$refuted" = 0 ] || exit 1
[ "$undecided" = 0 ] || exit 3
[ "$good" != 0 ] || exit 3 # nothing was compared
