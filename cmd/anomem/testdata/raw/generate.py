"""Writes gradient.npy as NumPy does: python3 -m pip install numpy; python3 generate.py"""
import pathlib

import numpy

values = numpy.array([[-1, 0, 0.25], [0.5, 1, 2]], numpy.float32)
numpy.save(pathlib.Path(__file__).with_name("gradient.npy"), values)
