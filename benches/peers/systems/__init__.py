"""One module a system. Each has NAME, DOMAIN, missing() (why it cannot run, or None), and
solve(activation, digits, repeat) -> Answer or the text of a failure."""

from dataclasses import dataclass
from fractions import Fraction

# the width that each goal asks for
GOALS = {"1e-14": Fraction(1, 10**14), "30 digits": Fraction(1, 10**30), "50 digits": Fraction(1, 10**50)}
ACTIVATIONS = ("gelu", "silu", "mish")


@dataclass
class Answer:
    lower: str
    upper: str
    seconds: float  # the computation alone, inside a running process
    process: float | None  # with the start of a process, where that was measured

    @property
    def width(self):
        return Fraction(self.upper) - Fraction(self.lower)
