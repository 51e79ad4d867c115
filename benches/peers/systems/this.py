"""This program as a process, over all of R: what it is compared with, and its search without the checker."""

import json
import os
import pathlib
import subprocess
import time
from dataclasses import dataclass

from . import Answer

BINARY = pathlib.Path(os.environ.get("ACTAUDIT", pathlib.Path(__file__).parents[3] / "target/release/actaudit"))
DIGITS = {"1e-14": 15, "30 digits": 31, "50 digits": 51}


@dataclass
class This:
    NAME: str
    options: tuple
    DOMAIN: str = "R"

    def missing(self):
        return None if BINARY.exists() else "actaudit is not built: cargo build --release, or name it in $ACTAUDIT"

    def solve(self, activation, goal, repeat):
        asked = ["bound", activation, "--quantity", "lipschitz", "--digits", str(DIGITS[goal]), "--format", "json"]
        best = None
        for _ in range(repeat):
            start = time.perf_counter()
            out = subprocess.run([str(BINARY), *asked, *self.options], capture_output=True, text=True, check=False)
            seconds = time.perf_counter() - start
            # 3: what is searched only is not proved
            if out.returncode not in (0, 3):
                return f"exit code {out.returncode}"
            best = seconds if best is None else min(best, seconds)
        found = json.loads(out.stdout)
        return Answer(found["lower"], found["upper"], best, best)


CHECKED = This("actaudit bound (process)", ())
SEARCHED = This("the same, --unchecked", ("--unchecked",))
