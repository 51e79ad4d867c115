"""Activations as people write them with numpy and scipy, without a framework."""

import numpy as np
from scipy import special


def gelu(x):
    one = x.dtype.type(1)
    return x * (one + special.erf(x / np.sqrt(x.dtype.type(2)))) / x.dtype.type(2)


def silu(x):
    return x * special.expit(x)


def mish(x):
    return x * np.tanh(softplus(x))


def sigmoid(x):
    return special.expit(x)


def logsigmoid(x):
    return special.log_expit(x)


def softplus(x):
    return np.logaddexp(x, x.dtype.type(0))


def softsign(x):
    return x / (x.dtype.type(1) + np.abs(x))


def tanh(x):
    return np.tanh(x)


def exp(x):
    return np.exp(x)


def relu(x):
    return np.maximum(x, x.dtype.type(0))


def elu(x):
    return np.where(x > 0, x, np.expm1(x))
