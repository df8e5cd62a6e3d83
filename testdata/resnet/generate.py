#!/usr/bin/env python3
"""Writes what PyTorch and torchvision make of residual networks whose weights and
input a formula gives: parity.json, parameters.json and two state files.

    pip install torch torchvision numpy safetensors
    python generate.py

parity.json has a case for ResNet-18 and -50, with both stems, at full width and at a
quarter of it. torchvision has no narrow ResNet, nor a stem for small images: here they
are its own ResNet, with conv1, bn1, the stages and fc made again by its own
_make_layer from base = 64·width instead of 64 channels; the small stem is a 3×3
convolution of stride 1 and nothing in the place of the maximum.

The numbers are those of float64. The formula: tensor NAME has at index i, in
PyTorch's layout and row-major order,

    u(NAME, i) = ((h >> 20) - 2048) / 2048,   h = mix(fnv1a32(NAME) + 2654435761·i mod 2³²)

where mix is the finaliser of MurmurHash3. The input is u("input"). Weights of
convolutions and fc are u·2⁻ᵉ, e the smallest with 6·4ᵉ at least the number of products
that one output sums; weights of norms 1 + u/4, and a quarter of that in the last norm
of each block, without which a ResNet-50 on so small a batch is chaotic (float32 loses
all digits of the loss within ten steps); running variances 1 + u/2; all others u/4. All
of it is exact in float32.

A digest stands for a tensor t of n elements: for n ≤ 8 the elements, otherwise

    ‖t‖, t·u("dot0"), t·u("dot1"), t·u("dot2"), t[h_0 mod n], ..., t[h_3 mod n]

with h of the name "at". An element that is wrong by δ moves each product by δ·u, and
no two elements can be exchanged unnoticed.

Each case holds: the logits in evaluation mode; then in training mode logits, loss,
digests of the maps after the stages, of every parameter's gradient, of the running
statistics after that one step; and the loss of each of ten steps from the same start
by SGD, Nesterov's momentum 0.9, lr 0.01, weight decay 1e-4 (for tensors of two
dimensions and more). "float32" says by how much PyTorch's own float32 errs at the most
in each of these, and in the median of the parameters' gradients (a sign before a ReLU
that rounding turns shows in some gradients alone, and there a hundred times larger than
other errors), in the measure of the Go test, over five runs: as it is, and with
weights perturbed by up to 2⁻²³ of themselves, since one run may come close by luck. Its
digits depend on the CPU. "winograd" says the same of five runs whose 3×3 convolutions
of stride 1 err as F(4×4, 3×3) does: their weights are perturbed by δ·u, δ = √3·r, which
puts each output off by r of its root mean square, where u has that of 1/√3; simd's
README measures r = 9.5e-8·√K for K input channels (4.7e-7 at 16, 2.1e-6 at 512).

parameters.json has the names and shapes of torchvision's four state_dicts. The state
files are of random networks at a width of 1/32 that have trained a little, and
state.json has their logits for u("input").
"""
import collections
import copy
import json
import os

import numpy as np
import torch
import torchvision
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

HERE = os.path.dirname(os.path.abspath(__file__))
BLOCKS = {18: (BasicBlock, [2, 2, 2, 2]), 50: (Bottleneck, [3, 4, 6, 3])}
SGD = dict(lr=0.01, momentum=0.9, nesterov=True)
DECAY = 1e-4
STEPS, BATCH, CLASSES, RUNS = 10, 4, 10, 5
SIZE = {"imagenet": 64, "small": 16}


def hashes(name, n):
    h = 2166136261
    for b in name.encode():
        h = (h ^ b) * 16777619 & 0xFFFFFFFF
    h = np.uint32(h) + np.arange(n, dtype=np.uint32) * np.uint32(2654435761)
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)
    return h


def formula(name, shape):
    h = hashes(name, int(np.prod(shape)))
    u = ((h >> np.uint32(20)).astype(np.float64) - 2048) / 2048
    return torch.from_numpy(u).reshape(shape)


def network(depth, stem, width, classes):
    block, layers = BLOCKS[depth]
    base = int(64 * width)
    m = ResNet(block, layers)
    m.inplanes = base
    m.conv1 = nn.Conv2d(3, base, 7, stride=2, padding=3, bias=False)
    m.bn1 = nn.BatchNorm2d(base)
    if stem == "small":
        m.conv1 = nn.Conv2d(3, base, 3, padding=1, bias=False)
        m.maxpool = nn.Identity()
    m.layer1 = m._make_layer(block, base, layers[0])
    m.layer2 = m._make_layer(block, 2 * base, layers[1], stride=2)
    m.layer3 = m._make_layer(block, 4 * base, layers[2], stride=2)
    m.layer4 = m._make_layer(block, 8 * base, layers[3], stride=2)
    m.fc = nn.Linear(8 * base * block.expansion, classes)
    return m


def winograd_error(shape):
    """δ for weights of this shape, where F(4×4, 3×3) serves them."""
    return np.sqrt(3) * 9.5e-8 * np.sqrt(shape[1])


def fill(m, run=0, winograd=False):
    served = {
        f"{name}.weight"
        for name, c in m.named_modules()
        if isinstance(c, nn.Conv2d) and c.kernel_size == (3, 3) and c.stride == (1, 1) and c.in_channels > 3
    }
    last = {
        f"{name}.bn{2 if isinstance(b, BasicBlock) else 3}.weight"
        for name, b in m.named_modules()
        if isinstance(b, (BasicBlock, Bottleneck))
    }
    state = {}
    for name, t in m.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        v = formula(name, t.shape)
        if t.dim() > 1:
            e, fan_in = 0, t[0].numel()
            while 6 * 4**e < fan_in:
                e += 1
            v = v * 2.0**-e
        elif name.endswith("running_var"):
            v = 1 + v / 2
        elif name.endswith("weight"):
            v = 1 + v / 4
            if name in last:
                v = v / 4
        else:
            v = v / 4
        if run > 0:
            delta = winograd_error(t.shape) if winograd and name in served else 2.0**-23
            v = v * (1 + delta * formula(f"{name}/{run}", t.shape))
        state[name] = v.to(t.dtype)
    m.load_state_dict(state, strict=False)


DOTS = {}


def digest(t):
    t = t.detach().double().flatten()
    n = t.numel()
    if n <= 8:
        return t.tolist()
    if n not in DOTS:
        DOTS[n] = [formula(f"dot{k}", (n,)) for k in range(3)]
    at = hashes("at", 4).astype(np.int64) % n
    return [t.norm().item()] + [(t @ u).item() for u in DOTS[n]] + t[torch.from_numpy(at)].tolist()


def error(got, want, n):
    """The measure of the Go test: the norm and the products relative to the norm, the
    elements to the root mean square."""
    if len(want) != 8 or n <= 8:
        scale = np.sqrt(np.mean(np.square(want)))
        return max(abs(g - w) for g, w in zip(got, want)) / scale
    d = [abs(g - w) / want[0] for g, w in zip(got, want)]
    return max(d[:4] + [v * np.sqrt(n) for v in d[4:]])


def worst(got, want, sizes):
    if isinstance(want, dict):
        return max(error(got[name], w, sizes[name]) for name, w in want.items())
    if isinstance(want, list):
        return error(got, want, 0)
    return abs(got - want) / abs(want)


def run(case, dtype, number=0, winograd=False):
    m = network(case["depth"], case["stem"], case["width"], CLASSES).to(dtype)
    fill(m, number, winograd)
    x = formula("input", (BATCH, 3, case["size"], case["size"])).to(dtype)
    labels = torch.arange(BATCH) % CLASSES
    sizes = {}
    out = {}
    m.eval()
    with torch.no_grad():
        out["evaluated"] = m(x).flatten().tolist()
    m.train()
    maps = []
    hooks = [getattr(m, f"layer{s}").register_forward_hook(lambda m, i, y: maps.append(y)) for s in (1, 2, 3, 4)]
    start = copy.deepcopy(m.state_dict())
    y = m(x)
    loss = F.cross_entropy(y, labels)
    loss.backward()
    for h in hooks:
        h.remove()
    out["logits"] = y.flatten().tolist()
    out["loss"] = loss.item()
    out["maps"] = {f"layer{s + 1}": digest(t) for s, t in enumerate(maps)}
    out["gradients"] = {name: digest(p.grad) for name, p in m.named_parameters()}
    out["statistics"] = {name: digest(t) for name, t in m.named_buffers() if t.dim() > 0}
    for s, t in enumerate(maps):
        sizes[f"layer{s + 1}"] = t.numel()
    for name, t in m.state_dict().items():
        sizes[name] = t.numel()

    m.load_state_dict(start)
    groups = [
        dict(params=[p for p in m.parameters() if p.dim() > 1], weight_decay=DECAY),
        dict(params=[p for p in m.parameters() if p.dim() <= 1]),
    ]
    optimiser = torch.optim.SGD(groups, **SGD)
    out["losses"] = []
    for _ in range(STEPS):
        optimiser.zero_grad()
        loss = F.cross_entropy(m(x), labels)
        loss.backward()
        optimiser.step()
        out["losses"].append(loss.item())
    return out, sizes


def largest(runs, want, sizes):
    errors = dict.fromkeys([*want, "median gradient"], 0.0)
    for got in runs:
        for k, w in want.items():
            errors[k] = max(errors[k], worst(got[k], w, sizes))
        each = [error(got["gradients"][name], w, sizes[name]) for name, w in want["gradients"].items()]
        errors["median gradient"] = max(errors["median gradient"], sorted(each)[len(each) // 2])
    return {k: float(f"{e:.1e}") for k, e in errors.items()}


def cases():
    for width in (0.25, 1):
        for depth in (18, 50):
            for stem in ("imagenet", "small"):
                case = dict(depth=depth, stem=stem, width=width, classes=CLASSES, batch=BATCH, size=SIZE[stem])
                want, sizes = run(case, torch.float64)
                errors = {
                    "float32": largest([run(case, torch.float32, i)[0] for i in range(RUNS)], want, sizes),
                    "winograd": largest([run(case, torch.float32, i + 1, True)[0] for i in range(RUNS)], want, sizes),
                }
                print(case, errors, want["losses"], flush=True)
                yield case | want | errors


def save_states():
    results = {}
    for depth, stem in ((18, "small"), (50, "imagenet")):
        torch.manual_seed(depth)
        m = network(depth, stem, 1 / 32, 5)
        optimiser = torch.optim.SGD(m.parameters(), lr=0.01)
        for _ in range(3):
            optimiser.zero_grad()
            F.cross_entropy(m(torch.randn(8, 3, 32, 32)), torch.arange(8) % 5).backward()
            optimiser.step()
        file = f"resnet{depth}-{stem}.safetensors"
        save_file(m.state_dict(), os.path.join(HERE, file))
        m = m.double().eval()
        with torch.no_grad():
            y = m(formula("input", (2, 3, 32, 32)))
        results[file] = dict(depth=depth, stem=stem, width=1 / 32, classes=5, size=32, logits=y.flatten().tolist())
    return results


def parameters():
    lists = collections.OrderedDict()
    for depth in (18, 34, 50, 101):
        with torch.device("meta"):
            m = getattr(torchvision.models, f"resnet{depth}")()
        lists[str(depth)] = {
            "count": sum(p.numel() for p in m.parameters()),
            "shapes": {name: list(t.shape) for name, t in m.state_dict().items() if t.dim() > 0},
        }
    return lists


def write(name, what):
    def lines(v, depth):
        if depth == 0 or not isinstance(v, (dict, list)) or not v:
            return json.dumps(v, separators=(",", ":"))
        if isinstance(v, dict):
            return "{\n" + ",\n".join(json.dumps(k) + ":" + lines(e, depth - 1) for k, e in v.items()) + "\n}"
        return "[\n" + ",\n".join(lines(e, depth - 1) for e in v) + "\n]"

    with open(os.path.join(HERE, name), "w") as f:
        f.write(lines(what, 3 if name == "parity.json" else 2) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(2)
    write("parameters.json", parameters())
    write("state.json", save_states())
    write("parity.json", list(cases()))
    print("torch", torch.__version__, "torchvision", torchvision.__version__)
