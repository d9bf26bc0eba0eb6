"""A training step in JAX: one jitted function, its state donated, so that XLA may update it in place."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from case import MOMENTUM, SIGMA, SIGMA_SQUARED, Case


class State(NamedTuple):
    """Parameters, their velocities, and the key of the noise."""

    W: Array
    b: Array
    V: Array
    v: Array
    key: Array


def hidden(a: Array, activation: str) -> tuple[Array, Array]:
    """h = s(a) and s'(a), an expression that JAX differentiates again."""
    if activation == "relu":
        return jax.nn.relu(a), (a > 0).astype(a.dtype)
    if activation == "sigmoid":
        h = jax.nn.sigmoid(a)
        return h, h * (1 - h)
    return jax.nn.softplus(a), jax.nn.sigmoid(a)


def objective(W: Array, b: Array, x: Array, noise: Array, case: Case) -> Array:
    """J of one batch; `noise` is standard normal, and empty if the model has none."""

    def reconstruction(fed: Array) -> tuple[Array, Array]:
        h, slope = hidden(fed @ W.T + b, case.activation)
        return jnp.square(h @ W - x).sum(), slope

    if case.model == "edae":  # the first-order term is the derivative along the noise
        loss, along, _ = jax.jvp(reconstruction, (x,), (SIGMA * noise,), has_aux=True)
        return (loss + along) / len(x)
    loss, slope = reconstruction(x + SIGMA * noise if case.model == "dae" else x)
    if case.model == "cae":
        loss += SIGMA_SQUARED * (jnp.square(slope).sum(axis=0) @ jnp.square(W).sum(axis=1))
    return loss / len(x)


@partial(jax.jit, static_argnames="case", donate_argnames="state")
def step(state: State, data: Array, indices: Array, noise: Array | None, case: Case) -> tuple[State, Array]:
    """The next state, and the loss before it."""
    W, b, V, v, key = state
    x = data[indices]
    if noise is None and case.noisy:
        key, drawn = jax.random.split(key)
        noise = jax.random.normal(drawn, x.shape, x.dtype)
    elif noise is None:
        noise = jnp.empty(0)
    loss, (dW, db) = jax.value_and_grad(objective, argnums=(0, 1))(W, b, x, noise, case)
    V, v = MOMENTUM * V - case.learning_rate * dW, MOMENTUM * v - case.learning_rate * db
    W, b = W + V, b + v
    return State(W / jnp.linalg.norm(W, axis=1, keepdims=True), b, V, v, key), loss


class Jax:
    """Holds the state between steps."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.data, W, b = (jnp.array(value) for value in case.start())
        # `jax.random.key` would cost 9 us more in every call.
        self.state = State(W, b, jnp.zeros_like(W), jnp.zeros_like(b), jax.random.PRNGKey(1))

    def step(self, indices: np.ndarray, noise: np.ndarray | None = None) -> float:
        """One step; returns the loss."""
        self.state, loss = step(self.state, self.data, indices, noise, self.case)
        return float(loss)

    def parameters(self) -> tuple[np.ndarray, np.ndarray]:
        """W and b."""
        return np.asarray(self.state.W), np.asarray(self.state.b)
