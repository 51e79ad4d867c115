"""Compares the catalogue's definition files with values.json, by a third arithmetic (mpmath), and values.json with suprema.json.

The text of each definition is evaluated as a jet (f, f', f'') with the working precision doubled until two rounds agree. A
difference means that a definition file, formulas.py or Arb is wrong. Usage: python golden/check.py
"""

import json
import pathlib
import re
import sys
import tomllib
from fractions import Fraction as Q

from mpmath import mp, mpf

ROOT = pathlib.Path(__file__).resolve().parent.parent
AGREE = mpf("1e-38")


class Jet:
    """(f, f', f'')"""

    def __init__(self, *c):
        self.c = c

    @staticmethod
    def of(v):
        return v if isinstance(v, Jet) else Jet(number(v), mpf(0), mpf(0))

    def through(self, g, g1, g2):
        u, u1, u2 = self.c
        return Jet(g, g1 * u1, g2 * u1 * u1 + g1 * u2)

    def __neg__(self):
        return Jet(*(-v for v in self.c))

    def __add__(self, o):
        return Jet(*(a + b for a, b in zip(self.c, Jet.of(o).c)))

    def __sub__(self, o):
        return self + -Jet.of(o)

    def __mul__(self, o):
        (a, a1, a2), (b, b1, b2) = self.c, Jet.of(o).c
        return Jet(a * b, a1 * b + a * b1, a2 * b + 2 * a1 * b1 + a * b2)

    def __truediv__(self, o):
        u = Jet.of(o)
        v = u.c[0]
        return self * u.through(1 / v, -1 / v**2, 2 / v**3)

    def __pow__(self, n):
        n, u = Jet.of(n).c[0], self.c[0]
        return self.through(u**n, n * u ** (n - 1) if n else mpf(0), n * (n - 1) * u ** (n - 2) if n not in (0, 1) else mpf(0))

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, o):
        return -self + o

    def __rtruediv__(self, o):
        return Jet.of(o) / self


def number(v):
    return mpf(v.numerator) / v.denominator if isinstance(v, (Q, int)) else mpf(v)


def sigmoid_of(u):
    e = mp.exp(-abs(u))
    return 1 / (1 + e) if u >= 0 else e / (1 + e)


def sigmoid(x):
    x = Jet.of(x)
    u = x.c[0]
    s, t = sigmoid_of(u), sigmoid_of(-u)
    return x.through(s, s * t, s * t * (t - s))


def softplus(x):
    x = Jet.of(x)
    u = x.c[0]
    s, t = sigmoid_of(u), sigmoid_of(-u)
    return x.through(max(u, mpf(0)) + mp.log1p(mp.exp(-abs(u))), s, s * t)


def tanh(x):
    x = Jet.of(x)
    t, s = mp.tanh(x.c[0]), 4 * sigmoid_of(2 * x.c[0]) * sigmoid_of(-2 * x.c[0])
    return x.through(t, s, -2 * t * s)


def normcdf(x):
    x = Jet.of(x)
    u = x.c[0]
    phi = mp.exp(-u * u / 2) / mp.sqrt(2 * mp.pi)
    # mpmath's erfc refuses huge arguments, where it is 0 or 2 to more digits than are compared
    cdf = mp.erfc(-u / mp.sqrt(2)) / 2 if abs(u) < 10**6 else mpf(int(u > 0))
    return x.through(cdf, phi, -u * phi)


def exp(x):
    x = Jet.of(x)
    e = mp.exp(x.c[0])
    return x.through(e, e, e)


def expm1(x):
    x = Jet.of(x)
    e = mp.exp(x.c[0])
    return x.through(mp.expm1(x.c[0]), e, e)


def sqrt(x):
    return Jet.of(x) ** Q(1, 2)


FUNCTIONS = {f.__name__: f for f in (sigmoid, softplus, tanh, normcdf, exp, expm1, sqrt)}
LITERAL = re.compile(r"(?<![A-Za-z_0-9.])(\d+\.?\d*(?:e[+-]?\d+)?)")


def evaluate(text, params, x=None):
    """The expression's value: python's operators bind as the definition's do once ^ is **."""
    code = LITERAL.sub(r"Q('\1')", text).replace("^", "**")
    scope = {**FUNCTIONS, "Q": lambda t: Jet.of(Q(t)), "pi": Jet.of(mp.pi), **{k: Jet.of(Q(v)) for k, v in params.items()}}
    return Jet.of(eval(code, {"__builtins__": {}}, {**scope, "x": x}))


def holds(interval, params, x):
    """Whether x lies in an interval given as text."""
    low, high = interval[1:-1].split(",")
    value = lambda t: evaluate(t, params).c[0]
    above = low.strip() == "-inf" or (x >= value(low) if interval[0] == "[" else x > value(low))
    below = high.strip() == "inf" or (x <= value(high) if interval[-1] == "]" else x < value(high))
    return above and below


def jet(definition, params, x):
    if "expr" in definition:
        text = definition["expr"]
    else:
        (text,) = [p["value"] for p in definition["piece"] if holds(p["on"], params, x)]
    return evaluate(text, params, Jet(x, mpf(1), mpf(0))).c


def same(text, value):
    if text == "0":
        return abs(value) < mpf(10) ** -1000
    return abs(mpf(text) - value) <= AGREE * abs(mpf(text))


def disagreements(definition, params, point):
    """The keys of values.json that differ at this point, whatever the working precision."""
    wrong = {k for k in ("f", "d1", "d2") if point[k] is not None}
    for bits in (256, 1024, 4096, 16384):
        mp.prec = bits
        x = mpf(float.fromhex(point["x"]))
        got = dict(zip(("f", "d1", "d2"), jet(definition, params, x)))
        wrong = {k for k in wrong if not same(point[k], got[k])}
        if not wrong:
            break
    return wrong


def beyond(record, points):
    """The inputs at which a value of values.json lies outside what suprema.json calls a supremum or an infimum."""
    key = {"range": "f", "slope": "d1", "lipschitz": "d1", "curvature": "d2"}.get(record["quantity"])
    if key is None or "upper" not in record:
        return []
    size = abs if record["quantity"] in ("lipschitz", "curvature") else (lambda v: v)
    slack = Q(1, 10**39)  # the values are rounded to 40 digits
    low, high = Q(record["lower"]), Q(record["upper"])
    inf = record["side"] == "inf"
    outside = lambda v: v < low - abs(low) * slack if inf else v > high + abs(high) * slack
    return [p["x"] for p in points if p[key] is not None and outside(size(Q(p[key])))]


def main():
    mp.prec = 256
    golden = json.loads((ROOT / "golden/values.json").read_text())
    definitions = {p.stem: tomllib.loads(p.read_text()) for p in (ROOT / "crates/actaudit-expr/src/catalog").glob("*.toml")}
    missing = set(definitions) - {a["id"] for a in golden["activations"]}
    failures, compared = [f"no golden values for {m}" for m in sorted(missing)], 0
    for a in golden["activations"]:
        definition = definitions[a["id"]]
        params = {p["name"]: p["default"] for p in definition.get("param", [])} | a["params"]
        for point in a["points"]:
            compared += sum(point[k] is not None for k in ("f", "d1", "d2"))
            failures += [f"{a['id']} {a['params']} at {point['x']}: {k}" for k in sorted(disagreements(definition, params, point))]
    points = {(a["id"], str(a["params"])): a["points"] for a in golden["activations"]}
    for record in json.loads((ROOT / "golden/suprema.json").read_text())["suprema"]:
        where = beyond(record, points[record["id"], str(record["params"])])
        failures += [f"{record['id']} {record['params']} {record['quantity']} {record['side']} is exceeded at {x}" for x in where]
    print("\n".join(failures + [f"{compared} values compared, {len(failures)} differ"]))
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
