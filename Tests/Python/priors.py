"""Repeats in PyTorch, in double precision, the loss of a VAE under a prior and its gradients.

    priors.py CASE.npz ...

Each archive holds one batch of expt's: `images` [n, 1, h, w], perhaps `labels` [n], the `noise` [n, d] of
the posterior's draw, the parameters by name as `p:NAME`, their gradients as `g:NAME`, the `loss` and the
`kl`; and in `kind` the posterior, the prior and whether the KL is in closed form. For each it prints a
line: the case, and the relative errors of loss, KL (a difference of densities: below 1 nat the absolute
error) and gradients, the last with the parameter.
"""

import math
import sys

import numpy
import torch
import torch.nn.functional as F


def log_normal(z, mean, log_variance):
    return torch.distributions.Normal(mean, (log_variance / 2).exp()).log_prob(z).sum(-1)


class VAE:
    def __init__(self, p, posterior, latent):
        self.p, self.posterior, self.latent = p, posterior, latent

    def linear(self, name, x):
        return F.linear(x, self.p[name + ".weight"], self.p[name + ".bias"])

    def encode(self, x, c):
        x = x.flatten(1)
        if c is not None:
            x = torch.cat([x, self.linear("condition.map", c)], 1)
        head = self.linear("latent", F.relu(self.linear("encoder.0", x)))
        mean, rest = head[:, : self.latent], head[:, self.latent :]
        if self.posterior == "gaussian":
            return torch.distributions.Independent(
                torch.distributions.Normal(mean, (rest / 2).exp()), 1)
        rows, columns = torch.tril_indices(self.latent, self.latent)
        lower = torch.zeros(len(x), self.latent, self.latent, dtype=x.dtype)
        lower[:, rows, columns] = torch.where(rows == columns, rest.exp(), rest)
        return torch.distributions.MultivariateNormal(mean, scale_tril=lower)

    def decode(self, z, c):
        if c is not None:
            z = torch.cat([z, c], 1)
        return self.linear("decoder.1", F.relu(self.linear("decoder.0", z)))


def prior(vae, kind, c):
    """log p(z) as a function, and where it is one Gaussian its mean and log-variance."""
    p = vae.p
    if kind == "vamp":
        inputs = p["prior.pseudo_inputs"].clamp(0, 1)
        q = vae.encode(inputs, p.get("prior.pseudo_conditions"))
        count = len(inputs)
        return lambda z: torch.logsumexp(q.log_prob(z[:, None]), 1) - math.log(count), None
    if kind == "gaussian_mixture":
        logits = p["prior.logits"]
        if c is not None:
            logits = logits + c @ p["prior.condition_weight"].T
        weights = F.log_softmax(logits, -1)
        return (
            lambda z: torch.logsumexp(
                weights + log_normal(z[:, None], p["prior.mean"], p["prior.log_variance"]), 1),
            None,
        )
    assert kind == "conditional_gaussian"
    mean, log_variance = vae.linear("prior.1", F.relu(vae.linear("prior.0", c))).chunk(2, 1)
    gaussian = torch.distributions.MultivariateNormal(
        mean, scale_tril=torch.diag_embed((log_variance / 2).exp()))
    return lambda z: log_normal(z, mean, log_variance), gaussian


def dense(q):
    """The same posterior as a Gaussian with a whole covariance."""
    if isinstance(q, torch.distributions.MultivariateNormal):
        return q
    return torch.distributions.MultivariateNormal(q.mean, scale_tril=torch.diag_embed(q.stddev))


def relative(seen, expected, least=1e-12):
    return float((seen - expected).abs().max() / expected.abs().max().clamp_min(least))


for path in sys.argv[1:]:
    data = dict(numpy.load(path))
    posterior, kind, form = str(data["kind"].tobytes().decode()).strip("\0 ").split()
    p = {
        name[2:]: torch.tensor(value, dtype=torch.float64, requires_grad=True)
        for name, value in data.items() if name.startswith("p:")
    }
    images = torch.tensor(data["images"], dtype=torch.float64)
    noise = torch.tensor(data["noise"], dtype=torch.float64)
    c = None
    if "labels" in data:
        c = F.one_hot(torch.tensor(data["labels"]).long()).double()
    vae = VAE(p, posterior, noise.shape[1])
    q = vae.encode(images, c)
    whole = dense(q)
    z = whole.mean + (whole.scale_tril @ noise[..., None])[..., 0]
    density, gaussian = prior(vae, kind, c)
    if form == "closed":
        kl = torch.distributions.kl_divergence(whole, gaussian)
    else:
        kl = q.log_prob(z) - density(z)
    pixels = F.binary_cross_entropy_with_logits(
        vae.decode(z, c), images.flatten(1), reduction="none").sum(1)
    loss = (pixels + kl).mean()
    loss.backward()
    errors = {}
    for name, value in p.items():
        expected = value.grad if value.grad is not None else torch.zeros_like(value)
        errors[name] = relative(torch.tensor(data["g:" + name]).double(), expected)
    worst = max(errors, key=errors.get)
    print(
        path, relative(torch.tensor(data["loss"]).double(), loss.detach()[None]),
        relative(torch.tensor(data["kl"]).double(), kl.mean().detach()[None], 1), errors[worst], worst)
