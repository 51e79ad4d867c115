"""f, f' and f'' at chosen floats, correctly rounded to 40 significant digits."""

import math
from fractions import Fraction as Q

from flint import arb, arb_series, ctx

from .digits import decimal, exact
from .formulas import Rational, poly, fq, q
from .suprema import derivative, fraction

DIGITS = 40
LIMIT = Q(10) ** 20000  # values larger than this, or smaller than its inverse, are not printed

MAGNITUDES = [
    "0x0.0000000000001p-1022", "0x1p-1022", "0x1.8p-700", "0x1p-149", "0x1p-126", "0x1.4p-60", "0x1p-24", "0x1.999999999999ap-10",
    "0x1.999999999999ap-4", "0x1p-1", "0x1.8p-1", "0x1p0", "0x1.6a09e667f3bcdp+0", "0x1.8p+0", "0x1.3333333333333p+1", "0x1.921fb54442d18p+1",
    "0x1.4p+2", "0x1.ap+2", "0x1.1p+3", "0x1.9p+3", "0x1.42p+4", "0x1.34p+5", "0x1.9fp+6", "0x1.74p+9", "0x1p+24", "0x1.fffffep+127", "0x1p+600",
    "0x1.fffffffffffffp+1023",
]


def inputs(activation):
    """All scales, both signs, and the floats at and next to each junction."""
    out = {0.0}
    for text in MAGNITUDES:
        out |= {float.fromhex(text), -float.fromhex(text)}
    for piece in activation.pieces[1:]:
        at = float(piece.lo)
        step = max(abs(at) * 2.0**-30, 2.0**-40)
        out |= {at, math.nextafter(at, -math.inf), math.nextafter(at, math.inf), at - step, at + step}
    return sorted(out)


def owner(activation, x):
    """The piece that x belongs to, and whether x is a junction."""
    for i, piece in enumerate(activation.pieces):
        if piece.hi is None or x < piece.hi:
            return piece, False
        if x == piece.hi:
            last = activation.owns == "left" or (activation.owns == "middle" and i == 1)
            return activation.pieces[i if last else i + 1], True
    raise AssertionError("the pieces cover the line")


def rational(piece, x, order):
    num, den = derivative(poly(piece.num), poly(piece.den), order)
    return decimal(fraction(num(fq(x)) / den(fq(x))), DIGITS, "nearest")


def analytic(piece, x, order):
    """Precision is doubled until both ends of the enclosure round to the same digits."""
    prec = 192
    while prec <= 2**16:
        ctx.prec = prec
        v = piece.f(arb_series([q(x), 1], prec=order + 1))[order] * math.factorial(order)
        prec *= 2
        if v.is_exact():
            return decimal(exact(v), DIGITS, "nearest")
        if not v.is_finite():
            continue
        if v.abs_upper() < q(1 / LIMIT) or v.abs_lower() > q(LIMIT):
            return None
        if v.rel_accuracy_bits() < 140:
            continue
        low, high = (decimal(exact(e), DIGITS, "nearest") for e in (v.lower(), v.upper()))
        if low == high:
            return low
    raise AssertionError(f"no digits at {float(x)}, order {order}")


def points(activation):
    for x in inputs(activation):
        piece, junction = owner(activation, Q(x))
        value = rational if isinstance(piece, Rational) else analytic
        row = {"x": x.hex()}
        for order, key in enumerate(("f", "d1", "d2")):
            smooth = not junction or order <= max(activation.order, 0)
            row[key] = value(piece, Q(x), order) if smooth else None
        yield row
