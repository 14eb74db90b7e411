"""What a merging experiment came to, and how it is printed: as text, as JSON, and as lines for grep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, final

from geomcheck.experiments.figure import save_figure
from geomcheck.experiments.statistics import ENUMERATED, interval, least_p
from geomcheck.experiments.trial import ALIGNMENTS, SEGMENTS, SINGLE, Outcome, Recipe
from geomcheck.experiments.verdicts import METRICS, Answer, Part, answer_of_all, barriers_of, values_of
from geomcheck.render.page import WIDTH, wrapped
from geomcheck.render.text import paint

if TYPE_CHECKING:
    import os

    from geomcheck.experiments.verdicts import Comparison

__all__ = ["CLAIM", "Merging", "merging_concise", "merging_json", "merging_text"]

CLAIM: Final = "alignment beats plain interpolation, loses to the ensemble, which loses to training on everything"

_NAMES: Final[Mapping[str, str]] = {
    "plain": "as they are",
    **{way: f"aligned by {way}" for way in ALIGNMENTS},
    "A": "A, on its half",
    "B": "B, on its half",
    "ensemble": "ensemble, logits of A and B",
    "everything": "one network on everything",
}
_BASELINES: Final[tuple[Literal["mean", "linear"], ...]] = ("mean", "linear")
_COLOURED: Final = {"SURVIVED": "SURVIVED", "CONTRADICTED": "REFUTED", "UNDECIDED": "UNDECIDED"}


@final
@dataclass(frozen=True)
class Merging:
    """What the experiment came to: ``parts`` answer the three parts of the claim, ``outcomes`` hold every number.

    The answers are statistical, at the level ``level`` for all comparisons together, and about the randomness of the
    split, the initialisation and the batches on this data set. ``str`` is the report, ``save`` draws the figure.
    """

    data: str
    samples: int
    networks: tuple[str, ...]
    seeds: int
    recipe: Recipe
    level: float
    parts: tuple[Part, ...]
    outcomes: tuple[Outcome, ...] = field(repr=False)
    reused: int = field(default=0, compare=False)

    @property
    def answer(self) -> Answer:
        """That of the whole claim: SURVIVED, CONTRADICTED or UNDECIDED; never a proof."""
        return answer_of_all(part.answer for part in self.parts)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Draw loss and accuracy along the segment, with 95 per cent intervals, to an .svg or .png file."""
        save_figure(path, self.data, self.recipe, self.outcomes)

    def __str__(self) -> str:
        return merging_text(self)


def merging_text(result: Merging, *, colour: bool = False, width: int = WIDTH) -> str:
    """The answers first, then the table, the comparisons, and what they rest on."""
    head = wrapped(f"{result.answer}  {CLAIM}", width, rest="    ")
    head[0] = _answer(result.answer, colour) + head[0].removeprefix(result.answer)
    lines = [*head, *wrapped(_standing(result), width), ""]
    for part in result.parts:
        lines.append(f"{_answer(part.answer, colour, 12)}  {part.says}")
        for (network, metric), answer in part.cells.items():
            largest = max(c.adjusted for c in part.comparisons if (c.network, c.metric) == (network, metric))
            lines.append(f"    {network:<7} {metric:<9} {_answer(answer, colour, 12)}  p ≤ {_p(largest)}")
    words = "Held-out, mean over seeds with 95 % interval; merged models half-way; barrier of the loss, mean / linear"
    lines += ["", *wrapped(words, width)]
    lines.append(f"{'':<32}{'loss':<26}{'accuracy':<26}barrier")
    for network in result.networks:
        lines.append(network)
        for way in (*SEGMENTS, *SINGLE):
            cells = [_interval(*interval(values_of(result.outcomes, network, way, metric))) for metric in METRICS]
            if way in SEGMENTS:
                found = [barriers_of(result.outcomes, network, way, baseline) for baseline in _BASELINES]
                cells.append(" / ".join(f"{sum(values) / len(values):.4f}" for values in found))
            lines.append(f"  {_NAMES[way]:<30}{''.join(f'{cell:<26}' for cell in cells)}".rstrip())
    lines += ["", "Comparisons: how much better the first is, 95 % interval, p after Holm"]
    for part in result.parts:
        lines += [_compared(comparison, colour) for comparison in part.comparisons]
    lines += ["", *(line for note in _notes(result) for line in wrapped(note, width, rest="  "))]
    return "\n".join(lines)


def _answer(answer: str, colour: bool, width: int = 0) -> str:
    return paint(f"{answer:<{width}}", _COLOURED[answer], colour)


def _standing(result: Merging) -> str:
    return {
        "SURVIVED": "Not a proof: every comparison is significantly in the claimed direction.",
        "CONTRADICTED": "Not a refutation by an exact instance: some comparison is significantly the other way.",
        "UNDECIDED": "No comparison is significantly the other way, but not every one is significant.",
    }[result.answer]


def _interval(mean: float, low: float, high: float) -> str:
    return f"{mean:.4f} [{low:.4f}, {high:.4f}]"


def _p(value: float) -> str:
    return f"{value:.2g}" if value >= 0.001 else f"{value:.0e}"


def _compared(found: Comparison, colour: bool) -> str:
    what = f"{found.better} over {found.worse}"
    numbers = f"{found.advantage:+.4f} [{found.low:+.4f}, {found.high:+.4f}]"
    return (
        f"  {found.network:<7} {found.metric:<9} {what:<31}{numbers:<30}{_p(found.adjusted):<8}"
        f"{_answer(found.answer, colour)}"
    )


def _notes(result: Merging) -> list[str]:
    recipe = result.recipe
    count = sum(len(part.comparisons) for part in result.parts)
    widths = ", ".join(f"{network} {recipe.widths[network]}" for network in result.networks)
    statistics = "estimated anew on the training data" if recipe.batchnorm == "reset" else "interpolated"
    normalised = f"; BatchNorm statistics along the segment {statistics}" if "resnet" in result.networks else ""
    flips = "exact" if result.seeds <= ENUMERATED else "random"
    notes = [
        f"Data: {result.data}, {result.samples} samples; {recipe.division} halves; {recipe.epochs} epochs for every "
        f"network; widths {widths}{normalised}.",
        f"Test: paired by seed, {flips} sign flips, two-sided, Holm over all {count} comparisons, level "
        f"{result.level:g}. The intervals are Student's and not corrected.",
        "SURVIVED: every comparison is significant as claimed. CONTRADICTED: some is significant the other way. "
        "UNDECIDED: neither. None of them is a proof.",
        f"Scope: {result.seeds} seeds draw the split, the starts and the batches; nothing is said about other data, "
        "networks or training.",
    ]
    if least_p(result.seeds) * count >= result.level:
        notes.append(
            f"With {result.seeds} seeds the smallest possible p is {_p(least_p(result.seeds))}, and {count} times "
            "that, as the correction has it, is over the level: nothing can be decided. Take more seeds (--seeds)."
        )
    return notes


def _interval_json(values: Sequence[float]) -> dict[str, float]:
    mean, low, high = interval(values)
    return {"mean": mean, "low": low, "high": high}


def merging_json(result: Merging) -> dict[str, Any]:
    """Everything: answers, comparisons, the table, and all numbers of every seed."""
    table = {
        network: {
            way: {metric: _interval_json(values_of(result.outcomes, network, way, metric)) for metric in METRICS}
            for way in (*SEGMENTS, *SINGLE)
        }
        for network in result.networks
    }
    return {
        "claim": CLAIM,
        "answer": result.answer,
        "parts": [
            {
                "says": part.says,
                "answer": part.answer,
                "cells": [
                    {"network": network, "metric": metric, "answer": answer}
                    for (network, metric), answer in part.cells.items()
                ],
                "comparisons": [asdict(comparison) for comparison in part.comparisons],
            }
            for part in result.parts
        ],
        "table": table,
        "barriers": {
            network: {
                way: {
                    baseline: _interval_json(barriers_of(result.outcomes, network, way, baseline))
                    for baseline in _BASELINES
                }
                for way in SEGMENTS
            }
            for network in result.networks
        },
        "outcomes": [outcome.to_json() for outcome in result.outcomes],
        "data": result.data,
        "samples": result.samples,
        "networks": list(result.networks),
        "seeds": result.seeds,
        "recipe": asdict(result.recipe),
        "level": result.level,
    }


def merging_concise(result: Merging) -> str:
    """A line for the claim and for each part, then one a comparison, with tabs."""
    lines = [f"{result.answer}\t{CLAIM}", *(f"{part.answer}\t{part.says}" for part in result.parts)]
    lines += [
        "\t".join((c.answer, c.network, c.metric, c.better, c.worse, f"{c.advantage:.6g}", f"{c.adjusted:.6g}"))
        for part in result.parts
        for c in part.comparisons
    ]
    return "\n".join(lines)
