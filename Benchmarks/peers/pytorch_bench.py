"""W1 to W13 in PyTorch, as fast as PyTorch users make it.

    python3 pytorch_bench.py W1 --data FOLDER_WITH_MNIST --variant fused --rounds 3

Variants: eager (as installed), fused (Adam in one pass), channels_last (convolutions in that layout,
and fused), compiled (torch.compile, and fused), library (W6 with the quantizer of the package
vector_quantize_pytorch, and fused). For the "tuned" PyTorch of RESULTS.md set
MKL_ENABLE_INSTRUCTIONS=AVX512 (AVX2 on a processor without it), MALLOC_MMAP_THRESHOLD_=1073741824,
MALLOC_TRIM_THRESHOLD_=17179869184. The models of W6 to W11 are in pytorch_zoo.py.
"""

import torch
from torch import nn

import pytorch_zoo as zoo
import workloads
from pytorch_zoo import mlp


class Model(zoo.VAE):
    """W1 to W5, W12 and W13."""

    def __init__(self, workload):
        super().__init__()
        self.is_sampled = workload == "W3"
        if workload in ("W4", "W12", "W13"):
            self.misfit = zoo.gaussian
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
            channels, side, hidden, latent = workloads.CONV[workload]
            down, up = [], []
            for a, b in zip(channels, channels[1:]):
                down += [nn.Conv2d(a, b, 4, 2, 1), nn.ReLU()]
                up = [nn.ConvTranspose2d(b, a, 4, 2, 1), nn.ReLU()] + up
            flat = channels[-1] * side * side
            self.encoder = nn.Sequential(*down, nn.Flatten(), *mlp([flat] + hidden, nn.ReLU))
            self.latent = nn.Linear((hidden or [flat])[-1], 2 * latent)
            self.decoder = nn.Sequential(*mlp([latent] + hidden[::-1] + [flat], nn.ReLU),
                                         nn.Unflatten(1, (channels[-1], side, side)), *up[:-1])

    def reconstruct(self, x):
        mean, _ = self.latent(self.encoder(x)).chunk(2, dim=1)
        return torch.sigmoid(self.decoder(mean))

    def loss(self, x):
        if not self.is_sampled:
            return super().loss(x)
        _, log_variance, noise, z = self.draw(x)  # the bound of one importance sample
        kl = 0.5 * (z**2 - noise**2 - log_variance).sum()
        return (self.misfit(self.decoder(z), x) + kl) / len(x)


def made(workload, variant):
    if variant == "library":
        if workload != "W6":
            raise SystemExit("library is a variant of W6 alone")
        return zoo.VQVAE(library=True)
    return zoo.MODELS[workload]() if workload in zoo.MODELS else Model(workload)


def main():
    options = workloads.arguments(__doc__, ["eager", "fused", "channels_last", "compiled", "library"])
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    data = torch.from_numpy(workloads.images(options))
    batch = workloads.BATCH[options.workload]
    model = made(options.workload, options.variant)
    layout = torch.contiguous_format
    if options.variant == "channels_last" and data.dim() == 4:
        layout = torch.channels_last
        model = model.to(memory_format=layout)
    optimizer = torch.optim.Adam(model.parameters(), lr=workloads.RATE[options.workload],
                                 fused=True if options.variant != "eager" else None)

    def wrap(function):
        return torch.compile(function, dynamic=False) if options.variant == "compiled" else function

    objective = wrap(model.loss)

    def floats(part):
        if part.is_floating_point():
            return part
        x = part.float().div_(255)
        if options.workload in workloads.REDRAWN:
            x = torch.bernoulli(x)
        return x.contiguous(memory_format=layout)

    def train():
        order = torch.randperm(len(data))
        total = torch.zeros(())
        for start in range(0, len(data), batch):
            x = floats(data[order[start : start + batch]])
            value = objective(x)
            optimizer.zero_grad(set_to_none=True)
            value.backward()
            optimizer.step()
            total += value.detach() * len(x)
        return total.item()

    def evaluate():
        with torch.inference_mode():
            for start in range(0, len(data), batch):
                reconstruct(floats(data[start : start + batch]))

    is_pass = options.workload.startswith("W5")
    if is_pass:
        reconstruct = wrap(model.reconstruct)
    workloads.serve(options, "PyTorch", torch.__version__, evaluate if is_pass else train)


if __name__ == "__main__":
    main()
