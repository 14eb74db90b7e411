"""Claims about points that are given, and about generic ranks, which no given point has anything to say about."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import geomcheck as gc

DEEP = {
    "network": "1-1-1-1 tanh",
    "inputs": [1],
    "targets": ["1/2"],
    "parameters": [1, 0, 1, 1, 1, 1],
}
PRODUCT = {"model": {"parameters": ["a", "b"], "inputs": ["x"], "outputs": ["a*b*x"]}, "inputs": [1, 2, 3]}


@pytest.mark.parametrize("claim", ["H == H_o + H_f", "rank(H) <= rank(G) + rank(H_f)", "rank(H_o) == rank(G)"])
def test_what_holds_everywhere_holds_at_a_point_known_in_balls_only(claim):
    verdict = gc.check(claim, **DEEP)
    assert verdict.outcome == "PROVED"
    assert verdict.witness == verdict.problem


def test_nothing_is_proved_at_a_kink_of_a_given_point():
    kink = {**DEEP, "network": "1-1-1-1 relu", "parameters": [0, 0, 1, 1, 1, 1]}
    verdict = gc.check("H == H_o + H_f", **kink)
    assert (verdict.outcome, verdict.reason) == ("UNDECIDED", "kink")


@pytest.mark.parametrize("samples", [{"samples": 3}, {"inputs": "random", "targets": "perfect_fit"}])
def test_a_torch_module_of_many_digits_is_no_obstacle_to_a_proof(samples):
    torch.manual_seed(3)
    module = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    data = {key: torch.randn(3, 2) if value == "random" else value for key, value in samples.items()}
    verdict = gc.check("rank(H) == rank(G) at perfect_fits", torch=module, **data)
    assert verdict.outcome == "PROVED"


@pytest.mark.parametrize(
    ("claim", "outcome"),
    [("generic_rank(G) == 1", "PROVED"), ("generic_rank(G) == 2", "REFUTED"), ("generic_rank(G) < N", "PROVED")],
)
def test_the_parameters_given_say_nothing_about_a_generic_rank(claim, outcome):
    verdict = gc.check(claim, **PRODUCT, targets=[1, 2, 3], parameters=[0, 0])
    assert verdict.outcome == outcome


def test_a_generic_rank_beside_a_rank_at_one_point_is_no_quarrel_with_the_checker():
    verdict = gc.check("generic_rank(G) > rank(G)", **PRODUCT, targets=[1, 2, 3], parameters=[0, 0])
    assert (verdict.outcome, verdict.reason) == ("UNDECIDED", "generic-rank-open")


@pytest.mark.parametrize(
    ("network", "rank"),
    [("1-1-1-1 tanh", 6), ("1-2-1 gelu", 7), ("2-2-1-1 softplus", 11), ("2-2-2-1 relu tanh, no bias", 8)],
)
def test_a_generic_rank_of_a_network_that_leaves_the_exact_fields(network, rank):
    """Of relu units two are rescaled, so that two parameters are too many."""
    assert gc.evaluate(["generic_rank(G)"], network=network, samples=12)["generic_rank(G)"].value == str(rank)
    assert gc.check(f"generic_rank(G) == {rank}", network=network, samples=12).outcome == "PROVED"
    assert gc.check(f"generic_rank(G) < {rank}", network=network, samples=12).outcome == "REFUTED"


def test_a_generic_rank_needs_no_point_but_other_terms_do():
    values = gc.evaluate(["generic_rank(G)", "P"], network="2-3-1 relu, no bias", samples=20)
    assert [value.value for value in values.values()] == ["6", "9"]
    with pytest.raises(gc.GeomcheckError, match="open=parameters"):
        gc.evaluate(["generic_rank(G)", "L"], network="2-3-1 relu, no bias", samples=20)


def test_zeros_that_balls_know_exactly_make_a_critical_point():
    about = {"network": "1-2-1 gelu", "inputs": [1, -1], "targets": [1, -1], "parameters": [0] * 7}
    verdict = gc.check("rank(H) <= rank(G) at critical_points", **about)
    assert verdict.outcome == "REFUTED"
    assert dict(verdict.quantities) == {"rank(H)": "5", "rank(G)": "1"}
    for moved, reason in (("-1.001", "empty-scope"), ("-1." + "0" * 50 + "1", "outside-exact-fields")):
        near = gc.check("rank(H) <= rank(G) at critical_points", **{**about, "targets": [1, moved]})
        assert (near.outcome, near.reason) == ("UNDECIDED", reason)
