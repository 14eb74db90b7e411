"""Whether an instance lies in a point set: perfect fits, critical points, local and global minima.

Each test answers with a three-valued truth and a sentence a person can check. What decides is always exact: membership
is proved, or refuted, or left unknown with a reason code.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, final

import numpy as np

from geomcheck.errors import OutsideField, Undecided
from geomcheck.fields.rationals import RationalField
from geomcheck.geometry.affine import is_affine
from geomcheck.geometry.continuous_symmetry import of_unit, orbit_dimension
from geomcheck.geometry.minima import eckart_young
from geomcheck.geometry.minima.lower_point import lower_point
from geomcheck.geometry.minima.squares import sum_of_squares
from geomcheck.geometry.probability_simplex import sums_to_one
from geomcheck.problem.loss import NamedLoss, link_value
from geomcheck.problem.network import DenseNetwork
from geomcheck.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Callable

    from geomcheck.claims.evaluation import Evaluation
    from geomcheck.geometry.derivatives import Derivatives

HESSIAN = ("matrix", "H")


@final
@dataclass(frozen=True)
class Membership:
    """Whether the instance is in the set, why, and (when unknown) the stable reason code.

    ``minimum`` is the certificate's account of why a point is a global minimum, when that is what was shown.
    """

    truth: Truth
    why: str
    reason: str | None = None
    minimum: dict[str, Any] | None = None


def perfect_fit(at: Evaluation) -> Membership:
    """F is the loss's own minimiser for the targets: y = link(F), decided exactly."""
    loss, problem = at.problem.loss, at.problem
    kind = at.loss_facts
    if not kind.minimised_at_fit:
        return Membership(Truth.UNKNOWN, kind.why_not, "perfect-fit-unknown" if kind.link else "no-finite-minimiser")
    if problem.targets == "perfect_fit":
        return Membership(Truth.TRUE, "the targets are defined as what this point outputs")
    if isinstance(loss, NamedLoss):
        assert isinstance(problem.targets, tuple)
        hard = loss.no_finite_minimiser(problem.targets)
        if hard is not None:
            return Membership(Truth.FALSE, hard)
    link = loss.link if isinstance(loss, NamedLoss) else None

    def gap(derivatives: Derivatives) -> Any:
        return link_value(derivatives.field, link, derivatives.behaviour) - derivatives.targets

    answer = _vanishes(at, gap)
    target = "y" if link in (None, "identity") else f"{link}⁻¹(y)"
    words = {
        Truth.TRUE: f"F = {target} exactly at every sample",
        Truth.FALSE: f"F differs from {target}",
        Truth.UNKNOWN: f"F could not be compared with {target} exactly",
    }
    return Membership(answer, words[answer], "perfect-fit-unknown" if answer is Truth.UNKNOWN else None)


def critical_point(at: Evaluation) -> Membership:
    """∇L = Gᵀr + cθ = 0, decided exactly."""
    if at.problem.targets == "perfect_fit" and not at.problem.weight_decay and at.loss_facts.minimised_at_fit:
        at.require_smooth()
        return Membership(Truth.TRUE, "∇L = Gᵀr = 0 at a perfect fit")
    answer = _vanishes(at, lambda derivatives: derivatives.gradient)
    words = {
        Truth.TRUE: "∇L = Gᵀr = 0 exactly" if not at.problem.weight_decay else "∇L = Gᵀr + cθ = 0 exactly",
        Truth.FALSE: "∇L is not zero",
        Truth.UNKNOWN: "∇L could not be compared with zero exactly",
    }
    return Membership(answer, words[answer], "outside-exact-fields" if answer is Truth.UNKNOWN else None)


def global_minimum(at: Evaluation) -> Membership:
    """As `among_global_minima`, and not a minimum where another point has a smaller loss, which is looked for."""
    best = among_global_minima(at)
    lower = lower_point(at.problem) if best.truth is Truth.UNKNOWN else None
    if lower is None:
        return best
    point = [str(value) for value in lower]
    minimum = {"rule": "lower", "parameters": point}
    return Membership(Truth.FALSE, f"L is smaller at θ = ({', '.join(point)})", minimum=minimum)


def among_global_minima(at: Evaluation) -> Membership:
    """By a perfect fit, by pooled residuals, by convexity, by the least error of a linear network, or by squares; not a
    minimum if not even critical or where H has a negative eigenvalue.
    """
    problem = at.problem
    if problem.weight_decay == 0 and at.loss_facts.minimised_at_fit:
        fit = perfect_fit(at)
        if fit.truth is Truth.TRUE:
            return Membership(Truth.TRUE, f"a perfect fit: {fit.why}", minimum={"rule": "perfect-fit"})
    if _is_pooled(at):
        why = "the loss is convex in F, and r sums to 0 over the samples of each input, where F is one number"
        return Membership(Truth.TRUE, why, minimum={"rule": "pooled"})
    critical = critical_point(at)
    if critical.truth is Truth.FALSE:
        return critical
    if critical.truth is Truth.TRUE and is_affine(problem) and at.loss_facts.convex:
        return Membership(Truth.TRUE, "critical, and L is convex in θ", minimum={"rule": "convex"})
    if eckart_young.applies(problem) and isinstance(problem.targets, tuple):
        least = eckart_young.least_error(problem, _rows(at))
        if least is not None:
            why = "the least error a linear network can have (Eckart–Young)"
            return Membership(Truth.TRUE, why, minimum=least.as_minimum())
    if _is_saddle(at):
        return Membership(Truth.FALSE, "H has a negative eigenvalue")
    found = sum_of_squares(problem) if critical.truth is Truth.TRUE else None
    if found is not None:
        why = "L less its value here is a sum of squares of polynomials"
        return Membership(Truth.TRUE, why, minimum=found.as_minimum())
    return Membership(Truth.UNKNOWN, "no argument for or against minimality applied", "global-minimum-unknown")


def local_minimum(at: Evaluation) -> Membership:
    """By global minimality, or critical with H positive definite across an orbit of critical points.

    The network's continuous symmetries keep L, so the orbit of a critical point consists of critical points of equal
    loss. If index(H) = 0 and nullity(H) is the dimension of the orbit, H is positive definite on a complement of its
    tangent space, and the point is a local minimum (Morse–Bott lemma). Not one if not critical, or if index(H) > 0.
    Near the point F does not depend on the parameters of a relu unit that is off at every sample: they count as well.
    Units of relu and leaky_relu with one sign at every sample are linear near the point, with the orbits of such units.
    """
    best = among_global_minima(at)
    if best.truth is Truth.TRUE:
        return best
    critical = critical_point(at)
    if critical.truth is not Truth.TRUE:
        return critical
    inertia = at.inertia(HESSIAN)
    if inertia.positive == at.problem.P:
        return Membership(Truth.TRUE, "∇L = 0 and H is positive definite")
    if inertia.negative > 0:
        return Membership(Truth.FALSE, "H has a negative eigenvalue")
    network, theta = at.problem.model, at.problem.parameters
    if isinstance(network, DenseNetwork) and theta and not at.problem.weight_decay and inertia.decided is not None:
        still = dead_units(at, network)
        straight = linear_units(at, network)
        orbit = orbit_dimension(network, theta, still, straight)
        why = f"∇L = 0, H ⪰ 0, and its kernel is tangent to an orbit of the network's symmetries (dimension {orbit})"
        if still:
            why += ", the parameters of units that are off at every sample included"
        if straight:
            why += "; units of one sign at every sample count as linear"
        if orbit and inertia.positive + orbit == at.problem.P:
            return Membership(Truth.TRUE, why, minimum={"rule": "orbit"})
    return Membership(Truth.UNKNOWN, "H is singular, and no argument for minimality applied", "local-minimum-unknown")


def all_points(at: Evaluation) -> Membership:
    """Every point at which the loss is defined."""
    return Membership(Truth.TRUE, "every point is in scope")


def generic_points(at: Evaluation) -> Membership:
    """No single point can be told to be generic."""
    return Membership(
        Truth.UNKNOWN, "whether one given point is generic is not decidable by looking at it", "generic-rank-open"
    )


POINT_SETS: dict[str, Callable[[Evaluation], Membership]] = {
    "perfect_fits": perfect_fit,
    "critical_points": critical_point,
    "global_minima": among_global_minima,
    "local_minima": local_minimum,
    "generic_points": generic_points,
    "all_points": all_points,
}

PREDICATES: dict[str, Callable[[Evaluation], Membership]] = {
    "perfect_fit": perfect_fit,
    "critical_point": critical_point,
    "global_minimum": global_minimum,
    "local_minimum": local_minimum,
}


def _is_pooled(at: Evaluation) -> bool:
    """Whether w sums to 0 over the samples of each input, w = r, or r_k − r_0 where Σ_k F_k ≡ 1.

    Then L(θ') − L(θ) ≥ Σ w (F(θ') − F(θ)) = 0 for every θ', by convexity in F, as F agrees on equal inputs.
    """
    problem = at.problem
    inputs = problem.inputs or ()
    repeated = len(set(inputs)) < len(inputs)
    if not repeated or problem.weight_decay or not at.loss_facts.convex or not isinstance(problem.targets, tuple):
        return False
    members = [[i for i, row in enumerate(inputs) if row == value] for value in dict.fromkeys(inputs)]
    normalised = sums_to_one(problem)

    def sums(derivatives: Derivatives) -> Any:
        residual = derivatives.residual
        weights = residual - residual[:, :1] if normalised else residual
        return derivatives.field.concatenate(
            [derivatives.field.sum(weights[samples], 0)[None] for samples in members], axis=0
        )

    return _vanishes(at, sums) is Truth.TRUE


def dead_units(at: Evaluation, network: DenseNetwork) -> list[int]:
    """The indices of the parameters of all relu units that are off at every sample, H being defined."""
    found: list[int] = []
    for number, layer in enumerate(network.layers[:-1], start=1):
        if layer.activation.name != "relu" or layer.residual is not None:
            continue
        on = at.instance.exactly(lambda d, n=number: ~np.all(d.field.is_zero(d.model.activations(n)), axis=0))
        found += [index for unit in np.flatnonzero(~on) for index in of_unit(network, number, int(unit))]
    return found


def linear_units(at: Evaluation, network: DenseNetwork) -> dict[tuple[int, int], Fraction]:
    """The slopes of relu and leaky_relu units with one sign at every sample, by layer (from 1) and unit (from 0)."""
    found: dict[tuple[int, int], Fraction] = {}
    linked = {layer.residual for layer in network.layers}
    for number, layer in enumerate(network.layers[:-1], start=1):
        slope = layer.activation.parameter if layer.activation.name == "leaky_relu" else None
        rising = layer.activation.name == "relu" or (slope is not None and slope > 0)
        if not rising or layer.residual is not None or number in linked:
            continue
        values = at.instance.exactly(lambda d, n=number: d.model.activations(n))
        if not isinstance(at.instance.exact_field, RationalField):
            continue
        for unit, column in enumerate(values.T):
            if all(value > 0 for value in column):
                found[number, unit] = Fraction(1)
            elif slope is not None and all(value < 0 for value in column):
                found[number, unit] = Fraction(slope)
    return found


def _rows(at: Evaluation) -> list[list[Any]]:
    """F of a network with rational weights, as rows."""
    rows: list[list[Any]] = at.instance.exactly(lambda d: d.behaviour).tolist()
    return rows


def _is_saddle(at: Evaluation) -> bool:
    try:
        return bool(at.inertia(HESSIAN).negative > 0)
    except (OutsideField, Undecided):
        return False


def all_zero(balls: Any) -> Truth:
    """Whether numbers in balls are all zero: certainly where every ball is 0 ± 0, certainly not where one misses 0.

    A ball of radius 0 is its number: what a unit without output weight adds, whatever its activation is.
    """
    entries = np.asarray(balls, dtype=object).reshape(-1)
    if any(not entry.contains(0) for entry in entries):
        return Truth.FALSE
    return Truth.of(True if all(entry.is_zero() for entry in entries) else None)


def _vanishes(at: Evaluation, quantity: Callable[[Derivatives], Any]) -> Truth:
    """Whether an array is exactly zero; enclosures say so only where they are 0 ± 0."""
    try:
        return Truth.of(at.instance.exactly(lambda d: bool(np.all(d.field.is_zero(quantity(d))))))
    except OutsideField:
        return all_zero(at.instance.enclosed(quantity))
