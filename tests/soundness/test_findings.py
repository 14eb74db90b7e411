"""What the soundness harness found, kept from coming back."""

import time

import pytest

import geomcheck as gc
from geomcheck.certificate import accepted as checked

from ..checker.certificates import H_F, ZERO, G, dense, explicit, universal, with_loss

RANK = ["generic_rank", G]


def quickly_rejected(certificate):
    started = time.process_time()
    accepted, reason = checked(certificate)
    assert not accepted
    assert "too much work" in reason
    assert time.process_time() - started < 5


def test_symmetries_of_a_wide_linear_layer_are_work():
    """2,000 linear units have 4,000,000 kernel fields: minutes and gigabytes, were they not counted as work first."""
    about = dense(1, (2000, "linear"), (1, "linear"), bias=False)
    witness = {"parameters": ["1"] * 4000, "inputs": [["1"]], "targets": "perfect_fit"}
    fact = ["<=", RANK, ["number", "4000"]]
    quickly_rejected(
        universal("generic_rank(G) <= 4000", about, witness, [("kernel-fields", [], fact, {})], [(fact, [[0, "1"]])])
    )


def test_many_steps_about_many_layers_are_work():
    """The bound of a linear network of 100 layers takes a second, and a certificate may ask for it a million times."""
    about = dense(1, *[(1, "linear")] * 100, bias=False)
    witness = {"parameters": ["1"] * 100, "inputs": [["1"]], "targets": "perfect_fit"}
    fact = ["<=", ["rank", G], ["number", "1"]]
    steps = [("linear-network", [], fact, {})] * 2000
    quickly_rejected(universal("rank(G) <= 1", about, witness, steps, [(fact, [[0, "1"]])]))


def test_the_form_of_a_wide_loss_is_work():
    """D of a loss formula in 1,500 outputs is a matrix of that size, and its definiteness cubic in it."""
    size = 1500
    names = [f"p{i}" for i in range(size)]
    outputs, targets = [f"f{i}" for i in range(size)], [f"y{i}" for i in range(size)]
    terms = [f"({f}-{y})^2" for f, y in zip(outputs, targets, strict=True)]
    while len(terms) > 1:  # a balanced sum, so that nothing nests deeply
        terms = [f"({'+'.join(terms[i : i + 2])})" for i in range(0, len(terms), 2)]
    value = terms[0]
    about = with_loss(explicit(names, names), {"outputs": outputs, "targets": targets, "value": value})
    witness = {"parameters": ["0"] * size, "inputs": [[]], "targets": "perfect_fit"}
    quickly_rejected(
        universal("H_f == 0 at perfect_fits", about, witness, [("residual-vanishes", [], ["==", H_F, ZERO], {})], [])
    )


@pytest.mark.parametrize(
    ("says", "problem"),
    [
        ("rank(G) <= generic_rank(G)", {"network": "3-1-1 gaussian", "samples": 3, "loss": "softmax_cross_entropy"}),
        ("rank(G) <= generic_rank(G)", {"network": "3-3-2 sin", "samples": 3, "weight_decay": "1/10"}),
    ],
)
def test_generic_points_whose_exponents_the_checker_can_follow(says, problem):
    assert gc.check(says, problem=problem, trials=5).outcome == "PROVED"


def test_generic_points_whose_losses_the_checker_can_follow():
    about = {"network": "1-1-1 power(2)", "samples": 1, "loss": "logistic", "reduction": "mean"}
    assert gc.check("generic_rank(H) <= N*K", problem=about, trials=5).outcome == "REFUTED"


def test_the_gradient_of_the_squared_hinge_exists_at_its_kink():
    """½ max(0, 1 − yf)² has a continuous gradient: the zero gradient at yf = 1 is exact, its Hessian is missing."""
    about = {"network": "1-1 linear, no bias", "loss": "squared_hinge", "samples": 1, "inputs": [[1]]}
    about |= {"targets": [[1]], "parameters": [1]}
    assert gc.check("r == 0 and critical_point", problem=about).outcome == "PROVED"
    assert gc.check("r != 0", problem=about).outcome == "REFUTED"
    assert gc.check("index(H) == 0", problem=about).reason == "kink"


@pytest.mark.parametrize("says", ["L < 0 and critical_point", "L >= 0 or rank(H) == 1", "L < 0 implies H == H_o"])
def test_nothing_is_decided_around_what_does_not_exist(says):
    """The other half of the formula decides it, but at a kink there is no H and no gradient to speak of."""
    verdict = gc.check(says, network="1-1-1 relu, no bias", inputs=[[1]], targets=[[0]], parameters=[0, 1])
    assert (verdict.outcome, verdict.reason) == ("UNDECIDED", "kink")


def test_a_generic_point_that_has_no_image_modulo_any_prime():
    """The exhausted iterator of images once left the prover as an internal error."""
    layers = [{"width": 1, "activation": "tanh"}, {"width": 1, "activation": "linear", "residual": 1}]
    about = {"network": {"inputs": 1, "layers": layers}, "loss": "bce", "reduction": "mean", "inputs": [[1], [1]]}
    assert gc.check("generic_rank(H) <= N*K", problem=about, trials=5, seconds=2).outcome == "REFUTED"


@pytest.mark.parametrize("huge", ["100000000", "1e30", "1e400"])
def test_exponentials_of_huge_numbers_are_left_open(huge):
    model = {"parameters": ["a", "b", "c"], "inputs": [], "outputs": ["a", "b", "c"]}
    about = {"loss": "softmax_cross_entropy", "samples": 1, "targets": "perfect_fit", "parameters": [0, huge, 3]}
    verdict = gc.check("rank(H) == 16", model=model, **about)
    assert verdict.reason == "certificate-too-large"
    assert verdict.next_step.startswith("round the numbers to fewer digits (weights: torch.round(64 * w) / 64)")


@pytest.mark.parametrize(
    ("point_set", "reason"), [("perfect_fits", "no-finite-minimiser"), ("global_minima", "no-instance-found")]
)
def test_hard_labels_are_named_where_no_instance_is_found(point_set, reason):
    about = {"network": "1-1-2 tanh", "loss": "softmax_cross_entropy", "inputs": [[1], [2]]}
    claim = f"rank(H) == rank(G) at {point_set}"
    verdict = gc.check(claim, seconds=2, trials=20, targets=[[1, 0], [0, 1]], **about)
    assert (verdict.outcome, verdict.reason) == ("UNDECIDED", reason)
    assert "there are no perfect fits: targets[0][1] = 0 is a hard label" in verdict.known
