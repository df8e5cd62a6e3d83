"""Writes neighbours.json: distances and centres of k-means, by scikit-learn.

    pip install numpy scikit-learn
    python neighbours.py
"""
import json
import pathlib

import numpy as np
import sklearn
from sklearn.cluster import KMeans
from sklearn.neighbors import NearestNeighbors

rng = np.random.default_rng(5)
cases = []
for n, d, k, groups in [(30, 5, 2, 3), (80, 12, 7, 4), (12, 3, 12, 2)]:
    home = rng.integers(groups, size=n)
    rows = np.round(3 * rng.normal(size=(groups, d))[home] + rng.normal(size=(n, d)), 4)
    queries = np.round(3 * rng.normal(size=(6, d)), 4)
    distances, _ = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(rows).kneighbors(queries)
    start = np.sort(rng.choice(n, groups, replace=False))
    lloyd = KMeans(groups, init=rows[start], n_init=1, tol=0, algorithm="lloyd").fit(rows)
    best = KMeans(groups, init="k-means++", n_init=50, tol=0, algorithm="lloyd", random_state=0).fit(rows)
    cases.append({
        "d": d, "k": k, "clusters": groups, "rows": rows.ravel().tolist(), "queries": queries.ravel().tolist(),
        "knn": (distances**2).mean(1).tolist(),
        "start": start.tolist(), "centres": lloyd.cluster_centers_.ravel().tolist(), "inertia": lloyd.inertia_,
        "best": best.inertia_, "nearest": best.transform(queries).min(1).tolist(),
    })
text = json.dumps({"sklearn": sklearn.__version__, "cases": cases})
pathlib.Path(__file__).with_name("neighbours.json").write_text(text + "\n")
