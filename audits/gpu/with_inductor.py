"""PyTorch's activations as torch.compile makes kernels of them, on the device that ACTAUDIT_DEVICE names (cuda, unless told
otherwise): each under the catalogue's name and with its parameter values. On a GPU the compiler, Inductor, writes them in Triton."""

import os

import torch
from torch.nn import functional as F

DEVICE = os.environ.get("ACTAUDIT_DEVICE", "cuda")


def compiled(function):
    # lengths differ from batch to batch: one kernel for all of them
    kernel = torch.compile(function, dynamic=True)
    return lambda x: kernel(x.to(DEVICE)).to(x.device)


celu = compiled(F.celu)
elu = compiled(F.elu)
exp = compiled(torch.exp)
gelu = compiled(F.gelu)
gelu_tanh = compiled(lambda x: F.gelu(x, approximate="tanh"))
hardshrink = compiled(F.hardshrink)
hardsigmoid = compiled(F.hardsigmoid)
hardswish = compiled(F.hardswish)
hardtanh = compiled(F.hardtanh)
leaky_relu = compiled(F.leaky_relu)
logsigmoid = compiled(F.logsigmoid)
mish = compiled(F.mish)
relu = compiled(F.relu)
relu6 = compiled(F.relu6)
selu = compiled(F.selu)
sigmoid = compiled(torch.sigmoid)
silu = compiled(F.silu)
softplus = compiled(F.softplus)
softshrink = compiled(F.softshrink)
softsign = compiled(F.softsign)
tanh = compiled(torch.tanh)
tanhshrink = compiled(F.tanhshrink)
