"""A certificate that the checker does not accept: a limit says so under its own code, and no step is proposed that the
checker has no rule for.
"""

import ast
import re
from pathlib import Path

import pytest
import torch

import geomcheck
from geomcheck import certificate, checker

WIDE = {
    "an enclosed minor is not shown to be invertible",
    "a congruent matrix is not diagonally dominant",
}  # for all bits
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
    limits = WIDE | {reason for reason in told if re.search(r"\btoo\b|limit", reason)} - OF_NO_LIMIT
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
    "outputs that turn out to be rational": (
        "generic_rank(H) >= 1",
        {"network": "1-2-1 silu", "loss": "logcosh", "inputs": [[2]]},
        "PROVED",
    ),
    "exponentials of powers": (
        "rank(H) == 3 at generic_points",
        {"network": "1-1-1-1 square", "loss": "bce_logits", "samples": 3, "targets": "perfect_fit"},
        "PROVED",
    ),
    "more of them": ("generic_rank(H) >= 1", {"network": "1-1-1 square", "loss": "logcosh", "samples": 2}, "PROVED"),
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


FLOATS = {
    "rank(G) == 3": "PROVED",
    "rank(H) == 13": "PROVED",
    "rank(H) <= 12": "REFUTED",
    "index(H) == 4": "PROVED",
    "positive_semidefinite(H)": "REFUTED",
    "det(H) < 0": "REFUTED",
    "trace(H) > 0 and L > 0": "PROVED",
    "critical_point": "REFUTED",
}


@pytest.fixture(scope="module")
def floats():
    """A tanh network at the floats that torch starts from, and data: whole numbers, or floats of their own."""
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
    return {"torch": network, "targets": [[0], [1], [0]]}, torch.randn(3, 2)


@pytest.mark.parametrize(("claim", "outcome"), FLOATS.items(), ids=FLOATS)
def test_exponentials_of_floats_are_enclosed(floats, claim, outcome):
    verdict = geomcheck.check(claim, inputs=[[0, 1], [1, 0], [1, 1]], **floats[0])
    assert verdict.outcome == outcome, verdict.known


def test_inputs_may_be_floats_as_well(floats):
    for claim, outcome in {"rank(H) == 13": "PROVED", "L == 0": "REFUTED", "H[0, 0] > 0": "PROVED"}.items():
        assert geomcheck.check(claim, inputs=floats[1], **floats[0]).outcome == outcome


def test_an_equality_that_enclosures_cannot_decide_stays_open():
    generator = torch.Generator().manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Tanh(), torch.nn.Linear(2, 1))
    state = {name: torch.randn(w.shape, generator=generator) for name, w in network.state_dict().items()}
    inputs = torch.randn(6, 2, generator=generator)
    for name in ("0.weight", "0.bias"):
        state[name][1] = state[name][0]  # equal units: G has rank 5, for φ, φ', φ' x and 1 span its columns
    about = {"network": "2-2-1 tanh", "targets": [[0]] * 6}
    verdict = geomcheck.check("nullity(G) == 4", parameters=state, inputs=inputs, **about)
    assert verdict.reason == "rank-bounds-differ"
    assert "torch.round" in verdict.next_step
    rounded = {name: torch.round(4 * w) / 4 for name, w in state.items()}
    assert geomcheck.check("nullity(G) == 4", parameters=rounded, inputs=torch.round(2 * inputs) / 2, **about).proved
