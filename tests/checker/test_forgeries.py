"""Every field of every certificate is altered in many ways; what is still accepted must still be true."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from geomcheck.certificate import accepted as checked
from geomcheck.certificate import sealed
from geomcheck.checker import check_certificate
from geomcheck.claims.claim import parse_claim
from geomcheck.claims.judge import judge
from geomcheck.claims.tree import negation_normal_form
from geomcheck.errors import GeomcheckError
from geomcheck.problem.canonical import problem_from_json
from geomcheck.prove.engine import Prover
from geomcheck.prove.knowledge import Scope
from geomcheck.truth import Truth

from .certificates import VALID, Certificate

STRANGE: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    -1,
    2,
    10**9,
    "",
    "0",
    "1",
    "-1",
    "2",
    "1/2",
    "2/4",
    "1/0",
    "1.5",
    "nan",
    "x",
]
STRANGE += ["9" * 5000, [], {}, [[]], ["number", "0"], ["matrix", "H"], "H", "perfect_fit", "PROVED", "REFUTED", 1.5]


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside some JSON."""
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inside:
        yield (*path, key)
        yield from places(value, (*path, key))


def altered(certificate: Certificate) -> Iterator[Certificate]:
    """Certificates with one value replaced, removed, repeated, swapped with its neighbour, or added."""
    for number, path in enumerate(places(certificate)):
        strange = [i for i in range(len(STRANGE)) if (i + number) % 3 == 0]  # each place sees a third of them
        for change in ("remove", "repeat", "swap", "add", *strange):
            copied = copy.deepcopy(certificate)
            parent = copied
            for key in path[:-1]:
                parent = parent[key]
            if change == "remove":
                del parent[path[-1]]
            elif change == "add" and isinstance(parent[path[-1]], dict):
                parent[path[-1]]["more"] = None
            elif change == "repeat" and isinstance(parent, list):
                parent.insert(path[-1], copy.deepcopy(parent[path[-1]]))
            elif change == "swap" and isinstance(parent, list) and path[-1]:
                parent[path[-1] - 1 : path[-1] + 1] = parent[path[-1] - 1 : path[-1] + 1][::-1]
            elif isinstance(change, int):
                parent[path[-1]] = STRANGE[change]
            if copied != certificate or json.dumps(copied) != json.dumps(certificate):
                yield copied


def is_true(certificate: Certificate) -> bool:
    """Whether the engine, which shares no code with the checker, agrees with the verdict."""
    claim, about = parse_claim(certificate["claim"]), problem_from_json(certificate["problem"])
    instance = problem_from_json({**certificate["problem"], **certificate["witness"]})
    judgement = judge(claim, instance)
    if judgement.scope is not Truth.TRUE:
        return False
    if certificate["kind"] == "universal":
        scope = Scope(about, claim.point_set or "all_points")
        return Prover(scope, (claim.formula,)).prove(negation_normal_form(claim.formula)) is not None
    return judgement.holds is Truth.of(certificate["verdict"] == "PROVED")


@pytest.mark.parametrize("name", VALID)
def test_no_alteration_makes_something_false_acceptable(name: str) -> None:
    original = VALID[name]
    tried = 0
    for forged in altered(original):
        tried += 1
        accepted, reason = checked(forged)
        assert reason
        if accepted and any(forged[key] != original[key] for key in ("claim", "problem", "witness", "verdict", "kind")):
            assert is_true(forged), (forged, reason)
    assert tried > 500


@pytest.mark.parametrize("name", VALID)
def test_the_opposite_verdict_is_rejected(name: str) -> None:
    opposite = {"PROVED": "REFUTED", "REFUTED": "PROVED"}[VALID[name]["verdict"]]
    assert not checked({**VALID[name], "verdict": opposite})[0]


@pytest.mark.parametrize("name", VALID)
def test_no_field_is_optional(name: str) -> None:
    for key in VALID[name]:
        assert not checked({k: v for k, v in VALID[name].items() if k != key})[0]
    assert not checked({**VALID[name], "more": 1})[0]


TEXT = json.dumps(sealed(VALID["product"]))
BROKEN_TEXTS = [
    "",
    "{}",
    "[]",
    "null",
    "{" * 100_000,
    "[" * 1_000_000,
    '{"format": 1, "format": 2}',
    TEXT + "x",
    TEXT + TEXT,
    TEXT[:-1],
    "\ufeff" + TEXT,
    TEXT.replace('"version": 2', '"version": 1.0'),
    TEXT.replace('"version": 2', '"version": 1e0'),
    TEXT.replace('"version": 2', '"version": true'),
    TEXT.replace('"version": 2', '"version": 1'),
    TEXT.replace('"version": 2', '"version": NaN'),
    TEXT.replace('"version": 2', '"version": ' + "1" * 100_000),
    TEXT.replace('"version": 2', '"version": 1, "version": 1'),
    TEXT.replace('"minimum": null', '"minimum": ' + "[" * 500 + "]" * 500),
]


@pytest.mark.parametrize("text", BROKEN_TEXTS, ids=range(len(BROKEN_TEXTS)))
def test_broken_text_is_rejected_with_a_reason(text: str) -> None:
    accepted, reason = check_certificate(text)
    assert not accepted
    assert reason


def test_the_oracle_knows_the_truth() -> None:
    for certificate in VALID.values():
        try:
            assert is_true(certificate)
        except GeomcheckError as error:  # pragma: no cover
            pytest.fail(str(error))
