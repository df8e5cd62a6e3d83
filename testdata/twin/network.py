"""What a model learns: an encoder, and for each scale a memory, a head and a classifier of quarter turns.
Tensors have the names of a model file. Maps are [B, H, W, C] outside the encoder."""
import torch
from torch import nn
from torch.nn import functional as F

from memory import Memory

BASE = 64  # channels of the stem at width 1
BLOCKS = {18: (False, (2, 2, 2, 2)), 34: (False, (3, 4, 6, 3)), 50: (True, (3, 4, 6, 3)), 101: (True, (3, 4, 23, 3))}
STAGES = (3, 4)  # whose maps the two scales take
TURNS = 4


class Block(nn.Module):
    """A residual block (He et al., CVPR 2016): two 3x3 convolutions or, as a bottleneck, 1x1, 3x3 and 1x1 to
    four times the channels. The stride is in the first 3x3. A convolution on the shortcut fits its shape."""

    def __init__(self, channels, planes, stride, bottleneck):
        super().__init__()
        out = planes * 4 if bottleneck else planes
        plan = [(planes, 1, 1), (planes, 3, stride), (out, 1, 1)] if bottleneck else [(planes, 3, stride), (out, 3, 1)]
        given = channels
        for i, (to, kernel, step) in enumerate(plan, 1):
            self.add_module(f"conv{i}", nn.Conv2d(given, to, kernel, step, kernel // 2, bias=False))
            self.add_module(f"bn{i}", nn.BatchNorm2d(to))
            given = to
        self.length, self.downsample = len(plan), None
        if stride != 1 or channels != out:
            self.downsample = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        y = x
        for i in range(1, self.length + 1):
            y = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(y))
            if i < self.length:
                y = F.relu(y)
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class Encoder(nn.Module):
    """A ResNet with the stem for small images: a 3x3 convolution of stride 1 and no maximum."""

    def __init__(self, depth, width):
        super().__init__()
        bottleneck, blocks = BLOCKS[depth]
        planes = channels = int(BASE * width)
        self.conv1, self.bn1 = nn.Conv2d(3, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels)
        self.channels = []  # of each stage's map
        for stage, n in enumerate(blocks, 1):
            layers = []
            for i in range(n):
                layers.append(Block(channels, planes, 2 if stage > 1 and i == 0 else 1, bottleneck))
                channels = planes * 4 if bottleneck else planes
            self.add_module(f"layer{stage}", nn.Sequential(*layers))
            self.channels.append(channels)
            planes *= 2
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, images):
        """The maps [B, H, W, C] of the scales for images [B, H, W, 3]."""
        x = F.relu(self.bn1(self.conv1(images.permute(0, 3, 1, 2))))
        maps = []
        for stage in range(1, 5):
            x = getattr(self, f"layer{stage}")(x)
            if stage in STAGES:
                maps.append(x.permute(0, 2, 3, 1))
        return maps


class Head(nn.Module):
    """Eq. 10: a mean over pool x pool windows of the deviation map, and two linear layers with a ReLU."""

    def __init__(self, channels, pool, hidden):
        super().__init__()
        self.pool, self.hidden, self.out = pool, nn.Linear(pool * pool * channels, hidden), nn.Linear(hidden, 1)

    def pooled(self, delta):
        return F.adaptive_avg_pool2d(delta.permute(0, 3, 1, 2), self.pool).permute(0, 2, 3, 1)

    def cells(self, cells):
        """The distances [B] for cells [B, pool, pool, C]."""
        return self.out(F.relu(self.hidden(cells.flatten(1)))).squeeze(1)

    def forward(self, delta):
        return self.cells(self.pooled(delta))


class TurnHead(nn.Module):
    """Tells by how many quarter turns an image was rotated, from the mean over its map."""

    def __init__(self, channels):
        super().__init__()
        self.out = nn.Linear(channels, TURNS)

    def forward(self, z):
        return F.log_softmax(self.out(z.mean((1, 2))), dim=1)


class Twin(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.encoder = Encoder(s.depth, s.width)
        self.channels = [self.encoder.channels[stage - 1] for stage in STAGES]
        self.memory = nn.ModuleList(
            Memory(n, c, s.beta, s.updates, s.eps, s.sphere) for n, c in zip(s.patterns, self.channels))
        self.head = nn.ModuleList(Head(c, s.pool, s.hidden) for c in self.channels if s.joint)
        self.turns = nn.ModuleList(TurnHead(c) for c in self.channels if s.turn)
