"""Trains a VAE on grey MNIST with PyTorch, for comparison with expt.

    python3 pytorch_vae.py --data FOLDER --model mlp|conv [--epochs 10] [--seed 1]

FOLDER holds the four IDX files of MNIST, gzipped or not. The models, the loss (binary cross-entropy
summed over pixels plus KL, averaged over the batch) and Adam at 1e-3 are those of
experiments/vae_mnist.yaml and experiments/conv_vae_mnist.yaml with dataset.validation=0. Prints one
JSON line an epoch, and the loss over the 10,000 test images at the end.
"""

import argparse
import gzip
import json
import os
import time

import numpy as np
import torch
from torch import nn
import torch.nn.functional as F


def idx(folder, name):
    for path in (os.path.join(folder, name + ".gz"), os.path.join(folder, name)):
        if os.path.exists(path):
            with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
                data = file.read()
            return np.frombuffer(data, np.uint8, offset=16).reshape(-1, 784)
    raise SystemExit(f"{folder} holds no {name}")


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(784, 400), nn.ReLU())
        self.latent = nn.Linear(400, 40)
        self.decoder = nn.Sequential(nn.Linear(20, 400), nn.ReLU(), nn.Linear(400, 784))


class Conv(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Unflatten(1, (1, 28, 28)),
            nn.Conv2d(1, 32, 4, 2, 1), nn.ReLU(), nn.Conv2d(32, 64, 4, 2, 1), nn.ReLU(),
            nn.Flatten(), nn.Linear(3136, 256), nn.ReLU())
        self.latent = nn.Linear(256, 32)
        self.decoder = nn.Sequential(
            nn.Linear(16, 256), nn.ReLU(), nn.Linear(256, 3136), nn.ReLU(),
            nn.Unflatten(1, (64, 7, 7)),
            nn.ConvTranspose2d(64, 32, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(32, 1, 4, 2, 1),
            nn.Flatten())


def loss(model, x):
    mean, log_variance = model.latent(model.encoder(x)).chunk(2, dim=1)
    z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
    reconstruction = F.binary_cross_entropy_with_logits(model.decoder(z), x, reduction="sum")
    kl = 0.5 * torch.sum(torch.exp(log_variance) + mean**2 - 1 - log_variance)
    return reconstruction / len(x), kl / len(x)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--model", choices=["mlp", "conv"], default="mlp")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--limit", type=int, default=60000)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    train = torch.from_numpy(idx(options.data, "train-images-idx3-ubyte")[: options.limit].copy())
    test = torch.from_numpy(idx(options.data, "t10k-images-idx3-ubyte").copy())
    model = MLP() if options.model == "mlp" else Conv()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(1, options.epochs + 1):
        began = time.perf_counter()
        order = torch.randperm(len(train))
        sums = np.zeros(2)
        for start in range(0, len(train), options.batch):
            x = train[order[start : start + options.batch]].float() / 255
            reconstruction, kl = loss(model, x)
            optimizer.zero_grad()
            (reconstruction + kl).backward()
            optimizer.step()
            sums += np.array([reconstruction.item(), kl.item()]) * len(x)
        seconds = time.perf_counter() - began
        rec, kl = sums / len(train)
        print(json.dumps({"epoch": epoch, "train_loss": rec + kl, "train_reconstruction": rec,
                          "train_kl": kl, "seconds": round(seconds, 3)}), flush=True)
    model.eval()
    with torch.no_grad():
        sums = np.zeros(2)
        for start in range(0, len(test), options.batch):
            x = test[start : start + options.batch].float() / 255
            sums += np.array([t.item() for t in loss(model, x)]) * len(x)
    rec, kl = sums / len(test)
    print(json.dumps({"test_loss": rec + kl, "test_reconstruction": rec, "test_kl": kl,
                      "torch": torch.__version__, "threads": torch.get_num_threads()}))


if __name__ == "__main__":
    main()
