"""The soundness harness: claims of known truth, matrices of known rank, forged certificates, damaged input.

The package has the name of its main function: ``geomcheck.selftest()`` is ``harness.selftest`` however the package came
to be imported first.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geomcheck.selftest.harness import SelfTest


class _CallablePackage(ModuleType):
    def __call__(self, **options: Any) -> SelfTest:
        from geomcheck.selftest.harness import selftest

        return selftest(**options)


sys.modules[__name__].__class__ = _CallablePackage
