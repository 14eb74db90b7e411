"""Sets of parameters in which the outputs are affine, and exact solving in them.

With θ_S the parameters of such a set, f = f₀ + G_S θ_S, where f₀ and G_S do not depend on θ_S. So reaching given
outputs and least squares are linear problems over ℚ, whatever the other parameters are: the last layer of a network,
any layer of a linear one, a factor of a product.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TypeAlias

from geomcheck.problem import formula as tree
from geomcheck.problem.model import Model
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem
from geomcheck.search import rational_derivatives
from geomcheck.search.draws import Random, Rows, Vector, integer
from geomcheck.search.rational_algebra import (
    RationalMatrix,
    column,
    flat,
    least_squares,
    matrix,
    null_space,
    rows_of,
    solution,
)

AffineBlock: TypeAlias = tuple[int, ...]


@lru_cache(maxsize=64)
def affine_blocks(model: Model) -> tuple[AffineBlock, ...]:
    """Maximal sets of parameter indices in which every output is affine, later layers first.

    >>> from geomcheck.problem.model import explicit_model
    >>> affine_blocks(explicit_model(["a", "b", "c"], ["x"], ["a*b*x + c"]))
    ((0, 2), (1, 2))
    """
    if isinstance(model, DenseNetwork):
        blocks = []
        for number in range(len(model.layers), 0, -1):
            if model.layers[number - 1].activation.polynomial_degree != 1:
                break
            ranges = [range(b.start, b.stop) for b in model.blocks() if b.layer == number]
            blocks.append(tuple(i for indices in ranges for i in indices))
        return tuple(blocks)
    found: dict[AffineBlock, None] = {}
    for first in range(model.n_parameters):
        chosen: list[int] = []
        for i in (first, *(j for j in range(model.n_parameters) if j != first)):
            names = frozenset(model.parameters[j] for j in (*chosen, i))
            if all(_degree(output, names) <= 1 for output in model.outputs):
                chosen.append(i)
        if chosen:
            found[tuple(sorted(chosen))] = None
    return tuple(found)


def reach(problem: Problem, block: AffineBlock, outputs: Rows, rng: Random | None = None) -> Problem | None:
    """The instance with the block solved so that the plain outputs are exactly `outputs` (N, K), or None.

    With `rng`, a random element of the solution set, else the one whose free unknowns are 0.
    """
    system = _system(problem, block, outputs)
    if system is None:
        return None
    found = solution(*system)
    if found is None:
        return None
    values = flat(found)
    if rng is not None:
        for direction in null_space(system[0]):
            step = integer(rng, 1)
            values = [x + step * d for x, d in zip(values, direction, strict=True)]
    return _with_block(problem, block, values)


def nearest(problem: Problem, block: AffineBlock, outputs: Rows) -> Problem | None:
    """The instance with the block at a minimum of ½‖f − outputs‖² + c/2 ‖θ‖² in it (c and N from the problem)."""
    system = _system(problem, block, outputs)
    if system is None:
        return None
    ridge = problem.weight_decay * (problem.N if problem.reduction == "mean" else 1)
    return _with_block(problem, block, flat(least_squares(*system, ridge)))


def _system(problem: Problem, block: AffineBlock, outputs: Rows) -> tuple[RationalMatrix, RationalMatrix] | None:
    """G_S (NK, |S|) and the column outputs − f₀."""
    emptied = rational_derivatives.raw(_with_block(problem, block, [Fraction(0)] * len(block)))
    values, slopes = rational_derivatives.behaviour(emptied), rational_derivatives.jacobian(emptied)
    if values is None or slopes is None:
        return None
    part = matrix([[row[i] for i in block] for row in rows_of(slopes)], len(block))
    wanted = [y - f for y_row, f_row in zip(outputs, values, strict=True) for y, f in zip(y_row, f_row, strict=True)]
    return part, column(wanted)


def _with_block(problem: Problem, block: AffineBlock, values: Vector) -> Problem:
    assert problem.parameters is not None
    theta = list(problem.parameters)
    for i, value in zip(block, values, strict=True):
        theta[i] = value
    return problem.with_(parameters=theta)


def _degree(node: tree.Formula, names: frozenset[str]) -> int:
    """The degree of a formula in some names; 2 stands for everything that is not affine."""
    match node:
        case tree.Number():
            return 0
        case tree.Name(name):
            return int(name in names)
        case tree.Add(a, b) | tree.Sub(a, b):
            return max(_degree(a, names), _degree(b, names))
        case tree.Neg(a):
            return _degree(a, names)
        case tree.Mul(a, b):
            return min(2, _degree(a, names) + _degree(b, names))
        case tree.Div(a, b):
            return 2 if _degree(b, names) else _degree(a, names)
        case tree.Power(a, n):
            return min(2, n * _degree(a, names))
        case tree.Call(_, a):
            return 2 if _degree(a, names) else 0
