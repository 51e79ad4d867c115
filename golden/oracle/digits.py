"""Exact rationals to decimal text, with a rounding direction. Integers only: nothing here can round by accident."""

from fractions import Fraction


def power_of_ten(v: Fraction) -> int:
    """The e with 10^e <= v < 10^(e+1), for v > 0."""
    e = int((v.numerator.bit_length() - v.denominator.bit_length()) * 0.30103)
    while v >= scale(e + 1):
        e += 1
    while v < scale(e):
        e -= 1
    return e


def scale(e: int) -> Fraction:
    """10^e"""
    return Fraction(10**e) if e >= 0 else Fraction(1, 10**-e)


def decimal(v: Fraction, digits: int, mode: str) -> str:
    """v to so many significant digits; mode is "down" (towards -inf), "up" (towards +inf) or "nearest" (ties to even)."""
    if v == 0:
        return "0"
    e = power_of_ten(abs(v))
    units = v / scale(e - digits + 1)
    floor = units.numerator // units.denominator
    rest = units - floor
    up = rest > 0 and (mode == "up" or (mode == "nearest" and (rest > Fraction(1, 2) or (rest == Fraction(1, 2) and floor % 2))))
    n = floor + 1 if up else floor
    if n == 0:
        return "0"
    text, exponent = str(abs(n)), e - digits + 1
    stripped = text.rstrip("0")
    exponent += len(text) - len(stripped)
    point = exponent + len(stripped) - 1
    sign = "-" if n < 0 else ""
    mantissa = stripped[0] + ("." + stripped[1:] if len(stripped) > 1 else "")
    return f"{sign}{mantissa}e{point}" if point else sign + mantissa


def exact(a) -> Fraction:
    """The value of an exact ball (a midpoint or an end point)."""
    man, exp = (int(v) for v in a.man_exp())
    return Fraction(man << exp) if exp >= 0 else Fraction(man, 1 << -exp)
