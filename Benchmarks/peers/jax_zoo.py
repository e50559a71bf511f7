"""The models of W6 to W11 in JAX, a class each, and what they share with those of jax_bench.py.

`initial(random)` makes parameters, `state()` what moves without a gradient, and `loss(p, x, key, state)` is
the mean loss of a batch, with the new state. Images are channels-last, or rows where a network is fully
connected. Where there are several ways to write a model, this is the fastest of those that were tried on
a CPU.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

LOG_2PI = float(np.log(2 * np.pi))


def layer(random, *shape):
    """Weight and bias of a layer; a weight's last number is that of its outputs."""
    bound = 1 / np.sqrt(np.prod(shape[:-1]))
    weight = random.uniform(-bound, bound, shape).astype(np.float32)
    return [jnp.asarray(weight), jnp.zeros(shape[-1], jnp.float32)]


def layers(random, sizes):
    return [layer(random, a, b) for a, b in zip(sizes, sizes[1:])]


def mlp(p, x, activation):
    """All layers but the last have an activation."""
    for w, b in p[:-1]:
        x = activation(x @ w + b)
    w, b = p[-1]
    return x @ w + b


def conv(p, x, stride=1):
    w, b = p
    return convolved(x, w, stride) + b


def convolved(x, w, stride, kernel="HWIO"):
    padding = [((len(w) - 1) // 2,) * 2] * 2
    return lax.conv_general_dilated(x, w, (stride, stride), padding,
                                    dimension_numbers=("NHWC", kernel, "NHWC"))


def up(p, x):
    """A transposed convolution, kernel 4, stride 2, padding 1."""
    w, b = p
    return doubled(x, w) + b


@jax.custom_vjp
def doubled(x, w):
    """conv_transpose, with the gradients of the convolution that it transposes: the one by the weight that
    JAX derives takes some ten times as long on a CPU."""
    return lax.conv_transpose(x, w, (2, 2), [(2, 2)] * 2, transpose_kernel=True,
                              dimension_numbers=("NHWC", "HWOI", "NHWC"))


def doubled_forward(x, w):
    return doubled(x, w), (x, w)


def doubled_backward(kept, gradient):
    x, w = kept
    small, by_weight = jax.vjp(lambda w: convolved(gradient, w, 2, "HWOI"), w)
    return small, by_weight(x)[0]


doubled.defvjp(doubled_forward, doubled_backward)


def bernoulli(decoded, x):
    """softplus(l) − x·l; jax.nn.softplus, which minds infinities, takes half as long again."""
    return jnp.maximum(decoded, 0) + jnp.log1p(jnp.exp(-jnp.abs(decoded))) - x * decoded


def gaussian(decoded, x):
    return 0.5 * ((decoded - x) ** 2 + LOG_2PI)


def drawn(head, key):
    """Mean, log-variance, noise and z."""
    mean, log_variance = jnp.split(head, 2, axis=1)
    noise = jax.random.normal(key, mean.shape)
    return mean, log_variance, noise, mean + jnp.exp(0.5 * log_variance) * noise


def gaussian_kl(mean, log_variance):
    return 0.5 * jnp.sum(jnp.exp(log_variance) + mean**2 - 1 - log_variance)


class Model:
    is_conv = False

    def state(self):
        return ()


class VQVAE(Model):
    """W6. Codes are moving averages, as those of pytorch_zoo.py."""

    is_conv = True
    codes, width, decay, least = 512, 64, 0.99, 1e-5

    def initial(self, random):
        def blocks():
            return [[layer(random, 3, 3, 128, 32), layer(random, 1, 1, 32, 128)] for _ in range(2)]

        return {
            "down": [layer(random, 4, 4, 3, 64), layer(random, 4, 4, 64, 128)],
            "encoder": [layer(random, 3, 3, 128, 128), blocks()], "latent": layer(random, 1, 1, 128, 64),
            "decoder": [layer(random, 3, 3, 64, 128), blocks()],
            "up": [layer(random, 4, 4, 128, 64), layer(random, 4, 4, 64, 3)]}

    def state(self):
        bound = 1 / self.codes
        codes = np.random.default_rng(3).uniform(-bound, bound, (self.codes, self.width))
        codes = codes.astype(np.float32)
        return jnp.asarray(codes), jnp.ones(self.codes), jnp.array(codes)

    @staticmethod
    def residual(p, x):
        first, blocks = p
        x = conv(first, x)
        for narrow, wide in blocks:
            x += conv(wide, jax.nn.relu(conv(narrow, jax.nn.relu(x))))
        return jax.nn.relu(x)

    def loss(self, p, x, key, state):
        codes, counts, sums = state
        z = x
        for each in p["down"]:
            z = jax.nn.relu(conv(each, z, 2))
        z = conv(p["latent"], self.residual(p["encoder"], z))
        rows = lax.stop_gradient(z.reshape(-1, self.width))
        index = jnp.argmax(2 * rows @ codes.T - jnp.sum(codes**2, axis=1), axis=1)
        chosen = codes[index].reshape(z.shape)
        counts = self.decay * counts + (1 - self.decay) * jnp.bincount(index, length=self.codes)
        sums = self.decay * sums + (1 - self.decay) * jax.ops.segment_sum(rows, index, self.codes)
        new = sums / jnp.maximum(counts, self.least)[:, None]
        decoded = self.residual(p["decoder"], z + lax.stop_gradient(chosen - z))
        decoded = up(p["up"][1], jax.nn.relu(up(p["up"][0], decoded)))
        total = jnp.sum(gaussian(decoded, x)) + 0.25 * jnp.sum((z - chosen) ** 2)
        return total / len(x), (new, counts, sums)


class IWAE(Model):
    """W7: the bound of 50 samples, of images that are encoded once."""

    samples = 50

    def initial(self, random):
        return {"encoder": layers(random, [784, 200, 200, 100]),
                "decoder": layers(random, [50, 200, 200, 784])}

    def loss(self, p, x, key, state):
        mean, log_variance = jnp.split(mlp(p["encoder"], x, jnp.tanh), 2, axis=1)
        noise = jax.random.normal(key, (self.samples, *mean.shape))
        z = mean + jnp.exp(0.5 * log_variance) * noise
        nll = jnp.sum(bernoulli(mlp(p["decoder"], z, jnp.tanh), x), axis=2)
        log_weights = 0.5 * jnp.sum(noise**2 + log_variance - z**2, axis=2) - nll
        bound = jax.nn.logsumexp(log_weights, axis=0) - jnp.log(self.samples)
        return -jnp.mean(bound), state


class BetaTCVAE(Model):
    """W8, with minibatch-weighted sampling; why the densities are a product is said in pytorch_zoo.py."""

    images, beta = 10240, 6

    def initial(self, random):
        return {"encoder": layers(random, [4096, 1200, 1200, 20]),
                "decoder": layers(random, [10, 1200, 1200, 4096])}

    def loss(self, p, x, key, state):
        mean, log_variance, noise, z = drawn(mlp(p["encoder"], x, jax.nn.relu), key)
        precision = jnp.exp(-log_variance)
        powers = jnp.stack([z**2, z, jnp.ones_like(z)])
        factors = jnp.stack([-0.5 * precision, mean * precision,
                             -0.5 * (mean**2 * precision + log_variance + LOG_2PI)])
        each = jnp.einsum("pid,pjd->dij", powers, factors)
        shift = np.log(len(x) * self.images)
        whole = jnp.sum(jax.nn.logsumexp(each.sum(0), axis=1)) - shift * len(x)
        product = jnp.sum(jax.nn.logsumexp(each, axis=2)) - shift * z.size
        own = -0.5 * jnp.sum(noise**2 + log_variance + LOG_2PI)
        prior = -0.5 * jnp.sum(z**2 + LOG_2PI)
        terms = own - whole + self.beta * (whole - product) + product - prior
        return (jnp.sum(bernoulli(mlp(p["decoder"], z, jax.nn.relu), x)) + terms) / len(x), state


def rows_added(values, index, rows, count):
    """Sums of values[n, k]·rows[n] in the rows index[n, k] of `count`. A loop over k, which needs no more
    memory than its result, takes a third of the time of all k at once."""
    def add(sums, each):
        value, index = each
        return sums.at[index].add(value[:, None] * rows), None

    return lax.scan(add, jnp.zeros((count, rows.shape[1])), (values.T, index.T))[0]


@jax.custom_vjp
def greatest(x, offset, weight, bias):
    """The 32 greatest of (x − offset) Wᵀ + bias of each row, and which: only they have a gradient."""
    return greatest_forward(x, offset, weight, bias)[0]


def greatest_forward(x, offset, weight, bias):
    x = x - offset
    values, index = lax.top_k(x @ weight.T + bias, 32)
    return (values, index), (x, weight, index)


def greatest_backward(kept, gradients):
    (x, weight, index), (gradient, _) = kept, gradients
    for_bias = jnp.zeros(len(weight)).at[index].add(gradient)
    return None, -(for_bias @ weight), rows_added(gradient, index, x, len(weight)), for_bias


@jax.custom_vjp
def pattern_sum(values, index, patterns):
    """Σ over k of values[n, k]·patterns[index[n, k]]."""
    def add(sums, each):
        value, index = each
        return sums + value[:, None] * patterns[index], None

    return lax.scan(add, jnp.zeros((len(values), patterns.shape[1])), (values.T, index.T))[0]


def pattern_sum_forward(values, index, patterns):
    return pattern_sum(values, index, patterns), (values, index, patterns)


def pattern_sum_backward(kept, gradient):
    values, index, patterns = kept
    for_values = lax.map(lambda each: jnp.sum(patterns[each] * gradient, axis=1), index.T).T
    return for_values, None, rows_added(values, index, gradient, len(patterns))


greatest.defvjp(greatest_forward, greatest_backward)
pattern_sum.defvjp(pattern_sum_forward, pattern_sum_backward)


class SparseAE(Model):
    """W9. No product is dense but the encoder's: dense ones are three times as slow (at 4,096 rows)."""

    def initial(self, random):
        dictionary = random.standard_normal((8192, 512)).astype(np.float32)
        dictionary /= np.linalg.norm(dictionary, axis=1, keepdims=True)
        return {"dictionary": jnp.asarray(dictionary), "weight": jnp.array(dictionary),
                "bias": jnp.zeros(8192), "offset": jnp.zeros(512)}

    def loss(self, p, x, key, state):
        values, index = greatest(x, p["offset"], p["weight"], p["bias"])
        lengths = jnp.sqrt(jnp.sum(p["dictionary"] ** 2, axis=1, keepdims=True) + 1e-12)
        sums = pattern_sum(jax.nn.relu(values), index, p["dictionary"] / lengths)
        return jnp.sum(gaussian(sums + p["offset"], x)) / len(x), state


class IAF(Model):
    """W10: W1's network with 32 latents that go through eight inverse autoregressive steps."""

    latent, hidden, context, steps = 32, 320, 64, 8

    def __init__(self):
        ranks = np.arange(self.latent)
        ranks = np.tile([ranks, ranks[::-1]], (self.steps // 2, 1))
        degrees = np.arange(self.hidden) % self.latent
        self.first_mask = (ranks[:, :, None] < degrees).astype(np.float32)
        self.last_mask = (degrees[:, None] <= np.tile(ranks, 2)[:, None]).astype(np.float32)

    def initial(self, random):
        def uniform(bound, *shape):
            return jnp.asarray(random.uniform(-bound, bound, shape).astype(np.float32))

        return {
            "encoder": layers(random, [784, 400, 2 * self.latent + self.context]),
            "context": layer(random, self.context, self.steps * self.hidden),
            "first": uniform((self.latent + self.context) ** -0.5, *self.first_mask.shape),
            "last": uniform(0.01 * self.hidden**-0.5, *self.last_mask.shape),
            "bias": jnp.zeros((self.steps, 2 * self.latent)),
            "decoder": layers(random, [self.latent, 400, 784])}

    def loss(self, p, x, key, state):
        head = mlp(p["encoder"], x, jax.nn.relu)
        _, log_variance, noise, z = drawn(head[:, : 2 * self.latent], key)
        w, b = p["context"]
        told = jnp.split(head[:, 2 * self.latent :] @ w + b, self.steps, axis=1)
        first, last = p["first"] * self.first_mask, p["last"] * self.last_mask
        log_determinant = 0
        for step in range(self.steps):
            both = jax.nn.elu(z @ first[step] + told[step]) @ last[step] + p["bias"][step]
            shift, gate = jnp.split(both, 2, axis=1)
            gate = gate + 2
            kept = jax.nn.sigmoid(gate)
            z = kept * z + (1 - kept) * shift
            log_determinant += jnp.sum(jax.nn.log_sigmoid(gate))
        kl = 0.5 * jnp.sum(z**2 - noise**2 - log_variance) - log_determinant
        return (jnp.sum(bernoulli(mlp(p["decoder"], z, jax.nn.relu), x)) + kl) / len(x), state


class ResidualVAE(Model):
    """W11."""

    is_conv = True

    def initial(self, random):
        def norm(channels):
            return [jnp.ones(channels), jnp.zeros(channels)]

        def block(channels):
            return [[norm(channels), layer(random, 3, 3, channels, channels)] for _ in range(2)]

        return {
            "down": [[layer(random, 4, 4, a, b), block(b)] for a, b in ((3, 32), (32, 64), (64, 128))],
            "narrow": [layer(random, 4, 4, 128, 256), norm(256)],
            "latent": layer(random, 16384, 256), "wide": layer(random, 128, 16384),
            "up": [[layer(random, 4, 4, a, b), block(b)] for a, b in ((256, 128), (128, 64), (64, 32))],
            "image": [norm(32), layer(random, 4, 4, 32, 3)]}

    @staticmethod
    def normal(p, x):
        """Group normalisation of 8 groups, and SiLU. Sums of channels, then of groups, take a
        quarter of the time of sums over a shape with the groups."""
        scale, shift = p
        batch, height, width, channels = x.shape

        def mean(values):
            groups = jnp.sum(values, axis=(1, 2)).reshape(batch, 8, -1).mean(2)
            return jnp.repeat(groups / (height * width), channels // 8, axis=1)

        middle = mean(x)
        factor = lax.rsqrt(mean(x**2) - middle**2 + 1e-5) * scale
        return jax.nn.silu(x * factor[:, None, None] + (shift - middle * factor)[:, None, None])

    def block(self, p, x):
        y = x
        for norm, each in p:
            y = conv(each, self.normal(norm, y))
        return x + y

    def loss(self, p, x, key, state):
        y = x
        for each, block in p["down"]:
            y = self.block(block, conv(each, y, 2))
        each, norm = p["narrow"]
        y = self.normal(norm, conv(each, y, 2)).reshape(len(x), -1)
        mean, log_variance, _, z = drawn(mlp([p["latent"]], y, None), key)
        y = mlp([p["wide"]], z, None).reshape(len(x), 8, 8, 256)
        for each, block in p["up"]:
            y = self.block(block, up(each, y))
        norm, each = p["image"]
        decoded = up(each, self.normal(norm, y))
        return (jnp.sum(gaussian(decoded, x)) + gaussian_kl(mean, log_variance)) / len(x), state


MODELS = {"W6": VQVAE, "W7": IWAE, "W8": BetaTCVAE, "W9": SparseAE, "W10": IAF, "W11": ResidualVAE}
