#!/usr/bin/env bash
# Asks independent systems: `python.sh golden` for the values of golden/, `python.sh peers` for how fast they are. The
# folder's requirements.txt is installed into .deps/python, once for each version of Python. `python.sh tests`
# and `python.sh third-party` only do that, for the tests of functions in Python and for the survey.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

case ${1:-} in
    golden) folder=golden scripts=(golden/make.py golden/mollified.py golden/paired.py golden/published.py golden/draws.py golden/check.py) ;;
    peers) folder=benches/peers scripts=(benches/peers/peers.py) ;;
    tests) folder=tests/foreign scripts=() ;;
    third-party) folder=audits/third-party scripts=() ;;
    *) die "expected golden, peers, tests or third-party" ;;
esac
need_packages python3=python3 'python3 -m pip --version=python3-pip'
if [ "$1" = tests ] && ! have 'python3 -m torch.version'; then
    need_packages '/usr/bin/python3 -m torch.version=python3-torch'
fi
if [ "$1" = peers ]; then
    (need_packages sollya=sollya) || say "going on without Sollya"
    cargo build --locked --release
fi

packages=.deps/python/$1
wanted=$(python3 --version && cat "$folder/requirements.txt") # wheels are made for one version
if [ "$wanted" != "$(cat "$packages/installed" 2>/dev/null)" ]; then
    mkdir -p .deps/python
    work=$(mktemp -d .deps/python/install.XXXXXX)
    trap 'rm -rf "$work"' EXIT
    python3 -m pip install -q --only-binary=:all: --target "$work/new" -r "$folder/requirements.txt" >&2
    printf '%s\n' "$wanted" >"$work/new/installed"
    rm -rf "$packages"
    mv "$work/new" "$packages"
fi
for script in "${scripts[@]}"; do
    say "python3 $script"
    PYTHONPATH=$packages python3 "$script"
done
