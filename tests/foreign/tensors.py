"""Activations over tensors of PyTorch."""

import torch


def silu(x):
    return torch.nn.functional.silu(x)


def wrong_slope(x, gradient):
    return gradient * 0


def detached(x):
    return torch.nn.functional.relu(x.detach())
