"""What a construction needs to know about a point, over ℚ: behaviour, Jacobian, gradient, Hessian.

Every function answers None where the value is not rational or does not exist (a kink, a division by zero): then there
is nothing to construct from, and the point is left to the judge as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np

from geomcheck.errors import InputError, Kink, OutsideField, Undecided
from geomcheck.fields.rationals import RationalField, to_fraction
from geomcheck.geometry.derivatives import Derivatives
from geomcheck.problem.loss import NamedLoss, link_value
from geomcheck.problem.losses import LOSSES
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem
from geomcheck.search.draws import Rows, Vector
from geomcheck.search.rational_algebra import RationalMatrix, matrix
from geomcheck.search.units import units

T = TypeVar("T")
QQ = RationalField()


def raw(problem: Problem) -> Problem:
    """The same model with its plain outputs as behaviour and no targets, so that F and G are those of the logits."""
    return replace(problem, behaviour="outputs", loss=_plain_loss(problem), targets=None)


def behaviour(problem: Problem) -> Rows | None:
    """F as (N, K)."""
    return _over_rationals(_without_silent_units(problem), lambda d: _rows(d.behaviour))


def fitted_targets(problem: Problem) -> Rows | None:
    """link(F), the targets this point fits perfectly, as (N, K)."""
    link = problem.loss.link if isinstance(problem.loss, NamedLoss) else "identity"
    if link is None:
        return None
    heard = _without_silent_units(problem)
    return _over_rationals(heard, lambda d: _rows(link_value(d.field, link, d.behaviour)))


def jacobian(problem: Problem) -> RationalMatrix | None:
    """G as (NK, P)."""
    return _over_rationals(problem, lambda d: matrix(_rows(d.G), problem.P))


def gradient(problem: Problem) -> Vector | None:
    """∇L as (P,)."""
    return _over_rationals(problem, lambda d: _vector(d.gradient))


def slope_and_curvature(problem: Problem) -> tuple[Vector, RationalMatrix] | None:
    """∇L as (P,) and H as (P, P)."""
    return _over_rationals(problem, lambda d: (_vector(d.gradient), matrix(_rows(d.H), problem.P)))


def may_be_critical(problem: Problem) -> bool:
    """False only where ∇L is rational and not zero."""
    slope = gradient(problem)
    return slope is None or not any(slope)


def _without_silent_units(problem: Problem) -> Problem:
    """The same F with no weights into units without weights out, whose activations may be irrational."""
    network, parameters = problem.model, problem.parameters
    if not isinstance(network, DenseNetwork) or any(layer.residual is not None for layer in network.layers):
        return problem
    assert parameters is not None
    theta = list(parameters)
    for number in range(len(network.layers) - 1, 0, -1):
        for unit in units(network, number):
            if not any(theta[place] for place in unit.outgoing):
                for place in unit.own:
                    theta[place] = Fraction(0)
    return problem if theta == list(parameters) else problem.with_(parameters=theta)


def _over_rationals(problem: Problem, quantity: Callable[[Derivatives], T]) -> T | None:
    assert problem.parameters is not None and problem.inputs is not None
    theta = QQ.array(problem.parameters).reshape((problem.P,))
    inputs = QQ.array(problem.inputs).reshape((problem.N, problem.model.n_inputs))
    targets: Any = "perfect_fit" if problem.targets is None else problem.targets
    if not isinstance(targets, str):
        targets = QQ.array(targets).reshape((problem.N, problem.K))
    try:
        return quantity(Derivatives(problem, QQ, theta, inputs, targets))
    except (OutsideField, Kink, Undecided, InputError, ZeroDivisionError):
        return None


def _rows(array: Any) -> Rows:
    return [_vector(row) for row in array]


def _vector(array: Any) -> Vector:
    return [to_fraction(x) for x in np.asarray(array, dtype=object).reshape(-1)]


def _plain_loss(problem: Problem) -> Any:
    return LOSSES["mse"] if isinstance(problem.loss, NamedLoss) else problem.loss


def shaped(flat: Sequence[Fraction], rows: int, columns: int) -> Rows:
    """A flat sequence as (rows, columns)."""
    return [list(flat[i * columns : (i + 1) * columns]) for i in range(rows)]
