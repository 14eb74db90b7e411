"""Matrices that do not fit between brackets: every nonzero entry is named once, and no line is too wide."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import geomcheck
from geomcheck.render.large_matrix import entry_lines
from geomcheck.render.text import WIDTH, values_text, verdict_text

entries = st.sampled_from(["0", "0", "1", "-1/2", "7" * 60])
matrices = st.integers(1, 15).flatmap(
    lambda columns: st.lists(st.lists(entries, min_size=columns, max_size=columns), min_size=1, max_size=15)
)
SQUARES = {
    "network": "2-3-1 square",
    "inputs": [[1, 0], [0, 1]],
    "targets": [[0], [0]],
    "parameters": [0] * 13,
}
TANH = {
    "network": "1-2-1 tanh",
    "inputs": [[1], [2]],
    "targets": [[1], [0]],
    "parameters": [1, "1/2", 0, "1/3", 1, -1, 0],
}


@given(matrices, st.booleans())
def test_every_entry_that_is_not_zero_is_named(rows, mirrored):
    if mirrored:
        side = min(len(rows), len(rows[0]))
        rows = [[rows[min(i, j)][max(i, j)] for j in range(side)] for i in range(side)]
    lines = entry_lines("M", rows, 60, 400)
    named = {}
    for line in lines[1:]:
        *labels, value = (part.strip() for part in line.split(" = "))
        for label in labels:
            i, j = map(int, re.fullmatch(r"M\[(\d+), (\d+)\]", label).groups())
            assert (i, j) not in named
            named[i, j] = value
    wanted = {(i, j): entry for i, row in enumerate(rows) for j, entry in enumerate(row) if entry != "0"}
    assert named.keys() == wanted.keys()
    assert all(named[place] == entry or "…" in named[place] for place, entry in wanted.items())
    assert max(map(len, lines)) <= 60


def test_entries_over_the_most_are_counted():
    assert entry_lines("M", [["1"] * 5], 60, 2)[-1] == "… and 3 entries more"


def test_an_entry_of_a_sum_is_named_as_the_language_writes_it():
    line = entry_lines("H - H_o", [["1"], ["2"]], 60, 9)[1]
    name = line.partition(" = ")[0]
    assert name == "(H - H_o)[0, 0]"
    assert geomcheck.evaluate([name], **TANH)[name].value


@pytest.mark.parametrize("terms", [["H"], ["H", "G", "L"], ["H - H_o", "rank(H)"], ["H_f", "G.T"]])
def test_values_of_a_tanh_network_keep_to_the_width(terms):
    values = geomcheck.evaluate(terms, **TANH)
    text = values_text(values)
    assert max(map(len, text.splitlines())) <= WIDTH
    assert "H[0, 0]           = [0.734" in text or terms[0] != "H"


def test_a_large_zero_matrix_is_said_not_drawn():
    assert values_text(geomcheck.evaluate(["H_f"], **SQUARES)) == "H_f  0 (13 × 13)"


def test_long_points_are_wrapped():
    text = values_text(geomcheck.evaluate(["A"], network="1-20-1 tanh", samples=1, points={"A": [100] * 61}))
    assert max(map(len, text.splitlines())) <= WIDTH
    assert text.count("100") == 61


def test_a_report_shows_of_a_mostly_zero_matrix_what_is_not_zero():
    lines = verdict_text(geomcheck.check("H == 0", **SQUARES)).splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("There"))
    assert lines[start].split("  ")[-1].strip() == "H is 13 × 13, symmetric; entries not shown are 0"
    assert lines[start + 1].strip() == "H[12, 12] = 2"
    assert "⋮" not in "".join(lines)


def test_no_matrix_of_a_report_is_wider_than_the_page():
    wide = {**SQUARES, "network": "2-3-1 tanh", "parameters": [1, 0, 0, 1, 1, "1/2", 0, 0, "1/3", 1, -1, "1/2", 0]}
    lines = verdict_text(geomcheck.check("rank(H) == rank(G)", **wide)).splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert any("G is 2 × 13" in line for line in lines)


def test_a_full_rank_has_no_gap():
    assert "(numeric 2, no small singular value)" in values_text(geomcheck.evaluate(["rank(G)"], numeric=True, **TANH))
