"""The targets with a factor of two in hand, so that a busy machine fails nothing; the table itself has none."""

import importlib

import pytest

from tests.benchmarks import rows
from tests.benchmarks.__main__ import main
from tests.benchmarks.measure import Row, skipped, table

SLACK = 2.0
PACKAGES = {"curvature": "curvlinops-for-pytorch", "rebasins": "rebasin"}


@pytest.mark.benchmark
@pytest.mark.parametrize(
    "measure",
    [rows.symbols, rows.jacobian_rank, rows.deficient_jacobian_rank, rows.large, rows.certified, rows.processes],
)
def test_targets(measure):
    for row in measure():
        assert row.within(SLACK), row.cells()


def test_rows_compare_times_and_limits():
    faster = Row("a", 0.1, rival="b", theirs=1.0, target=8)
    slower = Row("a", 0.2, rival="b", theirs=1.0, target=8)
    below, above = Row("a", 1.0, target=1.5), Row("a", 2.0, target=1.5)
    assert (faster.met, slower.met, below.met, above.met) == (True, False, True, False)
    assert slower.within(2)
    assert above.within(2)
    assert not Row("a", 4.0, target=1.5).within(2)
    assert table([faster, above]).splitlines()[2:] == [
        "| a    | 0.1 s     | b: 1 s  | 10×   | 8×          | yes |",
        "| a    | 2 s       |         |       | under 1.5 s | NO  |",
    ]


def test_words_choose_rows(monkeypatch, capsys):
    monkeypatch.setattr(
        rows, "GROUPS", {"one": lambda: [Row("a", 1.0, target=2)], "two": lambda: [Row("b", 3.0, target=2)]}
    )
    assert (main(["one"]), main(["two"]), main([])) == (0, 1, 1)
    with pytest.raises(SystemExit):
        main(["--help"])
    with pytest.raises(SystemExit):
        main(["three"])
    shown = capsys.readouterr()
    assert "one, two" in shown.out
    assert "got three" in shown.err


def test_a_rival_that_is_not_installed_is_said_and_fails_nothing():
    (row,) = skipped("dense H", "curvlinops-for-pytorch")
    assert row.met
    assert row.within(2)
    assert table([row]).splitlines()[2].split(" | ") == [
        "| dense H",
        "         ",
        "curvlinops-for-pytorch is not installed",
        "     ",
        "      ",
        "skipped |",
    ]


@pytest.mark.parametrize("module", ["curvature", "rebasins"])
def test_rows_without_their_package(module, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    found = getattr(importlib.import_module(f"tests.benchmarks.{module}"), module)()
    assert [row.skipped for row in found] == [f"{PACKAGES[module]} is not installed"]
