"""Targets for a point that is already there: those it fits, those that make it critical, and labels at random.

A point is critical when Gᵀr = −cθ. So r runs over an affine space, found exactly, and each loss says which target gives
which r; for the squared loss that is y = F − r.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from geomcheck.problem.loss import NamedLoss
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem
from geomcheck.search import rational_derivatives
from geomcheck.search.draws import Random, Rows, Vector, grid, nonzero, targets_in
from geomcheck.search.rational_algebra import column, flat, matrix, null_space, primitive, rows_of, solution

_SHRINKINGS: Final = 5
_GRID_LIMIT: Final = 4


def fitted(problem: Problem) -> Iterator[Problem]:
    """The targets the point fits perfectly; nothing for a loss without a finite minimiser."""
    if not isinstance(problem.loss, NamedLoss) or problem.loss.link is not None:
        yield problem.with_(targets="perfect_fit")


def stationary(problem: Problem, rng: Random, size: int) -> Iterator[Problem]:
    """Targets off the fit for which the point is critical: residuals ± basis vectors, then their sum and a mix."""
    origin = _fitted_or_plain(problem)
    if origin is None:
        yield from _stationary_on_grid(problem)
        return
    slopes = rational_derivatives.jacobian(problem)
    if slopes is None:
        yield from _opposite_at_duplicates(problem, origin)
        return
    conditions = rows_of(slopes.transpose())
    assert problem.parameters is not None
    wanted = [-problem.weight_decay * t for t in problem.parameters]
    labels = isinstance(problem.loss, NamedLoss) and problem.loss.domain == "simplex"
    if labels:
        rows, sums = _sums_to_one(problem, origin)
        conditions, wanted = conditions + rows, wanted + sums
    system = matrix(conditions, problem.N * problem.K)
    start = solution(system, column(wanted))
    if start is None:
        return
    base, basis = flat(start), null_space(system)
    directions = [[sign * x for x in v] for v in basis for sign in (1, -1)]
    if len(basis) > 1:
        directions.append(_mixed(basis, [Fraction(1)] * len(basis)))
        directions.append(_mixed(basis, [nonzero(rng, size) for _ in basis]))
    if any(base):
        directions.insert(0, [Fraction(0)] * len(base))
    for direction in directions:
        found = _with_residual(problem, origin, base, direction)
        if found is not None:
            yield found


def pooled(problem: Problem) -> Iterator[Problem]:
    """Labels on both sides of the fit at two samples of one input: no fit, yet nothing fits them better."""
    if isinstance(problem.loss, NamedLoss) and problem.loss.domain != "any":
        origin = _fitted_or_plain(problem)
        yield from _opposite_at_duplicates(problem, origin) if origin is not None else ()
        return
    values = rational_derivatives.behaviour(problem)
    for i, j in _duplicates(problem)[:2] if values is not None else ():
        assert values is not None
        targets = [list(row) for row in values]
        targets[i][0], targets[j][0] = values[i][0] + 1, values[j][0] - 1
        yield problem.with_(targets=targets)


def at_random(problem: Problem, rng: Random, size: int) -> Iterator[Problem]:
    """Random targets in the loss's domain."""
    domain = problem.loss.domain if isinstance(problem.loss, NamedLoss) else "any"
    yield problem.with_(targets=targets_in(domain, rng, problem.N, problem.K, size))


def plain_outputs_for(problem: Problem) -> Rows | None:
    """Plain outputs that fit the given targets perfectly, where rational ones exist.

    Logits are rational only for uniform labels (Lindemann), and there 0 will do.
    """
    targets = problem.targets
    assert targets is not None and not isinstance(targets, str)
    loss = problem.loss
    if not isinstance(loss, NamedLoss):
        return [list(row) for row in targets]
    if loss.no_finite_minimiser(targets) is not None:
        return None
    link = problem.squash or loss.link
    if link == "identity":
        return [list(row) for row in targets]
    uniform = Fraction(1, 2) if link == "sigmoid" else Fraction(1, problem.K)
    if any(y != uniform for row in targets for y in row):
        return None
    return [[Fraction(0)] * problem.K for _ in targets]


def _fitted_or_plain(problem: Problem) -> Rows | None:
    """What the loss's rule for targets expects; None where it is irrational or the loss is a formula."""
    if not isinstance(problem.loss, NamedLoss):
        return None
    return (
        rational_derivatives.behaviour(problem)
        if problem.loss.link is None
        else rational_derivatives.fitted_targets(problem)
    )


def _with_residual(problem: Problem, origin: Rows, base: Vector, direction: Vector) -> Problem | None:
    """Targets with residual base + s·direction for the largest s = 1, ½, ¼, … that keeps them in the loss's domain."""
    assert isinstance(problem.loss, NamedLoss)
    rule = problem.loss.target
    per_sample = problem.N if problem.reduction == "mean" else 1
    scale = Fraction(1)
    for _ in range(_SHRINKINGS):
        flat_residual = [per_sample * (b + scale * d) for b, d in zip(base, direction, strict=True)]
        residual = rational_derivatives.shaped(flat_residual, *_shape(problem))
        entries = [[rule(f, r) for f, r in zip(*pair, strict=True)] for pair in zip(origin, residual, strict=True)]
        targets = tuple(tuple(y for y in row if y is not None) for row in entries)
        complete = all(len(row) == problem.K for row in targets)
        if complete and problem.loss.targets_domain(targets) is None:
            return problem.with_(targets=targets)
        scale /= 2
    return None


def _sums_to_one(problem: Problem, origin: Rows) -> tuple[Rows, Vector]:
    """Linear conditions on r under which the labels of each sample sum to 1."""
    assert isinstance(problem.loss, NamedLoss)
    on_probabilities = problem.loss.name == "cross_entropy"
    per_sample = problem.N if problem.reduction == "mean" else 1
    rows = []
    for i, p in enumerate(origin):
        row = [Fraction(0)] * (problem.N * problem.K)
        row[i * problem.K : (i + 1) * problem.K] = p if on_probabilities else [Fraction(1)] * problem.K
        rows.append(row)
    return rows, [Fraction(-1, per_sample) if on_probabilities else Fraction(0)] * problem.N


def _opposite_at_duplicates(problem: Problem, origin: Rows) -> Iterator[Problem]:
    """Residuals +1 and −1 at two equal samples cancel in Gᵀr whatever G is, also where it is irrational."""
    labels = isinstance(problem.loss, NamedLoss) and problem.loss.domain == "simplex"
    if problem.weight_decay or (labels and problem.K == 1):  # the label of one class is 1
        return
    still = [Fraction(0)] * (problem.N * problem.K)
    for i, j in _duplicates(problem)[:2]:
        direction = list(still)
        for k, sign in ((0, 1), (1, -1)) if labels else ((0, 1),):  # labels of one sample sum to 1
            direction[i * problem.K + k], direction[j * problem.K + k] = Fraction(sign), Fraction(-sign)
        if (found := _with_residual(problem, origin, still, direction)) is not None:
            yield found


def _duplicates(problem: Problem) -> list[tuple[int, int]]:
    inputs, unseen = problem.inputs, _sees_no_input(problem)
    assert inputs is not None
    return [(i, j) for j in range(problem.N) for i in range(j) if unseen or inputs[i] == inputs[j]]


def _sees_no_input(problem: Problem) -> bool:
    """Whether the first layer has weights 0 and no link carries the inputs: all samples have equal rows in F and G."""
    network, theta = problem.model, problem.parameters
    if not isinstance(network, DenseNetwork) or theta is None or len(network.layers) == 1:
        return False
    weights = network.layers[0].width * network.n_inputs
    return not any(theta[:weights]) and all(layer.residual != 0 for layer in network.layers)


def _stationary_on_grid(problem: Problem) -> Iterator[Problem]:
    """Where r cannot be inverted: targets F + e for small integer e, kept where ∇L vanishes exactly."""
    values = rational_derivatives.behaviour(problem)
    if values is None or problem.N * problem.K > _GRID_LIMIT:
        return
    flat_values = [f for row in values for f in row]
    for offset in grid(problem.N * problem.K, 1):
        targets = rational_derivatives.shaped(
            [f + e for f, e in zip(flat_values, offset, strict=True)], *_shape(problem)
        )
        if isinstance(problem.loss, NamedLoss) and problem.loss.targets_domain(tuple(map(tuple, targets))) is not None:
            continue
        candidate = problem.with_(targets=targets)
        slope = rational_derivatives.gradient(candidate)
        if any(offset) and slope is not None and not any(slope):
            yield candidate


def _mixed(basis: list[Vector], weights: Vector) -> Vector:
    columns = zip(*basis, strict=True)
    return primitive([sum((w * x for w, x in zip(weights, entries, strict=True)), Fraction(0)) for entries in columns])


def _shape(problem: Problem) -> tuple[int, int]:
    return problem.N, problem.K
