"""The experiment end to end on tiny networks: the same numbers every time, nothing lost, and honest words."""

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import torch

import geomcheck as gc
from geomcheck.cli import main
from geomcheck.errors import InputError
from geomcheck.experiments import study, trial, workers
from geomcheck.experiments.data_sets import halves, read_samples
from geomcheck.experiments.figure import _panels, svg
from geomcheck.experiments.networks import NETWORKS
from geomcheck.experiments.report import merging_json, merging_text
from geomcheck.experiments.study import merging
from geomcheck.experiments.training import trained

SMALL = {
    "seeds": 2,
    "epochs": 2,
    "widths": {"mlp": 8, "resnet": 4},
    "points": 3,
    "restarts": 1,
    "steps": 2,
}
OPTIONS = ("--seeds=2", "--epochs=2", "--width=mlp=8", "--width=resnet=4", "--points=3", "--restarts=1", "--steps=2")


@pytest.fixture(scope="module")
def data():
    """Two classes that differ in the brightness of one half of a 4 × 4 image."""
    rng = np.random.default_rng(0)
    classes = np.arange(80) % 2
    images = rng.normal(0, 0.3, (80, 1, 4, 4))
    images[:, 0, :2] += classes[:, None, None]
    return images, classes


@pytest.fixture(scope="module")
def result(data):
    return merging(data, **SMALL)


PARENT = """
import json, subprocess, sys, time
from dataclasses import asdict
from geomcheck.experiments import workers
from geomcheck.experiments.trial import Recipe
program = "import time; from geomcheck.experiments import workers; workers.run_unit = lambda *a: time.sleep(99); " \\
    "raise SystemExit(workers.main())"
order = json.loads(sys.argv[1]) | {"parent": __import__("os").getpid()}
child = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, text=True, start_new_session=True)
child.stdin.write(json.dumps(order) + "\\n" + json.dumps(["mlp", 0]) + "\\n")
child.stdin.flush()
print(child.pid, flush=True)
time.sleep(300)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the state of a process is read from /proc")
def test_a_worker_does_not_outlive_its_parent(data, tmp_path):
    images, classes = data
    np.savez(tmp_path / "samples.npz", images=images, classes=classes)
    recipe = asdict(trial.Recipe("even", 1, {"mlp": 4}, 3, "reset", 1, 1))
    order = {"data": str(tmp_path / "samples.npz"), "names": ["0", "1"], "test": None, "recipe": recipe}
    parent = subprocess.Popen([sys.executable, "-c", PARENT, json.dumps(order)], stdout=subprocess.PIPE, text=True)
    worker = int(parent.stdout.readline())
    state = Path(f"/proc/{worker}/stat")

    def alive():
        return state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z"

    time.sleep(4)  # until it is at its unit
    assert alive()
    parent.kill()
    parent.wait()
    for _ in range(100):
        if not alive():
            return
        time.sleep(0.1)
    os.kill(worker, 9)
    raise AssertionError("the worker went on")


def test_no_line_is_wider_than_the_page(result):
    lines = merging_text(result).splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[0].startswith("UNDECIDED  alignment beats plain interpolation") and lines[1].startswith("    ")


def test_everything_is_there(result):
    assert [(outcome.network, outcome.seed) for outcome in result.outcomes] == [
        ("mlp", 0),
        ("resnet", 0),
        ("mlp", 1),
        ("resnet", 1),
    ]
    for outcome in result.outcomes:
        lines = outcome.lines
        for way in ("plain", "weights", "activations", "straight-through"):
            assert len(lines[way].losses) == len(lines[way].accuracies) == 3
            # The aligned network is B in other words: the ends do not depend on the way.
            assert lines[way].losses[0] == lines["plain"].losses[0]
            assert lines[way].losses[-1] == pytest.approx(lines["plain"].losses[-1], rel=1e-4)
        if outcome.network == "mlp":
            assert lines["A"].losses[0] == pytest.approx(lines["plain"].losses[0], rel=1e-5)
            assert lines["B"].losses[0] == pytest.approx(lines["plain"].losses[-1], rel=1e-5)
    assert [part.answer for part in result.parts] == ["UNDECIDED"] * 3  # two seeds can decide nothing


def test_the_same_numbers_in_any_process_and_order(result, data, tmp_path):
    torch.manual_seed(99)
    before = torch.random.get_rng_state()
    again = merging(data, **SMALL, workers=2, state=tmp_path)
    assert torch.equal(before, torch.random.get_rng_state())
    assert again == result
    assert again.outcomes == result.outcomes
    one = merging(data, **SMALL | {"seeds": 2, "networks": "mlp"})
    assert one.outcomes == tuple(outcome for outcome in result.outcomes if outcome.network == "mlp")


def test_a_kill_loses_nothing_that_was_finished(result, data, tmp_path, monkeypatch):
    real = workers.run_unit
    calls = []

    def killed(samples, recipe, network, seed):
        if len(calls) == 3:
            raise KeyboardInterrupt
        calls.append((network, seed))
        return real(samples, recipe, network, seed)

    monkeypatch.setattr(workers, "run_unit", killed)
    with pytest.raises(KeyboardInterrupt):
        merging(data, **SMALL, state=tmp_path)
    (folder,) = tmp_path.iterdir()
    assert sorted(path.name for path in folder.iterdir()) == [
        "mlp-0.json",
        "mlp-1.json",
        "resnet-0.json",
        "settings.json",
    ]
    # A file that is not whole, or holds something else, is not believed.
    (folder / "mlp-0.json").write_text((folder / "mlp-0.json").read_text()[:50])
    stored = json.loads((folder / "resnet-0.json").read_text())
    (folder / "resnet-0.json").write_text(json.dumps(stored | {"seed": 7}))
    done = []
    monkeypatch.setattr(workers, "run_unit", lambda *args: done.append(args[2:]) or real(*args))
    said = []
    again = merging(data, **SMALL, state=tmp_path, progress=lambda *state: said.append(state))
    assert done == [("mlp", 0), ("resnet", 0), ("resnet", 1)]
    assert again.reused == 1
    assert again == result
    assert said[0][:2] == (1, 4)
    assert said[-1] == (4, 4, "resnet, seed 1")
    # Other settings keep their results apart.
    merging(data, **SMALL | {"epochs": 1, "networks": ["mlp"]}, state=tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def test_an_error_in_a_process_arrives(data, monkeypatch):
    monkeypatch.setattr(workers, "_PROGRAM", "raise SystemExit(3)")
    with pytest.raises(RuntimeError, match="died"):
        merging(data, **SMALL, workers=2)


def test_what_diverges_is_one_clear_error(data, monkeypatch):
    monkeypatch.setattr(trial, "measured", lambda outputs, data: (float("inf"), 0.1))
    with pytest.raises(InputError, match=r"mlp, seed 0: .*diverged"):
        merging(data, **SMALL | {"networks": "mlp"})


def test_training_learns_and_depends_on_its_seed_only(data):
    cut = halves(read_samples(data), 0, "even")
    for network in NETWORKS:
        models = [trained(network, (1, 4, 4), 2, 8, cut.whole, 60, seed) for seed in (1, 1, 2)]
        states = [model.state_dict() for model in models]
        assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
        assert any(not torch.equal(states[0][name], states[2][name]) for name in states[0])
        hits = (models[0](cut.test.inputs[0]).argmax(1) == cut.test.targets).double().mean()
        assert float(hits) > 0.9
        assert not models[0].training


def test_statistics_come_from_the_training_data(data):
    cut = halves(read_samples(data), 0, "even")
    a, b = (trained("resnet", (1, 4, 4), 2, 4, part, 2, 1) for part in (cut.first, cut.second))
    own = gc.barrier(a, b, cut.test, points=3, batchnorm="reset")
    given = gc.barrier(a, b, cut.test, points=3, batchnorm="reset", statistics=cut.whole)
    assert own.losses != given.losses
    assert given.losses == gc.barrier(a, b, cut.test, points=3, batchnorm="reset", statistics=cut.whole).losses
    # One sample alone has the loss it has among others, since its own statistics play no part.
    first, rest = cut.test.part(0, 1), cut.test.part(1, len(cut.test))
    parts = [gc.barrier(a, b, part, points=3, batchnorm="reset", statistics=cut.whole).losses for part in (first, rest)]
    mixed = [(x + (len(cut.test) - 1) * y) / len(cut.test) for x, y in zip(*parts, strict=True)]
    assert mixed == pytest.approx(given.losses, rel=1e-5)


def test_the_report_is_honest(result):
    text = str(result)
    assert text == merging_text(result)
    for words in (
        "alignment beats plain interpolation",
        "alignment loses to the ensemble",
        "the ensemble loses to training on everything",
        "Holm over all 28 comparisons",
        "nothing can be decided",
        "not corrected",
    ):
        assert words in text
    assert "PROVED" not in text
    assert "REFUTED" not in text
    assert max(map(len, text.splitlines())) <= 110
    report = merging_json(result)
    assert json.loads(json.dumps(report, allow_nan=False))["answer"] == "UNDECIDED"
    assert len(report["outcomes"]) == 4
    # Both barriers by hand, from the losses that the report holds too.
    losses = [outcome["lines"]["plain"]["losses"] for outcome in report["outcomes"] if outcome["network"] == "mlp"]
    mean = np.mean([max(row) - (row[0] + row[-1]) / 2 for row in losses])
    linear = np.mean([max(0, row[1] - (row[0] + row[2]) / 2) for row in losses])
    found = report["barriers"]["mlp"]["plain"]
    assert (found["mean"]["mean"], found["linear"]["mean"]) == pytest.approx((mean, linear))
    assert f"{mean:.4f} / {linear:.4f}" in text


def test_the_figure(result, tmp_path):
    text = svg(result.data, result.recipe, result.outcomes)
    assert text == svg(result.data, result.recipe, result.outcomes)
    root = ElementTree.fromstring(text)
    lines = root.findall("{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == 2 * 2 * 4
    assert all(len(line.get("points").split()) == 3 for line in lines)
    result.save(tmp_path / "a.svg")
    assert (tmp_path / "a.svg").read_text() == text
    pytest.importorskip("matplotlib")
    result.save(tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


BAD = {
    "networks": ("vgg", "vgg"),
    "seeds": (1, "seeds"),
    "epochs": (0, "epochs"),
    "points": (4, "odd"),
    "halves": ("thirds", "thirds"),
    "batchnorm": ("none", "batchnorm"),
    "widths": ({"mlp": 1}, "width of mlp"),
    "workers": (0, "workers"),
    "restarts": (0, "restarts"),
    "steps": (-1, "steps"),
    "size": (0, "size"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_options(name, data, tmp_path):
    value, word = BAD[name]
    with pytest.raises(InputError, match=word):
        merging(tmp_path if name == "size" else data, **SMALL | {name: value})


@pytest.fixture
def run(capsys, data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("data.npz", x=data[0], y=data[1])

    def call(*options):
        code = main(["experiment", "merging", "--data", "data.npz", *OPTIONS, *options])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def test_the_command(run, result):
    code, out, err = run("--workers", "1", "--networks", "mlp", "--figure", "a.svg", "--figure", "b.svg")
    assert (code, err) == (0, "")
    assert out.startswith("UNDECIDED  alignment beats plain interpolation")
    assert Path("a.svg").read_text() == Path("b.svg").read_text()
    kept = sorted(path.name for path in Path(".geomcheck/merging").glob("*/*.json"))
    assert kept == ["mlp-0.json", "mlp-1.json", "settings.json"]
    code, out, _ = run("--format", "json", "--networks", "mlp", "--require", "survived")
    assert code == 3
    assert json.loads(out)["outcomes"] == json.loads(
        json.dumps([outcome.to_json() for outcome in result.outcomes if outcome.network == "mlp"])
    )
    code, out, _ = run("--format", "concise", "--networks", "mlp", "--output", "out.txt")
    assert (code, out) == (0, "")
    lines = Path("out.txt").read_text().splitlines()
    assert [line.split("\t")[0] for line in lines] == ["UNDECIDED"] * (4 + 14)


def test_a_contradicted_claim_has_exit_code_1(run, monkeypatch):
    real = study.parts_of

    def contradicted(*args):
        first, *rest = real(*args)
        return (type(first)(first.says, "CONTRADICTED", first.comparisons), *rest)

    monkeypatch.setattr(study, "parts_of", contradicted)
    code, out, _ = run("--workers", "1", "--networks", "mlp")
    assert code == 1
    assert out.startswith("CONTRADICTED")
    assert "Not a refutation" in out


def test_the_command_on_a_folder_of_images(run):
    Image = pytest.importorskip("PIL.Image")
    rng = np.random.default_rng(0)
    for name, low in (("dark", 0), ("light", 128)):
        os.makedirs(f"images/{name}")
        for number in range(12):
            Image.fromarray(rng.integers(low, low + 128, (6, 6, 3)).astype(np.uint8)).save(
                f"images/{name}/{number}.png"
            )
    code, out, err = run("--data", "images", "--size", "4", "--workers", "1", "--networks", "resnet")
    assert (code, err) == (0, "")
    assert "images, 24 samples" in out


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--data", "nowhere"), "nowhere"),
        (("--figure", "a.gif"), ".svg or .png"),
        (("--figure", "none/a.svg"), "existing folder"),
        (("--width", "mlp"), "--width"),
        (("--width", "vgg=3"), "vgg"),
        (("--networks", ","), "networks"),
        (("--seeds", "1"), "seeds"),
        (("--halves", "thirds"), "thirds"),
    ],
)
def test_bad_command_lines(run, options, word):
    code, out, err = run(*options)
    assert (code, out) == (2, "")
    assert word in err


def test_no_band_of_an_accuracy_leaves_its_range(result):
    shares = [panel.range for panel in _panels(result.recipe, result.outcomes) if panel.title.endswith("accuracy")]
    assert shares
    assert all(0 <= low <= high <= 1 for low, high in shares)
