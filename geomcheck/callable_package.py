"""Packages that can be called: one that has the name of its main function is that function, however it was imported."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

__all__ = ["make_callable"]


def make_callable(package: str, home: str) -> None:
    """Let calling the package call the function of its name in the module ``home``, which is loaded then.

    ``geomcheck.align`` names the function, until somebody imports a file of the package ``geomcheck.align``: then the
    same words name the package.

    >>> import geomcheck.selftest.harness
    >>> callable(sys.modules["geomcheck.selftest"])
    True
    """
    function = package.rpartition(".")[2]

    class CallablePackage(ModuleType):
        def __call__(self, *arguments: Any, **options: Any) -> Any:
            return getattr(import_module(home), function)(*arguments, **options)

    sys.modules[package].__class__ = CallablePackage
