"""Numbers that belong to a name, which Go makes as well (nn/torchtest): what fixtures start from, and the
directions that stand for whole tensors. ../resnet/generate.py says why these."""
import math

import torch

MASK = 0xFFFFFFFF


def hashes(name, n):
    seed = 2166136261
    for b in name.encode():
        seed = (seed ^ b) * 16777619 & MASK
    h = (seed + 2654435761 * torch.arange(n)) & MASK
    h = ((h ^ h >> 16) * 0x85EBCA6B) & MASK
    h = ((h ^ h >> 13) * 0xC2B2AE35) & MASK
    return h ^ h >> 16


def u(name, *shape):
    """Multiples of 1/2048 in [-1, 1)."""
    n = math.prod(shape)
    return (((hashes(name, n) >> 20) - 2048).double() / 2048).reshape(shape)


def first(name, shape, bottleneck):
    """The first values of a parameter or running statistic. Weights are of the size that keeps that of what
    they sum; all are exact in float32."""
    v = u(name, *shape)
    if len(shape) > 1:
        halvings = 0
        while 6 * 4**halvings < math.prod(shape[1:]):
            halvings += 1
        return v / 2**halvings
    if name.endswith(".bn3.weight") or name.endswith(".bn2.weight") and not bottleneck:
        return v / 16 + 0.25  # the last norm of a block
    if name.endswith("running_var"):
        return v / 2 + 1
    return v / 4 + (1 if name.endswith("weight") else 0)


def digest(t):
    """Up to 8 elements as they are; of more the norm, three products with fixed directions, and four
    elements."""
    t = t.detach().double().flatten()
    if len(t) <= 8:
        return t.tolist()
    products = [t @ u(f"dot{k}", len(t)) for k in range(3)]
    return torch.stack([t.norm(), *products, *t[hashes("at", 4) % len(t)]]).tolist()
