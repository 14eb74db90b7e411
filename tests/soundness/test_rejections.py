"""A certificate that the checker does not accept: a limit says so under its own code, and no step is proposed that the
checker has no rule for.
"""

import ast
import re
from pathlib import Path

import pytest

import geomcheck
from geomcheck import certificate, checker

OF_NO_LIMIT = {"F has too low a rank", "a polynomial of too high a degree", "an exponent is not a number"}


def reasons():
    """Every reason that the checker gives to `need`, as far as it is a plain text."""
    tree = ast.parse(Path(checker.__file__).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "need":
            found = node.args[1]
            if isinstance(found, ast.Constant):
                yield found.value


def test_every_limit_of_the_checker_has_a_code_of_its_own():
    told = [*reasons()]
    assert len(told) > 100
    limits = {reason for reason in told if re.search(r"\btoo\b|limit", reason)} - OF_NO_LIMIT
    assert len(limits) > 12
    assert {reason for reason in told if certificate.rejection_code(reason) != "certificate-rejected"} == limits
    assert certificate.rejection_code("MemoryError: ") == "beyond-checker-limits"


@pytest.mark.parametrize(
    ("claim", "parts", "words"),
    [
        ("L@A == L@permuted(A, s)", {"network": "10-100-100-1 relu", "samples": 1}, "P = 11301"),
        ("rank(H) == 5", {"network": "1-2-1 square", "parameters": [*range(7)]}, "too much work"),
    ],
)
def test_what_is_beyond_the_checker_stays_open_and_says_so(monkeypatch, claim, parts, words):
    monkeypatch.setattr(checker, "MAX_WORK", 3000)
    about = {"inputs": [[1], [2]], "targets": [[1], [0]]} if "parameters" in parts else {}
    verdict = geomcheck.check(claim, seconds=5, **parts, **about)
    assert (verdict.outcome, verdict.reason) == ("UNDECIDED", "beyond-checker-limits")
    assert words in verdict.known
    assert "cannot re-check it within its limits" in verdict.known
    assert "report" not in verdict.next_step
    assert verdict.certificate is None


SETTLED = {
    "a generic witness in the loss's domain": (
        "rank(G) <= 3 at generic_points",
        {"network": "2-2-2 tanh", "loss": "cross_entropy", "samples": 2},
        "REFUTED",
    ),
    "one of small numbers": (
        "rank(H) == 3 at generic_points",
        {"network": "1-2-1 power(3), no bias", "loss": "bce", "samples": 3},
        "REFUTED",
    ),
    "one class": (
        "rank(H) == rank(G) at perfect_fits",
        {"network": "1-2-1 softplus", "loss": "cross_entropy", "behaviour": "probabilities", "samples": 2},
        "PROVED",
    ),
    "a trace that is enclosed": (
        "trace(H) == trace(H_o) + trace(H_f)",
        {"network": "1-2-1 softplus", "loss": "bce_logits", "inputs": [["1/2"]], "weight_decay": "1/3"},
        "REFUTED",
    ),
    "a generic rank at an instance": (
        "generic_rank(H) >= 3",
        {"network": "2-3-1 square", "inputs": [[1, 2]], "targets": [[1]], "parameters": [*range(1, 14)]},
        "PROVED",
    ),
    "a generic rank at an instance, from above": (
        "generic_rank(G) == 1",
        {"network": "2-3-1 square", "inputs": [[1, 2]], "targets": [[1]], "parameters": [*range(1, 14)]},
        "PROVED",
    ),
}


@pytest.mark.parametrize(("claim", "parts", "outcome"), SETTLED.values(), ids=SETTLED)
def test_the_engine_proposes_what_the_checker_can_follow(claim, parts, outcome):
    verdict = geomcheck.check(claim, trials=10, seconds=5, **parts)
    assert verdict.outcome == outcome, verdict.known


def test_a_rank_is_not_the_generic_one_while_labels_are_open():
    about = {"network": "1-2-1 square", "loss": "exponential", "samples": 2}
    verdict = geomcheck.check("nullity(H) == 0 at generic_points", **about)
    assert verdict.reason == "generic-rank-open"
    assert verdict.next_step == "give the targets"
    assert geomcheck.check("nullity(H) == 0 at generic_points", targets=[[1], [-1]], **about).proved
