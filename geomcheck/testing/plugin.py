"""The pytest plugin: claims as tests. Only pytest and the standard library are imported before a claim is met.

    @pytest.mark.claim("rank(H) == rank(G) at perfect_fits", network="2-3-1 tanh", samples=4, expect="proved")
    def test_rank_equality(verdict): ...

Files named `*.claims.toml` are collected, every claim in them as one test.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from geomcheck.claims.files import ClaimEntry
    from geomcheck.testing.settling import Settled
    from geomcheck.verdict import Verdict

PROPERTY = "geomcheck"
"""The name of the report property that carries an outcome, also into JUnit files and from xdist's workers."""

_SUFFIX = ".claims.toml"
_SETTLED = pytest.StashKey["Settled"]()
_OUTCOMES = ("proved", "refuted", "survived", "undecided")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the search, which every claim of a session shares, and the required level."""
    group = parser.getgroup("geomcheck", "claims about loss landscapes")
    limits = (("trials", "N", "instances in scope tried for each claim"), ("seconds", "S", "wall time for each claim"))
    for name, metavar, words in (*limits, ("seed", "N", "seed of the search")):
        group.addoption(f"--geomcheck-{name}", metavar=metavar, type=_count, default=None, help=words)
    group.addoption(
        "--geomcheck-require",
        choices=("proved", "survived"),
        default=None,
        help="fail claims without an expectation that are below this level",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark."""
    config.addinivalue_line(
        "markers",
        'claim(text, *, expect=None, **problem): settle a claim, such as "rank(H) == rank(G) at perfect_fits", about a '
        'problem given by the keys of a problem file; fail if it is refuted, or not what expect says ("proved", '
        '"refuted", "survived" or "undecided")',
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect claims files."""
    return ClaimsFile.from_parent(parent, path=file_path) if file_path.name.endswith(_SUFFIX) else None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """Settle a marked test's claim before the test runs, and fail where the answer is not the expected one."""
    if item.get_closest_marker("claim") is None or isinstance(item, ClaimItem):
        return
    settled = _settled(item)
    if settled.complaint is not None:
        pytest.fail(settled.complaint, pytrace=False)


@pytest.fixture
def verdict(request: pytest.FixtureRequest) -> Verdict:
    """The geomcheck verdict on the claim of this test's mark."""
    item: pytest.Item = request.node
    if item.get_closest_marker("claim") is None:
        pytest.fail(
            'expected a claim for the fixture verdict; mark the test with @pytest.mark.claim("…", network="…")',
            pytrace=False,
        )
    return _settled(item).verdict


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Count the verdicts of the session."""
    seen = {
        report.nodeid: outcome
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport)
        for name, outcome in report.user_properties
        if name == PROPERTY
    }
    if seen:
        counts = Counter(str(outcome).lower() for outcome in seen.values())
        listed = ", ".join(f"{counts[name]} {name}" for name in _OUTCOMES)
        terminalreporter.write_sep("=", "geomcheck")
        terminalreporter.write_line(f"{len(seen)} claim{'' if len(seen) == 1 else 's'}: {listed}")


class ClaimsFile(pytest.File):
    """A claims file."""

    def collect(self) -> Iterator[pytest.Item]:
        """One item for each claim of the file."""
        from geomcheck.claims.files import read_claims
        from geomcheck.errors import GeomcheckError

        try:
            entries = read_claims(self.path)
        except GeomcheckError as error:
            raise self.CollectError(str(error)) from None
        for entry in entries:
            yield ClaimItem.from_parent(self, name=entry.id, entry=entry)


class ClaimItem(pytest.Item):
    """A claim of a claims file; it fails where its expectation is not met or, without one, where it is refuted."""

    def __init__(self, *, entry: ClaimEntry, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.entry = entry

    def runtest(self) -> None:
        """Settle the claim."""
        settled = _settled(self)
        if settled.complaint is not None:
            pytest.fail(settled.complaint, pytrace=False)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The file, the line where the claim begins (0-based), and its id."""
        line = self.entry.origin.rpartition("line ")[2]
        return self.path, int(line) - 1 if line.isdigit() else None, f"claim {self.entry.id}"


def _settled(item: pytest.Item) -> Settled:
    """The answer to an item's claim, settled once."""
    if _SETTLED not in item.stash:
        from geomcheck.errors import GeomcheckError
        from geomcheck.testing.settling import settle_entry, settle_mark

        options = {name: item.config.getoption(f"geomcheck_{name}") for name in ("trials", "seconds", "seed")}
        limits = {name: value for name, value in options.items() if value is not None}
        required = item.config.getoption("geomcheck_require")
        complaint = None
        try:
            if isinstance(item, ClaimItem):
                settled = settle_entry(item.entry, limits, required)
            else:
                mark = _mark(item)
                settled = settle_mark(mark.args, mark.kwargs, limits, required, item.name)
        except GeomcheckError as error:
            complaint = str(error)
        if complaint is not None:  # outside the handler, or pytest prints the error a second time as its cause
            pytest.fail(f"geomcheck: {complaint}", pytrace=False)
        item.stash[_SETTLED] = settled
        item.user_properties.append((PROPERTY, settled.verdict.outcome))
    return item.stash[_SETTLED]


def _mark(item: pytest.Item) -> pytest.Mark:
    """The mark of a test, or the one it has from its class or module."""
    marks = [mark for mark in item.own_markers if mark.name == "claim"]
    if len(marks) > 1:
        pytest.fail(f"expected one claim mark on a test, got {len(marks)}; write one test a claim", pytrace=False)
    mark = item.get_closest_marker("claim")
    assert mark is not None, "asked only of marked tests"
    return mark


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise argparse.ArgumentTypeError(f"expected a whole number, got {text!r}")
    return int(text)
