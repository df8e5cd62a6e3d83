"""Writes what PyTorch's Adam makes of a few gradients, in float64.

    python3 adam.py [OUT]      # writes adam.json beside this script unless told otherwise

Needs PyTorch alone (2.x, CPU). "weight" is decayed and "bias" is not. Gradients and first values
are multiples of 1/128.
"""

import json
import os
import sys

import torch


def numbers(seed, n):
    return [((seed * 37 + i * 53) % 257 - 128) / 128 for i in range(n)]


def run(lr, decay, steps=4, n=5):
    weight = torch.tensor(numbers(1, n), dtype=torch.float64, requires_grad=True)
    bias = torch.tensor(numbers(2, n), dtype=torch.float64, requires_grad=True)
    adam = torch.optim.Adam([{"params": [weight], "weight_decay": decay}, {"params": [bias]}], lr=lr[0])
    case = {"decay": decay, "lr": lr, "first": [weight.tolist(), bias.tolist()], "grads": [], "values": []}
    for step in range(steps):
        grads = [numbers(10 + 2 * step, n), numbers(11 + 2 * step, n)]
        for group in adam.param_groups:
            group["lr"] = lr[step]
        weight.grad, bias.grad = (torch.tensor(g, dtype=torch.float64) for g in grads)
        adam.step()
        case["grads"].append(grads)
        case["values"].append([weight.tolist(), bias.tolist()])
    return case


out = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "adam.json")
with open(out, "w") as f:
    json.dump([run([0.1, 0.1, 0.05, 0.01], 0.0), run([0.01, 0.02, 0.02, 0.5], 0.25)], f)
    f.write("\n")
