"""geomcheck check: what is settled, how it is printed, which exit code it gives."""

import json

import pytest

from geomcheck.errors import CertificateError, InputError
from tests.cli.fakes import Entry

NETWORK = ("--network", "2-1 linear, no bias", "--samples", "1")

MET = [Entry("a", "claim a", "proved", "PROVED"), Entry("b", "claim b", "refuted", "REFUTED")]


@pytest.mark.parametrize(
    ("outcome", "required", "code"),
    [
        ("PROVED", None, 0),
        ("PROVED", "proved", 0),
        ("REFUTED", None, 1),
        ("REFUTED", "proved", 1),
        ("SURVIVED", None, 0),
        ("SURVIVED", "survived", 0),
        ("SURVIVED", "proved", 3),
        ("UNDECIDED", None, 0),
        ("UNDECIDED", "survived", 3),
        ("UNDECIDED", "proved", 3),
    ],
)
def test_exit_code_of_a_claim(engine, run, outcome, required, code):
    result = run("check", f"{outcome} claim", *NETWORK, *(("--require", required) if required else ()))
    assert result.code == code
    assert result.out.startswith(outcome)
    assert result.err == ""


@pytest.mark.parametrize(
    ("expect", "outcome", "code"),
    [
        ("proved", "PROVED", 0),
        ("refuted", "REFUTED", 0),
        ("undecided", "UNDECIDED", 0),
        ("survived", "SURVIVED", 0),
        ("proved", "REFUTED", 1),
        ("proved", "SURVIVED", 3),
        ("refuted", "PROVED", 3),
        ("proved", "ERROR", 2),
        (None, "REFUTED", 1),
        (None, "UNDECIDED", 0),
    ],
)
def test_exit_code_of_an_expectation(engine, run, expect, outcome, code):
    engine.entries = [*MET, Entry("c", "claim c", expect, outcome)]
    assert run("check").code == code


def test_a_met_expectation_meets_every_level(engine, run):
    engine.entries = MET
    assert run("check", "--require", "proved").code == 0


def test_one_line_a_claim_and_a_summary(engine, run):
    engine.entries = [
        *MET,
        Entry("long-name", "claim c", "proved", "SURVIVED"),
        Entry("d", "claim d", None, "UNDECIDED"),
    ]
    lines = run("check").out.splitlines()
    assert lines[0] == "✓ PROVED     a             0.1 s  claim a"
    assert lines[1] == "✓ REFUTED    b             0.1 s  claim b"
    assert lines[2] == "✗ SURVIVED   long-name     0.1 s  claim c  expected proved"
    assert lines[3].startswith("    SURVIVED 200  [long-name]")
    assert "· UNDECIDED  d             0.1 s  claim d" in lines
    assert " ".join(lines[-3:-1]) == (
        "4 claims: 1 proved, 1 refuted, 1 survived, 1 undecided. 2 certificates, each accepted by the checker. "
        "2 of 3 expectations met."
    )
    assert lines[-1] == "Not met: long-name, expected proved, got SURVIVED."


def test_an_error_does_not_stop_the_others(engine, run):
    engine.entries = [Entry("a", "claim a", None, "ERROR"), Entry("b", "claim b", None, "PROVED")]
    result = run("check")
    assert result.code == 2
    assert result.out.splitlines()[:3] == [
        "✗ ERROR      a",
        "    expected something else",
        "· PROVED     b     0.1 s  claim b",
    ]
    assert "1 stopped by an error" in result.out


def test_limits_reach_the_engine(engine, run):
    engine.entries = MET[:1]
    run("check", "--trials", "7", "--seconds", "3", "--seed", "11")
    assert engine.calls == [{"claim": "claim a", "trials": 7, "seconds": 3, "seed": 11}]


def test_the_problem_of_the_options(engine, run):
    model = ("--network", "2-2 linear, no bias", "--loss", "quartic", "--weight-decay", "1/10")
    data = ("--inputs", "[[1, 1/2], [0.25, -1]]", "--targets", "perfect_fit")
    run("check", "PROVED", *model, *data, "--parameters", "{W1 = [[1, 2], [3, 4]]}")
    problem = engine.calls[0]["problem"]
    assert problem.loss.name == "quartic"
    assert [[str(x) for x in row] for row in problem.inputs] == [["1", "1/2"], ["1/4", "-1"]]
    assert [str(x) for x in problem.parameters] == ["1", "2", "3", "4"]
    assert (problem.targets, str(problem.weight_decay)) == ("perfect_fit", "1/10")


def test_an_explicit_model_on_the_command_line(engine, run):
    run("check", "PROVED", "--model", '{parameters = ["a", "b"], outputs = ["a*b/2"]}', "--samples", "1")
    assert engine.calls[0]["problem"].model.parameters == ("a", "b")


def test_json(engine, run):
    engine.entries = [*MET, Entry("c", "claim c", None, "ERROR")]
    result = run("check", "--format", "json")
    report = json.loads(result.out)
    assert [claim.get("verdict") for claim in report["claims"]] == ["PROVED", "REFUTED", None]
    assert [claim.get("met") for claim in report["claims"]] == [True, True, None]
    assert report["claims"][2]["error"] == "expected something else"
    assert report["summary"]["met"] == report["summary"]["expectations"] == 2
    assert report["claims"][1]["witness"]["parameters"] == ["1", "2"]


def test_concise(engine, run):
    engine.entries = [*MET, Entry("c", "claim c", None, "SURVIVED"), Entry("d", "claim d", None, "UNDECIDED")]
    assert run("check", "--format", "concise").out.splitlines() == [
        "PROVED\ta\tclaim a\t2 steps",
        "REFUTED\tb\tclaim b\trank(H) = 0, rank(G) = 1",
        "SURVIVED\tc\tclaim c\t200 trials",
        "UNDECIDED\td\tclaim d\tkink",
    ]


def test_certificates_are_saved_under_distinct_safe_names(engine, run, tmp_path):
    engine.entries = [
        Entry("../../a b", "claim a", None, "PROVED"),
        Entry("c", "claim c", None, "PROVED"),
        Entry("c", "claim c", None, "REFUTED"),
        Entry("d", "claim d", None, "SURVIVED"),
    ]
    target = tmp_path / "deep" / "folder"
    run("check", "--save", str(target))
    assert sorted(path.name for path in target.iterdir()) == ["a-b.json", "c-2.json", "c.json"]
    assert json.loads((target / "c.json").read_text())["format"] == "geomcheck-certificate"


def test_output_goes_to_a_file_whole_or_not_at_all(engine, run, tmp_path):
    engine.entries = MET
    target = tmp_path / "report.json"
    result = run("check", "--format", "json", "--output", str(target))
    assert (result.code, result.out) == (0, "")
    assert json.loads(target.read_text())["summary"]["claims"] == 2
    engine.error = RuntimeError("no")
    assert run("check", "PROVED", *NETWORK, "--output", str(tmp_path / "other")).code == 70
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_only(engine, run):
    engine.entries = [Entry("alpha", "claim a", "proved", "PROVED"), *MET]
    assert run("check", "--only", "alpha").out.splitlines()[-1] == "Expected proved: met."
    result = run("check", "--only", "alpah")
    assert result.code == 2
    assert "alpha" in result.err


def test_several_texts_are_several_claims(engine, run):
    assert run("check", "PROVED x", "REFUTED y", *NETWORK).code == 1
    assert [call["claim"] for call in engine.calls] == ["PROVED x", "REFUTED y"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("rank(H) == 1",), "expected a network"),
        (("PROVED",), "which is neither"),
        (("no-such-file",), "which is neither"),
        (("/",), "got the folder '/'"),
        (("(" * 2000,), "expected a network"),
        (("PROVED", "--network", "2-1", "--samples", "-1"), "at least 1, got samples=-1"),
        (("PROVED", "--network", "2-1", "--problem", "p.toml"), "either --problem or"),
        (("--network", "2-1"), "got no claim"),
        (("PROVED", *NETWORK, "--only", "a"), "--only with claims files"),
        (("PROVED", "--network", "2-0-1 tanh", "--samples", "1"), "width"),
        (("PROVED", "--network", "2-1", "--samples", "0"), "samples"),
        (("PROVED", "--network", "2-1", "--inputs", "[[1, 2"), "--inputs"),
        (("PROVED", "--network", "2-1", "--inputs", "[[1, 1/0]]"), "1/0"),
        (("PROVED", "--problem", "nowhere.toml"), "nowhere.toml"),
        (("PROVED", *NETWORK, "--output", "/nowhere/at/all"), "/nowhere/at/all"),
    ],
)
def test_wrong_input_is_one_clear_error(engine, run, arguments, words):
    result = run("check", *arguments)
    assert result.code == 2
    assert words in result.err
    assert result.err.startswith("geomcheck: ")
    assert "Traceback" not in result.err


@pytest.mark.parametrize("arguments", [("--trials", "-1"), ("--trials", "many"), ("--format", "xml"), ("--nonsense",)])
def test_wrong_usage(engine, run, arguments):
    result = run("check", *arguments)
    assert result.code == 2
    assert result.err.startswith("geomcheck")
    assert "--help" in result.err or "did you mean" in result.err
    assert len(result.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (InputError("no such thing"), 2, "no such thing"),
        (CertificateError("rejected: minor is zero"), 4, "minor is zero"),
        (RuntimeError("a\nb"), 70, "internal error: RuntimeError: a b; please report it"),
        (RecursionError("deep"), 70, "internal error"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_exit_code_of_an_error(engine, run, error, code, words):
    engine.error = error
    result = run("check", "PROVED", *NETWORK)
    assert result.code == code
    assert words in result.out + result.err
    assert "Traceback" not in result.err


def test_debug_shows_where_an_error_arose(engine, run):
    engine.error = RuntimeError("no")
    result = run("check", "PROVED", *NETWORK, "--debug")
    assert result.code == 70
    assert "Traceback" in result.err


def test_latex_and_html(engine, run):
    engine.entries = [Entry("a", "rank(H) == rank(G) at perfect_fits", None, "REFUTED")]
    assert r"\operatorname{rank}(H) = \operatorname{rank}(G)" in run("check", "--format", "latex").out
    assert run("check", "--format", "html").out.startswith("<div>")


def test_the_id_of_a_shipped_claim_is_told_from_a_claim(run):
    result = run("check", "rank-bound-NK")
    assert (result.code, result.out) == (2, "")
    assert "geomcheck check --only rank-bound-NK" in result.err
