"""Dyadic rationals near a ball, and matrices brought into the range of floats by powers of two."""

from __future__ import annotations

from fractions import Fraction
from math import frexp
from typing import Any

import flint
import numpy as np
import numpy.typing as npt

from geomcheck.errors import Undecided

Floats = npt.NDArray[np.float64]
Exponents = npt.NDArray[np.int64]
SWEEPS = 12
GUARD = 60  # bits of a number that are looked at to find the nearest float
LONGEST = 1 << 20  # bits
TINY = -(1 << 40)  # stands for the exponent of zero


def dyadic(x: Any, bits: int) -> Fraction:
    """A rational m·2^e with |m| < 2^bits near a finite ball or a flint rational.

    >>> dyadic(flint.arb("0.75"), 8), dyadic(flint.fmpq(1, 3), 4)
    (Fraction(3, 4), Fraction(11, 32))
    """
    middle = (x if isinstance(x, flint.arb) else _ball(x, bits)).mid()
    if middle.is_zero():
        return Fraction(0)
    mantissa, exponent = (int(part) for part in middle.man_exp())
    drop = max(0, mantissa.bit_length() - bits)
    rounded = (mantissa + (1 << drop >> 1)) >> drop
    shift = exponent + drop
    if abs(shift) > LONGEST:
        raise Undecided("certificate-too-large", "a number of more than a million bits is rounded")
    return Fraction(rounded << shift) if shift >= 0 else Fraction(rounded, 1 << -shift)


def scaled_floats(entries: Any) -> tuple[Floats, Exponents, Exponents]:
    """Floats S with S[i, j] ≈ 2^{r_i + c_j} M[i, j] and every nonzero row and column of size about 1.

    M holds balls or flint rationals of any magnitude. For a symmetric M, r = c. Source: Ruiz 2001 (equilibration),
    with powers of two, so that undoing it is exact.
    """
    mantissas, exponents = np.zeros(entries.shape), np.full(entries.shape, TINY, dtype=np.int64)
    for index, entry in np.ndenumerate(entries):
        mantissas[index], exponents[index] = _parts(entry)
    present = mantissas != 0
    rows = np.zeros(entries.shape[0], dtype=np.int64)
    columns = np.zeros(entries.shape[1], dtype=np.int64)
    for _ in range(SWEEPS):
        current = np.where(present, exponents + rows[:, None] + columns, TINY)
        by_row, by_column = current.max(axis=1, initial=TINY), current.max(axis=0, initial=TINY)
        rows -= np.where(by_row > TINY, -(-by_row // 2), 0)
        columns -= np.where(by_column > TINY, -(-by_column // 2), 0)
    shifts = np.clip(exponents + rows[:, None] + columns, -1000, 1000)
    return np.where(present, np.ldexp(mantissas, shifts), 0), rows, columns


def _ball(x: Any, bits: int) -> Any:
    before, flint.ctx.prec = flint.ctx.prec, bits + 8
    try:
        return flint.arb(x)
    finally:
        flint.ctx.prec = before


def _parts(entry: Any) -> tuple[Any, int]:
    """A float mantissa and an exponent of the number, or of the midpoint of a ball, each a little rounded."""
    if isinstance(entry, flint.arb):
        whole, shift = (int(part) for part in entry.mid().man_exp())
    else:
        number = flint.fmpq(entry)
        above, below = int(number.p), int(number.q)
        shift = above.bit_length() - below.bit_length() - GUARD
        whole = (above << -shift) // below if shift < 0 else above // (below << shift)
    if not whole:
        return 0, TINY
    drop = max(0, whole.bit_length() - GUARD)
    mantissa, exponent = frexp(whole >> drop)
    return mantissa, exponent + drop + shift
