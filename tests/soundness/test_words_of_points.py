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


@pytest.mark.parametrize("network", ["1-2000-1 relu, no bias", "1-1600-2-1 tanh, no bias"])
def test_no_number_of_thousands_of_digits_is_written_down(network: str) -> None:
    """Python refuses to write more than 4,300 digits, which was an internal error."""
    size = 4000 if "relu" in network else 4802
    about = {"network": network, "samples": 1, "points": {"A": [0] * size}}
    assert gc.check("orbit_size(A) == 1", seconds=5, **about).outcome in ("PROVED", "UNDECIDED")
    assert gc.check("orbit_size(A) == 1", network="1-2000-1 relu, no bias", samples=1, trials=1).outcome != "PROVED"


def barrier_of(claim: str, points: dict[str, list[object]], **about: object) -> gc.Verdict:
    return gc.check(claim, inputs=[[1]], targets=[[0]], points=points, trials=2, **about)


def test_segments_that_lead_too_far_are_left_open() -> None:
    """A polynomial of degree 20,002 ran for minutes; a bound of 4,300 digits and more could not be written down."""
    about = {"A": [1, 2, 1, 1, 1, 1, 1, 2], "B": [2, 1, 1, 1, 1, 1, 1, 1]}
    assert barrier_of("barrier(A, B) >= 2", about, network="1-2-2-1 power(100), no bias").outcome == "UNDECIDED"
    about = {"A": [10000, 1], "B": [-10000, 1]}
    assert barrier_of("barrier(A, B) <= 1", about, network="1-1-1 exp, no bias").outcome == "UNDECIDED"


def test_the_barrier_of_a_point_at_which_there_is_no_loss() -> None:
    """The points are the same, but log x does not exist at x = −1: the engine said 0, the checker nothing."""
    about = {"model": {"parameters": ["a"], "inputs": ["x"], "outputs": ["log(a)"]}}
    verdict = barrier_of("barrier(A, A) == 0", {"A": [-1]}, **about)
    assert (verdict.outcome, verdict.reason) == ("UNDECIDED", "outside-exact-fields")
    assert barrier_of("barrier(A, A) == 0", {"A": [2]}, **about).outcome == "PROVED"
