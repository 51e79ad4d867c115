#!/usr/bin/env bash
# What `make lint` needs besides the build.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

have "cargo fmt --version" || die "rustfmt is not installed: rustup component add rustfmt"
have "cargo clippy --version" || die "clippy is not installed: rustup component add clippy"
need_packages shellcheck=shellcheck
