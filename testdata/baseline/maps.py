"""Writes maps.json: what PaDiM and PatchCore, written again in PyTorch, give for the network of
../resnet/resnet18-small.safetensors and pictures of a formula, in float64.

    pip install torch torchvision numpy safetensors scipy
    python maps.py

Pixel i (row-major, red, green, blue) of picture k of 32×32 is (11·i + 29·⌊i/96⌋·(k mod 5 + 1) +
53·k) mod 256, halved for the pictures that are learned from and, in pictures to score, left of
column 20. PaDiM takes all channels of stages 1 to 3. PatchCore keeps all patches in the bank; the
coreset of fewer is by the greedy rule from patch "first", of the patches' features as they are.
"""
import importlib.util
import json
import pathlib

import numpy as np
import torch
from safetensors.torch import load_file
from scipy.ndimage import gaussian_filter
from torch.nn import functional as F

HERE = pathlib.Path(__file__).parent
spec = importlib.util.spec_from_file_location("generate", HERE.parent / "resnet" / "generate.py")
generate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(generate)

SIDE, LEARNED, SCORED, SIGMA, EPSILON, NEIGHBOURS = 32, 12, 4, 4, 0.01, 9


def picture(k, whole):
    i = np.arange(3 * SIDE * SIDE)
    v = (11 * i + 29 * (i // (3 * SIDE)) * (k % 5 + 1) + 53 * k) % 256
    x = i // 3 % SIDE
    return np.where((x < 20) | whole, v // 2, v).reshape(SIDE, SIDE, 3)


def network():
    state = load_file(HERE.parent / "resnet" / "resnet18-small.safetensors")
    m = generate.network(18, "small", 1 / 32, len(state["fc.bias"]))
    m.load_state_dict(state)
    return m.double().eval()


def stages(m, pictures):
    x = torch.tensor(np.stack(pictures), dtype=torch.float64).permute(0, 3, 1, 2) / 255
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    x = (x - mean.double().view(3, 1, 1)) / std.double().view(3, 1, 1)
    x = m.maxpool(m.relu(m.bn1(m.conv1(x))))
    out = []
    for layer in (m.layer1, m.layer2, m.layer3, m.layer4):
        x = layer(x)
        out.append(x)
    return out


def heat(m):
    """[N h w] enlarged to the pictures' size and blurred."""
    m = F.interpolate(m[:, None], size=SIDE, mode="bilinear", align_corners=False)[:, 0].numpy()
    return np.stack([gaussian_filter(v, SIGMA * SIDE / 224, truncate=4, mode="reflect") for v in m])


def padim(learn, test):
    def embed(maps):
        side = maps[0].shape[-1]
        return torch.cat([F.interpolate(z, size=side, mode="nearest") for z in maps[:3]], 1).flatten(2).permute(2, 0, 1)

    x, q = embed(learn), embed(test)  # [P N C]
    mean = x.mean(1, keepdim=True)
    cov = (x - mean).transpose(1, 2) @ (x - mean) / (x.shape[1] - 1) + EPSILON * torch.eye(x.shape[2])
    d = q - mean
    m = torch.sqrt(torch.einsum("pnc,pcd,pnd->np", d, torch.linalg.inv(cov), d))
    side = learn[0].shape[-1]
    return heat(m.view(-1, side, side))


def patches(maps):
    near = [F.avg_pool2d(z, 3, 1, 1, count_include_pad=False) for z in maps[1:3]]
    side = near[0].shape[-1]
    near = [F.interpolate(z, size=side, mode="bilinear", align_corners=False) for z in near]
    return torch.cat(near, 1).permute(0, 2, 3, 1).flatten(1, 2)  # [N P C]


def greedy(rows, first, size):
    chosen, gap = [first], torch.cdist(rows, rows[first : first + 1])[:, 0]
    while len(chosen) < size:
        chosen.append(int(gap.argmax()))
        gap = torch.minimum(gap, torch.cdist(rows, rows[chosen[-1] : chosen[-1] + 1])[:, 0])
    return chosen, float(gap.max())


def patchcore(learn, test):
    bank, q = patches(learn).flatten(0, 1), patches(test)
    scores, maps = [], []
    for rows in q:
        d, at = torch.cdist(rows, bank, compute_mode="donot_use_mm_for_euclid_dist").min(1)
        worst = int(d.argmax())
        around = torch.cdist(bank[at[worst]][None], bank)[0].topk(NEIGHBOURS, largest=False).indices
        e = torch.exp(torch.linalg.norm(rows[worst] - bank[around], dim=1))
        scores.append(float((1 - torch.exp(d[worst]) / e.sum()) * d[worst]))
        maps.append(d)
    side = learn[1].shape[-1]
    rows = patches(learn)[0]
    chosen, radius = greedy(rows, 5, 20)
    return scores, heat(torch.stack(maps).view(-1, side, side)), {"first": 5, "chosen": chosen, "radius": radius, "rows": rows.flatten().tolist(), "d": rows.shape[1]}


with torch.no_grad():
    m = network()
    learn = stages(m, [picture(k, True) for k in range(LEARNED)])
    test = stages(m, [picture(LEARNED + k, k == 0) for k in range(SCORED)])
    p = padim(learn, test)
    scores, maps, coreset = patchcore(learn, test)


def some(m):
    """Every 37th value of a picture's map."""
    return [v.ravel()[::37].tolist() for v in m]


out = {
    "torch": torch.__version__, "side": SIDE, "learned": LEARNED, "scored": SCORED,
    "padim": {"scores": [float(v.max()) for v in p], "maps": some(p)},
    "patchcore": {"scores": scores, "maps": some(maps)},
    "coreset": coreset,
}
(HERE / "maps.json").write_text(json.dumps(out) + "\n")
