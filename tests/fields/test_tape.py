"""A tape records what the other fields compute: run in balls, it gives what balls give."""

from fractions import Fraction

import flint
import numpy as np
import pytest

from geomcheck.errors import Kink, OutsideField, Undecided
from geomcheck.fields.balls import BallField
from geomcheck.fields.tape import TapeField
from geomcheck.geometry.derivatives import Derivatives
from geomcheck.problem.read import problem_from

CASES = [
    {"network": "2-3-1 tanh", "samples": 3},
    {"network": "1-2-2-1 tanh sigmoid", "samples": 2},
    {"network": "2-3-2 relu", "samples": 3, "reduction": "mean"},
    {"network": "1-3-1 leaky_relu(1/10)", "samples": 4, "weight_decay": "1/7"},
    {"network": "2-2-1 silu", "samples": 2, "loss": "quartic"},
    {"network": "2-2-1 gelu", "samples": 2, "loss": "logcosh"},
    {"network": "1-2-1 softplus", "samples": 2, "loss": "bce_logits"},
    {"network": "2-3 linear", "samples": 2, "loss": "softmax_cross_entropy"},
    {"network": "2-3 linear", "samples": 2, "loss": "softmax_cross_entropy", "behaviour": "probabilities"},
    {
        "network": "1-2-1 sin, no bias",
        "samples": 2,
        "loss": {"outputs": ["f"], "targets": ["y"], "value": "(f-y)^4 + f^2"},
    },
    {"model": {"parameters": ["a", "b"], "inputs": ["x"], "outputs": ["a*exp(b*x) / (1 + a^2)"]}, "samples": 2},
    {"model": {"parameters": ["a", "b"], "inputs": ["x"], "outputs": ["abs(a*x + 3) * b"]}, "samples": 2},
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.get("network", "formula"))[:20])
def test_a_tape_agrees_with_balls(case):
    problem = problem_from(case)
    theta = [Fraction((7 * i) % 11 - 5, 4) + Fraction(1, 9) for i in range(problem.P)]
    inputs = [[Fraction((3 * i + 5 * j) % 7 - 3, 2) for j in range(problem.model.n_inputs)] for i in range(problem.N)]
    targets = [[Fraction(1, problem.K + 1 if problem.K == 1 else problem.K)] * problem.K for _ in range(problem.N)]
    tape, balls = TapeField(problem.P), BallField(128)
    unknowns = np.array(tape.unknowns, dtype=object)
    recorded = Derivatives(problem, tape, unknowns, tape.array(inputs), tape.array(targets))
    computed = Derivatives(problem, balls, balls.array(theta), balls.array(inputs), balls.array(targets))
    for quantity in ("F", "G", "H", "gradient", "loss"):
        expected = np.asarray(getattr(computed, quantity), dtype=object).reshape(-1)
        program = tape.program(np.asarray(getattr(recorded, quantity), dtype=object).reshape(-1))
        found = program(list(balls.array(theta)), 128)
        assert all(a.overlaps(b) and a.rad() < flint.arb("1e-30") for a, b in zip(found, expected, strict=True)), (
            quantity
        )


def test_what_is_trivial_is_not_recorded():
    tape = TapeField(2)
    x, y = tape.unknowns
    zero, one = tape.element(Fraction(0)), tape.element(Fraction(1))
    assert (x * zero).number == zero.number == (x - x).number
    assert (x * one).number == (x + zero).number == (x - zero).number == (x + 0).number == (1 * x).number == x.number
    assert (x * y).number == (y * x).number and (x + y).number == (y + x).number
    assert len(tape.program([x * y + y * x, x - y])) == 3
    assert len(tape.program([tape.element(Fraction(2)) * tape.element(Fraction(1, 3)) + 1])) == 0
    assert bool(tape.program([2 - x])([flint.arb(5), flint.arb(0)], 64)[0] == -3)
    assert bool(tape.program([-x])([flint.arb(5), flint.arb(0)], 64)[0] == -5)


def test_a_program_contains_every_value_over_a_box():
    tape = TapeField(1)
    (x,) = tape.unknowns
    program = tape.program([x * x - x, tape.primitive("tanh", x) * x])
    wide = program([flint.arb(1, "0.5")], 128)
    for k in range(-8, 9):
        narrow = program([flint.arb(1) + flint.arb(k) / 16], 128)
        assert all(a.contains(b) for a, b in zip(wide, narrow, strict=True))


def test_signs_divisions_and_words():
    tape = TapeField(1)
    (x,) = tape.unknowns
    array = np.array([x], dtype=object)
    step = tape.program(tape.step(array, Fraction(2), Fraction(-1)))
    assert [int(step([flint.arb(v)], 64)[0].unique_fmpz()) for v in (3, -3)] == [2, -1]
    with pytest.raises(Undecided, match="sign-unknown"):
        step([flint.arb(1, 2)], 64)
    with pytest.raises(Kink, match="unit 0"):
        step([flint.arb(0)], 64)
    tape = TapeField(1)
    array = np.array(tape.unknowns, dtype=object)
    part = tape.program(tape.positive_part(array, Fraction(2), Fraction(-1)))
    image = part([flint.arb(0, 1)], 64)[0]
    assert all(image.contains(part([flint.arb(v)], 64)[0]) for v in (-1, 0, 1))
    with pytest.raises(Undecided, match="sign-unknown"):
        tape.signs(array)
    assert tape.signs(tape.array([-3, 0, 2])).tolist() == [-1, 0, 1]
    with pytest.raises(OutsideField):
        tape.divide(array, tape.array([0]))
    with pytest.raises(OutsideField):
        tape.apply("sqrt", array)


def test_what_cancels_still_has_no_value_where_it_had_none():
    for record, refused in (
        (lambda tape, x: tape.step(x, Fraction(1), Fraction(-1)), (Kink, Undecided)),
        (lambda tape, x: tape.divide(tape.array([1]), x), (OutsideField, Undecided)),
        (lambda tape, x: tape.apply("log", x), (OutsideField,)),
    ):
        tape = TapeField(1)
        x = np.array(tape.unknowns, dtype=object)
        program = tape.program([record(tape, x)[0] * 0])
        assert program([flint.arb(2)], 64)[0].is_zero()
        for unknown in (flint.arb(0), flint.arb(1, 2)):
            with pytest.raises(refused):
                program([unknown], 64)


def test_determinant():
    tape = TapeField(4)
    matrix = np.array(tape.unknowns, dtype=object).reshape(2, 2)
    program = tape.program([tape.determinant(matrix), tape.determinant(matrix[:0, :0])])
    values = program([flint.arb(v) for v in (2, 3, 5, 7)], 64)
    assert [int(v.unique_fmpz()) for v in values] == [-1, 1]
