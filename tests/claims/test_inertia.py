"""inertia(M), which `eval` answers and claims cannot compare."""

import pytest

import geomcheck as gc
from geomcheck.errors import SyntaxProblem

SADDLE = {"model": {"parameters": list("abc"), "inputs": [], "outputs": ["a^2 - 2*b^2 + 0*c"]}, "samples": 1}


def test_it_counts_all_three_signs():
    at = {**SADDLE, "parameters": [0, 0, 5], "targets": [-1]}
    values = gc.evaluate(["inertia(H)", "inertia(-H)", "inertia(H_o)", "index(H)"], **at)
    assert [value.value for value in values.values()] == ["(1, 1, 1)", "(1, 1, 1)", "(0, 0, 3)", "1"]
    assert {value.status for value in values.values()} == {"exact"}


def test_open_counts_are_ranges():
    deep = {
        "network": "1-1-1-1 tanh, no bias",
        "samples": 1,
        "parameters": [1, 1, 1],
        "inputs": [[1]],
        "targets": [[2]],
    }
    value = gc.evaluate("inertia(H_o)", **deep)["inertia(H_o)"]
    assert (value.value, value.status) in [("(1, 0, 2)", "exact"), ("(1..3, 0..2, 0..2)", "undecided")]


@pytest.mark.parametrize("says", ["inertia(H) == 3", "inertia(H)", "inertia(H) + 1 == 2"])
def test_a_claim_compares_numbers(says):
    with pytest.raises(SyntaxProblem, match=r"inertias|triple"):
        gc.check(says, **SADDLE)
