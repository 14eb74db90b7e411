"""Fixtures: the fake engine in place of the real one, and the command line run in this process."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

import geomcheck
from geomcheck.cli import main
from tests.cli.fakes import Engine


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    fake = Engine()
    replaced = {
        "check": fake.check,
        "check_entry": fake.check_entry,
        "shipped_claims": lambda: tuple(fake.entries),
        "read_claims": lambda path: tuple(fake.entries),
    }
    for name, value in replaced.items():
        monkeypatch.setitem(vars(geomcheck), name, value)
    return fake


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    def call(*arguments: str) -> Outcome:
        code = main(list(arguments))
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call
