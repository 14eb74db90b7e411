"""The same function by other parameters: hidden units in another order."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import DrawFn, SearchStrategy

from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem
from geomcheck.testing.validation import check_type

Order = Sequence[int]


def permutations_of(problem: Problem, *, units: bool = True, samples: bool = False) -> SearchStrategy[Problem]:
    """The problem with the hidden units of its network, its samples, or both in any order.

    Permuting units by π_l in hidden layer l turns W_l into P_l W_l P_{l-1}ᵀ and b_l into P_l b_l and leaves F(θ), L and
    every rank and inertia as they are; layers joined by a residual link are permuted alike, and those linked to the
    input or the output not at all. Permuting samples permutes the rows of the inputs and targets that are given.
    Shrinks to the problem itself.

    Raises InvalidArgument where units are to be permuted and there are none, or no parameters are given.

    >>> from geomcheck import problem_from
    >>> from hypothesis import find
    >>> pair = problem_from({"network": "1-2-1 tanh", "samples": 1, "parameters": [1, 2, 3, 4, 5, 6, 7]})
    >>> [int(x) for x in find(permutations_of(pair), lambda other: other != pair).parameters]
    [2, 1, 4, 3, 6, 5, 7]
    """
    check_type(Problem, problem, "problem")
    if check_type(bool, units, "units"):
        if not isinstance(problem.model, DenseNetwork):
            raise InvalidArgument(
                "Cannot permute the units of a model given by formulas; use units=False, samples=True"
            )
        if problem.parameters is None:
            raise InvalidArgument("Cannot permute units without parameters; give a problem that has them")
    return _permuted(problem, units, check_type(bool, samples, "samples"))


@st.composite
def _permuted(draw: DrawFn, problem: Problem, units: bool, samples: bool) -> Problem:
    if units:
        assert isinstance(problem.model, DenseNetwork) and problem.parameters is not None
        groups = _tied(problem.model)
        drawn = {group: draw(st.permutations(range(width))) for group, width in _free(problem.model, groups).items()}
        orders = [drawn.get(group, range(problem.model.widths[layer])) for layer, group in enumerate(groups)]
        problem = problem.with_(parameters=reordered(problem.model, problem.parameters, orders))
    if samples:
        order = draw(st.permutations(range(problem.N)))
        inputs, targets = problem.inputs, problem.targets
        problem = problem.with_(
            inputs=None if inputs is None else [inputs[i] for i in order],
            targets=[targets[i] for i in order] if isinstance(targets, tuple) else None,
        )
    return problem


def reordered(network: DenseNetwork, theta: Sequence[Fraction], orders: Sequence[Order]) -> list[Fraction]:
    """θ with unit i of layer l taken from the old unit orders[l][i]; layer 0 is the input."""
    moved: list[Fraction] = []
    for block in network.blocks():
        rows = orders[block.layer]
        if len(block.shape) == 1:
            moved += [theta[block.start + i] for i in rows]
        else:
            moved += [theta[block.start + i * block.shape[1] + j] for i in rows for j in orders[block.layer - 1]]
    return moved


def _tied(network: DenseNetwork) -> list[int]:
    """For each layer, 0 the input, the first layer that residual links tie it to."""
    groups = list(range(len(network.widths)))
    for number, layer in enumerate(network.layers, 1):
        if layer.residual is not None:
            old, new = groups[number], groups[layer.residual]
            groups = [new if group == old else group for group in groups]
    return groups


def _free(network: DenseNetwork, groups: list[int]) -> dict[int, int]:
    """Groups whose units may be permuted -> their width."""
    fixed = {groups[0], groups[-1]}
    return {group: network.widths[group] for group in groups if group not in fixed}
