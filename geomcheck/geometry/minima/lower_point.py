"""A rational point with a smaller loss: floats descend, rationals nearby are compared in enclosures.

Such a point shows that another one is no global minimum. Nothing follows where none is found.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geomcheck.errors import GeomcheckError
from geomcheck.fields.floats import FloatField
from geomcheck.geometry.derivatives import Derivatives
from geomcheck.geometry.instance import Instance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geomcheck.problem.problem import Problem

MAX_PARAMETERS: Final = 40
_STARTS, _STEPS, _REACH = 8, 60, 30
_DENOMINATORS: Final = (1, 2, 4, 12, 60, 1000, 10**6)


def lower_point(problem: Problem) -> tuple[Fraction, ...] | None:
    """Parameters where L is surely smaller than at the instance's own; None where none was found.

    >>> from geomcheck.problem.read import problem_from
    >>> bump = problem_from({"model": {"parameters": ["w"], "inputs": [], "outputs": ["w^2"]}, "samples": 1,
    ...                      "targets": [[1]], "parameters": [0]})
    >>> lower_point(bump) in ((1,), (-1,))
    True
    """
    if not isinstance(problem.targets, tuple) or problem.P > MAX_PARAMETERS:
        return None
    own = _loss(problem)
    for theta in _descents(problem):
        for denominator in _DENOMINATORS:
            rounded = tuple(Fraction(round(value * denominator), denominator) for value in theta)
            try:
                if _loss(problem.with_(parameters=rounded)) < own:
                    return rounded
            except (GeomcheckError, ZeroDivisionError):
                continue  # a kink, or outside the domain of the loss
    return None


def _loss(problem: Problem) -> Any:
    """L in a ball; a comparison of balls is true only where it is true of all their points."""
    return np.asarray(Instance(problem).enclosed(lambda d: d.loss), dtype=object).reshape(-1)[0]


def _descents(problem: Problem) -> Iterator[Any]:
    """Float end points of descents from around the point and from afar, lower than the start, by quasi-Newton steps."""
    from scipy.optimize import minimize

    field = FloatField()
    inputs, targets = field.array(problem.inputs), field.array(problem.targets)
    inputs = inputs.reshape((problem.N, problem.model.n_inputs))

    def value(theta: Any) -> tuple[Any, Any]:
        derivatives = Derivatives(problem, field, field.array(theta), inputs, targets)
        loss, slope = derivatives.loss.item(), derivatives.gradient.numpy()
        return (loss, slope) if np.isfinite(loss) and np.isfinite(slope).all() else (np.inf, np.zeros_like(theta))

    generator = np.random.default_rng(problem.P)
    start = np.array(problem.parameters, dtype=np.float64)
    try:
        own, _ = value(start)
        for n in range(_STARTS):
            moved = (start if n % 2 else 0 * start) + generator.normal(size=problem.P) * 2 ** (n // 2) / 2
            found = minimize(value, moved, jac=True, method="L-BFGS-B", bounds=[(-_REACH, _REACH)] * problem.P,
                             options={"maxiter": _STEPS})  # fmt: skip
            if found.fun < own - abs(own) / 10**6:
                yield found.x
    except (GeomcheckError, ZeroDivisionError):
        return  # what floats cannot evaluate
