"""Posteriors over spheres, choices, switches and groups, in PyTorch and SciPy, from the papers.

Reads an archive with what expt computed: for each posterior a head, data x, a linear decoder w, the noise,
and the loss with its gradients by head and w; relaxed densities; and numbers of the von Mises-Fisher
distribution. Fails where one differs by more than 1e-5, relative to the largest of its kind, and prints
the errors.
"""

import sys

import mpmath
import numpy as np
import scipy.integrate
import scipy.special
import scipy.stats
import torch
import torch.distributions as td
import torch.nn.functional as F

ours = {name: np.asarray(array) for name, array in np.load(sys.argv[1]).items()}
BATCH, DRAWS, TAU = 4, 3, 0.67
torch.set_default_dtype(torch.float64)


def compare(name, seen, wanted):
    seen, wanted = np.asarray(seen, np.float64), np.asarray(wanted, np.float64)
    assert seen.shape == wanted.shape, (name, seen.shape, wanted.shape)
    error = np.max(np.abs(seen - wanted)) / max(np.max(np.abs(wanted)), 1e-12)
    print(f"{name}: {error:.1e}")
    assert error < 1e-5, (name, seen, wanted)


def tensor(name, learns=False):
    return torch.tensor(ours[name].astype(np.float64), requires_grad=learns)


def rows(values):
    return values.repeat_interleave(DRAWS, 0)


def cost(name, z, w):
    x = rows(tensor(f"{name}_x"))
    return 0.5 * ((x - z @ w[: z.shape[1]]) ** 2).sum(1)


def bound(cost, ratios):
    weights = -(cost + ratios).reshape(BATCH, DRAWS)
    return (np.log(DRAWS) - weights.logsumexp(1)).mean()


def finish(name, loss, z, head, w):
    compare(f"{name} loss", ours[f"{name}_loss"].reshape(()), loss.detach())
    compare(f"{name} draws", ours[f"{name}_values"], z.detach())
    loss.backward()
    compare(f"{name} gradient by head", ours[f"{name}_gradient_head"], head.grad)
    compare(f"{name} gradient by w", ours[f"{name}_gradient_w"], w.grad)


# The sphere: heights of caps are ours (their distribution is tested elsewhere), with the implicit
# gradient -(dF/dkappa)/f by numerical integration.


def slope(kappa, t, d):
    nu = d / 2 - 1
    a = scipy.special.ive(nu + 1, kappa) / scipy.special.ive(nu, kappa)
    end = np.arccos(1 - t)
    density = lambda s: np.exp(kappa * (np.cos(s) - 1 + t)) * (np.sin(s) / np.sin(end)) ** (d - 2)
    integral, _ = scipy.integrate.quad(
        lambda s: (np.cos(s) - a) * density(s), 0, end, epsabs=0, epsrel=1e-11)
    return -integral * np.sin(end)


class LogBessel(torch.autograd.Function):
    """log of the exponentially scaled I_nu."""

    @staticmethod
    def forward(ctx, nu, kappa):
        ctx.nu = nu
        ctx.save_for_backward(kappa)
        return torch.log(torch.tensor(scipy.special.ive(nu, kappa.detach().numpy())))

    @staticmethod
    def backward(ctx, gradient):
        (kappa,) = ctx.saved_tensors
        k = kappa.numpy()
        ratio = scipy.special.ive(ctx.nu + 1, k) / scipy.special.ive(ctx.nu, k)
        return None, gradient * torch.tensor(ratio + ctx.nu / k - 1)


def sphere():
    head, w = tensor("sphere_head", True), tensor("sphere_w", True)
    d = head.shape[1] - 1
    nu = d / 2 - 1
    mu = head[:, :d] / head[:, :d].norm(dim=1, keepdim=True)
    kappa = F.softplus(head[:, d]) + 1e-3
    wide_mu, wide_kappa = rows(mu), rows(kappa)
    t = tensor("sphere_height")
    slopes = [slope(k, v, d) for k, v in zip(wide_kappa.detach().numpy(), t.numpy())]
    t = t + (wide_kappa - wide_kappa.detach()) * torch.tensor(slopes)
    noise = tensor("sphere_noise")
    across = noise - (noise * wide_mu).sum(1, keepdim=True) * wide_mu
    across = across / across.norm(dim=1, keepdim=True)
    z = (1 - t)[:, None] * wide_mu + torch.sqrt(t * (2 - t))[:, None] * across
    # Davidson et al., equation 6: kappa A + log C(kappa) - log (1/area).
    log_bessel = LogBessel.apply(nu, kappa)
    a = torch.exp(LogBessel.apply(nu + 1, kappa) - log_bessel)
    log_c = nu * torch.log(kappa) - d / 2 * np.log(2 * np.pi) - log_bessel - kappa
    log_area = np.log(2) + d / 2 * np.log(np.pi) - scipy.special.gammaln(d / 2)
    kl = kappa * a + log_c + log_area
    finish("sphere", cost("sphere", z, w).mean() + kl.mean(), z, head, w)
    for i in range(BATCH):
        values = z.detach().numpy()[i * DRAWS : (i + 1) * DRAWS]
        law = scipy.stats.vonmises_fisher(mu[i].detach().numpy(), kappa[i].item())
        # Our draws are of length 1 in single precision only.
        values = values / np.linalg.norm(values, axis=1, keepdims=True)
        mine = kappa[i].item() * (values @ mu[i].detach().numpy()) + log_c[i].item()
        assert np.allclose(law.logpdf(values), mine, rtol=1e-9)


def choice(name, hard=False, weighs=False):
    head, w = tensor(f"{name}_head", True), tensor(f"{name}_w", True)
    size = 4
    logits = head.reshape(BATCH, -1, size)
    count = logits.shape[1]
    noisy = rows(logits) + tensor(f"{name}_noise").reshape(BATCH * DRAWS, count, size)
    soft = torch.softmax(noisy / TAU, -1)
    z = soft
    if hard:
        chosen = F.one_hot(noisy.argmax(-1), size).double()
        z = chosen + soft - soft.detach()
    z = z.reshape(BATCH * DRAWS, -1)
    each = cost(name, z, w)
    if weighs:
        own = td.RelaxedOneHotCategorical(torch.tensor(TAU), logits=rows(logits))
        prior = td.RelaxedOneHotCategorical(torch.tensor(TAU), logits=torch.zeros(size))
        loss = bound(each, (own.log_prob(soft) - prior.log_prob(soft)).sum(1))
    else:
        share = torch.softmax(logits, -1)
        entropy = -(share * torch.log_softmax(logits, -1)).sum(-1)
        loss = each.mean() + (np.log(size) - entropy).sum(1).mean()
    finish(name, loss, z, head, w)


def bits():
    head, w = tensor("bits_head", True), tensor("bits_w", True)
    relaxed = (rows(head) + tensor("bits_noise")) / TAU
    z = torch.sigmoid(relaxed)
    own = td.relaxed_bernoulli.LogitRelaxedBernoulli(torch.tensor(TAU), logits=rows(head))
    prior = td.relaxed_bernoulli.LogitRelaxedBernoulli(
        torch.tensor(TAU), logits=torch.zeros(head.shape[1]))
    ratios = (own.log_prob(relaxed) - prior.log_prob(relaxed)).sum(1)
    finish("bits", bound(cost("bits", z, w), ratios), z, head, w)


def joint():
    head, w = tensor("joint_head", True), tensor("joint_w", True)
    mean, log_variance, logits = head[:, :3], head[:, 3:6], head[:, 6:]
    style = rows(mean) + torch.exp(0.5 * rows(log_variance)) * tensor("joint_normal")
    digit = torch.softmax((rows(logits) + tensor("joint_noise")) / TAU, -1)
    z = torch.cat([style, digit], 1)
    gaussian = td.kl_divergence(
        td.Normal(mean, torch.exp(0.5 * log_variance)), td.Normal(0.0, 1.0)).sum(1)
    choice = td.kl_divergence(
        td.Categorical(logits=logits), td.Categorical(logits=torch.zeros_like(logits)))
    finish("joint", cost("joint", z, w).mean() + (gaussian + choice).mean(), z, head, w)


def densities():
    logits, relaxed, tau = tensor("density_logits"), tensor("density_relaxed"), torch.tensor(0.6)
    points = torch.softmax(relaxed.reshape(4, 2, 3), -1)
    law = td.RelaxedOneHotCategorical(tau, logits=logits.reshape(4, 2, 3))
    compare("density of choices", ours["density_choices"], law.log_prob(points).sum(1))
    law = td.relaxed_bernoulli.LogitRelaxedBernoulli(tau, logits=logits)
    compare("density of switches", ours["density_switches"], law.log_prob(relaxed).sum(1))


def bessel():
    mpmath.mp.dps = 40
    worst = np.zeros(4)
    scaled = 0
    for d, kappa, *seen in ours["bessel"]:
        nu, k = mpmath.mpf(d) / 2 - 1, mpmath.mpf(kappa)
        i = mpmath.besseli(nu, k)
        a = mpmath.besseli(nu + 1, k) / i
        log_c = nu * mpmath.log(k) - (nu + 1) * mpmath.log(2 * mpmath.pi) - mpmath.log(i)
        log_area = mpmath.log(2) + (nu + 1) * mpmath.log(mpmath.pi) - mpmath.loggamma(nu + 1)
        wanted = [a, k * a + log_c + log_area, log_c + k, 1 - a * a - (d - 1) * a / k]
        # The normaliser goes through 0.
        scales = [abs(v) for v in wanted]
        scales[2] = max(scales[2], 1)
        worst = np.maximum(
            worst, [float(abs(s - v) / c) for s, v, c in zip(seen, wanted, scales)])
        below, above = scipy.special.ive(d / 2 - 1, kappa), scipy.special.ive(d / 2, kappa)
        if above > 1e-290:
            scaled += 1
            assert abs(seen[0] - above / below) < 1e-9 * seen[0], (d, kappa)
    print("Bessel functions: A %.1e, KL %.1e, log C %.1e, A' %.1e" % tuple(worst))
    assert scaled > 80 and np.all(worst[:3] < 1e-8) and worst[3] < 1e-5, worst


sphere()
choice("choice")
choice("hard", hard=True)
choice("bound", weighs=True)
bits()
joint()
densities()
bessel()
