"""``geomcheck lift``: models and data from files, three formats, exit codes."""

import json
from fractions import Fraction

import numpy as np
import pytest
import torch
from torch import nn

THETA = [[[1.0], [2.0]], [0.0, 0.125], [[0.75, -1.0]], [0.0]]
NETWORK = ("--network", "1-2-1 tanh")


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A state dict, the same data in every form, and a Python module, in the working directory."""
    network = nn.Sequential(nn.Linear(1, 2), nn.Tanh(), nn.Linear(2, 1))
    for parameter, values in zip(network.parameters(), THETA, strict=True):
        parameter.data = torch.tensor(values)
    torch.save(network.state_dict(), tmp_path / "w.pt")
    x, y = torch.tensor([[0.0], [1.0]]), torch.tensor([[0.0], [0.5]])
    torch.save({"inputs": x, "targets": y}, tmp_path / "d.pt")
    torch.save((x, y), tmp_path / "pair.pt")
    np.savez(tmp_path / "d.npz", inputs=x.numpy(), targets=y.numpy())
    (tmp_path / "d.toml").write_text('inputs = [0, 1]\ntargets = [0, "1/2"]\n')
    (tmp_path / "d.json").write_text('{"inputs": [[0], [1]], "targets": [[0], [0.5]]}')
    (tmp_path / "lifted_model.py").write_text(
        "from torch import nn\n"
        "def build():\n    return nn.Sequential(nn.Linear(1, 2), nn.Tanh(), nn.Linear(2, 1))\n"
        "def broken():\n    raise RuntimeError('no such thing')\n"
        "whole = build()\nnumber = 3\n"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("data", ["d.pt", "pair.pt", "d.npz", "d.toml", "d.json"])
def test_every_kind_of_data(files, run, data):
    result = run("lift", "w.pt", *NETWORK, "--data", data, "--format", "json")
    assert (result.code, result.err) == (0, "")
    report = json.loads(result.out)
    assert (report["rank_G"], report["rank_H"], report["P"], report["status"]) == (2, 2, 7, "enclosed")
    assert len(report["point"]["centre"]) == 7 and len(report["point"]["moving"]) == 2
    assert 0 < Fraction(report["point"]["box"]) < Fraction(report["radius"]) < 1


def test_a_module_from_python(files, run):
    wanted = run("lift", "w.pt", *NETWORK, "--data", "d.pt").out
    assert wanted.startswith("Exact fit")
    assert run("lift", "lifted_model:build", "--parameters", "w.pt", "--data", "d.pt").out == wanted
    assert run("lift", "lifted_model:whole", "--parameters", "w.pt", "--data", "d.pt").out == wanted


def test_one_line(files, run):
    parts = run("lift", "w.pt", *NETWORK, "--data", "d.pt", "--format", "concise").out.rstrip("\n").split("\t")
    assert parts[0] == "LIFTED"
    assert {"rank_G=2", "rank_H=2", "checkpoint_numeric_rank_G=2", "checkpoint_numeric_rank_H=7"} <= set(parts)


def test_undecided_is_exit_code_3_in_every_format(files, run):
    short = ("lift", "w.pt", *NETWORK, "--data", "d.pt", "--radius", "1/1000000")
    text, line, report = (run(*short, "--format", form) for form in ("text", "concise", "json"))
    assert text.code == line.code == report.code == 3
    assert text.out.startswith("UNDECIDED") and "outside-radius" in text.out
    assert line.out.startswith("UNDECIDED\toutside-radius\t")
    assert json.loads(report.out)["reason"] == "outside-radius"
    target = files / "out.json"
    assert run(*short, "--format", "json", "--output", str(target)).code == 3
    assert json.loads(target.read_text())["status"] == "undecided"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("w.pt", "--data", "d.pt"), "--network"),
        (("w.pt", *NETWORK, "--parameters", "w.pt", "--data", "d.pt"), "no --parameters"),
        (("lifted_model:build", *NETWORK, "--data", "d.pt"), "no --network"),
        (("lifted_model:none", "--data", "d.pt"), "none"),
        (("lifted_model:broken", "--data", "d.pt"), "no such thing"),
        (("lifted_model:number", "--data", "d.pt"), "nn.Sequential"),
        (("nowhere_at_all:build", "--data", "d.pt"), "nowhere_at_all"),
        (("w.pt", "--network", "1-3-1 tanh", "--data", "d.pt"), "W1"),
        (("w.pt", *NETWORK, "--data", "w.pt"), "inputs and targets"),
        (("w.pt", *NETWORK, "--data", "none.npz"), "cannot be read"),
        (("w.pt", *NETWORK, "--data", "lifted_model.py"), ".npz"),
        (("w.pt", *NETWORK, "--data", "d.pt", "--loss", "bce_logits"), "probabilities"),
        (("w.pt", *NETWORK, "--data", "d.pt", "--loss", "huber"), "huber"),
        (("w.pt", *NETWORK, "--data", "d.pt", "--radius", "near"), "near"),
    ],
)
def test_wrong_input_is_exit_code_2(files, run, arguments, says):
    result = run("lift", *arguments)
    assert (result.code, result.out) == (2, "")
    assert says in result.err and "Traceback" not in result.err


@pytest.mark.parametrize("name", ["d.npz", "d.pt", "d.json", "d.toml"])
def test_damaged_files(files, run, name):
    whole = (files / name).read_bytes()
    for damaged in (b"", whole[: len(whole) // 2], b"\x00" * 40, b"PK\x03\x04"):
        (files / name).write_bytes(damaged)
        result = run("lift", "w.pt", *NETWORK, "--data", name)
        assert result.code == 2 and name in result.err


def test_a_pickle_in_an_archive_is_refused(files, run):
    np.savez(files / "bad.npz", inputs=np.array([{}], dtype=object), targets=np.array([1]))
    assert run("lift", "w.pt", *NETWORK, "--data", "bad.npz").code == 2
