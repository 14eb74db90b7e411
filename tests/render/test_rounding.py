"""A bound that is printed in few digits is a bound still."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from geomcheck.render.rounding import at_least, at_most


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_rounding_goes_outwards(number):
    below, above = Fraction(at_most(number)), Fraction(at_least(number))
    assert below <= Fraction(number) <= above
    assert above - below <= abs(Fraction(number)) / 10**6
