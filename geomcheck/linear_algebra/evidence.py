"""What a certificate needs to know of a rank or an inertia: the bounds and why they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, final

import flint
import numpy as np

from geomcheck.fields.integers import Ints


@final
@dataclass(frozen=True)
class LowerBound:
    """rank(M) ≥ value, because the minor M[rows, columns] of that size is not zero.

    The minor is nonzero in one of two ways. Modulo `prime`, with e^{1/q} and tan(1/(2q′)) sent to the residues `t` and
    `u` when they occur (None when the entries are rational); while the integer minor `invertible` is given instead, it
    was shown to be nonzero in another way and the prime is yet to be chosen. Or, for entries known in balls of
    `precision` bits, because ‖I − M[rows, columns]·B‖_∞ < 1 for the dyadic matrix B = `inverse`. The bound 0: none.
    """

    value: int
    rows: tuple[int, ...] = ()
    columns: tuple[int, ...] = ()
    prime: int | None = None
    t: int | None = None
    u: int | None = None
    precision: int | None = None
    inverse: tuple[tuple[Fraction, ...], ...] | None = None
    invertible: Ints | None = field(default=None, repr=False, compare=False)


@final
@dataclass(frozen=True)
class UpperBound:
    """rank(M) ≤ value: by the shape, by independent `kernel` vectors v with M v = 0, or `through` a factor of M.

    value = columns − number of vectors. The vectors hold ints, rationals or RationalFunctions in t and u.
    """

    value: int
    kind: Literal["shape", "kernel", "through"] = "shape"
    vectors: Sequence[Sequence[Any]] | Ints = field(default=(), repr=False, compare=False)
    through: Literal["G", "D", "DG"] | None = None

    @property
    def kernel(self) -> tuple[tuple[str, ...], ...]:
        """The kernel vectors as formulas in t and u: "0", "-3/2", "(t^2 - 1)/(t^2 + 1)"."""
        rows = self.vectors.tolist() if isinstance(self.vectors, np.ndarray) else self.vectors
        return tuple(formulas(vector) for vector in rows)


def formulas(vector: Sequence[Any]) -> tuple[str, ...]:
    """The entries of a kernel vector as text.

    >>> formulas([1, Fraction(-1, 2), 0])
    ('1', '-1/2', '0')
    """
    try:
        return tuple(map(str, vector))
    except ValueError:  # an int with more digits than Python prints
        return tuple(str(flint.fmpz(x) if isinstance(x, int) else x) for x in vector)


@final
@dataclass(frozen=True)
class RankBounds:
    """A lower and an upper bound of one rank.

    >>> RankBounds(LowerBound(2), UpperBound(2)).decided
    2
    """

    lower: LowerBound
    upper: UpperBound

    @property
    def decided(self) -> int | None:
        """The rank when the bounds agree, else None."""
        return self.lower.value if self.lower.value == self.upper.value else None


@final
@dataclass(frozen=True)
class Inertia:
    """Bounds on the numbers of positive and negative eigenvalues of a symmetric (size, size) matrix M.

    VᵀM[subset, subset]V is strictly diagonally dominant with `positive` positive and `negative` negative diagonal
    entries, for V = `basis` (rows of rationals). Hence, with s = |subset| = positive + negative and by interlacing,
    M has at least that many positive and negative eigenvalues. As rank(M) ≤ `rank_upper`, at most rank_upper − s
    eigenvalues more are nonzero. When s = rank_upper the inertia is (positive, negative, size − s).
    """

    size: int
    rank_upper: int
    positive: int
    negative: int
    subset: tuple[int, ...] = ()
    basis: tuple[tuple[Fraction, ...], ...] = field(default=(), repr=False)

    @property
    def slack(self) -> int:
        """How many eigenvalues may be nonzero beyond those counted."""
        return self.rank_upper - self.positive - self.negative

    @property
    def most_negative(self) -> int:
        """The greatest possible number of negative eigenvalues."""
        return self.negative + self.slack

    @property
    def most_positive(self) -> int:
        """The greatest possible number of positive eigenvalues."""
        return self.positive + self.slack

    @property
    def decided(self) -> tuple[int, int, int] | None:
        """(positive, negative, zero) when nothing is left open, else None."""
        return None if self.slack else (self.positive, self.negative, self.size - self.rank_upper)
