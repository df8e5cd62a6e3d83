"""Trains a twin on one class of pictures and prints the AUROC of every score as it goes on.

    python twin.py DATA --normal CLASS --recipe turns|contrast|paper --minutes M [--csv FILE]

DATA holds train/CLASS/*.png and test/CLASS/*.png, of 32 x 32 pixels. Everything runs on a GPU if there is one, in
bfloat16 where that is safe, and otherwise on the CPU. The learning rate falls to 0 at the end of the time.
"""
import argparse
import csv
import functools
import pathlib
import sys
import time
from dataclasses import replace

import torch

import scores
import steps
import views
from losses import TURNS
from network import Twin
from settings import RECIPES

WARM_UP = 0.1  # share of the time in which the learning rate rises
MEASURED = 4096  # rows from which running statistics are measured before scoring


class Training:
    """Stage 1 of a recipe on the pictures of one class."""

    def __init__(self, s, pixels, autocast):
        self.s, self.pixels, self.autocast, self.device = s, pixels, autocast, pixels.device
        self.net = Twin(s).to(self.device)
        with torch.no_grad():
            for m in self.net.encoder.modules():
                if isinstance(m, torch.nn.Conv2d):
                    m.weight *= s.first_scale
        self.sgd = steps.optimiser(self.net, s)
        self.copies = TURNS if s.turn else 1
        self.units = min(s.batch // self.copies, len(pixels))  # images a step
        if s.contrast:
            self.fill_memories()

    def views(self, picks):
        """The views of a step's images: rotated copies of one view each, or two views."""
        rows = self.pixels[picks].repeat_interleave(self.copies, 0)
        return [views.turned(views.augmented(rows, self.s), self.copies) for _ in range(2 if self.s.contrast else 1)]

    def encode(self, picks, statistics):
        """The maps of a view of each image as they are in training, without gradients."""
        x = self.views(picks)[0]
        with torch.no_grad(), self.autocast():
            return steps.encode(self.net.encoder, x, torch.arange(len(x), device=self.device), self.s.chunk, statistics)

    def fill_memories(self):
        """Draws the patterns from the features of the first batches, of twice as many as are needed."""
        features = [[] for _ in self.net.memory]
        with steps.Statistics(self.net.encoder) as statistics:
            for picks in self.batches():
                for found, z in zip(features, self.encode(picks, statistics)):
                    found.append(z.float().flatten(0, 2))
                if all(sum(map(len, f)) >= 2 * len(m.patterns) for f, m in zip(features, self.net.memory)):
                    break
        steps.fill(self.net.memory, [torch.cat(f) for f in features])

    def batches(self):
        """The images of each step of an epoch."""
        order = torch.randperm(len(self.pixels), device=self.device)
        return [order[lo:lo + self.units] for lo in range(0, len(order) - self.units + 1, self.units)]

    def step(self, picks, rate):
        """Makes a step and returns its loss."""
        rows = self.units * self.copies
        first = torch.arange(rows, device=self.device) % self.copies == 0
        second = torch.randperm(rows, device=self.device)
        positions = [self.positions(side, r) for side, r in zip((8, 4), self.s.ratio)]
        loss = sum(steps.stage1(self.net, self.views(picks), second, first, ~first, positions, self.s, self.autocast))
        steps.update(self.sgd, loss, rate)
        return loss.item()

    @staticmethod
    def positions(side, ratio):
        """A sample of the positions of a map, without replacement."""
        picked = torch.randperm(side * side)[:int(side * side * ratio)]
        return [divmod(p, side) for p in picked.tolist()]

    def measure(self):
        """Sets the running statistics to their mean over some batches of the encoder as it is."""
        with steps.Statistics(self.net.encoder) as statistics:
            for picks in self.batches()[:max(1, MEASURED // (self.units * self.copies))]:
                self.encode(picks, statistics)
            statistics.old = [(m.running_mean, m.running_var) for m in statistics.norms]


def evaluate(training, test, normal):
    """The AUROC of each score, of all scales together and of each."""
    training.measure()
    scorer = scores.Scorer(training.net, training.s, training.pixels, training.autocast)
    of = {name: scorer.scores(pixels) for name, pixels in test.items()}
    found = {}
    for kind in of[normal]:
        merged = {name: [scores.merge(v[kind], training.s.lam), *v[kind]] for name, v in of.items()}
        for i, suffix in enumerate(("", " 1", " 2")):
            anomalous = torch.cat([v[i] for name, v in merged.items() if name != normal])
            found[kind + suffix] = 100 * scores.auroc(merged[normal][i], anomalous)
    return found


def train(training, test, o):
    """Trains until the time is over, and reports on the way and at the end."""
    report, begin = Report(o.csv), time.monotonic()
    reported = spent = 0.0  # time of scoring does not count
    step = epoch = 0
    end = o.minutes * 60
    while spent < end:
        epoch += 1
        for picks in training.batches():
            since = time.monotonic()
            share = min(spent / end, 1)
            rate = training.s.lr * training.s.batch / 1024 * steps.rate(share, WARM_UP, 1.0)
            loss = training.step(picks, rate)
            step, spent = step + 1, spent + time.monotonic() - since
            if spent >= end:
                break
        if spent >= end or spent - reported >= o.every * end:
            reported = spent
            report.line({"epoch": epoch, "step": step, "seconds": round(spent, 1), "loss": round(loss, 4)},
                        evaluate(training, test, o.normal))
    print(f"{time.monotonic() - begin:.0f} s in all", file=sys.stderr)


class Report:
    """Prints a line at a time and writes it to a CSV file, if there is to be one."""

    def __init__(self, path):
        self.file = open(path, "w", newline="") if path else None
        self.writer = None

    def line(self, state, aurocs):
        print(*(f"{k} {v}" for k, v in state.items()), *(f"| {k} {v:.1f}" for k, v in aurocs.items()), flush=True)
        if self.file:
            row = {**state, **{k: round(v, 3) for k, v in aurocs.items()}}
            if self.writer is None:
                self.writer = csv.DictWriter(self.file, row)
                self.writer.writeheader()
            self.writer.writerow(row)
            self.file.flush()


def options():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("data", type=pathlib.Path)
    p.add_argument("--normal", required=True, help="the class that is normal")
    p.add_argument("--recipe", choices=RECIPES, default="turns")
    p.add_argument("--minutes", type=float, default=2, help="of training, without scoring")
    p.add_argument("--every", type=float, default=0.25, help="share of the time after which an epoch's end is scored")
    p.add_argument("--train", type=int, default=1 << 20, help="images that are trained on, at most")
    p.add_argument("--test", type=int, default=1000, help="images of each class that are scored, at most")
    p.add_argument("--csv", help="writes the lines to this file, too")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="another number of settings.py")
    return p.parse_args()


def main():
    o = options()
    torch.manual_seed(o.seed)
    torch.set_num_threads(o.threads)
    torch.set_float32_matmul_precision("high")  # TF32 on a GPU
    torch.backends.cudnn.benchmark = True
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    autocast = functools.partial(torch.autocast, device.type, torch.bfloat16, enabled=device.type == "cuda")
    s = RECIPES[o.recipe]
    s = replace(s, **{name: type(getattr(s, name))(float(v)) for name, v in (pair.split("=") for pair in o.set)})
    test = {f.name: views.read(f, device, o.test) for f in sorted((o.data / "test").iterdir())}
    training = Training(s, views.read(o.data / "train" / o.normal, device, o.train), autocast)
    print(f"PyTorch {torch.__version__} on {device}, {s}", file=sys.stderr)
    train(training, test, o)


if __name__ == "__main__":
    main()
