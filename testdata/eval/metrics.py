"""Writes metrics.json: what scikit-learn computes of scores with and without ties, DeLong's
variance by its definition, all pairs at once, bootstrap intervals of scikit-learn's metrics
on draws by Philox, and the per-region overlap by sorting all pixels.

    python testdata/eval/metrics.py

Needs scikit-learn and SciPy.
"""

import json
import os
from fractions import Fraction

import numpy as np
from scipy import ndimage, stats
from sklearn.metrics import average_precision_score, balanced_accuracy_score, f1_score, roc_auc_score, roc_curve

rng = np.random.default_rng(11)


def de_long(scores, labels, level):
    a, b = scores[labels][:, None], scores[~labels][None, :]
    psi = (a > b) + 0.5 * (a == b)
    var = psi.mean(1).var(ddof=1) / len(a) + psi.mean(0).var(ddof=1) / b.size
    auc = psi.mean()
    half = stats.norm.ppf(0.5 + level / 2) * np.sqrt(var) / (auc * (1 - auc))
    return [float(stats.logistic.cdf(np.log(auc / (1 - auc)) + s * half)) for s in (-1, 1)]


class Stream:
    """The stream of package rng: Philox4x32-10 and Lemire's integers."""

    def __init__(self, seed, *path):
        self.key, self.place = (seed & 0xFFFFFFFF, seed >> 32), (0, 0)
        for p in path:
            o = self.philox([p & 0xFFFFFFFF, p >> 32, *self.place])
            self.key, self.place = (o[0], o[1]), (o[2], o[3])
        self.block, self.out = 0, []

    def philox(self, c):
        k0, k1 = self.key
        for _ in range(10):
            a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
            c = [(b >> 32) ^ c[1] ^ k0, b & 0xFFFFFFFF, (a >> 32) ^ c[3] ^ k1, a & 0xFFFFFFFF]
            k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
        return c

    def uint32(self):
        if not self.out:
            self.out = self.philox([self.block & 0xFFFFFFFF, self.block >> 32, *self.place])
            self.block += 1
        return self.out.pop(0)

    def int_n(self, n):
        while True:
            low = self.uint32()
            m = ((self.uint32() << 32) | low) * n
            if m & (2**64 - 1) >= 2**64 % n:
                return m >> 64


def fnv(word):
    h = 14695981039346656037
    for b in word.encode():
        h = (h ^ b) * 1099511628211 % 2**64
    return h


def bootstrap(metric, scores, labels, level, draws, seed):
    kinds = [np.flatnonzero(labels), np.flatnonzero(~labels)]
    values = []
    for k in range(draws):
        s = Stream(seed, fnv("bootstrap"), k)
        drawn = [kind[s.int_n(len(kind))] for kind in kinds for _ in kind]
        values.append(metric(labels[drawn], scores[drawn]))
    return [float(q) for q in np.quantile(values, [(1 - level) / 2, (1 + level) / 2])]


def best_f1(scores, labels):
    """The highest threshold with the largest F1, compared exactly, and scikit-learn's F1 there."""
    best, at = Fraction(-1), None
    for t in [*sorted(set(scores), reverse=True), -np.inf]:
        flagged = scores > t
        f1 = Fraction(2 * int((flagged & labels).sum()), int(flagged.sum() + labels.sum()))
        if f1 > best:
            best, at = f1, t
    return [str(at) if np.isinf(at) else float(at), float(f1_score(labels, scores > at))]


def case(name, scores, labels):
    scores, labels = np.asarray(scores, np.float64), np.asarray(labels, bool)
    fpr, tpr, at = roc_curve(labels, scores, drop_intermediate=False)
    best = max(balanced_accuracy_score(labels, scores > t) for t in scores)
    return {
        "name": name,
        "scores": scores.tolist(),
        "anomalous": labels.tolist(),
        "auroc": float(roc_auc_score(labels, scores)),
        "average_precision": float(average_precision_score(labels, scores)),
        "roc": [fpr.tolist(), tpr.tolist()],
        "balanced_accuracy": float(best),
        "recall_at": {str(r): float(tpr[fpr <= r].max()) for r in (0.01, 0.05, 0.1, 0.5)},
        "false_alarms_at": {str(r): float(fpr[tpr >= r].min()) for r in (0.5, 0.8, 0.95, 1.0)},
        "best_f1": best_f1(scores, labels),
        "balanced_accuracy_at_0": float(balanced_accuracy_score(labels, scores > 0)),
        "interval_95": de_long(scores, labels, 0.95),
        "bootstrap_auroc": bootstrap(roc_auc_score, scores, labels, 0.9, 40, 7),
        "bootstrap_average_precision": bootstrap(average_precision_score, scores, labels, 0.5, 25, 2**40 + 1),
    }


def drawn(n, part, shift):
    labels = np.arange(n) < part * n
    rng.shuffle(labels)
    return rng.normal(size=n) + shift * labels, labels


cases = []
for name, n, part, shift in [("balanced", 200, 0.5, 1.0), ("few anomalies", 100, 0.07, 1.5), ("few normals", 60, 0.9, 0.8), ("worse than chance", 80, 0.4, -0.7)]:
    scores, labels = drawn(n, part, shift)
    cases.append(case(name, scores, labels))
    cases.append(case(name + ", ties", np.round(scores), labels))
cases.append(case("two values", [0, 1, 0, 1, 1, 0, 0], [0, 1, 0, 1, 0, 1, 0]))
cases.append(case("normals at twentieths", [*range(20), 18.5, 19.5], [0] * 20 + [1, 1]))

# Clopper and Pearson: [k, n, level, low, high].
binomial = []
for k, n, level in [(0, 5, 0.95), (3, 5, 0.95), (5, 5, 0.95), (37, 392, 0.95), (1, 1000, 0.9), (150, 150, 0.99)]:
    ci = stats.binomtest(k, n).proportion_ci(level, "exact")
    binomial.append([k, n, level, float(ci.low), float(ci.high)])



def pro(maps, masks, share):
    """The area under the mean overlap of the parts of masks, by the values of all pixels."""
    values, normal, weight, parts = [], [], [], 0
    for m, mask in zip(maps, masks):
        part, n = ndimage.label(mask, np.ones((3, 3)))
        area = np.bincount(part.ravel())
        values.append(m.ravel())
        normal.append((part == 0).ravel())
        weight.append(np.where(part > 0, 1 / area[part], 0).ravel())
        parts += n
    values, normal, weight = map(np.concatenate, (values, normal, weight))
    order = np.argsort(-values, kind="stable")
    last = np.append(np.flatnonzero(np.diff(values[order])), len(order) - 1)  # of equal values
    x = np.append(0, np.cumsum(normal[order])[last] / normal.sum())
    y = np.append(0, np.cumsum(weight[order])[last] / parts)
    inside = x < share
    x, y = np.append(x[inside], share), np.append(y[inside], np.interp(share, x, y))
    return float(np.trapezoid(y, x) / share)


def pictures(n, side, parts, step):
    """Maps of so many values, higher where their masks mark squares, which may touch."""
    maps, masks = [], []
    for i in range(n):
        mask = np.zeros((side, side), bool)
        for _ in range(parts * (i > 0)):
            y, x, w = rng.integers(side), rng.integers(side), rng.integers(1, 5)
            mask[y : y + w, x : x + w] = True
        maps.append(np.round((rng.normal(size=(side, side)) + 1.5 * mask) / step) * step)
        masks.append(mask)
    return maps, masks


overlaps = []
for n, side, parts, step in [(4, 16, 3, 1 / 1024), (3, 9, 1, 0.5), (6, 12, 6, 0.125)]:
    maps, masks = pictures(n, side, parts, step)
    overlaps.append(
        {
            "side": side,
            "maps": [m.ravel().tolist() for m in maps],
            "masks": [m.ravel().astype(int).tolist() for m in masks],
            "area": {str(s): pro(maps, masks, s) for s in (0.05, 0.3, 1.0)},
        }
    )

with open(os.path.join(os.path.dirname(__file__), "metrics.json"), "w") as f:
    f.write('{"cases": [\n' + ",\n".join(json.dumps(c) for c in cases) + '\n],\n"binomial": ' + json.dumps(binomial))
    f.write(',\n"overlaps": [\n' + ",\n".join(json.dumps(o) for o in overlaps) + "\n]}\n")
