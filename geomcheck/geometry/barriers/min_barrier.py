"""The least barrier over all permutations of B's hidden units: by enumeration, or between two bounds.

Above, any permutation gives its barrier. Below, for one hidden layer and a loss convex in F: at a fixed λ, with slot i
of A joined to unit j of B, F is affine in the matrix Π of the permutation, F(Π) = F₀ + Σ_ij Π_ij c_ij, where
c_ij = ((1 − λ) v_i + λ u_j) σ(((1 − λ) a_i + λ b_j)·x + bias). So the loss is convex in Π, and for any matrix Π₀

    L(Π) ≥ L(Π₀) + ⟨∇L(Π₀), Π − Π₀⟩ ≥ L(Π₀) − ⟨∇L(Π₀), Π₀⟩ + min over permutations σ of Σ_i ∇L(Π₀)_{i, σ(i)}

for all permutations: an assignment problem. Π₀ comes from a few steps of
Frank and Wolfe over doubly stochastic matrices. L at both ends is the same for every permutation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, final

import flint
import numpy as np

from geomcheck.errors import InputError, OutsideField
from geomcheck.fields.algebraic import RealAlgebraic
from geomcheck.fields.rationals import RationalField, to_fraction
from geomcheck.geometry.barriers.barrier import Barrier, Baseline, barrier_between
from geomcheck.geometry.barriers.segment import loss_value
from geomcheck.geometry.instance import Denominators
from geomcheck.geometry.network import forward
from geomcheck.linear_algebra.assignment import assignment
from geomcheck.problem.loss import NamedLoss
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.permutations import Permutation, all_permutations, permuted, spread, tied_layers

if TYPE_CHECKING:
    from geomcheck.problem.problem import Problem

MOST_PERMUTATIONS = 720
_STEPS = 12
_PLACES = (Fraction(1, 2), Fraction(1, 4), Fraction(3, 4))
_COARSE = 1 << 20
_DIGITS, _LONGEST = 10, 24
_WIDTH = Fraction(1, 1 << 20)  # of each enclosure where the loss is no polynomial: there may be many permutations


@final
@dataclass(frozen=True)
class Relaxation:
    """Where the lower bound for every permutation is taken, λ and Π₀ (m, m), and the permutation it is least at."""

    place: Fraction
    center: tuple[tuple[Fraction, ...], ...]
    images: tuple[int, ...]


@final
@dataclass(frozen=True)
class MinBarrier:
    """low ≤ min over permutations ≤ high; ``value`` where it is exact.

    ``tried`` are permutations with their barriers, the best first; ``complete`` whether no other can be better: because
    these are all there are, or because the barrier is 0.
    """

    low: Fraction
    high: Fraction
    value: RealAlgebraic | None
    tried: tuple[tuple[Permutation, Barrier], ...]
    complete: bool
    relaxation: Relaxation | None = None

    @property
    def best(self) -> Barrier:
        """The least barrier found."""
        return self.tried[0][1]

    def text(self) -> str:
        """The number, or ``between … and …``, the decimals cut off."""
        return (
            self.best.text()
            if self.complete or self.value is not None
            else f"between {_short(self.low)} and {self.best.text()}"
        )


def _short(number: Fraction) -> str:
    if len(str(number)) <= _LONGEST:
        return str(number)
    whole = str(int(number * 10**_DIGITS)).rjust(_DIGITS + 1, "0")
    return f"{whole[:-_DIGITS]}.{whole[-_DIGITS:]}…"


def min_barrier(
    problem: Problem,
    start: Sequence[Fraction],
    end: Sequence[Fraction],
    baseline: Baseline = "mean",
    field: Denominators | None = None,
) -> MinBarrier:
    """The least barrier between A and the permuted copies of B.

    >>> from geomcheck.problem.read import problem_from
    >>> p = problem_from({"network": "1-2-1 relu, no bias", "inputs": [[1], [-1]], "targets": [[1], [1]]})
    >>> found = min_barrier(p, *([Fraction(x) for x in row] for row in ([1, -1, 1, 1], [-1, 1, 1, 1])))
    >>> found.value, found.tried[0][0]
    (0, ((1, 0),))
    """
    network = problem.model
    if not isinstance(network, DenseNetwork):
        raise InputError("min_barrier: expected a network with hidden units, got an explicit model; use barrier")
    if _order(network) <= MOST_PERMUTATIONS:
        return _enumerated(problem, network, start, end, baseline, field)
    return _bounded(problem, network, start, end, baseline, field)


def _order(network: DenseNetwork) -> int:
    order = 1
    for members in tied_layers(network):
        for unit in range(2, network.layers[members[0] - 1].width + 1):
            order *= unit
    return order


def _enumerated(
    problem: Problem,
    network: DenseNetwork,
    start: Sequence[Fraction],
    end: Sequence[Fraction],
    baseline: Baseline,
    field: Denominators | None = None,
) -> MinBarrier:
    seen: dict[tuple[Fraction, ...], Barrier] = {}
    tried: list[tuple[Permutation, Barrier]] = []
    for permutation in (*_likely(network, start, end), *all_permutations(network)):
        point = permuted(network, tuple(end), permutation)
        if point not in seen:
            seen[point] = barrier_between(problem, start, point, baseline, _WIDTH, field)
        tried.append((permutation, seen[point]))
        if seen[point].high == 0 or seen[point].at_an_end:  # no barrier is less
            return MinBarrier(seen[point].low, seen[point].high, seen[point].value, (tried[-1],), True)
    best = min(range(len(tried)), key=lambda i: _Ordered(tried[i][1]))
    tried.insert(0, tried.pop(best))
    least = tried[0][1]
    low = min(barrier.low for _, barrier in tried)
    return MinBarrier(low, least.high, least.value, tuple(tried), True)


@final
class _Ordered:
    """Barriers in order: exactly where both are known, by their upper bounds elsewhere."""

    def __init__(self, barrier: Barrier) -> None:
        self.barrier = barrier

    def __lt__(self, other: _Ordered) -> bool:
        a, b = self.barrier, other.barrier
        if a.value is not None and b.value is not None:
            return a.value < b.value
        return a.high < b.high


def _bounded(
    problem: Problem,
    network: DenseNetwork,
    start: Sequence[Fraction],
    end: Sequence[Fraction],
    baseline: Baseline,
    field: Denominators | None = None,
) -> MinBarrier:
    candidates = {permutation: None for permutation in _likely(network, start, end)}
    low, relaxation = Fraction(0), None
    places = (*_PLACES, Fraction(0), Fraction(1)) if baseline == "mean" else _PLACES  # an end may be the highest place
    for place in places if _relaxes(problem, network) else ():
        try:
            bound, shown = relaxed(problem, network, start, end, baseline, place)
        except OutsideField:
            break
        candidates[(shown.images,)] = None
        if bound > low:
            low, relaxation = bound, shown
    found = [
        (p, barrier_between(problem, start, permuted(network, tuple(end), p), baseline, field=field))
        for p in candidates
    ]
    found.sort(key=lambda entry: _Ordered(entry[1]))
    best = found[0][1]
    value = best.value if best.low == best.high == low else None
    return MinBarrier(low, best.high, value, tuple(found[:1]), False, relaxation)


def _relaxes(problem: Problem, network: DenseNetwork) -> bool:
    squared = isinstance(problem.loss, NamedLoss) and problem.loss.name == "mse" and not problem.weight_decay
    linear = network.layers[-1].activation.polynomial_degree == 1 and problem.squash is None
    return len(network.layers) == 2 and squared and linear and all(layer.residual is None for layer in network.layers)


def _likely(network: DenseNetwork, start: Sequence[Fraction], end: Sequence[Fraction]) -> Iterator[Permutation]:
    """The permutation that brings the units of one hidden layer nearest, the identity, and the reversal."""
    if len(network.layers) == 2 and tied_layers(network):
        yield (assignment(_distances(network, start, end)),)
    orders = [tuple(range(network.layers[members[0] - 1].width)) for members in tied_layers(network)]
    yield spread(network, tuple(orders))
    yield spread(network, tuple(order[::-1] for order in orders))


def _distances(network: DenseNetwork, start: Sequence[Fraction], end: Sequence[Fraction]) -> list[list[Fraction]]:
    width = network.layers[0].width
    rows_a, rows_b = (_units(network, point) for point in (start, end))
    return [
        [sum(((a - b) ** 2 for a, b in zip(rows_a[i], rows_b[j], strict=True)), Fraction(0)) for j in range(width)]
        for i in range(width)
    ]


def _units(network: DenseNetwork, theta: Sequence[Fraction]) -> list[list[Fraction]]:
    """Per hidden unit: incoming weights, bias, outgoing weights."""
    blocks = {block.name: block for block in network.blocks()}
    width, fan = blocks["W1"].shape[0], network.n_inputs
    outputs = network.n_outputs
    result = []
    for i in range(width):
        row = list(theta[blocks["W1"].start + i * fan : blocks["W1"].start + (i + 1) * fan])
        row += [theta[blocks["b1"].start + i]] if "b1" in blocks else []
        row += [theta[blocks["W2"].start + k * width + i] for k in range(outputs)]
        result.append(row)
    return result


def relaxed(
    problem: Problem,
    network: DenseNetwork,
    start: Sequence[Fraction],
    end: Sequence[Fraction],
    baseline: Baseline,
    place: Fraction,
) -> tuple[Fraction, Relaxation]:
    """A lower bound of the excess at λ = ``place`` for every permutation of B's hidden units, with its evidence."""
    field = RationalField()
    base, joined = _joined(problem, network, start, end, place, field)
    width = network.layers[0].width
    y = field.array(problem.targets).reshape((problem.N, problem.K))
    scale = Fraction(1, problem.N) if problem.reduction == "mean" else Fraction(1)
    center = np.full((width, width), flint.fmpq(1, width), dtype=object)
    best: tuple[Fraction, Relaxation] | None = None
    ends = [to_fraction(loss_value(problem, field, field.array(list(point)))) for point in (start, end)]
    share = Fraction(1, 2) if baseline == "mean" else place
    line = (1 - share) * ends[0] + share * ends[1]
    for _ in range(_STEPS):
        f = base + np.tensordot(joined, center, axes=([2, 3], [0, 1]))
        residual = f - y
        loss = scale * to_fraction(np.sum(residual * residual)) / 2
        slope = np.tensordot(residual, joined, axes=([0, 1], [0, 1]))
        costs = [[to_fraction(entry) * scale for entry in row] for row in slope]
        images = assignment(costs)
        whole = sum((costs[i][j] for i, j in enumerate(images)), Fraction(0))
        inner = sum((costs[i][j] * to_fraction(center[i, j]) for i in range(width) for j in range(width)), Fraction(0))
        low = loss - inner + whole - line
        exact = tuple(tuple(to_fraction(x) for x in row) for row in center)
        if best is None or low > best[0]:
            best = low, Relaxation(place, exact, images)
        direction = -center
        for i, j in enumerate(images):
            direction[i, j] = direction[i, j] + 1
        step = _step(residual, np.tensordot(joined, direction, axes=([2, 3], [0, 1])))
        if not step:
            break
        center = center + direction * flint.fmpq(step.numerator, step.denominator)
    assert best is not None, "at least one step"
    return best


def _step(residual: Any, move: Any) -> Fraction:
    """The best step of length at most 1, rounded to few bits."""
    curvature = to_fraction(flint.fmpq(np.sum(move * move)))
    gain = -to_fraction(flint.fmpq(np.sum(residual * move)))
    if gain <= 0 or not curvature:
        return Fraction(0)
    return min(Fraction(1), Fraction(int(gain / curvature * _COARSE), _COARSE))


def _joined(
    problem: Problem,
    network: DenseNetwork,
    start: Sequence[Fraction],
    end: Sequence[Fraction],
    place: Fraction,
    field: RationalField,
) -> tuple[Any, Any]:
    """F₀ (N, K) and c (N, K, m, m): the output of slot i of A joined to unit j of B."""
    width, outputs = network.layers[0].width, network.n_outputs
    a, b = (_units(network, point) for point in (start, end))
    inputs = field.array(problem.inputs).reshape((problem.N, network.n_inputs))
    first = replace(network.layers[0], width=width * width)
    incoming = network.n_inputs + first.bias
    pairs = [
        [(1 - place) * x + place * y for x, y in zip(a[i], b[j], strict=True)]
        for i in range(width)
        for j in range(width)
    ]
    theta = [x for pair in pairs for x in pair[: network.n_inputs]]
    theta += [pair[network.n_inputs] for pair in pairs] if first.bias else []
    hidden = forward([first], field, field.array(theta), inputs)[1][-1]
    outgoing = field.array([pair[incoming:] for pair in pairs])
    joined = (hidden[:, None, :] * outgoing.T[None, :, :]).reshape((problem.N, outputs, width, width))
    base = field.zeros((problem.N, outputs))
    if network.layers[1].bias:
        tail = [(1 - place) * x + place * y for x, y in zip(start[-outputs:], end[-outputs:], strict=True)]
        base = base + field.array(tail)[None, :]
    return base, joined
