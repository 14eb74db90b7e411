"""`geomcheck align` and `geomcheck barrier`: what they print and write, and one clear error for every bad input."""

import json
import pickle

import numpy as np
import pytest
import torch
from torch import nn

from geomcheck.align.methods import METHODS
from geomcheck.cli import align as align_command
from geomcheck.cli import main
from tests.align.networks import Residual, mlp, randomised, relu_mlp

MODEL = "tests.align.networks:mlp"


@pytest.fixture
def files(tmp_path):
    for name, seed in (("A", 0), ("B", 1)):
        torch.save(randomised(mlp, seed).state_dict(), tmp_path / f"{name}.pt")
    x = np.random.default_rng(0).normal(size=(16, 6)).astype(np.float32)
    np.savez(tmp_path / "data.npz", x=x, y=np.arange(16) % 3)
    torch.save((torch.from_numpy(x), torch.arange(16) % 3), tmp_path / "data.pt")
    return tmp_path


@pytest.fixture
def run(capsys, files):
    def call(command, *options, model=MODEL, a="A.pt", b="B.pt"):
        code = main([command, str(files / a), str(files / b), "--model", model, *map(str, options)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def test_align(run, files):
    code, out, err = run("align", "--save", files / "out.pt")
    assert (code, err) == (0, "")
    assert out.startswith("ALIGNED by weights")
    assert "0.weight[0]" in out
    assert "train mode" in out
    before, after = mlp(), mlp()
    before.load_state_dict(torch.load(files / "B.pt", weights_only=True))
    after.load_state_dict(torch.load(files / "out.pt", weights_only=True))
    x = torch.randn(5, 6)
    assert torch.allclose(before(x), after(x), atol=1e-5)
    assert not torch.equal(before[0].weight, after[0].weight)
    assert [path.name for path in files.glob(".*")] == []


@pytest.mark.parametrize("method", ["weights", "activations", "straight-through"])
def test_align_for_programs(run, files, method):
    options = ("--method", method, "--data", files / "data.npz", "--steps", "3", "--restarts", "2", "--seed", "4")
    code, out, _ = run("align", *options, "--format", "json")
    report = json.loads(out)
    assert code == 0
    assert report["method"] == method
    assert sorted(report["groups"][0]["permutation"]) == list(range(24))
    assert len(report["objective"]["restarts"]) == 2
    assert {check["mode"] for check in report["checks"]} == {"eval", "train"}
    assert run("align", *options, "--format", "concise")[1].count("\t") == 3


def test_barrier(run, files):
    picture = files / "curve.svg"
    options = ("--data", files / "data.npz", "--points", "5", "--align", "weights", "--picture", picture)
    code, out, err = run("barrier", *options)
    assert (code, err) == (0, "")
    assert "baseline mean" in out
    assert "baseline linear" in out
    assert "aligned by weights" in out
    assert "accuracy" in out
    assert picture.read_text().startswith("<svg")
    report = json.loads(run("barrier", *options, "--format", "json")[1])
    assert [curve["name"] for curve in report["curves"]] == ["as they are", "aligned by weights"]
    assert len(report["curves"][0]["losses"]) == 5
    same = json.loads(run("barrier", "--data", files / "data.pt", "--points", "5", "--format", "json")[1])
    assert same["curves"][0] == report["curves"][0]
    assert run("barrier", "--data", files / "data.pt", "--format", "concise")[1].count("\t") == 2


def test_a_barrier_shows_the_points_that_matter(run, files):
    options = ("--data", files / "data.npz", "--points", "25")
    short, whole = (run("barrier", *options, *table)[1].splitlines() for table in ((), ("--table",)))
    assert len(whole) == 29
    assert len(short) <= 10
    assert short[-1].endswith("points more: --table shows all")
    rows = [line.split("  ") for line in short if line.startswith(("  0.", "  1."))]
    assert [rows[0][-1].split(",")[0], rows[-1][-1].split(",")[0]] == ["A", "B"]
    assert sum("greatest loss" in line for line in short) == 1
    assert all(any(line.startswith(row) for line in whole) for row in ("  0.500", "  1.000"))
    report = json.loads(run("barrier", *options, "--format", "json")[1])
    assert len(report["curves"][0]["losses"]) == 25


def test_batchnorm_statistics(run, files):
    for name, seed in (("C.pt", 0), ("D.pt", 1)):
        torch.save({"state_dict": randomised(Residual, seed).state_dict()}, files / name)
    torch.save({"inputs": torch.randn(8, 1, 8, 8), "targets": torch.arange(8) % 3}, files / "images.pt")
    options = ("--data", files / "images.pt", "--points", "3", "--batchnorm")
    names = {"model": "tests.align.networks:Residual", "a": "C.pt", "b": "D.pt"}
    plain, reset = (run("barrier", *options, how, **names) for how in ("as-is", "reset"))
    assert plain[0] == reset[0] == 0
    assert plain[1] != reset[1]


def test_a_factory_in_a_file(run, files):
    (files / "net.py").write_text("from tests.align.networks import mlp\n")
    assert run("align", model=f"{files / 'net.py'}:mlp")[0] == 0


class Touch:
    """A pickle that would write a file when it is loaded the careless way."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (self.path, "w"))


def spoiled(files, name):
    """Write the bad file of that name and return it."""
    path = files / "bad.pt"
    state = randomised(mlp, 0).state_dict()
    match name:
        case "a pickle of something else":
            path.write_bytes(pickle.dumps(Touch(str(files / "touched"))))
        case "a saved object":
            torch.save({"weights": Touch(str(files / "touched"))}, path)
        case "a whole model":
            torch.save(mlp(), path)
        case "a tensor":
            torch.save(torch.zeros(3), path)
        case "text":
            path.write_text("hello")
        case "nothing":
            path.write_bytes(b"")
        case "NaN":
            state["2.bias"][0] = float("nan")
            torch.save(state, path)
        case "another architecture":
            torch.save(nn.Linear(6, 3).state_dict(), path)
        case "another width":
            torch.save(state | {"0.weight": torch.zeros(25, 6)}, path)
        case "a folder":
            path.mkdir()
    return "bad.pt"


BAD_CHECKPOINTS = (
    "a pickle of something else",
    "a saved object",
    "a whole model",
    "a tensor",
    "text",
    "nothing",
    "NaN",
    "another architecture",
    "another width",
    "a folder",
    "no file",
)


@pytest.mark.parametrize("name", BAD_CHECKPOINTS)
@pytest.mark.parametrize("command", ["align", "barrier"])
def test_a_bad_checkpoint(run, files, name, command):
    options = ("--data", files / "data.pt") if command == "barrier" else ("--save", files / "out.pt")
    code, out, err = run(command, *options, b=spoiled(files, name))
    assert (code, out) == (2, "")
    assert err.startswith("geomcheck: ")
    assert "bad.pt" in err
    assert len(err.splitlines()) == 1
    assert len(err) < 700
    assert not (files / "touched").exists()
    assert not (files / "out.pt").exists()


def untraceable():
    class Branching(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Linear(6, 4), nn.Linear(4, 3)

        def forward(self, x):
            return self.last(self.first(x)) if x.sum() > 0 else self.last(-self.first(x))

    return Branching()


def unfolded():
    return nn.Sequential(nn.Conv2d(1, 4, 1), nn.Unfold(2))


BAD_MODELS = {
    "no colon": ("networks", "module:factory"),
    "no module": ("nowhere.at.all:mlp", "nowhere"),
    "no file": ("nowhere.py:mlp", "nowhere.py"),
    "no factory": ("tests.align.networks:mpl", "mpl"),
    "arguments missing": ("torch.nn:Linear", "without arguments"),
    "not a module": ("builtins:dict", "Module"),
}


@pytest.mark.parametrize("name", BAD_MODELS)
def test_a_bad_factory(run, name):
    model, word = BAD_MODELS[name]
    code, out, err = run("align", model=model)
    assert (code, out) == (2, "")
    assert word in err
    assert "--model" in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(("make", "word"), [(untraceable, "cannot be traced"), (unfolded, "im2col")])
def test_a_module_that_cannot_be_understood(run, files, make, word):
    for name in ("C.pt", "D.pt"):
        torch.save(make().state_dict(), files / name)
    code, out, err = run("align", model=f"{__name__}:{make.__name__}", a="C.pt", b="D.pt")
    assert (code, out) == (2, "")
    assert word in err
    assert len(err.splitlines()) == 1


def test_bad_options(run, files):
    (files / "bad.npz").write_bytes(b"hello")
    np.savez(files / "other.npz", images=np.zeros((3, 6)))
    for command, options, word in (
        ("barrier", ("--data", files / "bad.npz"), "bad.npz"),
        ("barrier", ("--data", files / "other.npz"), "images"),
        ("barrier", ("--data", files / "none.npz"), "none.npz"),
        ("barrier", ("--data", files / "data.pt", "--picture", "curve.gif"), ".svg"),
        ("barrier", ("--data", files / "data.pt", "--points", "1"), "points"),
        ("align", ("--method", "activations"), "data"),
        ("align", ("--method", "exact"), "exact"),
        ("align", ("--input", "six"), "--input"),
        ("align", ("--save", files / "none" / "out.pt"), "written"),
        ("align", ("--method", "magic"), "magic"),
    ):
        code, out, err = run(command, *options)
        assert (code, out) == (2, "")
        assert word in err


def test_a_certified_barrier(run, files):
    relu = "tests.align.networks:relu_mlp"
    for name, seed in (("A", 0), ("B", 1)):
        torch.save(randomised(relu_mlp, seed).state_dict(), files / f"{name}.pt")
    code, out, err = run("barrier", "--data", files / "data.npz", "--points", "9", "--certified", model=relu)
    assert (code, err) == (0, "")
    assert out.count("≤ barrier ≤") == 2
    code, out, _ = run("barrier", "--data", files / "data.npz", "--certified", "--format", "json", model=relu)
    curve = json.loads(out)["curves"][0]
    for baseline in ("mean", "linear"):
        found = curve["certified"][baseline]
        assert found["complete"]
        assert found["low"] - 1e-5 <= curve["barrier"][baseline] + 1e-3
        assert curve["barrier"][baseline] - 1e-5 <= found["high"]


def test_the_command_line_knows_every_method():
    assert tuple(METHODS) == align_command.METHODS
