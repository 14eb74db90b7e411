"""The networks of the merging experiment: an MLP, and a small ResNet with BatchNorm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from torch import nn

__all__ = ["NETWORKS", "mlp", "resnet"]

Shape = tuple[int, int, int]


def mlp(shape: Shape, classes: int, width: int) -> nn.Module:
    """Two hidden layers of ``width`` relu units on the flattened image.

    >>> sum(p.numel() for p in mlp((1, 8, 8), 10, 32).parameters()) == 64 * 32 + 32 + 32 * 32 + 32 + 32 * 10 + 10
    True
    """
    from torch import nn

    channels, height, breadth = shape
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(channels * height * breadth, width),
        nn.ReLU(),
        nn.Linear(width, width),
        nn.ReLU(),
        nn.Linear(width, classes),
    )


def resnet(shape: Shape, classes: int, width: int) -> nn.Module:
    """A stem and two residual blocks of 3 × 3 convolutions with BatchNorm, ``width`` and 2 · ``width`` channels.

    The second block halves the image and has a 1 × 1 convolution as its shortcut; the mean over the image feeds one
    linear layer.
    """
    import torch
    from torch import nn

    class Block(nn.Module):
        def __init__(self, before: int, after: int, stride: int) -> None:
            super().__init__()
            self.one = nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False)
            self.norm_one = nn.BatchNorm2d(after)
            self.two = nn.Conv2d(after, after, 3, padding=1, bias=False)
            self.norm_two = nn.BatchNorm2d(after)
            self.short = (
                nn.Sequential(nn.Conv2d(before, after, 1, stride=stride, bias=False), nn.BatchNorm2d(after))
                if stride > 1 or before != after
                else nn.Identity()
            )

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            y = torch.relu(self.norm_one(self.one(x)))
            return torch.relu(self.short(x) + self.norm_two(self.two(y)))

    return nn.Sequential(
        nn.Conv2d(shape[0], width, 3, padding=1, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
        Block(width, width, 1),
        Block(width, 2 * width, 2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(2 * width, classes),
    )


NETWORKS: Final[Mapping[str, Callable[[Shape, int, int], nn.Module]]] = {"mlp": mlp, "resnet": resnet}
