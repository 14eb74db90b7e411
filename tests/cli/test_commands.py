"""The other commands, with the engine's answers given."""

import json
from dataclasses import dataclass

import pytest

import geomcheck
from geomcheck.errors import CertificateError
from tests.cli.fakes import Entry

NETWORK = ("--network", "2-1 linear, no bias", "--samples", "1")


@dataclass(frozen=True)
class Value:
    value: str | None
    status: str
    reason: str | None = None
    rows: tuple[tuple[str, ...], ...] = ()
    numeric: None = None


@pytest.fixture
def values(monkeypatch):
    answers = {
        "rank(G)": Value("3", "exact"),
        "L": Value("0.6931471805599…", "enclosed"),
        "index(H)": Value(None, "undecided", "kink"),
    }
    monkeypatch.setitem(vars(geomcheck), "evaluate", lambda terms, problem: {term: answers[term] for term in terms})


def test_eval_text(values, run):
    assert run("eval", "rank(G)", "L", "index(H)", *NETWORK).out.splitlines() == [
        "rank(G)   3",
        "L         0.6931471805599…  (enclosed)",
        "index(H)  ?                 (undecided: kink)",
    ]


def test_eval_shows_a_matrix_as_a_block_and_says_what_t_is(run):
    point = ("--inputs", "[[1]]", "--targets", "[[0]]", "--parameters", "[1, 0]")
    assert run("eval", "A[1]", "H", "L", "--network", "1-1-1 sigmoid, no bias", *point).out.splitlines() == [
        "A[1]  [t/(t + 1)]  (t = e)",
        "H     ⎡0                    0⎤  (t = e)",
        "      ⎣0  t^2/(t^2 + 2*t + 1)⎦",
        "L     0",
    ]


def test_eval_json(values, run):
    assert json.loads(run("eval", "rank(G)", "index(H)", *NETWORK, "--format", "json").out) == {
        "values": {
            "rank(G)": {"value": "3", "status": "exact"},
            "index(H)": {"value": None, "status": "undecided", "reason": "kink"},
        }
    }


def test_eval_concise(values, run):
    assert run("eval", "rank(G)", *NETWORK, "--format", "concise").out == "rank(G)\t3\texact\n"


PRODUCT = ("--model", '{parameters = ["a", "b"], outputs = ["a*b"]}')


def test_derive_in_every_form(run):
    sympy = run("derive", "H_o", *PRODUCT, "--format", "sympy")
    python = run("derive", "H_o", *PRODUCT, "--format", "python")
    assert sympy.code == python.code == 0
    assert "b" in run("derive", "G", *PRODUCT).out
    assert "matrix" in run("derive", "G", *PRODUCT, "--format", "latex").out
    for name in ("F", "G", "r", "D", "H", "H_o", "H_f"):
        assert run("derive", name, *NETWORK).code == 0


def test_derive_for_programs(run):
    report = json.loads(run("derive", "H_o", *PRODUCT, "--format", "json").out)
    assert report["entries"] == [["b^2", "a*b"], ["a*b", "a^2"]]
    assert report["parameters"] == ["a", "b"]
    assert run("derive", "G", *PRODUCT, "--format", "concise").out == "G\t0\t0\tb\nG\t0\t1\ta\n"
    assert run("derive", "G", *PRODUCT, "--abstract", "--expanded").code == 2


def test_claims(engine, run):
    engine.entries = [Entry("a", "claim a", "proved", "PROVED"), Entry("bcd", "claim b", None, "REFUTED")]
    assert run("claims").out.splitlines() == [
        "a    proved",
        "    claim a",
        "    2-1 linear, no bias; N = 1; mse",
        "bcd",
        "    claim b",
        "    2-1 linear, no bias; N = 1; mse",
    ]
    assert run("claims", "--format", "concise").out.splitlines() == [
        "a\tproved\tclaim a\t2-1 linear, no bias; N = 1; mse",
        "bcd\t-\tclaim b\t2-1 linear, no bias; N = 1; mse",
    ]
    shown = run("claims", "a").out
    assert shown.startswith("[a]  claim a\n")
    assert "a paper" in shown
    report = json.loads(run("claims", "a", "--format", "json").out)
    assert report["claims"][0]["problem"]["model"]["inputs"] == 2
    assert run("claims", "x").code == 2


@pytest.fixture
def checker(monkeypatch):
    def verify(path):
        if "bad" in path:
            raise CertificateError("unknown key: step 3")
        return "REFUTED  rank(H) == rank(G)"

    monkeypatch.setitem(vars(geomcheck), "verify", verify)


def test_verify(checker, run, tmp_path):
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text("{}")
    bad.write_text("{}")
    assert run("verify", str(good)).code == 0
    result = run("verify", str(good), str(bad))
    assert result.code == 4
    assert result.out.splitlines()[0].startswith("ACCEPTED")
    assert result.out.splitlines()[3].strip() == "unknown key: step 3"
    report = json.loads(run("verify", str(good), str(bad), "--format", "json").out)
    assert [entry["accepted"] for entry in report["certificates"]] == [True, False]
    missing = run("verify", str(tmp_path / "none.json"))
    assert (missing.code, missing.out) == (2, "")
