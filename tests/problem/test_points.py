"""Named points and permutations in problems: read, checked, written in canonical form."""

from fractions import Fraction
from typing import Any

import pytest

from geomcheck.errors import InputError
from geomcheck.problem.canonical import problem_from_json, problem_to_json
from geomcheck.problem.permutations import all_permutations, permuted, tied_layers
from geomcheck.problem.read import load_toml, problem_from
from geomcheck.problem.shorthand import parse_network

NETWORK = {"network": "1-2-1 tanh", "samples": 1}
RESIDUAL = {
    "network": {"inputs": 2, "layers": [{"width": 2}, {"width": 2, "residual": 1}, {"width": 1}]},
    "samples": 1,
}
FIXED = {
    "network": {"inputs": 2, "layers": [{"width": 2, "residual": 0}, {"width": 3}, {"width": 1}]},
    "samples": 1,
}


def test_points_are_read_like_parameters() -> None:
    table = load_toml(
        'network = "1-2-1 tanh"\nsamples = 1\n[points]\nB = [1, 2, 3, 4, 5, 6, "1/7"]\n'
        "[points.A]\nW1 = [[1], [2]]\nb1 = [3, 4]\nW2 = [[5, 6]]\nb2 = [0.5]\n[permutations]\ns = [[1, 0]]\n",
        "test",
    )
    about = problem_from(table)
    assert [name for name, _ in about.points] == ["A", "B"]
    assert dict(about.points)["A"] == (*map(Fraction, range(1, 7)), Fraction(1, 2))
    assert dict(about.points)["B"][-1] == Fraction(1, 7)
    assert about.permutations == (("s", ((1, 0),)),)
    assert problem_from_json(problem_to_json(about)) == about


def test_what_is_not_used_is_not_written() -> None:
    assert not {"points", "permutations", "baseline", "teacher"} & set(problem_to_json(problem_from(NETWORK)))
    written = problem_to_json(problem_from({**NETWORK, "baseline": "linear", "teacher": 2}))
    assert (written["baseline"], written["teacher"]) == ("linear", 2)
    assert problem_from_json(written).teacher == 2


BAD: list[tuple[dict[str, Any], str]] = [
    ({**NETWORK, "points": {"A": [1, 2]}}, "points.A: expected 7 numbers"),
    ({**NETWORK, "points": {"H": [1] * 7}}, "one capital letter other than"),
    ({**NETWORK, "points": {"a": [1] * 7}}, "such as A, B, Q"),
    ({**NETWORK, "points": {"A": ["nan"] * 7}}, r"points.A\[0\]"),
    ({**NETWORK, "points": [1]}, "expected a table"),
    ({**NETWORK, "points": {"A": [1] * 7}, "parameters": [1] * 7}, "leave one out"),
    ({**NETWORK, "points": {"A": [1] * 7}, "targets": "perfect_fit"}, "of one point"),
    ({**NETWORK, "permutations": {"r": [[0, 1]]}}, "one small letter other than r"),
    ({**NETWORK, "permutations": {"s": [[0, 1, 2]]}}, "each of 0, …, 1 once"),
    ({**NETWORK, "permutations": {"s": [[0, 0]]}}, "each of 0, …, 1 once"),
    ({**NETWORK, "permutations": {"s": [[1, 2]]}}, "each of 0, …, 1 once"),
    ({**NETWORK, "permutations": {"s": [[1.5, 0]]}}, "permutations.s"),
    ({**NETWORK, "permutations": {"s": [1, 0]}}, r"permutations.s\[0\]: expected a list"),
    ({**NETWORK, "permutations": {"s": [[0, 1], [0]]}}, "one permutation for each of the 1 hidden layers, got 2"),
    ({**RESIDUAL, "permutations": {"s": [[1, 0], [0, 1]]}}, "permuted alike"),
    ({**FIXED, "permutations": {"s": [[1, 0], [0, 1, 2]]}}, "layer 1 and the input"),
    ({"model": {"parameters": ["a"], "outputs": ["a"]}, "samples": 1, "permutations": {"s": []}}, "explicit model"),
    ({**NETWORK, "baseline": "midpoint"}, '"mean" or "linear"'),
    ({**NETWORK, "teacher": 0}, "teacher"),
    ({**NETWORK, "teacher": "2"}, "teacher"),
]


@pytest.mark.parametrize(("given", "message"), BAD, ids=[message for _, message in BAD])
def test_misuse_is_one_clear_error(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        problem_from(given)


def test_residual_links_tie_layers() -> None:
    assert tied_layers(problem_from(RESIDUAL).model) == ((1, 2),)  # type: ignore[arg-type]
    assert tied_layers(problem_from(FIXED).model) == ((2,),)  # type: ignore[arg-type]
    assert problem_from({**RESIDUAL, "permutations": {"s": [[1, 0], [1, 0]]}}).permutations


@pytest.mark.parametrize("network", ["1-3-1 tanh", "2-2-3-1 relu, no bias"])
def test_permuting_twice_is_permuting_by_the_product(network: str) -> None:
    about = parse_network(network)
    theta = tuple(range(about.n_parameters))
    every = list(all_permutations(about))
    assert len({permuted(about, theta, s) for s in every}) == len(every)
    for s in every[:4]:
        for t in every[:4]:
            product = tuple(tuple(a[i] for i in b) for a, b in zip(s, t, strict=True))
            assert permuted(about, permuted(about, theta, s), t) == permuted(about, theta, product)
