#!/usr/bin/env bash
# Fuzzes every parser and the checker, guided by coverage: FUZZ_SECONDS (default 1800) for each of the targets that are
# named, by default all. Works with the stable toolchain. What is found lies in fuzz/artifacts/.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

scripts/setup-build.sh
need_packages c++=g++ # libFuzzer is C++
have cargo-fuzz || cargo install --locked cargo-fuzz@0.13.2
export RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Ctarget-cpu=haswell
[ $# -gt 0 ] || set -- parse claims certificate journal model data
cd fuzz
for target; do
    say "fuzzing $target for ${FUZZ_SECONDS:=1800} s ..."
    # what is found on the way grows beside the corpus, which holds what is worth keeping
    mkdir -p "grown/$target"
    cargo fuzz run "$target" "grown/$target" "corpus/$target" --fuzz-dir . --sanitizer none --release -- \
        -max_total_time="$FUZZ_SECONDS" -timeout=20 -rss_limit_mb=4096
done
