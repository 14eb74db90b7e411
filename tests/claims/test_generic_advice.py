"""What an open generic rank says: its bounds, and a next step that leads somewhere."""

import re

import pytest

import geomcheck

RELU = {"network": "2-2-2-1 relu", "samples": 3}


def test_the_next_step_of_a_gap_has_a_proof():
    verdict = geomcheck.check("generic_rank(H) == 11", **RELU)
    assert verdict.reason == "generic-rank-open"
    low, high = re.search(r"generic_rank\(H\) is only between (\d+) and (\d+)", verdict.known).groups()
    for advised in (f"generic_rank(H) >= {low}", f"generic_rank(H) <= {high}"):
        assert advised in verdict.next_step
        assert geomcheck.check(advised, **RELU).proved


@pytest.mark.parametrize(
    ("claim", "parts", "known", "advice"),
    [
        ("rank(H) == 7 at generic_points", {"network": "1-10-10-1 tanh"}, "between 0 and 141", "one hidden layer"),
        ("generic_rank(H) == 11", {**RELU, "inputs": [[1, 2]], "targets": [[1]]}, "between", "have a proof"),
        ("index(H) == 3 at generic_points", {"network": "1-2-1 square"}, "ranks and determinants", "give a point"),
        (
            "generic_rank(H) == 11 and rank(H) < P",
            {"network": "2-3-1 square", "inputs": [[1, 2]], "targets": [[1]], "parameters": [*range(1, 14)]},
            "between 7 and 13",
            "leave the parameters out",
        ),
    ],
)
def test_what_is_known_and_what_to_try(claim, parts, known, advice):
    verdict = geomcheck.check(claim, **{**parts, "samples": 1 if "inputs" in parts else 3})
    assert (verdict.outcome, verdict.reason) == ("UNDECIDED", "generic-rank-open")
    assert known in verdict.known
    assert advice in verdict.next_step


def test_no_generic_rank_is_called_the_rank_of_a_relu_network():
    verdict = geomcheck.check("rank(G) == 1 at generic_points", network="1-1-1 relu, no bias", samples=1)
    assert verdict.outcome == "UNDECIDED"
    assert verdict.quantities == {"rank(G)": "0..1"}
    assert "generic_rank(G)" in verdict.next_step
