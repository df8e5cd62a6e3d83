"""Writes fixtures.json: what PyTorch computes, in float64, for the operations of
package autograd and their gradients.

    python testdata/autograd/fixtures.py

Maps are [N C H W] and filters [Cout Cin KH KW] in PyTorch; in the file both are
laid out as the package has them, [N H W C] and [KH KW Cin Cout].
"""

import json
import os

import torch
import torch.nn.functional as F

torch.manual_seed(7)
cases = []


def stored(t):
    return {"shape": list(t.shape), "data": t.detach().contiguous().flatten().tolist()}


def add(name, inputs, f, buffers=()):
    """Stores f(inputs), the gradients of a random product with it, and buffers after it."""
    inputs = [t.detach().clone().requires_grad_() for t in inputs]
    before = [stored(b) for b in buffers]
    out = f(*inputs)
    seed = torch.randn_like(out)
    (out * seed).sum().backward()
    cases.append({
        "name": name, "in": [stored(t) for t in inputs], "out": stored(out), "seed": stored(seed),
        "grad": [stored(t.grad) for t in inputs],
        "buffers": before, "after": [stored(b) for b in buffers],
    })


def randn(*dims):
    # Exact in float32, so that both types start from the same numbers.
    return torch.randn(*dims, dtype=torch.float32).double()


def positive(*dims):
    return randn(*dims).abs() + 0.25


def nchw(x):
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def conv(stride, pad):
    def f(x, w, b=None):
        return nhwc(F.conv2d(nchw(x), w.permute(3, 2, 0, 1), b, stride=stride, padding=pad))
    return f


def batch_norm(x, gamma, beta, mean, var, training, momentum, eps):
    y = F.batch_norm(nchw(x), mean, var, gamma, beta, training=training, momentum=momentum, eps=eps)
    return nhwc(y)


add("Add", [randn(2, 3), randn(3)], torch.add)
add("Sub", [randn(2, 1), randn(1, 3)], torch.sub)
add("Mul", [randn(2, 3, 2), randn(3, 1)], torch.mul)
add("Div", [randn(2, 3), positive(2, 1)], torch.div)
add("Exp", [randn(5)], torch.exp)
add("Log", [positive(5)], torch.log)
add("Sqrt", [positive(5)], torch.sqrt)
add("Square", [randn(5)], torch.square)
add("Abs", [torch.tensor([-1.5, 0.0, 2.0, -0.25], dtype=torch.float64)], torch.abs)
add("ReLU", [torch.tensor([-1.5, 0.0, 2.0, -0.25], dtype=torch.float64)], torch.relu)
add("Clamp", [torch.tensor([-1.5, -0.5, 0.0, 0.75, 2.0], dtype=torch.float64)], lambda x: x.clamp(-0.5, 0.75))

add("MatMul", [randn(3, 4), randn(4, 2)], lambda a, b: a @ b)
add("MatMulTA", [randn(4, 3), randn(4, 2)], lambda a, b: a.T @ b)
add("MatMulTB", [randn(3, 4), randn(2, 4)], lambda a, b: a @ b.T)
add("MatMulTT", [randn(4, 3), randn(2, 4)], lambda a, b: a.T @ b.T)

x = randn(2, 3, 2, 3)
add("Sum", [x], lambda x: x.sum((0, 2)))
add("Mean", [x], lambda x: x.mean((1, 3), keepdim=True))
add("Variance", [x], lambda x: x.var((1, 2), unbiased=False))
add("VarianceUnbiased", [x], lambda x: x.var((0, 3), unbiased=True))
add("Max", [randn(4, 5)], lambda x: x.max(1).values)
add("LogSumExp", [x], lambda x: x.logsumexp((1, 3)))
add("LogSumExpLarge", [100 * randn(3, 4)], lambda x: x.logsumexp(1))
add("Softmax", [x], lambda x: x.softmax(1))
add("SoftmaxLarge", [100 * randn(3, 4)], lambda x: x.softmax(1))
add("LogSoftmax", [x], lambda x: x.log_softmax(3))
add("L2Normalize", [x], lambda x: F.normalize(x, dim=-1))
add("GatherRows", [randn(4, 3)], lambda x: x[torch.tensor([2, 0, 2, 3])])

add("Conv3x3", [randn(2, 5, 4, 3), randn(3, 3, 3, 4), randn(4)], conv(1, 1))
add("Conv3x3s2", [randn(2, 5, 6, 3), randn(3, 3, 3, 2)], conv(2, 1))
add("Conv1x1", [randn(2, 3, 3, 4), randn(1, 1, 4, 3), randn(3)], conv(1, 0))
add("Conv1x1s2", [randn(1, 4, 5, 3), randn(1, 1, 3, 2)], conv(2, 0))
add("Conv7x7s2", [randn(1, 9, 8, 1), randn(7, 7, 1, 2)], conv(2, 3))
add("Conv2x3", [randn(1, 4, 6, 2), randn(2, 3, 2, 2), randn(2)], conv((1, 2), (0, 2)))

mean, var = randn(3), positive(3)
add("BatchNormTraining", [randn(2, 3, 2, 3) * 3 + 2, randn(3), randn(3)],
    lambda x, g, b: batch_norm(x, g, b, mean, var, True, 0.1, 1e-5), (mean, var))
mean, var = randn(2), positive(2)
add("BatchNormMomentum", [randn(3, 1, 2, 2), randn(2), randn(2)],
    lambda x, g, b: batch_norm(x, g, b, mean, var, True, 0.3, 1e-3), (mean, var))
mean, var = randn(3), positive(3)
add("BatchNormEval", [randn(2, 3, 2, 3), randn(3), randn(3)],
    lambda x, g, b: batch_norm(x, g, b, mean, var, False, 0.1, 1e-5), (mean, var))

add("MaxPool3x3s2", [randn(2, 5, 6, 2)], lambda x: nhwc(F.max_pool2d(nchw(x), 3, 2, 1)))
add("MaxPool2x2", [randn(1, 4, 5, 2)], lambda x: nhwc(F.max_pool2d(nchw(x), 2)))
add("AvgPoolTo2x3", [randn(2, 5, 7, 2)], lambda x: nhwc(F.adaptive_avg_pool2d(nchw(x), (2, 3))))
add("AvgPoolTo4x5", [randn(1, 3, 2, 2)], lambda x: nhwc(F.adaptive_avg_pool2d(nchw(x), (4, 5))))
add("GlobalAvgPool", [randn(2, 3, 4, 2)], lambda x: x.mean((1, 2)))
for oh, ow in (7, 5), (2, 2), (3, 9):
    add(f"Resize{oh}x{ow}", [randn(1, 4, 3, 2)],
        lambda x: nhwc(F.interpolate(nchw(x), (oh, ow), mode="bilinear", align_corners=False)))

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fixtures.json")
with open(path, "w") as f:
    lines = ",\n".join(json.dumps(c) for c in cases)
    f.write(f'{{"torch": "{torch.__version__}", "cases": [\n{lines}\n]}}\n')
print(len(cases), "cases,", os.path.getsize(path), "bytes")
