"""Modules, checkpoints and data from files. Checkpoints are read with ``weights_only=True``: nothing in them is run."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import warnings
from collections.abc import Callable, Mapping
from os.path import exists, isfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geomcheck.align.data import DataSet, data_set
from geomcheck.align.same_function import check_finite
from geomcheck.atomic_write import writing
from geomcheck.errors import InputError, described
from geomcheck.problem.data import read_data
from geomcheck.problem.numbers import rational
from geomcheck.problem.scanner import suggestion

if TYPE_CHECKING:
    import torch
    from torch import nn

__all__ = ["load_data", "load_model", "make_model", "named_object", "save_state"]


def make_model(name: str) -> nn.Module:
    """The module that ``module:factory`` or ``path/to/file.py:factory`` makes, called without arguments.

    Modules are looked for in the working directory too.

    Raises:
        InputError: for a name of another form, a module or factory that is not there, and a factory that fails.
    """
    from torch import nn

    where, colon, attribute = name.rpartition(":")
    if not (where and colon and attribute):
        raise InputError(f"--model: expected module:factory or file.py:factory, got {described('model', name)}")
    try:
        factory = named_object(where, attribute)
    except LookupError as error:
        raise InputError(f"--model: {error}") from None
    if not callable(factory):
        raise InputError(
            f"--model: expected a function or class that makes the model, got {described(attribute, factory)} "
            f"in {where}; name a factory"
        )
    try:
        model = factory()
    except (Exception, SystemExit) as error:
        raise InputError(
            f"--model: expected {name} to make the model without arguments, got {_reason(error)}"
        ) from error
    if not isinstance(model, nn.Module):
        raise InputError(f"--model: expected {name} to return a torch.nn.Module, got {described('model', model)}")
    return model


def named_object(where: str, name: str) -> Any:
    """What a module, or a file, holds under a name; with dots in the name, what that holds in turn.

    Raises:
        LookupError: in words for a person, when there is no such module or name, or importing it fails.
    """
    try:
        found = _module(where)
    except (Exception, SystemExit) as error:  # importing runs the user's code
        if isinstance(error, ModuleNotFoundError) and error.name in (where, where.partition(".")[0]):
            raise LookupError(
                f"there is no module {where!r} here; name it from the folder that it is in, or its file: "
                f"path/to/{where.rpartition('.')[2]}.py:{name}"
            ) from None
        if isinstance(error, FileNotFoundError) and where.endswith(".py") and not exists(where):
            raise LookupError(f"there is no file {where!r}; check the path") from None
        raise LookupError(f"expected {where} to be imported without an error, got {_reason(error)}") from None
    for part in name.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            near = suggestion(part, [known for known in dir(found) if not known.startswith("_")])
            hint = near if near.startswith("; did") else "; check the name"
            raise LookupError(f"expected {name!r} in {where}, got none of that name{hint}") from None
    return found


def _module(where: str) -> Any:
    if where.endswith(".py"):
        spec = importlib.util.spec_from_file_location(Path(where).stem, where)
        if spec is None or spec.loader is None:
            raise ImportError(f"no file {where}")
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        return module
    if "" not in sys.path and os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    return importlib.import_module(where)


def load_model(name: str, path: str) -> nn.Module:
    """A fresh model with the state dict of a checkpoint, which must fit it exactly.

    Raises:
        InputError: for a file that is no state dict, for other tensors than the model's, and for NaN or infinity.
    """
    model = make_model(name)
    state = _loaded(path)
    for key in ("state_dict", "model_state_dict", "model"):
        if isinstance(state, Mapping) and isinstance(state.get(key), Mapping):
            state = state[key]
            break
    if not isinstance(state, Mapping) or not state or not all(_is_tensor(value) for value in state.values()):
        raise InputError(
            f"{path}: expected a state dict saved by torch.save(model.state_dict(), path), got something else"
        )
    own = model.state_dict()
    for key in dict.fromkeys((*own, *state)):
        mine, theirs = (tuple(d[key].shape) if key in d else "missing" for d in (own, state))
        if mine != theirs:
            raise InputError(
                f"{path}: expected the state of {name}, got another: {key} is {mine} in the model "
                f"and {theirs} in the file"
            )
    check_finite(state, path)
    model.load_state_dict(dict(state))
    return model


def load_data(path: str) -> DataSet:
    """Data from a .npz, .toml or .json file with x and y (or inputs and targets), or a .pt file with those keys or
    (inputs, targets). Numbers of a text file are rounded to floats; targets that are whole numbers alone are classes.

    Raises:
        InputError: for a file that cannot be read or holds something else.
    """
    try:
        return data_set(_DATA_READERS.get(Path(path).suffix.lower(), _from_torch)(path))
    except InputError as error:
        raise InputError(str(error) if str(error).startswith(path) else f"{path}: {error}") from error


def _from_numpy(path: str) -> dict[str, Any]:
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as archive:
            return dict(archive)
    except Exception as error:
        raise InputError(f"expected a .npz file with the arrays x and y, got {_reason(error)}") from error


def _from_text(path: str) -> dict[str, Any]:
    import torch

    def rows(key: str, value: Any) -> torch.Tensor:
        if not isinstance(value, list) or not value:
            raise InputError(f"expected a list with one row a sample, got {described(key, value)}")
        if key == "targets" and all(type(entry) is int for entry in value):
            return torch.tensor(value)
        lists = [row if isinstance(row, list) else [row] for row in value]
        if len({len(row) for row in lists}) > 1:
            raise InputError(f"{key}: expected rows of one length, got {sorted({len(row) for row in lists})}")
        return torch.tensor([[float(rational(entry, key)) for entry in row] for row in lists])

    return {key: rows(key, value) for key, value in read_data(path).items()}


def _from_torch(path: str) -> Any:
    return _loaded(path, "data as .npz with x and y, .pt with (inputs, targets), or .toml or .json with both")


_DATA_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    ".npz": _from_numpy,
    ".toml": _from_text,
    ".json": _from_text,
}


def save_state(path: str, state: Mapping[str, torch.Tensor]) -> None:
    """Write a state dict whole or not at all.

    Raises:
        InputError: for a path that cannot be written.
    """
    import torch

    with writing(path) as stream:
        torch.save(dict(state), stream)


def _loaded(path: str, meant: str = "tensors saved by torch.save(model.state_dict(), path)") -> Any:
    import torch

    if not isfile(path):
        raise InputError(f"{path}: expected a file, and there is none of that name; check the path")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a file that is no checkpoint torch says so twice
            return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch.load raises errors of many kinds on a file that is no checkpoint
        raise InputError(
            f"{path}: expected {meant}, got a file that "
            f"torch.load(weights_only=True) refuses ({type(error).__name__}); nothing in it was run"
        ) from None


def _is_tensor(value: Any) -> bool:
    import torch

    return isinstance(value, torch.Tensor)


def _reason(error: BaseException) -> str:
    text = " ".join((str(error).splitlines() or [""])[0].split())[:160]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
