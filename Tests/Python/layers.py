"""Layers in PyTorch, beside what expt made of the same numbers.

    layers.py FILE.npz

For each layer NAME below the file holds NAME/x, NAME/c (the weights of the sum that is differentiated),
NAME/y, NAME/dx, and NAME/parameter/P with NAME/gradient/P for each parameter P (NAME/state/P for state).
Prints for each: NAME, and the largest difference, relative to the largest number of an array.

spectral/NAME is a weight that should have the largest singular value 1, as a matrix: the singular value by
NumPy is printed.

Tests/ExptBuiltinsTests/Layers/LayerPyTorchTests.swift runs it.
"""

import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


def attention(x, p, heads_dimension, groups=None):
    source = x
    if groups is not None:
        source = F.group_norm(x, groups, p["norm.weight"], p["norm.bias"])

    def at_positions(name):
        return F.conv2d(source, p[f"{name}.weight"], p[f"{name}.bias"]).flatten(2).transpose(1, 2)

    q, k, v = (at_positions(name) for name in ("query", "key", "value"))
    assert q.shape[2] == heads_dimension
    mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(x.shape)
    return x + F.conv2d(mixed, p["out.weight"], p["out.bias"])


def spectral(module, x, p):
    """By torch.nn.utils.spectral_norm, from the same weight and vector."""
    module = nn.utils.spectral_norm(module)
    del module._parameters["weight_orig"], module._parameters["bias"]
    module.weight_orig, module.bias = p["weight"], p["bias"]
    module.weight_u.copy_(F.normalize(p["weight_u"].detach(), dim=0))
    module.train()
    return module(x)


layers = {
    "group_norm": lambda x, p: F.group_norm(x, 3, p["weight"], p["bias"], 1e-5),
    "group_norm of rows": lambda x, p: F.group_norm(x, 4, p["weight"], p["bias"], 1e-3),
    "attention": lambda x, p: attention(x, p, 6),
    "attention, normalised": lambda x, p: attention(x, p, 4, 2),
    "gated_linear": lambda x, p: F.glu(
        torch.cat(
            [F.linear(x, p[f"{half}.weight"], p[f"{half}.bias"]) for half in ("value", "gate")], 1), 1),
    "rescale": lambda x, p: 0.5 * x - 0.25,
    "pixel_shuffle": lambda x, p: F.pixel_shuffle(x, 3),
    "pixel_unshuffle": lambda x, p: F.pixel_unshuffle(x, 2),
    "avg_pool": lambda x, p: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False),
    "max_pool": lambda x, p: F.max_pool2d(x, 3, 2, 1),
    "max_pool, apart": lambda x, p: F.max_pool2d(x, 2, 3),
    "conv, same": lambda x, p: F.conv2d(x, p["weight"], p["bias"], padding="same"),
    "spectral linear": lambda x, p: spectral(nn.Linear(7, 5), x, p),
    "spectral conv": lambda x, p: spectral(nn.Conv2d(3, 5, 3, 2, 1), x, p),
    "spectral conv_transpose": lambda x, p: spectral(nn.ConvTranspose2d(3, 5, 4, 2, 1), x, p),
}

arrays = np.load(sys.argv[1])
for name in {key.split("/")[0] for key in arrays.files} - {"spectral"}:
    given = {k[len(name) + 1 :]: arrays[k] for k in arrays.files if k.startswith(name + "/")}
    # All in double: single precision has errors of its own.
    x = torch.from_numpy(given["x"]).double().requires_grad_()
    parameters = {
        k.split("/")[1]: torch.from_numpy(v).double().requires_grad_(not k.startswith("state"))
        for k, v in given.items()
        if k.startswith(("parameter/", "state/"))
    }
    torch.set_default_dtype(torch.float64)
    y = layers[name](x, parameters)
    (y * torch.from_numpy(given["c"]).double()).sum().backward()
    pairs = [(given["y"], y), (given["dx"], x.grad)] + [
        (given[f"gradient/{k}"], p.grad) for k, p in parameters.items() if p.requires_grad
    ]
    worst = 0.0
    largest = max(np.abs(wanted.detach().numpy()).max() for _, wanted in pairs)
    for seen, wanted in pairs:
        wanted = wanted.detach().numpy()
        assert seen.shape == wanted.shape, (name, seen.shape, wanted.shape)
        size = np.abs(wanted).max()
        # A gradient that is 0 but for rounding, by a constant of which a softmax takes no notice.
        size = largest if size < 1e-12 * largest else size
        worst = max(worst, float(np.abs(seen - wanted).max() / size))
    print(f"{name}\t{worst}")

for key in arrays.files:
    if key.startswith("spectral/"):
        print(f"{key}\t{np.linalg.svd(arrays[key].astype(np.float64), compute_uv=False)[0]}")
