"""The least loss of a two-layer linear network, in closed form (Eckart and Young 1936; Baldi and Hornik 1989).

For F = X W₁ᵀ W₂ᵀ without biases, width m, squared loss and XᵀX invertible,

    min over θ of ½‖F − Y‖² = ½ ( tr YᵀY − λ₁ − … − λ_m ),   B = Yᵀ X (XᵀX)⁻¹ Xᵀ Y,

with λ₁ ≥ λ₂ ≥ … ≥ 0 the eigenvalues of B: the residual splits into the part of Y off the column space of X, which no
θ reaches, and the distance from the rest to the matrices of rank ≤ m in that space. (XM with M of rank ≤ m runs through
all of them, because X is injective.) The minimum is attained.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import flint

from geomcheck.fields.rationals import to_fraction
from geomcheck.problem.loss import NamedLoss
from geomcheck.problem.network import DenseNetwork

if TYPE_CHECKING:
    from geomcheck.problem.problem import Problem


def applies(problem: Problem) -> bool:
    """Whether the closed form is about this problem, whatever its data."""
    network = problem.model
    return (
        isinstance(network, DenseNetwork)
        and len(network.layers) == 2
        and all(layer.activation.polynomial_degree == 1 and not layer.bias for layer in network.layers)
        and all(layer.residual is None for layer in network.layers)
        and all(layer.activation.name == "linear" for layer in network.layers)
        and isinstance(problem.loss, NamedLoss)
        and problem.loss.name == "mse"
        and problem.squash is None
        and problem.weight_decay == 0
    )


def eigenvalues(problem: Problem) -> tuple[Fraction, ...] | None:
    """All K eigenvalues of B, largest first, or None where one is irrational or XᵀX is singular."""
    assert problem.inputs is not None and isinstance(problem.targets, tuple)
    x, y = _matrix(problem.inputs), _matrix(problem.targets)
    gram = x.transpose() * x
    if gram.rank() < gram.nrows():
        return None
    cross = x.transpose() * y
    polynomial = (cross.transpose() * gram.solve(cross)).charpoly()
    roots: list[Fraction] = []
    _, factors = polynomial.factor()
    for factor, multiplicity in factors:
        if factor.degree() != 1:
            return None
        roots += [to_fraction(-factor[0] / factor[1])] * multiplicity
    return tuple(sorted(roots, reverse=True))


def least_loss(problem: Problem, spectrum: tuple[Fraction, ...]) -> Fraction:
    """The minimum of L over θ, with the problem's reduction, given all eigenvalues of B."""
    assert isinstance(problem.targets, tuple) and isinstance(problem.model, DenseNetwork)
    total = sum((entry * entry for row in problem.targets for entry in row), Fraction(0))
    least = (total - sum(spectrum[: problem.model.layers[0].width], Fraction(0))) / 2
    return least / problem.N if problem.reduction == "mean" else least


def _matrix(rows: Any) -> Any:
    return flint.fmpq_mat([[flint.fmpq(entry.numerator, entry.denominator) for entry in row] for row in rows])
