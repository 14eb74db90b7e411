"""Making a counterexample smaller inside the problem's fixed shape: fewer nonzeros, smaller numbers, still a violation.

Numbers are ordered by simplicity: 0, 1, −1, then by max(|p|, q), integers before fractions, positive before negative.
A move replaces one number, or empties one row, alone or with targets that keep their residual, y := F(θ′) − (F(θ) − y):
a critical point rarely stays one when a single number changes. Moves are greedy, in a fixed order, until no single
number can be replaced by a simpler candidate: a local minimum, unless time runs out first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar, final

from geomcheck.errors import InputError
from geomcheck.problem.problem import Problem
from geomcheck.search import rational_derivatives
from geomcheck.search.rational_algebra import primitive
from geomcheck.truth import Truth

if TYPE_CHECKING:
    from geomcheck.claims.claim import Claim

J = TypeVar("J", bound=Any)
Parts: TypeAlias = dict[str, list[list[Fraction]]]
SourceLocation: TypeAlias = tuple[str, int, int]

_SMALL: Final = 12
_POINT: Final = "point "


def simplicity(value: Fraction) -> tuple[int, int, int, int]:
    """The order of numbers in which shrinking goes down.

    >>> numbers = [Fraction(n, d) for n, d in ((1, 2), (-1, 1), (2, 1), (0, 1), (1, 1))]
    >>> [str(x) for x in sorted(numbers, key=simplicity)]
    ['0', '1', '-1', '2', '1/2']
    """
    height = max(abs(value.numerator), value.denominator) if value else 0
    return height, value.denominator, abs(value.numerator), int(value < 0)


def simpler(value: Fraction) -> Iterator[Fraction]:
    """Candidates below a number, simplest first: all that are small, and for a large one its rough neighbours.

    >>> [str(x) for x in simpler(Fraction(2))]
    ['0', '1', '-1']
    """
    bound = min(_SMALL, max(abs(value.numerator), value.denominator))
    small = {Fraction(p, q) for q in range(1, min(bound, 4) + 1) for p in range(-bound, bound + 1)}
    rough = {Fraction(round(value)), Fraction(round(value / 2)), -value, value.limit_denominator(_SMALL)}
    rough |= {Fraction(value.numerator // 2, value.denominator), Fraction(value.numerator)}
    own = simplicity(value)
    yield from sorted((x for x in small | rough if simplicity(x) < own), key=simplicity)


def shrunk(
    claim: Claim, problem: Problem, found: tuple[Problem, J], judge: Callable[[Claim, Problem], J], deadline: int
) -> tuple[Problem, J]:
    """The smallest violation reached from `found` by single moves before `deadline` (of `time.monotonic_ns`)."""
    work = _Work(claim, problem, judge, deadline, *found)
    while work.pass_over_rows() | work.pass_over_numbers() | work.pass_over_residual():
        pass
    return work.best, work.judgement


@final
@dataclass
class _Work:
    claim: Claim
    problem: Problem
    judge: Callable[[Claim, Problem], Any]
    deadline: int
    best: Problem
    judgement: Any

    def pass_over_rows(self) -> bool:
        """Try to empty whole rows; whether any move was made."""
        moved = False
        for name, rows in _open(self.problem, self.best).items():
            for i, row in enumerate(rows):
                if any(row) and len(row) > 1:
                    moved |= self._try({(name, i, j): Fraction(0) for j in range(len(row))})
        return moved

    def pass_over_numbers(self) -> bool:
        """Try to simplify every number; whether any move was made."""
        moved = False
        parts = _open(self.problem, self.best)
        places = [(name, i, j) for name, rows in parts.items() for i, row in enumerate(rows) for j in range(len(row))]
        for name, i, j in places:
            value = _open(self.problem, self.best)[name][i][j]
            for candidate in simpler(value):
                if self._try({(name, i, j): candidate}):
                    moved = True
                    break
        return moved

    def pass_over_residual(self) -> bool:
        """Try targets with the residual's smallest whole multiple, F − y := c (F − y), where they are simpler."""
        rows = _open(self.problem, self.best).get("targets")
        outputs = rational_derivatives.behaviour(self.best) if rows and not self.best.points else None
        if rows is None or outputs is None:
            return False
        places = [("targets", i, j) for i, row in enumerate(rows) for j in range(len(row))]
        residual = primitive([outputs[i][j] - rows[i][j] for _, i, j in places])
        change = {place: outputs[place[1]][place[2]] - r for place, r in zip(places, residual, strict=True)}
        heights = [[simplicity(value)[0] for value in values] for values in (change.values(), _entries(rows))]
        return sum(heights[0]) < sum(heights[1]) and self._try(change)

    def _try(self, change: dict[SourceLocation, Fraction]) -> bool:
        """Make a change, alone or with the targets following, if the claim is still violated in scope."""
        for following in (False, True):
            if time.monotonic_ns() >= self.deadline:
                return False
            candidate = self._changed(change, following)
            if candidate is None:
                continue
            try:
                judgement = self.judge(self.claim, candidate)
            except InputError:  # a formula divides by zero there
                continue
            if judgement.scope is Truth.TRUE and judgement.holds is Truth.FALSE:
                self.best, self.judgement = candidate, judgement
                return True
        return False

    def _changed(self, change: dict[SourceLocation, Fraction], following: bool) -> Problem | None:
        parts = {name: [list(row) for row in rows] for name, rows in _open(self.problem, self.best).items()}
        for (name, i, j), value in change.items():
            parts[name][i][j] = value
        try:
            candidate = self.best.with_(
                parameters=parts["parameters"][0] if "parameters" in parts else None,
                inputs=parts.get("inputs"),
                targets=parts.get("targets"),
                points=_points(self.best, parts),
            )
            return _followed(self.best, candidate, parts) if following else candidate
        except InputError:  # a label left its domain
            return None


def _entries(rows: list[list[Fraction]]) -> list[Fraction]:
    """The entries of rows, row by row."""
    return [value for row in rows for value in row]


def _open(problem: Problem, instance: Problem) -> Parts:
    """The numbers that may change: those of open parts, parameters and named points as one row each."""
    parts: Parts = {}
    if problem.parameters is None and instance.parameters is not None:
        parts["parameters"] = [list(instance.parameters)]
    given = dict(problem.points)
    for name, theta in instance.points:
        if name not in given:
            parts[_POINT + name] = [list(theta)]
    if problem.inputs is None and instance.inputs is not None:
        parts["inputs"] = [list(row) for row in instance.inputs]
    if problem.targets is None and isinstance(instance.targets, tuple):
        parts["targets"] = [list(row) for row in instance.targets]
    return parts


def _points(instance: Problem, parts: Parts) -> dict[str, list[Fraction]] | None:
    """The named points, those that may change as they are now; None where none is named."""
    return {name: parts.get(_POINT + name, [list(theta)])[0] for name, theta in instance.points} or None


def _followed(old: Problem, new: Problem, parts: Parts) -> Problem | None:
    """The new point with the old residual F − y; None where targets are given, unchanged, or not rational."""
    if "targets" not in parts or new.targets != old.targets:
        return None
    if old.points:  # the targets that the first point now fits
        first = rational_derivatives.fitted_targets(new.at(new.points[0][1]))
        return None if first is None else new.with_(targets=first)
    before, after = rational_derivatives.behaviour(old), rational_derivatives.behaviour(new)
    if before is None or after is None or before == after:
        return None
    rows = zip(parts["targets"], before, after, strict=True)
    return new.with_(targets=[[y + b - a for y, a, b in zip(*row, strict=True)] for row in rows])
