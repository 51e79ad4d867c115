"""The activations, written from the mathematics (never read from the catalogue), split into pieces by hand.

A piece is either a rational function with exact coefficients (everything about it is then decided by algebra), or an
analytic function of a power series over balls together with what is known about its tails.
"""

from dataclasses import dataclass, field
from fractions import Fraction as Q
from typing import Callable, Optional

from flint import arb, arb_series, fmpq, fmpq_poly

CUT = 40  # the tails begin at -CUT and CUT


@dataclass
class Tail:
    """For |x| >= CUT: f = c0 + c1 x + small. `sign[k]` is the sign of the k-th derivative of `small` there (it is never 0),
    `err(k)` a bound of its size."""

    c0: Q
    c1: int
    sign: tuple
    err: Callable


@dataclass
class Rational:
    lo: Optional[Q]
    hi: Optional[Q]
    num: list
    den: list = field(default_factory=lambda: [1])


@dataclass
class Analytic:
    lo: Optional[Q]
    hi: Optional[Q]
    f: Callable
    left: Optional[Tail] = None
    right: Optional[Tail] = None
    grows: bool = False  # every derivative tends to +inf at +inf


@dataclass
class Activation:
    id: str
    params: dict
    order: int  # continuity class; 99 = analytic
    pieces: list
    owns: str = "left"  # which piece a junction belongs to


def q(v) -> arb:
    v = Q(v)
    return arb(fmpq(v.numerator, v.denominator))


def fq(v) -> fmpq:
    v = Q(v)
    return fmpq(v.numerator, v.denominator)


def poly(coefficients) -> fmpq_poly:
    return fmpq_poly([fq(c) for c in coefficients])


# Functions of a power series

def first(u):
    return u[0] if isinstance(u, arb_series) else u


def sigmoid(u):
    if first(u).mid() >= 0:
        return 1 / (1 + (-u).exp())
    e = u.exp()
    return e / (1 + e)


def log1p(u):
    """Without loss where u is tiny: the constant term by itself, the rest by integrating u'/(1 + u)."""
    return (u.derivative() / (1 + u)).integral() + first(u).log1p()


def softplus(u):
    if first(u).mid() >= 0:
        return u + log1p((-u).exp())
    return log1p(u.exp())


def tanh(u):
    return 2 * sigmoid(2 * u) - 1


def tanh_softplus(u):
    """(w^2 - 1)/(w^2 + 1) with w = 1 + e^u, in the form that does not cancel on either side"""
    if first(u).mid() >= 0:
        e = (-u).exp()
        return (1 + 2 * e) / (1 + 2 * e + 2 * e * e)
    e = u.exp()
    return e * (e + 2) / (e * e + 2 * e + 2)


def expm1(u):
    return u.exp() - 1


def normcdf(u):
    return (-u / arb(2).sqrt()).erfc() / 2


# Bounds of what is left of a tail at |x| >= CUT. Each is decreasing there, so its value at CUT bounds it.

def decay(rate, *polynomials):
    """P_k(x) e^(-rate x) at x = CUT, where P_k has the coefficients polynomials[k] (lowest first)."""

    def err(k):
        x = arb(CUT)
        return sum(q(c) * x**i for i, c in enumerate(polynomials[k])) * (-q(rate) * x).exp()

    return err


def gauss(k):
    # 1 - Phi(x) <= phi(x) for x >= 1;  f' - limit: that plus x phi;  f'' = phi (2 - x^2)
    x = arb(CUT)
    phi = (-x * x / 2).exp() / (2 * arb.pi()).sqrt()
    return [x, 1 + x, x * x][k] * phi


def gauss_tanh(k):
    # with w = 2 sqrt(2/pi) (x + c x^3): |s - limit|, |s'|, |s''| <= e^-|w|
    x, c, r = arb(CUT), q("0.044715"), 2 * (2 / arb.pi()).sqrt()
    w, w1, w2 = r * (x + c * x**3), r * (1 + 3 * c * x * x), r * 6 * c * x
    return [x, 1 + x * w1, 2 * w1 + x * (w1 * w1 + w2)][k] * (-w).exp()


# Every derivative of s is at most e^-|x| in size, for the orders used here.
def swish_tails(b):
    b = Q(b)
    err = decay(b, [0, 1], [1, b], [2 * b, b * b])
    return {"left": Tail(Q(0), 0, (-1, -1, -1), err), "right": Tail(Q(0), 1, (-1, 1, -1), err)}


# Builders

def const(v, lo, hi):
    return Rational(lo, hi, [v])


def line(c0, c1, lo, hi):
    return Rational(lo, hi, [c0, c1])


def analytic(id, params, f, left, right, **more):
    return Activation(id, params, 99, [Analytic(None, None, f, left, right, **more)])


def leaky(id, a):
    return Activation(id, {"a": a}, 0, [line(0, a, None, Q(0)), line(0, 1, Q(0), None)], "right")


def exponential_unit(id, params, order, scale, inner, slope):
    """scale (e^(x/inner) - 1) on the negative half, slope x on the other"""
    c = q
    left = Tail(-Q(scale), 0, (1, 1, 1), decay(1 / Q(inner), *[[abs(Q(scale)) / Q(inner) ** k] for k in range(3)]))
    f = lambda x: c(scale) * expm1(x / c(inner))
    return Activation(id, params, order, [Analytic(None, Q(0), f, left), line(0, slope, Q(0), None)])


def elu(a):
    return exponential_unit("elu", {"a": a}, 1 if Q(a) == 1 else 0, a, 1, 1)


def celu(a):
    return exponential_unit("celu", {"a": a}, 1, a, a, 1)


def selu():
    lam, alpha = Q("1.0507009873554804934193349852946"), Q("1.6732632423543772848170429916717")
    return exponential_unit("selu", {}, 0, lam * alpha, 1, lam)


def swish(id, params, b):
    return analytic(id, params, lambda x: x * sigmoid(q(b) * x), **swish_tails(b))


def softplus_b(b):
    err = decay(b, *[[Q(b) ** (k - 1)] for k in range(3)])
    f = lambda x: softplus(q(b) * x) / q(b)
    return analytic("softplus", {"b": b}, f, Tail(Q(0), 0, (1, 1, 1), err), Tail(Q(0), 1, (1, -1, 1), err))


def srelu(alpha):
    a = Q(alpha)
    quartic = [3 * a / 16, Q(1, 2), 3 / (8 * a), 0, -1 / (16 * a**3)]
    return Activation("srelu", {"alpha": alpha}, 2, [const(0, None, -a), Rational(-a, a, quartic), line(0, 1, a, None)])


def monomial(factor, n, eps):
    """factor x^(2n+1) / (eps + x^(2n))"""
    return [0] * (2 * n + 1) + [factor], [eps] + [0] * (2 * n - 1) + [1]


def gem(n):
    return Activation("gem", {"N": n}, 2 * int(n), [const(0, None, Q(0)), Rational(Q(0), None, *monomial(1, int(n), 1))])


def egem(n, eps):
    right = Rational(Q(0), None, *monomial(1, int(n), Q(eps)))
    return Activation("egem", {"N": n, "eps": eps}, 2 * int(n), [const(0, None, Q(0)), right])


def segem(n, eps):
    e = Q(eps)
    left = Rational(None, Q(0), *monomial(e / (1 + e), int(n), e))
    return Activation("segem", {"N": n, "eps": eps}, 2 * int(n), [left, Rational(Q(0), None, *monomial(1, int(n), e))])


def ramp(id, a, b, low, high):
    """constant, straight line from (a, low) to (b, high), constant"""
    slope = (Q(high) - Q(low)) / (Q(b) - Q(a))
    return Activation(id, {}, 0, [const(low, None, Q(a)), line(low - slope * a, slope, Q(a), Q(b)), const(high, Q(b), None)])


def smelu(beta):
    b = Q(beta)
    return Activation("smelu", {"beta": beta}, 1, [const(0, None, -b), Rational(-b, b, [b / 4, Q(1, 2), 1 / (4 * b)]), line(0, 1, b, None)])


def shrink(id, l, order, shift):
    l = Q(l)
    outer = l if shift else Q(0)
    return Activation(id, {"l": str(l)}, order, [line(outer, 1, None, -l), const(0, -l, l), line(-outer, 1, l, None)], "middle")


def threshold(t, v):
    return Activation("threshold", {"t": t, "v": v}, 0 if Q(t) == Q(v) else -1, [const(v, None, Q(t)), line(0, 1, Q(t), None)])


def s_shaped(t_r, a_r, t_l, a_l):
    tr, ar, tl, al = Q(t_r), Q(a_r), Q(t_l), Q(a_l)
    params = {"t_r": t_r, "a_r": a_r, "t_l": t_l, "a_l": a_l}
    return Activation("s_shaped_relu", params, 0, [line(tl - al * tl, al, None, tl), line(0, 1, tl, tr), line(tr - ar * tr, ar, tr, None)])


def squareplus(b):
    f = lambda x: (x + (x * x + q(b)).sqrt()) / 2
    return analytic("squareplus", {"b": b}, f, None, None)  # algebraic tails: closed forms in suprema.py


def catalogue():
    """Every activation at its default parameters, then other parameter values."""
    e1 = decay(1, [1], [1], [1])
    e2 = decay(2, [2], [4], [8])
    mish_left, mish_right = decay(1, [0, 1], [1, 1], [2, 3]), decay(2, [0, 2], [2, 4], [8, 12])

    def gelu_tanh(x):
        return x * sigmoid(2 * (2 / arb.pi()).sqrt() * (x + q("0.044715") * x * x * x))

    return [
        Activation("relu", {}, 0, [const(0, None, Q(0)), line(0, 1, Q(0), None)]),
        leaky("leaky_relu", "1/100"),
        leaky("prelu", "1/4"),
        elu("1"),
        celu("1"),
        selu(),
        analytic("gelu", {}, lambda x: x * normcdf(x), Tail(Q(0), 0, (-1, -1, -1), gauss), Tail(Q(0), 1, (-1, 1, -1), gauss)),
        analytic("gelu_tanh", {}, gelu_tanh, Tail(Q(0), 0, (-1, -1, -1), gauss_tanh), Tail(Q(0), 1, (-1, 1, -1), gauss_tanh)),
        swish("gelu_quick", {}, "1.702"),
        swish("silu", {}, "1"),
        swish("swish", {"b": "1"}, "1"),
        analytic("mish", {}, lambda x: x * tanh_softplus(x), Tail(Q(0), 0, (-1, -1, -1), mish_left), Tail(Q(0), 1, (-1, 1, -1), mish_right)),
        analytic("sigmoid", {}, sigmoid, Tail(Q(0), 0, (1, 1, 1), e1), Tail(Q(1), 0, (-1, 1, -1), e1)),
        analytic("tanh", {}, tanh, Tail(Q(-1), 0, (1, 1, 1), e2), Tail(Q(1), 0, (-1, 1, -1), e2)),
        srelu("1/1000"),
        gem("1"),
        egem("1", "1/10000"),
        segem("1", "1/10000"),
        ramp("relu6", 0, 6, 0, 6),
        softplus_b("1"),
        Activation("softsign", {}, 1, [Rational(None, Q(0), [0, 1], [1, -1]), Rational(Q(0), None, [0, 1], [1, 1])]),
        analytic("logsigmoid", {}, lambda x: -softplus(-x), Tail(Q(0), 1, (-1, -1, -1), e1), Tail(Q(0), 0, (-1, 1, -1), e1)),
        ramp("hardtanh", -1, 1, -1, 1),
        ramp("hardsigmoid", -3, 3, 0, 1),
        ramp("hardsigmoid_keras", Q(-5, 2), Q(5, 2), 0, 1),
        ramp("sparse_sigmoid", -1, 1, 0, 1),
        Activation("hardswish", {}, 0, [const(0, None, Q(-3)), Rational(Q(-3), Q(3), [0, Q(1, 2), Q(1, 6)]), line(0, 1, Q(3), None)]),
        analytic("tanhshrink", {}, lambda x: x - tanh(x), Tail(Q(1), 1, (-1, -1, -1), e2), Tail(Q(-1), 1, (1, -1, 1), e2)),
        shrink("softshrink", "1/2", 0, True),
        shrink("hardshrink", "1/2", -1, False),
        threshold("1", "0"),
        squareplus("4"),
        smelu("1"),
        Activation("relu2", {}, 1, [const(0, None, Q(0)), Rational(Q(0), None, [0, 0, 1])]),
        s_shaped("1", "1/2", "0", "1/5"),
        analytic("exp", {}, lambda x: x.exp(), Tail(Q(0), 0, (1, 1, 1), e1), None, grows=True),
        Activation("identity", {}, 99, [line(0, 1, None, None)]),
        # other parameter values
        leaky("leaky_relu", "1/5"),
        elu("2"),
        celu("2"),
        celu("1/2"),
        swish("swish", {"b": "2"}, "2"),
        srelu("1/100"),
        srelu("1"),
        srelu("10"),
        gem("2"),
        gem("3"),
        gem("4"),
        egem("1", "10"),
        egem("2", "1/10000"),
        segem("1", "10"),
        segem("1", "1"),
        segem("2", "1/10000"),
        softplus_b("2"),
        shrink("softshrink", "1", 0, True),
        threshold("1/2", "1/2"),
        squareplus("1"),
        smelu("2"),
    ]
