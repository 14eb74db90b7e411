"""What the numbers of a merging experiment say about the claim, part by part. Statistics never proves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal, final

from geomcheck.experiments.statistics import holm, interval, sign_flip_p
from geomcheck.experiments.trial import ALIGNMENTS, Outcome

__all__ = ["METRICS", "Answer", "Comparison", "Part", "answer_of_all", "barriers_of", "parts_of", "values_of"]

Answer = Literal["SURVIVED", "CONTRADICTED", "UNDECIDED"]
METRICS: Final = ("loss", "accuracy")

# Part of the claim -> (what should be better, what should be worse).
_PARTS: Final[Mapping[str, Sequence[tuple[str, str]]]] = {
    "alignment beats plain interpolation": [(way, "plain") for way in ALIGNMENTS],
    "alignment loses to the ensemble": [("ensemble", way) for way in ALIGNMENTS],
    "the ensemble loses to training on everything": [("everything", "ensemble")],
}


@final
@dataclass(frozen=True)
class Comparison:
    """Two ways compared on one network by one measure, paired by seed.

    ``advantage`` is the mean over seeds of how much better ``better`` is (a lower loss, a higher accuracy), with the
    ends of its 95 per cent interval; ``p`` is that of the two-sided sign-flip test, ``adjusted`` after Holm's
    correction over all comparisons of the run. SURVIVED: significantly better. CONTRADICTED: significantly worse.
    """

    network: str
    metric: str
    better: str
    worse: str
    advantage: float
    low: float
    high: float
    p: float
    adjusted: float
    answer: Answer


@final
@dataclass(frozen=True)
class Part:
    """One part of the claim: SURVIVED where every comparison did, CONTRADICTED where any was, else UNDECIDED."""

    says: str
    answer: Answer
    comparisons: tuple[Comparison, ...]

    @property
    def cells(self) -> dict[tuple[str, str], Answer]:
        """The answer for every network and measure."""
        keys = dict.fromkeys((found.network, found.metric) for found in self.comparisons)
        return {key: answer_of_all(c.answer for c in self.comparisons if (c.network, c.metric) == key) for key in keys}


def answer_of_all(answers: Iterable[Answer]) -> Answer:
    """Of a conjunction.

    >>> answer_of_all(["SURVIVED", "UNDECIDED"]), answer_of_all(["UNDECIDED", "CONTRADICTED"])
    ('UNDECIDED', 'CONTRADICTED')
    """
    found = set(answers)
    if "CONTRADICTED" in found:
        return "CONTRADICTED"
    return "UNDECIDED" if "UNDECIDED" in found else "SURVIVED"


def values_of(outcomes: Sequence[Outcome], network: str, way: str, metric: str) -> list[float]:
    """One number a seed: half-way for a segment."""
    place = METRICS.index(metric)
    return [outcome.lines[way].middle[place] for outcome in outcomes if outcome.network == network]


def barriers_of(
    outcomes: Sequence[Outcome], network: str, way: str, baseline: Literal["mean", "linear"]
) -> list[float]:
    """The barrier of one segment for every seed."""
    return [outcome.lines[way].barrier(baseline) for outcome in outcomes if outcome.network == network]


def parts_of(outcomes: Sequence[Outcome], networks: Sequence[str], level: float) -> tuple[Part, ...]:
    """The three parts of the claim; all their comparisons are one family for Holm's correction."""
    plan = [
        (says, network, metric, better, worse)
        for says, pairs in _PARTS.items()
        for network, metric, (better, worse) in product(networks, METRICS, pairs)
    ]
    advantages = []
    for _, network, metric, better, worse in plan:
        first, second = (values_of(outcomes, network, way, metric) for way in (better, worse))
        sign = -1 if metric == "loss" else 1
        advantages.append([sign * (a - b) for a, b in zip(first, second, strict=True)])
    raw = [sign_flip_p(values) for values in advantages]
    found: dict[str, list[Comparison]] = {says: [] for says in _PARTS}
    for (says, network, metric, better, worse), values, p, adjusted in zip(
        plan, advantages, raw, holm(raw), strict=True
    ):
        mean, low, high = interval(values)
        answer: Answer = "UNDECIDED" if adjusted >= level else "SURVIVED" if mean > 0 else "CONTRADICTED"
        found[says].append(Comparison(network, metric, better, worse, mean, low, high, p, adjusted, answer))
    return tuple(
        Part(says, answer_of_all(comparison.answer for comparison in group), tuple(group))
        for says, group in found.items()
    )
