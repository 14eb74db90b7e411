"""Each arithmetic of the checker against known values: fractions, polynomials in t and u, intervals, jets."""

import json
from fractions import Fraction
from typing import Any

import mpmath
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from geomcheck import checker
from geomcheck.checker import BEYOND, COMPOSED, Calculus, Interval, Numbers, Outside, Reject, Sparse, enclose

FIELD = Numbers(12, 4)
HALF = Fraction(1, 2)
mpmath.mp.prec = 400
POINTS = [Fraction(n, d) for n, d in ((0, 1), (1, 2), (-1, 3), (7, 2), (-9, 1), (20, 1), (1, 1000), (-5, 7))]


def holds(interval: Interval, value: Any) -> bool:
    low, high = (mpmath.mpf(end.numerator) / end.denominator for end in interval.ends())
    return bool(low <= value <= high)


def real(x: Fraction) -> Any:
    return mpmath.mpf(x.numerator) / x.denominator


FUNCTIONS: dict[str, Any] = {
    "exp": (lambda x: x.exp(), mpmath.exp),
    "sin": (lambda x: x.sincos()[0], mpmath.sin),
    "cos": (lambda x: x.sincos()[1], mpmath.cos),
    "cdf": (lambda x: x.normal()[0], mpmath.ncdf),
    "pdf": (lambda x: x.normal()[1], mpmath.npdf),
    "inverse": (lambda x: x.inverse(), lambda x: 1 / x),
    "log": (lambda x: (x * x + 1).log(), lambda x: mpmath.log(x * x + 1)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("x", POINTS)
@pytest.mark.parametrize("bits", [64, 256])
def test_intervals_contain_the_true_value_and_are_narrow(name: str, x: Fraction, bits: int) -> None:
    ours, theirs = FUNCTIONS[name]
    if name == "inverse" and x == 0:
        with pytest.raises(Outside):
            ours(enclose(x, bits))
        return
    interval = ours(enclose(x, bits))
    assert holds(interval, theirs(real(x)))
    if bits == 256 and abs(x) < 10:
        assert interval.hi - interval.lo < 1 << 160


@given(
    st.fractions(-6, 6, max_denominator=50),
    st.fractions(0, HALF, max_denominator=50),
    st.fractions(0, 1, max_denominator=9),
)
def test_wide_intervals_contain_all_their_values(x: Fraction, width: Fraction, place: Fraction) -> None:
    low, high = enclose(x, 128), enclose(x + width, 128)
    wide, inside = Interval(low.lo, high.hi, 128), real(x + place * width)
    for name in ("exp", "sin", "cos", "cdf", "pdf", "log"):
        ours, theirs = FUNCTIONS[name]
        assert holds(ours(wide), theirs(inside)), name
    assert holds(wide * wide - wide / 3, inside * inside - inside / 3)


def t_and_u(value: Any) -> Any:
    """The real number that an element of FIELD is, by mpmath."""
    t, u = mpmath.exp(mpmath.mpf(1) / 12), mpmath.tan(mpmath.mpf(1) / 8)

    def image(poly: Sparse) -> Any:
        return sum(real(Fraction(c)) * t ** m[0] * u ** m[1] for m, c in poly.terms.items())

    total = mpmath.mpf(0)
    for below, above in value.terms.items():
        part = image(above)
        for factor in below:
            part /= image(FIELD.factors[factor])
        total += part
    return total


def at(name: str, x: Fraction) -> list[Any]:
    """f(x), f'(x) and f''(x) of a function of formulas or an activation, over FIELD."""
    jet = Calculus(FIELD, 2)
    terms = jet.apply(name, jet.jet(x, 0)).terms
    return [terms.get((), Fraction(0)), terms.get((0,), Fraction(0)), terms.get((0, 0), Fraction(0)) * 2]


z = sympy.Symbol("z", real=True)
CLOSED = {
    "exp": sympy.exp(z),
    "sin": sympy.sin(z),
    "cos": sympy.cos(z),
    "tanh": sympy.tanh(z),
    "sigmoid": 1 / (1 + sympy.exp(-z)),
    "softplus": sympy.log(1 + sympy.exp(z)),
    "silu": z / (1 + sympy.exp(-z)),
    "gaussian": sympy.exp(-(z**2)),
    "logcosh": sympy.log(sympy.cosh(z)),
    "square": z**2,
    "linear": z,
}


@pytest.mark.parametrize("name", CLOSED)
@pytest.mark.parametrize("x", [Fraction(1, 2), Fraction(-3, 2), Fraction(1)])
def test_functions_in_the_exact_field(name: str, x: Fraction) -> None:
    for order, value in enumerate(at(name, x)):
        if value is BEYOND:
            assert name in ("softplus", "logcosh")
            assert order == 0
            continue
        expected = sympy.diff(CLOSED[name], z, order).subs(z, sympy.Rational(x.numerator, x.denominator))
        ours = t_and_u(value) if isinstance(value, Sparse) else real(Fraction(value))
        assert abs(ours - mpmath.mpf(sympy.N(expected, 60))) < mpmath.mpf(10) ** -45


@pytest.mark.parametrize("name", sorted({*COMPOSED, "exp", "sin", "cos"} - {"leaky_relu", "abs"}))
@pytest.mark.parametrize("x", [Fraction(3, 7), Fraction(-2)])
def test_functions_in_intervals(name: str, x: Fraction) -> None:
    numbers = Numbers(1, 1, 256)
    jet = Calculus(numbers, 2)
    terms = jet.apply(name, jet.jet(x, 0)).terms
    closed = CLOSED.get(name, z * (1 + sympy.erf(z / sympy.sqrt(2))) / 2)
    for m, scale, order in (((), 1, 0), ((0,), 1, 1), ((0, 0), 2, 2)):
        expected = mpmath.mpf(
            sympy.N(sympy.diff(closed, z, order).subs(z, sympy.Rational(x.numerator, x.denominator)), 60)
        )
        interval = enclose(terms.get(m, Fraction(0)), 256) * scale
        widened = Interval(interval.lo - (1 << 90), interval.hi + (1 << 90), 256)  # sympy gives 60 digits
        assert holds(widened, expected)
        assert interval.hi - interval.lo < 1 << 90


def test_piecewise_functions_have_no_derivative_at_the_kink() -> None:
    for name, left in (("relu", 0), ("abs", -1), ("leaky_relu", Fraction(1, 3))):
        for order in (0, 1, 2):
            jet = Calculus(FIELD, order)
            for x in (Fraction(2), Fraction(-3)):
                terms = jet.apply(name, jet.jet(x, 0), Fraction(1, 3)).terms
                slope = 1 if x > 0 else left
                assert terms.get((), 0) == x * slope
                assert terms.get((0,), 0) == (slope if order else 0)
            if order == 0:
                assert not jet.apply(name, jet.jet(0, 0), Fraction(1, 3))
            else:
                with pytest.raises(Reject, match="kink"):
                    jet.apply(name, jet.jet(Fraction(0), 0), Fraction(1, 3))


exponents = st.tuples(st.integers(-6, 6), st.integers(0, 3))
polynomials = st.dictionaries(exponents, st.fractions(-9, 9, max_denominator=4), min_size=1, max_size=4).map(
    FIELD.element
)


@given(polynomials, polynomials, polynomials)
def test_the_laws_of_a_field(a: Any, b: Any, c: Any) -> None:
    for value in ((a + b) * c - (a * c + b * c), a * b - b * a, a - a, (a + b) + c - (a + (b + c)), 3 * a - a - a - a):
        assert FIELD.is_zero(value)
    if b and c:
        assert FIELD.is_zero(a / b + a / c - a * (b + c) / (b * c))
        assert FIELD.is_zero(b / c * (c / b) - 1)
        assert not FIELD.is_zero(a / b - a / b + 1 / c)


@given(polynomials, polynomials)
def test_residues_and_enclosures_agree_with_the_field(a: Any, b: Any) -> None:
    point = (10**9 + 7, 12345, 678910)
    residue = FIELD.residue
    assert residue(a * b + a, point) == (residue(a, point) * residue(b, point) + residue(a, point)) % point[0]
    assert holds(FIELD.enclosure(a, 128), t_and_u(a))
    if b:
        quotient = a / b
        assert residue(quotient, point) * residue(b, point) % point[0] == residue(a, point)
        value = t_and_u(quotient)
        assert FIELD.signs(quotient) == {(value > 0) - (value < 0)}


def test_identities_that_only_hold_after_bringing_to_one_denominator() -> None:
    def f(name: str, x: Fraction) -> Any:
        return at(name, x)[0]

    x, y = HALF, Fraction(1, 3)
    tanh = [f("tanh", part) for part in (x, y, x + y)]
    assert FIELD.is_zero((tanh[0] + tanh[1]) / (1 + tanh[0] * tanh[1]) - tanh[2])
    assert FIELD.is_zero(f("sigmoid", x) + f("sigmoid", -x) - 1)
    sin, cos = f("sin", HALF), f("cos", HALF)
    assert FIELD.is_zero(sin * sin + cos * cos - 1)
    assert FIELD.is_zero(2 * sin * cos - f("sin", Fraction(1)))
    assert FIELD.is_zero(f("exp", x) * f("exp", y) - f("exp", x + y))
    assert not FIELD.is_zero(f("exp", x) - f("exp", y))


def test_what_leaves_the_field_says_so() -> None:
    with pytest.raises(checker.Restart) as wider:
        at("exp", Fraction(1, 8))
    assert wider.value.args == (24, 4)
    with pytest.raises(Outside):
        FIELD.exp(FIELD.element({(1, 0): 1}))
    with pytest.raises(Outside):
        FIELD.signs(BEYOND)
    with pytest.raises(Reject):
        FIELD.log(Fraction(-1))
    with pytest.raises(Reject):
        checker.inverse(FIELD.element({(1, 0): 1}) - FIELD.element({(1, 0): 1}))


@given(st.lists(st.lists(st.integers(-3, 3), min_size=3, max_size=3), min_size=3, max_size=3))
def test_linear_algebra(rows: list[list[int]]) -> None:
    matrix = sympy.Matrix(rows)
    exact = [[Fraction(x) for x in row] for row in rows]
    assert checker.determinant(exact, FIELD) == Fraction(int(matrix.det()))
    assert (checker.independent([list(row) for row in rows], 101) == len(rows)) == (matrix.det() % 101 != 0)
    gram = matrix.T * matrix
    word = "definite" if matrix.rank() == 3 else "semidefinite"
    assert checker.definiteness([[Fraction(int(x)) for x in row] for row in gram.tolist()]) == word
    symmetric = matrix + matrix.T
    eigenvalues = [float(x) for x in mpmath.eigsy(mpmath.matrix(symmetric.tolist()), eigvals_only=True)]
    answer = checker.definiteness([[Fraction(int(x)) for x in row] for row in symmetric.tolist()])
    assert (answer == "indefinite") == (min(eigenvalues) < -1e-9)


def test_a_modulus_that_is_not_prime_is_used_with_units_only() -> None:
    assert checker.independent([[5, 1], [1, 1]], 9)
    with pytest.raises(ValueError):
        checker.independent([[3, 1], [1, 1]], 9)


def test_numbers_are_read_strictly() -> None:
    for good in ("0", "-1", "3/2", "-7/3", "9" * 4000):
        assert str(checker.rational(good)) == good
    for bad in (
        "",
        "+1",
        "2/4",
        "-0",
        "01",
        "1/1",
        "1/0",
        "1/-2",
        "1.5",
        "1e3",
        " 1",
        "1\n",
        "١",
        "9" * 4001,
        "1_0",
        1,
        None,
        True,
        1.5,
    ):
        with pytest.raises((Reject, ValueError)):
            checker.rational(bad)
    assert json.loads("[1]") == checker.read_json("[1]")
