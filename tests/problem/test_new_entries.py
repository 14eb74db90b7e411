"""An activation or a loss is one entry, and all but the checker, which believes nobody, knows what to do with it."""

from fractions import Fraction

import pytest
import sympy

import geomcheck as gc
from geomcheck.problem.activation import ACTIVATIONS, ActivationKind
from geomcheck.problem.loss import NamedLoss
from geomcheck.problem.losses import LOSSES

ONE, ZERO = Fraction(1), Fraction(0)
SIZES = {"network": "1-1-1 mish, no bias", "inputs": [[1]], "targets": [[0]]}


def gate(F, z):
    """tanh(log(1 + e^z))."""
    e = F.apply("exp", z)
    return F.divide(e * (e + 2), e * (e + 2) + 2)


def mish_slopes(F, z, _):
    t, s = gate(F, z), F.apply("sigmoid", z)
    first = (-(t * t) + 1) * s
    second = first * t * s * -2 + first * (-s + 1)
    return t + z * first, first * 2 + z * second


def clipped(F, u):
    return F.positive_part(u + 1, ONE, ZERO) - F.positive_part(u - 1, ONE, ZERO) - 1


MISH = ActivationKind("mish", lambda F, z, _: z * gate(F, z), mish_slopes, "z tanh(log(1 + exp(z)))")
HUBER = NamedLoss(
    "huber",
    lambda F, f, y: F.divide(F.total(clipped(F, f - y) * ((f - y) * 2 - clipped(F, f - y))), F.constant(Fraction(2))),
    lambda F, f, y: clipped(F, f - y),
    lambda F, f, y: F.diagonal(F.step(f - y + 1, ONE, ZERO) - F.step(f - y - 1, ONE, ZERO)),
    formula="Σ huber(f − y)",
    latex=r"\sum \mathrm{huber}(f - y)",
    link="identity",
    definite_at_fit="definite",
    definite_everywhere="semidefinite",
    at_fit=LOSSES["mse"].at_fit,
    zero_at_fit=True,
    algebraic=True,
    piecewise=True,
)


@pytest.fixture(autouse=True)
def entries(monkeypatch):
    monkeypatch.setitem(ACTIVATIONS, "mish", MISH)
    monkeypatch.setitem(LOSSES, "huber", HUBER)


def test_a_new_activation_is_evaluated_derived_and_surveyed():
    values = gc.evaluate(["rank(G)", "trace(H_o)", "L"], **SIZES, parameters=[1, 1])
    assert (values["rank(G)"].value, values["rank(G)"].status) == ("1", "exact")
    e = 2.718281828459045
    t = e * (e + 2) / (e * (e + 2) + 2)
    slope = t + (1 - t * t) * e / (1 + e)
    formula, _, meaning = values["L"].value.partition(" with ")
    assert meaning == "t = e"
    assert sympy.sympify(formula).subs("t", e) == pytest.approx(t * t / 2)
    assert float(values["trace(H_o)"].value[1:].split()[0]) == pytest.approx(slope**2 + t**2)
    assert "exp(z1_0_0)" in str(gc.derive("G", **SIZES))
    found = gc.survey("G", gc.problem_from(SIZES | {"network": "1-2-1 mish"}), count=4)
    assert "0 disagree" in str(found)


def test_a_new_loss_is_evaluated_proved_about_and_searched():
    about = {"network": "1-1 linear, no bias", "loss": "huber", "inputs": [[1], [1]], "targets": [[0], [5]]}
    values = gc.evaluate(["L", "rank(D)", "H[0, 0]"], **about, parameters=["1/2"])
    assert [value.value for value in values.values()] == ["33/8", "1", "1"]  # 1/8 + (9/2 - 1/2)
    found = gc.check("index(H) <= 0 at all_points", network="1-2-1 linear", samples=1, loss="huber", trials=5)
    assert found.outcome in ("SURVIVED", "UNDECIDED")


def test_the_checker_believes_no_entry_that_it_does_not_have():
    found = gc.check("rank(H) == rank(G) at perfect_fits", network="2-3-1 tanh", samples=4, loss="huber")
    assert (found.outcome, found.reason) == ("UNDECIDED", "certificate-rejected")
    assert "unknown loss" in found.known
