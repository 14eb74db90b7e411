"""geomcheck in other people's tests: Hypothesis strategies for exact instances, and a pytest plugin for claims.

Every name is loaded when it is first used, because pytest imports this package to find the plugin, in every session.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geomcheck.testing.degenerate import degenerate_points
    from geomcheck.testing.linear_algebra import matrices, symmetric_matrices
    from geomcheck.testing.numbers import rationals
    from geomcheck.testing.permutations import permutations_of
    from geomcheck.testing.points import critical_points, from_claim, global_minima, perfect_fits
    from geomcheck.testing.problems import instances
    from geomcheck.testing.shapes import datasets, networks

_HOMES = {
    "critical_points": "points",
    "datasets": "shapes",
    "degenerate_points": "degenerate",
    "from_claim": "points",
    "global_minima": "points",
    "instances": "problems",
    "matrices": "linear_algebra",
    "networks": "shapes",
    "perfect_fits": "points",
    "permutations_of": "permutations",
    "rationals": "numbers",
    "symmetric_matrices": "linear_algebra",
}

__all__ = [
    "critical_points",
    "datasets",
    "degenerate_points",
    "from_claim",
    "global_minima",
    "instances",
    "matrices",
    "networks",
    "perfect_fits",
    "permutations_of",
    "rationals",
    "symmetric_matrices",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'geomcheck.testing' has no attribute {name!r}; it has {', '.join(__all__)}")
    value = getattr(import_module(f"geomcheck.testing.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
