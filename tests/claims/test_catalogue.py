"""The claims that ship: complete, well formed, and each instance really is what it says it is about."""

import re
from collections import Counter

import pytest

from geomcheck.claims.files import ClaimEntry, shipped_claims

ENTRIES = shipped_claims()

GROUPS_A_AND_B = [
    "rank-equality-perfect-fit",
    "rank-equality-any-global-min",
    "gauss-newton-decomposition",
    "perfect-fit-residual-zero",
    "diagonal-D-suffices",
    "separable-loss-suffices",
    "ce-mse-bce-list",
    "onehot-ce-no-finite-min",
    "softmax-logit-ce",
    "local-min-left-null-space",
    "rankH-can-exceed-rankG",
    "linear-model-equality",
    "behaviour-fixed-at-constant-loss",
    "high-dim-implies-low-rank",
    "low-rank-implies-high-dim",
    "submersion-dimension",
    "relu-kink-hypothesis",
    "ridge-vs-pseudodeterminant",
    "gaussian-volume-identity",
    "weight-decay-adds-cI",
    "same-function-different-rank",
    "rank-bound-NK",
    "dead-neuron-rank-drop",
    "duplicate-neuron-rank-drop",
    "zero-outgoing-rank-drop",
    "constant-neuron",
    "dependent-activations",
    "low-rank-implies-information-loss",
]


def _stem(entry: ClaimEntry) -> str:
    return re.sub(r"-\d+$", "", entry.id)


def test_ids_are_unique_and_numbered_without_gaps() -> None:
    assert len({entry.id for entry in ENTRIES}) == len(ENTRIES)
    for stem, count in Counter(map(_stem, ENTRIES)).items():
        wanted = {stem, *(f"{stem}-{n}" for n in range(2, count + 1))}
        assert {entry.id for entry in ENTRIES if _stem(entry) == stem} == wanted


def test_the_expressible_claims_are_there() -> None:
    assert set(GROUPS_A_AND_B) <= {_stem(entry) for entry in ENTRIES}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_an_entry_is_complete(entry: ClaimEntry) -> None:
    assert entry.expect is not None
    assert entry.source
    assert entry.note.endswith(".")
    assert entry.problem.N <= 16
    assert (13 if entry.problem.is_instance else 30) >= entry.problem.P


def test_no_claim_is_made_twice() -> None:
    made = Counter((entry.claim.tree, entry.problem) for entry in ENTRIES)
    assert max(made.values()) == 1
