"""What is proved about permuted points, what is not, and that it is true at random points."""

import random
from fractions import Fraction
from typing import Any

import pytest

import geomcheck as gc
from geomcheck.claims.claim import parse_claim
from geomcheck.problem.permutations import all_permutations
from geomcheck.problem.read import problem_from
from geomcheck.problem.shorthand import parse_network
from geomcheck.prove import prove
from geomcheck.prove.tactics.permutation import derivation

TANH = {"network": "1-2-1 tanh", "samples": 2}
RESIDUAL = {
    "network": {
        "inputs": 2,
        "layers": [{"width": 2, "activation": "relu"}, {"width": 2, "residual": 1, "activation": "relu"}, {"width": 1}],
    },
    "samples": 1,
}

PROVED = [
    ("L@permuted(A, s) == L@A", TANH),
    ("F@permuted(A, s) == F@A", {**TANH, "loss": "quartic"}),
    ("L@permuted(A, s) == L@A", {**TANH, "weight_decay": "1/3", "reduction": "mean"}),
    ("L@permuted(A, s) == L@A", RESIDUAL),
    ("L@permuted(permuted(A, s), t) - L@A == 0", TANH),
    ("rank(H@permuted(A, s)) == rank(H@A) and index(H@permuted(A, s)) == index(H@A)", TANH),
    ("trace(H_f@permuted(A, s)) == trace(H_f@A) and det(H@permuted(A, s)) == det(H@A)", TANH),
    ("nullity(G@permuted(A, s)) == nullity(G@A)", TANH),
    ("positive_definite(H@A) implies positive_definite(H@permuted(A, s))", TANH),
    ("perfect_fit@permuted(A, s) and perfect_fit@A at perfect_fits", TANH),
    ("critical_point@A implies critical_point@permuted(A, s)", TANH),
    ("rank(H@permuted(A, s)) == rank(G@A) at perfect_fits", TANH),
    ("index(H@A) == 0 at local_minima", TANH),
    ("L@A == L@B and L@A <= L@(1/2*A + 1/2*B) at global_minima", TANH),
    ("1 <= orbit_size(A) and orbit_size(A) <= 2 and signed_orbit_size(A) <= 8", TANH),
    ("overlap(permuted(A, s), permuted(B, s)) == overlap(A, B)", TANH),
    ("overlap(A, permuted(B, s)) <= max_overlap(permuted(A, t), B)", TANH),
    ("max_overlap(A, A) == overlap(A, A) and orbit_size(A) <= signed_orbit_size(A)", TANH),
    ("2*max_overlap(A, B) <= overlap(A, A) + overlap(B, B) and overlap(A, B) == overlap(B, A)", TANH),
    ("-2*overlap(A, B) <= overlap(A, A) + overlap(B, B) and 0 <= overlap(A, A)", TANH),
    ("activation_overlap(A, permuted(A, s)) <= activation_overlap(A, A)", TANH),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "about"), PROVED, ids=[claim for claim, _ in PROVED])
def test_proved(claim: str, about: dict[str, Any]) -> None:
    verdict = gc.check(claim, trials=30, seconds=10, **about)
    assert verdict.proved, (verdict.outcome, verdict.known)
    assert verdict.certificate is not None


NOT_PROVED = [
    "H@permuted(A, s) == H@A",
    "G@permuted(A, s) == G@A",
    "A[1]@permuted(A, s) == A[1]@A",
    "trace(H@(1/2*A + 1/2*permuted(A, s))) == trace(H@A)",
    "L@(1/2*A + 1/2*permuted(A, s)) == L@A",
    "L@permuted(A, s) == L@B",
    "L@A == L@B",
    "L@A <= L@B at critical_points",
    "L@(1/2*A + 1/2*B) <= L@A at global_minima",
    "orbit_size(A) == 2",
    "orbit_size(A) <= 1",
    "signed_orbit_size(A) <= 4",
    "overlap(A, permuted(B, s)) <= overlap(A, B)",
    "overlap(permuted(A, s), permuted(B, t)) == overlap(A, B)",
    "max_overlap(A, B) <= overlap(A, permuted(B, s))",
    "perfect_fit@permuted(B, s) given perfect_fit@A",
    "rank(H@(1/2*A + 1/2*B)) == rank(G@(1/2*A + 1/2*B)) at perfect_fits",
    "rank(H@A) == rank(G@A) at critical_points",
]


@pytest.mark.parametrize("claim", NOT_PROVED)
def test_false_neighbours_are_not_proved(claim: str) -> None:
    assert prove(parse_claim(claim), problem_from(TANH)) is None


@pytest.mark.parametrize("claim", [NOT_PROVED[i] for i in (0, 1, 4, 9, 10, 11, 12, 13, 14)])
def test_false_neighbours_are_refuted(claim: str) -> None:
    assert gc.check(claim, trials=60, seconds=10, **TANH).refuted


@pytest.mark.parametrize("network", ["1-2-1 square", "1-2-2-1 relu", "2-3-2 linear"])
def test_what_is_proved_is_true_at_random_points(network: str) -> None:
    about, rng = parse_network(network), random.Random(2)
    claim = (
        "F@permuted(A, s) == F@A and L@permuted(A, s) == L@A and rank(G@permuted(A, s)) == rank(G@A)"
        " and trace(H_o@permuted(A, s)) == trace(H_o@A)"
    )
    every = list(all_permutations(about))
    for _ in range(3):
        theta = [Fraction(rng.choice((-2, -1, 1, 2, 3)), 2) for _ in range(about.n_parameters)]
        rows = {"inputs": [[1] * about.n_inputs, ["1/3"] * about.n_inputs], "targets": [[1] * about.n_outputs] * 2}
        points, chosen = {"A": theta}, {"s": [list(images) for images in rng.choice(every)]}
        assert gc.check(claim, network=network, points=points, permutations=chosen, **rows).proved


def test_the_derivation_says_what_it_did() -> None:
    assert "2 exchanges" in derivation(parse_network("2-3-1 tanh"))
    assert "general theorem" in derivation(parse_network("30-30-30 tanh"))
    residual = problem_from(RESIDUAL).model
    assert "SymPy derived" in derivation(residual)  # type: ignore[arg-type]


NO_LAWS = [
    "overlap(A, B) <= overlap(A, A)",
    "max_overlap(A, B) <= overlap(A, A)",
    "max_overlap(A, B) >= 0",
    "orbit_size(A) == 24",
    "orbit_size(A) == signed_orbit_size(A)",
    "activation_overlap(A, B) <= activation_overlap(A, A)",
]


@pytest.mark.parametrize("claim", NO_LAWS)
def test_what_is_no_law_of_overlaps_is_refuted(claim: str) -> None:
    assert gc.check(claim, network="2-4-1 tanh, no bias", samples=1).outcome == "REFUTED"
