"""Points of parameter space and permutations of hidden units, as people and torch give them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from geomcheck.errors import InputError
from geomcheck.problem.checked_values import check_keys, checked_list, checked_table, is_list, matrix_from, required
from geomcheck.problem.letters import PERMUTATION_LETTERS, POINT_LETTERS, is_permutation_letter, is_point_letter
from geomcheck.problem.loss import Matrix
from geomcheck.problem.model import ExplicitModel, Model
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.numbers import count, plain, rational
from geomcheck.problem.permutations import Permutation
from geomcheck.problem.problem import MAX_SAMPLES
from geomcheck.problem.torch_module import parameters_from_state_dict

__all__ = ["parameters_from", "permutations_from", "points_from"]


def parameters_from(value: object, model: Model, where: str = "parameters") -> tuple[Fraction, ...]:
    """θ (P,) from a flat list in torch order, a table of blocks by name, or the path of a saved state dict.

    >>> from geomcheck.problem.read import problem_from
    >>> about = problem_from({"network": "1-1 linear", "samples": 1})
    >>> parameters_from({"b1": [2], "W1": [[1]]}, about.model)
    (Fraction(1, 1), Fraction(2, 1))
    """
    if isinstance(value, (str, os.PathLike, Mapping)) and isinstance(model, DenseNetwork) and _is_torch(value):
        return parameters_from_state_dict(value, model, where)
    if isinstance(value, Mapping):
        table = {str(key): entry for key, entry in value.items()}
        return _named(table, where, model) if isinstance(model, ExplicitModel) else _blocks(table, where, model)
    numbers = checked_list(plain(value, where), where)
    if len(numbers) != model.n_parameters:
        raise InputError(
            f"{where}: expected {model.n_parameters} numbers in torch order, got {len(numbers)}; "
            f"or name them: {_block_names(model)}"
        )
    return tuple(rational(number, f"{where}[{i}]") for i, number in enumerate(numbers))


def points_from(value: object, where: str, model: Model) -> tuple[tuple[str, tuple[Fraction, ...]], ...]:
    """Points by name, each given like parameters; raises InputError for names that cannot stand for points."""
    table = checked_table(value, where)
    for name in table:
        if not is_point_letter(name):
            raise InputError(f"{where}: expected names such as A, B, Q, got '{name[:40]}'; {POINT_LETTERS}")
    return tuple((name, parameters_from(table[name], model, f"{where}.{name}")) for name in sorted(table))


def permutations_from(value: object, where: str) -> tuple[tuple[str, Permutation], ...]:
    """Permutations by name, one list of images for each hidden layer."""
    table = checked_table(value, where)
    read = []
    for name in sorted(table):
        if not is_permutation_letter(name):
            raise InputError(f"{where}: expected names such as s, t, p, got '{name[:40]}'; {PERMUTATION_LETTERS}")
        layers = checked_list(plain(table[name], f"{where}.{name}"), f"{where}.{name}")
        images = []
        for i, layer in enumerate(layers):
            at = f"{where}.{name}[{i}]"
            units = checked_list(plain(layer, at), at)
            images.append(tuple(count(unit, f"{at}[{j}]", 0, MAX_SAMPLES) for j, unit in enumerate(units)))
        read.append((name, tuple(images)))
    return tuple(read)


def _is_torch(value: str | os.PathLike[str] | Mapping[Any, Any]) -> bool:
    """A path to a state dict, or a state dict, whose names have dots ("0.weight") as block names never do."""
    return not isinstance(value, Mapping) or any("." in str(key) for key in value)


def _named(table: Mapping[str, Any], where: str, model: ExplicitModel) -> tuple[Fraction, ...]:
    check_keys(table, model.parameters, where)
    return tuple(rational(required(table, name, where), f"{where}.{name}") for name in model.parameters)


def _blocks(table: Mapping[str, Any], where: str, network: DenseNetwork) -> tuple[Fraction, ...]:
    blocks = network.blocks()
    check_keys(table, [block.name for block in blocks], where)
    theta: list[Fraction] = []
    for block in blocks:
        at = f"{where}.{block.name}"
        value = plain(required(table, block.name, where), at)
        if len(block.shape) == 2:
            theta.extend(entry for row in _block_rows(value, at, *block.shape) for entry in row)
        else:
            numbers = checked_list(value, at)
            if len(numbers) != block.shape[0]:
                raise InputError(f"{at}: expected shape {block.shape}, got {len(numbers)} numbers")
            theta.extend(rational(number, f"{at}[{i}]") for i, number in enumerate(numbers))
    return tuple(theta)


def _block_rows(value: object, where: str, rows: int, columns: int) -> Matrix:
    given = checked_list(value, where)
    if len(given) != rows or not all(is_list(row) for row in given):
        shape = f"{len(given)} rows" if all(is_list(row) for row in given) else "a flat list"
        raise InputError(f"{where}: expected shape ({rows}, {columns}), one list a row, got {shape}")
    return matrix_from(value, where, columns)


def _block_names(model: Model) -> str:
    names = list(model.parameters) if isinstance(model, ExplicitModel) else [block.name for block in model.blocks()]
    return ", ".join(names if len(names) <= 8 else [*names[:7], "..."])
