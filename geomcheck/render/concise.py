"""Answers as one line each, tab-separated, for grep and cut."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geomcheck.answer import AbstractVerdict
    from geomcheck.values import Value

__all__ = ["values_concise", "verdict_concise"]


def verdict_concise(verdict: AbstractVerdict) -> str:
    """``VERDICT <tab> id or - <tab> claim <tab> what decides``."""
    return "\t".join((verdict.outcome, verdict.claim_id or "-", verdict.claim, detail(verdict)))


def detail(verdict: AbstractVerdict) -> str:
    """What decides, in a few words: both sides, the number of trials, or the reason code."""
    if verdict.undecided:
        return verdict.reason or ""
    if verdict.survived and verdict.record is not None:
        return f"{verdict.record.trials} trials"
    if verdict.refuted:
        return ", ".join(f"{term} = {value}" for term, value in verdict.quantities.items())
    return f"{len(verdict.steps)} steps" if verdict.steps else "exact evaluation"


def values_concise(values: Mapping[str, Value]) -> str:
    """``term <tab> value <tab> status``, one line a term."""
    return "\n".join(
        "\t".join((term, "?" if value.status == "undecided" else value.value, value.status))
        for term, value in values.items()
    )
