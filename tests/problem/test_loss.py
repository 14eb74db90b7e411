from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import sympy

from geomcheck.errors import InputError, Kink, Undecided
from geomcheck.problem.loss import formula_loss, link_value
from geomcheck.problem.losses import LOSSES, named_loss

sys.path.insert(0, str(Path(__file__).parent))
from arithmetics import Expressions, Rationals

FIELD = Expressions()
R = sympy.Rational
TINY = R(1, 10**40)
LABELS = {
    "any": [[R(1, 3), R(-2), R(5)], [R(0), R(1), R(1, 7)]],
    "unit": [[R(1, 3), R(3, 4), R(1, 2)], [R(0), R(1), R(1, 7)]],
    "simplex": [[R(1, 2), R(1, 3), R(1, 6)], [R(0), R(1), R(0)]],
    "signs": [[R(1), R(-1), R(1)], [R(-1), R(-1), R(1)]],
}


def probabilities(loss):
    return loss.name in ("bce", "cross_entropy")


def outputs(loss):
    row = [[R(1, 5), R(3, 10), R(1, 2)], [R(2, 7), R(1, 7), R(4, 7)]]
    return row if probabilities(loss) else [[R(1, 3), R(-1, 4), R(2)], [R(-3, 2), R(1, 5), R(1, 7)]]


@pytest.mark.parametrize("name", LOSSES)
def test_gradient_and_hessian_are_the_derivatives_of_the_value(name):
    loss = LOSSES[name]
    y = np.array(LABELS[loss.domain], dtype=object)
    at = np.array(outputs(loss), dtype=object)
    n, k = y.shape
    f = np.array([[sympy.Symbol(f"f{i}{j}", real=True) for j in range(k)] for i in range(n)], dtype=object)
    point = dict(zip(f.ravel(), at.ravel(), strict=True))
    if loss.piecewise:  # the hinge: choose the branch by the sign of 1 - y f at the point, as the loss itself does
        value = np.array(
            [
                sum(((1 - y[i, j] * f[i, j]) ** 2 / 2 if y[i, j] * at[i, j] < 1 else 0) for j in range(k))
                for i in range(n)
            ]
        )
        assert list(loss.value(FIELD, at, y)) == [v.subs(point) for v in value]
    else:
        value = loss.value(FIELD, f, y)
    gradient, hessian = loss.gradient(FIELD, at, y), loss.hessian(FIELD, at, y)
    assert value.shape == (n,)
    assert gradient.shape == (n, k)
    assert hessian.shape == (n, k, k)
    for i in range(n):
        free = 0
        if loss.domain == "simplex" and not probabilities(loss):
            free = sum(y[i]) - 1
        assert free == 0
        for a in range(k):
            wanted = sympy.diff(value[i], f[i, a])
            assert abs(sympy.N(wanted.subs(point) - gradient[i, a], 60)) < TINY
            for b in range(k):
                wanted_b = sympy.diff(wanted, f[i, b])
                assert abs(sympy.N(wanted_b.subs(point) - hessian[i, a, b], 60)) < TINY


@pytest.mark.parametrize("name", [name for name, loss in LOSSES.items() if loss.link])
def test_the_fit_is_where_the_formulas_say(name):
    loss = LOSSES[name]
    f = np.array(outputs(loss), dtype=object)
    y = link_value(FIELD, loss.link, f)
    for wanted, got in (
        (loss.gradient(FIELD, f, y), loss.gradient_at_fit(FIELD, y)),
        (loss.hessian(FIELD, f, y), loss.hessian_at_fit(FIELD, y)),
    ):
        assert wanted.shape == got.shape
        assert all(abs(sympy.N(d, 60)) < TINY for d in (wanted - got).ravel())
    gradient = loss.gradient_at_fit(FIELD, y)
    assert all(entry == 0 for entry in gradient.ravel()) == loss.gradient_vanishes_at_fit
    values = np.linalg.eigvalsh(loss.hessian_at_fit(FIELD, y)[0].astype(float))
    kind = "zero" if abs(values[-1]) < 1e-9 else "definite" if values[0] > 1e-9 else "semidefinite"
    assert kind == loss.definite_at_fit


@pytest.mark.parametrize("name", LOSSES)
def test_convexity_and_definiteness_everywhere(name):
    loss = LOSSES[name]
    y = np.array(LABELS[loss.domain], dtype=object)
    hessians = loss.hessian(FIELD, np.array(outputs(loss), dtype=object), y)
    for hessian in hessians:
        smallest = np.linalg.eigvalsh(hessian.astype(float))[0]
        assert smallest > -1e-12
        if loss.definite_everywhere == "definite":
            assert smallest > 1e-9


def test_a_loss_without_a_finite_minimiser_says_so():
    for name in ("logistic", "exponential", "squared_hinge"):
        y = np.array([[R(1)]], dtype=object)
        with pytest.raises(Undecided) as caught:
            LOSSES[name].gradient_at_fit(FIELD, y)
        assert caught.value.reason == "no-finite-minimiser"
        assert LOSSES[name].no_finite_minimiser(((Fraction(1),),)) is not None


def test_hard_labels_have_no_finite_minimiser():
    hard, soft = ((Fraction(0), Fraction(1)),), ((Fraction(1, 4), Fraction(3, 4)),)
    for name in ("cross_entropy", "softmax_cross_entropy", "bce", "bce_logits"):
        assert "hard label" in LOSSES[name].no_finite_minimiser(hard)
        assert LOSSES[name].no_finite_minimiser(soft) is None
    assert LOSSES["mse"].no_finite_minimiser(hard) is None


def test_squared_hinge_at_its_margin_is_a_kink():
    f, y = np.array([[Fraction(2), Fraction(1)]], dtype=object), np.array([[Fraction(1), Fraction(1)]], dtype=object)
    assert list(LOSSES["squared_hinge"].value(Rationals(), f, y)) == [0]
    with pytest.raises(Kink) as caught:
        LOSSES["squared_hinge"].hessian(Rationals(), f, y)
    assert (caught.value.sample, caught.value.unit) == (0, 1)


@pytest.mark.parametrize(
    ("name", "row", "said"),
    [
        ("cross_entropy", ["1/2", "1/3"], "got sum 5/6"),
        ("softmax_cross_entropy", ["3/2", "-1/2"], "got -1/2"),
        ("bce", ["1/2", "2"], "between 0 and 1, got 2"),
        ("logistic", ["1", "0"], "1 or -1, got 0"),
    ],
)
def test_labels_outside_the_domain(name, row, said):
    assert said in named_loss(name).targets_domain((tuple(Fraction(y) for y in row),))


def test_loss_formulas():
    loss = formula_loss(["f1", "f2"], ["y1", "y2"], "(f1-y1)^2 + (f2-y2)^4")
    assert loss.n_outputs == 2
    for outputs_, targets, value, said in (
        (["f"], ["y"], "f - z", "unknown name 'z'"),
        (["f"], [], "f", "as many targets"),
        (["f"], ["f"], "f", "given twice"),
        (["exp"], ["y"], "y", "is a function"),
        (["1f"], ["y"], "y", "expected a name"),
    ):
        with pytest.raises(InputError, match=said):
            formula_loss(outputs_, targets, value)
    with pytest.raises(InputError, match="did you mean 'mse'"):
        named_loss("msee")
