"""ℚ(t, u): lowest terms, identities of the functions, signs, and what is outside."""

from fractions import Fraction

import flint
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomcheck.errors import OutsideField, Undecided
from geomcheck.fields import exponentials
from geomcheck.fields.base import NeedsDenominator
from geomcheck.fields.enclosures import enclose, working_precision
from geomcheck.fields.exponentials import ExponentialField
from geomcheck.fields.rational_functions import RationalFunction

E = ExponentialField(6, 3)
sixths = st.integers(-30, 30).map(lambda n: Fraction(n, 6))
thirds = st.integers(-8, 8).map(lambda n: Fraction(n, 3))


def at(name, x):
    return E.apply(name, E.array([x]))[0]


@settings(max_examples=60, deadline=None)
@given(x=sixths, y=sixths)
def test_exponential_identities(x, y):
    assert at("exp", x) * at("exp", y) == at("exp", x + y)
    assert at("exp", -x) * at("exp", x) == 1
    assert at("tanh", x) == at("sigmoid", 2 * x) * 2 - 1
    assert at("sigmoid", x) + at("sigmoid", -x) == 1
    a, b = at("tanh", x), at("tanh", y)
    assert at("tanh", x + y) * (a * b + 1) == a + b
    assert E.apply("log", E.apply("exp", E.array([x])))[0] == flint.fmpq(x.numerator, x.denominator)


@settings(max_examples=40, deadline=None)
@given(x=thirds, y=thirds)
def test_angle_identities(x, y):
    s, c = at("sin", x), at("cos", x)
    assert s * s + c * c == 1
    assert at("sin", -x) == -s and at("cos", -x) == c
    assert at("sin", x + y) == s * at("cos", y) + c * at("sin", y)
    assert at("cos", x + y) == c * at("cos", y) - s * at("sin", y)


def test_lowest_terms_are_unique():
    t = RationalFunction.monomial(1)
    left = (t * t - 1) / (2 * t + 2)
    right = (1 - t) / -2
    assert left == right and str(left) == str(right) == "(t - 1)/2" and hash(left) == hash(right)
    assert str((t - t) / (t + 1)) == "0"
    assert str(1 / -t) == "-1/(t)"
    assert (t / 3) * 3 == t and t**-2 * t**2 == 1


def test_the_zero_test_is_exact_where_floats_are_blind():
    tiny = at("exp", Fraction(-200))
    assert not E.is_zero(tiny) and E.sign(tiny) == 1
    near = at("tanh", Fraction(60)) - 1
    assert not E.is_zero(near) and E.sign(near) == -1
    assert bool(E.is_zero(at("exp", Fraction(1)) ** 2 - at("exp", Fraction(2))))


@pytest.fixture
def sixty_digits():
    """The rational numbers with sixty decimals next below and next above e^{1/6}."""
    scale = flint.fmpz(10) ** 60
    with working_precision(400):
        whole = (flint.arb(flint.fmpq(1, 6)).exp() * scale).floor().unique_fmpz()
    return flint.fmpq(whole, scale), flint.fmpq(whole + 1, scale)


def test_signs_past_double_precision(sixty_digits):
    below, above = sixty_digits
    assert E.sign(at("exp", Fraction(1, 6)) - below) == 1
    assert E.sign(at("exp", Fraction(1, 6)) - above) == -1


def test_signs_are_given_up_past_the_last_precision(monkeypatch, sixty_digits):
    monkeypatch.setattr(exponentials, "LAST_PRECISION", 128)
    with pytest.raises(Undecided) as caught:
        E.sign(at("exp", Fraction(1, 6)) - sixty_digits[0])
    assert caught.value.reason == "sign-unknown"


def test_huge_exponents_stay_sparse():
    value = at("tanh", Fraction(10**9)) * at("exp", Fraction(10**12))
    assert len(str(value)) < 100 and E.sign(value) == 1


@pytest.mark.parametrize("name", ["exp", "tanh", "sigmoid", "sin", "cos"])
def test_irrational_arguments_are_outside(name):
    with pytest.raises(OutsideField, match="rational argument"):
        E.apply(name, E.apply("exp", E.array([1])))


@pytest.mark.parametrize("name", ["softplus", "normal_cdf", "normal_pdf", "logcosh"])
def test_other_functions_are_outside(name):
    with pytest.raises(OutsideField):
        at(name, Fraction(1, 6))


def test_a_larger_denominator_is_asked_for():
    with pytest.raises(NeedsDenominator) as caught:
        at("exp", Fraction(1, 4))
    assert (caught.value.kind, caught.value.denominator) == ("exponential", 12)
    with pytest.raises(NeedsDenominator) as caught:
        at("sin", Fraction(1, 2))
    assert (caught.value.kind, caught.value.denominator) == ("angle", 6)
    assert "denominator=6" in str(caught.value)


def test_enclosures_contain_the_value():
    with working_precision(100):
        assert enclose(at("tanh", Fraction(5, 6)), 6, 3).overlaps(flint.arb(flint.fmpq(5, 6)).tanh())
        assert enclose(at("sin", Fraction(7, 3)), 6, 3).overlaps(flint.arb(flint.fmpq(7, 3)).sin())


def test_working_precision_is_restored_after_an_error():
    before = flint.ctx.prec
    with pytest.raises(RuntimeError), working_precision(999):
        raise RuntimeError
    assert flint.ctx.prec == before


def test_parameters_read_from_floats_leave_the_exact_field_instead_of_taking_forever():
    t, huge = RationalFunction.monomial, 10**9
    assert t(huge) * t(-huge) == 1
    first, second = (t(m) / (t(m) + 1) for m in (huge, huge + 7))
    with pytest.raises(OutsideField, match="degree"):
        first + second
