"""This program as a process, over all of R: what it is compared with."""

import json
import os
import pathlib
import subprocess
import time

from . import Answer

NAME = "actaudit bound (process)"
DOMAIN = "R"
BINARY = pathlib.Path(os.environ.get("ACTAUDIT", pathlib.Path(__file__).parents[3] / "target/release/actaudit"))
DIGITS = {"1e-14": 15, "30 digits": 31}


def missing():
    return None if BINARY.exists() else "actaudit is not built: cargo build --release, or name it in $ACTAUDIT"


def solve(activation, goal, repeat):
    command = [str(BINARY), "bound", activation, "--quantity", "lipschitz", "--digits", str(DIGITS[goal]), "--format", "json"]
    best = None
    for _ in range(repeat):
        start = time.perf_counter()
        out = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - start
        if out.returncode:
            return f"exit code {out.returncode}"
        best = seconds if best is None else min(best, seconds)
    found = json.loads(out.stdout)
    return Answer(found["lower"], found["upper"], best, best)
