"""The smallest shape of which a claim is still refuted: down from a counterexample, then up from below.

Down: cut off a sample, a unit, an input, an output or a layer as long as some cut leaves a refuted claim, first at what
is left of the counterexample, then anywhere. Up: try every shape smaller than the one reached, smallest first, as long
as there are not too many and time lasts. The claim's text stays the same throughout.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar, final

from geomcheck.answer import AbstractVerdict
from geomcheck.errors import InputError
from geomcheck.search.shapes import all_smaller, one_smaller, size

if TYPE_CHECKING:
    from geomcheck.problem.problem import Problem

V = TypeVar("V", bound=AbstractVerdict)
Attempt: TypeAlias = "Callable[[Problem, tuple[Problem, ...]], V]"
"""Settles the claim for a shape, looking at some instances of it first; InputError where it makes no sense there."""


@final
@dataclass(frozen=True)
class Smallest(Generic[V]):
    """What was found: the refutation for the smallest shape, None where no smaller one than the given one is refuted.

    outcomes: outcome -> how many of the shapes below that one, those that cuts lead to from it, had it. complete:
    whether all of them were tried.
    """

    verdict: V | None
    outcomes: dict[str, int]
    complete: bool

    @property
    def words(self) -> str:
        """What is known of the shapes that are smaller still.

        >>> Smallest(None, {"PROVED": 2, "SURVIVED": 1}, True).words
        'none is refuted, and all were tried: 2 PROVED, 1 SURVIVED'
        """
        counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(self.outcomes.items()))
        if self.complete:
            return f"none is refuted, and all were tried: {counts}" if counts else "there is none"
        return f"not all were tried{': ' if counts else ''}{counts}; allow more time"


def smallest(problem: Problem, instance: Problem, attempt: Attempt[V], deadline: int) -> Smallest[V]:
    """The smallest shape found refuted before `deadline` (of `time.monotonic_ns`); `instance` refutes the given one."""
    work = _Work(attempt, deadline, problem, instance)
    work.down()
    work.up(all_smaller(problem))
    work.up(all_smaller(work.problem))
    below = all_smaller(work.problem)
    outcomes = Counter(work.tried[shape] for shape in below or () if work.tried.get(shape))
    return Smallest(work.best, dict(outcomes), below is not None and all(shape in work.tried for shape in below))


@final
@dataclass
class _Work(Generic[V]):
    attempt: Attempt[V]
    deadline: int
    problem: Problem
    instance: Problem
    best: V | None = None
    tried: dict[Problem, str] = field(default_factory=dict)

    @property
    def late(self) -> bool:
        return time.monotonic_ns() >= self.deadline

    def down(self) -> None:
        """Cut as long as a cut leaves a refuted claim; the largest cut first."""
        moved = True
        while moved and not self.late:
            steps = sorted(one_smaller(self.problem, self.instance), key=lambda step: size(step[0]))
            moved = any(self._try(smaller, images) for smaller, images in steps)

    def up(self, shapes: tuple[Problem, ...] | None) -> None:
        """Try all that is smaller than what was reached, in ascending order, up to the first that is refuted."""
        limit = size(self.problem)
        for shape in shapes or ():
            if self.late or size(shape) >= limit or self._try(shape, ()):
                return

    def _try(self, smaller: Problem, images: tuple[Problem, ...]) -> bool:
        """Whether the claim is refuted for a shape, which is then the one to go on from."""
        if self.late or smaller in self.tried:
            return False
        try:
            verdict = self.attempt(smaller, images)
        except InputError:  # the claim says nothing about so small a shape, such as an entry it has not got
            self.tried[smaller] = ""
            return False
        self.tried[smaller] = verdict.outcome
        if not verdict.refuted or verdict.witness is None:
            return False
        self.best, self.problem, self.instance = verdict, smaller, verdict.witness
        return True
