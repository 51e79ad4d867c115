"""Branch and bound over Arb balls (python-flint), interval Newton on f'' at the maximiser."""

import time

from . import Answer

NAME = "python-flint branch and bound"
DOMAIN = "[-20, 20]"
BITS = {"1e-14": 80, "30 digits": 140, "50 digits": 210}
START = 40  # boxes at the start

try:
    from flint import arb, arb_series, ctx
except ImportError:
    arb = None


def missing():
    return None if arb else "python-flint is not installed: pip install python-flint==0.9.0"


def gelu(x):
    return x * (-x / arb(2).sqrt()).erfc() / 2


def silu(x):
    return x / (1 + (-x).exp())


def mish(x):
    # tanh(log(1 + e^x)) as a rational function of e^-|x|, so that no wide ball reaches a zero of the denominator
    if x[0].mid() >= 0:
        e = (-x).exp()
        return x * (1 + 2 * e) / (1 + 2 * e + 2 * e * e)
    e = x.exp()
    return x * e * (e + 2) / (e * e + 2 * e + 2)


def jets(f, x):
    """f', f'', f''' over the ball x"""
    s = f(arb_series([x, 1], prec=4))
    return s[1], 2 * s[2], 6 * s[3]


def newton(h, a, b):
    """Bounds of the maximum of h on [a, b], where h'' < 0."""
    x = arb((a + b) / 2, (b - a) / 2)
    for _ in range(100):
        m = x.mid()
        new = x.intersection(m - h(m)[1] / h(x)[2])
        if new.rad() >= x.rad() / 2:
            break
        x = new
    m = x.mid()
    value, slope, _ = h(m)
    return value.lower(), (value + slope.abs_upper() * x.rad()).upper()


def supremum(f):
    """Bounds of sup |f'| on [-20, 20]; every box end is a dyadic number and exact."""
    sides = [lambda x, s=s: tuple(s * v for v in jets(f, x)) for s in (1, -1)]
    step = 40.0 / START
    grid = [-20 + step * (i + 0.03125) for i in range(START)]
    boxes = [(h, a, b) for h in sides for a, b in zip([-20.0] + grid, grid + [20.0])]
    best = max(h(arb(x))[0].lower() for h in sides for x in [-20.0, *grid, 20.0])
    top = max(h(arb(x))[0].upper() for h in sides for x in (-20.0, 20.0))
    while boxes:
        h, a, b = boxes.pop()
        h0, h1, h2 = h(arb((a + b) / 2, (b - a) / 2))
        if h0 < best or h1 > 0 or h1 < 0:
            continue
        if h2 < 0 and h(arb(a))[1] > 0 and h(arb(b))[1] < 0:
            low, high = newton(h, a, b)
            best, top = max(best, low), max(top, high)
            continue
        if b - a < 2.0**-40:
            raise ArithmeticError(f"undecided near {a}")
        m = a + (b - a) * 0.484375
        boxes += [(h, a, m), (h, m, b)]
    return best, max(best, top)


def text(v, up):
    """An exact ball as a decimal, rounded outward"""
    man, exp = (int(n) for n in v.man_exp())
    scaled = man * 10**60
    n = scaled << exp if exp >= 0 else (-((-scaled) >> -exp) if up else scaled >> -exp)
    return f"{n // 10**60}.{n % 10**60:060d}"


def solve(activation, goal, repeat):
    f = {"gelu": gelu, "silu": silu, "mish": mish}[activation]
    ctx.prec = BITS[goal]
    best = None
    for _ in range(repeat):
        start = time.perf_counter()
        low, high = supremum(f)
        seconds = time.perf_counter() - start
        best = seconds if best is None else min(best, seconds)
    return Answer(text(low, False), text(high, True), best, None)
