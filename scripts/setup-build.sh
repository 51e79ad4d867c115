#!/usr/bin/env bash
# What every build needs: cargo, and the tools with which gmp-mpfr-sys compiles its bundled GMP and MPFR.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

command -v cargo >/dev/null || die "cargo is not on PATH: install a Rust toolchain (see rust-version in Cargo.toml)"
need_packages m4=m4 make=make cc=gcc
