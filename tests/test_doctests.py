"""Every example in a docstring runs as it stands."""

import doctest
from importlib import import_module
from pkgutil import walk_packages

import pytest

import geomcheck

NAMES = ["geomcheck", *(module.name for module in walk_packages(geomcheck.__path__, "geomcheck."))]


@pytest.mark.parametrize("name", [name for name in NAMES if not name.endswith("__main__")])
def test_examples(name):
    failed, _ = doctest.testmod(import_module(name))
    assert failed == 0
