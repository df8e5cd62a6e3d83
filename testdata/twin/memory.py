"""The memory layer: eqs. 1, 3 and 8 of the paper. z is [..., C], the patterns X are [N, C]."""
import math

import torch
from torch import nn

SHORTEST = 1e-12  # a row shorter than this has no direction
MOST_UPDATES = 1000


def unit(x):
    """Rows of length 1. A row without direction becomes 0 and passes no gradient."""
    length = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    return torch.where(length > SHORTEST, x / length.clamp_min(SHORTEST), 0.0)


class Memory(nn.Module):
    """N learned patterns. On the unit sphere beta counts sqrt(C) times; otherwise eq. 1 is as printed."""

    def __init__(self, n, channels, beta=2.0, updates=1, eps=0.0, sphere=True):
        super().__init__()
        self.patterns = nn.Parameter(torch.randn(n, channels))
        self.updates, self.eps, self.sphere = updates, eps, sphere
        self.sharpness = beta * math.sqrt(channels) if sphere else beta

    def scaled(self, x):
        return unit(x) if self.sphere else x

    def update(self, z):
        x = self.scaled(self.patterns)
        return torch.softmax(self.sharpness * self.scaled(z) @ x.T, dim=-1) @ x

    def forward(self, z):
        """Eq. 1, HF(z): a number of updates or, if that is 0, as many as each row needs by itself."""
        if self.updates == 0:
            return self.settle(self.scaled(z.flatten(0, -2))).reshape(z.shape)
        for _ in range(self.updates):
            z = self.update(z)
        return z

    def settle(self, z):
        """Updates each row until it changes by eps at most. A row that has settled stays as it is."""
        moving = torch.ones(len(z), 1, dtype=torch.bool, device=z.device)
        for _ in range(MOST_UPDATES):
            after = torch.where(moving, self.update(z), z)
            change = torch.linalg.vector_norm((after - z).detach(), dim=-1, keepdim=True)
            z, moving = after, moving & (change > self.eps)
            if not moving.any():
                break
        return z

    def deviation(self, z):
        """Eq. 8: what of z the memory does not return."""
        return self.scaled(z) - self(z)


def recall(z, normal, memory):
    """Eq. 3 for z [B, C]: rows of normal images pass through the memory, others stay. Returns Mem(z, y)
    and, for eq. 6, the memory's answers alone."""
    answers = memory(z[normal])
    mem = z.clone()
    mem[normal] = answers.to(mem.dtype)
    return mem, answers
