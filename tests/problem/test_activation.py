from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import sympy

from geomcheck.errors import InputError, Kink
from geomcheck.problem.activation import ACTIVATIONS, Activation

sys.path.insert(0, str(Path(__file__).parent))
from arithmetics import Expressions, Rationals

CASES = [
    *(Activation(name) for name, kind in ACTIVATIONS.items() if kind.parameter is None),
    Activation("leaky_relu", Fraction(1, 10)),
    *(Activation("power", Fraction(d)) for d in range(1, 6)),
]
POINTS = [sympy.Rational(-7, 3), sympy.Rational(-1, 5), sympy.Rational(2, 7), sympy.Rational(3)]


def at(expression, symbol, point):
    return sympy.N(expression.subs(symbol, point), 60)


@pytest.mark.parametrize("activation", CASES, ids=str)
def test_slopes_are_the_derivatives_of_the_value(activation):
    field = Expressions()
    for point in POINTS:
        z = sympy.Symbol("z", positive=True) if point > 0 else sympy.Symbol("z", negative=True)
        value = activation.value(field, np.array([z], dtype=object))[0]
        first, second = (slope[0] for slope in activation.slopes(field, np.array([z], dtype=object)))
        for wanted, got in ((sympy.diff(value, z), first), (sympy.diff(value, z, 2), second)):
            assert abs(at(wanted - got, z, point)) < sympy.Rational(1, 10**40)


@pytest.mark.parametrize("activation", CASES, ids=str)
def test_homogeneity_parity_and_degree(activation):
    field = Expressions()
    z = sympy.Symbol("z", positive=True)
    scale = sympy.Symbol("c", positive=True)

    def value(argument):
        return activation.value(field, np.array([argument], dtype=object))[0]

    degree = activation.homogeneity
    scaled = [
        at(value(scale * s * z).subs(scale, 3) - 3 ** (degree or 1) * value(s * z), z, POINTS[2]) for s in (1, -1)
    ]
    assert (all(abs(d) < 1e-40 for d in scaled)) == (degree is not None)
    odd, even = (abs(at(value(-z) + s * value(z), z, POINTS[3])) < 1e-40 for s in (1, -1))
    assert activation.parity == ("odd" if odd else "even" if even else None)
    polynomial = bool(sympy.sympify(value(z)).is_polynomial(z)) and not activation.piecewise
    assert polynomial == (activation.polynomial_degree is not None)
    if polynomial:
        assert sympy.degree(value(z), z) == activation.polynomial_degree


@pytest.mark.parametrize("activation", [a for a in CASES if a.piecewise], ids=str)
def test_a_kink_has_a_value_but_no_slopes(activation):
    z = np.array([[Fraction(1), Fraction(2)], [Fraction(-1), Fraction(0)]], dtype=object)
    assert activation.value(Rationals(), z)[1, 1] == 0
    with pytest.raises(Kink) as caught:
        activation.slopes(Rationals(), z)
    assert (caught.value.sample, caught.value.layer, caught.value.unit) == (1, None, 1)
    assert "layer 2, unit 1" in str(caught.value.in_layer(2))


def test_values_in_the_rationals():
    z = np.array([Fraction(-2), Fraction(0), Fraction(3)], dtype=object)
    for name, wanted in {
        "relu": [0, 0, 3],
        "abs": [2, 0, 3],
        "leaky_relu(1/2)": [-1, 0, 3],
        "square": [4, 0, 9],
        "power(3)": [-8, 0, 27],
        "linear": [-2, 0, 3],
    }.items():
        from geomcheck.problem.shorthand import parse_activation

        assert list(parse_activation(name, "test").value(Rationals(), z)) == wanted


@pytest.mark.parametrize(
    ("name", "parameter", "said"),
    [
        ("tahn", None, "did you mean 'tanh'"),
        ("tanh", Fraction(1), "takes no parameter"),
        ("power", None, "needs a degree"),
        ("power", Fraction(1, 2), "integer degree"),
        ("power", Fraction(0), "integer degree"),
        ("power", Fraction(101), "integer degree"),
    ],
)
def test_a_wrong_activation_is_refused(name, parameter, said):
    with pytest.raises(InputError, match=said):
        Activation(name, parameter)
