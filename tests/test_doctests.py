"""Every example in a docstring runs as it stands."""

import doctest
import inspect
from importlib import import_module
from pkgutil import walk_packages

import pytest

import geomcheck

NAMES = ["geomcheck", *(module.name for module in walk_packages(geomcheck.__path__, "geomcheck."))]


@pytest.mark.parametrize("name", [name for name in NAMES if not name.endswith("__main__")])
def test_examples(name):
    failed, _ = doctest.testmod(import_module(name))
    assert failed == 0


def test_every_public_function_has_an_example():
    homes = geomcheck._HOMES.items()
    public = {name: getattr(import_module(f"geomcheck.{home}"), name) for name, home in homes}
    bare = [name for name, thing in public.items() if inspect.isfunction(thing) and ">>>" not in thing.__doc__]
    assert not bare
