"""The graph of pieces has as many components as are counted; the command that prints and draws it."""

import json
from pathlib import Path
from random import Random

import networkx
import pytest

from geomcheck.cli import main
from geomcheck.connectivity.cell_graph import cell_graph
from geomcheck.connectivity.components import components
from geomcheck.errors import LimitError, Undecided
from geomcheck.problem.read import problem_from


@pytest.mark.parametrize("seed", range(20))
def test_the_numbered_pieces_have_the_counted_components(seed: int) -> None:
    rng = Random(seed)
    activation = rng.choice(["relu", "abs", "leaky_relu(1/3)", "leaky_relu(-1/2)"])
    n, m = rng.choice([(2, 2), (2, 3), (3, 2), (4, 2)])
    bias, output = rng.random() < 0.3 and n < 3, rng.random() < 0.3
    problem = problem_from(
        {
            "network": {
                "inputs": 2,
                "layers": [{"width": m, "activation": activation, "bias": bias}, {"width": 1, "bias": output}],
            },
            "inputs": [[rng.randint(-2, 2), rng.randint(-2, 2)] for _ in range(n)],
            "targets": [rng.choice([-1, 0, 1, 2]) for _ in range(n)],
        }
    )
    graph = cell_graph(problem)
    try:
        assert networkx.number_connected_components(graph) == components(problem).count
    except Undecided:
        assert not graph.nodes


def test_students() -> None:
    problem = problem_from({"network": "1-3-1 exp, no bias", "samples": 1})
    graph = cell_graph(problem, 2)
    assert (len(graph), networkx.number_connected_components(graph)) == (12, 1)
    assert "12|3" in graph and "1|2 0:3" in graph
    with pytest.raises(Undecided, match="8 components"):
        cell_graph(problem_from({"network": "1-2-1 tanh, no bias", "samples": 1}), 2)


def test_limits() -> None:
    about = {"network": "2-6-1 relu", "inputs": [[0, 1], [1, 0], [1, 1]], "targets": [1, 2, 3]}
    with pytest.raises(LimitError, match="pieces"):
        cell_graph(problem_from(about))
    with pytest.raises(Undecided):
        cell_graph(problem_from({**about, "network": "2-6-1 tanh"}))


RAMP = ["--network", "1-2-1 relu, no bias", "--inputs", "[1, -1]", "--targets", "[1, 1]"]


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["components", *RAMP, "--picture", str(tmp_path / "cells.svg")]) == 0
    assert capsys.readouterr().out.startswith("2 components: ")
    assert (tmp_path / "cells.svg").read_text(encoding="utf-8").count("<circle") == 2
    assert main(["components", *RAMP, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["components"] == 2
    assert main(["components", *RAMP[2:], "--network", "1-2-1 tanh, no bias"]) == 0
    assert capsys.readouterr().out.startswith("UNDECIDED (components-unknown): ")
    assert main(["components", *RAMP, "--picture", "cells.txt"]) == 2
    linear = ["--network", "2-2-2 linear, no bias", "--inputs", "[[1, 0], [0, 1]]", "--targets", "[[1, 0], [0, 1]]"]
    capsys.readouterr()
    assert main(["components", *linear, "--picture", str(tmp_path / "no.svg")]) == 3
    assert capsys.readouterr().out.splitlines()[-1].startswith("No picture: pieces are listed for one hidden layer")


def test_the_count_is_printed_where_there_is_too_much_to_draw(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    many = ["--network", "2-3-1 relu", "--inputs", "[[1, 0], [0, 1], [1, 1]]", "--targets", "[[1], [-1], [1]]"]
    path = tmp_path / "many.svg"
    assert main(["components", *many, "--picture", str(path)]) == 3
    assert capsys.readouterr().out.splitlines() == [
        "1 component: the fits of width 2 are connected, and no fit needs more hidden units than 2",
        "No picture: there are 16^3 pieces, more than 3000; take fewer units",
    ]
    assert not path.exists()
    assert main(["components", *many, "--picture", str(path), "--format", "json"]) == 3
    report = json.loads(capsys.readouterr().out)
    assert report["components"] == 1 and report["no_picture"].startswith("there are 16^3 pieces")
