"""What attacks on the words about points and minima found, kept from coming back."""

import time

import pytest

import geomcheck as gc
from geomcheck.errors import InputError

STUDENT = {"network": "1-1-2 tanh, no bias", "samples": 1, "teacher": 1}


@pytest.mark.parametrize(("slope", "claim"), [(1, "signed_orbit_size(A) == 8"), (-1, "signed_orbit_size(A) == 8")])
def test_a_leaky_relu_of_slope_one_or_minus_one_has_signs_to_flip(slope: int, claim: str) -> None:
    """It is the identity, or |z|, written another way."""
    about = {"network": f"1-2-1 leaky_relu({slope}), no bias", "samples": 1, "points": {"A": [1, 2, 1, 1]}}
    assert gc.check(claim, **about).outcome == "PROVED"
    assert (
        gc.check("signed_orbit_size(A) == 2", **about | {"network": "1-2-1 leaky_relu(2), no bias"}).outcome == "PROVED"
    )


def test_expansions_of_many_units_are_quick() -> None:
    """Bell numbers one by one took hours for 1,000 units."""
    started = time.process_time()
    assert gc.check("expansions(998, 1000) >= 1", network="1-1 linear", samples=1).outcome == "PROVED"
    assert gc.check("expansions(1, 250) >= 1", network="1-1 linear", samples=1).outcome == "PROVED"
    assert time.process_time() - started < 5


@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "exponential", "logistic", "bce_logits"])
def test_only_losses_least_at_the_function_of_the_teacher(loss: str) -> None:
    """Softmax does not see a shift of all outputs, so other functions than the teacher's are least too."""
    assert gc.check("components(minima) == 2", **STUDENT).outcome == "PROVED"
    assert gc.check("components(minima) == 2", loss=loss, **STUDENT).reason == "components-unknown"


@pytest.mark.parametrize("given", [{"inputs": [[1]]}, {"targets": [[1, 0]]}, {"parameters": [1, 1, 0]}])
def test_a_teacher_takes_no_data(given: dict[str, object]) -> None:
    with pytest.raises(InputError, match="got both"):
        gc.check("components(minima) == 2", **STUDENT, **given)
