"""Data of a training run: inputs and targets from a TOML, JSON, npz or pt file, exactly.

| file | holds |
| --- | --- |
| .toml, .json | keys inputs and targets, one row a sample, as in a problem file |
| .npz | arrays inputs and targets, saved by numpy.savez; read without pickle |
| .pt, .pth | {"inputs": x, "targets": y} or (x, y), saved by torch.save; read with weights_only=True |

The names x and y do as well. Every float of an array is the dyadic rational it is. numpy and torch are imported where
they are used.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from geomcheck.errors import InputError, LimitError
from geomcheck.problem.toml_json import MAX_BYTES, load_file

KEYS: Final = ("inputs", "targets")


def read_data(path: str | os.PathLike[str]) -> dict[str, Any]:
    """{"inputs": …, "targets": …}, as `problem_from` takes them.

    Raises InputError for a file that cannot be read, is of another kind, or does not hold just these two; LimitError
    beyond MAX_BYTES.
    """
    name = os.fspath(path)
    match Path(name).suffix.lower():
        case ".toml" | ".json":
            found: Any = load_file(path)
        case ".npz":
            found = _from_numpy(name)
        case ".pt" | ".pth":
            found = _from_torch(name)
        case suffix:
            raise InputError(
                f"{name}: expected a file .toml, .json, .npz or .pt, got {suffix or 'no suffix'}; rename it"
            )
    if isinstance(found, (tuple, list)) and len(found) == len(KEYS):
        found = dict(zip(KEYS, found, strict=True))
    if isinstance(found, Mapping) and set(found) == {"x", "y"}:
        found = {"inputs": found["x"], "targets": found["y"]}
    if not isinstance(found, Mapping) or set(found) != set(KEYS):
        got = ", ".join(map(str, found)) if isinstance(found, Mapping) else type(found).__name__
        raise InputError(
            f"{name}: expected just inputs and targets (or x and y), got {got[:80] or 'nothing'}; name them so"
        )
    return {key: found[key] for key in KEYS}


def _from_numpy(name: str) -> dict[str, Any]:
    import numpy as np

    _check_size(name)
    try:
        with np.load(name, allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}
    except Exception as error:  # numpy, zipfile and zlib raise errors of many kinds on a file that is no archive
        raise InputError(
            f"{name}: expected arrays saved by numpy.savez: {_first_line(error)}; save them again"
        ) from None


def _from_torch(name: str) -> Any:
    import torch

    _check_size(name)
    try:
        return torch.load(name, map_location="cpu", weights_only=True)
    except Exception as error:  # torch.load raises errors of many kinds on a file that is no checkpoint
        raise InputError(
            f"{name}: expected tensors saved by torch.save, readable with weights_only=True: {_first_line(error)}"
        ) from None


def _check_size(name: str) -> None:
    try:
        size = Path(name).stat().st_size
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {error.strerror or error}; check the path") from None
    if size > MAX_BYTES:
        raise LimitError(f"{name}: expected at most {MAX_BYTES} bytes, got {size}; use fewer samples")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]
