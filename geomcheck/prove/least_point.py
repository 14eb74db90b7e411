"""A point shown to be a global minimum, on which a proof may rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, final

from geomcheck.claims.evaluation import Evaluation
from geomcheck.claims.point_sets import among_global_minima
from geomcheck.errors import GeomcheckError
from geomcheck.fields.rationals import RationalField, to_fraction
from geomcheck.problem.problem import Problem
from geomcheck.truth import Truth

__all__ = ["LeastPoint", "least_point"]


@final
@dataclass(frozen=True)
class LeastPoint:
    """A point shown to be a global minimum: the instance, its rational loss, and the certificate's account of why."""

    instance: Problem
    value: Fraction
    minimum: Mapping[str, Any] | None

    def __hash__(self) -> int:
        return hash((self.instance, self.value))


def least_point(instance: Problem) -> LeastPoint | None:
    """The instance, if it is shown to be a global minimum and its loss is rational.

    >>> from geomcheck.problem.read import problem_from
    >>> flat = {"model": {"parameters": ["w"], "inputs": [], "outputs": ["w^2"]}, "samples": 1, "targets": [[-1]]}
    >>> least_point(problem_from({**flat, "parameters": [0]})).value
    Fraction(1, 2)
    """
    at = Evaluation(instance)
    try:
        found = among_global_minima(at)
        if found.truth is not Truth.TRUE:
            return None
        loss = at.instance.exactly(lambda d: d.loss)
        if not isinstance(at.instance.exact_field, RationalField):
            return None
        return LeastPoint(instance, to_fraction(getattr(loss, "flat", [loss])[0]), found.minimum)
    except GeomcheckError:
        return None
