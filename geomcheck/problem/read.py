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
from collections.abc import Callable, Collection, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, Literal, TypeAlias, TypeVar

from geomcheck.errors import InputError, LimitError, SyntaxProblem, described
from geomcheck.problem.activation import Activation
from geomcheck.problem.letters import PERMUTATION_LETTERS, POINT_LETTERS, is_permutation_letter, is_point_letter
from geomcheck.problem.loss import FormulaLoss, Loss, Matrix, NamedLoss, formula_loss
from geomcheck.problem.losses import named_loss
from geomcheck.problem.model import ExplicitModel, Model, explicit_model
from geomcheck.problem.network import LINEAR, DenseNetwork, Layer
from geomcheck.problem.numbers import count, plain, rational
from geomcheck.problem.permutations import Permutation
from geomcheck.problem.problem import MAX_SAMPLES, Baseline, Behaviour, Problem, Reduction, Targets
from geomcheck.problem.scanner import suggestion
from geomcheck.problem.shorthand import parse_activation, parse_network
from geomcheck.problem.source_location import SourceLocation, key_of, placed
from geomcheck.problem.toml_json import load_file, load_json, load_text, load_toml, read_text
from geomcheck.problem.torch_module import network_from_torch, parameters_from_state_dict

__all__ = [
    "KEYS",
    "load_file",
    "load_json",
    "load_toml",
    "parameters_from",
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

MAX_ENTRIES: Final = 10_000_000
Complete: TypeAlias = Callable[[Mapping[str, Any]], Mapping[str, Any]]
_Word = TypeVar("_Word", bound=str)


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
        inner = _table(table["problem"], f"{name}: problem") if set(table) == {"problem"} else table
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
    _check_keys(given, KEYS, where)
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
    inputs = _matrix(table["inputs"], f"{where}: inputs", model.n_inputs) if "inputs" in table else None
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
        behaviour=_word(table.get("behaviour", "outputs"), _BEHAVIOURS, f"{where}: behaviour"),
        reduction=_word(table.get("reduction", "sum"), _REDUCTIONS, f"{where}: reduction"),
        weight_decay=rational(table.get("weight_decay", 0), f"{where}: weight_decay"),
        inputs=inputs,
        targets=targets,
        parameters=parameters,
        points=_points(table.get("points", {}), f"{where}: points", model),
        permutations=_permutations(table.get("permutations", {}), f"{where}: permutations"),
        baseline=_word(table.get("baseline", "mean"), _BASELINES, f"{where}: baseline"),
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
    table = _table(value, where)
    _check_keys(table, ("parameters", "inputs", "outputs"), where)
    parameters = _texts(_required(table, "parameters", where), f"{where}.parameters")
    inputs = _texts(table.get("inputs", ()), f"{where}.inputs")
    outputs = _texts(_required(table, "outputs", where), f"{where}.outputs")
    return explicit_model(parameters, inputs, outputs, where)


def _network(value: object, where: str) -> DenseNetwork:
    if isinstance(value, str):
        return parse_network(value, where)
    if not isinstance(value, Mapping):
        raise InputError(f'{where}: expected text such as "2-3-1 tanh" or a table, got {described("network", value)}')
    table = _table(value, where)
    _check_keys(table, ("inputs", "layers"), where)
    layers = _sequence(_required(table, "layers", where), f"{where}.layers")
    read = tuple(_layer(layer, f"{where}.layers[{i}]") for i, layer in enumerate(layers))
    return DenseNetwork(count(_required(table, "inputs", where), f"{where}.inputs", 1, MAX_SAMPLES), read)


def _layer(value: object, where: str) -> Layer:
    table = _table(value, where)
    _check_keys(table, ("width", "bias", "activation", "residual"), where)
    bias = table.get("bias", True)
    if not isinstance(bias, bool):
        raise InputError(f"{where}.bias: expected true or false, got {described('bias', bias)}")
    activation = table.get("activation", LINEAR)
    if not isinstance(activation, Activation):
        activation = parse_activation(_text(activation, f"{where}.activation"), f"{where}.activation")
    residual = table.get("residual")
    return Layer(
        width=count(_required(table, "width", where), f"{where}.width", 1, MAX_SAMPLES),
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
    table = _table(value, where)
    _check_keys(table, ("outputs", "targets", "value"), where)
    outputs = _texts(_required(table, "outputs", where), f"{where}.outputs")
    targets = _texts(_required(table, "targets", where), f"{where}.targets")
    return formula_loss(outputs, targets, _text(_required(table, "value", where), f"{where}.value"), where)


def _targets(value: object, where: str, columns: int) -> Targets:
    if isinstance(value, str):
        return _word(value, _FIT, where)
    return _matrix(value, where, columns)


def _matrix(value: object, where: str, columns: int) -> Matrix:
    """N rows of `columns` numbers; a flat list is N rows of one column."""
    rows = _sequence(plain(value, where), where)
    if not rows:
        raise InputError(f"{where}: expected at least one row, got an empty list; give one row a sample")
    if columns == 1 and not any(_is_list(row) for row in rows):
        rows = [[row] for row in rows]
    read = []
    entries = 0
    for i, row in enumerate(rows):
        numbers = _sequence(plain(row, f"{where}[{i}]"), f"{where}[{i}]")
        if len(numbers) != columns:
            raise InputError(
                f"{where}[{i}]: expected a row of {columns} numbers, got {len(numbers)}; shape ({len(rows)}, {columns})"
            )
        entries += columns
        if entries > MAX_ENTRIES:
            raise LimitError(f"{where}: expected at most {MAX_ENTRIES} numbers")
        read.append(tuple(rational(number, f"{where}[{i}][{j}]") for j, number in enumerate(numbers)))
    return tuple(read)


def parameters_from(value: object, model: Model, where: str = "parameters") -> tuple[Fraction, ...]:
    """θ (P,) from a flat list in torch order, a table of blocks by name, or the path of a saved state dict.

    >>> about = problem_from({"network": "1-1 linear", "samples": 1})
    >>> parameters_from({"b1": [2], "W1": [[1]]}, about.model)
    (Fraction(1, 1), Fraction(2, 1))
    """
    if isinstance(value, (str, os.PathLike, Mapping)) and isinstance(model, DenseNetwork) and _is_torch(value):
        return parameters_from_state_dict(value, model, where)
    if isinstance(value, Mapping):
        table = {str(key): entry for key, entry in value.items()}
        return _named(table, where, model) if isinstance(model, ExplicitModel) else _blocks(table, where, model)
    numbers = _sequence(plain(value, where), where)
    if len(numbers) != model.n_parameters:
        raise InputError(
            f"{where}: expected {model.n_parameters} numbers in torch order, got {len(numbers)}; "
            f"or name them: {_block_names(model)}"
        )
    return tuple(rational(number, f"{where}[{i}]") for i, number in enumerate(numbers))


def _points(value: object, where: str, model: Model) -> tuple[tuple[str, tuple[Fraction, ...]], ...]:
    table = _table(value, where)
    for name in table:
        if not is_point_letter(name):
            raise InputError(f"{where}: expected names such as A, B, Q, got '{name[:40]}'; {POINT_LETTERS}")
    return tuple((name, parameters_from(table[name], model, f"{where}.{name}")) for name in sorted(table))


def _permutations(value: object, where: str) -> tuple[tuple[str, Permutation], ...]:
    table = _table(value, where)
    read = []
    for name in sorted(table):
        if not is_permutation_letter(name):
            raise InputError(f"{where}: expected names such as s, t, p, got '{name[:40]}'; {PERMUTATION_LETTERS}")
        layers = _sequence(plain(table[name], f"{where}.{name}"), f"{where}.{name}")
        images = []
        for i, layer in enumerate(layers):
            at = f"{where}.{name}[{i}]"
            units = _sequence(plain(layer, at), at)
            images.append(tuple(count(unit, f"{at}[{j}]", 0, MAX_SAMPLES) for j, unit in enumerate(units)))
        read.append((name, tuple(images)))
    return tuple(read)


def _is_torch(value: str | os.PathLike[str] | Mapping[Any, Any]) -> bool:
    """A path to a state dict, or a state dict, whose names have dots ("0.weight") as block names never do."""
    return not isinstance(value, Mapping) or any("." in str(key) for key in value)


def _named(table: Mapping[str, Any], where: str, model: ExplicitModel) -> tuple[Fraction, ...]:
    _check_keys(table, model.parameters, where)
    return tuple(rational(_required(table, name, where), f"{where}.{name}") for name in model.parameters)


def _blocks(table: Mapping[str, Any], where: str, network: DenseNetwork) -> tuple[Fraction, ...]:
    blocks = network.blocks()
    _check_keys(table, [block.name for block in blocks], where)
    theta: list[Fraction] = []
    for block in blocks:
        at = f"{where}.{block.name}"
        value = plain(_required(table, block.name, where), at)
        if len(block.shape) == 2:
            theta.extend(entry for row in _block_rows(value, at, *block.shape) for entry in row)
        else:
            numbers = _sequence(value, at)
            if len(numbers) != block.shape[0]:
                raise InputError(f"{at}: expected shape {block.shape}, got {len(numbers)} numbers")
            theta.extend(rational(number, f"{at}[{i}]") for i, number in enumerate(numbers))
    return tuple(theta)


def _block_rows(value: object, where: str, rows: int, columns: int) -> Matrix:
    given = _sequence(value, where)
    if len(given) != rows or not all(_is_list(row) for row in given):
        shape = f"{len(given)} rows" if all(_is_list(row) for row in given) else "a flat list"
        raise InputError(f"{where}: expected shape ({rows}, {columns}), one list a row, got {shape}")
    return _matrix(value, where, columns)


def _block_names(model: Model) -> str:
    names = list(model.parameters) if isinstance(model, ExplicitModel) else [block.name for block in model.blocks()]
    return ", ".join(names if len(names) <= 8 else [*names[:7], "..."])


_LISTS = {
    "inputs": "; write one row a sample: [[1, 0], [0, 1]]",
    "permutations": "; write one list for each hidden layer: [[1, 0]]",
}


def _is_list(value: object) -> bool:
    return isinstance(plain(value, ""), (list, tuple))


def _sequence(value: object, where: str) -> Sequence[Any]:
    if not isinstance(value, (list, tuple)):
        name = where.rpartition(": ")[2]
        advice = next((text for key, text in _LISTS.items() if name.startswith(key)), "")
        raise InputError(f"{where}: expected a list, got {described(name.rpartition('.')[2], value)}{advice}")
    return value


def _table(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise InputError(f"{where}: expected a table, got {described(where.rpartition(': ')[2], value)}")
    return dict(value)


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise InputError(f"{where}: expected text in quotes, got {described(where.rpartition('.')[2], value)}")
    return value


def _texts(value: object, where: str) -> list[str]:
    return [_text(entry, f"{where}[{i}]") for i, entry in enumerate(_sequence(value, where))]


def _word(value: object, words: Sequence[_Word], where: str) -> _Word:
    for word in words:
        if value == word:
            return word
    choices = " or ".join(f'"{word}"' for word in words)
    choices += ", or one row a sample: [[1], [0]]" if where.endswith(": targets") else ""
    raise InputError(f"{where}: expected {choices}, got {described(where.rpartition(': ')[2], value)}")


def _required(table: Mapping[str, Any], key: str, where: str) -> Any:
    if key not in table:
        raise InputError(f"{where}: expected the key '{key}', got only {', '.join(table) or 'an empty table'}")
    return table[key]


def _check_keys(table: Mapping[Any, Any], known: Collection[str], where: str) -> None:
    for key in table:
        if key not in known:
            raise InputError(f"{where}: unknown key '{str(key)[:40]}'{suggestion(str(key), known)}")
