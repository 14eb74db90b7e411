"""Isolated critical points: published ones with their numbers, and known inertia by construction."""

import random
from fractions import Fraction

import flint
import mpmath
import numpy as np
import pytest

import geomcheck as gc
from geomcheck.errors import GeomcheckError, InputError, Undecided
from geomcheck.geometry.derivatives import Derivatives
from geomcheck.geometry.minima.systems import TAPE_LIMIT, gradient_system, in_balls
from geomcheck.linear_algebra.krawczyk import krawczyk
from geomcheck.problem.read import problem_from

AUER = {"network": "1-1, no bias, output sigmoid", "inputs": [1, 10], "targets": ["9/10", "1/10"]}


def near(enclosure, text):
    """Whether all digits shown are right."""
    return abs(enclosure - flint.arb(text)) < flint.arb(10) ** -(len(text.partition(".")[2]) - 1)


def test_two_minima_of_a_single_neuron():
    """Auer, Herbster and Warmuth 1996: exactly two local minima, at the published places."""
    starts = np.linspace(-1, 3, 41).tolist()
    found = {}
    for start in starts:
        try:
            point = gc.critical_point(AUER, near=[start])
        except Undecided:
            continue
        found.setdefault(round(point.centre[0] * 10**9), point)
    minima = sorted((p for p in found.values() if p.kind == "strict local minimum"), key=lambda p: p.centre)
    assert len(found) == 3 and len(minima) == 2
    assert near(minima[0].enclosure[0], "-0.1548019186") and near(minima[0].loss, "0.09903574521")
    assert near(minima[1].enclosure[0], "2.197224259") and near(minima[1].loss, "0.4049999997")
    assert [p.inertia for p in minima] == [(1, 0, 0), (1, 0, 0)]
    # There is no other: both terms have a gradient of one sign beyond ln 9 and below −(ln 9)/10, and in between every
    # piece on which the gradient may vanish lies where one of the three is known to be alone.
    system = gradient_system(problem_from(AUER))
    pieces = [(Fraction(-1, 4), Fraction(9, 4))]
    while pieces:
        low, high = pieces.pop()
        middle, radius = (low + high) / 2, (high - low) / 2
        gradient = system.value(
            [flint.arb(flint.fmpq(*middle.as_integer_ratio()), flint.fmpq(*radius.as_integer_ratio()))], 64
        )
        if gradient[0].contains(0) and not any(
            abs(middle - p.centre[0]) + radius <= p.alone_within for p in found.values()
        ):
            assert radius > Fraction(1, 2**20)
            pieces += [(low, middle), (middle, high)]


def test_four_minima_in_two_dimensions():
    """The same data on each axis: 2^d minima for d = 2."""
    data = {
        "network": "2-1, no bias, output sigmoid",
        "inputs": [[1, 0], [10, 0], [0, 1], [0, 10]],
        "targets": ["9/10", "1/10", "9/10", "1/10"],
    }
    places = (Fraction(-3, 20), Fraction(11, 5))
    points = [gc.critical_point(data, near=[a, b]) for a in places for b in places]
    assert [point.kind for point in points] == ["strict local minimum"] * 4
    assert len({tuple(round(x * 1000) for x in point.centre) for point in points}) == 4


def test_the_spurious_quadratic():
    """(x + b)² on (0, 1), (1, 4): a perfect fit, a maximum and a strict local minimum of loss 125/16."""
    model = {"parameters": ["b"], "inputs": ["x"], "outputs": ["(x + b)^2"]}
    data = {"model": model, "inputs": [0, 1], "targets": [1, 4]}
    for start, place, inertia, loss in (
        ("9/10", 1, (1, 0, 0), Fraction(0)),
        ("-11/10", -1, (0, 1, 0), Fraction(8)),
        ("-14/10", Fraction(-3, 2), (1, 0, 0), Fraction(125, 16)),
    ):
        point = gc.critical_point(data, near=[start])
        assert abs(point.centre[0] - place) <= point.radius < Fraction(1, 10**30)
        assert point.inertia == inertia
        assert point.loss.contains(flint.fmpq(loss.numerator, loss.denominator))
        assert point.status == "enclosed" and point.kind in str(point)


def test_a_split_neuron_is_not_isolated():
    """Fukumizu and Amari 2000: (1, 0) is isolated for width 1, and lies on a line of critical points for width 2."""
    data = {"inputs": [1, 2, 3], "targets": [-2, 7, 8]}
    single = {"parameters": ["a", "b"], "inputs": ["x"], "outputs": ["a*(x + b)^2"]}
    point = gc.critical_point(model=single, **data, near=["1.01", "0.01"])
    assert point.inertia == (2, 0, 0) and point.loss.contains(flint.fmpq(19, 2))
    assert abs(point.centre[0] - 1) <= point.radius and abs(point.centre[1]) <= point.radius
    double = {"parameters": ["a", "b", "c", "d"], "inputs": ["x"], "outputs": ["a*(x + b)^2 + c*(x + d)^2"]}
    for part in (Fraction(1, 2), Fraction(1, 4), Fraction(2), Fraction(-1)):
        for offset in (Fraction(0), Fraction(1, 10**6)):
            with pytest.raises(Undecided):
                gc.critical_point(model=double, **data, near=[part + offset, offset, 1 - part, -offset])


def test_products_of_scalars():
    """Kawaguchi 2016: at 0 the product of two has inertia (1, 1, 0); that of three has H = 0, and is refused."""
    two = {"parameters": ["a", "b"], "outputs": ["a*b"]}
    point = gc.critical_point(model=two, samples=1, targets=[1], near=[0, "1/100"])
    assert point.inertia == (1, 1, 0) and point.index == 1 and point.kind == "saddle of index 1"
    three = {"parameters": ["a", "b", "c"], "outputs": ["a*b*c"]}
    with pytest.raises(Undecided, match="singular"):
        gc.critical_point(model=three, samples=1, targets=[1], near=[0, 0, 0])


@pytest.mark.parametrize("seed", range(8))
def test_an_inertia_by_construction(seed):
    """L = ½ Σ (s_i² − t_i)², s = M a with M invertible, has at a = 0 as many negative eigenvalues as positive t_i."""
    choice = random.Random(seed)
    size = choice.randint(1, 5)
    names = [f"a{i}" for i in range(size)]
    rows = [[choice.randint(-2, 2) + 7 * (i == j) for j in range(size)] for i in range(size)]
    sums = [" + ".join(f"({c})*{name}" for c, name in zip(row, names, strict=True)) for row in rows]
    targets = [choice.choice((-2, -1, 1, 3)) for _ in range(size)]
    model = {"parameters": names, "outputs": [f"({total})^2" for total in sums]}
    start = [Fraction(choice.randint(-5, 5), 1000) for _ in range(size)]
    point = gc.critical_point(model=model, samples=1, targets=[targets], near=start)
    assert all(abs(x) <= point.radius for x in point.centre)
    positive = sum(t > 0 for t in targets)
    assert point.inertia == (size - positive, positive, 0)
    assert point.loss.contains(flint.fmpq(sum(t * t for t in targets), 2))


def plain_loss(theta, inputs, targets, decay):
    """1-2-1 tanh, mse, in mpmath: nothing of the package."""
    a, b, c, d, v, w, e = theta
    total = decay / 2 * sum(t * t for t in theta)
    for x, y in zip(inputs, targets, strict=True):
        total += (v * mpmath.tanh(a * x + c) + w * mpmath.tanh(b * x + d) + e - y) ** 2 / 2
    return total


@pytest.mark.parametrize("seed", range(4))
def test_a_network_agrees_with_differences_in_many_digits(seed):
    inputs, targets, decay = [-1, 0, 1, 2], [1, 0, Fraction(1, 2), -1], Fraction(1, 10)
    start = np.random.default_rng(seed).standard_normal(7)
    point = gc.critical_point(network="1-2-1 tanh", inputs=inputs, targets=targets, weight_decay=decay, near=start)
    with mpmath.workdps(60):
        theta = [mpmath.mpf(x.numerator) / x.denominator for x in point.centre]
        values = [mpmath.mpf(y.numerator) / y.denominator for y in map(Fraction, targets)]

        def loss(*t):
            return plain_loss(t, inputs, values, mpmath.mpf(1) / 10)

        gradient = [mpmath.diff(loss, theta, tuple(int(i == j) for j in range(7))) for i in range(7)]
        assert max(map(abs, gradient)) < mpmath.mpf(10) ** -25
        hessian = mpmath.matrix(7, 7)
        for i in range(7):
            for j in range(7):
                hessian[i, j] = mpmath.diff(loss, theta, tuple((i == k) + (j == k) for k in range(7)))
        signs = [x > 0 for x in mpmath.eigsy(hessian, eigvals_only=True)]
        assert point.inertia == (sum(signs), 7 - sum(signs), 0)
        assert abs(loss(*theta) - mpmath.mpf(str(point.loss.mid().str(40, radius=False)))) < mpmath.mpf(10) ** -25


def test_large_problems_use_arrays_and_agree():
    parts = {"network": "2-4-1 tanh", "weight_decay": "1/5"}
    choice = np.random.default_rng(0)
    data = {"inputs": choice.standard_normal((200, 2)), "targets": choice.standard_normal(200)}
    large, small = (
        problem_from({**parts, **data}),
        problem_from({**parts, "inputs": data["inputs"][:9], "targets": data["targets"][:9]}),
    )
    assert large.N * large.P**2 > TAPE_LIMIT > small.N * small.P**2
    theta = [flint.arb(i % 5 - 2) / 4 for i in range(large.P)]
    for problem in (large, small):
        system, direct = gradient_system(problem), in_balls(problem, theta, 128)
        assert isinstance(direct, Derivatives)
        assert all(a.overlaps(b) for a, b in zip(system.value(theta, 128), direct.gradient, strict=True))
        rows = system.jacobian(theta, 128)
        assert all(
            a.overlaps(b) for row, other in zip(rows, direct.H, strict=True) for a, b in zip(row, other, strict=True)
        )


def test_relu_off_its_kinks_and_at_one():
    data = {"network": "1-1-1 relu", "inputs": [1, 2, 3], "targets": [1, 3, 2], "weight_decay": "1/10"}
    point = gc.critical_point(data, near=["0.6", "0.3", "0.7", "0.5"])
    assert point.inertia[2] == 0
    with pytest.raises(GeomcheckError, match="exactly 0"):
        gc.critical_point(data, near=[0, 0, 1, 0])


def test_a_kink_is_seen_where_the_hessian_is_constant():
    """L = |a| + 5(a − 1)²: H = 10 on both sides of the kink at 0, and the only minimum is 9/10."""
    data = {
        "model": {"parameters": ["a"], "outputs": ["abs(a)", "(a - 1)"]},
        "loss": {"outputs": ["f", "g"], "targets": ["y", "z"], "value": "f + 5*g^2"},
        "samples": 1,
        "targets": [[0, 0]],
    }
    point = gc.critical_point(data, near=["3/4"])
    assert abs(point.centre[0] - Fraction(9, 10)) <= point.radius and point.alone_within == Fraction(1, 2)
    system = gradient_system(problem_from(data))
    assert krawczyk(system, [Fraction(3, 4)], Fraction(1, 2)) is not None
    with pytest.raises(Undecided, match="sign-unknown"):
        krawczyk(system, [Fraction(3, 4)], Fraction(1))


def test_within_and_bad_input():
    assert gc.critical_point(AUER, near=["2.2"], within="0.01").radius < Fraction(1, 10**30)
    with pytest.raises(Undecided, match="too-far"):
        gc.critical_point(AUER, near=["1.5"], within="0.01")
    with pytest.raises(InputError, match="candidate"):
        gc.critical_point(AUER)
    assert gc.critical_point({**AUER, "parameters": ["2.2"]}).kind == "strict local minimum"
    for bad in ([1, 2], "1", [float("nan")], ["x"]):
        with pytest.raises(InputError):
            gc.critical_point(AUER, near=bad)
    with pytest.raises(InputError, match="targets"):
        gc.critical_point(network="1-1", inputs=[1], near=[1, 1])
    with pytest.raises(InputError, match="perfect_fit"):
        gc.critical_point(network="1-1", inputs=[1], targets="perfect_fit", near=[1, 1])
    with pytest.raises(InputError, match="both"):
        gc.critical_point(problem_from(AUER), loss="mse", near=[1])
