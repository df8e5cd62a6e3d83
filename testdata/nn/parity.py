#!/usr/bin/env python3
"""Writes mlp.json, convnet.json and convnet.safetensors: what PyTorch makes of two
small networks whose weights a formula gives.

    pip install torch numpy safetensors
    python parity.py

Each JSON file holds, in float64: the result and the loss of the first step, the
gradient of every parameter, the loss of every step of SGD with Nesterov momentum and
weight decay (on all parameters), the state after the last step, and the result in
evaluation mode then. convnet.safetensors is the state before the first step, in
float32, as state_dict names it, num_batches_tracked included.

Tensor number s (the input is 0, parameters and buffers follow in state_dict's order)
has the elements

    ((7919 i + 104729 s) mod 2003 - 1001) / 2048

times 1/4 for convolutions; the weights of norms and the
running variances are 1 + that / 2.
"""
import json
import os

import torch
from safetensors.torch import save_file
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
STEPS = 8
# Small enough that eight steps do not amplify rounding.
SGD = dict(lr=0.03125, momentum=0.875, weight_decay=0.015625, nesterov=True)


def formula(s, shape):
    i = torch.arange(torch.Size(shape).numel(), dtype=torch.int64)
    v = ((7919 * i + 104729 * s) % 2003 - 1001).double() / 2048
    return v.reshape(shape)


def fill(model):
    for s, (name, t) in enumerate(model.state_dict().items(), 1):
        if name.endswith("num_batches_tracked"):
            continue
        v = formula(s, t.shape)
        if t.dim() == 4:
            v = v / 4
        elif name.endswith("running_var") or (name.endswith("weight") and t.dim() == 1):
            v = 1 + v / 2
        t.copy_(v)


def flat(t):
    return t.detach().flatten().tolist()


def run(model, x, out):
    model.double()
    fill(model)
    target = torch.arange(x.shape[0]) % 3
    opt = torch.optim.SGD(model.parameters(), **SGD)
    r = {"steps": STEPS, "losses": [], **SGD}
    for step in range(STEPS):
        opt.zero_grad()
        y = model(x)
        loss = nn.functional.cross_entropy(y, target)
        loss.backward()
        r["losses"].append(loss.item())
        if step == 0:
            r["result"] = flat(y)
            r["gradients"] = {n: flat(p.grad) for n, p in model.named_parameters()}
        opt.step()
    r["state"] = {n: flat(t) for n, t in model.state_dict().items() if not n.endswith("num_batches_tracked")}
    model.eval()
    r["evaluated"] = flat(model(x))
    with open(os.path.join(HERE, out), "w") as f:
        json.dump(r, f, indent=1)
        f.write("\n")


mlp = nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 6), nn.ReLU(), nn.Linear(6, 3))
run(mlp, formula(0, (4, 5)), "mlp.json")


def convnet():
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1, bias=False),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Conv2d(4, 5, (3, 2), stride=(2, 1), padding=(1, 0)),
        nn.ReLU(),  # before the norm, which would make the bias's gradient zero
        nn.BatchNorm2d(5),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(5, 3),
    )


net = convnet()
fill(net)
save_file(net.state_dict(), os.path.join(HERE, "convnet.safetensors"))
run(convnet(), formula(0, (4, 3, 7, 6)), "convnet.json")
