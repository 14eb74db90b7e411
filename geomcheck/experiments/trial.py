"""One network, one seed: train on both halves and on everything, merge in every way, measure on held-out data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any, Final, Literal, final

from geomcheck.align.alignment import align
from geomcheck.align.barrier import barrier
from geomcheck.align.curve import Curve
from geomcheck.errors import InputError
from geomcheck.experiments.data_sets import Division, Samples, halves
from geomcheck.experiments.training import logits, measured, one_thread, trained

__all__ = ["ALIGNMENTS", "SEGMENTS", "SINGLE", "Line", "Outcome", "Recipe", "outcome_of", "run_unit"]

ALIGNMENTS: Final[tuple[str, ...]] = ("weights", "activations", "straight-through")
SEGMENTS: Final = ("plain", *ALIGNMENTS)
SINGLE: Final = ("A", "B", "ensemble", "everything")


@final
@dataclass(frozen=True)
class Recipe:
    """Everything a result depends on beside the data, the network's name and the seed."""

    division: Division
    epochs: int
    widths: Mapping[str, int]
    points: int
    batchnorm: str
    restarts: int
    steps: int


@final
@dataclass(frozen=True)
class Line:
    """Held-out loss and accuracy at evenly spaced places of the segment, ends included; or at one place."""

    losses: tuple[float, ...]
    accuracies: tuple[float, ...]

    @property
    def middle(self) -> tuple[float, float]:
        """(loss, accuracy) half-way: the merged network."""
        return self.losses[len(self.losses) // 2], self.accuracies[len(self.accuracies) // 2]

    def barrier(self, baseline: Literal["mean", "linear"]) -> float:
        """The barrier of the held-out loss on the grid, by either definition of `geomcheck.barrier`."""
        last = len(self.losses) - 1
        return Curve(tuple(k / last for k in range(last + 1)), self.losses, None, "").barrier(baseline)


@final
@dataclass(frozen=True)
class Outcome:
    """What one network and seed gave: a `Line` for every way of merging and for every single network."""

    network: str
    seed: int
    lines: Mapping[str, Line]

    def to_json(self) -> dict[str, Any]:
        """As it is kept in a file."""
        return asdict(self)


def run_unit(samples: Samples, recipe: Recipe, network: str, seed: int) -> Outcome:
    """Train three networks and measure everything; the same arguments give the same numbers.

    A and B start from different seeds. Alignments that look at data see the union of the halves, and so do
    re-estimated BatchNorm statistics; only the measuring uses the held-out data.
    """
    with one_thread():
        cut = halves(samples, seed, recipe.division)
        shape, classes, width = samples.images.shape[1:], len(samples.names), recipe.widths[network]
        start = 1000 * seed  # seeds of the three networks, apart from those of every other seed
        a, b, everything = (
            trained(network, shape, classes, width, data, recipe.epochs, start + number)
            for number, data in enumerate((cut.first, cut.second, cut.whole), 1)
        )
        lines: dict[str, Line] = {}
        ends = {"plain": b}
        for method in ALIGNMENTS:
            ends[method] = align(
                a, b, method=method, data=cut.whole, restarts=recipe.restarts, steps=recipe.steps, seed=start
            ).model
        for way, moved in ends.items():
            curve = barrier(
                a,
                moved,
                cut.test,
                points=recipe.points,
                batchnorm="reset" if recipe.batchnorm == "reset" else "as-is",
                statistics=cut.whole,
            )
            assert curve.accuracies is not None
            lines[way] = Line(curve.losses, curve.accuracies)
        outputs_a, outputs_b = logits(a, cut.test), logits(b, cut.test)
        outputs = (outputs_a, outputs_b, (outputs_a + outputs_b) / 2, logits(everything, cut.test))
        for name, found in zip(SINGLE, outputs, strict=True):
            loss, accuracy = measured(found, cut.test)
            lines[name] = Line((loss,), (accuracy,))
    if not all(isfinite(loss) for line in lines.values() for loss in line.losses):
        raise InputError(
            f"{network}, seed {seed}: expected finite losses, got NaN or infinity: it diverged; scale the data, or "
            "change --epochs"
        )
    return Outcome(network, seed, lines)


def outcome_of(value: Any, network: str, seed: int, points: int) -> Outcome | None:
    """The outcome that a file holds, or None where it is not the whole outcome of this network and seed."""
    try:
        if value["network"] != network or value["seed"] != seed or set(value["lines"]) != {*SEGMENTS, *SINGLE}:
            return None
        lines = {}
        for name in (*SEGMENTS, *SINGLE):
            numbers = [tuple(map(float, value["lines"][name][key])) for key in ("losses", "accuracies")]
            expected = points if name in SEGMENTS else 1
            if any(len(row) != expected or not all(map(isfinite, row)) for row in numbers):
                return None
            lines[name] = Line(*numbers)
    except (KeyError, TypeError, ValueError):
        return None
    return Outcome(network, seed, lines)
