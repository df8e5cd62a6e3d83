"""Pictures and their augmented views, made on the device. Images are [B, H, W, 3] with values from 0 to 1."""
import math
import pathlib

import numpy
import torch
from PIL import Image
from torch.nn import functional as F

MEAN, STD = 0.5, 0.25
JITTERED = 0.8  # the probability of other colours
GREY = (0.299, 0.587, 0.114)


def read(folder, device, most):
    """The pictures of a folder in the order of their names, so many at most."""
    paths = sorted(pathlib.Path(folder).glob("*.png"))[:most]
    pixels = numpy.stack([numpy.asarray(Image.open(p).convert("RGB")) for p in paths])
    return torch.from_numpy(pixels).to(device)


def plain(pixels):
    """Views that are not augmented."""
    return (pixels.float() / 255 - MEAN) / STD


def uniform(x, lo, hi):
    """A number for each image."""
    return lo + (hi - lo) * torch.rand(len(x), 1, 1, 1, device=x.device)


def chosen(x, probability, other):
    """Images of which each is another with a probability."""
    return torch.where(uniform(x, 0, 1) < probability, other, x)


def crop(x, least):
    """Random parts of the least share of the area, of ratios from 3/4 to 4/3, resized to the whole."""
    area, ratio = uniform(x, least, 1), uniform(x, math.log(3 / 4), math.log(4 / 3)).exp()
    width, height = (area * ratio).sqrt().clamp_max(1), (area / ratio).sqrt().clamp_max(1)
    dx, dy = uniform(x, -1, 1) * (1 - width), uniform(x, -1, 1) * (1 - height)
    zero = torch.zeros_like(dx)
    theta = torch.cat([width, zero, dx, zero, height, dy], 1).view(-1, 2, 3)
    grid = F.affine_grid(theta, (len(x), 3, *x.shape[1:3]), align_corners=False)
    part = F.grid_sample(x.permute(0, 3, 1, 2), grid, padding_mode="reflection", align_corners=False)
    return part.permute(0, 2, 3, 1)


def grey(x):
    return (x * x.new_tensor(GREY)).sum(3, keepdim=True)


def colour(x, s):
    """Other brightness, contrast, saturation and hue. The hue turns in the plane of YIQ's two colours."""
    y = x * uniform(x, 1 - s.jitter, 1 + s.jitter)
    middle = grey(y).mean((1, 2), keepdim=True)
    y = middle + (y - middle) * uniform(x, 1 - s.jitter, 1 + s.jitter)
    y = grey(y) + (y - grey(y)) * uniform(x, 1 - s.jitter, 1 + s.jitter)
    if s.hue > 0:
        angle = 2 * math.pi * uniform(x, -s.hue, s.hue)
        axis = torch.full((3,), 3**-0.5, device=x.device)  # of greys
        along = (y @ axis)[..., None] * axis
        across = torch.linalg.cross(axis.expand_as(y), y, dim=-1)
        y = along + (y - along) * angle.cos() + across * angle.sin()
    return y.clamp(0, 1)


def augmented(pixels, s):
    """A view of each image, normalised."""
    x = crop(pixels.float() / 255, s.crop)
    x = chosen(x, s.flip, x.flip(2))
    x = chosen(x, JITTERED, colour(x, s))
    x = chosen(x, s.grey, grey(x).expand_as(x))
    return (x - MEAN) / STD + s.noise / STD * torch.randn_like(x)


def turned(x, copies):
    """Rows that come in as many copies of an image, copy k rotated by k quarter turns. The rows are square."""
    x = x.clone()
    for k in range(1, copies):
        x[k::copies] = torch.rot90(x[k::copies], k, (1, 2))
    return x
