"""Exact and numeric ranks side by side: each reason to differ, by construction."""

import json
from fractions import Fraction

import pytest

import geomcheck as gc
from geomcheck.claims.cross_check import cross_check, survey
from geomcheck.claims.evaluation import Evaluation
from geomcheck.cli import main
from geomcheck.errors import InputError
from geomcheck.problem.read import problem_from

G = ("matrix", "G")


def linear(*inputs):
    """G is the matrix of inputs."""
    keys = {"network": f"{len(inputs[0])}-1, no bias", "targets": [0] * len(inputs)}
    return problem_from({**keys, "parameters": [1] * len(inputs[0]), "inputs": [list(row) for row in inputs]})


def checked(*inputs):
    return cross_check(G, Evaluation(linear(*inputs)))


def test_agreement_has_no_reason():
    check = checked((1, 2), (2, 4))
    assert (check.low, check.high, check.numeric, check.agrees, check.why) == (1, 1, 1, True, "")
    assert str(checked((1, 0), (0, 1))) == "exact 2, numeric 2 (gap inf)"
    assert checked((0, 0), (0, 0)).agrees is True


def test_rows_of_different_size_are_a_matter_of_rescaling():
    check = checked((1, 3), (Fraction(1, 10**13), Fraction(1, 10**13)))
    assert (check.low, check.numeric, check.agrees) == (2, 1, False)
    assert check.why.startswith("rescaling")


def test_hilbert_matrices_have_no_spectral_gap():
    check = checked(*[[Fraction(1, i + j + 1) for j in range(12)] for i in range(12)])
    assert check.low == 12 > check.numeric
    assert check.why.startswith("no spectral gap")


def test_a_singular_value_below_the_rounding_of_doubles():
    check = checked((1, 1), (1, 1 + Fraction(1, 10**20)))
    assert (check.low, check.numeric) == (2, 1)
    assert check.why.startswith("rounding: singular value 2 is not 0")


def test_sums_that_cancel_in_floats():
    """G = (a + b, a + b) at a = 1/10, b = 10⁻³⁰ − 1/10, which floats add up to 0."""
    keys = {"model": {"parameters": ["a", "b"], "inputs": [], "outputs": ["(a + b)^2/2"]}, "samples": 1, "targets": [0]}
    problem = problem_from(keys).with_(parameters=[Fraction(1, 10), Fraction(-1, 10) + Fraction(1, 10**30)])
    check = cross_check(G, Evaluation(problem))
    assert (check.low, check.numeric, check.why) == (1, 0, "rounding: every entry is 0 as computed")


def test_a_zero_that_floats_compute_as_something():
    """1/10 + 2/10 − 3/10 is 0, but not in floats."""
    model = {"parameters": ["a", "b"], "inputs": ["x", "y", "z"], "outputs": ["(x + y - z)*a"]}
    problem = problem_from({"model": model, "inputs": [["1/10", "2/10", "3/10"]], "targets": [0], "parameters": [1, 1]})
    check = cross_check(G, Evaluation(problem))
    assert (check.low, check.high, check.numeric, check.agrees) == (0, 0, 1, False)
    assert check.why.startswith("rounding: singular value 1 is 0")


def test_numbers_too_large_for_floats_are_said_to_be():
    check = checked((Fraction(10**200), 0), (0, 1))
    assert check.agrees in (True, False) and check.low == 2


def test_evaluate_and_the_command_show_both(capsys):
    values = gc.evaluate(["rank(G)", "L"], linear((1, 3), (0, Fraction(1, 10**13))), numeric=True)
    assert values["rank(G)"].value == "2" and values["rank(G)"].numeric.numeric == 1
    assert values["L"].numeric is None
    assert gc.evaluate(["rank(G)"], linear((1, 3), (0, 1)))["rank(G)"].numeric is None
    arguments = ["eval", "rank(G)", "--network", "2-1, no bias", "--parameters", "[1, 1]", "--targets", "[0, 0]"]
    arguments += ["--inputs", '[[1, 0], [0, "1/10000000000000"]]', "--numeric"]
    assert main(arguments) == 0
    assert "numeric 1, gap 1e+13; rescaling" in capsys.readouterr().out
    assert main([*arguments, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)["values"]["rank(G)"]
    assert found["value"] == "2" and found["numeric"]["value"] == "1" and found["numeric"]["agrees"] is False


def test_a_survey_checks_the_least_trusted_exactly():
    problem = problem_from({"network": "2-3-1 square", "samples": 4, "targets": "perfect_fit"})
    found = survey("H", problem, 200, exact=5)
    assert sum(found.ranks.values()) == 200 and found.checked == 5 and not found.disagreements
    assert str(found).endswith("5 checked exactly, 0 disagree")
    crooked = linear((1, 3), (Fraction(1, 10**13), Fraction(1, 10**13)))
    found = survey("G", crooked.with_(targets=None), 20, exact=2)
    assert dict(found.ranks) == {1: 20} and len(found.disagreements) == 2
    assert "rescaling" in str(found)
    for wrong in ({"quantity": "L"}, {"count": 0}, {"exact": -1}):
        with pytest.raises(InputError):
            survey(**{"quantity": "G", "problem": problem, "count": 5} | wrong)
    with pytest.raises(InputError, match="targets"):
        survey("G", problem_from({"network": "2-2-2 relu", "loss": "softmax_cross_entropy", "samples": 2}), 5)
