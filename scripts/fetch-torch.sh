#!/usr/bin/env bash
# Puts libtorch into .deps/torch (ignored by git), out of PyPI's wheels. TORCH_FLAVOUR=cpu (default, 0.5 GB on disk) or
# cuda (4.5 GB). Does nothing when it is there already, so it needs the network only once. The folder appears by one
# rename when it is complete: a broken download never counts as installed. TORCH_VERSION=2.11 fetches that one, for the CPU and for
# crates/actaudit-torch/2.11, into .deps/torch-2.11.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

case ${TORCH_VERSION:-2.13} in
    2.13) version=2.13.0 target=.deps/torch requirements=scripts/torch-cpu.txt ;; # the one that tch 0.26 is written for
    2.11) version=2.11.0 target=.deps/torch-2.11 requirements=scripts/torch-cpu-2.11.txt ;; # and tch 0.24
    *) die "TORCH_VERSION is '$TORCH_VERSION': expected 2.13 or 2.11" ;;
esac
# One wheel whatever the python3 that asks; pip takes the tags of older systems only when they are named.
wheels_for=(--only-binary=:all: --implementation cp --python-version 3.12 --abi cp312 --abi none
    --platform manylinux2014_x86_64)
for minor in {17..28}; do wheels_for+=(--platform "manylinux_2_${minor}_x86_64"); done

need_packages c++=g++ # torch-sys is C++
flavour=${TORCH_FLAVOUR:-any}
stamp=$(cat "$target/installed" 2>/dev/null || true)
case $flavour in
    any | cpu) [ "$stamp" = "$version cpu" ] || [ "$stamp" = "$version cuda" ] && exit 0 ;; # cuda holds all of cpu
    cuda) [ "$stamp" = "$version cuda" ] && exit 0 ;;
    *) die "TORCH_FLAVOUR is '$flavour': expected cpu or cuda" ;;
esac
[ "$flavour" = any ] && flavour=cpu
[ "$(uname -sm)" = "Linux x86_64" ] || die "libtorch is fetched for Linux x86_64 only; elsewhere set LIBTORCH to your own $version"
need_packages python3=python3 'python3 -m pip --version=python3-pip'

mkdir -p .deps
rm -rf .deps/torch-download.* # left by one that was killed
work=$(mktemp -d .deps/torch-download.XXXXXX)
trap 'rm -rf "$work"' EXIT
new=$work/new
say "fetching libtorch $version ($flavour) ..."

if [ "$flavour" = cpu ]; then
    python3 -m pip download -q --no-deps --require-hashes "${wheels_for[@]}" -d "$work/wheels" -r "$requirements" >&2
    python3 scripts/unpack-torch.py "$new" "$work"/wheels/*.whl
    # The real libtorch.so only pulls in the CPU and the CUDA library; here it must not ask for CUDA.
    cc -shared -o "$new/torch/lib/libtorch.so" -Wl,-soname,libtorch.so -x c /dev/null
else
    # Its own metadata pins the version of each of its dependencies.
    python3 -m pip install -q "${wheels_for[@]}" --target "$new" "torch==$version" >&2
fi
for file in lib/libtorch_cpu.so include/torch/csrc/api/include/torch/torch.h; do
    [ -f "$new/torch/$file" ] || die "the wheels of torch $version do not hold torch/$file"
done
printf '%s\n' "$version" >"$new/torch/build-version" # read by torch-sys
printf '%s\n' "$version $flavour" >"$new/installed"
[ ! -e "$target" ] || mv "$target" "$work/old"
mv "$new" "$target"
say "libtorch $version ($flavour) is in $target"
