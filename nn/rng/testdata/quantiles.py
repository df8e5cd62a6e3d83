#!/usr/bin/env python3
"""Writes quantiles.txt: p and log p and the normal quantile at p, to 25 digits.

    pip install mpmath
    python quantiles.py > quantiles.txt
"""
from mpmath import mp, mpf, erfinv, log, sqrt

mp.dps = 60
ps = [mpf(2 * k + 1) / 2**53 for k in (0, 1, 12345, 2**30, 2**40 + 7, 2**45 + 3)]
ps += [mpf(2 * k + 1) / 2**12 for k in range(0, 2**11, 19)]
ps += [1 - p for p in ps[:6]]
for p in ps:
    q = sqrt(mpf(2)) * erfinv(2 * p - 1)
    print(mp.nstr(p, 25), mp.nstr(log(p), 25), mp.nstr(q, 25))
