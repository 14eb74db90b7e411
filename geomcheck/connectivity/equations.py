"""The equations F(θ) = y whose solutions, where there are any, are exactly the global minima.

mse, quartic and log cosh of f − y are positive for f ≠ y, so without weight decay the zero-loss set {F(θ) = y}, if it
is not empty, is the set of global minima. Samples with equal inputs have equal outputs. For mse their losses add up to
½n‖f − ȳ‖² plus a constant, ȳ being the mean of the n targets, so they count as one sample with target ȳ, and the set
{F = ȳ}, if not empty, is that of the global minima even where the data contradict themselves.
"""

from __future__ import annotations

from fractions import Fraction

from geomcheck.connectivity.count import unknown
from geomcheck.connectivity.rational_matrices import ZERO, Vector
from geomcheck.problem.loss import NamedLoss
from geomcheck.problem.losses import LOSSES
from geomcheck.problem.problem import Problem

STRICT = tuple(loss.name for loss in LOSSES.values() if loss.zero_at_fit)


def require_data(problem: Problem) -> tuple[tuple[Vector, ...], tuple[Vector, ...]]:
    """Inputs and targets, of a problem whose loss is strictly least at F = y; raises Undecided for any other."""
    if problem.weight_decay:
        raise unknown("with weight decay the global minima are no fits", "leave the weight decay out")
    if problem.squash is not None or not isinstance(problem.loss, NamedLoss) or not problem.loss.zero_at_fit:
        raise unknown(f"the global minima are known to be the fits f = y for {', '.join(STRICT)} only", "use mse")
    if problem.inputs is None or not isinstance(problem.targets, tuple):
        raise unknown("the set of global minima depends on the data", "give inputs, and targets as numbers")
    return problem.inputs, problem.targets


def fit_equations(problem: Problem) -> tuple[tuple[Vector, ...], tuple[Vector, ...]]:
    """Distinct inputs, and the targets to be fitted there; raises Undecided where no fit can be a global minimum.

    >>> from geomcheck.problem.read import problem_from
    >>> inputs, targets = fit_equations(problem_from({"network": "1-1 linear", "inputs": [1, 1], "targets": [0, 1]}))
    >>> [str(x) for x in inputs[0] + targets[0]]
    ['1', '1/2']
    """
    inputs, targets = require_data(problem)
    groups: dict[Vector, list[Vector]] = {}
    for x, y in zip(inputs, targets, strict=True):
        groups.setdefault(x, []).append(y)
    assert isinstance(problem.loss, NamedLoss)
    if problem.loss.name != "mse" and any(len(set(ys)) > 1 for ys in groups.values()):
        raise unknown("equal inputs with different targets: nothing fits all data", "use mse, or leave a sample out")
    return tuple(groups), tuple(_mean(ys) for ys in groups.values())


def _mean(rows: list[Vector]) -> Vector:
    return tuple(sum(column, ZERO) / Fraction(len(rows)) for column in zip(*rows, strict=True))
