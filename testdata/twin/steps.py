"""A step of each stage of training."""
import contextlib
import math

import torch
from torch import nn

import losses

NORM_MOMENTUM = 0.1


def chunks(rows, most):
    """The bounds of the least number of chunks, as even as possible, of at most so many rows."""
    n = max(1, -(-rows // most))
    return [(i * rows // n, (i + 1) * rows // n) for i in range(n)]


class Statistics:
    """Moves the running statistics of all norms once a step, towards their mean over its chunks."""

    def __init__(self, net):
        self.norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d)]

    def __enter__(self):
        self.chunks = 0
        self.old = [(m.running_mean, m.running_var) for m in self.norms]
        for m in self.norms:
            m.running_mean, m.running_var = torch.zeros_like(m.running_mean), torch.zeros_like(m.running_var)
        return self

    def next(self):
        """Begins a chunk: with a momentum of 1/k at chunk k, running statistics are the mean so far."""
        self.chunks += 1
        for m in self.norms:
            m.momentum = 1 / self.chunks

    def __exit__(self, *_):
        for m, (mean, var) in zip(self.norms, self.old):
            m.running_mean = (1 - NORM_MOMENTUM) * mean + NORM_MOMENTUM * m.running_mean
            m.running_var = (1 - NORM_MOMENTUM) * var + NORM_MOMENTUM * m.running_var


def encode(encoder, images, order, chunk, statistics):
    """The maps of images, encoded chunk by chunk in the given order, in the order of the images. Each chunk has
    batch norms of its own."""
    parts = []
    for lo, hi in chunks(len(images), chunk):
        statistics.next()
        parts.append(encoder(images[order[lo:hi]]))
    place = torch.argsort(order)
    return [torch.cat(maps)[place] for maps in zip(*parts)]


def stage1(net, views, second, normal, copied, positions, s, autocast=contextlib.nullcontext):
    """The loss of a step of stage 1 on views [B, H, W, 3], two with eq. 7 and else one: eq. 7, and what quarter
    turns and heads add. The second view is encoded in an order of its own. The encoder alone runs within autocast."""
    with autocast(), Statistics(net.encoder) as statistics:
        orders = [torch.arange(len(normal), device=normal.device), second]
        maps = [encode(net.encoder, v, o, s.chunk, statistics) for v, o in zip(views, orders)]
    maps = [[z.to(net.memory[0].patterns.dtype) for z in view] for view in maps]
    contrasted = losses.multi_scale(*maps, normal, net.memory, positions, s) if s.contrast else torch.zeros(())
    added = torch.zeros((), dtype=maps[0][0].dtype, device=normal.device)
    for view in maps:
        if s.turn:
            logs = [h(z) for h, z in zip(net.turns, view)]
            added = added + s.turn * losses.turns(logs, normal, s.lam) / len(maps)
        if s.joint:
            added = added + s.joint * joint(net, view, normal, copied, s) / len(maps)
    return contrasted, added


@torch.no_grad()
def fill(memories, features):
    """Draws the patterns of memories from features [n, C] that have a direction, without replacement."""
    for memory, rows in zip(memories, features):
        rows = rows[rows.norm(dim=1) > 0]
        memory.patterns.copy_(rows[torch.randperm(len(rows), device=rows.device)[:len(memory.patterns)]])


def joint(net, maps, normal, copied, s):
    """Eq. 12 in stage 1, of heads that see deviations 2*sqrt(C) times. Beside the classification of quarter
    turns, which learns from rotated copies, it is of the other rows alone."""
    distances = [h(2 * math.sqrt(z.shape[3]) * m.deviation(z)) for h, m, z in zip(net.head, net.memory, maps)]
    rows = ~copied if s.turn else torch.ones_like(copied)
    return losses.supervised([d[rows] for d in distances], normal[rows], s.margin)


def standard(cells):
    """The mean and the standard deviation of each channel of cells [..., C]. A ten-thousandth of the mean
    variance is added to each variance, so that no channel that hardly varies outweighs all others."""
    rows = cells.flatten(0, -2)
    var = rows.var(0, unbiased=False)
    return rows.mean(0), torch.sqrt(var + var.mean() / 1e4 + 1e-12)


def stage2(heads, cells, standards, normal, margin):
    """Eq. 12 of heads on cells [B, pool, pool, C] of each scale, standardised."""
    distances = [h.cells((x - mean) / std) for h, x, (mean, std) in zip(heads, cells, standards)]
    return losses.supervised(distances, normal, margin)


@torch.no_grad()
def fold(head, mean, std):
    """Changes a head so that it gives for cells as they are what it gave for standardised ones."""
    each = head.hidden.in_features // len(mean)
    head.hidden.weight /= std.repeat(each)
    head.hidden.bias -= head.hidden.weight @ mean.repeat(each)


def optimiser(net, s):
    """SGD with Nesterov's momentum. Only weights of convolutions and linear layers decay."""
    weights = [m.weight for m in net.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    others = [p for p in net.parameters() if not any(p is w for w in weights)]
    return torch.optim.SGD([{"params": weights, "weight_decay": s.decay}, {"params": others}],
                           lr=s.lr, momentum=s.momentum, nesterov=s.momentum > 0)


def rate(step, warm_up, steps):
    """The learning rate of a step as a share of its peak: it rises in equal steps, then falls along half a
    cosine (Loshchilov and Hutter, ICLR 2017, without restarts)."""
    if step < warm_up:
        return (step + 1) / warm_up
    return (1 + math.cos(math.pi * (step - warm_up) / (steps - warm_up))) / 2


def update(sgd, loss, rate):
    """Makes a step along the gradient of the loss."""
    sgd.zero_grad()
    loss.backward()
    for group in sgd.param_groups:
        group["lr"] = rate
    sgd.step()
