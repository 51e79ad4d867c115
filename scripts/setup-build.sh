#!/usr/bin/env bash
# What every build needs: cargo, and the tools with which gmp-mpfr-sys compiles its bundled GMP and MPFR.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

command -v cargo >/dev/null || die "cargo is not on PATH: install a Rust toolchain (see rust-version in Cargo.toml)"
need_packages m4=m4 make=make cc=gcc

# An exported RUSTFLAGS replaces the flags of .cargo/config.toml, without which the interval arithmetic does not compile.
if [ -n "${RUSTFLAGS+set}${CARGO_ENCODED_RUSTFLAGS+set}" ]; then
    die "RUSTFLAGS is set in the environment and would replace the flags of .cargo/config.toml: unset it, or put it there"
fi
