from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy
import torch

from geomcheck.errors import InputError, LimitError
from geomcheck.problem.numbers import MAX_DIGITS, count, plain, rational, rational_text

TENTH = Fraction(1, 10)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("0.1", TENTH),
        ("1/10", TENTH),
        (" -2 / 20 ", -TENTH),
        ("1e-1", TENTH),
        ("+1.5E+2", Fraction(150)),
        ("007", Fraction(7)),
        (Decimal("0.1"), TENTH),
        (Decimal("-1E+3"), Fraction(-1000)),
        (TENTH, TENTH),
        (3, Fraction(3)),
        (sympy.Rational(1, 10), TENTH),
        (np.int64(-3), Fraction(-3)),
        (np.float64(0.1), Fraction(*(0.1).as_integer_ratio())),
        (np.float32(0.1), Fraction(13421773, 134217728)),
        (np.float16(0.5), Fraction(1, 2)),
        (np.array(0.25), Fraction(1, 4)),
        (torch.tensor(0.1), Fraction(13421773, 134217728)),
        (torch.tensor(0.1, dtype=torch.float64), Fraction(*(0.1).as_integer_ratio())),
        (torch.tensor(7), Fraction(7)),
        ("9" * MAX_DIGITS, Fraction(10**MAX_DIGITS - 1)),
    ],
    ids=lambda value: str(value)[:20],
)
def test_numbers_are_read_exactly(given, wanted):
    assert rational(given, "x") == wanted


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (0.1, "binary float is ambiguous"),
        (float("nan"), "finite"),
        (float("inf"), "finite"),
        (True, "write 0 or 1"),
        ("nan", "finite"),
        ("-Infinity", "finite"),
        (Decimal("nan"), "finite"),
        (Decimal("inf"), "finite"),
        (np.float64("nan"), "finite"),
        (torch.tensor(float("inf")), "finite"),
        (torch.tensor([1.0, 2.0]), "one number"),
        (np.bool_(True), "number"),
        (torch.tensor(True), "number"),
        (torch.tensor(1j), "number"),
        (np.complex128(1), "number"),
        ("1/0", "zero denominator"),
        ("1/2/3", "expected a number"),
        ("1_000", "expected a number"),
        ("٣", "expected a number"),
        ("", "expected a number"),
        ("0x10", "expected a number"),
        (".5", "expected a number"),
        (None, "expected a number"),
        ([1], "expected a number"),
        (1j, "expected a number"),
        (b"1", "expected a number"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_is_no_exact_number_is_refused(given, said):
    with pytest.raises(InputError, match=said) as caught:
        rational(given, "inputs[0]")
    assert str(caught.value).startswith("inputs[0]: ")


@pytest.mark.parametrize(
    "given",
    [
        "9" * (MAX_DIGITS + 1),
        "1/" + "9" * (MAX_DIGITS + 1),
        "9" * 10**6,
        "1e4001",
        "1e-4001",
        "1e99999999999999999999",
        "9" * 3000 + "e2000",
        10**MAX_DIGITS,
        10 ** (3 * MAX_DIGITS),
        Fraction(1, 10**MAX_DIGITS),
        Decimal("1e999999"),
        Decimal("9" * (MAX_DIGITS + 1)),
    ],
    ids=range(12),
)
def test_numbers_over_the_limit(given):
    with pytest.raises(LimitError, match="4000"):
        rational(given, "x")


def test_text_and_back():
    for text in ("0", "-1/2", "22/7", "10"):
        assert rational_text(rational(text, "x")) == text


def test_counts():
    assert count(np.int64(3), "n", 1, 5) == 3
    for bad in (True, 2.0, "3", Decimal(3), None, 0, -1, 6):
        with pytest.raises(InputError, match="n: expected"):
            count(bad, "n", 1, 5)


def test_arrays_become_nested_fractions():
    assert plain(np.array([[0.5, 1]], dtype=np.float32), "x") == [[Fraction(1, 2), Fraction(1)]]
    assert plain(torch.tensor([0.5, 1], dtype=torch.bfloat16, requires_grad=True), "x") == [Fraction(1, 2), Fraction(1)]
    assert plain([1, 2], "x") == [1, 2]
    with pytest.raises(InputError, match=r"x\[1\]: expected a finite number"):
        plain(np.array([0.0, np.nan]), "x")
    for bad in (torch.zeros(2, device="meta"), torch.eye(2).to_sparse()):
        with pytest.raises(InputError, match="dense array"):
            plain(bad, "x")
