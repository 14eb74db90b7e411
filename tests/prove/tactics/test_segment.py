"""Laws of barriers between any two points, and near misses that are no laws."""

import pytest

import geomcheck as gc

LAWS = [
    "barrier(A, B) >= 0",
    "barrier(A, A) == 0",
    "barrier(A, B) == barrier(B, A)",
    "barrier(permuted(A, s), permuted(B, s)) == barrier(A, B)",
    "0 <= min_barrier(A, B) and min_barrier(A, B) <= barrier(A, B)",
    "min_barrier(A, permuted(A, s)) == 0",
    "min_barrier(A, B) == min_barrier(B, permuted(A, s))",
    "min_barrier(A, B) <= barrier(A, permuted(B, s))",
    "barrier(A, B) >= L@(1/2*A + 1/2*B) - 1/2*L@A - 1/2*L@B",
    "max_overlap(A, B) == max_overlap(B, A)",
    "activation_overlap(permuted(A, s), permuted(B, s)) == activation_overlap(A, B)",
]
NEARLY = [
    "barrier(A, B) > 0",
    "barrier(A, permuted(A, s)) == 0",
    "barrier(permuted(A, s), B) == barrier(A, B)",
    "barrier(A, B) <= min_barrier(A, B)",
    "barrier(A, B) == 0 at perfect_fits",
    "barrier(A, B) >= L@(1/2*A + 1/2*B) - L@A",
    "activation_overlap(A, permuted(B, s)) == activation_overlap(A, B)",
    "barrier(A, B) >= L@A - L@B",
]


@pytest.mark.parametrize("baseline", ["mean", "linear"])
@pytest.mark.parametrize("law", LAWS)
def test_laws_are_proved(law, baseline):
    verdict = gc.check(law, network="1-2-1 relu", samples=2, seconds=5, baseline=baseline)
    assert verdict.proved, verdict.known


@pytest.mark.parametrize("claim", NEARLY)
def test_what_is_no_law_is_refuted(claim):
    assert gc.check(claim, network="1-2-1 relu", samples=2, seconds=10).refuted


def test_laws_hold_for_models_without_units():
    model = {"parameters": ["a", "b"], "inputs": ["x"], "outputs": ["a*exp(b*x)"]}
    assert gc.check("barrier(A, B) >= 0", model=model, samples=1, seconds=5).proved


@pytest.mark.parametrize(
    "about", [{"network": "2-1 linear"}, {"network": "2-3 linear", "loss": "softmax_cross_entropy"}]
)
def test_a_loss_convex_in_the_parameters_lies_below_the_line(about):
    assert gc.check("barrier(A, B) == 0", **about, samples=2, baseline="linear", seconds=5).proved
    assert gc.check("barrier(A, B) == 0", **about, samples=2, seconds=5).refuted


def test_perfect_fits_of_an_affine_model_are_joined():
    about = {"network": "2-1 linear", "samples": 2, "seconds": 5}
    assert gc.check("barrier(A, B) == 0 at perfect_fits", **about).proved
    assert gc.check("barrier(A, B) <= 1/2*L@A + 1/2*L@B", **about, weight_decay="1/3").proved


@pytest.mark.parametrize("about", [{"network": "2-1, output relu"}, {"network": "1-1-1 linear"}])
def test_what_is_not_affine_need_not_lie_below(about):
    verdict = gc.check("barrier(A, B) == 0", **about, samples=2, baseline="linear", seconds=5)
    assert not verdict.proved


def test_only_over_the_mean_do_the_ends_bound_a_barrier():
    for claim in ("barrier(A, B) >= 1/2*L@A - 1/2*L@B", "barrier(A, B) == 0 implies L@A == L@B"):
        about = {"network": "1-2-1 relu", "samples": 2, "seconds": 5}
        assert gc.check(claim, **about).proved
        assert gc.check(claim, **about, baseline="linear").refuted


CONVEX = [
    ("L@(1/2*A + 1/2*B) <= 1/2*L@A + 1/2*L@B", {}, True),
    ("L@(1/3*A + 1/3*B) <= 1/3*L@A + 1/3*L@B", {}, False),  # no combination on the segment
    ("barrier(A, B) == 0 at global_minima", {}, True),
    ("barrier(A, B) == 0 at global_minima", {"loss": "softmax_cross_entropy", "network": "1-2 linear"}, True),
    ("2*barrier(A, B) <= L@A + L@B", {"loss": "exponential", "weight_decay": "1/2"}, True),
    ("barrier(A, B) == 0", {}, False),
    ("barrier(A, B) == 0 at global_minima", {"network": "1-1-1 linear, no bias"}, False),
    ("L@(1/2*A + 1/2*B) <= 1/2*L@A + 1/2*L@B", {"network": "1-1-1 linear, no bias"}, False),
]


@pytest.mark.parametrize(("claim", "change", "holds"), CONVEX)
def test_losses_that_are_convex_in_the_parameters(claim, change, holds):
    verdict = gc.check(claim, **{"network": "2-1 linear", "samples": 2, "seconds": 10, **change})
    assert verdict.outcome == ("PROVED" if holds else "REFUTED"), verdict.known
