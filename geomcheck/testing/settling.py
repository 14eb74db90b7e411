"""What the pytest plugin does with a claim: settle it, and say what is wrong with the answer, if anything is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, final

from geomcheck.claims.files import EXPECTATIONS, ClaimEntry
from geomcheck.engine import check, check_entry
from geomcheck.errors import InputError, described
from geomcheck.problem.read import KEYS
from geomcheck.problem.scanner import suggestion
from geomcheck.render.python import as_test
from geomcheck.render.text import verdict_text
from geomcheck.verdict import Verdict

_LEVELS: Final = {"UNDECIDED": 0, "REFUTED": 0, "SURVIVED": 1, "PROVED": 2}
_LIMITS: Final = ("trials", "seconds", "seed")


@final
@dataclass(frozen=True)
class Settled:
    """A verdict, and why it fails its test, or None."""

    verdict: Verdict
    complaint: str | None


def settle_entry(entry: ClaimEntry, limits: Mapping[str, int], required: str | None) -> Settled:
    """Settle a claim of a claims file."""
    verdict = check_entry(entry, **limits)
    return Settled(verdict, complaint(verdict, entry.expect, required))


def settle_mark(
    args: Sequence[object], kwargs: Mapping[str, Any], limits: Mapping[str, int], required: str | None, test: str
) -> Settled:
    """Settle the claim of a mark: its text, `expect`, the parts of the problem, and limits of its own.

    Raises GeomcheckError for a mark that makes no sense.
    """
    if len(args) != 1 or not isinstance(args[0], str):
        raise InputError(
            f"expected one text in the mark claim of {test}, got {described('args', tuple(args))}; "
            'write @pytest.mark.claim("rank(H) == rank(G)", network="2-3-1 tanh")'
        )
    expect = kwargs.get("expect")
    if expect is not None and expect not in EXPECTATIONS:
        near = suggestion(str(expect), EXPECTATIONS)
        raise InputError(f"expected a verdict in the mark claim of {test}, got {described('expect', expect)}{near}")
    own = {name: kwargs[name] for name in _LIMITS if name in kwargs}
    parts = {key: value for key, value in kwargs.items() if key != "expect" and key not in _LIMITS}
    known = (*KEYS, *_LIMITS, "problem", "expect", "smallest")
    stray = next((key for key in parts if key not in known), None)
    if stray is not None:
        raise InputError(f"unknown key '{stray}' in the mark claim of {test}{suggestion(stray, known)}")
    verdict = check(args[0], **{**limits, **own}, **parts)
    return Settled(verdict, complaint(verdict, expect, required))


def complaint(verdict: Verdict, expect: str | None, required: str | None) -> str | None:
    """Why a verdict fails its test, with the whole answer and the counterexample as a test to paste; None if it passes.

    What is expected is all that counts. Without an expectation a refuted claim fails, and one below `required`.
    """
    level = _LEVELS[required.upper()] if required is not None else 0
    if expect is not None:
        wrong = f"expected {expect}, got {verdict.outcome}" if verdict.outcome != expect.upper() else None
    elif verdict.refuted:
        wrong = "the claim is refuted"
    else:
        below = _LEVELS[verdict.outcome] < level
        wrong = f"at least {required} is required, got {verdict.outcome}" if below else None
    if wrong is None:
        return None
    pasted = f"\n\nThe counterexample as a test:\n\n{as_test(verdict)}\n" if verdict.refuted else ""
    return f"{wrong}\n\n{verdict_text(verdict)}{pasted}"
