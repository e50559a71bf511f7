"""Objectives with codes and dictionaries in PyTorch, in double precision, from their papers.

    codes.py FOLDER

For each FOLDER/NAME.in.safetensors, which holds parameters, state and `images` under expt's names and its
settings as JSON in the metadata, writes FOLDER/NAME.out.safetensors: the loss `total`, each term `term/…`,
the gradients `gradient/…`, and `state/…` after the step.

Tests/ExptBuiltinsTests/Codes/CodesPyTorchTests.swift runs it.
"""

import json
import math
import pathlib
import sys

import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import save_file

torch.set_default_dtype(torch.float64)


# Networks: one hidden layer with tanh, or one convolution with ReLU.


def encode(p, x, conv):
    if conv:
        h = F.relu(F.conv2d(x, p["encoder.0.weight"], p["encoder.0.bias"], 2, 1))
        return F.conv2d(h, p["latent.weight"], p["latent.bias"])
    h = torch.tanh(F.linear(x.flatten(1), p["encoder.0.weight"], p["encoder.0.bias"]))
    return F.linear(h, p["latent.weight"], p["latent.bias"])


def decode(p, z, x, conv):
    if conv:
        h = F.relu(F.conv2d(z, p["decoder.0.weight"], p["decoder.0.bias"]))
        return F.conv_transpose2d(h, p["decoder.1.weight"], p["decoder.1.bias"], 2, 1)
    h = torch.tanh(F.linear(z, p["decoder.0.weight"], p["decoder.0.bias"]))
    return F.linear(h, p["decoder.1.weight"], p["decoder.1.bias"]).view_as(x)


def bernoulli(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(1).mean()


def rows(z, width, conv):
    """A row for each code: batch, then places, then pieces."""
    return (z.permute(0, 2, 3, 1) if conv else z).reshape(-1, width)


def unrows(v, z, conv):
    if not conv:
        return v.reshape(z.shape)
    b, c, h, w = z.shape
    return v.reshape(b, h, w, c).permute(0, 3, 1, 2)


# VQ-VAE (1711.00937): equation 3; appendix A.1 for the moving averages. Rotation: 2410.06424, section 4.


def rotated(z, e):
    """The rotation matrix of each row, written out, and the scale; both constants."""
    a = (z / z.norm(dim=1, keepdim=True)).detach()
    q = (e / e.norm(dim=1, keepdim=True)).detach()
    r = (a + q) / (a + q).norm(dim=1, keepdim=True)
    eye = torch.eye(z.shape[1])
    turn = eye - 2 * r[:, :, None] * r[:, None, :] + 2 * q[:, :, None] * a[:, None, :]
    scale = (e.norm(dim=1) / z.norm(dim=1)).detach()
    return scale[:, None] * torch.einsum("nij,nj->ni", turn, z)


def vq(s, p, x):
    width, conv, levels = s["latent"] // s["pieces"], s["conv"], s["levels"]
    z_map = encode(p, x, conv)
    z = rows(z_map, width, conv)
    rest, total, commitment, codebook, state = z, 0, 0, 0, {}
    for level in range(levels):
        name = "codebook" if levels == 1 else f"codebook.{level}"
        e = p[name + ".vectors"]
        index = torch.cdist(rest.detach(), e.detach()).argmin(1)
        chosen = e[index]
        commitment = commitment + ((rest - chosen.detach()) ** 2).sum()
        codebook = codebook + ((rest.detach() - chosen) ** 2).sum()
        one_hot = F.one_hot(index, e.shape[0]).to(z.dtype)
        n, sums = one_hot.sum(0), one_hot.T @ rest.detach()
        counts = p[name + ".counts"]
        moved = s["decay"] * counts + (1 - s["decay"]) * n
        state[name + ".counts"] = moved
        if s["update"] == "ema":
            m = s["decay"] * counts[:, None] * e + (1 - s["decay"]) * sums
            state[name + ".vectors"] = m / moved[:, None]
        total = total + chosen.detach()
        rest = rest - chosen.detach()
    seen = rotated(z, total) if s["gradient"] == "rotation" else z + (total - z).detach()
    r = bernoulli(decode(p, unrows(seen, z_map, conv), x, conv), x)
    terms = {"reconstruction": r, "commitment": commitment / len(x)}
    loss = r + s["commitment"] * terms["commitment"]
    if s["update"] == "gradient":
        terms["codebook"] = codebook / len(x)
        loss = loss + terms["codebook"]
    return loss, terms, state


# FSQ (2309.15505), appendix A.1, with arctanh; LFQ (2310.05737), section 3.1.


def fsq(s, p, x):
    levels = torch.tensor(s["levels"])
    z_map = encode(p, x, s["conv"])
    z = rows(z_map, len(levels), s["conv"])
    half = (levels - 1) * (1 + 1e-3) / 2
    offset = torch.where(levels % 2 == 0, 0.5, 0.0)
    bounded = torch.tanh(z + torch.atanh(offset / half)) * half - offset
    value = (bounded + (bounded.round() - bounded).detach()) / (levels // 2)
    r = bernoulli(decode(p, unrows(value, z_map, s["conv"]), x, s["conv"]), x)
    return r, {"reconstruction": r}, {}


def lfq(s, p, x):
    bits = s["bits"]
    z_map = encode(p, x, s["conv"])
    z = rows(z_map, bits, s["conv"])
    sign = torch.where(z > 0, 1.0, -1.0)
    r = bernoulli(decode(p, unrows(z + (sign - z).detach(), z_map, s["conv"]), x, s["conv"]), x)
    codes = torch.tensor([[1.0 if k >> i & 1 else -1.0 for i in range(bits)] for k in range(2**bits)])
    share = torch.softmax(-((z[:, None, :] - codes) ** 2).sum(2) / s["temperature"], 1)
    each = -(share * share.log()).sum(1).mean()
    mean = share.mean(0)
    whole = -(mean * mean.log()).sum()
    commitment = ((z - sign) ** 2).sum() / len(x)
    terms = {"reconstruction": r, "commitment": commitment, "choice_entropy": each,
             "code_entropy": whole}
    loss = r + s["commitment"] * commitment + s["entropy"] * (each - s["diversity"] * whole)
    return loss, terms, {}


# Sparse autoencoders. JumpReLU: 2407.14435, sections 3 and 4 and its pseudocode, whose windows are of
# pre-activations. Gated: 2404.16014, equation 8. AuxK: 2406.04093, appendix A.2. BatchTopK: 2412.06410.


def window(u):
    return ((u > -0.5) & (u < 0.5)).to(u.dtype)


class Jump(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, threshold, width):
        ctx.save_for_backward(x, threshold)
        ctx.width = width
        return x * (x > threshold)

    @staticmethod
    def backward(ctx, dy):
        x, threshold = ctx.saved_tensors
        dt = -(threshold / ctx.width) * window((x - threshold) / ctx.width) * dy
        return (x > threshold) * dy, dt.sum(0), None


class Step(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, threshold, width):
        ctx.save_for_backward(x, threshold)
        ctx.width = width
        return (x > threshold).to(x.dtype)

    @staticmethod
    def backward(ctx, dy):
        x, threshold = ctx.saved_tensors
        dt = -(1 / ctx.width) * window((x - threshold) / ctx.width) * dy
        return torch.zeros_like(x), dt.sum(0), None


def top_mask(x, k):
    return torch.zeros_like(x).scatter(1, x.topk(k, 1).indices, 1.0)


def sparse(s, p, images):
    x = images.flatten(1)
    w = p["dictionary"]
    lengths = w.norm(dim=1)
    if s["patterns"] == "unit":
        w = w / lengths[:, None]
    weighted = lengths if s["patterns"] == "weighted" else torch.ones(len(w))
    b, g = p["bias"], p["encoder.bias"]
    projected = (x - b) @ p["encoder.weight"].T
    pre = projected + g
    a, state, terms = s["activation"], {}, {}

    def cost(mean):
        sigma = s["scale"]
        each = 0.5 * ((x - mean) / sigma) ** 2 + math.log(sigma) + 0.5 * math.log(2 * math.pi)
        return each.sum(1).mean()

    penalty, gates = None, None
    kind = a["type"]
    if kind == "l1":
        f = F.relu(pre)
        penalty = (f * weighted).sum(1).mean()
    elif kind == "top_k":
        f = F.relu(pre) * top_mask(pre, a["k"])
    elif kind == "batch_top_k":
        f = F.relu(pre) * top_mask(pre.reshape(1, -1), a["k"] * len(x)).view_as(pre)
        least = f[f > 0].min()
        for name, value in (("threshold_sum", least), ("threshold_weight", torch.ones(()))):
            key = "activation." + name
            state[key] = a["decay"] * p[key] + (1 - a["decay"]) * value
    elif kind == "jump_relu":
        threshold = p["activation.log_threshold"].exp()
        f = Jump.apply(pre, threshold, a["bandwidth"])
        penalty = Step.apply(pre, threshold, a["bandwidth"]).sum(1).mean()
    else:
        magnitude = projected * p["activation.log_scale"].exp() + p["activation.bias"]
        f = F.relu(magnitude) * (pre > 0)
        gates = F.relu(pre)
        penalty = (gates * weighted).sum(1).mean()
    mean = f @ w + b
    terms["reconstruction"] = cost(mean)
    terms["l0"] = (f > 0).to(x.dtype).sum(1).mean()
    loss = terms["reconstruction"]
    if penalty is not None:
        terms["penalty"] = penalty
        loss = loss + a["weight"] * penalty
    if gates is not None:
        terms["gate_reconstruction"] = cost(gates @ w.detach() + b.detach())
        loss = loss + terms["gate_reconstruction"]
    if s["prefixes"]:
        terms["prefixes"] = sum(cost(f[:, :m] @ w[:m] + b) for m in s["prefixes"])
        loss = loss + terms["prefixes"]
    dead = p["idle"] >= s["dead_after"]
    state["idle"] = torch.where((f > 0).any(0), 0.0, p["idle"] + len(x))
    ranked = torch.where(dead, pre, -torch.inf)
    k = min(s["aux_latents"], len(w))
    z = F.relu(pre) * top_mask(ranked, k) * dead
    # The dead latents reconstruct the error without b.
    error = (x - mean).detach()
    terms["aux"] = cost(x - error + z @ w) - terms["reconstruction"].detach()
    loss = loss + s["aux_weight"] * terms["aux"]
    return loss, terms, state


KINDS = {"vq_vae": vq, "fsq_ae": fsq, "lfq_ae": lfq, "sparse_ae": sparse}

for path in pathlib.Path(sys.argv[1]).glob("*.in.safetensors"):
    with safe_open(path, "pt") as file:
        settings = json.loads(file.metadata()["settings"])
        p = {name: file.get_tensor(name).double() for name in file.keys()}
    images = p.pop("images")
    trained = [n for n in p if n in settings["trained"]]
    for name in trained:
        p[name].requires_grad_()
    loss, terms, state = KINDS[settings["type"]](settings, p, images)
    loss.backward()
    out = {"total": loss.detach().reshape(1)}
    out |= {"term/" + n: t.detach().reshape(1) for n, t in terms.items()}
    out |= {"gradient/" + n: p[n].grad for n in trained if p[n].grad is not None}
    out |= {"state/" + n: t.detach().reshape(p[n].shape) for n, t in state.items()}
    out = {n: t.float().contiguous().clone() for n, t in out.items()}
    save_file(out, str(path).replace(".in.", ".out."))
