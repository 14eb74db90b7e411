"""Work in ℚ(t, u) ends at a limit that no machine moves, and bounds that need no more stand."""

import random

import pytest

import geomcheck as gc
from geomcheck.claims.named_points import theta_at
from geomcheck.errors import OutsideField
from geomcheck.fields.effort import limited_effort, spend
from geomcheck.fields.rational_functions import RationalFunction
from geomcheck.geometry import instance as instances
from geomcheck.geometry.instance import Instance
from geomcheck.geometry.named_points import Instances
from geomcheck.problem.read import problem_from

t = RationalFunction.monomial(1)


def test_an_outer_limit_holds_inside() -> None:
    with pytest.raises(OutsideField), limited_effort(5), limited_effort(100):
        spend(6)


def test_a_limit_ends_with_its_block() -> None:
    with pytest.raises(OutsideField), limited_effort(5):
        (1 + t) ** 3 * (1 - t)
    for _ in range(10):
        (1 + t) ** 3 * (1 - t)


def test_elements_are_counted_by_terms() -> None:
    with limited_effort(100):
        1 + t  # three terms: 1 + t over 1, and what they are made of
    with pytest.raises(OutsideField), limited_effort(100):
        for _ in range(100):
            1 + t


def wide(samples: int):
    draw = random.Random(0)

    def row(n: int) -> list[int]:
        return [draw.randint(-3, 3) for _ in range(n)]

    data = {"inputs": [row(4) for _ in range(samples)], "targets": [row(1) for _ in range(samples)]}
    return problem_from({"network": "4-10-1 tanh", "parameters": row(61), **data})


def test_a_matrix_that_takes_too_much_work_is_outside_and_its_lower_bound_stands(monkeypatch) -> None:
    monkeypatch.setattr(instances, "MOST_WORK", 20_000)
    about = wide(6)
    with pytest.raises(OutsideField, match="too much work"):
        Instance(about).exactly(lambda d: d.H)
    found = gc.evaluate(["rank(H)", "rank(G)"], problem=about)
    assert found["rank(G)"].value == "6"
    verdict = gc.check("rank(H) >= rank(G)", problem=about)
    assert verdict.outcome == "PROVED"


def test_several_points_share_the_limit(monkeypatch) -> None:
    """Whatever lets the exact field grow ends at it, so named points do, too."""
    about = problem_from({"network": "1-2-1 tanh", "inputs": [[1], [2]], "targets": [[0], [1]],
                          "points": {"A": [1, 2, 3, 1, 2, 1, 1], "B": [2, 1, 1, 3, 1, 2, 1]}})  # fmt: skip
    place = ("point", "A")
    points = Instances(about, lambda at: theta_at(at, about))
    monkeypatch.setattr(instances, "MOST_WORK", 50)
    with pytest.raises(OutsideField, match="too much work"):
        points.exactly(lambda everywhere: everywhere.place(place).H)
