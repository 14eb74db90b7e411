"""Certificates about plane curves: what the checker refuses."""

import json
from typing import Any

import pytest

from geomcheck import checker
from geomcheck.certificate import accepted
from geomcheck.connectivity import plane_curve
from geomcheck.engine import check
from geomcheck.problem.canonical import problem_to_json
from geomcheck.problem.read import problem_from

OVAL = {"model": {"parameters": ["a", "b"], "inputs": [], "outputs": ["a^3 - a - b^2"]}, "samples": 1, "targets": [[0]]}


def certificate(claim: str = "components(minima) == 2") -> dict[str, Any]:
    verdict = check(claim, **OVAL)
    assert verdict.certificate is not None
    assert accepted(verdict.certificate)[0]
    return json.loads(json.dumps(verdict.certificate))


def with_target(target: str) -> dict[str, Any]:
    forged = certificate()
    for part in ("problem", "witness"):
        forged[part]["targets"] = [[target]]
    return forged


@pytest.mark.parametrize(
    ("claim", "outcome"),
    [
        ("components(minima) == 2", "PROVED"),
        ("components(minima) == 1", "REFUTED"),
        ("components(minima) == 3", "REFUTED"),
        ("P > N implies components(minima) == 1", "REFUTED"),
    ],
)
def test_verdicts(claim: str, outcome: str) -> None:
    verdict = check(claim, **OVAL)
    assert verdict.outcome == outcome
    forged = {**certificate(claim), "verdict": "PROVED" if outcome == "REFUTED" else "REFUTED"}
    assert not accepted(forged)[0]


@pytest.mark.parametrize("target", ["1", "-1", "-1/2", "2/5", "-2/5", "100", "0", "19/50", "-19/50", "1/1000"])
def test_another_target_is_another_curve(target: str) -> None:
    """a³ − a − b² = y is an oval and a branch for |y| below 2/√27 ≈ 0.385, and a branch otherwise."""
    value = checker.Fraction(target)
    assert accepted(with_target(target))[0] == (27 * value**2 < 4)


@pytest.mark.parametrize("count", [-1, 1])
def test_a_wrong_count_of_the_engine_is_never_a_proof(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = plane_curve._count
    monkeypatch.setattr(plane_curve, "_count", lambda s, m: honest(s, m) + count)
    verdict = check(f"components(minima) == {2 + count}", **OVAL)
    assert (verdict.outcome, verdict.reason) == ("UNDECIDED", "certificate-rejected")


@pytest.mark.parametrize(
    "outputs", [["a^7 - a - b^2"], ["a^3*b^3 - a - b^2 + b^6*a"], ["a^4 - b^4 - b", "a^4 + a + b^4"]]
)
def test_beyond_the_limits_of_degree(outputs: list[str]) -> None:
    about = {**OVAL, "model": {**OVAL["model"], "outputs": outputs}, "targets": [[0] * len(outputs)]}  # type: ignore[dict-item]
    verdict = check("components(minima) == 1", **about)
    assert (verdict.outcome, verdict.reason) == ("UNDECIDED", "components-unknown")
    assert "curves are counted up to degree 6" in " ".join(str(verdict).split())
    problem = checker.Problem(problem_to_json(problem_from(about)))
    with pytest.raises(checker.Reject, match="too high degree"):
        checker.components(problem)


def test_a_sextic_with_thirty_critical_values() -> None:
    one = checker.Fraction(1)
    fits = [{(0,) * i + (1,) * j: one * (i + 2 * j + 1) for i in range(7) for j in range(7 - i)}]
    checker.WORK[0] = 0
    with pytest.raises(checker.Reject, match="no fit"):
        checker.curve(fits, {0, 1})
    fits[0][()] -= 2
    assert checker.curve(fits, {0, 1}) == 1


def test_work_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checker, "MAX_WORK", 10**6)
    one = checker.Fraction(1)
    checker.WORK[0] = 0
    fits = [{(0, 0, 0, 0): one * 10**900, (1, 1, 1, 1): one, (0, 1): -one, (): -one * 7**800}]
    with pytest.raises(checker.Reject, match="too much work"):
        checker.curve(fits, {0, 1})
