"""Isolated critical points, enclosed in balls, with their inertia and the loss there.

The candidate may come from anywhere. The point is a zero of ∇L that passes Krawczyk's test in a box X, so H is
nonsingular on all of X; X is connected and eigenvalues move continuously, so the inertia of H is the same at every
point of X. It is read off at the centre of X, by strict diagonal dominance of VᵀHV in balls (Sylvester, Gershgorin).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Literal, final

import numpy as np

from geomcheck.errors import InputError, Undecided, described
from geomcheck.fields.balls import BallField
from geomcheck.fields.enclosures import working_precision
from geomcheck.geometry.minima.systems import decimal_above, given_problem, gradient_system, in_balls
from geomcheck.linear_algebra.inertia import certified_inertia
from geomcheck.linear_algebra.krawczyk import FIRST_PRECISION, isolated_zero, isolation_radius
from geomcheck.problem.numbers import plain, rational
from geomcheck.problem.problem import Problem
from geomcheck.problem.read_parameters import parameters_from

DIGITS: Final = 20
_SHORT, _WIDE = 6, 100


@final
@dataclass(frozen=True)
class CriticalPoint:
    """One critical point θ* of a problem's loss, computed in balls; there is no certificate file for it.

    ``centre``, ``radius``: |θ*_i − centre_i| ≤ radius for every i. ``alone_within``: θ* is the only critical point with
    |θ_i − centre_i| ≤ alone_within. ``inertia``: the numbers (positive, negative, zero) of eigenvalues of H at θ*; the
    last is 0. ``enclosure`` and ``loss``: balls around θ* (P of them) and L(θ*).
    """

    problem: Problem
    centre: tuple[Fraction, ...]
    radius: Fraction
    alone_within: Fraction
    inertia: tuple[int, int, int]
    enclosure: tuple[Any, ...]
    loss: Any
    precision: int
    status: Literal["enclosed"] = "enclosed"

    @property
    def index(self) -> int:
        """The number of negative eigenvalues."""
        return self.inertia[1]

    @property
    def kind(self) -> str:
        """What kind of point it is."""
        positive, negative, _ = self.inertia
        if not negative:
            return "strict local minimum"
        return f"saddle of index {negative}" if positive else "strict local maximum"

    def __str__(self) -> str:
        values = ", ".join(x.str(DIGITS) for x in self.enclosure)
        text = f"{self.kind} at ({values}), L = {self.loss.str(DIGITS)} (enclosed)".replace("+/-", "±")
        return text if len(text) <= _WIDE else text.replace(" at (", " at\n  (", 1).replace(", [", ",\n   [")

    def __repr__(self) -> str:
        """One short line; ``print(point)`` shows where it is."""
        return f"CriticalPoint({self.kind}; P = {self.problem.P}, L = {self.loss.str(_SHORT)})".replace("+/-", "±")


def critical_point(
    problem: Problem | Mapping[str, Any] | None = None,
    *,
    near: Sequence[Any] | Mapping[str, Any] | None = None,
    within: Any = None,
    precision: int = FIRST_PRECISION,
    **parts: Any,
) -> CriticalPoint:
    """The isolated critical point that Newton's method finds from ``near``, enclosed, with its certified inertia.

    ``problem`` is a :class:`Problem` or a mapping with the keys of a problem file, or give those keys as keyword
    arguments; inputs and targets must be numbers. ``near`` (P numbers in torch order, floats allowed; or exact blocks
    by name) is a candidate, by default the problem's parameters. With ``within``, the point must lie that close to the
    candidate in every coordinate. ``precision`` is in bits, and is doubled where it does not suffice.

    Raises InputError for a problem with something open, Kink where H does not exist, and Undecided with the reason
    "newton-diverges", "singular-jacobian" or "krawczyk-fails" (H may be singular: such a point is not isolated, or
    cannot be seen to be), "kink-or-pole", "too-far", or "inertia-open".

    >>> point = critical_point(model={"parameters": ["b"], "inputs": ["x"], "outputs": ["(x + b)^2"]},
    ...                        inputs=[0, 1], targets=[1, 4], near=["-1.4"])
    >>> print(point)
    strict local minimum at
      ([-1.5000000000000000000 ± 3e-24]), L = [7.8125000000000000000 ± 3e-24] (enclosed)
    """
    about = given_problem(problem, parts)
    _check(about)
    start = _candidate(about, near)
    system = gradient_system(about)
    zero = isolated_zero(system, start, precision)
    if within is not None:
        allowed = rational(within, "within") if not isinstance(within, float) else Fraction(within)
        far = max(abs(c - s) for c, s in zip(zero.centre, start, strict=True)) + zero.radius
        if far > allowed:
            raise Undecided(
                "too-far",
                f"the critical point that was found is up to {decimal_above(far)} away, within={allowed}",
                "allow more, or start closer",
            )
    everything = range(about.P)
    inertia = certified_inertia(
        about.P, about.P, everything, enclosed=lambda bits: _hessian(about, zero.centre, bits)
    ).decided
    if inertia is None:
        raise Undecided(
            "inertia-open", "H is nonsingular, but no congruence showed its signs", "rescale the parameters"
        )
    with working_precision(zero.precision):
        loss = in_balls(about, zero.image, zero.precision).loss
    return CriticalPoint(
        problem=about,
        centre=zero.centre,
        radius=zero.radius,
        alone_within=isolation_radius(system, zero),
        inertia=inertia,
        enclosure=zero.image,
        loss=_single(loss),
        precision=zero.precision,
    )


def _check(problem: Problem) -> None:
    missing = [part for part in problem.open_parts if part != "parameters"]
    if missing:
        raise InputError(f"expected inputs and targets, open={', '.join(missing)}; give them as numbers")
    if isinstance(problem.targets, str):
        raise InputError(
            f"expected targets as numbers, got {described('targets', problem.targets)}; "
            "those move with the parameters, so the loss has no critical points of its own"
        )


def _candidate(problem: Problem, near: Sequence[Any] | Mapping[str, Any] | None) -> list[Fraction]:
    if near is None:
        if problem.parameters is None:
            raise InputError(f"expected a candidate, got none; give near, {problem.P} numbers in torch order")
        return list(problem.parameters)
    if isinstance(near, Mapping):
        return list(parameters_from(near, problem.model, "near"))
    values = plain(near, "near")
    if not isinstance(values, (list, tuple)) or len(values) != problem.P:
        raise InputError(f"expected near to be {problem.P} numbers in torch order, got {described('near', near)}")
    try:
        return [Fraction(x) if isinstance(x, float) else rational(x, f"near[{i}]") for i, x in enumerate(values)]
    except (ValueError, OverflowError):
        raise InputError(f"expected finite numbers, got {described('near', near)}; start elsewhere") from None


def _hessian(problem: Problem, centre: Sequence[Fraction], precision: int) -> Any:
    with working_precision(precision):
        return in_balls(problem, list(BallField(precision).array(centre)), precision).H


def _single(value: Any) -> Any:
    return np.asarray(value, dtype=object).reshape(-1)[0]
