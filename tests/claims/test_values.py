"""How values are written: ranges of whole numbers, and whether a text is the value or encloses it."""

from __future__ import annotations

import pytest

import geomcheck as gc

DEEP = {"network": "1-1-1-1 tanh", "inputs": [1], "targets": ["1/2"], "parameters": [1, 0, 1, 1, 1, 1]}
WIDE = {"network": "1-2-1 tanh", "inputs": [1, 2], "targets": ["1/3", 2], "parameters": [1, 0, "1/2", -1, 0, 1, 2]}


@pytest.mark.parametrize(
    ("term", "low", "high"),
    [
        ("rank(H)", 5, 6),
        ("rank(H) + rank(G)", 6, 7),
        ("P - rank(H)", 0, 1),
        ("rank(H) - 2*rank(G)", 3, 4),
        ("rank(H) * rank(H)", 25, 36),
        ("3 - rank(H) + N", -2, -1),
    ],
)
def test_sums_of_ranks_are_ranges_of_whole_numbers(term, low, high):
    value = gc.evaluate([term], **DEEP)[term]
    assert (value.value, value.status) == (f"{low}..{high}", "undecided")


def test_a_matrix_whose_text_encloses_is_not_called_exact():
    values = gc.evaluate(["F", "H_f", "H_f == H_f"], **WIDE)
    assert (values["F"].status, values["H_f"].status) == ("exact", "enclosed")
    assert "±" in values["H_f"].value
    assert "+/-" not in gc.evaluate(["H"], **DEEP)["H"].value


def test_one_term_needs_no_list():
    assert gc.evaluate("rank(G)", **DEEP)["rank(G)"].value == "1"


@pytest.mark.parametrize("limit", [{"seconds": "x"}, {"trials": -1}, {"seed": 0.5}, {"seconds": True}])
def test_the_limits_of_a_check_are_whole_numbers(limit):
    with pytest.raises(gc.GeomcheckError, match=f"^{next(iter(limit))}: expected an integer"):
        gc.check("P == 6", **DEEP, **limit)
