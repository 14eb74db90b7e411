"""Which hypotheses are needed: the registry's laws, answers known from the literature, the command."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

import geomcheck as gc
from geomcheck.claims.claim import parse_claim
from geomcheck.claims.judge import judge
from geomcheck.cli import main
from geomcheck.errors import InputError
from geomcheck.necessity.alternatives import nonconvex_losses, singular_losses
from geomcheck.necessity.hypotheses import HYPOTHESES
from geomcheck.problem.read import problem_from
from geomcheck.search import search
from geomcheck.truth import Truth

EQUAL = "rank(H) == rank(G) at perfect_fits"
DECAYED = {"network": "1-2-1 tanh", "samples": 2, "weight_decay": "1/2"}
CLAIMS = [
    (EQUAL, {"network": "1-2-1 tanh", "samples": 2}),
    (EQUAL, {"network": "1-2-2 relu", "samples": 2, "reduction": "mean"}),
    (EQUAL, DECAYED),
    ("rank(G) == N*K at local_minima given rank(A[1]) == N and N < P", {"network": "1-3-1 square", "samples": 2}),
    ("perfect_fit and positive_definite(D) implies rank(H) == rank(G)", {"network": "1-1-1 linear", "samples": 1}),
    (EQUAL, {"network": "1-2 linear", "samples": 1, "loss": "cross_entropy", "behaviour": "probabilities"}),
    (
        "rank(H) <= rank(G) at critical_points",
        {"network": "1-1-1 linear", "inputs": [1, 2], "targets": [1, 1], "parameters": [0, 1, 0, 1]},
    ),
    (
        "H == 0",
        {"model": {"parameters": ["a"], "inputs": [], "outputs": ["a"]}, "samples": 2, "targets": "perfect_fit"},
    ),
]


def weakenings(text, parts):
    claim, problem = parse_claim(text), problem_from(parts)
    return claim, problem, [(h.name, w) for h in HYPOTHESES for w in h.weakened(claim, problem)]


@pytest.mark.parametrize(("text", "parts"), CLAIMS)
def test_every_weakening_is_another_claim_that_reads_back(text, parts):
    claim, problem, found = weakenings(text, parts)
    assert found
    for _, weak in found:
        assert parse_claim(weak.claim.text).tree == weak.claim.tree
        assert (weak.claim.tree, weak.problem) != (claim.tree, problem)
        assert weak.claim.tree == claim.tree or weak.problem == problem  # one change at a time
        assert weak.assumed and weak.instead and weak.assumed != weak.instead


@pytest.mark.parametrize(("text", "parts"), CLAIMS)
def test_what_covers_the_claim_holds_all_its_instances(text, parts):
    claim, problem, found = weakenings(text, parts)
    covering = [weak for _, weak in found if weak.covers]
    if problem.is_instance:
        instances = [problem]
    else:
        result = search(claim, problem, trials=5, seconds=5)
        instances = [x for x in (result.witness, result.counterexample) if x is not None]
    assert instances
    for instance in instances:
        assert judge(claim, instance).scope is Truth.TRUE
        for weak in covering:
            assert judge(weak.claim, instance).scope is not Truth.FALSE
            placed = weak.problem.with_(instance.parameters, instance.inputs, instance.targets)
            assert placed == instance


def test_no_entry_is_idle():
    names = {name for text, parts in CLAIMS for name, _ in weakenings(text, parts)[2]}
    assert names == {hypothesis.name for hypothesis in HYPOTHESES}
    assert len({hypothesis.name for hypothesis in HYPOTHESES}) == len(HYPOTHESES)


@pytest.mark.parametrize("outputs", [1, 2, 3])
def test_examples_are_what_they_say(outputs):
    """D at a fit has the rank that is promised, and the second derivative takes both signs where it must."""
    points = {"samples": 1, "parameters": [0] * outputs, "targets": [[0] * outputs]}
    names = [f"a{k}" for k in range(outputs)]
    parts = {"model": {"parameters": names, "outputs": names}, **points}
    ranks = [int(gc.evaluate(["rank(D)"], loss=loss, **parts)["rank(D)"].value) for _, loss in singular_losses(outputs)]
    assert ranks == [0, *([outputs - 1] * 2 if outputs > 1 else [])]
    for _, loss, _ in nonconvex_losses(outputs):
        assert gc.evaluate(["rank(D)"], loss=loss, **parts)["rank(D)"].value == str(outputs)
        far = parts | {"parameters": [3] * outputs}
        assert int(gc.evaluate(["index(D)"], loss=loss, **far)["index(D)"].value) > 0


def answers(study):
    return {(row.weakening.assumed, row.weakening.instead): row.answer for row in study.rows}


def test_the_rank_equality():
    """Hebbar (2022): it takes D positive definite, and no weight decay; critical points do not suffice."""
    study = gc.necessity(EQUAL, network="1-2-1 tanh", samples=2, trials=60, seconds=5)
    assert study.verdict.proved
    found = answers(study)
    assert found["at perfect_fits", "at critical_points"] == "needed"
    assert found["at perfect_fits", "at all_points"] == "needed"
    assert found["mse: D definite at a fit", "quartic: D = 0 at a fit"] == "needed"
    assert found["weight_decay = 0", "weight_decay = 1"] == "needed"
    assert found["no kinks (tanh)", "relu"] == "not needed"
    assert found["reduction = sum", "reduction = mean"] == "not needed"
    assert {row.verdict.certificate is None for row in study.answered("needed")} == {False}
    assert study.settled == (not study.answered("open"))


def test_logits_for_probabilities():
    parts = {"network": "1-2 linear", "samples": 1, "loss": "cross_entropy", "behaviour": "probabilities"}
    study = gc.necessity(EQUAL, **parts, only=["behaviour"], trials=40, seconds=5)
    (row,) = study.rows
    assert row.answer == "needed" and row.weakening.problem.loss.name == "softmax_cross_entropy"
    assert row.verdict.quantities == {"rank(H)": "1", "rank(G)": "2"}


def test_distinct_singular_values():
    """Eckart-Young: not refuted for given targets of distinct singular values, refuted for any targets."""
    data = {"network": "2-1-2 linear, no bias", "inputs": [[1, 0], [0, 1]], "targets": [[2, 0], [0, 1]]}
    study = gc.necessity("rank(H) == rank(G) at global_minima", **data, only=["targets"], trials=40, seconds=5)
    assert not study.verdict.refuted
    assert answers(study) == {("the given targets", "any targets"): "needed"}
    targets = study.rows[0].verdict.witness.targets
    singular = gc.evaluate(
        ["trace(H)"], model={"parameters": ["a"], "outputs": ["a"]}, samples=1, parameters=[1], targets=[1]
    )
    assert singular["trace(H)"].value == "1"
    gram = [[sum(a * b for a, b in zip(x, y, strict=True)) for y in targets] for x in targets]
    assert gram[0][0] == gram[1][1] and gram[0][1] == 0  # a tie


def test_a_full_rank_condition():
    says = "rank(G) == N at perfect_fits given rank(A[1]) == N"
    study = gc.necessity(says, network="1-2-1 relu", samples=2, only=["condition"], trials=40, seconds=5)
    found = answers(study)
    assert found["given rank(A[1]) == N", "left out"] == "needed"
    assert found["given rank(A[1]) == N", "rank(A[1]) <= N"] == "needed"
    assert study.verdict.proved and study.settled


def test_a_false_claim_has_no_rows():
    study = gc.necessity("rank(H) == 0", network="1-1 linear", samples=1)
    assert study.verdict.refuted and study.rows == () and not study.settled
    assert "false as it stands" in str(study)


def test_a_point_that_leaves_the_scope_is_no_answer():
    says = "rank(H) == rank(G) at global_minima"
    parts = {"network": "2-1-2 linear, no bias", "inputs": [[1, 0], [0, 1]], "targets": [[2, 0], [0, 1]]}
    study = gc.necessity(says, **parts, parameters=[1, 0, 2, 0], only=["weight decay"])
    assert study.rows == () and [change for change, _ in study.skipped] == ["weight_decay = 0 → weight_decay = 1"]


def test_an_entry_that_goes_away_is_skipped():
    parts = {"network": "1-1-1 linear", "samples": 1}
    study = gc.necessity("H[3, 3] >= 0 at perfect_fits", **parts, only=["bias", "width"], trials=20, seconds=5)
    assert [change for change, _ in study.skipped] == ["a bias in every layer → no biases"]
    assert [row.weakening.instead for row in study.rows] == ["hidden width 2"]


def test_smallest_counterexamples():
    study = gc.necessity(
        EQUAL, network="2-2-1 square", samples=2, only=["definite loss"], smallest=True, trials=40, seconds=5
    )
    smaller = study.rows[0].verdict.smaller
    assert smaller.problem.model.widths == (1, 1) and smaller.problem.N == 1
    assert smaller.witness.parameters == (Fraction(0), Fraction(0))


# -- the command ------------------------------------------------------------------------------------------------------

NETWORK = ["--network", "1-1-1 square", "--samples", "1", "--trials", "30", "--seconds", "5"]


def test_exit_codes(capsys):
    assert main(["necessity", EQUAL, *NETWORK, "--only", "weight decay", "--only", "reduction"]) == 0
    assert "needed" in capsys.readouterr().out
    assert main(["necessity", "rank(H) == 0 at critical_points", *NETWORK]) == 1
    assert "false as it stands" in capsys.readouterr().out
    open_claim = "rank(H) >= rank(G) at local_minima given rank(A[1]) == N"
    assert main(["necessity", open_claim, *NETWORK, "--only", "condition"]) == 3
    assert "SURVIVED" in capsys.readouterr().out


def test_formats_agree(capsys, tmp_path):
    arguments = ["necessity", EQUAL, *NETWORK, "--only", "definite loss", "--only", "no kinks"]
    assert main([*arguments, "--format", "json", "--save", str(tmp_path)]) == 0
    table = json.loads(capsys.readouterr().out)
    assert table["settled"] and [row["answer"] for row in table["rows"]] == ["needed", "not needed"]
    assert all(gc.verify(path) for path in tmp_path.iterdir()) and len(list(tmp_path.iterdir())) == 3
    assert main([*arguments, "--format", "concise"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("\t")[0] for line in lines] == ["claim", "needed", "not needed"]
    assert main([*arguments, "--format", "latex"]) == 0
    latex = capsys.readouterr().out
    assert latex.count(r"\begin") == latex.count(r"\end") and r"\begin{tabular}" in latex
    assert main(arguments) == 0
    text = capsys.readouterr().out
    assert "[1] 1-1-1 square, y = F: X = [[" in text and max(map(len, text.splitlines())) <= 110
    assert main([*arguments, "--verbose"]) == 0
    assert capsys.readouterr().out.count("Certificate") == 3


def test_a_shipped_claim_by_its_id(capsys):
    assert main(["necessity", "rankH-can-exceed-rankG-6", "--only", "weight decay", "--format", "concise"]) == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("claim\t-\trank(H) <= rank(G) + rank(H_f)\tPROVED")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rank(H) == rank(G"], "column"),
        (["rank(H) == rank(G)"], "expected a network"),
        (["rank-equality-any-global-mni"], "rank-equality-any-global-min"),
        ([EQUAL, "--network", "1-1 linear"], "samples"),
        ([EQUAL, *NETWORK, "--only", "point sets"], "point set"),
        ([EQUAL, *NETWORK, "--trials", "0"], "at least 1 trial"),
        (["H[9, 9] == 0", *NETWORK], "H"),
        ([EQUAL, *NETWORK, "--seed", "x"], "whole number"),
    ],
)
def test_wrong_input(arguments, words, capsys):
    assert main(["necessity", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and words in captured.err and "Traceback" not in captured.err


def test_only_takes_known_names():
    with pytest.raises(InputError, match="did you mean"):
        gc.necessity(EQUAL, network="1-1 linear", samples=1, only=["weight decy"])
