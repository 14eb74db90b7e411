"""Kernel fields of polynomial models: polynomial v(θ) with Σ_i ∂F/∂θ_i · v_i ≡ 0, by linear algebra over ℚ.

The coefficients of v up to a degree are unknowns, those of the identity, in θ and in inputs that are open, equations.
Fields independent at one point are so over ℚ(θ), and rank(G) ≤ P − their number at every point. More fields may exist
of higher degree.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import combinations_with_replacement
from math import comb
from typing import TYPE_CHECKING, Any, Final, final

import flint
import numpy as np

from geomcheck.errors import GeomcheckError
from geomcheck.fields.symbols import SymbolField
from geomcheck.geometry.derivatives import Derivatives
from geomcheck.geometry.formal_jacobian import formal_jacobian

if TYPE_CHECKING:
    from geomcheck.problem.problem import Problem

MAX_PARAMETERS, MAX_DEGREE, MAX_UNKNOWNS, MAX_TERMS = 10, 3, 400, 400
_POINT_SEED: Final = 5

Polynomial = dict[tuple[int, ...], Fraction]  # powers of the variables -> coefficient


@final
@dataclass(frozen=True)
class KernelFields:
    """Fields as rows of P texts in p0, p1, …; and a point at which they are independent."""

    fields: tuple[tuple[str, ...], ...]
    point: tuple[Fraction, ...]


@lru_cache(maxsize=64)
def polynomial_fields(problem: Problem, wanted: int) -> KernelFields | None:
    """At most ``wanted`` independent kernel fields, those of least degree first; None where there are none.

    >>> from geomcheck.problem.read import problem_from
    >>> model = {"parameters": ["a", "b", "c"], "inputs": ["x"], "outputs": ["(a + b)*c*x"]}
    >>> polynomial_fields(problem_from({"model": model, "samples": 3}), 2).fields
    (('-1', '1', '0'), ('-p0 - p1', '0', 'p2'))
    """
    jacobian = _jacobian(problem)
    if jacobian is None or wanted < 1:
        return None
    generator = random.Random(_POINT_SEED)
    point = [Fraction(generator.choice((-7, -5, -3, -2, 2, 3, 4, 5, 7))) for _ in range(problem.P)]
    fields: list[tuple[Polynomial, ...]] = []
    rows: list[list[Fraction]] = []
    for degree in range(MAX_DEGREE + 1):
        if problem.P * comb(problem.P + degree, degree) > MAX_UNKNOWNS:
            break
        for field in _kernel(jacobian, problem.P, degree):
            row = [_value(entry, point) for entry in field]
            if len(fields) < wanted and _rank([*rows, row]) > len(rows):
                fields.append(field)
                rows.append(row)
        if len(fields) == wanted:
            break
    if not fields:
        return None
    return KernelFields(tuple(tuple(map(_text, field)) for field in fields), tuple(point))


def _jacobian(problem: Problem) -> list[list[Any]] | None:
    """∂F/∂θ as polynomials in θ and, where they are open, the inputs of one sample; None where F is no polynomial."""
    if problem.P > MAX_PARAMETERS or problem.squash is not None or problem.parameters is not None:
        return None
    names = [f"p{i}" for i in range(problem.P)]
    open_inputs = [f"x{i}" for i in range(problem.model.n_inputs)] if problem.inputs is None else []
    field = SymbolField([*names, *open_inputs], 0)
    one = replace(problem, samples=1, targets=None) if problem.inputs is None else problem
    try:
        given = field.variables(open_inputs) if problem.inputs is None else field.array(problem.inputs)
        inputs = np.asarray(given, dtype=object).reshape((one.N, problem.model.n_inputs))
        outputs = Derivatives(one, field, field.variables(names), inputs, "perfect_fit").behaviour
    except (GeomcheckError, ZeroDivisionError):
        return formal_jacobian(problem)
    polynomials = [entry.terms for entry in np.asarray(outputs, dtype=object).reshape(-1)]
    if sum(len(p) for p in polynomials) > MAX_TERMS:
        return None
    return [[p.derivative(i) for i in range(problem.P)] for p in polynomials]


def _kernel(jacobian: Sequence[Sequence[Any]], size: int, degree: int) -> Iterator[tuple[Polynomial, ...]]:
    """A basis of the fields of at most this degree."""
    monomials = [
        tuple(m.count(i) for i in range(size))
        for d in range(degree + 1)
        for m in combinations_with_replacement(range(size), d)
    ]
    unknowns = [(i, m) for m in monomials for i in range(size)]
    columns: list[dict[Any, Any]] = []
    for i, monomial in unknowns:
        column: dict[Any, Any] = defaultdict(lambda: flint.fmpq(0))
        for k, row in enumerate(jacobian):
            for powers, c in row[i].to_dict().items():
                moved = tuple(int(e) + (monomial[j] if j < size else 0) for j, e in enumerate(powers))
                column[k, moved] += c
        columns.append(column)
    places = {place: n for n, place in enumerate(sorted({place for column in columns for place in column}))}
    system = flint.fmpq_mat(max(1, len(places)), len(unknowns))
    for j, column in enumerate(columns):
        for place, c in column.items():
            system[places[place], j] = c
    echelon, rank = system.rref()
    pivots = [next(j for j in range(len(unknowns)) if echelon[i, j]) for i in range(rank)]
    for free in sorted(set(range(len(unknowns))) - set(pivots)):
        solution = {free: Fraction(1)}
        solution |= {p: -Fraction(int(e.p), int(e.q)) for n, p in enumerate(pivots) if (e := echelon[n, free])}
        field: list[Polynomial] = [{} for _ in range(size)]
        for j, c in solution.items():
            i, monomial = unknowns[j]
            field[i][monomial] = c
        yield tuple(field)


def _value(polynomial: Polynomial, point: Sequence[Fraction]) -> Fraction:
    total = Fraction(0)
    for powers, c in polynomial.items():
        term = c
        for x, e in zip(point, powers, strict=True):
            term *= x**e
        total += term
    return total


def _rank(rows: Sequence[Sequence[Fraction]]) -> int:
    entries = [[flint.fmpq(x.numerator, x.denominator) for x in row] for row in rows]
    return int(flint.fmpq_mat(entries).rank())


def _text(polynomial: Polynomial) -> str:
    """The polynomial as a formula in p0, p1, …

    >>> _text({(0, 1): Fraction(-1), (2, 0): Fraction(3, 2)})
    '-p1 + 3/2*p0^2'
    """
    parts = []
    for powers, c in polynomial.items():
        factors = [f"p{i}" if e == 1 else f"p{i}^{e}" for i, e in enumerate(powers) if e]
        number = [str(abs(c))] if abs(c) != 1 or not factors else []
        parts.append(("- " if c < 0 else "+ ") + "*".join([*number, *factors]))
    text = " ".join(parts)
    return text[2:] if text.startswith("+") else "-" + text[2:] if text else "0"
