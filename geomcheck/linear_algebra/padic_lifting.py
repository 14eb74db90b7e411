"""Kernels of integer matrices by p-adic lifting (Dixon 1982): the tall rational vectors elimination is too slow for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, final

import flint
import numpy as np
import numpy.typing as npt

from geomcheck.fields.integers import Ints
from geomcheck.linear_algebra.elimination import eliminate, inverse
from geomcheck.linear_algebra.integer_matrix import FLOAT_BITS, WORD_BITS, IntegerMatrix, integer_rows

Floats = npt.NDArray[np.float64]
CONFIRMING_BITS = 40
FIRST_CHECK = 6
CHECK_EVERY = 10  # a tenth of the digits more before the next look whether there are enough
MAX_PRIMES = 64


def lifted_kernel(
    matrix: IntegerMatrix, rows: Sequence[int], columns: Sequence[int], free: Sequence[int], bits: int
) -> list[list[int]] | None:
    """Candidates for vectors of ker M, one for each free column given, or None past `bits` bits of lifting.

    M[rows, columns] must be a nonzero minor of size rank(M) modulo some prime. For each free column f the system
    M[rows, columns] x = −M[rows, f] is lifted modulo p, p², … until all of x is found as fractions with one
    denominator. The vectors satisfy the equations `rows` of M v = 0; the caller verifies the others.

    >>> lifted_kernel(IntegerMatrix.of(np.array([[2, 3], [4, 6]])), [0], [0], [1], 64)
    [[-3, 2]]
    """
    width = matrix.shape[1]
    if not free:
        return []
    minor = matrix.minor(rows, columns)
    found = _lifting_prime(minor)
    if found is None:
        return None
    prime, unit_inverse = found
    lifting = _Lifting.start(minor, matrix.minor(rows, free), prime, unit_inverse)
    check = FIRST_CHECK
    while lifting.steps * (prime.bit_length() - 1) < bits:
        lifting.advance(check - lifting.steps)
        solution = lifting.solution()
        if solution is not None:
            return [_vector(width, columns, f, x, d) for f, (x, d) in zip(free, solution, strict=True)]
        check += max(1, check // CHECK_EVERY)
    return None


def _vector(width: int, columns: Sequence[int], free: int, numerators: list[int], denominator: int) -> list[int]:
    vector = [0] * width
    vector[free] = denominator
    for j, x in zip(columns, numerators, strict=True):
        vector[j] = x
    return vector


def _lifting_prime(minor: IntegerMatrix) -> tuple[int, Floats] | None:
    """A prime, as large as one float64 product of centred residues allows, modulo which the minor is invertible.

    None where many primes fail, so that the minor is no doubt zero: it did not come with this matrix.
    """
    size = minor.shape[0]
    prime = flint.fmpz(1 << ((FLOAT_BITS - size.bit_length()) // 2 + 1))
    tried = 0
    while tried < MAX_PRIMES:
        prime -= 1
        if prime.is_prime():
            tried += 1
            found = eliminate(minor.modulo(int(prime)), int(prime))
            if found.rank == size:
                unordered = inverse(found).astype(np.int64)
                ordered = np.empty_like(unordered)
                ordered[:, list(found.rows)] = unordered
                return int(prime), _centred(ordered, int(prime)).astype(np.float64)
    return None


def _centred(residues: Ints, prime: int) -> Ints:
    return np.asarray(residues - prime * (residues > prime // 2), dtype=np.int64)


@final
@dataclass
class _Lifting:
    """The state A(x₀ + x₁p + … + x_{k−1}p^{k−1}) = B − pᵏ·residual, each digit |x_i| ≤ p/2."""

    minor: IntegerMatrix
    prime: int
    unit_inverse: Floats
    residual: Any
    pieces: list[tuple[int, Floats]] | None
    weights: Ints
    digits: list[Ints] = field(default_factory=list)
    combined: list[list[int]] = field(default_factory=list)

    @staticmethod
    def start(minor: IntegerMatrix, right: IntegerMatrix, prime: int, unit_inverse: Floats) -> _Lifting:
        """Nothing lifted yet; B = −right."""
        size = minor.shape[0]
        weights = np.random.default_rng(prime).integers(1, 1 << 8, size)
        room = size.bit_length() + 1
        if minor.bits is None or right.words is None or max(minor.bits, right.bits or 0) + room >= WORD_BITS - 22:
            return _Lifting(minor, prime, unit_inverse, -right.large, None, weights)
        piece_bits = FLOAT_BITS - prime.bit_length() - room + 1
        pieces, rest, shift = [], minor.words, 0
        while rest is not None and rest.any():
            low = _low_part(rest, piece_bits)
            pieces.append((shift, low.astype(np.float64)))
            rest, shift = (rest - low) >> piece_bits, shift + piece_bits
        return _Lifting(minor, prime, unit_inverse, -right.words, pieces, weights)

    @property
    def steps(self) -> int:
        """The number of digits known."""
        return len(self.digits)

    def advance(self, steps: int) -> None:
        """Find some more digits."""
        p = self.prime
        for _ in range(steps):
            if self.pieces is None:
                remainders = [int(x) % p for x in self.residual.entries()]
                shape = (self.residual.nrows(), self.residual.ncols())
                reduced = np.array(remainders, dtype=np.int64).reshape(shape)
            else:
                reduced = self.residual % p
            product = np.matmul(self.unit_inverse, _centred(reduced, p).astype(np.float64))
            product -= p * np.rint(product / p)
            digit = product.astype(np.int64)
            self._subtract(digit, product)
            self.digits.append(digit)
            self.combined.append((self.weights @ digit).tolist())

    def _subtract(self, digit: Ints, floats: Floats) -> None:
        if self.pieces is None:
            difference = self.residual - self.minor.large * integer_rows(digit)
            entries = [x // self.prime for x in difference.entries()]
            self.residual = flint.fmpz_mat(digit.shape[0], digit.shape[1], entries)
            return
        image = np.zeros_like(digit)
        for shift, piece in self.pieces:
            image += np.matmul(piece, floats).astype(np.int64) << shift
        self.residual = (self.residual - image) // self.prime

    def solution(self) -> list[tuple[list[int], int]] | None:
        """For each right-hand side numerators and a denominator, or None when more digits are needed."""
        modulus = self.prime**self.steps
        denominators = []
        for combination in zip(*self.combined, strict=True):
            found = reconstruct(int(_evaluate(list(combination), self.prime)), modulus)
            if found is None:
                return None
            denominators.append(found[1])
        digits = np.stack(self.digits)  # (steps, size, right-hand sides)
        paired, base = _paired(digits, self.prime)
        result = []
        for k, denominator in enumerate(denominators):
            values = [_evaluate(column, base) for column in paired[:, :, k].T.tolist()]
            column = _common_fractions(values, denominator, modulus)
            if column is None:
                return None
            result.append(column)
        return result


def _common_fractions(values: list[Any], denominator: int, modulus: int) -> tuple[list[int], int] | None:
    """Numerators over one denominator, a multiple of the given one, or None when some value is no short fraction."""
    numerators: list[int] = []
    large_modulus = flint.fmpz(modulus)
    for value in values:
        numerator = int(_symmetric(value * denominator, large_modulus))
        if numerator.bit_length() + denominator.bit_length() + CONFIRMING_BITS > modulus.bit_length():
            found = reconstruct(numerator, modulus)  # a factor cancelled in the combination
            if found is None:
                return None
            numerator, factor = found
            denominator *= factor
            numerators = [x * factor for x in numerators]
        numerators.append(numerator)
    return numerators, denominator


def _low_part(words: Ints, bits: int) -> Ints:
    """The remainder nearest zero modulo 2^bits."""
    half = 1 << (bits - 1)
    return np.asarray(((words + half) & ((1 << bits) - 1)) - half, dtype=np.int64)


def _paired(digits: Ints, prime: int) -> tuple[Ints, int]:
    """The same numbers with half as many digits, in base p²."""
    if len(digits) % 2:
        digits = np.concatenate([digits, np.zeros_like(digits[:1])])
    return digits[::2] + prime * digits[1::2], prime * prime


def _evaluate(digits: list[int], base: int) -> Any:
    return flint.fmpz_poly(digits)(flint.fmpz(base))


def _symmetric(value: Any, modulus: Any) -> Any:
    remainder = value % modulus
    return remainder - modulus if 2 * remainder > modulus else remainder


def reconstruct(residue: int, modulus: int, confirming_bits: int = CONFIRMING_BITS) -> tuple[int, int] | None:
    """The fraction n/d ≡ residue with |n|·d < modulus / 2^confirming_bits, by the Euclidean algorithm, or None.

    Source: Wang 1981, A p-adic algorithm for univariate partial fractions.

    >>> reconstruct(pow(7, -1, 10**20 + 39) * 3, 10**20 + 39)
    (3, 7)
    """
    bound = 1 << (modulus.bit_length() // 2)
    above, below = modulus, residue % modulus
    s, t = 0, 1
    while below >= bound:
        quotient, rest = divmod(above, below)
        above, below = below, rest
        s, t = t, s - quotient * t
    n, d = (below, t) if t > 0 else (-below, -t)
    return (n, d) if abs(n) * d << confirming_bits < modulus else None
