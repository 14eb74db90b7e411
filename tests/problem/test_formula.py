from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from geomcheck.errors import InputError, LimitError, SyntaxProblem
from geomcheck.problem.formula import (
    FUNCTIONS,
    Add,
    Call,
    Div,
    Mul,
    Name,
    Neg,
    Number,
    Power,
    Sub,
    evaluate_formula,
    names_in,
    parse_formula,
)

sys.path.insert(0, str(Path(__file__).parent))
from arithmetics import Expressions, Rationals

NAMES = ["a", "b", "x"]


def parse(text):
    return parse_formula(text, NAMES, "test")


def value(formula, **at):
    values = {name: np.array([number], dtype=object) for name, number in at.items()}
    return np.ravel(np.asarray(evaluate_formula(Rationals(), formula, values), dtype=object))[0]


def number_formulas():
    return st.fractions(min_value=0, max_denominator=20).map(Number)


def formulas():
    return st.recursive(
        number_formulas() | st.sampled_from(NAMES).map(Name),
        lambda inner: st.one_of(
            st.builds(Add, inner, inner),
            st.builds(Sub, inner, inner),
            st.builds(Mul, inner, inner),
            st.builds(Neg, inner),
            st.builds(Power, inner, st.integers(0, 4)),
            st.builds(Call, st.sampled_from(FUNCTIONS), inner),
            st.builds(Div, inner, st.sampled_from(NAMES).map(Name)),
        ),
        max_leaves=15,
    )


@given(formulas())
def test_unparse_is_inverted_by_parse(formula):
    assert parse(formula.unparse()) == formula


@given(formulas())
def test_the_text_means_what_sympy_reads(formula):
    symbols = {name: sympy.Symbol(name) for name in NAMES}
    functions = {name: function for name, function in Expressions.FUNCTIONS.items()} | {
        "relu": sympy.Function("relu"),
        "abs": sympy.Function("abs_"),
    }
    text = sympy.sympify(
        formula.unparse().replace("^", "**").replace("abs(", "abs_("),
        locals={**symbols, **functions, "abs_": functions["abs"]},
        rational=True,
    )

    def tree(node):
        match node:
            case Number(number):
                return sympy.Rational(number.numerator, number.denominator)
            case Name(name):
                return symbols[name]
            case Add(a, b):
                return tree(a) + tree(b)
            case Sub(a, b):
                return tree(a) - tree(b)
            case Mul(a, b):
                return tree(a) * tree(b)
            case Div(a, b):
                return tree(a) / tree(b)
            case Neg(a):
                return -tree(a)
            case Power(a, n):
                return tree(a) ** n
            case Call(fn, a):
                return functions[fn](tree(a))

    assert text == tree(formula) or sympy.simplify(text - tree(formula)) in (0, sympy.nan)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("-x^2", -9),
        ("(-x)**2", 9),
        ("2 - 3 - 4", -5),
        ("12/2/3", 2),
        ("2*-x", -6),
        ("+x", 3),
        ("0.5*x", Fraction(3, 2)),
        ("x^0", 1),
        ("1/2*x", Fraction(3, 2)),
        ("abs(-x) + relu(-x) + relu(x)", 6),
        ("a - (b - x)", 2 - (5 - 3)),
        ("1e1 + 1.5e-1", Fraction(203, 20)),
    ],
)
def test_values(text, wanted):
    assert value(parse(text), a=Fraction(2), b=Fraction(5), x=Fraction(3)) == wanted


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("a + c", 5, "unknown name 'c'"),
        ("sinn(x)", 1, "did you mean 'sin'"),
        ("x^-1", 3, "integer exponent"),
        ("x^1001", 3, "integer exponent"),
        ("x^y", 3, "integer exponent"),
        ("x^2^3", 4, "power of a power"),
        ("x/0", 2, "zero denominator"),
        ("a +", 4, "the end of the text"),
        ("", 1, "the end of the text"),
        ("a b", 3, "expected the end"),
        ("(a", 3, "close the parenthesis"),
        ("exp x", 5, "expected '\\('"),
        ("exp(x", 6, "close exp"),
        ("a = b", 3, "expected the end"),
        ("__import__('os')", 12, "unexpected character"),
        ("a.real", 2, "expected the end"),
        ("a, b", 2, "expected the end"),
    ],
)
def test_syntax_errors_have_their_place(text, column, said):
    with pytest.raises(SyntaxProblem, match=said) as caught:
        parse(text)
    assert (caught.value.line, caught.value.column) == (1, column)


@pytest.mark.parametrize(
    "text", ["(" * 10**5, "-" * 10**5, "exp(" * 20000, "+".join("a" * 5000), "a" * 10**6, "9" * 9999]
)
def test_limits(text):
    with pytest.raises(InputError) as caught:
        parse(text)
    assert len(str(caught.value)) < 400


def test_the_stated_depth_is_allowed():
    assert parse("(" * 200 + "x" + ")" * 200) == Name("x")
    with pytest.raises(LimitError):
        parse("(" * 201 + "x" + ")" * 201)
    assert names_in(parse("-" * 199 + "x")) == {"x"}
