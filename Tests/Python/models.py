"""Losses, terms and gradients of models in PyTorch, in float64, written from their papers.

    models.py CASE.npz ...

Each file holds what expt computed for one batch: `case`, `images`, `labels`, `lot`, the parameters as
`p/NAME`, the noise as `n/NAME`, the terms as `t/NAME` and the gradients as `g/NAME`. For each, the largest
difference is printed, relative to the largest number: `CASE NAME ERROR`. `wrong/NAME` are what a known mistake
would give: their errors must be large.
"""

import math
import sys

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


class Net:
    """The networks of a case: fully connected layers with tanh."""

    def __init__(self, arrays):
        self.p = {
            k[2:]: torch.tensor(v.astype(np.float64), requires_grad=True)
            for k, v in arrays.items() if k.startswith("p/")
        }
        self.n = {k[2:]: torch.tensor(v.astype(np.float64)) for k, v in arrays.items() if k.startswith("n/")}
        self.x = torch.tensor(arrays["images"].astype(np.float64))

    def linear(self, name, x):
        return x @ self.p[name + ".weight"].T + self.p[name + ".bias"]

    def encoder(self, x):
        return torch.tanh(self.linear("encoder.0", x))

    def head(self, h):
        return self.linear("latent", h).chunk(2, 1)

    def decoder(self, z):
        return self.linear("decoder.1", torch.tanh(self.linear("decoder.0", z)))

    def judge(self, x, frozen):
        p = {k: v.detach() if frozen else v for k, v in self.p.items()}
        h = F.leaky_relu(x @ p["discriminator.0.weight"].T + p["discriminator.0.bias"], 0.2)
        return (h @ p["discriminator.1.weight"].T + p["discriminator.1.bias"])[:, 0], h


def nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1)


def kl_normal(mean, log_variance):
    return 0.5 * (mean**2 + log_variance.exp() - log_variance - 1)


def log_normal(z, mean, log_variance):
    return -0.5 * ((z - mean) ** 2 / log_variance.exp() + log_variance + math.log(2 * math.pi))


def accuracy(real, *fakes):
    """At the odds that real and fake ones come at, so that a judge that learned nothing is at 1/2."""
    odds = -math.log(len(fakes))
    return 0.5 * (
        (real > odds).double().mean() + sum((f < odds).double().mean() for f in fakes) / len(fakes))


def aae(net):
    """Makhzani et al. 2015: a deterministic encoder, D on codes."""
    z = net.linear("latent", net.encoder(net.x))
    recon = nll(net.decoder(z), net.x).mean()
    fooling = F.softplus(-net.judge(z, True)[0]).mean()
    real, fake = net.judge(net.n["prior"], False)[0], net.judge(z.detach(), False)[0]
    d = 0.5 * (F.softplus(-real).mean() + F.softplus(fake).mean())
    terms = {
        "total": recon + 0.5 * fooling, "reconstruction": recon, "fooling": fooling,
        "discriminator_loss": d, "discriminator_accuracy": accuracy(real, fake),
    }
    wrong = recon - 0.5 * fooling
    return terms, terms["total"] + d, wrong + d


def vae_gan(net, gamma=0.5):
    """Larsen et al. 2016, algorithm 1: three objectives for three sets of parameters."""
    mean, log_variance = net.head(net.encoder(net.x))
    z = mean + (0.5 * log_variance).exp() * net.n["latent"]
    kl = kl_normal(mean, log_variance).sum(1).mean()
    own = net.judge(net.x, True)[1]

    def like(z):
        seen = net.judge(torch.sigmoid(net.decoder(z)), True)[1]
        return (0.5 * (seen - own) ** 2 + 0.5 * math.log(2 * math.pi)).sum(1).mean()

    decoded = torch.sigmoid(net.decoder(z.detach()))
    drawn = torch.sigmoid(net.decoder(net.n["prior"]))
    fooling = F.softplus(-net.judge(decoded, True)[0]).mean() + F.softplus(-net.judge(drawn, True)[0]).mean()
    logits = [net.judge(x.detach(), False)[0] for x in (net.x, decoded, drawn)]
    d = (F.softplus(-logits[0]).mean() + F.softplus(logits[1]).mean() + F.softplus(logits[2]).mean()) / 3
    encoder = kl + like(z)
    decoder = gamma * like(z.detach()) + fooling
    terms = {
        "total": kl + gamma * like(z) + fooling, "kl": kl, "features": like(z), "fooling": fooling,
        "reconstruction": nll(net.decoder(z), net.x).mean(), "discriminator_loss": d,
        "discriminator_accuracy": accuracy(*logits),
    }

    def gradients(by_encoder, by_decoder):
        found = {}
        for name, p in net.p.items():
            loss = d if name.startswith("disc") else by_decoder if name.startswith("dec") else by_encoder
            found[name] = torch.autograd.grad(loss, p, retain_graph=True)[0]
        return found

    # The mistake: one objective for both, by which the encoder is told to fool too.
    everything = kl + gamma * like(z) + fooling
    return terms, gradients(encoder, decoder), gradients(everything, everything)


def between(net, name, x):
    return torch.tanh(net.linear(name + ".0", x))


def hierarchical(net, inference, samples=1):
    """Sonderby et al. 2016; top_down: Vahdat & Kautz 2020, residual normal distributions; several samples: Burda et
    al. 2016, equation 8, with the weights of all levels."""
    x = net.x.repeat_interleave(samples, 0)
    h = net.encoder(net.x).repeat_interleave(samples, 0)
    prior = lambda z: (lambda s: (s, net.linear("level2.prior", s).chunk(2, 1)))(between(net, "level2.down", z))
    if inference == "bottom_up":
        m1, v1 = net.head(h)
        z1 = m1 + (0.5 * v1).exp() * net.n["latent"]
        m2, v2 = net.linear("level2.posterior", between(net, "level2.up", z1)).chunk(2, 1)
        z2 = m2 + (0.5 * v2).exp() * net.n["latent 2"]
        _, (pm, pv) = prior(z2)
        kl1 = (log_normal(z1, m1, v1) - log_normal(z1, pm, pv)).sum(1).mean()
    else:
        m2, v2 = net.linear("level2.posterior", between(net, "level2.up", h)).chunk(2, 1)
        z2 = m2 + (0.5 * v2).exp() * net.n["latent 2"]
        s, (pm, pv) = prior(z2)
        if inference == "ladder":
            a, b = net.head(h)
            precision = 1 / b.exp() + 1 / pv.exp()
            m1, v1 = (a / b.exp() + pm / pv.exp()) / precision, -precision.log()
        else:
            a, b = net.head(torch.cat([h, s], 1))
            m1, v1 = pm + (0.5 * pv).exp() * a, pv + b
        z1 = m1 + (0.5 * v1).exp() * net.n["latent"]
        kl1 = 0.5 * (pv - v1 + (v1.exp() + (m1 - pm) ** 2) / pv.exp() - 1)
        kl1 = kl1.sum(1).mean()
    kl2 = kl_normal(m2, v2).sum(1).mean()
    losses = nll(net.decoder(z1), x)
    recon = losses.mean()
    terms = {
        "total": recon + 0.7 * kl1 + 0.3 * kl2, "reconstruction": recon, "kl": kl1 + kl2, "kl_1": kl1, "kl_2": kl2,
    }
    if samples > 1:
        ratios = (log_normal(z1, m1, v1) - log_normal(z1, pm, pv)).sum(1)
        ratios = ratios + (log_normal(z2, m2, v2) - log_normal(z2, torch.zeros_like(m2), torch.zeros_like(v2))).sum(1)
        bound = (-losses - ratios).reshape(-1, samples).logsumexp(1) - math.log(samples)
        terms["total"] = -bound.mean()
        # The mistake: the mean of the logarithms.
        return terms, terms["total"], (losses + ratios).mean()
    # The mistake: every level against N(0, I).
    wrong = recon + 0.7 * kl_normal(m1, v1).sum(1).mean() + 0.3 * kl2
    return terms, terms["total"], wrong


def m2_vae(net, labels, lot, classes=3, share=0.6, alpha=0.4, beta=0.8):
    """Kingma et al. 2014, equations 6 to 9, with p(y) uniform."""
    logits = net.linear("classifier.head", torch.tanh(net.linear("classifier.0", net.x)))
    log_q = logits.log_softmax(1)
    q = log_q.exp()
    costs, gaps = [], []
    for y in range(classes):
        told = F.one_hot(torch.full((len(net.x),), y), classes).double()
        seen = torch.cat([net.x, net.linear("condition.map", told)], 1)
        mean, log_variance = net.head(net.encoder(seen))
        z = mean + (0.5 * log_variance).exp() * net.n["latent"]
        costs.append(nll(net.decoder(torch.cat([z, told], 1)), net.x))
        gaps.append(kl_normal(mean, log_variance).sum(1) + math.log(classes))
    costs, gaps = torch.stack(costs, 1), torch.stack(gaps, 1)
    entropy = -(q * log_q).sum(1)
    recon, kl, surprise, wrong = [], [], [], []
    for i, y in enumerate(labels):
        surprise.append(-log_q[i, y])
        if lot[i] < share:
            recon.append(costs[i, y])
            kl.append(gaps[i, y])
            extra = alpha * surprise[-1] / share
            wrong.append(costs[i, y] + beta * gaps[i, y] + extra)
        else:
            recon.append((q[i] * costs[i]).sum())
            kl.append((q[i] * gaps[i]).sum() - entropy[i])
            # The mistake: the entropy's sign.
            wrong.append((q[i] * (costs[i] + beta * gaps[i])).sum() + beta * entropy[i])
    taught = sum(s for i, s in enumerate(surprise) if lot[i] < share) / len(labels) / share
    recon, kl = torch.stack(recon).mean(), torch.stack(kl).mean()
    terms = {
        "total": recon + beta * kl + alpha * taught, "reconstruction": recon, "kl": kl,
        "classification": torch.stack(surprise).mean(),
        "accuracy": (logits.argmax(1) == torch.tensor(labels)).double().mean(),
    }
    return terms, terms["total"], torch.stack(wrong).mean()


def joint_vae(net, temperature=0.67):
    """Dupont 2018, equation 7: a capacity for the numbers' KL, and another for the choices'."""
    mean, log_variance, logits = net.linear("latent", net.encoder(net.x)).split([2, 2, 3], 1)
    log_q = logits.log_softmax(1)
    style = mean + (0.5 * log_variance).exp() * net.n["style/latent"]
    kind = ((log_q + net.n["kind/choice"]) / temperature).softmax(1)
    numbers = kl_normal(mean, log_variance).sum(1).mean()
    choices = (log_q.exp() * (log_q + math.log(3))).sum(1).mean()
    recon = nll(net.decoder(torch.cat([style, kind], 1)), net.x).mean()
    terms = {
        "total": recon + 3 * (numbers - 1.5).abs() + 2 * (choices - 0.4).abs(), "reconstruction": recon,
        "kl": numbers + choices, "kl_numbers": numbers, "kl_choices": choices,
    }
    # The mistake: one capacity for both.
    return terms, terms["total"], recon + 3 * (numbers + choices - 1.9).abs()


def error(found, expected):
    expected = expected.detach().numpy() if torch.is_tensor(expected) else np.asarray(expected)
    difference = np.abs(found.reshape(-1) - expected.reshape(-1)).max()
    return difference / max(np.abs(expected).max(), 1e-30) if difference else 0.0


def gradients(net, loss):
    if isinstance(loss, dict):
        return loss
    found = torch.autograd.grad(loss, list(net.p.values()), retain_graph=True, allow_unused=True)
    return {k: torch.zeros_like(net.p[k]) if g is None else g for k, g in zip(net.p, found)}


for path in sys.argv[1:]:
    arrays = dict(np.load(path))
    case = path.split("/")[-1][:-4]
    net = Net(arrays)
    if case == "m2_vae":
        terms, loss, wrong = m2_vae(net, arrays["labels"].astype(int), arrays["lot"])
    elif case.startswith("hierarchical_"):
        inference, _, samples = case[len("hierarchical_"):].partition(" of ")
        terms, loss, wrong = hierarchical(net, inference, int(samples or 1))
    else:
        terms, loss, wrong = {"aae": aae, "joint_vae": joint_vae, "vae_gan": vae_gan}[case](net)
    for name, value in terms.items():
        print(case, "t/" + name, error(arrays["t/" + name], value))
    right, mistaken = gradients(net, loss), gradients(net, wrong)
    assert set(right) == {k[2:] for k in arrays if k.startswith("g/")}, (case, set(right))
    for name, value in right.items():
        print(case, "g/" + name, error(arrays["g/" + name], value))
    worst = max(error(arrays["g/" + name], value) for name, value in mistaken.items())
    print(case, "wrong/gradient", worst)
