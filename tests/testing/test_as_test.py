"""A counterexample printed as a test runs as it stands, says exactly what was found, and is one in the command line."""

import ast
import subprocess
import sys
from fractions import Fraction

import pytest

import geomcheck as gc
from geomcheck.cli import main
from geomcheck.errors import InputError
from geomcheck.render.python import as_test, problem_arguments, test_name
from tests.cli.fakes import PROBLEM, VERDICTS

RANKS = "rank(H) == rank(G) at perfect_fits"
LINK = {"inputs": 1, "layers": [{"width": 1, "activation": "tanh", "residual": 0}, {"width": 1, "bias": False}]}
FORMULA_LOSS = {"outputs": ["f"], "targets": ["y"], "value": "(f - y)^4"}
SQUARE = {"parameters": ["a"], "outputs": ["a^2"]}
ONE_UNIT = {"inputs": [-1], "targets": [0], "parameters": [1, 0, 1, 0]}
LABELS = {"inputs": [0, 1], "targets": [[1, 0], ["1/2", "1/2"]], "parameters": [0, 0, 0, 0]}
SETTINGS = {"behaviour": "probabilities", "reduction": "mean", "weight_decay": "1/4"}
CASES = {
    "searched": (RANKS, {"network": "1-1-1 tanh", "loss": "quartic", "samples": 1}),
    "fractions": ("L == 0", {"network": "2-1", "inputs": [["1/2", 3]], "targets": ["-7/3"], "parameters": [1, 0, 2]}),
    "no shorthand": ("L == 0", {"network": LINK, "inputs": [1], "targets": [5], "parameters": [0, 0, 1]}),
    "model": ("H == 0", {"model": SQUARE, "samples": 2, "parameters": [1], "targets": [0, 0]}),
    "loss": (RANKS, {"network": "1-1, no bias", "loss": FORMULA_LOSS, "samples": 1}),
    "settings": ("L == 0 given N == 2", {"network": "1-2 linear", "loss": "cross_entropy", **SETTINGS, **LABELS}),
    "leaky": ("F == 0", {"network": "1-1-1 leaky_relu(1/10)", **ONE_UNIT}),
    "wide": ("rank(H) == P", {"network": "4-6-2 square", "samples": 3}),
}


def executed(text):
    """The namespace after running the printed module and every test in it."""
    names = {}
    exec(compile(text, "pasted", "exec"), names)
    for name in list(names):
        if name.startswith("test_"):
            names[name]()
    return names


@pytest.mark.parametrize("case", CASES)
def test_the_printed_test_passes_as_it_stands(case):
    claim, parts = CASES[case]
    verdict = gc.check(claim, **parts)
    assert verdict.refuted
    assert "test_claim_is_refuted" in executed(as_test(verdict))


def test_a_generic_rank_is_asked_for_again_as_it_was():
    verdict = gc.check("generic_rank(G) == P", network="1-2-1 relu", samples=9)
    assert verdict.refuted and verdict.witness.parameters is not None
    text = as_test(verdict)
    assert "parameters" not in text and "test_claim_is_refuted" in executed(text)


@pytest.mark.parametrize("case", CASES)
def test_the_arguments_are_the_instance_itself(case):
    claim, parts = CASES[case]
    witness = gc.check(claim, **parts).witness
    given = {key: ast.literal_eval(text) for key, text in problem_arguments(witness)}
    assert gc.problem_from(given) == witness
    assert "float" not in {
        type(node.value).__name__ for node in ast.walk(ast.parse(repr(given))) if isinstance(node, ast.Constant)
    }


def test_the_printed_test_fails_where_the_claim_is_not_refuted():
    verdict = gc.check("L == 0", network="1-1", inputs=[1], targets=[5], parameters=[0, 0])
    text = as_test(verdict).replace('"L == 0"', '"L >= 0"')
    with pytest.raises(AssertionError, match="PROVED"):
        executed(text)


def test_the_printed_test_needs_nothing_but_geomcheck(tmp_path):
    verdict = gc.check(RANKS, network="1-1-1 tanh", loss="quartic", samples=1)
    path = tmp_path / "pasted.py"
    path.write_text(as_test(verdict, "test_mine") + "\n\n\ntest_mine()\nprint('passed')\n", encoding="utf-8")
    ran = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False, env=_environment())
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "passed\n", "")


def _environment():
    import os

    from tests.snapshots.readme import ROOT

    return {**os.environ, "PYTHONPATH": str(ROOT)}


def test_awkward_texts_are_quoted():
    verdict = gc.Verdict("REFUTED", "quotes \" and ' and \\ and\nline é", PROBLEM, witness=PROBLEM)
    call = next(node for node in ast.walk(ast.parse(as_test(verdict))) if isinstance(node, ast.Call))
    assert ast.literal_eval(call.args[0]) == verdict.claim


def test_long_data_go_one_row_a_line():
    problem = gc.problem_from(
        {"network": "9-1", "inputs": [[Fraction(i, 7 * j + 9) for i in range(9)] for j in range(30)]}
    )
    rows = dict(problem_arguments(problem))["inputs"]
    assert len(rows.splitlines()) == 32 and max(map(len, rows.splitlines())) <= 110


@pytest.mark.parametrize(
    ("claim_id", "name"),
    [(None, "test_claim_is_refuted"), ("a-b.2", "test_a_b_2_is_refuted"), ("--", "test_claim_is_refuted")],
)
def test_names(claim_id, name):
    assert test_name(claim_id) == name and name.isidentifier()


test_name.__test__ = False


@pytest.mark.parametrize("outcome", ["PROVED", "SURVIVED", "UNDECIDED"])
def test_only_a_counterexample_makes_a_test(outcome):
    with pytest.raises(InputError, match=f"expected a refuted verdict, got outcome='{outcome}'"):
        as_test(gc.Verdict(outcome, RANKS, PROBLEM, **VERDICTS[outcome]))


def test_the_command_line_prints_a_module(capsys, tmp_path):
    path = tmp_path / "mine.claims.toml"
    entry = '[[claim]]\nid = "{}"\nsays = "{}"\nnetwork = "1-1 linear, no bias"\nsamples = 1\nloss = "quartic"\n'
    claims = [("a-b", RANKS), ("fine", "rank(G) <= 1"), ("a.b", RANKS)]
    path.write_text("".join(entry.format(*claim) for claim in claims), encoding="utf-8")
    assert main(["check", str(path), "--format", "python"]) == 1
    text = capsys.readouterr().out
    assert text.startswith("import geomcheck as gc\n") and text.count("import") == 1
    assert "\n# PROVED  rank(G) <= 1\n" in text
    assert {"test_a_b_is_refuted", "test_a_b_is_refuted_2"} <= set(executed(text))
    assert main(["check", "L >= 0", "--network", "1-1", "--samples", "1", "--format", "python"]) in (0, 3)
    assert capsys.readouterr().out.splitlines()[1].startswith("# ")
