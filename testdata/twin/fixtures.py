"""Writes steps.json: what PyTorch makes of a few steps of each stage of training, in float64.

    python fixtures.py

Every case starts from the numbers of formula.py: parameters and running statistics by their names, views by
"view0" and "view1", images by "images". It holds the losses of three steps, digests of all gradients of the first
one and of all parameters and running statistics after it. A digest stands for a tensor of more than 8 elements:
whole ones would take 20 times the space.
"""
import json
import pathlib
import random
from dataclasses import asdict, replace

import torch

import formula
import steps
from network import Twin
from settings import RECIPES

STEPS, WARM_UP, OF_STEPS = 3, 2, 5  # the third is on the way down
PEAK, SIZE = 0.05, 16
SMALL = dict(width=1 / 16, patterns=(12, 10), hidden=6)
TURNS, CONTRAST, PAPER = (replace(RECIPES[name], **SMALL) for name in ("turns", "contrast", "paper"))


def by_formula(s):
    """A twin of the settings with the first values of formula.py."""
    net = Twin(s).double()
    with torch.no_grad():
        for name, t in tensors(net).items():
            t.copy_(formula.first(name, t.shape, s.depth > 34))
    return net


def tensors(net):
    """The parameters and running statistics of a twin by their names in a model file."""
    return {name: t for name, t in net.state_dict().items() if not name.endswith("num_batches_tracked")}


def digests(net, of):
    return {name: formula.digest(t) for name, t in of.items() if t is not None}


def rates():
    return [PEAK * steps.rate(k, WARM_UP, OF_STEPS) for k in range(STEPS)]


def train(net, sgd, loss, trained):
    """Makes the steps. loss returns the terms of the loss; trained are the tensors that the digests are of."""
    losses, gradients, after = [], {}, {}
    for k, rate in enumerate(rates()):
        terms = loss()
        steps.update(sgd, sum(terms), rate)
        losses.append([t.item() for t in terms])
        if k == 0:
            gradients = digests(net, {n: p.grad for n, p in net.named_parameters()})
            after = digests(net, {n: t for n, t in tensors(net).items() if trained(n)})
    return {"losses": losses, "gradients": gradients, "after": after}


def case(name, s, **more):
    return {"name": name, "settings": asdict(s), "rates": rates(), **more}


def stage1(name, s, rows, normal):
    """Steps of stage 1 on rows of which those that normal lists are normal. With quarter turns, rows come in fours,
    of which the last three are rotated copies."""
    draw = random.Random(name)
    net = by_formula(s)
    second = draw.sample(range(rows), rows)
    normal = [k in normal for k in range(rows)]
    copied = [bool(s.turn) and k % 4 > 0 for k in range(rows)]
    positions = []
    for ratio, side in zip(s.ratio, (SIZE // 4, SIZE // 8)):
        every = [(y, x) for y in range(side) for x in range(side)]
        positions.append(draw.sample(every, int(len(every) * ratio)))
    views = [formula.u(f"view{v}", rows, SIZE, SIZE, 3) for v in range(2 if s.contrast else 1)]

    def loss():
        return steps.stage1(net, views, torch.tensor(second), torch.tensor(normal), torch.tensor(copied), positions, s)

    found = train(net, steps.optimiser(net, s), loss, lambda _: True)
    return case(name, s, size=SIZE, second=second, normal=normal, copied=copied, positions=positions, **found)


def stage2(name, s, rows, batch):
    """Steps of stage 2: cells of deviation maps by the encoder in evaluation mode, standardised, and heads trained on
    a batch of them, half normal."""
    net = by_formula(s)
    net.encoder.eval()
    with torch.no_grad():
        maps = net.encoder(formula.u("images", rows, SIZE, SIZE, 3))
        cells = [h.pooled(m.deviation(z)) for h, m, z in zip(net.head, net.memory, maps)]
    standards = [steps.standard(c) for c in cells]
    normal = torch.arange(len(batch)) < len(batch) // 2

    def loss():
        return [steps.stage2(net.head, [c[batch] for c in cells], standards, normal, s.margin)]

    found = train(net, steps.optimiser(net.head, s), loss, lambda n: n.startswith("head."))
    for head, (mean, std) in zip(net.head, standards):
        steps.fold(head, mean, std)
    found["distances"] = [h.cells(c).tolist() for h, c in zip(net.head, cells)]
    found["cells"] = {str(k): formula.digest(c) for k, c in enumerate(cells)}
    return case(name, s, size=SIZE, rows=rows, batch=batch, normal=normal.tolist(), **found)


def main():
    torch.set_num_threads(1)
    some = {0, 1, 3, 4, 6}
    cases = [
        stage1("contrast, with heads", replace(CONTRAST, chunk=3, joint=2.0), 8, some),
        stage1("paper", replace(PAPER, chunk=8), 8, some),
        stage1("turns", replace(TURNS, chunk=7), 12, {0, 8}),
        stage1("turns, with heads", replace(TURNS, chunk=7, joint=2.0), 12, {0, 8}),
        stage2("heads", replace(CONTRAST, joint=2.0, decay=5e-3), 10, [7, 2, 0, 5, 2, 9, 1, 4]),
    ]
    text = ",\n".join(json.dumps(c) for c in cases)
    path = pathlib.Path(__file__).with_name("steps.json")
    path.write_text(f'{{"torch": "{torch.__version__}", "cases": [\n{text}\n]}}\n')
    for c in cases:
        print(c["name"], c["losses"])


if __name__ == "__main__":
    main()
