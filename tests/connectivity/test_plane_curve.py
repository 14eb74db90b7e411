"""Plane curves: the count of the engine and of the checker, each against what is known without them."""

from collections.abc import Callable
from fractions import Fraction
from random import Random

import flint
import pytest

from geomcheck import checker
from geomcheck.connectivity import algebraic_number, monomials, plane_curve, quadric
from geomcheck.connectivity.components import components
from geomcheck.connectivity.polynomials import equations
from geomcheck.errors import Undecided
from geomcheck.problem.canonical import problem_to_json
from tests.connectivity.plane_curves import (
    KNOWN,
    MAPS,
    PAIRS,
    arrangement,
    bounded,
    graphs,
    moved,
    polynomial,
    problem_of,
    regions,
)


def own(written: str) -> int:
    """What the engine says; 0 where nothing satisfies the equations."""
    try:
        return components(problem_of(written)).count
    except Undecided as answer:
        if "nothing satisfies them" not in answer.known:
            raise
        return 0


def theirs(written: str) -> int:
    """What the checker says."""
    checker.WORK[0] = 0
    try:
        return checker.components(checker.Problem(problem_to_json(problem_of(written))))
    except checker.Reject as answer:
        assert str(answer) == "no fit"
        return 0


def branches(written: str) -> tuple[int, int]:
    """What the rule for curves says, of the engine and of the checker, where others would come first."""
    problem = problem_of(written)
    found = plane_curve.components(equations(problem, problem.inputs, problem.targets))
    fits = [
        {(0,) * i + (1,) * j: c for (i, j), c in equation.terms.items()}
        for equation in equations(problem, problem.inputs, problem.targets)
    ]
    checker.WORK[0] = 0
    try:
        return found.count if found else 0, checker.curve(fits, {0, 1})
    except checker.Reject as answer:
        assert str(answer) == "no fit"
        return found.count if found else 0, 0


@pytest.mark.parametrize(("written", "count"), KNOWN)
def test_known_curves(written: str, count: int) -> None:
    assert own(written) == count
    assert theirs(written) == count


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_affine_maps_keep_the_count(first: int, second: int) -> None:
    over = 0
    for written, count in KNOWN[first::4]:
        image = moved(written, MAPS[first], MAPS[second])
        try:
            assert (own(image), theirs(image)) == (count, count), image
        except Undecided as answer:
            assert "critical values" in answer.known
            over += 1
    assert over <= 3


@pytest.mark.parametrize("build", [arrangement, graphs])
def test_counts_by_construction(build: Callable[[Random], tuple[str, int]]) -> None:
    rng, seen = Random(0), set()
    for _ in range(20):
        written, count = build(rng)
        assert branches(written) == (count, count), written
        seen.add(count)
    assert {1, 2, 3} <= seen


def test_regions_on_a_grid() -> None:
    rng, compared, seen = Random(1), 0, set()
    for _ in range(25):
        written, terms = bounded(rng)
        found = regions(terms)
        if found is not None:
            assert branches(written) == (found - 1, found - 1), written
            compared += 1
            seen.add(found - 1)
    assert compared > 20
    assert {1, 2} <= seen


def test_quadrics_and_monomials_have_the_same_count() -> None:
    rng = Random(3)
    for _ in range(30):
        for text, rule in (
            (polynomial(rng, 2), quadric),
            (f"{rng.choice([1, -2])}*a^{rng.randint(1, 3)}*b^2 - 4", monomials),
        ):
            problem = problem_of(text)
            known = rule.components(equations(problem, problem.inputs, problem.targets))
            count = known.count if known else 0
            assert branches(text) == (count, count), text


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("a^7 + b^7 - a - 1", "the plane curve has degree 7; curves are counted up to degree 6"),
        ("a^4 + b^4 - 1; a^2*b^2 - a*b", "the sum of the squares of the equations has degree 8"),
        (f"a^6 + a^5*b + {10**9}*b^6 + {7**14}*a^2*b^3 - a*b^2 - {11**9}*b", "so many are looked at up to"),
        (f"a^4 + {10**160 + 1}*b^4 + {7**270}*a^2*b - {3**99}*a*b^2 - {11**55}*b", "take"),
    ],
)
def test_beyond_the_limits_the_reason_names_them(written: str, known: str) -> None:
    with pytest.raises(Undecided, match="components-unknown") as answer:
        components(problem_of(written))
    assert known in answer.value.known


def test_signs_at_a_root_whose_polynomial_factors() -> None:
    def row(*coefficients: int) -> list[Fraction]:
        return [Fraction(c) for c in coefficients]

    root = checker.Root(row(10, -2, -5, 1), row(1, 2))  # (x² − 2)(x − 5)
    assert [root.sign(f) for f in (row(-2, 0, 1), row(-5, 1), row(-7, 5), row(-10, 7), [])] == [0, -1, 1, -1, 0]
    assert root.low**2 < 2 < root.high**2
    again = checker.Root(row(10, -2, -5, 1), row(1, 2))
    assert again.shortened([row(1), row(-5, 1), row(-2, 0, 1)]) == [row(1), row(-5, 1)]  # 1 + (√2 − 5)·b + 0·b²


@pytest.mark.parametrize(
    ("value", "sign"), [((-2, 0, 1), 0), ((1, 1), 1), ((-7, 5), 1), ((-10, 7), -1), ((-3, 2), -1), ((5,), 1), ((), 0)]
)
def test_signs_at_the_root_of_two(value: tuple[int, ...], sign: int) -> None:
    root = algebraic_number.RealRoot(flint.fmpq_poly([-2, 0, 1]), flint.fmpq(1), flint.fmpq(2))
    assert root.sign(flint.fmpq_poly(list(value))) == sign
    assert root.low**2 < 2 < root.high**2
