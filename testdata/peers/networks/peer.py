"""One network in another engine, run when asked. main.go starts it and says what it is for.

    python3 peer.py --engine torch --layout nhwc --job train/resnet50-224-b8 --threads 1 --seconds 0.5

It builds the network, warms up, and prints a line of JSON that says what it is. Then it answers each line
of standard input with one timed run of about the given time, a line of JSON each.

A step of training clears the gradients, computes the mean of squares of the logits, goes backward and takes a
step of SGD with Nesterov momentum, as anomem bench does. The weights are random: no engine's speed depends on them.
"""
import argparse
import json
import os
import pathlib
import re
import sys
import tempfile
import time

try:
    import numpy
    import onnx  # noqa: F401, the export needs it
    import onnxruntime
    import torch
    import torchvision
except ImportError as e:
    requirements = pathlib.Path(__file__).resolve().with_name("requirements.txt")
    sys.exit(f"{e}. Install what the comparison needs:\n\n    {sys.executable} -m pip install -r {requirements}\n")


class Job:
    """What infer/resnetD-S-bB or train/resnetD-S-bB says."""

    def __init__(self, name):
        m = re.fullmatch(r"(infer|train)/(resnet\d+)-(\d+)-b(\d+)", name)
        if m is None:
            sys.exit(f"{name} is not a job such as infer/resnet50-224-b16")
        self.training, self.arch = m[1] == "train", m[2]
        self.size, self.batch = int(m[3]), int(m[4])

    def model(self):
        if self.size >= 64:
            return getattr(torchvision.models, self.arch)(weights=None)
        m = getattr(torchvision.models, self.arch)(weights=None, num_classes=10)
        m.conv1 = torch.nn.Conv2d(3, 64, kernel_size=3, padding=1, bias=False)  # the small stem
        m.maxpool = torch.nn.Identity()
        return m

    def images(self):
        return torch.rand(self.batch, 3, self.size, self.size) + 0.5


def torch_call(job, layout):
    memory_format = {"nchw": torch.contiguous_format, "nhwc": torch.channels_last}[layout]
    model = job.model().to(memory_format=memory_format)
    x = job.images().contiguous(memory_format=memory_format)
    if not job.training:
        model.eval()

        def infer():
            with torch.inference_mode():
                model(x)
        return infer
    model.train()
    sgd = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9, weight_decay=1e-4, nesterov=True)

    def step():
        sgd.zero_grad()
        model(x).square().mean().backward()
        sgd.step()
    return step


def onnx_call(job, threads):
    if job.training:
        sys.exit("ONNX Runtime is compared at inference alone")
    x = job.images()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.onnx")
        torch.onnx.export(job.model().eval(), (x,), path, input_names=["x"], output_names=["y"], dynamo=False)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feed = {"x": numpy.ascontiguousarray(x.numpy())}
    return lambda: session.run(None, feed)


def resident(field):
    """Bytes that /proc says of this process; 0 where there is none."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) << 10 for line in status if line.startswith(field + ":"))
    except (OSError, StopIteration):
        return 0


def timed(call, calls):
    start = time.perf_counter()
    for _ in range(calls):
        call()
    return time.perf_counter() - start


def calls_for(call, seconds):
    """Warms up, and returns how many calls take about so many seconds."""
    timed(call, 2)
    calls = 1
    while (took := timed(call, calls)) <= seconds / 4:
        calls *= 2
    return max(1, round(calls * seconds / took))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--engine", choices=["torch", "onnxruntime"], required=True)
    p.add_argument("--layout", choices=["nchw", "nhwc"], default="nchw")
    p.add_argument("--job", required=True)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--seconds", type=float, default=0.5)
    a = p.parse_args()
    job = Job(a.job)
    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    idle = resident("VmRSS")
    if a.engine == "torch":
        version, level = f"PyTorch {torch.__version__}", torch.backends.cpu.get_cpu_capability().lower()
        call = torch_call(job, a.layout)
    else:
        version, level = f"ONNX Runtime {onnxruntime.__version__}", ""  # it does not tell
        call = onnx_call(job, a.threads)
    calls = calls_for(call, a.seconds)
    print(json.dumps({"version": version, "level": level, "idle_bytes": idle}), flush=True)
    for _ in sys.stdin:
        took = timed(call, calls)
        print(json.dumps({"calls": calls, "seconds": took, "images_per_s": job.batch * calls / took}), flush=True)


if __name__ == "__main__":
    main()
