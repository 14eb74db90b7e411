"""Explicit models: monomials, one parameter, one quadric, one curve; each answer is known by drawing the set."""

from typing import Any

import pytest

from geomcheck.connectivity.components import components
from geomcheck.errors import Undecided
from geomcheck.problem.read import problem_from


def of(names: str, outputs: Any, targets: Any, **more: Any) -> tuple[int, str]:
    model = {"parameters": names.split(), "inputs": [], "outputs": outputs}
    found = components(problem_from({"model": model, "samples": 1, "targets": [targets], **more}))
    return found.count, found.rule


@pytest.mark.parametrize(
    ("names", "outputs", "targets", "expected"),
    [
        ("a b", ["a*b"], [1], (2, "monomials")),
        ("a b", ["a*b"], [-1], (2, "monomials")),
        ("a b", ["a*b"], [0], (1, "monomials")),
        ("a b", ["a^2*b"], [1], (2, "monomials")),
        ("a b", ["a^2*b^2"], [1], (4, "monomials")),
        ("a b", ["a^2*b^2 + 1"], [1], (1, "monomials")),
        ("a b c", ["a*b"], [1], (2, "monomials")),
        ("a b c", ["a*b", "b*c"], [1, 1], (2, "monomials")),
        ("a b c", ["a*b", "b*c", "a*c"], [1, 1, 1], (2, "monomials")),
        ("a b", ["a*b", "a^2*b^2"], [2, 4], (2, "monomials")),
        ("a b c", ["a*b", "a*c"], [1, 0], (2, "monomials")),
        ("a", ["a^2"], ["1/4"], (2, "monomials")),
        ("a", ["a^3 - a"], [0], (3, "roots")),
        ("a", ["(a - 1)^2*(a + 2)"], [0], (2, "roots")),
        ("a", ["a^3 - a", "a^2 - a"], [0, 0], (2, "roots")),
        ("a", ["a - a"], [0], (1, "monomials")),
        ("a b", ["a^2 + b^2"], [1], (1, "quadric")),
        ("a b", ["a^2 - b^2"], [1], (2, "quadric")),
        ("a b", ["a^2 - b^2"], [-1], (2, "quadric")),
        ("a b", ["a^2 - b^2"], [0], (1, "quadric")),
        ("a b", ["a^2 + b^2"], [0], (1, "quadric")),
        ("a b", ["a^2 - b"], [0], (1, "quadric")),
        ("a b", ["a^2 + 2*a"], [0], (2, "roots")),
        ("a b", ["(a + b)^2"], [4], (2, "quadric")),
        ("a b", ["(a + b)^2"], [0], (1, "quadric")),
        ("a b", ["a*b + a + b"], [0], (2, "quadric")),
        ("a b", ["a*b + a + b"], [-1], (1, "quadric")),
        ("a b c", ["a^2 + b^2 - c^2"], [1], (1, "quadric")),
        ("a b c", ["a^2 + b^2 - c^2"], [-1], (2, "quadric")),
        ("a b c d", ["a*b + c*d"], [1], (1, "quadric")),
        ("a b", ["a^2 - b^2", "2*b^2 - 2*a^2"], [1, -2], (2, "quadric")),
        ("a b c", ["a^3 - a"], [0], (3, "roots")),
        ("a b c d", ["a*b", "c*d"], [1, 1], (4, "product")),
        ("a b c d", ["a*b", "c^2 - d^2 + d"], [1, 1], (4, "product")),
        ("a b c", ["a^3 - a", "b^2 + c^2"], [0, 1], (3, "product")),
        ("a b c d", ["a*b*c + a^5 + d"], [0], (1, "monomials")),
        ("a b c d", ["a*b*c + a^5 + d", "a^3 - a"], [0, 0], (3, "roots")),
        ("a b c", ["a + b + c", "a*b + 1"], [0, 0], (2, "quadric")),
        ("a b c", ["c + b^2", "a^2 - b^2*c - b^4 - 1"], [0, 0], (2, "monomials")),
        ("a b c", ["c + a^3", "c^2 - a^6 + b^3 - b"], [1, 1], (1, "curve")),
        ("a b", ["a + b", "a + b"], [1, 1], (1, "monomials")),
    ],
)
def test_known_sets(names: str, outputs: Any, targets: Any, expected: tuple[int, str]) -> None:
    assert of(names, outputs, targets) == expected


@pytest.mark.parametrize(
    ("names", "outputs", "targets", "more"),
    [
        ("a b", ["a^2*b^2"], [-1], {}),
        ("a b", ["a*b", "a^2*b^2"], [2, 5], {}),
        ("a b", ["a*b", "a*b"], [1, 0], {}),
        ("a", ["a^2 + 1"], [0], {}),
        ("a b", ["a^2 + b^2"], [-1], {}),
        ("a b c", ["a^3 + b^2 + c^2 + a"], [1], {}),
        ("a b", ["exp(a)*b"], [1], {}),
        ("a b", ["a*b"], [1], {"weight_decay": "1/2"}),
        ("a b", ["a*b"], [1], {"loss": {"outputs": ["f"], "targets": ["y"], "value": "(f-y)^2"}}),
    ],
)
def test_what_is_not_known_stays_open(names: str, outputs: Any, targets: Any, more: Any) -> None:
    with pytest.raises(Undecided, match="components-unknown"):
        of(names, outputs, targets, **more)


def test_contradictory_samples_have_their_mean() -> None:
    model = {"parameters": ["a", "b"], "inputs": ["x"], "outputs": ["a*b*x"]}
    data = {"inputs": [1, 1], "targets": [3, -3]}
    assert components(problem_from({"model": model, **data})).count == 1  # ab = 0
    data = {"inputs": [1, 1], "targets": [3, 1]}
    assert components(problem_from({"model": model, **data})).count == 2  # ab = 2
