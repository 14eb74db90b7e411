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
]
NEARLY = [
    "barrier(A, B) > 0",
    "barrier(A, permuted(A, s)) == 0",
    "barrier(permuted(A, s), B) == barrier(A, B)",
    "barrier(A, B) <= min_barrier(A, B)",
    "barrier(A, B) == 0 at perfect_fits",
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
