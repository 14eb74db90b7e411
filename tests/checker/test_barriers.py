"""Certificates of barriers: what the checker shows by its own polynomials and intervals, and forgeries it refuses."""

import copy
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

import pytest

import geomcheck as gc
from geomcheck import checker
from geomcheck.certificate import accepted as checked
from geomcheck.checker import POWERS, Sparse, signs_on
from geomcheck.problem.read import problem_from

SQUARED = {"outputs": ["f"], "targets": ["y"], "value": "(f-y)^2"}
CROSS: dict[str, Any] = {
    "network": "2-2-1 relu, no bias",
    "inputs": [[1, 1], [1, -1], [-1, 1], [-1, -1]],
    "targets": [[1]] * 4,
    "loss": SQUARED,
    "reduction": "mean",
    "points": {"A": [1, 0, -1, 0, 1, 1], "B": [0, 1, 0, -1, 1, 1]},
}
FLIPPED: dict[str, Any] = {
    "network": "1-1-1 tanh, no bias",
    "inputs": [[1]],
    "targets": [[1]],
    "loss": SQUARED,
    "points": {"A": [1, 1], "B": [-1, -1]},
}
WIDE: dict[str, Any] = {
    "network": "2-8-1 relu, no bias",
    "inputs": [[1, 1], [1, -1], [-1, 1], [-1, -1], [1, 2]],
    "targets": [[1]] * 5,
    "points": {"A": [1, 0, -1, 0] * 4 + ["1/4"] * 8, "B": [0, 1, 0, -1] * 4 + ["1/4"] * 8},
}
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "exact": ("barrier(A, B) == 1/2 at perfect_fits", CROSS),
    "linear": ("barrier(A, B) == 1/2", {**CROSS, "baseline": "linear"}),
    "least": ("min_barrier(A, B) == 1/2", CROSS),
    "smooth, linear": ("barrier(A, B) > 0 and barrier(A, B) < 1", {**FLIPPED, "baseline": "linear"}),
    "smooth": ("barrier(A, B) > 0 and barrier(A, B) < 1", FLIPPED),
    "relaxed": ("min_barrier(A, B) > 0", WIDE),
}


def certificate(kind: str) -> dict[str, Any]:
    claim, about = KINDS[kind]
    verdict = gc.check(claim, **about)
    assert verdict.proved, verdict.known
    return copy.deepcopy(dict(verdict.certificate or {}))


def accepted(cert: dict[str, Any]) -> bool:
    return checked(cert)[0]


def bounds(cert: dict[str, Any]) -> Any:
    return cert["evidence"][-1]["barrier"]["bounds"]


@pytest.mark.parametrize("kind", KINDS)
def test_all_kinds_are_accepted_and_their_contrary_is_not(kind: str) -> None:
    cert = certificate(kind)
    assert accepted(cert)
    assert not accepted({**cert, "verdict": "REFUTED"})


@pytest.mark.parametrize("kind", KINDS)
def test_no_bound_may_be_better_than_the_truth(kind: str) -> None:
    cert = certificate(kind)
    for change in ({"low": "4"}, {"high": "1/5"}, {"high": "-1"}, {"low": "4", "high": "5"}):
        forged = copy.deepcopy(cert)
        bounds(forged)[0].update(change)
        assert not accepted(forged), change


@pytest.mark.parametrize("kind", KINDS)
def test_malformed_evidence_is_rejected(kind: str) -> None:
    cert = certificate(kind)
    for change in (
        {"cuts": ["1/2", "0"]}, {"cuts": ["0", "0"]}, {"cuts": ["-1"]}, {"cuts": ["3/2"]}, {"cuts": "1/2"},
        {"cuts": None}, {"cuts": [0.5]}, {"low": None}, {"low": 0}, {"high": None}, {"more": 1},
        {"permutation": [[0, 0]]},
        {"permutation": [[5, 1]]}, {"permutation": 1},
    ):  # fmt: skip
        forged = copy.deepcopy(cert)
        bounds(forged)[0].update(change)
        assert not accepted(forged), change
    for change in ([], None, {}, [{}], "x"):
        forged = copy.deepcopy(cert)
        forged["evidence"][-1]["barrier"]["bounds"] = change
        assert not accepted(forged), change
    assert not accepted({**cert, "evidence": []})
    forged = copy.deepcopy(cert)
    forged["evidence"].append(forged["evidence"][-1])
    assert not accepted(forged)
    forged["evidence"] = [{"of": ["matrix", "H"], "barrier": cert["evidence"][-1]["barrier"]}]
    assert not accepted(forged)


def test_every_permutation_must_have_its_bound() -> None:
    cert = certificate("least")
    for place in range(2):
        forged = copy.deepcopy(cert)
        del bounds(forged)[place]
        assert not accepted(forged)
    forged = copy.deepcopy(cert)
    bounds(forged)[1]["permutation"] = bounds(forged)[0]["permutation"]
    assert not accepted(forged)


def test_of_very_many_permutations_one_without_barrier_is_enough() -> None:
    network = "2-6-6-1 relu, no bias"
    size = problem_from({"network": network, "samples": 1}).P
    points = {name: [(k * k) % 7 + 1 for k in range(size)] for name in "AB"}
    about = {"network": network, "inputs": [[1, 2]], "targets": [[1]], "points": points}
    verdict = gc.check("min_barrier(A, B) == 0", **about)
    assert verdict.proved
    cert = copy.deepcopy(dict(verdict.certificate or {}))
    bounds(cert)[0]["permutation"][0] = [1, 0, 2, 3, 4, 5]
    assert not accepted(cert)
    assert gc.check("min_barrier(A, B) > 0", **{**about, "points": {**points, "B": [1] * size}}).outcome != "PROVED"


def test_a_relaxation_is_computed_again() -> None:
    cert = certificate("relaxed")
    relaxation = cert["evidence"][-1]["barrier"]["relaxation"]
    for change in (
        {"place": "2"},
        {"place": "0"},
        {"center": [["0"] * 8] * 8},
        {"center": []},
        {"place": None},
        {"match": relaxation["match"][:1] * 8},
        {"match": []},
        {"u": 1},
    ):
        forged = copy.deepcopy(cert)
        forged["evidence"][-1]["barrier"]["relaxation"] = {**relaxation, **change}
        assert not accepted(forged), change
    forged = certificate("exact")
    forged["evidence"][-1]["barrier"]["relaxation"] = relaxation
    assert not accepted(forged)


def test_what_the_certificate_leaves_out_is_not_believed() -> None:
    """Cuts are hints: without them, kinks may lie between, and both branches are followed."""
    cert = certificate("exact")
    bounds(cert)[0].update(cuts=[], low="0", high="1/4")
    assert not accepted(cert)


def test_the_barrier_of_another_baseline_is_not_taken_for_it() -> None:
    square = {"parameters": ["t"], "inputs": [], "outputs": ["t"]}
    about = {"model": square, "loss": SQUARED, "samples": 1, "targets": [[0]], "points": {"A": [0], "B": [1]}}
    proved = gc.check("barrier(A, B) == 1/2", **about)
    assert proved.proved
    cert = copy.deepcopy(dict(proved.certificate or {}))
    cert["problem"]["baseline"] = "linear"
    assert not accepted(cert)
    assert gc.check("barrier(A, B) == 0", **about, baseline="linear").proved


def polynomial(coefficients: list[Fraction]) -> Any:
    return Sparse(POWERS, {(i, 0): c for i, c in enumerate(coefficients)})


def product(roots: list[Fraction], sign: int) -> list[Fraction]:
    f = [Fraction(sign)]
    for root in roots:
        f = [a - root * b for a, b in zip([Fraction(0), *f], [*f, Fraction(0)], strict=True)]
    return f


def test_signs_of_polynomials_of_known_roots() -> None:
    random = Random(5)
    for _ in range(200):
        roots = sorted(Fraction(random.randint(-4, 8), random.choice((2, 3, 4))) for _ in range(random.randint(0, 5)))
        f = product(roots, random.choice((-1, 1)))
        known = set[int]()
        inside = [x for x in roots if 0 <= x <= 1]
        places = sorted({Fraction(0), Fraction(1), *inside})
        samples = [*places, *((a + b) / 2 for a, b in pairwise(places))]
        for x in samples:
            value = sum((c * x**i for i, c in enumerate(f)), Fraction(0))
            known.add((value > 0) - (value < 0))
        assert signs_on(polynomial(f), Fraction(0), Fraction(1)) == known, (roots, f)
    irrational = [Fraction(x) for x in (1, 0, -4, 0, 4)]  # (2 λ² − 1)²: touches 0 at 1/√2
    assert signs_on(polynomial(irrational), Fraction(0), Fraction(1)) == {0, 1}
    assert signs_on(polynomial([]), Fraction(0), Fraction(1)) == {0}


def test_bounds_hold_at_sampled_places() -> None:
    """Every accepted claim barrier < c lies above the excess at many places, computed by plain fractions."""
    random = Random(9)
    for network in ("1-2-1 relu", "2-2-1 abs, no bias", "1-2-2-1 leaky_relu(1/10)"):
        about: dict[str, Any] = {"network": network, "inputs": [[1] * int(network[0]), [-2] * int(network[0])]}
        about["targets"] = [[1], [0]]
        size = problem_from({"network": network, "samples": 1}).P
        about["points"] = {name: [random.randint(-2, 2) for _ in range(size)] for name in "AB"}
        value = gc.evaluate(["barrier(A, B)"], **about)["barrier(A, B)"].value
        if "…" in value:
            continue
        assert gc.check(f"barrier(A, B) == {value}", **about).proved
        for k in range(9):
            place = f"({8 - k}/8*A + {k}/8*B)" if 0 < k < 8 else "AB"[k // 8]
            place = place.replace("4/8", "1/2").replace("2/8", "1/4").replace("6/8", "3/4")
            assert gc.check(f"L@{place} - 1/2*L@A - 1/2*L@B <= {value}", **about).proved


def test_work_on_polynomials_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    cert = certificate("exact")
    monkeypatch.setattr(checker, "MAX_WORK", 2000)
    assert not accepted(cert)


TWINS: dict[str, Any] = {
    "network": "1-2-1 tanh, no bias",
    "inputs": [[1]],
    "targets": [[2]],
    "points": {"A": ["1/3", "1/3", 1, 0], "B": ["1/3", "1/3", 0, 1]},
}


def moved(cert: dict[str, Any], place: int, value: str) -> dict[str, Any]:
    """The certificate with one number of B changed, wherever it stands."""
    other = copy.deepcopy(cert)
    for where in (other["problem"], other["witness"]):
        if "points" in where:
            where["points"]["B"][place] = value
    return other


def test_a_segment_that_moves_output_weights_alone_lies_below_the_line() -> None:
    verdict = gc.check("barrier(A, B) == 0", **TWINS)
    assert verdict.proved
    cert = copy.deepcopy(dict(verdict.certificate or {}))
    assert accepted(cert)
    assert not accepted(moved(cert, 3, "2"))  # the ends differ in their loss
    assert not accepted(moved(cert, 1, "2/3"))  # a hidden unit moves
    unequal = {**TWINS, "points": {**TWINS["points"], "B": ["1/3", "1/3", 0, 2]}, "baseline": "linear"}
    linear = copy.deepcopy(dict(gc.check("barrier(A, B) == 0", **unequal).certificate or {}))
    assert accepted(linear)
    assert not accepted(moved(linear, 0, "-3"))
    concave = {"outputs": ["f"], "targets": ["y"], "value": "-(f-y)^2"}
    assert not accepted({**linear, "problem": {**linear["problem"], "loss": concave}})
    del linear["problem"]["baseline"]
    assert not accepted(linear)


def test_below_the_line_needs_affine_behaviour_and_a_convex_loss() -> None:
    base = gc.check("barrier(A, B) == 0", network="2-1 linear", samples=2, baseline="linear")
    cert = copy.deepcopy(dict(base.certificate or {}))
    assert accepted(cert)
    for change in ({"baseline": None}, {"loss": {"outputs": ["f"], "targets": ["y"], "value": "(f-y)^3"}}):
        other = copy.deepcopy(cert)
        for key, value in change.items():
            if value is None:
                del other["problem"][key]
            else:
                other["problem"][key] = value
        assert not accepted(other)
    other = copy.deepcopy(cert)
    other["problem"]["model"]["layers"][0]["activation"] = "square"
    assert not accepted(other)


def test_what_holds_over_the_mean_is_not_taken_for_the_line() -> None:
    verdict = gc.check("barrier(A, B) >= 1/2*L@A - 1/2*L@B", network="1-2-1 relu", samples=2)
    cert = copy.deepcopy(dict(verdict.certificate or {}))
    assert accepted(cert)
    assert not accepted({**cert, "problem": {**cert["problem"], "baseline": "linear"}})


def test_a_barrier_at_an_end_is_half_the_difference_of_the_losses() -> None:
    about = {"network": "2-2-1 tanh", "samples": 2, "inputs": [[0, 0], [0, 0]], "targets": [[0], [1]]}
    points = {"A": [0] * 9, "B": [0] * 8 + [3]}  # L = 1/2 and 13/2
    for says in ("barrier(A, B) == 3", "min_barrier(A, B) == 3"):
        verdict = gc.check(says, **about, points=points)
        assert verdict.proved, str(verdict)
        cert = copy.deepcopy(dict(verdict.certificate or {}))
        assert accepted(cert)
        assert not accepted(moved(cert, 8, "2"))
    assert gc.check("min_barrier(A, C) == 0", network="2-3-1 tanh", samples=4).outcome == "REFUTED"


FALLING: dict[str, Any] = {"network": "1-1-1 tanh, no bias", "inputs": [[1]], "targets": [[0]]}


@pytest.mark.parametrize("network", ["1-1-1 tanh, no bias", "1-1-1 softplus, no bias", "1-1-1 gelu, no bias"])
def test_smooth_losses_whose_excess_is_greatest_at_an_end(network: str) -> None:
    about = {**FALLING, "network": network, "points": {"A": [0, 1], "B": [1, 1]}}  # L is convex here and increasing
    verdict = gc.check("barrier(A, B) == 0", baseline="linear", **about)
    assert verdict.proved, str(verdict)
    assert gc.check("barrier(B, A) > 0", baseline="linear", **about).outcome == "REFUTED"
    assert gc.check("min_barrier(A, B) == 0", baseline="linear", **about).proved
    cert = copy.deepcopy(dict(verdict.certificate or {}))
    if "tanh" in network:
        assert accepted(moved(cert, 0, "-1"))  # from tanh 0 to tanh(-1): the same excess
        assert not accepted(moved(cert, 0, "7"))  # L rises at once, and then tanh is nearly flat


def test_over_the_mean_it_is_half_the_difference_exactly() -> None:
    about = {**FALLING, "points": {"A": [0, 1], "B": [1, 1]}}
    verdict = gc.check("2*barrier(A, B) == L@B - L@A and 2*min_barrier(A, B) == L@B", **about)
    assert verdict.proved, str(verdict)
    assert gc.check("2*barrier(A, B) == L@B + L@A + 1", **about).outcome == "REFUTED"
    cert = copy.deepcopy(dict(verdict.certificate or {}))
    assert accepted(cert)
    cert["problem"]["baseline"] = "linear"
    assert not accepted(cert)
    flipped = {**FALLING, "points": {"A": [1, 1], "B": [-1, -1]}}  # F falls to 0 and rises to where it was
    assert gc.check("barrier(A, B) == 0", **flipped).proved


def test_a_hump_between_the_ends_is_none() -> None:
    """A certificate that says "greatest at an end" of a segment with a hump, whatever its cuts."""
    about = {**FALLING, "targets": [[1]], "points": {"A": [-3, -1], "B": [3, 1]}, "baseline": "linear"}
    verdict = gc.check("barrier(A, B) > 1/3", **about)
    assert verdict.proved
    cert = copy.deepcopy(dict(verdict.certificate or {}))
    (entry,) = cert["evidence"]
    for cuts in (["0", "1"], ["0", "1/2", "1"], []):
        entry["barrier"]["bounds"][0] |= {"low": "0", "high": "0", "cuts": cuts}
        said = {**cert, "claim": "barrier(A, B) <= 1/3"}
        said["tree"] = ["claim", ["<=", *cert["tree"][1][1:]], None, None]
        assert not accepted(said)
        assert not accepted({**said, "verdict": "REFUTED"})


def test_equal_bounds_of_a_polynomial_are_no_word_for_an_end() -> None:
    about = {"network": "1-2-1 square, no bias", "inputs": [[1]], "targets": [[1]]}
    points = {"A": [1, 0, 1, 0], "B": [0, 1, 0, 1]}  # apart; the copy with its units exchanged is A
    verdict = gc.check("min_barrier(A, B) == 0", points=points, **about)
    assert verdict.proved
    cert = copy.deepcopy(dict(verdict.certificate or {}))
    (entry,) = cert["evidence"]
    entry["barrier"]["bounds"][0]["permutation"] = [[0, 1]]
    assert not accepted(cert)


IDLE: dict[str, Any] = {"network": "1-2-1 tanh, no bias", "inputs": [[1], [2]], "targets": [[1], [0]]}


def test_units_without_outgoing_weights_move_freely() -> None:
    points = {"A": [1, 2, 1, 0], "B": [1, 7, 1, 0]}
    for loss in ("mse", {"outputs": ["f"], "targets": ["y"], "value": "y-f^3"}):
        assert gc.check("barrier(A, B) == 0", loss=loss, points=points, **IDLE).proved
    verdict = gc.check("barrier(A, B) == 0", points=points, **IDLE)
    cert = copy.deepcopy(dict(verdict.certificate or {}))
    for place in (0, 3):  # a unit that is heard, and one that is heard at one end
        assert not accepted(moved(cert, place, "3"))
    assert accepted(moved(cert, 1, "3"))
    cert["problem"]["weight_decay"] = "1"
    assert not accepted(cert)
    deep = {"W1": [[1], [2]], "b1": [0, 0], "W2": [[1, 2], [3, 4]], "b2": [0, 1], "W3": [[1, 0]], "b3": [5]}
    other = {**deep, "W2": [[1, 2], [7, 8]], "b2": [0, -1]}
    about = {**IDLE, "network": "1-2-2-1 gelu", "points": {"A": deep, "B": other}}
    assert gc.check("barrier(A, B) == 0", **about).proved
    linked = [{"width": 2, "activation": "tanh"}, {"width": 2, "activation": "tanh", "residual": 1}, {"width": 1}]
    about["network"] = {"inputs": 1, "layers": linked}
    about["points"] = {"A": {**deep, "W2": [[1, 0], [3, 0]]}, "B": {**deep, "W1": [[1], [5]], "W2": [[1, 0], [3, 0]]}}
    assert gc.check("barrier(A, B) == 0 and L@A == L@B", **about).outcome != "PROVED"  # W3 = (1, 0) hides the link
    about["points"]["B"] = {**about["points"]["B"], "W3": [[1, 1]]}
    assert gc.check("barrier(A, B) == 0", **about).outcome != "PROVED"


def test_softmax_on_a_wide_segment_is_enclosed() -> None:
    about = {"network": "1-2-3 linear", "loss": "softmax_cross_entropy", "inputs": [[3]], "targets": [[0, 0, 1]]}
    points = {"A": [1, -2, -2, -2, -2, 2, -2, 0, -2, 2, 1, -1, 0], "B": [2, -1, 2, -2, 1, 0, 2, -2, 0, 1, 2, 0, -1]}
    assert gc.check("barrier(A, B) < 100", points=points, **about).proved


@pytest.mark.parametrize("loss", ["logistic", "bce_logits", "exponential"])
def test_losses_as_small_as_the_thousandth_power_of_1_over_e(loss: str) -> None:
    about = {"network": "1-1 linear, no bias", "loss": loss, "inputs": [[1]], "targets": [[1]]}
    assert gc.check("L@A > L@B", points={"A": [1000], "B": [1001]}, **about).proved
    verdict = gc.check("L@A > L@B", points={"A": [9000], "B": [9001]}, **about)  # more digits than the checker takes
    assert verdict.outcome == "UNDECIDED"
    assert verdict.reason in ("beyond-checker-limits", "sign-unknown")


@pytest.mark.parametrize(
    "claim",
    [
        "L@(1/2*A + 1/2*B) <= 1/2*L@A + 1/2*L@B",
        "barrier(A, B) == 0 at global_minima",
        "barrier(A, B) <= 1/2*L@A + 1/2*L@B",
    ],
)
def test_what_holds_for_losses_convex_in_the_parameters_needs_them_to_be(claim: str) -> None:
    cert = dict(gc.check(claim, network="2-1 linear", samples=2).certificate or {})
    assert accepted(cert)
    for change in ({"activation": "square"}, {"activation": "tanh"}):
        other = copy.deepcopy(cert)
        other["problem"]["model"]["layers"][0] |= change
        assert not accepted(other)
    somewhere = {**cert, "claim": claim.removesuffix(" at global_minima"), "tree": [*cert["tree"][:2], None, None]}
    assert accepted(somewhere) == ("global_minima" not in claim)
