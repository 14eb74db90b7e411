"""Exact kernel vectors of a matrix over ℚ or ℚ(t, u): found modulo a prime, lifted, and verified exactly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, final

import numpy as np

from geomcheck.errors import OutsideField
from geomcheck.fields.exponentials import ExponentialField
from geomcheck.fields.rational_functions import RationalFunction, clear_denominators
from geomcheck.linear_algebra.elimination import kernel as residue_kernel
from geomcheck.linear_algebra.integer_matrix import IntegerMatrix, fmpq, primitive_vector
from geomcheck.linear_algebra.modular_image import Image
from geomcheck.linear_algebra.padic_lifting import lifted_kernel, reconstruct

Vector = list[Any]
LIFTING_BUDGET = 150_000_000  # bits of all kernel vectors together
TERM_BUDGET = 200_000  # terms of the polynomials held during elimination over ℚ(t, u)
PRODUCT_BUDGET = 10_000_000  # terms one product there may have before they are collected
DEGREE_BUDGET = 40  # the largest minor eliminated over ℚ(t, u)
CONSTANT_CONFIRMING_BITS = 8


@final
class ExactMatrix:
    """A matrix over ℚ (flint rationals or ints) or ℚ(t, u) (RationalFunctions) whose kernel is wanted."""

    def __init__(self, entries: Any) -> None:
        self.entries = np.asarray(entries)
        flat = self.entries.reshape(-1)
        self.rational = self.entries.dtype != object or RationalFunction not in set(map(type, flat))
        if not self.rational and all(RationalFunction.of(x).rational is not None for x in flat):
            self.rational = True
            constants = np.empty(flat.shape, dtype=object)
            constants[:] = [RationalFunction.of(x).rational for x in flat]
            self.entries = constants.reshape(self.entries.shape)
        self._integers = IntegerMatrix.of(self.entries) if self.rational else None

    def annihilates(self, vectors: Sequence[Vector]) -> list[bool]:
        """Whether M v = 0, exactly, for each vector; False also where the product is too large to tell."""
        if not vectors:
            return []
        if self._integers is not None and all(_is_rational(x) for x in _unusual(vectors)):
            return self._integers.annihilates([integral(v) for v in vectors])
        field = ExponentialField()
        matrix = field.embed(self.entries)

        def vanishes(vector: Vector) -> bool:
            try:
                return bool(np.all(field.is_zero(field.matmul(matrix, field.embed(vector)[:, None]))))
            except OutsideField:
                return False

        return [vanishes(vector) for vector in vectors]

    def kernel(self, image: Image, expected: Sequence[Vector] = ()) -> list[Vector]:
        """Verified independent kernel vectors, columns − rank(image) of them when all goes well.

        The expected vectors are taken where they are right. More are looked for only on the free columns where those
        do not already form a basis.
        """
        candidates = [integral(v) if all(map(_is_rational, _unusual([v]))) else list(v) for v in expected]
        chosen, missing = image.independent(candidates)
        known = self._verified([candidates[k] for k in chosen])
        if len(known) < len(chosen):
            return self.kernel(image, known)
        if self._integers is not None:
            return known + self._verified(self._lifted(self._integers, image, missing))
        found = self._constant_vectors(image, missing)
        rest = [j for j in missing if j not in found]
        return known + list(found.values()) + self._verified(self._eliminated(image, rest))

    def _verified(self, vectors: Sequence[Vector]) -> list[Vector]:
        return [v for v, good in zip(vectors, self.annihilates(vectors), strict=True) if good]

    def _lifted(self, integers: IntegerMatrix, image: Image, free: list[int]) -> list[Vector]:
        found = image.elimination
        if not found.rank:
            return [[int(i == j) for i in range(integers.shape[1])] for j in free]
        bits = LIFTING_BUDGET // (found.rank * max(len(free), 1))
        return lifted_kernel(integers, found.rows, found.columns, free, bits) or []

    def _constant_vectors(self, image: Image, wanted: list[int]) -> dict[int, Vector]:
        """Kernel vectors with rational entries, by free column.

        The reduced kernel basis is unique, so where its vectors are constant they are the same at every t and u.
        """
        found = image.elimination
        solution = residue_kernel(found, wanted)
        candidates: dict[int, Vector] = {}
        for k, j in enumerate(wanted):
            fractions = [reconstruct(int(x), image.prime, CONSTANT_CONFIRMING_BITS) for x in solution[:, k]]
            known = [f for f in fractions if f is not None]
            if len(known) == len(fractions):
                vector: Vector = [0] * self.entries.shape[1]
                scaled = primitive_vector([1, *(-n for n, _ in known)], [1, *(d for _, d in known)])
                vector[j] = scaled[0]
                for column, value in zip(found.columns, scaled[1:], strict=True):
                    vector[column] = value
                candidates[j] = vector
        good = self.annihilates(list(candidates.values()))
        return {j: vector for (j, vector), keep in zip(candidates.items(), good, strict=True) if keep}

    def _eliminated(self, image: Image, free: list[int]) -> list[Vector]:
        """Kernel vectors by fraction-free elimination of M[rows, columns + free], or none past the work limit."""
        found = image.elimination
        if not free or found.rank > DEGREE_BUDGET:
            return []
        chosen = self.entries[np.ix_(list(found.rows), [*found.columns, *free])]
        rows = [clear_denominators(row)[0] for row in chosen]
        diagonal = _fraction_free(rows)
        if diagonal is None:
            return []
        vectors = []
        for k, j in enumerate(free):
            values = [diagonal, *(-row[found.rank + k] for row in rows)]
            common = diagonal
            for value in values:
                common = common.gcd(value)
            vector: Vector = [0] * self.entries.shape[1]
            try:
                for column, value in zip((j, *found.columns), values, strict=True):
                    vector[column] = RationalFunction.fraction(value, common)
            except OutsideField:
                continue
            vectors.append(vector)
        return vectors


def integral(vector: Vector) -> list[int]:
    """The smallest integer multiple of a vector of rational numbers of any kind."""
    kinds = set(map(type, vector))
    if not kinds - {int}:
        return vector
    if not kinds - {int, Fraction}:
        numerators, denominators = zip(*[x.as_integer_ratio() for x in vector], strict=True)
        return primitive_vector(numerators, denominators)
    rationals = [_rational(x) for x in vector]
    return primitive_vector([int(x.p) for x in rationals], [int(x.q) for x in rationals])


def _unusual(vectors: Sequence[Vector]) -> Iterator[Any]:
    """The entries that are not ints."""
    for vector in vectors:
        if set(map(type, vector)) - {int}:
            yield from (x for x in vector if not isinstance(x, int))


def _is_rational(x: Any) -> bool:
    return not isinstance(x, RationalFunction) or x.rational is not None


def _rational(x: Any) -> Any:
    return x.rational if isinstance(x, RationalFunction) else fmpq(x)


def _fraction_free(rows: list[list[Any]]) -> Any:
    """Turn [A | B] into [d I | d A⁻¹ B] over ℤ[t, u] (Bareiss 1968), and return d; None past the work limit.

    The leading principal minors of A must be nonzero, as they are for the pivots of an elimination in order.
    """
    size = len(rows)
    previous: Any = None
    for k in range(size):
        pivot = rows[k][k]
        for i in range(size):
            if i == k:
                continue
            factor = rows[i][k]
            for j in range(k + 1, len(rows[i])):
                if max(len(rows[i][j]) * len(pivot), len(rows[k][j]) * len(factor)) > PRODUCT_BUDGET:
                    return None
                value = rows[i][j] * pivot - rows[k][j] * factor
                rows[i][j] = value if previous is None else value / previous
            if sum(len(x) for row in rows for x in row) > TERM_BUDGET:
                return None
        previous = pivot
    return previous
