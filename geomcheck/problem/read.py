"""Problems from mappings, TOML and JSON: every key checked, every number exact, every mistake one clear error.

| key | value | default |
| --- | --- | --- |
| network | "2-3-1 tanh", or {inputs, layers = [{width, activation, bias, residual}, ...]} | one of these three |
| model | {parameters, inputs, outputs}: names and formulas | |
| torch | a torch module (from Python); its weights are the parameters unless given | |
| loss | a name, or {outputs, targets, value} | "mse" |
| behaviour | "outputs" or "probabilities" | "outputs" |
| reduction | "sum" or "mean" | "sum" |
| weight_decay | c >= 0, adds c/2·‖θ‖² | 0 |
| samples | N | the number of rows of inputs or targets |
| inputs | N rows of d numbers; a flat list when d = 1 | open |
| targets | N rows of K numbers, a flat list when K = 1, or "perfect_fit" | open |
| parameters | P numbers in torch order, or a table {W1 = [[...]], b1 = [...]} ({a = 1, b = 2} for a model), | open |
| | or the path of a saved torch state dict, "weights.pt" | |
| points | {A = ..., B = ...}: points by name, each given like parameters | open |
| permutations | {s = [[1, 0], ...]}: one permutation of 0, 1, ... for each hidden layer | open |
| baseline | what barriers are measured from: "mean" of the end points, or "linear" between them | "mean" |
| teacher | r: the loss is the population loss against an irreducible teacher with r hidden units | none |

The keys stand at the top of the file or in a table [problem].
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Final, Literal, TypeAlias

from geomcheck.errors import InputError, SyntaxProblem, described
from geomcheck.problem.activation import Activation
from geomcheck.problem.checked_values import (
    check_keys,
    checked_list,
    checked_table,
    checked_text,
    checked_texts,
    checked_word,
    matrix_from,
    required,
)
from geomcheck.problem.loss import FormulaLoss, Loss, Matrix, NamedLoss, formula_loss
from geomcheck.problem.losses import named_loss
from geomcheck.problem.model import ExplicitModel, Model, explicit_model
from geomcheck.problem.network import LINEAR, DenseNetwork, Layer
from geomcheck.problem.numbers import count, rational
from geomcheck.problem.problem import MAX_SAMPLES, Baseline, Behaviour, Problem, Reduction, Targets
from geomcheck.problem.read_parameters import parameters_from, permutations_from, points_from
from geomcheck.problem.shorthand import parse_activation, parse_network
from geomcheck.problem.source_location import SourceLocation, key_of, placed
from geomcheck.problem.toml_json import load_file, load_json, load_text, load_toml, read_text
from geomcheck.problem.torch_module import network_from_torch

__all__ = [
    "KEYS",
    "load_file",
    "load_json",
    "load_toml",
    "problem_from",
    "read_problem",
    "read_text",
]

KEYS: Final = (
    "network",
    "model",
    "torch",
    "loss",
    "behaviour",
    "reduction",
    "weight_decay",
    "samples",
    "inputs",
    "targets",
    "parameters",
    "points",
    "permutations",
    "baseline",
    "teacher",
)
"""The keys of a problem."""

Complete: TypeAlias = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def read_problem(path: str | os.PathLike[str], complete: Complete | None = None) -> Problem:
    r"""The problem in a TOML or JSON file, its keys at the top level or in one table [problem].

    Raises InputError, with file and line, for a file that cannot be read and for keys as :func:`problem_from` does.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "small.toml")
    ...     _ = path.write_text('network = "2-3-1 tanh"\nsamples = 4')
    ...     read_problem(path).P
    13
    """
    name, text = os.fspath(path), read_text(path)
    table = load_text(text, name)
    lines = tuple(text.split("\n"))
    place = SourceLocation(name, lines, 1, len(lines))
    try:
        inner = checked_table(table["problem"], f"{name}: problem") if set(table) == {"problem"} else table
        return problem_from(inner, name, complete)
    except SyntaxProblem as problem:
        key = key_of(problem.source_name, name, KEYS)
        raise place.syntax(problem, key, problem.source_name.removeprefix(f"{name}: ")) from None
    except InputError as error:
        raise placed(error, name, place, KEYS) from None


def problem_from(given: Mapping[str, Any], where: str = "problem", complete: Complete | None = None) -> Problem:
    """The problem a mapping says; a key whose value is None counts as absent. `where` begins every error's path, and
    `complete` adds keys that must be there, and that the claim at hand has no use for.

    >>> problem_from({"network": "1-1 linear", "inputs": [1, 2], "targets": ["1/2", "0.1"]}).targets
    ((Fraction(1, 2),), (Fraction(1, 10),))
    """
    if not isinstance(given, Mapping):
        raise InputError(f"{where}: expected a mapping of a problem's keys, got {described('problem', given)}")
    check_keys(given, KEYS, where)
    table = {key: value for key, value in given.items() if value is not None}
    try:
        return _problem(table if complete is None else complete(table), where)
    except SyntaxProblem:
        raise
    except InputError as error:
        if str(error).startswith(where):
            raise
        raise type(error)(f"{where}: {error}") from None


def _problem(table: Mapping[str, Any], where: str) -> Problem:
    for key in ("inputs", "targets", "parameters") if "teacher" in table else ():
        if key in table:
            raise InputError(
                f"expected teacher or {key}, got both: the loss against a teacher takes no data; leave one out"
            )
    model, weights = _model(table, where)
    inputs = matrix_from(table["inputs"], f"{where}: inputs", model.n_inputs) if "inputs" in table else None
    targets = _targets(table["targets"], f"{where}: targets", model.n_outputs) if "targets" in table else None
    if "points" in table and "parameters" not in table:
        weights = None  # of a torch module, whose architecture is wanted here
    parameters = (
        parameters_from(table["parameters"], model, f"{where}: parameters") if "parameters" in table else weights
    )
    return Problem(
        model=model,
        loss=_loss(table.get("loss", "mse"), f"{where}: loss"),
        samples=_samples(table.get("samples"), inputs, targets, where),
        behaviour=checked_word(table.get("behaviour", "outputs"), _BEHAVIOURS, f"{where}: behaviour"),
        reduction=checked_word(table.get("reduction", "sum"), _REDUCTIONS, f"{where}: reduction"),
        weight_decay=rational(table.get("weight_decay", 0), f"{where}: weight_decay"),
        inputs=inputs,
        targets=targets,
        parameters=parameters,
        points=points_from(table.get("points", {}), f"{where}: points", model),
        permutations=permutations_from(table.get("permutations", {}), f"{where}: permutations"),
        baseline=checked_word(table.get("baseline", "mean"), _BASELINES, f"{where}: baseline"),
        teacher=None if "teacher" not in table else count(table["teacher"], f"{where}: teacher", 1, MAX_SAMPLES),
    )


_BEHAVIOURS: Final[tuple[Behaviour, ...]] = ("outputs", "probabilities")
_BASELINES: Final[tuple[Baseline, ...]] = ("mean", "linear")
_FIT: Final[tuple[Literal["perfect_fit"]]] = ("perfect_fit",)
_REDUCTIONS: Final[tuple[Reduction, ...]] = ("sum", "mean")


def _samples(given: object, inputs: Matrix | None, targets: Targets, where: str) -> int:
    if given is not None:
        return count(given, f"{where}: samples", 1, MAX_SAMPLES)
    for rows in (inputs, targets):
        if isinstance(rows, tuple):
            return len(rows)
    raise InputError(f"{where}: expected samples = N or inputs, got neither; write samples = 4")


def _model(table: Mapping[str, Any], where: str) -> tuple[Model, tuple[Fraction, ...] | None]:
    model: Model
    given = [key for key in ("network", "model", "torch") if key in table]
    if len(given) != 1:
        said = " and ".join(given) or "none"
        raise InputError(
            f'{where}: expected exactly one of network, model, torch, got {said}; write network = "2-3-1 tanh"'
        )
    value = table[given[0]]
    if given[0] == "torch":
        model, weights = network_from_torch(value)
        return model, weights
    if given[0] == "model":
        return (value if isinstance(value, ExplicitModel) else _explicit(value, f"{where}: model")), None
    return (value if isinstance(value, DenseNetwork) else _network(value, f"{where}: network")), None


def _explicit(value: object, where: str) -> ExplicitModel:
    table = checked_table(value, where)
    check_keys(table, ("parameters", "inputs", "outputs"), where)
    parameters = checked_texts(required(table, "parameters", where), f"{where}.parameters")
    inputs = checked_texts(table.get("inputs", ()), f"{where}.inputs")
    outputs = checked_texts(required(table, "outputs", where), f"{where}.outputs")
    return explicit_model(parameters, inputs, outputs, where)


def _network(value: object, where: str) -> DenseNetwork:
    if isinstance(value, str):
        return parse_network(value, where)
    if not isinstance(value, Mapping):
        raise InputError(f'{where}: expected text such as "2-3-1 tanh" or a table, got {described("network", value)}')
    table = checked_table(value, where)
    check_keys(table, ("inputs", "layers"), where)
    layers = checked_list(required(table, "layers", where), f"{where}.layers")
    read = tuple(_layer(layer, f"{where}.layers[{i}]") for i, layer in enumerate(layers))
    return DenseNetwork(count(required(table, "inputs", where), f"{where}.inputs", 1, MAX_SAMPLES), read)


def _layer(value: object, where: str) -> Layer:
    table = checked_table(value, where)
    check_keys(table, ("width", "bias", "activation", "residual"), where)
    bias = table.get("bias", True)
    if not isinstance(bias, bool):
        raise InputError(f"{where}.bias: expected true or false, got {described('bias', bias)}")
    activation = table.get("activation", LINEAR)
    if not isinstance(activation, Activation):
        activation = parse_activation(checked_text(activation, f"{where}.activation"), f"{where}.activation")
    residual = table.get("residual")
    return Layer(
        width=count(required(table, "width", where), f"{where}.width", 1, MAX_SAMPLES),
        bias=bias,
        activation=activation,
        residual=None if residual is None else count(residual, f"{where}.residual", 0, MAX_SAMPLES),
    )


def _loss(value: object, where: str) -> Loss:
    if isinstance(value, str):
        return named_loss(value, where)
    if not isinstance(value, Mapping):
        if isinstance(value, (NamedLoss, FormulaLoss)):
            return value
        raise InputError(
            f"{where}: expected a name such as mse, or {{outputs, targets, value}}, got {described('loss', value)}"
        )
    table = checked_table(value, where)
    check_keys(table, ("outputs", "targets", "value"), where)
    outputs = checked_texts(required(table, "outputs", where), f"{where}.outputs")
    targets = checked_texts(required(table, "targets", where), f"{where}.targets")
    return formula_loss(outputs, targets, checked_text(required(table, "value", where), f"{where}.value"), where)


def _targets(value: object, where: str, columns: int) -> Targets:
    if isinstance(value, str):
        return checked_word(value, _FIT, where)
    return matrix_from(value, where, columns)
