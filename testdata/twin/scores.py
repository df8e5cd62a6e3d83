"""Scores of images by a trained twin, one for each kind and scale, and the area under their ROC curve."""
import torch

import steps
import views
from losses import TURNS
from memory import unit
from network import Twin

ROWS = 512  # encoded at a time
LEAST = 1e-13  # added to variances


class Density:
    """A normal distribution of features [n, C] whose covariance is shrunk to a multiple of the unit matrix as far as
    its error asks for (OAS: Chen, Wiesel, Eldar and Hero, IEEE Transactions on Signal Processing 2010)."""

    def __init__(self, features):
        x = features.double()
        n, c = x.shape
        self.mean, cov = x.mean(0), torch.cov(x.T, correction=0)
        trace, square = cov.trace(), (cov * cov).sum()
        above, below = (1 - 2 / c) * square + trace**2, (n + 1 - 2 / c) * (square - trace**2 / c)
        rho = min(1.0, (above / below).item()) if below > 0 else 1.0
        unity = torch.eye(c, dtype=x.dtype, device=x.device)
        self.factor = torch.linalg.cholesky((1 - rho) * cov + (rho * trace / c + LEAST) * unity)

    def distance(self, features):
        """Mahalanobis's distance over sqrt(C)."""
        off = (features.double() - self.mean).T
        return torch.linalg.solve_triangular(self.factor, off, upper=False).norm(dim=0) / len(off) ** 0.5


class Scorer:
    """Scores by a twin as it is: fills densities, and memories that stage 1 does not train, from normal images."""

    def __init__(self, net: Twin, s, normal, autocast):
        self.net, self.s, self.autocast = net, s, autocast
        self.copies = TURNS if s.turn else 1
        features = self.of(normal, lambda k, maps: [unit(z.mean((1, 2))) for z in maps])
        self.densities = [[Density(f) for f in scales] for scales in features]
        if not s.contrast:
            steps.fill(net.memory, self.of(normal[:ROWS], lambda k, maps: [z.flatten(0, 2) for z in maps])[0])

    @torch.no_grad()
    def of(self, pixels, take):
        """take(k, maps) of all images rotated by k quarter turns, for each k a list of what it returns."""
        self.net.eval()
        found = []
        for k in range(self.copies):
            parts = []
            for lo in range(0, len(pixels), ROWS):
                x = torch.rot90(views.plain(pixels[lo:lo + ROWS]), k, (1, 2))
                with self.autocast():
                    maps = self.net.encoder(x)
                parts.append(take(k, [z.float() for z in maps]))
            found.append([torch.cat(p) for p in zip(*parts)])
        self.net.train()
        return found

    def scores(self, pixels):
        """For each kind, the scores [n] of each scale. Those of turns and densities are means over rotated copies."""
        kinds = {"density": self.of(pixels, self.density)}
        if self.s.turn:
            kinds["turns"] = self.of(pixels, self.missed)
        of_image = {name: [torch.stack(scale).mean(0) for scale in zip(*found)] for name, found in kinds.items()}
        of_image["cosine"], of_image["l2"] = self.deviations(pixels)
        return of_image

    def density(self, k, maps):
        return [d.distance(unit(z.mean((1, 2)))) for d, z in zip(self.densities[k], maps)]

    def missed(self, k, maps):
        """The log-odds against the quarter turns that an image was rotated by."""
        logs = [h(z) for h, z in zip(self.net.turns, maps)]
        others = [j for j in range(TURNS) if j != k]
        return [log[:, others].logsumexp(1) - log[:, k] for log in logs]

    def deviations(self, pixels):
        """The mean cosine deviation over the positions, and eq. 9, of images that are not rotated."""
        def both(k, maps):
            found = []
            for m, z in zip(self.net.memory, maps):
                cosine = (unit(z) * unit(m(z))).sum(3)
                found += [1 - cosine.mean((1, 2)), m.deviation(z).flatten(1).norm(dim=1)]
            return found
        copies, self.copies = self.copies, 1
        found = self.of(pixels, both)[0]
        self.copies = copies
        return found[0::2], found[1::2]


def merge(scores, lam):
    """Eq. 13."""
    return sum(l * s for l, s in zip(lam, scores)) / sum(lam)


def auroc(normal, anomalous):
    """The probability that an anomaly scores above a normal image, ties counted half."""
    all_scores = torch.cat([normal, anomalous])
    values, place, counts = all_scores.unique(return_inverse=True, return_counts=True)
    rank = counts.cumsum(0).double() - (counts - 1) / 2  # the mean rank of equal scores
    n, m = len(normal), len(anomalous)
    return ((rank[place[n:]].sum() - m * (m + 1) / 2) / (n * m)).item()
