#!/usr/bin/env bash
# Times other systems on the same questions; arguments go to peers.py (--format json, --repeat N).
# python-flint is taken from .deps/python/peers (`make peers` puts it there) or from the python in $PYTHON.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PYTHONPATH=".deps/python/peers${PYTHONPATH:+:$PYTHONPATH}"
exec "${PYTHON:-python3}" benches/peers/peers.py "$@"
