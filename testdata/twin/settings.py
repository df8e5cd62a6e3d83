"""The settings of a training, and the three recipes: anomem's defaults for objects (turns), the same without
rotated copies (contrast), and section 4.2 of the paper."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    # The model.
    depth: int = 18
    width: float = 0.25
    patterns: tuple = (512, 256)  # N_Mem of each scale
    ratio: tuple = (0.3, 1.0)  # r
    lam: tuple = (1.0, 2.0)  # lambda
    beta: float = 2.0
    updates: int = 1  # of eq. 1; 0: until a row changes by eps at most
    eps: float = 0.0
    sphere: bool = True  # features and patterns on the unit sphere; otherwise eq. 1 as printed
    pool: int = 2
    hidden: int = 256

    # The loss of stage 1: eq. 7, and what is added to it or takes its place.
    contrast: bool = True
    tau: float = 0.1
    lambda_v: float = 0.05
    hinge: float = 1.0  # of eq. 6; 0: none
    turn: float = 0.0  # weight of telling quarter turns
    joint: float = 0.0  # weight of eq. 12 in stage 1
    margin: float = 2.0

    # The optimiser.
    batch: int = 256
    chunk: int = 128  # rows over which a batch norm takes its statistics, at most
    lr: float = 0.5  # for a batch of 1024
    momentum: float = 0.9
    decay: float = 1e-4
    first_scale: float = 1.0  # factor on the first weights of convolutions

    # The views.
    crop: float = 0.2  # least area
    jitter: float = 0.4  # of brightness, contrast and saturation, with probability 0.8
    hue: float = 0.1
    grey: float = 0.2
    flip: float = 0.5
    noise: float = 0.01


RECIPES = {
    "turns": Settings(contrast=False, turn=1.0, batch=128, lr=0.8, decay=5e-4, first_scale=0.4,
                      crop=0.85, jitter=0.1, hue=0.0, grey=0.0),
    "contrast": Settings(),
    "paper": Settings(depth=50, width=1.0, sphere=False, updates=0, eps=1e-3, hinge=0.0, batch=1024, hue=0.0, grey=0.0),
}
