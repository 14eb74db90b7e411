"""Balls contain the truth, and refuse what they cannot know."""

from fractions import Fraction

import flint
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomcheck.errors import OutsideField, Undecided
from geomcheck.fields.balls import BallField

B = BallField(80)
fractions = st.fractions(min_value=-30, max_value=30, max_denominator=50)


def straddling():
    """A ball around zero that is not zero."""
    return B.apply("exp", B.array([1])) - flint.arb(1).exp()


@settings(max_examples=40, deadline=None)
@given(x=fractions, y=fractions)
def test_arithmetic_contains_the_truth(x, y):
    a, b = B.array([x]), B.array([y])
    for found, true in ((a + b, x + y), (a * b, x * y), (a - b, x - y)):
        assert found[0].contains(flint.fmpq(true.numerator, true.denominator))
    if y:
        assert B.divide(a, b)[0].contains(flint.fmpq((x / y).numerator, (x / y).denominator))


def test_unknown_signs_are_undecided():
    for question in (B.signs, lambda x: B.step(x, Fraction(1), Fraction(0)), lambda x: B.divide(1, x)):
        with pytest.raises(Undecided) as caught:
            question(straddling())
        assert caught.value.reason == "sign-unknown"


def test_a_positive_part_is_enclosed_all_the_same():
    part = B.positive_part(straddling(), Fraction(1), Fraction(-1))[0]
    assert part.contains(0) and part.abs_upper() < flint.arb("1e-20")


@pytest.mark.parametrize("x", [0, -1])
def test_logarithms_outside_their_domain(x):
    with pytest.raises(OutsideField):
        B.apply("log", B.array([x]))


def test_only_the_point_zero_is_zero():
    assert B.is_zero(B.zeros((1,))).all()
    assert not B.is_zero(straddling()).any()
    assert not B.decides_zero


def test_global_precision_is_raised_but_never_lowered():
    BallField(300)
    assert flint.ctx.prec >= 300
    BallField(64)
    assert flint.ctx.prec >= 300
