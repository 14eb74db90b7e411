"""Curves with known barriers, both definitions, BatchNorm statistics, the straight-through estimator, pictures."""

import sys
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from torch import nn

import geomcheck as gc
from geomcheck.align.curve import Curve, save_picture, svg
from geomcheck.align.ties import tied_axes
from geomcheck.errors import InputError
from tests.align.networks import NETWORKS, planted, randomised


def relu_pair(first, second):
    """x -> a relu(w x) summed over two units, without biases."""
    model = nn.Sequential(nn.Linear(1, 2, bias=False), nn.ReLU(), nn.Linear(2, 1, bias=False))
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor(first).reshape(2, 1))
        model[2].weight.copy_(torch.tensor(second).reshape(1, 2))
    return model


def test_a_permuted_copy_has_the_barrier_of_the_catalogue():
    # naive-permuted-copy-has-barrier: |x| and its own swap on x = -2, -1, 1, 3: 15/4 as it is, 0 once matched.
    a, b = relu_pair([1.0, -1.0], [1.0, 1.0]), relu_pair([-1.0, 1.0], [1.0, 1.0])
    x = torch.tensor([[-2.0], [-1.0], [1.0], [3.0]])
    data = (x, x.abs())
    assert gc.barrier(a, b, data).barrier("mean") == pytest.approx(15 / 4)
    aligned = gc.align(a, b, method="exact")
    assert gc.barrier(a, aligned.model, data).barrier("mean") == 0


@pytest.mark.parametrize(("scale", "value"), [(2, 81 / 256), (3, 256 / 81), (4, 50625 / 4096)])
def test_rescaled_units_keep_a_barrier(scale, value):
    # scaling-barrier: (s, 1/s) -> (1/s, s) has the barrier ((s + 1/s)^2 / 4 - 1)^2 at t = 1/2.
    a, b = relu_pair([float(scale), 0.0], [1.0 / scale, 0.0]), relu_pair([1.0 / scale, 0.0], [float(scale), 0.0])
    curve = gc.barrier(a, b, (torch.ones(1, 1), torch.ones(1, 1)), points=3)
    assert curve.barrier("linear") == pytest.approx(value, rel=1e-5)


def test_the_definitions_differ_unless_the_ends_agree():
    # barrier-definition: L = theta^2 between 0 and 1 has the barrier 1/2 by the mean and 0 by the line.
    a, b = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        a.weight.fill_(0)
        b.weight.fill_(1)
    curve = gc.barrier(a, b, (torch.ones(1, 1), torch.zeros(1, 1)))
    assert (curve.barrier("mean"), curve.barrier("linear")) == (0.5, 0)
    with pytest.raises(InputError, match="baseline"):
        curve.barrier("median")


def test_batchnorm_statistics_as_they_are_or_anew():
    make, shape = NETWORKS["batchnorm resnet"]
    model, other = randomised(make, 0), randomised(make, 1)
    data = (torch.randn(64, *shape), torch.randint(0, 3, (64,)))
    plain = gc.barrier(model, other, data, points=3)
    reset = gc.barrier(model, other, data, points=3, batchnorm="reset")
    assert plain.losses != reset.losses
    # With statistics from this very data, eval mode computes what train mode does.
    copy = make()
    copy.load_state_dict(model.state_dict())
    copy.train()
    with torch.no_grad():
        outputs = copy(data[0])
    assert reset.losses[0] == pytest.approx(float(nn.functional.cross_entropy(outputs, data[1])), rel=0.05)
    assert model.norm.momentum == 0.1
    assert plain.accuracies is not None
    assert len(plain.accuracies) == 3


def test_a_planted_copy_has_no_barrier_with_batchnorm():
    make, shape = NETWORKS["batchnorm resnet"]
    data = (torch.randn(32, *shape), torch.randint(0, 3, (32,)))
    model = randomised(make, 0)
    copy, _ = planted(make, tied_axes(model, [data[0]]), model, 1)
    assert gc.barrier(model, copy, data).barrier("mean") > 0.01
    aligned = gc.align(model, copy, data=data)
    curve = gc.barrier(model, aligned.model, data)
    assert max(curve.losses) - min(curve.losses) < 1e-6


def trained(seed, data):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
    optimiser = torch.optim.Adam(model.parameters(), 1e-2)
    for _ in range(150):
        optimiser.zero_grad()
        nn.functional.cross_entropy(model(data[0]), data[1]).backward()
        optimiser.step()
    return model


def test_every_method_lowers_the_barrier_and_straight_through_is_best_half_way():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(300, 4, generator=generator)
    data = (x, (x[:, 0] * x[:, 1] + x[:, 2] > 0).long())
    a, b = trained(1, data), trained(2, data)
    before = gc.barrier(a, b, data, points=11)
    half_way = {}
    for method in ("weights", "activations", "straight-through"):
        curve = gc.barrier(a, gc.align(a, b, method=method, data=data).model, data, points=11)
        assert curve.barrier("mean") < before.barrier("mean")
        half_way[method] = curve.losses[5]
    assert half_way["straight-through"] <= half_way["weights"] + 1e-6


def test_straight_through_recovers_a_planted_copy_with_batchnorm():
    make, shape = NETWORKS["batchnorm resnet"]
    data = (torch.randn(64, *shape), torch.randint(0, 3, (64,)))
    model = randomised(make, 0)
    copy, _ = planted(make, tied_axes(model, [data[0]]), model, 1)
    found = gc.align(model, copy, method="straight-through", data=data, steps=5)
    assert found.after == pytest.approx(1, abs=1e-6)


CURVES = {
    "as <they> are": Curve((0.0, 0.5, 1.0), (0.1, 2.0, 0.2), None, "as-is"),
    "aligned": Curve((0.0, 0.5, 1.0), (0.1, 0.15, 0.2), None, "as-is"),
}


def test_the_svg_is_well_formed_and_says_the_numbers(tmp_path):
    text = svg(CURVES)
    root = ElementTree.fromstring(text)
    assert root.tag.endswith("svg")
    assert len(root.findall("{http://www.w3.org/2000/svg}polyline")) == 2
    assert "as &lt;they&gt; are: barrier 1.85 (mean), 1.85 (linear)" in text
    assert text == svg(CURVES)
    save_picture(tmp_path / "a.svg", CURVES)
    assert (tmp_path / "a.svg").read_text() == text
    CURVES["aligned"].save(str(tmp_path / "b.svg"))
    ElementTree.parse(tmp_path / "b.svg")


@pytest.mark.parametrize("losses", [(0.0, 0.0, 0.0), (1e-30, 1e-29, 0.0), (-3.0, -2.0, -1.0), (1e12, 5e12, 0.0)])
def test_any_finite_curve_is_drawn(losses):
    ElementTree.fromstring(svg({"x": Curve((0.0, 0.5, 1.0), losses, None, "as-is")}))


def test_pictures_that_cannot_be_drawn(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    bad = {"x": Curve((0.0, 1.0), (0.0, float("nan")), None, "as-is")}
    for path, curves, word in (
        (tmp_path / "a.png", CURVES, "matplotlib"),
        (tmp_path / "a.gif", CURVES, ".svg or .png"),
        (tmp_path / "none" / "a.svg", CURVES, "written"),
        (tmp_path / "a.svg", bad, "finite"),
    ):
        with pytest.raises(InputError, match=word):
            save_picture(path, curves)
    assert list(tmp_path.iterdir()) == []


def test_a_png_where_matplotlib_is_installed(tmp_path):
    pytest.importorskip("matplotlib")
    save_picture(tmp_path / "a.png", CURVES)
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_models_that_differ_in_no_tensor_have_no_barrier():
    make = lambda slope: nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(slope), nn.Linear(8, 1))  # noqa: E731
    with pytest.raises(InputError, match="no tensor"):
        gc.barrier(make(0.1), make(0.5), (torch.randn(8, 2), torch.zeros(8, 1)))


def test_data_as_arrays():
    a, b = nn.Linear(2, 1), nn.Linear(2, 1)
    x, y = np.ones((4, 2)), np.zeros((4, 1))
    assert gc.barrier(a, b, {"x": x, "y": y}).losses == gc.barrier(a, b, (x, y)).losses
