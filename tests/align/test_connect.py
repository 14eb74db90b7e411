"""``gc.connect``: planted connections, evidence that is what it says, honest misses, pictures, the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import geomcheck as gc
from geomcheck.align.connect import connect
from geomcheck.align.data import data_set
from geomcheck.align.losses import loss_for
from geomcheck.align.paths import Path as ThetaPath
from geomcheck.align.paths import largest_loss, loss_of, states_of
from geomcheck.cli import main
from geomcheck.errors import InputError


def relu_net(seed: int, width: int = 8) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(2, width), nn.ReLU(), nn.Linear(width, 1))


def trained(seed: int, steps: int = 400) -> tuple[nn.Sequential, tuple[torch.Tensor, torch.Tensor]]:
    torch.manual_seed(100)
    x = torch.randn(32, 2)
    data = (x, (x[:, :1] * x[:, 1:]).clamp(-1, 1))
    model = relu_net(seed)
    descent = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(steps):
        descent.zero_grad()
        nn.functional.mse_loss(model(data[0]), data[1]).backward()
        descent.step()
    return model, data


def swapped(model: nn.Sequential) -> nn.Sequential:
    order = torch.tensor([3, 1, 0, 2, 7, 6, 5, 4])
    copy = relu_net(0)
    with torch.no_grad():
        copy[0].weight.copy_(model[0].weight[order])
        copy[0].bias.copy_(model[0].bias[order])
        copy[2].weight.copy_(model[2].weight[:, order])
        copy[2].bias.copy_(model[2].bias)
    return copy


def test_a_permuted_copy_is_connected_after_alignment() -> None:
    model, data = trained(0)
    found = connect({"a": model, "b": swapped(model)}, data, tolerance=1e-3)
    ((_, _, edge),) = found.edges()
    assert (edge.kind, edge.evidence, edge.permuted) == ("aligned", "certified", True)
    assert found.connected == [["a", "b"]]
    assert edge.bound is not None
    assert edge.max_loss - 1e-6 <= edge.bound <= found.graph.nodes["a"]["loss"] + 1.1e-3


def test_without_alignment_a_bend_goes_around() -> None:
    model, data = trained(0)
    found = connect([model, swapped(model)], data, tolerance=0.03, align_first=False, steps=300, rate=0.03)
    edge = (found.edges() + [(*pair, edge) for pair, edge in found.missed.items()])[0][2]
    assert edge.kind == "polygon"
    assert not edge.permuted
    straight = ThetaPath((states_of(model), states_of(swapped(model))))
    given = data_set(data)
    assert edge.max_loss < largest_loss(model, straight, given, loss_for(None, given), 25)[0] / 2


def test_a_bound_holds_between_the_sampled_places() -> None:
    model, data = trained(1)
    other, _ = trained(2)
    found = connect([model, other], data, tolerance=10.0)
    ((_, _, edge),) = found.edges()
    assert edge.evidence == "certified"
    assert edge.bound is not None
    given = data_set(data)
    for k in range(101):
        assert loss_of(model, edge.path.at(k / 100), given, loss_for(None, given)) <= edge.bound + 1e-6


def test_only_certified_paths_connect() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    data = (torch.randn(8, 2), torch.zeros(8, 1))
    found = connect([model, model], data)
    assert [edge.evidence for _, _, edge in found.edges()] == ["sampled"]
    assert found.connected == [["1"], ["2"]]


def test_curves_are_sampled_and_misses_are_told() -> None:
    model, data = trained(0)
    found = connect([model, swapped(model)], data, tolerance=0.0, align_first=False, curve="bezier", steps=3)
    assert not found.edges()
    assert all(edge.evidence == "sampled" and not edge.low for edge in found.missed.values())
    assert "missed=1" in repr(found)


def test_bends_are_sampled_themselves() -> None:
    zero, one = ({"w": torch.tensor([v])} for v in (0.0, 1.0))
    path = ThetaPath((zero, one, zero))
    model = nn.Linear(1, 1, bias=False)
    place = ThetaPath(tuple({"weight": state["w"].reshape(1, 1)} for state in path.states))
    given = data_set((torch.ones(1, 1), torch.zeros(1, 1)))
    assert largest_loss(model, place, given, loss_for(None, given), 4) == (1.0, 0.5)


@pytest.mark.parametrize(
    ("models", "options", "message"),
    [
        ([relu_net(0)], {}, "from 2 to 64"),
        ([relu_net(0), relu_net(0, 3)], {}, "expected"),
        ([relu_net(0), relu_net(1)], {"tolerance": float("nan")}, "tolerance"),
        ([relu_net(0), relu_net(1)], {"curve": "spline"}, "curve"),
        ([relu_net(0), relu_net(1)], {"points": 1}, "at least 2 points"),
    ],
)
def test_bad_input(models: Any, options: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        connect(models, (torch.zeros(4, 2), torch.zeros(4, 1)), **options)


def test_pictures(tmp_path: Path) -> None:
    model, data = trained(0, steps=5)
    found = gc.connect({"<a>": model, "b": model}, data)
    found.save(tmp_path / "graph.svg")
    text = (tmp_path / "graph.svg").read_text(encoding="utf-8")
    assert "&lt;a&gt;" in text
    assert "stroke-dasharray" not in text
    with pytest.raises(InputError, match=r"svg or \.png"):
        found.save(tmp_path / "graph.txt")


def factory() -> nn.Module:
    return relu_net(0)


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, data = trained(0)
    torch.save(model.state_dict(), tmp_path / "a.pt")
    torch.save(swapped(model).state_dict(), tmp_path / "b.pt")
    torch.save(data, tmp_path / "data.pt")
    common = [str(tmp_path / "a.pt"), str(tmp_path / "b.pt"), "--model", "tests.align.test_connect:factory"]
    more = ["--data", str(tmp_path / "data.pt"), "--picture", str(tmp_path / "graph.svg")]
    assert main(["connect", *common, *more]) == 0
    assert "connected, by certified paths up to permutation: a, b" in capsys.readouterr().out
    assert (tmp_path / "graph.svg").exists()
    assert main(["connect", *common, *more, "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["connected"] == [["a", "b"]]
    assert report["paths"][0]["evidence"] == "certified"
    assert main(["connect", common[0], common[0], *common[2:], *more]) == 2
