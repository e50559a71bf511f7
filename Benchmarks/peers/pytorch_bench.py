"""W1 to W5 in PyTorch, as fast as PyTorch users make it.

    python3 pytorch_bench.py W1 --data FOLDER_WITH_MNIST --variant fused --rounds 3

Variants: eager (as installed), fused (Adam in one pass), channels_last (convolutions in that layout,
and fused), compiled (torch.compile, and fused). For the "tuned" PyTorch of RESULTS.md set
MKL_ENABLE_INSTRUCTIONS=AVX512, MALLOC_MMAP_THRESHOLD_=1073741824, MALLOC_TRIM_THRESHOLD_=17179869184.
"""

import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

import workloads

LOG_2PI = float(np.log(2 * np.pi))


def mlp(sizes, activation):
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [nn.Linear(inputs, outputs), activation()]
    return layers


class Model(nn.Module):
    """encoder, latent (mean and log-variance side by side), decoder to logits or means."""

    def __init__(self, workload):
        super().__init__()
        if workload in ("W1", "W5-mlp"):
            self.encoder = nn.Sequential(nn.Flatten(), *mlp([784, 400], nn.ReLU))
            self.latent = nn.Linear(400, 40)
            self.decoder = nn.Sequential(*mlp([20, 400], nn.ReLU), nn.Linear(400, 784),
                                         nn.Unflatten(1, (1, 28, 28)))
        elif workload == "W3":
            self.encoder = nn.Sequential(nn.Flatten(), *mlp([784, 200, 200], nn.Tanh))
            self.latent = nn.Linear(200, 100)
            self.decoder = nn.Sequential(*mlp([50, 200, 200], nn.Tanh), nn.Linear(200, 784),
                                         nn.Unflatten(1, (1, 28, 28)))
        else:
            hidden, latent, first = ([256], 16, (64, 7, 7))
            channels = [1, 32, 64]
            if workload == "W4":
                hidden, latent, first = ([], 128, (256, 4, 4))
                channels = [3, 32, 64, 128, 256]
            down, up = [], []
            for a, b in zip(channels, channels[1:]):
                down += [nn.Conv2d(a, b, 4, 2, 1), nn.ReLU()]
                up = [nn.ConvTranspose2d(b, a, 4, 2, 1), nn.ReLU()] + up
            flat = int(np.prod(first))
            self.encoder = nn.Sequential(*down, nn.Flatten(), *mlp([flat] + hidden, nn.ReLU))
            self.latent = nn.Linear((hidden or [flat])[-1], 2 * latent)
            self.decoder = nn.Sequential(*mlp([latent] + hidden + [flat], nn.ReLU),
                                         nn.Unflatten(1, first), *up[:-1])

    def reconstruct(self, x):
        mean, _ = self.latent(self.encoder(x)).chunk(2, dim=1)
        return torch.sigmoid(self.decoder(mean))


def loss(model, x, workload):
    mean, log_variance = model.latent(model.encoder(x)).chunk(2, dim=1)
    noise = torch.randn_like(mean)
    z = mean + torch.exp(0.5 * log_variance) * noise
    decoded = model.decoder(z)
    if workload == "W4":
        nll = 0.5 * ((decoded - x) ** 2 + LOG_2PI).sum()
    else:
        nll = F.binary_cross_entropy_with_logits(decoded, x, reduction="sum")
    if workload == "W3":  # the bound of one importance sample
        kl = 0.5 * (z**2 - noise**2 - log_variance).sum()
    else:
        kl = 0.5 * (torch.exp(log_variance) + mean**2 - 1 - log_variance).sum()
    return (nll + kl) / len(x), nll.detach(), kl.detach()


def main():
    options = workloads.arguments(__doc__, ["eager", "fused", "channels_last", "compiled"])
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    data = torch.from_numpy(workloads.images(options))
    batch = workloads.BATCH[options.workload]
    model = Model(options.workload)
    layout = torch.contiguous_format
    if options.variant == "channels_last":
        layout = torch.channels_last
        model = model.to(memory_format=layout)
    optimizer = torch.optim.Adam(
        model.parameters(), lr=1e-3, fused=True if options.variant != "eager" else None)

    def wrap(function):
        return torch.compile(function) if options.variant == "compiled" else function

    objective = wrap(lambda x: loss(model, x, options.workload))
    reconstruct = wrap(model.reconstruct)

    def floats(part):
        x = part.float().div_(255)
        if options.workload == "W3":
            x = torch.bernoulli(x)
        return x.contiguous(memory_format=layout)

    def train():
        order = torch.randperm(len(data))
        nll, kl = torch.zeros(()), torch.zeros(())
        for start in range(0, len(data), batch):
            total, a, b = objective(floats(data[order[start : start + batch]]))
            optimizer.zero_grad(set_to_none=True)
            total.backward()
            optimizer.step()
            nll += a
            kl += b
        return nll.item() + kl.item()

    def evaluate():
        with torch.inference_mode():
            for start in range(0, len(data), batch):
                reconstruct(floats(data[start : start + batch]))

    is_pass = options.workload.startswith("W5")
    workloads.serve(options, "PyTorch", torch.__version__, evaluate if is_pass else train)


if __name__ == "__main__":
    main()
