"""Certified barriers of torch networks: around the exact answer, for nets small enough to have one; and bad input."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

import geomcheck as gc
from geomcheck.align.certified_barrier import _Segment
from geomcheck.align.relu_network import layers_of
from geomcheck.geometry.barriers.barrier import barrier_between
from geomcheck.problem.read import problem_from


def network(widths, seed, scale=1.0, bias=True):
    torch.manual_seed(seed)
    parts = []
    for a, b in pairwise(widths):
        parts += [nn.Linear(a, b, bias=bias), nn.ReLU()]
    model = nn.Sequential(*parts[:-1])
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_((torch.randn_like(parameter) * 4 * scale).round() / 4)
    return model


def rational(tensor):
    return [[Fraction(v) for v in row] for row in tensor.tolist()]


def exactly(a, b, x, y, baseline):
    """The same barrier by exact arithmetic; torch's mean squared error is the mean over samples and outputs."""
    widths = [a[0].in_features, *(layer.out_features for layer in a if isinstance(layer, nn.Linear))]
    bias = "" if a[0].bias is not None else ", no bias"
    problem = problem_from(
        {"network": "-".join(map(str, widths)) + " relu" + bias, "inputs": rational(x), "targets": rational(y)}
    )
    theta = [[Fraction(v) for p in model.parameters() for v in p.detach().reshape(-1).tolist()] for model in (a, b)]
    found = barrier_between(problem, *theta, baseline)
    return found.low * 2 / y.numel(), found.high * 2 / y.numel()


@pytest.mark.parametrize("baseline", ["mean", "linear"])
@pytest.mark.parametrize(
    ("widths", "bias"), [((2, 3, 2), True), ((3, 4, 1), False), ((2, 3, 3, 2), True), ((2, 2, 2, 2, 1), True)]
)
def test_the_interval_holds_the_exact_barrier(widths, bias, baseline):
    for seed in range(4):
        a, b = (network(widths, 2 * seed + i, bias=bias) for i in (0, 1))
        x = torch.randint(-4, 5, (4, widths[0])).float() / 2
        y = torch.randint(-4, 5, (4, widths[-1])).float()
        low, high = exactly(a, b, x, y, baseline)
        found = gc.certified_barrier(a, b, (x, y), loss="mse", baseline=baseline, width=1e-6)
        assert Fraction(found.low) <= high
        assert low <= Fraction(found.high)
        assert found.complete


def test_a_model_and_itself_have_no_barrier():
    a = network((3, 8, 2), 5)
    data = (torch.randn(6, 3), torch.randn(6, 2))
    for baseline in ("mean", "linear"):
        found = gc.certified_barrier(a, a, data, baseline=baseline)
        assert found.low <= 0 <= found.high <= 1e-4


def test_kinks_within_rounding_of_zero_are_covered():
    """Pre-activations that are exactly 0 at an end, and along the whole segment."""
    a, b = network((2, 3, 1), 1, bias=False), network((2, 3, 1), 2, bias=False)
    x = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, -1.0]])
    with torch.no_grad():
        a[0].weight[0] = 0
        a[0].weight[1], b[0].weight[1] = 0, 0
    y = torch.tensor([[1.0], [-1.0], [2.0]])
    low, high = exactly(a, b, x, y, "mean")
    found = gc.certified_barrier(a, b, (x, y), loss="mse", baseline="mean", width=1e-7)
    assert Fraction(found.low) <= high
    assert low <= Fraction(found.high)


def test_cross_entropy_lies_around_a_fine_grid():
    a, b = network((3, 6, 4), 1), network((3, 6, 4), 2)
    data = (torch.randn(20, 3), torch.randint(0, 4, (20,)))
    for baseline in ("mean", "linear"):
        found = gc.certified_barrier(a.double(), b.double(), (data[0].double(), data[1]), baseline=baseline)
        grid = gc.barrier(a, b, (data[0].double(), data[1]), points=401).barrier(baseline)
        assert grid - 1e-9 <= found.high
        assert found.low <= grid + 1e-2
        assert found.complete


def test_few_intervals_are_said_to_be_too_few():
    a, b = network((3, 6, 4), 1), network((3, 6, 4), 2)
    found = gc.certified_barrier(a, b, (torch.randn(9, 3), torch.randn(9, 4)), width=1e-9, intervals=16)
    assert not found.complete


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda m: nn.Sequential(m, nn.Tanh(), nn.Linear(2, 2)), "Tanh"),
        (lambda m: nn.Sequential(m, nn.ReLU()), "ends with a Linear"),
        (lambda m: nn.Conv1d(3, 3, 1), "nn.Sequential"),
    ],
)
def test_other_layers_are_named(break_it, words):
    model = break_it(network((3, 4, 2), 0))
    with pytest.raises(gc.GeomcheckError, match=words):
        gc.certified_barrier(model, model, (torch.randn(4, 3), torch.randn(4, 2)))


def test_bad_numbers_are_refused():
    a = network((3, 4, 2), 0)
    data = (torch.randn(4, 3), torch.randn(4, 2))
    huge = network((3, 4, 2), 0).double()
    with torch.no_grad():
        huge[0].weight.fill_(1e300)
    with pytest.raises(gc.GeomcheckError, match="overflow"):
        gc.certified_barrier(huge, huge, (data[0].double() + 10, data[1].double()))
    with pytest.raises(gc.GeomcheckError, match="columns"):
        gc.certified_barrier(a, a, (data[0], torch.randn(4, 3)), loss="mse")
    with pytest.raises(gc.GeomcheckError, match="baseline"):
        gc.certified_barrier(a, a, data, baseline="chord")
    with pytest.raises(gc.GeomcheckError, match="width"):
        gc.certified_barrier(a, a, data, width=0)
    with pytest.raises(gc.GeomcheckError, match="class"):
        gc.certified_barrier(a, a, (data[0], torch.tensor([0, 1, 2, 1])))


@pytest.mark.parametrize("loss", ["mse", "cross_entropy"])
@pytest.mark.parametrize("widths", [(2, 2, 2), (2, 3, 3, 2), (2, 1, 2)])
def test_no_loss_rises_further_above_the_chord_than_the_deviation(widths, loss):
    random = np.random.default_rng(len(widths))
    for seed in range(40):
        layers = layers_of(network(widths, 2 * seed), network(widths, 2 * seed + 1))
        x = random.integers(-3, 4, (3, 2)).astype(float)
        y = random.integers(-3, 4, (3, 2)).astype(float) if loss == "mse" else random.integers(0, 2, 3).astype(float)
        segment = _Segment(layers, x, y, loss)
        for low, high in ((0.0, 1.0), (0.25, 0.5)):
            ends = segment.point(low), segment.point(high)
            rise = segment.deviation(low, high, *ends)
            for k in range(1, 16):
                s = k / 16
                middle = segment.point(low + s * (high - low)).loss
                assert middle <= (1 - s) * ends[0].loss + s * ends[1].loss + rise + 1e-9
