"""The models of W6 to W11 in PyTorch, a class each, and what they share with those of pytorch_bench.py.

`loss(x)` is the mean loss of a batch of images, or in W9 of rows. Where there are several ways to write a
model, this is the fastest of those that were tried with two threads, MKL and an allocator that keeps its
pages; each class says which.
"""

import math

import torch
from torch import nn
import torch.nn.functional as F

LOG_2PI = math.log(2 * math.pi)


def mlp(sizes, activation):
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [nn.Linear(inputs, outputs), activation()]
    return layers


def bernoulli(decoded, x):
    return F.binary_cross_entropy_with_logits(decoded, x, reduction="sum")


def gaussian(decoded, x):
    return 0.5 * (F.mse_loss(decoded, x, reduction="sum") + LOG_2PI * x.numel())


class VAE(nn.Module):
    """encoder, latent (mean and log-variance side by side), decoder to logits or means."""

    misfit = staticmethod(bernoulli)

    def draw(self, x):
        mean, log_variance = self.latent(self.encoder(x)).chunk(2, dim=1)
        noise = torch.randn_like(mean)
        return mean, log_variance, noise, mean + torch.exp(0.5 * log_variance) * noise

    def loss(self, x):
        mean, log_variance, _, z = self.draw(x)
        kl = 0.5 * (torch.exp(log_variance) + mean**2 - 1 - log_variance).sum()
        return (self.misfit(self.decoder(z), x) + kl) / len(x)


class Residual(nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


class Quantizer(nn.Module):
    """Each vector of a map becomes the nearest of 512 codes, which are moving averages of the vectors that
    chose them. Returns the codes, with the vectors' gradient, and Σ ‖vector − code‖².

    max is faster than argmax and argmin, index_add_ than a product with one-hot rows.
    """

    def __init__(self, codes=512, width=64, decay=0.99, least=1e-5):
        super().__init__()
        self.decay, self.least = decay, least
        self.register_buffer("codes", torch.empty(codes, width).uniform_(-1 / codes, 1 / codes))
        self.register_buffer("counts", torch.ones(codes))
        self.register_buffer("sums", self.codes.clone())

    def forward(self, z):
        batch, width, height, length = z.shape
        rows = z.permute(0, 2, 3, 1).reshape(-1, width)
        with torch.no_grad():
            closeness = torch.addmm(self.codes.square().sum(1), rows, self.codes.t(), beta=-1, alpha=2)
            index = closeness.max(dim=1).indices
            chosen = self.codes.index_select(0, index)
            ones = rows.new_ones(len(rows))
            self.counts.mul_(self.decay).index_add_(0, index, ones, alpha=1 - self.decay)
            self.sums.mul_(self.decay).index_add_(0, index, rows, alpha=1 - self.decay)
            self.codes.copy_(self.sums / self.counts.clamp(min=self.least).unsqueeze(1))
        distance = F.mse_loss(rows, chosen, reduction="sum")
        passed = rows + (chosen - rows).detach()
        return passed.view(batch, height, length, width).permute(0, 3, 1, 2), distance


class LibraryQuantizer(nn.Module):
    """The same by the package vector_quantize_pytorch."""

    def __init__(self):
        super().__init__()
        from vector_quantize_pytorch import VectorQuantize
        self.quantize = VectorQuantize(64, 512, decay=0.99, eps=1e-5, commitment_weight=1.0,
                                       rotation_trick=False, accept_image_fmap=True)

    def forward(self, z):
        codes, _, mean = self.quantize(z)
        return codes, mean.sum() * z.numel()


class VQVAE(nn.Module):
    """W6."""

    def __init__(self, library=False):
        super().__init__()

        def blocks():
            return [Residual(nn.ReLU(), nn.Conv2d(128, 32, 3, padding=1), nn.ReLU(inplace=True),
                             nn.Conv2d(32, 128, 1)) for _ in range(2)] + [nn.ReLU(inplace=True)]

        self.encoder = nn.Sequential(
            nn.Conv2d(3, 64, 4, 2, 1), nn.ReLU(inplace=True), nn.Conv2d(64, 128, 4, 2, 1),
            nn.ReLU(inplace=True), nn.Conv2d(128, 128, 3, padding=1), *blocks(), nn.Conv2d(128, 64, 1))
        self.quantizer = LibraryQuantizer() if library else Quantizer()
        self.decoder = nn.Sequential(
            nn.Conv2d(64, 128, 3, padding=1), *blocks(), nn.ConvTranspose2d(128, 64, 4, 2, 1),
            nn.ReLU(inplace=True), nn.ConvTranspose2d(64, 3, 4, 2, 1))

    def loss(self, x):
        codes, distance = self.quantizer(self.encoder(x))
        return (gaussian(self.decoder(codes), x) + 0.25 * distance) / len(x)


class IWAE(nn.Module):
    """W7: the bound of 50 samples, of images that are encoded once. Samples come first, so that an image
    need not be copied for each."""

    samples = 50

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Flatten(), *mlp([784, 200, 200], nn.Tanh), nn.Linear(200, 100))
        self.decoder = nn.Sequential(*mlp([50, 200, 200], nn.Tanh), nn.Linear(200, 784))

    def loss(self, x):
        mean, log_variance = self.encoder(x).chunk(2, dim=1)
        noise = torch.randn(self.samples, *mean.shape)
        z = torch.addcmul(mean, torch.exp(0.5 * log_variance), noise)
        decoded = self.decoder(z)
        nll = F.binary_cross_entropy_with_logits(
            decoded, x.flatten(1).expand_as(decoded), reduction="none").sum(2)
        log_weights = 0.5 * (noise**2 + log_variance - z**2).sum(2) - nll
        return math.log(self.samples) - torch.logsumexp(log_weights, dim=0).mean()


class BetaTCVAE(VAE):
    """W8, with minibatch-weighted sampling of 10,240 images.

    −½(z − μ)²/σ² of all pairs in one dimension is a product of (z², z, 1) and (−1/2σ², μ/σ², …): it takes
    half the time of the differences, and is as exact as this loss needs.
    """

    images, beta = 10240, 6

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Flatten(), *mlp([4096, 1200, 1200], nn.ReLU))
        self.latent = nn.Linear(1200, 20)
        self.decoder = nn.Sequential(*mlp([10, 1200, 1200], nn.ReLU), nn.Linear(1200, 4096))

    def loss(self, x):
        mean, log_variance, noise, z = self.draw(x)
        precision = torch.exp(-log_variance)
        powers = torch.stack([z**2, z, torch.ones_like(z)]).permute(2, 1, 0)
        factors = torch.stack([-0.5 * precision, mean * precision,
                               -0.5 * (mean**2 * precision + log_variance + LOG_2PI)]).permute(2, 0, 1)
        each = torch.bmm(powers, factors)  # [dimension, latent, image]
        shift = math.log(len(x) * self.images)
        whole = torch.logsumexp(each.sum(0), dim=1).sum() - shift * len(x)
        product = torch.logsumexp(each, dim=2).sum() - shift * z.numel()
        own = -0.5 * (noise**2 + log_variance + LOG_2PI).sum()
        prior = -0.5 * (z**2 + LOG_2PI).sum()
        terms = own - whole + self.beta * (whole - product) + product - prior
        return (bernoulli(self.decoder(z), x.flatten(1)) + terms) / len(x)


class Greatest(torch.autograd.Function):
    """The k greatest of (x − offset) Wᵀ + bias of each row, and which they are.

    Only they have a gradient, so that W's is a sum of k rows for each of x and no dense product, and the
    offset's is one of vectors: as in the autoencoders of Gao et al. (2024), whose kernels are for GPUs.
    """

    @staticmethod
    def forward(ctx, x, offset, weight, bias, k):
        x = x - offset
        values, index = torch.addmm(bias, x, weight.t()).topk(k, dim=1, sorted=False)
        ctx.save_for_backward(x, weight, index)
        ctx.mark_non_differentiable(index)
        return values, index

    @staticmethod
    def backward(ctx, gradient, _):
        x, weight, index = ctx.saved_tensors
        patterns, order = index.flatten().int().sort()
        starts = torch.searchsorted(patterns, torch.arange(len(weight), dtype=torch.int32))
        for_weight = F.embedding_bag((order // index.shape[1]).int(), x, starts.int(), mode="sum",
                                     per_sample_weights=gradient.flatten()[order])
        for_bias = gradient.new_zeros(len(weight)).index_add_(0, index.flatten(), gradient.flatten())
        return None, -(for_bias @ weight), for_weight, for_bias, None


class SparseAE(nn.Module):
    """W9. A sum of 32 patterns is an embedding_bag, forward and backward 18 times as fast as the dense
    product of all 8,192 (at 4,096 rows)."""

    def __init__(self, width=512, patterns=8192):
        super().__init__()
        self.dictionary = nn.Parameter(F.normalize(torch.randn(patterns, width), dim=1))
        self.weight = nn.Parameter(self.dictionary.detach().clone())
        self.bias = nn.Parameter(torch.zeros(patterns))
        self.offset = nn.Parameter(torch.zeros(width))

    def loss(self, x):
        values, index = Greatest.apply(x, self.offset, self.weight, self.bias, 32)
        sums = F.embedding_bag(index, F.normalize(self.dictionary, dim=1), mode="sum",
                               per_sample_weights=F.relu(values))
        return gaussian(sums + self.offset, x) / len(x)


class IAF(nn.Module):
    """W10: W1's network with 32 latents that go through eight inverse autoregressive steps.

    The products with the context, which all steps are given, are one; masks are constants, and say
    in which order a step takes the dimensions.
    """

    def __init__(self, latent=32, hidden=320, context=64, steps=8):
        super().__init__()
        self.sizes = [latent, latent, context]
        self.encoder = nn.Sequential(nn.Flatten(), *mlp([784, 400], nn.ReLU),
                                     nn.Linear(400, sum(self.sizes)))
        self.decoder = nn.Sequential(*mlp([latent, 400], nn.ReLU), nn.Linear(400, 784))
        self.context = nn.Linear(context, steps * hidden)

        def uniform(bound, *shape):
            return nn.Parameter(torch.empty(shape).uniform_(-bound, bound))

        self.first = uniform((latent + context) ** -0.5, steps, hidden, latent)
        self.last = uniform(0.01 * hidden**-0.5, steps, 2 * latent, hidden)
        self.bias = nn.Parameter(torch.zeros(steps, 2 * latent))
        ranks = torch.arange(latent)
        ranks = torch.stack([ranks, ranks.flip(0)]).repeat(steps // 2, 1)
        degrees = torch.arange(hidden) % latent
        self.register_buffer("first_mask", (ranks[:, None] < degrees[:, None]).float())
        self.register_buffer("last_mask", (degrees <= ranks.repeat(1, 2)[:, :, None]).float())

    def loss(self, x):
        mean, log_variance, context = self.encoder(x).split(self.sizes, dim=1)
        noise = torch.randn_like(mean)
        z = mean + torch.exp(0.5 * log_variance) * noise
        gates = []
        first = (self.first * self.first_mask).unbind(0)
        last = (self.last * self.last_mask).unbind(0)
        told = self.context(context).chunk(len(first), dim=1)
        for w, h, u, b in zip(first, told, last, self.bias.unbind(0)):
            shift, gate = torch.addmm(b, F.elu(torch.addmm(h, z, w.t())), u.t()).chunk(2, dim=1)
            gates.append(gate + 2)
            z = torch.lerp(shift, z, torch.sigmoid(gates[-1]))
        kl = 0.5 * (z**2 - noise**2 - log_variance).sum() - F.logsigmoid(torch.cat(gates, dim=1)).sum()
        return (bernoulli(self.decoder(z), x.flatten(1)) + kl) / len(x)


class ResidualVAE(VAE):
    """W11."""

    misfit = staticmethod(gaussian)

    def __init__(self):
        super().__init__()

        def normal(channels):
            return [nn.GroupNorm(8, channels), nn.SiLU()]

        def block(channels):
            return Residual(*normal(channels), nn.Conv2d(channels, channels, 3, padding=1),
                            *normal(channels), nn.Conv2d(channels, channels, 3, padding=1))

        self.encoder = nn.Sequential(
            nn.Conv2d(3, 32, 4, 2, 1), block(32), nn.Conv2d(32, 64, 4, 2, 1), block(64),
            nn.Conv2d(64, 128, 4, 2, 1), block(128), nn.Conv2d(128, 256, 4, 2, 1), *normal(256),
            nn.Flatten())
        self.latent = nn.Linear(16384, 256)
        self.decoder = nn.Sequential(
            nn.Linear(128, 16384), nn.Unflatten(1, (256, 8, 8)),
            nn.ConvTranspose2d(256, 128, 4, 2, 1), block(128), nn.ConvTranspose2d(128, 64, 4, 2, 1),
            block(64), nn.ConvTranspose2d(64, 32, 4, 2, 1), block(32), *normal(32),
            nn.ConvTranspose2d(32, 3, 4, 2, 1))


MODELS = {"W6": VQVAE, "W7": IWAE, "W8": BetaTCVAE, "W9": SparseAE, "W10": IAF, "W11": ResidualVAE}
