"""Which keys of a problem a claim has no use for; where those are not given, any value may stand for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from geomcheck.claims.named_points import needs_data, needs_parameters
from geomcheck.claims.tree import ARITHMETIC, COMPARISONS, CONNECTIVES, Tree, points_in, subtrees

if TYPE_CHECKING:
    from geomcheck.problem.read import Complete

__all__ = ["completion", "speaks_of_network", "speaks_of_samples"]

_OF_INTEGERS: Final = {"claim", *CONNECTIVES, *COMPARISONS, *ARITHMETIC, "number", "expansions", "surjections"}


def speaks_of_network(claim: Tree) -> bool:
    """Whether a claim, or a term, is about more than integers.

    >>> speaks_of_network(("==", ("expansions", ("number", "2"), ("number", "3")), ("number", "12")))
    False
    """
    return needs_data(claim) or any(part[0] not in _OF_INTEGERS for part in subtrees(claim))


def speaks_of_samples(claim: Tree, teacher: bool = False) -> bool:
    """Whether a claim, or a term, has a use for a number of samples; against a teacher only N itself has.

    >>> size = ("orbit_size", ("point", "A"))
    >>> speaks_of_samples(size), speaks_of_samples(("*", size, ("word", "N")))
    (False, True)
    """
    if ("word", "N") in subtrees(claim):
        return True
    return needs_data(claim) and (not teacher or bool(points_in(claim)) or needs_parameters(claim))


def completion(*claims: Tree) -> Complete:
    """What gives a problem's mapping the keys that it must have and that none of the claims (or terms) has a use for.

    >>> completion(("orbit_size", ("point", "A")))({"network": "1-2-1 tanh"})
    {'network': '1-2-1 tanh', 'samples': 1}
    """

    def complete(given: Mapping[str, Any]) -> Mapping[str, Any]:
        present = {key for key, value in given.items() if value is not None}
        added: dict[str, Any] = {}
        if not present & {"network", "model", "torch"} and not any(map(speaks_of_network, claims)):
            added["network"] = "1-1 linear"
        used = any(speaks_of_samples(claim, "teacher" in present) for claim in claims)
        if not present & {"samples", "inputs", "targets"} and not used:
            added["samples"] = 1
        return {**given, **added} if added else given

    return complete
