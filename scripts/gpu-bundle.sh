#!/usr/bin/env bash
# Packs into target/gpu what audits/gpu/run.sh needs on a machine with a CUDA GPU and Python's PyTorch 2.11, without Rust and
# without network: unpack target/gpu.tar.gz there and run gpu/audits/gpu/run.sh.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

bundle=target/gpu
scripts/setup-build.sh
TORCH_VERSION=2.11 scripts/fetch-torch.sh
cargo build --locked --release -p actaudit
LIBTORCH=$PWD/.deps/torch-2.11/torch cargo build --locked --release \
    --manifest-path crates/actaudit-torch/2.11/Cargo.toml --target-dir target/torch-2.11

rm -rf "$bundle"
mkdir -p "$bundle/target/release" "$bundle/audits/third-party"
strip -o "$bundle/target/release/actaudit" target/release/actaudit
strip -o "$bundle/target/release/actaudit-torch" target/torch-2.11/release/actaudit-torch
cp -r audits/gpu audits/training "$bundle/audits/"
scripts/fetch-data.sh
mkdir -p "$bundle/data"
for set in fashion-mnist mnist-5k addresses; do
    [ ! -d ".deps/data/$set" ] || cp -r ".deps/data/$set" "$bundle/data/"
done
cp audits/third-party/with_jax.py "$bundle/audits/third-party/"
tar -C target -czf target/gpu.tar.gz gpu
say "target/gpu.tar.gz: $(du -h target/gpu.tar.gz | cut -f1)"
