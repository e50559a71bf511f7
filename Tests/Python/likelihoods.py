"""Losses of likelihoods and their gradients by the decoder's numbers, in PyTorch's float64.

Reads cases as JSON from a file: name, settings, images [batch, channels, height, width] and the decoder's
numbers [batch, maps, height, width]. Prints a JSON list of losses [batch] and gradients of their sum. Where
torch.distributions has the distribution, it is used; what it has not is written from its paper.
"""

import json
import math
import sys

import torch
import torch.distributions as D
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def scale(settings, raw):
    """A learned scale of each pixel, or a fixed one."""
    if "scale" in settings:
        return torch.tensor(float(torch.tensor(settings["scale"], dtype=torch.float32)))
    return settings["initial_scale"] * raw.exp()


def sets(p, count):
    return torch.chunk(p, count, dim=1)


def student_t(s, p, x):
    if s["learned"]:
        m, raw, nu = sets(p, 3)
        return -D.StudentT(s["nu"] * nu.exp(), m, scale(s, raw)).log_prob(x)
    return -D.StudentT(torch.tensor(float(s["nu"])), p, scale(s, None)).log_prob(x)


def log_cosh(s, p, x):
    m, raw = sets(p, 2)
    a, width = s["sharpness"], scale(s, raw)
    y = (a * (x - m) / width).abs()
    cosh = torch.where(y < 1, torch.log1p(2 * torch.sinh(y.clamp(max=1) / 2) ** 2),
                       y + torch.log1p(torch.exp(-2 * y)) - math.log(2))
    constant = (0.5 * math.log(math.pi) + math.lgamma(1 / (2 * a)) - math.lgamma(1 / (2 * a) + 0.5)
                - math.log(a))
    return cosh / a + width.log() + constant


def beta(s, p, x):
    logit, raw = sets(p, 2)
    c = s["concentration"] * raw.exp()
    return -D.Beta(c * torch.sigmoid(logit), c * torch.sigmoid(-logit)).log_prob(x)


def poisson(s, p, x):
    return -D.Poisson(p.exp()).log_prob(x)


def log_mean(s, l, x):
    if not s.get("library"):
        return l
    flat = l.flatten(1)
    return (flat.log_softmax(1) + x.flatten(1).sum(1, keepdim=True).log()).reshape(l.shape)


def negative_binomial(s, p, x):
    l, raw = sets(p, 2)
    theta = s["dispersion"] * raw.exp()
    # log(μ/θ) are PyTorch's logits: total_count is θ, and probs the share of "successes" μ/(μ + θ).
    return -D.NegativeBinomial(theta, logits=log_mean(s, l, x) - theta.log()).log_prob(x)


def zinb(s, p, x):
    """Lopez et al. 2018, as scvi-tools writes it, without its ε."""
    l, raw, zero = sets(p, 3)
    theta = s["dispersion"] * raw.exp()
    mu = log_mean(s, l, x).exp()
    pi = zero - 2
    log_theta_mu = (theta + mu).log()
    pi_theta_log = -pi + theta * (theta.log() - log_theta_mu)
    case_zero = F.softplus(pi_theta_log) - F.softplus(-pi)
    case_non_zero = (-F.softplus(-pi) + pi_theta_log + x * (mu.log() - log_theta_mu)
                     + torch.lgamma(x + theta) - torch.lgamma(theta) - torch.lgamma(x + 1))
    return -torch.where(x == 0, case_zero, case_non_zero)


def logistic_mixture(s, p, x):
    """PixelCNN++ on 0 … 1; one loss for each pixel."""
    k, channels = s["components"], x.shape[1]
    maps = torch.split(p, k, dim=1)
    total = maps[0].log_softmax(1)
    pairs = iter(maps[1 + 2 * channels:])
    for c in range(channels):
        m = maps[1 + c]
        for j in range(c):
            m = m + torch.tanh(next(pairs)) * x[:, j:j + 1]
        width = (math.log(s["initial_scale"]) + maps[1 + channels + c]).clamp(
            math.log(s["min_scale"]), 5).exp()
        value = x[:, c:c + 1]
        upper, lower = (value + 1 / 510 - m) / width, (value - 1 / 510 - m) / width
        # In the tail that keeps digits.
        flip = (upper + lower) > 0
        high, low = torch.where(flip, -lower, upper), torch.where(flip, -upper, lower)
        bottom, top = value < 1 / 510, value > 1 - 1 / 510
        inner = F.logsigmoid(high) + torch.log1p(
            -(F.logsigmoid(low) - F.logsigmoid(high)).exp())
        total = total + torch.where(
            bottom, F.logsigmoid(upper), torch.where(top, F.logsigmoid(-lower), inner))
    return -total.logsumexp(1, keepdim=True)


def categorical(s, p, x):
    n = s["levels"]
    b, c, h, w = x.shape
    levels = (x * n).floor().clamp(0, n - 1).long().reshape(b, c, h * w)
    logits = p.reshape(b, c, n, h * w).movedim(2, 1)
    return F.cross_entropy(logits, levels, reduction="none")


def mixed(s, p, x):
    """Gaussian, Bernoulli, a category of three and a count."""
    p, x = p.flatten(1), x.flatten(1)
    return torch.stack([
        -D.Normal(p[:, 0], 0.5).log_prob(x[:, 0]),
        -D.Bernoulli(logits=p[:, 1]).log_prob(x[:, 1]),
        -D.Categorical(logits=p[:, 2:5]).log_prob(x[:, 2]),
        -D.Poisson(p[:, 5].exp()).log_prob(x[:, 3]),
    ], 1)


def ms_ssim(s, p, x):
    """Wang, Simoncelli & Bovik 2003, with the authors' constants, by two-dimensional windows."""
    weights = torch.tensor([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])
    d = torch.arange(-5, 6)
    g = torch.exp(-(d ** 2) / (2 * 1.5 ** 2))
    window = torch.outer(g, g)
    window = (window / window.sum())[None, None]
    b, c, h, w = x.shape
    a, y = torch.sigmoid(p).reshape(b * c, 1, h, w), x.reshape(b * c, 1, h, w)
    scales = 0
    while scales < 5 and min(h, w) >> scales >= 11:
        scales += 1
    weights = weights[:scales] / weights[:scales].sum()
    similarity = 1
    for scale_number, weight in enumerate(weights):
        def blur(t):
            return F.conv2d(t, window)
        mu_a, mu_y = blur(a), blur(y)
        var_a, var_y = blur(a * a) - mu_a ** 2, blur(y * y) - mu_y ** 2
        covariance = blur(a * y) - mu_a * mu_y
        l = (2 * mu_a * mu_y + 1e-4) / (mu_a ** 2 + mu_y ** 2 + 1e-4)
        cs = (2 * covariance + 9e-4) / (var_a + var_y + 9e-4)
        term = cs if scale_number < scales - 1 else l * cs
        similarity = similarity * term.mean((1, 2, 3)).clamp(min=1e-6) ** weight
        a, y = F.avg_pool2d(a, 2), F.avg_pool2d(y, 2)
    return h * w * c * (1 - similarity.reshape(b, c).mean(1))


def main():
    results = []
    for case in json.load(open(sys.argv[1])):
        shape = case["image"]
        x = torch.tensor(case["images"], dtype=torch.float32).double().reshape([-1] + shape)
        p = torch.tensor(case["parameters"], dtype=torch.float32).double()
        p = p.reshape([x.shape[0]] + case["output"]).requires_grad_()
        losses = globals()[case["name"]](case["settings"], p, x).reshape(x.shape[0], -1).sum(1)
        losses.sum().backward()
        results.append({"losses": losses.tolist(), "gradient": p.grad.flatten().tolist()})
    json.dump(results, sys.stdout)


main()
