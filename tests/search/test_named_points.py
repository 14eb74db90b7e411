"""Tuples of points: in the point set, related as they should be, and counterexamples that are found by themselves."""

import random

import pytest

import geomcheck as gc
from geomcheck.claims.claim import parse_claim
from geomcheck.claims.judge import judge
from geomcheck.problem.permutations import check_permutation
from geomcheck.problem.read import problem_from
from geomcheck.search import search
from geomcheck.search.named_points import KINDS, tuple_generators
from geomcheck.truth import Truth

PRODUCT = {"model": {"parameters": ["a", "b"], "outputs": ["a*b"]}, "samples": 1}
RELU = {"network": "1-2-1 relu, no bias", "samples": 2}


@pytest.mark.parametrize(
    ("claim", "about"),
    [
        ("L@(1/2*A + 1/2*B) == 0 at perfect_fits", PRODUCT),
        ("L@(1/2*A + 1/2*B) == 0 at perfect_fits", RELU),
        ("L@(1/2*A + 1/2*permuted(A, s)) == L@A at perfect_fits", RELU),
        ("L@(1/2*A + 1/2*B) <= 1/2*L@A + 1/2*L@B", {"network": "1-1-1 linear", "samples": 1}),
        ("F@A == F@B implies rank(G@A) == rank(G@B)", {"network": "1-2-1 relu, no bias", "samples": 2}),
        ("F@A == F@B implies orbit_size(A) == orbit_size(B)", {"network": "1-2-1 relu, no bias", "samples": 1}),
        ("overlap(A, permuted(B, s)) <= overlap(A, B)", {"network": "1-2-1 tanh", "samples": 1}),
        ("trace(H@A) == trace(H@B) at perfect_fits", {"network": "1-1-1 relu, no bias", "samples": 1}),
        ("L@A == L@B at critical_points", {"network": "1-1-1 linear, no bias", "samples": 1}),
        ("overlap(A, B) >= 0 at perfect_fits", {**PRODUCT, "points": {"A": [1, 1]}, "targets": [[1]]}),
    ],
)
def test_refuted_by_itself(claim: str, about: dict[str, object]) -> None:
    verdict = gc.check(claim, seconds=20, **about)
    assert verdict.refuted, (verdict.outcome, verdict.record)
    assert verdict.witness is not None
    for name, theta in about.get("points", {}).items():  # type: ignore[attr-defined]
        assert dict(verdict.witness.points)[name] == tuple(theta)


@pytest.mark.parametrize(
    ("claim", "about"),
    [
        ("L@(1/3*A + 2/3*B) <= 1/3*L@A + 2/3*L@B", {"network": "2-1 linear", "samples": 2}),
        ("F@A == F@B at perfect_fits", RELU),
        (
            "L@A <= L@(1/2*A + 1/2*B) at local_minima",
            {"network": "1-1-1 linear, no bias", "samples": 2, "weight_decay": 1},
        ),
    ],
)
def test_true_claims_survive(claim: str, about: dict[str, object]) -> None:
    verdict = gc.check(claim, trials=40, seconds=10, **about)
    assert verdict.survived
    assert verdict.record is not None and verdict.record.trials == 40


def test_every_kind_gives_points_of_the_set() -> None:
    claim, about = parse_claim("L@A == L@B at perfect_fits given L@permuted(A, s) == 0"), problem_from(RELU)
    generators = tuple_generators(claim, about)
    assert {g.name for g in generators} == {kind.name for kind in KINDS if not kind.fresh}
    met = set()
    for generator in generators:
        proposals = generator.propose(about, random.Random(1))
        for _ in range(40):
            instance = next(proposals)
            if instance is None:
                continue
            assert [name for name, _ in instance.points] == ["A", "B"]
            check_permutation(instance.model, dict(instance.permutations)["s"], "s")
            if judge(claim, instance).scope is Truth.TRUE:
                met.add(generator.name)
    assert met >= {"permuted copies", "rescaled copies", "fits of the same data", "equal points"}


def test_a_search_is_a_function_of_its_seed() -> None:
    claim, about = parse_claim("orbit_size(A) == orbit_size(B)"), problem_from(RELU)
    first, second = (search(claim, about, trials=30, seed=4) for _ in range(2))
    assert first.counterexample == second.counterexample is not None


def test_counterexamples_are_made_small() -> None:
    verdict = gc.check("L@(1/2*A + 1/2*B) == 0 at perfect_fits", **PRODUCT)
    assert verdict.witness is not None
    assert max(abs(x) for _, theta in verdict.witness.points for x in theta) <= 4


@pytest.mark.parametrize("network", ["2-2-1 tanh", "2-3-2 sigmoid", "1-2-1 silu"])
def test_smooth_fits_that_a_permutation_does_not_join_are_found(network):
    verdict = gc.check("barrier(A, permuted(A, s)) == 0 at perfect_fits", network=network, samples=2)
    assert verdict.outcome == "REFUTED"


def test_fits_in_common_come_with_the_permutations_of_the_claim():
    verdict = gc.check(
        "barrier(A, permuted(A, s)) == 0 at perfect_fits", network="1-2-1 softplus", samples=2, trials=50
    )
    assert verdict.outcome in ("SURVIVED", "REFUTED", "UNDECIDED")
