"""What an answer is: the record of a search, and the verdict a person reads."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn

from geomcheck.truth import Truth

if TYPE_CHECKING:
    from geomcheck.problem.problem import Problem

__all__ = ["OUTCOMES", "Outcome", "Record", "Truth", "Verdict"]

Outcome = Literal["PROVED", "REFUTED", "SURVIVED", "UNDECIDED"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("PROVED", "REFUTED", "SURVIVED", "UNDECIDED")


@dataclass(frozen=True)
class Record:
    """What a search did: enough to run it again. A record is evidence, never a proof.

    Attributes:
        trials: instances in scope that were evaluated exactly or with rigorous enclosures, none violating.
        seed: the seed all of them were drawn from.
        generators: generator name -> instances in scope it contributed.
        ranks_seen: quantity, such as ``"rank(H)"`` -> value as a string -> how many instances had it.
        discards: reason -> instances drawn and set aside (out of scope, a kink, undecided, ...).
        seconds: wall time as a decimal string.
    """

    trials: int
    seed: int
    generators: Mapping[str, int] = field(default_factory=dict)
    ranks_seen: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    discards: Mapping[str, int] = field(default_factory=dict)
    seconds: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class Verdict:
    """One answer to one claim. It prints as text in a terminal and as HTML in a notebook.

    A verdict has no truth value and no equality: four outcomes do not fit a bool, and two answers are not
    interchangeable. Compare :attr:`outcome`, or use :attr:`proved`, :attr:`refuted`, :attr:`survived`,
    :attr:`undecided`.

    Attributes:
        outcome: PROVED, REFUTED, SURVIVED or UNDECIDED.
        claim: the claim's text.
        problem: the problem the claim quantifies over; what it leaves open is quantified.
        claim_id: the claim's id in a claims file, if it has one.
        certificate: the JSON object ``checker.py`` accepted (PROVED and REFUTED only).
        reason: UNDECIDED: a stable kebab-case code; ``known`` and ``next_step`` go with it.
        known: what is established nevertheless.
        next_step: the one thing to try next.
        record: SURVIVED (and UNDECIDED after a search): what was tried.
        steps: PROVED: the proof, one readable line a step.
        holds_for: PROVED: everything the proof covers.
        does_not_claim: PROVED: what a reader might take it for and should not.
        quantities: the two sides at the deciding instance, such as ``{"rank(H)": "2", "rank(G)": "3"}``.
        matrices: the matrices that decide, name -> rows of entries as strings.
        scope_reason: why the instance lies in the claim's point set.
        witness: the instance: the counterexample of a REFUTED, the proof that the scope of a PROVED is not empty.
        smaller: REFUTED, where it was asked for: the refutation of the same claim for the smallest shape found.
        seconds: wall time as a decimal string.

    Raises:
        TypeError: on ``bool(verdict)``, ``==``, ``<`` and their kin.
        GeomcheckError: from :meth:`save` where there is no certificate or the file cannot be written.
    """

    outcome: Outcome
    claim: str
    problem: Problem
    claim_id: str | None = None
    certificate: Mapping[str, Any] | None = field(default=None, repr=False)
    reason: str | None = None
    known: str = ""
    next_step: str = ""
    record: Record | None = None
    steps: tuple[str, ...] = ()
    holds_for: str = ""
    does_not_claim: str = ""
    quantities: Mapping[str, str] = field(default_factory=dict)
    matrices: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    scope_reason: str = ""
    witness: Problem | None = None
    smaller: Verdict | None = None
    seconds: str = ""

    def __post_init__(self) -> None:
        if self.outcome not in OUTCOMES:
            raise ValueError(f"expected one of {', '.join(OUTCOMES)}, got outcome={self.outcome!r}")

    @property
    def proved(self) -> bool:
        """Whether the claim holds for everything it quantifies over."""
        return self.outcome == "PROVED"

    @property
    def refuted(self) -> bool:
        """Whether one exact instance in scope violates the claim."""
        return self.outcome == "REFUTED"

    @property
    def survived(self) -> bool:
        """Whether a search found no violation; never a proof."""
        return self.outcome == "SURVIVED"

    @property
    def undecided(self) -> bool:
        """Whether nothing above was established; :attr:`reason` says why."""
        return self.outcome == "UNDECIDED"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the certificate as JSON: complete, or not at all."""
        from geomcheck.atomic_write import json_text, write_text
        from geomcheck.errors import InputError

        if self.certificate is None:
            raise InputError(
                f"expected a verdict with a certificate, got outcome={self.outcome!r} (str); "
                "only PROVED and REFUTED carry one, so test verdict.proved or verdict.refuted first"
            )
        write_text(path, json_text(self.certificate))

    def __repr__(self) -> str:
        """One short line; ``print(verdict)`` shows the whole answer."""
        count = f" {self.record.trials}" if self.survived and self.record is not None else ""
        reason = f" ({self.reason})" if self.reason else ""
        return f"Verdict({self.outcome}{count}{reason}: {self.claim}; {self.problem!r})"

    def __str__(self) -> str:
        from geomcheck.render.text import verdict_text

        return verdict_text(self)

    def _repr_html_(self) -> str:
        from geomcheck.render.html import verdict_html

        return verdict_html(self)

    def __bool__(self) -> NoReturn:
        raise TypeError("a verdict is neither true nor false: use verdict.proved, or compare verdict.outcome")

    def _no_comparison(self, other: object) -> NoReturn:
        raise TypeError("verdicts do not compare: compare verdict.outcome, such as verdict.outcome == 'PROVED'")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _no_comparison
    __hash__ = object.__hash__
