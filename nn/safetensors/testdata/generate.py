#!/usr/bin/env python3
"""Writes official.safetensors with the reference implementation.

    pip install numpy safetensors==0.8.0 torch
    python generate.py

Element i of each tensor is (37 i mod 101 - 50) / 16, which every type from BF16 up
holds exactly; integers get the numerator, BOOL whether it is odd.
"""
import os

import torch
from safetensors.torch import save_file

HERE = os.path.dirname(os.path.abspath(__file__))


def numbers(dtype, *shape):
    n = torch.empty(shape).numel()
    v = (torch.arange(n) * 37) % 101 - 50
    if dtype is torch.bool:
        v = v % 2 == 1
    elif dtype.is_floating_point:
        v = v.double() / 16
    return v.to(dtype).reshape(shape)


tensors = {
    "layer.weight": numbers(torch.float32, 3, 5),
    "layer.bias": numbers(torch.float32, 3),
    "f64": numbers(torch.float64, 2, 3, 4),
    "f16": numbers(torch.float16, 7),
    "bf16": numbers(torch.bfloat16, 2, 9),
    "bn.num_batches_tracked": numbers(torch.int64),
    "scalar": numbers(torch.float32),
    "nothing": numbers(torch.float32, 4, 0),
    "i8": numbers(torch.int8, 5),
    "bool": numbers(torch.bool, 11),
    'quote " slash \\ newline \n bell \x07 ü 漢 😀': numbers(torch.float32, 2),
}
save_file(tensors, os.path.join(HERE, "official.safetensors"), metadata={"format": "pt"})
