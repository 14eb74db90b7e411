"""Exact ranks beside numeric ones: whether they agree, and where they do not, which is wrong and why.

The numeric rank of M counts the singular values above a tolerance times the largest. It differs from the exact rank for
one of these reasons, each of which is tested and not guessed:

* rescaling: rows and columns of very different size. Scaling them by numbers that are not zero keeps the rank of M, and
  brings the numeric rank to the exact one;
* no spectral gap: the singular values fall through the tolerance without a jump, so that it decides the count;
* rounding: a singular value that is zero was computed as one above the tolerance, or one that is not drowned in the
  rounding errors of those that are large.

The exact bounds decide; the floats are only looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, final

import numpy as np

from geomcheck.claims.evaluation import Evaluation
from geomcheck.claims.matrices import build
from geomcheck.claims.tree import Tree
from geomcheck.errors import InputError, Kink, OutsideField, described
from geomcheck.fields.floats import FloatField
from geomcheck.geometry.batch import TOLERANCE, Batch
from geomcheck.geometry.derivatives import Derivatives
from geomcheck.problem.loss import FormulaLoss

if TYPE_CHECKING:
    from geomcheck.problem.problem import Problem

JUMP: Final = 1000  # a gap below this is none
SWEEPS: Final = 20
GRID: Final = 16  # random instances are multiples of 1/16, which are floats and short rationals at once


@final
@dataclass(frozen=True)
class CrossCheck:
    """One rank, exactly and numerically.

    Attributes:
        low, high: the exact bounds; equal where the rank is decided.
        numeric: the number of singular values above the tolerance, -1 where the floats are no numbers.
        gap: the ratio of the last singular value that counts to the first that does not, as text.
        why: the reason where the numeric rank is outside the exact bounds, else empty.
    """

    low: int
    high: int
    numeric: int
    gap: str
    why: str = ""

    @property
    def agrees(self) -> bool | None:
        """Whether the numeric rank is the exact one; None where the exact one is not decided and may be it."""
        if not self.low <= self.numeric <= self.high:
            return False
        return True if self.low == self.high else None

    def __str__(self) -> str:
        exact = str(self.low) if self.low == self.high else f"{self.low}..{self.high}"
        return f"exact {exact}, numeric {self.numeric} (gap {self.gap})" + (f": {self.why}" if self.why else "")


def cross_check(matrix: Tree, at: Evaluation, tolerance: Fraction = TOLERANCE) -> CrossCheck:
    """The rank of a matrix term at one instance, exactly and in floats.

    >>> from geomcheck.problem.read import problem_from
    >>> problem = problem_from({"network": "2-1, no bias", "parameters": [1, 1], "targets": [0, 0],
    ...                         "inputs": [[1, 0], [0, Fraction(1, 10**12)]]})
    >>> print(cross_check(("matrix", "G"), Evaluation(problem)))
    exact 2, numeric 1 (gap 1e+12): rescaling: rows or columns differ in size; once they are scaled, floats find 2
    """
    bounds = at.rank(matrix)
    low, high = bounds.lower.value, bounds.upper.value
    entries = _floats(matrix, at.problem)
    if not np.isfinite(entries).all():
        return CrossCheck(low, high, -1, "none", "floats: an entry is too large for a float, or is at a kink")
    singular = np.linalg.svd(entries, compute_uv=False) if entries.size else np.zeros(1)
    numeric, gap = _count(singular, tolerance)
    why = "" if low <= numeric <= high else _reason(entries, singular, low, high, numeric, gap, tolerance)
    return CrossCheck(low, high, numeric, format(gap, ".2g"), why)


def _floats(matrix: Tree, problem: Problem) -> Any:
    floats = FloatField()
    theta = floats.array(problem.parameters).reshape((problem.P,))
    x = floats.array(problem.inputs).reshape((problem.N, problem.model.n_inputs))
    y = problem.targets
    targets = y if isinstance(y, str) else floats.array(y).reshape((problem.N, problem.K))
    return build(matrix, Derivatives(problem, floats, theta, x, targets)).numpy()


def _count(singular: Any, tolerance: Fraction) -> tuple[int, Any]:
    """The numeric rank and its gap, infinite where nothing is left out."""
    rank = int((singular * tolerance.denominator > singular[0] * tolerance.numerator).sum())
    if not 0 < rank < len(singular) or not singular[rank]:
        return rank, np.inf
    return rank, singular[rank - 1] / singular[rank]


def _reason(entries: Any, singular: Any, low: int, high: int, numeric: int, gap: Any, tolerance: Fraction) -> str:
    if not singular[0]:
        return "rounding: every entry is 0 as computed"
    scaled = np.linalg.svd(_equilibrated(entries), compute_uv=False)
    again, _ = _count(scaled, tolerance)
    if low <= again <= high:
        return f"rescaling: rows or columns differ in size; once they are scaled, floats find {again}"
    if gap < JUMP:
        return "no spectral gap: the singular values fall through the tolerance, which decides how many are counted"
    place = high if numeric > high else low - 1
    size = format(singular[place] / singular[0], ".1g")
    if numeric > high:
        return f"rounding: singular value {place + 1} is 0, and {size} of the largest as computed"
    return f"rounding: singular value {place + 1} is not 0, but only {size} of the largest as computed"


def _equilibrated(entries: Any) -> Any:
    """Rows and columns divided by the roots of their largest entries, again and again (Ruiz 2001)."""
    scaled = entries / np.abs(entries).max(initial=0) if entries.any() else entries
    for _ in range(SWEEPS):
        for axis in (0, 1):
            largest = np.abs(scaled).max(axis=axis, keepdims=True)
            scaled = scaled / np.sqrt(np.where(largest > 0, largest, 1))
    return scaled


@final
@dataclass(frozen=True)
class Survey:
    """Numeric ranks of many random instances, and exact ones where the numeric are least to be trusted.

    Attributes:
        ranks: numeric rank -> number of instances.
        checked: how many were evaluated exactly.
        disagreements: number of the instance, the instance, and what was found there.
    """

    quantity: str
    ranks: Mapping[int, int]
    checked: int
    disagreements: tuple[tuple[int, Problem, CrossCheck], ...] = field(repr=False)

    def __str__(self) -> str:
        counts = ", ".join(f"{rank}: {count}" for rank, count in sorted(self.ranks.items()))
        found = [f"  instance {number}: {check}" for number, _, check in self.disagreements]
        head = f"numeric rank({self.quantity}) -> instances: {counts}; {self.checked} checked exactly"
        return "\n".join([f"{head}, {len(found)} disagree", *found])


def survey(
    quantity: str, problem: Problem, count: int = 1000, exact: int = 10, seed: int = 0, device: str = "cpu"
) -> Survey:
    """Numeric ranks of ``quantity`` (G, H, H_o, H_f or D) at ``count`` random instances, ``exact`` of them exactly too.

    What the problem leaves open is drawn from multiples of 1/16 about normal; those with the rarest ranks and the
    smallest gaps are looked at exactly.

    >>> from geomcheck.problem.read import problem_from
    >>> problem = problem_from({"network": "1-2-1 square", "samples": 3, "targets": "perfect_fit"})
    >>> survey("G", problem, 50, exact=5).checked
    5
    """
    if quantity not in ("G", "H", "H_o", "H_f", "D"):
        raise InputError(f"expected one of G, H, H_o, H_f, D, got {described('quantity', quantity)}")
    if count < 1 or exact < 0:
        raise InputError(f"expected at least one instance, got count={count}, exact={exact}; raise them")
    domain = "any" if isinstance(problem.loss, FormulaLoss) else problem.loss.domain
    if problem.points or (problem.targets is None and domain != "any"):
        raise InputError("expected targets for this loss and no named points, for random instances; give targets")
    choice = np.random.default_rng(seed)

    def drawn(given: Any, *shape: int) -> Any:
        if given is not None:
            return np.broadcast_to(np.array(given, dtype=object).reshape(shape), (count, *shape))
        return np.rint(choice.standard_normal((count, *shape)) * GRID) / GRID

    theta = drawn(problem.parameters, problem.P)
    x = drawn(problem.inputs, problem.N, problem.model.n_inputs)
    y = problem.targets if isinstance(problem.targets, str) else drawn(problem.targets, problem.N, problem.K)
    found = Batch(problem, theta, x, y, device).ranks(quantity)
    ranks = Counter(found.values.tolist())
    smooth = np.flatnonzero(found.values >= 0).tolist()
    order = sorted(smooth, key=lambda i: (ranks[found.values[i]] * 2 > count, found.gaps[i]))[:exact]
    disagreements = []
    for number in order:
        instance = problem.with_(parameters=_fractions(theta[number]), inputs=[_fractions(row) for row in x[number]])
        if not isinstance(y, str):
            instance = instance.with_(targets=[_fractions(row) for row in y[number]])
        try:
            check = cross_check(("matrix", quantity), Evaluation(instance))
        except (Kink, OutsideField):
            continue
        if check.agrees is False:
            disagreements.append((number, instance, check))
    return Survey(quantity, dict(ranks), len(order), tuple(disagreements))


def _fractions(row: Any) -> list[Fraction]:
    return [Fraction(x) for x in row.tolist()]
