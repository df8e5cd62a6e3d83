"""The losses: eqs. 2, 4 to 7, 11 and 12 of the paper, and the classification of quarter turns."""
import math

import torch
from torch.nn import functional as F

from memory import recall, unit

VARIANCE_EPS = 1e-4
TURNS = 4


def nt_xent(z, zp, tau):
    """Eq. 5 of all 2B ordered pairs of the views [B, C]: the cross-entropy of finding each row's partner
    among the 2B - 1 other rows of both views."""
    h = unit(torch.cat([z, zp]))
    rows = torch.arange(len(h), device=h.device)
    logits = (h @ h.T / tau).masked_fill(rows[:, None] == rows, -math.inf)
    return F.cross_entropy(logits, rows.roll(len(z)), reduction="none")


def variance(answers, sphere, hinge):
    """Eq. 6 of the memory's answers [R, C]: per channel the standard deviation over the rows, then the mean
    over channels, times sqrt(C) on the sphere. With a hinge, what is missing to it counts; else minus it."""
    if len(answers) < 2:
        return answers.sum() * 0
    std = torch.sqrt(answers.var(0, unbiased=False) + VARIANCE_EPS)
    if sphere:
        std = std * math.sqrt(answers.shape[1])
    return (hinge - std).clamp_min(0).mean() if hinge > 0 else -std.mean()


def multi_scale(maps, maps_p, normal, memories, positions, s):
    """Eq. 7 of maps [B, H, W, C] of both views at each scale, at the sampled positions: eq. 4, the mean of
    eq. 5 (eq. 2) after the memory, and lambda_V times eq. 6."""
    total = 0.0
    for z, zp, memory, omega, lam in zip(maps, maps_p, memories, positions, s.lam):
        for y, x in omega:
            mem, answers = recall(z[:, y, x], normal, memory)
            contrasted = nt_xent(mem, zp[:, y, x], s.tau).mean()
            total = total + lam * (contrasted + s.lambda_v * variance(answers, memory.sphere, s.hinge))
    return total / sum(len(omega) for omega in positions)


def hinge_distance(d, normal, margin):
    """Eq. 11 for distances d [B]."""
    return torch.where(normal, (d - 1 / margin).clamp_min(0), (margin - d).clamp_min(0))


def supervised(distances, normal, margin):
    """Eq. 12: the mean of eq. 11 over scales and batch. distances holds [B] for each scale."""
    return torch.stack([hinge_distance(d, normal, margin) for d in distances]).mean()


def turns(logs, normal, lam):
    """The cross-entropy of log-probabilities [B, 4] at each scale, the mean over the scales weighted by
    lambda, and over the rows. Rows come in fours, an image rotated by 0 to 3 quarter turns, whose number is
    the target. Of an image that is not normal (normal[4i] is false) the classifiers shall know nothing: the
    target is uniform."""
    image = normal[::TURNS].repeat_interleave(TURNS)
    turned = torch.arange(len(normal), device=normal.device) % TURNS
    target = torch.where(image[:, None], F.one_hot(turned, TURNS).to(logs[0].dtype), 1 / TURNS)
    entropies = [-(target * log).sum(1).mean() for log in logs]
    return sum(l * e for l, e in zip(lam, entropies)) / sum(lam)
