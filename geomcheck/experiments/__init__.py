"""Experiments on trained networks. What they say is statistical: it may survive or be contradicted, never be proved.

>>> import geomcheck as gc
>>> callable(gc.experiments.merging)
True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geomcheck.experiments.report import Merging
    from geomcheck.experiments.study import merging

_HOMES = {"Merging": "report", "merging": "study"}

__all__ = ["Merging", "merging"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'geomcheck.experiments' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"geomcheck.experiments.{_HOMES[name]}"), name)
