"""Matrices as text: every line of a block has the same width, nothing is lost below the limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomcheck.render.matrix import MAX_ENTRY, MAX_SIDE, abridged, beside, matrix_lines

entries = st.text("0123456789-/", min_size=1, max_size=60)
matrices = st.integers(1, 15).flatmap(
    lambda columns: st.lists(st.lists(entries, min_size=columns, max_size=columns), min_size=1, max_size=15)
)


@given(matrices)
def test_lines_are_aligned(rows):
    lines = matrix_lines(rows)
    assert len({len(line) for line in lines}) == 1
    assert len(lines) == min(len(rows), MAX_SIDE)


@given(matrices)
def test_small_matrices_are_shown_whole(rows):
    shown = abridged(rows)
    assert len(shown) <= MAX_SIDE
    assert all(len(row) <= MAX_SIDE and len(entry) <= MAX_ENTRY for row in shown for entry in row)
    if len(rows) <= MAX_SIDE and len(rows[0]) <= MAX_SIDE and all(len(e) <= MAX_ENTRY for row in rows for e in row):
        assert shown == rows


@given(st.lists(st.tuples(st.sampled_from(["G", "H", "W1"]), matrices), min_size=1, max_size=4), st.integers(20, 120))
def test_beside_keeps_to_the_width_where_it_can(named, width):
    alone = max(max(len(line) for line in beside([pair], 1)) for pair in named)
    assert max(len(line) for line in beside(named, width)) <= max(width, alone)


def test_different_heights_share_a_middle_line():
    named = [("A", [["1"], ["2"], ["3"]]), ("b", [["4"]]), ("C", [["5"], ["6"]])]
    assert beside(named, 80) == ["    ⎡1⎤", "A = ⎢2⎥   b = [4]   C = ⎡5⎤", "    ⎣3⎦                 ⎣6⎦"]


@pytest.mark.parametrize("rows", [[], [[]]])
def test_an_empty_matrix_says_so(rows):
    assert matrix_lines(rows) == [f"(empty, {len(rows)} × 0)"]
