"""Rational matrices as integer matrices, in the machine words and float64 products that keep them exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import gcd, lcm
from typing import Any, final

import flint
import numpy as np
import numpy.typing as npt

from geomcheck.fields.integers import Ints, magnitude
from geomcheck.fields.residues import Words

LIMB = 16
FLOAT_BITS = 53
WORD_BITS = 62


@final
@dataclass(frozen=True, eq=False)
class IntegerMatrix:
    """A positive multiple of a rational matrix (m, n), with integer entries: the same rank, kernel and inertia.

    `words` holds the entries when all are below 2⁶², `big` otherwise; `large` always gives them as a flint matrix.
    The rational matrix is this one divided by `multiple`.
    """

    words: Ints | None
    big: Any = None
    multiple: int = 1

    @staticmethod
    def of(matrix: Any) -> IntegerMatrix:
        """From an array of flint rationals (or of ints)."""
        array = np.asarray(matrix)
        if array.dtype.kind in "iu":
            return IntegerMatrix(array.astype(np.int64))
        rows, columns = array.shape
        words = _small_integers(array)
        if words is not None:
            return IntegerMatrix(words)
        large, multiple = flint.fmpq_mat(rows, columns, list(array.reshape(-1))).numer_denom()
        entries = large.entries()
        try:
            flat = np.fromiter(map(int, entries), dtype=np.int64, count=len(entries))
        except OverflowError:
            return IntegerMatrix(None, large, int(multiple))
        if flat.size and max(int(flat.max()), -int(flat.min())) >= 1 << WORD_BITS:
            return IntegerMatrix(None, large, int(multiple))
        return IntegerMatrix(flat.reshape(rows, columns), None, int(multiple))

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return (
            (self.big.nrows(), self.big.ncols()) if self.words is None else (self.words.shape[0], self.words.shape[1])
        )

    @cached_property
    def large(self) -> Any:
        """The flint integer matrix."""
        return self.big if self.words is None else integer_rows(self.words)

    @cached_property
    def bits(self) -> int | None:
        """The number of bits of the largest entry, or None when it does not fit a word."""
        if self.words is None:
            return None
        return magnitude(self.words).bit_length()

    def modulo(self, prime: int) -> Words:
        """The residues modulo a prime, (m, n)."""
        if self.words is not None:
            return (self.words % prime).astype(np.uint64)
        entries = [int(entry) % prime for entry in self.large.entries()]
        return np.array(entries, dtype=np.uint64).reshape(self.shape)

    def minor(self, rows: Sequence[int], columns: Sequence[int]) -> IntegerMatrix:
        """The submatrix of some rows and columns."""
        if self.words is not None:
            return IntegerMatrix(self.words[np.ix_(list(rows), list(columns))])
        entries = [self.large[i, j] for i in rows for j in columns]
        return IntegerMatrix(None, flint.fmpz_mat(len(rows), len(columns), entries))

    def annihilates(self, vectors: Sequence[Sequence[int]]) -> list[bool]:
        """Whether M v = 0 exactly, for each of some integer vectors of length n."""
        if not vectors:
            return []
        rows, columns = self.shape
        bits = self.bits
        words = machine_words(vectors)
        if words is not None and self.words is not None and bits is not None:
            product = exact_product(self.words, words.T)
            if product is not None:
                return [not np.any(column) for column in product.T]
        if bits is None or bits + LIMB + columns.bit_length() > FLOAT_BITS:
            right = flint.fmpz_mat(len(vectors), columns, [x for v in vectors for x in v]).transpose()
            image = (self.large * right).transpose().entries()
            return [not any(image[k * rows : (k + 1) * rows]) for k in range(len(vectors))]
        return self._annihilates_by_limbs(vectors)

    def _annihilates_by_limbs(self, vectors: Sequence[Sequence[int]]) -> list[bool]:
        """M Σ_l 2^{16l} v_l = 0 by exact float64 products M v_l and carrying from limb to limb."""
        columns = self.shape[1]
        limbs = limbs_of([x for v in vectors for x in v])  # (limbs, vectors · columns)
        stacked = limbs.reshape(len(limbs), len(vectors), columns).transpose(2, 0, 1).reshape(columns, -1)
        assert self.words is not None
        product = np.matmul(self.words.astype(np.float64), stacked).reshape(-1, len(limbs), len(vectors))
        good = np.ones(len(vectors), dtype=bool)
        carry = np.zeros((product.shape[0], len(vectors)), dtype=np.int64)
        for limb in range(len(limbs)):
            carry += product[:, limb].astype(np.int64)
            good &= ~np.any(carry & ((1 << LIMB) - 1), axis=0)
            carry >>= LIMB
        return [bool(b) for b in good & ~carry.any(axis=0)]


def exact_product(a: Ints, b: Ints) -> Ints | None:
    """a·b in float64 products of a with pieces of b, each a sum of integers below 2⁵³; None where it could reach 2⁶².

    >>> exact_product(np.array([[1 << 30]]), np.array([[1 << 31]])).tolist()
    [[2305843009213693952]]
    """
    room, size = magnitude(a) * a.shape[1], magnitude(b)
    if room * size >= 1 << WORD_BITS:
        return None
    bits = FLOAT_BITS - room.bit_length()
    if bits < 2:
        return None
    left, total, shift, rest = a.astype(np.float64), np.zeros((len(a), b.shape[1]), dtype=np.int64), 0, b
    while size >> bits:
        high = rest >> bits
        total += np.matmul(left, (rest - (high << bits)).astype(np.float64)).astype(np.int64) << shift
        rest, size, shift = high, (size >> bits) + 1, shift + bits
    total += np.matmul(left, rest.astype(np.float64)).astype(np.int64) << shift
    return total


def product_vanishes(a: Ints, b: Ints) -> bool:
    """Whether a·b = 0: a in pieces from the low end, each with its product below 2⁶¹, carrying from piece to piece.

    >>> a = np.array([[1 << 40, -(1 << 41)]])
    >>> product_vanishes(a, np.array([[1 << 41], [1 << 40]])), product_vanishes(a, np.array([[1 << 41], [1]]))
    (True, False)
    """
    terms = max(len(b), 1)
    bits = min(WORD_BITS - 1 - (magnitude(b) * terms).bit_length(), FLOAT_BITS - 2 - terms.bit_length())
    if bits < 2:
        left, right = integer_rows(a), integer_rows(b)
        return not any((left * right).entries())
    carry, size = np.zeros((len(a), b.shape[1]), dtype=np.int64), magnitude(a)
    while size >> bits:
        high = a >> bits
        product = exact_product(a - (high << bits), b)
        assert product is not None, "a piece was cut to fit"
        carry += product
        if (carry & ((1 << bits) - 1)).any():
            return False
        a, size, carry = high, (size >> bits) + 1, carry >> bits
    product = exact_product(a, b)
    assert product is not None, "a piece was cut to fit"
    return not (product + carry).any()


def _small_integers(array: Any) -> Ints | None:
    """The entries as machine words when all are integers below 2⁵³: floats propose them, equality confirms them."""
    try:
        floats = array.astype(np.float64)
    except (OverflowError, TypeError):
        return None
    if floats.size and not np.abs(floats).max() < 1 << FLOAT_BITS:
        return None
    words: Ints = floats.astype(np.int64)
    return words if array.reshape(-1).tolist() == words.reshape(-1).tolist() else None


def machine_words(vectors: Sequence[Sequence[Any]]) -> Ints | None:
    """Vectors of ints (vectors, n) as machine words, or None when there is another kind of entry or a larger one."""
    if any(set(map(type, v)) - {int} for v in vectors):
        return None
    try:
        return np.array(vectors, dtype=np.int64)
    except OverflowError:
        return None


def fmpq(x: Any) -> Any:
    """An int, Fraction or flint rational as a flint rational."""
    return flint.fmpq(x) if isinstance(x, (int, flint.fmpz, flint.fmpq)) else flint.fmpq(x.numerator, x.denominator)


def integer_rows(words: Ints) -> Any:
    """Machine words (m, n) as a flint matrix."""
    return flint.fmpz_mat(words.shape[0], words.shape[1], words.reshape(-1).tolist())


def limbs_of(integers: Sequence[int]) -> npt.NDArray[np.float64]:
    """Digits in base 2¹⁶ of some integers, least first, all with the integer's own sign: (limbs, integers).

    >>> limbs_of([65537, -65538]).tolist()
    [[1.0, -2.0], [1.0, -1.0]]
    """
    size = max((abs(x).bit_length() for x in integers), default=1)
    count = max(1, -(-size // LIMB))
    raw = b"".join(abs(x).to_bytes(count * LIMB // 8, "little") for x in integers)
    digits = np.frombuffer(raw, dtype="<u2").reshape(len(integers), count).astype(np.float64)
    signs = np.array([-1 if x < 0 else 1 for x in integers], dtype=np.float64)
    return np.ascontiguousarray((digits * signs[:, None]).T)


def primitive_vector(numerators: Sequence[int], denominators: Sequence[int]) -> list[int]:
    """The smallest integer multiple of a rational vector.

    >>> primitive_vector([1, 0, 4], [2, 1, 3])
    [3, 0, 8]
    """
    common = lcm(*denominators)
    scaled = list(numerators)
    if common != 1:
        scaled = [n * (common // d) for n, d in zip(numerators, denominators, strict=True)]
    divisor = gcd(*scaled)
    return [x // divisor for x in scaled] if divisor > 1 else scaled
