"""Krawczyk's test: roots known by construction are enclosed, and nothing that is no root is ever accepted."""

import random
from fractions import Fraction

import flint
import numpy as np
import pytest

from geomcheck.errors import InputError, Undecided
from geomcheck.fields.balls import BallField
from geomcheck.fields.enclosures import working_precision
from geomcheck.linear_algebra.krawczyk import System, isolated_zero, isolation_radius, krawczyk


def ball(x):
    return flint.arb(flint.fmpq(x.numerator, x.denominator))


def holds(enclosure, x):
    with working_precision(4000):
        return bool((enclosure - ball(x)).contains(0))


def one(value, slope):
    """A system of one equation."""
    return System(1, lambda x, _: [value(x[0])], lambda x, _: [[slope(x[0])]])


def with_roots(*roots):
    """Π (x − root), and its derivative by the product rule."""

    def value(x):
        return product(x - ball(Fraction(r)) for r in roots)

    def slope(x):
        return sum(
            (product(x - ball(Fraction(r)) for j, r in enumerate(roots) if j != i) for i in range(len(roots))),
            flint.arb(0),
        )

    return one(value, slope)


def product(factors):
    total = flint.arb(1)
    for factor in factors:
        total *= factor
    return total


def around(root, seed):
    """A(x − root) + quadratic forms in x − root, A invertible: a system with this root, nonsingular there."""
    n, choice = len(root), random.Random(seed)
    a = [[choice.randint(-3, 3) + 8 * (i == j) for j in range(n)] for i in range(n)]
    q = [[[choice.randint(-2, 2) for _ in range(n)] for _ in range(n)] for _ in range(n)]

    def value(x, _):
        d = [xi - ball(r) for xi, r in zip(x, root, strict=True)]
        return [
            sum((a[i][j] * d[j] for j in range(n)), flint.arb(0))
            + sum((q[i][j][k] * d[j] * d[k] for j in range(n) for k in range(n)), flint.arb(0))
            for i in range(n)
        ]

    def jacobian(x, _):
        d = [xi - ball(r) for xi, r in zip(x, root, strict=True)]
        return [
            [a[i][j] + sum(((q[i][j][k] + q[i][k][j]) * d[k] for k in range(n)), flint.arb(0)) for j in range(n)]
            for i in range(n)
        ]

    return System(n, value, jacobian)


@pytest.mark.parametrize("seed", range(30))
def test_a_root_by_construction_is_enclosed(seed):
    choice = random.Random(seed)
    n = choice.randint(1, 6)
    root = [Fraction(choice.randint(-9, 9), choice.randint(1, 7)) for _ in range(n)]
    near = [r + Fraction(choice.randint(-5, 5), 1000) for r in root]
    zero = isolated_zero(around(root, seed), near)
    assert zero.radius < Fraction(1, 10**30)
    assert all(abs(c - r) < zero.radius for c, r in zip(zero.centre, root, strict=True))
    assert all(holds(k, r) for k, r in zip(zero.image, root, strict=True))


def test_each_of_several_roots_is_found_from_nearby():
    roots = [Fraction(-7, 3), Fraction(0), Fraction(1, 3), Fraction(5, 2)]
    system = with_roots(*roots)
    for root in roots:
        zero = isolated_zero(system, [root + Fraction(1, 50)])
        assert abs(zero.centre[0] - root) < zero.radius


@pytest.mark.parametrize("seed", range(4))
def test_the_test_passes_only_with_exactly_one_root_in_the_box(seed):
    choice = random.Random(seed)
    roots = [Fraction(-2), Fraction(1, 3), Fraction(1), Fraction(11, 10)]
    system, passed = with_roots(*roots), 0
    for _ in range(1500):
        centre = Fraction(choice.randint(-3 * 64, 2 * 64), 64)
        radius = Fraction(1, 2 ** choice.randint(0, 9))
        image = krawczyk(system, [centre], radius)
        if image is not None:
            inside = [r for r in roots if abs(r - centre) <= radius]
            assert len(inside) == 1
            assert holds(image[0], inside[0])
            passed += 1
    assert passed > 20


def test_the_test_passes_only_with_exactly_one_root_in_the_plane():
    """(x² + y² − 5, xy − 2) has the roots ±(1, 2), ±(2, 1)."""
    system = System(
        2,
        lambda v, _: [v[0] * v[0] + v[1] * v[1] - 5, v[0] * v[1] - 2],
        lambda v, _: [[2 * v[0], 2 * v[1]], [v[1], v[0]]],
    )
    roots = [(1, 2), (2, 1), (-1, -2), (-2, -1)]
    choice, passed = random.Random(0), 0
    for _ in range(4000):
        near = choice.choice(roots)
        centre = [r + Fraction(choice.randint(-16, 16), 64) for r in near]
        radius = Fraction(1, 2 ** choice.randint(0, 7))
        if krawczyk(system, centre, radius) is not None:
            assert sum(all(abs(r - c) <= radius for r, c in zip(root, centre, strict=True)) for root in roots) == 1
            passed += 1
    assert passed > 20


def test_a_shifted_candidate_is_not_accepted():
    zero = isolated_zero(with_roots(Fraction(1, 3)), [Fraction(1)])
    system = with_roots(Fraction(1, 3))
    assert krawczyk(system, zero.centre, zero.radius) is not None
    for shift in (zero.radius, 2 * zero.radius, -3 * zero.radius, Fraction(1, 2)):
        assert krawczyk(system, [zero.centre[0] + shift], zero.radius / 2) is None


def test_a_function_without_a_zero_has_none():
    for system in (
        one(lambda x: x * x + 1, lambda x: 2 * x),
        one(lambda x: x.exp(), lambda x: x.exp()),
        one(lambda x: x * x + ball(Fraction(1, 10**40)), lambda x: 2 * x),
    ):
        for start in (-2, 0, Fraction(1, 3), 5):
            with pytest.raises(Undecided):
                isolated_zero(system, [Fraction(start)])


@pytest.mark.parametrize("power", [2, 3, 4])
def test_a_singular_zero_is_not_accepted(power):
    system = one(lambda x: x**power, lambda x: power * x ** (power - 1))
    with pytest.raises(Undecided) as failure:
        isolated_zero(system, [Fraction(1, 2)])
    assert failure.value.reason in ("krawczyk-fails", "newton-diverges")
    with pytest.raises(Undecided, match="singular-jacobian"):
        isolated_zero(system, [Fraction(0)])
    for k in range(60):
        assert krawczyk(system, [Fraction(1, 2**70)], Fraction(1, 2**k)) is None


def test_a_curve_of_zeros_is_not_accepted():
    """(x² + y² − 1, 2(x² + y² − 1)): every point of the circle is a zero."""
    circle = System(
        2,
        lambda v, _: [v[0] * v[0] + v[1] * v[1] - 1, 2 * (v[0] * v[0] + v[1] * v[1] - 1)],
        lambda v, _: [[2 * v[0], 2 * v[1]], [4 * v[0], 4 * v[1]]],
    )
    for near in ([Fraction(1), Fraction(0)], [Fraction(3, 5), Fraction(4, 5)], [Fraction(1, 3), Fraction(1, 7)]):
        with pytest.raises(Undecided):
            isolated_zero(circle, near)
        for k in range(0, 100, 9):
            assert krawczyk(circle, [Fraction(1), Fraction(0)], Fraction(1, 2**k)) is None


def test_close_roots_are_told_apart_by_more_bits():
    apart = Fraction(1, 10**45)
    zero = isolated_zero(with_roots(Fraction(1), 1 + apart), [Fraction(1)])
    assert zero.precision > 128
    assert 0 < zero.radius < apart


def test_broken_derivatives_and_values():
    root = [Fraction(1, 3), Fraction(-2, 7)]
    good = around(root, 1)
    near = isolated_zero(good, root).centre
    radius = Fraction(1, 2**30)
    assert krawczyk(good, near, radius) is not None
    zero = System(2, good.value, lambda x, _: [[flint.arb(0)] * 2] * 2)
    wide = System(2, good.value, lambda x, p: [[e + flint.arb(0, 100) for e in row] for row in good.jacobian(x, p)])
    nan = System(2, lambda x, _: [flint.arb("nan")] * 2, good.jacobian)
    infinite = System(2, good.value, lambda x, _: [[flint.arb(0, "inf")] * 2] * 2)
    shifted = System(2, lambda x, p: [v + ball(Fraction(1, 2**20)) for v in good.value(x, p)], good.jacobian)
    negated = System(2, lambda x, p: [-v for v in shifted.value(x, p)], good.jacobian)
    for broken in (zero, wide, nan, infinite, shifted, negated):
        assert krawczyk(broken, near, radius) is None


def test_a_kink_in_the_box_is_refused():
    """|x| − x/2 − 1/4 has the roots 1/2 and −1/6 and a kink at 0."""
    field = BallField(128)

    def value(x, _):
        return [
            field.positive_part(np.array(x, dtype=object), Fraction(1), Fraction(-1))[0] - x[0] / 2 - flint.arb("0.25")
        ]

    def jacobian(x, _):
        return [[field.step(np.array(x, dtype=object), Fraction(1), Fraction(-1))[0] - flint.arb("0.5")]]

    system = System(1, value, jacobian)
    assert abs(isolated_zero(system, [Fraction(1, 4)]).centre[0] - Fraction(1, 2)) < Fraction(1, 10**30)
    assert krawczyk(system, [Fraction(1, 2)], Fraction(1, 4)) is not None
    with pytest.raises(Undecided, match="sign-unknown"):
        krawczyk(system, [Fraction(1, 2)], Fraction(3, 4))
    at_the_kink = System(1, lambda x, p: [value(x, p)[0] + flint.arb("0.25")], jacobian)
    with pytest.raises(Undecided):
        isolated_zero(at_the_kink, [Fraction(1, 8)])


def test_isolation_radius():
    system = with_roots(0, 1)
    zero = isolated_zero(system, [Fraction(1, 10)])
    radius = isolation_radius(system, zero)
    assert Fraction(1, 16) <= radius < 1
    line = one(lambda x: 3 * x - 1, lambda x: flint.arb(3))
    assert isolation_radius(line, isolated_zero(line, [Fraction(0)]), Fraction(8)) == 8


def test_the_candidate_may_be_far_off():
    for start in (Fraction(100), Fraction(1, 10**6), Fraction(7, 3)):
        zero = isolated_zero(one(lambda x: x * x - 2, lambda x: 2 * x), [start])
        with working_precision(256):
            assert zero.image[0].overlaps(flint.arb(2).sqrt())


def test_bad_arguments():
    system = with_roots(1)
    with pytest.raises(InputError, match="1 coordinates"):
        krawczyk(system, [Fraction(1), Fraction(2)], Fraction(1))
    with pytest.raises(InputError, match="positive radius"):
        krawczyk(system, [Fraction(1)], Fraction(0))
    with pytest.raises(InputError, match="dyadic"):
        krawczyk(system, [Fraction(1, 3)], Fraction(1))
    with pytest.raises(InputError, match="1 coordinates"):
        isolated_zero(system, [])


def test_flints_own_precision_is_left_alone():
    before = flint.ctx.prec
    isolated_zero(with_roots(Fraction(1), 1 + Fraction(1, 10**45)), [Fraction(1)])
    assert flint.ctx.prec == before
