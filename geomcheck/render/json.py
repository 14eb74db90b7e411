"""Answers as JSON: numbers that a claim could be about are strings, counts are integers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from geomcheck.problem.canonical import problem_to_json

if TYPE_CHECKING:
    from geomcheck.answer import AbstractVerdict, Record
    from geomcheck.claims.files import ClaimEntry
    from geomcheck.values import Value

__all__ = ["entry_json", "values_json", "verdict_json"]


def verdict_json(verdict: AbstractVerdict) -> dict[str, Any]:
    """Every field of the verdict, the certificate included; what does not apply is null or empty."""
    return {
        "id": verdict.claim_id,
        "claim": verdict.claim,
        "verdict": verdict.outcome,
        "problem": problem_to_json(verdict.problem),
        "witness": None if verdict.witness is None else problem_to_json(verdict.witness),
        "scope": verdict.scope_reason,
        "quantities": dict(verdict.quantities),
        "matrices": {name: _lists(rows) for name, rows in verdict.matrices.items()},
        "steps": list(verdict.steps),
        "holds_for": verdict.holds_for,
        "does_not_claim": verdict.does_not_claim,
        "reason": verdict.reason,
        "known": verdict.known,
        "next_step": verdict.next_step,
        "record": None if verdict.record is None else record_json(verdict.record),
        "certificate": verdict.certificate,
        "smaller": None if verdict.smaller is None else verdict_json(verdict.smaller),
        "seconds": verdict.seconds,
    }


def record_json(record: Record) -> dict[str, Any]:
    """What a search did."""
    return {
        "trials": record.trials,
        "seed": record.seed,
        "generators": dict(record.generators),
        "ranks_seen": {name: dict(seen) for name, seen in record.ranks_seen.items()},
        "discards": dict(record.discards),
        "seconds": record.seconds,
    }


def values_json(values: Mapping[str, Value]) -> dict[str, Any]:
    """``{"values": {term: {"value": ..., "status": ...}}}``; an undecided value is null and has a ``reason``."""
    answer: dict[str, dict[str, Any]] = {}
    for term, value in values.items():
        answer[term] = {"value": None if value.status == "undecided" else value.value, "status": value.status}
        if value.reason:
            answer[term]["reason"] = value.reason
        if value.numeric is not None:
            check = value.numeric
            agrees = {"agrees": check.agrees, "why": check.why}
            answer[term]["numeric"] = {"value": str(check.numeric), "gap": check.gap} | agrees
    return {"values": answer}


def entry_json(entry: ClaimEntry) -> dict[str, Any]:
    """A claim of a claims file."""
    return {
        "id": entry.id,
        "says": entry.says,
        "expect": entry.expect,
        "source": entry.source,
        "note": entry.note,
        "problem": problem_to_json(entry.problem),
    }


def _lists(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    return [list(row) for row in rows]
