"""What other libraries make of small inputs: the constants of LibraryDistributionTests and of the suites beside LibraryNumbers.

    pip install jax==0.10.2 distrax==0.1.9 tfp-nightly==0.26.0.dev20261027 torch==2.15.0 pyro-ppl==1.9.2 \
        scvi-tools==1.4.2 pythae==0.1.2 vector-quantize-pytorch==1.32.0 sae-lens==6.54.12 \
        pytorch-msssim==1.0.0 POT==0.9.7.post1
    libraries.py [PART]

Prints `name: [numbers]`, all computed in double precision, of one part or of all. Nothing runs it with the
tests, which need none of these libraries: the constants there are what it printed. Where a library does not
have expt's convention, or is wrong, the part says so and what it does about it.
"""

import math
import os
import sys
import types

os.environ["JAX_ENABLE_X64"] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"


def show(name, values):
    numbers = [values] if isinstance(values, (int, float)) else values
    if hasattr(numbers, "detach"):
        numbers = numbers.detach()
    numbers = [float(v) for v in (numbers.flatten() if hasattr(numbers, "flatten") else numbers)]
    print(f"{name}: [{', '.join(f'{v:.10g}' for v in numbers)}]")


def same(a, b):
    """Two libraries say the same."""
    import numpy as np

    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-9)
    return a


# MARK: Likelihoods: log p of each value.

COUNTS, LOG_MEANS = [0.0, 1, 3, 12, 0, 40], [-1.0, 0.5, 1, 2, 3, 3.5]
ZERO_LOGITS = [0.0, 1, -2, 3, 2.5, 0.5]
PIXELS, DECODED = [0.125, 0.75, 0.5, 0.25, 0.875, 0.625], [-2.0, -0.5, 0.0, 0.25, 1.75, 4.0]
LEVELS, LOCATIONS = [0.0, 51, 128, 200, 255, 254], [0.125, 0.25, 0.5, 0.625, 0.9375, 0.875]


def likelihoods():
    """scvi-tools adds ε = 1e-8 to means and dispersions within its logarithms, which is far below float32."""
    import jax.numpy as jnp
    import torch
    from scvi.distributions import NegativeBinomial, ZeroInflatedNegativeBinomial
    from tensorflow_probability.substrates.jax import distributions as tfd

    torch.set_default_dtype(torch.float64)
    x, mu, theta = torch.tensor(COUNTS), torch.tensor(LOG_MEANS).exp(), torch.tensor(2.0)
    negative_binomial = NegativeBinomial(mu=mu, theta=theta).log_prob(x)
    show("scvi negative binomial", negative_binomial)
    logits = torch.tensor(ZERO_LOGITS)
    show("scvi ZINB", ZeroInflatedNegativeBinomial(mu=mu, theta=theta, zi_logits=logits - 2).log_prob(x))
    # μ is a share of the total count, as scVI's decoder makes it.
    share = x.sum() * torch.tensor(LOG_MEANS).softmax(0)
    show("scvi negative binomial, library", NegativeBinomial(mu=share, theta=theta).log_prob(x).sum())

    x, l = jnp.array(COUNTS), jnp.array(LOG_MEANS)
    theirs = tfd.NegativeBinomial(total_count=2.0, logits=l - math.log(2)).log_prob(x)
    assert abs(theirs - jnp.array(negative_binomial.numpy())).max() < 1e-6
    show("tfp negative binomial", theirs)
    show("tfp Poisson", tfd.Poisson(log_rate=l).log_prob(x))
    x, l = jnp.array(PIXELS), jnp.array(DECODED)
    show("tfp Student t", tfd.StudentT(2.5, l, 0.25).log_prob(x))
    mean = 1 / (1 + jnp.exp(-l))
    show("tfp beta", tfd.Beta(4 * mean, 4 * (1 - mean)).log_prob(x))
    show("tfp continuous Bernoulli", tfd.ContinuousBernoulli(logits=l).log_prob(x))
    show("tfp Laplace", tfd.Laplace(l, 0.25).log_prob(x))
    show("tfp normal", tfd.Normal(l, 0.25).log_prob(x))


def quantized():
    """QuantizedDistribution counts levels from 0 to 255, gives Y the mass of (Y − 1, Y], and those outside to
    the first and the last: shifted by −½ it has expt's bins. Means and scales are 255 times expt's."""
    import jax.numpy as jnp
    from tensorflow_probability.substrates.jax import bijectors as tfb
    from tensorflow_probability.substrates.jax import distributions as tfd

    def level(location, scale):
        logistic = tfd.TransformedDistribution(
            tfd.Logistic(255 * location, 255 * scale), tfb.Shift(jnp.array(-0.5)))
        return tfd.QuantizedDistribution(logistic, low=0.0, high=255.0)

    x, m = jnp.array(LEVELS), jnp.array(LOCATIONS)
    show("tfp quantized logistic", level(m, 0.0625).log_prob(x))
    # Two components; a pixel of one channel.
    logits, means, raw = jnp.array([0.5, -0.25]), jnp.array([0.25, 0.75]), jnp.array([-0.5, 0.25])
    mixture = tfd.MixtureSameFamily(tfd.Categorical(logits=logits), level(means, 0.125 * jnp.exp(raw)))
    show("tfp mixture of quantized logistics", mixture.log_prob(x))
    # Of three: the channels before say where the next is, by their values in 0 … 1. (PixelCNN++ has them
    # in −1 … 1, which moves the mean by the coefficient.)
    pixel = jnp.array([51.0, 128, 255])
    means = jnp.array([[0.25, 0.5, 0.875], [0.125, 0.25, 0.75]])
    raw = jnp.array([[0.0, -0.5, 0.25], [0.5, 0.25, -0.25]])
    a = jnp.tanh(jnp.array([[0.5, -0.25, 1.0], [-0.5, 0.75, 0.25]]))  # (1, 0), (2, 0), (2, 1)
    r, g = pixel[0] / 255, pixel[1] / 255
    shift = jnp.stack([0 * a[:, 0], a[:, 0] * r, a[:, 1] * r + a[:, 2] * g], 1)
    colours = tfd.Independent(level(means + shift, 0.125 * jnp.exp(raw)), 1)
    mixture = tfd.MixtureSameFamily(tfd.Categorical(logits=logits), colours)
    show("tfp mixture of quantized logistics, colour", mixture.log_prob(pixel))


def similarity():
    """pytorch-msssim, with the paper's weights divided by their sum, as expt's are (they add up to 1.0001),
    and its window in double precision; expt's loss is the number of pixels times what is missing to 1.
    (TorchMetrics 1.9.0 has mirrored margins in the last scale's mean, not only whole windows.)"""
    import torch
    from pytorch_msssim import ms_ssim

    torch.set_default_dtype(torch.float64)
    rows, columns = torch.meshgrid(torch.arange(176), torch.arange(192), indexing="ij")
    image = ((7 * rows + 3 * columns) % 11 + rows // 16 % 3 * 2) / 16
    logits = (5 * rows + 2 * columns) % 13 / 8 + rows // 16 % 3 - 1.5
    weights = torch.tensor([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])
    window = torch.exp(-(torch.arange(-5.0, 6) ** 2) / (2 * 1.5**2))
    seen = ms_ssim(
        torch.sigmoid(logits)[None, None], image[None, None], data_range=1.0,
        win=(window / window.sum())[None, None, None], weights=(weights / weights.sum()).tolist())
    show("pytorch-msssim loss", 176 * 192 * (1 - seen))


# MARK: Distributions of latents

MEANS = [[0.5, -1, 2], [0.0, 0.25, -1.5]]
LOG_VARIANCES = [[0.0, -1, 0.5], [0.25, -2, 0.5]]
OTHER_MEANS = [[0.125, 1, -1], [0.5, 0.0, -1]]
OTHER_LOG_VARIANCES = [[0.25, -0.5, 1], [0.0, 0.125, -1]]
POINTS = [[0.0, 1, 2], [-1, 0.5, 0.25]]
# L row by row, with the logarithms of its diagonal.
FACTORS = [[0.125, 0.75, -0.5, -0.25, 0.25, 0.25], [-0.25, 0.125, 0.5, 1, -0.5, -0.125]]


def gaussians():
    import distrax
    import jax.numpy as jnp
    from tensorflow_probability.substrates.jax import distributions as tfd

    mean, scale = jnp.array(MEANS), jnp.exp(jnp.array(LOG_VARIANCES) / 2)
    other_mean, other_scale = jnp.array(OTHER_MEANS), jnp.exp(jnp.array(OTHER_LOG_VARIANCES) / 2)
    z, zeros, ones = jnp.array(POINTS), jnp.zeros(3), jnp.ones(3)
    lower = []
    for row in FACTORS:
        a, b, c, d, e, f = row
        lower.append([[math.exp(a), 0, 0], [b, math.exp(c), 0], [d, e, math.exp(f)]])
    lower = jnp.array(lower)
    found = []
    for library, diagonal in ((tfd, tfd.MultivariateNormalDiag), (distrax, distrax.MultivariateNormalDiag)):
        q, standard, other = diagonal(mean, scale), diagonal(zeros, ones), diagonal(other_mean, other_scale)
        full = tfd.MultivariateNormalTriL(mean, lower) if library is tfd else distrax.MultivariateNormalTri(
            mean, lower, is_lower=True)
        found.append({
            "gaussian log q": q.log_prob(z), "gaussian KL to N(0, I)": q.kl_divergence(standard),
            "gaussian KL to another": q.kl_divergence(other), "full gaussian log q": full.log_prob(z),
            "full gaussian KL to N(0, I)": full.kl_divergence(standard),
            "full gaussian KL to another": full.kl_divergence(other)})
        for name, logits in (("weighted", jnp.array([0.5, -0.25])), ("equal", jnp.zeros(2))):
            mixture = library.MixtureSameFamily(library.Categorical(logits=logits), q)
            found[-1][f"mixture of gaussians, {name}"] = mixture.log_prob(z)
    for name, values in found[0].items():
        show("tfp, distrax " + name, same(values, found[1][name]))


def spheres():
    """pythae has the KL (its SVAE); of TFP it is the difference of entropies."""
    import jax.numpy as jnp
    import torch
    from pythae.models import SVAE
    from tensorflow_probability.substrates.jax import distributions as tfd

    torch.set_default_dtype(torch.float64)
    for name, directions, kappas, z in (
        ("3", [[0.6, 0.0, -0.8], [0.0, 1, 0]], [3.0, 40], [[0.0, 1, 0], [0.8, 0.6, 0]]),
        ("5", [[0.5, 0.5, -0.5, 0.5, 0], [0.0, 0, 0, 0, 1]], [7.5, 0.5],
         [[0.5, 0.5, 0.5, 0.5, 0], [0.0, 0.6, 0, 0, -0.8]]),
    ):
        q = tfd.VonMisesFisher(jnp.array(directions), jnp.array(kappas))
        show(f"tfp von Mises-Fisher log q, {name}", q.log_prob(jnp.array(z)))
        uniform = tfd.SphericalUniform(len(z[0]), dtype=jnp.float64)
        show(f"tfp von Mises-Fisher KL, {name}", uniform.entropy() - q.entropy())
        kl = SVAE._compute_kl(bare(SVAE), len(z[0]), torch.tensor(kappas)[:, None])
        show(f"pythae SVAE KL, {name}", kl)


def choices():
    import distrax
    import jax.numpy as jnp
    from tensorflow_probability.substrates.jax import bijectors as tfb
    from tensorflow_probability.substrates.jax import distributions as tfd

    logits = jnp.array([[[0.0, 1, -1], [2, 0, 0.5]], [[-0.25, 0.25, 0], [1, 1, 1.5]]])
    others = jnp.array([[[1.0, 0, 0], [0, 0.5, 0]], [[0.5, -0.5, 0], [0, 2, 0]]])
    for name, against in (("equal choices", 0 * logits), ("others", others)):
        theirs = distrax.Categorical(logits).kl_divergence(distrax.Categorical(against))
        own = tfd.kl_divergence(tfd.Categorical(logits), tfd.Categorical(against))
        show("tfp, distrax KL of choices to " + name, same(own, theirs))
    points = jnp.array([[[0.5, 0.25, 0.25], [0.125, 0.75, 0.125]], [[0.75, 0.125, 0.125], [0.25, 0.25, 0.5]]])
    show("tfp relaxed choices", tfd.RelaxedOneHotCategorical(0.625, logits=logits).log_prob(points).sum(1))
    logits, others = jnp.array([[0.5, -1, 2], [0.0, 0.25, -3]]), jnp.array([[1.0, 0, 0], [-0.5, 0.5, 2]])
    for name, against in (("fair switches", 0 * logits), ("others", others)):
        theirs = distrax.Bernoulli(logits).kl_divergence(distrax.Bernoulli(against))
        own = tfd.kl_divergence(tfd.Bernoulli(logits), tfd.Bernoulli(against))
        show("tfp, distrax KL of switches to " + name, same(own, theirs))
    # Of their logits, as expt's is: TFP's is of the values.
    of_logits = tfd.TransformedDistribution(
        tfd.RelaxedBernoulli(0.625, logits=logits), tfb.Invert(tfb.Sigmoid()))
    show("tfp relaxed switches", of_logits.log_prob(jnp.array([[0.25, -0.5, 1], [2, -1.5, -0.125]])).sum(1))


# MARK: Flows: values, then log determinants

ROWS = [[0.5, -1, 2], [0.0, 0.25, -1.5], [1, 1, -0.5], [-0.75, 0.5, 0.125]]
# One head for each two rows.
PLANAR = [[0.5, -0.25, 1, 1, 0.5, -0.5, 0.25], [-1.5, 0.5, 0.25, 1, -0.25, 0.75, -0.5]]
RADIAL = [[0.25, -0.5, 1, 0.5, -1], [-1, 0.125, 0, -0.25, 1.5]]
HIDDEN = ([[0.5, -0.25, 1], [0.75, 0.5, -0.5], [-1, 0.25, 0.5], [0.125, 1, -0.75]], [0.25, -0.5, 0.125, 0])
OUTPUT = (
    [[0.5, -1, 0.25, 0.75], [1, 0.5, -0.5, 0.25], [-0.25, 0.75, 1, -0.5],
     [0.75, 0.25, -0.5, 1], [-1, 0.125, 0.5, 0.25], [0.5, -0.75, 0.25, 1]],
    [0.125, -0.25, 0.5, 0.25, 0.75, -0.5])
LIMIT, FORGET = 1.5, 1.0


def flows():
    """Pyro's planar û is the paper's: −1 + log(1 + exp(w·u)) along w, where expt has a factor e − 1 before
    the exponential. That is the same for u + log(e − 1)·w/|w|², which Pyro is given."""
    import distrax
    import jax.numpy as jnp
    import numpy as np
    import torch
    from pyro.distributions.transforms import AffineAutoregressive
    from pyro.distributions.transforms.planar import ConditionedPlanar
    from pyro.distributions.transforms.radial import ConditionedRadial
    from tensorflow_probability.substrates.jax import bijectors as tfb

    torch.set_default_dtype(torch.float64)
    rows = torch.tensor(ROWS)

    def tell(name, flow):
        y = flow(rows)
        show(f"pyro {name} values", y)
        show(f"pyro {name} log det", flow.log_abs_det_jacobian(rows, y))

    heads = torch.tensor(PLANAR).repeat_interleave(2, 0)
    u, w, b = heads[:, :3], heads[:, 3:6], heads[:, 6:]
    u = u + math.log(math.e - 1) * w / (w**2).sum(1, keepdim=True)
    tell("planar", ConditionedPlanar((b, u, w)))
    heads = torch.tensor(RADIAL).repeat_interleave(2, 0)
    tell("radial", ConditionedRadial((heads[:, :3], heads[:, 3:4], heads[:, 3:4] + heads[:, 4:])))

    # Networks of one hidden layer with tanh. MADE's masks (Germain et al. 2015, equations 12 and 13) for
    # inputs of degree 1 to 3 and hidden units of degree 1, 2, 1, 2, written out.
    below = np.array([[1, 0, 0], [1, 1, 0], [1, 0, 0], [1, 1, 0]])
    above = np.array([[0, 0, 0, 0], [1, 0, 1, 0], [1, 1, 1, 1]] * 2)
    made = (np.array(HIDDEN[0]) * below, HIDDEN[1], np.array(OUTPUT[0]) * above, OUTPUT[1])

    def network(weights, x, np=jnp):
        w, b, v, c = [np.asarray(a) for a in weights]
        both = np.tanh(x @ w.T + b) @ v.T + c
        return both[..., :3], both[..., 3:]

    class Network(torch.nn.Module):
        permutation = torch.arange(3)

        def forward(self, x):
            return network([torch.as_tensor(w) for w in made], x, torch)

    tell("inverse autoregressive", AffineAutoregressive(Network(), stable=True, sigmoid_bias=FORGET))

    def bounded(weights, x):
        shift, raw = network(weights, x)
        return shift, LIMIT * jnp.tanh(raw / LIMIT)

    x = jnp.array(ROWS)
    flow = tfb.MaskedAutoregressiveFlow(lambda x: bounded(made, x))
    show("tfp masked autoregressive values", flow.forward(x))
    show("tfp masked autoregressive log det", flow.forward_log_det_jacobian(x, event_ndims=1))

    whole = (HIDDEN[0], HIDDEN[1], OUTPUT[0], OUTPUT[1])
    # The first of three dimensions stays.
    coupling = distrax.MaskedCoupling(
        mask=jnp.array([True, False, False]), conditioner=lambda x: bounded(whole, x),
        bijector=lambda numbers: distrax.ScalarAffine(shift=numbers[0], log_scale=numbers[1]))
    y, log_det = coupling.forward_and_log_det(x)
    show("distrax masked coupling values", y)
    show("distrax masked coupling log det", log_det)


# MARK: Codes

VECTORS = [[0.25, 0.5], [1.0, 0.25], [0.0, 0.75], [0.875, 0.125], [0.5, 0.625], [0.375, 0.125]]
LATER = [[0.125, 0.5], [0.75, 0.25], [0.25, 1], [1.0, 0.0], [0.625, 0.5], [0.5, 0.125]]
CODES = [[0.0, 0.5], [1.0, 0.0], [0.5, 1.0]]
FINER = [[0.125, 0.0], [-0.125, 0.25], [0.0, -0.25]]
WEIGHTS = [[1.0, -0.5], [0.25, 2], [-1, 0.75], [0.5, 0.5], [2, -1], [-0.25, 1]]


def codes():
    """vector-quantize-pytorch: its commitment is a mean over numbers, of which an image has 4 here (two
    vectors of two), and expt's a sum; its counts are smoothed by ε, which is 0 here: expt's ε is a floor.
    Codes begin with a count of 1, as expt's."""
    import torch
    from vector_quantize_pytorch import FSQ, LFQ, ResidualVQ, VectorQuantize

    torch.set_default_dtype(torch.float32)  # the library's codebooks are
    x, later, weights = torch.tensor(VECTORS), torch.tensor(LATER), torch.tensor(WEIGHTS)
    plain = dict(dim=2, codebook_size=3, decay=0.75, eps=0.0, rotation_trick=False)

    def begin(layer, codes):
        book = layer._codebook
        book.embed.data.copy_(torch.tensor([codes]))
        book.embed_avg.data.copy_(torch.tensor([codes]))

    vq = VectorQuantize(**plain)
    begin(vq, CODES)
    for step, vectors in (("first", x), ("second", later)):
        _, index, loss = vq(vectors[None])
        show(f"vq {step} step: indices", index)
        show(f"vq {step} step: commitment", 4 * loss)
        show(f"vq {step} step: counts", vq._codebook.cluster_size)
        show(f"vq {step} step: codes", vq._codebook.embed)

    residual = ResidualVQ(num_quantizers=2, **plain)
    for layer, values in zip(residual.layers, (CODES, FINER)):
        begin(layer, values)
    total, index, loss = residual(x[None])
    show("residual vq: indices, level by level", index[0].T)
    show("residual vq: commitment", 4 * loss.sum())
    for level, layer in enumerate(residual.layers):
        show(f"residual vq: counts of level {level}", layer._codebook.cluster_size)
        show(f"residual vq: codes of level {level}", layer._codebook.embed)
    show("residual vq: sums", total)

    turned = VectorQuantize(**plain | dict(rotation_trick=True))
    begin(turned, CODES)
    leaf = x.clone().requires_grad_()
    (turned(leaf[None])[0][0] * weights).sum().backward()
    show("rotation trick: gradient", leaf.grad)

    # Levels of 2 it does not take.
    torch.set_default_dtype(torch.float64)
    for name, levels in (("odd and even", [8, 5, 4]), ("three", [3, 6, 7])):
        scalars = FSQ(levels)
        leaf = torch.tensor([[-2.0, -0.75, 0.25], [0.5, 1.25, -0.5], [0.125, -0.25, 3]], requires_grad=True)
        value, index = scalars(leaf[None])
        (value[0] * torch.tensor([[1.0, -0.5, 2]] * 3)).sum().backward()
        show(f"fsq, {name}: values", value)
        show(f"fsq, {name}: numbers", index)
        show(f"fsq, {name}: gradient", leaf.grad)

    # Its inverse temperature is 1/τ, its first bit counts most (expt's last: it is given the bits the other
    # way round), its commitment is a mean again, and within a logarithm its probabilities are at least 1e-5,
    # which matters below a temperature of 1.
    torch.set_default_dtype(torch.float32)  # it converts
    rows = torch.tensor([[0.5, -0.25, 0.125], [-1, 0.75, 0.25], [0.25, 0.5, -0.75], [-0.125, 0.375, 1]])
    signs = LFQ(dim=3, entropy_loss_weight=1.0, commitment_loss_weight=1.0).double()
    _, index, _ = signs(rows.flip(1)[None].double(), inv_temperature=1 / 2)
    _, parts = signs(rows[None].double(), inv_temperature=1 / 2, return_loss_breakdown=True)
    show("lfq: numbers", index)
    show("lfq: entropy of each, of the mean", torch.stack([parts.per_sample_entropy, parts.batch_entropy]))
    show("lfq: commitment, a sum", parts.commitment * rows.numel())


# MARK: Sparse autoencoders

IMAGES = [[0.5, 1, 0.25, 0.75], [1, 0.125, 0.5, 0.0], [0.25, 0.75, 1, 0.5]]
DICTIONARY = [
    [0.5, 1, -0.25, 0.5], [1, -0.5, 0.75, 0.25], [-0.5, 0.25, 1, 0.5], [0.25, 0.75, 0.5, -1],
    [0.75, 0.5, 0.25, 0.125]]
ENCODER = [
    [0.75, 1, 0.25, -0.5], [1, 0.25, -0.5, 0.5], [0.5, -0.25, 1, 0.25], [0.25, 0.5, 0.75, 1],
    [-0.5, 1, 0.125, 0.75]]
GAINS, OFFSETS = [0.125, -0.25, 0.0, 0.25, 0.5], [0.125, 0.25, -0.125, 0.0]


def dictionaries():
    """SAELens: its squared error is a sum over pixels and a mean over images, as expt's with a Gaussian of
    σ² = ½, but for ½ log π a pixel. Rows of the dictionary have any length (expt's `patterns: weighted`)."""
    import logging

    logging.disable(logging.WARNING)
    import torch
    from sae_lens import saes
    from sae_lens.saes.sae import TrainStepInput

    torch.set_default_dtype(torch.float32)
    images = torch.tensor(IMAGES).double()

    def run(name, kind, dead=None, coefficients={}, extra={}, parameters={}, **settings):
        config = getattr(saes, kind + "TrainingSAEConfig")(
            d_in=4, d_sae=5, dtype="float64", device="cpu", apply_b_dec_to_input=True, **settings)
        sae = getattr(saes, kind + "TrainingSAE")(config)
        given = {"W_enc": torch.tensor(ENCODER).T, "W_dec": torch.tensor(DICTIONARY),
                 "b_dec": torch.tensor(OFFSETS)} | parameters
        if kind != "Gated":
            given["b_enc"] = torch.tensor(GAINS)
        for key, value in given.items():
            getattr(sae, key).data.copy_(value)
        out = sae.training_forward_pass(TrainStepInput(
            sae_in=images, coefficients=coefficients, n_training_steps=1, is_logging_step=False,
            dead_neuron_mask=None if dead is None else torch.tensor(dead)))
        out.loss.backward()
        show(f"{name}: losses {', '.join(out.losses)}", torch.stack(list(out.losses.values())))
        show(f"{name}: latents on", (out.feature_acts > 0).sum(1).double().mean())
        for key in given:
            gradient = getattr(sae, key).grad
            show(f"{name}: gradient {key}", gradient.T if key == "W_enc" else gradient)
        return sae, out

    run("l1", "Standard", coefficients={"l1": 0.5})
    # Its dead latents are not rectified, which matters where one is below 0: none of these is. It takes as
    # many of them as half the pixels, which are two here; expt subtracts the error itself from this loss.
    dead = [False, True, False, True, True]
    run("top k", "TopK", dead=dead, k=2, rescale_acts_by_decoder_norm=False, aux_loss_coefficient=0.25)
    sae, _ = run("batch top k", "BatchTopK", k=2, rescale_acts_by_decoder_norm=False, topk_threshold_lr=0.125)
    # A moving average that begins at 0: expt keeps the same sum, and divides by its weight.
    show("batch top k: threshold", sae.topk_threshold)
    # A prefix of two latents.
    run("matryoshka", "MatryoshkaBatchTopK", k=4, rescale_acts_by_decoder_norm=False,
        matryoshka_widths=[2, 5])
    # It learns θ, expt log θ: θ times its gradient.
    threshold = torch.tensor([0.6875, 0.6875, 1.0, 1.6875, 0.25])
    sae, _ = run("jump relu", "JumpReLU", coefficients={"l0": 0.5}, jumprelu_bandwidth=0.5,
                 jumprelu_sparsity_loss_mode="step", parameters={"threshold": threshold})
    show("jump relu: gradient of log threshold", sae.threshold.grad * threshold)
    # It lets the gate's reconstruction teach the dictionary and its bias, which the paper holds still
    # (equation 8): their gradients are not compared.
    run("gated", "Gated", coefficients={"l1": 0.5}, parameters={
        "b_gate": torch.tensor([0.125, -0.25, -1.5, 0.25, -0.5]),
        "b_mag": torch.tensor([0.25, 0.0, 0.5, -0.25, 0.125]),
        "r_mag": torch.tensor([0.125, -0.125, 0.25, 0.0, 0.5])})


# MARK: Objectives

CODES_OF_IMAGES = [[0.5, -1], [0.25, 0.75], [-1.5, 0.125], [1.0, 0.5]]
PRIOR_DRAWS = [[-0.5, 0.25], [1.25, -0.75], [0.0, 1], [0.75, -0.125]]
# Images of three pixels, a linear encoder to means and log-variances, and a linear decoder.
PICTURES = [[0.0, 1, 0.25], [0.75, 0.5, 1], [1, 0.0, 0.125], [0.5, 0.25, 0.875]]
HEAD = ([[1, -0.5, 0.5], [-1, 0.5, 1], [0.5, -1, -0.5], [-1, 1, -0.25]], [-0.25, 0.5, -0.25, -0.5])
DECODER = ([[0.5, -1], [1, 0.25], [-0.75, 0.5]], [0.125, -0.25, 0.5])


def bare(kind, **attributes):
    """A model of pythae without networks, of which only the loss is called."""
    import torch

    model = kind.__new__(kind)
    torch.nn.Module.__init__(model)
    for name, value in attributes.items():
        setattr(model, name, value)
    return model


def objectives():
    """pythae, by its models' own loss functions, from the same codes, posteriors and images. Its faults:

    - BetaTCVAE: stratified weights have the 1/N of an image itself in the first column, not the diagonal.
      expt does not follow; the loss is run again with the paper's weights.
    - IWAE (and MIWAE, PIWAE, CIWAE): the loss that is returned is −Σ w̃·log w, not the bound −log Σ w/k,
      whose gradient it has. Gradients are compared, and the bound is made of its losses of single samples.
    - VAMP: its log p(z) lacks d/2·log 2π, which cancels in the KL, the number that is compared.
    - DisentangledBetaVAE: |KL − C| of each image, the paper's and expt's of their mean: the same where all
      KLs are above C, as here.
    - RAE-L2: no ½ before the squared error, as a Gaussian of σ² = ½ has it, but for ½ log π a pixel.
    - RAE-GP: its penalty is the gradient of the sum of the pixels, by the image; not compared.
    """
    import torch
    import torch.nn.functional as F
    from pythae import models

    torch.set_default_dtype(torch.float64)
    z, prior, x = (torch.tensor(v) for v in (CODES_OF_IMAGES, PRIOR_DRAWS, PICTURES))
    mean, log_variance = F.linear(x, *(torch.tensor(v) for v in HEAD)).chunk(2, 1)
    show("posterior means", mean)
    show("posterior log-variances", log_variance)
    weight, bias = (torch.tensor(v) for v in DECODER)
    decode = lambda z: torch.sigmoid(z @ weight.T + bias)
    bce = types.SimpleNamespace(reconstruction_loss="bce")

    def call(kind, *arguments, **attributes):
        return bare(kind, model_config=bce, **attributes).loss_function(*arguments)

    # A decoder that gives its bias whatever z is.
    still = decode(0 * z)
    show("pythae VAE, decoder of the bias", call(models.VAE, still, x, mean, log_variance, z))
    show("pythae BetaVAE, 4", call(models.BetaVAE, still, x, mean, log_variance, z, beta=4.0)[0])
    epoch, capacity = 9, dict(beta=30.0, C=0.125, warmup_epoch=3)
    show("pythae DisentangledBetaVAE, 30, 0.125", call(
        models.DisentangledBetaVAE, still, x, mean, log_variance, z, epoch, **capacity)[0])

    def tcvae(name, mss, **weights):
        for term in ("alpha", "beta", "gamma"):
            only = {"alpha": 0.0, "beta": 0.0, "gamma": 0.0} | {term: 1.0}
            model = bare(models.BetaTCVAE, model_config=bce, use_mss=mss, **only, **weights)
            show(f"pythae BetaTCVAE {name} {term}",
                 model.loss_function(decode(z), x, mean, log_variance, z, 40)[2])

    def paper(batch, count):
        """Chen et al. 2018, appendix C.2."""
        m = batch - 1
        w = torch.full((batch, batch), 1 / m)
        for i in range(batch):
            w[i, i], w[i, (i + 1) % batch] = 1 / count, (count - m) / (count * m)
        return w.log()

    tcvae("weighted", False)
    tcvae("stratified, wrong column", True)
    tcvae("stratified", True, _log_importance_weight_matrix=paper)

    for width in (1.0, 0.5):
        config = types.SimpleNamespace(reconstruction_loss="bce", latent_dim=2, kernel_bandwidth=width)
        model = bare(models.INFOVAE_MMD, model_config=config, kernel_choice="rbf", alpha=0.25, lbd=10.0)
        found = model.loss_function(still, x, z, prior, mean, log_variance)
        show(f"pythae InfoVAE, width {width}: loss, reconstruction, kl, mmd", found)
        config.reg_weight = 3.0
        model = bare(models.WAE_MMD, model_config=config, kernel_choice="imq", reconstruction_loss_scale=1.0,
                     scales=[0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0])
        show(f"pythae WAE, width {width}: mmd", model.loss_function(still, x, z, prior)[2])

    # Two images, two samples of each: the posteriors of rows 0 and 2, samples in all rows.
    z4, rows = z.reshape(2, 2, 2), [0, 2]

    def weighing():
        leaves = [t.clone().requires_grad_() for t in (z4, mean[rows], log_variance[rows])]
        wide = [leaf[:, None].expand(2, 2, 2) for leaf in leaves[1:]]
        loss = call(models.IWAE, decode(leaves[0]), x[rows], *wide, leaves[0], n_samples=2)[0]
        return loss, torch.autograd.grad(loss, leaves)

    log_weights = []
    for row in range(4):
        i = row // 2 * 2
        log_weights.append(-call(
            models.IWAE, decode(z[row])[None, None], x[i][None], mean[i][None, None],
            log_variance[i][None, None], z[row][None, None], n_samples=1)[0])
    log_weights = torch.stack(log_weights).reshape(2, 2)
    bound = math.log(2) - torch.logsumexp(log_weights, 1).mean()
    show("pythae IWAE: bound of its log weights", bound)
    loss, gradients = weighing()
    show("pythae IWAE: loss that it returns", loss)
    for what, gradient in zip(("z", "mean", "log variance"), gradients):
        show(f"pythae IWAE: gradient by {what}", gradient)

    vamp = bare(
        models.VAMP, model_config=types.SimpleNamespace(reconstruction_loss="bce", input_dim=(1,)),
        number_components=3, linear_scheduling=0, idle_input=torch.eye(3),
        pseudo_inputs=lambda idle: idle.sum(1),
        encoder=lambda _: types.SimpleNamespace(
            embedding=prior[:3], log_covariance=log_variance[1:]))
    show("pythae VAMP: kl", vamp.loss_function(still, x, mean, log_variance, z, 1)[2])

    # Its two logits are l and 0 here.
    judge = lambda z: torch.stack([z @ torch.tensor([0.5, -0.75]) + 0.25, torch.zeros(len(z))], 1)
    parts = (still, x, mean, log_variance, z)
    model = bare(models.FactorVAE, model_config=bce, discriminator=judge, gamma=2.0)
    _, loss, opponent = model.loss_function(*parts, prior)
    show("pythae FactorVAE: tc, discriminator", [(loss - call(models.VAE, *parts)[0]) / 2, opponent])
    config = types.SimpleNamespace(embedding_weight=0.5)
    show("pythae RAE-L2: loss, reconstruction, code norm", bare(
        models.RAE_L2, model_config=config).loss_function(F.linear(mean, weight, bias), x, mean))


def sliced():
    """POT gives the root of the mean over directions. It normalises none that it is given."""
    import numpy as np
    import ot

    ways = np.array([[1.0, 0.5], [-0.25, 1], [0.75, -0.75]])
    unit = ways / np.linalg.norm(ways, axis=1, keepdims=True)
    found = ot.sliced_wasserstein_distance(
        np.array(CODES_OF_IMAGES), np.array(PRIOR_DRAWS), projections=unit.T)
    show("pot sliced distance, squared", found**2)


# MARK: Optimizers


def optimizers():
    """optax==0.2.8; without it for the other parts, since scvi-tools 1.4.2 then wants flax too."""
    import jax.numpy as jnp
    import optax

    gradients = [[1.0, -0.5, 0.25], [-2.0, 0.25, 0.125], [0.5, 1, -0.75], [0.25, -1, 0.5]]
    for name, rule in (
        ("lion", optax.lion(0.0625, b1=0.75, b2=0.875, weight_decay=0.5)),
        ("adamw", optax.adamw(0.0625, b1=0.75, b2=0.875, eps=1e-3, weight_decay=0.5)),
        ("adamax", optax.adamax(0.0625, b1=0.75, b2=0.875, eps=1e-3)),
    ):
        p = jnp.array([0.5, -1, 2])
        state = rule.init(p)
        for g in gradients:
            change, state = rule.update(jnp.array(g), state, p)
            p = optax.apply_updates(p, change)
        show("optax " + name, p)


PARTS = [likelihoods, quantized, similarity, gaussians, spheres, choices, flows, codes, dictionaries,
         objectives, sliced, optimizers]

if __name__ == "__main__":
    for part in PARTS:
        if part.__name__ in (sys.argv[1:] or [part.__name__]):
            part()
