"""Matrices of known rank and symmetric matrices of known inertia, exact and known by construction."""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import DrawFn, SearchStrategy

from geomcheck.testing.numbers import small_integers
from geomcheck.testing.validation import check_count, check_elements, check_type, one_or_strategy, refuse

Matrix: TypeAlias = tuple[tuple[Fraction, ...], ...]
Inertia: TypeAlias = tuple[int, int, int]

_size, _natural = check_count(1), check_count(0)
_ZERO, _ONE = Fraction(0), Fraction(1)


def matrices(
    rows: int | SearchStrategy[int],
    columns: int | SearchStrategy[int],
    *,
    rank: int | SearchStrategy[int] | None = None,
    elements: SearchStrategy[Fraction] | SearchStrategy[int] | None = None,
) -> SearchStrategy[Matrix]:
    """Matrices of shape (rows, columns) and of exactly the given rank, as tuples of rows of Fractions.

    M = P L U Q with permutations P, Q, L (rows, rank) unit lower trapezoidal and U (rank, columns) upper trapezoidal
    with a nonzero diagonal; every matrix of that rank is of this form. `elements` are the entries of L and U (integers
    from −3 to 3 by default). With rank=None a rank is drawn first, so singular matrices are as frequent as regular
    ones. Shrinks to small rank, then to ones on the diagonal and zeros elsewhere.

    Raises InvalidArgument for a rank above min(rows, columns).

    >>> from hypothesis import find
    >>> [[int(x) for x in row] for row in find(matrices(2, 3, rank=2), lambda m: True)]
    [[1, 0, 0], [0, 1, 0]]
    """
    wanted = None if rank is None else one_or_strategy(rank, "rank", _natural)
    if not any(isinstance(given, SearchStrategy) for given in (rows, columns, rank)):
        _check_rank(_size(rows, "rows"), _size(columns, "columns"), rank)
    return _matrices(
        one_or_strategy(rows, "rows", _size),
        one_or_strategy(columns, "columns", _size),
        wanted,
        check_elements(elements, small_integers),
    )


def symmetric_matrices(
    n: int | SearchStrategy[int],
    *,
    inertia: Inertia | None = None,
    elements: SearchStrategy[Fraction] | SearchStrategy[int] | None = None,
) -> SearchStrategy[Matrix]:
    """Symmetric (n, n) matrices with inertia = (positive, negative, zero) eigenvalues, as tuples of rows of Fractions.

    M = T diag(d) Tᵀ with T (n, positive + negative) of full column rank, so the signs of d are the inertia (Sylvester
    1852). `elements` are the entries of the factors of T and, up to sign, of d. With inertia=None one is drawn first.
    Shrinks to diag(1, …, −1, …, 0).

    Raises InvalidArgument unless inertia is three natural numbers of sum n.

    >>> from hypothesis import find
    >>> [[int(x) for x in row] for row in find(symmetric_matrices(2, inertia=(1, 1, 0)), lambda m: True)]
    [[1, 0], [0, -1]]
    """
    if inertia is not None:
        _check_inertia(inertia)
        if not isinstance(n, SearchStrategy):
            _check_sum(inertia, _size(n, "n"))
    return _symmetric(one_or_strategy(n, "n", _size), inertia, check_elements(elements, small_integers))


@st.composite
def _matrices(
    draw: DrawFn,
    rows: SearchStrategy[int],
    columns: SearchStrategy[int],
    rank: SearchStrategy[int] | None,
    elements: SearchStrategy[Fraction],
) -> Matrix:
    m, n = draw(rows), draw(columns)
    r = draw(st.integers(0, min(m, n)) if rank is None else rank)
    _check_rank(m, n, r)
    return draw(ranked(m, n, r, elements))


@st.composite
def ranked(draw: DrawFn, rows: int, columns: int, rank: int, elements: SearchStrategy[Fraction]) -> Matrix:
    """The construction behind :func:`matrices`, for a shape and a rank that fit together."""
    diagonal = elements.filter(bool)
    row_order, column_order = draw(st.permutations(range(rows))), draw(st.permutations(range(columns)))
    lower = [[_ZERO] * rank for _ in range(rows)]
    for place, i in enumerate(row_order):
        for j in range(min(place + 1, rank)):
            lower[i][j] = _ONE if j == place else draw(elements)
    upper = [[_ZERO] * columns for _ in range(rank)]
    for i in range(rank):
        for place, j in enumerate(column_order[i:], i):
            upper[i][j] = draw(diagonal if place == i else elements)
    return tuple(
        tuple(sum((row[k] * upper[k][j] for k in range(rank)), _ZERO) for j in range(columns)) for row in lower
    )


@st.composite
def _symmetric(
    draw: DrawFn, sizes: SearchStrategy[int], inertia: Inertia | None, elements: SearchStrategy[Fraction]
) -> Matrix:
    n = draw(sizes)
    if inertia is None:
        positive = draw(st.integers(0, n))
        negative = draw(st.integers(0, n - positive))
    else:
        _check_sum(inertia, n)
        positive, negative, _ = inertia
    rank = positive + negative
    t = draw(ranked(n, rank, rank, elements)) if rank else ((),) * n
    magnitudes = [abs(draw(elements.filter(bool))) for _ in range(rank)]
    d = [x if k < positive else -x for k, x in enumerate(magnitudes)]
    return tuple(tuple(sum((t[i][k] * d[k] * t[j][k] for k in range(rank)), _ZERO) for j in range(n)) for i in range(n))


def _check_rank(rows: int, columns: int, rank: object) -> None:
    if rank is not None and _natural(rank, "rank") > min(rows, columns):
        raise InvalidArgument(f"Cannot have rank={rank} in a matrix with rows={rows}, columns={columns}")


def _check_inertia(inertia: object) -> None:
    if not isinstance(inertia, tuple) or len(inertia) != 3:
        refuse("a tuple (positive, negative, zero)", inertia, "inertia")
    for position, count in enumerate(inertia):
        _natural(check_type(int, count, f"inertia[{position}]"), f"inertia[{position}]")


def _check_sum(inertia: Inertia, n: int) -> None:
    if sum(inertia) != n:
        raise InvalidArgument(f"Cannot have inertia={inertia}, of sum {sum(inertia)}, in a symmetric matrix with n={n}")
