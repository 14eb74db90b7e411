"""A call that lacks something, or names a model that is not there, gets one line that says what is needed."""

import pytest

from geomcheck.cli import main

NETS = """
from torch import nn

MODEL = 3

def net():
    return nn.Sequential(nn.Linear(2, 1))

def needs(width):
    return nn.Linear(width, 1)

def boom():
    raise RuntimeError("no\\nweights")

def number():
    return 3
"""


def complaint(capsys, *arguments):
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
    return shown.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["barrier", "A.pt", "B.pt", "--model", "m:f"],
            "geomcheck barrier: expected --data FILE (.npz, .toml or .json with",
        ),
        (["connect", "A.pt", "B.pt", "--model", "m:f"], "geomcheck connect: expected --data FILE ("),
        (["lift", "w.pt", "--network", "1-1"], "geomcheck lift: expected --data FILE (inputs and targets"),
        (["align", "A.pt", "B.pt"], "geomcheck align: expected --model MODULE:FACTORY (makes the torch module"),
        (["connect", "--data", "d.npz"], "expected A.pt (state dicts of two or more models) and --model"),
        (["verify"], "expected CERT (certificate files)"),
        ([], "expected COMMAND"),
        (["check", "P == 1", "--sample", "4"], "expected no --sample, which is no argument of this command; did you"),
        (["check", "--seconds", "x"], "--seconds: expected a whole number, got 'x'; see: geomcheck check --help"),
    ],
)
def test_what_is_missing_is_named(capsys, arguments, words):
    assert words in complaint(capsys, *arguments)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nomod:net", "there is no module 'nomod' here"),
        ("nofile.py:net", "there is no file 'nofile.py'"),
        ("some_nets:nett", "got none of that name; did you mean 'net'?"),
        ("some_nets:needs", "without arguments, got TypeError: needs() missing"),
        ("some_nets:boom", "without arguments, got RuntimeError: no"),
        ("some_nets:number", "got model=3 (int)"),
        ("broken_nets:net", "expected broken_nets to be imported without an error, got ModuleNotFoundError"),
    ],
)
@pytest.mark.parametrize("command", ["align", "lift"])
def test_a_model_that_cannot_be_made(capsys, monkeypatch, tmp_path, command, name, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "some_nets.py").write_text(NETS)
    (tmp_path / "broken_nets.py").write_text("import no_such_thing_at_all\n")
    (tmp_path / "d.toml").write_text("inputs = [[1, 2]]\ntargets = [[1]]\n")
    given = ["align", "A.pt", "B.pt", "--model", name] if command == "align" else ["lift", name, "--data", "d.toml"]
    assert words in complaint(capsys, *given)


def test_an_unknown_id_is_one_short_line(capsys):
    assert complaint(capsys, "claims", "nope").endswith("list them with: geomcheck claims\n")
    assert "did you mean 'dead-neuron-rank-drop'?" in complaint(capsys, "claims", "dead-neuron-rank")


def test_data_may_be_named_x_and_y(tmp_path):
    from geomcheck.problem.data import read_data

    path = tmp_path / "d.json"
    path.write_text('{"x": [[1]], "y": [[2]]}')
    assert [*read_data(path)] == ["inputs", "targets"]
