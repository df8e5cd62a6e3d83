"""Writes svhn/train_32x32.mat and test_32x32.mat as SciPy writes MAT-files: five compressed
images and one that is not, in the form of the cropped digits of SVHN.

    python testdata/dataset/svhn.py

Needs SciPy.
"""

import os

import numpy as np
from scipy.io import savemat

here = os.path.join(os.path.dirname(__file__), "svhn")
y, x, c = np.meshgrid(np.arange(32), np.arange(32), np.arange(3), indexing="ij")
for name, labels, packed in [("train", [1, 10, 9, 2, 10], True), ("test", [3], False)]:
    images = [(7 * y + 3 * x + 50 * c + 11 * n) % 256 for n in range(len(labels))]
    arrays = {"X": np.stack(images, -1).astype(np.uint8), "y": np.array(labels, np.uint8)[:, None]}
    savemat(os.path.join(here, name + "_32x32.mat"), arrays, do_compression=packed)
