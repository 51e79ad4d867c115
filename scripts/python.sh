#!/usr/bin/env bash
# Runs the scripts that ask independent systems: `python.sh golden` those of golden/, `python.sh peers` those of
# benches/peers/. Each folder's requirements.txt is installed into .deps/python, once.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

case ${1:-} in
    golden) folder=golden ;;
    peers) folder=benches/peers ;;
    *) die "expected golden or peers" ;;
esac
need_packages python3=python3 'python3 -m pip --version=python3-pip'

packages=.deps/python/$1
if ! cmp -s "$folder/requirements.txt" "$packages/installed"; then
    mkdir -p .deps/python
    work=$(mktemp -d .deps/python/install.XXXXXX)
    trap 'rm -rf "$work"' EXIT
    python3 -m pip install -q --only-binary=:all: --target "$work/new" -r "$folder/requirements.txt" >&2
    cp "$folder/requirements.txt" "$work/new/installed"
    rm -rf "$packages"
    mv "$work/new" "$packages"
fi
for script in "$folder"/*.py; do
    say "python3 $script"
    PYTHONPATH=$packages python3 "$script"
done
