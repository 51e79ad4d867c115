"""Sollya's infnorm of f' (https://www.sollya.org), one process a question.

Its accuracy follows from `diam`, the size of the smallest interval that it looks at: the values below are the largest powers
2^-10, 2^-20, ... that reach the goal, found by trying."""

import re
import shutil
import subprocess
import tempfile
import time
from fractions import Fraction

from . import GOALS, Answer

NAME = "Sollya infnorm"
DOMAIN = "[-20, 20]"
PRECISION = {"1e-14": 80, "30 digits": 165, "50 digits": 240}
DIAMETERS = range(10, 161, 10)
LIMIT = 60  # seconds
FORMULAS = {
    "gelu": "x * (1 + erf(x / sqrt(2))) / 2",
    "silu": "x / (1 + exp(-x))",
    "mish": "x * tanh(log1p(exp(x)))",
}


def missing():
    return None if shutil.which("sollya") else "sollya is not installed: apt-get install sollya"


def script(activation, goal, bits):
    return f"""verbosity = 0!;
prec = {PRECISION[goal]}!;
diam = 1b-{bits}!;
display = decimal!;
f = {FORMULAS[activation]};
d = diff(f);
t = time({{ r = infnorm(d, [-20; 20]); }});
print("result", inf(r), sup(r), t);
"""


def ask(activation, goal, bits):
    with tempfile.NamedTemporaryFile("w", suffix=".sollya") as file:
        file.write(script(activation, goal, bits))
        file.flush()
        start = time.perf_counter()
        out = subprocess.run(["sollya", file.name], capture_output=True, text=True, timeout=LIMIT, check=False)
        process = time.perf_counter() - start
    found = re.search(r"result (\S+) (\S+) (\S+)", out.stdout)
    if not found:
        return None
    return Answer(found[1], found[2], float(Fraction(found[3])), process)


def solve(activation, goal, repeat):
    """The first diameter that reaches the goal; the best of `repeat` runs with it."""
    try:
        for bits in DIAMETERS:
            answer = ask(activation, goal, bits)
            if answer and 0 <= answer.width <= GOALS[goal]:
                again = [answer] + [ask(activation, goal, bits) for _ in range(repeat - 1)]
                return min(again, key=lambda a: a.seconds)
    except subprocess.TimeoutExpired:
        return f"no answer in {LIMIT} s"
    return "goal not reached"
