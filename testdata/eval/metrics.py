"""Writes metrics.json: what scikit-learn computes of scores with and without ties, and
DeLong's variance by its definition, all pairs at once.

    python testdata/eval/metrics.py

Needs scikit-learn and SciPy.
"""

import json
import os

import numpy as np
from scipy import stats
from sklearn.metrics import average_precision_score, balanced_accuracy_score, roc_auc_score, roc_curve

rng = np.random.default_rng(11)


def de_long(scores, labels, level):
    a, b = scores[labels][:, None], scores[~labels][None, :]
    psi = (a > b) + 0.5 * (a == b)
    var = psi.mean(1).var(ddof=1) / len(a) + psi.mean(0).var(ddof=1) / b.size
    auc = psi.mean()
    half = stats.norm.ppf(0.5 + level / 2) * np.sqrt(var) / (auc * (1 - auc))
    return [float(stats.logistic.cdf(np.log(auc / (1 - auc)) + s * half)) for s in (-1, 1)]


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
        "interval_95": de_long(scores, labels, 0.95),
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

with open(os.path.join(os.path.dirname(__file__), "metrics.json"), "w") as f:
    f.write('{"cases": [\n' + ",\n".join(json.dumps(c) for c in cases) + '\n],\n"binomial": ' + json.dumps(binomial) + "}\n")
