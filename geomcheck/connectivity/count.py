"""What a count of components comes with: the rule that gave it, and why it holds, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, final

from geomcheck.errors import Undecided

REASON: Final = "components-unknown"


@final
@dataclass(frozen=True)
class Components:
    """The number of connected components of a set of global minima that is not empty.

    `rule` is the theorem that gives it: "teacher", "linear", "last-layer", "pieces", "monomials", "quadric", "heads",
    "roots", "curve", or "product" of some; `why` is one sentence. The count is positive: where no minimum is known
    there is no answer.
    """

    count: int
    rule: str
    why: str


def unknown(known: str, next_step: str = "") -> Undecided:
    """The honest answer of a rule that does not apply: the reason code, what is known, one next step."""
    return Undecided(REASON, known, next_step or "give a smaller network, or one of the shapes that are covered")
