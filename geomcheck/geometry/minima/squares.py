"""Global minima by sums of squares: L(θ + δ) − L(θ) = zᵀQz with Q ⪰ 0 rational and z monomials in δ.

Floats propose a Q of greatest rank (Parrilo 2003); where every Q is singular its kernel is rounded and divided out
(facial reduction, Borwein and Wolkowicz 1981), and a Q near the proposal is made to satisfy the identity exactly
(Peyrl and Parrilo 2008). What is returned has been verified: an identity of polynomials, and Q ⪰ 0.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any, Final, final

import flint
import numpy as np

from geomcheck.errors import GeomcheckError
from geomcheck.fields.rationals import to_fraction
from geomcheck.fields.symbols import SymbolField
from geomcheck.geometry.derivatives import Derivatives
from geomcheck.linear_algebra.semidefinite import well_inside

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from geomcheck.problem.problem import Problem

MAX_PARAMETERS, MAX_MONOMIALS, MAX_DEGREE, MAX_TERMS = 9, 30, 16, 600
_ROUNDS: Final = 5
_KERNEL = 10**4  # eigenvalues this far below the greatest count as zero, when a kernel is guessed
_DENOMINATORS: Final = (1, 2, 12, 60, 1000, 10**6, 10**9)

Monomial = tuple[int, ...]  # the indices of the increments multiplied, in rising order


@final
@dataclass(frozen=True)
class Squares:
    """L(θ + δ) − L(θ) = Σ_ij gram_ij δ^monomials_i δ^monomials_j."""

    monomials: tuple[Monomial, ...]
    gram: tuple[tuple[Fraction, ...], ...]

    def as_minimum(self) -> dict[str, Any]:
        """The certificate's account of why the point is a global minimum."""
        gram = [[str(value) for value in row] for row in self.gram]
        return {"rule": "squares", "monomials": [list(m) for m in self.monomials], "gram": gram}


def excess(problem: Problem) -> dict[Monomial, Fraction] | None:
    """The terms of L(θ + δ) − L(θ), a polynomial in δ ∈ ℝ^P; None where it is none, or too large.

    >>> from geomcheck.problem.read import problem_from
    >>> flat = problem_from({"model": {"parameters": ["w"], "inputs": [], "outputs": ["w^2"]}, "samples": 1,
    ...                      "targets": [[-1]], "parameters": [0]})
    >>> excess(flat) == {(0, 0): 1, (0, 0, 0, 0): Fraction(1, 2)}
    True
    """
    if not isinstance(problem.targets, tuple) or problem.P > MAX_PARAMETERS or problem.squash:
        return None
    names = [f"d{i}" for i in range(problem.P)]
    field = SymbolField(names, 0)
    try:
        theta = field.variables(names) + field.array(problem.parameters)
        inputs = field.array(problem.inputs).reshape((problem.N, problem.model.n_inputs))
        loss = np.asarray(Derivatives(problem, field, theta, inputs, field.array(problem.targets)).loss, dtype=object)
    except (GeomcheckError, ZeroDivisionError):
        return None  # not a polynomial
    terms = loss.reshape(-1)[0].terms
    if not terms or len(terms) > MAX_TERMS or terms.total_degree() > MAX_DEGREE:
        return None
    powers = {tuple(int(e) for e in monomial): to_fraction(c) for monomial, c in terms.to_dict().items()}
    found = {tuple(i for i, e in enumerate(m) for _ in range(e)): c for m, c in powers.items()}
    found.pop((), None)
    return found


def sum_of_squares(problem: Problem) -> Squares | None:
    """The identity that shows an instance to be a global minimum; None where none was found."""
    terms = excess(problem)
    if terms is None:
        return None
    monomials = half_support(terms, problem.P)
    if len(monomials) > MAX_MONOMIALS or not set(terms) <= {_times(a, b) for a in monomials for b in monomials}:
        return None
    gram = _gram(terms, monomials)
    return None if gram is None else Squares(monomials, gram)


def half_support(terms: Mapping[Monomial, Fraction], size: int) -> tuple[Monomial, ...]:
    """The monomials that squares summing to these terms can contain.

    At most half the degree, in all and in every increment; and one whose square is neither a term nor the product of
    two others has coefficient 0 in every square, and is dropped.
    """
    degree = max(map(len, terms), default=0)
    most = [max((m.count(i) for m in terms), default=0) // 2 for i in range(size)]
    kept = {
        m
        for d in range(1, degree // 2 + 1)
        for m in combinations_with_replacement(range(size), d)
        if all(m.count(i) <= most[i] for i in set(m))
    }
    while True:
        if len(kept) > 20 * MAX_MONOMIALS:
            return tuple(kept)
        products = {_times(a, b) for a in kept for b in kept if a < b}
        rest = {m for m in kept if _times(m, m) in terms or _times(m, m) in products}
        if rest == kept:
            return tuple(sorted(kept, key=lambda m: (len(m), m)))
        kept = rest


def _times(a: Monomial, b: Monomial) -> Monomial:
    return tuple(sorted(a + b))


def _gram(terms: Mapping[Monomial, Fraction], monomials: Sequence[Monomial]) -> Any:
    """A rational Q ⪰ 0 as rows; `basis` (rows: polynomials) spans the face of the cone that is left."""
    basis = _matrix([[int(i == j) for j in range(len(monomials))] for i in range(len(monomials))])
    for _ in range(_ROUNDS):
        size = basis.nrows()
        rows, right = _equations(terms, monomials, basis)
        found = well_inside(size, rows, right) if size else None
        if found is None:
            return None
        matrix, reached = found
        values, vectors = np.linalg.eigh(matrix)
        if reached * _KERNEL > values[-1]:
            return _rounded(terms, monomials, basis, matrix, rows, right)
        if reached * _KERNEL < -values[-1]:
            return None  # no such Q, as far as floats can tell
        kernel = _rational_span(vectors[:, values * _KERNEL < values[-1]])
        if kernel is None or len(kernel) in (0, size):
            return _rounded(terms, monomials, basis, matrix, rows, right)
        basis = _nullspace(_matrix(kernel)) * basis
    return None


def _equations(terms: Mapping[Monomial, Fraction], monomials: Sequence[Monomial], basis: Any) -> tuple[Any, Any]:
    """Σ R_ab p_a p_b = the polynomial, one equation a monomial; p = basis · z."""
    polynomials = [{monomials[j]: c for j, c in enumerate(row) if c} for row in basis.tolist()]
    pairs = [(a, b) for a in range(len(polynomials)) for b in range(a, len(polynomials))]
    columns: list[dict[Monomial, Any]] = []
    for a, b in pairs:
        product: dict[Monomial, Any] = defaultdict(lambda: flint.fmpq(0))
        for m, c in polynomials[a].items():
            for n, d in polynomials[b].items():
                product[_times(m, n)] += c * d * (1 if a == b else 2)
        columns.append(product)
    every = sorted({*terms, *(m for column in columns for m in column)}, key=lambda m: (len(m), m))
    rows = [[to_fraction(column[m]) if m in column else Fraction(0) for column in columns] for m in every]
    return rows, [terms.get(m, Fraction(0)) for m in every]


def _rounded(terms: Any, monomials: Any, basis: Any, matrix: Any, rows: Any, right: Any) -> Any:
    """The proposal rounded, moved onto the equations, and returned if Q ⪰ 0."""
    system, target = _matrix(rows), _matrix([[value] for value in right])
    upper = [matrix[i, j].item() for i in range(len(matrix)) for j in range(i, len(matrix))]
    echelon, rank = system.rref()
    pivots = [next(j for j in range(system.ncols()) if echelon[i, j]) for i in range(rank)]
    for denominator in _DENOMINATORS:
        near = _matrix([[Fraction(round(value * denominator), denominator)] for value in upper])
        moved = _onto(system, target, near, pivots)
        if moved is None:
            return None
        inner = flint.fmpq_mat(len(matrix), len(matrix))
        places = ((i, j) for i in range(len(matrix)) for j in range(i, len(matrix)))
        for (i, j), row in zip(places, moved.tolist(), strict=True):
            inner[i, j] = inner[j, i] = row[0]
        if _semidefinite(inner):
            whole = basis.transpose() * inner * basis
            return tuple(tuple(map(to_fraction, row)) for row in whole.tolist())
    return None


def _onto(system: Any, target: Any, near: Any, pivots: Sequence[int]) -> Any:
    """A solution of system · x = target near `near`: the least change, by the normal equations of independent rows."""
    chosen = _independent_rows(system)
    independent = _matrix([system.tolist()[i] for i in chosen], system.ncols())
    rest = target - system * near
    if not chosen:
        return near if not any(row[0] for row in rest.tolist()) else None
    change = (independent * independent.transpose()).solve(_matrix([rest.tolist()[i] for i in chosen]))
    moved = near + independent.transpose() * change
    return moved if system * moved == target else None


def _independent_rows(system: Any) -> list[int]:
    echelon, rank = system.transpose().rref()
    return [next(j for j in range(system.nrows()) if echelon[i, j]) for i in range(rank)]


def _rational_span(vectors: Any) -> list[list[Fraction]] | None:
    """Simple rationals near the reduced echelon form of a span of float columns; None where there are none."""
    rows, size = [list(column) for column in vectors.T], len(vectors)
    pivots: list[int] = []
    for i in range(len(rows)):
        rest = [(abs(rows[k][j]), -j, k, j) for k in range(i, len(rows)) for j in range(size) if j not in pivots]
        _, _, k, j = max(rest)
        rows[i], rows[k] = rows[k], rows[i]
        rows[i] = [x / rows[i][j] for x in rows[i]]
        pivots.append(j)
        rows = [
            row if n == i else [x - row[j] * y for x, y in zip(row, rows[i], strict=True)] for n, row in enumerate(rows)
        ]
    simple = [[Fraction(x.item()).limit_denominator(60) for x in row] for row in rows]
    close = all(
        abs(x - y) * 100 < 1 for row, other in zip(rows, simple, strict=True) for x, y in zip(row, other, strict=True)
    )
    return simple if close else None


def _nullspace(matrix: Any) -> Any:
    """Rows that span {v : matrix · v = 0}."""
    echelon, rank = matrix.rref()
    size = matrix.ncols()
    pivots = [next(j for j in range(size) if echelon[i, j]) for i in range(rank)]
    free = [j for j in range(size) if j not in pivots]
    rows = [
        [-echelon[pivots.index(j), k] if j in pivots else flint.fmpq(int(j == k)) for j in range(size)] for k in free
    ]
    return _matrix(rows, size)


def _semidefinite(matrix: Any) -> bool:
    coefficients = matrix.charpoly().coeffs()
    degree = len(coefficients) - 1
    return all((degree - i) % 2 == (value < 0) for i, value in enumerate(coefficients) if value)


def _matrix(rows: Iterable[Sequence[Any]], columns: int = 0) -> Any:
    entries = [[flint.fmpq(e.numerator, e.denominator) if isinstance(e, Fraction) else e for e in row] for row in rows]
    return flint.fmpq_mat(len(entries), len(entries[0]) if entries else columns, [e for row in entries for e in row])
