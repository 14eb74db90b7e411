"""What a hunt came to, and how it is printed: as text and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, final

from geomcheck.claims.claim import Claim
from geomcheck.hunting.store import DEFAULT
from geomcheck.render.html import preformatted
from geomcheck.render.json import record_json, verdict_json
from geomcheck.render.page import WIDTH, wrapped
from geomcheck.render.report import report
from geomcheck.render.text import report_text
from geomcheck.verdict import Verdict

if TYPE_CHECKING:
    from geomcheck.problem.problem import Problem

__all__ = ["Hunt", "hunt_json", "hunt_summary", "hunt_text"]


@final
@dataclass(frozen=True)
class Hunt:
    """What is known after a hunt.

    Attributes:
        verdict: PROVED; REFUTED by the simplest counterexample known; SURVIVED with the record of the longest search
            of a single seed (over several seeds an instance may recur, so their numbers do not add up to one); or
            UNDECIDED.
        findings: every counterexample known, re-judged and re-certified, the simplest first.
        replayed: how many of them an earlier hunt had found.
        stale: stored counterexamples that no longer refute the claim; they are kept, and not believed.
        seeds, trials, discards: searches done, instances decided and instances set aside by all hunts for this claim.
        exhausted: whether nothing new could be drawn any more.
        seconds: wall time of this hunt as a decimal string. state: the database.
    """

    claim: Claim
    problem: Problem
    verdict: Verdict
    findings: tuple[Verdict, ...] = ()
    replayed: int = 0
    stale: int = 0
    seeds: int = 0
    trials: int = 0
    discards: Mapping[str, int] = field(default_factory=dict)
    exhausted: bool = False
    seconds: str = ""
    state: str = DEFAULT

    def __str__(self) -> str:
        return hunt_text(self)

    def __repr__(self) -> str:
        """One short line; ``print(hunt)`` shows the whole answer."""
        return f"Hunt({self.verdict!r}; {len(self.findings)} found in {self.seeds} searches)"

    def _repr_html_(self) -> str:
        return preformatted(str(self))


_LONGEST: Final = (
    "Not a proof: none of {} searches of exact instances in scope found one that violates the claim. "
    "The record is that of the longest; what all did is below."
)


def hunt_text(hunt: Hunt, *, colour: bool = False, width: int = WIDTH) -> str:
    """The verdict, then what was done for it."""
    document = report(hunt.verdict)
    if hunt.verdict.survived and hunt.seeds > 1:
        document = replace(document, lead=_LONGEST.format(hunt.seeds))
    return f"{report_text(document, colour=colour, width=width)}\n\n{hunt_summary(hunt, width)}"


def hunt_summary(hunt: Hunt, width: int = WIDTH) -> str:
    """Two or three lines: what this hunt did, and what all hunts for the claim have come to."""
    found = len(hunt.findings)
    lines = [f"Hunted for {hunt.seconds} s: {found} counterexample{'' if found == 1 else 's'} known"]
    lines[0] += f", {hunt.replayed} from an earlier hunt, each certified again." if hunt.replayed else "."
    if hunt.stale:
        lines.append(f"Stored, but no longer refuting the claim, and not counted: {hunt.stale}.")
    if hunt.verdict.proved:
        return "\n".join(wrapped(f"{lines[0]} The claim is proved, so there is nothing to hunt.", width))
    if hunt.exhausted:
        lines.append("Every search ended early: nothing new could be drawn.")
    if not hunt.seeds:
        return "\n".join(part for line in [*lines, f"Kept in {hunt.state}."] for part in wrapped(line, width))
    lines.append(
        f"All hunts for this claim: {hunt.seeds} seed{'s' * (hunt.seeds != 1)}, {hunt.trials} decided instances "
        f"(one may recur under several seeds). Kept in {hunt.state}."
    )
    return "\n".join(part for line in lines for part in wrapped(line, width))


def hunt_json(hunt: Hunt) -> dict[str, Any]:
    """Everything, every counterexample with its certificate."""
    return {
        "verdict": verdict_json(hunt.verdict),
        "findings": [verdict_json(verdict) for verdict in hunt.findings],
        "replayed": hunt.replayed,
        "stale": hunt.stale,
        "seeds": hunt.seeds,
        "trials": hunt.trials,
        "discards": dict(hunt.discards),
        "longest": None if hunt.verdict.record is None else record_json(hunt.verdict.record),
        "exhausted": hunt.exhausted,
        "seconds": hunt.seconds,
        "state": hunt.state,
    }
