"""Attacks that a forger who has read the checker would try, each on the obligation it attacks."""

import copy
import random
from typing import Any

import pytest

import geomcheck as gc
from geomcheck import checker
from geomcheck.certificate import accepted as checked
from geomcheck.claims.evaluation import Evaluation
from geomcheck.claims.point_sets import dead_units, linear_units
from geomcheck.errors import Kink
from geomcheck.geometry.continuous_symmetry import orbit_dimension
from geomcheck.problem.canonical import problem_to_json
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.read import problem_from

from .certificates import (
    CRITICAL,
    EQUALITY,
    EQUALITY_STEPS,
    H_F,
    H_O,
    LINEAR,
    OPEN,
    PRODUCT,
    TANH,
    TIED,
    WITNESS,
    ZERO,
    D,
    G,
    H,
    certificate,
    dense,
    explicit,
    inertia,
    minor,
    rank,
    universal,
    with_loss,
)

FIT = "at perfect_fits"
ZEROS = {"parameters": ["0"] * 7, "inputs": [["1"], ["2"]], "targets": "perfect_fit"}


def reason(forged: dict[str, Any]) -> str:
    accepted, why = checked(forged)
    assert not accepted
    return why


def accepted(honest: dict[str, Any]) -> None:
    assert checked(honest) == (True, f"{honest['verdict']} {honest['claim']}")


@pytest.mark.parametrize(
    "lower",
    [
        minor([0, 0], [0, 1]),
        minor([0, 1], [1, 1]),
        minor([0], []),
        minor([-1], [0]),
        minor([0, 1, 2], [0, 1, 2]),
        minor([0, 1], [0, 1], 1),
        minor([0, 1], [0, 1], 2),
        minor([0, 1], [0, 1], 0),
        minor([0, 1], [0, 1], -7),
        minor([0, 1], [0, 1], 4),
        minor([0, 1], [0, 1], 2**200),
        {"rows": [0, 1], "columns": [0, 1], "precision": 64, "inverse": [["1", "0"], ["0", "1"]]},
        {"rows": [0, 1], "columns": [0, 1], "precision": 10**9, "inverse": [["1", "0"], ["0", "1"]]},
        {"rows": [0, 1], "columns": [0, 1], "precision": 64, "inverse": [["1", "0"]]},
    ],
)
def test_minors_that_show_nothing(lower: Any) -> None:
    # G = (x b, x a) at two proportional samples has rank 1.
    about = explicit(
        ["2*a*b*x"], ["a", "b"], ["x"], samples=2, parameters=["1", "1"], inputs=[["1"], ["2"]], targets="perfect_fit"
    )
    assert reason(certificate(f"rank(G) == 2 {FIT}", about, evidence=[rank(G, lower)]))


@pytest.mark.parametrize(
    "kernel",
    [
        [["1", "0"]],
        [["1", "-1"], ["1", "-1"]],
        [["1", "-1"], ["2", "-2"]],
        [["1", "-1"], ["0", "0"]],
        [["1", "-1", "0"], ["1", "-1"]],
        [["1"]],
        [["1", "-1"], ["t", "-t"]],
        [["1", "-1"], ["2305843009213693952", "-2305843009213693952"]],  # the same vector modulo 2^61 − 1
        [["0", "0"]],
        [["1/0", "1"]],
        [["x", "-x"]],
        [["exp(1)", "-exp(1)"]],
        [["1^1000^1000", "-1"]],
    ],
)
def test_kernel_vectors_that_show_nothing(kernel: Any) -> None:
    assert reason(certificate(f"rank(H) == 0 {FIT}", PRODUCT, evidence=[rank(H, None, {"kernel": kernel})]))


def test_an_inertia_is_neither_padded_nor_repeated() -> None:
    about = explicit(["a^2-b^2"], ["a", "b"], parameters=["0", "0"], inputs=[[]], targets=[["-1"]])
    identity = [["1", "0"], ["0", "1"]]
    accepted(certificate("index(H) == 1", about, evidence=[inertia(H, [0, 1], identity)]))
    for subset, basis in (
        ([1, 1], identity),
        ([0, 1], [["1", "1"], ["1", "1"]]),
        ([0, 1], [["0", "0"], ["0", "0"]]),
        ([0], [["1"]]),
        ([1, 2], identity),
        ([-1, 0], identity),
    ):
        assert reason(certificate("index(H) == 0", about, evidence=[inertia(H, subset, basis)]))
        assert reason(certificate("index(H) == 2", about, evidence=[inertia(H, subset, basis)]))
    assert "symmetric" in reason(
        certificate("index(H) == 1", about, evidence=[inertia(["*", H, H_O], [0, 1], identity)])
    )


def test_h_is_bounded_through_g_only_where_it_is_the_gram_matrix() -> None:
    through = [rank(H, None, {"through": "G"})]
    accepted(certificate(f"rank(H) <= 2 {FIT}", TANH, evidence=through))
    assert "GᵀDG" in reason(certificate("rank(H) <= 1", CRITICAL, evidence=through))
    decayed = {**TANH, "weight_decay": "1/10"}
    assert "GᵀDG" in reason(certificate(f"rank(H) <= 2 {FIT}", decayed, evidence=through))
    assert reason(certificate(f"rank(G) <= 2 {FIT}", TANH, evidence=[rank(G, None, {"through": "D"})]))


def test_a_kink_has_no_hessian() -> None:
    about = dense(1, (1, "relu"), bias=False, parameters=["0"], inputs=[["1"]], targets="perfect_fit")
    accepted(certificate(f"L == 0 {FIT}", about))
    for claim in ("rank(H) <= 1", "rank(G) <= 1", "H == 0 or 0 == 0", "index(H_f) <= P"):
        assert "kink" in reason(certificate(f"{claim} {FIT}", about))
    hinge = {**with_loss(about, "squared_hinge"), "parameters": ["1"], "targets": [["1"]]}
    assert "kink" in reason(certificate("rank(D) <= 1", hinge))


def test_residuals_are_pooled_over_equal_inputs_alone() -> None:
    about = explicit(["a*x"], ["a"], ["x"], samples=2, parameters=["1"], inputs=[["2"], ["2"]], targets=[["1"], ["3"]])
    pooled = {"rule": "pooled"}
    accepted(certificate("not perfect_fit at global_minima", about, minimum=pooled))
    for forged in (
        {**about, "inputs": [["2"], ["3"]]},
        {**about, "targets": [["1"], ["2"]]},
        {**about, "weight_decay": "1/9"},
        {**about, "inputs": [["2"], ["-2"]]},
        {**about, "inputs": None},
        with_loss(about, {"outputs": ["f"], "targets": ["y"], "value": "(f-y)^2-(f-y)^4/9"}),
        with_loss(about, {"outputs": ["f"], "targets": ["y"], "value": "((f-y)^2-1)^2"}),
    ):
        assert reason(certificate("P == 1 at global_minima", forged, minimum=pooled))
    assert reason(certificate("P == 1 at global_minima", about, minimum={**pooled, "of": []}))
    assert reason(certificate("P == 1 at global_minima", about, minimum={"rule": "perfect-fit"}))


def test_point_sets_must_be_shown() -> None:
    off = {**PRODUCT, "targets": [["2"]]}
    for point_set in ("perfect_fits", "critical_points", "global_minima", "local_minima", "generic_points"):
        assert "point set" in reason(certificate(f"P == 2 at {point_set}", off))
    accepted(certificate("P == 2 and not perfect_fit and not critical_point", off))
    # A spurious critical point of a linear network is no global minimum, whatever the certificate calls it.
    saddle = {**LINEAR, **TIED, "parameters": ["0"] * 4}
    for minimum in (
        None,
        {"rule": "convex"},
        {"rule": "perfect-fit"},
        *(
            {"rule": "eckart-young", "solution": [["1", "0"], ["0", "1"]], "separator": c}
            for c in ("0", "1", "2", "-1")
        ),
        {"rule": "lower", "parameters": ["1", "0", "1", "0"]},
    ):
        assert reason(certificate("P == 4 at global_minima", saddle, minimum=minimum))
    for c, solution in (("0", "10 01"), ("2", "10 01"), ("1/2", "10 01"), ("1", "10 00"), ("1", "11 01"), ("1", "10")):
        minimum = {"rule": "eckart-young", "solution": [list(row) for row in solution.split()], "separator": c}
        assert reason(certificate("P == 4 at global_minima", {**LINEAR, **TIED}, minimum=minimum))


def test_a_lower_point_must_be_lower() -> None:
    saddle = {**LINEAR, **TIED, "parameters": ["0"] * 4}
    accepted(certificate("not global_minimum", saddle, minimum={"rule": "lower", "parameters": ["1", "0", "1", "0"]}))
    for point in (["0"] * 4, ["1", "0", "0", "1"], ["1", "0", "1"], ["2", "0", "2", "0"]):
        assert reason(certificate("not global_minimum", saddle, minimum={"rule": "lower", "parameters": point}))


RELU = dense(1, (1, "relu"), (1, "linear"), samples=2, inputs=[["1"], ["2"]], targets=[["0"], ["1"]])


def test_units_must_be_off_at_every_sample() -> None:
    off = {**RELU, "parameters": ["-1", "-1", "1", "1/2"]}
    orbit = {"rule": "orbit"}
    found = gc.check("local_minimum", network="1-1-1 relu", inputs=[[1], [2]], targets=[[0], [1]],
                     parameters=[-1, -1, 1, "1/2"]).certificate  # fmt: skip
    assert found is not None and found["minimum"] == orbit and found["problem"] == off
    accepted(found)
    for change in (
        {"parameters": ["-1", "1", "1", "1/2"]},  # a kink
        {"parameters": ["-1", "3/2", "0", "1/2"]},  # on at one sample
        {"parameters": ["-1", "-1", "1", "1/3"]},  # not critical
        {"weight_decay": "1"},
        {"model": dense(1, (1, "leaky_relu"), (1, "linear"))["model"]},
    ):
        forged = copy.deepcopy(found)
        forged["problem"] = {**off, **change}
        forged["witness"] = {key: forged["problem"][key] for key in ("parameters", "inputs", "targets")}
        assert reason(forged)
    assert reason({**found, "minimum": None})


def test_units_must_be_linear_on_the_data() -> None:
    about = dense(1, (2, "leaky_relu(1/2)"), (1, "linear"), samples=3,
                  inputs=[["-1"], ["0"], ["1"]], targets=[["1"], ["0"], ["1"]])  # fmt: skip
    theta = ["1", "0", "2", "1", "0", "1", "-1/3"]
    found = gc.check("local_minimum", network="1-2-1 leaky_relu(1/2)", parameters=theta,
                     inputs=[[-1], [0], [1]], targets=[[1], [0], [1]]).certificate  # fmt: skip
    assert found is not None and found["minimum"] == {"rule": "orbit"}
    accepted(found)
    for change in (
        {"parameters": ["1", "0", "1/2", "1", "0", "1", "-1/3"]},  # the first unit changes its sign
        {"parameters": ["1", "0", "2", "1", "0", "1", "0"]},  # not critical
        {"model": dense(1, (2, "abs"), (1, "linear"))["model"]},
        {"model": dense(1, (2, "leaky_relu(-1/2)"), (1, "linear"))["model"]},
        {"weight_decay": "1"},
    ):
        forged = copy.deepcopy(found)
        forged["problem"] = {**about, "parameters": theta, **change}
        forged["witness"] = {key: forged["problem"][key] for key in ("parameters", "inputs", "targets")}
        assert reason(forged)


def test_both_count_the_same_orbits_and_G_annihilates_them() -> None:
    rng = random.Random(7)
    for _ in range(120):
        name = rng.choice(["relu", "leaky_relu(1/2)", "leaky_relu(-1/2)", "linear", "square", "abs"])
        other = rng.choice(["relu", "leaky_relu(1/3)"])
        network = f"1-2-2-1 {name} {other}" if rng.random() < 0.5 else f"1-3-2 {other}"
        about = problem_from({"network": network, "samples": 2})
        draw = [rng.choice([-2, -1, 0, 1, 1, 2, 3]) for _ in range(about.P)]
        point = about.with_(parameters=draw, inputs=[[rng.choice([-1, 0, 1])], [2]], targets="perfect_fit")
        at = Evaluation(point)
        assert isinstance(point.model, DenseNetwork) and point.parameters is not None
        try:
            rank = at.whole_range(("rank", ("matrix", "G")))[1]
            straight, still = linear_units(at, point.model), dead_units(at, point.model)
        except Kink:
            continue
        site = checker.Site(checker.Problem(problem_to_json(point)), [], None, (1, 1), 256)
        layers = [values for _, values in site.exact.forward(1)]
        count = checker.orbit(site.problem, layers)
        assert count == orbit_dimension(point.model, point.parameters, still, straight)
        assert rank + count <= point.P


def test_squares_must_be_an_identity() -> None:
    about = {**CRITICAL, "weight_decay": "1"}  # L(δ) − L(0) = δ² + ½δ⁴ and ½δ² of weight decay
    good = {"rule": "squares", "monomials": [[0], [0, 0]], "gram": [["3/2", "0"], ["0", "1/2"]]}
    accepted(certificate("global_minimum", about, minimum=good))
    for bad in (
        {"gram": [["1", "0"], ["0", "1/2"]]},
        {"gram": [["3/2", "1"], ["-1", "1/2"]]},
        {"gram": [["3/2", "0"], ["0"]]},
        {"monomials": [[0], [0, 0], []], "gram": [["3/2", "0", "0"], ["0", "1/2", "0"], ["0", "0", "0"]]},
        {"monomials": [[0], [1, 0]]},
        {"monomials": [[0, 0], [0]]},
        {"gram": [[1.5, 0], [0, 0.5]]},
        {"rule": "convex"},
    ):
        assert reason(certificate("global_minimum", about, minimum={**good, **bad}))
    relu = {**CRITICAL, "model": {**CRITICAL["model"], "outputs": ["relu(w+1)"]}, "targets": [["1"]]}
    lie = {"rule": "squares", "monomials": [[0]], "gram": [["1/2"]]}  # only near 0
    assert "polynomial" in reason(certificate("global_minimum", {**relu, "weight_decay": "1"}, minimum=lie))
    saddle = explicit(["a*b"], ["a", "b"], parameters=["0", "0"], inputs=[[]], targets=[["1"]])
    indefinite = {"rule": "squares", "monomials": [[0], [1], [0, 1]],
                  "gram": [["0", "-1/2", "0"], ["-1/2", "0", "0"], ["0", "0", "1/2"]]}  # fmt: skip
    assert reason(certificate("global_minimum", saddle, minimum=indefinite))


def test_squares_must_be_of_the_whole_polynomial() -> None:
    # ½(1 + a³⁰⁰ − a¹¹⁰⁰)² − ½ = a³⁰⁰ + ½a⁶⁰⁰ − a¹¹⁰⁰ − …, which is −½ for some a > 1: its first terms prove nothing.
    about = explicit(["a^300-a^1000*a^100"], ["a"], parameters=["0"], inputs=[[]], targets=[["-1"]])
    first = {"rule": "squares", "monomials": [[0] * 150, [0] * 300], "gram": [["1", "0"], ["0", "1/2"]]}
    assert "degree" in reason(certificate("global_minimum", about, minimum=first))


def test_weight_decay_moves_the_minima() -> None:
    decayed = {**PRODUCT, "weight_decay": "1"}
    accepted(certificate(f"P == 2 {FIT}", decayed))
    assert reason(certificate("P == 2 at global_minima", decayed))
    assert reason(certificate("P == 2 at critical_points", decayed))


def test_labels_must_be_ones_that_the_loss_allows() -> None:
    for loss, targets in (("bce_logits", "2"), ("logistic", "0"), ("softmax_cross_entropy", "1/2"), ("bce", "-1")):
        about = {**with_loss(PRODUCT, loss), "targets": [[targets]]}
        assert "targets" in reason(certificate("P == 2", about))
    # One-hot labels have no finite fit, and unnormalised outputs no cross-entropy minimum.
    hard = dense(1, (1, "linear"), bias=False, loss="bce_logits", parameters=["9"], inputs=[["1"]], targets=[["1"]])
    assert "point set" in reason(certificate(f"P == 1 {FIT}", hard))
    loose = explicit(
        ["a", "b"], ["a", "b"], loss="cross_entropy", parameters=["1/2", "1/2"], inputs=[[]], targets=[["1/2", "1/2"]]
    )
    assert "point set" in reason(certificate(f"P == 2 {FIT}", loose))
    negative = {**loose, "parameters": ["-1", "2"], "targets": "perfect_fit"}
    assert "not defined" in reason(certificate("P == 2", negative))


def test_one_direction_a_sample_is_lost_for_softmax_cross_entropy_alone() -> None:
    shape = dense(1, (2, "linear"), bias=False, samples=2, parameters=["1", "2"], inputs=[["1"], ["2"]])
    labels = [["1/3", "2/3"], ["1/2", "1/2"]]
    soft = {**shape, "loss": "softmax_cross_entropy", "targets": labels}
    accepted(certificate("rank(D) <= 2", soft))
    accepted(certificate("nullity(D) >= 2", soft))
    for other in ("rank(D) < 2", "rank(G) <= 1", "rank(2*D) <= 2"):
        assert reason(certificate(other, soft))
    for loss in ("mse", "bce_logits", "quartic"):
        assert reason(certificate("rank(D) <= 2", {**soft, "loss": loss}))


def test_the_witness_may_not_change_the_problem() -> None:
    given = {**OPEN, "inputs": [["1"], ["2"]]}
    honest = universal(f"rank(H) == rank(G) {FIT}", given, WITNESS, EQUALITY_STEPS, EQUALITY)
    accepted(honest)
    assert "changes" in reason({**honest, "witness": {**WITNESS, "inputs": [["1"], ["3"]]}})
    for part in ("parameters", "inputs", "targets"):
        assert reason({**honest, "witness": {**WITNESS, part: None}})
        assert reason({**honest, "witness": {**WITNESS, part: []}})


@pytest.mark.parametrize(
    ("changes", "claim"),
    [
        ({"loss": "quartic"}, f"rank(H) == rank(G) {FIT}"),
        ({"weight_decay": "1/10"}, f"rank(H) == rank(G) {FIT}"),
        ({"loss": "logistic"}, f"rank(H) == rank(G) {FIT}"),
        ({"loss": "cross_entropy"}, f"rank(H) == rank(G) {FIT}"),
        ({}, "rank(H) == rank(G) at critical_points"),
        ({}, "rank(H) == rank(G)"),
        ({}, f"rank(H) == rank(G) + 1 {FIT}"),
        ({}, f"rank(H) < rank(G) {FIT}"),
        ({}, "rank(H) == rank(G) at generic_points"),
    ],
)
def test_a_proof_proves_only_its_claim(changes: Any, claim: str) -> None:
    assert reason(universal(claim, {**OPEN, **changes}, WITNESS, EQUALITY_STEPS, EQUALITY))


RANK_G, RANK_H, ONE, NINE = ["rank", G], ["rank", H], ["number", "1"], ["number", "9"]
LEFT_ZERO, RIGHT_ZERO = ["-", G, G], ["-", D, D]


@pytest.mark.parametrize(
    "step",
    [
        ("shape", [], ["<=", RANK_G, ONE], {}),
        ("shape", [], ["<=", ["number", "3"], RANK_G], {}),
        ("rank-nullity", [], ["==", ["+", RANK_G, ["nullity", G]], ["number", "2"]], {}),
        ("rank-nullity", [], ["==", ["+", RANK_G, ["nullity", H]], ["number", "7"]], {}),
        ("product", [], ["<=", RANK_G, ["rank", H_O]], {}),
        ("product", [], ["==", ["rank", ["*", ZERO, G]], RANK_G], {}),
        ("product", [], ["==", ["rank", ["*", ["-", ONE, ONE], G]], RANK_G], {}),
        ("transpose", [], ["==", ["rank", ["transpose", G]], RANK_H], {}),
        ("sum", [], ["<=", RANK_H, ["+", RANK_G, RANK_G]], {}),
        ("inertia", [], ["<=", ["index", G], RANK_G], {}),
        ("inertia", [], ["<=", ["index", H], RANK_G], {}),
        ("symmetric", [], ["==", ["transpose", G], G], {}),
        ("minimum-psd", [], ["==", ["index", H], ZERO], {}),
        ("residual-vanishes", [], ["==", H_F, ZERO], {}),
        ("gram-definite", [], ["==", ["rank", H_O], RANK_G], {}),
        ("gram-semidefinite", [], ["==", ["index", H_O], ZERO], {}),
        ("point", [], ["perfect_fit"], {}),
        ("stationary", [], ["==", ["*", ["transpose", G], ["matrix", "r"]], ZERO], {}),
        ("dimension", [], ["<=", ["dim", ["im", G]], ["dim", ["&", ["im", G], ["ker", D]]]], {}),
        ("dimension", [], ["==", ["dim", ["ker", G]], RANK_G], {}),
        ("affine-model", [], ["==", H_F, ZERO], {}),
        ("generic-lower", [], ["<=", NINE, ["generic_rank", G]], {}),
        ("anything", [], ["==", RANK_G, RANK_H], {}),
        ("equal-matrices", [], ["==", RANK_G, RANK_H], {"left": G, "right": H, "combination": []}),
        (
            "equal-matrices",
            [],
            ["==", ["nullity", LEFT_ZERO], ["nullity", RIGHT_ZERO]],
            {"left": LEFT_ZERO, "right": RIGHT_ZERO, "combination": []},
        ),
        ("equal-matrices", [], ["==", ["rank", LEFT_ZERO], ONE], {"left": LEFT_ZERO, "right": ZERO, "combination": []}),
        ("equal-matrices", [], ["==", RANK_G, ZERO], {"left": LEFT_ZERO, "right": ZERO, "combination": []}),
        ("assume", [0], ["==", RANK_G, RANK_H], {}),
        ("decomposition", [-1], ["==", H, ["+", H_O, H_F]], {}),
        ("decomposition", [True], ["==", H, ["+", H_O, H_F]], {}),
        ("decomposition", [0], ["==", H, ["+", H_F, H_O]], {}),
    ],
)
def test_steps_that_no_rule_gives(step: Any) -> None:
    about = {**OPEN, "targets": None}
    assert reason(universal("P == 7", about, ZEROS, [step], []))


def test_an_assumption_holds_only_where_it_is_made() -> None:
    assume = ("assume", [], ["<=", RANK_G, ONE], {})
    leaf = ["<=", RANK_G, ONE]
    uses = [(leaf, [[0, "1"]])]
    accepted(universal("rank(G) <= 1 implies rank(G) <= 1", OPEN, ZEROS, [assume], uses))
    accepted(
        universal("rank(G) <= 1 given rank(G) <= 1", OPEN, {**ZEROS}, [assume], uses)
        | {"evidence": [rank(G, None, {"kernel": [[str(int(i == j)) for j in range(7)] for i in range(6)]})]}
    )
    for claim in (
        "rank(G) <= 1",
        "(rank(G) <= 1 implies P == 7) and rank(G) <= 1",
        "(rank(G) <= 1 or P == 7) implies rank(G) <= 1",
        "not (rank(G) <= 1) implies rank(G) <= 1",
        "rank(G) <= 2 implies rank(G) <= 1",
    ):
        assert reason(universal(claim, OPEN, ZEROS, [assume], uses))
    # The derived fact carries the assumption with it.
    derived = (
        "equal-matrices",
        [0, 1],
        ["==", RANK_H, ["rank", H_O]],
        {"left": H, "right": H_O, "combination": [[0, "1"], [1, "1"]]},
    )
    steps = [EQUALITY_STEPS[0], ("assume", [], ["==", H_F, ZERO], {}), derived]
    leaves = [(["<=", RANK_H, ["rank", H_O]], [[2, "1"]]), (["<=", ["rank", H_O], RANK_H], [[2, "-1"]])]
    accepted(universal("H_f == 0 implies rank(H) == rank(H_o)", OPEN, ZEROS, steps, leaves))
    assert reason(universal("rank(H) == rank(H_o)", OPEN, ZEROS, steps, leaves))
    # Leaving the assumption out of `uses` does not lose it.
    careless = [*steps[:2], ("equal-matrices", [0], *derived[2:])]
    assert reason(universal("rank(H) == rank(H_o)", OPEN, ZEROS, careless, leaves))


def test_inequalities_are_not_used_backwards() -> None:
    bound = ("shape", [], ["<=", RANK_G, ["number", "2"]], {})
    accepted(universal("rank(G) <= 2", OPEN, ZEROS, [bound], [(["<=", RANK_G, ["number", "2"]], [[0, "1"]])]))
    for leaf, multiplier in (
        (["<=", ["number", "2"], RANK_G], "-1"),
        (["<=", RANK_G, ONE], "1"),
        (["<=", RANK_G, ONE], "2"),
    ):
        claim = "2 <= rank(G)" if leaf[1] != RANK_G else "rank(G) <= 1"
        assert reason(universal(claim, OPEN, ZEROS, [bound], [(leaf, [[0, multiplier]])]))


def test_a_proof_needs_a_witness_in_scope() -> None:
    about = {**OPEN, "targets": None}
    off = {**WITNESS, "targets": [["100"], ["100"]]}
    assert "point set" in reason(universal(f"rank(H) == rank(G) {FIT}", about, off, EQUALITY_STEPS, EQUALITY))


def test_a_large_input_is_refused_in_good_time() -> None:
    square = {"width": 1, "bias": False, "activation": "square", "residual": None}
    deep = {"kind": "dense", "inputs": 1, "layers": [square] * 90}
    parts = {"parameters": ["3"] * 90, "inputs": [["3"]], "targets": "perfect_fit"}
    about = {**OPEN, "model": deep, "samples": 1, **parts}
    assert reason(certificate("trace(G.T*G) > 0", about)) == "a number grows too long"
    towers = explicit(["((((a^1000)^1000)^1000)^1000)"], ["a"], parameters=["3"], inputs=[[]], targets="perfect_fit")
    assert reason(certificate("trace(G.T*G) > 0", towers)) == "a number grows too long"
    assert "too large" in reason(
        certificate("P == 1", {**OPEN, "samples": 4000, "model": {**deep, "layers": [{**square, "width": 4000}]}})
    )


def test_work_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checker, "MAX_WORK", 10**6)
    about = explicit(["(exp(a)+exp(a/2)+exp(a/3)+a)^60"], ["a"], parameters=["1"], inputs=[[]], targets=[["1"]])
    assert reason(certificate("trace(H) > 0", about)) == "too much work for this checker"
    accepted(certificate("trace(H) > 0", {**about, "parameters": ["0"]}))
