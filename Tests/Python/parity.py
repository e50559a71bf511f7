"""Does in PyTorch what expt did, from the same weights, and says how far apart the results are.

    parity.py reconstruct MODEL WEIGHTS IMAGES
    parity.py train MODEL FIRST LAST IMAGES BATCH OPTIMIZER

MODEL is a Python expression over the classes below, such as "MLP(784, [128], 16)". WEIGHTS, FIRST
and LAST are checkpoints/*.safetensors; IMAGES is what `expt reconstruct --npz` wrote. OPTIMIZER is
an expression such as "Adam(p, lr=1e-3)". Prints one line of JSON.

Tests/ExptKitTests/PyTorchParityTests.swift runs it.
"""

import json
import sys

import numpy
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn


def layer(product, norm=None):
    """A layer, named N; its normalisation is N.norm, as in expt's checkpoints."""
    if norm is not None:
        product.norm = norm
    return product


def norm_and_relu(layer, x):
    return F.relu(layer.norm(x) if hasattr(layer, "norm") else x)


class Autoencoder(nn.Module):
    """An AE, or a VAE whose head gives the mean and then the log-variance; Bernoulli pixels."""

    def __init__(self, features, latent, vae):
        super().__init__()
        self.size = latent
        self.latent = nn.Linear(features, 2 * latent if vae else latent)

    def logits(self, images):
        """Of the decoded posterior mean, or of an AE's decoded code."""
        return self.decode(self.latent(self.encode(images))[:, : self.size]).view_as(images)


class MLP(Autoencoder):
    def __init__(self, pixels, hidden, latent, vae=False):
        super().__init__(hidden[-1], latent, vae)
        there = [pixels, *hidden]
        back = [latent, *hidden[::-1], pixels]
        self.encoder = nn.ModuleList(nn.Linear(a, b) for a, b in zip(there, there[1:]))
        self.decoder = nn.ModuleList(nn.Linear(a, b) for a, b in zip(back, back[1:]))

    def encode(self, images):
        x = images.flatten(1)
        for linear in self.encoder:
            x = F.relu(linear(x))
        return x

    def decode(self, x):
        for linear in self.decoder[:-1]:
            x = F.relu(linear(x))
        return self.decoder[-1](x)


class Conv(Autoencoder):
    """kernel 4, stride 2, padding 1: every convolution halves the side, every transposed one
    doubles it. A layer before batch normalisation has no bias."""

    def __init__(self, side, channels, hidden, latent, vae=False, batch_norm=False):
        self.start = (channels[-1], side >> len(channels), side >> len(channels))
        flat = self.start[0] * self.start[1] * self.start[2]
        super().__init__([flat, *hidden][-1], latent, vae)
        two, one = (nn.BatchNorm2d, nn.BatchNorm1d) if batch_norm else (lambda n: None,) * 2
        bias = not batch_norm
        self.there = len(channels)

        encoder = [
            layer(nn.Conv2d(a, b, 4, 2, 1, bias=bias), two(b))
            for a, b in zip([1, *channels], channels)]
        encoder += [
            layer(nn.Linear(a, b, bias=bias), one(b)) for a, b in zip([flat, *hidden], hidden)]
        self.encoder = nn.ModuleList(encoder)

        sizes = [latent, *hidden[::-1]]
        decoder = [
            layer(nn.Linear(a, b, bias=bias), one(b)) for a, b in zip(sizes, sizes[1:])]
        self.back = len(decoder)
        # Its result is cut into maps before it is normalised.
        decoder += [layer(nn.Linear(sizes[-1], flat, bias=bias), two(self.start[0]))]
        decoder += [
            layer(nn.ConvTranspose2d(a, b, 4, 2, 1, bias=bias), two(b))
            for a, b in zip(channels[::-1], channels[-2::-1])]
        decoder += [nn.ConvTranspose2d(channels[0], 1, 4, 2, 1)]
        self.decoder = nn.ModuleList(decoder)

    def encode(self, x):
        for index, product in enumerate(self.encoder):
            x = norm_and_relu(product, product(x.flatten(1) if index >= self.there else x))
        return x.flatten(1)

    def decode(self, x):
        for index, product in enumerate(self.decoder[:-1]):
            x = product(x)
            x = norm_and_relu(product, x.unflatten(1, self.start) if index == self.back else x)
        return self.decoder[-1](x)


def largest_difference(these, those):
    """Over two dictionaries of tensors with the same names: how much, and where."""
    differences = {name: (these[name] - those[name]).abs().max().item() for name in these}
    name = max(differences, key=differences.get)
    return differences[name], name


def reconstruct(model, weights, images, expected):
    model.load_state_dict(load_file(weights))
    model.eval()
    with torch.no_grad():
        mean_images = torch.sigmoid(model.logits(images))
    return {
        "largest_difference": (mean_images - expected).abs().max().item(),
        "spread": (mean_images.amax(0) - mean_images.amin(0)).max().item(),
    }


def train(model, first, last, images, batch, optimizer):
    first, last = load_file(first), load_file(last)
    model.load_state_dict(first)
    model.train()
    optimizer = eval(f"torch.optim.{optimizer}", {"torch": torch, "p": model.parameters()})
    steps = 0
    for x in images.split(batch):
        loss = F.binary_cross_entropy_with_logits(model.logits(x), x, reduction="sum") / len(x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        steps += 1
    weights = model.state_dict()
    difference, name = largest_difference(last, weights)
    return {
        "steps": steps,
        "largest_difference": difference,
        "place": name,
        "largest_change": largest_difference(first, last)[0],
    }


def main():
    torch.manual_seed(0)
    command, model, *rest = sys.argv[1:]
    model = eval(model)
    if command == "reconstruct":
        weights, images = rest
        arrays = numpy.load(images)
        result = reconstruct(
            model, weights, *(torch.from_numpy(arrays[a]) for a in ("images", "reconstructions")))
    else:
        first, last, images, batch, optimizer = rest
        images = torch.from_numpy(numpy.load(images)["images"])
        result = train(model, first, last, images, int(batch), optimizer)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
