"""Writes published.json beside this file: range and Lipschitz constant of published activations; with --check only compares.

Branch and bound over Arb balls between the ends of a piece or the cut, beyond which oracle/published.py says what f and f'
do. See README.md.
"""

import json
import pathlib
import sys
import time
from fractions import Fraction as Q

import flint
from flint import arb, arb_series, ctx

from oracle.digits import decimal, exact
from oracle.formulas import q
from oracle.published import ENTRIES, INF, Near

HERE = pathlib.Path(__file__).parent
BITS, DIGITS = 256, 40
SLACK = Q(1, 10**45)  # of a supremum of size 1
START, DEEP, TINY = 61, Q(1, 2**220), Q(1, 10**1000)


class Unbounded(Exception):
    pass


def value(v) -> arb:
    return v() if callable(v) else q(v)


def place(v, default) -> Q:
    """An end of a piece; what is irrational is taken to 256 bits, which moves no value by as much as the slack."""
    return default if v is None else exact(v().mid()) if callable(v) else Q(v)


def derivatives(f, order, sign, x):
    """h, h', h'' over a ball, where h is sign f^(order)"""
    try:
        s = f(arb_series([x, 1], prec=order + 3))
    except ValueError:  # a denominator that is not kept away from 0
        return [arb("nan")] * 3
    s = s if isinstance(s, arb_series) else arb_series([s], prec=order + 3)
    out, factor = [], sign
    for k in range(order + 3):
        factor *= max(k, 1)
        if k >= order:
            out.append(s[k] * factor)
    return out


def ball(a, b):
    return q((a + b) / 2) + arb(0, q((b - a) / 2).upper())


def rational(a: arb, up) -> Q:
    """An exact ball, rounded where it is too small to be written out."""
    if abs(a) < arb("1e-1000"):
        return TINY * (bool(a > 0) if up else -bool(a < 0))
    return exact(a)


class Search:
    """The largest of several objectives: `best` is reached or approached, nothing is above `over`."""

    def __init__(self):
        self.best, self.over = None, Q(-(10**30))

    def point(self, v: arb):
        low, high = rational(v.lower(), False), rational(v.upper(), True)
        if self.best is None or low > self.best:
            self.best = low
        self.over = max(self.over, high)

    def tail(self, tail, order, sign):
        """What lies beyond the cut, where the objective is between its value at the cut and the limit, or near a value."""
        near = isinstance(tail, Near)
        limit = [tail.f0, tail.f1][order] if near else tail[order]
        if limit in (INF, -INF):
            if limit * sign > 0:
                raise Unbounded
        elif near:
            self.over = max(self.over, exact((sign * value(limit) + value([tail.e0, tail.e1][order])).upper()))
        else:
            self.point(sign * value(limit))

    def slack(self):
        return SLACK * max(1, abs(self.best))

    def newton(self, h, a, b):
        """The root of h' in [a, b], where h'' < 0 and h' changes sign."""
        x = ball(a, b)
        for _ in range(100):
            middle = x.mid()
            new = x.intersection(middle - h(middle)[1] / h(x)[2])
            if new.rad() >= x.rad() / 2:
                break
            x = new
        top, slope, _ = h(x.mid())
        self.point(top)
        self.over = max(self.over, exact(top.upper()) + exact(slope.abs_upper()) * exact(x.rad()))

    def sample(self, h, x):
        low = h(q(x))[0].lower()
        if low > -INF and low > q(self.best):
            self.best = rational(low, False)

    def inside(self, h, a, b):
        grid = [a + (b - a) * Q(i, START) for i in range(START + 1)]
        for x in grid:
            self.sample(h, x)
        boxes = list(zip(grid, grid[1:]))
        while boxes:
            a, b = boxes.pop()
            h0, h1, h2 = h(ball(a, b))
            if h0 <= q(self.best).lower() or h1 > 0 or h1 < 0:
                continue
            if h0 <= q(self.best + self.slack()).lower():
                self.over = max(self.over, rational(h0.upper(), True))
                continue
            if h2 < 0:
                left, right = h(q(a))[1], h(q(b))[1]
                if left < 0 or right > 0:
                    continue
                if left > 0 and right < 0:
                    self.newton(h, a, b)
                    continue
            assert b - a > DEEP, f"could not decide near {float(a)}"
            m = a + (b - a) * Q(499, 1024)
            self.sample(h, m)
            boxes += [(m, b), (a, m)]

    def piece(self, entry, piece, order, sign):
        h = lambda x: derivatives(piece.f, order, sign, x)
        a, b = place(piece.lo, Q(-entry.cut)), place(piece.hi, Q(entry.cut))
        for tail in (piece.left, piece.right):
            if tail is not None:
                self.tail(tail, order, sign)
        for end in (a, b):
            self.point(h(q(end))[0])
        self.inside(h, a, b)

    def record(self):
        assert self.best <= self.over <= self.best + 2 * self.slack(), (float(self.best), float(self.over))
        return {"lower": decimal(self.best, DIGITS, "down"), "upper": decimal(self.over, DIGITS, "up")}


def known(v):
    if v in (INF, -INF):
        return {"unbounded": True}
    search = Search()
    search.point(value(v))
    return search.record()


def supremum(entry, order, signs):
    search = Search()
    try:
        for sign in signs:  # tails and ends first, so that an unbounded one is not searched
            for piece in entry.pieces:
                for tail in (piece.left, piece.right):
                    if tail is not None:
                        search.tail(tail, order, sign)
        for sign in signs:
            for piece in entry.pieces:
                search.piece(entry, piece, order, sign)
    except Unbounded:
        return {"unbounded": True}
    return search.record()


def negate(record):
    flip = lambda t: t[1:] if t.startswith("-") else (t if t == "0" else "-" + t)
    return record if "unbounded" in record else {"lower": flip(record["upper"]), "upper": flip(record["lower"])}


def check_tails(entry):
    """The limits as they were written down against f and f' far out."""
    for piece in entry.pieces:
        for side, tail in ((-1, piece.left), (1, piece.right)):
            assert (tail is None) == (([piece.lo, piece.hi][(side + 1) // 2]) is not None)
            if tail is None:
                continue
            for order in (0, 1):
                near = isinstance(tail, Near)
                limit = [tail.f0, tail.f1][order] if near else tail[order]
                ctx.prec = 4000
                at = [derivatives(piece.f, order, 1, arb(side * entry.cut * 2**k))[0] for k in range(5)]
                if limit in (INF, -INF):
                    assert all(v * (1 if limit > 0 else -1) > w * (1 if limit > 0 else -1) for v, w in zip(at[1:], at)), entry.name
                else:
                    off = [abs(v - value(limit)) for v in at]
                    small = value([tail.e0, tail.e1][order]) if near else None
                    good = all(v < small for v in off) if near else all(v < w or v < arb("1e-90") for v, w in zip(off[1:], off))
                    assert good and (near or off[-1] < 0.02), (entry.name, side, order, off)
                ctx.prec = BITS


def jumps(entry):
    out = False
    for left, right in zip(entry.pieces, entry.pieces[1:]):
        x = place(left.hi, None)
        assert x == place(right.lo, None)
        difference = derivatives(left.f, 0, 1, q(x))[0] - derivatives(right.f, 0, 1, q(x))[0]
        assert not difference.is_finite() or abs(difference) < arb("1e-60") or abs(difference) > arb("1e-20")
        out |= bool(abs(difference) > arb("1e-20"))
    return out


def records(entry):
    ctx.prec = BITS
    check_tails(entry)
    head = lambda quantity, side: {"name": entry.name, "quantity": quantity, "side": side}
    by_hand = entry.known
    for side, sign in (("inf", -1), ("sup", 1)):
        if by_hand:
            found = known(by_hand.inf if sign < 0 else by_hand.sup)
        else:
            found = supremum(entry, 0, (sign,))
            found = negate(found) if sign < 0 else found
        yield {**head("range", side), **found}
    if by_hand and by_hand.lipschitz is not None:
        found = known(by_hand.lipschitz)
    elif jumps(entry):
        found = {"jump": True}
    else:
        found = supremum(entry, 1, (1, -1))
    yield {**head("lipschitz", "sup"), **found}


def text():
    rows = []
    for entry in ENTRIES:
        start = time.monotonic()
        rows += [json.dumps(r) for r in records(entry)]
        if time.monotonic() - start > 2:
            print(f"{entry.name}: {time.monotonic() - start:.1f} s", file=sys.stderr)
    head = {"schema": "actaudit.golden.published.v1", "made_by": f"golden/published.py, python-flint {flint.__version__}", "digits": DIGITS}
    return json.dumps(head)[:-1] + ', "suprema": [\n' + ",\n".join(rows) + "\n]}\n"


def main():
    check = sys.argv[1:] == ["--check"]
    start, path = time.monotonic(), HERE / "published.json"
    made = text()
    json.loads(made)
    same = path.exists() and path.read_text() == made
    if not check:
        path.write_text(made)
    print(f"{path.name}: {len(made)} bytes, {time.monotonic() - start:.1f} s, {'unchanged' if same else 'changed'}")
    return int(check and not same)


if __name__ == "__main__":
    sys.exit(main())
