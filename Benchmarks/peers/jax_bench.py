"""W1 to W13 in JAX, as fast as JAX users make it.

    python3 jax_bench.py W1 --data FOLDER_WITH_MNIST --variant scan --rounds 3

Variants: scan (a whole epoch is one compiled program), step (each step is; for convolutions, whose
gradients take XLA 50 to 100 times as long inside a loop). Adam is written out. XLA takes as many threads as
the process has processors: bind it (taskset) for fewer. The models of W6 to W11 are in jax_zoo.py.
"""

import os

import workloads

options = workloads.arguments(__doc__, ["scan", "step"])
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

import jax_zoo as zoo

WORKLOAD = options.workload


class VAE(zoo.Model):
    """W1 to W5, W12 and W13."""

    def __init__(self):
        self.is_conv = WORKLOAD in workloads.CONV
        self.channels = []
        self.activation = jax.nn.relu
        if self.is_conv:
            self.channels, self.side, hidden, latent = workloads.CONV[WORKLOAD]
            flat = self.channels[-1] * self.side**2
            self.sizes = [flat, *hidden, 2 * latent], [latent, *hidden[::-1], flat]
        elif WORKLOAD == "W3":
            self.activation = jnp.tanh
            self.sizes = [784, 200, 200, 100], [50, 200, 200, 784]
        else:
            self.sizes = [784, 400, 40], [20, 400, 784]

    def initial(self, random):
        pairs = list(zip(self.channels, self.channels[1:]))
        return {
            "down": [zoo.layer(random, 4, 4, a, b) for a, b in pairs],
            "encoder": zoo.layers(random, self.sizes[0]),
            "decoder": zoo.layers(random, self.sizes[1]),
            "up": [zoo.layer(random, 4, 4, b, a) for a, b in reversed(pairs)],
        }

    def encode(self, p, x):
        for each in p["down"]:
            x = jax.nn.relu(zoo.conv(each, x, 2))
        return zoo.mlp(p["encoder"], x.reshape(len(x), -1), self.activation)

    def decode(self, p, z):
        z = zoo.mlp(p["decoder"], z, self.activation)
        if self.is_conv:
            z = z.reshape(len(z), self.side, self.side, self.channels[-1])
        for each in p["up"]:
            z = zoo.up(each, jax.nn.relu(z))
        return z

    def reconstruct(self, p, x):
        mean, _ = jnp.split(self.encode(p, x), 2, axis=1)
        return jax.nn.sigmoid(self.decode(p, mean))

    def loss(self, p, x, key, state):
        mean, log_variance, noise, z = zoo.drawn(self.encode(p, x), key)
        misfit = zoo.gaussian if WORKLOAD in ("W4", "W12", "W13") else zoo.bernoulli
        if WORKLOAD == "W3":  # the bound of one importance sample
            kl = 0.5 * jnp.sum(z**2 - noise**2 - log_variance)
        else:
            kl = zoo.gaussian_kl(mean, log_variance)
        return (jnp.sum(misfit(self.decode(p, z), x)) + kl) / len(x), state


model = zoo.MODELS.get(WORKLOAD, VAE)()


def floats(part, key):
    if part.dtype == jnp.float32:
        return part
    x = part.astype(jnp.float32) / 255
    return jax.random.bernoulli(key, x).astype(jnp.float32) if WORKLOAD in workloads.REDRAWN else x


def step(state, part):
    p, m, v, count, key, moved = state
    key, draw, noise = jax.random.split(key, 3)
    gradient = jax.value_and_grad(model.loss, has_aux=True)
    (value, moved), g = gradient(p, floats(part, draw), noise, moved)
    count = count + 1
    rate = workloads.RATE[WORKLOAD] * jnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
    p = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-8), p, m, v)
    return (p, m, v, count, key, moved), value * len(part)


def main():
    data = workloads.images(options)
    data = data.transpose(0, 2, 3, 1) if model.is_conv else data.reshape(len(data), -1)
    batch = workloads.BATCH[WORKLOAD]
    whole = len(data) // batch
    data = jnp.asarray(np.ascontiguousarray(data))
    p = model.initial(np.random.default_rng(1))
    m, v = jax.tree.map(jnp.zeros_like, p), jax.tree.map(jnp.zeros_like, p)
    state = (p, m, v, jnp.float32(0), jax.random.PRNGKey(1), model.state())
    random = np.random.default_rng(2)

    @functools.partial(jax.jit, donate_argnums=0)
    def epoch(state, data, order):
        def body(state, numbers):
            return step(state, data[numbers])

        state, values = lax.scan(body, state, order[: whole * batch].reshape(whole, batch))
        total = values.sum()
        if len(data) % batch:
            state, value = step(state, data[order[whole * batch :]])
            total += value
        return state, total

    one = jax.jit(lambda state, data, numbers: step(state, data[numbers]), donate_argnums=0)
    reconstruct = jax.jit(lambda p, x: model.reconstruct(p, x.astype(jnp.float32) / 255))

    def train():
        nonlocal state
        order = jnp.asarray(random.permutation(len(data)))
        if options.variant == "scan":
            state, total = epoch(state, data, order)
        else:
            total = 0
            for start in range(0, len(data), batch):
                state, value = one(state, data, order[start : start + batch])
                total += value
        return float(total)

    def evaluate():
        for start in range(0, len(data), batch):
            reconstruct(p, data[start : start + batch]).block_until_ready()

    workloads.serve(options, "JAX", jax.__version__,
                    evaluate if WORKLOAD.startswith("W5") else train)


if __name__ == "__main__":
    main()
