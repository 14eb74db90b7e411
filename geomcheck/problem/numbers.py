"""Numbers as people write them, read exactly: `1/10`, `0.1` and `1e-1` are all the fraction 1/10.

A Python float is refused, since 0.1 typed by a person is not the binary double nearest to it. The scalars of numpy and
torch are measured values and come in as the dyadic rationals they are.
"""

from __future__ import annotations

import math
import numbers
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from geomcheck.errors import InputError, LimitError, described

MAX_DIGITS: Final = 4000
"""The most decimal digits a numerator or a denominator may have, and the largest decimal exponent."""

_BOUND: Final = 10**MAX_DIGITS
_BITS: Final = 3 * _BOUND.bit_length()
_NUMBER: Final = re.compile(
    r"\s*(?P<sign>[+-]?)(?P<whole>[0-9]+)"
    r"(?:\s*/\s*(?P<denominator>[0-9]+)|(?:\.(?P<part>[0-9]+))?(?:[eE](?P<exponent>[+-]?[0-9]+))?)\s*"
)
_NOT_FINITE: Final = re.compile(r"\s*[+-]?(?:nan|inf|infinity)\s*", re.IGNORECASE)
_SUPERSCRIPTS: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def rational(value: object, where: str) -> Fraction:
    """The exact rational that `value` says; `where` names it in errors.

    Accepts int, Fraction, Decimal, strings ("p/q", "0.1", "1e-3"), and numpy or torch scalars (exact dyadics).
    Raises InputError for bool, float, NaN, infinity, a zero denominator and anything else; LimitError beyond
    MAX_DIGITS digits or that exponent.

    >>> rational("0.1", "slope"), rational("-3/6", "slope"), rational(2, "slope")
    (Fraction(1, 10), Fraction(-1, 2), Fraction(2, 1))
    """
    if isinstance(value, str):
        return _twice(_from_text(value, where), "".join(value.split()))
    if isinstance(value, bool):
        raise InputError(f"{where}: expected a number, got {described(_last(where), value)}; write 0 or 1")
    if isinstance(value, Decimal):
        return _twice(_from_decimal(value, where), value)
    if isinstance(value, numbers.Rational):
        return _bounded(int(value.numerator), int(value.denominator), where)
    library = type(value).__module__.partition(".")[0]
    if type(value) is float:
        if not math.isfinite(value):
            raise InputError(f"{where}: expected a finite number, got {described(_last(where), value)}")
        raise InputError(
            f"{where}: expected an exact number, got {described(_last(where), value)}; "
            f'write "{value!r}" as text or a fraction "p/q": a binary float is ambiguous'
        )
    if library in ("numpy", "torch"):
        return _from_scalar(value, where)
    raise InputError(f'{where}: expected a number (an integer, "p/q" or "0.1"), got {described(_last(where), value)}')


def _twice(read: Fraction, written: str | Decimal) -> Fraction:
    """What was read, if the standard library reads the same: no certificate tells of a number misread here."""
    if read != Fraction(written):
        raise RuntimeError(f"a number was misread: {str(written)[:40]} as {str(read)[:40]}")
    return read


def rational_text(value: Fraction) -> str:
    """The canonical text of a rational: "p" or "p/q" in lowest terms.

    >>> rational_text(Fraction(-2, 4)), rational_text(Fraction(3))
    ('-1/2', '3')
    """
    return str(value)


def space_text(dimension: int) -> str:
    """The real space of a dimension, as every report writes it.

    >>> space_text(13)
    'ℝ¹³'
    """
    return "ℝ" + str(dimension).translate(_SUPERSCRIPTS)


def count(value: object, where: str, minimum: int, maximum: int) -> int:
    """An integer in [minimum, maximum]; InputError below or of another type, LimitError above.

    >>> count(3, "samples", 1, 10)
    3
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise InputError(f"{where}: expected an integer, got {described(_last(where), value)}")
    number = int(value)
    if number < minimum:
        raise InputError(f"{where}: expected an integer, at least {minimum}, got {described(_last(where), number)}")
    if number > maximum:
        raise LimitError(f"{where}: expected at most {maximum}, got {described(_last(where), number)}")
    return number


def plain(value: Any, where: str) -> Any:
    """A numpy array or a torch tensor as nested lists of exact rationals; anything else unchanged."""
    library = type(value).__module__.partition(".")[0]
    if library not in ("numpy", "torch") or isinstance(value, numbers.Number):
        return value
    try:
        nested = value.tolist()  # exact: a narrower float becomes the double of the same value
    except Exception as error:  # a sparse or quantised tensor, one without storage, an object that is no array
        raise InputError(f"{where}: expected a dense array of numbers, got {type(value).__name__}: {error}") from None
    return _exact(nested, where)


def _exact(value: Any, where: str) -> Any:
    if isinstance(value, list):
        return [_exact(entry, f"{where}[{i}]") for i, entry in enumerate(value)]
    return _dyadic(value, where)


def _from_scalar(value: Any, where: str) -> Fraction:
    if isinstance(value, numbers.Real) and not isinstance(value, numbers.Integral):
        return _dyadic(value, where)  # numpy scalars of every width, longdouble included
    if tuple(getattr(value, "shape", ())):
        raise InputError(f"{where}: expected one number, got an array of shape {tuple(value.shape)}")
    return _dyadic(value.item(), where)


def _dyadic(value: Any, where: str) -> Fraction:
    if isinstance(value, (bool, complex, str, bytes)) or not isinstance(value, (numbers.Real, Decimal)):
        return rational(value, where)
    if not math.isfinite(value):
        raise InputError(f"{where}: expected a finite number, got {described(_last(where), value)}")
    exact: Any = value
    numerator, denominator = exact.as_integer_ratio()
    return _bounded(int(numerator), int(denominator), where)


def _from_text(text: str, where: str) -> Fraction:
    match = _NUMBER.fullmatch(text) if len(text) <= 3 * MAX_DIGITS else None
    if match is None:
        if len(text) > 3 * MAX_DIGITS:
            raise LimitError(f"{where}: expected a number of at most {MAX_DIGITS} digits, got {len(text)} characters")
        if _NOT_FINITE.fullmatch(text):
            raise InputError(f"{where}: expected a finite number, got {described(_last(where), text)}")
        raise InputError(
            f'{where}: expected a number such as 3, "3/2", "0.1" or "1e-3", got {described(_last(where), text)}'
        )
    sign = -1 if match["sign"] == "-" else 1
    if match["denominator"] is not None:
        denominator = _integer(match["denominator"], where)
        if denominator == 0:
            raise InputError(f"{where}: zero denominator in {described(_last(where), text)}; write a nonzero one")
        return _bounded(sign * _integer(match["whole"], where), denominator, where)
    part = match["part"] or ""
    digits = _integer(match["whole"] + part, where)
    return _scaled(sign * digits, _exponent(match["exponent"] or "0", where) - len(part), where)


def _from_decimal(value: Decimal, where: str) -> Fraction:
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise InputError(f"{where}: expected a finite number, got {_last(where)}={str(value).lower()}")
    if abs(exponent) > 2 * MAX_DIGITS:
        raise LimitError(f"{where}: expected a decimal exponent of at most {MAX_DIGITS}, got {exponent}")
    number = _integer("".join(map(str, digits)) or "0", where)
    return _scaled(-number if sign else number, exponent, where)


def _scaled(number: int, exponent: int, where: str) -> Fraction:
    if exponent >= 0:
        return _bounded(number * 10**exponent, 1, where)
    return _bounded(number, 10**-exponent, where)


def _exponent(text: str, where: str) -> int:
    digits = text.lstrip("+-").lstrip("0") or "0"
    if len(digits) > 4 or int(digits) > MAX_DIGITS:
        raise LimitError(f"{where}: expected a decimal exponent of at most {MAX_DIGITS}, got {text[:20]}")
    return -int(digits) if text.startswith("-") else int(digits)


def _integer(digits: str, where: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise LimitError(f"{where}: expected a number of at most {MAX_DIGITS} digits, got {len(digits)} digits")
    return int(digits)


def _bounded(numerator: int, denominator: int, where: str) -> Fraction:
    if denominator == 0:
        raise InputError(f"{where}: zero denominator; write a nonzero one")
    if max(numerator.bit_length(), denominator.bit_length()) <= _BITS:  # before the slow reduction of a huge fraction
        fraction = Fraction(numerator, denominator)
        if abs(fraction.numerator) < _BOUND and fraction.denominator < _BOUND:
            return fraction
    raise LimitError(f"{where}: expected a number of at most {MAX_DIGITS} digits, got a longer one")


def _last(where: str) -> str:
    """The name a value goes by in `name=value (type)`: the last part of its path."""
    return where.rpartition(": ")[2].rpartition(".")[2] or where


def cube_root(value: Fraction) -> Fraction | None:
    """The cube root where it is rational.

    >>> cube_root(Fraction(-8, 27)), cube_root(Fraction(2))
    (Fraction(-2, 3), None)
    """
    root = Fraction(_floor_cube_root(abs(value.numerator)), _floor_cube_root(value.denominator))
    root = -root if value < 0 else root
    return root if root**3 == value else None


def _floor_cube_root(n: int) -> int:
    """The greatest x with x³ ≤ n, by Newton's method from above."""
    x = 1 << (n.bit_length() + 2) // 3
    while n and (closer := (2 * x + n // (x * x)) // 3) < x:
        x = closer
    return x if n else 0
