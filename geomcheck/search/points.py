"""From a starting point (θ, X) to instances inside a point set: choose targets, or solve for parameters.

One function a point set. Each yields the instances it can construct from one start, the most telling first; the judge
decides membership, so a function that is too generous costs time and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeAlias, final

from geomcheck.geometry.affine import is_affine
from geomcheck.geometry.minima.squares import MAX_PARAMETERS
from geomcheck.problem.problem import Problem
from geomcheck.search import rational_derivatives, targets
from geomcheck.search.affine_blocks import affine_blocks, nearest, reach
from geomcheck.search.draws import Random
from geomcheck.search.starts import Point, placed

PER_START: Final = 4
_SWEEPS: Final = 3


@final
@dataclass(frozen=True)
class Draw:
    """What a construction starts from: the problem as the claim quantifies it, a point, chance, and a size."""

    problem: Problem
    point: Point
    rng: Random
    size: int

    @property
    def start(self) -> Problem:
        """The problem at the point; its targets may still be open."""
        return placed(self.problem, self.point)

    @property
    def open_targets(self) -> bool:
        """Whether targets are to be chosen."""
        return self.problem.targets is None

    @property
    def solvable(self) -> bool:
        """Whether parameters are to be solved for: they are open, and the targets are numbers."""
        return self.problem.parameters is None and isinstance(self.problem.targets, tuple)


Completion: TypeAlias = Callable[[Draw], Iterator[Problem]]


def perfect_fits(draw: Draw) -> Iterator[Problem]:
    """Targets := what the point fits; or an affine block of parameters solved for the given targets."""
    if draw.open_targets:
        yield from targets.fitted(draw.start)
    elif draw.solvable:
        outputs = targets.plain_outputs_for(draw.problem)
        for block in affine_blocks(draw.problem.model) if outputs is not None else ():
            assert outputs is not None
            for chance in (None, draw.rng):
                if (found := reach(draw.start, block, outputs, chance)) is not None:
                    yield found
    else:
        yield draw.start


def critical_points(draw: Draw) -> Iterator[Problem]:
    """Targets with Gᵀr = −cθ; or given targets: fits, and least squares in one affine block after another."""
    if draw.open_targets:
        choices = targets.stationary(draw.start, draw.rng, draw.size)
        yield from islice(choices, 1)
        fitted = targets.fitted(draw.start)
        yield from (fit for fit in fitted if not draw.problem.weight_decay or rational_derivatives.may_be_critical(fit))
        yield from choices
        return
    if draw.solvable:
        yield from perfect_fits(draw)
        yield from _swept(draw)
    if rational_derivatives.may_be_critical(draw.start):
        yield draw.start


def local_minima(draw: Draw) -> Iterator[Problem]:
    """The critical points: which of them are minima is for the judge."""
    yield from critical_points(draw)


def global_minima(draw: Draw) -> Iterator[Problem]:
    """Perfect fits; pooled labels; every critical point where L is convex, has weight decay, or so small that squares
    may do.
    """
    yield from perfect_fits(draw)
    if draw.open_targets:
        yield from islice(targets.pooled(draw.start), 1)
    if is_affine(draw.problem) or draw.problem.weight_decay or draw.problem.P <= MAX_PARAMETERS:
        yield from critical_points(draw)
    elif draw.open_targets:
        yield from islice(targets.stationary(draw.start, draw.rng, draw.size), 1)


def all_points(draw: Draw) -> Iterator[Problem]:
    """The start with random targets, with those it fits, and with those that make it critical."""
    if not draw.open_targets:
        yield draw.start
        return
    yield from targets.at_random(draw.start, draw.rng, draw.size)
    yield from targets.fitted(draw.start)
    yield from targets.stationary(draw.start, draw.rng, draw.size)


COMPLETIONS: Final[dict[str, Completion]] = {
    "perfect_fits": perfect_fits,
    "critical_points": critical_points,
    "local_minima": local_minima,
    "global_minima": global_minima,
    "generic_points": all_points,
    "all_points": all_points,
}
"""Point set -> how to construct instances in it from a start."""


def _swept(draw: Draw) -> Iterator[Problem]:
    """Exact least squares in every affine block in turn, kept as soon as the whole gradient vanishes."""
    outputs = targets.plain_outputs_for(draw.problem)
    if outputs is None:
        return
    blocks = affine_blocks(draw.problem.model)
    here = draw.start
    for block in blocks * _SWEEPS:
        there = nearest(here, block, outputs)
        if there is None:
            return
        here = there
        slope = rational_derivatives.gradient(here)
        if slope is not None and not any(slope):
            yield here
            return
