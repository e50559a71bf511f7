"""Normalising flows in PyTorch, in double precision, from the papers' maps alone.

    flows.py in.safetensors out.safetensors

No log determinant is written down here: densities come from the Jacobian of the map, by automatic
differentiation, and so do the gradients. Each case has its tensors under its own name, `iaf/head`, and its
settings as JSON in the file's metadata. What comes out: `iaf/values`, `iaf/density`, and `iaf/grad/…`, the
gradients of Σ values·c + Σ density·k.
"""

import json
import math
import sys

import torch
from safetensors import safe_open
from safetensors.torch import save_file

torch.set_default_dtype(torch.float64)


def normal(z, mean=0.0, log_variance=torch.tensor(0.0)):
    terms = (z - mean) ** 2 * torch.exp(-log_variance) + log_variance + math.log(2 * math.pi)
    return -0.5 * terms.sum(-1)


def planar(p, head, d, depth):
    """Rezende & Mohamed 2015, equation 10 and appendix A.1, with m(0) = 0."""
    numbers = head.reshape(depth, 2 * d + 1)

    def move(z):
        for row in numbers:
            u, w, b = row[:d], row[d : 2 * d], row[2 * d]
            m = -1 + torch.log(1 + (math.e - 1) * torch.exp(w @ u))
            z = z + (u + (m - w @ u) * w / (w @ w)) * torch.tanh(w @ z + b)
        return z

    return move


def radial(p, head, d, depth):
    """Rezende & Mohamed 2015, equation 14, with α + β = log(1 + exp(a + b))."""
    numbers = head.reshape(depth, d + 2)

    def move(z):
        for row in numbers:
            centre, alpha = row[:d], torch.log(1 + torch.exp(row[d]))
            beta = torch.log(1 + torch.exp(row[d] + row[d + 1])) - alpha
            r = torch.sqrt(((z - centre) ** 2).sum())
            z = z + beta * (z - centre) / (alpha + r)
        return z

    return move


def layers(p, step, sizes):
    return [(p[f"{step}.{i}.weight"], p[f"{step}.{i}.bias"]) for i in range(sizes)]


def network(stack, x):
    for weight, bias in stack[:-1]:
        x = torch.nn.functional.elu(weight @ x + bias)
    weight, bias = stack[-1]
    return weight @ x + bias


def made(p, step, d, hidden, context, reverse):
    """Germain et al. 2015: degrees 1 … d of the inputs, hidden units of degree k see degrees ≤ k, and
    outputs of degree i see hidden units of degree < i. The context has degree 0."""
    degrees = [d - i if reverse else i + 1 for i in range(d)]
    least = 1 if context is None and d > 1 else 0
    told = 0 if context is None else len(context)
    below = torch.tensor(degrees + [0] * told)
    stack = []
    for index, (weight, bias) in enumerate(layers(p, step, len(hidden) + 1)):
        if index < len(hidden):
            above = torch.tensor([least + k % max(1, d - least) for k in range(hidden[index])])
            mask = below[None, :] <= above[:, None]
            below = above
        else:
            mask = below[None, :] < torch.tensor(degrees * 2)[:, None]
        stack.append((weight * mask, bias))

    def numbers(z):
        both = network(stack, z if context is None else torch.cat([z, context]))
        return both[:d], both[d:]

    return numbers


def iaf(p, head, d, depth, hidden, forget):
    """Kingma et al. 2016, algorithm 1: z ← σ·z + (1 − σ)·m."""

    def move(z):
        for step in range(depth):
            m, s = made(p, step, d, hidden, head, step % 2 == 1)(z)
            gate = torch.sigmoid(s + forget)
            z = gate * z + (1 - gate) * m
        return z

    return move


def coupling(p, step, d, hidden, context, limit):
    """Dinh et al. 2017: half of the dimensions say how the others are scaled and shifted."""
    ranks = [d - 1 - i if step % 2 else i for i in range(d)]
    stays = torch.tensor([1.0 if rank < d // 2 else 0.0 for rank in ranks])
    stack = layers(p, step, len(hidden) + 1)

    def numbers(z):
        kept = z * stays
        both = network(stack, kept if context is None else torch.cat([kept, context]))
        return (1 - stays) * both[:d], (1 - stays) * limit * torch.tanh(both[d:] / limit)

    return numbers


def realnvp(p, head, d, depth, hidden, limit):
    def move(z):
        for step in range(depth):
            t, a = coupling(p, step, d, hidden, head, limit)(z)
            z = z * torch.exp(a) + t
        return z

    return move


def to_noise(p, context, d, kind, depth, hidden, limit):
    """z back to u of N(0, I), through the steps from the last to the first."""

    def move(z):
        for step in reversed(range(depth)):
            if kind == "maf":
                t, a = made(p, step, d, hidden, context, step % 2 == 1)(z)
                a = limit * torch.tanh(a / limit)
            else:
                t, a = coupling(p, step, d, hidden, context, limit)(z)
            z = (z - t) * torch.exp(-a)
        return z

    return move


def moved(move, x):
    """The image of a row, and log |det| of the map there."""
    jacobian = torch.autograd.functional.jacobian(move, x, create_graph=True)
    return move(x), torch.linalg.slogdet(jacobian)[1]


def posterior(kind, t, p, d, draws, **settings):
    make = {"planar": planar, "radial": radial, "iaf": iaf, "realnvp": realnvp}[kind]
    values, densities = [], []
    for row, noise in enumerate(t["noise"]):
        head = t["head"][row // draws]
        mean, log_variance, rest = head[:d], head[d : 2 * d], head[2 * d :]
        start = mean + torch.exp(0.5 * log_variance) * noise
        end, log_determinant = moved(make(p, rest, d, **settings), start)
        values.append(end)
        densities.append(normal(start, mean, log_variance) - log_determinant)
    return torch.stack(values), torch.stack(densities)


def prior(t, p, d, kind, draws, **settings):
    densities = []
    for row, z in enumerate(t["rows"]):
        context = t["condition"][row // draws] if "condition" in t else None
        u, log_determinant = moved(to_noise(p, context, d, kind, **settings), z)
        densities.append(normal(u) + log_determinant)
    return t["rows"], torch.stack(densities)


def vae(t, p, d, posterior_settings, prior_settings):
    """−ELBO of a VAE with an IAF posterior and a MAF prior, averaged over the images."""

    def part(name):
        return {key[len(name) :]: value for key, value in p.items() if key.startswith(name)}

    x = t["images"].flatten(1)
    hidden = torch.relu(x @ p["encoder.0.weight"].T + p["encoder.0.bias"])
    head = hidden @ p["latent.weight"].T + p["latent.bias"]
    z, log_q = posterior(
        "iaf", {"head": head, "noise": t["noise"]}, part("posterior."), d, 1, **posterior_settings
    )
    _, log_p = prior({"rows": z}, part("prior."), d, "maf", 1, **prior_settings)
    hidden = torch.relu(z @ p["decoder.0.weight"].T + p["decoder.0.bias"])
    logits = hidden @ p["decoder.1.weight"].T + p["decoder.1.bias"]
    cost = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return z, (cost.sum(1) + log_q - log_p).mean().reshape(1)


source, target = sys.argv[1:]
results = {}
with safe_open(source, "pt") as file:
    for case, text in file.metadata().items():
        names = [key for key in file.keys() if key.startswith(case + "/")]
        t = {key[len(case) + 1 :]: file.get_tensor(key).double() for key in names}
        for tensor in t.values():
            tensor.requires_grad_(True)
        p = {key[2:]: value for key, value in t.items() if key.startswith("p/")}
        settings = json.loads(text)
        kind = settings.pop("case")
        values, density = {
            "prior": lambda: prior(t, p, **settings),
            "vae": lambda: vae(t, p, **settings),
        }.get(kind, lambda: posterior(kind, t, p, **settings))()
        ((values * t["c"]).sum() + (density * t["k"]).sum()).backward()
        results[case + "/values"], results[case + "/density"] = values, density
        for name, tensor in t.items():
            if tensor.grad is not None and name not in ("c", "k", "noise"):
                results[case + "/grad/" + name] = tensor.grad
save_file({key: value.detach().contiguous() for key, value in results.items()}, target)
