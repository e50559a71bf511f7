"""The objectives of autoencoders in PyTorch, in double precision, each written from its paper.

    objectives.py CASES

CASES is a JSON file: a list of cases, each with `call`, a Python expression over the functions below,
`images` [batch, pixels], `parameters` by the names of expt's checkpoints, and `noise` by stream. Prints a
JSON list with each case's `terms` (numbers) and `gradients` (flat lists, by parameter).

Encoder and decoder are fully connected with tanh, images Bernoulli; a Gaussian posterior's head gives the
mean and then the log-variance. Tests/ExptBuiltinsTests/Models/ObjectiveParityTests.swift runs it.
"""

import json
import math
import sys

import torch
from torch.distributions import Independent, Normal
from torch.nn.functional import binary_cross_entropy_with_logits, leaky_relu, logsigmoid

torch.set_default_dtype(torch.float64)


class Net:
    """A case's numbers, and what all objectives need of them."""

    def __init__(self, case):
        def tensor(array):
            return torch.tensor(array["values"]).reshape(array["shape"])

        self.images = tensor(case["images"])
        self.batch = len(self.images)
        self.parameters = {
            name: tensor(array).requires_grad_() for name, array in case["parameters"].items()}
        self.noise = {name: tensor(array) for name, array in case["noise"].items()}

    def layer(self, name, x):
        return x @ self.parameters[name + ".weight"].T + self.parameters[name + ".bias"]

    def depth(self, part):
        return sum(n.startswith(part + ".") and n.endswith(".weight") for n in self.parameters)

    def head(self, images):
        x = images
        for index in range(self.depth("encoder")):
            x = torch.tanh(self.layer(f"encoder.{index}", x))
        return self.layer("latent", x)

    def posterior(self):
        mean, log_variance = self.head(self.images).chunk(2, dim=1)
        return mean, torch.exp(log_variance / 2)

    def logits(self, z):
        last = self.depth("decoder") - 1
        for index in range(last):
            z = torch.tanh(self.layer(f"decoder.{index}", z))
        return self.layer(f"decoder.{last}", z)

    def misfit(self, z):
        """−log p(x|z): of z [samples, batch, latent] or [batch, latent]."""
        logits = self.logits(z)
        images = self.images.expand_as(logits)
        return binary_cross_entropy_with_logits(logits, images, reduction="none").sum(-1)

    def of(self, *parts):
        return [n for n in self.parameters if n.split(".")[0] in parts]

    def gradients(self, loss, names=None):
        names = list(self.parameters) if names is None else names
        values = torch.autograd.grad(
            loss, [self.parameters[n] for n in names], allow_unused=True, retain_graph=True)
        return dict(zip(names, values))

    def result(self, terms, gradients=None):
        gradients = self.gradients(terms["total"]) if gradients is None else gradients
        return {
            "terms": {name: float(value) for name, value in terms.items()},
            "gradients": {
                n: (torch.zeros_like(self.parameters[n]) if g is None else g).flatten().tolist()
                for n, g in gradients.items()},
        }


def normal(mean, deviation):
    return Independent(Normal(mean, deviation), 1)


def standard(like):
    return normal(torch.zeros_like(like), torch.ones_like(like))


def closed_kl(mean, deviation):
    return torch.distributions.kl_divergence(normal(mean, deviation), standard(mean)).mean()


# MARK: VAE and importance weights


def drawn(net, samples):
    """z [samples, batch, latent], and q's mean and deviation."""
    mean, deviation = net.posterior()
    noise = net.noise["latent"].reshape(net.batch, samples, -1).transpose(0, 1)
    return mean + deviation * noise, mean, deviation


def vae_stl(net, beta):
    z, mean, deviation = drawn(net, 1)
    held = normal(mean.detach(), deviation.detach())
    kl = (held.log_prob(z) - standard(z).log_prob(z)).mean()
    reconstruction = net.misfit(z).mean()
    return net.result(
        {"total": reconstruction + beta * kl, "reconstruction": reconstruction, "kl": kl})


def log_mean_exp(x, dim):
    return torch.logsumexp(x, dim) - math.log(x.shape[dim])


def iwae(net, form, gradient, samples, groups, beta=0.5):
    """Log weights are [groups, samples, batch]."""
    z, mean, deviation = drawn(net, groups * samples)
    shape = (groups, samples, net.batch)

    def log_weights(z, q):
        return (standard(z).log_prob(z) - net.misfit(z) - q.log_prob(z)).reshape(shape)

    def bound(log_w, every):
        rows = log_w.reshape(1, -1, net.batch) if every else log_w
        tight = -log_mean_exp(rows, 1).mean()
        return beta * -log_w.mean() + (1 - beta) * tight if form == "ciwae" else tight

    q = normal(mean, deviation)
    held = normal(mean.detach(), deviation.detach())
    log_w = log_weights(z, q)
    total = bound(log_w, every=form == "piwae")
    terms = {"total": total, "reconstruction": net.misfit(z).mean(), "kl": closed_kl(mean, deviation)}

    gradients = net.gradients(total, net.of("decoder"))
    ours = net.of("encoder", "latent")
    if gradient == "reparameterized":
        gradients |= net.gradients(bound(log_w, every=False), ours)
    elif gradient == "stl":
        gradients |= net.gradients(bound(log_weights(z, held), every=False), ours)
    else:
        leaf = z.detach().requires_grad_()
        (slope,) = torch.autograd.grad(log_weights(leaf, held).sum(), leaf)
        share = torch.softmax(log_w, 1).detach()
        weight = share**2 / (groups * net.batch)
        if form == "ciwae":
            weight = beta / (groups * samples * net.batch) + (1 - beta) * weight
        pull = -(weight.reshape(groups * samples, net.batch, 1) * slope)
        values = torch.autograd.grad(
            z, [net.parameters[n] for n in ours], grad_outputs=pull, retain_graph=True)
        gradients |= dict(zip(ours, values))
    return net.result(terms, gradients)


# MARK: Terms on the aggregate posterior


def beta_tcvae(net, estimator, count, alpha, beta, gamma):
    z, mean, deviation = drawn(net, 1)
    z = z[0]
    batch, latent = z.shape
    m = batch - 1
    pair = torch.stack([
        torch.stack([Normal(mean[j], deviation[j]).log_prob(z[i]) for j in range(batch)])
        for i in range(batch)])  # [i, j, latent]
    if estimator == "mws":
        log_q = torch.logsumexp(pair.sum(2), 1) - math.log(count * batch)
        log_marginals = (torch.logsumexp(pair, 1) - math.log(count * batch)).sum(1)
    else:
        weights = torch.full((batch, batch), 1 / m)
        for i in range(batch):
            weights[i, i] = 1 / count
            weights[i, (i + 1) % batch] = (count - m) / (count * m)
        assert torch.allclose(weights.sum(1), torch.ones(batch))
        log_q = torch.log((weights * pair.sum(2).exp()).sum(1))
        log_marginals = torch.log((weights[:, :, None] * pair.exp()).sum(1)).sum(1)
    own = normal(mean, deviation).log_prob(z)
    mi = (own - log_q).mean()
    tc = (log_q - log_marginals).mean()
    dwkl = (log_marginals - standard(z).log_prob(z)).mean()
    reconstruction = net.misfit(z).mean()
    return net.result({
        "total": reconstruction + alpha * mi + beta * tc + gamma * dwkl,
        "reconstruction": reconstruction, "kl": closed_kl(mean, deviation), "mi": mi, "tc": tc,
        "dwkl": dwkl})


def factor_vae(net, gamma):
    z, mean, deviation = drawn(net, 1)
    z = z[0]

    def logit(rows):
        for index in range(net.depth("discriminator") - 1):
            rows = leaky_relu(net.layer(f"discriminator.{index}", rows), 0.2)
        return net.layer(f"discriminator.{net.depth('discriminator') - 1}", rows)[:, 0]

    half = net.batch // 2
    order = net.noise["permutation"].long()
    others = z[-half:].detach()
    permuted = torch.stack(
        [others[order[:, k], k] for k in range(z.shape[1])], dim=1)
    probability = torch.sigmoid(logit(z))
    tc = (torch.log(probability) - torch.log(1 - probability)).mean()
    kl = closed_kl(mean, deviation)
    reconstruction = net.misfit(z).mean()
    total = reconstruction + kl + gamma * tc
    telling = -(
        logsigmoid(logit(z[:half].detach())).mean() + logsigmoid(-logit(permuted)).mean()) / 2
    gradients = net.gradients(total, net.of("encoder", "latent", "decoder"))
    gradients |= net.gradients(telling, net.of("discriminator"))
    return net.result(
        {"total": total, "reconstruction": reconstruction, "kl": kl, "tc": tc,
         "discriminator": telling}, gradients)


def dip_vae(net, form, off, on):
    z, mean, deviation = drawn(net, 1)
    covariance = torch.cov(mean.T, correction=0)
    if form == "ii":
        covariance = covariance + torch.diag((deviation**2).mean(0))
    covariances = (covariance - torch.diag(covariance.diag())).pow(2).sum()
    variances = (covariance.diag() - 1).pow(2).sum()
    kl = closed_kl(mean, deviation)
    reconstruction = net.misfit(z).mean()
    return net.result({
        "total": reconstruction + kl + off * covariances + on * variances,
        "reconstruction": reconstruction, "kl": kl, "covariances": covariances,
        "variances": variances})


def mmd(a, b, kernel, width):
    def k(x, y):
        distance = ((x - y) ** 2).sum()
        c = 2 * len(x) * width
        if kernel == "rbf":
            return torch.exp(-distance / c)
        return sum(s * c / (s * c + distance) for s in (0.1, 0.2, 0.5, 1, 2, 5, 10))

    n = len(a)
    among = sum(
        k(a[i], a[j]) + k(b[i], b[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    return among - 2 * sum(k(x, y) for x in a for y in b) / n**2


def info_vae(net, kernel, width, alpha, weight):
    z, mean, deviation = drawn(net, 1)
    distance = mmd(z[0], net.noise["prior"], kernel, width)
    kl = closed_kl(mean, deviation)
    reconstruction = net.misfit(z).mean()
    return net.result({
        "total": reconstruction + (1 - alpha) * kl + (alpha + weight - 1) * distance,
        "reconstruction": reconstruction, "kl": kl, "mmd": distance})


def wae(net, noisy, kernel, width, weight):
    z = drawn(net, 1)[0][0] if noisy else net.head(net.images)
    distance = mmd(z, net.noise["prior"], kernel, width)
    reconstruction = net.misfit(z).mean()
    return net.result({
        "total": reconstruction + weight * distance, "reconstruction": reconstruction,
        "mmd": distance})


def swae(net, weight):
    z = net.head(net.images)
    distances = []
    for direction in net.noise["direction"]:
        direction = direction / direction.norm()
        ours = torch.sort(z @ direction).values
        theirs = torch.sort(net.noise["prior"] @ direction).values
        distances.append(((ours - theirs) ** 2).mean())
    distance = sum(distances) / len(distances)
    reconstruction = net.misfit(z).mean()
    return net.result({
        "total": reconstruction + weight * distance, "reconstruction": reconstruction,
        "sw2": distance})


# MARK: Derivatives of networks


def jacobian_norm(f, points, directions):
    """‖∂f/∂x‖²_F of each point, exactly, or its mean over directions [points · k, n]."""
    norms = []
    for index, x in enumerate(points):
        jacobian = torch.autograd.functional.jacobian(f, x, create_graph=True)
        if directions is None:
            norms.append((jacobian**2).sum())
        else:
            k = len(directions) // len(points)
            along = directions[index * k : (index + 1) * k]
            norms.append(((jacobian @ along.T) ** 2).sum() / k)
    return torch.stack(norms).mean()


def signs(net):
    return torch.sign(net.noise["direction"] - 0.5) if "direction" in net.noise else None


def rae(net, regularizer, beta, weight):
    z = net.head(net.images)
    matrices = {
        n: p for n, p in net.parameters.items()
        if n.startswith("decoder.") and n.endswith(".weight")}
    if regularizer == "l2":
        penalty = sum((w**2).sum() for w in matrices.values())
    elif regularizer == "gradient":
        penalty = jacobian_norm(net.logits, z, signs(net))
    else:
        penalty = 0
        for name, w in matrices.items():
            u = net.noise["spectral." + name].reshape(-1)
            v = w.detach().T @ u
            v = v / v.norm()
            u = w.detach() @ v
            u = u / u.norm()
            penalty = penalty + (u @ w @ v) ** 2
    norm = (z**2).sum(1).mean() / 2
    reconstruction = net.misfit(z).mean()
    return net.result({
        "total": reconstruction + beta * norm + weight * penalty,
        "reconstruction": reconstruction, "code_norm": norm, "penalty": penalty})


def contractive_ae(net, activation, weight):
    functions = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "none": lambda x: x}

    def code(images):
        return functions[activation](net.head(images))

    contraction = jacobian_norm(code, net.images, signs(net))
    reconstruction = net.misfit(code(net.images)).mean()
    return net.result({
        "total": reconstruction + weight * contraction, "reconstruction": reconstruction,
        "contraction": contraction})


def main():
    with open(sys.argv[1]) as file:
        cases = json.load(file)
    print(json.dumps([
        eval(case["call"], globals(), {"net": Net(case)}) for case in cases]))


if __name__ == "__main__":
    main()
