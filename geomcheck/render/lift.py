"""Lifted checkpoints for programs: JSON, or one line. (The text form is the lift's own.)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geomcheck.geometry.minima.systems import decimal_above
from geomcheck.problem.numbers import rational_text

if TYPE_CHECKING:
    from geomcheck.errors import Undecided
    from geomcheck.geometry.minima.lift import Lift

__all__ = ["lift_concise", "lift_json", "undecided_concise", "undecided_json", "undecided_text"]

_DIGITS = 12


def lift_json(lift: Lift) -> dict[str, Any]:
    """Everything that is known; the point is ``centre``, within ``box`` in the parameters ``moving``."""
    return {
        "status": lift.status,
        "radius": decimal_above(lift.radius),
        "P": lift.problem.P,
        "equations": lift.rank_G,
        "equations_left_out": lift.left_out,
        "rank_G": lift.rank_G,
        "rank_H": lift.rank_H,
        "inertia_H": None if lift.inertia is None else list(lift.inertia),
        "why": lift.why,
        "dimension": lift.dimension,
        "numeric_rank_G": lift.numeric_rank_G,
        "numeric_rank_H": lift.numeric_rank_H,
        "ranks_are_at": "the fit",
        "numeric_ranks_are_at": "the checkpoint",
        "loss": lift.loss.str(_DIGITS),
        "precision": lift.precision,
        "point": {
            "centre": [rational_text(x) for x in lift.centre],
            "moving": list(lift.moving),
            "box": rational_text(lift.box),
        },
    }


def lift_concise(lift: Lift) -> str:
    """``LIFTED <tab> name=value …`` with the radius, the ranks at the fit; numeric ranks and L at the checkpoint."""
    values = {
        "radius": decimal_above(lift.radius),
        "rank_G": lift.rank_G,
        "rank_H": "?" if lift.rank_H is None else lift.rank_H,
        "checkpoint_numeric_rank_G": lift.numeric_rank_G,
        "checkpoint_numeric_rank_H": "?" if lift.numeric_rank_H is None else lift.numeric_rank_H,
        "checkpoint_L": lift.loss.str(_DIGITS),
    }
    return "\t".join(("LIFTED", *(f"{name}={value}" for name, value in values.items())))


def undecided_json(reason: Undecided) -> dict[str, Any]:
    """Why no exact fit was certified."""
    return {
        "status": "undecided",
        "reason": reason.reason,
        "known": reason.known,
        "next_step": reason.next_step,
    }


def undecided_concise(reason: Undecided) -> str:
    """``UNDECIDED <tab> reason <tab> what is known``."""
    return "\t".join(("UNDECIDED", reason.reason, reason.known))


def undecided_text(reason: Undecided) -> str:
    """The same for a person."""
    lines = [f"UNDECIDED   no exact fit was certified ({reason.reason})", f"Known       {reason.known}"]
    return "\n".join([*lines, *([f"Next step   {reason.next_step}"] if reason.next_step else [])])
