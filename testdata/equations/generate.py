"""Writes the numbers that every equation of the paper is held against.

    python3 generate.py [OUT_DIR]        # writes *.jsonl beside this script unless told otherwise

Needs PyTorch alone (2.x, CPU). Everything runs in float64 and is written with as many digits as it takes
to read the same float64 back. One line is one case:

    {"name", "func", "config", "inputs": {NAME: {"shape", "data"}}, "output": {...}, "grads": {NAME: {...}},
     "float64_only": REASON or absent}

Inputs are multiples of 1/128 (times a power of two for the large ones): exact in float32, so that the
float32 code is asked the very same question. A scalar output is differentiated as it is; any other output
is first multiplied, element i in row-major order, by ((7 i) mod 16) / 8 - 15/16 and summed.

Shapes: B batch, C channels of a scale, N stored patterns, H x W positions. normal[k] says y_k = 1.
"""

import json
import math
import os
import sys

import torch

REAL = torch.float64
SHORTEST = 1e-12  # a row shorter than this has no direction


# ---- the equations --------------------------------------------------------------------------------


def unit_rows(x):
    """x / |x| along the last axis. A row without direction becomes zero and is cut from the graph."""
    long_enough = x.detach().norm(dim=-1, keepdim=True) > SHORTEST
    safe = torch.where(long_enough, x, torch.ones_like(x))
    return torch.where(long_enough, safe / safe.norm(dim=-1, keepdim=True), torch.zeros_like(x))


def on_scale(x, similarity):
    """The space that a similarity compares in, before any learned number."""
    if similarity == "raw":
        return x
    if similarity == "unit":
        return unit_rows(x)
    if similarity == "layernorm":  # zero mean, unit variance along channels
        return unit_rows(x - x.mean(dim=-1, keepdim=True)) * math.sqrt(x.shape[-1])
    raise ValueError(similarity)


def retrieve(z, patterns, beta=2.0, updates=1, eps=0.0, similarity="unit", log=None):
    """Eq. 1. z (..., C), patterns (N, C)."""
    c = z.shape[-1]
    sharpness = {"raw": beta, "unit": beta * math.sqrt(c), "layernorm": beta / math.sqrt(c)}[similarity]
    stored = on_scale(patterns, similarity)

    def update(state, first):
        # The first comparison is with the query's place on the scale; later ones with a mixture of stored
        # patterns, which has left the sphere and is put back before it is compared.
        q = state if first else on_scale(state, similarity)
        return torch.softmax(sharpness * (q @ stored.T), dim=-1) @ stored

    rows = on_scale(z.reshape(-1, c), similarity)
    if updates > 0:
        for t in range(updates):
            rows = update(rows, t == 0)
        return rows.reshape(z.shape)
    done = []
    for k in range(rows.shape[0]):  # one row at a time: its neighbours cannot touch it
        row = rows[k : k + 1]
        for t in range(1000):
            new = update(row, t == 0)
            change = (new - row).detach().norm().item()
            row = new
            if log is not None:
                log.append(change)
            if change <= eps:
                break
        done.append(row)
    return torch.cat(done).reshape(z.shape)


def mem(z, normal, patterns, **memory):
    """Eq. 3. z (B, C): a normal row is replaced by what the memory returns, an anomalous one stays."""
    got = retrieve(z, patterns, **memory)
    return torch.stack([got[k] if normal[k] else z[k] for k in range(z.shape[0])])


def ntxent_rows(z, zp, tau):
    """Eq. 5 for all 2B ordered pairs, (z_k, z'_k) first: log(1 + sum over the others of exp(s - s_pos))."""
    b = z.shape[0]
    h = unit_rows(torch.cat([z, zp]))
    s = h @ h.T / tau
    other = torch.arange(2 * b).roll(b)  # the partner of each row
    pos = s.gather(1, other.unsqueeze(1))
    drop = torch.eye(2 * b, dtype=torch.bool)
    drop[torch.arange(2 * b), other] = True
    return torch.log1p(torch.exp(s - pos).masked_fill(drop, 0.0).sum(dim=1))


def ntxent(z, zp, tau=0.1):
    """Eq. 2."""
    return ntxent_rows(z, zp, tau).mean()


def barlow(z, zp, weight=5e-3, eps=1e-5):
    """Barlow Twins: the cross-correlation of standardised columns, towards the identity."""

    def standard(x):
        centred = x - x.mean(dim=0)
        return centred / torch.sqrt((centred**2).mean(dim=0) + eps)

    corr = standard(z).T @ standard(zp) / z.shape[0]
    on = torch.eye(corr.shape[0], dtype=torch.bool)
    return ((corr[on] - 1) ** 2).sum() + weight * (corr[~on] ** 2).sum()


def vicreg(z, zp, invariance=25.0, variance=25.0, covariance=1.0, gamma=1.0, eps=1e-4):
    """VICReg: the two views agree, every channel spreads to gamma, channels do not covary (B - 1 below)."""
    b, c = z.shape
    total = invariance * ((z - zp) ** 2).sum() / (b * c)
    for x in (z, zp):
        centred = x - x.mean(dim=0)
        cov = centred.T @ centred / (b - 1)
        spread = torch.sqrt(torch.diagonal(cov) + eps)
        off = cov[~torch.eye(c, dtype=torch.bool)]
        total = total + variance * torch.relu(gamma - spread).sum() / c + covariance * (off**2).sum() / c
    return total


def contrasted(z, zp, normal, patterns, tau=0.1, pair="ntxent", **memory):
    """Eq. 4."""
    a = mem(z, normal, patterns, **memory)
    return {"ntxent": lambda: ntxent(a, zp, tau), "barlow": lambda: barlow(a, zp), "vicreg": lambda: vicreg(a, zp)}[pair]()


def variance(z, normal, patterns, hinge=0.0, per_row=False, floor=1e-4, **memory):
    """Eq. 6. Spread over the batch a channel (or, per_row, over the channels a row) of what is retrieved
    for the normal rows. hinge > 0: the mean of max(hinge - spread, 0) instead of minus the mean spread.
    Zero if there is nothing to spread: fewer than two normal rows (per_row: none)."""
    chosen = [k for k in range(z.shape[0]) if normal[k]]
    if len(chosen) < (1 if per_row else 2):
        return (z * 0).sum() + (patterns * 0).sum()
    rows = mem(z, normal, patterns, **memory)[chosen]
    axis = 1 if per_row else 0
    spread = torch.sqrt(((rows - rows.mean(dim=axis, keepdim=True)) ** 2).mean(dim=axis) + floor)
    if memory.get("similarity", "unit") == "unit":
        spread = spread * math.sqrt(z.shape[1])
    return torch.relu(hinge - spread).mean() if hinge > 0 else -spread.mean()


def multiscale(maps, views, normal, patterns, positions, weights, lambda_v=0.05, tau=0.1, negatives="location",
               hinge=0.0, pair="ntxent", **memory):
    """Eq. 7. maps, views: one (B, H, W, C) a scale. negatives "pooled": p of eq. 5 runs over all sampled
    locations, whose losses are still summed a location."""
    total, count = torch.zeros((), dtype=REAL), 0
    for z, zp, x, where, weight in zip(maps, views, patterns, positions, weights):
        count += len(where)
        zl = [z[:, i, j] for i, j in where]
        zpl = [zp[:, i, j] for i, j in where]
        if negatives == "pooled":
            total = total + weight * len(where) * contrasted(
                torch.cat(zl), torch.cat(zpl), normal * len(where), x, tau, pair, **memory)
        for a, b in zip(zl, zpl):
            if negatives == "location":
                total = total + weight * contrasted(a, b, normal, x, tau, pair, **memory)
            total = total + weight * lambda_v * variance(a, normal, x, hinge=hinge, **memory)
    return total / count


def deviation(z, patterns, **memory):
    """Eq. 8, both terms on the similarity's scale. z (B, H, W, C)."""
    return on_scale(z, memory.get("similarity", "unit")) - retrieve(z, patterns, **memory)


def cosine_deviation(z, patterns, **memory):
    """1 - cos(z, HF(z)) a position: (B, H, W). The angle is taken where the similarity takes it."""
    similarity = memory.get("similarity", "unit")
    return 1 - (unit_rows(on_scale(z, similarity)) * unit_rows(retrieve(z, patterns, **memory))).sum(dim=-1)


def one_class(z, patterns, **memory):
    """Eq. 9: (B,), the length of an image's whole deviation map."""
    return (deviation(z, patterns, **memory) ** 2).sum(dim=(1, 2, 3)).sqrt()


def head(z, patterns, w1, b1, w2, b2, pool=2, **memory):
    """Eq. 10: (B,). Windows [floor(i h / p), ceil((i + 1) h / p)), flattened as (h, w, c); two layers."""
    d = deviation(z, patterns, **memory)
    _, height, width, _ = d.shape
    window = lambda i, n: slice(i * n // pool, -(-(i + 1) * n // pool))
    cells = [d[:, window(i, height), window(j, width)].mean(dim=(1, 2)) for i in range(pool) for j in range(pool)]
    return (torch.relu(torch.cat(cells, dim=1) @ w1.T + b1) @ w2.T + b2)[:, 0]


def hinge(d, normal, margin=2.0):
    """Eq. 11: (B,)."""
    return torch.where(torch.tensor(normal), torch.relu(d - 1 / margin), torch.relu(margin - d))


def supervised(ds, normal, margin=2.0):
    """Eq. 12."""
    return torch.stack([hinge(d, normal, margin) for d in ds]).mean()


def merged(scores, weights):
    """Eq. 13."""
    return sum(w * s for w, s in zip(weights, scores)) / sum(weights)


# ---- cases ----------------------------------------------------------------------------------------


class Draws:
    """Random tensors on the grid of 1/128, a stream a seed."""

    def __init__(self, seed):
        self.g = torch.Generator().manual_seed(seed)

    def __call__(self, *shape, scale=1.0):
        x = torch.randn(*shape, generator=self.g, dtype=REAL)
        small = min(scale, 1.0)
        return ((x * small * 128).round() / 128 * (scale / small)).requires_grad_(True)


def edit(x, f):
    """A copy of x that f has changed in place."""
    y = x.detach().clone()
    f(y)
    return y.requires_grad_(True)


def put(x, rows, value):
    def f(y):
        y[rows] = value if not torch.is_tensor(value) else value.detach()
    return edit(x, f)


T, F = True, False
LABELS = {"mixed": [T, T, F, T, F, T], "normal": [T] * 6, "anomalous": [F] * 6, "single": [F, F, T, F, F, F]}
SIMILARITIES = ("raw", "unit", "layernorm")

# Cases that float32 is not asked, and why.
LOW_EPS = "a float32 row cannot resolve a change of 1e-9"
TWO_ROWS = "a standardised column of two rows is -1 and 1 whatever they hold: its gradient is what eps leaves"

# Gradients that are 0 by mathematics and rounding noise in PyTorch: written as 0.
EXACT_ZERO = {
    "retrieve/layernorm/two channels": ("z", "patterns"),  # two channels of mean 0, variance 1: -1 and 1
    "simclr/one channel/": ("z", "zp"),  # a unit row of one channel is -1 or 1
    "simclr/all rows equal/": ("z", "zp"),  # a pull along the row itself does not turn it
    "variance/raw/one pattern": ("z", "patterns"),  # whatever is asked, the one stored row comes back
    "variance/unit/one pattern": ("z", "patterns"),
    "variance/layernorm/one pattern": ("z", "patterns"),
}
# Values that are this small and right: exponentials of large negative numbers.
TRULY_TINY = ("simclr/same views/tau=0.01", "simclr/near views/tau=0.01")


def hopfield_cases():
    for seed in (11, 12):
        d = Draws(seed)
        z, x = d(6, 8), d(5, 8)
        # Several updates: queries beside a mild pattern each. A row that wanders past a saddle multiplies
        # rounding errors by a hundred, and one that a peaked softmax holds fast leaves its query a gradient
        # that only float64 can see.
        mild = d(5, 8, scale=0.375)
        near = edit(torch.cat([mild, mild[:1]]), lambda t: t.add_(d(6, 8, scale=0.1875).detach()))
        for s in SIMILARITIES:
            for updates, eps in ((1, 0.0), (3, 0.0), (0, 1e-9), (0, 2e-3)):
                if seed == 12 and updates == 3:
                    continue
                kw = dict(beta=2.5 if updates == 0 and s != "raw" else 2.0, updates=updates, eps=eps, similarity=s)
                a, b = (near, mild) if updates != 1 else (z, x)
                yield (f"retrieve/{s}/updates={updates}/eps={eps}/seed={seed}", "retrieve", kw, dict(z=a, patterns=b),
                       lambda a=a, b=b, kw=kw: retrieve(a, b, **kw))
    d = Draws(13)
    z, x, field = d(4, 8), d(5, 8), d(2, 3, 2, 8)
    zero, dup = put(z, slice(1, 3), 0.0), put(z, slice(1, 3), z[0])
    variants = {
        "one row": (put(z, slice(0, 0), 0)[:1].detach().clone().requires_grad_(True), x),
        "zero rows": (zero, x),
        "zero pattern": (z, put(x, 3, 0.0)),
        "all zero": (put(z, slice(None), 0.0), put(x, slice(None), 0.0)),
        "duplicate rows": (dup, x),
        "duplicate patterns": (z, put(x, slice(2, 5), x[1])),
        "row is pattern": (put(z, 0, x[2]), x),
        "one pattern": (z, d(1, 8)),
        "two channels": (d(5, 2), d(3, 2)),
        "many patterns": (d(3, 4), d(37, 4)),
        "a map": (field, x),
    }
    for s in SIMILARITIES:
        for name, (a, b) in variants.items():
            kw = dict(beta=2.0, updates=1, similarity=s)
            yield f"retrieve/{s}/{name}", "retrieve", kw, dict(z=a, patterns=b), lambda a=a, b=b, kw=kw: retrieve(a, b, **kw)
        for beta in (0.25, 8.0):
            kw = dict(beta=beta, updates=1, similarity=s)
            yield f"retrieve/{s}/beta={beta}", "retrieve", kw, dict(z=z, patterns=x), lambda kw=kw: retrieve(z, x, **kw)
        for scale in (1024.0, 8192.0):
            a, b = edit(z, lambda t: t.mul_(scale)), edit(x, lambda t: t.mul_(8 if s == "raw" else scale))
            kw = dict(beta=2.0, updates=1, similarity=s)
            yield (f"retrieve/{s}/norm={scale:g}", "retrieve", kw, dict(z=a, patterns=b),
                   lambda a=a, b=b, kw=kw: retrieve(a, b, **kw))
        z6 = d(6, 8)
        for name, labels in LABELS.items():
            kw = dict(beta=2.0, updates=1, similarity=s)
            yield (f"mem/{s}/{name}", "mem", {**kw, "normal": labels}, dict(z=z6, patterns=x),
                   lambda z6=z6, labels=labels, kw=kw: mem(z6, labels, x, **kw))
        kw = dict(beta=2.0, updates=1, similarity=s)
        withzero = put(field, (1, 2), 0.0)
        for name, m in (("", field), ("/zero rows", withzero)):
            yield f"deviation/{s}{name}", "deviation", kw, dict(z=m, patterns=x), lambda m=m, kw=kw: deviation(m, x, **kw)
            yield (f"cosine/{s}{name}", "cosine_deviation", kw, dict(z=m, patterns=x),
                   lambda m=m, kw=kw: cosine_deviation(m, x, **kw))


def ntxent_cases():
    for seed in (21, 22):
        d = Draws(seed)
        z, zp, one, onep = d(6, 8), d(6, 8), d(1, 8), d(1, 8)
        for tau in (0.01, 0.05, 0.1, 0.5, 1.0):
            yield f"simclr/tau={tau}/seed={seed}", "ntxent", dict(tau=tau), dict(z=z, zp=zp), lambda z=z, zp=zp, tau=tau: ntxent(z, zp, tau)
        yield f"simclr/one pair/seed={seed}", "ntxent", dict(tau=0.1), dict(z=one, zp=onep), lambda a=one, b=onep: ntxent(a, b, 0.1)
    d = Draws(23)
    z, zp = d(5, 8), d(5, 8)
    near = edit(z, lambda t: t.add_((d(5, 8, scale=0.125)).detach()))
    variants = {
        "same views": (z, put(z, slice(0, 0), 0)),
        "near views": (z, near),
        "opposite views": (z, edit(z, lambda t: t.neg_())),
        "duplicate rows": (put(z, slice(1, 4), z[0]), zp),
        "all rows equal": (put(z, slice(None), z[0]), put(z, slice(None), z[0])),
        "zero row": (put(z, 2, 0.0), zp),
        "zero rows and partners": (put(z, slice(1, 3), 0.0), put(zp, slice(2, 4), 0.0)),
        "all zero": (put(z, slice(None), 0.0), put(zp, slice(None), 0.0)),
        "norm=1024": (edit(z, lambda t: t.mul_(1024)), edit(zp, lambda t: t.mul_(1024))),
        "norm=8192 and 1": (edit(z, lambda t: t.mul_(8192)), zp),
        "one channel": (d(5, 1), d(5, 1)),
        "two pairs": (d(2, 3), d(2, 3)),
    }
    for name, (a, b) in variants.items():
        for tau in (0.01, 0.1, 1.0):
            yield f"simclr/{name}/tau={tau}", "ntxent", dict(tau=tau), dict(z=a, zp=b), lambda a=a, b=b, tau=tau: ntxent(a, b, tau)
    # More columns than one block of 256, so that a block's edge falls inside the denominator.
    wide, widep = d(150, 2), d(150, 2)
    yield "simclr/across blocks", "ntxent", dict(tau=0.1), dict(z=wide, zp=widep), lambda: ntxent(wide, widep, 0.1)
    d = Draws(24)
    z, zp, x = d(6, 8), d(6, 8), d(5, 8)
    for s in SIMILARITIES:
        for name, labels in LABELS.items():
            for tau in ((0.05, 0.1, 1.0) if s != "layernorm" else (0.1,)):
                kw = dict(beta=2.0, updates=1, similarity=s)
                yield (f"contrasted/{s}/{name}/tau={tau}", "contrasted", {**kw, "normal": labels, "tau": tau},
                       dict(z=z, zp=zp, patterns=x),
                       lambda labels=labels, tau=tau, kw=kw: contrasted(z, zp, labels, x, tau, **kw))
        for name, a, ap in (("zero rows", put(z, slice(0, 2), 0.0), zp), ("duplicate rows", put(z, slice(1, 4), z[0]), zp),
                            ("norm=1024", edit(z, lambda t: t.mul_(1024)), edit(zp, lambda t: t.mul_(1024))),):
            kw = dict(beta=2.0, updates=1, similarity=s)
            yield (f"contrasted/{s}/{name}", "contrasted", {**kw, "normal": LABELS["mixed"], "tau": 0.1},
                   dict(z=a, zp=ap, patterns=x), lambda a=a, ap=ap, kw=kw: contrasted(a, ap, LABELS["mixed"], x, 0.1, **kw))
    for pair in ("barlow", "vicreg"):
        kw = dict(beta=2.0, updates=1, similarity="unit")
        yield (f"contrasted/{pair}", "contrasted", {**kw, "normal": LABELS["mixed"], "pair": pair}, dict(z=z, zp=zp, patterns=x),
               lambda pair=pair, kw=kw: contrasted(z, zp, LABELS["mixed"], x, pair=pair, **kw))


def variance_cases():
    d = Draws(31)
    z, x = d(6, 8), d(5, 8)
    for s in SIMILARITIES:
        kw = dict(beta=2.0, updates=1, similarity=s)
        for name, labels in LABELS.items():
            for h in (0.0, 1.0):
                for per_row in (False, True):
                    if per_row and (name == "normal" or s == "layernorm"):
                        continue
                    cfg = {**kw, "hinge": h, "per_row": per_row}
                    yield (f"variance/{s}/{name}/hinge={h}/per_row={per_row}", "variance", {**cfg, "normal": labels},
                           dict(z=z, patterns=x), lambda labels=labels, cfg=cfg: variance(z, labels, x, **cfg))
        for name, a, b in (("duplicate rows", put(z, slice(1, 4), z[0]), x), ("all rows equal", put(z, slice(None), z[0]), x),
                           ("zero rows", put(z, slice(0, 2), 0.0), x), ("one pattern", z, put(x, slice(None), x[0])),
                           ("two rows", put(z, slice(0, 0), 0), x)):
            labels = LABELS["mixed"] if name != "two rows" else [F, T, F, F, T, F]
            cfg = {**kw, "hinge": 1.0 if name == "two rows" else 0.0, "per_row": False}
            yield (f"variance/{s}/{name}", "variance", {**cfg, "normal": labels}, dict(z=a, patterns=b),
                   lambda a=a, b=b, labels=labels, cfg=cfg: variance(a, labels, b, **cfg))


def multiscale_cases():
    positions = [[[0, 1], [2, 3], [3, 0]], [[0, 0], [0, 1], [1, 0], [1, 1]]]
    for seed in (41, 42):
        d = Draws(seed)
        b = 6 if seed == 41 else 4
        inputs = dict(z1=d(b, 4, 4, 8), zp1=d(b, 4, 4, 8), z2=d(b, 2, 2, 16), zp2=d(b, 2, 2, 16), patterns1=d(7, 8), patterns2=d(5, 16))
        i = inputs
        cases = []
        for s in SIMILARITIES if seed == 41 else ("unit",):
            cases.append((s, dict(similarity=s, hinge=0.0), LABELS["mixed"]))
        if seed == 42:
            cases.append(("unit/pooled", dict(similarity="unit", hinge=0.0, negatives="pooled"), LABELS["mixed"]))
            cases.append(("raw/pooled/hinge=1", dict(similarity="raw", hinge=1.0, negatives="pooled"), LABELS["mixed"]))
            cases.append(("unit/hinge=1/normal", dict(similarity="unit", hinge=1.0), LABELS["normal"]))
            cases.append(("unit/hinge=1/single", dict(similarity="unit", hinge=1.0), LABELS["single"]))
            cases.append(("unit/hinge=1/anomalous", dict(similarity="unit", hinge=1.0), LABELS["anomalous"]))
            cases.append(("unit/barlow", dict(similarity="unit", hinge=0.0, pair="barlow"), LABELS["mixed"]))
            cases.append(("unit/vicreg", dict(similarity="unit", hinge=0.0, pair="vicreg"), LABELS["mixed"]))
            cases.append(("unit/tau=0.05", dict(similarity="unit", hinge=1.0, tau=0.05), LABELS["mixed"]))
        for name, cfg, labels in cases:
            cfg = {"beta": 2.0, "updates": 1, "tau": 0.1, "lambda_v": 0.05, "weights": [1.0, 2.0], "positions": positions,
                   "normal": labels[:b], **cfg}
            def f(cfg=cfg, i=i):
                return multiscale([i["z1"], i["z2"]], [i["zp1"], i["zp2"]], patterns=[i["patterns1"], i["patterns2"]], **cfg)
            yield f"multiscale/{name}/seed={seed}", "multiscale", cfg, inputs, f
    d = Draws(43)
    one = dict(z1=d(1, 2, 3, 4), zp1=d(1, 2, 3, 4), patterns1=d(3, 4))
    for name, label in (("normal", T), ("anomalous", F)):
        cfg = {"beta": 2.0, "updates": 1, "tau": 0.1, "lambda_v": 0.05, "weights": [1.0], "positions": [[[1, 2], [0, 0]]],
               "normal": [label], "similarity": "unit", "hinge": 1.0}
        for negatives in ("location", "pooled"):
            c = {**cfg, "negatives": negatives}
            yield (f"multiscale/one image/{name}/{negatives}", "multiscale", c, one,
                   lambda c=c: multiscale([one["z1"]], [one["zp1"]], patterns=[one["patterns1"]], **c))


def alternative_cases():
    for seed in (51, 52):
        d = Draws(seed)
        z, zp = d(6, 8), d(6, 8)
        yield f"barlow/seed={seed}", "barlow", {}, dict(z=z, zp=zp), lambda z=z, zp=zp: barlow(z, zp)
        yield f"vicreg/seed={seed}", "vicreg", {}, dict(z=z, zp=zp), lambda z=z, zp=zp: vicreg(z, zp)
    d = Draws(53)
    z, zp = d(5, 6), d(5, 6)
    variants = {
        "same views": (z, put(z, slice(0, 0), 0)),
        "duplicate rows": (put(z, slice(1, 4), z[0]), zp),
        "all rows equal": (put(z, slice(None), z[0]), zp),
        "all zero": (put(z, slice(None), 0.0), put(zp, slice(None), 0.0)),
        "zero rows": (put(z, slice(1, 3), 0.0), zp),
        "large": (edit(z, lambda t: t.mul_(1024)), edit(zp, lambda t: t.mul_(1024))),
        "two rows": (d(2, 3), d(2, 3)),
    }
    for name, (a, b) in variants.items():
        yield f"barlow/{name}", "barlow", {}, dict(z=a, zp=b), lambda a=a, b=b: barlow(a, b)
        yield f"vicreg/{name}", "vicreg", {}, dict(z=a, zp=b), lambda a=a, b=b: vicreg(a, b)


def score_cases():
    d = Draws(61)
    m1, m2, x1, x2, odd = d(2, 4, 4, 8), d(2, 2, 2, 16), d(7, 8), d(5, 16), d(2, 7, 5, 8)
    w1, b1, w2, b2 = d(10, 32, scale=0.25), d(10), d(1, 10), d(1)
    zero = put(m1, 1, 0.0)
    for s in SIMILARITIES:
        kw = dict(beta=2.0, updates=1, similarity=s)
        for name, m in (("", m1), ("/zero image", zero)):
            yield f"one class/{s}{name}", "one_class", kw, dict(z=m, patterns=x1), lambda m=m, kw=kw: one_class(m, x1, **kw)
        yield (f"merged/{s}", "merged", {**kw, "weights": [1.0, 2.0]}, dict(z1=m1, patterns1=x1, z2=m2, patterns2=x2),
               lambda kw=kw: merged([one_class(m1, x1, **kw), one_class(m2, x2, **kw)], [1.0, 2.0]))
        for name, m in (("", m1), ("/7x5", odd)):
            yield (f"head/{s}{name}", "head", {**kw, "pool": 2}, dict(z=m, patterns=x1, w1=w1, b1=b1, w2=w2, b2=b2),
                   lambda m=m, kw=kw: head(m, x1, w1, b1, w2, b2, 2, **kw))
    for seed in (62, 63):
        d = Draws(seed)
        d1, d2, d3 = d(6), d(6, scale=4.0), d(6, scale=1024.0)
        for name, labels in LABELS.items():
            for margin in (2.0, 5.0) if seed == 62 else (2.0,):
                yield (f"hinge/{name}/margin={margin}/seed={seed}", "hinge", dict(margin=margin, normal=labels), dict(d1=d2),
                       lambda d2=d2, labels=labels, margin=margin: hinge(d2, labels, margin))
                yield (f"supervised/{name}/margin={margin}/seed={seed}", "supervised", dict(margin=margin, normal=labels),
                       dict(d1=d1, d2=d2, d3=d3), lambda ds=(d1, d2, d3), labels=labels, margin=margin: supervised(ds, labels, margin))
    one = Draws(64)(1)
    yield "supervised/one image", "supervised", dict(margin=2.0, normal=[F]), dict(d1=one), lambda: supervised([one], [F])


FILES = {"hopfield": hopfield_cases, "ntxent": ntxent_cases, "variance": variance_cases, "multiscale": multiscale_cases,
         "alternatives": alternative_cases, "score": score_cases}


# ---- writing --------------------------------------------------------------------------------------


def reduce(value):
    if value.dim() == 0:
        return value
    i = torch.arange(value.numel())
    return (value * (((7 * i) % 16).to(REAL) / 8 - 15 / 16).reshape(value.shape)).sum()


def settle(name, key, t):
    """Rounding noise replaced by the 0 that it stands for; any other noise is an error."""
    largest = t.abs().max().item()
    for prefix, keys in EXACT_ZERO.items():
        if name.startswith(prefix) and key in keys:
            assert largest < 1e-12, (name, key, largest)
            return torch.zeros_like(t)
    assert largest == 0 or largest > 1e-10 or name.startswith(TRULY_TINY), (name, key, largest)
    return t


def pack(t):
    t = t.detach()
    data = [int(v) if v == int(v) and abs(v) < 1e6 else v for v in t.flatten().tolist()]
    return {"shape": list(t.shape), "data": data}


def evaluate(name, func, config, inputs, f):
    for t in inputs.values():
        t.grad = None
    value = f()
    reduce(value).backward()
    for k, t in inputs.items():
        assert torch.equal(t.detach().to(torch.float32).to(REAL), t.detach()), (name, k, "is not exact in float32")
    grads = {k: settle(name, k, t.grad if t.grad is not None else torch.zeros_like(t)) for k, t in inputs.items()}
    settle(name, "output", value.detach())
    for what, t in [("output", value), *grads.items()]:
        assert torch.isfinite(t).all(), (name, what)
    line = {"name": name, "func": func, "config": config, "inputs": {k: pack(t) for k, t in inputs.items()},
            "output": pack(value), "grads": {k: pack(g) for k, g in grads.items()}}
    if config.get("updates") == 0:
        if config["eps"] < 1e-8:
            line["float64_only"] = LOW_EPS
        else:  # where to stop must not hang on rounding
            log = []
            retrieve(inputs["z"], inputs["patterns"], **config, log=log)
            assert all(abs(c / config["eps"] - 1) > 1e-3 for c in log), (name, log)
    if name == "barlow/two rows":
        line["float64_only"] = TWO_ROWS
    return line


def main():
    out = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    torch.set_num_threads(1)
    names = set()
    for file, cases in FILES.items():
        path = os.path.join(out, file + ".jsonl")
        with open(path, "w") as f:
            count = 0
            for case in cases():
                assert case[0] not in names, case[0]
                names.add(case[0])
                json.dump(evaluate(*case), f, separators=(",", ":"))
                f.write("\n")
                count += 1
        print(f"{file}.jsonl: {count} cases, {os.path.getsize(path)} bytes")


if __name__ == "__main__":
    main()
