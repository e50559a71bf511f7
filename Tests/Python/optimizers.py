"""What PyTorch's optimizers and schedules of the learning rate do.

    optimizers.py steps STEPS OPTIMIZER...
    optimizers.py rates STEPS SCHEDULE...

OPTIMIZER is an expression such as "Adamax([p], lr=0.05)": after so many steps its parameters are printed, a
line each. SCHEDULE is an expression such as "PolynomialLR(o, total_iters=40)", where `o` has the learning
rate 1: the rates of all steps are printed, a line each.

Tests/ExptBuiltinsTests/Optimizers/OptimizerPyTorchTests.swift runs it, with the same gradients.
"""

import sys
import warnings

import torch

warnings.simplefilter("ignore")  # schedules without steps


class Lion(torch.optim.Optimizer):
    """Algorithm 2 of Chen et al., arXiv 2302.06675, line by line."""

    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, dict(lr=lr, betas=betas, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            (beta1, beta2), lr, decay = group["betas"], group["lr"], group["weight_decay"]
            for p in group["params"]:
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                c = beta1 * m + (1 - beta1) * p.grad
                p -= lr * (torch.sign(c) + decay * p)
                self.state[p]["m"] = beta2 * m + (1 - beta2) * p.grad


def steps(count, expression):
    p = torch.nn.Parameter(torch.tensor([0.5, -1.0, 2.0, 0.0, -0.25]))
    optimizer = eval(expression, {**vars(torch.optim), "Lion": Lion, "p": p})
    i = torch.arange(5, dtype=torch.float32)
    for t in range(count):
        pull = torch.tensor([(7 * t + 3 * k) % 11 for k in range(5)], dtype=torch.float32)
        p.grad = p.detach() * (i + 1) * 0.5 + (pull * 0.25 - 1)
        optimizer.step()
    return p.tolist()


def rates(count, expression):
    o = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = eval(expression, {**vars(torch.optim.lr_scheduler), "o": o})
    found = []
    for t in range(count):
        found.append(o.param_groups[0]["lr"])
        if t + 1 < count:
            schedule.step()
    return found


command, count, *expressions = sys.argv[1:]
for expression in expressions:
    print(*({"steps": steps, "rates": rates}[command](int(count), expression)))
