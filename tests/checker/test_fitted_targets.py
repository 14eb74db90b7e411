"""Open targets that a given point is to fit perfectly are settled; any other open targets are not."""

import pytest

import geomcheck as gc
from geomcheck.certificate import accepted, instance_certificate
from geomcheck.claims.judge import judge

A, B = [1, 0, 0, 1, 1, 1, 0, 1, 1], [1, 0, 0, 1, 1, 0, 0, 1, 1]
ABOUT = {"network": "2-2-1 relu", "inputs": [[1, 0], [0, 1]]}
FITTED = [[2], [3]]


def certified(says, about, targets=FITTED, **instance):
    """The checker's answer to a proof by evaluation at the problem with these targets."""
    claim, problem = gc.parse_claim(says), gc.problem_from(about)
    point = problem.with_(targets=targets, **instance)
    return accepted(instance_certificate(claim, problem, point, judge(claim, point), "PROVED"))


@pytest.mark.parametrize(
    ("says", "points"),
    [
        ("L@A == 0 given perfect_fit@A", {"A": A}),
        ("rank(H@A) == rank(G@A) == 2 given perfect_fit@A", {"A": A}),
        ("barrier(A, B) == 1/2 given perfect_fit@A", {"A": A, "B": B}),
        ("barrier(A, B) == 1/2 given N == 2 and (perfect_fit@A and L@B > 0)", {"A": A, "B": B}),
        ("rank(H@A) == 2 at perfect_fits", {"A": A}),
    ],
)
def test_the_targets_that_a_given_point_fits_are_the_only_ones(says, points):
    assert certified(says, ABOUT | {"points": points})[0]
    verdict = gc.check(says, **ABOUT, points=points)
    assert verdict.outcome == "PROVED"
    assert verdict.witness is not None and verdict.witness.targets == ((2,), (3,))
    text = str(verdict)
    assert "For all         targets (2 × 1)" in text and "Witness         Y = ⎡2⎤" in text
    assert "leaves one choice of targets" in text and "the only targets in scope" in text


@pytest.mark.parametrize(
    ("says", "about"),
    [
        # Other targets fulfil the condition as well: the formula is false for some of them.
        ("L@A == 0 given perfect_fit@A or N == 2", {"points": {"A": A}}),
        ("L@A == 0 given L@A <= 1", {"points": {"A": A}}),
        ("L@A == 0 given not (not perfect_fit@A and N == 3)", {"points": {"A": A}}),
        ("L@A == 0", {"points": {"A": A}}),
        ("L@A == 0 at critical_points", {"points": {"A": A}}),
        ("L@A == 0 at global_minima", {"points": {"A": A}}),
        # The formula's own point is not the one that is to fit.
        ("barrier(A, B) == 1/2 given perfect_fit@A or perfect_fit@B", {"points": {"A": A, "B": B}}),
        # A formula as a loss may be least for several targets.
        (
            "L@A == 0 given perfect_fit@A",
            {"points": {"A": A}, "loss": {"outputs": ["f"], "targets": ["y"], "value": "(f-y)^2"}},
        ),
    ],
)
def test_other_open_targets_are_not_settled(says, about):
    answer, reason = certified(says, ABOUT | about)
    assert not answer
    assert "open parts" in reason or "not shown" in reason
    assert gc.check(says, **(ABOUT | about), trials=30).outcome != "PROVED"


def test_what_else_is_open_stays_open():
    says = "L@A == 0 given perfect_fit@A"
    open_inputs = {"network": "2-2-1 relu", "samples": 2, "points": {"A": A}}
    assert certified(says, open_inputs, inputs=[[1, 0], [0, 1]]) == (
        False,
        "a proof by evaluation needs a problem without open parts",
    )
    assert certified(says, ABOUT, points={"A": A}) == (
        False,
        "a proof by evaluation needs a problem without open parts",
    )
    both = "barrier(A, B) == 1/2 given perfect_fit@A"
    assert not certified(both, ABOUT | {"points": {"A": A}}, points={"A": A, "B": B})[0]
    by_b = "L@A > 0 given perfect_fit@B"
    assert not certified(by_b, ABOUT | {"points": {"A": A}}, [[2], [2]], points={"A": A, "B": B})[0]


def test_wrong_targets_are_out_of_scope():
    answer, reason = certified("L@A == 1/2 given perfect_fit@A", ABOUT | {"points": {"A": A}}, [[2], [4]])
    assert not answer and "condition" in reason


def test_parameters_settle_the_targets_too():
    theta = {"network": "2-2-1 tanh", "inputs": [[1, 0], [0, 1]], "parameters": A}
    assert certified("rank(H) == 2 at perfect_fits", theta, "perfect_fit")[0]
    assert certified("rank(H) == 2 given perfect_fit", theta, "perfect_fit")[0]
    assert not certified("rank(H) == 2 given perfect_fit or N == 2", theta, "perfect_fit")[0]
    assert not certified("rank(H) == 2", theta, "perfect_fit")[0]
    assert gc.check("rank(H) == 2 at perfect_fits", **theta).outcome == "PROVED"
    assert gc.check("rank(H) == 1 at perfect_fits", **theta).outcome == "REFUTED"


def test_the_search_draws_other_points_for_the_settled_targets():
    verdict = gc.check("rank(H@B) == rank(G@B) given perfect_fit@A", **ABOUT, points={"A": A})
    assert verdict.outcome == "REFUTED"
    assert verdict.witness is not None and verdict.witness.targets == ((2,), (3,))


def test_irrational_fits_are_named():
    smooth = ABOUT | {"network": "2-2-1 tanh", "points": {"A": A}}
    verdict = gc.check("L@A == 0 given perfect_fit@A", **smooth)
    assert verdict.outcome == "UNDECIDED"  # as L at a fit is proved to be 0, only a witness is wanting
    assert verdict.reason == "irrational-targets"
    assert 'targets = "perfect_fit"' in verdict.next_step


def test_a_kink_in_scope_is_told_though_other_draws_are_out_of_scope():
    bent = [1, 0, 0, 1, 1, 0, 0, 1, 1]
    verdict = gc.check("rank(H@A) == 2 given perfect_fit@A and N == 2", **ABOUT, points={"A": bent}, trials=20)
    assert (verdict.outcome, verdict.reason) == ("UNDECIDED", "kink")


def test_perfect_fit_as_targets_beside_named_points_is_answered_with_the_way_to_say_it():
    with pytest.raises(gc.GeomcheckError, match="write: given perfect_fit@A"):
        gc.check("barrier(A, B) == 0", **ABOUT, targets="perfect_fit")
