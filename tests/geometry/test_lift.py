"""From trained networks to exact fits: checked without the package, and refused where there are none."""

from fractions import Fraction
from functools import cache
from itertools import pairwise

import mpmath
import numpy as np
import pytest
import torch
from torch import nn

import geomcheck as gc
from geomcheck.errors import InputError, Kink, Undecided
from geomcheck.geometry.minima.fit_equations import independent_equations
from geomcheck.problem.read import problem_from

ACTIVATIONS = {
    "tanh": (nn.Tanh, mpmath.tanh),
    "relu": (nn.ReLU, lambda z: z if z > 0 else mpmath.mpf(0)),
    "silu": (nn.SiLU, lambda z: z / (1 + mpmath.exp(-z))),
}


@cache
def trained(name, widths, samples, dtype, seed=0, steps=800):
    """A network trained by Adam, with its data."""
    torch.manual_seed(seed)
    parts = []
    for i, (fan_in, width) in enumerate(pairwise(widths)):
        parts += [nn.Linear(fan_in, width, dtype=dtype)] + [ACTIVATIONS[name][0]()] * (i < len(widths) - 2)
    network = nn.Sequential(*parts)
    x, y = torch.randn(samples, widths[0], dtype=dtype), torch.randn(samples, widths[-1], dtype=dtype)
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-2)
    for _ in range(steps):
        optimiser.zero_grad()
        (0.5 * ((network(x) - y) ** 2).sum()).backward()
        optimiser.step()
    return network, x, y


def forward(name, widths, theta, x):
    """The network in mpmath: nothing of the package."""
    values, start = [mpmath.mpf(v) for v in x], 0
    for layer, (fan_in, width) in enumerate(pairwise(widths)):
        weights = [theta[start + i * fan_in : start + (i + 1) * fan_in] for i in range(width)]
        bias = theta[start + width * fan_in : start + width * fan_in + width]
        start += width * fan_in + width
        values = [mpmath.fdot(row, values) + b for row, b in zip(weights, bias, strict=True)]
        if layer < len(widths) - 2:
            values = [ACTIVATIONS[name][1](z) for z in values]
    return values


NETWORKS = [
    ("tanh", (3, 16, 1), 20, torch.float32),
    ("tanh", (3, 16, 1), 20, torch.float64),
    ("relu", (3, 24, 1), 16, torch.float32),
    ("tanh", (2, 8, 8, 1), 12, torch.float32),
    ("relu", (2, 10, 10, 1), 8, torch.float64),
    ("silu", (3, 12, 2), 10, torch.float32),
]


@pytest.mark.parametrize("case", NETWORKS, ids=str)
def test_a_trained_network_is_lifted(case):
    name, widths, samples, _ = case
    network, x, y = trained(*case)
    found = gc.lift(torch=network, inputs=x, targets=y)
    equations = samples * widths[-1]
    assert (found.rank_G, found.rank_H, found.left_out) == (equations, equations, 0)
    assert found.inertia == (equations, 0, found.problem.P - equations)
    assert found.dimension == found.problem.P - equations
    assert found.radius < Fraction(1, 4)
    assert found.status == "enclosed"
    # The centre misses the targets by no more than the box explains, and the radius covers the way to it.
    with mpmath.workdps(60):
        theta = [mpmath.mpf(t.numerator) / t.denominator for t in found.centre]
        for sample, target in zip(x.tolist(), y.tolist(), strict=True):
            for f, t in zip(forward(name, widths, theta, sample), target, strict=True):
                assert abs(f - mpmath.mpf(t)) < mpmath.mpf(10) ** -25
    checkpoint = [Fraction(t) for p in network.parameters() for t in p.detach().reshape(-1).tolist()]
    moves = [abs(c - t) for c, t in zip(found.centre, checkpoint, strict=True)]
    assert max(moves) <= found.radius <= max(moves) + found.box
    assert len(found.moving) == equations and found.box < Fraction(1, 10**20)


def test_the_numeric_rank_at_the_checkpoint_is_wrong_by_tens():
    network, x, y = trained("tanh", (3, 16, 1), 20, torch.float32)
    found = gc.lift(torch=network, inputs=x, targets=y)
    theta = torch.cat([p.detach().reshape(-1) for p in network.parameters()]).double()

    def loss(t):
        w1, b1, w2, b2 = t[:48].reshape(16, 3), t[48:64], t[64:80], t[80]
        return 0.5 * ((torch.tanh(x.double() @ w1.T + b1) @ w2 + b2 - y[:, 0].double()) ** 2).sum()

    numeric = int(np.linalg.matrix_rank(torch.autograd.functional.hessian(loss, theta).numpy()))
    assert found.numeric_rank_H == numeric
    assert numeric - found.rank_H >= 40
    assert found.loss.contains(0) is False
    assert abs(float(found.loss.mid()) - float(loss(theta))) < 1e-9


SMALL = {"network": "1-2-1 tanh", "inputs": [0, 1], "parameters": ["1", "2", "0", "0.1", "0.7", "-1", "0"]}


def test_the_radius_asked_for():
    found = gc.lift(SMALL, targets=[0, "1/2"])
    assert gc.lift(SMALL, targets=[0, "1/2"], radius=found.radius).radius == found.radius
    with pytest.raises(Undecided, match="outside-radius"):
        gc.lift(SMALL, targets=[0, "1/2"], radius=found.radius / 2)
    with pytest.raises(Undecided, match="outside-radius"):
        gc.lift(SMALL, targets=[0, "1/2"], radius="1/1000")


def test_a_fit_already_there():
    """θ fits exactly: it stays where it is."""
    found = gc.lift(network="1-2-1 relu", inputs=[1, 2], targets=[5, 9], parameters=[1, 2, 1, 1, 2, 1, -2])
    assert 0 < found.box <= found.radius < Fraction(1, 10**30) and found.rank_G == 2
    assert found.loss.contains(0)


def test_repeated_samples_follow_from_the_first():
    data = {"network": "1-2-1 tanh", "parameters": SMALL["parameters"]}
    once = gc.lift(data, inputs=[0, 1], targets=[0, "1/2"])
    twice = gc.lift(data, inputs=[0, 1, 0, 1, 1], targets=[0, "1/2", 0, "1/2", "1/2"])
    assert (twice.rank_G, twice.rank_H, twice.left_out) == (2, 2, 3)
    assert twice.centre == once.centre
    with pytest.raises(InputError, match=r"targets\[0\] and targets\[2\]"):
        gc.lift(data, inputs=[0, 1, 0], targets=[0, "1/2", "1/10"])


def test_a_softmax_fits_soft_labels():
    data = {"network": "2-6-3 tanh", "inputs": [[1, 0], [0, 1], [1, 1]], "behaviour": "probabilities"}
    data["targets"] = [["1/2", "1/4", "1/4"], ["1/10", "8/10", "1/10"], ["1/3", "1/3", "1/3"]]
    data["parameters"] = np.random.default_rng(1).standard_normal(39)
    for loss in ("softmax_cross_entropy", "cross_entropy", "mse"):
        found = gc.lift(data, loss=loss)
        assert (found.rank_G, found.rank_H, found.left_out) == (6, 6, 3)
    hard = {**data, "targets": [[1, 0, 0], ["1/10", "8/10", "1/10"], ["1/3", "1/3", "1/3"]]}
    for loss in ("cross_entropy", "mse"):
        with pytest.raises(InputError, match="soft labels"):
            gc.lift(hard, loss=loss)
    with pytest.raises(InputError, match="sum"):
        gc.lift({**data, "targets": [["1/2", "1/4", "1/8"]] * 3}, loss="mse")
    assert independent_equations(problem_from({**data, "loss": "cross_entropy"})) == [0, 1, 3, 4, 6, 7]


def test_a_sigmoid_fits_soft_labels():
    found = gc.lift(SMALL, targets=["1/3", "9/10"], loss="bce_logits", behaviour="probabilities")
    assert (found.rank_G, found.rank_H) == (2, 2)
    with pytest.raises(InputError, match="hard label"):
        gc.lift(SMALL, targets=[0, "1/2"], loss="bce", behaviour="probabilities")


@pytest.mark.parametrize(
    ("loss", "says"),
    [
        ("bce_logits", "probabilities"),
        ("logistic", "no finite minimiser"),
        ("exponential", "no finite minimiser"),
        ("squared_hinge", "no finite minimiser"),
        ("cross_entropy", "sum to one"),
        ({"outputs": ["f"], "targets": ["y"], "value": "(f - y)^3"}, "not seen"),
    ],
)
def test_losses_that_no_output_fits(loss, says):
    with pytest.raises(InputError, match=says):
        gc.lift(SMALL, targets=[1, 1], loss=loss)


def test_the_rank_of_H_follows_the_loss():
    quartic = gc.lift(SMALL, targets=[0, "1/2"], loss="quartic")
    assert (quartic.rank_G, quartic.rank_H, quartic.inertia) == (2, 0, (0, 0, 7))
    assert gc.lift(SMALL, targets=[0, "1/2"], loss="logcosh").rank_H == 2
    two = {"network": "1-2 linear", "inputs": [1], "targets": [[1, 2]], "parameters": [0, 0, 0, 0]}
    semidefinite = {"outputs": ["f", "g"], "targets": ["y", "z"], "value": "(f - y)^2 + (g - z)^4"}
    found = gc.lift(two, loss=semidefinite)
    assert (found.rank_G, found.rank_H, found.inertia) == (2, None, None)
    assert "not known" in str(found) and "not known" in found.why


def test_which_hypothesis_failed():
    wide = {"network": "1-1-1 tanh", "parameters": [1, 0, 1, 0]}
    with pytest.raises(Undecided, match="too-few-parameters"):
        gc.lift(wide, inputs=[0, 1, 2, 3, 4], targets=[0, 1, 0, 1, 0])
    dead = {"network": "1-3-1 relu", "parameters": [1, 1, 1, -10, -20, -30, 1, 1, 1, 0]}
    with pytest.raises(Undecided, match="dependent-equations") as failure:
        gc.lift(dead, inputs=[1, 2], targets=[0, 1])
    assert "rank is 1 of 2" in str(failure.value)
    with pytest.raises(
        Undecided, match="dependent-equations"
    ):  # the outputs of a linear model at 0, 1, 2 are collinear
        gc.lift(network="1-3-1 linear", parameters=[1, 2, 3, 0, 0, 0, 1, 1, 1, 0], inputs=[0, 1, 2], targets=[0, 1, 0])


def test_targets_out_of_reach_are_never_fitted():
    bounded = {"network": "1-3-1, output tanh", "parameters": ["0.3", "1", "-1", 0, "0.1", "0.2", "0.5", 1, -1, 0]}
    with pytest.raises(Undecided):
        gc.lift(bounded, inputs=[0, 1], targets=[0, 1])
    with pytest.raises(Undecided):
        gc.lift(bounded, inputs=[0, 1], targets=[0, 2])
    model = {"parameters": ["a", "b", "c"], "inputs": ["x"], "outputs": ["(a^2 + b^2)*x + c^2"]}
    for start in ([1, 1, 1], [0, 0, 1], ["1/2", "-1/3", "1/5"]):
        with pytest.raises(Undecided):
            gc.lift(model=model, inputs=[1, 2], targets=[-1, 1], parameters=start)
        with pytest.raises(Undecided):  # reached at a = b = c = 0 only, where G = 0
            gc.lift(model=model, inputs=[1, 2], targets=[0, 0], parameters=start)
        assert start[0] == 0 or gc.lift(model=model, inputs=[1, 2], targets=[3, 4], parameters=start).rank_G == 2


def test_what_must_be_given():
    with pytest.raises(InputError, match="parameters"):
        gc.lift(network="1-2-1 tanh", inputs=[1], targets=[1])
    with pytest.raises(InputError, match="fitted already"):
        gc.lift(SMALL, targets="perfect_fit")
    with pytest.raises(InputError, match="weight_decay"):
        gc.lift(SMALL, targets=[0, 1], weight_decay="1/10")
    with pytest.raises(Kink):
        gc.lift(network="1-1-1 relu, no bias", inputs=[0, 1], targets=[0, 1], parameters=[1, 1])


def test_it_prints():
    text = str(gc.lift(SMALL, targets=[0, "1/2"]))
    for word in ("Exact fit", "rank(G)     2", "rank(H)     2", "P = 7", "dimension 5", "not a certificate"):
        assert word in text
