"""The networks that planted permutations are recovered on, and what makes a copy of one with everything random."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from geomcheck.align.tracing import state_of

torch.set_num_threads(1)


def mlp():
    return nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 20), nn.GELU(), nn.Linear(20, 3))


def relu_mlp():
    return nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 3))


class Residual(nn.Module):
    """A small ResNet with BatchNorm: two stages, a shortcut with a convolution, a flattened head."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 8, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(8)
        self.one = nn.Conv2d(8, 8, 3, padding=1, bias=False)
        self.norm_one = nn.BatchNorm2d(8)
        self.two = nn.Conv2d(8, 8, 3, padding=1, bias=False)
        self.norm_two = nn.BatchNorm2d(8)
        self.three = nn.Conv2d(8, 12, 3, stride=2, padding=1, bias=False)
        self.norm_three = nn.BatchNorm2d(12)
        self.short = nn.Conv2d(8, 12, 1, stride=2)
        self.head = nn.Linear(12 * 4, 3)

    def forward(self, x):
        x = functional.relu(self.norm(self.stem(x)))
        y = functional.relu(self.norm_one(self.one(x)))
        x = functional.relu(x + self.norm_two(self.two(y)), inplace=True)
        x = functional.relu(self.norm_three(self.three(x)) + self.short(x))
        return self.head(torch.flatten(functional.adaptive_avg_pool2d(x, 2), 1))


class Transformer(nn.Module):
    """A ViT-style block: patches, class token, positions, torch's attention, hand-written attention, an MLP."""

    def __init__(self, width=16, heads=4):
        super().__init__()
        self.heads = heads
        self.patches = nn.Conv2d(1, width, 2, stride=2)
        self.token = nn.Parameter(torch.zeros(1, 1, width))
        self.places = nn.Parameter(torch.zeros(1, 17, width))
        self.norm_one = nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.norm_two = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm_three = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 40), nn.GELU(), nn.Dropout(0.3), nn.Linear(40, width))
        self.head = nn.Linear(width, 3)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], dim=1) + self.places
        y = self.norm_one(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        batch, tokens, width = x.shape
        qkv = self.qkv(self.norm_two(x)).reshape(batch, tokens, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        scores = q @ k.transpose(-2, -1) / (width // self.heads) ** 0.5
        y = functional.dropout(scores.softmax(-1), 0.2, self.training) @ v
        x = x + self.out(y.transpose(1, 2).reshape(batch, tokens, width))
        x = x + self.mlp(self.norm_three(x))
        return self.head(x[:, 0])


class Branches(nn.Module):
    """Concatenation of two branches, one with a depthwise convolution, then a grouped convolution and GroupNorm."""

    def __init__(self):
        super().__init__()
        self.left = nn.Conv2d(3, 8, 3, padding=1)
        self.depthwise = nn.Conv2d(8, 8, 3, padding=1, groups=8)
        self.norm = nn.BatchNorm2d(8)
        self.right = nn.Conv2d(3, 4, 1)
        self.mixed = nn.Conv2d(12, 12, 1)
        self.grouped = nn.Conv2d(12, 16, 3, padding=1, groups=4)
        self.groupnorm = nn.GroupNorm(4, 16)
        self.head = nn.Linear(16, 3)

    def forward(self, x):
        left = functional.silu(self.norm(self.depthwise(self.left(x))))
        x = torch.cat([left, functional.leaky_relu(self.right(x))], 1)
        x = self.groupnorm(self.grouped(functional.relu(self.mixed(x))))
        return self.head(functional.max_pool2d(x.relu(), 2).mean((2, 3)))


class LanguageModel(nn.Module):
    """An embedding tied to the output, positions, one projection for queries, keys and values, a causal mask."""

    def __init__(self, width=12, heads=3, length=6, tokens=11):
        super().__init__()
        self.heads = heads
        self.tokens = nn.Embedding(tokens, width)
        self.places = nn.Embedding(length, width)
        self.norm = nn.LayerNorm(width)
        self.project = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm_mlp = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.head = nn.Linear(width, tokens, bias=False)
        self.head.weight = self.tokens.weight
        self.register_buffer("mask", torch.tril(torch.ones(length, length)).view(1, 1, length, length) == 0)

    def forward(self, x):
        batch, length = x.shape
        x = self.tokens(x) + self.places(torch.arange(length))
        width = x.shape[-1]
        parts = self.project(self.norm(x)).split(width, dim=2)
        q, k, v = (part.view(batch, length, self.heads, -1).transpose(1, 2) for part in parts)
        scores = (q @ k.transpose(-2, -1)).masked_fill(self.mask[:, :, :length, :length], float("-inf"))
        y = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, width)
        x = x + self.out(y)
        return self.head(x + self.mlp(self.norm_mlp(x)))


NETWORKS = {
    "mlp": (mlp, (6,)),
    "batchnorm resnet": (Residual, (1, 8, 8)),
    "transformer": (Transformer, (1, 8, 8)),
    "concatenation and depthwise": (Branches, (3, 8, 8)),
}


def randomised(make, seed):
    """A network in which every entry of every parameter and running statistic is drawn at random."""
    generator = torch.Generator().manual_seed(seed)
    model = make()
    with torch.no_grad():
        for parameter in model.parameters():
            scale = max(1, parameter.numel() // parameter.shape[0]) ** -0.5
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * scale)
        for buffer in model.buffers():
            if buffer.is_floating_point():
                buffer.copy_(torch.rand(buffer.shape, generator=generator) + 0.5)
    return model.eval()


def planted(make, ties, model, seed):
    """A copy of the model with its hidden units permuted at random, and the permutations."""
    permutations = ties.random(np.random.default_rng(seed))
    copy = make().eval()
    copy.load_state_dict(ties.apply(model.state_dict(), permutations))
    return copy, permutations


def same_state(first, second):
    """The largest difference of two states."""
    a, b = state_of(first), state_of(second)
    return max(float((a[name].double() - b[name].double()).detach().abs().max()) for name in a)
