"""Lower bounds of ranks are found in ℤ/m: there F, G, r, D and H are the images of what they are exactly."""

import copy
import random

import pytest

import geomcheck as gc
from geomcheck.certificate import accepted as checked
from geomcheck.checker import Instance, Numbers, Problem, Reject
from geomcheck.problem.canonical import problem_to_json
from geomcheck.problem.read import problem_from

from .certificates import certificate, minor, rank

PLACES = ((2**61 - 1, 12345, 67890), (1000003, 7, 11))
NAMES = ("F", "G", "r", "D", "H", "H_o", "H_f")


def given(network: str, loss: str = "mse", samples: int = 2, seed: int = 0, **parts):
    draw = random.Random(seed)
    about = problem_from({"network": network, "loss": loss, "samples": samples})
    rows = [[draw.choice((-2, -1, "1/2", 1, 3)) for _ in range(int(network[0]))] for _ in range(samples)]
    labels = [[f"{draw.randint(1, 5)}/12" for _ in range(about.K)] for _ in range(samples)]
    if about.K > 1 and "cross_entropy" in loss:
        labels = [[f"{k + 1}/{about.K * (about.K + 1) // 2}" for k in range(about.K)]] * samples
    theta = [draw.choice((-2, -1, "1/2", 1, 3)) for _ in range(about.P)]
    targets = parts.get("targets", labels)
    return problem_from(
        {"network": network, "loss": loss, "inputs": rows, "parameters": theta, **parts, "targets": targets}
    )


CASES = {
    "square": given("2-2-1 square"),
    "deep": given("2-2-2-1 relu leaky_relu(1/3)"),
    "abs": given("2-3-2 abs, no bias", "quartic"),
    "tanh": given("2-2-1 tanh"),
    "sigmoid": given("1-2-2 sigmoid", weight_decay="1/10"),
    "silu": given("1-2-1 silu", reduction="mean"),
    "gaussian": given("1-2-1 gaussian", "quartic"),
    "sin": given("1-2-1 sin"),
    "exp": given("1-2-1 exp"),
    "power": given("2-2-1 power(3)", "squared_hinge", targets=[[1], [-1]]),
    "fit": given("2-2-1 tanh", targets="perfect_fit"),
    "logits": given("1-2-1 linear", "bce_logits"),
    "softmax": given("1-2-3 linear", "softmax_cross_entropy"),
    "probabilities": given("1-2-3 linear", "cross_entropy", behaviour="probabilities"),
    "residual": problem_from(
        {
            "network": {
                "inputs": 2,
                "layers": [{"width": 2, "activation": "square", "residual": 0}, {"width": 1, "activation": "linear"}],
            },
            "inputs": [[1, 2], [3, -1]],
            "targets": [[1], [2]],
            "parameters": [1, 2, -1, 1, 0, 1, 2, 1, 3],
        }
    ),
    "model": problem_from(
        {
            "model": {"parameters": ["a", "b"], "inputs": ["x"], "outputs": ["a*exp(b*x)/(1+exp(x))+tanh(a)^2/3"]},
            "inputs": [[1], [2]],
            "targets": [[0], [1]],
            "parameters": [2, "1/3"],
        }
    ),
    "written": problem_from(
        {
            "model": {"parameters": ["a", "b"], "inputs": ["x"], "outputs": ["a*b*x", "a-b"]},
            "loss": {"outputs": ["f", "g"], "targets": ["y", "z"], "value": "(f-y)^2/(1+g^2)+exp(g-z)"},
            "inputs": [[1], [2]],
            "targets": [[0, 1], [1, 1]],
            "parameters": [2, "1/3"],
        }
    ),
}


def exactly(about) -> Instance:
    return Instance(Problem(problem_to_json(about)), Numbers(12, 12))


def image_of(exact: Instance, place: tuple[int, int, int]) -> Instance:
    return Instance(exact.problem, exact.numbers, exact, place)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("place", PLACES)
def test_an_image_is_the_image(name: str, place: tuple[int, int, int]) -> None:
    compared = 0
    for quantity in NAMES:
        exact, image = exactly(CASES[name]), image_of(exactly(CASES[name]), place)
        try:
            rows = [[exact.numbers.residue(x, place) for x in row] for row in exact.matrix(("matrix", quantity))]
        except Reject:  # a number outside ℚ(t, u): it has no image either
            with pytest.raises(Reject):
                [image.numbers.residue(x, place) for row in image.matrix(("matrix", quantity)) for x in row]
            continue
        found = image.matrix(("matrix", quantity))
        assert [[image.numbers.residue(x, place) for x in row] for row in found] == rows
        compared += 1
    assert compared >= 2


def test_products_and_activations_are_images_too() -> None:
    place = PLACES[1]
    for tree in (("*", ("transpose", ("matrix", "G")), ("matrix", "G")), ("activations", 1), ("neg", ("matrix", "H"))):
        exact, image = exactly(CASES["tanh"]), image_of(exactly(CASES["tanh"]), place)
        rows = [[exact.numbers.residue(x, place) for x in row] for row in exact.matrix(tree)]
        assert [[image.numbers.residue(x, place) for x in row] for row in image.matrix(tree)] == rows


def kinked(target: str, modulus: int):
    """w2 relu(w1 x) at w1 = 0: neither G nor H exists there, whatever r is modulo a prime."""
    about = problem_to_json(
        problem_from({"network": "1-1-1 relu", "inputs": [[1]], "targets": [[target]], "parameters": [0, 0, 1, 1]})
    )
    small = minor([3], [3], modulus)
    return certificate("rank(H) >= 1", about, "PROVED", [rank(["matrix", "H"], small)])


@pytest.mark.parametrize(("target", "modulus"), [("1", 7), ("8", 7), ("15", 7), ("0", 2147483647)])
def test_no_modulus_hides_a_kink(target: str, modulus: int) -> None:
    accepted, reason = checked(kinked(target, modulus))
    assert not accepted
    assert "kink" in reason


def test_signs_are_those_of_the_real_numbers() -> None:
    """Modulo 7, −1 is 6; relu is 0 there all the same, and so is its derivative."""
    about = problem_to_json(
        problem_from({"network": "1-1-1 relu", "inputs": [[1]], "targets": [[1]], "parameters": [-1, 0, 1, 1]})
    )
    honest = certificate("rank(G) >= 1", about, "PROVED", [rank(["matrix", "G"], minor([0], [3], 7))])
    assert checked(honest) == (True, "PROVED rank(G) >= 1")
    forged = copy.deepcopy(honest)
    forged["evidence"][0]["rank"]["lower"]["columns"] = [0]  # ∂F/∂w1 = w2 · relu′ · x
    assert checked(forged) == (False, "a minor may be zero")


def test_a_denominator_that_vanishes_gives_no_image() -> None:
    """tanh(1) = (t² − 1)/(t² + 1), and 2² + 1 = 0 modulo 5."""
    model = {"parameters": ["a"], "inputs": [], "outputs": ["tanh(a)"]}
    about = problem_to_json(problem_from({"model": model, "parameters": [1], "targets": [[1]], "samples": 1}))
    for t, shown in ((2, False), (3, False), (4, True)):
        evidence = minor([0], [0], 5) | {"t": str(t)}
        forged = certificate("rank(G) >= 1", about, "PROVED", [rank(["matrix", "G"], evidence)])
        assert checked(forged)[0] is shown


def test_what_lies_outside_stays_outside_where_no_rank_needs_it() -> None:
    """softplus(z) is in no ℚ(t, u), but its derivatives are, and a perfect fit needs no more."""
    layers = [{"width": 2, "activation": "relu"}, {"width": 1, "activation": "softplus"}]
    point = {"parameters": [1, 2, -1, 1, 0, 1, 1, 2, 1], "inputs": [[1, 2], [3, 1]], "targets": "perfect_fit"}
    verdict = gc.check("rank(H) == rank(G) == 2", network={"inputs": 2, "layers": layers}, samples=2, **point)
    assert verdict.outcome == "PROVED"
