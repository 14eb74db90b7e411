from __future__ import annotations

from fractions import Fraction

import pytest
import torch
from torch import nn

from geomcheck.errors import InputError
from geomcheck.problem.read import problem_from
from geomcheck.problem.shorthand import parse_network
from geomcheck.problem.torch_module import network_from_torch, parameters_from_state_dict

ACTIVATIONS = {
    "tanh": nn.Tanh(),
    "relu": nn.ReLU(),
    "leaky_relu(0.25)": nn.LeakyReLU(0.25),
    "sigmoid": nn.Sigmoid(),
    "softplus": nn.Softplus(),
    "silu": nn.SiLU(),
    "gelu": nn.GELU(),
    "linear": nn.Identity(),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_a_module_comes_in_exactly(name, dtype):
    module = nn.Sequential(nn.Linear(2, 3), ACTIVATIONS[name], nn.Linear(3, 2, bias=False)).to(dtype)
    network, theta = network_from_torch(module)
    assert network == parse_network(f"2-3-2 {name}, no output bias")
    flat = torch.cat([p.detach().flatten() for p in module.parameters()])
    assert [Fraction(*x.item().as_integer_ratio()) for x in flat] == list(theta)
    assert torch.equal(torch.tensor([x.numerator / x.denominator for x in theta], dtype=dtype), flat)


def test_nested_and_single_modules():
    module = nn.Sequential(nn.Sequential(nn.Linear(1, 2), nn.Tanh()), nn.Identity(), nn.Linear(2, 1), nn.Sigmoid())
    assert network_from_torch(module)[0] == parse_network("1-2-1 tanh, output sigmoid")
    assert network_from_torch(nn.Linear(2, 1))[0] == parse_network("2-1")


def shared():
    linear = nn.Linear(2, 2)
    return nn.Sequential(linear, nn.Tanh(), linear)


def poisoned(value):
    linear = nn.Linear(2, 1)
    with torch.no_grad():
        linear.weight[0, 1] = value
    return linear


class Special(nn.Linear):
    pass


@pytest.mark.parametrize(
    ("module", "said"),
    [
        (nn.Sequential(nn.Linear(1, 1), nn.ReLU6()), "unsupported module ReLU6"),
        (nn.Sequential(nn.Linear(1, 1), nn.GELU(approximate="tanh")), "unsupported module GELU"),
        (nn.Sequential(nn.Linear(1, 1), nn.Softplus(beta=2)), "unsupported module Softplus"),
        (nn.Sequential(nn.Linear(1, 2), nn.Softmax(dim=-1)), 'behaviour = "probabilities"'),
        (nn.Sequential(nn.Tanh(), nn.Linear(1, 1)), "must follow a Linear"),
        (nn.Sequential(nn.Linear(1, 1), nn.Tanh(), nn.Tanh()), "must follow a Linear"),
        (nn.Sequential(nn.Linear(1, 2), nn.Linear(3, 1)), "expected in_features=2"),
        (nn.Sequential(), "at least one Linear"),
        (nn.Sequential(Special(1, 1)), "unsupported module Special"),
        (nn.Conv1d(1, 1, 1), "unsupported module Conv1d"),
        (shared(), "used twice"),
        (poisoned(float("nan")), "finite number"),
        (poisoned(float("inf")), "finite number"),
        ("model.pt", "expected a torch.nn.Sequential"),
        (None.__class__, "expected a torch.nn.Sequential"),
        (nn.Linear(2, 1, device="meta"), "dense array"),
    ],
    ids=range(16),
)
def test_what_is_not_supported_says_so(module, said):
    with pytest.raises(InputError, match=said):
        network_from_torch(module)


def test_state_dicts(tmp_path):
    module = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)).double()
    network, theta = network_from_torch(module)
    assert parameters_from_state_dict(module.state_dict(), network) == theta
    path = tmp_path / "weights.pt"
    torch.save(module.state_dict(), path)
    for source in (path, str(path), module.state_dict()):
        problem = problem_from({"network": "2-3-1 tanh", "samples": 1, "parameters": source})
        assert problem.parameters == theta


def test_state_dicts_that_do_not_fit(tmp_path):
    network = parse_network("2-3-1 tanh")
    state = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)).state_dict()
    cut = dict(list(state.items())[:3])
    turned = {**state, "0.weight": state["0.weight"].T}
    swapped = dict(zip(["0.bias", "0.weight", "2.weight", "2.bias"], state.values(), strict=True))
    for wrong, said in (
        (cut, "expected 4 tensors"),
        (turned, r"W1, a weight of shape \(3, 2\)"),
        (swapped, "expected W1"),
        ({**state, "2.bias": 3}, "expected b2"),
    ):
        with pytest.raises(InputError, match=said):
            parameters_from_state_dict(wrong, network)
    for name, content in (("junk.pt", b"junk"), ("empty.pt", b""), ("nul.pt", b"\x80\x02.")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=name):
            parameters_from_state_dict(tmp_path / name, network)
    for name in ("missing.pt", "nul\0.pt"):
        with pytest.raises(InputError, match=r"\.pt"):
            parameters_from_state_dict(tmp_path / name, network)
    torch.save([1, 2], tmp_path / "list.pt")
    torch.save(nn.Linear(1, 1), tmp_path / "module.pt")
    for name, said in (("list.pt", r"got value=\[1, 2\] \(list\)"), ("module.pt", "refuses: Weights only load failed")):
        with pytest.raises(InputError, match=f"expected a state dict.*{said}$") as caught:
            parameters_from_state_dict(tmp_path / name, network)
        assert "\x1b" not in str(caught.value)
