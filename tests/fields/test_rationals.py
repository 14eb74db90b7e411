"""ℚ: values of primitives where they are rational, and nowhere else."""

from fractions import Fraction

import pytest

from geomcheck.errors import OutsideField
from geomcheck.fields.base import NeedsDenominator
from geomcheck.fields.rationals import RATIONAL_VALUES, RationalField, to_fraction

QQ = RationalField()


@pytest.mark.parametrize(("name", "at"), list(RATIONAL_VALUES))
def test_rational_values(name, at):
    assert to_fraction(QQ.apply(name, QQ.array([at]))[0]) == RATIONAL_VALUES[name, at]


@pytest.mark.parametrize(
    ("name", "x", "kind", "denominator"),
    [
        ("exp", Fraction(1, 6), "exponential", 6),
        ("tanh", Fraction(1, 6), "exponential", 3),
        ("sigmoid", Fraction(-5, 4), "exponential", 4),
        ("sin", Fraction(2, 9), "angle", 9),
        ("cos", Fraction(3), "angle", 1),
    ],
)
def test_a_missing_exponential_is_named_with_its_denominator(name, x, kind, denominator):
    with pytest.raises(NeedsDenominator) as caught:
        QQ.apply(name, QQ.array([x]))
    assert (caught.value.kind, caught.value.denominator) == (kind, denominator)


def test_missing_denominators_are_collected_over_the_whole_array():
    with pytest.raises(NeedsDenominator) as caught:
        QQ.apply("exp", QQ.array([[Fraction(1, 4), 0], [Fraction(1, 6), Fraction(1, 5)]]))
    assert caught.value.denominator == 60


@pytest.mark.parametrize(
    ("name", "x"),
    [("log", 2), ("log", 0), ("log", -1), ("softplus", 0), ("normal_pdf", 0), ("logcosh", 1), ("normal_cdf", 1)],
)
def test_irrational_values_leave_the_field(name, x):
    with pytest.raises(OutsideField, match="use rigorous enclosures"):
        QQ.apply(name, QQ.array([x]))


def test_large_products_equal_small_ones():
    a = QQ.array([[Fraction(i * j + 1, i + 1) for j in range(9)] for i in range(8)])
    b = QQ.array([[Fraction(i - j, j + 2) for j in range(7)] for i in range(9)])
    direct = [[sum(a[i, k] * b[k, j] for k in range(9)) for j in range(7)] for i in range(8)]
    assert (QQ.matmul(a, b) == direct).all()
