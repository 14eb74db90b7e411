"""The README says what is so: its samples print as shown, its Python runs, its tables name everything there is."""

import doctest
import re

import pytest

import geomcheck
from geomcheck.claims.vocabulary import KEYWORDS, POINT_SETS, WORDS
from geomcheck.problem.activation import ACTIVATIONS
from geomcheck.problem.losses import LOSSES
from geomcheck.problem.read import KEYS
from tests.snapshots.readme import README, ROOT, printed, samples, settled

TEXT = README.read_text(encoding="utf-8")


@pytest.mark.parametrize(("command", "shown"), samples(TEXT))
def test_samples_print_as_shown(command, shown, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert settled(printed(command)) == settled(shown)


def test_there_is_one_sample_of_each_verdict():
    words = [shown.split()[0] for _, shown in samples(TEXT) if shown.split()[0].isupper()]
    assert {"PROVED", "REFUTED", "SURVIVED", "UNDECIDED"} <= set(words)


def test_python_runs_as_shown():
    for number, block in enumerate(re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)):
        test = doctest.DocTestParser().get_doctest(block, {}, f"README {number}", "README.md", 0)
        runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
        runner.run(test)
        assert runner.failures == 0


def test_the_two_commands():
    commands = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert len(commands) == 2
    assert "geomcheck check" in commands[0]
    assert ".[test]" in commands[1] and "pytest" in commands[1]


@pytest.mark.parametrize("name", [*(word.name for word in WORDS), *POINT_SETS, *KEYWORDS, *KEYS, *LOSSES, *ACTIVATIONS])
def test_every_word_is_explained(name):
    assert re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", TEXT)


@pytest.mark.parametrize("name", geomcheck.__all__)
def test_public_calls_exist(name):
    public = getattr(geomcheck, name)
    assert callable(public) or all(callable(getattr(public, call)) for call in public.__all__)


def test_it_is_short():
    assert len(TEXT.splitlines()) < 250
