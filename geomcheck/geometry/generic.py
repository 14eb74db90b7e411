"""Generic rank: the rank of a matrix off a proper algebraic (or analytic) subset of parameter space.

Generic means off a proper algebraic (analytic) subset of the space of all parameters, together with the inputs and
targets where the problem leaves those open. generic_rank(M) is the greatest rank M attains there. For models
that are analytic in θ it is the rank everywhere off such a subset, since the points of lower rank are the common zeros
of minors; for piecewise linear ones it is the rank on the best linear region.

* Lower bound: a minor that is nonzero at one point is nonzero generically, so any point gives a bound, exactly or in
  balls.
* Upper bound: the shape; for G also the kernel fields of the network's symmetries, independent at one point, hence
  generically.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, final

import flint

from geomcheck.errors import Kink, OutsideField, Undecided
from geomcheck.geometry.continuous_symmetry import orbit_dimension
from geomcheck.geometry.instance import Instance
from geomcheck.linear_algebra.ball_rank import ball_lower_bound
from geomcheck.problem.loss import NamedLoss
from geomcheck.problem.network import DenseNetwork

if TYPE_CHECKING:
    from geomcheck.geometry.derivatives import Derivatives
    from geomcheck.problem.problem import Problem

POINTS = 4
SPREAD = 50
REDRAWS = 20
SPREAD_OF_EXPONENTS = 5  # numbers in exponents stay small, or e^{1/q} occurs in powers too high to be checked
MAX_IN_BALLS = 120
SEED = 20_170_401


@final
@dataclass(frozen=True)
class GenericRank:
    """Bounds on a generic rank, with the point at which the lower one is attained (None for the bound 0)."""

    lower: int
    upper: int
    point: Problem | None


def generic_rank(
    problem: Problem, shape: tuple[int, int], matrix: Callable[[Derivatives], Any], *, is_jacobian: bool
) -> GenericRank:
    """Bounds on the generic rank of ``matrix``, of the given shape; ``is_jacobian`` says that it is G.

    The parameters of ``problem`` are ignored: a generic rank is about all of them.
    """
    best = GenericRank(0, min(shape), None)
    for point, rank in _ranked_points(problem, matrix):
        upper = min(best.upper, problem.P - symmetry_dimension(point)) if is_jacobian else best.upper
        best = GenericRank(rank, upper, point) if rank > best.lower else GenericRank(best.lower, upper, best.point)
        if best.lower == best.upper:
            break
    return best


def _ranked_points(problem: Problem, matrix: Callable[[Derivatives], Any]) -> Iterator[tuple[Problem, int]]:
    found = False
    for in_balls in (False, True):
        for point in generic_points(problem, small=in_balls) if not in_balls or tried_in_balls(problem, found) else ():
            if (ranks := ranks_at(point, (matrix,), in_balls=in_balls)) is not None:
                found = True
                yield point, ranks[0]


def tried_in_balls(problem: Problem, found: bool) -> bool:
    """Whether ranks are looked for in balls: where there is nothing better, and the matrices are small."""
    return not found and problem.P <= MAX_IN_BALLS


def ranks_at(
    point: Problem, matrices: Sequence[Callable[[Derivatives], Any]], *, in_balls: bool
) -> tuple[int, ...] | None:
    """Lower bounds of the ranks of matrices at a point, modulo a prime or in balls; None where they have no value."""
    instance = Instance(point)
    try:
        if in_balls:
            return tuple([ball_lower_bound(instance.enclosed(matrix)).value for matrix in matrices])
        return tuple([residue_rank(next(instance.residues(matrix))) for matrix in matrices])
    except (Kink, OutsideField, Undecided, StopIteration):
        return None


def generic_points(problem: Problem, seed: int = SEED, draws: int = POINTS, small: bool = False) -> Iterator[Problem]:
    """Random instances with small integer parameters, and data where the problem leaves data open; with ``small``
    parameters and inputs are fractions of at most 1/2.
    """
    choice = random.Random(seed)

    def numbers(count: int) -> tuple[Fraction, ...]:
        drawn = (choice.choice(values) if values else choice.randint(-spread, spread) for _ in range(count))
        return tuple(Fraction(number, 2 * spread if small else 1) for number in drawn)

    spread = max(2, SPREAD_OF_EXPONENTS - 3 * _powers(problem)) if _is_transcendental(problem) else SPREAD
    values = (-2, -1, 1, 2) if spread == 2 else ()  # so few numbers are not worth a zero
    for _ in range(draws):
        inputs = problem.inputs or _apart(lambda: numbers(problem.model.n_inputs), problem.N)
        targets = problem.targets or _targets(problem, numbers)
        yield problem.with_(parameters=_without_zeros(numbers, problem.P), inputs=inputs, targets=targets)


def _without_zeros(numbers: Callable[[int], tuple[Fraction, ...]], count: int) -> tuple[Fraction, ...]:
    """So many numbers, a few more tries at each that was 0: weights of 0 are not in general position."""
    drawn = list(numbers(count))
    for _ in range(REDRAWS):
        drawn = [x or numbers(1)[0] for x in drawn]
    return tuple(drawn)


def _apart(row: Callable[[], tuple[Fraction, ...]], count: int) -> tuple[tuple[Fraction, ...], ...]:
    """So many rows, a few more tries at each that was drawn before: equal inputs are not in general position."""
    rows: list[tuple[Fraction, ...]] = []
    for _ in range(count):
        drawn = row()
        for _ in range(REDRAWS):
            if drawn not in rows:
                break
            drawn = row()
        rows.append(drawn)
    return tuple(rows)


def _powers(problem: Problem) -> int:
    """How many layers raise numbers to a power, which exponents after them then are long of."""
    layers = problem.model.layers if isinstance(problem.model, DenseNetwork) else ()
    return sum((layer.activation.polynomial_degree or 1) > 1 for layer in layers)


def _is_transcendental(problem: Problem) -> bool:
    network, loss = problem.model, problem.loss
    if not isinstance(network, DenseNetwork) or problem.squash or (isinstance(loss, NamedLoss) and not loss.algebraic):
        return True
    return not all(layer.activation.piecewise or layer.activation.polynomial_degree for layer in network.layers)


def _targets(problem: Problem, numbers: Callable[[int], tuple[Fraction, ...]]) -> Any:
    loss = problem.loss
    domain = loss.domain if isinstance(loss, NamedLoss) else "any"
    if domain == "any":
        return tuple(numbers(problem.K) for _ in range(problem.N))
    row = {
        "unit": (Fraction(1, 3),) * problem.K,
        "simplex": (Fraction(1, problem.K),) * problem.K,
        "signs": (Fraction(1),) * problem.K,
    }[domain]
    return (row,) * problem.N


def residue_rank(image: Any) -> int:
    """The rank of a residue array, a lower bound of the rank of what it is the image of."""
    rows, columns = image.shape
    return int(flint.nmod_mat(rows, columns, image.values.reshape(-1).tolist(), image.prime).rank())


def symmetry_dimension(point: Problem) -> int:
    """The number of independent kernel fields of the model's continuous symmetries at a point."""
    network, theta = point.model, point.parameters
    return orbit_dimension(network, theta) if isinstance(network, DenseNetwork) and theta is not None else 0
