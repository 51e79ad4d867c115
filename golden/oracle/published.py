"""Published activations at fixed parameters, written from the mathematics: pieces, and how they behave at infinity.

A tail is (limit of f, limit of f'), where both come monotonically closer to their limits beyond the cut; or `Near`, which
bounds how far f and f' stay from values. `Known` are values that need no search; the reason stands beside those that are
not plain.
"""

from dataclasses import dataclass
from fractions import Fraction as Q
from typing import Callable, Optional

from flint import arb, arb_series

from .formulas import expm1, first, log1p, normcdf, q, sigmoid, softplus, tanh, tanh_softplus

INF = float("inf")
CUT = 60


@dataclass
class Near:
    """|f - f0| <= e0 and |f' - f1| <= e1 beyond the cut; an infinite f0 is a limit."""

    f0: object
    e0: object
    f1: object
    e1: object


@dataclass
class P:
    lo: object
    hi: object
    f: Callable
    left: object = None
    right: object = None


@dataclass
class Known:
    inf: object
    sup: object
    lipschitz: object = None  # None: searched in the pieces


@dataclass
class Entry:
    name: str
    pieces: list
    known: Optional[Known] = None
    cut: int = CUT


ENTRIES: list = []


def entry(name, *pieces, known=None, cut=CUT):
    ENTRIES.append(Entry(name, list(pieces), known, cut))


def line(name, f, left, right, cut=CUT):
    entry(name, P(None, None, f, left, right), cut=cut)


def hand(name, inf, sup, lipschitz):
    """Without a search"""
    entry(name, known=Known(inf, sup, lipschitz))


def halves(name, left, lt, right, rt, at=0, cut=CUT):
    entry(name, P(None, Q(at), left, left=lt), P(Q(at), None, right, right=rt), cut=cut)


def const(c):
    return lambda x: x * 0 + q(c)


def poly(*coefficients):
    def f(x):
        total = x * 0
        for c in reversed(coefficients):
            total = total * x + q(c)
        return total

    return f


# Functions of a power series over balls

def cosh(u):
    return (u.exp() + (-u).exp()) / 2


def sinh(u):
    return (u.exp() - (-u).exp()) / 2


def erf(u):
    return u.erf()


def atan(u):
    return u.atan()


def asinh(u):
    """of u >= 0"""
    return (u + (u * u + 1).sqrt()).log()


def gelu(u):
    return u * normcdf(u)


def root(c):
    return q(c).sqrt()


def sinc(u):
    """sin(u)/u; near 0 by its Taylor series, whose remainder is below 1e-100 with all derivatives that are used"""
    if not first(u).abs_upper() < 3:
        return u.sin() / u
    total, term, square = u * 0, u * 0 + 1, u * u
    for n in range(60):
        total, term = total + term, term * square / (-(2 * n + 2) * (2 * n + 3))
    return total + arb_series([arb(0, "1e-100")] * 6, prec=6)


half, third = Q(1, 2), Q(1, 3)


def pi(factor=1):
    return lambda: arb.pi() * q(factor)


identity = (lambda x: x)
positive = P(Q(0), None, identity, right=(INF, 1))  # x on the positive half
gate = ((0, 0), (INF, 1))  # 0 on the left, x on the right


def rectified(name, f, left, cut=CUT):
    """f on the negative half, x on the other"""
    entry(name, P(None, Q(0), f, left=left), positive, cut=cut)


# Sigmoids

line("logistic", sigmoid, (0, 0), (1, 0))
line("tanh", tanh, (-1, 0), (1, 0))
line("scaled_tanh", lambda x: q("1.7159") * tanh(x * q(Q(2, 3))), (Q("-1.7159"), 0), (Q("1.7159"), 0))
line("twisted_tanh", lambda x: tanh(x) + x / 100, (-INF, Q(1, 100)), (INF, Q(1, 100)))
line("tansig", lambda x: 1 - 2 * sigmoid(-2 * x), (-1, 0), (1, 0))
line("bipolar_sigmoid", lambda x: tanh(x / 2), (-1, 0), (1, 0))
line("scaled_sigmoid", lambda x: 2 * tanh(x / 2), (-2, 0), (2, 0))
halves("penalized_tanh", lambda x: tanh(x) / 4, (Q(-1, 4), 0), tanh, (1, 0))
entry(
    "improved_logistic_sigmoid",
    P(None, Q(-2), lambda x: (x + 2) / 10 + 1 / (1 + arb(2).exp()), left=(-INF, Q(1, 10))),
    P(Q(-2), Q(2), sigmoid),
    P(Q(2), None, lambda x: (x - 2) / 10 + 1 / (1 + arb(-2).exp()), right=(INF, Q(1, 10))),
)
line("siglin", lambda x: sigmoid(x) + x / 10, (-INF, Q(1, 10)), (INF, Q(1, 10)))
line("triple_state_sigmoid", lambda x: sigmoid(x) * (sigmoid(x) + sigmoid(x - 20) + sigmoid(x - 40)), (0, 0), (3, 0), cut=120)
halves(
    "sigmoid_algebraic",
    lambda x: sigmoid(x * (1 - x / 2) / (1 - x * (1 - x / 2))),
    (lambda: 1 / (1 + arb(1).exp()), 0),
    lambda x: sigmoid(x * (1 + x / 2) / (1 + x * (1 + x / 2))),
    (lambda: 1 / (1 + arb(-1).exp()), 0),
)
clip = (lambda x: (softplus(50 * x) - softplus(50 * (x - 1))) / 50)
halves("soft_clipping", clip, (0, 0), lambda x: 1 - clip(1 - x), (1, 0), at=half)
halves("hexpo", expm1, (-1, 0), lambda x: -expm1(-x), (1, 0))
halves("softsign", lambda x: x / (1 - x), (-1, 0), lambda x: x / (1 + x), (1, 0))
halves("elliott", lambda x: x / (1 - x) / 2 + q(half), (0, 0), lambda x: x / (1 + x) / 2 + q(half), (1, 0))
halves("scaled_softsign", lambda x: 2 * x / (3 - x), (-2, 0), lambda x: 2 * x / (3 + x), (2, 0))


def mishra(s):
    return (s * s + s) / 2


halves("mishra", lambda x: mishra(x / (1 - x)), (0, 0), lambda x: mishra(x / (1 + x)), (1, 0))
entry("smooth_step", P(None, Q(-1, 2), const(0), left=(0, 0)), P(Q(-1, 2), half, poly(half, Q(3, 2), 0, -2)), P(half, None, const(1), right=(1, 0)))
line("sinc_sigmoid", lambda x: sinc(sigmoid(x)), (1, 0), (lambda: arb(1).sin(), 0))
line("sigmoid_gumbel", lambda x: sigmoid(x) * (-(-x).exp()).exp(), (0, 0), (1, 0))
line("new_sigmoid", lambda x: tanh(x) / (1 + tanh(x) ** 2).sqrt(), (lambda: -root(half), 0), (lambda: root(half), 0))
line("loglog", lambda x: (-(-x).exp()).exp(), (0, 0), (1, 0))
line("cloglog", lambda x: 1 - (-x.exp()).exp(), (0, 0), (1, 0))
line("cloglog_modified", lambda x: 1 - 2 * (-q("0.7") * x.exp()).exp(), (-1, 0), (1, 0))
line("aranda_ordaz", lambda x: 1 - (1 + 2 * x.exp()).rsqrt(), (0, 0), (1, 0))
line("probit", normcdf, (0, 0), (1, 0))
line("rootsig", lambda x: x / (1 + (1 + x * x).sqrt()), (-1, 0), (1, 0))
line("isru", lambda x: x / (1 + x * x).sqrt(), (-1, 0), (1, 0))
line("modified_elliott", lambda x: x / (1 + x * x).sqrt() + q(half), (Q(-1, 2), 0), (Q(3, 2), 0))
line("arctan", atan, (pi(Q(-1, 2)), 0), (pi(half), 0))
line("erf", lambda x: erf(x / root(2)), (-1, 0), (1, 0))
line("dynamic_tanh", lambda x: tanh(x / 2), (-1, 0), (1, 0))
line("adaptive_parametric", lambda x: (1 + (-q(Q(3, 2)) * x).exp() / 2) ** -2, (0, 0), (1, 0))
line("sech_sig", lambda x: (x + 1 / cosh(x)) * sigmoid(x), *gate)
line("tanh_sig", lambda x: (x + tanh(x)) * sigmoid(x), *gate)
line("sigmoid_derivative", lambda x: sigmoid(x) * sigmoid(-x), (0, 0), (0, 0))
line("exponential_swish", lambda x: sigmoid(-x), (1, 0), (0, 0))
entry("heaviside", P(None, Q(0), const(0), left=(0, 0)), P(Q(0), None, const(1), right=(1, 0)))
entry(
    "cosine_squasher",
    P(None, pi(Q(-1, 2)), const(0), left=(0, 0)),
    P(pi(Q(-1, 2)), pi(half), lambda x: (1 + x.sin()) / 2),
    P(pi(half), None, const(1), right=(1, 0)),
)


def pieces(name, *knots, first_tail, last_tail, functions):
    """functions between the knots"""
    ends = [None, *map(Q, knots), None]
    parts = [P(a, b, f) for a, b, f in zip(ends, ends[1:], functions)]
    parts[0].left, parts[-1].right = first_tail, last_tail
    entry(name, *parts)


pieces(
    "plan_sigmoid", -5, "-2.375", -1, 0, 1, "2.375", 5, first_tail=(0, 0), last_tail=(1, 0),
    functions=[
        const(0), poly("0.15625", "0.03125"), poly("0.375", "0.125"), poly(half, "0.25"), poly(half, "0.25"),
        poly("0.625", "0.125"), poly("0.84375", "0.03125"), const(1),
    ],
)
pieces(
    "second_order_sigmoid", -4, 0, 4, first_tail=(0, 0), last_tail=(1, 0),
    functions=[const(0), lambda x: (1 + x / 4) ** 2 / 2, lambda x: 1 - (1 - x / 4) ** 2 / 2, const(1)],
)
pieces("hard_sigmoid_binary", -1, 1, first_tail=(0, 0), last_tail=(1, 0), functions=[const(0), poly(half, half), const(1)])
pieces("hard_sigmoid_keras", "-2.5", "2.5", first_tail=(0, 0), last_tail=(1, 0), functions=[const(0), poly(half, "0.2"), const(1)])
pieces("secureml_sigmoid", "-0.5", "0.5", first_tail=(0, 0), last_tail=(1, 0), functions=[const(0), poly(half, 1), const(1)])
hand("rectified_sigmoid", 0, 1, Q(3, 10))  # 6/5 of a quarter at 0, where it is not cut off
line("encrypted_sigmoid", poly(half, Q("1.20096") / 8, 0, -Q("0.81562") / 512), (INF, -INF), (-INF, -INF))
pieces("hard_tanh", -1, 1, first_tail=(-1, 0), last_tail=(1, 0), functions=[const(-1), identity, const(1)])
pieces("sqnl", -2, 0, 2, first_tail=(-1, 0), last_tail=(1, 0), functions=[const(-1), poly(0, 1, "0.25"), poly(0, 1, "-0.25"), const(1)])
pieces(
    "log_sqnl", -2, 0, 2, first_tail=(0, 0), last_tail=(1, 0),
    functions=[const(0), poly(half, half, "0.125"), poly(half, half, "-0.125"), const(1)],
)
pieces(
    "linq", "-1.8", 0, "1.8", first_tail=(-INF, Q(1, 10)), last_tail=(INF, Q(1, 10)),
    functions=[poly("-0.81", "0.1"), poly(0, 1, "0.25"), poly(0, 1, "-0.25"), poly("0.81", "0.1")],
)

# x times something


def swish(b):
    return lambda x: x * sigmoid(q(b) * x)


line("silu", swish(1), *gate)
line("dsilu", lambda x: sigmoid(x) * (1 + x * sigmoid(-x)), (0, 0), (1, 0))
line("swish", swish(2), *gate)
line("e_swish", lambda x: q("1.5") * x * sigmoid(x), (0, 0), (INF, Q(3, 2)))
line("scaled_silu", lambda x: x * sigmoid(x) / q("0.6"), (0, 0), (INF, Q(5, 3)))
line("gelu", gelu, *gate)
line("gelu_tanh", lambda x: x * sigmoid(2 * root(2) / arb.pi().sqrt() * (x + q("0.044715") * x * x * x)), *gate)
line("gelu_sigmoid", swish("1.702"), *gate)
line("sgelu", lambda x: x * erf(x / root(2)), (INF, -1), (INF, 1))
line("calu", lambda x: x * (atan(x) / arb.pi() + q(half)), (lambda: -1 / arb.pi(), 0), (INF, 1))
halves("lalu", lambda x: x * x.exp() / 2, (0, 0), lambda x: x * (1 - (-x).exp() / 2), (INF, 1))
line("colu", lambda x: x / (1 - x * (-x - x.exp()).exp()), *gate)
line("generalized_swish", lambda x: x * sigmoid((-x).exp()), (-INF, 1), (INF, half))
line("gish", lambda x: x * (2 - (-x.exp()).exp()).log(), (0, 0), (INF, lambda: arb(2).log()))
line("logish", lambda x: x * log1p(sigmoid(x)), (0, 0), (INF, lambda: arb(2).log()))
line("parametric_logish", lambda x: x * log1p(sigmoid(10 * x)), (0, 0), (INF, lambda: arb(2).log()))
line("loglogish", lambda x: x * (1 - (-x.exp()).exp()), *gate)
line("golu", lambda x: x * (-(-x).exp()).exp(), *gate)
line("self_arctan", lambda x: x * atan(x), (INF, pi(Q(-1, 2))), (INF, pi(half)))
line("phish", lambda x: x * tanh(gelu(x)), *gate)
rectified("suish", lambda x: x * x.exp(), (0, 0))
line("tsrelu", lambda x: x * tanh(sigmoid(x)), (0, 0), (INF, lambda: arb(1).tanh()))
line("tbsrelu", lambda x: x * tanh(tanh(x / 2)), (INF, lambda: -arb(1).tanh()), (INF, lambda: arb(1).tanh()))
line("log_sigmoid", lambda x: -softplus(-x), (-INF, 1), (0, 0))
line("double_silu", lambda x: x * sigmoid(x * sigmoid(x)), (-INF, half), (INF, 1))
line("msilu", lambda x: x * sigmoid(x) + (-x * x - 1).exp() / 4, *gate)
line("tsilu", lambda x: tanh(x * sigmoid(x)), (0, 0), (1, 0))
line("asilu", lambda x: atan(x * sigmoid(x)), (0, 0), (pi(half), 0))
line("swat", lambda x: x * sigmoid(atan(x)), (-INF, lambda: 1 / (1 + (arb.pi() / 2).exp())), (INF, lambda: 1 / (1 + (-arb.pi() / 2).exp())))
line("rectified_hyperbolic_secant", lambda x: x / cosh(x), (0, 0), (0, 0))
line("lisht", lambda x: x * tanh(x), (INF, -1), (INF, 1))
line("mish", lambda x: x * tanh_softplus(x), *gate)
line("smish", lambda x: x * tanh(log1p(sigmoid(x))), (0, 0), (INF, Q(3, 5)))
line("tanhexp", lambda x: x * tanh(x.exp()), *gate)
line("serf", lambda x: x * erf(softplus(x)), *gate)
line("eanaf", lambda x: x / (1 + 2 * (-x).exp()), *gate)
line("sinsig", lambda x: x * (arb.pi() / 2 * sigmoid(x)).sin(), *gate)
line("sinlu", lambda x: (x + x.sin()) * sigmoid(x), (0, 0), Near(INF, 0, 1, "1.000001"))
line("erfact", lambda x: x * erf(q("0.75") * (q("0.75") * x).exp()), *gate)
line("pserf", lambda x: x * erf(q("1.25") * softplus(q("0.85") * x)), *gate)
line("tanhsoft_1", lambda x: tanh(q("0.87") * x) * softplus(x), *gate)
line("tanhsoft_2", lambda x: x * tanh(q("0.6") * x.exp()), *gate)
line("tanhsoft_3", lambda x: log1p(x.exp() * tanh(q("0.85") * x)), *gate)
line("eis_1", lambda x: x * softplus(x) / (x + q("1.16") * (-x).exp()), *gate)
line("eis_2", lambda x: x * softplus(x) / (1 + x * x).sqrt(), *gate)
line("eis_3", lambda x: x / (1 + q("0.68") * (-q("1.7") * x).exp()), *gate)
line("swim", lambda x: x / 2 * (1 + x / (4 + x * x).sqrt()), *gate)
line("pflu", lambda x: x / 2 * (1 + x / (1 + x * x).sqrt()), *gate)
rectified("fpflu", lambda x: x * (1 + x / (1 + x * x).sqrt()), (0, 0))
line("smu", lambda x: (5 * x + 3 * x * erf(3 * x / 4)) / 8, (-INF, Q(1, 4)), (INF, 1))
hand("smu_1", -INF, INF, 1)  # the slope rises from 1/4 to 1
line("acon_b", lambda x: 3 * x / 4 * sigmoid(3 * x / 4) + x / 4, (-INF, Q(1, 4)), (INF, 1))
line("acon_c", lambda x: 2 * x * sigmoid(2 * x) - 4 * x / 5, (INF, Q(-4, 5)), (INF, Q(6, 5)))
line("swish_t", lambda x: x * sigmoid(x) + tanh(x) / 10, (Q(-1, 10), 0), (INF, 1))
line("aria_2", lambda x: x / ((1 + (-2 * x).exp()) * (1 + (-2 * x).exp()).sqrt()), *gate)
line("soft_root_sign", lambda x: 2 - 4 / (x * (x / 3).exp() + 2), (0, 0), (2, 0), cut=120)
halves("optimal", swish(1), (0, 0), lambda x: x + x * sigmoid(x), (INF, 2))

# Rectifiers

hand("relu", 0, INF, 1)
hand("leaky_relu", -INF, INF, 1)
hand("very_leaky_relu", -INF, INF, 1)
hand("rrelu", -INF, INF, 1)
hand("prelu", -INF, INF, 1)
hand("relu6", 0, 6, 1)
hand("bounded_relu", 0, 1, 1)
hand("bounded_leaky_relu", -INF, INF, 1)
hand("displaced_relu", Q(-1, 20), INF, 1)
hand("frelu", Q("-0.398"), INF, 1)
hand("shifted_relu", -1, INF, 1)
entry("trec", P(None, Q(1), const(0), left=(0, 0)), P(Q(1), None, identity, right=(INF, 1)))
entry("hard_shrink", P(None, -half, identity, left=(-INF, 1)), P(-half, half, const(0)), P(half, None, identity, right=(INF, 1)))
hand("soft_shrink", -INF, INF, 1)
line("tanh_shrink", lambda x: x - tanh(x), (-INF, 1), (INF, 1))
hand("modulus", 0, INF, 1)
entry(
    "soft_modulus_q",
    P(None, Q(-1), lambda x: -x, left=(INF, -1)),
    P(Q(-1), Q(0), poly(0, 0, 2, 1)),
    P(Q(0), Q(1), poly(0, 0, 2, -1)),
    P(Q(1), None, identity, right=(INF, 1)),
)
line("soft_modulus_t", lambda x: x * tanh(100 * x), (INF, -1), (INF, 1))
hand("pan", 0, INF, 1)
hand("mirrored_relu", 0, 1, 1)
hand("lsptlu", -INF, 1, 1)
rectified("sign_relu", lambda x: x / (1 - x), (-1, 0))
hand("squared_relu", 0, INF, INF)
hand("star_relu", Q("-0.4472"), INF, INF)
hand("repu", 0, INF, INF)
pieces("eplaf", -1, 1, first_tail=(INF, -1), last_tail=(INF, 1), functions=[poly(Q(-3, 4), -1), poly(0, 0, 0, 0, Q(1, 4)), poly(Q(-3, 4), 1)])
halves("flatten_t_swish", const("-0.2"), (Q(-1, 5), 0), lambda x: x * sigmoid(x) - q("0.2"), (INF, 1))
rectified("softplus_linear_unit", lambda x: 2 * (softplus(x) - arb(2).log()), (lambda: -2 * arb(2).log(), 0))
halves("rectified_softplus", softplus, (0, 0), lambda x: q("1.5") * x + arb(2).log(), (INF, Q(3, 2)))
halves("prenu", const(0), (0, 0), lambda x: x - log1p(x), (INF, 1))
halves("nlrelu", const(0), (0, 0), lambda x: log1p(x), (INF, 0))
entry(
    "sine_relu",
    P(None, Q(0), lambda x: q("0.0025") * (x.sin() - x.cos()), left=Near(0, "0.0036", 0, "0.0036")),
    positive,
    known=Known(lambda: -q("0.0025") * root(2), INF),
)
hand("variational_linear_unit", Q(-1, 10), INF, Q(11, 10))  # x + sin(x)/10 on the right, sin(x)/10 on the left
hand("s_shaped_relu", -INF, INF, 2)
pieces(
    "adaptive_piecewise_linear", 0, 1, first_tail=(INF, Q(-1, 10)), last_tail=(INF, 1),
    functions=[poly("-0.1", "-0.1"), poly("-0.1", "1.1"), identity],
)
hand("plu", -INF, INF, 1)
pieces("smelu", -1, 1, first_tail=(0, 0), last_tail=(INF, 1), functions=[const(0), lambda x: (x + 1) ** 2 / 4, identity])
pieces("sqlu", -2, 0, first_tail=(-1, 0), last_tail=(INF, 1), functions=[const(-1), poly(0, 1, "0.25"), identity])
pieces("squish", -2, 0, first_tail=(0, 0), last_tail=(INF, INF), functions=[const(0), poly(0, 1, half), poly(0, 1, Q(1, 32))])
pieces("sqreu", -2, 0, first_tail=(0, 0), last_tail=(INF, 1), functions=[const(0), poly(0, 1, half), identity])
pieces("sq_softplus", -half, half, first_tail=(0, 0), last_tail=(INF, 1), functions=[const(0), lambda x: (x + q(half)) ** 2 / 2, identity])
rectified("isrlu", lambda x: x / (1 + x * x).sqrt(), (-1, 0))
pieces("hard_swish", -3, 3, first_tail=(0, 0), last_tail=(INF, 1), functions=[const(0), poly(0, half, Q(1, 6)), identity])
pieces("hard_mish", -2, 0, first_tail=(0, 0), last_tail=(INF, 1), functions=[const(0), poly(0, 1, half), identity])
pieces("qrelu", 0, first_tail=(INF, Q("-1.99")), last_tail=(INF, 1), functions=[poly(0, "-1.99"), identity])
pieces("xielu", 0, first_tail=(INF, Q(-3, 10)), last_tail=(INF, INF), functions=[lambda x: q("0.8") * (expm1(x) - x) + x / 2, poly(0, half, "0.8")])
halves("delu", swish(1), (0, 0), lambda x: x - expm1(-x), (INF, 1))
pieces("lsrelu", 0, 1, first_tail=(-1, 0), last_tail=(INF, 0), functions=[lambda x: x / (1 - x), identity, lambda x: log1p(x) + 1 - arb(2).log()])


def i_gelu(x):
    """on [0, c sqrt 2], where the cut-off does not act"""
    return x / 2 * (2 - q("0.2888") * (x / root(2) - q("1.769")) ** 2)


seam = (lambda: q("1.769") * root(2))
entry(
    "i_gelu",
    P(None, lambda: -seam(), const(0), left=(0, 0)),
    P(lambda: -seam(), Q(0), lambda x: x + i_gelu(-x)),
    P(Q(0), seam, i_gelu),
    P(seam, None, identity, right=(INF, 1)),
)

# Exponential units


def elu(a, b=1):
    return lambda x: q(a) * expm1(x * q(b))


rectified("elu", elu(1), (-1, 0))
SCALE, ALPHA = Q("1.0507009873554805"), Q("1.6732632423543772")
halves("selu", elu(SCALE * ALPHA), (-SCALE * ALPHA, 0), lambda x: x * q(SCALE), (INF, SCALE))
rectified("celu", elu(2, half), (-2, 0), cut=120)
halves("pelu", elu(2, third), (-2, 0), lambda x: x * q(Q(2, 3)), (INF, Q(2, 3)), cut=180)
rectified("mpelu", elu("0.25"), (Q(-1, 4), 0))
halves("elish", lambda x: expm1(x) * sigmoid(x), (0, 0), swish(1), (INF, 1))
pieces(
    "hard_elish", -1, 0, 1, first_tail=(0, 0), last_tail=(INF, 1),
    functions=[const(0), lambda x: expm1(x) * (x + 1) / 2, poly(0, half, half), identity],
)
rectified("reu", lambda x: x * x.exp(), (0, 0))
rectified("siglu", tanh, (-1, 0))
rectified("sara", lambda x: x / (1 + (-q("0.7") * x).exp() / 2), (0, 0), cut=120)
rectified("thlu", lambda x: tanh(x / 2), (-1, 0))
rectified("diff_elu", lambda x: q("0.3") * (x * x.exp() - (x / 10).exp() / 10), (0, 0), cut=600)
rectified("polylu", lambda x: 1 / (1 - x) - 1, (-1, 0))
rectified("polu", lambda x: (1 - x) ** -2 - 1, (-1, 0))
LAMBDA = Q("1.07862")
halves("serlu", lambda x: q(LAMBDA * Q("2.90427")) * x * x.exp(), (0, 0), lambda x: x * q(LAMBDA), (INF, LAMBDA))
pieces("rsigelu", 0, 1, first_tail=(Q(-1, 2), 0), last_tail=(INF, Q(3, 2)), functions=[elu(half), identity, lambda x: x + x * sigmoid(x) / 2])
pieces("hard_srelue", 0, 1, first_tail=(Q(-1, 2), 0), last_tail=(INF, Q(3, 2)), functions=[elu(half), poly(0, Q(5, 4), Q(1, 4)), poly(0, Q(3, 2))])
halves("apical_dendrite", const(0), (0, 0), lambda x: (-x).exp(), (0, 0))


def reltanh():
    slope, at = 1 - tanh(arb(-3) / 2) ** 2, tanh(arb(-3) / 2)
    return lambda x: slope * (x + q(Q(3, 2))) + at


entry("reltanh", P(None, Q(-3, 2), lambda x: reltanh()(x), left=(-INF, lambda: 1 - (arb(3) / 2).tanh() ** 2)), P(Q(-3, 2), Q(0), tanh), positive)

# Softplus, roots, logarithms, polynomials

line("softplus", softplus, *gate)
line("shifted_softplus", lambda x: softplus(x) - arb(2).log(), (lambda: -arb(2).log(), 0), (INF, 1))
line("parametric_softplus", lambda x: q("1.5") * (softplus(x) - arb(2).log()), (lambda: -q("1.5") * arb(2).log(), 0), (INF, Q(3, 2)))
line("soft_plus_plus", lambda x: softplus(x) + x / 2 - arb(2).log(), (-INF, half), (INF, Q(3, 2)))
halves("rand_softplus", lambda x: softplus(x) / 2, (0, 0), lambda x: (x + softplus(x)) / 2, (INF, 1))
line("soft_exponential", lambda x: 2 * expm1(x / 2) + q(half), (Q(-3, 2), 0), (INF, INF), cut=120)
line("squareplus", lambda x: (x + (x * x + 4).sqrt()) / 2 if first(x).mid() > 0 else 2 / ((x * x + 4).sqrt() - x), *gate)
line("bent_identity", lambda x: ((x * x + 1).sqrt() - 1) / 2 + x, (-INF, half), (INF, Q(3, 2)))
hand("multiquadric", 1, INF, 1)  # the slope x/sqrt(1 + x^2)
halves("logarithmic", lambda x: -log1p(-x), (-INF, 0), log1p, (INF, 0))
hand("symexp", -INF, INF, INF)
hand("signed_square_root", -INF, INF, INF)
hand("thin_plate_spline", lambda: -arb(-1).exp() / 2, INF, INF)  # x^2 log|x|, least at exp(-1/2)
# odd; its slope is below sqrt(x)/8 where x < 1/1000, because asinh(x) < x
entry("m_arcsinh", P(Q(1, 1000), None, lambda x: asinh(x) * x.sqrt() / 12, right=(INF, 0)), known=Known(-INF, INF))
halves("hyper_sinh", poly(0, 0, 0, Q(1, 4)), (-INF, INF), lambda x: sinh(x) / 3, (INF, INF))
hand("combined_hyperbolic_sine", -INF, INF, INF)
hand("arcsinh_squared", -INF, INF, INF)  # x asinh(x)^2
halves(
    "hclsh",
    lambda x: log1p((2 * x).exp()) - arb(2).log(),
    (lambda: -arb(2).log(), 0),
    lambda x: x + ((1 + (-2 * x).exp() + x * (1 + (-x).exp()) * (-x / 2).exp()) / 2).log(),
    (INF, 1),
    cut=120,
)
hand("cube", -INF, INF, INF)
hand("quadratic", 0, INF, INF)
hand("non_monotonic_cubic", -INF, INF, INF)
hand("shifted_quadratic", Q(-1, 4), INF, INF)
hand("encrypted_quadratic", Q(-1, 4), INF, INF)  # (x + 2)^2/8 - 1/4
hand("exponential", 0, INF, INF)
line("etanh", lambda x: x.exp() * tanh(x), (0, 0), (INF, INF))
line("rational_relu", lambda x: poly("0.0218", half, "1.5957", "1.1915")(x) / poly(1, 0, "2.383")(x), (-INF, half), (INF, half))
line("cauchy", lambda x: (x + 1) / (x * x + 1), (0, 0), (0, 0))
line("inverse_quadratic", lambda x: 1 / (1 + x * x), (0, 0), (0, 0))
line("inverse_multiquadric", lambda x: (1 + x * x).rsqrt(), (0, 0), (0, 0))

# Waves and bumps

hand("sine", -1, 1, 1)
hand("siren", -1, 1, 30)
hand("cosine", 0, 2, 1)
hand("cosid", -INF, INF, 2)  # the slope -sin(x) - 1
hand("snake", -INF, INF, 2)  # the slope 1 + sin(10 x)
hand("minsin", -INF, 1, 1)  # sin on the right, x on the left
hand("maxsig", 0, INF, 1)  # the slope of the sigmoid is at most 1/4
hand("maxtanh", -1, INF, 1)  # tanh on the left, x on the right
hand("growing_cosine", -INF, INF, INF)
hand("amplifying_sine", -INF, INF, INF)
hand("finer", -1, 1, INF)
hand("hosc", lambda: -arb(8).tanh(), lambda: arb(8).tanh(), 8)  # the slope 8 cos(x) sech(8 sin(x))^2, most at 0
golden = (lambda: (arb(5).sqrt() - 1) / 2)
hand("exp_sin", lambda: arb(-1).exp(), lambda: arb(1).exp(), lambda: golden().sqrt() * golden().exp())  # where cos(x)^2 = sin(x)
line("arctid", lambda x: atan(x) ** 2 - x, (INF, -1), (-INF, -1))
line("sinc", sinc, Near(0, "0.02", 0, "0.04"), Near(0, "0.02", 0, "0.04"))
line("sinc_plus_identity", lambda x: x + sinc(x), Near(-INF, 0, 1, "0.04"), Near(INF, 0, 1, "0.04"))
line("shifted_sinc", lambda x: arb.pi() * sinc(x - arb.pi()), Near(0, "0.1", 0, "0.2"), Near(0, "0.1", 0, "0.2"))
line("decaying_sine", lambda x: arb.pi() / 2 * (sinc(x - arb.pi()) - sinc(x + arb.pi())), Near(0, "0.1", 0, "0.2"), Near(0, "0.1", 0, "0.2"))
line("gaussian", lambda x: (-x * x).exp(), (0, 0), (0, 0))
halves("laplacian", lambda x: x.exp(), (0, 0), lambda x: (-x).exp(), (0, 0))
small = Near(0, "1e-100", 0, "1e-100")
line("gabor", lambda x: (-x * x).exp() * (10 * x).cos(), small, small)
line("morlet", lambda x: (-x * x / 2).exp() * (q("1.75") * x).cos(), small, small)
line("mexican_hat", lambda x: (1 - x * x) * (-x * x / 2).exp(), (0, 0), (0, 0))
line("gaussian_derivative", lambda x: x * (-x * x / 2).exp(), (0, 0), (0, 0))
line("polyexp", lambda x: (x * x + x + 1) * (-x * x).exp(), (0, 0), (0, 0))
line("wave", lambda x: (1 - x * x) * (-x * x).exp(), (0, 0), (0, 0))


def mexican(x):
    return 2 / (root(3) * arb.pi().sqrt().sqrt()) * (1 - x * x) * (-x * x / 2).exp()


halves("piecewise_mexican_hat", lambda x: mexican(x + 4), (0, 0), lambda x: mexican(x - 4), (0, 0))
pieces(
    "piecewise_rbf", -3, 3, first_tail=(0, 0), last_tail=(0, 0),
    functions=[lambda x: (-(x + 6) ** 2).exp(), lambda x: (-x * x).exp(), lambda x: (-(x - 6) ** 2).exp()],
)
pieces(
    "sq_rbf", -2, -1, 1, 2, first_tail=(0, 0), last_tail=(0, 0),
    functions=[const(0), lambda x: (2 + x) ** 2 / 2, poly(1, 0, -half), lambda x: (2 - x) ** 2 / 2, const(0)],
)
pieces("hat", 0, 1, 2, first_tail=(0, 0), last_tail=(0, 0), functions=[const(0), identity, poly(2, -1), const(0)])
halves("evolved_tanh_relu", lambda x: tanh(x * x), (1, 0), lambda x: tanh(x * x) + x, (INF, 1))
