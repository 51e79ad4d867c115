"""Certified suprema of activations over the real line, with Arb balls and exact algebra.

Rational pieces: the maxima lie at ends, at infinity or at real roots of an exact polynomial. Analytic pieces: branch and
bound over [-CUT, CUT], where a box is dropped because of its bound or the sign of the derivative, and a box on which the
objective is concave is refined by interval Newton steps; the tails are bounded as `formulas.Tail` says.
"""

from dataclasses import dataclass, replace
from fractions import Fraction as Q

from flint import arb, arb_poly, arb_series, ctx, fmpq_poly

from .digits import decimal, exact
from .formulas import CUT, Analytic, Rational, fq, poly, q

SEARCH, FINISH = 128, 400  # bits
DIGITS = 60


@dataclass
class Candidate:
    """A lower bound of the supremum, and an upper bound of the objective at or near `place`."""

    lower: Q
    upper: Q
    kind: str  # point, set, limit (approached, never reached), tail (bounded only)
    place: tuple  # the bracket of a point, the ends of a set, the infinity


def enclosed(value: arb, kind, place):
    return Candidate(exact(value.lower()), exact(value.upper()), kind, place)


class Unbounded(Exception):
    pass


def fraction(v) -> Q:
    """fmpq to Fraction"""
    return Q(int(v.p), int(v.q))


# Rational pieces

def derivative(num, den, order):
    for _ in range(order):
        num, den = num.derivative() * den - num * den.derivative(), den * den
        g = num.gcd(den)
        num, den = divmod(num, g)[0], divmod(den, g)[0]
    return num, den


def real_roots(p: fmpq_poly):
    """Rational roots exactly, the other real roots as balls."""
    for root, _ in p.roots():
        while p(root) == 0:
            p = divmod(p, fmpq_poly([-root, 1]))[0]
        yield fraction(root)
    if p.degree() > 0:
        for z, _ in p.numer().complex_roots():
            if z.imag.is_zero():
                yield z.real


def rational_candidates(piece, order, sign):
    num, den = derivative(poly(piece.num), poly(piece.den), order)
    num = num * fq(sign)
    if num.degree() <= 0 and den.degree() == 0:
        value = fraction(num[0] / den[0])
        yield Candidate(value, value, "set", (piece.lo, piece.hi))
        return
    for end, side in ((piece.lo, -1), (piece.hi, 1)):
        if end is None:
            excess = num.degree() - den.degree()
            lead = num[num.degree()] / den[den.degree()]
            if excess > 0 and lead * (side**excess) > 0:
                raise Unbounded
            if excess <= 0:
                value = fraction(lead) if excess == 0 else Q(0)
                yield Candidate(value, value, "limit", (side,))
        else:
            value = fraction(num(fq(end)) / den(fq(end)))
            yield Candidate(value, value, "point", (end, end))
    slope, _ = derivative(num, den, 1)
    for root in real_roots(slope):
        if isinstance(root, Q):
            if (piece.lo is None or piece.lo < root) and (piece.hi is None or root < piece.hi):
                value = fraction(num(fq(root)) / den(fq(root)))
                yield Candidate(value, value, "point", (root, root))
        else:
            inside = [piece.lo is None or q(piece.lo) < root, piece.hi is None or root < q(piece.hi)]
            outside = [piece.lo is not None and root < q(piece.lo), piece.hi is not None and q(piece.hi) < root]
            assert all(inside) or any(outside), "a root could not be told from an end"
            if all(inside):
                value = arb_poly(num)(root) / arb_poly(den)(root)
                yield enclosed(value, "point", (exact(root.lower()), exact(root.upper())))


# Analytic pieces

class Objective:
    """sign (d/dx)^order (f - line), with its first two derivatives, over a ball"""

    def __init__(self, piece, order, sign, line):
        self.piece, self.order, self.sign, self.line = piece, order, sign, line

    def __call__(self, x):
        s = self.piece.f(arb_series([x, 1], prec=self.order + 3))
        if self.line:
            s = s - arb_series([x, 1], prec=self.order + 3)
        out, factor = [], self.sign
        for k in range(self.order + 3):
            factor *= max(k, 1)
            if k >= self.order:
                out.append(s[k] * factor)
        return out

    def tail(self, tail, side):
        """The limit at that end, and whether the objective stays above it there; raises if it tends to +inf."""
        slope = tail.c1 - self.line
        deviation = self.sign * tail.sign[self.order]
        if self.order == 0 and slope:
            if self.sign * slope * side > 0:
                raise Unbounded
            return None
        limit = self.sign * ([tail.c0, Q(slope), Q(0)][self.order])
        if deviation < 0:
            return Candidate(limit, limit, "limit", (side,))
        return Candidate(limit, limit + exact(tail.err(self.order).upper()), "tail", (side,))


def ball(a, b):
    return q((a + b) / 2) + arb(0, q((b - a) / 2).upper())


def refine(h, a, b):
    """The root of h' in [a, b], where h'' < 0 and h' changes sign: interval Newton at full precision."""
    ctx.prec = FINISH
    x = ball(a, b)
    for _ in range(200):
        middle = x.mid()
        step = middle - h(middle)[1] / h(x)[2]
        new = x.intersection(step)
        if new.rad() >= x.rad() / 2:
            break
        x = new
    value, slope, _ = h(x.mid())
    # concave: h(root) <= h(m) + |h'(m)| |root - m|
    over = exact(value.upper()) + exact(slope.abs_upper()) * exact(x.rad())
    return Candidate(exact(value.lower()), over, "point", (exact(x.lower()), exact(x.upper())))


def analytic_candidates(piece, order, sign, line, known):
    """`known` is a lower bound of the supremum from elsewhere."""
    if piece.grows and sign > 0:
        raise Unbounded
    h = Objective(piece, order, sign, line)
    ctx.prec = SEARCH
    found = []
    lo, hi = piece.lo, piece.hi
    if lo is None:
        lo = Q(-CUT)
        found.append(h.tail(piece.left, -1))
    if hi is None:
        hi = Q(CUT)
        if not piece.grows:
            found.append(h.tail(piece.right, 1))
    for end, open_end in ((lo, piece.lo is None), (hi, piece.hi is None)):
        if not open_end:
            ctx.prec = FINISH
            found.append(enclosed(h(q(end))[0], "point", (end, end)))
            ctx.prec = SEARCH
    found = [c for c in found if c]
    # off-centre steps, so that no box ends at a critical point with a short expansion
    count = 97
    grid = [lo + (hi - lo) * Q(i, count) for i in range(count + 1)]
    best = max([c.lower for c in found] + [known] + [exact(h(q(x))[0].lower()) for x in grid])
    boxes = list(zip(grid, grid[1:]))
    while boxes:
        ctx.prec = SEARCH
        a, b = boxes.pop()
        h0, h1, h2 = h(ball(a, b))
        if h0 < q(best).lower() or h1 > 0 or h1 < 0:
            continue
        if h2 < 0:
            left, right = h(q(a))[1], h(q(b))[1]
            if left < 0 or right > 0:
                continue  # no root of h': the maximum is at an end, which the neighbour or the list of ends has
            if left > 0 and right < 0:
                found.append(refine(h, a, b))
                best = max(best, found[-1].lower)
                continue
        assert b - a > Q(1, 2**200), f"could not decide near {float(a)}"
        m = a + (b - a) * Q(499, 1024)
        boxes += [(m, b), (a, m)]
    return found


# The supremum

def split_at_zero(pieces):
    for p in pieces:
        if (p.lo is None or p.lo < 0) and (p.hi is None or p.hi > 0):
            left = replace(p, hi=Q(0), right=None, grows=False) if isinstance(p, Analytic) else replace(p, hi=Q(0))
            yield left
            yield replace(p, lo=Q(0), left=None) if isinstance(p, Analytic) else replace(p, lo=Q(0))
        else:
            yield p


def sampled(activation, order, to_relu):
    """A lower bound of sup |f^(order)| or sup |f - relu|, from a few points."""
    ctx.prec = SEARCH
    best = Q(0)
    for piece in activation.pieces:
        if isinstance(piece, Analytic):
            for i in range(-8 * 6, 8 * 6 + 1):
                x = Q(i, 8) + Q(1, 1000)
                if (piece.lo is None or piece.lo < x) and (piece.hi is None or x < piece.hi):
                    value = Objective(piece, order, 1, int(to_relu and x > 0))(q(x))[0]
                    best = max(best, exact(value.abs_lower()))
    return best


def candidates(activation, order, sign, to_relu, known):
    """Of sign f^(order), or of sign (f - relu). What is certainly below `known` may be left out."""
    out = []
    pieces = list(split_at_zero(activation.pieces)) if to_relu else activation.pieces
    for piece in sorted(pieces, key=lambda p: isinstance(p, Analytic)):
        line = 1 if to_relu and (piece.hi is None or piece.hi > 0) else 0
        if isinstance(piece, Rational):
            if line:
                num, den = poly(piece.num), poly(piece.den)
                piece = replace(piece, num=list((num - den * fmpq_poly([0, 1])).coeffs()), den=list(den.coeffs()))
                piece = replace(piece, num=[fraction(c) for c in piece.num] or [0], den=[fraction(c) for c in piece.den])
            ctx.prec = FINISH
            out += rational_candidates(piece, order, sign)
        else:
            out += analytic_candidates(piece, order, sign, line, max([known] + [c.lower for c in out]))
    return out


def merge(sets):
    """Touching intervals become one."""
    low = lambda s: (s[0] is not None, s[0] or 0)
    out = []
    for lo, hi in sorted(sets, key=low):
        if out and (out[-1][1] is None or (lo is not None and out[-1][1] >= lo)):
            last = out[-1][1]
            out[-1] = (out[-1][0], None if last is None or hi is None else max(last, hi))
        else:
            out.append((lo, hi))
    return out


def supremum(found):
    """The largest of the candidates, as a JSON-ready record."""
    best = max(c.lower for c in found)
    top = [c for c in found if c.upper >= best]
    upper = max(c.upper for c in top)
    assert all(c.kind != "tail" for c in top), "a tail competes"
    assert upper - best <= abs(best) / 10**80, "not tight"
    record = {"lower": decimal(best, DIGITS, "down"), "upper": decimal(upper, DIGITS, "up")}
    sets = merge({c.place for c in top if c.kind == "set"})
    inside = lambda x: any((a is None or a <= x) and (b is None or x <= b) for a, b in sets)
    points = sorted({c.place for c in top if c.kind == "point"})
    if sets:
        assert all(inside(a) and inside(b) for a, b in points), "attained on a set and at a point beside it"
        at = [["-inf" if a is None else str(a), "inf" if b is None else str(b)] for a, b in sets]
        return {**record, "attained": "set", "at": at}
    if points:
        return {**record, "attained": "point", "at": [[bracket_end(a, "down"), bracket_end(b, "up")] for a, b in points]}
    sides = sorted({c.place[0] for c in top})
    return {**record, "attained": "asymptotic", "at": [["-inf" if s < 0 else "inf"] for s in sides]}


def bracket_end(v, mode):
    """Short rationals exactly, long ones (ends of a bracket) rounded outward."""
    return str(v) if v.denominator < 10**9 else decimal(v, DIGITS, mode)


def negate(record):
    """The infimum from the supremum of -f."""
    flip = lambda t: t[1:] if t.startswith("-") else (t if t == "0" else "-" + t)
    return {**record, "lower": flip(record["upper"]), "upper": flip(record["lower"])}


def closed_forms(activation):
    """squareplus, whose algebraic tails the search does not know: with x = sqrt(b) sinh t it is sqrt(b)/2 e^t, so that
    f' = (1 + tanh t)/2 and f'' = 1/(2 sqrt(b) cosh^3 t); f - relu is even and decreasing on the positive half."""
    b = q(activation.params["b"])
    at0 = lambda v: {"lower": decimal(exact(v.lower()), DIGITS, "down"), "upper": decimal(exact(v.upper()), DIGITS, "up"), "attained": "point", "at": [["0", "0"]]}
    limit = lambda v, where: {"lower": v, "upper": v, "attained": "asymptotic", "at": [[where]]}
    unbounded = {"unbounded": True}
    ctx.prec = FINISH
    return {
        ("range", "inf"): limit("0", "-inf"),
        ("range", "sup"): unbounded,
        ("slope", "inf"): limit("0", "-inf"),
        ("slope", "sup"): limit("1", "inf"),
        ("lipschitz", "sup"): limit("1", "inf"),
        ("curvature", "sup"): at0(1 / (2 * b.sqrt())),
        ("distance", "sup"): at0(b.sqrt() / 2),
    }


# quantity, side: order of the derivative, signs whose largest supremum is meant, distance to relu?, least continuity order
QUANTITIES = {
    ("range", "inf"): (0, (-1,), False, -1),
    ("range", "sup"): (0, (1,), False, -1),
    ("slope", "inf"): (1, (-1,), False, 0),
    ("slope", "sup"): (1, (1,), False, 0),
    ("lipschitz", "sup"): (1, (1, -1), False, 0),
    ("curvature", "sup"): (2, (1, -1), False, 1),
    ("distance", "sup"): (0, (1, -1), True, -1),
}


def records(activation):
    closed = closed_forms(activation) if activation.id == "squareplus" else None
    for (quantity, side), (order, signs, to_relu, least) in QUANTITIES.items():
        if activation.order < least:
            continue  # a jump or a kink: the quantity is not finite, or has no agreed meaning
        head = {"id": activation.id, "params": activation.params, "quantity": quantity, "side": side}
        if closed:
            yield {**head, **closed[quantity, side]}
            continue
        try:
            # with both signs, one side need not be resolved below what the other reaches
            known = sampled(activation, order, to_relu) if len(signs) == 2 else -(Q(10) ** 9)
            result = supremum([c for s in signs for c in candidates(activation, order, s, to_relu, known)])
        except Unbounded:
            result = {"unbounded": True}
        else:
            if side == "inf":
                result = negate(result)
        yield {**head, **result}
