"""W1 to W5 in JAX, as fast as JAX users make it.

    python3 jax_bench.py W1 --data FOLDER_WITH_MNIST --variant scan --rounds 3

Variants: scan (a whole epoch is one compiled program), step (each step is). Adam is written out. XLA
takes as many threads as the process has processors: bind it (taskset) for fewer.
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

WORKLOAD = options.workload
LOG_2PI = float(np.log(2 * np.pi))
NHWC = ("NHWC", "HWIO", "NHWC")
CHANNELS = [3, 32, 64, 128, 256] if WORKLOAD == "W4" else [1, 32, 64]
SIDE = 4 if WORKLOAD == "W4" else 7
IS_CONV = WORKLOAD in ("W2", "W4", "W5-conv")


def sizes():
    """Sizes of the linear layers: encoder, latent, decoder."""
    flat = CHANNELS[-1] * SIDE * SIDE
    if WORKLOAD in ("W1", "W5-mlp"):
        return [784, 400], 20, [20, 400, 784]
    if WORKLOAD == "W3":
        return [784, 200, 200], 50, [50, 200, 200, 784]
    if WORKLOAD == "W4":
        return [flat], 128, [128, flat]
    return [flat, 256], 16, [16, 256, flat]


ENCODER, LATENT, DECODER = sizes()


def initial():
    random = np.random.default_rng(1)

    def layer(*shape):
        bound = 1 / np.sqrt(np.prod(shape[:-1]))
        weight = random.uniform(-bound, bound, shape).astype(np.float32)
        return [jnp.asarray(weight), jnp.zeros(shape[-1], jnp.float32)]

    pairs = list(zip(CHANNELS, CHANNELS[1:])) if IS_CONV else []
    return {
        "down": [layer(4, 4, a, b) for a, b in pairs],
        "encoder": [layer(a, b) for a, b in zip(ENCODER, ENCODER[1:])],
        "latent": layer(ENCODER[-1], 2 * LATENT),
        "decoder": [layer(a, b) for a, b in zip(DECODER, DECODER[1:])],
        "up": [layer(4, 4, b, a) for a, b in reversed(pairs)],
    }


activation = jnp.tanh if WORKLOAD == "W3" else jax.nn.relu


def encode(p, x):
    for w, b in p["down"]:
        x = jax.nn.relu(lax.conv_general_dilated(x, w, (2, 2), [(1, 1)] * 2, dimension_numbers=NHWC) + b)
    x = x.reshape(len(x), -1)
    for w, b in p["encoder"]:
        x = activation(x @ w + b)
    w, b = p["latent"]
    return jnp.split(x @ w + b, 2, axis=1)


def decode(p, z):
    for index, (w, b) in enumerate(p["decoder"]):
        z = z @ w + b
        if index + 1 < len(p["decoder"]) or p["up"]:
            z = activation(z)
    if p["up"]:
        z = z.reshape(len(z), SIDE, SIDE, CHANNELS[-1])
    for index, (w, b) in enumerate(p["up"]):
        z = lax.conv_transpose(z, w, (2, 2), [(2, 2)] * 2, dimension_numbers=NHWC) + b
        if index + 1 < len(p["up"]):
            z = jax.nn.relu(z)
    return z


def loss(p, x, key):
    mean, log_variance = encode(p, x)
    noise = jax.random.normal(key, mean.shape)
    z = mean + jnp.exp(0.5 * log_variance) * noise
    decoded = decode(p, z).reshape(x.shape)
    if WORKLOAD == "W4":
        nll = 0.5 * jnp.sum((decoded - x) ** 2 + LOG_2PI)
    else:
        nll = jnp.sum(jax.nn.softplus(decoded) - x * decoded)
    if WORKLOAD == "W3":
        kl = 0.5 * jnp.sum(z**2 - noise**2 - log_variance)
    else:
        kl = 0.5 * jnp.sum(jnp.exp(log_variance) + mean**2 - 1 - log_variance)
    return (nll + kl) / len(x)


def floats(bytes_, key):
    x = bytes_.astype(jnp.float32) / 255
    return jax.random.bernoulli(key, x).astype(jnp.float32) if WORKLOAD == "W3" else x


def step(state, bytes_):
    p, m, v, count, key = state
    key, draw, noise = jax.random.split(key, 3)
    value, g = jax.value_and_grad(loss)(p, floats(bytes_, draw), noise)
    count = count + 1
    rate = 1e-3 * jnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
    p = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-8), p, m, v)
    return (p, m, v, count, key), value * len(bytes_)


def main():
    data = workloads.images(options)
    data = data.transpose(0, 2, 3, 1) if IS_CONV else data.reshape(len(data), -1)
    batch = workloads.BATCH[WORKLOAD]
    whole = len(data) // batch
    data = jnp.asarray(np.ascontiguousarray(data))
    p = initial()
    m, v = jax.tree.map(jnp.zeros_like, p), jax.tree.map(jnp.zeros_like, p)
    state = (p, m, v, jnp.float32(0), jax.random.PRNGKey(1))
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
    reconstruct = jax.jit(
        lambda p, x: jax.nn.sigmoid(decode(p, encode(p, x.astype(jnp.float32) / 255)[0])))

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
        float(total)

    def evaluate():
        for start in range(0, len(data), batch):
            reconstruct(p, data[start : start + batch]).block_until_ready()

    workloads.serve(options, "JAX", jax.__version__,
                    evaluate if WORKLOAD.startswith("W5") else train)


if __name__ == "__main__":
    main()
