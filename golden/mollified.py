"""Writes mollified.json: convolutions of activations with kernels by quadrature, never by a formula for the result.

Gauss-Legendre nodes and sums in FLINT's balls at 200 bits, on intervals on which both factors are analytic; the unbounded ones are
cut where the rest is below 1e-40, those with power tails after the substitution u = sinh(s). Suprema are searched on a grid and
refined. With --check only compares. See README.md; takes some minutes."""

import json
import pathlib
import sys
import time
from fractions import Fraction as Q

import flint
from flint import arb, ctx, fmpq

HERE = pathlib.Path(__file__).parent
ctx.prec = 200


def q(v):
    v = Q(v)
    return arb(fmpq(v.numerator, v.denominator))


PI = arb.pi()


# -- bases: order of the class (-1: jumps), knots, coefficients of the polynomials from left to right

BASES = {
    "relu": (0, [0], [[0], [0, 1]]),
    "leaky_relu": (0, [0], [[0, Q(1, 100)], [0, 1]]),
    "abs": (0, [0], [[0, -1], [0, 1]]),
    "relu6": (0, [0, 6], [[0], [0, 1], [6]]),
    "hardtanh": (0, [-1, 1], [[-1], [0, 1], [1]]),
    "hardsigmoid": (0, [-3, 3], [[0], [Q(1, 2), Q(1, 6)], [1]]),
    "softshrink": (0, [Q(-1, 2), Q(1, 2)], [[Q(1, 2), 1], [0], [Q(-1, 2), 1]]),
    "s_shaped_relu": (0, [0, 1], [[0, Q(1, 5)], [0, 1], [Q(1, 2), Q(1, 2)]]),
    "step": (-1, [0], [[0], [1]]),
    "sign": (-1, [0], [[-1], [1]]),
    "hardshrink": (-1, [Q(-1, 2), Q(1, 2)], [[0, 1], [0], [0, 1]]),
    "threshold": (-1, [1], [[0], [0, 1]]),
    "relu2": (1, [0], [[0], [0, 0, 1]]),
    "hardswish": (0, [-3, 3], [[0], [0, Q(1, 2), Q(1, 6)], [0, 1]]),
}


# -- kernels: order of the class (99: analytic), knots, where to cut, the density on the right of 0 (they are even), power tails

KERNELS = {
    "uniform": (-1, [-1, 1], 1, lambda u: q(Q(1, 2)), False),
    "triangular": (0, [-1, 0, 1], 1, lambda u: 1 - u, False),
    "epanechnikov": (0, [-1, 1], 1, lambda u: q(Q(3, 4)) * (1 - u * u), False),
    "biweight": (1, [-1, 1], 1, lambda u: q(Q(15, 16)) * (1 - u * u) ** 2, False),
    "triweight": (2, [-1, 1], 1, lambda u: q(Q(35, 32)) * (1 - u * u) ** 3, False),
    "quadweight": (3, [-1, 1], 1, lambda u: q(Q(315, 256)) * (1 - u * u) ** 4, False),
    "tricube": (2, [-1, 0, 1], 1, lambda u: q(Q(70, 81)) * (1 - u**3) ** 3, False),
    "cosine": (0, [-1, 1], 1, lambda u: PI / 4 * (PI * u / 2).cos(), False),
    "raised_cosine": (1, [-1, 1], 1, lambda u: (1 + (PI * u).cos()) / 2, False),
    "bspline(n=3)": (1, [-1, Q(-1, 3), Q(1, 3), 1], 1, lambda u: q(Q(9, 8)) * (1 - 3 * u * u) if u < q(Q(1, 3)) else q(Q(27, 16)) * (1 - u) ** 2, False),
    "gaussian": (99, [], 15, lambda u: (-u * u / 2).exp() / (2 * PI).sqrt(), False),
    "logistic": (99, [], 110, lambda u: 1 / (2 + u.exp() + (-u).exp()), False),
    "sech2": (99, [], 60, lambda u: q(Q(1, 2)) / u.cosh() ** 2, False),
    "laplace": (0, [0], 110, lambda u: (-u).exp() / 2, False),
    "algebraic": (99, [], 50, lambda u: q(Q(1, 2)) / (1 + u * u) ** q(Q(3, 2)), True),
}

POLYNOMIAL = ["uniform", "triangular", "epanechnikov", "biweight", "triweight", "quadweight", "tricube", "bspline(n=3)"]
EVERYWHERE = list(KERNELS)
PAIRS = (
    [(b, k) for b in ["relu", "leaky_relu", "hardtanh", "hardsigmoid"] for k in EVERYWHERE]
    + [(b, k) for b in ["abs", "relu6", "softshrink"] for k in POLYNOMIAL + ["gaussian", "laplace"]]
    + [(b, k) for b in ["step", "sign"] for k in ["uniform", "epanechnikov", "biweight", "cosine", "gaussian", "logistic"]]
    + [(b, k) for b in ["s_shaped_relu", "hardshrink", "threshold"] for k in ["uniform", "epanechnikov", "gaussian"]]
    + [(b, k) for b in ["relu2", "hardswish"] for k in ["uniform", "epanechnikov", "biweight", "raised_cosine", "gaussian"]]
)


def rules(n):
    return [arb.legendre_p_root(n, i, weight=True) for i in range(n)]


RULES = {n: rules(n) for n in (12, 40)}


def integral(f, lo, hi, nodes):
    half, middle = (hi - lo) / 2, (hi + lo) / 2
    return half * sum((w * f(middle + half * x) for x, w in RULES[nodes]), arb(0))


def horner(c, x):
    out = arb(0)
    for a in reversed(c):
        out = out * x + a
    return out


def differentiated(c):
    return [k * a for k, a in enumerate(c)][1:] or [Q(0)]


class Smoothed:
    def __init__(self, base, kernel, radius):
        self.order, knots, polys = BASES[base]
        self.smooth, self.kernel_knots, self.cut, self.right, self.powers = KERNELS[kernel]
        self.a, self.knots = Q(radius), [Q(t) for t in knots]
        self.polys = [[[Q(v) for v in p] for p in polys]]
        for _ in range(2):
            self.polys.append([differentiated(p) for p in self.polys[-1]])
        self.balls = [[[q(v) for v in p] for p in level] for level in self.polys]

    def density(self, u):
        u = abs(u)
        return self.right(u) if self.kernel_knots == [] or u.mid() <= self.cut else arb(0)

    def value(self, x, order, nodes=40):
        """The derivative of this order at a rational point."""
        a, cut = self.a, Q(self.cut)
        reach = Q(10) ** 30 if self.powers else cut
        # u runs from -cut to cut: f(x - a u) changes at u = (x - t)/a
        inside = [(x - t) / a for t in self.knots if abs((x - t) / a) < reach]
        ends = sorted({-reach, reach, *inside, *[Q(k) for k in self.kernel_knots], Q(0)})
        total = arb(0)
        for lo, hi in zip(ends, ends[1:]):
            middle = x - a * (lo + hi) / 2
            piece = self.balls[order][sum(middle > t for t in self.knots)]
            if all(p == 0 for p in self.polys[order][sum(middle > t for t in self.knots)]):
                continue
            xa, aa = q(x), q(a)
            f = lambda u: horner(piece, xa - aa * u) * self.density(u)
            if self.powers:
                g = lambda s: f(s.sinh()) * s.cosh()
                lo, hi = q(lo).asinh(), q(hi).asinh()
                lo, hi = lo.max(arb(-self.cut)), hi.min(arb(self.cut))
            else:
                g, lo, hi = f, q(lo), q(hi)
            parts = max(1, int(float((hi - lo).mid()) / 2) + 1) if self.cut > 1 else 1
            step = (hi - lo) / parts
            for i in range(parts):
                total += integral(g, lo + i * step, lo + (i + 1) * step, nodes)
        if order == 1:
            for t, left, right in zip(self.knots, self.balls[0], self.balls[0][1:]):
                jump = horner(right, q(t)) - horner(left, q(t))
                u = (x - t) / a
                if self.kernel_knots and self.cut == 1 and abs(u) > 1:
                    continue
                total += jump * self.right(abs(q(u))) / q(a)
        return total

    def base(self, x, order, left=False):
        side = sum(x >= t if not left else x > t for t in self.knots)
        return horner(self.balls[order][side], q(x))

    def supremum(self, quantity):
        """The largest of a quantity of a rational point over the line: a grid, refined."""
        spread, last = 3 * self.a * (1 if self.cut == 1 else 4), 10**12
        lo, hi = self.knots[0] - spread, self.knots[-1] + spread
        count = 160 if self.cut == 1 else 60
        step = (hi - lo) / count
        grid = [lo + i * step for i in range(count + 1)]
        coarse = [abs(quantity(x, 12)).mid() for x in grid]
        best = max(range(len(grid)), key=lambda i: coarse[i])
        far = [Q(-last), Q(last)]
        candidates = far + self.knots + [grid[best]]
        # what jumps at a junction comes next to its limit beside it
        near = Q(1, 10**24)
        candidates += [t + self.a * k + side for t in self.knots for k in self.kernel_knots for side in (-near, near)]
        tops = [i for i in range(1, len(grid) - 1) if coarse[i] >= coarse[i - 1] and coarse[i] >= coarse[i + 1]]
        tops = sorted(tops, key=lambda i: -coarse[i])[:2]
        for i in tops:
            candidates.append(self.refined(quantity, grid[i - 1], grid[i + 1]))
        return max((abs(quantity(x, 40)) for x in candidates), key=lambda v: v.mid())

    def refined(self, quantity, lo, hi):
        """Ternary search: where the quantity is flat, an error of the place is squared in the value."""
        for _ in range(60):
            p, r = lo + (hi - lo) / 3, hi - (hi - lo) / 3
            if abs(quantity(p, 12)).mid() < abs(quantity(r, 12)).mid():
                lo = p
            else:
                hi = r
            lo, hi = Q(round(lo * 2**80), 2**80), Q(round(hi * 2**80), 2**80)
            if hi - lo < Q(1, 10**14):
                break
        return (lo + hi) / 2


def text(v, digits=18):
    v = v.mid()
    if abs(v) < arb(10) ** -30:
        return "0"
    return v.str(digits, radius=False)


def record(base, kernel):
    radius = Q(1, 4) if base in ("softshrink", "hardshrink", "s_shaped_relu") else Q(1, 2) if base == "hardtanh" else Q(3, 4)
    s = Smoothed(base, kernel, radius)
    fail = lambda x, n: s.value(x, 0, n) - s.base(x, 0)
    left = lambda x, n: s.value(x, 0, n) - s.base(x, 0, left=True)
    error = max(s.supremum(fail), max(abs(left(t, 40)) for t in s.knots), key=lambda v: v.mid())
    points = [s.knots[0] + radius * p for p in (Q(-7, 2), Q(-4, 5), Q(-1, 5), Q(0), Q(2, 5), Q(9, 10), Q(13, 4))]
    out = {"base": base, "kernel": kernel, "radius": str(radius)}
    out["order"] = "analytic" if s.smooth == 99 else s.order + s.smooth + 2
    out["error"] = text(error)
    grows = any(len(p) > 2 for p in (s.polys[0][0], s.polys[0][-1]))
    out["lipschitz"] = "inf" if grows else text(s.supremum(lambda x, n: s.value(x, 1, n)))
    out["points"] = [[str(x), text(s.value(x, 0), 25), text(s.value(x, 1), 25)] for x in points]
    return out


def main():
    start, path = time.monotonic(), HERE / "mollified.json"
    rows = [json.dumps(record(b, k)) for b, k in PAIRS]
    head = {"schema": "actaudit.golden.mollified.v1", "made_by": f"golden/mollified.py, python-flint {flint.__version__}"}
    content = json.dumps(head)[:-1] + ', "mollified": [\n' + ",\n".join(rows) + "\n]}\n"
    same = path.exists() and path.read_text() == content
    check = sys.argv[1:] == ["--check"]
    if not check:
        path.write_text(content)
    print(f"mollified.json: {len(rows)} pairs, {time.monotonic() - start:.0f} s, {'unchanged' if same else 'changed'}")
    return int(check and not same)


if __name__ == "__main__":
    sys.exit(main())
