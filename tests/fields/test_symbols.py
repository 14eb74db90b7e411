"""Polynomials with special values: one generator for each function value, honest about what is not known."""

from fractions import Fraction

import pytest

from geomcheck.errors import Kink, LimitError, OutsideField
from geomcheck.fields.symbols import SymbolField


@pytest.fixture
def field():
    return SymbolField(["w", "b", "x"], 3)


def test_equal_pairs_share_a_generator(field):
    w, b, x = field.variables(["w", "b", "x"])
    first = field.apply("tanh", field.zeros((1,)) + (w * x + b))
    again = field.apply("tanh", field.zeros((1,)) + (b + x * w))
    other = field.apply("exp", field.zeros((1,)) + (w * x + b))
    assert first[0] == again[0] != other[0]
    assert [(v.generator, v.function, str(v.argument)) for v in field.special_values] == [
        ("s1", "tanh", "w*x + b"),
        ("s2", "exp", "w*x + b"),
    ]


def test_steps_of_one_argument_share_a_generator(field):
    x = field.variables(["x"])
    relu, absolute = field.positive_part(x, Fraction(1), Fraction(0)), field.positive_part(x, Fraction(1), Fraction(-1))
    assert str(relu[0]) == "x*s1" and str(absolute[0]) == "2*x*s1 - x"
    assert str(field.step(x, Fraction(1), Fraction(1, 4))[0]) == "3/4*s1 + 1/4"
    assert len(field.special_values) == 1


def test_constants_are_evaluated(field):
    assert field.apply("sigmoid", field.zeros((1,)))[0] == field.constant(Fraction(1, 2))
    assert field.step(field.array([-2]), Fraction(1), Fraction(1, 3))[0] == field.constant(Fraction(1, 3))
    assert field.signs(field.array([3, 0, Fraction(-1, 2)])).tolist() == [1, 0, -1]
    with pytest.raises(Kink):
        field.step(field.array([0]), Fraction(1), Fraction(0))


def test_division(field):
    w, x = field.variables(["w", "x"])
    assert field.divide(w * x * w, w * x) == w
    assert str(field.divide(w, x)) == "w*s1"
    assert field.special_values[0].function == "reciprocal"
    assert field.divide(w * 3, 6) == w * field.constant(Fraction(1, 2))


def test_signs_of_variables_are_unknown(field):
    with pytest.raises(OutsideField, match="give the parameters"):
        field.signs(field.variables(["x"]))


def test_too_many_special_values(field):
    x = field.variables(["x"])
    with pytest.raises(LimitError, match="at most 3"):
        for power in range(4):
            field.apply("exp", x + power)


def test_determinants_of_symbols(field):
    w, b, x = field.variables(["w", "b", "x"])
    matrix = field.zeros((2, 2))
    matrix[0, 0], matrix[0, 1], matrix[1, 0], matrix[1, 1] = w, b, x, w + x
    assert field.determinant(matrix) == w * w + w * x - b * x
