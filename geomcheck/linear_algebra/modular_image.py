"""The image of a matrix modulo a prime, and the lower bound of the rank it proves."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import flint
import numpy as np

from geomcheck.fields.rational_functions import RationalFunction
from geomcheck.fields.residues import (
    BadReduction,
    ResidueArray,
    ResidueField,
    Words,
    primes_below_limit,
    residue_product,
)
from geomcheck.linear_algebra.elimination import Elimination, eliminate
from geomcheck.linear_algebra.evidence import LowerBound
from geomcheck.linear_algebra.integer_matrix import IntegerMatrix, fmpq, machine_words

TRIES = 8


@final
@dataclass(frozen=True, eq=False)
class Image:
    """A matrix of residues modulo a prime, with the residues of e^{1/q} and tan(1/(2q′)) it was taken at, if any."""

    words: Words
    prime: int
    t: int | None = None
    u: int | None = None

    @staticmethod
    def of(array: ResidueArray, t: int | None = None, u: int | None = None) -> Image:
        """From an array of a `ResidueField`."""
        return Image(array.values, array.prime, t, u)

    @cached_property
    def elimination(self) -> Elimination:
        """The echelon form."""
        return eliminate(self.words, self.prime)

    def lower_bound(self, symmetric: bool = False) -> LowerBound:
        """The rank modulo the prime, with a nonzero minor of that size; a principal one for a symmetric matrix.

        If M = Mᵀ and the columns S are a basis of the column space, then M[S, S] is invertible.
        """
        found = self.elimination
        rows = found.columns if symmetric else tuple(sorted(found.rows))
        return LowerBound(found.rank, rows, found.columns, prime=self.prime, t=self.t, u=self.u)

    def residues_of(self, vectors: list[list[Any]]) -> Words:
        """Vectors in F_p, (vectors, n); BadReduction if they have no image there."""
        words = machine_words(vectors)
        if words is not None:
            return (words % self.prime).astype(np.uint64)
        flat = [x for vector in vectors for x in vector]
        if all(isinstance(x, int) for x in flat):
            return np.array([x % self.prime for x in flat], dtype=np.uint64).reshape(len(vectors), -1)
        elements = [x if isinstance(x, (flint.fmpq, RationalFunction)) else fmpq(x) for x in flat]
        return ResidueField(self.prime, self.t, self.u).reduce(elements).values.reshape(len(vectors), -1)

    def independent(self, vectors: list[list[Any]]) -> tuple[list[int], list[int]]:
        """Which of some vectors are independent and in the kernel modulo the prime, and what they leave uncovered.

        The second list holds the free columns whose unit vectors complete the chosen vectors, restricted to the free
        columns, to a basis. Kernel vectors are known by that restriction, so it decides their independence.
        """
        free = self.elimination.free
        if not vectors or not free:
            return [], free
        try:
            residues = self.residues_of(vectors)
        except BadReduction:
            return [], free
        product = residue_product(self.words, np.ascontiguousarray(residues.T), self.prime)
        inside = np.flatnonzero((product == 0).all(axis=0))
        found = eliminate(residues[inside][:, free], self.prime)
        covered = set(found.columns)
        return sorted(int(inside[i]) for i in found.rows), [j for k, j in enumerate(free) if k not in covered]


def images_of(exact: Any) -> Iterator[Image]:
    """Images of an exact matrix (flint rationals, ints or RationalFunctions) at fixed primes and residues of t, u."""
    entries = np.asarray(exact)
    functions = entries.dtype == object and any(isinstance(x, RationalFunction) for x in entries.reshape(-1))
    integers = None if functions else IntegerMatrix.of(entries)
    for number, prime in zip(range(TRIES), primes_below_limit(), strict=False):
        if integers is not None:
            if integers.multiple % prime:  # else the rational entries have no residues
                yield Image(integers.modulo(prime), prime)
            continue
        choice = random.Random(number)
        field = ResidueField(prime, choice.randrange(2, prime), choice.randrange(2, prime))
        try:
            yield Image.of(field.reduce(entries), field.t, field.u)
        except BadReduction:
            continue
