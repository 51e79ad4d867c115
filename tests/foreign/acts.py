"""Activations over arrays of numpy, and what functions can do wrong. All but the first few go wrong at 2 only."""

import ctypes
import os
import time

import numpy as np


def relu(x):
    return np.maximum(x, x.dtype.type(0))


def relu_slope(x, gradient):
    return np.where(np.isnan(x), x, np.where(x > 0, gradient, x.dtype.type(0)))


def alone(x):
    """Fails where libraries may use more threads than one."""
    if os.environ["OMP_NUM_THREADS"] != os.environ.get("ACTAUDIT_TEST_THREADS", "1"):
        raise RuntimeError("more than one thread")
    return relu(x)


class Module:
    @staticmethod
    def forward(x):
        return relu(x)


def doubles(x):
    return relu(x.astype(np.float64))


def nested(x):
    return relu(x)[None, :]


def listed(x):
    return list(relu(x))


def two(x):
    return bool((x == 2).any())


def raises(x):
    if two(x):
        raise ValueError("two is not welcome")
    return relu(x)


def quits(x):
    if two(x):
        os._exit(0)
    return relu(x)


def leaves(x):
    if two(x):
        raise SystemExit(3)
    return relu(x)


def crashes(x):
    if two(x):
        ctypes.string_at(8)
    return relu(x)


def hangs(x):
    while two(x):
        time.sleep(0.01)
    return relu(x)


def short(x):
    return relu(x)[:-1] if two(x) else relu(x)


def in_place(x):
    y = relu(x)
    if two(x):
        x += 1
    return y


def rounds_up(x):
    y = relu(x)
    if two(x):
        ctypes.CDLL(None).fesetround(0x800 if os.uname().machine == "x86_64" else 0x400000)
    return y


def rounds_up_and_raises(x):
    if two(x):
        rounds_up(x)
        raise ValueError("two is not welcome")
    return relu(x)


def says_half_a_character(x):
    if two(x):
        raise ValueError("half of a pair: \udc80" + 2_000_000 * "!")
    return relu(x)


def talks(x):
    print('{"n": 1}', flush=True)
    assert input_is_empty()
    return relu(x)


def input_is_empty():
    return os.read(0, 1) == b""


NOT_A_FUNCTION = 1
