"""The activations of JAX, each under the name that the catalogue has for it and with the catalogue's parameter values."""

import jax
import jax.numpy as jnp

# without it, JAX has no f64; the other types stay as they are
jax.config.update("jax_enable_x64", True)

celu = jax.nn.celu
elu = jax.nn.elu
hardsigmoid = jax.nn.hard_sigmoid
hardswish = jax.nn.hard_silu
hardtanh = jax.nn.hard_tanh
identity = jax.nn.identity
leaky_relu = jax.nn.leaky_relu
logsigmoid = jax.nn.log_sigmoid
mish = jax.nn.mish
relu = jax.nn.relu
relu6 = jax.nn.relu6
selu = jax.nn.selu
sigmoid = jax.nn.sigmoid
silu = jax.nn.silu
softplus = jax.nn.softplus
softsign = jax.nn.soft_sign
sparse_sigmoid = jax.nn.sparse_sigmoid
squareplus = jax.nn.squareplus
tanh = jnp.tanh
exp = jnp.exp


def gelu(x):
    return jax.nn.gelu(x, approximate=False)


def gelu_tanh(x):
    return jax.nn.gelu(x, approximate=True)
