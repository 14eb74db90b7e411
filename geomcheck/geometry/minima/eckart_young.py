"""Whether a linear network attains the least squared error: Eckart and Young (1936) without a spectrum.

For F = X M, M = (W_L ⋯ W_1)ᵀ of rank at most m, the least width of the hidden layers, let S = X N be the least-squares
fit of Y, so XᵀX N = XᵀY, and R = S − F. Then ½‖F − Y‖² is least over all θ if and only if

    FᵀR = 0,  F Rᵀ = 0,  and for some c ≥ 0:  RᵀR ⪯ c I,  (FᵀF)² ⪰ c FᵀF,  and c = 0 or rank F = m.

A rational c exists whenever any does, and XᵀX may be singular. A free bias of the last layer turns X, Y and F into
their deviations from the mean, and F must have the mean of Y; a bias of the first layer alone adds a column of ones to
X. Proof: proofs/lemmas/minima.md. Depth changes nothing (Kawaguchi 2016; Baldi and Hornik 1989 for one hidden layer).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, final

import flint

from geomcheck.fields.rationals import to_fraction
from geomcheck.problem.loss import NamedLoss
from geomcheck.problem.network import DenseNetwork

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geomcheck.problem.problem import Problem

_HALVINGS: Final = 4000  # of an interval for c; eigenvalues that differ are farther apart than that


@final
@dataclass(frozen=True)
class LeastError:
    """That the least error is attained: a least-squares map N (d or d + 1 rows, K columns), and the separator c."""

    solution: tuple[tuple[Fraction, ...], ...]
    separator: Fraction

    def as_minimum(self) -> dict[str, Any]:
        """The certificate's account of why the point is a global minimum."""
        solution = [[str(value) for value in row] for row in self.solution]
        return {"rule": "eckart-young", "solution": solution, "separator": str(self.separator)}


def applies(problem: Problem) -> bool:
    """Whether the criterion is about this problem, whatever its data.

    Linear layers, at least one hidden, squared loss, no links, no weight decay; a bias of a hidden layer other than the
    first only where the last layer has one too.
    """
    network = problem.model
    return (
        isinstance(network, DenseNetwork)
        and len(network.layers) >= 2
        and all(layer.activation.name == "linear" and layer.residual is None for layer in network.layers)
        and (network.layers[-1].bias or not any(layer.bias for layer in network.layers[1:]))
        and isinstance(problem.loss, NamedLoss)
        and problem.loss.name == "mse"
        and problem.squash is None
        and problem.weight_decay == 0
    )


def least_error(problem: Problem, outputs: Sequence[Sequence[Any]]) -> LeastError | None:
    """The evidence that F (rows of rationals, N x K) is optimal for the inputs and targets given; None: it is not.

    >>> from geomcheck.problem.read import problem_from
    >>> about = problem_from({"network": "2-1-2 linear, no bias", "inputs": [[1, 0], [0, 1]],
    ...                       "targets": [[2, 1], [1, 3]]})
    >>> least_error(about, [[1, 1], [1, 1]]) is None
    True
    >>> least_error(about.with_(targets=((2, 0), (0, 1))), [[2, 0], [0, 0]]).separator
    Fraction(1, 1)
    """
    network = problem.model
    assert isinstance(network, DenseNetwork) and problem.inputs is not None and isinstance(problem.targets, tuple)
    x, y, f = _matrix(problem.inputs), _matrix(problem.targets), _matrix(outputs)
    if network.layers[-1].bias:
        if any(entry for row in (_ones(x.nrows()).transpose() * (y - f)).tolist() for entry in row):
            return None
        x, y, f = _centred(x), _centred(y), _centred(f)
    elif network.layers[0].bias:
        x = _matrix([[*row, 1] for row in x.tolist()])
    solution = _least_squares(x, y)
    rest = x * solution - f
    if _nonzero(f.transpose() * rest) or _nonzero(f * rest.transpose()):
        return None
    separator = _separator(rest.transpose() * rest, f.transpose() * f)
    if separator is None or (separator and f.rank() < min(network.widths[1:-1])):
        return None
    return LeastError(tuple(tuple(map(to_fraction, row)) for row in solution.tolist()), separator)


def _separator(lower: Any, upper: Any) -> Fraction | None:
    """A rational c ≥ 0 with no eigenvalue of `lower` above it and no nonzero one of `upper` below it, or None.

    An eigenvalue of both, the only c possible then, is rational: its conjugates would be eigenvalues of both as well.
    """
    size, square = lower.nrows(), upper * upper

    def above(c: Any) -> bool:
        return _semidefinite(_identity(size) * c - lower)

    def below(c: Any) -> bool:
        return _semidefinite(square - upper * c)

    _, factors = lower.charpoly().factor()
    candidates = [flint.fmpq(0), *(-factor[0] / factor[1] for factor, _ in factors if factor.degree() == 1)]
    low, high = flint.fmpq(0), sum((lower[i, i] for i in range(size)), flint.fmpq(0))
    for c in sorted(candidates):
        if above(c):
            if below(c):
                return to_fraction(c)
            break
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if not above(middle):
            if not below(middle):
                return None
            low = middle
        elif below(middle):
            return to_fraction(middle)
        else:
            high = middle
    return None


def _semidefinite(matrix: Any) -> bool:
    """Whether a symmetric matrix is ⪰ 0: its characteristic polynomial, all roots real, has none below zero."""
    coefficients = matrix.charpoly().coeffs()
    degree = len(coefficients) - 1
    return all((degree - i) % 2 == (value < 0) for i, value in enumerate(coefficients) if value)


def _least_squares(x: Any, y: Any) -> Any:
    """One N with XᵀX N = XᵀY, the columns of X beyond a basis being given coefficient 0."""
    _, pivots = _reduced(x)
    basis = _matrix([[row[j] for j in pivots] for row in x.tolist()], len(pivots))
    gram = basis.transpose() * basis
    inner = gram.solve(basis.transpose() * y).tolist() if pivots else []
    rows = [[flint.fmpq(0)] * y.ncols() for _ in range(x.ncols())]
    for j, row in zip(pivots, inner, strict=True):
        rows[j] = row
    return _matrix(rows, y.ncols())


def _reduced(x: Any) -> tuple[Any, list[int]]:
    """The reduced row echelon form, and its pivot columns."""
    echelon, rank = x.rref()
    return echelon, [next(j for j in range(x.ncols()) if echelon[i, j]) for i in range(rank)]


def _centred(matrix: Any) -> Any:
    mean = _ones(matrix.nrows()).transpose() * matrix / matrix.nrows()
    return matrix - _ones(matrix.nrows()) * mean


def _ones(rows: int) -> Any:
    return _matrix([[1]] * rows)


def _identity(size: int) -> Any:
    return _matrix([[int(i == j) for j in range(size)] for i in range(size)])


def _nonzero(matrix: Any) -> bool:
    return any(entry for row in matrix.tolist() for entry in row)


def _matrix(rows: Sequence[Sequence[Any]], columns: int = 0) -> Any:
    found = flint.fmpq_mat(len(rows), len(rows[0]) if rows else columns)
    for i, row in enumerate(rows):
        for j, entry in enumerate(row):
            found[i, j] = flint.fmpq(entry.numerator, entry.denominator) if isinstance(entry, Fraction) else entry
    return found
