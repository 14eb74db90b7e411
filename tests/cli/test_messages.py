"""What a mistake is answered with: the place, what was expected, and advice that helps."""

import zipfile

import numpy as np
import pytest

import geomcheck as gc
from geomcheck.cli import main
from geomcheck.cli.parser import Parser
from geomcheck.testing.settling import settle_mark


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "data.npz"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("x.npy", bytes(range(256)) * 4)
    return path


def test_an_archive_is_no_certificate(archive, run):
    said = run("verify", str(archive))
    assert said.code == 2
    assert "expected a certificate as geomcheck check --save DIR writes them, got a zip archive" in said.err
    assert "UTF-8" not in said.err


def test_an_archive_is_no_claims_file(archive, run, tmp_path):
    claims = tmp_path / "some.claims.toml"
    archive.rename(claims)
    assert "expected a file of text, got a zip archive" in run("check", str(claims)).err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[claim]\nid = "a"\nsays = "P == 1"', "expected a list of claims, got a table [claim]"),
        ('[[claim]]\nid = "a\nsays = "P == 1"', "line 2, column 8: the text in quotes does not end on this line"),
    ],
)
def test_slips_in_a_claims_file(text, message, run, tmp_path):
    path = tmp_path / "slip.claims.toml"
    path.write_text(text, encoding="utf-8")
    said = run("check", str(path))
    assert said.code == 2 and message in said.err and str(path) in said.err


def test_an_id_that_is_nearly_one_is_suggested(run):
    assert (
        "did you mean a shipped claim? geomcheck check --only dead-neuron-rank-drop"
        in run("check", "dead-neuron-rankdrop").err
    )
    assert "check the path" in run("check", "frobnicate").err


def test_choices_are_named_with_the_nearest(run):
    said = run("align", "A.pt", "B.pt", "--model", "m:f", "--method", "actvations").err
    assert "--method: expected weights, activations, straight-through or exact, got 'actvations'" in said
    assert "did you mean activations?" in said
    assert "did you mean check?" in run("chek", "x").err


def test_one_choice_alone(capsys):
    parser = Parser(prog="try")
    parser.add_argument("--way", choices=("up",))
    with pytest.raises(SystemExit):
        parser.parse_args(["--way", "down"])
    assert "--way: expected up, got 'down'" in capsys.readouterr().err


def test_lift_asks_for_what_is_missing(run, tmp_path):
    data = tmp_path / "data.toml"
    data.write_text("inputs = [[1], [2]]\ntargets = [0, 1]\n", encoding="utf-8")
    said = run("lift", "w.pt", "--data", str(data)).err
    assert "expected --network beside the state dict w.pt" in said
    assert f'geomcheck lift w.pt --network "8-100-1 tanh" --data {data}' in said
    said = run("lift", "w.pt", "--network", "1-2-1 tanh", "--parameters", "v.pt", "--data", str(data)).err
    assert "expected no --parameters beside w.pt" in said


def test_lift_explains_numbers_of_classes(run, tmp_path):
    torch = pytest.importorskip("torch")
    weights, data = tmp_path / "w.pt", tmp_path / "data.npz"
    torch.save(torch.nn.Sequential(torch.nn.Linear(1, 2)).state_dict(), weights)
    np.savez(data, inputs=np.ones((3, 1)), targets=np.array([0, 1, 1]))
    said = run("lift", str(weights), "--network", "1-2 linear", "--data", str(data)).err
    assert said.startswith(f"geomcheck: {data}: expected targets with one row a sample")
    assert "numpy.eye(3)[y]" in said


def test_data_for_a_barrier_may_be_text(run, tmp_path, monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "made.py").write_text(
        "from torch import nn\ndef net():\n    return nn.Sequential(nn.Linear(1, 2))\n", encoding="utf-8"
    )
    torch.save(torch.nn.Sequential(torch.nn.Linear(1, 2)).state_dict(), "w.pt")
    (tmp_path / "d.toml").write_text('inputs = [["1/2"], [2]]\ntargets = [0, 1]\n', encoding="utf-8")
    (tmp_path / "p.toml").write_text('network = "1-2 linear"\nsamples = 2\n', encoding="utf-8")
    options = ("barrier", "w.pt", "w.pt", "--model", "made.py:net", "--data")
    assert run(*options, "d.toml").out.startswith("as they are\n  barrier    0 (baseline mean)")
    said = run(*options, "p.toml").err
    assert "p.toml: expected just inputs and targets (or x and y), got network, samples" in said
    said = run(*options, "made.py").err
    assert "made.py: expected data as .npz with x and y" in said and "state_dict" not in said


def test_errors_are_wrapped_at_a_terminal(monkeypatch, capsys, archive):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "60")
    assert main(["verify", str(archive)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) > 1 and all(line.startswith("  ") for line in lines[1:])


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--inputs", "1,0", "inputs='1,0' (str); write one row a sample: [[1, 0], [0, 1]]"),
        ("--targets", "1,0", 'expected "perfect_fit", or one row a sample: [[1], [0]], got'),
        ("--permutations", "{ s = [1, 0] }", "s[0]=1 (int); write one list for each hidden layer: [[1, 0]]"),
        ("--model", "{ parameters = [a] }", "expected a value: a number, true, false, a list, a table, or text in"),
    ],
)
def test_a_list_that_is_none_is_answered_with_one(option, value, words, run):
    about = () if option == "--model" else ("--network", "2-2-1 relu")
    samples = () if option == "--inputs" else ("--samples", "2")
    said = run("check", "barrier(A, permuted(A, s)) == 0", *about, *samples, option, value)
    assert said.code == 2 and words in said.err


def test_what_speaks_of_no_data_has_no_kinks(run):
    text = run("check", "orbit_size(A) <= 6", "--network", "2-3-1 relu").out
    assert "kink" not in text and "Holds for       all A ∈ ℝ¹³\n" in text
    assert "kink" in run("check", "rank(H@A) <= 6", "--network", "1-1-1 relu", "--samples", "1").out


@pytest.mark.parametrize(
    ("key", "meant"), [("tirals", "trials"), ("smalest", "smallest"), ("netwrk", "network"), ("sampels", "samples")]
)
def test_slips_in_keyword_arguments(key, meant):
    with pytest.raises(gc.GeomcheckError, match=f"'{key}'; did you mean '{meant}'"):
        gc.check("P == 2", **{key: 1})


def test_slips_in_a_mark():
    with pytest.raises(gc.GeomcheckError, match="'expct' in the mark claim of test_it; did you mean 'expect'"):
        settle_mark(("P == 2",), {"network": "1-1 linear", "expct": "proved"}, {}, None, "test_it")


def test_terms_name_the_points_that_are_not_given(run):
    about = ("--network", "1-1 linear, no bias", "--inputs", "[1]", "--targets", "[1]")
    said = run("eval", "barrier(A, B)", *about, "--points", "{ A = [1] }")
    assert said.code == 2 and "expected the point B, got only A" in said.err and "open=" not in said.err
    said = run(
        "eval", "orbit_size(permuted(A, s))", "--network", "1-2-1 relu", "--points", "{ A = [1, 1, 0, 0, 1, 1, 0] }"
    )
    assert "expected the permutation s, got none" in said.err


def test_a_derivation_is_headed_by_its_model(run):
    model = '{ parameters = ["a", "b"], inputs = ["x"], outputs = ["a*b*x"] }'
    assert run("derive", "H", "--model", model).out.startswith("H of f(a, b; x) = a*b*x; mse; N = 1: 2 × 2, symmetric")
