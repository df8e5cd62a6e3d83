"""Writes ocsvm.json: decision functions of scikit-learn's OneClassSVM, solved to TOLERANCE.

    pip install numpy scikit-learn
    python ocsvm.py

gamma 0 stands for scikit-learn's "scale". One case has rows that occur twice, and one so few
that a single support vector is free.
"""
import json
import pathlib

import numpy as np
import sklearn
from sklearn.svm import OneClassSVM

TOLERANCE = 1e-9
rng = np.random.default_rng(7)
cases = []
for n, d, nu, gamma, twice in [(60, 4, 0.2, 0, False), (40, 10, 0.05, 0.03, False), (50, 3, 0.5, 0, True), (7, 2, 0.3, 1.5, False), (150, 6, 0.1, 0, False)]:
    rows = np.round(rng.normal(size=(n, d)) * rng.uniform(0.3, 2, size=d) + 5, 3)
    if twice:
        rows[n // 2:] = rows[: n - n // 2]
    queries = np.round(rng.normal(size=(12, d)) * 2 + 5, 3)
    m = OneClassSVM(kernel="rbf", nu=nu, gamma=gamma or "scale", tol=TOLERANCE, shrinking=False).fit(rows)
    cases.append({
        "d": d, "nu": nu, "gamma": gamma, "rows": rows.ravel().tolist(), "queries": queries.ravel().tolist(),
        "decisions": m.decision_function(queries).tolist(), "rho": float(-m.intercept_[0]), "used_gamma": float(m._gamma),
        "own": m.decision_function(rows).tolist(),
    })
text = json.dumps({"sklearn": sklearn.__version__, "tolerance": TOLERANCE, "cases": cases})
pathlib.Path(__file__).with_name("ocsvm.json").write_text(text + "\n")
