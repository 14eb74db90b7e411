"""The pytest plugin, in a pytest of its own: found by its entry point, in this machine's processes and over xdist."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parent.parent.parent
ENTRY_POINTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"][
    "pytest11"
]

MARKED = """
import pytest

pytestmark = pytest.mark.claim("rank(G) == 2", network="1-1", samples=1)

@pytest.mark.claim("rank(H) == rank(G) at perfect_fits", network="2-3-1 tanh", samples=4, expect="proved")
def test_proved(verdict):
    assert verdict.proved

@pytest.mark.claim("rank(H) == rank(G) at perfect_fits", network="1-1-1 tanh", loss="quartic", samples=1)
def test_refuted():
    raise AssertionError("the body runs only where the claim passes")

def test_of_the_module(verdict):
    raise AssertionError("never reached")

@pytest.mark.claim("L != 12347/7919", network="1-1-1 square", samples=2, expect="survived", trials=5)
def test_survived(verdict, request):
    assert verdict.record.trials == 5

@pytest.mark.parametrize("answer", [
    pytest.param("refuted", marks=pytest.mark.claim("rank(G) == 1", network="1-1", samples=2, expect="refuted")),
    pytest.param("proved", marks=pytest.mark.claim("rank(G) <= 2", network="1-1", samples=2)),
])
def test_parametrized(verdict, answer):
    assert verdict.outcome == answer.upper()
"""

CLAIMS = """
[[claim]]
id = "linear"
says = "rank(H) == rank(G) at perfect_fits"
network = "2-1 linear"
samples = 2
expect = "proved"

[[claim]]
id = "quartic"
says = "rank(H) == rank(G) at perfect_fits"
network = "1-1-1 tanh"
loss = "quartic"
samples = 1
expect = "refuted"

[[claim]]
id = "broken"
says = "rank(H) == rank(G)"
network = "1-1 linear, no bias"
loss = "quartic"
samples = 1

[[claim]]
id = "hopeful"
says = "L != 12347/7919"
network = "1-1-1 square"
samples = 2
"""

OTHER = """
import sys

def test_nothing_heavy_is_imported_for_other_people():
    heavy = {"torch", "sympy", "flint", "numpy", "scipy", "hypothesis", "networkx"} & set(sys.modules)
    assert not heavy
    assert {name for name in sys.modules if name.startswith("geomcheck.")} <= {
        "geomcheck.testing", "geomcheck.testing.plugin"
    }
"""


@pytest.fixture
def session(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder from which geomcheck is importable, and installed as far as entry points go."""
    site = pytester.mkdir("site")
    info = site / "geomcheck_of_the_tests-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: geomcheck-of-the-tests\nVersion: 1.0\n")
    lines = "\n".join(f"{name} = {target}" for name, target in ENTRY_POINTS.items())
    (info / "entry_points.txt").write_text(f"[pytest11]\n{lines}\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), str(ROOT)]))
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    pytester.makeini("[pytest]\naddopts = --strict-markers -p no:cacheprovider\n")
    return pytester


def run(session: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return session.runpytest_subprocess(*arguments, timeout=240)


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["alone", "xdist"])
def test_marked_tests(session, workers):
    session.makepyfile(MARKED)
    result = run(session, *workers, "-rA", "--geomcheck-trials=9")
    result.assert_outcomes(passed=4, failed=2)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    text = result.stdout.str()
    assert "6 claims: 2 proved, 3 refuted, 1 survived, 0 undecided" in text
    assert "never reached" not in text and "the body runs only" not in text
    assert "FAILED test_marked_tests.py::test_refuted - Failed: the claim is refuted" in text
    assert 'network="1-1-1 tanh",' in text and "def test_claim_is_refuted() -> None:" in text


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["alone", "xdist"])
def test_claims_files(session, workers):
    session.makefile(".claims.toml", mine=CLAIMS)
    limits = ("--geomcheck-trials=7", "--geomcheck-seed=3", "--geomcheck-seconds=60")
    result = run(session, *workers, "-rA", *limits, "--junitxml=report.xml")
    result.assert_outcomes(passed=3, failed=1)
    text = result.stdout.str()
    assert "4 claims: 1 proved, 2 refuted, 1 survived, 0 undecided" in text
    assert "PASSED mine.claims.toml::quartic" in text
    assert "the claim is refuted" in text and "def test_broken_is_refuted() -> None:" in text
    assert '<property name="geomcheck" value="PROVED"' in (session.path / "report.xml").read_text(encoding="utf-8")


def test_a_required_level_and_an_unmet_expectation(session):
    session.makefile(".claims.toml", mine=CLAIMS.replace('"proved"', '"refuted"'))
    limits = ("--geomcheck-trials=7", "--geomcheck-require=proved")
    result = run(session, *limits, "-k", "not broken")
    result.assert_outcomes(passed=1, failed=2)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "at least proved is required, got SURVIVED" in result.stdout.str()
    assert "= 7 in scope" in result.stdout.str()
    assert "expected refuted, got PROVED" in result.stdout.str()


def test_the_printed_counterexample_runs_as_it_stands(session):
    session.makefile(".claims.toml", mine=CLAIMS)
    lines = run(session, "-k", "broken").stdout.str().splitlines()
    start = lines.index("import geomcheck as gc")
    end = next(number for number in range(start, len(lines)) if lines[number].startswith("    assert verdict"))
    session.makepyfile(test_pasted="\n".join(lines[start : end + 1]))
    run(session, "test_pasted.py").assert_outcomes(passed=1)


MISTAKES = {
    '("rank(H) ==")': "geomcheck: claim, line 1, column",
    '("rank(H) == 1")': "expected exactly one of network, model, torch",
    '("rank(H) == 1", network="1-1", samples=1, expect="true")': "expect='true' (str)",
    "()": "expected one text in the mark claim of test_3",
    '("rank(H) == 1", netwrok="1-1")': "unknown key 'netwrok'",
    '("L >= 0", network="1-1", samples=1)\n@pytest.mark.claim("L >= 0")': "expected one claim mark on a test, got 2",
}


def test_a_mark_that_makes_no_sense_fails_clearly(session):
    tests = [f"@pytest.mark.claim{mark}\ndef test_{number}(): ..." for number, mark in enumerate(MISTAKES)]
    session.makepyfile("\n\n".join(["import pytest", *tests, "def test_without_a_mark(verdict): ..."]))
    result = run(session)
    result.assert_outcomes(failed=len(MISTAKES), errors=1)
    for message in [*MISTAKES.values(), "mark the test with @pytest.mark.claim"]:
        assert message in result.stdout.str()
    assert "Traceback" not in result.stdout.str()


def test_a_misspelt_claim_is_told_once(session, monkeypatch):
    session.makepyfile(
        """
        import pytest

        @pytest.mark.claim("rnak(H) == 1", network="1-1", samples=1)
        def test_misspelt(verdict): ...
        """
    )
    monkeypatch.delenv("CI", raising=False)  # where pytest repeats whole messages in its summary
    result = run(session)
    result.assert_outcomes(errors=1)
    text = result.stdout.str()
    assert text.count("did you mean 'rank'?") == 1
    assert "During handling" not in text


def test_marks_go_together_with_other_marks(session):
    session.makepyfile("""
        import pytest

        REFUTED = pytest.mark.claim("rank(G) == 1", network="1-1, no bias", samples=1)

        @REFUTED
        @pytest.mark.xfail(strict=True)
        def test_xfail(): ...

        @REFUTED
        @pytest.mark.skip
        def test_skip(): ...

        class TestClass:
            @pytest.mark.claim("rank(G) <= 1", network="1-1, no bias", samples=1)
            def test_method(self, verdict):
                assert verdict.proved
    """)
    result = run(session)
    result.assert_outcomes(passed=1, skipped=1, xfailed=1)
    assert result.ret == pytest.ExitCode.OK
    assert "2 claims: 1 proved, 1 refuted, 0 survived, 0 undecided" in result.stdout.str()


def test_a_claims_file_that_cannot_be_read_is_a_collection_error(session):
    session.makefile(".claims.toml", twice=CLAIMS.replace('"linear"', '"quartic"'), wrong="[[claim]\n")
    result = run(session)
    result.assert_outcomes(errors=2)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    for message in ("the id 'quartic' was used before", "wrong.claims.toml, line 1, column"):
        assert message in result.stdout.str()
    assert "Traceback" not in result.stdout.str()


@pytest.mark.parametrize("option", ["--geomcheck-trials=-1", "--geomcheck-seed=x", "--geomcheck-require=refuted"])
def test_wrong_options_are_usage_errors(session, option):
    result = run(session, option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert option.partition("=")[0] in result.stderr.str()


def test_a_session_without_claims_is_left_alone(session):
    session.makepyfile(OTHER)
    result = run(session, "-p", "no:hypothesispytest")
    result.assert_outcomes(passed=1)
    assert "geomcheck =" not in result.stdout.str() and "claims:" not in result.stdout.str()
    session.mkdir("empty")
    assert run(session, "empty").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_the_mark_and_the_options_are_documented(session):
    assert "@pytest.mark.claim(text" in run(session, "--markers").stdout.str()
    text = run(session, "--help").stdout.str()
    assert all(f"--geomcheck-{name}" in text for name in ("trials", "seconds", "seed", "require"))


def test_the_plugin_imports_pytest_and_the_standard_library_only():
    program = (
        "import sys, pytest; before = set(sys.modules); import geomcheck.testing.plugin; "
        "print(*sorted(set(sys.modules) - before))"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    new = {name for name in ran.stdout.split() if name.split(".")[0] not in sys.stdlib_module_names}
    assert new == {"geomcheck", "geomcheck.testing", "geomcheck.testing.plugin"}
