"""Writes oas.json: Mahalanobis distances from shrunk covariances, by scikit-learn and SciPy.

scikit-learn's OAS leaves the terms 2/p of equation 23 of the paper out, so the shrinkage is
computed here.

    pip install numpy scipy scikit-learn
    python oas.py
"""
import json
import pathlib

import numpy as np
import sklearn
from scipy.spatial.distance import mahalanobis
from sklearn.covariance import empirical_covariance, shrunk_covariance


def oas(s, n):
    p, t, t2 = len(s), np.trace(s) ** 2, np.trace(s @ s)
    return min(1.0, ((1 - 2 / p) * t2 + t) / ((n + 1 - 2 / p) * (t2 - t / p)))


rng = np.random.default_rng(1)
cases = []
for n, c in [(40, 3), (12, 8), (4, 6), (300, 5)]:
    mix = rng.normal(size=(c, c))
    x = np.round(rng.normal(size=(n, c)) @ mix + rng.normal(size=c), 4)
    q = np.round(rng.normal(size=(5, c)) * 2, 4)
    s = empirical_covariance(x)
    inverse = np.linalg.inv(shrunk_covariance(s, oas(s, n)))
    cases.append({"channels": c, "rows": x.ravel().tolist(), "queries": q.ravel().tolist(), "shrinkage": oas(s, n),
                  "distances": [mahalanobis(v, x.mean(0), inverse) / c**0.5 for v in q]})
text = json.dumps({"sklearn": sklearn.__version__, "cases": cases})
pathlib.Path(__file__).with_name("oas.json").write_text(text + "\n")
