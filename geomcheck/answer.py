"""What an answer to a claim holds, however it is shown, and what a search leaves behind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, Self, final

if TYPE_CHECKING:
    from geomcheck.problem.problem import Problem

__all__ = ["OUTCOMES", "AbstractVerdict", "Outcome", "Record"]

Outcome = Literal["PROVED", "REFUTED", "SURVIVED", "UNDECIDED"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("PROVED", "REFUTED", "SURVIVED", "UNDECIDED")


@final
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
class AbstractVerdict(ABC):
    """One answer to one claim; ``geomcheck.verdict.Verdict`` is this, printed and saved.

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
        ValueError: for an outcome that is none of `OUTCOMES`.
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
    smaller: Self | None = None
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

    @abstractmethod
    def __str__(self) -> str:
        """The whole answer as text."""
