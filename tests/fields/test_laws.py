"""The laws of AbstractField, for every field: one table of fields, one of laws."""

from fractions import Fraction

import flint
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomcheck.errors import Kink, OutsideField, Undecided
from geomcheck.fields.balls import BallField
from geomcheck.fields.exponentials import ExponentialField
from geomcheck.fields.floats import FloatField
from geomcheck.fields.rational_functions import RationalFunction
from geomcheck.fields.rationals import RationalField
from geomcheck.fields.residues import ResidueArray, ResidueField
from geomcheck.fields.symbols import SymbolField

PRIME = (1 << 31) - 1
FIELDS = {
    "rationals": RationalField(),
    "exponentials": ExponentialField(2, 3),
    "residues": ResidueField(PRIME),
    "small-residues": ResidueField(10007, 5, 7, 2, 3),
    "balls": BallField(96),
    "floats": FloatField(),
    "symbols": SymbolField(["x"], 4),
}
SIGNED = [name for name in FIELDS if name != "symbols"]

fractions = st.fractions(min_value=-20, max_value=20, max_denominator=12)


@pytest.fixture(params=list(FIELDS), scope="module")
def field(request):
    return FIELDS[request.param]


@pytest.fixture(params=SIGNED, scope="module")
def signed(request):
    return FIELDS[request.param]


def matrices(rows, columns):
    return st.lists(st.lists(fractions, min_size=columns, max_size=columns), min_size=rows, max_size=rows)


def same(a, b):
    """Equality in the sense of the field: exact, overlap of balls, or up to rounding."""
    assert tuple(a.shape) == tuple(b.shape)
    if isinstance(a, ResidueArray):
        return bool((a.values == b.values).all())
    if not isinstance(a, np.ndarray):
        return bool(np.allclose(a.numpy(), b.numpy(), rtol=1e-10, atol=1e-9))
    if any(isinstance(x, flint.arb) for x in a.reshape(-1)):
        return all(flint.arb(x).overlaps(flint.arb(y)) for x, y in zip(a.reshape(-1), b.reshape(-1), strict=True))
    return all(x == y for x, y in zip(a.reshape(-1), b.reshape(-1), strict=True))


@settings(max_examples=25, deadline=None)
@given(a=matrices(2, 3), b=matrices(2, 3), c=matrices(3, 2), d=matrices(3, 2))
def test_ring_laws(field, a, b, c, d):
    x, y, z, w = (field.array(v) for v in (a, b, c, d))
    assert same((x + y) - y, x)
    assert same(x * (y + x), x * y + x * x)
    assert same(x + (-x), field.zeros((2, 3)))
    assert same(x - y, -(y - x))
    assert same(3 - x, -(x - 3))
    assert same(x * 2 + 1, 1 + x + x)
    assert same(field.matmul(x, z + w), field.matmul(x, z) + field.matmul(x, w))
    assert same(field.matmul(x, z).mT, field.matmul(z.mT, x.mT))
    assert same(field.matmul(x, field.identity(3)), x)
    assert same(field.total(x), field.matmul(x, field.ones((3, 1)))[:, 0])


@settings(max_examples=25, deadline=None)
@given(a=matrices(2, 3), b=matrices(3, 2), scalar=fractions)
def test_array_is_a_ring_homomorphism_from_the_rationals(field, a, b, scalar):
    product = [
        [sum((x * y for x, y in zip(row, column, strict=True)), Fraction(0)) for column in zip(*b, strict=True)]
        for row in a
    ]
    assert same(field.matmul(field.array(a), field.array(b)), field.array(product))
    assert same(field.array(a) * field.constant(scalar), field.array([[x * scalar for x in row] for row in a]))
    if product[0][0] * product[1][1] != product[0][1] * product[1][0]:
        expected = product[0][0] * product[1][1] - product[0][1] * product[1][0]
        found = field.determinant(field.array(product))
        assert same(field.zeros((1,)) + found, field.zeros((1,)) + field.constant(expected))


@settings(max_examples=25, deadline=None)
@given(a=matrices(2, 2), b=matrices(2, 2))
def test_division_undoes_multiplication(field, a, b):
    nonzero = [[x or Fraction(1) for x in row] for row in b]
    x, y = field.array(a), field.array(nonzero)
    assert same(field.divide(x, y) * y, x)


@settings(max_examples=25, deadline=None)
@given(a=matrices(2, 3), p=fractions, n=fractions)
def test_signs_steps_and_positive_parts(signed, a, p, n):
    x = signed.array(a)
    expected = np.array([[(v > 0) - (v < 0) for v in row] for row in a])
    assert (signed.signs(x) == expected).all()
    assert (signed.signs(-x) == -expected).all()
    assert same(
        signed.positive_part(x, Fraction(1), Fraction(0)) - signed.positive_part(-x, Fraction(1), Fraction(0)), x
    )
    part = [[v * (p if v > 0 else n) for v in row] for row in a]
    assert same(signed.positive_part(x, p, n), signed.array(part))
    nonzero = [[v or Fraction(1) for v in row] for row in a]
    step = [[p if v > 0 else n for v in row] for row in nonzero]
    assert same(signed.step(signed.array(nonzero), p, n), signed.array(step))


def test_shapes(field):
    x = field.array([[[1, 2], [3, 4]]])
    assert tuple(x.shape) == (1, 2, 2)
    assert tuple(field.matmul(x, field.array([[1, 0], [1, 1]])).shape) == (1, 2, 2)
    assert same(field.concatenate([x, x], axis=1)[:, 2:], x)
    assert same(field.stack([x[..., 0], x[..., 1]]), x)
    assert same(field.outer(x[0, 0], x[0, 1]), field.array([[3, 4], [6, 8]]))
    assert same(field.diagonal(x[0, 0]), field.array([[1, 0], [0, 2]]))
    assert same(field.filled(x, Fraction(3, 2)), field.ones((1, 2, 2)) * field.constant(Fraction(3, 2)))
    assert same(field.sum(x, 1), field.array([[4, 6]]))
    assert same(field.attach(x, lambda: None), x)
    assert same(x.swapaxes(1, 2), x.mT)
    assert same(x.reshape((4,))[[3, 0]], field.array([4, 1]))
    table = field.zeros((2, 3))
    table[:, 1:] = x[0]
    assert same(table, field.array([[0, 1, 2], [0, 3, 4]]))


@pytest.mark.parametrize(("rows", "terms", "columns"), [(0, 2, 3), (2, 0, 3), (2, 3, 0), (0, 0, 0)])
def test_empty_products_are_zero(field, rows, terms, columns):
    product = field.matmul(field.zeros((rows, terms)), field.zeros((terms, columns)))
    assert same(product, field.zeros((rows, columns)))


def test_the_determinant_of_nothing_is_one(field):
    assert same(field.zeros((1,)) + field.determinant(field.zeros((0, 0))), field.ones((1,)))


@pytest.mark.parametrize("name", ["rationals", "exponentials", "residues", "balls", "symbols"])
def test_division_by_zero_is_one_clear_error(name):
    with pytest.raises((OutsideField, Undecided)):
        FIELDS[name].divide(FIELDS[name].ones((2,)), FIELDS[name].array([1, 0]))


@pytest.mark.parametrize("name", ["rationals", "exponentials", "residues", "balls", "symbols"])
def test_a_step_at_zero_is_a_kink_that_says_where(name):
    with pytest.raises(Kink) as caught:
        FIELDS[name].step(FIELDS[name].array([[1, -1], [2, 0]]), Fraction(1), Fraction(0))
    assert (caught.value.sample, caught.value.layer, caught.value.unit) == (1, None, 1)


def test_a_step_at_zero_spoils_one_entry_of_a_float_batch():
    step = FIELDS["floats"].step(FIELDS["floats"].array([0, 2]), Fraction(1), Fraction(0))
    assert bool(step.isnan()[0]) and step[1] == 1


@settings(max_examples=25, deadline=None)
@given(a=st.lists(st.integers(-6, 6), min_size=1, max_size=4))
@pytest.mark.parametrize("primitive", ["exp", "tanh", "sigmoid", "sin", "cos"])
def test_primitives_agree_across_fields(primitive, a):
    q = 3 if primitive in ("sin", "cos") else 2
    x = [Fraction(v, q if primitive in ("sin", "cos", "exp", "sigmoid") else 2 * q) for v in a]
    exact = ExponentialField(2, 3)
    values = exact.apply(primitive, exact.array(x))
    residues = FIELDS["small-residues"]
    image = residues.apply(primitive, residues.array(x))
    assert same(image, residues.reduce(values))
    assert (residues.signs(image) == exact.signs(values)).all()
    balls, floats = FIELDS["balls"], FIELDS["floats"]
    enclosed = balls.apply(primitive, balls.array(x))
    assert same(enclosed, balls.embed(values, 2, 3))
    assert np.allclose([float(v.mid()) for v in enclosed], floats.apply(primitive, floats.array(x)).numpy())
    assert (exact.signs(values) == balls.signs(enclosed)).all() or 0 in a


@pytest.mark.parametrize("name", ["softplus", "normal_cdf", "normal_pdf", "logcosh", "log"])
def test_other_primitives_agree_in_balls_and_floats(name):
    x = [Fraction(1, 3), Fraction(5, 2), Fraction(40)]
    balls, floats = FIELDS["balls"], FIELDS["floats"]
    enclosed = [float(v.mid()) for v in balls.apply(name, balls.array(x))]
    assert np.allclose(enclosed, floats.apply(name, floats.array(x)).numpy(), rtol=1e-12)


@pytest.mark.parametrize("name", ["exponentials", "small-residues", "balls", "floats"])
def test_softmax_sums_to_one(name):
    field = FIELDS[name]
    p = field.softmax(field.array([[Fraction(1, 2), 2, -1], [0, 0, 1]]))
    assert same(field.total(p), field.ones((2,)))


def test_rational_function_is_named_in_errors():
    assert str(RationalFunction.monomial(1, -2)) == "t/(u^2)"
