"""One JSON form for a problem: every rational a string "p" or "p/q" in lowest terms, and every key present but those of
named points (points, permutations, baseline, teacher), which stand there only where they say something.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, Final

from geomcheck.errors import InputError, described
from geomcheck.problem.loss import Loss, NamedLoss
from geomcheck.problem.model import Model
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.numbers import rational_text
from geomcheck.problem.problem import Problem
from geomcheck.problem.read import problem_from

_KEYS: Final = (
    "model",
    "loss",
    "behaviour",
    "reduction",
    "weight_decay",
    "samples",
    "inputs",
    "targets",
    "parameters",
)


def problem_to_json(problem: Problem) -> dict[str, Any]:
    """The canonical JSON object; `problem_from_json` inverts it.

    >>> from geomcheck.problem.read import problem_from
    >>> problem = problem_from({"network": "1-1", "samples": 1, "parameters": ["0.5", 2]})
    >>> problem_to_json(problem)["parameters"], problem_from_json(problem_to_json(problem)) == problem
    (['1/2', '2'], True)
    """
    named: dict[str, Any] = {
        "points": {name: _texts(theta) for name, theta in problem.points},
        "permutations": {name: [list(images) for images in layers] for name, layers in problem.permutations},
        "baseline": problem.baseline if problem.baseline != "mean" else None,
        "teacher": problem.teacher,
    }
    return {key: value for key, value in named.items() if value} | {
        "model": _model_to_json(problem.model),
        "loss": _loss_to_json(problem.loss),
        "behaviour": problem.behaviour,
        "reduction": problem.reduction,
        "weight_decay": rational_text(problem.weight_decay),
        "samples": problem.samples,
        "inputs": _rows(problem.inputs),
        "targets": problem.targets if isinstance(problem.targets, str) else _rows(problem.targets),
        "parameters": None if problem.parameters is None else _texts(problem.parameters),
    }


def problem_from_json(value: Mapping[str, Any], where: str = "problem") -> Problem:
    """The problem of a canonical JSON object; InputError for a missing or unknown key or a malformed part."""
    for key in _KEYS:
        if key not in value:
            raise InputError(f"{where}: expected the key '{key}' of the canonical form, got only {', '.join(value)}")
    table = dict(value)
    model = table.pop("model")
    if not isinstance(model, Mapping) or model.get("kind") not in ("dense", "explicit"):
        raise InputError(f'{where}: model: expected kind "dense" or "explicit", got {described("model", model)}')
    rest = {key: part for key, part in model.items() if key != "kind"}
    return problem_from({**table, "network" if model["kind"] == "dense" else "model": rest}, where)


def _model_to_json(model: Model) -> dict[str, Any]:
    if isinstance(model, DenseNetwork):
        layers = [
            {
                "width": layer.width,
                "bias": layer.bias,
                "activation": str(layer.activation),
                "residual": layer.residual,
            }
            for layer in model.layers
        ]
        return {"kind": "dense", "inputs": model.n_inputs, "layers": layers}
    return {
        "kind": "explicit",
        "parameters": list(model.parameters),
        "inputs": list(model.inputs),
        "outputs": [formula.unparse() for formula in model.outputs],
    }


def _loss_to_json(loss: Loss) -> str | dict[str, Any]:
    if isinstance(loss, NamedLoss):
        return loss.name
    return {"outputs": list(loss.outputs), "targets": list(loss.targets), "value": loss.value.unparse()}


def _rows(matrix: Iterable[Iterable[Fraction]] | None) -> list[list[str]] | None:
    return None if matrix is None else [_texts(row) for row in matrix]


def _texts(row: Iterable[Fraction]) -> list[str]:
    return [rational_text(entry) for entry in row]
